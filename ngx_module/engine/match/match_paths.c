/*
 * match_paths.c - what can be read from an atom that may be several things.
 *
 * Every row of three classes that can be read from an atom is looked up, and
 * a pattern whose anchor is there is a candidate for the atoms where it may
 * begin.  Where each atom is one class at a time, these are the classes of the
 * atoms that a gap away from it reaches, and of those a gap away from these:
 * each class is asked for once, however many atoms have it.  Otherwise, and
 * under repeat, readings go on atom by atom; what one leads to depends on
 * where it has come and on its classes only, so that a state that was seen is
 * not gone into again.  Of long groups only those are candidates that can be
 * read so from their first class to their last (match_descend.c).
 */

#include "match_hash.h"
#include "match_slow.h"

#include <string.h>


#define STATES  MDR_SLOW_STATES
#define FEW     32                      /* classes told apart                */
#define LAST    MDR_SLOW_LAST


/*
 * Where a pattern may begin whose anchor was read from atom s->from: as many
 * classes before it as stand before the anchor, each at most `gap` marks from
 * the next.  Under repeat each of these atoms may be a run.
 */

static uint32_t
first_atom(const mdr_slow_text_t *s, uint32_t before)
{
    uint32_t  n, at;

    n = before * (1 + s->gap);
    at = s->from;

    if (!s->m->h.repeat) {
        return n > at ? 0 : at - n;
    }

    for (at = s->x->run[at]; n != 0 && at != 0; n--) {
        at = s->x->run[at - 1];
    }

    return at;
}


static int
put_range(mdr_slow_text_t *s, const mdr_range_t *r)
{
    return mdr_match_compare_range(s->m, s->w, s->t, s->subjects, s->subject,
                                   r, s->hits);
}


/* pattern k may begin at [from, to): joined with what is known of it */

int
mdr_match_paths_put(mdr_slow_text_t *s, uint32_t k, uint32_t from,
    uint32_t to)
{
    int           rc;
    mdr_range_t  *r;

    r = &s->x->last[k % LAST];

    if (r->pattern == k + 1 && from <= r->to + s->gap && to >= r->from) {
        r->from = from < r->from ? from : r->from;
        r->to = to > r->to ? to : r->to;
        return MDR_OK;
    }

    rc = MDR_OK;

    if (r->pattern != 0) {
        r->pattern--;
        rc = put_range(s, r);
    } else {
        s->x->nlast++;
    }

    r->pattern = k + 1;
    r->from = from;
    r->to = to;

    return rc;
}


/* was this state gone into, from this text?  It is, now */

int
mdr_match_paths_seen(mdr_slow_text_t *s, mdr_slow_path_t *p)
{
    uint64_t          h;
    mdr_slow_path_t  *q;

    p->round = s->x->round;

    h = ((uint64_t) p->lo << 32 | p->atom) * 0x9e3779b97f4a7c15ULL;
    h ^= ((uint64_t) p->start << 32 | (uint64_t) p->got << 24
          | (uint64_t) p->skipped << 16 | (uint64_t) p->form << 8 | p->at)
         * 0xc2b2ae3d27d4eb4fULL;
    h ^= ((uint64_t) p->c[0] << 32 | (uint64_t) p->c[1] << 16 | p->c[2])
         * 0xd6e8feb86659fd93ULL;
    q = &s->x->seen[(uint32_t) (h >> 40) % STATES];

    if (memcmp(p, q, sizeof(mdr_slow_path_t)) == 0) {
        return 1;
    }

    *q = *p;

    return 0;
}


static int
push(mdr_slow_text_t *s, mdr_slow_stack_t *stack, const mdr_slow_path_t *p)
{
    void  *q;

    if (stack->n == stack->cap) {
        q = stack->p;

        if (mdr_grow(s->x->alloc, &q, &stack->cap, stack->n + 1,
                     sizeof(mdr_slow_path_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }

        stack->p = q;
    }

    stack->p[stack->n++] = *p;

    return MDR_OK;
}


/* p may go on with any option of its atom, which is the first one */

int
mdr_match_paths_from(mdr_slow_text_t *s, mdr_slow_path_t p,
    mdr_slow_stack_t *stack)
{
    uint32_t                   f, k;
    const mdr_slow_options_t  *o;

    o = mdr_slow_options_at(s, p.atom);
    stack->n = 0;

    for (f = 0; f < o->n; f++) {
        for (k = 0; k < o->len[f]; k++) {
            p.form = (uint8_t) f;
            p.at = (uint8_t) k;

            if (push(s, stack, &p) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* p has taken its class: what it may take next */

int
mdr_match_paths_next(mdr_slow_text_t *s, mdr_slow_path_t p,
    mdr_slow_stack_t *stack)
{
    uint32_t                   f;
    const mdr_slow_options_t  *o;

    o = mdr_slow_options_at(s, p.atom);
    p.skipped = 0;

    if (p.at + 1 < o->len[p.form]) {
        p.at++;
        return push(s, stack, &p);
    }

    /* on to the next atom, past marks that may be skipped */

    for (p.atom++, p.at = 0; p.atom < s->t->n; p.atom++) {
        o = mdr_slow_options_at(s, p.atom);

        for (f = 0; f < o->n; f++) {
            p.form = (uint8_t) f;

            if (push(s, stack, &p) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        if (!o->skip || p.skipped++ == s->gap) {
            break;
        }
    }

    return MDR_OK;
}


/* the first pattern, + 1, of an anchor that is no word; or 0 */

static uint32_t
look_up(const mdr_matcher_t *m, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t  i, e, k, print, mask;
    uint64_t  key;

    key = mdr_lex_key(a, b, c);
    print = mdr_match_print(m, key);
    mask = ((uint32_t) 1 << m->h.hash_bits) - 1;

    for (i = (uint32_t) (key >> m->hash_shift); (e = m->hash[i]) != 0;
         i = (i + 1) & mask)
    {
        if (e >> m->h.index_bits != print) {
            continue;
        }

        k = e & (((uint32_t) 1 << m->h.index_bits) - 1);

        if (k - 1 < m->h.words && mdr_match_is_anchor(m, k - 1, a, b, c)) {
            return k;
        }
    }

    return 0;
}


/* the anchor c was read from s->from: its patterns */

static int
slow_found(mdr_slow_text_t *s, uint32_t a, uint32_t b, uint32_t c)
{
    int                       head;
    uint32_t                  k, end, at, first;
    const mdr_lex_pattern_t  *p;

    k = look_up(s->m, a, b, c);

    if (k == 0) {
        return MDR_OK;
    }

    p = s->m->patterns;

    for (k--; ; k = end) {
        at = p[k].anchor & MDR_PAT_AT;
        first = first_atom(s, at);

        /* those with the anchor at this place */

        for (end = k; (p[end].anchor & MDR_PAT_AT) == at
                      && !(p[end].anchor & MDR_PAT_LAST)
                      && end - k < MDR_PAT_FEW; end++)
        {
            /* void */
        }

        if (end - k == MDR_PAT_FEW) {
            end = mdr_match_descend_end(s->m, k, &head);

            for ( ; first <= s->from && !mdr_meter_spent(&s->hits->meter);
                 first = mdr_slow_last_start(s, first) + 1)
            {
                s->hits->meter.steps++;

                if (mdr_match_descend(s, k, end, first, head) != MDR_OK) {
                    return MDR_ERROR;
                }
            }

        } else {
            end += (p[end].anchor & MDR_PAT_AT) == at;

            for ( ; k < end; k++) {
                s->hits->meter.steps++;
                if (mdr_match_paths_put(s, k, first,
                                        mdr_slow_last_start(s, s->from) + 1)
                    != MDR_OK)
                {
                    return MDR_ERROR;
                }
            }
        }

        if (p[end - 1].anchor & MDR_PAT_LAST) {
            return MDR_OK;
        }
    }
}


/* p has got the class it was to take: is an anchor there?  *more: it may be
 * the beginning of one */

static int
look(mdr_slow_text_t *s, const mdr_slow_path_t *p, int *more)
{
    int       rc;
    uint32_t  h, word;

    *more = 1;

    if (p->got == 1) {
        return p->c[0] >= s->m->h.single ? slow_found(s, p->c[0], 0, 0)
                                         : MDR_OK;
    }

    h = mdr_lex_pair(p->c[0], p->c[1]);
    word = s->m->bloom[h >> s->m->pair_shift];
    rc = MDR_OK;

    if (p->got == 2) {
        *more = (word & 0xffff) != 0;

        if (word & 0x10000u << (h >> (s->m->pair_shift - 4) & 15)) {
            rc = slow_found(s, p->c[0], p->c[1], 0);
        }

        return rc;
    }

    *more = 0;

    if (word & 1u << mdr_lex_third(p->c[2])) {
        rc = slow_found(s, p->c[0], p->c[1], p->c[2]);
    }

    return rc;
}


/* a set of classes, as far as there is room: 1, cl was not in it */

static inline int
is_new(uint16_t *set, size_t *n, uint32_t cl)
{
    size_t  i;

    for (i = 0; i < *n; i++) {
        if (set[i] == cl) {
            return 0;
        }
    }

    if (*n < FEW) {
        set[(*n)++] = (uint16_t) cl;
    }

    return 1;
}


/* anchors that begin with the classes a and b, whose third class is one of
 * atoms [from, to] */

static int
look_third(mdr_slow_text_t *s, uint32_t a, uint32_t b, uint32_t from,
    uint32_t to, uint32_t word)
{
    size_t                  n;
    uint32_t                i, k;
    uint16_t                set[FEW];
    const mdr_slow_atom_t  *t;

    for (i = from, n = 0; i <= to && i < s->t->n; i++) {
        t = &s->x->atoms[i];

        for (k = 0; k < t->n; k++) {
            s->hits->meter.steps++;

            if ((word & 1u << mdr_lex_third(t->cl[k]))
                && is_new(set, &n, t->cl[k])
                && slow_found(s, a, b, t->cl[k]) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* anchors that begin with the class a, at atom s->from; the next is one of
 * those up to `to` */

static int
look_second(mdr_slow_text_t *s, uint32_t a, uint32_t to)
{
    size_t                  n;
    uint32_t                i, k, b, h, word;
    uint16_t                set[FEW];
    const mdr_slow_atom_t  *t;

    for (i = s->from + 1, n = 0; i <= to && i < s->t->n; i++) {
        t = &s->x->atoms[i];

        for (k = 0; k < t->n; k++) {
            b = t->cl[k];
            s->hits->meter.steps++;

            if (!is_new(set, &n, b)) {
                continue;
            }

            h = mdr_lex_pair(a, b);
            word = s->m->bloom[h >> s->m->pair_shift];

            if ((word & 0x10000u << (h >> (s->m->pair_shift - 4) & 15))
                && slow_found(s, a, b, 0) != MDR_OK)
            {
                return MDR_ERROR;
            }

            /* the class may stand at a later atom as well */

            if ((word & 0xffff)
                && look_third(s, a, b, i + 1, mdr_slow_reach(s, to), word)
                   != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


static int
look_near(mdr_slow_text_t *s, uint32_t to)
{
    uint32_t                k;
    const mdr_slow_atom_t  *t;

    t = &s->x->atoms[s->from];

    for (k = 0; k < t->n; k++) {
        s->hits->meter.steps++;

        if ((t->cl[k] >= s->m->h.single
             && slow_found(s, t->cl[k], 0, 0) != MDR_OK)
            || look_second(s, t->cl[k], to) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/*
 * All rows of three classes that begin at atom i, depth first with a stack of
 * its own.  A row may skip marks, take any form, and under repeat stay where
 * equal classes follow.
 */

int
mdr_match_paths(mdr_slow_text_t *s, uint32_t i)
{
    int                        more;
    uint32_t                   cl, to;
    mdr_slow_path_t            p;
    mdr_slow_stack_t          *stack;
    const mdr_slow_options_t  *o;

    s->from = i;
    to = mdr_slow_reach(s, i);

    if (!s->m->h.repeat && s->x->atoms[i].odds > mdr_slow_reach(s, to)) {
        return look_near(s, to);
    }

    stack = &s->x->paths;
    memset(&p, 0, sizeof(p));
    p.atom = i;
    p.start = s->m->h.repeat ? s->x->run[i] : i;

    if (mdr_match_paths_from(s, p, stack) != MDR_OK) {
        return MDR_ERROR;
    }

    while (stack->n != 0 && !mdr_meter_spent(&s->hits->meter)) {
        p = stack->p[--stack->n];

        s->hits->meter.steps++;

        if (p.got != 0 && mdr_match_paths_seen(s, &p)) {
            continue;
        }

        o = mdr_slow_options_at(s, p.atom);
        cl = o->cl[p.form][p.at];

        if (!(s->m->h.repeat && p.got != 0 && cl == p.c[p.got - 1]
              && cl != MDR_CL_NONE))
        {
            if (cl == MDR_CL_NONE) {
                continue;
            }

            p.c[p.got++] = (uint16_t) cl;

            if (look(s, &p, &more) != MDR_OK) {
                return MDR_ERROR;
            }

            if (!more) {
                continue;
            }
        }

        if (mdr_match_paths_next(s, p, stack) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* all words that begin at atom i, if any may begin there */

int
mdr_match_paths_word(mdr_slow_text_t *s, uint32_t i)
{
    const mdr_atom_t  *a;

    a = s->t->atoms;

    if (s->m->h.words == s->m->h.npatterns
        || (i != 0 && a[i - 1].word && a[i - 1].mark == 0))
    {
        return MDR_OK;
    }

    return mdr_match_descend(s, (uint32_t) s->m->h.words,
                       (uint32_t) s->m->h.npatterns, i, 0);
}


void
mdr_match_paths_begin(mdr_slow_text_t *s)
{
    if (s->x->nlast != 0) {             /* an error stopped the text before  */
        memset(s->x->last, 0, sizeof(s->x->last));
        s->x->nlast = 0;
    }

    if (++s->x->round == 0) {
        memset(s->x->seen, 0, sizeof(s->x->seen));
        s->x->round = 1;
    }
}


int
mdr_match_paths_end(mdr_slow_text_t *s)
{
    uint32_t      i;
    mdr_range_t  *r;

    for (i = 0; i < LAST && s->x->nlast != 0; i++) {
        r = &s->x->last[i];

        if (r->pattern != 0) {
            r->pattern--;
            if (put_range(s, r) != MDR_OK) {
                return MDR_ERROR;
            }
            r->pattern = 0;
            s->x->nlast--;
        }
    }

    return MDR_OK;
}
