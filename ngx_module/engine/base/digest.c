/*
 * digest.c - SHA-256 (FIPS 180-4), with the instructions that machines have for
 * it where they do: a line of the record takes a dozen blocks.
 */

#include "cpu.h"
#include "digest.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)
#include <cpuid.h>
#include <immintrin.h>
#define WIDE  1
#else
#define WIDE  0
#endif


static const uint32_t  K[64] __attribute__((aligned(16))) = {
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
plain(uint32_t h[8], const uint8_t *p)
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

    memcpy(v, h, sizeof(v));

    /* the eight move by one each round: their names do, unrolled */

#define V(k)  v[((k) - i) & 7]
#pragma GCC unroll 8
    for (i = 0; i < 64; i++) {
        t1 = V(7) + (rotate(V(4), 6) ^ rotate(V(4), 11) ^ rotate(V(4), 25))
             + ((V(4) & V(5)) ^ (~V(4) & V(6))) + K[i] + w[i];
        t2 = (rotate(V(0), 2) ^ rotate(V(0), 13) ^ rotate(V(0), 22))
             + ((V(0) & V(1)) ^ (V(0) & V(2)) ^ (V(1) & V(2)));
        V(3) += t1;
        V(7) = t1 + t2;
    }
#undef V

    for (i = 0; i < 8; i++) {
        h[i] += v[i];
    }
}


#if WIDE

/* four rounds at a time; state as the instructions want it, ABEF and CDGH */

__attribute__((target("sha,sse4.1")))
static void
wide(uint32_t h[8], const uint8_t *p)
{
    int      i;
    __m128i  m[4], abef, cdgh, was[2], t;

    const __m128i  order = _mm_set_epi64x(0x0c0d0e0f08090a0b,
                                          0x0405060700010203);

    t = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *) h), 0xb1);
    cdgh = _mm_shuffle_epi32(_mm_loadu_si128((const __m128i *) (h + 4)), 0x1b);
    abef = _mm_alignr_epi8(t, cdgh, 8);
    cdgh = _mm_blend_epi16(cdgh, t, 0xf0);
    was[0] = abef;
    was[1] = cdgh;

#pragma GCC unroll 16
    for (i = 0; i < 16; i++) {
        if (i < 4) {
            t = _mm_loadu_si128((const __m128i *) (p + 16 * i));
            m[i] = _mm_shuffle_epi8(t, order);

        } else {
            t = _mm_alignr_epi8(m[(i + 3) & 3], m[(i + 2) & 3], 4);
            t = _mm_add_epi32(t, _mm_sha256msg1_epu32(m[i & 3],
                                                      m[(i + 1) & 3]));
            m[i & 3] = _mm_sha256msg2_epu32(t, m[(i + 3) & 3]);
        }

        t = _mm_add_epi32(m[i & 3], _mm_load_si128((const __m128i *)
                                                   (K + 4 * i)));
        cdgh = _mm_sha256rnds2_epu32(cdgh, abef, t);
        abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(t, 0x0e));
    }

    abef = _mm_add_epi32(abef, was[0]);
    cdgh = _mm_add_epi32(cdgh, was[1]);
    t = _mm_shuffle_epi32(abef, 0x1b);
    cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128((__m128i *) h, _mm_blend_epi16(t, cdgh, 0xf0));
    _mm_storeu_si128((__m128i *) (h + 4), _mm_alignr_epi8(cdgh, t, 8));
}

#endif


int
mdr_sha256_wide(void)
{
#if WIDE
    unsigned    a, b, c, d;
    static int  have = -1;              /* the same for all who ask          */

    if (have < 0) {
        have = mdr_cpu() >= MDR_CPU_SSSE3
               && __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_1) != 0
               && __get_cpuid_count(7, 0, &a, &b, &c, &d)
               && (b & bit_SHA) != 0;
    }

    return have;
#else
    return 0;
#endif
}


void
mdr_sha256_block(int is_wide, uint32_t h[8], const uint8_t *p)
{
#if WIDE
    if (is_wide) {
        wide(h, p);
        return;
    }
#else
    (void) is_wide;
#endif

    plain(h, p);
}


static void
block(mdr_sha256_t *s, const uint8_t *p)
{
    mdr_sha256_block(mdr_sha256_wide(), s->h, p);
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
