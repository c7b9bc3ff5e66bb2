/*
 * api_queue.c - who looks at what: the queue, the next cards for a person,
 * claims.
 *
 * `next` deals cards in one change on the writer, so no card is dealt twice.
 * A claim lasts five minutes and is renewed by a heartbeat; who goes away
 * gives the card back by the clock.
 */

#include "api.h"
#include "desk.h"
#include "page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEAL_MAX  5
#define PAGE_MAX  100


static int
has_queue(const mdd_web_t *w, const char *queue)
{
    size_t   i;
    json_t  *list = json_object_get(w->args, "queues"), *j;

    if (json_is_string(list)) {
        return json_string_length(list) == 0
               || strcmp(json_string_value(list), queue) == 0;
    }

    if (!json_is_array(list) || json_array_size(list) == 0) {
        return 1;
    }

    json_array_foreach(list, i, j) {
        if (json_is_string(j) && strcmp(json_string_value(j), queue) == 0) {
            return 1;
        }
    }

    return 0;
}


/* the card with the texts of the line it came from; samples look like any */

json_t *
mdd_get_card(mdd_web_t *w, const mdd_card_t *c)
{
    json_t  *j, *d, *private;

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
    json_object_set(j, "hits", json_object_get(private, "hits")
                               ? json_object_get(private, "hits")
                               : json_null());
    json_object_set(j, "rules", json_object_get(d, "rules")
                                ? json_object_get(d, "rules") : json_null());

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


json_t *
mdd_get_queue(mdd_web_t *w, const char *state, const char *queue, int limit)
{
    int          n = 0;
    char         next[48] = "";
    json_t      *list = json_array(), *j;
    mdd_st_t    *st;
    mdd_card_t   c;
    long long    due = -1, card = 0;

    sscanf(mdd_arg(w, "after"), "%lld-%lld", &due, &card);
    st = mdd_query(w->db, MDD_SQL_QUEUE_LIST, "ssiii", state, queue,
                   (int64_t) due, (int64_t) card, (int64_t) limit);

    while (mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &c);

        if (++n == limit) {
            snprintf(next, sizeof(next), "%lld-%lld", (long long) c.due,
                     (long long) c.card);
        }

        if (mdd_card_mine(w, &c)) {
            json_array_append_new(list, mdd_get_card(w, &c));
        }
    }

    mdd_end(st);
    j = json_pack("{s:o}", "cards", list);

    if (next[0]) {
        json_object_set_new(j, "next", json_string(next));
    }

    return j;
}


const json_t *
mdd_get_counts(mdd_web_t *w)
{
    mdd_st_t  *st;

    if (w->counts == NULL) {
        w->counts = json_array();
        st = mdd_query(w->db, MDD_SQL_QUEUE_COUNTS, "");

        while (mdd_step(st) == MDD_ROW) {
            json_array_append_new(w->counts, json_pack("[s, s, I]",
                mdd_text(st, 0), mdd_text(st, 1),
                (json_int_t) mdd_int(st, 2)));
        }

        mdd_end(st);
    }

    return w->counts;
}


void
mdd_api_queue(mdd_web_t *w)
{
    char         etag[80] = "";
    int64_t      limit;
    mdd_st_t    *st;
    const char  *state = mdd_arg(w, "state");

    st = mdd_query(w->db, MDD_SQL_QUEUE_STAMP, "");

    if (mdd_step(st) == MDD_ROW) {
        snprintf(etag, sizeof(etag), "\"%lld-%lld-%lld-%s\"",
                 (long long) mdd_int(st, 0), (long long) mdd_int(st, 1),
                 (long long) mdd_int(st, 2), w->zh ? "z" : "e");
    }

    mdd_end(st);
    mdd_field(w, "Cache-Control", "private, no-cache");

    if (mdd_unchanged(w, etag)) {
        return;
    }

    limit = mdd_arg_int(w, "limit", 50);
    limit = limit < 1 ? 1 : limit > PAGE_MAX ? PAGE_MAX : limit;

    mdd_json(w, 200, mdd_get_queue(w, *state ? state : "waiting",
                                   mdd_arg(w, "queue"), (int) limit));
}


typedef struct {
    mdd_web_t   *w;
    int          n, dealt;
    mdd_card_t   cards[DEAL_MAX];
} deal_t;


static int
urgency(const void *a, const void *b)
{
    const mdd_card_t  *x = *(mdd_card_t *const *) a;
    const mdd_card_t  *y = *(mdd_card_t *const *) b;
    int64_t            d = x->due / 60000 - y->due / 60000;

    d = d ? d : y->risk - x->risk;
    d = d ? d : x->due - y->due;
    d = d ? d : x->card - y->card;

    return (d > 0) - (d < 0);
}


/* samples of what passed are mixed in, one in twenty deals, none in a flood;
 * they look like any other card */

static int
no_sample(mdd_tx_t *tx)
{
    return mdd_one(tx->db, 0, MDD_SQL_COUNTER_GET, "s", "claim") % 20 != 19
           || mdd_one(tx->db, 0, MDD_SQL_QUEUE_LATE, "i", tx->now) > 500;
}


static int
deal(mdd_tx_t *tx, void *data)
{
    int          i, n = 0, k, rc = MDD_OK, only_cards = no_sample(tx);
    deal_t      *a = data;
    mdd_st_t    *st;
    mdd_card_t  *all, **of;
    const char  *me = a->w->who.name;

    all = calloc(500, sizeof(mdd_card_t));
    of = calloc(500, sizeof(mdd_card_t *));

    if (all == NULL || of == NULL) {
        free(all);
        free(of);
        return MDD_FAILED;
    }

    /* a second opinion goes to another than who asked for it; a lead gets what
     * was escalated first */

    for (k = 0; k < 3; k++) {
        static const char *const  states[] = {
            "escalated", "asked", "waiting"
        };

        if (k == 0 && !(a->w->who.roles & MDD_LEAD)) {
            continue;
        }

        st = mdd_query(tx->db, MDD_SQL_QUEUE_NEXT, "sis", states[k], tx->now,
                       me);

        while (n < 500 && mdd_step(st) == MDD_ROW) {
            mdd_card_row(st, &all[n]);

            if (mdd_card_mine(a->w, &all[n])
                && has_queue(a->w, all[n].queue)
                && !(only_cards && strcmp(all[n].kind, "sample") == 0))
            {
                of[n] = &all[n];
                n++;
            }
        }

        mdd_end(st);
    }

    qsort(of, (size_t) n, sizeof(mdd_card_t *), urgency);

    for (i = 0; i < n && a->dealt < a->n && rc == MDD_OK; i++) {
        int  said = 0;

        st = mdd_query(tx->db, MDD_SQL_REVIEW_CARD, "i", of[i]->card);

        while (mdd_step(st) == MDD_ROW) {
            said |= mdd_int(st, 2) == of[i]->version
                    && strcmp(mdd_text(st, 5), me) == 0
                    && (strcmp(mdd_text(st, 11), "first") == 0
                        || strcmp(mdd_text(st, 11), "proposed") == 0
                        || strcmp(of[i]->state, "asked") == 0);
        }

        mdd_end(st);

        if (said) {
            continue;
        }

        strcpy(of[i]->claimed, me);
        of[i]->claim_until = tx->now + MDD_CLAIM_MS;

        if (mdd_run(tx->db, MDD_SQL_CARD_CLAIM, "sii", me,
                    of[i]->claim_until, of[i]->card) != 1)
        {
            rc = MDD_FAILED;
        }

        a->cards[a->dealt++] = *of[i];
    }

    if (a->dealt && mdd_counter(tx, "claim") < 0) {
        rc = MDD_FAILED;
    }

    free(all);
    free(of);

    return rc;
}


void
mdd_api_next(mdd_web_t *w)
{
    int      i;
    char     url[64];
    deal_t   a = { 0 };
    json_t  *list;

    a.w = w;
    a.n = (int) mdd_arg_int(w, "n", 1);
    a.n = a.n < 1 ? 1 : a.n > DEAL_MAX ? DEAL_MAX : a.n;

    if (mdd_change(w->d, deal, &a) != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    if (w->form) {
        snprintf(url, sizeof(url), a.dealt ? "/moderation/cards/%lld"
                                           : "/moderation/queue",
                 a.dealt ? (long long) a.cards[0].card : 0);
        w->out->status = 303;
        mdd_field(w, "Location", url);
        return;
    }

    list = json_array();

    for (i = 0; i < a.dealt; i++) {
        json_array_append_new(list, mdd_get_card(w, &a.cards[i]));
    }

    mdd_json(w, 200, json_pack("{s:o}", "cards", list));
}


typedef struct {
    mdd_web_t   *w;
    int64_t      card;
    const char  *to;                    /* NULL: drop                        */
    int          keep;                  /* heartbeat: only one's own         */
    int          force;                 /* a lead assigns                    */
    mdd_card_t   c;
} claim_t;


static int
claim(mdd_tx_t *tx, void *data)
{
    int       held;
    claim_t  *a = data;

    if (!mdd_card_get(tx->db, a->card, &a->c)) {
        a->c.card = 0;
        return MDD_REFUSED;
    }

    held = a->c.claimed[0] && a->c.claim_until > tx->now
           && strcmp(a->c.claimed, a->w->who.name) != 0;

    if (held && !a->force) {
        return MDD_REFUSED;
    }

    if (a->keep && (a->c.claimed[0] == '\0'
                    || strcmp(a->c.claimed, a->w->who.name) != 0))
    {
        return MDD_REFUSED;
    }

    if (mdd_counter(tx, "claim") < 0
        || mdd_run(tx->db, MDD_SQL_CARD_CLAIM, "sii", a->to ? a->to : "",
                   a->to ? tx->now + MDD_CLAIM_MS : (int64_t) 0, a->card)
           != 1)
    {
        return MDD_FAILED;
    }

    a->c.claim_until = tx->now + MDD_CLAIM_MS;

    return mdd_run(tx->db, MDD_SQL_PERSON_SEEN, "is", tx->now,
                   a->w->who.name) < 0 ? MDD_FAILED : MDD_OK;
}


static void
run_claim(mdd_web_t *w, claim_t *a)
{
    int  rc;

    a->w = w;
    rc = mdd_change(w->d, claim, a);

    if (rc == MDD_REFUSED && a->c.card == 0) {
        mdd_error(w, 404, "not_found", "no such card", "card");

    } else if (rc == MDD_REFUSED && !w->form) {
        mdd_json(w, 409, json_pack("{s:s, s:s, s:I}", "error", "claimed",
                 "by", a->c.claimed, "until",
                 (json_int_t) a->c.claim_until));

    } else if (rc == MDD_REFUSED) {
        mdd_error(w, 409, "claimed", a->c.claimed, NULL);

    } else if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);

    } else {
        mdd_done(w, 200, json_pack("{s:I, s:s, s:I}", "card",
                 (json_int_t) a->card, "by", a->to ? a->to : "", "until",
                 (json_int_t) (a->to ? a->c.claim_until : 0)));
    }
}


/* cards/ID/claim | heartbeat | drop */

void
mdd_api_claim(mdd_web_t *w)
{
    claim_t     a = { 0 };
    mdd_card_t  c;

    a.card = strtoll(w->seg[2], NULL, 10);

    if (!mdd_card_get(w->db, a.card, &c) || !mdd_card_mine(w, &c)) {
        mdd_error(w, 404, "not_found", "no such card", "card");
        return;
    }

    a.keep = strcmp(w->seg[3], "heartbeat") == 0;
    a.to = strcmp(w->seg[3], "drop") == 0 ? NULL : w->who.name;
    run_claim(w, &a);
}


void
mdd_api_assign(mdd_web_t *w)
{
    claim_t  a = { 0 };

    a.card = mdd_arg_int(w, "card", 0);
    a.to = mdd_arg(w, "to");
    a.force = 1;

    if (*a.to == '\0' || strlen(a.to) > MDD_WHO_MAX) {
        mdd_error(w, 400, "bad_value", "a name", "to");
        return;
    }

    run_claim(w, &a);
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
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, j);
}
