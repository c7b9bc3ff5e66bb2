/*
 * match.c - the search against the obvious: every term at every atom.
 *
 * Random policies over small alphabets full of disguises, random texts in
 * batches; what must be found is said in obvious.h.
 */

#define _POSIX_C_SOURCE 200809L

#include "text/fold.h"
#include "match/matcher.h"
#include "policy/policy.h"

#include "obvious.h"
#include "test.h"
#include "test_policy.h"


#define TEXTS  40                       /* a batch                           */

typedef struct {
    const char  *letters[32];           /* of terms and texts                */
    const char  *marks[16];
    const char  *others[16];            /* of texts only                     */
    unsigned     longest;               /* term                              */
    unsigned     terms;                 /* a rule; 0: some                   */
} alphabet_t;

static const alphabet_t  alphabets[] = {

    { { "震", "惊", "驚", "网", "網", "a", "A", "ａ", "b", "ⓑ", "1", "l",
        "０", "一", "①", "㎏", "k", "g", "а" },
      { "!", "·", "★", " ", "，", "🔥", "|", "+" },
      { "\u200b", "(wǎng)", "（jing）", "(UC)", "\ufe0f", "的", "x",
        "\u202e", "\u202c", "ɐ" }, 6, 0 },
    { { "震", "惊", "驚", "网", "a", "ａ", "1", "㎏", "k", "г", "l", "i" },
      { "!", "·", "(", "】", " ", "，", "|", "+" },
      { "\u200b", "(wǎng)", "(", "（", "【", "】", "{jīng}", " （wǎng）",
        "((", "(㎏", "(a", "<wang>", "ɹ", "〈", "（zhenjing）" }, 4, 0 },

    /* few letters: terms begin with, hold and overlap one another */

    { { "甲", "乙", "乙" }, { " ", "·" }, { "(", "丙", "|", "\u200b" },
      30, 0 },
    { { "甲", "亚", "亞", "一", "1" }, { "!", "★", "🎉" },
      { "（", "丙", "①", "⑽" }, 4, 0 },

    /* a mark or a letter */

    { { "l", "i", "1", "I", "o", "0", "s", "a", "震" },
      { "|", "!", "+", "(", "·" },
      { "$", "@", "3", "4", "｜", "ı" }, 5, 0 },
    { { "a", "b", "甲", "☆", "1" }, { "★", "☆", "♥", " " },
      { "🇦", "🇧", "🅰", "\ufe0f", "❤️", "1️⃣", "2⃣", "(", "👍🏽",
        "👨‍👩‍👧", "\u200d" }, 4, 0 },

    /* upside down, reversed, one to many */

    { { "p", "d", "q", "n", "u", "a", "e", "ɐ", "甲" }, { "·", "∀" },
      { "ǝ", "ɔ", "ɥ", "\u202e", "\u202c", "x" }, 4, 0 },
    { { "k", "g", "m", "株", "(", "会", "s", "1", "0" },
      { " ", ")", "/" },
      { "㎏", "㏎", "㈱", "㍿", "⑽", "ß", "ﬁ", "(株)", "⑴", "(gui)" }, 4, 0 },

    /* whole words */

    { { "v", "i", "p", "群", "号", "9" }, { " ", "-", "." },
      { "é", "\u0301", "ｖ", "Ⓥ", "x", "の", "п", "\u200b", "9" }, 5, 0 },

    /* words of ASCII, short and long, beside one another and in pieces */

    { { "f", "r", "e", "e", "re", "free", "for", "a", "4" },
      { " ", " ", "-", "'", "  ", " · " },
      { " ", " ", " ", "x", "see", "ｅ", "é", "、", "\u200b" }, 5, 0 },
    { { "in", "inter", "nation", "al", "ly", "s", "e", "o", "0" },
      { " ", " ", "-", "." },
      { " ", " ", " ", ". ", "x", "甲", "ｓ", "\u00ad", "(s)" }, 6, 0 },
    { { "win", "bonus", "s", "9", "I", "l", "甲", "微信", "a" },
      { " ", "-", "+", "!", "." },
      { " ", " ", "$", "|", "ⅰ", "①", "(wei)", "1️⃣", "п" }, 4, 0 },
    { { "caf", "é", "ｓ", "a", "ñ", "ß", "п", "Ⅸ", "à" }, { " ", "-", "’" },
      { " ", " ", "e", "ss", "e\u0301", "①", "甲", "ix" }, 5, 0 },
    { { "a", "b", "aa", "ab" }, { " ", "-" }, { " ", " ", "ａ", "(", "c" },
      24, 0 },

    /* one character, in runs of any length, as a mark (U+3199) and by another
     * name; signs that may be letters, and many terms of these */

    { { "甲", "甲甲", "甲甲甲甲", "甲" }, { " ", "·", "|" },
      { "\u3199", "\u200b", "乙", "(jia)", "甲甲甲甲甲甲甲甲", "  " }, 24, 0 },
    { { "a", "aa", "aaaa", "l", "1" }, { " ", "·", "|" },
      { "ａ", "A", "\u200b", "甲", "1️⃣", "(", "aaaaaaaaaa" }, 24, 0 },
    { { "l", "i", "1", "s", "a" }, { "|", "$", "@", "!" },
      { "🇦", "(", "４", "甲", "||||", "$$$" }, 14, 0 },

    /* tries: many terms that are one pattern */

    { { "l", "i", "1" }, { "|", " ", "!", "l" },
      { "(", "I", "ı", "４", "1️⃣", "甲", "一", "lll", "|||" }, 5, 120 },
    { { "一", "1", "l", "二", "2" }, { "·", " " },
      { "①", "２", "⑿", "⒈", "(", "a", "貳", "一一一" }, 4, 100 },
    { { "甲", "乙", "甲甲" }, { " ", "·", "|" },
      { "甲甲甲甲", "乙乙乙", "(jia)", "丙", "\u202e", "★" }, 7, 100 },
    { { "l", "i", "1", "㎏", "k", "g", "fi" }, { "|", "🇮", " " },
      { "㎏", "ﬁ", "🇮🇱", "ⅱ", "l", "(", "k", "æ" }, 4, 150 },
};

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))


/* some of the policy in hand */
static char      terms[16][512];
static unsigned  nterms;


static size_t
count(const char *const *list, size_t max)
{
    size_t  n;

    for (n = 0; n < max && list[n] != NULL; n++) { /* void */ }

    return n;
}


static size_t
random_text(char *to, size_t max, int term, const alphabet_t *al)
{
    size_t       n, len, letters, marks, others, chars;
    unsigned     stop;
    const char  *s;

    letters = count(al->letters, COUNT(al->letters));
    marks = count(al->marks, COUNT(al->marks));
    others = count(al->others, COUNT(al->others));
    stop = term ? 1 + (unsigned) rand() % al->longest : 24;

    for (n = 0, chars = 0, *to = '\0'; n + 32 < max; chars++) {

        if (!term && rand() % 40 == 0 && n > 8) {
            s = to + (size_t) rand() % (n / 2);         /* once more         */
            while ((*s & 0xc0) == 0x80) {
                s++;
            }
            len = strlen(s) < max - n - 32 ? strlen(s) : 0;
            memmove(to + n, s, len);
            to[n += len] = '\0';
            continue;
        }

        if (!term && nterms != 0 && rand() % 12 == 0) {
            s = terms[(unsigned) rand() % nterms];
            if (strlen(s) < max - n - 32) {
                n += (size_t) sprintf(to + n, "%s%s", s,
                                      rand() % 2 ? " " : "");
            }
            continue;
        }

        s = term || rand() % 3 ? al->letters[(size_t) rand() % letters]
            : rand() % 2 ? al->marks[(size_t) rand() % marks]
                         : al->others[(size_t) rand() % others];
        if (term && rand() % 12 == 0) {
            s = al->marks[(size_t) rand() % marks];
            if (*s == ' ' && (n == 0 || s[1] != '\0' || to[n - 1] == ' ')) {
                continue;
            }
        }
        len = strlen(s);
        memcpy(to + n, s, len + 1);
        n += len;
        if (term ? chars + 1 >= stop : rand() % 24 == 0) {
            break;
        }
    }

    while (term && n != 0 && to[n - 1] == ' ') {
        to[--n] = '\0';                 /* white space within only           */
    }

    return n;
}


static const char *const  foldings[] = {
    "width, case, hant, gloss, digits, invisible, confusable",
    "width, case", "case, invisible, hant",
    "width, case, hant, gloss, digits, invisible, confusable, leet", "",
    "width, case, hant, gloss, digits, invisible, confusable, repeat",
    "case, repeat"
};

static const char *const  boundaries[] = {
    "auto", "none", "auto", "none", "word", "whole"
};


static mdr_policy_t *
make_policy(mdr_model_t **model, const alphabet_t *al)
{
    int     i, j, n, with_repeat, same;
    char    text[65536], term[512];
    size_t  at, f;

    at = (size_t) sprintf(text, "schema: 1\npolicy: t\nslots: [{name: a, "
                          "type: html, match: p, fields: {t: .}}]\nrules:\n");
    with_repeat = rand() % 3 == 0;
    same = rand() % 3 == 0;             /* one profile for all rules         */
    f = (size_t) rand() % (COUNT(foldings) - (with_repeat ? 0 : 2));
    nterms = 0;

    for (i = 0; i < 4; i++) {
        if (!same) {
            f = (size_t) rand() % (COUNT(foldings) - (with_repeat ? 0 : 2));
        }
        at += (size_t) sprintf(text + at, "- {id: r%d, label: x, fold: [%s],"
                               " gap: {max: %d, of: [%s]}, match: {in: [t],"
                               " boundary: %s, terms: [", i, foldings[f],
                               rand() % 4 == 0 ? 16 : rand() % 4,
                               rand() % 4 ? "space, punct, symbol, emoji"
                                          : "punct, emoji",
                               boundaries[(size_t) rand()
                                          % COUNT(boundaries)]);
        n = al->terms != 0 ? (int) al->terms
            : al->longest > 10 ? 40 : 1 + rand() % 12;
        for (j = 0; j < n; j++) {
            while (random_text(term, 400, 1, al) == 0) { /* void */ }
            at += (size_t) sprintf(text + at, "%s\"%s\"", j ? ", " : "",
                                   term);
            strcpy(terms[nterms < COUNT(terms) ? nterms++
                         : (unsigned) rand() % COUNT(terms)], term);
        }
        at += (size_t) sprintf(text + at, "]%s}}\n", rand() % 2 ? ""
                               : ", except: [{terms: [绝无], why: x}]");
    }

    return test_policy(text, model);
}


/* as matcher.h says, of one text */

static int
in_order(const mdr_raw_hit_t *a, const mdr_raw_hit_t *b)
{
    if (a->rule != b->rule) {
        return a->rule < b->rule;
    }

    return a->start < b->start || (a->start == b->start && a->end >= b->end);
}


static unsigned  compared, limited;     /* batches; with a text beyond its
                                           budget                            */

static int
compare_batch(const mdr_policy_t *p, const mdr_model_t *m,
    mdr_match_work_t *w, const alphabet_t *al)
{
    int             wrong;
    char            texts[TEXTS][512];
    size_t          i, n, from, to;
    mdr_matcher_t   matcher;
    mdr_subject_t   s[TEXTS];
    mdr_raw_hits_t  raw;

    memset(&raw, 0, sizeof(raw));
    memset(s, 0, sizeof(s));
    n = rand() % 2 ? 1 : 1 + (size_t) rand() % TEXTS;

    for (i = 0; i < n; i++) {
        s[i].data = (const uint8_t *) texts[i];
        s[i].len = (uint32_t) random_text(texts[i], rand() % 8 ? 200 : 500,
                                          0, al);
    }

    matcher = *p->matcher;
    matcher.wide &= rand() % 4 != 0;    /* both loops over classes           */

    if (mdr_match(&matcher, w, s, n, &raw) != MDR_OK) {
        return 1;
    }

    compared++;

    /* look-alikes have a budget, which only a text of nothing else spends */

    if (raw.nlimited != 0) {
        free(raw.hits);
        limited++;
        return 0;
    }

    for (i = 0, from = 0, wrong = 0; i < n && wrong < 3; i++, from = to) {
        for (to = from; to < raw.n && raw.hits[to].subject == i; to++) {
            CHECK(to == from || in_order(&raw.hits[to - 1], &raw.hits[to]));
        }
        wrong += !obvious_compare(m, &raw, from, to, &s[i]);
    }

    free(raw.hits);

    return wrong;
}


typedef struct {
    const char  *text;
    size_t       hits;
} row_t;


/* so many hits of one rule in each text */

static void
try_rows(const char *rule, const row_t *rows, size_t n)
{
    char              yaml[1024];
    size_t            i;
    mdr_subject_t     s;
    mdr_policy_t     *p;
    mdr_raw_hits_t    raw;
    mdr_match_work_t *w;

    snprintf(yaml, sizeof(yaml), "schema: 1\npolicy: t\nslots: [{name: a, "
             "type: html, match: p, fields: {t: .}}]\nrules: [{id: r, "
             "label: x, %s}]\n", rule);
    p = test_policy(yaml, NULL);
    CHECK(p != NULL);
    if (p == NULL) {
        return;
    }

    w = mdr_match_work_new(mdr_mem_default());
    memset(&raw, 0, sizeof(raw));
    memset(&s, 0, sizeof(s));

    for (i = 0; i < n; i++) {
        s.data = (const uint8_t *) rows[i].text;
        s.len = (uint32_t) strlen(rows[i].text);
        CHECK(mdr_match(p->matcher, w, &s, 1, &raw) == MDR_OK);

        if (raw.n != rows[i].hits) {
            printf("# %zu hits in \"%s\"\n", raw.n, rows[i].text);
        }
        CHECK(raw.n == rows[i].hits);
    }

    free(raw.hits);
    mdr_match_work_free(w);
    mdr_policy_free(p);
}


/* marks inside a term are no gap: also where gaps are not allowed */

static void
marks_inside(void)
{
    static const row_t  rows[] = {
        { "甲★★乙", 1 }, { "（甲★★乙", 1 }, { "|甲★★乙|", 1 },
        { "甲★ ★乙", 0 }, { "甲乙", 0 }, { "甲★★|乙", 0 }
    };

    static const row_t  phrases[] = {
        { "Win bonus", 1 }, { "win-bonus", 0 }, { "winbonus", 0 },
        { "w.i.n b.o.n.u.s", 1 }, { "win - bonus", 1 }, { "twin bonus", 0 },
        { "win bonuses", 0 }, { "win", 0 }, { "no win, bonus", 1 },
        { "win's bonus", 0 }, { "(win bonus)", 1 }, { "win（bo）nus", 0 }
    };

    test_begin("marks inside a term");
    try_rows("gap: 0, match: {in: [t], terms: [甲★★乙, 1l]}", rows,
             COUNT(rows));
    try_rows("gap: {max: 2, of: [space, punct]}, match: {in: [t], terms: "
             "[win bonus, 甲]}", phrases, COUNT(phrases));
}


static void
words(void)
{
    static const row_t  edges[] = {
        { "free", 1 }, { "Free!", 1 }, { "f r e e", 1 }, { "F-R-E-E", 1 },
        { "freely", 0 }, { "carefree", 0 }, { "a free x", 1 },
        { "a fr ee x", 1 }, { "of ree", 0 }, { "fre ex", 0 },
        { "ＦＲＥＥ", 1 }, { "f\u200br\u00adee", 1 }, { "看free吧", 1 },
        { "free9", 0 }, { "frée", 1 }, { "éfree", 0 }, { "freeé", 0 },
        { "free free fr ee", 3 }, { "q", 1 }, { "q&a", 1 }, { "qa", 0 },
        { "ok", 1 }, { "o. k.", 1 }, { "look", 0 }, { "book ok", 1 },
        { "internationally", 1 }, { "inter nation ally", 1 },
        { "internationallyx", 0 }, { "international", 0 },
        { "inter na tio nal ly", 1 }, { "(free)", 1 }, { "自(zi)free", 1 },
        { "自(zi)freely", 0 }, { "caf\u00e9", 1 }, { "cafe", 1 },
        { "caféx", 0 }, { "1️⃣ok1️⃣", 1 }
    };

    static const row_t  inside[] = {
        { "carefreely", 1 }, { "freefree", 2 }, { "f ree", 0 }, { "q", 1 },
        { "aqaqa", 2 }
    };

    static const row_t  whole[] = {
        { "dab", 1 }, { " dab!", 1 }, { "a dab", 0 }, { "dabs", 0 }
    };

    static const row_t  runs[] = {
        { "freeee", 1 }, { "fre", 0 }, { "fffreee", 1 }, { "free e", 1 },
        { "f f ree", 2 }, { "xfree", 0 }, { "x ffree", 1 }
    };

    static const row_t  several[] = {
        { "ß㎏m", 1 }, { "ßm", 1 }, { "㎏", 1 }, { "ß ㎏ ssm", 2 }
    };

    test_begin("words of ASCII and their edges");
    try_rows("gap: {max: 2, of: [space, punct]}, match: {in: [t], terms: "
             "[free, q, ok, internationally, café]}", edges, COUNT(edges));
    try_rows("match: {in: [t], boundary: none, terms: [free, q]}", inside,
             COUNT(inside));
    try_rows("match: {in: [t], boundary: whole, terms: [dab]}", whole,
             COUNT(whole));
    try_rows("fold: [case, repeat], gap: {max: 1, of: [space]}, match: {in: "
             "[t], terms: [free]}", runs, COUNT(runs));
    try_rows("gap: {max: 2, of: [space, symbol]}, match: {in: [t], terms: "
             "[ssm, kg]}", several, COUNT(several));
}


/* rules that ask the same share a hit, but not one that only one of them has:
 * the first rule has a longer one from the same place */

static void
rules_alike(void)
{
    char               text[8192];
    size_t             i, k, n, at, longer, shorter;
    mdr_subject_t      s;
    mdr_policy_t      *p;
    mdr_raw_hits_t     raw;
    mdr_match_work_t  *w;

    test_begin("rules that ask the same, one of them more");

    at = (size_t) sprintf(text, "schema: 1\npolicy: t\nslots: [{name: a, "
                          "type: html, match: p, fields: {t: .}}]\nrules:\n"
                          "- {id: a, label: x, match: {in: [t], terms: [");

    for (n = 4; n < 7; n++) {           /* so many that they are a group     */
        for (i = 0; i < (size_t) 1 << n; i++) {
            for (k = 0; k < n; k++) {
                at += (size_t) sprintf(text + at, "%s",
                                       i >> k & 1 ? "甲" : "乙");
            }
            at += (size_t) sprintf(text + at, ", ");
        }
    }

    strcpy(text + at, "丙]}}\n"
           "- {id: b, label: x, match: {in: [t], terms: [甲乙甲乙]}}\n"
           "- {id: c, label: x, match: {in: [t], terms: [甲乙甲乙]}}\n");

    p = test_policy(text, NULL);
    CHECK(p != NULL);
    if (p == NULL) {
        return;
    }

    w = mdr_match_work_new(mdr_mem_default());
    memset(&raw, 0, sizeof(raw));
    memset(&s, 0, sizeof(s));
    s.data = (const uint8_t *) "甲乙甲乙甲";
    s.len = 15;
    CHECK(mdr_match(p->matcher, w, &s, 1, &raw) == MDR_OK);

    for (i = 0, longer = 0, shorter = 0; i < raw.n; i++) {
        longer += raw.hits[i].rule == 0 && raw.hits[i].end == 15;
        shorter += raw.hits[i].rule != 0 && raw.hits[i].end == 12;
    }

    CHECK(raw.n == 4);                  /* one from the second character     */
    CHECK(longer == 2);
    CHECK(shorter == 2);

    free(raw.hits);
    mdr_match_work_free(w);
    mdr_policy_free(p);
}


int
main(void)
{
    int                 j, k, wrong;
    unsigned            i, policies, tries;
    mdr_model_t        *m;
    mdr_limits_t        limits;
    mdr_policy_t       *p;
    const alphabet_t   *al;
    mdr_match_work_t   *w;

    w = mdr_match_work_new(mdr_mem_default());
    memset(&limits, 0, sizeof(limits));
    limits.text_steps = 4000000;        /* all is compared                   */
    mdr_match_work_limits(w, &limits, NULL);
    policies = test_share(84);
    tries = 0;

    test_begin("random policies and texts: no difference to the obvious");

    for (i = 0, wrong = 0; i < policies && wrong < 5; i++) {
        srand(i + 7);
        al = &alphabets[i % COUNT(alphabets)];
        p = make_policy(&m, al);
        CHECK(p != NULL);

        if (p == NULL) {
            break;
        }

        tries += p->matcher->h.ntries;

        for (j = al->terms ? 21 : 0; j < 24 && wrong < 5; j++) {
            k = compare_batch(p, m, w, al);
            if (k) {
                printf("# policy %u batch %d\n", i, j);
                wrong += k;
            }
        }

        mdr_model_free(m);
        mdr_policy_free(p);
    }

    CHECK(wrong == 0);
    CHECK(obvious_found > 1000);
    CHECK(tries > 10 || policies < COUNT(alphabets));
    CHECK(limited <= compared / 50);
    printf("# %lu comparisons, %lu hits, %u of %u batches not compared\n",
           obvious_compared, obvious_found, limited, compared);

    mdr_match_work_free(w);
    marks_inside();
    rules_alike();
    words();

    return test_done();
}
