/*
 * markup.h - learned markup: what comes again and again is compared, not read.
 *
 * Pages and feeds say the same markup for each card; only what stands in it is
 * new.  Between two holes (a text, an attribute value, a JSON string or number
 * whose content is free) stands a literal (`"></a><h3 class="title">`).  A
 * state is everything that decides what a scanner makes of what comes next;
 * behind it stand the literals that were seen there, each with the state that
 * it leads to and with what the scanner did because of it (events).
 *
 * What is read is a unit: from a state back to the same state, an element or
 * an entry of a list with all that is in it.  Where the literals of a unit
 * are known, its holes are found and its events are done; where one is not,
 * nothing has been done, and the scanner reads the unit itself (the only one
 * that knows the standard) and records it on the way.  So a scanner is never
 * left in the middle of anything.
 *
 *   markup.c       states, literals, events: the set, and its limits
 *   markup_rec.c   a unit is recorded
 *   markup_walk.c  a unit of HTML is read; markup_walk.h: for one width of
 *                  register; of JSON: json/json_walk.c
 *
 * States are told apart by all their bytes, literals compared byte by byte;
 * hashes only say where to look.
 */

#ifndef MDR_MARKUP_H
#define MDR_MARKUP_H

#include "base/mem.h"

#include <string.h>

#define MDR_STATES         8192         /* of a set                          */
#define MDR_LITERALS       12288
#define MDR_EVENTS         32768
#define MDR_MARKUP_BYTES   (2048 * 1024)
#define MDR_UNIT_MAX       16384        /* bytes of a unit                   */
#define MDR_UNIT_FIRST     2048
#define MDR_UNIT_LEAST     64           /* what is shorter is read faster    */
#define MDR_UNIT_STEPS     250
#define MDR_UNIT_EVENTS    1000
#define MDR_LITERAL_MAX    8192
#define MDR_UNIT_OPEN      128          /* open elements                     */
#define MDR_UNIT_OPENS     1024         /* that its literals leave open      */
#define MDR_UNIT_DEPTH     4            /* open items                        */
#define MDR_UNIT_TEXTS     8            /* that a hole is part of            */
#define MDR_UNIT_PLACES    64           /* of an item                        */

/* what a hole is, by what ends it */
enum { MDR_HOLE_TEXT,                   /* "<"                               */
       MDR_HOLE_ATTR,                   /* '"'                               */
       MDR_HOLE_LINK,                   /* '"', and its bytes are asked for  */
       MDR_HOLE_PART,                   /* the same: the end of a value      */
       MDR_HOLE_NONE,                   /* there is none; of JSON:           */
       MDR_HOLE_STRING,                 /* '"' that is not escaped           */
       MDR_HOLE_WORD,                   /* a number, true, false, null       */
       MDR_HOLE_VALUE,                  /* brackets and what is in them      */
       MDR_HOLE_JS_VALUE,               /* the same in JavaScript; of HTML:  */
       MDR_HOLE_SINGLE,                 /* "'"                               */
       MDR_HOLE_BARE };                 /* white space, ">"                  */

#define MDR_HOLE_BACK      16           /* of its bytes before MDR_HOLE_PART */

/*
 * What a scanner did.  Positions are told from the start of a literal of the
 * unit, so many literals back; ranges are the hole before such a literal, or
 * bytes in it.
 */
enum { MDR_DO_ITEM,                     /* item `live` of slot arg begins in
                                           the element of depth arg >> 16,
                                           which this literal opened as number
                                           `place`, or, 0, none did          */
       MDR_DO_TAG_POINT,
       MDR_DO_OPEN,                     /* place `place` of item `live`      */
       MDR_DO_TEXT,                     /* a hole is text of it              */
       MDR_DO_VALUE,                    /* an attribute's value is           */
       MDR_DO_BREAK,
       MDR_DO_CLOSE,                    /* the place                         */
       MDR_DO_ITEM_END };

#define MDR_IN_HOLE   1u                /* the range is the hole             */
#define MDR_ONLY      2u                /* its text is that hole, no more    */

typedef struct {
    uint8_t   op, live, place, flags;
    uint8_t   back, stop;               /* stop, len: the end of the tag     */
    uint16_t  off, len;
    uint32_t  arg;
} mdr_event_t;

#define MDR_LIT_HEAD  64
#define MDR_BOUNDS    0x80008000u       /* the high bits of both of quick    */

typedef struct {
    uint8_t   head[MDR_LIT_HEAD];       /* its first bytes, and zeros        */
    uint64_t  mask;                     /* which they are, a bit a byte      */
    uint16_t  len;
    uint16_t  low;                      /* open before it, and still behind  */
    uint16_t  live;                     /* the least of its events           */
    uint16_t  serials;                  /* elements that it opened           */
    uint32_t  to;                       /* state                             */
    uint32_t  next;                     /* of the same state, + 1; no longer */
    uint32_t  bytes, events;            /* where they stand in the set       */
    uint16_t  nevents;
    uint16_t  items;                    /* that begin                        */
    uint16_t  tag;                      /* its last tag begins there ...     */
    uint8_t   tag_back;                 /* ... in the literal so far back    */
    uint8_t   first;                    /* it was the first of an item       */
    uint8_t   text;                     /* JSON: the hole before it is the
                                           text of this place + 1, or of more */
    uint8_t   nopens;                   /* elements that it leaves open, in
                                           the place of `low` and above ...  */
    uint8_t   link;                     /* MDR_HOLE_LINK or _PART is behind
                                           it, or 0                          */
    uint8_t   hole, behind;             /* what the holes before it and
                                           behind it are                     */
    uint16_t  doubt;                    /* one of its state begins another   */
    uint32_t  opens;                    /* ... their numbers among those that
                                           it opened, where they stand: 16
                                           bits each                         */
    uint32_t  quick;                    /* low + 1, live + 1 above it; 0: its
                                           first bytes are not all, or doubt */
    uint32_t  then;                     /* what came behind it last, or 0    */
    uint8_t   more[4];                  /* its size is a power of 2          */
} mdr_lit_t;

typedef struct {
    uint32_t  first;                    /* literal + 1                       */
    uint32_t  chain;                    /* state + 1, of the same bucket     */
    uint32_t  hash;
    uint32_t  bytes, len;               /* what it is; none: within a tag    */
    uint8_t   hole;
    uint8_t   stop;                     /* the byte that ends it             */
    uint8_t   nliterals;
    uint8_t   pad[9];
} mdr_state_t;

/* where a unit began before: by the first bytes of its first literal */

#define MDR_STARTS  4096
#define MDR_STARTS_FEW  256             /* of a set that has read little     */

typedef struct {
    uint32_t  hash;
    uint16_t  bans;                     /* so often none is recorded         */
    uint8_t   failed;                   /* so often                          */
    uint8_t   good;                     /* one was recorded, and so often it
                                           may fail to come again            */
} mdr_start_t;

#define MDR_START_GOOD  32

/*
 * What a unit does that is one item, each text of which is one hole or a part
 * of one literal: worked out once for each way through the set.  A spot is a
 * place in a literal of the way.
 */

#define MDR_WAYS       64
#define MDR_WAY_STEPS  48
#define MDR_WAY_TEXTS  8

typedef struct {
    uint16_t  step, off;
} mdr_spot_t;

typedef struct {
    mdr_spot_t  at;                     /* hole: the one before the literal  */
    uint16_t    len;
    uint8_t     place, hole;
} mdr_way_text_t;

typedef struct {
    uint32_t        hash, n;            /* n 0: seen once, not known         */
    uint32_t        lit[MDR_WAY_STEPS];
    uint32_t        events, serials;    /* of all its literals               */
    uint32_t        slot, depth, parent;    /* as MDR_DO_ITEM has them       */
    mdr_spot_t      start, stop, end;   /* of the item; its start tag's end  */
    mdr_spot_t      point;              /* where a tag can be written        */
    uint8_t         pointed;
    uint8_t         card;               /* it is such a unit                 */
    uint8_t         ntexts;             /* in the order of their places      */
    mdr_way_text_t  texts[MDR_WAY_TEXTS];
    uint8_t         nlinks;
    uint8_t         links[MDR_WAY_STEPS];   /* steps before what is asked for*/
} mdr_way_t;

typedef struct {                        /* of a unit that is being recorded  */
    uint32_t  at, len;                  /* the literal, from the unit on     */
    uint32_t  hole;                     /* where the hole before it begins   */
    uint32_t  events, nevents;
    uint32_t  bytes, nbytes;            /* the state that it leads to        */
    uint32_t  opens;
    uint16_t  serials, low, live, nopens;
    uint16_t  tag;
    uint8_t   tag_back;
    uint8_t   kind;                     /* of the hole behind it             */
} mdr_rec_step_t;

typedef struct {                        /* the same, with places in the page */
    uint64_t  a, b;
    uint32_t  arg;
    uint8_t   op, live, place;
} mdr_did_t;

typedef struct {                        /* what the literal at hand leads to */
    const uint8_t *p;                   /* NULL: within a tag                */
    size_t         n;
    uint32_t       before;              /* events that are of it             */
    uint64_t       serial;              /* of the scanner                    */
    const uint64_t  *open;              /* elements that are                 */
    uint32_t       nopen;
    uint8_t        hole;                /* behind it                         */
} mdr_record_state_t;

typedef struct {
    uint8_t        on, bad, never;      /* it cannot be learned; nor any that
                                           begins like it                    */
    uint8_t        hole;                /* before its first literal          */
    uint8_t        live;                /* open before it                    */
    const uint8_t *p;                   /* the unit                          */
    uint64_t       at;
    mdr_start_t   *start;
    uint32_t       nsteps, ndid, nevents, taken;
    uint64_t       serial;              /* of the scanner, at the last state */
    uint64_t       done;                /* what is before has been noted     */

    /* the scanner's own: what it was like at `done`, and at the beginning */
    uint64_t       last_tag;
    uint32_t       before, depth;
    uint8_t        idle;
    uint32_t       nopen;               /* elements open at the last state   */
    uint64_t       open[MDR_UNIT_OPEN];

    uint32_t       nopens;
    uint16_t       opens[MDR_UNIT_OPENS];

    mdr_buf_t      states;              /* the first: of its beginning       */
    uint32_t       begin_len;
    mdr_rec_step_t     steps[MDR_UNIT_STEPS + 1];
    mdr_did_t      did[MDR_UNIT_EVENTS];
    mdr_event_t    events[MDR_UNIT_EVENTS];
} mdr_record_t;

typedef struct {
    const mdr_alloc_t  *alloc;
    uint32_t            users;          /* scanners that have it             */
    mdr_state_t        *states;
    mdr_lit_t      *literals;
    mdr_event_t        *events;
    mdr_buf_t           bytes;          /* of literals and states            */
    size_t              nstates, nliterals, nevents;
    size_t              states_cap, literals_cap, events_cap;
    uint32_t            buckets[256];   /* of states, + 1                    */
    uint32_t            epoch;          /* how often it was made as new      */
    uint8_t             all_holes;      /* no attribute is taken for constant*/
    uint8_t             whole_links;    /* nor the first bytes of a value    */
    uint8_t             crowded;        /* a state had too many literals     */
    uint8_t             links;          /* a literal has one of those below  */
    uint8_t             parts;          /* or ends in a value                */
    mdr_start_t        *starts;         /* few at first: see markup.c        */
    uint32_t            nstarts;
    mdr_way_t          *ways;           /* [MDR_WAYS], or NULL               */

    /* what has been spent, so that a page that never comes again costs little */
    uint32_t            vain;           /* asked in a row                    */
    uint64_t            read, units, unit_bytes, wasted, recorded, resets;
    uint64_t           *all_resets;     /* of the owner's sets, or NULL      */
    mdr_record_t        rec;            /* the last: it is not zeroed        */
} mdr_markup_t;

typedef struct {                        /* the way through a unit            */
    const uint8_t  *p, *end;            /* where it begins; what has come    */
    uint32_t      depth, live;          /* elements and items that are open,
                                           and have to stay so               */
    uint32_t      n, len, hash;
    uint8_t       cut;                  /* it may go on behind the end       */
    uint32_t      lit[MDR_UNIT_STEPS];  /* literal + 1                       */
    uint32_t      at[MDR_UNIT_STEPS];   /* from the unit on                  */
    const mdr_way_t  *way;              /* of these literals, or NULL        */
} mdr_walk_t;


/* markup.c: NULL: no memory */
mdr_markup_t *mdr_markup_new(const mdr_alloc_t *a);
void mdr_markup_free(mdr_markup_t *m);
/* as new */
void mdr_markup_clear(mdr_markup_t *m);
/* the state of those bytes, + 1, or 0: there is none */
uint32_t mdr_markup_find(const mdr_markup_t *m, const uint8_t *p, size_t n);
/* the same; made where there is none, 0: no room */
uint32_t mdr_markup_state(mdr_markup_t *m, const uint8_t *p, size_t n,
    uint8_t hole);
/* the literal of a state, + 1, or 0 */
uint32_t mdr_markup_literal(const mdr_markup_t *m, uint32_t state,
    const uint8_t *p, size_t n);
/* a new one, + 1; 0: no room */
uint32_t mdr_markup_add(mdr_markup_t *m, uint32_t state, const uint8_t *p,
    size_t n, const mdr_event_t *events, size_t nevents);

/* the elements that a literal leaves open; 0: no room */
int mdr_markup_opens(mdr_markup_t *m, uint32_t literal, const uint16_t *opens,
    uint32_t n);

/* may it be tried, may a unit be recorded?  What both cost for nothing is a
 * small part of what has been read; where units come again, more may be spent */
static inline int
mdr_markup_may_try(const mdr_markup_t *m)
{
    return m->wasted <= m->unit_bytes / 2 + m->read / 16 + 8192;
}

static inline int
mdr_markup_may_record(const mdr_markup_t *m)
{
    return !m->rec.on && m->recorded <= m->read / 256 + m->unit_bytes / 16 + 1024;
}

/* how long a unit may be: while none has come again, not much longer than a card
 * is, as the page may be the only one */
static inline uint64_t
mdr_record_most(const mdr_markup_t *m)
{
    return m->unit_bytes != 0 ? MDR_UNIT_MAX : MDR_UNIT_FIRST;
}

/* what is known of units that begin like that; NULL: once is not enough */
mdr_start_t *mdr_markup_asks(mdr_markup_t *m, uint32_t hash);

/* may one be recorded that begins like that? */
static inline int
mdr_start_may_record(const mdr_markup_t *m, mdr_start_t *e)
{
    if (!mdr_markup_may_record(m)) {
        return 0;
    }

    if (e->bans != 0) {
        e->bans--;
        return 0;
    }

    return 1;
}

/* markup_rec.c: the unit at p, position at, in the state of those bytes; 0: no
 * memory */
int mdr_record_begin(mdr_markup_t *m, mdr_start_t *start, const uint8_t *p,
    uint64_t at, const uint8_t *state, size_t n);
void mdr_record_did(mdr_record_t *r, int op, uint32_t live, uint32_t place,
    uint64_t a, uint64_t b, uint32_t arg);
/* the literal at hand ends at a (or there is a hole of no bytes there), a hole
 * goes up to b */
void mdr_record_hole(mdr_record_t *r, uint64_t a, uint64_t b,
    const mdr_record_state_t *to);
/* the unit ends at `end` with a tag that began at `tag` */
void mdr_record_end(mdr_markup_t *m, uint64_t end, uint64_t tag,
    const mdr_record_state_t *to);
/* it is none that can be learned: its end is not there, it is something that is
 * not learned, or it is too long, or too short */
enum { MDR_DROP_CUT, MDR_DROP_ODD, MDR_DROP_LONG };
void mdr_record_drop(mdr_markup_t *m, int why);

/* markup_walk.c: the length of the unit of HTML at w->p, before w->end, with
 * w->depth and w->live, or 0; wide: mdr_html_wide() */
size_t mdr_markup_walk(const mdr_markup_t *m, int wide, uint32_t state,
    mdr_walk_t *w);

/* what was worked out for the way of w, or what is to be worked out (*known is
 * 0); NULL: not now, once is not enough */
mdr_way_t *mdr_markup_way(mdr_markup_t *m, const mdr_walk_t *w, int *known);

static inline const mdr_lit_t *
mdr_walk_lit(const mdr_markup_t *m, const mdr_walk_t *w, uint32_t i)
{
    return &m->literals[w->lit[i] - 1];
}


/* the elements that a literal leaves open, in serials[its low] and above;
 * before: the number of those opened before it */
static inline void
mdr_lit_opened(const mdr_markup_t *m, const mdr_lit_t *l, uint64_t before,
    uint64_t *serials)
{
    uint16_t  n;
    uint32_t  i;

    for (i = 0; i < l->nopens; i++) {
        memcpy(&n, m->bytes.data + l->opens + 2 * i, sizeof(n));
        serials[l->low + i] = before + n;
    }
}


/* where the hole before literal i of the way begins */
static inline uint32_t
mdr_walk_hole(const mdr_markup_t *m, const mdr_walk_t *w, uint32_t i)
{
    return w->at[i - 1] + mdr_walk_lit(m, w, i - 1)->len;
}


/* does the unit begin as an item does? */
static inline int
mdr_markup_is_item(const mdr_markup_t *m, const mdr_walk_t *w)
{
    return w->n != 0 && mdr_walk_lit(m, w, 0)->first;
}

#endif
