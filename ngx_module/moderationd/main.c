/*
 * main.c - moderationd: the command line, the order of start and end.
 *
 * Start: configuration, lock, store and ledger (recovered), writer, HTTP
 * threads, socket, ready.  End: the other way round; what was accepted is
 * answered, a last checkpoint is signed.
 */

#include "moderationd/desk/image.h"
#include "loop.h"
#include "moderationd/web/roles.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>


#define CONF_DEFAULT  "/etc/moderation/moderationd.yaml"


static int
listen_on(const mdd_conf_t *conf)
{
    int                  fd;
    struct stat          st;
    struct sockaddr_un   sa;

    memset(&sa, 0, sizeof(sa));
    sa.sun_family = AF_UNIX;
    if (strlen(conf->socket) >= sizeof(sa.sun_path)) {
        mdd_say(MDD_ERR, "%s: the name is too long for a socket",
                conf->socket);
        return -1;
    }
    strcpy(sa.sun_path, conf->socket);

    /* only a socket is taken away, and the lock says that no other daemon
     * has it */
    if (lstat(conf->socket, &st) == 0 && S_ISSOCK(st.st_mode)) {
        (void) unlink(conf->socket);
    }

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }

    umask(0117);
    if (bind(fd, (struct sockaddr *) &sa, sizeof(sa)) != 0
        || listen(fd, 511) != 0)
    {
        mdd_say(MDD_ERR, "%s: %s", conf->socket, strerror(errno));
        close(fd);
        fd = -1;
    }
    umask(0027);

    /* nginx has the group of the spool */
    if (fd >= 0 && stat(conf->spool, &st) == 0
        && chown(conf->socket, (uid_t) -1, st.st_gid) != 0)
    {
        mdd_say(MDD_WARN, "%s: chown: %s", conf->socket, strerror(errno));
    }

    return fd;
}


/* one daemon a ledger */

static int
lock(const mdd_conf_t *conf)
{
    int   fd;
    char  file[4096];

    (void) mkdir(conf->ledger, 0750);
    snprintf(file, sizeof(file), "%s/.lock", conf->ledger);

    fd = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        mdd_say(MDD_ERR, "%s: %s", file, strerror(errno));
        return -1;
    }

    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        mdd_say(MDD_ERR, "%s: another moderationd runs", file);
        close(fd);
        return -1;
    }

    return fd;
}


static int
run(mdd_conf_t *conf)
{
    int    rc, fd, locked;
    mdd_t  d;

    memset(&d, 0, sizeof(d));
    d.conf = conf;
    d.started = mdd_now(&d);
    umask(0027);
    rc = MDD_FAILED;
    fd = -1;

    d.loop = mdd_loop_new();
    locked = lock(conf);
    if (d.loop == NULL || locked < 0) {
        goto done;
    }

    umask(0077);
    d.writer = mdd_writer_new(&d);
    umask(0027);
    if (d.writer == NULL || mdd_web_init(&d) != MDD_OK
        || mdd_writer_start(d.writer) != MDD_OK)
    {
        goto done;
    }

    d.pool = mdd_pool_new(&d, conf->threads);
    fd = d.pool != NULL ? listen_on(conf) : -1;
    if (fd < 0) {
        goto done;
    }

    mdd_loop_listen(d.loop, fd);
    mdd_say(MDD_NOTE, "ready");
    mdd_notify("READY=1");
    rc = mdd_loop_run(&d);
    mdd_notify("STOPPING=1");
    (void) unlink(conf->socket);

done:

    if (fd >= 0) {
        close(fd);
    }
    mdd_pool_free(d.pool);
    mdd_writer_stop(d.writer);
    mdd_web_done(&d);
    mdd_writer_free(d.writer);
    mdd_loop_free(d.loop);
    if (locked >= 0) {
        close(locked);
    }

    return rc == MDD_OK ? 0 : 1;
}


int
main(int argc, char **argv)
{
    int           c, test, rc;
    mdd_msgs_t    m = { 0 };
    const char   *file;
    mdd_conf_t   *conf;

    /* children of image.c: nothing of the daemon is read or opened */
    if ((argc == 3 || argc == 4) && strcmp(argv[1], "--image") == 0) {
        return mdd_image_child(argv[2], argc == 4);
    }

    if (argc > 3 && strcmp(argv[1], "--sums") == 0) {
        return mdd_image_sums_child(argv + 3, argc - 3,
                                    strcmp(argv[2], "private") == 0);
    }

    file = CONF_DEFAULT;
    test = 0;

    while ((c = getopt(argc, argv, "c:tvh")) != -1) {
        switch (c) {
        case 'c':
            file = optarg;
            break;
        case 't':
            test = 1;
            break;
        case 'v':
            mdd_say_level(MDD_DEBUG);
            break;
        default:
            fprintf(stderr, "usage: moderationd [-c FILE] [-t] [-v]\n");
            return c == 'h' ? 0 : 2;
        }
    }

    if (optind != argc) {
        fprintf(stderr, "moderationd: \"%s\": no arguments are taken\n",
                argv[optind]);
        return 2;
    }

    conf = mdd_conf_read(file, &m);
    if (conf != NULL) {
        mdd_conf_look(conf, &m);

        if (test && access(conf->roles, F_OK) == 0) {
            mdd_roles_free(mdd_roles_read(conf, conf->roles, &m));
        }
    }

    if (m.n > 0) {
        fputs(m.text, stderr);
    }
    free(m.text);

    if (conf == NULL || m.errors) {
        mdd_conf_free(conf);
        return 1;
    }

    if (test) {
        fprintf(stderr, "%s: ok\n", file);
        rc = 0;
    } else {
        rc = run(conf);
    }

    mdd_conf_free(conf);

    return rc;
}
