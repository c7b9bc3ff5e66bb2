/*
 * ngx_http_moderation_place.c - where the reader of a response is, and what
 * follows for caches.
 */


#include "ngx_http_moderation.h"


/* moderation_geoip2 */

char *
ngx_http_moderation_set_geoip2(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_moderation_main_conf_t *mmcf = conf;

    return ngx_http_moderation_geoip2(cf, &mmcf->geos, &mmcf->zone);
}


char *
ngx_http_moderation_compile_value(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **value)
{
    ngx_http_compile_complex_value_t  ccv;

    if (ngx_http_script_variables_count(text) == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\", it must have a variable",
                           text);
        return NGX_CONF_ERROR;
    }

    *value = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*value == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = text;
    ccv.complex_value = *value;

    return ngx_http_compile_complex_value(&ccv) == NGX_OK ? NGX_CONF_OK
                                                          : NGX_CONF_ERROR;
}


/* moderation_jurisdiction off | geoip2 | $variable [site=PLACE] */

char *
ngx_http_moderation_set_jurisdiction(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_moderation_loc_conf_t *mlcf = conf;

    ngx_str_t                        *value;
    ngx_http_moderation_main_conf_t  *mmcf;

    if (mlcf->place != NGX_CONF_UNSET_UINT) {
        return "is duplicate";
    }

    value = cf->args->elts;
    ngx_str_set(&mlcf->site, "");

    if (cf->args->nelts == 3) {
        if (ngx_strncmp(value[2].data, "site=", 5) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[2]);
            return NGX_CONF_ERROR;
        }

        mlcf->site.data = value[2].data + 5;
        mlcf->site.len = value[2].len - 5;
    }

    if (ngx_strcmp(value[1].data, "off") == 0) {
        mlcf->place = NGX_HTTP_MODERATION_PLACE_OFF;
        return NGX_CONF_OK;
    }

    if (ngx_strcmp(value[1].data, "geoip2") == 0) {
        mmcf = ngx_http_conf_get_module_main_conf(cf,
                                         ngx_http_moderation_filter_module);
        mmcf->needs_geo = 1;
        mlcf->place = NGX_HTTP_MODERATION_PLACE_GEOIP2;
        return NGX_CONF_OK;
    }

    mlcf->place = NGX_HTTP_MODERATION_PLACE_VALUE;

    return ngx_http_moderation_compile_value(cf, &value[1],
                                             &mlcf->place_value);
}


/* moderation_client $variable */

char *
ngx_http_moderation_set_client(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_moderation_loc_conf_t *mlcf = conf;

    ngx_str_t  *value;

    if (mlcf->client_value != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    return ngx_http_moderation_compile_value(cf, &value[1],
                                             &mlcf->client_value);
}


/* an unknown place has no bytes.  They stay as they are for this call of the
 * event loop; who needs them longer copies them */

void
ngx_http_moderation_place(ngx_http_request_t *r,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_str_t *place)
{
    ngx_str_t                         s;
    ngx_addr_t                        addr;
    const char                       *p;
    struct sockaddr                  *sa;
    ngx_http_moderation_main_conf_t  *mmcf;

    ngx_str_null(place);

    if (mlcf->place == NGX_HTTP_MODERATION_PLACE_VALUE) {

        if (ngx_http_complex_value(r, mlcf->place_value, &s) == NGX_OK
            && s.len < MDR_GEO_PLACE)
        {
            *place = s;
        }

        return;
    }

    if (mlcf->place != NGX_HTTP_MODERATION_PLACE_GEOIP2) {
        return;
    }

    sa = r->connection->sockaddr;

    if (mlcf->client_value != NULL) {
        if (ngx_http_complex_value(r, mlcf->client_value, &s) != NGX_OK
            || s.len == 0 || s.len > NGX_SOCKADDR_STRLEN
            || ngx_parse_addr(r->pool, &addr, s.data, s.len) != NGX_OK)
        {
            return;
        }

        sa = addr.sockaddr;
    }

    mmcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_moderation_filter_module);

    place->len = ngx_http_moderation_geoip2_place(&mmcf->geos, sa, &p);

    if (place->len != 0) {
        place->data = (u_char *) p;
    }
}


ngx_int_t
ngx_http_moderation_jurisdiction(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                        place;
    ngx_http_moderation_loc_conf_t  *mlcf;

    mlcf = ngx_http_get_module_loc_conf(r->main,
                                        ngx_http_moderation_filter_module);

    ngx_http_moderation_place(r->main, mlcf, &place);

    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = place.len == 0;
    v->len = (unsigned) place.len;
    v->data = NULL;

    if (place.len != 0) {
        v->data = ngx_pstrdup(r->pool, &place);

        if (v->data == NULL) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


/*
 * What is sent depends on where the reader is: no cache behind us may keep it
 * for others.  public and s-maxage go, private comes, the rest stays; no-store
 * and private are left as they are.
 */

static ngx_uint_t
ngx_http_moderation_directive_is(u_char *p, u_char *last, const char *name)
{
    size_t  n;

    n = ngx_strlen(name);

    return (size_t) (last - p) >= n
           && ngx_strncasecmp(p, (u_char *) name, n) == 0
           && (p + n == last || p[n] == '=' || p[n] == ' ' || p[n] == '\t');
}


static ngx_uint_t
ngx_http_moderation_header_is(ngx_table_elt_t *h, const char *name)
{
    size_t  n;

    n = ngx_strlen(name);

    return h->key.len == n
           && ngx_strncasecmp(h->key.data, (u_char *) name, n) == 0;
}


/* directives of a Cache-Control, but for those that say who may keep it */

static u_char *
ngx_http_moderation_private_add(u_char *q, ngx_str_t *value)
{
    u_char  *p, *last, *e;

    p = value->data;
    last = p + value->len;

    while (p < last) {

        while (p < last && (*p == ' ' || *p == ',' || *p == '\t')) {
            p++;
        }

        for (e = p; e < last && *e != ','; e++) { /* void */ }

        if (e != p && !ngx_http_moderation_directive_is(p, e, "public")
            && !ngx_http_moderation_directive_is(p, e, "s-maxage")
            && !ngx_http_moderation_directive_is(p, e, "private"))
        {
            *q++ = ',';
            *q++ = ' ';
            q = ngx_cpymem(q, p, e - p);
        }

        p = e;
    }

    return q;
}


ngx_int_t
ngx_http_moderation_private(ngx_http_request_t *r, ngx_uint_t no_cache)
{
    u_char           *q, *out;
    size_t            size;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *own;

    size = sizeof("private, no-cache");

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {
            if (ngx_http_moderation_header_is(&h[i], "Cache-Control")) {
                size += h[i].value.len + 2;
            }
        }
    }

    out = ngx_pnalloc(r->pool, size);
    own = ngx_list_push(&r->headers_out.headers);

    if (out == NULL || own == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(own, sizeof(ngx_table_elt_t));
    q = ngx_cpymem(out, "private", sizeof("private") - 1);

    if (no_cache) {
        q = ngx_cpymem(q, ", no-cache", sizeof(", no-cache") - 1);
    }

    for (part = &r->headers_out.headers.part; part; part = part->next) {
        h = part->elts;

        for (i = 0; i < part->nelts; i++) {

            if (h[i].hash == 0) {
                continue;
            }

            if (ngx_http_moderation_header_is(&h[i], "Cache-Control")) {
                h[i].hash = 0;
                q = ngx_http_moderation_private_add(q, &h[i].value);

            /* fields for caches on the way (RFC 9213) */

            } else if (ngx_http_moderation_header_is(&h[i],
                                                     "CDN-Cache-Control")
                       || ngx_http_moderation_header_is(&h[i],
                                                        "Surrogate-Control"))
            {
                h[i].hash = 0;
            }
        }
    }

    own->hash = 1;
    ngx_str_set(&own->key, "Cache-Control");
    own->value.data = out;
    own->value.len = q - out;

    return NGX_OK;
}
