/*
 * daemon_books.c - a policy is edited while a report has its book open: the
 * loop does not wait for the report, and has the new one when it is done.
 */

#include "test.h"

#include "moderationd/conf/rulebook.h"

#include <unistd.h>

static char  dir[] = "/tmp/daemon_books.XXXXXX";


static void
put(const char *name, const char *text)
{
    char   path[128];
    FILE  *f;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    f = fopen(path, "w");
    CHECK(f != NULL);

    if (f != NULL) {
        fputs(text, f);
        fclose(f);
    }
}


static int
reasons(void)
{
    int                n;
    const mdd_book_t  *b = mdd_book("a");

    n = b != NULL ? (int) b->nreasons : -1;
    mdd_book_leave(b);

    return n;
}


int
main(void)
{
    mdd_t              d;
    char               path[128], cmd[160];
    mdd_msgs_t         m = { 0 };
    const mdd_book_t  *open;

    memset(&d, 0, sizeof(d));

    if (mkdtemp(dir) == NULL) {
        return 1;
    }

    put("policy.yaml", "schema: 1\npolicy: p\n");
    put("conf.yaml", "node: n1\nsites: {a: {hosts: [a.cn], policy: "
        "policy.yaml}}\n");
    snprintf(path, sizeof(path), "%s/conf.yaml", dir);
    mdd_say_level(-1);
    d.conf = mdd_conf_read(path, &m);

    if (d.conf == NULL) {
        printf("# %s\n", m.text != NULL ? m.text : "no configuration");
        return 1;
    }

    test_begin("a policy is read while its book is open");

    mdd_books_read(&d);
    CHECK(reasons() == 0);
    open = mdd_book("a");
    CHECK(open != NULL);

    put("policy.yaml", "schema: 1\npolicy: p\nreasons:\n"
        "  - {id: x, key: 1, title: {zh: a, en: b}}\n");
    (void) alarm(20);                   /* it would wait for ever */
    mdd_books_read(&d);
    (void) alarm(0);
    CHECK(open != NULL && open->nreasons == 0);
    mdd_book_leave(open);

    mdd_books_read(&d);
    CHECK(reasons() == 1);
    test_end();

    mdd_books_done(&d);
    mdd_conf_free(d.conf);
    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);

    return test_done() || system(cmd) != 0;
}
