/*
 * sd.c - the ready message of sd_notify(3), without a library for it.
 */

#include "loop.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>


void
mdd_notify(const char *state)
{
    int                  fd;
    size_t               n;
    const char          *name;
    struct sockaddr_un   sa;

    name = getenv("NOTIFY_SOCKET");
    if (name == NULL || (name[0] != '/' && name[0] != '@')) {
        return;
    }

    n = strlen(name);
    if (n >= sizeof(sa.sun_path)) {
        return;
    }

    memset(&sa, 0, sizeof(sa));
    sa.sun_family = AF_UNIX;
    memcpy(sa.sun_path, name, n);
    if (sa.sun_path[0] == '@') {
        sa.sun_path[0] = '\0';
    }

    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return;
    }

    (void) sendto(fd, state, strlen(state), MSG_NOSIGNAL,
                  (struct sockaddr *) &sa,
                  (socklen_t) (offsetof(struct sockaddr_un, sun_path) + n));
    close(fd);
}
