/*
 * text_pairs.h - which bytes of UTF-8 can stand beside each other, as tables.
 *
 * Whether two neighbouring bytes can stand so is the AND of three 16-entry
 * tables, looked up by the high and low half of the first byte and the high
 * half of the second; a bit that is left names the mistake.  What three tables
 * cannot see is that third and fourth bytes are continuations; that is
 * compared apart.  (J. Keiser, D. Lemire, "Validating UTF-8 in less than one
 * instruction per byte", 2021; Unicode 15, table 3-7.)
 */

#ifndef MDR_TEXT_PAIRS_H
#define MDR_TEXT_PAIRS_H

#if defined(__x86_64__) && defined(__GNUC__)
#define MDR_TEXT_PAIRS  1
#else
#define MDR_TEXT_PAIRS  0
#endif

/* mistakes */

#define MDR_PAIR_SHORT   0x01   /* lead, then no continuation                */
#define MDR_PAIR_LONG    0x02   /* ASCII, then a continuation                */
#define MDR_PAIR_OVER3   0x04   /* E0 80..9F                                 */
#define MDR_PAIR_SURR    0x10   /* ED A0..BF                                 */
#define MDR_PAIR_OVER2   0x20   /* C0, C1                                    */
#define MDR_PAIR_LARGE   0x08   /* above F4 8F                               */
#define MDR_PAIR_LARGER  0x40   /* F5..FF 80..8F; F0 80..8F is too long, too */
#define MDR_PAIR_OVER4   0x40
#define MDR_PAIR_TWO     0x80   /* two continuations: right only where a third
                                   or fourth byte is due                     */
#define MDR_PAIR_ANY  (MDR_PAIR_SHORT | MDR_PAIR_LONG | MDR_PAIR_TWO)
#define MDR_PAIR_TOP  (MDR_PAIR_ANY | MDR_PAIR_LARGE | MDR_PAIR_LARGER)
#define MDR_PAIR_CONT (MDR_PAIR_LONG | MDR_PAIR_OVER2 | MDR_PAIR_TWO)

/* by the high half of the first byte: 0..7 ASCII, 8..B continuation, C D leads
 * of two, E of three, F of four */
#define MDR_PAIR_FIRST_HIGH                                                  \
    (MDR_PAIR_LONG, MDR_PAIR_LONG, MDR_PAIR_LONG, MDR_PAIR_LONG,             \
     MDR_PAIR_LONG, MDR_PAIR_LONG, MDR_PAIR_LONG, MDR_PAIR_LONG,             \
     (char) MDR_PAIR_TWO, (char) MDR_PAIR_TWO, (char) MDR_PAIR_TWO,          \
     (char) MDR_PAIR_TWO, MDR_PAIR_SHORT | MDR_PAIR_OVER2, MDR_PAIR_SHORT,   \
     MDR_PAIR_SHORT | MDR_PAIR_OVER3 | MDR_PAIR_SURR,                        \
     MDR_PAIR_SHORT | MDR_PAIR_LARGE | MDR_PAIR_LARGER)

/* by its low half */
#define MDR_PAIR_FIRST_LOW                                                   \
    ((char) (MDR_PAIR_ANY | MDR_PAIR_OVER2 | MDR_PAIR_OVER3                  \
             | MDR_PAIR_OVER4),                                              \
     (char) (MDR_PAIR_ANY | MDR_PAIR_OVER2), (char) MDR_PAIR_ANY,            \
     (char) MDR_PAIR_ANY, (char) (MDR_PAIR_ANY | MDR_PAIR_LARGE),            \
     (char) MDR_PAIR_TOP, (char) MDR_PAIR_TOP, (char) MDR_PAIR_TOP,          \
     (char) MDR_PAIR_TOP, (char) MDR_PAIR_TOP, (char) MDR_PAIR_TOP,          \
     (char) MDR_PAIR_TOP, (char) MDR_PAIR_TOP,                               \
     (char) (MDR_PAIR_TOP | MDR_PAIR_SURR), (char) MDR_PAIR_TOP,             \
     (char) MDR_PAIR_TOP)

/* by the high half of the second byte */
#define MDR_PAIR_SECOND_HIGH                                                 \
    (MDR_PAIR_SHORT, MDR_PAIR_SHORT, MDR_PAIR_SHORT, MDR_PAIR_SHORT,         \
     MDR_PAIR_SHORT, MDR_PAIR_SHORT, MDR_PAIR_SHORT, MDR_PAIR_SHORT,         \
     (char) (MDR_PAIR_CONT | MDR_PAIR_OVER3 | MDR_PAIR_LARGER                \
             | MDR_PAIR_OVER4),                                              \
     (char) (MDR_PAIR_CONT | MDR_PAIR_OVER3 | MDR_PAIR_LARGE),               \
     (char) (MDR_PAIR_CONT | MDR_PAIR_SURR | MDR_PAIR_LARGE),                \
     (char) (MDR_PAIR_CONT | MDR_PAIR_SURR | MDR_PAIR_LARGE),                \
     MDR_PAIR_SHORT, MDR_PAIR_SHORT, MDR_PAIR_SHORT, MDR_PAIR_SHORT)

#endif
