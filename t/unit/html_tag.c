/*
 * html_tag.c - one tag: read at once, 16 or 32 bytes at a time, with and
 * without room behind it, and looked through in pieces: all the same.
 */

#include "test.h"

#include "html/html.h"


static char  told[8192];


static const char *
tell(mdr_tag_t *t, const uint8_t *end)
{
    size_t    n;
    uint32_t  i;

    if (end == NULL) {
        return "no end";
    }

    mdr_html_attrs(t);

    n = (size_t) snprintf(told, sizeof(told), "%.*s%s%s %d",
                          (int) t->name_len,
                          (const char *) t->p + 1 + t->end,
                          t->end ? " end" : "",
                          t->self_closing ? " /" : "", (int) (end - t->p));

    for (i = 0; i < t->nattrs; i++) {
        n += (size_t) snprintf(told + n, sizeof(told) - n, " [%.*s|%.*s]",
                               (int) (t->attrs[i].name_end
                                      - t->attrs[i].name),
                               (const char *) t->p + t->attrs[i].name,
                               (int) (t->attrs[i].value_end
                                      - t->attrs[i].value),
                               (const char *) t->p + t->attrs[i].value);
    }

    return told;
}


static const struct {
    const char  *tag, *want;
} tags[] = {
    { "<a>", "a 3" },
    { "</a>", "a end 4" },
    { "<a/>", "a / 4" },
    { "<a />", "a / 5" },
    { "<a / >", "a 6" },
    { "<a b>", "a 5 [b|]" },
    { "<a b/>", "a / 6 [b|]" },
    { "<a b=c/>", "a 8 [b|c/]" },
    { "<a b='c'/>", "a / 10 [b|c]" },
    { "<a b=\"c\"/>", "a / 10 [b|c]" },
    { "<a b=\"c\"d=\"e\">", "a 14 [b|c] [d|e]" },
    { "<a b = \"c\" >", "a 12 [b|c]" },
    { "<a b\n=\t'c>d'\f>", "a 14 [b|c>d]" },
    { "<a b=\">\" c='>' d=>", "a 18 [b|>] [c|>] [d|]" },
    { "<a =b>", "a 6 [=b|]" },
    { "<a =\"b\">", "a 8 [=\"b\"|]" },
    { "<a b=c=\"d\">", "a 11 [b|c=\"d\"]" },
    { "<a b==\"c\">", "a 10 [b|=\"c\"]" },
    { "<a \"b\"=c>", "a 9 [\"b\"|c]" },
    { "<a b\"=\"c\">", "a 10 [b\"|c]" },
    { "<a b='\"' c=\"'\">", "a 15 [b|\"] [c|']" },
    { "<a/b/c=d/e>", "a 11 [b|] [c|d/e]" },
    { "<a b=\"\" c=''>", "a 13 [b|] [c|]" },
    { "<a b=\"c\"=\"d\">", "a 13 [b|c] [=\"d\"|]" },
    { "<a<b>", "a<b 5" },
    { "<a=\"b>\">", "a=\"b 6" },
    { "<a=\"b c>\">", "a=\"b 8 [c|]" },
    { "<a b<c>", "a 7 [b<c|]" },
    { "<a\001b>", "a\001b 5" },
    { "<abcdefgh>", "abcdefgh 10" },
    { "<abcdefghi j>", "abcdefghi 13 [j|]" },
    { "<a class=\"b\" class=\"c\">", "a 23 [class|b] [class|c]" },
    { "<a class=\"b>", "no end" },
    { "<a class='b>", "no end" },
    { "<a class=b", "no end" },
    { "<a", "no end" },
};


/* what the ways of reading p[0..n) say; want: that, or NULL */

static void
compare(const char *p, size_t n, const char *want)
{
    size_t          i, k, room;
    char            first[8192];
    uint8_t        *q, state;
    mdr_tag_t       t;
    const uint8_t  *end;

    first[0] = '\0';

    for (room = 0; room <= 130; room += 65) {
        q = malloc(n + room);
        memcpy(q, p, n);
        memset(q + n, '"', room);

        end = mdr_html_tag(&t, q, q + n + room);

        /* quotes behind it may end what was open */

        if (end != NULL && end > q + n) {
            end = NULL;
        }

        (void) tell(&t, end);
        if (end == NULL) {
            strcpy(told, "no end");
        }

        if (first[0] == '\0') {
            strcpy(first, told);
        }

        if (room == 0 || strcmp(first, "no end") != 0) {
            CHECK_STR(told, strlen(told), first);
        }

        /* in pieces of 1, 2, 3 bytes */

        for (k = 1; k < 4 && room == 0; k++) {
            size_t  from = q[1] == '/' ? 2 : 1, got = n;

            for (i = from, state = 0; i < n; i += k) {
                size_t  m = k < n - i ? k : n - i;
                size_t  e = mdr_html_tag_end(&state, q + i, m);

                if (e < m) {
                    got = i + e + 1;
                    break;
                }
            }

            CHECK(i < n ? end == q + got : end == NULL);
        }

        free(q);
    }

    if (want != NULL) {
        CHECK_STR(first, strlen(first), want);
    }
}


int
main(void)
{
    char      buf[400];
    size_t    i, k, n;
    uint32_t  seed;

    static const char  letters[] = "  ab=='\"\"\"\"/<\t>x\001";
    static const char  usual[] = " abc=\"def gh\" ij=\"\"/klm='n'>";

    test_begin("tags as the standard reads them");

    for (i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        compare(tags[i].tag, strlen(tags[i].tag), tags[i].want);
    }

    test_begin("any tag: every way of reading says the same");

    for (i = 0, seed = 1; i < 20000; i++) {
        seed = seed * 1664525u + 1013904223u;
        n = 3 + (seed >> 16) % (i % 8 == 0 ? 300 : 40);
        buf[0] = '<';
        buf[1] = i % 5 ? 'a' : '/';
        buf[2] = 'b';

        for (k = 3; k < n; k++) {
            seed = seed * 1664525u + 1013904223u;
            buf[k] = i % 2 ? letters[(seed >> 16) % (sizeof(letters) - 1)]
                     : usual[((seed >> 20) % 5 != 0 ? k : seed >> 16)
                             % (sizeof(usual) - 1)];
        }

        compare(buf, n, NULL);
    }

    test_begin("names: short ones packed, long ones hashed, no case");
    CHECK(mdr_html_name((const uint8_t *) "LI", 2)
          == mdr_html_name((const uint8_t *) "li", 2));
    CHECK(mdr_html_name((const uint8_t *) "li", 2) == 0x696c);
    CHECK(mdr_html_name((const uint8_t *) "Data-Anchor", 11)
          == mdr_html_name((const uint8_t *) "data-anchoR", 11));
    CHECK(mdr_html_name((const uint8_t *) "@[`{", 4)
          != mdr_html_name((const uint8_t *) "`{`{", 4));
    CHECK(mdr_html_name((const uint8_t *) "abcdefgh", 8)
          != mdr_html_name((const uint8_t *) "abcdefg\xe8", 8));

    return test_done();
}
