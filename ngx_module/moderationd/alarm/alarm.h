/*
 * alarm.h - early warning: what needs an eye, from its begin to its end.
 *
 *   burst.c burst_set.c   floods and silence in counters (burst.h)
 *   alarm_feed.c          counters of the record to these
 *   alarm.c               begin, end, and what else is an alarm
 *   api_alarm.c           list, acknowledgement, the screen
 *   alarm_text.c          in a sentence
 *   conf_alarm.c          who is told: moderationd.yaml
 *   outbox.c              webhooks, queued in the store
 *   send.c                a thread that sends: webhooks, Alertmanager
 *
 * Five kinds and no more: flood, quiet, lost, overdue, nobody.  The key of an
 * alarm is KIND/WHAT, as flood/rule:gambling.topup; one stands at a time.  A
 * key is muted in the console for a time, or by `mute` in the configuration
 * for good: it stands on its screen, and is told to nobody.
 */

#ifndef MDD_ALARM_H
#define MDD_ALARM_H

#include "burst.h"
#include "moderationd/web/web.h"

typedef struct {
    int64_t  id, n, expected, began, ended, at, muted;
    char     key[200], kind[12], what[180], level[8], person[72];
    char     detail[200];
} mdd_alarm_t;

/* a row of ALARM_COLUMNS */
void mdd_alarm_row(mdd_st_t *st, mdd_alarm_t *a);
/* told to nobody, by a person or by the configuration */
int mdd_alarm_muted(const mdd_conf_t *conf, const mdd_alarm_t *a);
/* a sentence for people */
void mdd_alarm_text(mdd_buf_t *b, int zh, const mdd_alarm_t *a);

/* desk_time.c calls it each second, on a thread that may wait */
void mdd_alarm_look(mdd_t *d);

/* alarm_feed.c; all on the writer thread.  A counter has grown; time: of the
 * line */
void mdd_feed_count(const char *what, size_t nwhat, const char *slot,
    size_t nslot, const char *name, size_t nname, int64_t delta,
    int64_t time);
void mdd_feed_policy(int64_t time);
/* what came since the last call stays, or does not */
void mdd_feed_settle(int committed);
/* from now on counters are wanted; what was learnt is read */
int mdd_feed_start(mdd_t *d);
void mdd_feed_stop(void);
/* events, oldest first, up to *n; they are given again until mdd_feed_drop */
const mdd_burst_event_t *mdd_feed_events(mdd_tx_t *tx, size_t *n);
void mdd_feed_drop(size_t n);
/* 1: it is flooded or quiet as far as is known */
int mdd_feed_stands(const char *kind, const char *what);
int mdd_feed_save(mdd_tx_t *tx);

/* outbox.c: each event of these types, as it becomes a leaf */
int mdd_outbox_event(mdd_tx_t *tx, const char *type, const char *pub,
    size_t n);
/* with members that are in no leaf (extra: NULL, or given away) */
int mdd_outbox_put(mdd_tx_t *tx, const char *type, json_t *event,
    json_t *extra);

/* send.c */
int mdd_send_start(mdd_t *d);
void mdd_send_stop(void);

#endif
