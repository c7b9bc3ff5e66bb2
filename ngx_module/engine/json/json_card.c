/*
 * json_card.c - entries of a list that are one item each with learned markup,
 * as nearly all are.
 *
 * Nothing is noted of such an entry but where its texts stand (scan/cards.c);
 * of several values that are one text, they are put together, with boundaries.
 * One entry is read behind the other, as long as that holds.  Where anything
 * more has to be done, the entry is begun as any other (json_value.c), and
 * json_learn.c does what its events say.
 */

#include "json.h"

#include <string.h>


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


/* the value x is not as it is to be matched: what it is then; 0: that cannot be
 * told here */

static int
other_value(mdr_json_t *j, const mdr_json_walk_text_t *x, value_t *v)
{
    size_t          n;
    const uint8_t  *p;

    p = x->p;
    n = x->n;

    if (x->odd) {
        return decode(j, p, n, v);
    }

    if (x->hole == MDR_HOLE_WORD) {
        n = p[0] == 'n' ? 0 : n;        /* null                              */

    } else {
        while (n > 0 && is_space(p[n - 1])) {
            n--;
        }

        while (n > 0 && is_space(p[0])) {
            p++;
            n--;
        }
    }

    v->p = p;
    v->n = (uint32_t) n;

    return n == 0 || x->hole == MDR_HOLE_WORD
           || ((size_t) (j->walk.end - p) >= n + MDR_TEXT_BEHIND
               && mdr_text_is_ready(p, n));
}


static inline int
value(mdr_json_t *j, const mdr_json_walk_text_t *x, value_t *v)
{
    v->p = x->p;
    v->n = x->n;

    return x->ready || other_value(j, x, v);
}


/* n bytes, 16 at a time: so many more can be read and written */

static inline uint8_t *
copy(uint8_t *to, const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i += 16) {
        memcpy(to + i, p + i, 16);
    }

    return to + n;
}


/* the n values v are the text; 0: no room */

static int
join(mdr_json_t *j, mdr_card_text_t *t, uint32_t n, const value_t *v)
{
    size_t    len;
    uint8_t  *to;
    uint32_t  i;

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

        to = copy(to, v[i].p, v[i].n);
    }

    return 1;
}


/* the texts of the unit by their places, of one as they come */

static void
by_place(mdr_json_walk_t *w)
{
    uint32_t              i, k;
    mdr_json_walk_text_t  t;

    for (i = 1; i < w->ntexts; i++) {
        if (w->texts[i - 1].place <= w->texts[i].place) {
            continue;
        }

        t = w->texts[i];

        for (k = i; k > 0 && w->texts[k - 1].place > t.place; k--) {
            w->texts[k] = w->texts[k - 1];
        }

        w->texts[k] = t;
    }
}


/* what the unit has of texts, for the card, where several are of one place or not in order */

static int
many_texts(mdr_json_t *j, const mdr_json_slot_t *s, mdr_card_t *c)
{
    uint32_t                     first, n;
    value_t                      v[MDR_CARD_TEXTS];
    mdr_card_text_t             *t;
    const mdr_json_walk_text_t  *x, *end;

    by_place(&j->walk);
    x = j->walk.texts;
    end = x + j->walk.ntexts;
    c->ntexts = 0;

    for (n = 0; x < end; ) {
        t = &c->texts[c->ntexts++];
        t->place = x->place;
        t->len = 0;
        t->pieces = 0;
        t->first = (uint8_t) n;

        if (x + 1 < end && x[1].place == t->place
            && s->places[t->place].pieces)
        {
            return 0;
        }

        for (first = n; x < end && x->place == t->place; x++) {
            if (!value(j, x, &v[n])) {
                return 0;
            }

            c->pieces[n].p = x->odd ? x->p : v[n].p;
            c->pieces[n].len = x->odd ? x->n : v[n].n;
            c->pieces[n].escaped = x->odd;
            n += v[n].n != 0;
        }

        if (n == first + 1) {
            t->p = v[first].p;
            t->len = v[first].n;
            t->pieces = c->pieces[first].escaped;

        } else if (n != first && !join(j, t, n - first, v + first)) {
            return 0;
        }
    }

    return 1;
}


/* what the unit has of texts, for the card; 0: they have to be read */

static int
texts(mdr_json_t *j, const mdr_json_slot_t *s, mdr_card_t *c)
{
    uint32_t                     i;
    value_t                      v;
    mdr_card_text_t             *t;
    const mdr_json_walk_text_t  *x;

    if (j->walk.order) {
        return many_texts(j, s, c);
    }

    x = j->walk.texts;
    t = c->texts;
    c->ntexts = j->walk.ntexts;

    for (i = 0; i < j->walk.ntexts; i++, x++, t++) {
        if (!value(j, x, &v)) {
            return 0;
        }

        t->p = v.p;
        t->len = v.n;
        t->place = x->place;
        t->first = (uint8_t) i;
        t->pieces = x->odd;

        if (x->odd) {
            c->pieces[i].p = x->p;
            c->pieces[i].len = x->n;
            c->pieces[i].escaped = 1;
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


/* the entry at p was seen before without a hit: its length, or 0; *hash, by
 * which it is kept */

static size_t
known(mdr_json_t *j, mdr_json_frame_t *f, const mdr_json_slot_t *s,
    const uint8_t *p, size_t n, uint64_t at, uint64_t key, uint64_t *hash)
{
    size_t       len;
    uint32_t     number;
    mdr_card_t  *c;

    *hash = mdr_seen_hash(key, p, MDR_JSON_SEEN_HEAD);
    len = mdr_seen_find(j->seen, *hash, key, p, n, &number);
    c = len != 0 ? mdr_sink_card(j->sink, s->slot, len) : NULL;

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


/* the object at p, an element of f, is a card of the slot: its length, or 0.
 * key: it may have been seen before, or 0 */

static size_t
card(mdr_json_t *j, mdr_json_frame_t *f, const mdr_json_slot_t *s,
    const uint8_t *p, size_t n, uint64_t at, const mdr_json_node_t *node,
    uint64_t key)
{
    size_t         len;
    uint64_t       hash;
    mdr_card_t    *c;
    mdr_markup_t  *m;

    m = j->learn;
    hash = 0;
    key = n < MDR_JSON_SEEN_HEAD ? 0 : key;

    if (key != 0) {
        len = known(j, f, s, p, n, at, key, &hash);
        if (len != 0) {
            return len;
        }
    }

    if (m == NULL || node->opened == NULL
        || node->opened->here_epoch != m->epoch || node->opened->here == 0
        || !mdr_markup_may_try(m))
    {
        return 0;
    }

    len = mdr_json_walk(j, node->opened->here - 1, p + 1, n - 1, at + 1);

    if (len == 0 || j->walk.more
        || (j->type == MDR_TYPE_NDJSON && memchr(p, '\n', len + 1) != NULL))
    {
        return 0;
    }

    len++;
    c = mdr_sink_card(j->sink, s->slot, len);

    if (c == NULL || !texts(j, s, c)) {
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

    mdr_sink_card_entry(j->sink, c);
    m->unit_bytes += len;
    m->units++;
    entry(j, f, at, len);

    return len;
}


/* the comma behind the card that ended at p + i and the bracket of an entry
 * behind it; where that is, or 0 */

static size_t
next_entry(mdr_json_t *j, mdr_json_frame_t *f, const uint8_t *p, size_t n,
    size_t i, uint64_t at)
{
    size_t  comma;

    if (f->node->indexed) {
        return 0;                       /* it may be of another node         */
    }

    if (n - i > 2 && p[i] == ',' && p[i + 1] == '{') {
        comma = i;
        i++;

    } else {
        if (j->type == MDR_TYPE_NDJSON) {
            return 0;
        }

        comma = mdr_json_spaces(p, n, i);
        i = comma < n && p[comma] == ','
            ? mdr_json_spaces(p, n, comma + 1) : n;

        if (n - i < 2 || p[i] != '{') {
            return 0;
        }
    }

    mdr_sink_list_comma(j->sink, f->list, at + comma);
    f->comma = at + comma;
    j->expect = MDR_JSON_VALUE;

    return i;
}


size_t
mdr_json_cards(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    const mdr_json_node_t *node)
{
    size_t                  i, k;
    uint64_t                key;
    mdr_json_frame_t       *f;
    const mdr_json_slot_t  *s;

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

    key = j->seen != NULL && j->type != MDR_TYPE_NDJSON
          ? mdr_json_seen_key(j, node, j->n + 1) : 0;

    for (i = 0; ; i = k) {
        k = card(j, f, s, p + i, n - i, at + i, node, key);

        if (k == 0) {
            return i;
        }

        i += k;
        k = next_entry(j, f, p, n, i, at);

        if (k == 0) {
            return i;
        }
    }
}
