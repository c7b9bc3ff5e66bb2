/*
 * match_quick.c - what nearly every candidate is: one term of a text of the
 * fast way, of three bytes a class or with its very bytes, or a word of ASCII.
 */

#include "match_verify.h"

#include <string.h>


/* ASCII that is seen, and neither letter nor digit */

static inline int
is_blank(uint8_t c)
{
    return c >= ' ' && c < 0x7f && (uint8_t) ((c | 0x20) - 'a') > 25
           && (uint8_t) (c - '0') > 9;
}


/* are n letters and digits of ASCII the same, as far as case matters? */

static inline int
equal_letters(const uint8_t *a, const uint8_t *b, size_t n)
{
    size_t    i;
    uint8_t   d;
    uint64_t  x, y, z, u;

    if (n >= 8 && n <= 16) {
        memcpy(&x, a, 8);
        memcpy(&y, b, 8);
        memcpy(&z, a + n - 8, 8);
        memcpy(&u, b + n - 8, 8);

        return (((x ^ y) | (z ^ u)) & 0xdfdfdfdfdfdfdfdfULL) == 0;
    }

    for (i = 0, d = 0; i < n; i++) {
        d |= a[i] ^ b[i];
    }

    return (d & 0xdf) == 0;
}


/* A word of ASCII in the bytes [begin, end), all of whose characters are its
 * own or the same in another case: is it there, between ASCII that is neither
 * letter nor digit?  0: that is not to be seen here. */

static inline int
quick_word(const mdr_lex_pattern_t *p, const uint8_t *text,
    const uint8_t *at, const uint8_t *begin, const uint8_t *end)
{
    size_t   n;
    uint8_t  before, behind;

    n = p->len;
    before = at > begin ? at[-1] : ' ';
    behind = (size_t) (end - at) > n ? at[n] : ' ';

    return (p->user.flags & MDR_TERM_PLAIN) && p->user.len == n
           && (size_t) (end - at) >= n && is_blank(before) && is_blank(behind)
           && (p->user.flags & MDR_TERM_CASE
               ? equal_letters(at, text + p->user.text, n)
               : memcmp(at, text + p->user.text, n) == 0);
}


/* the text in hand: bytes [base, last) of the batch's, its separator ends at
 * `stop` */

typedef struct {
    const uint8_t  *bytes, *terms;
    uint32_t        base, last, stop;
} quick_t;


/* where the term of a pattern ends that begins at `start`, and whose last class
 * ends at `end` if it has three bytes; 0: that is not to be seen here */

static inline __attribute__((always_inline)) uint32_t
quick_end(const quick_t *q, const mdr_lex_pattern_t *p, uint32_t start,
    uint32_t end)
{
    const mdr_lex_user_t  *u;

    u = &p->user;

    if (u->flags & (MDR_TERM_HEAD | MDR_TERM_TAIL | MDR_TERM_CASE)) {
        return quick_word(p, q->terms, q->bytes + start, q->bytes + q->base,
                          q->bytes + q->last)
               ? start + u->len : 0;
    }

    if ((u->flags & MDR_TERM_WIDE) && end - start == 3u * p->len
        && q->bytes[end - 3] < 0xf0)
    {
        return end;
    }

    return (u->flags & MDR_TERM_PLAIN) && start + u->len <= q->stop
           && memcmp(q->bytes + start, q->terms + u->text, u->len) == 0
           ? start + u->len : 0;
}


size_t
mdr_match_quick(mdr_verify_t *v, size_t i)
{
    size_t                    n;
    quick_t                   q;
    uint32_t                  start, end, rule;
    mdr_raw_hit_t            *h, *first;
    const uint32_t           *pos;
    const uint64_t           *reads;
    const mdr_lex_user_t     *u, *next;
    const mdr_candidate_t    *c;
    const mdr_lex_pattern_t  *patterns, *p;

    patterns = v->m->patterns;
    q.terms = (const uint8_t *) v->m->text;
    q.bytes = v->w->bytes;
    q.base = v->w->start[v->subject];
    q.last = q.base + v->subjects[v->subject].len;
    q.stop = v->w->start[v->subject + 1];
    pos = v->row->pos;
    reads = v->reads;
    first = v->hits->hits + v->hits->n;
    h = first;
    n = v->w->ncands;
    c = v->w->cands + i;
    rule = UINT32_MAX;

    for ( ; i < n && c->subject == v->subject; i++, c++) {
        p = &patterns[c->pattern];
        u = &p->user;

        /* the text of a term is far away, in large lexicons */

        if (MDR_USE_AHEAD && i + 6 < n) {
            next = &patterns[c[6].pattern].user;
            __builtin_prefetch(q.terms + (next->text & ((next->flags
                                                      / MDR_TERM_WIDE & 1u)
                                                     - 1)));
        }

        if ((u->group & (MDR_USER_REGEX | MDR_USER_EXCEPT))
            || (u->flags & MDR_TERM_LIST))
        {
            break;
        }

        if (u->rule != rule) {
            rule = u->rule;
            if (!(reads[rule / 64] >> (rule % 64) & 1)) {
                break;
            }
        }

        start = pos[c->at];
        end = quick_end(&q, p, start, pos[c->at + p->len - 1] + 3);

        if (end == 0) {
            break;
        }

        start -= q.base;

        if (h != v->hits->hits && h[-1].start == start
            && h[-1].subject == v->subject && h[-1].rule == rule
            && !(u->flags & MDR_TERM_WEIGHED))
        {
            break;                      /* the same place again              */
        }

        mdr_verify_set_hit(h++, u, v->subject, start, end - q.base);
    }

    n = (size_t) (h - first);
    v->hits->n += n;
    v->hits->candidates += n;
    v->hits->meter.steps += n;

    return i;
}
