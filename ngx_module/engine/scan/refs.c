/*
 * refs.c - places that point to an item of a normalised cache by its member
 * name (`refs` of a slot): {"__ref":"Room:1"} in a list goes with the member
 * "Room:1", ids beside entities likewise.
 *
 * A pointer is an element of its own that waits, and so is held, until the item
 * of its name is decided or the document ends, at most max_slot bytes and 4096
 * at a time.  One that has left before is remembered: the item that it points
 * to is masked then, not removed.  More names than are remembered are counted
 * as too_large.
 */

#include "scan.h"

#include <string.h>


#define REFS_MAX   4096                 /* that wait at once                 */
#define NAMES_MAX  65536                /* that are remembered               */

enum { R_FREE, R_OPEN, R_NAMED };

struct mdr_ref_s {
    mdr_elem_t  *elem;
    uint64_t     name;                  /* hash                              */
    uint32_t     slot;
    uint8_t      state, open;
};


uint64_t
mdr_refs_hash(const char *p, size_t n, uint32_t slot)
{
    size_t    i;
    uint64_t  h;

    for (i = 0, h = 0xcbf29ce484222325ULL ^ slot; i < n; i++) {
        h = (h ^ (uint8_t) p[i]) * 0x100000001b3ULL;
    }

    return h | 1;
}


static int
has(const mdr_names_t *s, uint64_t name)
{
    size_t  i;

    if (s->cap == 0) {
        return 0;
    }

    for (i = name & (s->cap - 1); s->names[i] != 0; i = (i + 1) & (s->cap - 1))
    {
        if (s->names[i] == name) {
            return 1;
        }
    }

    return 0;
}


static void
put(mdr_sink_t *k, mdr_names_t *s, uint64_t name)
{
    size_t     i, j;
    uint64_t  *old;

    if (has(s, name)) {
        return;
    }

    if (s->n == NAMES_MAX) {
        if (!s->full) {
            s->full = 1;
            mdr_sink_error(k, MDR_ERR_TOO_LARGE, MDR_NO_POS,
                           "too many pointers to items");
        }
        return;
    }

    if (2 * s->n >= s->cap) {
        old = s->names;
        j = s->cap;
        s->cap = j != 0 ? 2 * j : 64;
        s->names = mdr_calloc(k->alloc, s->cap * sizeof(uint64_t));

        if (s->names == NULL) {
            s->names = old;
            s->cap = j;
            k->failed = 1;
            return;
        }

        s->n = 0;
        for (i = 0; i < j; i++) {
            if (old[i] != 0) {
                put(k, s, old[i]);
            }
        }
        mdr_free(k->alloc, old);
    }

    for (i = name & (s->cap - 1); s->names[i] != 0; i = (i + 1) & (s->cap - 1))
    {
        /* void */
    }

    s->names[i] = name;
    s->n++;
}


uint32_t
mdr_sink_ref_open(mdr_sink_t *k, uint32_t slot, int kind, uint64_t start,
    uint64_t whole, uint64_t parent)
{
    void        *p;
    uint32_t     i;
    mdr_ref_t   *r;
    mdr_elem_t  *e;

    if (k->failed || k->unread || k->conf.mode != MDR_MODE_ENFORCE) {
        return MDR_NO_ITEM;
    }

    for (i = k->free_ref; i < k->nrefs && k->refs[i].state != R_FREE; i++) {
        /* void */
    }

    if (i == REFS_MAX) {
        return MDR_REF_LEFT;
    }

    if (i == k->nrefs) {
        p = k->refs;
        if (mdr_grow(k->alloc, &p, &k->refs_cap, k->nrefs + 1,
                     sizeof(mdr_ref_t))
            != MDR_OK)
        {
            k->failed = 1;
            return MDR_NO_ITEM;
        }
        k->refs = p;
        k->nrefs++;
    }

    k->free_ref = i + 1;

    e = mdr_items_elem(k, kind, mdr_layer_place(&k->layers, whole), parent);
    if (e == NULL) {
        return MDR_NO_ITEM;
    }

    (void) start;
    e->undecided++;
    e->unclosed++;
    r = &k->refs[i];
    r->elem = e;
    r->slot = slot;
    r->name = 0;
    r->state = R_OPEN;
    r->open = 1;

    return i;
}


/* the pointer stays or goes */

static void
decide(mdr_sink_t *k, uint32_t ref, int remove)
{
    mdr_ref_t   *r;
    mdr_elem_t  *e;

    r = &k->refs[ref];
    e = r->elem;

    if (r->state == R_FREE) {
        return;
    }

    e->undecided--;
    e->remove |= (uint8_t) remove;

    if (!r->open) {
        mdr_items_drop_elem(k, e);
        r->elem = NULL;
    }

    r->state = R_FREE;

    if (ref < k->free_ref && !r->open) {
        k->free_ref = ref;
    }
}


void
mdr_sink_ref_name(mdr_sink_t *k, uint32_t ref, const char *p, size_t n)
{
    uint32_t    i;
    mdr_ref_t  *r;

    if (ref == MDR_REF_LEFT) {
        for (i = 0; i < k->model->nslots; i++) {
            if (k->model->slots[i].refs.len != 0) {
                put(k, &k->left_names, mdr_refs_hash(p, n, i));
            }
        }
        return;
    }

    if (ref >= k->nrefs || k->refs[ref].state != R_OPEN) {
        return;
    }

    r = &k->refs[ref];
    r->name = mdr_refs_hash(p, n, r->slot);
    r->state = R_NAMED;

    if (has(&k->gone_names, r->name)) {
        decide(k, ref, 1);
    }
}


void
mdr_sink_ref_close(mdr_sink_t *k, uint32_t ref, uint64_t end)
{
    mdr_ref_t   *r;
    mdr_elem_t  *e;

    if (ref >= k->nrefs || !k->refs[ref].open) {
        return;
    }

    r = &k->refs[ref];
    e = r->elem;
    r->open = 0;
    e->end = mdr_layer_behind(&k->layers, end);

    mdr_items_elem_closed(k, e);

    if (r->state == R_OPEN) {
        decide(k, ref, 0);              /* no pointer                        */

    } else if (r->state == R_FREE) {
        mdr_items_drop_elem(k, e);
        r->elem = NULL;
        if (ref < k->free_ref) {
            k->free_ref = ref;
        }
    }
}


/* an item of the name is decided */

void
mdr_refs_decided(mdr_sink_t *k, uint64_t name, int removed)
{
    uint32_t  i;

    if (removed) {
        put(k, &k->gone_names, name);
    }

    for (i = 0; i < k->nrefs; i++) {
        if (k->refs[i].state == R_NAMED && k->refs[i].name == name) {
            decide(k, i, removed);
        }
    }
}


/* has a pointer to it left already? */

int
mdr_refs_left(const mdr_sink_t *k, uint64_t name)
{
    return has(&k->left_names, name);
}


/* the document has ended, or nothing more will be read */

void
mdr_sink_refs_end(mdr_sink_t *k)
{
    uint32_t  i;

    if (k->nrefs == 0) {
        return;
    }

    if (mdr_judge_batch(k) != MDR_OK) {     /* all items are decided now     */
        k->failed = 1;
    }

    for (i = 0; i < k->nrefs; i++) {
        if (k->refs[i].state != R_FREE && !k->refs[i].open) {
            decide(k, i, has(&k->gone_names, k->refs[i].name));
        }
    }
}


/* those that have waited for too long leave */

void
mdr_refs_large(mdr_sink_t *k, uint64_t upto)
{
    uint32_t  i;

    for (i = 0; i < k->nrefs; i++) {
        if (k->refs[i].state == R_NAMED
            && upto - k->refs[i].elem->hold > k->conf.max_slot)
        {
            put(k, &k->left_names, k->refs[i].name);
            decide(k, i, 0);

        } else if (k->refs[i].state == R_OPEN
                   && upto - k->refs[i].elem->hold > k->conf.max_slot)
        {
            decide(k, i, 0);            /* an object, no pointer             */
        }
    }
}


void
mdr_refs_free(mdr_sink_t *k)
{
    mdr_free(k->alloc, k->refs);
    mdr_free(k->alloc, k->gone_names.names);
    mdr_free(k->alloc, k->left_names.names);
}
