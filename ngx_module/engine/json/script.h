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

enum { MDR_CODED_NOT,           /* how that text is written in the string    */
       MDR_CODED_URI,           /* decodeURIComponent                        */
       MDR_CODED_ESCAPE };      /* unescape                                  */

#define MDR_MEMBERS_MAX  4

typedef struct {
    int        kind;
    size_t     at;              /* of the value, or the quote of the literal */
    int        coded;
    uint32_t   nmembers;        /* of the variable, where one is assigned    */
    mdr_str_t  members[MDR_MEMBERS_MAX];    /* in the bytes given            */
} mdr_value_t;

typedef struct {                /* a literal that is being read              */
    mdr_layer_t  *layer;        /* that gets its text                        */
    uint8_t       quote;        /* 0: no literal, the text itself is coded   */
    uint8_t       coded, ended;
} mdr_literal_t;

/* script_literal.c: *taken bytes of p; MDR_LIMIT: it cannot be read */
int mdr_script_literal(mdr_literal_t *s, const uint8_t *p, size_t n,
    uint64_t at, int last, size_t *taken);

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

/* the first white space or comment that is none, n where there is no more */
size_t mdr_script_blank(const uint8_t *p, size_t n, size_t i);

#endif
