/*
 * match_slow.c - texts in which a character may be more than one class.
 *
 * What such a text may be read as is found through its traces: every row of
 * three classes that can be read at an atom is looked up, and all patterns of
 * an anchor that is there are candidates.  The work an atom is bounded.
 */

#include "match_work.h"

#include <string.h>


#define PATHS  4096                     /* rows tried, an atom               */


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


/* the slow way: classes that an atom may stand for */

typedef struct {
    uint8_t   n;                        /* options                           */
    uint8_t   skip;
    uint8_t   len[MDR_FOLD_ALTS];
    uint16_t  cl[MDR_FOLD_ALTS][MDR_FOLD_SEQ];
} options_t;


static void
options_of(const mdr_matcher_t *m, const mdr_atom_t *a, uint32_t folds,
    options_t *o)
{
    size_t          i, k, n;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    n = mdr_fold_forms(a->cp, folds, f);
    o->n = 0;
    o->skip = (a->mark & m->h.gaps) != 0;

    for (i = 0; i < n; i++) {
        o->len[o->n] = 0;
        for (k = 0; k < f[i].n; k++) {
            uint32_t  cl = element_class(m, f[i].cp[k]);

            if (cl == MDR_CL_SKIP) {
                continue;
            }
            o->cl[o->n][o->len[o->n]++] = (uint16_t) cl;
        }
        if (o->len[o->n] != 0) {
            o->n++;
        } else {
            o->skip = 1;
        }
    }
}


typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    const options_t      *o;
    size_t                n;
    uint32_t              subject;
    uint32_t              first_cand;
    uint32_t              paths;
} slow_t;


static int
slow_found(slow_t *s, uint32_t a, uint32_t b, uint32_t c)
{
    size_t    j;
    uint32_t  k;

    k = mdr_match_look_up(s->m, a, b, c);

    if (k == 0) {
        return MDR_OK;
    }

    for (k--; ; k++) {
        for (j = s->first_cand; j < s->w->ncands; j++) {
            if (s->w->cands[j].pattern == k) {
                break;
            }
        }

        if (j == s->w->ncands
            && mdr_match_candidate(s->w, s->subject, k, MDR_NO_AT) != MDR_OK)
        {
            return MDR_ERROR;
        }

        if (s->m->patterns[k].anchor & MDR_PAT_LAST) {
            return MDR_OK;
        }
    }
}


/*
 * All rows of three classes that begin at atom i, depth first with a stack of
 * its own.  A row may skip marks, take any form, and under repeat stay where
 * equal classes follow.
 */

typedef struct {
    uint32_t  atom;
    uint8_t   form, at;                 /* the next class to take            */
    uint8_t   got;
    uint16_t  c[3];
} path_t;


static int
slow_from(slow_t *s, size_t i)
{
    path_t            p, q, stack[256];
    uint32_t          n, f, last, h, word;
    const options_t  *o;

    n = 0;
    memset(&p, 0, sizeof(p));
    p.atom = (uint32_t) i;

    for (f = 0; f < s->o[i].n && n < 255; f++) {
        uint32_t  k;

        for (k = 0; k < s->o[i].len[f] && n < 255; k++) {
            p.form = (uint8_t) f;
            p.at = (uint8_t) k;
            stack[n++] = p;
        }
    }

    while (n != 0) {
        p = stack[--n];

        if (++s->paths > PATHS * 16) {
            return MDR_LIMIT;
        }

        o = &s->o[p.atom];
        last = p.got != 0 ? p.c[p.got - 1] : 0;
        q = p;

        if (!(s->m->h.repeat && o->cl[p.form][p.at] == last
              && last != MDR_CL_NONE))
        {
            if (o->cl[p.form][p.at] == MDR_CL_NONE) {
                continue;
            }

            q.c[q.got++] = o->cl[p.form][p.at];

            if (q.got == 1) {
                if (q.c[0] >= s->m->h.single
                    && slow_found(s, q.c[0], 0, 0) != MDR_OK)
                {
                    return MDR_ERROR;
                }

            } else {
                h = mdr_lex_pair(q.c[0], q.c[1]);
                word = s->m->bloom[h >> s->m->pair_shift];

                if (q.got == 2
                    && (word & 0x10000u << (h >> (s->m->pair_shift - 4) & 15))
                    && slow_found(s, q.c[0], q.c[1], 0) != MDR_OK)
                {
                    return MDR_ERROR;
                }

                if (word == 0) {
                    continue;
                }

                if (q.got == 3) {
                    if ((word & 1u << mdr_lex_third(q.c[2]))
                        && slow_found(s, q.c[0], q.c[1], q.c[2]) != MDR_OK)
                    {
                        return MDR_ERROR;
                    }
                    continue;
                }
            }
        }

        if (q.at + 1 < o->len[q.form]) {
            q.at++;
            if (n < 255) {
                stack[n++] = q;
            }
            continue;
        }

        /* on to the next atom, past marks that may be skipped */

        for (q.atom++; q.atom < s->n; q.atom++) {
            q.at = 0;

            for (f = 0; f < s->o[q.atom].n && n < 255; f++) {
                q.form = (uint8_t) f;
                stack[n++] = q;
            }

            if (!s->o[q.atom].skip) {
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
    int           rc;
    size_t        i;
    slow_t        s;
    uint32_t      k, r, done[32], ndone;
    options_t    *o;
    mdr_trace_t  *t;

    memset(&s, 0, sizeof(s));
    s.m = m;
    s.w = w;
    s.subject = subject;
    s.first_cand = (uint32_t) w->ncands;
    ndone = 0;
    rc = MDR_OK;

    for (r = 0; r < m->model->nrules && rc == MDR_OK; r++) {
        uint32_t  folds = m->model->rules[r].profile.folds;

        for (k = 0; k < ndone && done[k] != folds; k++) { /* void */ }

        if (k < ndone || ndone == 32) {
            continue;
        }

        done[ndone++] = folds;
        t = mdr_match_trace(w, subjects, subject, folds);

        if (t == NULL) {
            return MDR_ERROR;
        }

        o = mdr_alloc(w->alloc, (t->n + 1) * sizeof(options_t));
        if (o == NULL) {
            return MDR_ERROR;
        }

        for (i = 0; i < t->n; i++) {
            options_of(m, &t->atoms[i], folds, &o[i]);
        }

        s.o = o;
        s.n = t->n;

        for (i = 0; i < t->n && rc == MDR_OK; i++) {
            s.paths = 0;
            rc = slow_from(&s, i);
            if (rc == MDR_LIMIT) {
                rc = MDR_OK;
            }
        }

        mdr_free(w->alloc, o);
    }

    return rc;
}
