/*
 * api_card.c - one card: its texts with their readings, what people said of
 * it, what was released before.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/account/near.h"
#include "reading.h"

#include <stdlib.h>
#include <string.h>


/* the card with the texts of the line it came from; samples look like any */

json_t *
mdd_get_card(mdd_web_t *w, const mdd_card_t *c)
{
    char     near[40];
    json_t  *j, *d, *private;
    int64_t  changed;

    d = mdd_get_line(w, c->decision, c->log, c->leaf);
    private = json_object_get(d, "private");

    j = json_pack("{s:I, s:I, s:s, s:s, s:s, s:I, s:I, s:I, s:b, s:I}",
                  "id", (json_int_t) c->card, "version",
                  (json_int_t) c->version, "slot", c->slot, "queue", c->queue,
                  "state", c->state, "due", (json_int_t) c->due,
                  "first_seen", (json_int_t) c->first, "reach",
                  (json_int_t) mdd_num(d, "total"), "cut", (int) c->cut,
                  "risk", (json_int_t) c->risk);

    json_object_set_new(j, "site", json_string(c->site));
    json_object_set_new(j, "scope", json_string(c->scope));
    json_object_set_new(j, "label", json_string(c->label));
    json_object_set_new(j, "item", json_string(c->item));
    json_object_set_new(j, "account", json_string(c->account));
    json_object_set_new(j, "decision", json_string(c->decision));
    json_object_set_new(j, "fingerprint", json_string(c->fingerprint));
    json_object_set(j, "fields", json_object_get(private, "fields")
                                 ? json_object_get(private, "fields")
                                 : json_null());
    json_object_set_new(j, "hits", mdd_reading_hits(private));
    json_object_set_new(j, "readings", mdd_reading_fields(private));
    json_object_set(j, "rules", json_object_get(d, "rules")
                                ? json_object_get(d, "rules") : json_null());

    changed = mdd_cover_changed(w->db, c->fingerprint, c->scope);

    if (changed && strcmp(c->state, "waiting") == 0) {
        json_object_set_new(j, "cover_changed", json_integer(changed));
    }

    if (mdd_near_json(w, private, c->account, near)) {
        json_object_set_new(j, "near", json_string(near));
    }

    if (c->claimed[0] && c->claim_until > w->now) {
        json_object_set_new(j, "claim", json_pack("{s:s, s:I}", "by",
            c->claimed, "until", (json_int_t) c->claim_until));
    }

    json_decref(d);

    return j;
}


/* what people said of it, newest first.  In a second look and in samples the
 * first verdict is not shown */

json_t *
mdd_get_history(mdd_web_t *w, const mdd_card_t *c)
{
    int        open;
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_REVIEW_CARD, "i", c->card);

    while (mdd_step(st) == MDD_ROW) {
        open = strcmp(mdd_text(st, 11), "first") != 0
               || strcmp(mdd_text(st, 5), w->who.name) == 0;

        json_array_append_new(list, json_pack("{s:I, s:I, s:s, s:s, s:I, s:s,"
            " s:s, s:I, s:s}",
            "review", (json_int_t) mdd_int(st, 0),
            "version", (json_int_t) mdd_int(st, 2),
            "verdict", open ? mdd_text(st, 4) : "",
            "by", mdd_text(st, 5), "at", (json_int_t) mdd_int(st, 6),
            "reason", open ? mdd_text(st, 7) : "",
            "note", open ? mdd_text(st, 8) : "",
            "ends", (json_int_t) mdd_int(st, 9), "state", mdd_text(st, 11)));
    }

    mdd_end(st);

    return list;
}


/* the texts of the last version before this that a person released */

void
mdd_add_released(mdd_web_t *w, const mdd_card_t *c, json_t *j)
{
    int64_t    log, leaf;
    json_t    *old, *r;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_VERSION_RELEASED, "ii", c->card,
                   c->version);

    if (mdd_step(st) == MDD_ROW) {
        r = json_pack("{s:I, s:I, s:s}", "version",
                      (json_int_t) mdd_int(st, 0), "at",
                      (json_int_t) mdd_int(st, 3), "by", mdd_text(st, 4));
        log = mdd_int(st, 1);
        leaf = mdd_int(st, 2);
        mdd_end(st);

        old = mdd_get_line(w, c->decision, log, leaf);
        json_object_set(r, "fields", json_object_get(
                        json_object_get(old, "private"), "fields"));
        json_object_set_new(j, "released", r);
        json_decref(old);
        return;
    }

    mdd_end(st);
}


/* two people differ, and a lead decides: both looks, oldest first */

void
mdd_add_looks(mdd_web_t *w, const mdd_card_t *c, json_t *j)
{
    json_t    *list;
    mdd_st_t  *st;

    if (strcmp(c->state, "escalated") != 0 || !(w->who.roles & MDD_LEAD)) {
        return;
    }

    list = json_array();
    st = mdd_query(w->db, MDD_SQL_REVIEW_SPLIT, "ii", c->card, c->version);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:I, s:s, s:s, s:I, s:s,"
            " s:s}", "review", (json_int_t) mdd_int(st, 0),
            "verdict", mdd_text(st, 4), "by", mdd_text(st, 5), "at",
            (json_int_t) mdd_int(st, 6), "reason", mdd_text(st, 7), "note",
            mdd_text(st, 8)));
    }

    mdd_end(st);

    if (json_array_size(list)) {
        json_object_set(j, "looks", list);
    }

    json_decref(list);
}


void
mdd_api_card(mdd_web_t *w)
{
    json_t      *j;
    mdd_card_t   c;

    if (!mdd_card_get(w->db, strtoll(w->seg[2], NULL, 10), &c)
        || !mdd_card_mine(w, &c))
    {
        mdd_error(w, 404, "not_found", "no such card", "card");
        return;
    }

    j = mdd_get_card(w, &c);
    json_object_set_new(j, "history", mdd_get_history(w, &c));
    mdd_add_released(w, &c, j);
    mdd_add_looks(w, &c, j);
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, j);
}
