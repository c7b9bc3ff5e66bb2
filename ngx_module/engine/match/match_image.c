/*
 * match_image.c - the tables of a lexicon (see lexicon.h), as they are
 * written: classes, patterns in the order of match_order.c, the filter and
 * the hash over their anchors, users.
 *
 * A table is appended behind the last, and the header, which says where each
 * is, is put in its place when the last one is known.
 */

#include "match_build.h"

#include <string.h>


#define AHEAD  MDR_LEX_AHEAD


int
mdr_lexicon_put_part(mdr_lex_build_t *b, uint64_t *at, const void *p, size_t n)
{
    size_t  pad;

    pad = (64 - b->out->len % 64) % 64;

    if (mdr_buf_reserve(b->out, pad + n) != MDR_OK) {
        return MDR_ERROR;
    }

    memset(b->out->data + b->out->len, 0, pad + (p == NULL ? n : 0));
    *at = b->out->len + pad;
    b->out->len += pad + n;

    if (p != NULL && n != 0) {
        memcpy(b->out->data + *at, p, n);
    }

    return MDR_OK;
}


/* a table that is in place, until the next one is put */
#define TABLE(b, name)  ((void *) ((b)->out->data + (b)->h.name))


/* the first plane as it is, of the others 256-character blocks, equal blocks
 * once */

static int
put_table(mdr_lex_build_t *b)
{
    int        rc;
    uint16_t  *stage1, *blk;
    uint32_t   i, j, h, n, *seen;
    mdr_buf_t  blocks;

    mdr_buf_init(&blocks, b->alloc);
    seen = mdr_alloc(b->alloc, MDR_LEX_STAGE1 * sizeof(uint32_t));
    rc = seen != NULL
         && mdr_lexicon_put_part(b, &b->h.bmp, b->table,
                                 MDR_LEX_BMP * sizeof(uint16_t)) == MDR_OK
         && mdr_lexicon_put_part(b, &b->h.stage1, NULL,
                                 MDR_LEX_STAGE1 * sizeof(uint16_t)) == MDR_OK
         ? MDR_OK : MDR_ERROR;

    for (i = 0, n = 0; i < MDR_LEX_STAGE1 && rc == MDR_OK; i++) {
        stage1 = TABLE(b, stage1);
        blk = b->table + MDR_LEX_BMP + i * MDR_LEX_BLOCK;

        for (j = 0, h = 0; j < MDR_LEX_BLOCK; j++) {
            h = (h ^ blk[j]) * 16777619u;
        }

        for (j = n; j > 0; j--) {
            if (seen[j - 1] == h
                && memcmp(blocks.data + (size_t) (j - 1) * 512, blk, 512)
                   == 0)
            {
                break;
            }
        }

        if (j == 0) {
            rc = mdr_buf_add(&blocks, blk, 512);
            seen[n++] = h;
            j = n;
        }

        stage1[i] = (uint16_t) (j - 1);
    }

    if (rc == MDR_OK) {
        rc = mdr_lexicon_put_part(b, &b->h.stage2, blocks.data, blocks.len);
        b->h.nblocks = n;
    }

    mdr_free(b->alloc, seen);
    mdr_buf_done(&blocks);

    return rc;
}


/* elements whose class is another than that of the same character of a text */

static int
put_odd(mdr_lex_build_t *b)
{
    uint32_t       cp;
    mdr_lex_odd_t  o;

    if (mdr_lexicon_put_part(b, &b->h.odd, NULL, 0) != MDR_OK) {
        return MDR_ERROR;
    }

    for (cp = 0; cp < MDR_CPS; cp++) {
        if (b->element[cp] && b->elem_class[cp] != b->table[cp]) {
            o.cp = cp;
            o.cl = b->elem_class[cp];
            b->h.nodd++;

            if (mdr_buf_add(b->out, &o, sizeof(o)) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}


/* do patterns i and k of the order share their anchor? */

static int
is_same_anchor(const mdr_lex_image_t *im, size_t i, size_t k)
{
    const mdr_lex_term_t  *p, *q;

    if (i == k) {
        return 1;
    }

    if (im->order[i].key != im->order[k].key
        || (i < im->b->h.words) != (k < im->b->h.words))
    {
        return 0;
    }

    if (i < im->b->h.words) {
        return 1;                       /* such keys can be turned back      */
    }

    p = &im->p[im->order[i].pattern];
    q = &im->p[im->order[k].pattern];

    return p->len >= MDR_WORD_KEY && q->len >= MDR_WORD_KEY
           && memcmp(im->c + p->at, im->c + q->at,
                     MDR_WORD_KEY * sizeof(uint16_t))
              == 0;
}


static void
filter_anchor(const mdr_lex_build_t *b, uint32_t *words, const uint16_t *c,
    uint32_t len)
{
    uint32_t  h;

    if (len == 1) {
        return;                         /* known by its number               */
    }

    h = mdr_lex_pair(c[0], c[1]);
    words[h >> (32 - b->h.bloom_bits)]
        |= len == 2 ? 0x10000u << (h >> (28 - b->h.bloom_bits) & 15)
                    : 1u << mdr_lex_third(c[2]);
}


/* filter, hash, patterns */

static int
put_patterns(mdr_lex_build_t *b, mdr_lex_image_t *im, mdr_lex_pattern_t *sp)
{
    size_t                 i, k, to;
    uint32_t              *hash, *pairs, *words, e, mask;
    uint64_t               key;
    const mdr_lex_term_t  *t;

    if (mdr_lexicon_put_part(b, &b->h.bloom, NULL,
                             sizeof(uint32_t) << b->h.bloom_bits) != MDR_OK
        || mdr_lexicon_put_part(b, &b->h.word_bloom, NULL,
                                sizeof(uint32_t) << b->h.word_bits) != MDR_OK
        || mdr_lexicon_put_part(b, &b->h.hash, NULL,
                                sizeof(uint32_t) << b->h.hash_bits) != MDR_OK)
    {
        return MDR_ERROR;
    }

    mask = ((uint32_t) 1 << b->h.hash_bits) - 1;
    pairs = TABLE(b, bloom);
    words = TABLE(b, word_bloom);
    hash = TABLE(b, hash);

    for (i = 0; i < im->n; i = to) {
        key = im->order[i].key;

        if (i + 2 * AHEAD < im->n) {
            __builtin_prefetch(&im->p[im->order[i + 2 * AHEAD].pattern]);
            t = &im->p[im->order[i + AHEAD].pattern];
            __builtin_prefetch(im->c + t->at + t->anchor);
        }

        for (to = i; to < im->n && is_same_anchor(im, i, to); to++) {
            t = &im->p[im->order[to].pattern];
            sp[to].at = t->at;
            sp[to].len = t->len;
            sp[to].anchor = t->anchor;
            memcpy(sp[to].head, im->c + t->at,
                   (t->len < MDR_PAT_HEAD ? t->len : MDR_PAT_HEAD)
                   * sizeof(uint16_t));
        }

        sp[to - 1].anchor |= MDR_PAT_LAST;

        if (MDR_USE_MANY && to - i > MDR_PAT_FEW) {
            sp[i].anchor |= MDR_PAT_MANY;
        }

        t = &im->p[im->order[i].pattern];

        if (i < b->h.words) {
            filter_anchor(b, pairs, im->c + t->at + t->anchor,
                          t->len < 3 ? t->len : 3);
        } else {
            words[key >> (64 - b->h.word_bits)] |= mdr_lex_word_bits(key);
        }

        e = (uint32_t) (key >> 8) << b->h.index_bits;
        e |= (uint32_t) i + 1;

        for (k = key >> (64 - b->h.hash_bits); hash[k] != 0;
             k = (k + 1) & mask)
        {
            /* void */
        }
        hash[k] = e;
    }

    return MDR_OK;
}


/* those that are no words, by their classes */

static int
put_sorted(mdr_lex_build_t *b, mdr_lex_image_t *im)
{
    if (mdr_lexicon_put_part(b, &b->h.sorted, NULL,
                             b->h.words * sizeof(uint32_t)) != MDR_OK
        || mdr_lexicon_put_part(b, &b->h.heads, NULL,
                                ((size_t) b->h.nclasses + 1)
                                * sizeof(uint32_t)) != MDR_OK)
    {
        return MDR_ERROR;
    }

    mdr_match_order_sorted(im, TABLE(b, sorted), TABLE(b, heads));

    return MDR_OK;
}


/* where the users of each pattern stand: in it, if it is the only one, else
 * in the list, from next[] on; returns the length of that */

static uint32_t
place_users(const mdr_lex_build_t *b, const mdr_lex_image_t *im,
    mdr_lex_pattern_t *sp, uint32_t *next)
{
    size_t                i, nu;
    uint32_t              n, count;
    const mdr_lex_use_t  *u;

    u = (const mdr_lex_use_t *) (const void *) b->users.data;
    nu = b->users.len / sizeof(mdr_lex_use_t);

    for (i = 0; i < nu; i++) {
        if (i + AHEAD < nu && u[i + AHEAD].pattern != UINT32_MAX) {
            __builtin_prefetch(&next[im->rank[u[i + AHEAD].pattern]], 1);
        }
        if (u[i].pattern != UINT32_MAX) {
            next[im->rank[u[i].pattern]]++;
        }
    }

    for (i = 0, n = 0; i < im->n; i++) {
        count = next[i];
        next[i] = n;

        if (count != 1) {
            sp[i].user.text = n;
            sp[i].user.flags = MDR_TERM_LIST;
            n += count;
        }
    }

    return n;
}


/* patterns; users in their order, those without one behind */

static int
put_users(mdr_lex_build_t *b, const mdr_lex_image_t *im, mdr_lex_pattern_t *sp)
{
    size_t                i, nu;
    uint32_t             *next, rank, n;
    mdr_lex_user_t       *su, *p;
    const mdr_lex_use_t  *u;

    u = (const mdr_lex_use_t *) (const void *) b->users.data;
    nu = b->users.len / sizeof(mdr_lex_use_t);
    next = mdr_calloc(b->alloc, (im->n + 1) * sizeof(uint32_t));

    if (next == NULL) {
        return MDR_ERROR;
    }

    n = place_users(b, im, sp, next);
    b->h.bare = n;

    for (i = 0; i < nu; i++) {
        b->h.nbare += u[i].pattern == UINT32_MAX;
    }

    b->h.nusers = b->h.bare + b->h.nbare;

    if (mdr_lexicon_put_part(b, &b->h.patterns, sp,
                             im->n * sizeof(mdr_lex_pattern_t)) != MDR_OK
        || mdr_lexicon_put_part(b, &b->h.users, NULL,
                                b->h.nusers * sizeof(mdr_lex_user_t))
           != MDR_OK)
    {
        mdr_free(b->alloc, next);
        return MDR_ERROR;
    }

    sp = TABLE(b, patterns);
    su = TABLE(b, users);

    for (i = 0; i < nu; i++) {
        if (i + 2 * AHEAD < nu && u[i + 2 * AHEAD].pattern != UINT32_MAX) {
            rank = im->rank[u[i + 2 * AHEAD].pattern];
            __builtin_prefetch(&next[rank], 1);
            __builtin_prefetch(&sp[rank], 1);
        }

        if (u[i].pattern == UINT32_MAX) {
            su[n++] = u[i].u;
            continue;
        }

        rank = im->rank[u[i].pattern];
        p = sp[rank].user.flags & MDR_TERM_LIST ? &su[next[rank]++]
                                                : &sp[rank].user;
        *p = u[i].u;
        p->flags |= p == &sp[rank].user ? MDR_TERM_LAST : 0;
    }

    for (i = 0; i < im->n; i++) {
        if (sp[i].user.flags & MDR_TERM_LIST) {
            su[next[i] - 1].flags |= MDR_TERM_LAST;
        }
    }

    mdr_free(b->alloc, next);

    return MDR_OK;
}


/* how large the filters, the hash and its indices are */

static void
size_tables(mdr_lex_header_t *h, size_t n, size_t words)
{
    h->npatterns = n;
    h->hash_bits = 6;
    h->bloom_bits = 12;
    h->word_bits = 6;
    h->index_bits = 6;

    while (((size_t) 1 << h->hash_bits) < n * 2) {
        h->hash_bits++;
    }

    while (((size_t) 1 << h->bloom_bits) < (n - words) * 2) {
        h->bloom_bits++;
    }

    while (((size_t) 2 << h->word_bits) < words) {
        h->word_bits++;
    }

    while (n >> h->index_bits != 0) {
        h->index_bits++;
    }
}


/* all parts behind the class tables; sp has room for the patterns */

static int
put_parts(mdr_lex_build_t *b, mdr_lex_image_t *im, mdr_lex_pattern_t *sp)
{
    if (mdr_match_order(im) != MDR_OK || put_patterns(b, im, sp) != MDR_OK
        || put_sorted(b, im) != MDR_OK || put_users(b, im, sp) != MDR_OK)
    {
        return MDR_ERROR;
    }

    b->h.class_count = b->classes.len / sizeof(uint16_t);
    b->h.text_size = b->text.len;
    b->h.nkinds = b->kinds != NULL ? MDR_LEX_BMP : 0;

    if (mdr_lexicon_put_part(b, &b->h.classes, b->classes.data,
                             b->classes.len) != MDR_OK
        || mdr_lexicon_put_part(b, &b->h.text, b->text.data, b->text.len)
           != MDR_OK
        || mdr_lexicon_put_part(b, &b->h.kinds, b->kinds, b->h.nkinds)
           != MDR_OK
        || mdr_match_trie_put(b) != MDR_OK)
    {
        return MDR_ERROR;
    }

    b->h.size = b->out->len;
    memcpy(b->out->data, &b->h, sizeof(b->h));

    return MDR_OK;
}


int
mdr_lexicon_put(mdr_lex_build_t *b)
{
    int                 rc;
    size_t              i, words;
    uint64_t            at;
    mdr_lex_image_t     im;
    mdr_lex_pattern_t  *sp;

    b->h.magic = MDR_LEX_MAGIC;
    b->h.version = MDR_LEX_VERSION;

    if (mdr_lexicon_put_part(b, &at, &b->h, sizeof(b->h)) != MDR_OK
        || put_table(b) != MDR_OK || put_odd(b) != MDR_OK
        || mdr_match_order_anchors(b) != MDR_OK)
    {
        return MDR_ERROR;
    }

    memset(&im, 0, sizeof(im));
    im.b = b;
    im.n = b->npatterns;
    im.p = (const mdr_lex_term_t *) (const void *) b->patterns.data;
    im.c = (const uint16_t *) (const void *) b->classes.data;

    for (i = 0, words = 0; i < im.n; i++) {
        words += !im.p[i].free;
    }

    size_tables(&b->h, im.n, words);
    im.order = mdr_alloc(b->alloc, (im.n + 1) * sizeof(mdr_lex_keyed_t));
    im.spare = mdr_alloc(b->alloc, (im.n + 1) * sizeof(mdr_lex_keyed_t));
    im.rank = mdr_alloc(b->alloc, (im.n + 1) * sizeof(uint32_t));
    sp = mdr_calloc(b->alloc, (im.n + 1) * sizeof(mdr_lex_pattern_t));

    rc = im.order != NULL && im.spare != NULL && im.rank != NULL
         && sp != NULL && b->h.hash_bits <= 28 ? put_parts(b, &im, sp)
                                               : MDR_ERROR;

    mdr_free(b->alloc, im.order);
    mdr_free(b->alloc, im.spare);
    mdr_free(b->alloc, im.rank);
    mdr_free(b->alloc, sp);

    return rc;
}
