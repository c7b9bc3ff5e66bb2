/*
 * learn_read.c - labelled titles and lists of fragments.
 *
 * Titles come a line each: label (1 or 0), tab, title; columns between them
 * are passed by, and so is a first line that has no label.
 *
 * A title may stand there more than once, as where two people labelled the
 * same titles.  It is one title then, with the label that most lines give it,
 * and counts as often as these lines are more than the others; where it is a
 * draw, it is left out.
 */

#include "learn.h"
#include "load/node.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>

#define MOST  10                /* votes of a title that count, at most      */


int
mdr_learn_memory(void)
{
    fprintf(stderr, "moderationctl: out of memory\n");

    return MDR_ERROR;
}


mdr_feature_t *
mdr_learn_add(mdr_learn_t *l)
{
    void  *p;

    p = l->f;

    if (mdr_grow(l->c->alloc, &p, &l->f_cap, l->nf + 1,
                 sizeof(mdr_feature_t))
        != MDR_OK)
    {
        return NULL;
    }

    l->f = p;
    memset(&l->f[l->nf], 0, sizeof(mdr_feature_t));

    return &l->f[l->nf++];
}


static uint8_t *
slurp(mdr_learn_t *l, const char *path, size_t *n)
{
    uint8_t  *p;

    p = mdr_load_read_file(l->c->alloc, path, (size_t) 1 << 30, n);

    if (p == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", path, strerror(errno));
    }

    return p;
}


/* a title with single blanks, behind the ones before; 0: not UTF-8 */

static int
add_title(mdr_buf_t *b, const char *p, const char *e)
{
    size_t    n;
    uint32_t  cp, blank;

    for (blank = 0; p < e; p += n) {
        cp = mdr_utf8_next((const uint8_t *) p, (size_t) (e - p), &n);

        if (n == 0 || (cp == MDR_CP_BAD && n != 3)) {
            return 0;
        }

        if (cp <= 0x20) {
            blank = b->len != 0;
            continue;
        }

        if (blank && b->data[b->len - 1] != '\0') {
            b->data[b->len++] = ' ';
        }

        blank = 0;
        memcpy(b->data + b->len, p, n);
        b->len += n;
    }

    b->data[b->len++] = '\0';

    return 1;
}


/* the titles of a text; path names it in messages */

static int
add_text(mdr_learn_t *l, const char *path, const char *p, size_t n,
    mdr_buf_t *b, size_t *caps)
{
    int          rc;
    void        *q;
    size_t       at;
    uint32_t     line;
    const char  *e, *end, *tab;

    rc = mdr_buf_reserve(b, b->len + n + 64) == MDR_OK ? MDR_OK
         : mdr_learn_memory();
    end = p + n;

    for (line = 1; rc == MDR_OK && p < end; p = e + 1, line++) {
        e = memchr(p, '\n', (size_t) (end - p));
        e = e != NULL ? e : end;
        tab = memchr(p, '\t', (size_t) (e - p));

        if (tab != p + 1 || (*p != '0' && *p != '1')) {
            if (line != 1 && e != p) {
                fprintf(stderr, "%s:%u:1: a label (1 or 0), a tab and a title "
                        "expected\n", path, line);
                rc = MDR_ERROR;
            }
            continue;
        }

        while (memchr(tab + 1, '\t', (size_t) (e - tab - 1)) != NULL) {
            tab = memchr(tab + 1, '\t', (size_t) (e - tab - 1));
        }

        q = l->at;
        if (mdr_grow(l->c->alloc, &q, &caps[0], l->ntitles + 2,
                     sizeof(uint32_t))
            != MDR_OK)
        {
            rc = mdr_learn_memory();
            break;
        }
        l->at = q;

        q = l->label;
        if (mdr_grow(l->c->alloc, &q, &caps[1], l->ntitles + 1, 1) != MDR_OK) {
            rc = mdr_learn_memory();
            break;
        }
        l->label = q;

        at = b->len;

        if (!add_title(b, tab + 1, e)) {
            fprintf(stderr, "%s:%u:1: not UTF-8\n", path, line);
            rc = MDR_ERROR;
            break;
        }

        if (b->len == at + 1) {         /* nothing but blanks                */
            b->len = at;
            continue;
        }

        l->at[l->ntitles] = (uint32_t) at;
        l->label[l->ntitles] = *p == '1';
        l->npos += *p == '1';
        l->ntitles++;
        l->at[l->ntitles] = (uint32_t) b->len;
    }

    return rc;
}


/* of each title the first that is the same, in `first`; the labels of all of
 * them, added up, in `votes` */

static int
count_votes(mdr_learn_t *l, uint32_t *first, int32_t *votes)
{
    size_t       size, k;
    uint32_t     t, i, *table;
    uint64_t     h;
    const char  *p;

    for (size = 64; size < (size_t) l->ntitles * 2; size *= 2) { /* void */ }

    table = mdr_calloc(l->c->alloc, size * sizeof(uint32_t));
    if (table == NULL) {
        return mdr_learn_memory();
    }

    for (t = 0; t < l->ntitles; t++) {
        p = (const char *) l->bytes + l->at[t];

        for (i = l->at[t], h = 0xcbf29ce484222325u; i < l->at[t + 1]; i++) {
            h = (h ^ l->bytes[i]) * 0x100000001b3u;
        }

        for (k = (size_t) (h ^ h >> 29) & (size - 1);
             table[k] != 0
             && strcmp((const char *) l->bytes + l->at[table[k] - 1], p) != 0;
             k = (k + 1) & (size - 1))
        {
            /* void */
        }

        if (table[k] == 0) {
            table[k] = t + 1;
        }

        first[t] = table[k] - 1;
        votes[first[t]] += l->label[t] ? 1 : -1;
    }

    mdr_free(l->c->alloc, table);

    return MDR_OK;
}


/* each title once, with its votes */

static int
poll(mdr_learn_t *l)
{
    int        rc;
    int32_t   *votes, v;
    uint32_t   t, kept, len, *first;

    first = mdr_alloc(l->c->alloc, (l->ntitles + 1) * sizeof(uint32_t));
    votes = mdr_calloc(l->c->alloc, (l->ntitles + 1) * sizeof(int32_t));
    l->times = mdr_alloc(l->c->alloc, l->ntitles + 1);

    rc = first != NULL && votes != NULL && l->times != NULL
         ? count_votes(l, first, votes) : mdr_learn_memory();

    for (t = 0, kept = 0, l->npos = 0; rc == MDR_OK && t < l->ntitles; t++) {
        v = votes[t];

        if (first[t] != t) {
            continue;
        }

        if (v == 0) {
            l->drawn++;
            continue;
        }

        len = l->at[t + 1] - l->at[t];
        memmove(l->bytes + l->at[kept], l->bytes + l->at[t], len);
        l->at[kept + 1] = l->at[kept] + len;
        l->label[kept] = v > 0;
        l->npos += v > 0;
        v = v > 0 ? v : -v;
        l->times[kept++] = (uint8_t) (v < MOST ? v : MOST);
    }

    if (rc == MDR_OK) {
        l->ntitles = kept;
    }

    mdr_free(l->c->alloc, first);
    mdr_free(l->c->alloc, votes);

    return rc;
}


int
mdr_learn_titles(mdr_learn_t *l, const char *const *paths, size_t n)
{
    int        rc;
    size_t     i, len, caps[2];
    uint8_t   *data;
    mdr_buf_t  b;

    mdr_buf_init(&b, l->c->alloc);
    caps[0] = 0;
    caps[1] = 0;

    rc = l->conf.text == NULL ? MDR_OK
         : add_text(l, l->conf.text_name, l->conf.text, l->conf.text_len, &b,
                    caps);

    for (i = 0; rc == MDR_OK && i < n; i++) {
        data = slurp(l, paths[i], &len);
        rc = data == NULL ? MDR_ERROR
             : add_text(l, paths[i], (char *) data, len, &b, caps);
        mdr_free(l->c->alloc, data);
    }

    if (rc != MDR_OK) {
        mdr_buf_done(&b);
        return rc;
    }

    l->bytes = b.data;

    if (poll(l) != MDR_OK) {
        return MDR_ERROR;
    }

    if (l->npos < 10 || l->ntitles - l->npos < 10) {
        fprintf(stderr, "moderationctl: %u titles with label 1 and %u with 0: "
                "at least ten of each are needed\n", l->npos,
                l->ntitles - l->npos);
        return MDR_ERROR;
    }

    return MDR_OK;
}


/* "# +12 -3: 45": as it was learned, with that weight? */

static int
is_learned(const char *p, const char *e, int32_t weight)
{
    const char  *c;

    for (c = p; c < e && *c != '#'; c++) { /* void */ }

    if (e - c < 4 || memcmp(c, "# +", 3) != 0) {
        return 0;
    }

    for (c += 3; c < e && *c != ':'; c++) { /* void */ }

    return c < e && strtol(c + 1, NULL, 10) == weight;
}


int
mdr_learn_list(mdr_learn_t *l, const char *path, int own,
    mdr_feature_t **f, size_t *n)
{
    char           *p, *e, *end, *tab, *c;
    size_t          len, cap;
    void           *q;
    uint8_t        *data;
    mdr_feature_t   x;

    *f = NULL;
    *n = 0;
    cap = 0;

    data = slurp(l, path, &len);
    if (data == NULL) {
        return MDR_ERROR;
    }

    p = (char *) data;
    end = p + len;

    for ( ; p < end; p = e + 1) {
        e = memchr(p, '\n', (size_t) (end - p));
        e = e != NULL ? e : end;

        if (p == e || *p == '#' || *p == '\r') {
            continue;
        }

        memset(&x, 0, sizeof(x));
        x.kept = 1;
        tab = memchr(p, '\t', (size_t) (e - p));

        for (c = tab != NULL ? tab : e;
             tab == NULL && c > p && (c[-1] == '\r' || c[-1] == ' '); c--)
        {
            /* void */
        }

        x.text = mdr_arena_str(l->arena, p, (size_t) (c - p));

        if (tab != NULL) {
            x.weight = (int32_t) strtol(tab + 1, &c, 10);
            while (c < e && (*c == ' ' || *c == '\t')) {
                c++;
            }
            x.place = e - c >= 5 && memcmp(c, "begin", 5) == 0
                      ? MDR_PLACE_BEGIN
                      : e - c >= 3 && memcmp(c, "end", 3) == 0
                      ? MDR_PLACE_END
                      : e - c >= 5 && memcmp(c, "whole", 5) == 0
                      ? MDR_PLACE_BEGIN | MDR_PLACE_END : 0;

            if (own && is_learned(tab, e, x.weight)) {
                continue;
            }
        }

        q = *f;
        if (mdr_grow(l->c->alloc, &q, &cap, *n + 1, sizeof(x)) != MDR_OK) {
            mdr_free(l->c->alloc, data);
            return mdr_learn_memory();
        }

        *f = q;
        (*f)[(*n)++] = x;
    }

    mdr_free(l->c->alloc, data);

    return MDR_OK;
}
