/*
 * text.c - texts and their positions, against a slow model that keeps the
 * source of every byte.
 */

#include "test.h"
#include "../../ngx_module/engine/text/text.h"
#include "../../ngx_module/engine/base/utf8.h"

#define MAX_PIECES  12
#define MAX_MODEL   4096

typedef struct {
    uint8_t   c;
    uint64_t  start, end;
} byte_t;

typedef struct {
    byte_t  b[MAX_MODEL];
    size_t  n;
} model_t;

static uint64_t  seed = 88172645463325252ull;


static uint32_t
rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t) ((seed >> 11) % n);
}


static int
space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


static void
model_add(model_t *m, uint8_t c, uint64_t start, uint64_t end)
{
    m->b[m->n].c = c;
    m->b[m->n].start = start;
    m->b[m->n].end = end;
    m->n++;
}


/* two bytes have no source between them: the same unit or neighbours */

static int
joined(const byte_t *a, const byte_t *b)
{
    return a->end == b->start || (a->start == b->start && a->end == b->end);
}


static void
model_finish(const model_t *in, model_t *out)
{
    size_t    i, j, k, len;
    uint8_t   buf[4];
    uint32_t  cp;

    out->n = 0;

    for (i = 0; i < in->n; i = j) {
        j = i + 1;

        if (space(in->b[i].c)) {
            while (j < in->n && space(in->b[j].c)
                   && joined(&in->b[j - 1], &in->b[j]))
            {
                j++;
            }

            if (out->n != 0 && out->b[out->n - 1].c != ' ') {
                model_add(out, ' ', in->b[i].start, in->b[j - 1].end);
            }
            continue;
        }

        for (k = 0; k < 4 && i + k < in->n; k++) {
            if (k != 0 && !joined(&in->b[i + k - 1], &in->b[i + k])) {
                break;
            }
            buf[k] = in->b[i + k].c;
        }

        cp = mdr_utf8_next(buf, k, &len);
        if (len == 0) {
            len = k;
        }
        j = i + len;

        if (cp == MDR_CP_BAD && (len != 3 || memcmp(buf, "\xef\xbf\xbd", 3)))
        {
            model_add(out, 0xef, in->b[i].start, in->b[j - 1].end);
            model_add(out, 0xbf, in->b[i].start, in->b[j - 1].end);
            model_add(out, 0xbd, in->b[i].start, in->b[j - 1].end);
            continue;
        }

        for (k = i; k < j; k++) {
            out->b[out->n++] = in->b[k];
        }
    }

    if (out->n != 0 && out->b[out->n - 1].c == ' ') {
        out->n--;
    }
}


typedef struct {
    const mdr_text_t  *t;
    uint32_t           at, to;
    uint64_t           start, end;
    int                good;
} each_t;


static int
each(void *ctx, const mdr_place_t *p)
{
    each_t  *e = ctx;

    if (p->text > e->at || p->text_end <= e->at
        || p->end < p->start || p->text_end > e->t->len
        || (p->copied && p->end - p->start != p->text_end - p->text)
        || (p->copied && p->text != e->at))
    {
        e->good = 0;
    }

    if (e->start == UINT64_MAX) {
        e->start = p->start;
    }
    e->end = p->end;
    e->at = p->text_end;

    return MDR_OK;
}


static void
check_against(const mdr_text_t *t, const model_t *m)
{
    size_t    i, j;
    each_t    e;
    uint64_t  a, b;

    CHECK(t->len == m->n);
    if (t->len != m->n) {
        return;
    }

    for (i = 0; i < m->n; i++) {
        mdr_text_span(t, (uint32_t) i, (uint32_t) i + 1, &a, &b);
        CHECK(t->data[i] == m->b[i].c);
        CHECK(a == m->b[i].start && b == m->b[i].end);
    }

    for (i = 0; i < m->n; i += 3) {
        for (j = i + 1; j <= m->n; j += 2) {
            mdr_text_span(t, (uint32_t) i, (uint32_t) j, &a, &b);
            CHECK(a == m->b[i].start && b == m->b[j - 1].end);

            e.t = t;
            e.at = (uint32_t) i;
            e.to = (uint32_t) j;
            e.start = UINT64_MAX;
            e.end = 0;
            e.good = 1;
            CHECK(mdr_text_each(t, (uint32_t) i, (uint32_t) j, each, &e)
                  == MDR_OK);
            CHECK(e.good && e.at >= j && e.start == a && e.end == b);
        }
    }
}


static void
random_texts(void)
{
    size_t         i, k, n, round;
    model_t       *m, *want;
    uint8_t        buf[64];
    uint64_t       src;
    uint32_t       sn;
    mdr_text_t     t;

    static const char *const  bits[] = {
        " ", "  ", "\n\t", "a", "bc", "\x0b", "\xe6\xb1\x89", "\xe6\xb1",
        "\x89", "\xf0\x9f\x98\x80", "\xf0\x9f", "\x98\x80", "\xc3\xa9",
        "\xff", "\xef\xbf\xbd", "\xed\xa0\x80", "\xe0\x80\x80", "\xc0\x80",
        "0123456789abcdef0123456789abcdef", "\xe5\xad\x97\xe5\xad\x97",
        "\xef\xbb\xbf", "\xf4\x90\x80\x80", " x "
    };

    m = malloc(sizeof(model_t));
    want = malloc(sizeof(model_t));

    mdr_text_init(&t, mdr_mem_default(), 65536);

    for (round = 0; round < 20000; round++) {
        mdr_text_clear(&t);
        m->n = 0;
        src = rnd(100);
        n = 1 + rnd(MAX_PIECES);

        for (i = 0; i < n; i++) {
            const char  *s;
            size_t       len;

            s = bits[rnd(sizeof(bits) / sizeof(bits[0]))];
            len = strlen(s);
            memcpy(buf, s, len);

            if (rnd(4) == 0) {
                src += 1 + rnd(9);              /* markup between           */
            }

            if (rnd(4) != 0) {
                CHECK(mdr_text_copy(&t, src, buf, len) == MDR_OK);
                for (k = 0; k < len; k++) {
                    model_add(m, buf[k], src + k, src + k + 1);
                }
                src += len;

            } else if (len == 1 || rnd(3) != 0) {
                sn = 1 + rnd(8);
                if (sn == 1 && len == 1) {
                    sn = 2;
                }
                CHECK(mdr_text_unit(&t, src, sn, buf, len) == MDR_OK);
                for (k = 0; k < len; k++) {
                    model_add(m, buf[k], src, src + sn);
                }
                src += sn;

            } else {
                for (k = 0; k < len; k++) {     /* %E6%B1%89                */
                    CHECK(mdr_text_unit(&t, src, 3, buf + k, 1) == MDR_OK);
                    model_add(m, buf[k], src, src + 3);
                    src += 3;
                }
            }
        }

        CHECK(mdr_text_finish(&t) == MDR_OK);
        model_finish(m, want);
        check_against(&t, want);
    }

    mdr_text_done(&t);
    free(m);
    free(want);
}


static void
simple(void)
{
    uint64_t    a, b;
    mdr_text_t  t;

    mdr_text_init(&t, mdr_mem_default(), 100);

    CHECK(mdr_text_copy(&t, 10, (const uint8_t *) "  ab", 4) == MDR_OK);
    CHECK(mdr_text_copy(&t, 14, (const uint8_t *) "c ", 2) == MDR_OK);
    CHECK(t.nruns == 1);
    CHECK(mdr_text_unit(&t, 16, 5, (const uint8_t *) "&", 1) == MDR_OK);
    CHECK(mdr_text_unit(&t, 21, 5, (const uint8_t *) "&", 1) == MDR_OK);
    CHECK(t.nruns == 2);
    CHECK(mdr_text_copy(&t, 30, (const uint8_t *) "\n x\n", 4) == MDR_OK);
    CHECK(mdr_text_finish(&t) == MDR_OK);
    CHECK_STR(t.data, t.len, "abc && x");
    mdr_text_span(&t, 4, 6, &a, &b);
    CHECK(a == 16 && b == 26);
    mdr_text_span(&t, 6, 7, &a, &b);
    CHECK(a == 30 && b == 32);
    mdr_text_span(&t, 0, 0, &a, &b);
    CHECK(a == 12 && b == 12);
    mdr_text_span(&t, 8, 8, &a, &b);
    CHECK(a == 33 && b == 33);
    CHECK(mdr_text_finish(&t) == MDR_OK);

    mdr_text_clear(&t);
    CHECK(mdr_text_copy(&t, 0, (const uint8_t *) " \n ", 3) == MDR_OK);
    CHECK(mdr_text_finish(&t) == MDR_OK && t.len == 0 && t.nruns == 0);
    mdr_text_done(&t);
}


/* a text of several values is what each is by itself, with boundaries between
 * those that are not empty */

static void
boundaries(void)
{
    size_t       i, n, k, len, at;
    uint32_t     round, plain;
    uint64_t     src, a, b, c, d;
    const char  *s;
    mdr_text_t   t, one[5];
    const void  *data;

    static const char *const  bits[] = {
        "a", "bc", "\xe6\xb1\x89\xe5\xad\x97", "x y", "", " ", "a ", " b",
        "two  three", "\xe6\xb1", "\x89", "\n", "\t.", "\xff"
    };

    mdr_text_init(&t, mdr_mem_default(), 65536);

    for (i = 0; i < 5; i++) {
        mdr_text_init(&one[i], mdr_mem_default(), 65536);
    }

    for (round = 0; round < 20000; round++) {
        mdr_text_clear(&t);
        n = 1 + rnd(5);
        src = rnd(50);
        plain = rnd(2) ? 4 : sizeof(bits) / sizeof(bits[0]);

        for (i = 0; i < n; i++) {
            mdr_text_clear(&one[i]);

            if (i != 0) {
                CHECK(mdr_text_break(&t, src) == MDR_OK);
            }

            src += rnd(2) ? 0 : 3;

            for (k = 1 + rnd(2); k != 0; k--) {
                s = bits[rnd(plain)];
                len = strlen(s);
                CHECK(mdr_text_copy(&t, src, (const uint8_t *) s, len)
                      == MDR_OK
                      && mdr_text_copy(&one[i], src, (const uint8_t *) s, len)
                         == MDR_OK);
                src += len;
            }
        }

        data = t.data;
        CHECK(mdr_text_finish(&t) == MDR_OK);
        CHECK(plain != 4 || t.data == data);    /* it is not built again     */

        for (i = 0, at = 0; i < n; i++) {
            CHECK(mdr_text_finish(&one[i]) == MDR_OK);

            if (one[i].len == 0) {
                continue;
            }

            if (at != 0) {
                CHECK(at < t.len && t.data[at] == MDR_TEXT_BREAK);
                mdr_text_span(&t, (uint32_t) at, (uint32_t) at + 1, &a, &b);
                CHECK(a == b);
                at++;
            }

            CHECK(t.len - at >= one[i].len
                  && memcmp(t.data + at, one[i].data, one[i].len) == 0);

            for (k = 0; k < one[i].len && at < t.len; k++, at++) {
                mdr_text_span(&t, (uint32_t) at, (uint32_t) at + 1, &a, &b);
                mdr_text_span(&one[i], (uint32_t) k, (uint32_t) k + 1, &c, &d);
                CHECK(a == c && b == d);
            }
        }

        CHECK(at == t.len);
    }

    mdr_text_done(&t);

    for (i = 0; i < 5; i++) {
        mdr_text_done(&one[i]);
    }
}


static void
limits(void)
{
    mdr_text_t  t;

    mdr_text_init(&t, mdr_mem_default(), 8);
    CHECK(mdr_text_copy(&t, 0, (const uint8_t *) "abc\xe6\xb1\x89\xe6\xb1\x89",
                        9) == MDR_OK);
    CHECK(t.cut && t.len == 8);
    CHECK(mdr_text_copy(&t, 9, (const uint8_t *) "x", 1) == MDR_OK);
    CHECK(mdr_text_unit(&t, 10, 3, (const uint8_t *) "x", 1) == MDR_OK);
    CHECK(t.len == 8);
    CHECK(mdr_text_finish(&t) == MDR_OK);
    CHECK_STR(t.data, t.len, "abc\xe6\xb1\x89");
    CHECK(t.cut);

    mdr_text_clear(&t);
    CHECK(!t.cut);
    CHECK(mdr_text_unit(&t, 0, 3, (const uint8_t *) "123456789", 9)
          == MDR_OK);
    CHECK(t.cut && t.len == 0);
    mdr_text_done(&t);
}


typedef struct {
    int  left;
} failing_t;


static void *
fail_alloc(void *ctx, size_t n)
{
    failing_t  *f = ctx;

    return f->left-- > 0 ? malloc(n) : NULL;
}


static void *
fail_realloc(void *ctx, void *p, size_t n)
{
    failing_t  *f = ctx;

    return f->left-- > 0 ? realloc(p, n) : NULL;
}


static void
fail_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static void
no_memory(void)
{
    int          i, rc, failures;
    mdr_text_t   t;
    failing_t    f;
    mdr_alloc_t  a = { fail_alloc, fail_realloc, fail_free, &f };
    uint8_t      text[200];

    memset(text, ' ', sizeof(text));
    text[0] = 'a';
    text[100] = 0xff;
    failures = 0;

    for (i = 0; i < 20; i++) {
        f.left = i;
        mdr_text_init(&t, &a, 1000);
        rc = mdr_text_copy(&t, 0, text, sizeof(text));
        if (rc == MDR_OK) {
            rc = mdr_text_unit(&t, 300, 4, text, 1);
        }
        if (rc == MDR_OK) {
            rc = mdr_text_finish(&t);
        }
        if (rc == MDR_OK) {
            CHECK_STR(t.data, t.len, "a \xef\xbf\xbd a");
        } else {
            CHECK(rc == MDR_ERROR);
            failures++;
        }
        mdr_text_done(&t);
    }

    CHECK(failures > 2 && failures < 15);
}


/* the fast and the slow way, which a text without room behind it takes */

static int
both_plain(uint8_t *p, size_t n)
{
    int  slow, fast;

    slow = mdr_text_is_plain(p, n, n);
    fast = mdr_text_is_plain(p, n, n + MDR_TEXT_PAD);
    CHECK(slow == fast);

    return slow;
}


static void
plain(void)
{
    size_t    i, n;
    uint8_t   b[128];
    uint32_t  v, good;

    /* every three bytes, over the edge of a block */

    memset(b, 'x', sizeof(b));
    good = 0;

    for (v = 0; v < 1u << 24; v++) {
        b[14] = (uint8_t) (v >> 16);
        b[15] = (uint8_t) (v >> 8);
        b[16] = (uint8_t) v;
        b[17] = 'x';
        good += (uint32_t) both_plain(b, 18);
    }

    /* 127 characters of one byte that are no white space but the space, of
     * which no two follow each other; then those of two and three bytes */
    CHECK(good == 123u * 123 * 123 + 3 * 123 * 123 + 123
                  + 2 * 1920 * 124 + (0x10000 - 0x800 - 0x800));

    /* every lead of four with bytes at the borders, at the end, too */

    for (v = 0; v < 1u << 20; v++) {
        static const uint8_t  edge[16] = {
            0x00, 0x20, 0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0,
            0xc2, 0xe0, 0xed, 0xf0, 0xff
        };

        b[14] = (uint8_t) (0xe8 + (v >> 12) % 24);
        b[15] = edge[v >> 8 & 15];
        b[16] = edge[v >> 4 & 15];
        b[17] = edge[v & 15];
        b[18] = v >> 18 & 1 ? 'x' : 0xa0;
        both_plain(b, 19);
        both_plain(b, 18);
        both_plain(b + 14, 4);
    }

    /* cut characters before the end of a block */

    for (n = 1; n < 64; n++) {
        for (i = 1; i < 4; i++) {
            memset(b, 'x', sizeof(b));
            memcpy(b + n, "\xf0\x9f\x98\x80", i);
            CHECK(!both_plain(b, n + i));
        }

        memcpy(b + n, "\xf0\x9f\x98\x80", 4);
        CHECK(both_plain(b, n + 4));
    }
}


/* a text of a page that is ready is one that nothing has to be done to; and one
 * of characters that need nothing is ready */

static void
ready(void)
{
    int          is, good;
    char         page[400];
    size_t       n, len, from;
    uint32_t     round, k;
    uint8_t     *p;
    mdr_text_t   t;
    const char  *s;

    static const char *const  bits[] = {
        "a", "\xe7\xbd\x91", "\xc3\xa9", "\xf0\x9f\x98\x80", "b c",
        "\xe3\x82\xab", "\xe3\x81\x8b\xe3\x80\x81", "\xef\xbc\x81",
        "\xea\xb0\x80", "\xef\xbf\xbd",
        " ", "&", "\t", "\x01", "\xff", "\xe7\xbd", "\xbd", "\xed\xa0\x80",
        "\xf0\x9f", "\xc0\x80", "\xe3\x82\x99", "\xe1\x84\x92\xe1\x85\xa1",
        "\xef\xbe\x9e", "\xe3\x84\xb1", "\xf4\x90\x80\x80"
    };

    mdr_text_init(&t, mdr_mem_default(), 1000);

    for (round = 0, k = 0; round < test_share(60000); round++) {
        from = MDR_TEXT_BEFORE + rnd(40);
        memset(page, 'x', from - 1);
        page[from - 1] = '>';
        good = rnd(2);
        len = 1 + rnd(120);

        for (n = 0; n < len; ) {
            s = bits[rnd(good || rnd(40) ? 10
                         : (uint32_t) (sizeof(bits) / sizeof(bits[0])))];
            memcpy(page + from + n, s, strlen(s));
            n += strlen(s);
        }

        memset(page + from + n, (int) "<\"&\xbd"[rnd(4)], MDR_TEXT_BEHIND);
        page[from + n] = rnd(2) ? '<' : '"';
        p = (uint8_t *) page + from;
        is = mdr_text_is_ready(p, n);
        mdr_text_clear(&t);

        if (is) {
            CHECK(mdr_text_whole(&t, 0, p, n) && !mdr_text_has_parts(p, n));
            k++;

        } else {
            CHECK(!good);
        }
    }

    mdr_text_done(&t);
    CHECK(k > test_share(30000));
    memcpy(page, "<b>$1<", 6);
    CHECK(!mdr_text_is_ready((uint8_t *) page + 3, 2));
}


int
main(void)
{
    test_begin("pieces, runs, white space");
    simple();

    test_begin("the limit");
    limits();

    test_begin("random texts against the model");
    random_texts();

    test_begin("boundaries between values");
    boundaries();

    test_begin("plain or not, both ways");
    plain();

    test_begin("what is ready as it stands in a page");
    ready();

    test_begin("no memory");
    no_memory();

    return test_done();
}
