/* Eight-bit codes of vectors, and their inner products: the distances of a quantised graph.
 *
 * A code has a byte for each element, padded to a multiple of RAGD_BYTECODE_UNIT. A stored code holds
 * the rounded element plus 128, 1 to 255, and 128 as padding; a query's code holds the rounded element
 * itself, -127 to 127, and 0 as padding: the operands of VNNI's instruction, which multiplies unsigned
 * bytes by signed ones. So
 *
 *     a . b  is about  scale(a) * scale(b) * (product(a, b) - 128 * sum(a))
 *
 * for a query a, where sum() adds its code. Everything up to the 32-bit product is integers: every
 * variant gives the same bits, so that a graph does not depend on the CPU that built it.
 */
#ifndef RAGD_BYTECODES_H
#define RAGD_BYTECODES_H

#include <stddef.h>

#include "ragd_cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/* A cache line. Rows that start on one never share it, and no kernel needs a tail. */
#define RAGD_BYTECODE_UNIT 64

/* The most bytes of a code: products stay below 2^31. */
#define RAGD_BYTECODE_BYTES_MAX 65536

/* Bytes of a code of `dimension` elements. */
static inline size_t ragd_bytecode_bytes(size_t dimension) {
    return (dimension + RAGD_BYTECODE_UNIT - 1) / RAGD_BYTECODE_UNIT * RAGD_BYTECODE_UNIT;
}

typedef struct ragd_bytecode_kernels {
    /* out[r] = sum of rows[r][i] * query[i] over the byte_count bytes of a code, for rows anywhere in
     * memory. byte_count is a multiple of RAGD_BYTECODE_UNIT. */
    void (*product_gather)(const int8_t *query, const uint8_t *_Nonnull const *_Nonnull rows,
                           size_t row_count, size_t byte_count, int32_t *out);
} ragd_bytecode_kernels;

/* The table for `isa`, or NULL where this build has none. The caller checks ragd_isa_supported. */
const ragd_bytecode_kernels *_Nullable ragd_bytecode_kernels_for(ragd_isa isa);

/* Writes the stored code of a vector and returns its scale, what one step is worth: the largest
 * magnitude becomes 127, ties round to even. A vector without magnitude, or of one too small to be
 * divided by, has a scale of 0. Elements must be finite. */
float ragd_bytecode_encode(const float *vector, size_t dimension, uint8_t *code);

/* Writes the code that a query has in place of a stored one, and returns its sum. The two may be the
 * same memory. */
int32_t ragd_bytecode_as_query(const uint8_t *code, size_t byte_count, int8_t *query);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
