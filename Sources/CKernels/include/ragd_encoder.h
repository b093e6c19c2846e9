/* The passes of a transformer encoder: products with packed weights, and what is between them.
 *
 * Every function takes lengths in elements, works in place or on memory that the caller owns, keeps
 * no pointer and needs no alignment (64 bytes is fastest). Pointers of one call must not overlap
 * except where said. A count of zero is allowed and does nothing.
 *
 * Accuracy, on every instruction set (tested against libm in double precision):
 *     exp   relative error at most 3e-7 for -87.3 <= x <= 88.3; lower x count as -87.3 (1.2e-38,
 *           the smallest normal number), higher ones as 88.3; NaN stays NaN
 *     erf   absolute error at most 3e-7; NaN stays NaN
 */
#ifndef RAGD_ENCODER_H
#define RAGD_ENCODER_H

#include <stddef.h>

#include "ragd_cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Rows that a product takes in one step: with two registers a row they leave room for operands in
 * AVX2's sixteen, and their twelve sums hide the latency of an addition everywhere. */
#define RAGD_PRODUCT_ROWS 6
/* The width to which attention() pads its panels: a multiple of every set's two registers. */
#define RAGD_ATTENTION_COLUMNS 32

/* Floats of scratch that attention() needs for a sequence of `length` tokens: the transposed keys,
 * the values, the probabilities of one step, and room to start at a multiple of 64 bytes. */
static inline size_t ragd_attention_scratch_count(size_t length, size_t head_size) {
    size_t padded_length = (length + RAGD_ATTENTION_COLUMNS - 1) / RAGD_ATTENTION_COLUMNS
        * RAGD_ATTENTION_COLUMNS;
    size_t padded_head = (head_size + RAGD_ATTENTION_COLUMNS - 1) / RAGD_ATTENTION_COLUMNS
        * RAGD_ATTENTION_COLUMNS;
    return head_size * padded_length + length * padded_head + RAGD_PRODUCT_ROWS * padded_length
        + 16;
}

typedef struct {
    /* Columns of a panel of weights, see add_product. */
    size_t panel_columns;

    /* sums += rows * W, where `rows` is row_count x inner and `sums` row_count x columns.
     *
     * W, inner x columns, comes as panels of `panel_columns` columns, one after the other: the
     * panel's part of row 0, of row 1, and so on; the last panel is filled up with zeros. Packed once,
     * weights are read from start to end, however few rows there are. */
    void (*add_product)(
        const float *rows, size_t row_count, size_t inner, const float *panels, size_t columns,
        float *sums
    );

    /* values[i] = exp(values[i]), erf(values[i]). */
    void (*exp)(float *values, size_t count);
    void (*erf)(float *values, size_t count);

    /* rows = activation(rows + bias), row by row; `bias` holds `columns` elements. GELU is the exact
     * one, x/2 (1 + erf(x / sqrt 2)); GELU-tanh is its approximation by a hyperbolic tangent. */
    void (*bias_gelu)(float *rows, size_t row_count, size_t columns, const float *bias);
    void (*bias_gelu_tanh)(float *rows, size_t row_count, size_t columns, const float *bias);
    void (*bias_relu)(float *rows, size_t row_count, size_t columns, const float *bias);

    /* rows = LayerNorm(rows + bias) * scale + shift, over each row, with the biased variance. */
    void (*bias_layer_norm)(
        float *rows, size_t row_count, size_t columns, const float *bias, const float *scale,
        const float *shift, float epsilon
    );

    /* Multi-head attention of one sequence over itself, unmasked.
     *
     * Row t of `projections` (stride 3 * heads * head_size) holds the token's queries, keys and
     * values, each head after head; row t of `context` (stride heads * head_size) receives
     * softmax(q k' / sqrt(head_size)) v. `scratch` has ragd_attention_scratch_count() elements. */
    void (*attention)(
        const float *projections, size_t length, size_t heads, size_t head_size, float *context,
        float *scratch
    );

    /* into[i] += values[i]. */
    void (*add)(float *into, const float *values, size_t count);

    /* Scales each row to unit length; a row of zeros stays so. */
    void (*unit_rows)(float *rows, size_t row_count, size_t columns);
} ragd_encoder_kernels;

/* The table for `isa`, or NULL where that variant is not compiled in. The caller must see to it
 * that the CPU supports `isa`. */
const ragd_encoder_kernels *ragd_encoder_kernels_for(ragd_isa isa);

#ifdef __cplusplus
}
#endif
#endif
