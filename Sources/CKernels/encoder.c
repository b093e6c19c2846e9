/* One table of encoder passes an instruction set and precision; see ragd_encoder.h for what they
 * compute. encoder_set.h has one set's, encoder_scalar.h the reference. */
#include "ragd_encoder.h"

#include <stdint.h>
#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

/* Between these, exp() in single precision neither underflows to a subnormal nor overflows. */
#define EXP_LOWEST (-87.336540f)
#define EXP_HIGHEST 88.376262f
#define LOG2_E 1.44269504f
#define SQRT_HALF 0.70710678f
#define SQRT_TWO_OVER_PI 0.79788456f
/* Words of a row that a product takes at a time: 64 KiB of a panel of AVX-512. */
#define PRODUCT_DEPTH 512
/* The cubic term in the tanh form of GELU (Hendrycks and Gimpel, arXiv:1606.08415). */
#define GELU_CUBIC 0.044715f

/* Half a word, whatever type the memory was written as. */
typedef uint16_t half __attribute__((may_alias));

#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)

/* The tables of one set, in the order of ragd_precision. Queries, keys and values of int8 are bf16:
 * rounded to eight bits, attention would lose more than it gains. */
#define TABLES(set, columns, native_bf16, native_int8)                                             \
    static const ragd_encoder_kernels tables_##set[] = {                                           \
        TABLE(f32_##set, f32_##set, RAGD_F32, RAGD_F32, 1, columns),                               \
        TABLE(bf16_##set, bf16_##set, RAGD_BF16, RAGD_BF16, native_bf16, columns),                 \
        TABLE(int8_##set, bf16_##set, RAGD_INT8, RAGD_BF16, native_int8, columns),                 \
        TABLE(int8_blocks_##set, bf16_##set, RAGD_INT8_BLOCKS, RAGD_BF16, native_int8, columns),   \
    };                                                                                             \
    static const ragd_row_kernels rows_##set = {                                                   \
        .exp = exp_##set, .erf = erf_##set, .add = add_##set, .unit_rows = unit_rows_##set,        \
    }
#define TABLE(suffix, attention_suffix, word, attention_word, native, columns)                     \
    {                                                                                              \
        .precision = word, .attention_precision = attention_word, .is_native = native,             \
        .panel_columns = columns, .product = product_##suffix, .encode = encode_##suffix,          \
        .layer_norm = layer_norm_##suffix, .activate = activate_##suffix,                          \
        .rms_norm = rms_norm_##suffix, .gate = gate_##suffix,                                      \
        .rotate = rotate_##attention_suffix, .attention = attention_##attention_suffix,            \
    }

#include "encoder_scalar.h"
TABLES(scalar, PANEL_COLUMNS_SCALAR, 0, 0);

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define SET avx2
#define HAS_MADD
#include "encoder_set.h"
#pragma clang attribute pop
TABLES(avx2, 16, 0, 0);

#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni"))), apply_to = function  \
)
#define LANES 16
#define SET avx512
#define HAS_VNNI
#include "encoder_set.h"
#pragma clang attribute pop
TABLES(avx512, 32, 0, 1);

#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512bf16"))),           \
    apply_to = function                                                                            \
)
#define LANES 16
#define SET avx512bf16
#define HAS_VNNI
#define HAS_BF16
#include "encoder_set.h"
#pragma clang attribute pop
TABLES(avx512bf16, 32, 1, 1);

#elif defined(__aarch64__)

#define LANES 4
#define SET neon
#include "encoder_set.h"
TABLES(neon, 8, 0, 0);

#endif

const ragd_encoder_kernels *ragd_encoder_kernels_for(ragd_isa isa, ragd_precision precision) {
    if (precision > RAGD_INT8_BLOCKS) return NULL;
    switch (isa) {
    case RAGD_ISA_SCALAR: return &tables_scalar[precision];
#if defined(__x86_64__)
    case RAGD_ISA_AVX2: return &tables_avx2[precision];
    case RAGD_ISA_AVX512: return &tables_avx512[precision];
    case RAGD_ISA_AVX512_BF16: return &tables_avx512bf16[precision];
#elif defined(__aarch64__)
    case RAGD_ISA_NEON: return &tables_neon[precision];
#endif
    default: return NULL;
    }
}

const ragd_row_kernels *ragd_row_kernels_for(ragd_isa isa) {
    switch (isa) {
    case RAGD_ISA_SCALAR: return &rows_scalar;
#if defined(__x86_64__)
    case RAGD_ISA_AVX2: return &rows_avx2;
    case RAGD_ISA_AVX512: return &rows_avx512;
    case RAGD_ISA_AVX512_BF16: return &rows_avx512bf16;
#elif defined(__aarch64__)
    case RAGD_ISA_NEON: return &rows_neon;
#endif
    default: return NULL;
    }
}
