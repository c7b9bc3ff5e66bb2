/*
 * utf8.h - decoding and encoding of single code points.
 *
 * WHATWG encoding, "UTF-8 decoder": an ill-formed sequence is one error per
 * maximal subpart (Unicode 15, section 3.9, table 3-8).
 */

#ifndef MDR_UTF8_H
#define MDR_UTF8_H

#include <stddef.h>
#include <stdint.h>

#define MDR_CP_BAD  0xfffdu

/* code point at p (n >= 1 bytes), its length in *len.  Ill-formed: U+FFFD
 * and the length of the maximal subpart; *len == 0: cut by the end, all bytes
 * so far are a possible beginning */
static inline uint32_t
mdr_utf8_next(const uint8_t *p, size_t n, size_t *len)
{
    uint32_t  c, lo, hi, cp;
    size_t    need, i;

    c = p[0];

    if (c < 0x80) {
        *len = 1;
        return c;
    }

    lo = 0x80;
    hi = 0xbf;

    if (c >= 0xc2 && c <= 0xdf) {
        need = 1;
        cp = c & 0x1f;

    } else if (c >= 0xe0 && c <= 0xef) {
        need = 2;
        cp = c & 0x0f;
        if (c == 0xe0) {
            lo = 0xa0;
        } else if (c == 0xed) {
            hi = 0x9f;
        }

    } else if (c >= 0xf0 && c <= 0xf4) {
        need = 3;
        cp = c & 0x07;
        if (c == 0xf0) {
            lo = 0x90;
        } else if (c == 0xf4) {
            hi = 0x8f;
        }

    } else {
        *len = 1;
        return MDR_CP_BAD;
    }

    for (i = 1; i <= need; i++) {
        if (i == n) {
            *len = 0;
            return MDR_CP_BAD;
        }
        if (p[i] < lo || p[i] > hi) {
            *len = i;
            return MDR_CP_BAD;
        }
        cp = (cp << 6) | (p[i] & 0x3f);
        lo = 0x80;
        hi = 0xbf;
    }

    *len = need + 1;
    return cp;
}

/* the same, but what the end cuts off is one character, too: *len is never 0 */
static inline uint32_t
mdr_utf8_take(const uint8_t *p, size_t n, size_t *len)
{
    uint32_t  cp;

    cp = mdr_utf8_next(p, n, len);
    if (*len == 0) {
        *len = n;
    }

    return cp;
}


/* bytes of the character that begins with c, in well-formed text */
static inline size_t
mdr_utf8_len(uint8_t c)
{
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}


/* the character at p, in well-formed text */
static inline uint32_t
mdr_utf8_good(const uint8_t *p)
{
    if (p[0] < 0x80) {
        return p[0];
    }

    if (p[0] < 0xe0) {
        return (uint32_t) (p[0] & 31) << 6 | (p[1] & 63);
    }

    if (p[0] < 0xf0) {
        return (uint32_t) (p[0] & 15) << 12 | (uint32_t) (p[1] & 63) << 6
               | (p[2] & 63);
    }

    return (uint32_t) (p[0] & 7) << 18 | (uint32_t) (p[1] & 63) << 12
           | (uint32_t) (p[2] & 63) << 6 | (p[3] & 63);
}


/* cp into dst[4]; surrogates and values out of range become U+FFFD */
static inline size_t
mdr_utf8_put(uint8_t *dst, uint32_t cp)
{
    if (cp > 0x10ffff || (cp >= 0xd800 && cp <= 0xdfff)) {
        cp = MDR_CP_BAD;
    }

    if (cp < 0x80) {
        dst[0] = (uint8_t) cp;
        return 1;
    }

    if (cp < 0x800) {
        dst[0] = (uint8_t) (0xc0 | cp >> 6);
        dst[1] = (uint8_t) (0x80 | (cp & 0x3f));
        return 2;
    }

    if (cp < 0x10000) {
        dst[0] = (uint8_t) (0xe0 | cp >> 12);
        dst[1] = (uint8_t) (0x80 | ((cp >> 6) & 0x3f));
        dst[2] = (uint8_t) (0x80 | (cp & 0x3f));
        return 3;
    }

    dst[0] = (uint8_t) (0xf0 | cp >> 18);
    dst[1] = (uint8_t) (0x80 | ((cp >> 12) & 0x3f));
    dst[2] = (uint8_t) (0x80 | ((cp >> 6) & 0x3f));
    dst[3] = (uint8_t) (0x80 | (cp & 0x3f));
    return 4;
}

/* is the character at s a sign that is full-width or Chinese, as ( ) , . > are
 * typed there by mistake? */

static inline int
mdr_utf8_wide_sign(const char *s, size_t n)
{
    uint8_t  a, b, c;

    if (n < 3) {
        return 0;
    }

    a = (uint8_t) s[0];
    b = (uint8_t) s[1];
    c = (uint8_t) s[2];

    return (a == 0xe3 && b == 0x80 && c >= 0x80 && c <= 0x91)   /* 　、。《》 */
           || (a == 0xef && b == 0xbc                           /* ！（），．？ */
               && (c <= 0x8f || (c >= 0x9a && c <= 0xa0) || c >= 0xbb))
           || (a == 0xef && b == 0xbd && c >= 0x9b && c <= 0xa0)  /* ｛｜｝ */
           || (a == 0xe2 && b == 0x89 && (c == 0xa5 || c == 0xa4)); /* ≥ ≤  */
}

#endif
