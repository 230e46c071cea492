#pragma once
#include "CLinuxStore.h"
#include "CLinuxProcess.h"
#include "CLinuxEngine.h"
