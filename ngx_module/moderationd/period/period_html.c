/*
 * period_html.c - a report as a page: without script, its charts as SVG with
 * the numbers of the tables beside them, and a style for paper.
 *
 * As a file of its own it carries its style; the answer's policy allows that
 * one style by its hash, and nothing else.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "period.h"
#include "moderationd/log/tree.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define BAR_HIGH  22


/* of the bars, but for that of all */

static int64_t
most(const json_t *rows, const char *const *names, int n)
{
    int      k;
    size_t   i;
    int64_t  max = 1, sum;
    json_t  *r;

    json_array_foreach(rows, i, r) {
        for (k = 0, sum = 0; k < n && mdd_str(r, "category")[0]
             && strcmp(mdd_str(r, "category"), "all") != 0; k++)
        {
            sum += mdd_num(r, names[k]);
        }

        max = sum > max ? sum : max;
    }

    return max;
}


/* bars that lie, a row each, of up to three parts */

static void
chart(mdd_web_t *w, const char *title, const json_t *rows, const char *label,
    const char *const *names, int n)
{
    int          k, x, wide, y = 4, left = w->zh ? 120 : 150;
    size_t       i, count = json_array_size(rows);
    int64_t      max = most(rows, names, n), sum;
    json_t      *r;
    mdd_buf_t   *b = &w->out->body;

    mdd_html_f(b, "<figure class=\"panel\"><figcaption><b>%s</b>"
               "</figcaption><svg viewBox=\"0 0 560 %zu\" role=\"img\" "
               "aria-label=\"%s\">", title, count * BAR_HIGH + 8, title);

    json_array_foreach(rows, i, r) {
        if (strcmp(mdd_str(r, label), "all") == 0) {
            continue;
        }

        mdd_html_f(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s"
                   "</text>", left - 8, y + 14,
                   mdd_period_word(w, mdd_str(r, label)));

        for (k = 0, x = left, sum = 0; k < n; k++) {
            wide = (int) (mdd_num(r, names[k]) * (500 - left) / max);
            wide = wide == 0 && mdd_num(r, names[k]) ? 1 : wide;
            sum += mdd_num(r, names[k]);

            if (wide) {
                mdd_html_f(b, "<rect class=\"b%d\" x=\"%d\" y=\"%d\" "
                           "width=\"%d\" height=\"%d\"><title>%s %lld"
                           "</title></rect>", k, x, y + 3, wide,
                           BAR_HIGH - 8, mdd_period_word(w, names[k]),
                           (long long) mdd_num(r, names[k]));
                x += wide;
            }
        }

        mdd_html_f(b, "<text class=\"n\" x=\"%d\" y=\"%d\">%lld</text>",
                   x + 6, y + 14, (long long) sum);
        y += BAR_HIGH;
    }

    mdd_html_f(b, "</svg><div class=\"key\">");

    for (k = 0; k < n; k++) {
        mdd_html_f(b, "<span><i class=\"b%d\"></i>%s</span>", k,
                   mdd_period_word(w, names[k]));
    }

    mdd_html_f(b, "</div></figure>");
}


/* columns that stand, one a day */

static void
day_chart(mdd_web_t *w, const json_t *days)
{
    int          high, step, x;
    size_t       i, n = json_array_size(days);
    int64_t      max = 1, v;
    json_t      *d;
    mdd_buf_t   *b = &w->out->body;
    const char  *title = T(w, "每日首次处理的条目", "Things first seen, by day");

    json_array_foreach(days, i, d) {
        max = mdd_num(d, "things") > max ? mdd_num(d, "things") : max;
    }

    step = 540 / (int) n;
    mdd_html_f(b, "<figure class=\"panel\"><figcaption><b>%s</b>"
               "</figcaption><svg viewBox=\"0 0 560 190\" role=\"img\" "
               "aria-label=\"%s\"><line x1=\"10\" x2=\"550\" y1=\"164\" "
               "y2=\"164\"/>", title, title);

    json_array_foreach(days, i, d) {
        v = mdd_num(d, "things");
        high = (int) (v * 136 / max);
        high = high == 0 && v ? 1 : high;
        x = 10 + (int) i * step;
        mdd_html_f(b, "<rect class=\"b0\" x=\"%d\" y=\"%d\" width=\"%d\" "
                   "height=\"%d\"><title>%s %lld</title></rect>",
                   x + step / 8, 164 - high, step - step / 4, high,
                   mdd_str(d, "day"), (long long) v);

        if (n <= 16 || v == max) {
            mdd_html_f(b, "<text class=\"n\" x=\"%d\" y=\"%d\" "
                       "text-anchor=\"middle\">%lld</text>", x + step / 2,
                       158 - high, (long long) v);
        }

        if (i % (n > 16 ? 5 : n > 9 ? 2 : 1) == 0) {
            mdd_html_f(b, "<text class=\"n\" x=\"%d\" y=\"180\" "
                       "text-anchor=\"middle\">%s</text>", x + step / 2,
                       mdd_str(d, "day") + 5);
        }
    }

    mdd_html_f(b, "</svg></figure>");
}


static void
one_table(mdd_web_t *w, const json_t *t)
{
    size_t       i, k, last = json_array_size(json_object_get(t, "rows"));
    json_t      *row, *c;
    mdd_buf_t   *b = &w->out->body;

    mdd_html_f(b, "<h2 id=\"%s\">%s</h2><div class=\"scroll\" tabindex=\"0\""
               " role=\"region\" aria-label=\"%s\"><table><thead><tr>",
               mdd_str(t, "id"), mdd_str(t, "title"), mdd_str(t, "title"));

    json_array_foreach(json_object_get(t, "head"), i, c) {
        mdd_html_f(b, i ? "<th class=\"num\" scope=\"col\">%s</th>"
                        : "<th scope=\"col\">%s</th>",
                   json_string_value(c));
    }

    mdd_html_f(b, "</tr></thead><tbody>");

    json_array_foreach(json_object_get(t, "rows"), i, row) {
        mdd_html_f(b, i + 1 == last && strcmp(mdd_str(t, "id"), "matrix") == 0
                   ? "<tr class=\"all\">" : "<tr>");

        json_array_foreach(row, k, c) {
            if (json_is_integer(c)) {
                mdd_html_f(b, "<td class=\"num\">%lld</td>",
                           (long long) json_integer_value(c));

            } else {
                mdd_html_f(b, k ? strlen(json_string_value(c)) > 40
                               ? "<td class=\"root\">%s</td>"
                               : "<td class=\"num\">%s</td>" : "<td>%s</td>",
                           json_string_value(c));
            }
        }

        mdd_html_f(b, "</tr>");
    }

    mdd_html_f(b, "</tbody></table></div>");

    if (mdd_str(t, "note")[0]) {
        mdd_html_f(b, "<p class=\"sub\">%s</p>", mdd_str(t, "note"));
    }
}


static const char *
mark_of(const json_t *r, const char *what)
{
    size_t   i;
    json_t  *c;

    json_array_foreach(json_object_get(r, "compare"), i, c) {
        if (strcmp(mdd_str(c, "what"), what) == 0) {
            return mdd_str(c, "before_mark");
        }
    }

    return "";
}


static void
tile(mdd_web_t *w, const json_t *r, const char *what)
{
    int64_t      n = mdd_num(json_object_get(r, "totals"), what);
    const char  *mark = mark_of(r, what);
    mdd_buf_t   *b = &w->out->body;

    mdd_html_f(b, "<div class=\"tile\"><small>%s</small><b>%lld</b><small>%s"
               "</small></div>", mdd_period_word(w, what), (long long) n,
               strcmp(mark, "more") == 0 ? T(w, "多于上期", "more than before")
               : strcmp(mark, "less") == 0 ? T(w, "少于上期",
                                               "less than before")
               : "\xc2\xa0");
}


static void
tiles(mdd_web_t *w, const json_t *r)
{
    char        share[64];
    mdd_buf_t  *b = &w->out->body;

    mdd_html_f(b, "<div class=\"tiles\">");
    tile(w, r, "items");
    tile(w, r, "programmes");
    tile(w, r, "accounts");
    tile(w, r, "reports");
    mdd_share_text(json_object_get(json_object_get(r, "reports"),
                                   "effective_rate"), share);
    mdd_html_f(b, "<div class=\"tile\"><small>%s</small><b>%s</b><small>%s"
               "</small></div>", T(w, "举报有效率", "Reports effective"),
               strchr(share, '(') ? (share[strcspn(share, "(") - 1] = '\0',
                                     share) : share,
               T(w, "区间见下表", "interval below"));
    tile(w, r, "appeals");
    mdd_html_f(b, "</div>");
}


void
mdd_period_body(mdd_web_t *w, const json_t *r)
{
    size_t         i;
    json_t        *all = mdd_period_tables(w, r), *t;
    mdd_buf_t     *b = &w->out->body, title = { 0 };
    const json_t  *text = json_object_get(r, "text");
    const json_t  *p = json_object_get(r, "period");

    static const char *const  parts[] = { "not_shown", "masked", "ordered" };

    mdd_period_title(w, r, &title);
    mdd_buf_add(&title, "", 1);
    mdd_html_f(b, "<article class=\"report\"><h1>%s</h1><p class=\"sub\">%s "
               "\xc2\xb7 %s%s%s</p>", title.bad ? "" : title.p,
               mdd_str(p, "timezone"),
               strcmp(mdd_str(p, "edition"), "public") == 0
               ? T(w, "公开版", "Public edition")
               : T(w, "内部版", "Internal edition"),
               mdd_str(p, "site")[0] ? " \xc2\xb7 " : "",
               mdd_str(p, "site"));
    mdd_buf_free(&title);
    tiles(w, r);

    if (text && mdd_str(text, "body")[0]) {
        mdd_html_f(b, "<div class=\"text\">");
        mdd_html_text(b, mdd_str(text, "body"), strlen(mdd_str(text, "body")),
                      0);
        mdd_html_f(b, "<div class=\"sub\">\xe2\x80\x94 %s</div></div>",
                   mdd_str(text, "by"));
    }

    mdd_html_f(b, "<div class=\"two-charts\">");
    chart(w, T(w, "各类处置", "By category"), json_object_get(r, "matrix"),
          "category", parts, 3);

    if (json_array_size(json_object_get(r, "days")) <= 31
        && json_array_size(json_object_get(r, "days")) > 1)
    {
        day_chart(w, json_object_get(r, "days"));
    }

    mdd_html_f(b, "</div>");

    if (json_array_size(json_object_get(r, "cases"))) {
        mdd_html_f(b, "<h2>%s</h2><ol class=\"cases\">",
                   T(w, "典型案例", "Typical cases"));

        json_array_foreach(json_object_get(r, "cases"), i, t) {
            mdd_html_f(b, "<li>");
            mdd_html_text(b, mdd_str(t, "text"), strlen(mdd_str(t, "text")),
                          0);
            mdd_html_f(b, " <span class=\"sub\">%s%s%s</span></li>",
                       mdd_str(t, "day"), mdd_str(t, "label")[0]
                       ? " \xc2\xb7 " : "", mdd_str(t, "label"));
        }

        mdd_html_f(b, "</ol>");
    }

    json_array_foreach(all, i, t) {
        one_table(w, t);
    }

    mdd_html_f(b, "</article>");
    json_decref(all);
}


/* the variables of console.css that report.css uses, and a plain page */

static const char  base[] =
    ":root{color-scheme:light dark;--bg:#f4f6f9;--panel:#fff;--line:#dfe3ea;"
    "--text:#15181d;--dim:#566074;--accent:#1a5fd0;--mark-line:#d99e00}"
    "@media (prefers-color-scheme:dark){:root{--bg:#0e1115;--panel:#171b21;"
    "--line:#2b313a;--text:#e9ecf1;--dim:#9aa4b5;--accent:#5aa2ff}}"
    "*{box-sizing:border-box}body{margin:0;padding:24px;background:var(--bg);"
    "color:var(--text);font:14px/1.55 system-ui,\"PingFang SC\",\"Microsoft "
    "YaHei\",\"Noto Sans CJK SC\",sans-serif}table{border-collapse:collapse;"
    "width:100%}th,td{text-align:left;vertical-align:top;border-bottom:1px "
    "solid var(--line)}th{color:var(--dim);font-size:12px;font-weight:600}"
    ".sub{color:var(--dim);font-size:12px}figure{margin:0}.panel,.scroll{"
    "background:var(--panel);border:1px solid var(--line);border-radius:8px;"
    "padding:10px 12px}.scroll{overflow-x:auto;padding:0}bdi{overflow-wrap:"
    "anywhere}";


void
mdd_period_html(mdd_web_t *w, const json_t *r)
{
    char                 b64[64], policy[512];
    mdd_buf_t           *b = &w->out->body, style = { 0 }, title = { 0 };
    mdd_hash_t           h;
    const mdd_static_t  *css = mdd_static("report.css");

    mdd_buf_str(&style, base);
    mdd_buf_add(&style, css->data, (size_t) (css->end - css->data));
    mdd_period_title(w, r, &title);
    mdd_buf_add(&title, "", 1);

    if (style.bad || title.bad) {
        b->bad = 1;

    } else {
        mdd_hash(h, style.p, style.n);
        mdd_base64(b64, h, MDD_HASH);
        snprintf(policy, sizeof(policy), "default-src 'none'; style-src "
                 "'sha256-%s'; base-uri 'none'; form-action 'none'; "
                 "frame-ancestors 'none'", b64);
        w->out->type = "text/html; charset=utf-8";
        mdd_field(w, "Content-Security-Policy", policy);
        mdd_html_f(b, "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta "
                   "charset=\"utf-8\">\n<meta name=\"viewport\" content=\""
                   "width=device-width\">\n<title>%s</title>\n<style>",
                   w->zh ? "zh-CN" : "en", title.p);
        mdd_buf_add(b, style.p, style.n);
        mdd_html_f(b, "</style>\n</head>\n<body>\n");
        mdd_period_body(w, r);
        mdd_html_f(b, "\n</body>\n</html>\n");
    }

    mdd_buf_free(&style);
    mdd_buf_free(&title);
}
