/*
 * period_event.c - what the daemon itself has recorded in a time, to numbers:
 * rejections and their categories, accounts, orders, readers' reports, appeals.
 */

#include "moderationd/web/api.h"
#include "period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void (*event_pt)(mdd_web_t *w, mdd_numbers_t *n, int64_t time,
    const json_t *e);


static void
each(mdd_web_t *w, mdd_numbers_t *n, const char *type, int64_t to,
    event_pt run)
{
    json_t    *e;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_PERIOD_EVENTS, "siiii", type, n->p.from,
                   to, n->p.log, n->p.size);

    while (mdd_step(st) == MDD_ROW) {
        e = json_loads(mdd_text(st, 3), 0, NULL);

        if (e) {
            run(w, n, mdd_int(st, 2), e);
            json_decref(e);
        }
    }

    n->failed |= mdd_end(st) != MDD_OK;
}


static void
add(mdd_names_t *t, const char *word, int64_t count, int64_t more)
{
    int  i = mdd_name(t, word);

    if (i >= 0) {
        t->count[i] += count;
        t->more[i] += more;
    }
}


/* label, item and host of a decision; 1: it is one of this site */

static int
decision(mdd_web_t *w, mdd_numbers_t *n, const char *id, char label[136],
    char item[40])
{
    int        found = 0;
    mdd_st_t  *st;

    label[0] = item[0] = '\0';
    st = mdd_query(w->db, MDD_SQL_PERIOD_LABEL, "s", id);

    if (mdd_step(st) == MDD_ROW) {
        snprintf(label, 136, "%s", mdd_text(st, 0));
        snprintf(item, 40, "%s", mdd_text(st, 1));
        found = mdd_period_host(&n->p, mdd_text(st, 2));
    }

    mdd_end(st);

    return found;
}


/* the reviews that did not stand to the end of the record */

static void
undone(mdd_web_t *w, mdd_numbers_t *n, mdd_things_t *ids)
{
    char       id[32];
    json_t    *e;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_PERIOD_EVENTS, "siiii", "undo", n->p.from,
                   INT64_MAX, n->p.log, n->p.size);

    while (mdd_step(st) == MDD_ROW) {
        e = json_loads(mdd_text(st, 3), 0, NULL);
        snprintf(id, sizeof(id), "review %lld",
                 (long long) mdd_num(e, "review"));
        n->failed |= mdd_thing(ids, id, 1) == NULL;
        json_decref(e);
    }

    n->failed |= mdd_end(st) != MDD_OK;
}


/* a rejection gives a card that no rule hit its category; a release of what a
 * rule held takes it back; both say how often a rule is right */

static void
reviews(mdd_web_t *w, mdd_numbers_t *n)
{
    int                  reject, category, by_rule, off;
    char                 id[32];
    mdd_st_t            *st;
    mdd_thing_t         *t;
    mdd_things_t         ids = { 0 };
    const char          *label;
    const mdd_book_t    *book;
    const mdd_reason_t  *r;

    undone(w, n, &ids);
    book = mdd_book(n->p.site ? n->p.site->name : NULL);
    st = mdd_query(w->db, MDD_SQL_PERIOD_REVIEWS, "iiii", n->p.from, n->p.to,
                   n->p.log, n->p.size);

    while (mdd_step(st) == MDD_ROW) {
        if (n->p.site && mdd_text(st, 12)[0]
            && strcmp(mdd_text(st, 12), n->p.site->name) != 0)
        {
            continue;
        }

        reject = strcmp(mdd_text(st, 1), "reject") == 0;
        label = mdd_text(st, 7)[0] ? mdd_text(st, 7) : mdd_text(st, 5);
        by_rule = mdd_text(st, 13)[0] != '\0';
        snprintf(id, sizeof(id), "review %lld", (long long) mdd_int(st, 0));
        off = mdd_thing(&ids, id, 0) != NULL;
        t = mdd_thing(&n->things, mdd_text(st, 4), 0);

        if (strcmp(mdd_text(st, 10), "proposed") == 0) {
            continue;                   /* a trainee's: nothing came of it */
        }

        if (t && (off ? reject : !reject) && t->cells) {
            t->flags |= MDD_THING_REVERSED;
        }

        if (off || strcmp(mdd_text(st, 2), "default") == 0) {
            continue;
        }

        r = reject ? mdd_book_reason(book, mdd_text(st, 3)) : NULL;

        if (reject && t && !by_rule && r && r->label) {
            category = mdd_category(book, r->label);

            /* what was counted without a label is of this category */

            if (t->cells >> (3 * (MDD_CATEGORIES - 1)) & 1) {
                t->cells &= ~(1u << (3 * (MDD_CATEGORIES - 1)));
                t->cells |= 1u << (3 * category);
            }
        }

        if (strcmp(mdd_text(st, 8), "sample") == 0) {
            n->sampled++;
            n->missed += reject;

        } else if (by_rule && strcmp(mdd_text(st, 6), "card") == 0) {
            add(&n->upheld, label[0] ? label : "-", 1, reject);
            add(&n->upheld_rules, mdd_text(st, 13), 1, reject);
        }
    }

    n->failed |= mdd_end(st) != MDD_OK;
    mdd_book_leave(book);
    mdd_things_free(&ids);
}


/* the last strike of an account says what its state is for: its day holds the
 * category until the accounts are counted */

static void
strike(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    char               label[136], item[40];
    mdd_thing_t       *t;
    const mdd_book_t  *book;

    (void) time;

    if (mdd_str(e, "state")[0] || !decision(w, n, mdd_str(e, "decision"),
                                            label, item))
    {
        return;
    }

    t = mdd_thing(&n->accounts, mdd_str(e, "account"), 1);

    if (t == NULL) {
        n->failed = 1;
        return;
    }

    book = mdd_book(n->p.site ? n->p.site->name : NULL);
    t->day = (uint16_t) mdd_category(book, label);
    mdd_book_leave(book);
}


static void
account(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    int           measure, category;
    int64_t       days;
    const char   *state = mdd_str(e, "state");
    mdd_thing_t  *t;

    (void) w;
    measure = strcmp(state, "limited") == 0 ? 0
              : strcmp(state, "suspended") == 0 ? 1
              : strcmp(state, "closed") == 0 ? 2 : -1;
    t = measure < 0 ? NULL
        : mdd_thing(&n->accounts, mdd_str(e, "account"), 1);

    if (t == NULL) {
        n->failed |= measure >= 0;
        return;
    }

    category = t->day < MDD_CATEGORIES ? t->day : MDD_CATEGORIES - 1;
    t->cells |= 1u << (category * 3 + measure);

    if (measure == 1 && mdd_num(e, "ends") > time) {
        days = (mdd_num(e, "ends") - time + MDD_DAY_MS / 2) / MDD_DAY_MS;
        t->labels = days > 0 && (uint64_t) days > t->labels
                    ? (uint64_t) days : t->labels;
    }
}


static void
handled(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    char          label[136], item[40];
    mdd_thing_t  *t;

    (void) time;

    if (decision(w, n, mdd_str(e, "decision"), label, item)) {
        t = mdd_thing(&n->things, item, 0);

        if (t) {
            t->flags |= MDD_THING_HANDLED;
        }
    }
}


static void
order(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    char  word[64];

    (void) w;
    (void) time;

    /* only what gave it says the source */

    snprintf(word, sizeof(word), "%.20s/%.20s", mdd_str(e, "source"),
             mdd_str(e, "state"));
    add(&n->orders, word, 1, 0);
}


static void
gap(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    (void) w;
    (void) time;
    (void) e;
    n->gaps++;
}


static void
report(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    char          id[40];
    mdd_thing_t  *t;

    (void) w;
    (void) time;
    n->reports++;

    /* cases share the set of accounts: under a name that is no account's */

    snprintf(id, sizeof(id), "case %lld", (long long) mdd_num(e, "case"));
    t = mdd_thing(&n->accounts, id, 1);

    if (t == NULL) {
        n->failed = 1;

    } else if (t->kind == 0) {
        t->kind = 1;
        n->cases++;
    }
}


static void
appeal(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    (void) w;
    (void) time;
    (void) e;
    n->appeals++;
}


/* reports that a case had by its outcome; an appeal is one */

static void
outcome(mdd_web_t *w, mdd_numbers_t *n, int64_t time, const json_t *e)
{
    int          i, is_appeal = 0;
    int64_t      reports = 1, due = 0;
    mdd_st_t    *st;
    const char  *word = mdd_str(e, "outcome");

    static const char *const  words[] = {
        "effective", "late", "valid", "wrong", "abusive", "duplicate"
    };

    st = mdd_query(w->db, MDD_SQL_PERIOD_CASE, "i", mdd_num(e, "case"));

    if (mdd_step(st) == MDD_ROW) {
        is_appeal = strcmp(mdd_text(st, 0), "appeal") == 0;
        due = mdd_int(st, 2);
    }

    mdd_end(st);

    if (is_appeal) {
        n->appeals_decided++;
        n->appeals_granted += strcmp(word, "effective") == 0;
        return;
    }

    reports = mdd_num(e, "reports") > 0 ? mdd_num(e, "reports") : 1;
    n->answered += reports;
    n->in_time += time <= due ? reports : 0;

    for (i = 0; i < 6; i++) {
        n->outcomes[i] += strcmp(words[i], word) == 0 ? reports : 0;
    }
}


void
mdd_period_events(mdd_web_t *w, mdd_numbers_t *n)
{
    int64_t  from = n->p.from;

    reviews(w, n);

    /* what a state is for was done before it, perhaps before the time */

    n->p.from = from - 365 * MDD_DAY_MS;
    each(w, n, "strike", n->p.to, strike);
    n->p.from = from;
    each(w, n, "account", n->p.to, account);
    each(w, n, "handled", n->p.to, handled);
    each(w, n, "order", n->p.to, order);
    each(w, n, "gap", n->p.to, gap);
    each(w, n, "report", n->p.to, report);
    each(w, n, "appeal", n->p.to, appeal);
    each(w, n, "outcome", n->p.to, outcome);
}
