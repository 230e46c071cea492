#ifndef CFAULTYDISK_H
#define CFAULTYDISK_H

#include <stdbool.h>
#include <stdint.h>

// A disk in memory that SQLite writes to as to any other, and that fails when it is told to: by a full disk, by a sync that fails, and by a
// power cut. Every process that uses it is a *life*. Tests only.
//
// Open a database on it by the URI `file:/ingot.db?vfs=NAME&life=NUMBER`. The same seed and the same calls give the same faults.

typedef struct faulty_disk faulty_disk;

// What goes wrong. Zeroes are a disk that is well.
typedef struct {
    // Files do not grow any more, and some of the other writes fail too (SQLITE_FULL).
    bool is_full;
    // How many writes of a hundred fail (SQLITE_IOERR_WRITE).
    int failing_writes;
    // How many syncs of a hundred fail (SQLITE_IOERR_FSYNC). What they should have written may never be: Linux takes pages whose writing failed
    // for written. See https://wiki.postgresql.org/wiki/Fsync_Errors
    int failing_syncs;
} faulty_disk_faults;

// Makes an empty disk and gives SQLite a VFS of this name for it; NULL when memory is missing.
faulty_disk *faulty_disk_new(const char *name, uint64_t seed);

// Every connection to it must have been closed.
void faulty_disk_free(faulty_disk *disk);

void faulty_disk_set_faults(faulty_disk *disk, faulty_disk_faults faults);

// A process starts: what is opened from now on is its own. Returns its number, from 1.
int faulty_disk_begin_life(faulty_disk *disk);

// A process is killed: whatever it does on the disk from now on fails, and its locks are gone. What it wrote stays.
void faulty_disk_end_life(faulty_disk *disk, int life);

// Every process dies, and of what was not synced a part is lost, by chance: whole writes or some of their sectors.
void faulty_disk_lose_power(faulty_disk *disk);

// The life that runs now ends in its so-many-th effect from now, by being killed or by a power cut.
void faulty_disk_end_after(faulty_disk *disk, int effects, bool by_power_cut);

// An effect of a life outside the disk, counted with those on the disk. False when the life has ended: then it must not happen.
bool faulty_disk_effect(faulty_disk *disk, int life);

// Writes a file anew, whole or not at all: to a temporary name, synced and renamed. False when it fails or the life has ended.
bool faulty_disk_renew(faulty_disk *disk, int life, const char *name);

bool faulty_disk_is_alive(faulty_disk *disk, int life);

// How many power cuts there were.
int faulty_disk_power_cuts(faulty_disk *disk);

// How many writes, truncations and syncs were carried out, and how many failed because the disk was told so.
int faulty_disk_operations(faulty_disk *disk);
int faulty_disk_failures(faulty_disk *disk);

#endif
