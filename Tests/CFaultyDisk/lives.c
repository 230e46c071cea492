#include <stdlib.h>
#include <string.h>

#include "disk.h"

// What tests call.

faulty_disk *faulty_disk_new(const char *name, uint64_t seed) {
    faulty_disk *disk = calloc(1, sizeof *disk);
    if (!disk || !(disk->name = strdup(name))) {
        free(disk);
        return NULL;
    }
    disk->random = seed;
    pthread_mutex_init(&disk->mutex, NULL);
    vfs_set_up(disk);
    sqlite3_vfs_register(&disk->vfs, 0);
    return disk;
}

void faulty_disk_free(faulty_disk *disk) {
    sqlite3_vfs_unregister(&disk->vfs);
    for (file *file = disk->files, *next; file; file = next) {
        next = file->next;
        disk_forget_changes(file);
        for (int index = 0; index < most_shm_regions; index++) free(file->shm[index]);
        free(file->seen.bytes);
        free(file->durable.bytes);
        free(file->name);
        free(file);
    }
    for (int index = 0; index < disk->old_shm_count; index++) free(disk->old_shm[index]);
    free(disk->old_shm);
    pthread_mutex_destroy(&disk->mutex);
    free(disk->name);
    free(disk);
}

// Shared memory is a matter of living processes: the first one that comes finds none.
static void put_shm_aside(faulty_disk *disk, file *file) {
    for (int index = 0; index < most_shm_regions; index++) {
        if (!file->shm[index]) continue;
        void **all = realloc(disk->old_shm, sizeof(void *) * (size_t)(disk->old_shm_count + 1));
        if (!all) continue;
        disk->old_shm = all;
        all[disk->old_shm_count++] = file->shm[index];
        file->shm[index] = NULL;
    }
}

int faulty_disk_begin_life(faulty_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    bool any = false;
    for (int life = 1; life <= disk->lives; life++) any = any || disk->alive[life];
    if (!any)
        for (file *file = disk->files; file; file = file->next) put_shm_aside(disk, file);
    int life = disk->lives + 1 < most_lives ? ++disk->lives : 0;
    if (life > 0) disk->alive[life] = true;
    disk->effects_left = 0;
    pthread_mutex_unlock(&disk->mutex);
    return life;
}

void faulty_disk_end_life(faulty_disk *disk, int life) {
    pthread_mutex_lock(&disk->mutex);
    disk_end_life(disk, life);
    pthread_mutex_unlock(&disk->mutex);
}

void faulty_disk_lose_power(faulty_disk *disk) {
    pthread_mutex_lock(&disk->mutex);
    disk_lose_power(disk);
    pthread_mutex_unlock(&disk->mutex);
}

void faulty_disk_set_faults(faulty_disk *disk, faulty_disk_faults faults) {
    pthread_mutex_lock(&disk->mutex);
    disk->faults = faults;
    pthread_mutex_unlock(&disk->mutex);
}

void faulty_disk_end_after(faulty_disk *disk, int effects, bool by_power_cut) {
    pthread_mutex_lock(&disk->mutex);
    disk->effects_left = effects;
    disk->ends_by_power_cut = by_power_cut;
    pthread_mutex_unlock(&disk->mutex);
}

bool faulty_disk_effect(faulty_disk *disk, int life) {
    pthread_mutex_lock(&disk->mutex);
    bool happens = disk_effect(disk, life);
    pthread_mutex_unlock(&disk->mutex);
    return happens;
}

bool faulty_disk_renew(faulty_disk *disk, int life, const char *name) {
    pthread_mutex_lock(&disk->mutex);
    bool is_renewed = disk_effect(disk, life);
    file *file = disk_find(disk, name);
    if (is_renewed && file && file->exists) is_renewed = disk_renew(disk, file) == SQLITE_OK;
    pthread_mutex_unlock(&disk->mutex);
    return is_renewed;
}

bool faulty_disk_is_alive(faulty_disk *disk, int life) {
    pthread_mutex_lock(&disk->mutex);
    bool is_alive = life > 0 && life <= disk->lives && disk->alive[life];
    pthread_mutex_unlock(&disk->mutex);
    return is_alive;
}

int faulty_disk_power_cuts(faulty_disk *disk) { return disk->power_cuts; }
int faulty_disk_operations(faulty_disk *disk) { return disk->operations; }
int faulty_disk_failures(faulty_disk *disk) { return disk->failures; }
