/*
 * ngx_http_moderation_filter.c - the body filter.
 *
 * In enforce the scan is fed and what comes out of it is sent on; in shadow it
 * is shown the buffers, and they are sent on as they came.
 *
 * Input waits in ctx->in while chain.c says that enough is on its way, or for
 * its turn (turn.c); then, and only then, our bit of c->buffered asks nginx to
 * call again.
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
                                        out + ngx_min(ctx->piece,
                                                NGX_HTTP_MODERATION_PLAIN),
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
                                        : MDL_ERR_ENCODING);
    return MDR_CUT;
}


/* shadow: one piece of a buffer, or its end; *whole: it has been read */

static void
ngx_http_moderation_see(ngx_http_moderation_ctx_t *ctx, ngx_buf_t *b,
    ngx_uint_t *whole)
{
    int         rc;
    size_t      n;
    u_char     *p;
    ngx_uint_t  more;

    rc = MDR_OK;
    *whole = 1;

    if (ctx->inflate != NULL
        && (ngx_buf_in_memory(b) || ngx_buf_size(b) == 0))
    {
        rc = ngx_http_moderation_decode(ctx, b, &more);
        *whole = !more;

    } else if (ngx_buf_in_memory(b)) {
        p = ctx->pos != NULL ? ctx->pos : b->pos;
        n = ngx_min((size_t) (b->last - p), ctx->piece);

        if (n != 0) {
            rc = ngx_http_moderation_feed(ctx, p, n, 0);
        }

        ctx->pos = p + n;
        *whole = ctx->pos == b->last;

    } else if (ngx_buf_size(b) != 0) {
        ngx_http_moderation_glue_error(ctx, MDR_ERR_UNREADABLE);
        rc = MDR_ERROR;
    }

    if (rc == MDR_OK && *whole && b->last_buf) {
        (void) ngx_http_moderation_feed(ctx, NULL, 0, 1);
        ngx_http_moderation_end(ctx);

    } else if (rc == MDR_ERROR || rc == MDR_CUT) {
        ngx_http_moderation_end(ctx);
        *whole = 1;
    }

    if (*whole) {
        ctx->pos = NULL;
    }
}


static ngx_int_t
ngx_http_moderation_shadow(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_chain_t *in)
{
    ngx_int_t     rc;
    ngx_uint_t    whole;
    ngx_chain_t  *out, *cl, **last;

    if (ctx->ended && ctx->in == NULL) {
        return ngx_http_next_body_filter(r, in);
    }

    if (in != NULL
        && ngx_chain_add_copy(r->pool, &ctx->in, in) != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->connection->buffered &= ~NGX_HTTP_MODERATION_BUFFERED;

    /* buffers that have been read go on, in links of ours */

    out = ctx->in;
    last = &out;

    while (ctx->in != NULL) {
        whole = 1;

        if (!ctx->ended) {
            if (!ngx_http_moderation_turn_begin(ctx)) {
                break;
            }

            ngx_http_moderation_see(ctx, ctx->in->buf, &whole);
            ngx_http_moderation_turn_end(ctx);
        }

        if (whole) {
            last = &ctx->in->next;
            ctx->in = ctx->in->next;
        }
    }

    *last = NULL;

    if (out == NULL && ctx->in != NULL && !r->connection->buffered) {
        rc = NGX_OK;

    } else {
        rc = ngx_http_next_body_filter(r, out);
    }

    while (out != NULL) {
        cl = out;
        out = out->next;
        ngx_free_chain(r->pool, cl);
    }

    if (ctx->in != NULL && rc != NGX_ERROR) {
        r->connection->buffered |= NGX_HTTP_MODERATION_BUFFERED;
        return NGX_AGAIN;
    }

    return rc;
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


/* one piece of bytes in memory; *more: there are others */

static ngx_int_t
ngx_http_moderation_read_plain(ngx_http_moderation_ctx_t *ctx, ngx_buf_t *b,
    ngx_uint_t *more)
{
    size_t   n;
    u_char  *p;

    p = ctx->pos != NULL ? ctx->pos : b->pos;
    n = ngx_min((size_t) (b->last - p), ctx->piece);
    ctx->pos = p + n;

    if (n != 0 && ctx->passing) {
        if (ngx_http_moderation_chain_add(&ctx->chain, p, n, 1) != NGX_OK) {
            return NGX_ERROR;
        }

    } else if (n != 0
               && ngx_http_moderation_result(ctx,
                                    ngx_http_moderation_feed(ctx, p, n, 0))
                  != NGX_OK)
    {
        return NGX_ERROR;
    }

    *more = ctx->pos != b->last && !ctx->cut;

    return NGX_OK;
}


static ngx_int_t
ngx_http_moderation_read_encoded(ngx_http_moderation_ctx_t *ctx,
    ngx_buf_t *b, ngx_uint_t *more)
{
    int  rc;

    rc = ngx_http_moderation_decode(ctx, b, more);

    if (ngx_http_moderation_result(ctx, rc) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ctx->cut || ctx->passing) {
        *more = 0;
    }

    if (ctx->passing) {

        /* no memory for the engine: what is left is still encoded */

        return ngx_http_moderation_cut(ctx);
    }

    return NGX_OK;
}


/* a file that the copy filter has not read: cannot be, but if it is, it passes
 * or ends the response as on_error says */

static ngx_int_t
ngx_http_moderation_read_file(ngx_http_moderation_ctx_t *ctx, ngx_buf_t *b)
{
    int  rc;

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

    return ctx->cut ? NGX_OK
                    : ngx_http_moderation_chain_whole(&ctx->chain, b);
}


/* a buffer has been read: what its flags mean to the scan */

static ngx_int_t
ngx_http_moderation_read_end(ngx_http_moderation_ctx_t *ctx, ngx_buf_t *b)
{
    int  rc;

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

        return ngx_http_moderation_result(ctx, rc);
    }

    return NGX_OK;
}


/* one piece of the first waiting buffer, or the end of it */

static ngx_int_t
ngx_http_moderation_read(ngx_http_moderation_ctx_t *ctx)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_uint_t    more;
    ngx_chain_t  *cl;

    cl = ctx->in;
    b = cl->buf;
    rc = NGX_OK;
    more = 0;

    if (ctx->cut) {
        ngx_http_moderation_chain_consume(b);
        goto next;
    }

    if (ctx->inflate != NULL
        && (ngx_buf_in_memory(b) || ngx_buf_size(b) == 0))
    {
        rc = ngx_http_moderation_read_encoded(ctx, b, &more);

    } else if (ngx_buf_in_memory(b)) {
        rc = ngx_http_moderation_read_plain(ctx, b, &more);

    } else if (ngx_buf_size(b) != 0) {
        rc = ngx_http_moderation_read_file(ctx, b);
    }

    if (rc != NGX_OK || more) {
        return rc;
    }

    if (ngx_http_moderation_read_end(ctx, b) != NGX_OK) {
        return NGX_ERROR;
    }

    /* bytes before a cut may lie in it: then it goes with them */

    if (ctx->cut && ctx->chain.slice == NULL) {
        ngx_http_moderation_chain_consume(b);
        goto next;
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


/* reads what waits, as long as it has a way to go and its turn lasts */

static ngx_int_t
ngx_http_moderation_read_turn(ngx_http_moderation_ctx_t *ctx)
{
    ngx_int_t  rc;

    while (ctx->in != NULL && ctx->cut) {
        if (ngx_http_moderation_read(ctx) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    while (ctx->in != NULL && !ngx_http_moderation_chain_full(&ctx->chain)
           && ngx_http_moderation_turn_begin(ctx))
    {
        rc = ngx_http_moderation_read(ctx);
        ngx_http_moderation_turn_end(ctx);

        if (rc != NGX_OK) {
            return NGX_ERROR;
        }
    }

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

        if (ngx_http_moderation_read_turn(ctx) != NGX_OK) {
            return NGX_ERROR;
        }

        if (ch->out == NULL && ch->busy == NULL
            && !r->connection->buffered)
        {
            /* all of it is held, or swallowed */

            rc = NGX_OK;
            break;
        }

        rc = ngx_http_moderation_chain_send(ch, r, ngx_http_next_body_filter);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (ctx->in == NULL || ctx->waiting
            || ngx_http_moderation_chain_full(ch))
        {
            break;
        }
    }

    if (ctx->in != NULL) {

        /* we can go on without new input as soon as there is room, or in
         * our turn */

        r->connection->buffered |= NGX_HTTP_MODERATION_BUFFERED;

        return NGX_AGAIN;
    }

    return rc;
}
