/*
 * fuzz_match.c - folds and search against the obvious (t/unit/obvious.h),
 * without classes, filter and anchors.
 *
 * The first byte picks one of a few policies; the rest is the text, made
 * valid UTF-8.
 */

#define _POSIX_C_SOURCE 200809L

#include "match/match_work.h"
#include "policy/policy.h"
#include "text/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "obvious.h"
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
    "\xe7\xbd\x91\",\"aaaa\",\"ss\",\"10\",\"aa\",\"aaaaaaa\","
    "\"\xe7\x94\xb2\",\"\xe7\x94\xb2\xe7\x94\xb2\",\"\xe7\x94\xb2\xe7\x94\xb2"
    "\xe7\x94\xb2\"]";


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


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    uint32_t        which;
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

    if (t.len != 0
        && !obvious_compare(models[which], &raw, 0, raw.n, &s))
    {
        fflush(stdout);
        abort();
    }

    free(raw.hits);
    mdr_text_done(&t);

    return 0;
}
