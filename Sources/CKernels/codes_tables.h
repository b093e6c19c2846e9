/* The variants behind ragd_code_kernels_for, and the frame that they share. */
#ifndef RAGD_CODES_TABLES_H
#define RAGD_CODES_TABLES_H

#include <string.h>

#include "ragd_codes.h"

extern const ragd_code_kernels ragd_code_kernels_scalar;
extern const ragd_code_kernels ragd_code_kernels_avx2;
extern const ragd_code_kernels ragd_code_kernels_avx512;
extern const ragd_code_kernels ragd_code_kernels_neon;

/* Codes per block: each load of the query serves four passage tokens. */
#define RAGD_BLOCK_CODES 4

/* Eight bits to eight bytes of 0 or 1, the least significant bit first in memory (little-endian).
 * The product copies the byte to all eight places, the mask leaves bit k in byte k, and adding 0x7F
 * carries any set bit into the byte's top bit and never out of it. */
static inline void ragd_expand_byte(uint8_t bits, uint8_t out[8]) {
    uint64_t spread = (bits * UINT64_C(0x0101010101010101)) & UINT64_C(0x8040201008040201);
    spread = (spread + UINT64_C(0x7F7F7F7F7F7F7F7F)) >> 7 & UINT64_C(0x0101010101010101);
    memcpy(out, &spread, sizeof spread);
}

/* Defines `max_sums` over two functions of the including file:
 *     void expand(const uint8_t *code, size_t code_bytes, uint8_t *out);       bits to 0/1 bytes
 *     void block(const int8_t *lanes, size_t lane_count, size_t group_count,
 *                const uint8_t *expanded, int32_t *best);
 * where `expanded` holds RAGD_BLOCK_CODES rows of group_count * 4 bytes. The last block repeats its
 * last code: a maximum does not mind. */
#define RAGD_DEFINE_MAX_SUMS(TARGET)                                                              \
    TARGET static void max_sums(const int8_t *lanes, size_t lane_count, const uint8_t *codes,     \
                                size_t code_count, size_t code_bytes, uint8_t *scratch,           \
                                int32_t *best) {                                                  \
        for (size_t t = 0; t < lane_count; t++) best[t] = INT32_MIN;                              \
        size_t dimension = 8 * code_bytes;                                                        \
        for (size_t first = 0; first < code_count; first += RAGD_BLOCK_CODES) {                   \
            for (size_t k = 0; k < RAGD_BLOCK_CODES; k++) {                                       \
                size_t c = first + k < code_count ? first + k : code_count - 1;                   \
                expand(codes + c * code_bytes, code_bytes, scratch + k * dimension);              \
            }                                                                                     \
            block(lanes, lane_count, dimension / 4, scratch, best);                               \
        }                                                                                         \
    }

#endif
