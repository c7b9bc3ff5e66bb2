/*
 * load_rules.c - rules: all but what they match (load_match.c).
 */

#include "node.h"
#include "base/utf8.h"
#include "ledger/words.h"

#include <stdio.h>
#include <string.h>


#define RULES_MAX   60000



_Static_assert((int) MDR_MODE_ENFORCE == (int) MDL_MODE_ENFORCE
               && (int) MDR_SUGGEST_ERROR == (int) MDL_SUGGEST_ERROR
               && (int) MDR_ACT_BLOCK == (int) MDL_ACT_BLOCK
               && (int) MDR_ERR_BUDGET == (int) MDL_ERR_BUDGET
               && (int) MDR_ERR_KINDS <= (int) MDL_ERR_PARTIAL,
               "words are in the order of the numbers");

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


/* whose item it is: `account`, `credit`, or both */

static int
load_test_account(mdr_load_t *ld, const mdr_node_t *n, mdr_account_t *a)
{
    int          rc;
    int64_t      credit;
    mdr_node_t  *state, *number;

    state = mdr_node_get(n, "account");
    number = mdr_node_get(n, "credit");

    if (state == NULL && number == NULL) {
        return MDR_OK;
    }

    credit = 100;
    rc = mdr_load_word(ld, state, "account", mdl_accounts, MDL_ACCOUNTS,
                       &a->state);

    if (mdr_load_int(ld, number, "credit", 0, 100, &credit) != MDR_OK) {
        rc = MDR_ERROR;
    }

    a->credit = (uint8_t) credit;
    a->known = 1;

    return rc;
}


static int
load_test(mdr_load_t *ld, mdr_node_t *n, mdr_test_t *t)
{
    int          i, rc, kinds;
    mdr_node_t  *e;

    static const char *const  keys[] = {
        "hit", "pass", "todo_hit", "todo_pass", "spans", "field", "slot",
        "page", "account", "credit"
    };

    rc = mdr_load_keys(ld, n, "test", keys, 10);

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
           != MDR_OK
        || load_test_account(ld, n, &t->account) != MDR_OK)
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


/* the law or the terms that it is based on: a text, or kind and ref */

static int
load_basis(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int  rc;

    static const char *const  keys[] = { "kind", "ref" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind == MDR_NODE_SCALAR) {
        return mdr_load_string(ld, n, "basis", &r->basis_ref);
    }

    rc = mdr_load_keys(ld, n, "basis", keys, 2);

    if (rc == MDR_OK
        && (mdr_load_string(ld, mdr_node_get(n, "kind"), "basis kind",
                            &r->basis_kind)
            != MDR_OK
            || mdr_load_string(ld, mdr_node_get(n, "ref"), "basis ref",
                               &r->basis_ref)
               != MDR_OK))
    {
        rc = MDR_ERROR;
    }

    return rc;
}


/* one value of a rule, to v; n may be NULL */

static int
load_key(mdr_load_t *ld, const mdr_rule_key_t *k, mdr_node_t *n, void *v)
{
    int      rc;
    int64_t  i;

    switch (k->kind) {

    case MDR_KEY_NAME:
        return mdr_load_name(ld, n, k->name, k->max, v);

    case MDR_KEY_TEXTS:
        return load_texts(ld, n, k->name, v, (mdr_str_t *) v + 1);

    case MDR_KEY_WORD:
        *(uint8_t *) v = (uint8_t) k->initial;
        return mdr_load_word(ld, n, k->name, k->words, k->max + 1, v);

    case MDR_KEY_U8:
    case MDR_KEY_U32:
        i = k->initial;
        rc = mdr_load_int(ld, n, k->name, k->min, k->max, &i);

        if (k->kind == MDR_KEY_U8) {
            *(uint8_t *) v = (uint8_t) i;

        } else {
            *(uint32_t *) v = (uint32_t) i;
        }

        return rc;

    case MDR_KEY_DAY:
        *(int32_t *) v = k->initial;
        return mdr_load_date(ld, n, k->name, v);

    case MDR_KEY_REAL:
        return mdr_load_number(ld, n, k->name, k->min, k->max, v);

    default: /* MDR_KEY_STRING */
        return mdr_load_string(ld, n, k->name, v);
    }
}


static int
load_words(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int                    rc;
    size_t                 i;
    mdr_node_t            *e;
    const mdr_rule_key_t  *k;

    rc = MDR_OK;

    for (i = 0; i < mdr_nrule_keys; i++) {
        k = &mdr_rule_keys[i];

        if (k->part) {
            continue;
        }

        e = mdr_node_get(n, k->name);

        if (load_key(ld, k, e, (char *) r + k->at) != MDR_OK) {
            rc = MDR_ERROR;
        }

        if (k->required && e == NULL) {
            mdr_load_error(ld, n, "missing-key", "rule: \"%s\" is missing",
                           k->name);
            rc = MDR_ERROR;
        }
    }

    /* what these are where they are not given stands somewhere else */

    r->mode_given = mdr_node_get(n, "mode") != NULL;

    if (!r->mode_given) {
        r->mode = ld->mode;
    }

    if (mdr_node_get(n, "action") == NULL) {
        r->action = r->suggestion == MDR_BLOCK ? MDR_ACT_BLOCK
                    : r->suggestion == MDR_REVIEW ? MDR_ACT_HOLD
                    : MDR_ACT_NONE;
    }

    if (load_basis(ld, mdr_node_get(n, "basis"), r) != MDR_OK
        || mdr_load_law(ld, mdr_node_get(n, "jurisdiction"), r) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


/* is there a key that no rule has? */

static int
load_rule_keys(mdr_load_t *ld, mdr_node_t *n)
{
    size_t        i, k;
    const char   *known[64];

    static const char *const  own_keys[] = {
        "id", "basis", "slots", "jurisdiction", "brake", "match", "tests",
        "fold", "gap", "strikes"
    };

    k = sizeof(own_keys) / sizeof(own_keys[0]);
    memcpy(known, own_keys, sizeof(own_keys));

    for (i = 0; i < mdr_nrule_keys && k < 64; i++) {
        if (!mdr_rule_keys[i].part) {
            known[k++] = mdr_rule_keys[i].name;
        }
    }

    return mdr_load_keys(ld, n, "rule", known, k);
}


static int
load_rule(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    mdr_node_t  *id;

    r->pos.file = n->file;
    r->pos.line = n->line;
    r->pos.column = n->column;
    r->profile = ld->profile;

    rc = load_rule_keys(ld, n);

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
