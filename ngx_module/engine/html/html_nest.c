/*
 * html_nest.c - the text of an attribute or element that is a document of its
 * own (within: html): JSON in data-page, HTML in a textarea, in a comment, in
 * a script template.
 *
 * The text goes to a layer (scan/layer.c) as it comes, with references decoded
 * where HTML decodes them.  Of an element that is all its text, in whatever
 * pieces and comments.
 */

#include "html.h"
#include "base/utf8.h"

#include <string.h>


/* bytes given; less than n where a reference at the end is cut */

static size_t
give(mdr_layer_t *l, uint64_t src, const uint8_t *p, size_t n, int last,
    int attr, int *rc)
{
    int             k;
    size_t          i, m, len;
    uint8_t         out[8];
    uint32_t        cps[2];
    const uint8_t  *q;

    for (i = 0; i < n && *rc == MDR_OK; ) {
        q = memchr(p + i, '&', n - i);
        m = q != NULL ? (size_t) (q - p) - i : n - i;

        *rc = mdr_layer_copy(l, src + i, p + i, m);
        i += m;

        if (i == n || *rc != MDR_OK) {
            break;
        }

        k = mdr_html_ref(p + i, n - i, last, attr, cps, &len);

        if (k < 0) {
            return i;
        }

        if (k == 0) {
            *rc = mdr_layer_copy(l, src + i, p + i, 1);
            i++;
            continue;
        }

        m = mdr_utf8_put(out, cps[0]);
        if (k == 2) {
            m += mdr_utf8_put(out + m, cps[1]);
        }

        *rc = mdr_layer_unit(l, src + i, (uint32_t) len, out, m);
        i += len;
    }

    return n;
}


int
mdr_html_layer_text(mdr_layer_t *l, uint64_t src, const uint8_t *p, size_t n,
    int attr)
{
    int  rc;

    rc = MDR_OK;
    (void) give(l, src, p, n, 1, attr, &rc);

    return rc;
}


size_t
mdr_html_nest_give(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at,
    int last, int style)
{
    int     rc;
    size_t  k;

    if (n == 0) {
        return n;
    }

    if (h->nest == NULL) {
        h->nest = mdr_layer_open(h->sink, h->nest_group, (uint8_t) style);

        if (h->nest == NULL) {
            h->nest_group = 0;
            return n;
        }
    }

    rc = MDR_OK;
    k = n;

    if (style == MDR_STYLE_RAW) {
        rc = mdr_layer_copy(h->nest, at, p, n);
    } else {
        k = give(h->nest, at, p, n, last, 0, &rc);
    }

    if (rc == MDR_OK) {
        rc = mdr_layer_read(h->nest, 0);
    }

    if (rc != MDR_OK) {
        mdr_html_no_memory(h, at);
    }

    return k;
}


void
mdr_html_nest_end(mdr_html_t *h)
{
    if (h->nest == NULL) {
        return;
    }

    if (mdr_layer_read(h->nest, 1) != MDR_OK) {
        mdr_html_no_memory(h, h->tag.start);
    }

    mdr_layer_close(h->nest);
    h->nest = NULL;
}
