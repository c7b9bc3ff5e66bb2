/*
 * match_atoms.c - what is known of traces and terms that are compared.
 *
 * A trace makes a text a row of atoms (text/trace.c).  What each atom may be
 * under the folds, and how far a run of equal ones goes, is worked out once a
 * trace (a *line*); the elements of short terms are remembered for the batch.
 */

#include "match_atoms.h"
#include "base/utf8.h"

#include <string.h>


#define FORMS  512                      /* characters remembered; powers of  */
#define TERMS  256                      /* two                               */
#define LINES  (MDR_TRACES + 1)
#define RUNS   16                       /* remembered of all lines           */

/* the forms of a character under folds that are one character, the first one
 * first if it is; many: there are others */

typedef struct {
    uint32_t  cp, folds;                /* cp + 1                            */
    uint32_t  form[MDR_FOLD_ALTS];
    uint8_t   n, many;
} forms_t;

/* atoms [from, to] of a line may all be the element, and the next one not */

typedef struct {
    const mdr_trace_t  *t;
    uint32_t            builds, element;
    size_t              from, to;
} run_t;

struct mdr_atoms_s {
    const mdr_alloc_t  *alloc;
    forms_t             forms[FORMS];
    mdr_atoms_term_t    terms[TERMS];   /* short ones                        */
    mdr_atoms_term_t    term;           /* a long one, in hand               */
    mdr_trace_term_t    full;           /* the same, or one that is read     */
    uint32_t            batch;          /* of terms that are known           */
    mdr_atoms_line_t    lines[LINES];
    uint32_t            next_line;
    run_t               runs[RUNS];
};


mdr_atoms_t *
mdr_match_atoms_new(const mdr_alloc_t *alloc)
{
    mdr_atoms_t  *x;

    x = mdr_calloc(alloc, sizeof(mdr_atoms_t));

    if (x != NULL) {
        x->alloc = alloc;
        x->batch = 1;
    }

    return x;
}


void
mdr_match_atoms_free(mdr_atoms_t *x)
{
    size_t  i;

    if (x == NULL) {
        return;
    }

    for (i = 0; i < LINES; i++) {
        mdr_free(x->alloc, x->lines[i].atoms);
    }

    mdr_free(x->alloc, x);
}


void
mdr_match_atoms_start(mdr_atoms_t *x)
{
    if (++x->batch == 0) {
        memset(x->terms, 0, sizeof(x->terms));
        x->batch = 1;
    }
}


static const forms_t *
forms_of(mdr_atoms_t *x, uint32_t cp, uint32_t folds)
{
    size_t           i, n;
    forms_t         *f;
    mdr_fold_seq_t   s[MDR_FOLD_ALTS];

    f = &x->forms[(cp ^ (cp >> 9) ^ folds * 0x9e3779b1u >> 24) % FORMS];

    if (MDR_USE_FORMS && f->cp == cp + 1 && f->folds == folds) {
        return f;
    }

    n = mdr_fold_forms(cp, folds, s);
    f->cp = cp + 1;
    f->folds = folds;
    f->n = 0;
    f->many = 0;

    for (i = 0; i < n; i++) {
        if (s[i].n == 1) {
            f->form[f->n++] = s[i].cp[0];
        } else {
            f->many = 1;
        }
    }

    return f;
}


static int
has_form(const forms_t *f, uint32_t cp)
{
    uint32_t  i;

    for (i = 0; i < f->n; i++) {
        if (f->form[i] == cp) {
            return 1;
        }
    }

    return 0;
}


static int
is_same(const mdr_atom_t *a, const mdr_atom_t *b)
{
    return a->cp == b->cp && a->mark == b->mark && a->word == b->word;
}


static int
read_line(mdr_atoms_t *x, mdr_atoms_line_t *l, const mdr_trace_t *t)
{
    size_t             i;
    uint32_t           last;
    const forms_t     *f;
    mdr_atoms_atom_t  *a;

    if (MDR_GROW(x->alloc, l->atoms, t->n + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    l->t = t;
    l->builds = t->builds;
    l->folds = t->folds;
    a = l->atoms;

    for (i = 0; i < t->n; i++) {
        if (i != 0 && is_same(&t->atoms[i], &t->atoms[i - 1])) {
            a[i].form = a[i - 1].form;
            continue;
        }

        f = forms_of(x, t->atoms[i].cp, t->folds);
        a[i].form = f->many ? MDR_ATOMS_MANY
                    : f->form[0] | (f->n > 1 ? MDR_ATOMS_CHOICE : 0);
    }

    for (i = t->n, last = 0; i-- > 0; /* void */) {
        if (i + 1 == t->n || !is_same(&t->atoms[i], &t->atoms[i + 1])) {
            last = (uint32_t) i;
        }
        a[i].run = last;
    }

    for (i = 0; i < t->base && t->atoms[i].mark != 0; i++) { /* void */ }

    l->low = i;

    for (i = t->base; i > 0 && t->atoms[i - 1].mark != 0; i--) {
        /* void */
    }

    l->high = i;                        /* behind the last                   */

    return MDR_OK;
}


/* is there nothing but marks between atom i and a boundary, before it (step
 * -1) or behind it?  Atoms of other readings stand apart. */

static int
at_boundary(const mdr_atoms_line_t *l, size_t i, size_t step)
{
    const mdr_trace_t  *t;

    t = l->t;

    if (i >= t->base) {
        return 0;
    }

    for (i += step; i < t->base && t->atoms[i].mark != 0; i += step) {
        if (t->atoms[i].mark == MDR_GAP_BLOCK) {
            return 1;
        }
    }

    return i >= t->base;                /* the text begins or ends           */
}


int
mdr_match_atoms_begins(const mdr_atoms_line_t *l, size_t i)
{
    return i <= l->low || at_boundary(l, i, (size_t) -1);
}


int
mdr_match_atoms_ends(const mdr_atoms_line_t *l, size_t i)
{
    return (i < l->t->base && i + 1 >= l->high) || at_boundary(l, i, 1);
}


const mdr_atoms_line_t *
mdr_match_atoms_line(mdr_atoms_t *x, const mdr_trace_t *t, mdr_meter_t *meter)
{
    size_t             i;
    mdr_atoms_line_t  *l;

    for (i = 0, l = NULL; i < LINES; i++) {
        if (x->lines[i].t == t) {
            l = &x->lines[i];
            break;
        }
    }

    if (l == NULL) {
        l = &x->lines[x->next_line++ % LINES];
    }

    l->meter = meter;

    if (l->t == t && l->builds == t->builds) {
        return l;
    }

    meter->steps += t->n;
    l->t = NULL;

    return read_line(x, l, t) == MDR_OK ? l : NULL;
}


const mdr_atoms_term_t *
mdr_match_atoms_term(mdr_atoms_t *x, const mdr_matcher_t *m,
    const mdr_lex_user_t *u, uint32_t folds)
{
    mdr_str_t          text;
    mdr_atoms_term_t  *t;

    t = &x->terms[((u->text ^ folds) * 0x9e3779b1u >> 20) % TERMS];

    if (MDR_USE_TERMS && t->batch == x->batch && t->text == u->text
        && t->folds == folds)
    {
        return t;
    }

    text.data = m->text + u->text;
    text.len = u->len;
    x->full.n = 0;

    if (!(folds & MDR_FOLD_PINYIN)) {
        mdr_trace_term(text, folds, &x->full);
    }

    if (x->full.n > MDR_ATOMS_SHORT) {
        t = &x->term;
        t->cp = x->full.cp;

    } else {
        memcpy(t->own, x->full.cp, x->full.n * sizeof(uint32_t));
        t->cp = t->own;
    }

    t->batch = x->batch;
    t->text = u->text;
    t->folds = folds;
    t->n = (uint32_t) x->full.n;
    t->head_word = t->n != 0 ? x->full.word[0] : 0;
    t->tail_word = t->n != 0 ? x->full.word[t->n - 1] : 0;

    return t;
}


size_t
mdr_match_atoms_forms(mdr_atoms_t *x, const mdr_atoms_line_t *l, size_t i,
    const uint32_t **forms)
{
    const forms_t  *f;

    f = forms_of(x, l->t->atoms[i].cp, l->folds);
    *forms = f->form;

    return f->n;
}


int
mdr_match_atoms_may_be(mdr_atoms_t *x, const mdr_atoms_line_t *l, size_t i,
    uint32_t element)
{
    return has_form(forms_of(x, l->t->atoms[i].cp, l->folds), element);
}


size_t
mdr_match_atoms_run(mdr_atoms_t *x, const mdr_atoms_line_t *l, size_t last,
    uint32_t element)
{
    size_t                   i;
    run_t                   *r;
    const mdr_atoms_atom_t  *a;

    r = &x->runs[element % RUNS];

    if (r->t == l->t && r->builds == l->builds && r->element == element
        && last >= r->from && last <= r->to)
    {
        return r->to;                   /* or each end would go through it   */
    }

    for (i = last; i + 1 < l->t->n; i = a->run) {
        a = &l->atoms[i + 1];

        if ((a->form & (MDR_ATOMS_CHOICE | MDR_ATOMS_MANY))
            ? !mdr_match_atoms_may_be(x, l, i + 1, element)
            : a->form != element)
        {
            break;
        }

        l->meter->steps++;
    }

    r->t = l->t;
    r->builds = l->builds;
    r->element = element;
    r->from = last;
    r->to = i;

    return i;
}


void
mdr_match_atoms_span(const mdr_atoms_line_t *l, size_t first, size_t last,
    uint32_t *start, uint32_t *end)
{
    size_t             i;
    const mdr_atom_t  *a;

    a = l->t->atoms;
    *start = a[first].start;
    *end = a[last].end;

    if (l->t->ordered) {
        return;
    }

    l->meter->steps += (last - first) / 8;

    for (i = first; i <= last; i++) {
        *start = a[i].start < *start ? a[i].start : *start;
        *end = a[i].end > *end ? a[i].end : *end;
    }
}
