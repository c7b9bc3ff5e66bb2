/*
 * cpu.c - which instructions are used: what the machine has, and what the
 * environment allows.
 */

#include "cpu.h"
#include "moderation.h"

#include <stdlib.h>
#include <string.h>


static const char *const  names[] = {
    "scalar", "sse2", "ssse3", "avx2", "avx512"
};


static int
best(void)
{
#if defined(__x86_64__) && defined(__GNUC__)

    if (!__builtin_cpu_supports("ssse3")) {
        return MDR_CPU_SSE2;
    }

    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("bmi")
        || !__builtin_cpu_supports("bmi2")
        || !__builtin_cpu_supports("popcnt"))
    {
        return MDR_CPU_SSSE3;
    }

    return __builtin_cpu_supports("avx512bw") ? MDR_CPU_AVX512 : MDR_CPU_AVX2;

#else
    return MDR_CPU_SCALAR;
#endif
}


int
mdr_cpu(void)
{
    int          i, most;
    const char  *s;

    static int  level = -1;             /* the same for all who ask          */

    if (level >= 0) {
        return level;
    }

    most = best();
    s = getenv("MODERATION_SIMD");

    for (i = 0; s != NULL && i < most; i++) {
        if (strcmp(s, names[i]) == 0) {
            most = i;
        }
    }

    level = most;

    return level;
}


const char *
mdr_simd(void)
{
#if defined(__ARM_NEON)
    return "neon";
#else
    return names[mdr_cpu()];
#endif
}
