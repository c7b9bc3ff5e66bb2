/*
 * rule_text.c - each rule as it stood, by its rev: what a decision was made by
 * can be read when the policy says something else.
 */

#include "rulebook.h"

#define SITES  64

static int64_t  kept[SITES];


int
mdd_rule_texts(mdd_tx_t *tx)
{
    int                rc = MDD_OK;
    size_t             i, k;
    const mdd_book_t  *b;
    const mdd_rule_t  *r;

    for (i = 0; i < tx->d->conf->nsites && i < SITES; i++) {
        b = mdd_book(tx->d->conf->sites[i].name);

        if (b == NULL || b->stamp == kept[i]) {
            mdd_book_leave(b);
            continue;
        }

        for (k = 0; k < b->nrules && rc == MDD_OK; k++) {
            r = &b->rules[k];

            if (r->text && mdd_run(tx->db, MDD_SQL_RULE_TEXT_ADD, "sisi",
                                   r->id, r->rev, r->text, tx->now) < 0)
            {
                rc = MDD_FAILED;
            }
        }

        if (rc == MDD_OK) {
            kept[i] = b->stamp;
        }

        mdd_book_leave(b);
    }

    return rc;
}
