/*
 * large.c - items that are larger than max_slot: what is kept of them.
 *
 * However long an item goes on, its texts hold no more than what stands in the
 * first max_slot bytes of it, wherever the input is cut; so memory is bounded
 * by max_slot and by how many items may be inside one another.
 */

#include "moderation.h"

#include "test.h"
#include "test_policy.h"

#define MAX_SLOT  1000
#define NESTED    40
#define PAGE      (384 << 10)           /* whatever a scan needs, and what it
                                           learns                            */

static size_t  live, peak;
static size_t  longest;                 /* text that an item may have         */

typedef struct {
    char      said[1 << 16];
    size_t    n;
    uint64_t  errors;                   /* in whatever order                 */
    unsigned  items, large;
} seen_t;


/* the size stands before the block */

static void *
count_realloc(void *ctx, void *p, size_t n)
{
    size_t  *q;

    (void) ctx;
    q = p != NULL ? (size_t *) p - 2 : NULL;
    live -= q != NULL ? *q : 0;
    q = realloc(q, n + 2 * sizeof(size_t));
    if (q == NULL) {
        abort();
    }
    *q = n;
    live += n;
    peak = live > peak ? live : peak;

    return q + 2;
}


static void *
count_alloc(void *ctx, size_t n)
{
    return count_realloc(ctx, NULL, n);
}


static void
count_free(void *ctx, void *p)
{
    (void) ctx;

    if (p != NULL) {
        live -= ((size_t *) p)[-2];
        free((size_t *) p - 2);
    }
}


static const mdr_alloc_t  counting = {
    count_alloc, count_realloc, count_free, NULL
};


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    (void) ctx;
    (void) p;
    (void) n;
    (void) flags;

    return MDR_OK;
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    seen_t    *s = ctx;
    uint32_t   i;

    s->items++;
    s->large += (it->flags & MDR_ITEM_TOO_LARGE) != 0;

    for (i = 0; i < it->nfields; i++) {
        CHECK(it->fields[i].text.len <= longest);

        if (s->n + it->fields[i].text.len + 40 < sizeof(s->said)) {
            s->n += (size_t) snprintf(s->said + s->n, sizeof(s->said) - s->n,
                                      "%llu %u %.*s\n",
                                      (unsigned long long) it->start,
                                      it->flags,
                                      (int) it->fields[i].text.len,
                                      (const char *) it->fields[i].text.data);
        }
    }
}


static void
on_error(void *ctx, const mdr_scan_error_t *e)
{
    seen_t  *s = ctx;

    s->errors += e->offset * 31 + (uint64_t) e->kind;
}


static void
scan(const mdr_policy_t *p, mdr_work_t *w, int type, const mdr_buf_t *page,
    size_t chunk, seen_t *s)
{
    size_t           at, n;
    mdr_scan_t      *k;
    mdr_scan_conf_t  c;

    memset(s, 0, sizeof(*s));
    memset(&c, 0, sizeof(c));
    c.output = on_output;
    c.item = on_item;
    c.error = on_error;
    c.ctx = s;
    c.mode = MDR_MODE_ENFORCE;
    c.type = type;
    c.charset = "utf-8";
    c.max_slot = MAX_SLOT;
    c.all_fields = 1;
    c.all_items = 1;
    c.alloc = &counting;

    k = mdr_scan_new(p, w, &c);

    for (at = 0; at < page->len; at += n) {
        n = page->len - at < chunk ? page->len - at : chunk;
        CHECK(mdr_scan_feed(k, page->data + at, n) == MDR_OK);
    }

    CHECK(mdr_scan_finish(k) == MDR_OK);
    mdr_scan_free(k);
}


static void
add(mdr_buf_t *b, const char *s)
{
    CHECK(mdr_buf_add(b, s, strlen(s)) == MDR_OK);
}


static void
same_however_cut(const mdr_policy_t *p, mdr_work_t *w, int type,
    const mdr_buf_t *page, unsigned items, unsigned large)
{
    static seen_t  whole, parts;
    static const size_t  chunks[] = { 1, 7, 100, 999, 4096, 65536 };
    size_t         i;

    scan(p, w, type, page, page->len, &whole);
    CHECK(whole.items == items);
    CHECK(whole.large == large);
    CHECK(whole.n != 0);

    for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
        scan(p, w, type, page, chunks[i], &parts);
        CHECK(parts.n == whole.n && memcmp(parts.said, whole.said, whole.n)
                                    == 0);
        CHECK(parts.errors == whole.errors);
    }
}


int
main(void)
{
    int            i;
    size_t         before;
    mdr_buf_t      page;
    mdr_work_t    *w;
    mdr_policy_t  *p;
    seen_t        *s;

    p = test_policy("schema: 1\npolicy: t\nslots:\n"
                    "  - {name: a, type: html, match: li,"
                    " fields: {title: h3, room: '@id'}}\n"
                    "  - {name: b, type: json, match: '$.list[*]',"
                    " fields: {title: $.t, room: $.id}}\n"
                    "rules:\n"
                    "  - {id: x.y, label: other, risk_level: low,"
                    " action: block, match: {in: [title], terms: [qqq]}}\n",
                    NULL);
    w = mdr_work_new(&counting);
    s = malloc(sizeof(*s));
    mdr_buf_init(&page, &counting);

    if (p == NULL || w == NULL || s == NULL) {
        return 1;
    }

    test_begin("items inside one another that never end");

    for (i = 0; i < NESTED; i++) {
        add(&page, "<li id=i><b><h3>");
    }
    for (i = 0; i < 40000; i++) {
        add(&page, "x<i></i>");
    }

    /* one letter in eight bytes */

    longest = MAX_SLOT / 8 + 1;
    peak = live;
    before = live;
    scan(p, w, MDR_TYPE_HTML, &page, 4096, s);
    CHECK(s->items == NESTED);
    CHECK(s->large == NESTED);
    CHECK(peak - before < NESTED * 8 * MAX_SLOT + PAGE);
    same_however_cut(p, w, MDR_TYPE_HTML, &page, NESTED, NESTED);

    test_begin("an item that ends, later than it may");

    longest = MAX_SLOT;
    page.len = 0;
    add(&page, "<li id=i><h3>");
    for (i = 0; i < 300; i++) {
        add(&page, "one &amp; <b>two</b> ");
    }
    add(&page, "</h3></li><li id=j><h3>short</h3>");
    for (i = 0; i < 300; i++) {
        add(&page, "<p>and much that nobody reads</p>");
    }
    add(&page, "</li>");
    same_however_cut(p, w, MDR_TYPE_HTML, &page, 2, 1);

    test_begin("JSON: strings that are too long");

    page.len = 0;
    add(&page, "{\"list\":[{\"id\":1,\"t\":\"");
    for (i = 0; i < 3000; i++) {
        add(&page, i % 3 ? "x" : "\\u9707");
    }
    add(&page, "\"},{\"t\":\"y\",\"id\":2}]}");
    same_however_cut(p, w, MDR_TYPE_JSON, &page, 2, 1);

    mdr_policy_free(p);
    p = test_policy("schema: 1\npolicy: t\nslots:\n"
                    "  - {name: line, type: ndjson, match: $,"
                    " fields: {title: $.t}}\nrules:\n"
                    "  - {id: x.y, label: other, risk_level: low,"
                    " action: block, match: {in: [title], terms: [qqq]}}\n",
                    NULL);

    test_begin("NDJSON: a line that is too long, and broken at its end");

    page.len = 0;
    longest = MAX_SLOT;
    add(&page, "{\"t\":\"a\"}\n{\"t\":\"");
    for (i = 0; i < 2000; i++) {
        add(&page, "x");
    }
    add(&page, "\n{\"t\":\"broken\n{\"t\":\"b\"}\n");
    same_however_cut(p, w, MDR_TYPE_NDJSON, &page, 4, 1);

    mdr_buf_done(&page);
    mdr_work_free(w);
    mdr_policy_free(p);
    free(s);

    test_begin("nothing is left");
    CHECK(live == 0);

    return test_done();
}
