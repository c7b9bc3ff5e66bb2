/*
 * json_block.h - many bytes of JSON at once: strings in a block of 64 bytes as
 * masks with a bit a byte, the end of a string, the end of a number.
 */

#ifndef MDR_JSON_BLOCK_H
#define MDR_JSON_BLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/cpu.h"

/* what stands behind a backslash; *carry in and out: so does the first byte
 * of this block, of the next (J. Keiser, G. Langdale, D. Lemire: rows of
 * backslashes end behind an odd one or an even one) */
static inline uint64_t
mdr_escaped(uint64_t slash, uint8_t *carry)
{
    uint64_t  behind, odd, ends;

    slash &= ~(uint64_t) *carry;
    behind = slash << 1 | *carry;
    odd = slash & 0xaaaaaaaaaaaaaaaaULL & ~behind;
    ends = odd + slash;
    *carry = ends < slash;

    return (0x5555555555555555ULL ^ ends << 1) & behind;
}

/* from an opening quote to the byte before the closing one; string: the block
 * begins inside a string */
static inline uint64_t
mdr_inside(uint64_t quote, int string)
{
    quote ^= quote << 1;
    quote ^= quote << 2;
    quote ^= quote << 4;
    quote ^= quote << 8;
    quote ^= quote << 16;
    quote ^= quote << 32;

    return string ? ~quote : quote;
}

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>

#define MDR_BLOCKS  1

/* bytes of v that are c, as bits from `shift` on */
#define MDR_MASK(v, c, shift)                                                \
    ((uint64_t) (uint32_t) _mm256_movemask_epi8(                             \
        _mm256_cmpeq_epi8(v, _mm256_set1_epi8(c))) << (shift))

static inline int
mdr_blocks(void)
{
    return mdr_cpu() >= MDR_CPU_AVX2;
}

/* which of 16 bytes are the quote or a backslash */
static inline uint32_t
mdr_marks(const uint8_t *p, uint8_t quote)
{
    __m128i  v;

    v = _mm_loadu_si128((const __m128i *) (const void *) p);

    return (uint32_t) _mm_movemask_epi8(_mm_or_si128(
                          _mm_cmpeq_epi8(v, _mm_set1_epi8((char) quote)),
                          _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));
}

#endif

/* bytes before the first quote or backslash; most strings end within the
 * first two steps, and these cost no wrong guess of a branch */
static inline size_t
mdr_json_plain(const uint8_t *p, size_t n, uint8_t quote)
{
    size_t  i;

    i = 0;

#ifdef MDR_BLOCKS

    for ( ; n - i >= 32; i += 32) {
        uint32_t  m;

        m = mdr_marks(p + i, quote) | mdr_marks(p + i + 16, quote) << 16;

        if (m != 0) {
            return i + (size_t) __builtin_ctz(m);
        }
    }

#endif

    while (i < n && p[i] != quote && p[i] != '\\') {
        i++;
    }

    return i;
}

/* digits at p */
static inline size_t
mdr_json_digits(const uint8_t *p, size_t n)
{
    size_t  i;

    i = 0;

#ifdef MDR_BLOCKS

    if (n >= 16) {
        __m128i   v;
        uint32_t  m;

        v = _mm_loadu_si128((const __m128i *) (const void *) p);
        v = _mm_add_epi8(v, _mm_set1_epi8((char) (128 - '0')));
                                                /* now 0-9 are the lowest    */
        m = (uint32_t) _mm_movemask_epi8(
                _mm_cmpgt_epi8(v, _mm_set1_epi8(9 - 128)));

        if (m != 0) {
            return (size_t) __builtin_ctz(m);
        }

        i = 16;
    }

#endif

    while (i < n && p[i] >= '0' && p[i] <= '9') {
        i++;
    }

    return i;
}

#endif
