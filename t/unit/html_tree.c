/*
 * html_tree.c - where elements begin and end.
 *
 * Each document is scanned with every element as an item; what an
 * independent parser (parse5 7.3, scripting off) says is beside it: the byte
 * ranges in page order, html, head and body left out ("*": it says nothing).
 * Then every document is cut in two at every place, and into single bytes.
 */

#include "test.h"

#include "sink_log.h"

static mdr_sink_t  sink;

static char    got[4096];
static struct { uint64_t start, end; } ranges[512];
static size_t  nranges;

static const struct {
    const char  *page, *want;
} docs[] = {
    { "<p>a<p>b<div>c</div>d</p>e",
      "0-4 4-8 8-20" },
    { "<ul><li>a<li>b<ul><li>c</ul><li>d</ul>",
      "0-38 4-9 9-28 14-28 18-23 28-33" },
    { "<ol><li><div><li></div></ol>",
      "0-28 4-13 8-13 13-23" },
    { "<dl><dt>a<dd>b<dt>c<dd><dl><dd>d</dl></dl>",
      "0-42 4-9 9-14 14-19 19-37 23-37 27-32" },
    { "<div><p>a<span>b</div>c",
      "0-22 5-16 9-16" },
    { "<h1>a<h2>b</h1>c</h2>",
      "0-5 5-10" },
    { "<p>a<h3>b</p>c</h3>",
      "0-4 4-19" },
    { "<form><div><form></form></div></form><form></form>",
      "0-24 6-30 37-50" },
    { "<form><div></form><p>x</div>",
      "0-18 6-28 18-22" },
    { "<button>a<button>b</button></button>",
      "0-9 9-27" },
    { "<a>1<a>2</a>3</a>",
      "0-4 4-12" },
    { "<a>1<p>2<a>3</a>",
      "0-8 4-16 8-16" },
    { "<b>1<p>2</b>3</p>4",
      "0-12 4-17" },
    { "<b>1<i>2</b>3</i>4",
      "0-12 4-8" },
    { "<p><b><i><u>1</p>2</u>3",
      "0-17 3-13 6-13 9-13" },
    { "<b><b><b><b>x</b></b></b></b>",
      "0-29 3-25 6-21 9-17" },
    { "<em><section><b><h2>x</em>y</h2></b>z",
      "0-26 4-37 13-* 16-32" },
    { "<nobr>a<nobr>b</nobr>",
      "0-7 7-21" },
    { "<font color=red>1<font color=red>2<font color=red>3<font color=red>4<p"
      ">5</font>",
      "0-79 17-79 34-79 51-79 68-79" },
    { "<table><tr><td>a<td>b<tr><th>c</table>d",
      "0-38 7-21 11-16 16-21 21-30 25-30" },
    { "<table><caption>a<col><thead><tr><td>b<tbody><td>c<tfoot></table>",
      "0-65 7-17 17-22 22-38 29-38 33-38 38-50 45-50 50-57" },
    { "<table><div>x<tr><td>y</div>z</td></table>",
      "0-42 7-13 13-34 17-34" },
    { "<table>x<b>y<tr><td>z</b></table>w",
      "0-33 8-12 12-25 16-25" },
    { "<table><td><table><td>a</table>b</table>c",
      "0-40 7-32 11-31 18-23" },
    { "<table><form><tr><td></form><input type=hidden><input></table>",
      "0-62 7-13 13-54 17-54 28-47 47-54" },
    { "<!DOCTYPE html><p><table></table></p>",
      "15-18 18-33" },
    { "<p><table></table></p>",
      "0-22 3-18" },
    { "<i><!DOCTYPE html><p><table></table></p>",
      "0-40 18-40 21-36" },
    { "</i><!DOCTYPE html><p><table></table></p>",
      "19-41 22-37" },
    { "<table><template><tbody><table></template><tr></tfoot>",
      "0-54 7-42 42-54" },
    { "<math><mo><h></mo>",
      "0-18 6-18 10-18" },
    { "<!DOCTYPE html PUBLIC \"-//W3C//DTD HTML 3.2 Final//EN\"><p><table></t"
      "able></p>",
      "55-77 58-73" },
    { "<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Strict//EN\" \"http://ww"
      "w.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd\"><p><table></table></p>",
      "109-112 112-127" },
    { "<table><colgroup><col> <col>x<tr></table>",
      "0-41 7-28 17-22 23-28 29-33" },
    { "<table><tr><td></tr></tbody></table><td>",
      "0-36 7-20 11-15" },
    { "<select><option>a<option>b<optgroup><option>c<div>d</optgroup></select"
      ">",
      "0-71 8-17 17-26 26-62 36-62 45-62" },
    { "<select><option>a<select>b<input>c",
      "0-17 8-17 26-33" },
    { "<table><tr><td><select><option>x<tr><td>y</table>",
      "0-49 7-32 11-32 15-32 23-32 32-41 36-41" },
    { "<p><select><p><option></p></select></p>",
      "0-39 3-35 11-14 14-26" },
    { "<svg><g><path/><p>out",
      "0-15 5-15 8-15 15-21" },
    { "<svg><title>a<b>c</b></title><desc><li>d</desc></svg>",
      "0-53 5-29 13-21 29-53 35-53" },
    { "<svg><foreignObject><div><p>a</foreignObject>b</svg>",
      "0-52 5-52 20-52 25-52" },
    { "<math><mi>a<b>c</b></mi><mglyph></mglyph></math>",
      "0-48 6-24 11-19 24-41" },
    { "<math><annotation-xml encoding=text/html><div>a</div></annotation-xml>"
      "</math>",
      "0-77 6-70 41-53" },
    { "<svg><script><b></script><style><i></style></svg>",
      "0-13 5-13 13-49 25-43" },
    { "<svg><![CDATA[<b>]]></svg><![CDATA[<b>]]>",
      "0-26" },
    { "<svg><font></font><font color=a></svg>",
      "0-18 5-18 18-38" },
    { "<svg></p></br></svg>",
      "0-5" },
    { "<template><div><li>a</template><template><td></template><td>b",
      "0-31 31-56" },
    { "<div><template><p></div></template></div>",
      "0-41 5-35" },
    { "<template><textarea></template></textarea></template>x",
      "0-53" },
    { "<script><div></script><div><!--<script></script>--></div>",
      "0-22 22-57" },
    { "<script><!--<script></script></script>--></script><i>x",
      "0-38 50-54" },
    { "<script><!--<script></script x></script ><b>",
      "0-41 41-44" },
    { "<script><!-->--></script><b>",
      "0-25 25-28" },
    { "<style><p></style><textarea><p></textarea><title><p></title><p>",
      "0-18 18-42 42-60 60-63" },
    { "<textarea></textareax></textarea/><xmp><b></xmp><iframe><b></iframe><n"
      "oembed><b></noembed>",
      "0-34 34-48 48-68 68-90" },
    { "<noscript><div>a</div></noscript><noframes><p></noframes>",
      "0-33 10-22 33-57" },
    { "<head><noscript><link><style></style></noscript><title></title></head>"
      "<p>",
      "6-48 16-22 22-37 48-63 70-73" },
    { "<head><noscript><p>a</noscript>",
      "6-31 16-20" },
    { "<div><plaintext></div><p>a",
      "0-26 5-26" },
    { "<ruby>a<rp>(<rt>b<rp>)</ruby><ruby><rb>a<rtc><rt>b<rb>c</ruby>",
      "0-29 7-12 12-17 17-22 29-62 35-40 40-50 45-50 50-55" },
    { "<div></br></p></div>",
      "0-20" },
    { "<br/><div/>a<img/>b<input></input>",
      "0-5 5-34 12-18 19-26" },
    { "<div><!-- <p> --><p><!--> <p>--><!---> <p><!----!><p></div>",
      "0-59 17-26 26-39 39-50 50-53" },
    { "<div><!p><?p><p></ p></></div>",
      "0-30 13-24" },
    { "<div a='>' b=\">\" c=> <p></div>",
      "0-30 21-24" },
    { "<div =a=\"b\"c='d'e/f=g/><p ='>'></p></div>",
      "0-41 23-35" },
    { "<div\n\tA = 'x'\n><P\fCLASS=y></DIV>",
      "0-32 15-26" },
    { "<div a=b/><p></div><br a=/>",
      "0-19 10-13 19-27" },
    { "</div><div></body></html><p>a</div>",
      "6-35 25-29" },
    { "x<head><body><html><p>y",
      "19-23" },
    { "<html><head></head><link><body><p>",
      "19-25 31-34" },
    { "<body><table><tr><body><td></body>x",
      "6-35 13-35 23-35" },
    { "<object><p><b></object>c</b><marquee><p></marquee>",
      "0-23 8-14 11-14 28-50 37-40" },
    { "<pre>\n<p></pre><listing></listing>",
      "0-15 6-9 15-34" },
    { "<details><summary>a<p>b</summary>c</details>",
      "0-44 9-33 19-23" },
    { "<p><fieldset><legend>a<p></fieldset></p>",
      "0-3 3-36 13-25 22-25" },
    { "<option>a<option>b<p><option>c",
      "0-9 9-30 18-30 21-30" },
    { "<image><p><keygen><hr><wbr></p>",
      "0-7 7-18 10-18 18-22 22-27" },
    { "<x-card><x-card>a</x-card><li></x-card>",
      "0-39 8-26 26-39" },
    { "<div <p>a</div>",
      "0-15" },
    { "<div><p",
      "0-7" },
    { "<div><p a=\"b>",
      "0-13" },
    { "<div></",
      "0-7" },
    { "<div></p",
      "0-8" },
    { "<div><",
      "0-6" },
    { "<div>&",
      "0-6" },
    { "<div><!-",
      "0-8" },
    { "<div><!--a",
      "0-10" },
    { "<div><textarea>a</textare",
      "0-25 5-25" },
    { "<a><table><a>x</table></a>",
      "0-10 3-22 10-14" },
    { "<table><a>1<p>2</a>3</p>",
      "0-24 7-19 11-24" },
    { "<b><table><td></b><i></table>X",
      "0-30 3-29 10-21 18-21" },
    { "<p><i>a<p>b<table><td></i>c</table>",
      "0-7 3-7 7-35 11-35 18-27" },
    { "<ul><li><b>a<li>b</ul>c</b>",
      "0-22 4-12 8-12 12-17" },
    { "<address><li><address><li></address></address>",
      "0-36 9-22 13-22 22-26" },
};

#define NDOCS  (sizeof(docs) / sizeof(docs[0]))


static void
on_closed(mdr_sink_t *k, const log_item_t *it)
{
    (void) k;

    if (nranges < sizeof(ranges) / sizeof(ranges[0])) {
        ranges[nranges].start = it->start;
        ranges[nranges++].end = it->end;
    }
}


static int
by_start(const void *a, const void *b)
{
    uint64_t  x = *(const uint64_t *) a, y = *(const uint64_t *) b;

    return x < y ? -1 : x > y;
}


static int
is_frame(const char *p)
{
    return strncmp(p, "<html", 5) == 0 || strncmp(p, "<body", 5) == 0
           || strncmp(p, "<head>", 6) == 0;
}


static void
list(const char *page, const char *want)
{
    size_t  i, n;
    char    end[24];

    qsort(ranges, nranges, sizeof(ranges[0]), by_start);

    for (i = 0, n = 0; i < nranges; i++) {
        if (is_frame(page + ranges[i].start)) {
            continue;
        }

        n += (size_t) snprintf(got + n, sizeof(got) - n, "%s%llu-",
                               n != 0 ? " " : "",
                               (unsigned long long) ranges[i].start);

        if (strlen(want) > n && want[n] == '*') {
            strcpy(end, "*");
        } else {
            snprintf(end, sizeof(end), "%llu",
                     (unsigned long long) ranges[i].end);
        }

        n += (size_t) snprintf(got + n, sizeof(got) - n, "%s", end);
    }

    got[n] = '\0';
}


static size_t
cut(void *ctx, size_t at)
{
    return at == 0 ? *(size_t *) ctx : SIZE_MAX / 2;
}


int
main(void)
{
    char              *whole;
    size_t             i, n, at, differ;
    mdr_html_rules_t  *all, *fields;

    static const char *const  places[] = { "p", "b", ".", "td", "@class",
                                           "i@class", NULL };
    static mdr_sink_t         more;

    sink_init(&sink, NULL);
    sink_slot(&sink, MDR_TYPE_HTML, "*", NULL);
    all = mdr_html_compile(&sink.model, 0, sink.arena);

    sink_init(&more, NULL);
    sink_slot(&more, MDR_TYPE_HTML, "div, li, p, table, ul > *", places);
    fields = mdr_html_compile(&more.model, 0, more.arena);

    test_begin("extents are those of an independent parser");
    CHECK(all != NULL && fields != NULL);

    for (i = 0; i < NDOCS; i++) {
        sink_clear(&sink);
        nranges = 0;
        got[0] = '\0';
        sink.closed = on_closed;
        sink_scan(&sink, all, (const uint8_t *) docs[i].page,
                  strlen(docs[i].page), NULL, NULL);
        list(docs[i].page, docs[i].want);

        if (strcmp(got, docs[i].want) != 0) {
            printf("# %s\n", docs[i].page);
        }
        CHECK_STR(got, strlen(got), docs[i].want);
    }

    test_begin("the same in two pieces, cut anywhere, and byte by byte");
    sink.closed = NULL;

    for (i = 0; i < NDOCS; i++) {
        n = strlen(docs[i].page);
        sink_clear(&more);
        sink_scan(&more, fields, (const uint8_t *) docs[i].page, n, NULL,
                  NULL);
        whole = strdup(more.log.data != NULL ? more.log.data : "");
        CHECK(!more.backwards);

        for (at = 1, differ = 0; at < n; at++) {
            sink_clear(&more);
            sink_scan(&more, fields, (const uint8_t *) docs[i].page, n, cut,
                      &at);

            if (strcmp(whole, more.log.data != NULL ? more.log.data : "") != 0
                && differ++ == 0)
            {
                printf("# cut at %zu: %s\n", at, docs[i].page);
                printf("# %s\n# %s\n", whole, more.log.data);
            }
        }

        CHECK(differ == 0);

        sink_clear(&more);
        sink_scan(&more, fields, (const uint8_t *) docs[i].page, n, sink_one,
                  NULL);
        CHECK(strcmp(whole, more.log.data != NULL ? more.log.data : "") == 0);
        free(whole);
    }

    sink_done(&sink);
    sink_done(&more);

    return test_done();
}
