/*
 * ngx_http_moderation_status.c - counters and policies as JSON, or as
 * Prometheus text (?format=prometheus).
 *
 * Numbers come from the zone; without one only what this worker knows of its
 * policies is shown.
 */


#include "ngx_http_moderation_status.h"


typedef struct {
    ngx_chain_t   *first, **last;
    ngx_buf_t     *b;
    ngx_pool_t    *pool;
    off_t          size;
    ngx_uint_t     failed;
} ngx_http_moderation_out_t;


static ngx_int_t ngx_http_moderation_status_handler(ngx_http_request_t *r);


static const char *const  ngx_http_moderation_errors[] = {
    "other", "broken", "too_large", "charset", "depth", "unreadable",
    "memory", "regex_limit"
};

static const char *const  ngx_http_moderation_modes[] = {
    "off", "shadow", "enforce"
};

static const char *const  ngx_http_moderation_actions[] = {
    "none", "tag", "mask", "hold", "block"
};


char *
ngx_http_moderation_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_moderation_status_handler;

    return NGX_CONF_OK;
}


static void
ngx_http_moderation_put(ngx_http_moderation_out_t *o, const u_char *p,
    size_t n)
{
    size_t        size;
    ngx_chain_t  *cl;

    while (n != 0 && !o->failed) {

        if (o->b == NULL || o->b->last == o->b->end) {
            o->b = ngx_create_temp_buf(o->pool, 16384);
            cl = ngx_alloc_chain_link(o->pool);

            if (o->b == NULL || cl == NULL) {
                o->failed = 1;
                return;
            }

            cl->buf = o->b;
            cl->next = NULL;
            *o->last = cl;
            o->last = &cl->next;
        }

        size = ngx_min(n, (size_t) (o->b->end - o->b->last));
        o->b->last = ngx_cpymem(o->b->last, p, size);
        o->size += size;
        p += size;
        n -= size;
    }
}


static void ngx_cdecl
ngx_http_moderation_print(ngx_http_moderation_out_t *o, const char *fmt, ...)
{
    u_char   buf[1024], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, buf + sizeof(buf), fmt, args);
    va_end(args);

    ngx_http_moderation_put(o, buf, p - buf);
}


/* s inside a JSON string or a Prometheus label value */

static void
ngx_http_moderation_quoted(ngx_http_moderation_out_t *o, const u_char *s,
    size_t n, ngx_uint_t json)
{
    size_t  i, from;

    for (i = 0, from = 0; i < n; i++) {

        if (s[i] != '"' && s[i] != '\\' && s[i] >= 0x20) {
            continue;
        }

        ngx_http_moderation_put(o, s + from, i - from);
        from = i + 1;

        if (s[i] == '"' || s[i] == '\\') {
            ngx_http_moderation_print(o, "\\%c", s[i]);

        } else if (json) {
            ngx_http_moderation_print(o, "\\u%04xd", s[i]);

        } else {
            ngx_http_moderation_print(o, s[i] == '\n' ? "\\n" : " ");
        }
    }

    ngx_http_moderation_put(o, s + from, i - from);
}


static void
ngx_http_moderation_json_store(ngx_http_moderation_out_t *o,
    ngx_http_moderation_store_t *store)
{
    u_char                        *refusal;
    time_t                         refused;
    mdr_policy_info_t              info;
    ngx_http_moderation_gen_t     *gen;
    ngx_http_moderation_zstore_t  *s;

    gen = store->gen;
    s = store->shared;
    mdr_policy_info(gen->policy, &info);

    refusal = s != NULL ? s->refusal : store->refusal;
    refused = s != NULL ? s->refused : store->refused;

    ngx_http_moderation_print(o, "{\"path\":\"");
    ngx_http_moderation_quoted(o, store->path.data, store->path.len, 1);
    ngx_http_moderation_print(o, "\",\"policy\":\"");
    ngx_http_moderation_quoted(o, (u_char *) info.name.data, info.name.len,
                               1);
    ngx_http_moderation_print(o, "\",\"hash\":\"%s\",\"age\":%T,"
                              "\"slots\":%uD,\"rules\":%uD,\"terms\":%uL,"
                              "\"generations\":%ui,\"mapped\":%s,"
                              "\"reloads\":%uA,\"compiles\":%uA,"
                              "\"refusals\":%uA,\"refused\":",
                              gen->hash, ngx_time() - gen->loaded,
                              info.slots, info.rules, info.terms,
                              store->alive,
                              gen->map != NULL ? "true" : "false",
                              s != NULL ? s->reloads
                                        : (ngx_atomic_uint_t) store->reloads,
                              s != NULL ? s->compiles : 0,
                              s != NULL ? s->refusals
                                       : (ngx_atomic_uint_t) store->refusals);

    if (refusal[0] == '\0') {
        ngx_http_moderation_print(o, "null}");
        return;
    }

    ngx_http_moderation_print(o, "{\"age\":%T,\"hash\":\"%s\",\"error\":\"",
                              ngx_time() - refused,
                              s != NULL ? s->refused_hash
                                        : store->refused_hash);
    ngx_http_moderation_quoted(o, refusal, ngx_strlen(refusal), 1);
    ngx_http_moderation_print(o, "\"}}");
}


static void
ngx_http_moderation_json(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores)
{
    ngx_uint_t                      i, n, used;
    ngx_http_moderation_zdata_t    *d;
    ngx_http_moderation_store_t   **all;
    ngx_http_moderation_zcount_t   *c;
    ngx_http_moderation_zbrake_t   *b;

    ngx_http_moderation_print(o, "{\"pid\":%P,\"policies\":[", ngx_pid);

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        ngx_http_moderation_print(o, i ? ",\n" : "\n");
        ngx_http_moderation_json_store(o, all[i]);
    }

    ngx_http_moderation_print(o, "]");

    d = zone != NULL ? zone->data : NULL;

    if (d == NULL) {
        ngx_http_moderation_print(o, ",\"zone\":null}\n");
        return;
    }

    ngx_http_moderation_print(o, ",\n\"responses\":%uA,\"items\":%uA,"
                              "\"hits\":%uA,\"removed\":%uA,\"masked\":%uA,"
                              "\"tagged\":%uA,\"held\":%uA,"
                              "\"over_limit\":%uA,\"bytes\":%uA,"
                              "\"text_bytes\":%uA,\"edited\":%uA,"
                              "\"scan_ns\":%uA,\n\"errors\":{",
                              d->responses, d->items, d->hits, d->removed,
                              d->masked, d->tagged, d->held, d->over_limit,
                              d->bytes, d->text_bytes, d->edited,
                              d->time_ns);

    for (i = 0; i < NGX_HTTP_MODERATION_ERRORS; i++) {
        ngx_http_moderation_print(o, "%s\"%s\":%uA", i ? "," : "",
                                  ngx_http_moderation_errors[i],
                                  d->errors[i]);
    }

    ngx_http_moderation_print(o, "},\n\"shadow\":{\"items\":%uA,"
                              "\"differ\":%uA},\n\"rules\":[",
                              d->shadow_items, d->shadow_differ);

    for (i = 0, n = 0, used = 0; i < d->ncounts; i++) {
        c = &zone->counts[i];

        if (c->state != 2) {
            continue;
        }

        used++;
        ngx_http_moderation_print(o, n++ ? ",\n{\"rule\":\"" : "\n{\"rule\":\"");
        ngx_http_moderation_quoted(o, c->rule, ngx_strlen(c->rule), 1);
        ngx_http_moderation_print(o, "\",\"slot\":\"");
        ngx_http_moderation_quoted(o, c->slot, ngx_strlen(c->slot), 1);
        ngx_http_moderation_print(o, "\",\"action\":\"%s\",\"mode\":\"%s\","
                                  "\"items\":%uA}",
                                  ngx_http_moderation_actions[c->action % 5],
                                  ngx_http_moderation_modes[c->mode % 3],
                                  c->value);
    }

    ngx_http_moderation_print(o, "],\n\"brakes\":[");

    for (i = 0, n = 0; i < d->nbrakes; i++) {
        b = &zone->brakes[i];

        if (b->state != 2) {
            continue;
        }

        ngx_http_moderation_print(o, n++ ? ",\n{\"rule\":\"" : "\n{\"rule\":\"");
        ngx_http_moderation_quoted(o, b->rule, ngx_strlen(b->rule), 1);
        ngx_http_moderation_print(o, "\",\"slot\":\"");
        ngx_http_moderation_quoted(o, b->slot, ngx_strlen(b->slot), 1);
        ngx_http_moderation_print(o, "\",\"rev\":%uD,\"hits\":%uA,"
                                  "\"items\":%uA,\"tripped\":%s}", b->rev,
                                  b->hits[0] + b->hits[1],
                                  b->items[0] + b->items[1],
                                  b->tripped != 0 ? "true" : "false");
    }

    ngx_http_moderation_print(o, "],\n\"zone\":{\"size\":%uz,"
                              "\"counters\":%uD,\"used\":%ui,\"lost\":%uA}}"
                              "\n", d->size, d->ncounts, used, d->lost);
}


static void
ngx_http_moderation_metric(ngx_http_moderation_out_t *o, const char *name,
    const char *help, ngx_atomic_uint_t value)
{
    ngx_http_moderation_print(o, "# HELP moderation_%s %s\n"
                              "# TYPE moderation_%s counter\n"
                              "moderation_%s %uA\n",
                              name, help, name, name, value);
}


static void
ngx_http_moderation_prometheus(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores)
{
    ngx_uint_t                      i, n;
    mdr_policy_info_t               info;
    ngx_atomic_uint_t               sum;
    ngx_http_moderation_zdata_t    *d;
    ngx_http_moderation_store_t   **all;
    ngx_http_moderation_zcount_t   *c;
    ngx_http_moderation_zbrake_t   *b;

    all = stores->elts;

    ngx_http_moderation_print(o, "# HELP moderation_policy_info The policy "
                              "in use.\n# TYPE moderation_policy_info "
                              "gauge\n");

    for (i = 0; i < stores->nelts; i++) {
        mdr_policy_info(all[i]->gen->policy, &info);
        ngx_http_moderation_print(o, "moderation_policy_info{path=\"");
        ngx_http_moderation_quoted(o, all[i]->path.data, all[i]->path.len,
                                   0);
        ngx_http_moderation_print(o, "\",policy=\"");
        ngx_http_moderation_quoted(o, (u_char *) info.name.data,
                                   info.name.len, 0);
        ngx_http_moderation_print(o, "\",hash=\"%s\"} 1\n",
                                  all[i]->gen->hash);
    }

    ngx_http_moderation_print(o, "# HELP moderation_policy_age_seconds Age "
                              "of the policy in use.\n"
                              "# TYPE moderation_policy_age_seconds "
                              "gauge\n");

    for (i = 0; i < stores->nelts; i++) {
        ngx_http_moderation_print(o, "moderation_policy_age_seconds{path=\"");
        ngx_http_moderation_quoted(o, all[i]->path.data, all[i]->path.len,
                                   0);
        ngx_http_moderation_print(o, "\"} %T\n",
                                  ngx_time() - all[i]->gen->loaded);
    }

    d = zone != NULL ? zone->data : NULL;
    if (d == NULL) {
        return;
    }

    ngx_http_moderation_metric(o, "responses_total",
                               "Responses inspected.", d->responses);
    ngx_http_moderation_metric(o, "items_total", "Items found.", d->items);
    ngx_http_moderation_metric(o, "hits_total", "Hits of rules.", d->hits);
    ngx_http_moderation_metric(o, "removed_total", "Items removed.",
                               d->removed);
    ngx_http_moderation_metric(o, "masked_total", "Items masked.",
                               d->masked);
    ngx_http_moderation_metric(o, "tagged_total", "Items tagged.",
                               d->tagged);
    ngx_http_moderation_metric(o, "held_total", "Items held.", d->held);
    ngx_http_moderation_metric(o, "over_limit_total",
                               "Items above the limit of a slot.",
                               d->over_limit);
    ngx_http_moderation_metric(o, "bytes_total", "Body bytes scanned.",
                               d->bytes);
    ngx_http_moderation_metric(o, "text_bytes_total",
                               "Field text bytes matched.", d->text_bytes);
    ngx_http_moderation_metric(o, "shadow_items_total",
                               "Items a candidate policy saw.",
                               d->shadow_items);
    ngx_http_moderation_metric(o, "shadow_differences_total",
                               "Items a candidate policy decided otherwise.",
                               d->shadow_differ);
    ngx_http_moderation_metric(o, "counters_lost_total",
                               "Counts that found no place in the zone.",
                               d->lost);

    ngx_http_moderation_print(o, "# HELP moderation_errors_total What could "
                              "not be inspected.\n"
                              "# TYPE moderation_errors_total counter\n");

    for (i = 0; i < NGX_HTTP_MODERATION_ERRORS; i++) {
        ngx_http_moderation_print(o, "moderation_errors_total{kind=\"%s\"} "
                                  "%uA\n", ngx_http_moderation_errors[i],
                                  d->errors[i]);
    }

    ngx_http_moderation_print(o, "# HELP moderation_scan_seconds Time spent "
                              "in the engine a response.\n"
                              "# TYPE moderation_scan_seconds histogram\n");

    for (i = 0, sum = 0; i < NGX_HTTP_MODERATION_BUCKETS; i++) {
        sum += d->time[i];
        n = ngx_http_moderation_zone_bounds[i];

        if (n == 0) {
            ngx_http_moderation_print(o, "moderation_scan_seconds_bucket"
                                      "{le=\"+Inf\"} %uA\n", sum);
        } else {
            ngx_http_moderation_print(o, "moderation_scan_seconds_bucket"
                                      "{le=\"%ui.%06ui\"} %uA\n",
                                      n / 1000000, n % 1000000, sum);
        }
    }

    ngx_http_moderation_print(o, "moderation_scan_seconds_sum %uA.%09uA\n"
                              "moderation_scan_seconds_count %uA\n",
                              d->time_ns / 1000000000,
                              d->time_ns % 1000000000, sum);

    ngx_http_moderation_print(o, "# HELP moderation_rule_items_total Items "
                              "that a rule hit.\n"
                              "# TYPE moderation_rule_items_total "
                              "counter\n");

    for (i = 0; i < d->ncounts; i++) {
        c = &zone->counts[i];

        if (c->state != 2) {
            continue;
        }

        ngx_http_moderation_print(o, "moderation_rule_items_total{rule=\"");
        ngx_http_moderation_quoted(o, c->rule, ngx_strlen(c->rule), 0);
        ngx_http_moderation_print(o, "\",slot=\"");
        ngx_http_moderation_quoted(o, c->slot, ngx_strlen(c->slot), 0);
        ngx_http_moderation_print(o, "\",action=\"%s\",mode=\"%s\"} %uA\n",
                                  ngx_http_moderation_actions[c->action % 5],
                                  ngx_http_moderation_modes[c->mode % 3],
                                  c->value);
    }

    ngx_http_moderation_print(o, "# HELP moderation_brake_tripped A rule "
                              "that hit too much is in shadow.\n"
                              "# TYPE moderation_brake_tripped gauge\n");

    for (i = 0; i < d->nbrakes; i++) {
        b = &zone->brakes[i];

        if (b->state != 2) {
            continue;
        }

        ngx_http_moderation_print(o, "moderation_brake_tripped{rule=\"");
        ngx_http_moderation_quoted(o, b->rule, ngx_strlen(b->rule), 0);
        ngx_http_moderation_print(o, "\",slot=\"");
        ngx_http_moderation_quoted(o, b->slot, ngx_strlen(b->slot), 0);
        ngx_http_moderation_print(o, "\",rev=\"%uD\"} %ui\n", b->rev,
                                  (ngx_uint_t) (b->tripped != 0));
    }
}


static ngx_int_t
ngx_http_moderation_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                    rc;
    ngx_str_t                    format;
    ngx_uint_t                   prometheus;
    ngx_array_t                 *stores;
    ngx_http_moderation_out_t    o;
    ngx_http_moderation_zone_t  *zone;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    prometheus = 0;

    if (ngx_http_arg(r, (u_char *) "format", 6, &format) == NGX_OK) {

        if (format.len == 10
            && ngx_strncmp(format.data, "prometheus", 10) == 0)
        {
            prometheus = 1;

        } else if (format.len != 4
                   || ngx_strncmp(format.data, "json", 4) != 0)
        {
            return NGX_HTTP_BAD_REQUEST;
        }
    }

    ngx_http_moderation_status_source(r, &zone, &stores);

    ngx_memzero(&o, sizeof(o));
    o.pool = r->pool;
    o.last = &o.first;

    if (prometheus) {
        ngx_http_moderation_prometheus(&o, zone, stores);
        ngx_str_set(&r->headers_out.content_type,
                    "text/plain; version=0.0.4; charset=utf-8");

    } else {
        ngx_http_moderation_json(&o, zone, stores);
        ngx_str_set(&r->headers_out.content_type, "application/json");
    }

    if (o.failed || o.b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = o.size;

    o.b->last_buf = (r == r->main) ? 1 : 0;
    o.b->last_in_chain = 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, o.first);
}
