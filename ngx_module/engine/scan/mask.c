/*
 * mask.c - what is written into an item that stays: stars over hits, and the
 * tag.
 *
 * A mask takes the place of characters, never of a part of one, of a reference
 * or of an escape; the positions come from the runs of the text.
 */

#include "text/fold.h"
#include "scan.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>


/* East Asian Width W and F (Unicode 15, EastAsianWidth.txt, as blocks) */

static int
is_wide(uint32_t cp)
{
    return (cp >= 0x1100 && cp <= 0x115f)
        || (cp >= 0x2e80 && cp <= 0xa4cf && cp != 0x303f)
        || (cp >= 0xac00 && cp <= 0xd7a3)
        || (cp >= 0xf900 && cp <= 0xfaff)
        || (cp >= 0xfe30 && cp <= 0xfe6f)
        || (cp >= 0xff00 && cp <= 0xff60)
        || (cp >= 0xffe0 && cp <= 0xffe6)
        || (cp >= 0x1f300 && cp <= 0x1faff)
        || (cp >= 0x20000 && cp <= 0x3fffd);
}


typedef struct {
    mdr_sink_t        *k;
    const uint8_t     *styles;
    const mdr_text_t  *text;
} mask_t;


/* what one character of text becomes: "" for one that takes no room, NULL to
 * leave it as it is (white space) */

static const char *
mask_char(uint32_t cp, int escaped)
{
    if (cp == ' ') {
        return NULL;
    }

    if (mdr_fold_dropped(cp, MDR_FOLD_INVISIBLE)) {
        return "";
    }

    if (is_wide(cp)) {
        return escaped ? "\\uff0a" : "\xef\xbc\x8a";
    }

    return "*";
}


static int
mask_place(void *ctx, const mdr_place_t *place)
{
    size_t          i, n, len, have;
    mask_t         *m;
    uint32_t        cp;
    uint64_t        at;
    const char     *s;
    const uint8_t  *p, *src;

    m = ctx;
    p = m->text->data + place->text;
    n = place->text_end - place->text;

    if (place->start == place->end) {
        return MDR_OK;                  /* a boundary of blocks              */
    }

    if (!place->copied) {

        /* one unit, whatever it stands for: a character each */

        src = mdr_scan_bytes(m->k, place->start, &have);
        if (have == 0) {
            return MDR_OK;
        }

        for (i = 0, s = NULL; i < n; i += len) {
            cp = mdr_utf8_next(p + i, n - i, &len);
            if (len == 0) {
                len = n - i;
            }

            s = mask_char(cp, src[0] == '\\');
            if (s == NULL) {
                return MDR_OK;
            }

            at = i == 0 ? place->start : place->end;

            if (s[0] == '\\') {
                mdr_edit_put(m->k, at, place->end, s, strlen(s));
            } else {
                mdr_style_put(m->k, m->styles, at, place->end, s, strlen(s));
            }
        }

        return m->k->failed ? MDR_ERROR : MDR_OK;
    }

    for (i = 0; i < n; i += len) {
        cp = mdr_utf8_next(p + i, n - i, &len);
        if (len == 0) {
            break;
        }

        s = mask_char(cp, 0);
        if (s == NULL) {
            continue;
        }

        at = place->start + i;
        mdr_style_put(m->k, m->styles, at, at + len, s, strlen(s));
    }

    return m->k->failed ? MDR_ERROR : MDR_OK;
}


typedef struct {
    uint32_t  subject, start, end;
} span_t;


static int
by_place(const void *a, const void *b)
{
    const span_t  *x = a, *y = b;

    if (x->subject != y->subject) {
        return x->subject < y->subject ? -1 : 1;
    }

    return x->start < y->start ? -1 : x->start > y->start;
}


/*
 * Spans of enforcing rules that mask or more; each byte of text once.  Where
 * more hits came than the verdict records, the raw ones of those rules count,
 * so that nothing stays readable because there was too much of it.
 */

int
mdr_mask_item(mdr_sink_t *k, const mdr_unit_t *u, const mdr_decide_in_t *in,
    const mdr_verdict_t *v,
    const mdr_raw_hit_t *raw, size_t nraw)
{
    int                       rc;
    size_t                    i, n;
    mask_t                    m;
    span_t                    sp, *spans;
    mdr_buf_t                 b;
    const mdr_verdict_hit_t  *h;

    mdr_buf_init(&b, k->alloc);
    rc = MDR_OK;

    if (v->hits_total <= v->nhits) {
        for (i = 0; i < v->nhits && rc == MDR_OK; i++) {
            h = &v->hits[i];

            if (h->mode == MDR_MODE_ENFORCE
                && k->model->rules[h->rule].action >= MDR_ACT_MASK)
            {
                sp.subject = h->subject;
                sp.start = h->start;
                sp.end = h->end;
                rc = mdr_buf_add(&b, &sp, sizeof(sp));
            }
        }

    } else {
        for (i = 0; i < nraw && rc == MDR_OK; i++) {
            if (!raw[i].except
                && k->model->rules[raw[i].rule].action >= MDR_ACT_MASK
                && mdr_decide_mode(in, &k->model->rules[raw[i].rule],
                                   raw[i].rule)
                   == MDR_MODE_ENFORCE)
            {
                sp.subject = raw[i].subject;
                sp.start = raw[i].start;
                sp.end = raw[i].end;
                rc = mdr_buf_add(&b, &sp, sizeof(sp));
            }
        }
    }

    n = b.len / sizeof(span_t);
    spans = (span_t *) (void *) b.data;

    if (n > 1) {
        qsort(spans, n, sizeof(span_t), by_place);
    }

    m.k = k;
    m.styles = u->styles;

    for (i = 0; i < n && rc == MDR_OK; i++) {
        if (i != 0 && spans[i].subject == spans[i - 1].subject
            && spans[i].start < spans[i - 1].end)
        {
            spans[i].start = spans[i - 1].end;
            if (spans[i].end <= spans[i].start) {
                spans[i].end = spans[i].start;
                continue;
            }
        }

        m.text = k->work->texts[spans[i].subject];
        rc = mdr_text_each(m.text, spans[i].start, spans[i].end, mask_place,
                           &m);
    }

    mdr_buf_done(&b);

    return rc;
}


static const char *
suggestion_name(uint8_t s)
{
    static const char *const  names[] = { "pass", "review", "block",
                                          "error" };

    return names[s & 3];
}


/* s as the value of an attribute or of a JSON string (safe in a script) */

static int
add_escaped(mdr_buf_t *b, mdr_str_t s, int json)
{
    int       rc;
    char      esc[8];
    size_t    i, n;
    uint8_t   c;

    static const char  hex[] = "0123456789abcdef";

    rc = MDR_OK;

    for (i = 0; i < s.len && rc == MDR_OK; i++) {
        c = (uint8_t) s.data[i];

        if (c >= 0x20 && c != '"' && c != '&' && c != '<' && c != '>'
            && c != '\'' && c != '\\')
        {
            rc = mdr_buf_add(b, &c, 1);
            continue;
        }

        n = 0;

        if (json) {
            memcpy(esc, "\\u00", 4);
            esc[4] = hex[c >> 4];
            esc[5] = hex[c & 15];
            n = 6;

        } else {
            memcpy(esc, "&#x", 3);
            esc[3] = hex[c >> 4];
            esc[4] = hex[c & 15];
            esc[5] = ';';
            n = 6;
        }

        rc = mdr_buf_add(b, esc, n);
    }

    return rc;
}


static int
add_name(mdr_buf_t *b, const char *s)
{
    return mdr_buf_add(b, s, strlen(s));
}


/* the tag of an item whose tag point is known */

void
mdr_mask_tag(mdr_sink_t *k, mdr_unit_t *u)
{
    int                     rc;
    uint32_t                i;
    mdr_buf_t               b;
    const mdr_rule_t       *r;
    const mdr_tag_point_t  *t;

    t = u->has_tag ? u->tag : NULL;

    if (t == NULL || u->rule == UINT32_MAX || k->conf.tags == MDR_TAGS_OFF
        || (u->closed && u->end - u->start > k->conf.max_slot && t->json))
    {
        u->action = MDR_ACT_NONE;       /* no element or object: recorded    */
        return;
    }

    r = &k->model->rules[u->rule];
    mdr_buf_init(&b, k->alloc);

    if (t->json) {
        rc = add_name(&b, t->comma ? ",\"moderation\":{\"suggestion\":\""
                                   : "\"moderation\":{\"suggestion\":\"");
        rc |= add_name(&b, suggestion_name(u->suggestion));
        rc |= add_name(&b, "\",\"label\":\"");
        rc |= add_escaped(&b, r->label, 1);

        if (k->conf.tags == MDR_TAGS_FULL) {
            rc |= add_name(&b, "\",\"rule\":\"");
            rc |= add_escaped(&b, r->id, 1);
        }

        rc |= add_name(&b, "\"}");

    } else {
        rc = add_name(&b, " data-moderation-label=\"");
        rc |= add_escaped(&b, r->label, 0);
        rc |= add_name(&b, "\" data-moderation-suggestion=\"");
        rc |= add_name(&b, suggestion_name(u->suggestion));

        if (k->conf.tags == MDR_TAGS_FULL) {
            rc |= add_name(&b, "\" data-moderation-rule=\"");
            rc |= add_escaped(&b, r->id, 0);
        }

        rc |= add_name(&b, "\"");
    }

    if (rc != MDR_OK) {
        k->failed = 1;

    } else {
        mdr_style_put(k, u->styles, t->at, t->at, b.data, b.len);

        for (i = 0; i < t->nstale; i++) {
            mdr_edit_put(k, t->stale[i].start, t->stale[i].end, "", 0);
        }

        u->flags |= MDR_ITEM_TAGGED;
        k->stats.tagged++;
    }

    mdr_buf_done(&b);
}
