/*
 * page_sheet.c - what the <style> elements of a page hide.
 *
 * Kept are rules that hide, by a selector of one compound of a type, classes
 * and an id (".a", "div.a.b", "#c", with html, body or * before it): what
 * depends on other elements, on a state or on a media query that not every
 * screen meets may be shown when somebody looks.  And rules that show, whatever
 * stands before their last compound: a tab that is hidden unless it is the
 * active one.  The cascade (CSS Cascade 4, 6.4) is asked of importance,
 * specificity and order, for each of three groups of properties by itself.
 *
 * What a sheet hides changes what the same markup means: a hash of it is part
 * of h->hook_state.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE                     /* memmem                            */
#endif

#include "page_run.h"
#include "html/html_css.h"
#include "scan/scan.h"

#include <stddef.h>
#include <string.h>


#define WORDS   4                       /* of a compound                     */
#define RULES   256
#define SHEETS  (256u * 1024)           /* bytes of all                      */
#define DEPTH   8                       /* of @media and the like            */

enum { G_DISPLAY, G_SEEN, G_PLACE, GROUPS };

typedef struct {
    uint32_t  at, len;                  /* in names                          */
    uint8_t   id;                       /* #, else a class                   */
} name_t;

typedef struct {
    mdr_name_t  tag;                    /* 0: any                            */
    uint32_t    weight;                 /* specificity                       */
    uint32_t    order;
    uint8_t     nnames;
    uint8_t     hides, says;            /* a bit a group                     */
    name_t      names[WORDS];
} rule_t;

struct mdr_sheet_s {
    const mdr_alloc_t  *alloc;
    mdr_buf_t           text;           /* of the element at hand            */
    mdr_buf_t           names;
    size_t              read;
    uint32_t            hash;
    uint32_t            nhiding, nrules;
    uint32_t            nids, ntags;    /* rules that ask for one            */
    uint64_t            shapes[4];      /* of names: shape_of()              */
    rule_t              rules[RULES];
};


static int
is_name(uint8_t c)
{
    return (uint8_t) ((c | 32) - 'a') < 26 || (uint8_t) (c - '0') < 10
           || c == '-' || c == '_' || c >= 0x80;
}


/* comments, in place */

static size_t
without_comments(uint8_t *p, size_t n)
{
    size_t          o, k;
    const uint8_t  *q, *from, *end;

    for (from = p, end = p + n, o = 0; ; ) {

        for (q = from; q < end
                       && (q = memchr(q, '*', (size_t) (end - q))) != NULL
                       && (q == from || q[-1] != '/'); q++)
        {
            /* void */
        }

        q = q != NULL && q < end ? q - 1 : end;
        k = (size_t) (q - from);

        if (p + o != from) {
            memmove(p + o, from, k);
        }

        o += k;

        if (q == end) {
            return o;
        }

        for (from = q + 3; from < end && !(from[-1] == '*' && *from == '/');
             from++)
        {
            /* void */
        }

        from = from < end ? from + 1 : end;
    }
}


/* one compound, the last of the selector of n bytes at p, into r; *alone: what
 * stands before it is on every page.  0: it is another kind */

static int
compound(mdr_sheet_t *s, const uint8_t *p, size_t n, rule_t *r, int *alone)
{
    size_t   i, k, from;
    name_t  *w;

    memset(r, 0, sizeof(*r));

    for (from = n; from > 0 && memchr(" \t\n\f\r>+~", p[from - 1], 8) == NULL;
         from--)
    {
        /* void */
    }

    for (i = 0, *alone = 1; i < from && *alone; i = k + 1) {
        for (k = i; k < from && memchr(" \t\n\f\r>", p[k], 6) == NULL; k++) {
            /* void */
        }

        *alone = k == i || (k - i == 1 && p[i] == '*')
                 || (k - i == 4 && (memcmp(p + i, "body", 4) == 0
                                    || memcmp(p + i, "html", 4) == 0))
                 || (k - i == 5 && memcmp(p + i, ":root", 5) == 0);
        r->weight += k != i && p[i] != '*';
    }

    i = from;

    for (k = i; k < n && is_name(p[k]); k++) { /* void */ }

    if (k != i) {
        r->tag = mdr_html_name(p + i, k - i);
        r->weight = 1;
        i = k;

    } else if (i < n && p[i] == '*') {
        i++;
    }

    for ( ; i < n; i = k) {

        for (k = i + 1; k < n && is_name(p[k]); k++) { /* void */ }

        if ((p[i] != '.' && p[i] != '#') || k == i + 1 || r->nnames == WORDS) {
            return 0;
        }

        w = &r->names[r->nnames++];
        w->id = p[i] == '#';
        w->at = (uint32_t) s->names.len;
        w->len = (uint32_t) (k - i - 1);
        r->weight += w->id ? 1 << 16 : 1 << 8;

        if (mdr_buf_add(&s->names, p + i + 1, w->len) != MDR_OK) {
            return 0;
        }
    }

    return r->tag != 0 || r->nnames != 0;
}


/* a byte of what a name looks like */

static inline uint8_t
shape_of(const uint8_t *p, size_t n)
{
    return (uint8_t) (p[0] * 7 + p[n - 1] * 31 + n * 13);
}


/* may a rule that hides and one before that block be about the same element? */

static int
may_concern(const mdr_sheet_t *s, const uint8_t *p, size_t n)
{
    uint32_t       i;
    const rule_t  *r;

    if (memchr(p, '#', n) != NULL) {
        return 1;                       /* of whatever classes               */
    }

    for (i = 0; i < s->nrules; i++) {
        r = &s->rules[i];

        if (r->tag != 0
            || (r->nnames != 0
                && memmem(p, n, s->names.data + r->names[0].at,
                          r->names[0].len) != NULL))
        {
            return 1;
        }
    }

    return 0;
}


/* is one of what r asks for asked for by a rule that hides, too? */

static int
concerns(const mdr_sheet_t *s, const rule_t *r)
{
    uint32_t       i, k, j;
    const rule_t  *h;

    for (i = 0; i < r->nnames; i++) {
        if (r->names[i].id) {
            return 1;
        }
    }

    for (i = 0; i < s->nrules; i++) {
        h = &s->rules[i];

        for (k = 0; k < h->nnames; k++) {
            for (j = 0; j < r->nnames; j++) {
                if (h->names[k].len == r->names[j].len
                    && memcmp(s->names.data + h->names[k].at,
                              s->names.data + r->names[j].at,
                              h->names[k].len) == 0)
                {
                    return 1;
                }
            }
        }

        if (h->tag != 0 && h->tag == r->tag) {
            return 1;
        }
    }

    return 0;
}


/* the rule of those selectors: hides, says are of its declarations */

static void
keep(mdr_sheet_t *s, const uint8_t *p, size_t n, const rule_t *of)
{
    int             alone;
    size_t          i, from, to, mark;
    rule_t          r;
    uint8_t         shape;
    uint32_t        k, w;
    const uint8_t  *name;

    for (i = 0, from = 0; i <= n; i++) {
        if (i < n && p[i] != ',') {
            continue;
        }

        for (to = i; to > from && mdr_css_space(p[to - 1]); to--) { /* void */ }

        while (from < to && mdr_css_space(p[from])) {
            from++;
        }

        mark = s->names.len;
        k = s->nrules;

        if (k < RULES && compound(s, p + from, to - from, &r, &alone)
            && (of->hides != 0 ? alone : concerns(s, &r)))
        {
            r.hides = of->hides;
            r.says = of->says;
            r.weight |= of->weight;
            r.order = of->order;
            s->rules[s->nrules++] = r;
            s->nhiding += r.hides != 0;
            s->ntags += r.tag != 0 && r.nnames == 0;

            for (w = 0; w < r.nnames; w++) {
                name = (const uint8_t *) s->names.data + r.names[w].at;
                shape = shape_of(name, r.names[w].len);
                s->shapes[shape / 64] |= (uint64_t) 1 << shape % 64;
                s->nids += r.names[w].id;
            }

            s->hash = (s->hash ^ r.says ^ (uint32_t) r.hides << 4
                       ^ (uint32_t) r.tag) * 0x9e3779b1u;

            for ( ; mark < s->names.len; mark++) {
                s->hash = (s->hash ^ (uint8_t) s->names.data[mark])
                          * 0x01000193u;
            }

        } else {
            s->names.len = mark;
        }

        from = i + 1;
    }
}


/* what the declarations of a block do; 0: nothing that matters */

static int
block(const uint8_t *p, size_t n, rule_t *r, int all)
{
    int            away, says, sure;
    uint8_t        css[MDR_STYLE_MAX];
    mdr_css_say_t  say;

    if (n == 0 || n > sizeof(css) || (!all && mdr_css_is_dull(p, p + n, 1))) {
        return 0;
    }

    memcpy(css, p, n);
    n = mdr_css_plain(css, n);
    mdr_css_say(css, n, &say);
    away = mdr_css_is_away(css, n, &says);
    sure = memchr(css, '!', n) != NULL;

    r->hides = (uint8_t) ((say.none == 1) << G_DISPLAY
                          | (say.hidden == 1) << G_SEEN
                          | away << G_PLACE);
    r->says = (uint8_t) ((say.none >= 0) << G_DISPLAY
                         | (say.hidden >= 0) << G_SEEN
                         | (says || away) << G_PLACE);
    r->weight = sure ? 1u << 31 : 0;

    return all ? r->hides == 0 && r->says != 0 : r->hides != 0;
}


static int
starts(const uint8_t *p, size_t n, const char *s)
{
    return n >= strlen(s) && memcmp(p, s, strlen(s)) == 0;
}


/* "(min-width: 1px)", as far as any screen has it: its length, or 0 */

static size_t
any_width(const uint8_t *p, size_t n)
{
    size_t    i;
    unsigned  v;

    if (!starts(p, n, "(min-width:")) {
        return 0;
    }

    for (i = 11, v = 0; i < n && p[i] != ')'; i++) {
        v = p[i] >= '0' && p[i] <= '9' && v < 10000 ? v * 10 + p[i] - '0' : v;
    }

    return v <= 320 ? i + 1 : 0;
}


/* does every screen meet the query? */

static int
is_met(const uint8_t *p, size_t n)
{
    size_t  i, k;

    static const char *const  words[] = {
        "@media", "all", "screen", "only", "and"
    };

    if (starts(p, n, "@layer") || starts(p, n, "@supports (display:")) {
        return 1;
    }

    for (i = 0; i < n; i++) {
        if (mdr_css_space(p[i]) || p[i] == ',') {
            continue;
        }

        k = any_width(p + i, n - i);

        if (k != 0) {
            i += k - 1;
            continue;
        }

        for (k = 0; k < sizeof(words) / sizeof(words[0])
                    && !starts(p + i, n - i, words[k]); k++)
        {
            /* void */
        }

        if (k == sizeof(words) / sizeof(words[0])) {
            return 0;
        }

        i += strlen(words[k]) - 1;
    }

    return n != 0;
}


/* behind the bracket that closes the one before p */

static const uint8_t *
closed(const uint8_t *p, const uint8_t *end)
{
    int             depth;
    const uint8_t  *close, *open;

    for (depth = 1; p < end; p = close + 1) {
        close = memchr(p, '}', (size_t) (end - p));

        if (close == NULL) {
            break;
        }

        for (open = p; (open = memchr(open, '{', (size_t) (close - open)))
                       != NULL; open++)
        {
            depth++;
        }

        if (--depth == 0) {
            return close + 1;
        }
    }

    return end;
}


/* what stands before a block: behind the last ";" and closing bracket */

static const uint8_t *
prelude(const uint8_t *p, const uint8_t *end, int *depth)
{
    const uint8_t  *q;

    for (q = end; q > p && q[-1] != ';' && q[-1] != '}'; q--) { /* void */ }

    for ( ; p < q && (p = memchr(p, '}', (size_t) (q - p))) != NULL; p++) {
        *depth -= *depth > 0;
    }

    p = q;

    while (p < end && mdr_css_space(*p)) {
        p++;
    }

    return p;
}


/* all: rules that show, too, where one that hides may concern them */

static void
read_sheet(mdr_sheet_t *s, const uint8_t *p, const uint8_t *end, int all)
{
    int             depth;
    size_t          n;
    rule_t          r;
    const uint8_t  *open, *from, *close, *inner;

    for (depth = 0; p < end && s->nrules < RULES; ) {
        open = memchr(p, '{', (size_t) (end - p));

        if (open == NULL) {
            return;
        }

        from = prelude(p, open, &depth);
        n = (size_t) (open - from);
        p = open + 1;

        if (n != 0 && *from == '@') {
            if (depth < DEPTH && is_met(from, n)) {
                depth++;
            } else {
                p = closed(p, end);
            }
            continue;
        }

        close = memchr(p, '}', (size_t) (end - p));
        close = close != NULL ? close : end;
        inner = memchr(p, '{', (size_t) (close - p));

        r.order = (uint32_t) (s->read - (size_t) (end - p));

        if (n < 1024 && (!all || may_concern(s, from, n))
            && block(p, (size_t) ((inner != NULL ? inner : close) - p), &r,
                     all))
        {
            keep(s, from, n, &r);
        }

        p = inner != NULL ? closed(p, end) : close + (close < end);
    }
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


void
mdr_page_style_text(mdr_page_run_t *run, const uint8_t *p, size_t n)
{
    mdr_sheet_t  *s;

    s = run->sheet;

    if (s == NULL) {
        s = mdr_alloc(run->k->alloc, sizeof(mdr_sheet_t));
        if (s == NULL) {
            return;                     /* as without style sheets           */
        }

        memset(s, 0, offsetof(mdr_sheet_t, rules));
        s->alloc = run->k->alloc;
        mdr_buf_init(&s->text, s->alloc);
        mdr_buf_init(&s->names, s->alloc);
        run->sheet = s;
    }

    n = n < SHEETS - s->read ? n : SHEETS - s->read;
    s->read += n;
    (void) mdr_buf_add(&s->text, p, n);
}


void
mdr_page_style_end(mdr_page_run_t *run, mdr_html_t *h)
{
    size_t        n;
    uint32_t      i, before;
    uint8_t      *p;
    mdr_sheet_t  *s;

    s = run->sheet;

    if (s == NULL) {
        return;
    }

    before = s->nrules;
    p = (uint8_t *) s->text.data;
    n = s->text.len != 0 ? without_comments(p, s->text.len) : 0;
    imports(run, p, n);
    read_sheet(s, p, p + n, 0);

    if (s->nhiding != 0) {
        read_sheet(s, p, p + n, 1);
    }

    s->text.len = 0;

    if (s->nrules == before) {
        return;
    }

    if (!run->r->looks) {
        s->nhiding = 0;
    }

    h->hook_state = (uint8_t) ((h->hook_state & 1)
                               | (1 + (s->hash >> 8) % 127) << 1);

    for (i = 0; i < MDR_MEMOS; i++) {
        h->memo[i].page &= (uint8_t) ~(MDR_TAG_STYLED|MDR_TAG_GONE);
    }
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


static int
matches(const mdr_sheet_t *s, const rule_t *r, mdr_html_t *h,
    const mdr_attr_t *class, const mdr_attr_t *id)
{
    uint32_t           i;
    const name_t      *w;
    const mdr_attr_t  *a;

    if (r->tag != 0 && r->tag != h->tag.name) {
        return 0;
    }

    for (i = 0; i < r->nnames; i++) {
        w = &r->names[i];
        a = w->id ? id : class;

        if (a == NULL
            || !has_word(h->tag.p + a->value, a->value_end - a->value,
                         (const uint8_t *) s->names.data + w->at, w->len))
        {
            return 0;
        }
    }

    return 1;
}


/* may a name of a rule be among the words of the value? */

static int
may_have(const mdr_sheet_t *s, const uint8_t *p, size_t n)
{
    size_t   i, k;
    uint8_t  shape;

    for (i = 0; i < n; i = k + 1) {
        for (k = i; k < n && !mdr_css_space(p[k]); k++) { /* void */ }

        if (k != i) {
            shape = shape_of(p + i, k - i);

            if (s->shapes[shape / 64] >> shape % 64 & 1) {
                return 1;
            }
        }
    }

    return 0;
}


static int
is_gone(const mdr_sheet_t *s, mdr_html_t *h)
{
    uint32_t           i, g;
    uint64_t           best[GROUPS], weight;
    uint8_t            hides;
    const rule_t      *r;
    const mdr_attr_t  *class, *id;

    if (h->tag.p == NULL) {
        return 0;
    }

    class = h->tag.len > h->tag.name_len + 8u || h->tag.cut
            ? PAGE_ATTR(h, "class") : NULL;
    id = s->nids != 0 && h->tag.len > h->tag.name_len + 5u
         ? PAGE_ATTR(h, "id") : NULL;

    if (s->ntags == 0 && id == NULL
        && (class == NULL || !may_have(s, h->tag.p + class->value,
                                       class->value_end - class->value)))
    {
        return 0;
    }

    memset(best, 0, sizeof(best));
    hides = 0;

    for (i = 0; i < s->nrules; i++) {
        r = &s->rules[i];

        if (!matches(s, r, h, class, id)) {
            continue;
        }

        weight = (uint64_t) r->weight << 32 | r->order;

        for (g = 0; g < GROUPS; g++) {
            if ((r->says >> g & 1) && weight >= best[g]) {
                best[g] = weight;
                hides = (uint8_t) ((hides & ~(1u << g))
                                   | (r->hides & 1u << g));
            }
        }
    }

    return hides != 0;
}


int
mdr_page_is_gone(const mdr_page_run_t *run, mdr_html_t *h)
{
    int           gone;
    mdr_memo_t   *m;

    if (run->sheet == NULL || run->sheet->nhiding == 0) {
        return 0;
    }

    m = h->tag.memo;

    if (m != NULL && (m->page & MDR_TAG_STYLED)) {
        return (m->page & MDR_TAG_GONE) != 0;
    }

    gone = is_gone(run->sheet, h);

    if (m != NULL) {
        m->page |= (uint8_t) (MDR_TAG_STYLED | (gone ? MDR_TAG_GONE : 0));
    }

    return gone;
}


void
mdr_page_sheet_free(mdr_sheet_t *s)
{
    if (s != NULL) {
        mdr_buf_done(&s->text);
        mdr_buf_done(&s->names);
        mdr_free(s->alloc, s);
    }
}
