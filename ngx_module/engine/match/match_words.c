/*
 * match_words.c - words in a row: patterns that must have word edges (see
 * lexicon.h).
 *
 * Letters of ASCII are few, so that three of them in a row say little about a
 * large list of words; where a word begins and ends says more.  A word can
 * begin only with a class before which no letter or digit stands in the text,
 * and end only with one behind which none does, whatever a rule's folds and
 * gaps are (what some rule leaves out is no letter here).  Classes like these
 * are a bit each; from each beginning the classes to every end within reach
 * are one key of the words' filter, and the first MDR_WORD_KEY another one,
 * since longer words have that as their anchor.  Marks are not in a row: "f r
 * e e" is four beginnings and four ends.
 */

#include "match_hash.h"
#include "match_verify.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_WIDE  1
#endif


/* the three rows of bits in row->edges */
#define HEAD(row)   ((row)->edges)
#define TAIL(row)   ((row)->edges + (row)->edges_cap / 3)
#define OTHER(row)  ((row)->edges + (row)->edges_cap / 3 * 2)   /* in no word */


/* letters and digits of ASCII */

static inline int
is_word(uint8_t c)
{
    return (uint8_t) ((c | 0x20) - 'a') < 26 || (uint8_t) (c - '0') < 10;
}


/* has a character no word edges, or may it be left out? */

static int
is_loose(const mdr_matcher_t *m, uint32_t cp)
{
    return !mdr_fold_is_word(cp) || mdr_fold_mark(cp) != 0
           || mdr_fold_dropped(cp, m->h.folds);
}


/* may a word begin with the character at `at` of the texts? */

static int
begins(const mdr_matcher_t *m, const uint8_t *p, size_t at)
{
    size_t  len;

    return at == 0
           || (p[at - 1] < 0x80
               ? !is_word(p[at - 1])
               : is_loose(m, mdr_verify_char_before(p + at, p, &len)));
}


/* may one end before `at`?  There is a character. */

static int
ends(const mdr_matcher_t *m, const uint8_t *p, size_t at)
{
    size_t  len;

    return p[at] < 0x80 ? !is_word(p[at])
           : is_loose(m, mdr_utf8_next(p + at,
                                       mdr_utf8_len(p[at]), &len));
}


static inline int
is_word_atom(const mdr_atom_t *a)
{
    return a->word && a->mark == 0;
}


static inline int
is_letter(const mdr_matcher_t *m, uint32_t cl)
{
    return cl >= m->h.letters && cl < m->h.letters_end;
}


static inline void
set(const mdr_row_t *row, size_t i, int head, int tail)
{
    uint8_t  bit;

    bit = (uint8_t) (1 << i % 8);
    HEAD(row)[i / 8] |= head ? bit : 0;
    TAIL(row)[i / 8] |= tail ? bit : 0;
}


/*
 * Class i of the texts.  What is left out behind a class belongs to it here,
 * and where runs are one class, all of its run: a word may begin or end
 * anywhere in it.
 */

static void
text_edge(const mdr_matcher_t *m, const mdr_row_t *row, const uint8_t *p,
    size_t i)
{
    int     head, tail;
    size_t  at, end;

    at = row->pos[i];
    end = row->pos[i + 1];
    head = begins(m, p, at);
    at += mdr_utf8_len(p[at]);
    tail = ends(m, p, at);

    while (m->h.repeat && at < end) {
        head |= begins(m, p, at) && (is_word(p[at]) || p[at] >= 0x80);
        at += mdr_utf8_len(p[at]);
        tail |= at < end && ends(m, p, at);
    }

    set(row, i, head, tail || (m->h.repeat && ends(m, p, end)));
}


static void
text_edges(const mdr_matcher_t *m, const mdr_row_t *row, const uint8_t *p,
    size_t i)
{
    for ( ; i < row->n; i++) {
        if (is_letter(m, row->cls[i])) {
            text_edge(m, row, p, i);
        } else {
            OTHER(row)[i / 8] |= (uint8_t) (1 << i % 8);
        }
    }
}


#if (HAVE_WIDE)

/* the same, eight at a time; returns where it has come to */

__attribute__((target("avx2,bmi")))
static size_t
text_edges_wide(const mdr_matcher_t *m, const mdr_row_t *row,
    const uint8_t *p)
{
    size_t    i;
    __m128i   c, first, most;
    __m256i   x, y, w, two, begin, end;
    uint8_t  *head, *tail, *other, bit;
    unsigned  far;

    head = HEAD(row);
    tail = TAIL(row);
    other = OTHER(row);
    two = _mm256_set1_epi32(2);
    begin = _mm256_set1_epi32((int) 0x80a00000);    /* behind a separator    */
    end = _mm256_set1_epi32(0xed);                  /* before one, or Hangul */
    first = _mm_set1_epi16((short) m->h.letters);
    most = _mm_set1_epi16((short) (m->h.letters_end - m->h.letters - 1));

    for (i = 0; i + 8 <= row->n; i += 8) {

        c = _mm_loadu_si128((const __m128i *) (const void *) (row->cls + i));
        c = _mm_subs_epu16(_mm_sub_epi16(c, first), most);
        c = _mm_cmpeq_epi16(c, _mm_setzero_si128());
        other[i / 8] = (uint8_t) ~_mm_movemask_epi8(_mm_packs_epi16(c, c));

        if (other[i / 8] == 0xff) {
            continue;                   /* as it is in Chinese               */
        }

        /* two bytes before each class, its own, and the next: one of its own,
         * too, if it is none of ASCII; the first ones have fewer before them */

        x = _mm256_loadu_si256((const __m256i *) (const void *)
                               (row->pos + i));
        y = _mm256_max_epu32(x, two);
        far = (unsigned) ~_mm256_movemask_ps(_mm256_castsi256_ps(
                              _mm256_cmpeq_epi32(x, y)));
        x = _mm256_i32gather_epi32((const int *) (const void *) p,
                                   _mm256_sub_epi32(y, two), 1);

        y = _mm256_sub_epi8(_mm256_or_si256(x, _mm256_set1_epi8(0x20)),
                            _mm256_set1_epi8('a'));
        w = _mm256_cmpeq_epi8(_mm256_min_epu8(y, _mm256_set1_epi8(25)), y);
        y = _mm256_sub_epi8(x, _mm256_set1_epi8('0'));
        w = _mm256_or_si256(w, _mm256_cmpeq_epi8(
                _mm256_min_epu8(y, _mm256_set1_epi8(9)), y));

        head[i / 8] = (uint8_t) ~_mm256_movemask_ps(_mm256_castsi256_ps(
                          _mm256_slli_epi32(w, 16)));
        tail[i / 8] = (uint8_t) ~_mm256_movemask_ps(_mm256_castsi256_ps(w));

        /* other characters than ASCII before or behind letters are looked at
         * one by one, but what parts two texts */

        w = _mm256_andnot_si256(_mm256_cmpeq_epi32(_mm256_slli_epi32(x, 16),
                                                   begin),
                                _mm256_slli_epi32(x, 16));
        y = _mm256_andnot_si256(_mm256_cmpeq_epi32(_mm256_srli_epi32(x, 24),
                                                   end), x);
        far |= (unsigned) _mm256_movemask_ps(_mm256_castsi256_ps(
                              _mm256_or_si256(w, y)));

        /* and so is what is a run, or has something left out behind it */

        if (m->h.repeat) {
            y = _mm256_loadu_si256((const __m256i *) (const void *)
                                   (row->pos + i));
            w = _mm256_loadu_si256((const __m256i *) (const void *)
                                   (row->pos + i + 1));
            far |= (unsigned) ~_mm256_movemask_ps(_mm256_castsi256_ps(
                       _mm256_cmpeq_epi32(_mm256_sub_epi32(w, y),
                                          _mm256_set1_epi32(1))));
        }

        far &= (uint8_t) ~other[i / 8];

        for ( ; far != 0; far &= far - 1) {
            bit = (uint8_t) (far & (0 - far));
            head[i / 8] &= (uint8_t) ~bit;
            tail[i / 8] &= (uint8_t) ~bit;
            text_edge(m, row, p, i + (unsigned) __builtin_ctz(far));
        }
    }

    return i != 0 ? i : 1;
}

#endif


/* the same of a trace */

static void
trace_edges(const mdr_matcher_t *m, const mdr_row_t *row)
{
    int                 head, tail;
    size_t              i, at, end;
    const mdr_atom_t   *a;
    const mdr_trace_t  *t;

    t = row->trace;
    a = t->atoms;

    for (i = 1; i < row->n; i++) {
        if (!is_letter(m, row->cls[i])) {
            OTHER(row)[i / 8] |= (uint8_t) (1 << i % 8);
            continue;
        }

        at = row->pos[i];
        end = row->pos[i + 1] > at ? row->pos[i + 1] : at + 1;
        head = at == 0 || !is_word_atom(&a[at - 1]);
        tail = 0;

        for ( ;; ) {
            at++;
            tail |= at >= t->n || !is_word_atom(&a[at]);

            if (at >= end) {
                break;
            }

            head |= m->h.repeat && !is_word_atom(&a[at - 1])
                    && mdr_class_of(m, a[at].cp) != MDR_CL_SKIP;
        }

        set(row, i, head, tail);
    }
}


int
mdr_match_edges(const mdr_matcher_t *m, mdr_match_work_t *w, mdr_row_t *row)
{
    size_t  i, n;

    n = row->n / 8 + 16;                /* read some bytes at a time         */

    if (MDR_GROW(w->alloc, row->edges, 3 * n) != MDR_OK) {
        return MDR_ERROR;
    }

    memset(HEAD(row), 0, n);
    memset(TAIL(row), 0, n);
    memset(OTHER(row), 0, n);
    memset(OTHER(row) + row->n / 8 + 1, 0xff, n - row->n / 8 - 1);
    OTHER(row)[row->n / 8] = (uint8_t) (0xff << row->n % 8);
    OTHER(row)[0] |= 1;                 /* cls[0] is none                    */

    if (row->trace != NULL) {
        trace_edges(m, row);
        return MDR_OK;
    }

    i = 1;

#if (HAVE_WIDE)
    if (m->wide) {
        i = text_edges_wide(m, row, w->bytes);
    }
#endif

    text_edges(m, row, w->bytes, i);

    return MDR_OK;
}


int
mdr_match_is_end(const mdr_row_t *row, size_t at)
{
    return TAIL(row)[at / 8] >> (at % 8) & 1;
}


/* 57 bits at least, of which the first is bit i */

static inline uint64_t
bits_at(const uint8_t *p, size_t i)
{
    uint64_t  x;

    memcpy(&x, p + i / 8, sizeof(x));

#if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
    x = __builtin_bswap64(x);
#endif

    return x >> i % 8;
}


static inline uint64_t
four(const uint16_t *c)
{
    return (uint64_t) c[0] | (uint64_t) c[1] << 16 | (uint64_t) c[2] << 32
           | (uint64_t) c[3] << 48;
}


/* what is left of four classes, and of the four behind them, in a word of so
 * many */

static const uint64_t  first_of[MDR_WORD_KEY + 2] = {
    0, 0xffff, 0xffffffff, 0xffffffffffff, UINT64_MAX, UINT64_MAX,
    UINT64_MAX, UINT64_MAX, UINT64_MAX
};

static const uint64_t  rest_of[MDR_WORD_KEY + 2] = {
    0, 0, 0, 0, 0, 0xffff, 0xffffffff, 0xffffffffffff, UINT64_MAX
};


typedef struct {
    uint64_t  key;
    uint32_t  at, n;
} query_t;


/* the n classes from `at` on, which are a and b, are to be asked for; how many
 * that is */

static inline __attribute__((always_inline)) size_t
ask(const mdr_matcher_t *m, size_t at, uint32_t n, uint64_t a, uint64_t b,
    query_t *q)
{
    q->key = mdr_lex_word_key(a & first_of[n], b & rest_of[n]);
    q->at = (uint32_t) at;
    q->n = n;
    __builtin_prefetch(&m->word_bloom[q->key >> m->word_shift]);

    return n <= MDR_WORD_KEY;
}


/* those of n that the filter knows */

static size_t
in_filter(const mdr_matcher_t *m, const query_t *q, size_t n, mdr_probe_t *out)
{
    size_t    i, k;
    uint32_t  bits;

    for (i = 0, k = 0; i < n; i++, q++) {
        bits = mdr_lex_word_bits(q->key);

        if ((m->word_bloom[q->key >> m->word_shift] & bits) != bits) {
            continue;
        }

        out[k].at = q->at;
        out[k].n = q->n;
        out[k].word = 1;
        out[k].entry = (uint32_t) (q->key >> m->hash_shift);
        out[k].print = mdr_match_print(m, q->key);
        __builtin_prefetch(&m->hash[out[k++].entry]);
    }

    return k;
}


/* how many classes to the first of the ends, which is none any more; more than
 * MDR_WORD_KEY: there is none */

static inline uint32_t
take_first(uint32_t *ends)
{
    uint32_t  n;

    n = (uint32_t) __builtin_ctz(*ends | 1u << MDR_WORD_KEY) + 1;
    *ends &= *ends - 1;

    return n;
}


size_t
mdr_match_words(const mdr_matcher_t *m, const mdr_row_t *row, size_t *from,
    mdr_probe_t *out)
{
    size_t          i, k, n;
    uint32_t        ends, reach;
    uint64_t        x, a, b;
    query_t           q[MDR_WORDS];
    const uint8_t  *head, *tail, *other;

    head = HEAD(row);
    tail = TAIL(row);
    other = OTHER(row);
    n = row->n;
    k = 0;

    for (i = *from; i < n; i++) {
        x = bits_at(head, i) & ~bits_at(other, i);

        if (x == 0) {
            i += 63 - i % 8;
            continue;
        }

        i += (unsigned) __builtin_ctzll(x);

        if (k + MDR_WORD_KEY > MDR_WORDS) {
            break;
        }

        /* as far as there are classes that words have */

        reach = (uint32_t) bits_at(other, i) | 1u << MDR_WORD_KEY;
        reach = (uint32_t) __builtin_ctz(reach);
        ends = (uint32_t) bits_at(tail, i) & ((1u << reach) - 1);
        a = four(row->cls + i);
        b = four(row->cls + i + 4);

        ends |= reach & MDR_WORD_KEY ? 1u << (MDR_WORD_KEY - 1) : 0;

        /* nearly always three at most: all three are asked for, be there as
         * many or not, which is less than to guess how many there are */

        k += ask(m, i, take_first(&ends), a, b, &q[k]);
        k += ask(m, i, take_first(&ends), a, b, &q[k]);
        k += ask(m, i, take_first(&ends), a, b, &q[k]);

        while (__builtin_expect(ends != 0, 0)) {
            k += ask(m, i, take_first(&ends), a, b, &q[k]);
        }
    }

    *from = i;

    return in_filter(m, q, k, out);
}
