/* Attention, and what makes its operands: one text for every instruction set, in f32 and bf16.
 *
 * encoder_words.h includes this file where ATTENTION is defined, and has what it is written in. */
static void WORDS(rotate)(
    float *rows, size_t row_count, size_t heads, size_t key_heads, size_t head_size,
    const float *query_scale, const float *key_scale, float epsilon, const float *angles,
    uint32_t *words
) {
    const size_t columns = (heads + 2 * key_heads) * head_size, count = WORD_COUNT(columns);
    for (size_t r = 0; r < row_count; r++, rows += columns, words += count, angles += head_size) {
        for (size_t h = 0; h < heads + key_heads; h++) {
            float *head = rows + h * head_size;
            NAME(rms_norm_row)(head, head_size, h < heads ? query_scale : key_scale, epsilon, head);
            NAME(rotate_head)(head, head_size / 2, angles);
        }
        WORDS(encode_row)(rows, columns, words, NULL);
    }
}

/* scores = exp(scale (scores - highest)) as words, in place, zeros behind the last; returns the sum.
 * Memory goes on to a whole number of registers. */
INLINE float WORDS(exponentials)(float *scores, size_t count, float scale) {
    size_t whole = count / LANES * LANES, rest = count - whole;
    MASK inside;
    for (int i = 0; i < LANES; i++) inside[i] = (size_t)i < rest ? -1 : 0;
    VEC lowest = NAME(splat)(-__builtin_inff());
    VEC top = lowest;
    for (size_t j = 0; j < whole; j += LANES) {
        VEC x = NAME(load)(scores + j);
        top = NAME(pick)(x > top, x, top);
    }
    if (rest > 0) {
        VEC x = NAME(pick)(inside, NAME(load)(scores + whole), lowest);
        top = NAME(pick)(x > top, x, top);
    }
    float highest = top[0];
    for (int i = 1; i < LANES; i++) highest = top[i] > highest ? top[i] : highest;

    VEC sums = {0};
    for (size_t j = 0; j < count; j += LANES) {
        VEC x = NAME(load)(scores + j) - highest;
#if WORD == 0
        VEC e = NAME(exp_of)(x * scale);
#else
        VEC e = NAME(exp2_rough)(x * (scale * LOG2_E));
#endif
        if (j == whole) e = NAME(pick)(inside, e, (VEC){0});
        sums += e;
        /* A word is never longer than a score, so what is written has been read. */
#if WORD == 0
        NAME(store)(scores + j, e);
#else
        HALVES halves = NAME(to_bf16)(e);
        __builtin_memcpy((uint16_t *)scores + j, &halves, sizeof halves);
#endif
    }
    return NAME(sum)(sums);
}

/* Values of one head: a word row for each word of keys, in panels of columns. */
INLINE void WORDS(pack_values)(
    const uint32_t *values, size_t stride, size_t length, size_t head_size, uint32_t *panels
) {
    const size_t elements = (size_t)1 << WORD, depth = (length + elements - 1) / elements;
    for (size_t first = 0; first < head_size; first += PANEL) {
        size_t count = head_size - first < PANEL ? head_size - first : PANEL;
        for (size_t k = 0; k < depth; k++, panels += PANEL) {
#if WORD == 0
            __builtin_memcpy(panels, values + k * stride + first, count * sizeof(uint32_t));
#else
            const half *one = (const half *)(values + 2 * k * stride) + first;
            const half *two = (const half *)(values + (2 * k + 1) * stride) + first;
            if (2 * k + 1 < length) {
                for (size_t c = 0; c < count; c++) panels[c] = one[c] | (uint32_t)two[c] << 16;
            } else {
                for (size_t c = 0; c < count; c++) panels[c] = one[c];
            }
#endif
            for (size_t c = count; c < PANEL; c++) panels[c] = 0;
        }
    }
}

/* Keys of one head, transposed: panels of keys, each a word row for every word of the head. */
INLINE void WORDS(pack_keys)(
    const uint32_t *keys, size_t stride, size_t length, size_t depth, uint32_t *panels
) {
    for (size_t first = 0; first < length; first += PANEL, panels += depth * PANEL) {
        size_t count = length - first < PANEL ? length - first : PANEL;
        for (size_t j = 0; j < count; j++)
            for (size_t k = 0; k < depth; k++)
                panels[k * PANEL + j] = keys[(first + j) * stride + k];
        for (size_t j = count; j < PANEL; j++)
            for (size_t k = 0; k < depth; k++) panels[k * PANEL + j] = 0;
    }
}

/* The context of a few queries of one head, which attend to `keys` keys: with `is_causal`, the last of
 * them to all, the one before to one less, and so on. */
INLINE void WORDS(attention_step)(
    const int rows, const ragd_attention *sequence, const uint32_t *queries, size_t length,
    const uint32_t *keys, const uint32_t *values, size_t value_stride, float *scores, float *out,
    size_t out_stride
) {
    const size_t elements = (size_t)1 << WORD, head_size = sequence->head_size;
    const size_t depth = head_size / elements;
    const size_t padded_length = (length + PANEL - 1) / PANEL * PANEL;
    const size_t value_depth = (length + elements - 1) / elements;
    const float scale = 1.0f / __builtin_sqrtf((float)head_size);
    SUMS low[RAGD_PRODUCT_ROWS_MAX], high[RAGD_PRODUCT_ROWS_MAX];
    for (size_t j = 0; j < padded_length; j += PANEL) {
        WORDS(tile)(rows, queries, sequence->stride, keys + j * depth, depth, low, high);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            NAME(store)(scores + (size_t)r * padded_length + j, low[r]);
            NAME(store)(scores + (size_t)r * padded_length + j + LANES, high[r]);
        }
    }
    float sums[RAGD_PRODUCT_ROWS_MAX];
    for (int r = 0; r < rows; r++) {
        float *row = scores + (size_t)r * padded_length;
        size_t seen = sequence->is_causal ? length - (size_t)(rows - 1 - r) : length;
        sums[r] = WORDS(exponentials)(row, seen, scale);
        /* Zeros up to the last key that another row of the step attends to. */
        size_t done = (seen + LANES - 1) / LANES * LANES / elements;
        for (size_t k = done; k < value_depth; k++) row[k] = 0;
    }
    for (size_t d = 0; d < head_size; d += PANEL) {
        const uint32_t *words = (const uint32_t *)scores;
        const uint32_t *panel = values + d * value_stride;
        WORDS(tile)(rows, words, padded_length, panel, value_depth, low, high);
        size_t left = head_size - d;
#pragma unroll
        for (int r = 0; r < rows; r++) {
            float *to = out + (size_t)r * out_stride + d;
            VEC inverse = NAME(splat)(1.0f / sums[r]);
            VEC first = low[r] * inverse, second = high[r] * inverse;
            if (left >= PANEL) {
                NAME(store)(to, first);
                NAME(store)(to + LANES, second);
            } else {
                NAME(store_part)(to, first, left < LANES ? left : LANES);
                if (left > LANES) NAME(store_part)(to + LANES, second, left - LANES);
            }
        }
    }
}

static void WORDS(attention)(
    const ragd_attention *sequence, size_t first, size_t count, float *context, uint32_t *scratch
) {
    const size_t elements = (size_t)1 << WORD, head_size = sequence->head_size;
    const size_t depth = head_size / elements, stride = sequence->stride;
    const size_t width = sequence->heads * head_size;
    const size_t group = sequence->heads / sequence->key_heads;
    const size_t length = sequence->is_causal ? first + count : sequence->length;
    const size_t padded_length = (length + PANEL - 1) / PANEL * PANEL;
    const size_t padded_head = (head_size + PANEL - 1) / PANEL * PANEL;
    const size_t value_depth = (length + elements - 1) / elements;
    /* On a cache line, so that no load of a panel crosses one. */
    uint32_t *keys = (uint32_t *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    uint32_t *values = keys + depth * padded_length;
    float *scores = (float *)(values + padded_head * value_depth);
    for (size_t h = 0; h < sequence->heads; h++) {
        if (h % group == 0) {
            const size_t offset = h / group * depth;
            WORDS(pack_keys)(sequence->keys + offset, stride, length, depth, keys);
            WORDS(pack_values)(sequence->values + offset, stride, length, head_size, values);
        }
        for (size_t i = 0; i < count;) {
            size_t rows = WORDS(step_rows)(count - i);
            size_t seen = sequence->is_causal ? first + i + rows : length;
            const uint32_t *queries = sequence->queries + h * depth + (first + i) * stride;
            float *out = context + i * width + h * head_size;
#define STEP(rows)                                                                                 \
    WORDS(attention_step)(                                                                         \
        rows, sequence, queries, seen, keys, values, value_depth, scores, out, width               \
    )
            FOR_ROWS(rows, STEP)
#undef STEP
            i += rows;
        }
    }
}
