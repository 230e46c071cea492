#include <stdlib.h>
#include <string.h>

#include "disk.h"

// SQLite's side of the disk. Sources: https://www.sqlite.org/vfs.html, https://www.sqlite.org/c3ref/io_methods.html, and os_unix.c, whose
// answers about sectors these are, so that SQLite writes in the same order as on a real disk.

static void enter(handle *handle) { pthread_mutex_lock(&handle->disk->mutex); }
static int leave(handle *handle, int code) {
    pthread_mutex_unlock(&handle->disk->mutex);
    return code;
}

static bool is_dead(const handle *handle) { return !handle->disk->alive[handle->life]; }

static int handle_close(sqlite3_file *base) {
    handle *closed = (handle *)base;
    enter(closed);
    for (handle **link = &closed->file->handles; *link; link = &(*link)->next)
        if (*link == closed) {
            *link = closed->next;
            break;
        }
    return leave(closed, SQLITE_OK);
}

static int handle_read(sqlite3_file *base, void *bytes, int length, sqlite3_int64 offset) {
    handle *read = (handle *)base;
    enter(read);
    if (is_dead(read)) return leave(read, SQLITE_IOERR_READ);
    int64_t there = read->file->seen.length - offset;
    int64_t count = there < 0 ? 0 : there < length ? there : length;
    if (count > 0) memcpy(bytes, read->file->seen.bytes + offset, (size_t)count);
    if (count < length) memset((char *)bytes + count, 0, (size_t)(length - count));
    return leave(read, count < length ? SQLITE_IOERR_SHORT_READ : SQLITE_OK);
}

static int handle_write(sqlite3_file *base, const void *bytes, int length, sqlite3_int64 offset) {
    handle *written = (handle *)base;
    enter(written);
    if (!disk_effect(written->disk, written->life)) return leave(written, SQLITE_IOERR_WRITE);
    return leave(written, disk_write(written->disk, written->file, bytes, length, offset));
}

static int handle_truncate(sqlite3_file *base, sqlite3_int64 length) {
    handle *truncated = (handle *)base;
    enter(truncated);
    if (!disk_effect(truncated->disk, truncated->life)) return leave(truncated, SQLITE_IOERR_TRUNCATE);
    return leave(truncated, disk_truncate(truncated->disk, truncated->file, length));
}

static int handle_sync(sqlite3_file *base, int flags) {
    (void)flags;
    handle *synced = (handle *)base;
    enter(synced);
    if (!disk_effect(synced->disk, synced->life)) return leave(synced, SQLITE_IOERR_FSYNC);
    return leave(synced, disk_sync(synced->disk, synced->file));
}

static int handle_size(sqlite3_file *base, sqlite3_int64 *size) {
    handle *asked = (handle *)base;
    enter(asked);
    *size = asked->file->seen.length;
    return leave(asked, is_dead(asked) ? SQLITE_IOERR_FSTAT : SQLITE_OK);
}

static int handle_control(sqlite3_file *base, int operation, void *argument) {
    (void)base, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int handle_sector_size(sqlite3_file *base) {
    (void)base;
    return 4096;
}

static int handle_characteristics(sqlite3_file *base) {
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = handle_close,
    .xRead = handle_read,
    .xWrite = handle_write,
    .xTruncate = handle_truncate,
    .xSync = handle_sync,
    .xFileSize = handle_size,
    .xLock = handle_lock,
    .xUnlock = handle_unlock,
    .xCheckReservedLock = handle_is_reserved,
    .xFileControl = handle_control,
    .xSectorSize = handle_sector_size,
    .xDeviceCharacteristics = handle_characteristics,
    .xShmMap = handle_shm_map,
    .xShmLock = handle_shm_lock,
    .xShmBarrier = handle_shm_barrier,
    .xShmUnmap = handle_shm_unmap,
};

// MARK: The file system

static bool is_anybody_alive(const faulty_disk *disk) { return disk->lives > 0 && disk->alive[disk->lives]; }

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *given) {
    faulty_disk *disk = vfs->pAppData;
    // Files without a name are SQLite's scratch paper.
    if (!name) return disk->real->xOpen(disk->real, name, base, flags, given);
    handle *opened = (handle *)base;
    memset(opened, 0, sizeof *opened);
    pthread_mutex_lock(&disk->mutex);
    int code = SQLITE_OK;
    file *file = disk_find(disk, name);
    if (!is_anybody_alive(disk)) code = SQLITE_CANTOPEN;
    else if ((!file || !file->exists) && !(flags & SQLITE_OPEN_CREATE)) code = SQLITE_CANTOPEN;
    else if (!(file = disk_create(disk, name))) code = SQLITE_NOMEM;
    if (code == SQLITE_OK) {
        opened->base.pMethods = &methods;
        opened->disk = disk;
        opened->file = file;
        opened->life = (int)sqlite3_uri_int64(name, "life", disk->lives);
        opened->next = file->handles;
        file->handles = opened;
        if (given) *given = flags;
    }
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int is_durable) {
    faulty_disk *disk = vfs->pAppData;
    pthread_mutex_lock(&disk->mutex);
    file *file = disk_find(disk, name);
    int code = SQLITE_OK;
    if (!disk_effect(disk, disk->lives)) code = SQLITE_IOERR_DELETE;
    else if (!file || !file->exists) code = SQLITE_IOERR_DELETE_NOENT;
    else disk_remove(disk, file, is_durable);
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
    (void)flags;
    faulty_disk *disk = vfs->pAppData;
    pthread_mutex_lock(&disk->mutex);
    file *file = disk_find(disk, name);
    *result = file && file->exists && file->seen.length > 0;
    int code = is_anybody_alive(disk) ? SQLITE_OK : SQLITE_IOERR_ACCESS;
    pthread_mutex_unlock(&disk->mutex);
    return code;
}

static int vfs_full_name(sqlite3_vfs *vfs, const char *name, int length, char *full) {
    (void)vfs;
    if ((int)strlen(name) + 1 > length) return SQLITE_CANTOPEN;
    strcpy(full, name);
    return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int length, char *bytes) {
    faulty_disk *disk = vfs->pAppData;
    return disk->real->xRandomness(disk->real, length, bytes);
}

// Nobody else runs while one waits, so waiting is of no use.
static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return microseconds;
}

static int vfs_time(sqlite3_vfs *vfs, double *time) {
    faulty_disk *disk = vfs->pAppData;
    return disk->real->xCurrentTime(disk->real, time);
}

static int vfs_last_error(sqlite3_vfs *vfs, int length, char *text) {
    (void)vfs, (void)length, (void)text;
    return 0;
}

void vfs_set_up(faulty_disk *disk) {
    disk->real = sqlite3_vfs_find(NULL);
    int size = disk->real->szOsFile;
    disk->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = size > (int)sizeof(handle) ? size : (int)sizeof(handle),
        .mxPathname = 512,
        .zName = disk->name,
        .pAppData = disk,
        .xOpen = vfs_open,
        .xDelete = vfs_delete,
        .xAccess = vfs_access,
        .xFullPathname = vfs_full_name,
        .xRandomness = vfs_randomness,
        .xSleep = vfs_sleep,
        .xCurrentTime = vfs_time,
        .xGetLastError = vfs_last_error,
    };
}
