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
    /* Four, with a scale or a range for every RAGD_BLOCK_ELEMENTS elements of a column or row: an
     * element that is far larger than the others costs those of its block precision, and no other. */
    RAGD_INT8_BLOCKS = 3,
} ragd_precision;

/* Elements of a block, a multiple of what a word holds. */
#define RAGD_BLOCK_ELEMENTS 64

/* Elements of a word. */
static inline size_t ragd_word_elements(ragd_precision precision) {
    return precision == RAGD_F32 ? 1 : precision == RAGD_BF16 ? 2 : 4;
}

/* Words of a row of `columns` elements; what is past the last element is zero. */
static inline size_t ragd_word_count(ragd_precision precision, size_t columns) {
    const size_t elements = ragd_word_elements(precision);
    return (columns + elements - 1) / elements;
}

/* Ranges of a row of `columns` elements, and scales of a column of as many. */
static inline size_t ragd_range_count(ragd_precision precision, size_t columns) {
    return precision == RAGD_INT8_BLOCKS
        ? (columns + RAGD_BLOCK_ELEMENTS - 1) / RAGD_BLOCK_ELEMENTS
        : 1;
}

/* The most columns of a panel of any instruction set, and a multiple of every one's: arrays with an
 * element a column are padded to it. */
#define RAGD_PANEL_COLUMNS_MAX 32
/* `columns` as arrays with an element a column are padded. */
static inline size_t ragd_padded_columns(size_t columns) {
    return (columns + RAGD_PANEL_COLUMNS_MAX - 1) / RAGD_PANEL_COLUMNS_MAX * RAGD_PANEL_COLUMNS_MAX;
}

/* The most columns that rms_norm takes. */
#define RAGD_RMS_COLUMNS_MAX 16384
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
    /* For 8 bits, else not read: as many such rows as a column has ranges. What one step of a column's
     * weights is worth there, and the sum of the column's weights there, as rounded. */
    const float *scales;
    const float *sums;
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

/* One sequence's queries, keys and values, in words of the attention's precision.
 *
 * Each points to the first token's first head; a token's heads follow one another, head_size elements
 * each, which fill whole words. Query head h attends to key and value head h / (heads / key_heads):
 * grouped-query attention (arXiv:2305.13245), or plain where the two counts are equal. */
typedef struct {
    const uint32_t *queries, *keys, *values;
    size_t stride;   /* words from token to token, of all three */
    size_t length;   /* tokens */
    size_t heads, key_heads, head_size;
    int is_causal;   /* a token attends to itself and the tokens before it; else to all */
} ragd_attention;

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

    /* Rows times weights. `rows` is row_count x depth words; `ranges`, for 8 bits, holds two floats a
     * range, see encode. `out_stride` counts elements of `out` (floats or words) from row to row. With
     * RAGD_SET_WORDS the columns must fill whole words, and a sum is not split: one pass over the
     * depth. */
    void (*product)(
        const uint32_t *rows, const float *ranges, size_t row_count, const ragd_weights *weights,
        ragd_product_output output, void *out, size_t out_stride
    );

    /* Turns `from`, row_count x columns, into words for a product.
     *
     * 8 bits: a range [low, high] of values, of a row or of each block of it, becomes the 256 steps
     * 0 ... 255; `ranges` receives the size of a step and the low end of each, row after row. A range
     * that is not finite has a step of NaN, so that what is computed from it is not finite either. The
     * other precisions do not touch `ranges`. */
    void (*encode)(
        const float *from, size_t row_count, size_t columns, uint32_t *words, float *ranges
    );

    /* rows = LayerNorm(rows) * scale + shift, over each row, with the biased variance; then encode. */
    void (*layer_norm)(
        float *rows, size_t row_count, size_t columns, const float *scale, const float *shift,
        float epsilon, uint32_t *words, float *ranges
    );

    /* rows = activation(rows), then encode. For words of bf16 and int8, GELU is
     * exact to 6e-5, or to 8e-6 of |x| where that is more. */
    void (*activate)(
        float *rows, size_t row_count, size_t columns, ragd_activation activation,
        uint32_t *words, float *ranges
    );

    /* words = RMSNorm(rows) * scale: each row divided by the root of its mean square, encoded. `rows`
     * stays as it is: the residual stream of a pre-norm model. */
    void (*rms_norm)(
        const float *rows, size_t row_count, size_t columns, const float *scale, float epsilon,
        uint32_t *words, float *ranges
    );

    /* words = silu(gate) * up, encoded, where a row of `rows` is `columns` gates and then as many
     * ups: the gated feed-forward of arXiv:2002.05202. `rows` is overwritten. */
    void (*gate)(
        float *rows, size_t row_count, size_t columns, uint32_t *words, float *ranges
    );

    /* From the product of a decoder's layer to its queries, keys and values.
     *
     * A row of `rows` holds heads queries, key_heads keys and as many values of head_size elements.
     * Each query and key is RMS-normalised, scaled by `query_scale` or `key_scale` (head_size
     * elements), and rotated: its elements i and i + head_size / 2 as a pair by the angle whose
     * cosine and sine are angles[i] and angles[i + head_size / 2] (RoFormer, arXiv:2104.09864).
     * `angles` goes on by head_size a row. `words` receives the row in the attention's precision;
     * `rows` is overwritten. */
    void (*rotate)(
        float *rows, size_t row_count, size_t heads, size_t key_heads, size_t head_size,
        const float *query_scale, const float *key_scale, float epsilon, const float *angles,
        uint32_t *words
    );

    /* Multi-head attention of the `count` tokens of a sequence from `first` on.
     *
     * Row i of `context` (heads * head_size floats) receives softmax(q k' / sqrt(head_size)) v of
     * token first + i. `scratch` has ragd_attention_scratch_count() words. */
    void (*attention)(
        const ragd_attention *sequence, size_t first, size_t count, float *context,
        uint32_t *scratch
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
