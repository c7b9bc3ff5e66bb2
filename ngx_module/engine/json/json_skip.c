/*
 * json_skip.c - passing over JSON that nobody wants, 64 bytes at a time.
 *
 * A block becomes masks, a bit a byte: quotes that are not escaped, from
 * them what is inside a string, and the brackets outside.  How many open and
 * close is all that is needed as long as the depth cannot reach zero within
 * the block; where it can, its brackets are looked at one by one.  For what
 * only broken bodies have, and for less than a block, byte by byte.
 */

#include "json.h"
#include "json_block.h"

#include <string.h>


#ifdef MDR_BLOCKS

typedef struct {
    uint64_t  quote, slash, open, close, line;
} masks_t;


__attribute__((target("avx2")))
static inline void
masks(masks_t *m, const uint8_t *p)
{
    int      i;
    __m256i  v, l;

    memset(m, 0, sizeof(masks_t));

    for (i = 0; i < 64; i += 32) {
        v = _mm256_loadu_si256((const __m256i *) (const void *) (p + i));
        l = _mm256_or_si256(v, _mm256_set1_epi8(0x20));     /* [ { and ] }   */

        m->quote |= MDR_MASK(v, '"', i);
        m->slash |= MDR_MASK(v, '\\', i);
        m->open |= MDR_MASK(l, '{', i);
        m->close |= MDR_MASK(l, '}', i);
        m->line |= MDR_MASK(v, '\n', i);
    }
}


/* bytes passed; s->depth is 0 where the value has ended */

__attribute__((target("avx2,popcnt,bmi")))
static size_t
blocks(const uint8_t *p, size_t n, int lines, mdr_json_skip_t *s)
{
    size_t    i;
    masks_t   m;
    uint8_t   carry;
    uint64_t  inside, escaped, open, close, both;

    for (i = 0; n - i >= 64; i += 64) {
        masks(&m, p + i);

        if (lines && m.line != 0) {
            break;
        }

        carry = s->escaped;
        escaped = mdr_escaped(m.slash, &carry);
        inside = mdr_inside(m.quote & ~escaped, s->string);

        if (m.slash & ~inside) {
            break;                      /* an escape outside of a string     */
        }

        m.open &= ~inside;
        m.close &= ~inside;
        open = (uint64_t) __builtin_popcountll(m.open);
        close = (uint64_t) __builtin_popcountll(m.close);

        if (close < s->depth) {
            s->depth += open - close;

        } else {
            for (both = m.open | m.close; both != 0; both &= both - 1) {

                if (m.open & both & -both) {
                    s->depth++;

                } else if (--s->depth == 0) {
                    return i + (size_t) __builtin_ctzll(both) + 1;
                }
            }
        }

        s->string = (uint8_t) (inside >> 63);
        s->escaped = carry;
    }

    return i;
}

#endif


size_t
mdr_json_pass_over(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at)
{
    int               ended, lines;
    size_t            i, k, stop;
    uint8_t           c;
    mdr_json_skip_t  *s;

    s = &j->skip;

    if (j->relaxed) {
        k = mdr_js_skip(&j->js, p, n, &ended);
        if (ended) {
            s->depth = 0;
            mdr_json_end(j, at + k);
        }
        return k;
    }

    lines = j->type == MDR_TYPE_NDJSON;

    for (i = 0; i < n; ) {

#ifdef MDR_BLOCKS
        if (n - i >= 64 && mdr_blocks()) {
            i += blocks(p + i, n - i, lines, s);

            if (s->depth == 0) {
                mdr_json_end(j, at + i);
                return i;
            }
        }
#endif

        for (stop = n - i > 64 ? i + 64 : n; i < stop; i++) {
            c = p[i];

            if (c == '\n' && lines) {
                j->broken = s->string ? "a line ends inside a string"
                                      : "a line ends inside a value";
                return i;
            }

            if (s->escaped) {
                s->escaped = 0;

            } else if (s->string) {
                s->escaped = c == '\\';
                s->string = c != '"';

            } else if (c == '"') {
                s->string = 1;

            } else if (c == '{' || c == '[') {
                s->depth++;

            } else if ((c == '}' || c == ']') && --s->depth == 0) {
                mdr_json_end(j, at + i + 1);
                return i + 1;
            }
        }
    }

    return n;
}
