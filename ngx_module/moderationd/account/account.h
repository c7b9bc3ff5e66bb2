/*
 * account.h - accounts: strikes from what persons upheld, a score that fades,
 * states that a person confirms.
 *
 * Weight and half-life stand in the strike as they were: history is not
 * rewritten by settings.  Only `watched` follows the score by itself.
 */

#ifndef MDD_ACCOUNT_H
#define MDD_ACCOUNT_H

#include "moderationd/desk/desk.h"

/* a strike of just now is whole: levels are reached so far below */
#define MDD_SHARP  0.005

typedef struct {
    char     state[16];
    int64_t  ends;
    char     person[72], reason[256];
    int64_t  time;
} mdd_account_t;

/* a rejection by a person, inside its change: a strike, if the rule or the
 * reason has points, at most one an account, rule and fingerprint in 30 days
 * and three points a day */
int mdd_strike(mdd_tx_t *tx, const mdd_card_t *c, const char *print,
    const char *reason, int64_t review);
/* the strikes of a review that does not stand any more */
int mdd_strike_void(mdd_tx_t *tx, int64_t review, const char *why);
/* strike_rule.c, by the clock: of rules that cannot be relied on */
int mdd_strike_rules(mdd_tx_t *tx);
/* score of now, and what follows from it by itself */
int mdd_account_refresh(mdd_tx_t *tx, const char *account);
int mdd_account_fade(mdd_tx_t *tx);

/* account_propose.c: limited or suspended, where the score has reached it and
 * a person has not said otherwise; strike: there is a new one */
int mdd_account_propose(mdd_tx_t *tx, const char *account, int strike);
/* a state was set */
int mdd_account_decided(mdd_tx_t *tx, const char *account);

double mdd_account_score(mdd_db_t *db, const char *account, int64_t now);
/* of the strikes that had come by then */
double mdd_account_score_at(mdd_db_t *db, const char *account, int64_t time);
int mdd_account_credit(double score);
void mdd_account_get(mdd_db_t *db, const char *account, int64_t now,
    mdd_account_t *a);
/* by a person, or by an agreement of two; MDD_REFUSED: no such state */
int mdd_account_set(mdd_tx_t *tx, const char *account, const char *state,
    int64_t ends, const char *person, const char *reason);
int mdd_run_account(mdd_tx_t *tx, const mdd_person_t *who,
    const json_t *args, json_t **out);

/* 32 hex digits: the hash itself; else the id as pages say it, hashed */
/* the same of another kind, such as "item" */
int mdd_id_key(mdd_t *d, const char *kind, const char *id, char out[40]);
int mdd_account_key(mdd_t *d, const char *id, char out[40]);

#endif
