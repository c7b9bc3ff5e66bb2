/*
 * ledger_in.h - what ledger.c (leaves to tiles, signatures) and recover.c
 * (state from the disk, new logs) share.
 */

#ifndef MDD_LEDGER_IN_H
#define MDD_LEDGER_IN_H

#include "ledger.h"
#include "note.h"
#include "tiles.h"

struct mdd_ledger_s {
    mdd_t        *d;
    int           root;             /* folder of all logs                     */
    int           dir;              /* of this one                            */
    int64_t       log;
    char          name[32];         /* 2026                                   */
    char          origin[MDD_NAME_MAX + 1];
    mdd_key_t     key;
    int           year;

    /* leaves of the transaction under way */
    mdd_buf_t     waiting;
    size_t        nwaiting;

    /* flushed, perhaps not committed; dirty: it may not be what is committed */
    mdd_tree_t    tree;
    mdd_buf_t     bundle;           /* entries of the bundle under way        */
    int           tail;             /* the same bytes in .tail-INDEX          */
    uint64_t      tail_index;
    uint64_t      old_tail;         /* its file goes with the commit          */
    int           dirty;

    uint64_t      size;             /* committed                              */
    mdd_hash_t    hash;             /* its root                               */
    uint64_t      last;             /* signed                                 */
    int64_t       said;             /* when it was said that this fails       */
    uint64_t      swept;            /* bundles whose partial files are gone   */
};

typedef struct {
    int64_t       log;
    char          name[32];
    char          origin[MDD_NAME_MAX + 1];
    uint64_t      size;
    mdd_hash_t    root;
} mdd_logrow_t;

/* recover.c */
/* edge and tail as they are with the first l->size leaves, whose root is
 * l->hash; what lies behind them goes */
int mdd_ledger_load(mdd_ledger_t *l);
/* the file of the bundle under way */
int mdd_ledger_tail(mdd_ledger_t *l, uint64_t index, const void *p, size_t n);
/* the last signed: 1, or 0 where there is none, or MDD_FAILED */
int mdd_last_read(const mdd_conf_t *conf, mdd_logrow_t *row);
int mdd_last_write(const mdd_conf_t *conf, const char *name,
    const mdd_checkpoint_t *c);

/* newlog.c: begins the log of a year, in a transaction of its own; why: a word
 * for the first leaf; old: the one before, or NULL */
int mdd_ledger_begin(mdd_ledger_t *l, mdd_db_t *db, const mdd_logrow_t *old,
    const char *why);
/* the folder and key of the log that l names */
int mdd_ledger_use(mdd_ledger_t *l);

#endif
