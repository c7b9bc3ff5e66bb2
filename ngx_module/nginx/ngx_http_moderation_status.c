/*
 * ngx_http_moderation_status.c - the moderation_status location: request and
 * answer.  What it says is in status_html.c, status_json.c and
 * status_prometheus.c: a page for who asks for HTML, as browsers do, JSON
 * for all others, or what ?format= names.
 * Numbers come from the zone; without one only what this worker knows of its
 * policies is shown.
 */


#include "ngx_http_moderation_status.h"


static ngx_int_t ngx_http_moderation_status_handler(ngx_http_request_t *r);


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


/* the first header field of a name in lower case; nginx keeps some of them
 * only where a module of its own needs them */

static ngx_table_elt_t *
ngx_http_moderation_status_header(ngx_http_request_t *r, const char *name,
    size_t len)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    for (part = &r->headers_in.headers.part; part != NULL; part = part->next)
    {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (h[i].key.len == len
                && ngx_strncasecmp(h[i].key.data, (u_char *) name, len) == 0)
            {
                return &h[i];
            }
        }
    }

    return NULL;
}


/* what is asked for; -1: no format that there is */

enum { FORMAT_JSON, FORMAT_HTML, FORMAT_PROMETHEUS };

static ngx_int_t
ngx_http_moderation_status_format(ngx_http_request_t *r)
{
    ngx_str_t         format;
    ngx_uint_t        i;
    ngx_table_elt_t  *h;

    static const ngx_str_t  names[] = {
        ngx_string("json"), ngx_string("html"), ngx_string("prometheus")
    };

    if (ngx_http_arg(r, (u_char *) "format", 6, &format) == NGX_OK) {

        for (i = 0; i < 3; i++) {
            if (format.len == names[i].len
                && ngx_strncmp(format.data, names[i].data, format.len) == 0)
            {
                return i;
            }
        }

        return NGX_ERROR;
    }

    h = ngx_http_moderation_status_header(r, "accept", 6);

    if (h != NULL && ngx_strlcasestrn(h->value.data,
                                      h->value.data + h->value.len,
                                      (u_char *) "text/html", 9 - 1) != NULL)
    {
        return FORMAT_HTML;
    }

    return FORMAT_JSON;
}


static ngx_uint_t
ngx_http_moderation_status_is_zh(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_http_moderation_status_header(r, "accept-language", 15);

    return h != NULL && h->value.len >= 2
           && ngx_strncasecmp(h->value.data, (u_char *) "zh", 2) == 0;
}


/* nothing of the page may run or be fetched, whatever a policy is named */

static ngx_int_t
ngx_http_moderation_status_csp(ngx_http_request_t *r)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
#if (nginx_version >= 1023000)
    h->next = NULL;
#endif
    ngx_str_set(&h->key, "Content-Security-Policy");
    ngx_str_set(&h->value, "default-src 'none'; style-src 'unsafe-inline'; "
                "frame-ancestors 'self'; base-uri 'none'; "
                "form-action 'none'");

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_status_send(ngx_http_request_t *r,
    ngx_http_moderation_out_t *o, ngx_uint_t status)
{
    ngx_int_t  rc;

    if (o->failed || o->b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;
    r->headers_out.status = status;
    r->headers_out.content_length_n = o->size;

    o->b->last_buf = (r == r->main) ? 1 : 0;
    o->b->last_in_chain = 1;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, o->first);
}


/* what is refused, in Chinese for a browser that asks for it, where no
 * error_page says otherwise */

static ngx_int_t
ngx_http_moderation_status_refuse(ngx_http_request_t *r, ngx_uint_t status)
{
    ngx_int_t                   rc;
    ngx_table_elt_t            *accept;
    ngx_http_moderation_out_t   o;
    ngx_http_core_loc_conf_t   *clcf;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);
    accept = ngx_http_moderation_status_header(r, "accept", 6);

    if (clcf->error_pages != NULL || accept == NULL
        || ngx_strlcasestrn(accept->value.data,
                            accept->value.data + accept->value.len,
                            (u_char *) "text/html", 9 - 1) == NULL
        || !ngx_http_moderation_status_is_zh(r))
    {
        return status;
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(&o, sizeof(o));
    o.pool = r->pool;
    o.request = r;
    o.last = &o.first;

    ngx_http_moderation_print(&o, "<!DOCTYPE html>\n<html lang=zh-CN><meta "
                              "charset=utf-8><title>%ui</title>\n<h1>%s</h1>"
                              "\n<p>%s</p>\n", status,
                              status == NGX_HTTP_NOT_ALLOWED
                              ? "405 方法不对" : "400 没有这种格式",
                              status == NGX_HTTP_NOT_ALLOWED
                              ? "状态页只能读取（GET、HEAD）。"
                              : "format 只能是 html、json 或 prometheus。");

    ngx_str_set(&r->headers_out.content_type, "text/html; charset=utf-8");

    return ngx_http_moderation_status_send(r, &o, status);
}


static ngx_int_t
ngx_http_moderation_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                    rc, format;
    ngx_array_t                 *stores;
    ngx_http_moderation_out_t    o;
    ngx_http_moderation_zone_t  *zone;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return ngx_http_moderation_status_refuse(r, NGX_HTTP_NOT_ALLOWED);
    }

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        return rc;
    }

    format = ngx_http_moderation_status_format(r);
    if (format == NGX_ERROR) {
        return ngx_http_moderation_status_refuse(r, NGX_HTTP_BAD_REQUEST);
    }

    ngx_memzero(&o, sizeof(o));
    ngx_http_moderation_status_source(r, &zone, &stores, &o.geos);
    o.pool = r->pool;
    o.request = r;
    o.last = &o.first;

    if (format == FORMAT_HTML) {
        ngx_http_moderation_page(&o, zone, stores,
                                 ngx_http_moderation_status_is_zh(r));
        ngx_str_set(&r->headers_out.content_type,
                    "text/html; charset=utf-8");

        if (ngx_http_moderation_status_csp(r) != NGX_OK) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }

    } else if (format == FORMAT_PROMETHEUS) {
        ngx_http_moderation_prometheus(&o, zone, stores);
        ngx_http_moderation_prometheus_places(&o);
        ngx_http_moderation_prometheus_verdicts(&o, stores);
        ngx_str_set(&r->headers_out.content_type,
                    "text/plain; version=0.0.4; charset=utf-8");

    } else {
        ngx_http_moderation_json(&o, zone, stores);
        ngx_str_set(&r->headers_out.content_type, "application/json");
    }

    return ngx_http_moderation_status_send(r, &o, NGX_HTTP_OK);
}
