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
#include "utf8.h"

#include <string.h>


#define BLOCK   256
#define BLOCKS  (0x20000 / BLOCK)

/* What is known of a character; 0: nothing yet.  Its primary form, where that
 * is one of up to three bytes: they, the first one lowest, and how many; or
 * one of IS_GONE to IS_APART.  And more. */
#define BYTES     0x00ffffffu
#define LEN(is)   ((is) >> 24 & 3)
#define IS_SPACE  0x04000000u
#define IS_HAN    0x08000000u
#define IS_ALONE  0x10000000u           /* no other is it without case       */
#define IS_OPEN   0x20000000u           /* perhaps it begins a reading       */
#define IS_ODD    0x80000000u           /* no bytes, but                     */
#define IS_GONE   (IS_ODD | 1)          /* dropped                           */
#define IS_SAME   (IS_ODD | 2)          /* itself, four bytes                */
#define IS_MANY   (IS_ODD | 3)          /* several                           */
#define IS_APART  (IS_ODD | 4)          /* only a trace can say it           */

#define MANY      64                    /* so many, or more, in a row        */

struct mdr_view_table_s {
    uint32_t   folds;
    uint32_t  *block[BLOCKS];
};


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


/* Letters may be others without case, to PCRE2; not Han, kana, hangul, marks,
 * and those of ASCII no others beyond it */

static int
is_alone(uint32_t cp)
{
    return cp < 0x80 || (cp >= 0x2e80 && cp < 0xa000)
           || (cp >= 0xac00 && cp < 0xd800) || mdr_fold_is_han(cp)
           || mdr_fold_mark(cp) != 0;
}


static uint32_t
what_is(uint32_t cp, uint32_t folds)
{
    size_t          n;
    uint8_t         buf[4];
    uint32_t        is;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    if (is_apart(cp, folds)) {
        return IS_APART;
    }

    if (mdr_fold_dropped(cp, folds)) {
        return IS_GONE;
    }

    (void) mdr_fold_forms(cp, folds, f);
    memset(buf, 0, sizeof(buf));
    n = f[0].n == 1 ? mdr_utf8_put(buf, f[0].cp[0]) : 0;

    is = mdr_fold_mark(cp) == MDR_GAP_SPACE ? IS_SPACE : 0;
    is |= mdr_fold_is_han(cp) ? IS_HAN : 0;
    is |= n != 0 && is_alone(f[0].cp[0]) ? IS_ALONE : 0;
    is |= (folds & MDR_FOLD_GLOSS) && mdr_gloss_close(cp) != 0 ? IS_OPEN : 0;

    if (n != 0 && n < 4) {
        return is | (uint32_t) n << 24 | (uint32_t) buf[2] << 16
               | (uint32_t) buf[1] << 8 | buf[0];
    }

    return is | (n == 4 && f[0].cp[0] == cp ? IS_SAME : IS_MANY);
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
            memset(t->block[k], 0, BLOCK * sizeof(uint32_t));
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


/* a character that is not in the table yet; 0: no memory */

static uint32_t
learn(const mdr_alloc_t *alloc, mdr_view_table_t *t, uint32_t cp)
{
    uint32_t  *b;

    if (cp >= BLOCKS * BLOCK) {
        return what_is(cp, t->folds);
    }

    b = t->block[cp / BLOCK];

    if (b == NULL) {
        b = mdr_calloc(alloc, BLOCK * sizeof(uint32_t));
        t->block[cp / BLOCK] = b;
        if (b == NULL) {
            return 0;
        }
    }

    b[cp % BLOCK] = what_is(cp, t->folds);

    return b[cp % BLOCK];
}


static inline uint32_t
look_up(const mdr_alloc_t *alloc, mdr_view_table_t *t, uint32_t cp)
{
    uint32_t         is;
    const uint32_t  *b;

    if (cp < BLOCKS * BLOCK && (b = t->block[cp / BLOCK]) != NULL) {
        is = b[cp % BLOCK];
        if (is != 0) {
            return is;
        }
    }

    return learn(alloc, t, cp);
}


/* p is valid UTF-8 */

static inline uint32_t
code_point(const uint8_t *p, size_t *len)
{
    if (p[0] < 0x80) {
        *len = 1;
        return p[0];
    }

    if (p[0] < 0xe0) {
        *len = 2;
        return (uint32_t) (p[0] & 31) << 6 | (p[1] & 63);
    }

    if (p[0] < 0xf0) {
        *len = 3;
        return (uint32_t) (p[0] & 15) << 12 | (uint32_t) (p[1] & 63) << 6
               | (p[2] & 63);
    }

    *len = 4;

    return (uint32_t) (p[0] & 7) << 18 | (uint32_t) (p[1] & 63) << 12
           | (uint32_t) (p[2] & 63) << 6 | (p[3] & 63);
}


/* a character of no bytes of its own: how many it has, or it is apart */

static size_t
put_odd(uint8_t *out, const uint8_t *p, uint32_t cp, uint32_t is,
    uint32_t folds)
{
    size_t          i, n;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    is &= IS_ODD | BYTES;

    if (is == IS_GONE) {
        return 0;
    }

    if (is == IS_SAME) {
        memcpy(out, p, 4);
        return 4;
    }

    (void) mdr_fold_forms(cp, folds, f);

    for (i = 0, n = 0; i < f[0].n; i++) {
        n += mdr_utf8_put(out + n, f[0].cp[i]);
    }

    return n;
}


/* the view of p[0, n) in w->view: 1, 0: only a trace can say it, MDR_ERROR */

static int
fast_view(mdr_match_work_t *w, mdr_view_table_t *t, const uint8_t *p,
    size_t n)
{
    size_t    i, len;
    uint8_t  *out, *end;
    uint32_t  cp, is, bytes, before, same, most, last;

    w->view.len = 0;

    if (mdr_buf_reserve(&w->view, n + 4 * MDR_FOLD_SEQ) != MDR_OK) {
        return MDR_ERROR;
    }

    out = w->view.data;
    end = w->view.data + w->view.cap - 4 * MDR_FOLD_SEQ;
    before = 0;                         /* the last one that is no space     */
    last = 0;
    same = 0;
    most = 0;

    for (i = 0; i < n; i += len) {
        cp = code_point(p + i, &len);
        is = look_up(w->alloc, t, cp);

        if (out > end) {                /* forms are longer than characters  */
            w->view.len = (size_t) (out - w->view.data);

            if (mdr_buf_reserve(&w->view, n + 4 * MDR_FOLD_SEQ) != MDR_OK) {
                return MDR_ERROR;
            }

            out = w->view.data + w->view.len;
            end = w->view.data + w->view.cap - 4 * MDR_FOLD_SEQ;
        }

        if ((is & IS_OPEN) && (before & IS_HAN)
            && mdr_gloss_may_begin(p + i + len, n - i - len))
        {
            return 0;
        }

        if (is & IS_ODD) {

            if ((is & (IS_ODD | BYTES)) == IS_APART) {
                return 0;
            }

            out += put_odd(out, p + i, cp, is, t->folds);

            if ((is & (IS_ODD | BYTES)) == IS_GONE) {
                continue;
            }

            most = (is & (IS_ODD | BYTES)) == IS_MANY ? MANY : most;
            bytes = IS_ODD | cp;

        } else {
            if (is == 0) {
                return MDR_ERROR;
            }

            out[0] = (uint8_t) is;
            out[1] = (uint8_t) (is >> 8);
            out[2] = (uint8_t) (is >> 16);
            out += LEN(is);
            bytes = is & BYTES;
        }

        before = is & IS_SPACE ? before : is;

        /* those that are not alone may all be the same */

        is = is & IS_ALONE ? bytes : IS_ODD;
        same = is == last ? same + 1 : 1;
        last = is;
        most = same > most ? same : most;
    }

    w->view.len = (size_t) (out - w->view.data);
    w->view_same = most;

    return 1;
}


int
mdr_match_view(mdr_match_work_t *w, const mdr_subject_t *subjects,
    uint32_t subject, uint32_t folds)
{
    int                rc;
    mdr_trace_t       *t;
    mdr_view_table_t  *table;

    table = table_of(w, folds);
    if (table == NULL) {
        return MDR_ERROR;
    }

    rc = fast_view(w, table, subjects[subject].data, subjects[subject].len);

    if (rc != 0) {
        return rc == 1 ? MDR_OK : MDR_ERROR;
    }

    t = mdr_match_trace(w, subjects, subject, folds);
    w->view.len = 0;
    w->view_map.len = 0;
    w->view_same = MANY;

    return t != NULL ? mdr_trace_view(t, &w->view, &w->view_map) : MDR_ERROR;
}
