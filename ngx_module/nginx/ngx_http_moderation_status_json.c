/*
 * ngx_http_moderation_status_json.c - policies and counters as JSON.
 */


#include "ngx_http_moderation_status.h"
#include "ngx_http_moderation_ledger.h"


static void
ngx_http_moderation_json_workers(ngx_http_moderation_out_t *o,
    ngx_http_moderation_store_t *store)
{
    ngx_uint_t                      i, n;
    ngx_atomic_uint_t               pid, gen;
    ngx_http_moderation_zworker_t  *w;

    ngx_http_moderation_print(o, ",\"workers\":[");

    if (store->shared == NULL) {
        ngx_http_moderation_print(o, "{\"pid\":%P,\"generation\":%ui,"
                                  "\"alive\":%ui}]", ngx_pid,
                                  store->reloads + 1, store->alive);
        return;
    }

    for (i = 0, n = 0; i < NGX_HTTP_MODERATION_WORKERS; i++) {
        w = &store->shared->workers[i];
        pid = w->pid;
        gen = w->gen;

        if (!ngx_http_moderation_is_gone(pid)) {
            ngx_http_moderation_print(o, "%s{\"pid\":%uA,\"generation\":%uA,"
                                      "\"alive\":%uA}", n++ ? "," : "", pid,
                                      gen >> 8, gen & 255);
        }
    }

    ngx_http_moderation_print(o, "]");
}


static void
ngx_http_moderation_json_store(ngx_http_moderation_out_t *o,
    ngx_http_moderation_store_t *store)
{
    u_char                        *refusal;
    time_t                         refused;
    uint32_t                       i;
    ngx_uint_t                     n, k, why;
    mdr_rule_info_t                rule;
    mdr_policy_info_t              info;
    ngx_http_moderation_gen_t     *gen;
    ngx_http_moderation_zstore_t  *s;

    gen = store->gen;
    s = store->shared;
    mdr_policy_info(gen->policy, &info);

    refusal = s != NULL ? s->refusal : store->refusal;
    refused = s != NULL ? s->refused : store->refused;

    ngx_http_moderation_print(o, "{\"path\":\"");
    ngx_http_moderation_quoted(o, store->path.data, store->path.len, 1);
    ngx_http_moderation_print(o, "\",\"policy\":\"");
    ngx_http_moderation_quoted(o, (u_char *) info.name.data, info.name.len,
                               1);
    ngx_http_moderation_print(o, "\",\"hash\":\"%s\",\"candidate\":%s,"
                              "\"age\":%T,"
                              "\"slots\":%uD,\"rules\":%uD,\"terms\":%uL,"
                              "\"generation\":%uA,\"mapped\":%s,"
                              "\"reloads\":%uA,\"compiles\":%uA,"
                              "\"refusals\":%uA,\"looks\":%uA,"
                              "\"digests\":%uA",
                              gen->hash,
                              store->candidate ? "true" : "false",
                              ngx_time() - gen->loaded,
                              info.slots, info.rules, info.terms,
                              s != NULL ? s->serial / 2
                                   : (ngx_atomic_uint_t) store->reloads + 1,
                              gen->map != NULL ? "true" : "false",
                              s != NULL ? s->reloads
                                        : (ngx_atomic_uint_t) store->reloads,
                              s != NULL ? s->compiles : 0,
                              s != NULL ? s->refusals
                                       : (ngx_atomic_uint_t) store->refusals,
                              s != NULL ? s->looks
                                        : (ngx_atomic_uint_t) store->looks,
                              s != NULL ? s->digests
                                      : (ngx_atomic_uint_t) store->digests);

    ngx_http_moderation_json_workers(o, store);

    ngx_http_moderation_print(o, ",\"in_shadow\":[");

    for (i = 0, n = 0; i < info.rules; i++) {
        why = ngx_http_moderation_why(gen, i, &rule);

        for (k = 0; why >> k != 0; k++) {
            if (why >> k & 1) {
                ngx_http_moderation_print(o, n++ ? ",{\"rule\":\""
                                                 : "{\"rule\":\"");
                ngx_http_moderation_quoted(o, (u_char *) rule.id.data,
                                           rule.id.len, 1);
                ngx_http_moderation_print(o, "\",\"rev\":%uD,\"why\":\"%s\"}",
                                          rule.rev,
                                          ngx_http_moderation_status_whys[k]);
            }
        }
    }

    ngx_http_moderation_print(o, "],\"refused\":");

    if (refusal[0] == '\0') {
        ngx_http_moderation_print(o, "null}");
        return;
    }

    ngx_http_moderation_print(o, "{\"age\":%T,\"hash\":\"%s\",\"error\":\"",
                              ngx_time() - refused,
                              s != NULL ? s->refused_hash
                                        : store->refused_hash);
    ngx_http_moderation_quoted(o, refusal, ngx_strlen(refusal), 1);
    ngx_http_moderation_print(o, "\"}}");
}


static void
ngx_http_moderation_json_counts(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone)
{
    ngx_uint_t                     i, n, used;
    ngx_http_moderation_zdata_t   *d;
    ngx_http_moderation_zcount_t  *c;
    ngx_http_moderation_zbrake_t  *b;

    d = zone->data;

    ngx_http_moderation_print(o, ",\n\"shadow\":{\"items\":%uA,"
                              "\"differ\":%uA,\"errors\":%uA,\"scan_ns\":%uA,"
                              "\"rules\":[", d->shadow_items,
                              d->shadow_differ, d->shadow_errors,
                              d->shadow_ns);

    for (i = 0, n = 0; i < d->ncounts; i++) {
        c = &zone->counts[i];

        if (c->key.state == 2
            && c->key.kind != NGX_HTTP_MODERATION_COUNT_ITEMS
            && c->key.kind <= NGX_HTTP_MODERATION_COUNT_BOTH)
        {
            ngx_http_moderation_print(o, n++ ? ",\n" : "\n");
            ngx_http_moderation_key(o, &c->key, 1);
            ngx_http_moderation_print(o, "\"hit_by\":\"%s\",\"items\":%uA}",
                             ngx_http_moderation_status_sides[c->key.kind % 4],
                                    c->value);
        }
    }

    ngx_http_moderation_print(o, "]},\n\"rules\":[");

    for (i = 0, n = 0, used = 0; i < d->ncounts; i++) {
        c = &zone->counts[i];

        if (c->key.state != 2) {
            continue;
        }

        used++;

        if (c->key.kind == NGX_HTTP_MODERATION_COUNT_ITEMS) {
            ngx_http_moderation_print(o, n++ ? ",\n" : "\n");
            ngx_http_moderation_key(o, &c->key, 1);
            ngx_http_moderation_print(o, "\"action\":\"%s\","
                                 "\"mode\":\"%s\",\"items\":%uA}",
                         mdl_actions[c->key.action % MDL_ACTIONS],
                             mdl_modes[c->key.mode % MDL_MODES],
                                 c->value);
        }
    }

    ngx_http_moderation_print(o, "],\n\"brakes\":[");

    for (i = 0, n = 0; i < d->nbrakes; i++) {
        b = &zone->brakes[i];

        if (b->key.state != 2) {
            continue;
        }

        ngx_http_moderation_print(o, n++ ? ",\n" : "\n");
        ngx_http_moderation_key(o, &b->key, 1);
        ngx_http_moderation_print(o, "\"rev\":%uD,\"kind\":\"%s\","
                                  "\"hits\":%uA,\"items\":%uA,\"tripped\":%s}",
                                  b->key.rev,
                            ngx_http_moderation_status_brakes[b->key.kind % 2],
                                  b->hits[0] + b->hits[1],
                                  b->items[0] + b->items[1],
                                  b->tripped != 0 ? "true" : "false");
    }

    ngx_http_moderation_print(o, "],\n\"zone\":{\"size\":%uz,"
                              "\"counters\":%uD,\"used\":%ui,\"lost\":%uA}}"
                              "\n", d->size, d->ncounts, used, d->lost);
}


static void
ngx_http_moderation_json_ledger(ngx_http_moderation_out_t *o)
{
    uint32_t      i;
    uint64_t      j, used;
    ngx_uint_t    n;
    mdl_area_t   *a;
    mdl_place_t  *p;

    static const char *const  full[] = { "ok", "half", "full" };

    a = ngx_http_moderation_ledger.area;

    if (a == NULL) {
        ngx_http_moderation_print(o, ",\n\"ledger\":null");
        return;
    }

    for (j = 0, used = 0; j < a->nentries; j++) {
        used += mdl_entry_at(a, j)->state >= MDL_ENTRY_COUNTED;
    }

    ngx_http_moderation_print(o, ",\n\"ledger\":{\"zone\":\"");

    for (i = 0; i < 16; i++) {
        ngx_http_moderation_print(o, "%02xd", (ngx_uint_t) a->zone[i]);
    }

    ngx_http_moderation_print(o, "\",\"state\":\"%s\",\"lines\":%uL,"
                              "\"lost\":%uL,\"entries\":%uL,"
                              "\"entries_used\":%uL,\"given_up\":%uL,"
                              "\"spool\":{\"state\":\"%s\",\"bytes\":%uL,"
                              "\"files\":%uL,\"max\":%O},\"places\":[",
                              ngx_http_moderation_ledger_state(),
                              a->lines, ngx_http_moderation_ledger_lost(),
                              a->nentries, used, a->given_up,
                              full[a->spool_full % 3], a->spool_bytes,
                              a->spool_files,
                              ngx_http_moderation_ledger.conf->max);

    for (i = 0, n = 0; i < a->nplaces; i++) {
        p = mdl_place(a, i);

        if (p->owner == 0 && p->next == 0) {
            continue;
        }

        ngx_http_moderation_print(o, "%s\n{\"place\":%uD,\"pid\":%uL,"
                                  "\"next\":%uL,\"waiting\":%uL,"
                                  "\"lost\":%uL,\"segments\":%uL,"
                                  "\"errno\":%uL}", n++ ? "," : "", i,
                                  mdl_owner_pid(p->owner), p->next,
                                  p->head - p->tail, p->lost, p->segments,
                                  p->failing);
    }

    ngx_http_moderation_print(o, "]}");
}


void
ngx_http_moderation_json(ngx_http_moderation_out_t *o,
    ngx_http_moderation_zone_t *zone, ngx_array_t *stores)
{
    ngx_uint_t                      i;
    ngx_http_moderation_zdata_t    *d;
    ngx_http_moderation_store_t   **all;

    ngx_http_moderation_print(o, "{\"version\":\"" MDR_VERSION "\","
                              "\"pid\":%P,\"policies\":[", ngx_pid);

    all = stores->elts;

    for (i = 0; i < stores->nelts; i++) {
        ngx_http_moderation_print(o, i ? ",\n" : "\n");
        ngx_http_moderation_json_store(o, all[i]);
    }

    ngx_http_moderation_print(o, "]");
    ngx_http_moderation_json_places(o);
    ngx_http_moderation_json_ledger(o);
    ngx_http_moderation_json_verdicts(o, stores);

    d = zone != NULL ? zone->data : NULL;

    if (d == NULL) {
        ngx_http_moderation_print(o, ",\"zone\":null}\n");
        return;
    }

    ngx_http_moderation_print(o, ",\n\"responses\":%uA,\"items\":%uA,"
                              "\"hits\":%uA,\"removed\":%uA,\"masked\":%uA,"
                              "\"tagged\":%uA,\"held\":%uA,"
                              "\"over_limit\":%uA,\"bytes\":%uA,"
                              "\"text_bytes\":%uA,\"edited\":%uA,"
                              "\"markup_resets\":%uA,\"scan_ns\":%uA,\n"
                              "\"turns\":{\"longest_cpu_us\":%uA,"
                              "\"longest_steps\":%uA,\"pauses\":%uA},\n"
                              "\"errors\":{",
                              d->responses, d->items, d->hits, d->removed,
                              d->masked, d->tagged, d->held, d->over_limit,
                              d->bytes, d->text_bytes, d->edited,
                              d->resets, d->time_ns, d->turn_ns / 1000,
                              d->turn_steps, d->pauses);

    for (i = 0; i < MDL_ERRS; i++) {
        if (mdl_errors[i] != NULL) {
            ngx_http_moderation_print(o, "%s\"%s\":%uA", i ? "," : "",
                                      mdl_errors[i],
                                      d->errors[i]);
        }
    }

    ngx_http_moderation_print(o, "},\n\"skipped\":{");

    for (i = 1; i < NGX_HTTP_MODERATION_SKIPS; i++) {
        ngx_http_moderation_print(o, "%s\"%V\":%uA", i > 1 ? "," : "",
                                  &ngx_http_moderation_skip_names[i],
                                  d->skips[i]);
    }

    /* responses by the microseconds they took, each bound included */

    ngx_http_moderation_print(o, "},\n\"scan_us\":{");

    for (i = 0; i < NGX_HTTP_MODERATION_BUCKETS; i++) {
        if (ngx_http_moderation_zone_bounds[i] != 0) {
            ngx_http_moderation_print(o, "\"%ui\":%uA,",
                                      ngx_http_moderation_zone_bounds[i],
                                      d->time[i]);
        } else {
            ngx_http_moderation_print(o, "\"more\":%uA}", d->time[i]);
        }
    }

    ngx_http_moderation_json_slots(o, zone, stores);
    ngx_http_moderation_json_pages(o, zone);
    ngx_http_moderation_json_counts(o, zone);
}
