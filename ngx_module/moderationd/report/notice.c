/*
 * notice.c - notices to owners, and what becomes of them (see notice.h).
 *
 * state: new (to be sent), sent (in the outbox), taken (acknowledged), upheld,
 * void (an appeal was granted, or nobody can be told).
 */

#include "moderationd/log/did.h"
#include "notice.h"
#include "moderationd/account/account.h"
#include "moderationd/alarm/alarm.h"
#include "moderationd/web/api.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS     86400000ll
#define SAME_MS    (30 * DAY_MS)
#define UPHELD_MS  (7 * DAY_MS)
#define APPEAL_MS  (183 * DAY_MS)
#define SHARE      50                   /* of a second                        */

static int  wanted;


void
mdd_notice_start(mdd_t *d)
{
    size_t  i, k;

    wanted = 0;

    for (i = 0; i < d->conf->nwebhooks; i++) {
        for (k = 0; k < d->conf->webhooks[i].ntypes; k++) {
            wanted |= strcmp(d->conf->webhooks[i].types[k], "notice") == 0;
        }
    }
}


int
mdd_notice(mdd_tx_t *tx, const mdd_notice_t *n)
{
    int64_t      id;
    const char  *what = n->print && n->print[0] ? n->print : n->item;

    if (!wanted || n->decision == NULL || n->decision[0] == '\0'
        || (n->account[0] == '\0' && n->item[0] == '\0')
        || mdd_one(tx->db, 0, MDD_SQL_NOTICE_SAME, "ssssi", n->account,
                   n->rule, what, n->by, tx->now - SAME_MS) > 0)
    {
        return MDD_OK;
    }

    id = mdd_counter(tx, "notice");

    return id < 0
           || mdd_put(tx, MDD_SQL_NOTICE_ADD, "issssssSsi", id,
                      n->decision, n->by, n->account, n->item, n->rule, what,
                      n->reason, n->site ? n->site : "", tx->now) < 0
           ? MDD_FAILED : MDD_OK;
}


int
mdd_notice_line(mdd_tx_t *tx, const mdd_seen_t *s)
{
    mdd_notice_t  n;

    if (!wanted || strcmp(s->kind, "decision") != 0
        || strcmp(s->mode, "enforce") != 0 || strcmp(s->reason, "rule") != 0
        || (strcmp(s->action, "block") != 0 && strcmp(s->action, "mask") != 0))
    {
        return MDD_OK;
    }

    memset(&n, 0, sizeof(n));
    n.decision = s->id;
    n.by = "rule";
    n.account = s->account;
    n.item = s->item;
    n.print = s->fingerprint;
    n.rule = s->rule;
    n.reason = "";
    n.site = mdd_site_of(tx->d->conf, s->host);

    return mdd_notice(tx, &n);
}


/* sending */

typedef struct {
    int64_t  id;
    char     decision[24], by[8], rule[136], reason[72], site[72];
} row_t;


/* title, notice and basis, of the reason that a person gave or of the rule */

static void
words(json_t *j, const row_t *r)
{
    const mdd_book_t    *book = mdd_book(r->site[0] ? r->site : NULL);
    const mdd_reason_t  *why = mdd_book_reason(book, r->reason);
    const mdd_rule_t    *rule = mdd_book_rule(book, r->rule);

    if (why) {
        json_object_set_new(j, "title", json_pack("{s:s?, s:s?}", "zh",
                            why->title_zh, "en", why->title_en));
        json_object_set_new(j, "notice", json_pack("{s:s?, s:s?}", "zh",
                            why->notice_zh, "en", why->notice_en));

    } else if (rule) {
        json_object_set_new(j, "title", json_pack("{s:s?, s:s?}", "zh",
                            rule->title_zh, "en", rule->title_en));
        json_object_set_new(j, "notice", json_pack("{s:s?, s:s?}", "zh",
                            rule->notice_zh, "en", rule->notice_en));
    }

    if ((why && why->basis) || (rule && rule->basis)) {
        json_object_set_new(j, "basis", json_string(why && why->basis
                                                    ? why->basis
                                                    : rule->basis));
    }

    mdd_book_leave(book);
}


static int
send_one(mdd_tx_t *tx, const row_t *r)
{
    char        code[80], url[1200];
    json_t     *d, *event, *extra;
    int64_t     outbox;
    mdd_web_t   w;
    const json_t  *p;

    memset(&w, 0, sizeof(w));
    w.d = tx->d;
    w.db = tx->db;
    w.now = tx->now;
    w.who.roles = MDD_LEAD;
    d = mdd_get_decision(&w, r->decision);
    p = json_object_get(d, "private");

    if (p == NULL || mdd_appeal_code(tx->d, r->decision, code) != 0) {
        json_decref(d);
        return mdd_put(tx, MDD_SQL_NOTICE_STATE, "si", "void", r->id) < 0
               ? MDD_FAILED : MDD_OK;
    }

    event = json_pack("{s:s, s:I, s:I, s:s, s:s, s:s, s:s}", "type", "notice",
                      "time", (json_int_t) tx->now, "notice",
                      (json_int_t) r->id, "decision", r->decision, "by",
                      r->by, "action", mdd_str(d, "action"), "rule", r->rule);
    snprintf(url, sizeof(url), "%s/public/reason/%s",
             tx->d->conf->alarm_url ? tx->d->conf->alarm_url : "/moderation",
             r->decision);
    extra = json_pack("{s:s, s:s, s:s, s:s, s:I}", "item", mdd_str(p, "item"),
                      "account", mdd_str(p, "account"), "code", code, "url",
                      url, "appeal_until",
                      (json_int_t) (mdd_num(d, "time") + APPEAL_MS));
    words(extra, r);
    json_decref(d);

    if (mdd_desk_event(tx, "notice", json_pack("{s:I, s:s, s:s, s:s}",
            "notice", (json_int_t) r->id, "decision", r->decision, "by",
            r->by, "rule", r->rule), NULL) != MDD_OK
        || mdd_outbox_put(tx, "notice", event, extra) != MDD_OK)
    {
        return MDD_FAILED;
    }

    outbox = mdd_one(tx->db, 0, MDD_SQL_COUNTER_GET, "s", "outbox");

    return mdd_put(tx, MDD_SQL_NOTICE_SENT, "ii", outbox, r->id) == 1
           ? MDD_OK : MDD_FAILED;
}


static int
rows(mdd_tx_t *tx, mdd_st_t *st, row_t *list)
{
    int  n = 0;

    (void) tx;

    while (n < SHARE && mdd_step(st) == MDD_ROW) {
        list[n].id = mdd_int(st, 0);
        snprintf(list[n].decision, 24, "%s", mdd_text(st, 1));
        snprintf(list[n].by, 8, "%s", mdd_text(st, 2));
        snprintf(list[n].rule, 136, "%s", mdd_text(st, 3));
        snprintf(list[n].reason, 72, "%s", mdd_text(st, 4));
        snprintf(list[n].site, 72, "%s", mdd_text(st, 5));
        n++;
    }

    return mdd_end(st) == MDD_OK ? n : -1;
}


/* automatic, and acknowledged seven days ago or an appeal refused: upheld,
 * unless an appeal waits or was granted, or the rule is held back */

static int
uphold(mdd_tx_t *tx, const row_t *r)
{
    char        open = 0, granted = 0;
    mdd_st_t   *st;
    mdd_card_t  c;

    st = mdd_query(tx->db, MDD_SQL_CASE_APPEAL, "s", r->decision);

    while (mdd_step(st) == MDD_ROW) {
        open |= strcmp(mdd_text(st, 0), "open") == 0;
        granted |= strcmp(mdd_text(st, 1), "effective") == 0
                   || strcmp(mdd_text(st, 1), "late") == 0;
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (open || mdd_rule_braked(tx, r->rule)) {
        return MDD_OK;                  /* looked at again */
    }

    if (granted) {
        return mdd_put(tx, MDD_SQL_NOTICE_STATE, "si", "void", r->id) < 0
               ? MDD_FAILED : MDD_OK;
    }

    memset(&c, 0, sizeof(c));
    strcpy(c.kind, "card");
    snprintf(c.rule, sizeof(c.rule), "%s", r->rule);
    snprintf(c.site, sizeof(c.site), "%s", r->site);
    snprintf(c.decision, sizeof(c.decision), "%s", r->decision);
    st = mdd_query(tx->db, MDD_SQL_NOTICE_GET, "i", r->id);

    if (mdd_step(st) == MDD_ROW) {
        snprintf(c.account, sizeof(c.account), "%s", mdd_text(st, 0));
        snprintf(c.fingerprint, sizeof(c.fingerprint), "%s", mdd_text(st, 1));
    }

    /* reviews of persons have positive numbers */
    return mdd_end(st) == MDD_OK
           && mdd_strike(tx, &c, c.fingerprint, "", -r->id) == MDD_OK
           && mdd_put(tx, MDD_SQL_NOTICE_STATE, "si", "upheld", r->id) == 1
           ? MDD_OK : MDD_FAILED;
}


int
mdd_notice_uphold(mdd_tx_t *tx, const char *decision)
{
    int    i, n;
    row_t  list[SHARE];

    n = rows(tx, mdd_query(tx->db, MDD_SQL_NOTICE_APPEALED, "s", decision),
             list);

    for (i = 0; i < n; i++) {
        if (uphold(tx, &list[i]) != MDD_OK) {
            return MDD_FAILED;
        }
    }

    return n < 0 ? MDD_FAILED : MDD_OK;
}


static int
tick(mdd_tx_t *tx, void *data)
{
    int    i, n;
    row_t  list[SHARE];

    (void) data;

    n = rows(tx, mdd_query(tx->db, MDD_SQL_NOTICE_NEW, ""), list);

    for (i = 0; i < n; i++) {
        if (send_one(tx, &list[i]) != MDD_OK) {
            return MDD_FAILED;
        }
    }

    if (n < 0) {
        return MDD_FAILED;
    }

    n = rows(tx, mdd_query(tx->db, MDD_SQL_NOTICE_OVER, "i",
                           tx->now - UPHELD_MS), list);

    for (i = 0; i < n; i++) {
        if (uphold(tx, &list[i]) != MDD_OK) {
            return MDD_FAILED;
        }
    }

    return n < 0 ? MDD_FAILED : MDD_OK;
}


void
mdd_notice_look(mdd_t *d)
{
    if (wanted) {
        (void) mdd_change(d, tick, NULL);
    }
}


int
mdd_notice_taken(mdd_tx_t *tx, int64_t outbox, int64_t handled_at)
{
    handled_at = handled_at > 0 && handled_at <= tx->now ? handled_at
                                                         : tx->now;

    return mdd_put(tx, MDD_SQL_NOTICE_TAKEN, "ii", handled_at, outbox) < 0
           ? MDD_FAILED : MDD_OK;
}


int
mdd_notice_void(mdd_tx_t *tx, const char *decision, const char *by)
{
    char       state[8] = "";
    int64_t    id = 0;
    json_t    *event;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_NOTICE_OF, "ss", decision, by);

    if (mdd_step(st) == MDD_ROW) {
        id = mdd_int(st, 0);
        snprintf(state, sizeof(state), "%s", mdd_text(st, 1));
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    if (id == 0 || strcmp(state, "void") == 0) {
        return MDD_OK;
    }

    if (mdd_strike_void(tx, -id, "appealed") != MDD_OK
        || mdd_put(tx, MDD_SQL_NOTICE_STATE, "si", "void", id) != 1)
    {
        return MDD_FAILED;
    }

    if (strcmp(state, "new") == 0) {
        return MDD_OK;                  /* nobody was told */
    }

    event = json_pack("{s:s, s:I, s:I, s:s, s:s, s:s}", "type", "notice",
                      "time", (json_int_t) tx->now, "notice", (json_int_t) id,
                      "decision", decision, "by", by, "state", "withdrawn");

    return mdd_desk_event(tx, "notice", json_pack("{s:I, s:s, s:s, s:s}",
               "notice", (json_int_t) id, "decision", decision, "by", by,
               "state", "withdrawn"), NULL) == MDD_OK
           ? mdd_outbox_put(tx, "notice", event, NULL) : MDD_FAILED;
}
