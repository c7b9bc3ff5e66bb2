/*
 * html_ref.c - character references (WHATWG HTML, section 13.2.5.72 on).
 */

#include "html.h"
#include "base/utf8.h"

#include <string.h>


/* what 0x80 .. 0x9f mean in a numeric reference (section 13.2.5.80) */

static const uint16_t  c1[32] = {
    0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
    0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
    0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
    0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178
};


static int
is_alnum(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
}


static int
numeric(const uint8_t *p, size_t n, int last, uint32_t cps[2], size_t *len)
{
    int       digit, hex, any;
    size_t    i;
    uint32_t  v;

    i = 2;
    hex = i < n && (p[i] | 32) == 'x';
    i += (size_t) hex;

    if (i >= n && !last) {
        return -1;
    }

    for (v = 0, any = 0; i < n; i++, any = 1) {

        if (p[i] >= '0' && p[i] <= '9') {
            digit = p[i] - '0';
        } else if (hex && (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f') {
            digit = (p[i] | 32) - 'a' + 10;
        } else {
            break;
        }

        if (v <= 0x10ffff) {
            v = v * (hex ? 16 : 10) + (uint32_t) digit;
        }
    }

    if (i == n && !last) {
        return -1;
    }

    if (!any) {
        return 0;
    }

    if (i < n && p[i] == ';') {
        i++;
    }

    if (v == 0 || v > 0x10ffff || (v >= 0xd800 && v <= 0xdfff)) {
        v = MDR_CP_BAD;

    } else if (v >= 0x80 && v <= 0x9f) {
        v = c1[v - 0x80];
    }

    cps[0] = v;
    *len = i;

    return 1;
}


int
mdr_html_ref(const uint8_t *p, size_t n, int last, int attr,
    uint32_t cps[2], size_t *len)
{
    int       c, k;
    size_t    i, m, found_len;
    uint32_t  lo, hi, mid, found;

    if (n < 2) {
        return last ? 0 : -1;
    }

    if (p[1] == '#') {
        return numeric(p, n, last, cps, len);
    }

    if (!is_alnum(p[1])) {
        return 0;
    }

    /* names that begin with what has been read are [lo, hi) */

    lo = 0;
    hi = mdr_html_ref_count;
    found = UINT32_MAX;
    found_len = 0;

    for (i = 0; lo < hi; i++) {

        if (i + 1 == n) {
            if (!last) {
                return -1;
            }
            break;
        }

        c = p[i + 1];

        /* first name in [lo, hi) whose byte i is >= c, then > c; a name
         * that ends here comes first */

        for (k = 0; k < 2; k++) {
            uint32_t  a = lo, b = hi;

            while (a < b) {
                mid = a + (b - a) / 2;
                m = (size_t) (mdr_html_ref_at[mid + 1]
                              - mdr_html_ref_at[mid]);

                if (i >= m
                    || (uint8_t) mdr_html_ref_names[mdr_html_ref_at[mid] + i]
                       < c + k)
                {
                    a = mid + 1;
                } else {
                    b = mid;
                }
            }

            if (k == 0) {
                lo = a;
            } else {
                hi = a;
            }
        }

        if (lo < hi
            && (size_t) (mdr_html_ref_at[lo + 1] - mdr_html_ref_at[lo])
               == i + 1)
        {
            found = lo;
            found_len = i + 1;
        }
    }

    if (found == UINT32_MAX) {
        return 0;
    }

    if (attr && p[found_len] != ';') {

        if (found_len + 1 == n) {
            if (!last) {
                return -1;
            }

        } else if (p[found_len + 1] == '=' || is_alnum(p[found_len + 1])) {
            return 0;
        }
    }

    cps[0] = mdr_html_ref_cps[found][0];
    cps[1] = mdr_html_ref_cps[found][1];
    *len = found_len + 1;

    return cps[1] != 0 ? 2 : 1;
}


int
mdr_html_add_raw(mdr_text_t *t, uint64_t src, const uint8_t *p, size_t n,
    int nul)
{
    int             rc;
    size_t          i, from;
    const uint8_t  *q;

    for (i = 0; i < n; i++) {
        from = i;
        q = memchr(p + i, 0, n - i);
        i = q != NULL ? (size_t) (q - p) : n;

        if (i != from) {
            rc = mdr_text_copy(t, src + from, p + from, i - from);
            if (rc != MDR_OK) {
                return rc;
            }
        }

        if (i < n && nul == MDR_NUL_BAD) {
            rc = mdr_text_unit(t, src + i, 1,
                               (const uint8_t *) "\xef\xbf\xbd", 3);
            if (rc != MDR_OK) {
                return rc;
            }
        }
    }

    return MDR_OK;
}


size_t
mdr_html_add_text(mdr_text_t *t, uint64_t src, const uint8_t *p, size_t n,
    int last, int attr, int nul, int *rc)
{
    int             k;
    size_t          i, from, len;
    uint8_t         out[8];
    uint32_t        cps[2];
    const uint8_t  *q;

    for (i = 0; i < n && *rc == MDR_OK; ) {
        from = i;
        q = memchr(p + i, '&', n - i);
        i = q != NULL ? (size_t) (q - p) : n;

        if (i != from) {
            *rc = mdr_html_add_raw(t, src + from, p + from, i - from, nul);
        }

        if (i == n || *rc != MDR_OK) {
            break;
        }

        k = mdr_html_ref(p + i, n - i, last, attr, cps, &len);

        if (k < 0) {
            return i;
        }

        if (k == 0) {
            *rc = mdr_text_copy(t, src + i, p + i, 1);
            i++;
            continue;
        }

        from = mdr_utf8_put(out, cps[0]);
        if (k == 2) {
            from += mdr_utf8_put(out + from, cps[1]);
        }

        *rc = mdr_text_unit(t, src + i, (uint32_t) len, out, from);
        i += len;
    }

    return n;
}
