/*
 * desk.h - second review: cards, what people say of them, what workers are
 * told.
 *
 *   desk.c        cards as ingest brings them, verdicts, names of people
 *   desk_time.c   what happens by the clock: claims, ends, defaults
 *   desk_table.c  verdicts of the store to the mapped tables
 *   api_queue.c   next, claims      api_decide.c  decide, undo
 *   api_bulk.c    bulk, rollback    api_order.c   orders, switches
 *   api_sign.c    second signatures
 *
 * Every change runs on the writer, one after the other: so two people cannot
 * decide one card, whatever they press, and no lock is needed for it.
 */

#ifndef MDD_DESK_H
#define MDD_DESK_H

#include "ledger/table.h"
#include "moderationd.h"
#include "rulebook.h"
#include "web.h"

#define MDD_CLAIM_MS   300000           /* a claim without a heartbeat       */
#define MDD_UNDO_MS    600000           /* one's own decision                */
#define MDD_MANY       50               /* rejections that need a second     */

typedef struct {
    int64_t  card, version, log, leaf, risk, cut, people, shadow;
    int64_t  first, last, due, claim_until, ends;
    char     kind[12], state[12], scope[256], item[40], account[40];
    char     site[72], slot[136], queue[136], label[72], rule[136];
    char     fingerprint[40], decision[24], claimed[72];
} mdd_card_t;

/* a line of the record that may want a person: the daemon's ingest calls it
 * for each decision and sample, also for one that it has already.  item,
 * account, fingerprint: hex, NULL or "" where there is none */
typedef struct {
    const char  *kind, *id, *mode, *slot, *host, *action, *reason, *review;
    const char  *item, *account, *fingerprint, *label, *rule;
    int          cut;
    int64_t      log, leaf;
} mdd_seen_t;

int mdd_desk_seen(mdd_tx_t *tx, const mdd_seen_t *s);

/* a row of CARD_COLUMNS */
void mdd_card_row(mdd_st_t *st, mdd_card_t *c);
/* 1: found */
int mdd_card_get(mdd_db_t *db, int64_t card, mdd_card_t *c);
/* one that this person may see */
int mdd_card_mine(const mdd_web_t *w, const mdd_card_t *c);

int64_t mdd_counter(mdd_tx_t *tx, const char *name);
/* pseudonym of a name in the public half of leaves */
int mdd_alias(mdd_tx_t *tx, const char *name, char out[17]);
/* workers are told; ends: ms, 0 never.  The new seq, or -1 */
int64_t mdd_verdict(mdd_tx_t *tx, int kind, const char *key,
    const char *scope, int verdict, int flags, int64_t ends);
/* an event of the desk as a leaf; both are given away */
int mdd_desk_event(mdd_tx_t *tx, const char *type, json_t *pub,
    json_t *priv);

/* api_queue.c: new objects */
json_t *mdd_get_card(mdd_web_t *w, const mdd_card_t *c);
json_t *mdd_get_history(mdd_web_t *w, const mdd_card_t *c);
void mdd_add_released(mdd_web_t *w, const mdd_card_t *c, json_t *j);
json_t *mdd_get_queue(mdd_web_t *w, const char *state, const char *queue,
    int limit);

/* [[state, queue, n], ...], kept for the request */
const json_t *mdd_get_counts(mdd_web_t *w);

/* api_order.c, api_sign.c: lists for screens */
json_t *mdd_get_orders(mdd_web_t *w);
json_t *mdd_get_switches(mdd_web_t *w);
json_t *mdd_get_pending(mdd_web_t *w);

/* api_sign.c: what a second person has to agree to; answers 202 */
void mdd_ask_second(mdd_web_t *w, const char *what, json_t *args);
/* api_bulk.c: agreed */
int mdd_run_bulk(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out);
int mdd_run_adopt(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out);

/* api_import.c: agreed */
int mdd_run_import(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out);

/* api_erase.c */
void mdd_erase_init(void);
int mdd_run_erase(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out);

/* desk_time.c: a thread that looks at the clock */
int mdd_clock_start(mdd_t *d);
void mdd_clock_stop(mdd_t *d);

/* desk_table.c */
int mdd_tables_init(mdd_t *d);
void mdd_tables_done(mdd_t *d);
/* what has been committed since the last call, in its order; db only reads */
void mdd_tables_sync(mdd_t *d, mdd_db_t *db);
/* 0: the folder could not be written */
int mdd_tables_live(void);

/* api_decide.c: inside a change */
typedef struct {
    const mdd_person_t  *who;
    int64_t              card, version, bulk, ends;
    const char          *verdict, *reason, *note;
    /* what came of it */
    int                  status;
    int64_t              review, seq;
    json_t              *answer;        /* of a refusal: 409 and the like    */
} mdd_decide_t;

int mdd_decide(mdd_tx_t *tx, mdd_decide_t *a);
/* state: undone | rolled_back; what the fingerprint was before comes back */
int mdd_undo(mdd_tx_t *tx, int64_t review, const char *state,
    const char *person);

#endif
