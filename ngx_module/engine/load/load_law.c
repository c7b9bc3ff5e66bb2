/*
 * load_law.c - where a rule holds: `jurisdiction` of rules, `places` of a
 * policy.
 *
 * A place is an ISO 3166 code and names below it: CN, CN-GD, CN-GD/Shenzhen,
 * CN-GD/Shenzhen/Nanshan.  It covers all that lies in it.
 */

#include "node.h"

#include <string.h>


/* is it written as a place? */

static int
place_ok(mdr_str_t s)
{
    uint32_t  k;

    for (k = 0; k < s.len && s.data[k] != '/'; k++) {
        if (!((s.data[k] >= 'A' && s.data[k] <= 'Z')
              || (k > 2 && s.data[k] >= '0' && s.data[k] <= '9')
              || (k == 2 && s.data[k] == '-')))
        {
            return 0;
        }
    }

    return k >= 2 && k != 3 && k <= 6 && (k == 2 || s.data[2] == '-')
           && (k == s.len || k + 1 != s.len);
}


/* [CN-GD, CN-GD/Shenzhen], or {of: account | site | reader, in: [...]} */

int
mdr_load_law(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    int          rc;
    uint8_t      word;
    uint32_t     i;
    mdr_node_t  *list, *e;

    static const char *const  keys[] = { "of", "in" };
    static const char *const  whose[] = { "account", "site", "reader" };

    r->law = MDR_LAW_ANY;

    if (n == NULL) {
        return MDR_OK;
    }

    rc = MDR_OK;
    list = n;

    if (n->kind == MDR_NODE_MAP) {
        rc = mdr_load_keys(ld, n, "jurisdiction", keys, 2);
        list = mdr_node_get(n, "in");
        e = mdr_node_get(n, "of");
        word = 0;

        if (list == NULL) {
            mdr_load_error(ld, n, "missing-key", "jurisdiction: \"in\" is "
                           "missing");
            return MDR_ERROR;
        }

        if (e == NULL) {
            mdr_load_error(ld, n, "missing-key", "jurisdiction: \"of\" is "
                           "missing");
            rc = MDR_ERROR;

        } else if (mdr_load_word(ld, e, "of", whose, 3, &word) != MDR_OK) {
            rc = MDR_ERROR;

        } else {
            r->law = (uint8_t) (MDR_LAW_ACCOUNT + word);
        }
    }

    if (mdr_load_strings(ld, list, "jurisdiction", &r->jurisdictions,
                         &r->njurisdictions)
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    e = list->kind == MDR_NODE_LIST ? list->first : list;

    for (i = 0; i < r->njurisdictions; i++, e = e->next) {
        if (!place_ok(r->jurisdictions[i])) {
            mdr_load_error(ld, e, "bad-jurisdiction", "jurisdiction "
                           "\"%.64s\": as CN, CN-GD or CN-GD/Shenzhen "
                           "expected", r->jurisdictions[i].data);
            rc = MDR_ERROR;
        }
    }

    return rc;
}


/* {NAME: PLACE, ...}, once in a policy */

int
mdr_load_places(mdr_load_t *ld)
{
    int           rc;
    size_t        i;
    mdr_node_t   *n, *e, *first;
    mdr_named_place_t  *p;

    rc = MDR_OK;
    first = NULL;

    for (i = 0; i < ld->ndocs; i++) {
        n = mdr_node_get(ld->docs[i], "places");

        if (n == NULL) {
            continue;
        }

        if (first != NULL) {
            mdr_load_error(ld, n, "duplicate-key", "\"places\" stands in "
                           "another file too");
            rc = MDR_ERROR;
            continue;
        }

        first = n;

        if (n->kind != MDR_NODE_MAP) {
            mdr_load_error(ld, n, "type", "places: a mapping of names to "
                           "places expected");
            rc = MDR_ERROR;
            continue;
        }

        for (e = n->first; e != NULL; e = e->next) {
            ld->model->nplaces++;
        }

        ld->model->places = mdr_load_alloc(ld, (ld->model->nplaces + 1)
                                               * sizeof(mdr_named_place_t));
        if (ld->model->places == NULL) {
            return MDR_ERROR;
        }

        p = ld->model->places;

        for (e = n->first; e != NULL; e = e->next, p++) {
            p->name.data = e->key->text.data;
            p->name.len = (uint32_t) e->key->text.len;

            if (mdr_load_string(ld, e, "places", &p->code) != MDR_OK) {
                rc = MDR_ERROR;

            } else if (!place_ok(p->code)) {
                mdr_load_error(ld, e, "bad-jurisdiction", "place \"%.64s\": "
                               "as CN, CN-GD or CN-GD/Shenzhen expected",
                               p->code.data);
                rc = MDR_ERROR;
            }
        }
    }

    return rc;
}
