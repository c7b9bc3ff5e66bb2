/*
 * lexicon.h - the layout of a compiled lexicon, shared by its writer
 * (match_build.c), its reader (match_open.c) and the search (match.c).
 *
 * All offsets are bytes from the start of the lexicon, all counts are of
 * elements; numbers are in the machine's order (the header's magic tells).
 *
 * Classes: 0 skipped, 1 in no term, 2 special (the text is read by its trace),
 * 3 and up forms that some term uses; those from `single` on are terms of one
 * class.  A pattern is a term in classes, less what may be skipped, equal
 * neighbours once where some rule folds repeats.  Its anchor is three classes
 * in a row (fewer in short patterns), its rarest ones.  A pattern that is a
 * *word*, because every term of it begins and ends with a letter or digit
 * (MDR_TERM_WORD) and must have word edges there, has its first MDR_WORD_KEY
 * classes as its anchor, or all that it has.
 *
 * Filter: a word for each hash of two classes; the low half of its bits says
 * which third classes follow in some anchor, the high half which pairs are an
 * anchor by themselves.  Words are not in it: they have one of their own, two
 * bits a word in one of its units.  Hash: an entry an anchor, the number + 1
 * of its first pattern below, as many bits of the hash as are left above it.
 * Patterns of one anchor stand together, sorted by where their anchor is and
 * by their classes; the last has MDR_PAT_LAST.  Where there are many, the
 * first has MDR_PAT_MANY: they are gone down class by class.
 * Words stand behind all others, sorted by their classes; `sorted` has the
 * others in that order, and `heads` where those with each first class begin.
 *
 * A pattern holds its first classes once more, and its user where there is but
 * one: what nearly every hit needs is a line of the cache, not four.
 */

#ifndef MDR_LEXICON_H
#define MDR_LEXICON_H

#include "base/model.h"
#include "match_switch.h"

#define MDR_LEX_MAGIC    0x4d444c58u
#define MDR_LEX_VERSION  9

#define MDR_CL_SKIP     0
#define MDR_CL_NONE     1
#define MDR_CL_SPECIAL  2
#define MDR_CL_FIRST    3

#define MDR_LEX_BLOCK   256             /* code points a block               */
#define MDR_LEX_STAGE1  (0x100000 / MDR_LEX_BLOCK)     /* planes 1 to 16    */
#define MDR_LEX_BMP     0x10000

#define MDR_LEX_LONGEST 4096            /* characters of a term, as folded   */

#define MDR_PAT_LAST  0x8000u           /* in pattern.anchor                 */
#define MDR_PAT_MANY  0x4000u
#define MDR_PAT_AT    0x3fffu
#define MDR_PAT_FEW   8                 /* more of an anchor are many        */
#define MDR_PAT_HEAD  6                 /* classes that stand in the pattern */

#define MDR_LEX_FAR   65536             /* patterns: more are in no cache    */

#define MDR_WORD_KEY  8                 /* classes of a word that are hashed */

#define MDR_LEX_PAIR   0x9e3779b1u
#define MDR_LEX_THIRD  0x85ebca77u

#define MDR_USER_EXCEPT  0x8000u        /* in user.group                     */
#define MDR_USER_REGEX   0x4000u        /* a literal that a regex needs      */

typedef struct {
    uint32_t  magic, version;
    uint64_t  size, terms;
    uint32_t  repeat, single;           /* classes are collapsed; see above  */
    uint32_t  nclasses, folds;          /* folds: union                      */
    uint32_t  gaps;                     /* marks that some rule skips        */
    uint32_t  longest, marks;           /* characters of a term; marks in a
                                           row inside one                    */
    uint32_t  bloom_bits;               /* 2^bits words                      */
    uint32_t  hash_bits;
    uint32_t  index_bits;               /* of an entry of the hash           */
    uint32_t  word_bits;                /* 2^bits units of the words' filter */
    uint32_t  letters, letters_end;     /* classes that words have           */
    uint32_t  pad;
    uint64_t  bmp;                      /* classes of U+0000 to U+FFFF       */
    uint64_t  stage1, stage2, nblocks;
    uint64_t  odd, nodd;                /* specials' classes as elements     */
    uint64_t  bloom;
    uint64_t  word_bloom;
    uint64_t  hash;
    uint64_t  patterns, npatterns;
    uint64_t  words;                    /* the first pattern that is one     */
    uint64_t  sorted;                   /* [words] patterns that are none    */
    uint64_t  heads;                    /* [nclasses + 1] in sorted          */
    uint64_t  classes, class_count;
    uint64_t  users, nusers;
    uint64_t  text, text_size;
    uint64_t  bare, nbare;              /* users without a class             */
    uint64_t  tries, ntries;            /* see below                         */
    uint64_t  trie_nodes, ntrie_nodes;
    uint64_t  trie_users, ntrie_users;  /* numbers of users                  */
    uint64_t  trie_lists, ntrie_lists;  /* by pattern                        */
    uint64_t  trie_ranges, ntrie_ranges;
    uint64_t  kinds, nkinds;            /* of U+0000 to U+FFFF, MDR_KIND_*,
                                           or none: no regex asks for it     */
} mdr_lex_header_t;

/* what a character of a text is in a view that regexes see: 0 nothing of
 * ASCII that is seen (blanks are none), its code (of a letter the small one),
 * or one of these.  A dropped one parts no others. */
#define MDR_KIND_MARK     0x01          /* a mark beyond ASCII, a sign, too  */
#define MDR_KIND_STOP     0x02          /* one that may be the dot of a host */
#define MDR_KIND_DROPPED  0x7f
#define MDR_KIND_MANY     0x80          /* several of them, and              */
#define MDR_KIND_DIGIT    0x81          /* digits among them                 */
#define MDR_KIND_LETTER   0x82
#define MDR_KIND_SIGN     0x84
#define MDR_KIND_ALL      0x87
#define MDR_KIND_UNSET    0xff          /* while it is built                 */

/* whose a pattern is */
typedef struct {
    uint32_t  text;                     /* of a regex: its number            */
    uint16_t  len;
    uint16_t  rule;
    uint16_t  group;
    uint16_t  flags;                    /* MDR_TERM_*                        */
} mdr_lex_user_t;

/* group k of a rule, of its own and then of its exceptions; *number: as users
 * have it.  NULL: there is none */

static inline const mdr_group_t *
mdr_lex_group(const mdr_rule_t *r, uint32_t k, uint32_t *number)
{
    *number = k < r->ngroups ? k : (k - r->ngroups) | MDR_USER_EXCEPT;

    return k < r->ngroups ? &r->groups[k]
           : k - r->ngroups < r->nexcepts
             ? &r->excepts[k - r->ngroups].group : NULL;
}


/* 32 bytes: what nearly every candidate needs is in one line of the cache */
typedef struct {
    uint32_t        at;                 /* in classes                        */
    uint16_t        len, anchor;        /* anchor: with MDR_PAT_*            */
    uint16_t        head[MDR_PAT_HEAD]; /* the first of its classes, and 0   */
    mdr_lex_user_t  user;               /* the only one, or MDR_TERM_LIST    */
} mdr_lex_pattern_t;

#define MDR_TERM_PLAIN  1               /* Han, ASCII letters and digits: where
                                           the text has these very bytes, it
                                           is there, word edges allowing     */
#define MDR_TERM_MARKS  2               /* it begins or ends with marks, which
                                           its pattern has not: it may begin
                                           before that                       */
#define MDR_TERM_CASE   4               /* plain: ASCII without case         */
#define MDR_TERM_HEAD   8               /* plain: no letter or digit before  */
#define MDR_TERM_TAIL   16              /* plain: none behind                */
#define MDR_TERM_CLASSES  32              /* where its classes are, it is, gaps
                                           allowing                          */
#define MDR_TERM_WIDE   64              /* classes: no character of a text that
                                           has one of its classes is shorter
                                           than three bytes                  */
#define MDR_TERM_LIST   128             /* no user: they stand from users[text]
                                           on, up to the one with _LAST; rule
                                           and group are the low and the high
                                           half of the number + 1 of its tries
                                           in trie_lists, or 0               */
#define MDR_TERM_LAST   256
#define MDR_TERM_WORD   512             /* begins and ends with a letter or
                                           digit, by its folds one of ASCII;
                                           none before or behind it          */
#define MDR_TERM_WEIGHED  1024          /* of a weighted group: what it weighs
                                           stands before its text            */
#define MDR_TERM_PLACED  2048           /* that says a place, too            */

typedef struct {
    uint32_t  cp, cl;
} mdr_lex_odd_t;


/*
 * Terms of one pattern and one profile, where they are many, are a trie of
 * their elements: a text is compared with all at once (match_nfa.c).  A code is
 * an element, shifted, and whether what it was written as has word edges.
 */

typedef struct {
    uint32_t  code;
    uint32_t  child, nchildren;         /* behind it, in the order of their
                                           codes, each once                  */
    uint32_t  user, nusers;             /* whose term ends here, in
                                           trie_users                        */
    uint32_t  han;                      /* may stand as its reading          */
} mdr_trie_node_t;

typedef struct {
    uint32_t  rule;                     /* one with the profile              */
    uint32_t  terms;                    /* that differ                       */
    uint32_t  root;                     /* in trie_nodes                     */
    uint32_t  first, end;               /* trie_users                        */
    uint32_t  run;                      /* the most that one begins with of
                                           the same element                  */
    uint32_t  longest;                  /* elements of a term                */
    uint16_t  one;                      /* all are of one rule's group       */
    uint16_t  head;                     /* all want a word edge before       */
} mdr_trie_t;

typedef struct {
    uint32_t  first, end;
} mdr_user_range_t;

/* of a pattern: its tries, and the users that are of none */

typedef struct {
    uint32_t  pattern;
    uint32_t  first, end;               /* tries                             */
    uint32_t  rest, rest_end;           /* trie_ranges                       */
} mdr_trie_list_t;


/* the number + 1 of a pattern's tries in trie_lists; 0: it has none */

static inline uint32_t
mdr_lex_tries(const mdr_lex_pattern_t *p)
{
    return p->user.flags & MDR_TERM_LIST
           ? (uint32_t) p->user.group << 16 | p->user.rule : 0;
}


/* the users of a pattern; the last has MDR_TERM_LAST */

static inline const mdr_lex_user_t *
mdr_lex_users(const mdr_lex_user_t *users, const mdr_lex_pattern_t *p)
{
    return p->user.flags & MDR_TERM_LIST ? users + p->user.text : &p->user;
}


/* what stands right before the text of a term with MDR_TERM_WEIGHED */

typedef struct {
    int32_t   weight;
    uint32_t  place;                    /* MDR_PLACE_*                       */
} mdr_lex_weight_t;


/* of two neighbours, a before b: the word of the filter are its top bits, the
 * bit of the high half the four below them */

static inline uint32_t
mdr_lex_pair(uint32_t a, uint32_t b)
{
    return (a | b << 16) * MDR_LEX_PAIR;
}


/* of the third: the bit of the low half */

static inline uint32_t
mdr_lex_third(uint32_t c)
{
    return (c * MDR_LEX_THIRD) >> 28;
}


/* of an anchor, b and c 0 where it has none: the entry are its top bits */

static inline uint64_t
mdr_lex_key(uint32_t a, uint32_t b, uint32_t c)
{
    uint64_t  h;

    h = ((uint64_t) a | (uint64_t) b << 16 | (uint64_t) c << 32)
        * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 32;

    return h * 0xd6e8feb86659fd93ULL;
}


/* of a word: its first classes, four and four, 0 where it has none */

static inline uint64_t
mdr_lex_word_key(uint64_t a, uint64_t b)
{
    uint64_t  h;

    a *= 0x9e3779b97f4a7c15ULL;
    b *= 0xd6e8feb86659fd93ULL;
    h = a ^ (b >> 32 | b << 32);
    h = (h ^ h >> 32) * 0xc2b2ae3d27d4eb4fULL;

    return h ^ h >> 29;
}


/* its bits in a unit of the words' filter; the unit are its top bits */

static inline uint32_t
mdr_lex_word_bits(uint64_t key)
{
    return (uint32_t) 1 << (key & 31) | (uint32_t) 1 << (key >> 5 & 31);
}


/* the key of the word that begins with the n classes c, or of its first
 * MDR_WORD_KEY where it has more */

static inline uint64_t
mdr_lex_word_key_of(const uint16_t *c, size_t n)
{
    size_t    i;
    uint64_t  x[2];

    x[0] = 0;
    x[1] = 0;

    for (i = 0; i < n && i < MDR_WORD_KEY; i++) {
        x[i / 4] |= (uint64_t) c[i] << (i % 4 * 16);
    }

    return mdr_lex_word_key(x[0], x[1]);
}

#endif
