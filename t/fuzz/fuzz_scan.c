/*
 * fuzz_scan.c - a whole scan over any bytes, with two oracles:
 *
 *   - the body cut into pieces in any way gives the same output, the same
 *     items and the same errors as the body in one piece;
 *   - a policy that hits nothing gives the input back byte for byte;
 *   - the input again and again as one body gives the same read exactly, by
 *     what is learned on the way, and by what was learned of it.
 *
 * The first byte of the input picks the type, the second how it is cut.
 */

#define _POSIX_C_SOURCE 200809L

#include "moderation.h"

#include "test_out.h"
#include "test_policy.h"


typedef struct {
    test_out_t  out;
    uint64_t    items, sum, errors, all, hits;
    uint32_t    flags;                  /* of the scan                       */
    int         few;                    /* items without a hit are not told,
                                           so that they may be cards; 1:
                                           nor their other fields           */
} out_t;

#define AGAIN  24
#define BODY   24000


static mdr_policy_t *hits, *clean;
static mdr_work_t *work;


static const char  slots[] =
    "\"slots\":["
    "{\"name\":\"h\",\"type\":\"html\",\"match\":\"li.c, div > p\","
    "\"limit\":3,\"fields\":{\"title\":\"b | @data-t\",\"u\":\"a@href\","
    "\"all\":{\"all\":[\"i\",\"@title\"]}}},"
    "{\"name\":\"o\",\"type\":\"html\",\"match\":\"section\",\"fields\":"
    "{\"title\":\"h2\"}},"
    "{\"name\":\"c\",\"type\":\"html\",\"match\":\"article, li.d\",\"fields\":"
    "{\"title\":\"b | @data-t\",\"all\":{\"all\":[\"a\",\"a@title\"]}}},"
    "{\"name\":\"j\",\"type\":\"json\",\"match\":\"$.l[*]\",\"count\":"
    "\"$.n\",\"fields\":{\"title\":\"$.t\",\"all\":\"$..x\"}},"
    "{\"name\":\"n\",\"type\":\"ndjson\",\"match\":\"$\",\"fields\":"
    "{\"title\":\"$.t\"}},"
    "{\"name\":\"p\",\"type\":\"jsonp\",\"match\":\"$.l[*]\",\"fields\":"
    "{\"title\":\"$.t\"}},"
    "{\"name\":\"s\",\"type\":\"script\",\"script\":\"window.S\",\"match\":"
    "\"$.l[*]\",\"fields\":{\"title\":\"$.t\"}}]";


static mdr_policy_t *
load(const char *rules)
{
    char           text[8192];
    mdr_policy_t  *p;

    snprintf(text, sizeof(text), "{\"schema\":1,\"policy\":\"f\",%s,"
             "\"rules\":[%s]}", slots, rules);
    p = test_policy(text, NULL);

    if (p == NULL) {
        abort();
    }

    return p;
}


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    out_t  *o = ctx;

    (void) flags;
    test_out_add(&o->out, p, n);

    return MDR_OK;
}


static void
mix(out_t *o, uint64_t v)
{
    o->sum = (o->sum ^ v) * 0x9e3779b97f4a7c15ULL;
    o->sum ^= o->sum >> 31;
}


/* items may be reported in another order: sums of their own hashes */

static void
on_item(void *ctx, const mdr_item_t *it)
{
    out_t     *o = ctx, one;
    uint32_t   i, j;

    memset(&one, 0, sizeof(one));
    mix(&one, it->seq);
    mix(&one, it->start);
    mix(&one, it->end);
    mix(&one, it->action);
    mix(&one, it->flags);
    mix(&one, it->hits_total);

    for (i = 0; i < it->nhits; i++) {
        mix(&one, it->hits[i].start);
        mix(&one, it->hits[i].end);
    }

    for (i = 0; i < it->nfields; i++) {
        for (j = 0; j < it->fields[i].text.len; j++) {
            mix(&one, (uint8_t) it->fields[i].text.data[j]);
        }
    }

    o->items++;
    o->sum += one.sum;
}


static void
on_error(void *ctx, const mdr_scan_error_t *e)
{
    out_t  *o = ctx;

    o->errors += e->offset * 31 + (uint64_t) e->kind;
}


static void
scan(const mdr_policy_t *p, const uint8_t *data, size_t size, int type,
    unsigned cut, out_t *o)
{
    size_t            at, n;
    mdr_scan_t       *s;
    mdr_scan_conf_t   conf;
    mdr_scan_stats_t  stats;

    memset(&conf, 0, sizeof(conf));
    conf.flags = o->flags;
    conf.ctx = o;
    conf.output = on_output;
    conf.item = on_item;
    conf.error = on_error;
    conf.mode = MDR_MODE_ENFORCE;
    conf.type = (uint8_t) type;
    conf.all_fields = o->few != 1;
    conf.all_items = !o->few;
    conf.max_slot = 700;
    conf.now = 1700000000;
    conf.charset = cut & 0x40 ? "utf-8" : cut & 0x80 ? "gb18030" : NULL;

    test_out_clear(&o->out);
    o->items = 0;
    o->sum = 0;
    o->errors = 0;

    s = mdr_scan_new(p, work, &conf);
    if (s == NULL) {
        abort();
    }

    cut &= 0x3f;

    for (at = 0; at < size; at += n) {
        n = cut == 0 ? size : cut < 32 ? cut : 1 + (at * cut) % 97;
        n = n < size - at ? n : size - at;

        if (mdr_scan_feed(s, data + at, n) != MDR_OK) {
            abort();
        }
    }

    if (mdr_scan_finish(s) != MDR_OK) {
        abort();
    }

    mdr_scan_stats(s, &stats);
    o->all = stats.items;
    o->hits = stats.hits;
    mdr_scan_free(s);
}


static void
same(const out_t *a, const out_t *b, const char *what)
{
    if (!test_out_same(&a->out, &b->out) || a->items != b->items
        || a->sum != b->sum || a->errors != b->errors || a->all != b->all
        || a->hits != b->hits)
    {
        fprintf(stderr, "%s: len %zu %zu items %llu %llu of %llu %llu hits "
                "%llu %llu errors %llx %llx\n[%s]\n[%s]\n", what, a->out.len,
                b->out.len, (unsigned long long) a->items,
                (unsigned long long) b->items, (unsigned long long) a->all,
                (unsigned long long) b->all, (unsigned long long) a->hits,
                (unsigned long long) b->hits, (unsigned long long) a->errors,
                (unsigned long long) b->errors, a->out.data, b->out.data);
        abort();
    }
}


/* the input again and again, read exactly and by what is learned: in one run
 * from nothing, and in two, one of them cut, by what is known then */

static void
learned(const uint8_t *data, size_t size, int type, unsigned cut)
{
    int             pass;
    size_t          n, i;
    static out_t    exact, known;
    static uint8_t  body[BODY];

    for (n = 0, i = 0; i < AGAIN && n + size <= BODY; i++) {
        memcpy(body + n, data, size);
        n += size;
    }

    mdr_work_free(work);
    work = mdr_work_new(NULL);

    exact.few = 1 + (cut & 1);
    exact.flags = MDR_SCAN_EXACT;
    scan(hits, body, n, type, cut & 0xc0, &exact);
    known.few = exact.few;

    for (pass = 0; pass < 3; pass++) {
        scan(hits, body, n, type, pass == 2 ? cut : cut & 0xc0, &known);
        same(&exact, &known, pass == 0 ? "exact and learned"
                                       : "exact and known");
    }
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;

    hits = load("{\"id\":\"b\",\"rev\":1,\"label\":\"rumor\",\"match\":"
                "{\"in\":[\"title\"],\"terms\":[\"bad\",\"震惊\"]}},"
                "{\"id\":\"m\",\"rev\":1,\"label\":\"rumor\",\"action\":"
                "\"mask\",\"match\":{\"in\":[\"title\",\"all\"],\"terms\":"
                "[\"m\",\"mask\",\"掩\"]}},"
                "{\"id\":\"t\",\"rev\":1,\"label\":\"rumor\",\"action\":"
                "\"tag\",\"match\":{\"in\":[\"title\"],\"regex\":\"t+\"}}");
    clean = load("{\"id\":\"b\",\"rev\":1,\"label\":\"rumor\",\"match\":"
                 "{\"in\":[\"title\"],\"terms\":"
                 "[\"never in any input of this fuzzer 7d1f\"]}}");
    work = mdr_work_new(NULL);

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned      cut;
    static out_t  whole, pieces;

    static const int  types[] = { MDR_TYPE_HTML, MDR_TYPE_JSON,
                                  MDR_TYPE_NDJSON, MDR_TYPE_JSONP,
                                  MDR_TYPE_AUTO };

    if (size < 2) {
        return 0;
    }

    cut = data[1];

    scan(hits, data + 2, size - 2, types[data[0] % 5], cut & 0xc0, &whole);
    scan(hits, data + 2, size - 2, types[data[0] % 5], cut, &pieces);

    same(&whole, &pieces, "pieces");

    scan(clean, data + 2, size - 2, types[data[0] % 5], cut, &pieces);

    /* the limit of slot h leaves items out: no hit, but an edit */

    if (types[data[0] % 5] != MDR_TYPE_HTML
        && types[data[0] % 5] != MDR_TYPE_AUTO
        && (pieces.out.len != size - 2
            || memcmp(pieces.out.data, data + 2, size - 2) != 0))
    {
        fprintf(stderr, "clean output differs\n");
        abort();
    }

    learned(data + 2, size - 2, types[data[0] % 5], cut);

    return 0;
}
