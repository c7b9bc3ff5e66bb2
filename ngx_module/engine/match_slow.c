/*
 * match_slow.c - texts in which a character may be more than one class.
 *
 * Such a text is read through its trace, once for each set of folds.  There
 * nearly every atom is one class, or several in a row, or nothing; these make
 * a row like any other, for the same filter.  What is left are atoms that are
 * a letter where a term goes on with it and a mark where not.  They part the
 * row, and the atoms around them, as far as the longest term reaches, are
 * searched one by one: every row of three classes that can be read from an
 * atom is looked up, and a pattern whose anchor is there is a candidate for
 * the atoms where it may begin.  What a row leads to depends on where it has
 * come and on its classes only, so a state that was seen is not gone into
 * again; with the length of gaps that keeps the work an atom bounded.  Of
 * long groups only those are candidates that can be read so from their first
 * class to their last, found by halving class by class.
 */

#include "match_work.h"

#include <string.h>


#define PATHS   65536                   /* rows tried, an atom               */
#define STACK   1024
#define STATES  4096                    /* remembered; powers of two         */
#define OPTIONS 256
#define LAST    256                     /* ranges that may go on             */


/* classes that an atom may stand for */

typedef struct {
    uint32_t  key;                      /* character, is it a keycap; + 1    */
    uint8_t   n;                        /* options                           */
    uint8_t   skip;
    uint8_t   len[MDR_FOLD_ALTS];
    uint16_t  cl[MDR_FOLD_ALTS][MDR_FOLD_SEQ];
} options_t;

/* a row on its way: what it has, and the class it takes next */

typedef struct {
    uint32_t  atom;
    uint16_t  skipped;                  /* marks since the last class        */
    uint8_t   form, at;
    uint16_t  c[3];                     /* 0 from `got` on                   */
    uint16_t  got;
    uint16_t  start;                    /* low bits of the atom it is from   */
    uint16_t  pad;
} path_t;

/* patterns [lo, hi) of a group agree in `depth` classes that were read */

typedef struct {
    uint32_t  lo, hi, atom, start;
    uint16_t  depth, skipped;
    uint8_t   form, at;
    uint16_t  last;                     /* class                             */
} node_t;

struct mdr_slow_s {
    const mdr_alloc_t  *alloc;
    options_t           options[OPTIONS];
    path_t              seen[STATES];
    path_t              stack[STACK];
    node_t              nodes[STACK];
    node_t              been[STATES];
    mdr_range_t         last[LAST];     /* by pattern + 1; a range that is
                                           not verified yet                  */
    uint32_t           *run;            /* under repeat: the first atom of
                                           the run that each is in, then the
                                           last                              */
    size_t              run_cap;
};

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    mdr_slow_t           *x;
    const mdr_trace_t    *t;
    const mdr_subject_t  *subjects;
    mdr_raw_hits_t       *hits;
    uint32_t              subject, folds;
    uint32_t              gap;          /* marks between two classes         */
    uint32_t              from;         /* the atom in hand                  */
} slow_t;


mdr_slow_t *
mdr_match_slow_new(const mdr_alloc_t *alloc)
{
    mdr_slow_t  *s;

    s = mdr_alloc(alloc, sizeof(mdr_slow_t));
    if (s != NULL) {
        s->alloc = alloc;
        s->run = NULL;
        s->run_cap = 0;
    }

    return s;
}


void
mdr_match_slow_free(mdr_slow_t *s)
{
    if (s != NULL) {
        mdr_free(s->alloc, s->run);
        mdr_free(s->alloc, s);
    }
}


/* class of an element (a form), which differs for special characters */

static uint32_t
element_class(const mdr_matcher_t *m, uint32_t cp)
{
    uint32_t  lo, hi, mid;

    lo = 0;
    hi = (uint32_t) m->h.nodd;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (m->odd[mid].cp < cp) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    if (lo < m->h.nodd && m->odd[lo].cp == cp) {
        return m->odd[lo].cl;
    }

    lo = mdr_class_of(m, cp);

    return lo == MDR_CL_SPECIAL ? MDR_CL_NONE : lo;
}


/* a digit and what makes it an emoji */

static inline int
is_keycap(const mdr_atom_t *a)
{
    return a->cp < 0x80 && a->mark == MDR_GAP_EMOJI;
}


/* is option i another one than those before it, and more than nothing? */

static int
is_new(const options_t *o, uint32_t i)
{
    uint32_t  k;

    if (o->len[i] == 0) {
        return 0;
    }

    for (k = 0; k < i; k++) {
        if (o->len[k] == o->len[i]
            && memcmp(o->cl[k], o->cl[i], o->len[i] * sizeof(uint16_t)) == 0)
        {
            return 0;
        }
    }

    return 1;
}


static const options_t *
options_at(slow_t *s, uint32_t atom)
{
    size_t             i, k, n;
    uint32_t           cl, key;
    options_t         *o;
    mdr_fold_seq_t     f[MDR_FOLD_ALTS];
    const mdr_atom_t  *a;

    a = &s->t->atoms[atom];
    key = (a->cp << 1 | (uint32_t) is_keycap(a)) + 1;
    o = &s->x->options[a->cp % OPTIONS];

    if (o->key == key) {
        return o;
    }

    n = mdr_fold_forms(a->cp, s->folds, f);
    o->key = key;
    o->n = 0;
    o->skip = (a->mark & s->m->h.gaps) != 0;

    for (i = 0; i < n; i++) {
        o->len[o->n] = 0;

        for (k = 0; k < f[i].n; k++) {
            cl = element_class(s->m, f[i].cp[k]);
            if (cl != MDR_CL_SKIP) {
                o->cl[o->n][o->len[o->n]++] = (uint16_t) cl;
            }
        }

        o->skip |= o->len[o->n] == 0;
        o->n += (uint8_t) is_new(o, o->n);
    }

    /* what is in no term says nothing where there is something else */

    for (i = 0; i < o->n; i++) {
        if (o->len[i] == 1 && o->cl[i][0] == MDR_CL_NONE
            && (o->n > 1 || o->skip))
        {
            o->n--;
            memmove(o->cl[i], o->cl[i + 1],
                    (o->n - i) * sizeof(o->cl[0]));
            memmove(&o->len[i], &o->len[i + 1], o->n - i);
            i--;
        }
    }

    return o;
}


/*
 * Where a pattern may begin whose anchor was read from atom s->from: as many
 * classes before it as stand before the anchor, each at most `gap` marks from
 * the next.  Under repeat each of these atoms may be a run.
 */

static uint32_t
first_atom(const slow_t *s, uint32_t before)
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
put_range(slow_t *s, const mdr_range_t *r)
{
    return mdr_match_compare_range(s->m, s->w, s->t, s->subjects, s->subject,
                                   r, s->hits);
}


/* pattern k may begin at [from, to): joined with what is known of it */

static int
may_begin(slow_t *s, uint32_t k, uint32_t from, uint32_t to)
{
    int           rc;
    mdr_range_t  *r;

    r = &s->x->last[k % LAST];

    if (r->pattern == k + 1 && from <= r->to && to >= r->from) {
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


static int
put_ranges(slow_t *s)
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
been_there(slow_t *s, const node_t *p)
{
    uint64_t   a;
    node_t    *q;

    a = ((uint64_t) p->lo << 32 | p->atom) * 0x9e3779b97f4a7c15ULL;
    a ^= ((uint64_t) p->start << 48 | (uint64_t) p->depth << 40 | (uint64_t) p->skipped << 16
          | (uint64_t) p->form << 8 | p->at) * 0xc2b2ae3d27d4eb4fULL;
    q = &s->x->been[(uint32_t) (a >> 40) % STATES];

    if (memcmp(p, q, sizeof(node_t)) == 0) {
        return 1;
    }

    *q = *p;

    return 0;
}


/* the last atom where a reading may begin that was found from atom i */

static inline uint32_t
last_start(const slow_t *s, uint32_t i)
{
    return s->m->h.repeat ? s->x->run[s->t->n + i] : i;
}


/* all of the sorted patterns [lo, hi) that can be read from atom `start` */

static int
descend(slow_t *s, uint32_t lo, uint32_t hi, uint32_t start)
{
    node_t            p, q, *stack;
    uint32_t          n, f, k, cl, paths;
    const options_t  *o;

    stack = s->x->nodes;
    n = 0;
    memset(&p, 0, sizeof(p));
    p.lo = lo;
    p.hi = hi;
    p.atom = start;
    p.start = start;
    o = options_at(s, start);

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
        o = options_at(s, p.atom);
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
            o = options_at(s, q.atom);
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
slow_found(slow_t *s, uint32_t a, uint32_t b, uint32_t c)
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
was_seen(slow_t *s, const path_t *p)
{
    uint32_t  h;
    uint64_t  a, b;
    path_t   *q;

    memcpy(&a, p, 8);
    memcpy(&b, (const uint8_t *) p + 8, 8);
    a = (a * 0x9e3779b97f4a7c15ULL) ^ (b * 0xc2b2ae3d27d4eb4fULL);
    a ^= p->start * 0xd6e8feb86659fd93ULL;
    h = (uint32_t) (a >> 40) % STATES;
    q = &s->x->seen[h];

    if (memcmp(q, p, sizeof(path_t)) == 0) {
        return 1;
    }

    *q = *p;

    return 0;
}


/* p has got the class it was to take: is an anchor there?  *more: it may be
 * the beginning of one */

static int
look(slow_t *s, const path_t *p, int *more)
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

static int
slow_from(slow_t *s, uint32_t i)
{
    int               more;
    path_t            p, q, *stack;
    uint32_t          n, f, k, cl, paths;
    const options_t  *o;

    stack = s->x->stack;
    n = 0;
    paths = 0;
    s->from = i;
    memset(&p, 0, sizeof(p));
    p.atom = i;
    p.start = (uint16_t) (s->m->h.repeat ? s->x->run[i] : i);
    o = options_at(s, i);

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
        o = options_at(s, p.atom);
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
            o = options_at(s, q.atom);
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


/* may atoms i - 1 and i be of one run? */

static int
is_run(slow_t *s, uint32_t i)
{
    uint32_t   f, k, cl;
    options_t  o;

    o = *options_at(s, i - 1);

    for (f = 0; f < o.n; f++) {
        cl = o.cl[f][o.len[f] - 1];

        for (k = 0; k < options_at(s, i)->n; k++) {
            if (options_at(s, i)->cl[k][0] == cl && cl != MDR_CL_NONE) {
                return 1;
            }
        }
    }

    return 0;
}


static int
make_runs(slow_t *s)
{
    void      *p;
    uint32_t   i, n, *run, *last;

    n = (uint32_t) s->t->n;
    p = s->x->run;

    if (mdr_grow(s->x->alloc, &p, &s->x->run_cap, 2 * (size_t) n + 1,
                 sizeof(uint32_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    s->x->run = p;
    run = p;
    last = run + n;

    for (i = 0; i < n; i++) {
        run[i] = i != 0 && is_run(s, i) ? run[i - 1] : i;
    }

    for (i = n; i-- > 0; /* void */) {
        last[i] = i + 1 < n && run[i + 1] == run[i] ? last[i + 1] : i;
    }

    return MDR_OK;
}


/*
 * The row of the trace.  Atoms that may be several things are special in it;
 * *first and *last of them.
 */

static int
read_row(slow_t *s, uint32_t *first, uint32_t *last)
{
    size_t             n;
    uint32_t           i, k, cl;
    mdr_row_t         *r;
    const options_t   *o;
    const mdr_atom_t  *a;

    r = &s->w->read;

    if (mdr_match_row_reserve(s->w->alloc, r, s->t->n + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    r->trace = s->t;
    r->subject = s->subject;
    r->mixed = 0;
    r->cls[0] = MDR_CL_NONE;
    r->pos[0] = 0;

    for (i = 0, n = 1; i < s->t->n; i++) {
        a = &s->t->atoms[i];
        cl = mdr_class_of(s->m, a->cp);

        if (cl != MDR_CL_SPECIAL && !is_keycap(a)) {
            r->cls[n] = (uint16_t) cl;
            r->pos[n] = i;
            n += cl != MDR_CL_SKIP
                 && !(s->m->h.repeat && cl == r->cls[n - 1]
                      && cl != MDR_CL_NONE);
            continue;
        }

        o = options_at(s, i);

        if (o->n + o->skip > 1) {
            if (!r->mixed) {
                *first = i;
            }
            *last = i;
            r->mixed = 1;
            r->cls[n] = MDR_CL_SPECIAL;
            r->pos[n++] = i;
            continue;
        }

        if (o->n == 0) {
            continue;
        }

        if (mdr_match_row_reserve(s->w->alloc, r,
                                  n + (s->t->n - i) + MDR_FOLD_SEQ)
            != MDR_OK)
        {
            return MDR_ERROR;
        }

        for (k = 0; k < o->len[0]; k++) {
            cl = o->cl[0][k];
            r->cls[n] = (uint16_t) cl;
            r->pos[n] = i;
            n += !(s->m->h.repeat && cl == r->cls[n - 1]
                   && cl != MDR_CL_NONE);
        }
    }

    mdr_match_row_end(r, n, (uint32_t) s->t->n);

    return MDR_OK;
}


/* around the atoms that may be several things, each atom by itself */

static int
search_zones(slow_t *s, uint32_t first, uint32_t last)
{
    uint32_t           i, k, wide, next;
    const options_t   *o;
    const mdr_atom_t  *a;

    wide = (uint32_t) s->m->h.longest * (1 + s->gap);

    if (s->m->h.repeat) {
        wide = UINT32_MAX;

        if (make_runs(s) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    memset(s->x->seen, 0, sizeof(s->x->seen));
    memset(s->x->been, 0, sizeof(s->x->been));
    memset(s->x->last, 0, sizeof(s->x->last));

    for (i = first, next = 0; i <= last; i++) {
        a = &s->t->atoms[i];

        if (mdr_class_of(s->m, a->cp) != MDR_CL_SPECIAL && !is_keycap(a)) {
            continue;
        }

        o = options_at(s, i);

        if (o->n + o->skip < 2) {
            continue;
        }

        for (k = i > wide && i - wide > next ? i - wide : next;
             k < s->t->n && (k <= i || k - i <= wide); k++)
        {
            if (slow_from(s, k) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        next = k;
    }

    return put_ranges(s);
}


/* terms of marks only have no classes; they begin at special characters */

static int
search_bare(slow_t *s)
{
    uint32_t               i, k;
    const mdr_atom_t      *a;
    const mdr_lex_user_t  *u;

    for (k = 0; k < s->m->h.nbare; k++) {
        u = &s->m->users[s->m->h.bare + k];

        if (s->m->model->rules[u->rule].profile.folds != s->folds) {
            continue;
        }

        for (i = 0; i < s->t->n; i++) {
            a = &s->t->atoms[i];

            if ((mdr_class_of(s->m, a->cp) == MDR_CL_SPECIAL || is_keycap(a))
                && mdr_match_compare_user(s->m, s->w, s->t, s->subjects,
                                          s->subject, u, i, i + 1, s->hits)
                   != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


int
mdr_match_slow(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, mdr_raw_hits_t *hits)
{
    slow_t    s;
    uint32_t  k, r, first, last, done[32], ndone;

    s.m = m;
    s.w = w;
    s.x = w->slow_work;
    s.subjects = subjects;
    s.subject = subject;
    s.hits = hits;
    s.gap = m->gap;
    ndone = 0;
    first = 0;
    last = 0;

    for (r = 0; r < m->model->nrules; r++) {
        s.folds = m->model->rules[r].profile.folds;

        for (k = 0; k < ndone && done[k] != s.folds; k++) { /* void */ }

        if (k < ndone) {
            continue;
        }

        /* more sets than there is room for are gone through again */

        if (ndone < 32) {
            done[ndone++] = s.folds;
        }

        s.t = mdr_match_trace(w, subjects, subject, s.folds);

        if (s.t == NULL) {
            return MDR_ERROR;
        }

        for (k = 0; k < OPTIONS; k++) {
            s.x->options[k].key = 0;
        }

        if (read_row(&s, &first, &last) != MDR_OK
            || mdr_match_filter(m, w, &w->read, subjects, 1, hits) != MDR_OK
            || (w->read.mixed && search_zones(&s, first, last) != MDR_OK)
            || search_bare(&s) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
