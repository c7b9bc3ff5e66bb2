/*
 * image.c - a picture of a card, fetched by a child.
 *
 * The URL comes out of a card, so from anybody: only hosts that the site lists
 * are asked, only at addresses that are public (unless it says otherwise),
 * looked at on the socket itself, so that no name can turn between check and
 * use; no redirect is followed, no cookie is sent.  The child is this program
 * started anew, with an empty environment and no file of the daemon: it has
 * no key and no store to give away.  What comes back is a picture by its first
 * bytes (PNG, JPEG, GIF, WebP; never SVG) of at most 2 MB, and goes into the
 * preview as a data: URL, since a sandboxed page fetches nothing.
 */

#include "image.h"

#include "engine/base/digest.h"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define AGENT      "MODERATIOND_AGENT" /* told to the child               */
#define FETCH_MS   3000
#define WAIT_MS    4000
#define AT_ONCE    2                    /* the others go without              */

static struct {
    pthread_mutex_t  lock;
    int              running;
} fetches = { .lock = PTHREAD_MUTEX_INITIALIZER };


/* the child */

static int
is_public4(uint32_t a)
{
    return !(a >> 24 == 0 || a >> 24 == 10 || a >> 24 == 127
             || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe
             || a >> 22 == 0x191 /* 100.64.0.0/10 */ || a >> 24 >= 224
             || a >> 8 == 0xc00000 || a >> 17 == 0x6309 /* 198.18/15 */);
}


static int
is_public(const struct sockaddr *sa)
{
    const uint8_t  *b;

    if (sa->sa_family == AF_INET) {
        return is_public4(ntohl(((const struct sockaddr_in *) (const void *)
                                 sa)->sin_addr.s_addr));
    }

    if (sa->sa_family != AF_INET6) {
        return 0;
    }

    /* 2000::/3 without what carries an address of version 4 in it */

    b = ((const struct sockaddr_in6 *) (const void *) sa)->sin6_addr.s6_addr;

    return b[0] >> 5 == 1 && !(b[0] == 0x20 && b[1] == 0x02)
           && !(b[0] == 0x20 && b[1] == 0x01 && b[2] == 0 && b[3] == 0);
}


static curl_socket_t
open_socket(void *data, curlsocktype purpose, struct curl_sockaddr *a)
{
    const int  *private = data;

    (void) purpose;

    if (!*private && !is_public(&a->addr)) {
        return CURL_SOCKET_BAD;
    }

    return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}


typedef struct {
    size_t   n;
    uint8_t  data[MDD_IMAGE_MAX];
} bytes_t;


static size_t
keep(char *p, size_t size, size_t n, void *data)
{
    bytes_t  *b = data;

    if (size * n > sizeof(b->data) - b->n) {
        return 0;
    }

    memcpy(b->data + b->n, p, size * n);
    b->n += size * n;

    return size * n;
}


void
mdd_image_confine(void)
{
    struct rlimit  cpu = { 5, 5 }, core = { 0, 0 };

    (void) setrlimit(RLIMIT_CPU, &cpu);
    (void) setrlimit(RLIMIT_CORE, &core);
    (void) prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}


CURL *
mdd_image_handle(const char *url, int *private)
{
    CURL        *c = curl_easy_init();
    const char  *agent;

    if (c != NULL) {
        curl_easy_setopt(c, CURLOPT_URL, url);
        curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(c, CURLOPT_PROXY, "");
        curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, (long) FETCH_MS);
        curl_easy_setopt(c, CURLOPT_MAXFILESIZE, (long) MDD_IMAGE_MAX);
        agent = getenv(AGENT);
        curl_easy_setopt(c, CURLOPT_USERAGENT, agent ? agent : "moderationd");
        curl_easy_setopt(c, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        curl_easy_setopt(c, CURLOPT_OPENSOCKETDATA, private);
    }

    return c;
}


int
mdd_image_child(const char *url, int private)
{
    long           status = 0;
    CURL          *c;
    size_t         done = 0;
    ssize_t        k;
    static bytes_t bytes;

    mdd_image_confine();

    if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0
        || (c = mdd_image_handle(url, &private)) == NULL)
    {
        return 1;
    }

    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, keep);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &bytes);

    if (curl_easy_perform(c) == CURLE_OK) {
        curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);
    }

    curl_easy_cleanup(c);

    while (status == 200 && done < bytes.n) {
        k = write(STDOUT_FILENO, bytes.data + done, bytes.n - done);

        if (k <= 0) {
            return 1;
        }

        done += (size_t) k;
    }

    return status == 200 ? 0 : 1;
}


/* the daemon */

static int
listed(const mdd_site_t *site, const char *host, const char *port)
{
    int                usual;
    char               with[320];
    size_t             n = strlen(host), k;
    const mdd_yaml_t  *e = mdd_yaml_get(site->images, "hosts");

    usual = port == NULL || strcmp(port, "80") == 0
            || strcmp(port, "443") == 0;
    snprintf(with, sizeof(with), "%.250s:%.8s", host, port ? port : "");

    for (e = e && e->kind == MDD_Y_LIST ? e->first : NULL; e; e = e->next) {
        if (e->kind != MDD_Y_SCALAR) {
            continue;
        }

        k = strlen(e->text);

        if (strcasecmp(e->text, with) == 0
            || (usual && strcasecmp(e->text, host) == 0)
            || (usual && strncmp(e->text, "*.", 2) == 0 && n > k - 1
                && strcasecmp(host + n - (k - 1), e->text + 1) == 0))
        {
            return 1;
        }
    }

    return 0;
}


/* http or https, no name and password in it, a host of the list */

int
mdd_image_may(const mdd_site_t *site, const char *url)
{
    int     ok = 0;
    char   *scheme = NULL, *host = NULL, *port = NULL, *user = NULL;
    CURLU  *u;

    if (site == NULL || site->images == NULL || strlen(url) > MDD_IMAGE_URL) {
        return 0;
    }

    u = curl_url();

    if (u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK
        && curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK
        && curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK)
    {
        (void) curl_url_get(u, CURLUPART_PORT, &port, 0);
        (void) curl_url_get(u, CURLUPART_USER, &user, 0);
        ok = user == NULL && (strcmp(scheme, "http") == 0
                              || strcmp(scheme, "https") == 0)
             && listed(site, host, port);
    }

    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_free(user);
    curl_url_cleanup(u);

    return ok;
}


/* what it is by its first bytes */

const char *
mdd_image_magic(const uint8_t *p, size_t n)
{
    return n > 8 && memcmp(p, "\x89PNG\r\n\x1a\n", 8) == 0 ? "image/png"
           : n > 3 && memcmp(p, "\xff\xd8\xff", 3) == 0 ? "image/jpeg"
           : n > 6 && (memcmp(p, "GIF87a", 6) == 0
                       || memcmp(p, "GIF89a", 6) == 0) ? "image/gif"
           : n > 12 && memcmp(p, "RIFF", 4) == 0
             && memcmp(p + 8, "WEBP", 4) == 0 ? "image/webp" : NULL;
}


static int64_t
mono_ms(void)
{
    struct timespec  t;

    clock_gettime(CLOCK_MONOTONIC, &t);

    return (int64_t) t.tv_sec * 1000 + t.tv_nsec / 1000000;
}


static size_t
read_all(int fd, uint8_t *p, size_t max, int64_t until)
{
    size_t         n = 0;
    ssize_t        k;
    int64_t        left;
    struct pollfd  f = { .fd = fd, .events = POLLIN };

    for ( ;; ) {
        left = until - mono_ms();

        if (left <= 0 || poll(&f, 1, (int) left) <= 0) {
            return 0;
        }

        k = read(fd, p + n, max - n);

        if (k < 0 && errno == EINTR) {
            continue;
        }

        if (k < 0 || (size_t) k == max - n) {
            return 0;
        }

        if (k == 0) {
            return n;
        }

        n += (size_t) k;
    }
}


size_t
mdd_image_run(char *const argv[], const mdd_site_t *site, uint8_t *p,
    size_t max)
{
    int                          fd[2], rc, status = 1;
    pid_t                        pid;
    char                         agent[sizeof(AGENT) + MDD_AGENT_MAX + 1];
    char                        *env[] = { NULL, NULL };
    size_t                       n = 0;
    posix_spawn_file_actions_t   a;

    const mdd_yaml_t            *y = mdd_yaml_get(site->images, "agent");

    if (pipe2(fd, O_CLOEXEC) != 0) {
        return 0;
    }

    if (y) {
        snprintf(agent, sizeof(agent), AGENT "=%s", y->text);
        env[0] = agent;
    }

    posix_spawn_file_actions_init(&a);
    posix_spawn_file_actions_adddup2(&a, fd[1], STDOUT_FILENO);
    rc = posix_spawn(&pid, "/proc/self/exe", &a, NULL, argv, env);
    posix_spawn_file_actions_destroy(&a);
    close(fd[1]);

    if (rc == 0) {
        n = read_all(fd[0], p, max, mono_ms() + WAIT_MS);
        (void) kill(pid, SIGKILL);      /* it has said all, or too late       */
        (void) waitpid(pid, &status, 0);
    }

    close(fd[0]);

    return n;
}


static size_t
fetch(const char *url, const mdd_site_t *site, uint8_t *p, size_t max)
{
    char  *argv[5];

    argv[0] = (char *) "moderationd";
    argv[1] = (char *) "--image";
    argv[2] = (char *) url;
    argv[3] = mdd_image_private(site) ? (char *) "private" : NULL;
    argv[4] = NULL;

    return mdd_image_run(argv, site, p, max);
}


static int
enter(void)
{
    int  ok;

    pthread_mutex_lock(&fetches.lock);
    ok = fetches.running < AT_ONCE;
    fetches.running += ok;
    pthread_mutex_unlock(&fetches.lock);

    return ok;
}


int
mdd_image_private(const mdd_site_t *site)
{
    const mdd_yaml_t  *y = mdd_yaml_get(site->images, "private");

    return y && strcmp(y->text, "true") == 0;
}


void
mdd_image_sum(const uint8_t *p, size_t n, char sum[65])
{
    uint8_t       raw[32];
    mdr_sha256_t  sha;

    mdr_sha256_init(&sha);
    mdr_sha256_add(&sha, p, n);
    mdr_sha256_done(&sha, raw);
    mdd_hex(sum, raw, sizeof(raw));
}


char *
mdd_image(const mdd_site_t *site, const char *url, char sum[65])
{
    char        *out = NULL;
    size_t       n, len;
    uint8_t     *p;
    const char  *type = NULL;

    sum[0] = '\0';

    if (!mdd_image_may(site, url) || !enter()) {
        return NULL;
    }

    p = malloc(MDD_IMAGE_MAX + 1);
    n = p ? fetch(url, site, p, MDD_IMAGE_MAX + 1) : 0;
    type = n ? mdd_image_magic(p, n) : NULL;

    if (type && (out = malloc(64 + (n + 2) / 3 * 4 + 1)) != NULL) {
        len = (size_t) sprintf(out, "data:%s;base64,", type);
        (void) mdd_base64(out + len, p, n);
        mdd_image_sum(p, n, sum);
    }

    free(p);
    pthread_mutex_lock(&fetches.lock);
    fetches.running--;
    pthread_mutex_unlock(&fetches.lock);

    return out;
}


void
mdd_image_url(char *out, size_t size, const char *host, const char *src)
{
    snprintf(out, size, "%s%s%s",
             strncmp(src, "//", 2) == 0 ? "https:"
             : *src == '/' ? "https://" : "",
             *src == '/' && src[1] != '/' ? host : "", src);
}


/* without a list every card with a label is */

int
mdd_image_blurred(const mdd_site_t *site, const char *label)
{
    const mdd_yaml_t  *e;

    e = site && site->images ? mdd_yaml_get(site->images, "blur") : NULL;

    if (e == NULL || e->kind != MDD_Y_LIST) {
        return *label != '\0';
    }

    for (e = e->first; e; e = e->next) {
        if (e->kind == MDD_Y_SCALAR && strcmp(e->text, label) == 0) {
            return 1;
        }
    }

    return 0;
}
