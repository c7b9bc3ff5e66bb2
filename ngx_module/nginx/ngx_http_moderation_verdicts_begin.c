/*
 * ngx_http_moderation_verdicts_begin.c - what mapped tables say of a whole
 * response: switches of its slots, slots in which nothing is held yet, the
 * clock, and what hints depend on beside the bytes of a card.
 */


#include "ngx_http_moderation.h"


/* slots with `review: required` of whose cards nobody knows yet whether they
 * keep their fingerprints: there nothing is held for review */

static ngx_int_t
ngx_http_moderation_unstable(ngx_http_moderation_ctx_t *ctx)
{
    char                        text[600];
    uint8_t                     none[MDL_HASH] = { 0 };
    uint32_t                    i;
    mdl_map_t                  *m;
    mdl_str_t                   s;
    mdl_entry_t                 e;
    mdr_review_info_t           info;
    ngx_http_moderation_gen_t  *gen;

    gen = ctx->gen;
    m = ngx_http_moderation_table(MDL_TABLE_ITEMS);

    if (m == NULL || gen->required == 0) {
        return NGX_OK;
    }

    if (gen->stable == NULL) {
        gen->stable = calloc(gen->nslots, MDL_HASH);
        if (gen->stable == NULL) {
            return NGX_ERROR;
        }

        for (i = 0; i < gen->nslots; i++) {
            if (mdr_policy_review(gen->policy, i, &info) == MDR_OK
                && info.mode == MDR_REVIEW_WORD_REQUIRED && !info.stable)
            {
                s.data = text;
                s.len = mdr_policy_review_print(gen->policy, i, text,
                                                sizeof(text));
                mdl_hash(&ctx->mcf->ledger.key, "stable", s, gen->stable[i]);
            }
        }
    }

    for (i = 0; i < gen->nslots; i++) {
        if (ngx_memcmp(gen->stable[i], none, MDL_HASH) == 0
            || mdl_map_find(m, gen->stable[i], 0, &e) == 1)
        {
            continue;
        }

        if (ctx->verdicts.unstable == NULL) {
            ctx->verdicts.unstable = ngx_pcalloc(ctx->request->pool,
                                                 gen->nslots);
            if (ctx->verdicts.unstable == NULL) {
                return NGX_ERROR;
            }
        }

        ctx->verdicts.unstable[i] = 1;
    }

    return NGX_OK;
}


/* does a switch set one of the slots to enforce? */

ngx_uint_t
ngx_http_moderation_switched_on(ngx_http_request_t *r, mdr_policy_t *policy)
{
    uint32_t           i;
    mdl_map_t         *m;
    mdl_str_t          host, slot;
    mdr_str_t          name;
    mdr_policy_info_t  info;

    m = ngx_http_moderation_table(MDL_TABLE_ORDERS);

    if (m == NULL || !mdl_map_switched(m)) {
        return 0;
    }

    mdr_policy_info(policy, &info);
    host.data = (char *) r->headers_in.server.data;
    host.len = r->headers_in.server.len;

    for (i = 0; i < info.slots; i++) {
        name = mdr_policy_slot_name(policy, i);
        slot.data = name.data;
        slot.len = name.len;

        if (mdl_map_switch(m, host, slot, (uint64_t) ngx_time(), NULL)
            == MDL_MODE_ENFORCE)
        {
            return 1;
        }
    }

    return 0;
}


/* orders for one host: a hint is of the host that it was found on */

static uint64_t
ngx_http_moderation_hosts(ngx_http_moderation_ctx_t *ctx, uint64_t generation)
{
    mdl_map_t  *m;
    mdl_str_t   host;

    m = ngx_http_moderation_table(MDL_TABLE_ORDERS);

    if (m == NULL || mdl_map_live(m, MDL_LIVE_HOSTS) == 0) {
        return generation;
    }

    host.data = (char *) ctx->request->headers_in.server.data;
    host.len = ctx->request->headers_in.server.len;
    mdl_order_host(host, ctx->verdicts.host);
    ctx->verdicts.hosts = 1;

    return generation ^ ctx->verdicts.host[1];
}


/* before a scan begins; conf gets what it needs */

ngx_int_t
ngx_http_moderation_verdicts_begin(ngx_http_moderation_ctx_t *ctx,
    mdr_scan_conf_t *conf)
{
    int                   mode, stale;
    uint64_t              g;
    ngx_uint_t            i, n;
    mdl_map_t            *m;
    mdl_str_t             host, slot;
    mdr_str_t             name;
    ngx_http_request_t   *r;

    if (ngx_http_moderation_verdicts.conf == NULL) {
        return NGX_OK;
    }

    r = ctx->request;
    n = ctx->gen->nslots;
    stale = 0;

    m = ngx_http_moderation_table(MDL_TABLE_ITEMS);
    ctx->verdicts.clock = (uint32_t) ngx_time();

    if (m != NULL) {
        ctx->verdicts.clock = mdl_map_clock(m, ngx_http_moderation_now_ms(),
                                            &stale);
        ctx->verdicts.stale = stale;
    }

    /* what a hint depends on beside the card's bytes, which the policy's hash
     * stands beside already */

    g = ngx_http_moderation_verdicts_generation() ^ ctx->mode
        ^ (uint64_t) stale << 8;
    g = (g ^ (uint64_t) (ngx_time() / 86400)) * 0x9e3779b97f4a7c15ULL;
    g = ngx_http_moderation_hosts(ctx, g);
    ctx->verdicts.generation = g | 1;

    ctx->verdicts.fresh = ngx_pcalloc(r->pool, 3 * n * sizeof(uint32_t));
    if (ctx->verdicts.fresh == NULL) {
        return NGX_ERROR;
    }

    ctx->verdicts.filled = ctx->verdicts.fresh + n;
    ctx->verdicts.looked = ctx->verdicts.filled + n;

    if (ctx->gen->ahead == NULL) {
        ctx->gen->ahead = calloc(n, sizeof(ngx_http_moderation_ahead_t));
    }

    m = ngx_http_moderation_table(MDL_TABLE_ORDERS);

    if (m != NULL) {
        conf->ask_all = mdl_map_live(m, MDL_ORDER_PHRASE) != 0
                        || mdl_map_live(m, MDL_ORDER_URL) != 0;
        host.data = (char *) r->headers_in.server.data;
        host.len = r->headers_in.server.len;

        for (i = 0; i < n; i++) {
            name = mdr_policy_slot_name(ctx->gen->policy, (uint32_t) i);
            slot.data = name.data;
            slot.len = name.len;
            mode = mdl_map_switch(m, host, slot, (uint64_t) ngx_time(), NULL);

            if (mode == -1) {
                continue;
            }

            if (ctx->verdicts.slot_modes == NULL) {
                ctx->verdicts.slot_modes = ngx_palloc(r->pool, n);
                if (ctx->verdicts.slot_modes == NULL) {
                    return NGX_ERROR;
                }
                ngx_memset(ctx->verdicts.slot_modes,
                           ctx->lifted ? MDR_MODE_SHADOW : MDR_MODE_ENFORCE,
                           n);
            }

            ctx->verdicts.slot_modes[i] = (uint8_t) mode;
        }
    }

    if (ngx_http_moderation_unstable(ctx) != NGX_OK) {
        return NGX_ERROR;
    }

    conf->known = ngx_http_moderation_ask;
    conf->account = ngx_http_moderation_ask_account;
    conf->slot_modes = ctx->verdicts.slot_modes;

    return NGX_OK;
}


void
ngx_http_moderation_verdicts_end(ngx_http_moderation_ctx_t *ctx)
{
    if (ctx->verdicts.fresh != NULL) {
        ngx_http_moderation_floors_keep(ctx);
    }
}
