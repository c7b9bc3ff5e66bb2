/*
 * api_bulk.c - many cards at once: bulk decisions, their rollback, adoption.
 *
 * More than 50 rejections at once need a second person.  A rollback restores
 * what a bulk, or a rule's defaults, did; a later decision of a person on the
 * same card stays.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"

#include <stdlib.h>
#include <string.h>

#define CARDS_MAX  5000
#define ROWS_MAX   100            /* of one leaf                        */


/* cards by ids, account or fingerprint: their numbers and versions into args,
 * so that what is signed later is what was seen */

static json_t *
cards_of(mdd_web_t *w)
{
    json_t      *list = json_array(), *ids, *v;
    size_t       i;
    int64_t      card;
    mdd_st_t    *st = NULL;
    mdd_card_t   c;

    ids = json_object_get(w->args, "ids");

    if (json_is_string(ids) || json_is_integer(ids)) {
        ids = json_pack("[O]", ids);
        json_object_set_new(w->args, "ids", ids);
    }

    json_array_foreach(ids, i, v) {
        card = json_is_string(v) ? strtoll(json_string_value(v), NULL, 10)
                                 : json_integer_value(v);

        if (mdd_card_get(w->db, card, &c) && mdd_card_mine(w, &c)) {
            json_array_append_new(list, json_pack("[I, I]",
                (json_int_t) c.card, (json_int_t) c.version));
        }
    }

    if (mdd_arg(w, "account")[0]) {
        st = mdd_query(w->db, MDD_SQL_CARD_ACCOUNT, "si",
                       mdd_arg(w, "account"), (int64_t) CARDS_MAX);

    } else if (mdd_arg(w, "fingerprint")[0]) {
        st = mdd_query(w->db, MDD_SQL_CARD_PRINT, "si",
                       mdd_arg(w, "fingerprint"), (int64_t) CARDS_MAX);
    }

    while (st && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &c);

        if (mdd_card_mine(w, &c)) {
            json_array_append_new(list, json_pack("[I, I]",
                (json_int_t) c.card, (json_int_t) c.version));
        }
    }

    if (st) {
        mdd_end(st);
    }

    return list;
}


int
mdd_run_bulk(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    int           rc, done = 0, left = 0;
    size_t        i;
    json_t       *pair;
    int64_t       bulk = mdd_counter(tx, "bulk");
    mdd_decide_t  a;

    if (bulk < 0) {
        return MDD_FAILED;
    }

    json_array_foreach(json_object_get(args, "cards"), i, pair) {
        memset(&a, 0, sizeof(a));
        a.who = who;
        a.card = json_integer_value(json_array_get(pair, 0));
        a.version = json_integer_value(json_array_get(pair, 1));
        a.bulk = bulk;
        a.verdict = mdd_str(args, "verdict");
        a.reason = mdd_str(args, "reason");
        a.note = mdd_str(args, "note");

        rc = mdd_decide(tx, &a);
        json_decref(a.answer);

        if (rc == MDD_FAILED) {
            return rc;
        }

        done += rc == MDD_OK;
        left += rc != MDD_OK;           /* decided or held by another */
    }

    json_decref(*out);
    *out = json_pack("{s:I, s:i, s:i}", "bulk", (json_int_t) bulk, "done",
                     done, "left", left);

    return MDD_OK;
}


typedef struct {
    mdd_web_t     *w;
    const json_t  *args;
    json_t        *out;
    int          (*run)(mdd_tx_t *tx, const mdd_person_t *who,
                     const json_t *args, json_t **out);
} many_t;


static int
run_many(mdd_tx_t *tx, void *data)
{
    many_t  *m = data;

    return m->run(tx, &m->w->who, m->args, &m->out);
}


static void
answer_many(mdd_web_t *w, many_t *m)
{
    m->w = w;

    if (mdd_change(w->d, run_many, m) != MDD_OK) {
        json_decref(m->out);
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_tables_sync(w->d, w->db);
    mdd_done(w, 200, m->out);
}


void
mdd_api_bulk(mdd_web_t *w)
{
    int          reject;
    size_t       n;
    json_t      *args;
    many_t       m = { 0 };
    const char  *verdict = mdd_arg(w, "verdict");

    reject = strcmp(verdict, "reject") == 0;

    if (!reject && strcmp(verdict, "release") != 0) {
        mdd_error(w, 400, "bad_value", "release or reject", "verdict");
        return;
    }

    if (reject && mdd_arg(w, "reason")[0] == '\0') {
        mdd_error(w, 400, "reason", T(w, "驳回需要理由",
                  "a rejection needs a reason"), "reason");
        return;
    }

    args = json_pack("{s:s, s:s, s:s, s:o}", "verdict", verdict, "reason",
                     mdd_arg(w, "reason"), "note", mdd_arg(w, "note"),
                     "cards", cards_of(w));
    n = json_array_size(json_object_get(args, "cards"));

    if (n == 0 || n > CARDS_MAX) {
        mdd_error(w, 400, "bad_value", "no cards", "ids");

    } else if (reject
               && (n > MDD_MANY
                   || mdd_one(w->db, 0, MDD_SQL_REVIEW_REJECTED, "si",
                              w->who.name, w->now - 3600000) + (int64_t) n
                      > MDD_MANY))
    {
        mdd_ask_second(w, "bulk", args);

    } else {
        m.args = args;
        m.run = mdd_run_bulk;
        answer_many(w, &m);
    }

    json_decref(args);
}


/* about a card that this person may see */

static int
review_mine(mdd_tx_t *tx, const mdd_person_t *who, int64_t review)
{
    int64_t     card = 0;
    mdd_st_t   *st;
    mdd_card_t  c;

    st = mdd_query(tx->db, MDD_SQL_REVIEW_GET, "i", review);

    if (mdd_step(st) == MDD_ROW) {
        card = mdd_int(st, 1);
    }

    mdd_end(st);

    return mdd_card_get(tx->db, card, &c)
           && mdd_may_see(who, c.site, c.queue, c.label);
}


/* {bulk} or {rule, rev, from, to}: the reviews that are undone */

static int
undo_all(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    int              n = 0, dry;
    int64_t         *ids;
    size_t           i, count = 0;
    mdd_st_t        *st;
    mdd_withdraw_t   left = { 0 };

    ids = malloc(CARDS_MAX * sizeof(int64_t));

    if (ids == NULL) {
        return MDD_FAILED;
    }

    if (mdd_num(args, "bulk")) {
        st = mdd_query(tx->db, MDD_SQL_REVIEW_BULK, "i",
                       mdd_num(args, "bulk"));

    } else {
        st = mdd_query(tx->db, MDD_SQL_REVIEW_BY_RULE, "siii",
                       mdd_str(args, "rule"), mdd_num(args, "rev"),
                       mdd_num(args, "from"), mdd_num(args, "to"));
    }

    while (count < CARDS_MAX && mdd_step(st) == MDD_ROW) {
        ids[count++] = mdd_int(st, 0);
    }

    mdd_end(st);
    dry = json_is_true(json_object_get(args, "dry_run"));

    for (i = 0; i < count; i++) {
        int  rc = !review_mine(tx, who, ids[i]) ? MDD_REFUSED
                  : dry ? MDD_OK
                  : mdd_undo(tx, ids[i], "rolled_back", who->name);

        if (rc == MDD_FAILED) {
            free(ids);
            return rc;
        }

        n += rc == MDD_OK;
    }

    free(ids);

    /* cards that only the rule brought leave the queue */

    if (mdd_num(args, "bulk") == 0) {
        int  gone;

        left.rule = mdd_str(args, "rule");
        left.rev = mdd_num(args, "rev");
        left.from = mdd_num(args, "from");
        left.to = mdd_num(args, "to");
        left.who = who;
        left.dry = dry;
        gone = mdd_withdraw(tx, &left);

        if (gone < 0) {
            return MDD_FAILED;
        }

        *out = json_pack("{s:i, s:i, s:b}", "restored", n, "left_queue",
                         gone, "dry_run", dry);

    } else {
        *out = json_pack("{s:i, s:b}", "restored", n, "dry_run", dry);
    }

    if (dry) {
        return MDD_OK;
    }

    return mdd_desk_event(tx, "rollback", json_pack("{s:I, s:s, s:I, s:i}",
        "bulk", (json_int_t) mdd_num(args, "bulk"), "rule",
        mdd_str(args, "rule"), "rev", (json_int_t) mdd_num(args, "rev"),
        "restored", n), json_pack("{s:s}", "by", who->name));
}


void
mdd_api_rollback(mdd_web_t *w)
{
    many_t   m = { 0 };
    json_t  *args;
    int64_t  from = mdd_arg_int(w, "from", 0);
    int64_t  to = mdd_arg_int(w, "to", w->now);

    args = json_pack("{s:I, s:s, s:I, s:I, s:I, s:b}",
        "bulk", (json_int_t) mdd_arg_int(w, "bulk", 0),
        "rule", mdd_arg(w, "rule"), "rev",
        (json_int_t) mdd_arg_int(w, "rev", 0), "from", (json_int_t) from,
        "to", (json_int_t) to, "dry_run",
        json_is_true(json_object_get(w->args, "dry_run"))
        || strcmp(mdd_arg(w, "dry_run"), "1") == 0);

    if (mdd_num(args, "bulk") == 0
        && (mdd_str(args, "rule")[0] == '\0' || from == 0))
    {
        mdd_error(w, 400, "bad_value", "bulk, or rule, rev, from, to",
                  "bulk");

    } else {
        m.args = args;
        m.run = undo_all;
        answer_many(w, &m);
    }

    json_decref(args);
}


/* adoption: what was shown without a hit in the last time is released as it
 * is, recorded as adopted, never as reviewed */

int
mdd_run_adopt(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    int          n = 0, rc = MDD_OK, dry;
    int64_t      review, seq, ends;
    mdd_st_t    *st;
    mdd_card_t  *cards;
    size_t       i, count = 0;
    json_t      *rows;

    cards = calloc(CARDS_MAX, sizeof(mdd_card_t));
    rows = json_array();

    if (cards == NULL || rows == NULL) {
        free(cards);
        json_decref(rows);
        return MDD_FAILED;
    }

    dry = json_is_true(json_object_get(args, "dry_run"));
    st = mdd_query(tx->db, MDD_SQL_CARD_ADOPT, "si", mdd_str(args, "slot"),
                   tx->now - mdd_num(args, "seen"));

    while (count < CARDS_MAX && mdd_step(st) == MDD_ROW) {
        mdd_card_row(st, &cards[count]);
        count += mdd_scope_card(who, json_object_get(args, "asked"),
                                &cards[count]);
    }

    mdd_end(st);

    for (i = 0; i < count && rc == MDD_OK && !dry; i++) {
        ends = tx->now + 24 * 3600000 + (int64_t) (i % 100) * 180000;
        seq = mdd_verdict(tx, MDL_TABLE_ITEMS, cards[i].fingerprint,
                          cards[i].scope, MDL_REVIEW_ADOPTED, 0, ends);
        review = mdd_counter(tx, "review");

        if (seq < 0 || review < 0
            || mdd_put(tx, MDD_SQL_REVIEW_ADD, "iiissPissiisiii", review,
                       cards[i].card, cards[i].version, cards[i].fingerprint,
                       "adopt", who->name, tx->now, "adopted", "", ends,
                       (int64_t) 0, "standing", seq, tx->log, tx->leaf) != 1
            || mdd_put(tx, MDD_SQL_CARD_STATE, "sii", "adopted", ends,
                       cards[i].card) != 1)
        {
            rc = MDD_FAILED;
        }

        json_array_append_new(rows, json_pack("[I, I, I, s, I, I]",
            (json_int_t) review, (json_int_t) cards[i].card,
            (json_int_t) cards[i].version, cards[i].fingerprint,
            (json_int_t) ends, (json_int_t) seq));

        /* of all that one leaf may hold */

        if (rc == MDD_OK
            && (json_array_size(rows) == ROWS_MAX || i + 1 == count))
        {
            rc = mdd_desk_event(tx, "adopted", json_pack("{s:O}", "rows",
                                rows), json_pack("{s:s}", "by", who->name));
            json_array_clear(rows);
        }

        n++;
    }

    json_decref(rows);
    free(cards);
    json_decref(*out);
    *out = json_pack("{s:I, s:b}", "adopted", (json_int_t) count, "dry_run",
                     dry);

    if (rc != MDD_OK || dry) {
        return rc;
    }

    return mdd_desk_event(tx, "adopt", json_pack("{s:s, s:i}", "slot",
        mdd_str(args, "slot"), "adopted", n),
        json_pack("{s:s}", "by", who->name));
}


void
mdd_api_adopt(mdd_web_t *w)
{
    int64_t  seen = mdd_yaml_ms(*mdd_arg(w, "seen") ? mdd_arg(w, "seen")
                                                    : "24h");
    json_t  *args;
    many_t   m = { 0 };

    if (seen <= 0 || mdd_arg(w, "slot")[0] == '\0') {
        mdd_error(w, 400, "bad_value", "", seen <= 0 ? "seen" : "slot");
        return;
    }

    args = json_pack("{s:s, s:I, s:b, s:o}", "slot", mdd_arg(w, "slot"),
                     "seen", (json_int_t) seen, "dry_run",
                     json_is_true(json_object_get(w->args, "dry_run")),
                     "asked", mdd_scope_keep(&w->who));

    if (json_is_true(json_object_get(args, "dry_run"))) {
        m.args = args;
        m.run = mdd_run_adopt;
        answer_many(w, &m);

    } else {
        mdd_ask_second(w, "adopt", args);
    }

    json_decref(args);
}
