/*
 * stray.c - documents in what is labelled as something else, or behind something
 * else: calls with functions, code, notices of PHP, packets, messages, events
 * and parts as pages.  What is no such body leaves as it came and is not
 * counted; what cannot be read is counted, and nothing of it leaves in block.
 */

#include "test_page.h"

static const char  policy[] =
    "schema: 1\npolicy: p\nslots:\n"
    "  - {name: j, type: json, match: \"$..rooms[*]\", fields: {t: \"$.t\"}}\n"
    "  - {name: h, type: html, match: li, fields: {t: b}}\n"
    "rules:\n"
    "  - {id: gone, label: rumor, match: {in: [t], terms: [bad]}}\n";

static mdr_work_t    *work;
static mdr_policy_t  *rules;
static test_page_t    s;

#define AS  MDR_TYPE_JSONP
#define HT  MDR_TYPE_HTML
#define JS  MDR_TYPE_JSON
#define EV  MDR_TYPE_EVENTS
#define NO  MDR_TYPE_AUTO


/* "@" is a document, "#" one in a string, "%" as HTML */

static void
fill(const char *form, int clean, char *out, size_t size)
{
    size_t       n;
    const char  *d;

    static const char *const  with[] = {
        "{\"rooms\":[{\"t\":\"bad\"},{\"t\":\"ok\"}]}",
        "{\\\"rooms\\\":[{\\\"t\\\":\\\"bad\\\"},{\\\"t\\\":\\\"ok\\\"}]}",
        "<li><b>bad</b></li><li><b>ok</b></li>"
    };
    static const char *const  left[] = {
        "{\"rooms\":[{\"t\":\"ok\"}]}",
        "{\\\"rooms\\\":[{\\\"t\\\":\\\"ok\\\"}]}",
        "<li><b>ok</b></li>"
    };

    for (n = 0; *form != '\0' && n + 1 < size; form++) {
        d = strchr("@#%", *form);

        if (d != NULL) {
            d = (clean ? left : with)[d - strchr("@#%", '@')];
            n += (size_t) snprintf(out + n, size - n, "%s", d);
        } else {
            out[n++] = *form;
        }
    }

    out[n < size ? n : size - 1] = '\0';
}


static void
read_forms(void)
{
    int               block;
    char              body[4096], want[4096];
    size_t            i;
    test_page_conf_t  conf;

    static const struct {
        int          type;
        const char  *form;
    } forms[] = {
        { AS, "cb(function(){return @});" },
        { AS, "cb((function(){return @})());" },
        { AS, "cb(()=>(@))" },
        { AS, "cb(async () => { return @ })" },
        { AS, "cb({...@})" },
        { AS, "cb(...[@])" },
        { AS, "cb(1?@:null)" },
        { AS, "define(function(){return @});" },
        { AS, "define([\"a\"],function(a){return @});" },
        { AS, "define(\"x\",[],function(){return @})" },
        { AS, "\"use strict\";cb(@);" },
        { AS, "var d=@;cb(d);" },
        { AS, "window.__d=@;window.cb&&cb(window.__d)" },
        { AS, "const {rooms}=@;" },
        { AS, "module.exports = @;\n" },
        { AS, "export const feed = @" },
        { AS, "(function(r,f){f(r)})(this,function(r){r.feed=@});" },
        { AS, "setTimeout(function(){cb(@)},0)" },
        { AS, "window.dispatchEvent(new CustomEvent(\"feed\",{detail:@}))" },
        { AS, "(self.w=self.w||[]).push([[7],{123:e=>{e.exports=@}}]);" },
        { AS, "System.register([],function(e){return{execute:function(){"
              "e(\"default\",@)}}})" },
        { AS, "f(a / 2, \"it's\", /[\"'{]/, `${1}`);var x = @; // {\"rooms\":[" },
        { AS, "var a='{\"rooms\":[]}',b=JSON.parse(\"#\");" },
        { AS, "var a = {rooms:[{t:'bad'},{t:'ok'}]}.rooms" },
        { AS, "($R=>$R[0]={rooms:$R[1]=[{t:'bad'},{t:'ok'}]})"
              "($R[\"x\"])" },
        { AS, "cb({f:function(){return {a:1}},b:@,g(){},c:[@]})" },
        { AS, "cb({\"a\":function(){},\"rooms\":[{t:'bad'},{t:'ok'}]})" },
        { JS, "cb(function(){return @});" },
        { HT, "cb(function(){return @});" },
        { HT, "x && cb({rooms:[{t:'bad'},{t:'ok'}]})" },
        { HT, "<br />\n<b>Notice</b>:  Undefined index: a in <b>/a.php</b> on"
              " line <b>3</b><br />\n@" },
        { HT, "\nDeprecated: Creation of a property in /a.php on line 3\n@" },
        { HT, "<font size='1'><table class='xdebug-error' dir='ltr'><tr><th>x"
              "</th></tr></table></font>\n@" },
        { JS, "<br>\n<b>Warning</b>: x<br>\n[@]" },
        { JS, "PHP Warning:  x in /a.php\n@" },
        { JS, "$$$\n@" },
        { EV, "data: cb(@);\n\n" },
        { EV, "data: rooms @ and @\n\n" },
        { EV, "data: var d=@\n\n" },
        { EV, "data: 42[\"rooms\",@]\n\n" },
        { EV, "data: a[\"#\",\"x\"]\n\n" },
        { EV, "data: {\"type\":1,\"a\":[@]}\x1e\n\n" },
        { EV, "data: it's %\n\n" },
        { HT, "data: @\n\n" },
        { HT, "id: 1\nevent: x\ndata: @\n\n" },
        { JS, "data: @\n\n" },
        { NO, "data: @\n\n" },
        { HT, "\r\n---\r\nContent-Type: application/json\r\n\r\n@\r\n-----\r\n" },
        { MDR_TYPE_PARTS, "--b\r\nContent-Type: application/http\r\n\r\n"
          "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n@\r\n--b--" },
        { HT, "0:{\"P\":null}\n1:\"$Sreact.fragment\"\n2:@\n" },
        { NO, "1:I[\"a\"]\n2:[\"$\",\"p\",null,@]\n" },
        { JS, "42[\"rooms\",@]" },
        { JS, "40{\"sid\":\"x\"}\x1e" "42/chat,7[\"rooms\",@]" },
        { HT, "42[\"rooms\",@]" },
        { NO, "4312[\"rooms\",@]" },
        { AS, "___eio[0](\"42[\\\"rooms\\\",#]\");" },
        { AS, "a[\"#\"]\n" },
        { AS, "o\na[\"#\",\"#\"]\nh\na[\"x\"]\n" },
        { AS, "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"
              "hhhh\na[\"#\"]\n" },
        { AS, "$(\".l\").append(\"%\");" },
        { AS, "l.innerHTML = '<ul>' + x + `%${y}` + \"<p>\" + \"%\"" },
        { AS, "a[\"MESSAGE\\ncontent-type:application/json\\n\\n#\\u0000\"]\n" },
    };

    test_begin("read");

    for (block = 0; block < 2; block++) {
        for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
            memset(&conf, 0, sizeof(conf));
            conf.type = forms[i].type;
            conf.block = block;

            fill(forms[i].form, 0, body, sizeof(body));
            fill(forms[i].form, 1, want, sizeof(want));

            if (strstr(forms[i].form, "'bad'") != NULL) {
                char  *at = strstr(want, "{t:'bad'},");

                memmove(at, at + 10, strlen(at + 10) + 1);
            }

            test_page(rules, work, &conf, body, want, &s);

            if (s.errors != 0) {
                printf("# counted: %s\n", body);
            }
            CHECK(s.errors == 0);
        }
    }

    test_end();
}


static void
lengths(void)
{
    test_page_conf_t  conf = { MDR_TYPE_JSON, 1, 0 };

    test_begin("the lengths of packets");
    test_page(rules, work, &conf,
              "2:4045:42[\"e\",{\"rooms\":[{\"t\":\"bad\"},{\"t\":\"ok\xe4\xba\x8c\"}]}]"
              "1:640:42[\"e\",{\"rooms\":[{\"t\":\"bad\"},{\"t\":\"\"}]}]",
              "2:4033:42[\"e\",{\"rooms\":[{\"t\":\"ok\xe4\xba\x8c\"}]}]"
              "1:628:42[\"e\",{\"rooms\":[{\"t\":\"\"}]}]", &s);
    CHECK(s.errors == 0 && s.items == 4);
    test_end();
}


/* counted, and nothing of it leaves in block */

static void
counted(void)
{
    int               block;
    char              body[4096];
    size_t            i;
    test_page_conf_t  conf;

    static const struct {
        int          type;
        const char  *form;
    } forms[] = {
        { AS, "cb({code:0,load:function(){return @}})" },
        { AS, "cb({code:0,load(){return {rooms:[{t:'bad'}]}}})" },
        { AS, "cb({get data(){return @}, a: 1})" },
        { AS, "cb({code:0,load:()=>(@)})" },
        { AS, "var t = String.raw` @`" },
        { AS, "($R=>$R[0]={rooms:$R[9],a:$R[1]={}})($R[\"x\"])" },
        { AS, "___eio[0](\"58:42[\\\"rooms\\\",#]\");" },
        { EV, "data: eyJyb29tcyI6W3sidCI6ImJhZCJ9XX0=\n\n" },
        { HT, "\x12\x0d" "bad\x12\x03ok" },
        { AS, "\x08\x01\x12\x03" "bad" },
    };

    test_begin("counted");

    for (block = 0; block < 2; block++) {
        for (i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
            memset(&conf, 0, sizeof(conf));
            conf.type = forms[i].type;
            conf.block = block;
            fill(forms[i].form, 0, body, sizeof(body));
            test_page(rules, work, &conf, body, NULL, &s);

            if (s.errors == 0 || (block && s.out.len != 0
                                  && (strstr(s.out.data, "bad") != NULL
                                      || strstr(s.out.data, "ImJhZCJ9"))))
            {
                printf("# %u errors, %s -> %.*s\n", s.errors, body,
                       (int) s.out.len, s.out.data);
                CHECK(!"said, and nothing of it leaves");
            }
        }
    }

    test_end();
}


/* programs, pages and texts are none: as they came, and nothing is said */

static void
others(void)
{
    size_t            i;
    test_page_conf_t  conf;

    static const struct {
        int          type;
        const char  *body;
    } bodies[] = {
        { AS, "/*! lib 3.7 */!function(e,t){\"use strict\";\"object\"==typeof"
              " module?module.exports=t(e):t(e)}(window,function(w){var o={"
              "\"a\":1,b:function(){return{\"c\":[]}}};return o});" },
        { AS, "(self.w=self.w||[]).push([[7],{\"./src/a.js\":function(e,t,n){"
              "e.exports={\"title\":n(3)}}}]);" },
        { AS, "import{a as b}from\"./x.js\";const t={\"a\":1,d:[]};b(t)" },
        { AS, "define([\"jquery\"],function($){return $.fn.x=function(o){return"
              " this.each({\"x\":1})}})" },
        { AS, "var t=/\"<p/,u='<a';/* {\"rooms\":[ */x(\"<div \" + y);z(`<p>${1}`" },
        { HT, "a\x01\x02 {\"a\":\x01}<li><b>ok</b>" },
        { HT, "<!doctype html><br />\n<b>Notice</b>{\"a\":1}<p>x" },
        { HT, "<br />\n<b>Notice</b>: x<br />\n<!doctype html><p>{\"a\":1}" },
        { HT, "Hello <script type=\"application/ld+json\">{\"@context\":1}"
              "</script>" },
        { HT, "2: two\n3: three <i>x</i>" },
        { HT, "-- \nbye {x}" },
        { HT, "at the [edge] of {town} <b>x</b>" },
        { HT, "data: none\n" },
        { EV, "data: Hello {world}, it's [1] \"x\n\ndata: [DONE]\n\n" },
        { EV, "data: eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln\n\n" },
        { EV, "data: 12:30 and so on\n\n" },
        { AS, "cb({done:function(){go({a:1})},n:1})" },
    };

    test_begin("others");

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        memset(&conf, 0, sizeof(conf));
        conf.type = bodies[i].type;
        conf.block = 1;
        test_page(rules, work, &conf, bodies[i].body, bodies[i].body, &s);

        if (s.errors != 0) {
            printf("# counted: %s\n", bodies[i].body);
        }
        CHECK(s.errors == 0);
    }

    test_end();
}


int
main(void)
{
    work = mdr_work_new(NULL);
    rules = test_policy(policy, NULL);
    CHECK(rules != NULL);

    read_forms();
    lengths();
    counted();
    others();

    mdr_policy_free(rules);
    mdr_work_free(work);

    return test_done();
}
