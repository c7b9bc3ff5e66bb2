/*
 * match_ngram.c - the filter: where in a row of classes may an anchor stand?
 *
 * Each pair of classes is looked up once, eight at a time where the machine
 * has AVX2 (asked when the policy is opened) or NEON (which every 64-bit ARM
 * has).  All loops note the same places.
 */

#include "match_work.h"

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#define HAVE_WIDE  1
#elif defined(__aarch64__) && defined(__ARM_NEON)
#include <arm_neon.h>
#define HAVE_NEON  1
#endif


/* the filter: places of cls[from, n) that may be an anchor */

static size_t
filter_plain(const mdr_matcher_t *m, const uint16_t *cls, size_t from, size_t n,
    uint32_t *out)
{
    size_t           i, k;
    uint32_t         h, word, bits, shift, single;
    const uint32_t  *bloom;

    bloom = m->bloom;
    shift = m->pair_shift;
    single = m->h.single;

    for (i = from, k = 0; i < n; i++) {
        h = mdr_lex_pair(cls[i], cls[i + 1]);
        word = bloom[h >> shift];
        bits = 1u << mdr_lex_third(cls[i + 2])
               | 0x10000u << (h >> (shift - 4) & 15);

        out[k] = (uint32_t) i;
        k += ((word & bits) != 0 && cls[i] >= MDR_CL_FIRST)
             | (cls[i] >= single);
    }

    return k;
}


#if (HAVE_WIDE)

__attribute__((target("avx2,bmi")))
static size_t
filter_wide(const mdr_matcher_t *m, const uint16_t *cls, size_t n,
    uint32_t *out)
{
    size_t           i, k;
    __m128i          x, y, shift, low;
    __m256i          pair, h, word, bits, one, high, first, single, a, hit;
    unsigned         mask, j;
    const int       *bloom;

    bloom = (const int *) (const void *) m->bloom;
    shift = _mm_cvtsi32_si128((int) m->pair_shift);
    low = _mm_cvtsi32_si128((int) m->pair_shift - 4);
    one = _mm256_set1_epi32(1);
    high = _mm256_set1_epi32(0x10000);
    first = _mm256_set1_epi32(MDR_CL_FIRST - 1);
    single = _mm256_set1_epi32((int) m->h.single - 1);
    k = 0;

    for (i = 0; i + 8 <= n; i += 8) {
        x = _mm_loadu_si128((const __m128i *) (const void *) (cls + i));
        y = _mm_loadu_si128((const __m128i *) (const void *) (cls + i + 1));

        pair = _mm256_set_m128i(_mm_unpackhi_epi16(x, y),
                                _mm_unpacklo_epi16(x, y));
        h = _mm256_mullo_epi32(pair, _mm256_set1_epi32((int) MDR_LEX_PAIR));
        word = _mm256_i32gather_epi32(bloom, _mm256_srl_epi32(h, shift), 4);

        a = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)
                                             (const void *) (cls + i + 2)));
        a = _mm256_srli_epi32(_mm256_mullo_epi32(a,
                                  _mm256_set1_epi32((int) MDR_LEX_THIRD)),
                              28);
        bits = _mm256_sllv_epi32(one, a);
        h = _mm256_and_si256(_mm256_srl_epi32(h, low),
                             _mm256_set1_epi32(15));
        bits = _mm256_or_si256(bits, _mm256_sllv_epi32(high, h));

        /* hit: not (no bit), and a class that is in some term */

        a = _mm256_and_si256(pair, _mm256_set1_epi32(0xffff));
        hit = _mm256_cmpeq_epi32(_mm256_and_si256(word, bits),
                                 _mm256_setzero_si256());
        hit = _mm256_andnot_si256(hit, _mm256_cmpgt_epi32(a, first));
        hit = _mm256_or_si256(hit, _mm256_cmpgt_epi32(a, single));

        mask = (unsigned) _mm256_movemask_ps(_mm256_castsi256_ps(hit));

        if (mask == 0) {
            continue;
        }

        /* most blocks have none; how many the others have is not foreseen */

        for (j = 0; j < 8; j++) {
            out[k] = (uint32_t) i + j;
            k += mask >> j & 1;
        }
    }

    return k + filter_plain(m, cls, i, n, out + k);
}

#endif


#if (HAVE_NEON)

/* of four places: pairs, and what follows them */

static inline uint32x4_t
hits_of(const mdr_matcher_t *m, uint32x4_t a, uint32x4_t b, uint32x4_t c)
{
    uint32_t    w[4];
    int32x4_t   third, low;
    uint32x4_t  h, at, word, bits;

    h = vmulq_n_u32(vorrq_u32(a, vshlq_n_u32(b, 16)), MDR_LEX_PAIR);
    at = vshlq_u32(h, vdupq_n_s32(-(int) m->pair_shift));
    w[0] = m->bloom[vgetq_lane_u32(at, 0)];
    w[1] = m->bloom[vgetq_lane_u32(at, 1)];
    w[2] = m->bloom[vgetq_lane_u32(at, 2)];
    w[3] = m->bloom[vgetq_lane_u32(at, 3)];
    word = vld1q_u32(w);

    third = vreinterpretq_s32_u32(vshrq_n_u32(vmulq_n_u32(c, MDR_LEX_THIRD),
                                              28));
    low = vreinterpretq_s32_u32(vandq_u32(
              vshlq_u32(h, vdupq_n_s32(4 - (int) m->pair_shift)),
              vdupq_n_u32(15)));
    bits = vorrq_u32(vshlq_u32(vdupq_n_u32(1), third),
                     vshlq_u32(vdupq_n_u32(0x10000), low));

    return vorrq_u32(vandq_u32(vtstq_u32(word, bits),
                               vcgtq_u32(a, vdupq_n_u32(MDR_CL_FIRST - 1))),
                     vcgtq_u32(a, vdupq_n_u32(m->h.single - 1)));
}


static size_t
filter_neon(const mdr_matcher_t *m, const uint16_t *cls, size_t n,
    uint32_t *out)
{
    size_t      i, k;
    unsigned    at;
    uint64_t    mask;
    uint16x8_t  a, b, c, hit;

    for (i = 0, k = 0; i + 8 <= n; i += 8) {
        a = vld1q_u16(cls + i);
        b = vld1q_u16(cls + i + 1);
        c = vld1q_u16(cls + i + 2);

        hit = vcombine_u16(
            vmovn_u32(hits_of(m, vmovl_u16(vget_low_u16(a)),
                              vmovl_u16(vget_low_u16(b)),
                              vmovl_u16(vget_low_u16(c)))),
            vmovn_u32(hits_of(m, vmovl_u16(vget_high_u16(a)),
                              vmovl_u16(vget_high_u16(b)),
                              vmovl_u16(vget_high_u16(c)))));

        mask = vget_lane_u64(vreinterpret_u64_u8(vmovn_u16(hit)), 0)
               & 0x0101010101010101u;

        while (mask != 0) {
            at = (unsigned) __builtin_ctzll(mask) / 8;
            out[k++] = (uint32_t) i + at;
            mask &= mask - 1;
        }
    }

    return k + filter_plain(m, cls, i, n, out + k);
}

#endif


size_t
mdr_match_ngrams(const mdr_matcher_t *m, const uint16_t *cls, size_t n,
    uint32_t *out)
{
#if (HAVE_WIDE)
    if (m->wide) {
        return filter_wide(m, cls, n, out);
    }
#elif (HAVE_NEON)
    if (m->wide) {
        return filter_neon(m, cls, n, out);
    }
#endif

    return filter_plain(m, cls, 0, n, out);
}
