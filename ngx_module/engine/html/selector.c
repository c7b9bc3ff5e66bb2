/*
 * selector.c - CSS selectors: syntax (Selectors Level 4, a subset).
 *
 * Type, *, .class, #id, [a] with = ~= |= ^= $= *= and the flag i, :not(),
 * :first-child, :nth-child(an+b), descendant and child combinators, comma
 * lists.  Anything else is an error that says where.
 */

#include "html.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>


#define COMPOUNDS_MAX  32
#define SIMPLES_MAX    32
#define LIST_MAX       64
#define NAME_BYTES     256


typedef struct {
    const char    *s;
    size_t         n, at;
    mdr_arena_t   *arena;
    mdr_syntax_t  *err;
    uint8_t        nth, failed;
} parser_t;


static int
fail(parser_t *p, size_t at, const char *text)
{
    if (!p->failed) {
        p->failed = 1;
        p->err->offset = at;
        snprintf(p->err->text, sizeof(p->err->text), "%s", text);
    }

    return MDR_ERROR;
}


static int
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}


static int
is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9') || c == '-' || c == '_' || (c & 0x80);
}


static void
skip_space(parser_t *p)
{
    while (p->at < p->n && is_space(p->s[p->at])) {
        p->at++;
    }
}


/* the character that "\\..." at p->at stands for: up to six hexadecimal digits
 * and a space behind them, or the next character itself; bytes put in out */

static size_t
escape(parser_t *p, char out[4])
{
    int       digit;
    size_t    n;
    char      c;
    uint32_t  cp;

    p->at++;

    for (n = 0, cp = 0; n < 6 && p->at < p->n; n++, p->at++) {
        c = p->s[p->at];

        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if ((c | 32) >= 'a' && (c | 32) <= 'f') {
            digit = (c | 32) - 'a' + 10;
        } else {
            break;
        }

        cp = cp << 4 | (uint32_t) digit;
    }

    if (n == 0) {
        out[0] = p->s[p->at++];
        return 1;
    }

    if (p->at < p->n && is_space(p->s[p->at])) {
        p->at++;
    }

    return mdr_utf8_put((uint8_t *) out, cp != 0 ? cp : MDR_CP_BAD);
}


static int
name(parser_t *p, mdr_str_t *v, int lower)
{
    char    c, buf[NAME_BYTES], out[4];
    size_t  n, m, i;

    n = 0;

    while (p->at < p->n) {
        c = p->s[p->at];

        if (c == '\\' && p->at + 1 < p->n && p->s[p->at + 1] != '\n') {
            m = escape(p, out);

        } else if (mdr_utf8_wide_sign(p->s + p->at, p->n - p->at)) {
            return fail(p, p->at, "a full-width sign: write the half-width "
                        "one");

        } else if (is_name(c)) {
            out[0] = c;
            m = 1;
            p->at++;

        } else {
            break;
        }

        if (n + m > sizeof(buf)) {
            return fail(p, p->at, "a name that is too long");
        }

        for (i = 0; i < m; i++) {
            c = out[i];
            buf[n++] = lower && c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
        }
    }

    if (n == 0) {
        return fail(p, p->at, p->at < p->n ? "a name expected"
                                           : "a name expected at the end");
    }

    *v = mdr_arena_str(p->arena, buf, n);

    return v->data != NULL ? MDR_OK : fail(p, p->at, "out of memory");
}


static int
string(parser_t *p, mdr_str_t *v)
{
    char    *buf, quote;
    size_t   n, start;

    if (p->at == p->n || (p->s[p->at] != '"' && p->s[p->at] != '\'')) {
        return name(p, v, 0);
    }

    start = p->at;
    quote = p->s[p->at++];

    /* an escape is never shorter than what it stands for, but for U+FFFD */

    buf = mdr_arena_alloc(p->arena, 2 * (p->n - start) + 4);

    if (buf == NULL) {
        return fail(p, p->at, "out of memory");
    }

    for (n = 0; p->at < p->n && p->s[p->at] != quote; ) {
        if (p->s[p->at] == '\\' && p->at + 1 < p->n) {
            if (p->s[p->at + 1] == '\n') {
                p->at += 2;
            } else {
                n += escape(p, buf + n);
            }

        } else {
            buf[n++] = p->s[p->at++];
        }
    }

    if (p->at == p->n) {
        return fail(p, start, "a string without its end");
    }

    p->at++;
    v->data = buf;
    v->len = (uint32_t) n;

    return MDR_OK;
}


static int
attribute(parser_t *p, mdr_simple_t *s)
{
    char  c;

    p->at++;
    skip_space(p);

    if (name(p, &s->name, 1) != MDR_OK) {
        return MDR_ERROR;
    }

    s->key = mdr_html_name((const uint8_t *) s->name.data, s->name.len);
    skip_space(p);

    if (p->at == p->n) {
        return fail(p, p->at, "\"]\" expected at the end");
    }

    c = p->s[p->at];

    if (c == ']') {
        p->at++;
        s->kind = MDR_SEL_EXISTS;
        return MDR_OK;
    }

    s->kind = c == '=' ? MDR_SEL_EQUALS : c == '~' ? MDR_SEL_WORD
              : c == '|' ? MDR_SEL_DASH : c == '^' ? MDR_SEL_PREFIX
              : c == '$' ? MDR_SEL_SUFFIX : c == '*' ? MDR_SEL_PART
              : 255;

    if (s->kind == 255) {
        return fail(p, p->at, "\"]\" or one of = ~= |= ^= $= *= expected");
    }

    p->at++;

    if (c != '=') {
        if (p->at == p->n || p->s[p->at] != '=') {
            return fail(p, p->at, "\"=\" expected");
        }
        p->at++;
    }

    skip_space(p);

    if (string(p, &s->value) != MDR_OK) {
        return MDR_ERROR;
    }

    skip_space(p);

    if (p->at < p->n && ((p->s[p->at] | 32) == 'i'
                         || (p->s[p->at] | 32) == 's'))
    {
        s->fold = (p->s[p->at] | 32) == 'i';
        p->at++;
        skip_space(p);
    }

    if (p->at == p->n || p->s[p->at] != ']') {
        return fail(p, p->at, "\"]\" expected");
    }

    p->at++;

    return MDR_OK;
}


static int
signed_number(parser_t *p, int32_t *v)
{
    int     minus;
    size_t  from;
    long    n;

    minus = 0;

    if (p->at < p->n && (p->s[p->at] == '+' || p->s[p->at] == '-')) {
        minus = p->s[p->at++] == '-';
        skip_space(p);
    }

    for (from = p->at, n = 0; p->at < p->n && p->s[p->at] >= '0'
         && p->s[p->at] <= '9'; p->at++)
    {
        if (p->at - from > 7) {
            return fail(p, from, "a number that is too large");
        }
        n = n * 10 + (p->s[p->at] - '0');
    }

    if (from == p->at) {
        return fail(p, from, "a number expected");
    }

    *v = (int32_t) (minus ? -n : n);

    return MDR_OK;
}


static int
has_word(const parser_t *p, const char *w)
{
    size_t  i;

    for (i = 0; w[i] != '\0'; i++) {
        if (p->at + i == p->n || (p->s[p->at + i] | 32) != w[i]) {
            return 0;
        }
    }

    return 1;
}


/* odd | even | an+b | b */

static int
nth(parser_t *p, mdr_simple_t *s)
{
    int     sign;
    size_t  from;

    skip_space(p);

    if (has_word(p, "odd")) {
        s->a = 2;
        s->b = 1;
        p->at += 3;

    } else if (has_word(p, "even")) {
        s->a = 2;
        s->b = 0;
        p->at += 4;

    } else {
        from = p->at;
        sign = 1;

        if (p->at < p->n && (p->s[p->at] == '+' || p->s[p->at] == '-')) {
            sign = p->s[p->at] == '-' ? -1 : 1;
            p->at++;
        }

        if (p->at < p->n && (p->s[p->at] | 32) == 'n') {
            s->a = sign;

        } else {
            p->at = from;
            if (signed_number(p, &s->a) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        if (p->at < p->n && (p->s[p->at] | 32) == 'n') {
            p->at++;
            skip_space(p);

            if (p->at < p->n && (p->s[p->at] == '+' || p->s[p->at] == '-')
                && signed_number(p, &s->b) != MDR_OK)
            {
                return MDR_ERROR;
            }

        } else {
            s->b = s->a;
            s->a = 0;
        }
    }

    skip_space(p);

    if (p->at == p->n || p->s[p->at] != ')') {
        return fail(p, p->at, "\")\" expected");
    }

    p->at++;

    return MDR_OK;
}


static int compound(parser_t *p, mdr_compound_t *c, int inside);


static int
pseudo(parser_t *p, mdr_simple_t *s, int inside)
{
    size_t     from;
    mdr_str_t  n;

    from = p->at++;

    if (p->at < p->n && p->s[p->at] == ':') {
        return fail(p, from, "pseudo-elements are not supported");
    }

    if (name(p, &n, 1) != MDR_OK) {
        return MDR_ERROR;
    }

    if (n.len == 11 && memcmp(n.data, "first-child", 11) == 0) {
        s->kind = MDR_SEL_NTH;
        s->a = 0;
        s->b = 1;
        p->nth = 1;
        return MDR_OK;
    }

    if (p->at == p->n || p->s[p->at] != '(') {
        return fail(p, from, "this pseudo-class is not supported "
                    "(:first-child, :nth-child(), :not() are)");
    }

    if (n.len == 9 && memcmp(n.data, "nth-child", 9) == 0) {
        p->at++;
        p->nth = 1;
        s->kind = MDR_SEL_NTH;
        return nth(p, s);
    }

    if (n.len != 3 || memcmp(n.data, "not", 3) != 0) {
        return fail(p, from, "this pseudo-class is not supported "
                    "(:first-child, :nth-child(), :not() are)");
    }

    if (inside) {
        return fail(p, from, ":not() inside :not() is not supported");
    }

    p->at++;
    s->kind = MDR_SEL_NOT;
    s->no = mdr_arena_alloc(p->arena, 16 * sizeof(mdr_compound_t));

    if (s->no == NULL) {
        return fail(p, from, "out of memory");
    }

    for ( ;; ) {
        skip_space(p);

        if (s->nno == 16) {
            return fail(p, from, "more than 16 selectors in :not()");
        }

        if (compound(p, &s->no[s->nno++], 1) != MDR_OK) {
            return MDR_ERROR;
        }

        skip_space(p);

        if (p->at < p->n && p->s[p->at] == ',') {
            p->at++;
            continue;
        }

        break;
    }

    if (p->at == p->n || p->s[p->at] != ')') {
        return fail(p, p->at, "\")\" expected (one compound selector each "
                    "inside :not())");
    }

    p->at++;

    return MDR_OK;
}


static int
compound(parser_t *p, mdr_compound_t *c, int inside)
{
    size_t         from;
    mdr_str_t      n;
    mdr_simple_t  *s;

    from = p->at;
    c->memo = MDR_NO_MEMO;
    c->simples = mdr_arena_alloc(p->arena,
                                 (inside ? 8 : SIMPLES_MAX)
                                 * sizeof(mdr_simple_t));
    if (c->simples == NULL) {
        return fail(p, from, "out of memory");
    }

    if (p->at < p->n && p->s[p->at] == '*') {
        p->at++;

    } else if (p->at < p->n && is_name(p->s[p->at])) {
        if (p->s[p->at] >= '0' && p->s[p->at] <= '9') {
            return fail(p, p->at, "a name cannot begin with a digit");
        }
        if (name(p, &n, 1) != MDR_OK) {
            return MDR_ERROR;
        }
        c->tag = n;
        c->name = mdr_html_name((const uint8_t *) n.data, n.len);
    }

    while (p->at < p->n && memchr(".#[:", p->s[p->at], 4) != NULL) {

        if (c->n == (inside ? 8 : SIMPLES_MAX)) {
            return fail(p, p->at, "too many conditions on one element");
        }

        s = &c->simples[c->n++];

        switch (p->s[p->at]) {

        case '.':
        case '#':
            s->kind = p->s[p->at] == '.' ? MDR_SEL_CLASS : MDR_SEL_EQUALS;
            s->name.data = s->kind == MDR_SEL_CLASS ? "class" : "id";
            s->name.len = s->kind == MDR_SEL_CLASS ? 5 : 2;
            s->key = mdr_html_name((const uint8_t *) s->name.data,
                                   s->name.len);
            p->at++;
            if (name(p, &s->value, 0) != MDR_OK) {
                return MDR_ERROR;
            }
            s->plain = memchr(s->value.data, '&', s->value.len) == NULL;
            break;

        case '[':
            if (attribute(p, s) != MDR_OK) {
                return MDR_ERROR;
            }
            break;

        default:
            if (pseudo(p, s, inside) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    if (p->at == from) {
        if (p->at == p->n) {
            return fail(p, p->at, "a selector expected at the end");
        }
        if (p->s[p->at] == '+' || p->s[p->at] == '~') {
            return fail(p, p->at, "sibling combinators are not supported");
        }
        return fail(p, p->at, "a selector expected");
    }

    return MDR_OK;
}


static int
complex(parser_t *p, mdr_complex_t *x)
{
    int     space;
    size_t  at;

    x->compounds = mdr_arena_alloc(p->arena,
                                   COMPOUNDS_MAX * sizeof(mdr_compound_t));
    if (x->compounds == NULL) {
        return fail(p, p->at, "out of memory");
    }

    skip_space(p);

    for ( ;; ) {

        if (x->n == COMPOUNDS_MAX) {
            return fail(p, p->at, "more than 32 steps in a selector");
        }

        if (compound(p, &x->compounds[x->n++], 0) != MDR_OK) {
            return MDR_ERROR;
        }

        at = p->at;
        skip_space(p);
        space = p->at != at;

        if (p->at == p->n || p->s[p->at] == ',') {
            return MDR_OK;
        }

        if (p->s[p->at] == '>') {
            p->at++;
            skip_space(p);
            if (x->n < COMPOUNDS_MAX) {
                x->compounds[x->n].child = 1;
            }

        } else if (p->s[p->at] == '+' || p->s[p->at] == '~') {
            return fail(p, p->at, "sibling combinators are not supported");

        } else if (!space) {
            return fail(p, p->at, "this character cannot stand here");
        }
    }
}


mdr_selector_t *
mdr_selector_parse(mdr_str_t s, mdr_arena_t *arena, mdr_syntax_t *err)
{
    parser_t         p;
    mdr_selector_t  *sel;

    memset(&p, 0, sizeof(p));
    p.s = s.data;
    p.n = s.len;
    p.arena = arena;
    p.err = err;

    sel = mdr_arena_alloc(arena, sizeof(mdr_selector_t));

    if (sel == NULL
        || (sel->list = mdr_arena_alloc(arena, LIST_MAX
                                               * sizeof(mdr_complex_t)))
           == NULL)
    {
        (void) fail(&p, 0, "out of memory");
        return NULL;
    }

    for ( ;; ) {

        if (sel->n == LIST_MAX) {
            (void) fail(&p, p.at, "more than 64 selectors in a list");
            return NULL;
        }

        if (complex(&p, &sel->list[sel->n++]) != MDR_OK) {
            return NULL;
        }

        if (p.at == p.n) {
            break;
        }

        p.at++;                         /* ","                               */
    }

    sel->nth = p.nth;

    return sel;
}


int
mdr_selector_check(mdr_str_t s, mdr_syntax_t *err)
{
    mdr_arena_t     *arena;
    mdr_selector_t  *sel;

    arena = mdr_arena_new(mdr_mem_default());

    if (arena == NULL) {
        err->offset = 0;
        snprintf(err->text, sizeof(err->text), "out of memory");
        return MDR_ERROR;
    }

    sel = mdr_selector_parse(s, arena, err);
    mdr_arena_free(arena);

    return sel != NULL ? MDR_OK : MDR_ERROR;
}
