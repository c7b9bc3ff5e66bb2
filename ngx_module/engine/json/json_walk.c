/*
 * json_walk.c - a unit of JSON is read by its literals (markup/markup.h): the
 * ends of its holes are found 32 bytes at a time, and what stands behind them
 * is compared.
 *
 * Three small functions are all that a width of register needs: the bytes c
 * among 32, those that may end a string, and which of 32 bytes are not the
 * same.  Wider registers would be no quicker: most holes and literals are
 * shorter.
 */

#include "json.h"
#include "json_block.h"
#include "text/text_ready.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define LOOK  128


/* behind the number or word of JSON at q, of which 64 bytes can be read; NULL:
 * it is none, or a long one */

static inline const uint8_t *
word_end(const uint8_t *q, int *none)
{
    size_t  n;

    n = mdr_json_digits(q, 63);

    if (n == 0) {
        if (memcmp(q, "true", 4) == 0 || memcmp(q, "null", 4) == 0) {
            return q + 4;
        }

        if (memcmp(q, "false", 5) == 0) {
            return q + 5;
        }

    } else if ((q[n] == ',' || q[n] == '}' || q[n] == ']')
               && (n == 1 || q[0] != '0'))
    {
        return q + n;
    }

    for (n = 0; n < 64 && (((q[n] | 32) >= 'a' && (q[n] | 32) <= 'z')
                           || (q[n] >= '0' && q[n] <= '9') || q[n] == '.'
                           || q[n] == '-' || q[n] == '+'); n++)
    {
        /* void */
    }

    if (n < 64 && mdr_json_is_number(q, n)) {
        return q + n;
    }

    *none = 1;

    return NULL;
}


#if defined(__SSE2__)

static inline uint32_t
hits_16(const uint8_t *p, char c)
{
    __m128i  a, b, w;

    w = _mm_set1_epi8(c);
    a = _mm_loadu_si128((const __m128i *) (const void *) p);
    b = _mm_loadu_si128((const __m128i *) (const void *) p + 1);

    return (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(a, w))
           | (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(b, w)) << 16;
}


static inline uint32_t
other_16(const uint8_t *a, const uint8_t *b)
{
    __m128i  lo, hi;

    lo = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *) (const void *) a),
                        _mm_loadu_si128((const __m128i *) (const void *) b));
    hi = _mm_cmpeq_epi8(
             _mm_loadu_si128((const __m128i *) (const void *) a + 1),
             _mm_loadu_si128((const __m128i *) (const void *) b + 1));

    return ~((uint32_t) _mm_movemask_epi8(lo)
             | (uint32_t) _mm_movemask_epi8(hi) << 16);
}


#define TARGET
#define ENDS(p)  (hits_16(p, '"') | hits_16(p, '\\'))
#define HITS  hits_16
#define OTHER  other_16
#define READY(p, n)  0
#define STRING  string_16
#define VALUE  value_16
#define REST  rest_16
#define SAME  same_16
#define SEARCH  search_16
#define HOLE  hole_16
#define WALK  walk_16
#include "json_walk.h"


#define WIDE  __attribute__((target("avx2,bmi,bmi2,popcnt")))

WIDE static inline uint32_t
hits_32(const uint8_t *p, char c)
{
    return (uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(
               _mm256_loadu_si256((const __m256i *) (const void *) p),
               _mm256_set1_epi8(c)));
}


WIDE static inline uint32_t
ends_32(const uint8_t *p)
{
    __m256i  v;

    v = _mm256_loadu_si256((const __m256i *) (const void *) p);

    return (uint32_t) _mm256_movemask_epi8(_mm256_or_si256(
               _mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
               _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\'))));
}


WIDE static inline uint32_t
other_32(const uint8_t *a, const uint8_t *b)
{
    return ~(uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(
               _mm256_loadu_si256((const __m256i *) (const void *) a),
               _mm256_loadu_si256((const __m256i *) (const void *) b)));
}


#define TARGET  WIDE
#define ENDS(p)  ends_32(p)
#define HITS  hits_32
#define OTHER  other_32
#define READY(p, n)  mdr_ready_wide(p, n)
#define STRING  string_32
#define VALUE  value_32
#define REST  rest_32
#define SAME  same_32
#define SEARCH  search_32
#define HOLE  hole_32
#define WALK  walk_32
#include "json_walk.h"

#else

static inline uint32_t
hits_8(const uint8_t *p, char c)
{
    uint32_t  i, m;

    for (i = 0, m = 0; i < 32; i++) {
        m |= (uint32_t) (p[i] == (uint8_t) c) << i;
    }

    return m;
}


static inline uint32_t
other_8(const uint8_t *a, const uint8_t *b)
{
    uint32_t  i, m;

    for (i = 0, m = 0; i < 32; i++) {
        m |= (uint32_t) (a[i] != b[i]) << i;
    }

    return m;
}


#define TARGET
#define ENDS(p)  (hits_8(p, '"') | hits_8(p, '\\'))
#define HITS  hits_8
#define OTHER  other_8
#define READY(p, n)  0
#define STRING  string_8
#define VALUE  value_8
#define REST  rest_8
#define SAME  same_8
#define SEARCH  search_8
#define HOLE  hole_8
#define WALK  walk_8
#include "json_walk.h"

#endif


size_t
mdr_json_walk(mdr_json_t *j, uint32_t state, const uint8_t *p, size_t n,
    uint64_t at)
{
    mdr_json_walk_t  *w;

    if (j->walked == at) {
        return j->walked_len;
    }

    w = &j->walk;
    w->p = p;
    w->end = p + n;
    j->walked = at;

#if defined(__SSE2__)
    j->walked_len = j->wide ? walk_32(j->learn, state, w)
                            : walk_16(j->learn, state, w);
#else
    j->walked_len = walk_8(j->learn, state, w);
#endif

    return j->walked_len;
}
