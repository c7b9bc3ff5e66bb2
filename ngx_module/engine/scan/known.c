/*
 * known.c - what the host knows of an item, and what it is told of one.
 *
 * The host is asked once an item: with its texts when they are known, or, for
 * an item whose bytes came before, with the hint that it left beside them.
 * What it needs the texts for it answers with MDR_STAND_READ; then the item
 * is read as any other.
 */

#include "scan.h"
#include "base/utf8.h"
#include "policy/normal.h"

#include <string.h>


static mdr_str_t
str_of(const mdr_text_t *t)
{
    mdr_str_t  s;

    s.data = t != NULL ? (const char *) t->data : "";
    s.len = t != NULL ? (uint32_t) t->len : 0;

    return s;
}


/* the texts of an item as far as they are known; their number */

static uint32_t
texts(const mdr_sink_t *k, const mdr_unit_t *u, mdr_field_text_t *fields,
    mdr_str_t *item_id, mdr_str_t *account_id)
{
    uint32_t           f;
    const mdr_slot_t  *s;

    s = &k->model->slots[u->slot];
    *item_id = str_of(NULL);
    *account_id = str_of(NULL);

    for (f = 0; f < s->nfields && f < 64; f++) {
        fields[f].name = s->fields[f].name;
        fields[f].text = str_of(mdr_judge_text(k, u, f));
    }

    if (s->item_id >= 0) {
        *item_id = mdr_pick(k->policy->picks, u->slot, (uint32_t) s->item_id,
                            fields[s->item_id].text);
    }

    if (s->account_id >= 0) {
        *account_id = mdr_pick(k->policy->picks, u->slot,
                               (uint32_t) s->account_id,
                               fields[s->account_id].text);
    }

    return f;
}


/* the review's fields as they go into the fingerprint; their texts stand in
 * the work area until the next item.  All sources of a field that takes all
 * of them count, each behind a byte that no text has */

static uint32_t
prints(mdr_sink_t *k, const mdr_unit_t *u, const mdr_field_text_t *fields,
    mdr_field_text_t *print)
{
    size_t               at[65];
    uint32_t             i, j, f, first;
    mdr_buf_t           *b;
    mdr_text_t          *t;
    const mdr_slot_t    *s;
    const mdr_review_t  *r;

    s = &k->model->slots[u->slot];
    r = &s->second;
    b = &k->work->print;
    b->len = 0;

    for (i = 0; i < r->nfields; i++) {
        f = r->fields[i];
        at[i] = b->len;

        if (!s->fields[f].all) {
            if (mdr_normal(r, i, mdr_pick(k->policy->picks, u->slot, f,
                                          fields[f].text), b)
                != MDR_OK)
            {
                return 0;
            }
            continue;
        }

        first = k->plan->slots[u->slot].first_place[f];

        for (j = 0; j < s->fields[f].nsources; j++) {
            t = &u->texts[first + j];

            if (mdr_buf_add(b, "\x1f", 1) != MDR_OK
                || (u->opened[first + j] == 2
                    && mdr_normal(r, i, str_of(t), b) != MDR_OK))
            {
                return 0;
            }
        }
    }

    at[i] = b->len;

    for (i = 0; i < r->nfields; i++) {
        print[i].name = s->fields[r->fields[i]].name;
        print[i].text.data = (const char *) b->data + at[i];
        print[i].text.len = (uint32_t) (at[i + 1] - at[i]);

        if (print[i].text.len == 0) {
            print[i].text.data = "";
        }
    }

    return r->nfields;
}


void
mdr_known_ask(mdr_sink_t *k, mdr_unit_t *u, uint8_t action)
{
    mdr_ask_t         ask;
    mdr_field_text_t  fields[64], print[64];

    if (k->conf.known == NULL || u->asked) {
        return;
    }

    memset(&ask, 0, sizeof(ask));
    memset(&u->hint, 0, sizeof(u->hint));

    ask.slot = u->slot;
    ask.unread = u->large || (u->flags & MDR_ITEM_UNREADABLE);
    ask.nfields = texts(k, u, fields, &ask.item_id, &ask.account_id);
    ask.fields = fields;
    ask.action = action;

    if (k->model->slots[u->slot].review != MDR_REVIEW_NEVER) {
        ask.nprint = prints(k, u, fields, print);
        ask.print = print;
    }

    ask.hint = &u->hint;

    u->asked = 1;
    k->conf.known(k->conf.ctx, &ask, &u->answer);

    if (u->answer.stand >= MDR_STAND_READ) {
        u->answer.stand = MDR_STAND_NONE;
    }
}


int
mdr_known_hint(mdr_sink_t *k, uint32_t slot, uint32_t at, mdr_hint_t *hint,
    mdr_answer_t *answer)
{
    mdr_ask_t  ask;

    if (k->conf.known == NULL) {
        return 1;
    }

    memset(answer, 0, sizeof(*answer));
    memset(&ask, 0, sizeof(ask));

    ask.slot = slot;
    ask.known = 1;
    ask.hint = mdr_seen_hint(k->work->seen, at);

    k->conf.known(k->conf.ctx, &ask, answer);
    *hint = *ask.hint;

    return answer->stand != MDR_STAND_READ;
}


void
mdr_known_report(mdr_sink_t *k, mdr_unit_t *u)
{
    mdr_item_t         it;
    const mdr_slot_t  *s;
    mdr_field_text_t   fields[64];

    if (k->conf.item == NULL
        || (!k->conf.all_items && !u->answer.report && u->flags == 0
            && u->hits_total == 0 && u->suggestion == MDR_PASS
            && u->would == MDR_ACT_NONE))
    {
        goto hint;
    }

    s = &k->model->slots[u->slot];

    memset(&it, 0, sizeof(it));

    it.slot = u->slot;
    it.slot_name = s->name;
    it.index = u->index;
    it.seq = u->seq;
    it.start = u->s_start;
    it.end = u->s_end;
    it.nfields = texts(k, u, fields, &it.item_id, &it.account_id);
    it.fields = fields;
    it.suggestion = u->suggestion;
    it.action = u->action;
    it.would = u->would;
    it.flags = u->flags;
    it.hits = u->hits;
    it.nhits = u->nhits;
    it.hits_total = u->hits_total;
    it.parts = u->parts;
    it.nparts = u->nparts;
    it.stand = u->answer.stand;
    it.report = u->answer.report;
    it.place = u->law;
    it.review = u->answer.review;
    it.reason = u->answer.reason;
    it.known = u->seen;
    it.hint = &u->hint;

    /* nothing is copied for it: it is there as long as it was held */

    if (k->conf.record && u->end > u->start) {
        it.source = mdr_scan_bytes(k, u->start, &it.source_len);

        if (it.source_len < u->end - u->start) {
            it.source = NULL;
            it.source_len = 0;

        } else {
            it.source_len = (size_t) (u->end - u->start);
        }
    }

    k->conf.item(k->conf.ctx, &it);

hint:

    /* the bytes were kept just now: what the host wants to find there */

    if (u->place != 0 && u->asked && !u->seen) {
        mdr_seen_set_hint(k->work->seen, u->hash, u->place, &u->hint);
    }
}


uint32_t
mdr_policy_find(const mdr_policy_t *policy, mdr_work_t *w,
    const mdr_str_t *texts, uint32_t n, int *limited)
{
    void           *p;
    size_t          i;
    uint32_t        k;
    mdr_subject_t  *s;

    *limited = 0;
    mdr_match_work_limits(w->match, NULL, NULL);
    w->raw.n = 0;
    w->raw.nlimited = 0;
    w->nsubjects = 0;

    for (k = 0; k < n; k++) {
        if (texts[k].len == 0) {
            continue;
        }

        p = w->subjects;
        if (mdr_grow(w->alloc, &p, &w->subjects_cap, w->nsubjects + 1,
                     sizeof(mdr_subject_t))
            != MDR_OK)
        {
            *limited = 1;
            return UINT32_MAX;
        }
        w->subjects = p;

        s = &w->subjects[w->nsubjects++];
        s->data = (const uint8_t *) texts[k].data;
        s->len = texts[k].len;
        s->slot = 0;
        s->field = 0;
        s->user = k;
        s->hidden = 0;
    }

    if (w->nsubjects == 0) {
        return UINT32_MAX;
    }

    if (mdr_match(policy->matcher, w->match, w->subjects, w->nsubjects,
                  &w->raw)
        != MDR_OK)
    {
        *limited = 1;
        return UINT32_MAX;
    }

    *limited = w->raw.nlimited != 0;

    for (i = 0; i < w->raw.n; i++) {
        if (!w->raw.hits[i].except) {
            return w->raw.hits[i].rule;
        }
    }

    return UINT32_MAX;
}


uint32_t
mdr_policy_find_next(const mdr_work_t *w, size_t *at)
{
    size_t                i;
    uint32_t              rule;
    const mdr_raw_hit_t  *h = w->raw.hits;

    for (i = *at; i < w->raw.n; ) {
        rule = h[i].rule;

        if (h[i].except) {
            i++;
            continue;
        }

        while (i < w->raw.n && h[i].rule == rule) {
            i++;
        }

        *at = i;
        return rule;
    }

    return UINT32_MAX;
}


static int
is_utf8(mdr_str_t s)
{
    size_t    i, len;
    uint32_t  cp;

    for (i = 0; i < s.len; i += len) {
        cp = mdr_utf8_next((const uint8_t *) s.data + i, s.len - i, &len);

        if (len == 0 || cp == 0) {
            return 0;
        }
    }

    return s.len != 0;
}


int
mdr_policy_cost(const mdr_policy_t *policy, mdr_work_t *w,
    const mdr_str_t *texts, size_t n, mdr_cost_t *cost)
{
    size_t               i;
    mdr_subject_t        s;
    const mdr_slot_t    *slot;
    const mdr_model_t   *m;

    m = policy->model;
    memset(cost, 0, sizeof(*cost));
    memset(&s, 0, sizeof(s));
    mdr_match_work_limits(w->match, NULL, NULL);
    w->raw.worst = 0;

    for (i = 0; i < n; i++) {
        if (!is_utf8(texts[i])) {
            continue;
        }

        s.data = (const uint8_t *) texts[i].data;
        s.len = texts[i].len;
        cost->texts++;
        cost->bytes += s.len;

        for (s.slot = 0; s.slot < m->nslots; s.slot++) {
            slot = &m->slots[s.slot];

            for (s.field = 0; s.field < slot->nfields; s.field++) {
                if (mdr_match(policy->matcher, w->match, &s, 1, &w->raw)
                    != MDR_OK)
                {
                    return MDR_ERROR;
                }

                cost->steps += w->raw.meter.steps;
                cost->limited += w->raw.nlimited != 0;
            }
        }
    }

    cost->worst_steps = w->raw.worst;

    return MDR_OK;
}
