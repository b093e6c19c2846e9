/* All passes of one instruction set. encoder.c includes this file inside the set's `target`
 * attribute, with LANES and SET, and HAS_VNNI, HAS_BF16 or HAS_MADD where the set multiplies
 * words by instructions. */
#define NAME(x) JOIN(x, SET)

#include "encoder_vector.h"

/* sums + the product of one element and LANES others. */
INLINE VEC JOIN(dot_f32, SET)(VEC sums, uint32_t a, MASK b) {
    float factor;
    __builtin_memcpy(&factor, &a, sizeof factor);
    return sums + (VEC)b * factor;
}

/* Two products a word. A bf16 number is the upper half of an f32 one. */
INLINE VEC JOIN(dot_bf16, SET)(VEC sums, uint32_t a, MASK b) {
#ifdef HAS_BF16
    return (VEC)_mm512_dpbf16_ps((__m512)sums, (__m512bh)_mm512_set1_epi32((int)a), (__m512bh)b);
#else
    MASK low = (MASK){0} + (int)(a << 16), high = (MASK){0} + (int)(a & 0xFFFF0000);
    sums += (VEC)(b << 16) * (VEC)low;
    return sums + (VEC)(b & (int)0xFFFF0000) * (VEC)high;
#endif
}

/* Four products a word, of unsigned by signed bytes. */
INLINE MASK JOIN(dot_int8, SET)(MASK sums, uint32_t a, MASK b) {
#if defined(HAS_VNNI)
    return (MASK)_mm512_dpbusd_epi32((__m512i)sums, _mm512_set1_epi32((int)a), (__m512i)b);
#elif defined(HAS_MADD)
    /* Even and odd bytes as 16-bit pairs: vpmaddubsw would add two products into 16 bits and
     * saturate. */
    __m256i words = _mm256_set1_epi32((int)a), bytes = (__m256i)b;
    __m256i even = _mm256_madd_epi16(
        _mm256_and_si256(words, _mm256_set1_epi16(0xFF)),
        _mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8)
    );
    __m256i odd =
        _mm256_madd_epi16(_mm256_srli_epi16(words, 8), _mm256_srai_epi16(bytes, 8));
    return sums + (MASK)_mm256_add_epi32(even, odd);
#else
    for (int i = 0; i < 4; i++) sums += (b << (24 - 8 * i) >> 24) * (int)(a >> (8 * i) & 0xFF);
    return sums;
#endif
}

#define ATTENTION

#define WORD 0
#define WORDS(x) JOIN(JOIN(x, f32), SET)
typedef VEC WORDS(sums);
#include "encoder_words.h"
#undef WORD
#undef WORDS

#define WORD 1
#define WORDS(x) JOIN(JOIN(x, bf16), SET)
typedef VEC WORDS(sums);
#include "encoder_words.h"
#undef WORD
#undef WORDS

#undef ATTENTION

#define WORD 2
#define WORDS(x) JOIN(JOIN(x, int8), SET)
typedef MASK WORDS(sums);
#include "encoder_words.h"
#undef WORD
#undef WORDS

#define WORD 3
#define WORDS(x) JOIN(JOIN(x, int8_blocks), SET)
typedef MASK WORDS(sums);
#include "encoder_words.h"
#undef WORD
#undef WORDS

#undef NAME
#undef LANES
#undef SET
#undef VEC
#undef MASK
#undef HALVES
#undef INLINE
#undef HAS_MADD
#undef HAS_VNNI
#undef HAS_BF16
