/*
 * ngx_http_moderation_ledger_item.c - an item that was decided to a line of
 * the record, or to one more in its entry.
 *
 * A decision has one id wherever it is made.  To find it needs keyed hashes;
 * so a worker remembers the ids of what it has just seen, by a fast hash with
 * a secret of its own over all that goes into the id.  A line is written when
 * the entry is not recorded yet; then it is counted.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_RECENT  2048        /* a power of two            */
#define NGX_HTTP_MODERATION_RULES   64


typedef struct {
    uint64_t   hash[2];
    uint64_t   id[2];
    uint64_t   entry;
} ngx_http_moderation_recent_t;


/* what the line and the id are made of */

typedef struct {
    mdl_decision_t    line;
    mdl_id_t          id;
    mdl_rule_t        rules[NGX_HTTP_MODERATION_RULES];
    mdl_rule_rev_t    revs[NGX_HTTP_MODERATION_RULES];
    mdl_hit_t         hits[64];
    mdl_pair_t        fields[64];
    uint8_t           item[MDL_HASH], account[MDL_HASH], subject[MDL_HASH];
    u_char            policy[160];
} ngx_http_moderation_decision_t;


static ngx_http_moderation_recent_t  *ngx_http_moderation_recent;
static uint64_t                       ngx_http_moderation_secret[4];


/* 128 bits by multiply and fold, a word at a time; the secrets are random */

static ngx_inline uint64_t
ngx_http_moderation_fold(uint64_t a, uint64_t b)
{
    __uint128_t  m;

    m = (__uint128_t) a * b;

    return (uint64_t) m ^ (uint64_t) (m >> 64);
}


static void
ngx_http_moderation_mix(uint64_t h[2], const void *data, size_t len)
{
    uint64_t       v;
    const u_char  *p;

    p = data;
    v = len;

    for ( ;; ) {
        h[0] = ngx_http_moderation_fold(h[0] ^ v,
                                        ngx_http_moderation_secret[0]);
        h[1] = ngx_http_moderation_fold(h[1] ^ v,
                                        ngx_http_moderation_secret[1]);

        if (len == 0) {
            return;
        }

        v = 0;
        ngx_memcpy(&v, p, ngx_min(len, 8));
        p += ngx_min(len, 8);
        len -= ngx_min(len, 8);
    }
}


static mdl_str_t
ngx_http_moderation_mdl(mdr_str_t s)
{
    mdl_str_t  m;

    m.data = s.data;
    m.len = s.len;

    return m;
}


static mdl_str_t
ngx_http_moderation_ngx(ngx_str_t *s)
{
    mdl_str_t  m;

    m.data = (char *) s->data;
    m.len = s->len;

    return m;
}


void
ngx_http_moderation_ledger_item_init(void)
{
    if (ngx_http_moderation_recent == NULL) {
        ngx_http_moderation_recent = calloc(NGX_HTTP_MODERATION_RECENT,
                                        sizeof(ngx_http_moderation_recent_t));
    }

    (void) mdl_random(ngx_http_moderation_secret,
                      sizeof(ngx_http_moderation_secret));

    ngx_http_moderation_secret[0] |= 1;
    ngx_http_moderation_secret[1] |= 1;
}


/* what was done, or in shadow would have been, and why */

static void
ngx_http_moderation_ledger_what(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item, mdl_decision_t *d)
{
    uint32_t         i;
    mdr_rule_info_t  rule;

    d->type = MDL_DECISION;
    d->mode = MDL_MODE_SHADOW;
    d->suggestion = item->suggestion;
    d->action = item->would;

    if (ctx->mode == MDR_MODE_ENFORCE
        && (item->action != MDR_ACT_NONE
            || (item->nhits == 0
                && (ctx->verdicts.slot_modes == NULL
                    || ctx->verdicts.slot_modes[item->slot]
                       == MDR_MODE_ENFORCE))))
    {
        d->mode = MDL_MODE_ENFORCE;
    }

    for (i = 0; i < item->nhits; i++) {

        if (item->hits[i].mode == MDR_MODE_ENFORCE) {
            d->mode = MDL_MODE_ENFORCE;
            d->action = ngx_max(item->would, item->action);
            break;
        }

        if (mdr_policy_rule(ctx->gen->policy, item->hits[i].rule, &rule)
            == MDR_OK)
        {
            d->action = ngx_max(d->action, rule.action);
        }
    }

    if (item->action > d->action) {
        d->action = item->action;
    }

    /* held, were its slot's fingerprints known to be stable */

    if (item->stand == MDR_STAND_PASS && item->reason == MDL_WHY_REVIEW
        && d->action < MDR_ACT_HOLD)
    {
        d->action = MDR_ACT_HOLD;
        d->mode = MDL_MODE_SHADOW;
    }

    d->found_by = MDL_BY_OWN;
    d->automation = d->action == MDR_ACT_HOLD ? MDL_AUTO_PARTIAL
                                              : MDL_AUTO_FULL;
    d->review = item->review;

    if (item->reason == MDL_WHY_SAMPLE) {
        d->type = MDL_SAMPLE;
        d->found_by = item->report == NGX_HTTP_MODERATION_DRAWN
                      ? MDL_BY_SAMPLE : MDL_BY_REPORT;
    }

    switch (item->stand) {

    case MDR_STAND_OUT:
        d->reason = item->reason;
        d->automation = MDL_AUTO_NONE;

        if (item->reason == MDL_WHY_ORDER) {
            d->found_by = MDL_BY_ORDER;
        }
        break;

    case MDR_STAND_SHOW:
        d->reason = item->reason != 0 ? item->reason : MDL_WHY_RULE;
        d->automation = MDL_AUTO_NONE;
        break;

    default:

        /* what a rule blocks a release does not show: nobody is asked */

        d->reason = item->nhits != 0
                    && (item->reason == 0 || d->action == MDR_ACT_BLOCK)
                    ? MDL_WHY_RULE
                    : item->reason != 0 ? item->reason
                    : MDL_WHY_REVIEW;
    }

    if (item->stand != MDR_STAND_OUT) {
        if (item->flags & MDR_ITEM_TOO_LARGE) {
            d->reason = MDL_WHY_TOO_LARGE;

        } else if (item->flags & MDR_ITEM_UNREADABLE) {
            d->reason = MDL_WHY_UNREADABLE;

        } else if (item->flags & MDR_ITEM_OVER_LIMIT) {
            d->reason = MDL_WHY_LIMIT;
            d->action = MDR_ACT_BLOCK;
        }
    }
}


/* a hit's text in its field */

static void
ngx_http_moderation_ledger_hit(const mdr_item_t *item, const mdr_hit_t *h,
    mdl_hit_t *to)
{
    uint32_t                 f;
    const mdr_field_text_t  *t;

    to->field = ngx_http_moderation_mdl(h->field);
    to->text = ngx_http_moderation_mdl(h->text);
    to->start = 0;
    to->end = 0;

    for (f = 0; f < item->nfields; f++) {
        t = &item->fields[f];

        if (t->text.len != 0 && h->text.data >= t->text.data
            && h->text.data + h->text.len <= t->text.data + t->text.len)
        {
            to->start = (uint32_t) (h->text.data - t->text.data);
            to->end = to->start + h->text.len;
            return;
        }
    }
}


/* hits, and the rules that they are of, each once */

static void
ngx_http_moderation_ledger_fill_hits(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item, ngx_http_moderation_decision_t *d)
{
    uint32_t         i, j, n;
    mdr_rule_info_t  rule;

    for (i = 0, n = 0; i < item->nhits; i++) {

        ngx_http_moderation_ledger_hit(item, &item->hits[i], &d->hits[i]);

        if (mdr_policy_rule(ctx->gen->policy, item->hits[i].rule, &rule)
            != MDR_OK)
        {
            continue;
        }

        d->hits[i].rule = ngx_http_moderation_mdl(rule.id);

        for (j = 0; j < i && item->hits[j].rule != item->hits[i].rule; j++) {
            /* void */
        }

        if (j < i || n == NGX_HTTP_MODERATION_RULES) {
            continue;
        }

        d->rules[n].id = ngx_http_moderation_mdl(rule.id);
        d->rules[n].label = ngx_http_moderation_mdl(rule.label);
        d->rules[n].rev = rule.rev;
        d->rules[n].action = rule.action;
        d->rules[n].mode = item->hits[i].mode;
        d->revs[n].id = d->rules[n].id;
        d->revs[n].rev = rule.rev;
        n++;
    }

    d->line.rules = d->rules;
    d->line.nrules = n;
    d->line.hits = d->hits;
    d->line.nhits = item->nhits;
}


/* what the decision is about: the card, or what was hit */

static void
ngx_http_moderation_ledger_fill_subject(const mdr_item_t *item,
    ngx_http_moderation_decision_t *d)
{
    uint32_t   i;
    mdl_mac_t  mac;

    if (d->line.reason == MDL_WHY_REVIEW && d->line.fingerprint != NULL) {
        ngx_memcpy(d->subject, d->line.fingerprint, MDL_HASH);
        return;
    }

    mdl_mac_init(&mac, &ngx_http_moderation_ledger.conf->key, "hits");

    for (i = 0; i < item->nhits; i++) {
        mdl_mac_add(&mac, d->hits[i].field);
        mdl_mac_add(&mac, d->hits[i].text);
    }

    if (item->nhits == 0) {
        for (i = 0; i < item->nfields; i++) {
            mdl_mac_add(&mac, d->fields[i].name);
            mdl_mac_add(&mac, d->fields[i].value);
        }
    }

    mdl_mac_done(&mac, d->subject, MDL_HASH);
}


static void
ngx_http_moderation_ledger_fill(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item, ngx_http_moderation_decision_t *d)
{
    uint32_t                   i;
    mdr_policy_info_t          info;
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;
    const mdl_key_t           *key;

    r = ctx->request;
    key = &ngx_http_moderation_ledger.conf->key;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    d->line.slot = ngx_http_moderation_mdl(item->slot_name);
    d->line.host = ngx_http_moderation_ngx(&r->headers_in.server);
    d->line.page = ngx_http_moderation_ngx(ctx->page.n != 0 ? &ctx->page.name
                                                            : &clcf->name);
    d->line.path = ngx_http_moderation_ngx(&r->uri);

    mdr_policy_info(ctx->gen->policy, &info);
    d->line.policy.data = (char *) d->policy;
    d->line.policy.len = ngx_snprintf(d->policy, sizeof(d->policy),
                                      "%*s@%s", (size_t) info.name.len,
                                      info.name.data, info.hash)
                         - d->policy;

    ngx_http_moderation_ledger_fill_hits(ctx, item, d);

    for (i = 0; i < item->nfields; i++) {
        d->fields[i].name = ngx_http_moderation_mdl(item->fields[i].name);
        d->fields[i].value = ngx_http_moderation_mdl(item->fields[i].text);
    }

    d->line.fields = d->fields;
    d->line.nfields = item->nfields;
    d->line.raw_item = ngx_http_moderation_mdl(item->item_id);
    d->line.raw_account = ngx_http_moderation_mdl(item->account_id);

    if (item->item_id.len != 0) {
        mdl_hash(key, "item", d->line.raw_item, d->item);
        d->line.item = d->item;
    }

    if (item->account_id.len != 0) {
        mdl_hash(key, "account", d->line.raw_account, d->account);
        d->line.account = d->account;
    }

    d->line.fingerprint = ngx_http_moderation_fingerprint(item);
    ngx_http_moderation_ledger_fill_subject(item, d);
    d->line.place = ngx_http_moderation_mdl(item->place);

    d->id.type = d->line.type;
    d->id.place = d->line.place;
    d->id.mode = d->line.mode;
    d->id.action = d->line.action;
    d->id.reason = d->line.reason;
    d->id.slot = d->line.slot;
    d->id.item = d->line.item;
    d->id.subject = d->subject;
    d->id.rules = d->revs;
    d->id.nrules = d->line.nrules;
    d->id.day = (uint64_t) ngx_time() / 86400;
}


/* all that the id depends on, and no more than is at hand */

static ngx_http_moderation_recent_t *
ngx_http_moderation_ledger_recent(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item, const mdl_decision_t *d, uint64_t h[2])
{
    uint32_t  i;
    uint64_t  v;

    h[0] = ngx_http_moderation_secret[2];
    h[1] = ngx_http_moderation_secret[3];

    v = (uint64_t) d->mode | (uint64_t) d->action << 8
        | (uint64_t) d->reason << 16 | (uint64_t) d->type << 24
        | (uint64_t) (ngx_time() / 86400) << 32;

    ngx_http_moderation_mix(h, &v, sizeof(v));
    ngx_http_moderation_mix(h, ctx->gen->hash, 32);
    ngx_http_moderation_mix(h, &item->slot, sizeof(item->slot));
    ngx_http_moderation_mix(h, item->place.data, item->place.len);
    ngx_http_moderation_mix(h, item->item_id.data, item->item_id.len);

    for (i = 0; i < item->nhits; i++) {
        ngx_http_moderation_mix(h, &item->hits[i].rule, sizeof(uint32_t));
        ngx_http_moderation_mix(h, item->hits[i].field.data,
                                item->hits[i].field.len);
        ngx_http_moderation_mix(h, item->hits[i].text.data,
                                item->hits[i].text.len);
    }

    if (item->nhits == 0 || d->reason == MDL_WHY_REVIEW) {
        for (i = 0; i < item->nfields; i++) {
            ngx_http_moderation_mix(h, item->fields[i].text.data,
                                    item->fields[i].text.len);
        }
    }

    return &ngx_http_moderation_recent[h[0]
                                       & (NGX_HTTP_MODERATION_RECENT - 1)];
}


static void
ngx_http_moderation_ledger_id(ngx_http_moderation_ctx_t *ctx,
    const uint64_t id[2])
{
    char                               text[MDL_ID + 1];
    ngx_uint_t                         i;
    ngx_http_moderation_ledger_ctx_t  *l;

    l = &ctx->ledger;

    if (l->nids == NGX_HTTP_MODERATION_DECISIONS) {
        return;
    }

    mdl_id_text(id, text);

    for (i = 0; i < l->nids; i++) {
        if (ngx_memcmp(l->ids[i], text, MDL_ID) == 0) {
            return;
        }
    }

    ngx_memcpy(l->ids[l->nids++], text, MDL_ID);
}


/* the entry of an id; what had to go for it is told first */

static mdl_count_entry_t *
ngx_http_moderation_ledger_entry(const uint64_t id[2])
{
    mdl_area_t         *area;
    mdl_count_entry_t  *e, gone;

    area = ngx_http_moderation_ledger.area;

    e = mdl_entry_get(area, id, ngx_http_moderation_now_ms(), &gone);

    if (e == NULL) {
        (void) __atomic_fetch_add(&area->uncounted, 1, __ATOMIC_RELAXED);
        return NULL;
    }

    if (gone.state != MDL_ENTRY_FREE) {
        ngx_http_moderation_ledger_gone(&gone);
    }

    return e;
}


static void
ngx_http_moderation_ledger_hint(const mdr_item_t *item, const uint64_t id[2],
    uint64_t entry)
{
    item->hint->w[9] = id[0];
    item->hint->w[10] = id[1];
    item->hint->w[11] = entry;
}


/* the whole line, if its slot has any left */

static void
ngx_http_moderation_ledger_record(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item, ngx_http_moderation_decision_t *d,
    mdl_count_entry_t *e, const uint64_t id[2])
{
    size_t  n;

    /* over its quota the slot's lines are lost, each once a minute */

    if (e->state != MDL_ENTRY_RECORDED) {

        if ((uint64_t) ngx_time() < e->line_s + 60) {
            ctx->ledger.lost = 1;
            return;
        }

        if (ngx_http_moderation_ledger_over(item->slot_name)) {
            e->line_s = (uint64_t) ngx_time();
            (void) ngx_http_moderation_ledger_put(0, 0);
            ctx->ledger.lost = 1;
            return;
        }
    }

    d->line.time_ms = ngx_http_moderation_now_ms();
    d->line.n = ngx_http_moderation_ledger_next();
    d->line.id = (char *) ngx_http_moderation_ledger_text(id);
    d->line.whole = d->line.action == MDR_ACT_HOLD;

    if (d->line.whole && ctx->ledger.nsources < NGX_HTTP_MODERATION_SOURCES
        && item->source != NULL)
    {
        ctx->ledger.nsources++;
        d->line.source = item->source;
        d->line.source_len = item->source_len;
    }

    n = mdl_line_decision(ngx_http_moderation_ledger.line, MDL_LINE_MAX,
                          &d->line);

    if (ngx_http_moderation_ledger_put(n, 0) == NGX_OK) {
        mdl_entry_recorded(e, (uint64_t) ngx_time());
        e->flags = (uint64_t) item->review + 1;

    } else {
        ctx->ledger.lost = 1;
    }
}


void
ngx_http_moderation_ledger_decided(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item)
{
    uint64_t                         h[2], id[2], first;
    mdl_area_t                      *area;
    mdr_review_info_t                info;
    mdl_count_entry_t               *e;
    ngx_http_moderation_recent_t    *recent;
    ngx_http_moderation_decision_t  *d;

    static ngx_http_moderation_decision_t  decision;

    if (ngx_http_moderation_recent == NULL) {
        return;
    }

    area = ngx_http_moderation_ledger.area;
    d = &decision;

    ngx_memzero(&d->line, sizeof(mdl_decision_t));
    ngx_memzero(&d->id, sizeof(mdl_id_t));

    ngx_http_moderation_ledger_what(ctx, item, &d->line);

    recent = ngx_http_moderation_ledger_recent(ctx, item, &d->line, h);

    if (recent->hash[0] == h[0] && recent->hash[1] == h[1]) {
        e = mdl_entry_at(area, recent->entry);

        if (mdl_entry_is(e, recent->id)
            && !ngx_http_moderation_ledger_again(item, e))
        {
            (void) mdl_entry_add(e, (uint64_t) ngx_time());
            ngx_http_moderation_ledger_id(ctx, recent->id);
            ngx_http_moderation_ledger_hint(item, recent->id, recent->entry);
            return;
        }
    }

    ngx_http_moderation_ledger_fill(ctx, item, d);
    mdl_id_bits(&d->id, id);

    e = ngx_http_moderation_ledger_entry(id);

    if (e == NULL) {
        ctx->ledger.lost = 1;
        return;
    }

    first = mdl_entry_add(e, (uint64_t) ngx_time());

    /* one more fingerprint of a card that changes all the time */

    if (!mdl_entry_is(e, id)
        && mdr_policy_review(ctx->gen->policy, item->slot, &info) == MDR_OK
        && ngx_http_moderation_ledger_flaps(&info, d->line.item,
                                            d->line.fingerprint, first == 1))
    {
        d->line.flapping = 1;
        d->id.subject = NULL;
        d->id.day = (uint64_t) ngx_time() / 3600;
        mdl_id_bits(&d->id, id);

        e = ngx_http_moderation_ledger_entry(id);

        if (e == NULL) {
            ctx->ledger.lost = 1;
            return;
        }

        first = mdl_entry_add(e, (uint64_t) ngx_time());
    }

    ngx_http_moderation_ledger_id(ctx, id);

    recent->hash[0] = h[0];
    recent->hash[1] = h[1];
    recent->id[0] = id[0];
    recent->id[1] = id[1];
    recent->entry = (uint64_t) (e - mdl_entry_at(area, 0));
    ngx_http_moderation_ledger_hint(item, id, recent->entry);

    if (first != 1 && mdl_entry_is(e, id)
        && !ngx_http_moderation_ledger_again(item, e))
    {
        return;
    }

    ngx_http_moderation_ledger_record(ctx, item, d, e, id);
}


/* words 9 to 11 of a hint are ours: the id, and the entry */

void
ngx_http_moderation_ledger_known(ngx_http_moderation_ctx_t *ctx,
    const mdr_item_t *item)
{
    mdl_area_t         *area;
    mdl_count_entry_t  *e;

    area = ngx_http_moderation_ledger.area;

    if (item->hint->w[9] == 0 || item->hint->w[11] >= area->nentries) {
        return;
    }

    e = mdl_entry_at(area, item->hint->w[11]);

    if (!mdl_entry_is(e, &item->hint->w[9])) {
        (void) __atomic_fetch_add(&area->uncounted, 1, __ATOMIC_RELAXED);
        return;
    }

    (void) mdl_entry_add(e, (uint64_t) ngx_time());
    ngx_http_moderation_ledger_id(ctx, &item->hint->w[9]);
}


/* one more of an id; its entry, where a line of it is still to be written */

static mdl_count_entry_t *
ngx_http_moderation_ledger_once(ngx_http_moderation_ctx_t *ctx,
    const uint64_t id[2])
{
    mdl_count_entry_t  *e;

    e = ngx_http_moderation_ledger_entry(id);

    if (e == NULL) {
        ctx->ledger.lost = 1;
        return NULL;
    }

    (void) mdl_entry_add(e, (uint64_t) ngx_time());

    return mdl_entry_is(e, id) ? NULL : e;
}


void
ngx_http_moderation_ledger_error(ngx_http_moderation_ctx_t *ctx,
    const char *kind)
{
    size_t               n;
    uint64_t             id[2];
    uint8_t              subject[MDL_HASH];
    mdl_id_t             in;
    mdl_mac_t            mac;
    mdl_error_t          line;
    mdr_policy_info_t    info;
    mdl_count_entry_t   *e;
    ngx_http_request_t  *r;
    u_char               policy[160];

    r = ctx->request;

    ngx_memzero(&in, sizeof(mdl_id_t));
    ngx_memzero(&line, sizeof(mdl_error_t));

    line.kind.data = kind;
    line.kind.len = (uint32_t) ngx_strlen(kind);
    line.host = ngx_http_moderation_ngx(&r->headers_in.server);
    line.path = ngx_http_moderation_ngx(&r->uri);
    line.mode = (uint8_t) ctx->mode;

    mdl_mac_init(&mac, &ngx_http_moderation_ledger.conf->key, "error");
    mdl_mac_add(&mac, line.kind);
    mdl_mac_add(&mac, line.host);
    mdl_mac_done(&mac, subject, MDL_HASH);

    in.type = MDL_ERROR;
    in.mode = line.mode;
    in.subject = subject;
    in.day = (uint64_t) ngx_time() / 86400;
    mdl_id_bits(&in, id);

    e = ngx_http_moderation_ledger_once(ctx, id);

    if (e == NULL) {
        return;
    }

    if (ctx->gen != NULL) {
        mdr_policy_info(ctx->gen->policy, &info);
        line.policy.data = (char *) policy;
        line.policy.len = ngx_snprintf(policy, sizeof(policy), "%*s@%s",
                                       (size_t) info.name.len,
                                       info.name.data, info.hash)
                          - policy;
    }

    line.time_ms = ngx_http_moderation_now_ms();
    line.n = ngx_http_moderation_ledger_next();
    line.id = (char *) ngx_http_moderation_ledger_text(id);

    n = mdl_line_error(ngx_http_moderation_ledger.line, MDL_LINE_MAX, &line);

    if (ngx_http_moderation_ledger_put(n, 0) == NGX_OK) {
        mdl_entry_recorded(e, (uint64_t) ngx_time());

    } else {
        ctx->ledger.lost = 1;
    }
}


void
ngx_http_moderation_ledger_page(ngx_http_moderation_ctx_t *ctx,
    const mdr_page_found_t *f)
{
    size_t               n;
    uint64_t             id[2];
    uint8_t              subject[MDL_HASH];
    mdl_id_t             in;
    mdl_mac_t            mac;
    mdl_page_t           line;
    mdr_policy_info_t    info;
    mdl_count_entry_t   *e;
    ngx_http_request_t  *r;
    u_char               policy[160];

    r = ctx->request;

    ngx_memzero(&in, sizeof(mdl_id_t));
    ngx_memzero(&line, sizeof(mdl_page_t));

    line.page = ngx_http_moderation_mdl(f->name);
    line.require = ngx_http_moderation_mdl(f->id);
    line.detail = f->kind == MDR_PAGE_HIDDEN
                  ? (mdl_str_t) { "hidden", 6 }
                  : ngx_http_moderation_mdl(f->detail);
    line.host = ngx_http_moderation_ngx(&r->headers_in.server);
    line.path = ngx_http_moderation_ngx(&r->uri);
    line.mode = f->mode;
    line.action = f->action;
    line.finding = f->kind == MDR_PAGE_INSERTED ? MDL_PAGE_INSERTED
                   : f->kind < MDR_PAGE_INSERTED ? MDL_PAGE_MISSING
                   : MDL_PAGE_GUARD;

    /* the same finding of the same page on a day is one line and a count */

    mdl_mac_init(&mac, &ngx_http_moderation_ledger.conf->key, "page");
    mdl_mac_add(&mac, line.page);
    mdl_mac_add(&mac, line.host);
    mdl_mac_add(&mac, line.require);
    mdl_mac_add(&mac, line.detail);
    mdl_mac_done(&mac, subject, MDL_HASH);

    in.type = MDL_PAGE;
    in.mode = line.mode;
    in.action = line.action;
    in.reason = line.finding;
    in.subject = subject;
    in.day = (uint64_t) ngx_time() / 86400;
    mdl_id_bits(&in, id);

    e = ngx_http_moderation_ledger_once(ctx, id);

    if (e == NULL) {
        return;
    }

    mdr_policy_info(ctx->gen->policy, &info);
    line.policy.data = (char *) policy;
    line.policy.len = ngx_snprintf(policy, sizeof(policy), "%*s@%s",
                                   (size_t) info.name.len, info.name.data,
                                   info.hash)
                      - policy;

    line.time_ms = ngx_http_moderation_now_ms();
    line.n = ngx_http_moderation_ledger_next();
    line.id = (char *) ngx_http_moderation_ledger_text(id);

    n = mdl_line_page(ngx_http_moderation_ledger.line, MDL_LINE_MAX, &line);

    if (ngx_http_moderation_ledger_put(n, 0) == NGX_OK) {
        mdl_entry_recorded(e, (uint64_t) ngx_time());

    } else {
        ctx->ledger.lost = 1;
    }
}


u_char *
ngx_http_moderation_ledger_text(const uint64_t id[2])
{
    static char  text[MDL_ID + 1];

    mdl_id_text(id, text);

    return (u_char *) text;
}


/* a card that waits and that the daemon does not have, or that it has asked
 * for: once a minute */

ngx_uint_t
ngx_http_moderation_ledger_again(const mdr_item_t *item,
    mdl_count_entry_t *e)
{
    /* a release that ran out on the day of its first line has its id */

    if (item->report && !item->known && item->stand == MDR_STAND_HOLD
        && e->flags != (uint64_t) item->review + 1)
    {
        return 1;
    }

    return (((item->stand == MDR_STAND_HOLD
              || (item->stand == MDR_STAND_PASS
                  && item->reason == MDL_WHY_REVIEW))
             && (item->review == MDL_REVIEW_NONE || item->report))
            || (item->reason == MDL_WHY_SAMPLE
                && item->report != NGX_HTTP_MODERATION_DRAWN))
           && !item->known
           && (uint64_t) ngx_time() >= e->line_s + 60;
}


/* the host's hint has it */

const uint8_t *
ngx_http_moderation_fingerprint(const mdr_item_t *item)
{
    return item->hint != NULL && (item->hint->w[1] | item->hint->w[2]) != 0
           ? (const uint8_t *) &item->hint->w[1] : NULL;
}
