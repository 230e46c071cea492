// System calls of the builder that Swift cannot name.
#pragma once
#include <sys/xattr.h>
