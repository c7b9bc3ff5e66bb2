/*
 * html_fast.c - the common run of a page: text, tags that were seen before,
 * end tags of the innermost element.
 *
 * Pages say the same few hundred tags again and again.  A tag of up to
 * MDR_MEMO_BYTES bytes that comes a second time is kept, byte for byte, with
 * all that its bytes decide: its name, and which compound selectors match it.
 * From then on it is known by comparing bytes, and no attribute of it is
 * looked at.  Other tags are read 64 bytes at a time.  An element that holds
 * nothing but text is passed over as a whole: it would come onto the stack of
 * open elements and go again.
 *
 * Everything here is a shorter way to what html_scan.c and html_modes.c do;
 * where anything is unusual, it is left to them.  The loop itself stands in
 * html_fast_loop.h: it is compiled once for each width of register.
 */

#include "html_learn.h"
#include "html_seen.h"
#include "base/cpu.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif


/* how far ahead is looked for what follows */
#define NEAR  128

/* bytes that are readable behind a place where the loop goes on, and where it
 * looks farther than BLOCK */
#define ROOM  (BLOCK + 16)
#define FAR   (NEAR + 32)

#define BLOCK  64

#define ENDS_NAME(c)  ((c) == ' ' || (c) == '>' || (c) == '/' || (c) == '\n'  \
                       || (c) == '\t' || (c) == '\r' || (c) == '\f')

/* modes in which the end tag of an ordinary element just ends it */
#define PLAIN_MODES                                                          \
    (1u << M_IN_BODY | 1u << M_IN_CAPTION | 1u << M_IN_CELL)


/* a short name as a word in memory */

static inline uint64_t
packed(mdr_name_t name)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return name;
#else
    return __builtin_bswap64(name);
#endif
}


/* the first n bytes (1..8) of a word in memory */

static inline uint64_t
head(uint64_t v, uint32_t n)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    return v << (64 - 8 * n);
#else
    return v >> (64 - 8 * n);
#endif
}


/* of a tag whose first ">" is at offset gt */

static inline uint32_t
hash_of(const uint8_t *p, uint32_t gt)
{
    uint64_t  a, b;

    if (gt < 8) {
        a = head(mdr_load64(p), gt + 1);
        b = gt;

    } else {
        a = mdr_load64(p) + mdr_load64(p + gt - 7) * 0x9e3779b97f4a7c15ULL;
        b = mdr_load64(p + gt / 2 - 3) + gt;
    }

    a = (a ^ b * 0xff51afd7ed558ccdULL) * 0x9e3779b97f4a7c15ULL;

    return (uint32_t) (a >> 32);
}


/* what the bytes of h->tag, which is not known, decide */

static void
learn(mdr_html_t *h, mdr_memo_t *e)
{
    uint32_t                 i;
    const mdr_tag_t         *t;
    const mdr_compound_t    *c;
    const mdr_html_rules_t  *r;

    t = &h->tag;
    r = h->rules;

    if (t->end || t->len > MDR_MEMO_BYTES || t->id == T_IMAGE
        || t->name_len > 255)
    {
        return;
    }

    memcpy(e->bytes, t->p, t->len);
    e->len = (uint8_t) t->len;
    e->name = t->name;
    e->name_len = (uint8_t) t->name_len;
    e->id = t->id;
    e->self_closing = t->self_closing;
    e->want = r->want_always[t->id];
    e->look = MDR_LOOK_ASK;
    e->unseen = 0;
    e->page = 0;
    e->bits = 0;

    for (i = 0; i < r->nmemos; i++) {
        c = r->memos[i];

        if (mdr_compound_match(c, &h->tag)) {
            e->bits |= (uint64_t) 1 << i;
            e->want |= c->what;
        }
    }
}


/* text up to a "<" in sight */

static inline void
text(mdr_html_t *h, const uint8_t *p, uint32_t n, uint64_t at)
{
    if (h->ncollects != 0 && n != 0) {
        (void) mdr_html_give(h, p, n, at, 1, 1, MDR_NUL_DROP);
    }
}


/* would the element of h->tag come onto the stack and nothing else? */

static inline int
may_be_leaf(const mdr_html_t *h)
{
    uint8_t   id, top;
    uint32_t  f;

    id = h->tag.id;
    top = h->open[h->n - 1].id;
    f = mdr_html_flags(id);

    if (!(f & F_PLAIN_END) || h->tag.name_len > 7 || h->n == MDR_HTML_DEPTH) {
        return 0;
    }

    if (f & F_PLAIN) {
        return 1;
    }

    /* at most three formatting elements may be alike */

    if (f & F_FORMAT) {
        return h->nformats < 3 && id != T_NOBR
               && (id != T_A || h->nformats == 0
                   || mdr_html_last_format(h, T_A) < 0);
    }

    if (!(f & F_CLOSES_P) || h->paragraphs != 0 || id == T_PRE
        || id == T_LISTING)
    {
        return 0;
    }

    return id < T_H1 || id > T_H6 || top < T_H1 || top > T_H6;
}


/* is p the end tag of the innermost element, with nothing more to it than to
 * end that?  Its length, or 0 */

static inline uint32_t
plain_end(mdr_html_t *h, const uint8_t *p, uint64_t at)
{
    uint32_t      n;
    mdr_open_t   *e;

    e = mdr_html_top(h);
    n = e->plain;

    if (n == 0 || p[2 + n] != '>'
        || head(mdr_load64(p + 2) ^ packed(e->name), n) != 0)
    {
        return 0;
    }

    if (e->marks & MDR_OPEN_LISTED) {
        if (h->nformats == 0
            || h->formats[h->nformats - 1].serial != e->serial) {
            return 0;
        }
        h->nformats--;
        e->marks &= (uint8_t) ~MDR_OPEN_LISTED;
    }

    h->tag.start = at;
    h->tag.stop = at + n + 3;

    if ((e->marks & MDR_OPEN_ITEMS_END) && h->whole.p != NULL) {
        end_of_whole(h, e, h->tag.stop);
    }

    mdr_html_pop(h, h->tag.stop);

    return n + 3;
}


/* is it enough to be in one of these modes, with HTML around? */

static inline int
is_usual(const mdr_html_t *h)
{
    return (PLAIN_MODES >> h->mode & 1) && h->too_deep == 0 && h->n != 0
           && !h->stop
           && h->open[h->n - 1].ns == MDR_NS_HTML && !h->skip_newline;
}


/* may a unit begin where items are open?  What their texts and those of its own
 * items cost is asked for once, before it; an item that may be kept as a whole
 * is not read by parts */

static inline int
may_be_inside(const mdr_html_t *h)
{
    return h->nlive < MDR_UNIT_DEPTH && h->cost <= h->cost_max / 2
           && (h->whole.p == NULL || h->whole.unusual != h->unusual);
}


/* the item that the unit is, as a whole, in rules->slots: the length of its
 * start tag; 0: it is none */

static inline uint32_t
item_of(const mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    uint32_t *slot)
{
    if (y == NULL) {
        return mdr_html_unit_item(h, w, slot);
    }

    if (!y->card || y->start.step != 0 || y->start.off != 0
        || w->at[y->end.step] + y->end.off != w->len)
    {
        return 0;
    }

    *slot = y->slot;

    return w->at[y->stop.step] + y->stop.off - w->at[0];
}


/* a learned unit: seen before as an item, or read */

static int
known_unit(mdr_html_t *h, const mdr_walk_t *w, uint64_t at, void *ctx)
{
    uint32_t          n, slot, from, head;
    after_t          *after;
    const uint8_t    *p;
    mdr_html_keep_t   keep;
    const mdr_way_t  *y;

    after = ctx;
    y = w->way;
    n = h->seen != NULL && h->nlive == 0 && is_alone(h)
        ? item_of(h, w, y, &slot) : 0;
    head = w->at[0];
    p = w->p + head;

    if (n == 0 || (size_t) (w->end - p) < n + SEEN_HEAD) {
        after->item = 0;
        mdr_html_unit(h, w, y, at, NULL);
        return 1;
    }

    /* as known_item and end_of_whole do */

    from = n > SEEN_TAIL ? n - SEEN_TAIL : 0;
    keep.key = surroundings(h, slot);

    if (keep.key == 0) {
        after->item = 0;
        mdr_html_unit(h, w, y, at, NULL);
        return 1;
    }

    keep.hash = mdr_seen_hash(keep.key, p + from, n - from + SEEN_HEAD);
    keep.known = 0;

    if (mdr_seen_find(h->seen, keep.hash, keep.key, p,
                      (size_t) (w->end - p), &keep.seen)
        != w->len - head)
    {
        keep.seen = 0;
    }

    mdr_html_unit(h, w, y, at, &keep);

    if (keep.known) {
        ended_known(h, after, slot, keep.seen, h->n);
        return 0;
    }

    after->item = 0;

    return 1;
}


/*
 * One block of 64 bytes of a tag, a bit a byte, and what is known from the
 * blocks before it.
 */

typedef struct {
    uint64_t  quote, gt, is;            /* " > =                             */
    uint64_t  blank;                    /* up to U+0020, and "/"             */
} block_t;

typedef struct {                        /* of the byte before the block      */
    uint64_t  inside;                   /* 1: in quotes                      */
    uint64_t  equal;                    /* 1: it was "="                     */
    uint64_t  is, blank;                /* 1: it was that, outside           */
} before_t;

enum { B_MORE = 64, B_OTHER = 65 };


/*
 * Where the tag ends, if it is written as most are: every value in double
 * quotes, the quote right behind the "=", the "=" right behind the name.
 *
 * A quote behind "=" opens a value, any other closes one.  Where the two take
 * turns, the closing ones less the opening ones, as numbers, are the bytes
 * from each opening quote up to its closing one; where they do not, a bit
 * stands wrong at the first that is out of turn.
 */

static inline __attribute__((always_inline)) uint32_t
block_end(const block_t *b, before_t *w)
{
    uint64_t  inside, open, close, gt, is, blank, below, wrong;

    open = b->quote & (b->is << 1 | w->equal);
    close = b->quote ^ open;
    inside = close - open - w->inside;
    wrong = (open & ~inside) | (close & inside);

    gt = b->gt & ~inside;
    is = b->is & ~inside;
    blank = (b->blank & ~inside) | close;
    wrong |= (is << 1 | w->is) & ~open;
    wrong |= (blank << 1 | w->blank) & is;
    below = gt ^ (gt - 1);              /* up to the ">", or all             */

    if (wrong & below) {
        return B_OTHER;
    }

    if (gt != 0) {
        return (uint32_t) __builtin_ctzll(gt);
    }

    w->inside = inside >> 63;
    w->equal = b->is >> 63;
    w->is = is >> 63;
    w->blank = blank >> 63;

    return B_MORE;
}


/* the name of the tag, from its first block; 0: not told by it */

static inline __attribute__((always_inline)) int
block_name(mdr_tag_t *t, const uint8_t *p, const block_t *b)
{
    uint32_t  from, to;
    uint64_t  stop, v;

    from = 1 + (uint32_t) t->end;
    stop = (b->blank | b->gt) >> from << from;

    if (stop == 0) {
        return 0;
    }

    to = (uint32_t) __builtin_ctzll(stop);

    /* a control character that is no space, a name with '="' in it */

    if (!ENDS_NAME(p[to]) || (b->is & (stop ^ (stop - 1))) != 0) {
        return 0;
    }

    t->next = to;
    to -= from;
    t->name_len = to;

    if (to > 8) {
        t->name = mdr_html_name(p + from, to);
        return 1;
    }

    v = mdr_html_lower8(packed(mdr_load64(p + from))
                        & (~(uint64_t) 0 >> (64 - 8 * to)));
    t->name = v & MDR_NAME_LONG ? mdr_html_name(p + from, to) : v;

    return 1;
}


#if defined(__SSE2__)

#define TARGET
#define EQUAL  equal_16
#define BLOCK_AT  block_16
#define LOOP  fast_16

static inline uint64_t
equal_16(const uint8_t *p, char c)
{
    int       i;
    __m128i   w, v;
    uint64_t  m;

    w = _mm_set1_epi8(c);

    for (i = 3, m = 0; i >= 0; i--) {
        v = _mm_loadu_si128((const __m128i *) (const void *) p + i);
        m = m << 16
            | (uint16_t) _mm_movemask_epi8(_mm_cmpeq_epi8(v, w));
    }

    return m;
}


static inline void
block_16(block_t *b, const uint8_t *p)
{
    int       i;
    __m128i   v;
    uint64_t  m;

    b->quote = equal_16(p, '"');
    b->gt = equal_16(p, '>');
    b->is = equal_16(p, '=');

    for (i = 3, m = 0; i >= 0; i--) {
        v = _mm_loadu_si128((const __m128i *) (const void *) p + i);
        v = _mm_cmpeq_epi8(_mm_min_epu8(v, _mm_set1_epi8(' ')), v);
        m = m << 16 | (uint16_t) _mm_movemask_epi8(v);
    }

    b->blank = m | equal_16(p, '/');
}


#include "html_fast_loop.h"


#define TARGET  __attribute__((target("avx2,bmi,bmi2")))
#define EQUAL  equal_32
#define BLOCK_AT  block_32
#define LOOP  fast_32

TARGET static inline uint64_t
bits_32(__m256i a, __m256i b)
{
    return (uint64_t) (uint32_t) _mm256_movemask_epi8(b) << 32
           | (uint32_t) _mm256_movemask_epi8(a);
}


TARGET static inline uint64_t
equal_32(const uint8_t *p, char c)
{
    __m256i  a, b, w;

    w = _mm256_set1_epi8(c);
    a = _mm256_loadu_si256((const __m256i *) (const void *) p);
    b = _mm256_loadu_si256((const __m256i *) (const void *) p + 1);

    return bits_32(_mm256_cmpeq_epi8(a, w), _mm256_cmpeq_epi8(b, w));
}


TARGET static inline void
block_32(block_t *b, const uint8_t *p)
{
    __m256i  lo, hi, w;

    b->quote = equal_32(p, '"');
    b->gt = equal_32(p, '>');
    b->is = equal_32(p, '=');

    w = _mm256_set1_epi8(' ');
    lo = _mm256_loadu_si256((const __m256i *) (const void *) p);
    hi = _mm256_loadu_si256((const __m256i *) (const void *) p + 1);

    b->blank = equal_32(p, '/')
               | bits_32(_mm256_cmpeq_epi8(_mm256_min_epu8(lo, w), lo),
                         _mm256_cmpeq_epi8(_mm256_min_epu8(hi, w), hi));
}


#include "html_fast_loop.h"


#define TARGET  __attribute__((target("avx512bw,bmi,bmi2")))
#define EQUAL  equal_64
#define BLOCK_AT  block_64
#define LOOP  fast_64

TARGET static inline uint64_t
equal_64(const uint8_t *p, char c)
{
    return _mm512_cmpeq_epi8_mask(_mm512_loadu_si512((const void *) p),
                                  _mm512_set1_epi8(c));
}


TARGET static inline void
block_64(block_t *b, const uint8_t *p)
{
    __m512i  v;

    v = _mm512_loadu_si512((const void *) p);

    b->quote = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('"'));
    b->gt = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('>'));
    b->is = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('='));
    b->blank = _mm512_cmpeq_epi8_mask(v, _mm512_set1_epi8('/'))
               | _mm512_cmple_epu8_mask(v, _mm512_set1_epi8(' '));
}


#include "html_fast_loop.h"

#else

#define TARGET
#define EQUAL  equal_8
#define BLOCK_AT  block_8
#define LOOP  fast_8

static inline uint64_t
equal_8(const uint8_t *p, char c)
{
    uint32_t  i;
    uint64_t  m;

    for (i = 0, m = 0; i < BLOCK; i++) {
        m |= (uint64_t) (p[i] == (uint8_t) c) << i;
    }

    return m;
}


static inline void
block_8(block_t *b, const uint8_t *p)
{
    uint32_t  i;

    b->quote = equal_8(p, '"');
    b->gt = equal_8(p, '>');
    b->is = equal_8(p, '=');
    b->blank = 0;

    for (i = 0; i < BLOCK; i++) {
        b->blank |= (uint64_t) (p[i] <= ' ' || p[i] == '/') << i;
    }
}


#include "html_fast_loop.h"

#endif


int
mdr_html_wide(void)
{
    int  cpu;

    cpu = mdr_cpu();

    return cpu == MDR_CPU_AVX512 ? 2 : cpu == MDR_CPU_AVX2 ? 1 : 0;
}


size_t
mdr_html_fast(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at)
{
    if (n < ROOM || h->looked != 0 || !is_usual(h)) {
        return 0;
    }

    if (h->learn != NULL && at + n > h->read) {
        h->learn->read += at + n - (h->read > at ? h->read : at);
        h->read = at + n;
    }

#if defined(__SSE2__)
    return h->wide == 2 ? fast_64(h, p, p + n, at)
           : h->wide ? fast_32(h, p, p + n, at) : fast_16(h, p, p + n, at);
#else
    return fast_8(h, p, p + n, at);
#endif
}
