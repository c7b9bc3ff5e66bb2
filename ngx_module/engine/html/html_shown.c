/*
 * html_shown.c - what a browser makes of an element by its default styles and
 * the styles in its tag: blocks, hidden text, direction (WHATWG HTML, 15.3;
 * CSS 2.2; CSS Writing Modes, unicode-bidi).
 *
 * It matters for text that a field collects, and only inside the field: a
 * title that is hidden itself is read, since a script will show it; what is
 * hidden inside a title is no text of it.  Style sheets are not read.
 *
 * display, hidden: nothing inside is shown (h->quiet counts such elements).
 * visibility, font-size: an element inside may take it back, so they are a
 * state, h->style, which each element that changes it remembers.
 */

#include "html.h"
#include "html_tags.h"
#include "base/utf8.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


#define STYLE_MAX  1024                 /* of a style attribute is read      */

typedef struct {
    const char  *p;
    size_t       n;
} word_t;


static int
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


static int
hex_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}


/* references decoded (an attribute's value); bytes in out */

static size_t
decode(const uint8_t *p, size_t n, uint8_t *out)
{
    int       k;
    size_t    i, len, o;
    uint32_t  cps[2];

    for (i = 0, o = 0; i < n && o + 8 < STYLE_MAX; ) {
        k = p[i] == '&' ? mdr_html_ref(p + i, n - i, 1, 1, cps, &len) : 0;

        if (k <= 0) {
            out[o++] = p[i++];
            continue;
        }

        o += mdr_utf8_put(out + o, cps[0]);
        if (k == 2) {
            o += mdr_utf8_put(out + o, cps[1]);
        }
        i += len;
    }

    return o;
}


/* CSS Syntax: comments are nothing, escapes are their character, letters in
 * lower case; in place */

static size_t
plain_css(uint8_t *p, size_t n)
{
    int       k;
    size_t    i, o, d;
    uint32_t  cp;

    for (i = 0, o = 0; i < n; ) {

        if (p[i] == '/' && i + 1 < n && p[i + 1] == '*') {
            for (i += 2; i < n && !(p[i - 1] == '*' && p[i] == '/'); i++) {
                /* void */
            }
            i++;
            continue;
        }

        if (p[i] == '\\' && i + 1 < n) {
            for (d = 0, cp = 0, i++; d < 6 && i < n; d++, i++) {
                k = hex_of(p[i]);
                if (k < 0) {
                    break;
                }
                cp = cp * 16 + (uint32_t) k;
            }

            if (d == 0) {
                cp = p[i++];
            } else if (i < n && is_space(p[i])) {
                i++;
            }

            /* what is no ASCII is in no word that is looked for */

            p[o++] = cp < 0x80 ? (uint8_t) cp : 0x80;

        } else {
            p[o++] = p[i++];
        }

        if (p[o - 1] >= 'A' && p[o - 1] <= 'Z') {
            p[o - 1] |= 32;
        }
    }

    return o;
}


static int
is(word_t w, const char *s)
{
    return w.n == strlen(s) && memcmp(w.p, s, w.n) == 0;
}


static word_t
trimmed(const uint8_t *from, const uint8_t *to)
{
    word_t  w;

    while (from < to && is_space(*from)) {
        from++;
    }

    while (to > from && is_space(to[-1])) {
        to--;
    }

    w.p = (const char *) from;
    w.n = (size_t) (to - from);

    return w;
}


/* a font size: 1 nothing is to be seen, 0 it is, -1: as it was around it */

static int
no_size(word_t v)
{
    int     zero;
    size_t  i;

    zero = 1;

    for (i = 0; i < v.n; i++) {
        if (v.p[i] >= '1' && v.p[i] <= '9') {
            zero = 0;
        } else if (v.p[i] != '0' && v.p[i] != '.' && v.p[i] != '+') {
            break;
        }
    }

    if (i == 0) {
        return is(v, "inherit") || is(v, "unset") || is(v, "larger")
               || is(v, "smaller") || is(v, "revert") ? -1 : 0;
    }

    if (zero) {
        return 1;
    }

    v.p += i;
    v.n -= i;

    return is(v, "em") || is(v, "%") || is(v, "ex") || is(v, "ch") ? -1 : 0;
}


typedef struct {
    int  display, visibility, size, bidi, rtl;
} style_t;


/* one declaration; what does not parse as what it says is none */

static void
declare(style_t *s, word_t name, word_t v)
{
    int  k;

    if (is(name, "display")) {
        s->display = is(v, "none");

    } else if (is(name, "content-visibility")) {
        s->display |= is(v, "hidden");

    } else if (is(name, "visibility")) {
        s->visibility = is(v, "hidden") || is(v, "collapse") ? 1
                        : is(v, "visible") || is(v, "initial") ? 0
                        : s->visibility;

    } else if (is(name, "font-size")) {
        k = no_size(v);
        s->size = k >= 0 ? k : s->size;

    } else if (is(name, "font")) {

        /* "0/0 a" is the usual way to say it */

        s->size = v.n > 1 && v.p[0] == '0'
                  && (v.p[1] == '/' || v.p[1] == ' ' || v.p[1] == 'p');

    } else if (is(name, "unicode-bidi")) {
        s->bidi = is(v, "bidi-override") || is(v, "isolate-override");

    } else if (is(name, "direction")) {
        s->rtl = is(v, "rtl");
    }
}


/* the declarations of a style attribute; those that are important beat the
 * others */

static void
read_style(style_t *s, const uint8_t *p, size_t n)
{
    int             pass, important;
    size_t          i;
    word_t          name, v;
    const uint8_t  *from, *to, *colon, *q;

    for (pass = 0; pass < 2; pass++) {
        for (i = 0, from = p; i <= n; i++) {

            if (i < n && p[i] != ';') {
                continue;
            }

            to = p + i;
            colon = from < to ? memchr(from, ':', (size_t) (to - from))
                              : NULL;

            if (colon != NULL) {
                for (q = to, important = 0; q > colon; q--) {
                    if (q[-1] == '!') {
                        important = is(trimmed(q, to), "important");
                        to = important ? q - 1 : to;
                        break;
                    }
                }

                name = trimmed(from, colon);
                v = trimmed(colon + 1, to);

                if (important == pass) {
                    declare(s, name, v);
                }
            }

            from = p + i + 1;
        }
    }
}


static const mdr_attr_t *
attr(mdr_tag_t *t, const char *name)
{
    mdr_str_t  s;

    s.data = name;
    s.len = (uint32_t) strlen(name);

    return mdr_html_attr(t, s, mdr_html_name((const uint8_t *) name, s.len));
}


#if defined(__SSE2__)

/* of 16 places from p on (18 bytes are read): is there "sty" or "hid", in any
 * case? */

static int
says_16(const uint8_t *p)
{
    __m128i  a, b, c, low;

    low = _mm_set1_epi8(32);
    a = _mm_or_si128(_mm_loadu_si128((const __m128i *) (const void *) p),
                     low);
    b = _mm_or_si128(_mm_loadu_si128((const __m128i *) (const void *)
                                     (p + 1)), low);
    c = _mm_or_si128(_mm_loadu_si128((const __m128i *) (const void *)
                                     (p + 2)), low);

    a = _mm_or_si128(
            _mm_and_si128(_mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8('s')),
                                        _mm_cmpeq_epi8(b,
                                                       _mm_set1_epi8('t'))),
                          _mm_cmpeq_epi8(c, _mm_set1_epi8('y'))),
            _mm_and_si128(_mm_and_si128(_mm_cmpeq_epi8(a, _mm_set1_epi8('h')),
                                        _mm_cmpeq_epi8(b,
                                                       _mm_set1_epi8('i'))),
                          _mm_cmpeq_epi8(c, _mm_set1_epi8('d'))));

    return _mm_movemask_epi8(a) != 0;
}

#endif


/* may it have one of the attributes that count?  Of a tag whose attributes
 * have been read, len is no length of it */

static int
may_say(const mdr_tag_t *t)
{
    uint32_t  i;

    if (t->next >= t->len || t->nattrs == MDR_ATTRS) {
        return t->nattrs != 0;
    }

    i = 1 + t->name_len;

#if defined(__SSE2__)
    if (i + 18 <= t->len) {
        for ( ; i + 18 <= t->len; i += 16) {
            if (says_16(t->p + i)) {
                return 1;
            }
        }

        return says_16(t->p + t->len - 18);     /* the rest, and some again  */
    }
#endif

    for ( ; i + 5 < t->len; i++) {
        if (((t->p[i] | 32) == 's' && (t->p[i + 1] | 32) == 't'
             && (t->p[i + 2] | 32) == 'y')
            || ((t->p[i] | 32) == 'h' && (t->p[i + 1] | 32) == 'i'
                && (t->p[i + 2] | 32) == 'd'))
        {
            return 1;
        }
    }

    return 0;
}


uint8_t
mdr_html_look(mdr_tag_t *t)
{
    uint8_t            look, buf[STYLE_MAX];
    size_t             n;
    style_t            s;
    const mdr_attr_t  *a;

    s.display = 0;
    s.visibility = -1;
    s.size = -1;
    s.bidi = t->id == T_BDO;
    s.rtl = 0;

    if (t->p == NULL || (t->id != T_BDO && !may_say(t))) {
        return 0;
    }

    if (s.bidi) {
        a = attr(t, "dir");
        s.rtl = a != NULL && a->value_end - a->value == 3
                && (t->p[a->value] | 32) == 'r';
        s.bidi = a != NULL;
    }

    s.display = attr(t, "hidden") != NULL;
    a = attr(t, "style");

    if (a != NULL) {
        n = decode(t->p + a->value, a->value_end - a->value, buf);
        read_style(&s, buf, plain_css(buf, n));
    }

    look = s.display ? MDR_LOOK_HIDDEN : 0;
    look |= s.visibility < 0 ? 0 : s.visibility ? MDR_LOOK_UNSEEN
                                                : MDR_LOOK_SEEN;
    look |= s.size < 0 ? 0 : s.size ? MDR_LOOK_NO_SIZE : MDR_LOOK_SIZE;
    look |= !s.bidi ? 0 : s.rtl ? MDR_LOOK_RTL : MDR_LOOK_LTR;

    return look;
}


uint8_t
mdr_html_tag_look(mdr_html_t *h)
{
    mdr_memo_t  *m;

    m = h->tag.memo;

    if (m == NULL) {
        return mdr_html_look(&h->tag);
    }

    if (m->look == MDR_LOOK_ASK) {
        m->look = mdr_html_look(&h->tag);
    }

    return m->look;
}


/* a boundary of blocks in what is collected */

void
mdr_html_break(mdr_html_t *h, uint64_t at)
{
    uint32_t        i;
    mdr_collect_t  *c;

    for (i = 0; i < h->ncollects; i++) {
        c = &h->collects[i];

        if (!mdr_html_hears(h, c)) {
            continue;
        }

        if (mdr_text_break(c->text, at) != MDR_OK) {
            mdr_html_no_memory(h, at);
        }

        mdr_html_grown(h, c);
    }
}


/* a control of direction, which stands for no bytes of the page */

void
mdr_html_turn(mdr_html_t *h, uint64_t at, uint8_t look)
{
    uint32_t        i;
    const char     *s;
    mdr_collect_t  *c;

    s = look & MDR_LOOK_RTL ? "\xe2\x80\xae"            /* U+202E            */
        : look & MDR_LOOK_LTR ? "\xe2\x80\xad"          /* U+202D            */
        : "\xe2\x80\xac";                               /* U+202C            */

    for (i = 0; i < h->ncollects; i++) {
        c = &h->collects[i];

        if (mdr_html_hears(h, c)
            && mdr_text_unit(c->text, at, 0, (const uint8_t *) s, 3)
               != MDR_OK)
        {
            mdr_html_no_memory(h, at);
        }

        mdr_html_grown(h, c);
    }
}
