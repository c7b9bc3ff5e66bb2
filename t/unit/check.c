/*
 * check.c - the disguises as they are written, reports of variants and
 * corpora through the public interface, and a check that runs out of memory
 * at every place.
 */

#include "check/disguise.h"
#include "fail_alloc.h"
#include "test.h"

#include <unistd.h>


static char  dir[] = "/tmp/mdr-check-XXXXXX";
static char  paths[4][256];


static const char *
in_dir(int i, const char *name)
{
    snprintf(paths[i], sizeof(paths[i]), "%s/%s", dir, name);

    return paths[i];
}


static void
spew(const char *name, const char *text)
{
    FILE  *f;

    f = fopen(in_dir(3, name), "wb");
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
        perror(paths[3]);
        exit(2);
    }
}


static const struct {
    const char  *form;
    uint32_t     way;
    const char  *text;
    const char  *want;                  /* NULL: there is no such way        */
} rows[] = {
    { "traditional", 0, "价a", "価a" },
    { "traditional", 0, "abc", NULL },
    { "traditional", 3, "价", NULL },
    { "gloss", 0, "网a", "网(wang)a" },
    { "gloss", 1, "网", "网（wang）" },
    { "gloss", 2, "网", "\xef\xbf\xb9网\xef\xbf\xbawang\xef\xbf\xbb" },
    { "gloss", 0, "abc", NULL },
    { "ruby", 0, "网<&", "<ruby>网<rt>wang</rt></ruby>&lt;&amp;" },
    { "width", 0, "a 1~", "ａ １～" },
    { "width", 1, "aZ1", "𝐚𝐳1" },
    { "width", 0, "网", NULL },
    { "case", 0, "aZ网1", "Az网1" },
    { "case", 0, "网1", NULL },
    { "digits", 0, "a109", "a①⓪⑨" },
    { "digits", 1, "109", "一〇九" },
    { "digits", 2, "109", "١٠٩" },
    { "digits", 0, "a", NULL },
    { "zero-width", 0, "ab", "a\xe2\x80\x8b" "b" },
    { "zero-width", 4, "ab", "a\xf3\xa0\x81\xa1" "b" },
    { "zero-width", 5, "ab", NULL },
    { "zero-width", 0, "a", NULL },
    { "combining", 0, "ab", "a\xcc\xb6" "b" },
    { "reversed", 0, "a网b", "\xe2\x80\xae" "b网a\xe2\x80\xac" },
    { "reversed", 1, "ab", NULL },
    { "look-alike", 0, "网", NULL },
    { "marks", 0, "ab", "a b" },
    { "marks", 4, "ab", "a😀b" },
    { "marks", 5, "ab", NULL },
    { "doubled", 0, "a网", "aa网网" },
    { "leet", 0, "Sale io", "$4l3 10" },
    { "leet", 0, "xyz", NULL },
    { "pinyin", 0, "网a", "wanga" },
    { "pinyin", 0, "a", NULL },
    { "apart", 0, "价a", "亻介a" },
    { "apart", 0, "a", NULL },
    { "same-sound", 0, "a", NULL },
    { "same-sound", 2, "价", NULL },
    { "tags", 0, "a<", "a<b></b>&lt;<b></b>" },
    { "tags", 1, "ab", "a<!--x-->b<!--x-->" },
    { "tags", 2, "a", "<span>a</span>" },
    { "tags", 3, "a", "<font a='>'>a</font>" },
    { "references", 0, "a网", "&#x61;&#x7f51;" },
    { "references", 1, "a网", "&#97;&#32593;" },
    { "escapes", 0, "a网😀", "\\u0061\\u7f51\\ud83d\\ude00" },
    { "split", 0, "a网", "a网" },
};


static void
test_forms(void)
{
    int              made;
    size_t           i, f;
    mdr_str_t        s;
    mdr_disguise_t  *d;

    d = malloc(sizeof(mdr_disguise_t));
    CHECK(d != NULL && mdr_disguise_init(d, mdr_mem_default()) == MDR_OK);

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        for (f = 0; f < mdr_nforms; f++) {
            if (strcmp(mdr_forms[f].name, rows[i].form) == 0) {
                break;
            }
        }

        CHECK(f < mdr_nforms);
        s.data = rows[i].text;
        s.len = (uint32_t) strlen(s.data);
        CHECK(mdr_disguise_take(d, s));

        d->out.len = 0;
        made = mdr_forms[f].make(d, rows[i].way);
        CHECK(made == (rows[i].want != NULL));

        if (rows[i].want != NULL) {
            CHECK_STR(d->out.data, d->out.len, rows[i].want);
        }
    }

    /* every way of a form but the split ones is another text */

    s.data = "价网络 sale 10";
    s.len = (uint32_t) strlen(s.data);
    CHECK(mdr_disguise_take(d, s));

    for (f = 0; f < mdr_nforms; f++) {
        d->out.len = 0;
        CHECK(mdr_forms[f].make(d, 0));
        CHECK(mdr_forms[f].piece != 0 || !mdr_disguise_unchanged(d));
    }

    mdr_disguise_plain(d);
    CHECK(mdr_disguise_unchanged(d));
    CHECK_STR(d->out.data, d->out.len, "价网络 sale 10");

    /* white space as a field has it; nothing is no text */

    s.data = " \t a\n\n b ";
    s.len = (uint32_t) strlen(s.data);
    CHECK(mdr_disguise_take(d, s));
    mdr_disguise_plain(d);
    CHECK_STR(d->out.data, d->out.len, "a b");

    s.len = 3;
    CHECK(!mdr_disguise_take(d, s));

    mdr_disguise_done(d);
    free(d);
}


static const char  policy[] =
    "schema: 1\npolicy: p\nslots:\n"
    "  - {name: a, type: html, match: li, fields: {title: b}}\n"
    "  - {name: f, type: json, match: '$[*]', fields: {title: $.t}}\n"
    "rules:\n"
    "  - {id: r, label: rumor, action: tag, gap: 1, max_rate: 1,\n"
    "     match: {in: [title], groups: {a: {terms: [震惊价, 震驚價]},"
    " b: {regex: '丁{2}'}}, when: a or b,"
    " except: [{terms: [大震惊价]}]},\n"
    "     tests: [{hit: 震惊价}, {pass: 大震惊价}, {hit: 震惊价, page:"
    " page.html}]}\n"
    "  - {id: s, label: rumour, match: {in: [title], terms: [甲乙]}}\n";

static const char  neutral[] = "一二三\n震 惊价 丁丁\n大震惊价\n甲乙\n";


/* counts of what a check reports */
typedef struct {
    uint32_t  forms, tried, seen;
    uint64_t  hits[2], gap;
    int       rules;
} seen_t;


static void
on_variant(void *ctx, const mdr_variant_t *v)
{
    seen_t  *s;

    s = ctx;
    s->forms++;
    s->tried += v->tried;
    s->seen += v->seen;

    CHECK(v->seen <= v->tried && v->tried != 0);
    CHECK((v->seen == v->tried) == (v->missed.len == 0));
    CHECK(v->on || v->needs != NULL);
}


static void
on_rate(void *ctx, const mdr_rate_t *r)
{
    seen_t    *s;
    uint32_t   i;

    s = ctx;
    CHECK(r->lines == 4 && r->chars == 3 + 7 + 4 + 2);
    CHECK(s->rules < 2);
    s->hits[s->rules++] = r->hits;

    for (i = 0; i < r->nfolds; i++) {
        CHECK(r->folds[i].hits <= r->hits);
        if (strcmp(r->folds[i].name, "gap") == 0) {
            s->gap += r->folds[i].hits;
        }
    }
}


static size_t
count(const mdr_diags_t *d, const char *code)
{
    size_t  i, n;

    for (i = 0, n = 0; i < mdr_diags_count(d); i++) {
        n += strcmp(mdr_diags_get(d, i)->code, code) == 0;
    }

    return n;
}


static void
test_reports(void)
{
    seen_t             s;
    const char        *corpus[1];
    mdr_diags_t       *d;
    mdr_load_conf_t    conf;
    mdr_check_conf_t   check;

    memset(&s, 0, sizeof(s));
    memset(&conf, 0, sizeof(conf));
    memset(&check, 0, sizeof(check));
    corpus[0] = in_dir(1, "neutral.txt");
    check.base = in_dir(2, "p.yaml");
    check.variants = 1;
    check.corpus = corpus;
    check.ncorpus = 1;
    check.ctx = &s;
    check.variant = on_variant;
    check.rate = on_rate;

    d = mdr_diags_new(NULL);
    CHECK(mdr_policy_check(in_dir(0, "p.yaml"), &conf, &check, d) == MDR_OK);

    CHECK(s.forms >= 13 && s.forms <= 15 && s.tried > 20 && s.seen > 15 && s.seen < s.tried);
    CHECK(s.rules == 2 && s.hits[0] == 1 && s.hits[1] == 1);

    /* the gap brings one hit of group a, but b stands on that line too */

    CHECK(s.gap == 0);

    CHECK(count(d, "duplicate-term") == 1);
    CHECK(count(d, "two-han") == 1);
    CHECK(count(d, "unknown-label") == 1);
    CHECK(count(d, "max-rate") == 1);
    CHECK(count(d, "test-failed") == 0);
    CHECK(count(d, "rev") == 0);
    CHECK(count(d, "no-owner") == 1);
    mdr_diags_free(d);

    /* without anything to do beyond tests and lint */

    memset(&s, 0, sizeof(s));
    d = mdr_diags_new(NULL);
    CHECK(mdr_policy_check(paths[0], &conf, NULL, d) == MDR_OK);
    CHECK(count(d, "duplicate-term") == 1 && count(d, "max-rate") == 0);
    mdr_diags_free(d);
}


/* what: 0 tests, lint and revs; 1 a corpus; 2 variants */

static void
test_memory(int what, long step)
{
    int                rc;
    seen_t             s;
    const char        *corpus[1];
    mdr_diags_t       *d;
    mdr_load_conf_t    conf;
    mdr_check_conf_t   check;
    const mdr_alloc_t  a = { may_alloc, may_realloc, count_free, NULL };

    memset(&conf, 0, sizeof(conf));
    memset(&check, 0, sizeof(check));
    conf.alloc = &a;
    corpus[0] = in_dir(1, "neutral.txt");
    check.corpus = corpus;
    check.ncorpus = what == 1;
    check.variants = what == 2;
    check.base = what == 0 ? in_dir(2, "p.yaml") : NULL;
    check.ctx = &s;
    check.variant = on_variant;
    check.rate = on_rate;
    in_dir(0, "p.yaml");
    step = step * 100 / (long) test_share(100);
    step = step > 0 ? step : 1;

    for (fail_at = 0; fail_at < 1000000; fail_at += step) {
        d = mdr_diags_new(NULL);
        memset(&s, 0, sizeof(s));
        calls = 0;
        rc = mdr_policy_check(paths[0], &conf, &check, d);

        CHECK(rc == MDR_OK || rc == MDR_ERROR);
        CHECK(live == 0);
        mdr_diags_free(d);

        if (rc == MDR_OK && calls <= fail_at) {
            break;
        }

        CHECK(rc == MDR_ERROR);
    }

    CHECK(fail_at > 100 && fail_at < 1000000);
    printf("# %ld allocations\n", fail_at);
}


int
main(void)
{
    if (mkdtemp(dir) == NULL) {
        return 2;
    }

    spew("p.yaml", policy);
    spew("neutral.txt", neutral);
    spew("page.html", "<ul><li><b>震惊价</b></li></ul>");

    test_begin("disguises");
    test_forms();

    test_begin("reports");
    test_reports();

    test_begin("no memory: tests, lint, revs");
    test_memory(0, 3);

    test_begin("no memory: a corpus");
    test_memory(1, 53);

    test_begin("no memory: variants");
    test_memory(2, 97);

    unlink(in_dir(0, "p.yaml"));
    unlink(in_dir(0, "neutral.txt"));
    unlink(in_dir(0, "page.html"));
    rmdir(dir);

    return test_done();
}
