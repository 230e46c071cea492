#include "disk.h"

#include <stdlib.h>
#include <string.h>

// MARK: Chance

// SplitMix64, as Simulation's SeededGenerator.
uint64_t disk_random(faulty_disk *disk) {
    uint64_t bits = disk->random += 0x9E3779B97F4A7C15u;
    bits = (bits ^ (bits >> 30)) * 0xBF58476D1CE4E5B9u;
    bits = (bits ^ (bits >> 27)) * 0x94D049BB133111EBu;
    return bits ^ (bits >> 31);
}

bool disk_happens(faulty_disk *disk, int percent) { return percent > 0 && (int)(disk_random(disk) % 100) < percent; }

// MARK: Bytes

static bool reserve(buffer *buffer, int64_t length) {
    if (length <= buffer->capacity) return true;
    int64_t capacity = buffer->capacity > 0 ? buffer->capacity : 4096;
    while (capacity < length) capacity *= 2;
    unsigned char *bytes = realloc(buffer->bytes, (size_t)capacity);
    if (!bytes) return false;
    buffer->bytes = bytes;
    buffer->capacity = capacity;
    return true;
}

static bool put(buffer *buffer, const unsigned char *bytes, int64_t length, int64_t offset) {
    if (!reserve(buffer, offset + length)) return false;
    if (offset > buffer->length) memset(buffer->bytes + buffer->length, 0, (size_t)(offset - buffer->length));
    if (length > 0) memcpy(buffer->bytes + offset, bytes, (size_t)length);
    if (offset + length > buffer->length) buffer->length = offset + length;
    return true;
}

static void cut(buffer *buffer, int64_t length) {
    if (length < buffer->length) buffer->length = length;
}

static void copy(buffer *to, const buffer *from) {
    to->length = 0;
    put(to, from->bytes, from->length, 0);
}

// MARK: Changes that are not durable yet

static bool remember(file *file, const void *bytes, int64_t length, int64_t offset) {
    change *change = calloc(1, sizeof *change);
    if (!change) return false;
    change->offset = offset;
    if (bytes) {
        change->length = length;
        change->bytes = malloc(length > 0 ? (size_t)length : 1);
        if (!change->bytes) {
            free(change);
            return false;
        }
        memcpy(change->bytes, bytes, (size_t)length);
    }
    *file->last_change = change;
    file->last_change = &change->next;
    return true;
}

void disk_forget_changes(file *file) {
    for (change *change = file->changes, *next; change; change = next) {
        next = change->next;
        free(change->bytes);
        free(change);
    }
    file->changes = NULL;
    file->last_change = &file->changes;
}

static void make_durable(file *file, const change *change) {
    if (change->bytes) put(&file->durable, change->bytes, change->length, change->offset);
    else cut(&file->durable, change->offset);
}

// Each sector of a write by itself: a power cut in the middle of it.
static void tear(faulty_disk *disk, file *file, const change *change) {
    for (int64_t done = 0; done < change->length;) {
        int64_t end = ((change->offset + done) / sector + 1) * sector - change->offset;
        if (end > change->length) end = change->length;
        if (disk_happens(disk, 50)) put(&file->durable, change->bytes + done, end - done, change->offset + done);
        done = end;
    }
}

// MARK: Files

file *disk_find(faulty_disk *disk, const char *name) {
    for (file *file = disk->files; file; file = file->next)
        if (strcmp(file->name, name) == 0) return file;
    return NULL;
}

file *disk_create(faulty_disk *disk, const char *name) {
    file *file = disk_find(disk, name);
    if (file) {
        if (!file->exists) {
            file->exists = file->is_new = true;
            cut(&file->seen, 0);
            disk_forget_changes(file);
        }
        return file;
    }
    file = calloc(1, sizeof *file);
    if (!file || !(file->name = strdup(name))) {
        free(file);
        return NULL;
    }
    file->exists = file->is_new = true;
    file->last_change = &file->changes;
    file->next = disk->files;
    disk->files = file;
    return file;
}

void disk_remove(faulty_disk *disk, file *file, bool is_durable) {
    file->exists = false;
    if (is_durable || disk_happens(disk, 50)) {
        file->exists_durably = false;
        cut(&file->durable, 0);
        disk_forget_changes(file);
    }
}

int disk_write(faulty_disk *disk, file *file, const void *bytes, int length, int64_t offset) {
    disk->operations++;
    if (disk_happens(disk, disk->faults.failing_writes)) {
        disk->failures++;
        return SQLITE_IOERR_WRITE;
    }
    int code = SQLITE_OK;
    if (disk->faults.is_full && (offset + length > file->seen.length || disk_happens(disk, 30))) {
        // A part of it may have found room.
        disk->failures++;
        code = SQLITE_FULL;
        length = disk_happens(disk, 50) ? length / 2 : 0;
    }
    if (length > 0 && (!put(&file->seen, bytes, length, offset) || !remember(file, bytes, length, offset))) return SQLITE_IOERR_NOMEM;
    return code;
}

int disk_truncate(faulty_disk *disk, file *file, int64_t length) {
    disk->operations++;
    cut(&file->seen, length);
    return remember(file, NULL, 0, length) ? SQLITE_OK : SQLITE_IOERR_NOMEM;
}

// SQLite syncs the folder with the first sync of a journal, so a sync makes all that was made and removed before it durable.
int disk_sync(faulty_disk *disk, file *file) {
    disk->operations++;
    bool fails = disk_happens(disk, disk->faults.failing_syncs);
    if (file->is_new && !fails) cut(&file->durable, 0);
    for (change *change = file->changes; change; change = change->next)
        if (!fails || (!file->is_new && disk_happens(disk, 30))) make_durable(file, change);
    if (fails) {
        disk->failures++;
        if (disk_happens(disk, 50)) disk_forget_changes(file);
        return SQLITE_IOERR_FSYNC;
    }
    disk_forget_changes(file);
    for (struct file *other = disk->files; other; other = other->next) {
        if (!other->exists || other->is_new) cut(&other->durable, other == file ? other->durable.length : 0);
        other->exists_durably = other->exists;
        other->is_new = false;
    }
    return SQLITE_OK;
}

int disk_renew(faulty_disk *disk, file *file) {
    disk->operations++;
    if (disk->faults.is_full || disk_happens(disk, disk->faults.failing_writes) || disk_happens(disk, disk->faults.failing_syncs)) {
        disk->failures++;
        return SQLITE_IOERR;
    }
    copy(&file->durable, &file->seen);
    file->exists_durably = true;
    file->is_new = false;
    disk_forget_changes(file);
    return SQLITE_OK;
}

// MARK: Power

static void lose_changes(faulty_disk *disk, file *file) {
    if (file->is_new) {
        // Either the new file came to be, or the one before is still there.
        if (file->exists_durably && disk_happens(disk, 50)) disk_forget_changes(file);
        else cut(&file->durable, 0);
        file->exists_durably = file->exists_durably || disk_happens(disk, 50);
        file->is_new = false;
    }
    for (change *change = file->changes; change; change = change->next) {
        uint64_t fate = disk_random(disk) % 3;
        if (fate == 0) make_durable(file, change);
        if (fate == 1) tear(disk, file, change);
    }
    disk_forget_changes(file);
    file->exists = file->exists_durably;
    copy(&file->seen, &file->durable);
    if (!file->exists) cut(&file->seen, 0);
}

void disk_end_life(faulty_disk *disk, int life) {
    if (life <= 0 || life > disk->lives) return;
    disk->alive[life] = false;
    for (file *file = disk->files; file; file = file->next)
        for (handle *handle = file->handles; handle; handle = handle->next)
            if (handle->life == life) handle->level = handle->shared = handle->exclusive = 0;
}

void disk_lose_power(faulty_disk *disk) {
    disk->power_cuts++;
    for (int life = 1; life <= disk->lives; life++) disk_end_life(disk, life);
    for (file *file = disk->files; file; file = file->next) lose_changes(disk, file);
}

bool disk_effect(faulty_disk *disk, int life) {
    if (life <= 0 || life > disk->lives || !disk->alive[life]) return false;
    if (disk->effects_left == 0 || life != disk->lives || --disk->effects_left > 0) return true;
    if (disk->ends_by_power_cut) disk_lose_power(disk);
    else disk_end_life(disk, life);
    return false;
}
