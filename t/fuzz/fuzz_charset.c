/*
 * fuzz_charset.c - decoders over any bytes: pieces give what the whole gives,
 * the result is well-formed, its runs tile source and text, and a text made
 * of it keeps that after mdr_text_finish.  The prescan gets the bytes too:
 * more of them never change an answer.
 *
 * First byte: charset and how to cut.
 */

#include "text/charset.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>


static void
require(int ok)
{
    if (!ok) {
        abort();
    }
}


static void
check_text(const mdr_text_t *t, uint64_t src, size_t len)
{
    size_t    i, n;
    uint32_t  text;

    text = 0;

    for (i = 0; i < t->nruns; i++) {
        require(t->runs[i].src == src && t->runs[i].text == text);
        src += (uint64_t) t->runs[i].count * t->runs[i].sunit;
        text += t->runs[i].count * t->runs[i].tunit;
        len -= (size_t) t->runs[i].count * t->runs[i].sunit;
    }

    require(len == 0 && text == t->len);

    for (i = 0; i < t->len; i += n) {
        mdr_utf8_next(t->data + i, t->len - i, &n);
        require(n != 0);
        require(t->data[i] < 0x80 || n > 1);
    }
}


static void
check_finish(const mdr_text_t *from)
{
    size_t      i, n;
    uint64_t    a, b, before;
    mdr_text_t  t;

    mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);

    for (i = 0; i < from->len; i += n) {
        n = 1 + from->data[i] % 7;
        if (n > from->len - i) {
            n = from->len - i;
        }

        /* units, copies, gaps */

        if (from->data[i] % 5 == 0) {
            require(mdr_text_unit(&t, i * 3, (uint32_t) n * 3, from->data + i,
                                  n) == MDR_OK);
        } else {
            require(mdr_text_copy(&t, i * 3, from->data + i, n) == MDR_OK);
        }
    }

    require(mdr_text_finish(&t) == MDR_OK);

    before = 0;

    for (i = 0; i < t.len; i += n) {
        mdr_utf8_next(t.data + i, t.len - i, &n);
        require(n != 0 && (t.data[i] < 0x80 || n > 1));
        require(t.data[i] > ' ' || (t.data[i] == ' ' && i != 0
                                    && t.data[i - 1] != ' ')
                || (t.data[i] < ' ' && strchr("\t\n\f\r", t.data[i]) == NULL)
                || t.data[i] == '\0');

        mdr_text_span(&t, (uint32_t) i, (uint32_t) (i + n), &a, &b);
        require(a < b && a >= before);
        before = a;
    }

    require(t.len == 0 || t.data[t.len - 1] != ' ');
    mdr_text_done(&t);
}


static void
check_sniff(const uint8_t *p, size_t len)
{
    int      cs, got;
    size_t   n, bom;
    uint8_t *copy;

    got = -1;

    for (n = 0; n <= len && n < 300; n++) {
        copy = malloc(n ? n : 1);
        memcpy(copy, p, n);

        if (mdr_charset_sniff(copy, n, n == len, MDR_CS_NONE, 1, &cs, &bom)
            == MDR_OK)
        {
            require(got == -1 || got == cs);
            got = cs;
        }

        free(copy);
    }

    require(n <= len || got != -1);
    (void) mdr_charset_label((const char *) p, len);
}


int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t len)
{
    int            cs;
    size_t         i, n;
    uint32_t       cut;
    mdr_text_t     whole, t;
    mdr_decoder_t  d;

    if (len < 2) {
        return 0;
    }

    cs = p[0] % MDR_CS_NONE;
    cut = p[0] / MDR_CS_NONE + 1;
    p++;
    len--;

    mdr_text_init(&whole, mdr_mem_default(), SIZE_MAX);
    mdr_decoder_init(&d, cs);
    require(mdr_decode(&d, p, len, 9, 1, &whole) == MDR_OK);
    check_text(&whole, 9, len);

    mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);
    mdr_decoder_init(&d, cs);

    for (i = 0; i < len; i += n) {
        cut = cut * 1103515245u + 12345;
        n = 1 + (cut >> 16) % 9;
        if (n > len - i) {
            n = len - i;
        }
        require(mdr_decode(&d, p + i, n, 9 + i, i + n == len, &t) == MDR_OK);
    }

    require(t.len == whole.len && t.nruns == whole.nruns);
    require(t.len == 0 || memcmp(t.data, whole.data, t.len) == 0);
    require(t.nruns == 0 || memcmp(t.runs, whole.runs,
                                   t.nruns * sizeof(mdr_run_t)) == 0);

    check_finish(&whole);

    mdr_text_done(&whole);
    mdr_text_done(&t);
    check_sniff(p, len);

    return 0;
}
