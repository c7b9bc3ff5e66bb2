/*
 * proof.h - proofs of single leaves (C2SP tlog-proof), and whole logs checked.
 */

#ifndef MDD_PROOF_H
#define MDD_PROOF_H

#include "note.h"
#include "tiles.h"

#define MDD_PROOF_MAX  (4 * 65536)

/* leaf index of a log with size leaves, of malloc; NULL and errno */
char *mdd_leaf_get(int dir, uint64_t index, uint64_t size, size_t *n);

/* proof of leaf index in the tree of a signed checkpoint, with the leaf as its
 * extra data; MDD_REFUSED: the checkpoint does not have it (yet) */
int mdd_proof_make(int dir, uint64_t index, mdd_buf_t *out);

typedef struct {
    uint64_t      index;
    mdd_hash_t    path[MDD_PATH];
    size_t        n;
    const char   *extra;                /* base64 as it stands, or NULL       */
    size_t        nextra;
    const char   *note;                 /* the checkpoint                     */
    size_t        nnote;
} mdd_proof_t;

/* spans point into p */
int mdd_proof_parse(mdd_proof_t *pr, const char *p, size_t n);
/* MDD_OK: v signed a tree with this leaf; c: its checkpoint */
int mdd_proof_verify(const mdd_proof_t *pr, const void *leaf, size_t n,
    const mdd_vkey_t *v, mdd_checkpoint_t *c);

/* verify.c: every hash tile of a log, and entries against them */

typedef struct {
    uint64_t    tiles, bundles, entries;
    uint64_t    pruned;                 /* entries before this may be gone    */
    char        error[256];             /* what is wrong                      */
} mdd_verify_t;

/* sample: bundles of entries that are hashed, drawn at random; UINT64_MAX:
 * all.  MDD_OK, MDD_REFUSED: the log is not what c says, MDD_FAILED: it cannot
 * be read */
int mdd_verify_log(int dir, const mdd_checkpoint_t *c, uint64_t sample,
    mdd_verify_t *v);
/* the checkpoint of a log, signed by key */
int mdd_verify_checkpoint(int dir, const mdd_vkey_t *key, mdd_buf_t *note,
    mdd_checkpoint_t *c);

#endif
