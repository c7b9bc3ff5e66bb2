/*
 * sink_json.h - a sink that writes down what the JSON scanners tell it.
 *
 * Stands in for the stream (items.c).  `log` has every call in its order,
 * each text with its bytes and the positions of all of them, so that two runs
 * over one body are compared as one string; `items` has a line an item, in
 * the order of their ends, to be compared with what a test expects:
 *
 *     slot:start-end field=[text] field=[text]
 */

#ifndef MDR_SINK_JSON_H
#define MDR_SINK_JSON_H

#include "sink.h"
#include "json/json.h"
#include "sink_none.h"
#include "test_out.h"

#define SINK_PLACES  8
#define SINK_SLOTS   4
#define SINK_ITEMS   64

typedef struct {
    int         used, unreadable;
    uint32_t    slot;
    uint64_t    start;
    uint8_t     opened[SINK_PLACES];
    mdr_text_t  texts[SINK_PLACES];
} sink_item_t;

struct mdr_sink_s {
    mdr_model_t              model;
    mdr_slot_t               slots[SINK_SLOTS];
    mdr_arena_t             *arena;
    const mdr_alloc_t       *alloc;
    const mdr_json_rules_t  *rules;
    test_out_t               log, items;
    sink_item_t              open[SINK_ITEMS];
    uint64_t                 last;      /* starts may not go back            */
    int                      wrong;     /* a rule of sink.h was broken       */
    uint32_t                 unreadable, errors, counts;
    int                      width;     /* of registers + 1, 0: the
                                           machine's                         */
    uint64_t                 error_at, count_start, count_end;
    mdr_layers_t             layers;
};

#include "sink_layers.h"


static inline void
sink_init(mdr_sink_t *k, const mdr_alloc_t *a)
{
    memset(k, 0, sizeof(*k));
    k->alloc = a != NULL ? a : mdr_mem_default();
    k->arena = mdr_arena_new(mdr_mem_default());
    k->model.slots = k->slots;
    k->model.arena = k->arena;
    test_out_clear(&k->log);
    test_out_clear(&k->items);
}


static inline void
sink_clear(mdr_sink_t *k)
{
    uint32_t  i, f;

    for (i = 0; i < SINK_ITEMS; i++) {
        for (f = 0; f < SINK_PLACES; f++) {
            if (k->open[i].texts[f].alloc != NULL) {
                mdr_text_done(&k->open[i].texts[f]);
            }
        }
    }

    memset(k->open, 0, sizeof(k->open));
    test_out_clear(&k->log);
    test_out_clear(&k->items);
    k->last = 0;
    k->wrong = 0;
    k->unreadable = 0;
    k->errors = 0;
    k->counts = 0;
}


static inline void
sink_done(mdr_sink_t *k)
{
    sink_clear(k);
    free(k->log.data);
    free(k->items.data);
    mdr_arena_free(k->arena);
}


/* fields: paths, a field each, up to NULL; "" is the item itself */

static inline void
sink_slot(mdr_sink_t *k, int type, const char *script, const char *match,
    const char *count, const char *const *fields)
{
    uint32_t     n;
    mdr_slot_t  *s;

    s = &k->slots[k->model.nslots++];
    s->name = mdr_arena_str(k->arena, "slot", 4);
    s->type = (uint8_t) type;
    s->match = mdr_arena_str(k->arena, match, strlen(match));

    if (script != NULL) {
        s->script = mdr_arena_str(k->arena, script, strlen(script));
    }

    if (count != NULL) {
        s->count = mdr_arena_str(k->arena, count, strlen(count));
    }

    for (n = 0; fields != NULL && fields[n] != NULL; n++) { /* void */ }

    s->nfields = n;
    s->fields = mdr_arena_alloc(k->arena, (n + 1) * sizeof(mdr_field_t));

    while (n-- > 0) {
        s->fields[n].nsources = 1;
        s->fields[n].sources = mdr_arena_alloc(k->arena,
                                               sizeof(mdr_source_t));
        s->fields[n].sources->selector = mdr_arena_str(k->arena, fields[n],
                                                       strlen(fields[n]));
    }
}


/* what the scanner calls */

int
mdr_sink_wanted(mdr_sink_t *k, uint32_t slot, uint32_t place)
{
    k->wrong |= place >= k->slots[slot].nfields;

    return 1;
}


uint32_t
mdr_sink_item_open(mdr_sink_t *k, uint32_t slot, int kind, uint64_t start,
    uint64_t whole, uint64_t parent)
{
    uint32_t      i;
    sink_item_t  *it;

    for (i = 0; i < SINK_ITEMS && k->open[i].used; i++) { /* void */ }

    if (i == SINK_ITEMS) {
        return MDR_NO_ITEM;
    }

    start = mdr_layer_place(&k->layers, start);
    whole = mdr_layer_place(&k->layers, whole);
    k->wrong |= start < k->last || whole > start || parent == 0;
    k->last = start;

    it = &k->open[i];
    it->used = 1;
    it->unreadable = 0;
    it->slot = slot;
    it->start = start;
    memset(it->opened, 0, sizeof(it->opened));

    test_out_print(&k->log, "item %u slot %u kind %d at %llu whole %llu in "
               "%llu\n", i, slot, kind, (unsigned long long) start,
                   (unsigned long long) whole, (unsigned long long) parent);

    return i;
}


mdr_text_t *
mdr_sink_place_open(mdr_sink_t *k, uint32_t item, uint32_t place)
{
    sink_item_t  *it;

    it = &k->open[item];
    k->wrong |= !it->used || it->opened[place];
    it->opened[place] = 1;

    if (it->texts[place].alloc == NULL) {
        mdr_text_init(&it->texts[place], k->alloc, 1 << 20);
    } else {
        mdr_text_clear(&it->texts[place]);
    }

    it->texts[place].via = mdr_layer_via(&k->layers);
    test_out_print(&k->log, "open %u.%u\n", item, place);

    return &it->texts[place];
}


void
mdr_sink_place_close(mdr_sink_t *k, uint32_t item, uint32_t place,
    uint64_t at)
{
    at = mdr_layer_behind(&k->layers, at);
    k->open[item].texts[place].via = NULL;
    k->wrong |= !k->open[item].used || k->open[item].opened[place] != 1;
    test_out_print(&k->log, "close %u.%u at %llu\n", item, place,
                   (unsigned long long) at);
}


void
mdr_sink_tag_point(mdr_sink_t *k, uint32_t item, const mdr_tag_point_t *tp)
{
    uint32_t  i;

    k->wrong |= !k->open[item].used || !tp->json;
    test_out_print(&k->log, "tag %u at %llu%s", item,
                   (unsigned long long) mdr_layer_behind(&k->layers, tp->at),
                   tp->comma ? " comma" : "");

    for (i = 0; i < tp->nstale; i++) {
        test_out_print(&k->log, " stale %llu-%llu",
                       (unsigned long long) mdr_layer_place(&k->layers,
                                                        tp->stale[i].start),
                       (unsigned long long) mdr_layer_behind(&k->layers,
                                                         tp->stale[i].end));
    }

    test_out_print(&k->log, "\n");
}


void
mdr_sink_item_close(mdr_sink_t *k, uint32_t item, uint64_t end,
    uint64_t whole_end)
{
    uint32_t      f, i;
    uint64_t      a, b, sum;
    mdr_text_t   *t;
    sink_item_t  *it;

    end = mdr_layer_behind(&k->layers, end);
    whole_end = mdr_layer_behind(&k->layers, whole_end);

    it = &k->open[item];
    k->wrong |= !it->used || end < it->start || whole_end < end;

    test_out_print(&k->items, "%u:%llu-%llu", it->slot,
                   (unsigned long long) it->start, (unsigned long long) end);

    for (f = 0; f < k->slots[it->slot].nfields; f++) {
        t = &it->texts[f];

        if (!it->opened[f]) {
            test_out_print(&k->items, " -");
            continue;
        }

        t->via = NULL;

        if (mdr_text_finish(t) != MDR_OK) {
            test_out_print(&k->items, " no memory");
            continue;
        }

        for (i = 0, sum = 0; i < t->len; i++) {
            mdr_text_span(t, i, i + 1, &a, &b);
            k->wrong |= a < it->start || b > end || a > b;
            sum = sum * 31 + a * 7 + b;
        }

        test_out_print(&k->items, " [%.*s]", (int) t->len,
                   t->len != 0 ? (const char *) t->data : "");
        test_out_print(&k->log, "text %u.%u [%.*s] %llx\n", item, f,
                       (int) t->len, t->len != 0 ? (const char *) t->data : "",
                       (unsigned long long) sum);
    }

    test_out_print(&k->items, it->unreadable ? " unreadable\n" : "\n");
    test_out_print(&k->log, "end %u at %llu whole %llu\n", item,
                   (unsigned long long) end, (unsigned long long) whole_end);

    it->used = 0;
}


void
mdr_sink_item_unreadable(mdr_sink_t *k, uint32_t item, uint64_t at,
    const char *detail)
{
    at = mdr_layer_place(&k->layers, at);
    k->wrong |= !k->open[item].used || detail == NULL;
    k->unreadable += !k->open[item].unreadable;
    k->open[item].unreadable = 1;
    test_out_print(&k->log, "unreadable %u at %llu\n", item,
                   (unsigned long long) at);
}


void
mdr_sink_list_open(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    at = mdr_layer_place(&k->layers, at);
    test_out_print(&k->log, "list %llu at %llu\n", (unsigned long long) list,
                   (unsigned long long) at);
}


void
mdr_sink_list_element(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    at = mdr_layer_place(&k->layers, at);
    test_out_print(&k->log, "element of %llu at %llu\n",
                   (unsigned long long) list, (unsigned long long) at);
}


void
mdr_sink_list_comma(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    at = mdr_layer_place(&k->layers, at);
    test_out_print(&k->log, "comma of %llu at %llu\n",
                   (unsigned long long) list, (unsigned long long) at);
}


void
mdr_sink_list_close(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    at = mdr_layer_place(&k->layers, at);
    test_out_print(&k->log, "close of %llu at %llu\n",
                   (unsigned long long) list, (unsigned long long) at);
}


void
mdr_sink_in_script(mdr_sink_t *k, int in)
{
    (void) k;
    (void) in;
}


void
mdr_sink_hashes(mdr_sink_t *k)
{
    (void) k;
}


void
mdr_sink_length_field(mdr_sink_t *k, uint64_t line, uint64_t line_end)
{
    (void) k;
    (void) line;
    (void) line_end;
}


void
mdr_sink_length_from(mdr_sink_t *k, uint64_t at)
{
    (void) k;
    (void) at;
}


void
mdr_sink_length(mdr_sink_t *k, uint64_t start, uint64_t end)
{
    (void) k;
    (void) start;
    (void) end;
}


void
mdr_sink_length_end(mdr_sink_t *k, uint64_t at)
{
    (void) k;
    (void) at;
}


void
mdr_sink_member(mdr_sink_t *k, uint32_t n)
{
    (void) k;
    (void) n;
}


void
mdr_sink_document(mdr_sink_t *k, uint64_t at)
{
    (void) k;
    (void) at;
}


void
mdr_sink_count(mdr_sink_t *k, uint32_t slot, uint64_t start, uint64_t end,
    const uint8_t *digits)
{
    k->counts++;
    k->count_start = start;
    k->count_end = end;
    test_out_print(&k->log, "count of %u: %llu-%llu %c\n", slot,
                   (unsigned long long) start, (unsigned long long) end,
               digits[0]);
}


void
mdr_sink_error(mdr_sink_t *k, int kind, uint64_t at, const char *detail)
{
    at = mdr_layer_place(&k->layers, at);
    k->wrong |= detail == NULL;
    k->errors++;
    k->error_at = at;
    test_out_print(&k->log, "error %d at %llu: %s\n", kind,
                   (unsigned long long) at, detail);
}


const mdr_model_t *
mdr_sink_model(mdr_sink_t *k)
{
    return &k->model;
}


const mdr_alloc_t *
mdr_sink_alloc(mdr_sink_t *k)
{
    return k->alloc;
}


const mdr_json_rules_t *
mdr_sink_json_rules(mdr_sink_t *k)
{
    return k->rules;
}


/*
 * One body through a scanner, MDR_TYPE_*: of JSON, or for MDR_TYPE_SCRIPT the
 * text between <script> and </script>.  cut(ctx, at): how many bytes come
 * next; NULL: all at once.  The result of the last call.
 */

static inline int
sink_scan(mdr_sink_t *k, int type, const uint8_t *by_selector,
    const uint8_t *p, size_t n, size_t (*cut)(void *ctx, size_t at),
    void *ctx)
{
    int            rc;
    size_t         at, have, took;
    uint8_t       *window;
    mdr_json_t    *j;
    mdr_script_t  *s;

    static const uint8_t  none[SINK_SLOTS];

    j = NULL;
    s = NULL;

    if (type == MDR_TYPE_SCRIPT) {
        s = mdr_script_new(k->rules, k, by_selector != NULL ? by_selector
                                                            : none);
    } else {
        j = mdr_json_new(k->rules, k, type);
    }

    if (j == NULL && s == NULL) {
        return MDR_ERROR;
    }

    if (j != NULL && k->width != 0 && k->width - 1 < j->wide) {
        j->wide = (uint8_t) (k->width - 1);
    }

    for (at = 0, have = 0; ; ) {
        have += cut != NULL ? cut(ctx, have) : n;
        have = have < n ? have : n;

        /* memory of its own, so that reading behind it shows */

        window = malloc(have - at + 1);
        if (window == NULL) {
            abort();
        }
        memcpy(window, p + at, have - at);

        took = 0;
        rc = s != NULL
             ? mdr_script_scan(s, window, have - at, at, have == n, &took)
             : mdr_json_scan(j, window, have - at, at, have == n, &took);

        free(window);

        if (took > have - at
            || (rc == MDR_OK && have == n && took != n - at)
            || (rc == MDR_OK && have - at - took > MDR_TOKEN_MAX + 64))
        {
            test_out_print(&k->log, "consumed %zu of %zu\n", took, have - at);
            k->wrong = 1;
            break;
        }

        at += took;

        if (rc != MDR_OK || have == n) {
            break;
        }
    }

    mdr_json_free(j);
    mdr_script_free(s);
    mdr_layers_free(&k->layers);

    return rc;
}

#endif
