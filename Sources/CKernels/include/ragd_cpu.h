/* Which instruction sets this process may use.
 *
 * Every kernel family compiles all its variants under function `target` attributes and offers
 *     const ragd_NAME_kernels *ragd_NAME_kernels_for(ragd_isa isa);
 * a table of function pointers, or NULL where the variant is not compiled in. A caller fetches the
 * table once (`ragd_isa_selected`) and keeps it; there is no test per call.
 */
#ifndef RAGD_CPU_H
#define RAGD_CPU_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    RAGD_ISA_SCALAR = 0, /* portable C: the reference that every other variant is tested against */
    RAGD_ISA_AVX2 = 1,   /* AVX2 + FMA + F16C */
    RAGD_ISA_AVX512 = 2, /* AVX-512 F, BW, DQ, VL and VNNI */
    RAGD_ISA_NEON = 3,   /* AArch64 Advanced SIMD, which every AArch64 CPU has */
    RAGD_ISA_AVX512_BF16 = 4, /* RAGD_ISA_AVX512 and BF16; only the encoder has a variant of it */
} ragd_isa;

/* 1 when both the CPU and the operating system (saved register state) support `isa`. */
int ragd_isa_supported(ragd_isa isa);

/* The set to use: the widest supported one, or the one that the environment variable RAGD_CPU
 * names (scalar, avx2, avx512, avx512bf16, neon) when that one is supported. Decided once, at first call. */
ragd_isa ragd_isa_selected(void);

/* Tells the CPU that this thread spins on a value that another is about to write. */
static inline void ragd_cpu_relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* Lets another thread run. */
void ragd_cpu_yield(void);

/* Asks the kernel to let a thread of this process, or the calling one for 0, run in slices of this
 * many nanoseconds, 100,000 to 100,000,000, at the priority that it has. Returns 0 where the request
 * was taken; Linux has such slices from 6.12 on, and elsewhere nothing changes. */
int ragd_cpu_slice(int thread, uint64_t nanoseconds);

/* A static lower-case name: the words that RAGD_CPU takes. */
const char *ragd_isa_name(ragd_isa isa);

#ifdef __cplusplus
}
#endif
#endif
