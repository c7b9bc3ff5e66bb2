/*
 * note.c - signed notes, keys, checkpoints (see note.h).
 *
 * A note: text that ends in a newline, an empty line, signature lines of the
 * form "— NAME BASE64(id ‖ signature)".  A witness signs "cosignature/v1",
 * the time and the text.
 */

#include "note.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DASH     "\xe2\x80\x94 "
#define SIG_MAX  (4 + 8 + 64)


static void
key_id(mdd_vkey_t *v)
{
    uint8_t     tail[34];
    mdd_hash_t  h;

    tail[0] = '\n';
    tail[1] = (uint8_t) v->type;
    memcpy(tail + 2, v->pub, 32);
    mdd_hash2(h, v->name, strlen(v->name), tail, sizeof(tail));
    memcpy(v->id, h, 4);
}


/* no white space of Unicode, no control character, no "+" (signed-note) */

static int
name_ok(const char *p, size_t n)
{
    size_t          i;
    const uint8_t  *s = (const uint8_t *) p;

    if (n == 0 || n > MDD_NAME_MAX) {
        return 0;
    }

    for (i = 0; i < n; i++) {
        if (s[i] <= 0x20 || s[i] == '+' || s[i] == 0x7f
            || (s[i] == 0xc2 && i + 1 < n && (s[i + 1] == 0x85
                                              || s[i + 1] == 0xa0))
            || (s[i] == 0xe1 && i + 2 < n && s[i + 1] == 0x9a
                && s[i + 2] == 0x80)
            || (s[i] == 0xe2 && i + 2 < n && s[i + 1] == 0x80
                && (s[i + 2] <= 0x8a || s[i + 2] == 0xa8 || s[i + 2] == 0xa9
                    || s[i + 2] == 0xaf))
            || (s[i] == 0xe2 && i + 2 < n && s[i + 1] == 0x81
                && s[i + 2] == 0x9f)
            || (s[i] == 0xe3 && i + 2 < n && s[i + 1] == 0x80
                && s[i + 2] == 0x80))
        {
            return 0;
        }
    }

    return 1;
}


int
mdd_key_read(mdd_key_t *k, const char *file, const char *name, int type,
    int make)
{
    char       text[64], *p;
    size_t     n;
    EVP_PKEY  *key;

    memset(k, 0, sizeof(mdd_key_t));
    if (!name_ok(name, strlen(name))) {
        errno = EINVAL;
        return MDD_FAILED;
    }

    p = mdd_file_read(AT_FDCWD, file, 1024, &n);
    if (p == NULL && errno == ENOENT && make) {
        if (mdd_random(k->seed, 32) != MDD_OK) {
            return MDD_FAILED;
        }
        n = mdd_base64(text, k->seed, 32);
        text[n++] = '\n';
        if (mdd_file_replace(AT_FDCWD, file, text, n, 0600) != MDD_OK) {
            return MDD_FAILED;
        }
        OPENSSL_cleanse(text, sizeof(text));
        p = mdd_file_read(AT_FDCWD, file, 1024, &n);
    }

    if (p == NULL) {
        return MDD_FAILED;
    }

    while (n > 0 && (p[n - 1] == '\n' || p[n - 1] == '\r')) {
        n--;
    }

    if (mdd_unbase64(k->seed, 32, p, n) != 32) {
        OPENSSL_cleanse(p, n);
        free(p);
        errno = EINVAL;
        return MDD_FAILED;
    }
    OPENSSL_cleanse(p, n);
    free(p);

    strcpy(k->v.name, name);
    k->v.type = type;

    n = 32;
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, k->seed, 32);
    if (key == NULL || EVP_PKEY_get_raw_public_key(key, k->v.pub, &n) != 1) {
        EVP_PKEY_free(key);
        errno = EINVAL;
        return MDD_FAILED;
    }
    EVP_PKEY_free(key);
    key_id(&k->v);

    return MDD_OK;
}


/* NAME+HHHHHHHH+BASE64(type ‖ key) */

int
mdd_vkey_parse(mdd_vkey_t *v, const char *s, size_t n)
{
    char         hex[9];
    uint8_t      raw[33];
    const char  *plus;

    memset(v, 0, sizeof(mdd_vkey_t));

    while (n > 0 && (s[n - 1] == '\n' || s[n - 1] == '\r')) {
        n--;
    }

    plus = memchr(s, '+', n);
    if (plus == NULL || !name_ok(s, (size_t) (plus - s))
        || n - (size_t) (plus - s) < 10 || plus[9] != '+')
    {
        return MDD_REFUSED;
    }

    memcpy(v->name, s, (size_t) (plus - s));
    if (mdd_unbase64(raw, sizeof(raw), plus + 10,
                     n - (size_t) (plus - s) - 10) != 33
        || (raw[0] != MDD_KEY_LOG && raw[0] != MDD_KEY_WITNESS))
    {
        return MDD_REFUSED;
    }

    v->type = raw[0];
    memcpy(v->pub, raw + 1, 32);
    key_id(v);
    mdd_hex(hex, v->id, 4);

    return memcmp(hex, plus + 1, 8) == 0 ? MDD_OK : MDD_REFUSED;
}


void
mdd_vkey_rename(mdd_vkey_t *v, const char *name)
{
    size_t  n = strlen(name);

    if (name_ok(name, n)) {
        memcpy(v->name, name, n + 1);
        key_id(v);
    }
}


void
mdd_vkey_print(const mdd_vkey_t *v, mdd_buf_t *out)
{
    char     hex[9], b64[64];
    uint8_t  raw[33];

    raw[0] = (uint8_t) v->type;
    memcpy(raw + 1, v->pub, 32);
    mdd_hex(hex, v->id, 4);
    mdd_base64(b64, raw, sizeof(raw));
    mdd_buf_fmt(out, "%s+%s+%s\n", v->name, hex, b64);
}


/* what a witness signs */

static void
cosigned(mdd_buf_t *b, int64_t when, const char *text, size_t n)
{
    mdd_buf_fmt(b, "cosignature/v1\ntime %lld\n", (long long) when);
    mdd_buf_add(b, text, n);
}


/* the end of the text: behind the newline before the last empty line */

static size_t
text_end(const char *p, size_t n)
{
    size_t  i;

    if (n < 2 || p[n - 1] != '\n') {
        return 0;
    }

    for (i = n - 1; i > 0; i--) {
        if (p[i] == '\n' && p[i - 1] == '\n') {
            return i;
        }
    }

    return 0;
}


int
mdd_note_add(mdd_buf_t *note, const mdd_key_t *k, int64_t now)
{
    int          ok, i;
    char         b64[128];
    size_t       n, end, at;
    uint8_t      sig[SIG_MAX];
    EVP_PKEY    *key;
    mdd_buf_t    b = { 0 };
    EVP_MD_CTX  *ctx;

    end = text_end(note->p, note->n);
    if (note->bad || end == 0) {
        return MDD_FAILED;
    }

    memcpy(sig, k->v.id, 4);
    at = 4;
    if (k->v.type == MDD_KEY_WITNESS) {
        now /= 1000;
        for (i = 0; i < 8; i++) {
            sig[at++] = (uint8_t) ((uint64_t) now >> (56 - 8 * i));
        }
        cosigned(&b, now, note->p, end);
    } else {
        mdd_buf_add(&b, note->p, end);
    }

    n = 64;
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, k->seed, 32);
    ctx = EVP_MD_CTX_new();
    ok = !b.bad && key != NULL && ctx != NULL
         && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1
         && EVP_DigestSign(ctx, sig + at, &n, (uint8_t *) b.p, b.n) == 1
         && n == 64;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    mdd_buf_free(&b);

    if (!ok) {
        return MDD_FAILED;
    }

    mdd_base64(b64, sig, at + 64);
    mdd_buf_fmt(note, DASH "%s %s\n", k->v.name, b64);

    return note->bad ? MDD_FAILED : MDD_OK;
}


int
mdd_note_sign(mdd_buf_t *note, const mdd_key_t *k, int64_t now)
{
    mdd_buf_str(note, "\n");

    return mdd_note_add(note, k, now);
}


static int
verify_one(const char *text, size_t n, const mdd_vkey_t *v,
    const uint8_t *sig, size_t len, int64_t *when)
{
    int          ok, i;
    EVP_PKEY    *key;
    mdd_buf_t    b = { 0 };
    EVP_MD_CTX  *ctx;

    *when = 0;

    if (v->type == MDD_KEY_WITNESS) {
        if (len != 72 || sig[0] > 0x7f) {
            return 0;
        }
        for (i = 0; i < 8; i++) {
            *when = *when << 8 | sig[i];
        }
        sig += 8;
        cosigned(&b, *when, text, n);

    } else {
        if (len != 64) {
            return 0;
        }
        mdd_buf_add(&b, text, n);
    }

    key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, v->pub, 32);
    ctx = EVP_MD_CTX_new();
    ok = !b.bad && key != NULL && ctx != NULL
         && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1
         && EVP_DigestVerify(ctx, sig, 64, (uint8_t *) b.p, b.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    mdd_buf_free(&b);

    return ok;
}


int64_t
mdd_note_verify(const char *note, size_t n, const mdd_vkey_t *v,
    int64_t *when)
{
    int          len, found;
    size_t       end, i;
    uint8_t      sig[8192];
    const char  *line, *eol, *name, *space;

    *when = 0;
    if (n > MDD_NOTE_MAX) {
        return -1;
    }

    for (i = 0; i < n; i++) {
        if ((uint8_t) note[i] < 0x20 && note[i] != '\n') {
            return -1;
        }
    }

    end = text_end(note, n);
    if (end == 0 || end + 1 >= n) {
        return -1;
    }

    found = 0;

    for (line = note + end + 1; line < note + n; line = eol + 1) {
        eol = memchr(line, '\n', (size_t) (note + n - line));
        name = line + strlen(DASH);
        if ((size_t) (eol - line) <= strlen(DASH)
            || memcmp(line, DASH, strlen(DASH)) != 0)
        {
            return -1;
        }

        space = memchr(name, ' ', (size_t) (eol - name));
        if (space == NULL || !name_ok(name, (size_t) (space - name))) {
            return -1;
        }

        len = mdd_unbase64(sig, sizeof(sig), space + 1,
                           (size_t) (eol - space - 1));
        if (len < 5) {
            return -1;
        }

        if ((size_t) (space - name) != strlen(v->name)
            || memcmp(name, v->name, (size_t) (space - name)) != 0
            || memcmp(sig, v->id, 4) != 0)
        {
            continue;
        }

        if (!verify_one(note, end, v, sig + 4, (size_t) len - 4, when)) {
            return -1;
        }
        found = 1;
    }

    return found ? (int64_t) end : -1;
}


void
mdd_checkpoint_print(const mdd_checkpoint_t *c, mdd_buf_t *out)
{
    char  b64[64];

    mdd_base64(b64, c->root, MDD_HASH);
    mdd_buf_fmt(out, "%s\n%llu\n%s\n", c->origin, (unsigned long long) c->size,
                b64);
}


size_t
mdd_decimal(const char *p, size_t n, uint64_t *v)
{
    size_t  i;

    *v = 0;
    for (i = 0; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
        if (*v > (UINT64_MAX - 9) / 10) {
            return 0;
        }
        *v = *v * 10 + (uint64_t) (p[i] - '0');
    }

    return i > 1 && p[0] == '0' ? 0 : i;
}


int
mdd_checkpoint_parse(mdd_checkpoint_t *c, const char *p, size_t n)
{
    size_t       len;
    const char  *end, *eol;

    memset(c, 0, sizeof(mdd_checkpoint_t));
    end = p + n;

    eol = memchr(p, '\n', n);
    len = eol != NULL ? (size_t) (eol - p) : 0;
    if (len == 0 || len > MDD_NAME_MAX || memchr(p, '\0', len) != NULL) {
        return MDD_REFUSED;
    }
    memcpy(c->origin, p, len);

    p = eol + 1;
    eol = memchr(p, '\n', (size_t) (end - p));
    len = eol != NULL ? (size_t) (eol - p) : 0;
    if (len == 0 || mdd_decimal(p, len, &c->size) != len
        || c->size > INT64_MAX)
    {
        return MDD_REFUSED;
    }

    p = eol + 1;
    eol = memchr(p, '\n', (size_t) (end - p));
    len = eol != NULL ? (size_t) (eol - p) : 0;
    if (len == 0 || mdd_unbase64(c->root, MDD_HASH, p, len) != MDD_HASH) {
        return MDD_REFUSED;
    }

    /* extension lines: none is empty */
    for (p = eol + 1; p < end; p = eol + 1) {
        eol = memchr(p, '\n', (size_t) (end - p));
        if (eol == NULL || eol == p) {
            return MDD_REFUSED;
        }
    }

    return MDD_OK;
}
