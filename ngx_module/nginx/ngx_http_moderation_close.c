/*
 * ngx_http_moderation_close.c - the end of a response that is cut.
 *
 * Its end must not be said, and its upstream may go on for ever.  A body
 * filter that returned NGX_ERROR would free the request under the feet of
 * its callers (nginx, ticket 1664), so an event of our own ends it, once what
 * left before the cut has been sent, or after send_timeout.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_CLOSE_LOOK  20      /* ms                        */


static void
ngx_http_moderation_close_handler(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_http_request_t         *r;
    ngx_http_moderation_ctx_t  *ctx;

    ctx = ev->data;
    r = ctx->request;
    c = r->connection;

    if (c->buffered && !c->error
        && (ngx_msec_int_t) (ctx->close_by - ngx_current_msec) > 0)
    {
        ngx_add_timer(ev, NGX_HTTP_MODERATION_CLOSE_LOOK);
        return;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "moderation: cut response is closed");

    c->error = 1;

    ngx_http_finalize_request(r, NGX_ERROR);
    ngx_http_run_posted_requests(c);
}


void
ngx_http_moderation_close(ngx_http_moderation_ctx_t *ctx)
{
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;

    r = ctx->request;

    if (ctx->close.posted || ctx->close.timer_set) {
        return;
    }

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    ctx->close_by = ngx_current_msec + clcf->send_timeout;
    ctx->close.handler = ngx_http_moderation_close_handler;
    ctx->close.data = ctx;
    ctx->close.log = r->connection->log;

    ngx_post_event(&ctx->close, &ngx_posted_events);
}
