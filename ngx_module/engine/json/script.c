/*
 * script.c - JSON in an inline script: assigned to a variable, inside
 * JSON.parse("..."), or the whole text of a chosen script element.
 *
 * The variable is looked for by its last name (of window.__STATE__ that is
 * __STATE__) as an identifier of its own in code, also as ["__STATE__"]; what
 * stands before does not matter, what follows tells script_name.c.  The value
 * is read by the JSON scanner in its relaxed way.  Other JavaScript where the
 * value should be is an item that cannot be read: where on_error blocks, null
 * takes its place.
 */

#include "script.h"

#include <string.h>


enum { S_SEARCH, S_JSON, S_LITERAL, S_OTHER, S_DEAD };

#define LOOK_MAX     4096               /* from the name to the value        */

struct mdr_script_s {
    const mdr_json_rules_t  *rules;
    mdr_sink_t              *sink;
    const mdr_alloc_t       *alloc;
    mdr_json_t              *json;
    uint8_t                  state;
    uint8_t                  last;      /* byte before the window            */
    mdr_literal_t            literal;   /* of JSON.parse                     */
    uint8_t                  hidden;    /* a name that stood in no code      */
    uint8_t                  found;     /* some value was read               */
    mdr_js_t                 js;        /* while searching, and in S_OTHER   */
    uint8_t                 *use;       /* [nslots of rules] for json        */
    uint8_t                 *named;     /* [nslots of rules] by name         */
    uint32_t                *items;     /* [nslots of rules] of S_OTHER      */
    uint8_t                  whole;     /* some slot took the element        */
};


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
        if (!mdr_js_ident((uint8_t) s.data[i]) && s.data[i] != '.') {
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
    s = mdr_calloc(a, sizeof(mdr_script_t)
                      + (2 + sizeof(uint32_t)) * (rules->nslots + 1));

    if (s == NULL) {
        mdr_sink_error(sink, MDR_ERR_MEMORY, 0, "out of memory");
        return NULL;
    }

    s->rules = rules;
    s->sink = sink;
    s->alloc = a;
    s->items = (uint32_t *) (s + 1);
    s->use = (uint8_t *) (s->items + rules->nslots);
    s->named = s->use + rules->nslots;
    mdr_js_init(&s->js, 0);
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
            mdr_sink_error(sink, MDR_ERR_MEMORY, 0, "out of memory");
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


/* the first name of a slot at or behind p, as an identifier of its own: its
 * place and length; n where there is none.  *cut: it may be one that has not
 * come as a whole */

static size_t
next_name(mdr_script_t *s, const uint8_t *p, size_t n, int last,
    size_t from, size_t *len, int *cut)
{
    size_t          i, best;
    uint32_t        x;
    mdr_str_t       name;
    const uint8_t  *q;

    best = n;
    *cut = 0;

    for (x = 0; x < s->rules->nslots; x++) {

        if (!s->named[x]) {
            continue;
        }

        name = last_name(s->rules->model->slots[
                                            s->rules->slots[x].slot].script);
        if (name.len == 0) {
            continue;
        }

        for (i = from; i < best; i++) {
            q = memchr(p + i, name.data[0], best - i);

            if (q == NULL) {
                break;
            }

            i = (size_t) (q - p);

            if (mdr_js_ident(i != 0 ? p[i - 1] : s->last)) {
                continue;
            }

            if (n - i <= name.len) {
                if (memcmp(q, name.data, n - i < name.len ? n - i : name.len)
                    == 0 && (n - i == name.len || !last))
                {
                    best = i;
                    *len = name.len;
                    *cut = !last;
                }
                continue;
            }

            if (memcmp(q, name.data, name.len) == 0
                && !mdr_js_ident(p[i + name.len]))
            {
                best = i;
                *len = name.len;
                *cut = 0;
            }
        }
    }

    return best;
}


/* the slots of the variable at p */

static void
choose(mdr_script_t *s, const uint8_t *p, size_t len)
{
    uint32_t   x;
    mdr_str_t  name;

    for (x = 0; x < s->rules->nslots; x++) {
        s->use[x] = 0;

        if (s->named[x]) {
            name = last_name(s->rules->model->slots[
                                            s->rules->slots[x].slot].script);
            s->use[x] = name.len == len && memcmp(name.data, p, len) == 0;
        }
    }
}


/* the first value of a variable of a slot; bytes to pass, *v: what was found */

static size_t
search(mdr_script_t *s, const uint8_t *p, size_t n, int last, mdr_value_t *v)
{
    int     where, quoted, cut;
    size_t  i, seen, from, len, upto;

    len = 0;

    for (seen = 0, from = 0; ; from = i + 1) {
        i = next_name(s, p, n, last, from, &len, &cut);
        v->kind = MDR_VALUE_NONE;

        mdr_js_pass(&s->js, p + seen, i - seen);
        seen = i;

        if (i == n || cut) {
            return i;
        }

        where = mdr_js_where(&s->js);
        quoted = 0;

        if (where == MDR_JS_STRING) {
            quoted = n - i > len && p[i + len] == s->js.quote
                     && (i != 0 ? p[i - 1] : s->last) == s->js.quote;
        }

        /* what follows is looked at as far as this, however it is cut */

        upto = n - i > LOOK_MAX ? i + LOOK_MAX : n;
        mdr_script_value(p, upto, i + len, last || n - i > LOOK_MAX, quoted,
                         v);

        if (v->kind == MDR_VALUE_NONE) {
            continue;
        }

        if (v->kind == MDR_VALUE_MORE) {
            return i;
        }

        if (where == MDR_JS_CODE || quoted) {
            choose(s, p + i, len);
            return i;
        }

        s->hidden |= v->kind != MDR_VALUE_OTHER;
    }
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

    mdr_js_init(&s->js, 0);

    if (s->state == S_LITERAL) {
        mdr_js_string(&s->js, s->literal.quote);
    }

    s->state = s->whole ? S_DEAD : S_SEARCH;
    s->last = ' ';
}


/* a value that is other JavaScript: an item of each slot, to its end */

static void
begin_other(mdr_script_t *s, uint64_t at)
{
    uint32_t  x;

    for (x = 0; x < s->rules->nslots; x++) {
        s->items[x] = MDR_NO_ITEM;

        if (s->use[x]) {
            s->items[x] = mdr_sink_item_open(s->sink, s->rules->slots[x].slot,
                                             MDR_ITEM_DOCUMENT, at, at,
                                             UINT64_MAX);
            if (s->items[x] != MDR_NO_ITEM) {
                mdr_sink_item_unreadable(s->sink, s->items[x], at,
                                      "other JavaScript than JSON as a value");
            }
        }
    }

    mdr_js_init(&s->js, 0);
    s->js.lines = 1;
    s->state = S_OTHER;
}


static void
end_other(mdr_script_t *s, uint64_t at)
{
    uint32_t  x;

    for (x = s->rules->nslots; x > 0; x--) {
        if (s->items[x - 1] != MDR_NO_ITEM) {
            mdr_sink_item_close(s->sink, s->items[x - 1], at, at);
            s->items[x - 1] = MDR_NO_ITEM;
        }
    }

    s->state = s->whole ? S_DEAD : S_SEARCH;
    s->last = ' ';
    s->js.lines = 0;
    s->js.depth = 0;
    mdr_js_after_value(&s->js);
}


/* what was found in front of a value; bytes up to it, MDR_JSON_FAILED */

static size_t
begin(mdr_script_t *s, const uint8_t *p, uint64_t at, const mdr_value_t *v)
{
    int       goes_on;
    uint32_t  k;

    s->json = mdr_json_new_script(s->rules, s->sink, s->use);

    if (s->json == NULL) {
        return MDR_JSON_FAILED;
    }

    for (k = 0, goes_on = 1; k < v->nmembers && goes_on; k++) {
        if (mdr_json_enter(s->json, v->members[k], &goes_on) != MDR_OK) {
            return MDR_JSON_FAILED;
        }
    }

    s->last = p[v->at - 1];

    if (!goes_on || v->kind == MDR_VALUE_OTHER) {
        mdr_json_free(s->json);
        s->json = NULL;

        if (goes_on) {
            s->found = 1;
            begin_other(s, at + v->at);
        } else {
            mdr_js_after_value(&s->js);
        }
        return v->at;
    }

    s->found = 1;

    if (v->kind == MDR_VALUE_JSON) {
        s->state = S_JSON;
        return v->at;
    }

    s->json->relaxed = 0;
    s->state = S_LITERAL;
    memset(&s->literal, 0, sizeof(mdr_literal_t));
    s->literal.sink = s->sink;
    s->literal.alloc = s->alloc;
    s->literal.quote = p[v->at];
    s->literal.coded = (uint8_t) v->coded;

    return v->at + 1;
}


int
mdr_script_scan(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    int          rc, ended;
    size_t       i, k;
    mdr_value_t  v;

    for (i = 0; i < n; i += k) {

        if (s->state == S_DEAD) {
            i = n;
            break;
        }

        if (s->state == S_JSON) {
            rc = mdr_json_scan(s->json, p + i, n - i, base + i, last, &k);

            if (rc == MDR_ERROR) {
                *consumed = n;
                return rc;
            }

            if (rc != MDR_OK && s->json->n == 0 && s->json->nlive == 0
                && !s->json->done)
            {
                mdr_json_free(s->json);     /* not even its beginning        */
                s->json = NULL;
                begin_other(s, base + i + k);
                continue;
            }

            if (rc != MDR_OK) {
                give_up(s, base + i + k, s->json->broken != NULL
                        ? s->json->broken : "not JSON");
                continue;
            }

            if (s->json->done) {
                mdr_json_free(s->json);
                s->json = NULL;
                s->state = s->whole ? S_DEAD : S_SEARCH;
                s->last = ' ';
                mdr_js_after_value(&s->js);
                continue;
            }

            if (k == 0) {
                break;
            }
            continue;
        }

        if (s->state == S_LITERAL) {
            s->literal.json = s->json;
            rc = mdr_script_literal(&s->literal, p + i, n - i, base + i, last,
                                    &k);
            s->json = s->literal.json;

            if (rc == MDR_ERROR) {
                *consumed = n;
                return rc;
            }

            if (rc != MDR_OK) {
                give_up(s, base + i + k, "JSON.parse of a text that cannot "
                        "be read");
                continue;
            }

            if (s->literal.ended) {
                s->state = S_SEARCH;
                s->last = ' ';
                mdr_js_after_value(&s->js);
            }

            if (k == 0) {
                break;
            }
            continue;
        }

        if (s->state == S_OTHER) {
            k = mdr_js_skip(&s->js, p + i, n - i, &ended);

            if (ended && s->whole) {
                k += k == 0;            /* to the end of the script          */
                continue;
            }

            if (ended) {
                end_other(s, base + i + k - s->js.blank);
            }
            continue;
        }

        k = search(s, p + i, n - i, last, &v);

        if (v.kind == MDR_VALUE_NONE || v.kind == MDR_VALUE_MORE) {
            if (k == 0) {
                break;
            }
            s->last = p[i + k - 1];
            continue;
        }

        k = begin(s, p + i, base + i, &v);

        if (k == MDR_JSON_FAILED) {
            *consumed = n;
            return MDR_ERROR;
        }
    }

    if (last) {
        if (s->state == S_JSON && s->json != NULL && !s->json->done
            && (s->json->n != 0 || s->json->skip.depth || s->json->nlive != 0))
        {
            give_up(s, base + n, "the script ends inside a value");

        } else if (s->state == S_LITERAL) {
            give_up(s, base + n, "the script ends inside a literal");

        } else if (s->state == S_OTHER) {
            end_other(s, base + n);

        } else if (s->hidden && !s->found) {
            mdr_sink_error(s->sink, MDR_ERR_UNREADABLE, base + n,
                           "the variable stands only in strings, comments or "
                           "templates");
        }
        i = n;
    }

    *consumed = i;

    return MDR_OK;
}
