/*
 * scan_many.c - one policy, many pages: what an independent parser is compared
 * with (compare.js).
 *
 * Standard input holds pages, each behind its length in four bytes, lowest
 * first.  Of each page the items are printed, a JSON line each in page order,
 * then "out" with the bytes that leave, then "end".  Every page is scanned
 * four times more, byte by byte, cut at random, and as a whole by what was
 * learned of its markup then; "cut" says that this was not the same.
 */

#include "moderation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>


typedef struct {
    char    *data;
    size_t   len, cap;
} buf_t;

typedef struct {
    buf_t   *lines;                     /* [seq]                             */
    size_t   n, cap;
    buf_t    out, all;
} result_t;


static mdr_policy_t  *policy;
static mdr_work_t    *work;
static const char    *charset;


static void
add(buf_t *b, const void *p, size_t n)
{
    if (b->cap - b->len < n) {
        b->cap = (b->cap + n) * 2 + 64;
        b->data = realloc(b->data, b->cap);
        if (b->data == NULL) {
            abort();
        }
    }

    memcpy(b->data + b->len, p, n);
    b->len += n;
}


static void
add_text(buf_t *b, const char *s)
{
    add(b, s, strlen(s));
}


static void
add_string(buf_t *b, const char *p, size_t n)
{
    char    esc[8];
    size_t  i;

    add(b, "\"", 1);

    for (i = 0; i < n; i++) {
        if ((unsigned char) p[i] < 0x20 || p[i] == '"' || p[i] == '\\') {
            snprintf(esc, sizeof(esc), "\\u%04x", (unsigned char) p[i]);
            add(b, esc, 6);
        } else {
            add(b, &p[i], 1);
        }
    }

    add(b, "\"", 1);
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    char       text[128];
    buf_t     *b;
    uint32_t   i;
    result_t  *r = ctx;

    while (r->n <= it->seq) {
        if (r->n == r->cap) {
            r->cap = r->cap * 2 + 16;
            r->lines = realloc(r->lines, r->cap * sizeof(buf_t));
            if (r->lines == NULL) {
                abort();
            }
        }
        memset(&r->lines[r->n++], 0, sizeof(buf_t));
    }

    b = &r->lines[it->seq];
    snprintf(text, sizeof(text), "{\"slot\":%u,\"index\":%llu,\"start\":%llu,"
             "\"end\":%llu,\"hits\":%u,\"fields\":{", it->slot,
             (unsigned long long) it->index, (unsigned long long) it->start,
             (unsigned long long) it->end, it->hits_total);
    add_text(b, text);

    for (i = 0; i < it->nfields; i++) {
        add_text(b, i != 0 ? "," : "");
        add_string(b, it->fields[i].name.data, it->fields[i].name.len);
        add_text(b, ":");
        add_string(b, it->fields[i].text.data, it->fields[i].text.len);
    }

    add_text(b, "}}\n");
}


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    result_t  *r = ctx;

    (void) flags;
    add(&r->out, p, n);

    return MDR_OK;
}


static size_t
some(size_t most)
{
    static uint64_t  seed = 88172645463325252ULL;

    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return 1 + (size_t) (seed >> 11) % most;
}


/* in pieces of most bytes or less, each in memory of its own */

static void
scan(const uint8_t *p, size_t n, size_t most, result_t *r)
{
    size_t            i, at, k;
    uint8_t          *piece;
    mdr_scan_t       *s;
    mdr_scan_conf_t   conf;

    for (i = 0; i < r->n; i++) {
        free(r->lines[i].data);
    }

    r->n = 0;
    r->out.len = 0;
    r->all.len = 0;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = r;
    conf.output = on_output;
    conf.item = on_item;
    conf.mode = MDR_MODE_ENFORCE;
    conf.type = MDR_TYPE_HTML;
    conf.all_fields = 1;
    conf.all_items = 1;
    conf.max_slot = (size_t) 1 << 28;
    conf.charset = charset;

    s = mdr_scan_new(policy, work, &conf);
    if (s == NULL) {
        abort();
    }

    for (at = 0; at < n; at += k) {
        k = most == 0 ? n : most == 1 ? 1 : some(most);
        k = k < n - at ? k : n - at;

        piece = malloc(k);
        if (piece == NULL) {
            abort();
        }
        memcpy(piece, p + at, k);

        if (mdr_scan_feed(s, piece, k) != MDR_OK) {
            abort();
        }
        free(piece);
    }

    if (mdr_scan_finish(s) != MDR_OK) {
        abort();
    }

    mdr_scan_free(s);

    for (i = 0; i < r->n; i++) {
        add(&r->all, r->lines[i].data, r->lines[i].len);
    }
}


static int
same(const buf_t *a, const buf_t *b)
{
    return a->len == b->len
           && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
}


static int
load(const char *path)
{
    int               rc;
    char              text[512];
    mdr_diags_t      *d;
    mdr_load_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    d = mdr_diags_new(NULL);
    rc = mdr_policy_load(path, &conf, d, &policy);

    if (rc != MDR_OK) {
        mdr_diag_format(mdr_diags_get(d, 0), text, sizeof(text));
        fprintf(stderr, "%s\n", text);
    }

    mdr_diags_free(d);

    return rc;
}


int
main(int argc, char **argv)
{
    buf_t            line;
    size_t           n, i;
    uint8_t          head[4], *page;
    static result_t  whole, pieces;

    static const size_t  cuts[] = { 1, 7, 4096, 0 };

    if (argc < 2 || load(argv[1]) != MDR_OK) {
        return 2;
    }

    charset = argc > 2 ? argv[2] : "utf-8";
    work = mdr_work_new(NULL);

    while (fread(head, 4, 1, stdin) == 1) {
        n = head[0] | (size_t) head[1] << 8 | (size_t) head[2] << 16
            | (size_t) head[3] << 24;

        page = malloc(n + 1);
        if (page == NULL || fread(page, 1, n, stdin) != n) {
            return 2;
        }

        scan(page, n, 0, &whole);
        fwrite(whole.all.data, 1, whole.all.len, stdout);

        for (i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
            scan(page, n, cuts[i], &pieces);

            if (!same(&whole.all, &pieces.all)
                || !same(&whole.out, &pieces.out))
            {
                printf("cut %zu\n", cuts[i]);
            }
        }

        memset(&line, 0, sizeof(line));
        add_text(&line, "out ");
        add_string(&line, whole.out.data, whole.out.len);
        add_text(&line, "\nend\n");
        fwrite(line.data, 1, line.len, stdout);
        fflush(stdout);
        free(line.data);
        free(page);
    }

    return 0;
}
