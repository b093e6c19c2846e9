/* The passes over operands of words: one text for every instruction set and precision.
 *
 * encoder_set.h includes this file after encoder_vector.h, once a precision, with
 *     WORD       what a word holds, a ragd_precision
 *     WORDS(x)   x with the suffix of the set and the precision
 *     WORDS(sums), a vector of LANES sums: VEC, or MASK (integers) for 8 bits
 *     DOT(sums, a, b): sums + the products of what is in the word a and the words b
 *     ATTENTION  defined where attention is to be compiled too: for RAGD_F32 and RAGD_BF16
 */
#define SUMS WORDS(sums)
#define PANEL (2 * LANES)
/* Sums of 8 bits of several blocks are totals of f32; sums of one range are scaled at the end. */
#if WORD == 3
#define DOT JOIN(dot_int8, SET)
#define TOTALS VEC
#else
#define DOT WORDS(dot)
#define TOTALS SUMS
#endif

/* low, high = sum over k of a[r][k] * b[k][0 ..< PANEL]: the sums of `rows` rows stay in registers,
 * which is why `rows` must be a constant where this is expanded. */
INLINE void WORDS(tile)(
    const int rows, const uint32_t *a, size_t stride, const uint32_t *b, size_t depth, SUMS *low,
    SUMS *high
) {
#pragma unroll
    for (int r = 0; r < rows; r++) low[r] = high[r] = (SUMS){0};
    for (size_t k = 0; k < depth; k++, b += PANEL) {
        MASK b_low, b_high;
        __builtin_memcpy(&b_low, b, sizeof b_low);
        __builtin_memcpy(&b_high, b + LANES, sizeof b_high);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            uint32_t word = a[(size_t)r * stride + k];
            low[r] = DOT(low[r], word, b_low);
            high[r] = DOT(high[r], word, b_high);
        }
    }
}

/* Ranges of a row that is multiplied with `weights`. */
INLINE size_t WORDS(range_count)(const ragd_weights *weights) {
    const ragd_precision precision = (ragd_precision)WORD;
    return ragd_range_count(precision, weights->depth * ragd_word_elements(precision));
}

/* What a step of a product needs besides its rows. */
typedef struct {
    const ragd_weights *weights;
    size_t stride;             /* words from row to row */
    size_t start, depth;       /* the slice of the depth */
    size_t first;              /* the panel's first column */
    ragd_product_output output;
    size_t out_stride;
} WORDS(place);

/* Half a panel's sums of one row: scaled, and with the bias where this is the first slice. */
INLINE VEC WORDS(finish)(
    TOTALS totals, const float *range, const WORDS(place) *place, size_t column
) {
    const ragd_weights *weights = place->weights;
    int is_first = place->start == 0;
#if WORD == 2
    /* x = low + step * u, so x * w = step * scale * sum of u * w + low * sum of w. */
    VEC x = __builtin_convertvector(totals, VEC) * NAME(load)(weights->scales + column) * range[0];
    if (is_first)
        x += NAME(load)(weights->sums + column) * range[1] + NAME(load)(weights->bias + column);
    return x;
#else
    (void)range;
    return is_first ? totals + NAME(load)(weights->bias + column) : totals;
#endif
}

INLINE void WORDS(put)(VEC x, const WORDS(place) *place, void *row, size_t column) {
    size_t left = place->weights->columns - column;
    size_t count = left < LANES ? left : LANES;
#if WORD != 0
    if (place->output == RAGD_SET_WORDS) {
        HALVES halves = NAME(to_bf16)(x);
        __builtin_memcpy((uint16_t *)row + column, &halves, count * sizeof(uint16_t));
        return;
    }
#endif
    float *out = (float *)row + column;
    int adds = place->output == RAGD_ADD_F32 || place->start > 0;
    if (count == LANES) {
        NAME(store)(out, adds ? NAME(load)(out) + x : x);
    } else {
        NAME(store_part)(out, adds ? NAME(load_part)(out, count) + x : x, count);
    }
}

/* The totals of a slice: of sums that can be added up before they are scaled, one tile. */
INLINE void WORDS(slice)(
    const int rows, const uint32_t *a, const float *ranges, const WORDS(place) *place, TOTALS *low,
    TOTALS *high
) {
    const ragd_weights *weights = place->weights;
    const uint32_t *panel = weights->panels + place->first * weights->depth + place->start * PANEL;
#if WORD == 3
    const size_t block_words = RAGD_BLOCK_ELEMENTS / 4, end = place->start + place->depth;
    const size_t range_count = WORDS(range_count)(weights);
    const size_t width = ragd_padded_columns(weights->columns);
    SUMS low_sums[RAGD_PRODUCT_ROWS_MAX], high_sums[RAGD_PRODUCT_ROWS_MAX];
#pragma unroll
    for (int r = 0; r < rows; r++) low[r] = high[r] = (VEC){0};
    for (size_t k = place->start; k < end; k += block_words, panel += block_words * PANEL) {
        size_t depth = end - k < block_words ? end - k : block_words;
        WORDS(tile)(rows, a + k, place->stride, panel, depth, low_sums, high_sums);
        const size_t block = k / block_words;
        const float *scales = weights->scales + block * width + place->first;
        const float *sums = weights->sums + block * width + place->first;
        const VEC low_scale = NAME(load)(scales), high_scale = NAME(load)(scales + LANES);
        const VEC low_sum = NAME(load)(sums), high_sum = NAME(load)(sums + LANES);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            const float *range = ranges + 2 * ((size_t)r * range_count + block);
            low[r] += __builtin_convertvector(low_sums[r], VEC) * (low_scale * range[0]);
            high[r] += __builtin_convertvector(high_sums[r], VEC) * (high_scale * range[0]);
            low[r] += low_sum * range[1];
            high[r] += high_sum * range[1];
        }
    }
#else
    (void)ranges;
    WORDS(tile)(rows, a + place->start, place->stride, panel, place->depth, low, high);
#endif
}

INLINE void WORDS(step)(
    const int rows, const uint32_t *a, const float *ranges, const WORDS(place) *place, char *out
) {
    TOTALS low[RAGD_PRODUCT_ROWS_MAX], high[RAGD_PRODUCT_ROWS_MAX];
    const ragd_weights *weights = place->weights;
    WORDS(slice)(rows, a, ranges, place, low, high);
    size_t first = place->first, second = first + LANES;
#pragma unroll
    for (int r = 0; r < rows; r++) {
        char *row = out + (size_t)r * place->out_stride * sizeof(uint32_t);
        WORDS(put)(WORDS(finish)(low[r], ranges + 2 * r, place, first), place, row, first);
        if (second < weights->columns)
            WORDS(put)(WORDS(finish)(high[r], ranges + 2 * r, place, second), place, row, second);
    }
}

/* Expands `call` with its first argument a constant. */
#if LANES == 16
#define FOR_ROWS(rows, call)                                                                       \
    switch (rows) {                                                                                \
    case 1: call(1); break;                                                                        \
    case 2: call(2); break;                                                                        \
    case 3: call(3); break;                                                                        \
    case 4: call(4); break;                                                                        \
    case 5: call(5); break;                                                                        \
    case 6: call(6); break;                                                                        \
    case 7: call(7); break;                                                                        \
    case 8: call(8); break;                                                                        \
    case 9: call(9); break;                                                                        \
    case 10: call(10); break;                                                                      \
    case 11: call(11); break;                                                                      \
    default: call(12);                                                                             \
    }
#define STEP_ROWS 12
#else
#define FOR_ROWS(rows, call)                                                                       \
    switch (rows) {                                                                                \
    case 1: call(1); break;                                                                        \
    case 2: call(2); break;                                                                        \
    case 3: call(3); break;                                                                        \
    case 4: call(4); break;                                                                        \
    case 5: call(5); break;                                                                        \
    default: call(6);                                                                              \
    }
#define STEP_ROWS 6
#endif

/* Rows of the next step when `left` are left: steps of about the same size, since one with a single
 * row costs nearly as much as one with several. */
INLINE size_t WORDS(step_rows)(size_t left) {
    size_t steps = (left + STEP_ROWS - 1) / STEP_ROWS;
    return (left + steps - 1) / steps;
}

static void WORDS(product)(
    const uint32_t *rows, const float *ranges, size_t row_count, const ragd_weights *weights,
    ragd_product_output output, void *out, size_t out_stride
) {
    const size_t depth = weights->depth, range_count = WORDS(range_count)(weights);
    const size_t slice = output == RAGD_SET_WORDS ? depth : PRODUCT_DEPTH;
    WORDS(place) place = {
        .weights = weights, .stride = depth, .output = output, .out_stride = out_stride
    };
    /* A slice of a panel stays in the second-level cache while all rows pass over it, and a step's
     * part of the rows in the first. */
    for (place.start = 0; place.start < depth; place.start += slice) {
        place.depth = depth - place.start < slice ? depth - place.start : slice;
        for (place.first = 0; place.first < weights->columns; place.first += PANEL) {
            for (size_t r = 0; r < row_count;) {
                size_t count = WORDS(step_rows)(row_count - r);
                const uint32_t *a = rows + r * depth;
                const float *range = WORD >= RAGD_INT8 ? ranges + 2 * r * range_count : ranges;
                char *to = (char *)out + r * out_stride * sizeof(uint32_t);
#define STEP(count) WORDS(step)(count, a, range, &place, to)
                FOR_ROWS(count, STEP)
#undef STEP
                r += count;
            }
        }
    }
}

#if WORD < 2

INLINE void WORDS(encode_row)(const float *from, size_t columns, uint32_t *words, float *range) {
    (void)range;
#if WORD == 0
    __builtin_memcpy(words, from, columns * sizeof(float));
#else
    size_t c = 0;
    half *to = (half *)words;
    for (; c + LANES <= columns; c += LANES) {
        HALVES halves = NAME(to_bf16)(NAME(load)(from + c));
        __builtin_memcpy(to + c, &halves, sizeof halves);
    }
    if (c < columns) {
        HALVES halves = NAME(to_bf16)(NAME(load_part)(from + c, columns - c));
        __builtin_memcpy(to + c, &halves, (columns - c) * sizeof(uint16_t));
    }
    if (columns % 2 != 0) to[columns] = 0;
#endif
}

#else

/* The values of one range, to whole words of codes. */
INLINE void WORDS(encode_range)(
    const float *from, size_t columns, uint32_t *words, float *range
) {
    size_t c = 0;
    /* Pass 1: the range. A NaN is in no comparison; x - x is zero for finite numbers only. */
    float low = from[0], high = from[0], odd = 0;
    if (columns >= LANES) {
        VEC lows = NAME(load)(from), highs = lows, odds = lows - lows;
        for (c = LANES; c + LANES <= columns; c += LANES) {
            VEC x = NAME(load)(from + c);
            lows = NAME(pick)(x < lows, x, lows);
            highs = NAME(pick)(x > highs, x, highs);
            odds += x - x;
        }
        for (int i = 0; i < LANES; i++) {
            low = lows[i] < low ? lows[i] : low;
            high = highs[i] > high ? highs[i] : high;
            odd += odds[i];
        }
    }
    for (; c < columns; c++) {
        low = from[c] < low ? from[c] : low;
        high = from[c] > high ? from[c] : high;
        odd += from[c] - from[c];
    }
    float step = (high - low) / 255.0f + odd;
    /* A row of one value is its low end alone; a step of NaN encodes as zeros. */
    float inverse = step > 0 ? 1.0f / step : 0;
    range[0] = step;
    range[1] = low;
    /* Pass 2: to the nearest step; 255 may come out as 255.00002, which truncates to 255. */
    uint8_t *to = (uint8_t *)words;
    typedef uint8_t bytes __attribute__((vector_size(LANES)));
    for (c = 0; c + LANES <= columns; c += LANES) {
        VEC u = (NAME(load)(from + c) - low) * inverse + 0.5f;
        u = NAME(pick)(u < 255.5f, u, NAME(splat)(255.0f));
        bytes codes = __builtin_convertvector(__builtin_convertvector(u, MASK), bytes);
        __builtin_memcpy(to + c, &codes, sizeof codes);
    }
    for (; c < columns; c++) {
        float u = (from[c] - low) * inverse + 0.5f;
        to[c] = u < 255.5f ? (uint8_t)u : 255;
    }
    for (; c % 4 != 0; c++) to[c] = 0;
}

INLINE void WORDS(encode_row)(const float *from, size_t columns, uint32_t *words, float *ranges) {
    const size_t block = WORD == 3 ? RAGD_BLOCK_ELEMENTS : columns;
    for (size_t c = 0; c < columns; c += block, words += block / 4, ranges += 2)
        WORDS(encode_range)(from + c, columns - c < block ? columns - c : block, words, ranges);
}

#endif

#define WORD_COUNT(columns) ragd_word_count((ragd_precision)WORD, columns)
#define RANGE_FLOATS(columns) (2 * ragd_range_count((ragd_precision)WORD, columns))

static void WORDS(encode)(
    const float *from, size_t row_count, size_t columns, uint32_t *words, float *ranges
) {
    const size_t count = WORD_COUNT(columns), range_floats = RANGE_FLOATS(columns);
    for (size_t r = 0; r < row_count; r++, from += columns, words += count, ranges += range_floats)
        WORDS(encode_row)(from, columns, words, ranges);
}

static void WORDS(layer_norm)(
    float *rows, size_t row_count, size_t columns, const float *scale, const float *shift,
    float epsilon, uint32_t *words, float *ranges
) {
    const size_t count = WORD_COUNT(columns), range_floats = RANGE_FLOATS(columns);
    for (size_t r = 0; r < row_count; r++,
         rows += columns, words += count, ranges += range_floats) {
        NAME(layer_norm_row)(rows, columns, scale, shift, epsilon);
        WORDS(encode_row)(rows, columns, words, ranges);
    }
}

static void WORDS(activate)(
    float *rows, size_t row_count, size_t columns, ragd_activation activation, uint32_t *words,
    float *ranges
) {
    const size_t count = WORD_COUNT(columns), range_floats = RANGE_FLOATS(columns);
    for (size_t r = 0; r < row_count; r++,
         rows += columns, words += count, ranges += range_floats) {
        NAME(activate_row)(rows, columns, activation, WORD != RAGD_F32);
        WORDS(encode_row)(rows, columns, words, ranges);
    }
}

static void WORDS(rms_norm)(
    const float *rows, size_t row_count, size_t columns, const float *scale, float epsilon,
    uint32_t *words, float *ranges
) {
    const size_t count = WORD_COUNT(columns), range_floats = RANGE_FLOATS(columns);
    float row[RAGD_RMS_COLUMNS_MAX];
    for (size_t r = 0; r < row_count; r++,
         rows += columns, words += count, ranges += range_floats) {
        NAME(rms_norm_row)(rows, columns, scale, epsilon, row);
        WORDS(encode_row)(row, columns, words, ranges);
    }
}

static void WORDS(gate)(
    float *rows, size_t row_count, size_t columns, uint32_t *words, float *ranges
) {
    const size_t count = WORD_COUNT(columns), range_floats = RANGE_FLOATS(columns);
    for (size_t r = 0; r < row_count; r++,
         rows += 2 * columns, words += count, ranges += range_floats) {
        NAME(gate_row)(rows, columns);
        WORDS(encode_row)(rows, columns, words, ranges);
    }
}

#ifdef ATTENTION
#include "encoder_attention.h"
#endif

#undef SUMS
#undef DOT
#undef TOTALS
#undef PANEL
#undef FOR_ROWS
#undef STEP_ROWS
#undef WORD_COUNT
#undef RANGE_FLOATS
