/*
 * fuzz_page.c - pages over any bytes (`pages:`): required markup, titles, hosts
 * and hidden links, with cards in between.
 *
 *   - the body cut into pieces in any way leaves, is said and is seen the same
 *     as the body in one piece;
 *   - what a page in shadow, and one that may only be recorded, sends is what
 *     came;
 *   - where links are taken out, what has left has none: it is scanned again.
 *
 * The first byte of the input picks policy and what was absent, the second how
 * it is cut.
 */

#define _POSIX_C_SOURCE 200809L

#include "moderation.h"

#include "test_out.h"
#include "test_policy.h"

#define POLICIES  6
#define LINKS     3                     /* the one whose output is read again */

typedef struct {
    test_out_t       out, said;
    unsigned         links;
    mdr_page_seen_t  seen;
} result_t;

static mdr_policy_t  *policies[POLICIES];
static mdr_work_t    *work;


#define HEAD                                                                 \
    "schema: 1\npolicy: f\n"                                                 \
    "slots: [{name: cards, type: html, match: 'li.c, div > p', "             \
    "fields: {title: b}}]\n"                                                 \
    "rules: [{id: b, rev: 1, label: rumor, match: {in: [title], "            \
    "terms: [bad]}}]\n"                                                      \
    "pages:\n  - name: home\n    match: {path: /}\n"

#define ENTRY(at)                                                            \
    "    require: [{id: e, selector: 'a[href*=\"e.cn\"]', "                  \
    "insert: '<p><a href=\"//e.cn/\">e</a></p>'" at "}, "                    \
    "{id: f, selector: 'footer b', visible: false}]\n"

static const char *const  texts[POLICIES] = {
    HEAD ENTRY("") "    guard: {title: {must: a, must_not: b}, "
        "description: ok, before_html: block, action: block}\n",
    HEAD ENTRY(", at: head-end") "    guard: {hosts: [a.cn, '*.e.cn', e.cn], "
        "hidden_links: 2, action: block, before_html: record}\n",
    HEAD ENTRY(", at: 'after .t p'") "    guard: {hosts: [a.cn, e.cn], "
        "hidden_links: 1, title: a, before_html: record}\n",
    HEAD "    guard: {hosts: [a.cn, e.cn], action: block}\n",
    HEAD "    mode: shadow\n" ENTRY(", at: body-start")
        "    guard: {hosts: [a.cn], hidden_links: 2, title: a, action: block, "
        "before_html: block}\n",
    HEAD ENTRY(", at: 'before footer'") "    guard: {hidden_links: 2, "
        "action: block}\n"
};


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    (void) flags;
    test_out_add(&((result_t *) ctx)->out, p, n);

    return MDR_OK;
}


static void
on_found(void *ctx, const mdr_page_found_t *f)
{
    result_t  *r = ctx;

    r->links += f->kind >= MDR_PAGE_LINK && f->action == MDR_ACT_BLOCK;
    test_out_print(&r->said, "%s %.*s %.*s %d\n", mdr_page_word(f->kind),
                   f->kind <= MDR_PAGE_INSERTED ? (int) f->id.len : 0,
                   f->id.data, (int) f->detail.len, f->detail.data, f->action);
}


static void
scan(const mdr_policy_t *p, const uint8_t *data, size_t size, uint32_t absent,
    int mode, unsigned cut, result_t *r)
{
    size_t            at, n;
    mdr_str_t         host = { "x.cn", 4 }, path = { "/", 1 };
    mdr_scan_t       *s;
    mdr_scan_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = r;
    conf.output = on_output;
    conf.found = on_found;
    conf.mode = (uint8_t) mode;
    conf.type = MDR_TYPE_HTML;
    conf.max_slot = 900;
    conf.now = 1700000000;
    conf.charset = cut & 0x80 ? "gb18030" : "utf-8";
    conf.page = mdr_policy_page(p, host, path, 200);
    conf.absent = absent;

    test_out_clear(&r->out);
    test_out_clear(&r->said);
    r->links = 0;
    cut &= 0x7f;

    s = mdr_scan_new(p, work, &conf);
    if (s == NULL || conf.page != 1) {
        abort();
    }

    for (at = 0; at < size; at += n) {
        n = cut == 0 ? size : cut < 32 ? cut : 1 + (at * cut) % 97;
        n = n < size - at ? n : size - at;

        if (mdr_scan_feed(s, data + at, n) != MDR_OK) {
            abort();
        }
    }

    if (mdr_scan_finish(s) != MDR_OK || mdr_scan_page(s, &r->seen) != MDR_OK) {
        abort();
    }

    r->seen.title.data = NULL;          /* as long as the scan               */
    mdr_scan_free(s);
}


static void
fail(const char *what, const result_t *a, const result_t *b)
{
    fprintf(stderr, "%s\n[%.*s]\n[%.*s]\n%s----\n%s", what,
            (int) a->out.len, a->out.data, (int) b->out.len, b->out.data,
            a->said.data != NULL ? a->said.data : "",
            b->said.data != NULL ? b->said.data : "");
    abort();
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    int  i;

    (void) argc;
    (void) argv;

    for (i = 0; i < POLICIES; i++) {
        policies[i] = test_policy(texts[i], NULL);

        if (policies[i] == NULL) {
            abort();
        }
    }

    work = mdr_work_new(NULL);

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int              which;
    unsigned         cut;
    uint32_t         absent;
    static result_t  a, b;

    if (size < 2) {
        return 0;
    }

    which = data[0] % POLICIES;
    absent = data[0] / POLICIES & 3;
    cut = data[1];
    data += 2;
    size -= 2;

    scan(policies[which], data, size, absent, MDR_MODE_ENFORCE, cut & 0x80,
         &a);
    scan(policies[which], data, size, absent, MDR_MODE_ENFORCE, cut, &b);

    if (!test_out_same(&a.out, &b.out) || !test_out_same(&a.said, &b.said)
        || a.seen.missing != b.seen.missing || a.seen.whole != b.seen.whole
        || a.seen.title.len != b.seen.title.len)
    {
        fail("pieces differ", &a, &b);
    }

    if (which == LINKS && a.links != 0) {
        scan(policies[which], (const uint8_t *) a.out.data, a.out.len, absent,
             MDR_MODE_ENFORCE, cut & 0x80, &b);

        if (b.links != 0) {
            fail("a link is there when others have gone", &a, &b);
        }
    }

    scan(policies[which], data, size, absent, MDR_MODE_SHADOW, cut, &b);

    if (b.out.len != size || (size != 0 && memcmp(b.out.data, data, size) != 0))
    {
        fail("shadow edits", &a, &b);
    }

    return 0;
}
