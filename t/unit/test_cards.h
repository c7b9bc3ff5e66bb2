/*
 * test_cards.h - pages of cards for tests of learned markup.
 *
 * Cards are made from a few patterns, their holes filled anew each time with
 * whatever may stand there (references, quotes, U+0000, halves of characters),
 * with something else in between now and then.
 */

#ifndef MDR_TEST_CARDS_H
#define MDR_TEST_CARDS_H

#include <stdint.h>
#include <string.h>


static const char *const  pieces[] = {
    "<div class=\"a\">", "</div>", "<span class=\"b\">", "</span>", "<p>",
    "</p>", "<li class=\"c\" data-id=\"%\">", "</li>", "<ul>", "</ul>", "<b>",
    "</b>", "<i class=\"d e\" title=\"%\">", "</i>", "<a href=\"%\">", "</a>",
    "<h3>", "</h3>", "<h2 title=\"%\">", "</h2>", "<em>", "</em>", "<br>",
    "<img alt=\"%\" src=\"%\" width=\"12\">", "<table>", "</table>", "<tr>",
    "</tr>", "<td>", "</td>", "<svg>", "</svg>", "<foreignObject>",
    "</foreignObject>", "<template>", "</template>", "<!-- c -->", "<!-- % -->",
    "<?x>", "</ q>", "</>", "< ", "<script>if (a<b) x='</p>'</script>",
    "<style>a>b{}</style>", "<textarea>\n<b></textarea>", "<pre>\n", "</pre>",
    "<button>", "</button>", "<select>", "<option>", "</select>", "<rt>",
    "</rt>", "<x-card class=\"b\">", "</x-card>", "<nobr>", "</nobr>",
    "<font a=\"%\">", "</font>", "<SPAN CLASS=\"b\">", "</SPAN>",
    "<span class='b'>", "<span a='%' class=b>", "<span a=\"\" class=\"b\"/>",
    "<dt>", "<dd>", "</dd>", "<form>", "</form>", "<hr>",
    "<input type=\"hidden\" value=\"%\">", "<u>", "</u>",
    "<span style=\"%\" class=\"b\">", "<bdo dir=\"rtl\">", "</bdo>",
    "<span hidden class=\"%\">", "<path d=\"%\"/>", "<![CDATA[%]]>",
    "<li class=\"c\" data-moderation-label=\"%\">", "<noscript>", "</noscript>",
    "<span class=\"b\">%</span>", "<span class=\"f\">%</span>", "<b>%</b>",
    "<p>%</p>", "<h3>%</h3>", "<div class=\"a\"></div>", "<a href=\"v\">%</a>",
    "<em class=\"b\">%</em>", "%", "%", "%", "\n", "  ", "<span class=\"b\">",
    "</span>", "<span class=\"b\">%</span>", "<h3 title=\"%\">%</h3>",
    "<b><i>%</i></b>", "<span class=\"b\">%<br>%</span>",
    "<div class=\"a\"><span class=\"b\">%</span></div>",
    "<a href='%' id=%>", "<li class=c data-id='%'>", "<h3 title=%>%</h3>",
    "<img alt=% src='%' data-a=%>", "<span data-a=%/>", "<b title='%'>%</b>",
    "<div style=\"%\">", "<span style=\"display:block\">%</span>",
    "<svg><title>%</title></svg>", "<p style=\"display: inline\">%</p>",
};

static const char *const  holes[] = {
    "", "a", "text", "two words", "345 \xe3\x82\xab\xe3\x82\x99",
    "\xe1\x84\x92\xe1\x85\xa1 text", "\xef\xbd\xb6\xef\xbe\x9e\xe7\xbd\x91", " ", "\n ", "&amp;", "&lt", "a&b", "&#0;",
    "12", "1234567890", "\xe7\xbd\x91\xe7\xbb\x9c", ">",
    "'", "\xff", "\xe7\xbd", "a > b", "https://example.com/a?b=1&amp;c=2", "display:none",
    "visibility:hidden", "display:block", "display:inline", "b c", "hidden", "  lead and trail  ", "=", "/",
    "a text of more than a hundred and twenty-eight bytes, so that the next "
    "mark is not in sight from where it begins, whatever is looked at next: ",
    "\"", "<", "</b>", "\t", "\r\n", "-->", "]]>"
};

#define NPIECES   (sizeof(pieces) / sizeof(pieces[0]))
#define NHOLES    (sizeof(holes) / sizeof(holes[0]))
#define PATTERN   14
#define PATTERNS  4
#define PAGE      9000

static uint32_t    seed = 11;


static uint32_t
any(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;

    return (seed >> 8) % n;
}


/* one piece, its holes filled */

static size_t
piece(char *to, const char *s)
{
    size_t       n, k;
    const char  *hole;

    for (n = 0; *s != '\0'; s++) {
        if (*s != '%') {
            to[n++] = *s;
            continue;
        }

        if (any(64) == 0) {
            to[n++] = '\0';
        }

        hole = holes[any(any(8) ? NHOLES - 7 : NHOLES)];
        k = strlen(hole);
        memcpy(to + n, hole, k);
        n += k;
    }

    return n;
}


/* patterns[][0] pieces of each: kept from page to page, so that a set that is
 * warm knows them */

static uint8_t  patterns[PATTERNS][PATTERN + 1];


static void
new_patterns(void)
{
    uint32_t  i, k;

    for (i = 0; i < PATTERNS; i++) {
        patterns[i][0] = (uint8_t) (2 + any(PATTERN - 2));

        for (k = 1; k <= patterns[i][0]; k++) {
            patterns[i][k] = (uint8_t) any(NPIECES);
        }
    }
}


static size_t
make(char *page)
{
    size_t          n;
    uint32_t        k;
    const uint8_t  *p;

    /* behind it, no text opens or closes anything */

    n = piece(page, any(4) ? "<body><div class=\"a\"><input>" : "<ul>x");

    while (n + 6000 < PAGE) {
        p = patterns[any(PATTERNS)];

        if (any(3)) {
            n += piece(page + n, any(2) ? "<li class=\"c\" data-id=\"%\">"
                                        : "<div class=\"a\" id=\"q\">");
        }

        for (k = 1; k <= p[0]; k++) {
            if (any(40) == 0) {
                n += piece(page + n, pieces[any(NPIECES)]);
            }

            n += piece(page + n, pieces[p[k]]);
        }

        if (any(8)) {
            n += piece(page + n, any(2) ? "</li>\n" : "</div>");
        }
    }

    return n;
}

#endif
