/*
 * ngx_http_moderation_ledger_rate.c - how much of the record one slot, or one
 * card, may take: samples of what passed, cards that change all the time, and
 * distinct lines of a minute.
 *
 * The counters are entries of the area like those of decisions, under keys
 * that no decision has; they are never told.  One that had to make room begins
 * anew: then a little more is written.
 */


#include "ngx_http_moderation.h"


enum { NGX_HTTP_MODERATION_RATE_SAMPLE = 1, NGX_HTTP_MODERATION_RATE_CARD,
       NGX_HTTP_MODERATION_RATE_SLOT };


static uint64_t
ngx_http_moderation_rate_fold(uint64_t a, uint64_t b)
{
    __uint128_t  m;

    m = (__uint128_t) (a ^ 0x9e3779b97f4a7c15) * (b ^ 0xbf58476d1ce4e5b9);

    return (uint64_t) m ^ (uint64_t) (m >> 64);
}


static uint64_t
ngx_http_moderation_rate_bytes(const char *p, size_t len)
{
    size_t    i;
    uint64_t  h;

    for (i = 0, h = 0xcbf29ce484222325; i < len; i++) {
        h = (h ^ (u_char) p[i]) * 0x100000001b3;
    }

    return h;
}


/* the counter of (kind, what) in this period, or NULL: there is no room */

static mdl_count_entry_t *
ngx_http_moderation_rate(ngx_uint_t kind, uint64_t what, uint64_t period)
{
    uint64_t            key[2];
    mdl_count_entry_t  *e, gone;

    key[0] = ngx_http_moderation_rate_fold(what, period << 8 | kind);
    key[1] = ngx_http_moderation_rate_fold(key[0], what);

    e = mdl_entry_get(ngx_http_moderation_ledger.area, key,
                      ngx_http_moderation_now_ms(), &gone);

    if (e != NULL && gone.state != MDL_ENTRY_FREE) {
        ngx_http_moderation_ledger_gone(&gone);
    }

    return e;
}


/*
 * Is this card, which passed, a sample of its slot today?  By the keyed hash
 * of card and day, the same on every worker and node.  The share that is drawn
 * begins at 1 in 64 and is halved each time that half of what is left of the
 * day's number has been taken, so that a busy slot is sampled all day long.
 */

ngx_uint_t
ngx_http_moderation_ledger_draw(mdr_str_t slot, const uint64_t print[2])
{
    uint64_t                            h, n, day, taken;
    ngx_uint_t                          shift;
    mdl_count_entry_t                  *e;
    ngx_http_moderation_ledger_conf_t  *lcf;

    lcf = ngx_http_moderation_ledger.conf;

    if (lcf == NULL || lcf->samples == 0 || (print[0] | print[1]) == 0) {
        return 0;
    }

    day = (uint64_t) ngx_time() / 86400;
    h = ngx_http_moderation_rate_fold(print[0], print[1] ^ day) >> 32;

    if (h >> (32 - 6) != 0) {
        return 0;
    }

    e = ngx_http_moderation_rate(NGX_HTTP_MODERATION_RATE_SAMPLE,
                                 ngx_http_moderation_rate_bytes(slot.data,
                                                                slot.len),
                                 day);
    if (e == NULL) {
        return 0;
    }

    taken = mdl_entry_total(e);

    if (taken >= lcf->samples) {
        return 0;
    }

    shift = 32 - 6;

    for (n = lcf->samples; lcf->samples - taken <= n / 2 && shift != 0;
         n /= 2)
    {
        shift--;
    }

    if (h >> shift != 0) {
        return 0;
    }

    (void) mdl_entry_add(e, (uint64_t) ngx_time());

    return 1;
}


/*
 * Does this card change all the time?  fresh: this is a decision that was not
 * there before, so perhaps another fingerprint.  1: it has had more than `flap`
 * of them this hour (its slot may say how many, and in which time), its lines
 * have no texts and one id an hour.
 */

ngx_uint_t
ngx_http_moderation_ledger_flaps(const mdr_review_info_t *info,
    const uint8_t *item, const uint8_t *print, ngx_uint_t fresh)
{
    uint64_t            k[2], now, max, period;
    mdl_count_entry_t  *e;

    max = ngx_http_moderation_ledger.conf->flap;
    period = 3600;

    if (info->flap_max != 0) {
        max = info->flap_max;
        period = info->flap_s;
    }

    if (max == 0 || item == NULL || print == NULL) {
        return 0;
    }

    ngx_memcpy(k, item, sizeof(k));
    ngx_memcpy(&now, print, sizeof(now));

    e = ngx_http_moderation_rate(NGX_HTTP_MODERATION_RATE_CARD, k[0] ^ k[1],
                                 (uint64_t) ngx_time() / period);
    if (e == NULL) {
        return 0;
    }

    if (fresh && __atomic_exchange_n(&e->flags, now, __ATOMIC_RELAXED) != now)
    {
        (void) mdl_entry_add(e, (uint64_t) ngx_time());
    }

    return mdl_entry_total(e) > max;
}


/* has the slot written its distinct lines of this minute? */

ngx_uint_t
ngx_http_moderation_ledger_over(mdr_str_t slot)
{
    mdl_count_entry_t                  *e;
    ngx_http_moderation_ledger_conf_t  *lcf;

    lcf = ngx_http_moderation_ledger.conf;

    if (lcf->quota == 0) {
        return 0;
    }

    e = ngx_http_moderation_rate(NGX_HTTP_MODERATION_RATE_SLOT,
                                 ngx_http_moderation_rate_bytes(slot.data,
                                                                slot.len),
                                 (uint64_t) ngx_time() / 60);

    return e != NULL
           && mdl_entry_add(e, (uint64_t) ngx_time()) > lcf->quota;
}
