/*
 * scgi_read.c - bytes to a request: what is taken, and what is refused.
 *
 * The fuzzer reads with nothing but this file.
 */

#include "scgi.h"

#include <string.h>

/* names that nginx's configuration says; those without a place are not read */

static const struct { const char *name; int place; } known[] = {
    { "REQUEST_METHOD", offsetof(mdd_scgi_t, method) },
    { "DOCUMENT_URI", offsetof(mdd_scgi_t, uri) },
    { "QUERY_STRING", offsetof(mdd_scgi_t, query) },
    { "CONTENT_TYPE", offsetof(mdd_scgi_t, type) },
    { "REMOTE_ADDR", offsetof(mdd_scgi_t, address) },
    { "MODERATION_USER", offsetof(mdd_scgi_t, user) },
    { "MODERATION_GROUPS", offsetof(mdd_scgi_t, groups) },
    { "MODERATION_SECRET", offsetof(mdd_scgi_t, secret) },
    { "MODERATION_LOCAL", offsetof(mdd_scgi_t, local) },
    { "HTTP_ACCEPT_LANGUAGE", offsetof(mdd_scgi_t, language) },
    { "HTTP_SEC_FETCH_SITE", offsetof(mdd_scgi_t, site) },
    { "HTTP_ORIGIN", offsetof(mdd_scgi_t, origin) },
    { "HTTP_IF_NONE_MATCH", offsetof(mdd_scgi_t, etag) },
    { "HTTP_X_MODERATION_TOKEN", offsetof(mdd_scgi_t, token) },
    { "CONTENT_LENGTH", -1 }, { "SCGI", -1 }, { "REQUEST_URI", -1 },
    { "DOCUMENT_ROOT", -1 }, { "SERVER_PROTOCOL", -1 },
    { "REQUEST_SCHEME", -1 }, { "HTTPS", -1 }, { "REMOTE_PORT", -1 },
    { "SERVER_PORT", -1 }, { "SERVER_NAME", -1 }
};

#define KNOWN  (sizeof(known) / sizeof(known[0]))


/* a decimal of at most max with an end; -1: none, -2: more bytes are needed */

static int64_t
number(const char *s, size_t len, char end, size_t max, size_t *used)
{
    size_t   i;
    int64_t  n = 0;

    for (i = 0; i < len; i++) {
        if (s[i] == end && i > 0) {
            *used = i + 1;
            return n;
        }

        if (s[i] < '0' || s[i] > '9' || (i == 1 && s[0] == '0')) {
            return -1;
        }

        n = n * 10 + (s[i] - '0');

        if (n > (int64_t) max) {
            return -1;
        }
    }

    return -2;
}


/* one name with its value; what is wrong with it is kept in rq->refused */

static void
take(mdd_scgi_t *rq, uint32_t *seen, const char *name, const char *value)
{
    size_t        i;
    const char  **place;

    for (i = 0; i < KNOWN; i++) {
        if (strcmp(name, known[i].name) != 0) {
            continue;
        }

        if (*seen & 1u << i) {
            rq->refused = "a parameter is given twice";
        }

        *seen |= 1u << i;

        if (known[i].place >= 0) {
            place = (const char **) ((char *) rq + known[i].place);
            *place = value;
        }

        return;
    }

    if (*name == '\0') {
        rq->refused = "a parameter has no name";

    } else if (strncmp(name, "HTTP_", 5) != 0) {
        rq->refused = "unknown parameter";
    }
}


int
mdd_scgi_read(char *data, size_t len, mdd_scgi_t *rq)
{
    char      *p, *end, *name, *value;
    size_t     used, used2;
    int64_t    head, body;
    uint32_t   seen = 0;

    head = number(data, len, ':', MDD_SCGI_HEAD_MAX, &used);

    if (head < 0) {
        return head == -1 ? MDD_SCGI_BAD : MDD_SCGI_MORE;
    }

    if (len - used <= (size_t) head) {
        return MDD_SCGI_MORE;
    }

    p = data + used;
    end = p + head;

    /* CONTENT_LENGTH is first; the netstring ends with NUL and comma */

    if (*end != ',' || head < 17 || end[-1] != '\0'
        || memcmp(p, "CONTENT_LENGTH", 15) != 0)
    {
        return MDD_SCGI_BAD;
    }

    body = number(p + 15, (size_t) (end - p) - 15, '\0', MDD_SCGI_BODY_MAX,
                  &used2);

    if (body < 0) {
        return MDD_SCGI_BAD;
    }

    if ((size_t) (data + len - (end + 1)) < (size_t) body) {
        return MDD_SCGI_MORE;
    }

    memset(rq, 0, sizeof(mdd_scgi_t));

    while (p < end) {
        name = p;
        p = memchr(p, '\0', (size_t) (end - p));
        p++;

        if (p == end) {                 /* a NUL in a value: pairs slip */
            rq->refused = "a parameter has no value";
            break;
        }

        value = p;
        p = memchr(p, '\0', (size_t) (end - p));
        p++;

        take(rq, &seen, name, value);
    }

    rq->body = end + 1;
    rq->body_len = (size_t) body;
    end[1 + body] = '\0';

    if (rq->method == NULL || rq->uri == NULL) {
        rq->refused = "no method or no DOCUMENT_URI";
    }

    return MDD_SCGI_WHOLE;
}
