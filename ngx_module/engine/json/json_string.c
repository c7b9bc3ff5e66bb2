/*
 * json_string.c - strings: escapes, and text to the places that want it.
 *
 * Bytes without a quote or backslash are copied as a whole.  Escapes come in
 * rows, too (a feed in ASCII is nothing else), so that a row of \uXXXX whose
 * characters take three bytes each is decoded and appended at once.
 */

#include "json.h"
#include "json_block.h"
#include "base/utf8.h"

#include <string.h>


#define ROW  64                         /* escapes appended at once          */

#define NO_HEX  0x80
#define X       NO_HEX

static const uint8_t  hex_value[256] = {
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, X, X, X, X, X, X,
    X, 10, 11, 12, 13, 14, 15, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, 10, 11, 12, 13, 14, 15, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X,
    X, X, X, X, X, X, X, X, X, X, X, X, X, X, X, X
};

#undef X


static int
hex4(const uint8_t *p, uint32_t *v, int n)
{
    int  i;

    for (i = 0, *v = 0; i < n; i++) {
        if (hex_value[p[i]] == NO_HEX) {
            return 0;
        }
        *v = *v * 16 + hex_value[p[i]];
    }

    return 1;
}


static int
is_octal(uint8_t c)
{
    return c >= '0' && c <= '7';
}


/* \146: up to three digits, up to 255 (ECMAScript, LegacyOctalEscapeSequence;
 * scripts of pages are seldom strict) */

static int
octal(const uint8_t *p, size_t n, int last, uint8_t *out, size_t *len)
{
    size_t    i, most;
    uint32_t  cp;

    most = p[1] <= '3' ? 4 : 3;

    for (i = 1, cp = 0; i < n && i < most && is_octal(p[i]); i++) {
        cp = cp * 8 + (p[i] - '0');
    }

    if (i == n && i < most && !last) {
        return -1;
    }

    *len = i;

    return (int) mdr_utf8_put(out, cp);
}


int
mdr_json_escape(const uint8_t *p, size_t n, int last, int relaxed,
    uint8_t *out, size_t *len)
{
    uint32_t  cp, low;

    if (n < 2) {
        return last ? -2 : -1;
    }

    *len = 2;

    switch (p[1]) {
    case '"': case '\\': case '/':
        out[0] = p[1];
        return 1;
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;

    default:
        if (!relaxed) {
            return -2;
        }

        if (p[1] == 'x') {
            if (n < 4) {
                return last ? -2 : -1;
            }
            if (!hex4(p + 2, &cp, 2)) {
                return -2;
            }
            *len = 4;
            return (int) mdr_utf8_put(out, cp);
        }

        if (p[1] == '\n') {
            return 0;                   /* a continued line                  */
        }

        if (p[1] == '\r') {
            if (n < 3 && !last) {
                return -1;
            }
            *len = n > 2 && p[2] == '\n' ? 3 : 2;
            return 0;
        }

        if (is_octal(p[1])) {
            return octal(p, n, last, out, len);
        }

        out[0] = p[1] == 'v' ? '\v' : p[1];
        return 1;
    }

    if (relaxed && n > 2 && p[2] == '{') {
        size_t  i;

        for (i = 3, cp = 0; i < n && i < 11 && hex4(p + i, &low, 1); i++) {
            cp = cp * 16 + low;
        }
        if (i == n && !last) {
            return -1;
        }
        if (i < n && p[i] == '}') {
            *len = i + 1;
            return (int) mdr_utf8_put(out, cp);
        }
        return -2;
    }

    if (n < 6) {
        return last ? -2 : -1;
    }

    if (!hex4(p + 2, &cp, 4)) {
        return -2;
    }

    *len = 6;

    if (cp < 0xd800 || cp > 0xdfff) {
        return (int) mdr_utf8_put(out, cp);
    }

    if (cp < 0xdc00) {
        if (n < 12 && !last
            && (n == 6 || (p[6] == '\\' && (n == 7 || p[7] == 'u'))))
        {
            return -1;
        }

        if (n >= 12 && p[6] == '\\' && p[7] == 'u' && hex4(p + 8, &low, 4)
            && low >= 0xdc00 && low <= 0xdfff)
        {
            *len = 12;
            cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
            return (int) mdr_utf8_put(out, cp);
        }
    }

    return (int) mdr_utf8_put(out, MDR_CP_BAD);
}


int
mdr_json_collect(mdr_json_t *j, uint64_t at, const uint8_t *p, size_t n)
{
    uint32_t  i;

    if (j->ref_on && n < sizeof(j->ref_name) - j->ref_len) {
        memcpy(j->ref_name + j->ref_len, p, n);
        j->ref_len = (uint16_t) (j->ref_len + n);
    }

    if (j->nest != NULL && mdr_layer_copy(j->nest, at, p, n) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = 0; i < j->ncollects; i++) {
        if (mdr_text_copy(j->collects[i], at, p, n) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* a row of \uXXXX at p, each a character of three bytes: bytes of it, *count
 * of them decoded to out */

static size_t
row(const uint8_t *p, size_t n, uint8_t *out, uint32_t *count)
{
    size_t    i;
    uint32_t  c, cp;
    uint8_t   h[4];

    for (i = 0, c = 0; c < ROW && n - i >= 6 && p[i] == '\\'
         && p[i + 1] == 'u'; i += 6, c++)
    {
        h[0] = hex_value[p[i + 2]];
        h[1] = hex_value[p[i + 3]];
        h[2] = hex_value[p[i + 4]];
        h[3] = hex_value[p[i + 5]];

        if ((h[0] | h[1] | h[2] | h[3]) & NO_HEX) {
            break;
        }

        cp = (uint32_t) h[0] << 12 | (uint32_t) h[1] << 8
             | (uint32_t) h[2] << 4 | h[3];

        if (cp < 0x800 || (cp >= 0xd800 && cp <= 0xdfff)) {
            break;
        }

        *out++ = (uint8_t) (0xe0 | cp >> 12);
        *out++ = (uint8_t) (0x80 | (cp >> 6 & 0x3f));
        *out++ = (uint8_t) (0x80 | (cp & 0x3f));
    }

    *count = c;

    return i;
}


/* what stands for a backslash at p; bytes taken, 0 or MDR_JSON_FAILED */

__attribute__((noinline))
static size_t
escapes(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    int       k;
    size_t    len;
    uint8_t   out[3 * ROW];
    uint32_t  c, count;

    if (j->nest == NULL && !j->ref_on) {
        len = row(p, n, out, &count);

        if (count != 0) {
            for (c = 0; c < j->ncollects; c++) {
                if (mdr_text_row(j->collects[c], at, count, 6, out, 3)
                    != MDR_OK)
                {
                    return MDR_JSON_FAILED;
                }
            }
            return len;
        }
    }

    k = mdr_json_escape(p, n, last, j->relaxed, out, &len);

    if (k == -1) {
        return 0;
    }

    if (k == -2) {
        j->broken = "a bad escape in a string";
        return 0;
    }

    if (j->ref_on && (size_t) k < sizeof(j->ref_name) - j->ref_len) {
        memcpy(j->ref_name + j->ref_len, out, (size_t) k);
        j->ref_len = (uint16_t) (j->ref_len + k);
    }

    if (j->nest != NULL
        && mdr_layer_unit(j->nest, at, (uint32_t) len, out, (size_t) k)
           != MDR_OK)
    {
        return MDR_JSON_FAILED;
    }

    for (c = 0; k > 0 && c < j->ncollects; c++) {
        if (mdr_text_unit(j->collects[c], at, (uint32_t) len, out,
                          (size_t) k)
            != MDR_OK)
        {
            return MDR_JSON_FAILED;
        }
    }

    return len;
}


int
mdr_json_string_good(const uint8_t *p, size_t n, int relaxed)
{
    int       k;
    size_t    i, len;
    uint8_t   out[16];
    uint32_t  cp;

    for (i = 0; ; i += len) {
        i += mdr_json_plain(p + i, n - i, '\\');

        if (i == n) {
            return 1;
        }

        len = 6;

        if (n - i < 6 || p[i + 1] != 'u' || !hex4(p + i + 2, &cp, 4)) {
            k = mdr_json_escape(p + i, n - i, 1, relaxed, out, &len);
            if (k < 0) {
                return 0;
            }
        }
    }
}


int
mdr_json_unescape(mdr_text_t *t, uint64_t at, const uint8_t *p, size_t n,
    int relaxed)
{
    int       m, rc;
    size_t    i, k;
    uint8_t   out[3 * ROW];
    uint32_t  count;

    for (i = 0; i < n; i += k) {
        k = mdr_json_plain(p + i, n - i, '\\');

        if (k != 0) {
            rc = mdr_text_copy(t, at + i, p + i, k);

        } else {
            k = row(p + i, n - i, out, &count);

            if (count != 0) {
                rc = mdr_text_row(t, at + i, count, 6, out, 3);

            } else {
                m = mdr_json_escape(p + i, n - i, 1, relaxed, out, &k);
                rc = m < 0 ? MDR_ERROR
                     : mdr_text_unit(t, at + i, (uint32_t) k, out,
                                     (size_t) m);
            }
        }

        if (rc != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


size_t
mdr_json_decode(const uint8_t *p, size_t n, uint8_t *out)
{
    int       m;
    size_t    i, k;
    uint8_t  *to;
    uint32_t  count;

    for (i = 0, to = out; i < n; i += k) {
        k = mdr_json_plain(p + i, n - i, '\\');

        if (k != 0) {
            memcpy(to, p + i, k);
            to += k;
            continue;
        }

        k = row(p + i, n - i, to, &count);
        to += 3 * (size_t) count;

        if (count == 0) {
            m = mdr_json_escape(p + i, n - i, 1, 0, to, &k);

            if (m < 0) {
                return SIZE_MAX;
            }

            to += m;
        }
    }

    return (size_t) (to - out);
}


/*
 * Inside a string value: bytes taken.  Where nobody wants the text, a
 * backslash and what stands behind it are just two bytes: that the escape is
 * a good one would be known of no other value that is passed over either.
 */

size_t
mdr_json_string(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    size_t          i, k, from;
    const uint8_t  *q;

    for (i = 0; i < n; i += k) {
        from = i;
        i += mdr_json_plain(p + i, n - i, j->quote);

        if (j->type == MDR_TYPE_NDJSON
            && (q = memchr(p + from, '\n', i - from)) != NULL)
        {
            j->broken = "a line ends inside a string";
            i = (size_t) (q - p);
        }

        if (i != from && (j->ncollects != 0 || j->nest != NULL || j->ref_on)
            && mdr_json_collect(j, at + from, p + from, i - from) != MDR_OK)
        {
            return MDR_JSON_FAILED;
        }

        if (i == n || j->broken != NULL) {
            break;
        }

        if (p[i] == j->quote) {
            j->string = 0;

            if (mdr_json_nest_end(j) != MDR_OK) {
                return MDR_JSON_FAILED;
            }

            if (j->ref_on) {
                mdr_json_ref_end(j, at + i + 1);
            }

            mdr_json_end(j, at + i + 1);
            return i + 1;
        }

        if (j->ncollects != 0 || j->nest != NULL || j->ref_on) {
            k = escapes(j, p + i, n - i, at + i, last);

            if (k == MDR_JSON_FAILED) {
                return k;
            }

        } else if (n - i < 2) {
            k = last ? 1 : 0;

        } else if (p[i + 1] == '\n' && j->type == MDR_TYPE_NDJSON) {
            k = 1;                      /* the line ends with the next byte  */

        } else {
            k = 2;
        }

        if (k == 0) {
            break;
        }
    }

    if (j->nest != NULL && mdr_layer_read(j->nest, 0) != MDR_OK) {
        return MDR_JSON_FAILED;
    }

    return i;
}


int
mdr_json_nest_end(mdr_json_t *j)
{
    int  rc;

    if (j->nest == NULL) {
        return MDR_OK;
    }

    rc = mdr_layer_read(j->nest, 1);
    mdr_layer_close(j->nest);
    j->nest = NULL;

    return rc;
}
