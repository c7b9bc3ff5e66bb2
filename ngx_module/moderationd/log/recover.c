/*
 * recover.c - the edge of a log from its files: at start, and after a
 * transaction that did not commit.
 *
 * Entries of whole bundles are in their files, those of the last one in its
 * tail (or in a bundle that was made whole by what did not commit).  Hashes of
 * upper levels are worked out from whole tiles below.  The root must be the
 * committed one; only then is anything taken away.
 */

#include "ledger_in.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>



int
mdd_ledger_tail(mdd_ledger_t *l, uint64_t index, const void *p, size_t n)
{
    char  path[64];

    if (l->tail >= 0) {
        close(l->tail);
        l->tail = -1;
    }

    mdd_tail_path(path, index);
    if (mdd_file_replace(l->dir, path, p, n, 0640) != MDD_OK) {
        return MDD_FAILED;
    }

    l->tail = openat(l->dir, path, O_WRONLY | O_APPEND | O_CLOEXEC
                     | O_NOFOLLOW);
    l->tail_index = index;

    return l->tail >= 0 ? MDD_OK : MDD_FAILED;
}


/* hashes of level l of the edge, from whole tiles of the level below */

static int
upper(mdd_ledger_t *l, int level)
{
    unsigned    i, n;
    uint64_t    first;
    mdd_hash_t  h[MDD_TILE];

    n = (unsigned) (l->size >> (8 * level) & (MDD_TILE - 1));
    first = (l->size >> (8 * (level + 1))) * MDD_TILE;

    for (i = 0; i < n; i++) {
        if (mdd_tile_read(l->dir, level - 1, first + i, MDD_TILE, h)
            != MDD_OK)
        {
            return MDD_FAILED;
        }
        mdd_tree_fold(l->tree.h[level][i], (const mdd_hash_t *) h, MDD_TILE);
    }

    l->tree.n[level] = n;

    return MDD_OK;
}


/* the first n entries of p as level 0 of the edge; bytes of them, or 0 */

static size_t
lowest(mdd_ledger_t *l, const char *p, size_t size, unsigned n)
{
    size_t       len;
    unsigned     i;
    const char  *s, *entry;

    for (i = 0, s = p; i < n; i++) {
        if (!mdd_entry(&s, p + size, &entry, &len)) {
            return 0;
        }
        mdd_hash_leaf(l->tree.h[0][i], entry, len);
    }

    l->tree.n[0] = n;

    return (size_t) (s - p);
}


/* the bundle under way, from where the root says that it is right */

static int
last_bundle(mdd_ledger_t *l, int *from_tail)
{
    int         i, ok;
    char       *p, path[64];
    size_t      n, len;
    unsigned    width;
    uint64_t    index;
    mdd_hash_t  root;

    index = l->size / MDD_TILE;
    width = l->size % MDD_TILE;
    l->bundle.n = 0;
    l->bundle.bad = 0;
    *from_tail = 0;

    if (width == 0) {
        mdd_tree_root(&l->tree, root);
        return memcmp(root, l->hash, MDD_HASH) == 0 ? MDD_OK : MDD_REFUSED;
    }

    for (i = 0; i < 3; i++) {
        if (i == 0) {
            mdd_tail_path(path, index);
            p = mdd_file_read(l->dir, path, MDD_BUNDLE_MAX, &n);
        } else {
            p = mdd_bundle_read(l->dir, index, i == 1 ? MDD_TILE : width, &n);
        }
        if (p == NULL) {
            continue;
        }

        len = lowest(l, p, n, width);
        ok = 0;
        if (len != 0) {
            mdd_tree_root(&l->tree, root);
            ok = memcmp(root, l->hash, MDD_HASH) == 0;
        }
        if (ok) {
            mdd_buf_add(&l->bundle, p, len);
            *from_tail = i == 0 && n == len;
        }
        free(p);
        if (ok) {
            return l->bundle.bad ? MDD_FAILED : MDD_OK;
        }
    }

    return MDD_REFUSED;
}


/* files behind the end, which no commit speaks of */

static void
strays(mdd_ledger_t *l)
{
    int       i;
    char      path[64];
    uint64_t  n;

    for (n = l->size / MDD_TILE;
         mdd_tile_remove(l->dir, MDD_ENTRIES, n) == MDD_OK; n++)
    {
        mdd_tail_path(path, n + 1);
        (void) unlinkat(l->dir, path, 0);
    }

    /* a tail may be there whose bundle was never made whole */
    mdd_tail_path(path, n + 1);
    (void) unlinkat(l->dir, path, 0);
    if (l->size / MDD_TILE > 0) {
        mdd_tail_path(path, l->size / MDD_TILE - 1);
        (void) unlinkat(l->dir, path, 0);
    }

    for (i = 0; i < MDD_LEVELS; i++) {
        for (n = l->size >> (8 * (i + 1));
             mdd_tile_remove(l->dir, i, n) == MDD_OK; n++) { /* void */ }
    }
}


int
mdd_ledger_load(mdd_ledger_t *l)
{
    int       rc, level, from_tail;
    char      path[64];
    uint64_t  index;

    memset(&l->tree, 0, sizeof(l->tree));
    l->tree.size = l->size;
    l->old_tail = UINT64_MAX;

    for (level = 1; level < MDD_LEVELS; level++) {
        if (upper(l, level) != MDD_OK) {
            mdd_say(MDD_ERR, "ledger %s: a tile of level %d cannot be read: "
                    "%s", l->name, level - 1, strerror(errno));
            return MDD_FAILED;
        }
    }

    rc = last_bundle(l, &from_tail);
    if (rc != MDD_OK) {
        mdd_say(MDD_ERR, "ledger %s: the tiles do not have the %llu leaves "
                "that the store says", l->name, (unsigned long long) l->size);
        return rc;
    }

    index = l->size / MDD_TILE;

    if (!from_tail) {
        if (mdd_ledger_tail(l, index, l->bundle.p, l->bundle.n) != MDD_OK) {
            return MDD_FAILED;
        }

    } else {
        if (l->tail >= 0) {
            close(l->tail);
        }
        mdd_tail_path(path, index);
        l->tail = openat(l->dir, path, O_WRONLY | O_APPEND | O_CLOEXEC
                         | O_NOFOLLOW);
        l->tail_index = index;
        if (l->tail < 0) {
            return MDD_FAILED;
        }
    }

    strays(l);

    return MDD_OK;
}


/* the file: name of the log, then the text of the checkpoint */

int
mdd_last_read(const mdd_conf_t *conf, mdd_logrow_t *row)
{
    char              *p, *eol;
    size_t             n;
    mdd_checkpoint_t   c;

    memset(row, 0, sizeof(mdd_logrow_t));
    p = mdd_file_read(AT_FDCWD, conf->last_signed, 4096, &n);
    if (p == NULL) {
        return errno == ENOENT ? 0 : MDD_FAILED;
    }

    eol = memchr(p, '\n', n);
    if (eol == NULL || (size_t) (eol - p) >= sizeof(row->name)
        || mdd_checkpoint_parse(&c, eol + 1, n - (size_t) (eol - p) - 1)
           != MDD_OK)
    {
        free(p);
        errno = EINVAL;
        return MDD_FAILED;
    }

    memcpy(row->name, p, (size_t) (eol - p));
    strcpy(row->origin, c.origin);
    row->size = c.size;
    memcpy(row->root, c.root, MDD_HASH);
    free(p);

    return 1;
}


int
mdd_last_write(const mdd_conf_t *conf, const char *name,
    const mdd_checkpoint_t *c)
{
    int        rc;
    mdd_buf_t  b = { 0 };

    mdd_buf_fmt(&b, "%s\n", name);
    mdd_checkpoint_print(c, &b);
    rc = b.bad ? MDD_FAILED
               : mdd_file_replace(AT_FDCWD, conf->last_signed, b.p, b.n, 0600);
    mdd_buf_free(&b);

    return rc;
}
