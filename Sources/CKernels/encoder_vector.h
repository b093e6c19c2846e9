/* Arithmetic over vectors of LANES floats, and the passes that need no words: one text for every
 * instruction set.
 *
 * encoder_set.h includes this file, inside its `target` attribute, with
 *     LANES      floats in a register: 4, 8 or 16
 *     NAME(x)    x with the set's suffix
 *     HAS_BF16   defined where the set rounds to bf16 by an instruction
 * Vectors are the compiler's own (vector_size), so that the arithmetic reads as arithmetic. A tail
 * shorter than a register is loaded into a zeroed one; lanes past the end are never stored.
 */
typedef float NAME(vec) __attribute__((vector_size(4 * LANES)));
typedef int NAME(mask) __attribute__((vector_size(4 * LANES)));
typedef uint16_t NAME(halves) __attribute__((vector_size(2 * LANES)));
#define VEC NAME(vec)
#define MASK NAME(mask)
#define HALVES NAME(halves)
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

INLINE MASK NAME(pick_bits)(MASK where, MASK yes, MASK no) {
    return (where & yes) | (~where & no);
}

INLINE VEC NAME(pick)(MASK where, VEC yes, VEC no) {
    return (VEC)NAME(pick_bits)(where, (MASK)yes, (MASK)no);
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

/* 2^x for x <= 0, to a relative 8e-5: for weights that are rounded to the eight bits of bf16 next. */
INLINE VEC NAME(exp2_rough)(VEC x) {
    const float magic = 12582912.0f;
    x = NAME(pick)(x < NAME(splat)(-126.0f), NAME(splat)(-126.0f), x);
    VEC shifted = x + magic;
    VEC r = x - (shifted - magic);
    VEC e = r * 5.5171669e-2f + 2.4261113e-1f;
    e = e * r + 6.9326097e-1f;
    e = e * r + 9.9992806e-1f;
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

/* GELU without a division, to an absolute 6e-5 for |x| <= 8 and to 8e-6 of |x| beyond, for values that
 * are rounded to eight bits next: erf(x / sqrt 2) = x P(x^2), minimax of degree 8 with the weight that
 * GELU gives it, for |x| <= 4.2. */
INLINE VEC NAME(gelu_rough)(VEC x) {
    VEC z = NAME(clamp)(x, -4.2f, 4.2f);
    VEC t = z * z;
    VEC p = t * 9.8476630e-11f - 9.5913428e-9f;
    p = p * t + 4.1449587e-7f;
    p = p * t - 1.0579139e-5f;
    p = p * t + 1.7967199e-4f;
    p = p * t - 2.1729185e-3f;
    p = p * t + 1.9481882e-2f;
    p = p * t - 1.3244416e-1f;
    p = p * t + 7.9766917e-1f;
    VEC half = x * 0.5f;
    return half + half * (z * p);
}

/* (1 + tanh y) / 2 = 1 / (1 + exp(-2y)) */
INLINE VEC NAME(gelu_tanh_of)(VEC x) {
    VEC y = SQRT_TWO_OVER_PI * (x + GELU_CUBIC * (x * x * x));
    return x / (1.0f + NAME(exp_of)(-2.0f * y));
}

INLINE VEC NAME(relu_of)(VEC x) { return NAME(pick)(x < (VEC){0}, (VEC){0}, x); }

/* Round to nearest even by carrying into the kept bits; a NaN keeps its top bits and stays one. */
INLINE HALVES NAME(to_bf16)(VEC x) {
#ifdef HAS_BF16
    return (HALVES)_mm512_cvtneps_pbh((__m512)x);
#else
    MASK bits = (MASK)x;
    MASK rounded = bits + 0x7FFF + ((bits >> 16) & 1);
    MASK kept = NAME(pick_bits)(x == x, rounded, bits | 0x400000);
    return __builtin_convertvector((kept >> 16) & 0xFFFF, HALVES);
#endif
}

static void NAME(exp)(float *values, size_t count) {
    for (size_t i = 0; i < count; i += LANES) {
        size_t rest = count - i < LANES ? count - i : LANES;
        NAME(store_part)(values + i, NAME(exp_of)(NAME(load_part)(values + i, rest)), rest);
    }
}

static void NAME(erf)(float *values, size_t count) {
    for (size_t i = 0; i < count; i += LANES) {
        size_t rest = count - i < LANES ? count - i : LANES;
        NAME(store_part)(values + i, NAME(erf_of)(NAME(load_part)(values + i, rest)), rest);
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

INLINE void NAME(layer_norm_row)(
    float *row, size_t columns, const float *scale, const float *shift, float epsilon
) {
    size_t c;
    VEC sums = {0};
    for (c = 0; c + LANES <= columns; c += LANES) sums += NAME(load)(row + c);
    float sum = NAME(sum)(sums);
    for (; c < columns; c++) sum += row[c];
    float mean = sum / (float)columns;
    /* The variance around the mean: no cancellation. */
    VEC squares = {0};
    for (c = 0; c + LANES <= columns; c += LANES) {
        VEC x = NAME(load)(row + c) - mean;
        squares += x * x;
    }
    float square = NAME(sum)(squares);
    for (; c < columns; c++) square += (row[c] - mean) * (row[c] - mean);
    float inverse = 1.0f / __builtin_sqrtf(square / (float)columns + epsilon);
    for (c = 0; c + LANES <= columns; c += LANES) {
        VEC x = (NAME(load)(row + c) - mean) * inverse;
        NAME(store)(row + c, x * NAME(load)(scale + c) + NAME(load)(shift + c));
    }
    for (; c < columns; c++) row[c] = (row[c] - mean) * inverse * scale[c] + shift[c];
}

/* to = from / root of the mean square * scale; the two may be the same. */
INLINE void NAME(rms_norm_row)(
    const float *from, size_t columns, const float *scale, float epsilon, float *to
) {
    size_t c;
    VEC squares = {0};
    for (c = 0; c + LANES <= columns; c += LANES) {
        VEC x = NAME(load)(from + c);
        squares += x * x;
    }
    float square = NAME(sum)(squares);
    for (; c < columns; c++) square += from[c] * from[c];
    float inverse = 1.0f / __builtin_sqrtf(square / (float)columns + epsilon);
    for (c = 0; c + LANES <= columns; c += LANES)
        NAME(store)(to + c, NAME(load)(from + c) * inverse * NAME(load)(scale + c));
    for (; c < columns; c++) to[c] = from[c] * inverse * scale[c];
}

/* silu(x) = x / (1 + exp(-x)) */
INLINE VEC NAME(silu_of)(VEC x) { return x / (1.0f + NAME(exp_of)(-x)); }

/* The first half of a row: silu of it, times the second half. */
INLINE void NAME(gate_row)(float *row, size_t columns) {
    size_t c = 0;
    for (; c + LANES <= columns; c += LANES) {
        VEC up = NAME(load)(row + columns + c);
        NAME(store)(row + c, NAME(silu_of)(NAME(load)(row + c)) * up);
    }
    if (c < columns) {
        size_t rest = columns - c;
        VEC up = NAME(load_part)(row + columns + c, rest);
        NAME(store_part)(row + c, NAME(silu_of)(NAME(load_part)(row + c, rest)) * up, rest);
    }
}

/* Pairs of elements half a head apart, turned by an angle each. */
INLINE void NAME(rotate_head)(float *head, size_t half, const float *angles) {
    size_t i = 0;
    for (; i + LANES <= half; i += LANES) {
        VEC x = NAME(load)(head + i), y = NAME(load)(head + half + i);
        VEC cosine = NAME(load)(angles + i), sine = NAME(load)(angles + half + i);
        NAME(store)(head + i, x * cosine - y * sine);
        NAME(store)(head + half + i, y * cosine + x * sine);
    }
    for (; i < half; i++) {
        float x = head[i], y = head[half + i];
        head[i] = x * angles[i] - y * angles[half + i];
        head[half + i] = y * angles[i] + x * angles[half + i];
    }
}

#define MAP_ROW(function)                                                                          \
    do {                                                                                           \
        size_t c = 0;                                                                              \
        for (; c + LANES <= columns; c += LANES)                                                   \
            NAME(store)(row + c, NAME(function)(NAME(load)(row + c)));                             \
        if (c < columns) {                                                                         \
            size_t rest = columns - c;                                                             \
            NAME(store_part)(row + c, NAME(function)(NAME(load_part)(row + c, rest)), rest);       \
        }                                                                                          \
    } while (0)

INLINE void NAME(activate_row)(
    float *row, size_t columns, ragd_activation activation, const int is_rough
) {
    switch (activation) {
    case RAGD_GELU:
        if (is_rough) {
            MAP_ROW(gelu_rough);
        } else {
            MAP_ROW(gelu_of);
        }
        break;
    case RAGD_GELU_TANH: MAP_ROW(gelu_tanh_of); break;
    case RAGD_RELU: MAP_ROW(relu_of); break;
    }
}

#undef MAP_ROW
