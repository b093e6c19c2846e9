#define _GNU_SOURCE
#include "ragd_platform.h"

#include <errno.h>
#include <stdio.h>

#if defined(__linux__)
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

// By number, since not every C library of Linux has the function. The flag is the kernel's
// RENAME_EXCHANGE (linux/fs.h).
int ragd_exchange_paths(const char *first, const char *second) {
    const unsigned exchange = 1u << 1;
    return syscall(SYS_renameat2, AT_FDCWD, first, AT_FDCWD, second, exchange) == 0 ? 0 : errno;
}
#elif defined(__APPLE__)
int ragd_exchange_paths(const char *first, const char *second) {
    return renamex_np(first, second, RENAME_SWAP) == 0 ? 0 : errno;
}
#else
int ragd_exchange_paths(const char *first, const char *second) {
    (void)first;
    (void)second;
    return ENOSYS;
}
#endif
