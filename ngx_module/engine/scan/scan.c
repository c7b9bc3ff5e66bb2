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
 */

#include "scan.h"
#include "json/frames.h"

#include <string.h>


#define BRIDGE_BYTES  4096


/* a window that holds nothing is somewhere, too */

const uint8_t  mdr_scan_nothing[1];


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
    mdr_buf_init(&w->print, alloc);
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
    uint32_t  i;

    if (w == NULL) {
        return;
    }

    mdr_units_done(w);
    mdr_seen_free(w->seen);
    mdr_page_sheets_free(w->sheets);

    for (i = 0; i < MDR_LEARNED; i++) {
        mdr_markup_free(w->learned[i].markup);
    }

    mdr_buf_done(&w->print);
    mdr_match_work_free(w->match);
    mdr_free(w->alloc, w->raw.hits);
    mdr_free(w->alloc, w->subjects);
    mdr_free(w->alloc, w->texts);
    mdr_free(w->alloc, w->cards);
    mdr_free(w->alloc, w->joined);
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
                         + n * (sizeof(uint64_t) + sizeof(mdr_count_t)));
    if (scan == NULL) {
        return NULL;
    }

    k = &scan->k;
    k->slot_index = (uint64_t *) (scan + 1);
    k->counts = (mdr_count_t *) (k->slot_index + n);

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

    k->cards = conf->known == NULL && !conf->all_items;
    work->njoined = 0;
    mdr_limits_fill(&k->conf.limits);
    k->bill.alloc = a;
    k->bill.may = k->conf.limits.response_steps;
    k->bill.rule_modes = conf->rule_modes;

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

    mdr_page_free(k->page);

    if (k->html != NULL) {
        mdr_html_free(k->html);
    }

    mdr_json_free(k->json);
    mdr_script_free(k->script);
    mdr_frames_free(k->frames);
    mdr_layers_free(&k->layers);
    mdr_refs_free(k);

    mdr_items_free(k);
    mdr_edit_free(k);
    mdr_buf_done(&k->held);
    mdr_buf_done(&k->raw);
    mdr_buf_done(&k->head);
    mdr_text_done(&k->utf8);
    mdr_free(k->alloc, k->bill.regex_steps);
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


/* the page that the response is; MDR_OK, or no memory */

static int
open_page(mdr_sink_t *k)
{
    k->html = mdr_html_new(mdr_pages_html(k->policy->pages,
                                          k->conf.page - 1), k);
    if (k->html == NULL) {
        return MDR_ERROR;
    }

    k->page = mdr_page_open(k, k->html, k->conf.page - 1);

    return k->page != NULL ? MDR_OK : MDR_ERROR;
}


static int
open_json_page(mdr_sink_t *k)
{
    k->json = mdr_json_new(mdr_pages_json(k->policy->pages,
                                          k->conf.page - 1), k, k->type);
    if (k->json == NULL) {
        return MDR_ERROR;
    }

    k->page = mdr_page_open(k, NULL, k->conf.page - 1);

    return k->page != NULL ? MDR_OK : MDR_ERROR;
}


int
mdr_scan_open(mdr_sink_t *k)
{
    const mdr_plan_t  *p;

    p = k->plan;

    if (k->conf.page > k->model->npages) {
        k->conf.page = 0;
    }

    if (k->conf.mode == MDR_MODE_OFF) {
        k->unread = 1;
        return MDR_OK;
    }

    switch (k->type) {

    case MDR_TYPE_HTML:
        if (k->conf.page != 0) {
            return open_page(k);
        }
        /* fall through */

    case MDR_TYPE_XML:
        if (p->types[MDR_TYPE_HTML] || p->types[MDR_TYPE_SCRIPT]) {
            k->html = mdr_html_new(k->policy->html, k);

            if (k->html != NULL && k->type == MDR_TYPE_XML) {
                mdr_html_is_xml(k->html);
            }

            return k->html != NULL ? MDR_OK : MDR_ERROR;
        }
        break;

    case MDR_TYPE_JSON:
    case MDR_TYPE_NDJSON:
    case MDR_TYPE_JSONP:
        if (k->conf.page != 0
            && mdr_pages_json(k->policy->pages, k->conf.page - 1) != NULL)
        {
            return open_json_page(k);
        }

        if (p->types[k->type] || p->types[MDR_TYPE_JSON]
            || (p->types[MDR_TYPE_HTML] && (k->look & MDR_SNIFF_TEXT)))
        {
            k->json = mdr_json_new(k->policy->json, k, k->type);
            mdr_json_read_text(k->json, k->policy->documents,
                               p->types[MDR_TYPE_HTML]);

            if (k->look & (MDR_SNIFF_CODE | MDR_SNIFF_STRAY)) {
                mdr_json_is_stray(k->json, k->look & MDR_SNIFF_CODE
                                           ? MDR_STRAY_CODE : MDR_STRAY_TEXT);

            } else if (k->look & MDR_SNIFF_MESSAGES) {
                mdr_json_is_messages(k->json);
            }
            return k->json != NULL ? MDR_OK : MDR_ERROR;
        }
        break;

    case MDR_TYPE_SCRIPT:
        if (p->names) {
            k->script = mdr_script_new_body(k->policy->json, k);
            return k->script != NULL ? MDR_OK : MDR_ERROR;
        }
        break;

    case MDR_TYPE_EVENTS:
    case MDR_TYPE_PARTS:
        if (p->types[MDR_TYPE_JSON] || p->types[MDR_TYPE_HTML]) {
            k->frames = mdr_frames_new(k, k->type == MDR_TYPE_EVENTS
                                          ? MDR_FRAMES_EVENTS
                                          : MDR_FRAMES_PARTS,
                                       k->policy->documents,
                                       p->types[MDR_TYPE_HTML]);
            return k->frames != NULL ? MDR_OK : MDR_ERROR;
        }
        break;

    case MDR_TYPE_ROWS:
        if (p->types[MDR_TYPE_JSON] || p->names) {
            k->frames = mdr_frames_new(k, MDR_FRAMES_ROWS, k->policy->rows, 0);
            return k->frames != NULL ? MDR_OK : MDR_ERROR;
        }
        break;

    default:
        break;
    }

    k->unread = 1;                      /* no slot in such a body            */

    return MDR_OK;
}


/* nothing from there on may leave yet */

static uint64_t
settled_to(mdr_sink_t *k)
{
    uint64_t  limit, hold;

    limit = mdr_items_limit(k);

    if (k->page != NULL) {
        hold = mdr_page_hold(k->page, k->scanned);
        limit = hold < limit ? hold : limit;
    }

    return limit;
}


/* one look at the window: read on, judge, let go what is settled */

int
mdr_scan_step(mdr_sink_t *k, int last)
{
    int       rc;
    size_t    consumed, off;
    uint64_t  limit, end, resets;

    end = k->base + k->win_len;

    if (!k->unread) {
        resets = k->work->resets;
        off = (size_t) (k->scanned - k->base);
        consumed = 0;

        if (k->html != NULL) {
            rc = mdr_html_scan(k->html, k->win + off, k->win_len - off,
                               k->scanned, last, &consumed);
        } else if (k->json != NULL) {
            rc = mdr_json_scan(k->json, k->win + off, k->win_len - off,
                               k->scanned, last, &consumed);

        } else if (k->script != NULL) {
            rc = mdr_script_scan(k->script, k->win + off, k->win_len - off,
                                 k->scanned, last, &consumed);

        } else {
            rc = mdr_frames_scan(k->frames, k->win + off, k->win_len - off,
                                 k->scanned, last, &consumed);
        }

        if (last && rc == MDR_OK) {
            rc = mdr_layers_finish(&k->layers);
        }

        if (last && rc == MDR_OK && k->page != NULL && k->json != NULL) {
            mdr_page_json_end(k->page);
        }

        if (rc == MDR_ERROR) {
            k->failed = 1;
        }

        k->stats.resets += k->work->resets - resets;
        k->scanned += consumed;

        /* what was read of items that are known is no matter of the end */

        if ((rc == MDR_LIMIT || last) && mdr_judge_batch(k) != MDR_OK) {
            k->failed = 1;
        }

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
        limit = k->cut_at != 0 && k->cut_at < limit ? k->cut_at : limit;
        k->unread = 1;

    } else {
        if (k->unread) {
            k->scanned = end;
        }
        limit = last ? end : settled_to(k);
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
    k->win = k->held.data != NULL ? k->held.data + k->held_off
                                  : mdr_scan_nothing;
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


int
mdr_scan_feed_utf8(mdr_sink_t *k, const uint8_t *data, size_t len)
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

            rc = mdr_scan_step(k, 0);
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

        rc = mdr_scan_step(k, 0);
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

int
mdr_scan_feed_held(mdr_sink_t *k, const uint8_t *data, size_t len)
{
    int  rc;

    if (keep(k, data, len) != MDR_OK) {
        return MDR_ERROR;
    }

    k->in_pos += len;
    window_held(k);
    rc = mdr_scan_step(k, 0);
    forget(k);

    return rc;
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

        n = k->held.len < MDR_SNIFF_BYTES ? MDR_SNIFF_BYTES - k->held.len : 0;
        n = n < len ? n : len;

        if (mdr_buf_add(&k->held, data, n) != MDR_OK) {
            return failed(k, MDR_ERROR);
        }

        rc = mdr_scan_start(k, k->flushing);

        if (rc == MDR_LIMIT) {
            if (k->held.len < MDR_SNIFF_BYTES) {
                return MDR_OK;
            }
            rc = mdr_scan_start(k, 1);
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
                rc = mdr_scan_feed_utf8(k, data, n);
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
                rc = mdr_scan_feed_wide(k, first.data, first.len, 0);
                mdr_buf_done(&first);

            } else {
                k->in_pos = k->held.len;
                window_held(k);
                rc = mdr_scan_step(k, 0);
                forget(k);
            }

            if (rc != MDR_OK) {
                return failed(k, rc);
            }
        }
    }

    if (k->sniffing) {
        rc = mdr_scan_feed_sniffing(k, &data, &len, 0);
        if (rc != MDR_OK) {
            return failed(k, rc);
        }
    }

    if (len == 0) {
        return MDR_OK;
    }

    rc = k->wide ? mdr_scan_feed_wide(k, data, len, 0)
                 : mdr_scan_feed_utf8(k, data, len);

    return failed(k, rc);
}


/* is there anything that says what the body is? */

static int
says_nothing(const mdr_buf_t *b)
{
    size_t  i;

    for (i = 0; i < b->len; i++) {
        if (b->data[i] != ' ' && (b->data[i] < '\t' || b->data[i] > '\r')
            && (i >= 3 || memcmp(b->data, "\xef\xbb\xbf", i + 1) != 0))
        {
            return 0;
        }
    }

    return 1;
}


int
mdr_scan_flush(mdr_scan_t *scan)
{
    int             rc;
    size_t          zero;
    mdr_sink_t     *k;
    const uint8_t  *none;

    k = &scan->k;

    if (k->ended || k->failed || k->cut) {
        return MDR_OK;
    }

    if (!k->started) {

        if (says_nothing(&k->held)) {
            return MDR_OK;
        }

        k->flushing = 1;
        rc = mdr_scan_feed(scan, mdr_scan_nothing, 0);
        k->flushing = 0;

        if (rc != MDR_OK) {
            return rc;
        }
    }

    if (!k->sniffing || k->head_fed == k->head.len) {
        return MDR_OK;
    }

    none = mdr_scan_nothing;
    zero = 0;
    k->flushing = 1;
    rc = failed(k, mdr_scan_feed_sniffing(k, &none, &zero, 1));
    k->flushing = 0;

    return rc;
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
        rc = mdr_scan_start(k, 1);

        if (rc != MDR_OK) {
            return failed(k, MDR_ERROR);
        }

        if (k->cut) {
            return MDR_CUT;
        }

        if (k->wide) {
            first = k->held;
            mdr_buf_init(&k->held, k->alloc);
            rc = mdr_scan_feed_wide(k, first.data, first.len, 1);
            mdr_buf_done(&first);
            return failed(k, rc);
        }

        k->in_pos = k->held.len;
    }

    if (k->sniffing) {
        const uint8_t  *none = mdr_scan_nothing;
        size_t          zero = 0;

        rc = mdr_scan_feed_sniffing(k, &none, &zero, 1);
        if (rc != MDR_OK) {
            return failed(k, rc);
        }
    }

    if (k->wide) {
        return failed(k, mdr_scan_feed_wide(k, NULL, 0, 1));
    }

    window_held(k);
    rc = mdr_scan_step(k, 1);
    forget(k);

    return failed(k, rc);
}


void
mdr_scan_stats(const mdr_scan_t *scan, mdr_scan_stats_t *stats)
{
    *stats = scan->k.stats;
}


uint64_t
mdr_scan_steps(const mdr_scan_t *scan)
{
    return scan->k.stats.steps;
}


void
mdr_sink_member(mdr_sink_t *k, uint32_t n)
{
    if (k->page != NULL) {
        mdr_page_member(k->page, n);
    }
}


int
mdr_scan_has_hashes(const mdr_scan_t *scan)
{
    return scan->k.hashes;
}


int
mdr_scan_page(const mdr_scan_t *scan, mdr_page_seen_t *seen)
{
    if (scan->k.page == NULL) {
        return MDR_ERROR;
    }

    mdr_page_seen(scan->k.page, seen);

    return MDR_OK;
}


uint64_t
mdr_scan_slot_items(const mdr_scan_t *scan, uint32_t slot)
{
    return slot < scan->k.plan->nslots ? scan->k.slot_index[slot] : 0;
}
