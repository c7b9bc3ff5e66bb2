/*
 * text_compose.c - characters that are written in parts become one.
 *
 * Hangul syllables as letters (U+1100 on, and those of keyboards, U+3131 on),
 * kana with a mark behind them (combining, spacing, half width).  The first
 * is canonical composition (Unicode, 3.12), the rest what readers do.  A text
 * and the terms that are looked for are brought to the composed form, so that
 * it does not matter how either was typed.  Other letters with marks are
 * nothing here: folds drop the marks.
 *
 * Nearly no text has any of these, so that the question is asked first,
 * 16 bytes at a time.
 */

#include "text.h"
#include "base/utf8.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <emmintrin.h>
#define HAVE_BLOCKS  1
#endif

#define L_BASE  0x1100u
#define V_BASE  0x1161u
#define T_BASE  0x11a7u
#define L_N     19u
#define V_N     21u
#define T_N     28u
#define S_BASE  0xac00u
#define S_N     (L_N * V_N * T_N)

#define NONE    0xffu                   /* no letter of this kind            */

/* letters of keyboards, U+3131 to U+3163: as the first of a syllable, as the
 * last one; from U+314F on they are vowels, in the order of V_BASE */

static const uint8_t  first_of[30] = {
    0, 1, NONE, 2, NONE, NONE, 3, 4, 5, NONE, NONE, NONE, NONE, NONE, NONE, NONE, 6, 7,
    8, NONE, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18
};

static const uint8_t  last_of[30] = {
    1, 2, 3, 4, 5, 6, 7, NONE, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, NONE, 18,
    19, 20, 21, 22, NONE, 23, 24, 25, 26, 27
};

/* half-width katakana that take a mark, U+FF66 to U+FF9D, as full ones; in the
 * order of JIS X 0201 */

static const uint8_t  half_kana[56] = {
    0xf2, 0xa1, 0xa3, 0xa5, 0xa7, 0xa9, 0xe3, 0xe5, 0xe7, 0xc3, 0xfc, 0xa2,
    0xa4, 0xa6, 0xa8, 0xaa, 0xab, 0xad, 0xaf, 0xb1, 0xb3, 0xb5, 0xb7, 0xb9,
    0xbb, 0xbd, 0xbf, 0xc1, 0xc4, 0xc6, 0xc8, 0xca, 0xcb, 0xcc, 0xcd, 0xce,
    0xcf, 0xd2, 0xd5, 0xd8, 0xdb, 0xde, 0xdf, 0xe0, 0xe1, 0xe2, 0xe4, 0xe6,
    0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xef, 0xf3
};


/* could a part of a character begin with these three bytes? */

static inline int
is_part(uint8_t a, uint8_t b, uint8_t c)
{
    return (a == 0xe1 && (b & 0xfc) == 0x84)            /* U+1100..11FF      */
           || (a == 0xe3 && ((b & 0xfe) == 0x84         /* U+3100..317F      */
                             || (b == 0x82 && c >= 0x99 && c <= 0x9c)))
           || (a == 0xef && b == 0xbe);                 /* U+FF80..FFBF      */
}


static int
parts_bytes(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i + 2 < n; i++) {
        if (is_part(p[i], p[i + 1], p[i + 2])) {
            return 1;
        }
    }

    return 0;
}


/* behind: bytes that can be read behind the text, whatever they are */

static inline int
has_parts(const uint8_t *p, size_t n, size_t behind)
{
    size_t  i;

#if (HAVE_BLOCKS)
    __m128i  a, b, e1, e3, ef, m;

    for (i = 0; i < n && n - i + behind >= 18; i += 16) {
        a = _mm_loadu_si128((const __m128i *) (const void *) (p + i));

        /* nearly all text has none of their first bytes */

        e1 = _mm_cmpeq_epi8(a, _mm_set1_epi8((char) 0xe1));
        e3 = _mm_cmpeq_epi8(a, _mm_set1_epi8((char) 0xe3));
        ef = _mm_cmpeq_epi8(a, _mm_set1_epi8((char) 0xef));

        if (_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(e1, e3), ef)) == 0) {
            continue;
        }

        b = _mm_loadu_si128((const __m128i *) (const void *) (p + i + 1));
        m = _mm_cmpeq_epi8(_mm_and_si128(b, _mm_set1_epi8((char) 0xfc)),
                           _mm_set1_epi8((char) 0x84));
        e1 = _mm_and_si128(e1, m);
        m = _mm_cmpeq_epi8(_mm_and_si128(b, _mm_set1_epi8((char) 0xfe)),
                           _mm_set1_epi8((char) 0x84));
        m = _mm_or_si128(m, _mm_cmpeq_epi8(b, _mm_set1_epi8((char) 0x82)));
        e3 = _mm_and_si128(e3, m);
        m = _mm_cmpeq_epi8(b, _mm_set1_epi8((char) 0xbe));
        ef = _mm_and_si128(ef, m);
        m = _mm_or_si128(_mm_or_si128(e1, e3), ef);

        if (_mm_movemask_epi8(m) != 0
            && parts_bytes(p + i, n - i < 18 ? n - i : 18))
        {
            return 1;
        }
    }

#else
    i = 0;
#endif

    return i < n && parts_bytes(p + i, n - i);
}


int
mdr_text_has_parts(const uint8_t *p, size_t n)
{
    return has_parts(p, n, 0);
}


/* a letter of a keyboard: of half width, too (U+FFA1 to U+FFDC); or 0 */

static uint32_t
keyboard(uint32_t c)
{
    if (c >= 0x3131 && c <= 0x3163) {
        return c;
    }

    return c >= 0xffa1 && c <= 0xffbe ? c - 0xffa1 + 0x3131
           : c >= 0xffc2 && c <= 0xffc7 ? c - 0xffc2 + 0x314f
           : c >= 0xffca && c <= 0xffcf ? c - 0xffca + 0x3155
           : c >= 0xffd2 && c <= 0xffd7 ? c - 0xffd2 + 0x315b
           : c >= 0xffda && c <= 0xffdc ? c - 0xffda + 0x3161 : 0;
}


/* which first letter, vowel, last letter (from 1 on) c is, or NONE; those of
 * keyboards are told by where they stand */

static uint32_t
first(uint32_t c)
{
    uint32_t  k;

    k = keyboard(c);

    return c - L_BASE < L_N ? c - L_BASE
           : k != 0 && k < 0x314f ? (uint32_t) first_of[k - 0x3131] : NONE;
}


static uint32_t
vowel(uint32_t c)
{
    uint32_t  k;

    k = keyboard(c);

    return c - V_BASE < V_N ? c - V_BASE : k >= 0x314f ? k - 0x314f : NONE;
}


static uint32_t
final(uint32_t c)
{
    uint32_t  k;

    k = keyboard(c);

    return c > T_BASE && c < T_BASE + T_N ? c - T_BASE
           : k != 0 && k < 0x314f ? (uint32_t) last_of[k - 0x3131] : NONE;
}


/* kana with a mark: 1 voiced, 2 half voiced; 0: there is no such kana */

static uint32_t
kana(uint32_t c, uint32_t mark)
{
    uint32_t  k;

    c = c >= 0xff66 && c <= 0xff9d ? 0x3000u + half_kana[c - 0xff66] : c;
    k = c >= 0x30a0 ? c - 0x60 : c;     /* as hiragana                       */

    if (mark == 1) {
        if ((k >= 0x304b && k <= 0x3062 && (k & 1))
            || (k >= 0x3064 && k <= 0x3069 && !(k & 1))
            || (k >= 0x306f && k <= 0x307d && k % 3 == 0))
        {
            return c + 1;
        }

        return c == 0x3046 ? 0x3094 : c == 0x30a6 ? 0x30f4
               : c == 0x309d || c == 0x30fd ? c + 1
               : c >= 0x30ef && c <= 0x30f2 ? c + 8 : 0;
    }

    return k >= 0x306f && k <= 0x307d && k % 3 == 0 ? c + 2 : 0;
}


static inline uint32_t
mark_of(uint32_t c)
{
    return c == 0x3099 || c == 0x309b || c == 0xff9e ? 1
           : c == 0x309a || c == 0x309c || c == 0xff9f ? 2 : 0;
}


/* what the characters at p are together, and how many bytes they have: the
 * first by itself where they are nothing together */

static uint32_t
composed(const uint8_t *p, size_t n, size_t *len)
{
    size_t    k;
    uint32_t  c, next, s, v, t;

    c = mdr_utf8_good(p);
    *len = mdr_utf8_len(p[0]);

    if (c < 0x1100 || *len >= n) {
        return c;
    }

    next = mdr_utf8_good(p + *len);
    k = *len + mdr_utf8_len(p[*len]);

    if (mark_of(next) != 0) {
        s = kana(c, mark_of(next));
        if (s != 0) {
            *len = k;
            return s;
        }
        return c;
    }

    s = c;

    if (first(c) != NONE) {
        v = vowel(next);
        if (v == NONE) {
            return c;
        }
        s = S_BASE + (first(c) * V_N + v) * T_N;
        *len = k;
        if (k == n) {
            return s;
        }
        next = mdr_utf8_good(p + k);
        k += mdr_utf8_len(p[k]);

    } else if (c - S_BASE >= S_N || (c - S_BASE) % T_N != 0
               || keyboard(next) != 0)
    {
        return c;
    }

    t = final(next);

    /* one of a keyboard is the first of the next syllable before a vowel */

    if (t == NONE
        || (keyboard(next) != 0 && k < n && vowel(mdr_utf8_good(p + k)) != NONE))
    {
        return s;
    }

    *len = k;

    return s + t;
}


int
mdr_text_compose(mdr_text_t *t)
{
    int         rc;
    size_t      i, len, from, behind;
    uint64_t    a, b;
    uint8_t     buf[4];
    uint32_t    c;
    mdr_text_t  out;

    behind = t->cap - t->len;

    if (behind >= MDR_TEXT_PAD) {
        memset(t->data + t->len, 0, MDR_TEXT_PAD);
    }

    if (!has_parts(t->data, t->len, behind)) {
        return MDR_OK;
    }

    mdr_text_init(&out, t->alloc, t->max);
    rc = MDR_OK;

    for (i = 0, from = 0; i < t->len && rc == MDR_OK; i += len) {
        c = composed(t->data + i, t->len - i, &len);

        if (len == mdr_utf8_len(t->data[i])) {
            continue;
        }

        if (i != from) {
            rc = mdr_text_carry(&out, t, (uint32_t) from, (uint32_t) i);
        }

        if (rc == MDR_OK) {
            mdr_text_span(t, (uint32_t) i, (uint32_t) (i + len), &a, &b);
            rc = mdr_text_unit(&out, a, (uint32_t) (b - a), buf,
                               mdr_utf8_put(buf, c));
        }

        from = i + len;
    }

    if (from == 0 || rc != MDR_OK) {
        mdr_text_done(&out);
        return rc;
    }

    if (from < t->len) {
        rc = mdr_text_carry(&out, t, (uint32_t) from, (uint32_t) t->len);
    }

    out.cut = t->cut;
    out.finished = t->finished;
    mdr_text_done(t);
    out.hidden = t->hidden;
    *t = out;

    return rc;
}


size_t
mdr_text_compose_bytes(uint8_t *p, size_t n)
{
    size_t    i, len, out;
    uint32_t  c;

    if (!mdr_text_has_parts(p, n)) {
        return n;
    }

    for (i = 0, out = 0; i < n; i += len) {
        c = composed(p + i, n - i, &len);
        out += mdr_utf8_put(p + out, c);    /* never longer than its parts   */
    }

    return out;
}
