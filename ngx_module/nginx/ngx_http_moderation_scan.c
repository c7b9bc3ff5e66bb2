/*
 * ngx_http_moderation_scan.c - one scan a response: its context, its begin,
 * what the engine tells, its end.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_SEEN  (2 * 1024 * 1024)     /* bytes of items that
                                                   are known, a worker       */


static mdr_work_t  *ngx_http_moderation_work;   /* of this worker            */


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

    ngx_http_moderation_turn_leave(ctx);

    if (ctx->close.timer_set) {
        ngx_del_timer(&ctx->close);
    }

    if (ctx->close.posted) {
        ngx_delete_posted_event(&ctx->close);
    }

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


/* what becomes of an item where all rules enforce */

static void
ngx_http_moderation_would(ngx_http_moderation_ctx_t *ctx, ngx_uint_t action)
{
    ctx->would_action = ngx_max(ctx->would_action, action);

    switch (action) {

    case MDR_ACT_BLOCK:
        ctx->would_removed++;
        break;

    case MDR_ACT_HOLD:
        ctx->would_removed++;
        ctx->would_held++;
        break;

    case MDR_ACT_MASK:
        ctx->would_masked++;
        break;

    case MDR_ACT_TAG:
        ctx->would_tagged++;
        break;
    }
}


static void
ngx_http_moderation_item(void *data, const mdr_item_t *item)
{
    ngx_http_moderation_ctx_t *ctx = data;

    uint32_t         i, n;
    ngx_uint_t       would;
    mdr_rule_info_t  rule;

    if (ctx->seen != NULL) {
        ngx_http_moderation_item_brakes(ctx, item);
    }

    if (ctx->candidate != NULL) {
        ngx_http_moderation_candidate_live(ctx->candidate, item);
    }

    if (item->known) {
        if (ctx->ledger.on && item->stand >= MDR_STAND_HOLD) {
            ngx_http_moderation_ledger_known(ctx, item);
        }

    } else if (ctx->ledger.on
        && (item->nhits != 0 || item->reason != 0 || item->would != MDR_ACT_NONE
            || item->action != MDR_ACT_NONE
            || (item->flags & MDR_ITEM_OVER_LIMIT)
            || item->suggestion == MDR_SUGGEST_ERROR))
    {
        ngx_http_moderation_ledger_decided(ctx, item);
    }

    if (item->action != MDR_ACT_NONE) {
        ngx_http_moderation_zone_slot(ctx->mcf->zone, item->slot_name,
                                      mdl_actions[item->action % MDL_ACTIONS],
                                      1);
    }

    if ((item->flags & MDR_ITEM_SCRIPT)
        && (item->flags & (MDR_ITEM_REMOVED|MDR_ITEM_MASKED|MDR_ITEM_TAGGED))
        && (ctx->hashed || mdr_scan_has_hashes(ctx->scan))
        && !(ctx->errors & (ngx_uint_t) 1 << MDL_ERR_CSP_HASH))
    {
        ngx_http_moderation_glue_error(ctx, MDL_ERR_CSP_HASH);
    }

    if (item->nhits == 0) {
        return;
    }

    if (ctx->debug) {
        ngx_http_moderation_debug_item(ctx, item);
    }

    would = item->action;

    for (i = 0; i < item->nhits; i++) {
        n = item->hits[i].rule;

        if (n < ctx->gen->nrules) {
            ctx->hit[n / 8] |= (u_char) (1 << n % 8);

            if (mdr_policy_rule(ctx->gen->policy, n, &rule) == MDR_OK) {
                would = ngx_max(would, rule.action);
            }
        }
    }

    ngx_http_moderation_would(ctx, would);

    ngx_http_moderation_zone_item(ctx->mcf->zone, ctx->gen->policy, item);
}


static void
ngx_http_moderation_error(void *data, const mdr_scan_error_t *error)
{
    ngx_http_moderation_ctx_t *ctx = data;

    ctx->errors |= (ngx_uint_t) 1 << error->kind;

    ngx_http_moderation_zone_error(ctx->mcf->zone, (ngx_uint_t) error->kind);

    if (ctx->ledger.on) {
        ngx_http_moderation_ledger_error(ctx, mdl_errors[error->kind]);
    }

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

    ngx_http_moderation_zone_error(ctx->mcf->zone, kind);

    if (ctx->ledger.on && mdl_errors[kind] != NULL) {
        ngx_http_moderation_ledger_error(ctx, mdl_errors[kind]);
    }
}


ngx_int_t
ngx_http_moderation_open(ngx_http_moderation_ctx_t *ctx,
    ngx_http_moderation_loc_conf_t *mlcf, ngx_str_t *charset, uint8_t type)
{
    ngx_str_t                   place;
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
    conf.tags = (uint8_t) mlcf->tags;
    conf.now = (int64_t) ngx_time();
    conf.rule_modes = gen->caps;
    conf.site.data = (char *) mlcf->site.data;
    conf.site.len = (uint32_t) mlcf->site.len;

    if (mlcf->place != NGX_HTTP_MODERATION_PLACE_OFF
        && (gen->reader_laws != 0
            || (mlcf->candidate != NULL
                && mlcf->candidate->gen->reader_laws != 0)))
    {
        ngx_http_moderation_place(r, mlcf, &place);

        conf.jurisdiction.data = (char *) ngx_pstrdup(r->pool, &place);
        conf.jurisdiction.len = (uint32_t) place.len;

        if (place.len != 0 && conf.jurisdiction.data == NULL) {
            return NGX_ERROR;
        }
    }
    conf.record = ctx->ledger.on;

    if (ngx_http_moderation_verdicts_begin(ctx, &conf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_moderation_page_begin(ctx, &conf) != NGX_OK) {
        return NGX_ERROR;
    }

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


/* bytes */

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

int
ngx_http_moderation_feed(ngx_http_moderation_ctx_t *ctx, u_char *p,
    size_t len, ngx_uint_t last)
{
    int  rc;

    rc = ngx_http_moderation_feed_live(ctx, p, len, last);
    ctx->steps = mdr_scan_steps(ctx->scan);

    if (ctx->candidate != NULL) {
        ctx->steps += ngx_http_moderation_candidate_feed(ctx->candidate, p,
                                                         len, last);
    }

    return rc;
}


int
ngx_http_moderation_feed_flush(ngx_http_moderation_ctx_t *ctx)
{
    return ctx->scan != NULL ? mdr_scan_flush(ctx->scan) : MDR_OK;
}


/* the scan is over: its numbers stay, its memory goes */

void
ngx_http_moderation_end(ngx_http_moderation_ctx_t *ctx)
{
    ngx_http_moderation_gen_t  *gen;

    if (ctx->ended) {
        return;
    }

    ctx->ended = 1;

    mdr_scan_stats(ctx->scan, &ctx->stats);
    ngx_http_moderation_slots(ctx);
    ngx_http_moderation_verdicts_end(ctx);
    ngx_http_moderation_page_end(ctx);
    mdr_scan_free(ctx->scan);
    ctx->scan = NULL;

    if (ctx->inflate != NULL) {
        ngx_http_moderation_inflate_free(ctx->inflate);
        ctx->inflate = NULL;
    }

    if (ctx->debug) {
        ngx_http_moderation_debug_end(ctx);
    }

    ngx_http_moderation_zone_response(ctx->mcf->zone, &ctx->stats,
                                      ctx->time_ns, ctx->pauses);

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
