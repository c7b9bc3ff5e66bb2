/*
 * markup_walk.c - a unit of HTML is read: its holes are found, its literals compared.
 *
 * Two small functions are all that a width of register needs: the bytes c
 * among 64, and which of 64 bytes are not the same.
 */

#include "markup.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif

#define LOOK  128


/* behind the value without quotes at q, of which LOOK bytes can be read; NULL:
 * it is none, or a long one */

static __attribute__((noinline)) const uint8_t *
bare_end(const uint8_t *q)
{
    uint32_t  i;

    if (*q == '"' || *q == '\'') {
        return NULL;
    }

    for (i = 0; i < LOOK - 64 && q[i] > ' ' && q[i] != '>'; i++) {
        /* void */
    }

    return i != 0 && i < LOOK - 64 ? q + i : NULL;
}


#if defined(__SSE2__)

static inline uint64_t
hits_16(const uint8_t *p, char c)
{
    int       i;
    __m128i   w, v;
    uint64_t  m;

    w = _mm_set1_epi8(c);

    for (i = 3, m = 0; i >= 0; i--) {
        v = _mm_loadu_si128((const __m128i *) (const void *) p + i);
        m = m << 16 | (uint16_t) _mm_movemask_epi8(_mm_cmpeq_epi8(v, w));
    }

    return m;
}


static inline uint64_t
other_16(const uint8_t *a, const uint8_t *b)
{
    int       i;
    __m128i   v;
    uint64_t  m;

    for (i = 3, m = 0; i >= 0; i--) {
        v = _mm_cmpeq_epi8(
                _mm_loadu_si128((const __m128i *) (const void *) a + i),
                _mm_loadu_si128((const __m128i *) (const void *) b + i));
        m = m << 16 | (uint16_t) _mm_movemask_epi8(v);
    }

    return ~m;
}


#define TARGET
#define HITS  hits_16
#define OTHER  other_16
#define WALK  walk_16
#define REST  rest_16
#define FIND  find_16
#include "markup_walk.h"


__attribute__((target("avx2,bmi,bmi2")))
static inline uint64_t
hits_32(const uint8_t *p, char c)
{
    __m256i  a, b, w;

    w = _mm256_set1_epi8(c);
    a = _mm256_loadu_si256((const __m256i *) (const void *) p);
    b = _mm256_loadu_si256((const __m256i *) (const void *) p + 1);

    return (uint64_t) (uint32_t)
           _mm256_movemask_epi8(_mm256_cmpeq_epi8(b, w)) << 32
           | (uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(a, w));
}


__attribute__((target("avx2,bmi,bmi2")))
static inline uint64_t
other_32(const uint8_t *a, const uint8_t *b)
{
    uint32_t  lo, hi;

    lo = (uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(
             _mm256_loadu_si256((const __m256i *) (const void *) a),
             _mm256_loadu_si256((const __m256i *) (const void *) b)));
    hi = (uint32_t) _mm256_movemask_epi8(_mm256_cmpeq_epi8(
             _mm256_loadu_si256((const __m256i *) (const void *) a + 1),
             _mm256_loadu_si256((const __m256i *) (const void *) b + 1)));

    return ~((uint64_t) hi << 32 | lo);
}


#define TARGET  __attribute__((target("avx2,bmi,bmi2")))
#define HITS  hits_32
#define OTHER  other_32
#define WALK  walk_32
#define REST  rest_32
#define FIND  find_32
#include "markup_walk.h"


__attribute__((target("avx512bw,bmi,bmi2")))
static inline uint64_t
hits_64(const uint8_t *p, char c)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512((const void *) p),
                                  _mm512_set1_epi8(c));
}


__attribute__((target("avx512bw,bmi,bmi2")))
static inline uint64_t
other_64(const uint8_t *a, const uint8_t *b)
{
    return _mm512_cmpneq_epi8_mask(_mm512_loadu_si512((const void *) a),
                                   _mm512_loadu_si512((const void *) b));
}


#define TARGET  __attribute__((target("avx512bw,bmi,bmi2")))
#define HITS  hits_64
#define OTHER  other_64
#define WALK  walk_64
#define REST  rest_64
#define FIND  find_64
#include "markup_walk.h"

#else

static inline uint64_t
hits_8(const uint8_t *p, char c)
{
    uint32_t  i;
    uint64_t  m;

    for (i = 0, m = 0; i < 64; i++) {
        m |= (uint64_t) (p[i] == (uint8_t) c) << i;
    }

    return m;
}


static inline uint64_t
other_8(const uint8_t *a, const uint8_t *b)
{
    uint32_t  i;
    uint64_t  m;

    for (i = 0, m = 0; i < 64; i++) {
        m |= (uint64_t) (a[i] != b[i]) << i;
    }

    return m;
}


#define TARGET
#define HITS  hits_8
#define OTHER  other_8
#define WALK  walk_8
#define REST  rest_8
#define FIND  find_8
#include "markup_walk.h"

#endif


size_t
mdr_markup_walk(const mdr_markup_t *m, int wide, uint32_t state, mdr_walk_t *w)
{
#if defined(__SSE2__)
    return wide == 2 ? walk_64(m, state, w)
           : wide ? walk_32(m, state, w) : walk_16(m, state, w);
#else
    (void) wide;
    return walk_8(m, state, w);
#endif
}
