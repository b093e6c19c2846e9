// What the standard library cannot ask of a file system.
#ifndef RAGD_FILES_H
#define RAGD_FILES_H

// Lets two paths of one file system change places in one step: whoever looks sees both before or
// both after.
//
// Reads the two NUL-terminated paths during the call only. Returns 0, or the error number: EINVAL
// where the file system cannot do it.
int ragd_exchange_paths(const char *first, const char *second);

#endif
