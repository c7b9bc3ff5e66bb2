/*
 * match_term.c - terms become patterns of classes, and users of these.
 *
 * Called for every term, a few times over: first for the elements that it is
 * made of, then, when these have classes, for its patterns.  Equal patterns
 * are one, with several users.  The hash by which they are found is large and
 * its places come slowly from memory, so that a user waits while others are
 * read and looks for its pattern a little later.
 */

#include "text/fold.h"
#include "match_build.h"
#include "base/utf8.h"

#include <string.h>


#define ELEMENTS   MDR_LEX_ELEMENTS


/* what cp is under folds */

static uint32_t
folded_char(uint32_t cp, uint32_t folds)
{
    uint32_t        m, word;
    mdr_fold_seq_t  f;

    if (mdr_fold_dropped(cp, folds)) {
        return MDR_CHAR_KNOWN | MDR_CHAR_DROPPED;
    }

    mdr_fold_primary(cp, folds, &f);
    m = MDR_CHAR_KNOWN;
    m |= f.n == 1 ? f.cp[0] : MDR_CHAR_SEVERAL;
    m |= f.n == 1 && f.cp[0] < 0x80 && mdr_fold_is_word(f.cp[0])
         && mdr_fold_is_word(cp) && mdr_fold_mark(cp) == 0
         ? MDR_CHAR_EDGE : 0;
    word = cp < 0x80 && mdr_fold_is_word(cp);

    if ((word || mdr_fold_is_han(cp)) && mdr_fold_mark(cp) == 0
        && !mdr_fold_special(cp, folds))
    {
        m |= MDR_CHAR_PLAIN | (word ? MDR_CHAR_WORD : 0);
    }

    return m;
}


static inline uint32_t
char_of(mdr_lex_build_t *b, uint32_t cp, uint32_t folds)
{
    if (cp >= MDR_LEX_BMP) {
        return folded_char(cp, folds);
    }

    if (b->chars_folds != folds) {
        memset(b->chars, 0, MDR_LEX_BMP * sizeof(uint32_t));
        b->chars_folds = folds;
    }

    if (b->chars[cp] == 0) {
        b->chars[cp] = folded_char(cp, folds);
    }

    return b->chars[cp];
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
    mdr_fold_seq_t  f;

    for (i = 0, n = 0; i < term.len; i += len) {
        cp = next_char(term, i, &len);

        if (len == 0) {
            break;
        }

        m = char_of(b, cp, folds);

        if (m & MDR_CHAR_DROPPED) {
            continue;
        }

        if (!(m & MDR_CHAR_SEVERAL)) {
            if (n < ELEMENTS) {
                e[n++] = m & MDR_CHAR_ELEMENT;
            }
            continue;
        }

        mdr_fold_primary(cp, folds, &f);

        for (k = 0; k < f.n && n < ELEMENTS; k++) {
            e[n++] = f.cp[k];
        }
    }

    return n;
}


int
mdr_match_term_note(mdr_lex_build_t *b, const mdr_rule_t *r, uint32_t rule,
    uint32_t group, mdr_str_t term)
{
    size_t    i, n;
    uint32_t  e[ELEMENTS];

    (void) rule;

    n = elements(b, term, r->profile.folds, e);

    for (i = 0; i < n; i++) {
        b->element[e[i]] |= i == 0 || i + 1 == n
                            ? MDR_ELEMENT_OUTER : MDR_ELEMENT_INNER;
    }

    if (r->profile.folds & MDR_FOLD_PINYIN) {
        memset(b->element + 'a', MDR_ELEMENT_OUTER, 26);
    }

    b->h.terms += (group & MDR_USER_REGEX) == 0;

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


/* for what the terms will need, mostly */

int
mdr_match_term_room(mdr_lex_build_t *b)
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
    q->free = 0;
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
        m = char_of(b, next_char(term, i, &len), r->profile.folds);

        if (len == 0 || !(m & MDR_CHAR_PLAIN)) {
            return 0;
        }

        word = (m & MDR_CHAR_WORD) != 0;

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


/*
 * MDR_TERM_WORD for a term that begins and ends with letters or digits of
 * ASCII, or what stands for one, where the rule lets nothing of the kind stand
 * before or behind it.
 */

static uint32_t
word_flag(mdr_lex_build_t *b, const mdr_rule_t *r, mdr_str_t term)
{
    size_t    i, len;
    uint32_t  m;

    if (!MDR_USE_WORDS || r->profile.boundary == MDR_BOUNDARY_NONE
        || (r->profile.folds & MDR_FOLD_PINYIN) || term.len == 0)
    {
        return 0;
    }

    m = char_of(b, next_char(term, 0, &len), r->profile.folds);

    if (!(m & MDR_CHAR_EDGE)) {
        return 0;
    }

    for (i = term.len - 1; i > 0 && (term.data[i] & 0xc0) == 0x80; i--) {
        /* void */
    }

    m = char_of(b, next_char(term, i, &len), r->profile.folds);

    return m & MDR_CHAR_EDGE ? MDR_TERM_WORD : 0;
}


/* MDR_TERM_CLASSES for a pattern whose every class says which character of the
 * term stands there, n classes of it all (neighbours differ where runs are one
 * class); perhaps MDR_TERM_WIDE */

static uint32_t
class_flags(const mdr_lex_build_t *b, const mdr_rule_t *r, const uint16_t *c,
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
           : nature & MDR_NATURE_SHORT ? MDR_TERM_CLASSES
           : MDR_TERM_CLASSES | MDR_TERM_WIDE;
}


/* the user that has waited longest finds its pattern */

static int
take_waiting(mdr_lex_build_t *b, uint32_t i)
{
    mdr_lex_term_t     *p;
    mdr_lex_waiting_t  *w;

    w = &b->waiting[i % MDR_LEX_WAITING];
    w->use.pattern = UINT32_MAX;

    if (w->n != 0
        && add_pattern(b, w->c, w->n, w->hash, &w->use.pattern) != MDR_OK)
    {
        return MDR_ERROR;
    }

    if (w->n != 0 && !(w->use.u.flags & MDR_TERM_WORD)) {
        p = (mdr_lex_term_t *) (void *) b->patterns.data;
        p[w->use.pattern].free = 1;
    }

    return mdr_buf_add(&b->users, &w->use, sizeof(mdr_lex_use_t));
}


int
mdr_match_term_end(mdr_lex_build_t *b)
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


/* a user whose pattern has n classes; its text is the term */

static int
add_user(mdr_lex_build_t *b, const mdr_lex_user_t *u, mdr_str_t term,
    const uint16_t *c, size_t n)
{
    size_t              i;
    uint32_t            h;
    const mdr_rule_t   *r;
    mdr_lex_waiting_t  *w;

    if (b->nwaiting >= MDR_LEX_WAITING
        && take_waiting(b, b->nwaiting - MDR_LEX_WAITING) != MDR_OK)
    {
        return MDR_ERROR;
    }

    w = &b->waiting[b->nwaiting++ % MDR_LEX_WAITING];
    memset(&w->use, 0, sizeof(mdr_lex_use_t));
    w->use.u = *u;
    r = &b->model->rules[u->rule];

    if (!(u->group & MDR_USER_REGEX)) {
        w->use.u.flags |= (uint16_t) (plain_flags(b, r, term)
                                      | word_flag(b, r, term));
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


/* class cl behind the m classes of c, unless it is left out; how many */

static inline size_t
put_class(const mdr_lex_build_t *b, uint16_t *c, size_t m, uint16_t cl)
{
    if (cl == MDR_CL_SKIP || m == ELEMENTS
        || (b->h.repeat && m != 0 && c[m - 1] == cl))
    {
        return m;
    }

    c[m] = cl;

    return m + 1;
}


/* a term whose Han characters may stand as their readings: each character
 * itself or one of its readings, as long as that is few patterns */

#define PINYIN_PATTERNS  512

static int
add_pinyin(mdr_lex_build_t *b, const mdr_lex_user_t *u, mdr_str_t term,
    const uint32_t *e, size_t n)
{
    size_t       i, j, m, total;
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
                m = put_class(b, c, m, b->elem_class[e[i]]);
                continue;
            }

            (void) mdr_fold_readings(e[i], r);

            for (j = 0; r[choice[i] - 1][j] != '\0'; j++) {
                m = put_class(b, c, m,
                              b->elem_class[(uint8_t) r[choice[i] - 1][j]]);
            }
        }

        b->h.longest = m > b->h.longest ? (uint32_t) m : b->h.longest;

        if (add_user(b, u, term, c, m) != MDR_OK) {
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


int
mdr_match_term_add(mdr_lex_build_t *b, const mdr_rule_t *r, uint32_t rule,
    uint32_t group, mdr_str_t term)
{
    size_t            i, n, m;
    uint16_t          c[ELEMENTS];
    uint32_t          e[ELEMENTS], flags;
    mdr_lex_user_t    u;
    mdr_lex_weight_t  w;

    n = elements(b, term, r->profile.folds, e);

    if (n == 0) {
        return MDR_OK;
    }

    flags = 0;

    if (b->weighed != NULL) {
        w.weight = b->weighed->weight;
        w.place = b->weighed->place;
        flags = MDR_TERM_WEIGHED | (w.place != 0 ? MDR_TERM_PLACED : 0);

        if (mdr_buf_add(&b->text, &w, sizeof(w)) != MDR_OK) {
            return MDR_ERROR;
        }
    }

    memset(&u, 0, sizeof(u));
    u.text = (uint32_t) b->text.len;
    u.rule = (uint16_t) rule;
    u.group = (uint16_t) group;

    if (group & MDR_USER_REGEX) {
        u.text = b->regex;
        term.len = 0;

    } else if (b->text.len > UINT32_MAX - 4096
        || mdr_buf_add(&b->text, term.data, term.len) != MDR_OK)
    {
        return MDR_ERROR;
    }

    for (i = 0, m = 0; i < n; i++) {
        if (b->elem_class[e[i]] == MDR_CL_SKIP) {
            flags |= i == 0 || i + 1 == n ? MDR_TERM_MARKS : 0;
            m++;
            b->h.marks = m > b->h.marks ? (uint32_t) m : b->h.marks;
        } else {
            m = 0;
        }
    }

    u.len = (uint16_t) term.len;
    b->h.longest = n > b->h.longest ? (uint32_t) n : b->h.longest;

    if ((r->profile.folds & MDR_FOLD_PINYIN) && !(group & MDR_USER_REGEX)) {
        u.flags = (uint16_t) flags;
        return add_pinyin(b, &u, term, e, n);
    }

    for (i = 0, m = 0; i < n; i++) {
        m = put_class(b, c, m, b->elem_class[e[i]]);
    }

    if (m == n) {
        flags |= class_flags(b, r, c, n);
    }

    u.flags = (uint16_t) flags;

    return add_user(b, &u, term, c, m);
}
