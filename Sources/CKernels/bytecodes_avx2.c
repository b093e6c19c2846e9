/* Eight-bit codes with AVX2: bytes widened to 16 bits, multiplied and added in pairs. The shorter
 * way, maddubs, saturates: two products of 255 * 127 do not fit 16 bits. */
#include "bytecodes_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE AVX2 static inline __attribute__((always_inline))

INLINE __m256i add_products(__m256i sum, const uint8_t *row, __m256i query) {
    __m256i wide = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)row));
    return _mm256_add_epi32(sum, _mm256_madd_epi16(wide, query));
}

/* The sums of four registers' lanes. */
INLINE __m128i four_sums(__m256i a, __m256i b, __m256i c, __m256i d) {
    __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
    return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

INLINE void block(const int8_t *query, const uint8_t *const *rows, size_t byte_count,
                  int32_t *out) {
    const uint8_t *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
    __m256i sum0 = _mm256_setzero_si256(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
    for (size_t i = 0; i < byte_count; i += 16) {
        __m256i q = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(query + i)));
        sum0 = add_products(sum0, r0 + i, q);
        sum1 = add_products(sum1, r1 + i, q);
        sum2 = add_products(sum2, r2 + i, q);
        sum3 = add_products(sum3, r3 + i, q);
    }
    _mm_storeu_si128((__m128i *)out, four_sums(sum0, sum1, sum2, sum3));
}

RAGD_DEFINE_PRODUCT_GATHER(AVX2)

const ragd_bytecode_kernels ragd_bytecode_kernels_avx2 = {.product_gather = product_gather};
#endif
