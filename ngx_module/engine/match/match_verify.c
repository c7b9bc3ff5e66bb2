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
    void           *p;
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

    p = hits->hits;

    if (hits->n == hits->cap
        && mdr_grow(m->alloc, &p, &hits->cap, hits->n + 1,
                    sizeof(mdr_raw_hit_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    hits->hits = p;
    hits->meter.steps += 4;             /* they are sorted                   */
    h = &hits->hits[hits->n++];
    h->rule = u->rule;
    h->group = (uint16_t) (u->group & ~(MDR_USER_EXCEPT | MDR_USER_REGEX));
    h->except = (u->group & MDR_USER_EXCEPT) != 0;
    h->state = mdr_matcher_state(u);
    h->subject = subject;
    h->start = start;
    h->end = end;
    h->term = u->flags & MDR_TERM_WEIGHED ? u->text : MDR_NO_TERM;

    return MDR_OK;
}


static int
reserve(mdr_verify_t *v, size_t n)
{
    int    rc;
    void  *p;

    p = v->hits->hits;
    rc = mdr_grow(v->m->alloc, &p, &v->hits->cap, v->hits->n + n,
                  sizeof(mdr_raw_hit_t));
    v->hits->hits = p;

    return rc;
}


int
mdr_match_hit_users(mdr_verify_t *v, uint32_t user, uint32_t n,
    uint32_t start, uint32_t end)
{
    uint32_t               i;
    mdr_raw_hit_t         *h;
    const mdr_lex_user_t  *u;

    if (reserve(v, n) != MDR_OK) {
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

        h->rule = u->rule;
        h->group = u->group;
        h->except = 0;
        h->state = mdr_matcher_state(u);
        h->subject = v->subject;
        h->start = start;
        h->end = end;
        h->term = MDR_NO_TERM;
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


/* ASCII that is seen, and neither letter nor digit */

static inline int
is_blank(uint8_t c)
{
    return c >= ' ' && c < 0x7f && (uint8_t) ((c | 0x20) - 'a') > 25
           && (uint8_t) (c - '0') > 9;
}


/* are n letters and digits of ASCII the same, as far as case matters? */

static inline int
equal_letters(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t    i;
    uint8_t   d;
    uint64_t  x, y, z, u;

    if (n >= 8 && n <= 16) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        memcpy(&z, a + n - 8, 8);
        memcpy(&u, b + n - 8, 8);

        return (((x ^ y) | (z ^ u)) & 0xdfdfdfdfdfdfdfdfULL) == 0;
    }

    for (i = 0, d = 0; i < n; i++) {
        d |= a[i] ^ b[i];
    }

    return (d & 0xdf) == 0;
}


/* A word of ASCII in the bytes [begin, end), all of whose characters are its
 * own or the same in another case: is it there, between ASCII that is neither
 * letter nor digit?  0: that is not to be seen here. */

static inline int
quick_word(const mdr_lex_pattern_t *p, const uint8_t *text,
    const uint8_t *at, const uint8_t *begin, const uint8_t *end)
{
    size_t   n;
    uint8_t  before, behind;

    n = p->len;
    before = at > begin ? at[-1] : ' ';
    behind = (size_t) (end - at) > n ? at[n] : ' ';

    return (p->user.flags & MDR_TERM_PLAIN) && p->user.len == n
           && (size_t) (end - at) >= n && is_blank(before) && is_blank(behind)
           && (p->user.flags & MDR_TERM_CASE
               ? equal_letters(at, text + p->user.text, n)
               : memcmp(at, text + p->user.text, n) == 0);
}


/* the text in hand: bytes [base, last) of the batch's, its separator ends at
 * `stop` */

typedef struct {
    const uint8_t  *bytes, *terms;
    uint32_t        base, last, stop;
} quick_t;


/* where the term of a pattern ends that begins at `start`, and whose last class
 * ends at `end` if it has three bytes; 0: that is not to be seen here */

static inline __attribute__((always_inline)) uint32_t
quick_end(const quick_t *q, const mdr_lex_pattern_t *p, uint32_t start,
    uint32_t end)
{
    const mdr_lex_user_t  *u;

    u = &p->user;

    if (u->flags & (MDR_TERM_HEAD | MDR_TERM_TAIL | MDR_TERM_CASE)) {
        return quick_word(p, q->terms, q->bytes + start, q->bytes + q->base,
                          q->bytes + q->last)
               ? start + u->len : 0;
    }

    if ((u->flags & MDR_TERM_WIDE) && end - start == 3u * p->len
        && q->bytes[end - 3] < 0xf0)
    {
        return end;
    }

    return (u->flags & MDR_TERM_PLAIN) && start + u->len <= q->stop
           && memcmp(q->bytes + start, q->terms + u->text, u->len) == 0
           ? start + u->len : 0;
}


/*
 * What nearly every candidate is: one term of a text of the fast way, of three
 * bytes a class or with its very bytes, or a word of ASCII.  Puts the
 * hits of such ones, from candidate i on; returns the first other one, or the
 * first in another subject.
 */

static size_t
quick(mdr_verify_t *v, size_t i)
{
    size_t                    n;
    quick_t                   q;
    uint32_t                  start, end, rule;
    mdr_raw_hit_t            *h, *first;
    const uint32_t           *pos;
    const uint64_t           *reads;
    const mdr_lex_user_t     *u, *next;
    const mdr_candidate_t    *c;
    const mdr_lex_pattern_t  *patterns, *p;

    patterns = v->m->patterns;
    q.terms = (const uint8_t *) v->m->text;
    q.bytes = v->w->bytes;
    q.base = v->w->start[v->subject];
    q.last = q.base + v->subjects[v->subject].len;
    q.stop = v->w->start[v->subject + 1];
    pos = v->row->pos;
    reads = v->reads;
    first = v->hits->hits + v->hits->n;
    h = first;
    n = v->w->ncands;
    c = v->w->cands + i;
    rule = UINT32_MAX;

    for ( ; i < n && c->subject == v->subject; i++, c++) {
        p = &patterns[c->pattern];
        u = &p->user;

        /* the text of a term is far away, in large lexicons */

        if (MDR_USE_AHEAD && i + 6 < n) {
            next = &patterns[c[6].pattern].user;
            __builtin_prefetch(q.terms + (next->text & ((next->flags
                                                      / MDR_TERM_WIDE & 1u)
                                                     - 1)));
        }

        if ((u->group & (MDR_USER_REGEX | MDR_USER_EXCEPT))
            || (u->flags & MDR_TERM_LIST))
        {
            break;
        }

        if (u->rule != rule) {
            rule = u->rule;
            if (!(reads[rule / 64] >> (rule % 64) & 1)) {
                break;
            }
        }

        start = pos[c->at];
        end = quick_end(&q, p, start, pos[c->at + p->len - 1] + 3);

        if (end == 0) {
            break;
        }

        start -= q.base;

        if (h != v->hits->hits && h[-1].start == start
            && h[-1].subject == v->subject && h[-1].rule == rule
            && !(u->flags & MDR_TERM_WEIGHED))
        {
            break;                      /* the same place again              */
        }

        h->rule = rule;
        h->group = u->group;
        h->except = 0;
        h->state = mdr_matcher_state(u);
        h->subject = v->subject;
        h->start = start;
        h->end = end - q.base;
        h->term = u->flags & MDR_TERM_WEIGHED ? u->text : MDR_NO_TERM;
        h++;
    }

    n = (size_t) (h - first);
    v->hits->n += n;
    v->hits->candidates += n;
    v->hits->meter.steps += n;

    return i;
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


static int
one_candidate(mdr_verify_t *v, const mdr_candidate_t *c)
{
    uint32_t                  i;
    const mdr_trie_list_t       *l;
    const mdr_user_range_t   *r;
    const mdr_lex_pattern_t  *p;

    p = &v->m->patterns[c->pattern];
    v->at = c->at;
    v->n = p->len;
    v->hits->meter.steps++;

    l = mdr_matcher_tries(v->m, c->pattern);

    if (l == NULL) {
        return some_users(v, mdr_lex_users(v->m->users, p), NULL);
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
            v.reads = m->reads
                      + (size_t) (m->field_number[subjects[c->subject].slot]
                                  + subjects[c->subject].field) * m->rule_words;

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
                && reserve(&v, w->ncands - i) != MDR_OK)
            {
                return MDR_ERROR;
            }

            i = quick(&v, i);

            if (i == w->ncands || w->cands[i].subject != v.subject) {
                continue;
            }
        }

        if (one_candidate(&v, &w->cands[i++]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    w->ncands = 0;

    return MDR_OK;
}
