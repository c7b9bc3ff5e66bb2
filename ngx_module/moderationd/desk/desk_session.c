/*
 * desk_session.c - broadcasts that are over (`session` in a slot's review).
 *
 * A release stands for one broadcast.  When a card comes with another that was
 * not seen of it before, what was released of the older ones is told no more:
 * their cards wait for a person, should they come again.  What comes with one
 * that was seen before (a page out of a cache) ends nothing.
 *
 * A line is not the place to tell workers something, since its own leaf comes
 * behind its rows: so it is noted, and done by the clock.
 */

#include "moderationd/web/api.h"
#include "desk.h"
#include "moderationd/log/did.h"
#include "moderationd/ingest/lines.h"

#include <stdio.h>
#include <string.h>

#define VERSIONS  20                    /* of a card that are looked at       */
#define TEXT      256

typedef struct {
    char  print[40], session[TEXT];
} before_t;


/* of the line that is being taken */

static int
of_line(const mdd_seen_t *s, const char *field, char out[TEXT])
{
    int                n;
    mdd_json_t         m[16], f[32];
    const mdd_json_t  *v;

    v = s->line ? mdd_json_get(s->line->m, s->line->n, "private") : NULL;
    n = v ? mdd_json_members(v->val, v->n, m, 16) : -1;
    v = n > 0 ? mdd_json_get(m, n, "fields") : NULL;
    n = v ? mdd_json_members(v->val, v->n, f, 32) : -1;
    v = n > 0 ? mdd_json_get(f, n, field) : NULL;

    return v && mdd_json_text(v, out, TEXT) > 0;
}


/* of a private half that is in the store */

static void
of_body(const char *body, const char *field, char out[TEXT])
{
    json_t  *j = json_loads(body, JSON_ALLOW_NUL, NULL), *p;

    p = json_object_get(j, "private");
    p = json_object_get(p ? p : j, "fields");
    snprintf(out, TEXT, "%s", mdd_str(p, field));
    json_decref(j);
}


int
mdd_session(mdd_tx_t *tx, const mdd_seen_t *s, const mdd_card_t *c,
    const char *field)
{
    int        n = 0, i, rc;
    char       now[TEXT];
    mdd_st_t  *st;
    before_t   before[VERSIONS];

    if (!of_line(s, field, now)) {
        return MDD_OK;                  /* cut, or a store that is made again */
    }

    st = mdd_query(tx->db, MDD_SQL_SESSION_BEFORE, "ii", c->card,
                   (int64_t) VERSIONS);

    while (n < VERSIONS && mdd_step(st) == MDD_ROW) {
        snprintf(before[n].print, sizeof(before[n].print), "%s",
                 mdd_text(st, 0));
        of_body(mdd_text(st, 1), field, before[n].session);
        n++;
    }

    rc = mdd_end(st);

    for (i = 0; i < n; i++) {
        if (strcmp(before[i].session, now) == 0) {
            return rc;
        }
    }

    for (i = 0; i < n && rc == MDD_OK; i++) {
        if (strcmp(before[i].print, s->fingerprint) != 0
            && mdd_put(tx, MDD_SQL_SESSION_OVER, "ssii", before[i].print,
                       c->scope, c->card, tx->now) < 0)
        {
            rc = MDD_FAILED;
        }
    }

    return rc;
}


/* by the clock */

int
mdd_session_tick(mdd_tx_t *tx)
{
    int        n = 0, i, verdict, told;
    char       print[100][40], scope[100][256];
    int64_t    card[100];
    mdd_st_t  *st;

    st = mdd_query(tx->db, MDD_SQL_SESSION_LIST, "");

    while (n < 100 && mdd_step(st) == MDD_ROW) {
        snprintf(print[n], sizeof(print[n]), "%s", mdd_text(st, 0));
        snprintf(scope[n], sizeof(scope[n]), "%s", mdd_text(st, 1));
        card[n++] = mdd_int(st, 2);
    }

    mdd_end(st);

    for (i = 0; i < n; i++) {
        st = mdd_query(tx->db, MDD_SQL_VERDICT_GET, "iss",
                       (int64_t) MDL_TABLE_ITEMS, print[i], scope[i]);
        verdict = mdd_step(st) == MDD_ROW ? (int) mdd_int(st, 0) : 0;
        mdd_end(st);

        told = verdict == MDL_REVIEW_RELEASED
               || verdict == MDL_REVIEW_ADOPTED
               || verdict == MDL_REVIEW_EXPIRED;

        if ((told
             && (mdd_verdict(tx, MDL_TABLE_ITEMS, print[i], scope[i], 0, 0, 0)
                 < 0
                 || mdd_desk_event(tx, "session", json_pack("{s:I, s:s}",
                        "card", (json_int_t) card[i], "fingerprint",
                        print[i]), NULL) != MDD_OK))
            || mdd_put(tx, MDD_SQL_SESSION_DONE, "ss", print[i],
                       scope[i]) < 0)
        {
            return MDD_FAILED;
        }
    }

    return MDD_OK;
}
