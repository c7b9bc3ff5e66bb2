/*
 * load_rules.c - rules: all but what they match (load_match.c).
 */

#include "node.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>


#define RULES_MAX   60000


static const char *const  modes[] = { "off", "shadow", "enforce" };

static const char *const  statuses[] = {
    "draft", "test", "stable", "deprecated"
};

static const char *const  risks[] = { "low", "medium", "high" };

static const char *const  suggestions[] = { "pass", "review", "block" };

static const char *const  actions[] = {
    "none", "tag", "mask", "hold", "block"
};


static int
load_texts(mdr_load_t *ld, mdr_node_t *n, const char *what, mdr_str_t *zh,
    mdr_str_t *en)
{
    int  rc;

    static const char *const  keys[] = { "zh", "en" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind == MDR_NODE_SCALAR) {
        return mdr_load_string(ld, n, what, en);
    }

    rc = mdr_load_keys(ld, n, what, keys, 2);

    if (mdr_load_string(ld, mdr_node_get(n, "zh"), what, zh) != MDR_OK
        || mdr_load_string(ld, mdr_node_get(n, "en"), what, en) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_slot_names(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int           rc;
    uint32_t      i, k, s, nnames;
    mdr_str_t    *names;
    mdr_node_t   *e;
    const char   *near, **known;
    mdr_model_t  *m;

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_strings(ld, n, "slots", &names, &nnames) != MDR_OK) {
        return MDR_ERROR;
    }

    m = ld->model;
    r->slots = mdr_load_alloc(ld, nnames * sizeof(uint32_t));
    known = mdr_load_alloc(ld, (m->nslots + 1) * sizeof(char *));

    if (r->slots == NULL || known == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;
    e = n->kind == MDR_NODE_LIST ? n->first : n;

    for (i = 0; i < nnames; i++, e = e->next) {

        for (s = 0, k = 0; s < m->nslots; s++) {
            if (m->slots[s].name.data == NULL) {
                continue;
            }
            known[k++] = m->slots[s].name.data;
            if (m->slots[s].name.len == names[i].len
                && memcmp(m->slots[s].name.data, names[i].data, names[i].len)
                   == 0)
            {
                break;
            }
        }

        if (s < m->nslots) {
            for (k = 0; k < r->nslots && r->slots[k] != s; k++) {
                /* void */
            }

            if (k < r->nslots) {
                mdr_load_error(ld, e, "duplicate", "slot \"%s\" twice",
                               names[i].data);
                rc = MDR_ERROR;
                continue;
            }

            r->slots[r->nslots++] = s;
            continue;
        }

        near = mdr_word_nearest(names[i], known, k);

        if (near != NULL) {
            mdr_load_error(ld, e, "unknown-slot", "unknown slot \"%s\" (did "
                           "you mean \"%s\"?)", names[i].data, near);
        } else {
            mdr_load_error(ld, e, "unknown-slot", "unknown slot \"%s\"",
                           names[i].data);
        }
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_brake(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int      rc;
    int64_t  hits;

    static const char *const  keys[] = { "max_ratio", "min_hits", "window" };

    if (n == NULL) {
        return MDR_OK;
    }

    rc = mdr_load_keys(ld, n, "brake", keys, 3);
    hits = 1;
    r->brake_window_s = 600;

    if (mdr_node_get(n, "max_ratio") == NULL) {
        mdr_load_error(ld, n, "missing-key", "brake: \"max_ratio\" is "
                       "missing");
        rc = MDR_ERROR;
    }

    if (mdr_load_number(ld, mdr_node_get(n, "max_ratio"), "max_ratio",
                        0.000001, 1, &r->brake_max_ratio)
        != MDR_OK
        || mdr_load_int(ld, mdr_node_get(n, "min_hits"), "min_hits", 1,
                        1000000000, &hits)
           != MDR_OK
        || mdr_load_seconds(ld, mdr_node_get(n, "window"), "window",
                            &r->brake_window_s)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    r->brake_min_hits = (uint32_t) hits;

    return rc;
}


static int
load_test(mdr_load_t *ld, mdr_node_t *n, mdr_test_t *t)
{
    int          i, rc, kinds;
    mdr_node_t  *e;

    static const char *const  keys[] = {
        "hit", "pass", "todo_hit", "todo_pass", "spans", "field", "slot",
        "page"
    };

    rc = mdr_load_keys(ld, n, "test", keys, 8);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    t->pos.file = n->file;
    t->pos.line = n->line;
    t->pos.column = n->column;
    kinds = 0;

    for (i = 0; i < 4; i++) {
        e = mdr_node_get(n, keys[i]);

        if (e != NULL) {
            kinds++;
            t->kind = (uint8_t) i;
            if (mdr_load_string(ld, e, "test", &t->text) != MDR_OK) {
                rc = MDR_ERROR;
            }
        }
    }

    if (kinds != 1) {
        mdr_load_error(ld, n, "missing-key", "test: one of \"hit\", "
                       "\"pass\", \"todo_hit\", \"todo_pass\" expected");
        rc = MDR_ERROR;
    }

    if (mdr_load_string(ld, mdr_node_get(n, "field"), "field", &t->field)
        != MDR_OK
        || mdr_load_string(ld, mdr_node_get(n, "slot"), "slot", &t->slot)
           != MDR_OK
        || mdr_load_string(ld, mdr_node_get(n, "page"), "page", &t->page)
           != MDR_OK
        || mdr_load_strings(ld, mdr_node_get(n, "spans"), "spans", &t->spans,
                            &t->nspans)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_tests(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    mdr_node_t  *e;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind != MDR_NODE_LIST) {
        mdr_load_error(ld, n, "type", "tests: a list expected");
        return MDR_ERROR;
    }

    r->tests = mdr_load_alloc(ld, (n->n + 1) * sizeof(mdr_test_t));
    if (r->tests == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (e = n->first; e != NULL; e = e->next) {
        if (load_test(ld, e, &r->tests[r->ntests++]) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_words(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    uint8_t      w;
    int64_t      v;
    mdr_node_t  *basis;

    static const char *const  basis_keys[] = { "kind", "ref" };

    rc = MDR_OK;

    r->status = MDR_STATUS_STABLE;
    r->mode = ld->mode;
    r->mode_given = mdr_node_get(n, "mode") != NULL;
    r->suggestion = MDR_BLOCK;
    r->risk_level = 1;
    r->rollout = 100;
    r->expires_day = INT32_MAX;

#define WORD(key, words, count, dst)                                         \
    if (mdr_load_word(ld, mdr_node_get(n, key), key, words, count, dst)      \
        != MDR_OK)                                                           \
    {                                                                        \
        rc = MDR_ERROR;                                                      \
    }

    WORD("status", statuses, 4, &r->status)
    WORD("mode", modes, 3, &r->mode)
    WORD("risk_level", risks, 3, &r->risk_level)
    WORD("suggestion", suggestions, 3, &r->suggestion)

    w = r->suggestion == MDR_BLOCK ? MDR_ACT_BLOCK
        : r->suggestion == MDR_REVIEW ? MDR_ACT_HOLD : MDR_ACT_NONE;
    WORD("action", actions, 5, &w)
    r->action = w;

#undef WORD

    if (mdr_load_string(ld, mdr_node_get(n, "owner"), "owner", &r->owner)
        != MDR_OK
        || mdr_load_name(ld, mdr_node_get(n, "label"), "label", 64,
                         &r->label)
           != MDR_OK
        || mdr_load_name(ld, mdr_node_get(n, "sub_label"), "sub_label", 64,
                         &r->sub_label)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (mdr_node_get(n, "label") == NULL) {
        mdr_load_error(ld, n, "missing-key", "rule: \"label\" is missing");
        rc = MDR_ERROR;
    }

    if (load_texts(ld, mdr_node_get(n, "title"), "title", &r->title_zh,
                   &r->title_en)
        != MDR_OK
        || load_texts(ld, mdr_node_get(n, "notice"), "notice", &r->notice_zh,
                      &r->notice_en)
           != MDR_OK
        || mdr_load_date(ld, mdr_node_get(n, "expires"), "expires",
                         &r->expires_day)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    basis = mdr_node_get(n, "basis");

    if (basis != NULL) {
        if (basis->kind == MDR_NODE_SCALAR) {
            if (mdr_load_string(ld, basis, "basis", &r->basis_ref)
                != MDR_OK)
            {
                rc = MDR_ERROR;
            }

        } else if (mdr_load_keys(ld, basis, "basis", basis_keys, 2) != MDR_OK
                   || mdr_load_string(ld, mdr_node_get(basis, "kind"),
                                      "basis kind", &r->basis_kind)
                      != MDR_OK
                   || mdr_load_string(ld, mdr_node_get(basis, "ref"),
                                      "basis ref", &r->basis_ref)
                      != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    v = 1;
    if (mdr_load_int(ld, mdr_node_get(n, "rev"), "rev", 1, 1000000000, &v)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->rev = (uint32_t) v;

    v = 100;
    if (mdr_load_int(ld, mdr_node_get(n, "rollout"), "rollout", 0, 100, &v)
        != MDR_OK)
    {
        rc = MDR_ERROR;
    }
    r->rollout = (uint8_t) v;

    if (mdr_load_number(ld, mdr_node_get(n, "max_rate"), "max_rate", 0,
                        1000000, &r->max_rate)
        != MDR_OK
        || mdr_load_law(ld, mdr_node_get(n, "jurisdiction"), r)
           != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_rule(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    mdr_node_t  *id;

    static const char *const  keys[] = {
        "id", "rev", "title", "status", "mode", "owner", "label",
        "sub_label", "risk_level", "suggestion", "action", "basis", "notice",
        "expires", "slots", "jurisdiction", "rollout", "brake", "match",
        "tests", "max_rate", "fold", "gap", "strikes"
    };

    r->pos.file = n->file;
    r->pos.line = n->line;
    r->pos.column = n->column;
    r->profile = ld->profile;

    rc = mdr_load_keys(ld, n, "rule", keys, sizeof(keys) / sizeof(keys[0]));

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    id = mdr_node_get(n, "id");

    if (id == NULL) {
        mdr_load_error(ld, n, "missing-key", "rule: \"id\" is missing");
        rc = MDR_ERROR;

    } else if (mdr_load_name(ld, id, "id", 80, &r->id) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (mdr_load_profile(ld, n, &r->profile) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_words(ld, n, r) != MDR_OK
        || load_slot_names(ld, mdr_node_get(n, "slots"), r) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (load_brake(ld, mdr_node_get(n, "brake"), r) != MDR_OK
        || mdr_load_strikes(ld, mdr_node_get(n, "strikes")) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    if (mdr_load_match(ld, n, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (load_tests(ld, mdr_node_get(n, "tests"), r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    if (r->expires_day != INT32_MAX && ld->conf->now != 0
        && ld->conf->now / 86400 > r->expires_day)
    {
        mdr_load_warn(ld, mdr_node_get(n, "expires"), "expired",
                      "rule \"%s\" has expired and runs in shadow",
                      r->id.data != NULL ? r->id.data : "");
    }

    return rc;
}


/* ids are there once; a table of hashes, since there may be thousands */

static int
unique_ids(mdr_load_t *ld, mdr_node_t **nodes)
{
    int           rc;
    size_t        i, j, size;
    uint32_t      h, k, *table;
    mdr_model_t  *m;

    m = ld->model;

    for (size = 16; size < (size_t) m->nrules * 2; size *= 2) { /* void */ }

    table = mdr_load_alloc(ld, size * sizeof(uint32_t));
    if (table == NULL) {
        return MDR_ERROR;
    }

    rc = MDR_OK;

    for (i = 0; i < m->nrules; i++) {
        if (m->rules[i].id.data == NULL) {
            continue;
        }

        for (h = 2166136261u, k = 0; k < m->rules[i].id.len; k++) {
            h = (h ^ (uint8_t) m->rules[i].id.data[k]) * 16777619u;
        }

        for (j = h & (size - 1); table[j] != 0; j = (j + 1) & (size - 1)) {
            if (m->rules[table[j] - 1].id.len == m->rules[i].id.len
                && memcmp(m->rules[table[j] - 1].id.data,
                          m->rules[i].id.data, m->rules[i].id.len)
                   == 0)
            {
                mdr_load_error(ld, mdr_node_get(nodes[i], "id"),
                               "duplicate-id", "rule \"%s\" twice, first in "
                               "%s:%u", m->rules[i].id.data,
                               m->files[m->rules[table[j] - 1].pos.file].data,
                               m->rules[table[j] - 1].pos.line);
                rc = MDR_ERROR;
                break;
            }
        }

        if (table[j] == 0) {
            table[j] = (uint32_t) i + 1;
        }
    }

    return rc;
}


int
mdr_load_rules(mdr_load_t *ld)
{
    int           rc;
    size_t        i, total;
    mdr_node_t   *list, *n, **nodes;
    mdr_model_t  *m;

    m = ld->model;
    rc = MDR_OK;

    for (i = 0, total = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "rules");
        total += list != NULL ? list->n : 0;
    }

    if (total > RULES_MAX) {
        mdr_load_error(ld, ld->docs[0], "limit", "more than %d rules",
                       RULES_MAX);
        return MDR_ERROR;
    }

    m->rules = mdr_load_alloc(ld, (total + 1) * sizeof(mdr_rule_t));
    nodes = mdr_load_alloc(ld, (total + 1) * sizeof(mdr_node_t *));
    if (m->rules == NULL || nodes == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "rules");

        if (list == NULL) {
            continue;
        }

        if (list->kind != MDR_NODE_LIST) {
            if (list->kind == MDR_NODE_SCALAR && list->text.len == 0) {
                continue;               /* "rules:" and nothing yet          */
            }
            mdr_load_error(ld, list, "type", "rules: a list expected");
            rc = MDR_ERROR;
            continue;
        }

        for (n = list->first; n != NULL; n = n->next) {
            nodes[m->nrules] = n;
            if (load_rule(ld, n, &m->rules[m->nrules++]) != MDR_OK) {
                rc = MDR_ERROR;
            }
        }
    }

    if (unique_ids(ld, nodes) != MDR_OK) {
        rc = MDR_ERROR;
    }

    return rc;
}
