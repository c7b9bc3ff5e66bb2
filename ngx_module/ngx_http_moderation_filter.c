/*
 * ngx_http_moderation_filter.c - the body filter, and what the engine tells.
 *
 * In enforce the scan is fed and what comes out of it is sent on; in shadow it
 * is shown the buffers, and the chain is sent on as it came.
 *
 * Input waits in ctx->in only while chain.c says that enough is on its way;
 * then, and only then, our bit of c->buffered asks nginx to call again.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_PIECE   32768       /* bytes of one feed call    */
#define NGX_HTTP_MODERATION_SEEN    (2 * 1024 * 1024)   /* bytes of items that
                                                   are known, a worker       */


static ngx_int_t ngx_http_moderation_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_moderation_shadow(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_http_moderation_enforce(ngx_http_request_t *r,
    ngx_http_moderation_ctx_t *ctx, ngx_chain_t *in);


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;

static mdr_work_t  *ngx_http_moderation_work;   /* of this worker            */


ngx_int_t
ngx_http_moderation_filter_init(ngx_conf_t *cf)
{
    ngx_http_moderation_header_init();

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_moderation_body_filter;

    return NGX_OK;
}


ngx_int_t
ngx_http_moderation_work_init(ngx_cycle_t *cycle)
{
    if (ngx_http_moderation_work != NULL) {
        return NGX_OK;
    }

    ngx_http_moderation_work = mdr_work_new(NULL);

    if (ngx_http_moderation_work == NULL) {
        ngx_log_error(NGX_LOG_EMERG, cycle->log, 0,
                      "moderation: no memory for a work area");
        return NGX_ERROR;
    }

    /* without it items are read each time */

    (void) mdr_work_remember(ngx_http_moderation_work,
                             NGX_HTTP_MODERATION_SEEN);

    return NGX_OK;
}


void
ngx_http_moderation_work_done(void)
{
    mdr_work_free(ngx_http_moderation_work);
    ngx_http_moderation_work = NULL;
}


/* contexts */

static void
ngx_http_moderation_cleanup(void *data)
{
    ngx_http_moderation_ctx_t *ctx = data;

    mdr_scan_free(ctx->scan);
    ctx->scan = NULL;

    if (ctx->candidate != NULL) {
        (void) ngx_http_moderation_candidate_free(ctx->candidate);
        ctx->candidate = NULL;
    }

    if (ctx->inflate != NULL) {
        ngx_http_moderation_inflate_free(ctx->inflate);
        ctx->inflate = NULL;
    }

    if (ctx->gen != NULL) {
        ngx_http_moderation_gen_unref(ctx->gen);
        ctx->gen = NULL;
    }
}


ngx_http_moderation_ctx_t *
ngx_http_moderation_ctx_new(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_moderation_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_moderation_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_moderation_ctx_t));

    cln->handler = ngx_http_moderation_cleanup;

    /*
     * set by ngx_memzero():
     *
     *     ctx->gen = NULL;
     *     ctx->scan = NULL;
     *     ctx->in = NULL;
     *     ctx->errors = 0;
     */

    ctx->request = r;
    ctx->mcf = ngx_http_get_module_main_conf(r,
                                         ngx_http_moderation_filter_module);

    ngx_http_moderation_chain_init(&ctx->chain, r->pool);
    ngx_http_set_ctx(r, ctx, ngx_http_moderation_filter_module);

    return ctx;
}


ngx_http_moderation_ctx_t *
ngx_http_moderation_get_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_moderation_ctx_t  *ctx;

    r = r->main;
    ctx = ngx_http_get_module_ctx(r, ngx_http_moderation_filter_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {

        /* contexts are forgotten on internal redirects; the last one made
         * stands first */

        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_moderation_cleanup) {
                return cln->data;
            }
        }
    }

    return ctx;
}


/* what the engine tells */

static int
ngx_http_moderation_output(void *data, const uint8_t *p, size_t len,
    uint32_t flags)
{
    ngx_http_moderation_ctx_t *ctx = data;

    /* a decoded piece lies in memory that the next one will take */

    if (ngx_http_moderation_chain_add(&ctx->chain, p, len,
                                      (flags & MDR_OUT_INPUT)
                                      && ctx->inflate == NULL)
        != NGX_OK)
    {
        ctx->nomem = 1;
        return MDR_ERROR;
    }

    return MDR_OK;
}


/* hits of rules that have a brake, once an item */

static void
ngx_http_moderation_item_brakes(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item)
{
    uint32_t                    n;
    ngx_uint_t                  i;
    ngx_http_moderation_gen_t  *gen;

    gen = ctx->gen;
    ctx->seen[item->slot]++;

    if (item->nhits == 0) {
        return;
    }

    for (i = 0; i < gen->nbrakes; i++) {
        for (n = 0; n < item->nhits; n++) {
            if (item->hits[n].rule == gen->brakes[i]) {
                ctx->braked[i * gen->nslots + item->slot]++;
                break;
            }
        }
    }
}


static void
ngx_http_moderation_item(void *data, const mdr_item_t *item)
{
    ngx_http_moderation_ctx_t *ctx = data;

    uint32_t  i, n;

    if (ctx->seen != NULL) {
        ngx_http_moderation_item_brakes(ctx, item);
    }

    if (ctx->candidate != NULL) {
        ngx_http_moderation_candidate_live(ctx->candidate, item);
    }

    if (item->nhits == 0) {
        return;
    }

    for (i = 0; i < item->nhits; i++) {
        n = item->hits[i].rule;

        if (n < ctx->gen->nrules) {
            ctx->hit[n / 8] |= (u_char) (1 << n % 8);
        }
    }

    ngx_http_moderation_zone_item(ctx->mcf->zone, ctx->gen->policy, item);
}


static void
ngx_http_moderation_error(void *data, const mdr_scan_error_t *error)
{
    ngx_http_moderation_ctx_t *ctx = data;

    ctx->errors |= (ngx_uint_t) 1 << error->kind;

    ngx_http_moderation_zone_error(ctx->mcf->zone, (ngx_uint_t) error->kind);

    if (error->rule != UINT32_MAX) {
        ngx_http_moderation_gen_limit(ctx->gen, ctx->mcf->zone, error->rule);
    }

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, ctx->request->connection->log, 0,
                   "moderation: error %d at %uL: %s", error->kind,
                   error->offset, error->detail);
}


void
ngx_http_moderation_glue_error(ngx_http_moderation_ctx_t *ctx,
    ngx_uint_t kind)
{
    ctx->errors |= (ngx_uint_t) 1 << kind;

    ngx_http_moderation_zone_error(ctx->mcf->zone,
                                   kind < NGX_HTTP_MODERATION_E_PARTIAL
                                   ? kind
                                   : kind - NGX_HTTP_MODERATION_E_PARTIAL
                                     + MDR_ERR_REGEX_LIMIT + 1);
}


ngx_int_t
ngx_http_moderation_open(ngx_http_moderation_ctx_t *ctx,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_str_t *charset, uint8_t type)
{
    ngx_uint_t                  n;
    mdr_scan_conf_t             conf;
    ngx_http_request_t         *r;
    ngx_http_moderation_gen_t  *gen;

    r = ctx->request;
    gen = ctx->gen;

    ngx_memzero(&conf, sizeof(mdr_scan_conf_t));

    n = gen->nrules / 8 + 1;

    ctx->hit = ngx_pcalloc(r->pool, n);
    if (ctx->hit == NULL) {
        return NGX_ERROR;
    }

    if (gen->nbrakes != 0 && ctx->mcf->zone != NULL) {
        ctx->seen = ngx_pcalloc(r->pool, (1 + gen->nbrakes) * gen->nslots
                                         * sizeof(ngx_uint_t));
        if (ctx->seen == NULL) {
            return NGX_ERROR;
        }

        ctx->braked = ctx->seen + gen->nslots;
        conf.all_items = 1;
    }

    if (charset->len != 0) {
        conf.charset = (char *) ngx_pnalloc(r->pool, charset->len + 1);
        if (conf.charset == NULL) {
            return NGX_ERROR;
        }

        *ngx_cpymem((u_char *) conf.charset, charset->data, charset->len)
            = '\0';
    }

    conf.ctx = ctx;
    conf.output = ctx->mode == MDR_MODE_ENFORCE ? ngx_http_moderation_output
                                                : NULL;
    conf.item = ngx_http_moderation_item;
    conf.error = ngx_http_moderation_error;
    conf.type = type;
    conf.mode = (uint8_t) ctx->mode;
    conf.on_error_block = (uint8_t) ctx->block;
    conf.max_slot = mlcf->max_slot;
    conf.now = (int64_t) ngx_time();
    conf.rule_modes = gen->caps;

    ctx->scan = mdr_scan_new(gen->policy, ngx_http_moderation_work, &conf);

    if (ctx->scan == NULL) {
        return NGX_ERROR;
    }

    /* without memory for it nothing is compared */

    if (mlcf->candidate != NULL) {
        ctx->candidate = ngx_http_moderation_candidate_new(mlcf->candidate,
                                                gen, ctx->mcf->zone,
                                                ngx_http_moderation_work,
                                                &conf);
    }

    return NGX_OK;
}


/* bodies */

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


static int
ngx_http_moderation_feed_live(ngx_http_moderation_ctx_t *ctx, u_char *p,
    size_t len, ngx_uint_t last)
{
    int              rc;
    struct timespec  a, b;

    if (ctx->mcf->zone == NULL) {
        return last ? mdr_scan_finish(ctx->scan)
                    : mdr_scan_feed(ctx->scan, p, len);
    }

    (void) clock_gettime(CLOCK_MONOTONIC, &a);

    rc = last ? mdr_scan_finish(ctx->scan)
              : mdr_scan_feed(ctx->scan, p, len);

    (void) clock_gettime(CLOCK_MONOTONIC, &b);

    ctx->time_ns += (uint64_t) ((int64_t) (b.tv_sec - a.tv_sec) * 1000000000
                                + (b.tv_nsec - a.tv_nsec));

    return rc;
}


/* a candidate keeps step, piece by piece */

static int
ngx_http_moderation_feed(ngx_http_moderation_ctx_t *ctx, u_char *p,
    size_t len, ngx_uint_t last)
{
    int     rc;
    size_t  n;

    if (ctx->candidate == NULL) {
        return ngx_http_moderation_feed_live(ctx, p, len, last);
    }

    for ( ;; ) {
        n = ngx_min(len, NGX_HTTP_MODERATION_PIECE);
        rc = ngx_http_moderation_feed_live(ctx, p, n, last);
        ngx_http_moderation_candidate_feed(ctx->candidate, p, n, last);
        len -= n;

        if (rc != MDR_OK || len == 0) {
            return rc;
        }

        p += n;
    }
}


/* the scan is over: its numbers stay, its memory goes */

static void
ngx_http_moderation_end(ngx_http_moderation_ctx_t *ctx)
{
    ngx_http_moderation_gen_t  *gen;

    if (ctx->ended) {
        return;
    }

    ctx->ended = 1;

    mdr_scan_stats(ctx->scan, &ctx->stats);
    mdr_scan_free(ctx->scan);
    ctx->scan = NULL;

    if (ctx->inflate != NULL) {
        ngx_http_moderation_inflate_free(ctx->inflate);
        ctx->inflate = NULL;
    }

    ngx_http_moderation_zone_response(ctx->mcf->zone, &ctx->stats,
                                      ctx->time_ns);

    if (ctx->seen != NULL) {
        gen = ctx->gen;
        ngx_http_moderation_zone_brakes(ctx->mcf->zone, gen->policy,
                                        gen->brakes, gen->nbrakes,
                                        gen->nslots, ctx->seen, ctx->braked);
    }

    if (ctx->candidate != NULL) {
        ctx->differ = ngx_http_moderation_candidate_free(ctx->candidate);
        ctx->candidate = NULL;
        ctx->compared = 1;
    }
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
