/* f32 distances with AVX-512: 16 lanes, tails through a zeroing mask. */
#include "vector_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl")))
#define INLINE AVX512 static inline __attribute__((always_inline))

INLINE __m512 add_product(__m512 a, __m512 b, __m512 sum) { return _mm512_fmadd_ps(a, b, sum); }

INLINE __m512 add_square(__m512 a, __m512 b, __m512 sum) {
    __m512 difference = _mm512_sub_ps(a, b);
    return _mm512_fmadd_ps(difference, difference, sum);
}

#define DEFINE_DISTANCE(NAME, STEP)                                                               \
    AVX512 static float NAME(const float *a, const float *b, size_t count) {                      \
        __m512 sum0 = _mm512_setzero_ps(), sum1 = sum0, sum2 = sum0, sum3 = sum0;                 \
        size_t i = 0;                                                                             \
        for (; i + 64 <= count; i += 64) {                                                        \
            sum0 = STEP(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sum0);                    \
            sum1 = STEP(_mm512_loadu_ps(a + i + 16), _mm512_loadu_ps(b + i + 16), sum1);          \
            sum2 = STEP(_mm512_loadu_ps(a + i + 32), _mm512_loadu_ps(b + i + 32), sum2);          \
            sum3 = STEP(_mm512_loadu_ps(a + i + 48), _mm512_loadu_ps(b + i + 48), sum3);          \
        }                                                                                         \
        for (; i + 16 <= count; i += 16) {                                                        \
            sum0 = STEP(_mm512_loadu_ps(a + i), _mm512_loadu_ps(b + i), sum0);                    \
        }                                                                                         \
        if (i < count) {                                                                          \
            __mmask16 mask = (__mmask16)((1u << (count - i)) - 1);                                \
            sum1 = STEP(_mm512_maskz_loadu_ps(mask, a + i), _mm512_maskz_loadu_ps(mask, b + i),   \
                        sum1);                                                                    \
        }                                                                                         \
        sum0 = _mm512_add_ps(_mm512_add_ps(sum0, sum1), _mm512_add_ps(sum2, sum3));               \
        return _mm512_reduce_add_ps(sum0);                                                        \
    }                                                                                             \
                                                                                                  \
    AVX512 static void NAME##_block(const float *query, const float *const rows[4],               \
                                    const float *const next[4], size_t dimension, float out[4]) { \
        const float *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];                   \
        const float *n0 = next[0], *n1 = next[1], *n2 = next[2], *n3 = next[3];                   \
        __m512 sum0 = _mm512_setzero_ps(), sum1 = sum0, sum2 = sum0, sum3 = sum0;                 \
        size_t i = 0;                                                                             \
        for (; i + 16 <= dimension; i += 16) {                                                    \
            _mm_prefetch((const char *)(n0 + i), _MM_HINT_T0);                                    \
            _mm_prefetch((const char *)(n1 + i), _MM_HINT_T0);                                    \
            _mm_prefetch((const char *)(n2 + i), _MM_HINT_T0);                                    \
            _mm_prefetch((const char *)(n3 + i), _MM_HINT_T0);                                    \
            __m512 q = _mm512_loadu_ps(query + i);                                                \
            sum0 = STEP(q, _mm512_loadu_ps(r0 + i), sum0);                                        \
            sum1 = STEP(q, _mm512_loadu_ps(r1 + i), sum1);                                        \
            sum2 = STEP(q, _mm512_loadu_ps(r2 + i), sum2);                                        \
            sum3 = STEP(q, _mm512_loadu_ps(r3 + i), sum3);                                        \
        }                                                                                         \
        if (i < dimension) {                                                                      \
            __mmask16 mask = (__mmask16)((1u << (dimension - i)) - 1);                            \
            __m512 q = _mm512_maskz_loadu_ps(mask, query + i);                                    \
            sum0 = STEP(q, _mm512_maskz_loadu_ps(mask, r0 + i), sum0);                            \
            sum1 = STEP(q, _mm512_maskz_loadu_ps(mask, r1 + i), sum1);                            \
            sum2 = STEP(q, _mm512_maskz_loadu_ps(mask, r2 + i), sum2);                            \
            sum3 = STEP(q, _mm512_maskz_loadu_ps(mask, r3 + i), sum3);                            \
        }                                                                                         \
        out[0] = _mm512_reduce_add_ps(sum0);                                                      \
        out[1] = _mm512_reduce_add_ps(sum1);                                                      \
        out[2] = _mm512_reduce_add_ps(sum2);                                                      \
        out[3] = _mm512_reduce_add_ps(sum3);                                                      \
    }                                                                                             \
                                                                                                  \
    RAGD_DEFINE_BATCHES(NAME, AVX512)

DEFINE_DISTANCE(dot, add_product)
DEFINE_DISTANCE(squared_distance, add_square)

const ragd_vector_kernels ragd_vector_kernels_avx512 = {
    .dot = dot,
    .squared_distance = squared_distance,
    .dot_rows = dot_rows,
    .squared_distance_rows = squared_distance_rows,
    .dot_gather = dot_gather,
    .squared_distance_gather = squared_distance_gather,
};
#endif
