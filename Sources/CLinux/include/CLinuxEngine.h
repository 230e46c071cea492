#pragma once
#include <stdint.h>
#include <sys/types.h>

// The local engine's system calls. Each returns what the kernel does, or a negative errno.

/// pidfd_open(2).
int ingot_engine_pidfd_open(pid_t pid);
/// pidfd_send_signal(2).
int ingot_engine_pidfd_signal(int pidfd, int signal);
/// openat2(2) for reading, O_CLOEXEC, RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS: `path` can't lead out of `root`.
int ingot_engine_open_in_root(int root, const char *path);
/// pipe2(2) with O_CLOEXEC.
int ingot_engine_pipe(int ends[2]);
/// posix_spawn(3) of a process of a session of its own, with default signals, `ready` as descriptor 3, `output` as 1 and 2,
/// /dev/null as 0, and no other descriptor. Returns the process's id.
pid_t ingot_engine_spawn(const char *path, char *const arguments[], int ready, int output);
/// Adds to, or removes from, the main table an unreachable route for a range: rtnetlink(7), RTM_NEWROUTE with
/// NLM_F_EXCL and RTM_DELROUTE. `address` is in host byte order. -EEXIST when there is one already.
int ingot_engine_claim_range(uint32_t address, int prefix_length, int removes);
