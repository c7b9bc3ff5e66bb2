/*
 * script.c - JSON in an inline script: assigned to a variable, inside
 * JSON.parse("..."), or the whole text of a chosen script element.
 *
 * The variable is looked for by its last name (of window.__STATE__ that is
 * __STATE__) as an identifier of its own, also as ["__STATE__"], with "="
 * behind it; what stands before does not matter.  The value is read by the
 * JSON scanner in its relaxed way.  Other JavaScript where a value should be
 * makes the open items unreadable and ends the reading of this script.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE             /* memmem                                      */
#endif

#include "json.h"

#include <string.h>


enum { S_SEARCH, S_JSON, S_LITERAL, S_DEAD };

#define LOOK_MAX     4096               /* from the name to the value        */
#define LITERAL_MAX  (2 * MDR_TOKEN_MAX)    /* of a literal, at a time       */

struct mdr_script_s {
    const mdr_json_rules_t  *rules;
    mdr_sink_t              *sink;
    const mdr_alloc_t       *alloc;
    mdr_json_t              *json;
    uint8_t                  state;
    uint8_t                  last;      /* byte before the window            */
    uint8_t                  quote;     /* of the literal of JSON.parse      */
    uint64_t                 decoded;   /* bytes of its text so far          */
    uint8_t                 *use;       /* [nslots of rules] for json        */
    uint8_t                 *named;     /* [nslots of rules] by name         */
    uint8_t                  whole;     /* some slot took the element        */
};


static int
is_ident(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c | 32) == '_' || c == '$' || c == '_'
        || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80);
}


int
mdr_script_is_name(mdr_str_t s)
{
    uint32_t  i;

    /* a selector of a script element begins with its tag, "#", "." or "[" */

    if (s.len == 0 || s.data[0] == '#' || s.data[0] == '['
        || s.data[0] == '.' || s.data[0] == '*')
    {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!is_ident((uint8_t) s.data[i]) && s.data[i] != '.') {
            return 0;
        }
    }

    return !(s.len == 6 && memcmp(s.data, "script", 6) == 0)
           && !(s.len > 7 && memcmp(s.data, "script.", 7) == 0);
}


static mdr_str_t
last_name(mdr_str_t s)
{
    uint32_t   i;
    mdr_str_t  n;

    for (i = s.len; i > 0 && s.data[i - 1] != '.'; i--) { /* void */ }

    n.data = s.data + i;
    n.len = s.len - i;

    return n;
}


mdr_script_t *
mdr_script_new(const mdr_json_rules_t *rules, mdr_sink_t *sink,
    const uint8_t *by_selector)
{
    int                 any;
    uint32_t            i;
    mdr_script_t       *s;
    const mdr_slot_t   *slot;
    const mdr_alloc_t  *a;

    a = mdr_sink_alloc(sink);
    s = mdr_calloc(a, sizeof(mdr_script_t) + 2 * (rules->nslots + 1));

    if (s == NULL) {
        return NULL;
    }

    s->rules = rules;
    s->sink = sink;
    s->alloc = a;
    s->use = (uint8_t *) (s + 1);
    s->named = s->use + rules->nslots;
    any = 0;

    for (i = 0; i < rules->nslots; i++) {
        if (rules->slots[i].type != MDR_TYPE_SCRIPT) {
            continue;
        }

        slot = &rules->model->slots[rules->slots[i].slot];

        if (by_selector[rules->slots[i].slot]) {
            s->use[i] = 1;
            s->whole = 1;
            any = 1;

        } else if (mdr_script_is_name(slot->script)) {
            s->named[i] = 1;
            any = 1;
        }
    }

    if (!any) {
        mdr_free(a, s);
        return NULL;
    }

    if (s->whole) {
        s->json = mdr_json_new_script(rules, sink, s->use);

        if (s->json == NULL) {
            mdr_free(a, s);
            return NULL;
        }

        s->state = S_JSON;
    }

    return s;
}


void
mdr_script_free(mdr_script_t *s)
{
    if (s == NULL) {
        return;
    }

    mdr_json_free(s->json);
    mdr_free(s->alloc, s);
}


/*
 * In the literal of JSON.parse: a stretch of it is decoded and given to the
 * scanner; what that does not take yet is decoded again the next time.
 * MDR_ERROR: no memory, or behind *taken an escape that is none.
 */

static int
literal(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t at, int last,
    size_t *taken)
{
    int         k, rc, ended, bad;
    size_t      i, from, len, used;
    uint8_t     out[16];
    uint64_t    a, b;
    mdr_json_t *j;
    mdr_text_t  t;

    j = s->json;
    *taken = 0;
    mdr_text_init(&t, s->alloc, 4 * LITERAL_MAX);
    rc = MDR_OK;
    bad = 0;

    for (i = 0, from = 0; i < n && i < LITERAL_MAX && p[i] != s->quote
         && rc == MDR_OK; )
    {
        if (p[i] != '\\') {
            i++;
            continue;
        }

        k = mdr_json_escape(p + i, n - i, last, 1, out, &len);

        if (k < 0) {
            bad = k == -2;
            break;
        }

        if (i != from) {
            rc = mdr_text_copy(&t, at + from, p + from, i - from);
        }

        if (k > 0 && rc == MDR_OK) {
            rc = mdr_text_unit(&t, at + i, (uint32_t) len, out, (size_t) k);
        }

        i += len;
        from = i;
    }

    if (i != from && rc == MDR_OK) {
        rc = mdr_text_copy(&t, at + from, p + from, i - from);
    }

    if (rc != MDR_OK || t.cut) {
        mdr_text_done(&t);
        return MDR_ERROR;
    }

    ended = i < n && p[i] == s->quote;
    used = 0;

    if (j != NULL) {
        j->map = &t;
        j->map_base = s->decoded;
        j->map_end = at + i;
        rc = mdr_json_scan(j, t.data, t.len, s->decoded, ended, &used);
        j->map = NULL;

        if (rc != MDR_OK || ended) {
            a = at + i;

            if (rc != MDR_OK) {
                if (used < t.len) {
                    mdr_text_span(&t, (uint32_t) used, (uint32_t) used + 1,
                                  &a, &b);
                }
                mdr_sink_error(s->sink, MDR_ERR_UNREADABLE, a,
                               "JSON.parse of a text that is not JSON");
            }

            mdr_json_abandon(j, a);
            mdr_json_free(j);
            s->json = NULL;
        }
    }

    if (s->json == NULL || used == t.len || bad) {
        *taken = i;

    } else if (used != 0) {
        mdr_text_span(&t, (uint32_t) used, (uint32_t) used + 1, &a, &b);
        *taken = (size_t) (a - at);

    } else {
        *taken = 0;
        bad |= i >= LITERAL_MAX;
    }

    s->decoded += used;
    mdr_text_done(&t);

    if (ended) {
        *taken = i + 1;
        s->state = S_SEARCH;
        s->last = ' ';
    }

    return bad ? MDR_ERROR : MDR_OK;
}


/*
 * Behind the name at p + i: "=" and the beginning of a value?  1 with *value,
 * 0 no, -1 more bytes are needed.
 */

static size_t
blank(const uint8_t *p, size_t n, size_t i)
{
    const uint8_t  *q;

    while (i < n) {

        if (p[i] == ' ' || p[i] == '\t' || p[i] == '\n' || p[i] == '\r') {
            i++;
            continue;
        }

        if (p[i] != '/') {
            break;
        }

        if (n - i < 2) {
            return n;
        }

        if (p[i + 1] == '/') {
            q = memchr(p + i, '\n', n - i);
            i = q != NULL ? (size_t) (q - p) + 1 : n;

        } else if (p[i + 1] == '*') {
            q = memmem(p + i + 2, n - i - 2, "*/", 2);
            i = q != NULL ? (size_t) (q - p) + 2 : n;

        } else {
            break;
        }
    }

    return i;
}


static int
assignment(const uint8_t *p, size_t n, size_t i, size_t *value, int *parse)
{
    size_t  k;

    static const char  call[] = "JSON.parse(";

    *parse = 0;

    if (i < n && (p[i] == '"' || p[i] == '\'')) {
        i = blank(p, n, i + 1);

        if (i < n && p[i] != ']') {
            return 0;
        }

        i++;
    }

    i = blank(p, n, i);

    if (i >= n) {
        return -1;
    }

    if (p[i] != '=') {
        return 0;
    }

    for (i = blank(p, n, i + 1); ; i = blank(p, n, i + 2)) {

        if (i >= n) {
            return -1;
        }

        if (p[i] == '{' || p[i] == '[') {
            *value = i;
            return 1;
        }

        for (k = 0; i + k < n && call[k] != '\0'
             && call[k] == (char) p[i + k]; k++)
        {
            /* void */
        }

        if (call[k] == '\0') {
            i = blank(p, n, i + k);
            break;
        }

        /* "window.S || {": the value behind it may be the one */

        while (i < n && (is_ident(p[i]) || p[i] == '.')) {
            i++;
        }

        i = blank(p, n, i);

        if (n - i < 2) {
            return -1;
        }

        if (!(p[i] == '|' && p[i + 1] == '|')
            && !(p[i] == '?' && p[i + 1] == '?'))
        {
            return 0;
        }
    }

    if (i >= n) {
        return -1;
    }

    if (p[i] != '"' && p[i] != '\'') {
        return 0;
    }

    *value = i;
    *parse = 1;

    return 1;
}


/* the first variable of a slot at or behind p; bytes to pass, *found */

static size_t
search(mdr_script_t *s, const uint8_t *p, size_t n, int last, size_t *value,
    int *parse, int *found)
{
    int             k, more;
    size_t          i, best, v;
    uint32_t        x;
    mdr_str_t       name;
    const uint8_t  *q;

    *found = 0;
    *value = 0;
    *parse = 0;
    best = n;

    for (x = 0; x < s->rules->nslots; x++) {

        if (!s->named[x]) {
            continue;
        }

        name = last_name(s->rules->model->slots[
                                            s->rules->slots[x].slot].script);
        if (name.len == 0) {
            continue;
        }

        for (i = 0; i < best; i++) {
            q = memchr(p + i, name.data[0], best - i);

            if (q == NULL) {
                break;
            }

            i = (size_t) (q - p);

            if (n - i < name.len) {
                if (!last && memcmp(q, name.data, n - i) == 0) {
                    best = i;           /* perhaps its beginning             */
                    *found = 0;
                    break;
                }
                continue;
            }

            if (memcmp(q, name.data, name.len) != 0
                || is_ident(i != 0 ? p[i - 1] : s->last))
            {
                continue;
            }

            if (i + name.len == n) {
                if (!last) {
                    best = i;
                    *found = 0;
                }
                continue;
            }

            if (is_ident(p[i + name.len])) {
                continue;
            }

            k = assignment(p, n, i + name.len, &v, &more);

            if (k == -1 && !last && n - i < LOOK_MAX) {
                best = i;
                *found = 0;
                break;
            }

            if (k == 1) {
                best = i;
                *found = 1;
                *value = v;
                *parse = more;
                memset(s->use, 0, s->rules->nslots);
                s->use[x] = 1;
                break;
            }
        }
    }

    /* other slots of the same variable */

    if (*found) {
        uint32_t  y;

        for (x = 0; x < s->rules->nslots && !s->use[x]; x++) { /* void */ }

        name = last_name(s->rules->model->slots[
                                            s->rules->slots[x].slot].script);

        for (y = 0; y < s->rules->nslots; y++) {
            mdr_str_t  other;

            if (!s->named[y]) {
                continue;
            }

            other = last_name(s->rules->model->slots[
                                            s->rules->slots[y].slot].script);
            if (other.len == name.len
                && memcmp(other.data, name.data, name.len) == 0)
            {
                s->use[y] = 1;
            }
        }
    }

    return best;
}


static void
give_up(mdr_script_t *s, uint64_t at, const char *why)
{
    mdr_sink_error(s->sink, MDR_ERR_UNREADABLE, at, why);

    if (s->json != NULL) {
        mdr_json_abandon(s->json, at);
        mdr_json_free(s->json);
        s->json = NULL;
    }

    s->state = S_DEAD;
}


int
mdr_script_scan(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    int     rc, found, parse;
    size_t  i, k, value;

    for (i = 0; i < n; i += k) {

        if (s->state == S_DEAD) {
            i = n;
            break;
        }

        if (s->state == S_JSON) {
            rc = mdr_json_scan(s->json, p + i, n - i, base + i, last, &k);

            if (rc != MDR_OK) {
                give_up(s, base + i + k, s->json->broken != NULL
                        ? s->json->broken : "not JSON");
                i = n;
                break;
            }

            if (s->json->done) {
                mdr_json_free(s->json);
                s->json = NULL;
                s->state = s->whole ? S_DEAD : S_SEARCH;
                s->last = ' ';
                continue;
            }

            if (k == 0) {
                break;
            }
            continue;
        }

        if (s->state == S_LITERAL) {

            if (literal(s, p + i, n - i, base + i, last, &k) != MDR_OK) {
                give_up(s, base + i + k, "JSON.parse of a text that cannot "
                        "be read");
                i = n;
                break;
            }

            if (k == 0) {
                break;
            }
            continue;
        }

        k = search(s, p + i, n - i, last, &value, &parse, &found);

        if (!found) {
            if (k != 0) {
                s->last = p[i + k - 1];
            }
            if (k == 0) {
                break;
            }
            continue;
        }

        s->json = mdr_json_new_script(s->rules, s->sink, s->use);

        if (s->json == NULL) {
            return MDR_ERROR;
        }

        s->state = S_JSON;
        k = value;

        if (parse) {
            s->json->relaxed = 0;
            s->state = S_LITERAL;
            s->quote = p[i + value];
            s->decoded = 0;
            k++;
        }
    }

    if (last) {
        if (s->state == S_JSON && s->json != NULL && !s->json->done
            && (s->json->n != 0 || s->json->skip.depth || s->json->nlive != 0))
        {
            give_up(s, base + n, "the script ends inside a value");

        } else if (s->state == S_LITERAL) {
            give_up(s, base + n, "the script ends inside a literal");
        }
        i = n;
    }

    *consumed = i;

    return MDR_OK;
}
