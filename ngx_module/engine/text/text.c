/*
 * text.c - the text of a field, its source positions, and its final form.
 *
 * Pieces are appended as they are; everything that needs to look at the text
 * as a whole waits for mdr_text_finish.  Most texts need nothing there, so it
 * trims in place and then asks one question of the rest (white space to be
 * collapsed, bytes that are no UTF-8); only a text with either is built again
 * (rebuild), and only that path allocates.  Boundaries, which are where a list
 * is a text, count as single spaces there.
 *
 * A character never crosses a gap in the source: bytes around a tag are
 * decoded before the tag is seen, so their halves are two errors.
 */

#include "text.h"
#include "base/utf8.h"

#include <string.h>

#define TEXT_MIN_CAP  64


static inline int
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


void
mdr_text_init(mdr_text_t *t, const mdr_alloc_t *a, size_t max)
{
    memset(t, 0, sizeof(*t));
    t->alloc = a;
    t->max = max < UINT32_MAX ? max : UINT32_MAX;
}


void
mdr_text_done(mdr_text_t *t)
{
    mdr_free(t->alloc, t->data);
    mdr_free(t->alloc, t->runs);

    t->data = NULL;
    t->runs = NULL;
    t->cap = 0;
    t->runs_cap = 0;
    t->via = NULL;
    mdr_text_clear(t);
}


void
mdr_text_clear(mdr_text_t *t)
{
    t->len = 0;
    t->nruns = 0;
    t->hidden = 0;
    t->cut = 0;
    t->finished = 0;
}


void
mdr_text_unseen(mdr_text_t *t, const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        t->hidden += p[i] > ' ' && (p[i] & 0xc0) != 0x80
                     && t->hidden < UINT32_MAX;
    }
}


static int
more_bytes(mdr_text_t *t, size_t n)
{
    int    rc;
    void  *p;

    n += t->len + MDR_TEXT_PAD;
    p = t->data;
    rc = mdr_grow(t->alloc, &p, &t->cap,
                  n < TEXT_MIN_CAP ? TEXT_MIN_CAP : n, 1);
    t->data = p;

    return rc;
}


static int
more_runs(mdr_text_t *t)
{
    int    rc;
    void  *p;

    p = t->runs;
    rc = mdr_grow(t->alloc, &p, &t->runs_cap, t->nruns + 1,
                  sizeof(mdr_run_t));
    t->runs = p;

    return rc;
}


/* count units of sn source and tn text bytes, whose text (count * tn bytes)
 * is at p; the caller has checked t->max */

static int
append(mdr_text_t *t, uint64_t src, uint32_t count, uint32_t sn, uint32_t tn,
    const uint8_t *p)
{
    size_t      n;
    mdr_run_t  *r;

    n = (size_t) count * tn;

    if (n > UINT32_MAX - t->len) {
        return MDR_ERROR;
    }

    if (t->len + n + MDR_TEXT_PAD > t->cap && more_bytes(t, n) != MDR_OK) {
        return MDR_ERROR;
    }

    r = t->nruns != 0 ? &t->runs[t->nruns - 1] : NULL;

    if (r != NULL && r->sunit == sn && r->tunit == tn
        && r->src + (uint64_t) r->count * sn == src)
    {
        r->count += count;

    } else {
        if (t->nruns == t->runs_cap && more_runs(t) != MDR_OK) {
            return MDR_ERROR;
        }

        r = &t->runs[t->nruns++];
        r->src = src;
        r->text = (uint32_t) t->len;
        r->count = count;
        r->sunit = sn;
        r->tunit = tn;
    }

    memcpy(t->data + t->len, p, n);
    t->len += n;

    return MDR_OK;
}


/* n bytes at src of the text that t is read from */

static int
copy_through(mdr_text_t *t, uint64_t src, size_t n)
{
    int               rc;
    uint32_t          from;
    const mdr_via_t  *via;

    via = t->via;
    from = (uint32_t) (src - via->base);

    t->via = NULL;
    rc = mdr_text_carry(t, &via->text, from, from + (uint32_t) n);
    t->via = via;

    return rc;
}


int
mdr_text_copy(mdr_text_t *t, uint64_t src, const uint8_t *p, size_t n)
{
    if (n > t->max - t->len || t->cut) {
        n = t->cut ? 0 : t->max - t->len;
        t->cut = 1;
    }

    if (n == 0) {
        return MDR_OK;
    }

    if (t->via != NULL) {
        return copy_through(t, src, n);
    }

    return append(t, src, (uint32_t) n, 1, 1, p);
}


int
mdr_text_unit(mdr_text_t *t, uint64_t src, uint32_t sn, const uint8_t *p,
    size_t n)
{
    uint64_t  a, b;

    if (n > t->max - t->len || t->cut) {
        t->cut = 1;
        return MDR_OK;
    }

    if (n == 0) {
        return MDR_OK;
    }

    if (t->via != NULL) {
        mdr_text_span(&t->via->text, (uint32_t) (src - t->via->base),
                      (uint32_t) (src - t->via->base) + sn, &a, &b);
        src = a;
        sn = (uint32_t) (b - a);
    }

    return append(t, src, 1, sn, (uint32_t) n, p);
}


int
mdr_text_break(mdr_text_t *t, uint64_t src)
{
    uint64_t          end;
    const mdr_run_t  *r;

    static const uint8_t  mark[1] = { MDR_TEXT_BREAK };

    if (t->len == 0 || t->cut || t->len == t->max) {
        return MDR_OK;
    }

    r = &t->runs[t->nruns - 1];

    if (r->sunit == 0 && t->data[r->text] == MDR_TEXT_BREAK) {
        return MDR_OK;
    }

    if (t->via != NULL) {
        mdr_text_span(&t->via->text, (uint32_t) (src - t->via->base),
                      (uint32_t) (src - t->via->base), &src, &end);
    }

    return append(t, src, 1, 0, 1, mark);
}


int
mdr_text_whole(mdr_text_t *t, uint64_t src, const uint8_t *p, size_t n)
{
    mdr_run_t  *r;

    if (n == 0 || n > t->max || t->len != 0 || t->via != NULL
        || is_space(p[n - 1])
        || (n + MDR_TEXT_PAD > t->cap && more_bytes(t, n) != MDR_OK)
        || (t->runs_cap == 0 && more_runs(t) != MDR_OK))
    {
        return 0;
    }

    memcpy(t->data, p, n);

    if (!mdr_text_is_plain_markup(t->data, n, t->cap)) {
        return 0;
    }

    r = &t->runs[0];
    r->src = src;
    r->text = 0;
    r->count = (uint32_t) n;
    r->sunit = 1;
    r->tunit = 1;

    t->nruns = 1;
    t->len = n;
    t->finished = 1;

    return 1;
}


int
mdr_text_row(mdr_text_t *t, uint64_t src, uint32_t count, uint32_t sn,
    const uint8_t *p, uint32_t n)
{
    uint32_t  i;

    if ((size_t) count * n <= t->max - t->len && !t->cut
        && t->via == NULL)
    {
        return append(t, src, count, sn, n, p);
    }

    for (i = 0; i < count; i++) {
        if (mdr_text_unit(t, src + (uint64_t) i * sn, sn, p + (size_t) i * n,
                          n)
            != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


void
mdr_text_stop(mdr_text_t *t, uint64_t src)
{
    mdr_run_t  *r;

    t->cut = 1;

    while (t->nruns != 0) {
        r = &t->runs[t->nruns - 1];

        if (r->src + (uint64_t) r->count * r->sunit <= src) {
            return;
        }

        r->count = r->src < src ? (uint32_t) ((src - r->src) / r->sunit) : 0;
        t->len = r->text + (size_t) r->count * r->tunit;
        t->finished = 0;
        t->nruns -= r->count == 0;
    }
}


/* text bytes [from, to) of t, in one contiguous part of the source or not,
 * appended to out with their positions */

static int
append_range(mdr_text_t *out, const mdr_text_t *t, size_t *run, uint32_t from,
    uint32_t to)
{
    uint32_t          end, n;
    uint64_t          src;
    const mdr_run_t  *r;

    while (from < to) {
        while (mdr_run_end(&t->runs[*run]) <= from) {
            (*run)++;
        }

        r = &t->runs[*run];
        end = mdr_run_end(r) < to ? mdr_run_end(r) : to;
        n = (from - r->text) / r->tunit;
        src = r->src + (uint64_t) n * r->sunit;

        if ((from - r->text) % r->tunit == 0 && end - from >= r->tunit) {
            n = (end - from) / r->tunit;

            if (append(out, src, n, r->sunit, r->tunit, t->data + from)
                != MDR_OK)
            {
                return MDR_ERROR;
            }

            from += n * r->tunit;
            continue;
        }

        /* a part of a unit stands for the whole unit */

        end = r->text + (n + 1) * r->tunit;
        if (end > to) {
            end = to;
        }

        if (append(out, src, 1, r->sunit, end - from, t->data + from)
            != MDR_OK)
        {
            return MDR_ERROR;
        }

        from = end;
    }

    return MDR_OK;
}


/* takes n bytes off the end, where they are whole units */

static int
trim_end(mdr_text_t *t, uint32_t n)
{
    uint32_t    k;
    mdr_run_t  *r;

    while (n != 0) {
        r = &t->runs[t->nruns - 1];
        k = r->count * r->tunit;

        if (k <= n) {
            t->nruns--;

        } else {
            k = n;
            if (k % r->tunit != 0) {
                return 0;
            }
            r->count -= k / r->tunit;
        }

        t->len -= k;
        n -= k;
    }

    return 1;
}


/* end of the text that is contiguous in the source from run i on */

static size_t
part_end(const mdr_text_t *t, size_t i, size_t *next)
{
    const mdr_run_t  *r;

    for (r = &t->runs[i]; i + 1 < t->nruns; i++, r++) {
        if (r->src + (uint64_t) r->count * r->sunit != r[1].src) {
            break;
        }
    }

    *next = i + 1;

    return mdr_run_end(r);
}


static int
append_space(mdr_text_t *out, const mdr_text_t *t, uint32_t from, uint32_t to)
{
    uint64_t  start, end;

    mdr_text_span(t, from, to, &start, &end);

    return append(out, start, 1, (uint32_t) (end - start), 1,
                  (const uint8_t *) " ");
}


/* does a boundary stand at byte i of t?  It is the one unit of white space
 * that has no bytes in the source */

static int
is_break(const mdr_text_t *t, uint32_t i)
{
    uint64_t  start, end;

    if (t->data[i] != MDR_TEXT_BREAK) {
        return 0;
    }

    mdr_text_span(t, i, i + 1, &start, &end);

    return start == end;
}


/* the row of white space [from, to) of t, as it is in out: a boundary where
 * one is in it, else a space; a space that ends the part before has taken this
 * one in */

static int
append_white(mdr_text_t *out, const mdr_text_t *t, uint32_t from, uint32_t to)
{
    uint8_t   last;
    uint32_t  i;
    uint64_t  at, end;

    if (out->len == 0) {
        return MDR_OK;
    }

    last = out->data[out->len - 1];

    if (last == MDR_TEXT_BREAK) {
        return MDR_OK;
    }

    for (i = from; i < to && !is_break(t, i); i++) { /* void */ }

    if (i == to) {
        return last == ' ' ? MDR_OK : append_space(out, t, from, to);
    }

    if (last == ' ') {
        (void) trim_end(out, 1);
    }

    mdr_text_span(t, i, i + 1, &at, &end);

    return append(out, at, 1, 0, 1, t->data + i);
}


/*
 * The general way: character by character into out.  Text that stays is
 * moved range by range (keep .. i); a row of white space is known by its
 * first part that is contiguous in the source, so that its unit never covers
 * a tag.
 */

static int
rebuild(const mdr_text_t *t, mdr_text_t *out)
{
    size_t           i, len, end, run, next;
    uint32_t         cp, keep, ws, ws_end;
    uint64_t         start, stop;
    const uint8_t   *p;

    static const uint8_t  bad[3] = { 0xef, 0xbf, 0xbd };

    p = t->data;
    run = 0;
    next = 0;
    i = 0;

    while (i < t->len) {
        /* i is at the start of a part */
        end = part_end(t, next, &next);
        keep = (uint32_t) i;

        for ( ;; ) {
            if (i < end && !is_space(p[i])) {
                cp = mdr_utf8_next(p + i, end - i, &len);

                if (len != 0 && (cp != MDR_CP_BAD
                                 || (len == 3 && memcmp(p + i, bad, 3) == 0)))
                {
                    i += len;
                    continue;
                }

                if (append_range(out, t, &run, keep, (uint32_t) i)
                    != MDR_OK)
                {
                    return MDR_ERROR;
                }

                if (len == 0) {
                    len = end - i;
                    if (t->cut && end == t->len) {
                        return MDR_OK;
                    }
                }

                mdr_text_span(t, (uint32_t) i, (uint32_t) (i + len), &start,
                              &stop);
                if (append(out, start, 1, (uint32_t) (stop - start), 3, bad)
                    != MDR_OK)
                {
                    return MDR_ERROR;
                }

                i += len;
                keep = (uint32_t) i;
                continue;
            }

            if (append_range(out, t, &run, keep, (uint32_t) i) != MDR_OK) {
                return MDR_ERROR;
            }

            if (i == end) {
                break;
            }

            ws = (uint32_t) i;
            while (i < end && is_space(p[i])) {
                i++;
            }

            ws_end = (uint32_t) i;
            keep = (uint32_t) i;

            if (append_white(out, t, ws, ws_end) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


static int
trim_start(mdr_text_t *t, uint32_t n)
{
    size_t      i, drop;
    uint32_t    k;
    mdr_run_t  *r;

    for (drop = 0; mdr_run_end(&t->runs[drop]) <= n; drop++) { /* void */ }

    r = &t->runs[drop];
    k = n > r->text ? n - r->text : 0;

    if (k % r->tunit != 0) {
        return 0;
    }

    r->src += (uint64_t) (k / r->tunit) * r->sunit;
    r->count -= k / r->tunit;
    r->text += k;

    t->nruns -= drop;
    memmove(t->runs, t->runs + drop, t->nruns * sizeof(mdr_run_t));

    for (i = 0; i < t->nruns; i++) {
        t->runs[i].text -= n;
    }

    t->len -= n;
    memmove(t->data, t->data + n, t->len);

    return 1;
}


#define AS_SPACE  UINT32_MAX            /* sunit of a boundary meanwhile     */

/* is the text, which is trimmed, as it has to be?  A boundary may stand where
 * a single space may */

static int
is_as_it_is(mdr_text_t *t)
{
    int         good;
    uint32_t    n;
    mdr_run_t  *r, *end;

    end = t->runs + t->nruns;
    n = 0;
    good = 1;

    for (r = t->runs + 1; r < end; r++) {

        if (r->sunit == 0 && t->data[r->text] == MDR_TEXT_BREAK) {
            t->data[r->text] = ' ';
            r->sunit = AS_SPACE;
            n++;

        } else if ((t->data[r->text] & 0xc0) == 0x80
                   && r[-1].src + (uint64_t) r[-1].count * r[-1].sunit
                      != r->src)
        {
            good = 0;                   /* half a character                  */
            break;
        }
    }

    good = good && mdr_text_is_plain(t->data, t->len, t->cap);

    for (r = t->runs + 1; n != 0; r++) {
        if (r->sunit == AS_SPACE) {
            t->data[r->text] = MDR_TEXT_BREAK;
            r->sunit = 0;
            n--;
        }
    }

    return good;
}


int
mdr_text_finish(mdr_text_t *t)
{
    size_t      n;
    mdr_text_t  out;

    if (t->finished) {
        return MDR_OK;
    }

    t->finished = 1;

    for (n = t->len; n > 0 && is_space(t->data[n - 1]); n--) { /* void */ }

    if (n != t->len && !trim_end(t, (uint32_t) (t->len - n))) {
        goto slow;
    }

    for (n = 0; n < t->len && is_space(t->data[n]); n++) { /* void */ }

    if (n != 0 && !trim_start(t, (uint32_t) n)) {
        goto slow;
    }

    if (t->len == 0 || is_as_it_is(t)) {
        return MDR_OK;
    }

slow:

    mdr_text_init(&out, t->alloc, t->max);

    if (rebuild(t, &out) != MDR_OK) {
        mdr_text_done(&out);
        t->finished = 0;
        return MDR_ERROR;
    }

    /* a single space or boundary at the end: its unit is the last one */

    if (out.len != 0 && is_space(out.data[out.len - 1])) {
        (void) trim_end(&out, 1);
    }

    out.cut = t->cut;
    out.finished = 1;
    mdr_free(t->alloc, t->data);
    mdr_free(t->alloc, t->runs);
    out.hidden = t->hidden;
    *t = out;

    return MDR_OK;
}
