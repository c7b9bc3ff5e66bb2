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
    ngx_http_moderation_zone_t **zone, ngx_array_t **stores);


#endif /* _NGX_HTTP_MODERATION_STATUS_H_INCLUDED_ */
