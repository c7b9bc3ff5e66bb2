/*
 * api_team.c - who reports, and how often rightly: rates of teams and of
 * reporters; reports that look arranged.
 *
 * A rate is of reports whose case has an outcome, merged duplicates left out,
 * with its Wilson interval, and none is given below ten.  Counts of reports
 * never act, nor does what looks arranged.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "moderationd/period/period.h"
#include "report.h"

#include <stdio.h>
#include <string.h>

#define DAY_MS  86400000ll
#define TEXTS   10
#define CASES   3


json_t *
mdd_report_arranged(mdd_db_t *db, int64_t casefile)
{
    json_t    *j = NULL;
    int64_t    since, n, same, new;
    mdd_st_t  *st;

    since = mdd_one(db, 0, MDD_SQL_CASE_LAST_REPORT, "i", casefile)
            - DAY_MS;
    st = mdd_query(db, MDD_SQL_ARRANGED_CASE, "ii", casefile, since);

    if (mdd_step(st) == MDD_ROW) {
        n = mdd_int(st, 0);
        same = mdd_int(st, 1);
        new = mdd_int(st, 2);

        if (n >= MDD_ARRANGED_MIN && (same * 2 >= n || new * 5 >= n * 4)) {
            j = json_pack("{s:I, s:I, s:I}", "reports", (json_int_t) n,
                          "same_text", (json_int_t) same, "new_reporters",
                          (json_int_t) new);
        }
    }

    mdd_end(st);

    return j;
}


static json_t *
row(mdd_st_t *st, const char *name)
{
    int64_t  decided = mdd_int(st, 2);
    json_t  *j;

    j = json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", name, mdd_text(st, 0),
                  "reports", (json_int_t) mdd_int(st, 1), "decided",
                  (json_int_t) decided, "effective",
                  (json_int_t) mdd_int(st, 3), "abusive",
                  (json_int_t) mdd_int(st, 4), "led_to_action",
                  (json_int_t) mdd_int(st, 5));
    json_object_set_new(j, "rate", mdd_share(mdd_int(st, 3), decided));

    return j;
}


static json_t *
rates(mdd_web_t *w, mdd_sql_t sql, const char *name, const mdd_period_t *p)
{
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, sql, "ii", p->from, p->to);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, row(st, name));
    }

    mdd_end(st);

    return list;
}


/* by hash; a lead reads who it is, as long as a report says so */

static json_t *
reporters(mdd_web_t *w, const mdd_period_t *p)
{
    size_t     i;
    json_t    *list = rates(w, MDD_SQL_REPORTER_RATES, "who", p), *j;
    mdd_st_t  *st;

    json_array_foreach(list, i, j) {
        if (!(w->who.roles & MDD_LEAD)) {
            break;
        }

        st = mdd_query(w->db, MDD_SQL_REPORTER_NAME, "s", mdd_str(j, "who"));

        if (mdd_step(st) == MDD_ROW) {
            json_object_set_new(j, "reporter",
                                json_string(mdd_text(st, 0)));
            json_object_set_new(j, "team", json_string(mdd_text(st, 1)));
        }

        mdd_end(st);
    }

    return list;
}


static json_t *
texts(mdd_web_t *w)
{
    json_t    *list = json_array();
    mdd_st_t  *st;

    st = mdd_query(w->db, MDD_SQL_ARRANGED_TEXTS, "iii", w->now - DAY_MS,
                   (int64_t) TEXTS, (int64_t) CASES);

    while (mdd_step(st) == MDD_ROW) {
        json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:I, s:I}",
            "text", mdd_text(st, 0), "reports", (json_int_t) mdd_int(st, 1),
            "cases", (json_int_t) mdd_int(st, 2), "first",
            (json_int_t) mdd_int(st, 3), "last",
            (json_int_t) mdd_int(st, 4)));
    }

    mdd_end(st);

    return list;
}


/* ninety days where no others are asked for */

static int
asked(mdd_web_t *w, mdd_period_t *p)
{
    int  given = mdd_arg(w, "from")[0] || mdd_arg(w, "week")[0]
                 || mdd_arg(w, "campaign")[0];

    if (!mdd_period_asked(w, p)) {
        return 0;
    }

    if (!given) {
        p->from = w->now - 90 * DAY_MS;
        p->to = w->now + 1;
    }

    return 1;
}


static json_t *
get_teams(mdd_web_t *w, const mdd_period_t *p)
{
    return json_pack("{s:I, s:I, s:o, s:o, s:o}", "from",
        (json_int_t) p->from, "to", (json_int_t) p->to, "teams",
        rates(w, MDD_SQL_TEAM_RATES, "team", p), "reporters",
        reporters(w, p), "same_texts", texts(w));
}


void
mdd_api_teams(mdd_web_t *w)
{
    mdd_period_t  p;

    if (asked(w, &p)) {
        mdd_field(w, "Cache-Control", "private, no-store");
        mdd_json(w, 200, get_teams(w, &p));
    }
}


static void
rate_table(mdd_web_t *w, const char *title, const char *name,
    const json_t *list)
{
    char         share[64];
    size_t       i;
    json_t      *j;
    mdd_buf_t   *b = &w->out->body;

    mdd_html_f(b, "<h2>%s</h2><div class=\"scroll\" tabindex=\"0\" role=\""
               "region\" aria-label=\"%s\"><table><thead><tr><th>%s</th>"
               "<th class=\"num\">%s</th><th class=\"num\">%s</th><th class="
               "\"num\">%s</th><th class=\"num\">%s</th><th class=\"num\">%s"
               "</th><th class=\"num\">%s</th></tr></thead><tbody>", title,
               title, T(w, "名称", "Name"), T(w, "举报", "Reports"),
               T(w, "已有结果", "With an outcome"),
               T(w, "属实", "Effective"), T(w, "滥用", "Abusive"),
               T(w, "促成处置", "Led to action"),
               T(w, "有效率（95% 区间）", "Effective rate (95 %)"));

    json_array_foreach(list, i, j) {
        mdd_share_text(json_object_get(j, "rate"), share);
        mdd_html_f(b, "<tr><td>");

        if (mdd_str(j, "reporter")[0]) {
            mdd_html_text(b, mdd_str(j, "reporter"),
                          strlen(mdd_str(j, "reporter")), 80);

        } else {
            mdd_html_f(b, "<span class=\"%s\">%s</span>",
                       strcmp(name, "who") == 0 ? "mono" : "",
                       mdd_str(j, name)[0] ? mdd_str(j, name)
                       : T(w, "未注明团队", "without a team"));
        }

        mdd_html_f(b, "</td><td class=\"num\">%lld</td><td class=\"num\">"
                   "%lld</td><td class=\"num\">%lld</td><td class=\"num\">"
                   "%lld</td><td class=\"num\">%lld</td><td class=\"num\">%s"
                   "</td></tr>", (long long) mdd_num(j, "reports"),
                   (long long) mdd_num(j, "decided"),
                   (long long) mdd_num(j, "effective"),
                   (long long) mdd_num(j, "abusive"),
                   (long long) mdd_num(j, "led_to_action"), share);
    }

    mdd_html_f(b, "</tbody></table></div>");
}


static void
import_form(mdd_web_t *w)
{
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<h2>%s</h2>", T(w, "导入团队的举报",
               "Reports of a team, as a list"));
    mdd_page_form(w, "reports/import", "/moderation/cases");
    mdd_html_f(b, "<p><label>%s<input name=\"team\" required maxlength=\"64"
               "\"></label></p><p><label>%s<textarea name=\"csv\" required "
               "rows=\"6\" placeholder=\"reporter,item,page,reason,text"
               "\"></textarea></label></p><p><button class=\"btn\">%s"
               "</button></p></form>", T(w, "团队", "Team"),
               T(w, "CSV，首行为列名", "CSV, the first line names the columns"),
               T(w, "导入", "Import"));
}


void
mdd_page_teams(mdd_web_t *w)
{
    size_t         i;
    json_t        *r, *t;
    mdd_buf_t     *b;
    mdd_period_t   p;

    if (!asked(w, &p)) {
        return;
    }

    r = get_teams(w, &p);
    b = mdd_page_begin(w, T(w, "举报团队", "Teams"), "cases");
    mdd_page_h1(w, T(w, "举报团队", "Teams that report"),
               T(w, "哪些团队和举报人举报得准（近九十天）。不足十件不算比例；举报多少从不自动触发处置。",
                 "Whose reports turn out right, of ninety days. No share is given of fewer than ten; how "
                 "many report never acts by itself."));
    rate_table(w, T(w, "团队", "Teams"), "team", json_object_get(r, "teams"));
    rate_table(w, T(w, "举报人", "Reporters"), "who",
               json_object_get(r, "reporters"));

    json_array_foreach(json_object_get(r, "same_texts"), i, t) {
        mdd_html_f(b, i ? "" : "<h2>%s</h2>",
                   T(w, "一天内同一文字的举报",
                     "One text, sent again and again in a day"));
        mdd_html_f(b, "<p class=\"panel hit strong\">%lld %s \xc2\xb7 %lld "
                   "%s <span class=\"mono\">%s</span></p>",
                   (long long) mdd_num(t, "reports"),
                   T(w, "件举报", "reports"),
                   (long long) mdd_num(t, "cases"), T(w, "案", "cases"),
                   mdd_str(t, "text"));
    }

    if (w->who.roles & (MDD_REVIEWER|MDD_LEAD)) {
        import_form(w);
    }

    json_decref(r);
    mdd_page_end(w);
}
