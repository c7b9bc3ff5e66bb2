/*
 * markup_rec.c - a unit is recorded while its scanner reads it.
 *
 * Nothing is learned before the unit has come to its end: what does not end in
 * the state in which it began is of no use.
 */

#include "markup.h"

#include <string.h>


int
mdr_record_begin(mdr_markup_t *m, mdr_start_t *start, const uint8_t *p,
    uint64_t at, const uint8_t *state, size_t n)
{
    mdr_record_t  *r;

    r = &m->rec;
    r->states.len = 0;

    if (mdr_buf_add(&r->states, state, n) != MDR_OK) {
        return 0;
    }

    r->on = 1;
    r->bad = 0;
    r->never = 0;
    r->hole = MDR_HOLE_TEXT;
    r->begin_len = (uint32_t) n;
    r->p = p;
    r->at = at;
    r->start = start;
    r->nsteps = 0;
    r->ndid = 0;
    r->nevents = 0;
    r->taken = 0;
    r->done = at;
    r->live = 0;
    r->nopen = 0;
    r->nopens = 0;
    r->steps[0].at = 0;
    r->steps[0].hole = 0;

    return 1;
}


void
mdr_record_did(mdr_record_t *r, int op, uint32_t live, uint32_t place,
    uint64_t a, uint64_t b, uint32_t arg)
{
    mdr_did_t  *d;

    if (r->ndid == MDR_UNIT_EVENTS || live < r->live
        || live >= MDR_UNIT_DEPTH || place >= MDR_UNIT_PLACES)
    {
        r->bad = 1;
        return;
    }

    d = &r->did[r->ndid++];
    d->op = (uint8_t) op;
    d->live = (uint8_t) live;
    d->place = (uint8_t) place;
    d->a = a;
    d->b = b;
    d->arg = arg;
}


/* where position at is, seen from the literal at hand */

static int
seen_from(const mdr_record_t *r, uint64_t at, uint8_t *back, uint16_t *off)
{
    uint32_t           k, here;
    const mdr_rec_step_t  *s;

    if (at < r->at || at - r->at > UINT32_MAX) {
        return 0;
    }

    here = (uint32_t) (at - r->at);

    for (k = r->nsteps; ; k--) {
        s = &r->steps[k];

        if (here >= s->at && here - s->at <= s->len) {
            *back = (uint8_t) (r->nsteps - k);
            *off = (uint16_t) (here - s->at);
            return 1;
        }

        if (k == 0) {
            return 0;
        }
    }
}


static int
seen_hole(const mdr_record_t *r, uint64_t a, uint64_t b, uint8_t *back)
{
    uint32_t           k;
    const mdr_rec_step_t  *s;

    for (k = r->nsteps; k > 0; k--) {
        s = &r->steps[k];

        if (r->at + s->hole == a && r->at + s->at == b) {
            *back = (uint8_t) (r->nsteps - k);
            return 1;
        }
    }

    return 0;
}


static int
same_text(const mdr_did_t *a, const mdr_did_t *b)
{
    return a->live == b->live && a->place == b->place;
}


/* the events before number n belong to the literal at hand */

static void
take(mdr_record_t *r, uint32_t n)
{
    uint32_t          i;
    mdr_rec_step_t       *s;
    mdr_event_t      *e;
    const mdr_did_t  *d;

    s = &r->steps[r->nsteps];
    s->events = r->nevents;
    s->nevents = 0;

    for (i = r->taken; i < n; i++) {
        d = &r->did[i];
        e = &r->events[r->nevents++];
        memset(e, 0, sizeof(*e));
        e->op = d->op;
        e->live = d->live;
        e->place = d->place;
        e->arg = d->arg;
        s->nevents++;
        s->live = d->live < s->live ? d->live : s->live;

        switch (d->op) {

        case MDR_DO_OPEN:
            break;

        case MDR_DO_TEXT:
        case MDR_DO_VALUE:
            if (seen_hole(r, d->a, d->b, &e->back)) {
                e->flags = MDR_IN_HOLE;

                if (i > 0 && i + 1 < n && r->did[i - 1].op == MDR_DO_OPEN
                    && r->did[i + 1].op == MDR_DO_CLOSE
                    && same_text(d, &r->did[i - 1])
                    && same_text(d, &r->did[i + 1]))
                {
                    e->flags |= MDR_ONLY;
                }

            } else if (d->op == MDR_DO_TEXT
                       || !seen_from(r, d->a, &e->back, &e->off)
                       || d->b - d->a > MDR_LITERAL_MAX
                       || e->off + (d->b - d->a)
                          > r->steps[r->nsteps - e->back].len)
            {
                r->bad = 1;

            } else {
                e->len = (uint16_t) (d->b - d->a);
            }
            break;

        case MDR_DO_ITEM:
            if (!seen_from(r, d->b, &e->stop, &e->len)) {
                r->bad = 1;
            }

            /* fall through */

        default:
            if (!seen_from(r, d->a, &e->back, &e->off)) {
                r->bad = 1;
            }
        }
    }

    r->taken = n;
}


/* the literal at hand ends at a */

static mdr_rec_step_t *
close_literal(mdr_record_t *r, uint64_t a)
{
    mdr_rec_step_t  *s;

    s = &r->steps[r->nsteps];

    if (a - r->at > MDR_UNIT_MAX || a - r->at <= s->at
        || a - r->at - s->at > MDR_LITERAL_MAX)
    {
        r->bad = 1;
        return NULL;
    }

    s->len = (uint32_t) (a - r->at) - s->at;
    s->events = r->nevents;
    s->nevents = 0;
    s->serials = 0;
    s->live = UINT16_MAX;
    s->low = UINT16_MAX;
    s->nopens = 0;
    s->nbytes = 0;
    s->tag = 0;
    s->tag_back = 0;

    return s;
}


/* what the literal s, which is at hand, leaves open, and what is open that was
 * before it */

static void
leave_open(mdr_record_t *r, mdr_rec_step_t *s, const mdr_record_state_t *to)
{
    uint32_t  i;
    uint64_t  n;

    for (i = 0; i < to->nopen && i < r->nopen && to->open[i] == r->open[i]; i++)
    {
        /* void */
    }

    s->low = (uint16_t) i;
    s->opens = r->nopens;
    s->serials = (uint16_t) (to->serial - r->serial);

    for ( ; i < to->nopen; i++) {
        n = to->open[i] - r->serial;

        if (to->open[i] <= r->serial || n > UINT16_MAX
            || r->nopens == MDR_UNIT_OPENS)
        {
            r->bad = 1;
            return;
        }

        r->opens[r->nopens++] = (uint16_t) n;
        r->open[i] = to->open[i];
        s->nopens++;
    }

    r->bad |= to->serial - r->serial > UINT16_MAX;
    r->nopen = to->nopen;
    r->serial = to->serial;
}


void
mdr_record_hole(mdr_record_t *r, uint64_t a, uint64_t b,
    const mdr_record_state_t *to)
{
    mdr_rec_step_t  *s;

    s = close_literal(r, a);

    if (s == NULL || r->nsteps + 1 == MDR_UNIT_STEPS
        || b - r->at > MDR_UNIT_MAX)
    {
        r->bad = 1;
        return;
    }

    s->kind = to->hole;

    if (to->p != NULL) {
        take(r, to->before);
        leave_open(r, s, to);
        s->bytes = (uint32_t) r->states.len;
        s->nbytes = (uint32_t) to->n;

        if (mdr_buf_add(&r->states, to->p, to->n) != MDR_OK) {
            r->bad = 1;
            return;
        }
    }

    s = &r->steps[++r->nsteps];
    s->hole = (uint32_t) (a - r->at);
    s->at = (uint32_t) (b - r->at);
    s->len = MDR_LITERAL_MAX;           /* it goes on                        */
}


/* what is too long is so each time; else it is tried now and then */

#define LONG  60000

void
mdr_record_drop(mdr_markup_t *m, int why)
{
    mdr_start_t  *e;

    e = m->rec.start;
    m->rec.on = 0;

    if (m->rec.done > m->rec.at) {
        m->recorded += m->rec.done - m->rec.at;
    }

    if (why == MDR_DROP_CUT) {
        return;
    }

    if (why == MDR_DROP_LONG || m->rec.never
        || m->rec.nsteps + 1 == MDR_UNIT_STEPS)
    {
        e->bans = LONG;
        return;
    }

    e->failed = (uint8_t) (e->failed < 9 ? e->failed + 2 : 10);
    e->bans = (uint16_t) (16u << e->failed);
}


/* of JSON: the place + 1 whose text the hole before it is, 0: none */

static uint8_t
text_of(const mdr_markup_t *m, const mdr_lit_t *l)
{
    const mdr_event_t  *e;

    e = m->events + l->events;

    return l->nevents == 0 ? 0
           : l->nevents == 1 && e->op == MDR_DO_TEXT && e->live == 0
             && e->back == 0 && (e->flags & MDR_IN_HOLE)
           ? (uint8_t) (e->place + 1) : UINT8_MAX;
}


/* what is asked of a literal that is all in its head (markup_walk.h) */

#define QUICK_MOST  0x7ffeu             /* open elements and items are fewer */

static uint32_t
quick(const mdr_lit_t *l)
{
    uint32_t  low, live;

    if (l->len > MDR_LIT_HEAD || l->doubt) {
        return 0;
    }

    low = l->low < QUICK_MOST ? l->low : QUICK_MOST;
    live = l->live < QUICK_MOST ? l->live : QUICK_MOST;

    return (low + 1) | (live + 1) << 16;
}


/* the literals of the unit, with their states; 0: no room */

static int
merge(mdr_markup_t *m)
{
    uint32_t           k, state, to, i, begin;
    const uint8_t     *p;
    mdr_lit_t     *l;
    mdr_record_t      *r;
    const mdr_rec_step_t  *s;

    r = &m->rec;
    begin = mdr_markup_state(m, r->states.data, r->begin_len, r->hole);

    if (begin == 0) {
        return 0;
    }

    state = begin;

    for (k = 0; k <= r->nsteps; k++) {
        s = &r->steps[k];
        p = r->p + s->at;
        i = mdr_markup_literal(m, state - 1, p, s->len);

        if (i == 0) {
            to = k == r->nsteps ? begin
                 : mdr_markup_state(m, r->states.data + s->bytes, s->nbytes,
                                    s->kind);
            if (to == 0) {
                return 0;
            }

            i = mdr_markup_add(m, state - 1, p, s->len,
                               r->events + s->events, s->nevents);
            if (i == 0 || !mdr_markup_opens(m, i, r->opens + s->opens,
                                            s->nopens))
            {
                return 0;
            }

            l = &m->literals[i - 1];
            l->to = to - 1;
            l->hole = m->states[state - 1].hole;
            l->behind = m->states[to - 1].hole;
            l->text = l->hole >= MDR_HOLE_NONE ? text_of(m, l) : 0;
            l->link = k < r->nsteps && (s->kind == MDR_HOLE_LINK
                                        || s->kind == MDR_HOLE_PART)
                      ? s->kind : 0;
            m->links |= l->link;
            l->serials = s->serials;
            l->low = s->low;
            l->live = s->live;
            l->quick = quick(l);
            l->tag = s->tag;
            l->tag_back = s->tag_back;
        }

        if (k == 0 && r->ndid != 0 && r->did[0].op == MDR_DO_ITEM
            && r->did[0].a == r->at)
        {
            m->literals[i - 1].first = 1;
        }

        state = m->literals[i - 1].to + 1;
    }

    return 1;
}


void
mdr_record_end(mdr_markup_t *m, uint64_t end, uint64_t tag,
    const mdr_record_state_t *to)
{
    mdr_record_t    *r;
    mdr_rec_step_t  *s;

    r = &m->rec;
    s = close_literal(r, end);

    if (s == NULL) {
        mdr_record_drop(m, MDR_DROP_ODD);
        return;
    }

    take(r, r->ndid);
    leave_open(r, s, to);

    if (!seen_from(r, tag, &s->tag_back, &s->tag) || r->bad) {
        mdr_record_drop(m, MDR_DROP_ODD);
        return;
    }

    m->crowded = 0;

    if (merge(m)) {
        r->on = 0;
        r->start->good = MDR_START_GOOD;
        r->start->failed -= r->start->failed != 0;
        m->recorded += end - r->at;
        return;
    }

    mdr_record_drop(m, MDR_DROP_LONG);

    /* so many literals of one state: what was taken for constant is not, or
     * what stands there is no markup that comes again */

    if (!m->crowded || !m->all_holes) {
        m->all_holes |= m->crowded && (m->whole_links || !m->parts);
        m->whole_links |= m->crowded;
        m->resets++;

        if (m->all_resets != NULL) {
            (*m->all_resets)++;
        }

        mdr_markup_clear(m);
    }
}
