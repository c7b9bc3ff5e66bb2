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

#include "script_in.h"

#include <string.h>


static mdr_script_t *
make(const mdr_json_rules_t *rules, mdr_sink_t *sink)
{
    mdr_script_t       *s;
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
    s->nested = mdr_sink_layers(sink)->now != NULL;
    mdr_js_init(&s->js, 0);

    return s;
}


mdr_script_t *
mdr_script_new_body(const mdr_json_rules_t *rules, mdr_sink_t *sink)
{
    mdr_script_t  *s;

    s = make(rules, sink);

    if (s != NULL) {
        (void) mdr_script_add_names(s);
    }

    return s;
}


mdr_script_t *
mdr_script_new(const mdr_json_rules_t *rules, mdr_sink_t *sink,
    const uint8_t *by_selector)
{
    uint32_t       i, any;
    mdr_script_t  *s;

    s = make(rules, sink);

    if (s == NULL) {
        return NULL;
    }

    any = mdr_script_add_names(s);

    for (i = 0; i < rules->nslots; i++) {
        if (rules->slots[i].type == MDR_TYPE_SCRIPT
            && rules->slots[i].nest == 0
            && by_selector[rules->slots[i].slot])
        {
            s->use[i] = 1;
            s->whole = 1;
            any++;
        }
    }

    if (any == 0) {
        mdr_free(s->alloc, s);
        return NULL;
    }

    if (s->whole) {
        s->state = MDR_S_WHOLE;
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

    if (!s->rows) {
        mdr_layer_close(s->literal.layer);
    }

    mdr_free(s->alloc, s);
}


/* its layer has got all of its text; broken: nobody knows */

static int
end_literal(mdr_script_t *s, int broken)
{
    int  rc;

    rc = MDR_OK;

    if (!s->rows && s->literal.layer != NULL) {
        rc = broken ? mdr_layer_fail(s->literal.layer)
                    : mdr_layer_read(s->literal.layer, 1);
        mdr_layer_close(s->literal.layer);
    }

    s->literal.layer = NULL;
    s->rows = 0;

    return rc;
}


static uint8_t
style_of(uint8_t quote, uint8_t coded)
{
    return coded ? MDR_STYLE_URI : quote == '"' ? MDR_STYLE_JSON
           : quote == '\'' ? MDR_STYLE_SINGLE
           : quote == '`' ? MDR_STYLE_TEMPLATE : MDR_STYLE_RAW;
}


/* the text that is coming goes to a layer; the scanner s->json reads it, the
 * slots within it, or all rows of the page */

static int
begin_literal(mdr_script_t *s, uint8_t quote, uint8_t coded, int rows)
{
    uint8_t         style;
    mdr_layer_t    *l;

    style = style_of(quote, coded);

    if (rows) {
        l = mdr_layer_rows(s->sink, s->use, style);

    } else if (s->json != NULL) {
        s->json->relaxed = 0;
        l = mdr_layer_json(s->sink, s->json, style);
        if (l != NULL) {
            s->json = NULL;
        }

    } else {
        l = mdr_layer_open(s->sink, s->group, style);
    }

    if (l == NULL) {
        return MDR_ERROR;
    }

    memset(&s->literal, 0, sizeof(mdr_literal_t));
    s->literal.layer = l;
    s->literal.quote = quote;
    s->literal.coded = coded;
    s->rows = (uint8_t) rows;
    s->state = MDR_S_LITERAL;
    s->found = 1;

    return MDR_OK;
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

    if (s->state == MDR_S_LITERAL) {
        mdr_js_string(&s->js, s->literal.quote);
        (void) end_literal(s, 1);
    }

    s->state = s->whole ? MDR_S_DEAD : MDR_S_SEARCH;
    mdr_script_keep(s, (const uint8_t *) " ", 1);
}


/* a value that is other JavaScript, or goes on as such: an item of each slot,
 * to its end */

static void
begin_other(mdr_script_t *s, uint64_t at, int kind)
{
    uint32_t  x;

    for (x = 0; x < s->rules->nslots; x++) {
        s->items[x] = MDR_NO_ITEM;

        if (s->use[x] && !s->rules->slots[x].ref
            && s->rules->slots[x].nest == 0)
        {
            s->items[x] = mdr_sink_item_open(s->sink, s->rules->slots[x].slot,
                                             kind, at, at, UINT64_MAX);
            if (s->items[x] != MDR_NO_ITEM) {
                mdr_sink_item_unreadable(s->sink, s->items[x], at,
                                      "other JavaScript than JSON as a value");
            }
        }
    }

    mdr_js_init(&s->js, 0);

    if (kind == MDR_ITEM_ELEMENT) {
        mdr_js_after_value(&s->js);
    } else {
        memset(&s->value, 0, sizeof(mdr_value_t));
    }

    s->js.lines = s->value.inside == 0;
    s->state = MDR_S_OTHER;
}


/* a value has ended; what follows may be of it */

static void
after_value(mdr_script_t *s)
{
    s->state = s->whole ? MDR_S_DEAD : MDR_S_AFTER;
    mdr_script_keep(s, (const uint8_t *) " ", 1);
    mdr_js_after_value(&s->js);
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

    s->js.lines = 0;
    s->js.depth = 0;
    after_value(s);

    if (!s->whole && s->value.inside == 0 && !s->value.call) {
        s->state = MDR_S_SEARCH;
    }
}


/* what was found in front of a value; bytes up to it, MDR_JSON_FAILED */

static size_t
begin(mdr_script_t *s, const uint8_t *p, uint64_t at, const mdr_value_t *v)
{
    int       goes_on;
    uint32_t  k;

    mdr_script_keep(s, p, v->at);
    s->value.call = v->call;
    s->value.inside = v->inside;
    s->value.name = v->name;

    if (v->kind == MDR_VALUE_ROWS || v->kind == MDR_VALUE_TEXT
        || (s->group != 0 && v->kind == MDR_VALUE_LITERAL))
    {
        return begin_literal(s, p[v->at], (uint8_t) v->coded,
                             v->kind == MDR_VALUE_ROWS)
               == MDR_OK ? v->at + 1 : MDR_JSON_FAILED;
    }

    if (s->group != 0 && v->kind == MDR_VALUE_JSON) {

        for (k = 0, goes_on = 0; k < s->rules->nslots; k++) {
            s->use[k] = s->rules->slots[k].nest == s->group
                        && s->rules->slots[k].type == MDR_TYPE_SCRIPT;
            goes_on |= s->use[k];
        }

        if (goes_on) {
            s->group = 0;               /* its strings are the texts         */
        }
    }

    if (s->group != 0) {                /* a value that is no text           */
        s->state = MDR_S_SEARCH;
        mdr_js_after_value(&s->js);
        return v->at;
    }

    s->json = mdr_json_new_script(s->rules, s->sink, s->use);

    if (s->json == NULL) {
        return MDR_JSON_FAILED;
    }

    for (k = 0, goes_on = 1; k < v->nmembers && goes_on; k++) {
        if (mdr_json_enter(s->json, v->members[k], &goes_on) != MDR_OK) {
            return MDR_JSON_FAILED;
        }
    }

    if (!goes_on || v->kind == MDR_VALUE_OTHER) {
        mdr_json_free(s->json);
        s->json = NULL;

        if (goes_on) {
            s->found = 1;
            begin_other(s, at + v->at, MDR_ITEM_DOCUMENT);
        } else {
            mdr_js_after_value(&s->js);
        }
        return v->at;
    }

    s->found = 1;
    s->json->beside = v->beside;
    s->beside = v->beside ? 2 : s->beside;

    if (v->kind == MDR_VALUE_JSON) {
        s->state = MDR_S_JSON;
        return v->at;
    }

    return begin_literal(s, p[v->at], (uint8_t) v->coded, 0) == MDR_OK
           ? v->at + 1 : MDR_JSON_FAILED;
}


/* behind a value: bytes taken, MDR_JSON_FAILED; *more: more are needed */

static size_t
after(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t base, int last,
    int *more)
{
    int          rc;
    size_t       upto;
    mdr_value_t  v;

    v = s->value;
    upto = n > MDR_LOOK_MAX ? MDR_LOOK_MAX : n;
    rc = mdr_script_after(p, upto, 0, last || n > MDR_LOOK_MAX, &v);

    *more = rc == MDR_AFTER_MORE;

    switch (rc) {

    case MDR_AFTER_MORE:
        return 0;

    case MDR_AFTER_VALUE:
        return begin(s, p, base, &v);

    case MDR_AFTER_OTHER:
        s->value = v;
        begin_other(s, base + v.at, MDR_ITEM_ELEMENT);
        return v.at;

    default:
        s->state = MDR_S_SEARCH;
        return 0;
    }
}


/*
 * The text of a chosen element, at its beginning: JSON, JSON in percents, JSON
 * in a comment.  Bytes of what stands before it; MDR_JSON_FAILED.
 */

static size_t
begin_whole(mdr_script_t *s, const uint8_t *p, size_t n, int last, int *more)
{
    size_t  i;

    *more = 0;
    i = mdr_js_spaces(p, n, 0);

    if (i != 0) {
        return i;
    }

    if (p[0] == '<' && !s->begun) {
        if (n < 4 && !last) {
            *more = 1;
            return 0;
        }
        if (n >= 4 && memcmp(p, "<!--", 4) == 0) {
            s->begun = 1;
            return 4;
        }
    }

    s->json = mdr_json_new_script(s->rules, s->sink, s->use);

    if (s->json == NULL) {
        return MDR_JSON_FAILED;
    }

    if (p[0] == '%') {
        return begin_literal(s, 0, MDR_CODED_URI, 0) == MDR_OK
               ? 0 : MDR_JSON_FAILED;
    }

    if (p[0] == '"') {
        return begin_literal(s, p[0], 0, 0) == MDR_OK ? 1 : MDR_JSON_FAILED;
    }

    s->state = MDR_S_JSON;

    return 0;
}


/* what a step came to: *k bytes are done */

enum { GO, WAIT, FAILED };


/* the value, as JSON */

static int
read_json(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t at, int last,
    size_t *k)
{
    int  rc;

    rc = mdr_json_scan(s->json, p, n, at, last, k);

    if (rc == MDR_ERROR) {
        return FAILED;
    }

    if (rc != MDR_OK && s->json->n == 0 && s->json->nlive == 0
        && !s->json->done)
    {
        mdr_json_free(s->json);         /* not even its beginning            */
        s->json = NULL;
        begin_other(s, at + *k, MDR_ITEM_DOCUMENT);
        return GO;
    }

    if (rc != MDR_OK) {
        give_up(s, at + *k, s->json->broken != NULL ? s->json->broken
                                                    : "not JSON");
        return GO;
    }

    if (s->json->done) {
        mdr_json_free(s->json);
        s->json = NULL;
        after_value(s);
        return GO;
    }

    return *k == 0 ? WAIT : GO;
}


/* the value, as a string */

static int
read_literal(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t at,
    int last, size_t *k)
{
    int  rc, text;

    rc = mdr_script_literal(&s->literal, p, n, at, last, k);

    if (rc == MDR_OK && s->literal.ended) {
        text = s->rows || s->group != 0;
        rc = end_literal(s, 0);
        after_value(s);
        s->state = text && !s->whole ? MDR_S_SEARCH : s->state;
    }

    if (rc == MDR_ERROR) {
        return FAILED;
    }

    if (rc != MDR_OK) {
        give_up(s, at + *k, "JSON.parse of a text that cannot be read");
        return GO;
    }

    return *k == 0 ? WAIT : GO;
}


/* other JavaScript, to its end */

static int
pass_other(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t at, size_t *k)
{
    int  ended;

    *k = mdr_js_skip(&s->js, p, n, &ended);

    if (ended && s->whole) {
        *k += *k == 0;                  /* to the end of the script          */

    } else if (ended) {
        end_other(s, at + *k - s->js.blank);
    }

    return GO;
}


/* up to the value of a variable, and its beginning */

static int
find_value(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t at, int last,
    size_t *k)
{
    mdr_value_t  v;

    *k = mdr_script_search(s, p, n, last, &v);

    if (v.kind == MDR_VALUE_NONE || v.kind == MDR_VALUE_MORE) {
        if (*k == 0) {
            return WAIT;
        }
        mdr_script_keep(s, p, *k);
        return GO;
    }

    *k = begin(s, p, at, &v);

    return GO;
}


static int
step(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t at, int last,
    size_t *k)
{
    int  more;

    switch (s->state) {

    case MDR_S_DEAD:
        *k = n;
        return GO;

    case MDR_S_WHOLE:
        *k = begin_whole(s, p, n, last, &more);
        return *k != MDR_JSON_FAILED && more ? WAIT : GO;

    case MDR_S_JSON:
        return read_json(s, p, n, at, last, k);

    case MDR_S_LITERAL:
        return read_literal(s, p, n, at, last, k);

    case MDR_S_AFTER:
        *k = after(s, p, n, at, last, &more);
        return *k != MDR_JSON_FAILED && more ? WAIT : GO;

    case MDR_S_OTHER:
        return pass_other(s, p, n, at, k);

    default:
        return find_value(s, p, n, at, last, k);
    }
}


/* the script is over */

static int
at_end(mdr_script_t *s, uint64_t end)
{
    if (s->state == MDR_S_JSON && s->json != NULL && !s->json->done
        && (s->json->n != 0 || s->json->skip.depth || s->json->nlive != 0))
    {
        give_up(s, end, "the script ends inside a value");

    } else if (s->state == MDR_S_LITERAL && s->literal.quote == 0) {
        return end_literal(s, 0) == MDR_OK ? MDR_OK : MDR_ERROR;

    } else if (s->state == MDR_S_LITERAL) {
        give_up(s, end, "the script ends inside a literal");

    } else if (s->state == MDR_S_OTHER) {
        end_other(s, end);

    } else if (s->hidden && !s->found) {
        mdr_sink_error(s->sink, MDR_ERR_UNREADABLE, end,
                       "the variable stands only in strings, comments or "
                       "templates");
    }

    return MDR_OK;
}


int
mdr_script_scan(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    int     st;
    size_t  i, k;

    k = 0;

    for (i = 0; i < n; i += k) {
        st = step(s, p + i, n - i, base + i, last, &k);

        if (st == FAILED || k == MDR_JSON_FAILED) {
            *consumed = n;
            return MDR_ERROR;
        }

        if (st == WAIT) {
            break;
        }
    }

    *consumed = last ? n : i;

    return last ? at_end(s, base + n) : MDR_OK;
}
