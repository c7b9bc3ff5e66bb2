/*
 * match.c - the search: classes, filter, candidates, exact comparison.
 *
 * A batch of texts becomes one row of classes with a break between two of
 * them.  The filter looks at each pair of classes once; what passes is looked
 * up by its three classes, compared with the patterns of that anchor, and
 * what is left is verified on the text (trace_match.c) rule by rule.  A text
 * with special characters is searched through its traces instead.
 */

#include "match_work.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>


mdr_match_work_t *
mdr_match_work_new(const mdr_alloc_t *alloc)
{
    uint32_t           i;
    mdr_match_work_t  *w;

    w = mdr_calloc(alloc, sizeof(mdr_match_work_t));
    if (w == NULL) {
        return NULL;
    }

    w->alloc = alloc;

    for (i = 0; i < MDR_TRACES; i++) {
        mdr_trace_init(&w->traces[i], alloc);
    }

    mdr_buf_init(&w->view, alloc);
    mdr_buf_init(&w->view_map, alloc);
    mdr_buf_init(&w->seen, alloc);

    w->regex = mdr_regex_work_new(alloc);
    w->slow_work = mdr_match_slow_new(alloc);

    if (w->regex == NULL || w->slow_work == NULL) {
        mdr_match_work_free(w);
        return NULL;
    }

    return w;
}


void
mdr_match_work_free(mdr_match_work_t *w)
{
    uint32_t  i;

    if (w == NULL) {
        return;
    }

    for (i = 0; i < MDR_TRACES; i++) {
        mdr_trace_done(&w->traces[i]);
    }

    mdr_buf_done(&w->view);
    mdr_buf_done(&w->view_map);
    mdr_buf_done(&w->seen);
    mdr_regex_work_free(w->regex);
    mdr_free(w->alloc, w->slow_work);
    mdr_free(w->alloc, w->bytes);
    mdr_free(w->alloc, w->cls);
    mdr_free(w->alloc, w->pos);
    mdr_free(w->alloc, w->start);
    mdr_free(w->alloc, w->slow);
    mdr_free(w->alloc, w->places);
    mdr_free(w->alloc, w->cands);
    mdr_free(w->alloc, w);
}


mdr_trace_t *
mdr_match_trace(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, uint32_t folds)
{
    uint32_t  i;

    for (i = 0; i < MDR_TRACES; i++) {
        if (w->trace_subject[i] == subject && w->trace_folds[i] == folds) {
            return &w->traces[i];
        }
    }

    i = w->next_trace++ % MDR_TRACES;

    w->trace_subject[i] = UINT32_MAX;

    if (mdr_trace_build(&w->traces[i], subjects[subject].data,
                        subjects[subject].len, folds)
        != MDR_OK)
    {
        return NULL;
    }

    w->trace_subject[i] = subject;
    w->trace_folds[i] = folds;

    return &w->traces[i];
}


int
mdr_match_hit(const mdr_matcher_t *m, mdr_raw_hits_t *hits, uint32_t rule,
    uint32_t group, uint32_t subject, uint32_t start, uint32_t end)
{
    void           *p;
    mdr_raw_hit_t  *h;

    p = hits->hits;

    if (hits->n == hits->cap
        && mdr_grow(m->alloc, &p, &hits->cap, hits->n + 1,
                    sizeof(mdr_raw_hit_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    hits->hits = p;
    h = &hits->hits[hits->n++];
    h->rule = rule;
    h->group = (uint16_t) (group & ~(MDR_USER_EXCEPT | MDR_USER_REGEX));
    h->except = (group & MDR_USER_EXCEPT) != 0;
    h->subject = subject;
    h->start = start;
    h->end = end;

    return MDR_OK;
}


/* the first atom that begins at `at` or behind it; texts of the fast way have
 * their atoms in order */

static size_t
atom_at(const mdr_trace_t *t, uint32_t at)
{
    size_t  lo, hi, mid;

    lo = 0;
    hi = t->n;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (t->atoms[mid].start < at) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    return lo;
}


/* one user of a candidate: where in the text does its term stand? */

static int
verify(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, const mdr_candidate_t *c,
    const mdr_lex_user_t *u, mdr_raw_hits_t *hits)
{
    size_t             i, from, to, last;
    uint32_t           start, end;
    mdr_str_t          term;
    mdr_trace_t       *t;
    const mdr_rule_t  *r;

    if (!mdr_matcher_reads(m, subjects[c->subject].slot,
                           subjects[c->subject].field, u->rule))
    {
        return MDR_OK;
    }

    if (u->group & MDR_USER_REGEX) {
        return mdr_match_regex_seen(w, c->subject, u->text);
    }

    hits->candidates++;

    if ((u->flags & MDR_TERM_PLAIN) && c->at != MDR_NO_AT && !m->h.repeat) {
        start = w->pos[c->at];

        if (start + u->len < w->start[c->subject + 1]
            && memcmp(w->bytes + start, m->text + u->text, u->len) == 0)
        {
            start -= w->start[c->subject];
            return mdr_match_hit(m, hits, u->rule, u->group, c->subject, start,
                           start + u->len);
        }
    }

    r = &m->model->rules[u->rule];

    if (c->at == MDR_NO_AT && c->folds != r->profile.folds) {
        return MDR_OK;                  /* it has its own candidates         */
    }

    t = mdr_match_trace(w, subjects, c->subject, r->profile.folds);

    if (t == NULL) {
        return MDR_ERROR;
    }

    term.data = m->text + u->text;
    term.len = u->len;

    if (c->at == MDR_NO_AT) {
        from = c->from;
        to = c->to < t->n ? c->to : t->n;

        if (u->flags & MDR_TERM_MARKS) {
            i = (size_t) u->len * (1 + m->gap);
            from = i < from ? from - i : 0;
        }

    } else {
        start = w->start[c->subject];
        from = atom_at(t, w->pos[c->at] - start);
        to = atom_at(t, w->pos[c->at + 1] - start);
    }

    for (i = from; i < to; i++) {
        if (mdr_trace_match(t, i, term, &r->profile, &start, &end, &last)) {
            if (mdr_match_hit(m, hits, u->rule, u->group, c->subject, start, end)
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            /* the leftmost has its whole run; what else the row has put into
             * this class stands behind more marks than the gap allows */

            if ((r->profile.folds & MDR_FOLD_REPEAT) && c->at != MDR_NO_AT) {
                i = last;
            }
        }
    }

    return MDR_OK;
}


/* a text that is read slowly; terms of marks only have no classes */

static int
slow_text(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, mdr_raw_hits_t *hits)
{
    int              rc;
    size_t           i;
    mdr_candidate_t  c;

    rc = mdr_match_slow(m, w, subjects, subject);

    for (i = 0; i < m->h.nbare && rc == MDR_OK; i++) {
        c.subject = subject;
        c.pattern = 0;
        c.at = MDR_NO_AT;
        c.from = 0;
        c.to = UINT32_MAX;
        c.folds = m->model->rules[m->users[m->h.bare + i].rule].profile.folds;
        rc = verify(m, w, subjects, &c, &m->users[m->h.bare + i], hits);
    }

    return rc;
}


static int
by_place(const void *a, const void *b)
{
    const mdr_raw_hit_t  *x = a, *y = b;

    if (x->subject != y->subject) {
        return x->subject < y->subject ? -1 : 1;
    }

    if (x->rule != y->rule) {
        return x->rule < y->rule ? -1 : 1;
    }

    if (x->start != y->start) {
        return x->start < y->start ? -1 : 1;
    }

    if (x->end != y->end) {
        return x->end > y->end ? -1 : 1;
    }

    if (x->except != y->except) {
        return x->except < y->except ? -1 : 1;
    }

    return x->group < y->group ? -1 : x->group > y->group;
}


int
mdr_match(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t n, mdr_raw_hits_t *hits)
{
    int       slow;
    size_t    i, k, at;
    uint32_t  u, last;

    hits->n = 0;
    hits->survivors = 0;
    hits->candidates = 0;
    hits->regex_runs = 0;
    hits->nlimited = 0;
    w->ncands = 0;
    w->seen.len = 0;

    for (i = 0; i < MDR_TRACES; i++) {
        w->trace_subject[i] = UINT32_MAX;
    }

    if (mdr_match_row(m, w, subjects, n, &at, &slow) != MDR_OK
        || mdr_match_filter(m, w, n, at, hits) != MDR_OK)
    {
        return MDR_ERROR;
    }

    for (i = 0; slow && i < n; i++) {
        if (w->slow[i]
            && slow_text(m, w, subjects, (uint32_t) i, hits) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    for (i = 0; i < w->ncands; i++) {

        /* what a candidate needs is far away, in large lexicons */

        if (i + 8 < w->ncands) {
            k = m->patterns[w->cands[i + 8].pattern].user;
            __builtin_prefetch(&m->users[k]);
        }

        if (i + 4 < w->ncands) {
            k = m->patterns[w->cands[i + 4].pattern].user;
            if (k < m->h.nusers) {
                __builtin_prefetch(m->text + m->users[k].text);
            }
        }

        u = m->patterns[w->cands[i].pattern].user;
        last = m->patterns[w->cands[i].pattern + 1].user;

        for ( ; u < last; u++) {
            if (verify(m, w, subjects, &w->cands[i], &m->users[u], hits)
                != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    if (m->nregexes != 0
        && mdr_match_regexes(m, w, subjects, n, hits) != MDR_OK)
    {
        return MDR_ERROR;
    }

    for (i = 1; i < hits->n
         && by_place(&hits->hits[i - 1], &hits->hits[i]) < 0; i++)
    {
        /* void */
    }

    if (i < hits->n) {                  /* mostly they are in order          */
        qsort(hits->hits, hits->n, sizeof(mdr_raw_hit_t), by_place);

        /* pinyin and equal terms of one group may say the same twice */

        for (i = 1, k = 0; i < hits->n; i++) {
            if (by_place(&hits->hits[k], &hits->hits[i]) != 0) {
                hits->hits[++k] = hits->hits[i];
            }
        }
        hits->n = k + 1;
    }

    return MDR_OK;
}
