/*
 * Unit tests of script.c: JSON in inline scripts, what of JavaScript is
 * taken, what makes an item unreadable; every split gives the same calls.
 */

#include "test.h"
#include "fail_alloc.h"
#include "sink_json.h"


static uint64_t  seed = 88172645463325252u;


static size_t
cut_once(void *ctx, size_t at)
{
    size_t  *first = ctx;

    return at == 0 ? *first : SIZE_MAX / 2;
}


static size_t
cut_bytes(void *ctx, size_t at)
{
    (void) ctx;
    (void) at;

    return 1;
}


static size_t
cut_random(void *ctx, size_t at)
{
    (void) ctx;
    (void) at;

    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return 1 + (size_t) (seed >> 20) % 9;
}


static void
splits(mdr_sink_t *k, const uint8_t *by_selector, const char *body)
{
    char    *log;
    size_t   i, n;

    n = strlen(body);
    sink_clear(k);
    CHECK(sink_scan(k, MDR_TYPE_SCRIPT, by_selector, (const uint8_t *) body,
                    n, NULL, NULL) == MDR_OK);
    CHECK(!k->wrong);
    log = strdup(k->log.data);

    for (i = 0; i < n + 8; i++) {
        sink_clear(k);
        (void) sink_scan(k, MDR_TYPE_SCRIPT, by_selector,
                         (const uint8_t *) body, n,
                         n > 5000 || i > n ? cut_random
                         : i == 0 ? cut_bytes : cut_once, &i);
        CHECK(!k->wrong);

        if (strcmp(log, k->log.data) != 0) {
            printf("# cut %zu of %.999s\n# whole:\n%.9999s# cut:\n%.9999s",
                   i, body, log, k->log.data);
            CHECK(!"the same calls");
            break;
        }

        if (n > 5000) {
            break;
        }
    }

    free(log);
}


typedef struct {
    const char  *body;
    const char  *items;
    int          unreadable;
} case_t;


static void
run(const char *script, const char *match, int selected, const case_t *c,
    size_t n)
{
    size_t      i;
    uint8_t     by_selector[SINK_SLOTS];
    mdr_sink_t  k;

    static const char *const  fields[] = {"$.t", NULL};

    memset(by_selector, selected, sizeof(by_selector));

    for (i = 0; i < n; i++) {
        sink_init(&k, NULL);
        sink_slot(&k, MDR_TYPE_SCRIPT, script, match, NULL, fields);
        k.rules = mdr_json_compile(&k.model, k.arena);
        CHECK(k.rules != NULL);
        splits(&k, by_selector, c[i].body);

        if (strcmp(k.items.data, c[i].items) != 0
            || (int) k.unreadable != c[i].unreadable)
        {
            printf("# %s\n", c[i].body);
        }

        CHECK_STR(k.items.data, k.items.len, c[i].items);
        CHECK((int) k.unreadable == c[i].unreadable);
        sink_done(&k);
    }
}


#define RUN(script, match, selected, cases)                                  \
    run(script, match, selected, cases, sizeof(cases) / sizeof(cases[0]))


static void
names(void)
{
    size_t     i;
    mdr_str_t  s;

    static const struct {
        const char  *s;
        int          name;
    } cases[] = {
        {"window.__STATE__", 1}, {"__STATE__", 1}, {"a.b.c", 1}, {"$x", 1},
        {"#state", 0}, {"script#state", 0}, {"script", 0},
        {"script[type=\"application/json\"]", 0}, {".state", 0}, {"*", 0},
        {"[id=x]", 0}, {"script.state", 0}, {"", 0}
    };

    test_begin("a name or a selector");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s.data = cases[i].s;
        s.len = (uint32_t) strlen(s.data);

        if (mdr_script_is_name(s) != cases[i].name) {
            printf("# %s\n", cases[i].s);
        }

        CHECK(mdr_script_is_name(s) == cases[i].name);
    }
}


static void
assignments(void)
{
    static const case_t  cases[] = {
        {"window.S={\"l\":[{\"t\":1}]};", "0:15-22 [1]\n", 0},
        {"window.S = {\"l\":[{\"t\":1}]}", "0:17-24 [1]\n", 0},
        {"var S={\"l\":[{\"t\":1}]},b=2", "0:12-19 [1]\n", 0},
        {"self.S\n=\n{\"l\":[{\"t\":1}]}", "0:15-22 [1]\n", 0},
        {"window[\"S\"]={\"l\":[{\"t\":1}]}", "0:18-25 [1]\n", 0},
        {"window['S'] = {\"l\":[{\"t\":1}]}", "0:20-27 [1]\n", 0},
        {"a=1;(function(){S={\"l\":[{\"t\":1}]}})()", "0:24-31 [1]\n", 0},

        /* twice */

        {"S={\"l\":[{\"t\":1}]};S={\"l\":[{\"t\":2}]}",
         "0:8-15 [1]\n0:26-33 [2]\n", 0},

        /* not this one */

        {"window.XS={\"l\":[{\"t\":1}]};", "", 0},
        {"window.Sx={\"l\":[{\"t\":1}]};", "", 0},
        {"window.$S={\"l\":[{\"t\":1}]};", "", 0},
        {"if (S=={\"l\":[{\"t\":1}]}) {}", "", 0},
        {"S=>{\"l\":[{\"t\":1}]}", "", 0},
        {"f(S);x={\"l\":[{\"t\":1}]}", "", 0},
        {"S.x={\"l\":[{\"t\":1}]}", "", 0},
        {"", "", 0},
        {"S", "", 0},
        {"S=", "", 0},
        {"var x='S';", "", 0},

        /* comments around it */

        {"S/*a*/=/*b*/{\"l\":[{\"t\":1}]}", "0:18-25 [1]\n", 0},
        {"S = // a\n {\"l\":[{\"t\":1}]}", "0:16-23 [1]\n", 0},

        {"S={l:[{t:1}]}// S\n;S={l:[{t:2}]}/*",
         "0:6-11 [1]\n0:25-30 [2]\n", 0},

        /* white space beyond ASCII around the name */

        {"var\xc2\xa0S\xc2\xa0={\"l\":[{\"t\":1}]}", "0:15-22 [1]\n", 0},
        {";\xef\xbb\xbfS\xef\xbb\xbf=\xe2\x80\xa8{\"l\":[{\"t\":1}]}",
         "0:18-25 [1]\n", 0},
        {"x\xe2\x80\xa9S\xe3\x80\x80=[]", "", 0},
        {"\xc3\xa9S={\"l\":[{\"t\":1}]}", "", 0},
        {"S\xef\xbb\xbf,[", "", 0},
        {"S\xe2", "", 0},

        /* default values */

        {"window.S = window.S || {\"l\":[{\"t\":1}]};", "0:29-36 [1]\n", 0}
    };

    test_begin("assignments");
    RUN("window.S", "$.l[*]", 0, cases);
}


static void
relaxed(void)
{
    static const case_t  cases[] = {
        {"S=[{t:1,}]", "0:3-9 [1]\n", 0},
        {"S=[{'t':'a\"b'},]", "0:3-14 [a\"b]\n", 0},
        {"S=[{t:'it\\'s'}]", "0:3-14 [it's]\n", 0},
        {"S=[{\"t\":undefined,x:void 0,y:NaN,z:-Infinity}]",
         "0:3-45 []\n", 0},
        {"S=[{t:!0,a:!1,b:.5,c:0x1F,d:+1,e:5.}]", "0:3-36 [!0]\n", 0},
        {"S=[/* , */{t:1}// ]\n,{t:2}]", "0:10-15 [1]\n0:21-26 [2]\n", 0},
        {"S=[{t:1} // a\xef\xbb\xbf b\n]", "0:3-8 [1]\n", 0},
        {"S=[// \xe3\x80\x80,\n{t:1}// \xe2\x80\xa8]", "0:11-16 [1]\n", 0},
        {"S=[{x:{y:[/*]*/1,//}\n2]},t:1}]", "0:3-29 [1]\n", 0},
        {"S=[{x:{y:[/'/,1]},t:1}]", "0:3-22 [1]\n", 0},
        {"S=[{t:\"\\x41\\u0042\\u{43}\\v<\\/script>\"}]",
         "0:3-37 [ABC\x0b</script>]\n", 0},
        {"S=[{t:\"a\\\nb\"}]", "0:3-13 [ab]\n", 0},
        {"S=[{t:\"\\101\\1018\\489\\60\"}]", "0:3-25 [AA8\x04""890]\n", 0},
        {"S=[{$t:1,_t:2,\"t\":3,4:5}]", "0:3-24 [3]\n", 0},
        {"S=[,{t:1}]", "0:4-9 [1]\n", 0},
        {"S=[{t:1e5}]", "0:3-10 [1e5]\n", 0},
        {"S=[{t:null,x:[null,]}]", "0:3-21 []\n", 0}
    };

    test_begin("what JavaScript writes beyond JSON");
    RUN("S", "$[*]", 0, cases);
}


static void
unreadable(void)
{
    static const case_t  cases[] = {
        {"S=[{t:1},{t:f(2)},{t:3}]", "0:3-8 [1]\n0:9-17 [] unreadable\n"
         "0:18-23 [3]\n", 1},
        {"S=[{t:`a${b}`},{t:3}]", "0:3-14 [] unreadable\n0:15-20 [3]\n", 1},
        {"S=[{...x,t:1},{t:3}]", "0:3-13 [1] unreadable\n0:14-19 [3]\n", 1},
        {"S=[{t:new Date(1,[2])},{t:3}]",
         "0:3-22 [] unreadable\n0:23-28 [3]\n", 1},
        {"S=[{x:function(){return \"}\"},t:1},{t:3}]",
         "0:3-33 [1]\n0:34-39 [3]\n", 0},
        {"S=[{t:a+\"}\"},{t:3}]", "0:3-12 [] unreadable\n0:13-18 [3]\n", 1},
        {"S=[{t:\"a\"+b},{t:3}]", "0:3-12 [a] unreadable\n0:13-18 [3]\n", 1},
        {"S=[f(1),{t:3}]", "0:3-7 - unreadable\n0:8-13 [3]\n", 1},
        {"S=[{t:1,x:/[}\"/]/},{t:3}]", "0:3-18 [1]\n0:19-24 [3]\n", 0},
        {"S=[{t:1,m(){return {a:[}]}}},{t:3}]",
         "0:3-27 [1] unreadable\n0:27-27 - unreadable\n", 2},
        {"S=[{t:`}${`{${1}`+\"}\"}`},{t:3}]",
         "0:3-24 [] unreadable\n0:25-30 [3]\n", 1},
        {"S=[{t:1,get a(){return 1}},{t:3}]",
         "0:3-26 [1] unreadable\n0:27-32 [3]\n", 1},
        {"S=[{t:1,[a]:2},{t:3}]",
         "0:3-14 [1] unreadable\n0:15-20 [3]\n", 1},
        {"S=[{t:1,t},{t:3}]", "0:3-10 [1] unreadable\n0:11-16 [3]\n", 1},
        {"S=[{x:[1,2].length,t:1},{t:3}]",
         "0:3-23 [1]\n0:24-29 [3]\n", 0},
        {"S=[{t:[1,2].join()},{t:3}]",
         "0:3-19 - unreadable\n0:20-25 [3]\n", 1},
        {"S=[{t:1},{t:2}].map(f);S=[{t:3}]",
         "0:3-8 [1]\n0:9-14 [2]\n0:15-22 - unreadable\n0:26-31 [3]\n", 1},
        {"S=[\"\"o", "0:3-5 -\n0:5-6 - unreadable\n", 1},
        {"S=[{t:1}.x,{t:2}]",
         "0:3-8 [1]\n0:8-10 - unreadable\n0:11-16 [2]\n", 1},
        {"S=[{t:1}", "0:3-8 [1]\n", 0},
        {"S=[}", "0:3-3 - unreadable\n", 1},
        {"S=[{t:\"a\\u12}\"},{t:3}]",
         "0:3-15 [a] unreadable\n0:16-21 [3]\n", 1},
        {"S=[{t:1", "0:3-7 [1] unreadable\n", 1}
    };

    test_begin("other JavaScript: the item cannot be read");
    RUN("S", "$[*]", 0, cases);
}


static void
parsed(void)
{
    static const case_t  cases[] = {
        {"S=JSON.parse(\"[{\\\"t\\\":1}]\");", "0:15-24 [1]\n", 0},
        {"S = JSON.parse( '[{\"t\":\"a\"},{\"t\":2}]' )",
         "0:18-27 [a]\n0:28-35 [2]\n", 0},
        {"S=JSON.parse('[{\"t\":\"\\\\u4e2d\\x41\\\\n\\u0042\"}]')",
         "0:15-43 [\xe4\xb8\xad" "A B]\n", 0},
        {"S=JSON.parse('[1,');S=[{t:2}]",
         "0:15-16 -\n0:23-28 [2]\n", 0},
        {"S=JSON.parse('[{\"t\":\"\\x4-\"}]');S=[{t:2}]",
         "0:15-21 [] unreadable\n0:34-39 [2]\n", 1},
        {"S=JSON.parse(x);S=[{t:2}]",
         "0:2-15 - unreadable\n0:19-24 [2]\n", 1},
        {"S=JSON.parse(decodeURIComponent('x'));S=[{t:2}]",
         "0:41-46 [2]\n", 0},
        {"S=JSON . parse ( '[{\"t\":1}]' )", "0:19-26 [1]\n", 0},
        {"S=self.JSON.parse(`[{\"t\":\"$\"}]`)", "0:20-29 [$]\n", 0},
        {"S=JSON.parse(`[{\"t\":\"${x}\"}]`)", "0:15-21 [] unreadable\n",
         1},
        {"S=JSON.parse('[{\"t\":\\\r\n1},\\\n{\"t\":2}]')",
         "0:15-25 [1]\n0:28-35 [2]\n", 0},
        {"S=JSON.parse('[{\"t\":\"a' /* x */ + // y\n 'b\"}]')",
         "0:15-44 [ab]\n", 0},
        {"S=JSON.parse('[{\"t\":\"a' + b + 'c\"}]')",
         "0:15-22 [a] unreadable\n", 1},
        {"S=JSON.parse(decodeURIComponent('%5B%7B%22t%22%3A%22%E4%B8%AD%22"
         "%7D%5D'))", "0:36-67 [\xe4\xb8\xad]\n", 0},
        {"S=JSON.parse(unescape(\"%5B{%22t%22:%22%u4e2d%E9%ud83d%ude00%22}"
         "]\"))", "0:26-63 [\xe4\xb8\xad\xc3\xa9\xf0\x9f\x98\x80]\n", 0},
        {"S='[{\"t\":1}]'", "0:4-11 [1]\n", 0},
        {"S=\" [{\\\"t\\\":1}]\"", "0:5-14 [1]\n", 0},
        {"S=\"%5B%7B%22t%22%3A1%7D%5D\"", "0:6-23 [1]\n", 0},
        {"S='W3siVCI6MX1d'", "0:2-16 - unreadable\n", 1},
        {"S='';S=\"\"", "", 0}
    };

    test_begin("JSON.parse");
    RUN("S", "$[*]", 0, cases);
}


/* does the expression end where the value does? */

static void
behind(void)
{
    static const case_t  cases[] = {
        {"S=[{t:1}].concat([{t:2}]);S=[{t:3}]",
         "0:3-8 [1]\n0:9-25 - unreadable\n0:29-34 [3]\n", 1},
        {"S=[{t:1}]\xe2\x80\xa8T=1", "0:3-8 [1]\n", 0},
        {"S=[{t:1}]\n .concat([])", "0:3-8 [1]\n0:11-22 - unreadable\n", 1},
        {"S=[{t:1}]/**/[0],S=[{t:2}]", "0:3-8 [1]\n"
         "0:13-16 - unreadable\n0:20-25 [2]\n", 1},
        {"S=[{t:1}]+a+[1,2]\nb()", "0:3-8 [1]\n0:9-17 - unreadable\n", 1},
        {"S=[{t:1}]?a:b", "0:3-8 [1]\n0:9-13 - unreadable\n", 1},
        {"S=[{t:1}]&&a;", "0:3-8 [1]\n0:9-12 - unreadable\n", 1},
        {"S=[{t:1}]||a;", "0:3-8 [1]\n", 0},
        {"S=[{t:1}]??a", "0:3-8 [1]\n", 0},
        {"f(S=[{t:1}])", "0:5-10 [1]\n", 0},
        {"{S:[{t:1}],b:1}", "0:4-9 [1]\n", 0},
        {"S=[{t:1}]//\nvar x", "0:3-8 [1]\n", 0},
        {"S=[{t:1}]\n!function(){}()", "0:3-8 [1]\n", 0},
        {"S=[{t:1}]\n--x", "0:3-8 [1]\n", 0},
        {"S=[{t:1}]\n-->", "0:3-8 [1]\n", 0},
        {"S=[{t:1}]\n-x", "0:3-8 [1]\n0:10-12 - unreadable\n", 1},
        {"S=Object.freeze([{t:1}])", "0:17-22 [1]\n", 0},
        {"S=Object.freeze([{t:1}]).map(f)",
         "0:17-22 [1]\n0:24-31 - unreadable\n", 1},
        {"S=Object.assign([{t:1}],[{t:2}],a,[{t:3}]),b",
         "0:17-22 [1]\n0:25-30 [2]\n0:35-40 [3]\n", 0},
        {"S=Object.assign([{t:1}],f(2),[{t:3}])",
         "0:17-22 [1]\n0:24-28 - unreadable\n0:30-35 [3]\n", 1},
        {"S=JSON.parse('[{\"t\":1}]').slice(1)",
         "0:15-22 [1]\n0:25-34 - unreadable\n", 1},
        {"S=JSON.parse('[{\"t\":1}]',f)", "0:15-22 [1]\n", 0},
        {"S=JSON.parse('[{\"t\":1}]',function(k,v){return v})",
         "0:15-22 [1]\n0:25-48 - unreadable\n", 1},
        {"S=T=a.b=[{t:1}]", "0:9-14 [1]\n", 0},
        {"S=T==[{t:1}]", "0:2-12 - unreadable\n", 1},
        {"S([{t:1}],a,[{t:2}])", "0:3-8 [1]\n0:13-18 [2]\n", 0},
        {"S('#x',[{t:1}],{},'[{\"t\":2}]')", "0:8-13 [1]\n0:20-27 [2]\n", 0},
        {"S([{t:1}]).then(f)", "0:3-8 [1]\n", 0},
        {"(S=S||[]).push([{t:1}],a,[{t:2}])", "0:16-21 [1]\n"
         "0:26-31 [2]\n", 0},
        {"(S=S||[]).push([{t:1}]);(window.S = window.S || []) . push([{t:2}])",
         "0:16-21 [1]\n0:60-65 [2]\n", 0}
    };

    test_begin("what stands behind a value");
    RUN("S", "$[*]", 0, cases);
}


static void
elements(void)
{
    static const case_t  cases[] = {
        {"[{\"t\":1}]", "0:1-8 [1]\n", 0},
        {" \n [{\"t\":1},{\"t\":\"<\\/b>\"}] \n", "0:4-11 [1]\n"
         "0:12-25 [</b>]\n", 0},
        {"{\"t\":1}", "0:5-6 -\n", 0},
        {"", "", 0},
        {"[{\"t\":1}", "0:1-8 [1]\n", 0},
        {"[{\"t\":", "0:1-6 - unreadable\n", 1},
        {"[{\"t\":1},f(),{\"t\":2}]", "0:1-8 [1]\n"
         "0:9-12 - unreadable\n0:13-20 [2]\n", 1},
        {"f([{\"t\":1}])", "0:0-12 - unreadable\n", 1},
        {"W3siVCI6MX1d", "0:0-12 - unreadable\n", 1}
    };

    test_begin("the whole text of a chosen element");
    RUN("script#s", "$[*]", 1, cases);
}


#define V  "{\"l\":[{\"t\":1}]}"

/* how pages carry their state, and what stands around it */

static void
forms(void)
{
    char        want[64];
    size_t      i;
    mdr_sink_t  k;
    const char *at;

    static const uint8_t      none[SINK_SLOTS];
    static const char *const  fields[] = {"$.t", NULL};

    static const char *const  read[] = {
        "S=(" V ");", "window.S ||= " V, "S ?" "?= " V, "S=((" V "))",
        "S = self.S || {} || " V, "S = null || " V,
        "Object.assign(S, " V ")", "S=Object.assign({}, " V ")",
        "S=Object.assign(S,\n " V ")", "S = Object.freeze(" V ");",
        "window.app={S:" V "}", "x({\"S\": " V "})", "set('S', " V ")",
        "!function(w){w.S=" V "}(window)", "<!--\nS=" V "\n//-->",
        "var r=/[\"'{]S={/;S=" V, "var r=`S={`;S=" V, "/* S={ */S=" V,
        "// S={\nS=" V, "var a=\"S={\",b='S={';S=" V,
        "a=b/c;d='S={';S=" V, "return/'S={/.test(x);S=" V,
        "x=`${{a:'}'}}S={`;S=" V, "x=`${`S={`}`;S=" V,
        "x='it\\'s';S=" V, "<!-- don't\nS=" V, "a=/x/g,b=/'/;S=" V
    };

    static const char *const  other[] = {
        "S=|f(" V ")|;a=1", "S=|function(){return " V "}|", "S=|b?" V ":0|;",
        "S=|(function(){return " V "})()|,x=1", "S=|window.data|\nf()",
        "S=|`${x}`|;", "S =|new Map([[1,2]])|}", "S=|a\n+ b|;", "S=|a|\nb=1", "S=|f()| // x\n\n /* y */ b=1", "S=|a/b|\nc",
        "S=|f(/[;]/, ';', `;`)|;", "S.l=|f(1)|", "S=|eval('(" V ")')|"
    };

    static const char *const  nothing[] = {
        "S=null;", "S=undefined", "S=void 0;", "S=0", "S=-1;", "S=!0;", "S",
        "S==f()", "S=>f()", "f(S, x)", "S.x=f()", "x={S:f()}", "x=y?S:f()",
        "if(S){}", "delete S"
    };

    static const char *const  beside[] = {
        "(function(S){go(S)})(" V ")", "!function(w,S){}(window," V ")",
        "(S=>go(S))(" V ")", "((a,S)=>{go(S)})(a," V ")",
        "S(function(){return " V "})", "S.push(async function(){return " V "})",
        "class A{get S(){return " V "}}", "function S(){return " V "}",
        "\\u0053=" V, "self.\\u{53}=" V, "(function(S){})('" V "')",
        "S=($R=>$R[0]={l:$R[1]=[$R[2]={\"t\":1}]})($R[\"a\"]);x()",
        "self.S=$R[7]={l:$R[8]=[{\"t\":1}],of:$R[8],n:$R[9]=1}"
    };

    /* nothing of a path, no name, something else found */

    static const char *const  apart[] = {
        "(function(S){go(S)})({m:[{\"t\":1}]})", "(function(T){})(" V ")",
        "S.map(r=>({t:r.t,l:r.x}.y))", "x='\\u0053';go(" V ")",
        "f(S);g(" V ")", "f(S,a);g(" V ")", "S.x(" V ".l)", "S=>" V
    };

    static const char *const  odd[] = {
        "S={\"l\":$R[1]}", "S=$R[0]={a:$R[1]={},l:$R[1]}",
        "S.push(function(){return {\"l\":[{\"t\":1},}{\"t\":2}],\"n\":2}})",
        "(function(S){})({l:f()})"
    };

    test_begin("forms of a state");

    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_SCRIPT, "window.S", "$.l[*]", NULL, fields);
    k.rules = mdr_json_compile(&k.model, k.arena);

    for (i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
        splits(&k, none, read[i]);
        at = strstr(read[i], V) + 6;
        snprintf(want, sizeof(want), "0:%d-%d [1]\n", (int) (at - read[i]),
                 (int) (at - read[i]) + 7);
        CHECK_STR(k.items.data, k.items.len, want);
    }

    test_begin("values that are other JavaScript");

    for (i = 0; i < sizeof(other) / sizeof(other[0]); i++) {
        char        body[128];
        size_t      from, n;
        const char *p;

        for (p = other[i], n = 0; *p != '|'; p++) {
            body[n++] = *p;
        }
        for (p++, from = n; *p != '|'; p++) {
            body[n++] = *p;
        }
        at = body + n;
        strcpy(body + n, p + 1);
        splits(&k, none, body);
        snprintf(want, sizeof(want), "0:%zu-%zu", from, (size_t) (at - body));

        if (strncmp(k.items.data, want, strlen(want)) != 0) {
            printf("# %s: %s\n", body, k.items.data);
        }
        CHECK(strncmp(k.items.data, want, strlen(want)) == 0);
        CHECK(strstr(k.items.data, "unreadable") != NULL);
    }

    test_begin("values that hold nothing, and no values");

    for (i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        splits(&k, none, nothing[i]);
        if (k.log.len != 0) {
            printf("# %s: %s\n", nothing[i], k.log.data);
        }
        CHECK(k.log.len == 0);
    }

    test_begin("data beside a name");

    for (i = 0; i < sizeof(beside) / sizeof(beside[0]); i++) {
        splits(&k, none, beside[i]);
        at = strstr(beside[i], "{\"t\":1}");
        snprintf(want, sizeof(want), "0:%d-%d [1]\n", (int) (at - beside[i]),
                 (int) (at - beside[i]) + 7);
        CHECK_STR(k.items.data, k.items.len, want);
        CHECK(k.errors == 0 && k.unreadable == 0);
    }

    for (i = 0; i < sizeof(apart) / sizeof(apart[0]); i++) {
        splits(&k, none, apart[i]);
        if (k.log.len != 0) {
            printf("# %s: %s\n", apart[i], k.log.data);
        }
        CHECK(k.log.len == 0);
    }

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        splits(&k, none, odd[i]);
        CHECK(k.unreadable != 0);
    }

    test_begin("a member of the variable is assigned; hidden names");

    splits(&k, none, "S.l=[{\"t\":1}]");
    CHECK_STR(k.items.data, k.items.len, "0:5-12 [1]\n");
    splits(&k, none, "window['S'][\"l\"] = [{t:1}]");
    CHECK_STR(k.items.data, k.items.len, "0:20-25 [1]\n");
    splits(&k, none, "// S=" V);
    CHECK(k.errors == 1 && k.items.len == 0);

    sink_done(&k);
}


/* long literals, long comments, long ways to the value */

static void
long_scripts(void)
{
    char       *body, *p;
    size_t      i, n;
    mdr_sink_t  k;

    static const char *const  fields[] = {"$.t", NULL};

    test_begin("long literals and comments");

    n = 400000;
    body = malloc(n + 1000);
    if (body == NULL) {
        abort();
    }

    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_SCRIPT, "S", "$[*]", NULL, fields);
    k.rules = mdr_json_compile(&k.model, k.arena);
    CHECK(k.rules != NULL);

    p = body + sprintf(body, "S=JSON.parse('[{\"x\":\"");
    for (i = 0; i < n / 3; i++) {
        memcpy(p, "\\\\n", 3);
        p += 3;
    }
    strcpy(p, "\"},{\"t\":2}]');S=[{t:3}]");
    splits(&k, NULL, body);
    CHECK(k.unreadable == 0);
    CHECK(strstr(k.items.data, "[2]\n") != NULL);
    CHECK(strstr(k.items.data, "[3]\n") != NULL);

    p = body + sprintf(body, "S=[{t:1},/*");
    memset(p, '*', n);
    strcpy(p + n, "*/{t:2}]");
    splits(&k, NULL, body);
    CHECK(strstr(k.items.data, "[2]\n") != NULL);

    p = body + sprintf(body, "S=[{t:1},//");
    memset(p, '/', n);
    strcpy(p + n, "\n{t:2}]");
    splits(&k, NULL, body);
    CHECK(strstr(k.items.data, "[2]\n") != NULL);

    sink_done(&k);
    free(body);
}


/* memory that ends anywhere: an error, never a value that nobody looked at */

static void
no_memory(void)
{
    int          rc;
    size_t       i;
    mdr_sink_t   k;
    mdr_alloc_t  a;

    static const char *const  fields[] = {"$.t", "$..x", NULL};
    static const char *const  bodies[] = {
        "S=[{t:\"a\",x:[[1]]},{t:2}]", "S=f([1])",
        "S=JSON.parse('[{\"t\":\"\\x41\"}]')", "S.l=[1];S=[{t:1}]"
    };

    test_begin("no memory");

    a.alloc = may_alloc;
    a.realloc = may_realloc;
    a.free = count_free;
    a.ctx = NULL;

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        for (fail_at = 0; fail_at < 500; fail_at++) {
            sink_init(&k, &a);
            sink_slot(&k, MDR_TYPE_SCRIPT, "S", "$[*]", NULL, fields);
            k.rules = mdr_json_compile(&k.model, k.arena);
            calls = 0;
            live = 0;
            rc = sink_scan(&k, MDR_TYPE_SCRIPT, NULL,
                           (const uint8_t *) bodies[i], strlen(bodies[i]),
                           NULL, NULL);
            sink_clear(&k);
            CHECK(live == 0);
            sink_done(&k);

            if (calls <= fail_at) {
                CHECK(rc == MDR_OK);
                break;
            }

            CHECK(rc == MDR_ERROR);
        }

        CHECK(fail_at > 1 && fail_at < 500);
    }
}


int
main(void)
{
    names();
    assignments();
    relaxed();
    unreadable();
    behind();
    parsed();
    elements();
    forms();
    long_scripts();
    no_memory();

    return test_done();
}
