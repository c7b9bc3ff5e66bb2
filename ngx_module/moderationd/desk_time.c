/*
 * desk_time.c - what happens by the clock: tables follow the store, claims
 * come back, releases are asked for again before they end, defaults act where
 * nobody came, orders and signatures lapse.
 *
 * A default never acts against somebody who looks (a claim), in a flood, with
 * nobody on duty, and never where the policy names none: then a card waits.
 */

#include "account.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FLOOD     500                   /* overdue cards at once             */
#define DUTY_MS   600000                /* seen in this time: on duty        */

static struct {
    pthread_t   thread;
    mdd_t      *d;
    int         running;
    volatile int  stop;
} clock_of_desk;


/* 1: it is released for little longer than its target: ask again */

static int
ask_again(mdd_tx_t *tx)
{
    int          n = 0, i;
    int64_t      target;
    mdd_st_t    *st;
    mdd_card_t   cards[64];

    st = mdd_query(tx->db, MDD_SQL_CARD_ENDING, "i", tx->now + 3600000);

    while (n < 64 && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &cards[n]);
        n++;
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        const mdd_book_t  *book = mdd_book(cards[i].site[0] ? cards[i].site
                                                            : NULL);
        const mdd_slot_t  *slot = mdd_book_slot(book, cards[i].slot);

        target = slot ? slot->target_ms : 300000;
        mdd_book_leave(book);

        if (cards[i].ends > tx->now + 2 * target
            || tx->now - cards[i].last > 2 * target + 600000)
        {
            continue;                   /* later, or nobody is shown it */
        }

        if (mdd_run(tx->db, MDD_SQL_CARD_AGAIN, "ii", cards[i].ends,
                    cards[i].card) != 1)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


static int
by_default(mdd_tx_t *tx)
{
    int          n = 0, i, pass;
    char         word[8];
    int64_t      after, ends, review, seq;
    mdd_st_t    *st;
    mdd_card_t   cards[200];

    st = mdd_query(tx->db, MDD_SQL_CARD_OVERDUE, "i", tx->now);

    while (n < 200 && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &cards[n]);
        n++;
    }

    mdd_end(st);

    if (n == 0
        || mdd_one(tx->db, 0, MDD_SQL_QUEUE_LATE, "i", tx->now) > FLOOD
        || mdd_one(tx->db, 0, MDD_SQL_PERSON_PRESENT, "i",
                   tx->now - DUTY_MS) == 0)
    {
        return MDD_OK;
    }

    for (i = 0; i < n; i++) {
        const mdd_book_t  *book = mdd_book(cards[i].site[0] ? cards[i].site
                                                            : NULL);
        const mdd_slot_t  *slot = mdd_book_slot(book, cards[i].slot);

        after = slot ? slot->after_ms : 0;
        pass = slot ? slot->pass && !slot->first_screen : 0;
        ends = tx->now + (slot ? slot->ttl_ms : 0);
        mdd_book_leave(book);

        if (after == 0 || cards[i].first + after > tx->now
            || strcmp(cards[i].kind, "card") != 0)
        {
            continue;
        }

        strcpy(word, pass ? "release" : "reject");
        seq = mdd_verdict(tx, MDL_TABLE_ITEMS, cards[i].fingerprint,
                          cards[i].scope, pass ? MDL_REVIEW_RELEASED
                                               : MDL_REVIEW_REJECTED, 0,
                          ends);
        review = mdd_counter(tx, "review");

        if (seq < 0 || review < 0
            || mdd_run(tx->db, MDD_SQL_REVIEW_ADD, "iiisssissiisiii", review,
                       cards[i].card, cards[i].version, cards[i].fingerprint,
                       word, "default", tx->now, "default", "", ends,
                       (int64_t) 0, "standing", seq, tx->log, tx->leaf) != 1
            || mdd_run(tx->db, MDD_SQL_CARD_STATE, "sii",
                       pass ? "released" : "rejected", ends, cards[i].card)
               != 1
            || mdd_desk_event(tx, "review", json_pack(
                   "{s:I, s:I, s:s, s:s, s:s, s:I}", "review",
                   (json_int_t) review, "card", (json_int_t) cards[i].card,
                   "fingerprint", cards[i].fingerprint, "verdict", word,
                   "by", "default", "seq", (json_int_t) seq), NULL) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


/* orders whose time is over, or that nobody confirmed (internal ones) */

static int
lapse_orders(mdd_tx_t *tx)
{
    int         n = 0, i, over;
    char        why[64][12], key[64][40];
    int64_t     id[64], seq;
    mdd_st_t   *st;

    st = mdd_query(tx->db, MDD_SQL_ORDER_LIVE, "");

    while (n < 64 && mdd_step(st) == MDD_ROW) {
        over = mdd_int(st, 4) <= tx->now;

        if (over || (strcmp(mdd_text(st, 5), "internal") == 0
                     && mdd_text(st, 10)[0] == '\0'
                     && mdd_int(st, 11) < tx->now))
        {
            id[n] = mdd_int(st, 0);
            strncpy(key[n], mdd_text(st, 2), sizeof(key[n]) - 1);
            key[n][sizeof(key[n]) - 1] = '\0';
            strcpy(why[n], over ? "ended" : "lapsed");
            n++;
        }
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        seq = mdd_verdict(tx, MDL_TABLE_ORDERS, key[i], "", 0, 0, 0);

        if (seq < 0
            || mdd_run(tx->db, MDD_SQL_ORDER_STATE, "ssii", why[i], "clock",
                       seq, id[i]) != 1
            || mdd_desk_event(tx, "order", json_pack("{s:I, s:s, s:I}",
                   "order", (json_int_t) id[i], "state", why[i], "seq",
                   (json_int_t) seq), NULL) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


/* states that end by themselves */

static int
end_states(mdd_tx_t *tx)
{
    int         n = 0, i;
    char        account[100][40];
    mdd_st_t   *st;

    st = mdd_query(tx->db, MDD_SQL_ACCOUNT_ENDED, "i", tx->now);

    while (n < 100 && mdd_step(st) == MDD_ROW) {
        strncpy(account[n], mdd_text(st, 0), sizeof(account[n]) - 1);
        account[n++][sizeof(account[0]) - 1] = '\0';
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        if (mdd_account_set(tx, account[i], "none", 0, "clock", "ended")
            != MDD_OK
            || mdd_account_refresh(tx, account[i]) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


static int
tick(mdd_tx_t *tx, void *data)
{
    (void) data;

    if (mdd_run(tx->db, MDD_SQL_CARD_UNCLAIM, "i", tx->now) < 0
        || mdd_run(tx->db, MDD_SQL_SIGNATURE_LAPSE, "i", tx->now) < 0)
    {
        return MDD_FAILED;
    }

    if (ask_again(tx) != MDD_OK || by_default(tx) != MDD_OK
        || end_states(tx) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return lapse_orders(tx);
}


static void *
run(void *data)
{
    int         i = 0;
    char        err[256];
    mdd_t      *d = data;
    mdd_db_t   *db;

    db = mdd_db_open(d->conf->store, 0, 1, err, sizeof(err));

    if (db == NULL) {
        mdd_say(MDD_ERR, "store: %s", err);
        return NULL;
    }

    while (!clock_of_desk.stop) {
        if (i++ % 10 == 0) {
            mdd_change(d, tick, NULL);
        }

        mdd_tables_sync(d, db);
        usleep(100000);
    }

    mdd_db_close(db);

    return NULL;
}


int
mdd_clock_start(mdd_t *d)
{
    clock_of_desk.d = d;

    if (pthread_create(&clock_of_desk.thread, NULL, run, d) != 0) {
        return MDD_FAILED;
    }

    clock_of_desk.running = 1;

    return MDD_OK;
}


void
mdd_clock_stop(mdd_t *d)
{
    (void) d;

    if (clock_of_desk.running) {
        clock_of_desk.stop = 1;
        pthread_join(clock_of_desk.thread, NULL);
        clock_of_desk.running = 0;
    }
}
