/*
 * match_build.c - from the terms of a model to a lexicon (see lexicon.h).
 *
 * 1. Every character that a term may need, in the primary form of its rule's
 *    folds, is an element.  2. A character of the text that may stand for
 *    several elements unites them: they share a class.  3. Terms become
 *    patterns of classes; equal patterns share users.  4. Each gets its
 *    anchor, the filter and the hash are filled.
 *
 * Nothing depends on addresses or on time: the same model gives the same
 * bytes.
 */

#include "fold.h"
#include "match_build.h"
#include "regex.h"
#include "utf8.h"

#include <string.h>


#define ELEMENTS   MDR_LEX_ELEMENTS
#define MAX_FORMS  32                   /* elements that a character may be  */


static uint32_t
find(uint32_t *root, uint32_t x)
{
    while (root[x] != x) {
        root[x] = root[root[x]];
        x = root[x];
    }

    return x;
}


static int
set_of(mdr_lex_build_t *b, uint32_t folds)
{
    uint32_t  i;

    for (i = 0; i < b->nsets; i++) {
        if (b->sets[i] == folds) {
            return 1;
        }
    }

    if (b->nsets == MDR_LEX_SETS) {

        /* too many: compared under all folds at once, which is coarser */

        b->sets[0] |= folds;
        return 0;
    }

    b->sets[b->nsets++] = folds;

    return 1;
}


typedef int (*term_pt)(mdr_lex_build_t *b, const mdr_rule_t *r, uint32_t rule,
    uint32_t group, mdr_str_t term);


/* every term of every rule, exceptions too, and what regexes need */

static int
each_term(mdr_lex_build_t *b, term_pt f)
{
    uint32_t            i, j, k;
    uint64_t            n;
    const mdr_rule_t   *r;
    const mdr_group_t  *g;

    b->regex = 0;

    for (i = 0; i < b->model->nrules; i++) {
        r = &b->model->rules[i];

        for (j = 0; j < r->ngroups + r->nexcepts; j++) {
            g = j < r->ngroups ? &r->groups[j]
                               : &r->excepts[j - r->ngroups].group;
            k = j < r->ngroups ? j : (j - r->ngroups) | MDR_USER_EXCEPT;

            for (n = 0; n < g->nterms; n++) {
                if (f(b, r, i, k, g->terms[n].text) != MDR_OK) {
                    return MDR_ERROR;
                }
            }

            for (n = 0; n < g->nregexes; n++, b->regex++) {
                mdr_regex_need_t  need;
                uint32_t          m;

                mdr_regex_need(g->regexes[n], r->profile.folds, &need);

                for (m = 0; m < need.n; m++) {
                    if (f(b, r, i, k | MDR_USER_REGEX, need.lit[m])
                        != MDR_OK)
                    {
                        return MDR_ERROR;
                    }
                }
            }
        }
    }

    return MDR_OK;
}


/* what cp is under folds */

static uint32_t
look_at(uint32_t cp, uint32_t folds)
{
    uint32_t        m, word;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    if (mdr_fold_dropped(cp, folds)) {
        return MDR_MEMO_KNOWN | MDR_MEMO_DROPPED;
    }

    (void) mdr_fold_forms(cp, folds, f);
    m = MDR_MEMO_KNOWN;
    m |= f[0].n == 1 ? f[0].cp[0] : MDR_MEMO_SEVERAL;
    word = cp < 0x80 && mdr_fold_is_word(cp);

    if ((word || mdr_fold_is_han(cp)) && mdr_fold_mark(cp) == 0
        && !mdr_fold_special(cp, folds))
    {
        m |= MDR_MEMO_PLAIN | (word ? MDR_MEMO_WORD : 0);
    }

    return m;
}


static inline uint32_t
memo(mdr_lex_build_t *b, uint32_t cp, uint32_t folds)
{
    if (cp >= MDR_LEX_BMP) {
        return look_at(cp, folds);
    }

    if (b->memo_folds != folds) {
        memset(b->memo, 0, MDR_LEX_BMP * sizeof(uint32_t));
        b->memo_folds = folds;
    }

    if (b->memo[cp] == 0) {
        b->memo[cp] = look_at(cp, folds);
    }

    return b->memo[cp];
}


static inline uint32_t
next_char(mdr_str_t term, size_t i, size_t *len)
{
    if ((uint8_t) term.data[i] < 0x80) {
        *len = 1;
        return (uint8_t) term.data[i];
    }

    return mdr_utf8_next((const uint8_t *) term.data + i, term.len - i, len);
}


/* elements of a term under folds, in order; how many */

static size_t
elements(mdr_lex_build_t *b, mdr_str_t term, uint32_t folds, uint32_t *e)
{
    size_t          i, k, len, n;
    uint32_t        cp, m;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    for (i = 0, n = 0; i < term.len; i += len) {
        cp = next_char(term, i, &len);

        if (len == 0) {
            break;
        }

        m = memo(b, cp, folds);

        if (m & MDR_MEMO_DROPPED) {
            continue;
        }

        if (!(m & MDR_MEMO_SEVERAL)) {
            if (n < ELEMENTS) {
                e[n++] = m & MDR_MEMO_ELEMENT;
            }
            continue;
        }

        (void) mdr_fold_forms(cp, folds, f);

        for (k = 0; k < f[0].n && n < ELEMENTS; k++) {
            e[n++] = f[0].cp[k];
        }
    }

    return n;
}


static int
note_elements(mdr_lex_build_t *b, const mdr_rule_t *r, uint32_t rule, uint32_t group,
    mdr_str_t term)
{
    size_t    i, n;
    uint32_t  e[ELEMENTS];

    (void) rule;
    (void) group;

    n = elements(b, term, r->profile.folds, e);

    for (i = 0; i < n; i++) {
        b->element[e[i]] = 1;
    }

    b->h.terms += (group & MDR_USER_REGEX) == 0;

    return MDR_OK;
}


static int
skippable(const mdr_lex_build_t *b, uint32_t cp)
{
    return (mdr_fold_mark(cp) & b->h.gaps) != 0;
}


/* what a character's primary form is to a regex */

static uint8_t
kind_of(const mdr_fold_seq_t *f)
{
    uint32_t  i, cp;
    uint8_t   kind;

    for (i = 0, kind = 0; i < f->n; i++) {
        cp = f->cp[i];
        cp = cp >= 'A' && cp <= 'Z' ? cp | 32 : cp;

        if (cp >= 0x7f && f->n == 1) {
            return mdr_fold_mark(cp) & ~MDR_GAP_SPACE ? MDR_KIND_MARK : 0;
        }

        if (cp <= ' ' || cp >= 0x7f) {
            continue;
        }

        if (f->n == 1) {
            return (uint8_t) cp;
        }

        kind |= cp >= '0' && cp <= '9' ? MDR_KIND_DIGIT
                : cp >= 'a' && cp <= 'z' ? MDR_KIND_LETTER : MDR_KIND_SIGN;
    }

    return kind;
}


/* all that a kind may be, as one of several */

static uint8_t
as_many(uint8_t kind)
{
    return kind == 0 || kind >= MDR_KIND_MANY ? kind
           : kind == MDR_KIND_DROPPED ? MDR_KIND_MANY
           : kind >= '0' && kind <= '9' ? MDR_KIND_DIGIT
           : kind >= 'a' && kind <= 'z' ? MDR_KIND_LETTER : MDR_KIND_SIGN;
}


/* under one of the sets of folds cp is this */

static void
note_kind(mdr_lex_build_t *b, uint32_t cp, uint8_t kind)
{
    uint8_t  *k;

    if (b->kinds == NULL || cp >= MDR_LEX_BMP) {
        return;
    }

    k = &b->kinds[cp];

    /* letters without case in any rule, but not for PCRE2; turned letters;
     * an override brings others together; what makes a digit an emoji is no
     * character of its own */

    if (cp == 0x17f || cp == 0x212a || cp == 0x202e
        || mdr_fold_rotate(cp) != 0)
    {
        kind = MDR_KIND_ALL;

    } else if (cp == 0x20e3 || cp == 0xfe0e || cp == 0xfe0f) {
        kind = MDR_KIND_DROPPED;
    }

    if (*k == MDR_KIND_UNSET || *k == kind) {
        *k = kind;
        return;
    }

    *k = as_many(*k) | as_many(kind) | MDR_KIND_MANY;
}


/* is it part of an emoji, behind one? (UTS #51) */

static int
is_emoji_tail(uint32_t cp)
{
    return cp == 0x200d || cp == 0xfe0e || cp == 0xfe0f
           || (cp >= 0xe0020 && cp <= 0xe007f);
}


/*
 * Does what cp means depend on where it stands?  Brackets, overrides and
 * keycaps always; letters upside down where there are letters to be, or where
 * they are marks otherwise; what is a mark or a letter, or several, where it
 * is part of some term; parts of emoji where these are marks.
 */

static int
by_context(const mdr_lex_build_t *b, uint32_t cp, int kept, int dropped,
    int latin)
{
    if (is_emoji_tail(cp)) {
        return !dropped && (b->h.gaps & MDR_GAP_EMOJI) != 0;
    }

    if (!mdr_fold_special(cp, b->h.folds)) {
        return 0;
    }

    return kept
           || mdr_fold_special(cp, b->h.folds
                                   & (MDR_FOLD_GLOSS|MDR_FOLD_INVISIBLE))
           || (mdr_fold_rotate(cp) != 0
               && (latin || mdr_fold_mark(cp) != 0));
}


/* e stands for cp under some folds: under all of them, and nothing else? */

static void
note_nature(mdr_lex_build_t *b, uint32_t cp, uint32_t e)
{
    uint32_t        s;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    if (mdr_fold_is_word(cp) || mdr_fold_is_word(e)) {
        b->nature[e] |= MDR_NATURE_WORD;
    }

    if (cp < 0x800) {
        b->nature[e] |= MDR_NATURE_SHORT;
    }

    for (s = 0; s < b->nsets; s++) {
        if (mdr_fold_mark(cp) != 0 || mdr_fold_dropped(cp, b->sets[s])
            || mdr_fold_forms(cp, b->sets[s], f) != 1 || f[0].n != 1
            || f[0].cp[0] != e)
        {
            b->nature[e] |= MDR_NATURE_MIXED;
            return;
        }
    }
}


/*
 * May cp not make the elements one that it may stand for?  Letters and digits
 * of ASCII are few, and rare characters look like several of them: made one,
 * all words would look alike.  Such a character is special instead.
 */

static int
is_apart(mdr_lex_build_t *b, uint32_t cp, const uint32_t *forms, uint32_t n)
{
    int       ascii, differ;
    uint32_t  i;

    if (cp < 0x80) {
        return 0;
    }

    for (i = 0, ascii = 0, differ = 0; i < n; i++) {
        ascii |= forms[i] < 0x80;
        differ |= find(b->root, forms[i]) != find(b->root, forms[0]);
    }

    return ascii && differ;
}


/* the class of each character of a text */

static int
make_classes(mdr_lex_build_t *b)
{
    int             dropped, kept, many, latin;
    size_t          n, k, j;
    uint16_t       *id;
    uint32_t        cp, s, e, i, one, next, forms[MAX_FORMS], nforms;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    for (cp = 0; cp < MDR_CPS; cp++) {
        b->root[cp] = cp;
        b->table[cp] = MDR_CL_NONE;
        b->elem_class[cp] = MDR_CL_NONE;
    }

    for (cp = '0', latin = 0; cp <= 'z'; cp++) {
        latin |= b->element[cp] && mdr_fold_is_word(cp);
    }

    for (cp = 0; cp < 0xe1000; cp++) {

        if (cp == 0x33480) {
            cp = 0xe0000;
        }

        dropped = 0;
        kept = 0;
        many = 0;
        one = 0;
        nforms = 0;

        for (s = 0; s < b->nsets; s++) {

            if (mdr_fold_dropped(cp, b->sets[s])) {
                dropped = 1;
                note_kind(b, cp, MDR_KIND_DROPPED);
                continue;
            }

            n = mdr_fold_forms(cp, b->sets[s], f);
            note_kind(b, cp, kind_of(&f[0]));

            for (k = 0; k < n; k++) {
                for (j = 0; j < f[k].n; j++) {
                    e = f[k].cp[j];

                    if (!b->element[e]) {
                        continue;
                    }

                    kept = 1;

                    if (f[k].n != 1) {
                        many = 1;
                        continue;
                    }

                    for (i = 0; i < nforms && forms[i] != e; i++) {
                        /* void */
                    }

                    if (i < MAX_FORMS) {
                        forms[i] = e;
                        nforms += i == nforms;
                    } else {
                        many = 1;
                    }
                }
            }
        }

        many |= is_apart(b, cp, forms, nforms);

        for (i = 0; i < nforms && !many; i++) {
            note_nature(b, cp, forms[i]);

            if (one == 0) {
                one = find(b->root, forms[i]);
            } else {
                b->root[find(b->root, forms[i])] = one;
                one = find(b->root, one);
            }
        }

        if (many || (dropped && kept) || (skippable(b, cp) && kept)
            || by_context(b, cp, kept, dropped, latin))
        {
            b->table[cp] = MDR_CL_SPECIAL;

        } else if (dropped || skippable(b, cp)) {
            b->table[cp] = MDR_CL_SKIP;

        } else if (kept) {
            b->table[cp] = MDR_CL_FIRST;    /* named below                   */
            b->text_root[cp] = one;
        }
    }

    id = b->ids;
    next = MDR_CL_FIRST;

    for (cp = 0; cp < MDR_CPS; cp++) {
        if (b->element[cp] && !skippable(b, cp)) {
            e = find(b->root, cp);
            if (id[e] == 0) {
                if (next > 65000) {
                    return MDR_ERROR;
                }
                id[e] = (uint16_t) next++;
                b->class_nature[id[e]] = b->nature[cp];

            } else {
                b->class_nature[id[e]] |= b->nature[cp] | MDR_NATURE_MIXED;
            }
            b->elem_class[cp] = id[e];

        } else if (b->element[cp]) {
            b->elem_class[cp] = MDR_CL_SKIP;
        }
    }

    for (cp = 0; cp < MDR_CPS; cp++) {
        if (b->table[cp] == MDR_CL_FIRST) {
            b->table[cp] = id[find(b->root, b->text_root[cp])];
            if (b->table[cp] == 0) {
                b->table[cp] = MDR_CL_SPECIAL;  /* a mark of some term       */
            }
        }
    }

    b->h.nclasses = next;

    return MDR_OK;
}


/* twice as many entries as there are patterns, at least */

static int
grow_hash(mdr_lex_build_t *b, size_t n)
{
    size_t     i, k, size;
    uint64_t  *hash;

    for (size = 4096; size < n * 2; size *= 2) { /* void */ }

    hash = mdr_calloc(b->alloc, size * sizeof(uint64_t));
    if (hash == NULL) {
        return MDR_ERROR;
    }

    for (i = 0; i < b->hash_size; i++) {
        if (b->hash[i] != 0) {
            for (k = (b->hash[i] >> 32) & (size - 1); hash[k] != 0;
                 k = (k + 1) & (size - 1))
            {
                /* void */
            }
            hash[k] = b->hash[i];
        }
    }

    mdr_free(b->alloc, b->hash);
    b->hash = hash;
    b->hash_size = size;

    return MDR_OK;
}


static int
add_pattern(mdr_lex_build_t *b, const uint16_t *c, size_t n, uint32_t h,
    uint32_t *index)
{
    size_t           i, at;
    mdr_lex_term_t  *q;

    if ((b->npatterns + 1) * 2 > b->hash_size
        && grow_hash(b, b->npatterns * 2 + 1) != MDR_OK)
    {
        return MDR_ERROR;
    }

    q = (mdr_lex_term_t *) (void *) b->patterns.data;

    for (at = h & (b->hash_size - 1); b->hash[at] != 0;
         at = (at + 1) & (b->hash_size - 1))
    {
        i = (uint32_t) b->hash[at] - 1;

        if (b->hash[at] >> 32 == h && q[i].len == n
            && memcmp((uint16_t *) (void *) b->classes.data + q[i].at, c,
                      n * sizeof(uint16_t))
               == 0)
        {
            *index = (uint32_t) i;
            return MDR_OK;
        }
    }

    if (b->npatterns == UINT32_MAX - 1
        || mdr_buf_reserve(&b->patterns, sizeof(mdr_lex_term_t)) != MDR_OK
        || mdr_buf_reserve(&b->classes, n * sizeof(uint16_t)) != MDR_OK)
    {
        return MDR_ERROR;
    }

    q = (mdr_lex_term_t *) (void *) b->patterns.data + b->npatterns;
    q->at = (uint32_t) (b->classes.len / sizeof(uint16_t));
    q->len = (uint16_t) n;
    q->anchor = 0;
    b->patterns.len += sizeof(mdr_lex_term_t);
    memcpy(b->classes.data + b->classes.len, c, n * sizeof(uint16_t));
    b->classes.len += n * sizeof(uint16_t);
    b->hash[at] = (uint64_t) h << 32 | ++b->npatterns;
    *index = (uint32_t) b->npatterns - 1;

    return MDR_OK;
}


/*
 * Han characters, ASCII letters and digits: each is one atom of a text,
 * whatever stands beside it; so a text with the same bytes has the term where
 * word edges allow.
 */

static uint32_t
plain_flags(mdr_lex_build_t *b, const mdr_rule_t *r, mdr_str_t term)
{
    size_t    i, len;
    uint32_t  m, first, flags, word;

    if (r->profile.boundary == MDR_BOUNDARY_WHOLE
        || (r->profile.folds & MDR_FOLD_PINYIN))
    {
        return 0;
    }

    flags = MDR_TERM_PLAIN;
    first = 0;
    word = 0;

    for (i = 0; i < term.len; i += len) {
        m = memo(b, next_char(term, i, &len), r->profile.folds);

        if (len == 0 || !(m & MDR_MEMO_PLAIN)) {
            return 0;
        }

        word = (m & MDR_MEMO_WORD) != 0;

        if (word && (r->profile.folds & MDR_FOLD_CASE)) {
            flags |= MDR_TERM_CASE;
        }

        first = i == 0 ? word : first;
    }

    if (r->profile.boundary == MDR_BOUNDARY_WORD) {
        return flags | MDR_TERM_HEAD | MDR_TERM_TAIL;
    }

    if (r->profile.boundary == MDR_BOUNDARY_AUTO) {
        flags |= first ? MDR_TERM_HEAD : 0;
        flags |= word ? MDR_TERM_TAIL : 0;
    }

    return flags;
}


/* MDR_TERM_EXACT for a pattern whose every class says which character of the
 * term stands there, n classes of it all (neighbours differ where runs are one
 * class); perhaps MDR_TERM_WIDE */

static uint32_t
exact_flags(const mdr_lex_build_t *b, const mdr_rule_t *r, const uint16_t *c,
    size_t n)
{
    size_t   i;
    uint8_t  bad, nature;

    if (b->nsets == MDR_LEX_SETS || (r->profile.folds & MDR_FOLD_PINYIN)
        || (r->profile.boundary != MDR_BOUNDARY_NONE
            && r->profile.boundary != MDR_BOUNDARY_AUTO))
    {
        return 0;
    }

    bad = r->profile.boundary == MDR_BOUNDARY_NONE
          ? MDR_NATURE_MIXED : MDR_NATURE_MIXED | MDR_NATURE_WORD;

    for (i = 0, nature = 0; i < n; i++) {
        nature |= b->class_nature[c[i]];
    }

    return nature & bad ? 0
           : nature & MDR_NATURE_SHORT ? MDR_TERM_EXACT
           : MDR_TERM_EXACT | MDR_TERM_WIDE;
}


/* the user that has waited longest finds its pattern */

static int
take_waiting(mdr_lex_build_t *b, uint32_t i)
{
    mdr_lex_waiting_t  *w;

    w = &b->waiting[i % MDR_LEX_WAITING];
    w->use.pattern = UINT32_MAX;

    if (w->n != 0
        && add_pattern(b, w->c, w->n, w->hash, &w->use.pattern) != MDR_OK)
    {
        return MDR_ERROR;
    }

    return mdr_buf_add(&b->users, &w->use, sizeof(mdr_lex_use_t));
}


static int
take_all(mdr_lex_build_t *b)
{
    uint32_t  i;

    i = b->nwaiting > MDR_LEX_WAITING ? b->nwaiting - MDR_LEX_WAITING : 0;

    for ( ; i < b->nwaiting; i++) {
        if (take_waiting(b, i) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    return MDR_OK;
}


static int
add_user(mdr_lex_build_t *b, uint32_t rule, uint32_t group, mdr_str_t term,
    uint32_t text, const uint16_t *c, size_t n, uint32_t flags)
{
    size_t              i;
    uint32_t            h;
    mdr_lex_waiting_t  *w;

    if (b->nwaiting >= MDR_LEX_WAITING
        && take_waiting(b, b->nwaiting - MDR_LEX_WAITING) != MDR_OK)
    {
        return MDR_ERROR;
    }

    w = &b->waiting[b->nwaiting++ % MDR_LEX_WAITING];
    memset(&w->use, 0, sizeof(mdr_lex_use_t));
    w->use.u.text = text;
    w->use.u.len = (uint16_t) term.len;
    w->use.u.rule = (uint16_t) rule;
    w->use.u.group = (uint16_t) group;
    w->use.u.flags = (uint16_t) flags;

    if (!(group & MDR_USER_REGEX)) {
        w->use.u.flags |= (uint16_t) plain_flags(b, &b->model->rules[rule],
                                                 term);
    }

    for (i = 0, h = 2166136261u; i < n; i++) {
        w->c[i] = c[i];
        h = (h ^ c[i]) * 16777619u;
        h ^= h >> 15;
    }

    w->n = (uint16_t) n;
    w->hash = h;
    __builtin_prefetch(&b->hash[h & (b->hash_size - 1)]);

    return MDR_OK;
}


/* a term whose Han characters may stand as their readings: each character
 * itself or one of its readings, as long as that is few patterns */

#define PINYIN_PATTERNS  512

static int
add_pinyin(mdr_lex_build_t *b, uint32_t rule, uint32_t group, mdr_str_t term,
    uint32_t text, const uint32_t *e, size_t n, uint32_t flags)
{
    size_t       i, j, k, m, total, m2;
    uint16_t     c[ELEMENTS];
    uint32_t     choice[64];
    const char  *r[8];

    for (i = 0, total = 1; i < n; i++) {
        m = mdr_fold_is_han(e[i]) ? mdr_fold_readings(e[i], r) : 0;
        total *= m + 1;
        if (total > PINYIN_PATTERNS || n > 64) {
            total = 0;
            break;
        }
    }

    memset(choice, 0, sizeof(choice));

    if (total == 0) {
        if (n > 64) {
            return MDR_OK;
        }
        for (i = 0; i < n; i++) {       /* all by their first reading        */
            choice[i] = mdr_fold_is_han(e[i])
                        && mdr_fold_readings(e[i], r) != 0;
        }
    }

    for ( ;; ) {

        for (i = 0, m = 0; i < n; i++) {
            if (choice[i] == 0) {
                if (b->elem_class[e[i]] != MDR_CL_SKIP && m < ELEMENTS) {
                    c[m++] = b->elem_class[e[i]];
                }
                continue;
            }

            (void) mdr_fold_readings(e[i], r);

            for (j = 0; r[choice[i] - 1][j] != '\0' && m < ELEMENTS; j++) {
                c[m++] = b->elem_class[(uint8_t) r[choice[i] - 1][j]];
            }
        }

        if (b->h.repeat) {
            for (k = 0, m2 = 0; k < m; k++) {
                if (m2 == 0 || c[m2 - 1] != c[k]) {
                    c[m2++] = c[k];
                }
            }
            m = m2;
        }

        b->h.longest = m > b->h.longest ? (uint32_t) m : b->h.longest;

        if (add_user(b, rule, group, term, text, c, m, flags) != MDR_OK) {
            return MDR_ERROR;
        }

        if (total == 0) {
            return MDR_OK;
        }

        for (i = 0; i < n; i++) {
            m = mdr_fold_is_han(e[i]) ? mdr_fold_readings(e[i], r) : 0;
            if (choice[i] < m) {
                choice[i]++;
                break;
            }
            choice[i] = 0;
        }

        if (i == n) {
            return MDR_OK;
        }
    }
}


static int
add_term(mdr_lex_build_t *b, const mdr_rule_t *r, uint32_t rule, uint32_t group,
    mdr_str_t term)
{
    size_t    i, n, m;
    uint16_t  c[ELEMENTS];
    uint32_t  e[ELEMENTS], text, flags;

    n = elements(b, term, r->profile.folds, e);

    if (n == 0) {
        return MDR_OK;
    }

    text = (uint32_t) b->text.len;

    if (group & MDR_USER_REGEX) {
        text = b->regex;
        term.len = 0;

    } else if (b->text.len > UINT32_MAX - 4096
        || mdr_buf_add(&b->text, term.data, term.len) != MDR_OK)
    {
        return MDR_ERROR;
    }

    for (i = 0, m = 0, flags = 0; i < n; i++) {
        if (b->elem_class[e[i]] == MDR_CL_SKIP) {
            flags = MDR_TERM_MARKS;
            m++;
            b->h.marks = m > b->h.marks ? (uint32_t) m : b->h.marks;
        } else {
            m = 0;
        }
    }

    b->h.longest = n > b->h.longest ? (uint32_t) n : b->h.longest;

    if ((r->profile.folds & MDR_FOLD_PINYIN) && !(group & MDR_USER_REGEX)) {
        return add_pinyin(b, rule, group, term, text, e, n, flags);
    }

    for (i = 0, m = 0; i < n; i++) {
        c[m] = b->elem_class[e[i]];

        if (c[m] == MDR_CL_SKIP
            || (b->h.repeat && m != 0 && c[m] == c[m - 1]))
        {
            continue;
        }
        m++;
    }

    if (m == n) {
        flags |= exact_flags(b, r, c, n);
    }

    return add_user(b, rule, group, term, text, c, m, flags);
}


static int
pinyin_letters(mdr_lex_build_t *b, const mdr_rule_t *r, uint32_t rule,
    uint32_t group, mdr_str_t term)
{
    uint32_t  c;

    (void) rule;
    (void) group;
    (void) term;

    if (r->profile.folds & MDR_FOLD_PINYIN) {
        for (c = 'a'; c <= 'z'; c++) {
            b->element[c] = 1;
        }
    }

    return MDR_OK;
}


/* classes of patterns of one class get the highest numbers */

static void
number_singles(mdr_lex_build_t *b)
{
    mdr_lex_term_t       *p;
    size_t     i;
    uint16_t  *c, *to;
    uint32_t   cp, cl, low, high, singles;
    uint8_t   *is;

    to = b->ids;                        /* reused: old class to new          */
    is = b->element2;
    memset(is, 0, 65536);
    p = (mdr_lex_term_t *) (void *) b->patterns.data;
    c = (uint16_t *) (void *) b->classes.data;
    singles = 0;

    for (i = 0; i < b->npatterns; i++) {
        if (p[i].len == 1 && !is[c[p[i].at]]) {
            is[c[p[i].at]] = 1;
            singles++;
        }
    }

    low = MDR_CL_FIRST;
    high = b->h.nclasses - singles;
    b->h.single = high;

    for (cl = 0; cl < b->h.nclasses; cl++) {
        to[cl] = (uint16_t) (cl < MDR_CL_FIRST ? cl
                             : is[cl] ? high++ : low++);
    }

    for (cp = 0; cp < MDR_CPS; cp++) {
        b->table[cp] = to[b->table[cp]];
        b->elem_class[cp] = to[b->elem_class[cp]];
    }

    for (i = 0; i < b->classes.len / sizeof(uint16_t); i++) {
        c[i] = to[c[i]];
    }
}


static int
has_regexes(const mdr_model_t *m)
{
    uint32_t           i, j;
    const mdr_rule_t  *r;

    for (i = 0; i < m->nrules; i++) {
        r = &m->rules[i];

        for (j = 0; j < r->ngroups; j++) {
            if (r->groups[j].nregexes != 0) {
                return 1;
            }
        }

        for (j = 0; j < r->nexcepts; j++) {
            if (r->excepts[j].group.nregexes != 0) {
                return 1;
            }
        }
    }

    return 0;
}


/* for what the terms will need, mostly */

static int
make_room(mdr_lex_build_t *b)
{
    size_t  n;

    n = (size_t) b->h.terms;

    return mdr_buf_reserve(&b->users, n * sizeof(mdr_lex_use_t)) == MDR_OK
           && mdr_buf_reserve(&b->patterns, n * sizeof(mdr_lex_term_t))
              == MDR_OK
           && mdr_buf_reserve(&b->classes, n * 5 * sizeof(uint16_t))
              == MDR_OK
           && mdr_buf_reserve(&b->text, n * 15) == MDR_OK
           ? grow_hash(b, n) : MDR_ERROR;
}


int
mdr_lexicon_build(const mdr_model_t *m, const mdr_alloc_t *alloc,
    mdr_buf_t *out, mdr_diags_t *diags)
{
    int        rc;
    uint32_t   i;
    mdr_lex_build_t  b;

    (void) diags;

    memset(&b, 0, sizeof(b));
    b.alloc = alloc;
    b.model = m;
    b.out = out;
    mdr_buf_init(&b.users, alloc);
    mdr_buf_init(&b.text, alloc);
    mdr_buf_init(&b.classes, alloc);
    mdr_buf_init(&b.patterns, alloc);

    for (i = 0; i < m->nrules; i++) {
        (void) set_of(&b, m->rules[i].profile.folds);
        b.h.folds |= m->rules[i].profile.folds;
        b.h.gaps |= m->rules[i].profile.gap_of;
    }

    b.h.repeat = (b.h.folds & MDR_FOLD_REPEAT) != 0;

    b.root = mdr_alloc(alloc, MDR_CPS * sizeof(uint32_t));
    b.text_root = mdr_alloc(alloc, MDR_CPS * sizeof(uint32_t));
    b.element = mdr_calloc(alloc, MDR_CPS);
    b.element2 = mdr_alloc(alloc, 65536);
    b.nature = mdr_calloc(alloc, MDR_CPS);
    b.class_nature = mdr_calloc(alloc, 65536);
    b.memo = mdr_calloc(alloc, MDR_LEX_BMP * sizeof(uint32_t));
    b.memo_folds = UINT32_MAX;
    b.waiting = mdr_alloc(alloc, MDR_LEX_WAITING
                                 * sizeof(mdr_lex_waiting_t));
    b.table = mdr_alloc(alloc, MDR_CPS * sizeof(uint16_t));
    b.elem_class = mdr_alloc(alloc, MDR_CPS * sizeof(uint16_t));
    b.ids = mdr_calloc(alloc, MDR_CPS * sizeof(uint16_t));
    b.kinds = has_regexes(m) ? mdr_calloc(alloc, MDR_LEX_BMP) : NULL;

    if (b.kinds != NULL) {
        memset(b.kinds, MDR_KIND_UNSET, MDR_LEX_BMP);
    }

    rc = b.root != NULL && b.text_root != NULL && b.element != NULL
         && b.element2 != NULL && b.table != NULL && b.elem_class != NULL
         && b.ids != NULL && b.nature != NULL && b.class_nature != NULL
         && b.memo != NULL && b.waiting != NULL
         && (b.kinds != NULL || !has_regexes(m)) ? MDR_OK : MDR_ERROR;

    if (rc == MDR_OK) {
        rc = each_term(&b, note_elements);
    }
    if (rc == MDR_OK) {
        rc = each_term(&b, pinyin_letters);
    }
    if (rc == MDR_OK) {
        rc = make_classes(&b);
    }
    if (rc == MDR_OK) {
        rc = make_room(&b);
    }
    if (rc == MDR_OK) {
        rc = each_term(&b, add_term);
    }
    if (rc == MDR_OK) {
        rc = take_all(&b);
    }
    if (rc == MDR_OK) {
        number_singles(&b);
        rc = mdr_lexicon_put(&b);
    }

    mdr_free(alloc, b.root);
    mdr_free(alloc, b.text_root);
    mdr_free(alloc, b.element);
    mdr_free(alloc, b.element2);
    mdr_free(alloc, b.nature);
    mdr_free(alloc, b.class_nature);
    mdr_free(alloc, b.memo);
    mdr_free(alloc, b.waiting);
    mdr_free(alloc, b.table);
    mdr_free(alloc, b.elem_class);
    mdr_free(alloc, b.ids);
    mdr_free(alloc, b.kinds);
    mdr_free(alloc, b.hash);
    mdr_buf_done(&b.users);
    mdr_buf_done(&b.text);
    mdr_buf_done(&b.classes);
    mdr_buf_done(&b.patterns);

    return rc;
}
