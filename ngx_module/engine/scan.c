/*
 * scan.c - the public calls of a scan: bytes in, windows, the end.
 *
 * The scanner and the edits work on a window: all bytes from the first that
 * has not left to the last that has come.  As long as nothing is held the
 * window is the caller's own memory, and what leaves points into it.  What
 * must wait is copied to `held`; the next input is appended to it piece by
 * piece until nothing of the old bytes is left, then the window moves back
 * to the caller's memory.  So a byte is copied only near a held item.
 *
 * A body in another charset is decoded to UTF-8 first (`utf8`, with runs that
 * say where each byte came from) and kept as it came in `raw`.
 *
 * A page that does not say its charset in the header may say it in a meta
 * element among its first 1024 bytes.  Nothing waits for that: ASCII reads
 * the same in all of them, so the page is read as UTF-8 up to its first byte
 * beyond ASCII, and only that byte needs an answer.
 */

#include "scan.h"

#include <string.h>


#define SNIFF_BYTES   1024
#define BRIDGE_BYTES  4096
#define DECODE_BYTES  16384

static int  start(mdr_sink_t *k, int last);
static int  step(mdr_sink_t *k, int last);

/* a window that holds nothing is somewhere, too */

static const uint8_t  nothing[1];


mdr_work_t *
mdr_work_new(const mdr_alloc_t *alloc)
{
    mdr_work_t  *w;

    if (alloc == NULL) {
        alloc = mdr_mem_default();
    }

    w = mdr_calloc(alloc, sizeof(mdr_work_t));
    if (w == NULL) {
        return NULL;
    }

    w->alloc = alloc;
    w->match = mdr_match_work_new(alloc);

    if (w->match == NULL) {
        mdr_free(alloc, w);
        return NULL;
    }

    return w;
}


void
mdr_work_free(mdr_work_t *w)
{
    if (w == NULL) {
        return;
    }

    mdr_units_done(w);
    mdr_seen_free(w->seen);
    mdr_match_work_free(w->match);
    mdr_free(w->alloc, w->raw.hits);
    mdr_free(w->alloc, w->subjects);
    mdr_free(w->alloc, w->texts);
    mdr_free(w->alloc, w);
}


int
mdr_work_remember(mdr_work_t *w, size_t bytes)
{
    mdr_seen_free(w->seen);
    w->seen = NULL;

    if (bytes == 0) {
        return MDR_OK;
    }

    w->seen = mdr_seen_new(w->alloc, bytes);

    return w->seen != NULL ? MDR_OK : MDR_ERROR;
}


mdr_scan_t *
mdr_scan_new(const mdr_policy_t *policy, mdr_work_t *work,
    const mdr_scan_conf_t *conf)
{
    uint32_t            n;
    mdr_scan_t         *scan;
    mdr_sink_t         *k;
    const mdr_alloc_t  *a;

    a = conf->alloc != NULL ? conf->alloc : mdr_mem_default();
    n = policy->model->nslots;

    scan = mdr_calloc(a, sizeof(mdr_scan_t)
                         + n * (2 * sizeof(uint64_t) + sizeof(mdr_count_t)));
    if (scan == NULL) {
        return NULL;
    }

    k = &scan->k;
    k->slot_index = (uint64_t *) (scan + 1);
    k->slot_removed = k->slot_index + n;
    k->counts = (mdr_count_t *) (k->slot_removed + n);

    k->policy = policy;
    k->model = policy->model;
    k->plan = policy->plan;
    k->alloc = a;
    k->work = work;
    k->conf = *conf;
    k->conf.alloc = a;

    if (k->conf.max_slot == 0) {
        k->conf.max_slot = MDR_MAX_SLOT;
    }

    if (k->conf.max_slot > UINT32_MAX / 4) {
        k->conf.max_slot = UINT32_MAX / 4;
    }

    mdr_buf_init(&k->held, a);
    mdr_buf_init(&k->raw, a);
    mdr_buf_init(&k->edit_text, a);
    mdr_buf_init(&k->head, a);
    mdr_text_init(&k->utf8, a, SIZE_MAX / 4);

    return scan;
}


void
mdr_scan_free(mdr_scan_t *scan)
{
    mdr_sink_t  *k;

    if (scan == NULL) {
        return;
    }

    k = &scan->k;

    if (k->html != NULL) {
        mdr_html_free(k->html);
    }

    if (k->json != NULL) {
        mdr_json_free(k->json);
    }

    mdr_items_free(k);
    mdr_edit_free(k);
    mdr_buf_done(&k->held);
    mdr_buf_done(&k->raw);
    mdr_buf_done(&k->head);
    mdr_text_done(&k->utf8);
    mdr_free(k->alloc, scan);
}


/* U to S.  u must not have left */

uint64_t
mdr_scan_source(const mdr_sink_t *k, uint64_t u)
{
    size_t            lo, hi, mid;
    uint32_t          off, n;
    const mdr_run_t  *r;

    if (!k->wide) {
        return u;
    }

    if (k->utf8.nruns == 0 || u <= k->utf8_base) {
        return k->raw_base;
    }

    off = (uint32_t) (u - k->utf8_base);
    lo = 0;
    hi = k->utf8.nruns;

    while (hi - lo > 1) {
        mid = lo + (hi - lo) / 2;
        if (k->utf8.runs[mid].text <= off) {
            lo = mid;
        } else {
            hi = mid;
        }
    }

    r = &k->utf8.runs[lo];
    n = (off - r->text) / r->tunit;

    if (n >= r->count) {
        n = r->count;                   /* behind the last                   */
    }

    return r->src + (uint64_t) n * r->sunit;
}


/* bytes of the window at u */

const uint8_t *
mdr_scan_bytes(const mdr_sink_t *k, uint64_t u, size_t *len)
{
    if (u < k->base || u >= k->base + k->win_len) {
        *len = 0;
        return NULL;
    }

    *len = (size_t) (k->base + k->win_len - u);

    return k->win + (u - k->base);
}


static int
sniff_type(const uint8_t *p, size_t n, const mdr_plan_t *plan)
{
    size_t  i;

    i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < n && (p[i] == ' ' || (p[i] >= '\t' && p[i] <= '\r'))) {
        i++;
    }

    if (i == n || p[i] == '<') {
        return MDR_TYPE_HTML;
    }

    if (p[i] == '{' || p[i] == '[' || p[i] == '"') {
        return plan->types[MDR_TYPE_NDJSON] && !plan->types[MDR_TYPE_JSON]
               ? MDR_TYPE_NDJSON : MDR_TYPE_JSON;
    }

    /* a name and a bracket: JSONP */

    while (i < n && p[i] != '(' && p[i] != '<' && p[i] != '{') {
        i++;
    }

    if (i < n && p[i] == '(' && plan->types[MDR_TYPE_JSONP]) {
        return MDR_TYPE_JSONP;
    }

    return MDR_TYPE_HTML;
}


static int
open_scanner(mdr_sink_t *k)
{
    const mdr_plan_t  *p;

    p = k->plan;

    if (k->conf.mode == MDR_MODE_OFF) {
        k->unread = 1;
        return MDR_OK;
    }

    switch (k->type) {

    case MDR_TYPE_HTML:
        if (p->types[MDR_TYPE_HTML] || p->types[MDR_TYPE_SCRIPT]) {
            k->html = mdr_html_new(k->policy->html, k);
            return k->html != NULL ? MDR_OK : MDR_ERROR;
        }
        break;

    case MDR_TYPE_JSON:
    case MDR_TYPE_NDJSON:
    case MDR_TYPE_JSONP:
        if (p->types[k->type]) {
            k->json = mdr_json_new(k->policy->json, k, k->type);
            return k->json != NULL ? MDR_OK : MDR_ERROR;
        }
        break;

    default:
        break;
    }

    k->unread = 1;                      /* no slot in such a body            */

    return MDR_OK;
}


static size_t
utf16_type_bytes(mdr_sink_t *k, const uint8_t *p, size_t n, uint8_t *buf,
    size_t size)
{
    size_t  i, m, lo;

    if (k->cs != MDR_CS_UTF16LE && k->cs != MDR_CS_UTF16BE) {
        m = n < size ? n : size;
        if (m != 0) {
            memcpy(buf, p, m);
        }
        return m;
    }

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


/* declared, but there is no decoder for it here */

static int
unreadable_charset(mdr_sink_t *k)
{
    k->started = 1;
    k->unread = 1;
    mdr_sink_error(k, MDR_ERR_CHARSET, 0, "unknown charset");

    if (k->conf.on_error_block && k->conf.mode == MDR_MODE_ENFORCE) {
        k->cut = 1;
    }

    return MDR_OK;
}


/*
 * Charset and type, from what is there.  MDR_LIMIT: more bytes are needed.
 */

static int
start(mdr_sink_t *k, int last)
{
    int       header, html, rc;
    size_t    bom, i, n;
    uint8_t   head[256];

    header = MDR_CS_NONE;

    if (k->conf.mode == MDR_MODE_OFF) {
        k->cs = MDR_CS_UTF8;
        k->started = 1;
        return open_scanner(k);
    }

    if (k->conf.charset != NULL && k->conf.charset[0] != '\0') {
        header = mdr_charset_label(k->conf.charset, strlen(k->conf.charset));

        if (header == MDR_CS_NONE) {
            return unreadable_charset(k);
        }
    }

    html = k->conf.type == MDR_TYPE_HTML || k->conf.type == MDR_TYPE_AUTO;

    rc = mdr_charset_sniff(k->held.data, k->held.len,
                           last || k->held.len >= SNIFF_BYTES, header, html,
                           &k->cs, &bom);
    if (rc == MDR_LIMIT) {

        /* the first bytes rule a BOM and UTF-16 out, and all is ASCII */

        if (k->held.len < 4
            || ascii_prefix(k->held.data, k->held.len) != k->held.len
            || memchr(k->held.data, 0, 4) != NULL)
        {
            return rc;
        }

        k->cs = MDR_CS_UTF8;
        k->sniffing = 1;
    }

    if (k->cs == MDR_CS_NONE) {
        return unreadable_charset(k);
    }

    k->type = k->conf.type;

    if (k->type == MDR_TYPE_AUTO) {
        n = utf16_type_bytes(k, k->held.data, k->held.len, head,
                             sizeof(head));
        for (i = 0; i < n && head[i] <= ' '; i++) { /* void */ }

        if (i == n && !last && k->held.len < SNIFF_BYTES) {
            k->sniffing = 0;
            return MDR_LIMIT;
        }
        k->type = (uint8_t) sniff_type(head, n, k->plan);
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

    return open_scanner(k);
}


/* one look at the window: read on, judge, let go what is settled */

static int
step(mdr_sink_t *k, int last)
{
    int       rc;
    size_t    consumed, off;
    uint64_t  limit, end;

    end = k->base + k->win_len;

    if (!k->unread) {
        off = (size_t) (k->scanned - k->base);
        consumed = 0;

        if (k->html != NULL) {
            rc = mdr_html_scan(k->html, k->win + off, k->win_len - off,
                               k->scanned, last, &consumed);
        } else {
            rc = mdr_json_scan(k->json, k->win + off, k->win_len - off,
                               k->scanned, last, &consumed);
        }

        if (rc == MDR_ERROR) {
            k->failed = 1;
        }

        k->scanned += consumed;

        if (rc == MDR_LIMIT) {
            mdr_items_abandon(k);
            k->unread = 1;

        } else {
            mdr_items_large(k, k->scanned);
        }

        if (last) {
            mdr_items_abandon(k);
        }
    }

    if (k->failed || mdr_judge_batch(k) != MDR_OK
        || mdr_items_resolve(k) != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (k->cut) {
        limit = mdr_items_limit(k);
        k->unread = 1;

    } else {
        if (k->unread) {
            k->scanned = end;
        }
        limit = last ? end : mdr_items_limit(k);
    }

    if (last) {
        k->ended = 1;
    }

    if (mdr_edit_apply(k, limit) != MDR_OK) {
        return MDR_ERROR;
    }

    if (k->stats.held_max < end - k->settled) {
        k->stats.held_max = end - k->settled;
    }

    return k->cut ? MDR_CUT : MDR_OK;
}


static int
keep(mdr_sink_t *k, const uint8_t *p, size_t n)
{
    if (k->held_off != 0 && k->held_off >= k->held.len / 2) {
        k->held.len -= k->held_off;
        memmove(k->held.data, k->held.data + k->held_off, k->held.len);
        k->held_off = 0;
    }

    return mdr_buf_add(&k->held, p, n);
}


static void
window_held(mdr_sink_t *k)
{
    k->win = k->held.data != NULL ? k->held.data + k->held_off : nothing;
    k->win_len = k->held.len - k->held_off;
    k->win_flags = 0;
    k->base = k->in_pos - k->win_len;
}


/* the window moved on: what has left is forgotten */

static void
forget(mdr_sink_t *k)
{
    k->held_off += (size_t) (k->settled - k->base);
    k->base = k->settled;

    if (k->held_off == k->held.len) {
        k->held_off = 0;
        k->held.len = 0;

        if (k->held.cap > 4 * MDR_MAX_SLOT) {
            mdr_buf_done(&k->held);
        }
    }
}


static int
feed_utf8(mdr_sink_t *k, const uint8_t *data, size_t len)
{
    int     rc;
    size_t  take, back, n;

    while (len > 0) {

        if (k->held.len == k->held_off) {
            k->win = data;
            k->win_len = len;
            k->win_flags = MDR_OUT_INPUT;
            k->base = k->in_pos;
            k->in_pos += len;

            rc = step(k, 0);
            if (rc != MDR_OK) {
                return rc;
            }

            n = (size_t) (k->in_pos - k->settled);
            return n == 0 ? MDR_OK : keep(k, data + (len - n), n);
        }

        n = k->held.len - k->held_off;
        take = n > BRIDGE_BYTES ? n : BRIDGE_BYTES;
        take = take < len ? take : len;

        if (keep(k, data, take) != MDR_OK) {
            return MDR_ERROR;
        }

        k->in_pos += take;
        data += take;
        len -= take;

        window_held(k);

        rc = step(k, 0);
        if (rc != MDR_OK) {
            return rc;
        }

        forget(k);

        /* only bytes of this call are left: back to the caller's memory */

        back = k->held.len - k->held_off;

        if (back <= take && len > 0) {
            data -= back;
            len += back;
            k->in_pos -= back;
            k->held.len = 0;
            k->held_off = 0;
        }
    }

    return MDR_OK;
}


/* bytes that are not the caller's input of this call */

static int
feed_held(mdr_sink_t *k, const uint8_t *data, size_t len)
{
    int  rc;

    if (keep(k, data, len) != MDR_OK) {
        return MDR_ERROR;
    }

    k->in_pos += len;
    window_held(k);
    rc = step(k, 0);
    forget(k);

    return rc;
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


static int
feed_wide(mdr_sink_t *k, const uint8_t *data, size_t len, int last)
{
    int     rc;
    size_t  n;

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

        k->win = k->utf8.data != NULL ? k->utf8.data : nothing;
        k->win_len = k->utf8.len;
        k->base = k->utf8_base;
        k->win_flags = 0;

        rc = step(k, last && len == 0);
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

    if (mdr_buf_add(&k->raw, k->held.data + k->held_off, n) != MDR_OK
        || (n != 0
            && mdr_text_copy(&k->utf8, k->settled,
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
 * Bytes as long as the charset is open: ASCII goes to the scanner at once,
 * from the first other byte on everything waits for the answer.
 */

static int
feed_sniffing(mdr_sink_t *k, const uint8_t **data, size_t *len, int last)
{
    int     rc;
    size_t  n, bom;

    while (k->sniffing) {

        n = SNIFF_BYTES - k->head.len;
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
                rc = feed_utf8(k, *data, n);
                if (rc != MDR_OK) {
                    return rc;
                }
            }

            *data += n;
            *len -= n;
        }

        if (*len == 0 && !last && k->head.len < SNIFF_BYTES
            && k->head_fed == k->head.len)
        {
            return MDR_OK;
        }

        /* a byte beyond ASCII, the 1024th byte, or the end */

        if (*len != 0 && k->head.len < SNIFF_BYTES
            && k->head_fed == k->head.len)
        {
            n = SNIFF_BYTES - k->head.len;
            n = *len < n ? *len : n;

            if (mdr_buf_add(&k->head, *data, n) != MDR_OK) {
                return MDR_ERROR;
            }

            *data += n;
            *len -= n;
        }

        rc = mdr_charset_sniff(k->head.data, k->head.len,
                               last || k->head.len >= SNIFF_BYTES,
                               MDR_CS_NONE,
                               k->conf.type == MDR_TYPE_HTML
                               || k->conf.type == MDR_TYPE_AUTO,
                               &k->cs, &bom);
        if (rc == MDR_LIMIT) {
            return MDR_OK;
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

        return k->wide ? feed_wide(k, k->head.data + k->head_fed, n, 0)
                       : feed_held(k, k->head.data + k->head_fed, n);
    }

    return MDR_OK;
}


static int
failed(mdr_sink_t *k, int rc)
{
    if (rc == MDR_ERROR) {
        k->failed = 1;
    }

    return rc;
}


int
mdr_scan_feed(mdr_scan_t *scan, const uint8_t *data, size_t len)
{
    int         rc;
    size_t      n;
    mdr_buf_t   first;
    mdr_sink_t *k;

    k = &scan->k;

    if (k->failed) {
        return MDR_ERROR;
    }

    if (k->cut) {
        return MDR_CUT;
    }

    k->stats.bytes_in += len;

    if (!k->started) {

        /* enough to tell charset and type is gathered first */

        n = k->held.len < SNIFF_BYTES ? SNIFF_BYTES - k->held.len : 0;
        n = n < len ? n : len;

        if (mdr_buf_add(&k->held, data, n) != MDR_OK) {
            return failed(k, MDR_ERROR);
        }

        rc = start(k, 0);

        if (rc == MDR_LIMIT) {
            if (k->held.len < SNIFF_BYTES) {
                return MDR_OK;
            }
            rc = start(k, 1);
        }

        if (rc == MDR_ERROR) {
            return failed(k, rc);
        }

        if (k->cut) {
            return MDR_CUT;
        }

        if (k->held.len == n) {

            /* all of it is in this call's input */

            k->held.len = 0;

            if (k->sniffing) {
                rc = feed_utf8(k, data, n);
                if (rc != MDR_OK) {
                    return failed(k, rc);
                }
                data += n;
                len -= n;
            }

        } else {
            data += n;
            len -= n;

            if (k->wide) {
                first = k->held;
                mdr_buf_init(&k->held, k->alloc);
                rc = feed_wide(k, first.data, first.len, 0);
                mdr_buf_done(&first);

            } else {
                k->in_pos = k->held.len;
                window_held(k);
                rc = step(k, 0);
                forget(k);
            }

            if (rc != MDR_OK) {
                return failed(k, rc);
            }
        }
    }

    if (k->sniffing) {
        rc = feed_sniffing(k, &data, &len, 0);
        if (rc != MDR_OK) {
            return failed(k, rc);
        }
    }

    if (len == 0) {
        return MDR_OK;
    }

    rc = k->wide ? feed_wide(k, data, len, 0) : feed_utf8(k, data, len);

    return failed(k, rc);
}


int
mdr_scan_finish(mdr_scan_t *scan)
{
    int          rc;
    mdr_buf_t    first;
    mdr_sink_t  *k;

    k = &scan->k;

    if (k->ended) {
        return MDR_OK;
    }

    if (k->failed) {
        return MDR_ERROR;
    }

    if (k->cut) {
        return MDR_CUT;
    }

    if (!k->started) {
        rc = start(k, 1);

        if (rc != MDR_OK) {
            return failed(k, MDR_ERROR);
        }

        if (k->cut) {
            return MDR_CUT;
        }

        if (k->wide) {
            first = k->held;
            mdr_buf_init(&k->held, k->alloc);
            rc = feed_wide(k, first.data, first.len, 1);
            mdr_buf_done(&first);
            return failed(k, rc);
        }

        k->in_pos = k->held.len;
    }

    if (k->sniffing) {
        const uint8_t  *none = NULL;
        size_t          zero = 0;

        rc = feed_sniffing(k, &none, &zero, 1);
        if (rc != MDR_OK) {
            return failed(k, rc);
        }
    }

    if (k->wide) {
        return failed(k, feed_wide(k, NULL, 0, 1));
    }

    window_held(k);
    rc = step(k, 1);
    forget(k);

    return failed(k, rc);
}


void
mdr_scan_stats(const mdr_scan_t *scan, mdr_scan_stats_t *stats)
{
    *stats = scan->k.stats;
}
