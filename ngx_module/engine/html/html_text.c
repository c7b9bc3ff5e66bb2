/*
 * html_text.c - the text of an HTML fragment in a value (as: html).
 *
 * The value of a field is markup itself ("<em>a</em>b &amp; c" in a JSON
 * string): tags and comments are left out, <br> is white space, blocks are
 * apart, references are decoded, script, style, template and what is hidden
 * give nothing.  Positions go through
 * the text that the markup stood in, so that a hit ends up in the bytes of the
 * body.
 */

#include "html.h"
#include "html_tags.h"
#include "base/utf8.h"

#include <string.h>


/* [from, to) of in, as copied text or as one unit, to out */

typedef struct {
    mdr_text_t        *out;
    const mdr_text_t  *in;
} carry_t;


static int
carry_place(void *ctx, const mdr_place_t *pl)
{
    carry_t        *c;
    const uint8_t  *p;

    c = ctx;
    p = c->in->data + pl->text;

    if (pl->copied) {
        return mdr_text_copy(c->out, pl->start, p, pl->text_end - pl->text);
    }

    return mdr_text_unit(c->out, pl->start,
                         (uint32_t) (pl->end - pl->start), p,
                         pl->text_end - pl->text);
}


static int
carry(const mdr_text_t *in, mdr_text_t *out, size_t from, size_t to)
{
    carry_t  c;

    c.in = in;
    c.out = out;

    return mdr_text_each(in, (uint32_t) from, (uint32_t) to, carry_place,
                         &c);
}


/* text `s` stands for [from, to) of in */

static int
stand_for(const mdr_text_t *in, mdr_text_t *out, size_t from, size_t to,
    const uint8_t *s, size_t n)
{
    uint64_t  a, b;

    mdr_text_span(in, (uint32_t) from, (uint32_t) to, &a, &b);

    return mdr_text_unit(out, a, (uint32_t) (b - a), s, n);
}


static size_t
find_gt(const uint8_t *p, size_t n, size_t i)
{
    uint8_t  quote, before;

    for (quote = 0, before = 0; i < n; i++) {
        if (quote) {
            if (p[i] == quote) {
                quote = 0;
            }
        } else if ((p[i] == '"' || p[i] == '\'') && before == '=') {
            quote = p[i];
        } else if (p[i] == '>') {
            return i;
        }
        if (p[i] > ' ') {
            before = p[i];
        }
    }

    return n;
}


/* where the comment that begins at i ("<!--") ends, behind its ">" (WHATWG
 * HTML, comment states: "<!-->", "<!--->" and "--!>" are ends too) */

static size_t
comment_end(const uint8_t *p, size_t n, size_t i)
{
    size_t          end;
    const uint8_t  *q;

    for (end = i + 4; end < n; end++) {
        q = memchr(p + end, '>', n - end);
        if (q == NULL) {
            break;
        }

        end = (size_t) (q - p);

        if (end == i + 4 || (end == i + 5 && p[end - 1] == '-')
            || (end >= i + 6 && p[end - 1] == '-' && p[end - 2] == '-')
            || (end >= i + 7 && p[end - 1] == '!' && p[end - 2] == '-'
                && p[end - 3] == '-'))
        {
            return end + 1;
        }
    }

    return n;
}


static int
is_name(mdr_name_t name, const char *s)
{
    return name == mdr_html_name((const uint8_t *) s, strlen(s));
}


static int
is_one_of(const uint8_t *p, size_t n, const char *words)
{
    size_t       i;
    const char  *w;

    for (w = words; *w != '\0'; w++) {
        for (i = 0; i < n && w[i] == (char) (p[i] | 32); i++) { /* void */ }

        if (i == n && (w[i] == ' ' || w[i] == '\0')) {
            return 1;
        }

        w = strchr(w, ' ');
        if (w == NULL) {
            return 0;
        }
    }

    return 0;
}


/* blocks by the default styles: F_LINES in html_tags.h */

static const char  blocks[] =
    "address blockquote center dialog div figure figcaption footer form "
    "header hr legend listing main p plaintext pre search xmp article aside "
    "h1 h2 h3 h4 h5 h6 hgroup nav section dir dd dl dt menu ol ul li table "
    "caption colgroup tbody thead tfoot tr td th fieldset details summary "
    "optgroup option html body";

static const char  silent[] =
    "audio canvas datalist iframe noembed noframes noscript object title "
    "video";

static const char  voids[] =
    "area base br col embed hr img input link meta param source track wbr";


/* elements that are a block, or none, by their own style: their name, and how
 * many of that name are open in them, themselves counted */

#define STYLED_MAX  32

typedef struct {
    struct {
        mdr_name_t  name;
        size_t      depth;
    }       at[STYLED_MAX];
    size_t  n;
} styled_t;


/* what the start tag at p says of its element: MDR_LOOK_HIDDEN, nothing in it
 * is shown; MDR_LOOK_LINES */

static uint16_t
look_of(const uint8_t *p, const uint8_t *end, size_t len, int block)
{
    uint16_t   look;
    mdr_tag_t  t;

    if (is_one_of(p + 1, len, silent)) {
        return MDR_LOOK_HIDDEN;
    }

    if (mdr_html_tag(&t, p, end) == NULL) {
        return 0;
    }

    t.id = is_one_of(p + 1, len, "dialog") ? T_DIALOG
           : block ? T_DIV : 0;         /* as its style is read against      */
    look = mdr_html_look(&t);

    if (is_one_of(p + 1, len, voids)) {
        return look & MDR_LOOK_LINES;
    }

    return look & (MDR_LOOK_HIDDEN|MDR_LOOK_UNSEEN|MDR_LOOK_NO_SIZE)
           ? MDR_LOOK_HIDDEN : look & MDR_LOOK_LINES;
}


/* a tag of an element that shows: does a block begin or end with it? */

static int
is_block(styled_t *s, mdr_name_t name, int block, int closes, uint16_t look,
    int empty)
{
    size_t  i;

    if (empty) {
        return block ^ ((look & MDR_LOOK_LINES) != 0);
    }

    for (i = s->n; i > 0 && s->at[i - 1].name != name; i--) { /* void */ }

    if (!closes && (look & MDR_LOOK_LINES)) {
        if (s->n < STYLED_MAX) {
            s->at[s->n].name = name;
            s->at[s->n++].depth = 1;
        }
        return !block;
    }

    if (i == 0) {
        return block;
    }

    if (!closes) {
        s->at[i - 1].depth++;
        return block;
    }

    if (--s->at[i - 1].depth != 0) {
        return block;
    }

    s->n = i - 1;                       /* those in it end, too              */

    return !block;
}


int
mdr_html_text(const mdr_text_t *in, mdr_text_t *out)
{
    int             k, rc, quiet, block;
    uint16_t        look;
    styled_t        styled;
    size_t          i, from, n, len, end, inert, depth;
    uint8_t         buf[8];
    uint32_t        cps[2];
    uint64_t        at, to;
    mdr_name_t      name, raw, hidden;
    const uint8_t  *p, *q;

    p = in->data;
    n = in->len;
    rc = MDR_OK;
    raw = 0;
    quiet = 0;
    inert = 0;
    hidden = 0;
    depth = 0;
    styled.n = 0;

    for (i = 0; i < n && rc == MDR_OK; ) {
        from = i;

        while (i < n && p[i] != '<' && p[i] != '&') {
            i++;
        }

        if (i != from && raw == 0 && !quiet && inert == 0) {
            rc = carry(in, out, from, i);

        } else if (raw == 0 && hidden != 0 && !quiet) {
            mdr_text_unseen(out, p + from, i - from);
        }

        if (i == n || rc != MDR_OK) {
            break;
        }

        if (p[i] == '&') {
            k = raw == 0 ? mdr_html_ref(p + i, n - i, 1, 0, cps, &len) : 0;

            if (k == 0) {
                if (raw == 0 && !quiet && inert == 0) {
                    rc = carry(in, out, i, i + 1);
                }
                i++;
                continue;
            }

            end = mdr_utf8_put(buf, cps[0]);
            if (k == 2) {
                end += mdr_utf8_put(buf + end, cps[1]);
            }

            if (!quiet && inert == 0) {
                rc = stand_for(in, out, i, i + len, buf, end);
            }
            i += len;
            continue;
        }

        /* "<" */

        if (n - i >= 4 && memcmp(p + i, "<!--", 4) == 0 && raw == 0) {
            i = comment_end(p, n, i);
            continue;
        }

        k = n - i >= 2 && p[i + 1] == '/';

        /* bogus comments */

        if (raw == 0 && n - i >= 2
            && (p[i + 1] == '!' || p[i + 1] == '?'
                || (k && n - i >= 3
                    && !((p[i + 2] | 32) >= 'a' && (p[i + 2] | 32) <= 'z'))))
        {
            q = memchr(p + i, '>', n - i);
            i = q != NULL ? (size_t) (q - p) + 1 : n;
            continue;
        }

        if (n - i < 2 + (size_t) k
            || !((p[i + 1 + k] | 32) >= 'a' && (p[i + 1 + k] | 32) <= 'z'))
        {
            if (raw == 0 && !quiet && inert == 0) {
                rc = carry(in, out, i, i + 1);
            }
            i++;
            continue;
        }

        for (len = 0; i + 1 + (size_t) k + len < n
             && strchr(" \t\r\n\f/>", p[i + 1 + (size_t) k + len]) == NULL;
             len++)
        {
            /* void */
        }

        name = mdr_html_name(p + i + 1 + k, len);
        block = is_one_of(p + i + 1 + k, len, blocks);
        look = raw == 0 && hidden == 0 && !k ? look_of(p + i, p + n, len, block)
                                             : 0;

        if (raw != 0) {
            if (!k || name != raw) {
                i++;
                continue;
            }
            raw = 0;

        } else if (!k && (is_name(name, "script") || is_name(name, "style"))) {
            raw = name;

        } else if (hidden != 0) {
            if (name == hidden) {
                depth += k ? SIZE_MAX : 1;
                if (depth == 0) {
                    hidden = 0;
                    inert--;
                }
            }

        } else if (look & MDR_LOOK_HIDDEN) {
            hidden = name;
            depth = 1;
            inert++;

        } else if (is_name(name, "template")) {
            inert += k ? (inert != 0 ? SIZE_MAX : 0) : 1;

        } else if (is_name(name, "rt") || is_name(name, "rp")) {
            quiet = !k;

        } else if (is_name(name, "ruby") || is_name(name, "rb")) {
            quiet = 0;
        }

        end = find_gt(p, n, i + 1 + (size_t) k + len);
        end = end < n ? end + 1 : n;

        if (raw == 0 && hidden == 0) {
            block = is_block(&styled, name, block, k, look,
                             is_one_of(p + i + 1 + k, len, voids));
        }

        if (raw == 0 && !quiet && inert == 0 && block) {
            mdr_text_span(in, (uint32_t) i, (uint32_t) i, &at, &to);
            rc = mdr_text_break(out, at);
        }

        if (is_name(name, "br") && !quiet && inert == 0) {
            rc = stand_for(in, out, i, end, (const uint8_t *) " ", 1);
        }

        i = end;
    }

    return rc;
}
