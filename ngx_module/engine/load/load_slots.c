/*
 * load_slots.c - slots: what of a body is an item, and what of it is read.
 */

#include "node.h"
#include "sink.h"

#include <string.h>


#define NAME_MAX_BYTES  64
#define FIELDS_MAX      64


static const char *const  types[] = {
    "html", "json", "ndjson", "jsonp", "script", "xml"
};

static const uint8_t  type_of[] = {
    MDR_TYPE_HTML, MDR_TYPE_JSON, MDR_TYPE_NDJSON, MDR_TYPE_JSONP,
    MDR_TYPE_SCRIPT, MDR_TYPE_HTML
};

#define XML  5                          /* read as HTML is, by rules of XML  */

static const char *const  templates[] = { "shown", "all", "none" };

static int
name_ok(mdr_str_t s)
{
    uint32_t  i;

    if (s.len == 0 || s.len > NAME_MAX_BYTES) {
        return 0;
    }

    for (i = 0; i < s.len; i++) {
        if (!((s.data[i] >= 'a' && s.data[i] <= 'z')
              || (s.data[i] >= 'A' && s.data[i] <= 'Z')
              || (s.data[i] >= '0' && s.data[i] <= '9')
              || strchr("._-", s.data[i]) != NULL))
        {
            return 0;
        }
    }

    return 1;
}


/* the field that a key names, or the default one where it is there */

static int
id_field(mdr_load_t *ld, mdr_node_t *slot, const char *key, const char *dflt,
    const mdr_slot_t *s, int32_t *field)
{
    size_t       n;
    uint32_t     i;
    const char  *want;
    mdr_node_t  *e;

    e = mdr_node_get(slot, key);
    want = dflt;
    n = strlen(dflt);
    *field = -1;

    if (e != NULL) {
        if (e->kind != MDR_NODE_SCALAR) {
            mdr_load_error(ld, e, "type", "%s: a field expected", key);
            return MDR_ERROR;
        }
        want = e->text.data;
        n = e->text.len;
    }

    for (i = 0; i < s->nfields; i++) {
        if (s->fields[i].name.len == n
            && memcmp(s->fields[i].name.data, want, n) == 0)
        {
            *field = (int32_t) i;
            return MDR_OK;
        }
    }

    if (e != NULL) {
        mdr_load_error(ld, e, "unknown-field", "%s: the slot has no field "
                       "\"%s\"", key, want);
        return MDR_ERROR;
    }

    return MDR_OK;
}


static int
load_match(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    int          rc;
    mdr_node_t  *match, *script, *count;

    match = mdr_node_get(n, "match");
    script = mdr_node_get(n, "script");
    count = mdr_node_get(n, "count");
    rc = MDR_OK;

    if (match == NULL) {
        mdr_load_error(ld, n, "missing-key", "slot: \"match\" is missing");
        rc = MDR_ERROR;

    } else if (mdr_load_string(ld, match, "match", &s->match) != MDR_OK) {
        rc = MDR_ERROR;

    } else if (s->type == MDR_TYPE_HTML) {
        if (s->match.len != 0 && s->match.data[0] == '$') {
            mdr_load_error(ld, match, "bad-selector", "a JSON path in a "
                           "slot of type html (did you mean \"type: "
                           "json\"?)");
            rc = MDR_ERROR;
        } else {
            rc = mdr_load_check_selector(ld, match, "match", s->match);
        }

    } else if (s->match.len == 0 || s->match.data[0] != '$') {
        mdr_load_error(ld, match, "bad-path", "match: a JSON path that "
                       "begins with \"$\" expected");
        rc = MDR_ERROR;

    } else {
        rc = mdr_load_check_path(ld, match, "match", s->match);
    }

    if ((script != NULL) != (s->type == MDR_TYPE_SCRIPT)) {
        mdr_load_error(ld, script != NULL ? script : n,
                       script != NULL ? "bad-key" : "missing-key",
                       script != NULL
                       ? "slot: \"script\" is for slots of type script"
                       : "slot: \"script\" is missing: the variable or the "
                         "selector of the script element");
        rc = MDR_ERROR;

    } else if (script != NULL) {
        if (mdr_load_string(ld, script, "script", &s->script) != MDR_OK) {
            rc = MDR_ERROR;

        } else if (!mdr_script_is_name(s->script)
                   && mdr_load_check_selector(ld, script, "script", s->script)
                      != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    if (count != NULL) {
        if (s->type == MDR_TYPE_HTML) {
            mdr_load_error(ld, count, "bad-key", "count: not in a slot of "
                           "type html");
            rc = MDR_ERROR;

        } else if (mdr_load_string(ld, count, "count", &s->count) != MDR_OK
                   || mdr_load_check_path(ld, count, "count", s->count)
                      != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


/* within: {json: PATH}, {html: "SELECTOR@attr"}, {script: NAME} */

static int
load_within(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    int          rc;
    mdr_node_t  *w, *e;

    static const char *const  keys[] = { "json", "html", "script" };

    w = mdr_node_get(n, "within");

    if (w == NULL) {
        return MDR_OK;
    }

    if (w->kind != MDR_NODE_MAP || w->n != 1) {
        mdr_load_error(ld, w, "type", "within: one of {json: PATH}, {html: "
                       "\"SELECTOR@attribute\"}, {script: NAME} expected");
        return MDR_ERROR;
    }

    if (mdr_load_keys(ld, w, "within", keys, 3) != MDR_OK) {
        return MDR_ERROR;
    }

    if (s->type == MDR_TYPE_SCRIPT) {
        mdr_load_error(ld, w, "bad-key", "within: not in a slot of type "
                       "script");
        return MDR_ERROR;
    }

    e = w->first;

    if (mdr_load_string(ld, e, "within", &s->outer) != MDR_OK) {
        return MDR_ERROR;
    }

    if (mdr_node_is(e->key, "json")) {
        s->within = MDR_WITHIN_JSON;

        if (s->outer.len == 0 || s->outer.data[0] != '$') {
            mdr_load_error(ld, e, "bad-path", "within: a JSON path that "
                           "begins with \"$\" expected");
            return MDR_ERROR;
        }

        return mdr_load_check_path(ld, e, "within", s->outer);
    }

    if (mdr_node_is(e->key, "html")) {
        s->within = MDR_WITHIN_HTML;
        rc = mdr_load_html_place(ld, e, &s->outer, &s->outer_attr);

        if (rc == MDR_OK && s->outer.len == 0) {
            mdr_load_error(ld, e, "bad-selector", "within: a selector "
                           "expected");
            return MDR_ERROR;
        }

        return rc;
    }

    s->within = MDR_WITHIN_SCRIPT;

    if (!mdr_script_is_name(s->outer)) {
        mdr_load_error(ld, e, "bad-name", "within: the name of a variable "
                       "or function expected");
        return MDR_ERROR;
    }

    return MDR_OK;
}


static int
same(mdr_str_t a, mdr_str_t b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}


/* slots whose documents stand in the same values are a group */

static void
number_groups(mdr_model_t *m)
{
    uint32_t     i, j;
    mdr_slot_t  *s;

    m->ngroups = 0;

    for (i = 0; i < m->nslots; i++) {
        s = &m->slots[i];

        if (s->within == MDR_WITHIN_NOTHING) {
            continue;
        }

        for (j = 0; j < i; j++) {
            if (m->slots[j].within == s->within
                && same(m->slots[j].outer, s->outer)
                && same(m->slots[j].outer_attr, s->outer_attr))
            {
                break;
            }
        }

        s->group = j < i ? m->slots[j].group : ++m->ngroups;
    }
}


static int
load_slot_name(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    mdr_node_t  *e;

    e = mdr_node_get(n, "name");

    if (e == NULL) {
        mdr_load_error(ld, n, "missing-key", "slot: \"name\" is missing");
        return MDR_ERROR;
    }

    if (mdr_load_string(ld, e, "name", &s->name) != MDR_OK) {
        return MDR_ERROR;
    }

    if (!name_ok(s->name)) {
        mdr_load_error(ld, e, "bad-name", "name: 1 to 64 letters, digits, "
                       "\".\", \"_\", \"-\" expected");
        return MDR_ERROR;
    }

    return MDR_OK;
}


/* MDR_ERROR: without it nothing else can be said of the slot */

static int
load_slot_type(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    uint8_t      word;
    mdr_node_t  *e;

    e = mdr_node_get(n, "type");
    word = 0;

    if (e == NULL) {
        mdr_load_error(ld, n, "missing-key", "slot: \"type\" is missing");
        return MDR_ERROR;
    }

    if (mdr_load_word(ld, e, "type", types, 6, &word) != MDR_OK) {
        return MDR_ERROR;
    }

    s->type = type_of[word];
    s->xml = word == XML;

    return MDR_OK;
}


/* templates, kind, refs, limit */

static int
load_slot_rest(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    int          rc;
    uint8_t      word;
    int64_t      limit;
    mdr_node_t  *e;

    /* what reports of a period count the items as; only read here */

    static const char *const  kinds[] = { "item", "programme", "account" };

    rc = MDR_OK;
    e = mdr_node_get(n, "templates");

    if (e != NULL && (s->type != MDR_TYPE_HTML || s->xml)) {
        mdr_load_error(ld, e, "bad-key", "templates: only in a slot of type "
                       "html");
        rc = MDR_ERROR;
    }

    word = 0;
    limit = 0;

    if (mdr_load_word(ld, e, "templates", templates, 3, &s->templates)
        != MDR_OK
        || mdr_load_word(ld, mdr_node_get(n, "kind"), "kind", kinds, 3, &word)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    e = mdr_node_get(n, "refs");

    if (e != NULL && s->type == MDR_TYPE_HTML) {
        mdr_load_error(ld, e, "bad-key", "refs: not in a slot of type html");
        rc = MDR_ERROR;

    } else if (e != NULL
               && (mdr_load_string(ld, e, "refs", &s->refs) != MDR_OK
                   || mdr_load_check_path(ld, e, "refs", s->refs) != MDR_OK))
    {
        rc = MDR_ERROR;
    }

    if (mdr_load_int(ld, mdr_node_get(n, "limit"), "limit", 1, 1000000,
                     &limit)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    s->limit = (uint32_t) limit;

    return rc;
}


/* MDR_LIMIT: there is none */

static int
load_slot_fields(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    int          rc;
    uint32_t     j;
    mdr_node_t  *e, *fields;

    fields = mdr_node_get(n, "fields");

    if (fields == NULL || fields->kind != MDR_NODE_MAP || fields->n == 0) {
        mdr_load_error(ld, fields != NULL ? fields : n, "missing-key",
                       "slot: \"fields\" with at least one field expected");
        return MDR_LIMIT;
    }

    if (fields->n > FIELDS_MAX) {
        mdr_load_error(ld, fields, "limit", "more than %d fields",
                       FIELDS_MAX);
        return MDR_LIMIT;
    }

    s->fields = mdr_load_alloc(ld, fields->n * sizeof(mdr_field_t));
    if (s->fields == NULL) {
        return MDR_LIMIT;
    }

    rc = MDR_OK;

    for (e = fields->first; e != NULL; e = e->next, s->nfields++) {

        if (!name_ok(e->key->text)) {
            mdr_load_error(ld, e->key, "bad-name", "\"%.64s\" is not the "
                           "name of a field", e->key->text.data);
            rc = MDR_ERROR;
        }

        if (mdr_load_field(ld, e, s->type, &s->fields[s->nfields]) != MDR_OK) {
            rc = MDR_ERROR;
        }

        for (j = 0; j < s->nfields; j++) {
            if (s->fields[j].name.len == e->key->text.len
                && memcmp(s->fields[j].name.data, e->key->text.data,
                          e->key->text.len)
                   == 0)
            {
                mdr_load_error(ld, e->key, "duplicate-key",
                               "field \"%s\" twice", e->key->text.data);
                rc = MDR_ERROR;
            }
        }
    }

    return rc;
}


static int
load_slot(mdr_load_t *ld, mdr_node_t *n, mdr_slot_t *s)
{
    int  rc, fields;

    static const char *const  keys[] = {
        "name", "type", "match", "script", "fields", "review", "limit",
        "count", "item_id", "account_id", "place", "templates", "within",
        "refs", "kind"
    };

    s->pos.file = n->file;
    s->pos.line = n->line;
    s->pos.column = n->column;
    s->item_id = -1;
    s->account_id = -1;
    s->place = -1;

    rc = mdr_load_keys(ld, n, "slot", keys, sizeof(keys) / sizeof(keys[0]));

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    if (load_slot_name(ld, n, s) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_slot_type(ld, n, s) != MDR_OK) {
        return MDR_ERROR;
    }

    if (load_slot_rest(ld, n, s) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_match(ld, n, s) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_within(ld, n, s) != MDR_OK) {
        rc = MDR_ERROR;
    }

    fields = load_slot_fields(ld, n, s);

    if (fields == MDR_LIMIT) {
        return MDR_ERROR;
    }

    if (fields != MDR_OK
        || id_field(ld, n, "item_id", "room", s, &s->item_id) != MDR_OK
        || id_field(ld, n, "account_id", "account", s, &s->account_id)
           != MDR_OK
        || id_field(ld, n, "place", "place", s, &s->place) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (mdr_load_review(ld, n, s) != MDR_OK) {
        rc = MDR_ERROR;
    }

    return rc;
}


int
mdr_load_slots(mdr_load_t *ld)
{
    int           rc;
    size_t        i, total;
    uint32_t      j;
    mdr_node_t   *list, *n;
    mdr_slot_t   *s;
    mdr_model_t  *m;

    m = ld->model;
    rc = MDR_OK;

    for (i = 0, total = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "slots");
        total += list != NULL ? list->n : 0;
    }

    /* a policy of pages alone */

    for (i = 0; total == 0 && i < ld->ndocs; i++) {
        if (mdr_node_get(ld->docs[i], "pages") != NULL) {
            m->slots = mdr_load_alloc(ld, sizeof(mdr_slot_t));
            return m->slots != NULL ? MDR_OK : MDR_ERROR;
        }
    }

    if (total == 0) {
        ld->bad_slots = 1;
        mdr_load_error(ld, ld->docs[0], "missing-key", "a policy needs at "
                       "least one slot");
        return MDR_ERROR;
    }

    m->slots = mdr_load_alloc(ld, total * sizeof(mdr_slot_t));
    if (m->slots == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "slots");

        if (list == NULL) {
            continue;
        }

        if (list->kind != MDR_NODE_LIST) {
            mdr_load_error(ld, list, "type", "slots: a list expected");
            ld->bad_slots = 1;
            rc = MDR_ERROR;
            continue;
        }

        for (n = list->first; n != NULL; n = n->next) {
            s = &m->slots[m->nslots];

            if (load_slot(ld, n, s) != MDR_OK) {
                ld->bad_slots = 1;
                rc = MDR_ERROR;
            }

            for (j = 0; j < m->nslots; j++) {
                if (s->name.len != 0 && m->slots[j].name.len == s->name.len
                    && memcmp(m->slots[j].name.data, s->name.data,
                              s->name.len)
                       == 0)
                {
                    mdr_load_error(ld, mdr_node_get(n, "name"),
                                   "duplicate-slot", "slot \"%s\" twice",
                                   s->name.data);
                    rc = MDR_ERROR;
                }
            }

            m->nslots++;
        }
    }

    number_groups(m);

    if (rc == MDR_OK) {
        rc = mdr_load_scopes(ld);
    }

    return rc;
}
