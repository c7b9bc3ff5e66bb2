/*
 * fold.c - what a character may stand for, from the generated tables.
 */

#include "fold.h"
#include "fold_data.h"
#include "fold_split.h"
#include "text.h"

#include <string.h>


static inline const mdr_fold_record_t *
record(uint32_t cp)
{
    if (cp > 0x10ffff) {
        cp = 0xfffd;
    }

    return &mdr_fold_records[mdr_fold_stage2[
                      mdr_fold_stage1[cp >> 6] * 64 + (cp & 63)]];
}


/* does a field of a record name one character? */

static inline int
is_one(uint32_t field)
{
    return field != 0 && field < 0x80000000u;
}


/* one character under the folds that map one to one */

static uint32_t
single(uint32_t cp, uint32_t folds)
{
    const mdr_fold_record_t  *r;

    if (cp < 0x80) {
        return (folds & MDR_FOLD_CASE) && cp >= 'A' && cp <= 'Z' ? cp | 32
                                                                 : cp;
    }

    r = record(cp);

    if ((folds & MDR_FOLD_CONFUSABLE) && is_one(r->conf)) {
        cp = r->conf;
        r = record(cp);
    }

    if ((folds & MDR_FOLD_CASE) && is_one(r->fold)) {
        cp = r->fold;
        r = record(cp);

        if ((folds & MDR_FOLD_CONFUSABLE) && is_one(r->conf)) {
            cp = r->conf;
            r = record(cp);
        }
    }

    if ((folds & MDR_FOLD_HANT) && r->hant != 0) {
        cp = r->hant;
        r = record(cp);
    }

    if ((folds & MDR_FOLD_DIGITS) && r->digit != 0) {
        cp = r->digit;
    }

    return cp;
}


static void
add(mdr_fold_seq_t *s, uint32_t cp)
{
    if (s->n < MDR_FOLD_SEQ) {
        s->cp[s->n++] = cp;
    }
}


/* ASCII letters, digits and symbols that look like or are written for others;
 * each string: the character, then what it may stand for */

static const char *const  look_alikes[] = {
    "0o", "o0", "1li", "l1i", "|li1", NULL
};

static const char *const  leets[] = {
    "4a", "3e", "0o", "1il", "5s", "7t", "8b", "9g", "6b", "2z", "$s", "@a",
    "!i", "|li", "+t", "(c", NULL
};


/* one more form of one character, where it is new */

static size_t
add_form(uint32_t cp, mdr_fold_seq_t *out, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (out[i].n == 1 && out[i].cp[0] == cp) {
            return n;
        }
    }

    if (n < MDR_FOLD_ALTS) {
        out[n].n = 1;
        out[n].cp[0] = cp;
        n++;
    }

    return n;
}


static size_t
add_others(uint32_t cp, uint32_t folds, mdr_fold_seq_t *out, size_t n)
{
    uint32_t  lo, hi, mid;

    lo = 0;
    hi = mdr_fold_nothers;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (mdr_fold_others[mid][0] < cp) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    for ( /* void */ ; lo < mdr_fold_nothers && mdr_fold_others[lo][0] == cp;
         lo++)
    {
        if (folds & mdr_fold_others[lo][1]) {
            n = add_form(single(mdr_fold_others[lo][2],
                                folds & ~MDR_FOLD_CONFUSABLE), out, n);
        }
    }

    return n;
}


static size_t
add_alts(uint32_t cp, const char *const *table, mdr_fold_seq_t *out,
    size_t n)
{
    size_t       i;
    const char  *s;

    for (i = 0; table[i] != NULL; i++) {
        if ((uint32_t) (uint8_t) table[i][0] != cp) {
            continue;
        }

        for (s = table[i] + 1; *s != '\0'; s++) {
            n = add_form((uint32_t) (uint8_t) *s, out, n);
        }
    }

    return n;
}


/* full-width marks of Chinese text, which are no letters to anyone */

static inline int
is_sentence_mark(uint32_t cp)
{
    return cp == 0xff01 || cp == 0xff08;
}


/* several characters in one: the field of a record that says so */

static void
sequence(uint32_t field, uint32_t folds, mdr_fold_seq_t *out)
{
    uint32_t         i;
    const uint32_t  *p;

    p = &mdr_fold_pool[field & 0x7fffffffu];

    for (i = 0; i < p[0]; i++) {
        add(out, single(p[1 + i], folds));
    }
}


/* the syllables of a Han character, as numbers; how many, at most 8 */

static const uint16_t *
syllables_of(uint32_t cp)
{
    uint32_t  lo, hi, mid, id;

    /* the last run that begins at cp or before */

    lo = 0;
    hi = mdr_fold_nruns;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (mdr_fold_runs[mid][0] <= cp) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    if (lo == 0) {
        return NULL;
    }

    id = mdr_fold_runs[lo - 1][1] + (cp - mdr_fold_runs[lo - 1][0]);

    if (id >= mdr_fold_runs[lo][1] || mdr_fold_reading_ids[id] == 0xffff) {
        return NULL;
    }

    return &mdr_fold_reading_lists[mdr_fold_reading_ids[id]];
}


/* Each Han character stands for one that is read as it is, the first reading
 * first; a text's character may have any of its readings. */

static size_t
by_sound(mdr_fold_seq_t *out, size_t n)
{
    size_t           i, k, m;
    uint32_t         first;
    const uint16_t  *list;
    mdr_fold_seq_t   by[MDR_FOLD_ALTS];

    m = 0;

    for (i = 0; i < n; i++) {
        if (out[i].n != 1) {
            return n;
        }

        first = out[i].cp[0];
        list = first >= 0x2e80 ? syllables_of(first) : NULL;

        if (list == NULL || list[0] == 0) {
            m = add_form(first, by, m);
            continue;
        }

        for (k = 0; k < list[0] && k < 8; k++) {
            m = add_form(mdr_fold_homophones[list[1 + k]], by, m);
        }
    }

    memcpy(out, by, m * sizeof(mdr_fold_seq_t));

    return m;
}


/* the two halves of a Han character that stand side by side; 0: it is none of
 * those in the table */

static int
halves(uint32_t cp, uint32_t *left, uint32_t *right)
{
    uint32_t  lo, hi, mid;

    lo = 0;
    hi = mdr_fold_nhalves;

    while (lo < hi) {
        mid = lo + (hi - lo) / 2;
        if (mdr_fold_halves[mid][0] < cp) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    if (lo == mdr_fold_nhalves || mdr_fold_halves[lo][0] != cp) {
        return 0;
    }

    *left = mdr_fold_halves[lo][1];
    *right = mdr_fold_halves[lo][2];

    return 1;
}


static int
is_host_char(uint32_t cp)
{
    cp = cp >= 0xff01 && cp <= 0xff5e ? cp - 0xfee0 : cp;

    return (cp >= '0' && cp <= '9') || ((cp | 32) >= 'a' && (cp | 32) <= 'z');
}


int
mdr_fold_is_host_dot(uint32_t before, uint32_t after)
{
    return is_host_char(before) && is_host_char(after);
}


/* the primary form of cp into *out, but for MDR_FOLD_TERMS; 1: it has no other
 * one, 0: it is one character, that of *base */

static int
first_of(uint32_t cp, uint32_t folds, mdr_fold_seq_t *out, uint32_t *base)
{
    const mdr_fold_record_t  *r;

    out->n = 0;
    r = record(cp);
    *base = cp;

    if ((folds & MDR_FOLD_WIDTH) && r->width != 0) {
        if (r->width >= 0x80000000u) {
            sequence(r->width, folds, out);
            return 1;
        }
        *base = r->width;
    }

    /* one to many by look (ligatures) or by case (sharp s) */

    if (*base >= 0x80) {
        r = record(*base);

        if ((folds & MDR_FOLD_CONFUSABLE) && r->conf >= 0x80000000u) {
            sequence(r->conf, folds, out);
            return 1;
        }

        if ((folds & MDR_FOLD_CASE) && r->fold >= 0x80000000u
            && !((folds & MDR_FOLD_CONFUSABLE) && r->conf != 0))
        {
            sequence(r->fold, folds, out);
            return 1;
        }
    }

    add(out, single(*base, folds));

    return 0;
}


static size_t
forms_of(uint32_t cp, uint32_t folds, mdr_fold_seq_t out[MDR_FOLD_ALTS])
{
    size_t                    n;
    uint32_t                  c, base;
    const mdr_fold_record_t  *r;

    if (first_of(cp, folds, out, &base)) {
        return 1;
    }

    n = 1;

    /* what it looks like, where that is not what it is a form of */

    if (base != cp && (record(cp)->flags & MDR_FF_OTHERS)) {
        n = add_others(cp, folds, out, n);
    }

    if (base < 0x80) {
        c = (folds & MDR_FOLD_CASE) ? out[0].cp[0] : base;

        if (folds & MDR_FOLD_CONFUSABLE) {
            if (base == 'I') {
                n = add_alts('|', look_alikes, out, n);
            } else {
                n = add_alts(c, look_alikes, out, n);
            }
        }

        if ((folds & MDR_FOLD_LEET) && !is_sentence_mark(cp)) {
            n = add_alts(c, leets, out, n);
        }

        return n;
    }

    /* a stroke of another script is as ambiguous as one of ASCII */

    r = record(base);

    if ((folds & MDR_FOLD_CONFUSABLE) && r->conf != 0) {
        n = add_alts(r->conf == 'i' || r->conf == 'I' || r->conf == 'l'
                     ? '|' : out[0].cp[0], look_alikes, out, n);
    }

    if (r->flags & MDR_FF_OTHERS) {
        n = add_others(base, folds, out, n);
    }

    return n;
}


size_t
mdr_fold_forms(uint32_t cp, uint32_t folds,
    mdr_fold_seq_t out[MDR_FOLD_ALTS])
{
    size_t          n;
    uint32_t        left, right;
    mdr_fold_seq_t  half[MDR_FOLD_ALTS];

    n = forms_of(cp, folds, out);

    /* dots of domain names (IDNA 2003, RFC 3490, 3.1) */

    if ((folds & MDR_FOLD_WIDTH) && out[0].n == 1 && out[0].cp[0] == 0x3002) {
        n = add_form('.', out, n);
    }

    if (!(folds & MDR_FOLD_TERMS) || cp < 0x2e80) {
        return n;
    }

    if ((folds & MDR_FOLD_SPLIT) && out[0].n == 1
        && halves(out[0].cp[0], &left, &right))
    {
        out[0].n = 0;
        (void) forms_of(left, folds, half);
        if (folds & MDR_FOLD_HOMOPHONE) {
            (void) by_sound(half, 1);
        }
        add(&out[0], half[0].cp[0]);
        (void) forms_of(right, folds, half);
        if (folds & MDR_FOLD_HOMOPHONE) {
            (void) by_sound(half, 1);
        }
        add(&out[0], half[0].cp[0]);
        return 1;
    }

    return (folds & MDR_FOLD_HOMOPHONE) ? by_sound(out, n) : n;
}


void
mdr_fold_primary(uint32_t cp, uint32_t folds, mdr_fold_seq_t *out)
{
    uint32_t        base;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    if ((folds & MDR_FOLD_TERMS) && cp >= 0x2e80) {
        (void) mdr_fold_forms(cp, folds, f);
        *out = f[0];
    } else {
        (void) first_of(cp, folds, out, &base);
    }
}


int
mdr_fold_dropped(uint32_t cp, uint32_t folds)
{
    const mdr_fold_record_t  *r;

    if (cp >= 0x20 && cp < 0x7f) {
        return 0;
    }

    r = record(cp);

    return ((folds & MDR_FOLD_INVISIBLE) && (r->flags & MDR_FF_INVIS))
        || ((folds & MDR_FOLD_CONFUSABLE) && (r->flags & MDR_FF_ACCENT));
}


uint8_t
mdr_fold_mark(uint32_t cp)
{
    return cp == MDR_TEXT_BREAK ? MDR_GAP_BLOCK : record(cp)->mark;
}


int
mdr_fold_is_word(uint32_t cp)
{
    return (record(cp)->flags & MDR_FF_WORD) != 0;
}


int
mdr_fold_is_han(uint32_t cp)
{
    return (record(cp)->flags & MDR_FF_HAN) != 0;
}


int
mdr_fold_special(uint32_t cp, uint32_t folds)
{
    uint32_t                  width;
    const mdr_fold_record_t  *r;

    if (cp < 0x80) {
        return ((folds & MDR_FOLD_GLOSS) && mdr_gloss_close(cp) != 0)
            || ((folds & MDR_FOLD_CONFUSABLE) && cp == '|')
            || ((folds & MDR_FOLD_LEET)
                && (cp == '$' || cp == '@' || cp == '!' || cp == '|'
                    || cp == '+' || cp == '('));
    }

    if ((folds & MDR_FOLD_GLOSS)
        && (mdr_gloss_close(cp) != 0 || (cp >= 0xfff9 && cp <= 0xfffb)))
    {
        return 1;
    }

    if ((folds & MDR_FOLD_INVISIBLE)
        && ((cp >= 0x202a && cp <= 0x202e) || (cp >= 0x2066 && cp <= 0x2069)))
    {
        return 1;
    }

    if ((folds & MDR_FOLD_SPLIT) && cp >= 0x2e80) {
        uint32_t        left, right;
        mdr_fold_seq_t  f[MDR_FOLD_ALTS];

        (void) forms_of(cp, folds, f);

        if (f[0].n == 1 && halves(f[0].cp[0], &left, &right)) {
            return 1;
        }
    }

    r = record(cp);

    if ((folds & MDR_FOLD_CONFUSABLE)
        && (r->flags & (MDR_FF_REGION | MDR_FF_ROTATED)))
    {
        return 1;
    }

    if (cp == 0x20e3) {                 /* keycaps: 1, U+FE0F, U+20E3       */
        return 1;
    }

    width = (folds & MDR_FOLD_WIDTH) ? r->width : 0;

    /* one to many, or a mark that stands for a letter */

    if (width >= 0x80000000u
        || ((folds & MDR_FOLD_CASE) && r->fold >= 0x80000000u)
        || ((folds & MDR_FOLD_CONFUSABLE) && r->conf >= 0x80000000u))
    {
        return 1;
    }

    if (width != 0 && width < 0x80 && !is_sentence_mark(cp)
        && mdr_fold_special(width, folds))
    {
        return 1;
    }

    return r->mark != 0 && width != 0 && record(width)->mark == 0;
}


uint32_t
mdr_fold_rotate(uint32_t cp)
{
    uint32_t  i;

    if ((record(cp)->flags & MDR_FF_ROTATED) == 0) {
        return 0;
    }

    for (i = 0; i < mdr_fold_nrotated; i++) {
        if (mdr_fold_rotated[i][0] == cp) {
            return mdr_fold_rotated[i][1];
        }
    }

    return 0;
}


size_t
mdr_fold_readings(uint32_t cp, const char *out[8])
{
    size_t           n;
    const uint16_t  *list;

    list = syllables_of(cp);

    if (list == NULL) {
        return 0;
    }

    for (n = 0; n < list[0] && n < 8; n++) {
        out[n] = mdr_fold_syllables[list[1 + n]];
    }

    return n;
}
