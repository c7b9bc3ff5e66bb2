/*
 * fuzz_scgi.c - the reader of requests over any bytes: values are inside what
 * was read, each ends before the header does, and a request that is whole is
 * whole only there.
 */

#include "moderationd/web/scgi_read.c"

#include <stdlib.h>


static void
inside(const char *s, const char *data, size_t len)
{
    if (s != NULL && (s < data || s + strlen(s) >= data + len)) {
        abort();
    }
}


int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int          rc;
    char        *copy;
    size_t       i;
    mdd_scgi_t   rq;

    copy = malloc(size + 1);

    if (copy == NULL) {
        return 0;
    }

    for (i = size > 512 ? size - 1 : 0; i <= size; i++) {
        memcpy(copy, data, size);
        rc = mdd_scgi_read(copy, i, &rq);

        if (rc == MDD_SCGI_WHOLE) {
            inside(rq.method, copy, i);
            inside(rq.uri, copy, i);
            inside(rq.query, copy, i);
            inside(rq.user, copy, i);
            inside(rq.secret, copy, i);
            inside(rq.token, copy, i);

            if (rq.body < copy || rq.body + rq.body_len > copy + i
                || (rq.refused == NULL
                    && (rq.method == NULL || rq.uri == NULL)))
            {
                abort();
            }

            break;
        }
    }

    free(copy);

    return 0;
}
