/*
 * page_needle.c - may a value hold what a requirement asks for?
 *
 * A selector like a[href*="12377.cn"] has a needle: bytes that stand in each
 * tag that matches, if no reference stands for one of them.  Of links in
 * learned markup nothing else is asked, of each of them.
 */

#include "page_run.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif


static int
is_alnum(uint8_t c)
{
    return (uint8_t) ((c | 32) - 'a') < 26 || (uint8_t) (c - '0') < 10;
}


/* is "&" at p[i] sure to be no reference but to a character that no needle
 * holds and that does not matter in a URL? */

int
mdr_page_ref(const uint8_t *p, size_t n, size_t i)
{
    size_t    len;
    uint32_t  k, cps[2];

    static const struct {
        uint32_t    len;
        const char  text[8];
    } refs[] = {
        { 5, "&amp;" }, { 6, "&quot;" }, { 4, "&lt;" }, { 4, "&gt;" },
        { 5, "&#39;" }, { 5, "&#34;" }, { 6, "&nbsp;" }
    };

    for (k = 0; k < sizeof(refs) / sizeof(refs[0]); k++) {
        if (n - i > refs[k].len
            && memcmp(p + i, refs[k].text, refs[k].len) == 0)
        {
            return 1;
        }
    }

    /* "&name=": none in an attribute, whatever the name */

    for (len = i + 1; len < n && is_alnum(p[len]); len++) { /* void */ }

    if (len > i + 1 && len < n && p[len] == '=') {
        return 1;
    }

    return mdr_html_ref(p + i, n - i, 1, 1, cps, &len) <= 0;
}


/* is no "&" from i on the beginning of a reference that could be part of a
 * needle? */

static int
is_plain(const uint8_t *p, size_t n, size_t i)
{
    const uint8_t  *q;

    for ( ; i < n && (q = memchr(p + i, '&', n - i)) != NULL; i++) {
        i = (size_t) (q - p);

        if (n - i > 5 && memcmp(q + 1, "amp;", 4) == 0) {
            continue;
        }

        if (!mdr_page_ref(p, n, i)) {
            return 0;
        }
    }

    return 1;
}


/* may the needle s stand in the value, or tag, of n bytes at p, as it is or
 * with references?  room bytes behind it may be read */

static int
may_hold(const uint8_t *p, size_t n, size_t room, mdr_str_t s)
{
    size_t          i, left;
    const uint8_t  *q;

    i = 0;

#if defined(__SSE2__)

    size_t    k;
    __m128i   first, last, amp, a, b;
    uint32_t  m, refs;

    if (n >= s.len) {
        amp = _mm_set1_epi8('&');
        first = _mm_set1_epi8(s.data[0]);
        last = _mm_set1_epi8(s.data[s.len - 1]);

        for ( ; i < n && n - i + room >= s.len + 15; i += 16) {
            a = _mm_loadu_si128((const __m128i *) (const void *) (p + i));
            b = _mm_loadu_si128((const __m128i *) (const void *)
                                (p + i + s.len - 1));
            refs = (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(a, amp));
            m = (uint32_t) _mm_movemask_epi8(_mm_and_si128(
                    _mm_cmpeq_epi8(first, a), _mm_cmpeq_epi8(last, b)));

            if ((m | refs) == 0) {
                continue;
            }

            for ( ; m != 0; m &= m - 1) {
                k = i + (size_t) __builtin_ctz(m);

                if (k + s.len <= n && memcmp(p + k, s.data, s.len) == 0) {
                    return 1;
                }
            }

            for ( ; refs != 0; refs &= refs - 1) {
                k = i + (size_t) __builtin_ctz(refs);

                if (k + 5 <= n && memcmp(p + k + 1, "amp;", 4) == 0) {
                    continue;
                }

                if (k < n && !mdr_page_ref(p, n, k))
                {
                    return 1;
                }
            }
        }

        if (i >= n) {
            return 0;
        }
    }

#endif

    q = p + i;

    while ((left = (size_t) (p + n - q)) >= s.len
           && (q = memchr(q, s.data[0], left - s.len + 1)) != NULL)
    {
        if (memcmp(q, s.data, s.len) == 0) {
            return 1;
        }
        q++;
    }

    return !is_plain(p, n, i);
}


int
mdr_page_may_match(const mdr_page_rules_t *r, uint32_t which, mdr_name_t name,
    const uint8_t *p, size_t n, size_t room)
{
    const mdr_page_require_t  *q;

    for ( ; which != 0; which &= which - 1) {
        q = &r->requires[__builtin_ctz(which)];

        if ((q->tag == 0 || name == 0 || q->tag == name)
            && may_hold(p, n, room, q->needle))
        {
            return 1;
        }
    }

    return 0;
}


#if defined(__SSE2__)

/* does s stand in the n bytes at p, 32 and those of s or more? */

__attribute__((target("avx2"))) static int
holds_32(const uint8_t *p, size_t n, mdr_str_t s)
{
    size_t    i, last;
    __m256i   a, b;
    uint32_t  m;

    a = _mm256_set1_epi8(s.data[0]);
    b = _mm256_set1_epi8(s.data[s.len - 1]);
    last = n - s.len - 31;

    for (i = 0; ; i = last - i > 32 ? i + 32 : last) {
        m = (uint32_t) _mm256_movemask_epi8(_mm256_and_si256(
                _mm256_cmpeq_epi8(a, _mm256_loadu_si256(
                    (const __m256i *) (const void *) (p + i))),
                _mm256_cmpeq_epi8(b, _mm256_loadu_si256(
                    (const __m256i *) (const void *) (p + i + s.len - 1)))));

        for ( ; m != 0; m &= m - 1) {
            if (memcmp(p + i + __builtin_ctz(m), s.data, s.len) == 0) {
                return 1;
            }
        }

        if (i == last) {
            return 0;
        }
    }
}

#endif


int
mdr_page_in_tag(const mdr_page_rules_t *r, const mdr_html_t *h, int plain)
{
    uint32_t          which;
    const mdr_tag_t  *t;

    t = &h->tag;
    which = r->needles;

#if defined(__SSE2__)
    const mdr_page_require_t  *q;

    for ( ; h->wide && plain && which != 0; which &= which - 1) {
        q = &r->requires[__builtin_ctz(which)];

        if (q->tag != 0 && q->tag != t->name) {
            continue;
        }

        if (t->len < 32 + q->needle.len) {
            break;
        }

        if (holds_32(t->p, t->len, q->needle)) {
            return 1;
        }
    }
#endif

    return which != 0
           && mdr_page_may_match(r, which, t->name, t->p, t->len, 0);
}


/* the value of an attribute in learned markup (html.h, hooks); what is done for
 * nearly all, below, shall not pay for its frame */

__attribute__((noinline)) int
mdr_page_value(void *ctx, uint8_t hole, const uint8_t *p, size_t n,
    size_t room)
{
    mdr_page_run_t *run = ctx;

    char      host[MDR_HOST_MAX];
    size_t    len;
    uint32_t  which;

    if (n == 0) {
        return 0;
    }

    /* what has been found need not be found again */

    which = run->r->needles & ~run->have;

    if (which != 0 && mdr_page_may_match(run->r, which, 0, p, n, room)) {
        return 1;
    }

    if (hole == MDR_HOLE_PART || run->r->page->guard.nhosts == 0
        || mdr_page_own(&run->r->hosts, &run->own, p, n))
    {
        return 0;
    }

    if ((p[0] | 32) == 'j' && memchr(p, '/', n) != NULL) {
        return 1;                       /* "javascript:location='//...'"     */
    }

    len = mdr_page_host(p, n, 1, host);

    return len != 0 && !mdr_hosts_has(&run->r->hosts, host, len);
}


#if defined(__SSE2__)

/* of the 32 bytes at p: where the first and the last byte of s are as far from
 * each other as in s, and references but "&a...", which are for no byte of a
 * needle (pages.c) */

__attribute__((target("avx2"))) static inline uint32_t
perhaps(const uint8_t *p, mdr_str_t s)
{
    __m256i  a, next, far, m;

    a = _mm256_loadu_si256((const __m256i *) (const void *) p);
    next = _mm256_loadu_si256((const __m256i *) (const void *) (p + 1));
    far = _mm256_loadu_si256((const __m256i *) (const void *)
                             (p + s.len - 1));
    m = _mm256_and_si256(_mm256_cmpeq_epi8(a, _mm256_set1_epi8(s.data[0])),
                         _mm256_cmpeq_epi8(far, _mm256_set1_epi8(
                                                    s.data[s.len - 1])));
    a = _mm256_andnot_si256(_mm256_cmpeq_epi8(next, _mm256_set1_epi8('a')),
                            _mm256_cmpeq_epi8(a, _mm256_set1_epi8('&')));

    return (uint32_t) _mm256_movemask_epi8(_mm256_or_si256(a, m));
}


/* the same of a machine that has AVX2 */

__attribute__((target("avx2"))) int
mdr_page_value_32(void *ctx, uint8_t hole, const uint8_t *p, size_t n,
    size_t room)
{
    const mdr_page_run_t *run = ctx;

    uint32_t   m, which;
    mdr_str_t  s;

    which = run->r->needles & ~run->have;

    if (hole != MDR_HOLE_PART || n - 1 >= 64 || (which & (which - 1)) != 0) {
        return n != 0 && mdr_page_value(ctx, hole, p, n, room);
    }

    if (which == 0) {
        return 0;
    }

    s = run->r->requires[__builtin_ctz(which)].needle;

    if (room < 32 + s.len) {
        return mdr_page_value(ctx, hole, p, n, room);
    }

    if (n <= 32) {
        m = perhaps(p, s) << (32 - n);
    } else {
        m = perhaps(p, s) | perhaps(p + n - 32, s);
    }

    return m != 0 && mdr_page_value(ctx, hole, p, n, room);
}

#endif
