/*
 * api.h - the handlers of route.c that answer with JSON, and what screens take
 * from the same place: each mdd_get_* is one read that both show.
 */

#ifndef MDD_API_H
#define MDD_API_H

#include "web.h"

/* api_state.c */
void mdd_api_session(mdd_web_t *w);
void mdd_api_language(mdd_web_t *w);
void mdd_api_health(mdd_web_t *w);
void mdd_api_status(mdd_web_t *w);
/* new objects; NULL: no memory */
json_t *mdd_get_status(mdd_web_t *w);

/* api_record.c */
void mdd_api_decisions(mdd_web_t *w);
void mdd_api_decision(mdd_web_t *w);
void mdd_api_events(mdd_web_t *w);
/* {decisions: [...], next: "..."} as the arguments ask */
json_t *mdd_get_decisions(mdd_web_t *w);
/* one with its private part and counts, or NULL */
json_t *mdd_get_decision(mdd_web_t *w, const char *id);

/* the line that brought a version of a card, with the texts of that line */
json_t *mdd_get_line(mdd_web_t *w, const char *id, int64_t log,
    int64_t leaf);

/* api_queue.c */
void mdd_api_queue(mdd_web_t *w);
void mdd_api_next(mdd_web_t *w);
void mdd_api_card(mdd_web_t *w);
void mdd_api_claim(mdd_web_t *w);
void mdd_api_assign(mdd_web_t *w);

/* api_decide.c */
void mdd_api_decide(mdd_web_t *w);
void mdd_api_undo(mdd_web_t *w);

/* api_bulk.c */
void mdd_api_bulk(mdd_web_t *w);
void mdd_api_rollback(mdd_web_t *w);
void mdd_api_adopt(mdd_web_t *w);

/* api_account.c */
void mdd_api_account(mdd_web_t *w);
void mdd_api_account_state(mdd_web_t *w);
void mdd_api_strike_void(mdd_web_t *w);

/* api_log.c */
void mdd_api_proof(mdd_web_t *w);
void mdd_api_log(mdd_web_t *w);

/* api_case.c */
void mdd_api_cases(mdd_web_t *w);
void mdd_api_outcome(mdd_web_t *w);
void mdd_api_code(mdd_web_t *w);
void mdd_public_report(mdd_web_t *w);
void mdd_public_appeal(mdd_web_t *w);
void mdd_public_form(mdd_web_t *w);
void mdd_public_status(mdd_web_t *w);
void mdd_public_reason(mdd_web_t *w);
json_t *mdd_get_cases(mdd_web_t *w);

/* api_erase.c */
void mdd_api_erase(mdd_web_t *w);

/* page_watch.c */
void mdd_api_alarms(mdd_web_t *w);
json_t *mdd_get_alarms(mdd_web_t *w);

/* api_import.c */
void mdd_api_import(mdd_web_t *w);

/* api_order.c */
void mdd_api_orders(mdd_web_t *w);
void mdd_api_order(mdd_web_t *w);
void mdd_api_order_step(mdd_web_t *w);
void mdd_api_switch(mdd_web_t *w);

/* api_sign.c: pending/ID/approve, handover */
void mdd_api_pending(mdd_web_t *w);
void mdd_api_approve(mdd_web_t *w);
void mdd_api_handover(mdd_web_t *w);
void mdd_api_take(mdd_web_t *w);

/* a member's text, "" where there is none */
const char *mdd_str(const json_t *j, const char *name);
int64_t mdd_num(const json_t *j, const char *name);

#endif
