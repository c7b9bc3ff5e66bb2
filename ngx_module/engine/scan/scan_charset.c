/*
 * scan_charset.c - what a body is: its charset and type, and the stage that
 * decodes what is not UTF-8.
 *
 * A page that does not say its charset in the header may say it in a meta
 * element among its first 4096 bytes.  Nothing waits for that: ASCII reads
 * the same in all of them, so the page is read as UTF-8 up to its first byte
 * beyond ASCII, and only that byte needs an answer.
 */

#include "scan.h"

#include <string.h>


#define DECODE_BYTES  16384


static size_t
utf16_type_bytes(mdr_sink_t *k, const uint8_t *p, size_t n, uint8_t *buf,
    size_t size)
{
    size_t  i, m, lo;

    lo = k->cs == MDR_CS_UTF16LE ? 0 : 1;

    for (i = 2, m = 0; i + 1 < n && m < size; i += 2) {
        buf[m++] = p[i + 1 - lo] == 0 ? p[i + lo] : '?';
    }

    return m;
}


static size_t
ascii_prefix(const uint8_t *p, size_t n)
{
    size_t    i;
    uint64_t  v;

    for (i = 0; i + 8 <= n; i += 8) {
        memcpy(&v, p + i, 8);
        if (v & 0x8080808080808080ULL) {
            break;
        }
    }

    while (i < n && p[i] < 0x80) {
        i++;
    }

    return i;
}


/* nothing of the body can be read */

static int
unreadable(mdr_sink_t *k, int kind, const char *why)
{
    k->started = 1;
    k->unread = 1;
    mdr_sink_error(k, kind, 0, why);

    if (k->conf.on_error_block && k->conf.mode == MDR_MODE_ENFORCE) {
        k->cut = 1;
    }

    return MDR_OK;
}


/* declared, but there is no decoder for it here */

static int
unreadable_charset(mdr_sink_t *k)
{
    return unreadable(k, MDR_ERR_CHARSET, "unknown charset");
}


/* what is it? MDR_LIMIT: more bytes are needed; *bad: no text, whatever the label
 * says */

static int
find_type(mdr_sink_t *k, int last, int *bad)
{
    uint8_t      head[MDR_SNIFF_BYTES];
    int          page, binary;
    mdr_sniff_t  s;

    s.plan = k->plan;
    s.rules = k->policy->json;
    s.flags = &k->look;

    if (k->cs == MDR_CS_UTF16LE || k->cs == MDR_CS_UTF16BE) {
        s.n = utf16_type_bytes(k, k->held.data, k->held.len, head,
                               sizeof(head));
        s.p = head;

    } else {
        s.p = k->held.data != NULL ? k->held.data : mdr_scan_nothing;
        s.n = k->held.len < MDR_SNIFF_BYTES ? k->held.len : MDR_SNIFF_BYTES;
    }

    s.whole = last || k->held.len >= MDR_SNIFF_BYTES;
    k->type = (uint8_t) mdr_sniff(k->conf.type, &s);

    if (k->type == MDR_TYPE_AUTO) {
        return MDR_LIMIT;
    }

    /* browsers show what is labelled HTML, whatever it begins with: NUL is
     * passed over, and a page has its duties */

    page = k->type == MDR_TYPE_HTML && k->conf.type == MDR_TYPE_HTML
           && (k->conf.page != 0 || (s.n != 0 && s.p[0] == '\0'));

    binary = !page
             && (k->type == MDR_TYPE_HTML || k->type == MDR_TYPE_NONE
                 || k->type == MDR_TYPE_EVENTS || k->type == MDR_TYPE_SCRIPT)
             ? mdr_sniff_binary(s.p, s.n) : 0;
    *bad = binary > 0;

    return binary < 0 && !s.whole ? MDR_LIMIT : MDR_OK;
}


/*
 * Charset and type, from what is there.  MDR_LIMIT: more bytes are needed.
 */

int
mdr_scan_start(mdr_sink_t *k, int last)
{
    int     header, html, rc, ascii, bad;
    size_t  bom, n;

    header = MDR_CS_NONE;

    if (k->conf.mode == MDR_MODE_OFF) {
        k->cs = MDR_CS_UTF8;
        k->started = 1;
        return mdr_scan_open(k);
    }

    if (k->conf.charset != NULL && k->conf.charset[0] != '\0') {
        header = mdr_charset_find((const uint8_t *) k->conf.charset,
                                  strlen(k->conf.charset));

        if (header == MDR_CS_OTHER) {
            return unreadable_charset(k);
        }

        /* a label that no browser knows is as none (WHATWG encoding, "get an
         * encoding"): read as they do, and counted */

        if (header == MDR_CS_NONE && !k->label_said) {
            k->label_said = 1;
            mdr_sink_error(k, MDR_ERR_CHARSET, 0, "unknown charset: ignored");
        }
    }

    html = k->conf.type == MDR_TYPE_HTML || k->conf.type == MDR_TYPE_AUTO
           || k->conf.type == MDR_TYPE_XML;

    rc = mdr_charset_sniff(k->held.data, k->held.len,
                           (last && !k->flushing)
                           || k->held.len >= MDR_SNIFF_BYTES, header,
                           html,
                           &k->cs, &bom);
    if (rc == MDR_LIMIT) {

        /* the first bytes rule a BOM and UTF-16 out, and all is ASCII; a flush
         * does not wait, but a declaration may still come */

        n = k->held.len < 4 ? k->held.len : 4;
        ascii = ascii_prefix(k->held.data, k->held.len) == k->held.len
                && memchr(k->held.data, 0, n) == NULL;

        if (!k->flushing && (k->held.len < 4 || !ascii)) {
            return rc;
        }

        k->cs = MDR_CS_UTF8;
        k->sniffing = 1;
        k->late = !ascii;
    }

    if (k->cs == MDR_CS_NONE) {
        return unreadable_charset(k);
    }

    if (find_type(k, last, &bad) != MDR_OK) {
        k->sniffing = 0;
        k->late = 0;
        return MDR_LIMIT;
    }

    if (bad) {
        return unreadable(k, MDR_ERR_UNREADABLE, "bytes that are no text");
    }

    k->started = 1;

    if (k->sniffing
        && mdr_buf_add(&k->head, k->held.data, k->held.len) != MDR_OK)
    {
        return MDR_ERROR;
    }

    k->head_fed = k->head.len;

    if (k->cs != MDR_CS_UTF8) {
        k->wide = 1;
        mdr_decoder_init(&k->decoder, k->cs);
    }

    return mdr_scan_open(k);
}


/* decoded text that has left goes; a run may be cut */

static void
forget_decoded(mdr_sink_t *k)
{
    size_t      i, n;
    uint32_t    gone, units;
    uint64_t    src;
    mdr_run_t  *r;
    mdr_text_t *t;

    t = &k->utf8;
    gone = (uint32_t) (k->settled - k->utf8_base);

    if (gone == 0 || (gone < t->len && gone < t->len / 2)) {
        return;
    }

    src = mdr_scan_source(k, k->settled);

    for (i = 0; i < t->nruns; i++) {
        r = &t->runs[i];
        if (r->text + r->count * r->tunit > gone) {
            break;
        }
    }

    n = t->nruns - i;
    memmove(t->runs, t->runs + i, n * sizeof(mdr_run_t));
    t->nruns = n;

    for (i = 0; i < n; i++) {
        r = &t->runs[i];

        if (r->text < gone) {
            units = (gone - r->text) / r->tunit;
            r->text += units * r->tunit;
            r->src += (uint64_t) units * r->sunit;
            r->count -= units;
        }

        r->text -= gone;
    }

    t->len -= gone;
    memmove(t->data, t->data + gone, t->len);
    k->utf8_base += gone;

    n = (size_t) (src - k->raw_base);
    k->raw.len -= n;
    memmove(k->raw.data, k->raw.data + n, k->raw.len);
    k->raw_base = src;
}


int
mdr_scan_feed_wide(mdr_sink_t *k, const uint8_t *data, size_t len, int last)
{
    int     rc;
    size_t  n;

    data = len != 0 ? data : mdr_scan_nothing;

    do {
        n = len < DECODE_BYTES ? len : DECODE_BYTES;

        if (mdr_buf_add(&k->raw, data, n) != MDR_OK
            || mdr_decode(&k->decoder, data, n, k->in_pos,
                          last && n == len, &k->utf8)
               != MDR_OK)
        {
            return MDR_ERROR;
        }

        k->in_pos += n;
        data += n;
        len -= n;

        k->win = k->utf8.data != NULL ? k->utf8.data : mdr_scan_nothing;
        k->win_len = k->utf8.len;
        k->base = k->utf8_base;
        k->win_flags = 0;

        rc = mdr_scan_step(k, last && len == 0);
        if (rc != MDR_OK) {
            return rc;
        }

        forget_decoded(k);

    } while (len > 0);

    return MDR_OK;
}


/* the page turns out to be in another charset: what is held is ASCII, and
 * stands at the same place in both rows of positions */

static int
turn_wide(mdr_sink_t *k)
{
    size_t  n;

    n = k->held.len - k->held_off;

    if (n != 0
        && (mdr_buf_add(&k->raw, k->held.data + k->held_off, n) != MDR_OK
            || mdr_text_copy(&k->utf8, k->settled,
                             k->held.data + k->held_off, n)
               != MDR_OK))
    {
        return MDR_ERROR;
    }

    k->utf8_base = k->settled;
    k->raw_base = k->settled;
    k->wide = 1;
    k->held.len = 0;
    k->held_off = 0;
    mdr_decoder_init(&k->decoder, k->cs);

    return MDR_OK;
}


/*
 * A flush came before the declaration, and bytes beyond ASCII before the flush:
 * they have been read as UTF-8, as everything is until one comes.
 */

static int
feed_late(mdr_sink_t *k, const uint8_t **data, size_t *len)
{
    int     rc;
    size_t  n, bom;

    n = MDR_SNIFF_BYTES - k->head.len;
    n = *len < n ? *len : n;

    if (n == 0) {
        k->sniffing = *len == 0 && k->head.len < MDR_SNIFF_BYTES;
        return MDR_OK;
    }

    if (mdr_buf_add(&k->head, *data, n) != MDR_OK) {
        return MDR_ERROR;
    }

    k->head_fed = k->head.len;
    rc = mdr_charset_sniff(k->head.data, k->head.len, 0, MDR_CS_NONE, 1,
                           &k->cs, &bom);

    if (rc == MDR_LIMIT || k->cs == MDR_CS_UTF8) {
        k->cs = MDR_CS_UTF8;
        k->sniffing = rc == MDR_LIMIT;
        rc = mdr_scan_feed_utf8(k, *data, n);
        *data += n;
        *len -= n;
        return rc;
    }

    k->sniffing = 0;

    if (k->cs == MDR_CS_NONE) {
        (void) unreadable_charset(k);
        k->cs = MDR_CS_UTF8;
        return k->cut ? MDR_CUT : MDR_OK;
    }

    return turn_wide(k);
}


/*
 * Bytes as long as the charset is open: ASCII goes to the scanner at once,
 * from the first other byte on everything waits for the answer.
 */

int
mdr_scan_feed_sniffing(mdr_sink_t *k, const uint8_t **data, size_t *len,
    int last)
{
    int     rc;
    size_t  n, bom;

    while (k->sniffing) {

        if (k->late) {
            rc = feed_late(k, data, len);
            if (rc != MDR_OK || *len == 0) {
                return rc;
            }
            continue;
        }

        n = MDR_SNIFF_BYTES - k->head.len;
        n = *len < n ? *len : n;

        if (k->head_fed == k->head.len) {
            n = ascii_prefix(*data, n);
        }

        if (n != 0) {
            if (mdr_buf_add(&k->head, *data, n) != MDR_OK) {
                return MDR_ERROR;
            }

            if (k->head_fed + n == k->head.len
                && ascii_prefix(k->head.data + k->head_fed, n) == n)
            {
                k->head_fed = k->head.len;
                rc = mdr_scan_feed_utf8(k, *data, n);
                if (rc != MDR_OK) {
                    return rc;
                }
            }

            *data += n;
            *len -= n;
        }

        if (*len == 0 && !last && k->head.len < MDR_SNIFF_BYTES
            && k->head_fed == k->head.len)
        {
            return MDR_OK;
        }

        /* a byte beyond ASCII, the 4096th byte, or the end */

        if (*len != 0 && k->head.len < MDR_SNIFF_BYTES
            && k->head_fed == k->head.len)
        {
            n = MDR_SNIFF_BYTES - k->head.len;
            n = *len < n ? *len : n;

            if (mdr_buf_add(&k->head, *data, n) != MDR_OK) {
                return MDR_ERROR;
            }

            *data += n;
            *len -= n;
        }

        rc = mdr_charset_sniff(k->head.data, k->head.len,
                               (last && !k->flushing) || k->head.len >= MDR_SNIFF_BYTES,
                               MDR_CS_NONE,
                               k->conf.type == MDR_TYPE_HTML
                               || k->conf.type == MDR_TYPE_XML
                               || k->conf.type == MDR_TYPE_AUTO,
                               &k->cs, &bom);
        if (rc == MDR_LIMIT && !k->flushing) {
            return MDR_OK;
        }

        if (rc == MDR_LIMIT) {
            k->late = 1;
            k->cs = MDR_CS_UTF8;
            n = k->head.len - k->head_fed;
            k->head_fed = k->head.len;
            return mdr_scan_feed_held(k, k->head.data + k->head.len - n, n);
        }

        k->sniffing = 0;

        if (k->cs == MDR_CS_NONE) {
            (void) unreadable_charset(k);
            k->cs = MDR_CS_UTF8;

            if (k->cut) {
                return MDR_CUT;
            }
        }

        if (k->cs != MDR_CS_UTF8 && turn_wide(k) != MDR_OK) {
            return MDR_ERROR;
        }

        n = k->head.len - k->head_fed;

        if (n == 0) {
            return MDR_OK;
        }

        return k->wide ? mdr_scan_feed_wide(k, k->head.data + k->head_fed, n, 0)
                       : mdr_scan_feed_held(k, k->head.data + k->head_fed, n);
    }

    return MDR_OK;
}
