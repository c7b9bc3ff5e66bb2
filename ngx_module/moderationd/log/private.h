/*
 * private.h - what is not in the ledger, and when it goes: retention, erasure,
 * legal holds.
 *
 * A leaf keeps a salted hash of its private part; the part and its salt stand
 * in the store.  When they are deleted every proof verifies as before, and
 * nobody can tell any more what the hash was of.
 */

#ifndef MDD_PRIVATE_H
#define MDD_PRIVATE_H

#include "moderationd/moderationd.h"

/* a hold keeps the private part of a leaf until a time, whatever retention
 * and erasure say; ref: of the case.  Each is a leaf of its own */
int mdd_hold(mdd_tx_t *tx, const char *ref, int64_t log, int64_t leaf,
    int64_t until);
int mdd_hold_lift(mdd_tx_t *tx, const char *ref);

typedef struct {
    int64_t  leaves;            /* with a private part that is meant          */
    int64_t  gone;              /* of these, deleted (dry run: would be)      */
    int64_t  held;              /* kept by holds, the last of which ends      */
    int64_t  held_until;
    int64_t  complete_at;       /* when the last segment with it has gone     */
} mdd_erased_t;

/* what: "account" or "item"; hash: the keyed hash in lines; by: a pseudonym.
 * dry_run: counts only */
int mdd_erase(mdd_tx_t *tx, const char *what, const char *hash,
    const char *by, const char *ref, int dry_run, mdd_erased_t *out);

/* tables with private texts of their own are asked, too: dry_run as above,
 * adds to out */
typedef int (*mdd_erase_pt)(mdd_tx_t *tx, const char *what, const char *hash,
    int dry_run, mdd_erased_t *out);
void mdd_erase_hook(mdd_erase_pt run);

/* a change: private parts older than retention says, a share of them; *data
 * (int): there is more */
int mdd_retention(mdd_tx_t *tx, void *more);

/* writer.c: what was deleted leaves the write-ahead log, too, soon */
void mdd_writer_truncate(mdd_t *d);

#endif
