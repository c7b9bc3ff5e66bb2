/*
 * judge.c - ready items to the matcher, verdicts to edits.
 *
 * Items are judged in batches, so that the filter sees a few KB of text at a
 * time.  An item without a raw hit costs nothing here.  What is written into
 * an item is the business of mask.c.
 */

#include "scan.h"

#include <string.h>


/* the text that counts for a field: the first source that has some */

mdr_text_t *
mdr_judge_text(const mdr_sink_t *k, const mdr_unit_t *u, uint32_t field)
{
    uint32_t  i, first, n;

    first = k->plan->slots[u->slot].first_place[field];
    n = k->model->slots[u->slot].fields[field].nsources;

    for (i = 0; i < n; i++) {
        if (u->opened[first + i] == 2 && u->texts[first + i].len != 0) {
            return &u->texts[first + i];
        }
    }

    return NULL;
}


void
mdr_judge_add(mdr_sink_t *k, mdr_unit_t *u)
{
    uint32_t                i;
    mdr_text_t             *t;
    const mdr_slot_plan_t  *p;

    p = &k->plan->slots[u->slot];

    for (i = 0; i < p->nplaces; i++) {
        t = &u->texts[i];
        if (u->opened[i] == 2) {
            k->batch_bytes += t->len;
        }
    }

    k->batch[k->nbatch++] = u->self;

    if (k->nbatch == MDR_BATCH_ITEMS || k->batch_bytes >= MDR_BATCH_BYTES) {
        if (mdr_judge_batch(k) != MDR_OK) {
            k->failed = 1;
        }
    }
}


static int
add_subject(mdr_sink_t *k, const mdr_unit_t *u, uint32_t field,
    mdr_text_t *t)
{
    void           *p;
    mdr_work_t     *w;
    mdr_subject_t  *s;

    w = k->work;

    p = w->subjects;
    if (mdr_grow(w->alloc, &p, &w->subjects_cap, w->nsubjects + 1,
                 sizeof(mdr_subject_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    w->subjects = p;

    p = w->texts;
    if (mdr_grow(w->alloc, &p, &w->texts_cap, w->nsubjects + 1,
                 sizeof(mdr_text_t *))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    w->texts = p;

    s = &w->subjects[w->nsubjects];
    s->data = t->data;
    s->len = (uint32_t) t->len;
    s->slot = u->slot;
    s->field = field;
    s->user = u->self;

    w->texts[w->nsubjects++] = t;
    k->stats.text_bytes += t->len;

    return MDR_OK;
}


static int
add_subjects(mdr_sink_t *k, const mdr_unit_t *u)
{
    uint32_t                i, f, first;
    mdr_text_t             *t;
    const mdr_slot_t       *s;
    const mdr_slot_plan_t  *p;

    s = &k->model->slots[u->slot];
    p = &k->plan->slots[u->slot];

    for (f = 0; f < s->nfields; f++) {
        if (!p->field_read[f]) {
            continue;
        }

        first = p->first_place[f];

        for (i = 0; i < s->fields[f].nsources; i++) {
            t = &u->texts[first + i];

            if (u->opened[first + i] != 2 || t->len == 0) {
                continue;
            }

            if (add_subject(k, u, f, t) != MDR_OK) {
                return MDR_ERROR;
            }

            if (!s->fields[f].all) {
                break;
            }
        }
    }

    return MDR_OK;
}


/* how many items of one parent are shown so far, this one counted */

static uint32_t
count_shown(mdr_sink_t *k, const mdr_unit_t *u)
{
    uint32_t     i, n;
    mdr_shown_t  s;

    n = sizeof(k->shown) / sizeof(k->shown[0]);

    for (i = 0; i < k->nshown; i++) {
        if (k->shown[i].parent == u->parent && k->shown[i].slot == u->slot) {
            break;
        }
    }

    if (i == k->nshown) {
        if (k->nshown < n) {
            k->nshown++;
        } else {
            i = n - 1;                  /* the one longest unused goes       */
        }
        k->shown[i].parent = u->parent;
        k->shown[i].slot = u->slot;
        k->shown[i].shown = 0;
    }

    s = k->shown[i];
    s.shown++;
    memmove(k->shown + 1, k->shown, i * sizeof(mdr_shown_t));
    k->shown[0] = s;

    return s.shown;
}


static int
keep_hits(mdr_sink_t *k, mdr_unit_t *u, const mdr_verdict_t *v)
{
    uint32_t                  i;
    uint64_t                  a, b;
    mdr_hit_t                *h;
    mdr_text_t               *t;
    const mdr_rule_t         *r;
    const mdr_subject_t      *s;
    const mdr_verdict_hit_t  *vh;

    u->hits_total = v->hits_total;
    k->stats.hits += v->hits_total;

    if (v->nhits == 0) {
        return MDR_OK;
    }

    u->hits = mdr_alloc(k->alloc, v->nhits * sizeof(mdr_hit_t)
                                  + v->nparts * sizeof(mdr_score_part_t));
    if (u->hits == NULL) {
        return MDR_ERROR;
    }

    u->parts = (mdr_score_part_t *) (void *) (u->hits + v->nhits);
    u->nparts = v->nparts;
    memcpy(u->parts, v->parts, v->nparts * sizeof(mdr_score_part_t));

    for (i = 0; i < v->nhits; i++) {
        vh = &v->hits[i];
        h = &u->hits[i];
        s = &k->work->subjects[vh->subject];
        t = k->work->texts[vh->subject];
        r = &k->model->rules[vh->rule];

        mdr_text_span(t, vh->start, vh->end, &a, &b);

        h->rule = vh->rule;
        h->group = vh->group;
        h->group_name = r->groups[vh->group].name;
        h->field = k->model->slots[s->slot].fields[s->field].name;
        h->start = mdr_scan_source(k, a);
        h->end = mdr_scan_source(k, b);
        h->text.data = (const char *) t->data + vh->start;
        h->text.len = vh->end - vh->start;
        h->weight = vh->weight;
        h->mode = vh->mode;
    }

    u->nhits = v->nhits;

    return MDR_OK;
}


static void
remove_item(mdr_sink_t *k, mdr_unit_t *u)
{
    u->flags |= MDR_ITEM_REMOVED;
    k->stats.removed++;
}


static void
held(mdr_sink_t *k, mdr_unit_t *u)
{
    if (u->action == MDR_ACT_HOLD) {
        u->flags |= MDR_ITEM_HELD;
        k->stats.held++;
    }
}


/* the strongest action, less than `under`, of the rules that have hit: in
 * shadow of all of them, else of those that enforce */

static uint8_t
strongest(const mdr_sink_t *k, const mdr_verdict_t *v, uint8_t under)
{
    uint8_t            action, best, most;
    uint32_t           i;
    const mdr_rule_t  *r;

    best = MDR_ACT_NONE;
    most = MDR_MODE_OFF;

    for (i = 0; i < v->nhits; i++) {
        most = v->hits[i].mode > most ? v->hits[i].mode : most;
    }

    for (i = 0; i < v->nhits; i++) {
        r = &k->model->rules[v->hits[i].rule];
        action = r->action;

        if (v->hits[i].mode == most && action < under && action > best) {
            best = action;
        }
    }

    return best;
}


/* raw hits of this item only */

static int
judge(mdr_sink_t *k, mdr_unit_t *u, mdr_raw_hit_t *raw, size_t nraw)
{
    int                enforce, quiet;
    mdr_text_t        *id;
    mdr_verdict_t     *v;
    mdr_decide_in_t    in;
    const mdr_slot_t  *s;

    s = &k->model->slots[u->slot];
    v = &k->work->verdict;
    enforce = k->conf.mode == MDR_MODE_ENFORCE;
    quiet = k->conf.slot_modes != NULL
            && k->conf.slot_modes[u->slot] < MDR_MODE_ENFORCE;
    memset(&in, 0, sizeof(in));
    v->nhits = 0;

    if (u->large || (u->flags & MDR_ITEM_UNREADABLE)) {
        u->suggestion = MDR_SUGGEST_ERROR;
        u->action = MDR_ACT_NONE;
        mdr_known_ask(k, u, MDR_ACT_NONE);

        if (u->large) {
            u->flags |= MDR_ITEM_TOO_LARGE;
            mdr_items_error(k, u->spent ? MDR_ERR_BUDGET : MDR_ERR_TOO_LARGE,
                            u->start, "item", UINT32_MAX);
        }

        /* what cannot be read is released by nobody */

        if (k->conf.on_error_block || u->answer.stand == MDR_STAND_OUT) {
            u->would = MDR_ACT_BLOCK;

        } else if (u->answer.stand == MDR_STAND_HOLD
                   || (s->review == MDR_REVIEW_REQUIRED
                       && u->answer.stand != MDR_STAND_PASS))
        {
            u->would = MDR_ACT_HOLD;
        }

        if (enforce && u->would != MDR_ACT_NONE
            && (!quiet || u->answer.stand == MDR_STAND_OUT))
        {
            u->action = u->would;
            remove_item(k, u);
            held(k, u);
        }

        goto decided;
    }

    if (nraw != 0) {
        in.model = k->model;
        in.matcher = k->policy->matcher;
        in.slot = u->slot;
        in.mode = quiet ? MDR_MODE_SHADOW : k->conf.mode;
        in.now = k->conf.now;
        in.rule_modes = k->conf.rule_modes;
        in.jurisdiction = k->conf.jurisdiction;
        in.site = k->conf.site;

        if (s->item_id >= 0) {
            id = mdr_judge_text(k, u, (uint32_t) s->item_id);
            if (id != NULL) {
                in.item_id.data = (const char *) id->data;
                in.item_id.len = (uint32_t) id->len;
            }
        }

        if (s->place >= 0) {
            id = mdr_judge_text(k, u, (uint32_t) s->place);
            if (id != NULL) {
                in.place.data = (const char *) id->data;
                in.place.len = (uint32_t) id->len;
                in.place = mdr_law_place(k->model, in.place);
            }
        }

        mdr_decide(&in, raw, nraw, k->work->subjects, v);

        u->suggestion = v->suggestion;
        u->would = enforce && !quiet ? v->action : strongest(k, v, 5);
        u->rule = v->rule;

        if (keep_hits(k, u, v) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    if (u->limited) {
        u->flags |= MDR_ITEM_LIMITED;
        k->stats.limited++;

        if (u->suggestion == MDR_PASS) {
            u->suggestion = MDR_SUGGEST_ERROR;
        }

        if (k->conf.on_error_block) {
            u->would = MDR_ACT_BLOCK;
        }
    }

    mdr_known_ask(k, u, u->would);

    switch (u->answer.stand) {

    case MDR_STAND_OUT:
        u->would = MDR_ACT_BLOCK;
        break;

    case MDR_STAND_SHOW:
        if (u->would == MDR_ACT_HOLD) {
            u->would = strongest(k, v, MDR_ACT_HOLD);
        }
        break;

    case MDR_STAND_NONE:
        if (s->review != MDR_REVIEW_REQUIRED) {
            break;
        }

        /* fall through */

    case MDR_STAND_HOLD:
        if (u->would < MDR_ACT_HOLD) {
            u->would = MDR_ACT_HOLD;
        }

        if (enforce && !quiet && u->suggestion < MDR_REVIEW) {
            u->suggestion = MDR_REVIEW;
        }
        break;
    }

    if (!enforce || (quiet && u->answer.stand != MDR_STAND_OUT)) {
        goto decided;
    }

    u->action = u->would;

    if (u->action >= MDR_ACT_HOLD && u->name != 0 && nraw != 0
        && mdr_refs_left(k, u->name))
    {
        u->action = MDR_ACT_MASK;       /* something points to it            */
    }

    if (u->action >= MDR_ACT_HOLD) {
        remove_item(k, u);

        held(k, u);

    } else if (s->limit != 0 && count_shown(k, u) > s->limit) {
        u->flags |= MDR_ITEM_OVER_LIMIT;
        k->stats.over_limit++;
        remove_item(k, u);

    } else if (u->action == MDR_ACT_MASK) {
        if (mdr_mask_item(k, u, &in, v, raw, nraw) != MDR_OK) {
            return MDR_ERROR;
        }
        u->flags |= MDR_ITEM_MASKED;
        k->stats.masked++;

    } else if (u->action == MDR_ACT_TAG) {
        if (!u->has_tag && !u->closed && s->type != MDR_TYPE_HTML) {
            u->tag_wait = 1;            /* behind the last member            */
        } else {
            mdr_mask_tag(k, u);
        }
    }

decided:

    if (u->suggestion > k->stats.suggestion) {
        k->stats.suggestion = u->suggestion;
    }

    if (u->action > k->stats.action) {
        k->stats.action = u->action;
    }

    if (!u->tag_wait) {
        mdr_items_decided(k, u);
    }

    return MDR_OK;
}


/* a text of an item was not read to its end, or not by a regex */

static void
put_limited(mdr_sink_t *k, const mdr_limited_t *l)
{
    mdr_unit_t           *u;
    const mdr_subject_t  *s;

    s = &k->work->subjects[l->subject];
    u = k->units[s->user];
    u->limited = 1;

    if (l->rule == UINT32_MAX) {
        mdr_items_error(k, MDR_ERR_MATCH_LIMIT, u->start,
                        k->model->slots[s->slot].fields[s->field].name.data,
                        UINT32_MAX);
        return;
    }

    mdr_items_error(k, MDR_ERR_REGEX_LIMIT, u->start,
                    k->model->rules[l->rule].id.data, l->rule);
}


int
mdr_judge_batch(mdr_sink_t *k)
{
    int              rc;
    size_t           i, n, at, from;
    uint32_t         batch[MDR_BATCH_ITEMS];
    mdr_unit_t      *u;
    mdr_work_t      *w;
    mdr_raw_hits_t  *raw;

    n = k->nbatch;

    if (n == 0) {
        return MDR_OK;
    }

    w = k->work;
    raw = &w->raw;
    w->nsubjects = 0;
    raw->n = 0;
    raw->nlimited = 0;

    memcpy(batch, k->batch, n * sizeof(uint32_t));
    k->nbatch = 0;
    k->batch_bytes = 0;

    for (i = 0; i < n; i++) {
        u = k->units[batch[i]];

        if (!u->large && !(u->flags & MDR_ITEM_UNREADABLE) && !u->seen
            && k->plan->slots[u->slot].rules
            && add_subjects(k, u) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    if (w->nsubjects != 0 && !(k->conf.flags & MDR_SCAN_NO_MATCH)) {
        k->bill.may = k->conf.limits.response_steps
                      + k->conf.limits.response_steps_byte * k->in_pos;
        k->bill.regex_may = k->conf.limits.regex_response_steps
                            + k->conf.limits.regex_response_steps_byte
                              * k->in_pos;
        mdr_match_work_limits(w->match, &k->conf.limits, &k->bill);

        rc = mdr_match(k->policy->matcher, w->match, w->subjects,
                       w->nsubjects, raw);
        if (rc != MDR_OK) {
            return rc;
        }

        k->stats.survivors += raw->survivors;
        k->stats.candidates += raw->candidates;

        k->stats.steps += raw->meter.steps;

        for (i = 0; i < raw->nlimited; i++) {
            put_limited(k, &raw->limited[i]);
        }
    }

    /* subjects stand in batch order, hits in subject order */

    for (i = 0, at = 0; i < n; i++) {
        u = k->units[batch[i]];
        from = at;

        while (at < raw->n
               && w->subjects[raw->hits[at].subject].user == u->self)
        {
            at++;
        }

        u->clean = at == from && !u->limited && !u->large
                   && !(u->flags & MDR_ITEM_UNREADABLE);

        if (u->clean && u->place != 0) {
            mdr_seen_clean(w->seen, u->hash, u->place);
        }

        /* no hit at all: the array may not exist, and NULL has no offsets */

        if (judge(k, u, at > from ? raw->hits + from : NULL, at - from)
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
