/*
 * lines.h - what one line of the record means for the rows (lines.c): the same
 * whether it comes from a segment or, years later, out of the ledger.
 */

#ifndef MDD_LINES_H
#define MDD_LINES_H

#include "json_in.h"
#include "moderationd/moderationd.h"

#define MDD_MEMBERS  40

/* a line, checked and taken apart; pub: its public half as it was written */
typedef struct mdd_line_s {
    mdd_json_t   m[MDD_MEMBERS];
    int          n;
    uint64_t     time, number;
    int          numbered;
    int          type;                  /* MDL_HEAD ..., -1: another          */
    char         name[32];              /* of the type                        */
} mdd_line_t;

/* MDD_OK, or MDD_REFUSED */
int mdd_line_read(mdd_line_t *l, const char *p, size_t n);
/* a text of it into buf, "" where it has none; buf */
const char *mdd_line_text(const mdd_line_t *l, const char *name, char *buf,
    size_t size);

typedef struct {
    char         zone[33];
    uint64_t     place, pid, next;
    char         boot[64], segment[80];
} mdd_head_t;

int mdd_head_read(mdd_head_t *h, const mdd_line_t *l);

/* rows of a head: its zone */
int mdd_head_rows(mdd_tx_t *tx, const mdd_head_t *h, int64_t time);
/* rows of a line (all types but head and end), which becomes leaf tx->leaf of
 * tx->log */
int mdd_line_rows(mdd_tx_t *tx, const mdd_line_t *l, const char *node,
    const char *zone, const char *pub, size_t npub);

/* desk_line.c: a decision or sample that may want a person */
int mdd_desk_line(mdd_tx_t *tx, const mdd_line_t *l);
/* desk_rule.c: a policy line */
int mdd_rule_line(mdd_tx_t *tx, const mdd_line_t *l, const char *zone);

#endif
