/*
 * look.c - the fast second look: whose running room was rejected may ask once,
 * with the code of the notice, that another person looks at the card within
 * `live` of the configuration (30 min).  It is not the appeal, which stays open.
 *
 * The card waits again, at once and with that clock; what was rejected stays
 * out until it is decided.  A release voids the strike of the first decision.
 */

#include "moderationd/account/account.h"
#include "moderationd/log/did.h"
#include "moderationd/report/notice.h"
#include "moderationd/report/report.h"

#include <string.h>

#define ROOM_MS  86400000ll             /* a broadcast that may still run     */


/* MDD_REFUSED: r->refused says why */

int
mdd_look_ask(mdd_tx_t *tx, mdd_report_t *r)
{
    int          n = 0;
    mdd_st_t    *st;
    mdd_card_t   c;

    st = mdd_query(tx->db, MDD_SQL_CARD_OF_DECISION, "s", r->decision);

    if (mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &c);
        n = 1;
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (n == 0 || strcmp(c.state, "rejected") != 0) {
        r->refused = 404;
        return MDD_REFUSED;
    }

    if (c.last < tx->now - ROOM_MS) {
        r->refused = 410;
        return MDD_REFUSED;
    }

    if (mdd_one(tx->db, 0, MDD_SQL_LOOK_HAD, "s", r->decision) > 0) {
        r->refused = 409;
        return MDD_REFUSED;
    }

    r->kind = "look";
    r->due = tx->now + tx->d->conf->live_ms;

    return mdd_put(tx, MDD_SQL_CARD_AGAIN, "ii", r->due, c.card) == 1
           ? mdd_report_take(tx, r) : MDD_FAILED;
}


int
mdd_look_own(mdd_tx_t *tx, const mdd_card_t *c, const char *person)
{
    int        own = 0;
    mdd_st_t  *st;

    if (mdd_one(tx->db, 0, MDD_SQL_LOOK_OPEN, "s", c->decision) == 0) {
        return 0;
    }

    st = mdd_query(tx->db, MDD_SQL_REVIEW_DECISION, "s", c->decision);

    while (mdd_step(st) == MDD_ROW) {
        own |= strcmp(mdd_text(st, 1), person) == 0;
    }

    (void) mdd_end(st);

    return own;
}


int
mdd_look_over(mdd_tx_t *tx, const mdd_card_t *c, const char *verdict,
    const char *person)
{
    int         n = 0;
    int64_t     id, reviews[16];
    mdd_st_t   *st;

    id = mdd_one(tx->db, 0, MDD_SQL_LOOK_OPEN, "s", c->decision);

    if (id == 0) {
        return MDD_OK;
    }

    if (strcmp(verdict, "release") == 0) {
        st = mdd_query(tx->db, MDD_SQL_REVIEW_DECISION, "s", c->decision);

        while (n < 16 && mdd_step(st) == MDD_ROW) {
            reviews[n++] = mdd_int(st, 0);
        }

        if (mdd_end(st) != MDD_OK) {
            return MDD_FAILED;
        }

        while (n > 0) {
            n--;

            if (mdd_strike_void(tx, reviews[n], "second look") != MDD_OK
                || mdd_put(tx, MDD_SQL_REVIEW_STATE, "sis", "appealed",
                           reviews[n], "standing") < 0)
            {
                return MDD_FAILED;
            }
        }

        if (mdd_notice_void(tx, c->decision, "person") != MDD_OK
            || mdd_appeal_over(tx, c, person) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return mdd_put(tx, MDD_SQL_CASE_CLOSE, "sSPii",
                   strcmp(verdict, "release") == 0 ? "effective" : "wrong", "",
                   person, tx->now, id) == 1 ? MDD_OK : MDD_FAILED;
}


/* the matter is decided as the owner wished: nothing is left to appeal */

int
mdd_appeal_over(mdd_tx_t *tx, const mdd_card_t *c, const char *person)
{
    char     alias[17];
    int64_t  id;

    id = mdd_one(tx->db, 0, MDD_SQL_APPEAL_OPEN, "s", c->decision);

    if (id == 0) {
        return MDD_OK;
    }

    if (mdd_put(tx, MDD_SQL_CASE_CLOSE, "sSPii", "effective", "", person,
                tx->now, id) != 1
        || mdd_alias(tx, person, alias) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "outcome", json_pack(
        "{s:I, s:s, s:s, s:s, s:s, s:I, s:s}", "case", (json_int_t) id,
        "outcome", "effective", "decision", c->decision, "item", c->item,
        "account", c->account, "reports", (json_int_t) mdd_one(tx->db, 1,
        MDD_SQL_CASE_REPORTS, "i", id), "by", alias),
        json_pack("{s:s}", "by", person));
}
