/* tar.c - see tar.h; IEEE Std 1003.1, pax, "ustar Interchange Format" */

#include "tar.h"
#include "moderationd/log/tree.h"

#include <stdio.h>
#include <string.h>

#define BLOCK  512


static void
put(mdd_tar_t *t, const char *name, const void *p, size_t n)
{
    char        head[BLOCK] = { 0 };
    size_t      i;
    unsigned    sum = 0;
    static const char  zero[BLOCK];

    snprintf(head, 100, "%s", name);
    snprintf(head + 100, 8, "%07o", 0644);
    snprintf(head + 108, 8, "%07o", 0);
    snprintf(head + 116, 8, "%07o", 0);
    snprintf(head + 124, 12, "%011llo", (unsigned long long) n);
    snprintf(head + 136, 12, "%011llo", (unsigned long long) t->time);
    memset(head + 148, ' ', 8);
    head[156] = '0';
    memcpy(head + 257, "ustar", 6);
    memcpy(head + 263, "00", 2);

    for (i = 0; i < BLOCK; i++) {
        sum += (uint8_t) head[i];
    }

    snprintf(head + 148, 8, "%06o", sum & 0777777);
    head[155] = ' ';
    mdd_buf_add(&t->out, head, BLOCK);
    mdd_buf_add(&t->out, p, n);

    if (n % BLOCK) {
        mdd_buf_add(&t->out, zero, BLOCK - n % BLOCK);
    }
}


void
mdd_tar_add(mdd_tar_t *t, const char *name, const void *p, size_t n)
{
    char        hex[65];
    mdd_hash_t  h;

    mdd_hash(h, p, n);
    mdd_hex(hex, h, MDD_HASH);
    mdd_buf_fmt(&t->manifest, "%s  %s\n", hex, name);
    put(t, name, p, n);
    t->files++;
}


void
mdd_tar_end(mdd_tar_t *t, char digest[65])
{
    mdd_hash_t         h;
    static const char  zero[2 * BLOCK];

    mdd_hash(h, t->manifest.n ? t->manifest.p : "", t->manifest.n);
    mdd_hex(digest, h, MDD_HASH);
    put(t, "MANIFEST", t->manifest.n ? t->manifest.p : "", t->manifest.n);
    mdd_buf_add(&t->out, zero, sizeof(zero));
}


void
mdd_tar_free(mdd_tar_t *t)
{
    mdd_buf_free(&t->out);
    mdd_buf_free(&t->manifest);
}
