/*
 * html_learn.h - learned markup (markup/markup.h) in the HTML scanner.
 *
 *   html_learn.c   states, and where a unit begins
 *   html_note.c    one is recorded
 *   html_unit.c    what a known unit does
 *   html_card.c    one that is an item with whole texts
 */

#ifndef MDR_HTML_LEARN_H
#define MDR_HTML_LEARN_H

#include "html.h"

/* a formatting element's attributes count when a fourth comes (html_format.c):
 * in a unit there are never so many */
#define MDR_UNIT_FORMATS  3

/* does what the unit of w at p does; 0: what follows it is known in another
 * way, perhaps */
typedef int (*mdr_html_unit_pt)(mdr_html_t *h, const mdr_walk_t *w,
    uint64_t at, void *ctx);

/* units from the start tag at q on, at position at: bytes of those that are
 * known.  Then h->rec may be set (what follows is a unit that is being
 * recorded) or h->wait (an item that begins there is waited for) */
size_t mdr_html_learned(mdr_html_t *h, const uint8_t *q, const uint8_t *end,
    uint64_t at, mdr_html_unit_pt unit, void *ctx);

/* everything that decides what the tokenizer, between two tokens, makes of
 * what comes next, in MDR_HTML_STATE bytes; 0: it cannot be told */
#define MDR_HTML_STATE  4096
size_t mdr_html_state(const mdr_html_t *h, uint8_t *to);

/* what a unit may never come to, not even within a literal */
static inline int
mdr_html_is_told(const mdr_html_t *h)
{
    return !h->stop && !h->xml && h->looked == 0 && h->script == NULL
           && h->too_deep == 0 && h->nest_group == 0 && !h->leaf
           && h->nformats <= MDR_UNIT_FORMATS && h->nlive <= MDR_UNIT_DEPTH;
}

/* html_unit.c */

typedef struct {                        /* a unit that is one item           */
    uint64_t  hash, key;                /* of base/seen.h                    */
    uint32_t  seen;                     /* its number there, or 0            */
    uint8_t   known;                    /* out: its texts did not have to
                                           come                              */
} mdr_html_keep_t;

/* the item that the unit is, as a whole, in rules->slots: the length of its
 * start tag; 0: it is none */
uint32_t mdr_html_unit_item(const mdr_html_t *h, const mdr_walk_t *w,
    uint32_t *slot);
/* does what the unit at position at does; y: its way, or NULL; keep: or NULL */
void mdr_html_unit(mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    uint64_t at, mdr_html_keep_t *keep);

/* html_card.c: what was worked out for this way; NULL: nothing yet */
const mdr_way_t *mdr_html_way(mdr_html_t *h, const mdr_walk_t *w);
/* the unit is a card (y->card): it is done; 0: html_unit.c has to do it */
int mdr_html_card(mdr_html_t *h, const mdr_walk_t *w, const mdr_way_t *y,
    uint64_t at, mdr_html_keep_t *keep);

/* html_note.c: a unit that is being recorded (h->rec): what has been read, what
 * was done */
void mdr_html_note_begin(mdr_html_t *h, mdr_start_t *start, const uint8_t *p,
    uint64_t at, const uint8_t *state, size_t n);
void mdr_html_note(mdr_html_t *h, const uint8_t *p, uint64_t at);
void mdr_html_note_end(mdr_html_t *h, uint64_t at);
uint32_t mdr_html_live_of(const mdr_html_t *h, uint32_t item);
void mdr_html_did_item(mdr_html_t *h, uint32_t slot, uint32_t at);

static inline void
mdr_html_not_ended(mdr_html_t *h, uint64_t at)
{
    if (h->rec != NULL) {
        mdr_html_note_end(h, at);
    }
}

static inline void
mdr_html_did(mdr_html_t *h, int op, uint32_t item, uint32_t place, uint64_t a,
    uint64_t b)
{
    if (h->rec != NULL) {
        mdr_record_did(h->rec, op, mdr_html_live_of(h, item), place, a, b, 0);
    }
}

/* a text is the hole at hand (its tokens are no markup), or it is none */
static inline void
mdr_html_did_text(mdr_html_t *h, const mdr_collect_t *c, uint64_t at, size_t n,
    int nul)
{
    if (h->rec != NULL) {
        mdr_record_did(h->rec, MDR_DO_TEXT, mdr_html_live_of(h, c->item),
                       c->place, at, at + n, (uint32_t) nul);
    }
}

/* something that no unit may do */
static inline void
mdr_html_did_odd(mdr_html_t *h)
{
    if (h->rec != NULL) {
        h->rec->bad = 1;
    }
}

#endif
