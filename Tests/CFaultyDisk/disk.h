#ifndef DISK_H
#define DISK_H

#include <pthread.h>
#include <sqlite3.h>
#include <stddef.h>

#include "CFaultyDisk.h"

enum { most_lives = 256, most_shm_regions = 64, sector = 512 };

// A write, or with `bytes` NULL a truncation to `offset`, that no sync has made durable.
typedef struct change {
    struct change *next;
    int64_t offset;
    int64_t length;
    unsigned char *bytes;
} change;

typedef struct buffer {
    unsigned char *bytes;
    int64_t length;
    int64_t capacity;
} buffer;

struct handle;

typedef struct file {
    struct file *next;
    char *name;
    // What every process sees, and what a power cut leaves.
    buffer seen;
    buffer durable;
    bool exists;
    bool exists_durably;
    // It was made anew under the name of a file whose removal is not durable.
    bool is_new;
    change *changes;
    change **last_change;
    struct handle *handles;
    void *shm[most_shm_regions];
} file;

// What SQLite knows an open file by.
typedef struct handle {
    sqlite3_file base;
    faulty_disk *disk;
    file *file;
    int life;
    int level;
    unsigned shared;
    unsigned exclusive;
    struct handle *next;
} handle;

struct faulty_disk {
    sqlite3_vfs vfs;
    sqlite3_vfs *real;
    char *name;
    pthread_mutex_t mutex;
    uint64_t random;
    faulty_disk_faults faults;
    file *files;
    int lives;
    bool alive[most_lives];
    int effects_left;
    bool ends_by_power_cut;
    int power_cuts;
    int operations;
    int failures;
    // Shared memory of earlier lives, which their connections still point at.
    void **old_shm;
    int old_shm_count;
};

// All of these are called with the disk's mutex held.

uint64_t disk_random(faulty_disk *disk);
bool disk_happens(faulty_disk *disk, int percent);
file *disk_find(faulty_disk *disk, const char *name);
file *disk_create(faulty_disk *disk, const char *name);
void disk_remove(faulty_disk *disk, file *file, bool is_durable);
void disk_forget_changes(file *file);
void disk_end_life(faulty_disk *disk, int life);
void disk_lose_power(faulty_disk *disk);
// Counts an effect of a life; false when it has ended, also by this effect.
bool disk_effect(faulty_disk *disk, int life);
int disk_write(faulty_disk *disk, file *file, const void *bytes, int length, int64_t offset);
int disk_truncate(faulty_disk *disk, file *file, int64_t length);
int disk_renew(faulty_disk *disk, file *file);
int disk_sync(faulty_disk *disk, file *file);

void vfs_set_up(faulty_disk *disk);
int handle_lock(sqlite3_file *file, int level);
int handle_unlock(sqlite3_file *file, int level);
int handle_is_reserved(sqlite3_file *file, int *result);
int handle_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **memory);
int handle_shm_lock(sqlite3_file *file, int offset, int count, int flags);
void handle_shm_barrier(sqlite3_file *file);
int handle_shm_unmap(sqlite3_file *file, int remove);

#endif
