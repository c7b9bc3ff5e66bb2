/*
 * regex.c - what regexes need: nothing that PCRE2 finds may be lost by it.
 *
 * Each pattern is a rule of one policy.  Random texts, made of pieces of the
 * patterns and of their disguises, are searched; the hits of each rule must
 * be those of PCRE2 run on the folded view of every text.
 */

#define _POSIX_C_SOURCE 200809L

#include "policy/policy.h"
#include "match/match_work.h"
#include "regex/regex.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>


static const char *const  patterns[] = {
    "(?:加|\\+)\\s*(?:v|V|薇|微)\\s*[A-Za-z][\\w-]{3,9}",
    "(?<!\\d)1[3-9]\\d{3}(?!\\d)",
    "(?:扣|q|Q){1,2}群?\\s*[:：]?\\s*[1-9]\\d{3,6}",
    "(?i)\\b[a-z0-9][a-z0-9-]{1,8}\\.(?:com|cn|net)\\b",
    "(?i)t\\.me/[a-z0-9_]{3,8}",
    "[一二三]+倍(?:返利|回报)",
    "(?:日|月)(?:入|赚)\\s*\\d+\\s*(?:元|万|w|k)",
    "(\\d)\\1{3,}", "(a)(?:b|c)\\1", "(?<n>\\d\\d)x\\k<n>",
    "[!！?？]{3,}", "[A-Z]{4,}", "(?:\\d[ .-]?){5,}",
    "[冲倚皮]{2,}刺", "(?:平|以)\\W{0,3}发祥", "(?s)瞎调.*?虎符",
    "(?<=各种)冻冰|宏命令各种", "腻滑(?!兼)[^，。]{0,4}(?:兼行|物质)",
    "西陲.{0,8}织梭", "a(?:bc|de)+f", "x?yz{2}", "(?:ab|)cd", "网络?安",
    "震惊{1,3}!", "kg|km", "㎏+", "[㎏元]{2}", "k{2,}g", "(?i)straße",
    "(?>ab|a)c", "(?|(a)b|(c)d)\\1", "(?=(v))vip\\d", "^vip", "元$",
    "\\Bnet", "\\p{Han}{2}\\d", "\\x{41}b", "(?#note)群号", "(?i:VIP)8",
    "[[:digit:]]{3}元", "[^a]b元", "\\d+(?:元|万)?起", "[０-９]{2}",
    "(?:一|二){2}三", "A|B(?:C|D)", "(?:(?:a|b)c|d)(?:e|f)g", "\\.\\.\\.",
    "免[费費]", "w{3}\\.", "\\QVIP\\E", "[。.]{3,}", "…", "[~～★]{2,}", "[,，]\\d", "(?x) v i p", "a\\Kb", "(?i)ſhop",

    /* words with spaces, lookarounds, optional and repeated parts */
    "you won", "\\d \\d", "!\\s!", "(?=.*\\d{2}).*群", "^(?=.*加)(?=.*元).+",
    "(?<=加)\\s*微", "(?<!不)加.?群", "(?=a(?=b))ab?c", "(?=\\d{2})?v",
    "加.{0,3}(?:微|薇)信?", "网络?(?:安全)?", "(?:加|扣)?(?:v|q)\\d{2}",
    "(?:ab){2,3}c", "(?:一|二){2,}三?倍", "a?b?c?d", "震?惊!", "平.?以",
    "(?:月|日)入(?:过)?\\d+", "v\\W*i\\W*p", "\\bn\\W*e\\W*t\\b",

    /* the same again */
    "(.)\\1{2}", "(.)\\1{3,}", "([冲刺倚])\\1", "(?i)([a-z])\\1{2}",
    "(\\w{2})\\s?\\1", "(a|bc)x?\\1", "(?:(.)\\1){2}", "(.)?\\1{2}x",
    "(?=(.)\\1)..", "(.)(?:\\1){2}", "(..)\\1",

    /* classes, ranges, numbers of characters */
    "[\\x{1F300}-\\x{1FAFF}]{2,}", "(?:[😀🔥❗⚡]|‼️){2}", "[\\x{2600}-\\x{27BF}]",
    "\\x{41}\\x42", "[\\x41-\\x43]{2}", "\\x{52a0}群", "\\x{ff21}b",
    "[^\\x00-\\x7f]{2}[a-z]{2}", "\\p{Han}{2}群\\d", "^[^\\p{Han}]+$",
    "^\\p{Han}{1,3}$", "[\\x{4e00}-\\x{9fa5}]{2}\\d{2}", "[①-⑨0-9]{3}",
    "[-_a-z]{4}", "[a\\-z.]{2}", "[¥￥$]\\s*\\d", "(?:加|➕|\\+)\\s*[vV薇微]",
    "[vV薇]\\d", "\\d{2,}(?:元|块|r)/?(?:h|天)", "@\\w{3,}", "\\d{1,3}%",
    "(?:a{2}){1}", "a{,2}b", "x{2 }", "\\N{2}!", "\\Aab", "ab\\z", "k\\Ka|k\\Kv",
    "(?s)^.{2}加", "(?i)K{2}", "(?i)[j-l]{2}", "(?>加|扣)群", "(?:v|vi)++p",
    "[[:alpha:]]{3}\\d", "(?m)^元", "加(*SKIP)群|微", "(?<a>群)\\d\\k<a>"
};

static const char *const  pieces[] = {
    "加", "+", "v", "V", "薇", "微", "ab", "abc", "de", "f", "1", "13", "8",
    "88", "1388", "扣", "q", "Q", "群", ":", "：", " ", "com", ".com", "cn",
    "t.me/", "一", "二", "三", "倍", "返利", "日", "月", "入", "赚", "元",
    "万", "w", "k", "!", "！", "?", "VIP", "vip", "ＶＩＰ", "Ⓥ", "冲", "刺",
    "倚", "平", "以", "发祥", "發祥", "瞎调", "虎符", "各种", "冻冰",
    "宏命令", "腻滑", "兼", "兼行", "物质", "西陲", "织梭", "x", "y", "z",
    "zz", "cd", "网", "網", "网(wǎng)", "络", "安", "震", "惊", "㎏", "g",
    "m", "straße", "STRASSE", "c", "a", "b", "net", "０", "９", "①", "⑽",
    "群号", "d", "e", "起", ".", "...", "-", "_", "免", "费", "費", "www.",
    "\u200b", "😀", "𝐯", "\u202e", "\u202c", "ɐ", "ʌ", "K", "ſ", "★", "·",
    "B", "C", "D", "，", "\u0301", "。", "…", "~", "～", ",", "you", " won",
    "won", "不", "微信", "信", "全", "安全", "过", "i", "p", "n", "t", "aa",
    "bc", "🔥", "🔥🔥", "😀\ufe0f", "‼️", "❗", "⚡", "☀", "✂️", "1\ufe0f\u20e3",
    "👨\u200d👩", "👍🏽", "🇨🇳", "Ａ", "AB", "①②③", "¥", "￥", "$", "➕", "块",
    "r", "/", "h", "天", "@", "%", "5%", "哈哈哈", "冲冲", "刺刺", "éÉ", "жЖ",
    "(jiā)", "(abc)", "【", "】", "《", "(", ")", "群(qún)", "加 ", "\u3000",
    "ß", "ﬁ", "ẞ", "\u00ad", "\u2066", "ｖ", "l", "I", "|", "K", "k", "j"
};

#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))


static mdr_policy_t *
make_policy(const char *fold, unsigned first, unsigned step)
{
    unsigned       i;
    test_out_t     text;
    mdr_policy_t  *p;

    memset(&text, 0, sizeof(text));
    test_out_print(&text, "schema: 1\npolicy: t\nslots: [{name: a, type: html, "
                   "match: p, fields: {t: .}}]\nrules:\n");

    for (i = first; i < COUNT(patterns); i += step) {
        test_out_print(&text, "- {id: r%u, label: x, fold: [%s], match: "
                       "{in: [t], regex: ['%s']}}\n", i, fold, patterns[i]);
    }

    p = test_policy(text.data, NULL);
    free(text.data);

    return p;
}


static unsigned long  found;


/* hits of rule r in text: those of PCRE2 on the view, no more, no less */

static int
right(const mdr_policy_t *p, uint32_t r, const mdr_regex_t *re,
    mdr_regex_work_t *w, const char *text, const mdr_raw_hits_t *raw)
{
    int                ok;
    size_t             n, from, start, end, i, k;
    uint32_t           a, b, *map, spans[400][2];
    uint64_t           budget;
    mdr_buf_t          view, vmap;
    mdr_trace_t        t;
    mdr_meter_t        meter;

    mdr_trace_init(&t, mdr_mem_default());
    mdr_buf_init(&view, mdr_mem_default());
    mdr_buf_init(&vmap, mdr_mem_default());
    (void) mdr_trace_build(&t, (const uint8_t *) text, strlen(text),
                           p->model->rules[r].profile.folds);
    (void) mdr_trace_view(&t, &view, &vmap);
    if (p->model->rules[r].profile.folds & MDR_FOLD_CONFUSABLE) {
        mdr_match_view_digits(view.data, view.len);
    }
    map = (uint32_t *) (void *) vmap.data;
    memset(&meter, 0, sizeof(meter));
    meter.stop = UINT64_MAX;
    budget = UINT64_MAX;
    ok = 1;
    n = 0;

    for (from = 0; n < COUNT(spans) && from <= view.len
         && mdr_regex_find(re, w, view.data, view.len, from, &budget, &meter,
                           &start, &end)
            == 1; from = end)
    {
        for (i = map[start], a = UINT32_MAX, b = 0; i <= map[end - 1]; i++) {
            a = t.atoms[i].start < a ? t.atoms[i].start : a;
            b = t.atoms[i].end > b ? t.atoms[i].end : b;
        }

        for (k = 0; k < raw->n; k++) {
            /* of two from the same place the longer says it all */

            if (raw->hits[k].rule == r && raw->hits[k].start == a
                && raw->hits[k].end >= b)
            {
                break;
            }
        }

        if (k == raw->n) {
            printf("# rule %s lost %u-%u of \"%s\"\n",
                   p->model->rules[r].id.data, a, b, text);
            ok = 0;
        }

        spans[n][0] = a;
        spans[n++][1] = b;
        found++;
    }

    for (k = 0; k < raw->n; k++) {

        if (raw->hits[k].rule != r) {
            continue;
        }

        for (i = 0; i < n && (spans[i][0] != raw->hits[k].start
                              || spans[i][1] != raw->hits[k].end); i++)
        {
            /* void */
        }

        if (i == n) {
            printf("# rule %s hits %u-%u of \"%s\", and PCRE2 does not\n",
                   p->model->rules[r].id.data, raw->hits[k].start,
                   raw->hits[k].end, text);
            ok = 0;
        }
    }

    mdr_trace_done(&t);
    mdr_buf_done(&view);
    mdr_buf_done(&vmap);

    return ok;
}


static void
try_folds(const char *fold, unsigned seed)
{
    int                wrong;
    char               text[400];
    size_t             len;
    unsigned           i, k, n;
    mdr_regex_t       *re[COUNT(patterns)];
    mdr_policy_t      *p;
    mdr_subject_t      s;
    mdr_raw_hits_t     raw;
    mdr_match_work_t  *w;
    mdr_regex_work_t  *rw;

    srand(seed);
    p = make_policy(fold, 0, 1);
    CHECK(p != NULL);
    if (p == NULL) {
        return;
    }

    memset(&raw, 0, sizeof(raw));
    memset(&s, 0, sizeof(s));
    w = mdr_match_work_new(mdr_mem_default());
    rw = mdr_regex_work_new(mdr_mem_default());

    for (i = 0; i < p->model->nrules; i++) {
        re[i] = mdr_regex_new(p->model->rules[i].groups[0].regexes[0],
                              p->model->rules[i].profile.folds,
                              mdr_mem_default());
    }

    for (i = 0, wrong = 0; i < 3000 && wrong < 8; i++) {
        n = 1 + (unsigned) rand() % 14;

        for (k = 0, len = 0; k < n && len < 360; k++) {
            len += (size_t) sprintf(text + len, "%s",
                                    pieces[(size_t) rand() % COUNT(pieces)]);
        }

        s.data = (const uint8_t *) text;
        s.len = (uint32_t) len;
        CHECK(mdr_match(p->matcher, w, &s, 1, &raw) == MDR_OK);

        for (k = 0; k < p->model->nrules; k++) {
            wrong += !right(p, k, re[k], rw, text, &raw);
        }
    }

    CHECK(wrong == 0);

    for (i = 0; i < p->model->nrules; i++) {
        mdr_regex_free(re[i]);
    }

    free(raw.hits);
    mdr_regex_work_free(rw);
    mdr_match_work_free(w);
    mdr_policy_free(p);
}


static int
needs(const char *pattern, const char *lits, uint32_t digits,
    uint32_t letters, uint32_t ascii)
{
    char              got[2200];
    uint32_t          i;
    mdr_str_t         s;
    mdr_regex_need_t  n;

    s.data = pattern;
    s.len = (uint32_t) strlen(pattern);
    mdr_regex_need(s, MDR_FOLD_CASE | MDR_FOLD_WIDTH, &n);

    for (i = 0, got[0] = '\0'; i < n.n; i++) {
        sprintf(got + strlen(got), "%s%.*s", i ? " " : "",
                (int) n.lit[i].len, n.lit[i].data);
    }

    if (strcmp(got, lits) != 0 || n.count[MDR_ASCII_DIGIT] != digits
        || n.count[MDR_ASCII_LETTER] != letters
        || n.count[MDR_ASCII_ANY] != ascii)
    {
        printf("# %s needs \"%s\" %u %u %u\n", pattern, got,
               n.count[MDR_ASCII_DIGIT], n.count[MDR_ASCII_LETTER],
               n.count[MDR_ASCII_ANY]);
        return 0;
    }

    return 1;
}


/* digits, letters, signs and any of them in a row; one of these */

static int
row(const char *pattern, uint32_t digits, uint32_t letters, uint32_t signs,
    uint32_t ascii, const char *any)
{
    uint64_t          want[2];
    mdr_str_t         s;
    const char       *p;
    mdr_regex_need_t  n;

    s.data = pattern;
    s.len = (uint32_t) strlen(pattern);
    mdr_regex_need(s, MDR_FOLD_CASE | MDR_FOLD_WIDTH, &n);
    memset(want, 0, sizeof(want));

    for (p = any; *p != '\0'; p++) {
        want[*p / 64] |= (uint64_t) 1 << (*p % 64);
    }

    if (n.run[MDR_ASCII_DIGIT] != digits || n.run[MDR_ASCII_LETTER] != letters
        || n.run[MDR_ASCII_SIGN] != signs || n.run[MDR_ASCII_ANY] != ascii
        || n.any[0] != want[0] || n.any[1] != want[1])
    {
        printf("# %s: rows %u %u %u %u, any %llx %llx\n", pattern,
               n.run[0], n.run[1], n.run[2], n.run[3],
               (unsigned long long) n.any[0], (unsigned long long) n.any[1]);
        return 0;
    }

    return 1;
}


/* characters of ASCII, each of which a match must have; no space is counted in
 * a text, so none is asked for */

static int
must(const char *pattern, const char *chars)
{
    uint64_t          want[2];
    mdr_str_t         s;
    const char       *p;
    mdr_regex_need_t  n;

    s.data = pattern;
    s.len = (uint32_t) strlen(pattern);
    mdr_regex_need(s, MDR_FOLD_CASE, &n);
    memset(want, 0, sizeof(want));

    for (p = chars; *p != '\0'; p++) {
        want[*p / 64] |= (uint64_t) 1 << (*p % 64);
    }

    if (n.must[0] != want[0] || n.must[1] != want[1]) {
        printf("# %s must have %llx %llx\n", pattern,
               (unsigned long long) n.must[0], (unsigned long long) n.must[1]);
    }

    return n.must[0] == want[0] && n.must[1] == want[1];
}


static int
same(const char *pattern, uint32_t often)
{
    mdr_str_t         s;
    mdr_regex_need_t  n;

    s.data = pattern;
    s.len = (uint32_t) strlen(pattern);
    mdr_regex_need(s, MDR_FOLD_CASE, &n);

    if (n.same != often) {
        printf("# %s: %u the same\n", pattern, n.same);
    }

    return n.same == often;
}


/* what a pattern finds in `head`, so many times `unit`, and `tail` */

static int
finds(const char *pattern, const char *head, const char *unit, size_t times,
    const char *tail)
{
    int                rc;
    char              *text;
    size_t             i, n, start, end;
    uint64_t           budget;
    mdr_str_t          s;
    mdr_regex_t       *re;
    mdr_meter_t        meter;
    mdr_regex_work_t  *w;

    s.data = pattern;
    s.len = (uint32_t) strlen(pattern);
    re = mdr_regex_new(s, MDR_FOLD_CASE, mdr_mem_default());
    w = mdr_regex_work_new(mdr_mem_default());
    text = malloc(strlen(head) + times * strlen(unit) + strlen(tail) + 1);
    n = (size_t) sprintf(text, "%s", head);

    for (i = 0; i < times; i++) {
        n += (size_t) sprintf(text + n, "%s", unit);
    }

    n += (size_t) sprintf(text + n, "%s", tail);
    memset(&meter, 0, sizeof(meter));
    meter.stop = UINT64_MAX;
    budget = mdr_limits_default.regex_steps
             + (uint64_t) mdr_limits_default.regex_steps_byte * n;
    rc = mdr_regex_find(re, w, (const uint8_t *) text, n, 0, &budget, &meter,
                        &start, &end);

    if (rc == 1 && (start > end || end > n)) {
        rc = -2;
    }

    free(text);
    mdr_regex_free(re);
    mdr_regex_work_free(w);

    return rc;
}


static int
has_jit(void)
{
    int          n, rc;
    size_t       at;
    pcre2_code  *code;

    code = pcre2_compile((PCRE2_SPTR) "a", 1, 0, &n, &at, NULL);
    rc = code != NULL ? pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) : -1;
    pcre2_code_free(code);

    return rc == 0;
}


int
main(void)
{
    test_begin("what is read from a pattern");

    CHECK(row("\\d{5,}", 5, 0, 0, 5, "0123456789"));
    CHECK(row("(?:\\d[ .-]?){9,}", 1, 0, 0, 1, "0123456789"));
    CHECK(row("(?:\\d\\d?){9,}", 9, 0, 0, 9, "0123456789"));
    CHECK(row("\\d{3}-\\d{4}", 4, 0, 1, 8, "-"));
    CHECK(row("\\d{3}(?=x)\\b\\d{2}", 5, 1, 0, 5, "x"));
    CHECK(row("(?=.*\\d{6})甲{2}", 6, 0, 0, 6, "0123456789"));
    CHECK(row("a(?=b)?", 0, 1, 0, 1, "a"));
    CHECK(row("[\\x{1F300}-\\x{1FAFF}]{3,}", 0, 0, 3, 0, "\001"));
    CHECK(row("\\x41\\x{42}", 0, 2, 0, 2, "a"));
    CHECK(row("[!！]{3,}|[?？]{2,}", 0, 0, 2, 2, "!?"));
    CHECK(row("a{2}(?:bc|d)e", 0, 4, 0, 4, "a"));
    CHECK(row("[a-c]{2}甲[0-9]{3}|vip", 0, 2, 0, 3, "abcv"));
    CHECK(row("x(?:1|甲)y", 0, 1, 0, 1, "x"));
    CHECK(row("[。.]{3,}", 0, 0, 3, 0, ".\001"));
    CHECK(row("…{2}", 0, 0, 2, 2, "."));
    CHECK(row("(\\d\\d)x\\1", 2, 1, 0, 5, "x"));

    CHECK(needs("[冲倚]{2,}刺", "冲刺 倚刺", 0, 0, 0));
    CHECK(needs("(?:日|月)(?:入|赚)\\s*\\d{2,}", "日入 日赚 月入 月赚", 2, 0,
                2));
    CHECK(needs("(?s)瞎调.*虎符二", "虎符二", 0, 0, 0));
    CHECK(needs("(\\d)\\1{5,}", "", 6, 0, 6));
    CHECK(needs("(?i)vip[0-9]{2}", "vip", 2, 3, 5));
    CHECK(needs("甲乙?丙", "甲丙 甲乙丙", 0, 0, 0));
    CHECK(needs("(?:甲乙)?丙丁", "丙丁", 0, 0, 0));
    CHECK(needs("(?:甲|乙){2}", "甲甲 甲乙 乙甲 乙乙", 0, 0, 0));
    CHECK(needs("甲{9}", "甲甲甲甲", 0, 0, 0));
    CHECK(needs("^(?=.*甲乙)(?=.*丙).", "甲乙", 0, 0, 0));
    CHECK(needs("(?<=甲乙)丙", "甲乙", 0, 0, 0));
    CHECK(needs("(?!甲乙)丙", "丙", 0, 0, 0));
    CHECK(needs("一.{0,3}丙", "丙", 0, 0, 0));
    CHECK(needs("丙\\W*一", "丙", 0, 0, 0));
    CHECK(needs("甲a{,2}", "甲", 0, 0, 0));
    CHECK(needs("(?:\\+|加)\\s*[vV薇]", "v V 薇", 0, 0, 0));
    CHECK(needs("甲+乙", "甲乙", 0, 0, 0));
    CHECK(needs("甲乙|丙", "甲乙 丙", 0, 0, 0));
    CHECK(needs("甲乙|.", "", 0, 0, 0));
    CHECK(needs("(?=甲)乙丙", "乙丙", 0, 0, 0));
    CHECK(needs("甲(?:乙|)丙", "甲乙丙 甲丙", 0, 0, 0));
    CHECK(needs("(?R)|甲乙", "", 0, 0, 0));
    CHECK(needs("[!！]{3,}", "", 0, 0, 3));
    CHECK(needs("[a-c0-9]x", "x", 0, 1, 2));
    CHECK(needs("e\\d", "", 1, 1, 2));

    CHECK(must("\\d{1,3} things", "things"));
    CHECK(must("You won!", "youwn!"));
    CHECK(must(" - ", "-"));
    CHECK(must("a(?:b c|b-c)d?", "abc"));
    CHECK(must("(?=.*b)a|b", "b"));
    CHECK(must("é\\.\\x2f", "./"));

    CHECK(same("(.)\\1{3,}", 4));
    CHECK(same("([ab])\\1\\1|(.)\\2{5}", 3));
    CHECK(same("(.)\\1{2}|a", 0));
    CHECK(same("(ab)\\1{2}", 0));
    CHECK(same("(?:(.)\\1{2})?a", 0));
    CHECK(same("(.)x\\1{2}", 0));
    CHECK(same("(.)\\1*\\1{2}", 0));

    /* seconds without a budget for the text: 100 000 steps from each place */

    test_begin("limits are of a text");

    CHECK(finds("(a+)+[bd]", "", "a", 60, "") == MDR_REGEX_LIMIT);
    CHECK(finds("(.*?,){20}[xy]", "", "a,", 300, "") == MDR_REGEX_LIMIT);
    CHECK(finds("a.{0,100}a.{0,100}[bd]", "", "a", 60000, "")
          == MDR_REGEX_LIMIT);
    CHECK(finds("(?=.*[bd].*[12])a", "", "a", 60000, "") == MDR_REGEX_LIMIT);
    CHECK(finds("[a-z]*[a-z]*[a-z]*[12]", "", "ab", 5000, "")
          == MDR_REGEX_LIMIT);

    /* so is the stack of the JIT; PCRE2's interpreter, which `make valgrind`
     * has in its place, counts other steps */

    if (has_jit()) {
        CHECK(finds("^((((((((((a))))))))))*[cd]\\b", "", "a", 500, "") == 0);
    }
    CHECK(finds("^((((((((((a))))))))))*[cd]\\b", "", "a", 4000, "")
          == MDR_REGEX_LIMIT);

    /* long texts are not limited because they are long */

    CHECK(finds("甲.*[乙丙]", "甲甲甲甲甲甲甲甲甲甲", "a", 60000, "甲丁") == 0);
    CHECK(finds("甲.*[乙丙]", "甲", "a", 60000, "丙") == 1);
    CHECK(finds("甲.{0,2000}[乙丙]", "", "甲丁", 20, "") == 0);
    CHECK(finds("甲(?:a|b)*[乙丙]", "甲丁", "ab", 3000, "甲ab丙") == 1);
    CHECK(finds("甲(?:a|b)*丁?[乙丙]", "甲", "ab", 3000, "甲ab丙")
          == (has_jit() ? 1 : MDR_REGEX_LIMIT));
    CHECK(finds("\\w+\\s?:[乙丙]", "", "word ", 12000, "") == 0);
    CHECK(finds("\\w+@\\w+[.,]", "", "word, ", 10000, "") == 0);

    test_begin("no match is lost: all folds");
    try_folds("width, case, hant, gloss, digits, invisible, confusable", 3);

    test_begin("no match is lost: few folds");
    try_folds("width", 4);
    try_folds("case, invisible, hant", 5);

    test_begin("no match is lost: repeats, leet");
    try_folds("width, case, hant, gloss, digits, invisible, confusable, leet,"
              " repeat", 6);

    CHECK(found > 2000);
    printf("# %lu matches\n", found);

    return test_done();
}
