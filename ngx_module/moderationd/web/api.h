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

/* api_queue.c, api_card.c */
void mdd_api_queue(mdd_web_t *w);
void mdd_api_next(mdd_web_t *w);
void mdd_api_card(mdd_web_t *w);
void mdd_api_claim(mdd_web_t *w);
void mdd_api_assign(mdd_web_t *w);

/* api_decide.c, api_undo.c */
void mdd_api_decide(mdd_web_t *w);
void mdd_api_undo(mdd_web_t *w);

/* api_calibration.c, desk_shift.c */
void mdd_api_calibration(mdd_web_t *w);
void mdd_api_gold(mdd_web_t *w);
void mdd_api_judge(mdd_web_t *w);
void mdd_api_gold_end(mdd_web_t *w);
void mdd_api_forecast(mdd_web_t *w);

/* api_bulk.c */
void mdd_api_bulk(mdd_web_t *w);
void mdd_api_rollback(mdd_web_t *w);
void mdd_api_adopt(mdd_web_t *w);

/* api_account.c */
void mdd_api_account(mdd_web_t *w);
void mdd_api_account_state(mdd_web_t *w);
/* account_propose.c */
void mdd_add_proposed(mdd_web_t *w, const char *account, json_t *j);
json_t *mdd_get_proposals(mdd_web_t *w);
void mdd_page_proposals(mdd_web_t *w);
void mdd_api_strike_void(mdd_web_t *w);

/* api_log.c */
void mdd_api_proof(mdd_web_t *w);
void mdd_api_log(mdd_web_t *w);
/* the folder of a log by its number; -1: there is none */
int mdd_log_folder(mdd_web_t *w, int64_t log);

/* api_export.c, api_statement.c */
void mdd_api_export(mdd_web_t *w);
void mdd_api_export_case(mdd_web_t *w);
void mdd_api_statement(mdd_web_t *w);

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

/* api_period.c, period_week.c, page_period.c */
void mdd_api_period(mdd_web_t *w);
void mdd_api_period_text(mdd_web_t *w);
void mdd_api_period_file(mdd_web_t *w);
void mdd_api_handled(mdd_web_t *w);

/* api_team.c, api_partner.c */
void mdd_api_teams(mdd_web_t *w);
void mdd_api_partner(mdd_web_t *w);

/* api_whatif.c */
void mdd_api_whatif(mdd_web_t *w);
void mdd_api_accounts(mdd_web_t *w);

/* api_erase.c */
void mdd_api_erase(mdd_web_t *w);

/* api_alarm.c */
void mdd_api_alarms(mdd_web_t *w);
void mdd_api_ack(mdd_web_t *w);
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

/* scope.c: what holds on every site, before a person of some */

/* kind: item, account, url, phrase; 1: its target is on their sites alone */
/* is it one of the sites "a,b"?  Without sites: yes */
int mdd_scope_site(const char *sites, const char *site);
/* `sites` of a call, ["a", "b"] or "a,b" of a form, in the order of the
 * configuration, each once; NULL, or the field that is wrong */
const char *mdd_scope_read(mdd_web_t *w, char *out);
/* the same as mdd_scope_target of an order, which may be for some sites */
int mdd_scope_order(mdd_t *d, mdd_db_t *db, const mdd_person_t *who,
    const char *sites, const char *kind, const char *value);
int mdd_scope_target(mdd_t *d, mdd_db_t *db, const mdd_person_t *who,
    const char *kind, const char *value);
/* may they sign this? */
int mdd_scope_sign(mdd_t *d, mdd_db_t *db, const mdd_person_t *who,
    const char *what, const json_t *args);
/* what a person may see, to be asked of cards when another one signs */
json_t *mdd_scope_keep(const mdd_person_t *who);
/* !may: 1, and the answer is written */
int mdd_scope_refused(mdd_web_t *w, int may, const char *field);

/* a member's text, "" where there is none */
const char *mdd_str(const json_t *j, const char *name);
int64_t mdd_num(const json_t *j, const char *name);

#endif
