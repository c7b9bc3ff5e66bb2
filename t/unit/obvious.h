/*
 * obvious.h - the slow matcher: every term of a rule at every atom of a text.
 *
 * A rule without `repeat` must give exactly the hits that trying its terms at
 * every atom gives; where it has no exceptions, hits may be missing that a
 * longer one from the same place makes idle.  With `repeat`, and where a text
 * without exceptions is read from right to left, each of those must lie in a
 * hit that is given, and nothing else may be given.
 */

#ifndef MDR_OBVIOUS_H
#define MDR_OBVIOUS_H

#include "match/match_work.h"
#include "oracle.h"
#include "policy/policy.h"

#include <stdio.h>
#include <stdlib.h>

static unsigned long  obvious_compared, obvious_found;


/* hits [from, to) are those of text s, no more and no fewer; 0: lines that
 * begin with "# " say what is wrong */

static inline int
obvious_compare(const mdr_model_t *m, const mdr_raw_hits_t *raw, size_t from,
    size_t to, const mdr_subject_t *s)
{
    int                 ok, repeat, in;
    size_t              i, k, last;
    uint32_t            r, n, start, end;
    uint8_t            *seen;
    mdr_trace_t         t;
    const mdr_rule_t   *rule;

    seen = calloc(to - from + 1, 1);
    mdr_trace_init(&t, mdr_mem_default());
    ok = 1;

    for (r = 0; r < m->nrules; r++) {
        rule = &m->rules[r];
        repeat = (rule->profile.folds & MDR_FOLD_REPEAT) != 0;
        (void) mdr_trace_build(&t, s->data, s->len, rule->profile.folds);

        for (n = 0; n < rule->groups[0].nterms; n++) {
            for (i = 0; i < t.n; i++) {
                obvious_compared++;

                if (!oracle_match(&t, i, rule->groups[0].terms[n].text,
                                     &rule->profile, &start, &end, &last))
                {
                    continue;
                }

                obvious_found++;

                for (k = from, in = 0; k < to; k++) {
                    if (raw->hits[k].rule != r) {
                        continue;
                    }
                    if (raw->hits[k].start == start
                        && raw->hits[k].end == end)
                    {
                        seen[k - from] = 1;
                        in = 1;
                    } else if ((repeat
                                || (rule->nexcepts == 0 && !t.ordered))
                               && raw->hits[k].start <= start
                               && raw->hits[k].end >= end)
                    {
                        in = 1;
                    } else if (rule->nexcepts == 0
                               && raw->hits[k].start == start
                               && raw->hits[k].end > end)
                    {
                        in = 1;
                    }
                }

                if (!in) {
                    printf("# missed: rule %u \"%s\" at %u-%u of \"%.*s\"\n",
                           r, rule->groups[0].terms[n].text.data, start, end,
                           (int) s->len, (const char *) s->data);
                    ok = 0;
                }
            }
        }
    }

    for (k = from; k < to; k++) {
        if (!seen[k - from]) {
            printf("# too much: rule %u at %u-%u of \"%.*s\"\n",
                   raw->hits[k].rule, raw->hits[k].start, raw->hits[k].end,
                   (int) s->len, (const char *) s->data);
            ok = 0;
        }
    }

    free(seen);
    mdr_trace_done(&t);

    return ok;
}

#endif
