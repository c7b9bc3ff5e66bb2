/*
 * fuzz_line.c - any bytes as a line of a segment, and as the events in a leaf.
 *
 * What is taken must be JSON that other readers take (jansson), and what the
 * reader says of a member must be what jansson says; the public half must be
 * JSON without "private".
 */

#include "ledger/line.h"
#include "moderationd/ingest/lines.h"

#include <jansson.h>

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


static void
members(const char *p, size_t n)
{
    int                  i, k, len;
    char                 text[4096];
    json_t              *j, *v;
    uint64_t             u;
    mdd_json_t           m[64];
    json_error_t         err;

    k = mdd_json_members(p, n, m, 64);
    if (k < 0) {
        return;
    }

    j = json_loadb(p, n, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES
                   | JSON_DECODE_INT_AS_REAL, &err);

    /* jansson refuses what we take in three places: lone surrogates, numbers
     * past a double, keys twice below the outermost object */
    if (j == NULL) {
        if (strstr(err.text, "surrogate") == NULL
            && strstr(err.text, "real number") == NULL
            && strstr(err.text, "Unicode") == NULL
            && strstr(err.text, "duplicate") == NULL
            && strstr(err.text, "NUL byte") == NULL)
        {
            abort();
        }
        return;
    }

    if ((int) json_object_size(j) != k) {
        abort();
    }

    for (i = 0; i < k; i++) {
        v = json_object_getn(j, m[i].key, m[i].nkey);
        if (v == NULL) {
            abort();
        }

        len = mdd_json_text(&m[i], text, sizeof(text));
        if (len >= 0 && ((size_t) len != json_string_length(v)
                         || memcmp(text, json_string_value(v), (size_t) len)
                            != 0))
        {
            abort();
        }
        if (len < 0 && json_is_string(v)
            && json_string_length(v) < sizeof(text) / 8)
        {
            abort();
        }
        if (mdd_json_u64(&m[i], &u)
            && (double) u != json_number_value(v))
        {
            abort();
        }
    }

    json_decref(j);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char         *p;
    size_t        pub, at, n;
    mdd_head_t    h;
    mdd_line_t    l;

    p = malloc(size + 1);
    if (p == NULL) {
        return 0;
    }
    memcpy(p, data, size);

    members(p, size);
    (void) mdd_json_elements(p, size, l.m, MDD_MEMBERS);

    if (mdl_line_split(p, size, &pub, &at, &n) == 0
        && mdd_line_read(&l, p, size) == MDD_OK)
    {
        (void) mdd_head_read(&h, &l);
        if (n > 0) {
            p[pub++] = '}';
        }
        if (mdd_line_read(&l, p, pub) != MDD_OK
            || mdd_json_get(l.m, l.n, "private") != NULL)
        {
            abort();
        }
    }

    free(p);

    return 0;
}
