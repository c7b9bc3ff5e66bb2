/*
 * ngx_http_moderation_verdicts_card.c - what a card's fingerprint stands for:
 * released, rejected, waiting, run out; and what fills up a floor.
 */


#include "ngx_http_moderation.h"


/* how many fresh cards the last response of a slot had in this worker: with
 * fewer than its floor, cards whose release has run out fill up */

#define NGX_HTTP_MODERATION_FLOORS  64

typedef struct {
    uint64_t  name;
    uint32_t  fresh;
} ngx_http_moderation_floor_t;

static ngx_http_moderation_floor_t  ngx_http_moderation_floors[
                                               NGX_HTTP_MODERATION_FLOORS];


static ngx_http_moderation_floor_t *
ngx_http_moderation_floor(mdr_str_t slot)
{
    uint64_t                      h;
    uint32_t                      i;
    ngx_http_moderation_floor_t  *f;

    for (h = 0xcbf29ce484222325ULL, i = 0; i < slot.len; i++) {
        h = (h ^ (u_char) slot.data[i]) * 0x100000001b3ULL;
    }

    f = &ngx_http_moderation_floors[h % NGX_HTTP_MODERATION_FLOORS];

    if (f->name != h) {
        f->name = h;
        f->fresh = 0;
    }

    return f;
}


/* per cent of items, sticky by item */

static ngx_uint_t
ngx_http_moderation_rolled_out(const mdr_review_info_t *info,
    const uint64_t *item)
{
    return info->rollout >= 100
           || (item[0] ^ item[1] >> 32) % 100 < info->rollout;
}


/*
 * A look-up in a large table is one load from memory, which takes longer than
 * all else that is done for a card.  Pages show what they showed a moment ago:
 * so with the first look-up of a slot those of its last response are asked for
 * together, and the others find them there (t/bench/table.c).
 */

static void
ngx_http_moderation_ahead(ngx_http_moderation_ctx_t *ctx, mdl_map_t *m,
    uint32_t slot, const uint64_t *print)
{
    ngx_uint_t                    i, at;
    ngx_http_moderation_ahead_t  *a;

    if (ctx->gen->ahead == NULL) {
        return;
    }

    a = &ctx->gen->ahead[slot];
    at = ctx->verdicts.looked[slot]++;

    if (at == 0) {
        for (i = 0; i < a->n; i++) {
            mdl_map_prefetch(m, (const uint8_t *) a->print[i]);
        }
    }

    if (at < NGX_HTTP_MODERATION_AHEAD) {
        a->print[at][0] = print[0];
        a->print[at][1] = print[1];
        a->n = at + 1;
    }
}


/* what stands in the table of a card; 0: nothing that holds now */

static ngx_uint_t
ngx_http_moderation_card_stands(ngx_http_moderation_ctx_t *ctx,
    uint32_t slot, const mdr_review_info_t *info, const mdl_entry_t *e,
    mdr_answer_t *answer)
{
    ngx_uint_t                    live;
    ngx_http_moderation_floor_t  *f;

    answer->review = e->verdict;
    live = e->expiry == 0 || e->expiry > ctx->verdicts.clock;

    switch (e->verdict) {

    case MDL_REVIEW_REJECTED:

        if (!live) {
            answer->review = MDL_REVIEW_NONE;
            return 0;
        }

        answer->stand = MDR_STAND_OUT;
        answer->reason = MDL_WHY_REVIEW;
        return 1;

    case MDL_REVIEW_RELEASED:
    case MDL_REVIEW_ADOPTED:

        if (e->flags & MDL_FLAG_SUSPENDED) {
            answer->review = MDL_REVIEW_PENDING;    /* it waits again         */
            return 0;
        }

        if (live) {
            answer->stand = MDR_STAND_SHOW;
            return 1;
        }

        answer->report = 1;             /* the daemon does not know yet      */
        break;

    case MDL_REVIEW_EXPIRED:
        break;

    default:
        return 0;
    }

    answer->review = MDL_REVIEW_EXPIRED;

    f = ngx_http_moderation_floor(mdr_policy_slot_name(ctx->gen->policy,
                                                       slot));

    if (info->mode != MDR_REVIEW_WORD_REQUIRED || info->floor == 0
        || (e->flags & (MDL_FLAG_REJECTED|MDL_FLAG_SUSPENDED))
        || ctx->verdicts.filled == NULL
        || f->fresh + ctx->verdicts.filled[slot] >= info->floor)
    {
        return 0;
    }

    ctx->verdicts.filled[slot]++;
    answer->stand = MDR_STAND_SHOW;
    answer->reason = MDL_WHY_FLOOR;
    answer->report = 1;

    return 1;
}


/* nothing stands: what the account and the slot say */

static void
ngx_http_moderation_card_new(ngx_http_moderation_ctx_t *ctx, uint32_t slot,
    const mdr_review_info_t *info, ngx_uint_t trusted, const uint64_t *w,
    mdr_answer_t *answer)
{
    ngx_uint_t  required;

    required = info->mode == MDR_REVIEW_WORD_REQUIRED;

    if (trusted) {

        /* as rules say; one in ten is looked at after it was shown */

        answer->stand = MDR_STAND_PASS;

        if (required && answer->review == MDL_REVIEW_NONE
            && (w[HINT_PRINT] ^ w[HINT_PRINT + 1] >> 32) % 10 == 0)
        {
            answer->reason = MDL_WHY_ACCOUNT;
            answer->report = 1;
        }

    } else if (required
               && ngx_http_moderation_rolled_out(info, &w[HINT_ITEM]))
    {
        answer->stand = MDR_STAND_HOLD;
        answer->reason = MDL_WHY_REVIEW;

        if (ctx->verdicts.unstable != NULL && ctx->verdicts.unstable[slot]) {

            /* recorded as what would be held */

            answer->stand = MDR_STAND_PASS;
            answer->report = 1;
        }

    } else if (required) {
        answer->stand = MDR_STAND_PASS;
    }
}


static void
ngx_http_moderation_card_missing(ngx_http_moderation_ctx_t *ctx,
    const mdr_review_info_t *info, const uint64_t *w, mdr_answer_t *answer)
{
    ctx->verdicts.missing = 1;

    if (info->mode != MDR_REVIEW_WORD_REQUIRED) {
        return;
    }

    answer->stand = ngx_http_moderation_verdicts.conf->missing
                    == NGX_HTTP_MODERATION_MISSING_PASS
                    || !ngx_http_moderation_rolled_out(info, &w[HINT_ITEM])
                    ? MDR_STAND_PASS : MDR_STAND_HOLD;

    if (answer->stand == MDR_STAND_HOLD) {
        answer->reason = MDL_WHY_REVIEW;
    }
}


/* the card's own verdict */

void
ngx_http_moderation_card(ngx_http_moderation_ctx_t *ctx, uint32_t slot,
    const mdr_review_info_t *info, ngx_uint_t trusted, uint64_t *w,
    mdr_answer_t *answer)
{
    uint16_t      scope;
    mdl_map_t    *m;
    mdl_str_t     names[64];
    uint32_t      i, n;
    mdl_entry_t   e;

    w[HINT_EXPIRY] = 0;

    m = ngx_http_moderation_table(MDL_TABLE_ITEMS);

    if (m == NULL || (ctx->verdicts.stale
                      && ngx_http_moderation_verdicts.conf->on_stale
                         == NGX_HTTP_MODERATION_STALE_HOLD))
    {
        ngx_http_moderation_card_missing(ctx, info, w, answer);
        return;
    }

    n = ngx_min(info->nscope, 64);

    for (i = 0; i < n; i++) {
        names[i].data = info->scope[i].data;
        names[i].len = info->scope[i].len;
    }

    scope = mdl_scope(names, n);
    ngx_http_moderation_ahead(ctx, m, slot, &w[HINT_PRINT]);

    switch (mdl_map_find(m, (const uint8_t *) &w[HINT_PRINT], scope, &e)) {

    case -1:
        ngx_http_moderation_card_missing(ctx, info, w, answer);
        return;

    case 0:
        e.verdict = MDL_REVIEW_NONE;
        e.expiry = 0;
        e.flags = 0;
    }

    if (!ngx_http_moderation_card_stands(ctx, slot, info, &e, answer)) {
        ngx_http_moderation_card_new(ctx, slot, info, trusted, w, answer);

    } else if (answer->reason != MDL_WHY_FLOOR) {
        w[HINT_EXPIRY] = e.expiry;
    }
}


void
ngx_http_moderation_floors_keep(ngx_http_moderation_ctx_t *ctx)
{
    ngx_uint_t  i;

    for (i = 0; i < ctx->gen->nslots; i++) {
        if (mdr_scan_slot_items(ctx->scan, (uint32_t) i) != 0) {
            ngx_http_moderation_floor(mdr_policy_slot_name(ctx->gen->policy,
                                                           (uint32_t) i))
                ->fresh = ctx->verdicts.fresh[i];
        }
    }
}
