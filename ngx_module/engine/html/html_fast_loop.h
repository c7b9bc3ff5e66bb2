/*
 * html_fast_loop.h - the loop of html_fast.c, for one width of register.
 *
 * TARGET is the attribute of its functions, EQUAL(p, c) the bytes c among the
 * BLOCK bytes at p, a bit a byte, BLOCK_AT(b, p) the masks of a block, LOOP
 * the name of the loop; they are taken back at the end, so that the file can
 * be included once more.
 */

#define NAME2(a, b)  a##_##b
#define NAME1(a, b)  NAME2(a, b)
#define NAME(a)      NAME1(LOOP, a)


/* how far it is to the next byte c, or NEAR: it is not in sight */

TARGET static inline uint32_t
NAME(near)(const uint8_t *p, char c, const uint8_t *end)
{
    uint64_t  m;

    m = EQUAL(p, c);

    if (m != 0) {
        return (uint32_t) __builtin_ctzll(m);
    }

    if (end - p < FAR) {
        return NEAR;
    }

    m = EQUAL(p + BLOCK, c);

    return BLOCK + (m != 0 ? (uint32_t) __builtin_ctzll(m) : BLOCK);
}


/* the first n (1..64) bytes */

TARGET static inline int
NAME(same)(const uint8_t *a, const uint8_t *b, uint32_t n)
{
#if defined(__SSE2__)

    uint32_t  i, m;

    for (i = 0; i < n; i += 16) {
        m = (uint32_t) _mm_movemask_epi8(_mm_cmpeq_epi8(
                _mm_loadu_si128((const __m128i *) (const void *) (a + i)),
                _mm_loadu_si128((const __m128i *) (const void *) (b + i))));
        m = ~m & 0xffff;

        if (m != 0) {
            return i + (uint32_t) __builtin_ctz(m) >= n;
        }
    }

    return 1;

#else

    return memcmp(a, b, n) == 0;

#endif
}


/* the tag at p into h->tag, if it is written as most are; behind it, or NULL:
 * it is written otherwise, or goes on behind end */

TARGET static inline const uint8_t *
NAME(tag)(mdr_html_t *h, const uint8_t *p, const uint8_t *end)
{
    uint32_t        k;
    block_t         b;
    before_t        w;
    mdr_tag_t      *t;
    const uint8_t  *q;

    t = &h->tag;
    t->p = p;
    t->memo = NULL;
    t->nattrs = 0;
    t->end = p[1] == '/';

    BLOCK_AT(&b, p);

    if (!block_name(t, p, &b)) {
        return NULL;
    }

    w.inside = 0;
    w.equal = 0;
    w.is = 0;
    w.blank = 0;

    for (q = p; ; BLOCK_AT(&b, q)) {
        k = block_end(&b, &w);

        if (k < BLOCK) {
            break;
        }

        q += BLOCK;

        if (k == B_OTHER || end - q < BLOCK) {
            return NULL;
        }
    }

    q += k + 1;
    t->len = (uint32_t) (q - p);

    if (t->len >= MDR_TOKEN_MAX) {
        return NULL;
    }

    t->self_closing = q[-2] == '/' && t->next < t->len - 1;
    t->id = mdr_html_tag_id(h->rules, t->name);

    return q;
}


/* the start tag at p into h->tag; behind it, or NULL */

TARGET static inline const uint8_t *
NAME(start_tag)(mdr_html_t *h, const uint8_t *p, const uint8_t *end)
{
    uint32_t        hash;
    uint64_t        gt;
    mdr_tag_t      *t;
    mdr_memo_t     *e;
    const uint8_t  *q;

    gt = EQUAL(p, '>');

    if (gt == 0) {
        return NAME(tag)(h, p, end);
    }

    hash = hash_of(p, (uint32_t) __builtin_ctzll(gt));
    e = &h->memo[hash % MDR_MEMOS];

    if (e->hash == hash && e->len != 0 && NAME(same)(p, e->bytes, e->len)) {
        t = &h->tag;
        t->p = p;
        t->name = e->name;
        t->name_len = e->name_len;
        t->len = e->len;
        t->next = 1 + (uint32_t) e->name_len;
        t->nattrs = 0;
        t->end = 0;
        t->self_closing = e->self_closing;
        t->id = e->id;
        t->memo = e;

        return p + e->len;
    }

    q = NAME(tag)(h, p, end);

    if (q == NULL) {
        return NULL;
    }

    /* kept when it comes again, soon */

    e->len = 0;

    if (e->hash == hash) {
        learn(h, e);
    }

    e->hash = hash;

    return q;
}


/*
 * Is the element of h->tag one that holds nothing but text, its end tag in
 * sight, and that would leave the stack as it was?  Behind its end tag, and
 * its fields have their text; or NULL.  p: behind its start tag, at position
 * at.
 */

TARGET static inline const uint8_t *
NAME(leaf)(mdr_html_t *h, const uint8_t *p, const uint8_t *end, uint64_t at)
{
    uint8_t         want;
    uint32_t        k, n;
    const uint8_t  *q;

    want = h->tag.memo != NULL ? h->tag.memo->want
                               : h->rules->want[h->tag.id];

    if ((want & MDR_WANT_ITEM) || !may_be_leaf(h)) {
        return NULL;
    }

    k = NAME(near)(p, '<', end);
    n = h->tag.name_len;
    q = p + k;

    if (k == NEAR || q[1] != '/' || q[2 + n] != '>'
        || head(mdr_load64(q + 2) ^ mdr_load64(h->tag.p + 1), n) != 0)
    {
        return NULL;
    }

    if ((want & MDR_WANT_HOOK) && h->hooks != NULL
        && h->hooks->concerns(h->hook_ctx, h))
    {
        return NULL;
    }

    want = (want & MDR_WANT_FIELD) && h->nleft != 0;

    /* what is hidden, or turned, is more than its text */

    if ((want || h->ncollects != 0)
        && mdr_html_tag_look(h) != 0)
    {
        return NULL;
    }

    h->serial++;

    if (h->rules->nth) {
        h->tag.child = ++mdr_html_top(h)->children;
    }

    if (want) {
        h->tag.start = at - h->tag.len;
        h->tag.stop = at;
        mdr_html_leaf(h, p, k, at, at + k + n + 3);

    } else if (h->ncollects != 0) {
        if (mdr_html_flags(h->tag.id) & F_LINES) {
            mdr_html_break(h, at - h->tag.len);
            text(h, p, k, at);
            mdr_html_break(h, at + k);

        } else {
            text(h, p, k, at);
        }
    }

    return q + n + 3;
}


/* bytes of the common run at p, with at least ROOM bytes up to end */

TARGET static size_t
LOOP(mdr_html_t *h, const uint8_t *p, const uint8_t *end, uint64_t at)
{
    int             idle;
    size_t          n;
    after_t         after;
    uint32_t        k, formats, depth, seen, slot;
    uint64_t        opened;
    const uint8_t  *q, *next, *behind;

    q = p;
    idle = mdr_html_text_is_idle(h);
    memset(&after, 0, sizeof(after_t));

    while (end - q >= ROOM) {

        if (*q != '<') {
            k = NAME(near)(q, '<', end);

            if (k == NEAR || !idle) {
                break;
            }

            text(h, q, k, at + (size_t) (q - p));
            q += k;

            if (end - q < ROOM) {
                break;
            }
        }

        if (after.item != 0) {
            n = next_item(h, &after, q, end, at + (size_t) (q - p));

            if (n != 0) {
                q += n;
                continue;
            }
        }

        if (h->learn != NULL && idle && h->ncollects == 0
            && mdr_html_is_alpha(q[1]) && (h->pass == 0 || h->pass-- == 0)
            && (h->nlive == 0 || may_be_inside(h)))
        {
            n = mdr_html_learned(h, q, end, at + (size_t) (q - p), known_unit,
                                 &after);
            q += n;

            if (h->rec != NULL || h->wait) {
                break;
            }

            if (n != 0) {
                continue;
            }
        }

        if (q[1] == '/') {
            formats = h->nformats;
            after.item = 0;
            after.has_context = 0;
            k = plain_end(h, q, at + (size_t) (q - p));

            if (k != 0) {
                q += k;
                h->here = 0;

                if (h->n == 0 || mdr_html_top(h)->ns != MDR_NS_HTML) {
                    break;
                }

                if (formats != h->nformats) {
                    idle = mdr_html_text_is_idle(h);
                }
                continue;
            }

            next = mdr_html_is_alpha(q[2]) ? NAME(tag)(h, q, end) : NULL;

        } else {
            next = mdr_html_is_alpha(q[1]) ? NAME(start_tag)(h, q, end)
                                           : NULL;
        }

        if (next == NULL) {
            break;
        }

        if (idle && !h->tag.end && end - next >= ROOM) {
            behind = NAME(leaf)(h, next, end,
                                at + (size_t) (next - p));

            if (behind != NULL) {
                h->tag.memo = NULL;
                q = behind;
                after.item = 0;
                continue;
            }
        }

        h->tag.start = at + (size_t) (q - p);
        h->tag.stop = at + (size_t) (next - p);
        opened = h->unusual;
        depth = h->n;

        h->here = 0;
        mdr_html_begin(h);
        h->tag.memo = NULL;
        n = 0;

        if (h->unusual != opened && h->seen != NULL
            && end - next >= SEEN_HEAD)
        {
            n = known_item(h, q, end, at + (size_t) (q - p), &seen, &slot);

            if (n != 0) {
                next = q + n;
                h->tag.start = at + (size_t) (next - p);
                h->tag.stop = h->tag.start;
                mdr_html_pop(h, h->tag.stop);
                ended_known(h, &after, slot, seen, depth);
            }
        }

        if (n == 0) {
            after.item = 0;
            after.has_context = 0;
        }

        q = next;

        if (h->state != MDR_HTML_DATA || !is_usual(h)) {
            break;
        }

        idle = mdr_html_text_is_idle(h);
    }

    return (size_t) (q - p);
}


#undef NAME
#undef NAME1
#undef NAME2
#undef TARGET
#undef EQUAL
#undef BLOCK_AT
#undef LOOP
