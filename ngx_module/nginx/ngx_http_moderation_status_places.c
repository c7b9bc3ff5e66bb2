/*
 * ngx_http_moderation_status_places.c - databases of places in the status, as
 * this worker has them.
 */


#include "ngx_http_moderation_status.h"
#include "ngx_http_moderation_geoip2.h"
#include "messages/messages.h"


static ngx_http_moderation_zgeo_t *
ngx_http_moderation_geo_zone(ngx_http_moderation_geo_t *geo)
{
    return *geo->zone != NULL && (*geo->zone)->data != NULL
           ? ngx_http_moderation_zone_geo(*geo->zone, geo->key) : NULL;
}


static ngx_uint_t
ngx_http_moderation_geo_value(ngx_http_moderation_geo_t *geo,
    ngx_uint_t what)
{
    mdr_geo_info_t               info;
    ngx_http_moderation_zgeo_t  *s;

    s = ngx_http_moderation_geo_zone(geo);

    switch (what) {

    case 0:
        mdr_geo_info(geo->db, &info);
        return (ngx_uint_t) info.built;

    case 1:
        return s != NULL ? s->reloads : geo->reloads;

    case 2:
        return s != NULL ? s->refusals : geo->refusals;

    default:
        return geo->refusal[0] != '\0';
    }
}


void
ngx_http_moderation_json_places(ngx_http_moderation_out_t *o)
{
    ngx_uint_t                  i;
    mdr_geo_info_t              info;
    ngx_http_moderation_geo_t  *geo;

    ngx_http_moderation_print(o, ",\n\"geoip2\":[");

    geo = o->geos->elts;

    for (i = 0; i < o->geos->nelts; i++, geo++) {
        mdr_geo_info(geo->db, &info);

        ngx_http_moderation_print(o, i ? ",\n{\"path\":\""
                                       : "\n{\"path\":\"");
        ngx_http_moderation_quoted(o, geo->file.data, geo->file.len, 1);
        ngx_http_moderation_print(o, "\",\"type\":\"");
        ngx_http_moderation_quoted(o, (u_char *) info.type,
                                   ngx_strlen(info.type), 1);
        ngx_http_moderation_print(o, "\",\"built\":%uL,\"nodes\":%uD,"
                                  "\"digest\":\"%s\",\"shared\":%s,"
                                  "\"age\":%T,\"reloads\":%ui,"
                                  "\"refusals\":%ui,\"refused\":",
                                  info.built, info.nodes, info.digest,
                                  info.shared ? "true" : "false",
                                  ngx_time() - geo->loaded,
                                  ngx_http_moderation_geo_value(geo, 1),
                                  ngx_http_moderation_geo_value(geo, 2));

        if (geo->refusal[0] == '\0') {
            ngx_http_moderation_print(o, "null}");
            continue;
        }

        ngx_http_moderation_print(o, "\"");
        ngx_http_moderation_quoted(o, geo->refusal,
                                   ngx_strlen(geo->refusal), 1);
        ngx_http_moderation_print(o, "\"}");
    }

    ngx_http_moderation_print(o, "]");
}


void
ngx_http_moderation_html_places(ngx_http_moderation_out_t *o, ngx_uint_t zh)
{
    char                        said[1024];
    ngx_uint_t                  i;
    const char                 *why;
    mdr_geo_info_t              info;
    ngx_http_moderation_geo_t  *geo;

    if (o->geos->nelts == 0) {
        return;
    }

    ngx_http_moderation_print(o, zh
        ? "<h2>属地数据库</h2>\n<div><table><tr><th>路径</th><th>类型</th>"
          "<th>生成至今</th><th>已生效</th><th>更新</th><th>拒绝</th>"
          "<th>状态</th></tr>\n"
        : "<h2>Databases of places</h2>\n<div><table><tr><th>path</th>"
          "<th>type</th><th>age</th><th>live for</th><th>reloads</th>"
          "<th>refusals</th><th>state</th></tr>\n");

    geo = o->geos->elts;

    for (i = 0; i < o->geos->nelts; i++, geo++) {
        mdr_geo_info(geo->db, &info);

        ngx_http_moderation_print(o, "<tr>");
        ngx_http_moderation_cell(o, geo->file.data, geo->file.len);
        ngx_http_moderation_cell(o, info.type, ngx_strlen(info.type));
        ngx_http_moderation_print(o, "<td class=n>%T %s</td>"
                                  "<td class=n>%T s</td><td class=n>%ui</td>"
                                  "<td class=n>%ui</td>",
                                  (ngx_time() - (time_t) info.built) / 86400,
                                  zh ? "天" : "days",
                                  ngx_time() - geo->loaded,
                                  ngx_http_moderation_geo_value(geo, 1),
                                  ngx_http_moderation_geo_value(geo, 2));

        if (geo->refusal[0] == '\0') {
            ngx_http_moderation_print(o, "<td>%s</td></tr>\n",
                                      zh ? "生效中" : "live");
            continue;
        }

        why = (char *) geo->refusal;

        if (zh) {
            why = mdr_say_line_zh(why, said, sizeof(said));
        }

        ngx_http_moderation_print(o, "<td class=bad>%s<br><code>", zh
            ? "新文件被拒绝，继续使用上一个" : "a newer file is refused, "
            "the last good one serves");
        ngx_http_moderation_html(o, why, ngx_strlen(why));
        ngx_http_moderation_print(o, "</code></td></tr>\n");
    }

    ngx_http_moderation_print(o, "</table></div>\n");
}


void
ngx_http_moderation_prometheus_places(ngx_http_moderation_out_t *o)
{
    ngx_uint_t                  i, what;
    ngx_http_moderation_geo_t  *geo;

    static const struct {
        const char  *name, *type, *help;
    } families[] = {
        { "geoip2_built_seconds", "gauge",
          "When the database in use was built, since 1970." },
        { "geoip2_reloads_total", "counter",
          "Databases that went live while nginx runs." },
        { "geoip2_refusals_total", "counter",
          "Databases that were refused." },
        { "geoip2_refused", "gauge",
          "1: what lies there is refused, the last good one serves." }
    };

    if (o->geos->nelts == 0) {
        return;
    }

    for (what = 0; what < 4; what++) {
        ngx_http_moderation_print(o, "# HELP moderation_%s %s\n"
                                  "# TYPE moderation_%s %s\n",
                                  families[what].name, families[what].help,
                                  families[what].name, families[what].type);

        geo = o->geos->elts;

        for (i = 0; i < o->geos->nelts; i++, geo++) {
            ngx_http_moderation_print(o, "moderation_%s{path=\"",
                                      families[what].name);
            ngx_http_moderation_quoted(o, geo->file.data, geo->file.len, 0);
            ngx_http_moderation_print(o, "\"} %ui\n",
                                ngx_http_moderation_geo_value(geo, what));
        }
    }
}
