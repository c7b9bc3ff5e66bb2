/*
 * line.c - the lines of the record.
 */

#include "line.h"

#include <stdio.h>
#include <string.h>


static void
line_open(mdl_out_t *o, char *buf, size_t cap, uint8_t type, uint64_t time_ms)
{
    mdl_out_init(o, buf, cap);
    mdl_out_open(o, NULL, '{');
    mdl_out_word(o, "type", mdl_types[type]);
    mdl_out_num(o, "time", time_ms);
}


static size_t
line_close(mdl_out_t *o)
{
    mdl_out_close(o, '}');
    mdl_out_raw(o, "\n", 1);

    return o->full ? 0 : o->len;
}


/* members that are left out where there is nothing to say */

static void
maybe_str(mdl_out_t *o, const char *key, mdl_str_t s)
{
    if (s.len != 0) {
        mdl_out_str(o, key, s);
    }
}


static void
maybe_hash(mdl_out_t *o, const char *key, const uint8_t *hash)
{
    if (hash != NULL) {
        mdl_out_hex(o, key, hash, MDL_HASH);
    }
}


size_t
mdl_line_head(char *buf, size_t cap, const mdl_head_t *in)
{
    mdl_out_t  o;

    line_open(&o, buf, cap, MDL_HEAD, in->time_ms);
    mdl_out_num(&o, "version", MDL_VERSION);
    mdl_out_hex(&o, "zone", in->zone, 16);
    mdl_out_num(&o, "place", in->place);
    mdl_out_num(&o, "pid", in->pid);
    mdl_out_str(&o, "boot", in->boot);
    mdl_out_str(&o, "segment", in->segment);
    mdl_out_str(&o, "module", in->module);
    mdl_out_str(&o, "key", in->key);
    mdl_out_num(&o, "next", in->next);

    return line_close(&o);
}


/* what has been given up so far, and how much text there may be */

typedef struct {
    const uint8_t  *source;
    size_t          nhits, field_max, text_max, raw_max;
} fit_t;


static void
rules(mdl_out_t *o, const mdl_decision_t *in)
{
    size_t             i;
    const mdl_rule_t  *r;

    mdl_out_open(o, "rules", '[');

    for (i = 0; i < in->nrules; i++) {
        r = &in->rules[i];
        mdl_out_open(o, NULL, '{');
        mdl_out_str(o, "id", r->id);
        mdl_out_num(o, "rev", r->rev);
        mdl_out_str(o, "label", r->label);
        mdl_out_word(o, "action", mdl_actions[r->action]);
        mdl_out_word(o, "mode", mdl_modes[r->mode]);
        mdl_out_close(o, '}');
    }

    mdl_out_close(o, ']');
}


static void
private_half(mdl_out_t *o, const mdl_decision_t *in, const fit_t *fit)
{
    size_t            i, left;
    uint8_t           cut;
    mdl_str_t         s;
    const mdl_hit_t  *h;

    cut = 0;
    left = fit->text_max;

    mdl_out_open(o, "private", '{');

    s = mdl_str_cut(in->raw_item, fit->raw_max);
    cut |= s.len != in->raw_item.len;
    maybe_str(o, "item", s);

    s = mdl_str_cut(in->raw_account, fit->raw_max);
    cut |= s.len != in->raw_account.len;
    maybe_str(o, "account", s);

    maybe_str(o, "path", mdl_str_cut(in->path, fit->raw_max));

    mdl_out_open(o, "fields", '{');

    for (i = 0; i < in->nfields; i++) {
        char  name[128];

        s = mdl_str_cut(in->fields[i].value,
                        left < fit->field_max ? left : fit->field_max);
        cut |= s.len != in->fields[i].value.len;
        left -= s.len;

        /* names of fields are identifiers, checked by the loader */

        snprintf(name, sizeof(name), "%.*s", (int) in->fields[i].name.len,
                 in->fields[i].name.data);
        mdl_out_str(o, name, s);
    }

    mdl_out_close(o, '}');
    mdl_out_open(o, "hits", '[');

    for (i = 0; i < fit->nhits; i++) {
        h = &in->hits[i];
        mdl_out_open(o, NULL, '{');
        mdl_out_str(o, "rule", h->rule);
        mdl_out_str(o, "field", h->field);
        mdl_out_num(o, "start", h->start);
        mdl_out_num(o, "end", h->end);
        mdl_out_str(o, "text", mdl_str_cut(h->text, fit->raw_max));
        mdl_out_close(o, '}');
    }

    mdl_out_close(o, ']');

    if (cut) {
        mdl_out_true(o, "cut");
    }

    if (fit->source != NULL) {
        mdl_out_base64(o, "source", fit->source, in->source_len);
    }

    mdl_out_close(o, '}');
}


static size_t
decision(char *buf, size_t cap, const mdl_decision_t *in, const fit_t *fit)
{
    mdl_out_t  o;

    line_open(&o, buf, cap, in->type, in->time_ms);
    mdl_out_num(&o, "n", in->n);
    mdl_out_word(&o, "id", in->id);
    mdl_out_word(&o, "mode", mdl_modes[in->mode]);
    mdl_out_str(&o, "slot", in->slot);
    mdl_out_str(&o, "host", in->host);
    mdl_out_str(&o, "page", in->page);
    mdl_out_word(&o, "suggestion", mdl_suggestions[in->suggestion]);
    mdl_out_word(&o, "action", mdl_actions[in->action]);
    mdl_out_word(&o, "reason", mdl_whys[in->reason]);
    mdl_out_word(&o, "found_by", mdl_bys[in->found_by]);
    mdl_out_word(&o, "automation", mdl_autos[in->automation]);
    maybe_hash(&o, "fingerprint", in->fingerprint);
    maybe_hash(&o, "account", in->account);
    maybe_hash(&o, "item", in->item);
    rules(&o, in);
    mdl_out_str(&o, "policy", in->policy);
    maybe_str(&o, "place", in->place);
    mdl_out_word(&o, "review", mdl_reviews[in->review]);

    if (in->flapping) {
        mdl_out_true(&o, "flapping");

    } else {
        private_half(&o, in, fit);
    }

    return line_close(&o);
}


size_t
mdl_line_decision(char *buf, size_t cap, const mdl_decision_t *in)
{
    fit_t           fit;
    size_t          n;
    mdl_decision_t  short_in;

    fit.source = in->source_len <= MDL_SOURCE_MAX ? in->source : NULL;
    fit.nhits = in->nhits;
    fit.text_max = MDL_TEXT_MAX;
    fit.field_max = in->whole ? MDL_TEXT_MAX : MDL_TEXT_SHORT;
    fit.raw_max = MDL_TEXT_SHORT;

    n = decision(buf, cap, in, &fit);

    if (n == 0 && fit.source != NULL) {
        fit.source = NULL;
        n = decision(buf, cap, in, &fit);
    }

    if (n == 0 && fit.nhits > MDL_HITS_KEPT) {
        fit.nhits = MDL_HITS_KEPT;
        n = decision(buf, cap, in, &fit);
    }

    /* escapes can make six bytes of one */

    for ( ; n == 0 && fit.text_max > 64; ) {
        fit.text_max /= 2;
        fit.raw_max = fit.raw_max > 64 ? fit.raw_max / 2 : fit.raw_max;
        n = decision(buf, cap, in, &fit);
    }

    /* a card that hundreds of rules with long names hit */

    short_in = *in;

    while (n == 0 && short_in.nrules > 1) {
        short_in.nrules /= 2;
        fit.nhits /= 2;
        n = decision(buf, cap, &short_in, &fit);
    }

    return n;
}


size_t
mdl_line_counts(char *buf, size_t cap, uint64_t time_ms, uint64_t n,
    const mdl_count_t *counts, size_t ncounts, size_t *done)
{
    size_t     i, room;
    mdl_out_t  o;

    line_open(&o, buf, cap, MDL_COUNTS, time_ms);
    mdl_out_num(&o, "n", n);
    mdl_out_open(&o, "counts", '[');

    room = 2 * (MDL_ID + 2 * 20 + 8);

    for (i = 0; i < ncounts && o.cap - o.len > room; i++) {
        mdl_out_open(&o, NULL, '[');
        mdl_out_word(&o, NULL, counts[i].id);
        mdl_out_num(&o, NULL, counts[i].since);
        mdl_out_num(&o, NULL, counts[i].total);
        mdl_out_close(&o, ']');
    }

    *done = i;
    mdl_out_close(&o, ']');

    return line_close(&o);
}


size_t
mdl_line_stats(char *buf, size_t cap, uint64_t time_ms, uint64_t n,
    uint64_t since, const mdl_stat_t *stats, size_t nstats, size_t *done)
{
    size_t     i, room;
    mdl_out_t  o;

    line_open(&o, buf, cap, MDL_STATS, time_ms);
    mdl_out_num(&o, "n", n);
    mdl_out_num(&o, "since", since);
    mdl_out_open(&o, "stats", '[');

    for (i = 0; i < nstats; i++) {
        room = 6 * (stats[i].slot.len + stats[i].name.len) + 64;

        if (o.cap - o.len < room) {
            break;
        }

        mdl_out_open(&o, NULL, '[');
        mdl_out_word(&o, NULL, mdl_stats[stats[i].what]);
        mdl_out_str(&o, NULL, stats[i].slot);
        mdl_out_str(&o, NULL, stats[i].name);
        mdl_out_num(&o, NULL, stats[i].total);
        mdl_out_close(&o, ']');
    }

    *done = i;
    mdl_out_close(&o, ']');

    return line_close(&o);
}


size_t
mdl_line_page(char *buf, size_t cap, const mdl_page_t *in)
{
    mdl_out_t  o;

    line_open(&o, buf, cap, MDL_PAGE, in->time_ms);
    mdl_out_num(&o, "n", in->n);
    mdl_out_word(&o, "id", in->id);
    mdl_out_word(&o, "mode", mdl_modes[in->mode]);
    mdl_out_str(&o, "page", in->page);
    mdl_out_str(&o, "host", in->host);
    mdl_out_word(&o, "finding", mdl_pages[in->finding]);
    mdl_out_str(&o, "require", in->require);
    mdl_out_word(&o, "action", mdl_actions[in->action]);
    mdl_out_str(&o, "policy", in->policy);
    mdl_out_open(&o, "private", '{');
    mdl_out_str(&o, "path", mdl_str_cut(in->path, MDL_TEXT_SHORT));
    maybe_str(&o, "detail", mdl_str_cut(in->detail, MDL_TEXT_SHORT));
    mdl_out_close(&o, '}');

    return line_close(&o);
}


size_t
mdl_line_error(char *buf, size_t cap, const mdl_error_t *in)
{
    mdl_out_t  o;

    line_open(&o, buf, cap, MDL_ERROR, in->time_ms);
    mdl_out_num(&o, "n", in->n);
    mdl_out_word(&o, "id", in->id);
    mdl_out_word(&o, "mode", mdl_modes[in->mode]);
    mdl_out_str(&o, "kind", in->kind);
    mdl_out_str(&o, "slot", in->slot);
    mdl_out_str(&o, "host", in->host);
    mdl_out_word(&o, "action", mdl_actions[in->action]);
    mdl_out_str(&o, "policy", in->policy);
    mdl_out_open(&o, "private", '{');
    mdl_out_str(&o, "path", mdl_str_cut(in->path, MDL_TEXT_SHORT));
    mdl_out_close(&o, '}');

    return line_close(&o);
}


size_t
mdl_line_policy(char *buf, size_t cap, const mdl_policy_t *in)
{
    mdl_out_t  o;

    line_open(&o, buf, cap, MDL_POLICY, in->time_ms);
    mdl_out_num(&o, "n", in->n);
    mdl_out_word(&o, "event", mdl_policies[in->event]);
    mdl_out_str(&o, "policy", in->policy);

    if (in->rule.len != 0) {
        mdl_out_str(&o, "rule", in->rule);
        mdl_out_num(&o, "rev", in->rev);
    }

    maybe_str(&o, "slot", in->slot);

    if (in->event == MDL_POLICY_SWITCH) {
        mdl_out_word(&o, "mode", mdl_modes[in->mode]);
        mdl_out_num(&o, "until", in->until);
    }

    maybe_str(&o, "detail", mdl_str_cut(in->detail, MDL_TEXT_SHORT));

    return line_close(&o);
}


size_t
mdl_line_end(char *buf, size_t cap, uint64_t time_ms, uint64_t n)
{
    mdl_out_t  o;

    line_open(&o, buf, cap, MDL_END, time_ms);
    mdl_out_num(&o, "n", n);

    return line_close(&o);
}
