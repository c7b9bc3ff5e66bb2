/*
 * fuzz_json.c - the JSON and script scanners alone over any bytes: cut into
 * pieces in any way they make the same calls with the same texts, starts
 * never go back, every text lies within its item, and no call breaks a rule
 * of sink.h.  Learned markup, cold or known from other inputs, makes the same
 * calls as none.  Paths are read from any bytes, too.
 *
 * First byte: what is scanned, and how it is cut.
 */

#include "json/jsonpath.h"
#include "sink_json.h"


static uint32_t       seed;
static mdr_sink_t     sink;
static mdr_markup_t  *learned;


static void
require(int ok)
{
    if (!ok) {
        abort();
    }
}


static uint32_t
any(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 16) % n;
}


static size_t
piece(void *ctx, size_t at)
{
    (void) at;

    return 1 + any(*(uint32_t *) ctx);
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
    int            rc, rc2, type;
    char          *log;
    uint32_t       i, max;
    mdr_str_t      path;
    mdr_syntax_t   err;

    static const char *const  f[] = {"$.t", "$..x", "$", NULL};
    static const int          types[] = {MDR_TYPE_JSON, MDR_TYPE_NDJSON,
                                         MDR_TYPE_JSONP, MDR_TYPE_SCRIPT};
    static const uint32_t     sizes[] = {1, 2, 7, 50};

    if (n < 1 || n > 20000) {
        return 0;
    }

    if (sink.arena == NULL) {
        sink_init(&sink, NULL);
        sink_slot(&sink, MDR_TYPE_JSON, NULL, "$.l[*]", "$.n", f);
        sink_slot(&sink, MDR_TYPE_NDJSON, NULL, "$", NULL, f);
        sink_slot(&sink, MDR_TYPE_JSONP, NULL, "$..l[1::2,'a']", "$..n", f);
        sink_slot(&sink, MDR_TYPE_SCRIPT, "S", "$..l[*]", NULL, f);
        sink.rules = mdr_json_compile(&sink.model, sink.arena);
        require(sink.rules != NULL);
    }

    type = types[p[0] & 3];
    max = sizes[p[0] >> 2 & 3];
    seed = p[0];
    p++;
    n--;

    sink_clear(&sink);
    rc = sink_scan(&sink, type, NULL, p, n, NULL, NULL);
    require(!sink.wrong);
    log = strdup(sink.log.data);
    require(log != NULL);

    sink_clear(&sink);
    rc2 = sink_scan(&sink, type, NULL, p, n, piece, &max);
    require(!sink.wrong);

    if (rc != rc2 || strcmp(log, sink.log.data) != 0) {
        fprintf(stderr, "whole:\n%s\npieces:\n%s\n", log, sink.log.data);
        abort();
    }

    /* by learned markup: cold, while it is recorded, known */

    if (learned == NULL || any(64) == 0) {
        mdr_markup_free(learned);
        learned = mdr_markup_new(mdr_mem_default());
        require(learned != NULL);
    }

    sink_learned = learned;

    for (i = 0; i < 4; i++) {
        learned->read = (uint64_t) 1 << 50;     /* whatever it costs         */
        sink_clear(&sink);
        rc2 = sink_scan(&sink, type, NULL, p, n, i < 3 ? NULL : piece, &max);
        require(!sink.wrong);

        if (rc != rc2 || strcmp(log, sink.log.data) != 0) {
            fprintf(stderr, "exact:\n%s\nlearned, %u:\n%s\n", log, i,
                    sink.log.data);
            abort();
        }
    }

    sink_learned = NULL;
    free(log);
    sink_clear(&sink);

    path.data = (const char *) p;
    path.len = (uint32_t) n;
    rc = mdr_path_check(path, &err);
    require(rc == MDR_OK || err.offset <= n);

    return 0;
}
