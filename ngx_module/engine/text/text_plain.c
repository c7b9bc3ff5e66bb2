/*
 * text_plain.c - does a text need anything before it can be matched?
 *
 * Well-formed UTF-8, white space as single spaces and none at the start: that
 * is nearly every text, so this is the part of mdr_text_finish that counts.
 *
 * On x86 with SSSE3 16 bytes are looked at together (text_pairs.h).
 */

#include "text.h"
#include "text_pairs.h"
#include "base/cpu.h"
#include "base/utf8.h"

#include <string.h>

#if (MDR_TEXT_PAIRS)
#include <tmmintrin.h>
#endif


/* byte by byte; the general law */

static int
plain_bytes(const uint8_t *p, size_t n, int markup)
{
    int     before;
    size_t  i, len;

    i = 0;
    before = 1;                         /* the byte before was a space      */

    while (i < n) {
        if (p[i] < 0x80) {
            if (p[i] == ' ') {
                if (before) {
                    return 0;
                }
                before = 1;

            } else if ((p[i] >= '\t' && p[i] <= '\r' && p[i] != 0x0b)
                       || (markup && (p[i] == '&' || p[i] == 0)))
            {
                return 0;

            } else {
                before = 0;
            }

            i++;
            continue;
        }

        before = 0;

        if (mdr_utf8_next(p + i, n - i, &len) == MDR_CP_BAD
            && (len != 3 || p[i] != 0xef || p[i + 1] != 0xbf
                || p[i + 2] != 0xbd))
        {
            return 0;
        }

        i += len;
    }

    return 1;
}


#if (MDR_TEXT_PAIRS)

__attribute__((target("ssse3")))
static inline __m128i
pair_mistakes(__m128i first, __m128i second)
{
    __m128i  half, a, b, c;

    half = _mm_set1_epi8(15);

    a = _mm_shuffle_epi8(_mm_setr_epi8 MDR_PAIR_FIRST_HIGH,
                         _mm_and_si128(_mm_srli_epi16(first, 4), half));
    b = _mm_shuffle_epi8(_mm_setr_epi8 MDR_PAIR_FIRST_LOW,
                         _mm_and_si128(first, half));
    c = _mm_shuffle_epi8(_mm_setr_epi8 MDR_PAIR_SECOND_HIGH,
                         _mm_and_si128(_mm_srli_epi16(second, 4), half));

    return _mm_and_si128(_mm_and_si128(a, b), c);
}


/* p has 16 readable bytes behind p[n - 1], all zero */

__attribute__((target("ssse3")))
static inline __attribute__((always_inline)) int
blocks(const uint8_t *p, size_t n, int markup)
{
    size_t    i;
    __m128i   v, prev, wrong, due, blank, nul;
    unsigned  space, before;

    prev = _mm_setzero_si128();
    nul = prev;
    wrong = _mm_setzero_si128();
    before = 1;

    /* the zero behind the end shows a character that is cut */

    for (i = 0; i <= n; i += 16) {
        v = _mm_loadu_si128((const __m128i *) (const void *) (p + i));

        space = (unsigned) _mm_movemask_epi8(
                    _mm_cmpeq_epi8(v, _mm_set1_epi8(' ')));

        if (space & (space << 1 | before)) {
            return 0;
        }

        before = space >> 15;

        blank = _mm_andnot_si128(
                    _mm_cmpeq_epi8(v, _mm_set1_epi8(0x0b)),
                    _mm_and_si128(_mm_cmpgt_epi8(v, _mm_set1_epi8(8)),
                                  _mm_cmpgt_epi8(_mm_set1_epi8(14), v)));
        wrong = _mm_or_si128(wrong, blank);

        if (markup) {
            wrong = _mm_or_si128(wrong,
                                 _mm_cmpeq_epi8(v, _mm_set1_epi8('&')));

            /* the zeros behind the end are none */

            if (i + 16 <= n) {
                nul = _mm_or_si128(nul,
                                   _mm_cmpeq_epi8(v, _mm_setzero_si128()));

            } else if ((_mm_movemask_epi8(_mm_cmpeq_epi8(v,
                                                    _mm_setzero_si128()))
                        & ((1 << (n - i)) - 1)) != 0)
            {
                return 0;
            }
        }

        if (_mm_movemask_epi8(_mm_or_si128(v, prev)) != 0) {

            /* the high bit is set where a third or fourth byte is due */

            due = _mm_or_si128(
                      _mm_subs_epu8(_mm_alignr_epi8(v, prev, 14),
                                    _mm_set1_epi8(0x60)),
                      _mm_subs_epu8(_mm_alignr_epi8(v, prev, 13),
                                    _mm_set1_epi8(0x70)));
            due = _mm_and_si128(due, _mm_set1_epi8((char) 0x80));

            wrong = _mm_or_si128(wrong, _mm_xor_si128(due,
                        pair_mistakes(_mm_alignr_epi8(v, prev, 15), v)));
        }

        prev = v;
    }

    return _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_or_si128(wrong, nul),
                                            _mm_setzero_si128()))
           == 0xffff;
}


__attribute__((target("ssse3")))
static int
plain_blocks(const uint8_t *p, size_t n)
{
    return blocks(p, n, 0);
}


__attribute__((target("ssse3")))
static int
markup_blocks(const uint8_t *p, size_t n)
{
    return blocks(p, n, 1);
}

#endif


static inline int
is_plain(uint8_t *p, size_t n, size_t cap, int markup)
{
#if (MDR_TEXT_PAIRS)
    if (cap - n >= MDR_TEXT_PAD && mdr_cpu() >= MDR_CPU_SSSE3) {
        memset(p + n, 0, MDR_TEXT_PAD);
        return markup ? markup_blocks(p, n) : plain_blocks(p, n);
    }
#endif

    (void) cap;

    return plain_bytes(p, n, markup);
}


int
mdr_text_is_plain(uint8_t *p, size_t n, size_t cap)
{
    return is_plain(p, n, cap, 0);
}


int
mdr_text_is_plain_markup(uint8_t *p, size_t n, size_t cap)
{
    return is_plain(p, n, cap, 1);
}


int
mdr_text_is_plain_bytes(const uint8_t *p, size_t n)
{
    return plain_bytes(p, n, 1);
}
