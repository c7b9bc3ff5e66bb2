/*
 * ask.c - one request to a running moderationd over its socket (SCGI), as root
 * or as the daemon's own user: whoever asks so is "local" there.
 */

#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


static size_t
pair(char *at, size_t room, const char *name, const char *value)
{
    size_t  n = strlen(name) + strlen(value) + 2;

    if (n > room) {
        return 0;
    }

    strcpy(at, name);
    strcpy(at + strlen(name) + 1, value);

    return n;
}


static int
give(int fd, const char *p, size_t n)
{
    ssize_t  rc;

    while (n > 0) {
        rc = write(fd, p, n);

        if (rc <= 0 && !(rc < 0 && errno == EINTR)) {
            return -1;
        }

        p += rc > 0 ? rc : 0;
        n -= rc > 0 ? (size_t) rc : 0;
    }

    return 0;
}


static int
call(const char *path)
{
    int                  fd;
    struct sockaddr_un   sa;

    memset(&sa, 0, sizeof(sa));
    sa.sun_family = AF_UNIX;
    snprintf(sa.sun_path, sizeof(sa.sun_path), "%s", path);
    fd = socket(AF_UNIX, SOCK_STREAM|SOCK_CLOEXEC, 0);

    if (fd == -1 || connect(fd, (struct sockaddr *) &sa, sizeof(sa)) != 0) {
        fprintf(stderr, "moderationctl: %s: %s\n", path, strerror(errno));

        if (fd != -1) {
            close(fd);
        }

        return -1;
    }

    return fd;
}


/* all that comes, with a NUL */

static char *
take(int fd, size_t *len)
{
    char     *answer = NULL, *p;
    size_t    room = 0;
    ssize_t   rc;

    *len = 0;

    for ( ;; ) {
        if (room - *len < 65536) {
            p = realloc(answer, room += 131072);

            if (p == NULL) {
                free(answer);
                return NULL;
            }

            answer = p;
        }

        rc = read(fd, answer + *len, room - *len - 1);

        if (rc < 0 && errno == EINTR) {
            continue;
        }

        if (rc <= 0) {
            answer[*len] = '\0';
            return answer;
        }

        *len += (size_t) rc;
    }
}


char *
cli_ask(const char *socket, const char *method, const char *path,
    const char *query, const char *body, int *status, size_t *size)
{
    int      fd;
    char     head[8192], start[32], number[32], *answer, *p;
    size_t   n = 0, len = 0;

    *status = 0;
    fd = call(socket);

    if (fd < 0) {
        return NULL;
    }

    body = body ? body : "";
    snprintf(number, sizeof(number), "%zu", strlen(body));
    n += pair(head + n, sizeof(head) - n, "CONTENT_LENGTH", number);
    n += pair(head + n, sizeof(head) - n, "SCGI", "1");
    n += pair(head + n, sizeof(head) - n, "REQUEST_METHOD", method);
    n += pair(head + n, sizeof(head) - n, "DOCUMENT_URI", path);
    n += pair(head + n, sizeof(head) - n, "QUERY_STRING", query);
    n += pair(head + n, sizeof(head) - n, "CONTENT_TYPE", "application/json");
    n += pair(head + n, sizeof(head) - n, "MODERATION_LOCAL", "1");
    snprintf(start, sizeof(start), "%zu:", n);

    if (give(fd, start, strlen(start)) != 0 || give(fd, head, n) != 0
        || give(fd, ",", 1) != 0 || give(fd, body, strlen(body)) != 0)
    {
        fprintf(stderr, "moderationctl: %s: %s\n", socket, strerror(errno));
    }

    answer = take(fd, &len);
    close(fd);
    p = answer ? strstr(answer, "\r\n\r\n") : NULL;

    if (p == NULL || sscanf(answer, "Status: %d", status) != 1) {
        fprintf(stderr, "moderationctl: %s: no answer\n", socket);
        free(answer);
        return NULL;
    }

    p += 4;
    *size = len - (size_t) (p - answer);
    memmove(answer, p, *size + 1);

    return answer;
}


void
cli_query(char *query, size_t room, const char *name, const char *value)
{
    size_t       n = strlen(query);
    const char  *p;

    if (n + strlen(name) + 3 > room) {
        return;
    }

    n += (size_t) sprintf(query + n, "%s%s=", n ? "&" : "", name);

    for (p = value; *p && n + 4 < room; p++) {
        if ((*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z')
            || (*p >= '0' && *p <= '9') || strchr("-._~", *p))
        {
            query[n++] = *p;
            query[n] = '\0';

        } else {
            n += (size_t) sprintf(query + n, "%%%02X", (unsigned char) *p);
        }
    }
}
