/*
 * selector.c - selectors: what is read, what is refused and where, and what
 * one start tag matches.
 */

#include "test.h"

#include "html/html.h"


static mdr_arena_t  *arena;


static int
matches(const char *selector, const char *tag, uint32_t child)
{
    mdr_str_t        s;
    mdr_tag_t        t;
    mdr_syntax_t     err;
    mdr_selector_t  *sel;
    const uint8_t   *p;

    s.data = selector;
    s.len = (uint32_t) strlen(selector);
    sel = mdr_selector_parse(s, arena, &err);

    if (sel == NULL) {
        printf("# %s: %zu: %s\n", selector, err.offset, err.text);
        return -1;
    }

    p = (const uint8_t *) tag;

    if (mdr_html_tag(&t, p, p + strlen(tag)) == NULL) {
        return -2;
    }

    t.child = child;

    return mdr_compound_match(&sel->list[0].compounds[sel->list[0].n - 1],
                              &t);
}


static void
one_tag(void)
{
    size_t  i;

    static const struct {
        const char  *selector, *tag;
        int          child, want;
    } cases[] = {
        { "li", "<li>", 1, 1 },
        { "LI", "<lI>", 1, 1 },
        { "li", "<lis>", 1, 0 },
        { "*", "<x>", 1, 1 },
        { "x-long-name", "<X-Long-Name a>", 1, 1 },
        { "x-long-name", "<x-long-nama a>", 1, 0 },
        { ".a", "<b class=a>", 1, 1 },
        { ".a", "<b class='b a\tc'>", 1, 1 },
        { ".a", "<b class=A>", 1, 0 },
        { ".a", "<b class=aa>", 1, 0 },
        { ".a", "<b class>", 1, 0 },
        { ".a.b", "<b class='b a'>", 1, 1 },
        { ".a.b", "<b class='b'>", 1, 0 },
        { ".a", "<b class='&#97;'>", 1, 1 },
        { ".a", "<b class='b&#32;a'>", 1, 1 },
        { ".a\\&b", "<b class='a&amp;b'>", 1, 1 },
        { ".\\31 a", "<b class='1a'>", 1, 1 },
        { "#x", "<b id=x>", 1, 1 },
        { "#x", "<b id=X>", 1, 0 },
        { "#x", "<b id='x '>", 1, 0 },
        { "[a]", "<b A>", 1, 1 },
        { "[a]", "<b b>", 1, 0 },
        { "[data-anchor-id]", "<b Data-Anchor-ID=x>", 1, 1 },
        { "[data-anchor-id]", "<b data-anchor-ix=x>", 1, 0 },
        { "[a=b]", "<b a=b>", 1, 1 },
        { "[a='b c']", "<b a='b c'>", 1, 1 },
        { "[ a = \"b\" ]", "<b a=b>", 1, 1 },
        { "[a=b]", "<b a=B>", 1, 0 },
        { "[a=b i]", "<b a=B>", 1, 1 },
        { "[a=b]", "<b a=x a=b>", 1, 0 },
        { "[a='']", "<b a>", 1, 1 },
        { "[a~=b]", "<b a='x b'>", 1, 1 },
        { "[a~='']", "<b a=''>", 1, 0 },
        { "[a|=b]", "<b a=b-c>", 1, 1 },
        { "[a|=b]", "<b a=bc>", 1, 0 },
        { "[a^=b]", "<b a=bc>", 1, 1 },
        { "[a^='']", "<b a=bc>", 1, 0 },
        { "[a$=c]", "<b a=bc>", 1, 1 },
        { "[a$=c]", "<b a=cb>", 1, 0 },
        { "[a*=x]", "<b a=axb>", 1, 1 },
        { "[a*=x]", "<b a=ab>", 1, 0 },
        { "[a^='<']", "<b a='&lt;x'>", 1, 1 },
        { "[a$='&']", "<b a='x&amp;'>", 1, 1 },
        { "[a*='b\\a c']", "<b a='ab\r\nc&#0;'>", 1, 1 },
        { "[a*=xy]", "<b a='&amp;xxy'>", 1, 1 },
        { "tbody[id^=normal]", "<tbody id=normalthread_1>", 1, 1 },
        { ":first-child", "<b>", 1, 1 },
        { ":first-child", "<b>", 2, 0 },
        { ":nth-child(2)", "<b>", 2, 1 },
        { ":nth-child(odd)", "<b>", 3, 1 },
        { ":nth-child( EVEN )", "<b>", 3, 0 },
        { ":nth-child(2n+1)", "<b>", 5, 1 },
        { ":nth-child(2n + 1)", "<b>", 4, 0 },
        { ":nth-child(n+3)", "<b>", 2, 0 },
        { ":nth-child(-n+3)", "<b>", 3, 1 },
        { ":nth-child(-n+3)", "<b>", 4, 0 },
        { ":nth-child(+3n-1)", "<b>", 2, 1 },
        { ":nth-child(0n+2)", "<b>", 2, 1 },
        { "b:not(.a)", "<b class=b>", 1, 1 },
        { "b:not(.a)", "<b class=a>", 1, 0 },
        { "b:not(.a, [x], #y)", "<b x>", 1, 0 },
        { ":not(b)", "<i>", 1, 1 },
        { "a b.c[d]:first-child", "<b d class=c>", 1, 1 },
    };

    test_begin("a tag and a compound selector");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int  got = matches(cases[i].selector, cases[i].tag,
                           (uint32_t) cases[i].child);

        if (got != cases[i].want) {
            printf("# %s on %s: %d\n", cases[i].selector, cases[i].tag, got);
        }
        CHECK(got == cases[i].want);
    }
}


static void
mistakes(void)
{
    size_t        i;
    mdr_str_t     s;
    mdr_syntax_t  err;

    static const struct {
        const char  *selector;
        size_t       offset;
        const char  *text;
    } cases[] = {
        { "", 0, "expected" },
        { "  ", 2, "expected" },
        { "li >", 4, "expected" },
        { "> li", 0, "expected" },
        { "li,", 3, "expected" },
        { ",li", 0, "expected" },
        { "li + b", 3, "sibling" },
        { "li ~ b", 3, "sibling" },
        { "li ! b", 3, "" },
        { "li::before", 2, "pseudo-element" },
        { "li:hover", 2, "pseudo-class" },
        { "li:last-child", 2, "pseudo-class" },
        { "li:nth-last-child(2)", 2, "pseudo-class" },
        { "li:nth-child()", 13, "number" },
        { "li:nth-child(2n+)", 16, "number" },
        { "li:nth-child(2", 14, ")" },
        { "li:nth-child(2 of b)", 15, ")" },
        { "li:not()", 7, "expected" },
        { "li:not(a b)", 9, ")" },
        { "li:not(:not(b))", 7, ":not()" },
        { "li.", 3, "name" },
        { "li#", 3, "name" },
        { "li..a", 3, "name" },
        { "[", 1, "name" },
        { "[a", 2, "]" },
        { "[a=", 3, "name" },
        { "[a=b", 4, "]" },
        { "[a='b]", 3, "string" },
        { "[a%=b]", 2, "]" },
        { "[a^b]", 3, "=" },
        { "[a=b x]", 5, "]" },
        { "1li", 0, "digit" },
        { "a|b", 1, "" },
        { "li {", 3, "" },
    };

    test_begin("what is no selector is refused, with its place");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s.data = cases[i].selector;
        s.len = (uint32_t) strlen(s.data);
        err.offset = 999;
        err.text[0] = '\0';

        CHECK(mdr_selector_check(s, &err) == MDR_ERROR);

        if (err.offset != cases[i].offset
            || strstr(err.text, cases[i].text) == NULL)
        {
            printf("# %s: %zu: %s\n", cases[i].selector, err.offset,
                   err.text);
        }
        CHECK(err.offset == cases[i].offset);
        CHECK(strstr(err.text, cases[i].text) != NULL);
        CHECK(err.text[0] != '\0');
    }

    s.data = "li\0b";
    s.len = 4;
    CHECK(mdr_selector_check(s, &err) == MDR_ERROR);
}


/* nothing that can be written breaks the parser */

static void
noise(void)
{
    char          buf[64];
    size_t        i, k, n;
    uint32_t      seed;
    mdr_str_t     s;
    mdr_syntax_t  err;

    static const char  letters[] =
        "ab.#[]=~|^$*:()\"'\\ ,>+-2nodev:not(:nth-child(";

    test_begin("noise");

    for (i = 0, seed = 7; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        n = (seed >> 16) % sizeof(buf);

        for (k = 0; k < n; k++) {
            seed = seed * 1664525u + 1013904223u;
            buf[k] = letters[(seed >> 16) % (sizeof(letters) - 1)];
        }

        s.data = buf;
        s.len = (uint32_t) n;
        CHECK(mdr_selector_check(s, &err) == MDR_OK
              || (err.offset <= n && err.text[0] != '\0'));
    }
}


int
main(void)
{
    arena = mdr_arena_new(mdr_mem_default());

    one_tag();
    mistakes();
    noise();

    mdr_arena_free(arena);

    return test_done();
}
