/*
 * desk_time.c - what happens by the clock: tables follow the store, claims
 * come back, releases are asked for again before they end, defaults act where
 * nobody came, orders and signatures lapse.
 *
 * A default never acts against somebody who looks (a claim), in a flood, with
 * nobody on duty, and never where the policy names none: then a card waits.
 */

#include "moderationd/account/account.h"
#include "moderationd/alarm/alarm.h"
#include "moderationd/log/did.h"
#include "moderationd/report/notice.h"

#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define FLOOD     500                   /* overdue cards at once             */
#define AHEAD_MAX 3600000               /* before a release ends              */
#define DUTY_MS   600000                /* seen in this time: on duty        */

static struct {
    pthread_t   thread;
    mdd_t      *d;
    int         running;
    volatile int  stop;
} clock_of_desk;


/*
 * Releases that end soon: workers are asked to record the next one of the item
 * that they show; its line puts the card into the queue again (desk.c).  So a
 * card that nobody is shown any more is not asked for.
 */

static int
ask_again(mdd_tx_t *tx)
{
    int          n = 0, i, asked;
    int64_t      ahead;
    mdd_st_t    *st;
    mdd_card_t   cards[64];

    st = mdd_query(tx->db, MDD_SQL_CARD_ENDING, "ii", tx->now,
                   tx->now + AHEAD_MAX);

    while (n < 64 && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &cards[n]);
        n++;
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        const mdd_book_t  *book = mdd_book(cards[i].site[0] ? cards[i].site
                                                            : NULL);
        const mdd_slot_t  *slot = mdd_book_slot(book, cards[i].slot);

        ahead = 2 * (slot ? slot->target_ms : 300000) + 60000;
        mdd_book_leave(book);

        if (cards[i].ends > tx->now + (ahead < AHEAD_MAX ? ahead : AHEAD_MAX))
        {
            continue;
        }

        asked = 0;
        st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                       (int64_t) MDL_TABLE_WANTED, cards[i].item, "");

        if (mdd_step(st) == MDD_ROW) {
            asked = mdd_int(st, 0) != 0 && mdd_int(st, 2) == cards[i].ends;
        }

        mdd_end(st);

        if (!asked
            && (mdd_verdict(tx, MDL_TABLE_WANTED, cards[i].item, "", 1, 0,
                            cards[i].ends) < 0
                || mdd_desk_event(tx, "ending", json_pack("{s:I, s:I}",
                       "card", (json_int_t) cards[i].card, "ends",
                       (json_int_t) cards[i].ends), NULL) != MDD_OK))
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}


/* what workers were asked for and nobody was shown */

static int
end_wanted(mdd_tx_t *tx)
{
    int        n = 0, i;
    char       key[100][40];
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_VERDICT_OVER, "ii",
                   (int64_t) MDL_TABLE_WANTED, tx->now);

    while (n < 100 && mdd_step(st) == MDD_ROW) {
        strncpy(key[n], mdd_text(st, 0), sizeof(key[n]) - 1);
        key[n++][sizeof(key[0]) - 1] = '\0';
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        if (mdd_verdict(tx, MDL_TABLE_WANTED, key[i], "", 0, 0, 0) < 0) {
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
    int64_t      after, target, ends, review, seq;
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

        /* a first screen never passes by itself: there it waits */

        after = slot && !(slot->pass && slot->first_screen) ? slot->after_ms
                                                            : 0;
        target = slot ? slot->target_ms : 0;
        pass = slot ? slot->pass : 0;
        ends = tx->now + (slot ? slot->ttl_ms : 0);
        mdd_book_leave(book);

        /* it has waited since its target before it was due */

        if (after == 0 || cards[i].due - target + after > tx->now
            || strcmp(cards[i].kind, "card") != 0
            || mdd_rule_braked(tx, cards[i].rule)
            || mdd_one(tx->db, 0, MDD_SQL_LOOK_OPEN, "s", cards[i].decision))
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
            || mdd_put(tx, MDD_SQL_REVIEW_ADD, "iiissPissiisiii", review,
                       cards[i].card, cards[i].version, cards[i].fingerprint,
                       word, "default", tx->now, "default", "", ends,
                       (int64_t) 0, "standing", seq, tx->log, tx->leaf) != 1
            || mdd_put(tx, MDD_SQL_CARD_STATE, "sii",
                       pass ? "released" : "rejected", ends, cards[i].card)
               != 1
            || mdd_desk_event(tx, "review", json_pack(
                   "{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:I, s:I}", "review",
                   (json_int_t) review, "card", (json_int_t) cards[i].card,
                   "version", (json_int_t) cards[i].version,
                   "fingerprint", cards[i].fingerprint, "verdict", word,
                   "state", "standing", "by", "default", "ends",
                   (json_int_t) ends, "seq", (json_int_t) seq), NULL)
               != MDD_OK)
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

    if (mdd_rule_texts(tx) != MDD_OK
        || mdd_run(tx->db, MDD_SQL_CARD_UNCLAIM, "i", tx->now) < 0
        || mdd_put(tx, MDD_SQL_SIGNATURE_LAPSE, "i", tx->now) < 0)
    {
        return MDD_FAILED;
    }

    if (ask_again(tx) != MDD_OK || by_default(tx) != MDD_OK
        || end_states(tx) != MDD_OK || mdd_account_fade(tx) != MDD_OK
        || end_wanted(tx) != MDD_OK
        || mdd_withdraw_braked(tx) != MDD_OK || mdd_strike_rules(tx) != MDD_OK
        || mdd_stable_tick(tx) != MDD_OK
        || mdd_session_tick(tx) != MDD_OK || mdd_again_tick(tx) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_orders_lapse(tx);
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
            mdd_alarm_look(d);
            mdd_notice_look(d);
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
