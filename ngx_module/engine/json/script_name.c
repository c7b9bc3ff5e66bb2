/*
 * script_name.c - what follows the name of a variable in a script.
 *
 * The forms in which pages carry their state: S = {..}, S = S || {..}, S ||=,
 * ["S"] =, S.rooms = [..], (..) around it, "S": {..}, f("S", {..}),
 * Object.assign(S, {..}), Object.freeze({..}), JSON.parse("..") with and
 * without decodeURIComponent, a string of JSON.  Any other expression is
 * named as such: that it could hide something must be seen.
 */

#include "script_read.h"

#include <string.h>


#define PATTERN_MAX    256              /* of names that take a value apart  */


/* behind "JSON.parse(" */

int
mdr_script_parsed(mdr_reader_t *r, mdr_value_t *v)
{
    uint8_t    c;
    mdr_str_t  before, name;

    c = mdr_script_next(r);

    r->inside++;

    while (c != 0 && c == '(') {
        r->i++;
        r->inside++;
        c = mdr_script_next(r);
    }

    if (mdr_js_ident(c)) {
        mdr_script_dotted(r, &before, &name);

        v->coded = mdr_script_is(name, "unescape") ? MDR_CODED_ESCAPE
                   : mdr_script_is(name, "decodeURIComponent")
                     || mdr_script_is(name, "decodeURI") ? MDR_CODED_URI : 0;

        if (!v->coded || !mdr_script_take(r, "(")) {
            return MDR_VALUE_OTHER;
        }
        r->inside++;
        c = mdr_script_next(r);
    }

    v->at = r->i;

    return c == '"' || c == '\'' || c == '`' ? MDR_VALUE_LITERAL
                                             : MDR_VALUE_OTHER;
}


/* "0" of "void 0" */

static int
word_or_number(mdr_reader_t *r)
{
    return mdr_script_next(r) != 0 && mdr_script_word(r).len != 0;
}


/* behind a value that holds nothing: is it all of the expression */

static int
nothing_more(mdr_reader_t *r)
{
    size_t   from, to;
    uint8_t  c;

    from = r->i;
    c = mdr_script_next(r);
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
        && mdr_script_has_line(r->p + from, to - from))
    {
        return MDR_VALUE_NONE;
    }

    return MDR_VALUE_OTHER;
}


#define AGAIN  (-1)                     /* the value stands further on       */


/* S || {..}: is there another value? */

static int
or_else(mdr_reader_t *r)
{
    return mdr_script_take(r, "||") || mdr_script_take(r, "??");
}


/* behind a value that holds nothing */

static int
holds_nothing(mdr_reader_t *r)
{
    return or_else(r) ? AGAIN : nothing_more(r);
}


/* Object.assign({}, ..), S || {} || ..: nothing in the container that begins
 * with c, and another is next */

static int
is_default(mdr_reader_t *r, uint8_t c)
{
    r->i++;

    if (mdr_script_next(r) != (c == '{' ? '}' : ']')) {
        return 0;
    }

    r->i++;
    c = mdr_script_next(r);

    if (c != ',' && !or_else(r)) {
        return 0;
    }

    r->i += c == ',';
    c = mdr_script_next(r);

    return c == '{' || c == '[';
}


/* at the quote of a string */

static int
quoted_value(mdr_reader_t *r, mdr_value_t *v, uint8_t quote)
{
    int  k;

    if (r->n - r->i > 1 && r->p[r->i + 1] == quote) {
        r->i += 2;                      /* empty                             */
        return holds_nothing(r);
    }

    k = mdr_script_holds_json(r, &v->coded);

    return k && r->kind != MDR_NAME_TEXT ? MDR_VALUE_LITERAL
           : r->kind == MDR_NAME_TEXT ? MDR_VALUE_TEXT : MDR_VALUE_OTHER;
}


/* at a number, or !0 */

static int
number_value(mdr_reader_t *r, uint8_t c)
{
    if (c != '!') {
        for (r->i++; r->i < r->n && (mdr_js_ident(r->p[r->i])
                                     || r->p[r->i] == '.'); r->i++)
        {
            /* void */
        }
        return holds_nothing(r);
    }

    if (r->n - r->i < 2) {
        r->short_of = 1;
        return MDR_VALUE_OTHER;
    }

    if (r->p[r->i + 1] != '0' && r->p[r->i + 1] != '1') {
        return MDR_VALUE_OTHER;
    }

    r->i += 2;

    return holds_nothing(r);
}


/* behind "JSON.parse", "Object.freeze": JSON.parse(..), Object.freeze({..}),
 * Object.assign(S, {..}) */

static int
called_value(mdr_reader_t *r, mdr_value_t *v, mdr_str_t before, mdr_str_t name)
{
    size_t  from;

    static const char *const  same[] = {"freeze", "seal", "assign",
                                        "preventExtensions", NULL};

    if (mdr_script_is(before, "JSON") && mdr_script_is(name, "parse")) {
        return mdr_script_parsed(r, v);
    }

    r->inside++;

    if (!mdr_script_is(before, "Object") || !mdr_script_one_of(name, same)) {
        return MDR_VALUE_OTHER;
    }

    /* a first argument that is a name */

    if (mdr_js_ident(mdr_script_next(r))) {
        from = r->i;
        mdr_script_dotted(r, &before, &name);
        if (!mdr_script_take(r, ",")) {
            r->i = from;
        }
    }

    return AGAIN;
}


/* at a name */

static int
named_value(mdr_reader_t *r, mdr_value_t *v)
{
    size_t     from, n;
    mdr_str_t  before, name;

    static const char *const  nothing[] = {"null", "undefined", "true",
                                           "false", "NaN", "Infinity", "void",
                                           NULL};

    from = r->i;
    n = mdr_json_numbered(r->p + from, r->n - from, 0);

    if (n == SIZE_MAX) {
        r->short_of = 1;
        return MDR_VALUE_OTHER;
    }

    if (n != 0) {                       /* $R[0]={..}, of seroval            */
        r->i += n;
        return AGAIN;
    }

    mdr_script_dotted(r, &before, &name);

    if (mdr_script_is(name, "$R") && mdr_script_take(r, "=>")) {
        return AGAIN;                   /* ($R=>$R[0]={..})($R["a"])         */
    }

    if (before.len == 0 && mdr_script_one_of(name, nothing)) {
        if (mdr_script_is(name, "void")) {
            (void) word_or_number(r);
        }
        return holds_nothing(r);
    }

    if (or_else(r)) {
        return AGAIN;
    }

    if (mdr_script_next(r) == '=') {                /* S = T = {..}          */
        if (r->n - r->i < 2) {
            r->short_of = 1;

        } else if (r->p[r->i + 1] != '=' && r->p[r->i + 1] != '>') {
            r->i++;
            return AGAIN;
        }
    }

    return mdr_script_take(r, "(") ? called_value(r, v, before, name)
                                   : MDR_VALUE_OTHER;
}


int
mdr_script_expression(mdr_reader_t *r, mdr_value_t *v)
{
    int      k;
    size_t   from;
    uint8_t  c;

    for ( ;; ) {
        c = mdr_script_next(r);
        v->at = r->i;

        if (c == '{' || c == '[') {
            from = r->i;

            if (is_default(r, c)) {
                continue;
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
            k = quoted_value(r, v, c);

        } else if ((c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.'
                   || c == '!')
        {
            k = number_value(r, c);

        } else if (mdr_js_ident(c)) {
            k = named_value(r, v);

        } else {
            return MDR_VALUE_OTHER;
        }

        if (k != AGAIN) {
            return k;
        }
    }
}


/* .rooms or ["rooms"] behind the name */

static int
members(mdr_reader_t *r, mdr_value_t *v)
{
    uint8_t    c, quote;
    mdr_str_t  w;

    for ( ;; ) {
        c = mdr_script_next(r);

        if (c == '?' && r->n - r->i > 1 && r->p[r->i + 1] == '.') {
            c = '.';                    /* S?.set(..)                        */
            r->i++;
        }

        if (c != '.' && c != '[') {
            return 1;
        }

        r->i++;
        quote = mdr_script_next(r);

        if (c == '[') {
            if (quote != '"' && quote != '\'') {
                return 0;
            }
            r->i++;
        }

        w = mdr_script_word(r);

        if (w.len == 0 || v->nmembers == MDR_MEMBERS_MAX) {
            return 0;
        }

        if (c == '[') {
            if (r->i >= r->n || r->p[r->i] != quote) {
                return 0;
            }
            r->i++;
            if (!mdr_script_take(r, "]")) {
                return 0;
            }
        }

        v->members[v->nmembers++] = w;
    }
}


/* behind the name in a pattern that takes a value apart, `[a, S] = ..`,
 * `{S} = ..`: does one go on so? Up to the value */

static int
taken_apart(mdr_reader_t *r)
{
    size_t   from;
    uint8_t  c, before;

    for (from = r->i, before = 0; r->i - from < PATTERN_MAX; r->i++) {
        c = mdr_script_next(r);

        if (c == '=') {
            if (r->n - r->i < 2) {
                r->short_of = 1;
                return 0;
            }

            r->i++;
            return (before == ']' || before == '}')
                   && r->p[r->i] != '=' && r->p[r->i] != '>';
        }

        if (c == 0 || (!mdr_js_ident(c) && strchr(",:.[]{}", c) == NULL)) {
            return 0;
        }

        before = c;
    }

    return 0;
}


/* [S] = .., {S} = .., for (S of ..): up to the value */

static int
is_apart(mdr_reader_t *r, uint8_t c)
{
    mdr_reader_t  behind;

    behind = *r;

    if (c == 'o' ? mdr_script_is(mdr_script_word(&behind), "of")
                 : taken_apart(&behind))
    {
        *r = behind;
        return 1;
    }

    r->short_of |= behind.short_of;

    return 0;
}


/* a container with nothing in it */

static int
is_empty(const mdr_reader_t *r, size_t at)
{
    size_t  i;

    i = mdr_script_blank(r->p, r->n, at + 1);

    return i < r->n && r->p[i] == (r->p[at] == '{' ? '}' : ']');
}


/* behind c, the first byte behind a name and its members: does a value
 * follow?  weak: f("S", {..}), {"S": {..}} */

static int
assigned(mdr_reader_t *r, const mdr_value_t *v, uint8_t c, int quoted,
    int *weak)
{
    uint8_t  next;

    if ((c == ',' || c == ':') && v->nmembers == 0) {
        *weak = 1;
        return 1;
    }

    if (c != '=' && c != '|' && c != '?' && c != '&'
        && !(c == '+' && r->kind == MDR_NAME_TEXT))
    {
        return 0;
    }

    if (r->i == r->n || (c != '=' && c != '+' && r->n - r->i < 2)) {
        r->short_of = 1;
        return 0;
    }

    next = r->p[r->i];

    if (c == '=') {
        return next != '=' && next != '>' && !quoted;
    }

    if (c == '+') {
        r->i++;
        return next == '=';
    }

    if (next != c || r->p[r->i + 1] != '=') {       /* ||= and the like      */
        return 0;
    }

    r->i += 2;

    return 1;
}


void
mdr_script_value(const uint8_t *p, size_t n, size_t i, int last, int quoted,
    int kind, mdr_value_t *v)
{
    int       weak, began, apart;
    size_t    from;
    uint8_t   c;
    mdr_reader_t  r;

    static const char *const  callees[] = {"push", "enqueue", "unshift",
                                           "r", "set", "add", "init", "merge",
                                           "resolve", "hydrate", "dispatch",
                                           "load", NULL};

    memset(v, 0, sizeof(mdr_value_t));
    v->name = (uint8_t) kind;
    r.p = p;
    r.n = n;
    r.i = i + (quoted != 0);
    r.short_of = 0;
    r.kind = kind;
    r.inside = 0;
    weak = 0;
    began = 0;
    apart = 0;

    if (quoted && mdr_script_next(&r) == ']') {
        r.i++;
        quoted = 0;
    }

    if (!quoted && !members(&r, v)) {
        goto none;
    }

    c = mdr_script_next(&r);

    /* export default {..} */

    if (i >= 7 && memcmp(p + i - 7, "default", 7) == 0 && v->nmembers == 0
        && c != 0 && strchr(":=,.;)}", c) == NULL)
    {
        goto value;
    }

    if (!quoted && v->nmembers == 0 && c != 0 && strchr("]},o", c) != NULL) {
        apart = is_apart(&r, c);

        if (apart) {
            goto value;
        }
    }

    r.i++;

    if (c == '(' && !quoted
        && (v->nmembers == 0
            || mdr_script_one_of(v->members[v->nmembers - 1], callees)))
    {
        v->nmembers = 0;
        v->call = 1;
        v->kind = mdr_script_arguments(&r, v);
        v->inside = (uint8_t) r.inside;

        if (r.short_of && !last) {
            v->kind = MDR_VALUE_MORE;
        }
        return;
    }

    if (!assigned(&r, v, c, quoted, &weak)) {
        goto none;
    }

value:

    began = mdr_script_next(&r) != 0;
    from = r.i;
    v->kind = mdr_script_expression(&r, v);
    v->inside = (uint8_t) r.inside;

    if (apart && v->kind != MDR_VALUE_NONE) {
        v->kind = v->kind == MDR_VALUE_JSON && is_empty(&r, from)
                  ? MDR_VALUE_NONE : MDR_VALUE_OTHER;
    }

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
