/*
 * ngx_http_moderation_status_html.c - policies and counters as a page for
 * people: what is live, what was refused, what is held back, what was done.
 *
 * It says what the JSON says, asks itself again every five seconds, and has
 * no script.
 */


#include "ngx_http_moderation_status.h"
#include "messages/messages.h"


/* a text in English and in Chinese; the caller picks */

typedef struct {
    const char  *en, *zh;
} ngx_http_moderation_word_t;

enum {
    WORD_TITLE, WORD_POLICIES, WORD_NAME, WORD_PATH, WORD_LIVE, WORD_AGE, WORD_GENERATION, WORD_RULES,
    WORD_TERMS, WORD_STATE, WORD_OK, WORD_CANDIDATE, WORD_REFUSED, WORD_SHADOW, WORD_RULE, WORD_WHY,
    WORD_NONE, WORD_NUMBERS, WORD_RESPONSES, WORD_ITEMS, WORD_HITS, WORD_REMOVED, WORD_HELD,
    WORD_MASKED, WORD_TAGGED, WORD_OVER, WORD_BYTES, WORD_TIME, WORD_ERRORS, WORD_DONE, WORD_SLOT,
    WORD_ACTION, WORD_MODE, WORD_BRAKES, WORD_TRIPPED, WORD_NO_ZONE, WORD_MORE, WORD_WORDS
};

static const ngx_http_moderation_word_t  words[WORD_WORDS] = {
    { "Moderation status", "审核过滤器状态" },
    { "Policies", "策略" },
    { "policy", "策略名" },
    { "path", "路径" },
    { "hash", "摘要" },
    { "live for", "已生效" },
    { "generation", "版次" },
    { "rules", "规则数" },
    { "terms", "词条数" },
    { "state", "状态" },
    { "live", "生效中" },
    { "candidate, compared only", "候选，仅对比" },
    { "a newer version is refused, the last good one serves",
      "新版本被拒绝，继续使用上一个有效版本" },
    { "Rules held back (in shadow)", "被压下的规则（影子模式）" },
    { "rule", "规则" },
    { "why", "原因" },
    { "none", "无" },
    { "Since the start", "启动以来" },
    { "responses inspected", "检查的应答" },
    { "items", "条目" },
    { "hits", "命中处" },
    { "removed", "移除" },
    { "of these held for review", "其中等待复审" },
    { "masked", "打码" },
    { "tagged", "标记" },
    { "left out, list full", "列表已满未展示" },
    { "bytes inspected", "检查的字节" },
    { "mean time a response", "每个应答平均耗时" },
    { "What could not be inspected", "无法检查的" },
    { "What rules did", "规则的处置" },
    { "slot", "位置" },
    { "action", "处置" },
    { "mode", "模式" },
    { "Brakes", "刹车" },
    { "tripped", "已触发" },
    { "No moderation_zone: only what this worker knows of its policies.",
      "未配置 moderation_zone：仅显示本进程的策略。" },
    { "the same as JSON", "JSON 格式" }
};

static const char  style[] =
    ":root{color-scheme:light dark;--line:#d9dde2;--dim:#667;--bad:#b3261e}"
    "@media(prefers-color-scheme:dark){:root{--line:#3a4047;--dim:#9aa4ae;"
    "--bad:#f28b82}}"
    "body{font:14px/1.5 system-ui,sans-serif;margin:0 auto;max-width:70em;"
    "padding:1em}h1{font-size:1.3em}h2{font-size:1.05em;margin:1.6em 0 .4em}"
    "div{overflow-x:auto}table{border-collapse:collapse}"
    "th,td{text-align:left;padding:.2em .9em .2em 0;vertical-align:top;"
    "border-bottom:1px solid var(--line)}th{font-weight:normal;"
    "color:var(--dim)}td.n{text-align:right;font-variant-numeric:"
    "tabular-nums}.bad{color:var(--bad);font-weight:600}"
    "footer{color:var(--dim);margin-top:2em}code{font-size:.9em}";


/* text in HTML: the only way in which bytes of a policy get into the page */

void
ngx_http_moderation_html(ngx_http_moderation_out_t *o, const void *data,
    size_t n)
{
    size_t         i, from;
    const char    *name;
    const u_char  *s;

    s = data;

    for (i = 0, from = 0; i < n; i++) {

        switch (s[i]) {
        case '<':  name = "&lt;";    break;
        case '>':  name = "&gt;";    break;
        case '&':  name = "&amp;";   break;
        case '"':  name = "&quot;";  break;
        case '\'': name = "&#39;";   break;
        default:   continue;
        }

        ngx_http_moderation_put(o, s + from, i - from);
        ngx_http_moderation_print(o, name);
        from = i + 1;
    }

    ngx_http_moderation_put(o, s + from, i - from);
}


void
ngx_http_moderation_cell(ngx_http_moderation_out_t *o, const void *s,
    size_t n)
{
    ngx_http_moderation_print(o, "<td>");
    ngx_http_moderation_html(o, s, n);
    ngx_http_moderation_print(o, "</td>");
}


static void
ngx_http_moderation_number(ngx_http_moderation_out_t *o,
    ngx_atomic_uint_t value)
{
    ngx_http_moderation_print(o, "<td class=n>%uA</td>", value);
}


/* the head of a table, of some words */

static void
ngx_http_moderation_head(ngx_http_moderation_out_t *o, ngx_uint_t zh,
    ngx_uint_t title, const ngx_uint_t *columns, ngx_uint_t n)
{
    ngx_uint_t   i;
    const char  *w;

    w = zh ? words[title].zh : words[title].en;
    ngx_http_moderation_print(o, "<h2>%s</h2>\n<div><table><tr>", w);

    for (i = 0; i < n; i++) {
        w = zh ? words[columns[i]].zh : words[columns[i]].en;
        ngx_http_moderation_print(o, "<th>%s</th>", w);
    }

    ngx_http_moderation_print(o, "</tr>\n");
}


static void
ngx_http_moderation_html_policies(ngx_http_moderation_out_t *o,
    ngx_array_t *stores, ngx_uint_t zh)
{
    char                            said[1024];
    u_char                         *refusal;
    ngx_uint_t                      i, state;
    const char                     *why;
    mdr_policy_info_t               info;
    ngx_http_moderation_store_t    *store, **all;
    ngx_http_moderation_zstore_t   *s;

    static const ngx_uint_t  columns[] = {
        WORD_NAME, WORD_PATH, WORD_LIVE, WORD_AGE, WORD_GENERATION, WORD_RULES, WORD_TERMS, WORD_STATE
    };

    ngx_http_moderation_head(o, zh, WORD_POLICIES, columns, 8);

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        store = all[i];
        s = store->shared;
        mdr_policy_info(store->gen->policy, &info);
        refusal = s != NULL ? s->refusal : store->refusal;

        ngx_http_moderation_print(o, "<tr>");
        ngx_http_moderation_cell(o, info.name.data, info.name.len);
        ngx_http_moderation_cell(o, store->path.data, store->path.len);
        ngx_http_moderation_print(o, "<td><code>%*s</code></td>"
                                  "<td class=n>%T s</td>", (size_t) 12,
                                  store->gen->hash,
                                  ngx_time() - store->gen->loaded);
        ngx_http_moderation_number(o, s != NULL ? s->serial / 2
                                   : (ngx_atomic_uint_t) store->reloads + 1);
        ngx_http_moderation_number(o, info.rules);
        ngx_http_moderation_number(o, info.terms);

        state = refusal[0] != '\0' ? WORD_REFUSED
                : store->candidate ? WORD_CANDIDATE : WORD_OK;

        ngx_http_moderation_print(o, "<td%s>%s",
                                  state == WORD_REFUSED ? " class=bad" : "",
                                  zh ? words[state].zh : words[state].en);

        if (state == WORD_REFUSED) {
            why = (char *) refusal;

            if (zh) {
                why = mdr_say_line_zh(why, said, sizeof(said));
            }

            ngx_http_moderation_print(o, "<br><code>");
            ngx_http_moderation_html(o, why, ngx_strlen(why));
            ngx_http_moderation_print(o, "</code>");
        }

        ngx_http_moderation_print(o, "</td></tr>\n");
    }

    ngx_http_moderation_print(o, "</table></div>\n");
}


static void
ngx_http_moderation_html_shadow(ngx_http_moderation_out_t *o,
    ngx_array_t *stores, ngx_uint_t zh)
{
    uint32_t                       r;
    ngx_uint_t                     i, k, n, why;
    mdr_rule_info_t                rule;
    ngx_http_moderation_store_t  **all;

    static const ngx_uint_t  columns[] = { WORD_RULE, WORD_WHY };

    ngx_http_moderation_head(o, zh, WORD_SHADOW, columns, 2);

    all = stores->elts;
    n = 0;

    for (i = 0; i < stores->nelts; i++) {
        for (r = 0; r < all[i]->gen->nrules; r++) {
            why = ngx_http_moderation_why(all[i]->gen, r, &rule);

            for (k = 0; why >> k != 0; k++) {
                if (why >> k & 1) {
                    ngx_http_moderation_print(o, "<tr>");
                    ngx_http_moderation_cell(o, rule.id.data, rule.id.len);
                    ngx_http_moderation_print(o, "<td>%s</td></tr>\n",
                                          ngx_http_moderation_status_whys[k]);
                    n++;
                }
            }
        }
    }

    if (n == 0) {
        ngx_http_moderation_print(o, "<tr><td>%s</td><td></td></tr>\n",
                                  zh ? words[WORD_NONE].zh : words[WORD_NONE].en);
    }

    ngx_http_moderation_print(o, "</table></div>\n");
}


static void
ngx_http_moderation_html_numbers(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zdata_t *d, ngx_uint_t zh)
{
    ngx_uint_t  i, n;

    const struct {
        ngx_uint_t         word;
        ngx_atomic_uint_t  value;
    } rows[] = {
        { WORD_RESPONSES, d->responses },
        { WORD_ITEMS, d->items },
        { WORD_HITS, d->hits },
        { WORD_REMOVED, d->removed },
        { WORD_HELD, d->held },
        { WORD_MASKED, d->masked },
        { WORD_TAGGED, d->tagged },
        { WORD_OVER, d->over_limit },
        { WORD_BYTES, d->bytes }
    };

    ngx_http_moderation_head(o, zh, WORD_NUMBERS, NULL, 0);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ngx_http_moderation_print(o, "<tr><td>%s</td>",
                                  zh ? words[rows[i].word].zh
                                     : words[rows[i].word].en);
        ngx_http_moderation_number(o, rows[i].value);
        ngx_http_moderation_print(o, "</tr>\n");
    }

    ngx_http_moderation_print(o, "<tr><td>%s</td><td class=n>%uA µs</td>"
                              "</tr>\n</table></div>\n",
                              zh ? words[WORD_TIME].zh : words[WORD_TIME].en,
                              d->responses != 0
                              ? d->time_ns / d->responses / 1000 : 0);

    ngx_http_moderation_head(o, zh, WORD_ERRORS, NULL, 0);

    for (i = 0, n = 0; i < MDL_ERRS; i++) {
        if (d->errors[i] != 0) {
            ngx_http_moderation_print(o, "<tr><td>%s</td>",
                                      mdl_errors[i]);
            ngx_http_moderation_number(o, d->errors[i]);
            ngx_http_moderation_print(o, "</tr>\n");
            n++;
        }
    }

    if (n == 0) {
        ngx_http_moderation_print(o, "<tr><td>%s</td></tr>\n",
                                  zh ? words[WORD_NONE].zh : words[WORD_NONE].en);
    }

    ngx_http_moderation_print(o, "</table></div>\n");
}


static void
ngx_http_moderation_html_rules(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_uint_t zh)
{
    ngx_uint_t                     i;
    ngx_http_moderation_zcount_t  *c;
    ngx_http_moderation_zbrake_t  *b;

    static const ngx_uint_t  done[] = {
        WORD_RULE, WORD_SLOT, WORD_ACTION, WORD_MODE, WORD_ITEMS
    };
    static const ngx_uint_t  brakes[] = {
        WORD_RULE, WORD_SLOT, WORD_HITS, WORD_ITEMS, WORD_TRIPPED
    };

    ngx_http_moderation_head(o, zh, WORD_DONE, done, 5);

    for (i = 0; i < zone->data->ncounts; i++) {
        c = &zone->counts[i];

        if (c->key.state != 2
            || c->key.kind != NGX_HTTP_MODERATION_COUNT_ITEMS)
        {
            continue;
        }

        ngx_http_moderation_print(o, "<tr>");
        ngx_http_moderation_cell(o, c->key.rule, ngx_strlen(c->key.rule));
        ngx_http_moderation_cell(o, c->key.slot, ngx_strlen(c->key.slot));
        ngx_http_moderation_print(o, "<td>%s</td><td>%s</td>",
                         mdl_actions[c->key.action % MDL_ACTIONS],
                            mdl_modes[c->key.mode % MDL_MODES]);
        ngx_http_moderation_number(o, c->value);
        ngx_http_moderation_print(o, "</tr>\n");
    }

    ngx_http_moderation_print(o, "</table></div>\n");

    ngx_http_moderation_head(o, zh, WORD_BRAKES, brakes, 5);

    for (i = 0; i < zone->data->nbrakes; i++) {
        b = &zone->brakes[i];

        if (b->key.state != 2) {
            continue;
        }

        ngx_http_moderation_print(o, "<tr>");
        ngx_http_moderation_cell(o, b->key.rule, ngx_strlen(b->key.rule));
        ngx_http_moderation_cell(o, b->key.slot, ngx_strlen(b->key.slot));
        ngx_http_moderation_number(o, b->hits[0] + b->hits[1]);
        ngx_http_moderation_number(o, b->items[0] + b->items[1]);
        ngx_http_moderation_print(o, "<td%s</td></tr>\n",
                                  b->tripped == 0 ? ">"
                                  : zh ? " class=bad>是" : " class=bad>yes");
    }

    ngx_http_moderation_print(o, "</table></div>\n");
}


void
ngx_http_moderation_page(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores, ngx_uint_t zh)
{
    const char  *title;

    title = zh ? words[WORD_TITLE].zh : words[WORD_TITLE].en;

    ngx_http_moderation_print(o, "<!DOCTYPE html>\n<html lang=%s><head>"
                              "<meta charset=utf-8><meta name=viewport "
                              "content=\"width=device-width\">"
                              "<meta http-equiv=refresh content=5>"
                              "<title>%s</title>\n<style>",
                              zh ? "zh-CN" : "en", title);
    ngx_http_moderation_put(o, (u_char *) style, sizeof(style) - 1);
    ngx_http_moderation_print(o, "</style></head>\n<body><h1>%s</h1>\n",
                              title);

    ngx_http_moderation_html_policies(o, stores, zh);
    ngx_http_moderation_html_shadow(o, stores, zh);
    ngx_http_moderation_html_verdicts(o, stores, zh);
    ngx_http_moderation_html_places(o, zh);

    if (zone != NULL && zone->data != NULL) {
        ngx_http_moderation_html_numbers(o, zone->data, zh);
        ngx_http_moderation_html_slots(o, zone, stores, zh);
        ngx_http_moderation_html_pages(o, zone, zh);
        ngx_http_moderation_html_rules(o, zone, zh);

    } else {
        ngx_http_moderation_print(o, "<p>%s</p>\n",
                                  zh ? words[WORD_NO_ZONE].zh
                                     : words[WORD_NO_ZONE].en);
    }

    ngx_http_moderation_print(o, "<footer>moderation " MDR_VERSION ", nginx "
                              NGINX_VERSION ", pid %P · "
                              "<a href=\"?format=json\">%s</a> · "
                              "<a href=\"?format=prometheus\">Prometheus</a>"
                              "</footer></body></html>\n", ngx_pid,
                              zh ? words[WORD_MORE].zh : words[WORD_MORE].en);
}
