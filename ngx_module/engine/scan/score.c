/*
 * score.c - what the hits of one rule add up to.
 *
 * A group gives its weight once, however often it hits.  A weighted group
 * gives what each of its terms weighs, once a term or once an occurrence; its
 * regexes count as one more term with the weight of the group.  All of its hits
 * count, those that overlap, too: the evidence of short pieces is in their
 * sum.  A group with a condition gives its weight where that holds.
 *
 * A sum may be for so many characters: then a long text needs more evidence
 * than a short one.  Sums are thousandths, so that a part of a point is not
 * lost and every machine counts the same.
 */

#include "score.h"
#include "match/matcher.h"
#include "text/fold.h"
#include "base/utf8.h"

#include <string.h>


#define FEW    64               /* hits of a group that need no sorting      */
#define SLOTS  256


/* the hits of a group, [first, end) of n, which are in order of groups */

static size_t
group_end(const mdr_raw_hit_t *h, size_t first, size_t n)
{
    size_t  i;

    for (i = first + 1; i < n && h[i].group == h[first].group; i++) {
        /* void */
    }

    return i;
}


/* few hits: a small table of the terms that were there */

static void
mark_few(mdr_raw_hit_t *h, size_t n)
{
    size_t    i, k;
    uint8_t   table[SLOTS];

    memset(table, 0, sizeof(table));

    for (i = 0; i < n; i++) {
        k = (h[i].term * 0x9e3779b1u) >> 24;

        while (table[k] != 0 && h[table[k] - 1].term != h[i].term) {
            k = (k + 1) % SLOTS;
        }

        h[i].state |= table[k] != 0 ? MDR_HIT_AGAIN : 0;

        if (table[k] == 0) {
            table[k] = (uint8_t) (i + 1);
        }
    }
}


/* many: by term, then in order again */

static void
mark_many(mdr_raw_hit_t *h, size_t n)
{
    size_t  i;

    mdr_decide_sort(h, n, MDR_BY_TERM);

    for (i = 0; i < n; i++) {
        h[i].state |= i != 0 && h[i].term == h[i - 1].term
                      ? MDR_HIT_AGAIN : 0;
    }

    mdr_decide_sort(h, n, MDR_BY_GROUP);
}


void
mdr_score_mark(const mdr_rule_t *r, mdr_raw_hit_t *h, size_t n)
{
    size_t              i, end;
    const mdr_group_t  *g;

    for (i = 0; i < n; i = end) {
        end = group_end(h, i, n);
        g = &r->groups[h[i].group];

        if (!g->weighted || g->each) {
            continue;
        }

        if (end - i <= FEW) {
            mark_few(h + i, end - i);
        } else {
            mark_many(h + i, end - i);
        }
    }
}


/* where the text of a subject begins and ends, marks and blanks aside */

static void
find_edges(const mdr_subject_t *s, uint32_t folds, mdr_edges_t *e)
{
    size_t    len, i;
    uint32_t  cp;

    for (e->begin = 0; e->begin < s->len; e->begin += (uint32_t) len) {
        cp = mdr_utf8_next(s->data + e->begin, s->len - e->begin, &len);

        if (len == 0 || (mdr_fold_mark(cp) == 0
                         && !mdr_fold_dropped(cp, folds)))
        {
            break;
        }
    }

    for (e->end = s->len; e->end > e->begin; e->end = (uint32_t) i) {
        for (i = e->end - 1; i > e->begin && (s->data[i] & 0xc0) == 0x80;
             i--)
        {
            /* void */
        }

        cp = mdr_utf8_next(s->data + i, e->end - i, &len);

        if (len == 0 || (mdr_fold_mark(cp) == 0
                         && !mdr_fold_dropped(cp, folds)))
        {
            break;
        }
    }
}


int
mdr_score_place(const mdr_decide_in_t *in, const mdr_raw_hit_t *h,
    const mdr_subject_t *subjects, mdr_edges_t *edges)
{
    uint32_t  place;

    place = mdr_matcher_weight(in->matcher, h->term).place;

    if (edges->subject != h->subject + 1) {
        edges->subject = h->subject + 1;
        find_edges(&subjects[h->subject],
                   in->model->rules[h->rule].profile.folds, edges);
    }

    return (!(place & MDR_PLACE_BEGIN) || h->start <= edges->begin)
           && (!(place & MDR_PLACE_END) || h->end >= edges->end);
}


int32_t
mdr_score_hit(const mdr_decide_in_t *in, const mdr_rule_t *r,
    const mdr_raw_hit_t *h)
{
    const mdr_group_t  *g;

    g = &r->groups[h->group];

    if (!g->weighted || (h->state & MDR_HIT_AGAIN)) {
        return 0;
    }

    return h->term == MDR_NO_TERM
           ? g->weight : mdr_matcher_weight(in->matcher, h->term).weight;
}


/* has a group before that of hit i a hit in the same text? */

static int
was_before(const mdr_eval_t *e, size_t i)
{
    size_t    lo, hi, mid, end;
    uint32_t  g;

    for (g = 0; g < e->hits[i].group; g++) {
        mdr_decide_group_hits(e, g, &lo, &end);
        hi = end;

        while (lo < hi) {
            mid = lo + (hi - lo) / 2;
            if (e->hits[mid].subject < e->hits[i].subject) {
                lo = mid + 1;
            } else {
                hi = mid;
            }
        }

        if (lo < end && e->hits[lo].subject == e->hits[i].subject) {
            return 1;
        }
    }

    return 0;
}


uint64_t
mdr_score_length(const mdr_eval_t *e)
{
    size_t    i;
    uint32_t  k;
    uint64_t  n;

    for (i = 0, k = 0; i < e->rule->nconds; i++) {
        k |= e->rule->conds[i].op == MDR_COND_LENGTH;
    }

    for (i = 0; i < e->rule->ngroups; i++) {
        k |= e->rule->groups[i].per != 0 || e->rule->groups[i].nconds != 0;
    }

    if (k == 0) {
        return 0;
    }

    for (i = 0, n = 0; i < e->n; i++) {
        if ((i == 0 || e->hits[i].group != e->hits[i - 1].group
             || e->hits[i].subject != e->hits[i - 1].subject)
            && !was_before(e, i))
        {
            n += mdr_decide_length(&e->subjects[e->hits[i].subject],
                                   e->rule->profile.folds);
        }
    }

    return n;
}


uint64_t
mdr_score_hidden(const mdr_eval_t *e)
{
    size_t                i, k;
    uint64_t              seen, hidden;
    const mdr_subject_t  *s;

    for (i = 0, seen = 0, hidden = 0; i < e->n; i++) {
        if ((i != 0 && e->hits[i].group == e->hits[i - 1].group
             && e->hits[i].subject == e->hits[i - 1].subject)
            || was_before(e, i))
        {
            continue;
        }

        s = &e->subjects[e->hits[i].subject];
        hidden += s->hidden;

        for (k = 0; k < s->len; k++) {
            seen += s->data[k] > ' ' && (s->data[k] & 0xc0) != 0x80;
        }
    }

    return hidden == 0 ? 0 : hidden * 100 / (hidden + seen);
}


int64_t
mdr_score_group(const mdr_eval_t *e, uint32_t group)
{
    size_t              i, end;
    int64_t             sum;
    const mdr_group_t  *g;

    g = &e->rule->groups[group];

    if (g->nconds != 0) {
        return mdr_decide_conds(e, g->conds, g->nconds)
               ? (int64_t) g->weight * 1000 : 0;
    }

    mdr_decide_group_hits(e, group, &i, &end);

    if (i == end) {
        return 0;
    }

    sum = g->weight;

    if (g->weighted) {
        for (sum = 0; i < end; i++) {
            sum += mdr_score_hit(e->in, e->rule, &e->hits[i]);
        }
    }

    return g->per == 0 ? sum * 1000
           : sum * 1000 * (int64_t) g->per / (int64_t) (e->length != 0 ? e->length : 1);
}


int64_t
mdr_score(const mdr_eval_t *e)
{
    int64_t   score;
    uint32_t  g;

    for (g = 0, score = 0; g < e->rule->ngroups; g++) {
        score += mdr_score_group(e, g);
    }

    return score;
}
