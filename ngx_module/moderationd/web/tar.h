/*
 * tar.h - files into one tar (POSIX ustar), in memory, the same bytes for the
 * same files: no owner, no time but the one given.
 */

#ifndef MDD_TAR_H
#define MDD_TAR_H

#include "moderationd/moderationd.h"

typedef struct {
    mdd_buf_t   out;
    mdd_buf_t   manifest;               /* "SHA-256  name" lines             */
    int64_t     time;                   /* seconds                           */
    int         files;
} mdd_tar_t;

/* name: up to 99 bytes; p stays the caller's */
void mdd_tar_add(mdd_tar_t *t, const char *name, const void *p, size_t n);
/* MANIFEST, and the end; digest: of the manifest, hex */
void mdd_tar_end(mdd_tar_t *t, char digest[65]);
void mdd_tar_free(mdd_tar_t *t);

#endif
