/*
 * lint_pages.c - is what a page inserts what it asks for?
 *
 * A requirement whose `insert` does not match its own selector, or is hidden
 * itself, would go into every response and be missing in the next one still.
 * Each is read as the only thing in a page.  Where it goes before or after a
 * selector, what stands around it is not known, and nothing is said.
 */

#include "check.h"

#include <string.h>


typedef struct {
    mdr_str_t  id;
    uint8_t    kind;                    /* MDR_PAGE_*; _KINDS: nothing       */
} seen_t;


static void
on_found(void *ctx, const mdr_page_found_t *f)
{
    seen_t  *s = ctx;

    if ((f->kind == MDR_PAGE_MISSING || f->kind == MDR_PAGE_HIDDEN)
        && f->id.len == s->id.len
        && memcmp(f->id.data, s->id.data, s->id.len) == 0)
    {
        s->kind = f->kind;
    }
}


static int
read_alone(mdr_check_t *c, const mdr_policy_t *policy, mdr_work_t *work,
    uint32_t page, const mdr_require_t *q, seen_t *s)
{
    int               rc;
    mdr_buf_t         body;
    mdr_scan_t       *scan;
    const char       *head, *tail;
    mdr_scan_conf_t   conf;

    head = "<!doctype html><html><head></head><body>";
    tail = "</body></html>";

    if (q->at == MDR_AT_HEAD_START || q->at == MDR_AT_HEAD_END) {
        head = "<!doctype html><html><head>";
        tail = "</head><body></body></html>";
    }

    mdr_buf_init(&body, c->alloc);

    if (mdr_buf_add(&body, head, strlen(head)) != MDR_OK
        || mdr_buf_add(&body, q->insert.data, q->insert.len) != MDR_OK
        || mdr_buf_add(&body, tail, strlen(tail)) != MDR_OK)
    {
        mdr_buf_done(&body);
        return MDR_ERROR;
    }

    s->id = q->id;
    s->kind = MDR_PAGE_KINDS;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = s;
    conf.found = on_found;
    conf.page = page + 1;
    conf.type = MDR_TYPE_HTML;
    conf.charset = "utf-8";
    conf.mode = MDR_MODE_SHADOW;
    conf.now = c->now;
    conf.alloc = c->alloc;

    scan = mdr_scan_new(policy, work, &conf);
    rc = scan == NULL ? MDR_ERROR
         : mdr_scan_feed(scan, (const uint8_t *) body.data, body.len);

    if (rc != MDR_ERROR) {
        rc = mdr_scan_finish(scan);
    }

    mdr_scan_free(scan);
    mdr_buf_done(&body);

    return rc == MDR_ERROR ? MDR_ERROR : MDR_OK;
}


int
mdr_lint_pages(mdr_check_t *c)
{
    int                   rc;
    seen_t                s;
    uint32_t              i, k;
    mdr_work_t           *work;
    mdr_policy_t         *policy;
    const mdr_require_t  *q;

    if (c->m->npages == 0) {
        return MDR_OK;
    }

    policy = mdr_check_policy(c, 0, 0);
    work = mdr_work_new(c->alloc);
    rc = policy == NULL || work == NULL ? MDR_ERROR : MDR_OK;

    for (i = 0; i < c->m->npages; i++) {
        for (k = 0; rc == MDR_OK && k < c->m->pages[i].nrequires; k++) {
            q = &c->m->pages[i].requires[k];

            if (q->selector.len == 0 || q->insert.len == 0
                || q->at == MDR_AT_BEFORE || q->at == MDR_AT_AFTER)
            {
                continue;
            }

            rc = read_alone(c, policy, work, i, q, &s);

            if (rc == MDR_OK && s.kind == MDR_PAGE_MISSING) {
                mdr_check_finding(c, MDR_DIAG_WARN, "insert", &q->pos,
                                  "require \"%s\": what is inserted does not "
                                  "match \"selector\", so it goes in again "
                                  "and again", q->id.data);

            } else if (rc == MDR_OK && s.kind == MDR_PAGE_HIDDEN) {
                mdr_check_finding(c, MDR_DIAG_WARN, "insert", &q->pos,
                                  "require \"%s\": what is inserted is not to "
                                  "be seen", q->id.data);
            }
        }
    }

    mdr_work_free(work);
    mdr_policy_free(policy);

    return rc;
}
