/*
 * strike_rule.c - strikes of a rule that cannot be relied on are suspended as
 * a whole, and count again when it can: while workers have braked it or
 * somebody has killed it, and while fewer of its cards than its `floor` were
 * rejected by persons, as far as Wilson's interval (95 %) tells of 30 days.
 */

#include "account.h"
#include "moderationd/log/did.h"
#include "moderationd/period/period.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS   86400000ll
#define LOOK_MS  5000
#define SHARE    200                    /* accounts a rule and look           */
#define RULES    4096


/* NULL: it counts */

static const char *
why(mdd_tx_t *tx, const char *rule, double least)
{
    double     k = 0, n = 0, low, high;
    mdd_st_t  *st;

    if (mdd_rule_braked(tx, rule)) {
        return "braked";
    }

    if (least <= 0) {
        return NULL;
    }

    st = mdd_query(tx->db, MDD_SQL_REVIEW_RULE, "si", rule,
                   tx->now - 30 * DAY_MS);

    if (mdd_step(st) == MDD_ROW) {
        k = (double) mdd_int(st, 0);
        n = (double) mdd_int(st, 1);
    }

    (void) mdd_end(st);
    mdd_wilson(k, n, &low, &high);

    return n >= 10 && low < least ? "precision" : NULL;
}


/* a share of the accounts whose strikes of this rule are not as they should
 * be; each is told its new score */

static int
move(mdd_tx_t *tx, const char *rule, const char *reason)
{
    int          n = 0, i;
    char         accounts[SHARE][40];
    mdd_st_t    *st;
    const char  *from = reason ? "counted" : "suspended";
    const char  *to = reason ? "suspended" : "counted";

    st = mdd_query(tx->db, MDD_SQL_STRIKE_HAVE, "ssi", rule, from,
                   (int64_t) SHARE);

    while (n < SHARE && mdd_step(st) == MDD_ROW) {
        snprintf(accounts[n++], sizeof(accounts[0]), "%s", mdd_text(st, 0));
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    for (i = 0; i < n; i++) {
        if (mdd_put(tx, MDD_SQL_STRIKE_MOVE, "ssss", to, accounts[i], rule,
                    from) < 0
            || mdd_account_refresh(tx, accounts[i]) != MDD_OK)
        {
            return MDD_FAILED;
        }
    }

    return n == 0 ? MDD_OK
           : mdd_desk_event(tx, "strikes", json_pack("{s:s, s:s, s:s, s:i}",
                 "rule", rule, "state", to, "why", reason ? reason : "",
                 "accounts", n), NULL);
}


int
mdd_strike_rules(mdd_tx_t *tx)
{
    int                 rc = MDD_OK;
    char                id[136];
    size_t              i, k, n;
    double              least;
    const mdd_book_t   *book;
    static int64_t      looked;

    if (tx->now < looked + LOOK_MS && tx->now >= looked) {
        return MDD_OK;
    }

    looked = tx->now;

    for (i = 0; i < tx->d->conf->nsites && rc == MDD_OK; i++) {
        for (k = 0, n = 1; k < n && k < RULES && rc == MDD_OK; k++) {
            book = mdd_book(tx->d->conf->sites[i].name);
            n = book ? book->nrules : 0;
            id[0] = '\0';
            least = 0;

            if (k < n) {
                snprintf(id, sizeof(id), "%s", book->rules[k].id);
                least = book->rules[k].least;
            }

            mdd_book_leave(book);

            /* most rules have no strike at all */
            if (id[0] && mdd_one(tx->db, 0, MDD_SQL_STRIKE_ANY, "s", id)) {
                rc = move(tx, id, why(tx, id, least));
            }
        }
    }

    return rc;
}
