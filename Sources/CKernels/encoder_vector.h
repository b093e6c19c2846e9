/* The encoder's passes over vectors of LANES floats: one text for every instruction set.
 *
 * encoder.c includes this file once a set, inside its `target` attribute, with
 *     LANES      floats in a register: 4, 8 or 16
 *     NAME(x)    x with the set's suffix
 * Vectors are the compiler's own (vector_size), so that the arithmetic reads as arithmetic. A tail
 * shorter than a register is loaded into a zeroed one; lanes past the end are never stored.
 */
typedef float NAME(vec) __attribute__((vector_size(4 * LANES)));
typedef int NAME(mask) __attribute__((vector_size(4 * LANES)));
#define VEC NAME(vec)
#define MASK NAME(mask)
#define INLINE static inline __attribute__((always_inline))

INLINE VEC NAME(load)(const float *from) {
    VEC v;
    __builtin_memcpy(&v, from, sizeof v);
    return v;
}

INLINE void NAME(store)(float *to, VEC v) { __builtin_memcpy(to, &v, sizeof v); }

INLINE VEC NAME(load_part)(const float *from, size_t count) {
    VEC v = {0};
    __builtin_memcpy(&v, from, count * sizeof(float));
    return v;
}

INLINE void NAME(store_part)(float *to, VEC v, size_t count) {
    __builtin_memcpy(to, &v, count * sizeof(float));
}

INLINE VEC NAME(splat)(float x) { return (VEC){0} + x; }

INLINE VEC NAME(pick)(MASK where, VEC yes, VEC no) {
    return (VEC)((where & (MASK)yes) | (~where & (MASK)no));
}

/* Comparisons with NaN are false, so a NaN passes through. */
INLINE VEC NAME(clamp)(VEC x, float low, float high) {
    x = NAME(pick)(x < NAME(splat)(low), NAME(splat)(low), x);
    return NAME(pick)(x > NAME(splat)(high), NAME(splat)(high), x);
}

INLINE float NAME(sum)(VEC v) {
    float total = 0;
    for (int i = 0; i < LANES; i++) total += v[i];
    return total;
}

/* exp(x) = 2^n exp(r), n = round(x / ln 2), |r| <= ln(2) / 2. ln 2 is split in two so that r is
 * exact; exp(r) = 1 + r + r^2 q(r) with q minimax of degree 4 (relative error 3e-9). Adding
 * 1.5 * 2^23 rounds to an integer and leaves it in the low bits, ready to become an exponent. */
INLINE VEC NAME(exp_of)(VEC x) {
    const float magic = 12582912.0f;
    x = NAME(clamp)(x, EXP_LOWEST, EXP_HIGHEST);
    VEC shifted = x * 1.44269504f + magic;
    VEC n = shifted - magic;
    VEC r = x - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    VEC q = r * 1.3814465e-3f + 8.3687808e-3f;
    q = q * r + 4.1668393e-2f;
    q = q * r + 1.66665196e-1f;
    q = q * r + 4.9999994e-1f;
    VEC e = q * (r * r) + r + 1.0f;
    return (VEC)((MASK)e + ((MASK)shifted << 23));
}

/* erf(x) = x P(x^2) / Q(x^2), minimax of degree 5/5 for |x| <= 3.925, where erf rounds to 1. */
INLINE VEC NAME(erf_of)(VEC x) {
    x = NAME(clamp)(x, -3.925f, 3.925f);
    VEC t = x * x;
    VEC p = t * 2.0460234e-6f + 2.8484481e-4f;
    p = p * t + 3.7725943e-3f;
    p = p * t + 5.2769434e-2f;
    p = p * t + 1.9059475e-1f;
    p = p * t + 1.1283791f;
    VEC q = t * 3.8047801e-5f + 1.1638690e-3f;
    q = q * t + 1.4983285e-2f;
    q = q * t + 1.1418314e-1f;
    q = q * t + 5.0224292e-1f;
    q = q * t + 1.0f;
    return x * p / q;
}

INLINE VEC NAME(gelu_of)(VEC x) { return 0.5f * x * (1.0f + NAME(erf_of)(x * SQRT_HALF)); }

/* (1 + tanh y) / 2 = 1 / (1 + exp(-2y)) */
INLINE VEC NAME(gelu_tanh_of)(VEC x) {
    VEC y = SQRT_TWO_OVER_PI * (x + GELU_CUBIC * (x * x * x));
    return x / (1.0f + NAME(exp_of)(-2.0f * y));
}

INLINE VEC NAME(relu_of)(VEC x) { return NAME(pick)(x < (VEC){0}, (VEC){0}, x); }

/* A function over `count` values, and one over the rows of a matrix after adding a bias. */
#define DEFINE_MAP(name, function)                                                                 \
    static void NAME(name)(float *values, size_t count) {                                          \
        size_t i = 0;                                                                              \
        for (; i + LANES <= count; i += LANES)                                                     \
            NAME(store)(values + i, NAME(function)(NAME(load)(values + i)));                       \
        if (i < count) {                                                                           \
            VEC last = NAME(function)(NAME(load_part)(values + i, count - i));                     \
            NAME(store_part)(values + i, last, count - i);                                         \
        }                                                                                          \
    }
#define DEFINE_BIAS_MAP(name, function)                                                            \
    static void NAME(name)(float *rows, size_t row_count, size_t columns, const float *bias) {     \
        for (size_t r = 0; r < row_count; r++, rows += columns) {                                  \
            size_t c = 0;                                                                          \
            for (; c + LANES <= columns; c += LANES) {                                             \
                VEC x = NAME(load)(rows + c) + NAME(load)(bias + c);                               \
                NAME(store)(rows + c, NAME(function)(x));                                          \
            }                                                                                      \
            if (c < columns) {                                                                     \
                size_t rest = columns - c;                                                         \
                VEC x = NAME(load_part)(rows + c, rest) + NAME(load_part)(bias + c, rest);         \
                NAME(store_part)(rows + c, NAME(function)(x), rest);                               \
            }                                                                                      \
        }                                                                                          \
    }

DEFINE_MAP(exp, exp_of)
DEFINE_MAP(erf, erf_of)
DEFINE_BIAS_MAP(bias_gelu, gelu_of)
DEFINE_BIAS_MAP(bias_gelu_tanh, gelu_tanh_of)
DEFINE_BIAS_MAP(bias_relu, relu_of)

static void NAME(bias_layer_norm)(
    float *rows, size_t row_count, size_t columns, const float *bias, const float *scale,
    const float *shift, float epsilon
) {
    for (size_t r = 0; r < row_count; r++, rows += columns) {
        size_t c;
        /* Pass 1: add the bias; the mean. */
        VEC sums = {0};
        for (c = 0; c + LANES <= columns; c += LANES) {
            VEC x = NAME(load)(rows + c) + NAME(load)(bias + c);
            NAME(store)(rows + c, x);
            sums += x;
        }
        float sum = NAME(sum)(sums);
        for (; c < columns; c++) sum += rows[c] += bias[c];
        float mean = sum / (float)columns;
        /* Pass 2: the variance, around the mean: no cancellation. */
        VEC squares = {0};
        for (c = 0; c + LANES <= columns; c += LANES) {
            VEC x = NAME(load)(rows + c) - mean;
            squares += x * x;
        }
        float square = NAME(sum)(squares);
        for (; c < columns; c++) square += (rows[c] - mean) * (rows[c] - mean);
        float inverse = 1.0f / __builtin_sqrtf(square / (float)columns + epsilon);
        /* Pass 3: scale and shift. */
        for (c = 0; c + LANES <= columns; c += LANES) {
            VEC x = (NAME(load)(rows + c) - mean) * inverse;
            NAME(store)(rows + c, x * NAME(load)(scale + c) + NAME(load)(shift + c));
        }
        for (; c < columns; c++) rows[c] = (rows[c] - mean) * inverse * scale[c] + shift[c];
    }
}

/* out[r][0 ..< 2 LANES] = sum over k of a[r][k] * b[k][0 ..< 2 LANES], or += it: the sums of `rows`
 * rows stay in registers, which is why `rows` must be a constant where this is expanded. */
INLINE void NAME(product_tile)(
    const int rows, const int adds, const float *a, size_t a_stride, const float *b,
    size_t b_stride, size_t depth, float *out, size_t out_stride
) {
    VEC low[RAGD_PRODUCT_ROWS] = {{0}}, high[RAGD_PRODUCT_ROWS] = {{0}};
    for (size_t k = 0; k < depth; k++, b += b_stride) {
        VEC b_low = NAME(load)(b), b_high = NAME(load)(b + LANES);
#pragma unroll
        for (int r = 0; r < rows; r++) {
            float factor = a[r * a_stride + k];
            low[r] += b_low * factor;
            high[r] += b_high * factor;
        }
    }
#pragma unroll
    for (int r = 0; r < rows; r++) {
        float *to = out + r * out_stride;
        NAME(store)(to, adds ? NAME(load)(to) + low[r] : low[r]);
        NAME(store)(to + LANES, adds ? NAME(load)(to + LANES) + high[r] : high[r]);
    }
}

/* product_tile for any number of rows up to a step. */
#define TILE(rows, adds)                                                                           \
    NAME(product_tile)(rows, adds, a, a_stride, b, b_stride, depth, out, out_stride)
#define DEFINE_TILE(name, adds)                                                                    \
    static void NAME(name)(                                                                        \
        size_t rows, const float *a, size_t a_stride, const float *b, size_t b_stride,             \
        size_t depth, float *out, size_t out_stride                                                \
    ) {                                                                                            \
        switch (rows) {                                                                            \
        case 1: TILE(1, adds); break;                                                              \
        case 2: TILE(2, adds); break;                                                              \
        case 3: TILE(3, adds); break;                                                              \
        case 4: TILE(4, adds); break;                                                              \
        case 5: TILE(5, adds); break;                                                              \
        default: TILE(RAGD_PRODUCT_ROWS, adds);                                                    \
        }                                                                                          \
    }

DEFINE_TILE(set_tile, 0)
DEFINE_TILE(add_tile, 1)

static void NAME(add_product)(
    const float *rows, size_t row_count, size_t inner, const float *panels, size_t columns,
    float *sums
) {
    const size_t step = RAGD_PRODUCT_ROWS, width = 2 * LANES;
    /* A slice of a panel stays in the second-level cache while all rows pass over it, and a step's
     * part of the rows in the first. */
    for (size_t start = 0; start < inner; start += PRODUCT_DEPTH) {
        size_t depth = inner - start < PRODUCT_DEPTH ? inner - start : PRODUCT_DEPTH;
        for (size_t first = 0; first < columns; first += width) {
            const float *panel = panels + first * inner + start * width;
            size_t count = columns - first < width ? columns - first : width;
            for (size_t r = 0; r < row_count; r += step) {
                size_t left = row_count - r < step ? row_count - r : step;
                const float *a = rows + r * inner + start;
                float *out = sums + r * columns + first;
                if (count == width) {
                    NAME(add_tile)(left, a, inner, panel, width, depth, out, columns);
                    continue;
                }
                float tile[RAGD_PRODUCT_ROWS * 2 * LANES];
                NAME(set_tile)(left, a, inner, panel, width, depth, tile, width);
                for (size_t i = 0; i < left; i++)
                    for (size_t c = 0; c < count; c++) out[i * columns + c] += tile[i * width + c];
            }
        }
    }
}

/* scores = exp(scores - highest); returns the sum. Elements past `count` are not touched. */
static float NAME(exponentials)(float *scores, size_t count) {
    size_t j = 0;
    float highest = scores[0];
    if (count >= LANES) {
        VEC top = NAME(load)(scores);
        for (j = LANES; j + LANES <= count; j += LANES) {
            VEC x = NAME(load)(scores + j);
            top = NAME(pick)(x > top, x, top);
        }
        for (int i = 0; i < LANES; i++) highest = top[i] > highest ? top[i] : highest;
    }
    for (; j < count; j++) highest = scores[j] > highest ? scores[j] : highest;

    VEC sums = {0};
    for (j = 0; j + LANES <= count; j += LANES) {
        VEC e = NAME(exp_of)(NAME(load)(scores + j) - highest);
        NAME(store)(scores + j, e);
        sums += e;
    }
    float sum = NAME(sum)(sums);
    if (j < count) {
        VEC e = NAME(exp_of)(NAME(load_part)(scores + j, count - j) - highest);
        NAME(store_part)(scores + j, e, count - j);
        for (size_t i = 0; i < count - j; i++) sum += e[i];
    }
    return sum;
}

static void NAME(attention)(
    const float *projections, size_t length, size_t heads, size_t head_size, float *context,
    float *scratch
) {
    const size_t step = RAGD_PRODUCT_ROWS, padding = RAGD_ATTENTION_COLUMNS;
    const size_t width = heads * head_size, stride = 3 * width;
    const size_t padded_length = (length + padding - 1) / padding * padding;
    const size_t padded_head = (head_size + padding - 1) / padding * padding;
    /* head_size x padded_length, scaled; on a cache line, so that no load of a panel crosses one */
    float *keys = (float *)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
    float *values = keys + head_size * padded_length; /* length x padded_head */
    float *scores = values + length * padded_head;    /* step x padded_length */
    const float scale = 1.0f / __builtin_sqrtf((float)head_size);

    for (size_t h = 0; h < heads; h++) {
        const float *head = projections + h * head_size;
        /* Pass 1: keys transposed and scaled, values side by side, both padded with zeros. */
        for (size_t d = 0; d < head_size; d++)
            for (size_t j = length; j < padded_length; j++) keys[d * padded_length + j] = 0;
        for (size_t j = 0; j < length; j++) {
            const float *key = head + j * stride + width, *value = key + width;
            for (size_t d = 0; d < head_size; d++) keys[d * padded_length + j] = key[d] * scale;
            __builtin_memcpy(values + j * padded_head, value, head_size * sizeof(float));
            for (size_t d = head_size; d < padded_head; d++) values[j * padded_head + d] = 0;
        }
        for (size_t i = 0; i < length; i += step) {
            size_t rows = length - i < step ? length - i : step;
            /* Pass 2: the scores of a few queries, then their exponentials. */
            for (size_t j = 0; j < padded_length; j += 2 * LANES)
                NAME(set_tile)(
                    rows, head + i * stride, stride, keys + j, padded_length, head_size, scores + j,
                    padded_length
                );
            float sums[RAGD_PRODUCT_ROWS];
            for (size_t r = 0; r < rows; r++)
                sums[r] = NAME(exponentials)(scores + r * padded_length, length);
            /* Pass 3: the weighted values, divided by the sum at the end. */
            for (size_t d = 0; d < head_size; d += 2 * LANES) {
                float tile[RAGD_PRODUCT_ROWS * 2 * LANES];
                NAME(set_tile)(
                    rows, scores, padded_length, values + d, padded_head, length, tile, 2 * LANES
                );
                size_t columns = head_size - d < 2 * LANES ? head_size - d : 2 * LANES;
                for (size_t r = 0; r < rows; r++) {
                    float *out = context + (i + r) * width + h * head_size + d;
                    float inverse = 1.0f / sums[r];
                    for (size_t c = 0; c < columns; c++) out[c] = tile[r * 2 * LANES + c] * inverse;
                }
            }
        }
    }
}

static void NAME(add)(float *into, const float *values, size_t count) {
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        NAME(store)(into + i, NAME(load)(into + i) + NAME(load)(values + i));
    for (; i < count; i++) into[i] += values[i];
}

static void NAME(unit_rows)(float *rows, size_t row_count, size_t columns) {
    for (size_t r = 0; r < row_count; r++, rows += columns) {
        VEC squares = {0};
        size_t c = 0;
        for (; c + LANES <= columns; c += LANES) {
            VEC x = NAME(load)(rows + c);
            squares += x * x;
        }
        float square = NAME(sum)(squares);
        for (; c < columns; c++) square += rows[c] * rows[c];
        if (square == 0) continue;
        float inverse = 1.0f / __builtin_sqrtf(square);
        for (c = 0; c + LANES <= columns; c += LANES)
            NAME(store)(rows + c, NAME(load)(rows + c) * inverse);
        for (; c < columns; c++) rows[c] *= inverse;
    }
}

#undef DEFINE_MAP
#undef DEFINE_TILE
#undef TILE
#undef DEFINE_BIAS_MAP
#undef VEC
#undef MASK
#undef INLINE
#undef LANES
#undef NAME
