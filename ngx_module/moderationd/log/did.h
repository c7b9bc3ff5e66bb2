/*
 * did.h - what a change did to tables that do not follow from lines: cards,
 * reviews, verdicts, orders, cases ...
 *
 * Each of its statements stands in the leaf of the event that it belongs to:
 *
 *     "did":[["review_add",17,12,1,…],["card_state","released",…],0]
 *
 * so a store is made again from the ledger by doing the same in the same
 * order.  Texts are empty there, people have their alias, and 0 stands for
 * what is private as a whole; these rows are in the private half, whole.
 */

#ifndef MDD_DID_H
#define MDD_DID_H

#include "moderationd/moderationd.h"

/* runs the statement as mdd_run does, and notes it for the next leaf.  Types:
 *
 *     i int64_t   s const char *   S text, private   P the name of a person
 *
 * and, before them, ! for a row that is private as a whole */
int64_t mdd_put(mdd_tx_t *tx, mdd_sql_t sql, const char *types, ...);

/* a number that was given out */
void mdd_did_counter(const char *name, int64_t value);

/* writer.c: a change begins; it is over, and what no leaf has yet gets one.
 * Much: so much is noted that it wants a leaf before more comes */
void mdd_did_begin(void);
int mdd_did_end(mdd_tx_t *tx);
int mdd_did_much(void);

/* event.c: "did" as the last member of a public half, rows as one of a
 * private one (NULL: none); both are to be freed */
int mdd_did_take(mdd_tx_t *tx, char **pub, char **priv);

/* replay.c: the leaf's "did", and its private half where that is there */
int mdd_did_again(mdd_tx_t *tx, const char *did, size_t n, const char *priv);

#endif
