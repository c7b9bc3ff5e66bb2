/*
 * json_scan.c - the JSON tokenizer (RFC 8259) with path tracking.
 *
 * Every open container keeps, for each path that could still lead somewhere
 * in it, how far that path has matched.  A value that no path can enter is
 * passed over structurally: strings and brackets, nothing else.  A key stays
 * unconsumed until the first byte of its value is there, because only then it
 * is known whether the member is an item.
 *
 * Duplicate keys: readers differ in which one counts, so the texts of all of
 * them do.  More is taken than RFC 8259 allows where refusing it would let the
 * rest of a body pass uninspected: control characters in strings, and anything
 * between balanced brackets in a value that is passed over.
 *
 * Relaxed (script.c): what JavaScript writes beyond JSON is taken.
 */

#include "json.h"
#include "utf8.h"

#include <string.h>


enum { E_VALUE, E_VALUE_OR_END, E_KEY, E_KEY_OR_END, E_COMMA, E_DONE };

#define IS_SPACE(c)  ((c) == ' ' || (c) == '\n' || (c) == '\t' || (c) == '\r')

#define NEED_MORE  0
#define BROKEN     SIZE_MAX


/* positions: inside a string of a script (JSON.parse("...")) offsets are of
 * the decoded text, and what is told to the sink is where that came from */

static uint64_t
place(const mdr_json_t *j, uint64_t at)
{
    uint64_t  a, b;

    if (j->map == NULL) {
        return at;
    }

    at -= j->map_base;

    if (at >= j->map->len) {
        return j->map_end;
    }

    mdr_text_span(j->map, (uint32_t) at, (uint32_t) at + 1, &a, &b);

    return a;
}


static int
slot_type(const mdr_json_t *j, uint32_t i)
{
    return j->use != NULL ? j->use[i] : j->rules->slots[i].type == j->type;
}


mdr_json_rules_t *
mdr_json_compile(const mdr_model_t *m, mdr_arena_t *arena)
{
    uint32_t             i, f, k, n;
    mdr_syntax_t         err;
    mdr_json_slot_t     *js;
    const mdr_slot_t    *s;
    mdr_json_rules_t    *r;
    const mdr_source_t  *src;

    static const mdr_str_t  self = {"$", 1};

    r = mdr_arena_alloc(arena, sizeof(mdr_json_rules_t));
    if (r == NULL) {
        return NULL;
    }

    r->model = m;
    r->slots = mdr_arena_alloc(arena, (m->nslots + 1)
                                      * sizeof(mdr_json_slot_t));
    if (r->slots == NULL) {
        return NULL;
    }

    for (i = 0; i < m->nslots; i++) {
        s = &m->slots[i];

        if (s->type == MDR_TYPE_HTML) {
            continue;
        }

        js = &r->slots[r->nslots++];
        js->slot = i;
        js->type = s->type;
        js->match = mdr_path_parse(s->match, arena, &err);

        if (js->match == NULL) {
            return NULL;
        }

        if (s->count.len != 0) {
            js->count = mdr_path_parse(s->count, arena, &err);
            if (js->count == NULL) {
                return NULL;
            }
        }

        for (f = 0, n = 0; f < s->nfields; f++) {
            n += s->fields[f].nsources;
        }

        js->places = mdr_arena_alloc(arena, (n + 1)
                                            * sizeof(mdr_json_place_t));
        if (js->places == NULL) {
            return NULL;
        }

        for (f = 0; f < s->nfields; f++) {
            for (k = 0; k < s->fields[f].nsources; k++) {
                src = &s->fields[f].sources[k];
                js->places[js->nplaces].place = js->nplaces;

                js->places[js->nplaces].path =
                               mdr_path_parse(src->selector.len != 0
                                              ? src->selector : self, arena,
                                              &err);
                if (js->places[js->nplaces].path == NULL) {
                    return NULL;
                }

                js->nplaces++;
            }
        }

        if (js->nplaces > 64) {
            js->nplaces = 64;
        }
    }

    return r;
}


static mdr_json_t *
make(const mdr_json_rules_t *rules, mdr_sink_t *sink, int type,
    const uint8_t *use)
{
    mdr_json_t         *j;
    const mdr_alloc_t  *a;

    a = mdr_sink_alloc(sink);
    j = mdr_calloc(a, sizeof(mdr_json_t));

    if (j != NULL) {
        j->rules = rules;
        j->sink = sink;
        j->alloc = a;
        j->type = (uint8_t) type;
        j->use = use;
        j->expect = E_VALUE;
        j->prefix = type == MDR_TYPE_JSONP;
    }

    return j;
}


mdr_json_t *
mdr_json_new(const mdr_json_rules_t *rules, mdr_sink_t *sink, int type)
{
    return make(rules, sink, type, NULL);
}


mdr_json_t *
mdr_json_new_script(const mdr_json_rules_t *rules, mdr_sink_t *sink,
    const uint8_t *use)
{
    mdr_json_t  *j;

    j = make(rules, sink, MDR_TYPE_SCRIPT, use);

    if (j != NULL) {
        j->relaxed = 1;
    }

    return j;
}


void
mdr_json_free(mdr_json_t *j)
{
    if (j == NULL) {
        return;
    }

    mdr_free(j->alloc, j->frames);
    mdr_free(j->alloc, j->st);
    mdr_free(j->alloc, j->now);
    mdr_free(j->alloc, j);
}


static int
hex4(const uint8_t *p, uint32_t *v, int n)
{
    int  i, d;

    for (i = 0, *v = 0; i < n; i++) {
        d = p[i] >= '0' && p[i] <= '9' ? p[i] - '0'
            : (p[i] | 32) >= 'a' && (p[i] | 32) <= 'f' ? (p[i] | 32) - 'a'
                                                         + 10 : -1;
        if (d < 0) {
            return 0;
        }
        *v = *v * 16 + (uint32_t) d;
    }

    return 1;
}


int
mdr_json_escape(const uint8_t *p, size_t n, int last, int relaxed,
    uint8_t *out, size_t *len)
{
    uint32_t  cp, low;

    if (n < 2) {
        return last ? -2 : -1;
    }

    *len = 2;

    switch (p[1]) {
    case '"': case '\\': case '/':
        out[0] = p[1];
        return 1;
    case 'b': out[0] = '\b'; return 1;
    case 'f': out[0] = '\f'; return 1;
    case 'n': out[0] = '\n'; return 1;
    case 'r': out[0] = '\r'; return 1;
    case 't': out[0] = '\t'; return 1;
    case 'u': break;

    default:
        if (!relaxed) {
            return -2;
        }

        if (p[1] == 'x') {
            if (n < 4) {
                return last ? -2 : -1;
            }
            if (!hex4(p + 2, &cp, 2)) {
                return -2;
            }
            *len = 4;
            return (int) mdr_utf8_put(out, cp);
        }

        if (p[1] == '\n') {
            return 0;                   /* a continued line                  */
        }

        out[0] = p[1] == 'v' ? '\v' : p[1] == '0' ? ' ' : p[1];
        return 1;
    }

    if (relaxed && n > 2 && p[2] == '{') {
        size_t  i;

        for (i = 3, cp = 0; i < n && i < 11 && hex4(p + i, &low, 1); i++) {
            cp = cp * 16 + low;
        }
        if (i == n && !last) {
            return -1;
        }
        if (i < n && p[i] == '}') {
            *len = i + 1;
            return (int) mdr_utf8_put(out, cp);
        }
        return -2;
    }

    if (n < 6) {
        return last ? -2 : -1;
    }

    if (!hex4(p + 2, &cp, 4)) {
        return -2;
    }

    *len = 6;

    if (cp < 0xd800 || cp > 0xdfff) {
        return (int) mdr_utf8_put(out, cp);
    }

    if (cp < 0xdc00) {
        if (n < 12 && !last
            && (n == 6 || (p[6] == '\\' && (n == 7 || p[7] == 'u'))))
        {
            return -1;
        }

        if (n >= 12 && p[6] == '\\' && p[7] == 'u' && hex4(p + 8, &low, 4)
            && low >= 0xdc00 && low <= 0xdfff)
        {
            *len = 12;
            cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
            return (int) mdr_utf8_put(out, cp);
        }
    }

    return (int) mdr_utf8_put(out, MDR_CP_BAD);
}


/* states: for each slot its match, then its count; then live items' places */

static size_t
width(const mdr_json_t *j)
{
    uint32_t  i;
    size_t    n;

    n = (size_t) j->rules->nslots * 2;

    for (i = 0; i < j->nlive; i++) {
        n += j->live[i].slot->nplaces;
    }

    return n;
}


static int
room(mdr_json_t *j, size_t n)
{
    void  *p;
    int    rc;

    if (n <= j->now_cap) {
        return MDR_OK;
    }

    p = j->now;
    rc = mdr_grow(j->alloc, &p, &j->now_cap, n, sizeof(uint32_t));
    j->now = p;

    return rc;
}


/* the states of the value that begins now: child of the top frame */

static int
child_states(mdr_json_t *j, const mdr_str_t *name)
{
    size_t                   i, k, at, base;
    uint32_t                 index, alive;
    const uint32_t          *up;
    const mdr_json_slot_t   *s;
    const mdr_json_frame_t  *f;

    if (room(j, width(j) + 256) != MDR_OK) {
        return MDR_ERROR;
    }

    alive = 0;

    if (j->n == 0) {
        for (i = 0; i < j->rules->nslots; i++) {
            j->now[2 * i] = slot_type(j, (uint32_t) i) ? 1 : 0;
            j->now[2 * i + 1] = j->now[2 * i] && j->rules->slots[i].count
                                != NULL;
            alive |= j->now[2 * i];
        }
        j->alive = alive != 0;
        return MDR_OK;
    }

    f = &j->frames[j->n - 1];
    up = j->st + f->states;
    index = f->index;

    for (i = 0; i < j->rules->nslots; i++) {
        s = &j->rules->slots[i];
        j->now[2 * i] = up[2 * i] != 0
                        ? mdr_path_child(s->match, up[2 * i], name, index)
                        : 0;
        j->now[2 * i + 1] = up[2 * i + 1] != 0
                            ? mdr_path_child(s->count, up[2 * i + 1], name,
                                             index)
                            : 0;
        alive |= j->now[2 * i] | j->now[2 * i + 1];
    }

    at = 2 * (size_t) j->rules->nslots;
    base = at;

    for (i = 0; i < j->nlive; i++) {
        s = j->live[i].slot;

        for (k = 0; k < s->nplaces; k++, at++, base++) {
            j->now[at] = i < f->nlive && up[base] != 0
                         ? mdr_path_child(s->places[k].path, up[base], name,
                                          index)
                         : 0;
            alive |= j->now[at];
        }
    }

    j->alive = alive != 0;

    return MDR_OK;
}


static mdr_text_t *
place_text(mdr_json_t *j, mdr_json_live_t *l, uint32_t k)
{
    if (l->texts[k] == NULL
        && mdr_sink_wanted(j->sink, l->slot->slot, l->slot->places[k].place))
    {
        l->texts[k] = mdr_sink_place_open(j->sink, l->item,
                                          l->slot->places[k].place);
    }

    return l->texts[k];
}


static int
items_here(mdr_json_t *j, uint64_t at, uint64_t whole)
{
    int               kind;
    uint32_t          i, k, item;
    size_t            w, m;
    uint64_t          parent;
    mdr_json_live_t  *l;

    kind = j->n != 0 ? MDR_ITEM_ENTRY
           : j->type == MDR_TYPE_NDJSON ? MDR_ITEM_LINE : MDR_ITEM_DOCUMENT;
    parent = j->n != 0 ? j->frames[j->n - 1].list : UINT64_MAX;

    for (i = 0; i < j->rules->nslots; i++) {
        const mdr_json_slot_t  *s = &j->rules->slots[i];

        if (!(j->now[2 * i] >> s->match->n & 1)) {
            continue;
        }

        if (j->nlive == MDR_JSON_LIVE) {
            mdr_sink_error(j->sink, MDR_ERR_DEPTH, place(j, at),
                           "too many items inside one another");
            continue;
        }

        item = mdr_sink_item_open(j->sink, s->slot, kind, place(j, at),
                                  place(j, whole), parent);

        if (item == MDR_NO_ITEM) {
            continue;
        }

        m = width(j);
        w = m + s->nplaces;

        if (room(j, w + 256) != MDR_OK) {
            return MDR_ERROR;
        }

        l = &j->live[j->nlive++];
        memset(l->texts, 0, s->nplaces * sizeof(l->texts[0]));
        l->item = item;
        l->depth = (uint32_t) j->n;
        l->slot = s;

        for (k = 0; k < s->nplaces; k++) {
            j->now[m + k] = 1;          /* its path begins here              */
        }
    }

    return MDR_OK;
}


/* a bit for each live item that the value at hand is, or may give a text */

static uint32_t
touched(const mdr_json_t *j)
{
    size_t    at;
    uint32_t  i, k, bits;

    at = 2 * (size_t) j->rules->nslots;

    for (i = 0, bits = 0; i < j->nlive; i++) {
        bits |= (uint32_t) (j->live[i].depth == j->n) << i;

        for (k = 0; k < j->live[i].slot->nplaces; k++, at++) {
            bits |= (uint32_t) (j->now[at] != 0) << i;
        }
    }

    return bits;
}


/* texts that the scalar at hand belongs to */

static void
collect_here(mdr_json_t *j)
{
    uint32_t     i, k, found;
    size_t       at;
    mdr_text_t  *t;

    j->ncollects = 0;
    at = 2 * (size_t) j->rules->nslots;

    for (i = 0; i < j->nlive; i++) {
        for (k = 0; k < j->live[i].slot->nplaces; k++, at++) {
            const mdr_path_t  *p = j->live[i].slot->places[k].path;

            if (j->now[at] == 0) {
                continue;
            }

            found = j->now[at] >> p->n & 1;

            if (found) {
                t = place_text(j, &j->live[i], k);
                if (t != NULL && j->ncollects < MDR_JSON_COLLECTS) {
                    j->collects[j->ncollects++] = t;
                }
            }
        }
    }
}


/* items whose value has ended */

static void
close_items(mdr_json_t *j, uint64_t end, uint64_t whole_end)
{
    while (j->nlive != 0 && j->live[j->nlive - 1].depth == j->n) {
        j->nlive--;
        mdr_sink_item_close(j->sink, j->live[j->nlive].item, place(j, end),
                            place(j, whole_end));
    }
}


static void
value_ended(mdr_json_t *j, uint64_t end)
{
    mdr_json_frame_t  *f;

    j->value_end = end;

    if (j->n == 0) {
        if (j->type == MDR_TYPE_NDJSON) {
            j->expect = E_DONE;         /* the newline belongs to the item   */
            return;
        }
        close_items(j, end, end);
        j->expect = E_DONE;
        j->done = 1;
        return;
    }

    close_items(j, end, end);

    f = &j->frames[j->n - 1];
    f->last_end = end;
    f->members++;
    f->index++;

    if (f->in_mod) {
        f->in_mod = 0;
        f->mod_end = end;
    }

    j->expect = E_COMMA;
}


static void
begin_skip(mdr_json_t *j)
{
    j->skip.depth = 1;
    j->skip.string = 0;
    j->skip.escaped = 0;

    if (j->relaxed) {
        mdr_js_init(&j->js, 1);
        j->js.balanced = 1;
    }
}


/* a container opens: its states are those of the value at hand */

static int
open_frame(mdr_json_t *j, int array, uint64_t at)
{
    void              *p;
    size_t             i, k, w;
    mdr_json_frame_t  *f;

    /* an item is never passed over: its end and its tag point are wanted */

    if (!j->alive
        && !(j->nlive != 0 && j->live[j->nlive - 1].depth == j->n))
    {
        begin_skip(j);
        return MDR_OK;
    }

    if (j->n == MDR_JSON_DEPTH) {
        mdr_sink_error(j->sink, MDR_ERR_DEPTH, place(j, at),
                       "more than 512 levels: passed over");
        begin_skip(j);
        return MDR_OK;
    }

    w = width(j);

    p = j->frames;
    if (mdr_grow(j->alloc, &p, &j->cap, j->n + 1, sizeof(mdr_json_frame_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    j->frames = p;

    p = j->st;
    if (mdr_grow(j->alloc, &p, &j->st_cap, j->nst + w + 1, sizeof(uint32_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }
    j->st = p;

    f = &j->frames[j->n];
    memset(f, 0, sizeof(mdr_json_frame_t));
    f->array = (uint8_t) array;
    f->states = (uint32_t) j->nst;
    f->nlive = j->nlive;
    f->open_end = at + 1;
    f->comma = MDR_NO_POS;
    f->mod_start = MDR_NO_POS;
    f->mod_next = MDR_NO_POS;
    f->item = j->nlive != 0 && j->live[j->nlive - 1].depth == j->n;
    memcpy(j->st + j->nst, j->now, w * sizeof(uint32_t));

    for (i = 0; i < j->rules->nslots; i++) {
        const mdr_json_slot_t  *s = &j->rules->slots[i];
        uint32_t                m = j->now[2 * i];

        if (f->list == 0 && s->match->n != 0
            && (m >> (s->match->n - 1) & 1))
        {
            f->list = ++j->serial;
        }

        f->keys |= mdr_path_keys(s->match, m);

        if (j->now[2 * i + 1] != 0) {
            f->keys |= mdr_path_keys(s->count, j->now[2 * i + 1]);
        }
    }

    w = 2 * (size_t) j->rules->nslots;

    for (i = 0; i < j->nlive; i++) {
        for (k = 0; k < j->live[i].slot->nplaces; k++, w++) {
            f->keys |= mdr_path_keys(j->live[i].slot->places[k].path,
                                     j->now[w]);
        }
    }

    j->nst += w;
    j->n++;

    if (f->list != 0) {
        mdr_sink_list_open(j->sink, f->list, place(j, at));
    }

    j->expect = array ? E_VALUE_OR_END : E_KEY_OR_END;

    return MDR_OK;
}


static void
close_frame(mdr_json_t *j, uint64_t at)
{
    uint32_t           i;
    mdr_tag_point_t    tp;
    mdr_json_frame_t   f;

    f = j->frames[j->n - 1];

    if (f.list != 0) {
        mdr_sink_list_close(j->sink, f.list, place(j, at));
    }

    j->n--;
    j->nst = f.states;

    if (f.item && !f.array && j->map == NULL) {
        memset(&tp, 0, sizeof(tp));
        tp.json = 1;
        tp.at = f.members != 0 ? f.last_end : f.open_end;
        tp.comma = f.members != 0;

        if (f.mod_start != MDR_NO_POS) {
            tp.comma = f.members > 1;
            tp.nstale = 1;

            if (f.mod_comma != MDR_NO_POS) {
                tp.stale[0].start = f.mod_comma;
                tp.stale[0].end = f.mod_end;
            } else {
                tp.stale[0].start = f.mod_start;
                tp.stale[0].end = f.mod_next != MDR_NO_POS ? f.mod_next
                                                           : f.mod_end;
            }
        }

        for (i = 0; i < j->nlive; i++) {
            if (j->live[i].depth == j->n) {
                mdr_sink_tag_point(j->sink, j->live[i].item, &tp);
            }
        }
    }

    value_ended(j, at + 1);
}


/* a value begins at p: its first byte is there, the rest perhaps not */

static int
begin_value(mdr_json_t *j, const uint8_t *p, uint64_t at, uint64_t whole,
    const mdr_str_t *name)
{
    uint64_t  list;

    list = j->n != 0 ? j->frames[j->n - 1].list : 0;

    if (list != 0) {
        mdr_sink_list_element(j->sink, list, place(j, whole));
    }

    if (name != NULL
        && !(j->frames[j->n - 1].keys >> mdr_path_key(*name) & 1))
    {
        j->alive = 0;

    } else if (child_states(j, name) != MDR_OK
               || (j->alive && items_here(j, at, whole) != MDR_OK))
    {
        return MDR_ERROR;
    }

    if (j->relaxed && j->n != 0) {
        j->frames[j->n - 1].touched = j->alive ? touched(j) : 0;
    }

    if (p[0] == '{' || p[0] == '[') {
        return open_frame(j, p[0] == '[', at);
    }

    j->ncollects = 0;

    if (j->alive) {
        collect_here(j);
    }

    if (p[0] == '"' || (j->relaxed && p[0] == '\'')) {
        j->string = 1;
        j->quote = p[0];
    }

    return MDR_OK;
}


typedef struct {
    mdr_text_t        *out;
    const mdr_text_t  *in;
} carry_t;


static int
carry(void *ctx, const mdr_place_t *pl)
{
    carry_t  *c = ctx;

    if (pl->copied) {
        return mdr_text_copy(c->out, pl->start, c->in->data + pl->text,
                             pl->text_end - pl->text);
    }

    return mdr_text_unit(c->out, pl->start,
                         (uint32_t) (pl->end - pl->start),
                         c->in->data + pl->text, pl->text_end - pl->text);
}


static int
collect_copy(mdr_json_t *j, uint64_t at, const uint8_t *p, size_t n)
{
    carry_t   c;
    uint32_t  i;

    for (i = 0; i < j->ncollects; i++) {

        if (j->map != NULL) {
            c.out = j->collects[i];
            c.in = j->map;

            if (mdr_text_each(j->map, (uint32_t) (at - j->map_base),
                              (uint32_t) (at - j->map_base + n), carry, &c)
                != MDR_OK)
            {
                return MDR_ERROR;
            }
            continue;
        }

        if (mdr_text_copy(j->collects[i], at, p, n) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


/* inside a string value: bytes taken */

static size_t
string(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    int             k;
    size_t          i, from, len;
    uint8_t         out[16];
    uint32_t        c;
    const uint8_t  *q;

    for (i = 0; i < n; ) {
        from = i;
        i += mdr_json_plain(p + i, n - i, j->quote);

        if (j->type == MDR_TYPE_NDJSON
            && (q = memchr(p + from, '\n', i - from)) != NULL)
        {
            j->broken = "a line ends inside a string";
            i = (size_t) (q - p);
        }

        if (i != from && j->ncollects != 0
            && collect_copy(j, at + from, p + from, i - from) != MDR_OK)
        {
            return BROKEN;
        }

        if (i == n || j->broken != NULL) {
            return i;
        }

        if (p[i] == j->quote) {
            j->string = 0;
            value_ended(j, at + i + 1);
            return i + 1;
        }

        k = mdr_json_escape(p + i, n - i, last, j->relaxed, out, &len);

        if (k == -1) {
            return i;
        }

        if (k == -2) {
            j->broken = "a bad escape in a string";
            return i;
        }

        for (c = 0; k > 0 && c < j->ncollects; c++) {
            if (mdr_text_unit(j->collects[c], place(j, at + i),
                              (uint32_t) (place(j, at + i + len)
                                          - place(j, at + i)),
                              out, (size_t) k)
                != MDR_OK)
            {
                return BROKEN;
            }
        }

        i += len;
    }

    return n;
}


/* a value that no path enters: to its end */

static size_t
pass_over(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at)
{
    int      ended, lines;
    size_t   i, k, stop;
    uint8_t  c;

    if (j->relaxed) {
        k = mdr_js_skip(&j->js, p, n, &ended);
        if (ended) {
            j->skip.depth = 0;
            value_ended(j, at + k);
        }
        return k;
    }

    lines = j->type == MDR_TYPE_NDJSON;

    for (i = 0; i < n; ) {
        i += mdr_json_skip(p + i, n - i, lines, &j->skip);

        for (stop = n - i > 64 ? i + 64 : n; i < stop; i++) {
            c = p[i];

            if (c == '\n' && lines) {
                j->broken = j->skip.string ? "a line ends inside a string"
                                           : "a line ends inside a value";
                return i;
            }

            if (j->skip.escaped) {
                j->skip.escaped = 0;

            } else if (j->skip.string) {
                j->skip.escaped = c == '\\';
                j->skip.string = c != '"';

            } else if (c == '"') {
                j->skip.string = 1;

            } else if (c == '{' || c == '[') {
                j->skip.depth++;

            } else if ((c == '}' || c == ']') && --j->skip.depth == 0) {
                value_ended(j, at + i + 1);
                return i + 1;
            }
        }
    }

    return n;
}


static int
is_delimiter(uint8_t c)
{
    return IS_SPACE(c) || c == ',' || c == ']' || c == '}' || c == ':';
}


static int
is_ident(uint8_t c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9')
           || c == '_' || c == '$' || (c & 0x80);
}


/* RFC 8259, section 6 */

static int
is_number(const uint8_t *p, size_t n)
{
    size_t  i;

    i = n != 0 && p[0] == '-';

    if (i == n || p[i] < '0' || p[i] > '9') {
        return 0;
    }

    if (p[i] == '0') {
        i++;
    } else {
        while (i < n && p[i] >= '0' && p[i] <= '9') {
            i++;
        }
    }

    if (i < n && p[i] == '.') {
        i++;
        if (i == n || p[i] < '0' || p[i] > '9') {
            return 0;
        }
        while (i < n && p[i] >= '0' && p[i] <= '9') {
            i++;
        }
    }

    if (i < n && (p[i] | 32) == 'e') {
        i++;
        if (i < n && (p[i] == '+' || p[i] == '-')) {
            i++;
        }
        if (i == n || p[i] < '0' || p[i] > '9') {
            return 0;
        }
        while (i < n && p[i] >= '0' && p[i] <= '9') {
            i++;
        }
    }

    return i == n;
}


/* ECMA-262, 12.9.3, and a sign */

static int
is_js_number(const uint8_t *p, size_t n)
{
    size_t  i;

    i = n != 0 && (p[0] == '-' || p[0] == '+');

    if (i == n || !((p[i] >= '0' && p[i] <= '9')
                    || (p[i] == '.' && n - i > 1)))
    {
        return 0;
    }

    for ( ; i < n; i++) {
        if (!is_ident(p[i]) && p[i] != '.'
            && !((p[i] == '-' || p[i] == '+') && (p[i - 1] | 32) == 'e'))
        {
            return 0;
        }
    }

    return 1;
}


static int
is_word(const uint8_t *p, size_t n, const char *w)
{
    return strlen(w) == n && memcmp(p, w, n) == 0;
}


/* a number or literal at p; bytes taken, NEED_MORE, or broken */

static size_t
scalar(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    int       number;
    size_t    i;
    uint32_t  k;

    for (i = 0; i < n && i < MDR_TOKEN_MAX && !is_delimiter(p[i])
         && !(j->relaxed && (p[i] == ';' || p[i] == ')' || p[i] == '/'
                             || p[i] == '<')); i++)
    {
        /* void */
    }

    /* "void 0" is two words */

    if (j->relaxed && i == 4 && memcmp(p, "void", 4) == 0) {
        if (n < 7 && !last) {
            return NEED_MORE;
        }
        if (n >= 6 && p[4] == ' ' && p[5] == '0') {
            i = 6;
        }
    }

    if (i >= MDR_TOKEN_MAX) {
        j->broken = "a number or word that is too long";
        return NEED_MORE;
    }

    if (i == n && !last) {
        return NEED_MORE;
    }

    number = is_number(p, i);

    if (!number && !is_word(p, i, "true") && !is_word(p, i, "false")
        && !is_word(p, i, "null")
        && !(j->relaxed && i != 0
             && (is_word(p, i, "undefined") || is_word(p, i, "NaN")
                 || is_word(p, i, "Infinity") || is_word(p, i, "-Infinity")
                 || is_word(p, i, "!0") || is_word(p, i, "!1")
                 || is_word(p, i, "void 0")
                 || is_js_number(p, i))))
    {
        j->broken = "a value expected";
        return NEED_MORE;
    }

    if (j->ncollects != 0 && !is_word(p, i, "null")
        && !is_word(p, i, "undefined") && !is_word(p, i, "void 0")
        && collect_copy(j, at, p, i) != MDR_OK)
    {
        return BROKEN;
    }

    for (k = 0; number && j->alive && k < j->rules->nslots; k++) {
        const mdr_json_slot_t  *s = &j->rules->slots[k];

        if (s->count != NULL && (j->now[2 * k + 1] >> s->count->n & 1)) {
            mdr_sink_count(j->sink, s->slot, place(j, at), place(j, at + i), p);
        }
    }

    value_ended(j, at + i);

    return i;
}


/* white space and, if asked for, comments; (size_t) -1: more bytes needed */

static size_t
blank(const mdr_json_t *j, const uint8_t *p, size_t n, int last,
    int comments)
{
    size_t          i;
    const uint8_t  *q;

    for (i = 0; i < n; ) {

        if (IS_SPACE(p[i])
            && !(p[i] == '\n' && j->type == MDR_TYPE_NDJSON))
        {
            i++;
            continue;
        }

        if (!comments || p[i] != '/') {
            return i;
        }

        if (n - i < 2) {
            return last ? i : SIZE_MAX;
        }

        if (p[i + 1] == '/') {
            q = memchr(p + i, '\n', n - i);

        } else if (p[i + 1] == '*') {
            for (q = p + i + 2; (size_t) (q - p) + 1 < n
                 && !(q[0] == '*' && q[1] == '/'); q++)
            {
                /* void */
            }
            q = (size_t) (q - p) + 1 < n ? q + 1 : NULL;

        } else {
            return i;
        }

        if (q == NULL) {
            return last ? n : SIZE_MAX;
        }

        i = (size_t) (q - p) + 1;
    }

    return i;
}


/* a member at p: key, colon, first byte of the value; bytes up to the value,
 * NEED_MORE, or broken */

static size_t
member(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    int                 k;
    char                buf[512];
    size_t              i, m, b, len, value;
    uint8_t             out[16], quote;
    mdr_str_t           name;
    mdr_json_frame_t   *f;

    m = 0;
    quote = p[0];

    if (quote == '"' || (j->relaxed && quote == '\'')) {

        i = 1 + mdr_json_plain(p + 1, n - 1, quote);
        i = i < MDR_TOKEN_MAX ? i : MDR_TOKEN_MAX;

        if (j->type == MDR_TYPE_NDJSON && memchr(p, '\n', i) != NULL) {
            j->broken = "a line ends inside a key";
            return NEED_MORE;
        }

        if (i == n || i == MDR_TOKEN_MAX) {
            goto more;
        }

        if (p[i] == quote) {
            name.data = (const char *) p + 1;
            name.len = (uint32_t) i - 1;
            i++;
            goto colon;
        }

        for (i = 1; ; ) {
            if (i == n || i >= MDR_TOKEN_MAX) {
                goto more;
            }

            if (p[i] == quote) {
                i++;
                break;
            }

            if (p[i] == '\n' && j->type == MDR_TYPE_NDJSON) {
                j->broken = "a line ends inside a key";
                return NEED_MORE;
            }

            if (p[i] == '\\') {
                k = mdr_json_escape(p + i, n - i, last, j->relaxed, out,
                                    &len);
                if (k == -1) {
                    goto more;
                }
                if (k == -2) {
                    j->broken = "a bad escape in a key";
                    return NEED_MORE;
                }
                if (m + (size_t) k <= sizeof(buf)) {
                    memcpy(buf + m, out, (size_t) k);
                    m += (size_t) k;
                } else {
                    m = sizeof(buf) + 1;
                }
                i += len;
                continue;
            }

            if (m < sizeof(buf)) {
                buf[m] = (char) p[i];
            }
            m = m < sizeof(buf) ? m + 1 : sizeof(buf) + 1;
            i++;
        }

    } else if (j->relaxed && is_ident(quote)) {

        for (i = 0; i < n && i < MDR_TOKEN_MAX && is_ident(p[i]); i++) {
            if (m < sizeof(buf)) {
                buf[m] = (char) p[i];
            }
            m = m < sizeof(buf) ? m + 1 : sizeof(buf) + 1;
        }
        if (i == n || i == MDR_TOKEN_MAX) {
            goto more;
        }

    } else {
        j->broken = "a key expected";
        return NEED_MORE;
    }

    name.data = buf;
    name.len = m <= sizeof(buf) ? (uint32_t) m : 0;     /* none is so long   */

colon:

    b = blank(j, p + i, n - i, last, j->relaxed);
    if (b == SIZE_MAX || i + b == n || i + b >= MDR_TOKEN_MAX) {
        goto more;
    }
    i += b;

    if (p[i] != ':') {
        j->broken = "\":\" expected";
        return NEED_MORE;
    }

    i++;
    b = blank(j, p + i, n - i, last, j->relaxed);
    if (b == SIZE_MAX || i + b == n || i + b >= MDR_TOKEN_MAX) {
        goto more;
    }
    value = i + b;

    f = &j->frames[j->n - 1];

    if (f->mod_start != MDR_NO_POS && f->mod_next == MDR_NO_POS
        && f->members != 0)
    {
        f->mod_next = at;
    }

    if (f->item && name.len == 10 && memcmp(name.data, "moderation", 10) == 0
        && f->mod_start == MDR_NO_POS)
    {
        f->mod_start = at;
        f->mod_comma = f->comma;
        f->in_mod = 1;
    }

    if (begin_value(j, p + value, at + value, at, &name) != MDR_OK) {
        return BROKEN;
    }

    return value;

more:

    if (n >= MDR_TOKEN_MAX) {
        j->broken = "a key that is too long";

    } else if (last) {
        j->broken = "ends inside a member";
    }

    return NEED_MORE;
}


static size_t
comma(mdr_json_t *j, uint64_t at)
{
    mdr_json_frame_t  *f;

    f = &j->frames[j->n - 1];

    if (f->list != 0) {
        mdr_sink_list_comma(j->sink, f->list, place(j, at));
    }

    f->comma = at;
    j->expect = f->array ? E_VALUE : E_KEY;

    return 1;
}


/* what stands at p where `expect` says; bytes taken */

static size_t
token(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t             k;
    uint8_t            c;
    mdr_json_frame_t  *f;

    c = p[0];
    f = j->n != 0 ? &j->frames[j->n - 1] : NULL;

    switch (j->expect) {

    case E_KEY_OR_END:
    case E_KEY:
        if (c == '}' && (j->expect == E_KEY_OR_END || j->relaxed)) {
            close_frame(j, at);
            return 1;
        }

        k = member(j, p, n, at, last);

        if (k == NEED_MORE || k == BROKEN) {
            return k;
        }

        p += k;
        at += k;
        n -= k;
        c = p[0];

        if (c == '{' || c == '[' || j->string) {
            return k + 1;
        }

        /* a number or word: begun, and read from its first byte */

        j->expect = E_VALUE;
        j->collecting = 1;
        return k;

    case E_VALUE_OR_END:
        if (c == ']') {
            close_frame(j, at);
            return 1;
        }
        /* fall through */

    case E_VALUE:
        if (c == ']' && j->relaxed && f != NULL && f->array) {
            close_frame(j, at);
            return 1;
        }

        if (c == ',' && j->relaxed && f != NULL && f->array
            && !j->collecting)
        {
            if (f->list != 0) {
                mdr_sink_list_element(j->sink, f->list, place(j, at));
            }
            value_ended(j, at);         /* an element left out               */
            return comma(j, at);
        }

        if (!j->collecting) {
            if (c == '}' || c == ']' || c == ',' || c == ':') {
                j->broken = "a value expected";
                return NEED_MORE;
            }

            if (begin_value(j, p, at, at, NULL) != MDR_OK) {
                return BROKEN;
            }

            if (c == '{' || c == '[' || j->string) {
                return 1;
            }

            j->collecting = 1;
        }

        k = scalar(j, p, n, at, last);

        if (k != NEED_MORE && k != BROKEN) {
            j->collecting = 0;
        }
        return k;

    case E_COMMA:
        if (c == ',') {
            return comma(j, at);
        }

        if (c == (f->array ? ']' : '}')) {
            close_frame(j, at);
            return 1;
        }

        j->broken = f->array ? "\",\" or \"]\" expected"
                             : "\",\" or \"}\" expected";
        return NEED_MORE;

    default:
        return NEED_MORE;
    }
}


static void
forget(mdr_json_t *j)
{
    j->n = 0;
    j->nst = 0;
    j->nlive = 0;
    j->skip.depth = 0;
    j->string = 0;
    j->collecting = 0;
    j->other = 0;
    j->comment = 0;
    j->expect = E_VALUE;
}


/* everything open ends at `at`, but for the items of less than `keep` levels */

static void
drop(mdr_json_t *j, uint64_t at, uint32_t keep)
{
    uint32_t  i;

    at = place(j, at);

    for (i = j->nlive; i > 0; i--) {
        mdr_sink_item_unreadable(j->sink, j->live[i - 1].item, at,
                                 "the item cannot be read");
    }

    while (j->n != 0) {
        if (j->frames[j->n - 1].list != 0) {
            mdr_sink_list_close(j->sink, j->frames[j->n - 1].list, at);
        }
        j->n--;
    }

    while (j->nlive != 0 && j->live[j->nlive - 1].depth >= keep) {
        j->nlive--;
        mdr_sink_item_close(j->sink, j->live[j->nlive].item, at, at);
    }

    i = j->nlive;
    forget(j);
    j->nlive = i;
}


/* NDJSON: the line cannot be read; an item that is the line goes on to its
 * end, so that it can be left out as a whole */

static void
drop_line(mdr_json_t *j, uint64_t at)
{
    mdr_sink_error(j->sink, MDR_ERR_BROKEN, at, j->broken);
    j->broken = NULL;
    drop(j, at, 1);
    j->bad_line = 1;
}


void
mdr_json_abandon(mdr_json_t *j, uint64_t at)
{
    drop(j, at, 0);
}


/* JSONP: everything up to the bracket before the value passes */

static size_t
prefix(mdr_json_t *j, const uint8_t *p, size_t n, int last)
{
    size_t          i, k;
    const uint8_t  *q;

    for (i = 0; i < n; i++) {
        q = memchr(p + i, '(', n - i);

        if (q == NULL) {
            return n;
        }

        i = (size_t) (q - p);

        for (k = i + 1; k < n && IS_SPACE(p[k]); k++) { /* void */ }

        if (k == n) {
            return last ? n : i;
        }

        if (p[k] == '{' || p[k] == '[' || p[k] == '"') {
            j->prefix = 0;
            return i + 1;
        }
    }

    return n;
}


/* inside a comment between the tokens of a script */

static size_t
comment(mdr_json_t *j, const uint8_t *p, size_t n)
{
    size_t          i;
    const uint8_t  *q;

    if (j->comment == '/') {
        q = memchr(p, '\n', n);
        j->comment = q != NULL ? 0 : '/';
        return q != NULL ? (size_t) (q - p) + 1 : n;
    }

    for (i = 0; i < n; i++) {
        if (j->comment == 1 && p[i] == '/') {
            j->comment = 0;
            return i + 1;
        }
        j->comment = p[i] == '*' ? 1 : '*';
    }

    return n;
}


/*
 * Other JavaScript at `at`, where a member or value should begin or go on.
 * Items that might have got a text from it cannot be read.
 */

static void
begin_other(mdr_json_t *j, uint64_t at)
{
    size_t                   s;
    uint32_t                 i, k, bits;
    const mdr_json_frame_t  *f;

    f = &j->frames[j->n - 1];
    bits = f->touched;

    if (j->expect == E_KEY || j->expect == E_KEY_OR_END) {

        /* it could be any member */

        s = f->states + 2 * (size_t) j->rules->nslots;

        for (i = 0, bits = 0; i < f->nlive; i++) {
            for (k = 0; k < j->live[i].slot->nplaces; k++, s++) {
                bits |= (uint32_t) (j->st[s] != 0) << i;
            }
        }
    }

    for (i = 0; i < j->nlive; i++) {
        if (bits >> i & 1) {
            mdr_sink_item_unreadable(j->sink, j->live[i].item, place(j, at),
                                     "other JavaScript than JSON in an item");
        }
    }

    mdr_js_init(&j->js, 0);

    if (j->string) {
        mdr_js_string(&j->js, j->quote);
    }

    j->broken = NULL;
    j->string = 0;
    j->collecting = 0;
    j->other = 1;
}


/* to the end of the member or element, which counts as one */

static size_t
other(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at)
{
    int      ended;
    size_t   k;
    uint8_t  c;

    k = mdr_js_skip(&j->js, p, n, &ended);

    if (!ended) {
        return k;
    }

    c = p[k];

    if (c != ',' && c != (j->frames[j->n - 1].array ? ']' : '}')) {
        j->broken = "brackets that do not fit";
        return k;
    }

    j->other = 0;

    if (j->expect != E_COMMA) {
        value_ended(j, at + k);
    }

    return k;
}


int
mdr_json_scan(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    size_t          i, k;
    uint64_t        at;
    const uint8_t  *q;

    *consumed = 0;

    if (base == 0 && n < 3 && !last && n > 0 && p[0] == 0xef) {
        return MDR_OK;
    }

    i = 0;

    if (base == 0 && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        i = 3;
    }

    for ( ; i < n; i += k) {
        at = base + i;

        if (j->prefix) {
            k = prefix(j, p + i, n - i, last);
            if (k == 0) {
                break;
            }
            continue;
        }

        if (j->bad_line) {
            q = memchr(p + i, '\n', n - i);
            k = q != NULL ? (size_t) (q - p) - i + 1 : n - i;
            if (q != NULL) {
                j->bad_line = 0;
                close_items(j, at + k - 1, at + k);
            }
            continue;
        }

        if (j->relaxed && j->expect == E_DONE) {
            *consumed = i;              /* script.c goes on                  */
            return MDR_OK;
        }

        if (j->comment) {
            k = comment(j, p + i, n - i);
            continue;
        }

        if (j->other) {
            k = other(j, p + i, n - i, at);

            if (j->broken == NULL) {
                continue;
            }

        } else if (j->skip.depth) {
            k = pass_over(j, p + i, n - i, at);

        } else if (j->string) {
            k = string(j, p + i, n - i, at, last);

        } else {

            k = p[i] > ' ' ? 0 : blank(j, p + i, n - i, last, 0);

            if (k != 0) {
                continue;
            }

            if (j->relaxed && p[i] == '/') {

                if (n - i == 1 && !last) {
                    break;
                }

                if (n - i > 1 && (p[i + 1] == '/' || p[i + 1] == '*')) {
                    j->comment = p[i + 1];
                    k = 2;
                    continue;
                }
            }

            if (j->type == MDR_TYPE_NDJSON && p[i] == '\n') {

                if (j->expect == E_DONE) {
                    j->n = 0;
                    close_items(j, j->value_end, at + 1);
                    forget(j);

                } else if (j->n != 0 || j->collecting) {
                    j->broken = "a line ends inside a value";
                    drop_line(j, at);
                    k = 0;
                    continue;
                }

                k = 1;
                continue;
            }

            if (j->expect == E_DONE) {

                if (j->type == MDR_TYPE_JSON) {
                    forget(j);          /* another document                  */
                    j->done = 0;
                    k = 0;
                    continue;
                }

                if (j->type != MDR_TYPE_NDJSON) {
                    *consumed = n;
                    return MDR_OK;      /* what follows is no JSON           */
                }

                j->broken = "something behind the value of a line";

            } else {
                k = token(j, p + i, n - i, at, last);
            }
        }

        if (k == BROKEN) {
            mdr_sink_error(j->sink, MDR_ERR_MEMORY, place(j, at),
                           "out of memory");
            *consumed = n;
            return MDR_ERROR;
        }

        if (j->broken != NULL) {

            if (j->relaxed && j->n != 0 && !j->other) {
                begin_other(j, at + k);
                continue;
            }

            if (j->type == MDR_TYPE_NDJSON) {
                drop_line(j, at + k);
                continue;
            }

            *consumed = i + k;

            if (j->relaxed || j->map != NULL) {
                return MDR_LIMIT;       /* script.c knows what to do         */
            }

            mdr_sink_error(j->sink, MDR_ERR_BROKEN, at + k, j->broken);
            return MDR_LIMIT;
        }

        if (k == 0) {
            break;
        }
    }

    *consumed = i;

    if (!last) {
        return MDR_OK;
    }

    *consumed = n;

    if (j->type == MDR_TYPE_NDJSON && j->expect == E_DONE) {
        close_items(j, j->value_end, base + n);
        forget(j);
        return MDR_OK;
    }

    if (j->bad_line) {
        close_items(j, base + n, base + n);
        return MDR_OK;
    }

    if (!j->relaxed && !j->prefix
        && (j->n != 0 || j->string || j->skip.depth || j->collecting))
    {
        if (j->type == MDR_TYPE_NDJSON) {
            j->broken = "ends inside a value";
            drop_line(j, base + n);
            close_items(j, base + n, base + n);
            return MDR_OK;
        }

        if (j->map == NULL) {
            mdr_sink_error(j->sink, MDR_ERR_BROKEN, base + n,
                           "ends inside a value");
        }
        return MDR_LIMIT;
    }

    return MDR_OK;
}
