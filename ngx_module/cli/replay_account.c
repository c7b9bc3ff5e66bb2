/*
 * replay_account.c - see replay_account.h.
 *
 * A state is that of the last event before the time, if it had not ended; an
 * account without one had none.  The score is that of the strikes which had
 * come by then, as far as they count today: one that was voided later was
 * wrong then, too.
 */

#include "replay_account.h"
#include "cli.h"

#include "ledger/words.h"
#include "moderationd/account/account.h"
#include "moderationd/web/api.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    char      account[33];
    uint8_t   state;
    int64_t   time, ends;
    size_t    nth;                      /* of the same ms: the later one      */
} state_t;

struct cli_accounts_s {
    mdd_db_t  *db;
    state_t   *list;
    size_t     n, room;
};


static int
order(const void *a, const void *b)
{
    const state_t  *x = a, *y = b;
    int             c = strcmp(x->account, y->account);

    if (c != 0) {
        return c;
    }

    if (x->time != y->time) {
        return x->time < y->time ? -1 : 1;
    }

    return x->nth < y->nth ? -1 : x->nth > y->nth;
}


static int
add(cli_accounts_t *a, const json_t *event, int64_t time)
{
    int          word;
    state_t     *s;
    const char  *account = mdd_str(event, "account");
    const char  *state = mdd_str(event, "state");

    word = mdl_word(mdl_accounts, MDL_ACCOUNTS, state, strlen(state));

    if (word < 0 || strlen(account) != sizeof(s->account) - 1) {
        return 0;
    }

    if (a->n == a->room) {
        s = realloc(a->list, (a->room * 2 + 64) * sizeof(state_t));
        if (s == NULL) {
            return -1;
        }
        a->list = s;
        a->room = a->room * 2 + 64;
    }

    s = &a->list[a->n];
    strcpy(s->account, account);
    s->state = (uint8_t) word;
    s->time = time;
    s->ends = mdd_num(event, "ends");
    s->nth = a->n++;

    return 0;
}


cli_accounts_t *
cli_accounts_new(mdd_db_t *db)
{
    int              rc = 0;
    json_t          *j;
    mdd_st_t        *st;
    cli_accounts_t  *a = calloc(1, sizeof(cli_accounts_t));

    if (a == NULL) {
        return NULL;
    }

    a->db = db;
    st = mdd_query(db, MDD_SQL_REPLAY_STATES, "");

    while (rc == 0 && mdd_step(st) == MDD_ROW) {
        j = json_loads(mdd_text(st, 1), 0, NULL);
        rc = add(a, j, mdd_int(st, 0));
        json_decref(j);
    }

    if (mdd_end(st) != MDD_OK || rc != 0) {
        cli_accounts_free(a);
        return NULL;
    }

    if (a->n > 1) {
        qsort(a->list, a->n, sizeof(state_t), order);
    }

    return a;
}


void
cli_accounts_free(cli_accounts_t *a)
{
    if (a) {
        free(a->list);
        free(a);
    }
}


/* the last one up to the time; MDL_ACCOUNT_NONE where there is none */

static uint8_t
state_at(const cli_accounts_t *a, const char *account, int64_t time)
{
    int             c;
    size_t          low = 0, high = a->n, mid;
    const state_t  *s;

    while (low < high) {
        mid = low + (high - low) / 2;
        c = strcmp(a->list[mid].account, account);

        if (c < 0 || (c == 0 && a->list[mid].time <= time)) {
            low = mid + 1;
        } else {
            high = mid;
        }
    }

    if (low == 0) {
        return MDL_ACCOUNT_NONE;
    }

    s = &a->list[low - 1];

    return strcmp(s->account, account) == 0 && (s->ends == 0 || s->ends > time)
           ? s->state : MDL_ACCOUNT_NONE;
}


void
cli_accounts_at(cli_accounts_t *a, const char *account, int64_t time,
    mdr_account_t *out)
{
    memset(out, 0, sizeof(mdr_account_t));

    if (account[0] != '\0') {
        out->known = 1;
        out->state = state_at(a, account, time);
        out->credit = (uint8_t) mdd_account_credit(
                                 mdd_account_score_at(a->db, account, time));
    }
}
