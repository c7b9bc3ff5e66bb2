/*
 * html_shown.c - what a browser shows of a card: boundaries of blocks, hidden
 * text, direction; and what terms, regexes, gaps, near make of it.
 *
 * A page is cards; those that a rule takes are written with <LI>, and are what
 * must not leave.
 */

#include "test_page.h"

#define CARD  "\"slots\":[{\"name\":\"c\",\"type\":\"html\","                 \
              "\"match\":\"li.c\",\"fields\":{\"title\":\".\"}}],"

static mdr_work_t       *work;
static test_page_conf_t  conf = { MDR_TYPE_HTML, 0, 0 };


/* one card of policy p, with `inside`: taken or not */

static void
card(const mdr_policy_t *p, const char *inside, int taken)
{
    char                page[2000], want[2000];
    static test_page_t  s;

    snprintf(page, sizeof(page), "<ul><li class=c>%s</li></ul>", inside);
    snprintf(want, sizeof(want), "<ul></ul>");
    test_page(p, work, &conf, page, taken ? want : page, &s);
}


typedef struct {
    const char  *inside;
    int          taken;
} case_t;


static void
cards(const char *policy, const case_t *c)
{
    mdr_policy_t  *p;

    p = test_policy(policy, NULL);
    CHECK(p != NULL);

    for ( ; p != NULL && c->inside != NULL; c++) {
        card(p, c->inside, c->taken);
    }

    mdr_policy_free(p);
}


#define POLICY(rules)  "{\"schema\":1,\"policy\":\"p\"," CARD                 \
                       "\"rules\":[" rules "]}"
#define RULE(match)  "{\"id\":\"r\",\"rev\":1,\"label\":\"spam_contact\","    \
                     match "}"


static void
blocks(void)
{
    static const case_t  terms[] = {
        { "red<b>fo</b>x", 1 },
        { "<div>red</div><div>fox</div>", 0 },
        { "<div>red</div>fox", 0 },
        { "red<div>fox</div>", 0 },
        { "<div>re<i>d</i>fox</div>", 1 },
        { "red<p>fox", 0 },
        { "red<hr>fox", 0 },
        { "red<wbr>fox", 1 },
        { "red<img>fox", 1 },
        { "<table><tr><td>red<td>fox</table>", 0 },
        { "<dl><dt>red<dd>fox</dl>", 0 },
        { "<ol><li>red<li>fox</ol>", 0 },
        { "<h3>red</h3><h4>fox</h4>", 0 },
        { "<select><option>red<option>fox</select>", 0 },
        { "<fieldset><legend>red</legend>fox</fieldset>", 0 },
        { "<details><summary>red</summary>fox</details>", 0 },
        { "<button>red</button><button>fox</button>", 1 },
        { "<x-a>red</x-a><x-b>fox</x-b>", 1 },
        { "<span style='display:block'>red</span>fox", 0 },
        { "red<span style='display: flex !important'>fox</span>", 0 },
        { "re<b STYLE=display:block;display:inline>d</b>fox", 1 },
        { "<div style=display:inline>red</div><div style='Display:Inline-Block'>"
          "fox</div>", 1 },
        { "<p style='display:contents'>red</p>fox", 1 },
        { "<div style='display:inline'>re<div>d</div></div>fox", 0 },
        { "<div style='display:bogus'>red</div>fox", 0 },
        { "<i style='display:inline-block'>red</i>fox", 1 },
        { "red<img style=display:block>fox", 0 },
        { "red<hr style=display:inline>fox", 1 },
        { "<i><b style='display:table-cell'>red</b>x</i>fox", 0 },
        { "red<svg><title>icon</title><desc>a <p>b</p></desc></svg>fox", 1 },
        { "<svg><text>red</text></svg>fox", 1 },
        { "<svg><title>redfox</title></svg>", 0 },
        { "<math><mi>red</mi><annotation>x</annotation></math>fox", 1 },
        { "<title>x</title>redfox", 1 },
        { "<div>a redfox</div><div>b</div>", 1 },
        { "<div>a</div><div>redfox b</div>", 1 },
        { NULL, 0 }
    };

    static const case_t  edges[] = {            /* word edges               */
        { "<div>fox</div><div>tail</div>", 1 },
        { "<span>fox</span><span>tail</span>", 0 },
        { "<h3>a</h3><p>fox</p><p>120 x</p>", 1 },
        { NULL, 0 }
    };

    static const case_t  regexes[] = {
        { "12345", 1 },
        { "<div>123</div><div>45</div>", 0 },
        { "<div>12</div><div>12345</div>", 1 },
        { "<div>x</div><div></div> <div>12345</div> <div>y</div>", 1 },
        { "<div>a</div><div>-12345</div>", 1 },
        { NULL, 0 }
    };

    static const case_t  all[] = {
        { "<div>red</div><div>fox</div>", 1 },
        { "<div>red</div> x y <div>fox</div>", 0 },
        { NULL, 0 }
    };

    test_begin("no term, regex or word goes across the boundary of a block");
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"terms\":[\"redfox\"]}")),
          terms);
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"terms\":[\"fox\"]}")),
          edges);
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],"
                      "\"regex\":[\"(?:^|-)[^x]{5}$\"]}")),
          regexes);
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"groups\":{\"a\":"
                      "{\"terms\":[\"red\"]},\"b\":{\"terms\":[\"fox\"]}},"
                      "\"when\":\"near(a,b,2)\"}")),
          all);
    test_end();
}


static void
gaps(void)
{
    static const case_t  space[] = {
        { "<div>震</div><div>惊</div>", 0 },
        { "<div>震</div> <div>惊</div>", 0 },
        { "震 惊", 1 },
        { "震<br>惊", 1 },
        { NULL, 0 }
    };

    static const case_t  block[] = {
        { "<div>震</div><div>惊</div>", 1 },
        { "<div>震 </div> \n<div></div><p> 惊</div>", 1 },
        { "<div>震</div>的<div>惊</div>", 0 },
        { "震 惊", 0 },
        { NULL, 0 }
    };

    static const case_t  exception[] = {
        { "震惊了", 0 },
        { "<div>震惊</div><div>了</div>", 1 },
        { NULL, 0 }
    };

    test_begin("gap class block, off by default; exceptions");
    cards(POLICY(RULE("\"gap\":2,\"match\":{\"in\":[\"title\"],"
                      "\"terms\":[\"震惊\"]}")), space);
    cards(POLICY(RULE("\"gap\":{\"max\":2,\"of\":[\"block\"]},\"match\":"
                      "{\"in\":[\"title\"],\"terms\":[\"震惊\"]}")), block);
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"terms\":[\"震惊\"],"
                      "\"except\":[{\"terms\":[\"震惊了\"],\"why\":\"x\"}]}")),
          exception);
    test_end();
}


static void
hidden(void)
{
    static const case_t  terms[] = {
        { "震<i hidden>的</i>惊", 1 },
        { "震<i hidden=until-found>的</i>惊", 1 },
        { "震<div hidden>的</div>惊", 1 },
        { "震<i style=\"display:none\">的</i>惊", 1 },
        { "震<i style=' color: red ; DISPLAY : none!important '>的</i>惊", 1 },
        { "震<i style='display:none;display:inline'>的</i>惊", 0 },
        { "震<i style='display:none!important;display:inline'>的</i>惊", 1 },
        { "震<i style='display&#58;none'>的</i>惊", 1 },
        { "震<i style='dis\\70lay:/**/none'>的</i>惊", 1 },
        { "震<i style='/*display:none*/'>的</i>惊", 0 },
        { "震<i style='display:nonesuch'>的</i>惊", 0 },
        { "震<i style='font-size:0'>的</i>惊", 1 },
        { "震<i style='font-size:0.0px'>的</i>惊", 1 },
        { "震<i style='font-size:0.5px'>的</i>惊", 0 },
        { "震<i style='font:0/0 a'>的</i>惊", 1 },
        { "震<i style='font-size:0'>的<b style='font-size:9px'>x</b></i>惊",
          0 },
        { "震<i style='font-size:0'>的<b style='font-size:2em'>x</b></i>惊",
          1 },
        { "震<i style='visibility:hidden'>的</i>惊", 1 },
        { "<i style='visibility:hidden'>的<b style='visibility:visible'>震"
          "</b>x</i>惊", 1 },
        { "震<i style='visibility:hidden'><b>的</b></i>惊", 1 },
        { "震<i aria-hidden=true>的</i>惊", 0 },
        { "震<i data-hidden>的</i>惊", 0 },
        { "震<input type=hidden value=的>惊", 1 },
        { "震<video>的</video>惊", 1 },
        { "震<audio>的<p>x</p></audio>惊", 1 },
        { "震<canvas>的</canvas>惊", 1 },
        { "震<object>的</object>惊", 1 },
        { "震<iframe>的</iframe>惊", 1 },
        { "震<noscript>的</noscript>惊", 1 },
        { "震<title>的</title>惊", 1 },
        { "震<datalist><option>的</datalist>惊", 1 },
        { "震<dialog>的</dialog>惊", 1 },
        { "震<dialog><p>的</p></dialog>惊", 1 },
        { "震<dialog open>的</dialog>惊", 0 },
        { "<dialog>震惊</dialog>", 0 },
        { "震<textarea>的</textarea>惊", 0 },
        { "<i hidden>震惊</i>", 0 },
        { NULL, 0 }
    };

    mdr_policy_t  *p;

    static test_page_t  s;

    /* か and U+3099, parts of 한: of the pattern, of the text */

    static const case_t  parts[] = {
        { "がa", 1 }, { "\u304b\u3099a", 1 },
        { "한b", 1 }, { "\u1112\u1161\u11abb", 1 }, { "かa", 0 },
        { NULL, 0 }
    };

    test_begin("what is hidden inside a field is neither text nor gap");
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"terms\":[\"震惊\"]}")),
          terms);
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"regex\":"
                      "\"\u304b\u3099[ab]|\u1112\u1161\u11ab[ab]\"}")),
          parts);

    /* the field itself may be hidden: a script will show it */

    p = test_policy("{\"schema\":1,\"policy\":\"p\",\"slots\":[{\"name\":\"c\","
                    "\"type\":\"html\",\"match\":\"li.c\",\"fields\":"
                    "{\"title\":\"h3\"}}],\"rules\":["
                    RULE("\"match\":{\"in\":[\"title\"],\"terms\":[\"震惊\"]}")
                    "]}", NULL);
    CHECK(p != NULL);

    if (p != NULL) {
        test_page(p, work, &conf, "<ul><li class=c style='display:none'>"
                  "<div hidden><h3 hidden>震惊</h3></div></ul>", "<ul></ul>",
                  &s);
    }

    mdr_policy_free(p);
    test_end();
}


/* how much of a text is hidden, as a condition */

static void
density(void)
{
    static const case_t  half[] = {
        { "红<i hidden>x</i>狐", 0 },                       /* 1 of 3       */
        { "红<i hidden>一 二</i>狐", 1 },                   /* 2 of 4       */
        { "红<i style='display:none'>一<b>二</b></i>狐", 1 },
        { "红<i style=font-size:0>一二</i>狐", 1 },
        { "红<i style=visibility:hidden>一二</i>狐", 1 },
        { "红狐<video>no film</video>", 1 },
        { "红<ruby>狐<rt>hu hu hu</rt></ruby>", 0 },
        { "红<script>1234567</script><style>1234567</style>狐", 0 },
        { "红<!-- 1234567 -->狐", 0 },
        { "<b hidden>一二三四</b>", 0 },                    /* no hit       */
        { "红狐", 0 },
        { NULL, 0 }
    };

    static const case_t  group[] = {
        { "红狐<i hidden>一二三四五六七八</i>", 1 },
        { "红狐<i hidden>一二三四五六七</i>", 0 },
        { NULL, 0 }
    };

    char                page[6000], want[6000];
    size_t              n, m, from;
    unsigned            i;
    mdr_policy_t       *p;
    static test_page_t  s;

    test_begin("the share of hidden text as a condition");
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"groups\":{\"a\":"
                      "{\"terms\":[\"红狐\"]}},\"when\":"
                      "\"a and hidden >= 50\"}")), half);

    /* cards that look the same otherwise, so that their markup is learned */

    p = test_policy(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"groups\":{"
                                "\"a\":{\"terms\":[\"红狐\"]}},\"when\":"
                                "\"a and hidden >= 50\"}")), NULL);
    CHECK(p != NULL);

    for (i = 0, n = 0, m = 0; p != NULL && i < 60; i++) {
        from = n;
        n += (size_t) snprintf(page + n, sizeof(page) - n, "<li class=c><h3>"
                               "红狐 %u</h3><i hidden>%s</i></li>", i % 7,
                               i % 20 == 17 ? "一二三" : "");
        m += (size_t) snprintf(want + m, sizeof(want) - m, "%s",
                               i % 20 == 17 ? "" : page + from);
    }

    test_page(p, work, &conf, page, want, &s);
    mdr_policy_free(p);

    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"groups\":{\"a\":"
                      "{\"terms\":[\"红狐\"]},\"b\":{\"weight\":9,"
                      "\"when\":\"hidden > 79\"}},"
                      "\"when\":\"score >= 10\"}")), group);
    test_end();
}


static void
direction(void)
{
    static const case_t  terms[] = {
        { "<bdo dir=rtl>oof</bdo>", 1 },
        { "<bdo dir=RTL>oof</bdo>", 1 },
        { "<bdo dir=ltr>foo</bdo>", 1 },
        { "<bdo dir=rtl>foo</bdo>", 0 },
        { "<bdo>foo</bdo>", 1 },
        { "<p style='direction:rtl;unicode-bidi:bidi-override'>oof</p>", 1 },
        { "a <span style='unicode-bidi:bidi-override;direction:rtl'>o<b>o</b>f"
          "</span> b", 1 },
        { "<p dir=rtl>foo</p>", 1 },
        { NULL, 0 }
    };

    test_begin("direction by markup is read as it is by controls");
    cards(POLICY(RULE("\"match\":{\"in\":[\"title\"],\"terms\":[\"foo\"]}")),
          terms);
    test_end();
}


static void
masked(void)
{
    mdr_policy_t       *p;
    static test_page_t  s;

    static const char  rule[] = POLICY(RULE("\"action\":\"mask\",\"gap\":"
        "{\"max\":2,\"of\":[\"space\",\"block\"]},"
        "\"match\":{\"in\":[\"title\"],\"terms\":[\"震惊\"]}"));

    test_begin("masks are written over what is seen, and nothing else");
    p = test_policy(rule, NULL);
    CHECK(p != NULL);

    if (p != NULL) {
        test_page(p, work, &conf,
                  "<li class=c><div>震</div> <div><i hidden>x</i>惊</div></li>",
                  "<li class=c><div>＊</div> <div><i hidden>x</i>＊</div></li>",
                  &s);
        test_page(p, work, &conf,
                  "<li class=c><bdo dir=rtl>惊<i hidden>x</i>震</bdo></li>",
                  "<li class=c><bdo dir=rtl>＊<i hidden>x</i>＊</bdo></li>",
                  &s);
    }

    mdr_policy_free(p);
    test_end();
}


int
main(void)
{
    work = mdr_work_new(NULL);
    blocks();
    gaps();
    hidden();
    density();
    direction();
    masked();
    mdr_work_free(work);

    return test_done();
}
