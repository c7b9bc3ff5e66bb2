/*
 * gloss.c - a reading in brackets behind Han characters (see fold.h).
 *
 * A bracket holds a reading if its letters, tones and all, are a reading of
 * the character before it, or readings of the last few characters in a row;
 * letters are Latin or Bopomofo.
 * Nothing else in brackets is one, so "(2020)" and "(UC)" stay text.
 */

#include "fold.h"
#include "base/utf8.h"

#include <string.h>


#define LETTERS     48          /* of all readings in one bracket           */
#define CHARACTERS  12          /* that one bracket may be the reading of   */

/* what stands in a reading beside its letters */

#define NOTHING     1
#define DIAERESIS   2
#define TONE_DIGIT  3


/* opening and closing, pair by pair (general categories Ps and Pe) */

static const uint32_t  pairs[][2] = {
    { '(', ')' }, { 0xff08, 0xff09 }, { '[', ']' }, { 0x3010, 0x3011 },
    { '{', '}' }, { '<', '>' }, { 0x207d, 0x207e }, { 0x208d, 0x208e },
    { 0x2329, 0x232a }, { 0x2045, 0x2046 }, { 0x2308, 0x2309 },
    { 0x230a, 0x230b }, { 0x3008, 0x3009 }, { 0x300a, 0x300b },
    { 0x300c, 0x300d }, { 0x300e, 0x300f }, { 0x3014, 0x3015 },
    { 0x3016, 0x3017 }, { 0x3018, 0x3019 }, { 0x301a, 0x301b },
    { 0xfe35, 0xfe36 }, { 0xfe37, 0xfe38 }, { 0xfe39, 0xfe3a },
    { 0xfe3b, 0xfe3c }, { 0xfe3d, 0xfe3e }, { 0xfe3f, 0xfe40 },
    { 0xfe41, 0xfe42 }, { 0xfe43, 0xfe44 }, { 0xfe47, 0xfe48 },
    { 0xfe59, 0xfe5a }, { 0xfe5b, 0xfe5c }, { 0xfe5d, 0xfe5e },
    { 0xff1c, 0xff1e }, { 0xff3b, 0xff3d }, { 0xff5b, 0xff5d },
    { 0xff5f, 0xff60 }, { 0xff62, 0xff63 }, { 0xfd3e, 0xfd3f },
    { 0xfd3f, 0xfd3e }, { 0xfe17, 0xfe18 }, { 0x29fc, 0x29fd },
    { 0x27c5, 0x27c6 }, { 0x298d, 0x2990 }, { 0x298f, 0x298e },
    { 0x29d8, 0x29d9 }, { 0x29da, 0x29db }, { 0x301d, 0x301e }
};

/* rows of them: a bracket that opens, one that closes, and so on */

static const uint32_t  rows[][2] = {
    { 0x2768, 0x2775 }, { 0x27e6, 0x27ef }, { 0x2983, 0x2998 },
    { 0x2e22, 0x2e29 }, { 0x2e55, 0x2e5c }
};


uint32_t
mdr_gloss_close(uint32_t open)
{
    size_t  i;

    /* nearly all characters, and all of them are asked when a lexicon is
     * built */

    if (open > 0x7d && (open < 0x2045 || (open > 0x2e5c && open < 0x3008)
                        || (open > 0x301d && open < 0xfd3e) || open > 0xff63))
    {
        return 0;
    }

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        if (pairs[i][0] == open) {
            return pairs[i][1];
        }
    }

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (open >= rows[i][0] && open <= rows[i][1]) {
            return ((open - rows[i][0]) & 1) == 0 ? open + 1 : 0;
        }
    }

    return 0;
}


/* Bopomofo, a syllable at a time: initials from U+3105 on; finals from U+311A
 * on, by the glide before them (none, I, U, IU), behind an initial and not */

#define BOPOMOFO        0x3105u
#define FINALS          0x311au
#define GLIDES          0x3127u
#define BOPOMOFO_END    0x312au

static const char  initials[][3] = {
    "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
    "zh", "ch", "sh", "r", "z", "c", "s"
};

static const char  finals[2][4][14][6] = {
    { { "i", "a", "o", "e", "e", "ai", "ei", "ao", "ou", "an", "en", "ang",
        "eng", "er" },
      { "i", "ia", "io", "", "ie", "iai", "", "iao", "iu", "ian", "in",
        "iang", "ing", "" },
      { "u", "ua", "uo", "", "", "uai", "ui", "", "", "uan", "un", "uang",
        "ong", "" },
      { "u", "", "", "", "ue", "", "", "", "", "uan", "un", "", "iong",
        "" } },
    { { "", "a", "o", "e", "e", "ai", "ei", "ao", "ou", "an", "en", "ang",
        "eng", "er" },
      { "yi", "ya", "yo", "", "ye", "yai", "", "yao", "you", "yan", "yin",
        "yang", "ying", "" },
      { "wu", "wa", "wo", "", "", "wai", "wei", "", "", "wan", "wen",
        "wang", "weng", "" },
      { "yu", "", "", "", "yue", "", "", "", "", "yuan", "yun", "", "yong",
        "" } }
};


static int
is_bopomofo(uint32_t cp)
{
    return cp >= BOPOMOFO && cp < BOPOMOFO_END;
}


/* the syllable at p in Latin letters, "u" for u with diaeresis; its bytes */

static size_t
bopomofo(const uint8_t *p, size_t n, char out[8])
{
    int       initial, glide, final;
    size_t    at, len;
    uint32_t  cp;

    initial = -1;
    glide = 0;
    final = 0;

    for (at = 0; at < n; at += len) {
        cp = mdr_utf8_take(p + at, n - at, &len);

        if (!is_bopomofo(cp)) {
            break;
        }

        if (cp < FINALS) {
            if (at != 0) {
                break;
            }
            initial = (int) (cp - BOPOMOFO);

        } else if (cp >= GLIDES) {
            if (glide != 0) {
                break;
            }
            glide = (int) (cp - GLIDES) + 1;

        } else {
            final = (int) (cp - FINALS) + 1;
            at += len;
            break;
        }
    }

    out[0] = '\0';

    if (initial >= 0) {
        strcpy(out, initials[initial]);
    }

    strcat(out, finals[initial < 0][glide][final]);

    return at;
}


/* a letter of a reading without tone: ASCII lower case, "v" for u with
 * diaeresis; 0: none; else one of the above */

static char
letter_of(uint32_t cp)
{
    size_t          n;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    switch (cp) {

    case 0xdc: case 0xfc: case 0x1d5: case 0x1d6: case 0x1d7: case 0x1d8:
    case 0x1d9: case 0x1da: case 0x1db: case 0x1dc:
        return 'v';

    case ':': case 0x308:
        return DIAERESIS;

    case '\'': case 0x2018: case 0x2019: case '-': case 0x2010:
    case 0xb7: case 0x2022: case 0x2027: case 0x30fb:   /* a neutral tone    */
    case 0x2c9: case 0x2ca: case 0x2c7: case 0x2cb: case 0x2d9:
        return NOTHING;
    }

    if (mdr_fold_mark(cp) == MDR_GAP_SPACE
        || mdr_fold_dropped(cp, MDR_FOLD_INVISIBLE | MDR_FOLD_CONFUSABLE))
    {
        return NOTHING;
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


/* do the letters before s[n] end with reading r? */

static int
ends_with(const char *s, size_t n, const char *r, size_t len)
{
    size_t  i;

    if (len > n) {
        return 0;
    }

    for (i = 0, s += n - len; i < len; i++) {
        if (r[i] != s[i] && !(r[i] == 'v' && s[i] == 'u')) {
            return 0;
        }
    }

    return 1;
}


/* where readings of cp may begin that end where `ends` says, bit by bit; a
 * reading goes over no bit of `tones`, which end syllables */

static uint64_t
step(uint32_t cp, const char *s, uint64_t ends, uint64_t tones)
{
    size_t          i, k, m, n, len, nforms;
    uint32_t        forms[2 + MDR_FOLD_ALTS];
    uint64_t        begins, inner;
    const char     *r[8];
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    /* of the character, of what it is written for, of simplified forms */

    forms[0] = cp;
    (void) mdr_fold_forms(cp, MDR_FOLD_WIDTH, f);
    forms[1] = f[0].n == 1 ? f[0].cp[0] : 0;
    nforms = 2 + mdr_fold_forms(cp, MDR_FOLD_WIDTH | MDR_FOLD_HANT, f);

    for (k = 2; k < nforms; k++) {
        forms[k] = f[k - 2].n == 1 ? f[k - 2].cp[0] : 0;
    }

    begins = 0;

    for (k = 0; k < nforms; k++) {
        if (forms[k] == 0 || (k != 0 && forms[k] == forms[k - 1])) {
            continue;
        }

        m = mdr_fold_readings(forms[k], r);

        for (i = 0; i < m; i++) {
            len = strlen(r[i]);
            inner = ((uint64_t) 1 << (len - 1)) - 1;

            for (n = len; n <= LETTERS; n++) {
                if ((ends >> n & 1) != 0
                    && (tones >> (n - len + 1) & inner) == 0
                    && ends_with(s, n, r[i], len))
                {
                    begins |= (uint64_t) 1 << (n - len);
                }
            }
        }
    }

    return begins;
}


/* are the letters readings of the last characters up to atom last? */

static int
is_reading(const mdr_trace_t *t, size_t first, size_t last, const char *s,
    size_t n, uint64_t tones)
{
    size_t    i;
    uint64_t  ends;

    ends = (uint64_t) 1 << n;

    for (i = last + 1; i > first && last + 1 - i < CHARACTERS; i--) {

        if (!mdr_fold_is_han(t->atoms[i - 1].cp)) {
            return 0;
        }

        ends = step(t->atoms[i - 1].cp, s, ends, tones);

        if ((ends & 1) != 0) {
            return 1;
        }

        if (ends == 0) {
            return 0;
        }
    }

    return 0;
}


size_t
mdr_gloss_len(const mdr_trace_t *t, size_t first, size_t last, size_t at)
{
    char      s[LETTERS + 1], syllable[8], c;
    size_t    i, len, m, k;
    uint32_t  cp, close;
    uint64_t  tones;

    cp = mdr_utf8_take(t->text + at, t->len - at, &len);
    close = mdr_gloss_close(cp);

    if (close == 0) {
        return 0;
    }

    for (i = at + len, m = 0, tones = 0; i < t->len; i += len) {
        cp = mdr_utf8_take(t->text + i, t->len - i, &len);

        if (cp == close || (cp == ')' && close == 0xff09)
            || (cp == 0xff09 && close == ')'))
        {
            return m != 0 && is_reading(t, first, last, s, m, tones)
                   ? i + len - at : 0;
        }

        if (is_bopomofo(cp)) {
            len = bopomofo(t->text + i, t->len - i, syllable);
            k = strlen(syllable);

            if (k == 0 || k > LETTERS - m) {
                return 0;
            }

            memcpy(s + m, syllable, k);
            m += k;
            continue;
        }

        c = letter_of(cp);

        if (c == NOTHING) {
            continue;
        }

        if (c == DIAERESIS) {
            if (m == 0 || s[m - 1] != 'u') {
                return 0;
            }
            s[m - 1] = 'v';
            continue;
        }

        if (c == TONE_DIGIT && m != 0 && (tones >> m & 1) == 0) {
            tones |= (uint64_t) 1 << m;         /* zhen4                    */
            continue;
        }

        if (c == 0 || c == TONE_DIGIT || m == LETTERS) {
            return 0;
        }

        s[m++] = c;
    }

    return 0;
}


int
mdr_gloss_may_begin(const uint8_t *p, size_t n)
{
    char      c;
    size_t    i, len;
    uint32_t  cp;

    for (i = 0; i < n; i += len) {
        cp = mdr_utf8_take(p + i, n - i, &len);
        c = letter_of(cp);

        if (c != NOTHING) {
            return c >= 'a' || is_bopomofo(cp);
        }
    }

    return 0;
}
