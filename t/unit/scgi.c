/* scgi.c - the reader of requests: whole at every cut, refused where it says */

#include "moderationd/web/scgi_read.c"

#include "test.h"

#include <stdlib.h>

#define HEAD(s)  s, sizeof(s) - 1


/* a request of these pairs and body in buf; its length */

static size_t
make(char *buf, const char *pairs, size_t n, const char *body)
{
    char    head[1024];
    size_t  len;

    len = (size_t) snprintf(head, sizeof(head), "CONTENT_LENGTH%c%zu%c", 0,
                            strlen(body), 0);
    memcpy(head + len, pairs, n);
    len += n;

    n = (size_t) sprintf(buf, "%zu:", len);
    memcpy(buf + n, head, len);

    return n + len + (size_t) sprintf(buf + n + len, ",%s", body);
}


int
main(void)
{
    char         buf[2048], copy[2048];
    size_t       n, i;
    mdd_scgi_t   rq;

    test_begin("a request is whole at its end, nowhere before");

    n = make(buf, HEAD("REQUEST_METHOD\0POST\0DOCUMENT_URI\0/m/\0HTTP_X\0y\0"),
             "body");

    for (i = 0; i < n; i++) {
        memcpy(copy, buf, n);
        CHECK(mdd_scgi_read(copy, i, &rq) == MDD_SCGI_MORE);
    }

    memcpy(copy, buf, n);
    CHECK(mdd_scgi_read(copy, n, &rq) == MDD_SCGI_WHOLE);
    CHECK(rq.refused == NULL);
    CHECK(strcmp(rq.method, "POST") == 0);
    CHECK(strcmp(rq.uri, "/m/") == 0);
    CHECK(rq.body_len == 4 && strcmp(rq.body, "body") == 0);
    CHECK(rq.user == NULL);

    test_begin("what is refused");

    n = make(buf, HEAD("REQUEST_METHOD\0GET\0"), "");
    CHECK(mdd_scgi_read(buf, n, &rq) == MDD_SCGI_WHOLE && rq.refused);

    n = make(buf, HEAD("REQUEST_METHOD\0GET\0DOCUMENT_URI\0/\0"
                       "MODERATION_USER\0a\0MODERATION_USER\0b\0"), "");
    CHECK(mdd_scgi_read(buf, n, &rq) == MDD_SCGI_WHOLE && rq.refused);

    n = make(buf, HEAD("REQUEST_METHOD\0GET\0DOCUMENT_URI\0/\0X\0a\0"), "");
    CHECK(mdd_scgi_read(buf, n, &rq) == MDD_SCGI_WHOLE && rq.refused);

    n = make(buf, HEAD("REQUEST_METHOD\0GET\0DOCUMENT_URI\0/\0MODERATION_USER"
                       "\0a\0\0"), "");
    CHECK(mdd_scgi_read(buf, n, &rq) == MDD_SCGI_WHOLE && rq.refused);

    n = make(buf, HEAD("REQUEST_METHOD\0GET\0DOCUMENT_URI\0/\0\0a\0"), "");
    CHECK(mdd_scgi_read(buf, n, &rq) == MDD_SCGI_WHOLE && rq.refused);

    test_begin("what is no request");

    strcpy(buf, "99999:");
    CHECK(mdd_scgi_read(buf, 6, &rq) == MDD_SCGI_BAD);
    strcpy(buf, "012:");
    CHECK(mdd_scgi_read(buf, 4, &rq) == MDD_SCGI_BAD);
    strcpy(buf, "-1:");
    CHECK(mdd_scgi_read(buf, 3, &rq) == MDD_SCGI_BAD);
    memcpy(buf, "20:SCGI\0001\0ABCDEFGHIJKL\0,", 25);
    CHECK(mdd_scgi_read(buf, 25, &rq) == MDD_SCGI_BAD);

    return test_done();
}
