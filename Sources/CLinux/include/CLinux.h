#pragma once
#include "CLinuxEngine.h"
