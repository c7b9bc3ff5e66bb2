/*
 * page.c - what every screen has: the strict header fields, the head with
 * navigation and state, forms, times, words.
 *
 * Nothing inline: no script, no style attribute, no handler; the policy of the
 * page allows the two files of static.c and pictures of our own, nothing else.
 */

#include "page.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
    const char  *path, *zh, *en;
    unsigned     roles;
} screens[] = {
    { "queue", "队列", "Queue", MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE },
    { "decisions", "决定", "Decisions", 0xff },
    { "cases", "举报", "Reports", MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE },
    { "accounts", "账号", "Accounts", 0xff },
    { "rules", "规则", "Rules", 0xff },
    { "alarms", "预警", "Alarms", 0xff },
    { "orders", "指令", "Orders", 0xff },
    { "pending", "会签", "Signatures", 0xff },
    { "handover", "交接", "Handover", MDD_REVIEWER|MDD_LEAD|MDD_TRAINEE },
    { "people", "人员", "People", 0xff },
    { "ledger", "台账", "Ledger", 0xff }
};

static const struct { const char *word, *zh, *en; } dictionary[] = {
    { "none", "放过", "passed" },
    { "tag", "标记", "tagged" },
    { "mask", "打码", "masked" },
    { "hold", "扣住", "held" },
    { "block", "拦下", "blocked" },
    { "effective", "属实", "effective" },
    { "late", "属实，已先处理", "effective, but late" },
    { "valid", "有理由，未采纳", "valid, not acted on" },
    { "wrong", "不属实", "wrong" },
    { "abusive", "滥用", "abusive" },
    { "duplicate", "重复", "duplicate" },
    { "verdicts", "放行表", "verdict tables" },
    { "lost", "丢失", "lost" },
    { "overdue", "逾期", "overdue" },
    { "nobody", "无人在岗", "nobody on duty" },
    { "case", "举报逾期", "reports overdue" },
    { "quiet", "无新记录", "quiet" },
    { "expires", "规则将到期", "rule expires" },
    { "watched", "关注", "watched" },
    { "limited", "限制", "limited" },
    { "suspended", "停播", "suspended" },
    { "closed", "关闭", "closed" },
    { "trusted", "信任", "trusted" },
    { "live", "有效", "live" },
    { "ended", "已到期", "ended" },
    { "lapsed", "未确认失效", "lapsed" },
    { "lifted", "已撤回", "lifted" },
    { "approved", "已签署", "signed" },
    { "bulk", "批量", "bulk" },
    { "erase", "删除", "erase" },
    { "import", "导入", "import" },
    { "adopt", "沿用", "adopt" },
    { "item", "房间", "room" },
    { "url", "网址", "URL" },
    { "phrase", "词句", "phrase" },
    { "office", "主管部门", "office" },
    { "court", "法院", "court" },
    { "internal", "内部", "internal" },
    { "withdrawn", "已退出队列", "withdrawn" },
    { "rule", "规则", "rule" },
    { "review", "复核", "review" },
    { "order", "指令", "order" },
    { "account", "账号", "account" },
    { "page", "页面", "page" },
    { "limit", "限量", "limit" },
    { "too_large", "过大", "too large" },
    { "released", "已放行", "released" },
    { "rejected", "已驳回", "rejected" },
    { "pending", "待审", "waiting" },
    { "waiting", "待审", "waiting" },
    { "escalated", "已上报", "escalated" },
    { "asked", "请再看", "second look" },
    { "adopted", "沿用", "adopted" },
    { "expired", "已到期", "expired" },
    { "shadow", "影子", "shadow" },
    { "enforce", "执行", "enforce" },
    { "open", "放开", "open" },
    { "low", "低", "low" },
    { "medium", "中", "medium" },
    { "high", "高", "high" },
    { "decision", "决定", "decision" },
    { "sample", "抽样", "sample" },
    { "error", "未能检查", "not inspected" },
    { "release", "放行", "release" },
    { "reject", "驳回", "reject" },
    { "escalate", "上报", "escalate" },
    { "ask", "请人再看", "ask" },
    { "viewer", "旁观", "viewer" },
    { "trainee", "见习", "trainee" },
    { "reviewer", "复核员", "reviewer" },
    { "lead", "组长", "lead" },
    { "policy", "规则员", "policy" },
    { "auditor", "审计", "auditor" },
    { "inspector", "检查", "inspector" },
    { "admin", "管理", "admin" },
    { "title", "标题", "Title" },
    { "nickname", "昵称", "Nickname" },
    { "room", "房间", "Room" },
    { "shown", "显示的标题", "Shown title" },
    { "text", "正文", "Text" },
    { "cover", "封面", "Cover" }
};


const char *
mdd_word(const mdd_web_t *w, const char *word)
{
    size_t  i;

    for (i = 0; i < sizeof(dictionary) / sizeof(dictionary[0]); i++) {
        if (strcmp(dictionary[i].word, word) == 0) {
            return w->zh ? dictionary[i].zh : dictionary[i].en;
        }
    }

    return word;
}


void
mdd_page_time(mdd_web_t *w, int64_t ms)
{
    char       text[32], full[40];
    time_t     t = (time_t) (ms / 1000);
    struct tm  tm;

    localtime_r(&t, &tm);
    strftime(text, sizeof(text), "%m-%d %H:%M:%S", &tm);
    strftime(full, sizeof(full), "%Y-%m-%dT%H:%M:%S%z", &tm);
    mdd_html_f(&w->out->body, "<time datetime=\"%s\">%s</time>", full, text);
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
    mdd_page_state(w);

    mdd_roles_text(w->who.roles & ~(unsigned) MDD_VIEWER, roles);
    i = strcspn(roles, ",");
    roles[i] = '\0';
    mdd_html_f(b, "<span class=\"pill\">%s \xc2\xb7 %s</span>", w->who.name,
               mdd_word(w, roles[0] ? roles : "viewer"));

    mdd_page_form(w, "session/language", "");
    mdd_html_f(b, "<input type=\"hidden\" name=\"lang\" value=\"%s\">"
        "<button class=\"pill\" lang=\"%s\">%s</button></form></div>"
        "</header>\n<main id=\"main\" class=\"%s\">\n",
        T(w, "en", "zh"), T(w, "en", "zh-CN"), T(w, "English", "中文"),
        w->layout);

    return b;
}


void
mdd_page_end(mdd_web_t *w)
{
    mdd_html_f(&w->out->body, "</main>\n</body>\n</html>\n");
}


void
mdd_page_error(mdd_web_t *w, int status, const char *error,
    const char *detail)
{
    mdd_buf_t   *b = &w->out->body;
    const char  *title;

    title = status == 401 ? T(w, "尚未登录", "Not signed in")
            : status == 403 ? T(w, "无权", "Not allowed")
            : status == 404 ? T(w, "没有这一页", "Not found")
            : status == 409 ? T(w, "有人先一步", "Somebody was first")
            : T(w, "没有做成", "Not done");

    if (w->nseg > 0 && strcmp(w->seg[0], "public") == 0) {
        mdd_page_plain(w, title);
        w->out->status = status;

    } else {
        fields(w, status);
        head(w, title);
        mdd_html_f(b, "<body data-page=\"error\"><main id=\"main\" "
                   "class=\"alone\">");
    }

    mdd_html_f(b, "<h1>%s</h1><p>%s</p><p class=\"dim\">%d %s</p>"
        "<p><a href=\"/moderation/\">%s</a></p>", title,
        detail ? detail : "", status, error, T(w, "返回", "Back"));
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
