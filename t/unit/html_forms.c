/*
 * html_forms.c - forms of markup beside pages: templates that are shown,
 * fragments of tables, XML.
 */

#include "test_page.h"

#define POLICY(slot)                                                          \
    "{\"schema\":1,\"policy\":\"p\",\"slots\":[{\"name\":\"c\"," slot "}],"   \
    "\"rules\":[{\"id\":\"r\",\"rev\":1,\"label\":\"rumor\",\"match\":"       \
    "{\"in\":[\"title\"],\"terms\":[\"bad\"]}},{\"id\":\"m\",\"rev\":1,"      \
    "\"label\":\"rumor\",\"action\":\"mask\",\"match\":"                      \
    "{\"in\":[\"title\"],\"terms\":[\"hush\"]}}]}"

#define CARDS(more)  POLICY("\"type\":\"html\",\"match\":\"li.c\"," more      \
                            "\"fields\":{\"title\":\"b\"}")
#define CARD  "<li class=c><b>bad</b></li>"
#define ITEMS  POLICY("\"type\":\"xml\",\"match\":\"item\",\"fields\":"       \
                      "{\"title\":{\"all\":[\"title\",\"description\"]}}")

static mdr_work_t       *work;
static test_page_conf_t  conf = { MDR_TYPE_HTML, 0, 0 };
static test_page_conf_t  xml = { MDR_TYPE_XML, 0, 0 };
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
templates(void)
{
    static const char  inert[] = "<template>" CARD "</template>";
    static const char  root[] = "<x-a><template shadowrootmode=open>" CARD
                                "</template></x-a>";

    test_begin("templates: which are on the page");
    expect(CARDS(""), &conf, inert, inert);
    expect(CARDS("\"templates\":\"all\","), &conf, inert,
           "<template></template>");
    expect(CARDS(""), &conf, root, "<x-a><template shadowrootmode=open>"
           "</template></x-a>");
    expect(CARDS("\"templates\":\"none\","), &conf, root, root);
    expect(CARDS("\"templates\":\"shown\","), &conf,
           "<div><template shadowrootmode=CLOSED>" CARD "<template>" CARD
           "</template></template></div>",
           "<div><template shadowrootmode=CLOSED><template>" CARD
           "</template></template></div>");
    expect(CARDS(""), &conf, "<x-a><template shadowroot=open>" CARD
           "</template>", "<x-a><template shadowroot=open>" CARD
           "</template>");
    expect(CARDS(""), &conf, "<turbo-stream action=append target=x><template>"
           CARD "</template></turbo-stream><turbo-stream><p><template>" CARD
           "</template></turbo-stream>",
           "<turbo-stream action=append target=x><template></template>"
           "</turbo-stream><turbo-stream><p><template>" CARD
           "</template></turbo-stream>");
    expect(CARDS(""), &conf, "<template><li class=c hx-swap-oob=true><b>bad"
           "</b></li>" CARD "</template>x", "<template>" CARD "</template>x");
    expect(CARDS(""), &conf, "<template data-hx-swap-oob=true>" CARD
           "</template>", "<template data-hx-swap-oob=true></template>");

    /* React: a segment in a hidden element, and the script that moves it */

    expect(CARDS(""), &conf, "<template id=\"B:0\"></template><div hidden "
           "id=\"S:0\">" CARD "</div><script>$RC(\"B:0\",\"S:0\")</script>",
           "<template id=\"B:0\"></template><div hidden id=\"S:0\"></div>"
           "<script>$RC(\"B:0\",\"S:0\")</script>");

    /* a field in a shadow root of its item */

    expect(CARDS(""), &conf, "<ul><li class=c><div><template shadowrootmode="
           "open><b>ba<i>d</i></b></template></div></li></ul>", "<ul></ul>");
    expect(CARDS(""), &conf, "<ul><li class=c><template><b>bad</b></template>"
           "<b>x</b></li></ul>", "<ul><li class=c><template><b>bad</b>"
           "</template><b>x</b></li></ul>");
    test_end();
}


static void
fragments(void)
{
    static const char  rows[] = POLICY("\"type\":\"html\",\"match\":\"tr\","
        "\"fields\":{\"title\":\"td\"}");
    static const char  cells[] = POLICY("\"type\":\"html\",\"match\":\"td\","
        "\"fields\":{\"title\":\".\"}");
    static const char  page[] = "<!DOCTYPE html><tr><td>bad</td></tr>";

    test_begin("rows and cells alone");
    expect(rows, &conf, "<tr><td>bad</td></tr><tr><td>x</td></tr>",
           "<tr><td>x</td></tr>");
    expect(rows, &conf, " \n<tr><td>x<tr><td>bad<tr><td>y",
           " \n<tr><td>x<tr><td>y");
    expect(rows, &conf, "<!-- 2 -->\n<!----><tr><td>x<tr><td>bad<tr><td>y",
           "<!-- 2 -->\n<!----><tr><td>x<tr><td>y");
    expect(cells, &conf, "<td>bad</td><td>x<td>bad", "<td>x");
    expect(rows, &conf, "<tbody><tr><td>bad</table>y", "<tbody></table>y");
    expect(rows, &conf, page, page);
    expect(POLICY("\"type\":\"html\",\"match\":\"option\",\"fields\":"
                  "{\"title\":\".\"}"), &conf,
           "<option>bad<option value=1>x</option>",
           "<option value=1>x</option>");
    test_end();
}


static void
feeds(void)
{
    static const char  page[] = "<html xmlns=\"http://www.w3.org/1999/xhtml\">"
        "<body><p/><ul><li class=\"c\"><b>a<br/>b</b></li>";

    test_begin("XML by its own rules");
    expect(ITEMS, &xml, "<?xml version=\"1.0\"?><rss><channel><item><title/>"
           "<link>l</link><description>x</description></item><item><title>bad"
           "</title></item></channel></rss>",
           "<?xml version=\"1.0\"?><rss><channel><item><title/><link>l</link>"
           "<description>x</description></item></channel></rss>");
    expect(ITEMS, &xml, "<rss><item><title><![CDATA[<b>ba]]><![CDATA[d]]>"
           "</title></item><item><title><![CDATA[b]]]><b>a</b>d</title></item>"
           "</rss>", "<rss><item><title><![CDATA[b]]]><b>a</b>d</title></item>"
           "</rss>");
    expect(ITEMS, &xml, "<rss><item><title>a</title><script>if (a</script>"
           "<description>bad</description></item></rss>",
           "<rss></rss>");
    expect(ITEMS, &xml, "<rss><!--<item><title>bad</title></item>--!>--><item>"
           "<title>b&#97;d</title></item></rss>",
           "<rss><!--<item><title>bad</title></item>--!>--></rss>");
    expect(ITEMS, &xml, "<rss><item><title>x &amp; hush</title></item></rss>",
           "<rss><item><title>x &amp; ****</title></item></rss>");
    expect(ITEMS, &xml, "<rss><item><title><![CDATA[x hush]]></title></item>",
           "<rss><item><title><![CDATA[x ****]]></title></item>");
    expect(ITEMS, &xml, "<rss><item><textarea><title>bad</title></item>"
           "<item><title>x</title></item></rss>",
           "<rss><item><title>x</title></item></rss>");

    /* a feed is one whatever its label says */

    expect(ITEMS, &conf, "<?xml version=\"1.0\"?>\n<!-- x -->\n<rss><item>"
           "<title/><description>bad</description></item></rss>",
           "<?xml version=\"1.0\"?>\n<!-- x -->\n<rss></rss>");
    expect(POLICY("\"type\":\"xml\",\"match\":\"entry\",\"fields\":{"
                  "\"title\":\"title\"}"), &conf,
           "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><title "
           "type=\"text\">bad</title></entry></feed>",
           "<feed xmlns=\"http://www.w3.org/2005/Atom\"></feed>");

    /* XHTML: slots of type html, no implied ends, blocks */

    expect(CARDS(""), &xml, "<html><body><p/><ul><li class=\"c\"><b>ba<i/>d"
           "</b></li></ul></body></html>", "<html><body><p/><ul></ul></body>"
           "</html>");
    expect(CARDS(""), &xml, "<html><ul><li class=\"c\"/><li class=\"c\"><b>x"
           "</b><p><b>bad</b></p></li></ul></html>", NULL);
    CHECK(s.items == 2);
    expect(CARDS(""), &xml, page, page);
    expect(CARDS(""), &xml, "<html><ul><li class=\"c\"><b><p>ba</p><p>d</p>"
           "</b></li></ul></html>", "<html><ul><li class=\"c\"><b><p>ba</p>"
           "<p>d</p></b></li></ul></html>");
    test_end();
}


int
main(void)
{
    work = mdr_work_new(NULL);
    templates();
    fragments();
    feeds();
    mdr_work_free(work);

    return test_done();
}
