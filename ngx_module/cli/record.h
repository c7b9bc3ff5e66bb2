/*
 * record.h - what the commands of the record (ledger, store, witness) share.
 */

#ifndef MDR_RECORD_H
#define MDR_RECORD_H

#include "moderationd/log/proof.h"

/* options of ledger, store and witness, taken together */
typedef struct {
    const char  *what;              /* verify, prove ...                      */
    const char  *args[4];
    int          nargs;
    const char  *key, *root, *conf, *name, *state, *to, *vkey;
    uint64_t     size, sample, before;
    int          has_size, has_before, follow, priv, dry_run;
} record_args_t;

/* 0: they do not fit */
int record_args(record_args_t *a, int argc, char **argv);

/* the logs below a folder (or the folder itself): name by name in order;
 * returns the number of those for which run did not return 0, or -1 */
int record_each(const char *dir, int (*run)(int dir, const char *name,
    void *data), void *data);

/* the checkpoint of a log, checked with the key that the options name, or with
 * the vkey beside it; prints what is wrong.  MDD_OK ... */
int record_checkpoint(int dir, const char *name, const record_args_t *a,
    mdd_vkey_t *key, mdd_buf_t *note, mdd_checkpoint_t *c);

/* each leaf of a log in order, from index on */
int record_leaves(int dir, uint64_t from, uint64_t size,
    int (*leaf)(uint64_t index, const char *p, size_t n, void *data),
    void *data);

/* record_cat.c */
int record_cat(const record_args_t *a);
int record_gaps(const record_args_t *a);
/* record_prune.c */
int record_prune(const record_args_t *a);

#endif
