/*
 * writer.c - the thread that changes the store and the ledger.
 *
 * A round: one transaction with all changes that wait, each in a savepoint of
 * its own, and a share of the segments; their leaves to the disk; the commit;
 * then whoever waits is told.  So changes that come together share one wait
 * for the disk, and one that fails takes nothing with it.
 */

#include "moderationd/alarm/alarm.h"
#include "moderationd/log/did.h"
#include "moderationd/ingest/ingest.h"
#include "moderationd/log/ledger.h"
#include "loop.h"
#include "moderationd/log/private.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROUND_MAX  256              /* changes of one transaction             */
#define RETAIN_MS  600000           /* how often retention is looked at       */
#define LOOK_MS    100              /* how often segments are looked at       */


typedef struct job_s {
    mdd_change_pt     run;
    void             *data;
    int               rc;
    int               done;
    pthread_cond_t    told;
    struct job_s     *next;
} job_t;

struct mdd_writer_s {
    mdd_t            *d;
    mdd_db_t         *db;
    pthread_t         thread;
    int               running;
    pthread_mutex_t   lock;
    pthread_cond_t    more;
    job_t            *first, **last;
    int               stop;
    int64_t           sign_at, retained_at;
    int64_t           said_at;          /* that changes fail                  */
    int               truncate;

    /* what the last round said; read by others under the lock */
    int64_t           failing;          /* since; 0: it committed             */
    char              error[256];
};


mdd_writer_t *
mdd_writer_new(mdd_t *d)
{
    char                 err[512];
    mdd_writer_t        *w;
    pthread_condattr_t   attr;

    w = calloc(1, sizeof(mdd_writer_t));
    if (w == NULL) {
        return NULL;
    }

    w->d = d;
    w->last = &w->first;
    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&w->more, &attr);
    pthread_condattr_destroy(&attr);

    w->db = mdd_db_open(d->conf->store, 1, 0, err, sizeof(err));
    if (w->db == NULL) {
        mdd_say(MDD_ERR, "store: %s", err);
        mdd_writer_free(w);
        return NULL;
    }

    d->ledger = mdd_ledger_open(d, w->db);
    d->ingest = d->ledger != NULL ? mdd_ingest_open(d, w->db) : NULL;
    if (d->ingest == NULL) {
        mdd_writer_free(w);
        return NULL;
    }

    w->truncate = 1;            /* a restored store may have erased anew      */

    return w;
}


void
mdd_writer_free(mdd_writer_t *w)
{
    if (w == NULL) {
        return;
    }

    mdd_ingest_close(w->d->ingest);
    mdd_ledger_close(w->d->ledger);
    w->d->ingest = NULL;
    w->d->ledger = NULL;
    mdd_db_close(w->db);
    pthread_cond_destroy(&w->more);
    pthread_mutex_destroy(&w->lock);
    free(w);
}


int
mdd_change(mdd_t *d, mdd_change_pt run, void *data)
{
    job_t          job = { 0 };
    mdd_writer_t  *w = d->writer;

    job.run = run;
    job.data = data;
    pthread_cond_init(&job.told, NULL);

    pthread_mutex_lock(&w->lock);

    if (!w->running || w->stop) {
        job.rc = MDD_FAILED;

    } else {
        *w->last = &job;
        w->last = &job.next;
        pthread_cond_signal(&w->more);

        while (!job.done) {
            pthread_cond_wait(&job.told, &w->lock);
        }
    }

    pthread_mutex_unlock(&w->lock);
    pthread_cond_destroy(&job.told);

    return job.rc;
}


/* one change inside the transaction; MDD_FAILED of the savepoint itself ends
 * the round */

static int
run_one(mdd_writer_t *w, job_t *job)
{
    mdd_tx_t    tx;
    mdd_mark_t  mark;

    if (mdd_db_save(w->db) != MDD_OK) {
        return MDD_FAILED;
    }

    mark = mdd_ledger_mark(w->d->ledger);
    memset(&tx, 0, sizeof(tx));
    tx.d = w->d;
    tx.db = w->db;
    tx.now = mdd_now(w->d);
    tx.log = mdd_ledger_log(w->d->ledger);
    tx.leaf = (int64_t) mdd_ledger_next(w->d->ledger);

    mdd_did_begin();
    job->rc = job->run(&tx, job->data);

    if (job->rc == MDD_OK) {
        job->rc = mdd_did_end(&tx);
    }

    if (job->rc == MDD_OK) {
        return mdd_db_keep(w->db);
    }

    mdd_ledger_cut(w->d->ledger, mark);
    mdd_db_undo(w->db);

    return MDD_OK;
}


/* once when writing begins to fail, and when it goes on */

static void
said(mdd_writer_t *w, int rc)
{
    int64_t  was = w->failing;

    pthread_mutex_lock(&w->lock);
    if (rc != MDD_OK) {
        w->failing = was != 0 ? was : mdd_now(w->d);
        snprintf(w->error, sizeof(w->error), "%s", errno == ENOSPC
                 ? strerror(ENOSPC) : mdd_db_error(w->db));
    } else {
        w->failing = 0;
    }
    pthread_mutex_unlock(&w->lock);

    if (rc != MDD_OK) {
        if (mdd_say_due(&w->said_at)) {
            mdd_say(MDD_ERR, "a change could not be written: %s", w->error);
        }

    } else if (was != 0) {
        w->said_at = 0;
        mdd_say(MDD_NOTE, "changes are written again");
    }
}


int64_t
mdd_writer_failing(mdd_t *d, char *error, size_t size)
{
    int64_t        since;
    mdd_writer_t  *w = d->writer;

    pthread_mutex_lock(&w->lock);
    since = w->failing;
    snprintf(error, size, "%s", since ? w->error : "");
    pthread_mutex_unlock(&w->lock);

    return since;
}


/* jobs: those of this round.  MDD_OK, or MDD_FAILED: nothing of it stays; *
 * again: there is more in the segments */

static int
transaction(mdd_writer_t *w, job_t *jobs, int *again)
{
    int         rc;
    mdd_t      *d = w->d;
    job_t      *job;
    mdd_tx_t    tx;

    *again = 0;
    errno = 0;

    if (mdd_ledger_settle(d->ledger, 0) != MDD_OK
        || mdd_db_begin(w->db) != MDD_OK)
    {
        said(w, MDD_FAILED);
        return MDD_FAILED;
    }

    rc = MDD_OK;
    for (job = jobs; job != NULL && rc == MDD_OK; job = job->next) {
        rc = run_one(w, job);
    }

    if (rc == MDD_OK) {
        memset(&tx, 0, sizeof(tx));
        tx.d = d;
        tx.db = w->db;
        tx.now = mdd_now(d);
        tx.log = mdd_ledger_log(d->ledger);
        tx.leaf = (int64_t) mdd_ledger_next(d->ledger);
        mdd_did_begin();
        rc = mdd_ingest_some(d->ingest, &tx, again);
    }

    if (rc == MDD_OK) {
        rc = mdd_did_end(&tx);
    }

    if (rc == MDD_OK) {
        rc = mdd_ledger_flush(d->ledger, w->db);
    }

    if (rc == MDD_OK) {
        rc = mdd_db_commit(w->db);
    }

    said(w, rc);
    if (rc != MDD_OK) {
        mdd_db_rollback(w->db);
    }

    (void) mdd_ledger_settle(d->ledger, rc == MDD_OK);
    mdd_ingest_settle(d->ingest, rc == MDD_OK);
    mdd_feed_settle(rc == MDD_OK);

    return rc;
}


void
mdd_writer_truncate(mdd_t *d)
{
    if (d->writer != NULL) {
        d->writer->truncate = 1;
    }
}


/* what retention lets go, a share a round; and whatever was deleted out of the
 * write-ahead log, too */

static void
retain(mdd_writer_t *w)
{
    int      more, again;
    int64_t  now;
    job_t    job = { 0 };

    now = mdd_now(w->d);
    if (now > w->retained_at + RETAIN_MS) {
        job.run = mdd_retention;
        job.data = &more;
        more = 0;
        if (transaction(w, &job, &again) == MDD_OK && !more) {
            w->retained_at = now;
        }
    }

    if (w->truncate
        && mdd_db_exec(w->db, "PRAGMA wal_checkpoint(TRUNCATE)") == MDD_OK)
    {
        w->truncate = 0;
    }
}


/* a signature when it is due; a second after one that failed */

static void
checkpoint(mdd_writer_t *w, int now)
{
    int64_t  t = mdd_steady();

    if (!now && w->sign_at != 0 && t < w->sign_at) {
        return;
    }

    w->sign_at = t + 1000;
    if (mdd_ledger_sign(w->d->ledger) == MDD_OK) {
        w->sign_at = t + w->d->conf->checkpoint_ms;
        mdd_ingest_signed(w->d->ingest, w->db);
    }

    (void) mdd_ledger_year(w->d->ledger, w->db);
}


static void *
rounds(void *data)
{
    int               rc, stop, again, n;
    job_t            *jobs, *job, *next, **end;
    mdd_writer_t     *w = data;
    struct timespec   ts;

    again = 1;

    for ( ;; ) {
        pthread_mutex_lock(&w->lock);

        if (w->first == NULL && !w->stop && !again) {
            clock_gettime(CLOCK_MONOTONIC, &ts);
            ts.tv_nsec += LOOK_MS * 1000000;
            ts.tv_sec += ts.tv_nsec / 1000000000;
            ts.tv_nsec %= 1000000000;
            (void) pthread_cond_timedwait(&w->more, &w->lock, &ts);
        }

        jobs = w->first;
        end = &jobs;
        for (n = 0; *end != NULL && n < ROUND_MAX; n++) {
            end = &(*end)->next;
        }
        w->first = *end;
        if (w->first == NULL) {
            w->last = &w->first;
        }
        *end = NULL;
        stop = w->stop && jobs == NULL;
        pthread_mutex_unlock(&w->lock);

        if (stop) {
            break;
        }

        again = 0;
        if (jobs != NULL || mdd_ingest_look(w->d->ingest)) {
            rc = transaction(w, jobs, &again);

            pthread_mutex_lock(&w->lock);
            for (job = jobs; job != NULL; job = next) {
                next = job->next;
                if (rc != MDD_OK) {
                    job->rc = MDD_FAILED;
                }
                job->done = 1;
                pthread_cond_signal(&job->told);
            }
            pthread_mutex_unlock(&w->lock);

            if (rc != MDD_OK && jobs == NULL) {
                ts.tv_sec = 1;
                ts.tv_nsec = 0;
                nanosleep(&ts, NULL);
            }
        }

        checkpoint(w, 0);
        retain(w);
    }

    checkpoint(w, 1);
    (void) mdd_ledger_sign(w->d->ledger);       /* a year that just began */

    return NULL;
}


int
mdd_writer_start(mdd_writer_t *w)
{
    if (pthread_create(&w->thread, NULL, rounds, w) != 0) {
        return MDD_FAILED;
    }

    pthread_mutex_lock(&w->lock);
    w->running = 1;
    pthread_mutex_unlock(&w->lock);

    return MDD_OK;
}


void
mdd_writer_stop(mdd_writer_t *w)
{
    if (w == NULL || !w->running) {
        return;
    }

    pthread_mutex_lock(&w->lock);
    w->stop = 1;
    pthread_cond_signal(&w->more);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    w->running = 0;
}
