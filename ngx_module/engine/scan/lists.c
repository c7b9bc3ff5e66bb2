/*
 * lists.c - JSON lists that may hold items: where their elements and commas
 * are, so that a removal takes exactly one comma with it (see items.c).
 */

#include "scan.h"


mdr_list_t *
mdr_list_find(mdr_sink_t *k, uint64_t id)
{
    mdr_list_t  *l;

    for (l = k->lists; l != NULL; l = l->next) {
        if (l->id == id) {
            return l;
        }
    }

    return NULL;
}


void
mdr_list_unref(mdr_sink_t *k, mdr_list_t *l)
{
    if (--l->refs == 0 && l->closed) {
        mdr_free(k->alloc, l);
    }
}


void
mdr_sink_list_open(mdr_sink_t *k, uint64_t id, uint64_t at)
{
    mdr_list_t  *l;

    (void) at;

    l = mdr_calloc(k->alloc, sizeof(mdr_list_t));
    if (l == NULL) {
        k->failed = 1;
        return;
    }

    l->id = id;
    l->comma = MDR_NO_POS;
    l->element = MDR_NO_POS;
    l->next = k->lists;
    k->lists = l;
}


/* what comes behind the element before is known now */

void
mdr_list_follow(mdr_sink_t *k, mdr_list_t *l, uint64_t at)
{
    if (l->last != NULL) {
        l->last->follow = at;
        l->last = NULL;
    }

    if (l->card != NULL) {
        l->card->follow = at;
        l->card = NULL;
    }

    if (l->tail != 0) {
        mdr_edit_end(k, l->tail, at);
        l->tail = 0;
    }
}


void
mdr_sink_list_element(mdr_sink_t *k, uint64_t id, uint64_t at)
{
    mdr_list_t  *l;

    l = mdr_list_find(k, id);
    if (l == NULL) {
        return;
    }

    at = mdr_layer_place(&k->layers, at);
    mdr_list_follow(k, l, at);
    l->count++;
    l->element = at;
}


void
mdr_sink_list_comma(mdr_sink_t *k, uint64_t id, uint64_t at)
{
    mdr_list_t  *l;

    l = mdr_list_find(k, id);
    if (l != NULL) {
        l->comma = mdr_layer_place(&k->layers, at);
    }
}


void
mdr_sink_list_close(mdr_sink_t *k, uint64_t id, uint64_t at)
{
    uint32_t      i;
    mdr_list_t   *l, **pl;
    mdr_count_t  *c;

    for (pl = &k->lists; *pl != NULL && (*pl)->id != id; pl = &(*pl)->next) {
        /* void */
    }

    l = *pl;
    if (l == NULL) {
        return;
    }

    at = mdr_layer_place(&k->layers, at);
    mdr_list_follow(k, l, at);

    if (l->cards && mdr_judge_batch(k) != MDR_OK) {
        k->failed = 1;
    }

    *pl = l->next;
    l->closed = 1;

    for (i = 0; i < k->plan->nslots; i++) {
        c = &k->counts[i];
        if (c->state == 1 && c->list == id
            && at - c->start <= k->conf.max_slot)
        {
            c->state = 3;
        }
    }

    if (l->refs == 0) {
        mdr_free(k->alloc, l);
    }
}
