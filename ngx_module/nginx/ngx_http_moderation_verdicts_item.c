/*
 * ngx_http_moderation_verdicts_item.c - what is known of one item.
 *
 * In this order: an order takes it off everywhere; its account is closed or
 * suspended; the card itself was released, rejected, or waits.  What was found
 * is left as a hint beside the card, so that the same bytes cost neither hash
 * nor look-up while no table has changed.
 */


#include "ngx_http_moderation.h"


static ngx_uint_t
ngx_http_moderation_live(ngx_uint_t kind, ngx_uint_t of)
{
    mdl_map_t  *m;

    m = ngx_http_moderation_table(kind);

    return m != NULL && mdl_map_live(m, (int) of) != 0;
}


/* an order holds, everywhere or on this host: the entry of that key, not over */

static ngx_uint_t
ngx_http_moderation_order(ngx_http_moderation_ctx_t *ctx, mdl_map_t *m,
    const uint8_t *key, ngx_uint_t kind, uint64_t *expiry)
{
    uint64_t     here[2];
    mdl_entry_t  e;

    if (mdl_map_find(m, key, 0, &e) == 1 && e.verdict == kind
        && (e.expiry == 0 || e.expiry > ctx->verdicts.clock))
    {
        *expiry = e.expiry;
        return 1;
    }

    if (!ctx->verdicts.hosts) {
        return 0;
    }

    ngx_memcpy(here, key, MDL_HASH);
    here[0] ^= ctx->verdicts.host[0];
    here[1] ^= ctx->verdicts.host[1];

    if (mdl_map_find(m, (const uint8_t *) here, 0, &e) != 1
        || e.verdict != (kind | MDL_ORDER_HOST)
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
    size_t            at;
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

    if (mdl_map_live(m, MDL_ORDER_PHRASE) != 0
        && ngx_http_moderation_phrases_find(ask) != UINT32_MAX)
    {
        at = 0;

        while ((phrase = ngx_http_moderation_phrase(&at)) != NULL) {
            if (ngx_http_moderation_order(ctx, m, phrase, MDL_ORDER_PHRASE,
                                          expiry))
            {
                return 1;
            }
        }
    }

    return 0;
}


static void
ngx_http_moderation_out(mdr_answer_t *answer, ngx_uint_t reason)
{
    answer->stand = MDR_STAND_OUT;
    answer->reason = (uint8_t) reason;
}


/* the account */

enum { ACCOUNT_SAYS_NOTHING, ACCOUNT_DECIDES, ACCOUNT_IS_TRUSTED };

static ngx_uint_t
ngx_http_moderation_account(ngx_http_moderation_ctx_t *ctx,
    const mdr_review_info_t *info, uint64_t *w, mdr_answer_t *answer)
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
        return ACCOUNT_SAYS_NOTHING;
    }

    w[HINT_EXPIRY] = e.expiry;

    switch (e.verdict) {

    case MDL_ACCOUNT_SUSPENDED:
    case MDL_ACCOUNT_CLOSED:
        ngx_http_moderation_out(answer, MDL_WHY_ACCOUNT);
        return ACCOUNT_DECIDES;

    case MDL_ACCOUNT_LIMITED:

        if (info->first_screen) {
            ngx_http_moderation_out(answer, MDL_WHY_ACCOUNT);
            return ACCOUNT_DECIDES;
        }

        break;

    case MDL_ACCOUNT_TRUSTED:
        return ACCOUNT_IS_TRUSTED;
    }

    return ACCOUNT_SAYS_NOTHING;
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
ngx_http_moderation_wanted(const uint64_t *item, uint32_t clock)
{
    mdl_map_t    *m;
    mdl_entry_t   e;

    m = ngx_http_moderation_table(MDL_TABLE_WANTED);

    return m != NULL && mdl_map_live(m, 0) != 0 && (item[0] | item[1]) != 0
           && mdl_map_find(m, (const uint8_t *) item, 0, &e) == 1
           && (e.expiry == 0 || e.expiry > clock);
}


/* orders, then the account, then the card */

static void
ngx_http_moderation_judge(ngx_http_moderation_ctx_t *ctx,
    const mdr_ask_t *ask, const mdr_review_info_t *info, uint64_t *w,
    mdr_answer_t *answer)
{
    uint64_t    ends;
    ngx_uint_t  says;

    if (ngx_http_moderation_ordered(ctx, ask, w)) {
        ngx_http_moderation_out(answer, MDL_WHY_ORDER);
        return;
    }

    says = ngx_http_moderation_account(ctx, info, w, answer);

    if (says == ACCOUNT_DECIDES || info->mode == MDR_REVIEW_WORD_NEVER) {
        return;
    }

    ends = w[HINT_EXPIRY];
    ngx_http_moderation_card(ctx, ask->slot, info, says == ACCOUNT_IS_TRUSTED,
                             w, answer);

    if (says == ACCOUNT_IS_TRUSTED && ends != 0
        && (w[HINT_EXPIRY] == 0 || ends < w[HINT_EXPIRY]))
    {
        w[HINT_EXPIRY] = ends;
    }
}


/* what is looked up one after the other is fetched together */

static void
ngx_http_moderation_fetch(const uint64_t *w)
{
    ngx_uint_t       i;
    mdl_map_t       *m;
    const uint64_t  *key;

    static const struct {
        uint8_t  table, hint;
    } all[] = {
        { MDL_TABLE_ITEMS, HINT_PRINT }, { MDL_TABLE_ACCOUNTS, HINT_ACCOUNT },
        { MDL_TABLE_ORDERS, HINT_ITEM }, { MDL_TABLE_ORDERS, HINT_ACCOUNT },
        { MDL_TABLE_WANTED, HINT_ITEM }
    };

    for (i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        key = &w[all[i].hint];
        m = (key[0] | key[1]) != 0 ? ngx_http_moderation_table(all[i].table)
                                   : NULL;

        if (m != NULL) {
            mdl_map_prefetch(m, (const uint8_t *) key);
        }
    }
}


/* it is shown, and not only to fill up a floor */

static void
ngx_http_moderation_fresh(ngx_http_moderation_ctx_t *ctx,
    const mdr_ask_t *ask, const mdr_answer_t *answer)
{
    if (ctx->verdicts.fresh != NULL && answer->reason != MDL_WHY_FLOOR
        && (answer->stand == MDR_STAND_SHOW
            || (answer->stand == MDR_STAND_PASS
                && ask->action < MDR_ACT_HOLD)))
    {
        ctx->verdicts.fresh[ask->slot]++;
    }
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
        || ngx_http_moderation_wanted(&w[HINT_ITEM], ctx->verdicts.clock)
        || mdr_policy_review(ctx->gen->policy, ask->slot, &info) != MDR_OK)
    {
        answer->stand = MDR_STAND_READ;
        return;
    }

    ngx_http_moderation_judge(ctx, ask, &info, w, answer);

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

    ngx_http_moderation_fresh(ctx, ask, answer);
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

    ngx_http_moderation_fetch(w);
    ngx_http_moderation_judge(ctx, ask, &info, w, answer);

    if (answer->review == MDL_REVIEW_EXPIRED && info.floor != 0) {
        w[HINT_GENERATION] = 0;
    }

    /* what nobody could read is released by nobody */

    if (ask->unread && answer->stand == MDR_STAND_SHOW) {
        answer->stand = info.mode == MDR_REVIEW_WORD_REQUIRED
                        ? MDR_STAND_HOLD : MDR_STAND_NONE;
    }

    /* a card that the daemon does not have yet is told again in a minute */

    if ((answer->stand == MDR_STAND_HOLD
         || (answer->stand == MDR_STAND_PASS
             && (answer->reason == MDL_WHY_REVIEW
                 || answer->reason == MDL_WHY_ACCOUNT)))
        && (answer->review == MDL_REVIEW_NONE || answer->report))
    {
        w[HINT_EXPIRY] = ctx->verdicts.clock + 60;
    }

    w[HINT_ANSWER] = (uint64_t) answer->stand
                     | (uint64_t) answer->review << 8
                     | (uint64_t) answer->reason << 16
                     | (uint64_t) (ngx_time() / 86400) << 32;

    ctx->verdicts.reviews |= (ngx_uint_t) 1 << answer->review;

    ngx_http_moderation_fresh(ctx, ask, answer);

    if (answer->stand <= MDR_STAND_SHOW && ctx->ledger.on
        && ngx_http_moderation_wanted(&w[HINT_ITEM], ctx->verdicts.clock))
    {
        answer->report = 1;
        answer->reason = answer->reason != 0 ? answer->reason
                                             : MDL_WHY_SAMPLE;

    } else if (answer->stand <= MDR_STAND_PASS && answer->reason == 0
               && ask->action == MDR_ACT_NONE && !ask->unread && ctx->ledger.on
               && ngx_http_moderation_ledger_draw(
                      mdr_policy_slot_name(ctx->gen->policy, ask->slot),
                      &w[HINT_PRINT]))
    {
        answer->report = NGX_HTTP_MODERATION_DRAWN;
        answer->reason = MDL_WHY_SAMPLE;
    }
}


/* for rules that are for some accounts only: as the table has it, and without
 * a table nothing is known */

void
ngx_http_moderation_ask_account(void *data, mdr_str_t account_id,
    mdr_account_t *account)
{
    ngx_http_moderation_ctx_t *ctx = data;

    uint8_t       key[MDL_HASH];
    mdl_map_t    *m;
    mdl_str_t     id;
    mdl_entry_t   e;

    m = ngx_http_moderation_table(MDL_TABLE_ACCOUNTS);

    if (m == NULL || account_id.len == 0) {
        return;
    }

    id.data = account_id.data;
    id.len = account_id.len;
    mdl_hash(&ctx->mcf->ledger.key, "account", id, key);

    account->known = 1;
    account->state = MDL_ACCOUNT_NONE;
    account->credit = MDL_CREDIT;

    if (mdl_map_find(m, key, 0, &e) == 1) {
        account->credit = e.flags;

        if (e.verdict < MDL_ACCOUNTS
            && (e.expiry == 0 || e.expiry > ctx->verdicts.clock))
        {
            account->state = e.verdict;
        }
    }
}
