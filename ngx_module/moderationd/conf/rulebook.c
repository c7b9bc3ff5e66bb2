/*
 * rulebook.c - the books of all sites on a shelf: read again when a policy
 * changes, and what is asked of them (see rulebook.h).
 */

#include "rulebook.h"

#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define SITES_MAX  64
#define WAIT_NS    50000000

static struct {
    mdd_book_t        *books[SITES_MAX];
    int64_t            stamps[SITES_MAX];
    size_t             n;
    pthread_rwlock_t   lock;
} shelf = { .lock = PTHREAD_RWLOCK_INITIALIZER };


void
mdd_book_bursts(const mdd_book_t *b, const char *rule, double *ratio,
    double *min)
{
    int                  pass;
    size_t               i;
    const mdd_bursts_t  *x;

    /* the default first, then what is said of the rule itself */
    for (pass = 0; b && pass < 2; pass++) {
        for (i = 0; i < b->nbursts; i++) {
            x = &b->bursts[i];

            if (pass ? x->rule == NULL || strcmp(x->rule, rule) != 0
                     : x->rule != NULL)
            {
                continue;
            }

            *ratio = x->ratio > 1 ? x->ratio : *ratio;
            *min = x->min >= 1 ? x->min : *min;
        }
    }
}


static void
stamp_file(void *ctx, const char *file)
{
    int64_t      *sum = ctx;
    struct stat   st;

    if (stat(file, &st) == 0) {
        *sum = *sum * 31 + st.st_mtim.tv_sec * 1000003 + st.st_mtim.tv_nsec
               + st.st_size * 7 + (int64_t) st.st_ino;
    }
}


/* the shelf is to be written; 0: a report of a long time has the book open, and
 * the loop, which beats, does not wait for it */

static int
is_free(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += WAIT_NS;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;

    return pthread_rwlock_timedwrlock(&shelf.lock, &t) == 0;
}


static void
look(mdd_t *d, void *data)
{
    char         path[4096];
    size_t       i;
    int64_t      stamp;
    mdd_book_t  *b, *old;
    const char  *policy;

    (void) data;

    for (i = 0; i < d->conf->nsites && i < SITES_MAX; i++) {
        stamp = 1;
        policy = d->conf->sites[i].policy;

        if (policy == NULL
            || snprintf(path, sizeof(path), "%s%s%s",
                        *policy == '/' ? "" : d->conf->dir,
                        *policy == '/' ? "" : "/", policy)
               >= (int) sizeof(path))
        {
            continue;
        }

        mdd_book_files(path, stamp_file, &stamp);

        if (stamp == shelf.stamps[i]) {
            continue;
        }

        b = mdd_book_read(path);

        if (b == NULL) {
            continue;
        }

        b->site = strdup(d->conf->sites[i].name);
        b->stamp = stamp;

        if (!is_free()) {               /* the next look tries again */
            mdd_book_free(b);
            continue;
        }

        shelf.stamps[i] = stamp;
        old = shelf.books[i];
        shelf.books[i] = b;
        shelf.n = i + 1 > shelf.n ? i + 1 : shelf.n;
        pthread_rwlock_unlock(&shelf.lock);
        mdd_book_free(old);
    }
}


void
mdd_books_read(mdd_t *d)
{
    look(d, NULL);
}


int
mdd_books_init(mdd_t *d)
{
    mdd_books_read(d);

    return mdd_timer_add(d, 2000, look, NULL);
}


void
mdd_books_done(mdd_t *d)
{
    size_t  i;

    (void) d;

    for (i = 0; i < shelf.n; i++) {
        mdd_book_free(shelf.books[i]);
        shelf.books[i] = NULL;
    }

    shelf.n = 0;
}


const mdd_book_t *
mdd_book(const char *site)
{
    size_t  i;

    pthread_rwlock_rdlock(&shelf.lock);

    for (i = 0; i < shelf.n; i++) {
        if (shelf.books[i]
            && (site == NULL || strcmp(shelf.books[i]->site, site) == 0))
        {
            return shelf.books[i];
        }
    }

    pthread_rwlock_unlock(&shelf.lock);

    return NULL;
}


void
mdd_book_leave(const mdd_book_t *book)
{
    if (book) {
        pthread_rwlock_unlock(&shelf.lock);
    }
}


const mdd_slot_t *
mdd_book_slot(const mdd_book_t *b, const char *name)
{
    size_t  i;

    for (i = 0; b && i < b->nslots; i++) {
        if (strcmp(b->slots[i].name, name) == 0) {
            return &b->slots[i];
        }
    }

    return NULL;
}


const mdd_rule_t *
mdd_book_rule(const mdd_book_t *b, const char *id)
{
    size_t  i;

    for (i = 0; b && i < b->nrules; i++) {
        if (strcmp(b->rules[i].id, id) == 0) {
            return &b->rules[i];
        }
    }

    return NULL;
}


const mdd_reason_t *
mdd_book_reason(const mdd_book_t *b, const char *id)
{
    size_t  i;

    for (i = 0; b && i < b->nreasons; i++) {
        if (strcmp(b->reasons[i].id, id) == 0) {
            return &b->reasons[i];
        }
    }

    return NULL;
}


const char *
mdd_site_of(const mdd_conf_t *conf, const char *host)
{
    size_t  i, k;

    for (i = 0; i < conf->nsites; i++) {
        for (k = 0; k < conf->sites[i].nhosts; k++) {
            if (strcmp(conf->sites[i].hosts[k], host) == 0) {
                return conf->sites[i].name;
            }
        }
    }

    return conf->nsites == 1 ? conf->sites[0].name : NULL;
}
