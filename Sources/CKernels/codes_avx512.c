/* Sign codes with AVX-512 VNNI: one instruction multiplies four dimensions of sixteen query tokens
 * by the same four bits of a passage token. */
#include "codes_tables.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni")))

AVX512 static void expand(const uint8_t *code, size_t code_bytes, uint8_t *out) {
    const __m512i one = _mm512_set1_epi8(1);
    size_t i = 0;
    for (; i + 8 <= code_bytes; i += 8) {
        uint64_t bits;
        memcpy(&bits, code + i, sizeof bits);
        _mm512_storeu_si512(out + 8 * i, _mm512_maskz_mov_epi8((__mmask64)bits, one));
    }
    for (; i < code_bytes; i++) ragd_expand_byte(code[i], out + 8 * i);
}

AVX512 static inline __m512i four_bits(const uint8_t *expanded) {
    int32_t bits;
    memcpy(&bits, expanded, sizeof bits);
    return _mm512_set1_epi32(bits);
}

AVX512 static void block(const int8_t *lanes, size_t lane_count, size_t group_count,
                         const uint8_t *expanded, int32_t *best) {
    const uint8_t *code0 = expanded, *code1 = code0 + 4 * group_count;
    const uint8_t *code2 = code1 + 4 * group_count, *code3 = code2 + 4 * group_count;
    for (size_t t = 0; t < lane_count; t += 16) {
        __m512i sum0 = _mm512_setzero_si512(), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (size_t g = 0; g < group_count; g++) {
            __m512i query = _mm512_loadu_si512(lanes + (g * lane_count + t) * 4);
            sum0 = _mm512_dpbusd_epi32(sum0, four_bits(code0 + 4 * g), query);
            sum1 = _mm512_dpbusd_epi32(sum1, four_bits(code1 + 4 * g), query);
            sum2 = _mm512_dpbusd_epi32(sum2, four_bits(code2 + 4 * g), query);
            sum3 = _mm512_dpbusd_epi32(sum3, four_bits(code3 + 4 * g), query);
        }
        sum0 = _mm512_max_epi32(_mm512_max_epi32(sum0, sum1), _mm512_max_epi32(sum2, sum3));
        _mm512_storeu_si512(best + t, _mm512_max_epi32(_mm512_loadu_si512(best + t), sum0));
    }
}

RAGD_DEFINE_MAX_SUMS(AVX512)

const ragd_code_kernels ragd_code_kernels_avx512 = {.max_sums = max_sums};
#endif
