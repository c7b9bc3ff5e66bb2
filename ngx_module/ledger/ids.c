/*
 * ids.c - keyed hashes, fingerprints, ids of decisions.
 */

#include "ids.h"
#include "words.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>


#define BLOCK  64


void
mdl_key_init(mdl_key_t *k, const uint8_t *secret, size_t n)
{
    unsigned      i;
    uint8_t       pad[BLOCK], sum[32];
    mdl_mac_t     m;
    mdr_sha256_t  sha;

    memset(pad, 0, sizeof(pad));

    if (n > BLOCK) {
        mdr_sha256_init(&sha);
        mdr_sha256_add(&sha, secret, n);
        mdr_sha256_done(&sha, pad);

    } else if (n != 0) {
        memcpy(pad, secret, n);
    }

    for (i = 0; i < BLOCK; i++) {
        pad[i] ^= 0x36;
    }

    mdr_sha256_init(&k->inner);
    mdr_sha256_add(&k->inner, pad, BLOCK);

    for (i = 0; i < BLOCK; i++) {
        pad[i] ^= 0x36 ^ 0x5c;
    }

    mdr_sha256_init(&k->outer);
    mdr_sha256_add(&k->outer, pad, BLOCK);

    memset(pad, 0, sizeof(pad));

    mdl_mac_init(&m, k, "key");
    mdl_mac_done(&m, sum, 4);

    for (i = 0; i < 4; i++) {
        k->id[2 * i] = "0123456789abcdef"[sum[i] >> 4];
        k->id[2 * i + 1] = "0123456789abcdef"[sum[i] & 15];
    }

    k->id[8] = '\0';
}


static int
nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


int
mdl_key_load(mdl_key_t *k, const char *path, int *wide, char *err,
    size_t size)
{
    int          fd, a, b;
    char         line[128];
    size_t       i, word;
    ssize_t      n;
    uint8_t      secret[MDL_KEY_BYTES];
    struct stat  st;

    fd = open(path, O_RDONLY|O_CLOEXEC|O_NONBLOCK);

    if (fd == -1 || fstat(fd, &st) == -1) {
        snprintf(err, size, "cannot open key \"%s\": %s", path,
                 strerror(errno));
        if (fd != -1) {
            close(fd);
        }
        return -1;
    }

    n = S_ISREG(st.st_mode) ? read(fd, line, sizeof(line)) : 0;
    close(fd);

    *wide = (st.st_mode & (S_IRWXO|S_IWGRP|S_IXGRP)) != 0;
    word = sizeof(MDL_KEY_WORD) - 1;

    if (n > 0 && line[n - 1] == '\n') {
        n--;
    }

    if (n != (ssize_t) (word + 2 * MDL_KEY_BYTES)
        || memcmp(line, MDL_KEY_WORD, word) != 0)
    {
        goto bad;
    }

    for (i = 0; i < MDL_KEY_BYTES; i++) {
        a = nibble(line[word + 2 * i]);
        b = nibble(line[word + 2 * i + 1]);

        if (a < 0 || b < 0) {
            goto bad;
        }

        secret[i] = (uint8_t) (a << 4 | b);
    }

    mdl_key_init(k, secret, sizeof(secret));
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(line, sizeof(line));

    return 0;

bad:

    explicit_bzero(line, sizeof(line));
    snprintf(err, size, "\"%s\" is no id key: it has one line, \"%s\" and "
             "%d hex digits (moderationctl keys new)", path, MDL_KEY_WORD,
             2 * MDL_KEY_BYTES);

    return -1;
}


static void
part(mdr_sha256_t *sha, const void *p, size_t n)
{
    unsigned  i;
    uint8_t   len[8];

    for (i = 0; i < 8; i++) {
        len[i] = (uint8_t) ((uint64_t) n >> 8 * i);
    }

    mdr_sha256_add(sha, len, sizeof(len));
    mdr_sha256_add(sha, p, n);
}


void
mdl_mac_init(mdl_mac_t *m, const mdl_key_t *k, const char *kind)
{
    m->key = k;
    m->sha = k->inner;
    part(&m->sha, kind, strlen(kind));
}


void
mdl_mac_add(mdl_mac_t *m, mdl_str_t s)
{
    part(&m->sha, s.data, s.len);
}


void
mdl_mac_done(mdl_mac_t *m, uint8_t *out, size_t n)
{
    uint8_t       sum[32];
    mdr_sha256_t  outer;

    mdr_sha256_done(&m->sha, sum);

    outer = m->key->outer;
    mdr_sha256_add(&outer, sum, sizeof(sum));
    mdr_sha256_done(&outer, sum);

    memcpy(out, sum, n < sizeof(sum) ? n : sizeof(sum));
}


void
mdl_hash(const mdl_key_t *k, const char *kind, mdl_str_t id,
    uint8_t out[MDL_HASH])
{
    mdl_mac_t  m;

    mdl_mac_init(&m, k, kind);
    mdl_mac_add(&m, id);
    mdl_mac_done(&m, out, MDL_HASH);
}


void
mdl_fingerprint(const mdl_key_t *k, mdl_str_t item, const mdl_pair_t *fields,
    size_t n, uint8_t out[MDL_HASH])
{
    size_t     i;
    mdl_mac_t  m;

    mdl_mac_init(&m, k, "fingerprint-1");
    mdl_mac_add(&m, item);

    for (i = 0; i < n; i++) {
        mdl_mac_add(&m, fields[i].name);
        mdl_mac_add(&m, fields[i].value);
    }

    mdl_mac_done(&m, out, MDL_HASH);
}


void
mdl_base32(const uint8_t *p, size_t bits, char *out)
{
    size_t    i, at;
    unsigned  v;

    for (i = 0, at = 0; at < bits; i++, at += 5) {
        v = (unsigned) p[at / 8] << 8;

        if (at / 8 + 1 < (bits + 7) / 8) {
            v |= p[at / 8 + 1];
        }

        out[i] = "abcdefghijklmnopqrstuvwxyz234567"[v >> (11 - at % 8) & 31];
    }

    out[i] = '\0';
}


static void
number(mdr_sha256_t *sha, uint64_t v)
{
    unsigned  i;
    uint8_t   b[8];

    for (i = 0; i < 8; i++) {
        b[i] = (uint8_t) (v >> 8 * i);
    }

    part(sha, b, sizeof(b));
}


void
mdl_id_bits(const mdl_id_t *in, uint64_t bits[2])
{
    size_t        i;
    uint8_t       sum[32];
    mdr_sha256_t  sha;

    mdr_sha256_init(&sha);
    part(&sha, mdl_types[in->type], strlen(mdl_types[in->type]));
    part(&sha, mdl_modes[in->mode], strlen(mdl_modes[in->mode]));
    part(&sha, in->slot.data, in->slot.len);
    part(&sha, in->item, in->item != NULL ? MDL_HASH : 0);
    part(&sha, mdl_actions[in->action], strlen(mdl_actions[in->action]));
    part(&sha, mdl_whys[in->reason], strlen(mdl_whys[in->reason]));
    number(&sha, in->nrules);

    for (i = 0; i < in->nrules; i++) {
        part(&sha, in->rules[i].id.data, in->rules[i].id.len);
        number(&sha, in->rules[i].rev);
    }

    part(&sha, in->place.data, in->place.len);
    number(&sha, in->day);
    part(&sha, in->subject, in->subject != NULL ? MDL_HASH : 0);

    mdr_sha256_done(&sha, sum);

    /* 100 bits of it; never zero in the first word */

    sum[12] &= 0xf0;
    memset(sum + 13, 0, 3);
    memcpy(bits, sum, 16);

    if (bits[0] == 0) {
        bits[0] = 1;
    }
}


void
mdl_id_text(const uint64_t bits[2], char out[MDL_ID + 1])
{
    uint8_t  b[16];

    memcpy(b, bits, 16);
    mdl_base32(b, 100, out);
}


void
mdl_id(const mdl_id_t *in, char out[MDL_ID + 1])
{
    uint64_t  bits[2];

    mdl_id_bits(in, bits);
    mdl_id_text(bits, out);
}


int
mdl_random(void *p, size_t n)
{
    ssize_t  got;

    do {
        got = getrandom(p, n, 0);
    } while (got == -1 && errno == EINTR);

    return got == (ssize_t) n ? 0 : -1;
}
