/*
 * desk_again.c - decisions that another person looks at again without knowing
 * it, and how many of such looks and of samples a person gets.
 *
 * Of each twenty decisions of persons one, drawn at random, becomes a card of
 * kind `again`: it looks like any other, is never dealt to who decided it,
 * changes nothing for readers, and says only whether the two agree.  What
 * comes of that is for the person and the lead (api_calibration.c).
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"

#include <stdio.h>
#include <string.h>

#define OF_EACH   20
#define SHIFT_MS  (8 * 3600000ll)
#define FLOOD     500
#define KEPT_MS   (90 * 86400000ll)     /* what figures are of                */

typedef struct {
    int64_t  review, card;
    char     person[72], verdict[12];
} drawn_t;


/* by the clock: one of the next twenty */

int
mdd_again_tick(mdd_tx_t *tx)
{
    int         n = 0, i;
    int64_t     card;
    uint8_t     r[2];
    drawn_t     all[OF_EACH];
    mdd_st_t   *st;
    mdd_card_t  c;

    st = mdd_query(tx->db, MDD_SQL_LOOK_NEXT, "ii",
                   mdd_one(tx->db, 0, MDD_SQL_COUNTER_GET, "s", "again"),
                   (int64_t) OF_EACH);

    while (n < OF_EACH && mdd_step(st) == MDD_ROW) {
        all[n].review = mdd_int(st, 0);
        all[n].card = mdd_int(st, 1);
        snprintf(all[n].person, sizeof(all[n].person), "%s",
                 mdd_text(st, 2));
        snprintf(all[n].verdict, sizeof(all[n].verdict), "%s",
                 mdd_text(st, 3));
        n++;
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (n < OF_EACH) {
        return MDD_OK;
    }

    mdd_random(r, sizeof(r));
    i = (r[0] << 8 | r[1]) % OF_EACH;
    card = mdd_counter(tx, "card");

    if (card < 0
        || mdd_put(tx, MDD_SQL_COUNTER_SET, "si", "again",
                   all[OF_EACH - 1].review) < 0
        || !mdd_card_get(tx->db, all[i].card, &c))
    {
        return MDD_FAILED;
    }

    /* 0: one of this item is there already */

    switch (mdd_put(tx, MDD_SQL_LOOK_CARD, "!iiii", card, tx->now,
                    mdd_target(tx, 300000), c.card))
    {
    case 0:
        return MDD_OK;
    case 1:
        break;
    default:
        return MDD_FAILED;
    }

    return mdd_put(tx, MDD_SQL_VERSION_ADD, "!iisiii", card, (int64_t) 1,
                   c.fingerprint, c.log, c.leaf, tx->now) != 1
           || mdd_put(tx, MDD_SQL_LOOK_ADD, "!iisssi", card,
                      all[i].review, all[i].person, all[i].verdict, c.label,
                      tx->now) != 1
           ? MDD_FAILED : MDD_OK;
}


/* samples and looks again together are at most one in twenty of what a person
 * decides in a shift, and none in a flood */

int
mdd_sample_for(mdd_web_t *w, mdd_db_t *db, mdd_card_t *c)
{
    int        found = 0;
    int64_t    all = 0, blind = 0;
    mdd_st_t  *st;

    if (!(w->who.roles & (MDD_REVIEWER|MDD_LEAD))) {
        return 0;
    }

    st = mdd_query(db, MDD_SQL_SHIFT_DONE, "si", w->who.name,
                   w->now - SHIFT_MS);

    if (mdd_step(st) == MDD_ROW) {
        all = mdd_int(st, 0);
        blind = mdd_int(st, 1);
    }

    mdd_end(st);

    if ((blind + 1) * OF_EACH > all + 1
        || mdd_one(db, 0, MDD_SQL_QUEUE_LATE, "i", w->now) > FLOOD)
    {
        return 0;
    }

    st = mdd_query(db, MDD_SQL_SAMPLE_NEXT, "is", w->now, w->who.name);

    while (!found && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, c);
        found = mdd_card_mine(w, c);
    }

    mdd_end(st);

    return found;
}


int
mdd_again_decide(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c)
{
    if (strcmp(c->state, "waiting") != 0) {
        a->status = 409;
        json_decref(a->answer);
        a->answer = json_pack("{s:s, s:I}", "error", "decided", "version",
                              (json_int_t) c->version);
        return MDD_REFUSED;
    }

    a->review = mdd_counter(tx, "review");

    if (a->review < 0
        || mdd_put(tx, MDD_SQL_REVIEW_ADD, "!iiisssissiisiii", a->review,
                   c->card, a->version, c->fingerprint, a->verdict,
                   a->who->name, tx->now, a->reason, a->note, (int64_t) 0,
                   (int64_t) 0, "again", (int64_t) 0, tx->log, tx->leaf) != 1
        || mdd_put(tx, MDD_SQL_CARD_STATE, "!sii",
                   strcmp(a->verdict, "reject") == 0 ? "rejected"
                   : "released", (int64_t) 0, c->card) != 1
        || mdd_put(tx, MDD_SQL_LOOK_SAID, "!sssii", a->who->name,
                   a->verdict, a->reason, tx->now, c->card) != 1
        || mdd_present(tx, a->who->name) != MDD_OK)
    {
        return MDD_FAILED;
    }

    a->status = 200;
    json_decref(a->answer);
    a->answer = json_pack("{s:b, s:s}", "current", 1, "state", "standing");

    /* who agrees with whom is nobody's but theirs */

    return mdd_desk_event(tx, "again", json_pack("{s:I}", "review",
        (json_int_t) a->review), json_pack("{s:s, s:I, s:s, s:s, s:s}", "by",
        a->who->name, "card", (json_int_t) c->card, "verdict", a->verdict,
        "reason", a->reason, "note", a->note));
}


int
mdd_again_undo(mdd_tx_t *tx, int64_t card)
{
    return mdd_put(tx, MDD_SQL_CARD_AGAIN, "!ii", mdd_target(tx, 300000),
                   card)
           != 1
           || mdd_put(tx, MDD_SQL_LOOK_SAID, "!sssii", "", "", "",
                      (int64_t) 0, card) < 0
           ? MDD_FAILED : MDD_OK;
}


int
mdd_again_own(mdd_tx_t *tx, int64_t card, const char *name)
{
    return mdd_one(tx->db, 0, MDD_SQL_LOOK_OWN, "is", card, name) != 0;
}


/* {name: {looked, agreed, gold, gold_agreed, gold_reason}}: of oneself, and
 * for a lead of all */

json_t *
mdd_get_agreement(mdd_web_t *w)
{
    int         k;
    json_t     *all = json_object(), *one;
    mdd_st_t   *st;
    const char *name;

    for (k = 0; k < 2; k++) {
        st = mdd_query(w->db, k ? MDD_SQL_GOLD_FIGURES
                                : MDD_SQL_LOOK_FIGURES, "i",
                       w->now - KEPT_MS);

        while (mdd_step(st) == MDD_ROW) {
            name = mdd_text(st, 0);

            if (!(w->who.roles & MDD_LEAD) && strcmp(name, w->who.name) != 0)
            {
                continue;
            }

            one = json_object_get(all, name);

            if (one == NULL) {
                one = json_pack("{s:i, s:i, s:i, s:i, s:i}", "looked", 0,
                                "agreed", 0, "gold", 0, "gold_agreed", 0,
                                "gold_reason", 0);
                json_object_set_new(all, name, one);
            }

            json_object_set_new(one, k ? "gold" : "looked",
                                json_integer(mdd_int(st, 1)));
            json_object_set_new(one, k ? "gold_agreed" : "agreed",
                                json_integer(mdd_int(st, 2)));

            if (k) {
                json_object_set_new(one, "gold_reason",
                                    json_integer(mdd_int(st, 3)));
            }
        }

        mdd_end(st);
    }

    return all;
}
