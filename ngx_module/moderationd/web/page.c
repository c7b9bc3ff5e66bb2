/*
 * page.c - what every screen has: the strict header fields, the head with
 * navigation and state, forms, times, words.
 *
 * Nothing inline: no script, no style attribute, no handler; the policy of the
 * page allows the two files of static.c and pictures of our own, nothing else.
 */

#include "page.h"
#include "moderationd/period/zone.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
    const char  *path, *zh, *en;
    unsigned     roles;
} screens[] = {
    { "queue", "队列", "Queue", MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE },
    { "decisions", "决定", "Decisions", 0xff|MDD_ONE_CASE },
    { "cases", "举报", "Reports", MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE },
    { "accounts", "账号", "Accounts", 0xff },
    { "reports", "报告", "Statistics", 0xff },
    { "rules", "规则", "Rules", 0xff },
    { "alarms", "预警", "Alarms", 0xff },
    { "orders", "指令", "Orders", 0xff },
    { "pending", "会签", "Signatures", 0xff },
    { "handover", "交接", "Handover", MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE },
    { "people", "人员", "People", 0xff },
    { "ledger", "台账", "Ledger", 0xff }
};

static const mdd_site_t *
site_of(const mdd_web_t *w)
{
    size_t             i;
    mdd_person_t       who = w->who;
    const mdd_conf_t  *c = w->d->conf;

    who.nqueues = 0;

    for (i = 0; i < c->nsites; i++) {
        if (mdd_may_see(&who, c->sites[i].name, NULL, NULL)) {
            return &c->sites[i];
        }
    }

    return c->nsites ? &c->sites[0] : NULL;
}


void
mdd_page_time(mdd_web_t *w, int64_t ms)
{
    int                 east;
    char                text[32], full[40];
    time_t              t, now;
    struct tm           tm, today;
    const mdd_site_t   *site = site_of(w);
    const mdd_zone_t   *z = mdd_zone(site && site->timezone ? site->timezone
                                     : "UTC");

    east = z ? (int) (mdd_zone_offset(z, ms) / 1000) : 0;
    t = (time_t) (ms / 1000) + east;
    now = (time_t) (w->now / 1000) + east;
    gmtime_r(&t, &tm);
    gmtime_r(&now, &today);
    strftime(text, sizeof(text), tm.tm_year == today.tm_year
             ? "%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", &tm);
    strftime(full, sizeof(full), "%Y-%m-%dT%H:%M:%S", &tm);
    mdd_html_f(&w->out->body, "<time datetime=\"%s", full);
    mdd_buf_fmt(&w->out->body, "%c%02d:%02d", east < 0 ? '-' : '+',
                (east < 0 ? -east : east) / 3600,
                (east < 0 ? -east : east) / 60 % 60);
    mdd_html_f(&w->out->body, "\">%s</time>", text);
}


void
mdd_page_h1(mdd_web_t *w, const char *title, const char *what)
{
    mdd_html_f(&w->out->body, "<h1>%s</h1><p class=\"about\">%s</p>\n",
               title, what);
}


static void
fields(mdd_web_t *w, int status)
{
    w->out->status = status;
    w->out->type = "text/html; charset=utf-8";
    mdd_field(w, "Content-Security-Policy",
              "default-src 'none'; style-src 'self'; script-src 'self'; "
              "img-src 'self'; connect-src 'self'; frame-src 'self'; "
              "form-action 'self'; base-uri 'none'; frame-ancestors 'none'");
    mdd_field(w, "Cache-Control", "private, no-store");
    mdd_field(w, "Cross-Origin-Opener-Policy", "same-origin");
}


static void
head(mdd_web_t *w, const char *title)
{
    mdd_html_f(&w->out->body,
        "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">"
        "\n<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>%s \xc2\xb7 %s</title>\n"
        "<link rel=\"stylesheet\" href=\"/moderation/static/console.css\">\n"
        "<link rel=\"stylesheet\" href=\"/moderation/static/report.css\">\n"
        "<script src=\"/moderation/static/console.js\" defer></script>\n"
        "</head>\n", w->zh ? "zh-CN" : "en", title,
        T(w, "复核台", "Review desk"));
}


void
mdd_page_form(mdd_web_t *w, const char *action, const char *back)
{
    char  token[65];

    mdd_token(w, w->now / 86400000, token);
    mdd_html_f(&w->out->body,
        "<form method=\"post\" action=\"/moderation/v1/%s\">"
        "<input type=\"hidden\" name=\"token\" value=\"%s\">"
        "<input type=\"hidden\" name=\"back\" value=\"%s\">",
        action, token, back);
}


mdd_buf_t *
mdd_page_plain(mdd_web_t *w, const char *title)
{
    fields(w, 200);
    mdd_html_f(&w->out->body,
        "<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">"
        "\n<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>%s</title>\n<link rel=\"stylesheet\" href=\"/moderation/public"
        "/static/console.css\">\n</head>\n<body><main id=\"main\" "
        "class=\"alone\">", w->zh ? "zh-CN" : "en", title);

    return &w->out->body;
}


/* which keys this screen has: shown by the script, when `?` is pressed */

static void
keys(mdd_web_t *w, const char *active)
{
    int          n = 0;
    size_t       i;
    mdd_buf_t   *b = &w->out->body;

    mdd_html_f(b, "<dialog id=\"keys\" aria-labelledby=\"keys-name\"><h2 id="
               "\"keys-name\">%s</h2>", T(w, "按键", "Keys"));

    if (strcmp(active, "queue") == 0) {
        mdd_html_f(b, "<p><kbd>F</kbd> %s<p><kbd>R</kbd> %s<p><kbd>E</kbd> %s"
            "<p><kbd>A</kbd> %s<p><kbd>N</kbd> %s<p><kbd>S</kbd> %s<p>"
            "<kbd>U</kbd> <kbd>Z</kbd> %s<p><kbd>J</kbd> <kbd>K</kbd> %s",
            T(w, "放行", "release"),
            T(w, "驳回：再按 R 用规则的理由，或按 1–9",
              "reject: R again for the rule, or 1–9"),
            T(w, "上报", "escalate"),
            T(w, "请人再看", "ask for a second look"),
            T(w, "备注；回车离开", "note; Enter leaves it"),
            T(w, "跳过", "skip"), T(w, "撤销，可连按", "undo, one after another"),
            T(w, "下一条、上一条", "next, previous"));
    }

    if (strcmp(active, "alarms") == 0) {
        mdd_html_f(b, "<p><kbd>M</kbd> %s",
                   T(w, "静音 4 小时", "mute for 4 h"));
    }

    mdd_html_f(b, "<p><kbd>/</kbd> %s",
               T(w, "到第一个输入框", "the first field"));

    for (i = 0; i < sizeof(screens) / sizeof(screens[0]) && n < 10; i++) {
        if (screens[i].roles & w->who.roles) {
            mdd_html_f(b, "<p><kbd>G %d</kbd> %s", ++n % 10,
                       T(w, screens[i].zh, screens[i].en));
        }
    }

    mdd_html_f(b, "<p><kbd>Esc</kbd> %s</dialog>\n", T(w, "离开", "leave"));
}


mdd_buf_t *
mdd_page_begin(mdd_web_t *w, const char *title, const char *active)
{
    char        roles[128], token[65];
    size_t      i;
    mdd_buf_t  *b = &w->out->body;

    fields(w, 200);
    head(w, title);
    mdd_token(w, w->now / 86400000, token);

    mdd_html_f(b, "<body data-token=\"%s\" data-page=\"%s\">\n"
        "<a class=\"skip\" href=\"#main\">%s</a>\n<header class=\"top\">"
        "<a class=\"brand\" href=\"/moderation/\">%s</a>\n<nav aria-label="
        "\"%s\">", token, active, T(w, "跳到正文", "Skip to content"),
        T(w, "复核台", "Review desk"), T(w, "页面", "Screens"));

    for (i = 0; i < sizeof(screens) / sizeof(screens[0]); i++) {
        if (screens[i].roles & w->who.roles) {
            mdd_html_f(b, "<a href=\"/moderation/%s\"", screens[i].path);

            if (strcmp(active, screens[i].path) == 0) {
                mdd_html_f(b, " aria-current=\"page\"");
            }

            mdd_html_f(b, ">%s</a>\n", T(w, screens[i].zh, screens[i].en));
        }
    }

    mdd_html_f(b, "</nav>\n<div class=\"state\">");

    if (!w->who.casefile) {
        mdd_page_state(w);
    }

    mdd_roles_text(w->who.roles & ~(unsigned) MDD_VIEWER, roles);
    i = strcspn(roles, ",");
    roles[i] = '\0';
    mdd_html_f(b, "<span class=\"pill\">%s \xc2\xb7 %s</span>", w->who.name,
               mdd_word(w, roles[0] ? roles : "viewer"));

    mdd_page_form(w, "session/language", "");
    mdd_html_f(b, "<input type=\"hidden\" name=\"lang\" value=\"%s\">"
        "<button class=\"pill\" lang=\"%s\">%s</button></form></div>"
        "</header>\n",
        T(w, "en", "zh"), T(w, "en", "zh-CN"), T(w, "English", "中文"));

    keys(w, active);

    if (strcmp(active, "alarms") != 0 && !w->who.casefile) {
        mdd_page_strip(w);
    }

    mdd_html_f(b, "<main id=\"main\" class=\"%s\">\n", w->layout);

    return b;
}


void
mdd_page_end(mdd_web_t *w)
{
    const mdd_site_t  *site = site_of(w);

    mdd_html_f(&w->out->body, "</main>\n<footer class=\"foot\">");

    if (w->nseg > 0 && strcmp(w->seg[0], "public") == 0) {
        mdd_html_f(&w->out->body, "<a lang=\"%s\" href=\"?lang=%s",
                   T(w, "en", "zh-CN"), T(w, "en", "zh"));

        if (mdd_arg(w, "item")[0]) {
            mdd_html_f(&w->out->body, "&amp;item=");
            mdd_url(&w->out->body, mdd_arg(w, "item"));
        }

        if (mdd_arg(w, "page")[0]) {
            mdd_html_f(&w->out->body, "&amp;page=");
            mdd_url(&w->out->body, mdd_arg(w, "page"));
        }

        mdd_html_f(&w->out->body, "\">%s</a> \xc2\xb7 ",
                   T(w, "English", "中文"));
    }

    mdd_html_f(&w->out->body, "%s %s</footer>\n</body>\n</html>\n",
               T(w, "时间：", "Times:"),
               site && site->timezone ? site->timezone : "UTC");
}


/* what a person can do about it, where the call itself said nothing */

static const char *
advice(const mdd_web_t *w, int status, const char *error)
{
    if ((status == 403 && strcmp(error, "forbidden") != 0)
        || strcmp(error, "unsigned") == 0 || strcmp(error, "open") == 0)
    {
        status = 400;                   /* no role and no look helps */
    }

    switch (status) {
    case 401:
        return T(w, "请先登录，再打开这一页。", "Sign in, then open it again.");
    case 403:
        return T(w, "这一页要别的角色；角色由管理员给。",
                 "It takes another role, which an admin gives.");
    case 404:
        return T(w, "地址不对，或者它已不在了。",
                 "The address is wrong, or it is no longer there.");
    case 409:
        return T(w, "请重新打开，看看现在的样子。",
                 "Open it again to see how it stands now.");
    case 503:
        return T(w, "暂时存不进去，什么都没有改变。请过一会再试。",
                 "It cannot be stored just now; nothing has changed. "
                 "Try again in a while.");
    default:
        return T(w, "什么都没有改变。用浏览器的返回，填的内容还在。",
                 "Nothing has changed. Go back in the browser: what was "
                 "filled in is still there.");
    }
}


void
mdd_page_error(mdd_web_t *w, int status, const char *error,
    const char *detail, const char *field)
{
    int          anyone = w->nseg > 0 && strcmp(w->seg[0], "public") == 0;
    mdd_buf_t   *b = &w->out->body;
    const char  *title;

    title = status == 401 ? T(w, "尚未登录", "Not signed in")
            : status == 403 && strcmp(error, "code") != 0
              ? T(w, "无权", "Not allowed")
            : status == 404 ? T(w, "没有这一页", "Not found")
            : status == 409 && strcmp(error, "unsigned") != 0
              && strcmp(error, "open") != 0
              ? T(w, "有人先一步", "Somebody was first")
            : T(w, "没有做成", "Not done");
    w->layout = "alone";

    if (anyone) {
        mdd_page_plain(w, title);

    } else if (w->who.roles && w->db) {
        mdd_page_begin(w, title, "error");

    } else {
        fields(w, status);
        head(w, title);
        mdd_html_f(b, "<body data-page=\"error\"><main id=\"main\" "
                   "class=\"alone\">");
    }

    w->out->status = status;
    mdd_html_f(b, "<h1>%s</h1>", title);

    if (detail && *detail) {
        mdd_html_f(b, "<p role=\"alert\">%s</p>", mdd_word(w, detail));
    }

    if (field && *field) {
        mdd_html_f(b, "<p>%s <code>%s</code></p>", T(w, "在这一项：",
                   "In this field:"), mdd_word(w, field));
    }

    mdd_html_f(b, "<p>%s</p><p class=\"dim\">%d %s</p>"
        "<p><a href=\"%s\">%s</a></p>", advice(w, status, error), status, error,
        anyone ? "/moderation/public/report" : "/moderation/",
        anyone ? T(w, "举报页", "The report form")
        : T(w, "回到复核台", "To the desk"));
    mdd_page_end(w);
}


void
mdd_page_static(mdd_web_t *w)
{
    char                 etag[40];
    size_t               i, n;
    uint64_t             h = 1469598103934665603u;
    const mdd_static_t  *f = mdd_static(w->seg[w->nseg - 1]);

    if (f == NULL) {
        mdd_error(w, 404, "not_found", "", NULL);
        return;
    }

    n = (size_t) (f->end - f->data);

    for (i = 0; i < n; i++) {
        h = (h ^ (uint8_t) f->data[i]) * 1099511628211u;
    }

    snprintf(etag, sizeof(etag), "\"%016llx\"", (unsigned long long) h);
    mdd_field(w, "Cache-Control", "private, no-cache");

    if (!mdd_unchanged(w, etag)) {
        w->out->type = f->type;
        mdd_buf_add(&w->out->body, f->data, n);
    }
}
