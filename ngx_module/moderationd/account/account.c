/*
 * account.c - see account.h.
 *
 *     score  = sum of points * 2^(-age / half-life)
 *     credit = max(0, 100 - 10 * score)
 */

#include "account.h"
#include "moderationd/web/api.h"
#include "moderationd/log/did.h"
#include "near.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR_MS       3600000ll
#define DAY_MS        86400000ll
#define POINTS_A_DAY  3.0


int
mdd_id_key(mdd_t *d, const char *kind, const char *id, char out[40])
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

    mdl_hash(&key, kind, s, raw);
    mdd_hex(out, raw, sizeof(raw));

    return 0;
}


int
mdd_account_key(mdd_t *d, const char *id, char out[40])
{
    return mdd_id_key(d, "account", id, out);
}


/* of strikes up to a time; what lies behind now is as old as now */

static double
score_of(mdd_db_t *db, const char *account, int64_t now, int64_t upto)
{
    double     score = 0, age;
    mdd_st_t  *st;

    st = mdd_query(db, MDD_SQL_STRIKE_COUNTED, "s", account);

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 2) > upto) {
            continue;
        }

        age = (double) (now - mdd_int(st, 2));
        score += (double) mdd_int(st, 0) / 1000.0
                 * exp2(-(age > 0 ? age : 0) / (double) mdd_int(st, 1));
    }

    mdd_end(st);

    return score;
}


double
mdd_account_score(mdd_db_t *db, const char *account, int64_t now)
{
    return score_of(db, account, now, INT64_MAX);
}


double
mdd_account_score_at(mdd_db_t *db, const char *account, int64_t time)
{
    return score_of(db, account, time, time);
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


/* workers are told the state with the credit of now, where that is news */

static int
tell(mdd_tx_t *tx, const char *account, const char *state, int64_t ends)
{
    int        known, credit;
    mdd_st_t  *st;

    credit = mdd_account_credit(mdd_account_score(tx->db, account, tx->now));
    st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                   (int64_t) MDL_TABLE_ACCOUNTS, account, "");
    known = mdd_step(st) == MDD_ROW
            ? mdd_int(st, 0) == state_number(state)
              && mdd_int(st, 1) == credit && mdd_int(st, 2) == ends
            : state_number(state) == MDL_ACCOUNT_NONE && credit == MDL_CREDIT;

    if (mdd_end(st) != MDD_OK || known) {
        return known ? MDD_OK : MDD_FAILED;
    }

    return mdd_verdict(tx, MDL_TABLE_ACCOUNTS, account, "",
                       state_number(state), credit, ends) < 0
           ? MDD_FAILED : MDD_OK;
}


int
mdd_account_set(mdd_tx_t *tx, const char *account, const char *state,
    int64_t ends, const char *person, const char *reason)
{
    char     alias[17];
    int64_t  id;

    if (state_number(state) < 0) {
        return MDD_REFUSED;
    }

    id = mdd_counter(tx, "account");

    if (id < 0 || mdd_put(tx, MDD_SQL_ACCOUNT_WAS_ADD, "isisiPS", id, account,
                          tx->now, state, ends, person, reason) != 1)
    {
        return MDD_FAILED;
    }

    if (mdd_put(tx, MDD_SQL_ACCOUNT_PUT, "ssiPSi", account, state, ends,
                person, reason, tx->now) != 1
        || tell(tx, account, state, ends) != MDD_OK
        || (strcmp(person, "score") != 0
            && mdd_account_decided(tx, account) != MDD_OK)
        || mdd_near_account(tx, account, strcmp(state, "closed") == 0)
           != MDD_OK
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

    if (mdd_account_propose(tx, account, 0) != MDD_OK) {
        return MDD_FAILED;
    }

    score = mdd_account_score(tx->db, account, tx->now) + MDD_SHARP;
    mdd_account_get(tx->db, account, tx->now, &a);

    if (strcmp(a.state, "none") == 0 && score >= watched) {
        return mdd_account_set(tx, account, "watched", 0, "score", "score");
    }

    if (strcmp(a.state, "watched") == 0 && strcmp(a.person, "score") == 0
        && score < watched)
    {
        return mdd_account_set(tx, account, "none", 0, "score", "score");
    }

    return tell(tx, account, a.state, a.ends);
}


/* by the clock: scores fade, and with them credit and `watched`.  All accounts
 * with strikes within an hour, where there are more than 360 000 later */

int
mdd_account_fade(mdd_tx_t *tx)
{
    int             i, n = 0, rc = MDD_OK;
    char            account[100][40];
    mdd_st_t       *st;
    static char     after[40];          /* on the writer                     */
    static int64_t  next;

    if (after[0] == '\0' && tx->now < next && next <= tx->now + HOUR_MS) {
        return MDD_OK;
    }

    st = mdd_query(tx->db, MDD_SQL_STRIKE_ACCOUNTS, "s", after);

    while (n < 100 && mdd_step(st) == MDD_ROW) {
        snprintf(account[n++], sizeof(account[0]), "%s", mdd_text(st, 0));
    }

    if (mdd_end(st) != MDD_OK) {
        return MDD_FAILED;
    }

    for (i = 0; i < n && rc == MDD_OK; i++) {
        rc = mdd_account_refresh(tx, account[i]);
    }

    snprintf(after, sizeof(after), "%s", n == 100 ? account[n - 1] : "");
    next = tx->now + HOUR_MS;

    return rc;
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
        || mdd_put(tx, MDD_SQL_STRIKE_ADD, "issisissiii", id, c->account,
                   name, rev, print, review, c->decision, "counted",
                   (int64_t) (points * 1000 + 0.5), half, tx->now) != 1
        || mdd_desk_event(tx, "strike", json_pack(
               "{s:I, s:s, s:s, s:I, s:s, s:f, s:I, s:s, s:I}", "strike",
               (json_int_t) id, "account", c->account, "rule", name, "rev",
               (json_int_t) rev, "fingerprint", print, "points", points,
               "half_life", (json_int_t) half, "decision", c->decision,
               "review", (json_int_t) review), NULL) != MDD_OK)
    {
        return MDD_FAILED;
    }

    return mdd_account_propose(tx, c->account, 1) == MDD_OK
           ? mdd_account_refresh(tx, c->account) : MDD_FAILED;
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

    if (mdd_put(tx, MDD_SQL_STRIKE_VOID, "i", id) < 0
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
