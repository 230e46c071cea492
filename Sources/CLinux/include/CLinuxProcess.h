#pragma once
#include <stdint.h>
#include <sys/types.h>

/// What `clinux_spawn_reaper`'s child writes to its report pipe, one record after another.
///
/// The first is the program's start. Then one for each process that ended below it, also those that
/// the program left behind, in the order of their ends. Nothing is written after the last.
struct clinux_report {
    int32_t kind;    ///< CLINUX_REPORT_*
    int32_t pid;     ///< the program's, or that of the process that ended
    int32_t status;  ///< as waitpid(2) gives it; for a failure the errno
};

enum {
    CLINUX_REPORT_STARTED = 1,
    CLINUX_REPORT_ENDED = 2,
    CLINUX_REPORT_FAILED = 3,
};

/// Starts a program below a small process that becomes the parent of whatever the program leaves
/// behind (prctl(2), PR_SET_CHILD_SUBREAPER) and ends when the last of them has ended.
///
/// SIGTERM to that process kills all of them; so does the death of the calling thread. The program
/// gets /dev/null as standard input and `output` as standard output and error, no other descriptors,
/// a session of its own, no blocked signals and default handlers.
///
/// - `hidden_mount`: if not null, a mount point that is detached in a private mount namespace first.
/// - `working_directory`: if not null, where the program starts.
/// - `held`: if not -1, a descriptor that the small process, and nothing below it, keeps open for as long as it lives.
/// - returns the process, or -1 with errno set.
pid_t clinux_spawn_reaper(const char *path, char *const arguments[], char *const environment[], int output, int report,
                          const char *hidden_mount, const char *working_directory, int held);

/// Waits for the end of that small process. If it did not end by itself but was killed, what is left in its process group is
/// killed too.
///
/// - returns 0 if it was killed, else 1.
int clinux_await_reaper(pid_t reaper);

/// Starts a program that shares this process's terminal: `input` as standard input, `output` as standard output and error,
/// no other descriptors, no blocked signals, default handlers, the caller's process group.
///
/// - `hidden_mount`, `working_directory`: as above.
/// - returns the process, or -1 with errno set; the program's own failure to start is its exit code 127.
pid_t clinux_spawn_attached(const char *path, char *const arguments[], char *const environment[], int input, int output,
                            const char *hidden_mount, const char *working_directory);

/// Starts an OCI runtime, with no blocked signals and default handlers. It keeps this process's priority, and what it forks, the container, has the
/// usual one if that is lower (sched(7), SCHED_RESET_ON_FORK).
///
/// - returns the process, or -1 with errno set.
pid_t clinux_spawn_runtime(const char *path, char *const arguments[], char *const environment[], int output, int error);

// What Swift's `Glibc` module does not show, each as in its page of the manual. Descriptors are close-on-exec.

int clinux_pidfd_open(pid_t pid);
int clinux_pidfd_send_signal(int pidfd, int signal);
int clinux_close_range(unsigned int first, unsigned int last);
/// pipe2(2): the end to read and the end to write.
int clinux_make_pipe(int ends[2]);
/// eventfd(2), and adding 1 to it.
int clinux_make_event(void);
int clinux_signal_event(int event);

/// unshare(2) of the mount and the network namespace.
int clinux_leave_mount_and_network_namespace(void);
/// prctl(2), PR_SET_DUMPABLE: the memory of this process goes into no core dump, and only root may look into it. Nor does anything of it go into a
/// report by the handlers of Swift's runtime: a crash ends the process at once. Programs that it starts are as they would be without.
int clinux_keep_memory_private(void);

/// prctl(2), PR_SET_CHILD_SUBREAPER: orphans below this process become its children.
int clinux_become_subreaper(void);
/// signalfd(2) that does not block, for signals that it blocks from now on.
int clinux_make_signal_descriptor(const int signals[], int count);
/// The number of the next signal that has arrived; 0 when there is none.
int clinux_next_signal(int signal_descriptor);
