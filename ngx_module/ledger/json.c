/*
 * json.c - JSON into a buffer of a fixed size.
 */

#include "json.h"

#include <string.h>


static const char  hex[] = "0123456789abcdef";


void
mdl_out_init(mdl_out_t *o, char *data, size_t cap)
{
    o->data = data;
    o->len = 0;
    o->cap = cap;
    o->full = 0;
    o->comma = 0;
}


void
mdl_out_raw(mdl_out_t *o, const char *p, size_t n)
{
    if (o->full || n > o->cap - o->len) {
        o->full = 1;
        return;
    }

    memcpy(o->data + o->len, p, n);
    o->len += n;
}


static void
put(mdl_out_t *o, char c)
{
    mdl_out_raw(o, &c, 1);
}


/* a comma where one is due, and the key; keys are plain words of ours */

static void
begin(mdl_out_t *o, const char *key)
{
    if (o->comma) {
        put(o, ',');
    }

    o->comma = 1;

    if (key != NULL) {
        put(o, '"');
        mdl_out_raw(o, key, strlen(key));
        mdl_out_raw(o, "\":", 2);
    }
}


void
mdl_out_open(mdl_out_t *o, const char *key, char c)
{
    begin(o, key);
    put(o, c);
    o->comma = 0;
}


void
mdl_out_close(mdl_out_t *o, char c)
{
    put(o, c);
    o->comma = 1;
}


/* the length of the character at p, of n bytes: 0 if it is no UTF-8
 * (Unicode, table 3-7) */

static size_t
character(const uint8_t *p, size_t n)
{
    size_t   i, len;
    uint8_t  low, high;

    low = 0x80;
    high = 0xbf;

    if (p[0] < 0x80) {
        return 1;
    }

    if (p[0] >= 0xc2 && p[0] <= 0xdf) {
        len = 2;

    } else if (p[0] >= 0xe0 && p[0] <= 0xef) {
        len = 3;
        low = p[0] == 0xe0 ? 0xa0 : 0x80;
        high = p[0] == 0xed ? 0x9f : 0xbf;

    } else if (p[0] >= 0xf0 && p[0] <= 0xf4) {
        len = 4;
        low = p[0] == 0xf0 ? 0x90 : 0x80;
        high = p[0] == 0xf4 ? 0x8f : 0xbf;

    } else {
        return 0;
    }

    if (n < len || p[1] < low || p[1] > high) {
        return 0;
    }

    for (i = 2; i < len; i++) {
        if (p[i] < 0x80 || p[i] > 0xbf) {
            return 0;
        }
    }

    return len;
}


static int
plain(uint8_t c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}


static void
escape(mdl_out_t *o, unsigned c)
{
    char  e[6];

    if (c == '"' || c == '\\') {
        e[0] = '\\';
        e[1] = (char) c;
        mdl_out_raw(o, e, 2);
        return;
    }

    e[0] = '\\';
    e[1] = 'u';
    e[2] = hex[c >> 12 & 15];
    e[3] = hex[c >> 8 & 15];
    e[4] = hex[c >> 4 & 15];
    e[5] = hex[c & 15];
    mdl_out_raw(o, e, 6);
}


void
mdl_out_str(mdl_out_t *o, const char *key, mdl_str_t s)
{
    size_t          i, from, n;
    const uint8_t  *p;

    begin(o, key);
    put(o, '"');

    p = (const uint8_t *) s.data;

    for (i = 0, from = 0; i < s.len && !o->full; i += n) {

        n = 1;

        if (plain(p[i])) {
            continue;
        }

        n = character(p + i, s.len - i);

        if (n > 1 && !(n == 3 && p[i] == 0xe2 && p[i + 1] == 0x80
                       && (p[i + 2] | 1) == 0xa9))
        {
            continue;
        }

        mdl_out_raw(o, s.data + from, i - from);

        if (n == 0) {
            mdl_out_raw(o, "\xef\xbf\xbd", 3);
            n = 1;

        } else {
            escape(o, n == 1 ? p[i] : 0x2000U + (p[i + 2] & 0x3f));
        }

        from = i + n;
    }

    if (i > from) {
        mdl_out_raw(o, s.data + from, s.len - from);
    }

    put(o, '"');
}


void
mdl_out_word(mdl_out_t *o, const char *key, const char *s)
{
    mdl_str_t  str;

    str.data = s;
    str.len = strlen(s);
    mdl_out_str(o, key, str);
}


void
mdl_out_num(mdl_out_t *o, const char *key, uint64_t n)
{
    char    d[20];
    size_t  i;

    begin(o, key);

    i = sizeof(d);

    do {
        d[--i] = (char) ('0' + n % 10);
        n /= 10;
    } while (n != 0);

    mdl_out_raw(o, d + i, sizeof(d) - i);
}


void
mdl_out_true(mdl_out_t *o, const char *key)
{
    begin(o, key);
    mdl_out_raw(o, "true", 4);
}


void
mdl_out_hex(mdl_out_t *o, const char *key, const uint8_t *p, size_t n)
{
    size_t  i;

    begin(o, key);
    put(o, '"');

    for (i = 0; i < n; i++) {
        put(o, hex[p[i] >> 4]);
        put(o, hex[p[i] & 15]);
    }

    put(o, '"');
}


/* RFC 4648, section 4 */

void
mdl_out_base64(mdl_out_t *o, const char *key, const uint8_t *p, size_t n)
{
    size_t    i, k;
    uint32_t  v;
    char      q[4];

    static const char  digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "abcdefghijklmnopqrstuvwxyz0123456789+/";

    begin(o, key);
    put(o, '"');

    for (i = 0; i < n && !o->full; i += 3) {
        k = n - i < 3 ? n - i : 3;
        v = (uint32_t) p[i] << 16 | (k > 1 ? (uint32_t) p[i + 1] << 8 : 0)
            | (k > 2 ? p[i + 2] : 0);
        q[0] = digits[v >> 18];
        q[1] = digits[v >> 12 & 63];
        q[2] = k > 1 ? digits[v >> 6 & 63] : '=';
        q[3] = k > 2 ? digits[v & 63] : '=';
        mdl_out_raw(o, q, 4);
    }

    put(o, '"');
}


mdl_str_t
mdl_str_cut(mdl_str_t s, size_t max)
{
    if (s.len > max) {
        s.len = max;

        while (s.len > 0 && max - s.len < 3
               && ((uint8_t) s.data[s.len] & 0xc0) == 0x80)
        {
            s.len--;
        }
    }

    return s;
}
