#define _GNU_SOURCE
#include "CLinuxOverlay.h"
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *next_name(const char *name) { return name + strlen(name) + 1; }

static int count_names(const char *names) {
    int count = 0;
    for (; *names; names = next_name(names)) count++;
    return count;
}

static void close_keeping_error(int descriptor) {
    int error = errno;
    close(descriptor);
    errno = error;
}

// MARK: All options in one page

// mount(2) takes so many bytes, the last of them NUL, whatever the processor's page is.
enum { PAGE_BYTES = 4096 };

struct page {
    char text[PAGE_BYTES];
    size_t length;  // PAGE_BYTES when there was not enough room
};

static void append_byte(struct page *page, char byte) {
    if (page->length < PAGE_BYTES) page->text[page->length++] = byte;
}

// A backslash escapes itself, the comma between options and the colon between layers.
static void append(struct page *page, const char *text, const char *escaped) {
    for (; *text; text++) {
        if (strchr(escaped, *text)) append_byte(page, '\\');
        append_byte(page, *text);
    }
}

/// 0 when the options do not fit.
static int fill_page(struct page *page, const char *lower, const char *upper, const char *work, const char *options) {
    page->length = 0;
    append(page, "lowerdir=", "");
    for (const char *name = lower; *name; name = next_name(name)) {
        if (name != lower) append_byte(page, ':');
        append(page, name, "\\,:");
    }
    if (upper) {
        append(page, ",upperdir=", "");
        append(page, upper, "\\,");
        append(page, ",workdir=", "");
        append(page, work, "\\,");
    }
    if (options) {
        append_byte(page, ',');
        append(page, options, "");
    }
    append_byte(page, '\0');
    return page->length < PAGE_BYTES || page->text[PAGE_BYTES - 1] == '\0';
}

// MARK: One option at a time

static int set(int context, const char *key, const char *value) {
    return (int)syscall(SYS_fsconfig, context, value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, key, value, 0);
}

// The kernel takes 255 bytes of a value, and undoes escapes in some of them: a descriptor's name has neither.
static int set_folder(int context, const char *key, const char *path) {
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder < 0) return -1;
    char name[32];
    snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
    int result = set(context, key, name);
    close_keeping_error(folder);
    return result;
}

static int set_lower(int context, const char *lower) {
    for (const char *name = lower; *name; name = next_name(name)) {
        if (set_folder(context, "lowerdir+", name) == 0) continue;
        if (name == lower && errno == EINVAL) errno = E2BIG;  // the kernel does not know the option
        return -1;
    }
    return 0;
}

static int set_options(int context, const char *options) {
    char *copy = strdup(options);
    if (!copy) return -1;
    int result = 0;
    char *rest = copy;
    for (char *key; result == 0 && (key = strsep(&rest, ","));) {
        char *value = key;
        strsep(&value, "=");
        result = set(context, key, value);
    }
    free(copy);
    return result;
}

static int configure(int context, const char *lower, const char *upper, const char *work, const char *options, unsigned long flags) {
    if (set(context, "source", "overlay") < 0 || set_lower(context, lower) < 0) return -1;
    if (upper && (set_folder(context, "upperdir", upper) < 0 || set_folder(context, "workdir", work) < 0)) return -1;
    if (options && set_options(context, options) < 0) return -1;
    if ((flags & MOUNT_ATTR_RDONLY) && set(context, "ro", NULL) < 0) return -1;
    return (int)syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
}

static int mount_layer_by_layer(
    const char *lower, const char *upper, const char *work, const char *options, const char *target, unsigned long flags) {
    int context = (int)syscall(SYS_fsopen, "overlay", FSOPEN_CLOEXEC);
    if (context < 0) {
        if (errno == ENOSYS) errno = E2BIG;
        return -1;
    }
    int mount = -1;
    // These flags have the same bits in mount(2) and fsmount(2).
    if (configure(context, lower, upper, work, options, flags) == 0) mount = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, (unsigned)flags);
    close_keeping_error(context);
    if (mount < 0) return -1;
    int result = (int)syscall(SYS_move_mount, mount, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH);
    close_keeping_error(mount);
    return result;
}

int clinux_mount_overlay(const char *lower, const char *upper, const char *work, const char *options, const char *target, unsigned long flags) {
    if (count_names(lower) > CLINUX_OVERLAY_LAYERS) {
        errno = E2BIG;
        return -1;
    }
    struct page page;
    if (fill_page(&page, lower, upper, work, options)) return (int)syscall(SYS_mount, "overlay", target, "overlay", flags, page.text);
    return mount_layer_by_layer(lower, upper, work, options, target, flags);
}
