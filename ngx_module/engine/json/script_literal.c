/*
 * script_literal.c - a string literal of a script whose text is JSON.
 *
 * Escapes of JavaScript are decoded, then what decodeURIComponent or unescape
 * would; 'a' + 'b' is one text.  The scanner sees the text, what it says of
 * positions goes back through the layer (scan/layer.c).
 */

#include "script.h"
#include "base/utf8.h"

#include <string.h>


#define JOIN_MAX     4096               /* from quote to quote               */

enum { JOIN_NONE, JOIN_STRING, JOIN_OTHER, JOIN_MORE };


static int
hex(const uint8_t *p, int n, uint32_t *v)
{
    int      i;
    uint8_t  c;

    for (i = 0, *v = 0; i < n; i++) {
        c = p[i] | 32;
        if (p[i] >= '0' && p[i] <= '9') {
            *v = *v * 16 + (uint32_t) (p[i] - '0');
        } else if (c >= 'a' && c <= 'f') {
            *v = *v * 16 + (uint32_t) (c - 'a' + 10);
        } else {
            return 0;
        }
    }

    return 1;
}


/* what begins with the "%" at p, as mdr_json_escape says it */

static int
percent(const uint8_t *p, size_t n, int last, int coded, uint8_t *out,
    size_t *len)
{
    size_t    i, need;
    uint32_t  v, low;

    *len = 1;
    out[0] = '%';

    if (n < 3 && !last) {
        return -1;
    }

    if (coded != MDR_CODED_URI && n > 1 && p[1] == 'u') {

        if (n < 6) {
            return last ? 1 : -1;
        }
        if (!hex(p + 2, 4, &v)) {
            return 1;
        }

        *len = 6;

        if (v >= 0xd800 && v <= 0xdbff) {
            if (n < 12 && !last) {
                return -1;
            }
            if (n >= 12 && p[6] == '%' && p[7] == 'u' && hex(p + 8, 4, &low)
                && low >= 0xdc00 && low <= 0xdfff)
            {
                *len = 12;
                v = 0x10000 + ((v - 0xd800) << 10) + (low - 0xdc00);
            }
        }

        return (int) mdr_utf8_put(out, v >= 0xd800 && v <= 0xdfff ? MDR_CP_BAD
                                                                  : v);
    }

    if (n < 3 || !hex(p + 1, 2, &v)) {
        return coded != MDR_CODED_URI ? 1 : -2;
    }

    *len = 3;

    if (coded == MDR_CODED_ESCAPE || v < 0x80) {
        return (int) mdr_utf8_put(out, v);
    }

    need = v >= 0xf0 ? 4 : v >= 0xe0 ? 3 : 2;
    out[0] = (uint8_t) v;

    for (i = 1; i < need; i++) {
        if (n < 3 * i + 3 && !last) {
            return -1;
        }
        if (n < 3 * i + 3 || p[3 * i] != '%' || !hex(p + 3 * i + 1, 2, &v)
            || (v & 0xc0) != 0x80)
        {
            return (int) mdr_utf8_put(out, MDR_CP_BAD);
        }
        out[i] = (uint8_t) v;
    }

    *len = 3 * need;

    return (int) need;
}


/* the quote at p + i: does the text go on behind a "+", and where */

static int
joined(const mdr_literal_t *s, const uint8_t *p, size_t n, size_t i, int last,
    size_t *goes_on)
{
    size_t  k, upto;

    upto = n - i > JOIN_MAX ? i + JOIN_MAX : n;
    last |= n - i > JOIN_MAX;
    k = mdr_script_blank(p, upto, i + 1);

    if (k < upto && p[k] == '+') {
        k = mdr_script_blank(p, upto, k + 1);

        if (k < upto) {
            *goes_on = k + 1;
            return p[k] == s->quote ? JOIN_STRING : JOIN_OTHER;
        }
        return last ? JOIN_OTHER : JOIN_MORE;
    }

    return k >= upto && !last ? JOIN_MORE : JOIN_NONE;
}


/*
 * In a literal: its text goes to the layer.  *taken: bytes of it; s->ended:
 * behind its quote.  MDR_ERROR: no memory; MDR_LIMIT: behind *taken it cannot
 * be read.
 */

int
mdr_script_literal(mdr_literal_t *s, const uint8_t *p, size_t n,
    uint64_t at, int last, size_t *taken)
{
    int      k, bad;
    size_t   i, from, len, goes_on;
    uint8_t  out[16];

    bad = 0;
    s->ended = 0;

    for (i = 0, from = 0; i < n; ) {

        if (p[i] == s->quote && s->quote != 0) {
            k = joined(s, p, n, i, last, &goes_on);
            k = k == JOIN_OTHER && s->piece ? JOIN_NONE : k;
            bad = k == JOIN_OTHER;
            s->ended = k == JOIN_NONE;
            if (k != JOIN_STRING) {
                break;
            }
            len = goes_on - i;
            k = 0;

        } else if (p[i] == '\\' && s->quote != 0) {
            k = mdr_json_escape(p + i, n - i, last, 1, out, &len);

        } else if (p[i] == '%' && s->coded != MDR_CODED_NOT) {
            k = percent(p + i, n - i, last, s->coded, out, &len);

        } else if (p[i] == '$' && s->quote == '`') {
            k = n - i < 2 && !last ? -1 : n - i > 1 && p[i + 1] == '{' ? -2
                : 1;
            out[0] = '$';
            len = 1;

        } else {
            i++;
            continue;
        }

        if (k == -2 && s->piece) {
            k = 1;
            out[0] = p[i];
            len = 1;
        }

        if (k < 0) {
            bad = k == -2;
            break;
        }

        if (mdr_layer_copy(s->layer, at + from, p + from, i - from) != MDR_OK
            || (k > 0 && mdr_layer_unit(s->layer, at + i, (uint32_t) len, out,
                                        (size_t) k)
                         != MDR_OK))
        {
            return MDR_ERROR;
        }

        i += len;
        from = i;
    }

    if (mdr_layer_copy(s->layer, at + from, p + from, i - from) != MDR_OK
        || mdr_layer_read(s->layer, 0) != MDR_OK)
    {
        return MDR_ERROR;
    }

    *taken = s->ended ? i + 1 : i;

    return bad ? MDR_LIMIT : MDR_OK;
}
