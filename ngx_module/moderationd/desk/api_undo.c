/*
 * api_undo.c - a decision is taken back: what stood before it stands again.
 */

#include "moderationd/account/account.h"
#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/report/notice.h"
#include "moderationd/web/page.h"
#include "moderationd/report/report.h"

#include <stdlib.h>
#include <string.h>


/* MDD_REFUSED: it does not stand any more */

static int
undo_one(mdd_tx_t *tx, int64_t review, const char *state, const char *person)
{
    int          rc, verdict = MDL_REVIEW_PENDING, flags = 0;
    char         alias[17], print[40], was[16];
    int64_t      card, version, ends = 0, seq = 0;
    const char  *now = "";
    mdd_st_t    *st;
    mdd_card_t   c;

    st = mdd_query(tx->db, MDD_SQL_REVIEW_GET, "i", review);

    if (mdd_step(st) != MDD_ROW) {
        mdd_end(st);
        return MDD_REFUSED;
    }

    card = mdd_int(st, 1);
    version = mdd_int(st, 2);
    strncpy(print, mdd_text(st, 3), sizeof(print) - 1);
    print[sizeof(print) - 1] = '\0';
    strncpy(was, mdd_text(st, 11), sizeof(was) - 1);
    was[sizeof(was) - 1] = '\0';
    mdd_end(st);

    if (strcmp(was, "again") == 0) {
        return mdd_put(tx, MDD_SQL_REVIEW_STATE, "!sis", state, review,
                       was) == 1 ? mdd_again_undo(tx, card) : MDD_FAILED;
    }

    if (mdd_put(tx, MDD_SQL_REVIEW_STATE, "sis", state, review, was) != 1
        || (strcmp(was, "standing") != 0 && strcmp(was, "first") != 0)
        || !mdd_card_get(tx->db, card, &c))
    {
        return MDD_REFUSED;
    }

    /* what stood before this for the same fingerprint stands again */

    st = mdd_query(tx->db, MDD_SQL_REVIEW_PRINT, "si", print, review);

    if (mdd_step(st) == MDD_ROW
        && (mdd_int(st, 9) == 0 || mdd_int(st, 9) > tx->now))
    {
        verdict = strcmp(mdd_text(st, 4), "reject") == 0 ? MDL_REVIEW_REJECTED
                  : strcmp(mdd_text(st, 4), "adopt") == 0 ? MDL_REVIEW_ADOPTED
                  : MDL_REVIEW_RELEASED;
        flags = verdict == MDL_REVIEW_REJECTED ? MDL_FLAG_REJECTED : 0;
        ends = mdd_int(st, 9);

        /* its picture has changed since */

        if (verdict != MDL_REVIEW_REJECTED
            && mdd_cover_changed(tx->db, print, c.scope) > mdd_int(st, 6))
        {
            flags = MDL_FLAG_SUSPENDED;
        }
    }

    mdd_end(st);

    if (strcmp(c.kind, "card") == 0 && strcmp(was, "standing") == 0) {
        seq = mdd_verdict(tx, MDL_TABLE_ITEMS, print, c.scope, verdict, flags,
                          ends);

        if (seq < 0) {
            return MDD_FAILED;
        }
    }

    if (version == c.version) {
        now = verdict == MDL_REVIEW_PENDING || flags == MDL_FLAG_SUSPENDED
              ? "waiting"
              : verdict == MDL_REVIEW_REJECTED ? "rejected" : "released";

        if (mdd_put(tx, MDD_SQL_CARD_STATE, "sii", now, ends, card) != 1) {
            return MDD_FAILED;
        }
    }

    if (mdd_alias(tx, person, alias) != MDD_OK
        || mdd_strike_void(tx, review, state) != MDD_OK
        || mdd_notice_void(tx, c.decision, "person") != MDD_OK)
    {
        return MDD_FAILED;
    }

    rc = mdd_desk_event(tx, "undo",
        json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I}",
                  "review", (json_int_t) review, "card", (json_int_t) card,
                  "item", c.item, "account", c.account, "state", state, "was",
                  was, "card_state", now, "fingerprint", print, "by", alias,
                  "ends", (json_int_t) ends, "seq", (json_int_t) seq),
        json_pack("{s:s}", "by", person));

    /* an appeal that is granted is closed by its outcome (api_case.c) */

    return rc == MDD_OK && strcmp(state, "appealed") != 0
           ? mdd_appeal_over(tx, &c, person) : rc;
}


/* and what was decided together with it (api_also.c) */

int
mdd_undo(mdd_tx_t *tx, int64_t review, const char *state, const char *person)
{
    int        n = 0, i, rc = undo_one(tx, review, state, person);
    int64_t    with[MDD_ALSO_MAX];
    mdd_st_t  *st;

    if (rc != MDD_OK) {
        return rc;
    }

    st = mdd_query(tx->db, MDD_SQL_REVIEW_WITH, "i", -review);

    while (n < MDD_ALSO_MAX && mdd_step(st) == MDD_ROW) {
        with[n++] = mdd_int(st, 0);
    }

    rc = mdd_end(st);

    for (i = 0; i < n && rc != MDD_FAILED; i++) {
        rc = undo_one(tx, with[i], state, person);
    }

    return rc == MDD_FAILED ? rc : MDD_OK;
}


typedef struct {
    int64_t      review;
    const char  *person;
} undo_t;


static int
run_undo(mdd_tx_t *tx, void *data)
{
    undo_t  *u = data;

    return mdd_undo(tx, u->review, "undone", u->person);
}


void
mdd_api_undo(mdd_web_t *w)
{
    int         rc, found = 0, mine = 0, late = 0;
    undo_t      u = { 0, w->who.name };
    int64_t     card = 0;
    mdd_st_t   *st;
    mdd_card_t  c;

    u.review = strtoll(w->seg[2], NULL, 10);
    st = mdd_query(w->db, MDD_SQL_REVIEW_GET, "i", u.review);

    if (mdd_step(st) == MDD_ROW) {
        found = 1;
        card = mdd_int(st, 1);
        mine = strcmp(mdd_text(st, 5), w->who.name) == 0;
        late = w->now - mdd_int(st, 6) > MDD_UNDO_MS;
    }

    mdd_end(st);

    if (!found || (card && !mine && mdd_card_get(w->db, card, &c)
                   && !mdd_card_mine(w, &c)))
    {
        mdd_error(w, 404, "not_found", "no such decision", "review");
        return;
    }

    if (!(w->who.roles & MDD_LEAD) && (!mine || late)) {
        mdd_error(w, mine ? 410 : 403, mine ? "late" : "forbidden",
                  T(w, "十分钟内可撤销自己的决定，之后由组长撤销",
                    "one's own within ten minutes, later a lead"), NULL);
        return;
    }

    rc = mdd_change(w->d, run_undo, &u);

    if (rc != MDD_OK) {
        mdd_error(w, rc == MDD_REFUSED ? 409 : 503,
                  rc == MDD_REFUSED ? "undone" : "store",
                  T(w, "它已不再有效", "it does not stand any more"), NULL);
        return;
    }

    mdd_tables_sync(w->d, w->db);
    mdd_done(w, 200, json_pack("{s:I}", "review", (json_int_t) u.review));
}
