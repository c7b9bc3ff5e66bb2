/*
 * anchor.c - terms that share their anchors, batches, both filter loops.
 *
 * A thousand terms of two letters share few anchors, so that each has many
 * patterns and many of them begin with others: the hits must be all substrings
 * of the text that are a term, or of those from one place the longest, where
 * the rule has no exceptions.  Whether the machine's wide instructions are
 * used, and which texts stand beside one another in a batch, must not show.
 * What hostile texts cost is counted, in steps and candidates.
 */

#define _POSIX_C_SOURCE 200809L

#include "match/matcher.h"
#include "policy/policy.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"


#define TERMS     1000
#define TERM_MAX  12
#define TEXTS     64

#define REPEAT  "fold: [width, case, gloss, invisible, confusable, repeat], "
#define LEET    "fold: [width, case, digits, confusable, leet], "

static char      terms[TERMS][TERM_MAX * 4 + 1];
static unsigned  nterms;

static const char *const  alphabets[][3] = {
    { "a", "b", "b" }, { "一", "二", "三" }, { "a", "一", "😀" }
};


static int
is_term(const char *p, size_t n)
{
    unsigned  i;

    for (i = 0; i < nterms; i++) {
        if (strlen(terms[i]) == n && memcmp(terms[i], p, n) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
random_row(char *to, unsigned letters, unsigned alphabet)
{
    unsigned  i;

    for (i = 0, *to = '\0'; i < letters; i++) {
        strcat(to, alphabets[alphabet][rand() % 3]);
    }
}


static mdr_policy_t *
make_policy(unsigned alphabet, unsigned n, unsigned longest, int all)
{
    unsigned       i;
    test_out_t     text;
    mdr_policy_t  *p;

    memset(&text, 0, sizeof(text));
    test_out_print(&text, "schema: 1\npolicy: t\nslots: [{name: a, type: html, "
                   "match: p, fields: {t: .}}]\nrules: [{id: r, label: x, "
                   "fold: [width], match: {in: [t], boundary: none, gap: "
                   "{max: 0, of: []}, terms: [");

    for (i = 0, nterms = 0; i < n; i++) {
        random_row(terms[nterms], 1 + (unsigned) rand() % longest, alphabet);
        if (!is_term(terms[nterms], strlen(terms[nterms]))) {
            test_out_print(&text, "%s\"%s\"", nterms ? ", " : "",
                           terms[nterms]);
            nterms++;
        }
    }

    test_out_print(&text, "]%s}}]\n",
                   all ? ", except: [{terms: [绝无], why: x}]" : "");
    p = test_policy(text.data, NULL);
    free(text.data);

    return p;
}


/* hits of subject s are all of its substrings that are a term, or the longest
 * of those that begin together */

static int
right(const mdr_raw_hits_t *raw, uint32_t s, const char *text, int all)
{
    size_t  i, j, k, n, count, want, here;

    n = strlen(text);

    for (k = 0, count = 0; k < raw->n; k++) {
        if (raw->hits[k].subject == s) {
            count++;
            if (!is_term(text + raw->hits[k].start,
                         raw->hits[k].end - raw->hits[k].start))
            {
                return 0;
            }
        }
    }

    for (i = 0, want = 0; i < n; i++) {
        for (j = i + 1, here = 0; j <= n && j - i <= TERM_MAX * 4; j++) {
            here += (size_t) is_term(text + i, j - i);
        }
        want += all ? here : here != 0;
    }

    return count == want;
}


static int
same_hits(const mdr_raw_hits_t *a, const mdr_raw_hits_t *b)
{
    size_t  i;

    if (a->n != b->n) {
        return 0;
    }

    for (i = 0; i < a->n; i++) {
        if (a->hits[i].subject != b->hits[i].subject
            || a->hits[i].start != b->hits[i].start
            || a->hits[i].end != b->hits[i].end)
        {
            return 0;
        }
    }

    return 1;
}


/* is there an anchor of more than a few patterns? */

static int
has_many(const mdr_matcher_t *m)
{
    size_t  i;

    for (i = 0; i < m->h.npatterns; i++) {
        if (m->patterns[i].anchor & MDR_PAT_MANY) {
            return 1;
        }
    }

    return 0;
}


static void
try_policy(unsigned alphabet, unsigned n, unsigned longest, int all)
{
    int               ok, same;
    char              text[TEXTS][400];
    unsigned          i, round, rounds, hits;
    mdr_subject_t     s[TEXTS];
    mdr_policy_t     *p;
    mdr_matcher_t     narrow;
    mdr_raw_hits_t    raw, other;
    mdr_match_work_t *w;

    p = make_policy(alphabet, n, longest, all);
    CHECK(p != NULL);
    if (p == NULL) {
        return;
    }

    memset(&raw, 0, sizeof(raw));
    memset(&other, 0, sizeof(other));
    w = mdr_match_work_new(mdr_mem_default());
    narrow = *p->matcher;
    narrow.wide = 0;
    ok = 1;
    same = 1;
    hits = 0;
    rounds = test_share(8);

    for (round = 0; round < rounds; round++) {
        memset(s, 0, sizeof(s));

        for (i = 0; i < TEXTS; i++) {
            random_row(text[i], (unsigned) rand() % (i % 16 == 0 ? 90 : 20),
                       alphabet);
            if (rand() % 3 == 0) {
                strcat(text[i], "é x");     /* in no term                    */
            }
            s[i].data = (const uint8_t *) text[i];
            s[i].len = (uint32_t) strlen(text[i]);
        }

        CHECK(mdr_match(p->matcher, w, s, TEXTS, &raw) == MDR_OK);
        CHECK(mdr_match(&narrow, w, s, TEXTS, &other) == MDR_OK);
        same = same && same_hits(&raw, &other);
        hits += (unsigned) raw.n;

        for (i = 0; i < TEXTS; i++) {
            if (!right(&raw, i, text[i], all)) {
                printf("# wrong: \"%s\"\n", text[i]);
                ok = 0;
            }
        }
    }

    CHECK(ok);
    CHECK(same);
    CHECK(hits > rounds * 12);

    if (longest > 6) {
        CHECK(has_many(p->matcher));    /* what is tested is there           */
    }

    free(raw.hits);
    free(other.hits);
    mdr_match_work_free(w);
    mdr_policy_free(p);
}


/* a policy of `count` terms by make(), the texts by one of them over and over
 * with what stands between; steps and candidates a character, at most */

static char  yaml[1 << 20], hostile[1 << 18];

static void
list(const char *more, unsigned count, void (*make)(char *to, unsigned i))
{
    char      term[800];
    size_t    at;
    unsigned  i;

    at = (size_t) sprintf(yaml, "schema: 1\npolicy: t\nslots: [{name: a, "
                          "type: html, match: p, fields: {t: .}}]\nrules: "
                          "[{id: r, label: x, gap: {max: 2, of: [space, "
                          "punct, symbol, emoji]}, %smatch: {in: [t], "
                          "terms: [", more);

    for (i = 0; i < count; i++) {
        make(term, i);
        at += (size_t) sprintf(yaml + at, "%s%s", i ? ", " : "", term);
    }

    strcpy(yaml + at, "]}}]\n");
}


/* the same, each term in a rule of its own */

static void
rules(const char *more, unsigned count, void (*make)(char *to, unsigned i))
{
    char      term[800];
    size_t    at;
    unsigned  i;

    at = (size_t) sprintf(yaml, "schema: 1\npolicy: t\nslots: [{name: a, "
                          "type: html, match: p, fields: {t: .}}]\nrules:\n");

    for (i = 0; i < count; i++) {
        make(term, i);
        at += (size_t) sprintf(yaml + at, "- {id: r%u, label: x, gap: {max: "
                               "2, of: [space, punct, symbol, emoji]}, "
                               "%smatch: {in: [t], terms: [%s]}}\n", i, more,
                               term);
    }
}


static void
runs_of_one(char *to, unsigned i)
{
    for (*to = '\0', i++; i != 0; i--) {
        strcat(to, "甲");
    }
}


static void
binary(char *to, unsigned i)
{
    unsigned  n;

    for (*to = '\0', n = 0; n < 12; n++) {
        strcat(to, i >> n & 1 ? "甲" : "乙");
    }
}


static void
runs_of_a(char *to, unsigned i)
{
    memset(to, 'a', i + 1);
    to[i + 1] = '\0';
}


static void
always_vip(char *to, unsigned i)
{
    (void) i;
    strcpy(to, "vip");
}


/* words of letters that signs may be, and others */

static void
look_alikes(char *to, unsigned i)
{
    unsigned  n;

    for (n = 0; n < 3 + i % 4; n++, i /= 3) {
        to[n] = "lisaote"[(i + n) % 7];
    }

    to[n] = '\0';
}


/* letters and digits that look alike: few rows of classes, many terms */

static void
trie(char *to, unsigned i)
{
    unsigned  n;

    for (n = 0; n < 6 + i % 5; n++) {
        to[n] = "il1"[(i / 5 * 2654435761u >> (2 * n)) % 3];
    }

    to[n] = '\0';
}


/* the same, all of which begin with a letter of their own */

static void
trie_of_x(char *to, unsigned i)
{
    unsigned  n;

    for (*to++ = 'x', n = 0; n < 11; n++) {
        to[n] = "il1"[rand() % 3];
    }

    to[n] = '\0';
    (void) i;
}


static void
trie_of_runs(char *to, unsigned i)
{
    unsigned  n;

    for (*to = '\0', n = 0; n < 4; n++) {
        do {
            strcat(to, n % 2 ? "乙" : "甲");
        } while (rand() % 2);
    }

    sprintf(to + strlen(to), "%.3s", i % 2 ? "甲" : "丙");
}


static void
around_anchor(char *to, unsigned i)
{
    unsigned  n;

    for (*to = '\0', n = 0; n < 4; n++) {
        strcat(to, i >> n & 1 ? "甲" : "乙");
    }

    for (strcat(to, "子丑寅"); n < 10; n++) {
        strcat(to, i >> n & 1 ? "甲" : "乙");
    }
}


static void
long_words(char *to, unsigned i)
{
    unsigned  n;

    for (strcpy(to, "abcdefgh"), n = 0; n < 11; n++) {
        strcat(to, i >> n & 1 ? "i" : "j");
    }
}


/* as English looks: the i-th word of a language */

static void
english(char *to, unsigned i)
{
    unsigned  n;

    static const char *const  begin[] = {
        "b", "c", "d", "f", "g", "h", "l", "m", "n", "p", "r", "s", "t", "w",
        "st", "tr", "pr", "ch", "th", "sh"
    };
    static const char *const  middle[] = {
        "a", "e", "i", "o", "u", "ea", "ou", "ai"
    };
    static const char *const  end[] = {
        "", "n", "r", "t", "s", "l", "nd", "ck", "m"
    };

    n = 1 + i % 3;

    for (*to = '\0', i = i * 2654435761u >> 3; n != 0; n--) {
        strcat(to, begin[i % 20]);
        strcat(to, middle[i / 20 % 8]);
        strcat(to, end[i / 160 % 9]);
        i = i / 1440 * 2654435761u + i;
    }
}


/* a text of words, of which the list has some or none */

static const char *
page(unsigned from, unsigned n)
{
    char      word[64];
    size_t    at;
    unsigned  i;

    for (i = 0, at = 0; i < n; i++) {
        english(word, from + (unsigned) rand() % 3000);
        at += (size_t) sprintf(hostile + at, "%s%s", word,
                               rand() % 10 ? " " : ", ");
    }

    return hostile;
}


static uint32_t  limited;               /* rules at their limit, the last    */

static void
cost(const char *name, const char *text, unsigned most)
{
    size_t             chars;
    const char        *p;
    mdr_policy_t      *policy;
    mdr_subject_t      s;
    mdr_raw_hits_t     raw;
    mdr_match_work_t  *w;

    policy = test_policy(yaml, NULL);
    CHECK(policy != NULL);
    if (policy == NULL) {
        return;
    }

    for (p = text, chars = 0; *p != '\0'; p++) {
        chars += (*p & 0xc0) != 0x80;
    }

    memset(&s, 0, sizeof(s));
    memset(&raw, 0, sizeof(raw));
    s.data = (const uint8_t *) text;
    s.len = (uint32_t) strlen(text);
    w = mdr_match_work_new(mdr_mem_default());
    CHECK(mdr_match(policy->matcher, w, &s, 1, &raw) == MDR_OK);

    if (raw.meter.steps > most * chars || raw.candidates > (4 + most / 8) * chars) {
        printf("# %s: %zu characters, %llu steps, %llu candidates\n", name,
               chars, (unsigned long long) raw.meter.steps,
               (unsigned long long) raw.candidates);
    }

    limited = (uint32_t) raw.nlimited;
    CHECK(limited == 0 || raw.limited[0].rule == UINT32_MAX);
    CHECK(raw.meter.steps <= most * chars);
    CHECK(raw.candidates <= (4 + most / 8) * chars);

    free(raw.hits);
    mdr_match_work_free(w);
    mdr_policy_free(policy);
}


static const char *
many(const char *first, const char *a, const char *b, unsigned n)
{
    size_t    at;
    unsigned  i;

    at = (size_t) sprintf(hostile, "%s", first);

    for (i = 0; i < n; i++) {
        at += (size_t) sprintf(hostile + at, "%s", rand() % 2 ? a : b);
    }

    return hostile;
}


static void
hostile_texts(void)
{
    test_begin("hostile texts: so many steps a character, not more");
    srand(1);                          /* the same texts in a short run     */

    /* 250 terms that begin with one another: as many candidates, or states
     * side by side */

    list("", 250, runs_of_one);
    cost("a run", many("", "甲", "甲", 6000), 275);
    cost("a run, read slowly", many("震(zhen)", "甲", "甲", 6000), 275);
    cost("a run with gaps", many("", "甲 ", "甲·", 6000), 190);
    cost("gaps, read slowly", many("震(zhen)", "甲 ", "甲·", 6000), 190);
    cost("gaps, too long often", many("", "甲 ", "甲 · ! ", 6000), 125);
    cost("a sign between", many("", "甲|", "甲", 6000), 205);
    cost("marks without width", many("", "甲\u200b", "甲", 6000), 220);

    list(REPEAT, 250, runs_of_one);
    cost("repeat: a run", many("", "甲", "甲", 6000), 4);
    cost("repeat: a run with gaps", many("", "甲 ", "甲", 6000), 160);
    cost("repeat: gaps, too long often", many("", "甲 ", "甲 · ! ", 6000),
         6);
    cost("repeat: a sign between", many("", "甲|", "甲", 6000), 160);
    cost("repeat: short runs", many("", "甲甲甲乙", "甲乙", 3000), 11);

    rules(REPEAT, 250, runs_of_one);
    cost("repeat, many rules: a run", many("", "甲", "甲", 6000), 3);
    cost("repeat, many rules: short runs", many("", "乙", "丙甲", 6000), 9);

    list("", 250, runs_of_a);
    cost("one letter", many("", "a", "a", 6000), 1);
    cost("one letter, words", many("", "a ", "a", 6000), 95);
    cost("one letter, behind a sign", many("", "a|", "a", 6000), 95);
    list(REPEAT, 250, runs_of_a);
    cost("repeat: one letter", many("", "a", "a ", 6000), 75);

    rules("", 1000, always_vip);
    cost("rules of one term", many("", "xvip", "-vipx", 3000), 2);

    list("", 1500, look_alikes);
    cost("look-alikes", many("", "|", "l", 6000), 9);
    cost("look-alikes and marks", many("", "|o", "!s·", 6000), 60);
    list(LEET, 1500, look_alikes);
    cost("leet: signs", many("", "$", "@", 6000), 60);
    cost("leet: signs and letters", many("", "$|o", "@i!", 3000), 160);

    list("", 4000, trie);
    cost("a trie", many("", "l1l1il ", "1l", 300), 170);
    cost("a trie, slowly", many("震(zhen)", "l1l1il ", "1l", 300), 170);
    CHECK(limited == 0);
    cost("a trie, signs", many("", "l1|1il ", "|l", 3000), 400);
    CHECK(limited == 1);                /* it has spent what a text may      */
    list("", 14000, trie_of_x);
    cost("a trie, one place", many("x", "|", "l", 60), 4600);
    CHECK(limited == 1);                /* with the last place, too          */
    list(REPEAT, 1000, trie);
    cost("repeat: a trie", many("", "l1l1il ", "1l", 3000), 400);
    cost("repeat: a trie, one run", many("", "l", "l", 6000), 75);
    list(REPEAT, 1000, trie_of_runs);
    cost("repeat: a trie of runs", many("", "甲", "乙", 6000), 400);

    list("", 1500, binary);
    cost("two letters", many("", "甲", "乙", 6000), 18);
    cost("two letters, slowly", many("震(zhen)", "甲", "乙", 6000), 19);
    cost("two letters, brackets", many("", "甲(", "乙", 6000), 22);

    list("", 1000, around_anchor);
    cost("one anchor", many("", "子丑寅", "甲子丑寅乙甲", 2000), 2);
    cost("one anchor, slowly", many("震(zhen)", "子丑寅", "乙子丑寅甲乙",
                                    2000), 3);

    list("", 2000, english);
    cost("words of other lists", page(2000, 4000), 1);
    cost("words of the list", page(0, 4000), 1);
    cost("words, slowly", page(0, 4000), 1);

    list("", 250, runs_of_a);
    cost("letters", many("", "a ", "a-", 6000), 110);
    cost("letters, slowly", many("震(zhen)", "a ", "a-", 6000), 110);
    cost("wide letters", many("", "ａ", "Ａ", 6000), 4);

    list("", 1500, long_words);
    cost("long words", many("abcdefgh", "i", "j ", 6000), 1);
    cost("long words in pieces", many("", "a b c d e f g h i ", "j i ", 6000),
         2);
}


int
main(void)
{
    unsigned  i;

    srand(11);

    test_begin("terms that share anchors and begin with one another");

    for (i = 0; i < 3; i++) {
        try_policy(i, TERMS, TERM_MAX, 1);
        try_policy(i, TERMS, TERM_MAX, 3);
        try_policy(i, 200, 4, (int) i & 1);
    }

    test_begin("few terms");

    for (i = 0; i < 12; i++) {
        try_policy(i % 3, 1 + i, 3, (int) i & 1);
    }

    hostile_texts();

    return test_done();
}
