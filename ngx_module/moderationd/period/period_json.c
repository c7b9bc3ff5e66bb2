/*
 * period_json.c - the numbers of a time as one JSON object: what every other
 * form of a report is written from.
 *
 * The times before are taken from reports that were filed (an event, up to the
 * same leaf), else counted again, so that both give the same bytes.
 */

#include "moderationd/web/api.h"
#include "period.h"
#include "moderationd/log/tiles.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEFORE  4

/* what is compared */
static const char *const  totals[] = {
    "items", "programmes", "accounts", "not_shown", "decisions", "reports",
    "effective", "appeals", "orders"
};

#define TOTALS  ((int) (sizeof(totals) / sizeof(totals[0])))


static json_t *
number(int64_t n)
{
    return json_integer((json_int_t) n);
}


/* so that it prints the same on every machine */

static json_t *
rounded(double x)
{
    return json_real(floor(x * 10000 + 0.5) / 10000);
}


json_t *
mdd_share(int64_t k, int64_t n)
{
    double   low, high;
    json_t  *j = json_pack("{s:I, s:I}", "k", (json_int_t) k, "n",
                           (json_int_t) n);

    /* fewer say nothing of a share */

    if (n >= 10) {
        mdd_wilson((double) k, (double) n, &low, &high);
        json_object_set_new(j, "share", rounded((double) k / (double) n));
        json_object_set_new(j, "low", rounded(low));
        json_object_set_new(j, "high", rounded(high));
    }

    return j;
}


typedef struct {
    const mdd_names_t  *t;
    size_t              i;
} pick_t;


static int
more_first(const void *a, const void *b)
{
    const pick_t  *x = a, *y = b;
    int64_t        n = x->t->count[x->i], m = y->t->count[y->i];

    return n != m ? n < m ? 1 : -1
           : strcmp(x->t->text[x->i], y->t->text[y->i]);
}


/* [{name, n}], the larger first; at most max of them */

static json_t *
names(const mdd_names_t *t, const char *name, const char *more, size_t max)
{
    size_t   i;
    json_t  *list = json_array(), *j;
    pick_t  *order = calloc(t->n + 1, sizeof(pick_t));

    for (i = 0; order && i < t->n; i++) {
        order[i].t = t;
        order[i].i = i;
    }

    if (order) {
        qsort(order, t->n, sizeof(pick_t), more_first);
    }

    for (i = 0; order && i < t->n && i < max; i++) {
        j = json_pack("{s:s, s:I}", name, t->text[order[i].i], "n",
                      (json_int_t) t->count[order[i].i]);

        if (more) {
            json_object_set_new(j, more, number(t->more[order[i].i]));
        }

        json_array_append_new(list, j);
    }

    free(order);

    return list;
}


static int64_t
orders_given(const mdd_numbers_t *n)
{
    size_t   i;
    int64_t  given = 0;

    for (i = 0; i < n->orders.n; i++) {
        if (n->orders.text[i][0] != '/') {
            given += n->orders.count[i];
        }
    }

    return given;
}


static json_t *
totals_of(const mdd_numbers_t *n)
{
    const int64_t  *all = n->cells[MDD_CATEGORIES];
    const int64_t   v[] = {
        all[MDD_ITEMS], all[MDD_PROGRAMMES], all[MDD_ACCOUNTS],
        all[MDD_NOT_SHOWN], n->decisions, n->reports,
        n->outcomes[0] + n->outcomes[1], n->appeals, orders_given(n)
    };
    int             i;
    json_t         *j = json_object();

    for (i = 0; i < TOTALS; i++) {
        json_object_set_new(j, totals[i], number(v[i]));
    }

    return j;
}


static int
same_period(const json_t *e, const mdd_period_t *p)
{
    return mdd_num(e, "from") == p->from && mdd_num(e, "to") == p->to
           && strcmp(mdd_str(e, "site"), p->site ? p->site->name : "") == 0
           && strcmp(mdd_str(e, "campaign"),
                     p->campaign ? p->campaign->name : "") == 0;
}


/* the last event of a type about this very time; *log, *leaf: where */

static json_t *
event_of(mdd_web_t *w, const mdd_period_t *p, const char *type,
    int64_t *log, int64_t *leaf)
{
    json_t    *found = NULL, *e;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_PERIOD_EVENTS, "siiii", type, (int64_t) 0,
                   INT64_MAX, p->log, p->size);

    while (mdd_step(st) == MDD_ROW) {
        e = json_loads(mdd_text(st, 3), 0, NULL);

        if (e && same_period(e, p)) {
            json_decref(found);
            found = e;
            *log = mdd_int(st, 0);
            *leaf = mdd_int(st, 1);

        } else {
            json_decref(e);
        }
    }

    mdd_end(st);

    return found;
}


/* NULL: the record does not reach back so far, but for a first day */

static json_t *
totals_before(mdd_web_t *w, const mdd_period_t *p, int k, int64_t begin)
{
    int64_t         log, leaf;
    json_t         *e, *j = NULL;
    mdd_period_t    before;
    mdd_numbers_t  *n;

    mdd_period_before(p, k, &before);

    if (before.from < begin - MDD_DAY_MS) {
        return NULL;
    }

    e = event_of(w, &before, "period", &log, &leaf);

    if (e) {
        j = json_incref(json_object_get(e, "totals"));
        json_decref(e);

        if (j) {
            return j;
        }
    }

    n = mdd_period_count(w, &before);

    if (n) {
        j = totals_of(n);
        mdd_numbers_free(n);
    }

    return j;
}


/* intervals that do not overlap: it is more, or less; else nothing is said */

static const char *
mark(double now, double other, double times)
{
    double  low, high, other_low, other_high;

    mdd_poisson(now, &low, &high);
    mdd_poisson(other, &other_low, &other_high);

    return low > other_high / times ? "more"
           : high < other_low / times ? "less" : "";
}


static json_t *
compare(mdd_web_t *w, const mdd_period_t *p, const json_t *now)
{
    int       i, k, have = 0;
    double    low, high;
    json_t   *list = json_array(), *before[BEFORE] = { NULL }, *j;
    int64_t   begin, n, b, sum;

    begin = mdd_one(w->db, INT64_MAX, MDD_SQL_PERIOD_BEGIN, "");

    for (k = 0; k < BEFORE; k++) {
        before[k] = totals_before(w, p, k + 1, begin);

        if (before[k] == NULL) {
            break;
        }

        have++;
    }

    for (i = 0; i < TOTALS; i++) {
        n = mdd_num(now, totals[i]);
        mdd_poisson((double) n, &low, &high);
        j = json_pack("{s:s, s:I}", "what", totals[i], "now",
                      (json_int_t) n);
        json_object_set_new(j, "low", rounded(low));
        json_object_set_new(j, "high", rounded(high));

        if (have > 0) {
            b = mdd_num(before[0], totals[i]);
            json_object_set_new(j, "before", number(b));
            json_object_set_new(j, "before_mark", json_string(
                mark((double) n, (double) b, 1)));
        }

        if (have == BEFORE) {
            for (k = 0, sum = 0; k < BEFORE; k++) {
                sum += mdd_num(before[k], totals[i]);
            }

            mdd_poisson((double) sum, &low, &high);
            json_object_set_new(j, "mean", rounded((double) sum / BEFORE));
            json_object_set_new(j, "mean_low", rounded(low / BEFORE));
            json_object_set_new(j, "mean_high", rounded(high / BEFORE));
            json_object_set_new(j, "mean_mark", json_string(
                mark((double) n, (double) sum, BEFORE)));
        }

        json_array_append_new(list, j);
    }

    for (k = 0; k < have; k++) {
        json_decref(before[k]);
    }

    return list;
}


/* name, size and root of the record that was read */

static json_t *
record(mdd_web_t *w, const mdd_numbers_t *n, int public)
{
    int           dir = -1, known = 0;
    char          path[4096], name[80] = "", b64[64] = "";
    json_t       *j;
    mdd_st_t     *st;
    mdd_hash_t    root;
    mdd_tiles_t  *t;

    st = mdd_query(w->db, MDD_SQL_LOG_ALL, "");

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 0) == n->p.log) {
            snprintf(name, sizeof(name), "%s", mdd_text(st, 1));
            snprintf(path, sizeof(path), "%s/%s", w->d->conf->ledger, name);
            dir = open(path, O_RDONLY|O_DIRECTORY|O_CLOEXEC|O_NOFOLLOW);
        }
    }

    mdd_end(st);
    t = dir >= 0 ? malloc(sizeof(mdd_tiles_t)) : NULL;

    if (t) {
        mdd_tiles_init(t, dir);
        known = mdd_tiles_root((uint64_t) n->p.size, mdd_tiles_get, t, root)
                == 0;
        free(t);
    }

    if (dir >= 0) {
        close(dir);
    }

    if (known) {
        mdd_base64(b64, root, MDD_HASH);
    }

    j = json_pack("{s:s, s:s, s:I, s:s, s:I, s:I}", "origin",
                  w->d->conf->origin, "log", name, "size",
                  (json_int_t) n->p.size, "root", b64, "lost",
                  (json_int_t) n->lost, "gaps", (json_int_t) n->gaps);

    if (public) {
        json_object_set_new(j, "nodes", number((int64_t) n->nodes.n));

    } else {
        json_object_set_new(j, "nodes", names(&n->nodes, "node", NULL, 64));
        json_object_set_new(j, "policies", names(&n->policies, "policy",
                                                 NULL, 64));
    }

    return j;
}


static json_t *
period(mdd_web_t *w, const mdd_period_t *p, int public)
{
    char         first[16], last[16], week[16] = "";
    int64_t      end = mdd_zone_day(p->zone, p->to - 1);
    const char  *zone = p->site ? p->site->timezone
                        : w->d->conf->nsites ? w->d->conf->sites[0].timezone
                        : "UTC";

    mdd_day_text(p->day, first);
    mdd_day_text(end, last);

    if (p->days == 7 && mdd_day_monday(p->day) == p->day) {
        mdd_week_text(p->day, week);
    }

    return json_pack("{s:I, s:I, s:s, s:s, s:I, s:s, s:s, s:s, s:s, s:s,"
        " s:s, s:s}", "from", (json_int_t) p->from, "to",
        (json_int_t) p->to, "first_day", first, "last_day", last, "days",
        (json_int_t) p->days, "week", week, "timezone", zone ? zone : "UTC",
        "site", p->site ? p->site->name : "", "campaign",
        p->campaign ? p->campaign->name : "", "campaign_zh",
        p->campaign ? p->campaign->title_zh : "", "campaign_en",
        p->campaign ? p->campaign->title_en : "", "edition",
        public ? "public" : "internal");
}


static json_t *
matrix(const mdd_numbers_t *n)
{
    int      c, i;
    json_t  *list = json_array(), *j;

    for (c = 0; c <= MDD_CATEGORIES; c++) {
        j = json_pack("{s:s}", "category",
                      c < MDD_CATEGORIES ? mdd_categories[c] : "all");

        for (i = 0; i < MDD_COLUMNS; i++) {
            json_object_set_new(j, mdd_columns[i], number(n->cells[c][i]));
        }

        json_array_append_new(list, j);
    }

    return list;
}


static json_t *
days(const mdd_numbers_t *n)
{
    char     day[16];
    int64_t  i;
    json_t  *list = json_array();

    for (i = 0; n->day_things && i < n->p.days; i++) {
        mdd_day_text(n->p.day + i, day);
        json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "day", day,
            "things", (json_int_t) n->day_things[i], "decisions",
            (json_int_t) n->day_decisions[i]));
    }

    return list;
}


/* rules that say at what precision they were measured, beside what persons said
 * of their hits: apart where the whole interval lies below */

static json_t *
measured(const mdd_numbers_t *n)
{
    size_t             i;
    json_t            *list, *all, *j, *share;
    const mdd_book_t  *book;
    const mdd_rule_t  *r;

    list = json_array();
    all = names(&n->upheld_rules, "rule", "upheld", 256);
    book = mdd_book(n->p.site ? n->p.site->name : NULL);

    json_array_foreach(all, i, j) {
        r = book ? mdd_book_rule(book, mdd_str(j, "rule")) : NULL;

        if (r == NULL || r->precision <= 0) {
            continue;
        }

        share = mdd_share(mdd_num(j, "upheld"), mdd_num(j, "n"));
        json_object_set_new(j, "measured", json_real(r->precision));
        json_object_set_new(j, "apart", json_boolean(
            mdd_num(j, "n") >= 10
            && json_number_value(json_object_get(share, "high"))
               < r->precision));
        json_object_set_new(j, "precision", share);
        json_array_append(list, j);
    }

    if (book) {
        mdd_book_leave(book);
    }

    json_decref(all);

    return list;
}


static json_t *
quality(const mdd_numbers_t *n)
{
    size_t   i;
    json_t  *list = names(&n->upheld, "label", "upheld", 64), *j, *share;

    json_array_foreach(list, i, j) {
        share = mdd_share(mdd_num(j, "upheld"), mdd_num(j, "n"));
        json_object_set_new(j, "precision", share);
    }

    return json_pack("{s:o, s:o, s:o}", "labels", list, "rules", measured(n),
                     "samples_missed", mdd_share(n->missed, n->sampled));
}


static json_t *
readers(const mdd_numbers_t *n)
{
    int      i;
    int64_t  all = 0;
    json_t  *j;

    static const char *const  words[] = {
        "effective", "late", "valid", "wrong", "abusive", "duplicate"
    };

    for (i = 0; i < 5; i++) {           /* a merged duplicate is none */
        all += n->outcomes[i];
    }

    j = json_pack("{s:I, s:I, s:I, s:I}", "received",
                  (json_int_t) n->reports, "cases", (json_int_t) n->cases,
                  "answered", (json_int_t) n->answered, "in_time",
                  (json_int_t) n->in_time);

    for (i = 0; i < 6; i++) {
        json_object_set_new(j, words[i], number(n->outcomes[i]));
    }

    json_object_set_new(j, "effective_rate",
                        mdd_share(n->outcomes[0] + n->outcomes[1], all));

    return j;
}


/* the lead's text and the cases that stand for others */

static void
add_text(mdd_web_t *w, const mdd_period_t *p, json_t *r, int public)
{
    int64_t    log = 0, leaf = 0;
    json_t    *e = event_of(w, p, "period_text", &log, &leaf), *private;
    mdd_st_t  *st;

    if (e == NULL) {
        return;
    }

    st = mdd_query(w->db, MDD_SQL_PRIVATE_GET, "ii", log, leaf);
    private = mdd_step(st) == MDD_ROW ? json_loads(mdd_text(st, 1), 0, NULL)
                                      : NULL;
    mdd_end(st);

    json_object_set_new(r, "text", json_pack("{s:s, s:s, s:I, s:I}", "body",
        mdd_str(private, "text"), "by", public ? mdd_str(e, "by")
        : mdd_str(private, "by"), "time", (json_int_t) mdd_num(e, "time"),
        "leaf", (json_int_t) leaf));
    json_object_set(r, "cases", json_object_get(private, "cases"));
    json_decref(private);
    json_decref(e);
}


json_t *
mdd_period_json(mdd_web_t *w, const mdd_period_t *p, int public)
{
    json_t         *r, *now;
    mdd_numbers_t  *n = mdd_period_count(w, p);

    if (n == NULL || n->failed) {
        if (n) {
            mdd_numbers_free(n);
        }

        return NULL;
    }

    now = totals_of(n);
    r = json_pack("{s:i, s:o, s:O, s:I, s:I, s:I, s:I, s:o, s:o, s:o, s:o,"
        " s:o, s:o, s:o, s:o, s:o, s:o}", "schema", 1, "period",
        period(w, p, public), "totals", now, "impressions",
        (json_int_t) n->impressions, "shadow", (json_int_t) n->shadow,
        "waiting", (json_int_t) n->waiting, "technical",
        (json_int_t) n->technical, "matrix", matrix(n), "days", days(n),
        "compare", compare(w, p, now), "reports", readers(n), "appeals",
        json_pack("{s:I, s:I, s:I}", "received", (json_int_t) n->appeals,
                  "decided", (json_int_t) n->appeals_decided, "granted",
                  (json_int_t) n->appeals_granted),
        "quality", quality(n), "orders", names(&n->orders, "order", NULL,
                                               64),
        "found_by", names(&n->found_by, "by", NULL, 16), "automation",
        names(&n->automation, "how", NULL, 16), "record",
        record(w, n, public));

    if (!public) {
        json_object_set_new(r, "labels", names(&n->labels, "label", "things",
                                               64));
        json_object_set_new(r, "rules", names(&n->rules, "rule", NULL, 100));
        json_object_set_new(r, "pages", names(&n->pages, "finding", NULL,
                                              64));
        json_object_set_new(r, "errors", names(&n->errors, "error", NULL,
                                               16));
    }

    add_text(w, p, r, public);
    json_decref(now);
    mdd_numbers_free(n);

    return r;
}
