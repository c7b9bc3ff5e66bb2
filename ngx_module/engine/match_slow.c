/*
 * match_slow.c - texts in which a character may be more than one class.
 *
 * What such a text may be read as is found through its traces, one for each
 * set of folds: every row of three classes that can be read from an atom is
 * looked up, and a pattern whose anchor is there is a candidate for the atoms
 * where it may begin.  What a row leads to depends on where it has come and
 * on its classes only, so a state that was seen is not gone into again; with
 * the length of gaps that keeps the work an atom bounded.
 */

#include "match_work.h"

#include <string.h>


#define PATHS   65536                   /* rows tried, an atom               */
#define STACK   256
#define STATES  1024                    /* remembered; powers of two         */
#define AHEAD   256                     /* atoms whose options are kept      */
#define LAST    256                     /* candidates that may go on         */


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


/* classes that an atom may stand for */

typedef struct {
    uint32_t  atom;                     /* + 1; 0: none                      */
    uint8_t   n;                        /* options                           */
    uint8_t   skip;
    uint8_t   len[MDR_FOLD_ALTS];
    uint16_t  cl[MDR_FOLD_ALTS][MDR_FOLD_SEQ];
} options_t;

/* a row on its way: what it has, and the class it takes next */

typedef struct {
    uint32_t  atom;
    uint8_t   form, at;
    uint8_t   got;
    uint8_t   skipped;                  /* marks since the last class        */
    uint16_t  c[3];                     /* 0 from `got` on                   */
    uint16_t  start;                    /* low bits of the atom it is from   */
} path_t;

struct mdr_slow_s {
    options_t  options[AHEAD];
    path_t     seen[STATES];
    uint32_t   last[LAST];              /* candidate + 1, by its pattern     */
    path_t     stack[STACK];
};

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    mdr_slow_t           *x;
    const mdr_trace_t    *t;
    uint32_t              subject, folds;
    uint32_t              gap;          /* marks between two classes         */
    uint32_t              from;         /* the atom in hand                  */
} slow_t;


mdr_slow_t *
mdr_match_slow_new(const mdr_alloc_t *alloc)
{
    return mdr_alloc(alloc, sizeof(mdr_slow_t));
}


static const options_t *
options_at(slow_t *s, uint32_t atom)
{
    size_t             i, k, n;
    uint32_t           cl;
    options_t         *o;
    mdr_fold_seq_t     f[MDR_FOLD_ALTS];
    const mdr_atom_t  *a;

    o = &s->x->options[atom % AHEAD];

    if (o->atom == atom + 1) {
        return o;
    }

    a = &s->t->atoms[atom];
    n = mdr_fold_forms(a->cp, s->folds, f);
    o->atom = atom + 1;
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

        if (o->len[o->n] != 0) {
            o->n++;
        } else {
            o->skip = 1;
        }
    }

    return o;
}


/*
 * Where a pattern may begin whose anchor was read from atom s->from: as many
 * classes before it as stand before the anchor, each at most `gap` marks from
 * the next.  Under repeat a class may be a run of any length, so that is
 * anywhere, and it does not matter from where an anchor was read.
 */

static uint32_t
first_atom(const slow_t *s, uint32_t before)
{
    uint64_t  n;

    n = (uint64_t) before * (1 + s->gap);

    return s->m->h.repeat || n > s->from ? 0 : s->from - (uint32_t) n;
}


static int
slow_found(slow_t *s, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t          k, first, *last;
    mdr_candidate_t  *old;

    k = mdr_match_look_up(s->m, a, b, c);

    if (k == 0) {
        return MDR_OK;
    }

    for (k--; ; k++) {
        first = first_atom(s, s->m->patterns[k].anchor & MDR_PAT_AT);
        last = &s->x->last[k % LAST];
        old = *last != 0 ? &s->w->cands[*last - 1] : NULL;

        if (old != NULL && old->pattern == k && first <= old->to) {
            if (old->to <= s->from) {
                old->to = s->from + 1;
            }

        } else {
            if (mdr_match_candidate(s->w, s->subject, k, MDR_NO_AT)
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            *last = (uint32_t) s->w->ncands;
            old = &s->w->cands[*last - 1];
            old->from = first;
            old->to = s->m->h.repeat ? UINT32_MAX : s->from + 1;
            old->folds = s->folds;
        }

        if (s->m->patterns[k].anchor & MDR_PAT_LAST) {
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
        *more = word != 0;

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
    p.start = s->m->h.repeat ? 0 : (uint16_t) i;
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


int
mdr_match_slow(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject)
{
    slow_t    s;
    uint32_t  i, k, r, done[32], ndone;

    s.m = m;
    s.w = w;
    s.x = w->slow_work;
    s.subject = subject;
    s.gap = m->gap;
    ndone = 0;

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

        memset(s.x->options, 0, sizeof(s.x->options));
        memset(s.x->seen, 0, sizeof(s.x->seen));
        memset(s.x->last, 0, sizeof(s.x->last));

        for (i = 0; i < s.t->n; i++) {
            if (slow_from(&s, i) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}
