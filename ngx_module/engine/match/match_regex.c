/*
 * match_regex.c - which regexes are worth running on a text, and their hits.
 *
 * The literals that a regex needs stand in the lexicon beside the terms, so
 * the one pass over the text says which regexes may match.  Those without a
 * literal are asked for what they need of ASCII: so many digits, so many in a
 * row, a dot (match_ascii.c).
 * Only for a regex that is left the text is folded, and PCRE2 decides.
 */

#include "match_work.h"

#include <string.h>


/* of a text in mdr_match_work_t.seen_in: the regex was tried there */
#define DONE  0x80000000u

typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    const mdr_subject_t  *subjects;
    mdr_raw_hits_t       *hits;
    uint32_t              viewed, folds;        /* the view in w             */
    uint32_t              ascii_of_text;        /* whose `ascii`             */
    mdr_ascii_t           ascii;
} run_t;


int
mdr_match_regex_seen(mdr_match_work_t *w, uint32_t subject, uint32_t regex)
{
    mdr_literal_seen_t  seen;

    if (w->seen_in[regex] == subject + 1) {
        return MDR_OK;
    }

    w->seen_in[regex] = subject + 1;
    seen.regex = regex;
    seen.next = w->seen_first[subject];
    w->seen_first[subject] = (uint32_t) (w->seen.len / sizeof(seen)) + 1;

    return mdr_buf_add(&w->seen, &seen, sizeof(seen));
}


/* may the text have what the regex needs? */

static int
has_all(const mdr_pattern_re_t *e, const mdr_ascii_t *s)
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


/* bytes [start, end) of the view are a hit: where they stand in the text */

static int
add_hit(run_t *r, const mdr_pattern_re_t *e, uint32_t subject,
    mdr_view_cursor_t *c, size_t start, size_t end)
{
    mdr_lex_user_t   u;
    mdr_view_span_t  span;

    span.from = start;
    span.to = end;

    if (mdr_match_view_span(r->w, &r->subjects[subject], r->folds, c, &span)
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    memset(&u, 0, sizeof(u));
    u.rule = e->rule;
    u.group = e->group;

    return mdr_match_hit(r->m, r->hits, &u, subject, span.start, span.end);
}


/* what regex i may still take of this text, beyond a first look at it */

static uint64_t
regex_budget(const run_t *r, uint32_t subject, uint32_t i)
{
    uint64_t                 may, used;
    const mdr_match_bill_t  *b;

    b = r->w->bill;
    may = r->w->limits.regex_steps + (uint64_t) r->w->limits.regex_steps_byte
                                     * r->subjects[subject].len;

    if (b == NULL) {
        return may;
    }

    used = b->regex_steps != NULL ? b->regex_steps[i] : 0;

    return used >= b->regex_may ? 0
           : b->regex_may - used < may ? b->regex_may - used : may;
}


/* regex i has taken n steps beyond a first look, from the response */

static int
pay_regex(run_t *r, uint32_t i, uint64_t n)
{
    mdr_match_bill_t  *b;

    b = r->w->bill;

    if (b == NULL || n == 0) {
        return MDR_OK;
    }

    if (b->regex_steps == NULL) {
        b->regex_steps = mdr_calloc(b->alloc, r->m->nregexes
                                              * sizeof(uint64_t));
        if (b->regex_steps == NULL) {
            return MDR_ERROR;
        }
    }

    b->regex_steps[i] += n;

    return MDR_OK;
}


/* a regex on a text, block by block */

typedef struct {
    const mdr_pattern_re_t  *e;
    uint32_t                 subject, hits;
    uint64_t                 budget;
    mdr_view_cursor_t        c;
} search_t;


/* its hits in the n bytes of the view from `at` on, which are a text of their
 * own to it; MDR_OK, MDR_REGEX_LIMIT or MDR_ERROR */

static int
run_block(run_t *r, search_t *s, size_t at, size_t len)
{
    int             rc;
    size_t          from, start, end;
    const uint8_t  *p;

    p = r->w->view.data + at;

    for (from = 0; from <= len && !mdr_meter_spent(&r->hits->meter); ) {

        if (s->hits++ == r->w->limits.regex_hits) {
            r->hits->meter.cut = 1;     /* it is the text, not the regex     */
            return MDR_OK;
        }

        rc = mdr_regex_find(s->e->re, r->w->regex, p, len, from, &s->budget,
                            &r->hits->meter, &start, &end);

        if (rc != 1) {
            return rc == 0 ? MDR_OK : rc;
        }

        if (end > start) {
            if (add_hit(r, s->e, s->subject, &s->c, at + start, at + end)
                != MDR_OK)
            {
                return MDR_ERROR;
            }
            from = end;

        } else {
            from = end + 1;

            while (from < len && (p[from] & 0xc0) == 0x80) {
                from++;
            }
        }
    }

    return MDR_OK;
}


/* block by block (text.h): no match goes across a boundary */

static int
run_regex(run_t *r, uint32_t i, uint32_t subject)
{
    int             rc;
    size_t          at, end, len;
    uint64_t        may;
    search_t        s;
    const uint8_t  *q;

    r->hits->regex_runs++;
    memset(&s, 0, sizeof(s));
    may = regex_budget(r, subject, i);
    s.e = &r->m->regexes[i];
    s.subject = subject;
    s.budget = may;
    len = r->w->view.len;

    for (at = 0, rc = MDR_OK; at <= len && rc == MDR_OK; at = end + 1) {
        q = at < len ? memchr(r->w->view.data + at, MDR_TEXT_BREAK, len - at)
                     : NULL;
        end = q != NULL ? (size_t) (q - r->w->view.data) : len;
        rc = run_block(r, &s, at, end - at);
    }

    if (rc == MDR_ERROR || pay_regex(r, i, may - s.budget) != MDR_OK) {
        return MDR_ERROR;
    }

    /* where all of the text's is spent, that is said instead */

    return rc == MDR_REGEX_LIMIT && !r->hits->meter.cut
           ? mdr_match_limited(r->w, r->hits, subject, s.e->rule) : MDR_OK;
}


static const mdr_ascii_t *
ascii_of(run_t *r, uint32_t s)
{
    if (r->ascii_of_text != s) {
        mdr_match_ascii(r->m, r->w->bytes + r->w->start[s],
                      r->subjects[s].len, &r->ascii);
        r->ascii_of_text = s;
    }

    return &r->ascii;
}


/* regex i, whose rule reads text s, on that, if it has what the regex needs */

static int
try_regex(run_t *r, uint32_t s, uint32_t i)
{
    uint32_t                 folds;
    const mdr_pattern_re_t  *e;

    e = &r->m->regexes[i];

    if (r->w->bill != NULL && r->w->bill->rule_modes != NULL
        && (r->w->bill->rule_modes[e->rule] & MDR_RULE_NO_REGEX))
    {
        return MDR_OK;
    }

    if (MDR_USE_NEEDS && e->ascii && !has_all(e, ascii_of(r, s))) {
        return MDR_OK;
    }

    if (r->w->metered != s
        && mdr_match_budget_take(r->w, r->subjects, s, r->hits) != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (mdr_meter_spent(&r->hits->meter)) {
        return MDR_OK;
    }

    folds = r->m->model->rules[e->rule].profile.folds & ~MDR_FOLD_TERMS;

    if (r->viewed != s || r->folds != folds) {
        if (mdr_match_view(r->w, r->subjects, s, folds) != MDR_OK) {
            return MDR_ERROR;
        }

        if ((folds & MDR_FOLD_CONFUSABLE)
            && (r->ascii_of_text != s || r->ascii.number))
        {
            mdr_match_view_digits(r->w->view.data, r->w->view.len);
        }

        r->hits->meter.steps += r->subjects[s].len / 8;

        r->viewed = s;
        r->folds = folds;
    }

    if (MDR_USE_SAME && e->same != 0 && e->same > mdr_match_view_same(r->w)) {
        return MDR_OK;
    }

    return run_regex(r, i, s);
}


/* regexes without a literal, on text s */

static int
try_always(run_t *r, uint32_t s)
{
    size_t                words, i, k, step[2 * MDR_ASCII_KINDS];
    uint32_t              field, n;
    uint64_t              fit;
    const uint64_t       *fits;
    const mdr_ascii_t    *ascii;
    const mdr_matcher_t  *m;

    m = r->m;
    field = m->field_number[r->subjects[s].slot] + r->subjects[s].field;
    n = m->field_always[field + 1] - m->field_always[field];

    if (n == 0) {
        return MDR_OK;
    }

    for (i = 0; !MDR_USE_FITS && i < n; i++) {
        if (try_regex(r, s, m->always[m->field_always[field] + i]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    words = MDR_USE_FITS ? ((size_t) n + 63) / 64 : 0;
    fits = m->fits + m->field_fits[field];
    ascii = ascii_of(r, s);

    for (k = 0; k < MDR_ASCII_KINDS; k++) {
        step[2 * k] = (2 * k * MDR_STEPS + mdr_step(ascii->count[k])) * words;
        step[2 * k + 1] = ((2 * k + 1) * MDR_STEPS + mdr_step(ascii->run[k]))
                          * words;
    }

    for (i = 0; i < words; i++) {
        for (k = 1, fit = fits[step[0] + i]; k < 2 * MDR_ASCII_KINDS; k++) {
            fit &= fits[step[k] + i];
        }

        for ( ; fit != 0; fit &= fit - 1) {
            k = i * 64 + (size_t) __builtin_ctzll(fit);

            if (try_regex(r, s, m->always[m->field_always[field] + k])
                != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* those that wait for a literal, which was seen in text s; once each */

static int
try_seen(run_t *r, uint32_t s)
{
    uint32_t           i;
    mdr_match_work_t  *w;
    const mdr_literal_seen_t  *seen;

    w = r->w;

    for (i = w->seen_first[s]; i != 0; i = seen->next) {
        seen = (const mdr_literal_seen_t *) (const void *) w->seen.data + i - 1;

        if (w->seen_in[seen->regex] == (s | DONE)) {
            continue;
        }

        w->seen_in[seen->regex] = s | DONE;

        if (try_regex(r, s, seen->regex) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


int
mdr_match_regexes(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, size_t n, mdr_raw_hits_t *hits)
{
    run_t   r;
    size_t  i;

    r.m = m;
    r.w = w;
    r.subjects = subjects;
    r.hits = hits;
    r.viewed = UINT32_MAX;
    r.folds = 0;
    r.ascii_of_text = UINT32_MAX;

    for (i = 0; i < n; i++) {
        if (try_always(&r, (uint32_t) i) != MDR_OK
            || try_seen(&r, (uint32_t) i) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
