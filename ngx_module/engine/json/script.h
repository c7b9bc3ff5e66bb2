/*
 * script.h - what the files of the script scanner share: where in a script the
 * value of a variable begins, and how it is written.
 */

#ifndef MDR_SCRIPT_H
#define MDR_SCRIPT_H

#include "json.h"

enum { MDR_VALUE_NONE,          /* none here, or one that holds nothing      */
       MDR_VALUE_MORE,          /* more bytes are needed to tell             */
       MDR_VALUE_JSON,          /* an object or array                        */
       MDR_VALUE_LITERAL,       /* a string whose text is JSON               */
       MDR_VALUE_TEXT,          /* another string, for slots within it       */
       MDR_VALUE_ROWS,          /* a string that is a part of flight rows    */
       MDR_VALUE_OTHER };       /* other JavaScript                          */

#define MDR_MEMBERS_MAX  4

typedef struct {
    int        kind;
    size_t     at;              /* of the value, or the quote of the literal */
    int        coded;
    uint8_t    call;            /* it is an argument                         */
    uint8_t    beside;          /* it stands beside the name                 */
    uint8_t    inside;          /* brackets around it that are open          */
    uint8_t    name;            /* MDR_NAME_* of what it is the value of     */
    uint32_t   nmembers;        /* of the variable, where one is assigned    */
    mdr_str_t  members[MDR_MEMBERS_MAX];    /* in the bytes given            */
} mdr_value_t;

static inline int
mdr_js_ident(uint8_t c)
{
    return (c >= '0' && c <= '9') || c == '$' || c == '_'
        || ((c | 32) >= 'a' && (c | 32) <= 'z') || (c & 0x80);
}

enum { MDR_NAME_PLAIN,
       MDR_NAME_TEXT,           /* its value may be text: within: {script:}  */
       MDR_NAME_ROWS };         /* __next_f                                  */

/* what follows the name of a variable, which ends before p + i; quoted: a
 * quote follows, and the name stood in quotes; kind: MDR_NAME_* */
void mdr_script_value(const uint8_t *p, size_t n, size_t i, int last,
    int quoted, int kind, mdr_value_t *v);

enum { MDR_AFTER_END,           /* that was all of it                        */
       MDR_AFTER_MORE,          /* more bytes are needed to tell             */
       MDR_AFTER_VALUE,         /* another argument that is a state          */
       MDR_AFTER_OTHER };       /* the expression goes on                    */

/* what follows a value that ended before p + i: v is what was said of that,
 * and what is said of the next; v->at: where it, or the rest, begins */
int mdr_script_after(const uint8_t *p, size_t n, size_t i, int last,
    mdr_value_t *v);

/* the first white space or comment that is none, n where there is no more */
size_t mdr_script_blank(const uint8_t *p, size_t n, size_t i);

#endif
