/*
 * report.h - what readers and partners say: one report into its case.
 */

#ifndef MDD_REPORT_H
#define MDD_REPORT_H

#include "moderationd/desk/desk.h"

#define MDD_REPORT_TEXT  8192

typedef struct {
    const char  *kind;                  /* report | appeal                   */
    const char  *item;                  /* as pages say it, then its hash    */
    const char  *page, *reason, *text, *reporter, *decision, *team;
    int64_t      due;
    /* worked out of these by mdd_report_check */
    const char  *who, *print;
    char         hashes[3][40];
    /* what came of it */
    char         number[24];
    int64_t      casefile;
    int          refused;               /* a status                          */
} mdd_report_t;

#define MDD_OUTCOMES  6
extern const char *const  mdd_outcomes[MDD_OUTCOMES];

/* lengths, and hashes of item, reporter and text; the name of what is wrong,
 * or NULL */
const char *mdd_report_check(mdd_t *d, mdd_report_t *r);
/* when a report with this reason is to be answered: `clocks`, by label */
int64_t mdd_report_due(mdd_t *d, const char *reason, int64_t now);
/* inside a change: a case that is open, or was judged and is of what is still
 * the same, takes it; else a new one */
int mdd_report_take(mdd_tx_t *tx, mdd_report_t *r);

/* a number as the store has it: whoever reads the store cannot ask with it */
void mdd_report_key(const char *number, char out[33]);

/* look.c: once a decision, a fast second look at a card that was rejected
 * within a day */
int mdd_look_ask(mdd_tx_t *tx, mdd_report_t *r);
/* 1: a second look is asked for, and this person has said what it is about */
int mdd_look_own(mdd_tx_t *tx, const mdd_card_t *c, const char *person);
/* the card has been decided */
int mdd_look_over(mdd_tx_t *tx, const mdd_card_t *c, const char *verdict,
    const char *person);
/* what was decided about a card was taken back: an open appeal is granted */
int mdd_appeal_over(mdd_tx_t *tx, const mdd_card_t *c, const char *person);

/* api_team.c: many in a day, most of them with one text or of senders nobody
 * knows: it is said, and nothing comes of it by itself */
#define MDD_ARRANGED_MIN  10
/* reports that look arranged, of a case: {reports, same_text,
 * new_reporters}, or NULL */
json_t *mdd_report_arranged(mdd_db_t *db, int64_t casefile);

/* csv.c: RFC 4180; one cell at *p into out; what ended it: ',' '\n' or 0;
 * -1: no CSV */
int mdd_csv_read(const char **p, char *out, size_t size);

#endif
