/*
 * fuzz_match.c - folds and search against the obvious: every term at every
 * atom of the trace, without classes, filter and anchors.
 *
 * The first byte picks one of a few policies; the rest is the text, made
 * valid UTF-8.  Hits and spans must be the same; under the fold `repeat` a
 * run is given once, as a whole.
 */

#define _POSIX_C_SOURCE 200809L

#include "match_work.h"
#include "policy.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_policy.h"


#define POLICIES  4

static mdr_policy_t      *policies[POLICIES];
static mdr_model_t       *models[POLICIES];
static mdr_match_work_t  *work;

static const char *const  folds[POLICIES] = {
    "\"width\",\"case\",\"hant\",\"gloss\",\"digits\",\"invisible\","
    "\"confusable\"",
    "\"width\",\"case\"",
    "\"width\",\"case\",\"hant\",\"gloss\",\"digits\",\"invisible\","
    "\"confusable\",\"leet\"",
    "\"width\",\"case\",\"hant\",\"gloss\",\"invisible\",\"repeat\""
};

static const char  terms[] =
    "[\"\xe9\x9c\x87\xe6\x83\x8a\",\"\xe7\xbd\x91\xe7\xbb\x9c\",\"ab\","
    "\"abc\",\"vip1\",\"a\",\"kg\",\"\xe4\xb8\x80\xe4\xba\x8c\xe4\xb8\x89\","
    "\"aab\",\"bcd1\",\"\xe5\x8a\xa0v\",\"\xe9\x9c\x87\xe6\x83\x8a"
    "\xe7\xbd\x91\",\"aaaa\",\"ss\",\"10\"]";


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    int   i;
    char  text[4096];

    (void) argc;
    (void) argv;

    for (i = 0; i < POLICIES; i++) {
        snprintf(text, sizeof(text), "{\"schema\":1,\"policy\":\"f\",\"slots\""
                 ":[{\"name\":\"h\",\"type\":\"html\",\"match\":\"p\","
                 "\"fields\":{\"t\":\".\"}}],\"rules\":["
                 "{\"id\":\"r.none\",\"label\":\"x\",\"fold\":[%s],\"gap\":"
                 "{\"max\":%d,\"of\":[\"space\",\"punct\",\"symbol\","
                 "\"emoji\"]},\"match\":{\"in\":[\"t\"],\"boundary\":\"none\","
                 "\"terms\":%s}},"
                 "{\"id\":\"r.auto\",\"label\":\"x\",\"fold\":[%s],\"match\":"
                 "{\"in\":[\"t\"],\"terms\":%s}}]}",
                 folds[i], i % 3, terms, folds[i], terms);

        policies[i] = test_policy(text, &models[i]);

        if (policies[i] == NULL) {
            abort();
        }
    }

    work = mdr_match_work_new(mdr_mem_default());

    return 0;
}


static void
wrong(const char *what, const mdr_text_t *t, const char *rule, uint32_t a,
    uint32_t b)
{
    fprintf(stderr, "%s: %s %u-%u of \"%.*s\"\n", what, rule, a, b,
            (int) t->len, t->data);
    abort();
}


/* every term of rule r at every atom */

static void
compare(const mdr_model_t *m, uint32_t r, const mdr_text_t *text,
    const mdr_raw_hits_t *raw, uint8_t *seen)
{
    int                repeat;
    size_t             i, k, last, in;
    uint32_t           n, start, end;
    mdr_trace_t        t;
    const mdr_rule_t  *rule;

    rule = &m->rules[r];
    repeat = (rule->profile.folds & MDR_FOLD_REPEAT) != 0;
    mdr_trace_init(&t, mdr_mem_default());

    if (mdr_trace_build(&t, text->data, text->len, rule->profile.folds)
        != MDR_OK)
    {
        abort();
    }

    for (n = 0; n < rule->groups[0].nterms; n++) {
        for (i = 0; i < t.n; i++) {

            if (!mdr_trace_match(&t, i, rule->groups[0].terms[n].text,
                                 &rule->profile, &start, &end, &last))
            {
                continue;
            }

            for (k = 0, in = 0; k < raw->n; k++) {
                if (raw->hits[k].rule != r) {
                    continue;
                }
                if (raw->hits[k].start == start && raw->hits[k].end == end) {
                    seen[k] = 1;
                    in = 1;
                } else if (repeat && raw->hits[k].start <= start
                           && raw->hits[k].end >= end)
                {
                    in = 1;
                } else if (rule->nexcepts == 0
                           && raw->hits[k].start == start
                           && raw->hits[k].end > end)
                {
                    in = 1;             /* see match.h                       */
                }
            }

            if (!in) {
                wrong("missed", text, rule->id.data, start, end);
            }
        }
    }

    mdr_trace_done(&t);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t          k;
    uint8_t        *seen;
    uint32_t        r, which;
    mdr_text_t      t;
    mdr_subject_t   s;
    mdr_raw_hits_t  raw;

    if (len < 2 || len > 300) {
        return 0;
    }

    which = data[0] % POLICIES;
    mdr_text_init(&t, mdr_mem_default(), 4096);

    if (mdr_text_copy(&t, 0, data + 1, len - 1) != MDR_OK
        || mdr_text_finish(&t) != MDR_OK)
    {
        abort();
    }

    memset(&raw, 0, sizeof(raw));
    memset(&s, 0, sizeof(s));
    s.data = t.data;
    s.len = (uint32_t) t.len;

    if (t.len != 0
        && mdr_match(policies[which]->matcher, work, &s, 1, &raw) != MDR_OK)
    {
        abort();
    }

    seen = calloc(raw.n + 1, 1);

    for (r = 0; t.len != 0 && r < models[which]->nrules; r++) {
        compare(models[which], r, &t, &raw, seen);
    }

    for (k = 0; k < raw.n; k++) {
        if (!seen[k]) {
            wrong("too much", &t, models[which]->rules[raw.hits[k].rule].id.data,
                  raw.hits[k].start, raw.hits[k].end);
        }
    }

    free(seen);
    free(raw.hits);
    mdr_text_done(&t);

    return 0;
}
