/*
 * ngx_http_moderation_filter.c - the body filter.
 *
 * In enforce the scan is fed and what comes out of it is sent on; in shadow it
 * is shown the buffers, and the chain is sent on as it came.
 *
 * Input waits in ctx->in only while chain.c says that enough is on its way;
 * then, and only then, our bit of c->buffered asks nginx to call again.
 */


#include "ngx_http_moderation.h"


static ngx_int_t ngx_http_moderation_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_moderation_shadow(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_http_moderation_enforce(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_chain_t *in);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


ngx_int_t
ngx_http_moderation_filter_init(ngx_conf_t *cf)
{
    ngx_http_moderation_header_init();

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_moderation_body_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_moderation_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_moderation_filter_module);

    if (ctx == NULL || !ctx->active || r != r->main) {
        return ngx_http_next_body_filter(r, in);
    }

    if (ctx->mode == MDR_MODE_ENFORCE) {
        return ngx_http_moderation_enforce(r, ctx, in);
    }

    return ngx_http_moderation_shadow(r, ctx, in);
}


/*
 * One decoded piece out of b, from ctx->pos on; *more: there are others in it.
 * MDR_CUT: the rest cannot be read, and what has been decoded so far has left
 * decoded, so it cannot pass either.
 */

static int
ngx_http_moderation_decode(ngx_http_moderation_ctx_t *ctx, ngx_buf_t *b,
    ngx_uint_t *more)
{
    int             rc, state;
    uint8_t        *out;
    const uint8_t  *in, *end;

    in = NULL;
    end = NULL;

    if (ngx_buf_in_memory(b)) {
        in = ctx->pos != NULL ? ctx->pos : b->pos;
        end = b->last;
    }

    out = ctx->plain;

    state = ngx_http_moderation_inflate(ctx->inflate, &in, end, &out,
                                        out + NGX_HTTP_MODERATION_PLAIN,
                                        b->last_buf);
    ctx->pos = (u_char *) in;
    *more = state == MODERATION_INFLATE_FULL;

    rc = MDR_OK;

    if (out != ctx->plain) {
        rc = ngx_http_moderation_feed(ctx, ctx->plain, out - ctx->plain, 0);
    }

    if (rc != MDR_OK || state <= MODERATION_INFLATE_END) {
        return rc;
    }

    ngx_http_moderation_glue_error(ctx, state == MODERATION_INFLATE_ERROR
                                        ? MDR_ERR_MEMORY
                                        : NGX_HTTP_MODERATION_E_ENCODING);
    return MDR_CUT;
}


static ngx_int_t
ngx_http_moderation_shadow(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_chain_t *in)
{
    int           rc;
    ngx_buf_t    *b;
    ngx_uint_t    more;
    ngx_chain_t  *cl;

    for (cl = in; cl != NULL && !ctx->ended; cl = cl->next) {
        b = cl->buf;
        rc = MDR_OK;

        if (ctx->inflate != NULL
            && (ngx_buf_in_memory(b) || ngx_buf_size(b) == 0))
        {
            do {
                rc = ngx_http_moderation_decode(ctx, b, &more);
            } while (rc == MDR_OK && more);

            ctx->pos = NULL;

        } else if (ngx_buf_in_memory(b)) {
            if (b->last != b->pos) {
                rc = ngx_http_moderation_feed(ctx, b->pos, b->last - b->pos,
                                              0);
            }

        } else if (ngx_buf_size(b) != 0) {
            ngx_http_moderation_glue_error(ctx, MDR_ERR_UNREADABLE);
            rc = MDR_ERROR;
        }

        if (rc == MDR_OK && b->last_buf) {
            rc = ngx_http_moderation_feed(ctx, NULL, 0, 1);
            ngx_http_moderation_end(ctx);

        } else if (rc == MDR_ERROR || rc == MDR_CUT) {
            ngx_http_moderation_end(ctx);
        }
    }

    return ngx_http_next_body_filter(r, in);
}


/* on_error block, and bytes have left: the response stops here, and its end
 * is never said */

static ngx_int_t
ngx_http_moderation_cut(ngx_http_moderation_ctx_t *ctx)
{
    ngx_http_request_t  *r;

    r = ctx->request;

    ctx->cut = 1;
    r->keepalive = 0;

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "moderation: response that cannot be inspected any further "
                  "is cut");

    ngx_http_moderation_end(ctx);
    ngx_http_moderation_close(ctx);

    return ngx_http_moderation_chain_flush(&ctx->chain);
}


static ngx_int_t
ngx_http_moderation_result(ngx_http_moderation_ctx_t *ctx, int rc)
{
    if (ctx->nomem) {
        return NGX_ERROR;
    }

    if (rc == MDR_CUT) {
        return ngx_http_moderation_cut(ctx);
    }

    if (rc != MDR_ERROR) {
        return NGX_OK;
    }

    /* the engine has no memory */

    ngx_http_moderation_glue_error(ctx, MDR_ERR_MEMORY);

    if (ctx->block) {
        return ngx_http_moderation_cut(ctx);
    }

    (void) ngx_http_moderation_feed(ctx, NULL, 0, 1);

    ctx->passing = 1;
    ngx_http_moderation_end(ctx);

    return ctx->nomem ? NGX_ERROR : NGX_OK;
}


/* one piece of the first waiting buffer, or the end of it */

static ngx_int_t
ngx_http_moderation_read(ngx_http_moderation_ctx_t *ctx)
{
    int           rc;
    size_t        n;
    u_char       *p;
    ngx_buf_t    *b;
    ngx_uint_t    more;
    ngx_chain_t  *cl;

    cl = ctx->in;
    b = cl->buf;

    if (ctx->cut) {
        ngx_http_moderation_chain_consume(b);
        goto next;
    }

    if (ctx->inflate != NULL
        && (ngx_buf_in_memory(b) || ngx_buf_size(b) == 0))
    {
        rc = ngx_http_moderation_decode(ctx, b, &more);

        if (ngx_http_moderation_result(ctx, rc) != NGX_OK) {
            return NGX_ERROR;
        }

        if (more && !ctx->cut && !ctx->passing) {
            return NGX_OK;
        }

        if (ctx->passing) {

            /* no memory for the engine: what is left is still encoded */

            if (ngx_http_moderation_cut(ctx) != NGX_OK) {
                return NGX_ERROR;
            }
        }

    } else if (ngx_buf_in_memory(b)) {

        if (ctx->pos == NULL) {
            ctx->pos = b->pos;
        }

        p = ctx->pos;
        n = ngx_min((size_t) (b->last - p), NGX_HTTP_MODERATION_PIECE);
        ctx->pos += n;

        if (n != 0 && ctx->passing) {
            if (ngx_http_moderation_chain_add(&ctx->chain, p, n, 1)
                != NGX_OK)
            {
                return NGX_ERROR;
            }

        } else if (n != 0) {
            rc = ngx_http_moderation_feed(ctx, p, n, 0);

            if (ngx_http_moderation_result(ctx, rc) != NGX_OK) {
                return NGX_ERROR;
            }
        }

        if (ctx->pos != b->last && !ctx->cut) {
            return NGX_OK;
        }

    } else if (ngx_buf_size(b) != 0) {

        /* a file that the copy filter has not read: cannot be, but if it is,
         * it passes or ends the response as on_error says */

        if (!ctx->passing) {
            ngx_http_moderation_glue_error(ctx, MDR_ERR_UNREADABLE);

            rc = ngx_http_moderation_feed(ctx, NULL, 0, 1);

            if (ctx->block && rc != MDR_ERROR) {
                rc = MDR_CUT;
            }

            if (ngx_http_moderation_result(ctx, rc) != NGX_OK) {
                return NGX_ERROR;
            }

            ctx->passing = 1;
            ngx_http_moderation_end(ctx);
        }

        if (!ctx->cut
            && ngx_http_moderation_chain_whole(&ctx->chain, b) != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (b->last_buf && !ctx->cut && !ctx->passing) {
        rc = ngx_http_moderation_feed(ctx, NULL, 0, 1);

        if (ngx_http_moderation_result(ctx, rc) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!ctx->cut) {
            ctx->passing = 1;
            ngx_http_moderation_end(ctx);
        }
    }

    if (b->last_buf) {
        ngx_http_moderation_clear_digests(
                                       &ctx->request->headers_out.trailers);
    }

    if (b->flush && !b->last_buf && !ctx->cut && !ctx->passing) {
        rc = ngx_http_moderation_feed_flush(ctx);

        if (ngx_http_moderation_result(ctx, rc) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    if (ctx->cut) {

        /* bytes before the cut may lie in it: then it goes with them */

        if (ctx->chain.slice == NULL) {
            ngx_http_moderation_chain_consume(b);
            goto next;
        }
    }

    if (ngx_http_moderation_chain_input_done(&ctx->chain, b, !ctx->cut)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

next:

    ctx->in = cl->next;
    ctx->pos = NULL;

    ngx_free_chain(ctx->request->pool, cl);

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_enforce(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_int_t                     rc;
    ngx_http_moderation_chain_t  *ch;

    ch = &ctx->chain;

    if (in != NULL
        && ngx_chain_add_copy(r->pool, &ctx->in, in) != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->connection->buffered &= ~NGX_HTTP_MODERATION_BUFFERED;

    if (ctx->in == NULL && ch->busy == NULL && !r->connection->buffered) {
        return NGX_OK;
    }

    for ( ;; ) {

        while (ctx->in != NULL
               && (ctx->cut || !ngx_http_moderation_chain_full(ch)))
        {
            if (ngx_http_moderation_read(ctx) != NGX_OK) {
                return NGX_ERROR;
            }
        }

        if (ch->out == NULL && ch->busy == NULL
            && !r->connection->buffered)
        {
            /* all of it is held, or swallowed */

            return NGX_OK;
        }

        rc = ngx_http_moderation_chain_send(ch, r, ngx_http_next_body_filter);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (ctx->in == NULL || ngx_http_moderation_chain_full(ch)) {
            break;
        }
    }

    if (ctx->in != NULL) {

        /* we can go on without new input as soon as there is room */

        r->connection->buffered |= NGX_HTTP_MODERATION_BUFFERED;

        return NGX_AGAIN;
    }

    return rc;
}
