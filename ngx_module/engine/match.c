/*
 * match.c - the search: classes, filter, candidates, exact comparison.
 *
 * A batch of texts becomes one row of classes with a break between two of
 * them.  The filter looks at each pair of classes once; what passes is looked
 * up by its three classes, compared with the patterns of that anchor, and
 * what is left is verified on the text (trace_match.c) rule by rule.  A text
 * with special characters is searched through its traces instead.
 */

#include "fold.h"
#include "matcher.h"
#include "utf8.h"

#include <stdlib.h>
#include <string.h>


#define TRACES  8
#define PATHS   4096                    /* of the slow way, a text           */

typedef struct {
    uint32_t  subject, pattern;
    uint32_t  at;                       /* class in the subject, or NO_AT    */
} candidate_t;

#define NO_AT  UINT32_MAX

struct mdr_match_work_s {
    const mdr_alloc_t  *alloc;
    uint16_t           *cls;            /* classes of the batch              */
    size_t              cls_cap;
    uint32_t           *start;          /* [subjects + 1] in cls             */
    uint8_t            *slow;           /* [subjects]                        */
    size_t              start_cap, slow_cap;
    candidate_t        *cands;
    size_t              ncands, cands_cap;
    mdr_trace_t         traces[TRACES];
    uint32_t            trace_subject[TRACES];
    uint32_t            trace_folds[TRACES];
    uint32_t            next_trace;
    mdr_buf_t           map;            /* class index to atom               */
    uint32_t            map_trace;
    mdr_buf_t           view, view_map;
    mdr_regex_work_t   *regex;
    mdr_buf_t           seen;           /* regexes with a literal seen       */
};


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

    for (i = 0; i < TRACES; i++) {
        mdr_trace_init(&w->traces[i], alloc);
    }

    mdr_buf_init(&w->map, alloc);
    mdr_buf_init(&w->view, alloc);
    mdr_buf_init(&w->view_map, alloc);
    mdr_buf_init(&w->seen, alloc);

    w->regex = mdr_regex_work_new(alloc);
    if (w->regex == NULL) {
        mdr_free(alloc, w);
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

    for (i = 0; i < TRACES; i++) {
        mdr_trace_done(&w->traces[i]);
    }

    mdr_buf_done(&w->map);
    mdr_buf_done(&w->view);
    mdr_buf_done(&w->view_map);
    mdr_buf_done(&w->seen);
    mdr_regex_work_free(w->regex);
    mdr_free(w->alloc, w->cls);
    mdr_free(w->alloc, w->start);
    mdr_free(w->alloc, w->slow);
    mdr_free(w->alloc, w->cands);
    mdr_free(w->alloc, w);
}


static inline uint32_t
class_of(const mdr_matcher_t *m, uint32_t cp)
{
    return m->stage2[(uint32_t) m->stage1[cp / MDR_LEX_BLOCK] * MDR_LEX_BLOCK
                     + cp % MDR_LEX_BLOCK];
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

    lo = class_of(m, cp);

    return lo == MDR_CL_SPECIAL ? MDR_CL_NONE : lo;
}


/* classes of valid UTF-8; returns their number, *slow: a special was met */

static size_t
to_classes(const mdr_matcher_t *m, const uint8_t *p, size_t n, uint16_t *out,
    int *slow)
{
    uint32_t        cp, cl, last, any;
    uint16_t       *o;
    const uint8_t  *end;
    const uint16_t *stage1 = m->stage1, *stage2 = m->stage2;
    const uint32_t  repeat = m->h.repeat;

    o = out;
    end = p + n;
    last = 0;
    any = 0;

    while (p < end) {
        cp = p[0];

        if (cp < 0x80) {
            cl = m->ascii[cp];
            p++;

        } else {
            if (cp < 0xe0) {
                cp = (cp & 31) << 6 | (p[1] & 63);
                p += 2;
            } else if (cp < 0xf0) {
                cp = (cp & 15) << 12 | (uint32_t) (p[1] & 63) << 6
                     | (p[2] & 63);
                p += 3;
            } else {
                cp = (cp & 7) << 18 | (uint32_t) (p[1] & 63) << 12
                     | (uint32_t) (p[2] & 63) << 6 | (p[3] & 63);
                p += 4;
            }

            cl = stage2[(uint32_t) stage1[cp / MDR_LEX_BLOCK] * MDR_LEX_BLOCK
                        + cp % MDR_LEX_BLOCK];
        }

        any |= cl == MDR_CL_SPECIAL;
        *o = (uint16_t) cl;
        o += cl != MDR_CL_SKIP && !(repeat && cl == last && cl != 1);
        last = cl != MDR_CL_SKIP ? cl : last;
    }

    *slow = (int) any;

    return (size_t) (o - out);
}


static int
add_candidate(mdr_match_work_t *w, uint32_t subject, uint32_t pattern,
    uint32_t at)
{
    void         *p;
    candidate_t  *c;

    p = w->cands;

    if (w->ncands == w->cands_cap
        && mdr_grow(w->alloc, &p, &w->cands_cap, w->ncands + 1,
                    sizeof(candidate_t))
           != MDR_OK)
    {
        return MDR_ERROR;
    }

    w->cands = p;
    c = &w->cands[w->ncands++];
    c->subject = subject;
    c->pattern = pattern;
    c->at = at;

    return MDR_OK;
}


/* the first pattern with this anchor + 1, or 0 */

static uint32_t
look_up(const mdr_matcher_t *m, uint32_t a, uint32_t b, uint32_t c)
{
    uint32_t                  i, k;
    const uint16_t           *d;
    const mdr_lex_pattern_t  *t;

    for (i = mdr_lex_key(a, b, c) & m->hash_mask; (k = m->hash[i]) != 0;
         i = (i + 1) & m->hash_mask)
    {
        t = &m->patterns[k - 1];
        d = m->classes + t->at + t->anchor;

        if (d[0] == a && (t->len > 1 ? d[1] : 0) == b
            && (t->len > 2 ? d[2] : 0) == c)
        {
            return k;
        }
    }

    return 0;
}


static int
same_anchor(const mdr_matcher_t *m, uint32_t pattern, uint32_t a, uint32_t b,
    uint32_t c)
{
    const uint16_t           *d;
    const mdr_lex_pattern_t  *t;

    if (pattern >= m->h.npatterns) {
        return 0;
    }

    t = &m->patterns[pattern];
    d = m->classes + t->at + t->anchor;

    return d[0] == a && (t->len > 1 ? d[1] : 0) == b
           && (t->len > 2 ? d[2] : 0) == c;
}


/* patterns of an anchor found at cls[i], those that fit around it */

static int
try_anchor(const mdr_matcher_t *m, mdr_match_work_t *w, uint32_t subject,
    const uint16_t *cls, size_t i, size_t from, size_t to, uint32_t b,
    uint32_t c, mdr_raw_hits_t *hits)
{
    uint32_t                  k;
    const uint16_t           *d;
    const mdr_lex_pattern_t  *t;

    hits->survivors++;
    k = look_up(m, cls[i], b, c);

    if (k == 0) {
        return MDR_OK;
    }

    for (k--; same_anchor(m, k, cls[i], b, c); k++) {
        t = &m->patterns[k];
        d = m->classes + t->at;

        if (i - from < t->anchor || to - i < (size_t) (t->len - t->anchor)
            || memcmp(cls + i - t->anchor, d, t->len * sizeof(uint16_t))
               != 0)
        {
            continue;
        }

        if (add_candidate(w, subject, k,
                          (uint32_t) (i - t->anchor - from))
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* the filter over cls[0, n): every place that may be an anchor */

static int
filter(const mdr_matcher_t *m, mdr_match_work_t *w, size_t nsubjects,
    size_t n, mdr_raw_hits_t *hits)
{
    size_t           i, s, from, to;
    uint32_t         word, bit, a, b, c, shift, single;
    const uint16_t  *cls;
    const uint32_t  *bloom;

    cls = w->cls;
    bloom = m->bloom;
    shift = m->bloom_shift;
    single = m->h.single;
    s = 0;

    /* behind the last class stand two breaks */

    for (i = 0; i < n; i++) {
        a = cls[i];
        b = cls[i + 1];
        c = cls[i + 2];
        word = bloom[mdr_lex_pair(a, b) >> shift];
        bit = 1u << mdr_lex_bit(c);

        if ((word & (bit | 0x80000000u)) == 0 && a < single) {
            continue;
        }

        if (a < MDR_CL_FIRST) {
            continue;
        }

        while (s + 1 < nsubjects && w->start[s + 1] <= i) {
            s++;
        }

        from = w->start[s];
        to = w->start[s + 1] - 1;       /* without its break                 */

        if (a >= single
            && try_anchor(m, w, (uint32_t) s, cls, i, from, to, 0, 0, hits)
               != MDR_OK)
        {
            return MDR_ERROR;
        }

        if ((word & 0x80000000u) && i + 1 < to
            && try_anchor(m, w, (uint32_t) s, cls, i, from, to, b, 0, hits)
               != MDR_OK)
        {
            return MDR_ERROR;
        }

        if ((word & bit) && i + 2 < to
            && try_anchor(m, w, (uint32_t) s, cls, i, from, to, b, c, hits)
               != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


static mdr_trace_t *
trace_of(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, uint32_t folds)
{
    uint32_t  i;

    for (i = 0; i < TRACES; i++) {
        if (w->trace_subject[i] == subject && w->trace_folds[i] == folds) {
            return &w->traces[i];
        }
    }

    i = w->next_trace++ % TRACES;

    if (w->map_trace == i) {
        w->map_trace = UINT32_MAX;
    }

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
add_hit(const mdr_matcher_t *m, mdr_raw_hits_t *hits, uint32_t rule,
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


/* atoms by the class they gave, for texts of the fast way */

static int
make_map(const mdr_matcher_t *m, mdr_match_work_t *w, const mdr_trace_t *t)
{
    uint32_t  index, cl, last, a;
    size_t    i;

    w->map.len = 0;
    last = 0;
    index = 0;

    for (i = 0; i < t->n; i++) {
        cl = class_of(m, t->atoms[i].cp);
        a = (uint32_t) i;

        if (cl == MDR_CL_SKIP) {
            continue;
        }

        if (!(m->h.repeat && cl == last && cl != MDR_CL_NONE)) {
            if (mdr_buf_add(&w->map, &a, sizeof(a)) != MDR_OK) {
                return MDR_ERROR;
            }
            index++;
        }

        last = cl;
    }

    a = (uint32_t) t->n;

    return mdr_buf_add(&w->map, &a, sizeof(a));
}


static int
note_literal(mdr_match_work_t *w, const mdr_matcher_t *m, uint32_t subject,
    const mdr_lex_user_t *u)
{
    uint32_t  i, key[2];

    /* whichever regex of that group it was for: all of them are run */

    for (i = m->rule_regex[u->rule]; i < m->rule_regex[u->rule + 1]; i++) {
        if (m->regexes[i].need
            && m->regexes[i].group
               == (u->group & ~(uint32_t) MDR_USER_REGEX))
        {
            key[0] = subject;
            key[1] = i;
            if (mdr_buf_add(&w->seen, key, sizeof(key)) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* one user of a candidate: where in the text does its term stand? */

static int
verify(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, const candidate_t *c,
    const mdr_lex_user_t *u, mdr_raw_hits_t *hits)
{
    size_t             i, from, to, last;
    uint32_t           start, end, *map;
    mdr_str_t          term;
    mdr_trace_t       *t;
    const mdr_rule_t  *r;

    if (!mdr_matcher_reads(m, subjects[c->subject].slot,
                           subjects[c->subject].field, u->rule))
    {
        return MDR_OK;
    }

    if (u->group & MDR_USER_REGEX) {
        return note_literal(w, m, c->subject, u);
    }

    r = &m->model->rules[u->rule];
    t = trace_of(w, subjects, c->subject, r->profile.folds);

    if (t == NULL) {
        return MDR_ERROR;
    }

    term.data = m->text + u->text;
    term.len = u->len;
    hits->candidates++;

    from = 0;
    to = t->n;

    if (c->at != NO_AT) {
        if (w->map_trace != (uint32_t) (t - w->traces)) {
            if (make_map(m, w, t) != MDR_OK) {
                return MDR_ERROR;
            }
            w->map_trace = (uint32_t) (t - w->traces);
        }

        map = (uint32_t *) (void *) w->map.data;

        if ((size_t) c->at + 1 >= w->map.len / sizeof(uint32_t)) {
            return MDR_OK;
        }

        from = map[c->at];
        to = map[c->at + 1];
    }

    for (i = from; i < to; i++) {
        if (mdr_trace_match(t, i, term, &r->profile, &start, &end, &last)) {
            if (add_hit(m, hits, u->rule, u->group, c->subject, start, end)
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            if ((r->profile.folds & MDR_FOLD_REPEAT) && c->at != NO_AT) {
                break;                  /* the leftmost has the whole run    */
            }
        }
    }

    return MDR_OK;
}


/* the slow way: classes that an atom may stand for */

typedef struct {
    uint8_t   n;                        /* options                           */
    uint8_t   skip;
    uint8_t   len[MDR_FOLD_ALTS];
    uint16_t  cl[MDR_FOLD_ALTS][MDR_FOLD_SEQ];
} options_t;


static void
options_of(const mdr_matcher_t *m, const mdr_atom_t *a, uint32_t folds,
    options_t *o)
{
    size_t          i, k, n;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    n = mdr_fold_forms(a->cp, folds, f);
    o->n = 0;
    o->skip = (a->mark & m->h.gaps) != 0;

    for (i = 0; i < n; i++) {
        o->len[o->n] = 0;
        for (k = 0; k < f[i].n; k++) {
            uint32_t  cl = element_class(m, f[i].cp[k]);

            if (cl == MDR_CL_SKIP) {
                continue;
            }
            o->cl[o->n][o->len[o->n]++] = (uint16_t) cl;
        }
        if (o->len[o->n] != 0) {
            o->n++;
        } else {
            o->skip = 1;
        }
    }
}


typedef struct {
    const mdr_matcher_t  *m;
    mdr_match_work_t     *w;
    const options_t      *o;
    size_t                n;
    uint32_t              subject;
    uint32_t              first_cand;
    uint32_t              paths;
    mdr_raw_hits_t       *hits;
} slow_t;


static int
slow_found(slow_t *s, uint32_t a, uint32_t b, uint32_t c)
{
    size_t    j;
    uint32_t  k;

    k = look_up(s->m, a, b, c);

    if (k == 0) {
        return MDR_OK;
    }

    for (k--; same_anchor(s->m, k, a, b, c); k++) {
        for (j = s->first_cand; j < s->w->ncands; j++) {
            if (s->w->cands[j].pattern == k) {
                break;
            }
        }

        if (j == s->w->ncands
            && add_candidate(s->w, s->subject, k, NO_AT) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/*
 * All rows of three classes that begin at atom i, depth first with a stack of
 * its own.  A row may skip marks, take any form, and under repeat stay where
 * equal classes follow.
 */

typedef struct {
    uint32_t  atom;
    uint8_t   form, at;                 /* the next class to take            */
    uint8_t   got;
    uint16_t  c[3];
} path_t;


static int
slow_from(slow_t *s, size_t i)
{
    path_t            p, q, stack[256];
    uint32_t          n, f, last;
    const options_t  *o;

    n = 0;
    memset(&p, 0, sizeof(p));
    p.atom = (uint32_t) i;

    for (f = 0; f < s->o[i].n && n < 255; f++) {
        uint32_t  k;

        for (k = 0; k < s->o[i].len[f] && n < 255; k++) {
            p.form = (uint8_t) f;
            p.at = (uint8_t) k;
            stack[n++] = p;
        }
    }

    while (n != 0) {
        p = stack[--n];

        if (++s->paths > PATHS * 16) {
            return MDR_LIMIT;
        }

        o = &s->o[p.atom];
        last = p.got != 0 ? p.c[p.got - 1] : 0;
        q = p;

        if (!(s->m->h.repeat && o->cl[p.form][p.at] == last
              && last != MDR_CL_NONE))
        {
            if (o->cl[p.form][p.at] == MDR_CL_NONE) {
                continue;
            }

            q.c[q.got++] = o->cl[p.form][p.at];

            if (q.got == 1) {
                if (q.c[0] >= s->m->h.single
                    && slow_found(s, q.c[0], 0, 0) != MDR_OK)
                {
                    return MDR_ERROR;
                }

            } else {
                uint32_t  w = s->m->bloom[mdr_lex_pair(q.c[0], q.c[1])
                                          >> s->m->bloom_shift];

                if (q.got == 2 && (w & 0x80000000u)
                    && slow_found(s, q.c[0], q.c[1], 0) != MDR_OK)
                {
                    return MDR_ERROR;
                }

                if (w == 0) {
                    continue;
                }

                if (q.got == 3) {
                    if ((w & 1u << mdr_lex_bit(q.c[2]))
                        && slow_found(s, q.c[0], q.c[1], q.c[2]) != MDR_OK)
                    {
                        return MDR_ERROR;
                    }
                    continue;
                }
            }
        }

        if (q.at + 1 < o->len[q.form]) {
            q.at++;
            if (n < 255) {
                stack[n++] = q;
            }
            continue;
        }

        /* on to the next atom, past marks that may be skipped */

        for (q.atom++; q.atom < s->n; q.atom++) {
            q.at = 0;

            for (f = 0; f < s->o[q.atom].n && n < 255; f++) {
                q.form = (uint8_t) f;
                stack[n++] = q;
            }

            if (!s->o[q.atom].skip) {
                break;
            }
        }
    }

    return MDR_OK;
}


static int
slow_subject(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, mdr_raw_hits_t *hits)
{
    int           rc;
    size_t        i;
    slow_t        s;
    uint32_t      k, r, done[32], ndone;
    options_t    *o;
    mdr_trace_t  *t;

    memset(&s, 0, sizeof(s));
    s.m = m;
    s.w = w;
    s.subject = subject;
    s.first_cand = (uint32_t) w->ncands;
    s.hits = hits;
    ndone = 0;
    rc = MDR_OK;

    for (r = 0; r < m->model->nrules && rc == MDR_OK; r++) {
        uint32_t  folds = m->model->rules[r].profile.folds;

        for (k = 0; k < ndone && done[k] != folds; k++) { /* void */ }

        if (k < ndone || ndone == 32) {
            continue;
        }

        done[ndone++] = folds;
        t = trace_of(w, subjects, subject, folds);

        if (t == NULL) {
            return MDR_ERROR;
        }

        o = mdr_alloc(w->alloc, (t->n + 1) * sizeof(options_t));
        if (o == NULL) {
            return MDR_ERROR;
        }

        for (i = 0; i < t->n; i++) {
            options_of(m, &t->atoms[i], folds, &o[i]);
        }

        s.o = o;
        s.n = t->n;

        for (i = 0; i < t->n && rc == MDR_OK; i++) {
            s.paths = 0;
            rc = slow_from(&s, i);
            if (rc == MDR_LIMIT) {
                rc = MDR_OK;
            }
        }

        mdr_free(w->alloc, o);
    }

    /* terms of marks only have no classes */

    for (i = 0; i < m->h.nbare && rc == MDR_OK; i++) {
        candidate_t  c;

        c.subject = subject;
        c.pattern = 0;
        c.at = NO_AT;
        rc = verify(m, w, subjects, &c, &m->users[m->h.bare + i], hits);
    }

    return rc;
}


/* regexes */

static uint32_t
count_digits(const uint8_t *p, size_t n)
{
    size_t    i;
    uint32_t  k;

    for (i = 0, k = 0; i < n; i++) {
        k += p[i] >= '0' && p[i] <= '9';
    }

    return k;
}


static int
run_regex(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_pattern_re_t *e, uint32_t subject, const mdr_trace_t *t,
    mdr_raw_hits_t *hits)
{
    int        rc;
    size_t     from, start, end, i, n;
    uint32_t  *map, a, b;

    map = (uint32_t *) (void *) w->view_map.data;
    hits->regex_runs++;

    for (from = 0, n = 0; from <= w->view.len && n < 1000; n++) {
        rc = mdr_regex_find(e->re, w->regex, w->view.data, w->view.len, from,
                            &start, &end);

        if (rc == MDR_REGEX_LIMIT) {
            if (hits->nlimited < 8) {
                hits->limited[hits->nlimited++] = e->rule;
            }
            return MDR_OK;
        }

        if (rc != 1) {
            return rc == MDR_ERROR ? rc : MDR_OK;
        }

        if (end > start) {
            a = UINT32_MAX;
            b = 0;

            for (i = map[start]; i <= map[end - 1]; i++) {
                a = t->atoms[i].start < a ? t->atoms[i].start : a;
                b = t->atoms[i].end > b ? t->atoms[i].end : b;
            }

            if (add_hit(m, hits, e->rule, e->group, subject, a, b)
                != MDR_OK)
            {
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


static int
regexes(const mdr_matcher_t *m, mdr_match_work_t *w,
    const mdr_subject_t *subjects, uint32_t subject, mdr_raw_hits_t *hits)
{
    int                      have;
    size_t                   i, nseen;
    uint32_t                 row, folds, digits, *seen;
    mdr_trace_t             *t;
    const mdr_pattern_re_t  *e;

    row = m->field_row[subjects[subject].slot] + subjects[subject].field;

    if (!m->row_regexes[row]) {
        return MDR_OK;
    }

    seen = (uint32_t *) (void *) w->seen.data;
    nseen = w->seen.len / 8;
    folds = UINT32_MAX;
    digits = 0;
    t = NULL;

    for (i = 0; i < m->nregexes; i++) {
        e = &m->regexes[i];

        if (!mdr_matcher_reads(m, subjects[subject].slot,
                               subjects[subject].field, e->rule))
        {
            continue;
        }

        if (e->need) {
            size_t  k;

            for (k = 0, have = 0; k < nseen && !have; k++) {
                have = seen[2 * k] == subject && seen[2 * k + 1] == i;
            }

            if (!have) {
                continue;
            }
        }

        if (m->model->rules[e->rule].profile.folds != folds) {
            folds = m->model->rules[e->rule].profile.folds;
            t = trace_of(w, subjects, subject, folds);
            w->view.len = 0;
            w->view_map.len = 0;

            if (t == NULL
                || mdr_trace_view(t, &w->view, &w->view_map) != MDR_OK)
            {
                return MDR_ERROR;
            }

            digits = count_digits(w->view.data, w->view.len);
        }

        if (digits < e->digits) {
            continue;
        }

        if (run_regex(m, w, e, subject, t, hits) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
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
    int       rc, slow, any_slow;
    void     *p;
    size_t    i, k, at, need;
    uint32_t  u, last;

    hits->n = 0;
    hits->survivors = 0;
    hits->candidates = 0;
    hits->regex_runs = 0;
    hits->nlimited = 0;
    w->ncands = 0;
    w->seen.len = 0;
    w->map_trace = UINT32_MAX;

    for (i = 0; i < TRACES; i++) {
        w->trace_subject[i] = UINT32_MAX;
    }

    for (i = 0, need = 4; i < n; i++) {
        need += subjects[i].len + 1;
    }

    p = w->cls;
    rc = mdr_grow(w->alloc, &p, &w->cls_cap, need, sizeof(uint16_t));
    w->cls = p;
    p = w->start;
    rc |= mdr_grow(w->alloc, &p, &w->start_cap, n + 1, sizeof(uint32_t));
    w->start = p;
    p = w->slow;
    rc |= mdr_grow(w->alloc, &p, &w->slow_cap, n, 1);
    w->slow = p;

    if (rc != MDR_OK) {
        return MDR_ERROR;
    }

    any_slow = 0;

    for (i = 0, at = 0; i < n; i++) {
        w->start[i] = (uint32_t) at;
        k = to_classes(m, subjects[i].data, subjects[i].len, w->cls + at,
                       &slow);
        w->slow[i] = (uint8_t) slow;
        any_slow |= slow;
        at += slow ? 0 : k;
        w->cls[at++] = MDR_CL_NONE;
    }

    w->start[n] = (uint32_t) at;
    w->cls[at] = MDR_CL_NONE;
    w->cls[at + 1] = MDR_CL_NONE;

    if (filter(m, w, n, at, hits) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; any_slow && i < n; i++) {
        if (w->slow[i]
            && slow_subject(m, w, subjects, (uint32_t) i, hits) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    for (i = 0; i < w->ncands; i++) {
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

    if (m->nregexes != 0) {
        for (i = 0; i < n; i++) {
            if (regexes(m, w, subjects, (uint32_t) i, hits) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    if (hits->n > 1) {
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
