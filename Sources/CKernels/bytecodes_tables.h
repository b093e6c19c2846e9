/* The variants behind ragd_bytecode_kernels_for, and the shape that the SIMD ones share. */
#ifndef RAGD_BYTECODES_TABLES_H
#define RAGD_BYTECODES_TABLES_H

#include "ragd_bytecodes.h"

extern const ragd_bytecode_kernels ragd_bytecode_kernels_scalar;
extern const ragd_bytecode_kernels ragd_bytecode_kernels_avx2;
extern const ragd_bytecode_kernels ragd_bytecode_kernels_avx512;
extern const ragd_bytecode_kernels ragd_bytecode_kernels_neon;

/* Rows per block: each load of the query serves four rows. */
#define RAGD_BLOCK_ROWS 4

/* Defines `product_gather` over a function of the including file:
 *     void block(const int8_t *query, const uint8_t *const rows[4], size_t byte_count, int32_t out[4]);
 * Nothing is fetched ahead: the caller asks for all rows before it comes here. A last block of fewer
 * rows repeats its last one. */
#define RAGD_DEFINE_PRODUCT_GATHER(TARGET)                                                        \
    TARGET static void product_gather(const int8_t *query, const uint8_t *const *rows,            \
                                      size_t row_count, size_t byte_count, int32_t *out) {        \
        size_t r = 0;                                                                             \
        for (; r + RAGD_BLOCK_ROWS <= row_count; r += RAGD_BLOCK_ROWS) {                          \
            block(query, rows + r, byte_count, out + r);                                          \
        }                                                                                         \
        if (r < row_count) {                                                                      \
            const uint8_t *last[RAGD_BLOCK_ROWS];                                                 \
            int32_t sums[RAGD_BLOCK_ROWS];                                                        \
            for (size_t k = 0; k < RAGD_BLOCK_ROWS; k++) {                                        \
                last[k] = rows[r + k < row_count ? r + k : row_count - 1];                        \
            }                                                                                     \
            block(query, last, byte_count, sums);                                                 \
            for (size_t k = 0; r + k < row_count; k++) out[r + k] = sums[k];                      \
        }                                                                                         \
    }

#endif
