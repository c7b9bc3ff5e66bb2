/*
 * page_period.c - the screen of reports: which days, the report of them with
 * its forms to take away, what was filed, and the lead's text.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "period.h"

#include <stdio.h>
#include <string.h>


static void
ask(mdd_web_t *w, const mdd_period_t *p)
{
    char         first[16], last[16];
    size_t       i;
    mdd_buf_t   *b = &w->out->body;

    mdd_day_text(p->day, first);
    mdd_day_text(mdd_zone_day(p->zone, p->to - 1), last);
    mdd_html_f(b, "<form class=\"filter noprint\" method=\"get\" action=\""
               "/moderation/reports\"><label>%s<input type=\"date\" "
               "name=\"from\" value=\"%s\"></label><label>%s<input "
               "type=\"date\" name=\"to\" value=\"%s\"></label>",
               T(w, "从", "From"), first, T(w, "到（含）", "To (in it)"),
               last);

    if (w->d->conf->nsites > 1) {
        mdd_html_f(b, "<label>%s<select name=\"site\"><option value=\"\">%s"
                   "</option>", T(w, "站点", "Site"), T(w, "全部", "all"));

        for (i = 0; i < w->d->conf->nsites; i++) {
            mdd_html_f(b, p->site == &w->d->conf->sites[i]
                       ? "<option selected>%s</option>"
                       : "<option>%s</option>", w->d->conf->sites[i].name);
        }

        mdd_html_f(b, "</select></label>");
    }

    if (w->d->conf->ncampaigns) {
        mdd_html_f(b, "<label>%s<select name=\"campaign\"><option value=\""
                   "\">%s</option>", T(w, "专项行动", "Campaign"),
                   T(w, "不限", "none"));

        for (i = 0; i < w->d->conf->ncampaigns; i++) {
            mdd_html_f(b, p->campaign == &w->d->conf->campaigns[i]
                       ? "<option value=\"%s\" selected>%s</option>"
                       : "<option value=\"%s\">%s</option>",
                       w->d->conf->campaigns[i].name,
                       w->zh ? w->d->conf->campaigns[i].title_zh
                             : w->d->conf->campaigns[i].title_en);
        }

        mdd_html_f(b, "</select></label>");
    }

    mdd_html_f(b, "<label>%s<select name=\"edition\"><option value=\"\">%s"
               "</option><option value=\"public\"%s>%s</option></select>"
               "</label><button class=\"btn\">%s</button></form>",
               T(w, "版本", "Edition"), T(w, "内部", "internal"),
               strcmp(mdd_arg(w, "edition"), "public") == 0 ? " selected"
               : "", T(w, "公开", "public"), T(w, "生成", "Show"));
}


/* the same question again, as a link */

static void
link_to(mdd_web_t *w, const mdd_period_t *p, const char *format,
    const char *text)
{
    char        first[32], last[32];
    mdd_buf_t  *b = &w->out->body;

    snprintf(first, sizeof(first), "%lld", (long long) p->from);
    snprintf(last, sizeof(last), "%lld", (long long) p->to);

    if (p->days) {
        mdd_day_text(p->day, first);
        mdd_day_text(p->day + p->days - 1, last);
    }

    mdd_html_f(b, "<a class=\"btn\" href=\"/moderation/v1/report?format=%s"
               "&amp;from=%s&amp;to=%s&amp;size=%lld", format, first, last,
               (long long) p->size);

    if (p->site) {
        mdd_html_f(b, "&amp;site=%s", p->site->name);
    }

    if (p->campaign) {
        mdd_html_f(b, "&amp;campaign=");
        mdd_url(b, p->campaign->name);
    }

    mdd_html_f(b, "&amp;edition=%s&amp;lang=%s\">%s</a> ",
               strcmp(mdd_arg(w, "edition"), "public") == 0 ? "public" : "",
               w->zh ? "zh" : "en", text);
}


static void
filed(mdd_web_t *w)
{
    char               first[16], last[16];
    int                any = 0;
    json_t            *e;
    mdd_st_t          *st;
    mdd_buf_t         *b = &w->out->body;
    const mdd_zone_t  *utc = mdd_zone("UTC");

    st = mdd_query(w->db, MDD_SQL_PERIOD_FILED, "");

    while (mdd_step(st) == MDD_ROW) {
        e = json_loads(mdd_text(st, 1), 0, NULL);

        if (e == NULL) {
            continue;
        }

        if (any++ == 0) {
            mdd_html_f(b, "<section class=\"noprint\"><h2>%s</h2><ul class="
                       "\"plain\">", T(w, "已归档", "Filed"));
        }

        /* half a day more: the day of the site, whatever its zone */

        mdd_day_text(mdd_zone_day(utc, mdd_num(e, "from")
                                  + MDD_DAY_MS / 2), first);
        mdd_day_text(mdd_zone_day(utc, mdd_num(e, "to") - MDD_DAY_MS / 2),
                     last);
        mdd_html_f(b, "<li><a href=\"/moderation/reports?from=%s&amp;to=%s"
                   "&amp;size=%lld&amp;site=%s\">%s \xe2\x80\x93 %s</a> "
                   "<span class=\"sub mono\">%s %lld \xc2\xb7 %s</span></li>",
                   first, last, (long long) mdd_num(e, "size"),
                   mdd_str(e, "site"), first, last, mdd_str(e, "site"),
                   (long long) mdd_num(e, "size"), mdd_str(e, "sha256"));
        json_decref(e);
    }

    mdd_end(st);

    if (any) {
        mdd_html_f(b, "</ul></section>");
    }
}


static void
hidden(mdd_web_t *w, const mdd_period_t *p)
{
    mdd_html_f(&w->out->body, "<input type=\"hidden\" name=\"from\" value=\""
               "%lld\"><input type=\"hidden\" name=\"to\" value=\"%lld\">"
               "<input type=\"hidden\" name=\"site\" value=\"%s\"><input "
               "type=\"hidden\" name=\"campaign\" value=\"%s\">",
               (long long) p->from, (long long) p->to,
               p->site ? p->site->name : "",
               p->campaign ? p->campaign->name : "");
}


static void
lead(mdd_web_t *w, const mdd_period_t *p, const json_t *r)
{
    int            i;
    const json_t  *c, *text = json_object_get(r, "text");
    mdd_buf_t     *b = &w->out->body;

    mdd_html_f(b, "<section class=\"noprint\"><h2>%s</h2>",
               T(w, "说明与典型案例", "Text and typical cases"));
    mdd_page_form(w, "report/text", "/moderation/reports");
    hidden(w, p);
    mdd_html_f(b, "<p><label>%s<textarea name=\"text\" maxlength=\"2600\" "
               "rows=\"5\">%s</textarea></label></p>",
               T(w, "说明（署名，进台账）", "Text (signed, in the ledger)"),
               mdd_str(text, "body"));

    for (i = 0; i < 5; i++) {
        c = json_array_get(json_object_get(r, "cases"), (size_t) i);
        mdd_html_f(b, "<div class=\"filter\"><label>%s %d<input "
                   "name=\"case%d\" value=\"%s\" size=\"22\" maxlength=\"24"
                   "\"></label><label class=\"wide\">%s<input name=\"text%d"
                   "\" value=\"%s\" maxlength=\"160\"></label></div>",
                   T(w, "案例，决定", "Case, decision"), i + 1, i + 1,
                   mdd_str(c, "decision"), T(w, "打码后的文字",
                   "What may be read of it (masked)"), i + 1,
                   mdd_str(c, "text"));
    }

    mdd_html_f(b, "<p><button class=\"btn\">%s</button></p></form>",
               T(w, "署名保存", "Sign and keep"));
    mdd_page_form(w, "report/file", "/moderation/reports");
    hidden(w, p);
    mdd_html_f(b, "<p><button class=\"btn\">%s</button></p></form></section>",
               T(w, "归档这份报告", "File this report"));
}


void
mdd_page_periods(mdd_web_t *w)
{
    json_t        *r;
    mdd_buf_t     *b;
    mdd_period_t   p;

    if (!mdd_period_asked(w, &p)) {
        return;
    }

    r = mdd_period_json(w, &p, strcmp(mdd_arg(w, "edition"), "public") == 0);

    if (r == NULL) {
        mdd_error(w, 503, "store", "", NULL);
        return;
    }

    b = mdd_page_begin(w, T(w, "报告", "Statistics"), "reports");
    mdd_html_f(b, "<div class=\"report\"><p class=\"about noprint\">%s</p>",
               T(w, "一周或任意几天的处置、举报和申诉；同一台账大小算出的数字永远相同。",
                 "What a week, or any days, came to. From the same size of "
                 "the ledger the figures are always the same."));
    ask(w, &p);
    mdd_html_f(b, "<p class=\"noprint\">");
    link_to(w, &p, "html", T(w, "网页（可打印）", "Page, for paper"));
    link_to(w, &p, "csv", "CSV");
    link_to(w, &p, "md", "Markdown");
    link_to(w, &p, "json", "JSON");
    mdd_html_f(b, "</p>");
    mdd_html_f(b, "</div>");
    mdd_period_body(w, r);
    mdd_html_f(b, "<div class=\"report\">");

    if (w->who.roles & MDD_LEAD) {
        lead(w, &p, r);
    }

    filed(w);
    mdd_html_f(b, "</div>");
    json_decref(r);
    mdd_page_end(w);
}
