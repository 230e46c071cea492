// System calls of the builder that Swift cannot name.
#pragma once
#include <sys/xattr.h>

#include <stddef.h>

/// sched_getaffinity(2), sched_setaffinity(2): the processors that a thread (0: this one) may run on, a bit for each.
int clinux_get_processors(int thread, void *bits, size_t length);
int clinux_set_processors(int thread, const void *bits, size_t length);
