/*
 * ledger.c - leaves to tiles, and checkpoints (see ledger.h for the order).
 *
 * What of the last bundle is there is kept twice: in memory and in a file that
 * only grows, .tail-INDEX, so that a few leaves cost one write and one
 * fdatasync.  Whole bundles and tiles are files of their own at once; partial
 * ones are made for sizes that are signed, as C2SP tlog-tiles wants them.
 */

#include "ledger_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>


int
mdd_ledger_add(mdd_ledger_t *l, const void *leaf, size_t n)
{
    uint8_t  len[2];

    if (n == 0 || n > MDD_LEAF_MAX) {
        return MDD_REFUSED;
    }

    len[0] = (uint8_t) (n >> 8);
    len[1] = (uint8_t) n;
    mdd_buf_add(&l->waiting, len, 2);
    mdd_buf_add(&l->waiting, leaf, n);
    if (l->waiting.bad) {
        return MDD_FAILED;
    }

    l->nwaiting++;

    return MDD_OK;
}


mdd_mark_t
mdd_ledger_mark(const mdd_ledger_t *l)
{
    mdd_mark_t  m;

    m.bytes = l->waiting.n;
    m.leaves = l->nwaiting;

    return m;
}


void
mdd_ledger_cut(mdd_ledger_t *l, mdd_mark_t mark)
{
    l->waiting.n = mark.bytes;
    l->waiting.bad = 0;
    l->nwaiting = mark.leaves;
}


int64_t
mdd_ledger_log(const mdd_ledger_t *l)
{
    return l->log;
}


uint64_t
mdd_ledger_next(const mdd_ledger_t *l)
{
    return l->tree.size + l->nwaiting;
}


size_t
mdd_ledger_waiting(const mdd_ledger_t *l)
{
    return l->waiting.n;
}


uint64_t
mdd_ledger_signed(const mdd_ledger_t *l)
{
    return l->last;
}


static int
full_tile(void *data, int level, uint64_t index, const mdd_hash_t *h)
{
    return mdd_tile_write(data, level, index, MDD_TILE, h,
                          MDD_TILE * sizeof(mdd_hash_t));
}


static int
write_all(int fd, const char *p, size_t n)
{
    ssize_t  rc;

    while (n > 0) {
        rc = write(fd, p, n);
        if (rc < 0 && errno == EINTR) {
            continue;
        }
        if (rc < 0) {
            return MDD_FAILED;
        }
        p += rc;
        n -= (size_t) rc;
    }

    return MDD_OK;
}


/* waiting entries to edge, bundles and tiles; the tail's new bytes begin at
 * *from of l->bundle */

static int
take(mdd_ledger_t *l, mdd_sync_t *sync, size_t *from)
{
    size_t       n;
    mdd_hash_t   h;
    const char  *p, *end, *entry, *start;

    p = l->waiting.p;
    end = p + l->waiting.n;
    *from = l->bundle.n;

    while (p < end) {
        start = p;
        if (!mdd_entry(&p, end, &entry, &n)) {
            return MDD_FAILED;
        }

        mdd_buf_add(&l->bundle, start, (size_t) (p - start));
        if (l->bundle.bad) {
            return MDD_FAILED;
        }

        mdd_hash_leaf(h, entry, n);
        if (mdd_tree_add(&l->tree, h, full_tile, sync) != 0) {
            return MDD_FAILED;
        }

        if (l->tree.size % MDD_TILE == 0) {
            if (mdd_tile_write(sync, MDD_ENTRIES, l->tree.size / MDD_TILE - 1,
                               MDD_TILE, l->bundle.p, l->bundle.n) != MDD_OK)
            {
                return MDD_FAILED;
            }
            l->bundle.n = 0;
            *from = 0;
        }
    }

    return MDD_OK;
}


int
mdd_ledger_flush(mdd_ledger_t *l, mdd_db_t *db)
{
    int         rc;
    size_t      from;
    mdd_hash_t  root;
    mdd_sync_t  sync;

    if (l->nwaiting == 0) {
        return MDD_OK;
    }

    sync.dir = l->dir;
    sync.n = 0;
    l->dirty = 1;

    rc = take(l, &sync, &from);

    if (rc == MDD_OK && l->tree.size / MDD_TILE != l->tail_index) {
        l->old_tail = l->tail_index;
        rc = mdd_ledger_tail(l, l->tree.size / MDD_TILE, l->bundle.p,
                             l->bundle.n);

    } else if (rc == MDD_OK && l->bundle.n > from
               && (write_all(l->tail, l->bundle.p + from, l->bundle.n - from)
                   != MDD_OK || fdatasync(l->tail) != 0))
    {
        rc = MDD_FAILED;
    }

    if (mdd_sync_all(&sync) != MDD_OK) {
        rc = MDD_FAILED;
    }

    if (rc != MDD_OK) {
        mdd_say(MDD_ERR, "ledger: cannot be written: %s", strerror(errno));
        return MDD_FAILED;
    }

    mdd_tree_root(&l->tree, root);

    return mdd_run(db, MDD_SQL_LOG_SIZE, "ibi", (int64_t) l->tree.size, root,
                   (size_t) MDD_HASH, l->log) == 1 ? MDD_OK : MDD_FAILED;
}


int
mdd_ledger_settle(mdd_ledger_t *l, int committed)
{
    char  path[64];

    l->waiting.n = 0;
    l->waiting.bad = 0;
    l->nwaiting = 0;

    if (!l->dirty) {
        return MDD_OK;
    }

    if (!committed) {
        if (mdd_ledger_load(l) != MDD_OK) {
            return MDD_FAILED;
        }
        l->dirty = 0;
        return MDD_OK;
    }

    l->size = l->tree.size;
    mdd_tree_root(&l->tree, l->hash);
    l->dirty = 0;

    if (l->old_tail != UINT64_MAX) {
        mdd_tail_path(path, l->old_tail);
        (void) unlinkat(l->dir, path, 0);
        l->old_tail = UINT64_MAX;
    }

    return MDD_OK;
}


/* the partial files of the committed size */

static int
partial(mdd_ledger_t *l)
{
    int         i;
    mdd_sync_t  sync;

    sync.dir = l->dir;
    sync.n = 0;

    if (l->size % MDD_TILE != 0
        && mdd_tile_write(&sync, MDD_ENTRIES, l->size / MDD_TILE,
                          l->size % MDD_TILE, l->bundle.p, l->bundle.n)
           != MDD_OK)
    {
        goto failed;
    }

    for (i = 0; i < MDD_LEVELS; i++) {
        if (l->tree.n[i] != 0
            && mdd_tile_write(&sync, i, l->size >> (8 * (i + 1)),
                              l->tree.n[i], l->tree.h[i],
                              l->tree.n[i] * sizeof(mdd_hash_t)) != MDD_OK)
        {
            goto failed;
        }
    }

    return mdd_sync_all(&sync);

failed:

    (void) mdd_sync_all(&sync);

    return MDD_FAILED;
}


/* what a whole tile replaces */

static void
sweep(mdd_ledger_t *l)
{
    int       i;
    uint64_t  n;

    for (n = l->size / MDD_TILE; l->swept < n; l->swept++) {
        mdd_tile_remove_partial(l->dir, MDD_ENTRIES, l->swept);

        for (i = 0; i < MDD_LEVELS; i++) {
            mdd_tile_remove_partial(l->dir, i, l->swept >> (8 * i));
            if (((l->swept + 1) & (((uint64_t) 1 << (8 * (i + 1))) - 1))
                != 0)
            {
                break;
            }
        }
    }
}


int
mdd_ledger_sign(mdd_ledger_t *l)
{
    mdd_buf_t          note = { 0 };
    mdd_checkpoint_t   c;

    if (l->dirty || l->last == l->size) {
        return l->dirty ? MDD_FAILED : MDD_OK;
    }

    /* never a tree that is shorter than one that was signed */
    if (l->size < l->last) {
        if (mdd_say_due(&l->said)) {
            mdd_say(MDD_ERR, "ledger %s: %llu leaves, %llu were signed: not "
                    "signed", l->name, (unsigned long long) l->size,
                    (unsigned long long) l->last);
        }
        return MDD_FAILED;
    }

    memset(&c, 0, sizeof(c));
    strcpy(c.origin, l->origin);
    c.size = l->size;
    memcpy(c.root, l->hash, MDD_HASH);
    mdd_checkpoint_print(&c, &note);

    if (partial(l) != MDD_OK
        || mdd_note_sign(&note, &l->key, mdd_now(l->d)) != MDD_OK
        || mdd_last_write(l->d->conf, l->name, &c) != MDD_OK
        || mdd_file_replace(l->dir, "checkpoint", note.p, note.n, 0640)
           != MDD_OK)
    {
        if (mdd_say_due(&l->said)) {
            mdd_say(MDD_ERR, "ledger %s: a checkpoint could not be written: "
                    "%s", l->name, strerror(errno));
        }
        mdd_buf_free(&note);
        return MDD_FAILED;
    }

    mdd_buf_free(&note);
    if (l->said != 0) {
        mdd_say(MDD_NOTE, "ledger %s: checkpoints are written again", l->name);
        l->said = 0;
    }

    l->last = l->size;
    sweep(l);

    return MDD_OK;
}


void
mdd_ledger_close(mdd_ledger_t *l)
{
    if (l == NULL) {
        return;
    }

    if (l->tail >= 0) {
        close(l->tail);
    }
    if (l->dir >= 0) {
        close(l->dir);
    }
    if (l->root >= 0) {
        close(l->root);
    }
    mdd_buf_free(&l->waiting);
    mdd_buf_free(&l->bundle);
    memset(&l->key, 0, sizeof(l->key));
    free(l);
}
