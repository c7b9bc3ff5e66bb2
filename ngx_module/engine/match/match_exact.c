/*
 * match_exact.c - what is known of traces and terms that are compared.
 *
 * What an atom may be is worked out once for each trace (a line), what a term
 * is made of once for each batch.  match_walk.c and match_nfa.c compare them.
 */

#include "match_exact.h"
#include "base/utf8.h"

#include <string.h>


#define FORMS   512                     /* characters remembered; powers of  */
#define TERMS   4096                     /* two                               */
#define ARENA   131072                  /* elements of remembered terms      */
#define LINES   (MDR_TRACES + 1)
#define RUNS    16

/* the forms of a character under folds that are one character, the first one
 * first if it is; many: there are others */

typedef struct {
    uint32_t  cp, folds;                /* cp + 1                            */
    uint32_t  form[MDR_FOLD_ALTS];
    uint8_t   n, many;
} forms_t;

struct mdr_exact_s {
    const mdr_alloc_t  *alloc;
    forms_t             forms[FORMS];
    mdr_exact_term_t    terms[TERMS];
    uint32_t            batch;          /* of terms that are known           */
    uint32_t            arena[ARENA];
    uint32_t            used;           /* of the arena                      */
    mdr_exact_line_t    lines[LINES];
    uint32_t            next_line;
    mdr_exact_run_t     runs[RUNS];
    mdr_trace_term_t    full;           /* in hand                           */
};


mdr_exact_t *
mdr_match_exact_new(const mdr_alloc_t *alloc)
{
    mdr_exact_t  *x;

    x = mdr_calloc(alloc, sizeof(mdr_exact_t));

    if (x != NULL) {
        x->alloc = alloc;
        x->batch = 1;
    }

    return x;
}


void
mdr_match_exact_free(mdr_exact_t *x)
{
    size_t  i;

    if (x == NULL) {
        return;
    }

    for (i = 0; i < LINES; i++) {
        mdr_free(x->alloc, x->lines[i].atoms);
        mdr_free(x->alloc, x->lines[i].spans);
    }

    mdr_free(x->alloc, x);
}


static void
forget_terms(mdr_exact_t *x)
{
    x->used = 0;

    if (++x->batch == 0) {
        memset(x->terms, 0, sizeof(x->terms));
        x->batch = 1;
    }
}


void
mdr_match_exact_start(mdr_exact_t *x)
{
    memset(x->runs, 0, sizeof(x->runs));

    if (x->used != 0) {
        forget_terms(x);
    }
}


static const forms_t *
forms_of(mdr_exact_t *x, uint32_t cp, uint32_t folds)
{
    size_t           i, n;
    forms_t         *f;
    mdr_fold_seq_t   s[MDR_FOLD_ALTS];

    f = &x->forms[(cp ^ (cp >> 9) ^ folds * 0x9e3779b1u >> 24) % FORMS];

    if (f->cp == cp + 1 && f->folds == folds) {
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
read_line(mdr_exact_t *x, mdr_exact_line_t *l, const mdr_trace_t *t)
{
    void              *p;
    size_t             i;
    uint32_t           last;
    const forms_t     *f;
    mdr_exact_atom_t  *a;

    p = l->atoms;

    if (mdr_grow(x->alloc, &p, &l->cap, t->n + 1, sizeof(mdr_exact_atom_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    l->atoms = p;
    l->t = t;
    l->builds = t->builds;
    l->folds = t->folds;
    l->spanned = 0;
    a = p;

    for (i = 0; i < t->n; i++) {
        if (i != 0 && is_same(&t->atoms[i], &t->atoms[i - 1])) {
            a[i].form = a[i - 1].form;
            continue;
        }

        f = forms_of(x, t->atoms[i].cp, t->folds);
        a[i].form = f->many ? MDR_EXACT_MANY
                    : f->form[0] | (f->n > 1 ? MDR_EXACT_CHOICE : 0);
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


const mdr_exact_line_t *
mdr_match_exact_line(mdr_exact_t *x, const mdr_trace_t *t, mdr_meter_t *meter)
{
    size_t             i;
    mdr_exact_line_t  *l;

    for (i = 0, l = NULL; i < LINES; i++) {
        if (x->lines[i].t == t) {
            l = &x->lines[i];
            break;
        }
    }

    if (l == NULL) {
        l = &x->lines[x->next_line++ % LINES];

    } else if (l->builds == t->builds) {
        return l;
    }

    meter->steps += t->n;
    l->t = NULL;

    return read_line(x, l, t) == MDR_OK ? l : NULL;
}


/* a term of Han characters, ASCII letters and digits; there is room for it.
 * 0: one of them is several characters under these folds */

static int
plain_term(mdr_exact_t *x, const char *text, size_t len, mdr_exact_term_t *t)
{
    int             word;
    size_t          i, size;
    uint32_t        cp, *to;
    const forms_t  *f;

    to = x->arena + x->used;
    t->n = 0;

    for (i = 0, word = 0; i < len; i += size) {
        cp = mdr_utf8_next((const uint8_t *) text + i, len - i, &size);

        if (size == 0) {
            return 0;
        }

        f = forms_of(x, cp, t->folds);

        if (f->many || mdr_fold_dropped(cp, t->folds)) {
            return 0;
        }

        to[t->n++] = f->form[0];
        word = mdr_fold_is_word(cp);
        t->head_word = i == 0 ? (uint8_t) word : t->head_word;
    }

    t->tail_word = (uint8_t) word;

    return 1;
}


const mdr_exact_term_t *
mdr_match_exact_term(mdr_exact_t *x, const mdr_matcher_t *m,
    const mdr_lex_user_t *u, uint32_t folds)
{
    mdr_str_t           text;
    mdr_trace_term_t   *full;
    mdr_exact_term_t   *t;

    t = &x->terms[((u->text ^ folds) * 0x9e3779b1u >> 20) % TERMS];

    if (t->batch == x->batch && t->text == u->text && t->folds == folds) {
        return t;
    }

    if (x->used + 4 * (size_t) u->len > ARENA) {
        forget_terms(x);
    }

    t->batch = x->batch;
    t->text = u->text;
    t->folds = folds;
    t->cp = x->arena + x->used;
    t->head = 0;
    t->n = 0;

    if (folds & MDR_FOLD_PINYIN) {
        return t;
    }

    if ((u->flags & MDR_TERM_PLAIN)
        && plain_term(x, m->text + u->text, u->len, t))
    {
        x->used += t->n;

    } else {
        text.data = m->text + u->text;
        text.len = u->len;
        full = &x->full;
        mdr_trace_term(text, folds, full);
        t->n = (uint32_t) full->n;

        if (x->used + t->n > ARENA) {
            forget_terms(x);
            t->batch = x->batch;
            t->cp = x->arena;
        }

        memcpy(x->arena + x->used, full->cp, t->n * sizeof(uint32_t));
        x->used += t->n;
        t->head_word = full->word[0];
        t->tail_word = t->n != 0 ? full->word[t->n - 1] : 0;
    }

    while (t->head < t->n && t->cp[t->head] == t->cp[0]) {
        t->head++;
    }

    return t;
}


mdr_exact_run_t *
mdr_match_exact_known_run(mdr_exact_t *x, uint32_t element)
{
    return &x->runs[element % RUNS];
}


size_t
mdr_match_exact_forms(mdr_exact_t *x, const mdr_exact_line_t *l, size_t i,
    const uint32_t **forms)
{
    const forms_t  *f;

    f = forms_of(x, l->t->atoms[i].cp, l->folds);
    *forms = f->form;

    return f->n;
}


int
mdr_match_exact_may_be(mdr_exact_t *x, const mdr_exact_line_t *l, size_t i,
    uint32_t element)
{
    return has_form(forms_of(x, l->t->atoms[i].cp, l->folds), element);
}


/* the bytes of each pair of atoms, of pairs of pairs ... as a tree: leaf i is
 * at n + i, what is above it at half of that */

static int
make_spans(mdr_exact_t *x, mdr_exact_line_t *l)
{
    void              *p;
    size_t             i, n;
    mdr_exact_span_t  *s;

    n = l->t->n;
    p = l->spans;

    if (mdr_grow(x->alloc, &p, &l->spans_cap, 2 * n, sizeof(mdr_exact_span_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    l->spans = p;
    s = p;

    for (i = 0; i < n; i++) {
        s[n + i].start = l->t->atoms[i].start;
        s[n + i].end = l->t->atoms[i].end;
    }

    for (i = n; i-- > 1; /* void */) {
        s[i].start = s[2 * i].start < s[2 * i + 1].start ? s[2 * i].start
                                                        : s[2 * i + 1].start;
        s[i].end = s[2 * i].end > s[2 * i + 1].end ? s[2 * i].end
                                                   : s[2 * i + 1].end;
    }

    l->spanned = 1;

    return MDR_OK;
}


int
mdr_match_exact_span(mdr_exact_t *x, const mdr_exact_line_t *line,
    size_t first, size_t last, uint32_t *start, uint32_t *end)
{
    size_t                   i, j, n;
    mdr_exact_line_t        *l;
    const mdr_exact_span_t  *s;

    if (line->t->ordered) {
        *start = line->t->atoms[first].start;
        *end = line->t->atoms[last].end;
        return MDR_OK;
    }

    l = &x->lines[line - x->lines];

    if (!l->spanned && make_spans(x, l) != MDR_OK) {
        return MDR_ERROR;
    }

    s = l->spans;
    n = l->t->n;
    *start = UINT32_MAX;
    *end = 0;

    for (i = n + first, j = n + last + 1; i < j; i /= 2, j /= 2) {
        if (i & 1) {
            *start = s[i].start < *start ? s[i].start : *start;
            *end = s[i].end > *end ? s[i].end : *end;
            i++;
        }

        if (j & 1) {
            j--;
            *start = s[j].start < *start ? s[j].start : *start;
            *end = s[j].end > *end ? s[j].end : *end;
        }
    }

    return MDR_OK;
}
