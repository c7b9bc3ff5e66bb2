/*
 * page_watch.c - what needs an eye: rules with how often people agreed, and
 * alarms as the store shows them now.
 *
 * An alarm is a state, not an event: it stands as long as what it says is
 * true, and nobody has to clear it.
 */

#include "api.h"
#include "desk.h"
#include "page.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS  86400000ll


/* Wilson's 95 % interval of k in n */

static void
wilson(double k, double n, double *low, double *high)
{
    double  z = 1.96, p = k / n, d, m, s;

    d = 1 + z * z / n;
    m = p + z * z / (2 * n);
    s = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = (m - s) / d;
    *high = (m + s) / d;
}


/* days until a rule runs in shadow; a large number where it does not */

static int
days_left(const mdd_web_t *w, const mdd_rule_t *r)
{
    struct tm  tm;

    memset(&tm, 0, sizeof(tm));

    if (r->expires == NULL || strptime(r->expires, "%Y-%m-%d", &tm) == NULL) {
        return 100000;
    }

    return (int) (((int64_t) timegm(&tm) * 1000 - w->now) / DAY_MS);
}


static void
rule_row(mdd_web_t *w, const mdd_rule_t *r)
{
    int         left = days_left(w, r);
    double      low, high, n = 0, k = 0;
    int64_t     hits;
    mdd_st_t   *st;
    mdd_buf_t  *b = &w->out->body;

    st = mdd_query(w->db, MDD_SQL_REVIEW_RULE, "si", r->id,
                   w->now - 30 * DAY_MS);

    if (mdd_step(st) == MDD_ROW) {
        k = (double) mdd_int(st, 0);
        n = (double) mdd_int(st, 1);
    }

    mdd_end(st);
    hits = mdd_one(w->db, 0, MDD_SQL_RULE_HITS, "si", r->id,
                   w->now - 7 * DAY_MS);

    mdd_html_f(b, "<tr><td>%s<div class=\"sub mono\">%s \xc2\xb7 %lld</div>"
               "</td><td>%s</td><td class=\"num\"><a href=\"/moderation/"
               "decisions?rule=%s\">%lld</a></td><td>",
               w->zh ? r->title_zh : r->title_en, r->id, (long long) r->rev,
               r->label, r->id, (long long) hits);

    if (n >= 10) {
        wilson(k, n, &low, &high);
        mdd_html_f(b, "%d %% (%d\xe2\x80\x93%d)", (int) (100 * k / n + 0.5),
                   (int) (100 * low + 0.5), (int) (100 * high + 0.5));

    } else {
        mdd_html_f(b, "<span class=\"dim\">%s %d</span>",
                   T(w, "不足十件：", "fewer than ten:"), (int) n);
    }

    mdd_html_f(b, "</td><td%s>%s</td><td>%s</td></tr>",
               left < 30 ? " class=warn" : "",
               r->expires ? r->expires : "", r->owner ? r->owner : "");
}


void
mdd_page_rulebook(mdd_web_t *w)
{
    size_t             i;
    mdd_buf_t         *b;
    const mdd_book_t  *book;

    b = mdd_page_begin(w, T(w, "规则", "Rules"), "rules");
    mdd_html_f(b, "<h1>%s</h1><div class=\"scroll\" tabindex=\"0\" "
               "role=\"region\" aria-label=\"%s\"><table><thead><tr><th>%s"
               "</th><th>%s</th><th class=\"num\">%s</th><th>%s</th><th>%s"
               "</th><th>%s</th></tr></thead><tbody>",
               T(w, "规则", "Rules"), T(w, "规则", "Rules"),
               T(w, "规则", "Rule"), T(w, "标签", "Label"),
               T(w, "七天内的决定", "Decisions in 7 days"),
               T(w, "人同意的比例（30 天，95% 区间）",
                 "People agreed (30 days, 95 %)"),
               T(w, "到期", "Expires"), T(w, "负责人", "Owner"));

    book = mdd_book(mdd_arg(w, "site")[0] ? mdd_arg(w, "site") : NULL);

    for (i = 0; book && i < book->nrules; i++) {
        rule_row(w, &book->rules[i]);
    }

    mdd_book_leave(book);
    mdd_html_f(b, "</tbody></table></div>");
    mdd_page_end(w);
}


static void
alarm(json_t *list, const char *kind, const char *level, int64_t n,
    const char *detail)
{
    json_array_append_new(list, json_pack("{s:s, s:s, s:I, s:s}", "kind",
        kind, "level", level, "n", (json_int_t) n, "detail",
        detail ? detail : ""));
}


json_t *
mdd_get_alarms(mdd_web_t *w)
{
    size_t             i;
    int64_t            n, waiting = 0, last;
    json_t            *list = json_array(), *row;
    mdd_st_t          *st;
    const mdd_book_t  *book;

    if (!mdd_tables_live()) {
        alarm(list, "verdicts", "high", 1, "mapped tables are not written");
    }

    n = mdd_one(w->db, 0, MDD_SQL_WEB_LOST, "");

    if (n) {
        alarm(list, "lost", "high", n, "lines of the record");
    }

    n = mdd_one(w->db, 0, MDD_SQL_QUEUE_LATE, "i", w->now);

    if (n) {
        alarm(list, "overdue", "medium", n, "cards");
    }

    json_array_foreach(mdd_get_counts(w), i, row) {
        waiting += json_integer_value(json_array_get(row, 2));
    }

    if (waiting && mdd_one(w->db, 0, MDD_SQL_PERSON_PRESENT, "i",
                           w->now - 600000) == 0)
    {
        alarm(list, "nobody", "high", waiting, "cards wait, nobody on duty");
    }

    n = mdd_one(w->db, 0, MDD_SQL_ORDER_UNCONFIRMED, "i", w->now);

    if (n) {
        alarm(list, "order", "medium", n, "orders past their confirmation");
    }

    n = mdd_one(w->db, 0, MDD_SQL_CASE_LATE, "i", w->now);

    if (n) {
        alarm(list, "case", "medium", n, "reports or appeals past their time");
    }

    st = mdd_query(w->db, MDD_SQL_WEB_PLACES, "");
    last = mdd_step(st) == MDD_ROW ? mdd_int(st, 0) : 0;
    mdd_end(st);

    if (last && w->now - last > 300000) {
        alarm(list, "quiet", "medium", (w->now - last) / 60000,
              "minutes without a line of any worker");
    }

    book = mdd_book(NULL);

    for (i = 0; book && i < book->nrules; i++) {
        if (days_left(w, &book->rules[i]) < 14) {
            alarm(list, "expires", "low",
                  days_left(w, &book->rules[i]), book->rules[i].id);
        }
    }

    mdd_book_leave(book);

    return list;
}


void
mdd_api_alarms(mdd_web_t *w)
{
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_json(w, 200, json_pack("{s:o}", "alarms", mdd_get_alarms(w)));
}


void
mdd_page_alarms(mdd_web_t *w)
{
    size_t      i;
    json_t     *list = mdd_get_alarms(w), *a;
    mdd_buf_t  *b;

    b = mdd_page_begin(w, T(w, "预警", "Alarms"), "alarms");
    mdd_html_f(b, "<h1>%s</h1>", T(w, "预警", "Alarms"));

    json_array_foreach(list, i, a) {
        mdd_html_f(b, "<div class=\"panel hit%s\"><h2 class=\"%s\">%s "
                   "<span class=\"pill\">%s</span></h2><p>%lld %s</p></div>",
                   strcmp(mdd_str(a, "level"), "high") == 0 ? " strong" : "",
                   strcmp(mdd_str(a, "level"), "high") == 0 ? "bad" : "",
                   mdd_word(w, mdd_str(a, "kind")),
                   mdd_word(w, mdd_str(a, "level")),
                   (long long) mdd_num(a, "n"), mdd_str(a, "detail"));
    }

    if (i == 0) {
        mdd_html_f(b, "<p class=\"good\">%s</p>", T(w, "没有预警。",
                   "Nothing needs an eye."));
    }

    json_decref(list);
    mdd_page_end(w);
}
