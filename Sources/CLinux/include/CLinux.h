#pragma once
#include "CLinuxStore.h"
