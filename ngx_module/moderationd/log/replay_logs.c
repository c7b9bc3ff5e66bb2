/*
 * replay_logs.c - all leaves of all logs (see replay.h).
 *
 * Twice.  First every entry is hashed: what the store has must give its root,
 * what was signed must give that one.  Only then what comes behind the store's
 * size makes rows.
 */

#include "replay_in.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BATCH     2000                  /* leaves of a transaction            */
#define LOGS_MAX  256


int
mdd_replay_needed(mdd_db_t *db, const char *name)
{
    return mdd_one(db, 0, MDD_SQL_LOG_NAMED, "s", name) == 0;
}


/* entries of a bundle, from wherever they are: whole, under way, or of the
 * last checkpoint */

static char *
bundle(int dir, uint64_t index, uint64_t size, size_t *n)
{
    char  *p, path[64];

    p = mdd_bundle_read(dir, index, MDD_TILE, n);
    if (p == NULL) {
        mdd_tail_path(path, index);
        p = mdd_file_read(dir, path, MDD_BUNDLE_MAX, n);
    }
    if (p == NULL && index == size / MDD_TILE && size % MDD_TILE != 0) {
        p = mdd_bundle_read(dir, index, size % MDD_TILE, n);
    }

    return p;
}


static int
save(mdd_rstate_t *r)
{
    char        number[32];
    mdd_hash_t  root;

    mdd_tree_root(&r->tree, root);
    snprintf(number, sizeof(number), "%lld", (long long) r->events);

    return mdd_replay_places(r) == MDD_OK
           && mdd_run(r->db, MDD_SQL_LOG_SIZE, "ibi", (int64_t) r->tree.size,
                      root, (size_t) MDD_HASH, r->row.log) == 1
           && (r->events == 0
               || mdd_run(r->db, MDD_SQL_META_PUT, "ss", "events", number)
                  >= 0)
           && mdd_db_commit(r->db) == MDD_OK ? MDD_OK : MDD_FAILED;
}


/* one log; size: what its checkpoint says; last: NULL but for the newest */

static int
one_log(mdd_rstate_t *r, uint64_t size, const mdd_logrow_t *last)
{
    int          rc, open, k;
    char        *p;
    size_t       n, len;
    uint64_t     b;
    mdd_hash_t   h, root;
    const char  *s, *entry;

    memset(&r->tree, 0, sizeof(r->tree));
    rc = MDD_OK;
    open = 0;

    for (b = 0; rc == MDD_OK; b++) {
        p = bundle(r->dir, b, size, &n);
        if (p == NULL) {
            break;
        }

        s = p;
        for (k = 0; rc == MDD_OK && k < MDD_TILE
                    && mdd_entry(&s, p + n, &entry, &len); k++)
        {
            if (last == NULL && r->tree.size == size) {
                break;
            }

            mdd_hash_leaf(h, entry, len);
            (void) mdd_tree_add(&r->tree, h, NULL, NULL);

            if (r->rows && r->tree.size > r->row.size) {
                if (!open) {
                    rc = mdd_db_begin(r->db);
                    open = rc == MDD_OK;
                }
                if (rc == MDD_OK) {
                    rc = mdd_replay_leaf(r, entry, len);
                }
                if (rc == MDD_OK && r->tree.size % BATCH == 0) {
                    rc = save(r);
                    open = 0;
                }
            }

            if (r->tree.size == r->row.size
                || (last != NULL && r->tree.size == last->size))
            {
                mdd_tree_root(&r->tree, root);
                if (memcmp(root, r->tree.size == r->row.size ? r->row.root
                           : last->root, MDD_HASH) != 0)
                {
                    rc = MDD_REFUSED;
                }
            }
        }
        free(p);
        if (k < MDD_TILE) {
            break;
        }
    }

    if (rc == MDD_OK && (r->tree.size < r->row.size || r->tree.size < size
                         || (last != NULL && r->tree.size < last->size)))
    {
        rc = MDD_REFUSED;
    }

    if (rc == MDD_OK && open) {
        rc = save(r);
        open = 0;
    }
    if (rc != MDD_OK) {
        mdd_db_rollback(r->db);
        r->nplaces = 0;
    }

    return rc;
}


/* the row of a log, made where the store has none */

static int
log_row(mdd_rstate_t *r, const char *name, const mdd_checkpoint_t *c)
{
    size_t       n;
    mdd_st_t    *st;
    mdd_hash_t   empty;
    const void  *p;

    memset(&r->row, 0, sizeof(r->row));
    snprintf(r->row.name, sizeof(r->row.name), "%.31s", name);
    r->row.log = 0;

    st = mdd_query(r->db, MDD_SQL_LOG_ALL, "");
    while (mdd_step(st) == MDD_ROW) {
        if (strcmp(mdd_text(st, 1), name) == 0) {
            r->row.size = (uint64_t) mdd_int(st, 3);
            p = mdd_blob(st, 4, &n);
            if (n == MDD_HASH) {
                memcpy(r->row.root, p, MDD_HASH);
            }
            r->row.log = mdd_int(st, 0);
            break;
        }
        r->row.log = -mdd_int(st, 0);
    }
    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (r->row.log > 0) {
        return MDD_OK;
    }

    r->row.log = 1 - r->row.log;
    mdd_hash(empty, "", 0);
    memcpy(r->row.root, empty, MDD_HASH);

    return !r->rows ? MDD_OK
           : mdd_run(r->db, MDD_SQL_LOG_ADD, "issbi", r->row.log, name,
                   c->origin, empty, (size_t) MDD_HASH, mdd_now(r->d)) == 1
           ? MDD_OK : MDD_FAILED;
}


static int
by_name(const void *a, const void *b)
{
    const char  *x = a, *y = b;

    /* 2026, 2026-2, 2026-10, 2027 */
    if (strncmp(x, y, 4) == 0 && strlen(x) != strlen(y)) {
        return strlen(x) < strlen(y) ? -1 : 1;
    }

    return strcmp(x, y);
}


static int
each_log(mdd_rstate_t *r, int root, char (*names)[32], size_t n,
    const mdd_logrow_t *last)
{
    int                rc;
    char              *p, *end;
    size_t             i, len;
    mdd_checkpoint_t   c;

    rc = MDD_OK;

    for (i = 0; i < n && rc == MDD_OK; i++) {
        r->dir = openat(root, names[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC
                        | O_NOFOLLOW);
        p = r->dir >= 0 ? mdd_file_read(r->dir, "checkpoint", MDD_NOTE_MAX,
                                        &len) : NULL;
        end = p != NULL ? strstr(p, "\n\n") : NULL;

        if (end == NULL
            || mdd_checkpoint_parse(&c, p, (size_t) (end + 1 - p)) != MDD_OK)
        {
            /* one that could not be begun, unless it was signed */
            rc = strcmp(names[i], last->name) == 0 ? MDD_REFUSED : MDD_OK;

        } else {
            if (r->rows) {
                mdd_say(MDD_NOTE, "ledger %s: rows from its leaves",
                        names[i]);
            }
            rc = log_row(r, names[i], &c);
            if (rc == MDD_OK) {
                rc = one_log(r, c.size, i + 1 < n ? NULL
                             : strcmp(names[i], last->name) == 0 ? last
                             : &r->row);
            }
        }

        free(p);
        if (r->dir >= 0) {
            close(r->dir);
        }
    }

    return rc;
}


int
mdd_replay_logs(mdd_t *d, mdd_db_t *db, int root, const mdd_logrow_t *last)
{
    int              rc;
    DIR             *list;
    char             names[LOGS_MAX][32];
    size_t           n;
    mdd_rstate_t        *r;
    struct dirent   *e;

    n = 0;
    list = fdopendir(openat(root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    while (list != NULL && n < LOGS_MAX && (e = readdir(list)) != NULL) {
        if (e->d_name[0] >= '0' && e->d_name[0] <= '9'
            && strlen(e->d_name) < sizeof(names[0]))
        {
            strcpy(names[n++], e->d_name);
        }
    }
    if (list != NULL) {
        closedir(list);
    }
    qsort(names, n, sizeof(names[0]), by_name);

    r = calloc(1, sizeof(mdd_rstate_t));
    if (r == NULL || (r->places = calloc(MDD_RPLACES, sizeof(mdd_rplace_t)))
                     == NULL)
    {
        free(r);
        return MDD_FAILED;
    }
    r->d = d;
    r->db = db;
    rc = n > 0 ? MDD_OK : MDD_REFUSED;

    if (rc == MDD_OK) {
        rc = each_log(r, root, names, n, last);
    }
    if (rc == MDD_OK) {
        r->rows = 1;
        rc = each_log(r, root, names, n, last);
    }

    free(r->places);
    free(r);

    return rc;
}
