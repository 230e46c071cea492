#define _GNU_SOURCE
#include "CLinuxEngine.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/openat2.h>
#include <linux/rtnetlink.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

static int checked(long result) { return result < 0 ? -errno : (int)result; }

int ingot_engine_pidfd_open(pid_t pid) { return checked(syscall(SYS_pidfd_open, pid, 0)); }

int ingot_engine_pidfd_signal(int pidfd, int signal) {
    return checked(syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

int ingot_engine_open_in_root(int root, const char *path) {
    struct open_how how = {
        .flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
        .resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
    };
    return checked(syscall(SYS_openat2, root, path, &how, sizeof how));
}

int ingot_engine_pipe(int ends[2]) { return checked(pipe2(ends, O_CLOEXEC)); }

pid_t ingot_engine_spawn(const char *path, char *const arguments[], int ready, int output) {
    char *const environment[] = {"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    pid_t pid = 0;

    // Out of the way of the numbers they are copied to: a daemon may have been started without descriptors 0 to 3.
    ready = fcntl(ready, F_DUPFD_CLOEXEC, 10);
    if (ready < 0) return -errno;
    output = fcntl(output, F_DUPFD_CLOEXEC, 10);
    if (output < 0) {
        int reason = errno;
        close(ready);
        return -reason;
    }
    int error = posix_spawn_file_actions_init(&actions);
    if (error) goto close_copies;
    error = posix_spawnattr_init(&attributes);
    if (error) {
        posix_spawn_file_actions_destroy(&actions);
        goto close_copies;
    }
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    if (!error) error = posix_spawn_file_actions_adddup2(&actions, ready, 3);
    if (!error) error = posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, output, 1);
    if (!error) error = posix_spawn_file_actions_adddup2(&actions, output, 2);
    if (!error) error = posix_spawn_file_actions_addclosefrom_np(&actions, 4);
    if (!error) error = posix_spawn(&pid, path, &actions, &attributes, arguments, environment);

    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
close_copies:
    close(ready);
    close(output);
    return error ? -error : pid;
}

int ingot_engine_claim_range(uint32_t address, int prefix_length, int removes) {
    struct {
        struct nlmsghdr header;
        struct rtmsg route;
        struct rtattr attribute;
        uint32_t destination;
    } request = {
        .header = {
            .nlmsg_len = sizeof request,
            .nlmsg_type = removes ? RTM_DELROUTE : RTM_NEWROUTE,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (removes ? 0 : NLM_F_CREATE | NLM_F_EXCL),
        },
        .route = {
            .rtm_family = AF_INET,
            .rtm_dst_len = (unsigned char)prefix_length,
            .rtm_table = RT_TABLE_MAIN,
            .rtm_protocol = RTPROT_STATIC,
            .rtm_scope = RT_SCOPE_UNIVERSE,
            .rtm_type = RTN_UNREACHABLE,
        },
        .attribute = {.rta_len = RTA_LENGTH(sizeof(uint32_t)), .rta_type = RTA_DST},
        .destination = htonl(address),
    };
    struct {
        struct nlmsghdr header;
        struct nlmsgerr error;
        char rest[256];
    } answer;

    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (descriptor < 0) return -errno;
    int result = 0;
    if (send(descriptor, &request, sizeof request, 0) < 0) result = -errno;
    ssize_t length = result ? 0 : recv(descriptor, &answer, sizeof answer, 0);
    if (length < 0) result = -errno;
    else if (!result && (length < (ssize_t)(sizeof answer.header + sizeof(int)) || answer.header.nlmsg_type != NLMSG_ERROR)) result = -EPROTO;
    else if (!result) result = answer.error.error;
    close(descriptor);
    return result;
}
