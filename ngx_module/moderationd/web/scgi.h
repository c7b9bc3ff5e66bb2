/*
 * scgi.h - requests as nginx hands them over.
 *
 * A request is a netstring of NUL-terminated names and values, the length of
 * the body first, and the body.  What the client says reaches us only as
 * HTTP_*; everything else is said by nginx's own configuration, and so only
 * names that are known are taken, each once.
 */

#ifndef MDD_SCGI_H
#define MDD_SCGI_H

#include "moderationd/moderationd.h"

#include <sys/types.h>

#define MDD_SCGI_HEAD_MAX  (32u << 10)
#define MDD_SCGI_BODY_MAX  (1u << 20)

/* values point into the bytes that were read; NULL: not given */
typedef struct {
    const char  *method, *uri, *query, *type;
    const char  *user, *groups, *secret;
    const char  *local;             /* MODERATION_LOCAL: moderationctl       */
    const char  *address;           /* REMOTE_ADDR                           */
    const char  *language, *site, *origin, *etag, *token;
    const char  *body;
    size_t       body_len;
    const char  *refused;           /* why it is not taken, or NULL          */
    uid_t        peer;
} mdd_scgi_t;

enum { MDD_SCGI_MORE, MDD_SCGI_WHOLE, MDD_SCGI_BAD };

/*
 * How far is the request in data[0..len)?  WHOLE: rq is filled, pointers into
 * data, which is changed (the end of the body is terminated: data has one
 * byte of room more).  BAD: not SCGI or too large.
 */
int mdd_scgi_read(char *data, size_t len, mdd_scgi_t *rq);

typedef struct {
    int          status;
    const char  *type;              /* static                                */
    mdd_buf_t    fields;            /* further header lines, each with \r\n  */
    mdd_buf_t    body;
} mdd_reply_t;

typedef void (*mdd_scgi_handler_pt)(void *ctx, const mdd_scgi_t *rq,
    mdd_reply_t *reply);

/* reads one request, has it answered, writes the answer; fd stays open */
void mdd_scgi_serve(int fd, mdd_scgi_handler_pt handler, void *ctx);

#endif
