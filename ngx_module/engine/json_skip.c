/*
 * json_skip.c - passing over JSON that nobody wants, 64 bytes at a time.
 *
 * A block becomes masks, a bit a byte: quotes that are not escaped, from
 * them what is inside a string (an exclusive-or over all bits before), and
 * the brackets outside.  How many open and close is all that is needed as
 * long as the depth cannot reach zero within the block; where it can, and
 * for what only broken bodies have, the caller goes on byte by byte.
 */

#include "json.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)

#include <immintrin.h>


typedef struct {
    uint64_t  quote, slash, open, close, line;
} masks_t;


__attribute__((target("avx2")))
static inline void
masks(masks_t *m, const uint8_t *p)
{
    int      i;
    __m256i  v, l;

    memset(m, 0, sizeof(masks_t));

    for (i = 0; i < 64; i += 32) {
        v = _mm256_loadu_si256((const __m256i *) (const void *) (p + i));
        l = _mm256_or_si256(v, _mm256_set1_epi8(0x20));     /* [ { and ] }   */

#define MASK(x, c)                                                           \
    ((uint64_t) (uint32_t) _mm256_movemask_epi8(                             \
        _mm256_cmpeq_epi8(x, _mm256_set1_epi8(c))) << i)

        m->quote |= MASK(v, '"');
        m->slash |= MASK(v, '\\');
        m->open |= MASK(l, '{');
        m->close |= MASK(l, '}');
        m->line |= MASK(v, '\n');

#undef MASK
    }
}


__attribute__((target("avx2,popcnt,bmi")))
static size_t
skip_avx2(const uint8_t *p, size_t n, int lines, mdr_json_skip_t *s)
{
    size_t    i;
    masks_t   m;
    uint64_t  escaped, carry, inside, slash, bit, open, close;

    for (i = 0; n - i >= 64; i += 64) {
        masks(&m, p + i);

        if (lines && m.line != 0) {
            break;
        }

        escaped = s->escaped;
        carry = 0;

        for (slash = m.slash & ~escaped; slash != 0; ) {
            bit = slash & -slash;
            carry |= bit >> 63;
            escaped |= bit << 1;
            slash &= ~(bit | bit << 1);
        }

        inside = m.quote & ~escaped;
        inside ^= inside << 1;
        inside ^= inside << 2;
        inside ^= inside << 4;
        inside ^= inside << 8;
        inside ^= inside << 16;
        inside ^= inside << 32;

        if (s->string) {
            inside = ~inside;
        }

        if (m.slash & ~inside) {
            break;                      /* an escape outside of a string     */
        }

        open = (uint64_t) __builtin_popcountll(m.open & ~inside);
        close = (uint64_t) __builtin_popcountll(m.close & ~inside);

        if (close >= s->depth) {
            break;                      /* it may end in here                */
        }

        s->depth += open - close;
        s->string = (uint8_t) (inside >> 63);
        s->escaped = (uint8_t) carry;
    }

    return i;
}

#endif


size_t
mdr_json_skip(const uint8_t *p, size_t n, int lines, mdr_json_skip_t *s)
{
#if defined(__x86_64__) && defined(__GNUC__)

    if (n >= 64 && __builtin_cpu_supports("avx2")
        && __builtin_cpu_supports("popcnt") && __builtin_cpu_supports("bmi"))
    {
        return skip_avx2(p, n, lines, s);
    }

#else

    (void) p;
    (void) n;
    (void) lines;
    (void) s;

#endif

    return 0;
}


/* the first quote or backslash */

size_t
mdr_json_plain(const uint8_t *p, size_t n, uint8_t quote)
{
    size_t  i;

    i = 0;

#if defined(__x86_64__) && defined(__GNUC__)

    for ( ; n - i >= 16; i += 16) {
        int      m;
        __m128i  v;

        v = _mm_loadu_si128((const __m128i *) (const void *) (p + i));
        m = _mm_movemask_epi8(_mm_or_si128(
                       _mm_cmpeq_epi8(v, _mm_set1_epi8((char) quote)),
                       _mm_cmpeq_epi8(v, _mm_set1_epi8('\\'))));

        if (m != 0) {
            return i + (size_t) __builtin_ctz((unsigned) m);
        }
    }

#endif

    while (i < n && p[i] != quote && p[i] != '\\') {
        i++;
    }

    return i;
}
