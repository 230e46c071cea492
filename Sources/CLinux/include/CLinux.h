#pragma once
#include "CLinuxBuild.h"
#include "CLinuxProcess.h"
#include "CLinuxStore.h"
