// A file layer for SQLite that fails on demand and remembers what it was asked to do.
//
// It wraps the default VFS and becomes the default itself. Files in a folder that was attached are
// counted, recorded and failed as asked; all others pass through untouched.
//
// Thread safety: every function may be called from any thread; one lock guards all state.
#ifndef RAGD_FAULT_FILES_H
#define RAGD_FAULT_FILES_H

#include <stddef.h>
#include <stdint.h>

// What can be made to fail. The numbers are also those of the record, and those after them appear
// in the record only.
enum {
    RAGD_DISK_WRITE = 1,
    RAGD_DISK_SYNC = 2,
    RAGD_DISK_TRUNCATE = 3,
    RAGD_DISK_OPEN = 4,
    // A file that did not exist was made.
    RAGD_DISK_CREATE = 5,
    RAGD_DISK_DELETE = 6,
    // A sync that failed: what it was to make durable may be lost, and no later sync brings it back.
    RAGD_DISK_SYNC_FAILED = 7,
    // `ragd_disk_mark`, with its value as the offset.
    RAGD_DISK_MARK = 8
};

// How an operation fails.
enum { RAGD_DISK_EIO = 1, RAGD_DISK_ENOSPC = 2 };

// One operation of the record; `length` bytes follow, padded to a multiple of 8.
//
// After WRITE they are what was written at `offset`; after CREATE the file's name. TRUNCATE has the
// new size as its offset. Files are numbered as they are made or opened; a file that is deleted and
// made again has a new number. The first CREATE or OPEN of a number names it.
typedef struct {
    uint32_t operation;
    uint32_t file;
    uint64_t offset;
    uint64_t length;
} ragd_disk_record;

// Watches the files of `folder`, which must exist, and returns a number for it, or -1.
//
// With `is_volatile` a sync does not wait for the device: for simulations, which never cut the
// power of the real one.
int ragd_disk_attach(const char *folder, int is_volatile);

// Stops watching. Files that are open stay usable.
void ragd_disk_detach(int disk);

// Has the `nth` operation of a kind fail from now on (1 is the next), and with `is_permanent` all
// after it. `nth` 0 ends all faults.
void ragd_disk_fail(int disk, int operation, int nth, int error, int is_permanent);

// How many operations were failed since `ragd_disk_fail`.
int ragd_disk_failures(int disk);

// Begins a new record, or ends recording.
void ragd_disk_record_from_now(int disk, int is_on);

// Puts a mark of the caller's into the record.
void ragd_disk_mark(int disk, uint64_t value);

// The record's size in bytes, and a copy of its first `count` bytes.
size_t ragd_disk_record_size(int disk);
void ragd_disk_copy_record(int disk, uint8_t *bytes, size_t count);

#endif
