/*
 * text.h - the text of a field and where each of its bytes came from.
 *
 * A text is built piece by piece: bytes that are the text itself
 * (mdr_text_copy) and units of the source that stand for some text (a
 * reference, an escape: mdr_text_unit).  Positions are kept as runs of equal
 * units, so that plain text costs one run a piece and a string of escapes
 * one run in all.  mdr_text_finish collapses ASCII white space, trims, and
 * makes the bytes valid UTF-8 (U+FFFD per WHATWG encoding, "UTF-8 decode").
 * So no line feed is left in a text, and one stands for the boundary between
 * two blocks.
 */

#ifndef MDR_TEXT_H
#define MDR_TEXT_H

#include "base/mem.h"

#define MDR_TEXT_PAD  16       /* bytes kept free behind a text            */

typedef struct {
    uint64_t  src;              /* position of the first unit               */
    uint32_t  text;             /* offset of its text                       */
    uint32_t  count;            /* units in the run                         */
    uint32_t  sunit;            /* source bytes a unit                      */
    uint32_t  tunit;            /* text bytes a unit; 1/1: copied bytes     */
} mdr_run_t;

typedef struct mdr_via_s  mdr_via_t;

typedef struct {
    const mdr_alloc_t  *alloc;
    const mdr_via_t    *via;            /* positions that come are of it    */
    uint8_t            *data;
    mdr_run_t          *runs;
    size_t              len, cap;
    size_t              nruns, runs_cap;
    size_t              max;            /* more than this is cut            */
    uint32_t            hidden;         /* characters of it that no reader
                                           sees: no text                    */
    uint8_t             cut;            /* text was left out: limit         */
    uint8_t             finished;
} mdr_text_t;

/* a text that another is read from: its first byte is position base there */

struct mdr_via_s {
    mdr_text_t  text;
    uint64_t    base;
};

/* the end of a run in the text */

static inline uint32_t
mdr_run_end(const mdr_run_t *r)
{
    return r->text + r->count * r->tunit;
}


void mdr_text_init(mdr_text_t *t, const mdr_alloc_t *a, size_t max);
void mdr_text_done(mdr_text_t *t);
void mdr_text_clear(mdr_text_t *t);             /* keeps the memory         */

/* n source bytes at src that are text as they are (any bytes, may be cut
 * inside a character when the next piece goes on) */
int mdr_text_copy(mdr_text_t *t, uint64_t src, const uint8_t *p, size_t n);
/* n bytes of it that a browser does not show: their characters are counted, white
 * space left out */
void mdr_text_unseen(mdr_text_t *t, const uint8_t *p, size_t n);
/* sn source bytes at src stand for n text bytes and are never cut */
int mdr_text_unit(mdr_text_t *t, uint64_t src, uint32_t sn, const uint8_t *p,
    size_t n);
/* the same for a row of count such units that follow each other */
int mdr_text_row(mdr_text_t *t, uint64_t src, uint32_t count, uint32_t sn,
    const uint8_t *p, uint32_t n);
/* a boundary at src: what follows is another block, cell, value of a list.  No
 * term, regex or exception matches across it.  In a finished text it is
 * MDR_TEXT_BREAK, which stands for no bytes of the source; neither at its
 * ends, nor beside another or white space */
#define MDR_TEXT_BREAK  '\n'
int mdr_text_break(mdr_text_t *t, uint64_t src);
/* leaves out what came from src on, and all that comes: the text is cut */
void mdr_text_stop(mdr_text_t *t, uint64_t src);
int mdr_text_finish(mdr_text_t *t);
/* t is empty: 1 where the n source bytes at src are its whole text as they
 * are, and it is finished; 0 where anything has to be done to them (references,
 * U+0000, white space, bytes that are no UTF-8, memory) and t is still empty */
int mdr_text_whole(mdr_text_t *t, uint64_t src, const uint8_t *p, size_t n);

typedef struct {
    uint64_t  start, end;       /* source                                   */
    uint32_t  text, text_end;
    uint8_t   copied;           /* source bytes are the text bytes          */
} mdr_place_t;

/* the source positions of text [from, to): of its first byte and behind its
 * last; units count as a whole */
void mdr_text_span(const mdr_text_t *t, uint32_t from, uint32_t to,
    uint64_t *start, uint64_t *end);
/* text_plain.c: 1 where a text needs nothing in mdr_text_finish but trimming
 * at its end.  p has room for cap bytes; those behind n may be written */
int mdr_text_is_plain(uint8_t *p, size_t n, size_t cap);
/* and no reference or U+0000 is in it */
int mdr_text_is_plain_markup(uint8_t *p, size_t n, size_t cap);
/* the same, byte by byte: nothing around the text counts */
int mdr_text_is_plain_bytes(const uint8_t *p, size_t n);
/* text_ready.c: are the n bytes at p, n > 0, a text that needs nothing at all,
 * as it stands in a page, ASCII around it?  0: perhaps.  Some bytes can be
 * read before it and behind it */
#define MDR_TEXT_BEFORE  3
#define MDR_TEXT_BEHIND  64
int mdr_text_is_ready(const uint8_t *p, size_t n);
/* text_compose.c: letters of Hangul and kana with marks that stand one by one
 * become one character, of a finished text; of bytes in place, how many are
 * left.  Terms are brought to the same form. */
int mdr_text_has_parts(const uint8_t *p, size_t n);
int mdr_text_compose(mdr_text_t *t);
size_t mdr_text_compose_bytes(uint8_t *p, size_t n);
/* calls f for every piece of source that stands for text of [from, to), in
 * order: whole units, or runs of copied bytes */
int mdr_text_each(const mdr_text_t *t, uint32_t from, uint32_t to,
    int (*f)(void *ctx, const mdr_place_t *place), void *ctx);
/* the first n bytes go, less those of a unit that does not go as a whole; how
 * many did */
uint32_t mdr_text_drop(mdr_text_t *t, uint32_t n);
/* how many bytes of the text came from before src; sources ascend */
uint32_t mdr_text_before(const mdr_text_t *t, uint64_t src);
/* text [from, to) of in goes behind out, with its places in the source */
int mdr_text_carry(mdr_text_t *out, const mdr_text_t *in, uint32_t from,
    uint32_t to);

#endif
