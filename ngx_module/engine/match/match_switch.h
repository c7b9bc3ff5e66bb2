/*
 * match_switch.h - what makes the search faster and changes no hit.
 *
 * Each can be left out (-DMDR_USE_DIRECT=0), so that t/bench/switches.py, which
 * is a step of make test-all, can show that it is worth its lines: without it
 * a benchmark row is slower, or a test of hostile texts fails.
 */

#ifndef MDR_MATCH_SWITCH_H
#define MDR_MATCH_SWITCH_H

/* candidates by their very bytes */
#ifndef MDR_USE_QUICK
#define MDR_USE_QUICK  1
#endif

/* candidates by their classes and the marks between */
#ifndef MDR_USE_CLASSES
#define MDR_USE_CLASSES  1
#endif

/* one way through a trace, before the NFA */
#ifndef MDR_USE_DIRECT
#define MDR_USE_DIRECT  1
#endif

/* the trace of a part of a text */
#ifndef MDR_USE_PART
#define MDR_USE_PART  1
#endif

/* brackets that hold no reading are marks */
#ifndef MDR_USE_BRACKETS
#define MDR_USE_BRACKETS  1
#endif

/* what a character may be is remembered */
#ifndef MDR_USE_FORMS
#define MDR_USE_FORMS  1
#endif

/* short terms are remembered in primary forms */
#ifndef MDR_USE_TERMS
#define MDR_USE_TERMS  1
#endif

/* a longer hit of the group from there */
#ifndef MDR_USE_COVERED
#define MDR_USE_COVERED  1
#endif

/* many patterns of an anchor, class by class */
#ifndef MDR_USE_MANY
#define MDR_USE_MANY  1
#endif

/* terms of one pattern as a trie */
#ifndef MDR_USE_TRIES
#define MDR_USE_TRIES  1
#endif

/* one start a run under repeat */
#ifndef MDR_USE_STARTS
#define MDR_USE_STARTS  1
#endif

/* only the longest hit of a start */
#ifndef MDR_USE_LONGEST
#define MDR_USE_LONGEST  1
#endif

/* words by their edges */
#ifndef MDR_USE_WORDS
#define MDR_USE_WORDS  1
#endif

/* AVX2 and NEON */
#ifndef MDR_USE_WIDE
#define MDR_USE_WIDE  1
#endif

/* texts of terms are asked for ahead */
#ifndef MDR_USE_AHEAD
#define MDR_USE_AHEAD  1
#endif

/* hits come nearly in order */
#ifndef MDR_USE_SORT
#define MDR_USE_SORT  1
#endif

/* regexes by tables of what a text has */
#ifndef MDR_USE_FITS
#define MDR_USE_FITS  1
#endif

/* what a regex needs of ASCII */
#ifndef MDR_USE_NEEDS
#define MDR_USE_NEEDS  1
#endif

/* the folded view without a trace */
#ifndef MDR_USE_VIEW
#define MDR_USE_VIEW  1
#endif

/* regexes that want the same character twice */
#ifndef MDR_USE_SAME
#define MDR_USE_SAME  1
#endif

#endif
