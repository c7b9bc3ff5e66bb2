/*
 * messages.h - every message of loader and check by its code, in English and
 * in Chinese, and what each code means.  libc only.
 *
 * The program makes its messages where it finds something, in English
 * (mdr_load_error, mdr_check_finding).  Here each has a row under its code;
 * t/70-zh.t reads the sources and asks for it.
 */

#ifndef MDR_MESSAGES_H
#define MDR_MESSAGES_H

#include <stddef.h>

/*
 * A row with a code explains it; the rows below it, without one, are its
 * messages.  % of the English one is what it names; {1}, {2} of the Chinese
 * one are what was named, {2!} that in Chinese, too.  The first that fits is
 * taken.
 */
typedef struct {
    const char  *code;
    const char  *en, *zh;
} mdr_message_t;

/* each ended by a row without English */
extern const mdr_message_t  mdr_messages_load[];
extern const mdr_message_t  mdr_messages_check[];
extern const mdr_message_t  mdr_messages_parts[];   /* of any code           */

/* messages_say.c */

/* a message in Chinese, into out; or the message itself.  Of several codes
 * ("no-owner, no-basis") the first counts; NULL: none is known */
const char *mdr_say_zh(const char *code, const char *text, char *out,
    size_t size);
/* likewise "file:line:column: text [code]", as mdr_diag_format writes it */
const char *mdr_say_line_zh(const char *line, char *out, size_t size);

/* the row of the n-th code, or of this one; its messages stand below it until
 * the next code or the end.  NULL: there is none */
const mdr_message_t *mdr_code_at(size_t n);
const mdr_message_t *mdr_code_find(const char *code);

#endif
