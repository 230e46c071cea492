#pragma once
#include "CLinuxBuild.h"
#include "CLinuxProcess.h"
