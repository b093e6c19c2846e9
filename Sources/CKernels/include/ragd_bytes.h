/* Kernels over plain bytes: checksums and the shuffle that makes floats compress.
 *
 * Contract: pointers are valid for the counts given, need no alignment, may be NULL only when the
 * count is 0, and are not kept. Nothing can fail.
 */
#ifndef RAGD_BYTES_H
#define RAGD_BYTES_H

#include <stddef.h>
#include <stdint.h>

#include "ragd_cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* CRC-32C (Castagnoli, polynomial 0x1EDC6F41 reflected, as in iSCSI and SSE4.2) of `bytes` after
 * what `previous` covers: start with 0, pass the result on to continue. */
uint32_t ragd_crc32c(uint32_t previous, const uint8_t *bytes, size_t count);

/* The same by table look-up only: the reference for the hardware path. */
uint32_t ragd_crc32c_table(uint32_t previous, const uint8_t *bytes, size_t count);

/* Splits `count` 4-byte elements into four planes of `count` bytes: all first bytes, all second
 * bytes, ... Signs and exponents end up side by side, where LZ4 finds them. No overlap allowed. */
void ragd_shuffle4(const uint8_t *elements, size_t count, uint8_t *planes);

/* The inverse of ragd_shuffle4. */
void ragd_unshuffle4(const uint8_t *planes, size_t count, uint8_t *elements);

/* Where `part` first begins in `whole`, or `count` when it does not. The part has 1 to `count` bytes;
 * `first` and `second` are places in it, of the bytes that are looked for before the others. */
size_t ragd_find_bytes(const uint8_t *whole, size_t count, const uint8_t *part, size_t part_count,
                       size_t first, size_t second);

#ifdef __cplusplus
}
#endif
#endif
