/*
 * trace_term.c - a term in primary forms; what of a text may not be it.
 *
 * What both of match_walk.c and match_nfa.c ask of a trace: where the edges of
 * words are, and which second looks no reader has.
 */

#include "fold.h"
#include "base/utf8.h"


void
mdr_trace_term(mdr_str_t text, uint32_t folds, mdr_trace_term_t *t)
{
    size_t          i, k, len;
    uint32_t        cp;
    mdr_fold_seq_t  f;

    t->n = 0;

    for (i = 0; i < text.len; i += len) {
        cp = mdr_utf8_next((const uint8_t *) text.data + i, text.len - i,
                           &len);
        if (len == 0) {
            break;
        }

        if (mdr_fold_dropped(cp, folds)) {
            continue;
        }

        mdr_fold_primary(cp, folds, &f);

        if (t->n + f.n > MDR_TERM_MAX) {
            t->n = 0;
            return;
        }

        for (k = 0; k < f.n; k++) {
            t->word[t->n] = (uint8_t) mdr_fold_is_word(cp);
            t->han[t->n] = (folds & MDR_FOLD_PINYIN) && f.n == 1
                           && mdr_fold_is_han(cp);
            t->cp[t->n++] = f.cp[k];
        }
    }
}


static int
is_word(const mdr_trace_t *t, size_t i)
{
    return t->atoms[i].word && t->atoms[i].mark == 0;
}


/* whether a word edge must be at an end of the hit: the term has a letter or
 * digit there, or the text has one for a numeral of the term */

static int
needs_edge(const mdr_trace_t *t, size_t i, uint32_t cp, int word)
{
    return word || (t->atoms[i].word && mdr_fold_is_word(cp));
}


int
mdr_trace_edges(const mdr_trace_t *t, const mdr_profile_t *p, size_t first,
    size_t last, uint32_t head, int head_word, uint32_t tail, int tail_word)
{
    switch (p->boundary) {

    case MDR_BOUNDARY_NONE:
    case MDR_BOUNDARY_WHOLE:
        return 1;

    case MDR_BOUNDARY_WORD:
        return (first == 0 || !is_word(t, first - 1))
               && (last + 1 == t->n || !is_word(t, last + 1));

    default:
        if (first != 0 && is_word(t, first - 1)
            && needs_edge(t, first, head, head_word))
        {
            return 0;
        }
        return !(last + 1 < t->n && is_word(t, last + 1)
                 && needs_edge(t, last, tail, tail_word));
    }
}


/*
 * Second looks that no reader has here: a letter or a stroke may be a digit,
 * but no numeral ("l" for U+4E00); "l" stands for a capital "i", so not right
 * behind a small letter ("wall" is no "wail").
 */

int
mdr_trace_far_fetched(const mdr_trace_t *t, size_t i, uint32_t element,
    int word)
{
    uint32_t  cp, before;

    cp = t->atoms[i].cp;

    if (element >= '0' && element <= '9') {
        return !word && !mdr_fold_is_han(cp);
    }

    if (cp != 'l' || element != 'i' || i == 0) {
        return 0;
    }

    before = t->atoms[i - 1].cp;

    return before >= 'a' && before <= 'z';
}
