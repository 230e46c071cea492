// System calls of the image store that Swift cannot name: variadic ones, and ioctls whose numbers are macros.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <sys/xattr.h>

/// Opens `path` below `folder`. No link is followed on the way, and nothing above `folder` can be reached.
/// Returns a descriptor, or -1 with `errno`. Source: openat2(2), RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS.
int ingot_open_beneath(int folder, const char *path, int flags);

/// Attaches the file to a free loop device, read-only, that detaches itself when its last user is gone.
/// Writes the device's path to `path`. Returns its open descriptor (close it after mounting), or -1 with `errno`.
/// Source: loop(4), LOOP_CTL_GET_FREE, LOOP_CONFIGURE.
int ingot_loop_attach(int backing, char *path, size_t capacity);

/// Turns on fs-verity for a file that is open for reading only. 0, or -1 with `errno`.
/// Source: Documentation/filesystems/fsverity.rst, FS_IOC_ENABLE_VERITY.
int ingot_verity_enable(int file);

/// 1 when the kernel checks every read of the file by fs-verity, 0 when it does not, -1 with `errno`.
/// Source: statx(2), STATX_ATTR_VERITY.
int ingot_verity_enabled(int file);

/// `O_DIRECT`, whose value differs between processors.
int ingot_direct_flag(void);

/// The magic number of the file system at `path`, or -1 with `errno`. Source: statfs(2).
long ingot_file_system_magic(const char *path);

/// Begins to write a part of a file to disk and does not wait. Only advice: errors come with fsync.
/// Source: sync_file_range(2), SYNC_FILE_RANGE_WRITE.
void ingot_begin_writeback(int file, int64_t offset, int64_t count);
