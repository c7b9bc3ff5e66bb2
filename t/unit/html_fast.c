/*
 * html_fast.c - the common run of a page, at each width of register, says
 * what the byte-by-byte way says.
 *
 * Pages are put together from pieces of markup that come again and again, so
 * that tags are known from before, elements hold nothing but text, and much
 * of what is unusual stands right beside it.  The other way is the same
 * scanner fed byte by byte: then there is never enough in sight for the fast
 * one.
 */

#include "test.h"

#include "sink_log.h"


static const char *const  pieces[] = {
    "<div class=\"a\">", "</div>", "<span class=\"b\">", "</span>", "<p>",
    "</p>", "<li class=\"c\">", "</li>", "<ul>", "</ul>", "<b>", "</b>",
    "<i class=\"d e\">", "</i>", "<a href=\"u\">", "</a>", "<h3>", "</h3>",
    "<h2 title=\"x > y\">", "</h2>", "<em>", "</em>", "<br>", "<img alt=\"q\">",
    "<table>", "</table>", "<tr>", "</tr>", "<td>", "</td>", "<svg>",
    "</svg>", "<foreignObject>", "</foreignObject>", "<template>",
    "</template>", "<!-- c -->", "<!d>", "<?x>", "</ q>", "</>", "< ", "<1",
    "<script>if (a<b) x='</p>'</script>", "<style>a>b{}</style>",
    "<textarea>\n<b></textarea>", "<pre>\n", "</pre>", "<button>",
    "</button>", "<select>", "<option>", "</select>", "<rt>", "</rt>",
    "<x-card class=\"b\">", "</x-card>", "<nobr>", "</nobr>", "<font a=1>",
    "</font>", "<SPAN CLASS=\"b\">", "</SPAN>", "<span class='b'>",
    "<span class=b>", "<span class = \"b\">", "<span a=\"\" class=\"b\"/>",
    "<span a=\"1\"=\"2\" class=\"b\">", "<span =\"b>", "<span\001>",
    "<image class=\"b\">", "<dt>", "<dd>", "</dd>", "<form>", "</form>",
    "<hr>", "<input type=\"hidden\">", "<object>", "</object>", "<u>", "</u>",
    "text", " ", "\n", "&amp;", "&lt", "\xe7\xbd\x91\xe7\xbb\x9c", "\xe7\xbd",
    "  two  spaces ", "\t", "\r\n", "\"", "=", "'",
    "a text of more than a hundred and twenty-eight bytes, so that the next "
    "mark is not in sight from where it begins, whatever is looked at next: ",
    "<span class=\"b\">leaf</span>", "<span class=\"f\">leaf</span>",
    "<b>leaf</b>", "<p>leaf</p>", "<h3>leaf</h3>", "<div class=\"a\"></div>",
    "<a href=\"v\">leaf</a>", "<em class=\"b\">&amp;</em>",
    "<div data-a=\"0123456789012345678901234567890123456789\" data-b="
    "\"012345678901234567890123456789\" class=\"a\" title=\"a > b 'c'\">",
};

#define NPIECES  (sizeof(pieces) / sizeof(pieces[0]))

static mdr_sink_t  sink;


static size_t
make(char *page, size_t cap, uint32_t *seed, uint32_t vocabulary)
{
    size_t       n, k;
    uint32_t     i, words[16];
    const char  *p;

    /* a few pieces often, any piece now and then */

    for (i = 0; i < 16; i++) {
        *seed = *seed * 1664525u + 1013904223u;
        words[i] = (*seed >> 8) % NPIECES;
    }

    for (n = 0; n + 200 < cap; n += k) {
        *seed = *seed * 1664525u + 1013904223u;
        i = *seed >> 8;
        p = pieces[i % 8 != 0 ? words[i / 8 % vocabulary] : i / 8 % NPIECES];
        k = strlen(p);
        memcpy(page + n, p, k);
    }

    return n;
}


static void
compare(mdr_html_rules_t *r, const char *page, size_t n, uint32_t seed)
{
    int          width, same;
    char        *slow;
    const char  *fast;

    sink_clear(&sink);
    sink_scan(&sink, r, (const uint8_t *) page, n, sink_one, NULL);
    slow = strdup(sink.log.data != NULL ? sink.log.data : "");

    for (width = 1; width <= 3; width++) {
        sink_clear(&sink);
        sink.width = width;
        sink_scan(&sink, r, (const uint8_t *) page, n, NULL, NULL);
        sink.width = 0;

        fast = sink.log.data != NULL ? sink.log.data : "";
        same = strcmp(slow, fast) == 0;
        CHECK(same);

        if (!same) {
            printf("# seed %u, width %d\n# %.*s\n", seed, width, (int) n,
                   page);
        }
    }

    free(slow);
}


int
main(void)
{
    char               page[6000];
    size_t             n;
    uint32_t           i, k, seed, from;
    mdr_html_rules_t  *rules[3];

    static const char *const  matches[] = { "div.a, li", "*",
                                            "li.c, span.b:first-child" };
    static const char *const  places[] = { "span.b", ".b", "h3, .d", ".",
                                           "a@href", "div > b", "*",
                                           "p:nth-child(2n+1)", "em",
                                           "p:not(:first-child)",
                                           ":not(.b):not(p)",
                                           "span:not(.b, [a])", NULL };

    sink_init(&sink, NULL);

    for (i = 0; i < 3; i++) {
        sink.model.nslots = 0;
        sink_slot(&sink, MDR_TYPE_HTML, matches[i], places);
        rules[i] = mdr_html_compile(&sink.model, 0, sink.arena);
        CHECK(rules[i] != NULL);
    }

    test_begin("any page, at each width, reads as it does byte by byte");

    for (i = 0, seed = 7; i < test_share(1500); i++) {
        from = seed;
        n = make(page, i % 4 ? 1500 : sizeof(page), &seed, 2 + i % 15);

        k = i % 3;
        compare(rules[k], page, n, from);
    }

    sink_done(&sink);

    return test_done();
}
