/*
 * match_direct.c - is a term at an atom of a trace, where one way leads on?
 *
 * Nearly every atom is one character of one form, which is the next of the
 * term, or the one that it had last (under repeat), or a mark that is skipped:
 * then there is one way through the text, and it is followed, a run of equal
 * characters at a time.  Where an atom may be two of these at once, or several
 * characters, match_nfa.c decides.
 */

#include "match_atoms.h"


#define FAR  64                         /* atoms that one way may take       */


/* may atom i, which has several forms, be element k of the term? */

static int
may_take(mdr_atoms_t *x, const mdr_atoms_line_t *l, size_t i,
    const mdr_atoms_term_t *term, uint32_t k)
{
    int       word;
    uint32_t  e;

    e = term->cp[k];

    if ((l->atoms[i].form & MDR_ATOMS_FORM) == e) {
        return 1;
    }

    if (!mdr_match_atoms_may_be(x, l, i, e)) {
        return 0;
    }

    /* digits of a term: was it a digit there?  Then only the text decides */

    word = k == 0 ? term->head_word
           : k + 1 == term->n ? term->tail_word : -1;

    if (word == -1 && e >= '0' && e <= '9') {
        return MDR_DIRECT_OPEN;
    }

    return !mdr_trace_far_fetched(l->t, i, e, word);
}


/*
 * One way from atom i through the term.  Yes: *last is the last atom of it.
 * Open: there may be several.
 */

static int
one_way(mdr_atoms_t *x, const mdr_atoms_line_t *l, size_t i,
    const mdr_atoms_term_t *term, const mdr_profile_t *p, size_t *last)
{
    int                      takes, stays, skips, repeat, simple, flag;
    size_t                   n, most;
    uint32_t                 k, e, gap, before;
    const uint32_t          *cp;
    const mdr_atom_t        *atom;
    const mdr_atoms_atom_t  *a;

    repeat = (p->folds & MDR_FOLD_REPEAT) != 0;
    cp = term->cp;
    n = l->t->n;
    gap = 0;
    before = UINT32_MAX;
    most = i + FAR + 4 * (size_t) term->n;

    for (k = 0; i < n && k < term->n; /* void */) {
        a = &l->atoms[i];
        atom = &l->t->atoms[i];
        l->meter->steps++;

        if (mdr_meter_spent(l->meter)) {
            return MDR_DIRECT_NO;
        }

        /* under repeat it may go on for long, and so may the next start */

        if (i > most) {
            return MDR_DIRECT_OPEN;
        }

        if (a->form & MDR_ATOMS_MANY) {
            return MDR_DIRECT_OPEN;
        }

        e = a->form & MDR_ATOMS_FORM;
        simple = (a->form & MDR_ATOMS_CHOICE) == 0;
        takes = simple ? e == cp[k] : may_take(x, l, i, term, k);

        if (takes == MDR_DIRECT_OPEN) {
            return MDR_DIRECT_OPEN;
        }

        stays = repeat && k != 0 && before != cp[k]
                && (simple ? e == before
                           : mdr_match_atoms_may_be(x, l, i, before));
        skips = 0;
        flag = 0;

        if (atom->mark & p->gap_of) {
            simple = 0;
            flag = gap != 0 && (atom->flags & MDR_ATOM_FLAG) != 0;
            skips = k != 0 && (flag || gap < p->gap_max);
        }

        if (takes + stays + skips > 1) {
            return MDR_DIRECT_OPEN;
        }

        if (takes) {
            gap = 0;
            before = cp[k++];
            i++;

            /* all of a run that the term has */

            while (simple && i <= a->run && k < term->n && cp[k] == before) {
                k++;
                i++;
            }

        } else if (stays) {
            gap = 0;
            i = simple ? a->run + 1 : i + 1;

        } else if (skips) {
            gap += !flag;
            i++;

        } else {
            return MDR_DIRECT_NO;
        }
    }

    if (k != term->n) {
        return MDR_DIRECT_NO;
    }

    *last = i - 1;

    return MDR_DIRECT_YES;
}


static int
may_stand(const mdr_atoms_line_t *l, const mdr_atoms_term_t *term,
    const mdr_profile_t *p, size_t first, size_t last)
{
    return (p->boundary != MDR_BOUNDARY_WHOLE
            || (mdr_match_atoms_begins(l, first)
                && mdr_match_atoms_ends(l, last)))
           && mdr_trace_edges(l->t, p, first, last, term->cp[0],
                              term->head_word, term->cp[term->n - 1],
                              term->tail_word);
}


int
mdr_match_direct(mdr_atoms_t *x, const mdr_atoms_line_t *l, size_t i,
    const mdr_atoms_term_t *term, const mdr_profile_t *p, size_t *last)
{
    int  rc;

    if (!MDR_USE_DIRECT || term->n == 0
        || (p->boundary == MDR_BOUNDARY_WHOLE && i >= l->t->base))
    {
        return MDR_DIRECT_OPEN;
    }

    rc = one_way(x, l, i, term, p, last);

    if (rc != MDR_DIRECT_YES) {
        return rc;
    }

    if (p->folds & MDR_FOLD_REPEAT) {
        *last = mdr_match_atoms_run(x, l, *last, term->cp[term->n - 1]);
    }

    return may_stand(l, term, p, i, *last) ? MDR_DIRECT_YES : MDR_DIRECT_NO;
}
