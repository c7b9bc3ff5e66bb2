/*
 * cards.c - items that are known whole, with all their texts, before anything
 * is noted of them: cards of learned markup (html/html_card.c), entries of JSON
 * (json/json_card.c).
 *
 * Nearly all are clean, and of those nothing is left behind a batch.  So a card
 * waits in the batch as it is, with its texts in the window, and becomes a
 * unit, with an element in its place of the queue, only where a rule has hit.
 * A batch is judged before the window moves.
 */

#include "scan.h"

#include <string.h>


mdr_card_t *
mdr_sink_card(mdr_sink_t *k, uint32_t slot, size_t n)
{
    mdr_work_t  *w;

    if (!k->cards || !k->plan->slots[slot].cards || n > k->conf.max_slot
        || k->failed || k->unread || k->layers.now != NULL)
    {
        return NULL;
    }

    w = k->work;

    if (w->cards == NULL) {
        w->cards = mdr_alloc(w->alloc, MDR_BATCH_ITEMS * sizeof(mdr_card_t));
        if (w->cards == NULL) {
            return NULL;
        }
    }

    return &w->cards[k->nbatch];
}


void
mdr_sink_card_add(mdr_sink_t *k, mdr_card_t *c)
{
    uint32_t      i;
    mdr_count_t  *count;

    c->after = k->last;
    c->unit = MDR_NO_ITEM;
    c->index = k->slot_index[c->slot]++;
    c->seq = k->seq++;

    count = &k->counts[c->slot];
    c->doc = count->group;
    count->items = 1;

    if (count->state == 1 && count->list == 0
        && k->plan->slots[c->slot].one_list)
    {
        count->list = c->parent;
    }

    k->stats.items++;

    for (i = 0; i < c->ntexts; i++) {
        k->batch_bytes += c->texts[i].len;
    }

    k->batch[k->nbatch] = MDR_BATCH_CARD | (uint32_t) k->nbatch;
    k->nbatch++;
    mdr_judge_full(k);
}


#define JOINED  16384

uint8_t *
mdr_sink_card_room(mdr_sink_t *k, size_t n)
{
    uint8_t     *p;
    mdr_work_t  *w;

    w = k->work;

    if (w->joined == NULL) {
        w->joined = mdr_calloc(w->alloc, JOINED + MDR_TEXT_BEHIND);
        if (w->joined == NULL) {
            return NULL;
        }
    }

    if (n > JOINED - w->njoined) {
        return NULL;
    }

    p = w->joined + w->njoined;
    w->njoined += n;

    return p;
}


/* a batch is judged before a list closes that has cards in it */

void
mdr_sink_card_entry(mdr_sink_t *k, mdr_card_t *c)
{
    mdr_list_t  *l;

    l = mdr_list_find(k, c->parent);
    c->list = l;
    c->hold = c->start;
    c->follow = MDR_NO_POS;

    if (l != NULL) {
        mdr_list_follow(k, l, c->start);
        l->element = c->start;
        c->ordinal = l->count++;

        if (c->ordinal != 0 && l->comma != MDR_NO_POS) {
            c->hold = l->comma;
        }

        l->card = c;
        l->cards = 1;
    }

    mdr_sink_card_add(k, c);
}


void
mdr_cards_judged(mdr_sink_t *k)
{
    mdr_list_t  *l;

    k->work->njoined = 0;

    for (l = k->lists; l != NULL; l = l->next) {
        l->card = NULL;
        l->cards = 0;
    }
}


int
mdr_sink_card_known(mdr_sink_t *k, mdr_card_t *c)
{
    if (k->conf.known != NULL) {
        return 0;
    }

    c->ntexts = 0;
    c->place = 0;
    mdr_sink_card_add(k, c);
    k->stats.known++;

    return 1;
}


void
mdr_sink_card_keep(mdr_sink_t *k, mdr_card_t *c, uint64_t hash, uint64_t key,
    const uint8_t *p, size_t n)
{
    c->hash = hash;
    c->place = mdr_seen_note(k->work->seen, hash, key, p, n);
}


/* as add_subjects of judge.c does: all that a rule reads, of a field the first
 * text, or all of them */

int
mdr_card_subjects(mdr_sink_t *k, mdr_card_t *c, uint32_t user)
{
    uint32_t                i, f, last;
    mdr_work_t             *w;
    mdr_subject_t          *s;
    mdr_card_text_t        *t;
    const mdr_slot_t       *slot;
    const mdr_slot_plan_t  *p;

    w = k->work;
    p = &k->plan->slots[c->slot];
    slot = &k->model->slots[c->slot];
    last = UINT32_MAX;

    if (!p->rules || c->ntexts == 0) {
        return MDR_OK;
    }

    if (mdr_judge_reserve(w, c->ntexts) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < c->ntexts; i++) {
        t = &c->texts[i];
        t->subject = UINT32_MAX;
        f = p->place_field[t->place];

        if (t->len == 0 || !p->field_read[f]
            || (f == last && !slot->fields[f].all))
        {
            continue;
        }

        last = f;
        t->subject = (uint32_t) w->nsubjects;
        s = &w->subjects[w->nsubjects];
        s->data = t->p;
        s->len = t->len;
        s->slot = c->slot;
        s->field = f;
        s->user = user;
        w->texts[w->nsubjects++] = NULL;
        k->stats.text_bytes += t->len;
    }

    return MDR_OK;
}


/* an element of the queue behind those that began before it */

static mdr_elem_t *
element(mdr_sink_t *k, const mdr_card_t *c)
{
    mdr_elem_t  *e, *after;

    after = c->after;
    e = after != NULL ? after->next : k->first;

    while (e != NULL && e->start < c->start) {
        after = e;
        e = e->next;
    }

    e = mdr_elem_get(k, after);

    if (e != NULL) {
        e->kind = MDR_ITEM_ELEMENT;
        e->start = c->start;
        e->hold = c->start;
        e->end = c->end;

        if (c->list != NULL) {
            e->kind = MDR_ITEM_ENTRY;
            e->hold = c->hold;
            e->list = c->list;
            e->ordinal = c->ordinal;
            e->follow = c->follow;
            c->list->refs++;

            if (c->list->card == c) {
                c->list->card = NULL;
                c->list->last = e;
            }
        }
    }

    return e;
}


/* the text of a place, as it was told; 0: no memory */

static int
fill(mdr_text_t *t, const mdr_card_t *c, const mdr_card_text_t *from)
{
    uint32_t  i;
    uint64_t  at;

    t->via = NULL;

    if (from->len == 0) {
        t->finished = 1;
        return 1;
    }

    if (from->pieces == 0) {
        return mdr_text_whole(t, c->start + (uint64_t) (from->p - c->p),
                              from->p, from->len);
    }

    for (i = from->first; i < (uint32_t) from->first + from->pieces; i++) {
        at = c->start + (uint64_t) (c->pieces[i].p - c->p);

        if (mdr_text_break(t, at) != MDR_OK
            || (c->pieces[i].escaped
                ? mdr_json_unescape(t, at, c->pieces[i].p, c->pieces[i].len, 0)
                : mdr_text_copy(t, at, c->pieces[i].p, c->pieces[i].len))
               != MDR_OK)
        {
            return 0;
        }
    }

    return mdr_text_finish(t) == MDR_OK;
}


mdr_unit_t *
mdr_card_unit(mdr_sink_t *k, mdr_card_t *c)
{
    uint32_t          i;
    mdr_elem_t       *e;
    mdr_text_t       *t;
    mdr_unit_t       *u;
    mdr_tag_point_t   point;

    if (c->unit != MDR_NO_ITEM) {
        return k->units[c->unit];
    }

    u = mdr_unit_get(k);
    if (u == NULL) {
        return NULL;
    }

    c->unit = u->self;
    e = element(k, c);
    if (e == NULL) {
        return NULL;
    }

    mdr_items_begin(k, u, e, c->slot, c->start, c->parent);
    u->index = c->index;
    u->seq = c->seq;
    u->doc = c->doc;

    for (i = 0; i < c->ntexts; i++) {
        t = &u->texts[c->texts[i].place];
        u->opened[c->texts[i].place] = 2;

        if (!fill(t, c, &c->texts[i])) {
            return NULL;
        }

        if (c->texts[i].subject != UINT32_MAX) {
            k->work->texts[c->texts[i].subject] = t;
        }
    }

    if (c->tag != MDR_NO_POS) {
        memset(&point, 0, sizeof(point));
        point.at = c->tag;
        point.json = c->list != NULL;
        point.comma = c->list != NULL;
        mdr_sink_tag_point(k, u->self, &point);
    }

    u->hash = c->hash;
    u->place = c->place;
    u->ready = 1;
    u->ready_at = c->end;
    u->waiting = 0;
    u->closed = 1;
    u->ending = 1;
    u->end = c->end;
    u->s_end = mdr_scan_source(k, c->end);
    e->unclosed--;

    return k->failed ? NULL : u;
}
