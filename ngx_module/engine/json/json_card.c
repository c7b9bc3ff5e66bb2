/*
 * json_card.c - an entry of a list that is one item with learned markup, each
 * text of which stands in it as it is to be matched, as nearly all are.
 *
 * Nothing is noted of such an entry but where its texts stand (scan/cards.c);
 * of several values that are one text, they are put together, with boundaries.
 * Which holes are texts is worked out once for each way through the set.
 * Where anything more has to be done, the entry is begun as any other
 * (json_value.c), and json_learn.c does what its events say.
 */

#include "json.h"

#include <string.h>


/* which holes of the way are texts of which places of the slot */

static void
work_out(const mdr_markup_t *m, const mdr_walk_t *w,
    const mdr_json_slot_t *slot, mdr_way_t *y)
{
    uint32_t            i, k, n;
    mdr_way_text_t      t;
    const mdr_lit_t    *l;
    const mdr_event_t  *e;

    y->card = 1;

    for (i = 0; i < w->n; i++) {
        l = mdr_walk_lit(m, w, i);
        e = m->events + l->events;

        for (n = l->nevents; n != 0; n--, e++) {
            if (e->live != 0 || y->ntexts == MDR_WAY_TEXTS) {
                y->card = 0;
                return;
            }

            memset(&t, 0, sizeof(t));
            t.at.step = (uint16_t) (i - e->back);
            t.place = e->place;
            t.hole = 1;

            /* in the order of places; of one, as they come */

            for (k = y->ntexts++; k > 0 && y->texts[k - 1].place > t.place; k--)
            {
                y->texts[k] = y->texts[k - 1];
            }

            y->texts[k] = t;

            if (k > 0 && y->texts[k - 1].place == t.place
                && slot->places[t.place].pieces)
            {
                y->card = 0;
            }
        }
    }
}


static inline int
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


/* a value that is text, or a part of one */

typedef struct {
    const uint8_t  *p;                  /* as it is to be matched            */
    uint32_t        n;
} value_t;


/* the string of n bytes at p is decoded; 0: it is not as it is to be */

#define AROUND  4                       /* ASCII before it and behind it     */

static int
decode(mdr_json_t *j, const uint8_t *p, size_t n, value_t *v)
{
    size_t    len;
    uint8_t  *to;

    to = mdr_sink_card_room(j->sink, n + 2 * AROUND);

    if (to == NULL) {
        return 0;
    }

    memset(to, '"', AROUND);
    to += AROUND;
    len = mdr_json_decode(p, n, to);

    if (len == SIZE_MAX) {
        return 0;
    }

    memset(to + len, '"', AROUND);
    v->p = to;
    v->n = (uint32_t) len;

    return len == 0 || mdr_text_is_ready(to, len);
}


/* the value in hole s of the unit is piece i of the card, v as it is to be
 * matched; 0: it is not as it is to be */

static int
value(mdr_json_t *j, mdr_card_t *c, uint32_t i, uint32_t s, value_t *v)
{
    uint8_t            hole;
    uint32_t           from, to;
    const uint8_t     *p;
    const mdr_walk_t  *w;

    w = &j->walk;
    p = w->p;
    from = mdr_walk_hole(j->learn, w, s);
    to = w->at[s];
    hole = j->learn->states[mdr_walk_lit(j->learn, w, s - 1)->to].hole;
    c->pieces[i].escaped = hole == MDR_HOLE_STRING && w->odd[s];

    if (c->pieces[i].escaped) {
        c->pieces[i].p = p + from;
        c->pieces[i].len = to - from;
        return decode(j, p + from, to - from, v);
    }

    if (hole == MDR_HOLE_WORD) {
        to = p[from] == 'n' ? from : to;        /* null                      */

    } else {
        while (from < to && is_space(p[to - 1])) {
            to--;
        }

        while (from < to && is_space(p[from])) {
            from++;
        }
    }

    v->p = p + from;
    v->n = to - from;
    c->pieces[i].p = v->p;
    c->pieces[i].len = v->n;

    return from == to || hole == MDR_HOLE_WORD
           || ((size_t) (w->end - p) >= to + MDR_TEXT_BEHIND
               && mdr_text_is_ready(p + from, to - from));
}


/* the values v, pieces [first, first + n) of the card, are the text; 0: no
 * room */

static int
join(mdr_json_t *j, mdr_card_t *c, mdr_card_text_t *t, uint32_t first,
    uint32_t n, const value_t *v)
{
    size_t    len;
    uint8_t  *to;
    uint32_t  i;

    t->len = 0;
    t->first = (uint8_t) first;
    t->pieces = 0;

    if (n == 0) {
        return 1;
    }

    if (n == 1) {
        t->p = v[0].p;
        t->len = v[0].n;
        t->pieces = c->pieces[first].escaped;
        return 1;
    }

    for (i = 0, len = n - 1; i < n; i++) {
        len += v[i].n;
    }

    to = mdr_sink_card_room(j->sink, len);

    if (to == NULL) {
        return 0;
    }

    t->p = to;
    t->len = (uint32_t) len;
    t->pieces = (uint8_t) n;

    for (i = 0; i < n; i++) {
        if (i != 0) {
            *to++ = MDR_TEXT_BREAK;
        }

        memcpy(to, v[i].p, v[i].n);
        to += v[i].n;
    }

    return 1;
}


static int
texts(mdr_json_t *j, const mdr_way_t *y, mdr_card_t *c)
{
    uint32_t          i, first, pieces;
    value_t           v[MDR_CARD_TEXTS];
    mdr_card_text_t  *t;

    c->ntexts = 0;
    pieces = 0;

    for (i = 0; i < y->ntexts; ) {
        t = &c->texts[c->ntexts++];
        t->place = y->texts[i].place;
        first = pieces;

        for ( ; i < y->ntexts && y->texts[i].place == t->place; i++) {
            if (!value(j, c, pieces, y->texts[i].at.step, &v[pieces])) {
                return 0;
            }

            pieces += v[pieces].n != 0;
        }

        if (!join(j, c, t, first, pieces - first, v + first)) {
            return 0;
        }
    }

    return 1;
}


/* the slot whose items alone begin at the node, or NULL */

static const mdr_json_slot_t *
only_slot(const mdr_json_t *j, const mdr_json_node_t *node)
{
    const mdr_json_slot_t  *s;

    if (node->nitems != 1 || node->nlive != 0 || node->refs != 0) {
        return NULL;
    }

    s = &j->rules->slots[node->items[0]];

    return s->nest == 0 && !s->ref ? s : NULL;
}


/* the card is the entry of len bytes at p: it has ended */

static void
entry(mdr_json_t *j, mdr_json_frame_t *f, uint64_t at, size_t len)
{
    j->unusual++;
    f->child = NULL;
    f->touched = 0;
    mdr_json_ended(j, f, at + len);
}


/* its length, where it was seen before without a hit; else where it is to be
 * kept (key 0: it is not) */

static size_t
known(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    const mdr_json_node_t *node, uint64_t *key, uint64_t *hash)
{
    size_t                  len;
    uint32_t                number;
    mdr_card_t             *c;
    mdr_json_frame_t       *f;
    const mdr_json_slot_t  *s;

    *key = 0;
    *hash = 0;

    if (j->seen == NULL || j->type == MDR_TYPE_NDJSON
        || n < MDR_JSON_SEEN_HEAD)
    {
        return 0;
    }

    *key = mdr_json_seen_key(j, node, j->n + 1);

    if (*key == 0) {
        return 0;
    }

    *hash = mdr_seen_hash(*key, p, MDR_JSON_SEEN_HEAD);
    len = mdr_seen_find(j->seen, *hash, *key, p, n, &number);

    if (len == 0) {
        return 0;
    }

    s = &j->rules->slots[node->items[0]];
    f = &j->frames[j->n - 1];
    c = mdr_sink_card(j->sink, s->slot, len);

    if (c == NULL) {
        return 0;
    }

    c->slot = s->slot;
    c->p = p;
    c->start = at;
    c->end = at + len;
    c->parent = f->list;
    c->list = NULL;                     /* it will be no element             */
    c->tag = MDR_NO_POS;
    mdr_sink_list_element(j->sink, f->list, at);

    if (!mdr_sink_card_known(j->sink, c)) {
        return 0;
    }

    entry(j, f, at, len);

    return len;
}


size_t
mdr_json_card(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    const mdr_json_node_t *node)
{
    int                     worked;
    size_t                  len;
    uint64_t                key, hash;
    mdr_way_t              *y;
    mdr_card_t             *c;
    mdr_markup_t           *m;
    mdr_json_frame_t       *f;
    const mdr_json_slot_t  *s;

    m = j->learn;
    f = &j->frames[j->n - 1];

    if (j->rec != NULL || j->relaxed || !f->array || f->list == 0
        || j->whole.p != NULL || j->nlive != 0)
    {
        return 0;
    }

    s = only_slot(j, node);

    if (s == NULL) {
        return 0;
    }

    len = known(j, p, n, at, node, &key, &hash);

    if (len != 0) {
        return len;
    }

    if (m == NULL || node->opened == NULL
        || node->opened->here_epoch != m->epoch || node->opened->here == 0
        || !mdr_markup_may_try(m))
    {
        return 0;
    }

    len = mdr_json_walk(j, node->opened->here - 1, p + 1, n - 1, at + 1);

    if (len == 0 || (j->type == MDR_TYPE_NDJSON
                     && memchr(p, '\n', len + 1) != NULL))
    {
        return 0;
    }

    y = mdr_markup_way(m, &j->walk, &worked);

    if (y == NULL) {
        return 0;
    }

    if (!worked) {
        work_out(m, &j->walk, s, y);
    }

    len++;
    c = y->card ? mdr_sink_card(j->sink, s->slot, len) : NULL;

    if (c == NULL || !texts(j, y, c)) {
        return 0;
    }

    c->slot = s->slot;
    c->p = p;
    c->start = at;
    c->end = at + len;
    c->parent = f->list;
    c->place = 0;
    c->tag = at + 1 + mdr_json_last_end(j);

    if (key != 0) {
        mdr_sink_card_keep(j->sink, c, hash, key, p, len);
    }

    mdr_sink_list_element(j->sink, f->list, at);
    mdr_sink_card_entry(j->sink, c);
    m->unit_bytes += len;
    m->units++;
    entry(j, f, at, len);

    return len;
}
