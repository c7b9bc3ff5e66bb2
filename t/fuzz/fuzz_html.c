/*
 * fuzz_html.c - the HTML scanner over any bytes: whole, in pieces and byte by
 * byte it tells the sink the same, and never goes back in the page.
 *
 * The first byte of the input says how it is cut.
 */

#include "sink_log.h"

static mdr_sink_t         whole, pieces;
static mdr_html_rules_t  *rules[2];


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

    if (rules[0] == NULL || rules[1] == NULL) {
        abort();
    }

    return 0;
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

    if (whole.backwards || !test_out_same(&whole.log, &pieces.log)) {
        fprintf(stderr, "pieces differ:\n%s\n----\n%s\n", whole.log.data,
                pieces.log.data);
        abort();
    }

    return 0;
}
