/*
 * body.c - what a body is and where its documents stand: each form as it comes
 * and as it leaves, cut at every byte; a body without a hit leaves as it came,
 * and what cannot be read is said.
 */

#define _POSIX_C_SOURCE 200809L

#include "moderation.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"


typedef struct {
    test_out_t  out;
    unsigned    items, errors;
} seen_t;


static mdr_work_t  *work;


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    seen_t  *s = ctx;

    (void) flags;
    test_out_add(&s->out, p, n);

    return MDR_OK;
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    seen_t  *s = ctx;

    (void) it;
    s->items++;
}


static void
on_error(void *ctx, const mdr_scan_error_t *e)
{
    seen_t  *s = ctx;

    (void) e;
    s->errors++;
}


/* the first piece has `first` bytes, the others `rest` */

static void
run(const mdr_policy_t *p, const char *body, size_t len, int type, int block,
    size_t first, size_t rest, seen_t *s)
{
    int               rc;
    size_t            at, n;
    uint8_t          *piece;
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;

    test_out_clear(&s->out);
    s->items = 0;
    s->errors = 0;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = s;
    conf.output = on_output;
    conf.item = on_item;
    conf.error = on_error;
    conf.type = (uint8_t) type;
    conf.mode = MDR_MODE_ENFORCE;
    conf.all_items = 1;
    conf.on_error_block = (uint8_t) block;
    conf.charset = "utf-8";
    conf.now = 1700000000;

    scan = mdr_scan_new(p, work, &conf);
    rc = MDR_OK;

    for (at = 0; at < len && rc == MDR_OK; at += n) {
        n = at == 0 ? first : rest;
        n = n < len - at ? n : len - at;

        /* memory of its own, so that reading behind it shows */

        piece = malloc(n);
        memcpy(piece, body + at, n);
        rc = mdr_scan_feed(scan, piece, n);
        free(piece);
    }

    if (rc == MDR_OK) {
        rc = mdr_scan_finish(scan);
    }

    mdr_scan_free(scan);
}


typedef struct {
    const char  *name;
    int          type;
    const char  *body, *want;
    unsigned     items;
} form_t;


static const char  policy[] =
    "schema: 1\npolicy: p\nslots:\n"
    "  - {name: j, type: json, match: \"$..rooms[*]\", fields: {t: \"$.t\"}}\n"
    "  - {name: s, type: script, script: window.S, match: \"$..rooms[*]\","
    " fields: {t: \"$.t\"}}\n"
    "  - {name: e, type: script, script: \"script.state\","
    " match: \"$..rooms[*]\", fields: {t: \"$.t\"}}\n"
    "  - {name: n, type: script, script: self.__next_f,"
    " match: \"$..rooms[*]\", fields: {t: \"$.t\"}}\n"
    "  - {name: h, type: html, match: li, fields: {t: b}}\n"
    "  - {name: hj, type: html, within: {json: \"$..html\"}, match: li,"
    " fields: {t: b}}\n"
    "  - {name: ha, type: json, within: {html: \"#app@data-page\"},"
    " match: \"$..rooms[*]\", fields: {t: \"$.t\"}}\n"
    "  - {name: ht, type: html, within: {html: \"textarea, code\"}, match: li,"
    " fields: {t: b}}\n"
    "  - {name: hs, type: html, within: {script: document.write}, match: li,"
    " fields: {t: b}}\n"
    "  - {name: ra, type: script, script: window.APOLLO, match: \"$[*]\","
    " refs: \"$..__ref\", fields: {t: \"$.t\"}}\n"
    "  - {name: rj, type: json, match: \"$.byId[*]\","
    " refs: \"$..ids[*]\", fields: {t: \"$.t\"}}\n"
    "rules:\n"
    "  - {id: gone, label: rumor, match: {in: [t], terms: [bad]}}\n"
    "  - {id: star, label: rumor, action: mask, match: {in: [t], terms:"
    " [mask]}}\n"
    "  - {id: flag, label: rumor, action: tag, suggestion: review,"
    " match: {in: [t], terms: [tagged]}}\n";

#define ROOMS  "{\"rooms\":[{\"t\":\"bad\"},{\"t\":\"ok\"}]}"
#define LEFT   "{\"rooms\":[{\"t\":\"ok\"}]}"

static const form_t  forms[] = {
    { "JSON as HTML", MDR_TYPE_HTML, " " ROOMS, " " LEFT, 2 },
    { "JSON as script", MDR_TYPE_JSONP, ROOMS, LEFT, 2 },
    { "a page as HTML", MDR_TYPE_HTML, "[x] <li><b>bad</b></li>", "[x] ", 1 },
    { "JSONP as JSON", MDR_TYPE_JSON, "cb(" ROOMS ");", "cb(" LEFT ");", 2 },
    { "JSONP as HTML", MDR_TYPE_HTML, "a.b1(" ROOMS ")", "a.b1(" LEFT ")",
      2 },
    { "calls", MDR_TYPE_JSONP, "/**/cb(200, " ROOMS ");cb(" ROOMS ");f({a:1})",
      "/**/cb(200, " LEFT ");cb(" LEFT ");f({a:1})", 4 },
    { "a comma behind", MDR_TYPE_JSONP, "cb(" ROOMS ", 1, " ROOMS ")",
      "cb(" LEFT ", 1, " LEFT ")", 4 },
    { "a name before", MDR_TYPE_JSONP, "window.cb && cb(" ROOMS ")",
      "window.cb && cb(" LEFT ")", 2 },
    { "a variable", MDR_TYPE_JSONP, "// x\nvar S = " ROOMS ";\ngo(1);",
      "// x\nvar S = " LEFT ";\ngo(1);", 2 },
    { "a mark in front", MDR_TYPE_JSON, "\xef\xbb\xbf" ROOMS,
      "\xef\xbb\xbf" LEFT, 2 },
    { "a guard", MDR_TYPE_JSON, ")]}'\n" ROOMS, ")]}'\n" LEFT, 2 },
    { "separators", MDR_TYPE_JSON, "\x1e" ROOMS "\n\x1e" ROOMS "\n",
      "\x1e" LEFT "\n\x1e" LEFT "\n", 4 },
    { "lengths", MDR_TYPE_JSON,
      ")]}'\n\n36\n[" ROOMS "]\n5\n[\"e\"]\n",
      ")]}'\n\n24\n[" LEFT "]\n5\n[\"e\"]\n", 2 },
    { "hex lengths", MDR_TYPE_JSON, "22\r\n" ROOMS "\r\n",
      "16\r\n" LEFT "\r\n", 2 },
    { "numbers that count nothing", MDR_TYPE_JSON, "7\n" ROOMS "\n",
      "7\n" LEFT "\n", 2 },
    { "events", MDR_TYPE_EVENTS,
      ": hi\n\nid: 1\ndata: " ROOMS "\n\ndata: [DONE]\n\ndata:" ROOMS "\r\n\r\n",
      ": hi\n\nid: 1\ndata: " LEFT "\n\ndata: [DONE]\n\ndata:" LEFT
      "\r\n\r\n", 4 },
    { "an event of lines", MDR_TYPE_EVENTS,
      "data: {\"rooms\":[{\"t\":\ndata: \"bad\"},\ndata: {\"t\":\"ok\"}\n"
      "data: ]}\n\n",
      "data: {\"rooms\":[\ndata: \ndata: {\"t\":\"ok\"}\ndata: ]}\n\n", 2 },
    { "an event of HTML", MDR_TYPE_EVENTS,
      "data: <li><b>bad</b></li><li>\ndata: <b>ok</b></li>\n\n",
      "data: <li>\ndata: <b>ok</b></li>\n\n", 2 },
    { "parts", MDR_TYPE_PARTS,
      "\r\n---\r\nContent-Type: application/json\r\n\r\n" ROOMS
      "\r\n---\r\nA: b\r\n\r\n" ROOMS "\r\n-----\r\n",
      "\r\n---\r\nContent-Type: application/json\r\n\r\n" LEFT
      "\r\n---\r\nA: b\r\n\r\n" LEFT "\r\n-----\r\n", 4 },
    { "one part", MDR_TYPE_PARTS, "\n---\nA: b\n\n" ROOMS "\n-----\n",
      "\n---\nA: b\n\n" LEFT "\n-----\n", 2 },
    { "rows", MDR_TYPE_ROWS,
      "1:I[\"a\"]\n2:T4,a\nb:3:" ROOMS "\n4:[\"$\",\"div\",null," ROOMS "]\n",
      "1:I[\"a\"]\n2:T4,a\nb:3:" LEFT "\n4:[\"$\",\"div\",null," LEFT "]\n",
      8 },
    { "flight over scripts", MDR_TYPE_HTML,
      "<script>(self.__next_f=self.__next_f||[]).push([0])</script>"
      "<script>self.__next_f.push([1,\"5:{\\\"rooms\\\":[{\\\"t\\\":\\\"b\"])"
      "</script><p>x</p><script>self.__next_f.push([1,\"ad\\\"},{\\\"t\\\":"
      "\\\"ok\\\"}]}\\n\"])</script>",
      "<script>(self.__next_f=self.__next_f||[]).push([0])</script>"
      "<script>self.__next_f.push([1,\"5:{\\\"rooms\\\":[\"])"
      "</script><p>x</p><script>self.__next_f.push([1,\"{\\\"t\\\":"
      "\\\"ok\\\"}]}\\n\"])</script>", 2 },
    { "devalue", MDR_TYPE_HTML,
      "<script class=state>[[\"Reactive\",1],{\"rooms\":2},[3,5,7],"
      "{\"t\":4},\"bad\",{\"t\":6},\"ok\",{\"t\":8},\"b\\u0061d\"]</script>",
      "<script class=state>[[\"Reactive\",1],{\"rooms\":2},[5],"
      "{\"t\":4},\"\",{\"t\":6},\"ok\",{\"t\":8},\"\"]</script>", 3 },
    { "devalue in JSON", MDR_TYPE_JSON,
      "{\"nodes\":[{\"data\":[{\"rooms\":1},[2,4],{\"t\":3},\"bad\","
      "{\"t\":5},\"ok\"]}],\"x\":[1]}",
      "{\"nodes\":[{\"data\":[{\"rooms\":1},[4],{\"t\":3},\"\","
      "{\"t\":5},\"ok\"]}],\"x\":[1]}", 2 },
    { "no flat array", MDR_TYPE_JSON,
      "[{\"a\":1,\"b\":2}," ROOMS ",{\"a\":3}]",
      "[{\"a\":1,\"b\":2}," LEFT ",{\"a\":3}]", 2 },
    { "turbo-stream", MDR_TYPE_HTML,
      "<script>window.S.c.enqueue(\"[{\\\"_1\\\":2},\\\"rooms\\\",[3,6],"
      "{\\\"_4\\\":5},\\\"t\\\",\\\"ok\\\",{\\\"_4\\\":7},\\\"bad\\\"]\\n\");"
      "</script>",
      "<script>window.S.c.enqueue(\"[{\\\"_1\\\":2},\\\"rooms\\\",[3],"
      "{\\\"_4\\\":5},\\\"t\\\",\\\"ok\\\",{\\\"_4\\\":7},\\\"\\\"]\\n\");"
      "</script>", 2 },
    { "percents", MDR_TYPE_HTML,
      "<script class=state>%7B%22rooms%22%3A%5B%7B%22t%22%3A%22bad%22%7D%2C"
      "%7B%22t%22%3A%22mask%22%7D%5D%7D</script>",
      "<script class=state>%7B%22rooms%22%3A%5B%7B%22t%22%3A%22****%22%7D%5D"
      "%7D</script>", 2 },
    { "a comment", MDR_TYPE_HTML, "<script class=state><!-- " ROOMS
      " --></script>", "<script class=state><!-- " LEFT " --></script>", 2 },
    { "hex escapes", MDR_TYPE_HTML,
      "<script>S = '\\x7b\\x22rooms\\x22:[{\\x22t\\x22:\\x22bad\\x22},"
      "{\\x22t\\x22:\\x22ok\\x22}]\\x7d'</script>",
      "<script>S = '\\x7b\\x22rooms\\x22:["
      "{\\x22t\\x22:\\x22ok\\x22}]\\x7d'</script>", 2 },
    { "an argument", MDR_TYPE_HTML,
      "<script>S(document.body, \"x\", " ROOMS ")</script>",
      "<script>S(document.body, \"x\", " LEFT ")</script>", 2 },
    { "pointers", MDR_TYPE_HTML,
      "<script>APOLLO={\"Q\":{\"l\":[{\"__ref\":\"R:1\"},{\"__ref\":\"R:2\"},"
      "{\"__ref\":\"R:3\"}],\"one\":{\"__ref\":\"R:3\"}},\"R:1\":{\"t\":\"bad\"},"
      "\"R:2\":{\"t\":\"ok\",\"next\":{\"__ref\":\"R:1\"}},"
      "\"R:3\":{\"t\":\"bad\"}};</script>",
      "<script>APOLLO={\"Q\":{\"l\":[{\"__ref\":\"R:2\"}],\"one\":null},"
      "\"R:2\":{\"t\":\"ok\",\"next\":null}};</script>", 4 },
    { "pointers in a string", MDR_TYPE_HTML,
      "<script>APOLLO=JSON.parse('{\"Q\":[{\"__ref\":\"R:\\u0031\"},"
      "{\"__ref\":\"R:2\"}],\"R:1\":{\"t\":\"bad\"},\"R:2\":{\"t\":\"\"}}')"
      "</script>",
      "<script>APOLLO=JSON.parse('{\"Q\":[{\"__ref\":\"R:2\"}],"
      "\"R:2\":{\"t\":\"\"}}')</script>", 3 },
    { "ids beside entities", MDR_TYPE_JSON,
      "{\"ids\":[\"1\",\"2\",\"3\"],\"byId\":{\"1\":{\"t\":\"bad\"},\"2\":"
      "{\"t\":\"ok\"},\"3\":{\"t\":\"bad\"}},\"z\":{\"ids\":[\"3\",\"2\"]}}",
      "{\"ids\":[\"2\"],\"byId\":{\"2\":{\"t\":\"ok\"}},\"z\":{\"ids\":[\"2\"]}}",
      3 },
    { "HTML in JSON", MDR_TYPE_JSON,
      "{\"html\":\"<ul><li class=\\\"a\\\"><b>b\\u0061d</b></li><li><b>ok</b>"
      "<\\/li></ul>\",\"n\":1}",
      "{\"html\":\"<ul><li><b>ok</b><\\/li></ul>\",\"n\":1}", 2 },
    { "a tag in HTML in JSON", MDR_TYPE_JSON,
      "{\"html\":\"<li><b>tagged</b></li><li><b>mask</b></li>\"}",
      "{\"html\":\"<li data-moderation-label=\\\"rumor\\\""
      " data-moderation-suggestion=\\\"review\\\""
      " data-moderation-rule=\\\"flag\\\"><b>tagged</b></li>"
      "<li><b>****</b></li>\"}", 2 },
    { "JSON in an attribute", MDR_TYPE_HTML,
      "<div data-page='{\"rooms\":[{\"t\":\"bad\"},{\"t\":\"tagged\"}]}' id=app>"
      "</div>",
      "<div data-page='{\"rooms\":[{\"t\":\"tagged\",&quot;moderation&quot;:{"
      "&quot;suggestion&quot;:&quot;review&quot;,&quot;label&quot;:"
      "&quot;rumor&quot;,&quot;rule&quot;:&quot;flag&quot;}}]}' id=app></div>",
      2 },
    { "HTML in a textarea", MDR_TYPE_HTML,
      "<textarea>&lt;li>&lt;b>bad&lt;/b>&lt;/li>&lt;li>&lt;b>ok</textarea>",
      "<textarea>&lt;li>&lt;b>ok</textarea>", 2 },
    { "HTML in a comment", MDR_TYPE_HTML,
      "<code><!-- <li><b>bad</b></li><li><b>ok</b></li> --></code>",
      "<code><!-- <li><b>ok</b></li> --></code>", 2 },
    { "document.write", MDR_TYPE_HTML,
      "<script>document.write('<li><b>bad<\\/b><\\/li><li title=\"\\'\">'"
      " + '<b>ok<\\/b>')</script>",
      "<script>document.write('<li title=\"\\'\">'"
      " + '<b>ok<\\/b>')</script>", 2 }
};


static void
check_form(const mdr_policy_t *p, const form_t *f)
{
    char           *clean, *at;
    size_t          i, len;
    static seen_t   s;

    len = strlen(f->body);
    run(p, f->body, len, f->type, 0, len, len, &s);

    if (s.out.len != strlen(f->want) || memcmp(s.out.data, f->want, s.out.len)
                                        != 0)
    {
        printf("# %s\n", f->name);
    }

    CHECK_STR(s.out.data, s.out.len, f->want);
    CHECK(s.items == f->items);
    CHECK(s.errors == 0);

    for (i = 0; i <= len; i++) {
        run(p, f->body, len, f->type, 1, i == 0 ? 1 : i, i == 0 ? 1 : len,
            &s);

        if (s.out.len != strlen(f->want)
            || memcmp(s.out.data, f->want, s.out.len) != 0
            || s.items != f->items || s.errors != 0)
        {
            printf("# %s, cut at %zu: %u items, %u errors, got %.*s\n",
                   f->name, i, s.items, s.errors, (int) s.out.len,
                   s.out.data);
            CHECK(!"the same however it is cut");
            break;
        }
    }

    /* nothing to be found */

    clean = strdup(f->body);

    while ((at = strstr(clean, "bad")) != NULL
           || (at = strstr(clean, "mask")) != NULL
           || (at = strstr(clean, "tagged")) != NULL)
    {
        at[0] = 'x';
    }

    run(p, clean, len, f->type, 0, 3, 5, &s);

    if (strstr(clean, "\\u0061") == NULL && strstr(clean, "[{\\\"t\\\":\\\"b")
                                            == NULL
        && strstr(clean, "\"t\\\":\\\"b\"") == NULL)
    {
        CHECK_STR(s.out.data, s.out.len, clean);
    }

    free(clean);
}


/* what cannot be read is said, and nothing of it leaves where that blocks */

static void
unreadable(const mdr_policy_t *p)
{
    size_t         i, cut, len;
    static seen_t  s;

    static const struct {
        int          type;
        const char  *body;
    } cases[] = {
        { MDR_TYPE_EVENTS, "data: {\"rooms\":[{\"t\":\"x\"},{\"t\":bad}]}\n\n" },
        { MDR_TYPE_PARTS, "--b\n\n{\"rooms\":[{\"t\":bad}]}\n--b--" },
        { MDR_TYPE_JSON, "{\"html\":{\"a\":1},\"rooms\":[{\"t\":'bad'}]}" },
        { MDR_TYPE_HTML, "<p id=app data-page='{\"rooms\":[{t:\"bad\"}]}'>" },
        { MDR_TYPE_HTML, "<p id=app data-page='bad'>" },
        { MDR_TYPE_HTML, "<script>S = f(\"bad\")</script>" },
        { MDR_TYPE_HTML, "<script>S={rooms:[].concat([{t:\"bad\"}])}"
          "</script>" },
        { MDR_TYPE_HTML, "<script>S={...{rooms:[{t:\"bad\"}]}}</script>" },
        { MDR_TYPE_HTML, "<script>S=true&&{rooms:[{t:\"bad\"}]}</script>" }
    };

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        len = strlen(cases[i].body);

        for (cut = 0; cut <= len; cut++) {
            run(p, cases[i].body, len, cases[i].type, 1, cut == 0 ? 1 : cut,
                cut == 0 ? 1 : len, &s);

            if (s.errors == 0 || (s.out.len != 0
                                  && strstr(s.out.data, "bad") != NULL))
            {
                printf("# %s, cut at %zu: %u errors, %.*s\n", cases[i].body,
                       cut, s.errors, (int) s.out.len, s.out.data);
                CHECK(!"counted, and nothing leaves");
                break;
            }
        }
        CHECK(i < 100);
    }
}


/* a value of any size is read with little memory: what waits is one item */

static void
large(const mdr_policy_t *p)
{
    size_t            i, n;
    mdr_scan_t       *scan;
    static seen_t     s;
    mdr_scan_conf_t   conf;
    mdr_scan_stats_t  stats;
    char              card[64];

    memset(&conf, 0, sizeof(conf));
    test_out_clear(&s.out);
    s.items = 0;
    s.errors = 0;
    conf.ctx = &s;
    conf.output = on_output;
    conf.item = on_item;
    conf.error = on_error;
    conf.type = MDR_TYPE_JSON;
    conf.mode = MDR_MODE_ENFORCE;
    conf.all_items = 1;
    conf.charset = "utf-8";

    scan = mdr_scan_new(p, work, &conf);
    CHECK(mdr_scan_feed(scan, (const uint8_t *) "{\"html\":\"", 9) == MDR_OK);

    for (i = 0; i < 20000; i++) {
        n = (size_t) snprintf(card, sizeof(card), "<li>%zu<b>%s<\\/b></li>", i,
                              i % 2 ? "ok" : "bad");
        CHECK(mdr_scan_feed(scan, (const uint8_t *) card, n) == MDR_OK);
    }

    CHECK(mdr_scan_feed(scan, (const uint8_t *) "\"}", 2) == MDR_OK);
    CHECK(mdr_scan_finish(scan) == MDR_OK);
    mdr_scan_stats(scan, &stats);
    mdr_scan_free(scan);

    CHECK(s.items == 20000 && s.errors == 0);
    CHECK(stats.removed == 10000);
    CHECK(stats.held_max < 8192);
    CHECK(strstr(s.out.data, "bad") == NULL);
}


/* what points to an item has left before the item is known: it is masked */

static void
left(const mdr_policy_t *p)
{
    size_t            i;
    char             *body;
    static seen_t     s;

    body = malloc(200000);
    strcpy(body, "{\"ids\":[\"1\",\"2\"],\"pad\":\"");
    for (i = strlen(body); i < 150000; i++) {
        body[i] = 'x';
    }
    strcpy(body + i, "\",\"byId\":{\"1\":{\"t\":\"a bad one\"},\"2\":{\"t\":"
           "\"ok\"}}}");

    run(p, body, strlen(body), MDR_TYPE_JSON, 0, 4096, 4096, &s);
    CHECK(strstr(s.out.data, "\"ids\":[\"1\",\"2\"]") != NULL);
    CHECK(strstr(s.out.data, "\"1\":{\"t\":\"a *** one\"},\"2\"") != NULL);
    free(body);
}


int
main(void)
{
    size_t         i;
    mdr_policy_t  *p;

    work = mdr_work_new(NULL);
    p = test_policy(policy, NULL);
    CHECK(work != NULL && p != NULL);

    for (i = 0; p != NULL && i < sizeof(forms) / sizeof(forms[0]); i++) {
        test_begin(forms[i].name);
        check_form(p, &forms[i]);
    }

    test_begin("what cannot be read is counted, and on_error acts");
    unreadable(p);

    test_begin("a long value takes little memory");
    large(p);

    test_begin("a pointer that has left");
    left(p);

    mdr_policy_free(p);
    mdr_work_free(work);

    return test_done();
}
