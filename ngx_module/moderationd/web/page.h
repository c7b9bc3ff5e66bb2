/*
 * page.h - screens: HTML made here, that works without script.
 */

#ifndef MDD_PAGE_H
#define MDD_PAGE_H

#include "web.h"

/* a text in the language of the answer */
#define T(w, zh_text, en_text)  ((w)->zh ? (zh_text) : (en_text))

/* page.c: head, navigation and state before, the end behind.  active: first
 * segment of the screen */
mdd_buf_t *mdd_page_begin(mdd_web_t *w, const char *title,
    const char *active);
void mdd_page_end(mdd_web_t *w);
/* a page for anyone: no navigation, no script */
mdd_buf_t *mdd_page_plain(mdd_web_t *w, const char *title);
void mdd_page_error(mdd_web_t *w, int status, const char *error,
    const char *detail, const char *field);
/* the heading of a screen, and in one sentence what it is for */
void mdd_page_h1(mdd_web_t *w, const char *title, const char *what);
/* "<form method=post action=...>" with token and the page to come back to */
void mdd_page_form(mdd_web_t *w, const char *action, const char *back);
/* a time by the clock of the first site that the person may see:
 * "11-28 13:40:01" in <time> */
void mdd_page_time(mdd_web_t *w, int64_t ms);
/* the word of a contract (action, reason ...) in the reader's language */
const char *mdd_word(const mdd_web_t *w, const char *word);
/* page_word.c: what a reason or rule is called at a site ("": any) */
void mdd_page_reason(mdd_web_t *w, const char *site, const char *id);

void mdd_page_static(mdd_web_t *w);
void mdd_page_home(mdd_web_t *w);
/* page_record.c: parts that other screens show, too */
void mdd_page_field(mdd_web_t *w, const json_t *private, const char *name,
    const char *text);
void mdd_page_title(mdd_web_t *w, const json_t *private, size_t max);
/* "<dt>name<dd>value" where there is one */
void mdd_page_row(mdd_web_t *w, const char *name, const char *value);
void mdd_page_fields(mdd_web_t *w, const json_t *private);
void mdd_page_rules(mdd_web_t *w, const json_t *decision);
/* page_queue.c, page_card.c, page_look.c, page_desk.c */
void mdd_page_due(mdd_web_t *w, int64_t at);
/* the button that takes a decision back, and comes to its card */
void mdd_page_undo(mdd_web_t *w, int64_t review, int64_t card);
void mdd_page_queue(mdd_web_t *w);
void mdd_page_card(mdd_web_t *w);
void mdd_page_preview(mdd_web_t *w);
void mdd_page_orders(mdd_web_t *w);
void mdd_page_pending(mdd_web_t *w);
void mdd_page_handover(mdd_web_t *w);
void mdd_page_people(mdd_web_t *w);
/* page_calibration.c */
void mdd_page_calibration(mdd_web_t *w);
/* of one person: what mdd_get_agreement has under the name */
void mdd_page_agreement(mdd_web_t *w, const json_t *one);
void mdd_page_forecast(mdd_web_t *w);
/* page_rollout.c: the first days of slots */
void mdd_page_rollout(mdd_web_t *w);
/* api_account.c */
void mdd_page_account(mdd_web_t *w);
void mdd_page_accounts(mdd_web_t *w);
/* page_watch.c */
void mdd_page_rulebook(mdd_web_t *w);
/* api_alarm.c */
void mdd_page_alarms(mdd_web_t *w);
void mdd_page_strip(mdd_web_t *w);
void mdd_page_alarm_list(mdd_web_t *w);
/* page_case.c */
void mdd_page_cases(mdd_web_t *w);
/* api_whatif.c */
void mdd_page_whatif(mdd_web_t *w);
/* api_team.c */
void mdd_page_teams(mdd_web_t *w);
/* page_period.c */
void mdd_page_periods(mdd_web_t *w);
/* page_state.c: the pills of the head */
void mdd_page_state(mdd_web_t *w);

void mdd_page_decisions(mdd_web_t *w);
void mdd_page_decision(mdd_web_t *w);
void mdd_page_ledger(mdd_web_t *w);

/* static.c: the files that pages refer to */
typedef struct {
    const char  *name, *type;
    const char  *data, *end;
} mdd_static_t;

const mdd_static_t *mdd_static(const char *name);

#endif
