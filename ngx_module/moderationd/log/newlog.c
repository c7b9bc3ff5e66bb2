/*
 * newlog.c - which log is written to: the one that the store knows, caught up
 * from its tiles where the store is older (a backup that was put back); a new
 * one for a new year, or where catching up fails.  The first leaf of a log
 * names the one before, with size and root.
 */

#include "ledger_in.h"
#include "replay.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>


static int
year_of(int64_t ms)
{
    time_t     t;
    struct tm  tm;

    t = (time_t) (ms / 1000);
    gmtime_r(&t, &tm);

    return tm.tm_year + 1900;
}


static int
make_folder(int dir, const char *name)
{
    if (mkdirat(dir, name, 0750) == 0) {
        return fsync(dir) == 0 ? MDD_OK : MDD_FAILED;
    }

    return errno == EEXIST ? MDD_OK : MDD_FAILED;
}


int
mdd_ledger_use(mdd_ledger_t *l)
{
    int        rc;
    mdd_buf_t  b = { 0 };

    if (l->dir >= 0) {
        close(l->dir);
    }
    if (l->tail >= 0) {
        close(l->tail);
        l->tail = -1;
    }
    l->dir = -1;
    l->year = atoi(l->name);

    if (make_folder(l->root, l->name) != MDD_OK) {
        mdd_say(MDD_ERR, "ledger %s: %s", l->name, strerror(errno));
        return MDD_FAILED;
    }

    l->dir = openat(l->root, l->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC
                    | O_NOFOLLOW);
    if (l->dir < 0) {
        mdd_say(MDD_ERR, "ledger %s: %s", l->name, strerror(errno));
        return MDD_FAILED;
    }

    if (mdd_key_read(&l->key, l->d->conf->sign_key, l->origin, MDD_KEY_LOG, 1)
        != MDD_OK)
    {
        mdd_say(MDD_ERR, "%s: %s", l->d->conf->sign_key, strerror(errno));
        return MDD_FAILED;
    }

    mdd_vkey_print(&l->key.v, &b);
    rc = b.bad ? MDD_FAILED
               : mdd_file_replace(l->dir, "vkey", b.p, b.n, 0640);
    mdd_buf_free(&b);

    return rc;
}


/* a name that is free: 2026, then 2026-2 ...; a folder that never had a
 * checkpoint is one that could not be begun */

static int
free_name(mdd_ledger_t *l, mdd_db_t *db, int year)
{
    int          i;
    char         file[64];
    struct stat  st;

    for (i = 1; i < 1000; i++) {
        if (i == 1) {
            snprintf(l->name, sizeof(l->name), "%d", year);
        } else {
            snprintf(l->name, sizeof(l->name), "%d-%d", year, i);
        }
        snprintf(file, sizeof(file), "%s/checkpoint", l->name);

        if (mdd_one(db, 0, MDD_SQL_LOG_NAMED, "s", l->name) == 0
            && fstatat(l->root, file, &st, AT_SYMLINK_NOFOLLOW) != 0
            && errno == ENOENT)
        {
            return MDD_OK;
        }
    }

    return MDD_FAILED;
}


int
mdd_ledger_begin(mdd_ledger_t *l, mdd_db_t *db, const mdd_logrow_t *old,
    const char *why)
{
    int         rc;
    char        b64[64];
    int64_t     now;
    mdd_tx_t    tx;
    mdd_buf_t   b = { 0 };

    now = mdd_now(l->d);
    if (free_name(l, db, year_of(now)) != MDD_OK) {
        return MDD_FAILED;
    }

    snprintf(l->origin, sizeof(l->origin), "%s/%s", l->d->conf->origin,
             l->name);
    l->log = old != NULL ? old->log + 1 : 1;
    l->size = 0;
    l->last = 0;
    l->swept = 0;
    l->old_tail = UINT64_MAX;
    mdd_hash(l->hash, "", 0);

    if (mdd_ledger_use(l) != MDD_OK || mdd_ledger_load(l) != MDD_OK
        || mdd_db_begin(db) != MDD_OK)
    {
        return MDD_FAILED;
    }

    mdd_buf_fmt(&b, "{\"origin\":");
    mdd_buf_json(&b, l->origin, strlen(l->origin));
    mdd_buf_fmt(&b, ",\"why\":\"%s\"", why);
    if (old != NULL) {
        mdd_base64(b64, old->root, MDD_HASH);
        mdd_buf_fmt(&b, ",\"before\":{\"origin\":");
        mdd_buf_json(&b, old->origin, strlen(old->origin));
        mdd_buf_fmt(&b, ",\"size\":%llu,\"root\":\"%s\"}",
                    (unsigned long long) old->size, b64);
    }
    mdd_buf_add(&b, "}", 2);

    memset(&tx, 0, sizeof(tx));
    tx.d = l->d;
    tx.db = db;
    tx.now = now;
    tx.log = l->log;
    tx.leaf = 0;
    l->d->ledger = l;

    rc = b.bad
         || mdd_run(db, MDD_SQL_LOG_ADD, "issbi", l->log, l->name, l->origin,
                    l->hash, (size_t) MDD_HASH, now) != 1
         || mdd_event(&tx, "log", b.p, NULL) != MDD_OK
         || mdd_ledger_flush(l, db) != MDD_OK
         || mdd_db_commit(db) != MDD_OK ? MDD_FAILED : MDD_OK;
    mdd_buf_free(&b);

    if (rc != MDD_OK) {
        mdd_say(MDD_ERR, "ledger %s: cannot be begun: %s", l->name,
                mdd_db_error(db));
        mdd_db_rollback(db);
    }

    (void) mdd_ledger_settle(l, rc == MDD_OK);

    return rc;
}


/* the newest log that the store knows: 1, 0 or MDD_FAILED */

static int
newest(mdd_db_t *db, mdd_logrow_t *row)
{
    int          rc;
    size_t       n;
    mdd_st_t    *st;
    const void  *p;

    memset(row, 0, sizeof(mdd_logrow_t));
    st = mdd_query(db, MDD_SQL_LOG_LAST, "");
    rc = mdd_step(st);

    if (rc == MDD_ROW) {
        row->log = mdd_int(st, 0);
        snprintf(row->name, sizeof(row->name), "%s", mdd_text(st, 1));
        snprintf(row->origin, sizeof(row->origin), "%s", mdd_text(st, 2));
        row->size = (uint64_t) mdd_int(st, 3);
        p = mdd_blob(st, 4, &n);
        if (n == MDD_HASH) {
            memcpy(row->root, p, MDD_HASH);
        }
    }

    return mdd_end(st) != MDD_OK ? MDD_FAILED : rc == MDD_ROW;
}


/* the log of row; MDD_REFUSED: its files are not what the row says */

static int
use_row(mdd_ledger_t *l, const mdd_logrow_t *row, const mdd_logrow_t *last)
{
    l->log = row->log;
    strcpy(l->name, row->name);
    strcpy(l->origin, row->origin);
    l->size = row->size;
    memcpy(l->hash, row->root, MDD_HASH);
    l->last = strcmp(last->name, row->name) == 0 ? last->size : 0;
    l->swept = l->size / MDD_TILE;

    if (mdd_ledger_use(l) != MDD_OK) {
        return MDD_FAILED;
    }

    return mdd_ledger_load(l);
}


/* where the file of what was signed is gone: the checkpoint that lies beside
 * the tiles of the newest log that the store knows */

static int
published(mdd_ledger_t *l, const mdd_logrow_t *row, mdd_logrow_t *last)
{
    int                rc;
    char              *p, *end, file[64];
    size_t             n;
    mdd_checkpoint_t   c;

    snprintf(file, sizeof(file), "%s/checkpoint", row->name);
    p = mdd_file_read(l->root, file, MDD_NOTE_MAX, &n);
    end = p != NULL ? strstr(p, "\n\n") : NULL;
    rc = end != NULL
         && mdd_checkpoint_parse(&c, p, (size_t) (end + 1 - p)) == MDD_OK;
    free(p);

    if (rc) {
        memset(last, 0, sizeof(mdd_logrow_t));
        strcpy(last->name, row->name);
        strcpy(last->origin, c.origin);
        last->size = c.size;
        memcpy(last->root, c.root, MDD_HASH);
    }

    return rc;
}


mdd_ledger_t *
mdd_ledger_open(mdd_t *d, mdd_db_t *db)
{
    int              rc, have, was_signed;
    mdd_logrow_t     row, last;
    mdd_ledger_t    *l;

    l = calloc(1, sizeof(mdd_ledger_t));
    if (l == NULL) {
        return NULL;
    }

    l->d = d;
    l->dir = -1;
    l->tail = -1;
    l->old_tail = UINT64_MAX;
    l->root = open(d->conf->ledger, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (l->root < 0) {
        mdd_say(MDD_ERR, "%s: %s", d->conf->ledger, strerror(errno));
        goto failed;
    }

    have = newest(db, &row);
    was_signed = mdd_last_read(d->conf, &last);
    if (have < 0 || was_signed < 0) {
        mdd_say(MDD_ERR, "%s: %s", was_signed < 0 ? d->conf->last_signed
                : d->conf->store, was_signed < 0 ? strerror(errno)
                : mdd_db_error(db));
        goto failed;
    }

    if (!was_signed && have) {
        mdd_say(MDD_WARN, "%s is not there: the checkpoint beside the tiles "
                "is taken for what was signed last", d->conf->last_signed);
        was_signed = published(l, &row, &last);
    }

    /* a store that is older than what was signed */
    if (was_signed && (!have || strcmp(row.name, last.name) != 0
                       ? mdd_replay_needed(db, last.name)
                       : row.size < last.size))
    {
        rc = mdd_replay_logs(d, db, l->root, &last);
        if (rc != MDD_OK) {
            mdd_say(MDD_ERR, "the store is older than ledger %s, and cannot "
                    "be caught up from it: a new log begins", last.name);
            last.log = have ? row.log : 0;
            rc = mdd_ledger_begin(l, db, &last, "restore");
            if (rc == MDD_OK) {
                return l;
            }
            goto failed;
        }

        have = newest(db, &row);
    }

    if (have <= 0) {
        if (mdd_ledger_begin(l, db, NULL, "first") != MDD_OK) {
            goto failed;
        }
        return l;
    }

    rc = use_row(l, &row, &last);
    if (rc == MDD_REFUSED) {
        rc = mdd_ledger_begin(l, db, &row, "restore");
    }
    if (rc != MDD_OK) {
        mdd_say(MDD_ERR, "ledger %s: cannot be gone on with: %s", l->name,
                strerror(errno));
        goto failed;
    }

    return l;

failed:

    mdd_ledger_close(l);

    return NULL;
}


int
mdd_ledger_year(mdd_ledger_t *l, mdd_db_t *db)
{
    mdd_logrow_t  old;

    if (year_of(mdd_now(l->d)) <= l->year || l->dirty) {
        return MDD_OK;
    }

    if (mdd_ledger_sign(l) != MDD_OK) {
        return MDD_FAILED;
    }

    memset(&old, 0, sizeof(old));
    old.log = l->log;
    strcpy(old.name, l->name);
    strcpy(old.origin, l->origin);
    old.size = l->size;
    memcpy(old.root, l->hash, MDD_HASH);

    if (mdd_ledger_begin(l, db, &old, "year") == MDD_OK) {
        return MDD_OK;
    }

    /* the old one goes on, and the next round tries again */
    return use_row(l, &old, &old) == MDD_OK ? MDD_FAILED : MDD_FAILED;
}
