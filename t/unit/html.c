/*
 * html.c - the HTML scanner: fields, references, tag points, scripts, limits.
 *
 * A case is a page, the match of a slot, its fields, and what they read, item
 * by item: fields are separated by "|", items by a newline; "-" is a field
 * that was never opened.
 */

#include "test.h"

#include "sink_log.h"

static mdr_sink_t  sink;
static char        got[1 << 16];
static size_t      len;


static void
on_closed(mdr_sink_t *k, const log_item_t *it)
{
    uint32_t           i;
    const mdr_text_t  *t;

    for (i = 0; i < k->slots[it->slot].nfields; i++) {
        t = &it->texts[i];
        len += (size_t) snprintf(got + len, sizeof(got) - len, "%s%.*s",
                                 i != 0 ? "|" : "",
                                 it->opened[i] ? (int) t->len : 1,
                                 it->opened[i] == 0 ? "-"
                                 : t->len != 0 ? (const char *) t->data : "");
    }

    len += (size_t) snprintf(got + len, sizeof(got) - len, "\n");
}


static size_t
some(void *ctx, size_t at)
{
    uint32_t  *seed = ctx;

    (void) at;
    *seed = *seed * 1664525u + 1013904223u;

    return 1 + (*seed >> 20) % 97;
}


static void
scan_n(const char *match, const char *const *fields, const char *page,
    size_t n, size_t (*piece)(void *, size_t), void *ctx)
{
    mdr_html_rules_t  *r;

    sink_done(&sink);
    sink_init(&sink, NULL);
    sink.closed = on_closed;
    len = 0;
    got[0] = '\0';
    sink_slot(&sink, MDR_TYPE_HTML, match, fields);
    r = mdr_html_compile(&sink.model, 0, sink.arena);
    CHECK(r != NULL);

    if (r != NULL) {
        sink_scan(&sink, r, (const uint8_t *) page, n, piece, ctx);
    }
}


#define FIELDS(...)  (const char *const []) { __VA_ARGS__, NULL }

static void
expect(const char *page, const char *match, const char *const *fields,
    const char *want)
{
    scan_n(match, fields, page, strlen(page), NULL, NULL);
    if (strcmp(got, want) != 0) {
        printf("# %s\n", page);
    }
    CHECK_STR(got, len, want);

    scan_n(match, fields, page, strlen(page), sink_one, NULL);
    CHECK_STR(got, len, want);
}


static void
fields(void)
{
    test_begin("fields: first match below the item, attributes, the item");

    expect("<li id=a><h3>x</h3><h3>y</h3></li><li><h3>z</h3></li>", "li",
           FIELDS("h3", "@id", "."), "x|a|x\ny\nz||z\n");
    expect("<li><h3 title='a&amp;b'>x</h3><a href=u>", "li",
           FIELDS("h3@title", "a@href", "h3@none", "i@x"), "a&b|u||-\n");
    expect("<div class=t><li><b>x</b></li></div>", "li",
           FIELDS("div b", ".t", "li b"), "-|-|-\n");
    expect("<li><p class='u t'><b>x</b></p></li>", "li",
           FIELDS("p b", "p > b", ".t b", "p.u.t > b", ".T b"),
           "x|x|x|x|-\n");
    expect("<div><p>a<div><p>b</div></div>", "div", FIELDS("p"),
           "b\na\n");
    expect("<li><b>x</li><b>y", "li", FIELDS("b"), "x\n");
    expect("<LI><H3 CLASS=A Title=q>x</H3></LI>", "li.q, li",
           FIELDS("h3.A", "h3.a", "h3@TITLE"), "x|-|q\n");
    expect("<li a=1 a=2 A=3>x", "li[a='1']", FIELDS("@a"), "1\n");
    expect("<li><img alt=x><br class=y>z", "li",
           FIELDS("img@alt", "img", "br@class"), "x||y\n");
    expect("<table id=t><td>a</table>", "table",
           FIELDS("tbody", "tbody > tr > td", "tr@id"), "a|a|\n");
    expect("<li>a<li>b<ul><li>c</ul>", "ul > li, li", FIELDS("."),
           "a\nc\nb\nc\n");
    expect("<a class=t>1<p><i>x</i></p></a>", "p", FIELDS("i", ".t i"),
           "x|-\n");
    expect("<div><a class=t>1<p>2</a><i>x</i></div>", "div",
           FIELDS(".t i", "p i", "p > i"), "-|x|x\n");
    expect("<b class=t><p>1</b><i>x</i><b>", "p", FIELDS("i", "b@class"),
           "x|\n");
    expect("<div><b class=t><p>1</p></div><div><i>x</i></div>", "div",
           FIELDS(".t i", "b i", "i"), "-|-|-\nx|x|x\n");

    test_begin("text: references, white space, what gives none");

    expect("<li>a<b>b</b> c<br>d<wbr>e</li>", "li", FIELDS("."),
           "ab c de\n");
    expect("<li>a<script>x</script><style>x</style><template>x<b>x</b>"
           "</template><!-- x -->b<rt>x</rt><rp>x</rp>c", "li", FIELDS("."),
           "abc\n");
    expect("<li><ruby>a<rt>x<b>x</b></rt>b<rp>(</rp></ruby></li>", "li",
           FIELDS("."), "ab\n");
    expect("<a><rt><p>x<a>y", "p", FIELDS("."), "xy\n");
    expect("<li>a<textarea>\n&lt;b></textarea>c<title>&amp;</title>", "li",
           FIELDS(".", "textarea"), "a<b>c|<b>\n");
    expect("<li><noscript>a<i>b</i></noscript><iframe><i></iframe>", "li",
           FIELDS(".", "i", "iframe"), "|b|<i>\n");
    expect("<li>&lt;&#x41;&#66;&#x43&#68e&notit;&notin;&amp;amp;&am &;&#;&#x;",
           "li", FIELDS("."),
           "<ABCDe\xc2\xacit;\xe2\x88\x89&amp;&am &;&#;&#x;\n");
    expect("<li a='&lt&ltx&lt=&lt;x&not;in&notin;'>", "li", FIELDS("@a"),
           "<&ltx&lt=<x\xc2\xacin\xe2\x88\x89\n");
    expect("<li>&#0;&#x110000;&#xd800;&#128;&#x9f;&NotEqualTilde;", "li",
           FIELDS("."),
           "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xe2\x82\xac\xc5\xb8"
           "\xe2\x89\x82\xcc\xb8\n");
    expect("<li>&#99999999999999999999;&#x000000000000000041;", "li",
           FIELDS("."), "\xef\xbf\xbd" "A\n");
    expect("<li> \t a \r\n\f b&#32; &nbsp;c ", "li", FIELDS("."),
           "a b \xc2\xa0" "c\n");
    expect("<pre>\nx</pre>", "pre", FIELDS("."), "x\n");
    expect("<li>x<pre>\r\ny</pre>z<pre>\n\nv</pre>", "li", FIELDS("."),
           "x\ny\nz\nv\n");
    expect("<li>x<pre><!---->\ny", "li", FIELDS("."), "x\ny\n");
    expect("<svg><desc>a<![CDATA[<b>&amp;]]]>]]></desc></svg>", "svg",
           FIELDS("desc"), "a<b>&amp;]]]>\n");
    expect("<li>a<b", "li", FIELDS("."), "a\n");
    expect("<li>a</", "li", FIELDS("."), "a</\n");
    expect("<li>a<", "li", FIELDS("."), "a<\n");
    expect("<li>a< b <3 <</li>", "li", FIELDS("."), "a< b <3 <\n");
    expect("<li>a&amp", "li", FIELDS("."), "a&\n");
    expect("<li>\xe6\x9c\xab\xff\xe6\x9c</li>", "li", FIELDS("."),
           "\xe6\x9c\xab\xef\xbf\xbd\xef\xbf\xbd\n");
    expect("\xef\xbb\xbf<head><title>x</title></head>", "head > title",
           FIELDS("."), "x\n");

    scan_n("li", FIELDS(".", "@a", "textarea"),
           "<li a='x\0y'>p\0q<textarea>r\0s</textarea>",
           sizeof("<li a='x\0y'>p\0q<textarea>r\0s</textarea>") - 1, NULL,
           NULL);
    CHECK_STR(got, len, "pqr\xef\xbf\xbds|x\xef\xbf\xbdy|r\xef\xbf\xbds\n");

    test_begin("a name with U+0000 in it is another name");

    scan_n("li, p", FIELDS("@a", "b"), "<li\0 a=1><li a\0=1><b\0>x</b>",
           sizeof("<li\0 a=1><li a\0=1><b\0>x</b>") - 1, NULL, NULL);
    CHECK_STR(got, len, "|-\n");

    test_begin("script and style in svg and math give no text either");

    expect("<svg>a<style>x</style><g>b<script>x</script></g></svg>", "svg",
           FIELDS(".", "g", "style"), "ab|b|\n");

    test_begin("framesets hold no text");

    expect("<frameset>a<frame></frameset>b", "frameset", FIELDS("."), "\n");
    scan_n("frameset", FIELDS("."), "\0<frameset>", 11, NULL, NULL);
    CHECK_STR(got, len, "\n");
    scan_n("colgroup, b", FIELDS("b"), "<table><colgroup>\0<b>x", 22, NULL,
           NULL);
    CHECK_STR(got, len, "-\n-\n");
    CHECK(strstr(sink.log.data, "close item 0 at 17\n") != NULL);

    test_begin("p and br that only an end tag stands for are elements");

    expect("<li></p><p>a</p></br></li>", "li, p, br",
           FIELDS("p", ":nth-child(3)", "br"), "-|-|-\n||\n");

    test_begin("nothing in a template is found, a template is");

    expect("<template id=t><li>x</li></template><li>y", "li, template",
           FIELDS(".", "@id"), "|t\ny|\n");

    test_begin("children are counted where selectors ask for it");

    expect("<ul><li>a<li>b<li>c</ul>", "li:nth-child(2)", FIELDS("."),
           "b\n");
    expect("<ul>x<li>a<!-- --><li>b<br><li>c</ul>", "li:nth-child(2n+1)",
           FIELDS("."), "a\nc\n");
    expect("<div></p><i>a</i></br><i>b</i></div>", "i:nth-child(2)",
           FIELDS("."), "a\n");
    expect("<table><tr><td>a<tr><td>b", "tbody:first-child > "
           "tr:nth-child(2) > td:first-child", FIELDS("."), "b\n");
    expect("<div><b><i>x</i></b><b><i>y</i></b></div>",
           "div > b:not(:first-child) i", FIELDS("."), "y\n");
    expect("<html a=x><li>a", "html:first-child", FIELDS("@a"), "x\n");
    expect("<title></title></head><link a=x><link a=y>",
           "head > :nth-child(2)", FIELDS("@a"), "x\n");
}


/* every name, with and without what may follow */

static void
references(void)
{
    size_t       i, n, m, k;
    char         page[128], text[16];
    const char  *name;

    test_begin("all 2231 named references");
    CHECK(mdr_html_ref_count == 2231);

    for (i = 0; i < mdr_html_ref_count; i++) {
        name = mdr_html_ref_names + mdr_html_ref_at[i];
        n = (size_t) (mdr_html_ref_at[i + 1] - mdr_html_ref_at[i]);

        for (k = 0, m = 0; k < 2; k++) {
            uint32_t  cp = mdr_html_ref_cps[i][k];
            uint8_t   b[4];
            size_t    bytes;

            if (cp == 0) {
                break;
            }
            bytes = cp < 0x80 ? 1 : cp < 0x800 ? 2 : cp < 0x10000 ? 3 : 4;
            b[0] = (uint8_t) (bytes == 1 ? cp : bytes == 2 ? 0xc0 | cp >> 6
                              : bytes == 3 ? 0xe0 | cp >> 12
                                           : 0xf0 | cp >> 18);
            b[1] = (uint8_t) (0x80 | (cp >> (6 * (bytes - (bytes > 1)
                                                  - (bytes > 1))) & 0x3f));
            b[2] = (uint8_t) (0x80 | (cp >> (bytes == 4 ? 6 : 0) & 0x3f));
            b[3] = (uint8_t) (0x80 | (cp & 0x3f));
            memcpy(text + m, b, bytes);
            m += bytes;
        }

        text[m] = '\0';

        /* between letters, so that white space stays */

        snprintf(page, sizeof(page), "<i>(&%.*s)</i>", (int) n, name);
        scan_n("i", FIELDS("."), page, strlen(page), NULL, NULL);

        if (text[0] == '\n' || text[0] == '\t') {
            text[0] = ' ';
        }
        snprintf(page, sizeof(page), "(%s)\n", text);
        CHECK_STR(got, len, page);
    }
}


static void
tag_points(void)
{
    static const struct {
        const char  *page, *want;
    } cases[] = {
        { "<li>", "tag item 0 at 3\n" },
        { "<li >", "tag item 0 at 3\n" },
        { "<li/>", "tag item 0 at 3\n" },
        { "<li\tdata-moderation-label=x a>", "tag item 0 at 3 3-27\n" },
        { "<li a='b'data-Moderation-RULE=\"x\">",
          "tag item 0 at 3 9-33\n" },
        { "<li data-moderation-suggestion data-moderation-label = 'y' b>",
          "tag item 0 at 3 3-30 30-58\n" },
        { "<li data-moderation-labels=x data-moderation=x>",
          "tag item 0 at 3\n" },
        { "<li data-moderation-rule=\"\" data-moderation-rule=''>",
          "tag item 0 at 3 3-27 27-51\n" },
    };

    size_t  i;
    char   *p, *end;

    test_begin("where a tag can be written, and what is in its place");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        scan_n("li", NULL, cases[i].page, strlen(cases[i].page), NULL, NULL);
        p = strstr(sink.log.data, "tag ");
        CHECK(p != NULL);
        end = p != NULL ? strchr(p, '\n') + 1 : NULL;
        CHECK_STR(p, end - p, cases[i].want);
    }
}


static void
scripts(void)
{
    size_t             k;
    mdr_html_rules_t  *r;

    static const char  page[] =
        "<script>var a = 1;</script><script type=x>{ }</script>"
        "<template><script>no</script></template>"
        "<textarea><script>no</script></textarea>"
        "<script><!-- <script> </script> --> b</script >"
        "<script type=x>open ";

    test_begin("scripts are handed over as they are");

    for (k = 0; k < 2; k++) {
        sink_done(&sink);
        sink_init(&sink, NULL);
        sink_slot(&sink, MDR_TYPE_HTML, "none", NULL);
        sink_slot(&sink, MDR_TYPE_SCRIPT, "window.x", NULL);
        sink_slot(&sink, MDR_TYPE_SCRIPT, "script[type=x]", NULL);
        r = mdr_html_compile(&sink.model, 0, sink.arena);
        sink_scan(&sink, r, (const uint8_t *) page, sizeof(page) - 1,
                  k ? sink_one : NULL, NULL);
        CHECK_STR(sink.log.data, sink.log.len,
                  "script: [var a = 1;]\nscript 2: [{ }]\n"
                  "script: [<!-- <script> </script> --> b]\n"
                  "script 2: [open ]\n");
    }
}


static void
limits(void)
{
    char    *page, *p;
    size_t   i, n;

    test_begin("deep pages: outer items keep their ends");

    page = malloc(1 << 20);
    p = page + sprintf(page, "<li id=a><h3>x</h3>");
    for (i = 0; i < 2000; i++) {
        p += sprintf(p, "<div>");
    }
    p += sprintf(p, "<ul><li>deep</li></ul>");
    for (i = 0; i < 2000; i++) {
        p += sprintf(p, "</div>");
    }
    n = (size_t) (p - page) + 5;
    p += sprintf(p, "</li><li id=b>y</li>");
    scan_n("li", FIELDS("@id", "h3"), page, (size_t) (p - page), NULL, NULL);
    CHECK_STR(got, len, "a|x\nb|-\n");
    snprintf(page, 64, "close item 0 at %zu\n", n);
    CHECK(strstr(sink.log.data, page) != NULL);
    CHECK(strstr(sink.log.data, "error") != NULL);

    test_begin("a huge tag counts as far as it was read");

    p = page + sprintf(page, "<li class=c data-a=\"");
    memset(p, 'v', 100000);
    p += 100000;
    p += sprintf(p, ">\" id=late><b>x</b></li><li class=c id=d><b>y</b></li>");
    n = (size_t) (p - page);
    scan_n("li.c", FIELDS("@id", "b", "@class"), page, n, NULL, NULL);
    CHECK_STR(got, len, "|x|c\nd|y|c\n");

    {
        uint32_t  seed = 1;

        scan_n("li.c", FIELDS("@id", "b", "@class"), page, n, some, &seed);
        CHECK_STR(got, len, "|x|c\nd|y|c\n");
    }

    test_begin("many attributes: all of them count");

    p = page + sprintf(page, "<li");
    for (i = 0; i < 600; i++) {
        p += sprintf(p, " a%zu=%zu", i, i);
    }
    p += sprintf(p, "><b>x</b>");
    scan_n("li", FIELDS("@a0", "@a255", "@a256", "b"), page,
           (size_t) (p - page), NULL, NULL);
    CHECK_STR(got, len, "0|255|256|x\n");

    test_begin("one byte at a time, huge tokens: not a question of squares");

    p = page + sprintf(page, "<!--");
    memset(p, '-', 20000);
    p += 20000;
    p += sprintf(p, "--><script>");
    memset(p, '<', 20000);
    p += 20000;
    p += sprintf(p, "</script><p a='");
    memset(p, 'x', 20000);
    p += 20000;
    p += sprintf(p, "'><li>y");
    scan_n("li", FIELDS("."), page, (size_t) (p - page), sink_one, NULL);
    CHECK_STR(got, len, "y\n");

    free(page);
}


/* an allocator that fails at one call */

static unsigned long  calls, fail_at;

static void *
bad_alloc(void *ctx, size_t n)
{
    (void) ctx;
    return ++calls == fail_at ? NULL : malloc(n);
}


static void *
bad_realloc(void *ctx, void *p, size_t n)
{
    (void) ctx;
    return ++calls == fail_at ? NULL : realloc(p, n);
}


static void
bad_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static void
memory(void)
{
    static const char   page[] =
        "<ul><li id=a><h3>x &amp; y</h3><script>a</script><li>b</ul>";
    static mdr_sink_t   k;
    const mdr_alloc_t   a = { bad_alloc, bad_realloc, bad_free, NULL };
    mdr_html_rules_t   *r;

    test_begin("every allocation may fail");

    sink_init(&k, &a);
    sink_slot(&k, MDR_TYPE_HTML, "li", FIELDS("h3", "@id", "."));
    sink_slot(&k, MDR_TYPE_SCRIPT, "window.x", NULL);
    r = mdr_html_compile(&k.model, 0, k.arena);
    CHECK(r != NULL);

    for (fail_at = 1; fail_at < 200; fail_at++) {
        calls = 0;
        sink_clear(&k);
        (void) sink_scan(&k, r, (const uint8_t *) page, sizeof(page) - 1,
                         NULL, NULL);
        if (calls < fail_at) {
            break;
        }
    }

    CHECK(fail_at > 3 && fail_at < 200);
    fail_at = 0;
    sink_done(&k);
}


int
main(void)
{
    sink_init(&sink, NULL);

    fields();
    references();
    tag_points();
    scripts();
    limits();
    memory();

    sink_done(&sink);

    return test_done();
}
