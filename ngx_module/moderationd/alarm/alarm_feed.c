/*
 * alarm_feed.c - counters of the record to early warning.
 *
 * What a transaction brings is put aside, and counts when it has committed.
 * Ticks end with the lines that come, so that a spool that is read late gives
 * the alarms of its own time; where lines came lately and no more come, time
 * goes on by the clock, ten seconds behind it.
 */

#include "alarm.h"
#include "moderationd/conf/rulebook.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BEHIND_MS  10000
#define LATE_MS    30000                /* then it is no line of now          */
#define SAVE_MS    600000
#define FORGET_MS  (40 * 86400000ll)
#define EVENTS     512
#define STATE      2                    /* of what is kept of a series        */

typedef struct {
    int64_t   delta, time;
    unsigned  asked;
    char      key[200];
} count_t;

/* what is kept of a series in the store */
typedef struct {
    int32_t   version;
    uint32_t  age;
    float     rate, spread, live;
    float     week_rate[MDD_WEEK], week_live[MDD_WEEK];
} kept_t;

static struct {
    mdd_t              *d;
    mdd_burst_t        *b;
    count_t            *counts;
    size_t              n, cap;
    int64_t             policy;         /* a new one, of this transaction     */
    int64_t             newest, got;    /* time of the last line, and when    */
    int64_t             saved;
    mdd_burst_event_t   events[EVENTS];
    size_t              nevents;
} feed;


static void
tell(void *ctx, const mdd_burst_event_t *e)
{
    (void) ctx;

    if (feed.nevents < EVENTS) {
        feed.events[feed.nevents++] = *e;
    }
}


static void
limits(void *ctx, const char *key, double *ratio, double *min)
{
    size_t             i;
    const mdd_book_t  *book;

    (void) ctx;

    if (strncmp(key, "rule:", 5) != 0) {
        return;
    }

    /* the first site whose policy has the rule */
    for (i = 0; i < feed.d->conf->nsites; i++) {
        book = mdd_book(feed.d->conf->sites[i].name);

        if (book && (mdd_book_rule(book, key + 5)
                     || i + 1 == feed.d->conf->nsites))
        {
            mdd_book_bursts(book, key + 5, ratio, min);
            mdd_book_leave(book);
            return;
        }

        mdd_book_leave(book);
    }
}


static void
restore(mdd_db_t *db)
{
    size_t         n;
    kept_t         k;
    mdd_st_t      *st;
    const void    *p;
    mdd_entry_t   *e;
    mdd_series_t  *s;

    st = mdd_query(db, MDD_SQL_BASELINE_ALL, "");

    while (mdd_step(st) == MDD_ROW) {
        p = mdd_blob(st, 3, &n);

        if (n != sizeof(k)) {
            continue;
        }

        memcpy(&k, p, sizeof(k));

        if (k.version != STATE) {
            continue;
        }

        if (strcmp(mdd_text(st, 0), "record") == 0) {
            s = &feed.b->record;

        } else {
            e = mdd_burst_entry(feed.b, mdd_text(st, 0),
                                (unsigned) mdd_int(st, 1));
            s = e ? &e->s : NULL;
        }

        if (s) {
            s->rate = k.rate;
            s->spread = k.spread;
            s->live = k.live;
            s->age = k.age < 120 ? k.age : 120;
            s->learn = 12;
            memcpy(s->week_rate, k.week_rate, sizeof(k.week_rate));
            memcpy(s->week_live, k.week_live, sizeof(k.week_live));
        }
    }

    (void) mdd_end(st);
}


int
mdd_feed_start(mdd_t *d)
{
    char       err[256];
    mdd_db_t  *db;

    feed.d = d;
    feed.b = mdd_burst_new(tell, limits, NULL);
    feed.saved = mdd_now(d);
    db = mdd_db_open(d->conf->store, 0, 1, err, sizeof(err));

    if (feed.b == NULL || db == NULL) {
        mdd_say(MDD_ERR, "early warning: %s", feed.b ? err : "no memory");
        mdd_db_close(db);
        return MDD_FAILED;
    }

    restore(db);
    mdd_db_close(db);

    return MDD_OK;
}


void
mdd_feed_stop(void)
{
    mdd_burst_free(feed.b);
    free(feed.counts);
    memset(&feed, 0, sizeof(feed));
}


static void
text(char *out, size_t size, const char *p, size_t n)
{
    n = n < size ? n : size - 1;
    memcpy(out, p, n);
    out[n] = '\0';
}


void
mdd_feed_count(const char *what, size_t nwhat, const char *slot,
    size_t nslot, const char *name, size_t nname, int64_t delta,
    int64_t time)
{
    char      w[16], s[180], m[180];
    void     *p;
    count_t  *c;
    size_t    cap;

    if (feed.b == NULL) {
        return;
    }

    if (feed.n == feed.cap) {
        cap = feed.cap ? feed.cap * 2 : 64;
        p = realloc(feed.counts, cap * sizeof(count_t));

        if (p == NULL) {
            return;
        }

        feed.counts = p;
        feed.cap = cap;
    }

    text(w, sizeof(w), what, nwhat);
    text(s, sizeof(s), slot, nslot);
    text(m, sizeof(m), name, nname);
    c = &feed.counts[feed.n];
    c->delta = delta;
    c->time = time;

    if (mdd_burst_key(w, s, m, c->key, sizeof(c->key), &c->asked)) {
        feed.n++;
    }
}


void
mdd_feed_policy(int64_t time)
{
    feed.policy = time;
}


void
mdd_feed_settle(int committed)
{
    size_t        i;
    int64_t       now;
    mdd_entry_t  *e;

    if (feed.b == NULL) {
        return;
    }

    if (committed && feed.policy) {
        mdd_burst_fresh(feed.b, feed.policy);
    }

    now = feed.n ? mdd_now(feed.d) : 0;

    for (i = 0; committed && i < feed.n; i++) {
        if (feed.newest == 0) {
            mdd_burst_until(feed.b, feed.counts[i].time - MDD_TICK_MS);
        }

        e = mdd_burst_entry(feed.b, feed.counts[i].key, feed.counts[i].asked);

        if (e) {
            e->open += (double) feed.counts[i].delta;
        }

        /* all counters of a line together */
        if (i + 1 == feed.n || feed.counts[i + 1].time != feed.counts[i].time)
        {
            mdd_burst_until(feed.b, feed.counts[i].time);
        }

        feed.got = now;
        feed.newest = feed.counts[i].time > feed.newest ? feed.counts[i].time
                                                        : feed.newest;
    }

    feed.n = 0;
    feed.policy = 0;
}


const mdd_burst_event_t *
mdd_feed_events(mdd_tx_t *tx, size_t *n)
{
    *n = 0;

    if (feed.b == NULL) {
        return NULL;
    }

    if (feed.newest && tx->now > feed.newest + BEHIND_MS
        && (feed.got - feed.newest < LATE_MS || tx->now > feed.got + 60000))
    {
        mdd_burst_until(feed.b, tx->now - BEHIND_MS);
    }

    *n = feed.nevents;

    return feed.events;
}


void
mdd_feed_drop(size_t n)
{
    feed.nevents -= n;
    memmove(feed.events, feed.events + n, feed.nevents * sizeof(feed.events[0]));
}


int
mdd_feed_stands(const char *kind, const char *what)
{
    size_t               i;
    const mdd_series_t  *s;

    for (i = 0; feed.b && i < feed.b->n; i++) {
        if (strcmp(feed.b->all[i]->key, what) == 0) {
            s = &feed.b->all[i]->s;
            return *kind == 'f' ? s->flood : s->quiet;
        }
    }

    return 0;
}


static int
save(mdd_tx_t *tx, const char *key, const mdd_series_t *s)
{
    kept_t  k;

    memset(&k, 0, sizeof(k));
    k.version = STATE;
    k.age = s->age;
    k.rate = s->rate;
    k.spread = s->spread;
    k.live = s->live;
    memcpy(k.week_rate, s->week_rate, sizeof(k.week_rate));
    memcpy(k.week_live, s->week_live, sizeof(k.week_live));

    return mdd_run(tx->db, MDD_SQL_BASELINE_PUT, "siib", key,
                   (int64_t) s->asked, tx->now, &k, sizeof(k)) < 0
           ? MDD_FAILED : MDD_OK;
}


int
mdd_feed_save(mdd_tx_t *tx)
{
    size_t  i;

    if (feed.b == NULL || tx->now < feed.saved + SAVE_MS) {
        return MDD_OK;
    }

    mdd_burst_again(feed.b);
    feed.saved = tx->now;

    for (i = 0; i < feed.b->n; i++) {
        if (save(tx, feed.b->all[i]->key, &feed.b->all[i]->s) != MDD_OK) {
            return MDD_FAILED;
        }
    }

    return save(tx, "record", &feed.b->record) == MDD_OK
           && mdd_run(tx->db, MDD_SQL_BASELINE_OLD, "i", tx->now - FORGET_MS)
              >= 0 ? MDD_OK : MDD_FAILED;
}
