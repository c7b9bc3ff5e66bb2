/*
 * normal.c - what of a value goes into a fingerprint.
 *
 * Nothing is folded: a card in which a letter was swapped for a look-alike is
 * another card.  What an author says changes by itself (scores, signatures in
 * URLs, the number of an image host) does not count.
 */

#include "normal.h"
#include "base/utf8.h"

#include <string.h>


static int
is_digit(uint32_t c)
{
    return (c >= '0' && c <= '9') || (c >= 0xff10 && c <= 0xff19)
           || (c >= 0x0660 && c <= 0x0669) || (c >= 0x06f0 && c <= 0x06f9)
           || (c >= 0x0966 && c <= 0x096f);
}


/* punctuation and symbols: ASCII, Latin-1, general, CJK, full width */

static int
is_mark(uint32_t c)
{
    return (c > ' ' && c < 0x7f
            && !((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')
                 || (c >= 'a' && c <= 'z')))
           || (c >= 0xa1 && c <= 0xbf && c != 0xaa && c != 0xb5 && c != 0xba)
           || (c >= 0x2010 && c <= 0x27bf) || (c >= 0x3001 && c <= 0x303f)
           || (c >= 0xfe30 && c <= 0xfe6f) || (c >= 0xff01 && c <= 0xff0f)
           || (c >= 0xff1a && c <= 0xff20) || (c >= 0xff3b && c <= 0xff40)
           || (c >= 0xff5b && c <= 0xff65);
}


/* one "*" stands for any bytes, more of them too */

static int
glob(mdr_str_t g, const char *s, size_t n)
{
    size_t  i, j, star, mark;

    star = SIZE_MAX;
    mark = 0;

    for (i = 0, j = 0; j < n; ) {
        if (i < g.len && g.data[i] == '*') {
            star = i++;
            mark = j;

        } else if (i < g.len && g.data[i] == s[j]) {
            i++;
            j++;

        } else if (star != SIZE_MAX) {
            i = star + 1;
            j = ++mark;

        } else {
            return 0;
        }
    }

    while (i < g.len && g.data[i] == '*') {
        i++;
    }

    return i == g.len;
}


/* a URL: parameters that do not count go, hosts that are one get their name */

static int
add_url(const mdr_review_t *r, mdr_str_t v, mdr_buf_t *out)
{
    size_t       host, end, i, j, eq, query;
    uint32_t     k;
    const char  *p, *mark;

    p = v.data;
    host = memcmp(p, "//", 2) == 0 ? 2 : memcmp(p, "http:", 5) == 0 ? 7 : 8;

    for (end = host; end < v.len && p[end] != '/' && p[end] != '?'
                     && p[end] != '#'; end++)
    {
        /* void */
    }

    for (k = 0; k < r->nhosts && !glob(r->hosts[k], p + host, end - host);
         k++)
    {
        /* void */
    }

    if (k < r->nhosts) {
        if (mdr_buf_add(out, "//", 2) != MDR_OK
            || mdr_buf_add(out, r->host_names[k].data, r->host_names[k].len)
               != MDR_OK)
        {
            return MDR_ERROR;
        }

    } else if (mdr_buf_add(out, p, end) != MDR_OK) {
        return MDR_ERROR;
    }

    mark = memchr(p + end, '?', v.len - end);
    query = mark != NULL ? (size_t) (mark - p) : v.len;

    if (mdr_buf_add(out, p + end, query - end) != MDR_OK) {
        return MDR_ERROR;
    }

    for (i = query; i < v.len; i = j) {
        i++;                            /* behind "?" or "&"                 */

        for (j = i; j < v.len && p[j] != '&' && p[j] != '#'; j++) { /**/ }
        for (eq = i; eq < j && p[eq] != '='; eq++) { /* void */ }

        for (k = 0; k < r->ndrop && !glob(r->drop[k], p + i, eq - i); k++) {
            /* void */
        }

        if (k == r->ndrop
            && (mdr_buf_add(out, "&", 1) != MDR_OK
                || mdr_buf_add(out, p + i, j - i) != MDR_OK))
        {
            return MDR_ERROR;
        }

        if (j < v.len && p[j] == '#') {
            return mdr_buf_add(out, p + j, v.len - j);
        }
    }

    return MDR_OK;
}


static int
is_url(mdr_str_t v)
{
    return (v.len > 2 && memcmp(v.data, "//", 2) == 0)
           || (v.len > 7 && memcmp(v.data, "http://", 7) == 0)
           || (v.len > 8 && memcmp(v.data, "https://", 8) == 0);
}


int
mdr_normal(const mdr_review_t *r, uint32_t n, mdr_str_t v, mdr_buf_t *out)
{
    size_t    i, len;
    uint32_t  c, normal;

    if ((r->ndrop != 0 || r->nhosts != 0) && is_url(v)) {
        return add_url(r, v, out);
    }

    normal = r->normal[n];

    if (normal == 0) {
        return mdr_buf_add(out, v.data, v.len);
    }

    for (i = 0; i < v.len; i += len) {
        c = mdr_utf8_next((const uint8_t *) v.data + i, v.len - i, &len);

        if (((normal & MDR_NORMAL_DIGITS) && is_digit(c))
            || ((normal & MDR_NORMAL_SPACE) && (c == ' ' || c == 0xa0 || c == 0x3000))
            || ((normal & MDR_NORMAL_MARKS) && is_mark(c)))
        {
            continue;
        }

        if (mdr_buf_add(out, v.data + i, len) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}
