/*
 * proof.c - proofs of single leaves (C2SP tlog-proof).
 */

#include "proof.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>


#define HEAD  "c2sp.org/tlog-proof@v1\n"


char *
mdd_leaf_get(int dir, uint64_t index, uint64_t size, size_t *n)
{
    char        *p, *leaf;
    size_t       len, i;
    unsigned     width;
    const char  *s, *entry;

    if (index >= size) {
        errno = ENOENT;
        return NULL;
    }

    width = index / MDD_TILE < size / MDD_TILE ? MDD_TILE : size % MDD_TILE;
    p = mdd_bundle_read(dir, index / MDD_TILE, width, &len);
    if (p == NULL && width < MDD_TILE) {
        p = mdd_bundle_read(dir, index / MDD_TILE, MDD_TILE, &len);
    }
    if (p == NULL) {
        return NULL;
    }

    leaf = NULL;
    s = p;
    for (i = 0; mdd_entry(&s, p + len, &entry, n); i++) {
        if (i == index % MDD_TILE) {
            leaf = malloc(*n + 1);
            if (leaf != NULL) {
                memcpy(leaf, entry, *n);
                leaf[*n] = '\0';
            }
            break;
        }
    }

    free(p);
    if (leaf == NULL) {
        errno = EINVAL;
    }

    return leaf;
}


/* the checkpoint of a log, unverified: who reads the proof does that */

static int
checkpoint(int dir, mdd_buf_t *note, mdd_checkpoint_t *c)
{
    int          rc;
    char        *p, *end;
    size_t       n;

    p = mdd_file_read(dir, "checkpoint", MDD_NOTE_MAX, &n);
    if (p == NULL) {
        return MDD_FAILED;
    }

    end = strstr(p, "\n\n");
    rc = end == NULL ? MDD_FAILED
         : mdd_checkpoint_parse(c, p, (size_t) (end + 1 - p));
    mdd_buf_add(note, p, n);
    free(p);

    return rc != MDD_OK || note->bad ? MDD_FAILED : MDD_OK;
}


int
mdd_proof_make(int dir, uint64_t index, mdd_buf_t *out)
{
    int                rc;
    char              *leaf, *b64, line[64];
    size_t             n, i;
    mdd_buf_t          note = { 0 };
    mdd_hash_t         path[MDD_PATH];
    mdd_tiles_t       *tiles;
    mdd_checkpoint_t   c;

    if (checkpoint(dir, &note, &c) != MDD_OK) {
        mdd_buf_free(&note);
        return MDD_FAILED;
    }

    if (index >= c.size) {
        mdd_buf_free(&note);
        return MDD_REFUSED;
    }

    tiles = malloc(sizeof(mdd_tiles_t));
    leaf = mdd_leaf_get(dir, index, c.size, &n);
    b64 = leaf != NULL ? malloc(n / 3 * 4 + 5) : NULL;
    rc = MDD_FAILED;

    if (tiles != NULL && b64 != NULL) {
        mdd_base64(b64, leaf, n);
        mdd_buf_fmt(out, HEAD "extra %s\nindex %llu\n", b64,
                    (unsigned long long) index);

        mdd_tiles_init(tiles, dir);
        rc = mdd_tiles_inclusion(index, c.size, mdd_tiles_get, tiles, path,
                                 &n) == 0 ? MDD_OK : MDD_FAILED;
        for (i = 0; rc == MDD_OK && i < n; i++) {
            mdd_base64(line, path[i], MDD_HASH);
            mdd_buf_fmt(out, "%s\n", line);
        }
        mdd_buf_str(out, "\n");
        mdd_buf_add(out, note.p, note.n);
    }

    free(tiles);
    free(leaf);
    free(b64);
    mdd_buf_free(&note);

    return out->bad ? MDD_FAILED : rc;
}


/* the line at *p, without its newline; 0: there is none */

static int
line_of(const char **p, const char *end, const char **line, size_t *n)
{
    const char  *eol;

    eol = *p < end ? memchr(*p, '\n', (size_t) (end - *p)) : NULL;
    if (eol == NULL) {
        return 0;
    }

    *line = *p;
    *n = (size_t) (eol - *p);
    *p = eol + 1;

    return 1;
}


int
mdd_proof_parse(mdd_proof_t *pr, const char *p, size_t n)
{
    size_t       len;
    const char  *end, *line;

    memset(pr, 0, sizeof(mdd_proof_t));
    end = p + n;

    if (n > MDD_PROOF_MAX || n < strlen(HEAD)
        || memcmp(p, HEAD, strlen(HEAD)) != 0)
    {
        return MDD_REFUSED;
    }
    p += strlen(HEAD);

    if (!line_of(&p, end, &line, &len)) {
        return MDD_REFUSED;
    }

    if (len > 6 && memcmp(line, "extra ", 6) == 0) {
        pr->extra = line + 6;
        pr->nextra = len - 6;
        if (!line_of(&p, end, &line, &len)) {
            return MDD_REFUSED;
        }
    }

    if (len < 7 || memcmp(line, "index ", 6) != 0
        || mdd_decimal(line + 6, len - 6, &pr->index) != len - 6)
    {
        return MDD_REFUSED;
    }

    for ( ;; ) {
        if (!line_of(&p, end, &line, &len)) {
            return MDD_REFUSED;
        }
        if (len == 0) {
            break;
        }
        if (pr->n == MDD_PATH
            || mdd_unbase64(pr->path[pr->n++], MDD_HASH, line, len)
               != MDD_HASH)
        {
            return MDD_REFUSED;
        }
    }

    pr->note = p;
    pr->nnote = (size_t) (end - p);

    return pr->nnote > 0 ? MDD_OK : MDD_REFUSED;
}


int
mdd_proof_verify(const mdd_proof_t *pr, const void *leaf, size_t n,
    const mdd_vkey_t *v, mdd_checkpoint_t *c)
{
    int64_t     len, when;
    mdd_hash_t  h;

    len = mdd_note_verify(pr->note, pr->nnote, v, &when);
    if (len < 0
        || mdd_checkpoint_parse(c, pr->note, (size_t) len) != MDD_OK)
    {
        return MDD_REFUSED;
    }

    mdd_hash_leaf(h, leaf, n);

    return mdd_inclusion_ok(h, pr->index, c->size,
                            (const mdd_hash_t *) pr->path, pr->n, c->root)
           ? MDD_OK : MDD_REFUSED;
}
