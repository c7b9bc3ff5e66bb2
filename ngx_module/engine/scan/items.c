/*
 * items.c - what the scanners report: items, and the elements they stand in.
 *
 * Elements stand in a queue in page order.  An element is resolved when all
 * its items are decided; then its removal, if any, becomes an edit.  Only the
 * head of the queue is resolved, so that an element knows how many before it
 * in its list are gone: a removed element takes the comma before it if one
 * before it stays, else everything up to the next element.
 *
 * Memory: objects are reused; at most MDR_OPEN_ITEMS at once, each with at
 * most max_slot bytes of text.
 */

#include "scan.h"

#include <string.h>


/* out of the queue (resolved) and all its items closed, nothing points here */

void
mdr_items_drop_elem(mdr_sink_t *k, mdr_elem_t *e)
{
    if (!e->resolved || e->unclosed != 0) {
        return;
    }

    if (e->list != NULL) {
        if (e->list->last == e) {
            e->list->last = NULL;
        }
        mdr_list_unref(k, e->list);
    }

    mdr_elem_put(k, e);
}


mdr_elem_t *
mdr_items_elem(mdr_sink_t *k, int kind, uint64_t whole, uint64_t parent)
{
    mdr_elem_t  *e;
    mdr_list_t  *l;

    e = k->last;

    if (e == NULL || e->start != whole || e->kind != kind) {
        e = mdr_elem_get(k, k->last);
        if (e == NULL) {
            return NULL;
        }

        e->kind = (uint8_t) kind;
        e->start = whole;
        e->hold = whole;
        e->depth = mdr_layer_depth(&k->layers);

        if (kind == MDR_ITEM_ENTRY) {
            l = mdr_list_find(k, parent);
            e->list = l;

            if (l != NULL) {
                l->refs++;
                l->last = e;
                e->ordinal = l->count == 0 ? 0 : l->count - 1;
                if (e->ordinal != 0 && l->comma != MDR_NO_POS) {
                    e->hold = l->comma;
                }
            }
        }
    }

    return e;
}


/* a removal from the start of an entry ends with what follows it */

void
mdr_items_elem_closed(mdr_sink_t *k, mdr_elem_t *e)
{
    if (--e->unclosed == 0 && e->removal != 0
        && (e->list == NULL || e->hold != e->start))
    {
        mdr_edit_end(k, e->removal, e->end);
    }
}


void
mdr_items_begin(mdr_sink_t *k, mdr_unit_t *u, mdr_elem_t *e, uint32_t slot,
    uint64_t start, uint64_t parent)
{
    const mdr_slot_plan_t  *p;

    p = &k->plan->slots[slot];
    e->undecided++;
    e->unclosed++;

    u->slot = slot;
    u->doc = k->counts[slot].group;
    u->start = start;
    u->end = MDR_NO_POS;
    u->s_start = mdr_scan_source(k, start);
    u->s_end = u->s_start;
    u->parent = parent;
    u->elem = e;
    u->nhits = 0;
    u->hits_total = 0;
    u->flags = k->in_script ? MDR_ITEM_SCRIPT : 0;
    u->rule = UINT32_MAX;
    u->suggestion = MDR_PASS;
    u->action = MDR_ACT_NONE;
    u->ready = 0;
    u->decided = 0;
    u->closed = 0;
    u->ending = 0;
    u->mark = NULL;
    u->name = 0;
    u->large = 0;
    u->spent = 0;
    u->tag_wait = 0;
    u->seen = 0;
    u->points = 0;
    u->clean = 0;
    u->limited = 0;
    u->place = 0;
    u->would = MDR_ACT_NONE;
    u->asked = 0;
    u->hinted = 0;
    memset(&u->answer, 0, sizeof(u->answer));
    u->waiting = k->conf.known == NULL ? p->nread
                 : k->conf.ask_all ? k->model->slots[slot].nfields : p->nask;
    u->ready_at = start;
    mdr_layer_styles(&k->layers, u->styles);
}


uint32_t
mdr_sink_item_open(mdr_sink_t *k, uint32_t slot, int kind, uint64_t start,
    uint64_t whole, uint64_t parent)
{
    mdr_elem_t             *e;
    mdr_unit_t             *u;
    const mdr_slot_plan_t  *p;

    if (k->failed || k->unread) {
        return MDR_NO_ITEM;
    }

    if (k->layers.now != NULL) {
        start = mdr_layer_place(&k->layers, start);
        whole = mdr_layer_place(&k->layers, whole);
    }

    p = &k->plan->slots[slot];
    u = mdr_unit_get(k);
    if (u == NULL) {
        mdr_items_error(k, k->failed ? MDR_ERR_MEMORY : MDR_ERR_DEPTH, start,
                        "too many items open", UINT32_MAX);
        return MDR_NO_ITEM;
    }

    e = mdr_items_elem(k, kind, whole, parent);
    if (e == NULL) {
        u->used = 0;
        k->free_units[k->nfree++] = u->self;
        return MDR_NO_ITEM;
    }

    mdr_items_begin(k, u, e, slot, start, parent);
    u->index = k->slot_index[slot]++;
    u->seq = k->seq++;

    if (k->model->slots[slot].limit != 0 && k->conf.known != NULL) {
        mdr_judge_shown(k, slot, u->parent)->opened++;
    }

    k->counts[slot].items = 1;

    if (k->counts[slot].state == 1 && k->counts[slot].list == 0
        && p->one_list)
    {
        k->counts[slot].list = parent;
    }

    k->stats.items++;

    if (u->waiting == 0) {
        mdr_items_ready(k, u, start);
    }

    return u->self;
}


void
mdr_sink_item_close(mdr_sink_t *k, uint32_t item, uint64_t end,
    uint64_t whole_end)
{
    uint32_t     i, n;
    mdr_elem_t  *e;
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);
    if (u == NULL || u->closed) {
        return;
    }

    n = k->plan->slots[u->slot].nplaces;

    u->ending = 1;

    for (i = 0; i < n; i++) {
        if (u->opened[i] & 1) {
            u->opened[i] = 1;
            mdr_sink_place_close(k, item, i, end);
        }
    }

    if (k->layers.now != NULL) {
        end = mdr_layer_behind(&k->layers, end);
        whole_end = mdr_layer_behind(&k->layers, whole_end);
    }

    u->closed = 1;
    u->end = end;
    u->s_end = mdr_scan_source(k, end);

    e = u->elem;
    e->end = whole_end;

    mdr_items_elem_closed(k, e);

    if (!u->ready) {
        mdr_items_ready(k, u, end);

    } else if (u->tag_wait) {
        u->tag_wait = 0;
        mdr_mask_tag(k, u);
        mdr_items_decided(k, u);

    } else if (u->decided) {
        mdr_known_report(k, u);
        mdr_unit_put(k, u);
        mdr_items_drop_elem(k, e);
    }
}


void
mdr_sink_item_name(mdr_sink_t *k, uint32_t item, const char *p, size_t n)
{
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u != NULL) {
        u->name = mdr_refs_hash(p, n, u->slot);

        if (u->decided) {
            mdr_refs_decided(k, u->name, (u->flags & MDR_ITEM_REMOVED) != 0);
        }
    }
}


void
mdr_sink_item_mark(mdr_sink_t *k, uint32_t item, uint8_t *mark)
{
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u != NULL) {
        u->mark = mark;
    }
}


void
mdr_sink_item_unreadable(mdr_sink_t *k, uint32_t item, uint64_t at,
    const char *detail)
{
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);
    at = mdr_layer_place(&k->layers, at);

    /* one that is too large by then is nothing else: it may have been decided
     * before this was seen */

    if (u == NULL || u->decided || u->large
        || (at > u->start && at - u->start > k->conf.max_slot)
        || (u->flags & MDR_ITEM_UNREADABLE))
    {
        return;
    }

    u->flags |= MDR_ITEM_UNREADABLE;
    mdr_items_error(k, MDR_ERR_UNREADABLE, at, detail, UINT32_MAX);
}


void
mdr_sink_item_spent(mdr_sink_t *k, uint32_t item, uint64_t at)
{
    uint32_t     i;
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u == NULL || (u->ready && !u->decided)) {
        return;                         /* those that wait are few           */
    }

    /* one that is longer than it may be is too large, and its texts go as far
     * as they may: whether that was seen before does not depend on it */

    if (!u->ready && at > u->start && at - u->start > k->conf.max_slot) {
        u->large = 1;
        u->ready = 1;
        mdr_items_cut(k, u);
        mdr_judge_add(k, u);
        return;
    }

    for (i = 0; i < k->plan->slots[u->slot].nplaces; i++) {
        mdr_text_done(&u->texts[i]);
    }

    if (!u->ready) {
        u->large = 1;
        u->spent = 1;
        mdr_items_ready(k, u, at);
    }
}


void
mdr_items_ready(mdr_sink_t *k, mdr_unit_t *u, uint64_t at)
{
    u->ready = 1;
    u->ready_at = at;

    if (at - u->start > k->conf.max_slot) {
        u->large = 1;
    }

    mdr_judge_add(k, u);
}


/* the verdict stands; judge.c calls it once an item */

void
mdr_items_decided(mdr_sink_t *k, mdr_unit_t *u)
{
    mdr_elem_t  *e;

    e = u->elem;

    u->decided = 1;
    e->undecided--;

    if (u->flags & MDR_ITEM_REMOVED) {
        e->remove = 1;
        mdr_counts_removed(k, u);

        if (u->mark != NULL) {
            *u->mark = 1;
        }
    }

    if (u->name != 0) {
        mdr_refs_decided(k, u->name, (u->flags & MDR_ITEM_REMOVED) != 0);
    }

    if (u->closed) {
        mdr_known_report(k, u);
        mdr_unit_put(k, u);
        mdr_items_drop_elem(k, e);
    }
}


static void
resolve(mdr_sink_t *k, mdr_elem_t *e)
{
    int          kept_before;
    uint64_t     end;
    mdr_list_t  *l;

    if (!e->remove || e->kind == MDR_ITEM_FLAT) {
        return;
    }

    l = e->list;

    if (l == NULL) {
        end = e->unclosed == 0 ? e->end : MDR_NO_POS;
        e->removal = mdr_edit_remove(k, e->start, end,
                               e->kind == MDR_ITEM_DOCUMENT ? "null"
                               : e->kind == MDR_ITEM_MEMBER ? "\"\":0"
                               : mdr_edit_gap(k, e->start),
                               e->depth);
        return;
    }

    kept_before = e->ordinal > l->removed;
    l->removed++;

    if (kept_before) {
        end = e->unclosed == 0 ? e->end : MDR_NO_POS;
        e->removal = mdr_edit_remove(k, e->hold, end, NULL, e->depth);
        return;
    }

    /* the first that stays has no comma before it */

    e->removal = mdr_edit_remove(k, e->start, e->follow, NULL, e->depth);
    e->hold = e->start;

    if (e->follow == MDR_NO_POS) {
        l->tail = e->removal;
    }
}


int
mdr_items_resolve(mdr_sink_t *k)
{
    mdr_elem_t  *e;

    while (k->first != NULL && k->first->undecided == 0) {
        e = k->first;

        resolve(k, e);

        k->first = e->next;
        if (k->first == NULL) {
            k->last = NULL;
        }

        e->resolved = 1;
        mdr_items_drop_elem(k, e);
    }

    return k->failed ? MDR_ERROR : MDR_OK;
}


/* the item is too large: its texts go as far as it may, however much of it
 * has come */

void
mdr_items_cut(mdr_sink_t *k, mdr_unit_t *u)
{
    uint32_t  i;

    for (i = 0; i < k->plan->slots[u->slot].nplaces; i++) {
        if (u->opened[i] & 1) {
            mdr_text_stop(&u->texts[i], u->start + k->conf.max_slot);
        }
    }
}


/* items that hold more than max_slot bytes and are not ready yet */

void
mdr_items_large(mdr_sink_t *k, uint64_t upto)
{
    size_t       i;
    mdr_unit_t  *u;

    mdr_counts_large(k, upto);
    mdr_lengths_large(k, upto);

    if (k->nrefs != 0) {
        mdr_refs_large(k, upto);
    }

    if (k->first == NULL || upto <= k->first->hold
        || upto - k->first->hold <= k->conf.max_slot)
    {
        return;
    }

    for (i = 0; i < k->nunits; i++) {
        u = k->units[i];

        if (!u->used || u->decided || upto <= u->start
            || upto - u->start <= k->conf.max_slot)
        {
            continue;
        }

        if (u->tag_wait) {
            u->tag_wait = 0;
            u->action = MDR_ACT_NONE;
            u->flags |= MDR_ITEM_TOO_LARGE;
            mdr_items_error(k, MDR_ERR_TOO_LARGE, u->start, "item",
                            UINT32_MAX);
            mdr_items_decided(k, u);

        } else if (!u->ready) {
            u->large = 1;
            u->ready = 1;
            mdr_items_cut(k, u);
            mdr_judge_add(k, u);
        }
    }
}


/* nothing more will be read: what is open ends here, undecided */

void
mdr_items_abandon(mdr_sink_t *k)
{
    size_t       i;
    uint32_t     j;
    mdr_list_t  *l;
    mdr_unit_t  *u;

    for (l = k->lists; l != NULL; l = l->next) {
        mdr_list_follow(k, l, k->scanned);
        l->comma = MDR_NO_POS;
    }

    for (j = 0; j < k->plan->nslots; j++) {
        if (k->counts[j].state == 1) {
            k->counts[j].state = 3;
        }
    }

    for (i = 0; i < k->nunits; i++) {
        u = k->units[i];

        if (!u->used || u->closed) {
            continue;
        }

        if (!u->decided) {
            u->flags |= MDR_ITEM_OPEN | MDR_ITEM_UNREADABLE;
        }

        mdr_sink_item_close(k, u->self, k->scanned, k->scanned);
    }

    for (j = 0; j < k->nrefs; j++) {
        mdr_sink_ref_close(k, j, k->scanned);
    }

    mdr_sink_refs_end(k);
}


/* the first byte that must not leave */

uint64_t
mdr_items_limit(const mdr_sink_t *k)
{
    uint32_t           i;
    uint64_t           limit;
    const mdr_list_t  *l;

    limit = k->scanned;

    if (k->first != NULL && k->first->hold < limit) {
        limit = k->first->hold;
    }

    /* a comma whose element may still turn out to be an item */

    for (l = k->lists; l != NULL; l = l->next) {
        if (l->comma != MDR_NO_POS && l->comma < limit
            && (l->element == MDR_NO_POS || l->element <= l->comma
                || k->scanned <= l->element))
        {
            limit = l->comma;
        }
    }

    for (i = 0; i < k->plan->nslots; i++) {
        if (k->counts[i].state == 1 && k->counts[i].start < limit) {
            limit = k->counts[i].start;
        }
    }

    if (k->length.held && mdr_lengths_hold(k) < limit) {
        limit = mdr_lengths_hold(k);
    }

    return mdr_layers_limit(&k->layers, limit);
}


void
mdr_items_free(mdr_sink_t *k)
{
    size_t       i;
    mdr_elem_t  *e;
    mdr_list_t  *l;
    mdr_unit_t  *u;

    for (i = 0; i < k->nunits; i++) {
        u = k->units[i];

        /* elements out of the queue live as long as an open item */

        if (u->used && u->elem != NULL && u->elem->resolved
            && --u->elem->unclosed == 0)
        {
            mdr_items_drop_elem(k, u->elem);
        }
    }

    while (k->first != NULL) {
        e = k->first;
        k->first = e->next;
        if (e->list != NULL) {
            mdr_list_unref(k, e->list);
        }
        mdr_elem_put(k, e);
    }

    mdr_units_free(k);

    while (k->lists != NULL) {
        l = k->lists;
        k->lists = l->next;
        mdr_free(k->alloc, l);
    }
}
