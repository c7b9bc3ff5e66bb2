/*
 * decide_rule.c - the condition of one rule over its standing hits.
 *
 * Hits are sorted by group, so that a group is a range of them.
 */

#include "decide.h"
#include "fold.h"
#include "utf8.h"

#include <string.h>


/* the hits of a group: [*first, *end) */

static void
group_hits(const mdr_eval_t *e, uint32_t group, size_t *first, size_t *end)
{
    size_t  lo, hi, mid;

    lo = 0;
    hi = e->n;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (e->hits[mid].group < group) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    *first = lo;
    hi = e->n;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (e->hits[mid].group <= group) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    *end = lo;
}


/* are hits x and y, x beginning first, of one text and with at most max
 * characters of it between them?  What the rule's folds drop is none. */

static int
is_near(const mdr_eval_t *e, const mdr_raw_hit_t *x, const mdr_raw_hit_t *y,
    int32_t max)
{
    size_t                len;
    int32_t               chars;
    uint32_t              i, cp;
    const mdr_subject_t  *s;

    if (x->subject != y->subject) {
        return 0;
    }

    if (y->start <= x->end) {
        return max >= 0;
    }

    s = &e->subjects[x->subject];

    for (i = x->end, chars = 0; i < y->start && i < s->len;
         i += (uint32_t) len)
    {
        cp = s->data[i];
        len = 1;

        if (cp >= 0x80) {
            cp = mdr_utf8_next(s->data + i, s->len - i, &len);
            if (len == 0) {
                return chars < max;
            }
        }

        if (!mdr_fold_dropped(cp, e->rule->profile.folds) && ++chars > max) {
            return 0;
        }
    }

    return 1;
}


static int
before(const mdr_raw_hit_t *a, const mdr_raw_hit_t *b)
{
    return a->subject != b->subject ? a->subject < b->subject
                                    : a->start < b->start;
}


/*
 * near(a,b,n).  The hits of one group do not overlap, so the two nearest
 * stand next to each other in the row of both groups by start: whatever
 * stood between them would be nearer.  So each gap is looked at once.
 * near(a,a,n): two hits of a.
 */

static int
eval_near(const mdr_eval_t *e, const mdr_cond_t *c)
{
    size_t                i, iend, j, jend;
    const mdr_raw_hit_t  *x, *y;

    group_hits(e, c->a, &i, &iend);
    group_hits(e, c->b, &j, &jend);

    if (c->a == c->b) {
        for (j = i + 1; j < iend; i++, j++) {
            if (is_near(e, &e->hits[i], &e->hits[j], c->n)) {
                return 1;
            }
        }
        return 0;
    }

    while (i < iend && j < jend) {
        x = &e->hits[i];
        y = &e->hits[j];

        if (before(y, x)) {
            if (is_near(e, y, x, c->n)) {
                return 1;
            }
            j++;

        } else {
            if (is_near(e, x, y, c->n)) {
                return 1;
            }
            i++;
        }
    }

    return 0;
}


static int64_t
eval_score(const mdr_eval_t *e)
{
    size_t   i;
    int64_t  score;

    score = 0;

    for (i = 0; i < e->n; i++) {
        if (i == 0 || e->hits[i].group != e->hits[i - 1].group) {
            score += e->rule->groups[e->hits[i].group].weight;
        }
    }

    return score;
}


static int
compare(int64_t v, uint8_t cmp, int64_t n)
{
    switch (cmp) {

    case MDR_OP_GE:
        return v >= n;

    case MDR_OP_GT:
        return v > n;

    case MDR_OP_LE:
        return v <= n;

    case MDR_OP_LT:
        return v < n;

    default: /* MDR_OP_EQ */
        return v == n;
    }
}


/* a condition that is not well-formed holds for nothing */

int
mdr_decide_rule(const mdr_eval_t *e)
{
    size_t             first, end;
    uint8_t            stack[MDR_COND_STACK];
    uint32_t           i, top;
    const mdr_cond_t  *c;

    if (e->rule->nconds == 0) {
        return e->n != 0;
    }

    top = 0;

    for (i = 0; i < e->rule->nconds; i++) {
        c = &e->rule->conds[i];

        if (c->op == MDR_COND_NOT) {
            if (top < 1) {
                return 0;
            }
            stack[top - 1] = !stack[top - 1];
            continue;
        }

        if (c->op == MDR_COND_AND || c->op == MDR_COND_OR) {
            if (top < 2) {
                return 0;
            }
            top--;
            if (c->op == MDR_COND_AND) {
                stack[top - 1] &= stack[top];
            } else {
                stack[top - 1] |= stack[top];
            }
            continue;
        }

        if (top == MDR_COND_STACK) {
            return 0;
        }

        switch (c->op) {

        case MDR_COND_GROUP:
            group_hits(e, c->a, &first, &end);
            stack[top++] = end != first;
            break;

        case MDR_COND_NEAR:
            stack[top++] = (uint8_t) eval_near(e, c);
            break;

        case MDR_COND_COUNT:
            group_hits(e, c->a, &first, &end);
            stack[top++] = (uint8_t) compare((int64_t) (end - first),
                                             c->cmp, c->n);
            break;

        case MDR_COND_SCORE:
            stack[top++] = (uint8_t) compare(eval_score(e), c->cmp, c->n);
            break;

        default:
            return 0;
        }
    }

    return top == 1 && stack[0];
}
