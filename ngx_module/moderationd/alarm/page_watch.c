/*
 * page_watch.c - rules with how often people agreed, and which are braked.
 */

#include "moderationd/web/api.h"
#include "moderationd/desk/desk.h"
#include "moderationd/web/page.h"
#include "moderationd/period/period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_MS  86400000ll


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


/* workers have it in shadow */

static void
brakes(mdd_web_t *w, const mdd_rule_t *r)
{
    mdd_st_t   *st;
    mdd_buf_t  *b = &w->out->body;

    st = mdd_query(w->db, MDD_SQL_BRAKED_WHY, "si", r->id, w->now - DAY_MS);

    while (mdd_step(st) == MDD_ROW) {
        mdd_html_f(b, "<div><strong class=\"bad\">%s</strong> ",
                   strcmp(mdd_text(st, 0), "kill") == 0
                   ? T(w, "已被 kill 文件停用，只记录，自",
                       "killed, it only records, since")
                   : T(w, "已刹车，只记录，自", "braked, it only records, since"));
        mdd_page_time(w, mdd_int(st, 1));
        mdd_html_f(b, "</div>");
    }

    mdd_end(st);
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

    mdd_html_f(b, "<tr><td>%s<div class=\"sub mono\">%s \xc2\xb7 %lld"
               "</div>", w->zh ? r->title_zh : r->title_en, r->id,
               (long long) r->rev);
    brakes(w, r);
    mdd_html_f(b, "</td><td>%s</td><td class=\"num\"><a href=\"/moderation/"
               "decisions?rule=%s\">%lld</a></td><td>", r->label, r->id,
               (long long) hits);

    if (n >= 10) {
        mdd_wilson(k, n, &low, &high);
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
    mdd_page_h1(w, T(w, "规则", "Rules"),
                T(w, "每条规则七天里命中多少，人看过之后同意多少，何时到期；规则本身写在策略文件里。",
                  "How often each rule hit in seven days, how often people "
                  "agreed, and when it ends. Rules stand in the policy."));
    mdd_html_f(b, "<div class=\"scroll\" tabindex=\"0\" "
               "role=\"region\" aria-label=\"%s\"><table><thead><tr><th>%s"
               "</th><th>%s</th><th class=\"num\">%s</th><th>%s</th><th>%s"
               "</th><th>%s</th></tr></thead><tbody>",
               T(w, "规则", "Rules"),
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
