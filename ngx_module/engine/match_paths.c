/*
 * match_paths.c - what can be read from an atom that may be several things.
 *
 * Every row of three classes that can be read from an atom is looked up, and
 * a pattern whose anchor is there is a candidate for the atoms where it may
 * begin.  What a row leads to depends on where it has come and on its classes
 * only, so a state that was seen is not gone into again; with the length of
 * gaps that keeps the work an atom bounded.  Of long groups only those are
 * candidates that can be read so from their first class to their last, found
 * by halving class by class.
 */

#include "match_slow.h"

#include <string.h>


#define PATHS   65536                   /* rows tried, an atom               */
#define STACK   MDR_SLOW_STACK
#define STATES  MDR_SLOW_STATES
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

static int
may_begin(mdr_slow_text_t *s, uint32_t k, uint32_t from, uint32_t to)
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
    }

    r->pattern = k + 1;
    r->from = from;
    r->to = to;

    return rc;
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

        if (t->len <= depth || m->classes[t->at + depth] < cl) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


static int
been_there(mdr_slow_text_t *s, const mdr_slow_node_t *p)
{
    uint64_t          a;
    mdr_slow_node_t  *q;

    a = ((uint64_t) p->lo << 32 | p->atom) * 0x9e3779b97f4a7c15ULL;
    a ^= ((uint64_t) p->start << 48 | (uint64_t) p->depth << 40
          | (uint64_t) p->skipped << 16 | (uint64_t) p->form << 8 | p->at)
         * 0xc2b2ae3d27d4eb4fULL;
    q = &s->x->been[(uint32_t) (a >> 40) % STATES];

    if (memcmp(p, q, sizeof(mdr_slow_node_t)) == 0) {
        return 1;
    }

    *q = *p;

    return 0;
}


/* the last atom where a reading may begin that was found from atom i */

static inline uint32_t
last_start(const mdr_slow_text_t *s, uint32_t i)
{
    return s->m->h.repeat ? s->x->run[s->t->n + i] : i;
}


/* all of the sorted patterns [lo, hi) that can be read from atom `start` */

static int
descend(mdr_slow_text_t *s, uint32_t lo, uint32_t hi, uint32_t start)
{
    uint32_t                   n, f, k, cl, paths;
    mdr_slow_node_t            p, q, *stack;
    const mdr_slow_options_t  *o;

    stack = s->x->nodes;
    n = 0;
    memset(&p, 0, sizeof(p));
    p.lo = lo;
    p.hi = hi;
    p.atom = start;
    p.start = start;
    o = mdr_slow_options_at(s, start);

    for (f = 0; f < o->n; f++) {
        for (k = 0; k < o->len[f]; k++) {
            p.form = (uint8_t) f;
            p.at = (uint8_t) k;
            stack[n++] = p;
        }
    }

    for (paths = 0; n != 0 && paths < PATHS; paths++) {
        p = stack[--n];

        if (been_there(s, &p)) {
            continue;
        }

        s->hits->steps++;
        o = mdr_slow_options_at(s, p.atom);
        cl = o->cl[p.form][p.at];
        q = p;

        if (!(s->m->h.repeat && p.depth != 0 && cl == p.last)) {
            q.lo = lower(s->m, p.lo, p.hi, p.depth, cl);
            q.hi = lower(s->m, q.lo, p.hi, p.depth, cl + 1);

            if (q.lo == q.hi) {
                continue;
            }

            q.depth++;
            q.last = (uint16_t) cl;

            if (s->m->patterns[q.lo].len == q.depth
                && may_begin(s, q.lo, start, last_start(s, start) + 1)
                   != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        q.skipped = 0;

        if (q.at + 1 < o->len[q.form]) {
            q.at++;
            if (n < STACK) {
                stack[n++] = q;
            }
            continue;
        }

        for (q.atom++; q.atom < s->t->n; q.atom++) {
            o = mdr_slow_options_at(s, q.atom);
            q.at = 0;

            for (f = 0; f < o->n && n < STACK; f++) {
                q.form = (uint8_t) f;
                stack[n++] = q;
            }

            if (!o->skip || q.skipped++ == s->gap) {
                break;
            }
        }
    }

    return MDR_OK;
}


/* the end of the patterns, from k on, of a long group whose anchor is at the
 * same place */

static uint32_t
place_end(const mdr_matcher_t *m, uint32_t k)
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


/* the anchor c was read from s->from: its patterns */

static int
slow_found(mdr_slow_text_t *s, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t                  k, end, at, first;
    const mdr_lex_pattern_t  *p;

    k = mdr_match_look_up(s->m, a, b, c);

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
            end = place_end(s->m, k);

            for ( ; first <= s->from; first = last_start(s, first) + 1) {
                if (descend(s, k, end, first) != MDR_OK) {
                    return MDR_ERROR;
                }
            }

        } else {
            end += (p[end].anchor & MDR_PAT_AT) == at;

            for ( ; k < end; k++) {
                s->hits->steps++;
                if (may_begin(s, k, first, last_start(s, s->from) + 1)
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


static int
was_seen(mdr_slow_text_t *s, const mdr_slow_path_t *p)
{
    uint32_t          h;
    uint64_t          a, b;
    mdr_slow_path_t  *q;

    memcpy(&a, p, 8);
    memcpy(&b, (const uint8_t *) p + 8, 8);
    a = (a * 0x9e3779b97f4a7c15ULL) ^ (b * 0xc2b2ae3d27d4eb4fULL);
    a ^= p->start * 0xd6e8feb86659fd93ULL;
    h = (uint32_t) (a >> 40) % STATES;
    q = &s->x->seen[h];

    if (memcmp(q, p, sizeof(mdr_slow_path_t)) == 0) {
        return 1;
    }

    *q = *p;

    return 0;
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


/*
 * All rows of three classes that begin at atom i, depth first with a stack of
 * its own.  A row may skip marks, take any form, and under repeat stay where
 * equal classes follow.
 */

int
mdr_match_paths(mdr_slow_text_t *s, uint32_t i)
{
    int                        more;
    uint32_t                   n, f, k, cl, paths;
    mdr_slow_path_t            p, q, *stack;
    const mdr_slow_options_t  *o;

    stack = s->x->stack;
    n = 0;
    paths = 0;
    s->from = i;
    memset(&p, 0, sizeof(p));
    p.atom = i;
    p.start = (uint16_t) (s->m->h.repeat ? s->x->run[i] : i);
    o = mdr_slow_options_at(s, i);

    for (f = 0; f < o->n; f++) {
        for (k = 0; k < o->len[f] && n < STACK; k++) {
            p.form = (uint8_t) f;
            p.at = (uint8_t) k;
            stack[n++] = p;
        }
    }

    while (n != 0 && paths++ < PATHS) {
        p = stack[--n];

        if (p.got != 0 && was_seen(s, &p)) {
            continue;
        }

        s->hits->steps++;
        o = mdr_slow_options_at(s, p.atom);
        cl = o->cl[p.form][p.at];
        q = p;

        if (!(s->m->h.repeat && p.got != 0 && cl == p.c[p.got - 1]
              && cl != MDR_CL_NONE))
        {
            if (cl == MDR_CL_NONE) {
                continue;
            }

            q.c[q.got++] = (uint16_t) cl;

            if (look(s, &q, &more) != MDR_OK) {
                return MDR_ERROR;
            }

            if (!more) {
                continue;
            }
        }

        q.skipped = 0;

        if (q.at + 1 < o->len[q.form]) {
            q.at++;
            if (n < STACK) {
                stack[n++] = q;
            }
            continue;
        }

        /* on to the next atom, past marks that may be skipped */

        for (q.atom++; q.atom < s->t->n; q.atom++) {
            o = mdr_slow_options_at(s, q.atom);
            q.at = 0;

            for (f = 0; f < o->n && n < STACK; f++) {
                q.form = (uint8_t) f;
                stack[n++] = q;
            }

            if (!o->skip || q.skipped++ == s->gap) {
                break;
            }
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

    return descend(s, (uint32_t) s->m->h.words,
                   (uint32_t) s->m->h.npatterns, i);
}


int
mdr_match_paths_end(mdr_slow_text_t *s)
{
    uint32_t      i;
    mdr_range_t  *r;

    for (i = 0; i < LAST; i++) {
        r = &s->x->last[i];

        if (r->pattern != 0) {
            r->pattern--;
            if (put_range(s, r) != MDR_OK) {
                return MDR_ERROR;
            }
            r->pattern = 0;
        }
    }

    return MDR_OK;
}
