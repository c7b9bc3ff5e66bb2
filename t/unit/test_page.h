/*
 * test_page.h - what leaves of a small page, however it is cut into pieces:
 * whole, in every two parts, byte by byte.
 */

#ifndef MDR_TEST_PAGE_H
#define MDR_TEST_PAGE_H

#include "moderation.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"


typedef struct {
    test_out_t  out;
    unsigned    items, errors, kinds;   /* kinds: a bit each MDR_ERR_*      */
    int         rc;
} test_page_t;

typedef struct {
    int     type;                       /* MDR_TYPE_*                       */
    int     block;                      /* moderation_on_error block        */
    size_t  max_slot;                   /* 0: as it is                      */
} test_page_conf_t;


static int
test_page_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    test_page_t  *s = ctx;

    (void) flags;
    test_out_add(&s->out, p, n);

    return MDR_OK;
}


static void
test_page_item(void *ctx, const mdr_item_t *it)
{
    test_page_t  *s = ctx;

    (void) it;
    s->items++;
}


static void
test_page_error(void *ctx, const mdr_scan_error_t *e)
{
    test_page_t  *s = ctx;

    s->errors++;
    s->kinds |= 1u << e->kind;
}


/* the first `cut` bytes, then the rest; 0: at once; SIZE_MAX: each alone */

static void
test_page_run(const mdr_policy_t *p, mdr_work_t *w,
    const test_page_conf_t *c, const char *page, size_t len, size_t cut,
    test_page_t *s)
{
    size_t           at, n;
    mdr_scan_t      *scan;
    mdr_scan_conf_t  conf;

    test_out_clear(&s->out);
    s->items = 0;
    s->errors = 0;
    s->kinds = 0;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = s;
    conf.output = test_page_output;
    conf.item = test_page_item;
    conf.error = test_page_error;
    conf.type = (uint8_t) c->type;
    conf.mode = MDR_MODE_ENFORCE;
    conf.all_items = 1;
    conf.charset = "utf-8";
    conf.on_error_block = (uint8_t) c->block;
    conf.max_slot = c->max_slot;
    conf.now = 1700000000;

    scan = mdr_scan_new(p, w, &conf);
    s->rc = MDR_OK;

    for (at = 0; at < len && s->rc == MDR_OK; at += n) {
        n = cut == SIZE_MAX ? 1 : at < cut ? cut - at : len - at;
        s->rc = mdr_scan_feed(scan, (const uint8_t *) page + at, n);
    }

    if (s->rc == MDR_OK) {
        s->rc = mdr_scan_finish(scan);
    }

    mdr_scan_free(scan);
}


/* what leaves is `want`, and the same with every cut; want NULL: it need only
 * be the same.  The last run stays in *s. */

static inline void
test_page(const mdr_policy_t *p, mdr_work_t *w, const test_page_conf_t *c,
    const char *page, const char *want, test_page_t *s)
{
    size_t              cut, len;
    static test_page_t  first;

    len = strlen(page);
    test_page_run(p, w, c, page, len, 0, &first);
    test_page_run(p, w, c, page, len, SIZE_MAX, s);

    if (want != NULL) {
        if (first.out.len != strlen(want)
            || memcmp(first.out.data, want, first.out.len) != 0)
        {
            printf("# %s\n", page);
        }
        CHECK_STR(first.out.data, first.out.len, want);
    }

    CHECK_STR(s->out.data, s->out.len, first.out.data);
    CHECK(s->items == first.items && s->kinds == first.kinds
          && s->rc == first.rc);

    for (cut = 1; cut < len; cut += 1 + len / (len > 8000 ? 97 : 2000)) {
        test_page_run(p, w, c, page, len, cut, s);

        if (s->out.len != first.out.len
            || memcmp(s->out.data, first.out.data, s->out.len) != 0)
        {
            printf("# %.200s\n# cut at %u\n", page, (unsigned) cut);
        }
        CHECK_STR(s->out.data, s->out.len, first.out.data);
        CHECK(s->items == first.items && s->kinds == first.kinds);
    }
}

#endif
