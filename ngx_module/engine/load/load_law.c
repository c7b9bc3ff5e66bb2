/*
 * load_law.c - where and for whom a rule holds: `jurisdiction` of rules,
 * `places` of a policy, `account` and `credit` of match.
 *
 * A place is an ISO 3166 code and names below it: CN, CN-GD, CN-GD/Shenzhen,
 * CN-GD/Shenzhen/Nanshan.  It covers all that lies in it.
 */

#include "node.h"
#include "ledger/words.h"

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


/* "< 40", "<= 40", "> 40", ">= 40" */

static int
load_credit(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r)
{
    uint32_t   i, v;
    mdr_str_t  s;

    if (mdr_load_string(ld, n, "credit", &s) != MDR_OK) {
        return MDR_ERROR;
    }

    i = s.len > 1 && s.data[1] == '=' ? 2 : 1;

    if (s.len == 0 || (s.data[0] != '<' && s.data[0] != '>')) {
        goto bad;
    }

    r->credit_op = s.data[0] == '<' ? (i == 2 ? MDR_OP_LE : MDR_OP_LT)
                                    : (i == 2 ? MDR_OP_GE : MDR_OP_GT);

    while (i < s.len && s.data[i] == ' ') {
        i++;
    }

    if (i == s.len || s.len - i > 3) {
        goto bad;
    }

    for (v = 0; i < s.len; i++) {
        if (s.data[i] < '0' || s.data[i] > '9') {
            goto bad;
        }
        v = v * 10 + (uint32_t) (s.data[i] - '0');
    }

    if (v > 100) {
        goto bad;
    }

    r->credit = (uint8_t) v;
    r->credit_given = 1;

    return MDR_OK;

bad:

    mdr_load_error(ld, n, "bad-credit", "credit \"%.64s\": as \"< 40\" "
                   "expected: <, <=, > or >= and 0 to 100", s.data);

    return MDR_ERROR;
}


/* match has nothing else: the rule looks into the fields that say whose an
 * item is, and its group finds nothing there */

static int
load_alone(mdr_load_t *ld, const mdr_node_t *match, mdr_rule_t *r)
{
    uint32_t           i, k;
    const mdr_slot_t  *s;

    r->alone = 1;
    r->groups = mdr_load_alloc(ld, 2 * sizeof(mdr_group_t));
    r->fields = mdr_load_alloc(ld, (ld->model->nslots + 1)
                                   * sizeof(mdr_str_t));
    if (r->groups == NULL || r->fields == NULL) {
        return MDR_ERROR;
    }

    r->ngroups = 1;
    r->groups[0].name.data = "account";
    r->groups[0].name.len = 7;
    r->groups[0].weight = 1;

    for (i = 0; i < ld->model->nslots; i++) {
        s = &ld->model->slots[i];

        if (!mdr_rule_has_slot(r, i) || s->account_id < 0) {
            continue;
        }

        for (k = 0; k < r->nfields; k++) {
            if (strcmp(r->fields[k].data, s->fields[s->account_id].name.data)
                == 0)
            {
                break;
            }
        }

        if (k == r->nfields) {
            r->fields[r->nfields++] = s->fields[s->account_id].name;
        }
    }

    if (r->action == MDR_ACT_MASK) {
        mdr_load_error(ld, match, "mask-account", "an account alone hits the "
                       "item as a whole: there is nothing to mask");
        return MDR_ERROR;
    }

    return MDR_OK;
}


/* whose items the rule is for: what match says of account and credit */

int
mdr_load_account(mdr_load_t *ld, mdr_node_t *match, mdr_rule_t *r)
{
    int          rc;
    uint32_t     i, bits;
    mdr_node_t  *account, *credit, *e;

    account = mdr_node_get(match, "account");
    credit = mdr_node_get(match, "credit");

    if (account == NULL && credit == NULL) {
        return MDR_OK;
    }

    rc = MDR_OK;
    bits = 0;

    if (account != NULL && account->kind == MDR_NODE_LIST && account->n == 0) {
        mdr_load_error(ld, account, "empty", "account: the list is empty");
        rc = MDR_ERROR;

    } else if (mdr_load_bits(ld, account, "account", mdl_accounts,
                             MDL_ACCOUNTS, &bits)
               != MDR_OK)
    {
        rc = MDR_ERROR;
    }

    r->accounts = (uint8_t) bits;

    if (credit != NULL && load_credit(ld, credit, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    for (e = match->first; e == account || e == credit; e = e->next) {
        if (e == NULL) {
            break;
        }
    }

    if (e == NULL && load_alone(ld, match, r) != MDR_OK) {
        rc = MDR_ERROR;
    }

    for (i = 0; i < ld->model->nslots; i++) {
        if (mdr_rule_has_slot(r, i) && ld->model->slots[i].account_id >= 0) {
            return rc;
        }
    }

    if (!ld->bad_slots) {
        mdr_load_error(ld, account != NULL ? account->key : credit->key,
                       "no-account", "\"%s\": no slot of this rule has an "
                       "account_id", account != NULL ? "account" : "credit");
        rc = MDR_ERROR;
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
