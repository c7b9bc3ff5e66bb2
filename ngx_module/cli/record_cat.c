/*
 * record_cat.c - `moderationctl ledger cat` and `gaps`: lines out of segments
 * (no daemon needed) or out of a log, for people and log shippers.
 *
 * Out of segments each line comes once and in the order of its place, as the
 * daemon would take it; the private half only where it is asked for.
 */

#include "record.h"

#include "moderationd/ingest/json_in.h"
#include "ledger/line.h"
#include "moderationd/ingest/lines.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PLACES_MAX  4096
#define READ_MAX    (256 * 1024)


typedef struct {
    char       name[MDL_SEGMENT_MAX];
    int64_t    pos;
    int        headed, bad;
    char       zone[33];
    uint64_t   place, next, ms;
} seg_t;

typedef struct {
    char       zone[33];
    uint64_t   place, next;
} place_t;

typedef struct {
    int                   dir;
    const record_args_t  *a;
    seg_t                *segs;
    size_t                n, cap;
    place_t              *places;
    size_t                nplaces;
    char                 *buf;
    size_t                printed;
} cat_t;


static uint64_t *
next_of(cat_t *c, const char *zone, uint64_t place)
{
    size_t  i;

    for (i = 0; i < c->nplaces; i++) {
        if (c->places[i].place == place
            && strcmp(c->places[i].zone, zone) == 0)
        {
            return &c->places[i].next;
        }
    }

    /* so many places are no nginx: the oldest is forgotten */
    if (c->nplaces == PLACES_MAX) {
        memmove(c->places, c->places + 1, (PLACES_MAX - 1) * sizeof(place_t));
        c->nplaces--;
    }

    snprintf(c->places[c->nplaces].zone, sizeof(c->places[0].zone), "%s",
             zone);
    c->places[c->nplaces].place = place;
    c->places[c->nplaces].next = 0;

    return &c->places[c->nplaces++].next;
}


static void
print_line(cat_t *c, seg_t *s, char *p, size_t n)
{
    size_t       pub, at, npriv;
    uint64_t    *next;
    mdd_line_t   line;

    if (mdl_line_split(p, n, &pub, &at, &npriv) != 0
        || mdd_line_read(&line, p, n) != MDD_OK)
    {
        fprintf(stderr, "%s: not a line of the record\n", s->name);
        return;
    }

    if (line.type != MDL_HEAD) {
        next = next_of(c, s->zone, s->place);
        if (line.number < *next) {
            return;
        }
        *next = line.number + 1;
    }

    if (npriv > 0 && !c->a->priv) {
        p[pub++] = '}';
        n = pub;
    }

    fwrite(p, 1, n, stdout);
    putchar('\n');
    c->printed++;
}


static void
print_segment(cat_t *c, seg_t *s)
{
    int           fd;
    char         *p, *end, *eol;
    ssize_t       n;
    mdd_head_t    head;
    mdd_line_t    line;

    fd = openat(c->dir, s->name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW
                | O_NONBLOCK);
    if (fd < 0) {
        return;
    }

    while (!s->bad && (n = pread(fd, c->buf, READ_MAX, (off_t) s->pos)) > 0) {
        end = c->buf + n;

        for (p = c->buf; (eol = memchr(p, '\n', (size_t) (end - p))) != NULL;
             p = eol + 1)
        {
            if (!s->headed) {
                if (mdd_line_read(&line, p, (size_t) (eol - p)) != MDD_OK
                    || mdd_head_read(&head, &line) != MDD_OK)
                {
                    fprintf(stderr, "%s: does not begin with its head\n",
                            s->name);
                    s->bad = 1;
                    break;
                }
                strcpy(s->zone, head.zone);
                s->place = head.place;
                s->next = head.next;
                s->headed = 1;
            }
            print_line(c, s, p, (size_t) (eol - p));
        }

        if (p == c->buf) {
            break;
        }
        s->pos += p - c->buf;
    }

    close(fd);
}


static int
in_order(const void *a, const void *b)
{
    const seg_t  *x = a, *y = b;

    return x->ms != y->ms ? (x->ms < y->ms ? -1 : 1)
                          : strcmp(x->name, y->name);
}


static int
list(cat_t *c)
{
    int              known;
    DIR             *d;
    seg_t           *p;
    size_t           i, cap;
    mdl_segment_t    id;
    struct dirent   *e;

    d = fdopendir(openat(c->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (d == NULL) {
        return -1;
    }

    while ((e = readdir(d)) != NULL) {
        if (mdl_segment_parse(e->d_name, &id) != 0) {
            continue;
        }

        known = 0;
        for (i = 0; i < c->n && !known; i++) {
            known = strcmp(c->segs[i].name, e->d_name) == 0;
        }
        if (known) {
            continue;
        }

        if (c->n == c->cap) {
            cap = c->cap ? c->cap * 2 : 64;
            p = realloc(c->segs, cap * sizeof(seg_t));
            if (p == NULL) {
                break;
            }
            c->segs = p;
            c->cap = cap;
        }
        memset(&c->segs[c->n], 0, sizeof(seg_t));
        strcpy(c->segs[c->n].name, e->d_name);
        c->segs[c->n++].ms = id.ms;
    }

    closedir(d);
    if (c->n > 0) {
        qsort(c->segs, c->n, sizeof(seg_t), in_order);
    }

    return 0;
}


static int
leaf(uint64_t index, const char *p, size_t n, void *data)
{
    int                k;
    mdd_json_t         m[8];
    const mdd_json_t  *e;

    (void) index;
    (void) data;

    k = mdd_json_members(p, n, m, 8);
    e = k > 0 ? mdd_json_get(m, k, "e") : NULL;
    if (e != NULL) {
        fwrite(e->val, 1, e->n, stdout);
        putchar('\n');
    }

    return 0;
}


static int
cat_log(int dir, const char *name, void *data)
{
    int                rc;
    mdd_buf_t          note = { 0 };
    mdd_vkey_t         key;
    mdd_checkpoint_t   c;

    rc = record_checkpoint(dir, name, data, &key, &note, &c);
    mdd_buf_free(&note);

    return rc != MDD_OK ? rc : record_leaves(dir, 0, c.size, leaf, NULL);
}


int
record_cat(const record_args_t *a)
{
    int               rc;
    size_t            i;
    cat_t             c = { 0 };
    struct timespec   ts = { 0, 200 * 1000000 };

    c.a = a;
    c.dir = open(a->args[0], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (c.dir < 0) {
        fprintf(stderr, "moderationctl: %s: %s\n", a->args[0],
                strerror(errno));
        return -1;
    }

    if (list(&c) != 0) {
        close(c.dir);
        return -1;
    }

    /* no segment, and not waited for: a log */
    if (c.n == 0 && !a->follow && (faccessat(c.dir, "tile", F_OK, 0) == 0
                                   || faccessat(c.dir, ".lock", F_OK, 0)
                                      == 0))
    {
        close(c.dir);
        return record_each(a->args[0], cat_log, (void *) (uintptr_t) a);
    }

    c.buf = malloc(READ_MAX);
    c.places = calloc(PLACES_MAX, sizeof(place_t));
    rc = c.buf != NULL && c.places != NULL ? 0 : -1;

    while (rc == 0) {
        for (i = 0; i < c.n; i++) {
            print_segment(&c, &c.segs[i]);
        }
        if (fflush(stdout) != 0) {
            rc = -1;
        }
        if (!a->follow || rc != 0) {
            break;
        }
        nanosleep(&ts, NULL);
        rc = list(&c);
    }

    close(c.dir);
    free(c.buf);
    free(c.places);
    free(c.segs);

    return rc;
}


static int
gap(uint64_t index, const char *p, size_t n, void *data)
{
    int                k;
    size_t            *found = data;
    mdd_json_t         m[8], e[16];
    const mdd_json_t  *v, *type;

    if (memmem(p, n, "/d\",", 4) == NULL) {
        return 0;
    }

    k = mdd_json_members(p, n, m, 8);
    v = k > 0 ? mdd_json_get(m, k, "e") : NULL;
    k = v != NULL ? mdd_json_members(v->val, v->n, e, 16) : 0;
    type = k > 0 ? mdd_json_get(e, k, "type") : NULL;

    if (mdd_json_is(type, "lost") || mdd_json_is(type, "gap")
        || mdd_json_is(type, "damaged"))
    {
        printf("%llu %.*s\n", (unsigned long long) index, (int) v->n, v->val);
        (*found)++;
    }

    return 0;
}


typedef struct { const record_args_t *a; size_t found; } gaps_t;


static int
gaps_of(int dir, const char *name, void *data)
{
    int                rc;
    gaps_t            *g = data;
    mdd_buf_t          note = { 0 };
    mdd_vkey_t         key;
    mdd_checkpoint_t   c;

    rc = record_checkpoint(dir, name, g->a, &key, &note, &c);
    mdd_buf_free(&note);

    return rc != MDD_OK ? rc
                        : record_leaves(dir, 0, c.size, gap, &g->found);
}


/* 1: there are some */

int
record_gaps(const record_args_t *a)
{
    int      rc;
    gaps_t   g;

    g.a = a;
    g.found = 0;
    rc = record_each(a->args[0], gaps_of, &g);

    return rc != 0 ? -1 : g.found > 0;
}
