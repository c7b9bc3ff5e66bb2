/*
 * html_css.c - the text of a style attribute as CSS reads it (CSS Syntax 3,
 * section 4.3).
 */

#include "html_css.h"
#include "base/utf8.h"

#include <string.h>


static int
hex_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}


size_t
mdr_css_decode(const uint8_t *p, size_t n, uint8_t *out)
{
    int       k;
    size_t    i, len, o;
    uint32_t  cps[2];

    for (i = 0, o = 0; i < n && o + 8 < MDR_STYLE_MAX; ) {
        k = p[i] == '&' ? mdr_html_ref(p + i, n - i, 1, 1, cps, &len) : 0;

        if (k <= 0) {
            out[o++] = p[i++];
            continue;
        }

        o += mdr_utf8_put(out + o, cps[0]);
        if (k == 2) {
            o += mdr_utf8_put(out + o, cps[1]);
        }
        i += len;
    }

    return o;
}


size_t
mdr_css_plain(uint8_t *p, size_t n)
{
    int       k;
    size_t    i, o, d;
    uint32_t  cp;

    for (i = 0, o = 0; i < n; ) {

        if (p[i] == '/' && i + 1 < n && p[i + 1] == '*') {
            for (i += 2; i < n && !(p[i - 1] == '*' && p[i] == '/'); i++) {
                /* void */
            }
            i++;
            continue;
        }

        if (p[i] == '\\' && i + 1 < n) {
            for (d = 0, cp = 0, i++; d < 6 && i < n; d++, i++) {
                k = hex_of(p[i]);
                if (k < 0) {
                    break;
                }
                cp = cp * 16 + (uint32_t) k;
            }

            if (d == 0) {
                cp = p[i++];
            } else if (i < n && mdr_css_space(p[i])) {
                i++;
            }

            /* what is no ASCII is in no word that is looked for */

            p[o++] = cp < 0x80 ? (uint8_t) cp : 0x80;

        } else {
            p[o++] = p[i++];
        }

        if (p[o - 1] >= 'A' && p[o - 1] <= 'Z') {
            p[o - 1] |= 32;
        }
    }

    return o;
}


int
mdr_css_is(mdr_word_t w, const char *s)
{
    return w.n == strlen(s) && memcmp(w.p, s, w.n) == 0;
}


mdr_word_t
mdr_css_trimmed(const uint8_t *from, const uint8_t *to)
{
    mdr_word_t  w;

    while (from < to && mdr_css_space(*from)) {
        from++;
    }

    while (to > from && mdr_css_space(to[-1])) {
        to--;
    }

    w.p = (const char *) from;
    w.n = (size_t) (to - from);

    return w;
}


const mdr_attr_t *
mdr_css_attr(mdr_tag_t *t, const char *name)
{
    mdr_str_t  s;

    s.data = name;
    s.len = (uint32_t) strlen(name);

    return mdr_html_attr(t, s, mdr_html_name((const uint8_t *) name, s.len));
}


/* "rgb(255, 255, 255)", "rgba(0 0 0 / 0)" */

static long
rgb(mdr_word_t v)
{
    long    parts[4];
    size_t  i, n, k;

    for (i = 0; i < v.n && v.p[i] != '('; i++) { /* void */ }

    for (n = 0, i++; n < 4 && i < v.n && v.p[i] != ')'; n++) {
        while (i < v.n && memchr(" ,/", v.p[i], 3) != NULL) {
            i++;
        }

        for (parts[n] = 0, k = i; i < v.n && v.p[i] >= '0' && v.p[i] <= '9';
             i++)
        {
            parts[n] = parts[n] < 256 ? parts[n] * 10 + v.p[i] - '0' : 256;
        }

        if (k == i && (i == v.n || v.p[i] != '.')) {
            return MDR_CSS_OTHER;
        }

        /* of what is behind a point the first digit counts: "0.05" is none */

        if (i < v.n && v.p[i] == '.') {
            parts[n] += i + 1 < v.n && v.p[i + 1] > '0';

            for (i++; i < v.n && v.p[i] >= '0' && v.p[i] <= '9'; i++) {
                /* void */
            }
        }

        if (i < v.n && v.p[i] == '%' && n < 3) {
            return MDR_CSS_OTHER;
        }

        i += i < v.n && v.p[i] == '%';
    }

    return n < 3 || (n == 4 && parts[3] > 0 && parts[3] < 1) ? MDR_CSS_OTHER
           : n == 4 && parts[3] == 0 ? MDR_CSS_CLEAR
           : parts[0] > 255 || parts[1] > 255 || parts[2] > 255 ? MDR_CSS_OTHER
           : parts[0] << 16 | parts[1] << 8 | parts[2];
}


long
mdr_css_colour(mdr_word_t v)
{
    int     k;
    long    c;
    size_t  i, n;

    static const struct {
        const char  *word;
        long         colour;
    } names[] = {
        { "white", 0xffffff }, { "black", 0 }, { "red", 0xff0000 },
        { "blue", 0x0000ff }, { "yellow", 0xffff00 }, { "gray", 0x808080 },
        { "grey", 0x808080 }, { "silver", 0xc0c0c0 }, { "green", 0x008000 },
        { "snow", 0xfffafa }, { "ivory", 0xfffff0 },
        { "whitesmoke", 0xf5f5f5 }, { "transparent", MDR_CSS_CLEAR }
    };

    if (v.n > 4 && memcmp(v.p, "rgb", 3) == 0) {
        return rgb(v);
    }

    if (v.n != 0 && v.p[0] == '#') {
        n = v.n - 1;

        if (n != 3 && n != 4 && n != 6 && n != 8) {
            return MDR_CSS_OTHER;
        }

        for (i = 1, c = 0; i <= n; i++) {
            k = hex_of((uint8_t) v.p[i]);

            if (k < 0) {
                return MDR_CSS_OTHER;
            }

            if (i > (n < 6 ? 3u : 6u)) {
                if (k != 0) {
                    return MDR_CSS_OTHER;
                }
                continue;
            }

            c = n < 6 ? c << 8 | k * 17 : c << 4 | k;
        }

        return n == 4 || n == 8 ? MDR_CSS_CLEAR : c;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (mdr_css_is(v, names[i].word)) {
            return names[i].colour;
        }
    }

    return MDR_CSS_OTHER;
}
