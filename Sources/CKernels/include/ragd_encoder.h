/* The passes of a transformer encoder: products with packed weights, and what is between them.
 *
 * Every operand of a product is rows of 32-bit *words*. A word holds one f32 element, two bf16
 * elements or four 8-bit ones, the first in the lowest bits; a product multiplies two words and adds
 * up what is in them. So one layout of weights, one tile and one attention serve all precisions, and
 * a product costs in proportion to words: half with bf16 and a quarter with int8, where the CPU has
 * an instruction for it (AVX512_BF16, AVX512_VNNI). Elsewhere words are taken apart, which costs what
 * f32 costs and still halves or quarters the memory.
 *
 * Every function takes lengths in elements unless it says words, works on memory that the caller
 * owns, keeps no pointer and needs no alignment (64 bytes is fastest). Pointers of one call must not
 * overlap except where said. A count of zero is allowed and does nothing.
 *
 * Accuracy, on every instruction set (tested against libm in double precision):
 *     exp   relative error at most 3e-7 for -87.3 <= x <= 88.3; lower x count as -87.3 (1.2e-38,
 *           the smallest normal number), higher ones as 88.3; NaN stays NaN
 *     erf   absolute error at most 3e-7; NaN stays NaN
 */
#ifndef RAGD_ENCODER_H
#define RAGD_ENCODER_H

#include <stddef.h>
#include <stdint.h>

#include "ragd_cpu.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a word of an operand holds. Sums are always f32 or exact 32-bit integers. */
typedef enum {
    RAGD_F32 = 0,  /* one element */
    RAGD_BF16 = 1, /* two elements, rounded to nearest even; NaN stays NaN */
    RAGD_INT8 = 2, /* four: weights signed with a scale a column; rows unsigned with a range a row */
} ragd_precision;

/* Elements of a word. */
static inline size_t ragd_word_elements(ragd_precision precision) {
    return (size_t)1 << precision;
}

/* Words of a row of `columns` elements; what is past the last element is zero. */
static inline size_t ragd_word_count(ragd_precision precision, size_t columns) {
    return (columns + ragd_word_elements(precision) - 1) >> precision;
}

/* The most columns of a panel of any instruction set, and a multiple of every one's: arrays with an
 * element a column are padded to it. */
#define RAGD_PANEL_COLUMNS_MAX 32
/* The most rows that a product takes in one step on any instruction set. */
#define RAGD_PRODUCT_ROWS_MAX 12

/* A matrix of weights W, inner x columns.
 *
 * It comes as panels of `panel_columns` columns (of the kernels' table), one after the other: the
 * panel's part of word row 0, of word row 1, and so on, a word holding consecutive elements of one
 * column; the last panel is filled up with zeros. Packed once, weights are read from start to end,
 * however few rows there are. */
typedef struct {
    const uint32_t *panels;
    size_t depth;        /* word rows: ragd_word_count(precision, inner) */
    size_t columns;
    /* Elements a column, padded with zeros to a multiple of RAGD_PANEL_COLUMNS_MAX. */
    const float *bias;
    const float *scales; /* int8: what one step of a column's weights is worth; else not read */
    const float *sums;   /* int8: the sum of a column of W, as rounded; else not read */
} ragd_weights;

/* What a product does with its sums; rows * W + bias in either case. */
typedef enum {
    RAGD_SET_F32 = 0,   /* out = sums, `float` */
    RAGD_ADD_F32 = 1,   /* out += sums, `float`: a residual connection */
    RAGD_SET_WORDS = 2, /* out = sums in the attention's precision, `uint32_t` words */
} ragd_product_output;

/* An activation function, see ragd_encoder_kernels.activate. */
typedef enum {
    RAGD_GELU = 0,      /* x/2 (1 + erf(x / sqrt 2)) */
    RAGD_GELU_TANH = 1, /* its approximation by a hyperbolic tangent */
    RAGD_RELU = 2,
} ragd_activation;

/* Words of scratch that attention() needs for a sequence of `length` tokens, whatever the table: the
 * transposed keys, the values, the scores of one step, and room to start at a multiple of 64 bytes. */
static inline size_t ragd_attention_scratch_count(size_t length, size_t head_size) {
    const size_t most = RAGD_PANEL_COLUMNS_MAX;
    size_t padded_length = (length + most - 1) / most * most;
    size_t padded_head = (head_size + most - 1) / most * most;
    return 2 * padded_length * padded_head + RAGD_PRODUCT_ROWS_MAX * padded_length + 16;
}

typedef struct {
    ragd_precision precision;           /* of the words of rows and weights */
    ragd_precision attention_precision; /* of queries, keys and values: f32 or bf16 */
    int is_native;                      /* whether the CPU multiplies these words by an instruction */
    size_t panel_columns;

    /* Rows times weights. `rows` is row_count x depth words; `ranges`, for int8, holds two floats a
     * row, see encode. `out_stride` counts elements of `out` (floats or words) from row to row. With
     * RAGD_SET_WORDS the columns must fill whole words, and a sum is not split: one pass over the
     * depth. */
    void (*product)(
        const uint32_t *rows, const float *ranges, size_t row_count, const ragd_weights *weights,
        ragd_product_output output, void *out, size_t out_stride
    );

    /* Turns `from`, row_count x columns, into words for a product.
     *
     * int8: a row's range [low, high] becomes the 256 steps 0 ... 255; ranges[2 r] receives the size
     * of a step and ranges[2 r + 1] the low end. A row that is not finite has a step of NaN, so that
     * what is computed from it is not finite either. The other precisions do not touch `ranges`. */
    void (*encode)(
        const float *from, size_t row_count, size_t columns, uint32_t *words, float *ranges
    );

    /* rows = LayerNorm(rows) * scale + shift, over each row, with the biased variance; then encode. */
    void (*layer_norm)(
        float *rows, size_t row_count, size_t columns, const float *scale, const float *shift,
        float epsilon, uint32_t *words, float *ranges
    );

    /* rows = activation(rows), then encode. */
    void (*activate)(
        float *rows, size_t row_count, size_t columns, ragd_activation activation,
        uint32_t *words, float *ranges
    );

    /* Multi-head attention of some tokens of one sequence to all of it, unmasked.
     *
     * Row t of `projections` holds the token's queries, keys and values, each head after head, in
     * words of attention_precision, of which head_size must fill whole ones. Row i of `context`
     * (heads * head_size floats) receives softmax(q k' / sqrt(head_size)) v of token first + i, for
     * the `count` tokens from `first` on. `scratch` has ragd_attention_scratch_count() words. */
    void (*attention)(
        const uint32_t *projections, size_t length, size_t first, size_t count, size_t heads,
        size_t head_size, float *context, uint32_t *scratch
    );
} ragd_encoder_kernels;

/* The table for `isa` and `precision`, or NULL where that variant is not compiled in. The caller
 * must see to it that the CPU supports `isa`. */
const ragd_encoder_kernels *ragd_encoder_kernels_for(ragd_isa isa, ragd_precision precision);

/* Passes over f32 in place, the same for every precision. */
typedef struct {
    /* values[i] = exp(values[i]), erf(values[i]). */
    void (*exp)(float *values, size_t count);
    void (*erf)(float *values, size_t count);

    /* into[i] += values[i]. */
    void (*add)(float *into, const float *values, size_t count);

    /* Scales each row to unit length; a row of zeros stays so. */
    void (*unit_rows)(float *rows, size_t row_count, size_t columns);
} ragd_row_kernels;

/* The table for `isa`, or NULL where that variant is not compiled in. */
const ragd_row_kernels *ragd_row_kernels_for(ragd_isa isa);

#ifdef __cplusplus
}
#endif
#endif
