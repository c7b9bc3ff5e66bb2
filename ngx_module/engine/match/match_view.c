/*
 * match_view.c - the folded view of a text, for regexes, without a trace.
 *
 * In nearly all texts each character stands for itself: then the view is the
 * row of their primary forms, from a table that fills itself as characters
 * come, a block at a time.  Where what stands around a character says what it
 * is (an override, a reading in brackets, emoji that are one), a trace makes
 * the view.  Where a byte of the view stood in the text is asked of a trace,
 * too, but only when there is a hit.
 */

#include "match_work.h"
#include "base/utf8.h"

#include <string.h>


#define BLOCK   256
#define BLOCKS  (0x20000 / BLOCK)

/*
 * What is known of a character.  Mostly its primary form, of up to three
 * bytes.
 */
typedef struct {
    uint8_t  b[3];
    uint8_t  is;                        /* how many bytes, or                */
} form_t;

enum {
    UNKNOWN,                            /* nothing yet                       */
    IS_GONE = 4,                        /* dropped                           */
    IS_SAME,                            /* itself, four bytes                */
    IS_MANY,                            /* several, to be asked for          */
    IS_APART,                           /* only a trace can say it           */
    IS_OPEN,                            /* perhaps it begins a reading       */
    IS_STOP,                            /* perhaps the dot of a host name    */
    HAS_CASE = 16                       /* that, and how many bytes          */
};

struct mdr_view_table_s {
    uint32_t   folds;
    form_t    *block[BLOCKS];
};


/* a text in hand */

typedef struct {
    const uint8_t  *p;
    size_t          n;
    uint32_t        folds;
} view_text_t;


/* does it say anything about others, or others about it? */

static int
is_apart(uint32_t cp, uint32_t folds)
{
    return (cp >= 0x202a && cp <= 0x202e) || cp == 0x200d || cp == 0x20e3
           || (cp >= 0xfff9 && cp <= 0xfffb)
           || ((cp == 0xfe0e || cp == 0xfe0f)
               && !mdr_fold_dropped(cp, folds))
           || (cp >= 0x1f1e6 && cp <= 0x1f1ff)
           || (cp >= 0x1f3fb && cp <= 0x1f3ff)
           || (cp >= 0x40000 && !mdr_fold_dropped(cp, folds))
           || ((folds & MDR_FOLD_CONFUSABLE) && mdr_fold_rotate(cp) != 0);
}


/* may it be another one without case, to PCRE2?  Not Han, kana, hangul,
 * emoji */

static inline int
has_case(const uint8_t *p)
{
    return p[0] >= 0x80
           && (p[0] < 0xe3 || p[0] == 0xea || p[0] > 0xed)
           && !(p[0] == 0xf0 && p[1] == 0x9f);
}


static form_t
form_of(uint32_t cp, uint32_t folds)
{
    size_t          n;
    form_t          form;
    uint8_t         buf[4];
    mdr_fold_seq_t  f;

    memset(&form, 0, sizeof(form));

    if (is_apart(cp, folds)) {
        form.is = IS_APART;

    } else if (mdr_fold_dropped(cp, folds)) {
        form.is = IS_GONE;

    } else if ((folds & MDR_FOLD_GLOSS) && mdr_gloss_close(cp) != 0) {
        form.is = IS_OPEN;

    } else {
        mdr_fold_primary(cp, folds, &f);
        n = f.n == 1 ? mdr_utf8_put(buf, f.cp[0]) : 0;

        if (n != 0 && f.cp[0] == 0x3002 && (folds & MDR_FOLD_WIDTH)) {
            form.is = IS_STOP;

        } else if (n != 0 && n < 4) {
            memcpy(form.b, buf, n);
            form.is = (uint8_t) (has_case(buf) ? HAS_CASE + n : n);

        } else {
            form.is = n == 4 && f.cp[0] == cp ? IS_SAME : IS_MANY;
        }
    }

    return form;
}


/* the table of these folds, the oldest gives way; NULL: no memory */

static mdr_view_table_t *
table_of(mdr_match_work_t *w, uint32_t folds)
{
    uint32_t           i, k;
    mdr_view_table_t  *t;

    for (i = 0; i < MDR_VIEW_TABLES; i++) {
        if (w->views[i] != NULL && w->views[i]->folds == folds) {
            return w->views[i];
        }
    }

    i = w->next_view++ % MDR_VIEW_TABLES;
    t = w->views[i];

    if (t == NULL) {
        t = mdr_calloc(w->alloc, sizeof(mdr_view_table_t));
        w->views[i] = t;
        if (t == NULL) {
            return NULL;
        }
    }

    t->folds = folds;

    for (k = 0; k < BLOCKS; k++) {
        if (t->block[k] != NULL) {
            memset(t->block[k], 0, BLOCK * sizeof(form_t));
        }
    }

    return t;
}


void
mdr_match_view_done(mdr_match_work_t *w)
{
    uint32_t  i, k;

    for (i = 0; i < MDR_VIEW_TABLES; i++) {

        if (w->views[i] == NULL) {
            continue;
        }

        for (k = 0; k < BLOCKS; k++) {
            mdr_free(w->alloc, w->views[i]->block[k]);
        }

        mdr_free(w->alloc, w->views[i]);
        w->views[i] = NULL;
    }
}


/* a character that is not in the table yet; UNKNOWN: no memory */

static form_t
learn(const mdr_alloc_t *alloc, mdr_view_table_t *t, uint32_t cp)
{
    form_t  f, *b;

    f = form_of(cp, t->folds);

    if (cp >= BLOCKS * BLOCK) {
        return f;
    }

    b = t->block[cp / BLOCK];

    if (b == NULL) {
        b = mdr_calloc(alloc, BLOCK * sizeof(form_t));
        t->block[cp / BLOCK] = b;
        if (b == NULL) {
            f.is = UNKNOWN;
            return f;
        }
    }

    b[cp % BLOCK] = f;

    return f;
}


/* may the bracket at p[i] begin a reading?  Those stand behind Han
 * characters */

static int
may_be_gloss(const uint8_t *p, size_t n, size_t i, size_t len)
{
    size_t  k;

    for (k = i; k > 0 && p[k - 1] == ' '; k--) {
        /* void */
    }

    return k != 0 && p[k - 1] >= 0x80
           && mdr_gloss_may_begin(p + i + len, n - i - len);
}


static int
is_host_dot(const uint8_t *p, size_t n, size_t i, size_t len)
{
    uint32_t  before;

    if (i == 0 || i + len >= n) {
        return 0;
    }

    before = p[i - 1] < 0x80 ? p[i - 1]
             : i >= 3 && p[i - 3] == 0xef ? mdr_utf8_good(p + i - 3) : 0;

    return mdr_fold_is_host_dot(before, mdr_utf8_good(p + i + len));
}


/* the character cp at byte i of the text, of len bytes, which is no few bytes:
 * where the view goes on, NULL: only a trace can say it */

static uint8_t *
put_odd(uint8_t *out, const view_text_t *t, size_t i, size_t len, uint32_t cp,
    uint8_t is)
{
    size_t          k;
    mdr_fold_seq_t  f;

    if (is == IS_GONE) {
        return out;
    }

    if (is == IS_SAME) {
        memcpy(out, t->p + i, 4);
        return out + 4;
    }

    if (is == IS_APART
        || (is == IS_OPEN && may_be_gloss(t->p, t->n, i, len)))
    {
        return NULL;
    }

    if (is == IS_STOP && is_host_dot(t->p, t->n, i, len)) {
        *out = '.';
        return out + 1;
    }

    mdr_fold_primary(cp, t->folds, &f);

    for (k = 0; k < f.n; k++) {
        out += mdr_utf8_put(out, f.cp[k]);
    }

    return out;
}


static inline form_t
look_up(const mdr_alloc_t *alloc, mdr_view_table_t *t, uint32_t cp)
{
    const form_t  *b;

    b = cp < BLOCKS * BLOCK ? t->block[cp / BLOCK] : NULL;

    return b != NULL && b[cp % BLOCK].is != UNKNOWN ? b[cp % BLOCK]
                                                    : learn(alloc, t, cp);
}


/* room for the view of n bytes more; where it goes on, NULL: no memory.  What
 * is no odd form is three bytes at most */

static uint8_t *
view_room(mdr_buf_t *view, size_t n)
{
    return mdr_buf_reserve(view, 3 * n + 4 * MDR_FOLD_SEQ) == MDR_OK
           ? view->data + view->len : NULL;
}


/* the view of p[0, n) in w->view: 1, 0: only a trace can say it, MDR_ERROR */

static int
fast_view(mdr_match_work_t *w, mdr_view_table_t *t, const uint8_t *p,
    size_t n)
{
    form_t       f, *b;
    size_t       i, len;
    uint8_t     *out;
    uint32_t     cp, bytes, last, again;
    view_text_t  text;

    text.p = p;
    text.n = n;
    text.folds = t->folds;
    w->view.len = 0;
    out = view_room(&w->view, n);
    last = 0;
    again = 0;

    for (i = 0; i < n && out != NULL; i += len) {

        if ((p[i] & 0xf0) == 0xe0) {
            len = 3;
            cp = (uint32_t) (p[i] & 15) << 12 | (uint32_t) (p[i + 1] & 63) << 6
                 | (p[i + 2] & 63);
            b = t->block[cp / BLOCK];

        } else {
            len = mdr_utf8_len(p[i]);
            cp = mdr_utf8_good(p + i);
            b = cp < BLOCKS * BLOCK ? t->block[cp / BLOCK] : NULL;
        }

        if (__builtin_expect(b != NULL, 1)) {
            memcpy(&bytes, &b[cp % BLOCK], sizeof(bytes));
        } else {
            bytes = 0;
        }

        if (__builtin_expect(bytes == 0, 0)) {
            f = learn(w->alloc, t, cp);
            memcpy(&bytes, &f, sizeof(f));
        }

        memcpy(out, &bytes, sizeof(bytes));
        memcpy(&f, &bytes, sizeof(f));

        if (f.is - 1u < IS_GONE - 1u) {
            again |= bytes == last;
            last = bytes;
            out += f.is;
            continue;
        }

        if (f.is == UNKNOWN) {
            return MDR_ERROR;
        }

        if (f.is == IS_GONE) {
            continue;
        }

        again |= bytes == last || f.is >= IS_MANY;
        last = bytes;

        if (f.is > HAS_CASE) {
            out += f.is - HAS_CASE;
            continue;
        }

        out = put_odd(out, &text, i, len, cp, f.is);

        if (out == NULL) {
            return 0;
        }

        w->view.len = (size_t) (out - w->view.data);
        out = view_room(&w->view, n - i);
    }

    if (out == NULL) {
        return MDR_ERROR;
    }

    w->view.len = (size_t) (out - w->view.data);
    w->view_same = again;

    return 1;
}


/* ASCII: 1 digit, 2 a letter or stroke that is written for one, 4 any other
 * letter */

static inline uint32_t
digit_kind(uint8_t c)
{
    static const uint8_t  kinds[256] = {
        ['0'] = 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        ['A'] = 4, 4, 4, 4, 4, 4, 4, 4, ['I'] = 2, ['J'] = 4, 4, 4, 4, 4,
        ['O'] = 2, ['P'] = 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        ['a'] = 4, 4, 4, 4, 4, 4, 4, 4, ['i'] = 2, ['j'] = 4, 4, ['l'] = 2,
        ['m'] = 4, 4, ['o'] = 2, ['p'] = 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4,
        ['|'] = 2
    };

    return kinds[c];
}


/*
 * In a number, letters that look like digits are digits: l37OOl37OOl.  A number
 * is a row of at least five of both, with two digits; letters at its ends
 * belong to a word where another letter stands beside them (cool10), and three
 * of them only to a long number.
 */

void
mdr_match_view_digits(uint8_t *p, size_t n)
{
    size_t    i, k, from, to, nd;
    uint32_t  kind;

    for (i = 0, to = 0; ; i = to) {
        from = i;                       /* behind the row before             */

        while (i < n && (uint8_t) (p[i] - '0') >= 10) {
            i++;
        }

        if (i == n) {
            return;
        }

        while (i > from && (digit_kind(p[i - 1]) & 3)) {
            i--;
        }

        for (nd = 0, to = i; to < n; to++) {
            kind = digit_kind(p[to]);
            if (!(kind & 3)) {
                break;
            }
            nd += kind & 1;
        }

        if (nd < 2 || nd == to - i) {
            continue;
        }

        for (from = i; digit_kind(p[from]) == 2; from++) { /* void */ }
        for (k = to; digit_kind(p[k - 1]) == 2; k--) { /* void */ }

        if ((i != 0 && digit_kind(p[i - 1]) == 4)
            || from - i > (to - i >= 8 ? 3u : 2u))
        {
            /* the letters before it stay */
        } else {
            from = i;
        }

        if (!((to < n && digit_kind(p[to]) == 4)
              || to - k > (to - i >= 8 ? 3u : 2u)))
        {
            k = to;
        }

        if (k - from < 5) {
            continue;
        }

        for ( ; from < k; from++) {
            if (digit_kind(p[from]) == 2) {
                p[from] = (p[from] | 32) == 'o' ? '0' : '1';
            }
        }
    }
}


int
mdr_match_view(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, uint32_t folds)
{
    int                 rc;
    const mdr_trace_t  *t;
    mdr_view_table_t   *table;

    table = table_of(w, folds);
    if (table == NULL) {
        return MDR_ERROR;
    }

    w->view_trace = NULL;
    rc = MDR_USE_VIEW ? fast_view(w, table, subjects[subject].data,
                                  subjects[subject].len) : 0;

    if (rc != 0) {
        return rc == 1 ? MDR_OK : MDR_ERROR;
    }

    t = mdr_match_trace(w, subjects, subject, folds);
    w->view.len = 0;
    w->view_map.len = 0;
    w->view_same = 1;
    w->view_trace = t;

    return t != NULL && mdr_trace_view(t, &w->view, &w->view_map) == MDR_OK
           ? MDR_OK : MDR_ERROR;
}


/* how many bytes the view has of the character cp at byte i, of len bytes */

static size_t
bytes_of(const view_text_t *t, size_t i, size_t len, uint32_t cp, form_t f)
{
    uint8_t  buf[4 * MDR_FOLD_SEQ], *end;

    if (f.is < IS_GONE) {
        return f.is;
    }

    if (f.is > HAS_CASE) {
        return (size_t) f.is - HAS_CASE;
    }

    end = put_odd(buf, t, i, len, cp, f.is);

    return end != NULL ? (size_t) (end - buf) : 0;
}


/* what is at p[i] may be part of the emoji before it: the end of all that */

static size_t
emoji_end(const uint8_t *p, size_t n, size_t i)
{
    size_t    len;
    uint32_t  cp;

    for ( ; i < n; i += len) {
        cp = mdr_utf8_good(p + i);
        len = mdr_utf8_len(p[i]);

        if (cp != 0xfe0e && cp != 0xfe0f && (cp < 0xe0020 || cp > 0xe007f)) {
            break;
        }
    }

    return i;
}


static int
trace_span(mdr_match_work_t *w, mdr_view_span_t *s)
{
    uint32_t           i, *map;
    const mdr_atom_t  *a;

    map = (uint32_t *) (void *) w->view_map.data;
    s->start = UINT32_MAX;
    s->end = 0;

    for (i = map[s->from]; i <= map[s->to - 1]; i++) {
        a = &w->view_trace->atoms[i];
        s->start = a->start < s->start ? a->start : s->start;
        s->end = a->end > s->end ? a->end : s->end;
    }

    return MDR_OK;
}


int
mdr_match_view_span(mdr_match_work_t *w, const mdr_subject_t *subject,
    uint32_t folds, mdr_view_cursor_t *c, mdr_view_span_t *s)
{
    size_t             len, bytes;
    form_t             f;
    uint32_t           cp;
    view_text_t        text;
    mdr_view_table_t  *t;

    if (w->view_trace != NULL) {
        return trace_span(w, s);
    }

    t = table_of(w, folds);
    if (t == NULL) {
        return MDR_ERROR;
    }

    text.p = subject->data;
    text.n = subject->len;
    text.folds = folds;
    s->start = UINT32_MAX;
    s->end = 0;

    for ( ; c->at < text.n; c->at += len, c->view += bytes) {
        cp = mdr_utf8_good(text.p + c->at);
        len = mdr_utf8_len(text.p[c->at]);
        f = look_up(w->alloc, t, cp);
        bytes = bytes_of(&text, c->at, len, cp, f);

        if (c->view >= s->to) {
            break;
        }

        if (mdr_fold_mark(cp) == MDR_GAP_EMOJI) {
            len = emoji_end(text.p, text.n, c->at + len) - c->at;
        }

        if (bytes != 0 && c->view + bytes > s->from) {
            s->start = s->start < c->at ? s->start : (uint32_t) c->at;
            s->end = (uint32_t) (c->at + len);

            if (c->view + bytes > s->to) {
                break;                  /* the next span may begin here      */
            }
        }
    }

    return MDR_OK;
}


uint32_t
mdr_match_view_same(mdr_match_work_t *w)
{
    size_t          i, len, last, n;
    uint32_t        same, most;
    const uint8_t  *p;

    if (w->view_same == 0) {
        return 1;
    }

    if (w->view_same > 1) {
        return w->view_same;
    }

    p = w->view.data;
    n = w->view.len;
    last = 0;

    for (i = 0, same = 0, most = 2; i < n; i += len) {
        len = mdr_utf8_len(p[i]);

        if (i != 0 && ((i - last == len && memcmp(p + i, p + last, len) == 0)
                       || (has_case(p + i) && has_case(p + last))))
        {
            same++;
        } else {
            same = 1;
        }

        last = i;
        most = same > most ? same : most;
    }

    w->view_same = most;

    return most;
}
