/*
 * cpu.h - how many bytes the machine looks at together.
 *
 * The environment variable MODERATION_SIMD (scalar, sse2, ssse3, avx2, avx512,
 * neon) says what may be used at most; it is read once a process.  What the
 * machine does not have is not used, whatever it says.
 */

#ifndef MDR_CPU_H
#define MDR_CPU_H

/* scalar: the least that was compiled in (SSE2 where every machine has it) */
enum { MDR_CPU_SCALAR, MDR_CPU_SSE2, MDR_CPU_SSSE3, MDR_CPU_AVX2,
       MDR_CPU_AVX512 };

int mdr_cpu(void);

#endif
