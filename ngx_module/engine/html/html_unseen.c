/*
 * html_unseen.c - does a tag hide what stands in it, as far as its attributes
 * say it?
 *
 * It is asked of every tag of a page of `pages:`.  Nearly all say nothing of
 * it, which their bytes tell: neither "style=" nor "hidden" stands in them, or
 * what a style declares hides nothing.
 */

#include "html_css.h"
#include "html_tags.h"
#include "base/cpu.h"

#include <string.h>

#if defined(__SSE2__)
#include <immintrin.h>
#endif


/*
 * A style that hides nothing, by what its declarations begin with.  Of each
 * property that may hide the values that do so begin otherwise than those that
 * are written everywhere.  Perhaps is no: then it is read.
 */

static const uint8_t  ends[256] = {
    [';'] = 1, ['"'] = 1, ['\\'] = 2, ['&'] = 2, ['*'] = 2, ['>'] = 2
};


/* is the length v, of n bytes, near? */

static int
is_near(const uint8_t *v, size_t n)
{
    return v[0] != '-' && (n < 5 || (n < 6 && (v[n - 2] | 32) == 'p'));
}


/* does the property at p, of n bytes, with the m bytes at v for a value, hide
 * nothing? */

static int
is_harmless(const uint8_t *p, size_t n, const uint8_t *v, size_t m)
{
    uint8_t  c, k;

    if (n < 3 || m == 0) {
        return n != 0 && p[0] >= 'A';   /* none that counts                  */
    }

    k = p[1] | 32;
    c = v[0] >= 'A' && v[0] <= 'Z' ? v[0] | 32 : v[0];

    switch (p[0] | 32) {

    case 'd':                           /* display                           */
        return c != 'n' && c != 't';

    case 'v':                           /* visibility; vertical-align        */
        return k == 'e' || (c != 'h' && c != 'c');

    case 'c':                           /* clip, content-visibility; cursor;
                                           color: transparent, rgb()         */
        return k == 'u' || (n == 5 && k == 'o' && c != 't' && c != 'r'
                            && c != 'h' && (c != '#' || m == 4 || m == 7));

    case 's':                           /* scale                             */
        return k != 'c' || n != 5 || (c >= '1' && c <= '9' && v[m - 1] != '%');

    case 'z':                           /* z-index; zoom                     */
        return k == '-' ? c != '-' : c >= '1' && c <= '9' && v[m - 1] != '%';

    case 'o':                           /* opacity                           */
        return k != 'p' || (c == '1' && v[m - 1] != '%');

    case 'f':                           /* font, font-size; filter           */
        return k == 'o' ? c != '0' && c != '.' && c != '+'
                          && (c != '1' || m > 4)
                        : k == 'l' || c == 'n';

    case 'l': case 'r': case 'b':       /* left, right, bottom               */
        return n > 6 || (n == 6 && k != 'o') || (p[2] | 32) == 'r'
               || is_near(v, m);

    case 't':                           /* top, text-indent, trans...        */
        return k == 'o' ? is_near(v, m)
               : k == 'e' ? n != 11 || (p[5] | 32) != 'i'
                            || (c == '0' && m < 4)
               : n != 9;

    case 'm':                           /* margin                            */
        return memchr(v, '-', m) == NULL;

    case 'i':                           /* inset                             */
        return 0;

    default:                            /* position, width, height count with
                                           one of the others only            */
        return p[0] >= 'A';
    }
}


/* may the m bytes at v be a length of a few pixels, or none? */

static int
is_flat(const uint8_t *v, size_t m)
{
    return m == 0
           || !((v[0] >= '4' && v[0] <= '9') || (v[0] | 32) == 'a'
                || (v[0] >= '1' && v[0] <= '3' && m > 1 && v[1] >= '0'
                    && v[1] <= '9'));
}


int
mdr_css_is_dull(const uint8_t *p, const uint8_t *end, int sheet)
{
    int             clips, flat, inked, ground;
    size_t          n;
    uint8_t         c;
    const uint8_t  *name, *value;

    clips = 0;                          /* overflow counts with a height     */
    flat = 0;
    inked = 0;                          /* a colour counts with what is      */
    ground = 0;                         /* behind it                         */

    for ( ;; p++) {

        while (p < end && mdr_css_space(*p)) {
            p++;
        }

        for (name = p; p < end && *p != ':' && ends[*p] == 0; p++) {
            /* void */
        }

        if (p == end) {
            return sheet && !(clips && flat) && !(inked && ground);
        }

        if (*p != ':') {
            if (*p == ';') {
                continue;
            }

            return *p == '"' && !sheet && !(clips && flat)
                   && !(inked && ground);
        }

        for (n = (size_t) (p - name); n != 0 && mdr_css_space(name[n - 1]);
             n--)
        {
            /* void */
        }

        value = p + 1;

        while (value < end && mdr_css_space(*value)) {
            value++;
        }

        for (p = value; p < end && ends[*p] == 0; p++) { /* void */ }

        if ((p == end && !sheet) || (p < end && ends[*p] == 2)) {
            return 0;
        }

        c = n > 3 ? name[0] | 32 : 0;

        if (c == 'o' && (name[1] | 32) == 'v') {
            clips = 1;

        } else if (!is_harmless(name, n, value, (size_t) (p - value))) {
            return 0;

        } else if (c == 'w' || c == 'h' || (c == 'm' && (name[2] | 32) == 'x')
                   || (c == 'l' && n == 11))
        {
            flat |= is_flat(value, (size_t) (p - value));

        } else if (c == 'c' && n == 5) {
            inked = 1;

        } else if (c == 'b' && n >= 10 && (name[2] | 32) == 'c') {
            ground = 1;
        }

        if (p == end || *p == '"') {
            return (p == end || !sheet) && !(clips && flat)
                   && !(inked && ground);
        }
    }
}


/* does an attribute that counts begin at p[i]?  dull: a style that hides
 * nothing does not */

static int
counts(const mdr_tag_t *t, uint32_t i, int dull)
{
    uint32_t        n;
    const uint8_t  *p;

    p = t->p + i;

    if (i == 0 || (!mdr_css_space(p[-1]) && p[-1] != '/' && p[-1] != '"'
                   && p[-1] != '\''))
    {
        return 0;
    }

    if ((p[0] | 32) == 's' && (p[1] | 32) == 't') {
        n = 5;                          /* style                             */

    } else if ((p[0] | 32) == 'h' && (p[1] | 32) == 'i') {
        n = 6;                          /* hidden                            */

    } else {
        return 0;
    }

    if (t->len - i <= n || (p[n] != '=' && p[n] != '>' && p[n] != '/'
                            && !mdr_css_space(p[n])))
    {
        return 0;
    }

    return !(dull && n == 5 && t->len - i > 7 && p[5] == '=' && p[6] == '"'
             && mdr_css_is_dull(p + 7, t->p + t->len, 0));
}


#if defined(__SSE2__)

/* where "yl" and "dd" stand, the middle of both names, in any case */

static inline uint32_t
middles_16(const uint8_t *p)
{
    __m128i  a, b, low;

    low = _mm_set1_epi8(32);
    a = _mm_or_si128(_mm_loadu_si128((const __m128i *) (const void *) p),
                     low);
    b = _mm_or_si128(_mm_loadu_si128((const __m128i *) (const void *)
                                     (p + 1)), low);
    a = _mm_or_si128(_mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8('y')),
                                   _mm_cmpeq_epi8(b, _mm_set1_epi8('l'))),
                     _mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8('d')),
                                   _mm_cmpeq_epi8(b, _mm_set1_epi8('d'))));

    return (uint32_t) _mm_movemask_epi8(a);
}


__attribute__((target("avx2"))) static inline uint32_t
middles_32(const uint8_t *p)
{
    __m256i  a, b, low;

    low = _mm256_set1_epi8(32);
    a = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)
                                           (const void *) p), low);
    b = _mm256_or_si256(_mm256_loadu_si256((const __m256i *)
                                           (const void *) (p + 1)), low);
    a = _mm256_or_si256(
            _mm256_and_si256(_mm256_cmpeq_epi8(a, _mm256_set1_epi8('y')),
                             _mm256_cmpeq_epi8(b, _mm256_set1_epi8('l'))),
            _mm256_and_si256(_mm256_cmpeq_epi8(a, _mm256_set1_epi8('d')),
                             _mm256_cmpeq_epi8(b, _mm256_set1_epi8('d'))));

    return (uint32_t) _mm256_movemask_epi8(a);
}


/* one that is behind i and counts */

static int
one_counts(const mdr_tag_t *t, uint32_t i, uint32_t m, int dull)
{
    for ( ; m != 0; m &= m - 1) {
        if (counts(t, i + (uint32_t) __builtin_ctz(m) - 2, dull)) {
            return 1;
        }
    }

    return 0;
}


__attribute__((target("avx2"))) static int
says_32(const mdr_tag_t *t, int dull)
{
    uint32_t  i, m;

    for (i = 3 + t->name_len; ; i += 32) {
        i = i + 33 <= t->len ? i : t->len - 33;     /* some again            */
        m = middles_32(t->p + i);

        if (m != 0 && one_counts(t, i, m, dull)) {
            return 1;
        }

        if (i + 33 >= t->len) {
            return 0;
        }
    }
}

#endif


/* wide: mdr_html_wide() */

static int
says(const mdr_tag_t *t, int wide, int dull)
{
    uint32_t  i;

    i = 3 + t->name_len;                /* "<", the name, a space; "hi"      */

    if (t->next >= t->len || t->nattrs == MDR_ATTRS) {
        return t->nattrs != 0;
    }

    if (i + 4 >= t->len) {
        return 0;
    }

#if defined(__SSE2__)
    uint32_t  m;

    if (wide && t->len >= 48) {
        return says_32(t, dull);
    }

    for ( ; t->len >= 20; i += 16) {
        i = i + 17 <= t->len ? i : t->len - 17;     /* some again            */
        m = middles_16(t->p + i);

        if (m != 0 && one_counts(t, i, m, dull)) {
            return 1;
        }

        if (i + 17 >= t->len) {
            return 0;
        }
    }
#else
    (void) wide;
#endif

    for ( ; i + 1 < t->len; i++) {
        if ((((t->p[i] | 32) == 'y' && (t->p[i + 1] | 32) == 'l')
             || ((t->p[i] | 32) == 'd' && (t->p[i + 1] | 32) == 'd'))
            && counts(t, i - 2, dull))
        {
            return 1;
        }
    }

    return 0;
}


int
mdr_html_may_say(const mdr_tag_t *t)
{
    return says(t, 0, 0);
}


static int
begins(mdr_word_t v, const char *s)
{
    return v.n >= strlen(s) && memcmp(v.p, s, strlen(s)) == 0;
}


/* a length in pixels, about; *unit: there was one or none is needed */

static long
pixels(mdr_word_t v, int *ok)
{
    long    n, x;
    size_t  i;
    int     minus;

    if (begins(v, "calc(")) {
        v.p += 5;
        v.n -= 5;
    }

    minus = v.n != 0 && v.p[0] == '-';
    *ok = 0;

    for (i = (size_t) minus, n = 0; i < v.n && v.p[i] >= '0' && v.p[i] <= '9';
         i++)
    {
        n = n < 1000000 ? n * 10 + (v.p[i] - '0') : n;
        *ok = 1;
    }

    if (i < v.n && v.p[i] == '.') {
        i++;
        *ok = 1;
        n += n == 0 && i < v.n && v.p[i] != '0';
        while (i < v.n && v.p[i] >= '0' && v.p[i] <= '9') {
            i++;
        }
    }

    v.p += i;
    v.n -= i;

    /* "-1e4px" */

    if (v.n > 1 && v.p[0] == 'e' && v.p[1] >= '0' && v.p[1] <= '9') {
        for (x = v.p[1] - '0'; x > 0 && n < 1000000; x--) {
            n *= 10;
        }

        v.p += 2;
        v.n -= 2;
    }

    /* of all other units one is about as much as in "em", or more */

    n *= v.n != 0 && v.p[0] != ')' && v.p[0] != 'p' && v.p[0] != ' ' ? 16 : 1;

    return minus ? -n : n;
}


#define FAR  500                        /* pixels: out of sight              */

typedef struct {
    int   placed, far, flat, clipped, clear, says;
    int   drawn, inks;
    long  ink, ground;                  /* colours of text, behind it        */
} away_t;


/* is there a length among the words of v that is as far as that to the left or
 * above? */

static int
is_far_off(mdr_word_t v)
{
    int         ok;
    long        x;
    size_t      i;
    mdr_word_t  w;

    for (i = 0; i < v.n; i++) {
        if (v.p[i] == '-' && (i == 0 || memchr(" \t\n(,", v.p[i - 1], 5))) {
            for (w.p = v.p + i, w.n = 0;
                 i + w.n < v.n && memchr(" \t\n,)", w.p[w.n], 5) == NULL;
                 w.n++)
            {
                /* void */
            }

            /* -100 % is where a column or a menu stands */

            x = pixels(w, &ok);
            x /= w.p[w.n - 1] == '%' ? 16 : 1;

            if (ok && x <= -FAR) {
                return 1;
            }
        }
    }

    return 0;
}


/* transform, clip-path, filter: a function that leaves nothing */

static int
is_nothing(mdr_word_t v)
{
    return begins(v, "scale(0)") || begins(v, "scale(0,")
           || begins(v, "scalex(0)") || begins(v, "scaley(0)")
           || begins(v, "scale3d(0,") || begins(v, "inset(50%")
           || begins(v, "inset(100%") || begins(v, "circle(0")
           || begins(v, "ellipse(0") || begins(v, "polygon(0 0)")
           || begins(v, "polygon(0 0,0 0") || begins(v, "polygon(0 0, 0 0")
           || begins(v, "opacity(0)") || begins(v, "opacity(0%")
           || begins(v, "rotatex(90deg)") || begins(v, "rotatey(90deg)");
}


/* a factor of next to nothing: "0", ".01", "1%" */

static int
is_next_to_nothing(mdr_word_t v, int ok, long x)
{
    return ok && (x == 0 || (v.p[v.n - 1] == '%' && x >= 0 && x <= 5 * 16));
}


static void
declare(away_t *a, mdr_word_t name, mdr_word_t v)
{
    int   ok, said;
    long  x;

    x = pixels(v, &ok);
    said = a->says;
    a->says |= !begins(name, "margin") && !mdr_css_is(name, "filter")
               && !mdr_css_is(name, "opacity");

    if (mdr_css_is(name, "position")) {
        a->placed = mdr_css_is(v, "absolute") || mdr_css_is(v, "fixed")
                    || mdr_css_is(v, "relative");

    } else if (mdr_css_is(name, "left") || mdr_css_is(name, "top")
               || mdr_css_is(name, "right") || mdr_css_is(name, "bottom"))
    {
        a->far |= ok && (x <= -FAR || x >= 18 * FAR);

    } else if (mdr_css_is(name, "inset")) {
        a->far |= is_far_off(v);

    } else if (mdr_css_is(name, "text-indent")) {
        a->clear |= ok && (x <= -FAR || x >= 2 * FAR);

    } else if (begins(name, "margin")) {
        a->clear |= is_far_off(v) && !mdr_css_is(name, "margin-bottom")
                    && !mdr_css_is(name, "margin-right");

    } else if (mdr_css_is(name, "width") || mdr_css_is(name, "height")
               || mdr_css_is(name, "max-height")
               || mdr_css_is(name, "max-width")
               || (mdr_css_is(name, "line-height") && ok && x == 0))
    {
        a->flat |= ok && x >= 0 && x <= 3;

    } else if (begins(name, "overflow")) {
        a->clipped = mdr_css_is(v, "hidden") || mdr_css_is(v, "clip")
                     || mdr_css_is(v, "auto") || mdr_css_is(v, "scroll");

    } else if (mdr_css_is(name, "opacity")) {
        a->clear |= is_next_to_nothing(v, ok, x);

    } else if (mdr_css_is(name, "scale") || mdr_css_is(name, "zoom")) {
        a->clear |= is_next_to_nothing(v, ok, x);
        a->says = said;

    } else if (mdr_css_is(name, "z-index")) {
        a->far |= ok && x < 0;
        a->says = said;

    } else if (mdr_css_is(name, "color")) {
        a->ink = mdr_css_colour(v);
        a->inks = 1;
        a->says = said;

    } else if (mdr_css_is(name, "background")
               || mdr_css_is(name, "background-color"))
    {
        a->ground = mdr_css_colour(v);
        a->inks = 1;
        a->says = said;

    } else if (begins(name, "background")
               || begins(name, "-webkit-background")
               || begins(name, "-webkit-text-fill"))
    {
        a->drawn = 1;                   /* a picture that the text is cut
                                           out of, or stands on              */
        a->says = said;

    } else if (mdr_css_is(name, "font-size")) {
        a->clear |= ok && x >= 0 && x <= 1
                    && v.p[v.n - 1] == 'x';             /* pixels            */
        a->says = said;

    } else if (mdr_css_is(name, "clip")) {
        a->far |= begins(v, "rect(0") || begins(v, "rect(1px");

    } else if (mdr_css_is(name, "transform")) {
        a->clear |= is_nothing(v)
                    || (begins(v, "translate") && is_far_off(v));

    } else if (mdr_css_is(name, "translate")) {
        a->clear |= is_far_off(v);

    } else if (mdr_css_is(name, "clip-path") || mdr_css_is(name, "filter")) {
        a->clear |= is_nothing(v);

    } else {
        a->says = said;
    }
}


void
mdr_css_away(const uint8_t *p, size_t n, mdr_css_away_t *away)
{
    size_t          i, k;
    away_t          a;
    mdr_word_t      v;
    const uint8_t  *from, *to, *colon;

    memset(&a, 0, sizeof(a));
    a.ink = MDR_CSS_OTHER;
    a.ground = MDR_CSS_OTHER;

    for (i = 0, from = p; i <= n; i++) {

        if (i < n && p[i] != ';') {
            continue;
        }

        to = p + i;
        colon = from < to ? memchr(from, ':', (size_t) (to - from)) : NULL;

        if (colon != NULL) {
            v = mdr_css_trimmed(colon + 1, to);

            for (k = 0; k < v.n && v.p[k] != '!'; k++) { /* void */ }

            v = mdr_css_trimmed((const uint8_t *) v.p,
                                (const uint8_t *) v.p + k);
            declare(&a, mdr_css_trimmed(from, colon), v);
        }

        from = p + i + 1;
    }

    away->says = a.says;
    away->away = a.clear || (a.placed && a.far) || (a.flat && a.clipped);
    away->inks = a.inks || a.drawn;
    away->inkless = !a.drawn && (a.ink == MDR_CSS_CLEAR
                                 || (a.ink >= 0 && a.ink == a.ground));
}


/* an attribute that is a number of pixels below n, or of per cent */

static int
is_small(mdr_tag_t *t, const char *name, unsigned n)
{
    int                ok;
    long               x;
    mdr_word_t         v;
    const mdr_attr_t  *a;

    a = mdr_css_attr(t, name);

    if (a == NULL) {
        return 0;
    }

    v = mdr_css_trimmed(t->p + a->value, t->p + a->value_end);
    x = pixels(v, &ok);

    return ok && x >= 0 && x < (long) n;
}


static int
tag_unseen(mdr_tag_t *t, int wide)
{
    uint8_t            buf[MDR_STYLE_MAX];
    size_t             n;
    mdr_css_away_t     away;
    const mdr_attr_t  *a;

    if (t->p == NULL) {
        return 0;
    }

    if (t->id == T_MARQUEE) {

        /* scrolls by in a box that nobody sees */

        if (is_small(t, "height", 5) || is_small(t, "width", 10)
            || (mdr_css_attr(t, "scrollamount") != NULL
                && !is_small(t, "scrollamount", 500)))
        {
            return 1;
        }
    }

    if (t->id == T_DIALOG && mdr_css_attr(t, "open") == NULL) {
        return 1;
    }

    if (!says(t, wide, 1)) {
        return 0;
    }

    if (mdr_html_look(t) & (MDR_LOOK_HIDDEN|MDR_LOOK_UNSEEN|MDR_LOOK_NO_SIZE))
    {
        return 1;
    }

    a = mdr_css_attr(t, "style");

    if (a == NULL) {
        return 0;
    }

    n = mdr_css_decode(t->p + a->value, a->value_end - a->value, buf);

    mdr_css_away(buf, mdr_css_plain(buf, n), &away);

    return away.away || away.inkless;
}


int
mdr_html_unseen(mdr_html_t *h)
{
    mdr_memo_t  *m;

    m = h->tag.memo;

    if (m == NULL) {
        return tag_unseen(&h->tag, h->wide);
    }

    if (m->unseen == 0) {
        m->unseen = (uint8_t) (1 + tag_unseen(&h->tag, h->wide));
    }

    return m->unseen - 1;
}
