/*
 * api_calibration.c - cards that a lead has judged and everybody may judge
 * without knowing how, and how far people agree: here, and where another
 * looked at a decision of theirs again (desk_again.c).
 *
 * Figures of a person are for that person and the lead; by label they are for
 * all.  Nobody is ranked, and nothing counts how fast somebody is.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"
#include "reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


/* GOLD_COLUMNS without what the lead said */

static json_t *
gold_row(mdd_web_t *w, mdd_st_t *st, int open)
{
    json_t  *j, *line, *private;

    line = mdd_get_line(w, mdd_text(st, 2), mdd_int(st, 3), mdd_int(st, 4));
    private = json_object_get(line, "private");

    j = json_pack("{s:I, s:s, s:s, s:s}", "id", (json_int_t) mdd_int(st, 0),
                  "slot", mdd_text(st, 6), "site", mdd_text(st, 5), "label",
                  mdd_text(st, 8));

    if (json_object_get(private, "fields")) {
        json_object_set(j, "fields", json_object_get(private, "fields"));
        json_object_set_new(j, "hits", mdd_reading_hits(private));
    }

    if (open) {
        json_object_set_new(j, "verdict", json_string(mdd_text(st, 10)));
        json_object_set_new(j, "reason", json_string(mdd_text(st, 11)));
        json_object_set_new(j, "note", json_string(mdd_text(st, 12)));
        json_object_set_new(j, "by", json_string(mdd_text(st, 13)));
    }

    json_decref(line);

    return j;
}


/* what this person has not judged, of what may be seen and still has a text */

static json_t *
open_cards(mdd_web_t *w)
{
    json_t    *list = json_array(), *j;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_GOLD_OPEN, "s", w->who.name);

    while (mdd_step(st) == MDD_ROW) {
        if (!mdd_may_see(&w->who, mdd_text(st, 5), mdd_text(st, 7),
                         mdd_text(st, 8)))
        {
            continue;
        }

        j = gold_row(w, st, 0);

        if (json_object_get(j, "fields")) {
            json_array_append(list, j);
        }

        json_decref(j);
    }

    mdd_end(st);

    return list;
}


static json_t *
by_label(mdd_web_t *w)
{
    int        k;
    int64_t    since = w->now - 90 * 86400000ll;
    json_t    *all = json_object(), *one;
    mdd_st_t  *st;

    for (k = 0; k < 2; k++) {
        st = mdd_query(w->db, k ? MDD_SQL_GOLD_LABELS
                                : MDD_SQL_LOOK_LABELS, "i", since);

        while (mdd_step(st) == MDD_ROW) {
            one = json_object_get(all, mdd_text(st, 0));

            if (one == NULL) {
                one = json_pack("{s:i, s:i}", "looked", 0, "agreed", 0);
                json_object_set_new(all, mdd_text(st, 0), one);
            }

            json_object_set_new(one, "looked", json_integer(
                mdd_num(one, "looked") + mdd_int(st, 1)));
            json_object_set_new(one, "agreed", json_integer(
                mdd_num(one, "agreed") + mdd_int(st, 2)));
        }

        mdd_end(st);
    }

    return all;
}


static json_t *
calibration(mdd_web_t *w)
{
    json_t    *j, *list, *row;
    mdd_st_t  *st;

    j = json_pack("{s:o, s:o, s:o}", "cards", open_cards(w), "people",
                  mdd_get_agreement(w), "labels", by_label(w));

    if (!(w->who.roles & MDD_LEAD)) {
        return j;
    }

    list = json_array();
    st = mdd_query(w->db, MDD_SQL_GOLD_LIST, "");

    while (mdd_step(st) == MDD_ROW) {
        row = gold_row(w, st, 1);
        json_object_set_new(row, "judged", json_integer(mdd_int(st, 16)));
        json_object_set_new(row, "agreed", json_integer(mdd_int(st, 17)));
        json_array_append_new(list, row);
    }

    mdd_end(st);
    json_object_set_new(j, "set", list);
    list = json_array();
    st = mdd_query(w->db, MDD_SQL_LOOK_DIFFER, "i",
                   w->now - 90 * 86400000ll);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:s, s:s, s:s,"
            " s:I}", "card", (json_int_t) mdd_int(st, 0), "by",
            mdd_text(st, 1), "verdict", mdd_text(st, 2), "second",
            mdd_text(st, 3), "said", mdd_text(st, 4), "reason",
            mdd_text(st, 5), "at", (json_int_t) mdd_int(st, 6)));
    }

    mdd_end(st);
    json_object_set_new(j, "differ", list);

    return j;
}


void
mdd_api_calibration(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, calibration(w));
}


typedef struct {
    mdd_web_t   *w;
    mdd_card_t   c;
    int64_t      id;
    const char  *verdict, *reason, *note;
    char         gold[12], why[72], said[1100];     /* what the lead said     */
} gold_t;


static int
run_add(mdd_tx_t *tx, void *data)
{
    gold_t  *g = data;

    if (mdd_one(tx->db, 0, MDD_SQL_GOLD_LIVE, "i", g->c.card) != 0) {
        return MDD_REFUSED;
    }

    g->id = mdd_counter(tx, "gold");

    if (g->id < 0
        || mdd_put(tx, MDD_SQL_GOLD_ADD, "iisiisssssSSSPi", g->id,
                   g->c.card, g->c.decision, g->c.log, g->c.leaf, g->c.site,
                   g->c.slot, g->c.queue, g->c.label, g->c.rule, g->verdict,
                   g->reason, g->note, g->w->who.name, tx->now) != 1)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "calibration", json_pack("{s:I, s:s}", "gold",
        (json_int_t) g->id, "state", "live"), json_pack("{s:s, s:s, s:s,"
        " s:I}", "by", g->w->who.name, "verdict", g->verdict, "reason",
        g->reason, "card", (json_int_t) g->c.card));
}


/* a lead: this card, judged so */

void
mdd_api_gold(mdd_web_t *w)
{
    int     rc;
    gold_t  g = { 0 };

    g.w = w;
    g.verdict = mdd_arg(w, "verdict");
    g.reason = mdd_arg(w, "reason");
    g.note = mdd_arg(w, "note");

    if (strcmp(g.verdict, "release") != 0 && strcmp(g.verdict, "reject") != 0)
    {
        mdd_error(w, 400, "bad_value", "release or reject", "verdict");

    } else if ((strcmp(g.verdict, "reject") == 0 && *g.reason == '\0')
               || strlen(g.reason) > 64 || strlen(g.note) > 1000)
    {
        mdd_error(w, 400, "bad_value", "", strlen(g.note) > 1000 ? "note"
                                                                 : "reason");

    } else if (!mdd_card_get(w->db, mdd_arg_int(w, "card", 0), &g.c)
               || !mdd_card_mine(w, &g.c))
    {
        mdd_error(w, 404, "not_found", "no such card", "card");

    } else if ((rc = mdd_change(w->d, run_add, &g)) != MDD_OK) {
        mdd_error(w, rc == MDD_REFUSED ? 409 : 503,
                  rc == MDD_REFUSED ? "there" : "store", "", NULL);

    } else {
        mdd_done(w, 201, json_pack("{s:I}", "id", (json_int_t) g.id));
    }
}


static int
run_judge(mdd_tx_t *tx, void *data)
{
    gold_t    *g = data;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_GOLD_GET, "i", g->id);

    if (mdd_step(st) != MDD_ROW || strcmp(mdd_text(st, 15), "live") != 0
        || strcmp(mdd_text(st, 13), g->w->who.name) == 0
        || !mdd_may_see(&g->w->who, mdd_text(st, 5), mdd_text(st, 7),
                        mdd_text(st, 8)))
    {
        mdd_end(st);
        g->id = 0;
        return MDD_REFUSED;
    }

    snprintf(g->gold, sizeof(g->gold), "%s", mdd_text(st, 10));
    snprintf(g->why, sizeof(g->why), "%s", mdd_text(st, 11));
    snprintf(g->said, sizeof(g->said), "%s", mdd_text(st, 12));
    mdd_end(st);

    switch (mdd_put(tx, MDD_SQL_GOLD_SAY, "iPSSi", g->id,
                    g->w->who.name, g->verdict, g->reason, tx->now))
    {
    case 0:
        return MDD_REFUSED;             /* once                              */
    case 1:
        break;
    default:
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "calibration", json_pack("{s:I, s:s}", "gold",
        (json_int_t) g->id, "state", "judged"), json_pack("{s:s, s:s, s:s}",
        "by", g->w->who.name, "verdict", g->verdict, "reason", g->reason));
}


void
mdd_api_judge(mdd_web_t *w)
{
    int     rc;
    gold_t  g = { 0 };

    g.w = w;
    g.id = strtoll(w->seg[2], NULL, 10);
    g.verdict = mdd_arg(w, "verdict");
    g.reason = mdd_arg(w, "reason");

    if (strcmp(g.verdict, "release") != 0 && strcmp(g.verdict, "reject") != 0)
    {
        mdd_error(w, 400, "bad_value", "release or reject", "verdict");
        return;
    }

    if (strlen(g.reason) > 64
        || (strcmp(g.verdict, "reject") == 0 && *g.reason == '\0'))
    {
        mdd_error(w, 400, "reason", T(w, "驳回需要理由",
                  "a rejection needs a reason"), "reason");
        return;
    }

    rc = mdd_change(w->d, run_judge, &g);

    if (rc == MDD_REFUSED) {
        mdd_error(w, g.id ? 409 : 404, g.id ? "judged" : "not_found", "",
                  NULL);

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_done(w, 200, json_pack("{s:b, s:s, s:s, s:s}", "agreed",
                 strcmp(g.verdict, g.gold) == 0, "verdict", g.gold, "reason",
                 g.why, "note", g.said));
    }
}


static int
run_end(mdd_tx_t *tx, void *data)
{
    int        mine;
    gold_t    *g = data;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_GOLD_GET, "i", g->id);
    mine = mdd_step(st) == MDD_ROW
           && mdd_may_see(&g->w->who, mdd_text(st, 5), mdd_text(st, 7),
                          mdd_text(st, 8));
    mdd_end(st);

    if (!mine) {
        return MDD_REFUSED;
    }

    if (mdd_put(tx, MDD_SQL_GOLD_END, "i", g->id) != 1) {
        return MDD_REFUSED;
    }

    return mdd_desk_event(tx, "calibration", json_pack("{s:I, s:s}", "gold",
        (json_int_t) g->id, "state", "ended"), json_pack("{s:s}", "by",
        g->w->who.name));
}


void
mdd_api_gold_end(mdd_web_t *w)
{
    int     rc;
    gold_t  g = { 0 };

    g.w = w;
    g.id = strtoll(w->seg[2], NULL, 10);
    rc = mdd_change(w->d, run_end, &g);

    if (rc != MDD_OK) {
        mdd_error(w, rc == MDD_REFUSED ? 404 : 503,
                  rc == MDD_REFUSED ? "not_found" : "store", "", NULL);

    } else {
        mdd_done(w, 200, json_pack("{s:I}", "id", (json_int_t) g.id));
    }
}


/* the calibration as screens show it */

json_t *
mdd_get_calibration(mdd_web_t *w)
{
    return calibration(w);
}
