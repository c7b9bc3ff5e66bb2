/*
 * html_item.c - items and fields: selectors against the open elements.
 *
 * A selector is looked at only where its last compound could match: by the
 * tag first, then by attributes.  Steps before the last one are bits that an
 * element keeps while it is open (which compounds it matches by itself);
 * whether they stand in the right order above is worked out only for an
 * element that matches the last compound.
 */

#include "html_learn.h"
#include "html_tags.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif


/*
 * Do the compounds before the last one of x stand above index `at` of the
 * stack, all of them inside the element `item` (0: anywhere)?  One walk down,
 * a bit a step.
 */

static int
above(const mdr_html_t *h, const mdr_complex_t *x, uint64_t item,
    uint32_t at)
{
    uint32_t               i, j, from, seen, here, last, words;
    const uint64_t        *bits;
    const mdr_compound_t  *c;

    from = item != 0 ? (uint32_t) mdr_html_find(h, item) + 1 : 0;
    words = h->rules->words;
    seen = 0;                           /* steps matched somewhere above     */
    last = 0;                           /* steps matched by the parent       */

    for (i = from; i < at; i++) {
        bits = &h->bits[i * words];
        here = 0;

        for (j = 0; j + 1 < x->n; j++) {
            c = &x->compounds[j];

            if ((bits[c->bit / 64] >> (c->bit % 64) & 1)
                && (j == 0 || ((c->child ? last : seen) >> (j - 1) & 1)))
            {
                here |= (uint32_t) 1 << j;
            }
        }

        seen |= here;
        last = here;
    }

    return ((x->compounds[x->n - 1].child ? last : seen) >> (x->n - 2)) & 1;
}


static inline int
selector_matches(mdr_html_t *h, const mdr_selector_t *s, uint64_t item,
    uint32_t at)
{
    uint32_t              i;
    const mdr_complex_t  *x;

    if (h->tag.memo != NULL && s->single) {
        return (h->tag.memo->bits & s->bits) != 0;
    }

    for (i = 0; i < s->n; i++) {
        x = &s->list[i];

        if (mdr_compound_match(&x->compounds[x->n - 1], &h->tag)
            && (x->n == 1 || above(h, x, item, at)))
        {
            return 1;
        }
    }

    return 0;
}


int
mdr_html_matches(mdr_html_t *h, const mdr_selector_t *s, uint32_t at)
{
    return selector_matches(h, s, 0, at);
}


static void
no_memory(mdr_html_t *h)
{
    h->unusual++;
    mdr_html_did_odd(h);
    mdr_sink_error(h->sink, MDR_ERR_MEMORY, h->tag.start, "out of memory");
}


/* an attribute's value as the text of a place; empty where there is none.
 * Returns what it costs */

static size_t
attribute_place(mdr_html_t *h, uint32_t item, const mdr_html_place_t *p)
{
    int                rc;
    size_t             cost;
    mdr_text_t        *t;
    const mdr_attr_t  *a;

    t = mdr_sink_place_open(h->sink, item, p->place);
    mdr_html_did(h, MDR_DO_OPEN, item, p->place, 0, 0);

    if (t == NULL) {
        mdr_html_did_odd(h);
        return 0;
    }

    a = mdr_html_attr(&h->tag, p->attr, p->attr_key);

    if (a != NULL) {
        mdr_html_did(h, MDR_DO_VALUE, item, p->place, h->tag.start + a->value,
                     h->tag.start + a->value_end);
        rc = MDR_OK;
        (void) mdr_html_add_text(t, h->tag.start + a->value,
                                 h->tag.p + a->value,
                                 a->value_end - a->value, 1, 1,
                                 MDR_NUL_BAD, &rc);
        if (rc != MDR_OK) {
            no_memory(h);
        }
    }

    cost = mdr_html_text_cost(t);
    mdr_html_did(h, MDR_DO_CLOSE, item, p->place, h->tag.stop, 0);
    mdr_sink_place_close(h->sink, item, p->place, h->tag.stop);

    return cost;
}


static size_t
open_place(mdr_html_t *h, mdr_open_t *e, uint32_t item,
    const mdr_html_place_t *p, uint8_t in)
{
    mdr_text_t     *t;
    mdr_collect_t  *c;

    if (p->attr.len != 0) {
        return attribute_place(h, item, p);
    }

    t = mdr_sink_place_open(h->sink, item, p->place);
    mdr_html_did(h, MDR_DO_OPEN, item, p->place, 0, 0);

    if (t == NULL) {
        mdr_html_did_odd(h);
        return 0;
    }

    if (h->ncollects == MDR_COLLECTS) {
        mdr_html_did_odd(h);
        mdr_html_too_deep(h, "more than 512 fields inside one another");
    }

    if ((e == NULL && !h->leaf) || h->ncollects == MDR_COLLECTS) {
        mdr_html_did(h, MDR_DO_CLOSE, item, p->place, h->tag.stop, 0);
        mdr_sink_place_close(h->sink, item, p->place, h->tag.stop);
        return 0;
    }

    c = &h->collects[h->ncollects++];
    c->text = t;
    c->item = item;
    c->place = p->place;
    c->quiet = h->quiet;
    c->style = h->style | in;
    c->cost = 0;
    c->serial = MDR_NO_SERIAL;

    if (e != NULL) {
        c->serial = e->serial;
        e->marks |= MDR_OPEN_TEXT_END;

        if (e->ns != MDR_NS_HTML && (h->tag.id == T_SCRIPT
                                     || h->tag.id == T_STYLE))
        {
            c->quiet = UINT32_MAX;
        }
    }

    return 0;
}


/* does "-m" stand anywhere in the tag?  (data-moderation-...) */

static int
may_be_tagged(const mdr_tag_t *t)
{
    uint32_t        i;

#if defined(__SSE2__)

    __m128i         v, w;
    const uint8_t  *p;

    for (i = t->name_len; t->len - i > 16; i += 16) {
        p = t->p + i;
        v = _mm_loadu_si128((const __m128i *) (const void *) p);
        w = _mm_loadu_si128((const __m128i *) (const void *) (p + 1));
        v = _mm_cmpeq_epi8(v, _mm_set1_epi8('-'));
        w = _mm_cmpeq_epi8(_mm_or_si128(w, _mm_set1_epi8(' ')),
                           _mm_set1_epi8('m'));

        if (_mm_movemask_epi8(_mm_and_si128(v, w)) != 0) {
            return 1;
        }
    }

#else
    i = t->name_len;
#endif

    for ( ; i + 1 < t->len; i++) {
        if (t->p[i] == '-' && (t->p[i + 1] | 32) == 'm') {
            return 1;
        }
    }

    return 0;
}


/* what upstream wrote under our names is to go, with the white space before
 * it and its closing quote */

static void
tag_point(mdr_html_t *h, uint32_t item)
{
    uint8_t            c;
    uint32_t           i, n, from, end;
    mdr_str_t          name;
    mdr_tag_t          one;
    mdr_tag_point_t    tp;
    const uint8_t     *p;
    const mdr_attr_t  *a;

    static const char *const  ours[] = {
        "data-moderation-label", "data-moderation-suggestion",
        "data-moderation-rule"
    };

    tp.at = h->tag.start + 1 + h->tag.name_len;
    tp.json = 0;
    tp.comma = 0;
    tp.nstale = 0;
    p = h->tag.p;

    if (may_be_tagged(&h->tag)) {
        mdr_html_attrs(&h->tag);
    }

    for (i = 0; i < h->tag.nattrs && tp.nstale < 8; i++) {
        a = &h->tag.attrs[i];

        if (a->name_end - a->name < 20 || (p[a->name] | 32) != 'd') {
            continue;
        }

        one.p = p;
        one.len = 0;
        one.next = 0;
        one.nattrs = 1;
        one.attrs[0] = *a;

        for (n = 0; n < 3; n++) {
            name.data = ours[n];
            name.len = (uint32_t) strlen(ours[n]);
            if (mdr_html_attr(&one, name,
                              mdr_html_name((const uint8_t *) ours[n],
                                            name.len))
                != NULL)
            {
                break;
            }
        }

        if (n == 3) {
            continue;
        }

        from = a->name;
        c = p[from - 1];

        if (c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f') {
            from--;
        }

        end = a->value_end;
        c = p[a->value - 1];

        if (a->value != a->name_end && (c == '"' || c == '\'')) {
            end++;
        }

        tp.stale[tp.nstale].start = h->tag.start + from;
        tp.stale[tp.nstale].end = h->tag.start + end;
        tp.nstale++;
    }

    mdr_html_did(h, MDR_DO_TAG_POINT, item, 0, tp.at, 0);

    if (tp.nstale != 0) {
        mdr_html_did_odd(h);
    }

    mdr_sink_tag_point(h->sink, item, &tp);
}


/* a value of the element of h->tag is a document of its own (within: html) */

static void
open_nest(mdr_html_t *h, mdr_open_t *e, const mdr_html_nest_t *n)
{
    int                rc;
    uint8_t            quote;
    mdr_layer_t       *l;
    const mdr_attr_t  *a;

    h->unusual++;
    mdr_html_did_odd(h);

    if (n->attr.len != 0) {
        a = mdr_html_attr(&h->tag, n->attr, n->attr_key);

        if (a == NULL || a->value == a->value_end) {
            return;
        }

        quote = h->tag.p[a->value - 1];
        l = mdr_layer_open(h->sink, n->group, quote == '"' || quote == '\''
                           ? MDR_STYLE_ATTR : MDR_STYLE_BARE);
        if (l == NULL) {
            return;
        }

        rc = mdr_html_layer_text(l, h->tag.start + a->value,
                                 h->tag.p + a->value,
                                 a->value_end - a->value, 1);
        if (rc == MDR_OK) {
            rc = mdr_layer_read(l, 1);
        }

        mdr_layer_close(l);

        if (rc != MDR_OK) {
            no_memory(h);
        }
        return;
    }

    if ((e == NULL && !h->leaf) || h->nest_group != 0) {
        return;
    }

    h->nest_group = n->group;
    h->nest_serial = MDR_NO_SERIAL;

    if (e != NULL) {
        h->nest_serial = e->serial;
        e->marks |= MDR_OPEN_TEXT_END;
    }
}


static uint64_t *
found_of(mdr_html_t *h, const mdr_live_t *l)
{
    return &h->found[(size_t) (l - h->live) * h->rules->place_words];
}


/* does the slot look where h->tag stands? */

static inline int
sees(const mdr_html_t *h, const mdr_html_slot_t *hs)
{
    return (h->style & MDR_IN & ~hs->sees) == 0
           && hs->xml == (h->xml == MDR_XML);
}


static void
open_item(mdr_html_t *h, mdr_open_t *e, uint32_t slot, uint32_t at)
{
    uint32_t                k, item;
    uint64_t               *found;
    mdr_live_t             *l;
    const mdr_html_slot_t  *hs;

    hs = &h->rules->slots[slot];
    h->unusual++;

    if (h->rec != NULL) {
        mdr_html_did_item(h, slot, at);
    }

    if (h->nlive == MDR_LIVE) {
        mdr_html_did_odd(h);
        mdr_html_too_deep(h, "more than 256 items inside one another");
        return;
    }

    item = mdr_sink_item_open(h->sink, hs->slot, MDR_ITEM_ELEMENT,
                              h->tag.start, h->tag.start,
                              at != 0 ? h->open[at - 1].serial : UINT64_MAX);
    if (item == MDR_NO_ITEM) {
        mdr_html_did_odd(h);
        return;
    }

    if (mdr_sink_tags(h->sink, hs->slot)) {
        tag_point(h, item);
    }

    l = &h->live[h->nlive];
    found = found_of(h, l);
    memset(found, 0, h->rules->place_words * sizeof(uint64_t));
    l->left = 0;
    l->sees = hs->sees;
    l->spent = 0;
    l->cost = 0;

    for (k = 0; k < hs->nplaces; k++) {

        if (mdr_sink_wanted(h->sink, hs->slot, k)) {
            if (hs->places[k].selector != NULL) {
                l->left++;
                continue;
            }
            l->cost += open_place(h, e, item, &hs->places[k], hs->sees);
        }

        found[k / 64] |= (uint64_t) 1 << (k % 64);
    }

    if (e == NULL) {
        mdr_html_did(h, MDR_DO_ITEM_END, item, 0, h->tag.stop, 0);
        mdr_sink_item_close(h->sink, item, h->tag.stop, h->tag.stop);
        return;
    }

    h->cost += l->cost;
    l->item = item;
    l->serial = e->serial;
    l->slot = slot;
    h->nlive++;
    h->nleft += l->left != 0;
    e->marks |= MDR_OPEN_ITEMS_END;
}


/* fields that the element of h->tag is the first match for, of the items that
 * were open before it */

static void
match_fields(mdr_html_t *h, mdr_open_t *e, uint32_t at, uint32_t nlive)
{
    size_t                  cost;
    uint32_t                i, k;
    uint64_t               *found;
    mdr_live_t             *l;
    const mdr_html_slot_t  *hs;

    for (i = 0; i < nlive; i++) {
        l = &h->live[i];

        if (l->left == 0 || (h->style & MDR_IN & ~l->sees)) {
            continue;
        }

        hs = &h->rules->slots[l->slot];
        found = found_of(h, l);

        for (k = 0; k < hs->nplaces; k++) {

            if ((hs->places[k].tag != 0
                 && hs->places[k].tag != h->tag.name)
                || (found[k / 64] >> (k % 64) & 1))
            {
                continue;
            }

            if (!selector_matches(h, hs->places[k].selector, l->serial,
                                  at))
            {
                continue;
            }

            if (!hs->places[k].every) {
                found[k / 64] |= (uint64_t) 1 << (k % 64);

                if (--l->left == 0) {
                    h->nleft--;
                }
            }

            cost = open_place(h, e, l->item, &hs->places[k], l->sees);
            l->cost += cost;
            h->cost += cost;
        }
    }
}


static void
match_steps(mdr_html_t *h, const mdr_open_t *e)
{
    uint32_t                 i;
    uint64_t                *bits;
    const mdr_html_rules_t  *r;

    r = h->rules;
    bits = &h->bits[(size_t) (e - h->open) * r->words];

    for (i = 0; i < r->nsteps; i++) {
        if (mdr_compound_match(r->steps[i], &h->tag)) {
            bits[i / 64] |= (uint64_t) 1 << (i % 64);
        }
    }
}


/* does what is inside an element give no text?  (Raw text of script and style
 * is none anyway: html_raw.c) */

static inline int
is_quiet(const mdr_html_t *h, const mdr_open_t *e)
{
    uint8_t  id;

    id = h->tag.id;

    if (e->ns != MDR_NS_HTML) {
        return id == T_SCRIPT || id == T_STYLE || mdr_html_foreign_quiet(e);
    }

    switch (id) {

    case T_RT: case T_RP:

    /* what stands in for what a browser can do, and what it never shows */

    case T_AUDIO: case T_CANVAS: case T_DATALIST: case T_IFRAME:
    case T_NOEMBED: case T_NOFRAMES: case T_NOSCRIPT: case T_OBJECT:
    case T_TITLE: case T_VIDEO:
        return 1;

    default:
        return 0;
    }
}


/* what the styles of the element of h->tag do to the text around and in it;
 * returns what it looks like */

static uint8_t
opened_look(mdr_html_t *h, mdr_open_t *e)
{
    uint16_t  look;
    uint32_t  flags;

    look = mdr_html_tag_look(h);
    flags = e != NULL ? e->flags : mdr_html_flags(h->tag.id);

    if (look & MDR_LOOK_LINES) {
        flags ^= F_LINES;

        if (e != NULL) {
            e->flags = flags;
        }
    }

    if (look & MDR_LOOK_HIDDEN) {
        if (e != NULL && !(e->marks & MDR_OPEN_QUIET)) {
            e->marks |= MDR_OPEN_QUIET;
            h->quiet++;
        }

    } else if (h->ncollects != 0 && (flags & F_LINES)) {
        mdr_html_break(h, h->tag.start);
    }

    if (e == NULL || look == 0) {
        return 0;
    }

    if (look & (MDR_LOOK_UNSEEN|MDR_LOOK_SEEN|MDR_LOOK_NO_SIZE
                |MDR_LOOK_SIZE))
    {
        mdr_html_restyle(h, e, h->style);

        if (look & (MDR_LOOK_UNSEEN|MDR_LOOK_SEEN)) {
            h->style = (uint8_t) ((h->style & ~MDR_LOOK_UNSEEN)
                                  | (look & MDR_LOOK_UNSEEN));
        }

        if (look & (MDR_LOOK_NO_SIZE|MDR_LOOK_SIZE)) {
            h->style = (uint8_t) ((h->style & ~MDR_LOOK_NO_SIZE)
                                  | (look & MDR_LOOK_NO_SIZE));
        }
    }

    return (uint8_t) (look & (MDR_LOOK_RTL|MDR_LOOK_LTR));
}


static void opened(mdr_html_t *h, mdr_open_t *e, uint8_t want);


/* parents of e (index below) are [0, at) */

void
mdr_html_opened(mdr_html_t *h, mdr_open_t *e)
{
    int      asked;
    uint8_t  want, look;

    if (e != NULL && h->xml != MDR_XML && is_quiet(h, e)) {
        e->marks |= MDR_OPEN_QUIET;
        h->quiet++;
    }

    want = h->tag.memo != NULL ? h->tag.memo->want
                               : h->rules->want[h->tag.id];
    look = 0;

    if (h->style & MDR_IN) {
        if (e != NULL && (h->style & MDR_IN_INERT)) {
            mdr_html_template_child(h, e);
        }

        want = h->style & MDR_IN & ~h->rules->sees ? 0 : want;
    }

    if (h->hook_looks && e != NULL) {
        h->hooks->look(h->hook_ctx, h, e);
    }

    asked = h->ncollects != 0 || ((want & MDR_WANT_FIELD) && h->nleft != 0);

    if (asked) {
        look = opened_look(h, e);
    }

    if (want != 0) {
        opened(h, e, want);
    }

    /* an item whose own text is a field: what it looks like itself does not
     * count, but which way it is written */

    if (!asked && e != NULL && h->ncollects != 0) {
        look = (uint8_t) (mdr_html_tag_look(h) & (MDR_LOOK_RTL|MDR_LOOK_LTR));
    }

    if (h->cost > h->cost_max) {
        mdr_html_give_up(h, h->tag.stop);
    }

    if (look != 0 && h->ncollects != 0) {
        e->marks |= MDR_OPEN_TURNED;
        mdr_html_turn(h, h->tag.stop, look);
    }
}


/*
 * The start tag is longer than may be held.  What was seen of it counts; as a
 * step it may be what a selector asks for, so cards inside it are found.  An
 * item that begins with it is too large by itself; where it may be one and
 * that is not known, the response ends here or goes on unread.
 */

static void
opened_cut(mdr_html_t *h, mdr_open_t *e, uint32_t at)
{
    int                      may;
    uint32_t                 i, nlive;
    const mdr_html_rules_t  *r;

    r = h->rules;
    nlive = h->nlive;
    may = 0;

    for (i = 0; i < r->nslots; i++) {
        h->tag.cut = 0;

        if (!sees(h, &r->slots[i])) {
            continue;
        }

        if (selector_matches(h, r->slots[i].match, 0, at)) {
            open_item(h, e, i, at);

        } else {
            h->tag.cut = 1;
            may |= selector_matches(h, r->slots[i].match, 0, at);
        }
    }

    h->tag.cut = 0;

    if (h->nleft != 0) {
        match_fields(h, e, at, nlive);
    }

    h->tag.cut = 1;
    h->unusual++;
    mdr_html_did_odd(h);

    if (may) {
        h->stop |= (uint8_t) mdr_sink_stop(h->sink, MDR_ERR_TOO_LARGE,
                                           h->tag.start, "a start tag");
        h->stop_at = h->tag.start;

    } else {
        mdr_sink_error(h->sink, MDR_ERR_TOO_LARGE, h->tag.start,
                       "a start tag");
    }
}


static void
opened(mdr_html_t *h, mdr_open_t *e, uint8_t want)
{
    uint32_t                 i, at, nlive;
    const mdr_html_rules_t  *r;

    r = h->rules;

    if (e != NULL && (want & MDR_WANT_STEP)) {
        match_steps(h, e);
    }

    at = e == NULL ? h->n : h->n - 1;
    nlive = h->nlive;

    if ((want & MDR_WANT_HOOK) && h->hooks != NULL) {
        h->hooks->opened(h->hook_ctx, h, e, at);
    }

    if (h->tag.cut) {
        opened_cut(h, e, at);
        return;
    }

    if (want & MDR_WANT_ITEM) {
        for (i = 0; i < r->nslots; i++) {
            if (sees(h, &r->slots[i])
                && (r->slots[i].tag == 0 || r->slots[i].tag == h->tag.name)
                && selector_matches(h, r->slots[i].match, 0, at))
            {
                open_item(h, e, i, at);
            }
        }

        for (i = 0; i < r->nnests; i++) {
            if (selector_matches(h, r->nests[i].match, 0, at)) {
                open_nest(h, e, &r->nests[i]);
            }
        }
    }

    if ((want & MDR_WANT_FIELD) && h->nleft != 0) {
        match_fields(h, e, at, nlive);
    }
}


/* the text of c is complete, and held with its item */

static void
settle(mdr_html_t *h, const mdr_collect_t *c)
{
    uint32_t  i;

    if (c->cost == 0) {
        return;
    }

    for (i = h->nlive; i > 0; i--) {
        if (h->live[i - 1].item == c->item) {
            h->live[i - 1].cost += c->cost;
            return;
        }
    }

    h->cost -= c->cost;
}


/* the element of h->tag has the n bytes at p as its text and nothing else; it
 * is not on the stack and ends at stop */

void
mdr_html_leaf(mdr_html_t *h, const uint8_t *p, size_t n, uint64_t at,
    uint64_t stop)
{
    uint32_t        i, before;
    mdr_collect_t  *c;

    before = h->ncollects;

    h->leaf = 1;
    mdr_html_opened(h, NULL);
    h->leaf = 0;

    if (h->nest_group != 0 && h->nest_serial == MDR_NO_SERIAL) {
        (void) mdr_html_nest_give(h, p, n, at, 1, MDR_STYLE_TEXT);
        mdr_html_nest_end(h);
        h->nest_group = 0;
    }

    if (h->ncollects == 0) {
        return;
    }

    if (before != 0 || h->ncollects != 1
        || !mdr_text_whole(h->collects[0].text, at, p, n))
    {
        if (n != 0) {
            (void) mdr_html_give(h, p, n, at, 1, 1, MDR_NUL_DROP);
        }
    }

    /* its own are the last ones; some may have been given up */

    for (before = h->ncollects;
         before != 0 && h->collects[before - 1].serial == MDR_NO_SERIAL;
         before--)
    {
        /* void */
    }

    for (i = before; i < h->ncollects; i++) {
        c = &h->collects[i];
        mdr_sink_place_close(h->sink, c->item, c->place, stop);
        settle(h, c);
    }

    h->ncollects = before;

    if (before != 0 && (mdr_html_flags(h->tag.id) & F_LINES)) {
        mdr_html_break(h, at + n);
    }
}


void
mdr_html_opened_implied(mdr_html_t *h, mdr_open_t *e)
{
    uint8_t  want;

    want = h->rules->want[h->tag.id];

    if (h->ncollects != 0 && (e->flags & F_LINES)) {
        mdr_html_break(h, h->tag.start);
    }

    if (want == 0 || (h->style & MDR_IN & ~h->rules->sees)) {
        return;
    }

    if (want & MDR_WANT_STEP) {
        match_steps(h, e);
    }

    if ((want & MDR_WANT_FIELD) && h->nleft != 0) {
        match_fields(h, e, h->n - 1, h->nlive);
    }
}


/* texts that end with an element, or with the end of their item */

static void
close_texts(mdr_html_t *h, uint64_t serial, uint32_t item, uint64_t seen)
{
    uint32_t        i, n;
    mdr_collect_t  *c;

    for (i = 0, n = 0; i < h->ncollects; i++) {
        c = &h->collects[i];

        if (c->serial == serial || c->item == item) {
            mdr_html_did(h, MDR_DO_CLOSE, c->item, c->place, seen, 0);
            mdr_sink_place_close(h->sink, c->item, c->place, seen);
            settle(h, c);

        } else {
            if (n != i) {
                h->collects[n] = *c;
            }
            n++;
        }
    }

    h->ncollects = n;
}


void
mdr_html_closed(mdr_html_t *h, const mdr_open_t *e, uint64_t end,
    uint64_t seen)
{
    uint32_t     i;
    uint64_t    *found;
    mdr_live_t   l;

    if (e->marks & MDR_OPEN_TEXT_END) {
        close_texts(h, e->serial, MDR_NO_ITEM, seen);

        if (h->nest_group != 0 && h->nest_serial == e->serial) {
            mdr_html_nest_end(h);
            h->nest_group = 0;
        }
    }

    if (!(e->marks & MDR_OPEN_ITEMS_END)) {
        return;
    }

    if (h->hooks != NULL) {
        h->hooks->closed(h->hook_ctx, h, e->serial, end);
    }

    for (i = h->nlive; i-- > 0; ) {

        if (h->live[i].serial != e->serial) {
            continue;
        }

        l = h->live[i];

        if (h->ncollects != 0) {
            close_texts(h, UINT64_MAX, l.item, seen);
        }

        mdr_html_did(h, MDR_DO_ITEM_END, l.item, 0, end, 0);

        h->nleft -= l.left != 0;
        h->cost -= h->live[i].cost;
        h->nlive--;

        if (i != h->nlive) {
            mdr_html_did_odd(h);
            found = found_of(h, &h->live[i]);
            memmove(found, found + h->rules->place_words,
                    (h->nlive - i) * h->rules->place_words
                    * sizeof(uint64_t));
            memmove(&h->live[i], &h->live[i + 1],
                    (h->nlive - i) * sizeof(mdr_live_t));
        }

        mdr_sink_item_close(h->sink, l.item, end, end);
    }
}


/* which script slots with a selector match the element of h->tag; 1: some
 * slot may look into this script */

int
mdr_html_script_match(mdr_html_t *h, uint8_t *by_selector)
{
    int                      any;
    uint32_t                 i;
    const mdr_html_rules_t  *r;

    r = h->rules;
    any = r->names;

    memset(by_selector, 0, r->model->nslots);

    for (i = 0; i < r->nscripts; i++) {

        if (r->scripts[i].match == NULL) {
            any = 1;
            continue;
        }

        if (selector_matches(h, r->scripts[i].match, 0, h->n - 1)) {
            by_selector[r->scripts[i].slot] = 1;
            any = 1;
        }
    }

    return any;
}
