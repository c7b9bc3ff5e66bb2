/*
 * url_text.c - percent-decoding of a value (as: url; WHATWG URL, 1.3).
 *
 * The bytes are UTF-8, or GB18030 in a value whose escapes are no UTF-8 and
 * are GB18030: what forms of pages in GBK send.
 */

#include "sink.h"
#include "text/charset.h"
#include "base/utf8.h"

#include <string.h>


#define CHARACTER  4            /* bytes of one, in either encoding         */

typedef struct {
    uint8_t  c[CHARACTER];      /* the next bytes of the decoded value      */
    size_t   end[CHARACTER];    /* where each of them ends in the value     */
    size_t   n;
    int      escaped;           /* the first stands as %XX                  */
} bytes_t;


static int
hex(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}


static void
bytes_at(const mdr_text_t *in, size_t i, bytes_t *b)
{
    int             high, low;
    const uint8_t  *p;

    p = in->data;
    b->escaped = 0;

    for (b->n = 0; b->n < CHARACTER && i < in->len; b->n++) {

        high = p[i] == '%' && in->len - i >= 3 ? hex(p[i + 1]) : -1;
        low = high >= 0 ? hex(p[i + 2]) : -1;

        if (low >= 0) {
            b->c[b->n] = (uint8_t) (high * 16 + low);
            b->escaped |= b->n == 0;
            i += 3;

        } else {
            b->c[b->n] = p[i] == '+' ? ' ' : p[i];
            i++;
        }

        b->end[b->n] = i;
    }
}


/* the character that the bytes begin with: how many of them it takes, 0 if
 * they are none; as UTF-8 in out */

static size_t
gb_character(const bytes_t *b, mdr_text_t *out)
{
    size_t         n;
    mdr_decoder_t  d;

    for (n = 1; n <= b->n; n++) {
        mdr_text_clear(out);
        mdr_decoder_init(&d, MDR_CS_GB18030);

        if (mdr_decode(&d, b->c, n, 0, 0, out) != MDR_OK || d.invalid != 0) {
            return 0;
        }

        if (d.nlead == 0) {
            return n;
        }
    }

    return 0;
}


static size_t
utf8_character(const bytes_t *b)
{
    size_t  len;

    return mdr_utf8_next(b->c, b->n, &len) == MDR_CP_BAD ? 0 : len;
}


/* are the escapes of the value GB18030 and not UTF-8? */

static int
is_gb(const mdr_text_t *in, mdr_text_t *one)
{
    int      is_utf8;
    size_t   i, n;
    bytes_t  b;

    for (i = 0, is_utf8 = 1; i < in->len; i = b.end[n - 1]) {
        bytes_at(in, i, &b);
        n = utf8_character(&b);

        if (n == 0) {
            is_utf8 &= !b.escaped;
            n = 1;
        }
    }

    if (is_utf8) {
        return 0;
    }

    for (i = 0; i < in->len; i = b.end[n - 1]) {
        bytes_at(in, i, &b);
        n = b.escaped ? gb_character(&b, one) : 1;

        if (n == 0) {
            return 0;
        }
    }

    return 1;
}


int
mdr_url_text(const mdr_text_t *in, mdr_text_t *out)
{
    int             rc, gb;
    size_t          i, n;
    bytes_t         b;
    uint64_t        from, to;
    mdr_text_t      one;
    const uint8_t  *p;

    rc = MDR_OK;
    mdr_text_init(&one, in->alloc, MDR_TEXT_PAD);
    gb = is_gb(in, &one);

    for (i = 0; i < in->len && rc == MDR_OK; i = b.end[n - 1]) {
        bytes_at(in, i, &b);

        if (gb && b.escaped) {
            n = gb_character(&b, &one);

            if (n != 0) {
                mdr_text_span(in, (uint32_t) i, (uint32_t) b.end[n - 1],
                              &from, &to);
                rc = mdr_text_unit(out, from, (uint32_t) (to - from),
                                   one.data, one.len);
                continue;
            }
        }

        n = utf8_character(&b);
        n += n == 0;
        p = b.c;
        mdr_text_span(in, (uint32_t) i, (uint32_t) b.end[n - 1], &from, &to);

        rc = to - from == n && memcmp(in->data + i, p, n) == 0
             ? mdr_text_copy(out, from, p, n)
             : mdr_text_unit(out, from, (uint32_t) (to - from), p, n);
    }

    mdr_text_done(&one);

    return rc;
}
