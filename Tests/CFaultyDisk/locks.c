#include <stdlib.h>

#include "disk.h"

// Locks and shared memory, as between the connections of one machine. Sources: https://www.sqlite.org/lockingv3.html,
// https://www.sqlite.org/walformat.html#wal_locks

static handle *enter(sqlite3_file *base) {
    handle *entered = (handle *)base;
    pthread_mutex_lock(&entered->disk->mutex);
    return entered;
}

static int leave(handle *handle, int code) {
    pthread_mutex_unlock(&handle->disk->mutex);
    return code;
}

static int highest_of_others(const handle *asking) {
    int highest = SQLITE_LOCK_NONE;
    for (const handle *other = asking->file->handles; other; other = other->next)
        if (other != asking && other->level > highest) highest = other->level;
    return highest;
}

int handle_lock(sqlite3_file *base, int level) {
    handle *locking = enter(base);
    if (!locking->disk->alive[locking->life]) return leave(locking, SQLITE_IOERR_LOCK);
    if (locking->level >= level) return leave(locking, SQLITE_OK);
    int others = highest_of_others(locking);
    bool is_free = level == SQLITE_LOCK_SHARED ? others < SQLITE_LOCK_PENDING
                 : level == SQLITE_LOCK_RESERVED ? others < SQLITE_LOCK_RESERVED
                 : others == SQLITE_LOCK_NONE;
    if (is_free) locking->level = level;
    return leave(locking, is_free ? SQLITE_OK : SQLITE_BUSY);
}

int handle_unlock(sqlite3_file *base, int level) {
    handle *unlocking = enter(base);
    if (unlocking->level > level) unlocking->level = level;
    return leave(unlocking, SQLITE_OK);
}

int handle_is_reserved(sqlite3_file *base, int *result) {
    handle *asking = enter(base);
    *result = asking->level >= SQLITE_LOCK_RESERVED || highest_of_others(asking) >= SQLITE_LOCK_RESERVED;
    return leave(asking, SQLITE_OK);
}

int handle_shm_map(sqlite3_file *base, int region, int size, int extend, void volatile **memory) {
    handle *mapping = enter(base);
    *memory = NULL;
    if (!mapping->disk->alive[mapping->life]) return leave(mapping, SQLITE_IOERR_SHMMAP);
    if (region >= most_shm_regions) return leave(mapping, SQLITE_IOERR_SHMSIZE);
    void **place = &mapping->file->shm[region];
    if (!*place && extend) {
        *place = calloc(1, (size_t)size);
        if (!*place) return leave(mapping, SQLITE_IOERR_NOMEM);
    }
    *memory = *place;
    return leave(mapping, SQLITE_OK);
}

int handle_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    handle *locking = enter(base);
    unsigned mask = ((1u << count) - 1u) << offset;
    if (flags & SQLITE_SHM_UNLOCK) {
        locking->shared &= ~mask;
        locking->exclusive &= ~mask;
        return leave(locking, SQLITE_OK);
    }
    if (!locking->disk->alive[locking->life]) return leave(locking, SQLITE_IOERR_SHMLOCK);
    for (const handle *other = locking->file->handles; other; other = other->next) {
        if (other == locking) continue;
        unsigned held = flags & SQLITE_SHM_SHARED ? other->exclusive : other->exclusive | other->shared;
        if (held & mask) return leave(locking, SQLITE_BUSY);
    }
    if (flags & SQLITE_SHM_SHARED) locking->shared |= mask;
    else locking->exclusive |= mask;
    return leave(locking, SQLITE_OK);
}

void handle_shm_barrier(sqlite3_file *base) { leave(enter(base), SQLITE_OK); }

int handle_shm_unmap(sqlite3_file *base, int remove) {
    (void)remove;
    handle *unmapping = enter(base);
    unmapping->shared = unmapping->exclusive = 0;
    return leave(unmapping, SQLITE_OK);
}
