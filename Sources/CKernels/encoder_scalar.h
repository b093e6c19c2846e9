/* The encoder's passes in portable C with libm: the reference for encoder_vector.h. */
#include <math.h>

#define PANEL_COLUMNS_scalar 16

static void add_product_scalar(
    const float *rows, size_t row_count, size_t inner, const float *panels, size_t columns,
    float *sums
) {
    for (size_t first = 0; first < columns; first += PANEL_COLUMNS_scalar) {
        size_t count = columns - first < PANEL_COLUMNS_scalar ? columns - first
                                                              : PANEL_COLUMNS_scalar;
        for (size_t r = 0; r < row_count; r++)
            for (size_t k = 0; k < inner; k++)
                for (size_t c = 0; c < count; c++)
                    sums[r * columns + first + c] +=
                        rows[r * inner + k] * panels[k * PANEL_COLUMNS_scalar + c];
        panels += inner * PANEL_COLUMNS_scalar;
    }
}

static void exp_scalar(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) {
        float x = values[i];
        values[i] = expf(x < EXP_LOWEST ? EXP_LOWEST : x > EXP_HIGHEST ? EXP_HIGHEST : x);
    }
}

static void erf_scalar(float *values, size_t count) {
    for (size_t i = 0; i < count; i++) values[i] = erff(values[i]);
}

static void bias_gelu_scalar(float *rows, size_t row_count, size_t columns, const float *bias) {
    for (size_t r = 0; r < row_count; r++, rows += columns)
        for (size_t c = 0; c < columns; c++) {
            float x = rows[c] + bias[c];
            rows[c] = 0.5f * x * (1.0f + erff(x * SQRT_HALF));
        }
}

static void bias_gelu_tanh_scalar(
    float *rows, size_t row_count, size_t columns, const float *bias
) {
    for (size_t r = 0; r < row_count; r++, rows += columns)
        for (size_t c = 0; c < columns; c++) {
            float x = rows[c] + bias[c];
            rows[c] = 0.5f * x * (1.0f + tanhf(SQRT_TWO_OVER_PI * (x + GELU_CUBIC * x * x * x)));
        }
}

static void bias_relu_scalar(float *rows, size_t row_count, size_t columns, const float *bias) {
    for (size_t r = 0; r < row_count; r++, rows += columns)
        for (size_t c = 0; c < columns; c++) {
            float x = rows[c] + bias[c];
            rows[c] = x < 0 ? 0 : x;
        }
}

static void bias_layer_norm_scalar(
    float *rows, size_t row_count, size_t columns, const float *bias, const float *scale,
    const float *shift, float epsilon
) {
    for (size_t r = 0; r < row_count; r++, rows += columns) {
        float sum = 0, squares = 0;
        for (size_t c = 0; c < columns; c++) sum += rows[c] += bias[c];
        float mean = sum / (float)columns;
        for (size_t c = 0; c < columns; c++) squares += (rows[c] - mean) * (rows[c] - mean);
        float inverse = 1.0f / sqrtf(squares / (float)columns + epsilon);
        for (size_t c = 0; c < columns; c++)
            rows[c] = (rows[c] - mean) * inverse * scale[c] + shift[c];
    }
}

static void attention_scalar(
    const float *projections, size_t length, size_t heads, size_t head_size, float *context,
    float *scratch
) {
    size_t width = heads * head_size, stride = 3 * width;
    float scale = 1.0f / sqrtf((float)head_size);
    for (size_t h = 0; h < heads; h++) {
        const float *queries = projections + h * head_size;
        const float *keys = queries + width, *values = keys + width;
        for (size_t i = 0; i < length; i++) {
            float highest = -INFINITY, sum = 0;
            for (size_t j = 0; j < length; j++) {
                float score = 0;
                for (size_t d = 0; d < head_size; d++)
                    score += queries[i * stride + d] * keys[j * stride + d];
                scratch[j] = score * scale;
                if (scratch[j] > highest) highest = scratch[j];
            }
            for (size_t j = 0; j < length; j++) sum += scratch[j] = expf(scratch[j] - highest);
            float *out = context + i * width + h * head_size;
            memset(out, 0, head_size * sizeof(float));
            for (size_t j = 0; j < length; j++)
                for (size_t d = 0; d < head_size; d++)
                    out[d] += scratch[j] * values[j * stride + d];
            for (size_t d = 0; d < head_size; d++) out[d] /= sum;
        }
    }
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
