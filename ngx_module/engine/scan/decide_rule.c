/*
 * decide_rule.c - the condition of one rule over its standing hits.
 *
 * Hits are sorted by group, so that a group is a range of them.
 */

#include "score.h"
#include "text/fold.h"
#include "base/utf8.h"

#include <string.h>


/* the hits of a group: [*first, *end) */

void
mdr_decide_group_hits(const mdr_eval_t *e, uint32_t group, size_t *first,
    size_t *end)
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


/* what was read of a text last: enough to know a gloss by */

#define LAST  16

typedef struct {
    mdr_trace_t  trace;
    mdr_atom_t   atoms[LAST];
    int32_t      spaces;                /* at the end, counted               */
} last_t;


static void
keep(last_t *l, uint32_t cp)
{
    if (l->trace.n == LAST) {
        l->trace.n--;
        memmove(l->atoms, l->atoms + 1, (LAST - 1) * sizeof(mdr_atom_t));
    }

    l->atoms[l->trace.n++].cp = cp;
}


/* the bytes at i that glosses are dropped with, 0: none */

static size_t
dropped_gloss(last_t *l, uint32_t cp, size_t i, size_t len)
{
    size_t              at, n;
    const mdr_trace_t  *t;

    t = &l->trace;

    if (cp == 0xfff9 || cp == 0xfffb) {
        return len;
    }

    if (cp == 0xfffa) {                 /* an annotation to its end          */
        for (at = i + len; at < t->len && cp != 0xfffb; at += n) {
            cp = mdr_utf8_next(t->text + at, t->len - at, &n);
            n = n != 0 ? n : t->len - at;
        }
        return at - i;
    }

    if (t->n == 0 || mdr_gloss_close(cp) == 0
        || !mdr_fold_is_han(l->atoms[t->n - 1].cp))
    {
        return 0;
    }

    return mdr_gloss_len(t, 0, t->n - 1, i);
}


/* what the folds drop is no part of a length, a reading in brackets neither */

uint64_t
mdr_decide_length(const mdr_subject_t *s, uint32_t folds)
{
    size_t    len, gloss;
    last_t    last;
    uint32_t  i, cp;
    uint64_t  n;

    memset(&last, 0, sizeof(last));
    last.trace.atoms = last.atoms;
    last.trace.text = s->data;
    last.trace.len = s->len;

    for (i = 0, n = 0; i < s->len; i += (uint32_t) len) {
        cp = mdr_utf8_next(s->data + i, s->len - i, &len);

        if (len == 0) {
            break;
        }

        if (folds & MDR_FOLD_GLOSS) {
            gloss = dropped_gloss(&last, cp, i, len);

            if (gloss != 0) {
                n -= (uint64_t) last.spaces;
                last.spaces = 0;
                len = gloss;
                continue;
            }
        }

        if (cp >= 0x80 && mdr_fold_dropped(cp, folds)) {
            continue;
        }

        n++;

        if (mdr_fold_mark(cp) & (MDR_GAP_SPACE|MDR_GAP_BLOCK)) {
            last.spaces++;

        } else {
            keep(&last, cp);
            last.spaces = 0;
        }
    }

    return n;
}


/* are hits x and y, x beginning first, of one text and with at most max
 * characters of it between them?  What the rule's folds drop is none. */

static int
is_near(const mdr_eval_t *e, const mdr_raw_hit_t *x, const mdr_raw_hit_t *y,
    int32_t max)
{
    size_t                len, gloss;
    last_t                last;
    int32_t               chars;
    uint32_t              i, cp, folds;
    const mdr_subject_t  *s;

    if (x->subject != y->subject) {
        return 0;
    }

    if (y->start <= x->end) {
        return max >= 0;
    }

    s = &e->subjects[x->subject];
    folds = e->rule->profile.folds;
    memset(&last, 0, sizeof(last));
    last.trace.atoms = last.atoms;
    last.trace.text = s->data;
    last.trace.len = s->len;

    /* a gloss behind x is of x, so what x is made of is read, too */

    for (i = (folds & MDR_FOLD_GLOSS) ? x->start : x->end, chars = 0;
         i < y->start && i < s->len; i += (uint32_t) len)
    {
        cp = s->data[i];
        len = 1;

        if (cp >= 0x80) {
            cp = mdr_utf8_next(s->data + i, s->len - i, &len);
            if (len == 0) {
                return chars < max;
            }
        }

        if (folds & MDR_FOLD_GLOSS) {
            gloss = dropped_gloss(&last, cp, i, len);

            if (gloss != 0) {
                chars -= last.spaces;
                last.spaces = 0;
                len = gloss;
                continue;
            }
        }

        if (mdr_fold_dropped(cp, folds)) {
            continue;
        }

        if (!(mdr_fold_mark(cp) & (MDR_GAP_SPACE|MDR_GAP_BLOCK))) {
            keep(&last, cp);
            last.spaces = 0;

        } else if (i >= x->end) {
            last.spaces++;
        }

        chars += i >= x->end;

        if (chars - last.spaces > max) {
            return 0;
        }
    }

    return chars <= max;
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

    mdr_decide_group_hits(e, c->a, &i, &iend);
    mdr_decide_group_hits(e, c->b, &j, &jend);

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


/*
 * A condition that is not well-formed holds for nothing.  One of a group names
 * groups of terms alone, so this calls itself at most once.
 */

int
mdr_decide_conds(const mdr_eval_t *e, const mdr_cond_t *conds,
    uint32_t nconds)
{
    size_t             first, end;
    uint8_t            stack[MDR_COND_STACK];
    uint32_t           i, k, n, top;
    const mdr_cond_t  *c;
    const mdr_group_t *g;

    top = 0;

    for (i = 0; i < nconds; i++) {
        c = &conds[i];

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

        if (c->op == MDR_COND_OF) {
            if (top < c->a || c->a == 0) {
                return 0;
            }
            for (n = 0, k = 0; k < c->a; k++) {
                n += stack[--top];
            }
            stack[top++] = n >= (uint32_t) c->n;
            continue;
        }

        if (top == MDR_COND_STACK) {
            return 0;
        }

        switch (c->op) {

        case MDR_COND_GROUP:
            g = &e->rule->groups[c->a];

            if (g->nconds != 0) {
                stack[top++] = (uint8_t) (conds == e->rule->conds
                                          && mdr_decide_conds(e, g->conds,
                                                              g->nconds));
                break;
            }

            mdr_decide_group_hits(e, c->a, &first, &end);
            stack[top++] = end != first;
            break;

        case MDR_COND_NEAR:
            stack[top++] = (uint8_t) eval_near(e, c);
            break;

        case MDR_COND_COUNT:
            mdr_decide_group_hits(e, c->a, &first, &end);
            stack[top++] = (uint8_t) compare((int64_t) (end - first),
                                             c->cmp, c->n);
            break;

        case MDR_COND_SCORE:
            stack[top++] = (uint8_t) compare(mdr_score(e), c->cmp,
                                             (int64_t) c->n * 1000);
            break;

        case MDR_COND_LENGTH:
            stack[top++] = (uint8_t) compare((int64_t) e->length,
                                             c->cmp, c->n);
            break;

        case MDR_COND_HIDDEN:
            stack[top++] = (uint8_t) compare((int64_t) mdr_score_hidden(e),
                                             c->cmp, c->n);
            break;

        default:
            return 0;
        }
    }

    return top == 1 && stack[0];
}


int
mdr_decide_rule(const mdr_eval_t *e)
{
    return e->rule->nconds == 0
           ? e->n != 0
           : mdr_decide_conds(e, e->rule->conds, e->rule->nconds);
}
