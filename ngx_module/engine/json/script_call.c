/*
 * script_call.c - a state as an argument of a call, and what follows a value:
 * f("S", {..}), q.push({..}, {..}), (q = q || []).push({..}),
 * S = {..}.concat(..).
 */

#include "script_read.h"

#include <string.h>


#define ARGUMENTS_MAX  6                /* of a call, that are looked at     */


/* "P5:[..]" and "E5:..", rows of turbo-stream behind its first one: what a
 * promise came to */

static int
is_row(const mdr_reader_t *r)
{
    size_t  i;

    i = r->i + 1;

    if (i >= r->n || (r->p[i] != 'P' && r->p[i] != 'E')) {
        return 0;
    }

    for (i++; i < r->n && r->p[i] >= '0' && r->p[i] <= '9'; i++) {
        /* void */
    }

    return i < r->n && i > r->i + 2 && r->p[i] == ':';
}


/* "beforeend" before the text that goes there: a string of letters, a comma */

static int
is_word(mdr_reader_t *r)
{
    size_t    i;
    mdr_reader_t  behind;

    for (i = r->i + 1; i < r->n && ((r->p[i] | 32) >= 'a'
                                    && (r->p[i] | 32) <= 'z'); i++)
    {
        /* void */
    }

    if (i < r->n && r->p[i] != r->p[r->i]) {
        return 0;
    }

    behind = *r;
    behind.i = i < r->n ? i + 1 : i;
    i = mdr_script_next(&behind) == ',';
    r->short_of |= behind.short_of;

    return (int) i;
}


/*
 * Behind the bracket of a call: f({..}), f(el, "x", {..}), f(x || {..}),
 * f(JSON.parse(..)), q.push([1, "rows"]).  The first argument that is a state,
 * or nothing; what another function makes of something is no name of one.
 */

int
mdr_script_arguments(mdr_reader_t *r, mdr_value_t *v)
{
    int        k, row;
    size_t     from;
    uint8_t    c, quote;
    mdr_str_t  before, name;

    static const char *const  words[] = {"function", "async", "new", "typeof",
                                         "void", "await", "if", NULL};

    for (k = 0; k < ARGUMENTS_MAX; k++) {
        c = mdr_script_next(r);
        v->at = r->i;

        if (c == '[' && r->kind == MDR_NAME_ROWS) {
            r->i++;
            c = mdr_script_next(r);
            if (mdr_script_word(r).len == 0 || c != '1'
                || !mdr_script_take(r, ","))
            {

                /* 0 and 2 begin the list and hold the state of a form; 3 are
                 * rows in base64 */

                return c >= '0' && c <= '2' ? MDR_VALUE_NONE
                                            : MDR_VALUE_OTHER;
            }
            c = mdr_script_next(r);
            v->at = r->i;
            return c == '"' || c == '\'' || c == '`' ? MDR_VALUE_ROWS
                                                     : MDR_VALUE_NONE;
        }

        /* () => [..] */

        if (c == '(' && mdr_script_take(r, "(") && mdr_script_take(r, ")")
            && mdr_script_take(r, "=>"))
        {
            for (c = mdr_script_next(r); c == '('; c = mdr_script_next(r)) {
                r->i++;
                r->inside++;
            }

            v->at = r->i;

            if (c == '{' && r->inside == 0) {
                return MDR_VALUE_OTHER;
            }
        }

        if (c == '{' || c == '[') {
            return MDR_VALUE_JSON;
        }

        if (c == '"' || c == '\'' || c == '`') {

            if (r->kind == MDR_NAME_ROWS) {
                return MDR_VALUE_ROWS;
            }
            if (r->kind == MDR_NAME_TEXT && !is_word(r)) {
                return MDR_VALUE_TEXT;
            }
            if (mdr_script_holds_json(r, &v->coded)) {
                return MDR_VALUE_LITERAL;
            }

            quote = c;
            row = is_row(r);

            for (r->i++; r->i < r->n && r->p[r->i] != quote; r->i++) {
                r->i += r->p[r->i] == '\\';
            }

            if (r->i >= r->n) {
                r->short_of = 1;
                return MDR_VALUE_NONE;
            }
            r->i++;

            if (row) {
                return MDR_VALUE_OTHER;
            }

        } else if (mdr_js_ident(c)) {
            from = r->i;
            mdr_script_dotted(r, &before, &name);

            if (mdr_script_take(r, "||") || mdr_script_take(r, "??")) {
                continue;
            }

            if (mdr_script_take(r, "(") && !mdr_script_one_of(name, words)) {

                if (mdr_script_is(before, "JSON")
                    && mdr_script_is(name, "parse")
                    && mdr_script_parsed(r, v) == MDR_VALUE_LITERAL)
                {
                    return MDR_VALUE_LITERAL;
                }

                v->at = from;           /* the call, from its name on        */
                r->inside = 0;
                return MDR_VALUE_OTHER;
            }

        } else {
            return MDR_VALUE_NONE;
        }

        if (mdr_script_next(r) != ',') {
            return MDR_VALUE_NONE;
        }
        r->i++;
    }

    return MDR_VALUE_NONE;
}


/* Behind a value and white space: does the expression end here?  A line ends
 * it where the next begins with what cannot go on (ECMA-262, 12.10); what
 * stands behind "||" and "??" is never the value. */

static int
is_end(const mdr_reader_t *r, size_t from)
{
    uint8_t         c, d;
    const uint8_t  *p;

    p = r->p + r->i;
    c = p[0];
    d = r->n - r->i > 1 ? p[1] : 0;

    if (strchr(";,)}]:<=", c) != NULL || (c == '|' && d == '|')
        || (c == '?' && d == '?'))
    {
        return 1;
    }

    return (mdr_js_ident(c) || strchr("\"'{!~@#", c) != NULL
            || (d == c && (c == '+' || c == '-')))
           && mdr_script_has_line(r->p + from, r->i - from);
}


/* behind the comma of Object.assign({..}, and of f({..}, : -1 where there may
 * be another */

static int
next_argument(mdr_reader_t *r, mdr_value_t *v)
{
    size_t     from;
    uint8_t    c;
    mdr_str_t  before, name;

    if (r->inside == 0) {
        v->kind = mdr_script_arguments(r, v);
        return v->kind == MDR_VALUE_NONE || v->kind == MDR_VALUE_OTHER
               ? MDR_AFTER_END : MDR_AFTER_VALUE;
    }

    c = mdr_script_next(r);

    if (c == 0 || c == ')') {
        return c == 0 ? MDR_AFTER_END : -1;
    }

    from = r->i;

    if (mdr_js_ident(c)) {
        mdr_script_dotted(r, &before, &name);
        c = mdr_script_next(r);

        if (c == ',' || c == ')') {
            return -1;                  /* a name                            */
        }
        r->i = from;
    }

    v->kind = mdr_script_expression(r, v);

    if (v->kind == MDR_VALUE_NONE) {
        return -1;
    }

    if (v->kind == MDR_VALUE_OTHER) {
        v->at = from;
        return MDR_AFTER_OTHER;
    }

    return MDR_AFTER_VALUE;
}


/* behind a value: ").push(" of (S = S || []).push(..) */

static int
is_pushed(mdr_reader_t *r)
{
    mdr_str_t  name;

    if (!mdr_script_take(r, ")") || !mdr_script_take(r, ".")
        || mdr_script_next(r) == 0)
    {
        return 0;
    }

    name = mdr_script_word(r);

    return (mdr_script_is(name, "push") || mdr_script_is(name, "unshift"))
           && mdr_script_take(r, "(");
}


/* behind ($R=>$R[0]={..}): what it is called with, ($R["a"]) */

static int
is_registry(mdr_reader_t *r)
{
    uint8_t  quote;

    if (!mdr_script_take(r, "(") || !mdr_script_take(r, "$R")
        || !mdr_script_take(r, "["))
    {
        return 0;
    }

    quote = mdr_script_next(r);

    if (quote != '"' && quote != '\'') {
        return 0;
    }

    for (r->i++; r->i < r->n && r->p[r->i] != quote
         && r->p[r->i] != '\\'; r->i++)
    {
        /* void */
    }

    r->short_of |= r->i >= r->n;
    r->i++;

    return mdr_script_take(r, "]") && mdr_script_take(r, ")");
}


int
mdr_script_after(const uint8_t *p, size_t n, size_t i, int last,
    mdr_value_t *v)
{
    int          rc;
    size_t       from;
    uint8_t      c;
    mdr_reader_t r, called;
    mdr_value_t  was;

    was = *v;
    memset(&r, 0, sizeof(r));
    r.p = p;
    r.n = n;
    r.i = i;
    r.kind = was.name;
    r.inside = was.inside;

    for ( ;; ) {
        from = r.i;
        c = mdr_script_next(&r);
        rc = MDR_AFTER_END;
        v->at = r.i;

        if (c == 0) {
            break;
        }

        if (c == ')' && r.inside != 0) {
            r.i++;
            r.inside--;
            continue;
        }

        if (c == '(' && r.p[from] == '(') {
            called = r;
            if (is_registry(&called)) {
                r = called;
                continue;
            }
            r.short_of |= called.short_of;
        }

        if (c == ',' && (r.inside != 0 || was.call)) {
            r.i++;
            memset(v, 0, sizeof(mdr_value_t));
            rc = next_argument(&r, v);
            v->call = was.call;

            if (rc < 0) {
                if (!r.short_of) {
                    continue;
                }
                rc = MDR_AFTER_END;
            }

        } else if (c == ')') {
            if (!was.call && is_pushed(&r)) {
                memset(v, 0, sizeof(mdr_value_t));
                v->kind = mdr_script_arguments(&r, v);
                v->call = 1;
                rc = v->kind == MDR_VALUE_NONE
                     || (v->kind == MDR_VALUE_OTHER
                         && was.name != MDR_NAME_ROWS)
                     ? MDR_AFTER_END : MDR_AFTER_VALUE;
            }

        } else if (r.n - r.i < 2 && !last) {
            r.short_of = 1;

        } else {
            rc = is_end(&r, from) ? MDR_AFTER_END : MDR_AFTER_OTHER;
        }

        break;
    }

    v->inside = (uint8_t) r.inside;
    v->name = was.name;

    if (r.short_of && !last) {
        *v = was;
        return MDR_AFTER_MORE;
    }

    return rc;
}
