/* Run-time CPU detection: CPUID through the compiler's builtins, which also check by XGETBV that
 * the operating system saves the wider registers. */
#include "ragd_cpu.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#if defined(__linux__)
#include <errno.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* In ascending order of preference. */
static const ragd_isa all_isas[] = {
    RAGD_ISA_SCALAR, RAGD_ISA_AVX2, RAGD_ISA_AVX512, RAGD_ISA_AVX512_BF16, RAGD_ISA_NEON,
};

const char *ragd_isa_name(ragd_isa isa) {
    switch (isa) {
    case RAGD_ISA_SCALAR: return "scalar";
    case RAGD_ISA_AVX2: return "avx2";
    case RAGD_ISA_AVX512: return "avx512";
    case RAGD_ISA_NEON: return "neon";
    case RAGD_ISA_AVX512_BF16: return "avx512bf16";
    }
    return "unknown";
}

int ragd_isa_supported(ragd_isa isa) {
    switch (isa) {
    case RAGD_ISA_SCALAR: return 1;
#if defined(__x86_64__)
    case RAGD_ISA_AVX2:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case RAGD_ISA_AVX512:
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")
            && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl")
            && __builtin_cpu_supports("avx512vnni");
    case RAGD_ISA_AVX512_BF16:
        return ragd_isa_supported(RAGD_ISA_AVX512) && __builtin_cpu_supports("avx512bf16");
#elif defined(__aarch64__)
    case RAGD_ISA_NEON: return 1;
#endif
    default: return 0;
    }
}

static ragd_isa selected;
static pthread_once_t selection = PTHREAD_ONCE_INIT;

static void select_isa(void) {
    const char *wanted = getenv("RAGD_CPU");
    selected = RAGD_ISA_SCALAR;
    for (size_t i = 0; i < sizeof all_isas / sizeof all_isas[0]; i++) {
        ragd_isa isa = all_isas[i];
        if (!ragd_isa_supported(isa)) continue;
        selected = isa;
        if (wanted != NULL && strcmp(wanted, ragd_isa_name(isa)) == 0) return;
    }
}

ragd_isa ragd_isa_selected(void) {
    pthread_once(&selection, select_isa);
    return selected;
}

void ragd_cpu_yield(void) {
    sched_yield();
}

int ragd_cpu_slice(int thread, uint64_t nanoseconds) {
#if defined(__linux__) && defined(SYS_sched_setattr)
    /* struct sched_attr of linux/sched/types.h, which glibc has from 2.41 on. */
    struct {
        uint32_t size, policy;
        uint64_t flags;
        int32_t nice;
        uint32_t priority;
        uint64_t runtime, deadline, period;
    } attributes = {.size = sizeof attributes, .policy = SCHED_OTHER, .runtime = nanoseconds};
    errno = 0;
    attributes.nice = getpriority(PRIO_PROCESS, (id_t)thread);
    if (errno != 0 || sched_getscheduler(thread) != SCHED_OTHER) return -1;
    return (int)syscall(SYS_sched_setattr, thread, &attributes, 0);
#else
    (void)thread;
    (void)nanoseconds;
    return -1;
#endif
}
