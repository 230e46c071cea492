#define _GNU_SOURCE
#include "CLinuxBuild.h"
#include "CLinuxProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int clinux_pidfd_open(pid_t pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clinux_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0);
}

int clinux_close_range(unsigned int first, unsigned int last) { return (int)syscall(SYS_close_range, first, last, 0); }

int clinux_make_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clinux_make_event(void) { return eventfd(0, EFD_CLOEXEC); }

int clinux_signal_event(int event) { return eventfd_write(event, 1); }

int clinux_leave_mount_and_network_namespace(void) { return unshare(CLONE_NEWNS | CLONE_NEWNET); }

int clinux_keep_memory_private(void) {
    // Where Swift's backtracer is installed its runtime has handlers for these, which write what lies near the registers to
    // the log, and wait for a program that may not read a private memory: the crashed process would never end.
    static const int crashes[] = {SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV};
    for (unsigned index = 0; index < sizeof crashes / sizeof *crashes; index++) signal(crashes[index], SIG_DFL);
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

int clinux_become_subreaper(void) { return prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }

int clinux_make_signal_descriptor(const int signals[], int count) {
    sigset_t set;
    sigemptyset(&set);
    for (int index = 0; index < count; index++) sigaddset(&set, signals[index]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0) return -1;
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int clinux_next_signal(int signal_descriptor) {
    struct signalfd_siginfo information;
    ssize_t length = read(signal_descriptor, &information, sizeof information);
    return length == sizeof information ? (int)information.ssi_signo : 0;
}

// Everything below runs in a child that was forked from a process with many threads, so it may use
// nothing but async-signal-safe functions: no allocation, no stdio (signal-safety(7)).

struct reaper {
    const char *path;
    char *const *arguments;
    char *const *environment;
    int output;
    int report;
    const char *hidden_mount;
    const char *working_directory;
    int held;
    pid_t parent;
};

static void write_report(int descriptor, int kind, pid_t pid, int status) {
    struct clinux_report report = {.kind = kind, .pid = pid, .status = status};
    // A record is smaller than PIPE_BUF, so it is written whole or not at all (pipe(7)).
    while (write(descriptor, &report, sizeof report) < 0 && errno == EINTR) {}
}

/// What a daemon of higher priority starts for others has the usual one.
static void lower_priority(void) {
    if (getpriority(PRIO_PROCESS, 0) < 0) setpriority(PRIO_PROCESS, 0, 0);
}

static void reset_signal_handlers(void) {
    struct sigaction standard;
    memset(&standard, 0, sizeof standard);
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; number++) sigaction(number, &standard, NULL);
}

/// Kills the direct children. Those below them become direct children by that, and are killed when
/// their parent's end is seen.
static void kill_children(void) {
    char text[4096];
    // One thread, so the thread's list is the process's. proc(5), /proc/pid/task/tid/children.
    int file = open("/proc/thread-self/children", O_RDONLY | O_CLOEXEC);
    if (file < 0) return;
    ssize_t length = read(file, text, sizeof text);
    close(file);
    pid_t pid = 0;
    for (ssize_t index = 0; index < length; index++) {
        if (text[index] >= '0' && text[index] <= '9') {
            pid = pid * 10 + (text[index] - '0');
            continue;
        }
        if (pid > 1) kill(pid, SIGKILL);
        pid = 0;
    }
}

/// Gives descriptor 0 to 3, and 4 if one is to be held, their meaning and closes all others.
static int arrange_descriptors(const struct reaper *reaper) {
    int null = open("/dev/null", O_RDWR);
    if (null < 0) return -1;
    // Above 4 first, so that none is overwritten before it is used.
    int input = fcntl(null, F_DUPFD, 5);
    int output = fcntl(reaper->output, F_DUPFD, 5);
    int report = fcntl(reaper->report, F_DUPFD, 5);
    int held = reaper->held < 0 ? -1 : fcntl(reaper->held, F_DUPFD, 5);
    if (input < 0 || output < 0 || report < 0 || (reaper->held >= 0 && held < 0)) return -1;
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(output, 2) < 0 || dup2(report, 3) < 0) return -1;
    if (fcntl(3, F_SETFD, FD_CLOEXEC) < 0) return -1;
    if (held < 0) return clinux_close_range(4, ~0U);
    if (dup2(held, 4) < 0 || fcntl(4, F_SETFD, FD_CLOEXEC) < 0) return -1;
    return clinux_close_range(5, ~0U);
}

static int hide_mount(const char *mount_point) {
    if (unshare(CLONE_NEWNS) < 0) return -1;
    // Slave, so that nothing done here is seen outside, and what the host unmounts is not kept alive.
    if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0) return -1;
    // EINVAL: it is no mount point, so there is nothing to hide.
    if (umount2(mount_point, MNT_DETACH) < 0 && errno != EINVAL && errno != ENOENT) return -1;
    return 0;
}

/// Returns the program's pid, or -1 with errno set.
static pid_t start_program(const struct reaper *reaper) {
    volatile int failure = 0;
    pid_t pid = vfork();
    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        execve(reaper->path, reaper->arguments, reaper->environment);
        failure = errno;
        _exit(127);
    }
    if (pid > 0 && failure != 0) {
        waitpid(pid, NULL, 0);
        errno = failure;
        return -1;
    }
    return pid;
}

static void reap_until_none_is_left(void) {
    sigset_t awaited;
    sigemptyset(&awaited);
    sigaddset(&awaited, SIGCHLD);
    sigaddset(&awaited, SIGTERM);
    int kills = 0;
    for (;;) {
        int status;
        pid_t ended;
        while ((ended = waitpid(-1, &status, WNOHANG)) > 0) write_report(3, CLINUX_REPORT_ENDED, ended, status);
        if (ended < 0 && errno == ECHILD) _exit(0);
        if (kills) kill_children();
        siginfo_t signal;
        if (sigwaitinfo(&awaited, &signal) == SIGTERM) {
            kills = 1;
            kill_children();
        }
    }
}

static void run_reaper(const struct reaper *reaper) {
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != reaper->parent) _exit(0);
    reset_signal_handlers();
    lower_priority();
    setsid();
    int failed = prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || (reaper->hidden_mount && hide_mount(reaper->hidden_mount) < 0)
        || (reaper->working_directory && chdir(reaper->working_directory) < 0);
    if (failed || arrange_descriptors(reaper) < 0) {
        write_report(reaper->report, CLINUX_REPORT_FAILED, 0, errno);
        _exit(1);
    }
    pid_t pid = start_program(reaper);
    if (pid < 0) {
        write_report(3, CLINUX_REPORT_FAILED, 0, errno);
        _exit(1);
    }
    // Only the program may hold the output, so that its reader sees the end of it.
    close(0);
    close(1);
    close(2);
    write_report(3, CLINUX_REPORT_STARTED, pid, 0);
    reap_until_none_is_left();
}

pid_t clinux_spawn_reaper(const char *path, char *const arguments[], char *const environment[], int output, int report,
                          const char *hidden_mount, const char *working_directory, int held) {
    struct reaper reaper = {path, arguments, environment, output, report, hidden_mount, working_directory, held, getpid()};
    sigset_t all, before;
    sigfillset(&all);
    // No handler of the calling process may run in the child.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        run_reaper(&reaper);
        _exit(1);
    }
    int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failure;
    return pid;
}

pid_t clinux_spawn_runtime(const char *path, char *const arguments[], char *const environment[], int output, int error) {
    volatile int failure = 0;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = vfork();
    if (pid == 0) {
        reset_signal_handlers();
        struct sched_param none = {0};
        // The nice value stays; what it forks has 0.
        if (getpriority(PRIO_PROCESS, 0) < 0) sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &none);
        if (dup2(output, 1) >= 0 && dup2(error, 2) >= 0) {
            sigset_t nothing;
            sigemptyset(&nothing);
            sigprocmask(SIG_SETMASK, &nothing, NULL);
            execve(path, arguments, environment);
        }
        failure = errno;
        _exit(127);
    }
    int reason = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (pid > 0 && failure != 0) {
        waitpid(pid, NULL, 0);
        reason = failure;
        pid = -1;
    }
    errno = reason;
    return pid;
}

int clinux_await_reaper(pid_t reaper) {
    siginfo_t end;
    int waited;
    do {
        waited = waitid(P_PID, (id_t)reaper, &end, WEXITED | WNOWAIT);
    } while (waited < 0 && errno == EINTR);
    int was_killed = waited == 0 && end.si_code != CLD_EXITED;
    // As long as nobody has taken its status, its number is no other process's or group's.
    if (was_killed) kill(-reaper, SIGKILL);
    while (waitpid(reaper, NULL, 0) < 0 && errno == EINTR) {}
    return !was_killed;
}

int clinux_get_processors(int thread, void *bits, size_t length) { return sched_getaffinity(thread, length, bits); }

int clinux_set_processors(int thread, const void *bits, size_t length) { return sched_setaffinity(thread, length, bits); }

pid_t clinux_spawn_attached(const char *path, char *const arguments[], char *const environment[], int input, int output,
                            const char *hidden_mount, const char *working_directory) {
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t pid = fork();
    if (pid == 0) {
        reset_signal_handlers();
        lower_priority();
        int from = fcntl(input, F_DUPFD, 4);
        int to = fcntl(output, F_DUPFD, 4);
        int failed = from < 0 || to < 0 || dup2(from, 0) < 0 || dup2(to, 1) < 0 || dup2(to, 2) < 0 || clinux_close_range(3, ~0U) < 0
            || (hidden_mount && hide_mount(hidden_mount) < 0) || (working_directory && chdir(working_directory) < 0);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        if (!failed) execve(path, arguments, environment);
        _exit(127);
    }
    int failure = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    errno = failure;
    return pid;
}
