/*
 * web.h - one request on its way: who asks, what for, and the answer.
 *
 *   scgi.c      bytes to a request          identity.c  who it is, tokens
 *   web.c       arguments, answers          route.c     who may call what
 *   api_*.c     JSON                        page*.c     screens
 */

#ifndef MDD_WEB_H
#define MDD_WEB_H

#include "html.h"
#include "roles.h"
#include "scgi.h"

#include <jansson.h>

#define MDD_SEGMENTS  8

typedef struct {
    mdd_t             *d;
    mdd_db_t          *db;              /* only reads                        */
    const mdd_scgi_t  *in;
    mdd_reply_t       *out;
    mdd_person_t       who;
    int                zh;              /* the language of the answer        */
    int                form;            /* a POST that a form of ours sent   */
    json_t            *args;            /* body or query: always an object   */
    char              *path;            /* the segments' bytes               */
    const char        *seg[MDD_SEGMENTS];  /* behind /moderation/            */
    int                nseg;
    int64_t            now;
    const char        *layout;          /* of a screen, NULL: one column     */
    json_t            *counts;          /* of queues, once a request         */
    int64_t            late;            /* cards past their time            */
} mdd_web_t;

/* identity.c */

/* secret and roles; MDD_FAILED: said why */
int mdd_identity_init(mdd_t *d);
void mdd_identity_done(mdd_t *d);
/* 0: known; else the status of the refusal.  public: nobody is wanted */
int mdd_identity(mdd_web_t *w, int public, const char **why);
/* is this POST one that the person meant? */
int mdd_meant(const mdd_web_t *w);
void mdd_token(const mdd_web_t *w, int64_t day, char out[65]);
/* under the lock of the roles: each user of roles.yaml */
void mdd_identity_users(void (*each)(void *ctx, const char *name,
    unsigned roles), void *ctx);

/* route.c */
void mdd_route(mdd_web_t *w);

/* web.c: arguments; "" where there is none */
const char *mdd_arg(const mdd_web_t *w, const char *name);
int64_t mdd_arg_int(const mdd_web_t *w, const char *name, int64_t none);
/* "2h" from now, or ms since 1970, or 2026-11-28T10:00; -1: none, -2: bad */
int64_t mdd_arg_until(const mdd_web_t *w, const char *name);
int64_t mdd_until(int64_t now, const char *s);

/* answers; j is given away */
void mdd_json(mdd_web_t *w, int status, json_t *j);
void mdd_error(mdd_web_t *w, int status, const char *error,
    const char *detail, const char *field);
/* a change that came from a form goes back to the page it names */
void mdd_done(mdd_web_t *w, int status, json_t *j);
void mdd_field(mdd_web_t *w, const char *name, const char *value);
/* If-None-Match: 1 and a 304 where the reader has it */
int mdd_unchanged(mdd_web_t *w, const char *etag);

/* a URL-encoded value, for a href */
void mdd_url(mdd_buf_t *b, const char *s);

#endif
