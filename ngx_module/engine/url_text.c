/*
 * url_text.c - percent-decoding of a value (as: url; WHATWG URL, 1.3).
 */

#include "sink.h"

#include <string.h>


static int
hex(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}


int
mdr_url_text(const mdr_text_t *in, mdr_text_t *out)
{
    int             rc;
    size_t          i, len;
    uint8_t         c;
    uint64_t        a, b;
    const uint8_t  *p;

    p = in->data;
    rc = MDR_OK;

    for (i = 0; i < in->len && rc == MDR_OK; i += len) {
        len = 1;
        c = p[i];

        if (c == '%' && in->len - i >= 3 && hex(p[i + 1]) >= 0
            && hex(p[i + 2]) >= 0)
        {
            c = (uint8_t) (hex(p[i + 1]) * 16 + hex(p[i + 2]));
            len = 3;

        } else if (c == '+') {
            c = ' ';
        }

        mdr_text_span(in, (uint32_t) i, (uint32_t) (i + len), &a, &b);
        rc = mdr_text_unit(out, a, (uint32_t) (b - a), &c, 1);
    }

    return rc;
}
