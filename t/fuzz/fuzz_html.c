/*
 * fuzz_html.c - the HTML scanner over any bytes: whole, in pieces and byte by
 * byte it tells the sink the same, and never goes back in the page; so it does
 * with learned markup, cold and warm, where the same comes again and again.
 *
 * The first byte of the input says how it is cut.
 */

#include "sink_log.h"

#define AGAIN  6                        /* so often the input makes a page   */
#define PAGE   12288

static mdr_sink_t         whole, pieces;
static mdr_html_rules_t  *rules[2];
static mdr_markup_t      *set;


static size_t
piece(void *ctx, size_t at)
{
    unsigned  cut = *(unsigned *) ctx;

    return cut < 16 ? cut + 1 : 1 + (at * cut + cut) % 61;
}


static mdr_html_rules_t *
prepare(mdr_sink_t *k)
{
    static const char *const  card[] = { "b", "a.t > i", "p@class", ".",
                                         "@id", "td", NULL };
    static const char *const  any[] = { "*", ":nth-child(2)@a", NULL };

    sink_init(k, NULL);
    sink_slot(k, MDR_TYPE_HTML, "li, div > p, table, svg *", card);
    sink_slot(k, MDR_TYPE_HTML, "ul li:nth-child(2n):not(.x)", any);
    sink_slot(k, MDR_TYPE_SCRIPT, "window.x", NULL);

    return mdr_html_compile(&k->model, 0, k->arena);
}


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;

    rules[0] = prepare(&whole);
    rules[1] = prepare(&pieces);

    set = mdr_markup_new(mdr_mem_default());

    if (rules[0] == NULL || rules[1] == NULL || set == NULL) {
        abort();
    }

    return 0;
}


static void
same(const char *what)
{
    if (whole.backwards || !test_out_same(&whole.log, &pieces.log)) {
        fprintf(stderr, "%s differ:\n%s\n----\n%s\n", what, whole.log.data,
                pieces.log.data);
        abort();
    }
}


/* a page of the input again and again, read exactly and by what is learned: in
 * one run from nothing, and in two, one of them cut, by what is known then */

static void
learned(const uint8_t *data, size_t size, unsigned cut)
{
    int             pass;
    size_t          n, i;
    static uint8_t  page[PAGE];

    for (n = 0, i = 0; i < AGAIN && n + size <= PAGE; i++) {
        memcpy(page + n, data, size);
        n += size;
    }

    sink_clear(&whole);
    sink_scan(&whole, rules[0], page, n, NULL, NULL);

    mdr_markup_clear(set);
    set->wasted = 0;
    set->recorded = 0;
    set->read = (uint64_t) 1 << 40;     /* what it may cost is another matter */

    for (pass = 0; pass < 3; pass++) {
        sink_learned = set;
        sink_clear(&pieces);
        sink_scan(&pieces, rules[1], page, n, pass == 2 ? piece : NULL, &cut);
        sink_learned = NULL;
        same(pass == 0 ? "exact and learned" : "exact and known");
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned  cut;

    if (size < 2) {
        return 0;
    }

    cut = data[0];
    data++;
    size--;

    sink_clear(&whole);
    sink_clear(&pieces);
    sink_scan(&whole, rules[0], data, size, NULL, NULL);
    sink_scan(&pieces, rules[1], data, size, piece, &cut);

    same("pieces");
    learned(data, size, cut);

    return 0;
}
