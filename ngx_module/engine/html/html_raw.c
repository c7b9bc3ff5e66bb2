/*
 * html_raw.c - text: what fields collect, and the raw text of script, style,
 * title and the like up to their end tag (WHATWG HTML, sections 13.2.5.2 to
 * 13.2.5.5 and 13.2.5.9 to 13.2.5.31).
 */

#include "html_learn.h"
#include "html_tags.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


#define SPACE(c)  ((c) == ' ' || (c) == '\n' || (c) == '\t' || (c) == '\r'   \
                   || (c) == '\f')


void
mdr_html_no_memory(mdr_html_t *h, uint64_t at)
{
    h->unusual++;
    mdr_html_did_odd(h);
    mdr_sink_error(h->sink, MDR_ERR_MEMORY, at, "out of memory");
}


/* neither a reference nor U+0000 in it: the text is the bytes */

static inline int
is_plain(const uint8_t *p, size_t n)
{
    size_t  i;

#if defined(__SSE2__)

    __m128i  v, hit, amp;

    if (n >= 16) {
        amp = _mm_set1_epi8('&');
        hit = _mm_setzero_si128();

        for (i = 0; i < n; i += 16) {

            /* the last 16 bytes, some of them again */

            v = _mm_loadu_si128((const __m128i *) (const void *)
                                (p + (i + 16 <= n ? i : n - 16)));
            hit = _mm_or_si128(hit,
                      _mm_or_si128(_mm_cmpeq_epi8(v, amp),
                                   _mm_cmpeq_epi8(v, _mm_setzero_si128())));
        }

        return _mm_movemask_epi8(hit) == 0;
    }

#endif

    for (i = 0; i < n; i++) {
        if (p[i] == '&' || p[i] == 0) {
            return 0;
        }
    }

    return 1;
}


/* text that some field does not hear, because it is not shown: counted, but
 * for readings */

static void
unseen(mdr_html_t *h, const uint8_t *p, size_t n)
{
    uint32_t        i;
    mdr_collect_t  *c;

    mdr_html_did_odd(h);

    for (i = h->n; i > 0; i--) {
        if (h->open[i - 1].id == T_RT || h->open[i - 1].id == T_RP) {
            return;
        }
    }

    for (i = 0; i < h->ncollects; i++) {
        c = &h->collects[i];

        if (!mdr_html_hears(h, c) && c->quiet != UINT32_MAX) {
            mdr_text_unseen(c->text, p, n);
        }
    }
}


/* text of collecting fields; bytes taken */

size_t
mdr_html_give(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last,
    int refs, int nul)
{
    int             rc, plain, unheard;
    size_t          taken, t;
    uint32_t        i;
    mdr_collect_t  *c;

    taken = n;
    rc = MDR_OK;
    plain = is_plain(p, n);
    unheard = 0;

    for (i = 0; i < h->ncollects && rc == MDR_OK; i++) {
        c = &h->collects[i];

        if (!mdr_html_hears(h, c)) {
            unheard |= h->rules->hidden;
            continue;
        }

        mdr_html_did_text(h, c, at, n, nul);

        if (plain) {
            rc = mdr_text_copy(c->text, at, p, n);

        } else if (refs) {
            t = mdr_html_add_text(c->text, at, p, n, last, 0, nul, &rc);
            taken = t < taken ? t : taken;

        } else {
            rc = mdr_html_add_raw(c->text, at, p, n, nul);
        }

        mdr_html_grown(h, c);
    }

    if (rc != MDR_OK) {
        mdr_html_no_memory(h, at);
    }

    if (unheard) {
        unseen(h, p, taken);
    }

    if (h->cost > h->cost_max) {
        mdr_html_give_up(h, at);
    }

    return taken;
}


/* the newline behind <pre>, <listing>, <textarea> is no text; how many bytes
 * of it are at p */

size_t
mdr_html_newline(mdr_html_t *h, const uint8_t *p, size_t n)
{
    size_t  i;

    i = 0;

    if (h->skip_newline == 1 && i < n && p[i] == '\r') {
        h->skip_newline = 2;
        i++;
    }

    if (h->skip_newline && i < n) {
        i += p[i] == '\n';
        h->skip_newline = 0;
    }

    return i;
}


void
mdr_html_space(mdr_html_t *h)
{
    uint32_t        i;
    mdr_collect_t  *c;

    if (h->ncollects != 0) {
        mdr_html_did_odd(h);
    }

    for (i = 0; i < h->ncollects; i++) {
        c = &h->collects[i];

        if (mdr_html_hears(h, c)
            && mdr_text_unit(c->text, h->tag.start,
                             (uint32_t) (h->tag.stop - h->tag.start),
                             (const uint8_t *) " ", 1)
               != MDR_OK)
        {
            mdr_html_no_memory(h, h->tag.start);
        }

        mdr_html_grown(h, c);
    }

    if (h->cost > h->cost_max) {
        mdr_html_give_up(h, h->tag.stop);
    }
}


int
mdr_html_prefix(const uint8_t *p, size_t n, const char *s, int fold)
{
    size_t   i;
    uint8_t  c;

    /* 1: yes, 0: no, MDR_HTML_MORE: as far as it goes */

    for (i = 0; s[i] != '\0'; i++) {
        if (i == n) {
            return MDR_HTML_MORE;
        }
        c = fold && p[i] >= 'A' && p[i] <= 'Z' ? (uint8_t) (p[i] | 32)
                                               : p[i];
        if (c != (uint8_t) s[i]) {
            return 0;
        }
    }

    return 1;
}


/* is there the end tag that ends this raw text at p ("<")?  1, 0, or
 * MDR_HTML_MORE */

static int
raw_end(const mdr_html_t *h, const uint8_t *p, size_t n, int last)
{
    size_t  len;

    len = h->raw_len;

    if (n >= 2 && p[1] != '/') {
        return 0;
    }

    if (n < len + 3) {
        if (last) {
            return 0;
        }

        /* not enough to compare, unless what is there differs already */

        return MDR_HTML_MORE;
    }

    return mdr_html_name(p + 2, len) == h->raw_name
           && (SPACE(p[2 + len]) || p[2 + len] == '/' || p[2 + len] == '>');
}


/* how much of [p, p + n) is raw text; *found: its end tag follows */

static size_t
raw_extent(mdr_html_t *h, const uint8_t *p, size_t n, size_t from, int last,
    int *found)
{
    int             k;
    size_t          i;
    const uint8_t  *q;

    *found = 0;

    for (i = from; i < n; ) {

        if (h->script_state == 0) {
            q = memchr(p + i, '<', n - i);
            if (q == NULL) {
                return n;
            }
            i = (size_t) (q - p);

        } else {
            while (i < n && p[i] != '<' && p[i] != '-') {
                i++;
            }
            if (i == n) {
                return n;
            }
        }

        if (p[i] == '-') {
            if (n - i < 3 && !last) {
                return i;
            }
            if (n - i >= 3 && p[i + 1] == '-' && p[i + 2] == '>') {
                h->script_state = 0;
            }
            i++;
            continue;
        }

        if (h->token == MDR_RAW_SCRIPT && n - i >= 2 && p[i + 1] == '!'
            && h->script_state == 0)
        {
            if (n - i < 4 && !last) {
                return i;
            }
            if (n - i >= 4 && p[i + 2] == '-' && p[i + 3] == '-') {
                h->script_state = 1;
            }
            i += 2;
            continue;
        }

        if (h->script_state == 1 && n - i >= 2 && (p[i + 1] | 32) == 's') {
            if (n - i < 8 && !last) {
                return i;
            }
            if (n - i >= 8 && mdr_html_prefix(p + i, 7, "<script", 1) == 1
                && (SPACE(p[i + 7]) || p[i + 7] == '/' || p[i + 7] == '>'))
            {
                h->script_state = 2;
            }
            i++;
            continue;
        }

        if (n - i < 2 && !last) {
            return i;
        }

        k = raw_end(h, p + i, n - i, last);

        if (k == MDR_HTML_MORE) {
            return i;
        }

        if (k == 1) {
            if (h->script_state == 2) {
                h->script_state = 1;

            } else {
                *found = 1;
                return i;
            }
        }

        i++;
    }

    return n;
}


size_t
mdr_html_raw_text(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    int     found, rc;
    size_t  len, taken;

    len = raw_extent(h, p, n, h->looked, last, &found);
    taken = len;

    if (h->nest_group != 0 && h->nest_serial == mdr_html_top(h)->serial) {
        taken = h->skip_newline ? mdr_html_newline(h, p, len) : 0;
        taken += mdr_html_nest_give(h, p + taken, len - taken, at + taken,
                                    found || last,
                                    h->token == MDR_RAW_RCDATA
                                    ? MDR_STYLE_TEXT : MDR_STYLE_RAW);

    } else if (h->script != NULL) {
        mdr_sink_in_script(h->sink, h->runs);
        rc = mdr_script_scan(h->script, p, len, at,
                             found || (last && len == n), &taken);
        mdr_sink_in_script(h->sink, 0);
        if (rc != MDR_OK) {
            mdr_sink_error(h->sink, MDR_ERR_MEMORY, at, "out of memory");
            taken = len;
        }

    } else if (len != 0 && h->ncollects != 0 && h->token != MDR_RAW_SCRIPT
               && h->raw_name != mdr_html_name((const uint8_t *) "style", 5))
    {
        taken = h->skip_newline ? mdr_html_newline(h, p, len) : 0;
        taken += mdr_html_give(h, p + taken, len - taken, at + taken,
                           found || last, h->token == MDR_RAW_RCDATA,
                           MDR_NUL_BAD);
    }

    if (h->hook_raw) {
        h->hooks->raw(h->hook_ctx, h, p, taken < len ? taken : len);
    }

    if (taken < len) {
        h->looked = len - taken;
        return taken;
    }

    h->looked = 0;

    if (found) {
        if (h->script != NULL) {
            mdr_script_free(h->script);
            h->script = NULL;
        }

        /* the end tag is read as any other; nothing else is looked for */

        h->state = MDR_HTML_DATA;
        h->script_state = 0;
    }

    return len;
}
