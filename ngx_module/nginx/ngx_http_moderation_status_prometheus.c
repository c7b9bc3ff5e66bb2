/*
 * ngx_http_moderation_status_prometheus.c - policies and counters as
 * Prometheus text (exposition format 0.0.4).
 */


#include "ngx_http_moderation_status.h"
#include "ngx_http_moderation_ledger.h"


enum { POLICY_AGE, POLICY_GENERATION, POLICY_RELOADS, POLICY_COMPILES,
       POLICY_REFUSALS, POLICY_REFUSED, POLICY_VALUES };


static void
ngx_http_moderation_family(ngx_http_moderation_out_t *o, const char *name,
    const char *type, const char *help)
{
    ngx_http_moderation_print(o, "# HELP moderation_%s %s\n"
                              "# TYPE moderation_%s %s\n",
                              name, help, name, type);
}


static void
ngx_http_moderation_metric(ngx_http_moderation_out_t *o, const char *name,
    const char *help, ngx_atomic_uint_t value)
{
    ngx_http_moderation_family(o, name, "counter", help);
    ngx_http_moderation_print(o, "moderation_%s %uA\n", name, value);
}


static void
ngx_http_moderation_seconds(ngx_http_moderation_out_t *o, const char *name,
    ngx_atomic_uint_t ns)
{
    ngx_http_moderation_print(o, "moderation_%s %uA.%09uA\n", name,
                              ns / 1000000000, ns % 1000000000);
}


/* the name and the label that all samples of a policy begin with */

static void
ngx_http_moderation_sample(ngx_http_moderation_out_t *o, const char *name,
    ngx_http_moderation_store_t *store)
{
    ngx_http_moderation_print(o, "moderation_%s{path=\"", name);
    ngx_http_moderation_quoted(o, store->path.data, store->path.len, 0);

    /* the same path may stand there with several kill files */

    if (store->kill.len != 0) {
        ngx_http_moderation_print(o, "\",kill=\"");
        ngx_http_moderation_quoted(o, store->kill.data, store->kill.len, 0);
    }

    ngx_http_moderation_print(o, "\"");
}


static ngx_uint_t
ngx_http_moderation_policy_value(ngx_http_moderation_store_t *store,
    ngx_uint_t what)
{
    ngx_http_moderation_zstore_t  *s;

    s = store->shared;

    switch (what) {

    case POLICY_AGE:
        return (ngx_uint_t) (ngx_time() - store->gen->loaded);

    case POLICY_GENERATION:
        return s != NULL ? s->serial / 2 : store->reloads + 1;

    case POLICY_RELOADS:
        return s != NULL ? s->reloads : store->reloads;

    case POLICY_COMPILES:
        return s != NULL ? s->compiles : store->reloads;

    case POLICY_REFUSALS:
        return s != NULL ? s->refusals : store->refusals;

    default: /* POLICY_REFUSED */
        return (s != NULL ? s->refusal[0] : store->refusal[0]) != '\0';
    }
}


static void
ngx_http_moderation_prometheus_policies(ngx_http_moderation_out_t *o,
    ngx_array_t *stores)
{
    uint32_t                         n;
    ngx_uint_t                       i, k, what, why;
    mdr_rule_info_t                  rule;
    ngx_atomic_uint_t                gen;
    mdr_policy_info_t                info;
    ngx_http_moderation_store_t    **all;
    ngx_http_moderation_zworker_t   *w;

    static const struct {
        const char  *name, *type, *help;
    } families[] = {
        { "policy_age_seconds", "gauge",
          "Time since the policy in use was loaded by this worker." },
        { "policy_generation", "gauge",
          "Number of the generation that all workers shall have." },
        { "policy_reloads_total", "counter",
          "Changes of the policy that went live." },
        { "policy_compiles_total", "counter",
          "Compilations, refused ones too." },
        { "policy_refusals_total", "counter",
          "Changes of the policy that were refused." },
        { "policy_refused", "gauge",
          "1: what is saved is refused, the last good policy serves." }
    };

    all = stores->elts;

    ngx_http_moderation_family(o, "build_info", "gauge",
                               "The version of the module.");
    ngx_http_moderation_print(o, "moderation_build_info{version=\""
                              MDR_VERSION "\",nginx=\"" NGINX_VERSION
                              "\"} 1\n");

    ngx_http_moderation_family(o, "policy_info", "gauge",
                               "The policy in use.");

    for (i = 0; i < stores->nelts; i++) {
        mdr_policy_info(all[i]->gen->policy, &info);
        ngx_http_moderation_sample(o, "policy_info", all[i]);
        ngx_http_moderation_print(o, ",policy=\"");
        ngx_http_moderation_quoted(o, (u_char *) info.name.data,
                                   info.name.len, 0);
        ngx_http_moderation_print(o, "\",hash=\"%s\",candidate=\"%s\"} 1\n",
                                  all[i]->gen->hash,
                                  all[i]->candidate ? "yes" : "no");
    }

    for (what = 0; what < POLICY_VALUES; what++) {
        ngx_http_moderation_family(o, families[what].name,
                                   families[what].type, families[what].help);

        for (i = 0; i < stores->nelts; i++) {
            ngx_http_moderation_sample(o, families[what].name, all[i]);
            ngx_http_moderation_print(o, "} %ui\n",
                         ngx_http_moderation_policy_value(all[i], what));
        }
    }

    ngx_http_moderation_family(o, "policy_worker_generation", "gauge",
                               "Number of the generation that a worker has.");

    for (i = 0; i < stores->nelts; i++) {
        for (k = 0;
             all[i]->shared != NULL && k < NGX_HTTP_MODERATION_WORKERS; k++)
        {
            w = &all[i]->shared->workers[k];
            gen = w->gen;

            if (!ngx_http_moderation_is_gone(w->pid)) {
                ngx_http_moderation_sample(o, "policy_worker_generation",
                                           all[i]);
                ngx_http_moderation_print(o, ",worker=\"%ui\"} %uA\n", k,
                                          gen >> 8);
            }
        }
    }

    ngx_http_moderation_family(o, "rule_in_shadow", "gauge",
                               "A rule that is held back, and why.");

    for (i = 0; i < stores->nelts; i++) {
        for (n = 0; n < all[i]->gen->nrules; n++) {
            why = ngx_http_moderation_why(all[i]->gen, n, &rule);

            for (k = 0; why >> k != 0; k++) {
                if (!(why >> k & 1)) {
                    continue;
                }

                ngx_http_moderation_sample(o, "rule_in_shadow", all[i]);
                ngx_http_moderation_print(o, ",rule=\"");
                ngx_http_moderation_quoted(o, (u_char *) rule.id.data,
                                           rule.id.len, 0);
                ngx_http_moderation_print(o, "\",why=\"%s\"} 1\n",
                                          ngx_http_moderation_status_whys[k]);
            }
        }
    }
}


static void
ngx_http_moderation_prometheus_rules(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone)
{
    ngx_uint_t                     i;
    ngx_http_moderation_zdata_t   *d;
    ngx_http_moderation_zcount_t  *c;
    ngx_http_moderation_zbrake_t  *b;

    d = zone->data;

    ngx_http_moderation_family(o, "rule_items_total", "counter",
                               "Items that a rule hit.");

    for (i = 0; i < d->ncounts; i++) {
        c = &zone->counts[i];

        if (c->key.state == 2
            && c->key.kind == NGX_HTTP_MODERATION_COUNT_ITEMS)
        {
            ngx_http_moderation_print(o, "moderation_rule_items_total");
            ngx_http_moderation_key(o, &c->key, 0);
            ngx_http_moderation_print(o, "action=\"%s\",mode=\"%s\"} %uA\n",
                         mdl_actions[c->key.action % MDL_ACTIONS],
                             mdl_modes[c->key.mode % MDL_MODES],
                                 c->value);
        }
    }

    ngx_http_moderation_family(o, "shadow_rule_differences_total", "counter",
                               "Items that a candidate policy decided "
                               "otherwise, by rule and by who of both hit.");

    for (i = 0; i < d->ncounts; i++) {
        c = &zone->counts[i];

        if (c->key.state == 2
            && c->key.kind != NGX_HTTP_MODERATION_COUNT_ITEMS
            && c->key.kind <= NGX_HTTP_MODERATION_COUNT_BOTH)
        {
            ngx_http_moderation_print(o, "moderation_shadow_rule_"
                                      "differences_total");
            ngx_http_moderation_key(o, &c->key, 0);
            ngx_http_moderation_print(o, "hit_by=\"%s\"} %uA\n",
                             ngx_http_moderation_status_sides[c->key.kind % 4],
                                    c->value);
        }
    }

    ngx_http_moderation_family(o, "brake_tripped", "gauge",
                               "A rule that hit too much, or whose regexes "
                               "keep reaching their limit, is in shadow.");

    for (i = 0; i < d->nbrakes; i++) {
        b = &zone->brakes[i];

        if (b->key.state == 2) {
            ngx_http_moderation_print(o, "moderation_brake_tripped");
            ngx_http_moderation_key(o, &b->key, 0);
            ngx_http_moderation_print(o, "rev=\"%uD\",kind=\"%s\"} %ui\n",
                                      b->key.rev,
                            ngx_http_moderation_status_brakes[b->key.kind % 2],
                                      (ngx_uint_t) (b->tripped != 0));
        }
    }
}


/* counters of the zone, as they are */

static const struct {
    const char  *name, *help;
    size_t       at;
} ngx_http_moderation_prometheus_counters[] = {
    { "responses_total", "Responses inspected.",
      offsetof(ngx_http_moderation_zdata_t, responses) },
    { "items_total", "Items found.",
      offsetof(ngx_http_moderation_zdata_t, items) },
    { "hits_total", "Hits of rules.",
      offsetof(ngx_http_moderation_zdata_t, hits) },
    { "removed_total", "Items removed.",
      offsetof(ngx_http_moderation_zdata_t, removed) },
    { "masked_total", "Items masked.",
      offsetof(ngx_http_moderation_zdata_t, masked) },
    { "tagged_total", "Items tagged.",
      offsetof(ngx_http_moderation_zdata_t, tagged) },
    { "held_total", "Items held.",
      offsetof(ngx_http_moderation_zdata_t, held) },
    { "over_limit_total", "Items above the limit of a slot.",
      offsetof(ngx_http_moderation_zdata_t, over_limit) },
    { "bytes_total", "Body bytes scanned.",
      offsetof(ngx_http_moderation_zdata_t, bytes) },
    { "text_bytes_total", "Field text bytes matched.",
      offsetof(ngx_http_moderation_zdata_t, text_bytes) },
    { "edited_total", "Responses that left with other bytes.",
      offsetof(ngx_http_moderation_zdata_t, edited) },
    { "markup_resets_total",
      "How often a worker forgot the markup that it had learned, for want of "
      "room.", offsetof(ngx_http_moderation_zdata_t, resets) },
    { "pauses_total",
      "How often reading a response waited for another turn of the event "
      "loop.", offsetof(ngx_http_moderation_zdata_t, pauses) },
    { "shadow_items_total", "Items a candidate policy saw.",
      offsetof(ngx_http_moderation_zdata_t, shadow_items) },
    { "shadow_differences_total",
      "Items a candidate policy decided otherwise.",
      offsetof(ngx_http_moderation_zdata_t, shadow_differ) },
    { "shadow_errors_total",
      "What could not be inspected or compared for a candidate policy.",
      offsetof(ngx_http_moderation_zdata_t, shadow_errors) },
    { "counters_lost_total", "Counters that gave way to newer ones.",
      offsetof(ngx_http_moderation_zdata_t, lost) }
};


static void
ngx_http_moderation_prometheus_zone(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone)
{
    ngx_uint_t                    i, used;
    ngx_http_moderation_zdata_t  *d;

    d = zone->data;

    for (i = 0; i < sizeof(ngx_http_moderation_prometheus_counters)
                    / sizeof(ngx_http_moderation_prometheus_counters[0]);
         i++)
    {
        ngx_http_moderation_metric(o,
            ngx_http_moderation_prometheus_counters[i].name,
            ngx_http_moderation_prometheus_counters[i].help,
            *(ngx_atomic_t *) ((u_char *) d
                       + ngx_http_moderation_prometheus_counters[i].at));
    }

    ngx_http_moderation_family(o, "turn_longest_cpu_seconds", "gauge",
                               "The most processor time that reading has "
                               "taken of one turn of the event loop.");
    ngx_http_moderation_seconds(o, "turn_longest_cpu_seconds", d->turn_ns);
    ngx_http_moderation_family(o, "shadow_scan_seconds_total", "counter",
                               "Time spent for candidate policies.");
    ngx_http_moderation_seconds(o, "shadow_scan_seconds_total",
                                d->shadow_ns);

    for (i = 0, used = 0; i < d->ncounts; i++) {
        used += zone->counts[i].key.state == 2;
    }

    ngx_http_moderation_family(o, "zone_counters", "gauge",
                               "Counters that the zone has room for.");
    ngx_http_moderation_print(o, "moderation_zone_counters %uD\n",
                              d->ncounts);
    ngx_http_moderation_family(o, "zone_counters_used", "gauge",
                               "Counters in use.");
    ngx_http_moderation_print(o, "moderation_zone_counters_used %ui\n",
                              used);
    ngx_http_moderation_family(o, "zone_size_bytes", "gauge",
                               "Size of the zone.");
    ngx_http_moderation_print(o, "moderation_zone_size_bytes %uz\n",
                              d->size);
}


static void
ngx_http_moderation_prometheus_ledger(ngx_http_moderation_out_t *o)
{
    mdl_area_t  *area;

    area = ngx_http_moderation_ledger.area;

    if (area == NULL) {
        return;
    }

    ngx_http_moderation_metric(o, "ledger_lines_total",
                               "Lines of the record.", area->lines);
    ngx_http_moderation_metric(o, "ledger_lost_total",
                               "Lines of the record that were not kept.",
                               (ngx_atomic_uint_t)
                               ngx_http_moderation_ledger_lost());
    ngx_http_moderation_family(o, "ledger_ok", "gauge",
                               "1: the record is written.");
    ngx_http_moderation_print(o, "moderation_ledger_ok %d\n",
                            ngx_http_moderation_ledger_state()[0] == 'o');
    ngx_http_moderation_family(o, "ledger_spool_bytes", "gauge",
                               "Segments that lie in the spool.");
    ngx_http_moderation_print(o, "moderation_ledger_spool_bytes %uL\n",
                              area->spool_bytes);
}


static void
ngx_http_moderation_prometheus_time(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zdata_t *d)
{
    ngx_uint_t         i, n;
    ngx_atomic_uint_t  sum;

    ngx_http_moderation_family(o, "scan_seconds", "histogram",
                               "Time spent in the engine a response.");

    for (i = 0, sum = 0; i < NGX_HTTP_MODERATION_BUCKETS; i++) {
        sum += d->time[i];
        n = ngx_http_moderation_zone_bounds[i];

        if (n == 0) {
            ngx_http_moderation_print(o, "moderation_scan_seconds_bucket"
                                      "{le=\"+Inf\"} %uA\n", sum);
        } else {
            ngx_http_moderation_print(o, "moderation_scan_seconds_bucket"
                                      "{le=\"%ui.%06ui\"} %uA\n",
                                      n / 1000000, n % 1000000, sum);
        }
    }

    ngx_http_moderation_seconds(o, "scan_seconds_sum", d->time_ns);
    ngx_http_moderation_print(o, "moderation_scan_seconds_count %uA\n", sum);
}


void
ngx_http_moderation_prometheus(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores)
{
    ngx_uint_t                    i;
    ngx_http_moderation_zdata_t  *d;

    ngx_http_moderation_prometheus_policies(o, stores);

    d = zone != NULL ? zone->data : NULL;
    if (d == NULL) {
        return;
    }

    ngx_http_moderation_prometheus_zone(o, zone);

    ngx_http_moderation_family(o, "errors_total", "counter",
                               "What could not be inspected.");

    for (i = 0; i < MDL_ERRS; i++) {
        if (mdl_errors[i] != NULL) {
            ngx_http_moderation_print(o,
                                  "moderation_errors_total{kind=\"%s\"} "
                                  "%uA\n", mdl_errors[i],
                                  d->errors[i]);
        }
    }

    ngx_http_moderation_prometheus_ledger(o);

    ngx_http_moderation_family(o, "skipped_total", "counter",
                               "Responses that were not read.");

    for (i = 1; i < NGX_HTTP_MODERATION_SKIPS; i++) {
        ngx_http_moderation_print(o, "moderation_skipped_total{why=\"%V\"} "
                                  "%uA\n", &ngx_http_moderation_skip_names[i],
                                  d->skips[i]);
    }

    ngx_http_moderation_prometheus_time(o, d);
    ngx_http_moderation_prometheus_slots(o, zone, stores);
    ngx_http_moderation_prometheus_pages(o, zone);
    ngx_http_moderation_prometheus_rules(o, zone);
}
