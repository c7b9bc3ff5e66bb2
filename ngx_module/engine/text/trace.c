/*
 * trace.c - a text as a row of atoms in reading order (see fold.h).
 *
 * Dropped characters are gone; glosses and annotations too; a run under a
 * right-to-left override is turned round, a run of upside-down letters as
 * well; an emoji sequence (UTS #51) is one atom.
 */

#include "fold.h"
#include "fold_data.h"
#include "text.h"
#include "base/utf8.h"

#include <string.h>


/* between a text and other readings of parts of it: in no term */

#define BREAK   0xffffu


void
mdr_trace_init(mdr_trace_t *t, const mdr_alloc_t *a)
{
    memset(t, 0, sizeof(mdr_trace_t));
    t->alloc = a;
}


void
mdr_trace_done(mdr_trace_t *t)
{
    mdr_free(t->alloc, t->atoms);
    t->atoms = NULL;
    t->n = 0;
    t->cap = 0;
}


static inline const mdr_fold_record_t *
record(uint32_t cp)
{
    return &mdr_fold_records[mdr_fold_stage2[
                      mdr_fold_stage1[cp >> 6] * 64 + (cp & 63)]];
}


static int
is_emoji(uint32_t cp)
{
    return mdr_fold_mark(cp) == MDR_GAP_EMOJI;
}


/* the end of the emoji sequence whose first character ends at i */

static size_t
emoji_end(const uint8_t *p, size_t n, size_t i)
{
    size_t    len, l2;
    uint32_t  cp;

    while (i < n) {
        cp = mdr_utf8_take(p + i, n - i, &len);

        if (cp == 0xfe0f || cp == 0xfe0e || cp == 0x20e3
            || (cp >= 0x1f3fb && cp <= 0x1f3ff)
            || (cp >= 0xe0020 && cp <= 0xe007f))
        {
            i += len;
            continue;
        }

        if (cp == 0x200d && i + len < n
            && is_emoji(mdr_utf8_take(p + i + len, n - i - len,
                                       &l2)))
        {
            i += len + l2;
            continue;
        }

        break;
    }

    return i;
}


/* the end of the keycap sequence at i (digit, # or *, U+20E3), or 0 */

static size_t
keycap_end(const uint8_t *p, size_t n, size_t i)
{
    if (!((p[i] >= '0' && p[i] <= '9') || p[i] == '#' || p[i] == '*')) {
        return 0;
    }

    i++;

    if (n - i >= 3 && memcmp(p + i, "\xef\xb8\x8f", 3) == 0) {
        i += 3;
    }

    return n - i >= 3 && memcmp(p + i, "\xe2\x83\xa3", 3) == 0 ? i + 3 : 0;
}


/* the letters of flags stand in pairs (UTS #51, emoji_flag_sequence) */

static void
pair_flag(mdr_trace_t *t)
{
    mdr_atom_t  *a;

    a = &t->atoms[t->n - 1];

    if (t->n > 1 && a[-1].cp >= 0x1f1e6 && a[-1].cp <= 0x1f1ff
        && (a[-1].flags & MDR_ATOM_FLAG) == 0)
    {
        a->flags |= MDR_ATOM_FLAG;
        t->flags = 1;
    }
}


static inline mdr_atom_t *
add_atom(mdr_trace_t *t, uint32_t cp, size_t start, size_t end)
{
    void                     *p;
    mdr_atom_t               *a;
    const mdr_fold_record_t  *r;

    if (t->n == t->cap) {
        p = t->atoms;

        if (mdr_grow(t->alloc, &p, &t->cap, t->n + 1, sizeof(mdr_atom_t))
            != MDR_OK)
        {
            return NULL;
        }
        t->atoms = p;
    }

    r = record(cp);
    a = &t->atoms[t->n++];
    a->cp = cp;
    a->start = (uint32_t) start;
    a->end = (uint32_t) end;
    a->mark = cp == MDR_TEXT_BREAK ? MDR_GAP_BLOCK : r->mark;
    a->word = (r->flags & MDR_FF_WORD) != 0;
    a->flags = 0;

    return a;
}


/* a letter, digit or Han character that means the same everywhere */

static inline int
is_plain(uint32_t cp)
{
    const mdr_fold_record_t  *r;

    r = record(cp);

    return r->mark == 0
           && (r->flags & ~(MDR_FF_WORD|MDR_FF_HAN|MDR_FF_OTHERS)) == 0;
}


static void
reverse(mdr_atom_t *a, size_t n)
{
    size_t      i;
    mdr_atom_t  x;

    for (i = 0; i < n / 2; i++) {
        x = a[i];
        a[i] = a[n - 1 - i];
        a[n - 1 - i] = x;
    }
}


/* what a letter of an upside-down word stands for: the special ones, and
 * plain letters that are another (or the same) letter upside down */

static uint32_t
upside_down(uint32_t cp)
{
    uint32_t  r;

    static const char  plain[] = "bdpqnuMW69osxzlHINOSXZ08";
    static const char  turned[] = "qpdbunWM96osxzlHINOSXZ08";
    const char        *s;

    r = mdr_fold_rotate(cp);

    if (r != 0) {
        return r;
    }

    if (cp == 0 || cp >= 0x80 || (s = strchr(plain, (int) cp)) == NULL) {
        return 0;
    }

    return (uint32_t) (uint8_t) turned[s - plain];
}


/* letters that are at home in texts that stand upright (Turkish, Azerbaijani,
 * Greek), alone they turn nothing; and signs, which say little */

static int
at_home(uint32_t cp)
{
    return cp == 0x131 || cp == 0x259 || cp == 0x190 || cp == 0x39b
           || cp == 0x3db || (cp >= 0x3100 && cp <= 0x312f) || cp == 0x5df
           || cp == 0x5e4 || cp == 0x17f || cp == 0x38c || cp == 0x1105
           || cp == 0x2c62;
}


static int
is_sign(uint32_t cp)
{
    return (cp >= 0x2200 && cp <= 0x22ff) || cp == 0x21c2 || cp == 0x25d6;
}


/* a word of letters that may be upside down, or several of them: where it
 * ends, and what speaks for it */

typedef struct {
    size_t  end, letters;
    size_t  special, foreign, sure;
} turned_t;

static turned_t
turned_word(const mdr_trace_t *t, size_t i)
{
    uint32_t  cp;
    turned_t  w;

    memset(&w, 0, sizeof(w));

    for (w.end = i; w.end < t->n; w.end++, w.letters++) {
        cp = t->atoms[w.end].cp;

        if (upside_down(cp) == 0) {
            break;
        }

        if (mdr_fold_rotate(cp) != 0) {
            w.special++;
            w.foreign += !at_home(cp);
            w.sure += !at_home(cp) && !is_sign(cp);
        }
    }

    return w;
}


/* words in a row of which each has a letter that speaks for it, or is one
 * letter behind another: "s ʇ o l s" is one word with spaces */

static turned_t
turned_words(const mdr_trace_t *t, size_t i)
{
    size_t    k, last;
    turned_t  w, x;

    w = turned_word(t, i);
    last = w.letters;

    while (w.special != 0 || last == 1) {

        for (k = w.end; k < t->n && k - w.end < 2
             && t->atoms[k].mark != 0 && upside_down(t->atoms[k].cp) == 0;
             k++)
        {
            /* void */
        }

        if (k == w.end || k == t->n) {
            break;
        }

        x = turned_word(t, k);

        if (x.special == 0 && (x.letters != 1 || last != 1)) {
            break;
        }

        last = x.letters;
        w.end = x.end;
        w.letters += x.letters;
        w.special += x.special;
        w.sure += x.sure;
        w.foreign += x.foreign;
    }

    return w;
}


static void
turn(mdr_atom_t *a, size_t n)
{
    size_t    i;
    uint32_t  cp;

    for (i = 0; i < n; i++) {
        cp = upside_down(a[i].cp);
        if (cp != 0) {
            a[i].cp = cp;
            a[i].word = 1;
            a[i].mark = 0;
        }
    }

    reverse(a, n);
}


/* Words that are upside down are turned and named; where only little speaks
 * for it (one letter of "sound" is another upside down), the text stays and
 * the word as turned stands behind it once more. */

static int
turn_rotated(mdr_trace_t *t)
{
    size_t       i, k, n;
    turned_t     w;
    mdr_atom_t  *a, x;

    for (i = 0, n = t->n; i < n; i = w.end + 1) {
        w = turned_words(t, i);

        if (w.special >= 2 && w.sure != 0 && w.special * 4 >= w.letters) {
            t->ordered = 0;
            turn(&t->atoms[i], w.end - i);
            continue;
        }

        if ((w.foreign == 0 && w.special < 2) || w.special * 8 < w.letters) {
            continue;
        }

        a = add_atom(t, BREAK, t->atoms[i].start, t->atoms[i].start);
        if (a == NULL) {
            return MDR_ERROR;
        }

        for (k = i; k < w.end; k++) {
            x = t->atoms[k];
            a = add_atom(t, x.cp, x.start, x.end);
            if (a == NULL) {
                return MDR_ERROR;
            }
            *a = x;
        }

        t->ordered = 0;
        turn(&t->atoms[t->n - (w.end - i)], w.end - i);
    }

    return MDR_OK;
}


/* the bytes of a gloss that begins at `at`, or 0; white space between it and
 * its character goes with it, but nothing before atom `first`.  The character
 * ends with its reading: who hits or masks the one does so with the other. */

static size_t
take_gloss(mdr_trace_t *t, size_t first, size_t at, uint32_t cp)
{
    size_t  n, len;

    if (mdr_fold_mark(cp) == 0) {
        return 0;
    }

    for (n = t->n; n > first && t->atoms[n - 1].mark == MDR_GAP_SPACE; n--) {
        /* void */
    }

    if (n == first || !mdr_fold_is_han(t->atoms[n - 1].cp)) {
        return 0;
    }

    len = mdr_gloss_len(t, first, n - 1, at);

    if (len != 0) {
        t->n = n;
        t->atoms[n - 1].end = (uint32_t) (at + len);
    }

    return len;
}


int
mdr_trace_build(mdr_trace_t *t, const uint8_t *p, size_t n, uint32_t folds)
{
    int          rotated;
    size_t       i, len, end, g, override, depth;
    uint32_t     cp;
    mdr_atom_t  *a;

    t->n = 0;
    t->folds = folds;
    t->builds++;
    t->ordered = 1;
    t->flags = 0;
    t->text = p;
    t->len = n;
    rotated = 0;
    override = SIZE_MAX;
    depth = 0;

    for (i = 0; i < n; i += len) {

        if (p[i] < 0x80) {
            cp = p[i];
            len = 1;

            if ((cp == '(' || cp == '[' || cp == '{' || cp == '<')
                && (folds & MDR_FOLD_GLOSS))
            {
                g = take_gloss(t, override != SIZE_MAX ? override : 0, i, cp);
                if (g != 0) {
                    len = g;
                    continue;
                }
            }

            if ((cp < 0x20 || cp == 0x7f) && mdr_fold_dropped(cp, folds)) {
                continue;
            }

            end = n - i > 3 && p[i + 1] >= 0xe2 ? keycap_end(p, n, i) : 0;

            a = add_atom(t, cp, i, end != 0 ? end : i + 1);
            if (a == NULL) {
                return MDR_ERROR;
            }

            if (end != 0) {
                a->mark = MDR_GAP_EMOJI;
                len = end - i;
            }
            continue;
        }

        cp = mdr_utf8_take(p + i, n - i, &len);

        if (is_plain(cp)) {
            if (add_atom(t, cp, i, i + len) == NULL) {
                return MDR_ERROR;
            }
            continue;
        }

        if (folds & MDR_FOLD_INVISIBLE) {

            /* an override lasts to its pop, to a left-to-right one or to the
             * end of the text; what other controls do to the order of letters
             * is not followed */

            if (cp == 0x202e && override == SIZE_MAX) {
                override = t->n;
                depth = 0;
                continue;
            }

            if (override != SIZE_MAX && cp >= 0x202a && cp <= 0x202e) {

                if (cp != 0x202d && (cp != 0x202c || depth != 0)) {
                    depth += cp == 0x202c ? SIZE_MAX : 1;
                    continue;
                }

                reverse(&t->atoms[override], t->n - override);
                t->ordered = 0;
                override = SIZE_MAX;
                continue;
            }
        }

        if (folds & MDR_FOLD_GLOSS) {

            if (cp == 0xfff9 || cp == 0xfffb) {
                continue;
            }

            if (cp == 0xfffa) {
                for (end = i + len; end < n; end += g) {
                    if (mdr_utf8_take(p + end, n - end, &g) == 0xfffb) {
                        end += g;
                        break;
                    }
                }
                len = end - i;
                if (t->n > (override != SIZE_MAX ? override : 0)) {
                    t->atoms[t->n - 1].end = (uint32_t) end;
                }
                continue;
            }

            g = take_gloss(t, override != SIZE_MAX ? override : 0, i, cp);
            if (g != 0) {
                len = g;
                continue;
            }
        }

        if (mdr_fold_dropped(cp, folds)) {
            continue;
        }

        if (is_emoji(cp)) {
            end = emoji_end(p, n, i + len);
            if (add_atom(t, cp, i, end) == NULL) {
                return MDR_ERROR;
            }

            if (cp >= 0x1f1e6 && cp <= 0x1f1ff) {
                pair_flag(t);
            }

            len = end - i;
            continue;
        }

        a = add_atom(t, cp, i, i + len);
        if (a == NULL) {
            return MDR_ERROR;
        }

        if ((folds & MDR_FOLD_CONFUSABLE)) {
            rotated |= mdr_fold_rotate(cp) != 0;
        }
    }

    if (override != SIZE_MAX) {
        reverse(&t->atoms[override], t->n - override);
        t->ordered = 0;
    }

    t->base = t->n;

    return rotated ? turn_rotated(t) : MDR_OK;
}


int
mdr_trace_view(const mdr_trace_t *t, mdr_buf_t *out, mdr_buf_t *map)
{
    size_t          i, k, m;
    uint8_t        *p;
    uint32_t       *to;
    mdr_fold_seq_t  f;

    for (i = 0; i < t->n; i++) {
        if (out->cap - out->len < 4 * MDR_FOLD_SEQ
            || map->cap - map->len < 4 * MDR_FOLD_SEQ * sizeof(uint32_t))
        {
            if (mdr_buf_reserve(out, 4 * MDR_FOLD_SEQ) != MDR_OK
                || mdr_buf_reserve(map, 4 * MDR_FOLD_SEQ * sizeof(uint32_t))
                   != MDR_OK)
            {
                return MDR_ERROR;
            }
        }

        p = out->data + out->len;
        to = (uint32_t *) (void *) (map->data + map->len);
        mdr_fold_primary(t->atoms[i].cp, t->folds, &f);

        if (f.cp[0] == 0x3002 && f.n == 1
            && (t->folds & MDR_FOLD_WIDTH) && i != 0 && i + 1 < t->n
            && mdr_fold_is_host_dot(t->atoms[i - 1].cp, t->atoms[i + 1].cp))
        {
            f.cp[0] = '.';
        }

        for (k = 0, m = 0; k < f.n; k++) {
            m += mdr_utf8_put(p + m, f.cp[k]);
        }

        for (k = 0; k < m; k++) {
            to[k] = (uint32_t) i;
        }

        out->len += m;
        map->len += m * sizeof(uint32_t);
    }

    return MDR_OK;
}
