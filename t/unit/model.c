/*
 * model.c - a model as bytes and back, and the image of a policy: the same
 * again, or refused; never read out of bounds.
 */

#include "policy/policy.h"
#include "fail_alloc.h"
#include "test.h"

#include <unistd.h>


static const char  text[] =
    "schema: 1\n"
    "policy: images\n"
    "slots:\n"
    "  - {name: a, type: html, match: \"li.c\", limit: 3, review: never,\n"
    "     fields: {title: {all: [.t, \"b@title\"]}, room: \"a@href\",\n"
    "              state: \"@data-x $.t\"}}\n"
    "  - {name: b, type: json, match: \"$.l[*]\", count: $.n,\n"
    "     fields: {title: $.t, id: $.id}, item_id: id}\n"
    "  - {name: c, type: script, script: window.__S__, match: $.r,\n"
    "     fields: {title: $.t}}\n"
    "rules:\n"
    "  - id: one\n"
    "    rev: 4\n"
    "    title: {zh: 一, en: One}\n"
    "    label: clickbait\n"
    "    owner: o@example.org\n"
    "    basis: {kind: terms, ref: \"4\"}\n"
    "    notice: {zh: 二, en: Two}\n"
    "    expires: 2030-01-31\n"
    "    slots: [a, b]\n"
    "    jurisdiction: [CN-GD]\n"
    "    rollout: 50\n"
    "    brake: {max_ratio: 0.25, min_hits: 5, window: 1h}\n"
    "    match:\n"
    "      in: [title, state]\n"
    "      groups:\n"
    "        x: {weight: 3, terms: [震惊, shock, 不看后悔]}\n"
    "        y: {regex: ['[!！]{3,}', 'v[0-9]{4,}x']}\n"
    "      when: x and (count(y) >= 2 or near(x, y, 5)) or score > 4\n"
    "      except: [{terms: [地震惊动], why: two words}]\n"
    "  - {id: two, label: rumor, match: {in: [title], terms: [微信, VX]}}\n";

static const char  page[] =
    "<ul><li class=c><a href=/1></a><p class=t>震驚！！！ shock</p></li>"
    "<li class=c><b title='加vx'></b><p class=t>v123456x!!! 地震惊动</p>"
    "<script>window.__S__={\"r\":{\"t\":\"微信\"}}</script></li></ul>";

static char  path[] = "/tmp/mdr-model-XXXXXX";


static mdr_policy_t *
load(void)
{
    int               fd;
    FILE             *f;
    mdr_diags_t      *d;
    mdr_policy_t     *p;
    mdr_load_conf_t   conf;

    strcpy(path + strlen(path) - 6, "XXXXXX");
    fd = mkstemp(path);
    f = fd != -1 ? fdopen(fd, "wb") : NULL;
    if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0) {
        exit(2);
    }

    memset(&conf, 0, sizeof(conf));
    d = mdr_diags_new(NULL);
    p = NULL;
    CHECK(mdr_policy_load(path, &conf, d, &p) == MDR_OK);
    CHECK(mdr_diags_count(d) == 0);
    mdr_diags_free(d);
    unlink(path);

    return p;
}


static uint32_t  seed = 3;


static uint32_t
rnd(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 9) % n;
}


static void
test_model(void)
{
    size_t             i, k;
    uint8_t           *copy;
    mdr_buf_t          one, two;
    mdr_model_t       *m, *x;
    mdr_policy_t      *p;
    const mdr_rule_t  *r;

    p = load();
    if (p == NULL) {
        return;
    }

    mdr_buf_init(&one, mdr_mem_default());
    CHECK(mdr_model_encode(p->model, &one) == MDR_OK);
    m = mdr_model_decode(one.data, one.len, mdr_mem_default());
    CHECK(m != NULL);

    if (m == NULL) {
        return;
    }

    mdr_buf_init(&two, mdr_mem_default());
    CHECK(mdr_model_encode(m, &two) == MDR_OK);
    CHECK(one.len == two.len && memcmp(one.data, two.data, one.len) == 0);
    mdr_buf_done(&two);

    r = &m->rules[0];
    CHECK(m->nslots == 3 && m->nrules == 2 && r->rev == 4);
    CHECK(r->groups[0].nterms == 3 && r->groups[0].terms == NULL);
    CHECK(r->groups[1].nregexes == 2);
    CHECK_STR(r->groups[1].regexes[1].data, r->groups[1].regexes[1].len,
              "v[0-9]{4,}x");
    CHECK(r->brake_max_ratio == 0.25 && r->brake_window_s == 3600);
    CHECK(r->groups[0].weight == 3 && r->nconds == p->model->rules[0].nconds);
    CHECK(memcmp(r->conds, p->model->rules[0].conds,
                 r->nconds * sizeof(mdr_cond_t)) == 0);
    CHECK(m->slots[0].fields[0].all == 1
          && m->slots[0].fields[0].nsources == 2);
    CHECK(m->slots[1].item_id == 1 && m->slots[1].account_id == -1);
    mdr_model_free(m);

    /* memory of its own, so that a byte too far is seen */

    for (i = 0; i < one.len; i++) {
        copy = malloc(i + 1);
        memcpy(copy, one.data, i);
        CHECK(mdr_model_decode(copy, i, mdr_mem_default()) == NULL);
        free(copy);
    }

    copy = malloc(one.len + 1);
    memcpy(copy, one.data, one.len);
    copy[one.len] = 0;
    CHECK(mdr_model_decode(copy, one.len + 1, mdr_mem_default()) == NULL);

    for (i = 0; i < one.len; i++) {
        static const uint8_t  other[] = { 0, 1, 0x7f, 0x80, 0xff };

        for (k = 0; k < sizeof(other); k++) {
            copy[i] = other[k];
            x = mdr_model_decode(copy, one.len, mdr_mem_default());
            if (x != NULL) {
                CHECK(x->nrules <= 60000);
                mdr_model_free(x);
            }
        }
        copy[i] = one.data[i];
    }

    free(copy);
    mdr_buf_done(&one);
    mdr_policy_free(p);
}


static int
map(const void *image, size_t size, const mdr_alloc_t *a, mdr_policy_t **p)
{
    int           rc;
    mdr_diags_t  *d;

    d = mdr_diags_new(NULL);
    *p = NULL;
    rc = mdr_policy_map(image, size, a, d, p);
    CHECK((rc == MDR_OK) == (*p != NULL));
    CHECK((rc == MDR_OK) == (mdr_diags_errors(d) == 0));
    mdr_diags_free(d);

    return rc;
}


static int
swallow(void *ctx, const uint8_t *data, size_t len, uint32_t flags)
{
    (void) data;
    (void) flags;
    *(size_t *) ctx += len;

    return MDR_OK;
}


static size_t  items;


static void
count_item(void *ctx, const mdr_item_t *item)
{
    (void) ctx;
    items += item->nhits != 0;
}


/* items with a hit on the page */

static size_t
scan(const mdr_policy_t *p)
{
    size_t            out;
    mdr_work_t       *w;
    mdr_scan_t       *s;
    mdr_scan_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    out = 0;
    items = 0;
    conf.ctx = &out;
    conf.output = swallow;
    conf.item = count_item;
    conf.type = MDR_TYPE_HTML;
    conf.mode = MDR_MODE_ENFORCE;
    conf.now = 1800000000;
    conf.jurisdiction.data = "CN-GD";
    conf.jurisdiction.len = 5;

    w = mdr_work_new(mdr_mem_default());
    s = mdr_scan_new(p, w, &conf);
    CHECK(s != NULL);
    (void) mdr_scan_feed(s, (const uint8_t *) page, sizeof(page) - 1);
    (void) mdr_scan_finish(s);
    mdr_scan_free(s);
    mdr_work_free(w);

    return items;
}


/* as policy.c has it, so that damage gets past it */

static void
checksum(const uint8_t *p, size_t n, uint64_t sum[2])
{
    uint64_t  a, b, x, y;
    uint8_t   rest[16];

    a = 0x9e3779b97f4a7c15ULL ^ n;
    b = 0xc2b2ae3d27d4eb4fULL;

    while (n != 0) {
        memset(rest, 0, sizeof(rest));
        memcpy(rest, p, n < 16 ? n : 16);
        memcpy(&x, rest, 8);
        memcpy(&y, rest + 8, 8);
        p += n < 16 ? n : 16;
        n -= n < 16 ? n : 16;
        a = (a ^ x) * 0x9fb21c651e98df25ULL;
        a = a << 27 | a >> 37;
        b = (b ^ y) * 0xd6e8feb86659fd93ULL;
        b = b << 31 | b >> 33;
        b += a;
    }

    sum[0] = a ^ b >> 32;
    sum[1] = b ^ a >> 29;
}


#define SUM_AT   48             /* of header_t                              */
#define HEAD    112


static void
test_image(void)
{
    size_t               i, n, size, taken;
    uint8_t             *copy;
    uint64_t             sum[2];
    const void          *image, *other;
    mdr_policy_t        *p, *q;
    mdr_policy_info_t    a, b;
    mdr_rule_info_t      r;
    const mdr_alloc_t    bad = { may_alloc, may_realloc, count_free, NULL };

    p = load();
    if (p == NULL) {
        return;
    }

    CHECK(scan(p) == 3);
    mdr_policy_image(p, &image, &size);

    q = load();
    mdr_policy_image(q, &other, &n);
    mdr_policy_info(p, &a);
    mdr_policy_info(q, &b);
    CHECK(strcmp(a.hash, b.hash) == 0);

    /* the names of the files differ, and nothing else */

    CHECK(n == size && a.rules == 2 && a.slots == 3 && a.regexes == 2);
    CHECK(a.terms == 6);
    mdr_policy_free(q);

    CHECK(mdr_policy_rule(p, 0, &r) == MDR_OK && r.has_jurisdiction == 1
          && r.rollout == 50);
    CHECK(mdr_policy_rule(p, 2, &r) == MDR_ERROR);
    CHECK_STR(mdr_policy_slot_name(p, 2).data, mdr_policy_slot_name(p, 2).len,
              "c");
    CHECK(mdr_policy_slot_name(p, 3).len == 0);

    /* mapped: the same */

    copy = malloc(size);
    memcpy(copy, image, size);
    CHECK(map(copy, size, NULL, &q) == MDR_OK);
    if (q != NULL) {
        mdr_policy_info(q, &b);
        CHECK(strcmp(a.hash, b.hash) == 0 && a.terms == b.terms);
        CHECK(scan(q) == 3);
        mdr_policy_image(q, &other, &n);
        CHECK(other == copy && n == size);
        mdr_policy_free(q);
    }

    checksum(copy + HEAD, size - HEAD, sum);
    CHECK(memcmp(sum, copy + SUM_AT, 16) == 0);

    /* damage, seen by the checksum */

    for (i = 0; i < 300; i++) {
        n = rnd((uint32_t) size);
        CHECK(map(copy, n, NULL, &q) == MDR_ERROR);
    }

    for (i = 0; i < 500; i++) {
        n = i < HEAD - 7 ? i : rnd((uint32_t) size);
        copy[n] ^= (uint8_t) (1 + rnd(255));
        CHECK(map(copy, size, NULL, &q) == MDR_ERROR);
        memcpy(copy, image, size);
    }

    /* damage with a checksum that fits: refused, or of use */

    for (i = 0, taken = 0; i < 600; i++) {
        n = HEAD + rnd((uint32_t) size - HEAD);
        copy[n] ^= (uint8_t) (1 + rnd(255));
        if (rnd(2)) {
            n = HEAD + rnd((uint32_t) size - HEAD);
            copy[n] = (uint8_t) rnd(256);
        }
        checksum(copy + HEAD, size - HEAD, sum);
        memcpy(copy + SUM_AT, sum, 16);

        if (map(copy, size, NULL, &q) == MDR_OK) {
            (void) scan(q);
            mdr_policy_free(q);
            taken++;
        }
        memcpy(copy, image, size);
    }

    printf("# %zu of 600 damaged images are taken\n", taken);
    CHECK(i == 600 && taken > 0);

    /* no memory */

    for (fail_at = 0; fail_at < 10000; fail_at++) {
        calls = 0;
        if (map(copy, size, &bad, &q) == MDR_OK) {
            mdr_policy_free(q);
            break;
        }
        CHECK(live == 0);
    }
    CHECK(live == 0 && fail_at > 5 && fail_at < 10000);

    free(copy);
    mdr_policy_free(p);
}


int
main(void)
{
    test_begin("a model as bytes");
    test_model();

    test_begin("the image of a policy");
    test_image();

    return test_done();
}
