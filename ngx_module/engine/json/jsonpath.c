/*
 * jsonpath.c - JSON paths: syntax and stepping (RFC 9535).
 */

#include "jsonpath.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>


#define CHOICES_MAX  64


typedef struct {
    const char    *s;
    size_t         n, at;
    mdr_arena_t   *arena;
    mdr_syntax_t  *err;
} parser_t;


static int
fail(parser_t *p, size_t at, const char *text)
{
    p->err->offset = at;
    snprintf(p->err->text, sizeof(p->err->text), "%s", text);

    return MDR_ERROR;
}


static void
space(parser_t *p)
{
    while (p->at < p->n && strchr(" \t\r\n", p->s[p->at]) != NULL) {
        p->at++;
    }
}


static int
is_name(char c, int first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'
        || (c & 0x80) || (!first && c >= '0' && c <= '9');
}


/* four hexadecimal digits at p->at */

static int
hex4(parser_t *p, uint32_t *cp)
{
    char    d;
    size_t  i;

    for (i = 0, *cp = 0; i < 4; i++, p->at++) {
        d = p->at < p->n ? p->s[p->at] : 0;

        if (d >= '0' && d <= '9') {
            d = (char) (d - '0');
        } else if ((d | 32) >= 'a' && (d | 32) <= 'f') {
            d = (char) ((d | 32) - 'a' + 10);
        } else {
            return fail(p, p->at, "four hexadecimal digits expected");
        }

        *cp = *cp * 16 + (uint32_t) d;
    }

    return MDR_OK;
}


/* an escape (RFC 9535, 2.3.1.1), behind its backslash: into buf, *len bytes */

static int
escape(parser_t *p, char quote, char *buf, size_t *len)
{
    char         c;
    size_t       start;
    uint32_t     cp, low;
    const char  *k;

    static const char  from[] = "bfnrt/\\", to[] = "\b\f\n\r\t/\\";

    start = p->at;
    c = p->at < p->n ? p->s[p->at] : 0;
    p->at++;
    *len = 1;

    if (c == quote) {
        *buf = c;
        return MDR_OK;
    }

    k = c != 0 ? strchr(from, c) : NULL;

    if (k != NULL) {
        *buf = to[k - from];
        return MDR_OK;
    }

    if (c != 'u') {
        return fail(p, start, "an escape that JSON paths do not have");
    }

    if (hex4(p, &cp) != MDR_OK) {
        return MDR_ERROR;
    }

    if (cp >= 0xd800 && cp <= 0xdfff) {

        if (cp >= 0xdc00 || p->n - p->at < 2 || p->s[p->at] != '\\'
            || p->s[p->at + 1] != 'u')
        {
            return fail(p, start, "half of a surrogate pair");
        }

        p->at += 2;

        if (hex4(p, &low) != MDR_OK) {
            return MDR_ERROR;
        }

        if (low < 0xdc00 || low > 0xdfff) {
            return fail(p, start, "half of a surrogate pair");
        }

        cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
    }

    *len = mdr_utf8_put((uint8_t *) buf, cp);

    return MDR_OK;
}


static int
quoted(parser_t *p, mdr_str_t *v)
{
    char    quote, *buf;
    size_t  n, start, len;

    start = p->at;
    quote = p->s[p->at++];
    buf = mdr_arena_alloc(p->arena, p->n + 1);

    if (buf == NULL) {
        return fail(p, start, "out of memory");
    }

    for (n = 0; p->at < p->n && p->s[p->at] != quote; n += len) {

        if ((uint8_t) p->s[p->at] < 0x20) {
            return fail(p, p->at, "a control character in a name");
        }

        if (p->s[p->at] != '\\') {
            buf[n] = p->s[p->at++];
            len = 1;
            continue;
        }

        p->at++;

        if (escape(p, quote, buf + n, &len) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    if (p->at >= p->n) {
        return fail(p, start, "a name without its end quote");
    }

    p->at++;
    v->data = buf;
    v->len = (uint32_t) n;

    return MDR_OK;
}


static int
number(parser_t *p, uint32_t *v)
{
    size_t    from;
    uint64_t  n;

    if (p->at < p->n && p->s[p->at] == '-') {
        return fail(p, p->at, "negative indexes and steps are not supported "
                    "(the end of the array has not come yet)");
    }

    for (from = p->at, n = 0; p->at < p->n && p->s[p->at] >= '0'
         && p->s[p->at] <= '9'; p->at++)
    {
        n = n * 10 + (uint64_t) (p->s[p->at] - '0');
        if (n > 9007199254740991) {
            return fail(p, from, "an index that is too large");
        }
    }

    if (from == p->at) {
        return fail(p, from, "a name in quotes, an index, a slice or * "
                    "expected");
    }

    if (p->at - from > 1 && p->s[from] == '0') {
        return fail(p, from, "a number with a zero before it");
    }

    *v = n < UINT32_MAX ? (uint32_t) n : UINT32_MAX;

    return MDR_OK;
}


static int
choice(parser_t *p, mdr_choice_t *c)
{
    space(p);

    if (p->at == p->n) {
        return fail(p, p->at, "\"]\" expected at the end");
    }

    if (p->s[p->at] == '*') {
        p->at++;
        c->kind = MDR_STEP_ANY;
        return MDR_OK;
    }

    if (p->s[p->at] == '\'' || p->s[p->at] == '"') {
        c->kind = MDR_STEP_NAME;
        return quoted(p, &c->name);
    }

    if (p->s[p->at] == '?') {
        return fail(p, p->at, "filters are not supported");
    }

    c->kind = MDR_STEP_INDEX;
    c->from = 0;
    c->to = UINT32_MAX;
    c->step = 1;

    if (p->s[p->at] != ':' && number(p, &c->from) != MDR_OK) {
        return MDR_ERROR;
    }

    space(p);

    if (p->at == p->n || p->s[p->at] != ':') {
        return MDR_OK;
    }

    c->kind = MDR_STEP_SLICE;
    p->at++;
    space(p);

    if (p->at < p->n && p->s[p->at] != ':' && p->s[p->at] != ']'
        && p->s[p->at] != ',' && number(p, &c->to) != MDR_OK)
    {
        return MDR_ERROR;
    }

    space(p);

    if (p->at < p->n && p->s[p->at] == ':') {
        p->at++;
        space(p);
        if (p->at < p->n && p->s[p->at] != ']' && p->s[p->at] != ','
            && number(p, &c->step) != MDR_OK)
        {
            return MDR_ERROR;
        }
        if (c->step == 0) {             /* selects nothing                   */
            c->step = 1;
            c->to = c->from;
        }
    }

    return MDR_OK;
}


static int
bracket(parser_t *p, mdr_step_t *s)
{
    p->at++;

    for ( ;; ) {
        if (s->n == CHOICES_MAX) {
            return fail(p, p->at, "more than 64 choices");
        }

        if (choice(p, &s->choices[s->n++]) != MDR_OK) {
            return MDR_ERROR;
        }

        space(p);

        if (p->at < p->n && p->s[p->at] == ',') {
            p->at++;
            continue;
        }

        if (p->at < p->n && p->s[p->at] == ']') {
            p->at++;
            return MDR_OK;
        }

        return fail(p, p->at, "\"]\" or \",\" expected");
    }
}


mdr_path_t *
mdr_path_parse(mdr_str_t str, mdr_arena_t *arena, mdr_syntax_t *err)
{
    size_t       from;
    parser_t     p;
    mdr_step_t  *s;
    mdr_path_t  *path;

    p.s = str.data;
    p.n = str.len;
    p.at = 0;
    p.arena = arena;
    p.err = err;

    path = mdr_arena_alloc(arena, sizeof(mdr_path_t));

    if (path == NULL
        || (path->steps = mdr_arena_alloc(arena, MDR_PATH_STEPS
                                                 * sizeof(mdr_step_t)))
           == NULL)
    {
        (void) fail(&p, 0, "out of memory");
        return NULL;
    }

    path->single = 1;

    if (p.n == 0 || p.s[0] != '$') {
        (void) fail(&p, 0, "a JSON path begins with \"$\"");
        return NULL;
    }

    p.at = 1;

    while (p.at < p.n) {

        from = p.at;
        space(&p);

        if (p.at == p.n) {
            (void) fail(&p, from, "white space behind the path");
            return NULL;
        }

        if (path->n == MDR_PATH_STEPS) {
            (void) fail(&p, p.at, "more than 31 steps");
            return NULL;
        }

        s = &path->steps[path->n++];
        s->choices = mdr_arena_alloc(arena, CHOICES_MAX
                                            * sizeof(mdr_choice_t));
        if (s->choices == NULL) {
            (void) fail(&p, p.at, "out of memory");
            return NULL;
        }

        if (p.s[p.at] == '[') {
            if (bracket(&p, s) != MDR_OK) {
                return NULL;
            }

        } else if (p.s[p.at] == '.') {
            p.at++;

            if (p.at < p.n && p.s[p.at] == '.') {
                s->descendant = 1;
                path->single = 0;
                p.at++;
            }

            if (p.at < p.n && p.s[p.at] == '[' && s->descendant) {
                if (bracket(&p, s) != MDR_OK) {
                    return NULL;
                }

            } else if (p.at < p.n && p.s[p.at] == '*') {
                p.at++;
                s->n = 1;
                s->choices[0].kind = MDR_STEP_ANY;

            } else {
                from = p.at;

                /* RFC 9535 has no "-" and "$" in such a name, but there is only
                 * one thing that it can mean: mdr_path_check says how to write it */

                while (p.at < p.n && (p.s[p.at] == '-' || p.s[p.at] == '$'
                                      || is_name(p.s[p.at], p.at == from)))
                {
                    path->loose |= p.s[p.at] == '-' || p.s[p.at] == '$';
                    p.at++;
                }

                if (from == p.at) {
                    (void) fail(&p, p.at, p.at < p.n ? "a name expected"
                                : "a name expected at the end");
                    return NULL;
                }

                s->n = 1;
                s->choices[0].kind = MDR_STEP_NAME;
                s->choices[0].name = mdr_arena_str(arena, p.s + from,
                                                   p.at - from);
            }

        } else {
            (void) fail(&p, p.at, "\".\" or \"[\" expected");
            return NULL;
        }

        if (s->n != 1 || s->choices[0].kind == MDR_STEP_ANY
            || s->choices[0].kind == MDR_STEP_SLICE)
        {
            path->single = 0;
        }
    }

    return path;
}


/* the path as RFC 9535 writes it, each name in quotes */

static void
quoted_form(mdr_str_t s, char *buf, size_t size)
{
    size_t  i, n;
    char    c;

    for (i = 0, n = 0; i < s.len && n + 5 < size; ) {

        c = s.data[i];

        if (c != '.' || i + 1 == s.len || s.data[i + 1] == '*'
            || s.data[i + 1] == '[')
        {
            buf[n++] = c;
            i++;
            continue;
        }

        i++;

        if (s.data[i] == '.') {
            buf[n++] = '.';
            buf[n++] = '.';
            i++;
            if (i == s.len || s.data[i] == '*' || s.data[i] == '[') {
                continue;
            }
        }

        buf[n++] = '[';
        buf[n++] = '\'';

        while (i < s.len && n + 3 < size
               && (s.data[i] == '-' || s.data[i] == '$'
                   || is_name(s.data[i], 0)))
        {
            buf[n++] = s.data[i++];
        }

        buf[n++] = '\'';
        buf[n++] = ']';
    }

    buf[n] = '\0';
}


int
mdr_path_check(mdr_str_t s, mdr_syntax_t *err)
{
    mdr_path_t   *p;
    mdr_arena_t  *arena;

    err->text[0] = '\0';

    arena = mdr_arena_new(mdr_mem_default());

    if (arena == NULL) {
        err->offset = 0;
        snprintf(err->text, sizeof(err->text), "out of memory");
        return MDR_ERROR;
    }

    p = mdr_path_parse(s, arena, err);

    if (p != NULL && p->loose) {
        err->offset = 0;
        quoted_form(s, err->text, sizeof(err->text));
    }

    mdr_arena_free(arena);

    return p != NULL ? MDR_OK : MDR_ERROR;
}


static int
chosen(const mdr_step_t *s, const mdr_str_t *name, uint32_t index)
{
    uint32_t             i;
    const mdr_choice_t  *c;

    for (i = 0; i < s->n; i++) {
        c = &s->choices[i];

        switch (c->kind) {

        case MDR_STEP_ANY:
            return 1;

        case MDR_STEP_NAME:
            if (name != NULL && name->len == c->name.len
                && memcmp(name->data, c->name.data, name->len) == 0)
            {
                return 1;
            }
            break;

        case MDR_STEP_INDEX:
            if (name == NULL && index == c->from) {
                return 1;
            }
            break;

        default:
            if (name == NULL && index >= c->from && index < c->to
                && (index - c->from) % c->step == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


uint32_t
mdr_path_child(const mdr_path_t *p, uint32_t states, const mdr_str_t *name,
    uint32_t index)
{
    uint32_t  i, out;

    out = 0;
    states &= (1u << p->n) - 1;

    for ( ; states != 0; states &= states - 1) {
        for (i = 0; !(states >> i & 1); i++) { /* void */ }

        if (p->steps[i].descendant) {
            out |= 1u << i;
        }

        if (chosen(&p->steps[i], name, index)) {
            out |= 1u << (i + 1);
        }
    }

    return out;
}


uint64_t
mdr_path_keys(const mdr_path_t *p, uint32_t states)
{
    uint32_t  i, k;
    uint64_t  keys;

    for (i = 0, keys = 0; i < p->n; i++) {
        if (!(states >> i & 1)) {
            continue;
        }

        if (p->steps[i].descendant) {
            return UINT64_MAX;
        }

        for (k = 0; k < p->steps[i].n; k++) {
            switch (p->steps[i].choices[k].kind) {

            case MDR_STEP_ANY:
                return UINT64_MAX;

            case MDR_STEP_NAME:
                keys |= (uint64_t) 1
                        << mdr_path_key(p->steps[i].choices[k].name);
                break;
            }
        }
    }

    return keys;
}


int
mdr_path_pieces(const mdr_path_t *p)
{
    const mdr_step_t  *last;

    if (p->single || p->n == 0) {
        return 1;                       /* a key twice: readers differ       */
    }

    last = &p->steps[p->n - 1];

    return last->n == 1 && last->choices[0].kind == MDR_STEP_NAME;
}
