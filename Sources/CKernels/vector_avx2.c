/* f32 distances with AVX2 and FMA: 8 lanes. Tails go through a masked load, so lanes past the end
 * are zero in both operands and add nothing, whatever lies behind them in memory. */
#include "vector_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>
#include <stdint.h>

#define AVX2 __attribute__((target("avx2,fma")))
#define INLINE AVX2 static inline __attribute__((always_inline))

/* Lane masks for the last `rest` elements, 0 < rest < 8: 8 - rest into this window. */
static const int32_t mask_window[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};

INLINE __m256i tail_mask(size_t rest) {
    return _mm256_loadu_si256((const __m256i *)(mask_window + 8 - rest));
}

INLINE float sum_of(__m256 v) {
    __m128 half = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
    half = _mm_add_ps(half, _mm_movehl_ps(half, half));
    return _mm_cvtss_f32(_mm_add_ss(half, _mm_movehdup_ps(half)));
}

INLINE __m256 add_product(__m256 a, __m256 b, __m256 sum) { return _mm256_fmadd_ps(a, b, sum); }

INLINE __m256 add_square(__m256 a, __m256 b, __m256 sum) {
    __m256 difference = _mm256_sub_ps(a, b);
    return _mm256_fmadd_ps(difference, difference, sum);
}

#define DEFINE_DISTANCE(NAME, STEP)                                                               \
    AVX2 static float NAME(const float *a, const float *b, size_t count) {                        \
        __m256 sum0 = _mm256_setzero_ps(), sum1 = sum0, sum2 = sum0, sum3 = sum0;                 \
        size_t i = 0;                                                                             \
        for (; i + 32 <= count; i += 32) {                                                        \
            sum0 = STEP(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sum0);                    \
            sum1 = STEP(_mm256_loadu_ps(a + i + 8), _mm256_loadu_ps(b + i + 8), sum1);            \
            sum2 = STEP(_mm256_loadu_ps(a + i + 16), _mm256_loadu_ps(b + i + 16), sum2);          \
            sum3 = STEP(_mm256_loadu_ps(a + i + 24), _mm256_loadu_ps(b + i + 24), sum3);          \
        }                                                                                         \
        for (; i + 8 <= count; i += 8) {                                                          \
            sum0 = STEP(_mm256_loadu_ps(a + i), _mm256_loadu_ps(b + i), sum0);                    \
        }                                                                                         \
        if (i < count) {                                                                          \
            __m256i mask = tail_mask(count - i);                                                  \
            sum1 = STEP(_mm256_maskload_ps(a + i, mask), _mm256_maskload_ps(b + i, mask), sum1);  \
        }                                                                                         \
        return sum_of(_mm256_add_ps(_mm256_add_ps(sum0, sum1), _mm256_add_ps(sum2, sum3)));       \
    }                                                                                             \
                                                                                                  \
    AVX2 static void NAME##_block(const float *query, const float *const rows[4],                 \
                                  const float *const next[4], size_t dimension, float out[4]) {   \
        const float *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];                   \
        __m256 sum0 = _mm256_setzero_ps(), sum1 = sum0, sum2 = sum0, sum3 = sum0;                 \
        __m256 odd0 = sum0, odd1 = sum0, odd2 = sum0, odd3 = sum0;                                \
        size_t i = 0;                                                                             \
        for (; i + 16 <= dimension; i += 16) {                                                    \
            for (int k = 0; k < 4; k++) _mm_prefetch((const char *)(next[k] + i), _MM_HINT_T0);   \
            __m256 low = _mm256_loadu_ps(query + i), high = _mm256_loadu_ps(query + i + 8);       \
            sum0 = STEP(low, _mm256_loadu_ps(r0 + i), sum0);                                      \
            sum1 = STEP(low, _mm256_loadu_ps(r1 + i), sum1);                                      \
            sum2 = STEP(low, _mm256_loadu_ps(r2 + i), sum2);                                      \
            sum3 = STEP(low, _mm256_loadu_ps(r3 + i), sum3);                                      \
            odd0 = STEP(high, _mm256_loadu_ps(r0 + i + 8), odd0);                                 \
            odd1 = STEP(high, _mm256_loadu_ps(r1 + i + 8), odd1);                                 \
            odd2 = STEP(high, _mm256_loadu_ps(r2 + i + 8), odd2);                                 \
            odd3 = STEP(high, _mm256_loadu_ps(r3 + i + 8), odd3);                                 \
        }                                                                                         \
        while (i < dimension) {                                                                   \
            size_t rest = dimension - i;                                                          \
            __m256i mask = tail_mask(rest < 8 ? rest : 8);                                        \
            __m256 q = _mm256_maskload_ps(query + i, mask);                                       \
            sum0 = STEP(q, _mm256_maskload_ps(r0 + i, mask), sum0);                               \
            sum1 = STEP(q, _mm256_maskload_ps(r1 + i, mask), sum1);                               \
            sum2 = STEP(q, _mm256_maskload_ps(r2 + i, mask), sum2);                               \
            sum3 = STEP(q, _mm256_maskload_ps(r3 + i, mask), sum3);                               \
            i += rest < 8 ? rest : 8;                                                             \
        }                                                                                         \
        out[0] = sum_of(_mm256_add_ps(sum0, odd0));                                               \
        out[1] = sum_of(_mm256_add_ps(sum1, odd1));                                               \
        out[2] = sum_of(_mm256_add_ps(sum2, odd2));                                               \
        out[3] = sum_of(_mm256_add_ps(sum3, odd3));                                               \
    }                                                                                             \
                                                                                                  \
    RAGD_DEFINE_BATCHES(NAME, AVX2)

DEFINE_DISTANCE(dot, add_product)
DEFINE_DISTANCE(squared_distance, add_square)

const ragd_vector_kernels ragd_vector_kernels_avx2 = {
    .dot = dot,
    .squared_distance = squared_distance,
    .dot_rows = dot_rows,
    .squared_distance_rows = squared_distance_rows,
    .dot_gather = dot_gather,
    .squared_distance_gather = squared_distance_gather,
};
#endif
