/* Sign codes in portable C: encoding, and the reference for the maximum over codes. */
#include "codes_tables.h"

static void expand(const uint8_t *code, size_t code_bytes, uint8_t *out) {
    for (size_t i = 0; i < code_bytes; i++) ragd_expand_byte(code[i], out + 8 * i);
}

static void block(const int8_t *lanes, size_t lane_count, size_t group_count,
                  const uint8_t *expanded, int32_t *best) {
    for (size_t k = 0; k < RAGD_BLOCK_CODES; k++) {
        const uint8_t *bits = expanded + k * 4 * group_count;
        for (size_t t = 0; t < lane_count; t++) {
            int32_t sum = 0;
            for (size_t g = 0; g < group_count; g++) {
                const int8_t *query = lanes + (g * lane_count + t) * 4;
                for (size_t i = 0; i < 4; i++) sum += bits[4 * g + i] * query[i];
            }
            if (sum > best[t]) best[t] = sum;
        }
    }
}

RAGD_DEFINE_MAX_SUMS()

const ragd_code_kernels ragd_code_kernels_scalar = {.max_sums = max_sums};

const ragd_code_kernels *ragd_code_kernels_for(ragd_isa isa) {
    switch (isa) {
    case RAGD_ISA_SCALAR: return &ragd_code_kernels_scalar;
#if defined(__x86_64__)
    case RAGD_ISA_AVX2: return &ragd_code_kernels_avx2;
    case RAGD_ISA_AVX512:
    case RAGD_ISA_AVX512_BF16: return &ragd_code_kernels_avx512;
#elif defined(__aarch64__)
    case RAGD_ISA_NEON: return &ragd_code_kernels_neon;
#endif
    default: return NULL;
    }
}

void ragd_sign_encode(const float *rows, size_t row_count, size_t dimension, uint8_t *codes) {
    size_t code_bytes = (dimension + 7) / 8;
    for (size_t r = 0; r < row_count; r++) {
        const float *row = rows + r * dimension;
        for (size_t byte = 0; byte < code_bytes; byte++) {
            unsigned bits = 0;
            size_t end = dimension - 8 * byte < 8 ? dimension - 8 * byte : 8;
            for (size_t i = 0; i < end; i++) bits |= (unsigned)(row[8 * byte + i] >= 0) << i;
            codes[r * code_bytes + byte] = (uint8_t)bits;
        }
    }
}
