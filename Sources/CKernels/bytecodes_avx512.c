/* Eight-bit codes with AVX-512 VNNI: one instruction multiplies 64 pairs of bytes and adds them by
 * fours, without saturating. */
#include "bytecodes_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))
#define INLINE AVX512 static inline __attribute__((always_inline))

/* The sums of four registers' lanes, by additions that they share. */
INLINE __m128i four_sums(__m512i a, __m512i b, __m512i c, __m512i d) {
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i half =
        _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

INLINE void block(const int8_t *query, const uint8_t *const *rows, size_t byte_count,
                  int32_t *out) {
    const uint8_t *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
    __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (size_t i = 0; i < byte_count; i += 64) {
        __m512i q = _mm512_loadu_si512(query + i);
        sum0 = _mm512_dpbusd_epi32(sum0, _mm512_loadu_si512(r0 + i), q);
        sum1 = _mm512_dpbusd_epi32(sum1, _mm512_loadu_si512(r1 + i), q);
        sum2 = _mm512_dpbusd_epi32(sum2, _mm512_loadu_si512(r2 + i), q);
        sum3 = _mm512_dpbusd_epi32(sum3, _mm512_loadu_si512(r3 + i), q);
    }
    _mm_storeu_si128((__m128i *)out, four_sums(sum0, sum1, sum2, sum3));
}

RAGD_DEFINE_PRODUCT_GATHER(AVX512)

const ragd_bytecode_kernels ragd_bytecode_kernels_avx512 = {.product_gather = product_gather};
#endif
