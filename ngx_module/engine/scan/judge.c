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
    mdr_judge_full(k);
}


void
mdr_judge_full(mdr_sink_t *k)
{
    if ((k->nbatch == MDR_BATCH_ITEMS || k->batch_bytes >= MDR_BATCH_BYTES)
        && mdr_judge_batch(k) != MDR_OK)
    {
        k->failed = 1;
    }
}


int
mdr_judge_reserve(mdr_work_t *w, size_t n)
{
    void  *p;

    n += w->nsubjects;

    if (n <= w->subjects_cap && n <= w->texts_cap) {
        return MDR_OK;
    }

    p = w->subjects;
    if (mdr_grow(w->alloc, &p, &w->subjects_cap, n, sizeof(mdr_subject_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    w->subjects = p;

    p = w->texts;
    if (mdr_grow(w->alloc, &p, &w->texts_cap, n, sizeof(mdr_text_t *))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    w->texts = p;

    return MDR_OK;
}


static int
add_subject(mdr_sink_t *k, const mdr_unit_t *u, uint32_t field,
    mdr_text_t *t)
{
    mdr_work_t     *w;
    mdr_subject_t  *s;

    w = k->work;

    if (mdr_judge_reserve(w, 1) != MDR_OK) {
        return MDR_ERROR;
    }

    s = &w->subjects[w->nsubjects];
    s->data = t->data;
    s->len = (uint32_t) t->len;
    s->slot = u->slot;
    s->field = field;
    s->user = u->self;
    s->hidden = t->hidden;

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


/* the items of one parent, counted; valid until the next call */

mdr_shown_t *
mdr_judge_shown(mdr_sink_t *k, uint32_t slot, uint64_t parent)
{
    uint32_t     i, n;
    mdr_shown_t  s;

    n = sizeof(k->shown) / sizeof(k->shown[0]);

    for (i = 0; i < k->nshown; i++) {
        if (k->shown[i].parent == parent && k->shown[i].slot == slot) {
            break;
        }
    }

    if (i == k->nshown) {
        if (k->nshown < n) {
            k->nshown++;
        } else {
            i = n - 1;                  /* the one longest unused goes       */
        }
        memset(&k->shown[i], 0, sizeof(mdr_shown_t));
        k->shown[i].parent = parent;
        k->shown[i].slot = slot;
    }

    s = k->shown[i];
    memmove(k->shown + 1, k->shown, i * sizeof(mdr_shown_t));
    k->shown[0] = s;

    return &k->shown[0];
}


/* who an entry of the batch is: of a card, the unit that it becomes.  NULL: no
 * memory */

static mdr_unit_t *
unit_of(mdr_sink_t *k, uint32_t user)
{
    return user & MDR_BATCH_CARD
           ? mdr_card_unit(k, &k->work->cards[user & ~MDR_BATCH_CARD])
           : k->units[user];
}


/* a text of an item was not read to its end, or not by a regex */

static int
put_limited(mdr_sink_t *k, const mdr_limited_t *l)
{
    mdr_unit_t           *u;
    const mdr_subject_t  *s;

    s = &k->work->subjects[l->subject];
    u = unit_of(k, s->user);

    if (u == NULL) {
        return MDR_ERROR;
    }

    u->limited = 1;

    if (l->rule == UINT32_MAX) {
        mdr_items_error(k, MDR_ERR_MATCH_LIMIT, u->start,
                        k->model->slots[s->slot].fields[s->field].name.data,
                        UINT32_MAX);
        return MDR_OK;
    }

    mdr_items_error(k, MDR_ERR_REGEX_LIMIT, u->start,
                    k->model->rules[l->rule].id.data, l->rule);

    return MDR_OK;
}


/* the texts of entry i */

static int
add_entry(mdr_sink_t *k, uint32_t user)
{
    mdr_unit_t  *u;

    if (user & MDR_BATCH_CARD) {
        return mdr_card_subjects(k, &k->work->cards[user & ~MDR_BATCH_CARD],
                                 user);
    }

    u = k->units[user];

    return u->large || (u->flags & MDR_ITEM_UNREADABLE) || u->seen
           || !k->plan->slots[u->slot].rules
           ? MDR_OK : add_subjects(k, u);
}


static int
match(mdr_sink_t *k)
{
    int              rc;
    size_t           i;
    mdr_work_t      *w;
    mdr_raw_hits_t  *raw;

    w = k->work;
    raw = &w->raw;

    mdr_match_bill(&k->bill, &k->conf.limits, k->in_pos);
    mdr_match_work_limits(w->match, &k->conf.limits, &k->bill);
    raw->worst = k->stats.worst_steps;

    rc = mdr_match(k->policy->matcher, w->match, w->subjects,
                   w->nsubjects, raw);
    if (rc != MDR_OK) {
        return rc;
    }

    k->stats.survivors += raw->survivors;
    k->stats.candidates += raw->candidates;

    k->stats.steps += raw->meter.steps;
    k->stats.worst_steps = raw->worst;

    for (i = 0; i < raw->nlimited; i++) {
        if (put_limited(k, &raw->limited[i]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* no hit, nobody to ask and nothing to count: it passes, as nearly all do */

static int
passes(const mdr_sink_t *k, const mdr_unit_t *u)
{
    const mdr_slot_t  *s;

    s = &k->model->slots[u->slot];

    return !u->large && u->flags == 0 && !u->limited && k->conf.known == NULL
           && s->review != MDR_REVIEW_REQUIRED && s->limit == 0
           && !k->plan->slots[u->slot].alone;
}


/* entry `user` of the batch, with its raw hits */

static int
judge_entry(mdr_sink_t *k, uint32_t user, mdr_raw_hit_t *hits, size_t n)
{
    mdr_card_t  *c;
    mdr_unit_t  *u;
    mdr_work_t  *w;

    w = k->work;

    if (user & MDR_BATCH_CARD) {
        c = &w->cards[user & ~MDR_BATCH_CARD];

        if (n == 0 && c->unit == MDR_NO_ITEM) {
            if (c->place != 0) {
                mdr_seen_clean(w->seen, c->hash, c->place);
            }
            return MDR_OK;
        }
    }

    u = unit_of(k, user);

    if (u == NULL) {
        return MDR_ERROR;
    }

    u->clean = n == 0 && !u->limited && !u->large
               && !(u->flags & MDR_ITEM_UNREADABLE)
               && !k->plan->slots[u->slot].alone;

    if (u->clean && u->place != 0) {
        mdr_seen_clean(w->seen, u->hash, u->place);
    }

    k->work->verdict.nhits = 0;

    if (n == 0 && passes(k, u)) {
        mdr_items_decided(k, u);
        return MDR_OK;
    }

    return mdr_judge_item(k, u, hits, n);
}


int
mdr_judge_batch(mdr_sink_t *k)
{
    int              rc;
    size_t           i, n, at, from;
    uint32_t         batch[MDR_BATCH_ITEMS];
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
        if (add_entry(k, batch[i]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    if (w->nsubjects != 0 && !(k->conf.flags & MDR_SCAN_NO_MATCH)) {
        rc = match(k);
        if (rc != MDR_OK) {
            return rc;
        }
    }

    /* subjects stand in batch order, hits in subject order */

    for (i = 0, at = 0; i < n; i++) {
        from = at;

        while (at < raw->n
               && w->subjects[raw->hits[at].subject].user == batch[i])
        {
            at++;
        }

        /* no hit at all: the array may not exist, and NULL has no offsets */

        if (judge_entry(k, batch[i], at > from ? raw->hits + from : NULL,
                        at - from)
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    mdr_cards_judged(k);

    return MDR_OK;
}
