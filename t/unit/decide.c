/*
 * decide.c - exceptions, overlaps, conditions, modes and the verdict.
 */

#include "scan/decide.h"
#include "test.h"

#include <stdint.h>


#define MAX_RULES   8
#define MAX_GROUPS  4
#define TEXT        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz" \
                    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"

static mdr_rule_t       rules[MAX_RULES];
static mdr_group_t      groups[MAX_RULES][MAX_GROUPS];
static mdr_slot_t       slots[2];
static mdr_model_t      model;
static mdr_subject_t    subjects[4];
static mdr_decide_in_t  in;
static mdr_verdict_t    v;
static mdr_raw_hit_t    hits[20000];
static size_t           nhits;


static mdr_str_t
str(const char *s)
{
    mdr_str_t  r;

    r.data = s;
    r.len = (uint32_t) strlen(s);

    return r;
}


static void
setup(void)
{
    static const char *const  ids[] = { "r0", "r1", "r2", "r3", "r4", "r5",
                                        "r6", "r7" };
    uint32_t                  i, k;

    memset(rules, 0, sizeof(rules));
    memset(groups, 0, sizeof(groups));
    memset(slots, 0, sizeof(slots));
    memset(&model, 0, sizeof(model));
    memset(&in, 0, sizeof(in));
    nhits = 0;

    for (i = 0; i < MAX_RULES; i++) {
        rules[i].id = str(ids[i]);
        rules[i].status = MDR_STATUS_STABLE;
        rules[i].mode = MDR_MODE_ENFORCE;
        rules[i].suggestion = MDR_BLOCK;
        rules[i].action = MDR_ACT_BLOCK;
        rules[i].rollout = 100;
        rules[i].expires_day = INT32_MAX;
        rules[i].ngroups = MAX_GROUPS;
        rules[i].groups = groups[i];

        for (k = 0; k < MAX_GROUPS; k++) {
            groups[i][k].weight = 1;
        }
    }

    model.nrules = MAX_RULES;
    model.rules = rules;
    model.nslots = 2;
    model.slots = slots;
    in.model = &model;
    in.mode = MDR_MODE_ENFORCE;
    in.now = 1000000000;

    for (i = 0; i < 4; i++) {
        subjects[i].data = (const uint8_t *) TEXT;
        subjects[i].len = (uint32_t) strlen(TEXT);
    }
}


static void
add(uint32_t rule, int group, uint32_t subject, uint32_t start, uint32_t end)
{
    mdr_raw_hit_t  *h;

    h = &hits[nhits++];
    h->rule = rule;
    h->except = group < 0;
    h->group = (uint16_t) (group < 0 ? 0 : group);
    h->subject = subject;
    h->start = start;
    h->end = end;
}


static void
decide(void)
{
    mdr_decide(&in, hits, nhits, subjects, &v);
}


static int
has(uint32_t rule, uint32_t subject, uint32_t start, uint32_t end)
{
    uint32_t  i;

    for (i = 0; i < v.nhits; i++) {
        if (v.hits[i].rule == rule && v.hits[i].subject == subject
            && v.hits[i].start == start && v.hits[i].end == end)
        {
            return 1;
        }
    }

    return 0;
}


static void
covering(void)
{
    test_begin("an exception takes the hits that it covers, no others");

    setup();
    add(0, 0, 0, 10, 16);
    add(0, -1, 0, 8, 17);
    decide();
    CHECK(v.hits_total == 0);
    CHECK(v.suggestion == MDR_PASS && v.action == MDR_ACT_NONE);
    CHECK(v.rule == UINT32_MAX);

    setup();                            /* the same span                     */
    add(0, -1, 0, 10, 16);
    add(0, 0, 0, 10, 16);
    decide();
    CHECK(v.hits_total == 0);

    setup();                            /* one byte short, on either side    */
    add(0, 0, 0, 10, 16);
    add(0, -1, 0, 11, 20);
    add(0, -1, 0, 2, 15);
    decide();
    CHECK(v.hits_total == 1 && has(0, 0, 10, 16));

    setup();                            /* another text, another rule        */
    add(0, 0, 1, 10, 16);
    add(0, -1, 0, 0, 30);
    add(1, -1, 1, 0, 30);
    decide();
    CHECK(v.hits_total == 1 && has(0, 1, 10, 16));

    setup();                            /* a short exception inside a long   */
    add(0, -1, 0, 0, 30);
    add(0, -1, 0, 5, 8);
    add(0, 0, 0, 20, 25);
    add(0, 0, 0, 29, 32);
    decide();
    CHECK(v.hits_total == 1 && has(0, 0, 29, 32));

    setup();                            /* first the exceptions, then the
                                           overlaps: what a covered hit
                                           overlapped stands                 */
    add(0, -1, 0, 4, 12);
    add(0, 0, 0, 5, 10);
    add(0, 0, 0, 8, 14);
    decide();
    CHECK(v.hits_total == 1 && has(0, 0, 8, 14));

    setup();                            /* an exception alone is no hit      */
    add(0, -1, 0, 4, 12);
    decide();
    CHECK(v.hits_total == 0 && v.rule == UINT32_MAX);
}


static void
overlaps(void)
{
    test_begin("of overlapping hits of a group the leftmost, longest stays");

    setup();
    add(0, 0, 0, 3, 9);
    add(0, 0, 0, 3, 12);
    add(0, 0, 0, 6, 20);
    add(0, 0, 0, 12, 15);
    add(0, 0, 1, 6, 9);
    decide();
    CHECK(v.hits_total == 3);
    CHECK(has(0, 0, 3, 12) && has(0, 0, 12, 15) && has(0, 1, 6, 9));

    setup();                            /* other groups and rules stay       */
    add(0, 0, 0, 3, 9);
    add(0, 1, 0, 3, 9);
    add(1, 0, 0, 3, 9);
    decide();
    CHECK(v.hits_total == 3 && v.nhits == 3);

    setup();                            /* reading order                     */
    add(1, 0, 0, 3, 9);
    add(1, 1, 1, 0, 2);
    add(0, 0, 0, 40, 42);
    decide();
    CHECK(v.nhits == 3);
    CHECK(v.hits[0].rule == 1 && v.hits[0].start == 3);
    CHECK(v.hits[1].rule == 0 && v.hits[1].start == 40);
    CHECK(v.hits[2].rule == 1 && v.hits[2].subject == 1);
}


static mdr_cond_t  conds[16];


static void
when(uint32_t n)
{
    rules[0].conds = conds;
    rules[0].nconds = n;
}


static mdr_cond_t
cond(uint8_t op, uint16_t a, uint16_t b, uint8_t cmp, int32_t n)
{
    mdr_cond_t  c;

    c.op = op;
    c.a = a;
    c.b = b;
    c.cmp = cmp;
    c.n = n;

    return c;
}


static int
fires(void)
{
    mdr_raw_hit_t  copy[64];

    memcpy(copy, hits, nhits * sizeof(copy[0]));
    mdr_decide(&in, copy, nhits, subjects, &v);

    return v.rule == 0;
}


static void
logic(void)
{
    uint32_t  mask, g, n;

    test_begin("conditions: and, or, not, every set of groups");

    /* (0 and 1) or (2 and not 3) */

    for (mask = 0; mask < 16; mask++) {
        setup();
        conds[0] = cond(MDR_COND_GROUP, 0, 0, 0, 0);
        conds[1] = cond(MDR_COND_GROUP, 1, 0, 0, 0);
        conds[2] = cond(MDR_COND_AND, 0, 0, 0, 0);
        conds[3] = cond(MDR_COND_GROUP, 2, 0, 0, 0);
        conds[4] = cond(MDR_COND_GROUP, 3, 0, 0, 0);
        conds[5] = cond(MDR_COND_NOT, 0, 0, 0, 0);
        conds[6] = cond(MDR_COND_AND, 0, 0, 0, 0);
        conds[7] = cond(MDR_COND_OR, 0, 0, 0, 0);
        when(8);

        for (g = 0; g < 4; g++) {
            for (n = 0; (mask & (1u << g)) && n <= g; n++) {
                add(0, (int) g, n & 1, g * 10 + n * 2, g * 10 + n * 2 + 1);
            }
        }

        CHECK(fires() == ((mask & 3) == 3 || (mask & 12) == 4));
    }

    test_begin("conditions: no hit, no rule; not well-formed, no rule");

    setup();
    conds[0] = cond(MDR_COND_GROUP, 0, 0, 0, 0);
    conds[1] = cond(MDR_COND_NOT, 0, 0, 0, 0);
    when(2);
    add(0, -1, 0, 0, 5);
    CHECK(!fires());
    add(0, 1, 0, 8, 9);                 /* now there is a reason             */
    CHECK(fires());

    when(1);
    conds[0] = cond(MDR_COND_NOT, 0, 0, 0, 0);
    CHECK(!fires());
    conds[0] = cond(MDR_COND_AND, 0, 0, 0, 0);
    CHECK(!fires());
    conds[0] = cond(99, 0, 0, 0, 0);
    CHECK(!fires());
    conds[0] = cond(MDR_COND_GROUP, 1, 0, 0, 0);
    conds[1] = cond(MDR_COND_GROUP, 1, 0, 0, 0);
    when(2);
    CHECK(!fires());
}


static void
counts(void)
{
    uint32_t  i;

    test_begin("conditions: count over all fields, after the exceptions");

    setup();
    when(1);
    add(0, 1, 0, 0, 2);
    add(0, 1, 0, 4, 6);
    add(0, 1, 1, 0, 2);
    add(0, 1, 2, 5, 9);
    add(0, -1, 2, 5, 9);
    add(0, 0, 3, 5, 9);

    for (i = 0; i < 6; i++) {
        conds[0] = cond(MDR_COND_COUNT, 1, 0, MDR_OP_GE, (int32_t) i);
        CHECK(fires() == (3 >= i));
        conds[0] = cond(MDR_COND_COUNT, 1, 0, MDR_OP_GT, (int32_t) i);
        CHECK(fires() == (3 > i));
        conds[0] = cond(MDR_COND_COUNT, 1, 0, MDR_OP_LE, (int32_t) i);
        CHECK(fires() == (3 <= i));
        conds[0] = cond(MDR_COND_COUNT, 1, 0, MDR_OP_LT, (int32_t) i);
        CHECK(fires() == (3 < i));
        conds[0] = cond(MDR_COND_COUNT, 1, 0, MDR_OP_EQ, (int32_t) i);
        CHECK(fires() == (3 == i));
    }

    conds[0] = cond(MDR_COND_COUNT, 2, 0, MDR_OP_EQ, 0);
    CHECK(fires());

    test_begin("conditions: score adds each group once");

    setup();
    when(1);
    groups[0][0].weight = 40;
    groups[0][1].weight = 25;
    groups[0][2].weight = -10;
    groups[0][3].weight = 2147483647;
    add(0, 0, 0, 0, 2);
    add(0, 0, 1, 0, 2);
    add(0, 1, 0, 8, 9);
    add(0, 2, 0, 8, 9);
    conds[0] = cond(MDR_COND_SCORE, 0, 0, MDR_OP_EQ, 55);
    CHECK(fires());
    conds[0] = cond(MDR_COND_SCORE, 0, 0, MDR_OP_GE, 56);
    CHECK(!fires());
    add(0, 3, 0, 8, 9);
    conds[0] = cond(MDR_COND_SCORE, 0, 0, MDR_OP_GT, 2147483647);
    CHECK(fires());
}


static void
nearness(void)
{
    size_t  i;

    static const struct {
        const char  *text;
        int32_t      apart, without;
    } glossed[] = {
        { "网(wǎng)a络", 1, 7 },
        { "网a络(luò)网", 2, 7 },
        { "网 (wǎng)a络", 1, 8 },
        { "网\xef\xbf\xbawǎng\xef\xbf\xbb""a络", 1, 7 },
        { "网(UC)a络", 5, 5 },
        { "网(luò)a络", 6, 6 }
    };

    test_begin("conditions: near counts characters of the field's text");

    /* 3-byte characters: a at 0..6, b at 6 + 3 * 4 */

    setup();
    subjects[0].data = (const uint8_t *) "一二三四五六七八九十";
    subjects[0].len = 30;
    when(1);
    add(0, 0, 0, 0, 6);
    add(0, 1, 0, 18, 24);
    conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, 4);
    CHECK(fires());
    conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, 3);
    CHECK(!fires());
    conds[0] = cond(MDR_COND_NEAR, 1, 0, 0, 4);     /* either way round      */
    CHECK(fires());
    conds[0] = cond(MDR_COND_NEAR, 1, 0, 0, 3);
    CHECK(!fires());

    /* what a fold drops does not count */

    setup();
    subjects[0].data = (const uint8_t *) "一\u200b\u200b\u00ad二\u200b三";
    subjects[0].len = (uint32_t) strlen((const char *) subjects[0].data);
    when(1);
    add(0, 0, 0, 0, 3);
    add(0, 1, 0, subjects[0].len - 3, subjects[0].len);
    conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, 1);
    CHECK(!fires());
    rules[0].profile.folds = MDR_FOLD_INVISIBLE;
    CHECK(fires());
    conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, 0);
    CHECK(!fires());
    rules[0].profile.folds = 0;

    /* nor do readings: that of the first hit, of what is between, one behind
     * a space, an annotation; (UC) is none */

    for (i = 0; i < sizeof(glossed) / sizeof(glossed[0]); i++) {
        setup();
        subjects[0].data = (const uint8_t *) glossed[i].text;
        subjects[0].len = (uint32_t) strlen(glossed[i].text);
        when(1);
        add(0, 0, 0, 0, 3);
        add(0, 1, 0, subjects[0].len - 3, subjects[0].len);
        rules[0].profile.folds = MDR_FOLD_GLOSS;
        conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, glossed[i].apart);
        CHECK(fires());
        conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, glossed[i].apart - 1);
        CHECK(!fires());
        rules[0].profile.folds = 0;
        conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, glossed[i].apart);
        CHECK(glossed[i].apart == glossed[i].without ? fires() : !fires());
    }

    setup();                                        /* not over two fields   */
    when(1);
    add(0, 0, 0, 0, 6);
    add(0, 1, 1, 7, 9);
    conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, 1000);
    CHECK(!fires());

    setup();                                        /* touching, overlapping */
    when(1);
    add(0, 0, 0, 4, 6);
    add(0, 1, 0, 6, 9);
    conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, 0);
    CHECK(fires());
    hits[1].start = 5;
    CHECK(fires());
    hits[1].start = 4;
    CHECK(fires());
    hits[1].start = 7;
    CHECK(!fires());

    setup();                                        /* two of one group      */
    when(1);
    conds[0] = cond(MDR_COND_NEAR, 0, 0, 0, 2);
    add(0, 0, 0, 4, 6);
    CHECK(!fires());
    add(0, 0, 0, 9, 10);
    CHECK(!fires());
    add(0, 0, 0, 12, 13);
    CHECK(fires());
}


static uint32_t  seed = 12345;


static uint32_t
rnd(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;

    return (seed >> 8) % n;
}


/* the same by trying every pair: covering, overlaps, near */

static void
random_sets(void)
{
    int             slow, near, cov, t;
    size_t          i, j, n, best, left;
    uint32_t        k, a, b, len, taken[64];
    mdr_raw_hit_t   copy[64], kept[64], *h;

    test_begin("random sets of hits against every pair tried");

    for (t = 0; t < 60000; t++) {
        setup();
        n = 1 + rnd(t % 8 == 0 ? 60 : 12);

        for (i = 0; i < n; i++) {
            len = 1 + rnd(6);
            k = rnd(40);
            add(0, (int) rnd(4) - 1, rnd(2), k, k + len);
        }

        for (i = 0, left = 0; i < n; i++) {
            cov = hits[i].except;
            for (j = 0; j < n; j++) {
                cov |= hits[j].except
                       && hits[j].subject == hits[i].subject
                       && hits[j].start <= hits[i].start
                       && hits[j].end >= hits[i].end;
            }
            if (!cov) {
                copy[left++] = hits[i];
            }
        }

        /* take the leftmost, longest again and again */

        memset(taken, 0, sizeof(taken));
        k = 0;

        for ( ;; ) {
            best = SIZE_MAX;
            for (i = 0; i < left; i++) {
                if (!taken[i]
                    && (best == SIZE_MAX
                        || copy[i].start < copy[best].start
                        || (copy[i].start == copy[best].start
                            && copy[i].end > copy[best].end)))
                {
                    best = i;
                }
            }
            if (best == SIZE_MAX) {
                break;
            }
            h = &copy[best];
            kept[k++] = *h;
            for (i = 0; i < left; i++) {
                if (copy[i].group == h->group && copy[i].subject == h->subject
                    && copy[i].start < h->end && h->start < copy[i].end)
                {
                    taken[i] = 1;
                }
            }
        }

        near = (int) rnd(6);
        conds[0] = cond(MDR_COND_NEAR, 0, 1, 0, near);
        slow = 0;

        for (a = 0; a < k; a++) {
            for (b = 0; b < k; b++) {
                if (kept[a].group == 0 && kept[b].group == 1
                    && kept[a].subject == kept[b].subject
                    && (int) kept[b].start - (int) kept[a].end <= near
                    && (int) kept[a].start - (int) kept[b].end <= near)
                {
                    slow = 1;
                }
            }
        }

        when(1);
        CHECK(fires() == slow);

        when(0);
        decide();
        CHECK(v.hits_total == k);

        for (a = 0; a < k; a++) {
            CHECK(has(0, kept[a].subject, kept[a].start, kept[a].end));
            CHECK(!hits[a].except);
        }
        for (i = k; i < n; i++) {
            CHECK(hits[i].except);      /* no mask from what does not stand  */
        }
    }
}


static void
strongest(void)
{
    test_begin("the strongest action wins, all hits are recorded");

    setup();
    rules[0].action = MDR_ACT_TAG;
    rules[0].suggestion = MDR_BLOCK;
    rules[1].action = MDR_ACT_HOLD;
    rules[1].suggestion = MDR_REVIEW;
    rules[2].action = MDR_ACT_BLOCK;
    rules[2].mode = MDR_MODE_SHADOW;
    add(0, 0, 0, 0, 2);
    add(1, 0, 0, 0, 2);
    add(2, 0, 0, 0, 2);
    decide();
    CHECK(v.action == MDR_ACT_HOLD && v.suggestion == MDR_BLOCK);
    CHECK(v.rule == 1 && v.nhits == 3);
    CHECK(v.hits[0].mode == MDR_MODE_ENFORCE);
    CHECK(v.hits[2].mode == MDR_MODE_SHADOW);

    test_begin("ties: suggestion, risk, then the first of the policy");

    setup();
    rules[2].risk_level = 2;
    rules[3].risk_level = 2;
    add(1, 0, 0, 0, 2);
    add(2, 0, 0, 0, 2);
    add(3, 0, 0, 0, 2);
    decide();
    CHECK(v.rule == 2);
    setup();
    rules[1].suggestion = MDR_REVIEW;
    add(1, 0, 0, 0, 2);
    add(2, 0, 0, 0, 2);
    decide();
    CHECK(v.rule == 2);

    test_begin("review never: hold becomes block");

    setup();
    rules[0].action = MDR_ACT_HOLD;
    slots[1].review = MDR_REVIEW_NEVER;
    add(0, 0, 0, 0, 2);
    decide();
    CHECK(v.action == MDR_ACT_HOLD);
    in.slot = 1;
    decide();
    CHECK(v.action == MDR_ACT_BLOCK);
    rules[0].action = MDR_ACT_MASK;
    decide();
    CHECK(v.action == MDR_ACT_MASK);

    test_begin("shadow does nothing and suggests as it would");

    setup();
    in.mode = MDR_MODE_SHADOW;
    add(0, 0, 0, 0, 2);
    decide();
    CHECK(v.action == MDR_ACT_NONE && v.suggestion == MDR_BLOCK);
    CHECK(v.rule == UINT32_MAX && v.nhits == 1);
    CHECK(v.hits[0].mode == MDR_MODE_SHADOW);

    test_begin("off is no hit");

    setup();
    rules[0].mode = MDR_MODE_OFF;
    add(0, 0, 0, 0, 2);
    decide();
    CHECK(v.suggestion == MDR_PASS && v.hits_total == 0);
}


static void
modes(void)
{
    uint8_t  caps[MAX_RULES];

    test_begin("modes: the weakest of location, rule, cap, status, expiry");

    setup();
    memset(caps, MDR_MODE_ENFORCE, sizeof(caps));
    in.rule_modes = caps;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_ENFORCE);
    caps[0] = MDR_MODE_SHADOW;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_SHADOW);
    CHECK(mdr_decide_mode(&in, &rules[1], 1) == MDR_MODE_ENFORCE);
    caps[0] = MDR_MODE_OFF;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_OFF);
    caps[0] = MDR_MODE_ENFORCE;
    rules[0].mode = MDR_MODE_SHADOW;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_SHADOW);
    in.mode = MDR_MODE_OFF;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_OFF);

    setup();
    rules[0].status = MDR_STATUS_DRAFT;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_SHADOW);
    rules[0].mode = MDR_MODE_OFF;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_OFF);
    rules[0].mode = MDR_MODE_ENFORCE;
    rules[0].status = MDR_STATUS_TEST;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_ENFORCE);
    rules[0].status = MDR_STATUS_DEPRECATED;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_ENFORCE);

    test_begin("modes: the day of expiry is the last one, in UTC");

    setup();
    rules[0].expires_day = 20999;
    in.now = (int64_t) 21000 * 86400 - 1;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_ENFORCE);
    in.now++;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_SHADOW);
    rules[0].expires_day = -1;
    in.now = -1;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_ENFORCE);
    in.now = 0;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_SHADOW);
}


static void
rollout(void)
{
    char      id[16];
    uint8_t   first[2000], m;
    uint32_t  i, n, both, share[4];

    static const uint8_t  per_cent[] = { 0, 1, 25, 99 };

    test_begin("roll-out: sticky, a share, grows without moving anyone");

    setup();
    memset(first, MDR_MODE_SHADOW, sizeof(first));

    for (n = 0; n < 4; n++) {
        rules[0].rollout = per_cent[n];
        share[n] = 0;

        for (i = 0; i < 2000; i++) {
            snprintf(id, sizeof(id), "%u", 100000 + i);
            in.item_id = str(id);
            m = mdr_decide_mode(&in, &rules[0], 0);
            CHECK(m == mdr_decide_mode(&in, &rules[0], 0));
            CHECK(m >= first[i]);
            first[i] = m;
            share[n] += m == MDR_MODE_ENFORCE;
        }
    }

    CHECK(share[0] == 0);
    CHECK(share[1] > 5 && share[1] < 45);
    CHECK(share[2] > 430 && share[2] < 570);
    CHECK(share[3] > 1950 && share[3] < 2000);

    test_begin("roll-out: another rule takes another quarter");

    rules[0].rollout = 25;
    rules[1].rollout = 25;
    both = 0;

    for (i = 0; i < 2000; i++) {
        snprintf(id, sizeof(id), "%u", 100000 + i);
        in.item_id = str(id);
        both += mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_ENFORCE
                && mdr_decide_mode(&in, &rules[1], 1) == MDR_MODE_ENFORCE;
    }

    CHECK(both > 70 && both < 190);     /* 125 where they are independent    */

    test_begin("roll-out: an item without an id is in shadow, never off");

    in.item_id = str("");
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_SHADOW);
    rules[0].rollout = 100;
    CHECK(mdr_decide_mode(&in, &rules[0], 0) == MDR_MODE_ENFORCE);
}


static void
jurisdiction(void)
{
    size_t     i;
    mdr_str_t  law[2];

    static const struct {
        const char  *law, *reader;
        int          applies;
    } t[] = {
        { "CN", "CN", 1 },
        { "CN", "CN-GD", 1 },
        { "CN", "CN-GD/Shenzhen", 1 },
        { "CN-GD", "CN-GD/Shenzhen", 1 },
        { "CN-GD/Shenzhen", "CN-GD/Shenzhen", 1 },
        { "cn-gd", "CN-GD", 1 },
        { "CN-GD/Shenzhen", "CN-GD", 0 },
        { "CN-G", "CN-GD", 0 },
        { "CN", "CNX", 0 },
        { "CN-GD", "CN", 0 },
        { "CN", "", 0 },
        { "", "CN", 0 },
        { "US", "CN-GD", 0 },
    };

    test_begin("jurisdiction: a place covers the places in it");

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        setup();
        law[0] = str("XX");
        law[1] = str(t[i].law);
        rules[0].jurisdictions = law;
        rules[0].njurisdictions = 2;
        in.jurisdiction = str(t[i].reader);
        add(0, 0, 0, 0, 2);
        decide();
        CHECK((v.hits_total == 1) == t[i].applies);
        CHECK((v.action == MDR_ACT_BLOCK) == t[i].applies);
    }

    setup();
    add(0, 0, 0, 0, 2);
    decide();
    CHECK(v.hits_total == 1);           /* no jurisdiction: everywhere       */
}


static void
account(void)
{
    size_t  i;

    static const struct {
        uint8_t  states, given, op, credit;         /* of the rule           */
        uint8_t  known, state, has;                 /* of the account        */
        int      applies;
    } t[] = {
        { 1 << 2, 0, 0, 0,             1, 2, 100, 1 },
        { 1 << 2, 0, 0, 0,             1, 3, 100, 0 },
        { 1 << 2 | 1 << 3, 0, 0, 0,    1, 3, 100, 1 },
        { 1, 0, 0, 0,                  1, 0, 100, 1 },
        { 1, 0, 0, 0,                  0, 0, 0, 0 },      /* nothing known    */
        { 0, 1, MDR_OP_LT, 40,         0, 0, 0, 0 },
        { 0, 1, MDR_OP_LT, 40,         1, 0, 39, 1 },
        { 0, 1, MDR_OP_LT, 40,         1, 0, 40, 0 },
        { 0, 1, MDR_OP_LE, 40,         1, 0, 40, 1 },
        { 0, 1, MDR_OP_LE, 40,         1, 0, 41, 0 },
        { 0, 1, MDR_OP_GT, 40,         1, 0, 41, 1 },
        { 0, 1, MDR_OP_GT, 40,         1, 0, 40, 0 },
        { 0, 1, MDR_OP_GE, 40,         1, 0, 40, 1 },
        { 0, 1, MDR_OP_GE, 40,         1, 0, 39, 0 },
        { 1 << 1, 1, MDR_OP_LT, 40,    1, 1, 39, 1 },     /* both, or not    */
        { 1 << 1, 1, MDR_OP_LT, 40,    1, 1, 50, 0 },
        { 1 << 1, 1, MDR_OP_LT, 40,    1, 2, 39, 0 },
        { 0, 0, 0, 0,                  0, 0, 0, 1 },
    };

    test_begin("account: state and credit both fit");

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        setup();
        rules[0].accounts = t[i].states;
        rules[0].credit_given = t[i].given;
        rules[0].credit_op = t[i].op;
        rules[0].credit = t[i].credit;
        in.account.known = t[i].known;
        in.account.state = t[i].state;
        in.account.credit = t[i].has;
        add(0, 0, 0, 0, 2);
        decide();
        CHECK((v.hits_total == 1) == t[i].applies);
        CHECK((v.action == MDR_ACT_BLOCK) == t[i].applies);
    }
}


static void
alone(void)
{
    uint32_t  i;

    test_begin("account alone: a hit without a text, beside others");

    setup();
    rules[1].alone = 1;
    rules[1].accounts = 1 << 2;
    rules[1].action = MDR_ACT_BLOCK;
    rules[1].suggestion = MDR_BLOCK;
    rules[0].action = MDR_ACT_TAG;
    rules[0].suggestion = MDR_REVIEW;
    in.account.known = 1;
    in.account.state = 2;
    decide();
    CHECK(v.hits_total == 0 && v.action == MDR_ACT_NONE);
    mdr_decide_alone(&in, &v);
    CHECK(v.hits_total == 1 && v.nhits == 1 && v.hits[0].rule == 1
          && v.hits[0].subject == UINT32_MAX && v.action == MDR_ACT_BLOCK
          && v.suggestion == MDR_BLOCK && v.rule == 1);

    in.account.state = 3;
    decide();
    mdr_decide_alone(&in, &v);
    CHECK(v.hits_total == 0 && v.nhits == 0 && v.rule == UINT32_MAX);

    setup();
    rules[1].alone = 1;
    rules[1].accounts = 1 << 2;
    in.account.known = 1;
    in.account.state = 2;

    for (i = 0; i < 70; i++) {
        add(0, 0, 0, i * 3, i * 3 + 2);
    }

    decide();
    mdr_decide_alone(&in, &v);
    CHECK(v.hits_total == 71 && v.nhits == MDR_VERDICT_HITS);
    CHECK(v.hits[MDR_VERDICT_HITS - 1].rule == 1
          && v.hits[MDR_VERDICT_HITS - 2].rule == 0);
}


static void
floods(void)
{
    uint32_t  i, mine;

    test_begin("64 hits are recorded, all are counted, no rule is hidden");

    setup();
    rules[1].action = MDR_ACT_TAG;
    rules[3].action = MDR_ACT_TAG;

    for (i = 0; i < 19000; i++) {
        add(1, (int) (i % 3), 0, 19000 - i, 19001 - i);
    }
    add(2, 0, 1, 90, 95);
    add(3, 0, 1, 50, 60);
    decide();

    CHECK(v.hits_total == 19002 && v.nhits == MDR_VERDICT_HITS);
    CHECK(v.rule == 2 && v.action == MDR_ACT_BLOCK);
    CHECK(has(2, 1, 90, 95) && has(3, 1, 50, 60));

    for (i = 0, mine = 0; i < v.nhits; i++) {
        mine += v.hits[i].rule == 1;
        CHECK(i == 0 || v.hits[i].subject > v.hits[i - 1].subject
              || (v.hits[i].subject == v.hits[i - 1].subject
                  && v.hits[i].start >= v.hits[i - 1].start));
    }
    CHECK(mine == 62);
}


int
main(void)
{
    covering();
    overlaps();
    logic();
    counts();
    nearness();
    random_sets();
    strongest();
    modes();
    rollout();
    jurisdiction();
    account();
    alone();
    floods();

    return test_done();
}
