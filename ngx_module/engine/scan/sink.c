/*
 * sink.c - what the scanners ask of the scan they report to: limits, memory,
 * layers; and what they say that is of no item: errors, edits of their own.
 */

#include "scan.h"


const mdr_model_t *
mdr_sink_model(mdr_sink_t *k)
{
    return k->model;
}


size_t
mdr_sink_max_slot(const mdr_sink_t *k)
{
    return k->conf.max_slot;
}


const mdr_alloc_t *
mdr_sink_alloc(mdr_sink_t *k)
{
    return k->alloc;
}


const mdr_json_rules_t *
mdr_sink_json_rules(mdr_sink_t *k)
{
    return k->policy->json;
}


void
mdr_sink_error(mdr_sink_t *k, int kind, uint64_t at, const char *detail)
{
    mdr_items_error(k, kind, mdr_layer_place(&k->layers, at), detail,
                    UINT32_MAX);
}


/* the response ends at `at`, or before */

static void
cut_at(mdr_sink_t *k, uint64_t at)
{
    if (!k->cut || at < k->cut_at) {
        k->cut_at = at;
    }

    k->cut = 1;
}


int
mdr_sink_stop(mdr_sink_t *k, int kind, uint64_t at, const char *detail)
{
    at = mdr_layer_place(&k->layers, at);
    mdr_items_error(k, kind, at, detail, UINT32_MAX);

    if (!k->conf.on_error_block || k->conf.mode != MDR_MODE_ENFORCE) {
        return 0;
    }

    cut_at(k, at);

    return 1;
}


void
mdr_items_error(mdr_sink_t *k, int kind, uint64_t at, const char *detail,
    uint32_t rule)
{
    mdr_scan_error_t  e;

    k->stats.errors++;

    if (kind == MDR_ERR_MEMORY) {
        k->failed = 1;                  /* nothing passes as if it was read  */
    }

    if (kind == MDR_ERR_BROKEN && k->conf.on_error_block
        && k->conf.mode == MDR_MODE_ENFORCE)
    {
        cut_at(k, at);
    }

    if (k->conf.error != NULL) {
        e.kind = kind;
        e.offset = mdr_scan_source(k, at);
        e.detail = detail;
        e.rule = rule;
        k->conf.error(k->conf.ctx, &e);
    }
}


void
mdr_sink_in_script(mdr_sink_t *k, int in)
{
    k->in_script = (uint8_t) in;
}


void
mdr_sink_hashes(mdr_sink_t *k)
{
    k->hashes = 1;
}


int
mdr_sink_judge(mdr_sink_t *k)
{
    return mdr_judge_batch(k);
}


void
mdr_sink_replace(mdr_sink_t *k, uint64_t start, uint64_t end,
    const char *text, size_t len)
{
    uint8_t  styles[MDR_STYLES];

    mdr_layer_styles(&k->layers, styles);
    mdr_style_put(k, styles, mdr_layer_place(&k->layers, start),
                  end > start ? mdr_layer_behind(&k->layers, end)
                              : mdr_layer_place(&k->layers, start), text, len);
}


size_t
mdr_sink_max(const mdr_sink_t *k)
{
    return k->conf.max_slot;
}


mdr_layers_t *
mdr_sink_layers(mdr_sink_t *k)
{
    return &k->layers;
}


const mdr_within_t *
mdr_sink_within(mdr_sink_t *k, uint32_t group)
{
    return &k->policy->within[group];
}


uint64_t
mdr_sink_hold(const mdr_sink_t *k)
{
    return k->first != NULL ? k->first->hold : MDR_NO_POS;
}
