/*
 * match_class.c - the class of each character, of a text and of a term.
 *
 * A character of the text that may stand for several elements unites them
 * (union-find); what is united in the end is one class.  Characters that do
 * not stand for the same thing everywhere are no class, they are special:
 * texts with one are read through their traces (match_special.c).  On the way
 * it is noted what else is asked of characters: their nature for
 * match_term.c, and their kind for regexes.
 */

#include "text/fold.h"
#include "match_build.h"

#include <string.h>


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

        if (cp == 0x3002 && f->n == 1) {
            return MDR_KIND_STOP;
        }

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


/* Is the mark cp, which stands for these elements, one that terms have inside
 * only?  A row need not have it: their patterns begin and end elsewhere, and
 * are compared with the text. */

static int
is_inside(const mdr_lex_build_t *b, const uint32_t *forms, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        if (b->element[forms[i]] != MDR_ELEMENT_INNER
            || !skippable(b, forms[i]))
        {
            return 0;
        }
    }

    return 1;
}


/* is e one of the characters, and of no rows of such, that cp may be? */

static int
may_be(uint32_t cp, uint32_t folds, uint32_t e)
{
    int             is;
    uint32_t        i, n;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    n = mdr_fold_forms(cp, folds, f);

    for (i = 0, is = 0; i < n; i++) {
        if (f[i].n != 1) {
            return 0;
        }
        is |= f[i].cp[0] == e;
    }

    return is;
}


/* cp may stand for e under some folds: under all of them? */

static void
note_nature(mdr_lex_build_t *b, uint32_t cp, uint32_t e)
{
    uint32_t  s;

    if (mdr_fold_is_word(cp) || mdr_fold_is_word(e)) {
        b->nature[e] |= MDR_NATURE_WORD;
    }

    if (cp < 0x800) {
        b->nature[e] |= MDR_NATURE_SHORT;
    }

    for (s = 0; s < b->nsets; s++) {
        if (mdr_fold_mark(cp) != 0 || mdr_fold_dropped(cp, b->sets[s])
            || !may_be(cp, b->sets[s], e))
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


/* what a character of a text may stand for, under all sets of folds */

typedef struct {
    uint32_t  forms[MAX_FORMS];         /* elements                          */
    uint32_t  n;
    uint8_t   dropped, kept;            /* under some set: nothing; an
                                           element, be it in a sequence      */
    uint8_t   many;                     /* a sequence, or too many           */
} stands_for_t;


static void
add_form(const mdr_lex_build_t *b, stands_for_t *c, const mdr_fold_seq_t *f)
{
    uint32_t  i, j, e;

    for (j = 0; j < f->n; j++) {
        e = f->cp[j];

        if (!b->element[e]) {
            continue;
        }

        c->kept = 1;

        for (i = 0; i < c->n && c->forms[i] != e; i++) { /* void */ }

        if (f->n != 1 || i == MAX_FORMS) {
            c->many = 1;

        } else {
            c->forms[i] = e;
            c->n += i == c->n;
        }
    }
}


static void
stands_for(mdr_lex_build_t *b, uint32_t cp, stands_for_t *c)
{
    size_t          n, k;
    uint32_t        s;
    mdr_fold_seq_t  f[MDR_FOLD_ALTS];

    memset(c, 0, sizeof(*c));

    for (s = 0; s < b->nsets; s++) {

        if (mdr_fold_dropped(cp, b->sets[s])) {
            c->dropped = 1;
            note_kind(b, cp, MDR_KIND_DROPPED);
            continue;
        }

        n = mdr_fold_forms(cp, b->sets[s], f);
        note_kind(b, cp, kind_of(&f[0]));

        for (k = 0; k < n; k++) {
            add_form(b, c, &f[k]);
        }
    }

    c->many |= is_apart(b, cp, c->forms, c->n);
}


/* the elements that cp stands for are one; latin: some are letters of ASCII */

static void
unite(mdr_lex_build_t *b, uint32_t cp, int latin)
{
    uint32_t      i, one;
    stands_for_t  c;

    stands_for(b, cp, &c);

    for (i = 0, one = 0; i < c.n && !c.many; i++) {
        note_nature(b, cp, c.forms[i]);

        if (one == 0) {
            one = find(b->root, c.forms[i]);
        } else {
            b->root[find(b->root, c.forms[i])] = one;
            one = find(b->root, one);
        }
    }

    if (c.many || (c.dropped && c.kept)
        || (skippable(b, cp) && c.kept && !is_inside(b, c.forms, c.n))
        || by_context(b, cp, c.kept, c.dropped, latin))
    {
        b->table[cp] = MDR_CL_SPECIAL;

    } else if (c.dropped || skippable(b, cp)) {
        b->table[cp] = MDR_CL_SKIP;

    } else if (c.kept) {
        b->table[cp] = MDR_CL_FIRST;    /* named below                       */
        b->text_root[cp] = one;
    }
}


/* classes get their numbers; MDR_ERROR: there are too many */

static int
name_classes(mdr_lex_build_t *b)
{
    uint16_t  *id;
    uint32_t   cp, e, next;

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


/* the class of each character of a text */

int
mdr_match_class_make(mdr_lex_build_t *b)
{
    int       latin;
    uint32_t  cp;

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

        unite(b, cp, latin);
    }

    return name_classes(b);
}


/*
 * Classes of patterns of one class, which are no words, get the highest
 * numbers, and those of words stand together, beginning or ending with what is
 * both.
 */

#define IS_LETTER  1
#define IS_SINGLE  2

void
mdr_match_class_number(mdr_lex_build_t *b)
{
    size_t           i, k;
    uint8_t         *is;
    uint16_t        *c, *to;
    uint32_t         cp, cl, next[4];
    mdr_lex_term_t  *p;

    static const uint8_t  order[4] = {
        0, IS_LETTER, IS_LETTER|IS_SINGLE, IS_SINGLE
    };

    to = b->ids;                        /* reused: old class to new          */
    is = b->element2;
    memset(is, 0, 65536);
    p = (mdr_lex_term_t *) (void *) b->patterns.data;
    c = (uint16_t *) (void *) b->classes.data;

    for (i = 0; i < b->npatterns; i++) {
        if (p[i].free && p[i].len == 1) {
            is[c[p[i].at]] |= IS_SINGLE;
        }

        for (k = 0; !p[i].free && k < p[i].len; k++) {
            is[c[p[i].at + k]] |= IS_LETTER;
        }
    }

    for (k = 0, cl = MDR_CL_FIRST; k < 4; k++) {
        next[order[k]] = cl;

        for (i = MDR_CL_FIRST; i < b->h.nclasses; i++) {
            cl += is[i] == order[k];
        }
    }

    b->h.letters = next[IS_LETTER];
    b->h.single = next[IS_LETTER|IS_SINGLE];
    b->h.letters_end = next[IS_SINGLE];

    for (cl = 0; cl < b->h.nclasses; cl++) {
        to[cl] = (uint16_t) (cl < MDR_CL_FIRST ? cl : next[is[cl]]++);
    }

    for (cp = 0; cp < MDR_CPS; cp++) {
        b->table[cp] = to[b->table[cp]];
        b->elem_class[cp] = to[b->elem_class[cp]];
    }

    for (i = 0; i < b->classes.len / sizeof(uint16_t); i++) {
        c[i] = to[c[i]];
    }
}
