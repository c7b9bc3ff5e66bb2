/*
 * seen.c - items that were seen before: with them remembered, pages come out
 * and are reported as they are without.
 *
 * Cards of all sorts, tidy and not, come again and again in surroundings of
 * all sorts; the ring is small, so that items also go and come back.
 */

#define _POSIX_C_SOURCE 200809L

#include "moderation.h"

#include "base/seen.h"
#include "test.h"
#include "test_out.h"
#include "test_policy.h"


/* two policies: child numbers, where they are asked for, make items that are
 * alike differ */

#define POLICY(nth)                                                          \
    "schema: 1\n"                                                            \
    "policy: seen\n"                                                         \
    "slots:\n"                                                               \
    "  - {name: card, type: html, match: '.card', fields: {title: h3, "      \
    "nick: '.nick', tag: '@data-t', all: {all: [i, b]}}}\n"                  \
    "  - {name: first, type: html, match: 'ul > li.first', limit: 3, "       \
    "fields: {title: 'h3, p', own: '.'}}\n"                                  \
    "  - {name: link, type: html, match: 'p a.card', fields: {title: "       \
    "'span" nth "'}}\n"                                                      \
    "  - {name: in, match: '.in > section', type: html, fields: {title: "    \
    "h3}}\n"                                                                 \
    "  - {name: feed, type: json, match: '$.list[*]', count: '$.total', "    \
    "fields: {title: '$.title', nick: '$.by.name', tag: '$.tags[*]'}}\n"     \
    "  - {name: deep, type: json, match: '$..inner[*]', limit: 2, fields: "  \
    "{title: '$.title'}}\n"                                                  \
    "  - {name: third, type: json, match: '$.list[2]', fields: {own: "       \
    "'$.x'}}\n"                                                              \
    "rules:\n"                                                               \
    "  - {id: b, label: x, match: {in: [title, nick, tag], terms: [bad]}}\n" \
    "  - {id: m, label: y, action: mask, match: {in: [title, all, own], "    \
    "terms: [mask]}}\n"

static const char *const  policies[] = {
    POLICY(":nth-child(2)"), POLICY("")
};

static const char *const  cards[] = {
    "<li class=\"card\" data-t=\"a\"><h3>one</h3><i class=\"nick\">n</i></li>",
    "<li class=\"card\" data-t=\"b\"><h3>two</h3><i class=\"nick\">bad</i></li>",
    "<li class=\"card\" data-t=\"bad\"><h3>three</h3></li>",
    "<li class=\"card\"><h3>a mask</h3><p>x</p><b>y</b></li>",
    "<li class=\"card\"><p>open<h3>four</h3></li>",
    "<li class=\"card\"><div>five</section></div><h3>5</h3></li>",
    "<li class=\"card\"><ul><li>inner<li>card</ul><h3>six</h3></li>",
    "<div class=\"card\"><li>seven<h3>7</h3></div>",
    "<div class=\"card\"><h3>eight</h3><b>not closed</div>",
    "<div class=\"card\"><form><h3>nine</h3></form></div>",
    "<div class=\"card\"><h3>ten</h3></form></a></p></div>",
    "<div class=\"card\"><a href=\"u\"><h3>el</h3></a><table><td>x</table>"
    "</div>",
    "<div class=\"card\"><div class=\"card\"><h3>in</h3></div><h3>out</h3>"
    "</div>",
    "<div class=\"card\"><script>if (1 < 2) x = '</div>'</script><h3>s</h3>"
    "</div>",
    "<p class=\"card\"><span>a</span><span>b</span></p>",
    "<a class=\"card\"><span>a</span><span>bad</span><h3>c</h3></a>",
    "<section class=\"card\"><dd>x<dt>y<h3>z</h3></section>",
    "<section><h3>inside</h3><p>of something that is written down</p></section>",
    "<section><h3>within</h3></section>",
    "<ul><li class=\"first\"><h3>f</h3><p>g</p></li></ul>",
    "<li class=\"first\"><p>own</p>text</li>",
    "<li class=\"card\"><pre>\n\n x</pre><h3>p</h3></li>",
    "<li class=\"card\"><h3>&lt;bad&#x62;</h3></li>",
    "<li class=\"card\"><svg><title>x</title><h3>svg</h3></svg></li>",
    "<li class=\"card\"><template><h3>bad</h3></template><h3>t</h3></li>",
    "<li class=\"card\"><button><h3>b</h3></button></button></li>",
    "<li class=\"card\"><h3>long "
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "0123456789012345678901234567890123456789012345678901234567890123456789"
    "</h3></li>",
};

static const char *const  entries[] = {
    "{\"id\":1,\"title\":\"one\",\"by\":{\"name\":\"n\"},\"tags\":[\"a\",\"b\"]}",
    "{\"id\":2,\"title\":\"two\",\"x\":\"mask it\",\"filler\":\"0123456789\"}",
    "{ \"id\" : 3, \"title\" : \"\\u0062ad\", \"by\" : null, \"filler\" : 1 }",
    "{\"id\":4,\"title\":\"mask\",\"by\":{\"name\":\"\\u7f51\"},\"n\":[{},{}]}",
    "{\"id\":5,\"inner\":[{\"title\":\"a\"},{\"title\":\"b\"},{\"title\":\"c\"}]}",
    "{\"id\":6,\"title\":\"six\",\"tags\":[\"x\",\"bad\"],\"filler\":\"01234567\"}",
    "{\"id\":7,\"title\":\"long 01234567890123456789012345678901234567890\","
    "\"by\":{\"name\":\"01234567890123456789\",\"more\":{\"a\":[1,2,3]}}}",
    "{\"id\":8,\"list\":[{\"title\":\"bad\"}],\"total\":3,\"title\":\"eight\"}",
    "\"no object\"", "12", "null", "{}",
    "{\"id\":9,\"moderation\":{\"label\":\"x\"},\"title\":\"nine 0123456789\"}",
    "{\"id\":10,\"title\":\"ten\",\"title\":\"bad\",\"filler\":\"0123456789\"}",
};

#define NENTRIES  (sizeof(entries) / sizeof(entries[0]))

static const char *const  around[] = {
    "<ul>", "</ul>", "<div>", "</div>", "<section>", "</section>", "<p>",
    "</p>", "<form>", "</form>", "<b>", "</b>", "<a>", "</a>", "<li>",
    "</li>", "<table><tr><td>", "</table>", "<button>", "</button>", "<dl>",
    "<dd>", "</dl>", "text", "<!-- c -->", "<svg>", "</svg>", "<template>",
    "</template>", "<rt>", "</rt>", "<div class=\"in\">", "\n", " text ",
    "<ul class=\"card\">",
};

#define NCARDS   (sizeof(cards) / sizeof(cards[0]))
#define NAROUND  (sizeof(around) / sizeof(around[0]))

typedef struct {
    test_out_t        text, items;      /* what left; the items.  An item may
                                           come before or behind what leaves,
                                           as its end is waited for          */
    mdr_scan_stats_t  stats;
} sink_t;

static sink_t  with, without;


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    sink_t  *s = ctx;

    (void) flags;
    test_out_add(&s->text, p, n);

    return MDR_OK;
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    sink_t  *s = ctx;

    test_out_item(&s->items, it);
}


static void
scan(const mdr_policy_t *p, mdr_work_t *work, sink_t *s, const char *page,
    size_t n, size_t piece)
{
    size_t            i, k;
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = s;
    conf.output = on_output;
    conf.item = on_item;
    conf.type = page[0] == '{' ? MDR_TYPE_JSON : MDR_TYPE_HTML;
    conf.mode = MDR_MODE_ENFORCE;
    conf.charset = "utf-8";
    conf.now = 1700000000;
    conf.all_items = 1;

    test_out_clear(&s->text);
    test_out_clear(&s->items);
    scan = mdr_scan_new(p, work, &conf);
    CHECK(scan != NULL);

    for (i = 0; i < n; i += k) {
        k = n - i < piece ? n - i : piece;
        CHECK(mdr_scan_feed(scan, (const uint8_t *) page + i, k) == MDR_OK);
    }

    CHECK(mdr_scan_finish(scan) == MDR_OK);
    mdr_scan_stats(scan, &s->stats);
    mdr_scan_free(scan);
}


static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}


/* lines in their order */

static void
sort(test_out_t *o)
{
    char     *lines[1024], *p, *text;
    size_t    n, i, len;

    text = malloc(o->len + 1);
    CHECK(text != NULL);
    memcpy(text, o->data, o->len);
    text[o->len] = '\0';

    for (n = 0, p = strtok(text, "\n"); p != NULL && n < 1024;
         p = strtok(NULL, "\n"))
    {
        lines[n++] = p;
    }

    qsort(lines, n, sizeof(char *), by_text);

    for (i = 0, p = (char *) o->data; i < n; i++) {
        len = strlen(lines[i]);
        memcpy(p, lines[i], len);
        p[len] = '\n';
        p += len + 1;
    }

    free(text);
}


/* items that stand in one another come in the order in which they are judged,
 * a batch at a time; what is known is no part of a batch's size */

static int
is_same(void)
{
    if (with.items.len != 0 && without.items.len != 0) {
        sort(&with.items);
        sort(&without.items);
    }

    return test_out_same(&with.text, &without.text)
           && test_out_same(&with.items, &without.items);
}


static uint32_t  seed = 3;


static uint32_t
draw(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;

    return (seed >> 8) % n;
}


static size_t
add(char *page, size_t at, const char *s)
{
    size_t  n;

    n = strlen(s);
    memcpy(page + at, s, n);

    return at + n;
}


static size_t
make(char *page, size_t cap)
{
    size_t           n;
    uint32_t         i, odd, turn;
    static uint32_t  few[4];

    odd = draw(3) ? 0 : 1 + draw(12);
    turn = draw(3);                     /* 0: one after the other            */

    /* the same cards for some pages on end, tidy ones mostly */

    for (i = 0; i < 4 && draw(8) == 0; i++) {
        few[i] = draw(3) ? draw(4) : draw(NCARDS);
    }

    n = add(page, 0, draw(2) ? "<!doctype html><body>x" : "<body>x");

    for (i = draw(3); i > 0; i--) {
        n = add(page, n, around[draw(NAROUND)]);
    }

    for (i = 0; n + 1024 < cap; i++) {
        n = add(page, n, cards[draw(turn == 0 ? 12 : 4)
                               ? few[turn == 0 ? i % 4 : draw(4)]
                               : draw(NCARDS)]);
        if (turn != 2 && draw(8) != 0) {
            n = add(page, n, "\n");
        }

        if (odd != 0 && draw(odd) == 0) {
            n = add(page, n, around[draw(NAROUND)]);
        }
    }

    return n;
}


static size_t
make_feed(char *page, size_t cap)
{
    int              total;
    size_t           n;
    uint32_t         i;
    static uint32_t  few[4];

    for (i = 0; i < 4 && draw(8) == 0; i++) {
        few[i] = draw(3) ? draw(2) : draw(NENTRIES);
    }

    /* a number before its list is lowered by what is gone when it leaves: of
     * other lists behind that it depends on how the bytes came */

    total = draw(2) != 0;
    n = add(page, 0, total ? "{\"total\":40,\"list\":[" : "{\"list\":[");

    while (n + 600 < cap) {
        n = add(page, n, entries[draw(4) ? few[draw(4)] : draw(NENTRIES)]);
        n = add(page, n, draw(4) ? "," : draw(2) ? " ,\n  "
                         : total ? ",{\"other\":[1]}," : "],\"other\":[1],"
                                                     "\"list\":[");
    }

    n = add(page, n, "{}],\"total\":41}");

    if (draw(20) == 0) {
        page[draw((uint32_t) n - 1) + 1] = '}';         /* broken, mostly    */
    }

    return n;
}


static void
pages(int feeds, int policy)
{
    int               same;
    char              page[16384];
    size_t            n, piece;
    uint32_t          i;
    uint64_t          known, items;
    mdr_work_t       *a, *b;
    mdr_policy_t     *p;

    test_begin(feeds ? "feeds with entries seen before come out as they did"
               : policy == 0 ? "pages with items seen before come out as they "
                               "did"
               : "the same without child numbers");

    p = test_policy(policies[policy], NULL);
    a = mdr_work_new(NULL);
    b = mdr_work_new(NULL);
    CHECK(p != NULL && a != NULL && b != NULL);
    CHECK(mdr_work_remember(a, 24 * 1024) == MDR_OK);

    for (i = 0, known = 0, items = 0; i < 1500 && p != NULL; i++) {
        n = i % 8 ? 4000 : sizeof(page);
        n = feeds ? make_feed(page, n) : make(page, n);
        piece = i % 3 ? n : 1 + draw(5000);

        scan(p, a, &with, page, n, piece);
        scan(p, b, &without, page, n, piece);
        known += with.stats.known;
        items += with.stats.items;

        CHECK(without.stats.known == 0);
        CHECK(with.stats.items == without.stats.items
              && with.stats.hits == without.stats.hits
              && with.stats.removed == without.stats.removed);

        same = is_same();
        CHECK(same);

        if (!same) {
            printf("# %u: %.*s\n", i, (int) n, page);
        }
    }

    printf("# %llu of %llu items were known\n", (unsigned long long) known,
           (unsigned long long) items);
    CHECK(known > items / 20);

    mdr_policy_free(p);
    mdr_work_free(a);
    mdr_work_free(b);
}


static void
numbers(void)
{
    char         v[64];
    uint32_t     i;
    uint64_t     first, n, last;
    mdr_seen_t  *s;

    test_begin("surroundings: the same number for the same bytes only");

    s = mdr_seen_new(mdr_mem_default(), 65536);
    CHECK(s != NULL);
    memset(v, 'x', sizeof(v));
    first = mdr_seen_number(s, MDR_SEEN_OPEN, v, 64);
    CHECK(first != 0);
    CHECK(mdr_seen_number(s, MDR_SEEN_OPEN, v, 64) == first);
    n = mdr_seen_number(s, MDR_SEEN_OPEN, v, 63);
    CHECK(n != 0 && n != first);
    CHECK(mdr_seen_number(s, MDR_SEEN_BITS, v, 64) != first);
    CHECK(mdr_seen_number(s, MDR_SEEN_OPEN, v, 0) != 0);
    CHECK(mdr_seen_number(s, MDR_SEEN_OPEN, v, 64) == first);
    CHECK(mdr_seen_number(s, MDR_SEEN_OPEN, v, 1 << 20) == 0);

    /* when they are forgotten, old numbers do not come again */

    for (i = 0, last = first; i < 3000; i++) {
        memcpy(v, &i, sizeof(i));
        n = mdr_seen_number(s, MDR_SEEN_OPEN, v, 64);
        CHECK(n > last);
        CHECK(mdr_seen_number(s, MDR_SEEN_OPEN, v, 64) == n);
        last = n;
    }

    memset(v, 'x', sizeof(v));
    CHECK(mdr_seen_number(s, MDR_SEEN_OPEN, v, 64) > last);
    mdr_seen_free(s);
}


static void
ring(void)
{
    char         item[4096];
    size_t       n;
    uint32_t     i, found;
    uint64_t     hash, place;
    uint32_t     at;
    mdr_seen_t  *s;

    test_begin("the ring: twice to be kept, clean to be known, old ones go");

    s = mdr_seen_new(mdr_mem_default(), 16384);
    CHECK(s != NULL);
    memset(item, 'x', sizeof(item));
    hash = mdr_seen_hash(1, (uint8_t *) item, 64);
    n = 700;

    CHECK(mdr_seen_note(s, hash, 1, (uint8_t *) item, n) == 0);
    CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n, &at) == 0);
    place = mdr_seen_note(s, hash, 1, (uint8_t *) item, n);
    CHECK(place != 0);
    CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n, &at) == 0);
    mdr_seen_clean(s, hash, place + 1);
    CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n, &at) == 0);
    mdr_seen_clean(s, hash, place);
    CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n, &at) == n);
    CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n - 1, &at) == 0);
    CHECK(mdr_seen_find(s, hash, 2, (uint8_t *) item, n, &at) == 0);
    CHECK(mdr_seen_note(s, hash, 1, (uint8_t *) item, n) == 0);

    /* the same bytes elsewhere are another item, whatever the hash says */

    CHECK(mdr_seen_note(s, hash, 2, (uint8_t *) item, n) == 0);
    place = mdr_seen_note(s, hash, 2, (uint8_t *) item, n);
    CHECK(place != 0);
    mdr_seen_clean(s, hash, place);
    CHECK(mdr_seen_find(s, hash, 2, (uint8_t *) item, n, &at) == n);

    item[n - 1] = 'y';
    CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n, &at) == 0);
    item[n - 1] = 'x';

    /* too large for a share of the ring */

    CHECK(mdr_seen_note(s, hash, 3, (uint8_t *) item, 4096) == 0);
    CHECK(mdr_seen_note(s, hash, 3, (uint8_t *) item, 4096) == 0);

    /* others push it out; whatever is found has the right bytes */

    for (i = 0; i < 200; i++) {
        memcpy(item, &i, sizeof(i));
        hash = mdr_seen_hash(1, (uint8_t *) item, 64);
        (void) mdr_seen_note(s, hash, 1, (uint8_t *) item, n + i);
        place = mdr_seen_note(s, hash, 1, (uint8_t *) item, n + i);

        if (place != 0) {
            mdr_seen_clean(s, hash, place);
            CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n + i, &at)
                  == n + i);
        }
    }

    for (i = 0, found = 0; i < 200; i++) {
        memcpy(item, &i, sizeof(i));
        hash = mdr_seen_hash(1, (uint8_t *) item, 64);
        found += mdr_seen_find(s, hash, 1, (uint8_t *) item, sizeof(item), &at)
                 == n + i;
    }

    CHECK(found >= 8 && found <= 16384 / 700);

    memset(item, 'x', sizeof(item));
    hash = mdr_seen_hash(1, (uint8_t *) item, 64);
    CHECK(mdr_seen_find(s, hash, 1, (uint8_t *) item, n, &at) == 0);

    mdr_seen_free(s);
}


/* the item, kept and clean; its number */

static uint32_t
keep(mdr_seen_t *s, uint64_t hash, uint64_t key, const char *item, size_t n)
{
    uint32_t  at;

    at = 0;
    (void) mdr_seen_note(s, hash, key, (const uint8_t *) item, n);
    mdr_seen_clean(s, hash, mdr_seen_note(s, hash, key,
                                          (const uint8_t *) item, n));
    CHECK(mdr_seen_find(s, hash, key, (const uint8_t *) item, n, &at) == n);

    return at;
}


static void
next(void)
{
    char         item[700];
    uint32_t     i, a, b, at;
    mdr_seen_t  *s;

    test_begin("the item that stood behind another");

    s = mdr_seen_new(mdr_mem_default(), 16384);
    CHECK(s != NULL);
    memset(item, 'x', sizeof(item));

    a = keep(s, 5, 1, item, 600);
    b = keep(s, 6, 1, item, 500);
    CHECK(mdr_seen_next(s, a, 7, (uint8_t *) item, 700, &at) == 0);
    mdr_seen_follow(s, a, b, 7);
    CHECK(mdr_seen_next(s, a, 7, (uint8_t *) item, 700, &at) == 500);
    CHECK(at == b);
    CHECK(mdr_seen_next(s, a, 8, (uint8_t *) item, 700, &at) == 0);
    CHECK(mdr_seen_next(s, b, 7, (uint8_t *) item, 700, &at) == 0);
    CHECK(mdr_seen_next(s, a, 7, (uint8_t *) item, 499, &at) == 0);
    item[499] = 'y';
    CHECK(mdr_seen_next(s, a, 7, (uint8_t *) item, 700, &at) == 0);
    item[499] = 'x';

    /* its entry has gone to the same bytes under another key */

    for (i = 1; i < 4; i++) {
        (void) keep(s, 6 + 16 * i, 1, item, 500 + i);
    }

    CHECK(mdr_seen_next(s, a, 7, (uint8_t *) item, 700, &at) == 500);
    CHECK(keep(s, 6 + 16 * 4, 2, item, 500) == b);
    CHECK(mdr_seen_next(s, a, 7, (uint8_t *) item, 700, &at) == 0);

    mdr_seen_free(s);
}


/* pages of few cards, one after the other: what stood behind a card before is
 * no item where what is around it is another one */

static void
orders(void)
{
    size_t         i, k, n;
    mdr_work_t    *a, *b;
    mdr_policy_t  *p;

    static const char  again[] =
        "schema: 1\n"
        "policy: seen\n"
        "slots:\n"
        "  - {name: card, type: html, match: '.one, .in > section', fields: "
        "{title: h3}}\n"
        "  - {name: other, type: html, match: '.in > b', fields: {title: i}}\n"
        "rules:\n"
        "  - {id: b, label: x, match: {in: [title], terms: [bad]}}\n";

    static const char  numbers[] =
        "schema: 1\n"
        "policy: seen\n"
        "slots:\n"
        "  - {name: card, type: html, match: '.one, section:nth-child(3)', "
        "fields: {title: h3}}\n"
        "rules:\n"
        "  - {id: b, label: x, match: {in: [title], terms: [bad]}}\n";

#define ONE    "<section class=\"one\"><h3>this is one of those cards</h3>"     \
               "</section>\n"
#define PLAIN  "<section><h3>this is one of the others, without class</h3>"     \
               "</section>\n"
#define LONG   "<section class=\"one\"><h3>this one is no card that was "       \
               "there</h3></section>\n"
#define ROOM   "<p>and so on, as it is usual with pages of any kind at all "    \
               "that have a beginning and an end, and much between</p>"

    static const struct {
        const char  *policy, *page[2];
    } rows[] = {

        /* the class of what is around them */

        { again, { "<div class=\"in\">" ONE PLAIN ONE PLAIN "</div>" ROOM,
                   "<div class=\"no\">" ONE PLAIN ONE PLAIN "</div>" ROOM } },

        /* what is around has ended, or something else has begun */

        { again, { "<div class=\"in\">" ONE PLAIN "</div>" ROOM,
                   "<div class=\"in\">" ONE "</div>" PLAIN ROOM } },
        { again, { "<div class=\"in\">" ONE PLAIN "</div>" ROOM,
                   "<div class=\"in\">" ONE "<div>" PLAIN "</div></div>"
                   ROOM } },

        /* child numbers */

        { numbers, { "<div>" ONE ONE PLAIN "</div>" ROOM,
                     "<div>" ONE PLAIN ONE PLAIN "</div>" ROOM } },
        { numbers, { "<div>" ONE LONG ONE LONG PLAIN "</div>" ROOM,
                     "<div>" ONE LONG PLAIN "</div>" ROOM } },
    };

    test_begin("what stood behind a card before, elsewhere");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        p = test_policy(rows[i].policy, NULL);
        a = mdr_work_new(NULL);
        b = mdr_work_new(NULL);
        CHECK(p != NULL && mdr_work_remember(a, 24 * 1024) == MDR_OK);

        for (k = 0; k < 12 && p != NULL; k++) {
            char  page[4096];

            n = (size_t) sprintf(page, "<!doctype html><body>x%s",
                                 rows[i].page[k == 6 || k == 9]);
            scan(p, a, &with, page, n, n);
            scan(p, b, &without, page, n, n);
            CHECK(k != 5 || with.stats.known != 0);
            CHECK(with.stats.items == without.stats.items);
            CHECK(is_same());
        }

        mdr_policy_free(p);
        mdr_work_free(a);
        mdr_work_free(b);
    }
}


int
main(void)
{
    ring();
    numbers();
    next();
    orders();
    pages(0, 0);
    pages(0, 1);
    pages(1, 0);

    return test_done();
}
