#include "fault_files.h"

#include <limits.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// A folder that is watched.
typedef struct disk {
    struct disk *next;
    int number;
    int is_attached;
    int is_volatile;
    int open_count;
    char folder[PATH_MAX];
    size_t folder_length;
    // The fault that is armed.
    int operation, countdown, error, is_permanent;
    int failures;
    // The record.
    int is_recording;
    uint8_t *record;
    size_t count, capacity;
    // Names by number; a deleted file's is NULL.
    char **names;
    uint32_t name_count;
} disk;

typedef struct {
    sqlite3_file base;
    disk *disk;
    uint32_t number;
    // The wrapped VFS's file lies behind this struct.
    sqlite3_file *real;
} fault_file;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static disk *disks;
static int last_number;
static sqlite3_vfs vfs;
static sqlite3_vfs *real_vfs;
static sqlite3_io_methods methods;

// --- The record; the lock is held ---

static void append(disk *d, uint32_t operation, uint32_t file, uint64_t offset,
                   const void *bytes, size_t length) {
    if (!d->is_recording) return;
    const size_t padded = (length + 7) & ~(size_t)7;
    const size_t needed = d->count + sizeof(ragd_disk_record) + padded;
    if (needed > d->capacity) {
        size_t capacity = d->capacity ? d->capacity : 1 << 16;
        while (capacity < needed) capacity *= 2;
        d->record = realloc(d->record, capacity);
        if (!d->record) abort();
        d->capacity = capacity;
    }
    const ragd_disk_record head = {operation, file, offset, length};
    memcpy(d->record + d->count, &head, sizeof head);
    memset(d->record + d->count + sizeof head, 0, padded);
    if (length) memcpy(d->record + d->count + sizeof head, bytes, length);
    d->count = needed;
}

static uint32_t number_of(disk *d, const char *name, int is_new) {
    for (uint32_t i = 0; i < d->name_count; i++) {
        if (!d->names[i] || strcmp(d->names[i], name) != 0) continue;
        if (!is_new) return i;
        free(d->names[i]);
        d->names[i] = NULL;
    }
    d->names = realloc(d->names, (d->name_count + 1) * sizeof *d->names);
    if (!d->names) abort();
    d->names[d->name_count] = strdup(name);
    return d->name_count++;
}

// --- Faults; the lock is held ---

// Whether this operation is to fail.
static int is_failing(disk *d, int operation) {
    if (d->operation != operation || d->countdown == 0) return 0;
    if (d->countdown > 1) {
        d->countdown--;
        return 0;
    }
    if (!d->is_permanent) d->countdown = 0;
    d->failures++;
    return 1;
}

static int code(const disk *d, int otherwise) {
    return d->error == RAGD_DISK_ENOSPC ? SQLITE_FULL : otherwise;
}

// --- Files ---

static int file_close(sqlite3_file *base) {
    fault_file *file = (fault_file *)base;
    const int status = file->real->pMethods->xClose(file->real);
    pthread_mutex_lock(&lock);
    file->disk->open_count--;
    pthread_mutex_unlock(&lock);
    return status;
}

static int file_read(sqlite3_file *base, void *bytes, int count, sqlite3_int64 offset) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xRead(file->real, bytes, count, offset);
}

static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset) {
    fault_file *file = (fault_file *)base;
    disk *d = file->disk;
    pthread_mutex_lock(&lock);
    const int fails = is_failing(d, RAGD_DISK_WRITE);
    const int error = code(d, SQLITE_IOERR_WRITE);
    // A write that fails has often written something.
    const int written = fails ? count / 2 & ~511 : count;
    if (written) append(d, RAGD_DISK_WRITE, file->number, (uint64_t)offset, bytes, (size_t)written);
    pthread_mutex_unlock(&lock);
    int status = SQLITE_OK;
    if (written) status = file->real->pMethods->xWrite(file->real, bytes, written, offset);
    return fails ? error : status;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 size) {
    fault_file *file = (fault_file *)base;
    disk *d = file->disk;
    pthread_mutex_lock(&lock);
    const int fails = is_failing(d, RAGD_DISK_TRUNCATE);
    const int error = code(d, SQLITE_IOERR_TRUNCATE);
    if (!fails) append(d, RAGD_DISK_TRUNCATE, file->number, (uint64_t)size, NULL, 0);
    pthread_mutex_unlock(&lock);
    return fails ? error : file->real->pMethods->xTruncate(file->real, size);
}

static int file_sync(sqlite3_file *base, int flags) {
    fault_file *file = (fault_file *)base;
    disk *d = file->disk;
    pthread_mutex_lock(&lock);
    const int fails = is_failing(d, RAGD_DISK_SYNC);
    const int error = code(d, SQLITE_IOERR_FSYNC);
    const int is_volatile = d->is_volatile;
    pthread_mutex_unlock(&lock);
    int status = SQLITE_OK;
    if (!fails && !is_volatile) status = file->real->pMethods->xSync(file->real, flags);
    pthread_mutex_lock(&lock);
    // After the call: only what was written before it is durable. One thread writes a file.
    append(d, fails ? RAGD_DISK_SYNC_FAILED : RAGD_DISK_SYNC, file->number, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
    return fails ? error : status;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *size) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xFileSize(file->real, size);
}

static int file_lock(sqlite3_file *base, int level) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xLock(file->real, level);
}

static int file_unlock(sqlite3_file *base, int level) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xUnlock(file->real, level);
}

static int file_is_reserved(sqlite3_file *base, int *result) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xCheckReservedLock(file->real, result);
}

static int file_control(sqlite3_file *base, int operation, void *argument) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xFileControl(file->real, operation, argument);
}

static int file_sector_size(sqlite3_file *base) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xSectorSize(file->real);
}

static int file_characteristics(sqlite3_file *base) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xDeviceCharacteristics(file->real);
}

static int file_shm_map(sqlite3_file *base, int region, int size, int extend,
                        void volatile **address) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xShmMap(file->real, region, size, extend, address);
}

static int file_shm_lock(sqlite3_file *base, int offset, int count, int flags) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xShmLock(file->real, offset, count, flags);
}

static void file_shm_barrier(sqlite3_file *base) {
    fault_file *file = (fault_file *)base;
    file->real->pMethods->xShmBarrier(file->real);
}

static int file_shm_unmap(sqlite3_file *base, int deletes) {
    fault_file *file = (fault_file *)base;
    return file->real->pMethods->xShmUnmap(file->real, deletes);
}

// --- The VFS ---

// The name within the watched folder that holds `path`, or NULL; the lock is held.
static const char *name_in(disk *d, const char *path) {
    if (!d->is_attached || strncmp(path, d->folder, d->folder_length) != 0) return NULL;
    return path[d->folder_length] == '/' ? path + d->folder_length + 1 : NULL;
}

static disk *disk_of(const char *path, const char **name) {
    if (!path) return NULL;
    for (disk *d = disks; d; d = d->next) {
        if ((*name = name_in(d, path))) return d;
    }
    return NULL;
}

static int vfs_open(sqlite3_vfs *self, const char *path, sqlite3_file *base, int flags,
                    int *out_flags) {
    (void)self;
    fault_file *file = (fault_file *)base;
    memset(file, 0, sizeof *file);
    const char *name = NULL;
    pthread_mutex_lock(&lock);
    disk *d = disk_of(path, &name);
    int fails = 0;
    int error = SQLITE_CANTOPEN;
    if (d) {
        fails = is_failing(d, RAGD_DISK_OPEN);
        error = code(d, SQLITE_CANTOPEN);
        if (!fails) d->open_count++;
    }
    pthread_mutex_unlock(&lock);
    if (!d) {
        // SQLite then calls the wrapped file's own methods.
        return real_vfs->xOpen(real_vfs, path, base, flags, out_flags);
    }
    if (fails) return error;
    // Not by xAccess, for which an empty file does not exist.
    struct stat status_before;
    const int exists = stat(path, &status_before) == 0;
    file->real = (sqlite3_file *)(file + 1);
    file->disk = d;
    const int status = real_vfs->xOpen(real_vfs, path, file->real, flags, out_flags);
    pthread_mutex_lock(&lock);
    if (status == SQLITE_OK) {
        file->number = number_of(d, name, !exists);
        append(d, exists ? RAGD_DISK_OPEN : RAGD_DISK_CREATE, file->number, 0, name, strlen(name));
        file->base.pMethods = &methods;
    } else {
        d->open_count--;
        if (file->real->pMethods) file->real->pMethods->xClose(file->real);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

static int vfs_delete(sqlite3_vfs *self, const char *path, int syncs_folder) {
    (void)self;
    const int status = real_vfs->xDelete(real_vfs, path, syncs_folder);
    const char *name = NULL;
    pthread_mutex_lock(&lock);
    disk *d = disk_of(path, &name);
    if (d && status == SQLITE_OK) {
        append(d, RAGD_DISK_DELETE, number_of(d, name, 0), 0, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return status;
}

static int vfs_access(sqlite3_vfs *self, const char *path, int flags, int *result) {
    (void)self;
    return real_vfs->xAccess(real_vfs, path, flags, result);
}

static int vfs_full_path(sqlite3_vfs *self, const char *path, int count, char *result) {
    (void)self;
    return real_vfs->xFullPathname(real_vfs, path, count, result);
}

static int vfs_randomness(sqlite3_vfs *self, int count, char *result) {
    (void)self;
    return real_vfs->xRandomness(real_vfs, count, result);
}

static int vfs_sleep(sqlite3_vfs *self, int microseconds) {
    (void)self;
    return real_vfs->xSleep(real_vfs, microseconds);
}

static int vfs_time(sqlite3_vfs *self, double *result) {
    (void)self;
    return real_vfs->xCurrentTime(real_vfs, result);
}

static int vfs_time_ms(sqlite3_vfs *self, sqlite3_int64 *result) {
    (void)self;
    return real_vfs->xCurrentTimeInt64(real_vfs, result);
}

static int vfs_last_error(sqlite3_vfs *self, int count, char *result) {
    (void)self;
    return real_vfs->xGetLastError ? real_vfs->xGetLastError(real_vfs, count, result) : 0;
}

static void install(void) {
    real_vfs = sqlite3_vfs_find(NULL);
    if (!real_vfs) abort();
    methods = (sqlite3_io_methods){
        .iVersion = 2,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_is_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector_size,
        .xDeviceCharacteristics = file_characteristics,
        .xShmMap = file_shm_map,
        .xShmLock = file_shm_lock,
        .xShmBarrier = file_shm_barrier,
        .xShmUnmap = file_shm_unmap,
    };
    vfs = *real_vfs;
    vfs.iVersion = 2;
    vfs.szOsFile = (int)sizeof(fault_file) + real_vfs->szOsFile;
    vfs.pNext = NULL;
    vfs.zName = "ragd-faults";
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    vfs.xAccess = vfs_access;
    vfs.xFullPathname = vfs_full_path;
    vfs.xRandomness = vfs_randomness;
    vfs.xSleep = vfs_sleep;
    vfs.xCurrentTime = vfs_time;
    vfs.xCurrentTimeInt64 = vfs_time_ms;
    vfs.xGetLastError = vfs_last_error;
    // Extensions are loaded by name through the wrapped VFS's functions, which ask nothing of it.
    sqlite3_vfs_register(&vfs, 1);
}

// --- What the tests call ---

// Frees what nobody watches or uses any more; the lock is held.
static void sweep(void) {
    for (disk **place = &disks; *place;) {
        disk *d = *place;
        if (d->is_attached || d->open_count > 0) {
            place = &d->next;
            continue;
        }
        *place = d->next;
        for (uint32_t i = 0; i < d->name_count; i++) free(d->names[i]);
        free(d->names);
        free(d->record);
        free(d);
    }
}

// The disk of a number, locked; NULL, unlocked, when there is none.
static disk *acquire(int number) {
    pthread_mutex_lock(&lock);
    for (disk *d = disks; d; d = d->next) {
        if (d->number == number && d->is_attached) return d;
    }
    pthread_mutex_unlock(&lock);
    return NULL;
}

int ragd_disk_attach(const char *folder, int is_volatile) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (sqlite3_initialize() != SQLITE_OK) return -1;
    pthread_once(&once, install);
    disk *d = calloc(1, sizeof *d);
    if (!d || !realpath(folder, d->folder)) {
        free(d);
        return -1;
    }
    d->folder_length = strlen(d->folder);
    d->is_attached = 1;
    d->is_volatile = is_volatile;
    pthread_mutex_lock(&lock);
    sweep();
    d->number = ++last_number;
    d->next = disks;
    disks = d;
    pthread_mutex_unlock(&lock);
    return d->number;
}

void ragd_disk_detach(int number) {
    disk *d = acquire(number);
    if (!d) return;
    d->is_attached = 0;
    d->countdown = 0;
    d->is_recording = 0;
    sweep();
    pthread_mutex_unlock(&lock);
}

void ragd_disk_fail(int number, int operation, int nth, int error, int is_permanent) {
    disk *d = acquire(number);
    if (!d) return;
    d->operation = operation;
    d->countdown = nth;
    d->error = error;
    d->is_permanent = is_permanent;
    d->failures = 0;
    pthread_mutex_unlock(&lock);
}

int ragd_disk_failures(int number) {
    disk *d = acquire(number);
    if (!d) return 0;
    const int failures = d->failures;
    pthread_mutex_unlock(&lock);
    return failures;
}

void ragd_disk_record_from_now(int number, int is_on) {
    disk *d = acquire(number);
    if (!d) return;
    d->count = 0;
    d->is_recording = is_on;
    pthread_mutex_unlock(&lock);
}

void ragd_disk_mark(int number, uint64_t value) {
    disk *d = acquire(number);
    if (!d) return;
    append(d, RAGD_DISK_MARK, 0, value, NULL, 0);
    pthread_mutex_unlock(&lock);
}

size_t ragd_disk_record_size(int number) {
    disk *d = acquire(number);
    if (!d) return 0;
    const size_t count = d->count;
    pthread_mutex_unlock(&lock);
    return count;
}

void ragd_disk_copy_record(int number, uint8_t *bytes, size_t count) {
    disk *d = acquire(number);
    if (!d) return;
    if (count <= d->count) memcpy(bytes, d->record, count);
    pthread_mutex_unlock(&lock);
}
