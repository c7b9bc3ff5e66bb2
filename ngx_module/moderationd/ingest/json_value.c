/*
 * json_value.c - what a value says that json_in.c has checked: numbers, texts
 * without their escapes.
 */

#include "json_in.h"

#include <string.h>


int
mdd_json_u64(const mdd_json_t *v, uint64_t *out)
{
    size_t  i;

    if (v == NULL || v->kind != '0' || v->n > 18) {
        return 0;
    }

    *out = 0;
    for (i = 0; i < v->n; i++) {
        if (v->val[i] < '0' || v->val[i] > '9') {
            return 0;
        }
        *out = *out * 10 + (uint64_t) (v->val[i] - '0');
    }

    return 1;
}


static size_t
put(char *out, uint32_t cp)
{
    if (cp < 0x80) {
        out[0] = (char) cp;
        return 1;
    }

    if (cp < 0x800) {
        out[0] = (char) (0xc0 | cp >> 6);
        out[1] = (char) (0x80 | (cp & 63));
        return 2;
    }

    if (cp < 0x10000) {
        out[0] = (char) (0xe0 | cp >> 12);
        out[1] = (char) (0x80 | (cp >> 6 & 63));
        out[2] = (char) (0x80 | (cp & 63));
        return 3;
    }

    out[0] = (char) (0xf0 | cp >> 18);
    out[1] = (char) (0x80 | (cp >> 12 & 63));
    out[2] = (char) (0x80 | (cp >> 6 & 63));
    out[3] = (char) (0x80 | (cp & 63));

    return 4;
}


int
mdd_json_text(const mdd_json_t *v, char *out, size_t size)
{
    size_t           n;
    uint32_t         cp, low;
    const char      *from = "bfnrt", *to = "\b\f\n\r\t", *e;
    const uint8_t   *p, *end;

    if (v == NULL || v->kind != '"' || v->n < 2 || size == 0) {
        return -1;
    }

    p = (const uint8_t *) v->val + 1;
    end = (const uint8_t *) v->val + v->n - 1;

    for (n = 0; p < end; ) {
        if (n + 4 >= size && n + (size_t) (end - p) >= size) {
            return -1;
        }

        if (*p != '\\') {
            out[n++] = (char) *p++;
            continue;
        }

        if (p[1] != 'u') {
            e = strchr(from, p[1]);
            out[n++] = e != NULL ? to[e - from] : (char) p[1];
            p += 2;
            continue;
        }

        cp = (uint32_t) mdd_json_hex4(p + 2);
        p += 6;
        if (cp >= 0xd800 && cp < 0xdc00 && end - p >= 6 && p[0] == '\\'
            && p[1] == 'u')
        {
            low = (uint32_t) mdd_json_hex4(p + 2);
            if (low >= 0xdc00 && low < 0xe000) {
                cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
                p += 6;
            }
        }
        n += put(out + n, cp >= 0xd800 && cp < 0xe000 ? 0xfffd : cp);
    }

    if (n >= size) {
        return -1;
    }
    out[n] = '\0';

    return (int) n;
}


int
mdd_json_is(const mdd_json_t *v, const char *s)
{
    size_t  n = strlen(s);

    return v != NULL && v->kind == '"' && v->n == n + 2
           && memcmp(v->val + 1, s, n) == 0;
}
