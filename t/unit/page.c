/*
 * pages: what they must have and must not have, the same however the body is
 * cut into pieces; what is known at the end; blocks that take their own bytes
 * and nothing else.
 */

#include "moderation.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"


#define HEAD                                                                 \
    "schema: 1\npolicy: pages\n"                                             \
    "slots: [{name: cards, type: html, match: 'li.card', "                   \
    "fields: {title: a}}]\n"                                                 \
    "pages:\n  - name: home\n"                                               \
    "    match: {host: www.example.cn, path: /}\n"

#define ENTRY                                                                \
    "    require: [{id: entry, selector: 'a[href*=\"12377.cn\"]', "          \
    "insert: '<p><a href=\"https://www.12377.cn/\">entry</a></p>'"

#define A  "<a href=\"https://www.12377.cn/\">entry</a>"
#define P  "<p>" A "</p>"

typedef struct {
    test_out_t       out;
    char             said[4096];
    mdr_page_seen_t  seen;
} result_t;

static mdr_work_t  *work;
static size_t       max_slot;
static int          type = MDR_TYPE_HTML;
static uint8_t       part;


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    (void) flags;
    test_out_add(&((result_t *) ctx)->out, p, n);

    return MDR_OK;
}


static void
on_found(void *ctx, const mdr_page_found_t *f)
{
    char      *s;
    result_t  *r = ctx;

    s = r->said + strlen(r->said);
    snprintf(s, sizeof(r->said) - (size_t) (s - r->said), "%s%s%s%.*s%s%.*s",
             s == r->said ? "" : "; ", mdr_page_word(f->kind),
             f->kind <= MDR_PAGE_INSERTED ? ":" : "",
             f->kind <= MDR_PAGE_INSERTED ? (int) f->id.len : 0, f->id.data,
             f->detail.len != 0 ? "=" : "", (int) f->detail.len,
             f->detail.data != NULL ? f->detail.data : "");

    if (f->action == MDR_ACT_BLOCK) {
        strcat(r->said, "!");
    }
}


static void
run(const mdr_policy_t *p, const char *charset, uint32_t absent,
    const char *page, size_t len, size_t cut, result_t *r)
{
    size_t           at, n;
    mdr_str_t        host, path;
    mdr_scan_t      *scan;
    mdr_scan_conf_t  conf;

    test_out_clear(&r->out);
    r->said[0] = '\0';
    host.data = "www.example.cn";
    host.len = 14;
    path.data = "/";
    path.len = 1;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = r;
    conf.output = on_output;
    conf.found = on_found;
    conf.mode = MDR_MODE_ENFORCE;
    conf.type = (uint8_t) type;
    conf.charset = charset;
    conf.page = mdr_policy_page(p, host, path, 200);
    conf.absent = absent;
    conf.part = part;
    conf.max_slot = max_slot;

    CHECK(conf.page == 1);
    scan = mdr_scan_new(p, work, &conf);

    for (at = 0; at < len; at += n) {
        n = cut == SIZE_MAX ? 1 : at < cut ? cut - at : len - at;
        (void) mdr_scan_feed(scan, (const uint8_t *) page + at, n);
    }

    (void) mdr_scan_finish(scan);
    CHECK(mdr_scan_page(scan, &r->seen) == MDR_OK);
    mdr_scan_free(scan);
}


/* what is said and what leaves, with every cut */

static void
expect_as(const char *yaml, const char *charset, uint32_t absent,
    const char *page, const char *out, const char *said)
{
    size_t           cut, len;
    mdr_policy_t    *p;
    static result_t  a, b;

    p = test_policy(yaml, NULL);
    CHECK(p != NULL);

    if (p == NULL) {
        return;
    }

    len = strlen(page);
    run(p, charset, absent, page, len, 0, &a);
    CHECK_STR(a.out.data, a.out.len, out);
    CHECK_STR(a.said, strlen(a.said), said);

    for (cut = 0; cut < len; cut += 1 + len / 1500) {
        run(p, charset, absent, page, len, cut == 0 ? SIZE_MAX : cut, &b);

        if (a.out.len != b.out.len
            || memcmp(a.out.data, b.out.data, a.out.len) != 0
            || strcmp(a.said, b.said) != 0)
        {
            printf("# cut at %u: %s\n# %s\n", (unsigned) cut, b.said, page);
            CHECK(0);
            break;
        }
    }

    mdr_policy_free(p);
}


static void
expect(const char *yaml, const char *page, const char *out, const char *said)
{
    expect_as(yaml, "utf-8", 0, page, out, said);
}


static void
required(void)
{
    uint32_t  i;
    char      page[512], out[600];

    static const char *const  hidden[] = {
        "<div hidden>" A "</div>",
        "<div style=\"display: none\">" A "</div>",
        "<div style='visibility:hidden'>" A "</div>",
        "<div style=\"position:absolute; left:-9999px\">" A "</div>",
        "<div style='font-size:0'>" A "</div>",
        "<div style='height:0;overflow:hidden'>" A "</div>",
        "<div style='text-indent: -999em'><b>" A "</b></div>",
        "<div style='opacity:0'>" A "</div>",
        "<noscript>" A "</noscript>",
        "<p " "style='DISPLAY : none !important'" ">" A "</p>",
    };

    test_begin("a page with the entry, without, in a comment, hidden");

    expect(HEAD ENTRY "}]\n", "<html><body>x" A "y</body></html>",
           "<html><body>x" A "y</body></html>", "");
    expect(HEAD ENTRY "}]\n", "<html><body>x</body></html>",
           "<html><body>x" P "</body></html>", "inserted:entry");
    expect(HEAD ENTRY "}]\n", "<html><body>x<!--" A "--></body></html>",
           "<html><body>x<!--" A "-->" P "</body></html>", "inserted:entry");
    expect(HEAD ENTRY "}]\n", "<body><script>'" A "</body>'</script></body>",
           "<body><script>'" A "</body>'</script>" P "</body>",
           "inserted:entry");
    expect(HEAD ENTRY "}]\n", "<body><template>" A "</template></body>",
           "<body><template>" A "</template>" P "</body>",
           "inserted:entry");
    expect(HEAD ENTRY "}]\n", "<div>no body", "<div>no body" P,
           "inserted:entry");
    expect(HEAD ENTRY "}]\n", "", P, "inserted:entry");
    expect(HEAD ENTRY "}]\n", "<body>a<!-- open", "<body>a<!-- open",
           "missing:entry");
    expect(HEAD ENTRY "}]\n", "<body>a</body></html><p>b</p></body>",
           "<body>a" P "</body></html><p>b</p></body>", "inserted:entry");

    for (i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        snprintf(page, sizeof(page), "<html><body>%s</body></html>",
                 hidden[i]);
        snprintf(out, sizeof(out), "<html><body>%s" P "</body></html>",
                 hidden[i]);
        expect(HEAD ENTRY "}]\n", page, out, "inserted:entry; hidden:entry");
    }

    /* hidden things end; `visible: false` does not ask */

    expect(HEAD ENTRY "}]\n", "<body><div hidden>x</div>" A "</body>",
           "<body><div hidden>x</div>" A "</body>", "");
    expect(HEAD ENTRY ", visible: false}]\n",
           "<body><div hidden>" A "</div></body>",
           "<body><div hidden>" A "</div></body>", "");
    expect(HEAD ENTRY "}]\n",
           "<body><p style='position:absolute;left:20px;height:1px'>" A
           "</body>",
           "<body><p style='position:absolute;left:20px;height:1px'>" A
           "</body>", "");

    /* mode: shadow changes nothing */

    expect(HEAD "    mode: shadow\n" ENTRY "}]\n", "<body></body>",
           "<body></body>", "missing:entry");
    test_end();
}


static void
parts(void)
{
    static const char  yaml[] = HEAD ENTRY ", at: 'after li'}]\n"
                                "    guard: {title: x, hosts: [a.cn]}\n";

    test_begin("a part of a page is none");
    part = 1;

    expect_as(yaml, "utf-8", 1, "<li>1</li><a href=//b.cn>2</a>",
              "<li>1</li><a href=//b.cn>2</a>", "link=b.cn");
    expect_as(yaml, "utf-8", 1, " <!-- a --><!doctype html><li>1</li>",
              " <!-- a --><!doctype html><li>1</li>" P, "inserted:entry; title");
    expect_as(yaml, "utf-8", 1, "<body><li>1</li>", "<body><li>1</li>" P,
              "inserted:entry; title");
    expect(HEAD ENTRY "}]\n    guard: {before_html: record}\n", "<li>1</li>",
           "<li>1</li>", "");
    expect(HEAD ENTRY "}]\n    guard: {before_html: record}\n",
           "<li>1</li><html>", "<li>1</li><html>" P,
           "before_html; inserted:entry");

    part = 0;
    test_end();
}


static void
places(void)
{
    test_begin("other places, from the next response on");

    expect(HEAD ENTRY ", at: head-end}]\n", "<head></head><body>x</body>",
           "<head></head><body>x</body>", "missing:entry");
    expect_as(HEAD ENTRY ", at: head-end}]\n", "utf-8", 1,
              "<head></head><body>x</body>", "<head>" P "</head><body>x</body>",
              "inserted:entry");
    expect_as(HEAD ENTRY ", at: head-start}]\n", "utf-8", 1,
              "<head></head><body>x</body>", "<head>" P "</head><body>x</body>",
              "inserted:entry");
    expect_as(HEAD ENTRY ", at: body-start}]\n", "utf-8", 1,
              "<head></head><body class=a>x</body>",
              "<head></head><body class=a>" P "x</body>", "inserted:entry");
    expect_as(HEAD ENTRY ", at: 'after .foot p'}]\n", "utf-8", 1,
              "<p>a</p><div class=foot><p>b<i>c</i></p>d</div>",
              "<p>a</p><div class=foot><p>b<i>c</i></p>" P "d</div>",
              "inserted:entry");
    expect_as(HEAD ENTRY ", at: 'before footer'}]\n", "utf-8", 1,
              "<p>a</p><footer>b</footer><footer>c</footer>",
              "<p>a</p>" P "<footer>b</footer><footer>c</footer>",
              "inserted:entry");

    /* it is there again: said to be, and not inserted the next time */

    expect_as(HEAD ENTRY ", at: 'after h1'}]\n", "utf-8", 1,
              "<body>" A "<h1>b</h1></body>", "<body>" A "<h1>b</h1></body>",
              "");
    test_end();
}


static void
guards(void)
{
    test_begin("titles, descriptions, hosts: their own bytes and nothing else");

    expect(HEAD "    guard: {title: 示例, action: block}\n",
           "<head><title>示例直播</title></head>",
           "<head><title>示例直播</title></head>", "");
    expect(HEAD "    guard: {title: 示例, action: block}\n",
           "<head><title> 彩&#x7968; \n a </title></head>",
           "<head><title></title></head>", "title=彩票 a!");
    expect(HEAD "    guard: {title: {must: a, must_not: b}}\n",
           "<title>a b</title>", "<title>a b</title>", "title=a b");
    expect(HEAD "    guard: {title: a}\n", "<p>a</p>", "<p>a</p>", "title");
    expect(HEAD "    guard: {title: a}\n",
           "<svg><title>b</title></svg><title>a</title>",
           "<svg><title>b</title></svg><title>a</title>", "");
    expect(HEAD "    guard: {description: ok, action: block}\n",
           "<meta name=Description content='no'><p>a</p>", "<p>a</p>",
           "description=no!");
    expect(HEAD "    guard: {before_html: block}\n",
           " <!-- c --><!DOCTYPE html><html><p>a",
           " <!-- c --><!DOCTYPE html><html><p>a", "");
    expect(HEAD "    guard: {before_html: block}\n",
           " <p>kw</p><a href=x>y</a>\n<!DOCTYPE html><html><p>a",
           " <!DOCTYPE html><html><p>a", "before_html!");
    expect(HEAD "    guard: {before_html: block}\n",
           "kw<html><p>a", "<html><p>a", "before_html!");
    expect(HEAD "    guard: {before_html: block}\n", "<p>kw<p>a",
           "<p>kw<p>a", "");
    expect(HEAD "    guard: {before_html: record}\n",
           "kw<!doctype html><p>a", "kw<!doctype html><p>a", "before_html");
    expect(HEAD "    guard: {hosts: [example.cn, '*.example.cn'], action: "
           "block}\n",
           "<body><a href=/x>1</a><a href='//img.example.cn/x'>2</a>"
           "<a href='http://example.cn.evil.cn'>3</a>"
           "<a href=' \thttps://u@EVIL.cn:80/'>4<b>5</b></a>"
           "<a href='mailto:a@b.cn'>6</a><a href=\"ht&#116;p:\\\\evil.cn\">7"
           "</a><script src=//evil.cn/a.js>8</script><script>9</script>"
           "<iframe src=http://evil.cn width=0 height=0></iframe>"
           "<meta http-equiv=Refresh content=\"0;url='http://evil.cn/'\">"
           "<base href=http://evil.cn><link rel=canonical href=//evil.cn/>"
           "<link rel=dns-prefetch href=//evil.cn>"
           "<form action=//evil.cn/><p>10</p></form></body>",
           "<body><a href=/x>1</a><a href='//img.example.cn/x'>2</a>"
           "<a href='mailto:a@b.cn'>6</a><script>9</script>"
           "<link rel=dns-prefetch href=//evil.cn></body>",
           "link=example.cn.evil.cn!; link=evil.cn!; link=evil.cn!; "
           "script=evil.cn!; frame=evil.cn!; refresh=evil.cn!; base=evil.cn!; "
           "style=evil.cn!; form=evil.cn!");
    expect(HEAD "    guard: {hosts: [a.cn], kinds: [script]}\n",
           "<a href=//b.cn>1</a><script src=data:,x></script>",
           "<a href=//b.cn>1</a><script src=data:,x></script>",
           "script=data:");

    /* a "<" that is text before it begins no tag when it is gone */

    expect(HEAD "    guard: {hosts: [a.cn], action: block}\n",
           "<p><<a href=//b.cn>1</a>script src=//b.cn>2 <<link rel=canonical "
           "href=//b.cn>img>", "<p>< script src=//b.cn>2 < img>",
           "link=b.cn!; style=b.cn!");
    expect(HEAD "    guard: {hidden_links: 1, action: block}\n",
           "<p><<div hidden><a href=/>1</a></div>b>", "<p>< b>",
           "hidden_links=1!");

    /* an end that never comes: the tag alone */

    expect(HEAD "    guard: {hosts: [a.cn], action: block}\n",
           "<p>0<a href=//b.cn>1</p><p>2",
           "<p>0</p><p>2", "link=b.cn!");
    expect(HEAD "    guard: {hosts: [a.cn], action: block}\n",
           "<div><script src=//b.cn>1", "<div><script type=\"text/plain\">1",
           "script=b.cn!");
    test_end();
}


static void
hidden_links(void)
{
    uint32_t  i;
    char      page[1024];

    static const char *const  how[] = {
        "div style=\"display:none\"", "div style='position:absolute;"
        "top:-1000px'", "marquee height=1 width=4", "div hidden",
        "font style='font-size:0px'", "ul style='height:1px;overflow:hidden'"
    };

    test_begin("blocks of links that nobody sees");

    for (i = 0; i < sizeof(how) / sizeof(how[0]); i++) {
        snprintf(page, sizeof(page), "<body><p>a</p><%s><li><a href=/1>1</a>"
                 "<a href=/2>2</a><a href=/3>3</a></li></%.*s><p>b</p></body>",
                 how[i], (int) strcspn(how[i], " "), how[i]);
        expect(HEAD "    guard: {hidden_links: 3, action: block}\n", page,
               "<body><p>a</p><p>b</p></body>", "hidden_links=3!");
        expect(HEAD "    guard: {hidden_links: 4, action: block}\n", page,
               page, "");
        expect(HEAD "    guard: {hidden_links: 3}\n", page, page,
               "hidden_links=3");
    }

    /* links of the page's own menus do not count where hosts are given */

    expect(HEAD "    guard: {hidden_links: 2, hosts: [a.cn], kinds: [script]}"
           "\n", "<div hidden><a href=/1></a><a href=//a.cn></a>"
           "<a href=//b.cn></a></div>", "<div hidden><a href=/1></a>"
           "<a href=//a.cn></a><a href=//b.cn></a></div>", "");
    expect(HEAD "    guard: {hidden_links: 2, hosts: [a.cn], kinds: [script]}"
           "\n", "<div hidden><a href=/1></a><a href=//c.cn></a>"
           "<a href=//b.cn></a></div>", "<div hidden><a href=/1></a>"
           "<a href=//c.cn></a><a href=//b.cn></a></div>", "hidden_links=2");

    /* one that is never closed stays */

    expect(HEAD "    guard: {hidden_links: 2, action: block}\n",
           "<p>a<div hidden><a href=/1>1</a><a href=/2>2</a>",
           "<p>a<div hidden><a href=/1>1</a><a href=/2>2</a>",
           "hidden_links=2");
    test_end();
}


/* what the style sheets of a page hide, and what they do not for sure */

static void
sheets(void)
{
    size_t  i;
    char    page[800];

    static const struct {
        int          hides;
        const char  *css, *tag;
    } t[] = {
        { 1, ".k{display:none}", "div class=k" },
        { 1, "a{x:y}\n.a , .k { color:red; display : none }\np{}",
          "div class=\"x k y\"" },
        { 1, "div.k{visibility:hidden}", "div class=k" },
        { 0, "p.k{display:none}", "div class=k" },
        { 1, "#k{opacity:0}", "div id=k" },
        { 0, "#k{opacity:0}", "div class=k" },
        { 1, ".k.m{height:0;overflow:hidden}", "div class=\"m k\"" },
        { 0, ".k.m{display:none}", "div class=k" },
        { 1, "blink{display:none}", "blink" },
        { 1, "body .k{position:absolute;left:-9999px}", "div class=k" },
        { 1, "html > body > .k{display:none}", "div class=k" },
        { 1, "@media screen{.k{display:none}}", "div class=k" },
        { 1, "@media screen and (min-width:1px){.k{display:none}}",
          "div class=k" },
        { 1, "@media print{p{}}.k{display:none}", "div class=k" },
        { 1, "@font-face{a:b}@layer x{.k{display:none}}", "div class=k" },
        { 1, "@import 'a.css';/* } .x{ */.k{dis/**/play:none}",
          "div class=k" },
        { 1, ".k{d\\69splay:none}", "div class=k" },
        { 1, ".k{display:block}.k{display:none}", "div class=k" },
        { 1, ".k{display:none!important}.k{display:block}", "div class=k" },

        /* what is shown when somebody comes to it */

        { 0, ".tab{display:none}.tab.active{display:block}",
          "div class=\"tab active\"" },
        { 0, ".tab.active{display:block}.tab{display:none}",
          "div class=\"tab active\"" },
        { 1, ".tab.active{display:block}.tab{display:none}",
          "div class=tab" },
        { 0, ".k{display:none}.k{display:flex}", "div class=k" },
        { 0, ".k{display:none}#m{display:block}", "div class=k id=m" },
        { 0, ".k{display:none}body.home .k{display:block}", "div class=k" },
        { 0, ".no-js .k{display:none}", "div class=k" },
        { 0, ".k:hover{display:none}.k::before{display:none}",
          "div class=k" },
        { 0, ".modal-open .k{display:none}", "div class=k" },
        { 0, "@media print{.k{display:none}}", "div class=k" },
        { 0, "@media (max-width:600px){.k{display:none}}", "div class=k" },
        { 0, "@supports not (display:grid){.k{display:none}}",
          "div class=k" },
        { 0, "/* .k{display:none} */", "div class=k" },
        { 0, ".k{left:-9999px}", "div class=k" },
        { 0, ".k{display:none", "div class=kk" },
        { 0, ".menu{position:absolute;left:-9999px}"
          ".menu.open{left:auto;position:static}",
          "div class=\"menu open\"" }
    };

    test_begin("what style sheets hide");

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        snprintf(page, sizeof(page), "<style>%s</style><body><%s>" A
                 "<a href=\"//s1.cn/\">1</a><a href=\"//s2.cn/\">2</a>"
                 "</%.*s></body>", t[i].css, t[i].tag,
                 (int) strcspn(t[i].tag, " "), t[i].tag);
        expect(HEAD "    require: [{id: e, selector: 'a[href*=\"12377.cn\"]'"
               "}]\n    guard: {hidden_links: 2, hosts: [\"*.12377.cn\"], "
               "kinds: [script]}\n", page, page,
               t[i].hides ? "hidden_links=2; hidden:e" : "");

        /* without hosts a menu that opens is none */

        expect(HEAD "    guard: {hidden_links: 2}\n", page, page, "");
    }

    /* a sheet that stands behind what it hides comes too late; one in a
     * template is none */

    expect(HEAD "    guard: {hidden_links: 1, hosts: [a.cn], kinds: [script]}"
           "\n", "<template><style>.k{display:none}</style></template>"
           "<p class=k><a href=//b.cn></a></p>",
           "<template><style>.k{display:none}</style></template>"
           "<p class=k><a href=//b.cn></a></p>", "");

    /* each link in a block of its own; a sheet from elsewhere */

    expect(HEAD "    guard: {hidden_links: 3, hosts: [a.cn], kinds: [script]}"
           "\n", "<i hidden><a href=//b.cn></a></i><i hidden><a href=//c.cn>"
           "</a></i><i hidden><a href=//d.cn></a></i>",
           "<i hidden><a href=//b.cn></a></i><i hidden><a href=//c.cn>"
           "</a></i><i hidden><a href=//d.cn></a></i>", "hidden_links=3");
    expect(HEAD "    guard: {hosts: [a.cn]}\n",
           "<style>@import url( \"//a.cn/a.css\" );@import '//b.cn/x';</style>",
           "<style>@import url( \"//a.cn/a.css\" );@import '//b.cn/x';</style>",
           "style=b.cn");
    test_end();
}


/* links that are no href, and hrefs that are none */

static void
other_links(void)
{
    size_t         i;
    char           page[400], want[100], zeros[35];
    result_t       r;
    mdr_policy_t  *p;

    static const struct {
        const char  *tag, *found;
    } t[] = {
        { "<svg><a xlink:href=\"//b.cn/\"></a></svg>", "link" },
        { "<svg><script href=\"//b.cn/a.js\"></script></svg>", "script" },
        { "<svg><a xlink:href=\"//a.cn/\"></a></svg>", NULL },
        { "<button formaction=\"//b.cn/\"></button>", "form" },
        { "<form><input type=submit formaction=//b.cn/></form>", "form" },
        { "<iframe srcdoc=\"&lt;script src=//b.cn/a.js>\"></iframe>", "frame" },
        { "<iframe srcdoc=\"<a href='//a.cn/'>\"></iframe>", NULL },
        { "<iframe src=\"javascript:location='//b.cn'\"></iframe>", "frame" },
        { "<a href=\"java\nscript:open('\\/\\/b.cn')\"></a>", "link" },
        { "<a href=\"javascript:void(0)\"></a>", NULL },
        { "<a href=\"javascript:open('/a//b.cn')\"></a>", "link" },
        { "<a href=\"ftp://b.cn/\"></a>", "link" },
        { "<link rel=\"alternate stylesheet\" href=//b.cn/a.css>", "style" },
        { "<link rel=\" StyleSheet\" href=//b.cn/a.css>", "style" },
        { "<link rel=\"alternate\" href=//b.cn/feed>", NULL },
        { "<link rel=\"dns-prefetch\" href=//b.cn>", NULL },
        { "<a href=\"//b.cn&copy=1\"></a>", "link" },
        { "<a href=\"/x?a=b&lt=//b.cn\"></a>", NULL }
    };

    test_begin("links that are no href");

    /* bytes that are as those of no host in a table of hosts */

    p = test_policy(HEAD "    guard: {hosts: [a.cn]}\n", NULL);
    CHECK(p != NULL);
    memset(zeros, 0, sizeof(zeros));
    memcpy(zeros, "<a href=//", 10);
    memcpy(zeros + 30, "></a>", 5);
    memset(&r, 0, sizeof(r));
    run(p, "utf-8", 0, zeros, sizeof(zeros), 0, &r);
    CHECK(r.out.len == sizeof(zeros));
    free(r.out.data);
    mdr_policy_free(p);

    /* a page that begins as no text does is one all the same */

    expect(HEAD "    guard: {hosts: [a.cn], before_html: record}\n",
           "\x05\x01<html><a href=//b.cn></a></html>",
           "\x05\x01<html><a href=//b.cn></a></html>",
           "before_html; link=b.cn");

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        snprintf(page, sizeof(page), "<body>%s</body>", t[i].tag);
        snprintf(want, sizeof(want), "%s%s", t[i].found != NULL ? t[i].found
                 : "", t[i].found == NULL ? ""
                 : strstr(t[i].tag, "copy") != NULL ? "=b.cn&copy=1"
                                                    : "=b.cn");
        expect(HEAD "    guard: {hosts: [a.cn]}\n", page, page, want);
    }

    test_end();
}


/* cards that are known by their bytes are read where they matter to a page */

static void
known_cards(void)
{
    uint32_t         i, n, k;
    size_t           len;
    result_t         r;
    mdr_policy_t    *p;
    static char      page[65536];

    test_begin("cards that are known");
    memset(&r, 0, sizeof(r));
    CHECK(mdr_work_remember(work, 1 << 20) == MDR_OK);
    p = test_policy(HEAD ENTRY "}]\n    guard: {hosts: [a.cn, www.12377.cn], "
                    "hidden_links: 3, action: record}\n", NULL);
    CHECK(p != NULL);

    for (k = 0; k < 3; k++) {
        for (i = 0, len = 0; i < 60; i++) {
            len += (size_t) snprintf(page + len, sizeof(page) - len,
                "<li class=\"card\"><a href=\"/room/%u\">a title of card %u"
                "</a><img src=\"//a.cn/%u.png\"><i>some text behind it</i>"
                "</li>\n%s", i, i, i,
                i == 20 ? "<li class=\"card\"><a href=\"//b.cn/\">t</a> and "
                          "some text that makes it long enough to be kept, "
                          "if it were</li>\n"
                : i == 40 ? "<li class=\"card\">" A " and some text that "
                            "makes it long enough to be kept</li>" : "");
        }

        for (n = 0; n < 4; n++) {
            run(p, "utf-8", 0, page, len, 0, &r);
            CHECK_STR(r.said, strlen(r.said), "link=b.cn");
            CHECK(r.out.len == len && r.seen.missing == 0);
        }

        /* the same cards inside of what is hidden */

        memmove(page + 12, page, len);
        memcpy(page, "<div hidden>", 12);
        run(p, "utf-8", 0, page, len + 12, 0, &r);
        CHECK(strstr(r.said, "hidden:entry") != NULL);
    }

    mdr_policy_free(p);
    CHECK(mdr_work_remember(work, 0) == MDR_OK);
    free(r.out.data);
    test_end();
}


static void
charsets(void)
{
    test_begin("in the charset of the page");

    /* 举报 in GBK; what GBK has not, as a reference */

    expect_as(HEAD "    require: [{id: e, selector: b, insert: "
              "'<b>举报\xf0\x9f\x98\x80</b>'}]\n    guard: {title: 示例, "
              "action: block}\n", "gbk", 0,
              "<title>\xb2\xca\xc6\xb1</title><body>\xb2\xca</body>",
              "<title></title><body>\xb2\xca<b>\xbe\xd9\xb1\xa8&#128512;</b>"
              "</body>", "title=彩票!; inserted:e");
    test_end();
}


static void
members(void)
{
    static const char  yaml[] =
        "schema: 1\npolicy: p\nslots: [{name: s, type: json, match: "
        "'$.list[*]', fields: {title: $.t}}]\npages:\n  - name: home\n"
        "    require: [{id: a, member: $.data.report}, "
        "{id: b, member: '$.list[*].link'}, {id: c, selector: a}]\n"
        "    guard: {title: x}\n";

    test_begin("members of JSON");
    type = MDR_TYPE_JSON;

    expect(yaml, "{\"data\":{\"report\":null},\"list\":[{\"t\":1},"
           "{\"link\":0}]}", "{\"data\":{\"report\":null},\"list\":["
           "{\"t\":1},{\"link\":0}]}", "");
    expect(yaml, "{\"data\":{\"reporter\":{\"report\":1}},\"report\":1}",
           "{\"data\":{\"reporter\":{\"report\":1}},\"report\":1}",
           "missing:a; missing:b");
    expect(yaml, "[]", "[]", "missing:a; missing:b");

    type = MDR_TYPE_HTML;
    expect(yaml, "<title>x</title>", "<title>x</title>", "missing:c");
    test_end();
}


static void
limits(void)
{
    size_t         i, len;
    result_t       r;
    mdr_policy_t  *p;
    static char    page[40000];

    test_begin("what is longer than an item may be");
    memset(&r, 0, sizeof(r));
    max_slot = 4096;

    p = test_policy(HEAD "    guard: {hosts: [a.cn], before_html: block, "
                    "hidden_links: 1, action: block}\n", NULL);
    CHECK(p != NULL);

    len = (size_t) snprintf(page, sizeof(page), "<p>x<a href=//b.cn>");
    for (i = 0; i < 20000; i++) {
        page[len++] = "ab \n"[i % 4];
    }
    len += (size_t) snprintf(page + len, 100, "</a></p><!doctype html>");
    run(p, "utf-8", 0, page, len, 0, &r);
    CHECK_STR(r.said, strlen(r.said), "link=b.cn!; before_html");
    CHECK(r.out.len == len - strlen("<a href=//b.cn>") + 3);
    run(p, "utf-8", 0, page, len, SIZE_MAX, &r);
    CHECK_STR(r.said, strlen(r.said), "link=b.cn!; before_html");
    CHECK(r.out.len == len - strlen("<a href=//b.cn>") + 3);

    mdr_policy_free(p);
    max_slot = 0;
    free(r.out.data);
    test_end();
}


static void
which(void)
{
    mdr_policy_t  *p;

    test_begin("which responses are which page");
    p = test_policy("schema: 1\npolicy: p\npages:\n"
        "  - {name: a, match: {host: [A.cn, '*.b.cn'], path: [/, '/x/*']}, "
        "guard: {title: a}}\n"
        "  - {name: b, match: {status: [404, 200]}, guard: {title: a}}\n"
        "  - {name: c, mode: off, guard: {title: a}}\n", NULL);
    CHECK(p != NULL);

#define S(s)  (mdr_str_t) { s, sizeof(s) - 1 }
    CHECK(mdr_policy_page(p, S("a.cn"), S("/"), 200) == 1);
    CHECK(mdr_policy_page(p, S("a.cn"), S("/x/1"), 200) == 1);
    CHECK(mdr_policy_page(p, S("a.cn"), S("/x"), 200) == 2);
    CHECK(mdr_policy_page(p, S("x.b.cn"), S("/"), 200) == 1);
    CHECK(mdr_policy_page(p, S("b.cn"), S("/"), 200) == 2);
    CHECK(mdr_policy_page(p, S("xb.cn"), S("/"), 404) == 2);
    CHECK(mdr_policy_page(p, S("a.cn"), S("/"), 500) == 0);
    mdr_policy_free(p);
    test_end();
}


int
main(void)
{
    work = mdr_work_new(NULL);

    required();
    parts();
    places();
    guards();
    hidden_links();
    sheets();
    other_links();
    known_cards();
    charsets();
    members();
    limits();
    which();

    mdr_work_free(work);

    return test_done();
}
