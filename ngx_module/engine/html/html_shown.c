/*
 * html_shown.c - what a browser makes of an element by its default styles and
 * the styles in its tag: blocks, hidden text, direction (WHATWG HTML, 15.3;
 * CSS 2.2; CSS Writing Modes, unicode-bidi).
 *
 * It matters for text that a field collects, and only inside the field: a
 * title that is hidden itself is read, since a script will show it; what is
 * hidden inside a title is no text of it.  Style sheets are not read.
 *
 * display, hidden, opacity: nothing inside is shown (h->quiet counts such
 * elements).
 * visibility, font-size: an element inside may take it back, so they are a
 * state, h->style, which each element that changes it remembers.
 */

#include "html_css.h"
#include "html_learn.h"
#include "html_tags.h"

#include <string.h>


/* a font size: 1 nothing is to be seen, 0 it is, -1: as it was around it */

static int
no_size(mdr_word_t v)
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
        return mdr_css_is(v, "inherit") || mdr_css_is(v, "unset")
               || mdr_css_is(v, "larger") || mdr_css_is(v, "smaller")
               || mdr_css_is(v, "revert") ? -1 : 0;
    }

    if (zero) {
        return 1;
    }

    v.p += i;
    v.n -= i;

    return mdr_css_is(v, "em") || mdr_css_is(v, "%") || mdr_css_is(v, "ex")
           || mdr_css_is(v, "ch") ? -1 : 0;
}


/* what a value of "display" makes of an element (CSS Display 3): a block, a part
 * of a line, nothing; -1: it is no value */

enum { D_OTHER, D_NONE, D_BLOCK, D_INLINE };

static int
display_of(mdr_word_t v)
{
    size_t  i;

    static const struct {
        const char  *word;
        int          display;
    } words[] = {
        { "none", D_NONE }, { "block", D_BLOCK }, { "inline", D_INLINE },
        { "inline-block", D_INLINE }, { "flex", D_BLOCK },
        { "grid", D_BLOCK }, { "table", D_BLOCK }, { "list-item", D_BLOCK },
        { "flow-root", D_BLOCK }, { "contents", D_INLINE },
        { "inline-flex", D_INLINE }, { "inline-grid", D_INLINE },
        { "inline-table", D_INLINE }, { "-webkit-box", D_BLOCK },
        { "-webkit-flex", D_BLOCK }, { "-webkit-inline-box", D_INLINE },
        { "-webkit-inline-flex", D_INLINE }, { "initial", D_INLINE },
        { "unset", D_INLINE }, { "table-row", D_BLOCK },
        { "table-cell", D_BLOCK }, { "table-caption", D_BLOCK },
        { "table-row-group", D_BLOCK }, { "table-header-group", D_BLOCK },
        { "table-footer-group", D_BLOCK }, { "block flow", D_BLOCK },
        { "block flow-root", D_BLOCK }, { "inline flow", D_INLINE },
        { "inline flow-root", D_INLINE }, { "ruby", D_INLINE },
        { "inherit", D_OTHER }, { "revert", D_OTHER },
        { "revert-layer", D_OTHER }, { "math", D_OTHER },
        { "table-column", D_NONE }, { "table-column-group", D_NONE }
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (mdr_css_is(v, words[i].word)) {
            return words[i].display;
        }
    }

    return -1;
}


typedef struct {
    int  display, content, clear, visibility, size, bidi, rtl;
} style_t;


/* one declaration; what does not parse as what it says is none */

static void
declare(style_t *s, mdr_word_t name, mdr_word_t v)
{
    int  k;

    if (mdr_css_is(name, "display")) {
        k = display_of(v);
        s->display = k >= 0 ? k : s->display;

    } else if (mdr_css_is(name, "content-visibility")) {
        s->content = mdr_css_is(v, "hidden");

    } else if (mdr_css_is(name, "opacity")) {
        s->clear = no_size(v) == 1;

    } else if (mdr_css_is(name, "visibility")) {
        s->visibility = mdr_css_is(v, "hidden") || mdr_css_is(v, "collapse") ? 1
                        : mdr_css_is(v, "visible")
                          || mdr_css_is(v, "initial") ? 0 : s->visibility;

    } else if (mdr_css_is(name, "font-size")) {
        k = no_size(v);
        s->size = k >= 0 ? k : s->size;

    } else if (mdr_css_is(name, "font")) {

        /* "0/0 a" is the usual way to say it */

        s->size = v.n > 1 && v.p[0] == '0'
                  && (v.p[1] == '/' || v.p[1] == ' ' || v.p[1] == 'p');

    } else if (mdr_css_is(name, "unicode-bidi")) {
        s->bidi = mdr_css_is(v, "bidi-override")
                  || mdr_css_is(v, "isolate-override");

    } else if (mdr_css_is(name, "direction")) {
        s->rtl = mdr_css_is(v, "rtl");
    }
}


/* the declarations of a style attribute; those that are important beat the
 * others */

static void
read_style(style_t *s, const uint8_t *p, size_t n)
{
    int             pass, important;
    size_t          i;
    mdr_word_t          name, v;
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
                        important = mdr_css_is(mdr_css_trimmed(q, to),
                                               "important");
                        to = important ? q - 1 : to;
                        break;
                    }
                }

                name = mdr_css_trimmed(from, colon);
                v = mdr_css_trimmed(colon + 1, to);

                if (important == pass) {
                    declare(s, name, v);
                }
            }

            from = p + i + 1;
        }
    }
}


void
mdr_css_say(const uint8_t *p, size_t n, mdr_css_say_t *say)
{
    style_t  s;

    memset(&s, 0, sizeof(s));
    s.display = -1;
    s.visibility = -1;
    s.content = -1;
    s.clear = -1;
    read_style(&s, p, n);

    say->none = s.display < 0 ? -1 : s.display == D_NONE;
    say->hidden = s.visibility > 0 || s.content > 0 || s.clear > 0 ? 1
                  : s.visibility == 0 || s.content == 0 || s.clear == 0 ? 0
                  : -1;
}


uint16_t
mdr_html_look(mdr_tag_t *t)
{
    uint8_t            buf[MDR_STYLE_MAX];
    uint16_t           look;
    size_t             n;
    style_t            s;
    const mdr_attr_t  *a;

    memset(&s, 0, sizeof(s));
    s.visibility = -1;
    s.size = -1;
    s.bidi = t->id == T_BDO;

    if (t->p == NULL || (t->id != T_BDO && t->id != T_DIALOG
                         && !mdr_html_may_say(t)))
    {
        return 0;
    }

    if (s.bidi) {
        a = mdr_css_attr(t, "dir");
        s.rtl = a != NULL && a->value_end - a->value == 3
                && (t->p[a->value] | 32) == 'r';
        s.bidi = a != NULL;
    }

    s.display = mdr_css_attr(t, "hidden") != NULL
                || (t->id == T_DIALOG && mdr_css_attr(t, "open") == NULL)
                ? D_NONE : D_OTHER;
    a = mdr_css_attr(t, "style");

    if (a != NULL) {
        n = mdr_css_decode(t->p + a->value, a->value_end - a->value, buf);
        read_style(&s, buf, mdr_css_plain(buf, n));
    }

    look = s.display == D_NONE || s.content || s.clear ? MDR_LOOK_HIDDEN
           : s.display == (mdr_html_flags(t->id) & F_LINES ? D_INLINE
                                                           : D_BLOCK)
           ? MDR_LOOK_LINES : 0;
    look |= s.visibility < 0 ? 0 : s.visibility ? MDR_LOOK_UNSEEN
                                                : MDR_LOOK_SEEN;
    look |= s.size < 0 ? 0 : s.size ? MDR_LOOK_NO_SIZE : MDR_LOOK_SIZE;
    look |= !s.bidi ? 0 : s.rtl ? MDR_LOOK_RTL : MDR_LOOK_LTR;

    return look;
}


uint16_t
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

        mdr_html_did(h, MDR_DO_BREAK, c->item, c->place, at, 0);

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

    mdr_html_did_odd(h);

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
