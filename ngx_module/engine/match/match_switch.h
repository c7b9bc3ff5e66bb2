/*
 * match_switch.h - what makes the search faster and changes no hit.
 *
 * Each can be left out (-DMDR_WITHOUT=BITS), so that t/bench/switches.py, which
 * is a step of make test-all, can show that it is worth its lines: without it
 * a benchmark row is slower, or a test of hostile texts fails.
 */

#ifndef MDR_MATCH_SWITCH_H
#define MDR_MATCH_SWITCH_H

#ifndef MDR_WITHOUT
#define MDR_WITHOUT  0
#endif

enum {
    MDR_USE_QUICK = !(MDR_WITHOUT & 1 << 0),  /* candidates by their bytes */
    MDR_USE_CLASSES = !(MDR_WITHOUT & 1 << 1),/* candidates by their classes */
    MDR_USE_DIRECT = !(MDR_WITHOUT & 1 << 2), /* one way through a trace */
    MDR_USE_PART = !(MDR_WITHOUT & 1 << 3),   /* the trace of a part of a text */
    MDR_USE_BRACKETS = !(MDR_WITHOUT & 1 << 4),/* brackets without a reading */
    MDR_USE_FORMS = !(MDR_WITHOUT & 1 << 5),  /* forms are remembered */
    MDR_USE_TERMS = !(MDR_WITHOUT & 1 << 6),  /* short terms are remembered */
    MDR_USE_COVERED = !(MDR_WITHOUT & 1 << 7),/* a longer hit from there */
    MDR_USE_MANY = !(MDR_WITHOUT & 1 << 8),   /* patterns class by class */
    MDR_USE_TRIES = !(MDR_WITHOUT & 1 << 9),  /* terms of a pattern: a trie */
    MDR_USE_STARTS = !(MDR_WITHOUT & 1 << 10),/* one start a run */
    MDR_USE_LONGEST = !(MDR_WITHOUT & 1 << 11),/* only the longest hit */
    MDR_USE_WORDS = !(MDR_WITHOUT & 1 << 12), /* words by their edges */
    MDR_USE_WIDE = !(MDR_WITHOUT & 1 << 13),  /* AVX2 and NEON */
    MDR_USE_AHEAD = !(MDR_WITHOUT & 1 << 14), /* texts of terms come ahead */
    MDR_USE_SORT = !(MDR_WITHOUT & 1 << 15),  /* hits come nearly in order */
    MDR_USE_FITS = !(MDR_WITHOUT & 1 << 16),  /* regexes by tables */
    MDR_USE_NEEDS = !(MDR_WITHOUT & 1 << 17), /* what a regex needs of ASCII */
    MDR_USE_VIEW = !(MDR_WITHOUT & 1 << 18),  /* a view without a trace */
    MDR_USE_SAME = !(MDR_WITHOUT & 1 << 19),  /* equal characters in a row */
};

#endif
