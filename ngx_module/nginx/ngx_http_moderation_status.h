/*
 * ngx_http_moderation_status.h - the moderation_status location.
 */

#ifndef _NGX_HTTP_MODERATION_STATUS_H_INCLUDED_
#define _NGX_HTTP_MODERATION_STATUS_H_INCLUDED_


#include "ngx_http_moderation_store.h"


/* the directive; takes no argument */
char *ngx_http_moderation_status(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/* by the module: what the handler shows; *zone may be NULL */
void ngx_http_moderation_status_source(ngx_http_request_t *r,
    ngx_http_moderation_zone_t **zone, ngx_array_t **stores,
    ngx_array_t **geos);


/* between the files of the status: text that grows */

typedef struct {
    ngx_chain_t   *first, **last;
    ngx_buf_t     *b;
    ngx_pool_t    *pool;
    off_t          size;
    ngx_uint_t     failed;
    ngx_array_t   *geos;                /* ngx_http_moderation_geo_t         */
    ngx_http_request_t  *request;
} ngx_http_moderation_out_t;

void ngx_http_moderation_put(ngx_http_moderation_out_t *o, const u_char *p,
    size_t n);
void ngx_cdecl ngx_http_moderation_print(ngx_http_moderation_out_t *o,
    const char *fmt, ...);
/* s inside a JSON string or a Prometheus label value */
void ngx_http_moderation_quoted(ngx_http_moderation_out_t *o,
    const u_char *s, size_t n, ngx_uint_t json);
/* a counter or brake: its rule and slot, in JSON or as labels */
void ngx_http_moderation_key(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zkey_t *key, ngx_uint_t json);

/* why a rule of the current generation is in shadow: bits */
ngx_uint_t ngx_http_moderation_why(ngx_http_moderation_gen_t *gen,
    uint32_t i, mdr_rule_info_t *rule);

/* databases of places */
void ngx_http_moderation_json_places(ngx_http_moderation_out_t *o);
void ngx_http_moderation_prometheus_places(ngx_http_moderation_out_t *o);

/* mapped tables, orders, switches */
void ngx_http_moderation_json_verdicts(ngx_http_moderation_out_t *o,
    ngx_array_t *stores);
void ngx_http_moderation_html_verdicts(ngx_http_moderation_out_t *o,
    ngx_array_t *stores, ngx_uint_t zh);
void ngx_http_moderation_prometheus_verdicts(ngx_http_moderation_out_t *o,
    ngx_array_t *stores);
/* slots */
void ngx_http_moderation_json_slots(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores);
void ngx_http_moderation_html_slots(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores, ngx_uint_t zh);
void ngx_http_moderation_prometheus_slots(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores);
/* findings in pages */
void ngx_http_moderation_json_pages(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone);
/* status_html.c: text, escaped */
void ngx_http_moderation_html(ngx_http_moderation_out_t *o, const void *p,
    size_t n);
void ngx_http_moderation_html_places(ngx_http_moderation_out_t *o,
    ngx_uint_t zh);
void ngx_http_moderation_html_pages(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_uint_t zh);
void ngx_http_moderation_prometheus_pages(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone);
/* a cell of a table, text escaped */
void ngx_http_moderation_cell(ngx_http_moderation_out_t *o, const void *s,
    size_t n);

void ngx_http_moderation_json(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores);
/* zh: in Chinese */
void ngx_http_moderation_page(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores, ngx_uint_t zh);
void ngx_http_moderation_prometheus(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores);


/* words, by their numbers */

extern const char *const  ngx_http_moderation_status_sides[];
extern const char *const  ngx_http_moderation_status_brakes[];
extern const char *const  ngx_http_moderation_status_whys[];


#endif /* _NGX_HTTP_MODERATION_STATUS_H_INCLUDED_ */
