/*
 * period_week.c - reports that are filed: by a call, and each week by itself.
 *
 * Filed is a leaf that says for which days, up to which size, which totals and
 * which digest; the files beside it are for people.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "period.h"
#include "moderationd/log/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

typedef struct {
    mdd_period_t   p;
    json_t        *report;
    char           digest[65];
} period_t;


/* filing: the leaf, then the files */

static int
run_file(mdd_tx_t *tx, void *data)
{
    json_t    *pub;
    period_t  *c = data;

    pub = mdd_period_about(&c->p);
    json_object_set_new(pub, "log", json_integer((json_int_t) c->p.log));
    json_object_set_new(pub, "size", json_integer((json_int_t) c->p.size));
    json_object_set_new(pub, "sha256", json_string(c->digest));
    json_object_set(pub, "totals", json_object_get(c->report, "totals"));

    return mdd_desk_event(tx, "period", pub, NULL);
}


static int
write_file(mdd_web_t *w, const json_t *r, const char *name,
    const char *format)
{
    int          dir, rc = MDD_FAILED;
    char         path[160];
    mdd_reply_t  out = { 0 };

    w->out = &out;
    mdd_period_write(w, r, format);
    dir = open(w->d->conf->reports, O_RDONLY|O_DIRECTORY|O_CLOEXEC);

    if (dir >= 0 && !out.body.bad
        && snprintf(path, sizeof(path), "%s.%s", name, format)
           < (int) sizeof(path))
    {
        rc = mdd_file_replace(dir, path, out.body.p, out.body.n, 0640);
    }

    if (dir >= 0) {
        close(dir);
    }

    mdd_buf_free(&out.body);
    mdd_buf_free(&out.fields);

    return rc;
}


/* week-2026-W48[-site][-public].LANG.FORMAT; CSV and JSON for programs */

static int
write_files(mdd_web_t *w, const mdd_period_t *p, const json_t *r, int public)
{
    int          rc = MDD_OK, zh;
    char         week[16], name[128];
    size_t       i;
    mdd_reply_t *out = w->out;

    static const char *const  formats[] = { "html", "md", "csv", "json" };

    mdd_week_text(p->day, week);

    for (i = 0; i < 8; i++) {
        zh = i < 4;
        w->zh = zh;

        if (!zh && strcmp(formats[i % 4], "json") == 0) {
            continue;                   /* it has no language */
        }

        snprintf(name, sizeof(name), "week-%s%s%.64s%s%s", week,
                 p->site ? "-" : "", p->site ? p->site->name : "",
                 public ? "-public" : "",
                 strcmp(formats[i % 4], "json") == 0 ? ""
                 : zh ? ".zh" : ".en");

        if (write_file(w, r, name, formats[i % 4]) != MDD_OK) {
            rc = MDD_FAILED;
        }
    }

    w->out = out;

    return rc;
}


/* p without its size: made of the record as it is now; w: only d, db, now */

static int
file_week(mdd_web_t *w, mdd_period_t *p)
{
    int         rc;
    char       *text;
    json_t     *r, *public;
    period_t    c = { 0 };
    mdd_hash_t  h;

    if (mdd_period_latest(w, p) != 0) {
        return MDD_FAILED;
    }

    r = mdd_period_json(w, p, 0);
    public = mdd_period_json(w, p, 1);
    text = r ? json_dumps(r, JSON_COMPACT|JSON_REAL_PRECISION(10)) : NULL;
    rc = text && public ? MDD_OK : MDD_FAILED;

    if (rc == MDD_OK) {
        mdd_hash(h, text, strlen(text));
        mdd_hex(c.digest, h, sizeof(h));
        c.p = *p;
        c.report = r;
        rc = mdd_change(w->d, run_file, &c);
    }

    if (rc == MDD_OK && w->d->conf->reports) {
        if (mkdir(w->d->conf->reports, 0750) != 0 && errno != EEXIST) {
            rc = MDD_FAILED;
        }

        rc = rc == MDD_OK ? write_files(w, p, r, 0) : rc;
        rc = rc == MDD_OK ? write_files(w, p, public, 1) : rc;

        if (rc != MDD_OK) {
            mdd_say(MDD_ERR, "%s: a report could not be written",
                    w->d->conf->reports);
        }
    }

    free(text);
    json_decref(r);
    json_decref(public);

    return rc;
}


void
mdd_api_period_file(mdd_web_t *w)
{
    mdd_period_t  p;
    mdd_reply_t  *out = w->out;
    int           rc, zh = w->zh;

    if (!mdd_period_asked(w, &p)) {
        return;
    }

    rc = file_week(w, &p);
    w->out = out;
    w->zh = zh;

    if (rc != MDD_OK) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_done(w, 200, json_pack("{s:I, s:I}", "size", (json_int_t) p.size,
                               "from", (json_int_t) p.from));
}


/* the thread of the week */

static struct {
    pthread_t         thread;
    pthread_mutex_t   lock;
    pthread_cond_t    wake;
    int               running, stop;
} weekly = { .lock = PTHREAD_MUTEX_INITIALIZER,
             .wake = PTHREAD_COND_INITIALIZER };


static int
filed(mdd_db_t *db, const mdd_period_t *p)
{
    int        found = 0;
    json_t    *e;
    mdd_st_t  *st;

    st = mdd_query(db, MDD_SQL_PERIOD_EVENTS, "siiii", "period", p->to,
                   INT64_MAX, INT64_MAX, (int64_t) 0);

    while (mdd_step(st) == MDD_ROW) {
        e = json_loads(mdd_text(st, 3), 0, NULL);
        found |= mdd_num(e, "from") == p->from
                 && mdd_num(e, "to") == p->to
                 && strcmp(mdd_str(e, "site"), p->site ? p->site->name : "")
                    == 0 && mdd_str(e, "campaign")[0] == '\0';
        json_decref(e);
    }

    mdd_end(st);

    return found;
}


static void
look(mdd_t *d, mdd_db_t *db)
{
    size_t        i, n = d->conf->nsites > 1 ? d->conf->nsites : 1;
    mdd_web_t     w = { 0 };
    mdd_period_t  p;

    w.d = d;
    w.db = db;
    w.now = mdd_now(d);
    w.args = json_object();

    for (i = 0; i < n; i++) {
        mdd_period_week(d, n > 1 ? &d->conf->sites[i] : NULL, w.now, &p);

        if (w.now >= p.to + d->conf->reports_at * 60000ll && p.to
            > mdd_one(db, INT64_MAX, MDD_SQL_PERIOD_BEGIN, "")
            && !filed(db, &p))
        {
            (void) file_week(&w, &p);
        }
    }

    json_decref(w.args);
}


static void *
weeks(void *data)
{
    char              err[256];
    mdd_t            *d = data;
    mdd_db_t         *db;
    struct timespec   ts;

    db = mdd_db_open(d->conf->store, 0, 1, err, sizeof(err));

    if (db == NULL) {
        mdd_say(MDD_ERR, "store: %s", err);
        return NULL;
    }

    pthread_mutex_lock(&weekly.lock);

    while (!weekly.stop) {
        pthread_mutex_unlock(&weekly.lock);
        look(d, db);
        clock_gettime(CLOCK_REALTIME, &ts);
        ts.tv_sec += 2;
        pthread_mutex_lock(&weekly.lock);

        if (!weekly.stop) {
            pthread_cond_timedwait(&weekly.wake, &weekly.lock, &ts);
        }
    }

    pthread_mutex_unlock(&weekly.lock);
    mdd_db_close(db);

    return NULL;
}


int
mdd_weekly_start(mdd_t *d)
{
    if (d->conf->reports == NULL) {
        return MDD_OK;
    }

    weekly.running = pthread_create(&weekly.thread, NULL, weeks, d) == 0;

    return weekly.running ? MDD_OK : MDD_FAILED;
}


void
mdd_weekly_stop(void)
{
    if (weekly.running) {
        pthread_mutex_lock(&weekly.lock);
        weekly.stop = 1;
        pthread_cond_signal(&weekly.wake);
        pthread_mutex_unlock(&weekly.lock);
        pthread_join(weekly.thread, NULL);
        weekly.running = 0;
    }
}
