/*
 * html_note.c - a unit of learned markup is recorded while the tokenizer reads
 * it, token by token.
 *
 * A text is a hole where no text can open or close an element there; an
 * attribute's value is one where nothing looks at it, or only as the text of a
 * field.  Raw text, and what stands in noscript, is literal.
 */

#include "html_modes.h"
#include "html_learn.h"

#include <string.h>


#define BLANK_MAX   64                  /* white space that is markup        */

#define SPACE(c)  ((c) == ' ' || (c) == '\n' || (c) == '\t' || (c) == '\r'   \
                   || (c) == '\f')


/*
 * Attributes.  Those that say what a tag is are literal; of the others, those
 * whose values look like words of a program are, too, which saves holes: where
 * they turn out not to be, all are taken for holes.
 */

static int
is_looked_at(const mdr_html_rules_t *r, mdr_name_t key)
{
    uint32_t  i;

    for (i = 0; i < r->nlooked; i++) {
        if (r->looked[i] == key) {
            return 1;
        }
    }

    return 0;
}


/* is there JSON or HTML in it that a field reads? */

static int
is_read(const mdr_html_rules_t *r, mdr_name_t key)
{
    uint32_t                i, k;
    const mdr_html_place_t  *p;

    for (i = 0; i < r->nslots; i++) {
        for (k = 0; k < r->slots[i].nplaces; k++) {
            p = &r->slots[i].places[k];

            if (p->inside && p->attr_key == key) {
                return 1;
            }
        }
    }

    return 0;
}


static int
is_word(const uint8_t *p, size_t n)
{
    size_t  i;

    if (n > 12) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (!mdr_html_is_alpha(p[i]) && p[i] != '_' && p[i] != '-') {
            return 0;
        }
    }

    return 1;
}


static int
is_one_of(const uint8_t *p, size_t n, const char *words)
{
    const char  *s, *e;

    for (s = words; ; s = e + 1) {
        e = strchr(s, ' ');

        if (e == NULL) {
            return strlen(s) == n && memcmp(p, s, n) == 0;
        }

        if ((size_t) (e - s) == n && memcmp(p, s, n) == 0) {
            return 1;
        }
    }
}


/* what hole the value is, by its quotes; MDR_HOLE_NONE: it is literal */

static uint8_t
hole_of(const mdr_html_t *h, const mdr_attr_t *a)
{
    size_t          n, len;
    uint8_t         hole, before, behind;
    const uint8_t  *p;

    if (a->value <= a->name_end || is_looked_at(h->rules, a->key)) {
        return MDR_HOLE_NONE;
    }

    p = h->tag.p;
    n = a->name_end - a->name;
    len = a->value_end - a->value;
    before = p[a->value - 1];
    behind = p[a->value_end];

    if (before == '"' || before == '\'') {
        hole = before != behind ? MDR_HOLE_NONE
               : before == '"' ? MDR_HOLE_ATTR : MDR_HOLE_SINGLE;

    } else {
        hole = before == '=' && len != 0 ? MDR_HOLE_BARE : MDR_HOLE_NONE;
    }

    /* a document in single quotes needs no references, so that it looks like
     * a text that is ready */

    if (hole != MDR_HOLE_ATTR && is_read(h->rules, a->key)) {
        return MDR_HOLE_NONE;
    }

    if (hole == MDR_HOLE_NONE || h->learn->all_holes) {
        return hole;
    }

    if (is_one_of(p + a->name, n, "width height")) {
        return MDR_HOLE_NONE;
    }

    return !is_word(p + a->value, len)
           || is_one_of(p + a->name, n, "alt title href src value content "
                        "placeholder name id")
           || (n > 5 && memcmp(p + a->name, "data-", 5) == 0)
           ? hole : MDR_HOLE_NONE;
}


static void
split_tag(mdr_html_t *h, mdr_record_t *r)
{
    uint8_t              hole;
    uint32_t             i, from;
    const mdr_attr_t    *a;
    mdr_record_state_t   to;

    if (h->tag.nattrs == MDR_ATTRS) {
        r->bad = 1;
        return;
    }

    memset(&to, 0, sizeof(to));

    for (i = 0; i < h->tag.nattrs && !r->bad; i++) {
        a = &h->tag.attrs[i];
        hole = hole_of(h, a);

        if (hole == MDR_HOLE_NONE) {
            continue;
        }

        from = a->value;
        to.hole = h->hooks != NULL ? h->hooks->hole(h->hook_ctx, h, a, &from)
                                   : MDR_HOLE_ATTR;

        if (hole != MDR_HOLE_ATTR) {

            /* who asks for a value expects it in double quotes */

            if (to.hole != MDR_HOLE_ATTR || from != a->value) {
                continue;
            }

            to.hole = hole;
        }

        h->learn->parts |= from != a->value;
        mdr_record_hole(r, r->done + from, r->done + a->value_end, &to);
    }
}


/* the elements that are open, in MDR_UNIT_OPEN numbers */

static void
serials(const mdr_html_t *h, uint64_t *open)
{
    uint32_t  i;

    for (i = 0; i < h->n; i++) {
        open[i] = h->open[i].serial;
    }
}


/* where a state stands, in n bytes: what the literal before it leads to */

static void
leads_to(const mdr_html_t *h, const uint8_t *state, size_t n, uint64_t *open,
    mdr_record_state_t *to)
{
    serials(h, open);
    to->p = state;
    to->n = n;
    to->before = h->rec->before;
    to->serial = h->serial;
    to->open = open;
    to->nopen = h->n;
    to->hole = MDR_HOLE_TEXT;
}


static int
is_blank(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n && SPACE(p[i]); i++) { /* void */ }

    return i == n && n <= BLANK_MAX;
}


static void
drop(mdr_html_t *h, int why)
{
    mdr_record_drop(h->learn, why);
    h->rec = NULL;
}


/* the bytes before p, at position at, have been read */

void
mdr_html_note(mdr_html_t *h, const uint8_t *p, uint64_t at)
{
    int                  text;
    size_t               n, len;
    uint8_t              state[MDR_HTML_STATE];
    uint64_t             open[MDR_UNIT_OPEN];
    mdr_record_t        *r;
    const uint8_t       *q;
    mdr_record_state_t   to;

    r = h->rec;
    len = (size_t) (at - r->done);
    q = r->p + (r->done - r->at);

    if (len == 0) {
        return;
    }

    if (r->bad || at - r->at > mdr_record_most(h->learn) || h->n < r->depth
        || !mdr_html_is_told(h))
    {
        drop(h, at - r->at > MDR_UNIT_MAX ? MDR_DROP_LONG : MDR_DROP_ODD);
        return;
    }

    /* a token goes on, or raw text: all of it is literal */

    if (h->state != MDR_HTML_DATA || h->noscript != 0) {
        if (h->state == MDR_HTML_PLAIN || h->state == MDR_HTML_REST
            || h->hook_raw || h->nest_group != 0)
        {
            drop(h, MDR_DROP_ODD);
        }
        return;
    }

    text = *q != '<';

    if (!text && h->tag.p == q && mdr_html_is_alpha(q[1])) {
        split_tag(h, r);
    }

    if (!text && (mdr_html_is_alpha(q[1]) || q[1] == '/')) {
        r->last_tag = r->done;
    }

    /* a "<" that opens nothing is so by what follows: a literal that ends with
     * it would be the beginning of any tag */

    if (h->skip_newline || (text ? *p != '<' : len == 1)) {
        drop(h, MDR_DROP_ODD);
        return;
    }

    if (!text && h->n == r->depth) {
        n = mdr_html_state(h, state);

        if (n == r->begin_len && memcmp(state, r->states.data, n) == 0) {
            r->done = at;

            if (r->ndid == 0 && at - r->at < MDR_UNIT_LEAST) {
                drop(h, MDR_DROP_LONG);
                return;
            }

            leads_to(h, state, n, open, &to);
            h->rec = NULL;
            mdr_record_end(h->learn, at, r->last_tag, &to);
            return;
        }
    }

    if (text && r->idle && (r->ndid != r->before || !is_blank(q, len))) {
        n = mdr_html_state(h, state);

        if (n == 0) {
            drop(h, MDR_DROP_ODD);
            return;
        }

        leads_to(h, state, n, open, &to);
        mdr_record_hole(r, r->done, at, &to);
    }

    r->done = at;
    r->before = r->ndid;
    r->idle = (uint8_t) mdr_html_text_is_idle(h);
}


/* a unit begins at p, in that state of n bytes */

void
mdr_html_note_begin(mdr_html_t *h, mdr_start_t *start, const uint8_t *p,
    uint64_t at, const uint8_t *state, size_t n)
{
    mdr_record_t  *r;

    if (!mdr_record_begin(h->learn, start, p, at, state, n)) {
        return;
    }

    r = &h->learn->rec;
    r->live = (uint8_t) h->nlive;
    r->depth = h->n;
    serials(h, r->open);
    r->nopen = h->n;
    r->serial = h->serial;
    r->before = 0;
    r->idle = 1;
    r->last_tag = at;
    h->rec = r;
    h->whole.p = NULL;
}


void
mdr_html_note_end(mdr_html_t *h, uint64_t at)
{
    h->rec->done = at;
    mdr_record_drop(h->learn, MDR_DROP_CUT);
    h->rec = NULL;
}


uint32_t
mdr_html_live_of(const mdr_html_t *h, uint32_t item)
{
    uint32_t  i;

    for (i = 0; i < h->nlive && h->live[i].item != item; i++) { /* void */ }

    return i;
}


/*
 * An item of the slot of rules begins with h->tag; at: its parent's place + 1.
 * Its parent is told by its number among the elements of the literal at hand,
 * or 0: by its place.
 *
 * Items that are in no other one of the unit begin with it: each of them is a
 * unit by itself, which may be a card, or one that is known (html_card.c).
 */

void
mdr_html_did_item(mdr_html_t *h, uint32_t slot, uint32_t at)
{
    uint64_t       parent;
    mdr_record_t  *r;

    r = h->rec;

    if (h->nlive == r->live && h->tag.start != r->at) {
        r->bad = 1;
        r->never = 1;
    }

    parent = at != 0 ? h->open[at - 1].serial : 0;
    parent = parent > r->serial ? parent - r->serial : 0;
    mdr_record_did(r, MDR_DO_ITEM, h->nlive,
                   parent < UINT32_MAX ? (uint32_t) parent : UINT32_MAX,
                   h->tag.start, h->tag.stop, slot | at << 16);
}
