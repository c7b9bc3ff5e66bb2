/*
 * page_tag.c - what the bytes of a tag tell before any attribute is read: for
 * most tags of a page that nothing of it concerns the page.
 *
 * A tag leads nowhere else if each "//" in it is followed by a host that was
 * found to be listed, and if nothing stands in it that could make another URL
 * of it (WHATWG URL 4.4: a backslash, a scheme without slashes, white space
 * that is taken out; HTML 13.2.5.72: references).  It is not asked which of its
 * attributes the bytes belong to, so that the answer may be "perhaps" where
 * reading it says no; never the other way round.
 */

#include "page_in.h"
#include "html/html_tags.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif


/*
 * Hosts that were found to be listed, by their first eight bytes: two at a
 * place, the one that came last first.
 */

static inline uint32_t
place_of(uint64_t first)
{
    return (uint32_t) (first * 0x9e3779b97f4a7c15ULL >> 58) * 2;
}


/* does the host k stand at p, with a byte behind it that no longer host would
 * have there?  Its length, or 0 */

static inline size_t
stands(const mdr_own_t *own, uint32_t k, const uint8_t *p, size_t n)
{
    size_t                 len;
    const mdr_own_host_t  *o;

    o = &own->hosts[k];
    len = o->len;

    return n > len && mdr_load64(p + len - 8) == o->last
           && (len <= 16 || memcmp(p + 8, o->name + 8, len - 16) == 0)
           && (p[len] == '/' || p[len] == '"' || p[len] == '?'
               || p[len] == '#') ? len : 0;
}


/* the length of one that stands at p; 0: none does */

static size_t
known_host(const mdr_own_t *own, const uint8_t *p, size_t n)
{
    size_t    len;
    uint32_t  k;
    uint64_t  first;

    if (n <= 8) {
        return 0;
    }

    first = mdr_load64(p);

    if (first == 0) {
        return 0;                       /* as a place where there is none    */
    }

    k = place_of(first);
    len = own->first[k] == first ? stands(own, k, p, n) : 0;

    return len != 0 || own->first[k + 1] != first ? len
                                                  : stands(own, k + 1, p, n);
}


static void
keep_host(mdr_own_t *own, const uint8_t *p, size_t n)
{
    uint32_t         k;
    mdr_own_host_t  *o;

    if (n < 8 || n > sizeof(o->name)) {
        return;
    }

    k = place_of(mdr_load64(p));
    own->first[k + 1] = own->first[k];
    own->hosts[k + 1] = own->hosts[k];
    o = &own->hosts[k];
    memcpy(o->name, p, n);
    own->first[k] = mdr_load64(p);
    o->last = mdr_load64(p + n - 8);
    o->len = (uint32_t) n;
}


/* not what makes two slashes, with a backslash next to it */

static int
is_part(uint8_t c)
{
    return c >= ' ' && c != '/' && c != '\\' && c != ':' && c != '"'
           && c != '\'' && c != '=' && c != ';';
}


/* p[i] and p[i + 1] are slashes: where the host that follows ends, if it is one
 * that is known to be listed; or 0 */

static size_t
own_end(mdr_own_t *own, const uint8_t *p, size_t n, size_t i)
{
    size_t  end, from;

    end = known_host(own, p + i + 2, n - i - 2);

    if (end == 0) {
        return 0;
    }

    end += i + 2;

    if (p[end] == '/' || p[end] == '?' || p[end] == '#') {
        return end;
    }

    /* or the value ends, in quotes that began right before it */

    from = i;

    if (i > 6 && p[i - 1] == ':') {
        from = p[i - 2] == 's' ? i - 6 : i - 5;
    }

    return p[end] == '"' && p[from - 1] == '"' ? end : 0;
}


/* what the byte at i, which is one of those that matter, may make of a URL: the
 * next place to look at, 0: it has to be read */

static size_t
pass(mdr_own_t *own, const uint8_t *p, size_t n, size_t i)
{
    size_t   end;
    uint8_t  c;

    c = p[i - 1];

    switch (p[i]) {

    case '&':
        return mdr_page_ref(p, n, i) ? i + 1 : 0;

    case '\\':
        return is_part(c) && is_part(p[i + 1]) && p[i + 1] != 'x'
               && p[i + 1] != 'u' ? i + 1 : 0;

    case '/':
        if (p[i + 1] != '/') {
            return i + 1;
        }

        end = own_end(own, p, n, i);

        return end != 0 && p[end] == '/' ? (p[end + 1] != '/' ? end + 1 : 0)
                                         : end;

    case ':':

        /* the end of "http:", "https:", "data:", or of nothing like it */

        if (c > ' ' && (c | 32) != 'p' && (c | 32) != 's' && (c | 32) != 'a') {
            return i + 1;
        }

        return n - i > 2 && p[i + 1] == '/' && p[i + 2] == '/' ? i + 1 : 0;

    case '\t':
    case '\n':
    case '\r':
    case '\f':
        return c != '/' && c != ':' ? i + 1 : 0;
    }

    return 0;
}


#if defined(__SSE2__)

/* bytes among the 16 at p that pass() has to be asked of; p[16] is readable */

static inline uint32_t
telling(const uint8_t *p)
{
    __m128i  a, b, m, low;

    a = _mm_loadu_si128((const __m128i *) (const void *) p);
    b = _mm_loadu_si128((const __m128i *) (const void *) (p + 1));
    low = _mm_set1_epi8(0x1f);

    m = _mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8('/')),
                      _mm_cmpeq_epi8(b, _mm_set1_epi8('/')));
    m = _mm_or_si128(m, _mm_cmpeq_epi8(a, _mm_set1_epi8('&')));
    m = _mm_or_si128(m, _mm_cmpeq_epi8(a, _mm_set1_epi8('\\')));
    m = _mm_or_si128(m, _mm_cmpeq_epi8(a, _mm_set1_epi8(':')));
    m = _mm_or_si128(m, _mm_cmpeq_epi8(_mm_min_epu8(a, low), a));

    return (uint32_t) _mm_movemask_epi8(m);
}

#endif


#if defined(__SSE2__)

/* the places m from i on; *next: where to go on.  0: one of them leads on */

static int
pass_all(mdr_own_t *own, const uint8_t *p, size_t n, size_t i, uint32_t m,
    size_t *next)
{
    size_t  k;

    for ( ; m != 0; m &= m - 1) {
        k = i + (size_t) __builtin_ctz(m);

        if (k >= *next) {
            *next = pass(own, p, n, k);

            if (*next == 0) {
                return 0;
            }
        }
    }

    return 1;
}


/* the same as telling() of 32 bytes, without the ":" of "://" */

__attribute__((target("avx2"))) static inline uint32_t
telling_32(const uint8_t *p)
{
    __m256i   a, m;
    uint32_t  slashes;

    a = _mm256_loadu_si256((const __m256i *) (const void *) p);
    m = _mm256_cmpeq_epi8(a, _mm256_set1_epi8('/'));
    m = _mm256_and_si256(m, _mm256_cmpeq_epi8(
            _mm256_loadu_si256((const __m256i *) (const void *) (p + 1)),
            _mm256_set1_epi8('/')));
    slashes = (uint32_t) _mm256_movemask_epi8(m);
    m = _mm256_cmpeq_epi8(a, _mm256_set1_epi8('&'));
    m = _mm256_or_si256(m, _mm256_cmpeq_epi8(a, _mm256_set1_epi8('\\')));
    m = _mm256_or_si256(m, _mm256_cmpeq_epi8(
            _mm256_min_epu8(a, _mm256_set1_epi8(0x1f)), a));

    return slashes | (uint32_t) _mm256_movemask_epi8(m)
           | ((uint32_t) _mm256_movemask_epi8(
                  _mm256_cmpeq_epi8(a, _mm256_set1_epi8(':')))
              & ~(slashes >> 1));
}


/* n: 33 or more */

__attribute__((target("avx2"))) static int
leads_nowhere_32(mdr_own_t *own, const uint8_t *p, size_t n)
{
    size_t    i, next;
    uint32_t  m;

    next = 1;

    for (i = 0; ; i = n - i > 64 ? i + 32 : n - 33) {
        m = telling_32(p + i);

        if (m != 0 && !pass_all(own, p, n, i, m, &next)) {
            return 0;
        }

        if (i == n - 33) {
            return 1;                   /* the last byte is the ">"          */
        }

        next = i + 32 > next ? i + 32 : next;
    }
}

#endif


static int
leads_nowhere(mdr_own_t *own, const uint8_t *p, size_t n)
{
    size_t  i, next;

    next = 1;

#if defined(__SSE2__)
    uint32_t  m;

    for (i = 0; n > 16; i = n - i > 32 ? i + 16 : n - 17) {
        m = telling(p + i);

        if (m != 0 && !pass_all(own, p, n, i, m, &next)) {
            return 0;
        }

        if (i == n - 17) {
            return 1;                   /* the last byte is the ">"          */
        }

        next = i + 16 > next ? i + 16 : next;
    }
#endif

    for (i = next; i + 1 < n; i = next) {
        next = i + 1;

        if (p[i] < ' ' || p[i] == '&' || p[i] == '\\' || p[i] == ':'
            || p[i] == '/')
        {
            next = pass(own, p, n, i);

            if (next == 0) {
                return 0;
            }
        }
    }

    return 1;
}


static inline int
may_lead(mdr_own_t *own, const mdr_html_t *h)
{
#if defined(__SSE2__)
    if (h->wide && h->tag.len > 32) {
        return !leads_nowhere_32(own, h->tag.p, h->tag.len);
    }
#endif

    return !leads_nowhere(own, h->tag.p, h->tag.len);
}


uint8_t
mdr_page_tag(const mdr_page_rules_t *r, mdr_own_t *own, mdr_html_t *h)
{
    uint8_t           says;
    const mdr_tag_t  *t;

    t = &h->tag;

    if (t->memo != NULL && (t->memo->page & MDR_TAG_ASKED)) {
        return t->memo->page;
    }

    says = MDR_TAG_ASKED;

    if (t->p == NULL) {
        return says;                    /* implied: it has no attributes     */
    }

    /* markup in a value may hide it behind references of its own */

    if (r->links && r->page->guard.nhosts != 0
        && (t->cut || t->id == T_IFRAME || may_lead(own, h)))
    {
        says |= MDR_TAG_LEADS;
    }

    if (t->cut
        || mdr_page_in_tag(r, h, r->links && !(says & MDR_TAG_LEADS)))
    {
        says |= MDR_TAG_NEEDLE;
    }

    if (t->memo != NULL && !(says & MDR_TAG_LEADS)) {
        t->memo->page |= says;          /* else its host may be listed later */
    }

    return says;
}


/* bytes of a URL before its host, as nearly all write it; 0: another form */

static size_t
scheme(const uint8_t *p, size_t n)
{
    return n > 8 && memcmp(p, "https://", 8) == 0 ? 8
           : n > 7 && memcmp(p, "http://", 7) == 0 ? 7
           : n > 2 && p[0] == '/' && p[1] == '/' ? 2 : 0;
}


static size_t
host_len(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n && ((p[i] >= 'a' && p[i] <= 'z') || p[i] == '.'
                          || (p[i] >= '0' && p[i] <= '9') || p[i] == '-'); i++)
    {
        /* void */
    }

    return i;
}


size_t
mdr_page_own_host(const mdr_hosts_t *hosts, const uint8_t *p, size_t n)
{
    size_t  i, len;

    i = scheme(p, n);
    len = i != 0 ? host_len(p + i, n - i) : 0;

    return len != 0 && i + len < n && p[i + len] == '/'
           && p[i + len - 1] != '.' && len < MDR_HOST_MAX
           && mdr_hosts_has(hosts, (const char *) p + i, len)
           ? i + len + 1 : 0;
}


int
mdr_page_own(const mdr_hosts_t *hosts, mdr_own_t *own, const uint8_t *p,
    size_t n)
{
    size_t  i;

    if (p[0] == '#' || p[0] == '?') {
        return 1;
    }

    if (p[0] == '/' && n > 1 && p[1] != '/') {
        return p[1] > ' ' && p[1] != '\\' && p[1] != '&';
    }

    i = scheme(p, n);

    if (i == 0) {
        return 0;
    }

    p += i;
    n -= i;

    i = known_host(own, p, n);

    if (i != 0 && p[i] != '"') {
        return 1;
    }

    i = host_len(p, n);

    if (i == 0 || i >= MDR_HOST_MAX || p[i - 1] == '.'
        || (i < n && p[i] != '/' && p[i] != '?' && p[i] != '#')
        || !mdr_hosts_has(hosts, (const char *) p, i))
    {
        return 0;
    }

    keep_host(own, p, i);

    return 1;
}


const char *
mdr_page_link_attr(uint8_t tag, uint8_t *kind)
{
    switch (tag) {

    case T_A:
    case T_AREA:
        *kind = MDR_LINK_A;
        return "href";

    case T_SCRIPT:
        *kind = MDR_LINK_SCRIPT;
        return "src";

    case T_IFRAME:
    case T_FRAME:
    case T_EMBED:
        *kind = MDR_LINK_FRAME;
        return "src";

    case T_OBJECT:
        *kind = MDR_LINK_FRAME;
        return "data";

    case T_BUTTON:
    case T_INPUT:
        *kind = MDR_LINK_FORM;
        return "formaction";

    case T_BASE:
        *kind = MDR_LINK_BASE;
        return "href";

    case T_FORM:
        *kind = MDR_LINK_FORM;
        return "action";

    case T_META:
        *kind = MDR_LINK_REFRESH;
        return "content";

    case T_LINK:
        *kind = MDR_LINK_STYLE;
        return "href";
    }

    return NULL;
}
