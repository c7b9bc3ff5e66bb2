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
    "  - {name: df, type: script, script: default, match: \"$..rooms[*]\","
    " fields: {t: \"$.t\"}}\n"
    "  - {name: fd, type: script, script: self.__FLIGHT_DATA,"
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
    { "parts with lengths", MDR_TYPE_PARTS,
      "\r\n---\r\nContent-Length: 34\r\nA: b\r\n\r\n" ROOMS
      "\r\n---\r\ncontent-length:34 \n\n" ROOMS "\n---\r\nContent-Length: 7"
      "\r\n\r\n" ROOMS "\r\n-----\r\n",
      "\r\n---\r\nContent-Length: 22\r\nA: b\r\n\r\n" LEFT
      "\r\n---\r\ncontent-length:22 \n\n" LEFT "\n---\r\nContent-Length: 7"
      "\r\n\r\n" LEFT "\r\n-----\r\n", 6 },
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
    { "rows of text", MDR_TYPE_ROWS,
      "1:I[\"a\"]\n2f:T7,so bad\n3:{\"rooms\":[{\"t\":\"$2f\"},{\"t\":\"$$3\"},"
      "{\"t\":\"ok\"}]}\n4:Ta,mask \xe4\xb8\xad x5:{\"rooms\":[{\"t\":\"$4\"}]}\n",
      "1:I[\"a\"]\n2f:T7,so bad\n3:{\"rooms\":[{\"t\":\"$$3\"},"
      "{\"t\":\"ok\"}]}\n4:Ta,mask \xe4\xb8\xad x5:{\"rooms\":[{\"t\":\"*******\"}]}\n",
      8 },
    { "a list in a row behind", MDR_TYPE_ROWS,
      "5:[\"$\",\"$L1\",null,{\"rooms\":\"$@8\"}]\n8:[{\"t\":\"bad\"},"
      "{\"t\":\"ok\"}]\n9:[{\"t\":\"bad\"}]\n",
      "5:[\"$\",\"$L1\",null,{\"rooms\":\"$@8\"}]\n8:["
      "{\"t\":\"ok\"}]\n9:[{\"t\":\"bad\"}]\n", 4 },
    { "items in rows behind", MDR_TYPE_ROWS,
      "5:{\"rooms\":[\"$8\",\"$L9\",{\"t\":\"ok\"}]}\n8:{\"t\":\"bad\"}\n"
      "9:{\"t\":\"ok\"}\n",
      "5:{\"rooms\":[\"$8\",\"$L9\",{\"t\":\"ok\"}]}\n8:null\n"
      "9:{\"t\":\"ok\"}\n", 10 },
    { "a list in another script", MDR_TYPE_HTML,
      "<script>self.__next_f.push([1,\"5:{\\\"rooms\\\":\\\"$8\\\"}\\n\"])"
      "</script><script>self.__next_f.push([1,\"8:[{\\\"t\\\":\\\"bad\\\"}]"
      "\\n\"])</script>",
      "<script>self.__next_f.push([1,\"5:{\\\"rooms\\\":\\\"$8\\\"}\\n\"])"
      "</script><script>self.__next_f.push([1,\"8:[]"
      "\\n\"])</script>", 1 },
    { "values that are no pointers", MDR_TYPE_ROWS,
      "8:[{\"t\":\"x\"}]\n5:{\"rooms\":\"$undefined\",\"a\":[\"$8\",\"$L8\"],"
      "\"b\":{\"rooms\":[\"$D2026\",\"$$8\",\"8\"]}}\n",
      "8:[{\"t\":\"x\"}]\n5:{\"rooms\":\"$undefined\",\"a\":[\"$8\",\"$L8\"],"
      "\"b\":{\"rooms\":[\"$D2026\",\"$$8\",\"8\"]}}\n", 6 },
    { "a text over scripts", MDR_TYPE_HTML,
      "<script>self.__next_f.push([1,\"2:T5,a \"])</script>"
      "<script>self.__next_f.push([1,\"bad5:{\\\"rooms\\\":[{\\\"t\\\":"
      "\\\"$2\\\"}]}\\n\"])</script>",
      "<script>self.__next_f.push([1,\"2:T5,a \"])</script>"
      "<script>self.__next_f.push([1,\"bad5:{\\\"rooms\\\":[]}\\n\"])"
      "</script>", 1 },
    { "flight after a hint", MDR_TYPE_HTML,
      "<script>(self.__next_f=self.__next_f||[]).push([1,\"2:T3,\"])</script>"
      "<script>self.__next_f.push([1,\"bad5:{\\\"rooms\\\":[{\\\"t\\\":"
      "\\\"bad\\\"}]}\\n\"])</script>",
      "<script>(self.__next_f=self.__next_f||[]).push([1,\"2:T3,\"])</script>"
      "<script>self.__next_f.push([1,\"bad5:{\\\"rooms\\\":[]}\\n\"])"
      "</script>", 1 },
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
      " + '<b>ok<\\/b>')</script>", 2 },
    { "a string", MDR_TYPE_JSON,
      "\"{\\\"rooms\\\":[{\\\"t\\\":\\\"bad\\\"},{\\\"t\\\":\\\"ok\\\"}]}\"",
      "\"{\\\"rooms\\\":[{\\\"t\\\":\\\"ok\\\"}]}\"", 2 },
    { "a string as a page", MDR_TYPE_HTML,
      "\"<ul><li class=\\\"a\\\"><b>bad<\\/b><li><b>ok<\\/b>\\n\"",
      "\"<ul><li><b>ok<\\/b>\\n\"", 2 },
    { "a page that begins so", MDR_TYPE_HTML,
      "\"<b>x</b>\" <li><b>bad</b></li>", "\"<b>x</b>\" ", 1 },
    { "a string in a string", MDR_TYPE_JSON,
      "\"\\\"[{\\\\\\\"rooms\\\\\\\":[{\\\\\\\"t\\\\\\\":\\\\\\\"bad\\\\\\\"}]}]\\\"\"",
      "\"\\\"[{\\\\\\\"rooms\\\\\\\":[]}]\\\"\"", 1 },
    { "strings that are none", MDR_TYPE_JSON, "\"[1] see {x}\"\n\"< bad\"",
      "\"[1] see {x}\"\n\"< bad\"", 0 },
    { "a call of a string", MDR_TYPE_JSONP,
      "cb(\"<li><b>bad<\\/b><\\/li><li><b>ok<\\/b>\", " ROOMS ");",
      "cb(\"<li><b>ok<\\/b>\", " LEFT ");", 4 },
    { "JSON.parse", MDR_TYPE_JSONP, "cb(JSON.parse('" ROOMS "'), 1)",
      "cb(JSON.parse('" LEFT "'), 1)", 2 },
    { "JSON.parse of pieces", MDR_TYPE_JSONP,
      "cb(JSON.parse('{\"rooms\":[{\"t\":\"bad\"' + '},{\"t\":\"it\\'s\"}]}'))",
      "cb(JSON.parse('{\"rooms\":[{\"t\":\"it\\'s\"}]}'))", 2 },
    { "in percents", MDR_TYPE_JSONP,
      "cb(JSON.parse(decodeURIComponent('%7b%22rooms%22%3A%5B%7B%22t%22%3A"
      "%22bad%22%7D%2C%7B%22t%22%3A%22ok%22%7D%5D%7D')));",
      "cb(JSON.parse(decodeURIComponent('%7b%22rooms%22%3A%5B"
      "%7B%22t%22%3A%22ok%22%7D%5D%7D')));", 2 },
    { "unescape", MDR_TYPE_JSONP,
      "cb(unescape(\"%7B%22rooms%22%3A%5B%7B%22t%22%3A%22%u4e2d bad%22%7D"
      "%5D%7D\"))",
      "cb(unescape(\"%7B%22rooms%22%3A%5B%5D%7D\"))", 1 },
    { "eval", MDR_TYPE_JSONP, "cb(eval('(" ROOMS ")'));",
      "cb(eval('(" LEFT ")'));", 2 },
    { "eval, escaped", MDR_TYPE_JSONP,
      "cb( eval(\"( {\\\"rooms\\\":[{\\\"t\\\":\\\"bad\\\"}]} );\") )",
      "cb( eval(\"( {\\\"rooms\\\":[]} );\") )", 1 },
    { "a value or another", MDR_TYPE_JSONP, "cb(window.x_1 || " ROOMS ")",
      "cb(window.x_1 || " LEFT ")", 2 },
    { "a value, another, an argument", MDR_TYPE_JSONP,
      "cb(0, a ?? b&&" ROOMS ", " ROOMS ")", "cb(0, a ?? b&&" LEFT ", " LEFT ")",
      4 },
    { "no quotes", MDR_TYPE_JSONP,
      "cb({code:0,/* x */rooms:[{t:'bad',},{t:\"ok\"}]},1);c({\"rooms\":[]})",
      "cb({code:0,/* x */rooms:[{t:\"ok\"}]},1);c({\"rooms\":[]})", 2 },
    { "no quotes, as JSON", MDR_TYPE_JSON,
      "cb( [ {rooms:[{'t':\"bad\"},{t:1e3}]}])\n",
      "cb( [ {rooms:[{t:1e3}]}])\n", 2 },
    { "functions beside", MDR_TYPE_JSONP,
      "cb({f:function(){a({})},g(){},rooms:[{t:'bad'},{t:''}],n:1.});",
      "cb({f:function(){a({})},g(){},rooms:[{t:''}],n:1.});", 2 },
    { "quotes and none", MDR_TYPE_JSONP,
      "cb({a:1});cb(" ROOMS ");", "cb({a:1});cb(" LEFT ");", 2 },
    { "if", MDR_TYPE_JSONP,
      "if (typeof cb === 'function') { cb(" ROOMS "); }",
      "if (typeof cb === 'function') { cb(" LEFT "); }", 2 },
    { "if, as JSON", MDR_TYPE_JSON, "if(window.cb)cb(" ROOMS ");",
      "if(window.cb)cb(" LEFT ");", 2 },
    { "what another makes of it", MDR_TYPE_JSONP,
      "cb(new Feed(1, " ROOMS "));", "cb(new Feed(1, " LEFT "));", 2 },
    { "a string as an event", MDR_TYPE_EVENTS,
      "data: \" hi\"\n\ndata: \"{\\\"rooms\\\":[{\\\"t\\\":\\\"bad\\\"}]}\"\n\n",
      "data: \" hi\"\n\ndata: \"{\\\"rooms\\\":[]}\"\n\n", 1 },
    { "Datastar", MDR_TYPE_EVENTS,
      "event: datastar-patch-elements\ndata: mode append\ndata: elements "
      "<ul><li\ndata: elements class=x><b>bad</b></li><li><b>ok</b></ul>\n\n"
      "event: datastar-patch-signals\ndata: signals " ROOMS "\n\n",
      "event: datastar-patch-elements\ndata: mode append\ndata: elements <ul>"
      "\ndata: elements <li><b>ok</b></ul>\n\n"
      "event: datastar-patch-signals\ndata: signals " LEFT "\n\n", 4 },
    { "a tag over two lines", MDR_TYPE_EVENTS,
      "data: <li\ndata: a><b>bad</b></li><li><b>ok\n\n",
      "data: \ndata: <li><b>ok\n\n", 2 },
    { "rows of others", MDR_TYPE_HTML,
      "<script>(self.__FLIGHT_DATA||=[]).push(\"5:{\\\"rooms\\\":[{\\\"t\\\":"
      "\\\"b\")</script><script>self.__FLIGHT_DATA.push('ad\"},{\"t\":\"ok\"}]}')"
      "</script>",
      "<script>(self.__FLIGHT_DATA||=[]).push(\"5:{\\\"rooms\\\":[\")</script>"
      "<script>self.__FLIGHT_DATA.push('{\"t\":\"ok\"}]}')</script>", 2 },
    { "a place before the text", MDR_TYPE_HTML,
      "<script>document.write('beforeend', '<li><b>bad</b></li>');"
      "document.write('beforeend')</script>",
      "<script>document.write('beforeend', '');document.write('beforeend')"
      "</script>", 1 },
    { "a text in an object", MDR_TYPE_HTML,
      "<script>document.write({id:'x','html':'<ul><li><b>bad<\\/b><li><b>it\\'s',"
      "more:[\"<li><b>bad<\\/b><\\/li>\"], f: 1 + 2})</script>",
      "<script>document.write({id:'x','html':'<ul><li><b>it\\'s',"
      "more:[\"\"], f: 1 + 2})</script>", 3 },
    { "export", MDR_TYPE_JSONP, "export default " ROOMS ";\n",
      "export default " LEFT ";\n", 2 },
    { "a function that gives it", MDR_TYPE_HTML,
      "<script>a.S?.resolve(1, () => [" ROOMS "], x)</script>",
      "<script>a.S?.resolve(1, () => [" LEFT "], x)</script>", 2 },
    { "names in patterns", MDR_TYPE_HTML,
      "<script>function f({S}={}, [a, S]){};const {S: b} = c;f({S})</script>",
      "<script>function f({S}={}, [a, S]){};const {S: b} = c;f({S})</script>",
      0 },
    { "a promise of Remix", MDR_TYPE_HTML,
      "<script>S.r(\"routes/x\", \"feed\", " ROOMS ")</script>",
      "<script>S.r(\"routes/x\", \"feed\", " LEFT ")</script>", 2 },
    { "frozen", MDR_TYPE_JSONP, "cb(Object.freeze(" ROOMS "))",
      "cb(Object.freeze(" LEFT "))", 2 },
    { "a value or another as a state", MDR_TYPE_HTML,
      "<script>S(x || " ROOMS ", f);</script>",
      "<script>S(x || " LEFT ", f);</script>", 2 },
    { "no call of a state", MDR_TYPE_HTML,
      "<script>function S(a){};S(function(){f()});S(x);S(\"Px\", 1)</script>",
      "<script>function S(a){};S(function(){f()});S(x);S(\"Px\", 1)</script>",
      0 },
    { "base64 further on", MDR_TYPE_JSONP,
      "cb(" ROOMS ");x(atob('eyJ'))", "cb(" LEFT ");x(atob('eyJ'))", 2 },
    { "around a call", MDR_TYPE_JSONP, ";(function(){cb((" ROOMS "))})();",
      ";(function(){cb((" LEFT "))})();", 2 },
    { "try", MDR_TYPE_JSON, "try{cb(" ROOMS ")}catch(e){}",
      "try{cb(" LEFT ")}catch(e){}", 2 },
    { "a call by its name", MDR_TYPE_JSONP,
      "window['cb']&&window['cb'](" ROOMS ")",
      "window['cb']&&window['cb'](" LEFT ")", 2 },
    { "a guard and a call", MDR_TYPE_JSONP, "while(1);cb(" ROOMS ")",
      "while(1);cb(" LEFT ")", 2 },
    { "{}&&", MDR_TYPE_JSON, "{} && " ROOMS, "{} && " LEFT, 2 },
    { "nothing", MDR_TYPE_JSON, "{}\n", "{}\n", 0 },
    { "-secure-", MDR_TYPE_JSON, "/*-secure-\n" ROOMS "\n*/",
      "/*-secure-\n" LEFT "\n*/", 2 },
    { "-secure- as script", MDR_TYPE_JSONP, "/*-secure-\n" ROOMS "*/",
      "/*-secure-\n" LEFT "*/", 2 },
    { "for", MDR_TYPE_JSON, "for (;;) ;" ROOMS, "for (;;) ;" LEFT, 2 },
    { "for as a page", MDR_TYPE_HTML, "for(;;);" ROOMS, "for(;;);" LEFT, 2 },
    { "while", MDR_TYPE_JSON, "while(true);\n" ROOMS, "while(true);\n" LEFT,
      2 },
    { "throw", MDR_TYPE_JSON, "throw 1; < do not be rude >\n" ROOMS,
      "throw 1; < do not be rude >\n" LEFT, 2 },
    { "a comment before JSON", MDR_TYPE_JSON, "// x\n/* y */ " ROOMS,
      "// x\n/* y */ " LEFT, 2 },
    { "JSON in a comment", MDR_TYPE_JSON, "<!-- " ROOMS " -->",
      "<!-- " LEFT " -->", 2 }
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
        { MDR_TYPE_JSON, "\"{\\\"rooms\\\":[{\\\"t\\\":bad}]}\"" },
        { MDR_TYPE_JSON, "\"%7B%22rooms%22%3A%5B%7B%22t%22%3A%22bad%22\"" },
        { MDR_TYPE_JSONP, "cb('{\"rooms\":[{\"t\":' + bad + '}]}')" },
        { MDR_TYPE_JSONP, "cb(`{\"rooms\":[{\"t\":${bad}}]}`)" },
        { MDR_TYPE_JSONP, "cb('{\"rooms\":[{\"t\":\"bad" },
        { MDR_TYPE_JSONP, "cb(atob('bad'))" },
        { MDR_TYPE_JSONP, "cb(eval('({rooms:[{t:\"bad\"}]})'))" },
        { MDR_TYPE_JSONP, "cb({rooms:[{t:\"a\"+\"bad\"}]})" },
        { MDR_TYPE_JSONP, "cb({rooms:[{t:\"bad" },
        { MDR_TYPE_JSON, "cb({rooms:[{t:\"bad\"}].map(f)})" },
        { MDR_TYPE_JSONP, "try{cb(JSON.parse(window.atob (\"bad\")))}catch(e){}" },
        { MDR_TYPE_HTML, "<script>self.__next_f.push([1,\"5:{\\\"rooms\\\":["
          "{\\\"t\\\":\\\"$6\\\",\\\"n\\\":\\\"bad\\\"}]}\\n6:T3,xyz\"])</script>" },
        { MDR_TYPE_ROWS, "5:{\"rooms\":[{\"t\":\"$L6\",\"n\":\"bad\"}]}\n" },
        { MDR_TYPE_ROWS, "5:{\"rooms\":[{\"t\":\"$6:a:b\",\"n\":\"bad\"}]}\n" },
        { MDR_TYPE_ROWS, "8:[1]\n5:{\"rooms\":\"$8:bad\",\"rooms\":[{\"t\":"
          "\"$L9\",\"n\":\"bad\"}]}\n" },
        { MDR_TYPE_HTML, "<script>let [S]=[{t:\"bad\"}];</script>" },
        { MDR_TYPE_HTML, "<script>const {a: {S}} = {a:{S:[\"bad\"]}};"
          "</script>" },
        { MDR_TYPE_HTML, "<script>for (const S of [{t:'bad'}]) f(S)</script>" },
        { MDR_TYPE_HTML, "<script>S(() => {return 'bad'})</script>" },
        { MDR_TYPE_HTML, "<script>S(f(\"bad\"));</script>" },
        { MDR_TYPE_HTML, "<script>S(JSON.parse(g(\"bad\")))</script>" },
        { MDR_TYPE_HTML, "<script>a.S.push(1, LZ.un(\"bad\"))</script>" },
        { MDR_TYPE_HTML, "<script>S.enqueue(\"P5:[bad]\\n\")</script>" },
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


/* what is flushed does not wait for a charset, and what is declared behind the
 * flush counts from there on */

static void
flushed(void)
{
    size_t             i, step, len;
    mdr_scan_t        *scan;
    mdr_policy_t      *p;
    static seen_t      s;
    mdr_scan_conf_t    conf;

    static const char  rules[] =
        "{\"schema\":1,\"policy\":\"p\",\"slots\":[{\"name\":\"c\",\"type\":"
        "\"html\",\"match\":\"li\",\"fields\":{\"t\":\"b\"}}],\"rules\":[{"
        "\"id\":\"r\",\"label\":\"rumor\",\"match\":{\"in\":[\"t\"],\"terms\":"
        "[\"刷单\"]}}]}";
#define GBK_CARDS  "<li><b>\xcb\xa2\xb5\xa5</b></li><li><b>ok</b></li>"

    static const char *const  pages[] = {
        "<html><head><meta charset=gbk></head>" GBK_CARDS,
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; "
        "charset=gb2312\"></head>" GBK_CARDS,
        "<title>\xca\xd7\xd2\xb3</title><meta charset='gbk'>" GBK_CARDS
    };

    p = test_policy(rules, NULL);
    memset(&conf, 0, sizeof(conf));
    test_out_clear(&s.out);
    conf.ctx = &s;
    conf.output = on_output;
    conf.item = on_item;
    conf.error = on_error;
    conf.type = MDR_TYPE_HTML;
    conf.mode = MDR_MODE_ENFORCE;
    conf.now = 1700000000;

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        for (step = 1; step < 40; step++) {
            size_t  at, n;

            test_out_clear(&s.out);
            scan = mdr_scan_new(p, work, &conf);
            len = strlen(pages[i]);

            for (at = 0; at < len; at += n) {
                n = step < len - at ? step : len - at;
                CHECK(mdr_scan_feed(scan, (const uint8_t *) pages[i] + at, n)
                      == MDR_OK);
                CHECK(mdr_scan_flush(scan) == MDR_OK);
            }

            CHECK(mdr_scan_finish(scan) == MDR_OK);
            mdr_scan_free(scan);

            if (strstr(s.out.data, "\xcb\xa2") != NULL
                || strstr(s.out.data, "<li><b>ok</b></li>") == NULL
                || s.out.len != len - 20)
            {
                printf("# page %zu by %zu: %s\n", i, step, s.out.data);
                CHECK(!"read in its charset");
            }
        }
    }

    mdr_policy_free(p);
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
    /* more wait than can: those that do not are masked for */

    strcpy(body, "{\"ids\":[");
    for (i = 0; i < 5000; i++) {
        sprintf(body + strlen(body), "\"%zu\",", i);
    }
    strcat(body, "\"x\"],\"byId\":{\"7\":{\"t\":\"bad\"},\"4999\":"
           "{\"t\":\"a bad one\"},\"5000\":{\"t\":\"bad\"}}}");

    run(p, body, strlen(body), MDR_TYPE_JSON, 0, 4096, 4096, &s);
    CHECK(strstr(s.out.data, "\"6\",\"8\",") != NULL);
    CHECK(strstr(s.out.data, "\"4999\",\"x\"]") != NULL);
    CHECK(strstr(s.out.data, "\"byId\":{\"4999\":{\"t\":\"a *** one\"}}}")
          != NULL);
    CHECK(s.errors == 0);

    /* a part that is longer than what is held: its Content-Length goes */

    strcpy(body, "--b\nContent-Length: 150034\nA: b\n\n" ROOMS);
    i = strlen(body);
    memset(body + i, ' ', 150000);
    strcpy(body + i + 150000, "\n--b--\n");

    run(p, body, strlen(body), MDR_TYPE_PARTS, 0, 4096, 4096, &s);
    CHECK(strncmp(s.out.data, "--b\nA: b\n\n" LEFT " ", 33) == 0);
    CHECK(s.errors == 0);
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

    test_begin("a charset that is declared behind a flush");
    flushed();

    test_begin("a long value takes little memory");
    large(p);

    test_begin("a pointer that has left");
    left(p);

    mdr_policy_free(p);
    mdr_work_free(work);

    return test_done();
}
