/*
 * load_desk.c - the keys of a policy that people at the desk need: reasons,
 * categories, accounts, strikes of rules, bursts.
 *
 * Nothing of it decides anything here: the daemon reads it.  It is checked with
 * the rest, so that a policy is right or wrong as a whole, and where it stands
 * one unit that is swapped as one.
 */

#include "node.h"

#include <stdlib.h>
#include <string.h>


/* 12h, 30d: to ten years; without leading zeros */

static int
load_long_time(mdr_load_t *ld, const mdr_node_t *n, const char *what)
{
    char  *end;
    long   v = 0;

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind == MDR_NODE_SCALAR && n->text.len >= 2 && n->text.len <= 5
        && n->text.data[0] >= '1' && n->text.data[0] <= '9')
    {
        v = strtol(n->text.data, &end, 10);

        if (strcmp(end, "h") != 0 && strcmp(end, "d") != 0) {
            v = 0;
        }
    }

    if (v == 0) {
        mdr_load_error(ld, n, "bad-time", "%s: a time as 12h, 30d expected "
                       "(to 9999d)", what);
        return MDR_ERROR;
    }

    return MDR_OK;
}


/* a text, or one in each language */

static int
load_translated(mdr_load_t *ld, mdr_node_t *n, const char *what)
{
    mdr_str_t  s;

    static const char *const  keys[] = { "zh", "en" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (n->kind == MDR_NODE_SCALAR) {
        return mdr_load_string(ld, n, what, &s);
    }

    return mdr_load_keys(ld, n, what, keys, 2) == MDR_OK
           && mdr_load_string(ld, mdr_node_get(n, "zh"), what, &s) == MDR_OK
           && mdr_load_string(ld, mdr_node_get(n, "en"), what, &s) == MDR_OK
           ? MDR_OK : MDR_ERROR;
}


int
mdr_load_strikes(mdr_load_t *ld, mdr_node_t *n)
{
    double  points = 1, least = 0;

    static const char *const  keys[] = { "points", "half_life", "floor" };

    if (n == NULL) {
        return MDR_OK;
    }

    if (mdr_load_keys(ld, n, "strikes", keys, 3) != MDR_OK) {
        return MDR_ERROR;
    }

    if (mdr_node_get(n, "points") == NULL) {
        mdr_load_error(ld, n, "missing-key", "strikes: \"points\" is "
                       "missing");
        return MDR_ERROR;
    }

    return mdr_load_number(ld, mdr_node_get(n, "points"), "points", 0, 12,
                           &points) == MDR_OK
           && mdr_load_number(ld, mdr_node_get(n, "floor"), "floor", 0, 1,
                              &least) == MDR_OK
           && load_long_time(ld, mdr_node_get(n, "half_life"), "half_life")
              == MDR_OK ? MDR_OK : MDR_ERROR;
}


static int
load_reason(mdr_load_t *ld, mdr_node_t *n)
{
    int          rc;
    double       points = 0;
    int64_t      key = 1;
    mdr_str_t    s;
    mdr_node_t  *basis;

    static const char *const  keys[] = {
        "id", "key", "label", "title", "notice", "basis", "points", "ttl"
    };
    static const char *const  basis_keys[] = { "kind", "ref" };

    rc = mdr_load_keys(ld, n, "reason", keys, 8);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    if (mdr_node_get(n, "id") == NULL || mdr_node_get(n, "title") == NULL) {
        mdr_load_error(ld, n, "missing-key", "reason: \"%s\" is missing",
                       mdr_node_get(n, "id") == NULL ? "id" : "title");
        return MDR_ERROR;
    }

    if (mdr_load_name(ld, mdr_node_get(n, "id"), "id", 64, &s) != MDR_OK
        || mdr_load_int(ld, mdr_node_get(n, "key"), "key", 1, 9, &key)
           != MDR_OK
        || (mdr_node_get(n, "label") != NULL
            && mdr_load_name(ld, mdr_node_get(n, "label"), "label", 64, &s)
               != MDR_OK)
        || load_translated(ld, mdr_node_get(n, "title"), "title") != MDR_OK
        || load_translated(ld, mdr_node_get(n, "notice"), "notice") != MDR_OK
        || mdr_load_number(ld, mdr_node_get(n, "points"), "points", 0, 12,
                           &points) != MDR_OK
        || load_long_time(ld, mdr_node_get(n, "ttl"), "ttl") != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    basis = mdr_node_get(n, "basis");

    if (basis != NULL
        && (basis->kind == MDR_NODE_SCALAR
            ? mdr_load_string(ld, basis, "basis", &s) != MDR_OK
            : mdr_load_keys(ld, basis, "basis", basis_keys, 2) != MDR_OK
              || mdr_load_string(ld, mdr_node_get(basis, "kind"),
                                 "basis kind", &s) != MDR_OK
              || mdr_load_string(ld, mdr_node_get(basis, "ref"), "basis ref",
                                 &s) != MDR_OK))
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_reasons(mdr_load_t *ld, mdr_node_t *list)
{
    int          rc = MDR_OK;
    mdr_node_t  *n;

    if (list->kind != MDR_NODE_LIST) {
        mdr_load_error(ld, list, "type", "reasons: a list expected");
        return MDR_ERROR;
    }

    for (n = list->first; n != NULL; n = n->next) {
        if (load_reason(ld, n) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


static int
load_accounts(mdr_load_t *ld, mdr_node_t *n)
{
    int          rc;
    size_t       i;
    double       score;
    uint32_t     count = 0;
    mdr_str_t   *names = NULL;
    mdr_node_t  *states;

    static const char *const  keys[] = { "states", "first_screens" };
    static const char *const  state_keys[] = { "watched", "limited",
                                               "suspended" };

    rc = mdr_load_keys(ld, n, "accounts", keys, 2);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    states = mdr_node_get(n, "states");

    if (states != NULL) {
        if (mdr_load_keys(ld, states, "states", state_keys, 3) != MDR_OK) {
            rc = MDR_ERROR;
        }

        for (i = 0; i < 3 && states->kind == MDR_NODE_MAP; i++) {
            score = 0;

            if (mdr_load_number(ld, mdr_node_get(states, state_keys[i]), state_keys[i],
                                0, 1000, &score) != MDR_OK)
            {
                rc = MDR_ERROR;
            }
        }
    }

    if (mdr_load_strings(ld, mdr_node_get(n, "first_screens"),
                         "first_screens", &names, &count) != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    return rc;
}


static int
load_categories(mdr_load_t *ld, mdr_node_t *n)
{
    int          rc;
    uint32_t     count;
    mdr_str_t   *labels;
    mdr_node_t  *v;

    static const char *const  keys[] = {
        "political", "rumor", "infringing", "clickbait", "reporting",
        "lowbrow", "other"
    };

    rc = mdr_load_keys(ld, n, "categories", keys, 7);

    for (v = n->kind == MDR_NODE_MAP ? n->first : NULL; v; v = v->next) {
        labels = NULL;
        count = 0;

        if (mdr_load_strings(ld, v, "category", &labels, &count) != MDR_OK) {
            rc = MDR_ERROR;
        }
    }

    return n->kind == MDR_NODE_MAP ? rc : MDR_ERROR;
}


static int
load_burst(mdr_load_t *ld, mdr_node_t *n)
{
    double   ratio = 3;
    int64_t  min = 20;

    static const char *const  keys[] = { "ratio", "min" };

    return mdr_load_keys(ld, n, "burst", keys, 2) == MDR_OK
           && mdr_load_number(ld, mdr_node_get(n, "ratio"), "ratio", 1.1,
                              1000, &ratio) == MDR_OK
           && mdr_load_int(ld, mdr_node_get(n, "min"), "min", 1, 1000000000,
                           &min) == MDR_OK ? MDR_OK : MDR_ERROR;
}


static int
is_rule(const mdr_load_t *ld, mdr_str_t id)
{
    size_t             i;
    const mdr_node_t  *list, *n, *name;

    for (i = 0; i < ld->ndocs; i++) {
        list = mdr_node_get(ld->docs[i], "rules");

        for (n = list != NULL ? list->first : NULL; n != NULL; n = n->next) {
            name = mdr_node_get(n, "id");

            if (name != NULL && name->kind == MDR_NODE_SCALAR
                && name->text.len == id.len
                && memcmp(name->text.data, id.data, id.len) == 0)
            {
                return 1;
            }
        }
    }

    return 0;
}


static int
load_bursts(mdr_load_t *ld, mdr_node_t *n)
{
    int          rc;
    mdr_node_t  *v, *rules;

    static const char *const  keys[] = { "default", "rules" };

    rc = mdr_load_keys(ld, n, "bursts", keys, 2);

    if (n->kind != MDR_NODE_MAP) {
        return MDR_ERROR;
    }

    v = mdr_node_get(n, "default");

    if (v != NULL && load_burst(ld, v) != MDR_OK) {
        rc = MDR_ERROR;
    }

    rules = mdr_node_get(n, "rules");

    if (rules == NULL) {
        return rc;
    }

    if (rules->kind != MDR_NODE_MAP) {
        mdr_load_error(ld, rules, "type", "bursts: rules: ids of rules, each "
                       "with {ratio, min}, expected");
        return MDR_ERROR;
    }

    for (v = rules->first; v != NULL; v = v->next) {
        if (load_burst(ld, v) != MDR_OK) {
            rc = MDR_ERROR;
        }

        if (is_rule(ld, v->key->text)) {
            continue;
        }

        mdr_load_error(ld, v, "unknown-rule", "bursts: there is no rule "
                       "\"%.*s\"", (int) v->key->text.len, v->key->text.data);
        rc = MDR_ERROR;
    }

    return rc;
}


int
mdr_load_desk(mdr_load_t *ld)
{
    int          rc = MDR_OK;
    size_t       i, k;
    mdr_node_t  *n, *seen[4] = { NULL, NULL, NULL, NULL };

    static const struct {
        const char  *key;
        int        (*load)(mdr_load_t *ld, mdr_node_t *n);
    } keys[] = {
        { "reasons", load_reasons },
        { "accounts", load_accounts },
        { "categories", load_categories },
        { "bursts", load_bursts }
    };

    for (i = 0; i < ld->ndocs; i++) {
        for (k = 0; k < 4; k++) {
            n = mdr_node_get(ld->docs[i], keys[k].key);

            if (n == NULL) {
                continue;
            }

            if (seen[k] != NULL && k > 0) {
                mdr_load_error(ld, n, "duplicate-key", "\"%s\" stands in "
                               "another file too", keys[k].key);
                rc = MDR_ERROR;
            }

            seen[k] = n;

            if (keys[k].load(ld, n) != MDR_OK) {
                rc = MDR_ERROR;
            }
        }
    }

    return rc == MDR_OK ? mdr_load_settings(ld) : rc;
}
