/*
 * html_unseen.c - tags that hide what stands in them, and tags that do not;
 * what the bytes of a tag tell at once is what reading it says.
 */

#include "html/html.h"
#include "html/html_tags.h"
#include "test.h"

#include <stdlib.h>


static mdr_html_t  *h;


/* as a machine without (0) and with AVX2 */

static int
unseen(const char *tag, int wide)
{
    size_t          n;
    uint8_t        *p;
    int             rc;

    n = strlen(tag);
    p = malloc(n);                      /* not a byte more may be read       */

    if (p == NULL) {
        return -1;
    }

    memcpy(p, tag, n);
    rc = mdr_html_tag(&h->tag, p, p + n) == p + n;
    CHECK(rc);

    /* as html_fast.c leaves it */

    h->tag.next = 1 + h->tag.name_len;
    h->tag.nattrs = 0;
    h->tag.id = n > 8 && memcmp(tag, "<marquee", 8) == 0 ? T_MARQUEE : T_DIV;
    h->wide = (uint8_t) wide;
    rc = mdr_html_unseen(h);
    free(p);

    return rc;
}


static int
both(const char *tag)
{
    int  rc;

    rc = unseen(tag, 0);

    if (mdr_html_wide()) {
        CHECK(unseen(tag, 1) == rc);
    }

    return rc;
}


static void
each_way(void)
{
    int     rc;
    char    tag[400];
    size_t  i;

    static const struct {
        int          hides;
        const char  *style;
    } t[] = {
        { 1, "display:none" }, { 1, "DISPLAY : NONE ! important" },
        { 1, "color:red;display:none" }, { 0, "display:block" },
        { 0, "display:none;display:block" },
        { 1, "display:none!important;display:block" },
        { 1, "dis\\70lay:none" }, { 1, "display:n\\6f ne" },
        { 1, "/*;*/display/**/:/**/none" }, { 1, "display&#58;none" },
        { 0, "x-display:none" }, { 1, "display:table-column" },
        { 1, "visibility:hidden" }, { 1, "visibility: collapse" },
        { 0, "visibility:visible" }, { 0, "vertical-align:top" },
        { 1, "content-visibility:hidden" }, { 1, "opacity:0" },
        { 1, "opacity:0.0" }, { 1, "opacity:.0" }, { 0, "opacity:0.5" },
        { 0, "opacity:1" }, { 1, "font-size:0" }, { 1, "font-size:0px" },
        { 1, "font:0/0 a" }, { 0, "font:12px/1 a" }, { 0, "font-weight:0" },
        { 1, "font-size:1px" }, { 1, "font-size:0.1px" },
        { 0, "font-size:1em" }, { 0, "font-size:14px" },
        { 1, "position:absolute;left:-9999px" },
        { 1, "position:fixed;top:-100em" }, { 0, "left:-9999px" },
        { 1, "left:9999em;position:absolute" },
        { 1, "position:absolute;left:20000px" },
        { 0, "position:absolute;left:-20px" },
        { 1, "position:absolute;inset:0 auto auto -9999px" },
        { 1, "text-indent:-9999px" }, { 1, "text-indent:99em" },
        { 0, "text-indent:2em" }, { 0, "text-shadow:0 0 1px" },
        { 1, "margin-left:-9999px" }, { 1, "margin:0 0 0 -9999px" },
        { 0, "margin:-10px" }, { 0, "margin-bottom:-9999px" },
        { 1, "height:0;overflow:hidden" }, { 1, "overflow:clip;width:1px" },
        { 1, "max-height:0;overflow-y:hidden" },
        { 0, "height:0" }, { 0, "overflow:hidden;height:100px" },
        { 1, "position:absolute;clip:rect(0,0,0,0)" },
        { 1, "position:absolute;clip:rect(1px,1px,1px,1px)" },
        { 1, "clip-path:inset(50%)" }, { 1, "clip-path:circle(0)" },
        { 0, "clip-path:circle(40%)" }, { 1, "transform:scale(0)" },
        { 1, "transform:translateX(-9999px)" },
        { 1, "transform:translate(0,-300em)" },
        { 0, "transform:scale(0.5)" }, { 0, "transform:translateX(-100%)" },
        { 0, "margin-left:-100%" }, { 1, "margin-left:-900%" },
        { 1, "translate:-9999px" }, { 1, "filter:opacity(0)" },
        { 0, "filter:blur(2px)" }, { 1, "height:0;overflow:auto" },
        { 1, "position:absolute;left:-1e4px" },
        { 1, "position:absolute;left:calc(-9999px)" },
        { 1, "position:absolute;left:-50in" }, { 0, "" }, { 0, ";;" }, { 0, "color" },
        { 0, "border:1px solid;width:0;height:0" },
        { 0, "background:url(a.png);line-height:1" }
    };

    test_begin("each way");

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        snprintf(tag, sizeof(tag), "<div class=\"a b\" style=\"%s\">",
                 t[i].style);
        rc = both(tag);

        if (rc != t[i].hides) {
            printf("# %s\n", tag);
        }

        CHECK(rc == t[i].hides);
    }

    CHECK(both("<div hidden>") == 1);
    CHECK(both("<div HIDDEN=\"\" class=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaa\">")
          == 1);
    CHECK(both("<div data-hidden=\"1\" class=\"hidden style\">") == 0);
    CHECK(both("<div title=' style=\"display:none\"'>") == 0);
    CHECK(both("<div style=display:none>") == 1);
    CHECK(both("<div style=\"color:red\" style=\"display:none\">") == 0);
    CHECK(both("<div/style='display:none'>") == 1);
    CHECK(both("<marquee height=1 width=4>") == 1);
    CHECK(both("<marquee height=100 width=4>") == 1);
    CHECK(both("<marquee height=\"1px\">") == 1);
    CHECK(both("<marquee height=100 width=400>") == 0);
    CHECK(both("<marquee scrollamount=3000>") == 1);
    CHECK(both("<marquee scrollamount=6>") == 0);
    CHECK(both("<marquee>") == 0);
    CHECK(both("<p>") == 0);
}


/* declarations put together at random: in double quotes a style that hides
 * nothing is told by its bytes, in single ones it is always read */

static void
at_random(void)
{
    int     i, k, n, hides, a;
    char    style[500], tag[600];

    static const char *const  names[] = {
        "display", "visibility", "opacity", "font-size", "font", "left", "top",
        "right", "bottom", "position", "text-indent", "margin", "margin-left",
        "margin-top", "width", "height", "max-height", "overflow", "clip",
        "clip-path", "transform", "translate", "filter", "inset", "color",
        "border", "z-index", "overflow-x", "content-visibility", "DISPLAY",
        "background", "-webkit-transform", "top ", "line-height"
    };

    static const char *const  values[] = {
        "none", "hidden", "0", "0px", ".0", "-9999px", "10000px", "900em",
        "1px", "absolute", "block", "scale(0)", "inset(50%)", "rect(0,0,0,0)",
        "translate(-9999px)", "0 0 -999em", "auto", "1", "red", "0/0 a",
        "-1px", "visible", "opacity(0)", "n\\6fne", "n/**/one", "collapse",
        "table-column", "NONE", "12345px", "+0", "0.0em", "fixed", ""
    };

    test_begin("what the bytes tell is what reading says");
    srand(3);

    for (i = 0, hides = 0; i < 60000; i++) {
        n = 1 + rand() % 3;
        style[0] = '\0';

        for (k = 0; k < n; k++) {
            snprintf(style + strlen(style), sizeof(style) - strlen(style),
                     "%s%s:%s%s%s", rand() % 4 == 0 ? " " : "",
                     names[(size_t) rand() % (sizeof(names)
                                              / sizeof(names[0]))],
                     rand() % 3 == 0 ? " " : "",
                     values[(size_t) rand() % (sizeof(values)
                                               / sizeof(values[0]))],
                     k + 1 < n || rand() % 2 ? ";" : "");
        }

        snprintf(tag, sizeof(tag), "<div %sstyle='%s'>",
                 rand() % 2 ? "class=\"abcdefghijklmnop\" " : "", style);
        a = both(tag);
        hides += a;

        for (k = 0; tag[k] != '\0'; k++) {
            tag[k] = tag[k] == '\'' ? '"' : tag[k];
        }

        if (both(tag) != a) {
            printf("# %s\n", tag);
            CHECK(0);
            break;
        }
    }

    CHECK(hides > 5000 && hides < 55000);
}


int
main(void)
{
    h = calloc(1, sizeof(mdr_html_t));

    if (h == NULL) {
        return 1;
    }

    each_way();
    at_random();
    free(h);

    return test_done();
}
