#pragma once
#include "CLinuxBuild.h"
