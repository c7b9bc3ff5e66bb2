/*
 * test.h - TAP from C.  CHECK counts and prints a line a check only where it
 * fails, and one "ok" a named block, so that a million comparisons stay
 * readable.  A program without a block fails.
 *
 * TEST_SHARE=n: n per cent of the random work of the longer programs, at least
 * one round of each: less for runs that are slow (make valgrind), more for
 * a longer search.
 */

#ifndef MDR_TEST_H
#define MDR_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int test_blocks, test_bad, test_failed;
static unsigned long test_checks;
static const char *test_name;

#define CHECK(cond)                                                          \
    do {                                                                     \
        test_checks++;                                                       \
        if (!(cond)) {                                                       \
            test_bad++;                                                      \
            printf("# %s:%d: %s\n", __FILE__, __LINE__, #cond);              \
        }                                                                    \
    } while (0)

#define CHECK_STR(got, glen, want)                                           \
    do {                                                                     \
        test_checks++;                                                       \
        if ((size_t) (glen) != strlen(want)                                  \
            || memcmp((got), (want), (size_t) (glen)) != 0)                  \
        {                                                                    \
            test_bad++;                                                      \
            printf("# %s:%d: got \"%.*s\", want \"%s\"\n", __FILE__,         \
                   __LINE__, (int) (glen), (const char *) (got), (want));    \
        }                                                                    \
    } while (0)

/* n rounds of random work, or the share of them that TEST_SHARE asks for */

static inline unsigned
test_share(unsigned n)
{
    const char  *share = getenv("TEST_SHARE");

    n = share != NULL ? (unsigned) (n * strtoul(share, NULL, 10) / 100) : n;

    return n != 0 ? n : 1;
}

static inline void
test_end(void)
{
    if (test_name != NULL) {
        if (test_checks == 0) {
            printf("# no check ran\n");
            test_bad++;
        }
        printf("%sok %d - %s\n", test_bad ? "not " : "", test_blocks,
               test_name);
        fflush(stdout);
        test_failed += test_bad != 0;
    }
    test_name = NULL;
}

static inline void
test_begin(const char *name)
{
    test_end();
    test_blocks++;
    test_bad = 0;
    test_checks = 0;
    test_name = name;
}

static inline int
test_done(void)
{
    test_end();
    printf("1..%d\n", test_blocks);
    return test_failed != 0 || test_blocks == 0;
}

#endif
