/*
 * script_beside.c - data of a variable that stands beside its name: the
 * variable is the parameter of a function that gets it, a function or a getter
 * that returns it, a name that is written with an escape.
 *
 * Which function gets what is not followed.  Behind such a name, in a script
 * in which no value of it was found, an object whose first name a path of a
 * slot has is read as the value, and so is one, or a string that begins as
 * one, which has such a name among its first bytes.
 */

#include "script_in.h"
#include "script_read.h"

#include <string.h>


#define OURS_BYTES   192                /* among which a name has to be      */
#define NAMES_BYTES  256                /* of parameters                     */


/* a name that a path has, in the bytes of a string or of code, with or
 * without backslashes before its quotes: 1, 0, -1: more bytes are needed */

static int
is_ours(const mdr_script_t *s, const uint8_t *p, size_t n, int last)
{
    size_t     i, from, end;
    mdr_str_t  name;

    if (n < OURS_BYTES && !last) {
        return -1;
    }

    n = n < OURS_BYTES ? n : OURS_BYTES;

    for (i = 1; i < n; i++) {
        if (p[i] != ':') {
            continue;
        }

        for (end = i; end > 0 && (MDR_JSON_IS_SPACE(p[end - 1])
             || p[end - 1] == '"' || p[end - 1] == '\''
             || p[end - 1] == '\\'); end--)
        {
            /* void */
        }

        for (from = end; from > 0 && mdr_js_ident(p[from - 1]); from--) {
            /* void */
        }

        name.data = (const char *) p + from;
        name.len = (uint32_t) (end - from);

        if (name.len != 0
            && mdr_json_script_knows(s->rules, s->use, name))
        {
            return 1;
        }
    }

    return 0;
}


/* at p, in code: MDR_VALUE_JSON, _LITERAL, _NONE, _MORE */

static int
begins(const mdr_script_t *s, const uint8_t *p, size_t n, int last, int *coded)
{
    int           k;
    size_t        lists;
    mdr_str_t     name;
    mdr_reader_t  r;

    if (p[0] == '{' || p[0] == '[') {
        k = mdr_json_first_name(p, n, last, &name, &lists);

        if (k > 0 && name.len != 0
            && mdr_json_script_knows(s->rules, s->use, name))
        {
            return MDR_VALUE_JSON;
        }

        if (k == MDR_DATA_QUOTED) {
            k = is_ours(s, p, n, last);
        } else {
            k = k < 0 ? -1 : 0;
        }

        return k < 0 ? MDR_VALUE_MORE : k ? MDR_VALUE_JSON : MDR_VALUE_NONE;
    }

    memset(&r, 0, sizeof(r));
    r.p = p;
    r.n = n < OURS_BYTES ? n : OURS_BYTES;

    if (!mdr_script_holds_json(&r, coded)) {
        return r.short_of && n < OURS_BYTES && !last ? MDR_VALUE_MORE
                                                     : MDR_VALUE_NONE;
    }

    k = *coded ? 1 : is_ours(s, p, n, last);

    return k < 0 ? MDR_VALUE_MORE : k ? MDR_VALUE_LITERAL : MDR_VALUE_NONE;
}


int
mdr_script_stands_alone(const uint8_t *p, size_t n, size_t i)
{
    uint8_t       c;
    mdr_str_t     w;
    mdr_reader_t  r;

    static const char *const  callees[] = {"push", "set", "add", "init",
                                           "load", NULL};

    memset(&r, 0, sizeof(r));
    r.p = p;
    r.n = n;
    r.i = i;
    c = mdr_script_next(&r);

    if (c == '.') {
        r.i++;
        (void) mdr_script_next(&r);
        w = mdr_script_word(&r);
        return !r.short_of && !mdr_script_one_of(w, callees)
               ? 0 : mdr_script_take(&r, "(") ? 1 : r.short_of ? -1 : 0;
    }

    /* (a, S, b) {, (S) => */

    if (c == ',' || c == ')') {

        while (c == ',' && r.i - i < NAMES_BYTES) {
            r.i++;
            (void) mdr_script_next(&r);
            if (mdr_script_word(&r).len == 0) {
                break;
            }
            c = mdr_script_next(&r);
        }

        if (c != ')') {
            return r.short_of ? -1 : 0;
        }

        r.i++;
        c = mdr_script_next(&r);

        if (c == '{') {
            return 1;
        }
    }

    if (c == '(') {
        return 1;
    }

    if (c == '=' && r.n - r.i < 2) {
        r.short_of = 1;
    }

    return r.short_of ? -1 : c == '=' && r.p[r.i + 1] == '>';
}


size_t
mdr_script_beside(mdr_script_t *s, const uint8_t *p, size_t n, size_t *seen,
    size_t upto, int last, mdr_value_t *v)
{
    int     kind, coded;
    size_t  i;

    for (i = *seen; i < upto; i++) {

        if (p[i] != '{' && p[i] != '[' && p[i] != '"' && p[i] != '\''
            && p[i] != '`')
        {
            continue;
        }

        (void) mdr_js_pass(&s->js, p + *seen, i - *seen, 0);
        *seen = i;

        if (mdr_js_where(&s->js) != MDR_JS_CODE || s->js.before == '>') {
            continue;                   /* S => {..}                         */
        }

        coded = 0;
        kind = begins(s, p + i, n - i, last, &coded);

        if (kind == MDR_VALUE_NONE) {
            continue;
        }

        memset(v, 0, sizeof(mdr_value_t));
        v->kind = kind;
        v->at = i;
        v->coded = coded;
        v->beside = 1;

        return i;
    }

    (void) mdr_js_pass(&s->js, p + *seen, upto - *seen, 0);
    *seen = upto;

    return upto;
}
