/*
 * disguise.c - the ways in which a text is written to get past a word list.
 *
 * Ways that folds undo are made from the folds' own tables, read the other
 * way round; ways that markup allows are written as markup.  A form may have
 * several ways (three kinds of bracket, five invisible marks).
 */

#include "disguise.h"
#include "text/fold.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>


static void
put_bytes(mdr_disguise_t *d, const char *s, size_t n)
{
    if (mdr_buf_add(&d->out, s, n) != MDR_OK) {
        d->failed = 1;
    }
}


static void
put_str(mdr_disguise_t *d, const char *s)
{
    put_bytes(d, s, strlen(s));
}


static void
put(mdr_disguise_t *d, uint32_t cp)
{
    uint8_t  u[4];

    put_bytes(d, (char *) u, mdr_utf8_put(u, cp));
}


/* tables of disguises: what the folds undo, read the other way round */

static int
add_pair(mdr_disguise_t *d, mdr_pairs_t *p, uint32_t plain, uint32_t disguised)
{
    void  *list;

    list = p->list;
    if (mdr_grow(d->alloc, &list, &p->cap, p->n + 1, sizeof(mdr_pair_t))
        != MDR_OK)
    {
        return MDR_ERROR;
    }

    p->list = list;
    p->list[p->n].plain = plain;
    p->list[p->n++].disguised = disguised;

    return MDR_OK;
}


static int
by_plain(const void *a, const void *b)
{
    const mdr_pair_t  *x = a, *y = b;

    if (x->plain != y->plain) {
        return x->plain < y->plain ? -1 : 1;
    }

    return x->disguised < y->disguised ? -1 : x->disguised > y->disguised;
}


static int
make_pairs(mdr_disguise_t *d)
{
    size_t          i, k, n;
    uint32_t        cp;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    static const uint32_t  han[][2] = {
        { 0x4e00, 0x9fff }, { 0x3400, 0x4dbf }, { 0xf900, 0xfaff },
        { 0x20000, 0x2fa1f }
    };

    static const uint32_t  alike[][2] = {
        { 0x00c0, 0x024f }, { 0x0370, 0x058f }, { 0x13a0, 0x13ff }
    };

    for (i = 0; i < sizeof(han) / sizeof(han[0]); i++) {
        for (cp = han[i][0]; cp <= han[i][1]; cp++) {
            n = mdr_fold_forms(cp, MDR_FOLD_HANT, f);

            if (n != 0 && f[0].n == 1 && f[0].cp[0] != cp
                && add_pair(d, &d->hant, f[0].cp[0], cp) != MDR_OK)
            {
                return MDR_ERROR;
            }
        }
    }

    for (i = 0; i < sizeof(alike) / sizeof(alike[0]); i++) {
        for (cp = alike[i][0]; cp <= alike[i][1]; cp++) {
            n = mdr_fold_forms(cp, MDR_FOLD_CONFUSABLE, f);

            for (k = 0; k < n; k++) {
                if (f[k].n == 1 && f[k].cp[0] < 0x80 && f[k].cp[0] != cp
                    && add_pair(d, &d->latin, f[k].cp[0], cp) != MDR_OK)
                {
                    return MDR_ERROR;
                }
            }
        }
    }

    for (cp = han[0][0]; cp <= han[0][1]; cp++) {
        n = mdr_fold_forms(cp, MDR_FOLD_HOMOPHONE, f);

        if (n != 0 && f[0].n == 1
            && add_pair(d, &d->sound, f[0].cp[0], cp) != MDR_OK)
        {
            return MDR_ERROR;
        }
    }

    if (d->sound.n != 0) {
        qsort(d->sound.list, d->sound.n, sizeof(mdr_pair_t), by_plain);
    }

    if (d->hant.n != 0) {
        qsort(d->hant.list, d->hant.n, sizeof(mdr_pair_t), by_plain);
    }

    if (d->latin.n != 0) {
        qsort(d->latin.list, d->latin.n, sizeof(mdr_pair_t), by_plain);
    }

    return MDR_OK;
}


/* the k-th disguise of cp, the last where there are fewer; *more: there are
 * as many as k + 1 */

static uint32_t
disguise(const mdr_pairs_t *p, uint32_t cp, uint32_t k, int *more)
{
    size_t    lo, hi, mid;

    for (lo = 0, hi = p->n; lo < hi; ) {
        mid = (lo + hi) / 2;

        if (p->list[mid].plain < cp) {
            lo = mid + 1;
        } else {
            hi = mid;
        }
    }

    if (lo == p->n || p->list[lo].plain != cp) {
        return cp;
    }

    for ( ; k != 0 && lo + 1 < p->n && p->list[lo + 1].plain == cp; k--) {
        lo++;
    }

    *more |= k == 0;

    return p->list[lo].disguised;
}


static uint32_t
lower(uint32_t cp)
{
    return cp >= 'A' && cp <= 'Z' ? cp + 32 : cp;
}


static int
is_letter(uint32_t cp)
{
    return lower(cp) >= 'a' && lower(cp) <= 'z';
}


static int
as_is(mdr_disguise_t *d, uint32_t k)
{
    size_t  i;

    for (i = 0; i < d->n; i++) {
        put(d, d->cps[i]);
    }

    return k == 0;
}


static int
traditional(mdr_disguise_t *d, uint32_t k)
{
    int     more;
    size_t  i;

    for (i = 0, more = 0; i < d->n && k < 3; i++) {
        put(d, disguise(&d->hant, d->cps[i], k, &more));
    }

    return more;
}


/* a Han character as its two halves */

static int
apart(mdr_disguise_t *d, uint32_t k)
{
    int             more;
    size_t          i, j, n;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    for (i = 0, more = 0; i < d->n && k == 0; i++) {
        n = mdr_fold_forms(d->cps[i], MDR_FOLD_SPLIT, f);

        if (n == 0 || f[0].n < 2) {
            put(d, d->cps[i]);
            continue;
        }

        for (j = 0; j < f[0].n; j++) {
            put(d, f[0].cp[j]);
        }

        more = 1;
    }

    return more;
}


/* another one that is read the same for each Han character; f[0] is the one
 * that stands for all of a sound */

static int
homophone(mdr_disguise_t *d, uint32_t k)
{
    int             more;
    size_t          i;
    uint32_t        cp;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    for (i = 0, more = 0; i < d->n && k < 2; i++) {
        cp = d->cps[i];

        if (mdr_fold_is_han(cp)
            && mdr_fold_forms(cp, MDR_FOLD_HOMOPHONE, f) != 0)
        {
            cp = disguise(&d->sound, f[0].cp[0], k, &more);

            if (cp == d->cps[i]) {
                cp = disguise(&d->sound, f[0].cp[0], k + 2, &more);
            }
        }

        put(d, cp);
    }

    return more;
}


static int
gloss(mdr_disguise_t *d, uint32_t k)
{
    int          more;
    size_t       i;
    const char  *names[8];

    static const char *const  open[] = { "(", "（", "" };
    static const char *const  close[] = { ")", "）", "\xef\xbf\xbb" };

    for (i = 0, more = 0; i < d->n && k < 3; i++) {

        if (!mdr_fold_is_han(d->cps[i])
            || mdr_fold_readings(d->cps[i], names) == 0)
        {
            put(d, d->cps[i]);
            continue;
        }

        /* U+FFF9 text U+FFFA reading U+FFFB */

        put_str(d, k == 2 ? "\xef\xbf\xb9" : "");
        put(d, d->cps[i]);
        put_str(d, k == 2 ? "\xef\xbf\xba" : open[k]);
        put_str(d, names[0]);
        put_str(d, close[k]);
        more = 1;
    }

    return more;
}


static int
ruby(mdr_disguise_t *d, uint32_t k)
{
    int          more;
    size_t       i;
    const char  *names[8];

    for (i = 0, more = 0; i < d->n && k == 0; i++) {

        if (!mdr_fold_is_han(d->cps[i])
            || mdr_fold_readings(d->cps[i], names) == 0)
        {
            put_str(d, d->cps[i] == '<' ? "&lt;" : d->cps[i] == '&' ? "&amp;"
                       : "");
            if (d->cps[i] != '<' && d->cps[i] != '&') {
                put(d, d->cps[i]);
            }
            continue;
        }

        put_str(d, "<ruby>");
        put(d, d->cps[i]);
        put_str(d, "<rt>");
        put_str(d, names[0]);
        put_str(d, "</rt></ruby>");
        more = 1;
    }

    return more;
}


static int
width(mdr_disguise_t *d, uint32_t k)
{
    int       more;
    size_t    i;
    uint32_t  cp;

    for (i = 0, more = 0; i < d->n && k < 2; i++) {
        cp = d->cps[i];

        if (k == 0 && cp > 0x20 && cp < 0x7f) {
            put(d, cp + 0xfee0);
            more = 1;

        } else if (k == 1 && is_letter(cp)) {
            put(d, 0x1d41a + lower(cp) - 'a');          /* bold              */
            more = 1;

        } else {
            put(d, cp);
        }
    }

    return more;
}


static int
capitals(mdr_disguise_t *d, uint32_t k)
{
    int       more;
    size_t    i;
    uint32_t  cp;

    for (i = 0, more = 0; i < d->n && k == 0; i++) {
        cp = d->cps[i];
        more |= is_letter(cp);
        put(d, is_letter(cp) ? cp ^ 32 : cp);
    }

    return more;
}


static int
digits(mdr_disguise_t *d, uint32_t k)
{
    int       more;
    size_t    i;
    uint32_t  cp;

    static const uint32_t  han[] = { 0x3007, 0x4e00, 0x4e8c, 0x4e09, 0x56db,
                                     0x4e94, 0x516d, 0x4e03, 0x516b, 0x4e5d };

    for (i = 0, more = 0; i < d->n && k < 3; i++) {
        cp = d->cps[i];

        if (cp < '0' || cp > '9') {
            put(d, cp);
            continue;
        }

        cp -= '0';
        put(d, k == 0 ? (cp == 0 ? 0x24ea : 0x2460 + cp - 1)
               : k == 1 ? han[cp] : 0x660 + cp);
        more = 1;
    }

    return more;
}


/* something between all characters, or behind each */

static int
between(mdr_disguise_t *d, const char *s)
{
    size_t  i;

    for (i = 0; i < d->n; i++) {
        put(d, d->cps[i]);

        if (i + 1 < d->n) {
            put_str(d, s);
        }
    }

    return d->n > 1;
}


static int
zero_width(mdr_disguise_t *d, uint32_t k)
{
    static const char *const  marks[] = {
        "\xe2\x80\x8b", "\xc2\xad", "\xef\xb8\x8f", "\xe2\x81\xa0",
        "\xf3\xa0\x81\xa1"              /* 200B 00AD FE0F 2060 E0061         */
    };

    return k < 5 && between(d, marks[k]);
}


static int
combining(mdr_disguise_t *d, uint32_t k)
{
    static const char *const  marks[] = {
        "\xcc\xb6", "\xe2\x83\x9d", "\xe2\x83\xa0"      /* 0336 20DD 20E0    */
    };

    return k < 3 && between(d, marks[k]);
}


static int
bidi(mdr_disguise_t *d, uint32_t k)
{
    size_t  i;

    put_str(d, "\xe2\x80\xae");

    for (i = d->n; i != 0; i--) {
        put(d, d->cps[i - 1]);
    }

    put_str(d, "\xe2\x80\xac");

    return k == 0 && d->n > 1;
}


static int
look_alike(mdr_disguise_t *d, uint32_t k)
{
    int     more;
    size_t  i;

    for (i = 0, more = 0; i < d->n && k < MDR_DISGUISE_WAYS; i++) {
        put(d, is_letter(d->cps[i])
               ? disguise(&d->latin, lower(d->cps[i]), k, &more)
               : d->cps[i]);
    }

    return more;
}


static int
doubled(mdr_disguise_t *d, uint32_t k)
{
    size_t  i;

    for (i = 0; i < d->n; i++) {
        put(d, d->cps[i]);
        put(d, d->cps[i]);
    }

    return k == 0;
}


static int
leet(mdr_disguise_t *d, uint32_t k)
{
    int          more;
    size_t       i;
    const char  *p;

    static const char  from[] = "aeosi";
    static const char  to[] = "430$1";

    for (i = 0, more = 0; i < d->n && k == 0; i++) {
        p = is_letter(d->cps[i]) ? strchr(from, (int) lower(d->cps[i]))
                                 : NULL;
        more |= p != NULL;
        put(d, p != NULL ? (uint32_t) to[p - from] : d->cps[i]);
    }

    return more;
}


static int
pinyin(mdr_disguise_t *d, uint32_t k)
{
    int          more;
    size_t       i;
    const char  *names[8];

    for (i = 0, more = 0; i < d->n && k == 0; i++) {
        if (mdr_fold_is_han(d->cps[i])
            && mdr_fold_readings(d->cps[i], names) != 0)
        {
            put_str(d, names[0]);
            more = 1;

        } else {
            put(d, d->cps[i]);
        }
    }

    return more;
}


static int
marks(mdr_disguise_t *d, uint32_t k)
{
    static const char *const  m[] = {
        " ", "·", "-", "★", "\xf0\x9f\x98\x80"
    };

    return k < 5 && between(d, m[k]);
}


/* from here on the text is markup */

static void
put_html(mdr_disguise_t *d, uint32_t cp)
{
    if (cp == '<') {
        put_str(d, "&lt;");
    } else if (cp == '&') {
        put_str(d, "&amp;");
    } else {
        put(d, cp);
    }
}


static int
tags(mdr_disguise_t *d, uint32_t k)
{
    size_t  i;

    static const char *const  before[] = { "", "", "<span>", "<font a='>'>" };
    static const char *const  after[] = { "<b></b>", "<!--x-->", "</span>",
                                          "</font>" };

    for (i = 0; i < d->n && k < 4; i++) {
        put_str(d, before[k]);
        put_html(d, d->cps[i]);
        put_str(d, after[k]);
    }

    return k < 4;
}


static void
put_number(mdr_disguise_t *d, uint32_t n, uint32_t base, size_t least)
{
    char    s[16];
    size_t  i;

    for (i = sizeof(s); n != 0 || i + least > sizeof(s); n /= base) {
        s[--i] = "0123456789abcdef"[n % base];
    }

    put_bytes(d, s + i, sizeof(s) - i);
}


static int
references(mdr_disguise_t *d, uint32_t k)
{
    size_t  i;

    for (i = 0; i < d->n && k < 2; i++) {
        put_str(d, k == 0 ? "&#x" : "&#");
        put_number(d, d->cps[i], k == 0 ? 16 : 10, 1);
        put_str(d, ";");
    }

    return k < 2;
}


static int
escapes(mdr_disguise_t *d, uint32_t k)
{
    size_t    i;
    uint32_t  cp;

    for (i = 0; i < d->n && k == 0; i++) {
        cp = d->cps[i];

        if (cp > 0xffff) {
            put_str(d, "\\u");
            put_number(d, 0xd800 + ((cp - 0x10000) >> 10), 16, 4);
            cp = 0xdc00 + ((cp - 0x10000) & 0x3ff);
        }

        put_str(d, "\\u");
        put_number(d, cp, 16, 4);
    }

    return k == 0;
}


int
mdr_disguise_take(mdr_disguise_t *d, mdr_str_t s)
{
    size_t    i, len;
    uint32_t  cp;

    d->n = 0;

    for (i = 0; i < s.len; i += len) {
        cp = mdr_utf8_next((const uint8_t *) s.data + i, s.len - i, &len);

        if (len == 0 || d->n == MDR_DISGUISE_CPS) {
            return 0;
        }

        cp = cp < 0x20 ? ' ' : cp;

        if (cp != ' ' || (d->n != 0 && d->cps[d->n - 1] != ' ')) {
            d->cps[d->n++] = cp;
        }
    }

    d->n -= d->n != 0 && d->cps[d->n - 1] == ' ';

    return d->n != 0;
}


int
mdr_disguise_unchanged(const mdr_disguise_t *d)
{
    size_t   i, n, at;
    uint8_t  u[4];

    for (i = 0, at = 0; i < d->n; i++, at += n) {
        n = mdr_utf8_put(u, d->cps[i]);

        if (at + n > d->out.len || memcmp(d->out.data + at, u, n) != 0) {
            return 0;
        }
    }

    return at == d->out.len;
}


void
mdr_disguise_plain(mdr_disguise_t *d)
{
    d->out.len = 0;
    (void) as_is(d, 0);
}


int
mdr_disguise_init(mdr_disguise_t *d, const mdr_alloc_t *alloc)
{
    memset(d, 0, sizeof(mdr_disguise_t));
    d->alloc = alloc;
    mdr_buf_init(&d->out, alloc);

    return make_pairs(d);
}


void
mdr_disguise_done(mdr_disguise_t *d)
{
    mdr_buf_done(&d->out);
    mdr_free(d->alloc, d->hant.list);
    mdr_free(d->alloc, d->latin.list);
    mdr_free(d->alloc, d->sound.list);
}


const mdr_form_t  mdr_forms[] = {
    { "traditional", MDR_FOLD_HANT, traditional, MDR_AS_HTML_TEXT, 0 },
    { "gloss", MDR_FOLD_GLOSS, gloss, MDR_AS_HTML_TEXT, 0 },
    { "ruby", 0, ruby, MDR_AS_HTML_RAW, 0 },
    { "width", MDR_FOLD_WIDTH, width, MDR_AS_HTML_TEXT, 0 },
    { "case", MDR_FOLD_CASE, capitals, MDR_AS_HTML_TEXT, 0 },
    { "digits", MDR_FOLD_DIGITS, digits, MDR_AS_HTML_TEXT, 0 },
    { "zero-width", MDR_FOLD_INVISIBLE, zero_width,
      MDR_AS_HTML_TEXT, 0 },
    { "combining", MDR_FOLD_INVISIBLE, combining,
      MDR_AS_HTML_TEXT, 0 },
    { "reversed", MDR_FOLD_INVISIBLE, bidi, MDR_AS_HTML_TEXT, 0 },
    { "look-alike", MDR_FOLD_CONFUSABLE, look_alike,
      MDR_AS_HTML_TEXT, 0 },
    { "marks", MDR_CHECK_GAP, marks, MDR_AS_HTML_TEXT, 0 },
    { "doubled", MDR_FOLD_REPEAT, doubled, MDR_AS_HTML_TEXT, 0 },
    { "leet", MDR_FOLD_LEET, leet, MDR_AS_HTML_TEXT, 0 },
    { "pinyin", MDR_FOLD_PINYIN, pinyin, MDR_AS_HTML_TEXT, 0 },
    { "apart", MDR_FOLD_SPLIT, apart, MDR_AS_HTML_TEXT, 0 },
    { "same-sound", MDR_FOLD_HOMOPHONE, homophone, MDR_AS_HTML_TEXT, 0 },
    { "tags", 0, tags, MDR_AS_HTML_RAW, 0 },
    { "references", 0, references, MDR_AS_HTML_RAW, 0 },
    { "escapes", 0, escapes, MDR_AS_JSON_RAW, 0 },
    { "split", 0, as_is, MDR_AS_HTML_TEXT, 1 },
    { "split", 0, references, MDR_AS_HTML_RAW, 1 },
    { "split", 0, as_is, MDR_AS_JSON_TEXT, 1 },
    { "split", 0, escapes, MDR_AS_JSON_RAW, 1 },
};

const size_t  mdr_nforms = sizeof(mdr_forms) / sizeof(mdr_forms[0]);


const char *
mdr_form_needs(const mdr_form_t *form)
{
    uint32_t  i;

    if (form->needs == MDR_CHECK_GAP) {
        return "gap";
    }

    for (i = 0; i < MDR_FOLDS; i++) {
        if (form->needs == 1u << i) {
            return mdr_fold_names[i];
        }
    }

    return NULL;
}
