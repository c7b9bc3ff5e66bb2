/*
 * cmd_alarms.c - `moderationctl alarms`: what early warning would have said of
 * a file of counters, and of counters that are made up (alarms_sim.c).
 *
 * A file of counters is what workers write: lines of type stats (docs/
 * ledger.md), from segments, from `ledger cat`, or made by hand; other lines
 * are passed over, but a head (whose the counters are) and a policy line (what
 * is new after it is learnt first).
 */

#include "alarms.h"
#include "cli.h"

#include "moderationd/ingest/json_in.h"
#include "moderationd/conf/rulebook.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MEMBERS   40
#define LIST_MAX  4000

/* a counter of a zone: the total that was seen last */
typedef struct total_s {
    struct total_s  *next;
    double           total;
    char             key[1];
} total_t;

#define TOTALS  4096

typedef struct {
    alarms_t      a;
    mdd_book_t   *book;
    mdd_burst_t  *bursts;
    total_t      *totals[TOTALS];
    char          zone[40];
    long          lines;
    int64_t       began;
} replay_t;


static void
tell(void *ctx, const mdd_burst_event_t *e)
{
    char       when[32];
    time_t     t = (time_t) (e->time / 1000);
    struct tm  tm;

    (void) ctx;
    gmtime_r(&t, &tm);
    strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &tm);
    printf("{\"time\":\"%s\",\"ms\":%lld,\"kind\":\"%s\",\"key\":\"%s\","
           "\"state\":\"%s\"", when, (long long) e->time,
           e->what == MDD_FLOOD_ON || e->what == MDD_FLOOD_OFF ? "flood"
                                                                : "quiet",
           e->key, e->what == MDD_FLOOD_ON || e->what == MDD_QUIET_ON
                   ? "begins" : "ends");

    if (e->what == MDD_FLOOD_ON) {
        printf(",\"n\":%.0f,\"expected\":%.1f", e->n, e->expected);

    } else if (e->what == MDD_QUIET_ON) {
        printf(",\"silent_s\":%lld,\"expected\":%.1f",
               (long long) (e->time - e->began) / 1000, e->expected);
    }

    printf("}\n");
}


static void
limits(void *ctx, const char *key, double *ratio, double *min)
{
    replay_t  *r = ctx;

    if (strncmp(key, "rule:", 5) == 0) {
        mdd_book_bursts(r->book, key + 5, ratio, min);
    }

    *ratio = r->a.ratio > 1 ? r->a.ratio : *ratio;
    *min = r->a.min >= 1 ? r->a.min : *min;
}


/* what a cumulative counter has more than before */

static double
more(replay_t *r, const char *key, double total)
{
    double          d;
    size_t          h = 5381;
    total_t        *t;
    const uint8_t  *p;

    for (p = (const uint8_t *) key; *p; p++) {
        h = h * 33 + *p;
    }

    for (t = r->totals[h % TOTALS]; t && strcmp(t->key, key) != 0;
         t = t->next)
    {
        continue;
    }

    if (t == NULL) {
        t = calloc(1, sizeof(total_t) + strlen(key));
        if (t == NULL) {
            return 0;
        }
        strcpy(t->key, key);
        t->next = r->totals[h % TOTALS];
        r->totals[h % TOTALS] = t;
        t->total = 0;
    }

    d = total > t->total ? total - t->total : 0;
    t->total += d;

    return d;
}


static void
counter(replay_t *r, const mdd_json_t *list)
{
    char          what[16], slot[200], name[200], key[240], of[700];
    double        d;
    uint64_t      total;
    unsigned      asked;
    mdd_json_t    e[4];
    mdd_entry_t  *entry;

    if (mdd_json_elements(list->val, list->n, e, 4) != 4
        || mdd_json_text(&e[0], what, sizeof(what)) < 0
        || mdd_json_text(&e[1], slot, sizeof(slot)) < 0
        || mdd_json_text(&e[2], name, sizeof(name)) < 0
        || !mdd_json_u64(&e[3], &total)
        || mdd_burst_key(what, slot, name, key, sizeof(key), &asked) == NULL)
    {
        return;
    }

    snprintf(of, sizeof(of), "%s/%s/%s/%s", r->zone, what, slot, name);
    d = more(r, of, (double) total);
    entry = mdd_burst_entry(r->bursts, key, asked);

    if (entry) {
        entry->open += d;
    }
}


static int
line(replay_t *r, const char *p, size_t n)
{
    int                i, k, count;
    char               type[16];
    uint64_t           ms;
    mdd_json_t         m[MEMBERS], *list;
    const mdd_json_t  *s;

    k = mdd_json_members(p, n, m, MEMBERS);

    if (k < 0
        || mdd_json_text(mdd_json_get(m, k, "type"), type, sizeof(type)) < 0)
    {
        return -1;
    }

    (void) mdd_json_text(mdd_json_get(m, k, "zone"), r->zone,
                         sizeof(r->zone));

    if (!mdd_json_u64(mdd_json_get(m, k, "time"), &ms)) {
        return strcmp(type, "head") == 0 ? 0 : -1;
    }

    if (strcmp(type, "policy") == 0) {
        mdd_burst_fresh(r->bursts, (int64_t) ms);
        return 0;
    }

    s = mdd_json_get(m, k, "stats");

    if (strcmp(type, "stats") != 0 || s == NULL) {
        return 0;
    }

    list = malloc(LIST_MAX * sizeof(mdd_json_t));
    count = list ? mdd_json_elements(s->val, s->n, list, LIST_MAX) : -1;

    if (r->lines++ == 0) {
        mdd_burst_until(r->bursts, (int64_t) ms - MDD_TICK_MS);
    }

    for (i = 0; i < count; i++) {
        counter(r, &list[i]);
    }

    free(list);
    mdd_burst_until(r->bursts, (int64_t) ms);

    return count < 0 ? -1 : 0;
}


static int
replay(replay_t *r, const char *file)
{
    long      n = 0, bad = 0;
    char     *text = NULL;
    FILE     *f;
    size_t    room = 0;
    ssize_t   len;

    f = strcmp(file, "-") == 0 ? stdin : fopen(file, "r");
    r->bursts = f ? mdd_burst_new(tell, limits, r) : NULL;

    if (r->bursts == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", file, strerror(errno));
        return 2;
    }

    while ((len = getline(&text, &room, f)) >= 0) {
        n++;

        while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r')) {
            len--;
        }

        if (len && line(r, text, (size_t) len) != 0 && bad++ < 5) {
            fprintf(stderr, "moderationctl: %s:%ld: no line of the record\n",
                    file, n);
        }
    }

    free(text);
    mdd_burst_free(r->bursts);

    if (f != stdin) {
        fclose(f);
    }

    if (r->lines == 0) {
        fprintf(stderr, "moderationctl: %s: no counters in it\n", file);
    }

    return bad || r->lines == 0 ? 2 : 0;
}


static int
number(const char *s, double low, double high, double *out)
{
    char  *end;

    *out = strtod(s, &end);

    return *s && *end == '\0' && *out >= low && *out <= high;
}


/* 1: an option with a value that fits */

static int
option(replay_t *r, const char *name, const char *value, const char **policy)
{
    double  v = 0;

    if (strcmp(name, "--policy") == 0) {
        *policy = value;
        return 1;
    }

    if (strcmp(name, "--ratio") == 0) {
        return number(value, 1.1, 1000, &r->a.ratio);
    }

    if (strcmp(name, "--min") == 0) {
        return number(value, 1, 1e9, &r->a.min);
    }

    if (strcmp(name, "--burst") == 0) {
        return number(value, 1.1, 1000, &r->a.burst);
    }

    if (strcmp(name, "--rate") == 0) {
        return number(value, 0.01, 6000, &r->a.rate);
    }

    if (strcmp(name, "--series") == 0) {
        return number(value, 1, 1e6, &v) && (r->a.series = (long) v);
    }

    if (strcmp(name, "--weeks") == 0) {
        return number(value, 1, 520, &v) && (r->a.weeks = (long) v);
    }

    if (strcmp(name, "--seed") == 0) {
        return number(value, 1, 1e9, &v) && (r->a.seed = (long) v);
    }

    return 0;
}


int
cmd_alarms(int argc, char **argv)
{
    int          i, rc;
    size_t       k;
    total_t     *t, *next;
    replay_t     r;
    const char  *what = NULL, *file = NULL, *policy = NULL;

    memset(&r, 0, sizeof(r));
    r.a.series = 256;
    r.a.weeks = 10;
    r.a.seed = 1;

    for (i = 0; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) == 0) {
            if (i + 1 >= argc || !option(&r, argv[i], argv[i + 1], &policy)) {
                return cli_usage("alarms");
            }
            i++;

        } else if (what == NULL) {
            what = argv[i];

        } else if (file == NULL) {
            file = argv[i];

        } else {
            return cli_usage("alarms");
        }
    }

    if (what && strcmp(what, "simulate") == 0 && file == NULL) {
        return alarms_simulate(&r.a);
    }

    if (what == NULL || strcmp(what, "replay") != 0 || file == NULL) {
        return cli_usage("alarms");
    }

    r.book = policy ? mdd_book_read(policy) : NULL;
    rc = replay(&r, file);
    mdd_book_free(r.book);

    for (k = 0; k < TOTALS; k++) {
        for (t = r.totals[k]; t; t = next) {
            next = t->next;
            free(t);
        }
    }

    return rc;
}
