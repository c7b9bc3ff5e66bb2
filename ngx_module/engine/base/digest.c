/*
 * digest.c - SHA-256 (FIPS 180-4).
 */

#include "digest.h"

#include <string.h>


static const uint32_t  K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1,
    0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3,
    0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
    0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147,
    0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
    0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
    0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
    0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208,
    0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2
};


static inline uint32_t
rotate(uint32_t x, unsigned n)
{
    return x >> n | x << (32 - n);
}


static void
block(mdr_sha256_t *s, const uint8_t *p)
{
    unsigned  i;
    uint32_t  w[64], v[8], t1, t2;

    for (i = 0; i < 16; i++) {
        w[i] = (uint32_t) p[4 * i] << 24 | (uint32_t) p[4 * i + 1] << 16
               | (uint32_t) p[4 * i + 2] << 8 | p[4 * i + 3];
    }

    for ( ; i < 64; i++) {
        w[i] = w[i - 16] + w[i - 7]
               + (rotate(w[i - 15], 7) ^ rotate(w[i - 15], 18)
                  ^ w[i - 15] >> 3)
               + (rotate(w[i - 2], 17) ^ rotate(w[i - 2], 19)
                  ^ w[i - 2] >> 10);
    }

    memcpy(v, s->h, sizeof(v));

    for (i = 0; i < 64; i++) {
        t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25))
             + ((v[4] & v[5]) ^ (~v[4] & v[6])) + K[i] + w[i];
        t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22))
             + ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(uint32_t));
        v[4] += t1;
        v[0] = t1 + t2;
    }

    for (i = 0; i < 8; i++) {
        s->h[i] += v[i];
    }
}


void
mdr_sha256_init(mdr_sha256_t *s)
{
    static const uint32_t  h[8] = {
        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19
    };

    memcpy(s->h, h, sizeof(h));
    s->len = 0;
}


void
mdr_sha256_add(mdr_sha256_t *s, const void *data, size_t n)
{
    size_t          have, take;
    const uint8_t  *p;

    if (n == 0) {
        return;
    }

    p = data;
    have = (size_t) (s->len & 63);
    s->len += n;

    if (have != 0) {
        take = n < 64 - have ? n : 64 - have;
        memcpy(s->block + have, p, take);
        p += take;
        n -= take;

        if (have + take < 64) {
            return;
        }

        block(s, s->block);
    }

    for ( ; n >= 64; p += 64, n -= 64) {
        block(s, p);
    }

    if (n != 0) {
        memcpy(s->block, p, n);
    }
}


void
mdr_sha256_done(mdr_sha256_t *s, uint8_t out[32])
{
    unsigned  i;
    uint8_t   end[72];
    size_t    pad;
    uint64_t  bits;

    bits = s->len * 8;
    pad = (size_t) ((s->len & 63) < 56 ? 56 - (s->len & 63)
                                       : 120 - (s->len & 63));
    memset(end, 0, sizeof(end));
    end[0] = 0x80;

    for (i = 0; i < 8; i++) {
        end[pad + i] = (uint8_t) (bits >> (56 - 8 * i));
    }

    mdr_sha256_add(s, end, pad + 8);

    for (i = 0; i < 32; i++) {
        out[i] = (uint8_t) (s->h[i / 4] >> (24 - 8 * (i % 4)));
    }
}


void
mdr_sha256_hex(mdr_sha256_t *s, char out[33])
{
    unsigned  i;
    uint8_t   d[32];

    static const char  hex[] = "0123456789abcdef";

    mdr_sha256_done(s, d);

    for (i = 0; i < 16; i++) {
        out[2 * i] = hex[d[i] >> 4];
        out[2 * i + 1] = hex[d[i] & 15];
    }

    out[32] = '\0';
}
