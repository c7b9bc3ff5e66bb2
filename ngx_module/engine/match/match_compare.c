/*
 * match_compare.c - a term compared with a text by its folds.
 *
 * For candidates that nothing simpler settles, on a trace of
 * the text.  Where a text has no trace yet, a small part
 * of it around the candidate is read, so that a long text costs no more than a
 * short one; where that part has no clear ends, it is the trace of the whole.
 */

#include "match_atoms.h"
#include "match_nfa.h"
#include "match_verify.h"

#include <string.h>


#define LOOK_BACK   24                  /* characters                        */
#define LOOK_AHEAD  48


/* what a trace makes one atom of, or leaves out */

static int
is_loose(uint32_t cp, uint32_t folds)
{
    return cp - 0x4e00 > 0x51ff && (cp | 32) - 'a' > 25
           && (mdr_fold_dropped(cp, folds)
               || mdr_fold_mark(cp) == MDR_GAP_EMOJI
               || cp == 0x200d || cp == 0x20e3
               || (cp >= 0xfe00 && cp <= 0xfe0f) || cp >= 0xe0000);
}


/*
 * The trace of the text around the candidate: from a character before it that
 * stands for itself to one behind it that is none of a run.  *shift: bytes of
 * the text before it.  NULL: not without the whole text.
 */

static mdr_trace_t *
part_trace(mdr_verify_t *v, uint32_t *shift)
{
    size_t          i, len;
    uint32_t        cp, folds, cl, last;
    const uint8_t  *p, *begin, *from, *to, *stop;

    folds = v->rule->profile.folds;
    begin = v->w->bytes + v->w->start[v->subject];
    stop = begin + v->subjects[v->subject].len;
    from = v->w->bytes + v->row->pos[v->at];
    to = v->w->bytes + v->row->pos[v->at + v->n - 1];

    if (!MDR_USE_PART || v->rule->profile.boundary == MDR_BOUNDARY_WHOLE
        || mdr_fold_mark(mdr_utf8_next(from, (size_t) (stop - from), &len))
           == MDR_GAP_EMOJI)
    {
        return NULL;
    }

    for (i = 0, p = from; p > begin; i++) {
        cp = mdr_verify_char_before(p, begin, &len);

        if (i == LOOK_BACK || len == 0) {
            return NULL;
        }

        p -= len;

        if (!is_loose(cp, folds)) {
            break;
        }
    }

    from = p;
    last = v->row->cls[v->at + v->n - 1];

    for (i = 0, p = to + mdr_utf8_len(*to); p < stop; i++) {
        cp = mdr_utf8_next(p, (size_t) (stop - p), &len);

        if (i == LOOK_AHEAD || len == 0) {
            return NULL;
        }

        p += len;
        cl = mdr_class_of(v->m, cp);

        if (!is_loose(cp, folds) && cl != MDR_CL_SKIP
            && cl != MDR_CL_SPECIAL && cl != last)
        {
            break;
        }
    }

    to = p;
    *shift = (uint32_t) (from - begin);

    v->w->part_spent += (uint32_t) (to - from);
    v->hits->meter.steps += (uint32_t) (to - from);

    return mdr_trace_build(&v->w->part, from, (size_t) (to - from), folds)
           == MDR_OK ? &v->w->part : NULL;
}


/* the first atom that begins at `at` or behind it, if it is none of [0, from);
 * texts of the fast way have their atoms in order */

static size_t
atom_at(const mdr_trace_t *t, uint32_t at, size_t from)
{
    size_t  lo, hi, mid, step;

    lo = from;

    for (step = 1; lo + step < t->base && t->atoms[lo + step].start < at;
         step *= 2)
    {
        lo += step;
    }

    hi = lo + step < t->base ? lo + step : t->base;

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


/*
 * Does the term begin at one of the atoms [from, to)?  1, 0, MDR_ERROR; its
 * hits, `shift` bytes on, are put.  One way through the text is followed; where
 * there may be several, all starts that are left are searched together.
 */

int
mdr_match_compare_at(mdr_verify_t *v, const mdr_trace_t *t, size_t from,
    size_t to, uint32_t shift)
{
    int                      rc, any;
    size_t                   i, last, before;
    uint32_t                 start, end;
    mdr_meter_t             *meter;
    mdr_atoms_t             *x;
    const mdr_atoms_line_t  *l;
    const mdr_atoms_term_t  *term;

    x = v->w->atoms;
    meter = &v->hits->meter;
    l = mdr_match_atoms_line(x, t, meter);

    if (l == NULL) {
        return MDR_ERROR;
    }

    term = mdr_match_atoms_term(x, v->m, v->u, t->folds);
    before = SIZE_MAX;

    for (i = from, any = 0; i < to && i < t->n && !mdr_meter_spent(meter); i++)
    {
        meter->steps++;

        rc = mdr_match_direct(x, l, i, term, &v->rule->profile, &last);

        if (rc == MDR_DIRECT_OPEN) {
            rc = mdr_match_nfa_term(v, l, i, to, shift);
            return rc == MDR_ERROR ? rc : rc | any;
        }

        if (rc != MDR_DIRECT_YES) {
            continue;
        }

        /* under repeat one that begins later in a run says nothing more */

        if (!((t->folds & MDR_FOLD_REPEAT) && before == last && i != from
              && l->atoms[i - 1].run == l->atoms[i].run))
        {
            mdr_match_atoms_span(l, i, last, &start, &end);

            if (mdr_match_hit(v->m, v->hits, v->u, v->subject, start + shift,
                              end + shift)
                != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        any = 1;
        before = last;
    }

    return any;
}


int
mdr_match_compare_trie(mdr_verify_t *v, const mdr_trie_t *c,
    const mdr_trace_t *t, size_t from, size_t to, uint32_t shift)
{
    const mdr_atoms_line_t  *l;

    l = mdr_match_atoms_line(v->w->atoms, t, &v->hits->meter);
    v->hits->candidates++;

    return l != NULL ? mdr_match_nfa_trie(v, c, l, from, to, shift)
                     : MDR_ERROR;
}


const mdr_trace_t *
mdr_match_compare_place(mdr_verify_t *v, size_t *from, size_t *to,
    uint32_t *shift)
{
    size_t              next;
    uint32_t            start, at;
    const mdr_trace_t  *t;

    next = v->at + 1;
    *shift = 0;

    while (next <= v->row->n && v->row->pos[next] == v->row->pos[v->at]) {
        next++;                         /* one character, several classes    */
    }

    if (v->row->trace != NULL) {
        *from = v->row->pos[v->at];
        *to = v->m->h.repeat ? (size_t) v->row->pos[next] + 1  /* it may begin
                                           with the run's class              */
                             : *from + 1;
        return v->row->trace;
    }

    t = mdr_match_cached_trace(v->w, v->subject, v->rule->profile.folds);

    if (v->w->part_subject != v->subject) {
        v->w->part_subject = v->subject;
        v->w->part_spent = 0;
    }

    /* many parts cost as much as the whole, if there is room for it */

    if (t == NULL && (v->w->part_spent <= v->subjects[v->subject].len
                      || v->m->nsets > MDR_TRACES))
    {
        t = part_trace(v, shift);
    }

    if (t == NULL) {
        *shift = 0;
        t = mdr_match_trace(v->w, v->subjects, v->subject,
                            v->rule->profile.folds);
        if (t == NULL) {
            return NULL;
        }
    }

    /* candidates come nearly in order */

    start = v->w->start[v->subject] + *shift;
    at = v->row->pos[v->at] - start;
    *from = v->last_trace == t && v->last_builds == t->builds
            && v->last_at <= at ? v->last_atom : 0;
    *from = atom_at(t, at, *from);
    *to = v->m->h.repeat ? atom_at(t, v->row->pos[next] - start, *from)
                         : *from + 1;
    v->last_trace = t;
    v->last_builds = t->builds;
    v->last_at = at;
    v->last_atom = *from;
    v->hits->meter.steps += 2;

    return t;
}


int
mdr_match_compare(mdr_verify_t *v)
{
    size_t              from, to, before;
    uint32_t            shift;
    const mdr_trace_t  *t;

    t = mdr_match_compare_place(v, &from, &to, &shift);

    if (t == NULL) {
        return MDR_ERROR;
    }

    if (v->row->trace != NULL && (v->u->flags & MDR_TERM_MARKS)) {
        for (before = v->at - 1; before > 0
             && v->row->pos[before] == v->row->pos[v->at]; before--)
        {
            /* void */
        }
        from = before > 0 ? v->row->pos[before] + 1 : 0;
    }

    return mdr_match_compare_at(v, t, from, to, shift);
}


int
mdr_match_compare_user(mdr_verify_t *v, const mdr_trace_t *t,
    const mdr_lex_user_t *u, uint32_t from, uint32_t to, int bare)
{
    size_t  back;

    if (!mdr_verify_is_read(v, u->rule)) {
        return MDR_OK;
    }

    if (u->group & MDR_USER_REGEX) {
        return mdr_match_regex_seen(v->w, v->subject, u->text);
    }

    v->u = u;
    v->n = 1;
    v->rule = &v->m->model->rules[u->rule];

    if (v->rule->profile.folds != t->folds) {
        return MDR_OK;                  /* it has its own ranges             */
    }

    v->hits->candidates++;

    if ((u->flags & MDR_TERM_MARKS) && !bare) {
        back = (size_t) u->len * (1 + v->m->gap_flags);
        from = back < from ? from - (uint32_t) back : 0;
    }

    return mdr_match_compare_at(v, t, from, to, 0) == MDR_ERROR ? MDR_ERROR
                                                                : MDR_OK;
}
