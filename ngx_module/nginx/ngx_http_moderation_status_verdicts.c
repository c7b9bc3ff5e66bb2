/*
 * ngx_http_moderation_status_verdicts.c - mapped tables, orders and switches
 * in the status, as this worker has them.
 *
 * A table knows of a switch only the hash of host and slot: names are found by
 * trying those that this configuration has.
 */


#include "ngx_http_moderation_status.h"
#include "ngx_http_moderation.h"


typedef struct {
    const char  *state;                 /* live, stale, missing              */
    ngx_int_t    age;                   /* seconds since the heartbeat       */
    uint64_t     entries, live, slots, generation, seq, beat;
} ngx_http_moderation_table_t;

typedef struct {
    mdl_str_t    host, slot;            /* data NULL: nobody's names         */
    uint64_t     key;
    ngx_uint_t   mode;
    ngx_int_t    left;                  /* seconds                           */
} ngx_http_moderation_switch_t;


static const char *const  ngx_http_moderation_switch_modes[] = {
    "open", "shadow", "enforce"
};


static void
ngx_http_moderation_table_state(ngx_uint_t kind,
    ngx_http_moderation_table_t *t)
{
    int         stale;
    uint64_t    now;
    mdl_map_t  *m;
    ngx_uint_t  i;

    ngx_memzero(t, sizeof(ngx_http_moderation_table_t));
    t->state = "missing";

    m = ngx_http_moderation_table(kind);

    if (m == NULL) {
        return;
    }

    now = (uint64_t) ngx_time() * 1000;
    (void) mdl_map_clock(m, now, &stale);

    t->state = stale ? "stale" : "live";
    t->age = ((ngx_int_t) now - (ngx_int_t) m->head->heartbeat) / 1000;
    t->age = ngx_max(t->age, 0);
    t->beat = m->head->heartbeat / 1000;
    t->entries = m->head->used;

    for (i = 0; i < MDL_LIVE_HOSTS; i++) {
        t->live += m->head->live[i];
    }

    t->slots = m->head->slots;
    t->generation = m->head->generation;
    t->seq = m->head->seq;
}


/* names of a switch: hosts and slots of this configuration are tried */

static void
ngx_http_moderation_switch_names(ngx_http_moderation_out_t *o,
    ngx_array_t *stores, ngx_http_moderation_switch_t *sw)
{
    ngx_uint_t                      i, j, k;
    mdl_str_t                       host, slot;
    mdr_str_t                       name;
    ngx_http_core_srv_conf_t      **servers;
    ngx_http_core_main_conf_t      *cmcf;
    ngx_http_moderation_store_t   **all;

    cmcf = ngx_http_get_module_main_conf(o->request, ngx_http_core_module);
    servers = cmcf->servers.elts;
    all = stores->elts;

    /* host 0: any; 1: the one that was asked; then the servers' */

    for (i = 0; i < cmcf->servers.nelts + 2; i++) {
        host.data = i == 0 ? "" : i == 1
                    ? (char *) o->request->headers_in.server.data
                    : (char *) servers[i - 2]->server_name.data;
        host.len = i == 0 ? 0 : i == 1 ? o->request->headers_in.server.len
                                       : servers[i - 2]->server_name.len;

        if (i != 0 && host.len == 0) {
            continue;
        }

        slot.data = "";
        slot.len = 0;

        if (mdl_switch_key(host, slot) == sw->key) {
            goto found;
        }

        for (j = 0; j < stores->nelts; j++) {
            for (k = 0; k < all[j]->gen->nslots; k++) {
                name = mdr_policy_slot_name(all[j]->gen->policy,
                                            (uint32_t) k);
                slot.data = name.data;
                slot.len = name.len;

                if (mdl_switch_key(host, slot) == sw->key) {
                    goto found;
                }
            }
        }
    }

    return;

found:

    sw->host = host;
    sw->slot = slot;
}


/* the i-th switch that holds now, from *at on; 0: there is none left */

static ngx_uint_t
ngx_http_moderation_switch_next(ngx_http_moderation_out_t *o,
    ngx_array_t *stores, ngx_uint_t *at, ngx_http_moderation_switch_t *sw)
{
    uint64_t             word, now;
    mdl_map_t           *m;
    const mdl_switch_t  *s;

    m = ngx_http_moderation_table(MDL_TABLE_ORDERS);
    now = (uint64_t) ngx_time();

    while (m != NULL && *at < MDL_SWITCHES) {
        s = &m->head->switches[(*at)++];
        word = s->word;

        if (s->key == 0 || word >> 8 <= now
            || word >> 8 > now + MDL_SWITCH_MAX_S + 60
            || (word & 0xff) >= MDL_MODES)
        {
            continue;
        }

        ngx_memzero(sw, sizeof(ngx_http_moderation_switch_t));
        sw->key = s->key;
        sw->mode = word & 0xff;
        sw->left = (ngx_int_t) ((word >> 8) - now);
        ngx_http_moderation_switch_names(o, stores, sw);

        return 1;
    }

    return 0;
}


static uint64_t
ngx_http_moderation_live_orders(ngx_uint_t kind)
{
    mdl_map_t  *m;

    m = ngx_http_moderation_table(MDL_TABLE_ORDERS);

    return m != NULL ? mdl_map_live(m, (int) kind) : 0;
}


void
ngx_http_moderation_json_verdicts(ngx_http_moderation_out_t *o,
    ngx_array_t *stores)
{
    ngx_uint_t                     i, n;
    ngx_http_moderation_table_t    t;
    ngx_http_moderation_switch_t   sw;

    if (ngx_http_moderation_verdicts.conf == NULL) {
        ngx_http_moderation_print(o, ",\n\"verdicts\":null");
        return;
    }

    ngx_http_moderation_print(o, ",\n\"verdicts\":{\"tables\":{");

    for (i = 0; i < MDL_TABLES; i++) {
        ngx_http_moderation_table_state(i, &t);
        ngx_http_moderation_print(o, "%s\n\"%s\":{\"state\":\"%s\","
                                  "\"age\":%i,\"beat\":%uL,\"entries\":%uL,"
                                  "\"live\":%uL,\"slots\":%uL,"
                                  "\"generation\":%uL,\"seq\":%uL}",
                                  i ? "," : "", mdl_table_names[i], t.state,
                                  t.age, t.beat, t.entries, t.live, t.slots,
                                  t.generation, t.seq);
    }

    ngx_http_moderation_print(o, "},\n\"orders\":{");

    for (i = 1; i < MDL_ORDERS; i++) {
        ngx_http_moderation_print(o, "%s\"%s\":%uL", i > 1 ? "," : "",
                                  mdl_orders[i],
                                  ngx_http_moderation_live_orders(i));
    }

    ngx_http_moderation_print(o, "},\n\"switches\":[");

    for (i = 0, n = 0; ngx_http_moderation_switch_next(o, stores, &i, &sw);
         n++)
    {
        ngx_http_moderation_print(o, n ? ",\n{\"host\":" : "{\"host\":");

        if (sw.slot.data == NULL) {
            ngx_http_moderation_print(o, "null,\"slot\":null");

        } else {
            ngx_http_moderation_print(o, "\"");
            ngx_http_moderation_quoted(o, (u_char *) sw.host.data,
                                       sw.host.len, 1);
            ngx_http_moderation_print(o, "\",\"slot\":\"");
            ngx_http_moderation_quoted(o, (u_char *) sw.slot.data,
                                       sw.slot.len, 1);
            ngx_http_moderation_print(o, "\"");
        }

        ngx_http_moderation_print(o, ",\"mode\":\"%s\",\"seconds\":%i}",
                                  ngx_http_moderation_switch_modes[sw.mode],
                                  sw.left);
    }

    ngx_http_moderation_print(o, "]}");
}


void
ngx_http_moderation_html_verdicts(ngx_http_moderation_out_t *o,
    ngx_array_t *stores, ngx_uint_t zh)
{
    ngx_uint_t                     i, n, state;
    ngx_http_moderation_table_t    t;
    ngx_http_moderation_switch_t   sw;

    static const char *const  states[][2] = {
        { "live", "正常" }, { "stale", "无人更新" }, { "missing", "缺失" }
    };
    static const char *const  kinds[][2] = {
        { "", "" }, { "rooms and other items", "房间等条目" },
        { "accounts", "账号" }, { "URLs", "网址" }, { "phrases", "词句" }
    };
    static const char *const  tables[][2] = {
        { "cards", "卡片" }, { "accounts", "账号" }, { "orders", "指令" },
        { "to be recorded", "待记录" }
    };

    if (ngx_http_moderation_verdicts.conf == NULL) {
        return;
    }

    ngx_http_moderation_print(o, "<h2>%s</h2>\n<div><table><tr><th>%s</th>"
                              "<th>%s</th><th>%s</th><th>%s</th></tr>\n",
                              zh ? "审核结果表" : "What the desk says",
                              zh ? "表" : "table", zh ? "状态" : "state",
                              zh ? "条目" : "entries",
                              zh ? "上次更新" : "last heard of");

    for (i = 0; i < MDL_TABLES; i++) {
        ngx_http_moderation_table_state(i, &t);
        state = t.state[0] == 'l' ? 0 : t.state[0] == 's' ? 1 : 2;
        ngx_http_moderation_print(o, "<tr><td>%s</td><td%s>%s</td>"
                                  "<td class=n>%uL</td>"
                                  "<td class=n>%i s</td></tr>\n",
                                  tables[i][zh], state ? " class=bad" : "",
                                  states[state][zh], t.live, t.age);
    }

    ngx_http_moderation_print(o, "</table></div>\n<h2>%s</h2>\n<div><table>",
                              zh ? "有效的指令" : "Orders in force");

    for (i = 1; i < MDL_ORDERS; i++) {
        ngx_http_moderation_print(o, "<tr><td>%s</td><td class=n>%uL</td>"
                                  "</tr>\n", kinds[i][zh],
                                  ngx_http_moderation_live_orders(i));
    }

    ngx_http_moderation_print(o, "</table></div>\n<h2>%s</h2>\n<div><table>",
                              zh ? "开关" : "Switches");

    for (i = 0, n = 0; ngx_http_moderation_switch_next(o, stores, &i, &sw);
         n++)
    {
        ngx_http_moderation_print(o, "<tr>");

        if (sw.slot.data == NULL) {
            ngx_http_moderation_print(o, "<td>?</td><td>?</td>");

        } else {
            ngx_http_moderation_cell(o, sw.slot.len ? sw.slot.data : "*",
                                     sw.slot.len ? sw.slot.len : 1);
            ngx_http_moderation_cell(o, sw.host.len ? sw.host.data : "*",
                                     sw.host.len ? sw.host.len : 1);
        }

        ngx_http_moderation_print(o, "<td class=bad>%s</td>"
                                  "<td class=n>%i s</td></tr>\n",
                                  ngx_http_moderation_switch_modes[sw.mode],
                                  sw.left);
    }

    if (n == 0) {
        ngx_http_moderation_print(o, "<tr><td>%s</td></tr>\n",
                                  zh ? "无" : "none");
    }

    ngx_http_moderation_print(o, "</table></div>\n");
}


void
ngx_http_moderation_prometheus_verdicts(ngx_http_moderation_out_t *o,
    ngx_array_t *stores)
{
    ngx_uint_t                     i, what;
    ngx_http_moderation_table_t    t;
    ngx_http_moderation_switch_t   sw;

    static const struct {
        const char  *name, *help;
    } families[] = {
        { "table_ok", "1: the table is there and its writer lives." },
        { "table_missing", "1: there is no table that can be used." },
        { "table_heartbeat_age_seconds",
          "Since the writer of the table was last heard of." },
        { "table_entries", "Entries of the table that say something." }
    };

    if (ngx_http_moderation_verdicts.conf == NULL) {
        return;
    }

    for (what = 0; what < 4; what++) {
        ngx_http_moderation_print(o, "# HELP moderation_%s %s\n"
                                  "# TYPE moderation_%s gauge\n",
                                  families[what].name, families[what].help,
                                  families[what].name);

        for (i = 0; i < MDL_TABLES; i++) {
            ngx_http_moderation_table_state(i, &t);
            ngx_http_moderation_print(o, "moderation_%s{table=\"%s\"} %uL\n",
                    families[what].name, mdl_table_names[i],
                    what == 0 ? (uint64_t) (t.state[0] == 'l')
                    : what == 1 ? (uint64_t) (t.state[0] == 'm')
                    : what == 2 ? (uint64_t) t.age : t.live);
        }
    }

    ngx_http_moderation_print(o, "# HELP moderation_orders Orders in force."
                              "\n# TYPE moderation_orders gauge\n");

    for (i = 1; i < MDL_ORDERS; i++) {
        ngx_http_moderation_print(o, "moderation_orders{kind=\"%s\"} %uL\n",
                                  mdl_orders[i],
                                  ngx_http_moderation_live_orders(i));
    }

    ngx_http_moderation_print(o, "# HELP moderation_switch_seconds Until the "
                              "switch of a slot ends.\n"
                              "# TYPE moderation_switch_seconds gauge\n");

    for (i = 0; ngx_http_moderation_switch_next(o, stores, &i, &sw); ) {
        ngx_http_moderation_print(o, "moderation_switch_seconds{host=\"");
        ngx_http_moderation_quoted(o, (u_char *) sw.host.data, sw.host.len,
                                   0);
        ngx_http_moderation_print(o, "\",slot=\"");
        ngx_http_moderation_quoted(o, (u_char *) sw.slot.data, sw.slot.len,
                                   0);
        ngx_http_moderation_print(o, "\",key=\"%016xL\",mode=\"%s\"} %i\n",
                                  sw.key,
                                  ngx_http_moderation_switch_modes[sw.mode],
                                  sw.left);
    }
}
