/*
 * account_propose.c - limited and suspended, proposed by the score: a person
 * confirms, or says otherwise.
 *
 * A strike that brings the score to the level of a state which is stronger
 * than that of the account makes a proposal.  It stands, though scores fade,
 * until somebody sets a state, strikes are taken back without which the level
 * had not been reached, or the score is below half of it.
 */

#include "account.h"
#include "moderationd/web/api.h"
#include "moderationd/log/did.h"
#include "moderationd/web/page.h"

#include <stdio.h>
#include <string.h>

static const char *const  states[] = { "", "limited", "suspended" };

typedef struct {
    char     proposed[16];
    int64_t  at;
} row_t;


static int
rank(const char *state)
{
    return strcmp(state, "closed") == 0 ? 3
           : strcmp(state, "suspended") == 0 ? 2
           : strcmp(state, "limited") == 0;
}


/* what the strikes that count give: 0, or the number of a state */

static int
level(mdd_db_t *db, const char *account, int64_t now, double *score)
{
    int                i;
    double             was, levels[3] = { 0, 0, 0 };
    int64_t            last;
    const mdd_book_t  *book;

    book = mdd_book(NULL);

    if (book) {
        levels[1] = book->limited;
        levels[2] = book->suspended;
    }

    mdd_book_leave(book);

    /* of the last strike itself nothing has faded then */

    last = mdd_one(db, 0, MDD_SQL_STRIKE_LAST, "s", account);
    was = mdd_account_score_at(db, account, last);
    *score = mdd_account_score(db, account, now);

    for (i = 2; i > 0; i--) {
        if (levels[i] > 0 && was + MDD_SHARP >= levels[i] && *score >= levels[i] / 2) {
            return i;
        }
    }

    return 0;
}


static void
row(mdd_db_t *db, const char *account, row_t *r)
{
    mdd_st_t  *st;

    memset(r, 0, sizeof(row_t));
    st = mdd_query(db, MDD_SQL_ACCOUNT_PROPOSED, "s", account);

    if (mdd_step(st) == MDD_ROW) {
        snprintf(r->proposed, sizeof(r->proposed), "%s", mdd_text(st, 0));
        r->at = mdd_int(st, 1);
    }

    mdd_end(st);
}


int
mdd_account_propose(mdd_tx_t *tx, const char *account, int strike)
{
    int            n;
    row_t          r;
    double         score;
    mdd_account_t  a;

    row(tx->db, account, &r);

    if (r.proposed[0] == '\0' && !strike) {
        return MDD_OK;
    }

    mdd_account_get(tx->db, account, tx->now, &a);
    n = level(tx->db, account, tx->now, &score);
    n = n > rank(a.state) ? n : 0;

    if (n == rank(r.proposed) || (n > rank(r.proposed) && !strike)) {
        return MDD_OK;
    }

    if (mdd_put(tx, MDD_SQL_ACCOUNT_PROPOSE, "ssi", account, states[n],
                tx->now) != 1)
    {
        return MDD_FAILED;
    }

    return mdd_desk_event(tx, "proposal", json_pack("{s:s, s:s, s:f}",
        "account", account, "proposed", states[n], "score", score), NULL);
}


int
mdd_account_decided(mdd_tx_t *tx, const char *account)
{
    row_t  r;

    row(tx->db, account, &r);

    return r.proposed[0] == '\0'
           || mdd_put(tx, MDD_SQL_ACCOUNT_PROPOSE, "ssi", account, "",
                      tx->now) == 1 ? MDD_OK : MDD_FAILED;
}


void
mdd_add_proposed(mdd_web_t *w, const char *account, json_t *j)
{
    row_t  r;

    row(w->db, account, &r);
    json_object_set_new(j, "proposed", json_string(r.proposed));
    json_object_set_new(j, "proposed_at", json_integer(r.at));
}


json_t *
mdd_get_proposals(mdd_web_t *w)
{
    double     score;
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_ACCOUNT_PROPOSALS, "");

    while (mdd_step(st) == MDD_ROW) {
        score = mdd_account_score(w->db, mdd_text(st, 0), w->now);
        json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:I, s:f, s:i}",
            "account", mdd_text(st, 0), "state", mdd_text(st, 1), "proposed",
            mdd_text(st, 2), "at", (json_int_t) mdd_int(st, 3), "score",
            score, "credit", mdd_account_credit(score)));
    }

    mdd_end(st);

    return list;
}


void
mdd_page_proposals(mdd_web_t *w)
{
    size_t      i;
    json_t     *list = mdd_get_proposals(w), *p;
    mdd_buf_t  *b = &w->out->body;

    if (json_array_size(list) == 0) {
        json_decref(list);
        return;
    }

    mdd_html_f(b, "<section><h2>%s</h2><p class=\"sub\">%s</p>"
               "<ul class=\"plain\">",
               T(w, "记分提议的状态", "Proposed by their score"),
               T(w, "由负责人确认，或选别的状态；看过之后，下一次记分之前不再提议。",
                 "A lead confirms it or sets another state; after that nothing "
                 "is proposed before the next strike."));

    json_array_foreach(list, i, p) {
        mdd_html_f(b, "<li class=\"panel\"><a class=\"mono\" href=\"/moderation"
                   "/accounts/%s\">%s</a> <b>%s</b> \xc2\xb7 %s %.1f "
                   "\xc2\xb7 ", mdd_str(p, "account"), mdd_str(p, "account"),
                   mdd_word(w, mdd_str(p, "proposed")), T(w, "记分", "score"),
                   json_number_value(json_object_get(p, "score")));
        mdd_page_time(w, mdd_num(p, "at"));
        mdd_html_f(b, "</li>");
    }

    mdd_html_f(b, "</ul></section>");
    json_decref(list);
}
