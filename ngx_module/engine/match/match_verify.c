/*
 * match_verify.c - candidates on the text.
 *
 * A candidate is a pattern whose classes stand in a row.  Most are settled
 * without a look at the folds: the text has the term's very bytes, or each
 * class says which character of the term it is and what was skipped between
 * them are marks that the rule allows.  What is left is compared
 * in match_compare.c, as few as can be.
 * Which patterns a candidate stands for is match_chain.c's.
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


int
mdr_match_verify_is_word(uint32_t cp, uint32_t folds)
{
    return mdr_fold_dropped(cp, folds) ? MDR_VERIFY_OPEN
           : mdr_fold_is_word(cp) && mdr_fold_mark(cp) == 0;
}


/* do word edges allow [start, end) of the batch's bytes? */

static int
edges(const mdr_verify_t *v, uint32_t start, uint32_t end)
{
    int             rc;
    size_t          len;
    const uint8_t  *p, *begin, *stop;

    begin = v->w->bytes + v->w->start[v->subject];
    stop = begin + v->subjects[v->subject].len;
    rc = MDR_VERIFY_YES;

    if ((v->u->flags & MDR_TERM_HEAD) && v->w->bytes + start > begin) {
        p = v->w->bytes + start;

        switch (mdr_match_verify_is_word(mdr_verify_char_before(p, begin, &len),
                        v->rule->profile.folds))
        {
        case MDR_VERIFY_YES:
            return MDR_VERIFY_NO;
        case MDR_VERIFY_OPEN:
            rc = MDR_VERIFY_OPEN;
        }
    }

    if ((v->u->flags & MDR_TERM_TAIL) && v->w->bytes + end < stop) {
        p = v->w->bytes + end;

        switch (mdr_match_verify_is_word(
                    mdr_utf8_next(p, (size_t) (stop - p), &len),
                    v->rule->profile.folds))
        {
        case MDR_VERIFY_YES:
            return MDR_VERIFY_NO;
        case MDR_VERIFY_OPEN:
            rc = MDR_VERIFY_OPEN;
        }
    }

    return rc;
}


static int
trace_edges(const mdr_verify_t *v, size_t first, size_t last)
{
    const mdr_atom_t  *a;

    a = v->row->trace->atoms;

    if ((v->u->flags & MDR_TERM_HEAD) && first != 0 && a[first - 1].word
        && a[first - 1].mark == 0)
    {
        return MDR_VERIFY_NO;
    }

    if ((v->u->flags & MDR_TERM_TAIL) && last + 1 < v->row->trace->n
        && a[last + 1].word && a[last + 1].mark == 0)
    {
        return MDR_VERIFY_NO;
    }

    return MDR_VERIFY_YES;
}


static int
same_bytes(const uint8_t *p, const char *s, size_t n, int caseless)
{
    size_t   i;
    uint8_t  c;

    if (!caseless) {
        return memcmp(p, s, n) == 0;
    }

    for (i = 0; i < n; i++) {
        c = p[i] ^ (uint8_t) s[i];

        if (c != 0
            && (c != 0x20 || (p[i] | 0x20) < 'a' || (p[i] | 0x20) > 'z'))
        {
            return 0;
        }
    }

    return 1;
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


/* is the term there, byte for byte? */

int
mdr_match_verify_plain(mdr_verify_t *v)
{
    int                rc;
    size_t             i;
    uint32_t           start, end;
    const uint8_t     *p;
    const mdr_atom_t  *a;

    start = v->row->pos[v->at];

    if (v->row->trace == NULL) {
        p = v->w->bytes + start;
        end = start + v->u->len;

        if (end > v->w->start[v->subject] + v->subjects[v->subject].len
            || !same_bytes(p, v->m->text + v->u->text, v->u->len,
                           v->u->flags & MDR_TERM_CASE)
            || (v->m->h.repeat && !ends_at(v, v->at + v->n - 1, end)))
        {
            return MDR_VERIFY_OPEN;
        }

        rc = v->u->flags & (MDR_TERM_HEAD | MDR_TERM_TAIL)
             ? edges(v, start, end) : MDR_VERIFY_YES;
        if (rc != MDR_VERIFY_YES) {
            return rc;
        }

        start -= v->w->start[v->subject];
        return put(v, start, start + v->u->len);
    }

    if (start + v->n > v->row->trace->n || v->m->h.repeat) {
        return MDR_VERIFY_OPEN;
    }

    a = v->row->trace->atoms + start;
    p = v->row->trace->text;

    for (i = 0; i < v->n; i++) {
        if ((i != 0 && a[i].start != a[i - 1].end)
            || (a[i].cp < 0x80 && a[i].cp != p[a[i].start]))
        {
            return MDR_VERIFY_OPEN;     /* turned letters: not their bytes   */
        }
    }

    if (a[v->n - 1].end - a[0].start != v->u->len
        || !same_bytes(p + a[0].start, v->m->text + v->u->text, v->u->len,
                       v->u->flags & MDR_TERM_CASE))
    {
        return MDR_VERIFY_OPEN;
    }

    rc = trace_edges(v, start, start + v->n - 1);

    return rc == MDR_VERIFY_YES ? put(v, a[0].start, a[v->n - 1].end) : rc;
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


static int
trace_gap(const mdr_verify_t *v, uint32_t from, uint32_t to)
{
    uint32_t              n;
    const mdr_atom_t     *a;
    const mdr_profile_t  *p;

    p = &v->rule->profile;
    a = v->row->trace->atoms;

    for (n = 0; from < to; from++) {
        if (mdr_class_of(v->m, a[from].cp) == MDR_CL_SPECIAL
            || (a[from].flags & MDR_ATOM_FLAG))
        {
            return MDR_VERIFY_OPEN;
        }

        if (!(a[from].mark & p->gap_of) || ++n > p->gap_max) {
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
    end = v->row->trace != NULL ? at + 1
          : at + (uint32_t) mdr_utf8_len(v->w->bytes[at]);

    if (v->row->pos[i + 1] == end) {
        return MDR_VERIFY_YES;
    }

    if (v->m->h.repeat) {
        return MDR_VERIFY_OPEN;
    }

    return v->row->trace != NULL ? trace_gap(v, end, v->row->pos[i + 1])
                                 : gap(v, end, v->row->pos[i + 1]);
}


static inline int
is_special(const mdr_verify_t *v, size_t i)
{
    return v->row->trace != NULL
           && mdr_class_of(v->m, v->row->trace->atoms[v->row->pos[i]].cp)
              == MDR_CL_SPECIAL;
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

    if ((v->u->flags & MDR_TERM_WIDE) && v->row->trace == NULL
        && v->row->pos[last] - v->row->pos[v->at] == 3 * (v->n - 1))
    {
        return MDR_VERIFY_YES;
    }

    if (v->reach_from == 0 || v->at < v->reach_from || v->at > v->reach_to
        || v->reach_folds != p->folds || v->reach_max != p->gap_max
        || v->reach_marks != p->gap_of)
    {
        if (is_special(v, v->at)) {
            return MDR_VERIFY_OPEN;
        }

        v->reach_from = v->at;
        v->reach_to = v->at;
        v->reach_rc = MDR_VERIFY_YES;
        v->reach_folds = p->folds;
        v->reach_max = p->gap_max;
        v->reach_marks = p->gap_of;
    }

    for (i = v->reach_to; i < last && v->reach_rc == MDR_VERIFY_YES; i++) {
        v->hits->meter.steps++;
        rc = is_special(v, i + 1) ? MDR_VERIFY_OPEN : may_follow(v, i);

        if (rc != MDR_VERIFY_YES) {
            v->reach_rc = rc;
            break;
        }

        v->reach_to = i + 1;
    }

    return last <= v->reach_to ? MDR_VERIFY_YES : v->reach_rc;
}


/* is the term there, class for class? */

int
mdr_match_verify_exact(mdr_verify_t *v)
{
    int                rc;
    uint32_t           i, first, last, start, end;
    const mdr_atom_t  *a;

    rc = reach(v);

    if (rc != MDR_VERIFY_YES) {
        return rc;
    }

    start = v->row->pos[v->at];
    end = v->row->pos[v->at + v->n - 1];

    if (v->row->trace == NULL) {
        end += (uint32_t) mdr_utf8_len(v->w->bytes[end]);

        if (v->m->h.repeat && !ends_at(v, v->at + v->n - 1, end)) {
            return MDR_VERIFY_OPEN;
        }

        return put(v, start - v->w->start[v->subject],
                   end - v->w->start[v->subject]);
    }

    if (v->m->h.repeat && !ends_at(v, v->at + v->n - 1, end + 1)) {
        return MDR_VERIFY_OPEN;
    }

    a = v->row->trace->atoms;

    first = start;
    last = end;
    start = a[first].start;
    end = a[first].end;

    for (i = first + 1; i <= last; i++) {       /* runs may be reversed      */
        start = a[i].start < start ? a[i].start : start;
        end = a[i].end > end ? a[i].end : end;
    }

    return put(v, start, end);
}


/* ASCII that is seen, and neither letter nor digit */

static inline int
is_blank(uint8_t c)
{
    return c >= ' ' && c < 0x7f && (uint8_t) ((c | 0x20) - 'a') > 25
           && (uint8_t) (c - '0') > 9;
}


/* are n bytes the same?  Terms are of 6 to 16 bytes, mostly */

static inline int
equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    uint32_t  s, t, p, q;
    uint64_t  x, y, z, u;

    if (n < 4 || n > 16) {
        return memcmp(a, b, n) == 0;
    }

    if (n < 8) {
        memcpy(&s, a, 4);
        memcpy(&t, b, 4);
        memcpy(&p, a + n - 4, 4);
        memcpy(&q, b + n - 4, 4);

        return ((s ^ t) | (p ^ q)) == 0;
    }

    memcpy(&x, a, 8);
    memcpy(&y, b, 8);
    memcpy(&z, a + n - 8, 8);
    memcpy(&u, b + n - 8, 8);

    return ((x ^ y) | (z ^ u)) == 0;
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
    uint32_t                  start, end, base, stop, rule, last;
    mdr_raw_hit_t            *h, *first;
    const uint8_t            *bytes, *text;
    const uint32_t           *pos;
    const uint64_t           *reads;
    const mdr_lex_user_t     *u, *next;
    const mdr_candidate_t    *c;
    const mdr_lex_pattern_t  *patterns, *p;

    patterns = v->m->patterns;
    text = (const uint8_t *) v->m->text;
    pos = v->row->pos;
    bytes = v->w->bytes;
    base = v->w->start[v->subject];
    stop = v->w->start[v->subject + 1];
    last = base + v->subjects[v->subject].len;
    reads = v->reads;
    first = v->hits->hits + v->hits->n;
    h = first;
    n = v->w->ncands;
    c = v->w->cands + i;
    rule = UINT32_MAX;

    for ( ; i < n && c->subject == v->subject && c->group == 0; i++, c++) {
        p = &patterns[c->pattern];
        u = &p->user;

        /* the text of a term is far away, in large lexicons */

        if (i + 6 < n) {
            next = &patterns[c[6].pattern].user;
            __builtin_prefetch(text + (next->text & ((next->flags
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
        end = pos[c->at + p->len - 1] + 3;

        if (u->flags & (MDR_TERM_HEAD | MDR_TERM_TAIL | MDR_TERM_CASE)) {
            end = start + u->len;

            if (!quick_word(p, text, bytes + start, bytes + base,
                            bytes + last))
            {
                break;
            }

        } else if (!(u->flags & MDR_TERM_WIDE) || end - start != 3u * p->len
            || bytes[end - 3] >= 0xf0)
        {
            end = start + u->len;

            if (!(u->flags & MDR_TERM_PLAIN) || end > stop
                || !equal(bytes + start, text + u->text, u->len))
            {
                break;
            }
        }

        start -= base;

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
        h->end = end - base;
        h->term = u->flags & MDR_TERM_WEIGHED ? u->text : MDR_NO_TERM;
        h++;
    }

    n = (size_t) (h - first);
    v->hits->n += n;
    v->hits->candidates += n;
    v->hits->meter.steps += n;

    return i;
}


int
mdr_match_verify(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_row_t *row, const mdr_subject_t *subjects,
    mdr_raw_hits_t *hits)
{
    int               fast;
    void             *p;
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
                      + (size_t) (m->field_row[subjects[c->subject].slot]
                                  + subjects[c->subject].field) * m->words;

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

        if (fast && c->group == 0) {
            p = hits->hits;

            if (mdr_grow(m->alloc, &p, &hits->cap,
                         hits->n + w->ncands - i, sizeof(mdr_raw_hit_t))
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            hits->hits = p;
            i = quick(&v, i);

            if (i == w->ncands || w->cands[i].subject != v.subject) {
                continue;
            }
        }

        if (mdr_match_chain(&v, &w->cands[i++]) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    w->ncands = 0;

    return MDR_OK;
}
