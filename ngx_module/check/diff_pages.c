/*
 * diff_pages.c - what changed in the pages of a policy: which came and went,
 * and of the others what about them.
 *
 * Parts are compared by the encoded form of a page that has nothing else, so
 * that no key is forgotten.
 */

#include "check.h"

#include <stdio.h>
#include <string.h>


enum { PART_MATCH, PART_MODE, PART_GUARD, PARTS };


/* a page with one part of it, or one requirement (r), as bytes; 0: no memory
 * or they differ */

static int
is_same(const mdr_page_t *x, const mdr_page_t *y, int part,
    const mdr_require_t *p, const mdr_require_t *q)
{
    int            rc, i;
    mdr_buf_t      b[2];
    mdr_page_t     one;
    mdr_model_t    alone;
    mdr_require_t  r;

    for (i = 0; i < 2; i++) {
        const mdr_page_t  *from = i == 0 ? x : y;

        memset(&one, 0, sizeof(one));
        memset(&alone, 0, sizeof(alone));

        if (p != NULL) {
            r = i == 0 ? *p : *q;
            one.nrequires = 1;
            one.requires = &r;

        } else if (part == PART_MATCH) {
            one.nhosts = from->nhosts;
            one.hosts = from->hosts;
            one.npaths = from->npaths;
            one.paths = from->paths;
            one.nstatuses = from->nstatuses;
            one.statuses = from->statuses;

        } else if (part == PART_MODE) {
            one.mode = from->mode;

        } else {
            one.guard = from->guard;
        }

        alone.npages = 1;
        alone.pages = &one;
        mdr_buf_init(&b[i], mdr_mem_default());

        if (mdr_model_encode(&alone, &b[i]) != MDR_OK) {
            b[i].len = (size_t) i + 1;
        }
    }

    rc = b[0].len == b[1].len && memcmp(b[0].data, b[1].data, b[0].len) == 0;
    mdr_buf_done(&b[0]);
    mdr_buf_done(&b[1]);

    return rc;
}


static const mdr_page_t *
find_page(const mdr_model_t *m, mdr_str_t name)
{
    uint32_t  i;

    for (i = 0; i < m->npages; i++) {
        if (mdr_check_same(m->pages[i].name, name)) {
            return &m->pages[i];
        }
    }

    return NULL;
}


static const mdr_require_t *
find_require(const mdr_page_t *p, mdr_str_t id)
{
    uint32_t  i;

    for (i = 0; i < p->nrequires; i++) {
        if (mdr_check_same(p->requires[i].id, id)) {
            return &p->requires[i];
        }
    }

    return NULL;
}


/* what is said of a page that both have, a line a part */

static uint32_t
changed(const mdr_page_t *x, const mdr_page_t *y, char *out, size_t size)
{
    int                   i;
    size_t                n;
    uint32_t              k;
    const mdr_require_t  *q;

    static const char *const  parts[] = { "match", "mode", "guard" };

    n = 0;
    out[0] = '\0';

#define SAY(...)                                                             \
    (n += n < size ? (size_t) snprintf(out + n, size - n, __VA_ARGS__) : 0)

    for (i = 0; i < PARTS; i++) {
        if (!is_same(x, y, i, NULL, NULL)) {
            SAY("    ~ %s\n", parts[i]);
        }
    }

    for (k = 0; k < x->nrequires; k++) {
        if (find_require(y, x->requires[k].id) == NULL) {
            SAY("    - require %s\n", x->requires[k].id.data);
        }
    }

    for (k = 0; k < y->nrequires; k++) {
        q = find_require(x, y->requires[k].id);

        if (q == NULL) {
            SAY("    + require %s\n", y->requires[k].id.data);

        } else if (!is_same(x, y, 0, q, &y->requires[k])) {
            SAY("    ~ require %s\n", y->requires[k].id.data);
        }
    }

    return n != 0;
}


uint32_t
mdr_diff_pages(const mdr_model_t *a, const mdr_model_t *b,
    void (*put)(void *ctx, const char *text), void *ctx)
{
    char               text[4096], line[256];
    uint32_t           i, n;
    const mdr_page_t  *p;

    n = 0;

    for (i = 0; i < a->npages; i++) {
        if (find_page(b, a->pages[i].name) == NULL) {
            snprintf(line, sizeof(line), "- page %s\n",
                     a->pages[i].name.data);
            put(ctx, line);
            n++;
        }
    }

    for (i = 0; i < b->npages; i++) {
        p = find_page(a, b->pages[i].name);

        if (p == NULL) {
            snprintf(line, sizeof(line), "+ page %s\n",
                     b->pages[i].name.data);
            put(ctx, line);
            n++;

        } else if (changed(p, &b->pages[i], text, sizeof(text))) {
            snprintf(line, sizeof(line), "~ page %s\n",
                     b->pages[i].name.data);
            put(ctx, line);
            put(ctx, text);
            n++;
        }
    }

    return n;
}


const char *
mdr_policy_nth_page(const mdr_policy_t *p, uint32_t nth)
{
    return nth < p->model->npages ? p->model->pages[nth].name.data : NULL;
}


static void
nothing(void *ctx, const char *text)
{
    (void) ctx;
    (void) text;
}


int
mdr_policy_pages_alike(const mdr_policy_t *a, const mdr_policy_t *b,
    const char *page)
{
    mdr_str_t          name;
    mdr_model_t        one[2];
    const mdr_page_t  *x, *y;

    name.data = page;
    name.len = (uint32_t) strlen(page);
    x = find_page(a->model, name);
    y = find_page(b->model, name);

    if (x == NULL || y == NULL) {
        return -1;
    }

    memset(one, 0, sizeof(one));
    one[0].npages = one[1].npages = 1;
    one[0].pages = (mdr_page_t *) x;
    one[1].pages = (mdr_page_t *) y;

    return mdr_diff_pages(&one[0], &one[1], nothing, NULL) == 0;
}
