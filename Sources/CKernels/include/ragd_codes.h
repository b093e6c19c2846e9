/* Late interaction against sign codes: int8 query tokens, 1 bit per dimension for passage tokens.
 *
 * A code is (dimension + 7) / 8 bytes, least significant bit first; a bit is set when the component
 * is >= 0. With s = +1 for a set bit and -1 for a clear one,
 *     q . s = 2 * (sum of q[i] over set bits) - (sum of q[i]),
 * so the best passage token for a query token is the one with the greatest sum over set bits. The
 * kernels compute that maximum in exact integers: all variants agree to the bit.
 *
 * Query layout ("lanes"): tokens are padded to `lane_count`, a multiple of RAGD_CODE_LANES, and the
 * dimension to a multiple of 8, both with zeros. Four consecutive dimensions of one token are four
 * consecutive bytes; then come the same four dimensions of the next token:
 *     lanes[(i / 4 * lane_count + t) * 4 + i % 4] = component i of token t.
 * Padding makes stray bits past the dimension harmless: they meet a zero.
 */
#ifndef RAGD_CODES_H
#define RAGD_CODES_H

#include <stddef.h>
#include <stdint.h>

#include "ragd_cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

#define RAGD_CODE_LANES 16

typedef struct ragd_code_kernels {
    /* best[t] = max over the code_count codes of the sum of token t's components over set bits.
     * `codes` holds code_count * code_bytes bytes, `lanes` code_bytes * 8 * lane_count, `best`
     * lane_count. `scratch` is 4 * 8 * code_bytes bytes for the expanded codes. With code_count 0
     * every best is INT32_MIN. Components lie in -127...127 and code_bytes at most 2^20, which
     * keeps every sum inside 32 bits. */
    void (*max_sums)(const int8_t *lanes, size_t lane_count, const uint8_t *codes,
                     size_t code_count, size_t code_bytes, uint8_t *scratch, int32_t *best);
} ragd_code_kernels;

/* The table for `isa`, or NULL where this build has none. The caller checks ragd_isa_supported. */
const ragd_code_kernels *_Nullable ragd_code_kernels_for(ragd_isa isa);

/* Sign codes of row_count rows of `dimension` floats back to back. -0 counts as >= 0, NaN as < 0.
 * Bits past the dimension are 0. `codes` holds row_count * ((dimension + 7) / 8) bytes. */
void ragd_sign_encode(const float *rows, size_t row_count, size_t dimension, uint8_t *codes);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
