/*
 * ngx_http_moderation_zone.c - shared counters, brakes and leases.
 *
 * The zone is one flat block: no process pointers, no locks.  Counters are
 * found by hash with linear probing and claimed with one compare-and-set, so
 * a worker that dies in between costs one place and nothing else.  Where no
 * place is left the one that was longest unused is taken, the loss is counted,
 * and all goes on.  The layout is checked by magic, version and size when a
 * reload meets the old zone.
 */


#include "ngx_http_moderation_zone.h"


#define NGX_HTTP_MODERATION_ZONE_MAGIC    0x4d44525aU       /* "MDRZ"        */
#define NGX_HTTP_MODERATION_ZONE_VERSION  10
#define NGX_HTTP_MODERATION_ZONE_PROBES   32
#define NGX_HTTP_MODERATION_ZONE_ENTRIES  4096  /* at least                  */
#define NGX_HTTP_MODERATION_ZONE_REST     (128 * 1024)


const ngx_uint_t  ngx_http_moderation_zone_bounds[] = {
    10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10000, 50000, 0
};


/* Room for the record at the end of the n bytes behind zd: two places a
 * worker, since old ones end while new ones begin, and half of what is left
 * for entries. */

static ngx_int_t
ngx_http_moderation_zone_area(ngx_shm_zone_t *shm_zone,
    ngx_http_moderation_zdata_t *zd, size_t *n)
{
    size_t                       need, ring, area;
    uint32_t                     places;
    uint64_t                     entries;
    ngx_core_conf_t             *ccf;
    ngx_http_moderation_zone_t  *zone;

    zone = shm_zone->data;
    ccf = (ngx_core_conf_t *) ngx_get_conf(zone->cycle->conf_ctx,
                                           ngx_core_module);

    places = ccf->master ? (uint32_t) ngx_max(ccf->worker_processes, 1) * 2
                         : 2;
    places = ngx_min(places, MDL_PLACES_MAX);
    ring = zone->ring & ~(size_t) 63;

    need = (size_t) mdl_area_size(places, ring,
                                  NGX_HTTP_MODERATION_ZONE_ENTRIES)
           + NGX_HTTP_MODERATION_ZONE_REST;

    if (need > *n) {
        need = (need + sizeof(ngx_http_moderation_zdata_t)) / 7 * 8
               + 64 * ngx_pagesize;
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "moderation zone \"%V\" is too small for the ledger: "
                      "%uD places of %uz bytes need at least %uzk",
                      &shm_zone->shm.name, places, ring,
                      (need + 1023) / 1024);
        return NGX_ERROR;
    }

    area = (size_t) mdl_area_size(places, ring, 0);
    entries = (*n - area - NGX_HTTP_MODERATION_ZONE_REST / 2) / 2
              / sizeof(mdl_count_entry_t);
    area = (size_t) mdl_area_size(places, ring, entries) + 64;

    *n -= area;
    zd->area = (sizeof(ngx_http_moderation_zdata_t) + *n + 63)
               & ~(size_t) 63;

    if (mdl_area_init((mdl_area_t *) ((u_char *) zd + zd->area), places, ring,
                      entries,
                      (uint64_t) ngx_cached_time->sec * 1000
                      + ngx_cached_time->msec)
        != 0)
    {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, ngx_errno,
                      "getrandom() failed");
        return NGX_ERROR;
    }

    return NGX_OK;
}


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

    if (zone->ring != 0
        && ngx_http_moderation_zone_area(shm_zone, zd, &n) != NGX_OK)
    {
        return NGX_ERROR;
    }

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
    zone->area = zd->area != 0 ? (mdl_area_t *) ((u_char *) zd + zd->area)
                               : NULL;

    if (zone->ring != 0 && zone->area == NULL) {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "moderation zone \"%V\" was made without room for the "
                      "ledger: give it another size or name",
                      &shm_zone->shm.name);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* moderation_zone zone=NAME:SIZE [silent=TIME]; conf points to a zone pointer, at offset */

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

    zone->silent = 60;

    if (cf->args->nelts == 3) {
        s.data = value[2].data + 7;
        s.len = value[2].len - ngx_min(value[2].len, 7);

        if (ngx_strncmp(value[2].data, "silent=", 7) != 0
            || (zone->silent = ngx_parse_time(&s, 1)) == (time_t) NGX_ERROR)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\"", &value[2]);
            return NGX_CONF_ERROR;
        }
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


/*
 * The place of a key in a table of n entries of `size` bytes; they begin with
 * their key.  NULL: there is none, and none shall be made, or another worker
 * took the place that we wanted.
 */

static void *
ngx_http_moderation_zone_find(ngx_http_moderation_zone_t *zone, void *table,
    ngx_uint_t n, size_t size, const ngx_http_moderation_zkey_t *want,
    mdr_str_t rule, mdr_str_t slot, ngx_uint_t make)
{
    u_char                      *p;
    ngx_uint_t                   i, spin;
    ngx_http_moderation_zkey_t  *e, *oldest;

    oldest = NULL;
    e = NULL;

    for (i = 0; i < NGX_HTTP_MODERATION_ZONE_PROBES && i < n; i++) {
        p = (u_char *) table + (want->hash + i) % n * size;
        e = (ngx_http_moderation_zkey_t *) p;

        if (e->state == 0) {
            if (!make) {
                return NULL;
            }

            if (ngx_atomic_cmp_set(&e->state, 0, 1)) {
                goto write;
            }
        }

        /* perhaps the very same; its writer may have died, too */

        for (spin = 0; e->state == 1 && spin < 200; spin++) {
            ngx_cpu_pause();
        }

        if (e->state != 2) {
            continue;
        }

        if (e->hash == want->hash && e->kind == want->kind
            && e->rev == want->rev && e->action == want->action
            && e->mode == want->mode
            && ngx_http_moderation_zone_same(e->rule, sizeof(e->rule), rule)
            && ngx_http_moderation_zone_same(e->slot, sizeof(e->slot), slot))
        {
            return e;
        }

        if (oldest == NULL || e->touched < oldest->touched) {
            oldest = e;
        }
    }

    if (!make || n == 0) {
        return NULL;
    }

    (void) ngx_atomic_fetch_add(&zone->data->lost, 1);

    e = oldest;

    if (e == NULL || !ngx_atomic_cmp_set(&e->state, 2, 1)) {
        return NULL;
    }

    ngx_memzero((u_char *) e + sizeof(ngx_http_moderation_zkey_t),
                size - sizeof(ngx_http_moderation_zkey_t));

write:

    e->hash = want->hash;
    e->rev = want->rev;
    e->kind = want->kind;
    e->action = want->action;
    e->mode = want->mode;
    e->touched = (ngx_atomic_uint_t) ngx_time();
    ngx_http_moderation_zone_name(e->rule, sizeof(e->rule), rule);
    ngx_http_moderation_zone_name(e->slot, sizeof(e->slot), slot);
    ngx_memory_barrier();
    e->state = 2;

    return e;
}


static void
ngx_http_moderation_zone_count(ngx_http_moderation_zone_t *zone,
    mdr_str_t rule, mdr_str_t slot, ngx_uint_t kind, uint8_t action,
    uint8_t mode, ngx_uint_t n)
{
    ngx_http_moderation_zkey_t     key;
    ngx_http_moderation_zcount_t  *c;

    key.rev = 0;
    key.kind = (uint8_t) kind;
    key.action = action;
    key.mode = mode;
    key.hash = ngx_http_moderation_zone_hash(rule, slot,
                                    (uint32_t) kind * 64U + action * 8U
                                    + mode);

    c = ngx_http_moderation_zone_find(zone, zone->counts,
                                      zone->data->ncounts,
                                      sizeof(ngx_http_moderation_zcount_t),
                                      &key, rule, slot, 1);
    if (c != NULL) {
        c->key.touched = (ngx_atomic_uint_t) ngx_time();
        (void) ngx_atomic_fetch_add(&c->value, (ngx_atomic_int_t) n);
    }
}


static ngx_http_moderation_zbrake_t *
ngx_http_moderation_zone_brake(ngx_http_moderation_zone_t *zone,
    const mdr_rule_info_t *rule, mdr_str_t slot, ngx_uint_t kind,
    ngx_uint_t make)
{
    ngx_http_moderation_zkey_t     key;
    ngx_http_moderation_zbrake_t  *b;

    key.rev = rule->rev;
    key.kind = (uint8_t) kind;
    key.action = 0;
    key.mode = 0;
    key.hash = ngx_http_moderation_zone_hash(rule->id, slot,
                                             rule->rev * 2
                                             + (uint32_t) kind);

    b = ngx_http_moderation_zone_find(zone, zone->brakes,
                                      zone->data->nbrakes,
                                      sizeof(ngx_http_moderation_zbrake_t),
                                      &key, rule->id, slot, make);

    /* one that has tripped is the last to be forgotten */

    if (b != NULL) {
        b->key.touched = b->tripped != 0 ? NGX_MAX_INT32_VALUE
                                         : (ngx_atomic_uint_t) ngx_time();
    }

    return b;
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


/* 1: it is we who trip it */

static ngx_uint_t
ngx_http_moderation_zone_trip(ngx_http_moderation_zone_t *zone,
    ngx_http_moderation_zbrake_t *b)
{
    if (!ngx_atomic_cmp_set(&b->tripped, 0, (ngx_atomic_uint_t) ngx_time())) {
        return 0;
    }

    b->key.touched = NGX_MAX_INT32_VALUE;
    (void) ngx_atomic_fetch_add(&zone->data->trips, 1);

    return 1;
}


/* a response is counted as a whole: its hits come before its items, and
 * a part of it says nothing about the share */

void
ngx_http_moderation_zone_brakes(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, const uint32_t *rules, ngx_uint_t n,
    ngx_uint_t slots, const ngx_uint_t *items, const ngx_uint_t *hits)
{
    mdr_str_t                      slot;
    ngx_uint_t                     i, s, h, nhits, nitems;
    mdr_rule_info_t                rule;
    ngx_http_moderation_zbrake_t  *b;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    for (s = 0; s < slots; s++) {

        if (items[s] == 0) {
            continue;
        }

        slot = mdr_policy_slot_name(policy, (uint32_t) s);

        for (i = 0; i < n; i++) {

            if (mdr_policy_rule(policy, rules[i], &rule) != MDR_OK) {
                continue;
            }

            b = ngx_http_moderation_zone_brake(zone, &rule, slot,
                                            NGX_HTTP_MODERATION_BRAKE_RATIO,
                                            1);
            if (b == NULL) {
                continue;
            }

            h = ngx_http_moderation_zone_half(b, rule.brake_window_s);
            (void) ngx_atomic_fetch_add(&b->items[h],
                                        (ngx_atomic_int_t) items[s]);

            if (hits[i * slots + s] == 0) {
                continue;
            }

            (void) ngx_atomic_fetch_add(&b->hits[h],
                                 (ngx_atomic_int_t) hits[i * slots + s]);

            nhits = b->hits[0] + b->hits[1];
            nitems = b->items[0] + b->items[1];

            if (nhits >= rule.brake_min_hits
                && (double) nhits > rule.brake_max_ratio * (double) nitems
                && ngx_http_moderation_zone_trip(zone, b))
            {
                ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                              "moderation: brake of rule \"%*s\" rev %uD "
                              "tripped in slot \"%*s\": %ui hits in %ui "
                              "items, the rule is in shadow until it has a "
                              "new rev",
                              (size_t) rule.id.len, rule.id.data, rule.rev,
                              (size_t) slot.len, slot.data, nhits, nitems);
            }
        }
    }
}


void
ngx_http_moderation_zone_limit(ngx_http_moderation_zone_t *zone,
    const mdr_rule_info_t *rule)
{
    mdr_str_t                      none = { "", 0 };
    ngx_uint_t                     h;
    ngx_http_moderation_zbrake_t  *b;

    b = ngx_http_moderation_zone_brake(zone, rule, none,
                                       NGX_HTTP_MODERATION_BRAKE_LIMIT, 1);
    if (b == NULL) {
        return;
    }

    h = ngx_http_moderation_zone_half(b, NGX_HTTP_MODERATION_LIMIT_WINDOW);
    (void) ngx_atomic_fetch_add(&b->hits[h], 1);

    if (b->hits[0] + b->hits[1] >= NGX_HTTP_MODERATION_LIMIT_HITS
        && ngx_http_moderation_zone_trip(zone, b))
    {
        ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                      "moderation: regexes of rule \"%*s\" rev %uD keep "
                      "reaching their limit, the rule is in shadow and they do "
                      "not run until it has a new rev",
                      (size_t) rule->id.len, rule->id.data, rule->rev);
    }
}


ngx_uint_t
ngx_http_moderation_zone_braked(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, uint32_t i, ngx_uint_t slots)
{
    uint32_t                       slot;
    mdr_str_t                      none = { "", 0 };
    ngx_uint_t                     why;
    mdr_rule_info_t                rule;
    ngx_http_moderation_zbrake_t  *b;

    if (zone == NULL || zone->data == NULL || zone->data->trips == 0
        || mdr_policy_rule(policy, i, &rule) != MDR_OK)
    {
        return 0;
    }

    why = 0;

    if (rule.regexes != 0) {
        b = ngx_http_moderation_zone_brake(zone, &rule, none,
                                        NGX_HTTP_MODERATION_BRAKE_LIMIT, 0);
        if (b != NULL && b->tripped != 0) {
            why |= NGX_HTTP_MODERATION_WHY_LIMIT;
        }
    }

    if (rule.brake_max_ratio <= 0) {
        return why;
    }

    for (slot = 0; slot < slots; slot++) {
        b = ngx_http_moderation_zone_brake(zone, &rule,
                                    mdr_policy_slot_name(policy, slot),
                                    NGX_HTTP_MODERATION_BRAKE_RATIO, 0);
        if (b != NULL && b->tripped != 0) {
            return why | NGX_HTTP_MODERATION_WHY_BRAKE;
        }
    }

    return why;
}


static void
ngx_http_moderation_zone_most(ngx_atomic_t *most, ngx_atomic_uint_t n)
{
    ngx_atomic_uint_t  had;

    for (had = *most; n > had; had = *most) {
        if (ngx_atomic_cmp_set(most, had, n)) {
            break;
        }
    }
}


void
ngx_http_moderation_zone_turn(ngx_http_moderation_zone_t *zone, uint64_t ns,
    uint64_t steps)
{
    ngx_http_moderation_zone_most(&zone->data->turn_ns, ns);
    ngx_http_moderation_zone_most(&zone->data->turn_steps, steps);
}


void
ngx_http_moderation_zone_item(ngx_http_moderation_zone_t *zone,
    const mdr_policy_t *policy, const mdr_item_t *item)
{
    uint32_t         i, j;
    mdr_rule_info_t  rule;

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

        ngx_http_moderation_zone_count(zone, rule.id, item->slot_name,
                                       NGX_HTTP_MODERATION_COUNT_ITEMS,
                                       rule.action, item->hits[i].mode, 1);
    }
}


void
ngx_http_moderation_zone_slot(ngx_http_moderation_zone_t *zone,
    mdr_str_t slot, const char *action, ngx_uint_t n)
{
    mdr_str_t  name;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    name.data = action != NULL ? action : "";
    name.len = (uint32_t) ngx_strlen(name.data);

    ngx_http_moderation_zone_count(zone, name, slot,
                                   action != NULL
                                   ? NGX_HTTP_MODERATION_COUNT_ACTION
                                   : NGX_HTTP_MODERATION_COUNT_SLOT,
                                   0, 0, n);
}


void
ngx_http_moderation_zone_page(ngx_http_moderation_zone_t *zone,
    const mdr_page_found_t *f)
{
    if (zone != NULL && zone->data != NULL) {
        ngx_http_moderation_zone_count(zone, f->id, f->name,
                                       NGX_HTTP_MODERATION_COUNT_PAGE,
                                       f->kind, f->mode, 1);
    }
}


void
ngx_http_moderation_zone_differ(ngx_http_moderation_zone_t *zone,
    mdr_str_t rule, mdr_str_t slot, ngx_uint_t count)
{
    if (zone != NULL && zone->data != NULL) {
        ngx_http_moderation_zone_count(zone, rule, slot, count, 0, 0, 1);
    }
}


void
ngx_http_moderation_zone_candidate(ngx_http_moderation_zone_t *zone,
    uint64_t items, uint64_t differ, uint64_t errors, uint64_t ns)
{
    ngx_http_moderation_zdata_t  *d;

    if (zone == NULL || zone->data == NULL) {
        return;
    }

    d = zone->data;

    (void) ngx_atomic_fetch_add(&d->shadow_items, (ngx_atomic_int_t) items);
    (void) ngx_atomic_fetch_add(&d->shadow_differ,
                                (ngx_atomic_int_t) differ);
    (void) ngx_atomic_fetch_add(&d->shadow_errors,
                                (ngx_atomic_int_t) errors);
    (void) ngx_atomic_fetch_add(&d->shadow_ns, (ngx_atomic_int_t) ns);
}


void
ngx_http_moderation_zone_error(ngx_http_moderation_zone_t *zone,
    ngx_uint_t kind)
{
    if (zone == NULL || zone->data == NULL) {
        return;
    }

    if (kind >= MDL_ERRS) {
        kind = 0;
    }

    (void) ngx_atomic_fetch_add(&zone->data->errors[kind], 1);
}


void
ngx_http_moderation_zone_skip(ngx_http_moderation_zone_t *zone,
    ngx_uint_t why)
{
    if (zone != NULL && zone->data != NULL) {
        (void) ngx_atomic_fetch_add(&zone->data->skips[why], 1);
    }
}


void
ngx_http_moderation_zone_response(ngx_http_moderation_zone_t *zone,
    const mdr_scan_stats_t *st, uint64_t ns, uint64_t pauses)
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
    (void) ngx_atomic_fetch_add(&d->resets, (ngx_atomic_int_t) st->resets);
    (void) ngx_atomic_fetch_add(&d->time_ns, (ngx_atomic_int_t) ns);
    (void) ngx_atomic_fetch_add(&d->pauses, (ngx_atomic_int_t) pauses);

    us = (ngx_uint_t) (ns / 1000);

    for (i = 0; i < NGX_HTTP_MODERATION_BUCKETS - 1; i++) {
        if (us <= ngx_http_moderation_zone_bounds[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&d->time[i], 1);
}


ngx_http_moderation_zgeo_t *
ngx_http_moderation_zone_geo(ngx_http_moderation_zone_t *zone,
    ngx_uint_t key)
{
    ngx_uint_t                   i;
    ngx_http_moderation_zgeo_t  *g;

    for (i = 0; i < NGX_HTTP_MODERATION_GEOS; i++) {
        g = &zone->data->geos[i];

        if (g->key == key || ngx_atomic_cmp_set(&g->key, 0, key)
            || g->key == key)
        {
            return g;
        }
    }

    return NULL;
}
