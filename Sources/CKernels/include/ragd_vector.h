/* Distances between f32 vectors.
 *
 * Contract of every function here: pointers are valid for the counts given, need no alignment, may
 * not be NULL unless the count is 0, and are not kept. Nothing is allocated; nothing can fail.
 * NaN and infinities propagate as IEEE 754 says. Variants differ from the scalar one by rounding
 * only (another order of summation, fused multiply-add).
 */
#ifndef RAGD_VECTOR_H
#define RAGD_VECTOR_H

#include <stddef.h>

#include "ragd_cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

typedef struct ragd_vector_kernels {
    /* Sum of a[i] * b[i]. 0 for count 0. */
    float (*dot)(const float *a, const float *b, size_t count);

    /* Sum of (a[i] - b[i])^2. 0 for count 0. */
    float (*squared_distance)(const float *a, const float *b, size_t count);

    /* out[r] = dot(query, rows + r * dimension) for row_count rows back to back: a linear scan. */
    void (*dot_rows)(const float *query, const float *rows, size_t row_count, size_t dimension,
                     float *out);
    void (*squared_distance_rows)(const float *query, const float *rows, size_t row_count,
                                  size_t dimension, float *out);

    /* out[r] = dot(query, rows[r]) for rows anywhere in memory: the neighbours of a graph node.
     * Each block of rows prefetches the next one while it computes. In all four batch functions a
     * row's distance has the same bits wherever it stands in the batch. */
    void (*dot_gather)(const float *query, const float *_Nonnull const *_Nonnull rows, size_t row_count,
                       size_t dimension, float *out);
    void (*squared_distance_gather)(const float *query, const float *_Nonnull const *_Nonnull rows,
                                    size_t row_count, size_t dimension, float *out);
} ragd_vector_kernels;

/* The table for `isa`, or NULL where this build has none. The caller checks ragd_isa_supported. */
const ragd_vector_kernels *_Nullable ragd_vector_kernels_for(ragd_isa isa);

/* Asks for the first `byte_count` bytes at `address` to be brought near. Never faults. */
static inline void ragd_prefetch(const void *address, size_t byte_count) {
    const char *line = (const char *)address;
    for (size_t offset = 0; offset < byte_count; offset += 64) {
        __builtin_prefetch(line + offset, 0, 3);
    }
}

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
