/*
 * trace.c - a text as a row of atoms in reading order (see fold.h).
 *
 * Dropped characters are gone; glosses and annotations too; a run under a
 * right-to-left override is turned round, a run of upside-down letters as
 * well; an emoji sequence (UTS #51) is one atom.
 */

#include "fold.h"
#include "fold_data.h"
#include "utf8.h"

#include <string.h>


#define READING_MAX  7

/* what stands in a reading beside its letters */

#define TONE_MARK    1
#define DIAERESIS    2
#define TONE_DIGIT   3


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


static uint32_t
next(const uint8_t *p, size_t n, size_t at, size_t *len)
{
    uint32_t  cp;

    cp = mdr_utf8_next(p + at, n - at, len);
    if (*len == 0) {
        *len = n - at;
    }

    return cp;
}


/* a letter of a reading without tone: ASCII lower case, "v" for u with
 * diaeresis; 0: none; else one of the above */

static char
reading_letter(uint32_t cp)
{
    size_t          n;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    if (cp == 0xfc || cp == 0x1d6 || cp == 0x1d8 || cp == 0x1da
        || cp == 0x1dc || cp == 0xdc)
    {
        return 'v';
    }

    if (cp == 0x308) {
        return DIAERESIS;
    }

    if ((cp >= 0x300 && cp <= 0x304) || cp == 0x30c
        || mdr_fold_dropped(cp, MDR_FOLD_INVISIBLE))
    {
        return TONE_MARK;
    }

    n = mdr_fold_forms(cp, MDR_FOLD_WIDTH | MDR_FOLD_CASE
                           | MDR_FOLD_CONFUSABLE, f);

    if (n == 0 || f[0].n != 1) {
        return 0;
    }

    if (f[0].cp[0] >= '0' && f[0].cp[0] <= '5') {
        return TONE_DIGIT;
    }

    return f[0].cp[0] >= 'a' && f[0].cp[0] <= 'z' ? (char) f[0].cp[0] : 0;
}


static int
is_reading(uint32_t cp, const char *s, size_t n)
{
    size_t          i, k, m, len;
    uint32_t        forms[3];
    const char     *r[8];
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    /* of the character, of what it is written for, of its simplified form */

    forms[0] = cp;
    (void) mdr_fold_forms(cp, MDR_FOLD_WIDTH, f);
    forms[1] = f[0].n == 1 ? f[0].cp[0] : 0;
    (void) mdr_fold_forms(cp, MDR_FOLD_WIDTH | MDR_FOLD_HANT, f);
    forms[2] = f[0].n == 1 ? f[0].cp[0] : 0;

    for (k = 0; k < 3; k++) {
        if (forms[k] == 0 || (k != 0 && forms[k] == forms[k - 1])) {
            continue;
        }

        m = mdr_fold_readings(forms[k], r);

        for (i = 0; i < m; i++) {
            len = strlen(r[i]);

            if (len == n) {
                size_t  j;

                for (j = 0; j < n; j++) {
                    if (r[i][j] != s[j]
                        && !(r[i][j] == 'v' && s[j] == 'u'))
                    {
                        break;
                    }
                }
                if (j == n) {
                    return 1;
                }
            }
        }
    }

    return 0;
}


/* bytes of a gloss of han that begins at `at` (its bracket), or 0 */

static size_t
gloss(const uint8_t *p, size_t n, size_t at, uint32_t han)
{
    int       toned;
    char      s[READING_MAX + 1], c;
    size_t    i, len, m;
    uint32_t  cp, close;

    cp = next(p, n, at, &len);

    switch (cp) {
    case '(':     close = ')';     break;
    case '[':     close = ']';     break;
    case 0xff08:  close = 0xff09;  break;
    case 0xfe59:  close = 0xfe5a;  break;
    case 0xfe35:  close = 0xfe36;  break;
    case 0x3014:  close = 0x3015;  break;
    case 0xff3b:  close = 0xff3d;  break;
    case 0x207d:  close = 0x207e;  break;
    default:      return 0;
    }

    for (i = at + len, m = 0, toned = 0; i < n; i += len) {
        cp = next(p, n, i, &len);

        if (cp == close || (cp == ')' && close == 0xff09)
            || (cp == 0xff09 && close == ')'))
        {
            return m != 0 && is_reading(han, s, m) ? i + len - at : 0;
        }

        if (cp == ' ' || cp == 0x3000 || cp == 0xa0) {
            continue;
        }

        c = reading_letter(cp);

        if (c == TONE_MARK) {
            continue;
        }

        if (c == DIAERESIS) {
            if (m != 0 && s[m - 1] == 'u') {
                s[m - 1] = 'v';
            }
            continue;
        }

        if (c == TONE_DIGIT && m != 0 && !toned) {
            toned = 1;                          /* zhen4                    */
            continue;
        }

        if (c == 0 || c == TONE_DIGIT || toned || m == READING_MAX) {
            return 0;
        }

        s[m++] = c;
    }

    return 0;
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
        cp = next(p, n, i, &len);

        if (cp == 0xfe0f || cp == 0xfe0e || cp == 0x20e3
            || (cp >= 0x1f3fb && cp <= 0x1f3ff)
            || (cp >= 0xe0020 && cp <= 0xe007f))
        {
            i += len;
            continue;
        }

        if (cp == 0x200d && i + len < n
            && is_emoji(next(p, n, i + len, &l2)))
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
    }
}


static mdr_atom_t *
add_atom(mdr_trace_t *t, uint32_t cp, size_t start, size_t end)
{
    void        *p;
    mdr_atom_t  *a;

    p = t->atoms;

    if (t->n == t->cap
        && mdr_grow(t->alloc, &p, &t->cap, t->n + 1, sizeof(mdr_atom_t))
           != MDR_OK)
    {
        return NULL;
    }

    t->atoms = p;
    a = &t->atoms[t->n++];
    a->cp = cp;
    a->start = (uint32_t) start;
    a->end = (uint32_t) end;
    a->mark = mdr_fold_mark(cp);
    a->word = (uint8_t) mdr_fold_is_word(cp);
    a->flags = 0;

    return a;
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


/* letters and signs that are at home in texts that stand upright: Turkish,
 * Azerbaijani, Greek, formulas; alone they turn nothing */

static int
at_home(uint32_t cp)
{
    return cp == 0x131 || cp == 0x259 || cp == 0x190 || cp == 0x39b
           || cp == 0x3db || (cp >= 0x2200 && cp <= 0x22ff)
           || (cp >= 0x3100 && cp <= 0x312f) || cp == 0x5df || cp == 0x5e4;
}


/* runs of atoms that are an upside-down word are turned and named */

static void
turn_rotated(mdr_trace_t *t)
{
    size_t  i, j, special, sure;

    for (i = 0; i < t->n; i = j + 1) {

        for (j = i, special = 0, sure = 0;
             j < t->n && upside_down(t->atoms[j].cp) != 0; j++)
        {
            if (mdr_fold_rotate(t->atoms[j].cp) != 0) {
                special++;
                sure += !at_home(t->atoms[j].cp);
            }
        }

        if (special < 2 || sure == 0 || special * 4 < j - i) {
            continue;
        }

        for (special = i; special < j; special++) {
            t->atoms[special].cp = upside_down(t->atoms[special].cp);
            t->atoms[special].word = 1;
            t->atoms[special].mark = 0;
        }

        reverse(&t->atoms[i], j - i);
    }
}


int
mdr_trace_build(mdr_trace_t *t, const uint8_t *p, size_t n, uint32_t folds)
{
    int          rotated;
    size_t       i, len, end, g, override;
    uint32_t     cp;
    mdr_atom_t  *a;

    t->n = 0;
    t->folds = folds;
    t->text = p;
    t->len = n;
    rotated = 0;
    override = SIZE_MAX;

    for (i = 0; i < n; i += len) {

        if (p[i] < 0x80) {
            cp = p[i];
            len = 1;

            if ((cp == '(' || cp == '[') && (folds & MDR_FOLD_GLOSS)
                && t->n != 0
                && mdr_fold_is_han(t->atoms[t->n - 1].cp))
            {
                g = gloss(p, n, i, t->atoms[t->n - 1].cp);
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

        cp = next(p, n, i, &len);

        if (folds & MDR_FOLD_INVISIBLE) {

            /* an override lasts to its pop or to the end of the text; what
             * other controls do to the order of letters is not followed */

            if (cp == 0x202e && override == SIZE_MAX) {
                override = t->n;
                continue;
            }

            if ((cp == 0x202c || cp == 0x202d) && override != SIZE_MAX) {
                reverse(&t->atoms[override], t->n - override);
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
                    if (next(p, n, end, &g) == 0xfffb) {
                        end += g;
                        break;
                    }
                }
                len = end - i;
                continue;
            }

            if (t->n != 0 && mdr_fold_is_han(t->atoms[t->n - 1].cp)) {
                g = gloss(p, n, i, t->atoms[t->n - 1].cp);
                if (g != 0) {
                    len = g;
                    continue;
                }
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
            rotated += mdr_fold_rotate(cp) != 0;
        }
    }

    if (override != SIZE_MAX) {
        reverse(&t->atoms[override], t->n - override);
    }

    if (rotated > 1) {
        turn_rotated(t);
    }

    return MDR_OK;
}


int
mdr_trace_view(const mdr_trace_t *t, mdr_buf_t *out, mdr_buf_t *map)
{
    size_t          i, k, m;
    uint8_t         buf[4 * MDR_FOLD_SEQ];
    uint32_t        at;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    for (i = 0; i < t->n; i++) {
        (void) mdr_fold_forms(t->atoms[i].cp, t->folds, f);

        for (k = 0, m = 0; k < f[0].n; k++) {
            m += mdr_utf8_put(buf + m, f[0].cp[k]);
        }

        at = (uint32_t) i;

        if (mdr_buf_add(out, buf, m) != MDR_OK) {
            return MDR_ERROR;
        }

        for (k = 0; k < m; k++) {
            if (mdr_buf_add(map, &at, sizeof(at)) != MDR_OK) {
                return MDR_ERROR;
            }
        }
    }

    return MDR_OK;
}
