/*
 * sink_log.h - a sink that writes down what a scanner tells it.
 *
 * Stands in for the stream (items.c): every call becomes a line, every text
 * is kept until its place is closed and is then finished, so that two runs
 * over the same body can be compared as one string.  Scripts are not read
 * but logged as the raw text that came.
 */

#ifndef MDR_SINK_LOG_H
#define MDR_SINK_LOG_H

#include "html/html.h"
#include "sink_none.h"
#include "test_out.h"

#define LOG_PLACES  16
#define LOG_SLOTS   8
#define LOG_ITEMS   4096

typedef struct {
    int         used;
    uint32_t    slot, index;
    uint64_t    start, end, parent;
    uint8_t     opened[LOG_PLACES];
    mdr_text_t  texts[LOG_PLACES];
} log_item_t;

struct mdr_sink_s {
    mdr_model_t         model;
    mdr_slot_t          slots[LOG_SLOTS];
    mdr_arena_t        *arena;
    const mdr_alloc_t  *alloc;
    int                 quiet;          /* no log: only items and closed()  */
    int                 width;          /* of registers + 1, 0: the machine's*/
    test_out_t          log;
    log_item_t          items[LOG_ITEMS];
    uint32_t            nitems;
    uint64_t            opened;         /* items so far                     */
    uint64_t            last;           /* positions may not go back        */
    int                 backwards;
    uint32_t            index[LOG_SLOTS];
    void              (*closed)(mdr_sink_t *k, const log_item_t *it);
    void               *ctx;
    int                 script;         /* a script is open                 */
    mdr_layers_t        layers;
};

#include "sink_layers.h"

struct mdr_script_s {
    mdr_sink_t  *k;
    uint64_t     next;
};


__attribute__((format(printf, 2, 3)))
static void
sink_printf(mdr_sink_t *k, const char *fmt, ...)
{
    va_list  ap;

    if (!k->quiet) {
        va_start(ap, fmt);
        test_out_vprint(&k->log, fmt, ap);
        va_end(ap);
    }
}


static inline void
sink_init(mdr_sink_t *k, const mdr_alloc_t *a)
{
    memset(k, 0, sizeof(*k));
    k->alloc = a != NULL ? a : mdr_mem_default();
    k->arena = mdr_arena_new(mdr_mem_default());
    k->model.slots = k->slots;
    k->model.arena = k->arena;
}


static inline void
sink_clear(mdr_sink_t *k)
{
    uint32_t  i, j;

    for (i = 0; i < k->nitems; i++) {
        for (j = 0; j < LOG_PLACES; j++) {
            if (k->items[i].texts[j].alloc != NULL) {
                mdr_text_done(&k->items[i].texts[j]);
            }
        }
    }

    memset(k->items, 0, k->nitems * sizeof(log_item_t));
    memset(k->index, 0, sizeof(k->index));
    k->nitems = 0;
    k->opened = 0;
    k->last = 0;
    k->backwards = 0;
    test_out_clear(&k->log);
}


static inline void
sink_done(mdr_sink_t *k)
{
    sink_clear(k);
    free(k->log.data);
    mdr_arena_free(k->arena);
}


static mdr_str_t
sink_str(mdr_sink_t *k, const char *p, size_t n)
{
    return mdr_arena_str(k->arena, p, n);
}


/* a source as a policy writes it: "sel", "sel@attr", "@attr", "." */

static void
sink_source(mdr_sink_t *k, mdr_source_t *src, const char *s, size_t n)
{
    size_t       in;
    const char  *p, *at;

    while (n != 0 && *s == ' ') {
        s++;
        n--;
    }
    while (n != 0 && s[n - 1] == ' ') {
        n--;
    }

    for (p = s, at = NULL, in = 0; p < s + n; p++) {
        in += *p == '[';
        in -= *p == ']';
        if (*p == '@' && in == 0) {
            at = p;
        }
    }

    if (n == 1 && *s == '.') {
        n = 0;
    }

    if (at != NULL) {
        src->attr = sink_str(k, at + 1, (size_t) (s + n - at) - 1);
        n = (size_t) (at - s);
        while (n != 0 && s[n - 1] == ' ') {
            n--;
        }
    }

    if (n != 0) {
        src->selector = sink_str(k, s, n);
    }
}


/* html: fields are given one source each (a place each), up to NULL */

static inline void
sink_slot(mdr_sink_t *k, int type, const char *match,
    const char *const *fields)
{
    uint32_t     n;
    mdr_slot_t  *s;

    s = &k->slots[k->model.nslots++];
    memset(s, 0, sizeof(*s));
    s->name = sink_str(k, "slot", 4);
    s->type = (uint8_t) type;

    if (type == MDR_TYPE_SCRIPT) {
        s->script = sink_str(k, match, strlen(match));
    } else {
        s->match = sink_str(k, match, strlen(match));
    }

    for (n = 0; fields != NULL && fields[n] != NULL; n++) { /* void */ }

    s->nfields = n;
    s->fields = mdr_arena_alloc(k->arena, (n + 1) * sizeof(mdr_field_t));

    while (n-- > 0) {
        s->fields[n].name = sink_str(k, "f", 1);
        s->fields[n].nsources = 1;
        s->fields[n].sources = mdr_arena_alloc(k->arena,
                                               sizeof(mdr_source_t));
        sink_source(k, s->fields[n].sources, fields[n], strlen(fields[n]));
    }
}


/* what the scanner calls */

int
mdr_sink_wanted(mdr_sink_t *k, uint32_t slot, uint32_t place)
{
    (void) k;
    (void) slot;
    (void) place;

    return 1;
}


uint32_t
mdr_sink_item_open(mdr_sink_t *k, uint32_t slot, int kind, uint64_t start,
    uint64_t whole, uint64_t parent)
{
    uint32_t     i;
    log_item_t  *it;

    (void) kind;
    (void) whole;

    for (i = 0; i < LOG_ITEMS && k->items[i].used; i++) { /* void */ }

    if (i == LOG_ITEMS) {
        return MDR_NO_ITEM;
    }

    if (i >= k->nitems) {
        k->nitems = i + 1;
    }

    k->backwards |= start < k->last;
    k->last = start;
    k->opened++;

    it = &k->items[i];
    it->used = 1;
    it->slot = slot;
    it->index = k->index[slot]++;
    it->start = start;
    it->parent = parent;
    memset(it->opened, 0, sizeof(it->opened));

    sink_printf(k, "item %u of slot %u at %llu in %llu\n", i, slot,
                (unsigned long long) start, (unsigned long long) parent);

    return i;
}


mdr_text_t *
mdr_sink_place_open(mdr_sink_t *k, uint32_t item, uint32_t place)
{
    log_item_t  *it;

    it = &k->items[item];

    if (!it->used || it->opened[place]) {
        sink_printf(k, "opened again: item %u place %u\n", item, place);
        return NULL;
    }

    it->opened[place] = 1;

    if (it->texts[place].alloc == NULL) {
        mdr_text_init(&it->texts[place], k->alloc, 1 << 20);
    } else {
        mdr_text_clear(&it->texts[place]);
    }

    sink_printf(k, "open item %u place %u\n", item, place);

    return &it->texts[place];
}


void
mdr_sink_place_close(mdr_sink_t *k, uint32_t item, uint32_t place,
    uint64_t at)
{
    uint32_t     i;
    uint64_t     a, b, sum;
    log_item_t  *it;
    mdr_text_t  *t;

    it = &k->items[item];
    t = &it->texts[place];

    if (!it->used || it->opened[place] != 1) {
        sink_printf(k, "closed again: item %u place %u\n", item, place);
        return;
    }

    it->opened[place] = 2;

    if (mdr_text_finish(t) != MDR_OK) {
        sink_printf(k, "no memory\n");
        return;
    }

    for (i = 0, sum = 0; !k->quiet && i < t->len; i++) {
        mdr_text_span(t, i, i + 1, &a, &b);
        sum = sum * 31 + a * 7 + b;
    }

    sink_printf(k, "text item %u place %u at %llu: [%.*s] %llx\n", item,
                place, (unsigned long long) at, (int) t->len,
                t->len != 0 ? (const char *) t->data : "",
                (unsigned long long) sum);
}


void
mdr_sink_tag_point(mdr_sink_t *k, uint32_t item,
    const mdr_tag_point_t *tp)
{
    uint32_t  i;

    sink_printf(k, "tag item %u at %llu", item, (unsigned long long) tp->at);

    for (i = 0; i < tp->nstale; i++) {
        sink_printf(k, " %llu-%llu", (unsigned long long) tp->stale[i].start,
                    (unsigned long long) tp->stale[i].end);
    }

    sink_printf(k, "\n");
}


void
mdr_sink_item_close(mdr_sink_t *k, uint32_t item, uint64_t end,
    uint64_t whole_end)
{
    uint32_t     i;
    log_item_t  *it;

    (void) whole_end;

    it = &k->items[item];
    it->end = end;

    for (i = 0; i < LOG_PLACES; i++) {
        if (it->opened[i] == 1) {
            sink_printf(k, "still open: item %u place %u\n", item, i);
        }
    }

    sink_printf(k, "close item %u at %llu\n", item,
                (unsigned long long) end);

    if (k->closed != NULL) {
        k->closed(k, it);
    }

    it->used = 0;
}


void
mdr_sink_item_unreadable(mdr_sink_t *k, uint32_t item, uint64_t at,
    const char *detail)
{
    sink_printf(k, "unreadable item %u at %llu: %s\n", item,
                (unsigned long long) at, detail);
}


void
mdr_sink_error(mdr_sink_t *k, int kind, uint64_t at, const char *detail)
{
    sink_printf(k, "error %d at %llu: %s\n", kind, (unsigned long long) at,
                detail);
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


/* no JSON comes here */

void
mdr_sink_list_open(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    (void) k;
    (void) list;
    (void) at;
}


void
mdr_sink_list_element(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    (void) k;
    (void) list;
    (void) at;
}


void
mdr_sink_list_comma(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    (void) k;
    (void) list;
    (void) at;
}


void
mdr_sink_list_close(mdr_sink_t *k, uint64_t list, uint64_t at)
{
    (void) k;
    (void) list;
    (void) at;
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
    (void) k;
    (void) slot;
    (void) start;
    (void) end;
    (void) digits;
}


const mdr_json_rules_t *
mdr_sink_json_rules(mdr_sink_t *k)
{
    (void) k;
    return NULL;
}


/* scripts: their text, taken in whole words so that some of it is left over
 * now and then; what they get must be without a gap */

mdr_script_t *
mdr_script_new(const mdr_json_rules_t *rules, mdr_sink_t *k,
    const uint8_t *by_selector)
{
    uint32_t       i;
    mdr_script_t  *s;

    (void) rules;

    s = k->alloc->alloc(k->alloc->ctx, sizeof(*s));
    if (s == NULL) {
        return NULL;
    }

    s->k = k;
    s->next = 0;
    k->script = 1;

    sink_printf(k, "script");
    for (i = 0; i < k->model.nslots; i++) {
        if (by_selector[i]) {
            sink_printf(k, " %u", i);
        }
    }
    sink_printf(k, ": [");

    return s;
}


int
mdr_script_scan(mdr_script_t *s, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    size_t  i;

    if (s->next != 0 && base != s->next) {
        sink_printf(s->k, "GAP");
    }

    if (!last) {
        while (n != 0 && p[n - 1] != ' ') {
            n--;
        }
    }

    for (i = 0; i < n; i++) {
        sink_printf(s->k, "%c", p[i] != 0 ? p[i] : 1);
    }

    *consumed = n;
    s->next = base + n;

    return MDR_OK;
}


void
mdr_script_free(mdr_script_t *s)
{
    const mdr_alloc_t  *a;

    a = s->k->alloc;
    sink_printf(s->k, "]\n");
    s->k->script = 0;
    a->free(a->ctx, s);
}


int
mdr_script_is_name(mdr_str_t s)
{
    uint32_t  i;

    for (i = 0; i + 1 < s.len; i++) {
        if (s.data[i] == 'w' && s.data[i + 1] == 'i') {
            return 1;
        }
    }

    return 0;
}


/* pieces of one byte */

static inline size_t
sink_one(void *ctx, size_t at)
{
    (void) ctx;
    (void) at;

    return 1;
}


/* one body through the scanner: piece(i) bytes at a time (NULL: whole) */

static inline int
sink_scan(mdr_sink_t *k, const mdr_html_rules_t *rules, const uint8_t *p,
    size_t n, size_t (*piece)(void *ctx, size_t at), void *ctx)
{
    size_t       at, have, took;
    uint8_t     *window;
    mdr_html_t  *h;

    h = mdr_html_new(rules, k);
    if (h == NULL) {
        return MDR_ERROR;
    }

    if (k->width != 0 && k->width - 1 < h->wide) {
        h->wide = (uint8_t) (k->width - 1);
    }

    for (at = 0, have = 0; ; ) {
        have += piece != NULL ? piece(ctx, have) : n;
        have = have < n ? have : n;

        /* its own memory, so that nothing behind it can be read */

        window = malloc(have - at + 1);
        if (window == NULL) {
            abort();
        }
        memcpy(window, p + at, have - at);

        if (mdr_html_scan(h, window, have - at, at, have == n, &took)
            != MDR_OK)
        {
            sink_printf(k, "scan failed\n");
        }

        free(window);

        if (took > have - at || (have < n && have - at - took
                                 > MDR_TOKEN_MAX + 64))
        {
            sink_printf(k, "bad consumed %zu of %zu\n", took, have - at);
            break;
        }

        at += took;

        if (have == n) {
            if (at != n) {
                sink_printf(k, "not all consumed: %zu of %zu\n", at, n);
            }
            break;
        }
    }

    mdr_html_free(h);

    return MDR_OK;
}

#endif
