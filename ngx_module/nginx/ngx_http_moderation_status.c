/*
 * ngx_http_moderation_status.c - the moderation_status location: request and
 * answer.  What it says is in status_json.c and status_prometheus.c.
 *
 * Numbers come from the zone; without one only what this worker knows of its
 * policies is shown.
 */


#include "ngx_http_moderation_status.h"


static ngx_int_t ngx_http_moderation_status_handler(ngx_http_request_t *r);


const char *const  ngx_http_moderation_status_modes[] = {
    "off", "shadow", "enforce"
};

const char *const  ngx_http_moderation_status_actions[] = {
    "none", "tag", "mask", "hold", "block"
};

/* by NGX_HTTP_MODERATION_COUNT_* and _BRAKE_* */

const char *const  ngx_http_moderation_status_sides[] = {
    "", "live", "candidate", "both"
};

const char *const  ngx_http_moderation_status_brakes[] = {
    "ratio", "regex_limit"
};

/* bits of WHY_* */

const char *const  ngx_http_moderation_status_whys[] = {
    "kill", "brake", "regex_limit", "expired"
};


char *
ngx_http_moderation_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);
    clcf->handler = ngx_http_moderation_status_handler;

    return NGX_CONF_OK;
}


void
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


void ngx_cdecl
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

void
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


/* why a rule of the current generation is in shadow: bits */

ngx_uint_t
ngx_http_moderation_why(ngx_http_moderation_gen_t *gen, uint32_t i,
    mdr_rule_info_t *rule)
{
    ngx_uint_t  why;

    if (mdr_policy_rule(gen->policy, i, rule) != MDR_OK) {
        return 0;
    }

    why = gen->why[i];

    if ((int64_t) ngx_time() / 86400 > rule->expires_day) {
        why |= NGX_HTTP_MODERATION_WHY_EXPIRED;
    }

    return why;
}


/* a counter or brake: its rule and slot, in JSON or as labels */

void
ngx_http_moderation_key(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zkey_t *key, ngx_uint_t json)
{
    ngx_http_moderation_print(o, json ? "{\"rule\":\"" : "{rule=\"");
    ngx_http_moderation_quoted(o, key->rule, ngx_strlen(key->rule), json);
    ngx_http_moderation_print(o, json ? "\",\"slot\":\"" : "\",slot=\"");
    ngx_http_moderation_quoted(o, key->slot, ngx_strlen(key->slot), json);
    ngx_http_moderation_print(o, json ? "\"," : "\",");
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
