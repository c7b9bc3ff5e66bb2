/*
 * match_nfa.c - NFA simulation: which terms of a trie stand where in a trace?
 *
 * All terms and all atoms where they may begin are searched for at once.  A
 * state is how much of some term is there, which is a node of the trie, and
 * how many marks stand behind it.  From atom to atom goes a set of states, in
 * which each is once, whatever the number of starts that lead to it: so the
 * time is linear in the text, times the states that may be side by side.
 *
 * Which starts lead to a state is kept as a DAG: where two ways meet their
 * starts are a set that is the union of two.  Where a term ends, the starts
 * are read from that, each set once a term, since a hit ends where its term
 * first may; what they have in common is never gone through again.
 */

#include "match_nfa_in.h"

#include <string.h>


mdr_nfa_t *
mdr_match_nfa_new(const mdr_alloc_t *alloc)
{
    mdr_nfa_t  *x;

    x = mdr_calloc(alloc, sizeof(mdr_nfa_t));

    if (x != NULL) {
        x->alloc = alloc;
    }

    return x;
}


void
mdr_match_nfa_free(mdr_nfa_t *x)
{
    if (x != NULL) {
        mdr_free(x->alloc, x->now.s);
        mdr_free(x->alloc, x->then.s);
        mdr_table_done(&x->index, x->alloc);
        mdr_table_done(&x->reported, x->alloc);
        mdr_free(x->alloc, x->sets);
        mdr_free(x->alloc, x->stack);
        mdr_free(x->alloc, x->got);
        mdr_free(x->alloc, x->spans);
        mdr_free(x->alloc, x->last);
        mdr_free(x->alloc, x->branch);
        mdr_free(x->alloc, x);
    }
}


void
mdr_match_nfa_start(mdr_nfa_t *x)
{
    x->branch_known = 0;
}


/* what atom i may be */

static void
take_atom(mdr_nfa_search_t *s, size_t i)
{
    size_t           k;
    uint32_t         form;
    mdr_nfa_t       *x;
    const uint32_t  *forms;

    x = s->x;
    form = s->l->atoms[i].form;

    if (form & MDR_ATOMS_MANY) {
        x->nforms = mdr_fold_forms(s->l->t->atoms[i].cp, s->l->folds,
                                   x->forms);

    } else {
        forms = &form;
        x->nforms = form & MDR_ATOMS_CHOICE
                    ? mdr_match_atoms_forms(s->v->w->atoms, s->l, i, &forms)
                    : 1;

        for (k = 0; k < x->nforms; k++) {
            x->forms[k].n = 1;
            x->forms[k].cp[0] = forms[k];
        }
    }

    for (k = 1; k < x->nforms; k++) {
        form = x->forms[k].cp[0];
        x->never[k] = mdr_trace_far_fetched(s->l->t, i, form, 1) != 0;
        x->written[k] = mdr_trace_far_fetched(s->l->t, i, form, 0) != 0;
    }
}


/*
 * The next atom where it is worth to begin, behind i.  Under repeat, all starts
 * in a run of one character go the same way, but for what stands before the
 * first, and what comes from there holds what comes from the others; unless
 * less is left of the run than a term may take of it, and it can be left.
 */

static size_t
next_start(const mdr_nfa_search_t *s, size_t i)
{
    size_t                   run, most;
    uint32_t                 form;
    const mdr_atom_t        *t;
    const mdr_atoms_atom_t  *a;

    a = s->l->atoms;
    t = s->l->t->atoms;
    run = a[i].run;
    form = a[i].form;

    if (!MDR_USE_STARTS || !s->repeat || run == i
        || (s->p->folds & MDR_FOLD_PINYIN)
        || (form & MDR_ATOMS_MANY) || (t[i].mark & s->p->gap_of)
        || (i != 0 && a[i - 1].run != run && t[i - 1].word))
    {
        return i + 1;
    }

    if (run + 1 < s->l->t->n
        && ((a[run + 1].form & (MDR_ATOMS_CHOICE | MDR_ATOMS_MANY))
            || a[run + 1].form == form || (form & MDR_ATOMS_CHOICE)
            || (t[run + 1].mark & s->p->gap_of)))
    {
        most = form & MDR_ATOMS_CHOICE ? s->c->longest : s->c->run;

        return run + 2 > i + 1 + most ? run + 2 - most : i + 1;
    }

    return run + 1;
}


/* boundary: whole.  Readings of parts of a text that stand behind it are of
 * themselves */

static void
find_ends(mdr_nfa_search_t *s)
{
    size_t              i, end;
    const mdr_trace_t  *t;

    t = s->l->t;
    s->low = s->l->low;
    s->high = s->l->high;

    if (s->from >= t->base) {
        end = t->n;

        for (i = t->base; i < end && t->atoms[i].mark != 0; i++) {
            /* void */
        }

        for (s->low = i; end > i && t->atoms[end - 1].mark != 0; end--) {
            /* void */
        }

        s->high = end;
    }
}


/* the hits of s->c that begin at atoms [s->from, to) */

static int
run(mdr_nfa_search_t *s, size_t to)
{
    size_t             i, k, next;
    mdr_nfa_t         *x;
    mdr_nfa_state_t    root;
    mdr_nfa_states_t   swap;

    x = s->x;
    x->now.n = 0;
    x->nsets = 0;
    mdr_table_clear(&x->reported);

    if (s->longest) {
        if (MDR_GROW(x->alloc, x->last, to - s->from) != MDR_OK) {
            return MDR_ERROR;
        }

        memset(x->last, 0, (to - s->from) * sizeof(uint32_t));
    }

    memset(&root, 0, sizeof(root));
    root.node = s->c->root;

    for (i = s->from, next = i; i < s->l->t->n; i++) {

        if ((x->now.n == 0 && i >= to) || mdr_meter_spent(s->meter)) {
            break;
        }

        x->then.n = 0;
        mdr_table_clear(&x->index);
        take_atom(s, i);

        if (i == next && i < to) {
            root.starts = NONE;

            if (!(s->c->head && i != 0 && mdr_nfa_is_word(s->l->t, i - 1))
                && mdr_nfa_step(s, &root, i) != MDR_OK)
            {
                return MDR_ERROR;
            }

            next = next_start(s, i);
        }

        for (k = 0; k < x->now.n; k++) {
            if (mdr_nfa_step(s, &x->now.s[k], i) != MDR_OK) {
                return MDR_ERROR;
            }
        }

        swap = x->now;
        x->now = x->then;
        x->then = swap;
    }

    if (s->longest && mdr_nfa_put_longest(s, to) != MDR_OK) {
        return MDR_ERROR;
    }

    return s->any;
}


/* the same of atoms of the text itself and of what is behind it, apart */

static int
run_parts(mdr_nfa_search_t *s, size_t from, size_t to)
{
    int     rc;
    size_t  base;

    base = s->l->t->base;
    to = to < s->l->t->n ? to : s->l->t->n;

    for (s->from = from; s->from < to; s->from = base) {
        find_ends(s);
        rc = run(s, s->from < base && base < to ? base : to);

        if (rc == MDR_ERROR || s->from >= base || to <= base) {
            break;
        }
    }

    return from < to ? rc : 0;
}


static void
begin(mdr_nfa_search_t *s, mdr_verify_t *v, const mdr_atoms_line_t *l,
    uint32_t shift)
{
    memset(s, 0, sizeof(mdr_nfa_search_t));
    s->v = v;
    s->x = v->w->nfa;
    s->meter = &v->hits->meter;
    s->l = l;
    s->p = &v->rule->profile;
    s->shift = shift;
    s->repeat = (s->p->folds & MDR_FOLD_REPEAT) != 0;
}


int
mdr_match_nfa_trie(mdr_verify_t *v, const mdr_trie_t *c,
    const mdr_atoms_line_t *l, size_t from, size_t to, uint32_t shift)
{
    mdr_nfa_search_t       s;
    const mdr_lex_user_t  *u;

    begin(&s, v, l, shift);
    u = &v->m->users[v->m->trie_users[c->first]];
    s.c = c;
    s.nodes = v->m->trie_nodes;
    s.longest = MDR_USE_LONGEST && c->one
                && mdr_match_longest_only(v->m->model, u);

    if (c->one && !mdr_verify_is_read(v, u->rule)) {
        return 0;
    }

    return run_parts(&s, from, to);
}


/* v->u's term as a trie of one branch, in x->branch; its elements, 0: none.
 * MDR_ERROR */

static int
make_branch(mdr_verify_t *v, uint32_t folds)
{
    size_t              k;
    mdr_str_t           text;
    mdr_nfa_t          *x;
    mdr_trace_term_t   *t;
    mdr_trie_node_t    *d;

    x = v->w->nfa;
    t = &x->term;

    if (x->branch_known && x->branch_text == v->u->text
        && x->branch_folds == folds)
    {
        return (int) t->n;
    }

    text.data = v->m->text + v->u->text;
    text.len = v->u->len;
    mdr_trace_term(text, folds, t);
    v->hits->meter.steps += 1 + t->n / 4;
    x->branch_known = 0;

    if (MDR_GROW(x->alloc, x->branch, t->n + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    memset(x->branch, 0, (t->n + 1) * sizeof(mdr_trie_node_t));

    for (k = 0; k <= t->n; k++) {
        d = &x->branch[k];
        d->child = (uint32_t) k + 1;
        d->nchildren = k < t->n;
        d->nusers = k == t->n;

        if (k != 0) {
            d->code = t->cp[k - 1] << 1 | (t->word[k - 1] != 0);
            d->han = t->han[k - 1];
        }
    }

    x->branch_text = v->u->text;
    x->branch_folds = folds;
    x->branch_known = 1;

    return (int) t->n;
}


int
mdr_match_nfa_term(mdr_verify_t *v, const mdr_atoms_line_t *l, size_t from,
    size_t to, uint32_t shift)
{
    int               n;
    mdr_trie_t        c;
    mdr_nfa_search_t  s;

    n = make_branch(v, l->folds);

    if (n <= 0) {
        return n;
    }

    begin(&s, v, l, shift);
    s.meter->steps += 4;
    memset(&c, 0, sizeof(c));
    c.longest = (uint32_t) n;
    c.head = (v->u->flags & MDR_TERM_HEAD) != 0;

    for (c.run = 1; c.run < (uint32_t) n
                    && s.x->term.cp[c.run] == s.x->term.cp[0]; c.run++)
    {
        /* void */
    }

    s.c = &c;
    s.nodes = s.x->branch;
    s.branch = 1;
    s.longest = MDR_USE_LONGEST;

    return run_parts(&s, from, to);
}
