/*
 * ngx_http_moderation_ledger_tell.c - what is told from time to time by who
 * holds the lease: how often decisions came, statistics, policies.
 *
 * Everything told is cumulative, so that a line that is lost is repaired by
 * the next one.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_TELL        5       /* seconds                   */
#define NGX_HTTP_MODERATION_FIRST       60
#define NGX_HTTP_MODERATION_EVERY       600
#define NGX_HTTP_MODERATION_EVERY_HALF  3600    /* the spool is half full    */
#define NGX_HTTP_MODERATION_BATCH       200


static ngx_atomic_uint_t  *ngx_http_moderation_told;     /* [ncounts]        */
static ngx_uint_t          ngx_http_moderation_ntold;
static ngx_atomic_uint_t   ngx_http_moderation_told_errors[
                                               MDL_ERRS];
static uint64_t            ngx_http_moderation_told_lost;
static time_t              ngx_http_moderation_told_at;
static u_char              ngx_http_moderation_told_policy[
                                        NGX_HTTP_MODERATION_STORES][33];
static ngx_uint_t          ngx_http_moderation_told_refusals[
                                        NGX_HTTP_MODERATION_STORES];
static u_char             *ngx_http_moderation_told_rules[
                                        NGX_HTTP_MODERATION_STORES];


static ngx_int_t
ngx_http_moderation_ledger_batch(mdl_count_entry_t **entries,
    mdl_count_t *counts, ngx_uint_t n)
{
    size_t      len, done;
    ngx_uint_t  from, i;

    for (from = 0; from < n; from += done) {
        len = mdl_line_counts(ngx_http_moderation_ledger.line, MDL_LINE_MAX,
                              ngx_http_moderation_now_ms(),
                              ngx_http_moderation_ledger_next(),
                              counts + from, n - from, &done);

        if (done == 0 || ngx_http_moderation_ledger_put(len, 0) != NGX_OK) {
            return NGX_ERROR;
        }

        for (i = from; i < from + done; i++) {
            if (entries[i] != NULL) {
                mdl_entry_told(entries[i], counts[i].total,
                               (uint64_t) ngx_time());
            }
        }
    }

    return NGX_OK;
}


/* all: at exit, whatever is not told */

void
ngx_http_moderation_ledger_counts(ngx_uint_t all)
{
    char                id[NGX_HTTP_MODERATION_BATCH][MDL_ID + 1];
    uint64_t            i, every, first;
    ngx_uint_t          n;
    mdl_area_t         *area;
    mdl_count_t         counts[NGX_HTTP_MODERATION_BATCH];
    mdl_count_entry_t  *entries[NGX_HTTP_MODERATION_BATCH], *e;

    area = ngx_http_moderation_ledger.area;
    first = all ? 0 : NGX_HTTP_MODERATION_FIRST;
    every = all ? 0
            : area->spool_full == MDL_SPOOL_OK ? NGX_HTTP_MODERATION_EVERY
                                          : NGX_HTTP_MODERATION_EVERY_HALF;

    for (i = 0, n = 0; i < area->nentries; i++) {
        e = mdl_entry_at(area, i);

        if (!all) {
            mdl_entry_sweep(e, (uint64_t) ngx_time());
        }

        if (!mdl_entry_due(e, (uint64_t) ngx_time(), first, every)) {
            continue;
        }

        /* one is told by the line itself */

        counts[n].total = mdl_entry_total(e);
        counts[n].since = e->since_ms;
        mdl_id_text(e->key, id[n]);
        counts[n].id = id[n];
        entries[n] = e;

        if (++n == NGX_HTTP_MODERATION_BATCH) {
            if (ngx_http_moderation_ledger_batch(entries, counts, n)
                != NGX_OK)
            {
                return;
            }
            n = 0;
        }
    }

    if (n != 0) {
        (void) ngx_http_moderation_ledger_batch(entries, counts, n);
    }
}


/* an entry that has made room */

void
ngx_http_moderation_ledger_gone(const mdl_count_entry_t *gone)
{
    char                id[MDL_ID + 1];
    mdl_count_t         count;
    mdl_count_entry_t  *none;

    mdl_id_text(gone->key, id);
    count.id = id;
    count.since = gone->since_ms;
    count.total = gone->total;
    none = NULL;

    (void) ngx_http_moderation_ledger_batch(&none, &count, 1);
}


static mdl_str_t
ngx_http_moderation_cstr(const u_char *s)
{
    mdl_str_t  m;

    m.data = (const char *) s;
    m.len = ngx_strlen(s);

    return m;
}


/* findings of a page about one requirement or guard: missing, inserted, in
 * whatever mode, are one number */

static uint64_t
ngx_http_moderation_ledger_page_total(ngx_http_moderation_zone_t *zone,
    ngx_http_moderation_zcount_t *c)
{
    uint64_t                       total;
    ngx_uint_t                     i;
    ngx_http_moderation_zcount_t  *other;

    total = 0;

    for (i = 0; i < zone->data->ncounts; i++) {
        other = &zone->counts[i];

        if (other->key.state == 2 && other->key.kind == c->key.kind
            && ngx_strcmp(other->key.rule, c->key.rule) == 0
            && ngx_strcmp(other->key.slot, c->key.slot) == 0)
        {
            total += other->value;
        }
    }

    return total;
}


static void
ngx_http_moderation_ledger_stats(ngx_http_moderation_zone_t *zone)
{
    size_t                         len, done;
    uint64_t                       lost;
    ngx_uint_t                     i, n, from;
    mdl_area_t                    *area;
    mdl_stat_t                     stats[NGX_HTTP_MODERATION_BATCH], *s;
    ngx_http_moderation_zcount_t  *c;

    area = ngx_http_moderation_ledger.area;

    if (ngx_http_moderation_told == NULL
        || ngx_http_moderation_ntold != zone->data->ncounts)
    {
        free(ngx_http_moderation_told);
        ngx_http_moderation_ntold = zone->data->ncounts;
        ngx_http_moderation_told = calloc(ngx_http_moderation_ntold,
                                          sizeof(ngx_atomic_uint_t));
        if (ngx_http_moderation_told == NULL) {
            return;
        }
    }

    n = 0;

    for (i = 0; i < zone->data->ncounts && n + 1 < NGX_HTTP_MODERATION_BATCH;
         i++)
    {
        c = &zone->counts[i];

        if (c->key.state != 2 || c->value == ngx_http_moderation_told[i]) {
            continue;
        }

        s = &stats[n];
        s->slot = ngx_http_moderation_cstr(c->key.slot);
        s->name = ngx_http_moderation_cstr(c->key.rule);
        s->total = c->value;

        switch (c->key.kind) {

        case NGX_HTTP_MODERATION_COUNT_ITEMS:
            s->what = MDL_STAT_HITS;
            break;

        case NGX_HTTP_MODERATION_COUNT_PAGE:
            s->what = MDL_STAT_PAGE;
            s->total = ngx_http_moderation_ledger_page_total(zone, c);
            break;

        case NGX_HTTP_MODERATION_COUNT_SLOT:
            s->what = MDL_STAT_ITEMS;
            break;

        case NGX_HTTP_MODERATION_COUNT_ACTION:
            s->what = MDL_STAT_ACTIONS;
            break;

        default:
            continue;
        }

        ngx_http_moderation_told[i] = c->value;
        n++;
    }

    for (i = 0; i < MDL_ERRS
                && n + 1 < NGX_HTTP_MODERATION_BATCH; i++)
    {
        if (zone->data->errors[i] == ngx_http_moderation_told_errors[i]
            || mdl_errors[i] == NULL)
        {
            continue;
        }

        ngx_http_moderation_told_errors[i] = zone->data->errors[i];
        ngx_memzero(&stats[n], sizeof(mdl_stat_t));
        stats[n].what = MDL_STAT_ERRORS;
        stats[n].slot.data = "";
        stats[n].name.data = mdl_errors[i];
        stats[n].name.len = (uint32_t) ngx_strlen(mdl_errors[i]);
        stats[n].total = zone->data->errors[i];
        n++;
    }

    lost = ngx_http_moderation_ledger_lost();

    if (lost != ngx_http_moderation_told_lost) {
        ngx_http_moderation_told_lost = lost;
        ngx_memzero(&stats[n], sizeof(mdl_stat_t));
        stats[n].what = MDL_STAT_LOST;
        stats[n].slot.data = "";
        stats[n].name.data = "";
        stats[n].total = lost;
        n++;
    }

    for (from = 0; from < n; from += done) {
        len = mdl_line_stats(ngx_http_moderation_ledger.line, MDL_LINE_MAX,
                             ngx_http_moderation_now_ms(),
                             ngx_http_moderation_ledger_next(),
                             area->born_ms, stats + from, n - from, &done);

        if (done == 0 || ngx_http_moderation_ledger_put(len, 0) != NGX_OK) {

            /* told again as a whole */

            ngx_memzero(ngx_http_moderation_told,
                        ngx_http_moderation_ntold
                        * sizeof(ngx_atomic_uint_t));
            return;
        }
    }
}


static void
ngx_http_moderation_ledger_policy(ngx_http_moderation_store_t *store,
    ngx_uint_t event, const u_char *hash, const mdr_rule_info_t *rule,
    const u_char *detail)
{
    size_t              n;
    u_char              name[160];
    mdl_policy_t        line;
    mdr_policy_info_t   info;

    ngx_memzero(&line, sizeof(mdl_policy_t));
    mdr_policy_info(store->gen->policy, &info);

    line.time_ms = ngx_http_moderation_now_ms();
    line.n = ngx_http_moderation_ledger_next();
    line.event = (uint8_t) event;
    line.policy.data = (char *) name;
    line.policy.len = ngx_snprintf(name, sizeof(name), "%*s@%s",
                                   (size_t) info.name.len, info.name.data,
                                   hash)
                      - name;
    line.detail = ngx_http_moderation_cstr(detail);

    if (rule != NULL) {
        line.rule.data = rule->id.data;
        line.rule.len = rule->id.len;
        line.rev = rule->rev;
    }

    n = mdl_line_policy(ngx_http_moderation_ledger.line, MDL_LINE_MAX, &line);
    (void) ngx_http_moderation_ledger_put(n, 0);
}


/* rules that are in shadow, or are not any more: brakes and the kill file */

static void
ngx_http_moderation_ledger_rules_new(ngx_uint_t i, ngx_uint_t nrules)
{
    free(ngx_http_moderation_told_rules[i]);
    ngx_http_moderation_told_rules[i] = calloc(nrules + 1, 1);
}


static void
ngx_http_moderation_ledger_rules(ngx_http_moderation_store_t *store,
    ngx_uint_t i)
{
    u_char           *told;
    uint32_t          r;
    ngx_uint_t        k, now;
    mdr_rule_info_t   rule;

    static const struct {
        ngx_uint_t  why, event;
    } events[] = {
        { NGX_HTTP_MODERATION_WHY_KILL, MDL_POLICY_KILL },
        { NGX_HTTP_MODERATION_WHY_BRAKE|NGX_HTTP_MODERATION_WHY_LIMIT,
          MDL_POLICY_BRAKE }
    };

    told = ngx_http_moderation_told_rules[i];

    for (r = 0; told != NULL && r < store->gen->nrules; r++) {
        now = store->gen->why[r] & (events[0].why|events[1].why);

        if (now == told[r]
            || mdr_policy_rule(store->gen->policy, r, &rule) != MDR_OK)
        {
            continue;
        }

        for (k = 0; k < 2; k++) {
            if (!(now & events[k].why) != !(told[r] & events[k].why)) {
                ngx_http_moderation_ledger_policy(store, events[k].event,
                                                  store->gen->hash, &rule,
                                                  now & events[k].why
                                                  ? (u_char *) "on"
                                                  : (u_char *) "over");
            }
        }

        told[r] = (u_char) now;
    }
}


static void
ngx_http_moderation_ledger_policies(ngx_array_t *stores)
{
    ngx_uint_t                      i;
    ngx_http_moderation_store_t    *s, **all;

    all = stores->elts;

    for (i = 0; i < stores->nelts && i < NGX_HTTP_MODERATION_STORES; i++) {
        s = all[i];

        if (s->gen == NULL) {
            continue;
        }

        if (ngx_memcmp(s->gen->hash, ngx_http_moderation_told_policy[i], 32)
            != 0)
        {
            ngx_memcpy(ngx_http_moderation_told_policy[i], s->gen->hash, 32);
            ngx_http_moderation_ledger_policy(s, s->candidate
                                                 ? MDL_POLICY_CANDIDATE
                                                 : MDL_POLICY_LIVE,
                                              s->gen->hash, NULL,
                                              (u_char *) "");
            ngx_http_moderation_ledger_rules_new(i, s->gen->nrules);
        }

        if (!s->candidate) {
            ngx_http_moderation_ledger_rules(s, i);
        }

        if (s->refusals != ngx_http_moderation_told_refusals[i]) {
            ngx_http_moderation_told_refusals[i] = s->refusals;
            ngx_http_moderation_ledger_policy(s, MDL_POLICY_REFUSED,
                                              s->refused_hash, NULL,
                                              s->refusal);
        }
    }
}


/* lines that were not kept, by all places */

uint64_t
ngx_http_moderation_ledger_lost(void)
{
    uint32_t     i;
    uint64_t     n;
    mdl_area_t  *area;

    area = ngx_http_moderation_ledger.area;

    if (area == NULL) {
        return 0;
    }

    n = area->unplaced + area->uncounted;

    for (i = 0; i < area->nplaces; i++) {
        n += mdl_place(area, i)->lost;
    }

    return n;
}


const char *
ngx_http_moderation_ledger_state(void)
{
    uint32_t     i;
    mdl_area_t  *area;

    area = ngx_http_moderation_ledger.area;

    if (area->spool_full == MDL_SPOOL_FULL) {
        return "full";
    }

    for (i = 0; i < area->nplaces; i++) {
        if (mdl_place(area, i)->failing != 0) {
            return "failing";
        }
    }

    return "ok";
}


void
ngx_http_moderation_ledger_tell(ngx_http_moderation_main_conf_t *mmcf)
{
    if (ngx_time() - ngx_http_moderation_told_at < NGX_HTTP_MODERATION_TELL) {
        return;
    }

    ngx_http_moderation_told_at = ngx_time();

    ngx_http_moderation_ledger_policies(&mmcf->stores);
    ngx_http_moderation_ledger_stats(mmcf->zone);
    ngx_http_moderation_ledger_counts(0);
}
