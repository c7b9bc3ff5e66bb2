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
