/*
 * pool.c - threads that answer, each one connection at a time, with a
 * connection to the store that only reads.
 */

#include "moderationd/loop.h"

#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define WAITING_MAX  256


typedef struct {
    mdd_pool_t   *pool;
    pthread_t     thread;
    int           slot;
    mdd_db_t     *db;
} thread_t;

struct mdd_pool_s {
    mdd_t            *d;
    pthread_mutex_t   lock;
    pthread_cond_t    more;
    int               waiting[WAITING_MAX];
    size_t            first, n;
    int               stop;
    thread_t         *threads;
    int               nthreads;
};


static void *
serve(void *data)
{
    int          fd;
    thread_t    *t = data;
    mdd_pool_t  *pool = t->pool;

    for ( ;; ) {
        pthread_mutex_lock(&pool->lock);
        while (pool->n == 0 && !pool->stop) {
            pthread_cond_wait(&pool->more, &pool->lock);
        }
        if (pool->n == 0) {
            pthread_mutex_unlock(&pool->lock);
            return NULL;
        }
        fd = pool->waiting[pool->first];
        pool->first = (pool->first + 1) % WAITING_MAX;
        pool->n--;
        pthread_mutex_unlock(&pool->lock);

        mdd_web_serve(pool->d, fd, t->db, t->slot);
    }
}


mdd_pool_t *
mdd_pool_new(mdd_t *d, int threads)
{
    int          i;
    char         err[512];
    thread_t    *t;
    mdd_pool_t  *pool;

    pool = calloc(1, sizeof(mdd_pool_t));
    if (pool == NULL) {
        return NULL;
    }

    pool->d = d;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    pool->threads = calloc((size_t) threads, sizeof(thread_t));

    for (i = 0; pool->threads != NULL && i < threads; i++) {
        t = &pool->threads[i];
        t->pool = pool;
        t->slot = i;
        t->db = mdd_db_open(d->conf->store, 0, 1, err, sizeof(err));
        if (t->db == NULL) {
            mdd_say(MDD_ERR, "store: %s", err);
            break;
        }
        if (pthread_create(&t->thread, NULL, serve, t) != 0) {
            mdd_db_close(t->db);
            break;
        }
        pool->nthreads++;
    }

    if (pool->nthreads != threads) {
        mdd_pool_free(pool);
        return NULL;
    }

    return pool;
}


void
mdd_pool_free(mdd_pool_t *pool)
{
    int  i;

    if (pool == NULL) {
        return;
    }

    pthread_mutex_lock(&pool->lock);
    pool->stop = 1;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);

    for (i = 0; i < pool->nthreads; i++) {
        pthread_join(pool->threads[i].thread, NULL);
        mdd_db_close(pool->threads[i].db);
    }

    while (pool->n > 0) {
        close(pool->waiting[pool->first]);
        pool->first = (pool->first + 1) % WAITING_MAX;
        pool->n--;
    }

    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->lock);
    free(pool->threads);
    free(pool);
}


int
mdd_pool_room(mdd_pool_t *pool)
{
    int  room;

    pthread_mutex_lock(&pool->lock);
    room = pool->n < WAITING_MAX;
    pthread_mutex_unlock(&pool->lock);

    return room;
}


void
mdd_pool_give(mdd_pool_t *pool, int fd)
{
    pthread_mutex_lock(&pool->lock);

    if (pool->n < WAITING_MAX) {
        pool->waiting[(pool->first + pool->n) % WAITING_MAX] = fd;
        pool->n++;
        fd = -1;
        pthread_cond_signal(&pool->more);
    }

    pthread_mutex_unlock(&pool->lock);

    if (fd >= 0) {
        close(fd);
    }
}
