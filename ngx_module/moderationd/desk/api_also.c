/*
 * api_also.c - cards that are decided together with one that a person looks
 * at: the same verdict, reason and note for others of the account (`also`),
 * or for the same item where it waits in other slots (`scope`).
 *
 * Each of them is decided by the rules of one card: what another has decided,
 * holds, or this person may not see stays as it is, and the answer says why.
 * They carry -(the review that they came with) for a bulk, so that undo takes
 * them back together and learning does not take them for looks of their own.
 */

#include "moderationd/web/api.h"
#include "desk.h"

#include <stdlib.h>
#include <string.h>


/* "12", "12:3", 12, {"card": 12, "version": 3} */

static int
one(const json_t *v, int64_t *card, int64_t *version)
{
    char        *end;
    const char  *s = json_string_value(v);

    *version = 0;

    if (json_is_object(v)) {
        *card = mdd_num(v, "card");
        *version = mdd_num(v, "version");

    } else if (json_is_integer(v)) {
        *card = json_integer_value(v);

    } else if (s) {
        *card = strtoll(s, &end, 10);
        *version = *end == ':' ? strtoll(end + 1, &end, 10) : 0;

        if (*end) {
            return 0;
        }

    } else {
        return 0;
    }

    return *card > 0 && *version >= 0;
}


static int
put(mdd_also_t *a, int64_t card, int64_t version)
{
    size_t  i;

    for (i = 0; i < a->n; i++) {
        if (a->card[i] == card) {
            return 1;
        }
    }

    if (a->n == MDD_ALSO_MAX) {
        return 0;
    }

    a->card[a->n] = card;
    a->version[a->n++] = version;

    return 1;
}


/* is this slot in a scope "a,b,c"? */

static int
in_scope(const char *scope, const char *slot)
{
    size_t  n = strlen(slot), k;

    for (; *scope; scope += k + (scope[k] == ',')) {
        k = strcspn(scope, ",");

        if (k == n && memcmp(scope, slot, n) == 0) {
            return 1;
        }
    }

    return 0;
}


/* cards of the same item, as it was seen, in the scopes of these slots */

static const char *
scopes(mdd_web_t *w, const mdd_card_t *c, const char *print, json_t *slots,
    mdd_also_t *a)
{
    int          room = 1;
    size_t       i;
    json_t      *v;
    mdd_st_t    *st;
    mdd_card_t   other;
    const char  *slot;

    json_array_foreach(slots, i, v) {
        slot = json_string_value(v);

        if (slot == NULL || *slot == '\0') {
            return "scope";
        }

        if (strcmp(slot, "card") == 0 || in_scope(c->scope, slot)) {
            continue;
        }

        st = mdd_query(w->db, MDD_SQL_CARD_SAME, "ssi", c->item, print,
                       c->card);

        while (room && mdd_step(st) == MDD_ROW) {
            mdd_card_row(st, &other);

            if ((strcmp(slot, "item") == 0 || in_scope(other.scope, slot))
                && mdd_card_mine(w, &other))
            {
                room = put(a, other.card, other.version);
            }
        }

        mdd_end(st);
    }

    return room ? NULL : "scope";
}


/* the fingerprint of the version that was seen */

static void
print_of(mdd_web_t *w, const mdd_card_t *c, int64_t version, char out[40])
{
    mdd_st_t  *st;

    strcpy(out, c->fingerprint);
    st = mdd_query(w->db, MDD_SQL_VERSION_GET, "ii", c->card, version);

    if (mdd_step(st) == MDD_ROW) {
        strncpy(out, mdd_text(st, 0), 39);
        out[39] = '\0';
    }

    mdd_end(st);
}


const char *
mdd_also_args(mdd_web_t *w, const mdd_card_t *c, int64_t seen, mdd_also_t *a)
{
    char         print[40];
    int64_t      card, version;
    size_t       i;
    json_t      *list, *v;
    mdd_card_t   other;
    const char  *bad;

    memset(a, 0, sizeof(*a));
    print_of(w, c, seen, print);
    list = json_object_get(w->args, "scope");
    v = list && !json_is_array(list) ? json_pack("[O]", list)
                                     : json_incref(list);
    bad = scopes(w, c, print, v, a);
    json_decref(v);

    if (bad) {
        return bad;
    }

    list = json_object_get(w->args, "also");
    list = list && !json_is_array(list) ? json_pack("[O]", list)
                                        : json_incref(list);
    bad = NULL;

    json_array_foreach(list, i, v) {
        if (!one(v, &card, &version) || !mdd_card_get(w->db, card, &other)
            || !mdd_card_mine(w, &other)
            || strcmp(other.kind, "card") != 0
            || (card != c->card
                && !put(a, card, version ? version : other.version)))
        {
            bad = "also";
            break;
        }
    }

    json_decref(list);

    return bad;
}


int
mdd_also_run(mdd_tx_t *tx, const mdd_decide_t *main, mdd_also_t *also)
{
    int           rc;
    size_t        i;
    json_t       *row;
    mdd_decide_t  a;

    also->answer = json_array();

    for (i = 0; i < also->n; i++) {
        memset(&a, 0, sizeof(a));
        a.who = main->who;
        a.card = also->card[i];
        a.version = also->version[i];
        a.bulk = -main->review;
        a.verdict = main->verdict;
        a.reason = main->reason;
        a.note = main->note;
        a.ends = main->ends;

        rc = mdd_decide(tx, &a);

        if (rc == MDD_FAILED) {
            json_decref(a.answer);
            return rc;
        }

        row = a.answer ? a.answer : json_object();
        json_object_set_new(row, "card", json_integer(a.card));

        if (rc == MDD_OK) {
            json_object_set_new(row, "review", json_integer(a.review));
        }

        json_array_append_new(also->answer, row);
    }

    return MDD_OK;
}
