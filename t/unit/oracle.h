/*
 * oracle.h - does a term begin at this atom of a trace?  What the matcher is
 * compared with.
 *
 * A small automaton for one term and one atom, as plain as it can be.  Its
 * states are (how much of the term is there, marks since the last of it); a
 * state set of a few entries at a time, each entry at most once.
 */

#ifndef MDR_ORACLE_H
#define MDR_ORACLE_H

#include "text/fold.h"
#include "base/utf8.h"

#include <string.h>


#define ORACLE_STATES  (MDR_TERM_MAX + 1 + 4096)

typedef mdr_trace_term_t  oracle_term_t;

typedef struct {
    uint16_t  k;                    /* elements of the term matched         */
    uint8_t   gap;
    uint8_t   sub;                  /* letters of a reading matched         */
    uint8_t   read;                 /* which reading, + 1                   */
} oracle_state_t;

/* states in hand; at[k] is the place of the one, + 1, that has k elements and
 * is in no reading: there are as many as the term has.  In readings there are
 * few. */

typedef struct {
    oracle_state_t   s[ORACLE_STATES];
    size_t    n;
    uint16_t  at[MDR_TERM_MAX + 1];
    uint8_t   reads;
} oracle_set_t;


static inline void
oracle_clear(oracle_set_t *set)
{
    size_t  i;

    for (i = 0; i < set->n; i++) {
        set->at[set->s[i].k] = 0;
    }

    set->n = 0;
    set->reads = 0;
}


static inline void
oracle_add(oracle_set_t *set, size_t k, unsigned gap, unsigned read, unsigned sub)
{
    size_t  i;

    i = read == 0 ? set->at[k] != 0 ? set->at[k] - 1u : set->n
        : set->reads ? 0 : set->n;

    for ( ; i < set->n; i++) {
        if (set->s[i].k == k && set->s[i].read == read
            && set->s[i].sub == sub)
        {
            if (gap < set->s[i].gap) {
                set->s[i].gap = (uint8_t) gap;
            }
            return;
        }
    }

    if (set->n < ORACLE_STATES) {
        if (read == 0) {
            set->at[k] = (uint16_t) (set->n + 1);
        } else {
            set->reads = 1;
        }

        set->s[set->n].k = (uint16_t) k;
        set->s[set->n].gap = (uint8_t) gap;
        set->s[set->n].read = (uint8_t) read;
        set->s[set->n].sub = (uint8_t) sub;
        set->n++;
    }
}


/* is there no word edge before element i of a form? */

static inline int
oracle_is_inside(const mdr_fold_seq_t *f, size_t i)
{
    return mdr_fold_is_word(f->cp[i - 1]) && mdr_fold_is_word(f->cp[i]);
}


/* states behind form f read in state k; at the end of the term a form may
 * reach beyond it, at its beginning it may begin before it */

static inline void
oracle_step_form(const oracle_term_t *t, const mdr_fold_seq_t *f, size_t k, int edges,
    oracle_set_t *out)
{
    size_t  i, j, from;

    for (from = 0; from < f->n; from++) {

        for (i = from, j = k; i < f->n && j < t->n && t->cp[j] == f->cp[i];
             i++, j++)
        {
            /* void */
        }

        if (i > from && (i == f->n || j == t->n)
            && !(edges && ((from != 0 && oracle_is_inside(f, from))
                           || (i != f->n && oracle_is_inside(f, i)))))
        {
            oracle_add(out, j, 0, 0, 0);
        }

        if (k != 0) {
            return;                     /* inside: from its first only       */
        }
    }
}


static inline void
oracle_step_reading(const oracle_term_t *t, uint32_t letter, const oracle_state_t *s, oracle_set_t *out)
{
    size_t       m, i, first;
    const char  *r[8];

    if (s->k == t->n || !t->han[s->k]) {
        return;
    }

    m = mdr_fold_readings(t->cp[s->k], r);
    first = s->read != 0 ? (size_t) s->read - 1 : 0;

    for (i = first; i < m; i++) {
        if ((uint32_t) (uint8_t) r[i][s->sub] == letter
            || (r[i][s->sub] == 'v' && letter == 'u'))
        {
            if (r[i][s->sub + 1] == '\0') {
                oracle_add(out, (size_t) s->k + 1, 0, 0, 0);
            } else {
                oracle_add(out, s->k, 0, (unsigned) i + 1, s->sub + 1u);
            }
        }

        if (s->read != 0) {
            break;
        }
    }
}


static inline int
oracle_boundary_ok(const mdr_trace_t *t, const oracle_term_t *term, size_t first,
    size_t last, const mdr_profile_t *p)
{
    size_t  i;

    if (p->boundary == MDR_BOUNDARY_WHOLE) {
        for (i = 0; i < t->n; i++) {
            if ((i < first || i > last) && t->atoms[i].mark == 0
                && (i < t->base) == (first < t->base))
            {
                return 0;
            }
        }
        return 1;
    }

    return mdr_trace_edges(t, p, first, last, term->cp[0], term->word[0],
                           term->cp[term->n - 1], term->word[term->n - 1]);
}


static inline int
oracle_has_form(const mdr_fold_seq_t *f, size_t n, uint32_t cp)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (f[i].n == 1 && f[i].cp[0] == cp) {
            return 1;
        }
    }

    return 0;
}


/* can term begin at atom i at all?  Says no to nearly every atom, cheaply */

static inline int
oracle_may_begin(const mdr_trace_t *t, size_t i, mdr_str_t term, uint32_t folds)
{
    size_t          at, len, n, k, m;
    uint32_t        cp;
    mdr_fold_seq_t  head[MDR_FOLD_ALTS], f[MDR_FOLD_ALTS];

    if (folds & MDR_FOLD_PINYIN) {
        return 1;
    }

    for (at = 0; at < term.len; at += len) {
        cp = mdr_utf8_next((const uint8_t *) term.data + at, term.len - at,
                           &len);
        if (len == 0) {
            return 0;
        }

        if (mdr_fold_dropped(cp, folds)) {
            continue;
        }

        (void) mdr_fold_forms(cp, folds, head);
        n = mdr_fold_forms(t->atoms[i].cp, folds, f);

        for (k = 0; k < n; k++) {
            for (m = 0; m < f[k].n; m++) {
                if (f[k].cp[m] == head[0].cp[0]) {
                    return 1;
                }
            }
        }

        return 0;
    }

    return 0;
}


static inline int
oracle_match_term(const mdr_trace_t *t, size_t first,
    const mdr_trace_term_t *term, const mdr_profile_t *profile, uint32_t *start,
    uint32_t *end, size_t *last_atom)
{
    int             found, repeat, edges, flag;
    oracle_set_t           a, b, *now, *then, *x;
    size_t          i, j, k, n, last;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    if (first >= t->n || term->n == 0) {
        return 0;
    }

    repeat = (profile->folds & MDR_FOLD_REPEAT) != 0;
    edges = profile->boundary != MDR_BOUNDARY_NONE;
    now = &a;
    then = &b;
    now->n = 0;
    then->n = 0;
    now->reads = 0;
    memset(now->at, 0, (term->n + 1) * sizeof(uint16_t));
    memset(then->at, 0, (term->n + 1) * sizeof(uint16_t));
    found = 0;
    last = first;
    oracle_add(now, 0, 0, 0, 0);

    for (i = first; i < t->n && now->n != 0; i++) {
        n = mdr_fold_forms(t->atoms[i].cp, profile->folds, f);
        flag = (t->atoms[i].flags & MDR_ATOM_FLAG) != 0;
        oracle_clear(then);

        for (j = 0; j < now->n; j++) {
            const oracle_state_t  *s = &now->s[j];

            if (s->k == term->n) {
                continue;                   /* ended where no edge was       */
            }

            if (s->read == 0) {
                for (k = 0; k < n; k++) {
                    if (k != 0
                        && mdr_trace_far_fetched(t, i, term->cp[s->k],
                                                 term->word[s->k]))
                    {
                        break;
                    }
                    oracle_step_form(term, &f[k], s->k, edges, then);
                }
            }

            if ((profile->folds & MDR_FOLD_PINYIN) && f[0].n == 1) {
                oracle_step_reading(term, f[0].cp[0], s, then);
            }

            if (i == first) {
                continue;
            }

            /* more of a run whose term's part is there */

            if (repeat && s->k != 0 && s->read == 0
                && term->cp[s->k - 1] != term->cp[s->k]
                && oracle_has_form(f, n, term->cp[s->k - 1]))
            {
                oracle_add(then, s->k, 0, 0, 0);
            }

            if ((t->atoms[i].mark & profile->gap_of)
                && (s->k != 0 || s->read != 0)
                && (s->gap < profile->gap_max || (flag && s->gap != 0)))
            {
                oracle_add(then, s->k, s->gap + (flag && s->gap != 0 ? 0u : 1u),
                    s->read, s->sub);
            }
        }

        for (j = 0; j < then->n && !found; j++) {
            found = then->s[j].k == term->n;
        }

        if (found) {

            /* a run at the end belongs to the hit as a whole */

            for (last = i; repeat && last + 1 < t->n; last++) {
                n = mdr_fold_forms(t->atoms[last + 1].cp, profile->folds, f);
                if (!oracle_has_form(f, n, term->cp[term->n - 1])) {
                    break;
                }
            }

            found = oracle_boundary_ok(t, term, first, last, profile);
            if (found) {
                break;
            }
        }

        x = now;
        now = then;
        then = x;
    }

    if (!found) {
        return 0;
    }

    *start = UINT32_MAX;
    *end = 0;

    for (i = first; i <= last; i++) {
        if (t->atoms[i].start < *start) {
            *start = t->atoms[i].start;
        }
        if (t->atoms[i].end > *end) {
            *end = t->atoms[i].end;
        }
    }

    *last_atom = last;

    return 1;
}


static inline int
oracle_match(const mdr_trace_t *t, size_t first, mdr_str_t text,
    const mdr_profile_t *profile, uint32_t *start, uint32_t *end,
    size_t *last_atom)
{
    mdr_trace_term_t  term;

    if (first >= t->n || !oracle_may_begin(t, first, text, profile->folds)) {
        return 0;
    }

    mdr_trace_term(text, profile->folds, &term);

    return oracle_match_term(t, first, &term, profile, start, end,
                             last_atom);
}

#endif
