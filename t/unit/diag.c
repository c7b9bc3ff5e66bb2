/*
 * diag.c - messages of loading, the nearest word, and the digest of sources.
 */

#include "base/digest.h"
#include "base/model.h"
#include "test.h"


static void
test_messages(void)
{
    char          line[64];
    int           i;
    size_t        n;
    mdr_diags_t  *d;

    d = mdr_diags_new(NULL);

    (void) mdr_diags_add(d, MDR_DIAG_WARN, "w", "b.yaml", 3, 7, "%d of %s",
                         2, "them");
    (void) mdr_diags_add(d, MDR_DIAG_ERROR, "e", "b.yaml", 3, 2, "first");
    (void) mdr_diags_add(d, MDR_DIAG_ERROR, "e", "a.yaml", 9, 1, "before");
    (void) mdr_diags_add(d, MDR_DIAG_INFO, "i", "a.yaml", 0, 0, "whole");

    CHECK(mdr_diags_count(d) == 4 && mdr_diags_errors(d) == 2);
    CHECK(mdr_diags_get(d, 4) == NULL);

    mdr_diags_sort(d, 1);
    CHECK_STR(mdr_diags_get(d, 0)->text, strlen(mdr_diags_get(d, 0)->text),
              "2 of them");
    mdr_diags_sort(d, 0);

    n = mdr_diag_format(mdr_diags_get(d, 0), line, sizeof(line));
    CHECK_STR(line, n, "a.yaml: whole [info: i]");
    n = mdr_diag_format(mdr_diags_get(d, 1), line, sizeof(line));
    CHECK_STR(line, n, "a.yaml:9:1: before [e]");
    n = mdr_diag_format(mdr_diags_get(d, 2), line, sizeof(line));
    CHECK_STR(line, n, "b.yaml:3:2: first [e]");
    n = mdr_diag_format(mdr_diags_get(d, 3), line, sizeof(line));
    CHECK_STR(line, n, "b.yaml:3:7: 2 of them [warning: w]");

    /* cut, terminated, and the length it would have had */

    n = mdr_diag_format(mdr_diags_get(d, 3), line, 8);
    CHECK(n == 34);
    CHECK_STR(line, strlen(line), "b.yaml:");

    mdr_diags_free(d);

    /* one line of UTF-8, whatever is quoted */

    d = mdr_diags_new(NULL);
    (void) mdr_diags_add(d, MDR_DIAG_ERROR, "e", NULL, 0, 0, "%s",
                         "a\nb\xe9\x9c" "c\x1b[1m震\xef\xbf\xbd\xff\xe9\x9c");
    n = mdr_diag_format(mdr_diags_get(d, 0), line, sizeof(line));
    CHECK_STR(line, n, "a?b?c?[1m震\xef\xbf\xbd?? [e]");
    mdr_diags_free(d);

    /* very many */

    d = mdr_diags_new(NULL);
    for (i = 0; i < 5000; i++) {
        CHECK(mdr_diags_add(d, MDR_DIAG_ERROR, "e", "f", 1, 1, "x")
              == MDR_OK);
    }
    CHECK(mdr_diags_count(d) == 1000 && mdr_diags_errors(d) == 5000);
    CHECK(strstr(mdr_diags_get(d, 999)->text, "left out") != NULL);
    mdr_diags_free(d);
}


static void
test_nearest(void)
{
    size_t       i;
    mdr_str_t    s;
    const char  *near;

    static const char *const  words[] = {
        "width", "case", "hant", "gloss", "digits", "invisible",
        "confusable", "repeat", "leet", "pinyin", "home.first_screen",
        "max_ratio"
    };

    static const char *const  rows[][2] = {
        { "widht", "width" }, { "with", "width" }, { "Case", "case" },
        { "cas", "case" }, { "confuseable", "confusable" },
        { "maxratio", "max_ratio" }, { "max-ratio", "max_ratio" },
        { "home_first-screen", "home.first_screen" }, { "digit", "digits" },
        { "x", NULL }, { "", NULL }, { "colour", NULL }, { "ab", NULL },
        { "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
          NULL }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        s.data = rows[i][0];
        s.len = (uint32_t) strlen(rows[i][0]);
        near = mdr_word_nearest(s, words, sizeof(words) / sizeof(words[0]));
        CHECK((near == NULL) == (rows[i][1] == NULL));

        if (near != NULL && rows[i][1] != NULL) {
            CHECK_STR(near, strlen(near), rows[i][1]);
        }
    }
}


/* FIPS 180-4 and NIST's examples; in pieces of every size */

static void
test_digest(void)
{
    char          hex[33];
    char         *text;
    size_t        i, k, n, step;
    mdr_sha256_t  sha;

    static const struct {
        const char  *text, *hex;
    } rows[] = {
        { "", "e3b0c44298fc1c149afbf4c8996fb924" },
        { "abc", "ba7816bf8f01cfea414140de5dae2223" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "248d6a61d20638b8e5c026930c3e6039" },
        { "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
          "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
          "cf5b16a778af8380036ce59e7b049237" }
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        n = strlen(rows[i].text);

        for (step = 1; step <= n + 1; step++) {
            mdr_sha256_init(&sha);
            for (k = 0; k < n; k += step) {
                mdr_sha256_add(&sha, rows[i].text + k,
                               k + step < n ? step : n - k);
            }
            mdr_sha256_hex(&sha, hex);
            CHECK_STR(hex, strlen(hex), rows[i].hex);
        }
    }

    /* the machine's own instructions say the same, whatever the state is */

    for (i = 0; i < 1000 && mdr_sha256_wide(); i++) {
        uint8_t   bytes[65];
        uint32_t  one[8], other[8];

        for (k = 0; k < 65; k++) {
            bytes[k] = (uint8_t) rand();
        }
        for (k = 0; k < 8; k++) {
            one[k] = other[k] = (uint32_t) rand() << 8 ^ (uint32_t) rand();
        }

        mdr_sha256_block(0, one, bytes + 1);
        mdr_sha256_block(1, other, bytes + 1);
        CHECK(memcmp(one, other, sizeof(one)) == 0);
    }

    text = malloc(1000000);
    memset(text, 'a', 1000000);
    mdr_sha256_init(&sha);
    mdr_sha256_add(&sha, text, 1000000);
    mdr_sha256_hex(&sha, hex);
    CHECK_STR(hex, strlen(hex), "cdc76e5c9914fb9281a1c7e284d73e67");
    free(text);
}


int
main(void)
{
    test_begin("messages");
    test_messages();

    test_begin("the nearest word");
    test_nearest();

    test_begin("SHA-256");
    test_digest();

    return test_done();
}
