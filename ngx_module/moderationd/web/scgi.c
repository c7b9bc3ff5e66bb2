/*
 * scgi.c - one request on its connection (the reader is scgi_read.c).
 *
 * A request is read whole before it is looked at and answered in one piece.
 * Limits: 32 KB of header, 1 MB of body, 10 s for it; so a slow client (there
 * is none but nginx and moderationctl) takes a thread for a time, no more.
 */

#include "scgi.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define PATIENCE_MS  10000

static int
send_all(int fd, const char *p, size_t n)
{
    ssize_t  rc;

    while (n) {
        rc = send(fd, p, n, MSG_NOSIGNAL);

        if (rc < 0) {
            if (errno == EINTR) {
                continue;
            }

            return -1;
        }

        p += rc;
        n -= (size_t) rc;
    }

    return 0;
}


static void
answer(int fd, mdd_reply_t *reply)
{
    mdd_buf_t  out = { 0 };

    if (reply->body.bad || reply->fields.bad) {
        mdd_buf_free(&reply->body);
        mdd_buf_free(&reply->fields);
        reply->status = 503;
        reply->type = "text/plain";
    }

    mdd_buf_fmt(&out, "Status: %d\r\nContent-Type: %s\r\n", reply->status,
                reply->type);

    if (reply->status != 304) {
        mdd_buf_fmt(&out, "Content-Length: %zu\r\n", reply->body.n);
    }

    mdd_buf_add(&out, reply->fields.p, reply->fields.n);
    mdd_buf_str(&out, "\r\n");
    mdd_buf_add(&out, reply->body.p, reply->body.n);

    if (!out.bad) {
        send_all(fd, out.p, out.n);
    }

    mdd_buf_free(&out);
}


/* WHOLE, BAD, or MORE: the other side went away or was too slow */

static int
receive(int fd, mdd_buf_t *in, mdd_scgi_t *rq)
{
    int        rc;
    char       piece[16384];
    ssize_t    n;
    int64_t    until;

    until = mdd_clock_ms() + PATIENCE_MS;

    do {
        n = recv(fd, piece, sizeof(piece), 0);

        if (n < 0 && errno == EINTR) {
            continue;
        }

        if (n <= 0 || mdd_clock_ms() > until) {
            return MDD_SCGI_MORE;
        }

        mdd_buf_add(in, piece, (size_t) n);
        mdd_buf_add(in, "", 1);             /* the byte behind the body */

        if (in->bad) {
            return MDD_SCGI_MORE;
        }

        in->n--;
        rc = mdd_scgi_read(in->p, in->n, rq);

    } while (rc == MDD_SCGI_MORE);

    return rc;
}


void
mdd_scgi_serve(int fd, mdd_scgi_handler_pt handler, void *ctx)
{
    int             rc;
    mdd_buf_t       in = { 0 };
    mdd_scgi_t      rq;
    socklen_t       len;
    mdd_reply_t     reply;
    struct ucred    peer;
    struct timeval  tv = { .tv_sec = PATIENCE_MS / 1000 };

    len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0) {
        return;
    }

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));

    memset(&reply, 0, sizeof(reply));
    reply.status = 400;
    reply.type = "text/plain";

    rc = receive(fd, &in, &rq);

    if (rc == MDD_SCGI_WHOLE) {
        rq.peer = peer.uid;
        reply.status = 200;
        handler(ctx, &rq, &reply);
    }

    if (rc != MDD_SCGI_MORE) {
        answer(fd, &reply);
    }

    mdd_buf_free(&reply.body);
    mdd_buf_free(&reply.fields);
    mdd_buf_free(&in);
}
