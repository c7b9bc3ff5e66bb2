/*
 * account.c - see account.h.
 *
 *     score  = sum of points * 2^(-age / half-life)
 *     credit = max(0, 100 - 10 * score)
 */

#include "account.h"
#include "api.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAY_MS        86400000ll
#define POINTS_A_DAY  3.0


int
mdd_account_key(mdd_t *d, const char *id, char out[40])
{
    int         wide;
    char        err[256];
    uint8_t     raw[MDL_HASH];
    mdl_key_t   key;
    mdl_str_t   s = { id, strlen(id) };

    if (s.len == 32 && strspn(id, "0123456789abcdef") == 32) {
        strcpy(out, id);
        return 0;
    }

    if (s.len == 0 || s.len > 512
        || mdl_key_load(&key, d->conf->id_key, &wide, err, sizeof(err)) != 0)
    {
        return -1;
    }

    mdl_hash(&key, "account", s, raw);
    mdd_hex(out, raw, sizeof(raw));

    return 0;
}


double
mdd_account_score(mdd_db_t *db, const char *account, int64_t now)
{
    double     score = 0, age;
    mdd_st_t  *st;

    st = mdd_query(db, MDD_SQL_STRIKE_COUNTED, "s", account);

    while (mdd_step(st) == MDD_ROW) {
        age = (double) (now - mdd_int(st, 2));
        score += (double) mdd_int(st, 0) / 1000.0
                 * exp2(-(age > 0 ? age : 0) / (double) mdd_int(st, 1));
    }

    mdd_end(st);

    return score;
}


int
mdd_account_credit(double score)
{
    double  credit = 100.0 - 10.0 * score;

    return credit < 0 ? 0 : (int) (credit + 0.5);
}


void
mdd_account_get(mdd_db_t *db, const char *account, int64_t now,
    mdd_account_t *a)
{
    mdd_st_t  *st;

    memset(a, 0, sizeof(mdd_account_t));
    strcpy(a->state, "none");
    st = mdd_query(db, MDD_SQL_ACCOUNT_GET, "s", account);

    if (mdd_step(st) == MDD_ROW
        && (mdd_int(st, 1) == 0 || mdd_int(st, 1) > now))
    {
        snprintf(a->state, sizeof(a->state), "%s", mdd_text(st, 0));
        a->ends = mdd_int(st, 1);
        snprintf(a->person, sizeof(a->person), "%s", mdd_text(st, 2));
        snprintf(a->reason, sizeof(a->reason), "%s", mdd_text(st, 3));
        a->time = mdd_int(st, 4);
    }

    mdd_end(st);
}


static int
state_number(const char *word)
{
    int  i;

    for (i = 0; i < MDL_ACCOUNTS; i++) {
        if (strcmp(mdl_accounts[i], word) == 0) {
            return i;
        }
    }

    return -1;
}


/* workers are told the state with the credit of now */

static int
tell(mdd_tx_t *tx, const char *account, const char *state, int64_t ends)
{
    int  credit = mdd_account_credit(mdd_account_score(tx->db, account,
                                                       tx->now));

    return mdd_verdict(tx, MDL_TABLE_ACCOUNTS, account, "",
                       state_number(state), credit, ends) < 0
           ? MDD_FAILED : MDD_OK;
}


int
mdd_account_set(mdd_tx_t *tx, const char *account, const char *state,
    int64_t ends, const char *person, const char *reason)
{
    char  alias[17];

    if (state_number(state) < 0) {
        return MDD_REFUSED;
    }

    if (mdd_run(tx->db, MDD_SQL_ACCOUNT_PUT, "ssissi", account, state, ends,
                person, reason, tx->now) != 1
        || tell(tx, account, state, ends) != MDD_OK
        || mdd_alias(tx, person, alias) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "account", json_pack("{s:s, s:s, s:I, s:s}",
        "account", account, "state", state, "ends", (json_int_t) ends, "by",
        alias), json_pack("{s:s, s:s}", "by", person, "reason", reason));
}


int
mdd_account_refresh(mdd_tx_t *tx, const char *account)
{
    double             score, watched = 1;
    mdd_account_t      a;
    const mdd_book_t  *book;

    book = mdd_book(NULL);
    watched = book && book->watched > 0 ? book->watched : watched;
    mdd_book_leave(book);

    score = mdd_account_score(tx->db, account, tx->now);
    mdd_account_get(tx->db, account, tx->now, &a);

    if (strcmp(a.state, "none") == 0 && score >= watched) {
        return mdd_account_set(tx, account, "watched", 0, "score", "score");
    }

    if (strcmp(a.state, "watched") == 0 && strcmp(a.person, "score") == 0
        && score < watched)
    {
        return mdd_account_set(tx, account, "none", 0, "score", "score");
    }

    return strcmp(a.state, "none") == 0 && score == 0 ? MDD_OK
           : tell(tx, account, a.state, a.ends);
}


int
mdd_strike(mdd_tx_t *tx, const mdd_card_t *c, const char *print,
    const char *reason, int64_t review)
{
    double               points = 0, today;
    int64_t              half = 90 * DAY_MS, rev = 0, id;
    const mdd_book_t    *book;
    const mdd_rule_t    *rule;
    const mdd_reason_t  *r;
    const char          *name = c->rule[0] ? c->rule : reason;

    if (c->account[0] == '\0' || strcmp(c->kind, "card") != 0) {
        return MDD_OK;
    }

    book = mdd_book(c->site[0] ? c->site : NULL);
    rule = mdd_book_rule(book, name);
    r = mdd_book_reason(book, reason);

    if (rule && rule->points > 0) {
        points = rule->points;
        half = rule->half_ms ? rule->half_ms : half;
        rev = rule->rev;

    } else if (r && r->points > 0) {
        points = r->points;
        half = r->ttl_ms ? r->ttl_ms : half;
    }

    mdd_book_leave(book);

    if (points <= 0
        || mdd_one(tx->db, 0, MDD_SQL_STRIKE_SAME, "sssi", c->account, name,
                   print, tx->now - 30 * DAY_MS) > 0)
    {
        return MDD_OK;
    }

    /* three points a day, the rest is not counted */

    today = mdd_one(tx->db, 0, MDD_SQL_STRIKE_TODAY, "si", c->account,
                    tx->now - DAY_MS) / 1000.0;
    points = points > POINTS_A_DAY - today ? POINTS_A_DAY - today : points;

    if (points <= 0) {
        return MDD_OK;
    }

    id = mdd_counter(tx, "strike");

    if (id < 0
        || mdd_run(tx->db, MDD_SQL_STRIKE_ADD, "issisissiii", id, c->account,
                   name, rev, print, review, c->decision, "counted",
                   (int64_t) (points * 1000 + 0.5), half, tx->now) != 1
        || mdd_desk_event(tx, "strike", json_pack(
               "{s:I, s:s, s:s, s:I, s:s, s:f, s:I, s:s}", "strike",
               (json_int_t) id, "account", c->account, "rule", name, "rev",
               (json_int_t) rev, "fingerprint", print, "points", points,
               "half_life", (json_int_t) half, "decision", c->decision),
               NULL) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_account_refresh(tx, c->account);
}


int
mdd_strike_void(mdd_tx_t *tx, int64_t review, const char *why)
{
    char       account[40] = "";
    int64_t    id = 0;
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_STRIKE_OF, "i", review);

    if (mdd_step(st) == MDD_ROW) {
        id = mdd_int(st, 0);
        snprintf(account, sizeof(account), "%s", mdd_text(st, 1));
    }

    mdd_end(st);

    if (id == 0) {
        return MDD_OK;
    }

    if (mdd_run(tx->db, MDD_SQL_STRIKE_VOID, "i", id) < 0
        || mdd_desk_event(tx, "strike", json_pack("{s:I, s:s, s:s, s:s}",
               "strike", (json_int_t) id, "account", account, "state",
               "void", "why", why), NULL) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_account_refresh(tx, account);
}


int
mdd_run_account(mdd_tx_t *tx, const mdd_person_t *who, const json_t *args,
    json_t **out)
{
    json_decref(*out);
    *out = json_pack("{s:s, s:s}", "account", mdd_str(args, "account"),
                     "state", mdd_str(args, "state"));

    return mdd_account_set(tx, mdd_str(args, "account"),
                           mdd_str(args, "state"), mdd_num(args, "ends"),
                           who->name, mdd_str(args, "reason"));
}
