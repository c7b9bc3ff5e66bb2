/*
 * markup_walk.h - a unit is read, for one width of register.
 *
 * TARGET is the attribute of its functions, HITS(p, c) the bytes c among the
 * 64 at p, a bit a byte, OTHER(a, b) the bytes of the 64 at each that are not
 * the same, READY(p, n) whether n bytes are a text as it stands (0: perhaps),
 * WALK the name of the loop, REST and ENDING those of what compares literals;
 * they are taken back at the end.
 *
 * LOOK bytes can be read at each place where it begins to look for the end of
 * a hole: 64 for that, 64 for the head of a literal.
 */

/* the bytes of a literal behind its head */

TARGET static inline int
REST(const uint8_t *q, const uint8_t *bytes, uint32_t len)
{
    uint32_t  n;

    for (n = MDR_LIT_HEAD; len - n >= 64 && OTHER(q + n, bytes + n) == 0;
         n += 64)
    {
        /* void */
    }

    n = len - n;

    return n == 0 || (n < 64 && OTHER(q + len - n, bytes + len - n)
                                << (64 - n) == 0);
}


/* where the shortest unit is asked for, what ends it comes first: that literal
 * at q, or the first of the state */

TARGET static __attribute__((noinline)) uint32_t
ENDING(const mdr_markup_t *m, const mdr_state_t *s, uint32_t begin,
    const uint8_t *q, const uint8_t *end)
{
    uint32_t          k;
    const mdr_lit_t  *l;

    for (k = s->first; k != 0; k = l->next) {
        l = &m->literals[k - 1];

        if (l->to == begin && (OTHER(q, l->head) & l->mask) == 0
            && (l->len <= MDR_LIT_HEAD
                || ((size_t) (end - q) >= (size_t) l->len + 64
                    && REST(q, m->bytes.data + l->bytes, l->len))))
        {
            return k;
        }
    }

    return s->first;
}


TARGET static size_t
WALK(const mdr_markup_t *m, uint32_t begin, mdr_walk_t *w)
{
    uint32_t            i, k, to, hash, depth, live;
    uint64_t            hits;
    const uint8_t      *p, *q, *end, *far, *from;
    const mdr_lit_t    *l, *all;
    const mdr_state_t  *s, *states;

    i = 0;
    hash = 0;
    p = w->p;
    end = w->end;
    q = p;
    from = p;
    to = begin;
    depth = w->depth;
    live = w->live;
    w->cut = 0;
    w->ready = 0;
    all = m->literals - 1;
    states = m->states;

    if (end - p < LOOK) {
        goto cut;
    }

    far = end - p > MDR_UNIT_MAX ? p + MDR_UNIT_MAX - LOOK : end - LOOK;

    for ( ;; ) {
        s = &states[to];

        for ( ;; ) {
            hits = HITS(q, (char) s->stop);

            if (hits != 0) {
                break;
            }

            q += 64;

            if (q > far) {
                goto behind;
            }
        }

        q += __builtin_ctzll(hits);
        k = w->shortest ? ENDING(m, s, begin, q, end) : s->first;

        for ( ;; k = l->next) {
            if (k == 0) {
                goto none;
            }

            l = &all[k];

            if ((OTHER(q, l->head) & l->mask) != 0) {
                continue;
            }

            if (l->len <= MDR_LIT_HEAD) {
                break;
            }

            if ((size_t) (end - q) < (size_t) l->len + 64) {
                goto cut;
            }

            if (REST(q, m->bytes.data + l->bytes, l->len)) {
                break;
            }
        }

        if (i == MDR_UNIT_STEPS || l->low < depth || l->live < live) {
            goto none;
        }

        /* asked here it costs nothing: what comes next waits for the end of
         * the hole only */

        if (l->text && q != from && i < 64) {
            w->ready |= (uint64_t) READY(from, (size_t) (q - from)) << i;
        }

        w->lit[i] = k;
        w->at[i++] = (uint32_t) (q - p);
        hash = (hash ^ k) * 0x9e3779b1u;
        q += l->len;
        from = q;
        to = l->to;

        if (to == begin) {
            w->n = i;
            w->len = (uint32_t) (q - p);
            w->hash = hash ^ hash >> 16;

            return w->len;
        }

        if (q > far) {
            goto behind;
        }
    }

behind:

    if (end - q >= LOOK) {
        goto none;
    }

cut:

    w->cut = 1;

none:

    w->n = i;
    w->len = (uint32_t) (q - p);

    return 0;
}


#undef TARGET
#undef HITS
#undef OTHER
#undef READY
#undef WALK
#undef REST
#undef ENDING
