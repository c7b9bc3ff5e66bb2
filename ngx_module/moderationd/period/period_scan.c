/*
 * period_scan.c - decisions of a time to numbers.
 *
 * Counted is what workers did (mode enforce).  An item is there once however
 * many decisions it had, with the categories and measures of all of them.
 * What merely waited for its release, and what could not be inspected, is no
 * measure against anybody and stands apart.
 */

#include "period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const  mdd_categories[MDD_CATEGORIES] = {
    "political", "rumor", "infringing", "clickbait", "reporting", "lowbrow",
    "other"
};

const char *const  mdd_columns[MDD_COLUMNS] = {
    "items", "programmes", "accounts", "not_shown", "masked", "ordered",
    "limited", "suspended", "suspended_days", "closed", "handled", "reversed"
};

/* what is worked out once for each word that rows repeat */
typedef struct {
    mdd_names_t  slots, hosts, labels;
    uint8_t      kind[256];
    int8_t       host[256], category[256];
    const mdd_book_t  *book;
} words_t;


static const char *
text(mdd_st_t *st, int col)
{
    const char  *s = mdd_text(st, col);

    return s ? s : "";
}


static void
one(mdd_names_t *t, const char *word)
{
    int  i = mdd_name(t, word);

    if (i >= 0) {
        t->count[i]++;
    }
}


static int
kind_of(words_t *k, const char *slot)
{
    int                i = mdd_name(&k->slots, slot);
    size_t             n = k->slots.n;
    const mdd_slot_t  *s;

    if (i < 0 || i >= 256) {
        s = mdd_book_slot(k->book, slot);
        return s ? s->kind : 0;
    }

    if (k->slots.count[i]++ == 0 && (size_t) i == n - 1) {
        s = mdd_book_slot(k->book, slot);
        k->kind[i] = s ? (uint8_t) s->kind : 0;
    }

    return k->kind[i];
}


static int
of_site(words_t *k, const mdd_period_t *p, const char *host)
{
    int  i;

    if (p->site == NULL) {
        return 1;
    }

    i = mdd_name(&k->hosts, host);

    if (i < 0 || i >= 256) {
        return mdd_period_host(p, host);
    }

    if (k->hosts.count[i]++ == 0) {
        k->host[i] = (int8_t) mdd_period_host(p, host);
    }

    return k->host[i];
}


static int
category_of(words_t *k, const char *label)
{
    int  i = mdd_name(&k->labels, label);

    if (i < 0 || i >= 256) {
        return mdd_category(k->book, label);
    }

    if (k->labels.count[i]++ == 0) {
        k->category[i] = (int8_t) mdd_category(k->book, label);
    }

    return k->category[i];
}


static int
wanted(const mdd_campaign_t *c, const char *label)
{
    size_t  i;

    for (i = 0; c && i < c->nlabels; i++) {
        if (strcmp(c->labels[i], label) == 0) {
            return 1;
        }
    }

    return c == NULL || c->nlabels == 0;
}


/* one decision that acted: columns as in PERIOD_SCAN */

static void
acted(mdd_numbers_t *n, words_t *k, mdd_st_t *st, int measure)
{
    int           label, category, kind;
    int64_t       day;
    mdd_thing_t  *t;
    const char   *who = text(st, 13), *name = text(st, 16);

    kind = kind_of(k, text(st, 5));
    who = kind == 2 && text(st, 12)[0] ? text(st, 12)
          : who[0] ? who : text(st, 11);
    category = category_of(k, name);
    t = mdd_thing(&n->things, who, 1);

    if (t == NULL) {
        n->failed = 1;
        return;
    }

    label = mdd_name(&n->labels, name[0] ? name : "-");
    day = (mdd_int(st, 2) + mdd_zone_offset(n->p.zone, mdd_int(st, 2)))
          / MDD_DAY_MS - n->p.day;
    t->kind = (uint8_t) kind;
    t->cells |= 1u << (category * 3 + measure);

    if (label >= 0) {
        n->labels.count[label]++;

        if (label < 64 && !(t->labels >> label & 1)) {
            t->labels |= (uint64_t) 1 << label;
            n->labels.more[label]++;
        }
    }

    if (day >= 0 && day < UINT16_MAX && day < t->day) {
        t->day = (uint16_t) day;
    }

    if (n->day_decisions && day >= 0 && day < n->p.days) {
        n->day_decisions[day]++;
    }

    if (text(st, 17)[0]) {
        one(&n->rules, text(st, 17));
    }

    one(&n->found_by, text(st, 9));
    one(&n->automation, text(st, 10));
    n->decisions++;
}


static void
row(mdd_numbers_t *n, words_t *k, mdd_st_t *st)
{
    const char   *kind = text(st, 1), *action = text(st, 7);
    const char   *reason = text(st, 8), *review = text(st, 15);
    mdd_thing_t  *t;

    if (!of_site(k, &n->p, text(st, 6))
        || !wanted(n->p.campaign, text(st, 16)))
    {
        return;
    }

    one(&n->nodes, text(st, 3));

    if (strcmp(kind, "page") == 0) {
        char  word[256];

        snprintf(word, sizeof(word), "%s/%s", reason, text(st, 17));
        one(&n->pages, word);
        return;
    }

    if (strcmp(kind, "error") == 0) {
        one(&n->errors, reason);
        return;
    }

    if (strcmp(kind, "decision") != 0) {
        return;
    }

    one(&n->policies, text(st, 14));

    if (strcmp(text(st, 4), "enforce") != 0) {
        n->shadow++;
        return;
    }

    if (strcmp(action, "mask") != 0 && strcmp(action, "hold") != 0
        && strcmp(action, "block") != 0)
    {
        return;
    }

    if (strcmp(reason, "order") == 0) {
        acted(n, k, st, 2);

    } else if (strcmp(reason, "review") == 0) {
        t = mdd_thing(&n->things, text(st, 13)[0] ? text(st, 13)
                                                  : text(st, 11), 1);

        if (t == NULL) {
            n->failed = 1;

        } else if (strcmp(review, "rejected") == 0) {
            acted(n, k, st, 0);

        } else {
            t->flags |= MDD_THING_WAITS;
        }

    } else if (strcmp(reason, "rule") == 0 || strcmp(reason, "account") == 0
               || strcmp(reason, "page") == 0 || text(st, 16)[0])
    {
        acted(n, k, st, strcmp(action, "mask") == 0);

    } else {
        n->technical++;
    }
}


/* lines of one log that stand in the time */

static void
scan_log(mdd_web_t *w, mdd_numbers_t *n, words_t *k, int64_t log)
{
    int64_t    first = 0, last = -1;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_PERIOD_LEAVES, "iii", n->p.from, n->p.to,
                   log);

    if (mdd_step(st) == MDD_ROW && !mdd_null(st, 0)) {
        first = mdd_int(st, 0);
        last = mdd_int(st, 1);
    }

    mdd_end(st);
    last = log == n->p.log && last >= n->p.size ? n->p.size - 1 : last;
    st = mdd_query(w->db, MDD_SQL_PERIOD_SCAN, "iiiii", log, first, last,
                   n->p.from, n->p.to);

    while (mdd_step(st) == MDD_ROW) {
        row(n, k, st);
    }

    n->failed |= mdd_end(st) != MDD_OK;
}


/* impressions: responses in which something was left out or masked */

static void
shown(mdd_web_t *w, mdd_numbers_t *n)
{
    mdd_st_t    *st;
    const char  *action;

    st = mdd_query(w->db, MDD_SQL_PERIOD_SHOWN, "iiii", n->p.from, n->p.to,
                   n->p.log, n->p.size);

    while (mdd_step(st) == MDD_ROW) {
        action = mdd_text(st, 1);

        if (wanted(n->p.campaign, mdd_text(st, 0))
            && (strcmp(action, "mask") == 0 || strcmp(action, "hold") == 0
                || strcmp(action, "block") == 0))
        {
            n->impressions += mdd_int(st, 2);
        }
    }

    n->failed |= mdd_end(st) != MDD_OK;
    n->lost = mdd_one(w->db, 0, MDD_SQL_PERIOD_LOST, "iiii", n->p.from,
                      n->p.to, n->p.log, n->p.size);
}


void
mdd_period_scan(mdd_web_t *w, mdd_numbers_t *n)
{
    int64_t     log, first = 0, last = -1;
    words_t    *k = calloc(1, sizeof(words_t));
    mdd_st_t   *st;

    if (k == NULL) {
        n->failed = 1;
        return;
    }

    st = mdd_query(w->db, MDD_SQL_PERIOD_SPAN, "ii", n->p.from, n->p.to);

    if (mdd_step(st) == MDD_ROW && !mdd_null(st, 0)) {
        first = mdd_int(st, 0);
        last = mdd_int(st, 1);
    }

    mdd_end(st);
    k->book = mdd_book(n->p.site ? n->p.site->name : NULL);

    for (log = first; log <= last && log <= n->p.log; log++) {
        scan_log(w, n, k, log);
    }

    mdd_book_leave(k->book);
    mdd_names_free(&k->slots);
    mdd_names_free(&k->hosts);
    mdd_names_free(&k->labels);
    free(k);
    shown(w, n);
}


/* once everything is known of each thing */

static void
sum(mdd_numbers_t *n)
{
    int           c, all, m;
    size_t        i;
    uint32_t      bits;
    int64_t      *cell;
    mdd_thing_t  *t;

    for (i = 0; i < n->things.size; i++) {
        t = &n->things.list[i];

        if (t->key && t->cells == 0 && (t->flags & MDD_THING_WAITS)) {
            n->waiting++;
        }

        if (t->key == 0 || t->cells == 0) {
            continue;
        }

        if (n->day_things && t->day < n->p.days) {
            n->day_things[t->day]++;
        }

        for (c = 0, all = 0; c <= MDD_CATEGORIES; c++) {
            bits = c < MDD_CATEGORIES ? t->cells >> (c * 3) & 7
                                      : (uint32_t) all;
            all |= (int) bits;
            cell = n->cells[c];

            if (bits == 0) {
                continue;
            }

            cell[MDD_ITEMS + t->kind]++;

            for (m = 0; m < 3; m++) {
                cell[MDD_NOT_SHOWN + m] += bits >> m & 1;
            }

            cell[MDD_HANDLED] += (t->flags & MDD_THING_HANDLED) != 0;
            cell[MDD_REVERSED] += (t->flags & MDD_THING_REVERSED) != 0;
        }
    }
}


/* accounts: cells are category * 3 + limited, suspended, closed; labels holds
 * the days of suspension */

static void
sum_accounts(mdd_numbers_t *n)
{
    int           c, m;
    size_t        i;
    int64_t      *cell;
    uint32_t      bits, all;
    mdd_thing_t  *t;

    for (i = 0; i < n->accounts.size; i++) {
        t = &n->accounts.list[i];

        for (c = 0, all = 0; t->key && c <= MDD_CATEGORIES; c++) {
            bits = c < MDD_CATEGORIES ? t->cells >> (c * 3) & 7 : all;
            all |= bits;
            cell = n->cells[c];

            if (bits == 0) {
                continue;
            }

            cell[MDD_ACCOUNTS]++;

            for (m = 0; m < 3; m++) {
                cell[m == 0 ? MDD_LIMITED : m == 1 ? MDD_SUSPENDED
                     : MDD_CLOSED] += bits >> m & 1;
            }

            cell[MDD_SUSPENDED_DAYS] += bits & 2 ? (int64_t) t->labels : 0;
        }
    }
}


mdd_numbers_t *
mdd_period_count(mdd_web_t *w, const mdd_period_t *p)
{
    mdd_numbers_t  *n = calloc(1, sizeof(mdd_numbers_t));

    if (n == NULL) {
        return NULL;
    }

    n->p = *p;

    if (p->days) {
        n->day_things = calloc((size_t) p->days, sizeof(int64_t));
        n->day_decisions = calloc((size_t) p->days, sizeof(int64_t));
    }

    mdd_period_scan(w, n);
    mdd_period_events(w, n);
    sum(n);
    sum_accounts(n);

    return n;
}


void
mdd_numbers_free(mdd_numbers_t *n)
{
    size_t        i;
    mdd_names_t  *all[] = {
        &n->labels, &n->rules, &n->found_by, &n->automation, &n->nodes,
        &n->policies, &n->pages, &n->errors, &n->orders, &n->upheld,
        &n->upheld_rules
    };

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        mdd_names_free(all[i]);
    }

    mdd_things_free(&n->things);
    mdd_things_free(&n->accounts);
    free(n->day_things);
    free(n->day_decisions);
    free(n);
}
