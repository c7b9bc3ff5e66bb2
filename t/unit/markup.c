/*
 * markup.c - learned markup says what the exact scanner says.
 *
 * Pages are those of test_cards.h.  Each is read without a set, and with one
 * that many pages share: cold, warm, and full, in any pieces, at each width of
 * register.
 */

#include "test.h"

#include "sink_log.h"
#include "test_cards.h"


static mdr_sink_t  sink;


static size_t
some(void *ctx, size_t at)
{
    (void) at;

    return 1 + any(*(uint32_t *) ctx);
}


/* where two logs part */

static void
show(const char *a, const char *b)
{
    size_t  i, k;

    for (i = 0, k = 0; a[i] != '\0' && a[i] == b[i]; i++) {
        k = a[i] == '\n' ? i + 1 : k;
    }

    printf("# exact:   %.*s\n# learned: %.*s\n", (int) strcspn(a + k, "\n"),
           a + k, (int) strcspn(b + k, "\n"), b + k);
}


static void
compare(mdr_html_rules_t *r, const char *page, size_t n, mdr_markup_t *set,
    uint32_t from)
{
    int          width, same;
    char        *exact;
    uint32_t     most;
    const char  *got;

    sink_learned = NULL;
    sink_clear(&sink);
    sink_scan(&sink, r, (const uint8_t *) page, n, NULL, NULL);
    exact = strdup(sink.log.data != NULL ? sink.log.data : "");

    for (width = 1; width <= 4; width++) {
        most = 1 + any(any(2) ? 400 : PAGE);

        sink_learned = set;
        sink_clear(&sink);
        sink.width = width & 3;
        sink_scan(&sink, r, (const uint8_t *) page, n, width == 4 ? some : NULL,
                  &most);
        sink.width = 0;

        got = sink.log.data != NULL ? sink.log.data : "";
        same = strcmp(exact, got) == 0;
        CHECK(same);

        if (!same) {
            printf("# seed %u, width %d\n", from, width);
            show(exact, got);
        }
    }

    free(exact);
}


/*
 * Pages made to fill the set, or to be tried in vain.  What it costs is counted
 * in bytes, as it is the same on all machines: those that are recorded, read
 * token by token, and those that are compared for nothing.
 */

#define LARGE  2000000u

static const char *const  hostile[] = {
    /* states without end */
    "<s%><p class=\"a\">x</p><p class=\"a\">y</p><p class=\"a\">z</p></s%>\n",
    /* literals without end behind one state */
    "<div class=\"a\"><b k%>text</b></div>\n",
    /* units that part from what is known in their last tag */
    "<li class=\"c\"><h3>a title</h3><span class=\"b\">a name</span><em>12"
    "</em><i>345</i><u>6789</u><b>of the same kind</b><s z%></s></li>\n",
    /* none that comes again */
    "<div a%=\"x\"><i b%>text</i><p c%>text</p></div>\n",
    /* items within one another, each of them another one */
    "<li class=\"c\"><li class=\"c\"><ul><li class=\"c\" d%><h3>a</h3></ul>\n",
    /* long literals */
    "<div class=\"a\" style=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%\">"
    "<span class=\"b\">text</span></div>\n"
};


static size_t
make_hostile(char *page, const char *pattern)
{
    size_t       n;
    uint32_t     k;
    const char  *s;

    n = (size_t) sprintf(page, "<body><input><ul>");

    for (k = 0; n < LARGE; k++) {
        for (s = pattern; *s != '\0'; s++) {
            if (*s == '%') {
                n += (size_t) sprintf(page + n, "%u", k);
            } else {
                page[n++] = *s;
            }
        }
    }

    return n;
}


static uint64_t
fill(const mdr_html_rules_t *r, const char *page, size_t n)
{
    uint32_t       pass;
    uint64_t       resets;
    mdr_markup_t  *m;

    m = mdr_markup_new(mdr_mem_default());
    sink_learned = m;
    sink.quiet = 1;

    for (pass = 1; pass <= 2; pass++) {
        sink_clear(&sink);
        CHECK(sink_scan(&sink, r, (const uint8_t *) page, n, NULL, NULL)
              == MDR_OK);

        CHECK(m->read <= pass * n);
        CHECK(m->recorded <= m->read / 256 + m->unit_bytes / 16 + 1024
                             + MDR_UNIT_MAX);
        CHECK(m->wasted <= m->unit_bytes / 2 + m->read / 16 + 8192
                           + MDR_UNIT_MAX);
        CHECK(m->nstates <= MDR_STATES && m->nliterals <= MDR_LITERALS);
        CHECK(m->bytes.len <= MDR_MARKUP_BYTES && m->nevents <= MDR_EVENTS);
    }

    resets = m->resets;
    sink.quiet = 0;
    sink_learned = NULL;
    mdr_markup_free(m);

    return resets;
}


/* a card that is new each time, and known by its markup */

static const char  quotes[] =
    "<li class='c' data-id=%><a href='/%'>x%</a><h3 title=t%>%</h3>"
    "<span class='b'>n %</span></li>\n";


static int
is_known(const mdr_html_rules_t *r, const char *page, size_t n)
{
    int            known;
    mdr_markup_t  *m;

    m = mdr_markup_new(mdr_mem_default());
    sink_learned = m;
    sink.quiet = 1;
    sink_clear(&sink);
    CHECK(sink_scan(&sink, r, (const uint8_t *) page, n, NULL, NULL)
          == MDR_OK);

    printf("# %llu of %llu bytes\n", (unsigned long long) m->unit_bytes,
           (unsigned long long) m->read);
    known = m->unit_bytes > m->read / 2;
    sink.quiet = 0;
    sink_learned = NULL;
    mdr_markup_free(m);

    return known;
}


int
main(void)
{
    char              *large;
    char              *page;
    size_t             n;
    uint32_t           i, from;
    uint64_t           units, resets;
    mdr_markup_t      *set[4], *m;
    mdr_html_rules_t  *rules[4];

    static const char *const  matches[] = { "div.a, li", "li.c", "p, h3 *",
                                            "li.c, span.b, ul > .b" };
    static const char *const  places[] = { "span.b", ".b", "h3, .d", ".",
                                           "a@href", "div > b", "*",
                                           "h3@title", "em", "@data-id",
                                           "span:not(.b, [a])", NULL };
    static const char *const  few[] = { "h3", "span.b", "img@alt", NULL };

    page = malloc(PAGE);
    sink_init(&sink, NULL);

    for (i = 0; i < 4; i++) {
        sink.model.nslots = 0;
        sink_slot(&sink, MDR_TYPE_HTML, matches[i], i == 1 ? few : places);
        rules[i] = mdr_html_compile(&sink.model, 0, sink.arena);
        CHECK(rules[i] != NULL);
        set[i] = mdr_markup_new(mdr_mem_default());
        CHECK(set[i] != NULL);
    }

    test_begin("a page reads as it does without a set");

    for (i = 0, resets = 0; i < test_share(1200); i++) {

        if (i % 8 == 0) {
            new_patterns();
        }

        from = seed;
        n = make(page);

        /* what it may cost is another matter; now and then it starts over */

        set[i % 4]->read = (uint64_t) 1 << 50;

        if (any(50) == 0) {
            mdr_markup_clear(set[i % 4]);
        }

        compare(rules[i % 4], page, n, set[i % 4], from);
    }

    for (i = 0, units = 0; i < 4; i++) {
        units += set[i]->units;
        resets += set[i]->resets;
        printf("# set %u: %llu units, %zu literals, %llu resets\n", i,
               (unsigned long long) set[i]->units, set[i]->nliterals,
               (unsigned long long) set[i]->resets);
        CHECK(set[i]->units > 50);
        mdr_markup_free(set[i]);
    }

    test_begin("a < that opens nothing is no literal: any tag begins so");

    sink_learned = NULL;
    n = (size_t) sprintf(page, "<body><input><ul>");

    for (i = 0; i < 60; i++) {
        n += (size_t) sprintf(page + n, "<x-y></li><li class=\"c\"><b-c>t<[2i></u>"
                                        "<b>two</b><a>y</a><t-r>x</a></l>"
                                        "<\xcb" "le>\n");
    }

    m = mdr_markup_new(mdr_mem_default());
    CHECK(m != NULL);

    for (i = 0; m != NULL && i < 3; i++) {
        m->read = (uint64_t) 1 << 50;
        compare(rules[1], page, n, m, 0);
    }

    mdr_markup_free(m);

    test_begin("pages made to fill the set");

    large = malloc(LARGE + 4096);
    CHECK(large != NULL);

    for (i = 0, resets = 0; large != NULL && i < sizeof(hostile)
                                                 / sizeof(hostile[0]); i++) {
        resets += fill(rules[1], large, make_hostile(large, hostile[i]));
    }

    CHECK(resets != 0);

    test_begin("values in single quotes, and without any, are holes");

    CHECK(large != NULL && is_known(rules[1], large,
                                    make_hostile(large, quotes)));
    free(large);

    sink_done(&sink);
    free(page);

    return test_done();
}
