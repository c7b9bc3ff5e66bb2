/*
 * load.c - policies from YAML: what is taken, and what is said of mistakes.
 *
 * Each mistake stands in a table with all messages that it gives, so that a
 * message too many is as much a failure as one that is missing.
 */

#include "load/node.h"
#include "fail_alloc.h"
#include "test.h"

#include <sys/stat.h>
#include <unistd.h>


#define HEAD_TEXT  "schema: 1\npolicy: p\n"
#define SLOT_TEXT  "slots:\n  - {name: home, type: html, match: li, fields: " \
                   "{title: b, link: 'a@href'}}\n"
#define RULE_TEXT  "rules:\n  - {id: r, label: rumor, match: {in: [title], " \
                   "terms: [x]}}\n"

/* what stands around the text of a row */
enum { TEXT, BARE, HEAD, SLOT, RULE, MATCH };

#include "mistakes.h"


static char  dir[] = "/tmp/mdr-load-XXXXXX";
static char  path[256];


static const char *
in_dir(const char *name)
{
    snprintf(path, sizeof(path), "%s/%s", dir, name);

    return path;
}


static void
spew(const char *name, const void *data, size_t n)
{
    FILE  *f;

    f = fopen(in_dir(name), "wb");
    if (f == NULL || fwrite(data, 1, n, f) != n || fclose(f) != 0) {
        perror(path);
        exit(2);
    }
}


static void
put(const char *name, const char *text)
{
    spew(name, text, strlen(text));
}


/* "@S" and "@R" in a text are the slot and the rule of most others */

static void
append(char *dst, size_t size, const char *text)
{
    size_t  n;

    for (n = strlen(dst); *text != '\0' && n + 1 < size; ) {
        if (text[0] == '@' && (text[1] == 'S' || text[1] == 'R')) {
            n += (size_t) snprintf(dst + n, size - n, "%s",
                                   text[1] == 'S' ? SLOT_TEXT : RULE_TEXT);
            text += 2;
        } else {
            dst[n++] = *text++;
        }
    }

    dst[n < size ? n : size - 1] = '\0';
}


static void
compose(char *dst, size_t size, int around, const char *text)
{
    dst[0] = '\0';

    switch (around) {

    case TEXT:
    case BARE:
        append(dst, size, text);
        break;

    case HEAD:
        append(dst, size, HEAD_TEXT);
        append(dst, size, text);
        break;

    case SLOT:
        append(dst, size, HEAD_TEXT "slots:\n  - {");
        append(dst, size, text);
        append(dst, size, "}\n@R");
        break;

    case RULE:
        append(dst, size, HEAD_TEXT "@Srules:\n  - {");
        append(dst, size, text);
        append(dst, size, "}\n");
        break;

    default:
        append(dst, size, HEAD_TEXT "@Srules:\n  - {id: r, label: rumor, "
               "match: {");
        append(dst, size, text);
        append(dst, size, "}}\n");
    }
}


/* all messages, a line each, without the name of the file */

static void
messages(const mdr_diags_t *d, const char *file, char *dst, size_t size)
{
    char    line[2048], *p, *q;
    size_t  i, n, len;

    for (i = 0, n = 0; i < mdr_diags_count(d); i++) {
        (void) mdr_diag_format(mdr_diags_get(d, i), line, sizeof(line));
        *(strrchr(line, '[') - 1) = '\0';       /* without its code          */

        len = strlen(file);
        while ((p = strstr(line, file)) != NULL) {
            q = p + len + (p[len] == ':');
            memmove(p, q, strlen(q) + 1);
        }

        len = strlen(dir);
        if ((p = strstr(line, dir)) != NULL && p != line) {
            memmove(p, p + len + 1, strlen(p + len + 1) + 1);
        }

        n += (size_t) snprintf(dst + n, size - n, "%s%s", n ? "\n" : "",
                               line);
    }

    dst[n < size ? n : size - 1] = '\0';
}


static mdr_model_t *
load(const char *name, char *said, size_t size)
{
    mdr_diags_t      *d;
    mdr_model_t      *m;
    mdr_load_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.now = 1800000000;                  /* 2027-01-15 */
    d = mdr_diags_new(NULL);
    m = NULL;
    said[0] = '\0';

    if (mdr_load(in_dir(name), &conf, d, &m) == MDR_OK) {
        CHECK(mdr_diags_errors(d) == 0);
        CHECK(m != NULL);
    } else {
        CHECK(mdr_diags_errors(d) != 0);
        CHECK(m == NULL);
    }

    messages(d, in_dir(name), said, size);
    mdr_diags_free(d);

    return m;
}


static void
test_mistakes(void)
{
    char          text[8192], said[8192];
    size_t        i;
    mdr_model_t  *m;

    for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        compose(text, sizeof(text), mistakes[i].around, mistakes[i].text);
        put("case.yaml", text);
        m = load("case.yaml", said, sizeof(said));
        CHECK(m == NULL);
        mdr_model_free(m);

        if (strcmp(said, mistakes[i].said) != 0) {
            printf("# %s\n", mistakes[i].name);
        }
        CHECK_STR(said, strlen(said), mistakes[i].said);
    }

    CHECK(i >= 150);
    unlink(in_dir("case.yaml"));
}


static const char  whole[] =
    "schema: 1\n"
    "policy: homepage\n"
    "strict: true\n"
    "defaults:\n"
    "  fold: [width, case, hant]\n"
    "  gap: {max: 2, of: [space, emoji]}\n"
    "  mode: shadow\n"
    "slots:\n"
    "  - name: home.first_screen\n"
    "    type: html\n"
    "    match: \"ul#first > li.card\"\n"
    "    fields:\n"
    "      title: \"h3.title | @data-title|b[a='|']@title\"\n"
    "      body: {from: \".\", as: html}\n"
    "      every: {all: [h3, \"img@ALT\"]}\n"
    "      state: \"@data-field $.a['b'].title\"\n"
    "      account: \"@data-anchor\"\n"
    "      room: \"a@href\"\n"
    "    review: never\n"
    "    limit: 12\n"
    "  - {name: feed, type: json, match: \"$.data.list[*]\", count: "
    "$.data.total,\n"
    "     fields: {title: \"$.t | $.u\", id: $.id, who: $.uid}, item_id: id,\n"
    "     account_id: who}\n"
    "  - {name: state, type: script, script: window.__STATE__, match: "
    "\"$.rooms[*]\", fields: {title: $.title}}\n"
    "rules:\n"
    "  - id: clickbait.hurry\n"
    "    rev: 3\n"
    "    title: {zh: 催促, en: Hurry}\n"
    "    status: test\n"
    "    mode: enforce\n"
    "    owner: rules@example.org\n"
    "    label: clickbait\n"
    "    sub_label: hurry\n"
    "    risk_level: high\n"
    "    suggestion: review\n"
    "    basis: {kind: terms, ref: \"4.2\"}\n"
    "    notice: Too hurried.\n"
    "    expires: 2027-06-30\n"
    "    slots: [home.first_screen, state]\n"
    "    jurisdiction: [CN-GD, CN-GD/Shenzhen]\n"
    "    rollout: 25\n"
    "    brake: {max_ratio: 0.05, min_hits: 50, window: 10m}\n"
    "    max_rate: 0.5\n"
    "    match:\n"
    "      in: [title]\n"
    "      groups:\n"
    "        shock: {weight: 40, terms: [震惊, 出大事了]}\n"
    "        hurry: {weight: -2, terms: \"删前\\u200b速看\", list: l.txt}\n"
    "        shout: {regex: '[!！]{3,}'}\n"
    "      when: shock and (hurry or not shout) or near(shock, hurry, 4)\n"
    "      boundary: word\n"
    "      fold: [leet]\n"
    "      gap: 0\n"
    "      except: [{terms: [地震惊动], why: across two words}]\n"
    "    tests:\n"
    "      - hit: \"震惊!!!\"\n"
    "        spans: [震惊]\n"
    "        field: title\n"
    "        slot: state\n"
    "      - {todo_pass: x, page: a.html}\n"
    "  - {id: plain, label: own-label, match: {in: title, terms: x}}\n";

static const char  list[] = "\xef\xbb\xbf# a list\r\nfirst\r\n\r\n  second \t\r\n"
                            "C# and F#\nthird # not this\n\n第四";


static int
is(mdr_str_t s, const char *want)
{
    return s.len == strlen(want) && memcmp(s.data, want, s.len) == 0;
}


static void
test_whole(void)
{
    char                 said[4096];
    mdr_model_t         *m;
    const mdr_rule_t    *r;
    const mdr_slot_t    *s;
    const mdr_field_t   *f;
    const mdr_group_t   *g;

    put("a.yaml", whole);
    spew("l.txt", list, sizeof(list) - 1);
    m = load("a.yaml", said, sizeof(said));
    CHECK_STR(said, strlen(said), "");
    if (m == NULL) {
        return;
    }

    CHECK(is(m->name, "homepage") && m->strict == 1);
    CHECK(m->nslots == 3 && m->nrules == 2);
    CHECK(m->nfiles == 2);

    s = &m->slots[0];
    CHECK(is(s->name, "home.first_screen") && s->type == MDR_TYPE_HTML);
    CHECK(s->review == MDR_REVIEW_NEVER && s->limit == 12);
    CHECK(is(s->match, "ul#first > li.card") && s->nfields == 6);
    CHECK(s->item_id == 5 && s->account_id == 4);

    f = &s->fields[0];
    CHECK(f->nsources == 3 && f->all == 0);
    CHECK(is(f->sources[0].selector, "h3.title"));
    CHECK(f->sources[0].attr.len == 0);
    CHECK(f->sources[1].selector.len == 0);
    CHECK(is(f->sources[1].attr, "data-title"));
    CHECK(is(f->sources[2].selector, "b[a='|']"));
    CHECK(is(f->sources[2].attr, "title"));

    f = &s->fields[1];
    CHECK(f->nsources == 1 && f->sources[0].as == MDR_AS_HTML);
    CHECK(f->sources[0].selector.len == 0 && f->sources[0].attr.len == 0);

    f = &s->fields[2];
    CHECK(f->nsources == 2 && f->all == 1);
    CHECK(is(f->sources[1].attr, "alt"));

    f = &s->fields[3];
    CHECK(is(f->sources[0].attr, "data-field"));
    CHECK(is(f->sources[0].path, "$.a['b'].title"));
    CHECK(f->sources[0].as == MDR_AS_JSON);

    s = &m->slots[1];
    CHECK(s->type == MDR_TYPE_JSON && is(s->count, "$.data.total"));
    CHECK(s->item_id == 1 && s->account_id == 2 && s->limit == 0);
    CHECK(s->fields[0].nsources == 2);
    CHECK(is(s->fields[0].sources[1].selector, "$.u"));

    s = &m->slots[2];
    CHECK(s->type == MDR_TYPE_SCRIPT && is(s->script, "window.__STATE__"));
    CHECK(s->item_id == -1);

    r = &m->rules[0];
    CHECK(is(r->id, "clickbait.hurry") && r->rev == 3);
    CHECK(is(r->title_en, "Hurry") && is(r->title_zh, "催促"));
    CHECK(r->status == MDR_STATUS_TEST && r->mode == MDR_MODE_ENFORCE);
    CHECK(r->suggestion == MDR_REVIEW && r->action == MDR_ACT_HOLD);
    CHECK(r->risk_level == 2 && r->rollout == 25);
    CHECK(is(r->basis_kind, "terms") && is(r->basis_ref, "4.2"));
    CHECK(is(r->notice_en, "Too hurried."));
    CHECK(r->expires_day == 20999);
    CHECK(r->nslots == 2 && r->slots[0] == 0 && r->slots[1] == 2);
    CHECK(r->njurisdictions == 2 && is(r->jurisdictions[1],
                                       "CN-GD/Shenzhen"));
    CHECK(r->brake_max_ratio == 0.05 && r->brake_min_hits == 50
          && r->brake_window_s == 600);
    CHECK(r->max_rate == 0.5);
    CHECK(r->profile.folds == MDR_FOLD_LEET && r->profile.gap_max == 0);
    CHECK(r->profile.boundary == MDR_BOUNDARY_WORD);
    CHECK(r->ngroups == 3);

    g = &r->groups[0];
    CHECK(is(g->name, "shock") && g->weight == 40 && g->nterms == 2);
    CHECK(g->terms[1].pos.line == 47 && g->terms[1].pos.column == 41);

    g = &r->groups[1];
    CHECK(g->weight == -2 && g->nterms == 6);
    if (g->nterms == 6) {
        CHECK(is(g->terms[0].text, "删前\xe2\x80\x8b速看"));
        CHECK(is(g->terms[1].text, "first") && g->terms[1].pos.line == 2);
        CHECK(is(g->terms[2].text, "second") && g->terms[2].pos.line == 4);
        CHECK(is(g->terms[3].text, "C# and F#"));
        CHECK(is(g->terms[4].text, "third"));
        CHECK(is(g->terms[5].text, "第四") && g->terms[5].pos.line == 8);
        CHECK(strstr(m->files[g->terms[5].pos.file].data, "/l.txt") != NULL);
    }

    CHECK(r->groups[2].nregexes == 1 && r->groups[2].nterms == 0);
    CHECK(r->groups[2].weight == 1);
    CHECK(r->nconds == 8);
    CHECK(r->nexcepts == 1 && is(r->excepts[0].why, "across two words"));
    CHECK(r->ntests == 2 && r->tests[0].kind == MDR_TEST_HIT);
    CHECK(r->tests[0].nspans == 1 && is(r->tests[0].slot, "state"));
    CHECK(r->tests[1].kind == MDR_TEST_TODO_PASS);
    CHECK(is(r->tests[1].page, "a.html"));

    /* what was not said */

    r = &m->rules[1];
    CHECK(r->rev == 1 && r->status == MDR_STATUS_STABLE);
    CHECK(r->mode == MDR_MODE_SHADOW && r->suggestion == MDR_BLOCK
          && r->action == MDR_ACT_BLOCK);
    CHECK(r->profile.folds == (MDR_FOLD_WIDTH | MDR_FOLD_CASE
                               | MDR_FOLD_HANT));
    CHECK(r->profile.gap_max == 2
          && r->profile.gap_of == (MDR_GAP_SPACE | MDR_GAP_EMOJI));
    CHECK(r->rollout == 100 && r->expires_day == INT32_MAX);
    CHECK(r->nslots == 0 && r->nconds == 0 && r->njurisdictions == 0);
    CHECK(r->nfields == 1 && r->ngroups == 1 && r->groups[0].nterms == 1);
    CHECK(is(r->groups[0].name, "terms"));

    mdr_model_free(m);

    /* nothing said at all: DESIGN's defaults */

    put("b.yaml", HEAD_TEXT SLOT_TEXT RULE_TEXT);
    m = load("b.yaml", said, sizeof(said));
    if (m != NULL) {
        CHECK(m->rules[0].profile.folds == MDR_FOLD_DEFAULT);
        CHECK(m->rules[0].profile.gap_max == 0);
        CHECK(m->rules[0].profile.boundary == MDR_BOUNDARY_AUTO);
        CHECK(m->rules[0].mode == MDR_MODE_ENFORCE);
        CHECK(m->strict == 0);
    }
    CHECK(m != NULL);
    mdr_model_free(m);

    /* JSON is YAML */

    put("b.yaml", "{\"schema\": 1, \"policy\": \"p\", \"slots\": [{\"name\": "
        "\"a\", \"type\": \"ndjson\", \"match\": \"$\", \"fields\": "
        "{\"title\": \"$.t\\u0069tle\"}}],\n\t\"rules\": [{\"id\": \"r\", "
        "\"label\": \"rumor\", \"match\": {\"in\": [\"title\"], \"terms\": "
        "[\"\\u9707\\u60ca\"]}}]}");
    m = load("b.yaml", said, sizeof(said));
    CHECK_STR(said, strlen(said), "");
    CHECK(m != NULL && is(m->rules[0].groups[0].terms[0].text, "震惊"));
    CHECK(m != NULL && is(m->slots[0].fields[0].sources[0].selector,
                          "$.title"));
    mdr_model_free(m);

    /* an escaped sign belongs to its selector */

    put("b.yaml", HEAD_TEXT "slots:\n  - {name: a, type: html, match: li, "
        "fields: {title: '.\\@md\\|b | .it\\''s | u@title'}}\n" RULE_TEXT);
    m = load("b.yaml", said, sizeof(said));
    CHECK_STR(said, strlen(said), "");
    CHECK(m != NULL && m->slots[0].fields[0].nsources == 3
          && is(m->slots[0].fields[0].sources[0].selector, ".\\@md\\|b")
          && is(m->slots[0].fields[0].sources[1].selector, ".it\\'s")
          && is(m->slots[0].fields[0].sources[2].attr, "title"));
    mdr_model_free(m);

    /* past its day: in shadow, and said */

    put("b.yaml", HEAD_TEXT SLOT_TEXT "rules:\n  - {id: r, label: rumor, "
        "expires: 2027-01-14, match: {in: [title], terms: [x]}}\n");
    m = load("b.yaml", said, sizeof(said));
    CHECK_STR(said, strlen(said), "6:36: rule \"r\" has expired and runs in "
              "shadow");
    CHECK(m != NULL);
    mdr_model_free(m);

    put("b.yaml", HEAD_TEXT SLOT_TEXT "rules:\n  - {id: r, label: rumor, "
        "expires: 2027-01-15, match: {in: [title], terms: [x]}}\n");
    m = load("b.yaml", said, sizeof(said));
    CHECK_STR(said, strlen(said), "");
    mdr_model_free(m);
}


static void
digest(const char *name, char hash[33])
{
    mdr_diags_t  *d;

    d = mdr_diags_new(NULL);
    CHECK(mdr_policy_digest(in_dir(name), NULL, hash, d) == MDR_OK);
    CHECK(mdr_diags_count(d) == 0);
    mdr_diags_free(d);
}


/* slots and pages of a file in a folder of the policy */

static void
test_include(void)
{
    char          said[4096], one[33], two[33];
    mdr_model_t  *m;

    mkdir(in_dir("i"), 0755);
    mkdir(in_dir("i/profiles"), 0755);
    put("i/a.yaml", "schema: 1\npolicy: p\ninclude: profiles/live.yaml\n"
        "rules: [{id: r, label: rumor, match: {in: [title], "
        "terms: [word]}}]\n");
    put("i/profiles/live.yaml", SLOT_TEXT "include: [more.yaml]\n");
    put("i/profiles/more.yaml", "pages: [{name: home, require: [{id: a, "
        "selector: b, insert: <b></b>}]}]\n");

    m = load("i", said, sizeof(said));
    CHECK_STR(said, strlen(said), "");
    CHECK(m != NULL && m->nfiles == 3 && m->nslots == 1 && m->npages == 1);

    /* what is included is part of the digest, and of the files */

    if (m != NULL) {
        digest("i", one);
        CHECK(strcmp(one, m->hash) == 0);
        CHECK(strstr(m->files[2].data, "/i/profiles/more.yaml") != NULL);
    }

    mdr_model_free(m);
    put("i/profiles/more.yaml", "pages: [{name: hom2, require: [{id: a, "
        "selector: b, insert: <b></b>}]}]\n");
    digest("i", two);
    CHECK(strcmp(one, two) != 0);

    /* a policy of one file, too */

    m = load("i/a.yaml", said, sizeof(said));
    CHECK_STR(said, strlen(said), "");
    CHECK(m != NULL && m->nfiles == 3);
    mdr_model_free(m);

    /* mistakes, where they are */

    put("i/profiles/more.yaml", "include: live.yaml\n");
    m = load("i", said, sizeof(said));
    CHECK(m == NULL);
    CHECK(strstr(said, "/profiles/more.yaml:1:10: include: \"live.yaml\": "
                 "part of the policy already") != NULL);

    put("i/profiles/more.yaml", "rules: []\ninclude: [../../a.yaml, none.yaml, "
        "link.yaml, [x]]\nslotz: 1\n");
    CHECK(symlink("../a.yaml", in_dir("i/profiles/link.yaml")) == 0);
    put("a.yaml", HEAD_TEXT SLOT_TEXT);
    m = load("i", said, sizeof(said));
    CHECK(m == NULL);
    CHECK(strstr(said, "more.yaml:1:1: \"rules\" in a file that is included")
          != NULL);
    CHECK(strstr(said, "more.yaml:2:11: include: \"../../a.yaml\": outside of "
                 "the policy's folder") != NULL);
    CHECK(strstr(said, "more.yaml:2:25: include: \"none.yaml\": No such file")
          != NULL);
    CHECK(strstr(said, "more.yaml:2:36: include: \"link.yaml\": a symbolic "
                 "link") != NULL);
    CHECK(strstr(said, "include: the name of a file expected") != NULL);
}


static void
test_files(void)
{
    char          said[4096], one[33], two[33];
    mdr_model_t  *m;

    m = load("none.yaml", said, sizeof(said));
    CHECK(m == NULL);
    CHECK_STR(said, strlen(said), " No such file or directory");

    mkdir(in_dir("d"), 0755);
    m = load("d", said, sizeof(said));
    CHECK(m == NULL);
    CHECK_STR(said, strlen(said), " no *.yaml in this folder");

    /* sorted by name; hidden files and others are no part of it */

    put("d/20-rules.yml", "rules:\n  - {id: r, label: rumor, match: {in: "
        "[title], list: lists/w.txt}}\n  - {id: q, label: rumor, match: {in: "
        "[title], list: [lists/w.txt, lists/v.txt]}}\n");
    put("d/10-slots.yaml", HEAD_TEXT SLOT_TEXT);
    put("d/.30-rules.yaml", "not: read\n");
    put("d/30-rules.yaml~", "not: read\n");
    mkdir(in_dir("d/lists"), 0755);
    put("d/lists/w.txt", "one\ntwo\n");
    put("d/lists/v.txt", "three");

    m = load("d", said, sizeof(said));
    CHECK_STR(said, strlen(said), "");
    CHECK(m != NULL && m->nfiles == 4 && m->nrules == 2);

    if (m != NULL && m->nrules == 2) {
        CHECK(m->rules[0].groups[0].nterms == 2);
        CHECK(m->rules[1].groups[0].nterms == 3);
        digest("d", one);
        CHECK(strlen(one) == 32 && strcmp(one, m->hash) == 0);
    }
    mdr_model_free(m);

    /* each byte counts, of lists too */

    put("d/lists/v.txt", "threE");
    digest("d", two);
    CHECK(strcmp(one, two) != 0);
    put("d/lists/v.txt", "three");
    digest("d", two);
    CHECK(strcmp(one, two) == 0);
    put("d/10-slots.yaml", HEAD_TEXT SLOT_TEXT "\n");
    digest("d", two);
    CHECK(strcmp(one, two) != 0);
    put("d/10-slots.yaml", HEAD_TEXT SLOT_TEXT);

    put("d/lists/v.txt", "");
    digest("d", one);
    m = load("d", said, sizeof(said));
    CHECK(m != NULL);
    CHECK(strstr(said, "lists/v.txt\" has no term") != NULL);
    mdr_model_free(m);
    unlink(in_dir("d/lists/v.txt"));
    digest("d", two);
    CHECK(strcmp(one, two) != 0);
    m = load("d", said, sizeof(said));
    CHECK(m == NULL);
    CHECK(strstr(said, "/20-rules.yml:3:68: list ") != NULL);
    CHECK(strstr(said, "No such file") != NULL);

    mkdir(in_dir("d/lists/v.txt"), 0755);
    m = load("d", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "Is a directory") != NULL);
    rmdir(in_dir("d/lists/v.txt"));

    /* lists lie inside the policy's folder, wherever links lead */

    put("secret.txt", "root\n");
    CHECK(symlink("../../secret.txt", in_dir("d/lists/v.txt")) == 0);
    m = load("d", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "v.txt\": outside of the policy's folder")
                       != NULL);
    unlink(in_dir("d/lists/v.txt"));

    CHECK(symlink("w.txt", in_dir("d/lists/v.txt")) == 0);
    m = load("d", said, sizeof(said));
    CHECK(m != NULL);
    mdr_model_free(m);
    unlink(in_dir("d/lists/v.txt"));

    CHECK(symlink("d", in_dir("current")) == 0);
    put("d/lists/v.txt", "three");
    m = load("current", said, sizeof(said));
    CHECK(m != NULL);
    mdr_model_free(m);
    unlink(in_dir("current"));
    unlink(in_dir("d/lists/v.txt"));

    CHECK(mkfifo(in_dir("d/lists/v.txt"), 0644) == 0);
    m = load("d", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "v.txt\": not a file") != NULL);
    unlink(in_dir("d/lists/v.txt"));

    put("f.yaml", HEAD_TEXT SLOT_TEXT "rules:\n  - {id: r, label: rumor, "
        "match: {in: [title], list: /etc/passwd}}\n");
    m = load("f.yaml", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "outside of the policy's folder")
                       != NULL);

    put("d/lists/v.txt", "good\nb\xff""ad\n");
    m = load("d", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "v.txt:2:2: not UTF-8 (byte 0xff)")
                       != NULL);

    put("d/lists/v.txt", "good\nsoft\xc2\xadhyphen\n");
    m = load("d", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "v.txt:2:5: invisible character U+00AD")
                       != NULL);

    put("d/lists/v.txt", "good\na\tb\n");
    m = load("d", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "v.txt:2:3: a weight expected")
                       != NULL);

    put("d/lists/v.txt", "good\na\x01" "b\n");
    m = load("d", said, sizeof(said));
    CHECK(m == NULL && strstr(said, "v.txt:2:1: a control character")
                       != NULL);

    put("d/lists/v.txt", "# nothing\n");
    put("d/20-rules.yml", "rules:\n  - {id: q, label: rumor, match: {in: "
        "[title], list: lists/v.txt}}\n");
    m = load("d", said, sizeof(said));
    CHECK(m != NULL && strstr(said, "v.txt\" has no term") != NULL);
    mdr_model_free(m);

    /* mistakes of several files at once, and keys that only one may hold */

    put("d/20-rules.yml", "policy: q\nstrict: false\ndefaults: {}\nrules:\n"
        "  - {id: r}\n");
    put("d/30.yaml", "strict: true\ndefaults: {}\nrules: [1\n");
    put("d/40.yaml", "# only a remark\n");
    m = load("d", said, sizeof(said));
    CHECK(m == NULL);
    CHECK(strstr(said, "20-rules.yml:1:9: \"policy\" stands in another file")
          != NULL);
    CHECK(strstr(said, "20-rules.yml:5:5: rule: \"label\" is missing")
          != NULL);
    CHECK(strstr(said, "30.yaml:4:1: \",\" or \"]\" is missing") != NULL);
    CHECK(strstr(said, "40.yaml:1:1: the file is empty") != NULL);

    put("d/30.yaml", "strict: true\ndefaults: {}\n");
    m = load("d", said, sizeof(said));
    CHECK(m == NULL);
    CHECK(strstr(said, "30.yaml:1:9: \"strict\" stands in another file")
          != NULL);
    CHECK(strstr(said, "30.yaml:2:1: \"defaults\" stands in another file")
          != NULL);

    spew("b.yaml", "schema: 1\npolicy: \"\xe9\x9c\"\n", 22);
    m = load("b.yaml", said, sizeof(said));
    CHECK(m == NULL);
    CHECK_STR(said, strlen(said), "2:10: not UTF-8 (byte 0xe9)");
}


/* a text of every length, and with each of its bytes another: no more than a
 * mistake */

static void
test_damage(void)
{
    char          text[sizeof(whole)], said[16384];
    size_t        i, n, step;
    uint32_t      seed;
    mdr_model_t  *m;

    n = sizeof(whole) - 1;
    step = 300 / test_share(100);

    for (i = 0; i < n; i += step ? step : 1) {
        spew("b.yaml", whole, i);
        m = load("b.yaml", said, sizeof(said));
        CHECK((m == NULL) == (said[0] != '\0'));
        mdr_model_free(m);
    }

    for (i = 0, seed = 1; i < test_share(3000); i++) {
        static const char  odd[] = "\"'{}[]:,|@$.#*&!>-%\n\t \\()~=01az\xe9";

        memcpy(text, whole, n);
        seed = seed * 1664525 + 1013904223;
        text[(seed >> 8) % n] = odd[(seed >> 3) % (sizeof(odd) - 1)];
        seed = seed * 1664525 + 1013904223;
        text[(seed >> 8) % n] = odd[(seed >> 3) % (sizeof(odd) - 1)];
        spew("b.yaml", text, n);
        m = load("b.yaml", said, sizeof(said));
        CHECK(m != NULL || said[0] != '\0');
        mdr_model_free(m);
    }
}


static void
test_memory(void)
{
    int                rc;
    mdr_diags_t       *d;
    mdr_policy_t      *p;
    mdr_load_conf_t    conf;
    const mdr_alloc_t  a = { may_alloc, may_realloc, count_free, NULL };

    put("a.yaml", whole);
    spew("l.txt", list, sizeof(list) - 1);
    memset(&conf, 0, sizeof(conf));
    conf.alloc = &a;

    for (fail_at = 0; fail_at < 100000; fail_at++) {
        d = mdr_diags_new(NULL);
        calls = 0;
        p = NULL;
        rc = mdr_policy_load(in_dir("a.yaml"), &conf, d, &p);

        CHECK((rc == MDR_OK) == (p != NULL));
        CHECK(rc == MDR_OK || rc == MDR_ERROR);
        mdr_policy_free(p);
        CHECK(live == 0);
        mdr_diags_free(d);

        if (rc == MDR_OK) {
            break;
        }
    }

    CHECK(fail_at > 20 && fail_at < 100000);
    printf("# %ld allocations\n", fail_at);
}


int
main(void)
{
    char  command[64];

    if (mkdtemp(dir) == NULL) {
        perror(dir);
        return 2;
    }

    test_begin("mistakes: each with its message and place");
    test_mistakes();

    test_begin("a whole policy");
    test_whole();

    test_begin("files and folders");
    test_files();

    test_begin("slots and pages that are included");
    test_include();

    test_begin("damaged texts");
    test_damage();

    test_begin("no memory");
    test_memory();

    snprintf(command, sizeof(command), "rm -r %s", dir);
    if (system(command) != 0) {
        return 2;
    }

    return test_done();
}
