/*
 * match_walk.c - is a term at an atom of a trace, where one way leads on?
 *
 * Nearly every atom is one character of one form, which is the next of the
 * term, or the one that it had last (under repeat), or a mark that is skipped:
 * then there is one way through the text, and it is walked, a run of equal
 * characters at a time.  Where an atom may be two of these at once, or several
 * characters, match_nfa.c decides.
 */

#include "match_exact.h"


#define FAR  64                         /* atoms that one way may take       */


/* may atom i, which has several forms, be element k of the term? */

static int
may_take(mdr_exact_t *x, const mdr_exact_line_t *l, size_t i,
    const mdr_exact_term_t *term, uint32_t k)
{
    int       word;
    uint32_t  e;

    e = term->cp[k];

    if ((l->atoms[i].form & MDR_EXACT_FORM) == e) {
        return 1;
    }

    if (!mdr_match_exact_may_be(x, l, i, e)) {
        return 0;
    }

    /* digits of a term: was it a digit there?  Then only the text decides */

    word = k == 0 ? term->head_word
           : k + 1 == term->n ? term->tail_word : -1;

    if (word == -1 && e >= '0' && e <= '9') {
        return MDR_EXACT_OPEN;
    }

    return !mdr_trace_far_fetched(l->t, i, e, word);
}


size_t
mdr_match_exact_run(mdr_exact_t *x, const mdr_exact_line_t *l, size_t last,
    uint32_t element, mdr_meter_t *meter)
{
    size_t                   i;
    mdr_exact_run_t         *r;
    const mdr_exact_atom_t  *a;

    r = mdr_match_exact_known_run(x, element);

    if (r->line != l || r->builds != l->builds || r->element != element) {
        r->line = l;
        r->builds = l->builds;
        r->element = element;
        r->from = SIZE_MAX;
    }

    for (i = last; i + 1 < l->t->n; /* void */) {

        if (i >= r->from && i <= r->end) {
            i = r->end;
            break;
        }

        a = &l->atoms[i + 1];

        if ((a->form & (MDR_EXACT_CHOICE | MDR_EXACT_MANY))
            ? !mdr_match_exact_may_be(x, l, i + 1, element)
            : a->form != element)
        {
            break;
        }

        meter->steps++;
        i = a->run;
    }

    r->from = last;
    r->end = i;

    return i;
}


/*
 * One way from atom i through the term.  Yes: *last is the last atom of it.
 * Open: there may be several.
 */

static int
walk(mdr_exact_t *x, const mdr_exact_line_t *l, size_t i,
    const mdr_exact_term_t *term, const mdr_profile_t *p, size_t *last,
    mdr_meter_t *meter)
{
    int                      takes, stays, skips, repeat, simple, flag;
    size_t                   n, most;
    uint32_t                 k, e, gap, before;
    const uint32_t          *cp;
    const mdr_atom_t        *atom;
    const mdr_exact_atom_t  *a;

    repeat = (p->folds & MDR_FOLD_REPEAT) != 0;
    cp = term->cp;
    n = l->t->n;
    gap = 0;
    before = UINT32_MAX;
    most = i + FAR + 4 * (size_t) term->n;

    for (k = 0; i < n && k < term->n; /* void */) {
        a = &l->atoms[i];
        atom = &l->t->atoms[i];
        meter->steps++;

        if (mdr_meter_spent(meter)) {
            return MDR_EXACT_NO;
        }

        /* under repeat it may go on for long, and so may the next start */

        if (i > most) {
            return MDR_EXACT_OPEN;
        }

        if (a->form & MDR_EXACT_MANY) {
            return MDR_EXACT_OPEN;
        }

        e = a->form & MDR_EXACT_FORM;
        simple = (a->form & MDR_EXACT_CHOICE) == 0;
        takes = simple ? e == cp[k] : may_take(x, l, i, term, k);

        if (takes == MDR_EXACT_OPEN) {
            return MDR_EXACT_OPEN;
        }

        stays = repeat && k != 0 && before != cp[k]
                && (simple ? e == before
                           : mdr_match_exact_may_be(x, l, i, before));
        skips = 0;
        flag = 0;

        if (atom->mark & p->gap_of) {
            simple = 0;
            flag = gap != 0 && (atom->flags & MDR_ATOM_FLAG) != 0;
            skips = k != 0 && (flag || gap < p->gap_max);
        }

        if (takes + stays + skips > 1) {
            return MDR_EXACT_OPEN;
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
            return MDR_EXACT_NO;
        }
    }

    if (k != term->n) {
        return MDR_EXACT_NO;
    }

    *last = i - 1;

    return MDR_EXACT_YES;
}


static int
stands(const mdr_exact_line_t *l, const mdr_profile_t *p,
    size_t first, size_t last, uint32_t head, int head_word, uint32_t tail,
    int tail_word)
{
    if (p->boundary == MDR_BOUNDARY_WHOLE
        && (first > l->low || last + 1 < l->high))
    {
        return 0;
    }

    return mdr_trace_edges(l->t, p, first, last, head, head_word, tail,
                           tail_word);
}


static int
may_stand(const mdr_exact_line_t *l, const mdr_exact_term_t *term,
    const mdr_profile_t *p, size_t first, size_t last)
{
    return stands(l, p, first, last, term->cp[0],
                                  term->head_word, term->cp[term->n - 1],
                                  term->tail_word);
}


int
mdr_match_exact(mdr_exact_t *x, const mdr_exact_line_t *l, size_t i,
    const mdr_exact_term_t *term, const mdr_profile_t *p, size_t *last,
    mdr_meter_t *meter)
{
    int  rc;

    if (term->n == 0
        || (p->boundary == MDR_BOUNDARY_WHOLE && i >= l->t->base))
    {
        return MDR_EXACT_OPEN;
    }

    rc = walk(x, l, i, term, p, last, meter);

    if (rc != MDR_EXACT_YES) {
        return rc;
    }

    if (p->folds & MDR_FOLD_REPEAT) {
        *last = mdr_match_exact_run(x, l, *last, term->cp[term->n - 1],
                                    meter);
    }

    return may_stand(l, term, p, i, *last) ? MDR_EXACT_YES : MDR_EXACT_NO;
}


/*
 * Under repeat, all starts in a run with enough of it left go the same way,
 * but for what stands before the first; and a hit from there holds those of
 * the others.  Where less is left, the run must go on behind marks.
 */

size_t
mdr_match_exact_next(const mdr_exact_line_t *l, size_t i,
    const mdr_exact_term_t *term, const mdr_profile_t *p, int found)
{
    size_t                   run, tail;
    uint32_t                 form;
    const mdr_exact_atom_t  *a;

    a = &l->atoms[i];
    run = a->run;
    form = a->form;

    if ((p->folds & MDR_FOLD_REPEAT) == 0 || term->n == 0 || run == i
        || (form & (MDR_EXACT_CHOICE | MDR_EXACT_MANY))
        || (l->t->atoms[i].mark & p->gap_of))
    {
        return i + 1;
    }

    if (form != term->cp[0]) {
        return run + 1;
    }

    /* the first start with less than the term's run */

    tail = run - i + 1 >= term->head ? run - term->head + 2 : i;

    if (i + 1 < tail) {
        return found || (i != 0 && l->atoms[i - 1].run == run) ? tail : i + 1;
    }

    if (run + 1 < l->t->n) {
        form = l->atoms[run + 1].form;

        if ((form & (MDR_EXACT_CHOICE | MDR_EXACT_MANY))
            || form == term->cp[0]
            || (l->t->atoms[run + 1].mark & p->gap_of))
        {
            return i + 1;
        }
    }

    return run + 1;
}
