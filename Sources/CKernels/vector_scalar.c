/* f32 distances in portable C: the reference, and the path that RAGD_CPU=scalar takes.
 *
 * Eight partial sums give the compiler something to vectorise with the baseline instruction set and
 * keep the rounding error near that of the wide variants. */
#include "vector_tables.h"

#define PARTIALS 8

static float sum_of(const float partial[PARTIALS]) {
    return ((partial[0] + partial[4]) + (partial[1] + partial[5]))
         + ((partial[2] + partial[6]) + (partial[3] + partial[7]));
}

static float dot(const float *a, const float *b, size_t count) {
    float partial[PARTIALS] = {0};
    size_t i = 0;
    for (; i + PARTIALS <= count; i += PARTIALS) {
        for (size_t k = 0; k < PARTIALS; k++) partial[k] += a[i + k] * b[i + k];
    }
    for (size_t k = 0; i + k < count; k++) partial[k] += a[i + k] * b[i + k];
    return sum_of(partial);
}

static float squared_distance(const float *a, const float *b, size_t count) {
    float partial[PARTIALS] = {0};
    size_t i = 0;
    for (; i + PARTIALS <= count; i += PARTIALS) {
        for (size_t k = 0; k < PARTIALS; k++) {
            float difference = a[i + k] - b[i + k];
            partial[k] += difference * difference;
        }
    }
    for (size_t k = 0; i + k < count; k++) {
        float difference = a[i + k] - b[i + k];
        partial[k] += difference * difference;
    }
    return sum_of(partial);
}

static void dot_rows(const float *query, const float *rows, size_t row_count, size_t dimension,
                     float *out) {
    for (size_t r = 0; r < row_count; r++) out[r] = dot(query, rows + r * dimension, dimension);
}

static void squared_distance_rows(const float *query, const float *rows, size_t row_count,
                                  size_t dimension, float *out) {
    for (size_t r = 0; r < row_count; r++) {
        out[r] = squared_distance(query, rows + r * dimension, dimension);
    }
}

static void dot_gather(const float *query, const float *const *rows, size_t row_count,
                       size_t dimension, float *out) {
    for (size_t r = 0; r < row_count; r++) {
        if (r + 1 < row_count) ragd_prefetch(rows[r + 1], dimension * sizeof(float));
        out[r] = dot(query, rows[r], dimension);
    }
}

static void squared_distance_gather(const float *query, const float *const *rows,
                                    size_t row_count, size_t dimension, float *out) {
    for (size_t r = 0; r < row_count; r++) {
        if (r + 1 < row_count) ragd_prefetch(rows[r + 1], dimension * sizeof(float));
        out[r] = squared_distance(query, rows[r], dimension);
    }
}

const ragd_vector_kernels ragd_vector_kernels_scalar = {
    .dot = dot,
    .squared_distance = squared_distance,
    .dot_rows = dot_rows,
    .squared_distance_rows = squared_distance_rows,
    .dot_gather = dot_gather,
    .squared_distance_gather = squared_distance_gather,
};

const ragd_vector_kernels *ragd_vector_kernels_for(ragd_isa isa) {
    switch (isa) {
    case RAGD_ISA_SCALAR: return &ragd_vector_kernels_scalar;
#if defined(__x86_64__)
    case RAGD_ISA_AVX2: return &ragd_vector_kernels_avx2;
    case RAGD_ISA_AVX512:
    case RAGD_ISA_AVX512_BF16: return &ragd_vector_kernels_avx512;
#elif defined(__aarch64__)
    case RAGD_ISA_NEON: return &ragd_vector_kernels_neon;
#endif
    default: return NULL;
    }
}
