/*
 * desk_cover.c - `cover: {check: content}`: a release stands for the picture
 * that was seen, not for whatever its URL gives later.
 *
 * What a person was shown in the preview is kept as a sum.  As long as a
 * release holds a thread fetches the picture every so often; another one
 * suspends the release, and the card waits again.  A picture that cannot be
 * had decides nothing (the page may well show it): what was released stays, an
 * alarm says so, and workers are asked for the card as it is now, since its URL
 * may have become another.
 *
 * What is to be watched follows from what workers were told (verdicts, by
 * their seq), so no way to a release can be forgotten.
 */

#include "moderationd/alarm/alarm.h"
#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "image.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FAILS     3                     /* then it is said                    */
#define SEEN_MS   3600000               /* a look at it counts so long        */
#define ASK_MS    600000
#define KEEP_MS   (7 * 86400000ll)
#define TOLD      200

typedef struct {
    char     print[40], scope[256], sum[65], seen[65];
    int64_t  card, log, leaf, since, seen_at, next, every, fails, changed;
    /* what is to be fetched, what came */
    const mdd_site_t  *site;
    char     url[MDD_IMAGE_URL + 200], now[65];
} watched_t;

/* what workers were told of a card */
typedef struct {
    char     print[40], scope[256];
    int      verdict, flags;
    int64_t  ends;
} told_t;

static struct {
    pthread_t     thread;
    mdd_t        *d;
    int           running;
    volatile int  stop;
    int64_t       seq;                  /* told behind it is not looked at yet */
    char          slots[1024];          /* whose bytes count, as of seq       */
} covers;


static void
row(mdd_st_t *st, watched_t *w)
{
    memset(w, 0, sizeof(*w));
    snprintf(w->print, sizeof(w->print), "%s", mdd_text(st, 0));
    snprintf(w->scope, sizeof(w->scope), "%s", mdd_text(st, 1));
    w->card = mdd_int(st, 2);
    w->log = mdd_int(st, 3);
    w->leaf = mdd_int(st, 4);
    snprintf(w->sum, sizeof(w->sum), "%s", mdd_text(st, 5));
    w->since = mdd_int(st, 6);
    snprintf(w->seen, sizeof(w->seen), "%s", mdd_text(st, 7));
    w->seen_at = mdd_int(st, 8);
    w->next = mdd_int(st, 9);
    w->every = mdd_int(st, 10);
    w->fails = mdd_int(st, 11);
    w->changed = mdd_int(st, 12);
}


static int
get(mdd_db_t *db, const char *print, const char *scope, watched_t *w)
{
    int        found = 0;
    mdd_st_t  *st = mdd_query(db, MDD_SQL_COVER_GET, "ss", print, scope);

    if (mdd_step(st) == MDD_ROW) {
        row(st, w);
        found = 1;
    }

    mdd_end(st);

    return found;
}


/* a person was shown it */

typedef struct {
    const mdd_card_t  *c;
    const char        *sum;
} look_t;


static int
seen(mdd_tx_t *tx, void *data)
{
    const look_t  *l = data;

    return mdd_run(tx->db, MDD_SQL_COVER_SEEN, "ssiiisi", l->c->fingerprint,
                   l->c->scope, l->c->card, l->c->log, l->c->leaf, l->sum,
                   tx->now) < 0 ? MDD_FAILED : MDD_OK;
}


void
mdd_cover_seen(mdd_t *d, const mdd_card_t *c, const char *sum)
{
    look_t  l = { c, sum };

    (void) mdd_change(d, seen, &l);
}


int64_t
mdd_cover_changed(mdd_db_t *db, const char *print, const char *scope)
{
    return mdd_one(db, 0, MDD_SQL_COVER_OF_CARD, "ss", print, scope);
}


/* which scopes have a slot whose pictures are compared */

static void
slots(mdd_t *d, char *out, size_t size)
{
    size_t             i, k, n = 0;
    const mdd_book_t  *book;

    out[0] = '\0';

    for (i = 0; i < d->conf->nsites; i++) {
        book = mdd_book(d->conf->sites[i].name);

        for (k = 0; book && k < book->nslots && n < size; k++) {
            if (book->slots[k].cover_ms && book->slots[k].scope) {
                n += (size_t) snprintf(out + n, size - n, "%s %lld\n",
                                       book->slots[k].scope,
                                       (long long) book->slots[k].cover_ms);
            }
        }

        mdd_book_leave(book);
    }
}


/* of the card's slot: the field, and how often; 0: its bytes do not count */

static int64_t
field_of(const char *site, const char *slot, char *field, size_t size)
{
    int64_t            ms = 0;
    const mdd_book_t  *book = mdd_book(*site ? site : NULL);
    const mdd_slot_t  *s = mdd_book_slot(book, slot);

    if (s && s->cover_ms) {
        ms = s->cover_ms;
        snprintf(field, size, "%s", s->cover);
    }

    mdd_book_leave(book);

    return ms;
}


static int
watch(mdd_tx_t *tx, const told_t *t)
{
    int          known;
    char         site[72], slot[136], field[72];
    int64_t      card, log, leaf, every, reviewed;
    mdd_st_t    *st;
    watched_t    w;
    const char  *sum = "";

    known = get(tx->db, t->print, t->scope, &w);

    if ((t->verdict != MDL_REVIEW_RELEASED && t->verdict != MDL_REVIEW_ADOPTED)
        || (t->flags & MDL_FLAG_SUSPENDED)
        || (t->ends && t->ends <= tx->now))
    {
        return known && mdd_run(tx->db, MDD_SQL_COVER_STOP, "ss", t->print,
                                t->scope) < 0 ? MDD_FAILED : MDD_OK;
    }

    st = mdd_query(tx->db, MDD_SQL_COVER_CARD, "ss", t->print, t->scope);

    if (mdd_step(st) != MDD_ROW) {
        return mdd_end(st);             /* imported: no picture is known      */
    }

    card = mdd_int(st, 0);
    log = mdd_int(st, 1);
    leaf = mdd_int(st, 2);
    snprintf(site, sizeof(site), "%s", mdd_text(st, 3));
    snprintf(slot, sizeof(slot), "%s", mdd_text(st, 4));
    mdd_end(st);

    every = field_of(site, slot, field, sizeof(field));

    if (every == 0) {
        return MDD_OK;
    }

    reviewed = mdd_one(tx->db, 0, MDD_SQL_COVER_REVIEW, "s", t->print);

    /* a release that was there before (an undo, a new start) keeps its sum */

    if (known && w.since >= reviewed) {
        sum = w.sum;

    } else if (known && w.seen_at <= reviewed
               && w.seen_at > reviewed - SEEN_MS)
    {
        sum = w.seen;
    }

    if (mdd_run(tx->db, MDD_SQL_COVER_WATCH, "ssiiisiii", t->print, t->scope,
                card, log, leaf, sum, tx->now, tx->now, every)
        < 0)
    {
        return MDD_FAILED;
    }

    return *sum && (!known || w.since < reviewed)
           && mdd_put(tx, MDD_SQL_COVER_BASE, "ssiiisi", t->print, t->scope,
                      card, log, leaf, sum, tx->now) < 0
           ? MDD_FAILED : MDD_OK;
}


typedef struct {
    told_t   all[TOLD];
    int      n;
} followed_t;


static int
follow(mdd_tx_t *tx, void *data)
{
    int                i, rc = MDD_OK;
    const followed_t  *f = data;

    for (i = 0; i < f->n && rc == MDD_OK; i++) {
        rc = watch(tx, &f->all[i]);
    }

    return rc == MDD_OK && mdd_run(tx->db, MDD_SQL_COVER_OLD, "i",
                                   tx->now - KEEP_MS) < 0 ? MDD_FAILED : rc;
}


/* what was told since the last time, of scopes that matter; 1: there is more */

static int
followed(mdd_t *d, mdd_db_t *db)
{
    int          n = 0;
    char         line[300], now[sizeof(covers.slots)];
    int64_t      seq = covers.seq;
    mdd_st_t    *st;
    followed_t  *f;

    slots(d, now, sizeof(now));

    if (strcmp(now, covers.slots) != 0) {
        strcpy(covers.slots, now);
        covers.seq = seq = 0;           /* what had no picture may have one   */
    }

    if (now[0] == '\0' || (f = calloc(1, sizeof(followed_t))) == NULL) {
        return 0;
    }

    st = mdd_query(db, MDD_SQL_COVER_TOLD, "i", seq);

    for ( ; mdd_step(st) == MDD_ROW; n++) {
        told_t  *t = &f->all[f->n];

        snprintf(t->print, sizeof(t->print), "%s", mdd_text(st, 0));
        snprintf(t->scope, sizeof(t->scope), "%s", mdd_text(st, 1));
        t->verdict = (int) mdd_int(st, 2);
        t->flags = (int) mdd_int(st, 3);
        t->ends = mdd_int(st, 4);
        seq = mdd_int(st, 5);
        snprintf(line, sizeof(line), "%s ", t->scope);
        f->n += strstr(now, line) != NULL && f->n < TOLD - 1;
    }

    mdd_end(st);

    if (f->n == 0 || mdd_change(d, follow, f) == MDD_OK) {
        covers.seq = seq;

    } else {
        n = 0;                          /* in a while                         */
    }

    free(f);

    return n == TOLD && !covers.stop;
}


/* where the picture of a card is, as its line says */

static int
where(mdd_t *d, mdd_db_t *db, watched_t *w)
{
    int          ok = 0;
    size_t       i;
    char         field[72];
    json_t      *line;
    mdd_web_t    web;
    mdd_card_t   c;
    const char  *url;

    memset(&web, 0, sizeof(web));
    web.d = d;
    web.db = db;

    if (!mdd_card_get(db, w->card, &c)
        || field_of(c.site, c.slot, field, sizeof(field)) == 0)
    {
        return 0;
    }

    for (i = 0; i < d->conf->nsites; i++) {
        if (strcmp(d->conf->sites[i].name, c.site) == 0) {
            w->site = &d->conf->sites[i];
        }
    }

    line = mdd_get_line(&web, "", w->log, w->leaf);
    url = mdd_str(json_object_get(json_object_get(line, "private"), "fields"),
                  field);

    if (w->site && *url && strlen(url) <= MDD_IMAGE_URL) {
        mdd_image_url(w->url, sizeof(w->url), mdd_str(line, "host"), url);
        ok = mdd_image_may(w->site, w->url);
    }

    json_decref(line);

    return ok;
}


/* the same is not asked for twice, nor what somebody else asks for */

static int
ask(mdd_tx_t *tx, const mdd_card_t *c)
{
    int64_t    asked = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                   (int64_t) MDL_TABLE_WANTED, c->item, "");

    if (mdd_step(st) == MDD_ROW) {
        asked = mdd_int(st, 0) != 0;
    }

    mdd_end(st);

    return asked || mdd_verdict_put(tx, MDL_TABLE_WANTED, c->item, "", 1, 0,
                                    tx->now + ASK_MS) >= 0
           ? MDD_OK : MDD_FAILED;
}


static int
suspend(mdd_tx_t *tx, const watched_t *w, const mdd_card_t *c)
{
    int        verdict = 0, flags = 0;
    int64_t    ends = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                   (int64_t) MDL_TABLE_ITEMS, w->print, w->scope);

    if (mdd_step(st) == MDD_ROW) {
        verdict = (int) mdd_int(st, 0);
        flags = (int) mdd_int(st, 1);
        ends = mdd_int(st, 2);
    }

    mdd_end(st);

    if (verdict != MDL_REVIEW_RELEASED && verdict != MDL_REVIEW_ADOPTED) {
        return MDD_OK;
    }

    if (mdd_verdict(tx, MDL_TABLE_ITEMS, w->print, w->scope, verdict,
                    flags | MDL_FLAG_SUSPENDED, ends) < 0
        || mdd_put(tx, MDD_SQL_COVER_CHANGED, "iss", tx->now, w->print,
                   w->scope) < 0
        || (strcmp(c->fingerprint, w->print) == 0
            && (strcmp(c->state, "released") == 0
                || strcmp(c->state, "adopted") == 0)
            && mdd_put(tx, MDD_SQL_CARD_AGAIN, "ii",
                       mdd_target(tx, 300000), c->card) < 0))
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "cover", json_pack("{s:I, s:s, s:s}", "card",
                          (json_int_t) c->card, "fingerprint", w->print,
                          "state", "changed"), NULL);
}


typedef struct {
    watched_t  all[MDD_IMAGE_SUMS];
    int        n;
} batch_t;


static int
compare(mdd_tx_t *tx, void *data)
{
    int               i, rc = MDD_OK;
    int64_t           fails, next;
    batch_t          *b = data;
    watched_t         now;
    const watched_t  *w;
    mdd_card_t        c;

    for (i = 0; i < b->n && rc == MDD_OK; i++) {
        w = &b->all[i];

        /* decided anew while it was fetched: that is compared next */

        if (!get(tx->db, w->print, w->scope, &now) || now.next != w->next
            || now.since != w->since
            || !mdd_card_get(tx->db, w->card, &c))
        {
            continue;
        }

        if (w->now[0] && w->sum[0] && strcmp(w->now, w->sum) != 0) {
            rc = suspend(tx, w, &c);
            continue;
        }

        fails = w->now[0] ? 0 : w->fails + 1;
        next = tx->now + (fails > FAILS && w->every < ASK_MS ? ASK_MS
                                                             : w->every);

        /* nobody had looked at it: what it was after the release counts */

        if (w->now[0] && w->sum[0] == '\0'
            && mdd_put(tx, MDD_SQL_COVER_BASE, "ssiiisi", w->print, w->scope,
                       w->card, w->log, w->leaf, w->now, w->since) < 0)
        {
            return MDD_FAILED;
        }

        if (mdd_run(tx->db, MDD_SQL_COVER_NEXT, "siiss",
                    w->sum[0] ? w->sum : w->now, next, fails, w->print,
                    w->scope) < 0)
        {
            return MDD_FAILED;
        }

        if (fails >= FAILS) {
            rc = ask(tx, &c);
        }
    }

    return rc;
}


/* those that are due; 1: there may be more */

static int
fetched(mdd_t *d, mdd_db_t *db)
{
    int          i, k, n;
    size_t       j;
    char         sums[MDD_IMAGE_SUMS][65];
    batch_t     *b = calloc(1, sizeof(batch_t));
    mdd_st_t    *st;
    const char  *urls[MDD_IMAGE_SUMS];

    if (b == NULL) {
        return 0;
    }

    st = mdd_query(db, MDD_SQL_COVER_DUE, "ii", mdd_now(d),
                   (int64_t) MDD_IMAGE_SUMS);

    while (b->n < MDD_IMAGE_SUMS && mdd_step(st) == MDD_ROW) {
        row(st, &b->all[b->n++]);
    }

    mdd_end(st);

    for (i = 0; i < b->n; i++) {
        if (!where(d, db, &b->all[i])) {
            b->all[i].site = NULL;
        }
    }

    for (j = 0; j < d->conf->nsites; j++) {
        for (n = 0, i = 0; i < b->n; i++) {
            if (b->all[i].site == &d->conf->sites[j]) {
                urls[n++] = b->all[i].url;
            }
        }

        if (n == 0) {
            continue;
        }

        mdd_image_sums(urls, (size_t) n, &d->conf->sites[j], sums);

        for (k = 0, i = 0; i < b->n && k < n; i++) {
            if (b->all[i].url == urls[k]) {
                memcpy(b->all[i].now, sums[k++], 65);
            }
        }
    }

    n = b->n;

    if (n && mdd_change(d, compare, b) != MDD_OK) {
        n = 0;                          /* in a while                         */
    }

    free(b);

    return n == MDD_IMAGE_SUMS && !covers.stop;
}


/* a line that workers were asked for: 1: it was that */

int
mdd_cover_line(mdd_tx_t *tx, const mdd_seen_t *s, const char *scope)
{
    int64_t  n;

    n = mdd_run(tx->db, MDD_SQL_COVER_LINE, "iiiss", s->log, s->leaf, tx->now,
                s->fingerprint, scope);

    if (n > 0 && mdd_verdict_put(tx, MDL_TABLE_WANTED, s->item, "", 0, 0, 0)
                 < 0)
    {
        return -1;
    }

    return n < 0 ? -1 : n > 0;
}


static void *
run(void *data)
{
    char             err[256];
    mdd_t           *d = data;
    mdd_db_t        *db;
    struct timespec  some = { 0, 250000000 };

    db = mdd_db_open(d->conf->store, 0, 1, err, sizeof(err));

    if (db == NULL) {
        mdd_say(MDD_ERR, "store: %s", err);
        return NULL;
    }

    while (!covers.stop) {
        while (followed(d, db)) { /* */ }

        while (covers.slots[0] && fetched(d, db)) { /* */ }

        nanosleep(&some, NULL);
    }

    mdd_db_close(db);

    return NULL;
}


int
mdd_cover_start(mdd_t *d)
{
    if (pthread_create(&covers.thread, NULL, run, d) != 0) {
        return MDD_FAILED;
    }

    covers.running = 1;

    return MDD_OK;
}


void
mdd_cover_stop(void)
{
    if (covers.running) {
        covers.stop = 1;
        pthread_join(covers.thread, NULL);
        covers.running = 0;
    }
}
