/*
 * items_seen.c - items and markup that were seen before in this worker: what
 * was learned of a page's markup, and items that need not be read again.
 */

#include "scan.h"

#include <string.h>


mdr_seen_t *
mdr_sink_seen(mdr_sink_t *k, uint64_t *key)
{
    struct {
        char      hash[sizeof(k->model->hash)];
        uint32_t  page;
    } v;

    if (k->work->seen == NULL || k->conf.all_fields || k->layers.now != NULL
        || (k->conf.flags & MDR_SCAN_NO_MATCH))
    {
        return NULL;
    }

    memset(&v, 0, sizeof(v));
    memcpy(v.hash, k->model->hash, sizeof(v.hash));
    v.page = k->conf.page;
    *key = mdr_seen_number(k->work->seen, MDR_SEEN_POLICY, &v, sizeof(v));

    return *key != 0 ? k->work->seen : NULL;
}


/* the sets of a worker: one for each policy generation and way to read it; the
 * oldest goes first */

mdr_markup_t *
mdr_sink_markup(mdr_sink_t *k, const void *rules)
{
    uint32_t            i;
    mdr_work_t         *w;
    mdr_learned_t      *l, *free;
    mdr_learned_key_t   key;

    w = k->work;

    if (k->layers.now != NULL || (k->conf.flags & MDR_SCAN_EXACT)) {
        return NULL;
    }

    memset(&key, 0, sizeof(key));
    memcpy(key.hash, k->model->hash, sizeof(key.hash));
    key.rules = rules;
    key.conf = (uint32_t) (k->conf.all_fields != 0)
               | (uint32_t) (k->conf.record != 0) << 1
               | (uint32_t) (k->conf.known != NULL) << 2
               | (uint32_t) (k->conf.ask_all != 0) << 3
               | (uint32_t) (k->conf.mode == MDR_MODE_ENFORCE) << 4;

    for (i = 0, free = NULL; i < MDR_LEARNED; i++) {
        l = &w->learned[i];

        if (l->markup != NULL && memcmp(&l->key, &key, sizeof(key)) == 0) {
            l->used = ++w->learned_uses;
            l->markup->users++;
            return l->markup;
        }

        if (l->markup == NULL || l->markup->users == 0) {
            if (free == NULL || l->used < free->used) {
                free = l;
            }
        }
    }

    if (free == NULL) {
        return NULL;                    /* all are in use                    */
    }

    l = free;
    mdr_markup_free(l->markup);
    l->markup = mdr_markup_new(w->alloc);
    l->key = key;
    l->used = ++w->learned_uses;

    if (l->markup != NULL) {
        l->markup->users++;
        l->markup->all_resets = &w->resets;
    }

    return l->markup;
}


/* a known item: what the host has said of it */

static void
known(mdr_sink_t *k, mdr_unit_t *u, const mdr_answer_t *answer,
    const mdr_hint_t *hint)
{
    if (u->ready) {
        return;
    }

    u->seen = 1;
    k->stats.known++;

    if (k->conf.known != NULL) {
        u->asked = 1;
        u->answer = *answer;
        u->hint = *hint;
    }
}


/* one that may be beyond its slot's limit is read: whoever is told that it was
 * left out wants to know which it was.  more: items of the parent that are not
 * opened yet */

static int
may_be_over(mdr_sink_t *k, uint32_t slot, uint64_t parent, uint32_t more)
{
    uint32_t  limit = k->model->slots[slot].limit;

    return limit != 0 && k->conf.known != NULL
           && mdr_judge_shown(k, slot, parent)->opened + more > limit;
}


int
mdr_sink_item_known(mdr_sink_t *k, uint32_t item, size_t n, uint32_t at)
{
    mdr_hint_t    hint;
    mdr_unit_t   *u;
    mdr_answer_t  answer;

    u = mdr_unit_of(k, item);

    if (u == NULL || n > k->conf.max_slot) {
        return 0;
    }

    if (may_be_over(k, u->slot, u->parent, 0)
        || !mdr_known_hint(k, u->slot, at, &hint, &answer))
    {
        mdr_seen_where(k->work->seen, at, &u->hash, &u->place);
        return 0;
    }

    known(k, u, &answer, &hint);

    return 1;
}


int
mdr_sink_item_again(mdr_sink_t *k, uint32_t slot, uint64_t start, size_t n,
    uint32_t at, uint64_t parent)
{
    uint32_t      item;
    mdr_hint_t    hint;
    mdr_answer_t  answer;

    if (n > k->conf.max_slot
        || may_be_over(k, slot, parent, 1)
        || !mdr_known_hint(k, slot, at, &hint, &answer))
    {
        return 0;
    }

    item = mdr_sink_item_open(k, slot, MDR_ITEM_ELEMENT, start, start, parent);

    if (item != MDR_NO_ITEM) {
        known(k, mdr_unit_of(k, item), &answer, &hint);
        mdr_sink_item_close(k, item, start + n, start + n);
    }

    return 1;
}


void
mdr_sink_item_keep(mdr_sink_t *k, uint32_t item, uint64_t hash, uint64_t key,
    const uint8_t *p, size_t n)
{
    uint64_t     place;
    mdr_unit_t  *u;

    u = mdr_unit_of(k, item);

    if (u == NULL || u->seen || u->points || n > k->conf.max_slot
        || (u->decided && !u->clean))
    {
        return;
    }

    place = mdr_seen_note(k->work->seen, hash, key, p, n);

    if (place == 0) {
        return;
    }

    u->hash = hash;
    u->place = place;

    if (u->decided) {
        mdr_seen_clean(k->work->seen, hash, place);
    }
}
