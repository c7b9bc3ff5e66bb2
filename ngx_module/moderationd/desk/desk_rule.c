/*
 * desk_rule.c - rules that workers have braked, or that somebody killed: no
 * default acts for them, and what only they brought leaves the queue.
 *
 * Workers tell the state of a rule, not an event: "on" and "over" are told
 * again by whoever tells next.  A policy that goes live begins with none.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/ingest/lines.h"

#include <stdlib.h>
#include <string.h>

#define DAY_MS        86400000ll
#define WITHDRAW_MS   600000            /* lines may come later than the word */


/* a policy line */

int
mdd_rule_line(mdd_tx_t *tx, const mdd_line_t *l, const char *zone)
{
    char               event[16], policy[200], rule[136], detail[16], rev[24];
    const mdd_json_t  *v;

    mdd_line_text(l, "event", event, sizeof(event));
    mdd_line_text(l, "policy", policy, sizeof(policy));
    mdd_line_text(l, "rule", rule, sizeof(rule));
    mdd_line_text(l, "detail", detail, sizeof(detail));
    policy[strcspn(policy, "@")] = '\0';
    v = mdd_json_get(l->m, l->n, "rev");
    rev[0] = '\0';

    if (v && v->n < sizeof(rev)) {
        memcpy(rev, v->val, v->n);
        rev[v->n] = '\0';
    }

    if (strcmp(event, "live") == 0) {
        return mdd_put(tx, MDD_SQL_BRAKED_NONE, "ss", zone, policy) < 0
               ? MDD_FAILED : MDD_OK;
    }

    if ((strcmp(event, "brake") != 0 && strcmp(event, "kill") != 0)
        || rule[0] == '\0')
    {
        return MDD_OK;
    }

    if (strcmp(detail, "over") == 0) {
        return mdd_put(tx, MDD_SQL_BRAKED_OVER, "sss", zone, event, rule)
               < 0 ? MDD_FAILED : MDD_OK;
    }

    return mdd_put(tx, MDD_SQL_BRAKED_PUT, "ssssii", zone, policy, event,
                   rule, (int64_t) strtoll(rev, NULL, 10), tx->now) < 0
           ? MDD_FAILED : MDD_OK;
}


int
mdd_rule_braked(mdd_tx_t *tx, const char *rule)
{
    return *rule
           && mdd_one(tx->db, 0, MDD_SQL_BRAKED, "si", rule,
                      tx->now - DAY_MS) != 0;
}


/* does anything but this rule hold the card? */

static int
held_otherwise(mdd_tx_t *tx, const mdd_card_t *c, const char *rule)
{
    int                held;
    size_t             i;
    json_t            *rules = NULL, *r;
    mdd_st_t          *st;
    const char        *action;
    const mdd_book_t  *book;
    const mdd_slot_t  *slot;

    book = mdd_book(c->site[0] ? c->site : NULL);
    slot = mdd_book_slot(book, c->slot);
    held = slot != NULL && slot->required;
    mdd_book_leave(book);

    if (held) {
        return 1;
    }

    st = mdd_query(tx->db, MDD_SQL_DECISION_RULES, "s", c->decision);

    if (mdd_step(st) == MDD_ROW) {
        rules = json_loads(mdd_text(st, 0), 0, NULL);
    }

    mdd_end(st);

    json_array_foreach(rules, i, r) {
        action = mdd_str(r, "action");
        held |= strcmp(mdd_str(r, "id"), rule) != 0
                && (strcmp(action, "hold") == 0
                    || strcmp(action, "block") == 0)
                && strcmp(mdd_str(r, "mode"), "enforce") == 0;
    }

    json_decref(rules);

    return held;
}


/* cards that wait for this rule alone leave the queue; should they come again
 * they are told again */

int
mdd_withdraw(mdd_tx_t *tx, const mdd_withdraw_t *a)
{
    int          n = 0, rc = 0;
    size_t       i, count = 0;
    mdd_st_t    *st;
    mdd_card_t  *cards;

    cards = calloc(5000, sizeof(mdd_card_t));

    if (cards == NULL) {
        return -1;
    }

    st = mdd_query(tx->db, MDD_SQL_CARD_BY_RULE, "siii", a->rule, a->rev, a->from,
                   a->to);

    while (count < 5000 && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &cards[count++]);
    }

    mdd_end(st);

    for (i = 0; i < count && rc == 0; i++) {
        if (held_otherwise(tx, &cards[i], a->rule)
            || (a->who && !mdd_may_see(a->who, cards[i].site, cards[i].queue,
                                       cards[i].label)))
        {
            continue;
        }

        n++;

        if (!a->dry
            && (mdd_put(tx, MDD_SQL_CARD_STATE, "sii", "withdrawn",
                        (int64_t) 0, cards[i].card) != 1
                || mdd_verdict(tx, MDL_TABLE_ITEMS, cards[i].fingerprint,
                               cards[i].scope, 0, 0, 0) < 0))
        {
            rc = -1;
        }
    }

    free(cards);

    return rc == 0 ? n : -1;
}


/* by the clock: cards of rules that were braked lately */

int
mdd_withdraw_braked(mdd_tx_t *tx)
{
    int              i, k, n = 0;
    char             rule[16][136];
    int64_t          rev[16];
    mdd_st_t        *st;
    mdd_withdraw_t   a = { 0 };

    st = mdd_query(tx->db, MDD_SQL_BRAKED_SINCE, "i", tx->now - WITHDRAW_MS);

    while (n < 16 && mdd_step(st) == MDD_ROW) {
        strncpy(rule[n], mdd_text(st, 0), sizeof(rule[n]) - 1);
        rule[n][sizeof(rule[n]) - 1] = '\0';
        rev[n++] = mdd_int(st, 1);
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        a.rule = rule[i];
        a.rev = rev[i];
        a.to = tx->now;
        k = mdd_withdraw(tx, &a);

        if (k < 0
            || (k > 0
                && mdd_desk_event(tx, "withdrawn", json_pack(
                       "{s:s, s:I, s:i}", "rule", rule[i], "rev",
                       (json_int_t) rev[i], "cards", k), NULL) != MDD_OK))
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}
