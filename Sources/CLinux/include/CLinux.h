#pragma once
#include "CLinuxEngine.h"
#include "CLinuxProcess.h"
#include "CLinuxStore.h"
