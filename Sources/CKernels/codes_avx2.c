/* Sign codes with AVX2: eight query tokens at a time. The products of 0/1 bytes with int8 pair up
 * to at most 254 in 16 bits, so nothing saturates. */
#include "codes_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

static void expand(const uint8_t *code, size_t code_bytes, uint8_t *out) {
    for (size_t i = 0; i < code_bytes; i++) ragd_expand_byte(code[i], out + 8 * i);
}

AVX2 static inline __m256i add_four(__m256i sum, const uint8_t *expanded, __m256i query) {
    int32_t bits;
    memcpy(&bits, expanded, sizeof bits);
    __m256i pairs = _mm256_maddubs_epi16(_mm256_set1_epi32(bits), query);
    return _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

AVX2 static void block(const int8_t *lanes, size_t lane_count, size_t group_count,
                       const uint8_t *expanded, int32_t *best) {
    const uint8_t *code0 = expanded, *code1 = code0 + 4 * group_count;
    const uint8_t *code2 = code1 + 4 * group_count, *code3 = code2 + 4 * group_count;
    for (size_t t = 0; t < lane_count; t += 8) {
        __m256i sum0 = _mm256_setzero_si256(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (size_t g = 0; g < group_count; g++) {
            __m256i query =
                _mm256_loadu_si256((const __m256i *)(lanes + (g * lane_count + t) * 4));
            sum0 = add_four(sum0, code0 + 4 * g, query);
            sum1 = add_four(sum1, code1 + 4 * g, query);
            sum2 = add_four(sum2, code2 + 4 * g, query);
            sum3 = add_four(sum3, code3 + 4 * g, query);
        }
        sum0 = _mm256_max_epi32(_mm256_max_epi32(sum0, sum1), _mm256_max_epi32(sum2, sum3));
        __m256i *place = (__m256i *)(best + t);
        _mm256_storeu_si256(place, _mm256_max_epi32(_mm256_loadu_si256(place), sum0));
    }
}

RAGD_DEFINE_MAX_SUMS(AVX2)

const ragd_code_kernels ragd_code_kernels_avx2 = {.max_sums = max_sums};
#endif
