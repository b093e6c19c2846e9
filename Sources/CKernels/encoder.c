/* One table of encoder passes an instruction set; see ragd_encoder.h for what they compute. */
#include "ragd_encoder.h"

#include <stdint.h>
#include <string.h>

/* Between these, exp() in single precision neither underflows to a subnormal nor overflows. */
#define EXP_LOWEST (-87.336540f)
#define EXP_HIGHEST 88.376262f
#define SQRT_HALF 0.70710678f
#define SQRT_TWO_OVER_PI 0.79788456f
/* Elements of a row that a product takes at a time: 64 KiB of a panel of AVX-512. */
#define PRODUCT_DEPTH 512
/* The cubic term in the tanh form of GELU (Hendrycks and Gimpel, arXiv:1606.08415). */
#define GELU_CUBIC 0.044715f

#define TABLE(suffix)                                                                              \
    static const ragd_encoder_kernels table_##suffix = {                                           \
        .panel_columns = PANEL_COLUMNS_##suffix,                                                   \
        .add_product = add_product_##suffix,                                                       \
        .exp = exp_##suffix,                                                                       \
        .erf = erf_##suffix,                                                                       \
        .bias_gelu = bias_gelu_##suffix,                                                           \
        .bias_gelu_tanh = bias_gelu_tanh_##suffix,                                                 \
        .bias_relu = bias_relu_##suffix,                                                           \
        .bias_layer_norm = bias_layer_norm_##suffix,                                               \
        .attention = attention_##suffix,                                                           \
        .add = add_##suffix,                                                                       \
        .unit_rows = unit_rows_##suffix,                                                           \
    }

#include "encoder_scalar.h"
TABLE(scalar);

#define PANEL_COLUMNS_avx2 16
#define PANEL_COLUMNS_avx512 32
#define PANEL_COLUMNS_neon 8

#if defined(__x86_64__)

#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#define LANES 8
#define NAME(x) x##_avx2
#include "encoder_vector.h"
#pragma clang attribute pop
TABLE(avx2);

#pragma clang attribute push(                                                                      \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl"))), apply_to = function             \
)
#define LANES 16
#define NAME(x) x##_avx512
#include "encoder_vector.h"
#pragma clang attribute pop
TABLE(avx512);

#elif defined(__aarch64__)

#define LANES 4
#define NAME(x) x##_neon
#include "encoder_vector.h"
TABLE(neon);

#endif

const ragd_encoder_kernels *ragd_encoder_kernels_for(ragd_isa isa) {
    switch (isa) {
    case RAGD_ISA_SCALAR: return &table_scalar;
#if defined(__x86_64__)
    case RAGD_ISA_AVX2: return &table_avx2;
    case RAGD_ISA_AVX512: return &table_avx512;
#elif defined(__aarch64__)
    case RAGD_ISA_NEON: return &table_neon;
#endif
    default: return NULL;
    }
}
