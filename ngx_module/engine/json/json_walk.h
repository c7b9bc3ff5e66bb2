/*
 * json_walk.h - a unit of JSON is read, for one width of register.
 *
 * TARGET is the attribute of its functions, ENDS(p) the quotes and backslashes
 * among the 32 bytes at p, a bit a byte, HITS(p, c) the bytes c, OTHER(a, b)
 * the bytes of the 32 at each that are not the same, READY(p, n) whether n
 * bytes are a text as it stands (0: perhaps), WALK the name of the loop,
 * STRING, VALUE, REST, SAME, SEARCH and HOLE those of what it calls; they are
 * taken back at the end.
 *
 * LOOK bytes can be read at each place where a hole begins.
 */

/* the quote that ends the string with a backslash at q, or NULL: it is not
 * before far + 64 */

TARGET static __attribute__((noinline)) const uint8_t *
STRING(const uint8_t *q, const uint8_t *far)
{
    uint8_t   carry;
    uint64_t  quotes, slashes;

    for (carry = 0; q <= far; q += 64) {
        quotes = HITS(q, '"') | (uint64_t) HITS(q + 32, '"') << 32;
        slashes = HITS(q, '\\') | (uint64_t) HITS(q + 32, '\\') << 32;

        if ((slashes | carry) != 0) {
            quotes &= ~mdr_escaped(slashes, &carry);
        }

        if (quotes != 0) {
            return q + __builtin_ctzll(quotes);
        }
    }

    return NULL;
}


/* behind the brackets that open at q; NULL: not before far + 64, or (*none)
 * they hold what only broken bodies have, or JavaScript beyond JSON */

TARGET static __attribute__((noinline)) const uint8_t *
VALUE(const uint8_t *q, const uint8_t *far, int js, int *none)
{
    uint8_t   carry;
    uint64_t  inside, slashes, odd, opened, closed, bit;
    uint32_t  depth;

#define BITS(c)  (HITS(q, c) | (uint64_t) HITS(q + 32, c) << 32)

    *none = *q != '{' && *q != '[';

    for (carry = 0, inside = 0, depth = 0; q <= far && !*none; q += 64) {
        slashes = BITS('\\');
        opened = BITS('{') | BITS('[');
        closed = BITS('}') | BITS(']');
        bit = slashes | carry ? mdr_escaped(slashes, &carry) : 0;
        inside = mdr_inside(BITS('"') & ~bit, (int) (inside >> 63));
        opened &= ~inside;
        closed &= ~inside;
        odd = slashes & ~inside;

        if (js) {
            odd |= (BITS('\'') | BITS('`') | BITS('/') | BITS('(') | BITS(')'))
                   & ~inside;
            odd |= BITS('\n') & inside;
        }

        if ((uint32_t) __builtin_popcountll(closed) < depth) {
            depth -= (uint32_t) __builtin_popcountll(closed);
            closed = 0;                 /* it does not end here              */
        }

        for ( ; closed != 0; closed &= closed - 1) {
            bit = closed & -closed;
            depth += (uint32_t) __builtin_popcountll(opened & (bit - 1));
            opened &= ~(bit - 1);

            if (--depth == 0) {
                q += __builtin_ctzll(bit);
                *none |= (odd & (bit - 1)) != 0;
                return *none ? NULL : q + 1;
            }
        }

        depth += (uint32_t) __builtin_popcountll(opened);
        *none |= odd != 0;
    }

#undef BITS

    return NULL;
}


/* the bytes of a literal behind its first 32 */

TARGET static inline int
REST(const mdr_markup_t *m, const mdr_lit_t *l, const uint8_t *q)
{
    uint32_t        n;
    const uint8_t  *bytes;

    bytes = m->bytes.data + l->bytes;

    for (n = 32; l->len - n >= 32; n += 32) {
        if (OTHER(q + n, bytes + n) != 0) {
            return 0;
        }
    }

    return n == l->len || OTHER(q + n, bytes + n) << (32 - (l->len - n)) == 0;
}


/* does the literal stand at q, as a whole before end? */

TARGET static inline int
SAME(const mdr_markup_t *m, const mdr_lit_t *l, const uint8_t *q,
    const uint8_t *end)
{
    return (OTHER(q, l->head) & (uint32_t) l->mask) == 0
           && (l->len <= 32
               || ((size_t) (end - q) >= (size_t) l->len + 32
                   && REST(m, l, q)));
}


/* the literal of the state that stands at q, or 0: none, or (*cut) perhaps one
 * that has not come as a whole */

TARGET static __attribute__((noinline)) uint32_t
SEARCH(const mdr_markup_t *m, uint32_t state, const uint8_t *q,
    const uint8_t *end, int *cut)
{
    uint32_t          k;
    const mdr_lit_t  *l;

    for (k = m->states[state].first; k != 0; k = l->next) {
        l = &m->literals[k - 1];

        if (SAME(m, l, q, end)) {
            return k;
        }

        *cut |= l->len > 32 && (size_t) (end - q) < (size_t) l->len + 32
                && (OTHER(q, l->head) & (uint32_t) l->mask) == 0;
    }

    return 0;
}


/* the end of a hole of that kind at q; NULL: not before far + 64, or (*none)
 * it is none.  odd: it has escapes */

TARGET static inline const uint8_t *
HOLE(uint8_t hole, const uint8_t *q, const uint8_t *far, int *none,
    uint8_t *odd)
{
    uint32_t  ends;

    *none = 0;
    *odd = 0;

    if (hole == MDR_HOLE_STRING) {
        for (ends = ENDS(q); ends == 0; ends = ENDS(q)) {
            q += 32;

            if (q > far) {
                return NULL;
            }
        }

        q += __builtin_ctz(ends);

        if (*q == '"') {
            return q;
        }

        *odd = 1;

        return STRING(q, far);
    }

    return hole == MDR_HOLE_WORD ? word_end(q, none)
           : hole == MDR_HOLE_NONE ? q
           : VALUE(q, far, hole == MDR_HOLE_JS_VALUE, none);
}


/* What stood behind a literal the last time is asked for first. */

TARGET static size_t
WALK(const mdr_markup_t *m, uint32_t begin, mdr_json_walk_t *w)
{
    int                     none, cut;
    uint8_t                 odd;
    uint32_t                i, k;
    const uint8_t          *p, *q, *end, *far, *from;
    mdr_lit_t              *l, *lits;
    mdr_json_walk_text_t   *t;

    p = w->p;
    end = w->end;
    q = p;
    none = 0;
    lits = m->literals;
    t = w->texts;
    far = end - p > MDR_UNIT_MAX ? p + MDR_UNIT_MAX - LOOK : end - LOOK;
    cut = end - p < LOOK;
    k = cut ? 0 : SEARCH(m, begin, q, end, &cut);
    l = k != 0 ? &lits[k - 1] : NULL;
    w->more = 0;
    w->order = 0;
    w->odd[0] = 0;
    w->lit[0] = k;
    w->at[0] = 0;
    i = k != 0;

    while (k != 0 && i < MDR_UNIT_STEPS) {
        q += l->len;
        from = q;
        cut = q > far;

        if (cut) {
            break;
        }

        q = HOLE(l->behind, q, far, &none, &odd);

        if (q == NULL) {
            q = from;
            cut = !none;
            break;
        }

        k = l->then;

        if (k == 0 || !SAME(m, &lits[k - 1], q, end)) {
            k = SEARCH(m, l->to, q, end, &cut);

            if (k == 0) {
                break;
            }

            l->then = k;
        }

        l = &lits[k - 1];

        if (l->text) {
            if (l->text > MDR_UNIT_PLACES || t == w->texts + MDR_CARD_TEXTS) {
                w->more = 1;

            } else {
                t->p = from;
                t->n = (uint32_t) (q - from);
                t->place = l->text - 1u;
                t->hole = l->hole;
                t->odd = odd;
                t->ready = l->hole == MDR_HOLE_STRING && !odd && q != from
                           && READY(from, t->n);
                w->order |= t != w->texts && t[-1].place >= t->place;
                t++;
            }
        }

        w->odd[i] = odd;
        w->lit[i] = k;
        w->at[i++] = (uint32_t) (q - p);

        if (l->to == begin) {
            w->n = i;
            w->len = (uint32_t) (q - p) + l->len;
            w->ntexts = (uint32_t) (t - w->texts);
            return w->len;
        }
    }

    w->n = i;
    w->len = (uint32_t) (q - p);
    w->cut = cut && end - p <= MDR_UNIT_MAX;

    return 0;
}


#undef TARGET
#undef ENDS
#undef HITS
#undef OTHER
#undef READY
#undef STRING
#undef VALUE
#undef REST
#undef SAME
#undef SEARCH
#undef HOLE
#undef WALK
