/*
 * page_sheet.c - what the <style> elements of a page hide.
 *
 * Kept are rules that hide, by selectors of types, classes and ids (".a",
 * "div.a.b", "#c"), also below others (".w .a", ".w > .a"): what depends on a
 * state or on a media query that not every screen meets may be shown when
 * somebody looks.  And rules that show, whatever stands before their last
 * compound: a tab that is hidden unless it is the active one.  The cascade (CSS
 * Cascade 4, 6.4) is asked of importance, specificity and order, for each of
 * four groups of properties by itself (page_gone.c).
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* memmem                            */
#endif

#include "page_sheet.h"
#include "html/html_css.h"

#include <string.h>


#define DEPTH   8                       /* of @media and the like            */

enum { READ_VARS, READ_HIDES, READ_SHOWS };


/* comments, in place */

static size_t
without_comments(uint8_t *p, size_t n)
{
    size_t          o, k;
    const uint8_t  *q, *from, *end;

    for (from = p, end = p + n, o = 0; ; ) {

        for (q = from; q < end
                       && (q = memchr(q, '*', (size_t) (end - q))) != NULL
                       && (q == from || q[-1] != '/'); q++)
        {
            /* void */
        }

        q = q != NULL && q < end ? q - 1 : end;
        k = (size_t) (q - from);

        if (p + o != from) {
            memmove(p + o, from, k);
        }

        o += k;

        if (q == end) {
            return o;
        }

        for (from = q + 3; from < end && !(from[-1] == '*' && *from == '/');
             from++)
        {
            /* void */
        }

        from = from < end ? from + 1 : end;
    }
}


/* may a rule that hides and one before that block be about the same element? */

static int
may_concern(const mdr_sheet_t *s, const uint8_t *p, size_t n)
{
    uint32_t                 i;
    const mdr_sheet_part_t  *r;

    if (memchr(p, '#', n) != NULL) {
        return 1;                       /* of whatever classes               */
    }

    for (i = 0; i < s->nrules; i++) {
        r = &s->rules[i].last;

        if (r->tag != 0
            || (r->nnames != 0
                && memmem(p, n, s->names.data + r->names[0].at,
                          r->names[0].len) != NULL))
        {
            return 1;
        }
    }

    return 0;
}


static int
is_same(const mdr_sheet_t *s, const mdr_sheet_name_t *a,
    const mdr_sheet_name_t *b)
{
    return a->len == b->len
           && memcmp(s->names.data + a->at, s->names.data + b->at, a->len)
              == 0;
}


/* is one of what r asks for asked for by a rule that hides, too? */

static int
concerns(const mdr_sheet_t *s, const mdr_sheet_part_t *r)
{
    uint32_t                 i, k, j;
    const mdr_sheet_part_t  *h;

    for (i = 0; i < r->nnames; i++) {
        if (r->names[i].id) {
            return 1;
        }
    }

    for (i = 0; i < s->nrules; i++) {
        h = &s->rules[i].last;

        for (k = 0; k < h->nnames; k++) {
            for (j = 0; j < r->nnames; j++) {
                if (is_same(s, &h->names[k], &r->names[j])) {
                    return 1;
                }
            }
        }

        if (h->tag != 0 && h->tag == r->tag) {
            return 1;
        }
    }

    return 0;
}


/* r is one of the rules, to be looked for by one of its names */

static void
add(mdr_sheet_t *s, mdr_sheet_rule_t *r, size_t mark)
{
    uint8_t                  key;
    uint32_t                 i;
    const mdr_sheet_name_t  *w;

    w = r->last.nnames != 0 ? &r->last.names[0] : NULL;

    for (i = 1; i < r->last.nnames; i++) {
        w = r->last.names[i].id ? &r->last.names[i] : w;
    }

    key = w != NULL ? mdr_sheet_key((uint8_t *) s->names.data + w->at, w->len)
                    : mdr_sheet_tag_key(r->last.tag);
    r->next = s->heads[key];
    s->rules[s->nrules++] = *r;
    s->heads[key] = (uint16_t) s->nrules;
    s->nhiding += r->hides != 0;

    s->hash = (s->hash ^ r->says ^ (uint32_t) r->hides << 4
               ^ (uint32_t) r->child << 8 ^ (uint32_t) r->last.tag)
              * 0x9e3779b1u;

    for ( ; mark < s->names.len; mark++) {
        s->hash = (s->hash ^ (uint8_t) s->names.data[mark]) * 0x01000193u;
    }
}


/* the rule of those selectors: hides, says are of its declarations */

static void
keep(mdr_sheet_t *s, const uint8_t *p, size_t n, const mdr_sheet_rule_t *of)
{
    size_t            i, from, to, mark;
    mdr_sheet_rule_t  r;

    for (i = 0, from = 0; i <= n && s->nrules < MDR_SHEET_RULES; i++) {
        if (i < n && p[i] != ',') {
            continue;
        }

        for (to = i; to > from && mdr_css_space(p[to - 1]); to--) { /* void */ }

        while (from < to && mdr_css_space(p[from])) {
            from++;
        }

        mark = s->names.len;

        if (mdr_sheet_selector(s, p + from, to - from, of->hides != 0, &r)
            && (of->hides != 0 || concerns(s, &r.last)))
        {
            r.hides = of->hides;
            r.says = of->says;
            r.weight |= of->weight;
            r.order = of->order;
            add(s, &r, mark);

        } else {
            s->names.len = mark;
        }

        from = i + 1;
    }
}


/* the variable --NAME at p, of n bytes, or NULL */

static const mdr_sheet_name_t *
variable(const mdr_sheet_t *s, const uint8_t *p, size_t n)
{
    uint32_t  i;

    for (i = s->nvars; i-- > 0; ) {
        if (s->vars[i].name.len == n
            && memcmp(s->names.data + s->vars[i].name.at, p, n) == 0)
        {
            return &s->vars[i].value;
        }
    }

    return NULL;
}


/* declarations of variables that hold everywhere */

static void
variables(mdr_sheet_t *s, const uint8_t *p, size_t n)
{
    size_t          i, from;
    mdr_word_t      name, value;
    const uint8_t  *colon;

    for (i = 0, from = 0; i <= n && s->nvars < MDR_SHEET_VARS; i++) {
        if (i < n && p[i] != ';') {
            continue;
        }

        colon = i != from ? memchr(p + from, ':', i - from) : NULL;

        if (colon != NULL) {
            name = mdr_css_trimmed(p + from, colon);
            value = mdr_css_trimmed(colon + 1, p + i);

            if (name.n > 2 && name.p[0] == '-' && name.p[1] == '-'
                && value.n < 64)
            {
                s->vars[s->nvars].name.at = (uint32_t) s->names.len;
                s->vars[s->nvars].name.len = (uint32_t) name.n;
                s->vars[s->nvars].value.at = (uint32_t) (s->names.len
                                                         + name.n);
                s->vars[s->nvars].value.len = (uint32_t) value.n;

                if (mdr_buf_add(&s->names, name.p, name.n) != MDR_OK
                    || mdr_buf_add(&s->names, value.p, value.n) != MDR_OK)
                {
                    return;
                }

                s->nvars++;
            }
        }

        from = i + 1;
    }
}


/* declarations with what their variables stand for; the length, in out */

static size_t
put_in(const mdr_sheet_t *s, const uint8_t *p, size_t n, uint8_t *out)
{
    size_t                   i, k, o, len;
    const uint8_t           *comma;
    const mdr_sheet_name_t  *v;

    for (i = 0, o = 0; i < n && o + 80 < MDR_STYLE_MAX; i++) {

        if (n - i < 7 || memcmp(p + i, "var(", 4) != 0) {
            out[o++] = p[i];
            continue;
        }

        for (i += 4; i < n && mdr_css_space(p[i]); i++) { /* void */ }

        for (k = i; k < n && p[k] != ')'; k++) { /* void */ }

        comma = memchr(p + i, ',', k - i);
        len = comma != NULL ? (size_t) (comma - (p + i)) : k - i;

        while (len != 0 && mdr_css_space(p[i + len - 1])) {
            len--;
        }

        v = variable(s, p + i, len);

        if (v != NULL) {
            memcpy(out + o, s->names.data + v->at, v->len);
            o += v->len;

        } else if (comma != NULL) {
            len = (size_t) (p + k - comma) - 1;
            len = len < 64 ? len : 64;
            memcpy(out + o, comma + 1, len);
            o += len;
        }

        i = k;
    }

    return o;
}


/* what the declarations of a block do; 0: nothing that matters */

static int
block(const mdr_sheet_t *s, const uint8_t *p, size_t n, mdr_sheet_rule_t *r,
    int all)
{
    int             sure, vars;
    uint8_t         css[MDR_STYLE_MAX];
    mdr_css_say_t   say;
    mdr_css_away_t  away;

    vars = n != 0 && memmem(p, n, "var(", 4) != NULL;

    if (n == 0 || n > sizeof(css)
        || (!all && !vars && mdr_css_is_dull(p, p + n, 1)))
    {
        return 0;
    }

    if (vars) {
        n = put_in(s, p, n, css);
    } else {
        memcpy(css, p, n);
    }

    n = mdr_css_plain(css, n);
    mdr_css_say(css, n, &say);
    mdr_css_away(css, n, &away);
    sure = memchr(css, '!', n) != NULL;

    r->hides = (uint8_t) ((say.none == 1) << MDR_G_DISPLAY
                          | (say.hidden == 1) << MDR_G_SEEN
                          | away.away << MDR_G_PLACE
                          | away.inkless << MDR_G_INK);
    r->says = (uint8_t) ((say.none >= 0) << MDR_G_DISPLAY
                         | (say.hidden >= 0) << MDR_G_SEEN
                         | (away.says || away.away) << MDR_G_PLACE
                         | (away.inks || away.inkless) << MDR_G_INK);
    r->weight = sure ? 1u << 31 : 0;

    return all ? r->hides == 0 && r->says != 0 : r->hides != 0;
}


static int
starts(const uint8_t *p, size_t n, const char *s)
{
    return n >= strlen(s) && memcmp(p, s, strlen(s)) == 0;
}


/* "(min-width: 1px)", as far as any screen has it: its length, or 0 */

static size_t
any_width(const uint8_t *p, size_t n)
{
    size_t    i;
    unsigned  v;

    if (!starts(p, n, "(min-width:")) {
        return 0;
    }

    for (i = 11, v = 0; i < n && p[i] != ')'; i++) {
        v = p[i] >= '0' && p[i] <= '9' && v < 10000 ? v * 10 + p[i] - '0' : v;
    }

    return v <= 320 ? i + 1 : 0;
}


/* does every screen meet the query? */

static int
is_met(const uint8_t *p, size_t n)
{
    size_t  i, k;

    static const char *const  words[] = {
        "@media", "all", "screen", "only", "and"
    };

    if (starts(p, n, "@layer") || starts(p, n, "@supports (display:")) {
        return 1;
    }

    for (i = 0; i < n; i++) {
        if (mdr_css_space(p[i]) || p[i] == ',') {
            continue;
        }

        k = any_width(p + i, n - i);

        if (k != 0) {
            i += k - 1;
            continue;
        }

        for (k = 0; k < sizeof(words) / sizeof(words[0])
                    && !starts(p + i, n - i, words[k]); k++)
        {
            /* void */
        }

        if (k == sizeof(words) / sizeof(words[0])) {
            return 0;
        }

        i += strlen(words[k]) - 1;
    }

    return n != 0;
}


/* behind the bracket that closes the one before p */

static const uint8_t *
closed(const uint8_t *p, const uint8_t *end)
{
    int             depth;
    const uint8_t  *close, *open;

    for (depth = 1; p < end; p = close + 1) {
        close = memchr(p, '}', (size_t) (end - p));

        if (close == NULL) {
            break;
        }

        for (open = p; (open = memchr(open, '{', (size_t) (close - open)))
                       != NULL; open++)
        {
            depth++;
        }

        if (--depth == 0) {
            return close + 1;
        }
    }

    return end;
}


/* what stands before a block: behind the last ";" and closing bracket */

static const uint8_t *
prelude(const uint8_t *p, const uint8_t *end, int *depth)
{
    const uint8_t  *q;

    for (q = end; q > p && q[-1] != ';' && q[-1] != '}'; q--) { /* void */ }

    for ( ; p < q && (p = memchr(p, '}', (size_t) (q - p))) != NULL; p++) {
        *depth -= *depth > 0;
    }

    p = q;

    while (p < end && mdr_css_space(*p)) {
        p++;
    }

    return p;
}


static int
is_name_byte(uint8_t c)
{
    return (uint8_t) ((c | 32) - 'a') < 26 || c == '-' || c == '_';
}


/* do the selectors say where variables hold everywhere? */

static int
is_everywhere(const uint8_t *p, size_t n)
{
    return (starts(p, n, ":root") && (n == 5 || !is_name_byte(p[5])))
           || (n == 4 && (starts(p, n, "html") || starts(p, n, "body")));
}


/* what: READ_*; of rules that show, those that may concern what hides */

static void
read_sheet(mdr_sheet_t *s, const uint8_t *p, const uint8_t *end, int what)
{
    int               depth;
    size_t            n, len;
    mdr_sheet_rule_t  r;
    const uint8_t    *open, *from, *close, *inner;

    for (depth = 0; p < end && s->nrules < MDR_SHEET_RULES; ) {
        open = memchr(p, '{', (size_t) (end - p));

        if (open == NULL) {
            return;
        }

        from = prelude(p, open, &depth);
        n = (size_t) (open - from);
        p = open + 1;

        if (n != 0 && *from == '@') {
            if (depth < DEPTH && is_met(from, n)) {
                depth++;
            } else {
                p = closed(p, end);
            }
            continue;
        }

        close = memchr(p, '}', (size_t) (end - p));
        close = close != NULL ? close : end;
        inner = memchr(p, '{', (size_t) (close - p));
        len = (size_t) ((inner != NULL ? inner : close) - p);

        r.order = s->read - (uint32_t) (end - p);

        while (n != 0 && mdr_css_space(from[n - 1])) {
            n--;
        }

        if (what == READ_VARS) {
            if (is_everywhere(from, n)) {
                variables(s, p, len);
            }

        } else if (n < 1024 && (what == READ_HIDES || may_concern(s, from, n))
                   && block(s, p, len, &r, what == READ_SHOWS))
        {
            keep(s, from, n, &r);
        }

        p = inner != NULL ? closed(p, end) : close + (close < end);
    }
}


void
mdr_sheet_read(mdr_sheet_t *s, uint8_t *text, size_t n)
{
    const uint8_t  *end;

    n = n != 0 ? without_comments(text, n) : 0;
    end = text + n;

    if (memmem(text, n, "var(", 4) != NULL) {
        read_sheet(s, text, end, READ_VARS);
    }

    read_sheet(s, text, end, READ_HIDES);

    if (s->nhiding != 0) {
        read_sheet(s, text, end, READ_SHOWS);
    }
}
