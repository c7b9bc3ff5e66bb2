/*
 * tree.c - RFC 6962 trees (see tree.h).
 *
 * Everything is made of one step: the root of a range of leaves that begins at
 * a multiple of a power of two not smaller than it.  Such a range falls into
 * whole subtrees, largest first; each stands in one tile, as some of its
 * hashes.
 */

#include "tree.h"

#include <openssl/evp.h>

#include <pthread.h>
#include <string.h>


static _Thread_local EVP_MD_CTX  *ctx;
static const EVP_MD              *md;
static pthread_once_t             once = PTHREAD_ONCE_INIT;
static pthread_key_t              over;     /* frees ctx where a thread ends  */


static void
drop(void *data)
{
    EVP_MD_CTX_free(data);
}


static void
fetch(void)
{
    md = EVP_MD_fetch(NULL, "SHA256", NULL);
    (void) pthread_key_create(&over, drop);
}


static void
hash(mdd_hash_t out, const void *a, size_t na, const void *b, size_t nb)
{
    pthread_once(&once, fetch);

    if (ctx == NULL) {
        ctx = EVP_MD_CTX_new();
        (void) pthread_setspecific(over, ctx);
    }

    (void) EVP_DigestInit_ex2(ctx, md, NULL);
    (void) EVP_DigestUpdate(ctx, a, na);
    if (nb > 0) {
        (void) EVP_DigestUpdate(ctx, b, nb);
    }
    (void) EVP_DigestFinal_ex(ctx, out, NULL);
}


void
mdd_hash(mdd_hash_t out, const void *p, size_t n)
{
    hash(out, p, n, "", 0);
}


void
mdd_hash2(mdd_hash_t out, const void *p, size_t n, const void *q, size_t m)
{
    hash(out, p, n, q, m);
}


void
mdd_hash_leaf(mdd_hash_t out, const void *p, size_t n)
{
    hash(out, "\0", 1, p, n);
}


void
mdd_hash_node(mdd_hash_t out, const mdd_hash_t l, const mdd_hash_t r)
{
    uint8_t  both[1 + 2 * MDD_HASH];

    both[0] = 1;
    memcpy(both + 1, l, MDD_HASH);
    memcpy(both + 1 + MDD_HASH, r, MDD_HASH);
    hash(out, both, sizeof(both), "", 0);
}


void
mdd_tree_fold(mdd_hash_t out, const mdd_hash_t *h, unsigned n)
{
    unsigned    i;
    mdd_hash_t  t[MDD_TILE];

    memcpy(t, h, n * sizeof(mdd_hash_t));

    for ( ; n > 1; n /= 2) {
        for (i = 0; i < n / 2; i++) {
            mdd_hash_node(t[i], t[2 * i], t[2 * i + 1]);
        }
    }

    memcpy(out, t[0], MDD_HASH);
}


/* index: of the tile that the hash goes to, of level l */

static int
add_at(mdd_tree_t *t, int l, const mdd_hash_t hash, uint64_t index,
    mdd_full_pt full, void *data)
{
    int         rc;
    mdd_hash_t  h;

    memcpy(h, hash, MDD_HASH);

    for ( ; l < MDD_LEVELS; l++, index >>= 8) {
        memcpy(t->h[l][t->n[l]++], h, MDD_HASH);
        if (t->n[l] < MDD_TILE) {
            break;
        }

        if (full != NULL) {
            rc = full(data, l, index, (const mdd_hash_t *) t->h[l]);
            if (rc != 0) {
                return rc;
            }
        }

        mdd_tree_fold(h, (const mdd_hash_t *) t->h[l], MDD_TILE);
        t->n[l] = 0;
    }

    return 0;
}


int
mdd_tree_add(mdd_tree_t *t, const mdd_hash_t leaf, mdd_full_pt full,
    void *data)
{
    return add_at(t, 0, leaf, t->size++ / MDD_TILE, full, data);
}


int
mdd_tree_add_at(mdd_tree_t *t, int level, const mdd_hash_t hash,
    mdd_full_pt full, void *data)
{
    uint64_t  index;
    int       rc;

    index = t->size >> (8 * (level + 1));
    rc = add_at(t, level, hash, index, full, data);
    t->size += (uint64_t) 1 << (8 * level);

    return rc;
}


/* the hashes h[0 .. n), each a whole subtree of one size, in front of what acc
 * already is (any: acc is something) */

static void
fold_in(mdd_hash_t acc, int *any, const mdd_hash_t *h, unsigned n)
{
    unsigned    b;
    mdd_hash_t  sub;

    for (b = 1; b <= n; b *= 2) {
        if (n & b) {
            mdd_tree_fold(sub, h + (n & ~(2 * b - 1)), b);
            if (*any) {
                mdd_hash_node(acc, sub, acc);
            } else {
                memcpy(acc, sub, MDD_HASH);
            }
            *any = 1;
        }
    }
}


void
mdd_tree_root(const mdd_tree_t *t, mdd_hash_t root)
{
    int  l, any;

    any = 0;
    for (l = 0; l < MDD_LEVELS; l++) {
        fold_in(root, &any, (const mdd_hash_t *) t->h[l], t->n[l]);
    }

    if (!any) {
        mdd_hash(root, "", 0);
    }
}


int
mdd_tiles_root(uint64_t size, mdd_tile_pt tile, void *data, mdd_hash_t root)
{
    int         l, any, rc;
    unsigned    n;
    mdd_hash_t  h[MDD_TILE];

    any = 0;
    for (l = 0; l < MDD_LEVELS; l++) {
        n = (unsigned) (size >> (8 * l) & (MDD_TILE - 1));
        if (n == 0) {
            continue;
        }
        rc = tile(data, l, size >> (8 * (l + 1)), n, h);
        if (rc != 0) {
            return rc;
        }
        fold_in(root, &any, (const mdd_hash_t *) h, n);
    }

    if (!any) {
        mdd_hash(root, "", 0);
    }

    return 0;
}


/* the root of leaves [lo, hi) of a tree with size leaves; lo is a multiple of
 * a power of two that is not below hi - lo */

static int
range(uint64_t lo, uint64_t hi, uint64_t size, mdd_tile_pt tile, void *data,
    mdd_hash_t out)
{
    int         rc, k, l, any;
    uint64_t    sub, first, index;
    unsigned    n, at, width;
    mdd_hash_t  h[MDD_TILE], one;

    /* whole subtrees from the right: the lowest bit of what is left */
    any = 0;

    while (hi > lo) {
        for (k = 0; ((hi - lo) >> k & 1) == 0; k++) { /* void */ }

        /* the largest multiple of 8 levels below 2^k leaves is a tile's */
        l = k / 8;
        if (l >= MDD_LEVELS) {
            return -1;
        }
        n = 1u << (k % 8);
        sub = (uint64_t) 1 << k;
        first = (hi - sub) >> (8 * l);
        index = first / MDD_TILE;
        at = (unsigned) (first % MDD_TILE);
        width = index < size >> (8 * (l + 1)) ? MDD_TILE
                : (unsigned) (size >> (8 * l) & (MDD_TILE - 1));

        if (at + n > width) {
            return -1;
        }

        rc = tile(data, l, index, width, h);
        if (rc != 0) {
            return rc;
        }

        mdd_tree_fold(one, (const mdd_hash_t *) h + at, n);
        if (any) {
            mdd_hash_node(out, one, out);
        } else {
            memcpy(out, one, MDD_HASH);
        }
        any = 1;
        hi -= sub;
    }

    return 0;
}


/* the largest power of two below n */

static uint64_t
split(uint64_t n)
{
    uint64_t  k;

    for (k = 1; k <= (n - 1) / 2; k *= 2) { /* void */ }

    return k;
}


static void
turn(mdd_hash_t *path, size_t n)
{
    size_t      i;
    mdd_hash_t  t;

    for (i = 0; i < n / 2; i++) {
        memcpy(t, path[i], MDD_HASH);
        memcpy(path[i], path[n - 1 - i], MDD_HASH);
        memcpy(path[n - 1 - i], t, MDD_HASH);
    }
}


int
mdd_tiles_inclusion(uint64_t index, uint64_t size, mdd_tile_pt tile,
    void *data, mdd_hash_t *path, size_t *n)
{
    int       rc;
    uint64_t  lo, hi, k;

    *n = 0;
    if (index >= size) {
        return -1;
    }

    for (lo = 0, hi = size; hi - lo > 1; ) {
        k = lo + split(hi - lo);

        if (index < k) {
            rc = range(k, hi, size, tile, data, path[(*n)++]);
            hi = k;
        } else {
            rc = range(lo, k, size, tile, data, path[(*n)++]);
            lo = k;
        }
        if (rc != 0) {
            return rc;
        }
    }

    turn(path, *n);

    return 0;
}


int
mdd_tiles_consistency(uint64_t from, uint64_t size, mdd_tile_pt tile,
    void *data, mdd_hash_t *path, size_t *n)
{
    int       rc, whole;
    uint64_t  lo, hi, k;

    *n = 0;
    if (from == 0 || from > size) {
        return -1;
    }

    /* whole: [lo, from) is all of the old tree so far, and its root is known
     * to who asks */
    whole = 1;
    for (lo = 0, hi = size; from != hi; ) {
        k = lo + split(hi - lo);

        if (from <= k) {
            rc = range(k, hi, size, tile, data, path[(*n)++]);
            hi = k;
        } else {
            rc = range(lo, k, size, tile, data, path[(*n)++]);
            lo = k;
            whole = 0;
        }
        if (rc != 0) {
            return rc;
        }
    }

    if (!whole) {
        rc = range(lo, hi, size, tile, data, path[(*n)++]);
        if (rc != 0) {
            return rc;
        }
    }

    turn(path, *n);

    return 0;
}


/* RFC 9162 2.1.3.2 */

int
mdd_inclusion_ok(const mdd_hash_t leaf, uint64_t index, uint64_t size,
    const mdd_hash_t *path, size_t n, const mdd_hash_t root)
{
    size_t      i;
    uint64_t    fn, sn;
    mdd_hash_t  r;

    if (index >= size) {
        return 0;
    }

    fn = index;
    sn = size - 1;
    memcpy(r, leaf, MDD_HASH);

    for (i = 0; i < n; i++) {
        if (sn == 0) {
            return 0;
        }
        if ((fn & 1) || fn == sn) {
            mdd_hash_node(r, path[i], r);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            mdd_hash_node(r, r, path[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }

    return sn == 0 && memcmp(r, root, MDD_HASH) == 0;
}


/* RFC 9162 2.1.4.2 */

int
mdd_consistency_ok(uint64_t from, const mdd_hash_t old, uint64_t size,
    const mdd_hash_t root, const mdd_hash_t *path, size_t n)
{
    size_t             i;
    uint64_t           fn, sn;
    mdd_hash_t         fr, sr;
    const mdd_hash_t  *first;

    if (from == 0 || from > size) {
        return 0;
    }

    if (from == size) {
        return n == 0 && memcmp(old, root, MDD_HASH) == 0;
    }

    i = 0;
    if ((from & (from - 1)) == 0) {
        first = (const mdd_hash_t *) old;
    } else {
        if (n == 0) {
            return 0;
        }
        first = &path[i++];
    }

    fn = from - 1;
    sn = size - 1;
    while (fn & 1) {
        fn >>= 1;
        sn >>= 1;
    }

    memcpy(fr, first, MDD_HASH);
    memcpy(sr, first, MDD_HASH);

    for ( ; i < n; i++) {
        if (sn == 0) {
            return 0;
        }
        if ((fn & 1) || fn == sn) {
            mdd_hash_node(fr, path[i], fr);
            mdd_hash_node(sr, path[i], sr);
            while ((fn & 1) == 0 && fn != 0) {
                fn >>= 1;
                sn >>= 1;
            }
        } else {
            mdd_hash_node(sr, sr, path[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }

    return sn == 0 && memcmp(fr, old, MDD_HASH) == 0
           && memcmp(sr, root, MDD_HASH) == 0;
}
