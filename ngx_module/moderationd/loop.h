/*
 * loop.h - what main.c needs of the main thread's loop, the writer and the
 * HTTP threads.
 */

#ifndef MDD_LOOP_H
#define MDD_LOOP_H

#include "moderationd.h"

/* loop.c: made before any thread, since it blocks signals */
mdd_loop_t *mdd_loop_new(void);
void mdd_loop_free(mdd_loop_t *loop);
void mdd_loop_listen(mdd_loop_t *loop, int fd);
/* until SIGTERM, SIGINT or SIGQUIT */
int mdd_loop_run(mdd_t *d);

/* pool.c: threads that answer; room: one is free or will be soon */
mdd_pool_t *mdd_pool_new(mdd_t *d, int threads);
void mdd_pool_free(mdd_pool_t *pool);
int mdd_pool_room(mdd_pool_t *pool);
void mdd_pool_give(mdd_pool_t *pool, int fd);

/* writer.c: the thread starts with start; stop ends it when what waits is done
 * and a last checkpoint is signed */
mdd_writer_t *mdd_writer_new(mdd_t *d);
int mdd_writer_start(mdd_writer_t *w);
void mdd_writer_stop(mdd_writer_t *w);
void mdd_writer_free(mdd_writer_t *w);

/* sd.c: "READY=1" ... to the socket that systemd names, if any */
void mdd_notify(const char *state);


#endif
