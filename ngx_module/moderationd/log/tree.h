/*
 * tree.h - RFC 6962 trees: hashes, the right edge of a growing tree, roots and
 * proofs out of tiles.  Knows no file: tiles come through a function.
 *
 * A tile of level l holds up to 256 hashes, each the root of 256^l leaves
 * (C2SP tlog-tiles).  The edge keeps, of each level, the tile under way.
 */

#ifndef MDD_TREE_H
#define MDD_TREE_H

#include <stddef.h>
#include <stdint.h>

#define MDD_HASH     32
#define MDD_TILE     256
#define MDD_LEVELS   7             /* 2^56 leaves                          */
#define MDD_PATH     128            /* hashes of a proof, at most             */

typedef uint8_t  mdd_hash_t[MDD_HASH];

void mdd_hash(mdd_hash_t out, const void *p, size_t n);
void mdd_hash2(mdd_hash_t out, const void *p, size_t n, const void *q,
    size_t m);
void mdd_hash_leaf(mdd_hash_t out, const void *p, size_t n);
void mdd_hash_node(mdd_hash_t out, const mdd_hash_t l, const mdd_hash_t r);

typedef struct {
    uint64_t    size;
    unsigned    n[MDD_LEVELS];      /* hashes of the tile under way           */
    mdd_hash_t  h[MDD_LEVELS][MDD_TILE];
} mdd_tree_t;

/* a tile that is full: level, index, its 256 hashes; 0, or stops with what it
 * returned */
typedef int (*mdd_full_pt)(void *data, int level, uint64_t index,
    const mdd_hash_t *h);

int mdd_tree_add(mdd_tree_t *t, const mdd_hash_t leaf, mdd_full_pt full,
    void *data);
/* the same with a whole subtree of 256^level leaves */
int mdd_tree_add_at(mdd_tree_t *t, int level, const mdd_hash_t hash,
    mdd_full_pt full, void *data);
void mdd_tree_root(const mdd_tree_t *t, mdd_hash_t root);
/* the root of n hashes, 1 to 256, a power of two */
void mdd_tree_fold(mdd_hash_t out, const mdd_hash_t *h, unsigned n);

/* hashes of tile (level, index), width of them wanted; 0, or an error that is
 * handed on */
typedef int (*mdd_tile_pt)(void *data, int level, uint64_t index,
    unsigned width, mdd_hash_t *h);

/* root of the first size leaves */
int mdd_tiles_root(uint64_t size, mdd_tile_pt tile, void *data,
    mdd_hash_t root);
/* proofs, RFC 6962 2.1.1 and 2.1.2; *n: hashes of the path */
int mdd_tiles_inclusion(uint64_t index, uint64_t size, mdd_tile_pt tile,
    void *data, mdd_hash_t *path, size_t *n);
int mdd_tiles_consistency(uint64_t from, uint64_t size, mdd_tile_pt tile,
    void *data, mdd_hash_t *path, size_t *n);

/* 1: proven */
int mdd_inclusion_ok(const mdd_hash_t leaf, uint64_t index, uint64_t size,
    const mdd_hash_t *path, size_t n, const mdd_hash_t root);
int mdd_consistency_ok(uint64_t from, const mdd_hash_t old, uint64_t size,
    const mdd_hash_t root, const mdd_hash_t *path, size_t n);

#endif
