/*
 * script_read.h - a reader of a script's words, for script_name.c and
 * script_call.c.
 */

#ifndef MDR_SCRIPT_READ_H
#define MDR_SCRIPT_READ_H

#include "script.h"

typedef struct {
    const uint8_t  *p;
    size_t          n, i;
    int             short_of;           /* the bytes came to their end       */
    int             kind;               /* MDR_NAME_*                        */
    int             inside;             /* brackets that are open            */
} mdr_reader_t;

/* the next byte that is no white space, 0: there is none yet */
uint8_t mdr_script_next(mdr_reader_t *r);
/* takes s, where it stands next */
int mdr_script_take(mdr_reader_t *r, const char *s);
mdr_str_t mdr_script_word(mdr_reader_t *r);
int mdr_script_is(mdr_str_t w, const char *s);
int mdr_script_one_of(mdr_str_t w, const char *const *list);
/* a.b.c: its last two names */
void mdr_script_dotted(mdr_reader_t *r, mdr_str_t *before, mdr_str_t *name);
/* a string that begins like JSON, or like JSON in percents; 0: no */
int mdr_script_holds_json(mdr_reader_t *r, int *coded);
/* does a line end in these bytes (ECMA-262, 12.3) */
int mdr_script_has_line(const uint8_t *p, size_t n);

/* script_name.c: a value, and JSON.parse( behind its bracket: MDR_VALUE_* */
int mdr_script_expression(mdr_reader_t *r, mdr_value_t *v);
int mdr_script_parsed(mdr_reader_t *r, mdr_value_t *v);

/* script_call.c: behind the bracket of a call: likewise */
int mdr_script_arguments(mdr_reader_t *r, mdr_value_t *v);

#endif
