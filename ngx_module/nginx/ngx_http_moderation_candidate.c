/*
 * ngx_http_moderation_candidate.c - a second policy beside the live one.
 *
 * The candidate reads the bytes that the live policy reads, in the same mode,
 * and its output goes nowhere.  Items of both are put together by slot and
 * place in the body; an item that one of them says nothing about passes
 * there.  Where suggestion, action or removal differ the item is counted, and
 * the rules are counted that hit it for one side only; where both have the
 * same rules, all of them.
 *
 * The two run side by side, so few items wait for their other half: those of
 * the piece in hand, and those that only one side has found.
 */


#include "ngx_http_moderation.h"


#define NGX_HTTP_MODERATION_BUCKETS_N  64
#define NGX_HTTP_MODERATION_MANY       1024     /* records that wait         */
#define NGX_HTTP_MODERATION_RECORDS    16384    /* at most                   */


typedef struct ngx_http_moderation_record_s  ngx_http_moderation_record_t;

struct ngx_http_moderation_record_s {
    ngx_http_moderation_record_t  *next;
    uint64_t                       start, end;
    mdr_str_t                      slot;        /* of the policy             */
    uint8_t                        candidate;   /* whose                     */
    uint8_t                        suggestion, action, removed;
    ngx_uint_t                     nrules;
    uint32_t                       rules[1];    /* that hit, of its policy   */
};


struct ngx_http_moderation_candidate_s {
    ngx_http_moderation_gen_t     *gen;
    const mdr_policy_t            *live;
    ngx_http_moderation_zone_t    *zone;
    mdr_scan_t                    *scan;
    size_t                         max_slot;
    uint64_t                       fed, time_ns, errors;
    ngx_uint_t                     whole;       /* the end has been seen     */
    ngx_uint_t                     failed;      /* nothing is compared now   */
    ngx_uint_t                     differ;
    ngx_uint_t                     nrecords;
    ngx_http_moderation_record_t  *buckets[NGX_HTTP_MODERATION_BUCKETS_N];
};


/* comparison */

static ngx_uint_t
ngx_http_moderation_has_rule(const ngx_http_moderation_record_t *r,
    const mdr_policy_t *policy, mdr_str_t id)
{
    ngx_uint_t       i;
    mdr_rule_info_t  rule;

    for (i = 0; r != NULL && i < r->nrules; i++) {
        if (mdr_policy_rule(policy, r->rules[i], &rule) == MDR_OK
            && rule.id.len == id.len
            && ngx_memcmp(rule.id.data, id.data, id.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* rules of a that b has not; all: those too that it has.  Their number */

static ngx_uint_t
ngx_http_moderation_count_rules(ngx_http_moderation_candidate_t *c,
    const ngx_http_moderation_record_t *a, const mdr_policy_t *a_policy,
    const ngx_http_moderation_record_t *b, const mdr_policy_t *b_policy,
    ngx_uint_t all, ngx_uint_t count)
{
    ngx_uint_t       i, n;
    mdr_rule_info_t  rule;

    for (i = 0, n = 0; a != NULL && i < a->nrules; i++) {

        if (mdr_policy_rule(a_policy, a->rules[i], &rule) != MDR_OK
            || (!all
                && ngx_http_moderation_has_rule(b, b_policy, rule.id)))
        {
            continue;
        }

        ngx_http_moderation_zone_differ(c->zone, rule.id, a->slot, count);
        n++;
    }

    return n;
}


/* one item, as both sides have it; NULL: it passes there */

static void
ngx_http_moderation_compare(ngx_http_moderation_candidate_t *c,
    const ngx_http_moderation_record_t *live,
    const ngx_http_moderation_record_t *candidate)
{
    ngx_uint_t  n;

    if ((live != NULL ? live->suggestion : MDR_PASS)
        == (candidate != NULL ? candidate->suggestion : MDR_PASS)
        && (live != NULL ? live->action : MDR_ACT_NONE)
           == (candidate != NULL ? candidate->action : MDR_ACT_NONE)
        && (live != NULL ? live->removed : 0)
           == (candidate != NULL ? candidate->removed : 0))
    {
        return;
    }

    c->differ++;

    n = ngx_http_moderation_count_rules(c, live, c->live, candidate,
                                        c->gen->policy, 0,
                                        NGX_HTTP_MODERATION_COUNT_LIVE);
    n += ngx_http_moderation_count_rules(c, candidate, c->gen->policy, live,
                                         c->live, 0,
                                       NGX_HTTP_MODERATION_COUNT_CANDIDATE);

    if (n == 0) {
        (void) ngx_http_moderation_count_rules(c, live, c->live, NULL, NULL,
                                               1,
                                            NGX_HTTP_MODERATION_COUNT_BOTH);
    }
}


/* records that wait for the other side */

static void
ngx_http_moderation_compare_one(ngx_http_moderation_candidate_t *c,
    const ngx_http_moderation_record_t *r)
{
    ngx_http_moderation_compare(c, r->candidate ? NULL : r,
                                r->candidate ? r : NULL);
}


/* those that ended before a place: the other side has nothing */

static void
ngx_http_moderation_settle(ngx_http_moderation_candidate_t *c,
    uint64_t before, ngx_uint_t compare)
{
    ngx_uint_t                      i;
    ngx_http_moderation_record_t   *r, **p;

    for (i = 0; i < NGX_HTTP_MODERATION_BUCKETS_N; i++) {
        p = &c->buckets[i];

        while (*p != NULL) {
            r = *p;

            if (r->end >= before) {
                p = &r->next;
                continue;
            }

            if (compare) {
                ngx_http_moderation_compare_one(c, r);
            }

            *p = r->next;
            free(r);
            c->nrecords--;
        }
    }
}


static void
ngx_http_moderation_record(ngx_http_moderation_candidate_t *c,
    const mdr_item_t *item, uint8_t candidate)
{
    uint32_t                        i, j;
    ngx_http_moderation_record_t   *r, *o, **p;

    if (item->nhits == 0 && item->suggestion == MDR_PASS
        && item->action == MDR_ACT_NONE
        && !(item->flags & MDR_ITEM_REMOVED))
    {
        return;
    }

    if (c->nrecords == NGX_HTTP_MODERATION_RECORDS) {
        c->errors++;
        return;
    }

    r = malloc(sizeof(ngx_http_moderation_record_t)
               + item->nhits * sizeof(uint32_t));
    if (r == NULL) {
        c->errors++;
        return;
    }

    r->start = item->start;
    r->end = item->end;
    r->slot = item->slot_name;
    r->candidate = candidate;
    r->suggestion = item->suggestion;
    r->action = item->action;
    r->removed = (item->flags & MDR_ITEM_REMOVED) != 0;
    r->nrules = 0;

    for (i = 0; i < item->nhits; i++) {
        for (j = 0; j < r->nrules && r->rules[j] != item->hits[i].rule; j++)
        {
            /* void */
        }

        if (j == r->nrules) {
            r->rules[r->nrules++] = item->hits[i].rule;
        }
    }

    p = &c->buckets[(r->start ^ r->start >> 6)
                    % NGX_HTTP_MODERATION_BUCKETS_N];

    for (o = *p; o != NULL; p = &o->next, o = *p) {

        if (o->start != r->start || o->candidate == candidate
            || o->slot.len != r->slot.len
            || ngx_memcmp(o->slot.data, r->slot.data, r->slot.len) != 0)
        {
            continue;
        }

        ngx_http_moderation_compare(c, candidate ? o : r, candidate ? r : o);

        *p = o->next;
        free(o);
        free(r);
        c->nrecords--;
        return;
    }

    r->next = NULL;
    *p = r;
    c->nrecords++;
}


/* the candidate's scan */

static void
ngx_http_moderation_candidate_item(void *data, const mdr_item_t *item)
{
    ngx_http_moderation_record(data, item, 1);
}


static void
ngx_http_moderation_candidate_error(void *data,
    const mdr_scan_error_t *error)
{
    ngx_http_moderation_candidate_t *c = data;

    c->errors++;

    if (error->rule != UINT32_MAX) {
        ngx_http_moderation_gen_limit(c->gen, c->zone, error->rule);
    }
}


ngx_http_moderation_candidate_t *
ngx_http_moderation_candidate_new(ngx_http_moderation_store_t *store,
    ngx_http_moderation_gen_t *live, ngx_http_moderation_zone_t *zone,
    mdr_work_t *work, const mdr_scan_conf_t *conf)
{
    mdr_scan_conf_t                   own;
    ngx_http_moderation_candidate_t  *c;

    c = calloc(1, sizeof(ngx_http_moderation_candidate_t));
    if (c == NULL) {
        return NULL;
    }

    c->gen = ngx_http_moderation_gen_ref(store);
    c->live = live->policy;
    c->zone = zone;
    c->max_slot = conf->max_slot;

    own = *conf;
    own.ctx = c;
    own.output = NULL;
    own.item = ngx_http_moderation_candidate_item;
    own.error = ngx_http_moderation_candidate_error;
    own.all_items = 0;
    own.known = NULL;
    own.record = 0;
    own.slot_modes = NULL;
    own.rule_modes = c->gen->caps;
    own.page = 0;
    own.found = NULL;

    c->scan = mdr_scan_new(c->gen->policy, work, &own);

    if (c->scan == NULL) {
        ngx_http_moderation_gen_unref(c->gen);
        free(c);
        return NULL;
    }

    return c;
}


uint64_t
ngx_http_moderation_candidate_feed(ngx_http_moderation_candidate_t *c,
    u_char *p, size_t len, ngx_uint_t last)
{
    int              rc;
    struct timespec  a, b;

    if (c->failed) {
        return mdr_scan_steps(c->scan);
    }

    (void) clock_gettime(CLOCK_MONOTONIC, &a);

    rc = last ? mdr_scan_finish(c->scan) : mdr_scan_feed(c->scan, p, len);

    (void) clock_gettime(CLOCK_MONOTONIC, &b);

    c->time_ns += (uint64_t) ((int64_t) (b.tv_sec - a.tv_sec) * 1000000000
                              + (b.tv_nsec - a.tv_nsec));
    c->fed += len;

    if (rc == MDR_OK) {
        c->whole = last;

        /* what ended before these bytes, and is older than any item that may
         * still hold it up, has no other half */

        if (c->nrecords > NGX_HTTP_MODERATION_MANY
            && c->fed > len + c->max_slot)
        {
            ngx_http_moderation_settle(c, c->fed - len - c->max_slot, 1);
        }

        return mdr_scan_steps(c->scan);
    }

    /* it would cut the response here, or has no memory */

    c->failed = 1;
    c->errors += rc == MDR_ERROR;

    return mdr_scan_steps(c->scan);
}


void
ngx_http_moderation_candidate_live(ngx_http_moderation_candidate_t *c,
    const mdr_item_t *item)
{
    if (!c->failed) {
        ngx_http_moderation_record(c, item, 0);
    }
}


ngx_uint_t
ngx_http_moderation_candidate_free(ngx_http_moderation_candidate_t *c)
{
    ngx_uint_t        differ;
    mdr_scan_stats_t  stats;

    mdr_scan_stats(c->scan, &stats);

    /* what waits in a body without an end may still have its other half */

    ngx_http_moderation_settle(c, UINT64_MAX, c->whole);

    ngx_http_moderation_zone_candidate(c->zone, stats.items, c->differ,
                                       c->errors, c->time_ns);

    mdr_scan_free(c->scan);
    ngx_http_moderation_gen_unref(c->gen);
    differ = c->differ;
    free(c);

    return differ;
}
