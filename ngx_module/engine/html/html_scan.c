/*
 * html_scan.c - the tokenizer (WHATWG HTML, section 13.2.5) over pieces.
 *
 * Only what decides extents and field texts is told apart: where a tag, a
 * comment, a raw-text element begins and ends.  A tag is read as a whole once
 * its end is there; until then its bytes stay unconsumed, and `looked` says
 * how far the search for the end has come, so that no byte is searched twice.
 * Text is passed on as it comes; where no field is collected it is skipped.
 *
 * States: DATA text and tags; COMMENT inside <!-- -->; BOGUS up to ">";
 * CDATA up to "]]>" (foreign content); RAW inside script, style, title ...;
 * PLAIN behind <plaintext>; REST of a tag longer than token_max, of which the
 * first token_max bytes have counted (html_item.c says what becomes of it);
 * NOSCRIPT behind <noscript>.
 *
 * A browser with scripts takes the inside of noscript for raw text: it ends at
 * the first "</noscript", whatever stands before.  Here it is read, since a
 * reader without scripts sees it, but as if the page ended there.
 */

#include "html_learn.h"
#include "html_modes.h"
#include "html_tags.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


#define DOCTYPE_MAX  1024
#define MDR_COSTS    3                  /* times max_slot: texts of live items */
#define MIN_COST     (3u * 65536)
#define MAX_TOKEN    (64u << 20)        /* offsets are numbers of 32 bits    */

#define SPACE(c)  ((c) == ' ' || (c) == '\n' || (c) == '\t' || (c) == '\r'   \
                   || (c) == '\f')


mdr_html_t *
mdr_html_new(const mdr_html_rules_t *rules, mdr_sink_t *sink)
{
    size_t              bits, formats, found;
    mdr_html_t         *h;
    const mdr_alloc_t  *a;

    a = mdr_sink_alloc(sink);
    bits = (size_t) MDR_HTML_DEPTH * rules->words;
    formats = (size_t) (MDR_FORMATS + 1) * rules->words;
    found = (size_t) MDR_LIVE * rules->place_words;

    h = mdr_alloc(a, sizeof(mdr_html_t)
                     + (bits + formats + found) * sizeof(uint64_t));
    if (h == NULL) {
        return NULL;
    }

    /* stacks and lists hold what their counters say, nothing else */

    memset(h, 0, offsetof(mdr_html_t, tag));
    h->rules = rules;
    h->sink = sink;
    h->alloc = a;
    h->doctype = 1;
    h->blank = 1;
    h->tag.nattrs = 0;
    h->tag.memo = NULL;
    memset((char *) h + offsetof(mdr_html_t, n), 0,
           offsetof(mdr_html_t, formats) - offsetof(mdr_html_t, n));
    h->quirks = 1;
    h->frameset_ok = 1;
    h->tag.cut = 0;
    h->token_max = mdr_sink_max_slot(sink) > MDR_TOKEN_MAX
                   ? mdr_sink_max_slot(sink) + 1 : MDR_TOKEN_MAX + 1;
    h->token_max = h->token_max < MAX_TOKEN ? h->token_max : MAX_TOKEN;
    h->bits = (uint64_t *) (h + 1);
    h->format_bits = h->bits + bits;
    h->found = h->format_bits + formats;
    h->nlive = 0;
    h->nleft = 0;
    h->ncollects = 0;
    h->cost = 0;
    h->cost_max = mdr_sink_max_slot(sink) > MIN_COST / MDR_COSTS
                  ? MDR_COSTS * mdr_sink_max_slot(sink) : MIN_COST;
    h->leaf = 0;
    h->learn = rules->nth ? NULL : mdr_sink_markup(sink, rules);
    h->rec = NULL;
    h->pass = 0;
    h->read = 0;
    h->seen = mdr_sink_seen(sink, &h->seen_key);
    h->whole.p = NULL;
    h->unusual = 0;
    h->nest = NULL;
    h->nest_group = 0;
    h->hooks = NULL;
    h->hook_all = 0;
    h->hook_looks = 0;
    h->hook_raw = 0;
    h->hook_state = 0;
    h->wide = (uint8_t) mdr_html_wide();
    memset(h->memo, 0, sizeof(h->memo));

    return h;
}


void
mdr_html_is_xml(mdr_html_t *h)
{
    h->xml = MDR_XML;
    h->mode = M_XML;
    h->doctype = 0;
    h->frameset_ok = 0;
}


void
mdr_html_hook(mdr_html_t *h, const mdr_html_hooks_t *hooks, void *ctx)
{
    h->hooks = hooks;
    h->hook_ctx = ctx;
}


void
mdr_html_free(mdr_html_t *h)
{
    if (h == NULL) {
        return;
    }

    if (h->script != NULL) {
        mdr_script_free(h->script);
    }

    if (h->learn != NULL) {
        h->learn->users--;
    }

    mdr_layer_close(h->nest);
    mdr_free(h->alloc, h);
}


/* the first "<" of [p, end), or end */

static inline const uint8_t *
find_lt(const uint8_t *p, const uint8_t *end)
{
    const uint8_t  *q;

#if defined(__SSE2__)

    unsigned  m;
    __m128i   a, b, lt;

    /* it is near, mostly */

    if (end - p >= 32) {
        lt = _mm_set1_epi8('<');
        a = _mm_loadu_si128((const __m128i *) (const void *) p);
        b = _mm_loadu_si128((const __m128i *) (const void *) p + 1);
        m = (unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(a, lt))
            | (unsigned) _mm_movemask_epi8(_mm_cmpeq_epi8(b, lt)) << 16;

        if (m != 0) {
            return p + __builtin_ctz(m);
        }

        p += 32;
    }

#endif

    q = memchr(p, '<', (size_t) (end - p));

    return q != NULL ? q : end;
}


/* tree construction sees that there is text */

static void
note_text(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at)
{
    int      space;
    size_t   i;
    uint8_t  ok;

    for (i = 0, space = 0; i < n; i++) {
        if (SPACE(p[i])) {
            space = 1;

        } else if (p[i] != 0) {
            break;

        } else if (h->mode < M_IN_BODY || h->mode == M_IN_COLGROUP) {

            /* U+0000 is nothing in a body or table, but it leads there */

            ok = h->frameset_ok;
            h->doctype = 0;
            mdr_html_text_seen(h, at + i);
            h->frameset_ok = ok;
        }
    }

    if (i < n) {
        if (h->hook_all) {
            h->hooks->text(h->hook_ctx, h, at + i);
        }

        h->doctype = 0;
        h->blank = 0;
        mdr_html_text_seen(h, at + i);

    } else if (space) {
        mdr_html_text_seen(h, MDR_NO_POS);
    }
}


static size_t
text(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last,
    int refs)
{
    int     nul;
    size_t  i, k;

    if (!mdr_html_text_is_idle(h)) {
        note_text(h, p, n, at);
    }

    if ((h->ncollects == 0 && h->nest_group == 0)
        || h->mode >= M_IN_FRAMESET)
    {
        return n;
    }

    i = 0;

    if (h->skip_newline) {
        i = mdr_html_newline(h, p, n);
        if (i == n) {
            return n;
        }
    }

    if (h->nest_group != 0) {
        n = i + mdr_html_nest_give(h, p + i, n - i, at + i, last,
                                   MDR_STYLE_TEXT);
    }

    nul = mdr_html_is_foreign(mdr_html_top(h)) ? MDR_NUL_BAD : MDR_NUL_DROP;
    k = mdr_html_give(h, p + i, n - i, at + i, last, refs, nul);

    return i + k;
}


/* is the element of h->tag a script that runs as it stands there, and no data? */

static int
is_run(mdr_html_t *h)
{
    size_t  i;

    static const char *const  types[] = {
        "", "module", "text/javascript", "application/javascript",
        "text/ecmascript", "application/ecmascript", "text/jscript"
    };

    if (mdr_html_attr_is(h, "src", NULL)) {
        return 0;
    }

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (mdr_html_attr_is(h, "type", types[i])) {
            return 1;
        }
    }

    return !mdr_html_attr_is(h, "type", NULL);
}


static void
begin_script(mdr_html_t *h)
{
    uint8_t  *by;

    if ((h->rules->nscripts == 0 && !h->rules->names)
        || (h->style & MDR_IN_INERT)
        || h->raw_pushed != 1)
    {
        return;
    }

    h->unusual++;
    mdr_html_did_odd(h);

    by = mdr_alloc(h->alloc, h->rules->model->nslots);

    if (by == NULL) {
        mdr_html_no_memory(h, h->tag.start);
        return;
    }

    if (mdr_html_script_match(h, by)) {
        h->script = mdr_script_new(mdr_sink_json_rules(h->sink), h->sink, by);
        h->runs = (uint8_t) is_run(h);
    }

    mdr_free(h->alloc, by);
}


void
mdr_html_begin(mdr_html_t *h)
{
    int         raw;
    mdr_tag_t  *t;

    t = &h->tag;

    if (h->hooks != NULL && (h->rules->hooked[t->id] || h->hook_all)) {
        h->hooks->tag(h->hook_ctx, h);
    }

    if (h->xml) {
        mdr_html_xml_tag(h);
        return;
    }

    if (t->end) {
        mdr_html_end(h);
        return;
    }

    raw = mdr_html_start(h);

    if (raw == MDR_RAW_NONE) {
        return;
    }

    if (raw == MDR_RAW_PLAIN) {
        h->state = MDR_HTML_PLAIN;
        return;
    }

    if (raw == MDR_RAW_NOSCRIPT) {
        h->state = MDR_HTML_NOSCRIPT;
        return;
    }

    h->state = MDR_HTML_RAW;
    h->raw_name = t->name;
    h->raw_len = t->name_len;
    h->token = (uint8_t) raw;
    h->script_state = 0;

    if (raw == MDR_RAW_SCRIPT) {
        begin_script(h);
    }
}


/* h->tag has been read: len bytes at absolute position at */

static void
tag_done(mdr_html_t *h, size_t len, uint64_t at)
{
    h->tag.id = mdr_html_tag_id(h->rules, h->tag.name);
    h->tag.start = at;
    h->tag.stop = at + len;

    mdr_html_begin(h);
}


/* a tag at p whose end is not there, or is too far away */

static size_t
long_tag(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t   i, limit;
    uint8_t  state;

    limit = n < h->token_max ? n : h->token_max;
    i = h->looked;

    if (i == 0) {
        h->tag_state = 0;
        i = p[1] == '/' ? 2 : 1;
    }

    i += mdr_html_tag_end(&h->tag_state, p + i, limit - i);

    if (i < limit) {
        h->looked = 0;
        (void) mdr_html_tag(&h->tag, p, p + i + 1);
        tag_done(h, i + 1, at);
        return i + 1;
    }

    if (limit < h->token_max) {
        if (last) {
            return n;                   /* a tag that never ends is none     */
        }
        h->looked = limit;
        return 0;
    }

    /* what was seen of it counts; the rest is passed over, whatever kind of
     * text follows the tag */

    h->looked = 0;
    state = h->tag_state;
    (void) mdr_html_tag(&h->tag, p, p + limit);
    h->tag.cut = 1;
    tag_done(h, limit, at);
    h->tag.cut = 0;
    h->rest_state = h->state;
    h->state = MDR_HTML_REST;
    h->tag_state = state;

    return limit;
}


/* "<!" at p: bytes taken, 0: more are needed */

static size_t
declaration(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last)
{
    int             k;
    const uint8_t  *q;

    h->skip_newline = 0;

    k = mdr_html_prefix(p, n, "<!--", 0);

    if (k == MDR_HTML_MORE && !last) {
        return 0;
    }

    if (k == 1) {

        /* "<!-->" and "<!--->" are comments, too */

        if (n < 6 && !last && (n == 4 || p[4] == '-')) {
            return 0;
        }

        if (n > 4 && p[4] == '>' && !h->xml) {
            return 5;
        }

        if (n > 5 && p[4] == '-' && p[5] == '>' && !h->xml) {
            return 6;
        }

        h->state = MDR_HTML_COMMENT;
        return 4;
    }

    k = mdr_html_prefix(p, n, "<!doctype", 1);

    if (k == MDR_HTML_MORE && !last) {
        return 0;
    }

    if (k == 1) {
        q = memchr(p, '>', n < DOCTYPE_MAX ? n : DOCTYPE_MAX);

        if (q == NULL && !last && n < DOCTYPE_MAX) {
            return 0;
        }

        mdr_html_did_odd(h);

        if (h->hook_all) {
            h->hooks->doctype(h->hook_ctx, h, at);
        }

        if (h->doctype && h->mode == M_BEFORE_HTML) {
            h->doctype = 0;
            h->quirks = q == NULL
                        || mdr_html_is_quirky(p + 9, (size_t) (q - p) - 9);
        }

        h->state = MDR_HTML_BOGUS;
        return 9;
    }

    if (h->xml || (h->n != 0 && mdr_html_top(h)->ns != MDR_NS_HTML)) {
        k = mdr_html_prefix(p, n, "<![CDATA[", 0);

        if (k == MDR_HTML_MORE && !last) {
            return 0;
        }

        if (k == 1) {
            h->state = MDR_HTML_CDATA;
            return 9;
        }
    }

    h->state = MDR_HTML_BOGUS;

    return 2;
}


/* p[0] is "<": bytes taken; 0: more are needed */

static inline size_t
markup(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t          limit;
    const uint8_t  *q;

    if (n > 2 && (mdr_html_is_alpha(p[1])
                  || (p[1] == '/' && mdr_html_is_alpha(p[2]))))
    {

        if (h->looked == 0) {
            limit = n < h->token_max ? n : h->token_max;
            q = mdr_html_tag(&h->tag, p, p + limit);

            if (q != NULL) {
                limit = (size_t) (q - p);
                tag_done(h, limit, at);
                return limit;
            }
        }

        return long_tag(h, p, n, at, last);
    }

    if (!last && (n == 1 || (n == 2 && (p[1] == '/'
                                        || mdr_html_is_alpha(p[1])))))
    {
        return 0;
    }

    if (n > 1) {

        /* a comment leaves what follows the beginning of the body */

        if (p[1] != '!' || (n > 2 && p[2] != '-')) {
            h->blank = 0;
        }

        switch (p[1]) {

        case '/':
            if (n > 2) {
                h->skip_newline = 0;
                if (p[2] == '>') {
                    return 3;
                }
                h->state = MDR_HTML_BOGUS;
                return 2;
            }
            return text(h, p, 2, at, 1, 0);

        case '!':
            return declaration(h, p, n, at, last);

        case '?':
            h->skip_newline = 0;
            h->state = MDR_HTML_BOGUS;
            return 2;

        default:
            if (mdr_html_is_alpha(p[1])) {
                return n;               /* a tag that never ends             */
            }
        }
    }

    (void) text(h, p, 1, at, 1, 0);

    return 1;
}


static size_t
comment(mdr_html_t *h, const uint8_t *p, size_t n, int last)
{
    size_t          i;
    const uint8_t  *q;

    for (i = 0; i < n; ) {
        q = memchr(p + i, '-', n - i);

        if (q == NULL) {
            return n;
        }

        i = (size_t) (q - p);

        if (n - i < 2 || p[i + 1] != '-') {
            if (n - i < 2) {
                return last ? n : i;
            }
            i++;
            continue;
        }

        if (n - i < 3) {
            return last ? n : i;
        }

        if (p[i + 2] == '>') {
            h->state = MDR_HTML_DATA;
            return i + 3;
        }

        if (p[i + 2] == '!' && !h->xml) {
            if (n - i < 4) {
                return last ? n : i;
            }
            if (p[i + 3] == '>') {
                h->state = MDR_HTML_DATA;
                return i + 4;
            }
        }

        i++;
    }

    return n;
}


static size_t
cdata(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t          i, end;
    const uint8_t  *q;

    end = 0;

    for (i = 0; i < n; i++) {
        q = memchr(p + i, ']', n - i);

        if (q == NULL) {
            i = n;
            break;
        }

        i = (size_t) (q - p);

        if (n - i < 3 && !last) {
            break;
        }

        if (n - i >= 3 && p[i + 1] == ']' && p[i + 2] == '>') {
            end = 3;
            h->state = MDR_HTML_DATA;
            break;
        }
    }

    if (i != 0) {
        (void) text(h, p, i, at, 1, 0);
    }

    return i + end;
}


/* how far the inside of the noscript goes in [p, p + n); *found: its end tag
 * is there */

static size_t
noscript_extent(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at,
    int last, int *found)
{
    int             k;
    size_t          i;
    const uint8_t  *q;

    static const char  tag[] = "</noscript";

    *found = 0;
    i = h->noscript_from > at ? (size_t) (h->noscript_from - at) : 0;

    for ( ; i < n; i++) {
        q = memchr(p + i, '<', n - i);

        if (q == NULL) {
            i = n;
            break;
        }

        i = (size_t) (q - p);
        k = mdr_html_prefix(q, n - i, tag, 1);

        if (k == MDR_HTML_MORE || (k == 1 && n - i == sizeof(tag) - 1)) {
            if (last) {
                continue;
            }
            break;
        }

        if (k == 1 && (SPACE(q[sizeof(tag) - 1]) || q[sizeof(tag) - 1] == '/'
                       || q[sizeof(tag) - 1] == '>'))
        {
            *found = 1;
            break;
        }
    }

    h->noscript_from = at + i;

    return i;
}


/* between two tokens: bytes taken, 0: more are needed; end: none follow */

static inline size_t
data(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int end)
{
    size_t  k;

    k = h->nest_group != 0 || h->rec != NULL ? 0 : mdr_html_fast(h, p, n, at);

    if (k != 0 || h->wait) {
        return k;
    }

    h->here = 0;

    if (*p == '<') {
        return markup(h, p, n, at, end);
    }

    k = (size_t) (find_lt(p, p + n) - p);

    if (h->ncollects == 0 && h->nest_group == 0 && mdr_html_text_is_idle(h)) {
        return k;
    }

    return text(h, p, k, at, end || k < n, 1);
}


/* the same within something; 0 where h->state is DATA then: it has ended here.
 * end: none follow that are of it, last: none at all */

static size_t
inside(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at, int end,
    int last)
{
    size_t          k;
    const uint8_t  *q;

    switch (h->state) {

    case MDR_HTML_RAW:
        return mdr_html_raw_text(h, p, n, at, end);

    case MDR_HTML_COMMENT:
        k = comment(h, p, n, end);

        if (h->nest_group != 0) {
            (void) mdr_html_nest_give(h, p, h->state == MDR_HTML_DATA
                                            ? k - (p[k - 2] == '!' ? 4 : 3)
                                            : k, at, last, MDR_STYLE_RAW);
        }
        return k;

    case MDR_HTML_BOGUS:
        q = memchr(p, '>', n);

        if (q == NULL) {
            return n;
        }

        h->state = MDR_HTML_DATA;
        return (size_t) (q - p) + 1;

    case MDR_HTML_CDATA:
        return cdata(h, p, n, at, end);

    case MDR_HTML_REST:
        k = mdr_html_tag_end(&h->tag_state, p, n);

        if (k < n) {
            k++;
            h->state = h->rest_state;
        }
        return k;

    case MDR_HTML_NOSCRIPT:
        h->state = MDR_HTML_DATA;
        return 0;

    default:                            /* MDR_HTML_PLAIN                    */
        if (h->ncollects != 0) {
            (void) mdr_html_give(h, p, n, at, 1, 0, MDR_NUL_BAD);
        }
        return n;
    }
}


/* the page ends */

static void
finish(mdr_html_t *h, uint64_t at)
{
    if (h->script != NULL) {
        mdr_script_free(h->script);
        h->script = NULL;
    }

    if (h->hooks != NULL) {
        h->hooks->end(h->hook_ctx, h, at);
    }

    mdr_html_nest_end(h);
    mdr_html_eof(h, at);
}


int
mdr_html_scan(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    int     end, found;
    size_t  i, k, m;

    i = 0;
    h->whole.p = NULL;
    h->last = last != 0;
    h->wait = 0;
    h->here = 0;

    /* a byte order mark is no text */

    if (base == 0 && n != 0 && p[0] == 0xef) {
        if (n < 3 && !last) {
            *consumed = 0;
            return MDR_OK;
        }
        if (n >= 3 && p[1] == 0xbb && p[2] == 0xbf) {
            i = 3;
        }
    }

    for ( ; i < n; i += k) {
        m = n;
        end = last;

        if (h->rec != NULL) {
            mdr_html_note(h, p + i, base + i);
        }

        if (h->noscript != 0) {
            m = i + noscript_extent(h, p + i, n - i, base + i, last, &found);

            if (i == m) {
                if (!found) {
                    break;
                }
                mdr_html_noscript_end(h, base + i);
                m = n;
            } else {
                end = last | found;
            }
        }

        if (h->state == MDR_HTML_DATA) {
            k = data(h, p + i, m - i, base + i, end);

        } else {
            k = inside(h, p + i, m - i, base + i, end, last);

            if (k == 0 && h->state == MDR_HTML_DATA) {
                continue;
            }
        }

        if (h->stop) {
            mdr_html_not_ended(h, base + i);
            *consumed = (size_t) (h->stop_at - base);
            return MDR_LIMIT;
        }

        if (k == 0 || h->wait) {
            i += k;
            break;
        }
    }

    mdr_html_not_ended(h, base + i);
    *consumed = i;

    if (last) {
        *consumed = n;
        finish(h, base + n);
    }

    return MDR_OK;
}
