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


#define POLICIES  6
#define CROWDS    4                     /* the first of those whose terms look
                                           alike                             */

static mdr_policy_t      *policies[POLICIES];
static mdr_model_t       *models[POLICIES];
static mdr_match_work_t  *work;

static const char *const  folds[POLICIES] = {
    "\"width\",\"case\",\"hant\",\"gloss\",\"digits\",\"invisible\","
    "\"confusable\"",
    "\"width\",\"case\"",
    "\"width\",\"case\",\"hant\",\"gloss\",\"digits\",\"invisible\","
    "\"confusable\",\"leet\"",
    "\"width\",\"case\",\"hant\",\"gloss\",\"invisible\",\"repeat\"",
    "\"width\",\"case\",\"digits\",\"invisible\",\"confusable\"",
    "\"width\",\"case\",\"digits\",\"invisible\",\"confusable\",\"repeat\""
};

static const char  terms[] =
    "[\"\xe9\x9c\x87\xe6\x83\x8a\",\"\xe7\xbd\x91\xe7\xbb\x9c\",\"ab\","
    "\"abc\",\"vip1\",\"a\",\"kg\",\"\xe4\xb8\x80\xe4\xba\x8c\xe4\xb8\x89\","
    "\"aab\",\"bcd1\",\"\xe5\x8a\xa0v\",\"\xe9\x9c\x87\xe6\x83\x8a"
    "\xe7\xbd\x91\",\"aaaa\",\"ss\",\"10\",\"aa\",\"aaaaaaa\","
    "\"\xe7\x94\xb2\",\"\xe7\x94\xb2\xe7\x94\xb2\",\"\xe7\x94\xb2\xe7\x94\xb2"
    "\xe7\x94\xb2\"]";


/* rows of letters, digits and numerals that may be one another */

static const char *
look_alikes(void)
{
    unsigned     i, n;
    size_t       at;
    static char  list[4096];

    static const char *const  letters[] = { "i", "l", "1", "\xe4\xb8\x80" };

    for (i = 0, at = 0; i < 120; i++) {
        at += (size_t) sprintf(list + at, "%s\"", i ? "," : "[");
        for (n = 0; n < 2 + i % 4; n++) {
            at += (size_t) sprintf(list + at, "%s",
                                   letters[i * 2654435761u >> (8 + 2 * n)
                                           & 3]);
        }
        at += (size_t) sprintf(list + at, "\"");
    }

    strcpy(list + at, "]");

    return list;
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    int          i;
    char         text[16384];
    const char  *list;

    (void) argc;
    (void) argv;

    for (i = 0; i < POLICIES; i++) {
        list = i < CROWDS ? terms : look_alikes();
        snprintf(text, sizeof(text), "{\"schema\":1,\"policy\":\"f\",\"slots\""
                 ":[{\"name\":\"h\",\"type\":\"html\",\"match\":\"p\","
                 "\"fields\":{\"t\":\".\"}}],\"rules\":["
                 "{\"id\":\"r.none\",\"label\":\"x\",\"fold\":[%s],\"gap\":"
                 "{\"max\":%d,\"of\":[\"space\",\"punct\",\"symbol\","
                 "\"emoji\"]},\"match\":{\"in\":[\"t\"],\"boundary\":\"none\","
                 "\"terms\":%s}},"
                 "{\"id\":\"r.auto\",\"label\":\"x\",\"fold\":[%s],\"match\":"
                 "{\"in\":[\"t\"],\"terms\":%s}}]}",
                 folds[i], i % 3, list, folds[i], list);

        policies[i] = test_policy(text, &models[i]);

        if (policies[i] == NULL
            || (i >= CROWDS && policies[i]->matcher->h.ntries == 0))
        {
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

    if (t.len != 0 && raw.nlimited == 0
        && !obvious_compare(models[which], &raw, 0, raw.n, &s))
    {
        fflush(stdout);
        abort();
    }

    free(raw.hits);
    mdr_text_done(&t);

    return 0;
}
