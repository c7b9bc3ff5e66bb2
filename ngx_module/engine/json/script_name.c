/*
 * script_name.c - what follows the name of a variable in a script.
 *
 * The forms in which pages carry their state: S = {..}, S = S || {..}, S ||=,
 * ["S"] =, S.rooms = [..], (..) around it, "S": {..}, f("S", {..}),
 * Object.assign(S, {..}), Object.freeze({..}), JSON.parse("..") with and
 * without decodeURIComponent, a string of JSON.  Any other expression is
 * named as such: that it could hide something must be seen.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* memmem                            */
#endif

#include "script.h"

#include <string.h>


#define ARGUMENTS_MAX  6                /* of a call, that are looked at     */


typedef struct {
    const uint8_t  *p;
    size_t          n, i;
    int             short_of;           /* the bytes came to their end       */
    int             kind;               /* MDR_NAME_*                        */
    int             inside;             /* brackets that are open            */
} reader_t;


size_t
mdr_script_blank(const uint8_t *p, size_t n, size_t i)
{
    const uint8_t  *q;

    for ( ;; ) {
        i = mdr_js_spaces(p, n, i);

        if (i >= n || p[i] != '/') {
            return i;
        }

        if (n - i < 2) {
            return n;
        }

        if (p[i + 1] == '/') {
            i += mdr_js_line(p + i, n - i);

        } else if (p[i + 1] == '*') {
            q = memmem(p + i + 2, n - i - 2, "*/", 2);
            i = q != NULL ? (size_t) (q - p) + 2 : n;

        } else {
            return i;
        }
    }
}


/* the next byte that is no white space, 0: there is none yet */

static uint8_t
next(reader_t *r)
{
    r->i = mdr_script_blank(r->p, r->n, r->i);

    if (r->i >= r->n) {
        r->short_of = 1;
        return 0;
    }

    return r->p[r->i];
}


/* takes s, where it stands next */

static int
take(reader_t *r, const char *s)
{
    size_t  k, len;

    if (next(r) == 0) {
        return 0;
    }

    len = strlen(s);

    for (k = 0; k < len; k++) {
        if (r->i + k == r->n) {
            r->short_of = 1;
            return 0;
        }
        if (r->p[r->i + k] != (uint8_t) s[k]) {
            return 0;
        }
    }

    r->i += len;

    return 1;
}


static mdr_str_t
word(reader_t *r)
{
    mdr_str_t  w;

    w.data = (const char *) r->p + r->i;
    w.len = 0;

    while (r->i < r->n && mdr_js_ident(r->p[r->i])
           && mdr_js_space(r->p + r->i, r->n - r->i) == 0)
    {
        r->i++;
        w.len++;
    }

    if (r->i == r->n) {
        r->short_of = 1;
    }

    return w;
}


static int
is(mdr_str_t w, const char *s)
{
    return w.len == strlen(s) && memcmp(w.data, s, w.len) == 0;
}


static int
is_one_of(mdr_str_t w, const char *const *list)
{
    while (*list != NULL && !is(w, *list)) {
        list++;
    }

    return *list != NULL;
}


/* a.b.c: its last two names */

static void
dotted(reader_t *r, mdr_str_t *before, mdr_str_t *name)
{
    memset(before, 0, sizeof(mdr_str_t));
    *name = word(r);

    while (next(r) == '.' && !(r->n - r->i > 1 && r->p[r->i + 1] == '.')) {
        r->i++;
        if (!mdr_js_ident(next(r))) {
            return;
        }
        *before = *name;
        *name = word(r);
    }
}


/* a string that begins like JSON, or like JSON in percents; 0: no */

static int
looks_like_json(reader_t *r, int *coded)
{
    size_t   i, k;
    uint8_t  c;

    for (i = r->i + 1; i < r->n; i++) {
        c = r->p[i];

        /* "{" and "[" in escapes */

        if (c == '\\') {
            k = i + 1 < r->n && r->p[i + 1] == 'x' ? 2
                : i + 1 < r->n && r->p[i + 1] == 'u' ? 4 : 0;

            if (k == 0) {
                continue;
            }
            if (r->n - i < k + 2) {
                break;
            }

            return (k == 2 || memcmp(r->p + i + 2, "00", 2) == 0)
                   && (r->p[i + k] == '7' || r->p[i + k] == '5')
                   && (r->p[i + k + 1] | 32) == 'b';
        }

        if (c == ' ' || c == 'n' || c == 't' || c == 'r') {
            continue;                   /* white space, perhaps escaped      */
        }

        if (c == '%') {
            if (r->n - i < 3) {
                break;
            }
            *coded = MDR_CODED_URI;
            return (r->p[i + 1] == '7' || r->p[i + 1] == '5')
                   && (r->p[i + 2] | 32) == 'b';
        }

        return c == '{' || c == '[';
    }

    r->short_of = 1;

    return 0;
}


/* behind "JSON.parse(" */

static int
parsed(reader_t *r, mdr_value_t *v)
{
    uint8_t    c;
    mdr_str_t  before, name;

    c = next(r);

    while (c != 0 && c == '(') {
        r->i++;
        c = next(r);
    }

    if (mdr_js_ident(c)) {
        dotted(r, &before, &name);

        v->coded = is(name, "unescape") ? MDR_CODED_ESCAPE
                   : is(name, "decodeURIComponent")
                     || is(name, "decodeURI") ? MDR_CODED_URI : 0;

        if (!v->coded || !take(r, "(")) {
            return MDR_VALUE_OTHER;
        }
        c = next(r);
    }

    v->at = r->i;

    return c == '"' || c == '\'' || c == '`' ? MDR_VALUE_LITERAL
                                             : MDR_VALUE_OTHER;
}


/* "0" of "void 0" */

static int
word_or_number(reader_t *r)
{
    return next(r) != 0 && word(r).len != 0;
}


/* behind a value that holds nothing: is it all of the expression */

static int
nothing_more(reader_t *r)
{
    size_t   from, to;
    uint8_t  c;

    from = r->i;
    c = next(r);
    to = r->i < r->n ? r->i : r->n;

    if (c == 0) {
        return MDR_VALUE_NONE;          /* or short of bytes                 */
    }

    if (c == ';' || c == '}' || c == ']' || (c == ')' && !r->inside)
        || (c == ',' && !r->inside))
    {
        return MDR_VALUE_NONE;
    }

    if (c == ')') {
        return MDR_VALUE_OTHER;         /* (0)(..): who knows                */
    }

    /* a new line with another statement */

    if ((mdr_js_ident(c) || c == '<')
        && (memchr(r->p + from, '\n', to - from) != NULL
            || memchr(r->p + from, '\r', to - from) != NULL))
    {
        return MDR_VALUE_NONE;
    }

    return MDR_VALUE_OTHER;
}


static int
expression(reader_t *r, mdr_value_t *v)
{
    int        k;
    uint8_t    c;
    size_t     from;
    mdr_str_t  before, name;

    static const char *const  nothing[] = {"null", "undefined", "true",
                                           "false", "NaN", "Infinity", "void",
                                           NULL};
    static const char *const  same[] = {"freeze", "seal", "assign",
                                        "preventExtensions", NULL};

    for ( ;; ) {
        c = next(r);
        v->at = r->i;

        if (c == '{' || c == '[') {

            /* Object.assign({}, ..), S || {} || ..: nothing in it */

            from = r->i;
            r->i++;
            if (next(r) == (c == '{' ? '}' : ']')) {
                r->i++;
                c = next(r);
                if (c == ',' || take(r, "||") || take(r, "??")) {
                    r->i += c == ',';
                    c = next(r);
                    if (c == '{' || c == '[') {
                        continue;
                    }
                }
            }

            v->at = from;
            return MDR_VALUE_JSON;
        }

        if (c == '(') {
            r->i++;
            r->inside++;
            continue;
        }

        if (c == '"' || c == '\'' || c == '`') {

            if (r->n - r->i > 1 && r->p[r->i + 1] == c) {
                r->i += 2;              /* empty                             */
                if (take(r, "||") || take(r, "??")) {
                    continue;
                }
                return nothing_more(r);
            }

            k = looks_like_json(r, &v->coded);

            return k && r->kind != MDR_NAME_TEXT ? MDR_VALUE_LITERAL
                   : r->kind == MDR_NAME_TEXT ? MDR_VALUE_TEXT
                                              : MDR_VALUE_OTHER;
        }

        if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.') {
            for (r->i++; r->i < r->n && (mdr_js_ident(r->p[r->i])
                                         || r->p[r->i] == '.'); r->i++)
            {
                /* void */
            }
            if (take(r, "||") || take(r, "??")) {
                continue;
            }
            return nothing_more(r);
        }

        if (c == '!') {
            if (r->n - r->i < 2) {
                r->short_of = 1;
                return MDR_VALUE_OTHER;
            }
            if (r->p[r->i + 1] == '0' || r->p[r->i + 1] == '1') {
                r->i += 2;
                if (take(r, "||") || take(r, "??")) {
                    continue;
                }
                return nothing_more(r);
            }
        }

        if (!mdr_js_ident(c)) {
            return MDR_VALUE_OTHER;
        }

        from = r->i;
        dotted(r, &before, &name);

        if (before.len == 0 && is_one_of(name, nothing)) {
            if (is(name, "void")) {
                (void) word_or_number(r);
            }
            if (take(r, "||") || take(r, "??")) {
                continue;
            }
            return nothing_more(r);
        }

        if (take(r, "||") || take(r, "??")) {
            continue;
        }

        if (take(r, "(")) {

            if (is(before, "JSON") && is(name, "parse")) {
                return parsed(r, v);
            }

            r->inside++;

            if (is(before, "Object") && is_one_of(name, same)) {

                /* a first argument that is a name */

                if (mdr_js_ident(next(r))) {
                    from = r->i;
                    dotted(r, &before, &name);
                    if (!take(r, ",")) {
                        r->i = from;
                    }
                }
                continue;
            }
        }

        v->at = from;

        return MDR_VALUE_OTHER;
    }
}


/* .rooms or ["rooms"] behind the name */

static int
members(reader_t *r, mdr_value_t *v)
{
    uint8_t    c, quote;
    mdr_str_t  w;

    for ( ;; ) {
        c = next(r);

        if (c != '.' && c != '[') {
            return 1;
        }

        r->i++;
        quote = next(r);

        if (c == '[') {
            if (quote != '"' && quote != '\'') {
                return 0;
            }
            r->i++;
        }

        w = word(r);

        if (w.len == 0 || v->nmembers == MDR_MEMBERS_MAX) {
            return 0;
        }

        if (c == '[') {
            if (r->i >= r->n || r->p[r->i] != quote) {
                return 0;
            }
            r->i++;
            if (!take(r, "]")) {
                return 0;
            }
        }

        v->members[v->nmembers++] = w;
    }
}


/*
 * Behind the bracket of a call: f({..}), f(el, "x", {..}), f(JSON.parse(..)),
 * q.push([1, "rows"]).  The first argument that is a state, or nothing.
 */

static int
arguments(reader_t *r, mdr_value_t *v)
{
    int        k;
    uint8_t    c, quote;
    mdr_str_t  before, name;

    for (k = 0; k < ARGUMENTS_MAX; k++) {
        c = next(r);
        v->at = r->i;

        if (c == '[' && r->kind == MDR_NAME_ROWS) {
            r->i++;
            c = next(r);
            if (word(r).len == 0 || c != '1' || !take(r, ",")) {
                return MDR_VALUE_NONE;
            }
            c = next(r);
            v->at = r->i;
            return c == '"' || c == '\'' ? MDR_VALUE_ROWS : MDR_VALUE_NONE;
        }

        if (c == '{' || c == '[') {
            return MDR_VALUE_JSON;
        }

        if (c == '"' || c == '\'' || c == '`') {

            if (r->kind == MDR_NAME_TEXT) {
                return MDR_VALUE_TEXT;
            }
            if (looks_like_json(r, &v->coded)) {
                return MDR_VALUE_LITERAL;
            }

            quote = c;

            for (r->i++; r->i < r->n && r->p[r->i] != quote; r->i++) {
                r->i += r->p[r->i] == '\\';
            }

            if (r->i >= r->n) {
                r->short_of = 1;
                return MDR_VALUE_NONE;
            }
            r->i++;

        } else if (mdr_js_ident(c)) {
            dotted(r, &before, &name);

            if (is(before, "JSON") && is(name, "parse") && take(r, "(")) {
                return parsed(r, v);
            }

        } else {
            return MDR_VALUE_NONE;
        }

        if (next(r) != ',') {
            return MDR_VALUE_NONE;
        }
        r->i++;
    }

    return MDR_VALUE_NONE;
}


void
mdr_script_value(const uint8_t *p, size_t n, size_t i, int last, int quoted,
    int kind, mdr_value_t *v)
{
    int       weak, began;
    size_t    from;
    uint8_t   c;
    reader_t  r;

    static const char *const  callees[] = {"push", "enqueue", NULL};

    memset(v, 0, sizeof(mdr_value_t));
    r.p = p;
    r.n = n;
    r.i = i + (quoted != 0);
    r.short_of = 0;
    r.kind = kind;
    r.inside = 0;
    weak = 0;
    began = 0;

    if (quoted && next(&r) == ']') {
        r.i++;
        quoted = 0;
    }

    if (!quoted && !members(&r, v)) {
        goto none;
    }

    c = next(&r);
    r.i++;

    if (c == '(' && !quoted
        && (v->nmembers == 0
            || is_one_of(v->members[v->nmembers - 1], callees)))
    {
        v->nmembers = 0;
        v->kind = arguments(&r, v);

        if (r.short_of && !last) {
            v->kind = MDR_VALUE_MORE;
        } else if (v->kind == MDR_VALUE_OTHER) {
            v->kind = MDR_VALUE_NONE;
        }
        return;
    }

    if (c == '+' && kind == MDR_NAME_TEXT) {
        if (r.i == n) {
            r.short_of = 1;
            goto none;
        }
        if (p[r.i++] != '=') {
            goto none;
        }

    } else if (c == '|' || c == '?' || c == '&') {     /* ||= and the like          */
        if (n - r.i < 2) {
            r.short_of = 1;
            goto none;
        }
        if (p[r.i] != c || p[r.i + 1] != '=') {
            goto none;
        }
        r.i += 2;

    } else if (c == '=') {
        if (r.i == n) {
            r.short_of = 1;
            goto none;
        }
        if (p[r.i] == '=' || p[r.i] == '>') {
            goto none;
        }
        if (quoted) {
            goto none;
        }

    } else if ((c == ',' || c == ':') && v->nmembers == 0) {
        weak = 1;                       /* f("S", {..}), {"S": {..}}         */

    } else {
        goto none;
    }

    began = next(&r) != 0;
    from = r.i;
    v->kind = expression(&r, v);

    if (v->kind == MDR_VALUE_OTHER) {
        v->at = from;                   /* all of it                         */
    }

    if (!r.short_of || last) {
        if (!began || (weak && (v->kind == MDR_VALUE_OTHER
                                || (v->kind == MDR_VALUE_LITERAL
                                    && v->at == from))))
        {
            v->kind = MDR_VALUE_NONE;
        }
        return;
    }

none:

    v->kind = r.short_of && !last ? MDR_VALUE_MORE : MDR_VALUE_NONE;
}
