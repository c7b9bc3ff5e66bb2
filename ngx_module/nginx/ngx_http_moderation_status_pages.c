/*
 * ngx_http_moderation_status_pages.c - what was found in pages as a whole, in
 * the status.
 */


#include "ngx_http_moderation_status.h"


/* the next counter of a finding, from *i on, or NULL */

static ngx_http_moderation_zcount_t *
ngx_http_moderation_page_next(ngx_http_moderation_zone_t *zone, ngx_uint_t *i)
{
    ngx_http_moderation_zcount_t  *c;

    while (*i < zone->data->ncounts) {
        c = &zone->counts[(*i)++];

        if (c->key.state == 2
            && c->key.kind == NGX_HTTP_MODERATION_COUNT_PAGE)
        {
            return c;
        }
    }

    return NULL;
}


static void
ngx_http_moderation_page_text(ngx_http_moderation_out_t *o, const char *name,
    u_char *text, ngx_uint_t json)
{
    ngx_http_moderation_print(o, json ? "\"%s\":\"" : "%s=\"", name);
    ngx_http_moderation_quoted(o, text, ngx_strlen(text), json);
    ngx_http_moderation_print(o, "\"");
}


void
ngx_http_moderation_json_pages(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone)
{
    ngx_uint_t                     i, n;
    ngx_http_moderation_zcount_t  *c;

    ngx_http_moderation_print(o, ",\n\"pages\":[");

    for (i = 0, n = 0;
         (c = ngx_http_moderation_page_next(zone, &i)) != NULL; n++)
    {
        ngx_http_moderation_print(o, n ? ",\n{" : "\n{");
        ngx_http_moderation_page_text(o, "page", c->key.slot, 1);
        ngx_http_moderation_print(o, ",\"finding\":\"%s\"",
                                  mdr_page_word(c->key.action));

        if (c->key.action <= MDR_PAGE_INSERTED) {
            ngx_http_moderation_print(o, ",");
            ngx_http_moderation_page_text(o, "require", c->key.rule, 1);
        }

        ngx_http_moderation_print(o, ",\"mode\":\"%s\",\"count\":%uA,"
                                  "\"last_age\":%T}",
                                  mdl_modes[c->key.mode % MDL_MODES],
                                  c->value,
                                  ngx_time() - (time_t) c->key.touched);
    }

    ngx_http_moderation_print(o, "]");
}


void
ngx_http_moderation_prometheus_pages(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone)
{
    ngx_uint_t                     i, n;
    ngx_http_moderation_zcount_t  *c;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    for (i = 0, n = 0;
         (c = ngx_http_moderation_page_next(zone, &i)) != NULL; n++)
    {
        if (n == 0) {
            ngx_http_moderation_print(o, "# HELP moderation_page_findings_"
                                  "total Findings in pages as a whole.\n"
                                  "# TYPE moderation_page_findings_total "
                                  "counter\n");
        }

        ngx_http_moderation_print(o, "moderation_page_findings_total{");
        ngx_http_moderation_page_text(o, "page", c->key.slot, 0);
        ngx_http_moderation_print(o, ",finding=\"%s\",",
                                  mdr_page_word(c->key.action));
        ngx_http_moderation_page_text(o, "require",
                                      c->key.action <= MDR_PAGE_INSERTED
                                      ? c->key.rule : (u_char *) "", 0);
        ngx_http_moderation_print(o, ",mode=\"%s\"} %uA\n",
                                  mdl_modes[c->key.mode % MDL_MODES],
                                  c->value);
    }
}


void
ngx_http_moderation_html_pages(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_uint_t zh)
{
    ngx_uint_t                     i, n;
    ngx_http_moderation_zcount_t  *c;

    for (i = 0, n = 0;
         (c = ngx_http_moderation_page_next(zone, &i)) != NULL; n++)
    {
        if (n == 0) {
            ngx_http_moderation_print(o, zh
                ? "<h2>页面检查</h2>\n<div><table><tr><th>页面</th>"
                  "<th>发现</th><th>要求</th><th>模式</th><th>次数</th></tr>\n"
                : "<h2>Pages</h2>\n<div><table><tr><th>page</th>"
                  "<th>finding</th><th>requirement</th><th>mode</th>"
                  "<th>count</th></tr>\n");
        }

        ngx_http_moderation_print(o, "<tr>");
        ngx_http_moderation_cell(o, c->key.slot, ngx_strlen(c->key.slot));
        ngx_http_moderation_print(o, "<td>%s</td>",
                                  mdr_page_word(c->key.action));
        ngx_http_moderation_cell(o, c->key.rule,
                                 c->key.action <= MDR_PAGE_INSERTED
                                 ? ngx_strlen(c->key.rule) : 0);
        ngx_http_moderation_print(o, "<td>%s</td><td class=n>%uA</td></tr>\n",
                                  mdl_modes[c->key.mode % MDL_MODES],
                                  c->value);
    }

    if (n != 0) {
        ngx_http_moderation_print(o, "</table></div>\n");
    }
}
