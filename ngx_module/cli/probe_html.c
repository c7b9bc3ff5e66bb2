/*
 * probe_html.c - slots of a page: groups of elements that look alike.
 *
 * The tree is a rough one (void elements, raw text, the implied ends of list
 * items, cells and paragraphs); who wants it exact asks the scanner. Each
 * element stands in the groups of the selectors that could name it: tag and
 * class, tag under a parent with a class or id, custom elements by their tag.
 */

#include "probe.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define NODES     400000
#define STACK     512
#define TABLE     (1u << 18)
#define NAME      80
#define ITEM_MAX  600           /* elements of an item that are looked at    */

typedef struct {
    char        tag[48];
    const char *cls, *id, *href, *title, *alt;
    size_t      cls_n, id_n, href_n, title_n, alt_n;
    size_t      parent, last;           /* last: the last node inside        */
    size_t      text, text_n;           /* its text in doc->text             */
} node_t;

typedef struct {
    node_t  *nodes;
    size_t   n;
    char    *text;
    size_t   text_n;
} doc_t;

typedef struct {
    char     match[PROBE_MATCH];
    size_t  *items;
    size_t   n, cap;
} group_t;

typedef struct {
    group_t **table;
    group_t **list;
    size_t    n, cap;
} groups_t;


static int
one_of(const char *tag, const char *list)
{
    size_t       n;
    const char  *p;

    n = strlen(tag);

    for (p = strstr(list, tag); p != NULL; p = strstr(p + 1, tag)) {
        if ((p == list || p[-1] == ' ') && (p[n] == ' ' || p[n] == '\0')) {
            return 1;
        }
    }

    return 0;
}


static void
attribute(node_t *e, const char *name, size_t n, const char *v, size_t vn)
{
    if (n == 5 && strncasecmp(name, "class", 5) == 0) {
        e->cls = v;
        e->cls_n = vn;
    } else if (n == 2 && strncasecmp(name, "id", 2) == 0) {
        e->id = v;
        e->id_n = vn;
    } else if (n == 4 && strncasecmp(name, "href", 4) == 0) {
        e->href = v;
        e->href_n = vn;
    } else if (n == 5 && strncasecmp(name, "title", 5) == 0) {
        e->title = v;
        e->title_n = vn;
    } else if (n == 3 && strncasecmp(name, "alt", 3) == 0) {
        e->alt = v;
        e->alt_n = vn;
    }
}


/* the attributes from p on; behind the ">" */

static const char *
attributes(node_t *e, const char *p, const char *end)
{
    char         q;
    size_t       nn;
    const char  *name, *v;

    for ( ;; ) {
        while (p < end && (isspace((unsigned char) *p) || *p == '/')) {
            p++;
        }

        if (p == end || *p == '>') {
            return p == end ? p : p + 1;
        }

        for (name = p; p < end && !isspace((unsigned char) *p) && *p != '='
             && *p != '>' && *p != '/'; p++)
        {
            /* void */
        }

        nn = (size_t) (p - name);

        while (p < end && isspace((unsigned char) *p)) {
            p++;
        }

        if (p == end || *p != '=') {
            if (nn == 0 && p < end && *p != '>') {
                p++;
            }
            continue;
        }

        p++;

        while (p < end && isspace((unsigned char) *p)) {
            p++;
        }

        if (p < end && (*p == '"' || *p == '\'')) {
            q = *p++;
            v = p;
            p = memchr(p, q, (size_t) (end - p));
            p = p == NULL ? end : p;
            attribute(e, name, nn, v, (size_t) (p - v));
            p += p < end;

        } else {
            for (v = p; p < end && !isspace((unsigned char) *p) && *p != '>';
                 p++)
            {
                /* void */
            }
            attribute(e, name, nn, v, (size_t) (p - v));
        }
    }
}


/* what a start tag ends that has no end tag of its own */

static int
ends(const char *open, const char *tag)
{
    if (strcmp(open, "li") == 0 || strcmp(open, "option") == 0
        || strcmp(open, "tr") == 0)
    {
        return strcmp(open, tag) == 0;
    }

    if (one_of(open, "dt dd")) {
        return one_of(tag, "dt dd");
    }

    if (one_of(open, "td th")) {
        return one_of(tag, "td th tr");
    }

    return strcmp(open, "p") == 0
           && one_of(tag, "p div ul ol li dl table h1 h2 h3 h4 h5 h6 section "
                     "article header footer form pre blockquote");
}


static void
text(doc_t *d, const char *s, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (!isspace((unsigned char) s[i])) {
            d->text[d->text_n++] = s[i];

        } else if (d->text_n != 0 && d->text[d->text_n - 1] != ' ') {
            d->text[d->text_n++] = ' ';
        }
    }
}


static void
close_node(doc_t *d, size_t i)
{
    d->nodes[i].last = d->n - 1;
    d->nodes[i].text_n = d->text_n - d->nodes[i].text;
}


static const char *
raw_end(const char *p, const char *end, const char *tag)
{
    size_t  n;

    n = strlen(tag);

    for ( ; (size_t) (end - p) > n + 2; p++) {
        if (p[0] == '<' && p[1] == '/' && strncasecmp(p + 2, tag, n) == 0) {
            return p;
        }
    }

    return end;
}


static void
tree(doc_t *d, const char *p, size_t n)
{
    char         tag[48];
    size_t       k, top, stack[STACK];
    node_t      *e;
    const char  *end, *q;

    end = p + n;
    top = 0;

    while (p < end && d->n < NODES) {

        q = memchr(p, '<', (size_t) (end - p));
        q = q == NULL ? end : q;
        text(d, p, (size_t) (q - p));
        p = q;

        if (end - p < 2) {
            break;
        }

        if (p[1] == '!') {
            if (end - p > 4 && memcmp(p, "<!--", 4) == 0) {
                q = memmem(p + 4, (size_t) (end - p) - 4, "-->", 3);
                p = q == NULL ? end : q + 3;
            } else {
                q = memchr(p, '>', (size_t) (end - p));
                p = q == NULL ? end : q + 1;
            }
            continue;
        }

        q = p + 1 + (p[1] == '/');

        for (k = 0; q + k < end && k + 1 < sizeof(tag)
             && (isalnum((unsigned char) q[k]) || q[k] == '-'); k++)
        {
            tag[k] = (char) tolower((unsigned char) q[k]);
        }

        tag[k] = '\0';

        if (k == 0) {
            text(d, "<", 1);
            p++;
            continue;
        }

        if (p[1] == '/') {
            q = memchr(p, '>', (size_t) (end - p));
            p = q == NULL ? end : q + 1;

            for (k = top; k > 0; k--) {
                if (strcmp(d->nodes[stack[k - 1]].tag, tag) == 0) {
                    while (top >= k) {
                        close_node(d, stack[--top]);
                    }
                    break;
                }

                if (one_of(d->nodes[stack[k - 1]].tag, "table ul ol")
                    && one_of(tag, "li p td tr"))
                {
                    break;
                }
            }

            continue;
        }

        while (top > 0 && ends(d->nodes[stack[top - 1]].tag, tag)) {
            close_node(d, stack[--top]);
        }

        /* an unclosed <p> or <span> does not hide a new list item */

        if (strcmp(tag, "li") == 0) {
            for (k = top; k > 0
                 && !one_of(d->nodes[stack[k - 1]].tag, "ul ol menu"); k--)
            {
                if (strcmp(d->nodes[stack[k - 1]].tag, "li") == 0) {
                    while (top >= k) {
                        close_node(d, stack[--top]);
                    }
                    break;
                }
            }
        }

        e = &d->nodes[d->n];
        memset(e, 0, sizeof(*e));
        strcpy(e->tag, tag);
        e->parent = top > 0 ? stack[top - 1] : (size_t) -1;
        e->text = d->text_n;
        e->last = d->n;
        d->n++;
        p = attributes(e, q + k, end);

        if (one_of(tag, "area base br col embed hr img input link meta source "
                   "track wbr"))
        {
            if (strcmp(tag, "br") == 0) {
                text(d, " ", 1);
            }
            continue;
        }

        if (one_of(tag, "script style textarea title xmp iframe")) {
            p = raw_end(p, end, tag);
            continue;
        }

        if (top < STACK) {
            stack[top++] = d->n - 1;
        }
    }

    while (top > 0) {
        close_node(d, stack[--top]);
    }
}


/* groups */

static void
put(groups_t *all, const char *match, size_t item)
{
    size_t    h, i;
    group_t  *g;

    for (h = 5381, i = 0; match[i] != '\0'; i++) {
        h = h * 33 + (unsigned char) match[i];
    }

    for (h &= TABLE - 1; all->table[h] != NULL; h = (h + 1) & (TABLE - 1)) {
        if (strcmp(all->table[h]->match, match) == 0) {
            break;
        }
    }

    g = all->table[h];

    if (g == NULL) {
        if (all->n > TABLE / 2) {
            return;
        }

        g = probe_alloc(sizeof(group_t));
        memset(g, 0, sizeof(*g));
        snprintf(g->match, sizeof(g->match), "%s", match);
        all->table[h] = g;

        if (all->n == all->cap) {
            all->cap = all->cap * 2 + 1024;
            all->list = realloc(all->list, all->cap * sizeof(group_t *));
            if (all->list == NULL) {
                exit(2);
            }
        }

        all->list[all->n++] = g;
    }

    if (g->n != 0 && g->items[g->n - 1] == item) {
        return;
    }

    if (g->n == g->cap) {
        g->cap = g->cap * 2 + 8;
        g->items = realloc(g->items, g->cap * sizeof(size_t));
        if (g->items == NULL) {
            exit(2);
        }
    }

    g->items[g->n++] = item;
}


/* the k-th class that a selector can name without escapes; 0: none */

static int
class_at(const node_t *e, size_t k, char dst[NAME])
{
    size_t  i, n;

    for (i = 0; i < e->cls_n; i += n) {
        while (i < e->cls_n && isspace((unsigned char) e->cls[i])) {
            i++;
        }

        for (n = 0; i + n < e->cls_n
             && !isspace((unsigned char) e->cls[i + n]); n++)
        {
            /* void */
        }

        if (n == 0 || k-- != 0) {
            continue;
        }

        if (n + 1 < NAME && (isalpha((unsigned char) e->cls[i])
                             || e->cls[i] == '_'))
        {
            memcpy(dst, e->cls + i, n);
            dst[n] = '\0';
            return strspn(dst, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRS"
                          "TUVWXYZ0123456789_-") == n ? 1 : -1;
        }

        return -1;
    }

    return 0;
}


static void
name_node(doc_t *d, groups_t *all, size_t i)
{
    int      rc;
    char     cls[NAME], match[PROBE_MATCH];
    size_t   k;
    node_t  *e, *up;

    e = &d->nodes[i];

    if (one_of(e->tag, "html head body script style meta link br option "
               "title noscript"))
    {
        return;
    }

    for (k = 0; k < 6 && (rc = class_at(e, k, cls)) != 0; k++) {
        if (rc > 0) {
            snprintf(match, sizeof(match), "%s.%s", e->tag, cls);
            put(all, match, i);
        }
    }

    if (strchr(e->tag, '-') != NULL || one_of(e->tag, "article")) {
        put(all, e->tag, i);
    }

    if (e->parent == (size_t) -1) {
        return;
    }

    up = &d->nodes[e->parent];

    for (k = 0; k < 3 && (rc = class_at(up, k, cls)) != 0; k++) {
        if (rc > 0) {
            snprintf(match, sizeof(match), "%s.%s > %s", up->tag, cls,
                     e->tag);
            put(all, match, i);
        }
    }

    if (up->id_n != 0 && up->id_n < NAME
        && isalpha((unsigned char) up->id[0]))
    {
        snprintf(match, sizeof(match), "%s#%.*s > %s", up->tag,
                 (int) up->id_n, up->id, e->tag);

        if (strspn(match, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789_-# >") == strlen(match))
        {
            put(all, match, i);
        }
    }
}


/* a title inside an item, by the kinds that pages have */

enum { T_HEADING, T_CLASS, T_LINK, T_LINK_TITLE, T_ALT, T_OWN, T_KINDS };

static const double  kind_worth[] = { 1.0, 1.0, 0.97, 0.9, 0.75, 0.7 };


static int
titled(const node_t *e)
{
    char    cls[NAME];
    size_t  k;
    int     rc;

    for (k = 0; k < 6 && (rc = class_at(e, k, cls)) != 0; k++) {
        if (rc > 0 && (strcasestr(cls, "title") != NULL
                       || strcasestr(cls, "headline") != NULL
                       || strcasestr(cls, "tit") == cls
                       || strcasestr(cls, "subject") != NULL
                       || strcasestr(cls, "name") != NULL))
        {
            return 1;
        }
    }

    return 0;
}


/* the node of it, or 0; *s and *n: its text */

static size_t
title_of(const doc_t *d, size_t item, int kind, const char **s, size_t *n)
{
    size_t         i, last, best;
    const node_t  *e;

    e = &d->nodes[item];
    last = e->last > item + ITEM_MAX ? item + ITEM_MAX : e->last;
    best = 0;
    *n = 0;

    if (kind == T_OWN) {
        *s = d->text + e->text;
        *n = e->text_n;
        return item;
    }

    for (i = item + 1; i <= last; i++) {
        e = &d->nodes[i];

        switch (kind) {

        case T_HEADING:
            if (e->tag[0] == 'h' && e->tag[1] >= '1' && e->tag[1] <= '6'
                && e->tag[2] == '\0' && e->text_n > 3)
            {
                *s = d->text + e->text;
                *n = e->text_n;
                return i;
            }
            break;

        case T_CLASS:
            if (titled(e) && e->text_n > 3) {
                *s = d->text + e->text;
                *n = e->text_n;
                return i;
            }
            break;

        case T_LINK:
            if (strcmp(e->tag, "a") == 0 && e->text_n > *n) {
                *s = d->text + e->text;
                *n = e->text_n;
                best = i;
            }
            break;

        case T_LINK_TITLE:
            if (strcmp(e->tag, "a") == 0 && e->title_n > 3) {
                *s = e->title;
                *n = e->title_n;
                return i;
            }
            break;

        default: /* T_ALT */
            if (strcmp(e->tag, "img") == 0 && e->alt_n > 3) {
                *s = e->alt;
                *n = e->alt_n;
                return i;
            }
        }
    }

    return best;
}


static void
source_of(const doc_t *d, const node_t *e, int kind, char *dst, size_t n)
{
    int   rc;
    char  cls[NAME];

    (void) d;

    if (kind == T_OWN) {
        snprintf(dst, n, ".");
        return;
    }

    rc = class_at(e, 0, cls);
    snprintf(dst, n, rc > 0 ? "%s.%s%s" : "%s%.0s%s", e->tag,
             rc > 0 ? cls : "", kind == T_LINK_TITLE ? "@title"
                                : kind == T_ALT ? "@alt" : "");
}


typedef struct {
    double  q;
    size_t  filled, length;
    char    from[PROBE_MATCH];
} kind_t;


static void
look(const doc_t *d, const group_t *g, int kind, kind_t *k)
{
    char         from[PROBE_MATCH];
    size_t       i, n, node, filled, same, length, votes;
    const char  *s, *last;
    size_t       last_n;

    filled = 0;
    same = 0;
    length = 0;
    votes = 0;
    last = "";
    last_n = 0;
    k->from[0] = '\0';

    for (i = 0; i < g->n && i < 400; i++) {
        node = title_of(d, g->items[i], kind, &s, &n);

        if ((node == 0 && kind != T_OWN) || n < 4 || n > 600) {
            continue;
        }

        filled++;
        length += n;
        same += n == last_n && memcmp(s, last, n) == 0;
        last = s;
        last_n = n;

        /* the source that most have: a majority vote */

        source_of(d, &d->nodes[node], kind, from, sizeof(from));

        if (votes == 0) {
            strcpy(k->from, from);
            votes = 1;
        } else if (strcmp(from, k->from) == 0) {
            votes++;
        } else {
            votes--;
        }
    }

    n = g->n < 400 ? g->n : 400;
    k->filled = filled;
    k->length = filled == 0 ? 0 : length / filled;
    k->q = kind_worth[kind] * (double) filled / (double) n
           * (1 - 0.9 * (double) same / (double) (filled + 1));

    if (k->length < 8) {
        k->q *= 0.5;
    }
}


static const char *const  who[] = {
    "author", "anchor", "nick", "user", "uname", "owner", "host", "by", NULL
};


static void
others(const doc_t *d, const group_t *g, probe_slot_t *s, size_t *links)
{
    int            rc;
    char           cls[NAME], from[PROBE_MATCH], best[PROBE_MATCH];
    size_t         i, j, k, w, votes, last, n;
    const node_t  *e;

    *links = 0;
    votes = 0;
    best[0] = '\0';
    n = g->n < 200 ? g->n : 200;

    for (i = 0; i < n; i++) {
        e = &d->nodes[g->items[i]];
        last = e->last > g->items[i] + ITEM_MAX ? g->items[i] + ITEM_MAX
                                                : e->last;
        if (strcmp(e->tag, "a") == 0 && e->href_n != 0) {
            (*links)++;
        } else {
            for (j = g->items[i] + 1; j <= last; j++) {
                if (strcmp(d->nodes[j].tag, "a") == 0
                    && d->nodes[j].href_n > 1)
                {
                    (*links)++;
                    break;
                }
            }
        }

        for (j = g->items[i] + 1, w = 0; j <= last && w == 0; j++) {
            e = &d->nodes[j];

            for (k = 0; k < 4 && (rc = class_at(e, k, cls)) != 0 && w == 0;
                 k++)
            {
                for (w = 0; rc > 0 && who[w] != NULL
                     && strcasestr(cls, who[w]) == NULL; w++)
                {
                    /* void */
                }

                w = rc > 0 && who[w] != NULL && e->text_n > 1
                    && e->text_n < 80;

                if (w) {
                    snprintf(from, sizeof(from), "%s.%s", e->tag, cls);
                }
            }
        }

        if (w == 0) {
            continue;
        }

        if (votes == 0) {
            strcpy(best, from);
            votes = 1;
        } else if (strcmp(from, best) == 0) {
            votes++;
        } else {
            votes--;
        }
    }

    if (votes * 3 > n) {
        probe_field(s, "nickname", best);
    }

    if (*links * 5 > n * 3) {
        probe_field(s, "room", strcmp(d->nodes[g->items[0]].tag, "a") == 0
                               ? "@href" : "a@href");
    }
}


/* links with a text of their own an item: a card has few, a box of cards has
 * many */

static double
crowd(const doc_t *d, const group_t *g)
{
    size_t  i, j, n, links;

    n = g->n < 60 ? g->n : 60;
    links = 0;

    for (i = 0; i < n; i++) {
        for (j = g->items[i] + 1; j <= d->nodes[g->items[i]].last; j++) {
            links += strcmp(d->nodes[j].tag, "a") == 0
                     && d->nodes[j].text_n > 8;
        }
    }

    return (double) links / (double) n;
}


static void
propose(probe_t *p, const doc_t *d, const group_t *g)
{
    int            kind, best;
    double         share, size;
    size_t         i, n, links, text_n, inside, elements;
    kind_t         k[T_KINDS];
    const char    *s;
    const node_t  *e;
    probe_slot_t   slot;

    if (g->n < 3) {
        return;
    }

    /* items in items are no list; one long text is no card */

    text_n = 0;
    inside = 0;
    elements = 0;

    for (i = 0; i < g->n; i++) {
        e = &d->nodes[g->items[i]];
        text_n += e->text_n;
        elements += e->last - g->items[i];
        inside += i > 0 && g->items[i] <= d->nodes[g->items[i - 1]].last;
    }

    if (inside * 4 > g->n || text_n / g->n > 6000) {
        return;
    }

    best = 0;

    for (kind = 0; kind < T_KINDS; kind++) {
        look(d, g, kind, &k[kind]);

        if (k[kind].q > k[best].q + 0.02) {
            best = kind;
        }
    }

    if (k[best].q < 0.3) {
        return;
    }

    memset(&slot, 0, sizeof(slot));
    slot.type = "html";
    snprintf(slot.match, sizeof(slot.match), "%s", g->match);
    slot.items = g->n;
    slot.titled = k[best].filled;
    probe_field(&slot, "title", k[best].from);
    others(d, g, &slot, &links);

    for (i = 0; i < g->n && slot.npreview < PROBE_PREVIEW; i++) {
        if (title_of(d, g->items[i], best, &s, &n) != 0 && n > 3) {
            probe_text(slot.preview[slot.npreview++], s, n);
        }
    }

    n = g->n < 200 ? g->n : 200;
    share = d->text_n == 0 ? 0 : (double) text_n / (double) d->text_n;
    size = (double) elements / (double) g->n;

    slot.score = log2((double) g->n + 1) * k[best].q
                 * (0.4 + (double) links / (double) n)
                 * (0.25 + sqrt(share > 1 ? 1 : share))
                 * (1 + log2(1 + (size > 60 ? 60 : size)) / 4)
                 * (strchr(g->match, '>') != NULL ? 0.97 : 1);

    share = crowd(d, g);

    if (share > 3) {
        slot.score *= pow(3 / share, 1.4);
    }

    if (one_of(d->nodes[g->items[0]].tag, "li article tr")) {
        slot.score *= 1.2;
    }

    if (one_of(d->nodes[g->items[0]].tag, "a span img i em b")) {
        slot.score *= 0.6;
    }

    probe_add(p, &slot);
}


void
probe_html(probe_t *p, const char *s, size_t n)
{
    doc_t     d;
    size_t    i, j;
    groups_t  all;

    memset(&d, 0, sizeof(d));
    memset(&all, 0, sizeof(all));
    d.nodes = probe_alloc(NODES * sizeof(node_t));
    d.text = probe_alloc(n * 2 + 16);
    all.table = probe_alloc(TABLE * sizeof(group_t *));
    memset(all.table, 0, TABLE * sizeof(group_t *));

    tree(&d, s, n);

    for (i = 0; i < d.n; i++) {
        name_node(&d, &all, i);
    }

    /* of groups with the same items the shortest name counts */

    for (i = 0; i < all.n; i++) {
        for (j = 0; j < all.n && all.list[i]->n >= 3; j++) {
            if (i != j && all.list[j]->n == all.list[i]->n
                && (strlen(all.list[j]->match) < strlen(all.list[i]->match)
                    || (strlen(all.list[j]->match)
                        == strlen(all.list[i]->match) && j < i))
                && memcmp(all.list[i]->items, all.list[j]->items,
                          all.list[i]->n * sizeof(size_t))
                   == 0)
            {
                break;
            }
        }

        if (j == all.n) {
            propose(p, &d, all.list[i]);
        }
    }

    for (i = 0; i < all.n; i++) {
        free(all.list[i]->items);
        free(all.list[i]);
    }

    free(all.list);
    free(all.table);
    free(d.text);
    free(d.nodes);
}
