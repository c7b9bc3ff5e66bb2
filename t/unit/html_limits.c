/*
 * html_limits.c - what a browser reads otherwise or further than a scanner may:
 * select, noscript, long start tags, many attributes, depth.  With
 * moderation_on_error block nothing leaves that was not told apart.
 */

#include "test_page.h"

#define POLICY(match, fields)                                                 \
    "{\"schema\":1,\"policy\":\"p\",\"slots\":[{\"name\":\"c\","              \
    "\"type\":\"html\",\"match\":\"" match "\",\"fields\":{" fields "}}],"    \
    "\"rules\":[{\"id\":\"r\",\"rev\":1,\"label\":\"rumor\",\"match\":"       \
    "{\"in\":[\"title\"],\"terms\":[\"bad\"]}}]}"

#define CARDS  POLICY("li.c", "\"title\":\"h3\"")
#define CARD   "<ul><li class=c><h3>bad</h3></li></ul>"

static mdr_work_t       *work;
static test_page_conf_t  conf = { MDR_TYPE_HTML, 0, 0 };
static test_page_conf_t  block = { MDR_TYPE_HTML, 1, 0 };
static test_page_t       s;


static void
expect(const char *policy, const test_page_conf_t *c, const char *page,
    const char *want)
{
    mdr_policy_t  *p;

    p = test_policy(policy, NULL);
    CHECK(p != NULL);

    if (p != NULL) {
        test_page(p, work, c, page, want, &s);
    }

    mdr_policy_free(p);
}


static void
select_any(void)
{
    test_begin("select takes any content");
    expect(CARDS, &conf, "<div><select></div>" CARD, "<div><select></div>"
           "<ul></ul>");
    expect(CARDS, &conf, "<form><select name=q><option>a</form>" CARD,
           "<form><select name=q><option>a</form><ul></ul>");
    expect(CARDS, &conf, "<select><button>x</button><option>" CARD
           "</option></select>y",
           "<select><button>x</button><option><ul></ul></option></select>y");
    expect(CARDS, &conf, "<table><tr><td><select><td>" CARD "</table>",
           "<table><tr><td><select><td><ul></ul></table>");
    expect(POLICY("option", "\"title\":\".\""), &conf,
           "<select><option>bad<option>b<optgroup><option>bad<hr></select>",
           "<select><option>b<optgroup><hr></select>");
    test_end();
}


static void
noscript(void)
{
    test_begin("noscript ends where it ends for browsers, and is read");
    expect(CARDS, &conf, "<noscript><style></noscript>" CARD "</style>",
           "<noscript><style></noscript><ul></ul></style>");
    expect(CARDS, &conf, "<noscript><!--</noscript>" CARD "-->",
           "<noscript><!--</noscript><ul></ul>-->");
    expect(CARDS, &conf, "<noscript><p title=\"</NoScript\t>" CARD "\">",
           "<noscript><p title=\"</NoScript\t><ul></ul>\">");
    expect(CARDS, &conf, "<noscript><textarea></noscript/>" CARD "</textarea>",
           "<noscript><textarea></noscript/><ul></ul></textarea>");
    expect(CARDS, &conf, "<noscript><textarea></noscriptx>" CARD "</textarea>",
           "<noscript><textarea></noscriptx>" CARD "</textarea>");
    expect(CARDS, &conf, "<head><noscript><script></noscript><title></title>"
           "<body>" CARD, "<head><noscript><script></noscript><title></title>"
           "<body><ul></ul>");
    expect(CARDS, &conf, "<noscript>" CARD "</noscript>x",
           "<noscript><ul></ul></noscript>x");
    expect(CARDS, &conf, "<ul><noscript><li class=c><h3>bad</noscript><b>x",
           "<ul><noscript></noscript><b>x");
    expect(CARDS, &conf, "<div><noscript></div><noscript></noscript>" CARD,
           "<div><noscript></div><noscript></noscript><ul></ul>");
    expect(CARDS, &conf, "<ul><li class=c><noscript></li></noscript><h3>bad"
           "</h3></ul>", "<ul></ul>");
    expect(CARDS, &conf, "<table><noscript><td></table></noscript><tr><td>"
           CARD, "<table><noscript><td></table></noscript><tr><td><ul></ul>");
    expect(CARDS, &conf, "<noscript>" CARD, "<noscript><ul></ul>");
    expect(CARDS, &conf, "<noscript>" CARD "</noscript",
           "<noscript><ul></ul></noscript");
    test_end();
}


/* s with `a` times n in the place of its only "~" */

static const char *
filled(const char *page, const char *a, size_t n)
{
    char        *p;
    const char  *at;

    static char  buf[1 << 20];

    at = strchr(page, '~');
    p = buf + sprintf(buf, "%.*s", (int) (at - page), page);

    while (n-- != 0) {
        p += sprintf(p, "%s", a);
    }

    sprintf(p, "%s", at + 1);

    return buf;
}


static void
long_tags(void)
{
    char                     want[200];
    const test_page_conf_t   wide = { MDR_TYPE_HTML, 1, 1 << 20 };
    const test_page_conf_t  *c;
    unsigned                 i;

    static const struct {
        const char  *policy, *page;
    } tags[] = {
        { CARDS, "<li data-x=\"~\" class=c><h3>bad</h3></li>" },
        { CARDS, "<li class=c data-x=\"~\"><h3>bad</h3></li>" },
        { POLICY("#app li.c", "\"title\":\"h3\""),
          "<div data-page=\"~\" id=app>" CARD "</div>" },
        { POLICY("li.c", "\"title\":\"@title\""),
          "<li class=c title=\"~bad\">x</li>" },
        { POLICY("li.c", "\"title\":\"a@title\""),
          "<li class=c><a href=\"~\" title=bad>x</a></li>" },
        { POLICY("li", "\"title\":\"@title\""), "<li data-x=\"~\" title=bad>" }
    };

    test_begin("a long start tag hides nothing");

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        for (c = &block; c != NULL; c = c == &block ? &wide : NULL) {
            expect(tags[i].policy, c, filled(tags[i].page, "a ", 34000), NULL);
            CHECK(s.out.data == NULL || strstr(s.out.data, "bad") == NULL);
            CHECK(c == &wide || (s.kinds & 1u << MDR_ERR_TOO_LARGE));
            CHECK(c == &block || s.items != 0);
        }
    }

    /* it goes on where that is asked for, and is said */

    expect(CARDS, &conf, filled(tags[0].page, "a", 66000), NULL);
    CHECK(s.kinds & 1u << MDR_ERR_TOO_LARGE);
    CHECK(s.rc == MDR_OK);

    /* no selector asks for it: nothing to say */

    expect(CARDS, &block, filled("<div x='~'>" CARD "</div>", "a", 66000),
           NULL);
    CHECK(s.kinds == 0 && s.rc == MDR_OK);

    snprintf(want, sizeof(want), "<ul></ul>");
    expect(CARDS, &conf, filled("<ul><li ~ class=c><h3>bad</h3></ul>",
                                "a ", 900), want);
    test_end();
}


static void
depth(void)
{
    unsigned  i;

    static const char *const  pages[] = {
        "~" CARD, "<ul><li class=c>~<h3>bad</h3></li></ul>"
    };

    test_begin("what is too deep does not leave, where errors block");

    for (i = 0; i < 2; i++) {
        expect(CARDS, &block, filled(pages[i], "<b><i>", 270), NULL);
        CHECK(s.rc == MDR_CUT && (s.kinds & 1u << MDR_ERR_DEPTH));
        CHECK(strstr(s.out.data, "bad") == NULL);

        expect(CARDS, &conf, filled(pages[i], "<b><i>", 270), NULL);
        CHECK(s.rc == MDR_OK && (s.kinds & 1u << MDR_ERR_DEPTH));
    }

    expect(CARDS, &block, filled("<ul>~", "<li class=c><h3>a</h3><ul>", 300),
           NULL);
    CHECK(s.rc == MDR_CUT);
    test_end();
}


static void
budget(void)
{
    mdr_policy_t  *p;

    static const char  nested[] = POLICY("li.c", "\"title\":{\"all\":["
                                         "\"h3\",\".\"]}");

    test_begin("cards inside one another: a budget, and what it says");
    p = test_policy(nested, NULL);
    CHECK(p != NULL);

    if (p != NULL) {
        test_page(p, work, &block, filled("~<h3>bad</h3>",
                                          "<li class=c><h3>x", 1800), NULL,
                  &s);
        CHECK(s.kinds & 1u << MDR_ERR_BUDGET);
        CHECK(s.out.data == NULL || strstr(s.out.data, "bad") == NULL);

        test_page(p, work, &conf, filled("<p>~", "<li class=c><h3>x", 1800),
                  NULL, &s);
        CHECK((s.kinds & 1u << MDR_ERR_BUDGET) && s.rc == MDR_OK);

        /* the outermost is given up, those inside are read */

        test_page(p, work, &conf, filled("<div><li class=c>~"
                  "<ul><li class=c><h3>bad</h3></ul></div>y",
                  "a<br>", 12000), NULL, &s);
        CHECK(s.kinds == (1u << MDR_ERR_BUDGET));
        CHECK(strstr(s.out.data, "<ul></ul></div>y") != NULL);
    }

    mdr_policy_free(p);
    test_end();
}


int
main(void)
{
    work = mdr_work_new(NULL);
    select_any();
    noscript();
    long_tags();
    depth();
    budget();
    mdr_work_free(work);

    return test_done();
}
