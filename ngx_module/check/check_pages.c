/*
 * check_pages.c - tests of pages: a body is read as the page, and what is found
 * in it is what the test says, no more and no less.
 *
 * The page is in shadow, so that what would be inserted is said to be missing.
 */

#include "check.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>


typedef struct {
    const mdr_page_test_t  *t;
    uint64_t                met;        /* a bit of t->found                 */
    char                    words[1024];    /* that were found, once each    */
    int                     more;       /* one that t does not say           */
} found_t;


static void
note(found_t *f, const char *word)
{
    char    *p;
    size_t   n, len;

    len = strlen(word);

    for (p = f->words; (p = strstr(p, word)) != NULL; p += len) {
        if ((p == f->words || p[-1] == ' ')
            && (p[len] == ',' || p[len] == '\0'))
        {
            return;
        }
    }

    n = strlen(f->words);

    if (n + len + 3 < sizeof(f->words)) {
        snprintf(f->words + n, sizeof(f->words) - n, "%s%s",
                 n != 0 ? ", " : "", word);
    }
}


static void
on_found(void *ctx, const mdr_page_found_t *p)
{
    char      word[128];
    int       known;
    found_t  *f = ctx;
    uint32_t  i;

    if (p->kind <= MDR_PAGE_INSERTED) {
        snprintf(word, sizeof(word), "%s:%.*s", mdr_page_word(p->kind),
                 (int) (p->id.len < 100 ? p->id.len : 100), p->id.data);
    } else {
        snprintf(word, sizeof(word), "%s", mdr_page_word(p->kind));
    }

    for (i = 0, known = 0; i < f->t->nfound; i++) {
        if (strcmp(f->t->found[i].data, word) == 0) {
            f->met |= (uint64_t) 1 << i;
            known = 1;
        }
    }

    f->more |= !known;
    note(f, word);
}


static int
run(mdr_check_t *c, const mdr_policy_t *policy, mdr_work_t *work,
    uint32_t page, const uint8_t *body, size_t len, found_t *f)
{
    int              rc;
    mdr_scan_t      *scan;
    mdr_scan_conf_t  conf;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = f;
    conf.found = on_found;
    conf.page = page + 1;
    conf.type = MDR_TYPE_AUTO;
    conf.mode = MDR_MODE_SHADOW;
    conf.now = c->now;
    conf.alloc = c->alloc;

    scan = mdr_scan_new(policy, work, &conf);
    rc = scan == NULL ? MDR_ERROR : mdr_scan_feed(scan, body, len);

    if (rc != MDR_ERROR) {
        rc = mdr_scan_finish(scan);
    }

    mdr_scan_free(scan);

    return rc == MDR_ERROR ? MDR_ERROR : MDR_OK;
}


static int
test(mdr_check_t *c, const mdr_policy_t *policy, mdr_work_t *work,
    uint32_t page, const mdr_page_test_t *t)
{
    int       rc;
    size_t    len;
    found_t   f;
    uint8_t  *body;
    uint32_t  i;

    memset(&f, 0, sizeof(f));
    f.t = t;
    body = NULL;

    if (t->page.len != 0) {
        body = mdr_check_read(c, &t->pos, t->page, &len);

        if (body == NULL) {
            mdr_check_finding(c, MDR_DIAG_ERROR, "test-page", &t->pos,
                              "test: page \"%.200s\": %s", t->page.data,
                              strerror(errno));
            return MDR_OK;
        }
    }

    rc = run(c, policy, work, page,
             body != NULL ? body : (const uint8_t *) t->body.data,
             body != NULL ? len : t->body.len, &f);
    mdr_free(c->alloc, body);

    if (rc != MDR_OK) {
        return rc;
    }

    for (i = 0; i < t->nfound; i++) {
        if (!(f.met >> i & 1)) {
            mdr_check_finding(c, MDR_DIAG_ERROR, "test-failed", &t->pos,
                              "page \"%s\": \"%s\" should be found: %s",
                              c->m->pages[page].name.data, t->found[i].data,
                              f.words[0] != '\0' ? f.words : "-");
        }
    }

    if (f.more) {
        mdr_check_finding(c, MDR_DIAG_ERROR, "test-failed", &t->pos,
                          "page \"%s\": more is found than should be: %s",
                          c->m->pages[page].name.data, f.words);
    }

    return MDR_OK;
}


int
mdr_check_pages(mdr_check_t *c)
{
    int            rc;
    uint32_t       i, k;
    mdr_work_t    *work;
    mdr_policy_t  *policy;

    if (c->m->npages == 0) {
        return MDR_OK;
    }

    policy = mdr_check_policy(c, 0, 0);
    work = mdr_work_new(c->alloc);
    rc = policy == NULL || work == NULL ? MDR_ERROR : MDR_OK;

    for (i = 0; i < c->m->npages; i++) {
        for (k = 0; rc == MDR_OK && k < c->m->pages[i].ntests; k++) {
            rc = test(c, policy, work, i, &c->m->pages[i].tests[k]);
        }
    }

    mdr_work_free(work);
    mdr_policy_free(policy);

    return rc;
}
