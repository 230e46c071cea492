#define _GNU_SOURCE
#include "CLinuxStore.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/fsverity.h>
#include <linux/loop.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

int ingot_open_beneath(int folder, const char *path, int flags) {
    struct open_how how = {
        .flags = (uint64_t)(unsigned)flags,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };
    return (int)syscall(SYS_openat2, folder, path, &how, sizeof how);
}

// Another process may take the free device between the two calls; then the next free one is asked for.
enum { LOOP_ATTEMPTS = 64 };

int ingot_loop_attach(int backing, char *path, size_t capacity) {
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0) return -1;
    int device = -1;
    errno = EBUSY;
    for (int attempt = 0; attempt < LOOP_ATTEMPTS; attempt++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        if (number < 0) break;
        snprintf(path, capacity, "/dev/loop%d", number);
        device = open(path, O_RDONLY | O_CLOEXEC);
        if (device < 0) break;
        struct loop_config config = {
            .fd = (unsigned)backing,
            .info = {.lo_flags = LO_FLAGS_READ_ONLY | LO_FLAGS_AUTOCLEAR},
        };
        if (ioctl(device, LOOP_CONFIGURE, &config) == 0) break;
        int error = errno;
        close(device);
        device = -1;
        errno = error;
        if (error != EBUSY) break;
    }
    int error = errno;
    close(control);
    errno = error;
    return device;
}

int ingot_verity_enable(int file) {
    struct fsverity_enable_arg argument = {
        .version = 1,
        .hash_algorithm = FS_VERITY_HASH_ALG_SHA256,
        .block_size = 4096,
    };
    return ioctl(file, FS_IOC_ENABLE_VERITY, &argument);
}

int ingot_verity_enabled(int file) {
    struct statx status;
    if (statx(file, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &status) != 0) return -1;
    return (status.stx_attributes & STATX_ATTR_VERITY) ? 1 : 0;
}

int ingot_direct_flag(void) { return O_DIRECT; }

long ingot_file_system_magic(const char *path) {
    struct statfs status;
    return statfs(path, &status) == 0 ? (long)status.f_type : -1;
}

void ingot_begin_writeback(int file, int64_t offset, int64_t count) {
    (void)sync_file_range(file, offset, count, SYNC_FILE_RANGE_WRITE);
}
