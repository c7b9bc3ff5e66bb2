/*
 * reading.h - a text as the matcher reads it, for people to see.
 */

#ifndef MDD_READING_H
#define MDD_READING_H

#include <jansson.h>
#include <stddef.h>

/* the primary forms of a text's characters in reading order, under the folds
 * that rules have by default: what is drawn as nothing is gone, and without
 * marks so are the signs, spaces and emoji that a hit may skip.  Malloced;
 * NULL where that is what everybody sees (or there is no memory) */
char *mdd_reading(const char *text, size_t n, int marks);

/* the hits of a private half, each with `read` where it is read otherwise than
 * it is written; a new array, or null */
json_t *mdd_reading_hits(const json_t *private);
/* {field: reading} of the fields that are read otherwise, a new object */
json_t *mdd_reading_fields(const json_t *private);

#endif
