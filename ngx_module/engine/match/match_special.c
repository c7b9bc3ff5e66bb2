/*
 * match_special.c - texts in which a character may be more than one class.
 *
 * Such a text is read through its trace, once for each set of folds.  There
 * nearly every atom is one class, or several in a row, or nothing; these make
 * a row like any other, for the same filter.  What is left are atoms that are
 * a letter where a term goes on with it and a mark where not.  They part the
 * row, and the atoms around them, as far as the longest term reaches, are
 * searched otherwise (match_readings.c).
 */

#include "match_special.h"

#include <string.h>


mdr_special_t *
mdr_match_special_new(const mdr_alloc_t *alloc)
{
    mdr_special_t  *s;

    s = mdr_calloc(alloc, sizeof(mdr_special_t));
    if (s != NULL) {
        s->alloc = alloc;
        s->batch = 1;
    }

    return s;
}


void
mdr_match_special_start(mdr_special_t *s)
{
    if (++s->batch == 0) {
        memset(s->options, 0, sizeof(s->options));
        s->batch = 1;
    }
}


void
mdr_match_special_free(mdr_special_t *s)
{
    if (s != NULL) {
        mdr_free(s->alloc, s->run);
        mdr_free(s->alloc, s->atoms);
        mdr_free(s->alloc, s->now);
        mdr_free(s->alloc, s->then);
        mdr_free(s->alloc, s->ranges);
        mdr_table_done(&s->states, s->alloc);
        mdr_table_done(&s->found, s->alloc);
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


/* is option i another one than those before it, and more than nothing? */

static int
is_new(const mdr_special_options_t *o, uint32_t i)
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


const mdr_special_options_t *
mdr_match_special_options(mdr_special_text_t *s, uint32_t atom)
{
    size_t               i, k, n;
    uint32_t             cl;
    mdr_fold_seq_t       f[MDR_FOLD_ALTS];
    const mdr_atom_t    *a;
    mdr_special_options_t  *o;

    a = &s->t->atoms[atom];
    o = &s->x->options[mdr_special_place(a, s->folds)];
    n = mdr_fold_forms(a->cp, s->folds, f);
    o->key = mdr_special_key(a);
    o->batch = s->x->batch;
    o->folds = s->folds;
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


/* may atoms i - 1 and i be of one run? */

static int
is_run(mdr_special_text_t *s, uint32_t i)
{
    uint32_t            f, k, cl;
    mdr_special_options_t  o;

    o = *mdr_special_options_at(s, i - 1);

    for (f = 0; f < o.n; f++) {
        cl = o.cl[f][o.len[f] - 1];

        for (k = 0; k < mdr_special_options_at(s, i)->n; k++) {
            if (mdr_special_options_at(s, i)->cl[k][0] == cl
                && cl != MDR_CL_NONE)
            {
                return 1;
            }
        }
    }

    return 0;
}


static int
make_runs(mdr_special_text_t *s)
{
    uint32_t  i, n, *run, *last;

    n = (uint32_t) s->t->n;

    if (MDR_GROW(s->x->alloc, s->x->run, 2 * (size_t) n + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    run = s->x->run;
    last = run + n;

    for (i = 0; i < n; i++) {
        run[i] = i != 0 && is_run(s, i) ? run[i - 1] : i;
    }

    for (i = n; i-- > 0; /* void */) {
        last[i] = i + 1 < n && run[i + 1] == run[i] ? last[i + 1] : i;
    }

    return MDR_OK;
}


/* what the atoms of the trace may be, for match_readings.c */

static int
read_atoms(mdr_special_text_t *s)
{
    uint32_t                   i, k, n, cl;
    mdr_special_atom_t           *b;
    const mdr_atom_t          *a;
    const mdr_special_options_t  *o;

    n = (uint32_t) s->t->n;

    if (MDR_GROW(s->x->alloc, s->x->atoms, (size_t) n + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < n; i++) {
        a = &s->t->atoms[i];
        b = &s->x->atoms[i];
        cl = mdr_class_of(s->m, a->cp);
        b->odd = 0;

        if (cl != MDR_CL_SPECIAL && !mdr_special_is_keycap(a)) {
            b->cl[0] = (uint16_t) cl;
            b->n = cl > MDR_CL_NONE;
            b->skip = cl == MDR_CL_SKIP;

        } else {
            o = mdr_special_options_at(s, i);
            b->skip = o->skip;
            b->n = 0;

            for (k = 0; k < o->n; k++) {
                b->odd |= o->len[k] != 1 || b->n == MDR_SPECIAL_CLASSES;

                if (!b->odd && o->cl[k][0] > MDR_CL_NONE) {
                    b->cl[b->n++] = o->cl[k][0];
                }
            }
        }
    }

    return MDR_OK;
}


/* the row of the trace; 0: there is none, an atom may be several things;
 * MDR_ERROR below that */

static int
read_row(mdr_special_text_t *s)
{
    size_t                     n;
    uint32_t                   i, k, cl;
    mdr_row_t                 *r;
    const mdr_atom_t          *a;
    const mdr_special_options_t  *o;

    r = &s->w->read;

    if (mdr_match_row_reserve(s->w->alloc, r, s->t->n + 1) != MDR_OK) {
        return MDR_ERROR;
    }

    r->trace = s->t;
    r->subject = s->subject;
    r->cls[0] = MDR_CL_NONE;
    r->pos[0] = 0;

    for (i = 0, n = 1; i < s->t->n; i++) {
        a = &s->t->atoms[i];
        cl = mdr_class_of(s->m, a->cp);

        if (cl != MDR_CL_SPECIAL && !mdr_special_is_keycap(a)) {
            r->cls[n] = (uint16_t) cl;
            r->pos[n] = i;
            n += cl != MDR_CL_SKIP
                 && !(s->m->h.repeat && cl == r->cls[n - 1]
                      && cl != MDR_CL_NONE);
            continue;
        }

        o = mdr_special_options_at(s, i);

        if (o->n + o->skip > 1) {
            return 0;
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

    return 1;
}


/* what can be read from any atom of the trace */

static int
search_all(mdr_special_text_t *s)
{
    return (s->m->h.repeat && make_runs(s) != MDR_OK)
           || read_atoms(s) != MDR_OK ? MDR_ERROR
           : mdr_match_find(s, 0, (uint32_t) s->t->n);
}


/* terms of marks only have no classes; they begin at special characters */

static int
search_bare(mdr_special_text_t *s)
{
    uint32_t               i, k, from;
    const mdr_atom_t      *a;
    const mdr_lex_user_t  *u;

    for (k = 0; k < s->m->h.nbare; k++) {
        u = &s->m->users[s->m->h.bare + k];

        if (s->m->model->rules[u->rule].profile.folds != s->folds) {
            continue;
        }

        for (i = 0; i < s->t->n && !mdr_meter_spent(&s->hits->meter); i++) {

            for (from = i; i < s->t->n; i++) {
                a = &s->t->atoms[i];

                if (mdr_class_of(s->m, a->cp) != MDR_CL_SPECIAL
                    && !mdr_special_is_keycap(a))
                {
                    break;
                }
            }

            s->hits->meter.steps++;

            if (i != from
                && mdr_match_compare_user(&s->v, s->t, u, from, i, 1)
                   != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* does a rule with these folds read the text? */

static int
is_read(const mdr_matcher_t *m, const mdr_subject_t *subject, uint32_t folds)
{
    uint32_t         i, r;
    uint64_t         word;
    const uint64_t  *reads;

    reads = mdr_matcher_reads(m, subject->slot, subject->field);

    for (i = 0; i < m->rule_words; i++) {
        for (word = reads[i]; word != 0; word &= word - 1) {
            r = i * 64 + (uint32_t) __builtin_ctzll(word);
            if (m->model->rules[r].profile.folds == folds) {
                return 1;
            }
        }
    }

    return 0;
}


int
mdr_match_special(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, mdr_raw_hits_t *hits)
{
    int              row;
    uint32_t         i;
    mdr_special_text_t  s;

    s.m = m;
    s.w = w;
    s.x = w->special_work;
    s.subject = subject;
    s.hits = hits;
    memset(&s.v, 0, sizeof(s.v));
    s.v.m = m;
    s.v.w = w;
    s.v.subjects = subjects;
    s.v.subject = subject;
    s.v.hits = hits;
    s.v.reads = mdr_matcher_reads(m, subjects[subject].slot,
                                  subjects[subject].field);

    for (i = 0; i < m->nsets; i++) {
        s.folds = m->sets[i];

        if (!is_read(m, &subjects[subject], s.folds)) {
            continue;
        }

        if (mdr_meter_spent(&hits->meter)) {
            break;
        }

        s.t = mdr_match_trace(w, subjects, subject, s.folds);

        if (s.t == NULL) {
            return MDR_ERROR;
        }

        s.gap = s.t->flags ? m->gap_flags : m->gap;
        hits->meter.steps += s.t->n;

        row = read_row(&s);

        if (row == MDR_ERROR
            || (row ? mdr_match_filter(m, w, &w->read, subjects, hits)
                : search_all(&s)) != MDR_OK
            || search_bare(&s) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
