/*
 * ngx_http_moderation_status_slots.c - what each slot of the live policies has
 * found, and whether it finds nothing any more, in the status.
 */


#include "ngx_http_moderation_status.h"


typedef struct {
    mdr_str_t                     name;
    ngx_http_moderation_zslot_t  *s;            /* NULL: no item ever        */
    ngx_uint_t                    silent;
} ngx_http_moderation_slot_row_t;


/* the slots of the policies that decide, each name once; NULL: no memory */

static ngx_array_t *
ngx_http_moderation_slot_rows(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores)
{
    mdr_str_t                        name;
    ngx_uint_t                       i, k, n;
    ngx_array_t                     *rows;
    ngx_http_moderation_gen_t       *gen;
    ngx_http_moderation_store_t    **all;
    ngx_http_moderation_slot_row_t  *row;

    rows = ngx_array_create(o->pool, 8,
                            sizeof(ngx_http_moderation_slot_row_t));
    if (rows == NULL) {
        return NULL;
    }

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        gen = all[i]->gen;

        for (k = 0; !all[i]->candidate && k < gen->nslots; k++) {
            name = mdr_policy_slot_name(gen->policy, (uint32_t) k);
            row = rows->elts;

            for (n = 0; n < rows->nelts; n++) {
                if (row[n].name.len == name.len
                    && ngx_memcmp(row[n].name.data, name.data, name.len) == 0)
                {
                    break;
                }
            }

            if (n < rows->nelts) {
                continue;
            }

            row = ngx_array_push(rows);
            if (row == NULL) {
                return NULL;
            }

            row->name = name;
            row->s = ngx_http_moderation_slot(zone, name, 0);
            row->silent = row->s != NULL
                          && ngx_http_moderation_slot_silent(zone, row->s);
        }
    }

    return rows;
}


void
ngx_http_moderation_json_slots(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores)
{
    ngx_uint_t                       i;
    ngx_array_t                     *rows;
    ngx_http_moderation_slot_row_t  *row;

    rows = ngx_http_moderation_slot_rows(o, zone, stores);
    row = rows != NULL ? rows->elts : NULL;

    ngx_http_moderation_print(o, ",\n\"slots\":[");

    for (i = 0; rows != NULL && i < rows->nelts; i++) {
        ngx_http_moderation_print(o, i ? ",\n{\"slot\":\"" : "\n{\"slot\":\"");
        ngx_http_moderation_quoted(o, (u_char *) row[i].name.data,
                                   row[i].name.len, 1);
        ngx_http_moderation_print(o, "\",\"items\":%uA,\"last_item_age\":",
                                  row[i].s != NULL ? row[i].s->items : 0);

        if (row[i].s != NULL && row[i].s->touched != 0) {
            ngx_http_moderation_print(o, "%T", ngx_time()
                                               - (time_t) row[i].s->touched);
        } else {
            ngx_http_moderation_print(o, "null");
        }

        ngx_http_moderation_print(o, ",\"silent\":%s}",
                                  row[i].silent ? "true" : "false");
    }

    ngx_http_moderation_print(o, "]");
}


void
ngx_http_moderation_html_slots(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores, ngx_uint_t zh)
{
    ngx_uint_t                       i;
    ngx_array_t                     *rows;
    ngx_http_moderation_slot_row_t  *row;

    rows = ngx_http_moderation_slot_rows(o, zone, stores);
    row = rows != NULL ? rows->elts : NULL;

    ngx_http_moderation_print(o, zh
            ? "<h2>各位置的条目</h2>\n<div><table><tr><th>位置</th>"
              "<th>条目</th><th>最近一个条目</th><th></th></tr>\n"
            : "<h2>Slots</h2>\n<div><table><tr><th>slot</th><th>items</th>"
              "<th>last item</th><th></th></tr>\n");

    for (i = 0; rows != NULL && i < rows->nelts; i++) {
        ngx_http_moderation_print(o, "<tr>");
        ngx_http_moderation_cell(o, row[i].name.data, row[i].name.len);

        if (row[i].s == NULL || row[i].s->touched == 0) {
            ngx_http_moderation_print(o, "<td class=n>0</td><td></td><td>%s"
                                      "</td></tr>\n",
                                      zh ? "还没有过条目" : "no item yet");
            continue;
        }

        ngx_http_moderation_print(o, zh ? "<td class=n>%uA</td>"
                                          "<td class=n>%T 秒前</td>"
                                        : "<td class=n>%uA</td>"
                                          "<td class=n>%T s ago</td>",
                                  row[i].s->items,
                                  ngx_time() - (time_t) row[i].s->touched);
        ngx_http_moderation_print(o, "<td%s</td></tr>\n",
                                  !row[i].silent ? ">"
                                  : zh ? " class=bad>再也找不到条目：页面改版了？"
                                       : " class=bad>finds nothing any more: "
                                         "has the page changed?");
    }

    ngx_http_moderation_print(o, "</table></div>\n");
}


void
ngx_http_moderation_prometheus_slots(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores)
{
    ngx_uint_t                       i, k;
    ngx_array_t                     *rows;
    ngx_http_moderation_slot_row_t  *row;

    static const struct {
        const char  *name, *type, *help;
    } families[] = {
        { "slot_items_total", "counter", "Items of a slot." },
        { "slot_last_item_timestamp_seconds", "gauge",
          "When the last item of a slot was seen; none: never." },
        { "slot_silent", "gauge",
          "1: the slot found items and finds nothing any more." }
    };

    rows = ngx_http_moderation_slot_rows(o, zone, stores);
    row = rows != NULL ? rows->elts : NULL;

    for (k = 0; rows != NULL && k < 3; k++) {
        ngx_http_moderation_print(o, "# HELP moderation_%s %s\n"
                                  "# TYPE moderation_%s %s\n",
                                  families[k].name, families[k].help,
                                  families[k].name, families[k].type);

        for (i = 0; i < rows->nelts; i++) {
            if (k == 1 && (row[i].s == NULL || row[i].s->touched == 0)) {
                continue;
            }

            ngx_http_moderation_print(o, "moderation_%s{slot=\"",
                                      families[k].name);
            ngx_http_moderation_quoted(o, (u_char *) row[i].name.data,
                                       row[i].name.len, 0);
            ngx_http_moderation_print(o, "\"} %uA\n",
                                      k == 2 ? row[i].silent
                                      : row[i].s == NULL ? 0
                                      : k == 0 ? row[i].s->items
                                               : row[i].s->touched);
        }
    }
}
