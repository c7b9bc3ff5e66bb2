/* near.c - see near.h */

#include "moderationd/log/did.h"
#include "near.h"

#include "moderationd/web/api.h"
#include "text/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_CP  32
#define SHORT        4                  /* shorter ones only as a whole       */
#define DECISIONS    50                 /* whose names are an account's       */

static const char *const  fields[] = {
    "nickname", "nick", "author", "anchor"
};

#define N(a)  (sizeof(a) / sizeof((a)[0]))


/* the next character of UTF-8; 0 at its end or where it is none */

static uint32_t
next_cp(const uint8_t **p, const uint8_t *end)
{
    int       more;
    uint32_t  c;

    if (*p == end) {
        return 0;
    }

    c = *(*p)++;
    more = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    c = more == 0 ? c : c & (0x3fu >> more);

    for (; more > 0; more--) {
        if (*p == end || (**p & 0xc0) != 0x80) {
            return 0;
        }
        c = c << 6 | (*(*p)++ & 0x3fu);
    }

    return c;
}


/* what a name looks like: primary forms, nothing that is drawn as nothing, no
 * marks and no spaces */

static size_t
fold_key(const char *name, size_t n, uint32_t out[NAME_MAX_CP])
{
    size_t          have = 0, i;
    uint32_t        c;
    mdr_fold_seq_t  forms[MDR_FOLD_ALTS];
    const uint8_t  *p = (const uint8_t *) name, *end = p + n;

    while (have < NAME_MAX_CP && (c = next_cp(&p, end)) != 0) {
        if (c <= ' ' || mdr_fold_dropped(c, MDR_FOLD_DEFAULT)
            || mdr_fold_mark(c))
        {
            continue;
        }

        (void) mdr_fold_forms(c, MDR_FOLD_DEFAULT, forms);

        for (i = 0; i < forms[0].n && have < NAME_MAX_CP; i++) {
            c = forms[0].cp[i];
            out[have++] = c >= 'A' && c <= 'Z' ? c + 32 : c;
        }
    }

    return have;
}


static int64_t
hash(const mdl_key_t *key, const uint32_t *cp, size_t n, size_t without)
{
    size_t     i, len = 0;
    int64_t    v;
    uint8_t    raw[MDL_HASH];
    uint32_t   text[NAME_MAX_CP];
    mdl_str_t  s;

    for (i = 0; i < n; i++) {
        if (i != without) {
            text[len++] = cp[i];
        }
    }

    s.data = (const char *) text;
    s.len = len * sizeof(text[0]);
    mdl_hash(key, "near", s, raw);
    memcpy(&v, raw, sizeof(v));

    return v;
}


int
mdd_near_keys(mdd_t *d, const char *name, size_t n,
    int64_t keys[MDD_NEAR_KEYS])
{
    int        have = 0, wide;
    char       err[256];
    size_t     i, len;
    uint32_t   cp[NAME_MAX_CP];
    mdl_key_t  key;

    len = fold_key(name, n, cp);

    if (len < 2
        || mdl_key_load(&key, d->conf->id_key, &wide, err, sizeof(err)) != 0)
    {
        return 0;
    }

    keys[have++] = hash(&key, cp, len, len);

    for (i = 0; len >= SHORT && i < len; i++) {
        if (i == 0 || cp[i] != cp[i - 1]) {
            keys[have++] = hash(&key, cp, len, i);
        }
    }

    return have;
}


int
mdd_near_of(mdd_t *d, mdd_db_t *db, const char *name, size_t n,
    const char *account, char out[40])
{
    int        i, have, found = 0;
    int64_t    keys[MDD_NEAR_KEYS];
    mdd_st_t  *st;

    /* mostly nobody is closed: no hash for that */
    if (mdd_one(db, 0, MDD_SQL_NEAR_ANY, "") == 0) {
        return 0;
    }

    have = mdd_near_keys(d, name, n, keys);

    for (i = 0; i < have && !found; i++) {
        st = mdd_query(db, MDD_SQL_NEAR_GET, "is", keys[i],
                       account ? account : "");

        if (mdd_step(st) == MDD_ROW) {
            snprintf(out, 40, "%s", mdd_text(st, 0));
            found = 1;
        }

        (void) mdd_end(st);
    }

    return found;
}


int
mdd_near_line(mdd_tx_t *tx, const mdd_line_t *l, const char *account)
{
    int                n, k;
    char               name[512], out[40];
    size_t             i;
    mdd_json_t         m[16], f[32];
    const mdd_json_t  *v = mdd_json_get(l->m, l->n, "private");

    n = v ? mdd_json_members(v->val, v->n, m, 16) : -1;
    v = n > 0 ? mdd_json_get(m, n, "fields") : NULL;
    n = v ? mdd_json_members(v->val, v->n, f, 32) : -1;

    for (i = 0; n > 0 && i < N(fields); i++) {
        v = mdd_json_get(f, n, fields[i]);
        k = v ? mdd_json_text(v, name, sizeof(name)) : -1;

        if (k > 0 && mdd_near_of(tx->d, tx->db, name, (size_t) k, account,
                                 out))
        {
            return 1;
        }
    }

    return 0;
}


int
mdd_near_json(mdd_web_t *w, const json_t *private, const char *account,
    char out[40])
{
    size_t       i;
    const char  *name;

    for (i = 0; i < N(fields); i++) {
        name = mdd_str(json_object_get(private, "fields"), fields[i]);

        if (*name && mdd_near_of(w->d, w->db, name, strlen(name), account,
                                 out))
        {
            return 1;
        }
    }

    return 0;
}


/* names of one decision's private half */

static int
add(mdd_tx_t *tx, const char *account, const char *body)
{
    int           i, n;
    size_t        k;
    int64_t       keys[MDD_NEAR_KEYS];
    json_t       *j = json_loads(body, JSON_ALLOW_NUL, NULL), *p;
    const char   *name;

    p = json_object_get(j, "private");
    p = json_object_get(p ? p : j, "fields");

    for (k = 0; k < N(fields); k++) {
        name = mdd_str(p, fields[k]);
        n = *name ? mdd_near_keys(tx->d, name, strlen(name), keys) : 0;

        for (i = 0; i < n; i++) {
            if (mdd_put(tx, MDD_SQL_NEAR_PUT, "!is", keys[i], account) < 0)
            {
                json_decref(j);
                return MDD_FAILED;
            }
        }
    }

    json_decref(j);

    return MDD_OK;
}


int
mdd_near_account(mdd_tx_t *tx, const char *account, int closed)
{
    int        n = 0, i, rc = MDD_OK;
    char      *body[DECISIONS];
    mdd_st_t  *st;

    if (mdd_put(tx, MDD_SQL_NEAR_DROP, "s", account) < 0) {
        return MDD_FAILED;
    }

    if (!closed) {
        return MDD_OK;
    }

    st = mdd_query(tx->db, MDD_SQL_NEAR_NAMES, "s", account);

    while (n < DECISIONS && mdd_step(st) == MDD_ROW) {
        body[n++] = strdup(mdd_text(st, 0));
    }

    rc = mdd_end(st);

    for (i = 0; i < n; i++) {
        rc = rc == MDD_OK && body[i] ? add(tx, account, body[i]) : rc;
        free(body[i]);
    }

    return rc;
}
