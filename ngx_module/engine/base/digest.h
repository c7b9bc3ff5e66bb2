/*
 * digest.h - SHA-256 (FIPS 180-4): which version of a policy is this.
 */

#ifndef MDR_DIGEST_H
#define MDR_DIGEST_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t  h[8];
    uint8_t   block[64];
    uint64_t  len;
} mdr_sha256_t;

/* one block; is_wide: by the machine's own instructions, where it has them */
int mdr_sha256_wide(void);
void mdr_sha256_block(int is_wide, uint32_t h[8], const uint8_t *p);

void mdr_sha256_init(mdr_sha256_t *s);
void mdr_sha256_add(mdr_sha256_t *s, const void *p, size_t n);
void mdr_sha256_done(mdr_sha256_t *s, uint8_t out[32]);
/* the first 128 bits as 32 hex digits and a NUL */
void mdr_sha256_hex(mdr_sha256_t *s, char out[33]);

#endif
