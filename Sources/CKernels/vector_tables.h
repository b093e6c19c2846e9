/* The variants behind ragd_vector_kernels_for, and the shape that the SIMD ones share. */
#ifndef RAGD_VECTOR_TABLES_H
#define RAGD_VECTOR_TABLES_H

#include "ragd_vector.h"

extern const ragd_vector_kernels ragd_vector_kernels_scalar;
extern const ragd_vector_kernels ragd_vector_kernels_avx2;
extern const ragd_vector_kernels ragd_vector_kernels_avx512;
extern const ragd_vector_kernels ragd_vector_kernels_neon;

/* Rows per block: four give the CPU four independent cache-miss streams and share each load of the
 * query, and their accumulators fit every register file. */
#define RAGD_BLOCK_ROWS 4

/* Defines NAME_rows and NAME_gather over a function of the including file:
 *     void NAME_block(const float *query, const float *const rows[4],
 *                     const float *const next[4], size_t dimension, float out[4]);
 * A block prefetches `next`, line by line, at the offset at which it reads. The last block passes
 * its own rows: lines that are there already cost nothing.
 *
 * A last block of fewer rows repeats its last one. So every row goes through the same sums, and its
 * distance has the same bits whatever stands beside it in the batch. */
#define RAGD_DEFINE_BATCHES(NAME, TARGET)                                                         \
    TARGET static void NAME##_rows(const float *query, const float *rows, size_t row_count,       \
                                   size_t dimension, float *out) {                                \
        for (size_t r = 0; r < row_count; r += RAGD_BLOCK_ROWS) {                                 \
            const float *block[RAGD_BLOCK_ROWS];                                                  \
            float sums[RAGD_BLOCK_ROWS];                                                          \
            for (size_t k = 0; k < RAGD_BLOCK_ROWS; k++) {                                        \
                block[k] = rows + (r + k < row_count ? r + k : row_count - 1) * dimension;        \
            }                                                                                     \
            NAME##_block(query, block, block, dimension, sums);                                   \
            for (size_t k = 0; k < RAGD_BLOCK_ROWS && r + k < row_count; k++) {                   \
                out[r + k] = sums[k];                                                             \
            }                                                                                     \
        }                                                                                         \
    }                                                                                             \
                                                                                                  \
    TARGET static void NAME##_gather(const float *query, const float *const *rows,                \
                                     size_t row_count, size_t dimension, float *out) {            \
        size_t r = 0;                                                                             \
        for (; r + RAGD_BLOCK_ROWS <= row_count; r += RAGD_BLOCK_ROWS) {                          \
            int more = r + 2 * RAGD_BLOCK_ROWS <= row_count;                                      \
            NAME##_block(query, rows + r, rows + r + (more ? RAGD_BLOCK_ROWS : 0), dimension,     \
                         out + r);                                                                \
        }                                                                                         \
        if (r < row_count) {                                                                      \
            const float *block[RAGD_BLOCK_ROWS];                                                  \
            float sums[RAGD_BLOCK_ROWS];                                                          \
            for (size_t k = 0; k < RAGD_BLOCK_ROWS; k++) {                                        \
                block[k] = rows[r + k < row_count ? r + k : row_count - 1];                       \
            }                                                                                     \
            NAME##_block(query, block, block, dimension, sums);                                   \
            for (size_t k = 0; r + k < row_count; k++) out[r + k] = sums[k];                      \
        }                                                                                         \
    }

#endif
