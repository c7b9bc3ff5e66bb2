/*
 * match.c - the search: classes, filter, candidates, verification.
 *
 * A batch of texts becomes one row of classes with a break between two of
 * them.  The filter looks at each pair of classes once; what passes is looked
 * up by its three classes, compared with the patterns of that anchor, and
 * what is left is verified on the text, rule by rule.  A text with special
 * characters is searched through its traces instead.  Then come the regexes,
 * and the hits are put in order.
 */

#include "match_atoms.h"
#include "match_nfa.h"
#include "match_special.h"

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

    mdr_trace_init(&w->part, alloc);
    mdr_match_work_limits(w, NULL, NULL);
    mdr_buf_init(&w->view, alloc);
    mdr_buf_init(&w->view_map, alloc);
    mdr_buf_init(&w->seen, alloc);

    w->regex = mdr_regex_work_new(alloc);
    w->special_work = mdr_match_special_new(alloc);
    w->atoms = mdr_match_atoms_new(alloc);
    w->nfa = mdr_match_nfa_new(alloc);

    if (w->regex == NULL || w->special_work == NULL || w->atoms == NULL
        || w->nfa == NULL)
    {
        mdr_match_work_free(w);
        return NULL;
    }

    return w;
}


static void
row_done(const mdr_alloc_t *alloc, mdr_row_t *r)
{
    mdr_free(alloc, r->cls);
    mdr_free(alloc, r->pos);
    mdr_free(alloc, r->survivors);
    mdr_free(alloc, r->edges);
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

    mdr_trace_done(&w->part);
    mdr_buf_done(&w->view);
    mdr_buf_done(&w->view_map);
    mdr_match_view_done(w);
    mdr_buf_done(&w->seen);
    mdr_regex_work_free(w->regex);
    mdr_match_special_free(w->special_work);
    mdr_match_atoms_free(w->atoms);
    mdr_match_nfa_free(w->nfa);
    row_done(w->alloc, &w->row);
    row_done(w->alloc, &w->read);
    mdr_free(w->alloc, w->bytes);
    mdr_free(w->alloc, w->start);
    mdr_free(w->alloc, w->special);
    mdr_free(w->alloc, w->seen_in);
    mdr_free(w->alloc, w->seen_first);
    mdr_free(w->alloc, w->later);
    mdr_free(w->alloc, w->cands);
    mdr_free(w->alloc, w->spent);
    mdr_free(w->alloc, w->limited);
    mdr_free(w->alloc, w);
}


const mdr_trace_t *
mdr_match_cached_trace(const mdr_match_work_t *w, uint32_t subject,
    uint32_t folds)
{
    uint32_t  i;

    for (i = 0; i < MDR_TRACES; i++) {
        if (w->trace_subject[i] == subject && w->trace_folds[i] == folds) {
            return &w->traces[i];
        }
    }

    return NULL;
}


const mdr_trace_t *
mdr_match_trace(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, uint32_t folds)
{
    uint32_t            i;
    const mdr_trace_t  *t;

    t = mdr_match_cached_trace(w, subject, folds);
    if (t != NULL) {
        return t;
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

    if (x->group != y->group) {
        return x->group < y->group ? -1 : 1;
    }

    return x->term < y->term ? -1 : x->term > y->term;
}


/* the usual case of the same */

static inline int
is_behind(const mdr_raw_hit_t *a, const mdr_raw_hit_t *b)
{
    return a->start < b->start && a->rule == b->rule
           && a->subject == b->subject;
}


/* does one of the hits [0, n), in order, say what x says?  Readings and equal
 * terms of one group may say the same twice; see match.h for shorter ones */

static int
is_idle(const mdr_matcher_t *m, const mdr_raw_hit_t *h, size_t n,
    const mdr_raw_hit_t *x)
{
    while (n-- > 0 && h[n].start == x->start && h[n].rule == x->rule
           && h[n].subject == x->subject)
    {
        if (h[n].group == x->group && h[n].except == x->except
            && h[n].term == x->term
            && (h[n].end == x->end
                || (m->model->rules[x->rule].nexcepts == 0
                    && x->term == MDR_NO_TERM)))
        {
            return 1;
        }
    }

    return 0;
}


/* hits of one pass come nearly in order, out of it by no more than terms
 * overlap; what moves further than that is sorted otherwise */

static void
sort_pass(mdr_raw_hit_t *h, size_t n)
{
    size_t         i, k, moves;
    mdr_raw_hit_t  x;

    for (i = 1, moves = 0; MDR_USE_SORT && i < n && moves < 8 * i + 64; i++) {
        if (is_behind(&h[i - 1], &h[i]) || by_place(&h[i - 1], &h[i]) <= 0) {
            continue;
        }

        x = h[i];

        for (k = i; k > 0 && by_place(&h[k - 1], &x) > 0; k--) {
            h[k] = h[k - 1];
        }

        h[k] = x;
        moves += i - k;
    }

    if (i < n) {
        qsort(h, n, sizeof(mdr_raw_hit_t), by_place);
    }
}


/* [0, mid) and [mid, n) are in order; then all of it is, from its end on */

static int
merge_passes(mdr_match_work_t *w, mdr_raw_hit_t *h, size_t mid, size_t n)
{
    size_t          i, k;
    mdr_raw_hit_t  *t;

    if (mid == 0 || mid == n || by_place(&h[mid - 1], &h[mid]) <= 0) {
        return MDR_OK;
    }

    if (MDR_GROW(w->alloc, w->later, n - mid) != MDR_OK) {
        return MDR_ERROR;
    }

    t = w->later;
    memcpy(t, h + mid, (n - mid) * sizeof(mdr_raw_hit_t));

    for (i = mid, k = n - mid; k > 0; n--) {
        if (i > 0 && by_place(&h[i - 1], &t[k - 1]) > 0) {
            h[n - 1] = h[--i];
        } else {
            h[n - 1] = t[--k];
        }
    }

    return MDR_OK;
}


/* in order, each once; the hits of the filter end at `filtered`, those of texts
 * with marks of their own at `special`, then those of regexes come */

static int
order_hits(const mdr_matcher_t *m, mdr_match_work_t *w,
    mdr_raw_hits_t *hits, size_t filtered, size_t special)
{
    size_t          i, k;
    mdr_raw_hit_t  *h;

    h = hits->hits;

    for (i = 1; i < hits->n && is_behind(&h[i - 1], &h[i]); i++) {
        /* void */
    }

    if (i >= hits->n) {
        return MDR_OK;
    }

    sort_pass(h, filtered);
    sort_pass(h + filtered, special - filtered);
    sort_pass(h + special, hits->n - special);

    if (merge_passes(w, h, filtered, special) != MDR_OK
        || merge_passes(w, h, special, hits->n) != MDR_OK)
    {
        return MDR_ERROR;
    }

    for (i = 0, k = 0; i < hits->n; i++) {
        if (k != 0 && h[k - 1].start == h[i].start
            && is_idle(m, h, k, &h[i]))
        {
            continue;
        }

        if (k != i) {
            h[k] = h[i];
        }
        k++;
    }

    hits->n = k;

    return MDR_OK;
}


static int
start_work(const mdr_matcher_t *m, mdr_match_work_t *w, size_t n)
{
    uint32_t  i;

    w->ncands = 0;
    w->seen.len = 0;
    w->part_subject = UINT32_MAX;
    mdr_match_atoms_start(w->atoms);
    mdr_match_nfa_start(w->nfa);
    mdr_match_special_start(w->special_work);

    for (i = 0; i < MDR_TRACES; i++) {
        w->trace_subject[i] = UINT32_MAX;
    }

    if (m->nregexes == 0) {
        return MDR_OK;
    }

    if (MDR_GROW(w->alloc, w->seen_in, m->nregexes) != MDR_OK
        || MDR_GROW(w->alloc, w->seen_first, n + 1) != MDR_OK)
    {
        return MDR_ERROR;
    }

    memset(w->seen_in, 0, m->nregexes * sizeof(uint32_t));
    memset(w->seen_first, 0, (n + 1) * sizeof(uint32_t));

    return MDR_OK;
}


int
mdr_match(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t n, mdr_raw_hits_t *hits)
{
    int     special;
    size_t  i, filtered, read;

    hits->n = 0;
    hits->survivors = 0;
    hits->candidates = 0;
    hits->regex_runs = 0;

    if (mdr_match_budget_start(m, w, n, hits) != MDR_OK
        || start_work(m, w, n) != MDR_OK
        || mdr_match_row(m, w, subjects, n, &special) != MDR_OK
        || mdr_match_filter(m, w, &w->row, subjects, hits) != MDR_OK)
    {
        return MDR_ERROR;
    }

    filtered = hits->n;

    for (i = 0; special && i < n; i++) {
        if (w->special[i]
            && (mdr_match_budget_take(w, subjects, (uint32_t) i, hits)
                != MDR_OK
                || mdr_match_special(m, w, subjects, (uint32_t) i, hits)
                   != MDR_OK))
        {
            return MDR_ERROR;
        }
    }

    read = hits->n;

    if ((m->nregexes != 0
         && mdr_match_regexes(m, w, subjects, n, hits) != MDR_OK)
        || order_hits(m, w, hits, filtered, read) != MDR_OK)
    {
        return MDR_ERROR;
    }

    return mdr_match_budget_end(w, hits);
}
