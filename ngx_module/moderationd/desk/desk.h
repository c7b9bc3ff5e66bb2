/*
 * desk.h - second review: cards, what people say of them, what workers are
 * told.
 *
 *   desk.c        verdicts, leaves, names of people
 *   desk_seen.c   cards as ingest brings them
 *   desk_session.c  broadcasts that are over
 *   desk_time.c   what happens by the clock: claims, ends, defaults
 *   desk_table.c  verdicts of the store to the mapped tables
 *   desk_cover.c  pictures that change behind their URLs
 *   desk_rule.c   rules that were braked or killed
 *   desk_stable.c slots whose cards keep their fingerprints, or do not
 *   api_queue.c   next, claims      api_card.c    one card
 *   api_decide.c  decide            api_undo.c    undo
 *   api_bulk.c    bulk, rollback    api_order.c   orders, switches
 *   api_sign.c    second signatures
 *
 * Every change runs on the writer, one after the other: so two people cannot
 * decide one card, whatever they press, and no lock is needed for it.
 */

#ifndef MDD_DESK_H
#define MDD_DESK_H

#include "ledger/table.h"
#include "moderationd/moderationd.h"
#include "moderationd/conf/rulebook.h"
#include "moderationd/web/web.h"

#define MDD_CLAIM_MS   300000           /* a claim without a heartbeat       */
#define MDD_UNDO_MS    600000           /* one's own decision                */
#define MDD_MANY       50               /* rejections that need a second     */

typedef struct {
    int64_t  card, version, log, leaf, risk, cut, people, shadow;
    int64_t  first, last, due, claim_until, ends;
    int64_t  reach;                     /* where it was asked for            */
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
    int          near;                  /* the name of a closed account      */
    int64_t      log, leaf;
    const struct mdd_line_s  *line;     /* whole, for its private half       */
} mdd_seen_t;

int mdd_desk_seen(mdd_tx_t *tx, const mdd_seen_t *s);

/* a row of CARD_COLUMNS */
void mdd_card_row(mdd_st_t *st, mdd_card_t *c);
/* 1: found */
int mdd_card_get(mdd_db_t *db, int64_t card, mdd_card_t *c);
/* scope.c: one that both may see, the one who asked and the one who signs */
int mdd_scope_card(const mdd_person_t *who, const json_t *kept,
    const mdd_card_t *c);
/* one that this person may see */
int mdd_card_mine(const mdd_web_t *w, const mdd_card_t *c);

/* an order that only one person stands for ends then */
#define MDD_CONFIRM_MS  (12 * 3600 * 1000)

/* keyed hashes of what a decision is about, or "": leaves that have texts about
 * it name them, so that erasure finds these */
void mdd_about(mdd_db_t *db, const char *decision, char item[40],
    char account[40]);

int64_t mdd_counter(mdd_tx_t *tx, const char *name);
/* pseudonym of a name in the public half of leaves */
int mdd_alias(mdd_tx_t *tx, const char *name, char out[17]);
/* workers are told; ends: ms, 0 never.  The new seq, or -1 */
int64_t mdd_verdict(mdd_tx_t *tx, int kind, const char *key,
    const char *scope, int verdict, int flags, int64_t ends);
/* the same for what the record says itself: no leaf tells it again */
int64_t mdd_verdict_put(mdd_tx_t *tx, int kind, const char *key,
    const char *scope, int verdict, int flags, int64_t ends);
/* an event of the desk as a leaf; both are given away */
int mdd_desk_event(mdd_tx_t *tx, const char *type, json_t *pub,
    json_t *priv);

/* page_card.c: the card itself, inside a screen */
void mdd_page_card_part(mdd_web_t *w, const mdd_card_t *c);
/* page_card_side.c: its account and history */
void mdd_page_card_side(mdd_web_t *w, const mdd_card_t *c,
    const json_t *card, const json_t *past);

/* api_card.c, api_queue.c: new objects */
json_t *mdd_get_card(mdd_web_t *w, const mdd_card_t *c);
json_t *mdd_get_history(mdd_web_t *w, const mdd_card_t *c);
void mdd_add_released(mdd_web_t *w, const mdd_card_t *c, json_t *j);
void mdd_add_looks(mdd_web_t *w, const mdd_card_t *c, json_t *j);
json_t *mdd_get_queue(mdd_web_t *w, const char *state, const char *queue,
    int limit);

/* [[state, queue, n], ...], kept for the request */
const json_t *mdd_get_counts(mdd_web_t *w);
int64_t mdd_get_late(mdd_web_t *w);

/* page_desk.c: what a phrase would take off, and a button that orders it */
void mdd_page_order_hits(mdd_web_t *w, int hits, int of);

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

/* desk_order.c: sites: "a,b"; none: everywhere */
#define MDD_SITES_TEXT  ((MDD_WHO_MAX + 1) * MDD_SCOPES_MAX)

typedef struct {
    int   kind;                         /* MDL_ORDER_*                        */
    char  key[40], sites[MDD_SITES_TEXT];
} mdd_order_key_t;

/* MDL_ORDER_*; 0: no such word */
int mdd_order_kind(const char *word);
/* workers are told of a target until a time, or until that of another live
 * order than `but` about it; the number of the change, -1: failed */
int64_t mdd_order_tell(mdd_tx_t *tx, const mdd_order_key_t *o, int64_t but,
    int64_t until);
/* *moved: the sites have other hosts than at the last start */
int mdd_order_hosts(mdd_t *d, mdd_db_t *db, int *moved);
/* by the clock */
int mdd_orders_lapse(mdd_tx_t *tx);

/* api_order.c: agreed */
int mdd_run_order(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out);

/* api_import.c: agreed */
int mdd_run_import(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out);

/* api_erase.c */
void mdd_erase_init(void);
int mdd_run_erase(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out);

/* desk_stable.c: slots whose cards keep their fingerprints */
int mdd_stable_tick(mdd_tx_t *tx);
json_t *mdd_get_unstable(mdd_web_t *w);

/* desk_rule.c: a rule that workers have in shadow (brake, kill file) */
int mdd_rule_braked(mdd_tx_t *tx, const char *rule);
/* cards that this rule alone brought, of a slot that does not require review;
 * rev 0: any; who NULL: everywhere, else what they see; dry: nothing is done.
 * How many, or -1 */
typedef struct {
    const char          *rule;
    int64_t              rev, from, to;
    const mdd_person_t  *who;
    int                  dry;
} mdd_withdraw_t;

int mdd_withdraw(mdd_tx_t *tx, const mdd_withdraw_t *a);
int mdd_withdraw_braked(mdd_tx_t *tx);

/* api_decide.c: inside a change */
typedef struct {
    const mdd_person_t  *who;
    int64_t              card, version, bulk, ends;
    const char          *verdict, *reason, *note;
    /* what came of it */
    int                  status;
    int64_t              review, seq, first;
    json_t              *answer;        /* of a refusal: 409 and the like    */
} mdd_decide_t;

/* desk_session.c: the card comes with another broadcast than before; field:
 * the one that names it */
int mdd_session(mdd_tx_t *tx, const mdd_seen_t *s, const mdd_card_t *c,
    const char *field);
int mdd_session_tick(mdd_tx_t *tx);

/* desk_again.c: looks again and samples.  1: this person gets one now */
int mdd_sample_for(mdd_web_t *w, mdd_db_t *db, mdd_card_t *c);
int mdd_again_tick(mdd_tx_t *tx);
/* a card of kind `again` */
int mdd_again_decide(mdd_tx_t *tx, mdd_decide_t *a, const mdd_card_t *c);
int mdd_again_undo(mdd_tx_t *tx, int64_t card);
int mdd_again_own(mdd_tx_t *tx, int64_t card, const char *name);
json_t *mdd_get_agreement(mdd_web_t *w);
/* api_calibration.c */
json_t *mdd_get_calibration(mdd_web_t *w);

/* page_rollout.c: [{site, slot, step, would_hold, of, adopted, rollout}];
 * unstable: what mdd_get_unstable said */
json_t *mdd_get_rollout(mdd_web_t *w, const json_t *unstable);

/* desk_shift.c: [{from, to, shift, target, waiting, ending, expected}] of the
 * hours that come */
json_t *mdd_get_forecast(mdd_web_t *w);
/* when a card that comes now is due: by the shift's target where it has one,
 * else by the slot's */
int64_t mdd_target(mdd_tx_t *tx, int64_t slot_ms);

/* desk_cover.c: pictures whose bytes count (`cover: {check: content}`).  A
 * person was shown this card's */
void mdd_cover_seen(mdd_t *d, const mdd_card_t *c, const char *sum);
/* when it was seen that it is another than was released, ms, 0: not */
int64_t mdd_cover_changed(mdd_db_t *db, const char *print, const char *scope);
/* a line of a card that is shown: 1: it was asked for, to find its picture */
int mdd_cover_line(mdd_tx_t *tx, const mdd_seen_t *s, const char *scope);
/* a thread that fetches */
int mdd_cover_start(mdd_t *d);
void mdd_cover_stop(void);

/* this person is here now */
int mdd_present(mdd_tx_t *tx, const char *name);

/* desk_time.c: a thread that looks at the clock */
int mdd_clock_start(mdd_t *d);
void mdd_clock_stop(mdd_t *d);

/* desk_table.c */
int mdd_tables_init(mdd_t *d);
void mdd_tables_done(mdd_t *d);
/* what has been committed since the last call, in its order; db only reads */
void mdd_tables_sync(mdd_t *d, mdd_db_t *db);
/* their state for the status, a new object */
json_t *mdd_tables_state(mdd_t *d);
/* 0: the folder could not be written */
int mdd_tables_live(void);

/* api_decide.c */
int mdd_decide(mdd_tx_t *tx, mdd_decide_t *a);

/* api_also.c: what is decided together with a card */
#define MDD_ALSO_MAX  20

typedef struct {
    size_t   n;
    int64_t  card[MDD_ALSO_MAX], version[MDD_ALSO_MAX];
    json_t  *answer;                    /* [{card, review | error}]          */
} mdd_also_t;

/* `scope` and `also` of the arguments; seen: the version that was.  The name of
 * the argument that is wrong, or NULL */
const char *mdd_also_args(mdd_web_t *w, const mdd_card_t *c, int64_t seen,
    mdd_also_t *a);
/* main has been decided */
int mdd_also_run(mdd_tx_t *tx, const mdd_decide_t *main, mdd_also_t *also);
/* state: undone | rolled_back; what the fingerprint was before comes back */
int mdd_undo(mdd_tx_t *tx, int64_t review, const char *state,
    const char *person);

#endif
