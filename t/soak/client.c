/*
 * client.c - requests at a steady rate, or as fast as they go, with a look at
 * every body.
 *
 *   client PORT PATH CONNECTIONS SECONDS RATE [WORD WORD]
 *
 * RATE requests a second (0: each connection sends the next one as soon as it
 * has its answer).  At a steady rate a latency counts from the moment at
 * which the request should have been sent, so that a server that stalls is
 * not spared the requests that it held up.  With two words each body has to
 * hold exactly one of them: pages of one policy or of the other, never of
 * both.  Prints one line of JSON.
 */

#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define MAX_CONNS  512
#define BODY_MAX   (1 << 20)

typedef struct {
    int       fd;
    int       busy;
    int64_t   since;                    /* when it should have been sent     */
    size_t    len;
    char     *buf;
} conn_t;

static conn_t     conns[MAX_CONNS];
static int        nconns, ep, port;
static char       request[1024];
static size_t     request_len;
static const char *words[2];

static uint32_t  *lat;                  /* microseconds                      */
static size_t     nlat, lat_cap;
static uint64_t   failed, mixed, bytes;


static int64_t
now_ns(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (int64_t) t.tv_sec * 1000000000 + t.tv_nsec;
}


static void
die(const char *what)
{
    perror(what);
    exit(2);
}


static void
open_conn(conn_t *c)
{
    int                 one;
    struct epoll_event  ev;
    struct sockaddr_in  a;

    memset(&a, 0, sizeof(a));
    a.sin_family = AF_INET;
    a.sin_port = htons((uint16_t) port);
    a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);

    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd == -1 || connect(c->fd, (struct sockaddr *) &a, sizeof(a)) != 0)
    {
        die("connect");
    }

    one = 1;
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    fcntl(c->fd, F_SETFL, O_NONBLOCK);

    c->busy = 0;
    c->len = 0;

    ev.events = EPOLLIN;
    ev.data.ptr = c;
    epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &ev);
}


static void
send_on(conn_t *c, int64_t since)
{
    c->busy = 1;
    c->since = since;
    c->len = 0;

    if (write(c->fd, request, request_len) != (ssize_t) request_len) {
        failed++;
        close(c->fd);
        open_conn(c);
    }
}


/* 1: the response is whole */

static int
whole(const conn_t *c)
{
    const char  *head, *p;

    head = memmem(c->buf, c->len, "\r\n\r\n", 4);
    if (head == NULL) {
        return 0;
    }

    p = memmem(c->buf, (size_t) (head - c->buf), "Content-Length: ", 16);

    if (p != NULL) {
        return c->len >= (size_t) (head + 4 - c->buf)
                         + strtoul(p + 16, NULL, 10);
    }

    return c->len >= 7 && memcmp(c->buf + c->len - 7, "\r\n0\r\n\r\n", 7) == 0;
}


static void
look(const conn_t *c)
{
    int  a, b;

    bytes += c->len;

    if (c->len < 12 || memcmp(c->buf, "HTTP/1.1 200", 12) != 0) {
        failed++;
        return;
    }

    if (words[0] != NULL) {
        a = memmem(c->buf, c->len, words[0], strlen(words[0])) != NULL;
        b = memmem(c->buf, c->len, words[1], strlen(words[1])) != NULL;
        mixed += a == b;
    }
}


static void
note(int64_t ns)
{
    if (nlat == lat_cap) {
        lat_cap = lat_cap * 2 + 65536;
        lat = realloc(lat, lat_cap * sizeof(uint32_t));
        if (lat == NULL) {
            die("realloc");
        }
    }

    lat[nlat++] = ns < 0 ? 0 : (uint32_t) (ns / 1000);
}


/* 1: an answer came to its end */

static int
read_on(conn_t *c)
{
    ssize_t  n;

    for ( ;; ) {
        if (c->len == BODY_MAX) {
            break;
        }

        n = read(c->fd, c->buf + c->len, BODY_MAX - c->len);

        if (n == -1 && (errno == EAGAIN || errno == EINTR)) {
            return 0;
        }

        if (n <= 0) {
            break;
        }

        c->len += (size_t) n;

        if (whole(c)) {
            look(c);
            note(now_ns() - c->since);
            c->busy = 0;
            return 1;
        }
    }

    failed += (uint64_t) c->busy;
    close(c->fd);
    open_conn(c);

    return 1;
}


static int
by_size(const void *a, const void *b)
{
    uint32_t  x = *(const uint32_t *) a, y = *(const uint32_t *) b;

    return x < y ? -1 : x > y;
}


static uint32_t
quantile(double q)
{
    size_t  i;

    if (nlat == 0) {
        return 0;
    }

    i = (size_t) (q * (double) nlat);

    return lat[i < nlat ? i : nlat - 1];
}


int
main(int argc, char **argv)
{
    int                 i, n, tfd;
    double              rate, seconds;
    int64_t             start, end, t, due;
    uint64_t            sent, k;
    conn_t             *c;
    struct itimerspec   it;
    struct epoll_event  ev, events[64];

    if (argc != 6 && argc != 8) {
        fprintf(stderr, "usage: client PORT PATH CONNECTIONS SECONDS RATE "
                        "[WORD WORD]\n");
        return 2;
    }

    port = atoi(argv[1]);
    nconns = atoi(argv[3]);
    seconds = atof(argv[4]);
    rate = atof(argv[5]);

    if (argc == 8) {
        words[0] = argv[6];
        words[1] = argv[7];
    }

    if (nconns < 1 || nconns > MAX_CONNS) {
        return 2;
    }

    request_len = (size_t) snprintf(request, sizeof(request),
                                    "GET %s HTTP/1.1\r\nHost: localhost\r\n"
                                    "\r\n", argv[2]);
    ep = epoll_create1(0);

    for (i = 0; i < nconns; i++) {
        conns[i].buf = malloc(BODY_MAX);
        open_conn(&conns[i]);
    }

    tfd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    ev.events = EPOLLIN;
    ev.data.ptr = NULL;
    epoll_ctl(ep, EPOLL_CTL_ADD, tfd, &ev);

    start = now_ns();
    end = start + (int64_t) (seconds * 1e9);
    sent = 0;

    for ( ;; ) {
        t = now_ns();

        if (t >= end + 5000000000LL) {
            break;
        }

        /* what is due, on connections that are free */

        for (i = 0; i < nconns; i++) {
            due = rate > 0 ? start + (int64_t) ((double) sent * 1e9 / rate)
                           : t;
            if (due > t || due >= end) {
                break;
            }

            if (!conns[i].busy) {
                send_on(&conns[i], due);
                sent++;
            }
        }

        due = rate > 0 ? start + (int64_t) ((double) sent * 1e9 / rate) : t;

        for (i = 0, n = 0; i < nconns; i++) {
            n += conns[i].busy;
        }

        if (due >= end && n == 0) {
            break;
        }

        if (rate > 0 && due > t && due < end) {
            memset(&it, 0, sizeof(it));
            it.it_value.tv_sec = due / 1000000000;
            it.it_value.tv_nsec = due % 1000000000;
            timerfd_settime(tfd, TFD_TIMER_ABSTIME, &it, NULL);
        }

        n = epoll_wait(ep, events, 64, 1000);

        for (i = 0; i < n; i++) {
            c = events[i].data.ptr;

            if (c == NULL) {
                (void) !read(tfd, &k, sizeof(k));
            } else {
                (void) read_on(c);
            }
        }
    }

    for (i = 0; i < nconns; i++) {
        failed += (uint64_t) conns[i].busy;
    }

    qsort(lat, nlat, sizeof(uint32_t), by_size);

    printf("{\"requests\":%zu,\"failed\":%llu,\"mixed\":%llu,"
           "\"rate\":%.0f,\"bytes\":%llu,\"p50_us\":%u,\"p99_us\":%u,"
           "\"p999_us\":%u,\"max_us\":%u}\n",
           nlat, (unsigned long long) failed, (unsigned long long) mixed,
           (double) nlat / ((double) (now_ns() - start) / 1e9),
           (unsigned long long) bytes, quantile(0.5), quantile(0.99),
           quantile(0.999), quantile(1.0));

    return failed == 0 && mixed == 0 ? 0 : 1;
}
