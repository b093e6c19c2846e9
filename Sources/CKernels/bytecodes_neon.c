/* Eight-bit codes with AArch64 Advanced SIMD: bytes widened to 16 bits, multiplied into 32. The
 * dot-product extension is not assumed. */
#include "bytecodes_tables.h"

#if defined(__aarch64__)
#include <arm_neon.h>

static inline int32x4_t add_products(int32x4_t sum, uint8x16_t row, int16x8_t low, int16x8_t high) {
    int16x8_t first = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(row)));
    int16x8_t second = vreinterpretq_s16_u16(vmovl_high_u8(row));
    sum = vmlal_s16(sum, vget_low_s16(first), vget_low_s16(low));
    sum = vmlal_high_s16(sum, first, low);
    sum = vmlal_s16(sum, vget_low_s16(second), vget_low_s16(high));
    return vmlal_high_s16(sum, second, high);
}

static inline void block(const int8_t *query, const uint8_t *const *rows, size_t byte_count,
                         int32_t *out) {
    int32x4_t sums[RAGD_BLOCK_ROWS];
    for (int k = 0; k < RAGD_BLOCK_ROWS; k++) sums[k] = vdupq_n_s32(0);
    for (size_t i = 0; i < byte_count; i += 16) {
        int8x16_t q = vld1q_s8(query + i);
        int16x8_t low = vmovl_s8(vget_low_s8(q)), high = vmovl_high_s8(q);
        for (int k = 0; k < RAGD_BLOCK_ROWS; k++) {
            sums[k] = add_products(sums[k], vld1q_u8(rows[k] + i), low, high);
        }
    }
    for (int k = 0; k < RAGD_BLOCK_ROWS; k++) out[k] = vaddvq_s32(sums[k]);
}

RAGD_DEFINE_PRODUCT_GATHER()

const ragd_bytecode_kernels ragd_bytecode_kernels_neon = {.product_gather = product_gather};
#endif
