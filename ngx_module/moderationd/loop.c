/*
 * loop.c - the main thread: timers, signals, connections that arrive.
 */

#include "loop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TIMERS_MAX  64


typedef struct {
    int64_t        every, due;          /* of the monotonic clock             */
    mdd_timer_pt   run;
    void          *data;
} entry_t;

struct mdd_loop_s {
    int        signals;
    int        listener;
    entry_t    timers[TIMERS_MAX];
    size_t     n;
};


mdd_loop_t *
mdd_loop_new(void)
{
    sigset_t     set;
    mdd_loop_t  *loop;

    loop = calloc(1, sizeof(mdd_loop_t));
    if (loop == NULL) {
        return NULL;
    }

    loop->listener = -1;

    /* blocked here, before any thread is made, so that all inherit it */
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGQUIT);
    sigaddset(&set, SIGHUP);
    sigaddset(&set, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    sigdelset(&set, SIGPIPE);

    loop->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (loop->signals < 0) {
        free(loop);
        return NULL;
    }

    return loop;
}


void
mdd_loop_free(mdd_loop_t *loop)
{
    if (loop != NULL) {
        close(loop->signals);
        free(loop);
    }
}


void
mdd_loop_listen(mdd_loop_t *loop, int fd)
{
    loop->listener = fd;
}


int
mdd_timer_add(mdd_t *d, int64_t ms, mdd_timer_pt run, void *data)
{
    entry_t     *e;
    mdd_loop_t  *loop = d->loop;

    if (loop->n == TIMERS_MAX || ms < 1) {
        return MDD_FAILED;
    }

    e = &loop->timers[loop->n++];
    e->every = ms;
    e->due = mdd_steady() + ms;
    e->run = run;
    e->data = data;

    return MDD_OK;
}


static int64_t
run_timers(mdd_t *d)
{
    size_t       i;
    int64_t      now, next;
    mdd_loop_t  *loop = d->loop;

    now = mdd_steady();
    next = now + 1000;

    for (i = 0; i < loop->n; i++) {
        if (loop->timers[i].due <= now) {
            loop->timers[i].due = now + loop->timers[i].every;
            loop->timers[i].run(d, loop->timers[i].data);
        }
        if (loop->timers[i].due < next) {
            next = loop->timers[i].due;
        }
    }

    now = mdd_steady();

    return next > now ? next - now : 0;
}


static void
hup(mdd_t *d)
{
    (void) d;
    mdd_say(MDD_NOTE, "SIGHUP: the configuration is read at start only");
}


int
mdd_loop_run(mdd_t *d)
{
    int                       fd, n;
    struct pollfd             p[2];
    mdd_loop_t               *loop = d->loop;
    struct signalfd_siginfo   si;

    for ( ;; ) {
        p[0].fd = loop->signals;
        p[0].events = POLLIN;
        p[1].fd = loop->listener;
        p[1].events = mdd_pool_room(d->pool) ? POLLIN : 0;
        p[0].revents = p[1].revents = 0;

        n = poll(p, 2, (int) run_timers(d));
        if (n < 0 && errno != EINTR) {
            mdd_say(MDD_ERR, "poll: %s", strerror(errno));
            return MDD_FAILED;
        }

        if (n <= 0) {
            continue;
        }

        if (p[0].revents && read(loop->signals, &si, sizeof(si))
                            == (ssize_t) sizeof(si))
        {
            if (si.ssi_signo == SIGHUP) {
                hup(d);
                continue;
            }
            return MDD_OK;
        }

        if (p[1].revents & POLLIN) {
            fd = accept4(loop->listener, NULL, NULL, SOCK_CLOEXEC);
            if (fd >= 0) {
                mdd_pool_give(d->pool, fd);
            }
        }
    }
}
