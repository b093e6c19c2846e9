/* Eight-bit codes in portable C: the definition, and the path that RAGD_CPU=scalar takes. */
#include "bytecodes_tables.h"

#include <math.h>
#include <string.h>

static void product_gather(const int8_t *query, const uint8_t *const *rows, size_t row_count,
                           size_t byte_count, int32_t *out) {
    for (size_t r = 0; r < row_count; r++) {
        int32_t sum = 0;
        for (size_t i = 0; i < byte_count; i++) sum += (int32_t)rows[r][i] * query[i];
        out[r] = sum;
    }
}

const ragd_bytecode_kernels ragd_bytecode_kernels_scalar = {.product_gather = product_gather};

const ragd_bytecode_kernels *ragd_bytecode_kernels_for(ragd_isa isa) {
    switch (isa) {
    case RAGD_ISA_SCALAR: return &ragd_bytecode_kernels_scalar;
#if defined(__x86_64__)
    case RAGD_ISA_AVX2: return &ragd_bytecode_kernels_avx2;
    case RAGD_ISA_AVX512:
    case RAGD_ISA_AVX512_BF16: return &ragd_bytecode_kernels_avx512;
#elif defined(__aarch64__)
    case RAGD_ISA_NEON: return &ragd_bytecode_kernels_neon;
#endif
    default: return NULL;
    }
}

/* A fused multiplication and addition would round once instead of twice, and codes would depend on
 * whether the CPU has one. */
#pragma STDC FP_CONTRACT OFF

float ragd_bytecode_encode(const float *vector, size_t dimension, uint8_t *code) {
    float largest = 0;
    for (size_t i = 0; i < dimension; i++) {
        float magnitude = fabsf(vector[i]);
        largest = magnitude > largest ? magnitude : largest;
    }
    size_t byte_count = ragd_bytecode_bytes(dimension);
    float steps = 127 / largest;
    if (!(steps <= 3.4e38f)) {
        memset(code, 128, byte_count);
        return 0;
    }
    for (size_t i = 0; i < dimension; i++) {
        /* In [-127, 127]; a number near 1.5 * 2^23 has no bits for fractions, so that adding it rounds,
         * and what was added ends in zeros: the sum's last byte is the rounded number's. Unlike a call
         * of rintf this is one instruction for each of several elements on every CPU. */
        float shifted = vector[i] * steps + 12582912.0f;
        uint32_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        code[i] = (uint8_t)(bits + 128);
    }
    memset(code + dimension, 128, byte_count - dimension);
    return largest / 127;
}

int32_t ragd_bytecode_as_query(const uint8_t *code, size_t byte_count, int8_t *query) {
    int32_t sum = 0;
    for (size_t i = 0; i < byte_count; i++) {
        query[i] = (int8_t)(code[i] ^ 128);
        sum += query[i];
    }
    return sum;
}
