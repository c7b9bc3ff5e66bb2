/*
 * ngx_http_moderation_gen.c - generations of a policy, and which of their
 * rules are held back.
 *
 * A generation is a policy with a count of references: the store has one, and
 * each request that it decides.  Its caps say for each rule how far it may go
 * here and now: the kill file, brakes and regexes that keep reaching their
 * limit all mean shadow.  Scans read the caps as they go, so that a kill
 * switch holds for pages that are half sent.
 */


#include "ngx_http_moderation_store.h"

#include <sys/mman.h>


#define NGX_HTTP_MODERATION_DAY  86400


ngx_http_moderation_gen_t *
ngx_http_moderation_gen_new(ngx_http_moderation_store_t *store,
    mdr_policy_t *policy, void *map, size_t map_size)
{
    uint32_t                    i;
    ngx_uint_t                  nbrakes;
    mdr_rule_info_t             rule;
    mdr_policy_info_t           info;
    mdr_review_info_t           review;
    ngx_http_moderation_gen_t  *gen;

    mdr_policy_info(policy, &info);
    nbrakes = 0;

    for (i = 0; mdr_policy_rule(policy, i, &rule) == MDR_OK; i++) {
        nbrakes += rule.brake_max_ratio > 0;
    }

    gen = calloc(1, sizeof(ngx_http_moderation_gen_t)
                    + nbrakes * sizeof(uint32_t) + 2 * (size_t) info.rules);
    if (gen == NULL) {
        return NULL;
    }

    gen->policy = policy;
    gen->store = store;
    gen->refs = 1;
    gen->brakes = (uint32_t *) (gen + 1);
    gen->caps = (uint8_t *) (gen->brakes + nbrakes);
    gen->why = gen->caps + info.rules;
    gen->nrules = info.rules;
    gen->nslots = info.slots;
    gen->nregexes = info.regexes;
    gen->reader_laws = info.reader_laws;
    gen->map = map;
    gen->map_size = map_size;
    gen->loaded = ngx_time();
    gen->day = (ngx_uint_t) ngx_time() / NGX_HTTP_MODERATION_DAY;
    ngx_memcpy(gen->hash, info.hash, 33);
    ngx_memset(gen->caps, MDR_MODE_ENFORCE, info.rules);

    for (i = 0; mdr_policy_rule(policy, i, &rule) == MDR_OK; i++) {
        if (rule.brake_max_ratio > 0) {
            gen->brakes[gen->nbrakes++] = i;
        }
    }

    for (i = 0; i < info.slots; i++) {
        if (mdr_policy_review(policy, i, &review) == MDR_OK
            && review.mode == MDR_REVIEW_WORD_REQUIRED)
        {
            gen->required |= (ngx_uint_t) 1 << mdr_policy_slot_type(policy, i);
        }
    }

    ngx_queue_insert_tail(&store->gens, &gen->queue);
    store->alive++;

    return gen;
}


ngx_http_moderation_gen_t *
ngx_http_moderation_gen_ref(ngx_http_moderation_store_t *store)
{
    if (store->gen != NULL) {
        store->gen->refs++;
    }

    return store->gen;
}


void
ngx_http_moderation_gen_unref(ngx_http_moderation_gen_t *gen)
{
    if (gen == NULL || --gen->refs != 0) {
        return;
    }

    if (gen->store != NULL) {
        gen->store->alive--;
        ngx_queue_remove(&gen->queue);
    }

    mdr_policy_free(gen->policy);

    if (gen->map != NULL) {
        munmap(gen->map, gen->map_size);
    }

    free(gen->limits);
    free(gen->stable);
    free(gen->ahead);
    free(gen);
}


/* without a zone what has tripped is handed on: only a new rev resets it */

static void
ngx_http_moderation_gen_inherit(ngx_http_moderation_gen_t *gen,
    ngx_http_moderation_gen_t *old)
{
    uint32_t         i, j;
    mdr_rule_info_t  was, is;

    for (i = 0; i < old->nrules; i++) {

        if (!old->limits[i].tripped
            || mdr_policy_rule(old->policy, i, &was) != MDR_OK)
        {
            continue;
        }

        for (j = 0; mdr_policy_rule(gen->policy, j, &is) == MDR_OK; j++) {

            if (is.rev != was.rev || is.id.len != was.id.len
                || ngx_memcmp(is.id.data, was.id.data, is.id.len) != 0)
            {
                continue;
            }

            if (gen->limits == NULL) {
                gen->limits = calloc(gen->nrules,
                                     sizeof(ngx_http_moderation_limit_t));
            }

            if (gen->limits != NULL) {
                gen->limits[j].tripped = 1;
            }
            break;
        }
    }
}


void
ngx_http_moderation_gen_swap(ngx_http_moderation_store_t *store,
    ngx_http_moderation_gen_t *gen)
{
    ngx_http_moderation_gen_t  *old;

    old = store->gen;

    if (old != NULL && old->limits != NULL) {
        ngx_http_moderation_gen_inherit(gen, old);
    }

    store->gen = gen;
    ngx_http_moderation_gen_caps(store, 0);
    ngx_http_moderation_gen_unref(old);
}


void
ngx_http_moderation_gen_limit(ngx_http_moderation_gen_t *gen,
    ngx_http_moderation_zone_t *zone, uint32_t i)
{
    mdr_rule_info_t               rule;
    ngx_http_moderation_limit_t  *l;

    if (mdr_policy_rule(gen->policy, i, &rule) != MDR_OK) {
        return;
    }

    if (zone != NULL && zone->data != NULL) {
        ngx_http_moderation_zone_limit(zone, &rule);
        return;
    }

    if (gen->limits == NULL) {
        gen->limits = calloc(gen->nrules,
                             sizeof(ngx_http_moderation_limit_t));
        if (gen->limits == NULL) {
            return;
        }
    }

    l = &gen->limits[i];

    if (l->tripped) {
        return;
    }

    if (ngx_time() - l->from >= NGX_HTTP_MODERATION_LIMIT_WINDOW) {
        l->from = ngx_time();
        l->n = 0;
    }

    if (++l->n < NGX_HTTP_MODERATION_LIMIT_HITS) {
        return;
    }

    l->tripped = 1;
    gen->caps[i] = MDR_MODE_SHADOW | MDR_RULE_NO_REGEX;
    gen->why[i] |= NGX_HTTP_MODERATION_WHY_LIMIT;

    ngx_log_error(NGX_LOG_ERR, ngx_cycle->log, 0,
                  "moderation: regexes of rule \"%*s\" rev %uD keep reaching "
                  "their limit, the rule is in shadow and they do not run "
                  "until it has a new rev", (size_t) rule.id.len, rule.id.data, rule.rev);
}


ngx_uint_t
ngx_http_moderation_kill_take(ngx_http_moderation_store_t *store,
    ngx_http_moderation_kill_t *kill, ngx_uint_t say)
{
    u_char  *had;

    if (kill->state == NGX_HTTP_MODERATION_KILL_SAME) {
        return 0;
    }

    ngx_memcpy(store->kill_seen.print, kill->print, 33);

    if (kill->state == NGX_HTTP_MODERATION_KILL_FAILED) {
        if (say) {
            ngx_log_error(NGX_LOG_ERR, store->log, kill->err,
                          "moderation: \"%V\" cannot be read, what it held "
                          "back stays so", &store->kill);
        }

        return 0;
    }

    had = store->kill_seen.text;
    store->kill_seen.text = kill->text;
    store->kill_seen.len = kill->len;
    kill->text = NULL;

    free(had);

    return had != NULL || store->kill_seen.text != NULL;
}


/* the kill file: lines "all", "label NAME", "rule ID" */

static void
ngx_http_moderation_kill(ngx_http_moderation_store_t *store, ngx_uint_t say)
{
    u_char                     *p, *e, *last;
    uint8_t                    *rules;
    mdr_str_t                   near;
    ngx_uint_t                  i, line, held;
    ngx_http_moderation_gen_t  *gen;

    gen = store->gen;

    /* no memory: what cannot be read holds everything back */

    rules = calloc(gen->nrules + 1, 1);

    p = store->kill_seen.text;
    last = p + store->kill_seen.len;

    for (line = 1; p < last && rules != NULL; line++, p = e + 1) {
        e = ngx_strlchr(p, last, '\n');
        if (e == NULL) {
            e = last;
        }

        switch (mdr_policy_kill(gen->policy, (char *) p, e - p, rules,
                                &near))
        {
        case MDR_KILL_NO_LINE:
            if (say) {
                ngx_log_error(NGX_LOG_ERR, store->log, 0,
                              "moderation: %V:%ui: \"all\", \"label NAME\" "
                              "or \"rule ID\" expected", &store->kill, line);
            }
            break;

        case MDR_KILL_UNKNOWN:
            if (say && near.len != 0) {
                ngx_log_error(NGX_LOG_ERR, store->log, 0,
                              "moderation: %V:%ui: no such rule or label "
                              "(did you mean \"%*s\"?)", &store->kill, line,
                              (size_t) near.len, near.data);
            } else if (say) {
                ngx_log_error(NGX_LOG_ERR, store->log, 0,
                              "moderation: %V:%ui: no such rule or label",
                              &store->kill, line);
            }
            break;

        default: /* MDR_KILL_RULES, MDR_KILL_NOTHING */
            break;
        }
    }

    for (i = 0; i < gen->nrules; i++) {
        if (rules == NULL || rules[i]) {
            gen->caps[i] = MDR_MODE_SHADOW;
            gen->why[i] |= NGX_HTTP_MODERATION_WHY_KILL;
        }
    }

    free(rules);

    if (!say) {
        return;
    }

    for (i = 0, held = 0; i < store->gen->nrules; i++) {
        held += (store->gen->why[i] & NGX_HTTP_MODERATION_WHY_KILL) != 0;
    }

    ngx_log_error(NGX_LOG_WARN, store->log, 0,
                  "moderation: kill file \"%V\" holds back %ui of %ui rules",
                  &store->kill, held, store->gen->nrules);
}


void
ngx_http_moderation_gen_caps(ngx_http_moderation_store_t *store,
    ngx_uint_t say)
{
    uint32_t                     i;
    ngx_uint_t                   why;
    mdr_rule_info_t              rule;
    ngx_http_moderation_gen_t   *gen;
    ngx_http_moderation_zone_t  *zone;

    gen = store->gen;
    zone = store->zone != NULL ? *store->zone : NULL;

    ngx_memset(gen->caps, MDR_MODE_ENFORCE, gen->nrules);
    ngx_memzero(gen->why, gen->nrules);

    if (store->kill.len != 0) {
        ngx_http_moderation_kill(store, say);
    }

    if (zone != NULL && zone->data != NULL) {
        store->trips = zone->data->trips;
    }

    if (gen->nbrakes == 0 && gen->nregexes == 0) {
        return;
    }

    for (i = 0; mdr_policy_rule(gen->policy, i, &rule) == MDR_OK; i++) {

        if (rule.brake_max_ratio <= 0 && rule.regexes == 0) {
            continue;
        }

        why = ngx_http_moderation_zone_braked(zone, gen->policy, i,
                                              gen->nslots);

        if (gen->limits != NULL && gen->limits[i].tripped) {
            why |= NGX_HTTP_MODERATION_WHY_LIMIT;
        }

        if (why) {
            gen->caps[i] = MDR_MODE_SHADOW;

            if (why & NGX_HTTP_MODERATION_WHY_LIMIT) {
                gen->caps[i] |= MDR_RULE_NO_REGEX;      /* it costs as much
                                                           in shadow         */
            }

            gen->why[i] |= (uint8_t) why;
        }
    }
}


void
ngx_http_moderation_gen_expired(ngx_http_moderation_gen_t *gen,
    ngx_uint_t from, ngx_log_t *log)
{
    uint32_t         i;
    int64_t          today;
    mdr_rule_info_t  rule;

    today = (int64_t) ngx_time() / NGX_HTTP_MODERATION_DAY;

    for (i = 0; mdr_policy_rule(gen->policy, i, &rule) == MDR_OK; i++) {

        if (rule.expires_day < today
            && (int64_t) rule.expires_day >= (int64_t) from)
        {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "moderation: rule \"%*s\" has expired and runs in "
                          "shadow", (size_t) rule.id.len, rule.id.data);
        }
    }
}
