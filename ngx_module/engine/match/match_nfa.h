/*
 * match_nfa.h - NFA simulation: terms of a trie, or one alone, at some atoms of
 * a trace.
 */

#ifndef MDR_MATCH_NFA_H
#define MDR_MATCH_NFA_H

#include "match_atoms.h"
#include "match_verify.h"

mdr_nfa_t *mdr_match_nfa_new(const mdr_alloc_t *alloc);
void mdr_match_nfa_free(mdr_nfa_t *x);
/* the terms of another lexicon */
void mdr_match_nfa_start(mdr_nfa_t *x);

/* which terms of c, by the profile of v->rule, begin at atoms [from, to) of a
 * line that begins `shift` bytes in the text?  1, hits are put; 0;
 * MDR_ERROR */
int mdr_match_nfa_trie(mdr_verify_t *v, const mdr_trie_t *c,
    const mdr_atoms_line_t *l, size_t from, size_t to, uint32_t shift);
/* the same of the term v->u alone */
int mdr_match_nfa_term(mdr_verify_t *v, const mdr_atoms_line_t *l, size_t from,
    size_t to, uint32_t shift);

#endif
