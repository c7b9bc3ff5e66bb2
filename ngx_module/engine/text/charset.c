/*
 * charset.c - decoders of the WHATWG encoding standard.
 *
 * A body is mostly two things in turn: ASCII (markup) and rows of two-byte
 * characters (text).  Each has a loop of its own that makes one run of
 * positions; everything else goes through next_char, one character at a
 * time, which is the standard's decoder read as "what begins here, how long
 * is it".  The bytes that the standard restores to its queue are simply not
 * part of that length.
 */

#include "charset.h"
#include "charset_data.h"
#include "base/utf8.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

#define CHAR_MAX_BYTES  4
#define GB_PLANES_END   1237576     /* behind U+10FFFF                      */
#define EURO            0x20acu

typedef struct {
    uint32_t  cp;
    uint32_t  second;               /* combining mark of a Big5 pair, or 0  */
    size_t    len;                  /* 0: cut by the end                    */
    int       bad;
} char_t;


static uint32_t
gb_four(uint32_t pointer)
{
    uint32_t  lo, hi, mid;

    if (pointer >= GB_PLANES && pointer < GB_PLANES_END) {
        return pointer - GB_PLANES + 0x10000;
    }

    if (pointer >= GB_BMP_END) {
        return 0;
    }

    lo = 0;
    hi = mdr_charset_nranges;

    while (hi - lo > 1) {
        mid = (lo + hi) / 2;

        if (mdr_charset_ranges[mid].pointer <= pointer) {
            lo = mid;
        } else {
            hi = mid;
        }
    }

    return mdr_charset_ranges[lo].cp + pointer
           - mdr_charset_ranges[lo].pointer;
}


/* "gb18030 decoder"; p[0] >= 0x80 */

static void
gb_char(const uint8_t *p, size_t n, char_t *c)
{
    if (p[0] == 0x80) {
        c->cp = EURO;
        c->len = 1;
        return;
    }

    if (p[0] == 0xff) {
        c->bad = 1;
        c->len = 1;
        return;
    }

    if (n < 2) {
        return;
    }

    if (p[1] < 0x30 || p[1] > 0x39) {
        c->cp = mdr_charset_cell(mdr_charset_gb, p[0], p[1]);
        c->bad = c->cp == 0;
        c->len = c->bad && p[1] < 0x80 ? 1 : 2;
        return;
    }

    if (n < 3) {
        return;
    }

    if (p[2] >= 0x81 && p[2] <= 0xfe) {
        if (n < 4) {
            return;
        }

        if (p[3] >= 0x30 && p[3] <= 0x39) {
            c->cp = gb_four((uint32_t) (p[0] - 0x81) * 12600
                            + (uint32_t) (p[1] - 0x30) * 1260
                            + (uint32_t) (p[2] - 0x81) * 10
                            + (uint32_t) (p[3] - 0x30));
            c->bad = c->cp == 0;
            c->len = 4;
            return;
        }
    }

    c->bad = 1;
    c->len = 1;
}


/* "Big5 decoder"; p[0] >= 0x80 */

static void
big5_char(const uint8_t *p, size_t n, char_t *c)
{
    uint32_t  v;

    if (p[0] == 0x80 || p[0] == 0xff) {
        c->bad = 1;
        c->len = 1;
        return;
    }

    if (n < 2) {
        return;
    }

    if (p[0] == 0x88
        && (p[1] == 0x62 || p[1] == 0x64 || p[1] == 0xa3 || p[1] == 0xa5))
    {
        c->cp = p[1] < 0x80 ? 0xca : 0xea;
        c->second = p[1] == 0x62 || p[1] == 0xa3 ? 0x304 : 0x30c;
        c->len = 2;
        return;
    }

    v = mdr_charset_cell(mdr_charset_big5, p[0], p[1]);

    if ((v & 0xf800) == 0xd800) {
        v = 0x20000 + mdr_charset_big5_wide[v - 0xd800];
    }

    c->cp = v;
    c->bad = v == 0;
    c->len = c->bad && p[1] < 0x80 ? 1 : 2;
}


/* "shared UTF-16 decoder" */

static void
utf16_char(const uint8_t *p, size_t n, int be, char_t *c)
{
    uint32_t  u, v;

    if (n < 2) {
        return;
    }

    u = be ? (uint32_t) p[0] << 8 | p[1] : (uint32_t) p[1] << 8 | p[0];
    c->cp = u;

    if ((u & 0xf800) != 0xd800) {
        c->len = 2;
        return;
    }

    if (u < 0xdc00) {
        if (n < 4) {
            return;
        }

        v = be ? (uint32_t) p[2] << 8 | p[3] : (uint32_t) p[3] << 8 | p[2];

        if ((v & 0xfc00) == 0xdc00) {
            c->cp = 0x10000 + ((u - 0xd800) << 10) + (v - 0xdc00);
            c->len = 4;
            return;
        }
    }

    c->bad = 1;
    c->len = 2;
}


/* what begins at p */

static void
next_char(int cs, const uint8_t *p, size_t n, char_t *c)
{
    memset(c, 0, sizeof(*c));

    switch (cs) {

    case MDR_CS_UTF16LE:
    case MDR_CS_UTF16BE:
        utf16_char(p, n, cs == MDR_CS_UTF16BE, c);
        break;

    case MDR_CS_UTF8:
        c->cp = mdr_utf8_next(p, n, &c->len);
        c->bad = c->cp == MDR_CP_BAD
                 && !(c->len == 3 && p[0] == 0xef && p[1] == 0xbf
                      && p[2] == 0xbd);
        break;

    case MDR_CS_GBK:
    case MDR_CS_GB18030:
    case MDR_CS_BIG5:
        if (p[0] < 0x80) {
            c->cp = p[0];
            c->len = 1;

        } else if (cs == MDR_CS_BIG5) {
            big5_char(p, n, c);

        } else {
            gb_char(p, n, c);
        }
        break;

    case MDR_CS_SHIFT_JIS:
    case MDR_CS_EUC_JP:
    case MDR_CS_EUC_KR:
        c->cp = p[0];
        c->len = p[0] < 0x80 ? 1 : mdr_charset_east(cs, p, n, &c->cp);
        c->bad = c->cp == 0 && p[0] >= 0x80 && c->len != 0;
        break;

    default:
        c->cp = p[0] < 0x80 ? p[0]
                : mdr_charset_single[cs - MDR_CS_SINGLE][p[0] - 0x80];
        c->len = 1;
        c->bad = c->cp == 0 && p[0] >= 0x80;
        break;
    }

    if (c->bad) {
        c->cp = MDR_CP_BAD;
        c->second = 0;
    }
}


void
mdr_decoder_init(mdr_decoder_t *d, int cs)
{
    memset(d, 0, sizeof(*d));
    d->cs = cs;
}


/* count units of sn bytes at src, whose text has just been written behind
 * out->len */

static int
add_run(mdr_text_t *out, uint64_t src, size_t count, uint32_t sn,
    uint32_t tn)
{
    void       *p;
    mdr_run_t  *r;

    r = out->nruns != 0 ? &out->runs[out->nruns - 1] : NULL;

    if (r != NULL && r->sunit == sn && r->tunit == tn
        && r->src + (uint64_t) r->count * sn == src)
    {
        r->count += (uint32_t) count;

    } else {
        if (out->nruns == out->runs_cap) {
            p = out->runs;
            if (mdr_grow(out->alloc, &p, &out->runs_cap, out->nruns + 1,
                         sizeof(mdr_run_t))
                != MDR_OK)
            {
                return MDR_ERROR;
            }
            out->runs = p;
        }

        r = &out->runs[out->nruns++];
        r->src = src;
        r->text = (uint32_t) out->len;
        r->count = (uint32_t) count;
        r->sunit = sn;
        r->tunit = tn;
    }

    out->len += count * tn;

    return MDR_OK;
}


/* ASCII bytes at p, copied to w; w has room for 16 more than n */

static size_t
copy_ascii(uint8_t *w, const uint8_t *p, size_t n)
{
    size_t    i;
#if defined(__SSE2__)
    __m128i   v;
    unsigned  mask;
#endif

    i = 0;

#if defined(__SSE2__)
    while (n - i >= 16) {
        v = _mm_loadu_si128((const __m128i *) (const void *) (p + i));
        _mm_storeu_si128((__m128i *) (void *) (w + i), v);

        mask = (unsigned) _mm_movemask_epi8(v);
        if (mask != 0) {
            return i + (size_t) __builtin_ctz(mask);
        }

        i += 16;
    }
#endif

    while (i < n && p[i] < 0x80) {
        w[i] = p[i];
        i++;
    }

    return i;
}


/* a character of three bytes */

static inline void
put_three(uint8_t *w, uint32_t v)
{
    w[0] = (uint8_t) (0xe0 | v >> 12);
    w[1] = (uint8_t) (0x80 | ((v >> 6) & 0x3f));
    w[2] = (uint8_t) (0x80 | (v & 0x3f));
}


/* a row of two-byte characters that are three bytes of UTF-8 each; returns
 * how many */

static size_t
copy_row(const uint16_t *table, uint8_t *w, const uint8_t *p, size_t n)
{
    size_t    i;
    uint32_t  v;

    for (i = 0; i + 2 <= n; i += 2) {
        v = mdr_charset_cell(table, p[i], p[i + 1]);

        if (v < 0x800 || (v & 0xf800) == 0xd800) {
            break;
        }

        put_three(w, v);
        w += 3;
    }

    return i / 2;
}


/* units of UTF-16 that are three bytes of UTF-8 each */

static size_t
copy_units(int be, uint8_t *w, const uint8_t *p, size_t n)
{
    size_t    i;
    uint32_t  v;

    for (i = 0; i + 2 <= n; i += 2) {
        v = be ? (uint32_t) p[i] << 8 | p[i + 1]
               : (uint32_t) p[i + 1] << 8 | p[i];

        if (v < 0x800 || (v & 0xf800) == 0xd800) {
            break;
        }

        put_three(w, v);
        w += 3;
    }

    return i / 2;
}


/* units of UTF-16 that are ASCII */

static size_t
copy_narrow(int be, uint8_t *w, const uint8_t *p, size_t n)
{
    size_t   i;
    uint8_t  hi, lo;

    for (i = 0; i + 2 <= n; i += 2) {
        hi = p[i + (be ? 0 : 1)];
        lo = p[i + (be ? 1 : 0)];

        if (hi != 0 || lo >= 0x80) {
            break;
        }

        *w++ = lo;
    }

    return i / 2;
}


/* one character, or one error */

static int
put_char(mdr_decoder_t *d, const char_t *c, uint64_t src, mdr_text_t *out)
{
    size_t    n;
    uint8_t  *w;

    d->invalid += (uint64_t) c->bad;

    w = out->data + out->len;
    n = mdr_utf8_put(w, c->cp);

    if (c->second != 0) {
        n += mdr_utf8_put(w + n, c->second);
    }

    return add_run(out, src, 1, (uint32_t) c->len, (uint32_t) n);
}


/* one row that begins at p: its units, their bytes in and out; 0: none */

static size_t
copy_some(int cs, uint8_t *w, const uint8_t *p, size_t n, uint32_t *sn,
    uint32_t *tn)
{
    int     be;
    size_t  k;

    if (cs == MDR_CS_UTF16LE || cs == MDR_CS_UTF16BE) {
        be = cs == MDR_CS_UTF16BE;
        *sn = 2;
        *tn = 1;

        k = copy_narrow(be, w, p, n);
        if (k == 0) {
            *tn = 3;
            k = copy_units(be, w, p, n);
        }

        return k;
    }

    if (p[0] < 0x80) {
        *sn = 1;
        *tn = 1;
        return copy_ascii(w, p, n);
    }

    *sn = 2;
    *tn = 3;

    switch (cs) {

    case MDR_CS_GBK:
    case MDR_CS_GB18030:
        return copy_row(mdr_charset_gb, w, p, n);

    case MDR_CS_BIG5:
        return copy_row(mdr_charset_big5, w, p, n);

    case MDR_CS_SHIFT_JIS:
        return copy_row(mdr_charset_jis, w, p, n);

    case MDR_CS_EUC_KR:
        return copy_row(mdr_charset_korean, w, p, n);

    default:
        return 0;
    }
}


/* as much of p as there are whole characters; the caller has made room */

static int
decode(mdr_decoder_t *d, const uint8_t *p, size_t n, uint64_t src,
    mdr_text_t *out, size_t *used)
{
    int       rc;
    size_t    i, k;
    char_t    c;
    uint32_t  sn, tn;

    for (i = 0; i < n; i += k) {
        k = copy_some(d->cs, out->data + out->len, p + i, n - i, &sn, &tn);

        if (k != 0) {
            rc = add_run(out, src + i, k, sn, tn);
            k *= sn;

        } else {
            next_char(d->cs, p + i, n - i, &c);
            if (c.len == 0) {
                break;
            }

            rc = put_char(d, &c, src + i, out);
            k = c.len;
        }

        if (rc != MDR_OK) {
            return rc;
        }
    }

    *used = i;

    return MDR_OK;
}


static int
make_room(mdr_text_t *out, size_t len)
{
    int     rc;
    void   *p;
    size_t  need;

    /* no byte becomes more than three; 16 for stores that go past the end */

    if (len > (UINT32_MAX - 64) / 3
        || out->len > UINT32_MAX - 64 - 3 * len)
    {
        return MDR_ERROR;
    }

    need = out->len + 3 * len + 16;
    if (need <= out->cap) {
        return MDR_OK;
    }

    p = out->data;
    rc = mdr_grow(out->alloc, &p, &out->cap, need, 1);
    out->data = p;

    return rc;
}


int
mdr_decode(mdr_decoder_t *d, const uint8_t *data, size_t len, uint64_t src,
    int last, mdr_text_t *out)
{
    size_t    n, used;
    char_t    c;
    uint8_t   buf[CHAR_MAX_BYTES + 8];

    if (make_room(out, len + d->nlead) != MDR_OK) {
        return MDR_ERROR;
    }

    /* the character that was cut, with enough behind it to be whole */

    while (d->nlead != 0 && len != 0) {
        n = len < 8 ? len : 8;
        memcpy(buf, d->lead, d->nlead);
        memcpy(buf + d->nlead, data, n);

        next_char(d->cs, buf, d->nlead + n, &c);

        if (c.len == 0) {
            memcpy(d->lead, buf, d->nlead + n);
            d->nlead = (uint8_t) (d->nlead + n);
            data += n;
            src += n;
            len -= n;
            break;
        }

        if (put_char(d, &c, src - d->nlead, out) != MDR_OK) {
            return MDR_ERROR;
        }

        if (c.len < d->nlead) {
            memmove(d->lead, d->lead + c.len, d->nlead - c.len);
            d->nlead = (uint8_t) (d->nlead - c.len);
            continue;
        }

        n = c.len - d->nlead;
        d->nlead = 0;
        data += n;
        src += n;
        len -= n;
    }

    if (len != 0) {
        if (decode(d, data, len, src, out, &used) != MDR_OK) {
            return MDR_ERROR;
        }

        src += len;
        d->nlead = (uint8_t) (len - used);
        memcpy(d->lead, data + used, d->nlead);
    }

    if (last && d->nlead != 0) {
        memset(&c, 0, sizeof(c));
        c.cp = MDR_CP_BAD;
        c.bad = 1;
        c.len = d->nlead;
        d->nlead = 0;

        return put_char(d, &c, src - c.len, out);
    }

    return MDR_OK;
}
