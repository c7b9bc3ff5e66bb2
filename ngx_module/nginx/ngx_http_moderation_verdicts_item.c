/*
 * ngx_http_moderation_verdicts_item.c - what is known of one item.
 *
 * In this order: an order takes it off everywhere; its account is closed or
 * suspended; the card itself was released, rejected, or waits.  What was found
 * is left as a hint beside the card, so that the same bytes cost neither hash
 * nor look-up while no table has changed.
 */


#include "ngx_http_moderation.h"


/* words of a hint */

enum {
    HINT_GENERATION,            /* of tables, policy, location; 0: none      */
    HINT_PRINT,                 /* two: the fingerprint                      */
    HINT_ANSWER = HINT_PRINT + 2,   /* stand, review, reason                 */
    HINT_EXPIRY,                /* of the release, seconds; 0: none          */
    HINT_ITEM,                  /* two: hash of the item                     */
    HINT_ACCOUNT = HINT_ITEM + 2,   /* two                                   */
    HINT_ID = HINT_ACCOUNT + 2, /* two: of the decision, see ledger_item.c   */
    HINT_ENTRY = HINT_ID + 2
};


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


static ngx_uint_t
ngx_http_moderation_live(ngx_uint_t kind, ngx_uint_t of)
{
    mdl_map_t  *m;

    m = ngx_http_moderation_table(kind);

    return m != NULL && mdl_map_live(m, (int) of) != 0;
}


/* an order holds: the entry of that key, not over */

static ngx_uint_t
ngx_http_moderation_order(ngx_http_moderation_ctx_t *ctx, mdl_map_t *m,
    const uint8_t *key, ngx_uint_t kind, uint64_t *expiry)
{
    mdl_entry_t  e;

    if (mdl_map_find(m, key, 0, &e) != 1 || e.verdict != kind
        || (e.expiry != 0 && e.expiry <= ctx->verdicts.clock))
    {
        return 0;
    }

    *expiry = e.expiry;

    return 1;
}


static ngx_uint_t
ngx_http_moderation_is_url(mdr_str_t s)
{
    return s.len > 1
           && (s.data[0] == '/' || ngx_strncmp(s.data, "http:", 5) == 0
               || (s.len > 6 && ngx_strncmp(s.data, "https:", 6) == 0));
}


static ngx_uint_t
ngx_http_moderation_ordered(ngx_http_moderation_ctx_t *ctx,
    const mdr_ask_t *ask, uint64_t *w)
{
    uint32_t          i;
    uint64_t         *item, *account, *expiry;
    uint8_t           key[MDL_HASH];
    mdl_str_t         url;
    mdl_map_t        *m;
    const uint8_t    *phrase;
    const mdl_key_t  *idk;

    m = ngx_http_moderation_table(MDL_TABLE_ORDERS);

    if (m == NULL) {
        return 0;
    }

    item = &w[HINT_ITEM];
    account = &w[HINT_ACCOUNT];
    expiry = &w[HINT_EXPIRY];

    if (mdl_map_live(m, MDL_ORDER_ITEM) != 0 && (item[0] | item[1]) != 0
        && ngx_http_moderation_order(ctx, m, (const uint8_t *) item,
                                     MDL_ORDER_ITEM, expiry))
    {
        return 1;
    }

    if (mdl_map_live(m, MDL_ORDER_ACCOUNT) != 0
        && (account[0] | account[1]) != 0
        && ngx_http_moderation_order(ctx, m, (const uint8_t *) account,
                                     MDL_ORDER_ACCOUNT, expiry))
    {
        return 1;
    }

    if (mdl_map_live(m, MDL_ORDER_URL) != 0) {
        idk = &ctx->mcf->ledger.key;

        for (i = 0; i < ask->nfields; i++) {
            if (ngx_http_moderation_is_url(ask->fields[i].text)) {
                url.data = ask->fields[i].text.data;
                url.len = ask->fields[i].text.len;
                mdl_hash(idk, "url", url, key);

                if (ngx_http_moderation_order(ctx, m, key, MDL_ORDER_URL,
                                              expiry))
                {
                    return 1;
                }
            }
        }
    }

    if (mdl_map_live(m, MDL_ORDER_PHRASE) != 0) {
        phrase = ngx_http_moderation_phrase(ask);

        if (phrase != NULL
            && ngx_http_moderation_order(ctx, m, phrase, MDL_ORDER_PHRASE,
                                         expiry))
        {
            return 1;
        }
    }

    return 0;
}


/* per cent of items, sticky by item */

static ngx_uint_t
ngx_http_moderation_rolled_out(const mdr_review_info_t *info,
    const uint64_t *item)
{
    return info->rollout >= 100
           || (item[0] ^ item[1] >> 32) % 100 < info->rollout;
}


static void
ngx_http_moderation_out(mdr_answer_t *answer, ngx_uint_t reason)
{
    answer->stand = MDR_STAND_OUT;
    answer->reason = (uint8_t) reason;
}


/* the account; 1: that decides */

static ngx_uint_t
ngx_http_moderation_account(ngx_http_moderation_ctx_t *ctx, uint64_t *w,
    mdr_answer_t *answer)
{
    uint64_t     *account;
    mdl_map_t    *m;
    mdl_entry_t   e;

    account = &w[HINT_ACCOUNT];

    m = ngx_http_moderation_table(MDL_TABLE_ACCOUNTS);

    if (m == NULL || mdl_map_live(m, 0) == 0
        || (account[0] | account[1]) == 0
        || mdl_map_find(m, (const uint8_t *) account, 0, &e) != 1
        || (e.expiry != 0 && e.expiry <= ctx->verdicts.clock))
    {
        return 0;
    }

    w[HINT_EXPIRY] = e.expiry;

    switch (e.verdict) {

    case MDL_ACCOUNT_SUSPENDED:
    case MDL_ACCOUNT_CLOSED:
        ngx_http_moderation_out(answer, MDL_WHY_ACCOUNT);
        return 1;

    case MDL_ACCOUNT_TRUSTED:
        answer->stand = MDR_STAND_SHOW;
        return 1;
    }

    return 0;
}


/* the card's own verdict */

static void
ngx_http_moderation_card(ngx_http_moderation_ctx_t *ctx, uint32_t slot,
    const mdr_review_info_t *info, uint64_t *w, mdr_answer_t *answer)
{
    ngx_uint_t                            required;
    uint16_t                              scope;
    mdl_map_t                            *m;
    mdl_str_t                             names[64];
    uint32_t                              i, n;
    mdl_entry_t                           e;
    ngx_http_moderation_floor_t          *f;
    ngx_http_moderation_verdicts_conf_t  *vcf;

    vcf = ngx_http_moderation_verdicts.conf;
    required = info->mode == MDR_REVIEW_WORD_REQUIRED;
    w[HINT_EXPIRY] = 0;

    m = ngx_http_moderation_table(MDL_TABLE_ITEMS);

    if (m == NULL || (ctx->verdicts.stale
                      && vcf->on_stale == NGX_HTTP_MODERATION_STALE_HOLD))
    {
        goto missing;
    }

    n = ngx_min(info->nscope, 64);

    for (i = 0; i < n; i++) {
        names[i].data = info->scope[i].data;
        names[i].len = info->scope[i].len;
    }

    scope = mdl_scope(names, n);

    switch (mdl_map_find(m, (const uint8_t *) &w[HINT_PRINT], scope, &e)) {

    case -1:
        goto missing;

    case 0:
        e.verdict = MDL_REVIEW_NONE;
        e.expiry = 0;
        e.flags = 0;
    }

    answer->review = e.verdict;

    switch (e.verdict) {

    case MDL_REVIEW_RELEASED:
    case MDL_REVIEW_ADOPTED:

        if (e.flags & MDL_FLAG_SUSPENDED) {
            break;
        }

        if (e.expiry == 0 || e.expiry > ctx->verdicts.clock) {
            answer->stand = MDR_STAND_SHOW;
            w[HINT_EXPIRY] = e.expiry;
            return;
        }

        answer->review = MDL_REVIEW_EXPIRED;

        /* fall through */

    case MDL_REVIEW_EXPIRED:

        f = ngx_http_moderation_floor(mdr_policy_slot_name(ctx->gen->policy,
                                                           slot));

        if (required && info->floor != 0 && !(e.flags & MDL_FLAG_REJECTED)
            && ctx->verdicts.filled != NULL
            && f->fresh + ctx->verdicts.filled[slot] < info->floor)
        {
            ctx->verdicts.filled[slot]++;
            answer->stand = MDR_STAND_SHOW;
            answer->reason = MDL_WHY_FLOOR;
            answer->report = 1;
            return;
        }
        break;

    case MDL_REVIEW_REJECTED:

        if (e.expiry == 0 || e.expiry > ctx->verdicts.clock) {
            ngx_http_moderation_out(answer, MDL_WHY_REVIEW);
            w[HINT_EXPIRY] = e.expiry;
            return;
        }

        answer->review = MDL_REVIEW_NONE;
        break;
    }

    if (required) {
        answer->stand = ngx_http_moderation_rolled_out(info, &w[HINT_ITEM])
                        ? MDR_STAND_HOLD : MDR_STAND_PASS;

        if (answer->stand == MDR_STAND_HOLD) {
            answer->reason = MDL_WHY_REVIEW;
        }
    }

    return;

missing:

    ctx->verdicts.missing = 1;

    if (required) {
        answer->stand = vcf->missing == NGX_HTTP_MODERATION_MISSING_PASS
                        || !ngx_http_moderation_rolled_out(info,
                                                           &w[HINT_ITEM])
                        ? MDR_STAND_PASS : MDR_STAND_HOLD;

        if (answer->stand == MDR_STAND_HOLD) {
            answer->reason = MDL_WHY_REVIEW;
        }
    }
}


static void
ngx_http_moderation_hashes(ngx_http_moderation_ctx_t *ctx,
    const mdr_ask_t *ask, uint64_t *w)
{
    uint32_t           i;
    mdl_str_t          s;
    mdl_pair_t         pairs[64];
    const mdl_key_t   *key;

    key = &ctx->mcf->ledger.key;

    if (ask->item_id.len != 0) {
        s.data = ask->item_id.data;
        s.len = ask->item_id.len;
        mdl_hash(key, "item", s, (uint8_t *) &w[HINT_ITEM]);
    }

    if (ask->account_id.len != 0) {
        s.data = ask->account_id.data;
        s.len = ask->account_id.len;
        mdl_hash(key, "account", s, (uint8_t *) &w[HINT_ACCOUNT]);
    }

    if (ask->nprint != 0) {
        for (i = 0; i < ask->nprint && i < 64; i++) {
            pairs[i].name.data = ask->print[i].name.data;
            pairs[i].name.len = ask->print[i].name.len;
            pairs[i].value.data = ask->print[i].text.data;
            pairs[i].value.len = ask->print[i].text.len;
        }

        s.data = ask->item_id.data;
        s.len = ask->item_id.len;
        mdl_fingerprint(key, s, pairs, i, (uint8_t *) &w[HINT_PRINT]);
    }
}


/* somebody wants the next one of it that passes to be recorded */

static ngx_uint_t
ngx_http_moderation_wanted(const uint64_t *item)
{
    mdl_map_t    *m;
    mdl_entry_t   e;

    m = ngx_http_moderation_table(MDL_TABLE_WANTED);

    return m != NULL && mdl_map_live(m, 0) != 0 && (item[0] | item[1]) != 0
           && mdl_map_find(m, (const uint8_t *) item, 0, &e) == 1;
}


/* an item that is known by its bytes: the hint says it all, or the card has
 * to be read */

static void
ngx_http_moderation_known_hint(ngx_http_moderation_ctx_t *ctx,
    const mdr_ask_t *ask, mdr_answer_t *answer)
{
    uint64_t           *w, word;
    mdr_review_info_t   info;

    w = ask->hint->w;
    word = w[HINT_ANSWER];

    if (w[HINT_GENERATION] == ctx->verdicts.generation
        && (w[HINT_EXPIRY] == 0 || w[HINT_EXPIRY] > ctx->verdicts.clock))
    {
        answer->stand = (uint8_t) word;
        answer->review = (uint8_t) (word >> 8);
        answer->reason = (uint8_t) (word >> 16);
        goto seen;
    }

    /* tables have changed: has anything about this card? */

    if ((w[HINT_PRINT] | w[HINT_PRINT + 1]) == 0
        || ngx_http_moderation_live(MDL_TABLE_ORDERS, MDL_ORDER_URL)
        || ngx_http_moderation_live(MDL_TABLE_ORDERS, MDL_ORDER_PHRASE)
        || ngx_http_moderation_wanted(&w[HINT_ITEM])
        || mdr_policy_review(ctx->gen->policy, ask->slot, &info) != MDR_OK)
    {
        answer->stand = MDR_STAND_READ;
        return;
    }

    if (ngx_http_moderation_ordered(ctx, ask, w)) {
        ngx_http_moderation_out(answer, MDL_WHY_ORDER);

    } else if (!ngx_http_moderation_account(ctx, w, answer)) {
        ngx_http_moderation_card(ctx, ask->slot, &info, w, answer);
    }

    /* another answer is a decision: its line needs the texts */

    if (answer->reason == MDL_WHY_FLOOR) {
        ctx->verdicts.filled[ask->slot]--;
    }

    if ((uint64_t) answer->stand != (word & 0xff)
        || answer->report
        || (answer->stand == MDR_STAND_HOLD
            && answer->review == MDL_REVIEW_NONE)
        || (answer->stand >= MDR_STAND_HOLD
            && ((word >> 8 & 0xff) != answer->review
                || (word >> 16 & 0xff) != answer->reason
                || word >> 32 != (uint64_t) ngx_time() / 86400)))
    {
        ngx_memzero(answer, sizeof(mdr_answer_t));
        answer->stand = MDR_STAND_READ;
        w[HINT_GENERATION] = 0;         /* what it says is over              */
        return;
    }

    /* whether one that has run out fills up depends on the others */

    w[HINT_GENERATION] = answer->review == MDL_REVIEW_EXPIRED
                         && info.floor != 0 ? 0 : ctx->verdicts.generation;
    w[HINT_ANSWER] = (uint64_t) answer->stand
                     | (uint64_t) answer->review << 8
                     | (uint64_t) answer->reason << 16
                     | (word >> 32 << 32);

seen:

    ctx->verdicts.reviews |= (ngx_uint_t) 1 << answer->review;

    if (answer->stand == MDR_STAND_SHOW && ctx->verdicts.fresh != NULL) {
        ctx->verdicts.fresh[ask->slot]++;
    }
}


void
ngx_http_moderation_ask(void *data, const mdr_ask_t *ask,
    mdr_answer_t *answer)
{
    ngx_http_moderation_ctx_t *ctx = data;

    uint64_t           *w;
    mdr_review_info_t   info;

    if (ask->known) {
        ngx_http_moderation_known_hint(ctx, ask, answer);
        return;
    }

    w = ask->hint->w;

    if (mdr_policy_review(ctx->gen->policy, ask->slot, &info) != MDR_OK) {
        return;
    }

    ngx_http_moderation_hashes(ctx, ask, w);
    w[HINT_GENERATION] = ctx->verdicts.generation;

    if (ngx_http_moderation_ordered(ctx, ask, w)) {
        ngx_http_moderation_out(answer, MDL_WHY_ORDER);

    } else if (!ngx_http_moderation_account(ctx, w, answer)
               && info.mode != MDR_REVIEW_WORD_NEVER)
    {
        ngx_http_moderation_card(ctx, ask->slot, &info, w, answer);
    }

    if (answer->review == MDL_REVIEW_EXPIRED && info.floor != 0) {
        w[HINT_GENERATION] = 0;
    }

    /* what nobody could read is released by nobody */

    if (ask->unread && answer->stand == MDR_STAND_SHOW) {
        answer->stand = info.mode == MDR_REVIEW_WORD_REQUIRED
                        ? MDR_STAND_HOLD : MDR_STAND_NONE;
    }

    /* a card that the daemon does not have yet is told again in a minute */

    if (answer->stand == MDR_STAND_HOLD
        && answer->review == MDL_REVIEW_NONE)
    {
        w[HINT_EXPIRY] = ctx->verdicts.clock + 60;
    }

    w[HINT_ANSWER] = (uint64_t) answer->stand
                     | (uint64_t) answer->review << 8
                     | (uint64_t) answer->reason << 16
                     | (uint64_t) (ngx_time() / 86400) << 32;

    ctx->verdicts.reviews |= (ngx_uint_t) 1 << answer->review;

    if (answer->stand == MDR_STAND_SHOW && answer->reason != MDL_WHY_FLOOR
        && ctx->verdicts.fresh != NULL)
    {
        ctx->verdicts.fresh[ask->slot]++;
    }

    if (answer->stand <= MDR_STAND_SHOW && ctx->ledger.on
        && ngx_http_moderation_wanted(&w[HINT_ITEM]))
    {
        answer->report = 1;
        answer->reason = answer->reason != 0 ? answer->reason
                                             : MDL_WHY_SAMPLE;
    }
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
    ctx->verdicts.generation = g | 1;

    ctx->verdicts.fresh = ngx_pcalloc(r->pool, 2 * n * sizeof(uint32_t));
    if (ctx->verdicts.fresh == NULL) {
        return NGX_ERROR;
    }

    ctx->verdicts.filled = ctx->verdicts.fresh + n;

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
                ngx_memset(ctx->verdicts.slot_modes, MDR_MODE_ENFORCE, n);
            }

            ctx->verdicts.slot_modes[i] = (uint8_t) mode;
        }
    }

    conf->known = ngx_http_moderation_ask;
    conf->slot_modes = ctx->verdicts.slot_modes;

    return NGX_OK;
}


void
ngx_http_moderation_verdicts_end(ngx_http_moderation_ctx_t *ctx)
{
    ngx_uint_t  i;

    if (ctx->verdicts.fresh == NULL) {
        return;
    }

    for (i = 0; i < ctx->gen->nslots; i++) {
        if (mdr_scan_slot_items(ctx->scan, (uint32_t) i) != 0) {
            ngx_http_moderation_floor(mdr_policy_slot_name(ctx->gen->policy,
                                                           (uint32_t) i))
                ->fresh = ctx->verdicts.fresh[i];
        }
    }
}
