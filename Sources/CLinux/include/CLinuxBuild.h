// System calls of the builder that Swift cannot name.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/xattr.h>

/// sched_getaffinity(2), sched_setaffinity(2): the processors that a thread (0: this one) may run on, a bit for each.
int clinux_get_processors(int thread, void *bits, size_t length);
int clinux_set_processors(int thread, const void *bits, size_t length);

/// Mounts what `source` stands for, and what is mounted below it, at `target`: by the descriptor, so no name can be
/// swapped on the way. Without devices and set-user-id; `read_only` for all of it. The mount appears with its
/// attributes set, never without. 0, or -1 with `errno`.
/// Source: open_tree(2), mount_setattr(2), move_mount(2), Linux 5.12.
int ingot_build_bind(int source, const char *target, int read_only);

/// Opens a folder of `folder` to list and empty it: no link, and nothing that is mounted there (EXDEV).
/// A descriptor, or -1 with `errno`. Source: openat2(2), RESOLVE_NO_XDEV.
int ingot_build_open_own_folder(int folder, const char *name);

/// A Unix socket that listens at `name` in `folder`, however long the folder's path is; non-blocking.
/// A descriptor, or -1 with `errno`. Source: unix(7).
int ingot_build_listen(int folder, const char *name);
/// A connection to the Unix socket at `path`. A descriptor, or -1 with `errno`.
int ingot_build_connect(const char *path);
/// The next connection of a listening socket. A descriptor, or -1 with `errno`.
int ingot_build_accept(int listener);
