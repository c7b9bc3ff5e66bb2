/*
 * api_queue.c - who looks at what: the queue, the next cards for a person,
 * claims.
 *
 * `next` deals cards in one change on the writer, so no card is dealt twice.
 * A claim lasts five minutes and is renewed by a heartbeat; who goes away
 * gives the card back by the clock.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/web/page.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEAL_MAX  5
#define PAGE_MAX  100
#define REACH_MAX 64                    /* of the most urgent                */


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


/* among the cards of a list, where its time puts it */

static void
add_sample(mdd_web_t *w, const char *queue, json_t *list)
{
    size_t      i;
    json_t     *j;
    mdd_card_t  c;

    if (!mdd_sample_for(w, w->db, &c)
        || (*queue && strcmp(queue, c.queue) != 0))
    {
        return;
    }

    json_array_foreach(list, i, j) {
        if (mdd_num(j, "due") > c.due) {
            break;
        }
    }

    json_array_insert_new(list, i, mdd_get_card(w, &c));
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

    if (due == -1 && strcmp(state, "waiting") == 0) {
        add_sample(w, queue, list);
    }

    j = json_pack("{s:o}", "cards", list);

    if (next[0]) {
        json_object_set_new(j, "next", json_string(next));
    }

    return j;
}


/*
 * Counts of the queue stand in the head of every screen, and with 100 000 cards
 * they are the most that a screen costs: they are kept until a card or a
 * decision comes, a second at most, and so long that counting takes no more
 * than a twentieth of the time.  One counts, the others take what is there.
 */

static struct {
    pthread_mutex_t   lock;
    char              stamp[64];
    int64_t           at, late, cost;
    int               busy;
    json_t           *rows;
} counted = { .lock = PTHREAD_MUTEX_INITIALIZER };


static void
count_queue(mdd_web_t *w)
{
    char       stamp[64] = "";
    json_t    *rows;
    int64_t    age, begun, late;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_QUEUE_STAMP, "");

    if (mdd_step(st) == MDD_ROW) {
        snprintf(stamp, sizeof(stamp), "%lld-%lld",
                 (long long) mdd_int(st, 0), (long long) mdd_int(st, 1));
    }

    mdd_end(st);
    pthread_mutex_lock(&counted.lock);
    age = w->now - counted.at;

    if (counted.rows == NULL
        || (!counted.busy && (age < 0 || age > 20 * counted.cost)
            && (age < 0 || age > 1000 || strcmp(stamp, counted.stamp) != 0)))
    {
        counted.busy = 1;
        pthread_mutex_unlock(&counted.lock);
        begun = mdd_now(w->d);
        rows = json_array();
        st = mdd_query(w->db, MDD_SQL_QUEUE_COUNTS, "");

        while (mdd_step(st) == MDD_ROW) {
            json_array_append_new(rows, json_pack("[s, s, I]",
                mdd_text(st, 0), mdd_text(st, 1),
                (json_int_t) mdd_int(st, 2)));
        }

        mdd_end(st);
        late = mdd_one(w->db, 0, MDD_SQL_QUEUE_LATE, "i", w->now);

        pthread_mutex_lock(&counted.lock);
        json_decref(counted.rows);
        counted.rows = rows;
        counted.late = late;
        counted.at = w->now;
        counted.cost = mdd_now(w->d) - begun;
        counted.busy = 0;
        strcpy(counted.stamp, stamp);
    }

    w->counts = json_deep_copy(counted.rows);
    w->late = counted.late;
    pthread_mutex_unlock(&counted.lock);
}


const json_t *
mdd_get_counts(mdd_web_t *w)
{
    if (w->counts == NULL) {
        count_queue(w);
    }

    return w->counts;
}


int64_t
mdd_get_late(mdd_web_t *w)
{
    (void) mdd_get_counts(w);

    return w->late;
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
    d = d ? d : y->reach - x->reach;
    d = d ? d : x->due - y->due;
    d = d ? d : x->card - y->card;

    return (d > 0) - (d < 0);
}


#define LOOKED_AT  500                  /* cards that may be dealt             */


/* cards that may be dealt to a->w, in `all`, and pointers to them in `of`: a
 * second opinion goes to another than who asked for it; a lead gets what was
 * escalated first.  Their number */

static int
dealable(deal_t *a, mdd_tx_t *tx, mdd_card_t *all, mdd_card_t **of)
{
    int        k, n = 0;
    mdd_st_t  *st;

    static const char *const  states[] = { "escalated", "asked", "waiting" };

    for (k = 0; k < 3; k++) {
        if (k == 0 && !(a->w->who.roles & MDD_LEAD)) {
            continue;
        }

        st = mdd_query(tx->db, MDD_SQL_QUEUE_NEXT, "sis", states[k], tx->now,
                       a->w->who.name);

        while (n < LOOKED_AT && mdd_step(st) == MDD_ROW) {
            mdd_card_row(st, &all[n]);

            if (mdd_card_mine(a->w, &all[n])
                && has_queue(a->w, all[n].queue))
            {
                of[n] = &all[n];
                n++;
            }
        }

        mdd_end(st);
    }

    return n;
}


/* has this person spoken of this version, so that it is another's? */

static int
has_said(mdd_db_t *db, const mdd_card_t *c, const char *me)
{
    int        said = 0;
    mdd_st_t  *st;

    st = mdd_query(db, MDD_SQL_REVIEW_CARD, "i", c->card);

    while (mdd_step(st) == MDD_ROW) {
        said |= mdd_int(st, 2) == c->version
                && strcmp(mdd_text(st, 5), me) == 0
                && (strcmp(mdd_text(st, 11), "first") == 0
                    || strcmp(mdd_text(st, 11), "proposed") == 0
                    || strcmp(c->state, "asked") == 0);
    }

    mdd_end(st);

    return said;
}


static int
deal(mdd_tx_t *tx, void *data)
{
    int          i, n, rc = MDD_OK;
    mdd_card_t   sample;
    deal_t      *a = data;
    mdd_card_t  *all, **of;
    const char  *me = a->w->who.name;

    all = calloc(LOOKED_AT, sizeof(mdd_card_t));
    of = calloc(LOOKED_AT + 1, sizeof(mdd_card_t *));

    if (all == NULL || of == NULL) {
        free(all);
        free(of);
        return MDD_FAILED;
    }

    n = dealable(a, tx, all, of);

    /* by time and risk; of those that are alike what most see comes first */

    qsort(of, (size_t) n, sizeof(mdd_card_t *), urgency);

    for (i = 0; i < n && i < REACH_MAX; i++) {
        of[i]->reach = mdd_one(tx->db, 0, MDD_SQL_DECISION_TOTAL, "s",
                               of[i]->decision);
    }

    qsort(of, (size_t) i, sizeof(mdd_card_t *), urgency);

    /* one that nobody can tell from the others, somewhere among them */

    if (mdd_sample_for(a->w, tx->db, &sample)
        && has_queue(a->w, sample.queue))
    {
        i = n < a->n ? n : (int) (sample.card % a->n);
        memmove(of + i + 1, of + i, (size_t) (n - i) * sizeof(of[0]));
        of[i] = &sample;
        n++;
    }

    for (i = 0; i < n && a->dealt < a->n && rc == MDD_OK; i++) {
        if (has_said(tx->db, of[i], me)) {
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

    if ((a->dealt && mdd_counter(tx, "claim") < 0)
        || mdd_present(tx, me) != MDD_OK)
    {
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


/* whether that person has given the first of two looks: nothing is left to
 * decide for them, and they would keep the second from it */

static int
looked(mdd_tx_t *tx, const mdd_card_t *c, const char *who)
{
    int        found = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_REVIEW_OF, "ii", c->card, c->version);

    while (mdd_step(st) == MDD_ROW) {
        found |= strcmp(mdd_text(st, 11), "first") == 0
                 && strcmp(mdd_text(st, 5), who) == 0;
    }

    mdd_end(st);

    return found;
}


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

    if (a->to != NULL && !a->force && strcmp(a->c.state, "waiting") == 0
        && looked(tx, &a->c, a->w->who.name))
    {
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

    return mdd_present(tx, a->w->who.name);
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
    claim_t     a = { 0 };
    mdd_card_t  c;

    a.card = mdd_arg_int(w, "card", 0);
    a.to = mdd_arg(w, "to");
    a.force = 1;

    if (*a.to == '\0' || strlen(a.to) > MDD_WHO_MAX) {
        mdd_error(w, 400, "bad_value", "a name", "to");
        return;
    }

    if (!mdd_card_get(w->db, a.card, &c) || !mdd_card_mine(w, &c)) {
        mdd_error(w, 404, "not_found", "no such card", "card");
        return;
    }

    run_claim(w, &a);
}
