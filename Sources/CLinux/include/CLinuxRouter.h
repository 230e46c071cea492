#pragma once
#include <sys/types.h>

/// Starts a program that outlives its parent: a session of its own, /dev/null as standard input, the file `output`
/// (emptied, mode 0600) as standard output and error, no other descriptors, no blocked signals, default handlers.
///
/// - returns 0 and the process in `pid`, or the errno.
int clinux_spawn_session(pid_t *pid, const char *program, char *const arguments[], char *const environment[], const char *output);
