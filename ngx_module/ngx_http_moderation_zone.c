/*
 * ngx_http_moderation_zone.c - shared counters, brakes and leases.
 *
 * The zone is one flat block: no process pointers, no locks.  Counters are
 * found by hash with linear probing and claimed with one compare-and-set, so
 * a worker that dies in between costs one slot and nothing else.  A full
 * table drops the counter, counts the loss, and goes on.  The layout is
 * checked by magic, version and size when a reload meets the old zone.
 */


#include "ngx_http_moderation_zone.h"


#define NGX_HTTP_MODERATION_ZONE_MAGIC    0x4d44525aU       /* "MDRZ"        */
#define NGX_HTTP_MODERATION_ZONE_VERSION  1
#define NGX_HTTP_MODERATION_ZONE_PROBES   32


const ngx_uint_t  ngx_http_moderation_zone_bounds[] = {
    10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 50000, 0
};


static ngx_int_t
ngx_http_moderation_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    size_t                        n, size;
    u_char                       *p;
    ngx_slab_pool_t              *shpool;
    ngx_http_moderation_zone_t   *zone, *old;
    ngx_http_moderation_zdata_t  *zd;

    zone = shm_zone->data;
    old = data;
    shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    /* the block begins behind the slab pool's own head: what is shared is
     * found at the same place by any binary */

    if (shm_zone->shm.exists) {
        zd = shpool->data;

    } else if (old != NULL) {
        zd = old->data;

    } else {
        zd = NULL;
    }

    if (zd != NULL && zd->magic == NGX_HTTP_MODERATION_ZONE_MAGIC
        && zd->version == NGX_HTTP_MODERATION_ZONE_VERSION
        && zd->size == shm_zone->shm.size)
    {
        goto found;
    }

    if (zd != NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "moderation zone \"%V\" has another layout: restart "
                      "nginx, or give the zone another name",
                      &shm_zone->shm.name);
        return NGX_ERROR;
    }

    /* most of the zone, in one piece */

    size = shm_zone->shm.size - shm_zone->shm.size / 8;
    size -= size % ngx_pagesize;

    for (zd = NULL; size >= 8 * ngx_pagesize; size -= ngx_pagesize) {
        shpool->log_nomem = 0;
        zd = ngx_slab_alloc(shpool, size);
        if (zd != NULL) {
            break;
        }
    }

    if (zd == NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "moderation zone \"%V\" is too small",
                      &shm_zone->shm.name);
        return NGX_ERROR;
    }

    ngx_memzero(zd, size);

    n = size - sizeof(ngx_http_moderation_zdata_t);
    zd->nbrakes = (uint32_t) (n / 4 / sizeof(ngx_http_moderation_zbrake_t));
    zd->ncounts = (uint32_t) ((n - n / 4)
                              / sizeof(ngx_http_moderation_zcount_t));
    zd->size = shm_zone->shm.size;
    zd->started = (ngx_atomic_uint_t) ngx_time();
    zd->version = NGX_HTTP_MODERATION_ZONE_VERSION;
    zd->magic = NGX_HTTP_MODERATION_ZONE_MAGIC;

    shpool->data = zd;

found:

    p = (u_char *) (zd + 1);

    zone->data = zd;
    zone->counts = (ngx_http_moderation_zcount_t *) p;
    zone->brakes = (ngx_http_moderation_zbrake_t *)
                   (p + zd->ncounts * sizeof(ngx_http_moderation_zcount_t));

    return NGX_OK;
}


/* moderation_zone zone=NAME:SIZE; conf points to a zone pointer, at offset */

char *
ngx_http_moderation_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    u_char                       *p;
    ssize_t                       size;
    ngx_str_t                    *value, name, s;
    ngx_http_moderation_zone_t   *zone, **slot;

    slot = (ngx_http_moderation_zone_t **) ((char *) conf + cmd->offset);

    if (*slot != NULL) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strncmp(value[1].data, "zone=", 5) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    name.data = value[1].data + 5;
    p = (u_char *) ngx_strchr(name.data, ':');

    if (p == NULL || p == name.data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    name.len = p - name.data;
    s.data = p + 1;
    s.len = value[1].data + value[1].len - s.data;
    size = ngx_parse_size(&s);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid zone size \"%V\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) (32 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "zone \"%V\" is too small",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_moderation_zone_t));
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->shm_zone = ngx_shared_memory_add(cf, &name, size, cmd->post);
    if (zone->shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (zone->shm_zone->data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "zone \"%V\" is bound twice",
                           &name);
        return NGX_CONF_ERROR;
    }

    zone->shm_zone->init = ngx_http_moderation_zone_init;
    zone->shm_zone->data = zone;

    *slot = zone;

    return NGX_CONF_OK;
}


static uint32_t
ngx_http_moderation_zone_hash(mdr_str_t rule, mdr_str_t slot, uint32_t n)
{
    uint32_t  h;

    h = ngx_murmur_hash2((u_char *) rule.data, rule.len);
    h = h * 31 + ngx_murmur_hash2((u_char *) slot.data, slot.len);
    h = (h ^ n) * 0x9e3779b1U;

    return h | 1;
}


static void
ngx_http_moderation_zone_name(u_char *dst, size_t size, mdr_str_t s)
{
    size_t  n;

    n = ngx_min((size_t) s.len, size - 1);
    ngx_memcpy(dst, s.data, n);
    dst[n] = '\0';
}


static ngx_uint_t
ngx_http_moderation_zone_same(u_char *have, size_t size, mdr_str_t s)
{
    size_t  n;

    n = ngx_min((size_t) s.len, size - 1);

    return ngx_strlen(have) == n && ngx_memcmp(have, s.data, n) == 0;
}


static ngx_http_moderation_zcount_t *
ngx_http_moderation_zone_count(ngx_http_moderation_zone_t *zone,
    mdr_str_t rule, mdr_str_t slot, uint8_t action, uint8_t mode)
{
    uint32_t                       hash;
    ngx_uint_t                     i, n;
    ngx_http_moderation_zcount_t  *c;

    n = zone->data->ncounts;

    if (n == 0) {
        return NULL;
    }

    hash = ngx_http_moderation_zone_hash(rule, slot, action * 8U + mode);

    for (i = 0; i < NGX_HTTP_MODERATION_ZONE_PROBES && i < n; i++) {
        c = &zone->counts[(hash + i) % n];

        if (c->state == 0 && ngx_atomic_cmp_set(&c->state, 0, 1)) {
            c->hash = hash;
            c->action = action;
            c->mode = mode;
            ngx_http_moderation_zone_name(c->rule, sizeof(c->rule), rule);
            ngx_http_moderation_zone_name(c->slot, sizeof(c->slot), slot);
            ngx_memory_barrier();
            c->state = 2;
            return c;
        }

        if (c->state == 2 && c->hash == hash && c->action == action
            && c->mode == mode
            && ngx_http_moderation_zone_same(c->rule, sizeof(c->rule), rule)
            && ngx_http_moderation_zone_same(c->slot, sizeof(c->slot), slot))
        {
            return c;
        }
    }

    (void) ngx_atomic_fetch_add(&zone->data->lost, 1);

    return NULL;
}


static ngx_http_moderation_zbrake_t *
ngx_http_moderation_zone_brake(ngx_http_moderation_zone_t *zone,
    const mdr_rule_info_t *rule, mdr_str_t slot, ngx_uint_t make)
{
    uint32_t                       hash;
    ngx_uint_t                     i, n;
    ngx_http_moderation_zbrake_t  *b;

    n = zone->data->nbrakes;

    if (n == 0) {
        return NULL;
    }

    hash = ngx_http_moderation_zone_hash(rule->id, slot, rule->rev);

    for (i = 0; i < NGX_HTTP_MODERATION_ZONE_PROBES && i < n; i++) {
        b = &zone->brakes[(hash + i) % n];

        if (b->state == 0) {
            if (!make) {
                return NULL;
            }

            if (ngx_atomic_cmp_set(&b->state, 0, 1)) {
                b->hash = hash;
                b->rev = rule->rev;
                ngx_http_moderation_zone_name(b->rule, sizeof(b->rule),
                                              rule->id);
                ngx_http_moderation_zone_name(b->slot, sizeof(b->slot),
                                              slot);
                ngx_memory_barrier();
                b->state = 2;
                return b;
            }
        }

        if (b->state == 2 && b->hash == hash && b->rev == rule->rev
            && ngx_http_moderation_zone_same(b->rule, sizeof(b->rule),
                                             rule->id)
            && ngx_http_moderation_zone_same(b->slot, sizeof(b->slot),
                                             slot))
        {
            return b;
        }
    }

    if (make) {
        (void) ngx_atomic_fetch_add(&zone->data->lost, 1);
    }

    return NULL;
}


/*
 * The window is two halves of window/2 seconds each: the running one and the
 * one before count together.  A worker that finds the number of the half to
 * be old wins the right to clear it by compare-and-set.
 */

static ngx_uint_t
ngx_http_moderation_zone_half(ngx_http_moderation_zbrake_t *b,
    uint32_t window)
{
    ngx_uint_t  half, old;

    half = (ngx_uint_t) ngx_time() / ngx_max(window / 2, 1);
    old = b->half;

    if (old != half && ngx_atomic_cmp_set(&b->half, old, half)) {
        b->hits[half & 1] = 0;
        b->items[half & 1] = 0;

        if (half - old > 1) {
            b->hits[(half + 1) & 1] = 0;
            b->items[(half + 1) & 1] = 0;
        }
    }

    return half & 1;
}


static void
ngx_http_moderation_zone_brake_hit(ngx_http_moderation_zone_t *zone,
    const mdr_rule_info_t *rule, mdr_str_t slot)
{
    ngx_uint_t                     h, hits, items;
    ngx_http_moderation_zbrake_t  *b;

    b = ngx_http_moderation_zone_brake(zone, rule, slot, 1);
    if (b == NULL) {
        return;
    }

    h = ngx_http_moderation_zone_half(b, rule->brake_window_s);
    (void) ngx_atomic_fetch_add(&b->hits[h], 1);

    hits = b->hits[0] + b->hits[1];
    items = b->items[0] + b->items[1];

    if (b->tripped == 0 && hits >= rule->brake_min_hits
        && (double) hits > rule->brake_max_ratio * (double) items)
    {
        b->tripped = (ngx_atomic_uint_t) ngx_time();

        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "moderation: brake of rule \"%*s\" rev %uD tripped in "
                      "slot \"%*s\": %ui hits in %ui items, the rule is in "
                      "shadow until it has a new rev",
                      (size_t) rule->id.len, rule->id.data, rule->rev,
                      (size_t) slot.len, slot.data, hits, items);
    }
}


void
ngx_http_moderation_zone_seen(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, uint32_t slot, ngx_uint_t n)
{
    uint32_t                       i;
    ngx_uint_t                     h;
    mdr_str_t                      name;
    mdr_rule_info_t                rule;
    mdr_policy_info_t              info;
    ngx_http_moderation_zbrake_t  *b;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    mdr_policy_info(policy, &info);
    name = mdr_policy_slot_name(policy, slot);

    for (i = 0; i < info.rules; i++) {
        if (mdr_policy_rule(policy, i, &rule) != MDR_OK
            || rule.brake_max_ratio <= 0)
        {
            continue;
        }

        b = ngx_http_moderation_zone_brake(zone, &rule, name, 1);

        if (b != NULL) {
            h = ngx_http_moderation_zone_half(b, rule.brake_window_s);
            (void) ngx_atomic_fetch_add(&b->items[h], n);
        }
    }
}


/* 1: the brake of the rule has tripped in some slot */

ngx_uint_t
ngx_http_moderation_zone_braked(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, uint32_t i)
{
    uint32_t                       slot;
    mdr_rule_info_t                rule;
    mdr_policy_info_t              info;
    ngx_http_moderation_zbrake_t  *b;

    if (zone == NULL || zone->data == NULL
        || mdr_policy_rule(policy, i, &rule) != MDR_OK
        || rule.brake_max_ratio <= 0)
    {
        return 0;
    }

    mdr_policy_info(policy, &info);

    for (slot = 0; slot < info.slots; slot++) {
        b = ngx_http_moderation_zone_brake(zone, &rule,
                                    mdr_policy_slot_name(policy, slot), 0);
        if (b != NULL && b->tripped != 0) {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_moderation_zone_item(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, const mdr_item_t *item)
{
    uint32_t                       i, j;
    mdr_rule_info_t                rule;
    ngx_http_moderation_zcount_t  *c;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    for (i = 0; i < item->nhits; i++) {

        for (j = 0; j < i && item->hits[j].rule != item->hits[i].rule; j++) {
            /* void */
        }

        if (j < i || mdr_policy_rule(policy, item->hits[i].rule, &rule)
                     != MDR_OK)
        {
            continue;
        }

        c = ngx_http_moderation_zone_count(zone, rule.id, item->slot_name,
                                           rule.action, item->hits[i].mode);
        if (c != NULL) {
            (void) ngx_atomic_fetch_add(&c->value, 1);
        }

        if (rule.brake_max_ratio > 0) {
            ngx_http_moderation_zone_brake_hit(zone, &rule, item->slot_name);
        }
    }
}


void
ngx_http_moderation_zone_error(ngx_http_moderation_zone_t *zone, int kind)
{
    if (zone == NULL || zone->data == NULL) {
        return;
    }

    if (kind < 0 || kind >= NGX_HTTP_MODERATION_ERRORS) {
        kind = 0;
    }

    (void) ngx_atomic_fetch_add(&zone->data->errors[kind], 1);
}


void
ngx_http_moderation_zone_response(ngx_http_moderation_zone_t *zone,
    const mdr_scan_stats_t *st, uint64_t ns)
{
    ngx_uint_t                    i, us;
    ngx_http_moderation_zdata_t  *d;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    d = zone->data;

    (void) ngx_atomic_fetch_add(&d->responses, 1);
    (void) ngx_atomic_fetch_add(&d->items, (ngx_atomic_int_t) st->items);
    (void) ngx_atomic_fetch_add(&d->hits, (ngx_atomic_int_t) st->hits);
    (void) ngx_atomic_fetch_add(&d->removed, (ngx_atomic_int_t) st->removed);
    (void) ngx_atomic_fetch_add(&d->masked, (ngx_atomic_int_t) st->masked);
    (void) ngx_atomic_fetch_add(&d->tagged, (ngx_atomic_int_t) st->tagged);
    (void) ngx_atomic_fetch_add(&d->held, (ngx_atomic_int_t) st->held);
    (void) ngx_atomic_fetch_add(&d->over_limit,
                                (ngx_atomic_int_t) st->over_limit);
    (void) ngx_atomic_fetch_add(&d->bytes, (ngx_atomic_int_t) st->bytes_in);
    (void) ngx_atomic_fetch_add(&d->text_bytes,
                                (ngx_atomic_int_t) st->text_bytes);
    (void) ngx_atomic_fetch_add(&d->edited, (ngx_atomic_int_t) st->edited);
    (void) ngx_atomic_fetch_add(&d->time_ns, (ngx_atomic_int_t) ns);

    us = (ngx_uint_t) (ns / 1000);

    for (i = 0; i < NGX_HTTP_MODERATION_BUCKETS - 1; i++) {
        if (us <= ngx_http_moderation_zone_bounds[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&d->time[i], 1);
}
