#pragma once
#include "CLinuxRouter.h"
