/*
 * identity.c - who asks, as nginx says it, and whether a change is meant.
 *
 * nginx signs people in and says the name as MODERATION_USER; that it is nginx
 * who says it is shown by MODERATION_SECRET, since other programs may run as
 * its user.  Without a secret only moderationctl is served: the peer of the
 * socket is then root or the daemon's own user and says MODERATION_LOCAL.
 * Nothing that a client sends takes part in it.
 *
 * The token of changes is an HMAC over name and day under a key made of the
 * secret: pages stay usable over a restart of the daemon, and nothing is kept.
 */

#include "web.h"

#include <openssl/crypto.h>
#include <openssl/hmac.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY_MS  86400000

static struct {
    char              secret[128];
    uint8_t           key[32];
    mdd_roles_t      *roles;
    struct timespec   changed;
    pthread_rwlock_t  lock;             /* of roles                          */
} id = { .lock = PTHREAD_RWLOCK_INITIALIZER };


/* the value in "scgi_param MODERATION_SECRET <64 hex digits>;" */

static int
read_secret(mdd_t *d)
{
    char    *file, *p;
    size_t   n;

    file = mdd_file_read(-1, d->conf->secret, 4096, &n);

    if (file == NULL) {
        mdd_say(MDD_ERR, "%s cannot be read", d->conf->secret);
        return MDD_FAILED;
    }

    p = strstr(file, "MODERATION_SECRET");
    n = 0;

    if (p) {
        p += strlen("MODERATION_SECRET");
        p += strspn(p, " \t\"");
        n = strspn(p, "0123456789abcdef");
    }

    if (n < 64 || n >= sizeof(id.secret)) {
        mdd_say(MDD_ERR, "%s: no \"scgi_param MODERATION_SECRET <64 hex "
                "digits>;\"", d->conf->secret);
        free(file);
        return MDD_FAILED;
    }

    memcpy(id.secret, p, n);
    id.secret[n] = '\0';
    free(file);

    HMAC(EVP_sha256(), id.secret, (int) n, (const uint8_t *) "token", 5,
         id.key, NULL);

    return MDD_OK;
}


/* the file is looked at each second; a bad one leaves the roles as they are */

static void
read_roles(mdd_t *d, void *data)
{
    mdd_msgs_t     m = { 0 };
    struct stat    st;
    mdd_roles_t   *new, *old;

    (void) data;

    if (stat(d->conf->roles, &st) != 0
        || (id.roles && memcmp(&st.st_mtim, &id.changed,
                               sizeof(id.changed)) == 0))
    {
        return;
    }

    new = mdd_roles_read(d->conf, d->conf->roles, &m);
    id.changed = st.st_mtim;

    if (new == NULL) {
        mdd_say(MDD_ERR, "%s", m.text ? m.text : "no memory for roles");

    } else {
        pthread_rwlock_wrlock(&id.lock);
        old = id.roles;
        id.roles = new;
        pthread_rwlock_unlock(&id.lock);
        mdd_roles_free(old);
    }

    free(m.text);
}


int
mdd_identity_init(mdd_t *d)
{
    if (read_secret(d) != MDD_OK) {
        return MDD_FAILED;
    }

    read_roles(d, NULL);

    if (id.roles == NULL) {
        mdd_say(MDD_ERR, "%s cannot be used", d->conf->roles);
        return MDD_FAILED;
    }

    return mdd_timer_add(d, 1000, read_roles, NULL);
}


void
mdd_identity_done(mdd_t *d)
{
    (void) d;
    mdd_roles_free(id.roles);
    id.roles = NULL;
    OPENSSL_cleanse(id.secret, sizeof(id.secret));
    OPENSSL_cleanse(id.key, sizeof(id.key));
}


void
mdd_identity_users(void (*each)(void *ctx, const char *name, unsigned roles),
    void *ctx)
{
    size_t       i;
    unsigned     mask;
    const char  *name;

    pthread_rwlock_rdlock(&id.lock);

    for (i = 0; (name = mdd_roles_user(id.roles, i, &mask)) != NULL; i++) {
        each(ctx, name, mask);
    }

    pthread_rwlock_unlock(&id.lock);
}


static int
secret_ok(const char *s)
{
    size_t  n = strlen(id.secret);

    return s && strlen(s) == n && CRYPTO_memcmp(s, id.secret, n) == 0;
}


int
mdd_identity(mdd_web_t *w, int public, const char **why)
{
    int                ok;
    const mdd_scgi_t  *in = w->in;

    if (in->refused) {
        *why = in->refused;
        return 403;
    }

    if (in->secret == NULL && in->local
        && (in->peer == 0 || in->peer == geteuid()))
    {
        strcpy(w->who.name, "local");
        w->who.roles = MDD_VIEWER|MDD_REVIEWER|MDD_LEAD|MDD_AUDITOR|MDD_ADMIN;
        w->who.local = 1;
        return 0;
    }

    if (in->local || !secret_ok(in->secret)) {
        *why = "this did not come through the server that may ask";
        return 403;
    }

    if (public) {
        return 0;
    }

    if (in->user == NULL || in->user[0] == '\0') {
        *why = "nobody is signed in";
        return 401;
    }

    pthread_rwlock_rdlock(&id.lock);
    ok = mdd_roles_find(id.roles, in->user, in->groups, w->now, &w->who);
    pthread_rwlock_unlock(&id.lock);

    if (!ok || strcmp(w->who.name, "local") == 0) {
        *why = "this name has no role here";
        return 403;
    }

    return 0;
}


void
mdd_token(const mdd_web_t *w, int64_t day, char out[65])
{
    char      text[128];
    uint8_t   mac[32];
    int       n;

    n = snprintf(text, sizeof(text), "%s|%lld", w->who.name, (long long) day);
    HMAC(EVP_sha256(), id.key, sizeof(id.key), (const uint8_t *) text,
         (size_t) n, mac, NULL);
    mdd_hex(out, mac, sizeof(mac));
}


int
mdd_meant(const mdd_web_t *w)
{
    int          ok = 0;
    char         token[65];
    size_t       i;
    int64_t      day;
    const char  *given;

    if (w->who.local) {
        return 1;
    }

    if (w->in->site) {
        ok = strcmp(w->in->site, "same-origin") == 0;
    }

    if (w->in->origin) {
        for (i = 0; i < w->d->conf->norigins; i++) {
            ok |= strcmp(w->in->origin, w->d->conf->origins[i]) == 0;
        }
    }

    if (!ok) {
        return 0;
    }

    given = w->in->token ? w->in->token : mdd_arg(w, "token");

    if (strlen(given) != 64) {
        return 0;
    }

    for (day = w->now / DAY_MS; day >= w->now / DAY_MS - 1; day--) {
        mdd_token(w, day, token);

        if (CRYPTO_memcmp(given, token, 64) == 0) {
            return 1;
        }
    }

    return 0;
}
