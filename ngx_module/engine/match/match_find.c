/*
 * match_find.c - which patterns can be read from a trace, and where from?
 *
 * Where an atom may be several classes there is no row for the filter.  So the
 * readings are followed, all of them at once from all atoms on: a state is
 * what was read (the classes of an anchor, or a range of sorted patterns that
 * agree in it) and the marks behind it, each once an atom, with the first and
 * the last atom where it may have begun.  Where an anchor is complete its
 * patterns may stand there; of a long group only those that can be read from
 * their first class to their last.  What is found is a pattern and a range of
 * atoms, ranges of a pattern are joined, and each is compared once.
 */

#include "match_hash.h"
#include "match_slow.h"

#include <string.h>


#define SMALL  256                      /* entries of a hash table, at first */
#define FEW    8                        /* states that need none             */


/*
 * Where a pattern may begin whose anchor may begin at atom `at`: as many
 * classes before it as stand before the anchor, each at most `gap` marks from
 * the next.  Under repeat each of these atoms may be a run.
 */

static uint32_t
first_atom(mdr_slow_text_t *s, uint32_t at, uint32_t before)
{
    uint32_t  n;

    n = before * (1 + s->gap);

    if (!s->m->h.repeat) {
        return n > at ? 0 : at - n;
    }

    for (at = s->x->run[at]; n != 0 && at != 0; n--) {
        at = s->x->run[at - 1];
        s->hits->meter.steps++;
    }

    return at;
}


/* the end of the patterns, from k on, of a long group whose anchor is at the
 * same place */

static uint32_t
group_end(const mdr_matcher_t *m, uint32_t k)
{
    uint32_t  lo, hi, mid, at;

    lo = 0;
    hi = (uint32_t) m->h.ngroups;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (m->groups[mid].end <= k) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    hi = lo < m->h.ngroups ? m->groups[lo].end : k + 1;
    lo = k + 1;
    at = m->patterns[k].anchor & MDR_PAT_AT;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if ((m->patterns[mid].anchor & MDR_PAT_AT) <= at) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


static inline uint32_t
class_at(const mdr_matcher_t *m, const mdr_lex_pattern_t *p, uint32_t depth)
{
    return depth < MDR_PAT_HEAD ? p->head[depth] : m->classes[p->at + depth];
}


/* the patterns of [lo, hi) whose class at `depth` is at least cl */

static uint32_t
lower(const mdr_matcher_t *m, uint32_t lo, uint32_t hi, uint32_t depth,
    uint32_t cl)
{
    uint32_t                  mid;
    const mdr_lex_pattern_t  *t;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        t = &m->patterns[mid];

        if (t->len <= depth || class_at(m, t, depth) < cl) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


/* those of p that go on with cl; they agree in p->got classes.  0: none */

static int
narrow(const mdr_matcher_t *m, mdr_slow_state_t *p, uint32_t cl)
{
    const mdr_lex_pattern_t  *first, *last;

    first = &m->patterns[p->lo];
    last = &m->patterns[p->hi - 1];

    /* mostly all of them agree in what is asked for */

    if (first->len > p->got && last->len > p->got
        && class_at(m, first, p->got) == class_at(m, last, p->got))
    {
        return class_at(m, first, p->got) == cl;
    }

    p->lo = lower(m, p->lo, p->hi, p->got, cl);
    p->hi = lower(m, p->lo, p->hi, p->got, cl + 1);

    return p->lo < p->hi;
}


static int
reserve(mdr_slow_t *x, void *p, size_t *cap, size_t n, size_t element)
{
    int    rc;
    void  *q;

    if (n <= *cap) {
        return MDR_OK;
    }

    memcpy(&q, p, sizeof(q));
    rc = mdr_grow(x->alloc, &q, cap, n, element);
    memcpy(p, &q, sizeof(q));

    return rc;
}


/* the same reading: q is p, and where it may have begun as well */

static inline int
is_joined(mdr_slow_state_t *q, const mdr_slow_state_t *p)
{
    if (q->lo != p->lo || q->got != p->got || q->skipped != p->skipped
        || q->c[0] != p->c[0] || q->c[1] != p->c[1])
    {
        return 0;
    }

    q->min = p->min < q->min ? p->min : q->min;
    q->max = p->max > q->max ? p->max : q->max;

    return 1;
}


/* where such a state is in the hash table, or would be: what is of another
 * round is not there */

static uint64_t *
place_of(const mdr_slow_walk_t *w, const mdr_slow_state_t *p)
{
    size_t                   i;
    uint64_t                 h, *place;
    const mdr_slow_state_t  *q;

    h = ((uint64_t) p->lo << 32 | (uint64_t) p->got << 16 | p->skipped)
        * 0x9e3779b97f4a7c15ULL;
    h = (h ^ h >> 29 ^ ((uint64_t) p->c[0] << 16 | p->c[1]))
        * 0xd6e8feb86659fd93ULL;

    for (i = (size_t) (h >> 32); ; i++) {
        place = &w->places[i & (w->nplaces - 1)];

        if (*place >> 32 != w->round) {
            return place;
        }

        q = &w->then[(uint32_t) *place];

        if (q->lo == p->lo && q->got == p->got && q->skipped == p->skipped
            && q->c[0] == p->c[0] && q->c[1] == p->c[1])
        {
            return place;
        }
    }
}


/* p is a state of the next atom; states in w->then differ.  Mostly they are
 * few, and are gone through; more than that are in a hash table. */

static int
add(mdr_slow_text_t *s, mdr_slow_walk_t *w, const mdr_slow_state_t *p)
{
    size_t     k;
    uint64_t  *place;

    place = NULL;

    if (w->nthen < FEW) {
        for (k = 0; k < w->nthen; k++) {
            if (is_joined(&w->then[k], p)) {
                return MDR_OK;
            }
        }

        goto put;
    }

    if (2 * w->nthen >= w->nplaces || w->nthen == FEW) {
        k = 2 * w->nthen < w->nplaces ? w->nplaces
            : w->nplaces != 0 ? 4 * w->nplaces : SMALL;

        if (reserve(s->x, &w->places, &w->places_cap, k, sizeof(uint64_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (k != w->nplaces) {
            w->nplaces = k;
            memset(w->places, 0, k * sizeof(uint64_t));
        }

        for (k = 0; k < w->nthen; k++) {
            *place_of(w, &w->then[k]) = (uint64_t) w->round << 32 | k;
        }
    }

    place = place_of(w, p);

    if (*place >> 32 == w->round) {
        (void) is_joined(&w->then[(uint32_t) *place], p);
        return MDR_OK;
    }

put:

    if (reserve(s->x, &w->then, &w->then_cap, w->nthen + 1,
                sizeof(mdr_slow_state_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (place != NULL) {
        *place = (uint64_t) w->round << 32 | w->nthen;
    }

    w->then[w->nthen++] = *p;

    return MDR_OK;
}


/* where range `id` is in the hash table, or would be */

static uint64_t *
range_place(const mdr_slow_ranges_t *t, uint32_t id)
{
    size_t     i;
    uint64_t  *place;

    for (i = id * 0x9e3779b1u >> 4; ; i++) {
        place = &t->places[i & (t->nplaces - 1)];

        if (*place >> 32 != t->round
            || t->r[(uint32_t) *place].pattern == id)
        {
            return place;
        }
    }
}


/* what is known of pattern or group `id`; its end is 0 where that is new.
 * NULL: no memory */

static mdr_range_t *
range_of(mdr_slow_t *x, mdr_slow_ranges_t *t, uint32_t id)
{
    size_t        i, k;
    uint64_t     *place;
    mdr_range_t  *r;

    if (2 * t->n >= t->nplaces) {
        k = t->nplaces != 0 ? 4 * t->nplaces : SMALL;

        if (reserve(x, &t->places, &t->places_cap, k, sizeof(uint64_t))
            != MDR_OK)
        {
            return NULL;
        }

        t->nplaces = k;
        memset(t->places, 0, k * sizeof(uint64_t));

        for (i = 0; i < t->n; i++) {
            *range_place(t, t->r[i].pattern) = (uint64_t) t->round << 32 | i;
        }
    }

    place = range_place(t, id);

    if (*place >> 32 == t->round) {
        return &t->r[(uint32_t) *place];
    }

    if (reserve(x, &t->r, &t->cap, t->n + 1, sizeof(mdr_range_t)) != MDR_OK) {
        return NULL;
    }

    *place = (uint64_t) t->round << 32 | t->n;
    r = &t->r[t->n++];
    r->pattern = id;
    r->from = 0;
    r->to = 0;

    return r;
}


static int
use_range(mdr_slow_text_t *s, mdr_range_t r)
{
    return mdr_match_compare_range(s->m, s->w, s->t, s->subjects, s->subject,
                                   &r, s->hits);
}


/* pattern or group `id` of t may begin at [from, to): joined with what is known
 * of it, or *old is that, which is to be used */

static int
put(mdr_slow_text_t *s, mdr_slow_ranges_t *t, uint32_t id, uint32_t from,
    uint32_t to, mdr_range_t *old)
{
    mdr_range_t  *r;

    s->hits->meter.steps++;
    old->to = 0;
    r = range_of(s->x, t, id);

    if (r == NULL) {
        return MDR_ERROR;
    }

    if (r->to != 0 && from <= r->to + s->gap && to >= r->from) {
        r->from = from < r->from ? from : r->from;
        r->to = to > r->to ? to : r->to;
        return MDR_OK;
    }

    *old = *r;
    r->from = from;
    r->to = to;

    return MDR_OK;
}


static int
put_pattern(mdr_slow_text_t *s, uint32_t k, uint32_t from, uint32_t to)
{
    mdr_range_t  old;

    return put(s, &s->x->patterns, k, from, to, &old) != MDR_OK ? MDR_ERROR
           : old.to != 0 ? use_range(s, old) : MDR_OK;
}


static int walk(mdr_slow_text_t *s, mdr_slow_walk_t *w, uint32_t lo,
    uint32_t hi, uint32_t from, uint32_t to);


/* the patterns of a long group in a range where they may begin */

static int
use_group(mdr_slow_text_t *s, const mdr_range_t *r)
{
    return walk(s, &s->x->down, r->pattern, group_end(s->m, r->pattern),
                r->from, r->to);
}


static int
put_group(mdr_slow_text_t *s, uint32_t k, uint32_t from, uint32_t to)
{
    mdr_range_t  old;

    return put(s, &s->x->groups, k, from, to, &old) != MDR_OK ? MDR_ERROR
           : old.to != 0 ? use_group(s, &old) : MDR_OK;
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


/* an anchor was read, from an atom of [min, max] on: its patterns */

static int
anchor(mdr_slow_text_t *s, const mdr_slow_state_t *p, uint32_t a, uint32_t b,
    uint32_t c)
{
    uint32_t                  k, end, at, from, to;
    const mdr_lex_pattern_t  *t;

    s->hits->meter.steps++;
    k = look_up(s->m, a, b, c);

    if (k == 0) {
        return MDR_OK;
    }

    t = s->m->patterns;
    to = mdr_slow_last_start(s, p->max) + 1;

    for (k--; ; k = end) {
        at = t[k].anchor & MDR_PAT_AT;
        from = first_atom(s, p->min, at);

        /* those with the anchor at this place */

        for (end = k; (t[end].anchor & MDR_PAT_AT) == at
                      && !(t[end].anchor & MDR_PAT_LAST)
                      && end - k < MDR_PAT_FEW; end++)
        {
            /* void */
        }

        if (end - k == MDR_PAT_FEW) {
            end = group_end(s->m, k);

            if (put_group(s, k, from, to) != MDR_OK) {
                return MDR_ERROR;
            }

        } else {
            end += (t[end].anchor & MDR_PAT_AT) == at;

            for ( ; k < end; k++) {
                if (put_pattern(s, k, from, to) != MDR_OK) {
                    return MDR_ERROR;
                }
            }
        }

        if (t[end - 1].anchor & MDR_PAT_LAST) {
            return MDR_OK;
        }
    }
}


/* p has got one class more, of an anchor; 0: it leads no further; MDR_ERROR */

static int
look(mdr_slow_text_t *s, mdr_slow_state_t *p, uint32_t cl)
{
    int       rc;
    uint32_t  h, word;

    rc = MDR_OK;

    switch (p->got++) {

    case 0:
        if (!(s->m->heads[cl / 64] >> (cl % 64) & 1)) {
            return 0;
        }

        p->c[0] = (uint16_t) cl;
        rc = cl >= s->m->h.single ? anchor(s, p, cl, 0, 0) : MDR_OK;
        return rc == MDR_OK ? 1 : rc;

    case 1:
        p->c[1] = (uint16_t) cl;
        h = mdr_lex_pair(p->c[0], cl);
        word = s->m->bloom[h >> s->m->pair_shift];

        if (word & 0x10000u << (h >> (s->m->pair_shift - 4) & 15)) {
            rc = anchor(s, p, p->c[0], cl, 0);
        }

        return rc == MDR_OK ? (word & 0xffff) != 0 : rc;

    default:
        h = mdr_lex_pair(p->c[0], p->c[1]);
        word = s->m->bloom[h >> s->m->pair_shift];

        return word & 1u << mdr_lex_third(cl)
               ? anchor(s, p, p->c[0], p->c[1], cl) : 0;
    }
}


/* the same of a range of patterns */

static int
go_down(mdr_slow_text_t *s, mdr_slow_state_t *p, uint32_t cl)
{
    if (!narrow(s->m, p, cl)) {
        return 0;
    }

    p->got++;
    p->c[0] = (uint16_t) cl;

    if (s->m->patterns[p->lo].len == p->got
        && put_pattern(s, p->lo, p->min, mdr_slow_last_start(s, p->max) + 1)
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    return 1;
}


/* state p takes the n classes cl; what it leads to is of the next atom */

static int
take(mdr_slow_text_t *s, mdr_slow_walk_t *w, mdr_slow_state_t p,
    const uint16_t *cl, uint32_t n)
{
    int       rc;
    uint32_t  i, last;

    p.skipped = 0;

    for (i = 0; i < n; i++) {
        s->hits->meter.steps++;
        last = w->down || p.got < 2 ? p.c[0] : p.c[1];

        if (cl[i] == MDR_CL_NONE) {
            return MDR_OK;
        }

        if (s->m->h.repeat && p.got != 0 && cl[i] == last) {
            continue;
        }

        rc = w->down ? go_down(s, &p, cl[i]) : look(s, &p, cl[i]);

        if (rc != 1) {
            return rc == 0 ? MDR_OK : rc;
        }
    }

    return add(s, w, &p);
}


/* all that p leads to at atom i; root: it begins there */

static int
go_on(mdr_slow_text_t *s, mdr_slow_walk_t *w, mdr_slow_state_t p, uint32_t i,
    int root)
{
    uint32_t                   f, k;
    const mdr_slow_atom_t     *a;
    const mdr_slow_options_t  *o;

    a = &s->x->atoms[i];

    if (!root && a->skip && p.skipped < s->gap) {
        p.skipped++;

        if (add(s, w, &p) != MDR_OK) {
            return MDR_ERROR;
        }

        p.skipped--;
    }

    if (!a->odd) {
        for (k = 0; k < a->n; k++) {
            if (take(s, w, p, &a->cl[k], 1) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        return MDR_OK;
    }

    o = mdr_slow_options_at(s, i);

    for (f = 0; f < o->n; f++) {
        for (k = 0; k < (root ? o->len[f] : 1u); k++) {
            if (take(s, w, p, o->cl[f] + k, o->len[f] - k) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* may an anchor begin with this atom? */

static inline int
may_head(const mdr_slow_text_t *s, const mdr_slow_atom_t *a)
{
    uint32_t  k;

    for (k = 0; k < a->n; k++) {
        if (s->m->heads[a->cl[k] / 64] >> (a->cl[k] % 64) & 1) {
            return 1;
        }
    }

    return a->odd;
}


/* from each of atoms [from, to) on; the sorted patterns [lo, hi), or anchors
 * where there are none.  What is found is put. */

static int
walk(mdr_slow_text_t *s, mdr_slow_walk_t *w, uint32_t lo, uint32_t hi,
    uint32_t from, uint32_t to)
{
    size_t             k, cap;
    uint32_t           i;
    mdr_slow_state_t   root, *swap;
    const mdr_atom_t  *t;

    memset(&root, 0, sizeof(root));
    root.lo = lo;
    root.hi = hi;
    w->down = hi != 0;
    w->nnow = 0;
    t = s->t->atoms;

    for (i = from; i < s->t->n && (i < to || w->nnow != 0); i++) {

        if (mdr_meter_spent(&s->hits->meter)) {
            break;
        }

        w->nthen = 0;

        if (++w->round == 0) {
            memset(w->places, 0, w->nplaces * sizeof(uint64_t));
            w->round = 1;
        }

        for (k = 0; k < w->nnow; k++) {
            if (go_on(s, w, w->now[k], i, 0) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        /* words begin where none goes on */

        if (i < to
            && (w->down ? !(lo >= s->m->h.words && !s->m->h.repeat && i != 0
                            && t[i - 1].word && t[i - 1].mark == 0)
                        : may_head(s, &s->x->atoms[i])))
        {
            root.min = i;
            root.max = i;

            if (go_on(s, w, root, i, 1) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        swap = w->now;
        cap = w->now_cap;
        w->now = w->then;
        w->now_cap = w->then_cap;
        w->nnow = w->nthen;
        w->then = swap;
        w->then_cap = cap;
    }

    return MDR_OK;
}


static void
forget(mdr_slow_ranges_t *t)
{
    t->n = 0;

    if (++t->round == 0) {
        memset(t->places, 0, t->nplaces * sizeof(uint64_t));
        t->round = 1;
    }
}


int
mdr_match_find(mdr_slow_text_t *s, uint32_t from, uint32_t to)
{
    size_t       i;
    mdr_range_t  r;
    mdr_slow_t  *x;

    x = s->x;
    forget(&x->groups);
    forget(&x->patterns);

    if ((s->m->h.words != 0
         && walk(s, &x->anchors, 0, 0, from, to) != MDR_OK)
        || (s->m->h.words != s->m->h.npatterns
            && walk(s, &x->down, (uint32_t) s->m->h.words,
                    (uint32_t) s->m->h.npatterns, from, to)
               != MDR_OK))
    {
        return MDR_ERROR;
    }

    for (i = 0; i < x->groups.n; i++) {
        r = x->groups.r[i];

        if (use_group(s, &r) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    for (i = 0; i < x->patterns.n; i++) {
        if (use_range(s, x->patterns.r[i]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
