/*
 * verify.c - a whole log checked: every hash tile against the one above it, up
 * to the root that was signed; entries against the lowest tiles.
 *
 * Tiles of a level are read once and folded; nothing is kept but the edge, so
 * any size is checked in constant memory.
 */

#include "proof.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    int            dir;
    mdd_verify_t  *v;
} check_t;


/* what the tiles below give for a tile, against the file */

static int
same(void *data, int level, uint64_t index, const mdd_hash_t *h)
{
    check_t     *c = data;
    mdd_hash_t   file[MDD_TILE];

    if (level == 0) {
        return 0;
    }

    if (mdd_tile_read(c->dir, level, index, MDD_TILE, file) != MDD_OK) {
        snprintf(c->v->error, sizeof(c->v->error), "tile %d/%llu: %s", level,
                 (unsigned long long) index, strerror(errno));
        return MDD_FAILED;
    }

    c->v->tiles++;
    if (memcmp(file, h, sizeof(file)) != 0) {
        snprintf(c->v->error, sizeof(c->v->error), "tile %d/%llu is not what "
                 "the tiles below it give", level,
                 (unsigned long long) index);
        return MDD_REFUSED;
    }

    return 0;
}


static int
entries(check_t *c, uint64_t index, const mdd_hash_t *h, unsigned width)
{
    char        *p;
    size_t       len, n;
    unsigned     i;
    mdd_hash_t   got;
    const char  *s, *entry;

    p = mdd_bundle_read(c->dir, index, width, &len);
    if (p == NULL && width < MDD_TILE) {
        p = mdd_bundle_read(c->dir, index, MDD_TILE, &len);
    }
    if (p == NULL && errno == ENOENT
        && (index + 1) * MDD_TILE <= c->v->pruned)
    {
        return MDD_OK;
    }
    if (p == NULL) {
        snprintf(c->v->error, sizeof(c->v->error), "entries %llu: %s",
                 (unsigned long long) index, strerror(errno));
        return MDD_FAILED;
    }

    s = p;
    for (i = 0; i < width && mdd_entry(&s, p + len, &entry, &n); i++) {
        mdd_hash_leaf(got, entry, n);
        if (memcmp(got, h[i], MDD_HASH) != 0) {
            break;
        }
    }

    c->v->bundles++;
    c->v->entries += i;
    free(p);

    if (i < width) {
        snprintf(c->v->error, sizeof(c->v->error), "leaf %llu is not what its "
                 "hash says", (unsigned long long) index * MDD_TILE + i);
        return MDD_REFUSED;
    }

    return MDD_OK;
}


/* 1: this one is in the sample; draws exactly `left` out of `of` */

static int
drawn(uint64_t *left, uint64_t of)
{
    uint64_t  r;

    if (*left == 0 || of == 0) {
        return 0;
    }

    if (*left < of && (mdd_random(&r, sizeof(r)) != MDD_OK
                       || r % of >= *left))
    {
        return 0;
    }

    (*left)--;

    return 1;
}


int
mdd_verify_log(int dir, const mdd_checkpoint_t *c, uint64_t sample,
    mdd_verify_t *v)
{
    int          rc, l;
    char        *mark;
    size_t       len;
    check_t      ck;
    unsigned     width;
    uint64_t     i, n;
    mdd_hash_t   h[MDD_TILE], root;
    mdd_tree_t  *t;

    memset(v, 0, sizeof(mdd_verify_t));
    ck.dir = dir;
    ck.v = v;

    t = calloc(1, sizeof(mdd_tree_t));
    if (t == NULL) {
        return MDD_FAILED;
    }

    mark = mdd_file_read(dir, "pruned", 64, &len);
    if (mark != NULL) {
        (void) mdd_decimal(mark, len, &v->pruned);
        free(mark);
    }

    n = (c->size + MDD_TILE - 1) / MDD_TILE;
    sample = sample < n ? sample : n;
    rc = MDD_OK;

    for (i = 0; i < n && rc == MDD_OK; i++) {
        width = i < c->size / MDD_TILE ? MDD_TILE : c->size % MDD_TILE;

        if (mdd_tile_read(dir, 0, i, width, h) != MDD_OK) {
            snprintf(v->error, sizeof(v->error), "tile 0/%llu: %s",
                     (unsigned long long) i, strerror(errno));
            rc = MDD_FAILED;
            break;
        }
        v->tiles++;

        if (drawn(&sample, n - i)) {
            rc = entries(&ck, i, (const mdd_hash_t *) h, width);
            if (rc != MDD_OK) {
                break;
            }
        }

        if (width == MDD_TILE) {
            mdd_tree_fold(root, (const mdd_hash_t *) h, MDD_TILE);
            rc = mdd_tree_add_at(t, 1, root, same, &ck);
        } else {
            memcpy(t->h[0], h, width * sizeof(mdd_hash_t));
            t->n[0] = width;
        }
    }

    /* the partial tiles of upper levels, where they are there */
    for (l = 1; l < MDD_LEVELS && rc == MDD_OK; l++) {
        if (t->n[l] == 0) {
            continue;
        }
        if (mdd_tile_read(dir, l, c->size >> (8 * (l + 1)), t->n[l], h)
            != MDD_OK)
        {
            snprintf(v->error, sizeof(v->error), "the last tile of level %d: "
                     "%s", l, strerror(errno));
            rc = MDD_FAILED;
        } else if (memcmp(h, t->h[l], t->n[l] * sizeof(mdd_hash_t)) != 0) {
            snprintf(v->error, sizeof(v->error), "the last tile of level %d "
                     "is not what the tiles below it give", l);
            rc = MDD_REFUSED;
        }
        v->tiles++;
    }

    if (rc == MDD_OK) {
        mdd_tree_root(t, root);
        if (memcmp(root, c->root, MDD_HASH) != 0) {
            snprintf(v->error, sizeof(v->error), "the tiles give another root "
                     "than the one that was signed");
            rc = MDD_REFUSED;
        }
    }

    free(t);

    return rc;
}


int
mdd_verify_checkpoint(int dir, const mdd_vkey_t *key, mdd_buf_t *note,
    mdd_checkpoint_t *c)
{
    char     *p;
    size_t    n;
    int64_t   len, when;

    p = mdd_file_read(dir, "checkpoint", MDD_NOTE_MAX, &n);
    if (p == NULL) {
        return MDD_FAILED;
    }

    len = mdd_note_verify(p, n, key, &when);
    mdd_buf_add(note, p, n);
    free(p);

    return len < 0 || note->bad
           || mdd_checkpoint_parse(c, note->p, (size_t) len) != MDD_OK
           ? MDD_REFUSED : MDD_OK;
}
