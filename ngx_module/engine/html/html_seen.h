/*
 * html_seen.h - whole items that were seen before, for the loop of html_fast.c.
 *
 * Where nothing but the item's own element can matter to what is inside it, and
 * nothing outside can notice it, the item is the same wherever its bytes come
 * again (base/seen.h).
 */

#ifndef MDR_HTML_SEEN_H
#define MDR_HTML_SEEN_H

#include "html_modes.h"


/* an item is looked for by the last bytes of its start tag and the first ones
 * behind it: names and numbers stand there */
#define SEEN_TAIL  32
#define SEEN_HEAD  48
#define SEEN_OPEN  128                  /* elements that may be open then    */


/* nothing that is open has a say inside or outside of an item's element */

static inline int
is_alone(const mdr_html_t *h)
{
    return h->mode == M_IN_BODY && h->nformats == 0 && h->paragraphs == 0
           && h->form == 0 && h->quiet == 0 && h->style == 0
           && h->templates == 0
           && h->ncollects == 0 && h->too_deep == 0 && !h->skip_newline
           && !h->frameset_ok;
}


/* the number of the slot and of all that is open: end tags and implied ends
 * inside the item may look for it.  0: too much is open */

static inline uint64_t
surroundings(const mdr_html_t *h, uint32_t slot)
{
    uint8_t   *ns;
    uint32_t   i;
    uint64_t   v[3 + SEEN_OPEN + SEEN_OPEN / 8];

    if (h->n > SEEN_OPEN) {
        return 0;
    }

    v[0] = h->seen_key;
    v[1] = slot;
    v[2] = (uint64_t) h->hook_state << 1 | h->quirks;
    ns = (uint8_t *) (v + 3 + h->n);

    for (i = 0; i < h->n; i++) {
        v[3 + i] = h->open[i].name;
        ns[i] = h->open[i].ns;
    }

    return mdr_seen_number(h->seen, MDR_SEEN_OPEN, v,
                           (3 + h->n) * sizeof(v[0]) + h->n);
}


/* a known item has ended right here: its number, and the slot; the context, if
 * it is known, of what is open */

typedef struct {
    uint32_t  item;                     /* 0: none has                       */
    uint32_t  slot;
    uint64_t  context;
    uint8_t   has_context;
} after_t;


/* The surroundings have the names of what is open.  What its tags were, as far
 * as selectors ask for it, decides whether the next element is an item. */

static inline uint64_t
context_of(const mdr_html_t *h)
{
    return mdr_seen_number(h->seen, MDR_SEEN_BITS, h->bits,
                           (size_t) h->n * h->rules->words
                           * sizeof(h->bits[0]));
}


/* item `at` of the slot has ended, which was on the stack behind `depth` open
 * elements, as is known; was the one of `a` right before it? */

static inline void
ended_known(mdr_html_t *h, after_t *a, uint32_t slot, uint32_t at,
    uint32_t depth)
{
    if (h->n != depth || h->rules->nth) {
        a->item = 0;                    /* its tag has closed others         */
        a->has_context = 0;
        return;
    }

    if (!a->has_context) {
        a->context = context_of(h);
        a->has_context = 1;
    }

    if (a->item != 0 && a->slot == slot && a->context != 0) {
        mdr_seen_follow(h->seen, a->item, at, a->context);
    }

    a->item = at;
    a->slot = slot;
}


/* The item of `a` ended here, and nothing came since but text: does the one
 * that stood behind it before begin at p, at position at?  Its length, and it
 * is done with; or 0.  It was an item of the same slot then, in the same
 * surroundings, of elements that had the same bits. */

static inline size_t
next_item(mdr_html_t *h, after_t *a, const uint8_t *p, const uint8_t *end,
    uint64_t at)
{
    size_t    n;
    uint32_t  next;

    n = mdr_seen_next(h->seen, a->item, a->context, p, (size_t) (end - p),
                      &next);

    if (n == 0
        || !mdr_sink_item_again(h->sink, h->rules->slots[a->slot].slot, at, n,
                                next, h->n != 0 ? mdr_html_top(h)->serial
                                          : UINT64_MAX))
    {
        return 0;
    }

    h->unusual++;
    a->item = next;

    return n;
}


/* the start tag at p, of h->tag.len bytes, has opened an item: its length, if
 * it is known and its end is before end, its number and its slot; else its end
 * is waited for */

static inline size_t
known_item(mdr_html_t *h, const uint8_t *p, const uint8_t *end, uint64_t at,
    uint32_t *seen, uint32_t *slot)
{
    size_t             n;
    uint32_t           from;
    uint64_t           key, hash;
    const mdr_open_t  *e;
    const mdr_live_t  *l;

    l = &h->live[0];
    e = mdr_html_top(h);

    if (h->nlive != 1 || l->serial != e->serial || e->plain == 0
        || (e->marks & (MDR_OPEN_TEXT_END | MDR_OPEN_LISTED)) || !is_alone(h))
    {
        return 0;
    }

    key = surroundings(h, l->slot);

    if (key == 0) {
        return 0;
    }

    from = h->tag.len > SEEN_TAIL ? h->tag.len - SEEN_TAIL : 0;
    hash = mdr_seen_hash(key, p + from, h->tag.len - from + SEEN_HEAD);
    n = mdr_seen_find(h->seen, hash, key, p, (size_t) (end - p), seen);

    if (n != 0 && mdr_sink_item_known(h->sink, l->item, n, *seen)) {
        *slot = l->slot;
        return n;
    }

    h->whole.p = p;
    h->whole.at = at;
    h->whole.serial = e->serial;
    h->whole.hash = hash;
    h->whole.key = key;
    h->whole.unusual = h->unusual;
    h->whole.item = l->item;

    return 0;
}


/* e, the innermost element, is about to end at position end */

static inline void
end_of_whole(mdr_html_t *h, const mdr_open_t *e, uint64_t end)
{
    if (e->serial != h->whole.serial) {
        return;                         /* it stands in there                */
    }

    if (h->whole.unusual == h->unusual && h->nlive == 1
        && !(e->marks & MDR_OPEN_TEXT_END) && is_alone(h))
    {
        mdr_sink_item_keep(h->sink, h->whole.item, h->whole.hash,
                           h->whole.key, h->whole.p,
                           (size_t) (end - h->whole.at));
    }

    h->whole.p = NULL;
}

#endif
