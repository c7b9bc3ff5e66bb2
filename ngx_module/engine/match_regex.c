/*
 * match_regex.c - which regexes are worth running on a text, and their hits.
 *
 * The literals that a regex needs stand in the lexicon beside the terms, so
 * the one pass over the text says which regexes may match.  Those without a
 * literal are asked for what they need of ASCII: so many digits, so many in a
 * row, a dot (match_sum.c).
 * Only for a regex that is left the text is folded, and PCRE2 decides.
 */

#include "match_work.h"

#include <stdlib.h>
#include <string.h>


typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    const mdr_subject_t  *subjects;
    mdr_raw_hits_t       *hits;
    uint32_t              viewed, folds;        /* the view in w             */
    const mdr_trace_t    *trace;                /* of it, or NULL            */
    uint32_t              summed;               /* whose sum                 */
    mdr_sum_t             sum;
} run_t;


int
mdr_match_regex_seen(mdr_match_work_t *w, uint32_t subject, uint32_t regex)
{
    uint64_t  key;

    if (w->seen_in[regex] == subject + 1) {
        return MDR_OK;
    }

    w->seen_in[regex] = subject + 1;
    key = (uint64_t) subject << 32 | regex;

    return mdr_buf_add(&w->seen, &key, sizeof(key));
}


/* may the text have what the regex needs? */

static int
has_all(const mdr_pattern_re_t *e, const mdr_sum_t *s)
{
    uint32_t  i;

    if ((e->must[0] & ~s->has[0]) != 0 || (e->must[1] & ~s->has[1]) != 0
        || ((e->any[0] | e->any[1]) != 0
            && ((e->any[0] & s->has[0]) | (e->any[1] & s->has[1])) == 0))
    {
        return 0;
    }

    for (i = 0; i < MDR_ASCII_KINDS; i++) {
        if (s->count[i] < e->count[i] || s->run[i] < e->run[i]) {
            return 0;
        }
    }

    return 1;
}


/* the rule has a regex that reached a limit */

static void
note_limit(mdr_raw_hits_t *hits, uint32_t rule)
{
    uint32_t  i;

    for (i = 0; i < hits->nlimited; i++) {
        if (hits->limited[i] == rule) {
            return;
        }
    }

    if (hits->nlimited < sizeof(hits->limited) / sizeof(hits->limited[0])) {
        hits->limited[hits->nlimited++] = rule;
    }
}


/* bytes [start, end) of the view are a hit: where they stand in the text */

static int
add_hit(run_t *r, const mdr_pattern_re_t *e, uint32_t subject, size_t start,
    size_t end)
{
    uint32_t         a, b, i, *map;
    mdr_lex_user_t   u;
    mdr_match_work_t  *w;

    w = r->w;

    if (r->trace == NULL) {
        r->trace = mdr_match_trace(w, r->subjects, subject, r->folds);
        w->view.len = 0;
        w->view_map.len = 0;

        if (r->trace == NULL
            || mdr_trace_view(r->trace, &w->view, &w->view_map) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    memset(&u, 0, sizeof(u));
    u.rule = e->rule;
    u.group = e->group;
    map = (uint32_t *) (void *) w->view_map.data;
    a = UINT32_MAX;
    b = 0;

    for (i = map[start]; i <= map[end - 1]; i++) {
        a = r->trace->atoms[i].start < a ? r->trace->atoms[i].start : a;
        b = r->trace->atoms[i].end > b ? r->trace->atoms[i].end : b;
    }

    return mdr_match_hit(r->m, r->hits, &u, subject, a, b);
}


static int
run_regex(run_t *r, const mdr_pattern_re_t *e, uint32_t subject)
{
    int                rc;
    size_t             from, start, end, n;
    mdr_match_work_t  *w;

    w = r->w;
    r->hits->regex_runs++;

    for (from = 0, n = 0; from <= w->view.len && n < 1000; n++) {
        rc = mdr_regex_find(e->re, w->regex, w->view.data, w->view.len, from,
                            &start, &end);

        if (rc == MDR_REGEX_LIMIT) {
            note_limit(r->hits, e->rule);
            return MDR_OK;
        }

        if (rc != 1) {
            return rc == MDR_ERROR ? rc : MDR_OK;
        }

        if (end > start) {
            if (add_hit(r, e, subject, start, end) != MDR_OK) {
                return MDR_ERROR;
            }
            from = end;

        } else {
            from = end + 1;

            while (from < w->view.len && (w->view.data[from] & 0xc0) == 0x80)
            {
                from++;
            }
        }
    }

    return MDR_OK;
}


static const mdr_sum_t *
sum_of(run_t *r, uint32_t s)
{
    if (r->summed != s) {
        mdr_match_sum(r->m, r->w->bytes + r->w->start[s],
                      r->subjects[s].len, &r->sum);
        r->summed = s;
    }

    return &r->sum;
}


/* regex i on text s, if it has what the regex needs */

static int
try_regex(run_t *r, uint32_t s, uint32_t i)
{
    uint32_t                 folds;
    const mdr_pattern_re_t  *e;

    e = &r->m->regexes[i];

    if (!mdr_matcher_reads(r->m, r->subjects[s].slot, r->subjects[s].field,
                           e->rule))
    {
        return MDR_OK;
    }

    if (e->asks && !has_all(e, sum_of(r, s))) {
        return MDR_OK;
    }

    folds = r->m->model->rules[e->rule].profile.folds;

    if (r->viewed != s || r->folds != folds) {
        if (mdr_match_view(r->w, r->subjects, s, folds) != MDR_OK) {
            return MDR_ERROR;
        }

        r->viewed = s;
        r->folds = folds;
        r->trace = NULL;
    }

    if (e->same != 0 && e->same > mdr_match_view_same(r->w)) {
        return MDR_OK;
    }

    return run_regex(r, e, s);
}


static int
by_number(const void *a, const void *b)
{
    const uint64_t  *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}


/* regexes without a literal, on text s */

static int
try_always(run_t *r, uint32_t s)
{
    size_t            words, i, k, step[2 * MDR_ASCII_KINDS];
    uint32_t          row, n;
    uint64_t          fit;
    const uint64_t   *fits;
    const mdr_sum_t  *sum;

    row = r->m->field_row[r->subjects[s].slot] + r->subjects[s].field;
    n = r->m->row_always[row + 1] - r->m->row_always[row];

    if (n == 0) {
        return MDR_OK;
    }

    words = ((size_t) n + 63) / 64;
    fits = r->m->fits + r->m->row_fits[row];
    sum = sum_of(r, s);

    for (k = 0; k < MDR_ASCII_KINDS; k++) {
        step[2 * k] = (2 * k * MDR_STEPS + mdr_step(sum->count[k])) * words;
        step[2 * k + 1] = ((2 * k + 1) * MDR_STEPS + mdr_step(sum->run[k]))
                          * words;
    }

    for (i = 0; i < words; i++) {
        for (k = 1, fit = fits[step[0] + i]; k < 2 * MDR_ASCII_KINDS; k++) {
            fit &= fits[step[k] + i];
        }

        for ( ; fit != 0; fit &= fit - 1) {
            k = i * 64 + (size_t) __builtin_ctzll(fit);

            if (try_regex(r, s, r->m->always[r->m->row_always[row] + k])
                != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


int
mdr_match_regexes(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t n, mdr_raw_hits_t *hits)
{
    run_t            r;
    size_t           i, k, nseen;
    const uint64_t  *seen;

    r.m = m;
    r.w = w;
    r.subjects = subjects;
    r.hits = hits;
    r.viewed = UINT32_MAX;
    r.folds = 0;
    r.trace = NULL;
    r.summed = UINT32_MAX;

    nseen = w->seen.len / sizeof(uint64_t);

    if (nseen > 1) {
        qsort(w->seen.data, nseen, sizeof(uint64_t), by_number);
    }

    seen = (const uint64_t *) (const void *) w->seen.data;

    for (i = 0, k = 0; i < n; i++) {
        if (try_always(&r, (uint32_t) i) != MDR_OK) {
            return MDR_ERROR;
        }

        for ( ; k < nseen && seen[k] >> 32 == i; k++) {
            if ((k == 0 || seen[k] != seen[k - 1])
                && try_regex(&r, (uint32_t) i, (uint32_t) seen[k]) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}
