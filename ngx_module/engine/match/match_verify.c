/*
 * match_verify.c - candidates on the text.
 *
 * A candidate is a pattern whose classes stand in a row.  Most are settled
 * without a look at the folds: the text has the term's very bytes, or each
 * class says which character of the term it is and what was skipped between
 * them are marks that the rule allows.  What is left is compared
 * in match_compare.c, as few as can be.
 */

#include "match_verify.h"

#include <string.h>


int
mdr_match_hit(const mdr_matcher_t *m, mdr_raw_hits_t *hits,
    const mdr_lex_user_t *u, uint32_t subject, uint32_t start, uint32_t end)
{
    mdr_raw_hit_t  *h;

    if (hits->n != 0) {
        h = &hits->hits[hits->n - 1];

        if (h->start == start && h->subject == subject && h->rule == u->rule
            && h->group == u->group && !h->except
            && mdr_match_longest_only(m->model, u))
        {
            h->end = end > h->end ? end : h->end;
            return MDR_OK;
        }
    }

    if (hits->n == hits->cap
        && mdr_table_reserve(m->alloc, &hits->hits, &hits->cap, hits->n + 1,
                             sizeof(mdr_raw_hit_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    hits->meter.steps += 4;             /* they are sorted                   */
    mdr_verify_set_hit(&hits->hits[hits->n++], u, subject, start, end);

    return MDR_OK;
}


int
mdr_match_hit_users(mdr_verify_t *v, uint32_t user, uint32_t n,
    uint32_t start, uint32_t end)
{
    uint32_t               i;
    mdr_raw_hit_t         *h;
    const mdr_lex_user_t  *u;

    if (mdr_verify_reserve(v, n) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < n; i++) {
        u = &v->m->users[v->m->trie_users[user + i]];

        if (!mdr_verify_is_read(v, u->rule)) {
            continue;
        }

        h = &v->hits->hits[v->hits->n];

        if ((u->flags & MDR_TERM_WEIGHED) || (u->group & MDR_USER_EXCEPT)
            || (v->hits->n != 0 && h[-1].rule == u->rule))
        {
            if (mdr_match_hit(v->m, v->hits, u, v->subject, start, end)
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            continue;
        }

        mdr_verify_set_hit(h, u, v->subject, start, end);
        v->hits->n++;
        v->hits->meter.steps += 4;
    }

    return MDR_OK;
}


static int
put(mdr_verify_t *v, uint32_t start, uint32_t end)
{
    return mdr_match_hit(v->m, v->hits, v->u, v->subject, start, end)
           == MDR_OK ? MDR_VERIFY_YES : MDR_ERROR;
}


/*
 * Under repeat a run is one class.  Only where nothing was left out behind a
 * class is it one character, and only then does the run not go on.
 */

static inline int
ends_at(const mdr_verify_t *v, size_t at, uint32_t end)
{
    return v->row->pos[at + 1] == end
           && v->row->cls[at + 1] != MDR_CL_SPECIAL;
}


/* may [from, to) of the batch's bytes stand between two classes?  Open: emoji
 * and what belongs to them are counted as a trace counts them */

static int
gap(const mdr_verify_t *v, uint32_t from, uint32_t to)
{
    size_t                len;
    uint8_t               mark;
    uint32_t              cp, n;
    const mdr_profile_t  *p;

    p = &v->rule->profile;

    for (n = 0; from < to; from += (uint32_t) len) {
        cp = mdr_utf8_next(v->w->bytes + from, to - from, &len);

        if (len == 0) {
            return MDR_VERIFY_OPEN;
        }

        if (mdr_fold_dropped(cp, p->folds)) {
            continue;
        }

        mark = mdr_fold_mark(cp);

        if (mark == MDR_GAP_EMOJI) {
            return MDR_VERIFY_OPEN;
        }

        if (!(mark & p->gap_of) || ++n > p->gap_max) {
            return MDR_VERIFY_NO;
        }
    }

    return MDR_VERIFY_YES;
}


/* may class i + 1 of the row follow class i, as far as the rule's gaps say? */

static int
may_follow(const mdr_verify_t *v, size_t i)
{
    uint32_t  at, end;

    at = v->row->pos[i];
    end = at + (uint32_t) mdr_utf8_len(v->w->bytes[at]);

    return v->row->pos[i + 1] == end ? MDR_VERIFY_YES
           : v->m->h.repeat ? MDR_VERIFY_OPEN
           : gap(v, end, v->row->pos[i + 1]);
}


/*
 * Do the rule's gaps allow the v->n classes from v->at on?  What was found for
 * a profile is kept: classes of [reach_from, reach_to] follow one another, and
 * reach_rc says why the next one does not.  So a row is gone through once, and
 * not for each pattern that begins somewhere in it.
 */

static int
reach(mdr_verify_t *v)
{
    int                   rc;
    size_t                i, last;
    const mdr_profile_t  *p;

    p = &v->rule->profile;
    last = v->at + v->n - 1;

    if ((v->u->flags & MDR_TERM_WIDE)
        && v->row->pos[last] - v->row->pos[v->at] == 3 * (v->n - 1))
    {
        return MDR_VERIFY_YES;
    }

    if (v->reach_from == 0 || v->at < v->reach_from || v->at > v->reach_to
        || v->reach_folds != p->folds || v->reach_max != p->gap_max
        || v->reach_marks != p->gap_of)
    {
        v->reach_from = v->at;
        v->reach_to = v->at;
        v->reach_rc = MDR_VERIFY_YES;
        v->reach_folds = p->folds;
        v->reach_max = p->gap_max;
        v->reach_marks = p->gap_of;
    }

    for (i = v->reach_to; i < last && v->reach_rc == MDR_VERIFY_YES; i++) {
        v->hits->meter.steps++;
        rc = may_follow(v, i);

        if (rc != MDR_VERIFY_YES) {
            v->reach_rc = rc;
            break;
        }

        v->reach_to = i + 1;
    }

    return last <= v->reach_to ? MDR_VERIFY_YES : v->reach_rc;
}


/* is the term there, class for class? */

static int
verify_classes(mdr_verify_t *v)
{
    int       rc;
    uint32_t  start, end;

    rc = reach(v);

    if (rc != MDR_VERIFY_YES) {
        return rc;
    }

    start = v->row->pos[v->at];
    end = v->row->pos[v->at + v->n - 1];
    end += (uint32_t) mdr_utf8_len(v->w->bytes[end]);

    if (v->m->h.repeat && !ends_at(v, v->at + v->n - 1, end)) {
        return MDR_VERIFY_OPEN;
    }

    return put(v, start - v->w->start[v->subject],
               end - v->w->start[v->subject]);
}


/* is the last hit of the same group, from the same place, and as long as the
 * candidate?  Then the candidate says nothing more (see match.h). */

static int
is_covered(const mdr_verify_t *v, const mdr_lex_user_t *u)
{
    uint32_t              start, end;
    const mdr_row_t      *r;
    const mdr_raw_hit_t  *h;

    if (!MDR_USE_COVERED || v->hits->n == 0 || v->m->h.repeat
        || (u->flags & MDR_TERM_MARKS)) {
        return 0;
    }

    r = v->row;
    h = &v->hits->hits[v->hits->n - 1];

    if (h->subject != v->subject || h->rule != u->rule
        || h->group != u->group || h->except
        || (r->trace != NULL && !r->trace->ordered)
        || !mdr_match_longest_only(v->m->model, u))
    {
        return 0;
    }

    start = r->pos[v->at];
    end = r->pos[v->at + v->n - 1];

    if (r->trace != NULL) {
        start = r->trace->atoms[start].start;
        end = r->trace->atoms[end].start;
    } else {
        start -= v->w->start[v->subject];
        end -= v->w->start[v->subject];
    }

    return h->start == start && h->end > end;
}


/* one user of the pattern */

static int
one_user(mdr_verify_t *v)
{
    int  rc;

    if (v->range != NULL) {
        v->hits->meter.steps++;
        return mdr_match_compare_user(v, v->range_of, v->u, v->range->from,
                                      v->range->to, 0);
    }

    if (!mdr_verify_is_read(v, v->u->rule)) {
        return MDR_OK;
    }

    if (v->u->group & MDR_USER_REGEX) {
        return mdr_match_regex_seen(v->w, v->subject, v->u->text);
    }

    v->rule = &v->m->model->rules[v->u->rule];

    if (v->row->trace != NULL
        ? v->row->trace->folds != v->rule->profile.folds /* has its own row  */
        : (v->u->flags & MDR_TERM_MARKS) != 0)  /* its marks are special     */
    {
        return MDR_OK;
    }

    if (is_covered(v, v->u)) {
        return MDR_OK;
    }

    v->hits->candidates++;
    v->hits->meter.steps++;
    rc = MDR_USE_CLASSES && (v->u->flags & MDR_TERM_CLASSES)
         && v->row->trace == NULL
         ? verify_classes(v) : MDR_VERIFY_OPEN;

    if (rc == MDR_VERIFY_OPEN) {
        rc = mdr_match_compare(v);
    }

    return rc == MDR_ERROR ? MDR_ERROR : MDR_OK;
}


/* users from u on, up to `end` or the last of the list */

static int
some_users(mdr_verify_t *v, const mdr_lex_user_t *u,
    const mdr_lex_user_t *end)
{
    for ( ; u != end && !mdr_meter_spent(&v->hits->meter); u++) {
        v->u = u;

        if (one_user(v) != MDR_OK) {
            return MDR_ERROR;
        }

        if (u->flags & MDR_TERM_LAST) {
            break;
        }
    }

    return MDR_OK;
}


static int
one_trie(mdr_verify_t *v, const mdr_trie_t *c)
{
    size_t                 from, to;
    uint32_t               shift;
    const mdr_trace_t     *t;
    const mdr_lex_user_t  *u;

    u = &v->m->users[v->m->trie_users[c->first]];
    v->rule = &v->m->model->rules[c->rule];

    if (v->range != NULL) {
        return v->rule->profile.folds == v->range_of->folds
               && mdr_match_compare_trie(v, c, v->range_of, v->range->from,
                                         v->range->to, 0) == MDR_ERROR
               ? MDR_ERROR : MDR_OK;
    }

    v->hits->meter.steps++;

    if ((v->row->trace != NULL
         && v->row->trace->folds != v->rule->profile.folds)
        || (c->one && (!mdr_verify_is_read(v, u->rule) || is_covered(v, u))))
    {
        return MDR_OK;
    }

    t = mdr_match_compare_place(v, &from, &to, &shift);

    return t == NULL
           || mdr_match_compare_trie(v, c, t, from, to, shift) == MDR_ERROR
           ? MDR_ERROR : MDR_OK;
}


/* all whose the pattern is: at v->at of the row, or in v->range */

static int
each_user(mdr_verify_t *v, uint32_t pattern)
{
    uint32_t                 i;
    const mdr_trie_list_t   *l;
    const mdr_user_range_t  *r;

    l = mdr_matcher_tries(v->m, pattern);

    if (l == NULL) {
        return some_users(v, mdr_lex_users(v->m->users,
                                           &v->m->patterns[pattern]), NULL);
    }

    for (i = l->first; i < l->end; i++) {
        if (one_trie(v, &v->m->tries[i]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    for (i = l->rest; i < l->rest_end; i++) {
        r = &v->m->trie_ranges[i];

        if (some_users(v, v->m->users + r->first, v->m->users + r->end)
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


int
mdr_match_verify_range(mdr_verify_t *v, const mdr_trace_t *t,
    const mdr_range_t *r)
{
    v->range = r;
    v->range_of = t;

    return each_user(v, r->pattern);
}


int
mdr_match_verify(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_row_t *row, const mdr_subject_t *subjects,
    mdr_raw_hits_t *hits)
{
    int               fast;
    size_t            i;
    mdr_verify_t      v;
    mdr_candidate_t  *c;

    memset(&v, 0, sizeof(v));
    v.m = m;
    v.w = w;
    v.row = row;
    v.subjects = subjects;
    v.subject = UINT32_MAX;
    v.hits = hits;
    fast = row->trace == NULL && !m->h.repeat;

    for (i = 0; i < w->ncands; /* void */) {
        c = &w->cands[i];

        if (v.subject != c->subject) {
            v.subject = c->subject;
            v.reads = mdr_matcher_reads(m, subjects[c->subject].slot,
                                        subjects[c->subject].field);

            if (mdr_match_budget_take(w, subjects, c->subject, hits)
                != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        if (mdr_meter_spent(&hits->meter)) {
            i++;
            continue;
        }

        if (MDR_USE_QUICK && fast) {
            if (hits->cap - hits->n < w->ncands - i
                && mdr_verify_reserve(&v, w->ncands - i) != MDR_OK)
            {
                return MDR_ERROR;
            }

            i = mdr_match_quick(&v, i);

            if (i == w->ncands || w->cands[i].subject != v.subject) {
                continue;
            }
        }

        c = &w->cands[i++];
        v.at = c->at;
        v.n = m->patterns[c->pattern].len;
        hits->meter.steps++;

        if (each_user(&v, c->pattern) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    w->ncands = 0;

    return MDR_OK;
}
