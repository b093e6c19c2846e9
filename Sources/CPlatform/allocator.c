#include "ragd_platform.h"

#include <stdlib.h>

#if defined(__GLIBC__)
#include <malloc.h>

void ragd_limit_allocator(int arenas, int mapped_bytes) {
    if (!getenv("MALLOC_ARENA_MAX")) mallopt(M_ARENA_MAX, arenas);
    if (!getenv("MALLOC_MMAP_THRESHOLD_")) mallopt(M_MMAP_THRESHOLD, mapped_bytes);
}
#else
void ragd_limit_allocator(int arenas, int mapped_bytes) {
    (void)arenas;
    (void)mapped_bytes;
}
#endif
