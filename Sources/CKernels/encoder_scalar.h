/* The encoder's passes in portable C with libm: the reference for the vector sets. */
#include <math.h>

#define PANEL_COLUMNS_SCALAR 16

static void exp_scalar(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float x = values[i];
        values[i] = expf(x < EXP_LOWEST ? EXP_LOWEST : x > EXP_HIGHEST ? EXP_HIGHEST : x);
    }
}

static void erf_scalar(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = erff(values[i]);
}

static void add_scalar(float *into, const float *values, size_t count) {
    for (size_t i = 0; i < count; i++) into[i] += values[i];
}

static void unit_rows_scalar(float *rows, size_t row_count, size_t columns) {
    for (size_t r = 0; r < row_count; r++, rows += columns) {
        float squares = 0;
        for (size_t c = 0; c < columns; c++) squares += rows[c] * rows[c];
        if (squares == 0) continue;
        float inverse = 1.0f / sqrtf(squares);
        for (size_t c = 0; c < columns; c++) rows[c] *= inverse;
    }
}

static uint16_t to_bf16_scalar(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    if (x != x) return (uint16_t)(bits >> 16 | 0x40);
    return (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/* Element `index` of a row of f32 or bf16 words. */
static float element_scalar(const uint32_t *words, ragd_precision precision, size_t index) {
    uint32_t bits = words[index / ragd_word_elements(precision)];
    if (precision == RAGD_BF16) bits = index % 2 == 0 ? bits << 16 : bits & 0xFFFF0000;
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void encode_range_scalar(const float *from, size_t count, uint8_t *to, float *range) {
    float low = from[0], high = from[0];
    int is_finite = 1;
    for (size_t i = 0; i < count; i++) {
        low = fminf(low, from[i]);
        high = fmaxf(high, from[i]);
        is_finite &= isfinite(from[i]) != 0;
    }
    float step = is_finite ? (high - low) / 255.0f : NAN;
    range[0] = step;
    range[1] = low;
    for (size_t i = 0; i < count; i++)
        to[i] = step > 0 ? (uint8_t)fminf((from[i] - low) / step + 0.5f, 255) : 0;
}

static void encode_row_scalar(
    ragd_precision precision, const float *from, size_t columns, uint32_t *words, float *ranges
) {
    words[ragd_word_count(precision, columns) - 1] = 0;
    if (precision == RAGD_F32) {
        memcpy(words, from, columns * sizeof(float));
    } else if (precision == RAGD_BF16) {
        for (size_t c = 0; c < columns; c++) ((half *)words)[c] = to_bf16_scalar(from[c]);
    } else {
        size_t block = precision == RAGD_INT8_BLOCKS ? RAGD_BLOCK_ELEMENTS : columns;
        for (size_t c = 0; c < columns; c += block, ranges += 2) {
            size_t count = columns - c < block ? columns - c : block;
            encode_range_scalar(from + c, count, (uint8_t *)words + c, ranges);
        }
    }
}

static void product_row_scalar(
    ragd_precision precision, const uint32_t *row, const float *ranges, const ragd_weights *weights,
    size_t column, float *sum
) {
    const size_t width = PANEL_COLUMNS_SCALAR, elements = ragd_word_elements(precision);
    const size_t count = weights->depth * elements;
    const uint32_t *panel = weights->panels + column / width * width * weights->depth;
    float total = weights->bias[column];
    if (precision == RAGD_F32 || precision == RAGD_BF16) {
        for (size_t k = 0; k < count; k++) {
            const uint32_t *word = panel + k / elements * width + column % width;
            total += element_scalar(row, precision, k)
                * element_scalar(word, precision, k % elements);
        }
    } else {
        const size_t block = precision == RAGD_INT8_BLOCKS ? RAGD_BLOCK_ELEMENTS : count;
        const float *scale = weights->scales + column, *weight_sum = weights->sums + column;
        for (size_t start = 0; start < count; start += block, ranges += 2) {
            int32_t steps = 0;
            for (size_t k = start; k < count && k < start + block; k++) {
                const uint32_t *word = panel + k / 4 * width + column % width;
                steps += ((const uint8_t *)row)[k] * ((const int8_t *)word)[k % 4];
            }
            total += ranges[0] * *scale * (float)steps + ranges[1] * *weight_sum;
            scale += ragd_padded_columns(weights->columns);
            weight_sum += ragd_padded_columns(weights->columns);
        }
    }
    *sum = total;
}

static void product_scalar(
    ragd_precision precision, const uint32_t *rows, const float *ranges, size_t row_count,
    const ragd_weights *weights, ragd_product_output output, void *out, size_t out_stride
) {
    int is_bf16 = output == RAGD_SET_WORDS && precision != RAGD_F32;
    const size_t row_ranges =
        2 * ragd_range_count(precision, weights->depth * ragd_word_elements(precision));
    for (size_t r = 0; r < row_count; r++, rows += weights->depth, ranges += row_ranges) {
        float *to = (float *)out + r * out_stride;
        for (size_t c = 0; c < weights->columns; c++) {
            float sum;
            product_row_scalar(precision, rows, ranges, weights, c, &sum);
            if (is_bf16)
                ((half *)to)[c] = to_bf16_scalar(sum);
            else
                to[c] = output == RAGD_ADD_F32 ? to[c] + sum : sum;
        }
    }
}

static void layer_norm_scalar(
    float *row, size_t columns, const float *scale, const float *shift, float epsilon
) {
    float sum = 0, squares = 0;
    for (size_t c = 0; c < columns; c++) sum += row[c];
    float mean = sum / (float)columns;
    for (size_t c = 0; c < columns; c++) squares += (row[c] - mean) * (row[c] - mean);
    float inverse = 1.0f / sqrtf(squares / (float)columns + epsilon);
    for (size_t c = 0; c < columns; c++) row[c] = (row[c] - mean) * inverse * scale[c] + shift[c];
}

static float activate_scalar(float x, ragd_activation activation) {
    switch (activation) {
    case RAGD_GELU: return 0.5f * x * (1.0f + erff(x * SQRT_HALF));
    case RAGD_GELU_TANH:
        return 0.5f * x * (1.0f + tanhf(SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x)));
    case RAGD_RELU: return x < 0 ? 0 : x;
    }
    return NAN;
}

static void rms_norm_scalar(
    const float *from, size_t columns, const float *scale, float epsilon, float *to
) {
    float squares = 0;
    for (size_t c = 0; c < columns; c++) squares += from[c] * from[c];
    float root = sqrtf(squares / (float)columns + epsilon);
    for (size_t c = 0; c < columns; c++) to[c] = from[c] / root * scale[c];
}

static void gate_scalar(float *row, size_t columns) {
    for (size_t c = 0; c < columns; c++)
        row[c] = row[c] / (1.0f + expf(-row[c])) * row[columns + c];
}

static void rotate_scalar(float *head, size_t half, const float *angles) {
    for (size_t i = 0; i < half; i++) {
        float x = head[i], y = head[half + i];
        head[i] = x * angles[i] - y * angles[half + i];
        head[half + i] = y * angles[i] + x * angles[half + i];
    }
}

static void attention_scalar(
    ragd_precision precision, const ragd_attention *sequence, size_t first, size_t count,
    float *context, uint32_t *scratch
) {
    const size_t size = sequence->head_size, stride = sequence->stride;
    const size_t group = sequence->heads / sequence->key_heads;
    const size_t elements = ragd_word_elements(precision);
    float scale = 1.0f / sqrtf((float)size), *scores = (float *)scratch;
    for (size_t h = 0; h < sequence->heads; h++) {
        const uint32_t *keys = sequence->keys + h / group * size / elements;
        const uint32_t *values = sequence->values + h / group * size / elements;
        for (size_t i = 0; i < count; i++) {
            const uint32_t *query =
                sequence->queries + (first + i) * stride + h * size / elements;
            size_t length = sequence->is_causal ? first + i + 1 : sequence->length;
            float highest = -INFINITY, sum = 0;
            for (size_t j = 0; j < length; j++) {
                scores[j] = 0;
                for (size_t d = 0; d < size; d++)
                    scores[j] += element_scalar(query, precision, d)
                        * element_scalar(keys + j * stride, precision, d);
                scores[j] *= scale;
                if (scores[j] > highest) highest = scores[j];
            }
            for (size_t j = 0; j < length; j++) sum += scores[j] = expf(scores[j] - highest);
            float *out = context + (i * sequence->heads + h) * size;
            memset(out, 0, size * sizeof(float));
            for (size_t j = 0; j < length; j++)
                for (size_t d = 0; d < size; d++)
                    out[d] += scores[j] * element_scalar(values + j * stride, precision, d);
            for (size_t d = 0; d < size; d++) out[d] /= sum;
        }
    }
}

/* The functions of a table: the ones above for one precision. */
#define SCALAR(name, word)                                                                         \
    static void product_##name##_scalar(                                                           \
        const uint32_t *rows, const float *ranges, size_t row_count, const ragd_weights *weights,  \
        ragd_product_output output, void *out, size_t out_stride                                   \
    ) {                                                                                            \
        product_scalar(word, rows, ranges, row_count, weights, output, out, out_stride);           \
    }                                                                                              \
    static void encode_##name##_scalar(                                                            \
        const float *from, size_t row_count, size_t columns, uint32_t *words, float *ranges        \
    ) {                                                                                            \
        for (size_t r = 0; r < row_count; r++, from += columns) {                                  \
            encode_row_scalar(word, from, columns, words, ranges);                                 \
            words += ragd_word_count(word, columns);                                               \
            ranges += 2 * ragd_range_count(word, columns);                                         \
        }                                                                                          \
    }                                                                                              \
    static void layer_norm_##name##_scalar(                                                        \
        float *rows, size_t row_count, size_t columns, const float *scale, const float *shift,     \
        float epsilon, uint32_t *words, float *ranges                                              \
    ) {                                                                                            \
        for (size_t r = 0; r < row_count; r++)                                                     \
            layer_norm_scalar(rows + r * columns, columns, scale, shift, epsilon);                 \
        encode_##name##_scalar(rows, row_count, columns, words, ranges);                           \
    }                                                                                              \
    static void activate_##name##_scalar(                                                          \
        float *rows, size_t row_count, size_t columns, ragd_activation activation,                 \
        uint32_t *words, float *ranges                                                             \
    ) {                                                                                            \
        for (size_t i = 0; i < row_count * columns; i++)                                           \
            rows[i] = activate_scalar(rows[i], activation);                                        \
        encode_##name##_scalar(rows, row_count, columns, words, ranges);                           \
    }                                                                                              \
    static void rms_norm_##name##_scalar(                                                          \
        const float *rows, size_t row_count, size_t columns, const float *scale, float epsilon,    \
        uint32_t *words, float *ranges                                                             \
    ) {                                                                                            \
        float row[RAGD_RMS_COLUMNS_MAX];                                                           \
        for (size_t r = 0; r < row_count; r++, rows += columns) {                                  \
            rms_norm_scalar(rows, columns, scale, epsilon, row);                                   \
            encode_row_scalar(word, row, columns, words, ranges);                                  \
            words += ragd_word_count(word, columns);                                               \
            ranges += 2 * ragd_range_count(word, columns);                                         \
        }                                                                                          \
    }                                                                                              \
    static void gate_##name##_scalar(                                                              \
        float *rows, size_t row_count, size_t columns, uint32_t *words, float *ranges              \
    ) {                                                                                            \
        for (size_t r = 0; r < row_count; r++, rows += 2 * columns) {                              \
            gate_scalar(rows, columns);                                                            \
            encode_row_scalar(word, rows, columns, words, ranges);                                 \
            words += ragd_word_count(word, columns);                                               \
            ranges += 2 * ragd_range_count(word, columns);                                         \
        }                                                                                          \
    }

SCALAR(f32, RAGD_F32)
SCALAR(bf16, RAGD_BF16)
SCALAR(int8, RAGD_INT8)
SCALAR(int8_blocks, RAGD_INT8_BLOCKS)
#undef SCALAR

#define SCALAR_ATTENTION(name, word)                                                               \
    static void rotate_##name##_scalar(                                                            \
        float *rows, size_t row_count, size_t heads, size_t key_heads, size_t head_size,           \
        const float *query_scale, const float *key_scale, float epsilon, const float *angles,      \
        uint32_t *words                                                                            \
    ) {                                                                                            \
        const size_t columns = (heads + 2 * key_heads) * head_size;                                \
        for (size_t r = 0; r < row_count; r++, rows += columns, angles += head_size) {             \
            for (size_t h = 0; h < heads + key_heads; h++) {                                       \
                float *head = rows + h * head_size;                                                \
                const float *scale = h < heads ? query_scale : key_scale;                          \
                rms_norm_scalar(head, head_size, scale, epsilon, head);                            \
                rotate_scalar(head, head_size / 2, angles);                                        \
            }                                                                                      \
            encode_row_scalar(word, rows, columns, words, NULL);                                   \
            words += ragd_word_count(word, columns);                                               \
        }                                                                                          \
    }                                                                                              \
    static void attention_##name##_scalar(                                                         \
        const ragd_attention *sequence, size_t first, size_t count, float *context,                \
        uint32_t *scratch                                                                          \
    ) {                                                                                            \
        attention_scalar(word, sequence, first, count, context, scratch);                          \
    }

SCALAR_ATTENTION(f32, RAGD_F32)
SCALAR_ATTENTION(bf16, RAGD_BF16)
#undef SCALAR_ATTENTION
