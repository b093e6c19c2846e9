// What Swift cannot ask of the kernel and of the C library.
#ifndef RAGD_PLATFORM_H
#define RAGD_PLATFORM_H

// Lets two paths of one file system change places in one step: whoever looks sees both before or
// both after.
//
// Reads the two NUL-terminated paths during the call only. Returns 0, or the error number: EINVAL
// where the file system cannot do it.
int ragd_exchange_paths(const char *first, const char *second);

// Has the allocator keep at most `arenas` pools, and map every block of `mapped_bytes` and more, which
// gives it back when it is freed. What the environment sets goes before; other allocators than
// glibc's are left as they are. Call it before threads start: pools that there are stay.
void ragd_limit_allocator(int arenas, int mapped_bytes);

#endif
