/*
 * event.h - one leaf, with its private part (event.c).
 */

#ifndef MDD_EVENT_H
#define MDD_EVENT_H

#include "moderationd/moderationd.h"

/* src: a segment, or "d" for the daemon itself; pub: JSON; priv: its private
 * bytes or NULL.  tx->leaf counts on */
int mdd_leaf_add(mdd_tx_t *tx, const char *src, int64_t n, const char *pub,
    size_t npub, const char *priv, size_t npriv);

#endif
