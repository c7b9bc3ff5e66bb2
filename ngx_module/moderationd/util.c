/*
 * util.c - the clock, random bytes, base64, files read and replaced whole,
 * growing bytes.
 */

#include "moderationd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>


int64_t
mdd_clock_ms(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_REALTIME, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


/* MODERATIOND_CLOCK: ms added to the clock, for tests; the name of a file that
 * says how many where it begins with "/", so that a test moves a running
 * daemon's */

static int64_t
clock_file(const char *path)
{
    int       fd;
    char      text[32];
    ssize_t   n;

    fd = open(path, O_RDONLY|O_CLOEXEC);

    if (fd == -1) {
        return 0;
    }

    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    text[n > 0 ? n : 0] = '\0';

    return strtoll(text, NULL, 10);
}


int64_t
mdd_now(const mdd_t *d)
{
    static const char  *said = "?";

    (void) d;

    if (said && *said == '?') {
        said = getenv("MODERATIOND_CLOCK");
    }

    if (said == NULL) {
        return mdd_clock_ms();
    }

    return mdd_clock_ms() + (*said == '/' ? clock_file(said)
                                          : strtoll(said, NULL, 10));
}


int
mdd_random(void *p, size_t n)
{
    ssize_t  rc;

    while (n > 0) {
        rc = getrandom(p, n > 256 ? 256 : n, 0);
        if (rc < 0 && errno != EINTR) {
            return MDD_FAILED;
        }
        if (rc > 0) {
            p = (char *) p + rc;
            n -= (size_t) rc;
        }
    }

    return MDD_OK;
}


static const char letters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";


size_t
mdd_base64(char *out, const void *data, size_t n)
{
    char           *o = out;
    uint32_t        v;
    const uint8_t  *p = data;

    for ( ; n >= 3; n -= 3, p += 3) {
        v = (uint32_t) p[0] << 16 | (uint32_t) p[1] << 8 | p[2];
        *o++ = letters[v >> 18];
        *o++ = letters[v >> 12 & 63];
        *o++ = letters[v >> 6 & 63];
        *o++ = letters[v & 63];
    }

    if (n > 0) {
        v = (uint32_t) p[0] << 16 | (n == 2 ? (uint32_t) p[1] << 8 : 0);
        *o++ = letters[v >> 18];
        *o++ = letters[v >> 12 & 63];
        *o++ = n == 2 ? letters[v >> 6 & 63] : '=';
        *o++ = '=';
    }

    *o = '\0';

    return (size_t) (o - out);
}


static int
value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }

    return c == '+' ? 62 : c == '/' ? 63 : -1;
}


int
mdd_unbase64(void *out, size_t max, const char *p, size_t n)
{
    int       v;
    size_t    i, j, pad, len;
    uint8_t  *o = out;
    uint32_t  w;

    if (n % 4 != 0) {
        return -1;
    }

    pad = n > 0 && p[n - 1] == '=' ? (p[n - 2] == '=' ? 2 : 1) : 0;
    len = n / 4 * 3 - pad;
    if (len > max || len > INT32_MAX) {
        return -1;
    }

    for (i = 0; i < n; i += 4) {
        w = 0;
        for (j = 0; j < 4; j++) {
            v = i + j >= n - pad ? 0 : value(p[i + j]);
            if (v < 0) {
                return -1;
            }
            w = w << 6 | (uint32_t) v;
        }
        for (j = 0; j < 3; j++) {
            if (i / 4 * 3 + j < len) {
                o[i / 4 * 3 + j] = (uint8_t) (w >> (16 - 8 * j));
            } else if ((w >> (16 - 8 * j) & 255) != 0) {
                return -1;
            }
        }
    }

    return (int) len;
}


void
mdd_hex(char *out, const void *data, size_t n)
{
    size_t          i;
    const uint8_t  *p = data;

    for (i = 0; i < n; i++) {
        out[2 * i] = "0123456789abcdef"[p[i] >> 4];
        out[2 * i + 1] = "0123456789abcdef"[p[i] & 15];
    }
    out[2 * n] = '\0';
}


char *
mdd_file_read(int dir, const char *path, size_t max, size_t *n)
{
    int          fd, err;
    char        *p;
    ssize_t      rc;
    struct stat  st;

    fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        return NULL;
    }

    p = NULL;
    *n = 0;

    if (fstat(fd, &st) != 0) {
        goto failed;
    }

    if (!S_ISREG(st.st_mode) || st.st_size < 0 || (size_t) st.st_size > max) {
        errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
        goto failed;
    }

    p = malloc((size_t) st.st_size + 1);
    if (p == NULL) {
        goto failed;
    }

    while (*n < (size_t) st.st_size) {
        rc = read(fd, p + *n, (size_t) st.st_size - *n);
        if (rc < 0 && errno == EINTR) {
            continue;
        }
        if (rc < 0) {
            goto failed;
        }
        if (rc == 0) {
            break;
        }
        *n += (size_t) rc;
    }

    p[*n] = '\0';
    close(fd);

    return p;

failed:

    err = errno;
    free(p);
    close(fd);
    errno = err;

    return NULL;
}


int
mdd_file_replace(int dir, const char *path, const void *data, size_t n,
    int mode)
{
    int          fd, up, err;
    char         tmp[512], *slash;
    size_t       done;
    ssize_t      rc;

    if ((size_t) snprintf(tmp, sizeof(tmp), "%s.new", path) >= sizeof(tmp)) {
        errno = ENAMETOOLONG;
        return MDD_FAILED;
    }

    (void) unlinkat(dir, tmp, 0);
    fd = openat(dir, tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
                | O_NOFOLLOW, mode);
    if (fd < 0) {
        return MDD_FAILED;
    }

    for (done = 0; done < n; done += (size_t) rc) {
        rc = write(fd, (const char *) data + done, n - done);
        if (rc < 0 && errno == EINTR) {
            rc = 0;
        }
        if (rc < 0) {
            goto failed;
        }
    }

    if (fdatasync(fd) != 0) {
        goto failed;
    }

    rc = close(fd);
    fd = -1;
    if (rc != 0 || renameat(dir, tmp, dir, path) != 0) {
        goto failed;
    }

    slash = strrchr(tmp, '/');
    if (slash != NULL) {
        slash[slash == tmp] = '\0';
    }
    up = openat(dir, slash != NULL ? tmp : ".",
                O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (up < 0) {
        return MDD_FAILED;
    }

    rc = fsync(up);
    err = errno;
    close(up);
    errno = err;

    return rc == 0 ? MDD_OK : MDD_FAILED;

failed:

    err = errno;
    if (fd >= 0) {
        close(fd);
    }
    (void) unlinkat(dir, tmp, 0);
    errno = err;

    return MDD_FAILED;
}


static int
room(mdd_buf_t *b, size_t n)
{
    char    *p;
    size_t   cap;

    if (b->bad || n > SIZE_MAX / 4 || b->n > SIZE_MAX / 4) {
        b->bad = 1;
        return 0;
    }

    if (b->n + n <= b->cap) {
        return 1;
    }

    cap = b->cap < 256 ? 256 : b->cap * 2;
    cap = cap < b->n + n ? b->n + n : cap;
    p = realloc(b->p, cap);
    if (p == NULL) {
        b->bad = 1;
        return 0;
    }

    b->p = p;
    b->cap = cap;

    return 1;
}


void
mdd_buf_add(mdd_buf_t *b, const void *p, size_t n)
{
    if (n > 0 && room(b, n)) {
        memcpy(b->p + b->n, p, n);
        b->n += n;
    }
}


void
mdd_buf_str(mdd_buf_t *b, const char *s)
{
    mdd_buf_add(b, s, strlen(s));
}


void
mdd_buf_fmt(mdd_buf_t *b, const char *fmt, ...)
{
    int      n;
    va_list  ap;

    va_start(ap, fmt);
    n = vsnprintf(NULL, 0, fmt, ap);
    va_end(ap);

    if (n < 0 || !room(b, (size_t) n + 1)) {
        b->bad = 1;
        return;
    }

    va_start(ap, fmt);
    vsnprintf(b->p + b->n, (size_t) n + 1, fmt, ap);
    va_end(ap);
    b->n += (size_t) n;
}


size_t
mdd_utf8(const uint8_t *p, size_t n)
{
    size_t    len, i;
    uint32_t  cp;

    if (p[0] < 0x80) {
        return 1;
    }

    len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || n < len) {
        return 0;
    }

    cp = p[0] & (0x7fu >> len);
    for (i = 1; i < len; i++) {
        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }
        cp = cp << 6 | (p[i] & 0x3fu);
    }

    return (len == 3 && (cp < 0x800 || (cp >= 0xd800 && cp < 0xe000)))
           || (len == 4 && (cp < 0x10000 || cp > 0x10ffff)) ? 0 : len;
}


void
mdd_buf_json(mdd_buf_t *b, const char *s, size_t n)
{
    size_t          i, len;
    const uint8_t  *p = (const uint8_t *) s;

    mdd_buf_add(b, "\"", 1);

    for (i = 0; i < n; i += len) {
        len = mdd_utf8(p + i, n - i);

        if (len == 0) {
            mdd_buf_str(b, "\xef\xbf\xbd");
            len = 1;
        } else if (p[i] == '"' || p[i] == '\\') {
            mdd_buf_add(b, "\\", 1);
            mdd_buf_add(b, p + i, 1);
        } else if (p[i] < 0x20) {
            mdd_buf_fmt(b, "\\u%04x", p[i]);
        } else {
            mdd_buf_add(b, p + i, len);
        }
    }

    mdd_buf_add(b, "\"", 1);
}


void
mdd_buf_free(mdd_buf_t *b)
{
    free(b->p);
    memset(b, 0, sizeof(mdd_buf_t));
}
