/*
 * api_whatif.c - accounts as a list, and what other weights would have made of
 * them: how many would stand in which state, before anything changes.
 *
 * Asked with watched, limited, suspended (scores), half_life, and
 * points.RULE for rules whose strikes would weigh otherwise; what is not asked
 * for is as it is.
 */

#include "account.h"
#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "moderationd/period/period.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BUCKETS  20
#define STEP     0.5                    /* of a score                        */
#define STATES   4

static const char *const  states[STATES] = {
    "none", "watched", "limited", "suspended"
};

typedef struct { double watched, limited, suspended; } levels_t;

typedef struct {
    levels_t    now, then;
    int64_t     half_ms;                /* 0: as each strike has it          */
    int64_t     accounts, changed;
    int64_t     by_now[STATES], by_then[STATES];
    int64_t     hist_now[BUCKETS], hist_then[BUCKETS];
} whatif_t;


static int
level(const levels_t *l, double score)
{
    return score >= l->suspended ? 3 : score >= l->limited ? 2
           : score >= l->watched ? 1 : 0;
}


static void
account(whatif_t *x, double now, double then)
{
    int  a = level(&x->now, now + MDD_SHARP), b = level(&x->then, then + MDD_SHARP);
    int  i = (int) ((now + MDD_SHARP) / STEP), k = (int) ((then + MDD_SHARP) / STEP);

    x->accounts++;
    x->by_now[a]++;
    x->by_then[b]++;
    x->changed += a != b;
    x->hist_now[i < BUCKETS ? i : BUCKETS - 1]++;
    x->hist_then[k < BUCKETS ? k : BUCKETS - 1]++;
}


static double
number(mdd_web_t *w, const char *name, double none)
{
    char        *end;
    double       v;
    json_t      *j = json_object_get(w->args, name);
    const char  *s = mdd_arg(w, name);

    if (json_is_number(j)) {
        return json_number_value(j);
    }

    v = strtod(s, &end);

    return *s && *end == '\0' && v >= 0 && v < 1e6 ? v : none;
}


static void
levels(mdd_web_t *w, whatif_t *x)
{
    const mdd_book_t  *book = mdd_book(NULL);
    int64_t            half = mdd_yaml_ms(mdd_arg(w, "half_life"));

    x->now.watched = book && book->watched > 0 ? book->watched : 1;
    x->now.limited = book && book->limited > 0 ? book->limited : 3;
    x->now.suspended = book && book->suspended > 0 ? book->suspended : 6;
    mdd_book_leave(book);
    x->then.watched = number(w, "watched", x->now.watched);
    x->then.limited = number(w, "limited", x->now.limited);
    x->then.suspended = number(w, "suspended", x->now.suspended);
    x->half_ms = half > 0 ? half : 0;
}


/* every strike that counts, account by account */

static int
count(mdd_web_t *w, whatif_t *x)
{
    int        any = 0;
    char       last[40] = "", name[160];
    double     now = 0, then = 0, points, age, half;
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_WHATIF_STRIKES, "");

    while (mdd_step(st) == MDD_ROW) {
        if (strcmp(last, mdd_text(st, 0)) != 0) {
            if (any) {
                account(x, now, then);
            }

            snprintf(last, sizeof(last), "%s", mdd_text(st, 0));
            now = then = 0;
            any = 1;
        }

        points = (double) mdd_int(st, 2) / 1000;
        half = (double) mdd_int(st, 3);
        age = (double) (w->now - mdd_int(st, 4));
        age = age > 0 ? age : 0;
        now += points * exp2(-age / half);
        snprintf(name, sizeof(name), "points.%.140s", mdd_text(st, 1));
        points = number(w, name, points);
        half = x->half_ms ? (double) x->half_ms : half;
        then += points * exp2(-age / half);
    }

    if (any) {
        account(x, now, then);
    }

    return mdd_end(st);
}


static json_t *
by_state(const int64_t *n)
{
    int      i;
    json_t  *j = json_object();

    for (i = 0; i < STATES; i++) {
        json_object_set_new(j, states[i], json_integer((json_int_t) n[i]));
    }

    return j;
}


static json_t *
get_whatif(mdd_web_t *w)
{
    int        i;
    json_t    *hist = json_array(), *j;
    whatif_t   x;

    memset(&x, 0, sizeof(x));
    levels(w, &x);

    if (count(w, &x) != MDD_OK) {
        json_decref(hist);
        return NULL;
    }

    for (i = 0; i < BUCKETS; i++) {
        j = json_pack("{s:f, s:I, s:I}", "from", i * STEP, "now",
                      (json_int_t) x.hist_now[i], "then",
                      (json_int_t) x.hist_then[i]);
        json_array_append_new(hist, j);
    }

    return json_pack("{s:I, s:I, s:o, s:o, s:o, s:{s:f, s:f, s:f}}",
        "accounts", (json_int_t) x.accounts, "changed",
        (json_int_t) x.changed, "now", by_state(x.by_now), "then",
        by_state(x.by_then), "histogram", hist, "levels", "watched",
        x.then.watched, "limited", x.then.limited, "suspended",
        x.then.suspended);
}


void
mdd_api_whatif(mdd_web_t *w)
{
    json_t  *j = get_whatif(w);

    if (j == NULL) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, j);
}


static void
histogram(mdd_web_t *w, const json_t *hist)
{
    size_t      i;
    int         a, b;
    int64_t     max = 1;
    json_t     *h;
    mdd_buf_t  *out = &w->out->body;

    json_array_foreach(hist, i, h) {
        max = mdd_num(h, "now") > max ? mdd_num(h, "now") : max;
        max = mdd_num(h, "then") > max ? mdd_num(h, "then") : max;
    }

    mdd_html_f(out, "<div class=\"report\"><figure class=\"panel\"><svg "
               "viewBox=\"0 0 640 190\" role=\"img\" aria-label=\"%s\"><line "
               "x1=\"10\" x2=\"630\" y1=\"164\" y2=\"164\"/>",
               T(w, "各分数的账号数", "accounts by score"));

    json_array_foreach(hist, i, h) {
        a = (int) (mdd_num(h, "now") * 140 / max);
        b = (int) (mdd_num(h, "then") * 140 / max);
        a = a == 0 && mdd_num(h, "now") ? 1 : a;
        b = b == 0 && mdd_num(h, "then") ? 1 : b;
        mdd_html_f(out, "<rect class=\"b2\" x=\"%d\" y=\"%d\" width=\"12\" "
                   "height=\"%d\"><title>%lld</title></rect><rect class=\""
                   "b0\" x=\"%d\" y=\"%d\" width=\"12\" height=\"%d\"><title>"
                   "%lld</title></rect>", (int) (12 + 31 * i), 164 - a, a,
                   (long long) mdd_num(h, "now"), (int) (25 + 31 * i),
                   164 - b, b, (long long) mdd_num(h, "then"));

        if (i % 2 == 0) {
            mdd_html_f(out, "<text class=\"n\" x=\"%d\" y=\"180\">%d</text>",
                       (int) (12 + 31 * i), (int) (i / 2));
        }
    }

    mdd_html_f(out, "</svg><div class=\"key\"><span><i class=\"b2\"></i>%s"
               "</span><span><i class=\"b0\"></i>%s</span></div></figure>"
               "</div>", T(w, "现在", "now"), T(w, "如此改", "with these"));
}


void
mdd_page_whatif(mdd_web_t *w)
{
    int         i;
    json_t     *j = get_whatif(w);
    mdd_buf_t  *b;

    if (j == NULL) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    b = mdd_page_begin(w, T(w, "换一套记分会怎样", "What if"), "accounts");
    mdd_page_h1(w, T(w, "换一套记分会怎样", "What if other weights held"),
               T(w, "换一套门槛，会有多少账号换状态。只算，不改；已有记分的分值和半衰期不会被改写。",
                 "How many accounts would stand elsewhere. It only counts: "
                 "strikes keep the weight and half-life that they have."));
    mdd_html_f(b, "<form class=\"filter\" method=\"get\" action="
               "\"/moderation/whatif\">");

    for (i = 1; i < STATES; i++) {
        char  value[32];

        snprintf(value, sizeof(value), "%g", json_number_value(
            json_object_get(json_object_get(j, "levels"), states[i])));
        mdd_html_f(b, "<label>%s<input name=\"%s\" value=\"%s\" size=\"6\">"
                   "</label>", mdd_word(w, states[i]), states[i], value);
    }

    mdd_html_f(b, "<label>%s<input name=\"half_life\" value=\"%s\" size=\"6"
               "\" placeholder=\"90d\"></label><button class=\"btn\">%s"
               "</button></form><p>%s %lld \xc2\xb7 %s <b>%lld</b></p><div "
               "class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label="
               "\"%s\"><table><thead><tr><th>%s</th><th class=\"num\">%s"
               "</th><th class=\"num\">%s</th></tr></thead><tbody>",
               T(w, "半衰期", "Half-life"), mdd_arg(w, "half_life"),
               T(w, "试算", "Count"), T(w, "有记分的账号", "Accounts with strikes"),
               (long long) mdd_num(j, "accounts"),
               T(w, "会换状态的", "would stand elsewhere"),
               (long long) mdd_num(j, "changed"), T(w, "状态", "States"),
               T(w, "按分数应为", "By its score"), T(w, "现在", "Now"),
               T(w, "如此改", "With these"));

    for (i = 0; i < STATES; i++) {
        mdd_html_f(b, "<tr><td>%s</td><td class=\"num\">%lld</td><td class="
                   "\"num\">%lld</td></tr>", i ? mdd_word(w, states[i])
                   : T(w, "正常", "none"),
                   (long long) mdd_num(json_object_get(j, "now"), states[i]),
                   (long long) mdd_num(json_object_get(j, "then"),
                                       states[i]));
    }

    mdd_html_f(b, "</tbody></table></div>");
    histogram(w, json_object_get(j, "histogram"));
    json_decref(j);
    mdd_page_end(w);
}


/* as JSON, or in the columns that an import takes */

void
mdd_api_accounts(mdd_web_t *w)
{
    int         k, csv = strcmp(mdd_arg(w, "format"), "csv") == 0;
    char        day[16], ends[24];
    time_t      at;
    json_t     *list = json_array();
    struct tm   tm;
    mdd_st_t   *st;
    mdd_buf_t  *b = &w->out->body;

    mdd_field(w, "Cache-Control", "private, no-store");

    if (csv) {
        mdd_buf_str(b, "\xef\xbb\xbfkind,id,verdict,source,date,reason,"
                    "ends\r\n");
    }

    st = mdd_query(w->db, MDD_SQL_ACCOUNTS_ALL, "");

    while (mdd_step(st) == MDD_ROW) {
        if (mdd_int(st, 2) && mdd_int(st, 2) <= w->now) {
            continue;
        }

        mdd_day_text(mdd_zone_day(mdd_zone("UTC"), mdd_int(st, 5)), day);

        if (csv) {
            const char  *cells[] = {
                "account", mdd_text(st, 0), mdd_text(st, 1), mdd_text(st, 3),
                day, mdd_text(st, 4), ends
            };

            at = (time_t) (mdd_int(st, 2) / 1000);
            ends[0] = '\0';

            if (at && gmtime_r(&at, &tm)) {
                strftime(ends, sizeof(ends), "%Y-%m-%dT%H:%M", &tm);
            }

            for (k = 0; k < 7; k++) {
                mdd_csv_cell(b, cells[k], k == 0);
            }

            mdd_buf_str(b, "\r\n");
            continue;
        }

        json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s, s:s, s:I}",
            "account", mdd_text(st, 0), "state", mdd_text(st, 1), "ends",
            (json_int_t) mdd_int(st, 2), "by", mdd_text(st, 3), "reason",
            mdd_text(st, 4), "at", (json_int_t) mdd_int(st, 5)));
    }

    mdd_end(st);

    if (csv) {
        w->out->status = 200;
        w->out->type = "text/csv; charset=utf-8";
        mdd_field(w, "Content-Disposition", "attachment; filename=\""
                  "accounts.csv\"");
        json_decref(list);

    } else {
        mdd_json(w, 200, json_pack("{s:o, s:o}", "accounts", list,
                                   "proposals", mdd_get_proposals(w)));
    }
}
