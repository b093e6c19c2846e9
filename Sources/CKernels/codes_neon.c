/* Sign codes with AArch64 Advanced SIMD: four query tokens at a time, by widening multiply of 0/1
 * bytes and pairwise addition. The dot-product extension is not assumed. */
#include "codes_tables.h"

#if defined(__aarch64__)
#include <arm_neon.h>

static void expand(const uint8_t *code, size_t code_bytes, uint8_t *out) {
    for (size_t i = 0; i < code_bytes; i++) ragd_expand_byte(code[i], out + 8 * i);
}

static inline int32x4_t add_four(int32x4_t sum, const uint8_t *expanded, int8x16_t query) {
    int32_t bits;
    memcpy(&bits, expanded, sizeof bits);
    int8x16_t products = vmulq_s8(vreinterpretq_s8_s32(vdupq_n_s32(bits)), query);
    return vpadalq_s16(sum, vpaddlq_s8(products));
}

static void block(const int8_t *lanes, size_t lane_count, size_t group_count,
                  const uint8_t *expanded, int32_t *best) {
    for (size_t t = 0; t < lane_count; t += 4) {
        int32x4_t sums[RAGD_BLOCK_CODES];
        for (size_t k = 0; k < RAGD_BLOCK_CODES; k++) sums[k] = vdupq_n_s32(0);
        for (size_t g = 0; g < group_count; g++) {
            int8x16_t query = vld1q_s8(lanes + (g * lane_count + t) * 4);
            for (size_t k = 0; k < RAGD_BLOCK_CODES; k++) {
                sums[k] = add_four(sums[k], expanded + (k * group_count + g) * 4, query);
            }
        }
        int32x4_t most = vld1q_s32(best + t);
        for (size_t k = 0; k < RAGD_BLOCK_CODES; k++) most = vmaxq_s32(most, sums[k]);
        vst1q_s32(best + t, most);
    }
}

RAGD_DEFINE_MAX_SUMS()

const ragd_code_kernels ragd_code_kernels_neon = {.max_sums = max_sums};
#endif
