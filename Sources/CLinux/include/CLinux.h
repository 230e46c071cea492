#pragma once
#include "CLinuxStore.h"
#include "CLinuxProcess.h"
#include "CLinuxEngine.h"
#include "CLinuxRouter.h"
#include "CLinuxBuild.h"
#include "CLinuxOverlay.h"
