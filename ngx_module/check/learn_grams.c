/*
 * learn_grams.c - fragments that stand in enough titles.
 *
 * A title is a row of units: a Han character, or a run of letters, or of
 * digits.  Marks part the row.  A fragment is some units in a row, as the
 * folds leave them; one of n units is counted only where its first and its
 * last n - 1 units are in enough titles, so that the table stays small.
 * Those at the beginning and at the end of a title are fragments of their own.
 */

#include "learn.h"
#include "text/fold.h"
#include "base/utf8.h"

#define UNITS  512
#define PLACED 3                /* units of a fragment with a place          */

typedef struct {
    uint64_t  hash;             /* of its folded characters                  */
    uint32_t  at, end;          /* bytes of the title                        */
    uint8_t   first;            /* a mark stands before it                   */
} unit_t;

typedef struct {
    uint64_t  hash;             /* 0: free                                   */
    uint32_t  last;             /* title + 1                                 */
    uint32_t  n[2];
    uint32_t  feature;          /* + 1, once it has one                      */
} entry_t;

typedef struct {
    mdr_learn_t  *l;
    entry_t      *table;
    size_t        size, used;
    int           failed;
} grams_t;


static uint64_t
mix(uint64_t h, uint64_t x)
{
    h = (h ^ x) * 0x9fb21c651e98df25ULL;

    return h ^ h >> 29;
}


static entry_t *
look(const grams_t *g, uint64_t hash)
{
    size_t  i;

    for (i = (size_t) hash & (g->size - 1);
         g->table[i].hash != 0 && g->table[i].hash != hash;
         i = (i + 1) & (g->size - 1))
    {
        /* void */
    }

    return &g->table[i];
}


static void
grow(grams_t *g)
{
    size_t    i, size;
    entry_t  *old;

    old = g->table;
    size = g->size;
    g->size = size == 0 ? 1 << 16 : size * 2;
    g->table = mdr_calloc(g->l->c->alloc, g->size * sizeof(entry_t));

    if (g->table == NULL) {
        g->failed = 1;
        g->table = old;
        g->size = size;
        return;
    }

    for (i = 0; i < size; i++) {
        if (old[i].hash != 0) {
            *look(g, old[i].hash) = old[i];
        }
    }

    mdr_free(g->l->c->alloc, old);
}


static void
count(grams_t *g, uint64_t hash, uint32_t title)
{
    entry_t  *e;

    if (g->used * 2 >= g->size) {
        grow(g);
    }

    if (g->failed) {
        return;
    }

    e = look(g, hash);

    if (e->hash == 0) {
        e->hash = hash;
        g->used++;
    }

    if (e->last != title + 1) {
        e->last = title + 1;
        e->n[g->l->label[title]]++;
    }
}


static int
often(const grams_t *g, uint64_t hash)
{
    entry_t  *e;

    e = look(g, hash);

    return e->hash != 0 && e->n[0] + e->n[1] >= g->l->conf.titles;
}


static uint32_t
units_of(const mdr_learn_t *l, uint32_t title, unit_t *u)
{
    size_t           len, i;
    uint32_t         n, at, cp, end, kind, before, mark;
    const uint8_t   *p;
    mdr_fold_seq_t   f[MDR_FOLD_ALTS];

    p = l->bytes;
    end = l->at[title + 1] - 1;
    n = 0;
    before = 0;
    mark = 1;

    for (at = l->at[title]; at < end; at += (uint32_t) len) {
        cp = mdr_utf8_next(p + at, end - at, &len);

        if (len == 0) {
            break;
        }

        if (mdr_fold_dropped(cp, l->r->profile.folds)) {
            before = 0;
            continue;
        }

        (void) mdr_fold_forms(cp, l->r->profile.folds, f);

        if (mdr_fold_mark(cp) != 0 || f[0].n != 1
            || !(mdr_fold_is_han(cp) || mdr_fold_is_word(f[0].cp[0])))
        {
            before = 0;
            mark = 1;
            continue;
        }

        kind = mdr_fold_is_han(cp) ? 0
               : cp >= '0' && cp <= '9' ? 2 : 3;

        if (kind == 0 || kind != before || n == 0) {
            if (n == UNITS) {
                break;
            }
            u[n].hash = 1;
            u[n].at = at;
            u[n].first = (uint8_t) mark;
            n++;
        }

        for (i = 0; i < f[0].n; i++) {
            u[n - 1].hash = mix(u[n - 1].hash, f[0].cp[i]);
        }

        u[n - 1].end = at + (uint32_t) len;
        before = kind;
        mark = 0;
    }

    return n;
}


/* of units [i, i + n); 0: a mark parts them */

static uint64_t
hash_of(const unit_t *u, uint32_t i, uint32_t n, uint32_t place)
{
    uint32_t  k;
    uint64_t  h;

    for (k = 0, h = mix(7, n * 4 + place); k < n; k++) {
        if (k != 0 && u[i + k].first) {
            return 0;
        }
        h = mix(h, u[i + k].hash);
    }

    return h | 1;
}


/* may it be counted: what it is made of is in enough titles */

static uint64_t
gram(const grams_t *g, const unit_t *u, uint32_t i, uint32_t n,
    uint32_t place)
{
    uint64_t  h, a, b;

    h = hash_of(u, i, n, place);

    if (h == 0 || (place == 0 && n == 1)) {
        return h;
    }

    if (place != 0) {
        return often(g, hash_of(u, i, n, 0)) ? h : 0;
    }

    a = hash_of(u, i, n - 1, 0);
    b = hash_of(u, i + 1, n - 1, 0);

    return often(g, a) && often(g, b) ? h : 0;
}


/* the fragment at [at, end) of the titles becomes a feature */

static void
put(grams_t *g, uint64_t hash, const unit_t *u, uint32_t i, uint32_t n,
    uint32_t place)
{
    char            text[256];
    size_t          len, k, part;
    entry_t        *e;
    mdr_feature_t  *f;

    e = hash != 0 ? look(g, hash) : NULL;

    if (e == NULL || e->hash == 0 || e->feature != 0
        || e->n[0] + e->n[1] < g->l->conf.titles)
    {
        return;
    }

    for (k = 0, len = 0; k < n; k++) {
        part = u[i + k].end - u[i + k].at;

        if (len + part + 1 > sizeof(text)) {
            return;
        }

        /* words keep the blank between them */

        if (k != 0 && u[i + k].at > u[i + k - 1].end
            && g->l->bytes[u[i + k].at - 1] == ' ')
        {
            text[len++] = ' ';
        }

        memcpy(text + len, g->l->bytes + u[i + k].at, part);
        len += part;
    }

    f = mdr_learn_add(g->l);

    if (f == NULL) {
        g->failed = 1;
        return;
    }

    f->text = mdr_arena_str(g->l->arena, text, len);
    f->place = (uint8_t) place;
    e->feature = (uint32_t) g->l->nf;

    if (f->text.data == NULL) {
        g->failed = 1;
    }
}


/* what is left out: as a whole, whatever place it has */

static void
leave_out(grams_t *g, const mdr_feature_t *without, size_t n)
{
    size_t     i, k, kept;
    uint32_t   found;

    for (i = 0, kept = 0; i < g->l->nf; i++) {
        for (k = 0, found = 0; k < n && !found; k++) {
            found = mdr_check_same(without[k].text, g->l->f[i].text);
        }

        if (!found) {
            g->l->f[kept++] = g->l->f[i];
        }
    }

    g->l->nf = kept;
}


int
mdr_learn_grams(mdr_learn_t *l, const mdr_feature_t *without,
    size_t nwithout)
{
    int       pass;
    unit_t    u[UNITS];
    grams_t   g;
    uint32_t  t, n, i, k, m;
    uint64_t  h;

    memset(&g, 0, sizeof(g));
    g.l = l;
    grow(&g);

    for (k = 1; k <= l->conf.grams + 1 && !g.failed; k++) {

        /* the last round: places, once all fragments are counted */

        for (t = 0; t < l->ntitles && !g.failed; t++) {
            n = units_of(l, t, u);

            if (k > l->conf.grams) {
                for (m = 1; m <= PLACED && m <= n; m++) {
                    h = gram(&g, u, 0, m, MDR_PLACE_BEGIN);
                    if (h != 0) {
                        count(&g, h, t);
                    }
                    h = gram(&g, u, n - m, m, MDR_PLACE_END);
                    if (h != 0) {
                        count(&g, h, t);
                    }
                }
                continue;
            }

            for (i = 0; i + k <= n; i++) {
                h = gram(&g, u, i, k, 0);
                if (h != 0) {
                    count(&g, h, t);
                }
            }
        }
    }

    for (pass = 0; pass < 2 && !g.failed; pass++) {
        for (t = 0; t < l->ntitles && !g.failed; t++) {
            n = units_of(l, t, u);

            for (k = 1; pass == 0 && k <= l->conf.grams; k++) {
                for (i = 0; i + k <= n; i++) {
                    put(&g, hash_of(u, i, k, 0), u, i, k, 0);
                }
            }

            for (m = 1; pass == 1 && m <= PLACED && m <= n; m++) {
                put(&g, hash_of(u, 0, m, MDR_PLACE_BEGIN), u, 0, m,
                    MDR_PLACE_BEGIN);
                put(&g, hash_of(u, n - m, m, MDR_PLACE_END), u, n - m, m,
                    MDR_PLACE_END);
            }
        }
    }

    if (nwithout != 0) {
        leave_out(&g, without, nwithout);
    }

    mdr_free(l->c->alloc, g.table);

    return g.failed ? mdr_learn_memory() : MDR_OK;
}
