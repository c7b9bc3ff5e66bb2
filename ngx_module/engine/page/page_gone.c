/*
 * page_gone.c - do the style sheets of the page hide an element?  And sheets
 * that are known from an earlier response.
 *
 * A rule is looked for by one name that its last compound asks for.  What its
 * other compounds ask for was noted when the elements around opened: those that
 * one of them may mean stand in run->above until they end.
 *
 * What a sheet hides, and what stands above, change what the same markup means:
 * a hash of both is part of h->hook_state.
 *
 * Sheets come again with each response.  A worker keeps the last of them, by all
 * their bytes and by the sheets before them in the page, with what was read.
 */

#include "page_sheet.h"
#include "html/html_css.h"
#include "scan/scan.h"

#include <string.h>


#define KNOWN        16                 /* sheets of a worker                */
#define KNOWN_BYTES  (1024u * 1024)     /* of their texts                    */

typedef struct {
    mdr_sheet_t  *before;               /* NULL: it is the first             */
    mdr_sheet_t  *sheet;
    uint8_t      *text;
    uint32_t      len;
    uint32_t      used;
    uint32_t      pins;                 /* responses that compare with it    */
} known_t;

struct mdr_sheets_s {
    const mdr_alloc_t  *alloc;
    uint32_t            uses;
    size_t              bytes;
    known_t             known[KNOWN];
};


static mdr_sheet_t *
ref(mdr_sheet_t *s)
{
    if (s != NULL) {
        s->refs++;
    }

    return s;
}


static void
unref(mdr_sheet_t *s)
{
    if (s != NULL && --s->refs == 0) {
        mdr_buf_done(&s->names);
        mdr_free(s->alloc, s);
    }
}


static void
forget(mdr_sheets_t *c, known_t *k)
{
    if (k->text != NULL) {
        c->bytes -= k->len;
        mdr_free(c->alloc, k->text);
        unref(k->before);
        unref(k->sheet);
        memset(k, 0, sizeof(*k));
    }
}


void
mdr_page_sheets_free(mdr_sheets_t *c)
{
    uint32_t  i;

    if (c != NULL) {
        for (i = 0; i < KNOWN; i++) {
            forget(c, &c->known[i]);
        }

        mdr_free(c->alloc, c);
    }
}


/* a text that begins with these bytes, behind the same sheets; -1: none */

static int
begins_with(const mdr_sheets_t *c, const mdr_sheet_t *before,
    const uint8_t *p, size_t n)
{
    int             i;
    const known_t  *k;

    for (i = 0; c != NULL && i < KNOWN; i++) {
        k = &c->known[i];

        if (k->text != NULL && k->before == before && k->len >= n
            && memcmp(k->text, p, n) == 0)
        {
            return i;
        }
    }

    return -1;
}


/* a place for a text of so many bytes; what was not used for longest goes.
 * NULL: none */

static known_t *
room_for(mdr_sheets_t *c, size_t len)
{
    uint32_t  i;
    known_t  *k, *none, *old;

    for ( ;; ) {
        for (i = 0, none = NULL, old = NULL; i < KNOWN; i++) {
            k = &c->known[i];

            if (k->text == NULL) {
                none = k;

            } else if (k->pins == 0 && (old == NULL || k->used < old->used)) {
                old = k;
            }
        }

        if (none != NULL && c->bytes + len <= KNOWN_BYTES) {
            return none;
        }

        if (old == NULL) {
            return NULL;
        }

        forget(c, old);
    }
}


/* the sheet that was read from the text in run->css is kept */

static void
remember(mdr_page_run_t *run, mdr_sheet_t *sheet, uint8_t *text, size_t len)
{
    known_t       *k;
    mdr_work_t    *w;
    mdr_sheets_t  *c;

    w = run->k->work;

    if (w->sheets == NULL) {
        w->sheets = mdr_calloc(w->alloc, sizeof(mdr_sheets_t));

        if (w->sheets == NULL) {
            mdr_free(w->alloc, text);
            return;
        }

        w->sheets->alloc = w->alloc;
    }

    c = w->sheets;
    k = room_for(c, len);

    if (k == NULL) {
        mdr_free(w->alloc, text);
        return;
    }

    k->before = ref(run->sheet);
    k->sheet = ref(sheet);
    k->text = text;
    k->len = (uint32_t) len;
    k->used = ++c->uses;
    c->bytes += len;
}


/* "@import" of a sheet that stands elsewhere */

static void
imports(mdr_page_run_t *run, const uint8_t *p, size_t n)
{
    char                host[MDR_HOST_MAX];
    size_t              len, k;
    const uint8_t      *q, *end;
    const mdr_guard_t  *g;

    g = &run->r->page->guard;
    end = p + n;

    if (g->nhosts == 0 || !(g->kinds >> MDR_LINK_STYLE & 1)) {
        return;
    }

    while ((q = p < end ? memchr(p, '@', (size_t) (end - p)) : NULL) != NULL) {
        p = q + 1;

        if ((size_t) (end - q) < 9
            || mdr_html_name(q + 1, 6)
               != mdr_html_name((const uint8_t *) "import", 6))
        {
            continue;
        }

        for (q += 7; q < end && (mdr_css_space(*q) || *q == '"' || *q == '\'');
             q++)
        {
            /* void */
        }

        if ((size_t) (end - q) > 4 && (q[0] | 32) == 'u' && q[3] == '(') {
            for (q += 4; q < end && (mdr_css_space(*q) || *q == '"'
                                     || *q == '\''); q++)
            {
                /* void */
            }
        }

        for (k = 0; q + k < end && memchr(" \"');", q[k], 5) == NULL; k++) {
            /* void */
        }

        len = mdr_page_host(q, k, 0, host);

        if (len != 0 && !mdr_hosts_has(&run->r->hosts, host, len)) {
            mdr_page_guard(run, MDR_PAGE_LINK + MDR_LINK_STYLE, MDR_ACT_NONE,
                           host, len, run->h->tag.start, run->h->tag.start);
        }
    }
}


/* where the same markup means something else */

static void
state(const mdr_page_run_t *run, mdr_html_t *h)
{
    uint32_t  i, hash;

    hash = run->sheet->hash;

    for (i = 0; i < run->nabove; i++) {
        hash = (hash ^ (uint32_t) run->above[i].parts
                ^ (uint32_t) (run->above[i].parts >> 32)) * 0x9e3779b1u;
    }

    h->hook_state = (uint8_t) ((h->hook_state & 1)
                               | (1 + (hash >> 8) % 127) << 1);
}


/* the response does not compare with a known sheet any more; what was the same is
 * copied */

static void
part_from(mdr_page_run_t *run, int copy)
{
    known_t  *k;

    if (run->css_len == 0 || run->css_known < 0) {
        return;
    }

    k = &run->k->work->sheets->known[run->css_known];
    k->pins--;
    run->css_known = -1;

    if (copy) {
        (void) mdr_buf_add(&run->css, k->text, run->css_len);
    }
}


/* a piece of text that is as that of a known sheet is not copied */

void
mdr_page_style_text(mdr_page_run_t *run, const uint8_t *p, size_t n)
{
    size_t    max;
    known_t  *k;

    max = MDR_SHEET_BYTES - (run->sheet != NULL ? run->sheet->read : 0)
          - run->css_len;
    n = n < max ? n : max;

    if (n == 0) {
        return;
    }

    if (run->css_len == 0) {
        run->css_known = begins_with(run->k->work->sheets, run->sheet, p, n);

        if (run->css_known >= 0) {
            run->k->work->sheets->known[run->css_known].pins++;
        }

    } else if (run->css_known >= 0) {
        k = &run->k->work->sheets->known[run->css_known];

        if (k->len < run->css_len + n
            || memcmp(k->text + run->css_len, p, n) != 0)
        {
            part_from(run, 1);
        }
    }

    run->css_len += (uint32_t) n;

    if (run->css_known < 0) {
        (void) mdr_buf_add(&run->css, p, n);
    }
}


/* what was read before, and what stands in run->css; NULL: no memory */

static mdr_sheet_t *
read_text(mdr_page_run_t *run)
{
    mdr_sheet_t  *s;

    s = mdr_alloc(run->k->work->alloc, sizeof(mdr_sheet_t));

    if (s == NULL) {
        return NULL;
    }

    if (run->sheet != NULL) {
        *s = *run->sheet;
    } else {
        memset(s, 0, sizeof(*s));
        s->alloc = run->k->work->alloc;
    }

    s->refs = 1;
    s->read += run->css_len;
    mdr_buf_init(&s->names, s->alloc);

    if (run->sheet != NULL
        && mdr_buf_add(&s->names, run->sheet->names.data,
                       run->sheet->names.len) != MDR_OK)
    {
        unref(s);
        return NULL;
    }

    mdr_sheet_read(s, (uint8_t *) run->css.data, run->css.len);

    return s;
}


static mdr_sheet_t *
sheet_of(mdr_page_run_t *run)
{
    uint8_t      *text;
    known_t      *k;
    mdr_sheet_t  *s;

    if (run->css_known >= 0) {
        k = &run->k->work->sheets->known[run->css_known];

        if (k->len == run->css_len) {
            k->used = ++run->k->work->sheets->uses;
            imports(run, k->text, k->len);
            part_from(run, 0);
            return ref(k->sheet);
        }

        part_from(run, 1);
    }

    if (run->css.len != run->css_len) {
        return NULL;                    /* as without style sheets           */
    }

    text = mdr_alloc(run->k->work->alloc, run->css.len);

    if (text != NULL) {
        memcpy(text, run->css.data, run->css.len);
    }

    imports(run, (const uint8_t *) run->css.data, run->css.len);
    s = read_text(run);

    if (s != NULL && text != NULL) {
        remember(run, s, text, run->css.len);

    } else {
        mdr_free(run->k->work->alloc, text);
    }

    return s;
}


void
mdr_page_style_end(mdr_page_run_t *run, mdr_html_t *h)
{
    uint32_t      i;
    mdr_sheet_t  *s;

    if (run->css_len == 0) {
        return;
    }

    s = sheet_of(run);
    run->css_len = 0;
    run->css.len = 0;

    if (s == NULL) {
        return;
    }

    i = run->sheet != NULL ? run->sheet->nrules : 0;
    unref(run->sheet);
    run->sheet = s;

    if (s->nrules == i || !run->r->looks) {
        return;
    }

    state(run, h);

    for (i = 0; i < MDR_MEMOS; i++) {
        h->memo[i].page &= (uint8_t) ~(MDR_TAG_STYLED|MDR_TAG_GONE
                                       |MDR_TAG_AROUND|MDR_TAG_PART);
    }
}


void
mdr_page_sheet_free(mdr_page_run_t *run)
{
    part_from(run, 0);
    unref(run->sheet);
    mdr_buf_done(&run->css);
}


/* does the name stand among the words of the value? */

static int
has_word(const uint8_t *p, size_t n, const uint8_t *name, size_t len)
{
    size_t  i, k;

    for (i = 0; i < n; i = k + 1) {
        for (k = i; k < n && !mdr_css_space(p[k]); k++) { /* void */ }

        if (k - i == len && memcmp(p + i, name, len) == 0) {
            return 1;
        }
    }

    return 0;
}


/* the attributes that selectors ask for */

typedef struct {
    const mdr_attr_t  *class, *id;
} names_t;


static names_t
names_of(mdr_html_t *h)
{
    names_t  a;

    a.class = h->tag.len > h->tag.name_len + 8u || h->tag.cut
              ? PAGE_ATTR(h, "class") : NULL;
    a.id = h->tag.len > h->tag.name_len + 5u || h->tag.cut
           ? PAGE_ATTR(h, "id") : NULL;

    return a;
}


static int
matches(const mdr_sheet_t *s, const mdr_sheet_part_t *r, const mdr_html_t *h,
    const names_t *of)
{
    uint32_t                 i;
    const mdr_attr_t        *a;
    const mdr_sheet_name_t  *w;

    if (r->tag != 0 && r->tag != h->tag.name) {
        return 0;
    }

    for (i = 0; i < r->nnames; i++) {
        w = &r->names[i];
        a = w->id ? of->id : of->class;

        if (a == NULL
            || !has_word(h->tag.p + a->value, a->value_end - a->value,
                         (const uint8_t *) s->names.data + w->at, w->len))
        {
            return 0;
        }
    }

    return 1;
}


/* do elements around h->tag, in h->open[0, at), meet what stands before the last
 * compound?  Of "a > b > c" only the b has to be the parent */

static int
is_below(const mdr_page_run_t *run, const mdr_sheet_rule_t *r,
    const mdr_html_t *h, uint32_t at)
{
    uint32_t  i, k;

    for (i = 0, k = run->nabove; i < r->nabove; i++) {
        do {
            if (k == 0) {
                return 0;
            }

            k--;
        } while (!(run->above[k].parts >> r->above[i] & 1));

        if ((r->child >> i & 1) && i == 0
            && (at == 0 || h->open[at - 1].serial != run->above[k].serial))
        {
            return 0;
        }
    }

    return 1;
}


typedef struct {
    uint64_t  best[MDR_GROUPS];
    uint8_t   hides;
    uint8_t   placed;                   /* it depends on what is around      */
    uint32_t  at;                       /* h->open[0, at)                    */
} cascade_t;


/* rules that are looked for by that key */

static void
ask(const mdr_page_run_t *run, const mdr_html_t *h, const names_t *of,
    uint8_t key, cascade_t *c)
{
    uint32_t                 i, g;
    uint64_t                 weight;
    const mdr_sheet_t       *s;
    const mdr_sheet_rule_t  *r;

    s = run->sheet;

    for (i = s->heads[key]; i != 0; i = r->next) {
        r = &s->rules[i - 1];

        if (!matches(s, &r->last, h, of)) {
            continue;
        }

        if (r->nabove != 0) {
            c->placed = 1;

            if (!is_below(run, r, h, c->at)) {
                continue;
            }
        }

        weight = (uint64_t) r->weight << 32 | r->order;

        for (g = 0; g < MDR_GROUPS; g++) {
            if ((r->says >> g & 1) && weight >= c->best[g]) {
                c->best[g] = weight;
                c->hides = (uint8_t) ((c->hides & ~(1u << g))
                                      | (r->hides & 1u << g));
            }
        }
    }
}


static void
cascade(const mdr_page_run_t *run, mdr_html_t *h, cascade_t *c)
{
    size_t          i, k, n;
    names_t         of;
    const uint8_t  *p;

    of = names_of(h);

    if (of.class != NULL) {
        p = h->tag.p + of.class->value;
        n = of.class->value_end - of.class->value;

        for (i = 0; i < n; i = k + 1) {
            for (k = i; k < n && !mdr_css_space(p[k]); k++) { /* void */ }

            if (k != i) {
                ask(run, h, &of, mdr_sheet_key(p + i, k - i), c);
            }
        }
    }

    if (of.id != NULL) {
        ask(run, h, &of, mdr_sheet_key(h->tag.p + of.id->value,
                                       of.id->value_end - of.id->value), c);
    }

    ask(run, h, &of, mdr_sheet_tag_key(h->tag.name), c);
}


int
mdr_page_is_gone(const mdr_page_run_t *run, mdr_html_t *h,
    const mdr_open_t *e)
{
    cascade_t    c;
    mdr_memo_t  *m;

    if (run->sheet == NULL || run->sheet->nhiding == 0 || h->tag.p == NULL
        || !run->r->looks)
    {
        return 0;
    }

    m = h->tag.memo;

    if (m != NULL && (m->page & MDR_TAG_STYLED)) {
        return (m->page & MDR_TAG_GONE) != 0;
    }

    memset(&c, 0, sizeof(c));
    c.at = e != NULL ? h->n - 1 : h->n;
    cascade(run, h, &c);

    if (m != NULL && !c.placed) {
        m->page |= (uint8_t) (MDR_TAG_STYLED
                              | (c.hides != 0 ? MDR_TAG_GONE : 0));
    }

    return c.hides != 0;
}


/* the parts that h->tag meets */

static uint64_t
parts_of(const mdr_sheet_t *s, mdr_html_t *h)
{
    names_t   of;
    uint32_t  i;
    uint64_t  parts;

    of = names_of(h);

    for (i = 0, parts = 0; i < s->nparts; i++) {
        parts |= (uint64_t) matches(s, &s->parts[i], h, &of) << i;
    }

    return parts;
}


void
mdr_page_above(mdr_page_run_t *run, mdr_html_t *h, mdr_open_t *e)
{
    uint64_t     parts;
    mdr_memo_t  *m;

    if (run->sheet == NULL || run->sheet->nparts == 0 || h->tag.p == NULL
        || run->nabove == MDR_ABOVE)
    {
        return;
    }

    m = h->tag.memo;

    if (m != NULL && (m->page & (MDR_TAG_AROUND|MDR_TAG_PART))
                     == MDR_TAG_AROUND)
    {
        return;
    }

    parts = parts_of(run->sheet, h);

    if (m != NULL) {
        m->page |= (uint8_t) (MDR_TAG_AROUND
                              | (parts != 0 ? MDR_TAG_PART : 0));
    }

    if (parts != 0) {
        e->marks |= MDR_OPEN_ITEMS_END;
        run->above[run->nabove].serial = e->serial;
        run->above[run->nabove++].parts = parts;
        state(run, h);
    }
}


void
mdr_page_not_above(mdr_page_run_t *run, mdr_html_t *h, uint64_t serial)
{
    uint32_t  i;

    for (i = run->nabove; i-- > 0; ) {
        if (run->above[i].serial == serial) {
            run->nabove = i;
            state(run, h);
            return;
        }
    }
}
