/*
 * near.h - nicknames that are near that of a closed account: the fold key of a
 * name (what it looks like, without marks and spaces), and that with one
 * character left out, as keyed hashes.  Two names are near where any of these
 * are the same: one character more, less or another.
 *
 * A match is a card for a person, and never more.
 */

#ifndef MDD_NEAR_H
#define MDD_NEAR_H

#include "moderationd/desk/desk.h"
#include "moderationd/ingest/lines.h"

#define MDD_NEAR_KEYS  40

/* hashes of a name, at most MDD_NEAR_KEYS: how many */
int mdd_near_keys(mdd_t *d, const char *name, size_t n,
    int64_t keys[MDD_NEAR_KEYS]);
/* the closed account whose name is near, not this one itself; 0: none */
int mdd_near_of(mdd_t *d, mdd_db_t *db, const char *name, size_t n,
    const char *account, char out[40]);
/* the same for the private half of a line or of a decision */
int mdd_near_line(mdd_tx_t *tx, const mdd_line_t *l, const char *account);
int mdd_near_json(mdd_web_t *w, const json_t *private, const char *account,
    char out[40]);
/* it is closed, or is not any more */
int mdd_near_account(mdd_tx_t *tx, const char *account, int closed);

#endif
