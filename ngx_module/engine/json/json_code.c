/*
 * json_code.c - documents that stand somewhere in a text or in code:
 * cb(function () { return {..} }), var d = {..}; cb(d), an event that is a
 * call, a word before the document.
 *
 * What begins one is not to be taken for anything else: an object whose first
 * member has a name in quotes, lists of such, an object whose first member has
 * a name that a path of a slot has.  In code it has to stand in code, or to be
 * the beginning of a string.
 */

#include "script.h"

#include <string.h>


#define DATA_MAX   256                  /* bytes that a beginning may have   */
#define NAME_MAX   96
#define LISTS_MAX  3


/* the name of a first member at p + i: behind it, i where there is none, n:
 * more bytes are needed */

static size_t
name(const uint8_t *p, size_t n, size_t i, mdr_str_t *s)
{
    size_t   from;
    uint8_t  quote;

    quote = p[i] == '"' || p[i] == '\'' ? p[i] : 0;
    from = i + (quote != 0);

    for (i = from; i < n && i - from < NAME_MAX; i++) {
        if (quote ? p[i] == quote || p[i] == '\\' || p[i] < ' '
            : !mdr_js_ident(p[i]))
        {
            break;
        }
    }

    s->data = (const char *) p + from;
    s->len = (uint32_t) (i - from);

    if (i == n) {
        return n;
    }

    if (quote) {
        return p[i] == quote ? i + 1 : from - 1;
    }

    return i - from < NAME_MAX ? i : from;
}


int
mdr_json_first_name(const uint8_t *p, size_t n, int last, mdr_str_t *s,
    size_t *lists)
{
    size_t   i, k;
    uint8_t  c;

    n = n < DATA_MAX ? n : DATA_MAX;
    last |= n == DATA_MAX;

    for (i = 0, *lists = 0; i < n && p[i] == '[' && *lists < LISTS_MAX;
         (*lists)++)
    {
        i = mdr_json_spaces(p, n, i + 1);
    }

    if (i == n) {
        return last ? 0 : -1;
    }

    if (p[i] != '{') {
        s->len = 0;
        return *lists > 1 && p[i] == '"' ? MDR_DATA_QUOTED : 0;
    }

    i = mdr_json_spaces(p, n, i + 1);

    if (i == n) {
        return last ? 0 : -1;
    }

    c = p[i];
    k = name(p, n, i, s);

    if (k == i) {
        return 0;
    }

    k = mdr_json_spaces(p, n, k);

    if (k == n) {
        return last ? 0 : -1;
    }

    return p[k] != ':' ? 0 : c == '"' ? MDR_DATA_QUOTED : MDR_DATA_NAMED;
}


int
mdr_json_data(const mdr_json_rules_t *r, const uint8_t *p, size_t n, int last)
{
    int        k;
    size_t     lists;
    mdr_str_t  s;

    k = mdr_json_first_name(p, n, last, &s, &lists);

    if (k <= 0 || s.len == 0) {
        return k;
    }

    return (mdr_json_knows(r, s) ? MDR_DATA_KNOWN : 0)
           | (k & MDR_DATA_QUOTED);
}


/* a name that a path has, before the ":" at p + i */

static int
known_before(const mdr_json_rules_t *r, const uint8_t *p, size_t i)
{
    size_t     end;
    uint8_t    quote;
    mdr_str_t  s;

    while (i > 0 && MDR_JSON_IS_SPACE(p[i - 1])) {
        i--;
    }

    quote = i > 0 && (p[i - 1] == '"' || p[i - 1] == '\'') ? p[i - 1] : 0;
    end = i - (quote != 0);

    for (i = end; i > 0 && end - i < NAME_MAX; i--) {
        if (quote ? p[i - 1] == quote : !mdr_js_ident(p[i - 1])) {
            break;
        }
    }

    s.data = (const char *) p + i;
    s.len = (uint32_t) (end - i);

    return s.len != 0 && mdr_json_knows(r, s);
}


int
mdr_json_is_ours(const mdr_json_rules_t *r, const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (p[i] == ':' && known_before(r, p, i)) {
            return 1;
        }
    }

    return 0;
}


size_t
mdr_json_find(const mdr_json_rules_t *r, const uint8_t *p, size_t n, int last,
    int *kind)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (p[i] != '{' && p[i] != '[') {
            continue;
        }

        *kind = mdr_json_data(r, p + i, n - i, last);

        if (*kind != 0) {
            return i;
        }
    }

    *kind = 0;

    return n;
}


/* in code: where is p + i? CODE; STRING, where a string that is read as a
 * document begins there; HIDDEN, in one that is not; COMMENT */

static int
stands(mdr_json_t *j, const uint8_t *p, size_t *seen, size_t i)
{
    int      where;
    uint8_t  quote;

    (void) mdr_js_pass(&j->stray_js, p + *seen, i - *seen, 0);

    if (i != *seen) {
        j->stray_last = p[i - 1];
    }

    *seen = i;
    where = mdr_js_where(&j->stray_js);

    if (where != MDR_JS_STRING && where != MDR_JS_TEMPLATE) {
        return where;
    }

    quote = where == MDR_JS_STRING ? j->stray_js.quote : '`';

    return j->stray_last == quote && j->documents != NULL ? MDR_JS_STRING
                                                          : MDR_JS_HIDDEN;
}


/* `{\"`, in a string */

static int
is_escaped(const uint8_t *p, size_t n, int last)
{
    size_t  i;

    for (i = 0; i < n && (p[i] == '{' || p[i] == '['); i++) { /* void */ }

    if (n - i < 2) {
        return last || i >= LISTS_MAX + 2 ? 0 : -1;
    }

    return p[i] == '\\' && p[i + 1] == '"';
}


size_t
mdr_json_stray(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    int     kind, esc, where;
    size_t  i, seen;

    for (i = 0, seen = 0; i < n; i++) {

        if (p[i] == '<' && j->stray == MDR_STRAY_CODE && j->html
            && stands(j, p, &seen, i) == MDR_JS_STRING)
        {
            mdr_js_after_value(&j->stray_js);

            if (mdr_json_call_text(j, j->stray_last, 0, at + i) != MDR_OK) {
                return MDR_JSON_FAILED;
            }

            j->literal.piece = 1;
            return i;
        }

        if (p[i] != '{' && p[i] != '[') {
            continue;
        }

        kind = mdr_json_data(j->rules, p + i, n - i, last);
        esc = 0;

        if (kind == 0 && j->stray == MDR_STRAY_CODE) {
            esc = is_escaped(p + i, n - i, last);
        }

        if (kind == 0 && esc == 0) {
            continue;
        }

        where = j->stray == MDR_STRAY_CODE ? stands(j, p, &seen, i)
                                           : MDR_JS_CODE;

        if (kind < 0 || esc < 0) {
            return i;
        }

        if (where == MDR_JS_STRING) {
            mdr_js_after_value(&j->stray_js);
            return mdr_json_call_text(j, j->stray_last, 0, at + i) == MDR_OK
                   ? i : MDR_JSON_FAILED;
        }

        if (where == MDR_JS_HIDDEN && (kind & MDR_DATA_KNOWN)) {
            j->again = 1;               /* it is said                        */

            if (mdr_sink_stop(j->sink, MDR_ERR_UNREADABLE, at + i,
                              "data in a string of a script"))
            {
                return n;
            }
        }

        if (where == MDR_JS_CODE && kind != 0) {
            j->prefix = 0;
            j->again = 1;
            j->relaxed = (uint8_t) (!(kind & MDR_DATA_QUOTED)
                                    || j->stray == MDR_STRAY_CODE);
            mdr_js_after_value(&j->stray_js);
            return i;
        }
    }

    if (j->stray == MDR_STRAY_CODE) {
        (void) stands(j, p, &seen, n);
    }

    return n;
}


void
mdr_json_call_on(mdr_json_t *j)
{
    j->prefix = 1;

    if (j->again && !j->inner && j->stray == 0) {
        j->stray = MDR_STRAY_CODE;
        mdr_js_init(&j->stray_js, 0);
        mdr_js_after_value(&j->stray_js);
    }
}


void
mdr_json_is_stray(mdr_json_t *j, int where)
{
    if (j != NULL) {
        j->stray = (uint8_t) where;
        j->type = MDR_TYPE_JSONP;
        j->prefix = 1;
        j->guard = 0;
        mdr_js_init(&j->stray_js, 0);
    }
}


void
mdr_json_is_messages(mdr_json_t *j)
{
    if (j != NULL) {
        j->messages = 1;
    }
}
