/*
 * scan.c - whole scans: bytes in, bytes out, items reported.
 *
 * The oracle is built beside the input: a page is put together from pieces of
 * which the test knows which must leave and how.
 */

#define _POSIX_C_SOURCE 200809L

#include "moderation.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"


typedef struct {
    test_out_t  out, report;
    unsigned    items, errors;
} sink_t;


static mdr_work_t *work;


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    sink_t  *s = ctx;

    (void) flags;
    test_out_add(&s->out, p, n);

    return MDR_OK;
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    sink_t  *s = ctx;

    s->items++;
    test_out_item(&s->report, it);
}


static void
on_error(void *ctx, const mdr_scan_error_t *e)
{
    sink_t  *s = ctx;

    (void) e;
    s->errors++;
}


/* cut: 0 whole, n > 0 pieces of n, n < 0 random pieces */

static int
run(const mdr_policy_t *p, const void *body, size_t len, int type, int mode,
    const char *charset, size_t max_slot, int cut, sink_t *s)
{
    int               rc;
    size_t            at, n;
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;

    test_out_clear(&s->out);
    test_out_clear(&s->report);
    s->items = 0;
    s->errors = 0;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = s;
    conf.output = on_output;
    conf.item = on_item;
    conf.error = on_error;
    conf.type = (uint8_t) type;
    conf.mode = (uint8_t) mode;
    conf.all_items = 1;
    conf.all_fields = 1;
    conf.charset = charset;
    conf.max_slot = max_slot;
    conf.now = 1700000000;

    scan = mdr_scan_new(p, work, &conf);
    rc = MDR_OK;

    for (at = 0; at < len && rc == MDR_OK; at += n) {
        n = cut == 0 ? len : cut > 0 ? (size_t) cut
            : (size_t) (1 + rand() % (rand() % 4 ? 8 : 400));
        n = n < len - at ? n : len - at;
        rc = mdr_scan_feed(scan, (const uint8_t *) body + at, n);
    }

    if (rc == MDR_OK) {
        rc = mdr_scan_finish(scan);
    }

    mdr_scan_free(scan);

    return rc;
}


static void
check_out(const mdr_policy_t *p, const char *body, int type, const char *want)
{
    int            cut;
    static sink_t  s, first;

    CHECK(p != NULL);
    if (p == NULL) {
        return;
    }

    CHECK(run(p, body, strlen(body), type, MDR_MODE_ENFORCE, "utf-8", 0, 0,
              &first) == MDR_OK);
    CHECK_STR(first.out.data, first.out.len, want);

    for (cut = 1; cut < 40; cut++) {
        CHECK(run(p, body, strlen(body), type, MDR_MODE_ENFORCE, "utf-8", 0,
                  cut, &s) == MDR_OK);
        CHECK_STR(s.out.data, s.out.len, want);
        CHECK(s.items == first.items);
    }

    CHECK(run(p, body, strlen(body), type, MDR_MODE_SHADOW, "utf-8", 0, 3,
              &s) == MDR_OK);
    CHECK_STR(s.out.data, s.out.len, body);
}


#define RULE(term, action)                                                   \
    "{\"id\":\"t." term "\",\"rev\":1,\"label\":\"clickbait\","              \
    "\"action\":\"" action "\",\"match\":{\"in\":[\"title\"],"               \
    "\"terms\":[\"" term "\"]}}"

#define RULES "\"rules\":[" RULE("bad", "block") "," RULE("hush", "mask")    \
    "," RULE("note", "tag") "," RULE("wait", "hold") "," RULE("震惊", "mask")  \
    "," RULE("惊讶了", "mask") "," RULE("讶", "mask") "]"

#define HTML_POLICY(more)                                                    \
    "{\"schema\":1,\"policy\":\"t\",\"slots\":[{\"name\":\"card\","          \
    "\"type\":\"html\",\"match\":\"li.card\",\"fields\":{\"title\":\"b\"}"   \
    more "}]," RULES "}"

#define JSON_POLICY(type, match, more)                                       \
    "{\"schema\":1,\"policy\":\"t\",\"slots\":[{\"name\":\"card\","          \
    "\"type\":\"" type "\",\"match\":\"" match "\",\"fields\":{\"title\":"   \
    "\"$.t\"}" more "}]," RULES "}"


static void
html(void)
{
    mdr_policy_t  *p;

    test_begin("html: block, mask, tag, hold");

    p = test_policy(HTML_POLICY(""), NULL);

    check_out(p, "<ul><li class=card><b>fine</b><li class=card><b>bad</b> x"
              "<li class=card><b>ok</b></ul>tail", MDR_TYPE_HTML,
              "<ul><li class=card><b>fine</b><li class=card><b>ok</b></ul>"
              "tail");
    check_out(p, "<li class=card><b>so <i>hu</i>sh &#x68;ush</b></li>",
              MDR_TYPE_HTML,
              "<li class=card><b>so <i>**</i>** ****</b></li>");
    check_out(p, "<li class=card><b>震惊了</b></li>", MDR_TYPE_HTML,
              "<li class=card><b>＊＊了</b></li>");
    check_out(p, "<li class=card><b>太震惊讶了吧</b></li>", MDR_TYPE_HTML,
              "<li class=card><b>太＊＊＊＊吧</b></li>");
    check_out(p, "<LI class=card data-moderation-label='x'><b>note</b></LI>",
              MDR_TYPE_HTML,
              "<LI data-moderation-label=\"clickbait\" "
              "data-moderation-suggestion=\"block\" "
              "data-moderation-rule=\"t.note\" class=card><b>note</b></LI>");
    check_out(p, "<p><li class=card><b>wait</b></li></p>", MDR_TYPE_HTML,
              "<p></p>");
    check_out(p, "<li class=card><b>bad", MDR_TYPE_HTML, "");
    check_out(p, "", MDR_TYPE_HTML, "");
    check_out(p, "<b>bad</b>", MDR_TYPE_HTML, "<b>bad</b>");

    mdr_policy_free(p);

    test_begin("html: limit with backfill");

    p = test_policy(HTML_POLICY(",\"limit\":2"), NULL);

    check_out(p, "<ul><li class=card><b>1</b></li><li class=card><b>bad</b>"
              "</li><li class=card><b>2</b></li><li class=card><b>3</b></li>"
              "</ul><ul><li class=card><b>4</b></li></ul>", MDR_TYPE_HTML,
              "<ul><li class=card><b>1</b></li><li class=card><b>2</b></li>"
              "</ul><ul><li class=card><b>4</b></li></ul>");

    mdr_policy_free(p);

    test_begin("html: review required holds every item");

    p = test_policy(HTML_POLICY(",\"review\":\"required\""), NULL);
    check_out(p, "<ul>a<li class=card><b>1</b></li>b</ul>", MDR_TYPE_HTML,
              "<ul>ab</ul>");
    mdr_policy_free(p);
}


static void
large(void)
{
    int            cut;
    char           body[4096];
    size_t         n;
    mdr_policy_t  *p;
    static sink_t  s, first;

    test_begin("an item above max_slot: the same answer for any split");

    p = test_policy(HTML_POLICY(""), NULL);
    CHECK(p != NULL);

    n = (size_t) sprintf(body, "<ul><li class=card>");
    memset(body + n, 'x', 600);
    n += 600;
    n += (size_t) sprintf(body + n, "<b>bad</b></li><li class=card><b>bad"
                          "</b></li></ul>");

    CHECK(run(p, body, n, MDR_TYPE_HTML, MDR_MODE_ENFORCE, "utf-8", 500, 0,
              &first) == MDR_OK);
    CHECK(first.out.len == n - strlen("<li class=card><b>bad</b></li>"));
    CHECK(first.errors == 1);

    for (cut = 1; cut < 700; cut += 1 + cut / 8) {
        CHECK(run(p, body, n, MDR_TYPE_HTML, MDR_MODE_ENFORCE, "utf-8", 500,
                  cut, &s) == MDR_OK);
        CHECK(test_out_same(&s.out, &first.out));
        CHECK(test_out_same(&s.report, &first.report));
    }

    mdr_policy_free(p);
}


/* a number before a list that is longer than max_slot leaves as it came,
 * though items before that point are gone; one behind its list is right
 * however much follows */

static void
counts_large(void)
{
    int            cut;
    char           body[2048], want[2048], pad[701];
    size_t         n;
    mdr_policy_t  *p;
    static sink_t  s;

    test_begin("json: counts and max_slot");

    for (n = 0; n + 1 < sizeof(pad); n++) {
        pad[n] = n % 2 ? ',' : '1';
    }
    pad[n - 1] = '\0';

    p = test_policy(JSON_POLICY("json", "$.l[*]", ",\"count\":\"$.n\""),
                    NULL);
    CHECK(p != NULL);

    for (cut = 0; cut < 900; cut += 1 + cut / 4) {
        snprintf(body, sizeof(body), "{\"n\":3,\"l\":[{\"t\":\"bad\"},1,"
                 "%s,{\"t\":\"bad\"}]}", pad);
        snprintf(want, sizeof(want), "{\"n\":3,\"l\":[1,%s]}", pad);
        CHECK(run(p, body, strlen(body), MDR_TYPE_JSON, MDR_MODE_ENFORCE,
                  "utf-8", 500, cut, &s) == MDR_OK);
        CHECK_STR(s.out.data, s.out.len, want);
        CHECK(s.errors == 1);

        snprintf(body, sizeof(body), "{\"l\":[{\"t\":\"bad\"},1],\"n\":2,"
                 "\"x\":[%s]}", pad);
        snprintf(want, sizeof(want), "{\"l\":[1],\"n\":1,\"x\":[%s]}", pad);
        CHECK(run(p, body, strlen(body), MDR_TYPE_JSON, MDR_MODE_ENFORCE,
                  "utf-8", 500, cut, &s) == MDR_OK);
        CHECK_STR(s.out.data, s.out.len, want);
        CHECK(s.errors == 0);
    }

    mdr_policy_free(p);
}


static void
json(void)
{
    mdr_policy_t  *p;

    test_begin("json: a removed element takes one comma");

    p = test_policy(JSON_POLICY("json", "$.l[*]", ""), NULL);

    check_out(p, "{\"l\":[{\"t\":\"bad\"},{\"t\":\"a\"}]}", MDR_TYPE_JSON,
              "{\"l\":[{\"t\":\"a\"}]}");
    check_out(p, "{\"l\":[{\"t\":\"a\"},{\"t\":\"bad\"}]}", MDR_TYPE_JSON,
              "{\"l\":[{\"t\":\"a\"}]}");
    check_out(p, "{\"l\":[{\"t\":\"bad\"}]}", MDR_TYPE_JSON, "{\"l\":[]}");
    check_out(p, "{\"l\":[{\"t\":\"bad\"}, {\"t\":\"wait\"}], \"n\":1}",
              MDR_TYPE_JSON, "{\"l\":[], \"n\":1}");
    check_out(p, "{\"l\":[{\"t\":\"a\"},{\"t\":\"bad\"},{\"t\":\"b\"}]}",
              MDR_TYPE_JSON, "{\"l\":[{\"t\":\"a\"},{\"t\":\"b\"}]}");
    check_out(p, "{\"l\":[\n  1,\n  {\"t\":\"bad\"}\n]}",
              MDR_TYPE_JSON, "{\"l\":[\n  1\n]}");

    test_begin("json: mask keeps escapes whole, tag adds a member");

    check_out(p, "{\"l\":[{\"t\":\"h\\u0075sh \\u9707\\u60ca\"}]}",
              MDR_TYPE_JSON,
              "{\"l\":[{\"t\":\"**** \\uff0a\\uff0a\"}]}");
    check_out(p, "{\"l\":[{\"t\":\"note\" }]}", MDR_TYPE_JSON,
              "{\"l\":[{\"t\":\"note\",\"moderation\":{\"suggestion\":"
              "\"block\",\"label\":\"clickbait\",\"rule\":\"t.note\"} }]}");
    check_out(p, "{\"l\":[{\"moderation\":1,\"t\":\"note\"}]}",
              MDR_TYPE_JSON,
              "{\"l\":[{\"t\":\"note\",\"moderation\":{\"suggestion\":"
              "\"block\",\"label\":\"clickbait\",\"rule\":\"t.note\"}}]}");

    /* upstream's own members of that name go, however many there are */

#define NOTE  "\"moderation\":{\"suggestion\":\"block\",\"label\":"             \
              "\"clickbait\",\"rule\":\"t.note\"}"
    check_out(p, "{\"l\":[{\"moderation\":1,\"moderation\":2,\"t\":\"note\"}]}",
              MDR_TYPE_JSON, "{\"l\":[{\"t\":\"note\"," NOTE "}]}");
    check_out(p, "{\"l\":[{\"moderation\":1,\"t\":\"note\",\"moderation\":"
              "{\"a\":[]}}]}",
              MDR_TYPE_JSON, "{\"l\":[{\"t\":\"note\"," NOTE "}]}");
    check_out(p, "{\"l\":[{\"t\":\"note\",\"moderation\":1, \"moderation\":2 "
              ",\"a\":3,\"moderation\":4,\"b\":5}]}",
              MDR_TYPE_JSON,
              "{\"l\":[{\"t\":\"note\" ,\"a\":3,\"b\":5," NOTE "}]}");
    check_out(p, "{\"l\":[{\"t\":\"note\",\"moderation\":0,\"x\":{"
              "\"moderation\":1},\"moderation\":2}]}",
              MDR_TYPE_JSON, "{\"l\":[{\"t\":\"note\",\"x\":{"
              "\"moderation\":1}," NOTE "}]}");
    check_out(p, "{\"l\":[{\"moderation\":1,\"t\":\"a\",\"moderation\":2},"
              "{\"moderation\":1}]}",
              MDR_TYPE_JSON, "{\"l\":[{\"moderation\":1,\"t\":\"a\","
              "\"moderation\":2},{\"moderation\":1}]}");
    mdr_policy_free(p);

    test_begin("json: count after and before the list");

    p = test_policy(JSON_POLICY("json", "$.l[*]", ",\"count\":\"$.n\""),
                    NULL);
    check_out(p, "{\"l\":[{\"t\":\"bad\"},{\"t\":\"a\"}],\"n\":2}",
              MDR_TYPE_JSON, "{\"l\":[{\"t\":\"a\"}],\"n\":1}");
    check_out(p, "{\"n\":10,\"l\":[{\"t\":\"bad\"},{\"t\":\"a\"}],\"x\":1}",
              MDR_TYPE_JSON, "{\"n\":9,\"l\":[{\"t\":\"a\"}],\"x\":1}");
    mdr_policy_free(p);

    counts_large();

    test_begin("json: the document, members, lines");

    p = test_policy(JSON_POLICY("json", "$", ""), NULL);
    check_out(p, " {\"t\":\"bad\"} ", MDR_TYPE_JSON, " null ");
    mdr_policy_free(p);

    p = test_policy(JSON_POLICY("json", "$.m.*", ""), NULL);
    check_out(p, "{\"m\":{\"a\":{\"t\":\"bad\"},\"b\":{\"t\":\"x\"}}}",
              MDR_TYPE_JSON, "{\"m\":{\"b\":{\"t\":\"x\"}}}");
    check_out(p, "{\"m\":{\"a\":{\"t\":\"x\"}, \"b\":{\"t\":\"bad\"}}}",
              MDR_TYPE_JSON, "{\"m\":{\"a\":{\"t\":\"x\"}}}");
    mdr_policy_free(p);

    p = test_policy(JSON_POLICY("ndjson", "$", ""), NULL);
    check_out(p, "{\"t\":\"a\"}\n{\"t\":\"bad\"}\r\n{\"t\":\"b\"}\n",
              MDR_TYPE_NDJSON, "{\"t\":\"a\"}\n{\"t\":\"b\"}\n");
    check_out(p, "{\"t\":\"a\"}\n{\"t\":\"bad\"}", MDR_TYPE_NDJSON,
              "{\"t\":\"a\"}\n");
    mdr_policy_free(p);

    p = test_policy(JSON_POLICY("jsonp", "$.l[*]", ""), NULL);
    check_out(p, "/**/cb({\"l\":[{\"t\":\"bad\"}]});", MDR_TYPE_JSONP,
              "/**/cb({\"l\":[]});");

    test_begin("json: the type is seen, however little of it comes at first");

    check_out(p, "jQuery1910_15({\"l\":[{\"t\":\"bad\"}]});", MDR_TYPE_AUTO,
              "jQuery1910_15({\"l\":[]});");
    check_out(p, "plain text, and nothing of a call", MDR_TYPE_AUTO,
              "plain text, and nothing of a call");
    mdr_policy_free(p);

    p = test_policy(JSON_POLICY("json", "$.l[*]", ""), NULL);
    check_out(p, "\xef\xbb\xbf {\"l\":[{\"t\":\"bad\"}]}", MDR_TYPE_AUTO,
              "\xef\xbb\xbf {\"l\":[]}");
    mdr_policy_free(p);
}


static size_t
without_space(const char *p, size_t n, char *out)
{
    size_t  i, m;

    for (i = 0, m = 0; i < n; i++) {
        if (p[i] != ' ' && p[i] != '\n') {
            out[m++] = p[i];
        }
    }

    return m;
}


static const char *
space(void)
{
    static const char *const  s[] = { "", "", " ", "\n", "\n  " };

    return s[rand() % 5];
}


static void
removal(void)
{
    int            round, i, j, n, m, bad, kept;
    char           body[8192], want[8192], got[8192], elem[64];
    size_t         b, w;
    mdr_policy_t  *p;
    static sink_t  s;

    test_begin("random lists, random subsets removed, any split");

    p = test_policy(JSON_POLICY("json", "$.x[*].l[*]", ""), NULL);
    CHECK(p != NULL);

    for (round = 0; round < 3000; round++) {
        srand((unsigned) round);
        b = (size_t) sprintf(body, "{%s\"x\":%s[", space(), space());
        w = (size_t) sprintf(want, "{\"x\":[");
        m = rand() % 4;

        for (j = 0; j < m; j++) {
            b += (size_t) sprintf(body + b, "%s%s{\"l\"%s:[", j ? "," : "",
                                  space(), space());
            w += (size_t) sprintf(want + w, "%s{\"l\":[", j ? "," : "");
            n = rand() % 7;
            kept = 0;

            for (i = 0; i < n; i++) {
                bad = rand() % 5 < 2;

                switch (rand() % 4) {
                case 0:
                    sprintf(elem, "%d", i);
                    bad = 0;
                    break;
                case 1:
                    sprintf(elem, "{\"t\":\"%s\"}", bad ? "bad" : "good");
                    break;
                case 2:
                    sprintf(elem, "{\"a\":[{}],\"t\":\"x,%s]\"}",
                            bad ? "bad" : "\\\"");
                    break;
                default:
                    sprintf(elem, "{\"t\":[\"bad\"],\"u\":%d}", i);
                    bad = 0;
                    break;
                }

                b += (size_t) sprintf(body + b, "%s%s%s%s", i ? "," : "",
                                      space(), elem, space());
                if (!bad) {
                    w += (size_t) sprintf(want + w, "%s%s",
                                          kept++ ? "," : "", elem);
                }
            }

            b += (size_t) sprintf(body + b, "%s]}%s", space(), space());
            w += (size_t) sprintf(want + w, "]}");
        }

        b += (size_t) sprintf(body + b, "]%s}\n", space());
        w += (size_t) sprintf(want + w, "]}");

        CHECK(run(p, body, b, MDR_TYPE_JSON, MDR_MODE_ENFORCE, "utf-8", 0,
                  round % 3 == 0 ? 0 : round % 3 == 1 ? 1 : -1, &s)
              == MDR_OK);
        CHECK(without_space(s.out.data, s.out.len, got) == w
              && memcmp(got, want, w) == 0);

        if (test_bad) {
            printf("# round %d\n# %.*s\n# %.*s\n", round, (int) b, body,
                   (int) s.out.len, s.out.data);
            break;
        }
    }

    mdr_policy_free(p);
}


static void
nested(void)
{
    mdr_policy_t  *p;

    test_begin("nested slots: removal of the outer wins");

    p = test_policy("{\"schema\":1,\"policy\":\"t\",\"slots\":["
                    "{\"name\":\"sec\",\"type\":\"html\",\"match\":\"section\","
                    "\"fields\":{\"title\":\"h2\"}},"
                    "{\"name\":\"card\",\"type\":\"html\",\"match\":\"li\","
                    "\"fields\":{\"title\":\"b\"}}]," RULES "}", NULL);

    check_out(p, "<section><li><b>bad</b></li><h2>fine</h2></section>"
              "<section><li><b>ok</b></li><li><b>bad</b></li><h2>bad</h2>"
              "</section>.", MDR_TYPE_HTML,
              "<section><h2>fine</h2></section>.");
    check_out(p, "<section><h2>bad</h2><li><b>ok</b></li></section>"
              "<section><h2>a</h2><li><b>hush</b></li></section>",
              MDR_TYPE_HTML,
              "<section><h2>a</h2><li><b>****</b></li></section>");

    mdr_policy_free(p);
}


/* what stands around a card and is text makes no tag when the card is gone */

static void
seams(void)
{
    mdr_policy_t  *p;

    test_begin("html: no new markup where a card was");

    p = test_policy(HTML_POLICY(""), NULL);

    check_out(p, "<ul><<li class=card><b>bad</b></li>img src=x onerror=y>.",
              MDR_TYPE_HTML, "<ul>< img src=x onerror=y>.");
    check_out(p, "<ul><<li class=card><b>bad</b></li>"
              "<li class=card><b>bad</b></li>/ul>.", MDR_TYPE_HTML,
              "<ul>< /ul>.");
    check_out(p, "<ul>a < <li class=card><b>bad</b></li>b", MDR_TYPE_HTML,
              "<ul>a < b");
    check_out(p, "<ul><<li class=card><b>bad</b></li><li class=card><b>ok</b>"
              "</li>", MDR_TYPE_HTML,
              "<ul>< <li class=card><b>ok</b></li>");

    mdr_policy_free(p);
}


static void
charsets(void)
{
    int            cut;
    mdr_policy_t  *p;
    static sink_t  s;

    /* "<ul><li class=card><b>震惊</b>了</ul>" in GBK */
    static const char  gbk[] = "<ul><li class=card><b>\xd5\xf0\xbe\xaa</b>"
                               "\xc1\xcb</ul>";
    static const char  want[] = "<ul><li class=card><b>\xa3\xaa\xa3\xaa</b>"
                                "\xc1\xcb</ul>";

    static const char  meta[] = "<meta charset=gbk><ul><li class=card>"
        "<b>\xd5\xf0\xbe\xaa</b>\xc1\xcb<li class=card><b>bad</b></ul>";
    static const char  meta_want[] = "<meta charset=gbk><ul><li class=card>"
        "<b>\xa3\xaa\xa3\xaa</b>\xc1\xcb</ul>";
    static const char  late[] = "<title>\xc1\xcb</title><meta charset=gbk>"
        "<li class=card><b>\xd5\xf0\xbe\xaa</b>";
    static const char  late_want[] = "<title>\xc1\xcb</title>"
        "<meta charset=gbk><li class=card><b>\xa3\xaa\xa3\xaa</b>";
    static const char  plain[] = "<ul><li class=card><b>震惊</b><li "
        "class=card><b>bad</b></ul>";
    static const char  plain_want[] = "<ul><li class=card><b>＊＊</b></ul>";

    test_begin("gbk: matched in Unicode, edited in the bytes as they came");

    p = test_policy(HTML_POLICY(""), NULL);
    CHECK(p != NULL);

    for (cut = 0; cut < 40; cut++) {
        CHECK(run(p, gbk, sizeof(gbk) - 1, MDR_TYPE_HTML, MDR_MODE_ENFORCE,
                  "gbk", 0, cut, &s) == MDR_OK);
        CHECK_STR(s.out.data, s.out.len, want);
        CHECK(strstr(s.report.data, "[22-26 震惊]") != NULL);
    }

    test_begin("meta: found behind ASCII, nothing waits for it");

    for (cut = 0; cut < 90; cut++) {
        CHECK(run(p, meta, sizeof(meta) - 1, MDR_TYPE_HTML, MDR_MODE_ENFORCE,
                  NULL, 0, cut, &s) == MDR_OK);
        CHECK_STR(s.out.data, s.out.len, meta_want);
        CHECK(run(p, late, sizeof(late) - 1, MDR_TYPE_HTML, MDR_MODE_ENFORCE,
                  NULL, 0, cut, &s) == MDR_OK);
        CHECK_STR(s.out.data, s.out.len, late_want);
        CHECK(run(p, plain, sizeof(plain) - 1, MDR_TYPE_AUTO,
                  MDR_MODE_ENFORCE, NULL, 0, cut, &s) == MDR_OK);
        CHECK_STR(s.out.data, s.out.len, plain_want);
    }

    mdr_policy_free(p);
}


static void
early(void)
{
    mdr_policy_t     *p;
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;
    static sink_t     s;

    static const char  one[] = "<ul><li class=card><b>one</b></li><li";
    static const char  two[] = " class=card><b>two</b> and";

    test_begin("what is settled leaves before the next byte comes");

    p = test_policy(HTML_POLICY(""), NULL);
    CHECK(p != NULL);

    memset(&conf, 0, sizeof(conf));
    test_out_clear(&s.out);
    conf.ctx = &s;
    conf.output = on_output;
    conf.type = MDR_TYPE_HTML;
    conf.mode = MDR_MODE_ENFORCE;

    scan = mdr_scan_new(p, work, &conf);
    CHECK(mdr_scan_feed(scan, (const uint8_t *) one, sizeof(one) - 1)
          == MDR_OK);
    CHECK_STR(s.out.data, s.out.len, "<ul><li class=card><b>one</b></li>");
    CHECK(mdr_scan_feed(scan, (const uint8_t *) two, sizeof(two) - 1)
          == MDR_OK);
    CHECK_STR(s.out.data, s.out.len, "<ul><li class=card><b>one</b></li>"
              "<li class=card><b>two</b> and");
    mdr_scan_free(scan);
    mdr_policy_free(p);
}


int
main(void)
{
    work = mdr_work_new(NULL);

    html();
    large();
    nested();
    seams();
    json();
    removal();
    charsets();
    early();

    mdr_work_free(work);

    return test_done();
}
