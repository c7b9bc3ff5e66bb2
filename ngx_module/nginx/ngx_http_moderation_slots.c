/*
 * ngx_http_moderation_slots.c - items of each slot, and whether a slot that
 * used to find some finds none any more.
 *
 * A page that was redesigned is the one failure that nothing else shows: the
 * selector matches nothing, so no rule hits, and all is well.  How often a
 * slot has items differs from site to site (a first screen is on one page of
 * thousands), so it is measured: with the share of responses that had an item
 * of the slot, some number of them would have been expected among those since
 * the last one.  Where that is fifty, and a minute has passed, it is said
 * once, and again when items come.
 */


#include "ngx_http_moderation.h"
#include "ngx_http_moderation_zone.h"


#define NGX_HTTP_MODERATION_SLOT_PROBES    16
#define NGX_HTTP_MODERATION_SLOT_KNOWN     20   /* responses with an item    */
#define NGX_HTTP_MODERATION_SLOT_EXPECTED  50   /* and then none             */
#define NGX_HTTP_MODERATION_SLOT_MEMORY    4096
#define NGX_HTTP_MODERATION_SLOT_LOOK      16   /* responses of a worker     */


ngx_http_moderation_zslot_t *
ngx_http_moderation_slot(ngx_http_moderation_zone_t *zone, mdr_str_t name,
    ngx_uint_t make)
{
    size_t                        len;
    uint32_t                      hash;
    ngx_uint_t                    i;
    ngx_http_moderation_zslot_t  *s;

    if (zone == NULL || zone->data == NULL) {
        return NULL;
    }

    len = ngx_min((size_t) name.len, sizeof(s->name) - 1);
    hash = ngx_murmur_hash2((u_char *) name.data, len) | 1;

    for (i = 0; i < NGX_HTTP_MODERATION_SLOT_PROBES; i++) {
        s = &zone->data->slots[(hash + i) % NGX_HTTP_MODERATION_SLOTS];

        if (s->state == 0) {
            if (!make || !ngx_atomic_cmp_set(&s->state, 0, 1)) {
                return NULL;
            }

            ngx_memcpy(s->name, name.data, len);
            s->name[len] = '\0';
            s->hash = hash;
            s->first = zone->data->responses;
            ngx_memory_barrier();
            s->state = 2;
            return s;
        }

        if (s->state == 2 && s->hash == hash && s->name[len] == '\0'
            && ngx_memcmp(s->name, name.data, len) == 0)
        {
            return s;
        }
    }

    return NULL;
}


ngx_uint_t
ngx_http_moderation_slot_silent(ngx_http_moderation_zone_t *zone,
    ngx_http_moderation_zslot_t *s)
{
    ngx_atomic_uint_t  of, since;

    if (zone->silent == 0
        || s->responses < NGX_HTTP_MODERATION_SLOT_KNOWN
        || ngx_time() - (time_t) s->touched < zone->silent)
    {
        return 0;
    }

    of = s->last - s->first + 1;
    since = zone->data->responses - s->last;

    return (double) since * s->responses
           >= (double) of * NGX_HTTP_MODERATION_SLOT_EXPECTED;
}


static void
ngx_http_moderation_slot_seen(ngx_http_moderation_zone_t *zone,
    mdr_str_t name, ngx_uint_t n)
{
    ngx_atomic_uint_t             had, before;
    ngx_http_moderation_zslot_t  *s;

    s = ngx_http_moderation_slot(zone, name, 1);
    if (s == NULL) {
        return;
    }

    (void) ngx_atomic_fetch_add(&s->items, (ngx_atomic_int_t) n);
    had = ngx_atomic_fetch_add(&s->responses, 1);
    before = s->last;
    s->last = zone->data->responses;
    s->touched = (ngx_atomic_uint_t) ngx_time();

    /* the share is that of late, not that since the start: half of what is
     * known is forgotten now and then */

    if (had >= NGX_HTTP_MODERATION_SLOT_MEMORY
        && ngx_atomic_cmp_set(&s->responses, had + 1, (had + 1) / 2))
    {
        s->first += (s->last - s->first) / 2;
    }

    if (s->said != 0 && ngx_atomic_cmp_set(&s->said, 1, 0)) {

        /* the time without items says nothing of the share with them */

        s->first += s->last - before;

        ngx_log_error(NGX_LOG_NOTICE, ngx_cycle->log, 0,
                      "moderation: slot \"%s\" finds items again", s->name);
    }
}


static void
ngx_http_moderation_slots_look(ngx_http_moderation_zone_t *zone,
    ngx_http_moderation_gen_t *gen)
{
    ngx_uint_t                    i;
    ngx_http_moderation_zslot_t  *s;

    for (i = 0; i < gen->nslots; i++) {
        s = ngx_http_moderation_slot(zone,
                     mdr_policy_slot_name(gen->policy, (uint32_t) i), 0);

        if (s == NULL || s->said != 0
            || !ngx_http_moderation_slot_silent(zone, s)
            || !ngx_atomic_cmp_set(&s->said, 0, 1))
        {
            continue;
        }

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "moderation: slot \"%s\" finds nothing any more: no "
                      "item in the last %uA responses (%T s), before in 1 "
                      "of %uA; has the page changed?", s->name,
                      zone->data->responses - s->last,
                      ngx_time() - (time_t) s->touched,
                      (s->last - s->first + s->responses) / s->responses);
    }
}


void
ngx_http_moderation_slots(ngx_http_moderation_ctx_t *ctx)
{
    uint64_t                     n;
    mdr_str_t                    name;
    ngx_uint_t                   i;
    ngx_http_moderation_zone_t  *zone;

    static ngx_uint_t  turn;

    zone = ctx->mcf->zone;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    for (i = 0; ctx->stats.items != 0 && i < ctx->gen->nslots; i++) {
        n = mdr_scan_slot_items(ctx->scan, (uint32_t) i);

        if (n == 0) {
            continue;
        }

        name = mdr_policy_slot_name(ctx->gen->policy, (uint32_t) i);
        ngx_http_moderation_slot_seen(zone, name, (ngx_uint_t) n);

        /* for the statistics of the record */

        if (ctx->ledger.on) {
            ngx_http_moderation_zone_slot(zone, name, NULL, (ngx_uint_t) n);
        }
    }

    if (++turn % NGX_HTTP_MODERATION_SLOT_LOOK == 0) {
        ngx_http_moderation_slots_look(zone, ctx->gen);
    }
}
