/*
 * markup_walk.h - a unit is read, for one width of register.
 *
 * TARGET is the attribute of its functions, HITS(p, c) the bytes c among the
 * 64 at p, a bit a byte, OTHER(a, b) the bytes of the 64 at each that are not
 * the same, WALK the name of the loop, REST and FIND those of what compares
 * literals; they are taken back at the end.
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


/*
 * The literal at q behind state s, or 0: none is known there, or (w->cut) it may
 * go on behind the end.  One that leads out of the unit is none of it, a shorter
 * one may be.  What ends the unit comes first: elements of a list are units one
 * by one, and where one is not known the others are.
 */

TARGET static __attribute__((noinline)) uint32_t
FIND(const mdr_markup_t *m, mdr_walk_t *w, const mdr_state_t *s,
    uint32_t begin, const uint8_t *q)
{
    uint32_t          k, found;
    const mdr_lit_t  *l;

    found = 0;

    for (k = s->first; k != 0; k = l->next) {
        l = &m->literals[k - 1];

        if ((OTHER(q, l->head) & l->mask) != 0 || l->low < w->depth
            || l->live < w->live || (found != 0 && l->to != begin))
        {
            continue;
        }

        if (l->len > MDR_LIT_HEAD) {
            if ((size_t) (w->end - q) < (size_t) l->len + 64) {
                w->cut = 1;
                return 0;
            }

            if (!REST(q, m->bytes.data + l->bytes, l->len)) {
                continue;
            }
        }

        if (l->to == begin) {
            return k;
        }

        found = found != 0 ? found : k;
    }

    return found;
}


TARGET static size_t
WALK(const mdr_markup_t *m, uint32_t begin, mdr_walk_t *w)
{
    uint32_t            i, k, to, hash, above;
    uint64_t            hits;
    const uint8_t      *q, *far, *behind;
    const mdr_lit_t    *l;
    const mdr_state_t  *s;

    i = 0;
    hash = 0;
    q = w->p;
    to = begin;
    above = MDR_BOUNDS - ((w->depth + 1) | (w->live + 1) << 16);
    w->cut = 0;

    if (w->end - q < LOOK) {
        goto cut;
    }

    far = w->end - q > MDR_UNIT_MAX ? q + MDR_UNIT_MAX - LOOK : w->end - LOOK;

    for ( ;; ) {
        s = &m->states[to];

        if (s->hole == MDR_HOLE_BARE) {
            behind = bare_end(q);

            if (behind == NULL) {
                goto none;
            }

            q = behind;
            goto literal;
        }

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

literal:

        k = s->first;

        if (k == 0) {
            goto none;
        }

        l = &m->literals[k - 1];

        /* mostly it is the first, a short one that stays in the unit and is not
         * the beginning of another */

        if ((OTHER(q, l->head) & l->mask) != 0
            || ((l->quick + above) & MDR_BOUNDS) != MDR_BOUNDS)
        {
            k = FIND(m, w, s, begin, q);

            if (k == 0) {
                goto none;
            }

            l = &m->literals[k - 1];
        }

        if (i == MDR_UNIT_STEPS) {
            goto none;
        }

        w->lit[i] = k;
        w->at[i++] = (uint32_t) (q - w->p);
        hash = 3 * hash + k;
        q += l->len;
        to = l->to;

        if (to == begin) {
            w->n = i;
            w->len = (uint32_t) (q - w->p);
            hash *= 0x9e3779b1u;
            w->hash = hash ^ hash >> 16;

            return w->len;
        }

        if (q > far) {
            goto behind;
        }
    }

behind:

    if (w->end - q >= LOOK) {
        goto none;
    }

cut:

    w->cut = 1;

none:

    w->n = i;
    w->len = (uint32_t) (q - w->p);

    return 0;
}


#undef TARGET
#undef HITS
#undef OTHER
#undef WALK
#undef REST
#undef FIND
