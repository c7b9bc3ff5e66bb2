/*
 * line.h - a growing line of output, and JSON in it.
 *
 * Memory that runs out ends the program: a tool of the command line has
 * nothing better to do.
 */

#ifndef MDR_CLI_LINE_H
#define MDR_CLI_LINE_H

#include "moderation.h"

typedef struct {
    char    *data;              /* NULL while empty                          */
    size_t   len, cap;
} line_t;

void line_put(line_t *l, const char *s, size_t n);
void line_puts(line_t *l, const char *s);
void line_putn(line_t *l, unsigned long long v);
/* text as a JSON string with its quotes */
void line_string(line_t *l, mdr_str_t s);

/* members of an object: the name comes with its quotes, and the brace or
 * comma before it */
void line_text(line_t *l, const char *name, mdr_str_t v);
void line_number(line_t *l, const char *name, unsigned long long v);
void line_word(line_t *l, const char *name, const char *v);

/*
 * text for a terminal in at most `width` columns, padded to it: control
 * characters, line breaks and invisible characters are drawn as <200B>, so
 * that nothing in a page can speak to the terminal
 */
void line_columns(line_t *l, mdr_str_t s, size_t width);
size_t line_width(mdr_str_t s);     /* columns that it would need            */

void line_free(line_t *l);

#endif
