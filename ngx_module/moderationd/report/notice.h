/*
 * notice.h - telling the owner: what was done to which item, why, and how to
 * object, as a webhook to the platform, which knows how to reach people.
 *
 * A notice is noted with the decision or review that it is about, and sent by
 * the clock, with raw ids out of the private part.  The platform acknowledges
 * by taking it.  Seven days later, without an appeal, an automatic decision
 * counts as upheld, and a strike comes of it; a person's has one at once.
 */

#ifndef MDD_NOTICE_H
#define MDD_NOTICE_H

#include "moderationd/desk/desk.h"

typedef struct {
    const char  *decision, *by;         /* rule | person                      */
    const char  *account, *item, *print, *rule, *reason, *site;
} mdd_notice_t;

/* only where a webhook wants them */
void mdd_notice_start(mdd_t *d);
int mdd_notice(mdd_tx_t *tx, const mdd_notice_t *n);
/* a line of a worker that took something away by itself */
int mdd_notice_line(mdd_tx_t *tx, const mdd_seen_t *s);
/* desk_time.c, each second, on a thread that may wait */
void mdd_notice_look(mdd_t *d);
/* the platform has it */
int mdd_notice_taken(mdd_tx_t *tx, int64_t outbox, int64_t handled_at);
/* what it tells does not stand any more: the platform is told so, a strike of
 * an automatic decision is void */
int mdd_notice_void(mdd_tx_t *tx, const char *decision, const char *by);
/* an appeal about it was refused, which is known in the store: what a rule did
 * is upheld */
int mdd_notice_uphold(mdd_tx_t *tx, const char *decision);

/* api_case.c: decision and an HMAC over it; -1: there is no key */
int mdd_appeal_code(mdd_t *d, const char *decision, char out[80]);

#endif
