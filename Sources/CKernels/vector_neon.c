/* f32 distances with AArch64 Advanced SIMD: 4 lanes, tails element by element. */
#include "vector_tables.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define INLINE static inline __attribute__((always_inline))

INLINE float32x4_t add_product(float32x4_t a, float32x4_t b, float32x4_t sum) {
    return vfmaq_f32(sum, a, b);
}

INLINE float32x4_t add_square(float32x4_t a, float32x4_t b, float32x4_t sum) {
    float32x4_t difference = vsubq_f32(a, b);
    return vfmaq_f32(sum, difference, difference);
}

INLINE float one_product(float a, float b) { return a * b; }

INLINE float one_square(float a, float b) { return (a - b) * (a - b); }

#define DEFINE_DISTANCE(NAME, STEP, ONE)                                                          \
    static float NAME(const float *a, const float *b, size_t count) {                             \
        float32x4_t sum0 = vdupq_n_f32(0), sum1 = sum0, sum2 = sum0, sum3 = sum0;                 \
        size_t i = 0;                                                                             \
        for (; i + 16 <= count; i += 16) {                                                        \
            sum0 = STEP(vld1q_f32(a + i), vld1q_f32(b + i), sum0);                                \
            sum1 = STEP(vld1q_f32(a + i + 4), vld1q_f32(b + i + 4), sum1);                        \
            sum2 = STEP(vld1q_f32(a + i + 8), vld1q_f32(b + i + 8), sum2);                        \
            sum3 = STEP(vld1q_f32(a + i + 12), vld1q_f32(b + i + 12), sum3);                      \
        }                                                                                         \
        float sum = vaddvq_f32(vaddq_f32(vaddq_f32(sum0, sum1), vaddq_f32(sum2, sum3)));          \
        for (; i < count; i++) sum += ONE(a[i], b[i]);                                            \
        return sum;                                                                               \
    }                                                                                             \
                                                                                                  \
    static void NAME##_block(const float *query, const float *const rows[4],                      \
                             const float *const next[4], size_t dimension, float out[4]) {        \
        float32x4_t low[4], high[4];                                                              \
        for (int k = 0; k < 4; k++) low[k] = high[k] = vdupq_n_f32(0);                            \
        size_t i = 0;                                                                             \
        for (; i + 8 <= dimension; i += 8) {                                                      \
            float32x4_t q0 = vld1q_f32(query + i), q1 = vld1q_f32(query + i + 4);                 \
            for (int k = 0; k < 4; k++) {                                                         \
                if (i % 16 == 0) __builtin_prefetch(next[k] + i, 0, 3);                           \
                low[k] = STEP(q0, vld1q_f32(rows[k] + i), low[k]);                                \
                high[k] = STEP(q1, vld1q_f32(rows[k] + i + 4), high[k]);                          \
            }                                                                                     \
        }                                                                                         \
        for (int k = 0; k < 4; k++) {                                                             \
            float sum = vaddvq_f32(vaddq_f32(low[k], high[k]));                                   \
            for (size_t j = i; j < dimension; j++) sum += ONE(query[j], rows[k][j]);              \
            out[k] = sum;                                                                         \
        }                                                                                         \
    }                                                                                             \
                                                                                                  \
    RAGD_DEFINE_BATCHES(NAME, )

DEFINE_DISTANCE(dot, add_product, one_product)
DEFINE_DISTANCE(squared_distance, add_square, one_square)

const ragd_vector_kernels ragd_vector_kernels_neon = {
    .dot = dot,
    .squared_distance = squared_distance,
    .dot_rows = dot_rows,
    .squared_distance_rows = squared_distance_rows,
    .dot_gather = dot_gather,
    .squared_distance_gather = squared_distance_gather,
};
#endif
