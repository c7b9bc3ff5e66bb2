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
    mdr_sink_t         *sink;
    const mdr_alloc_t  *alloc;
    mdr_json_t         *json;   /* NULL: its text is no JSON, or it is done  */
    uint8_t             quote, coded, ended;
    uint64_t            decoded;    /* bytes of its text so far              */
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

/* what follows the name of a variable, which ends before p + i; quoted: a
 * quote follows, and the name stood in quotes */
void mdr_script_value(const uint8_t *p, size_t n, size_t i, int last,
    int quoted, mdr_value_t *v);

/* the first white space or comment that is none, n where there is no more */
size_t mdr_script_blank(const uint8_t *p, size_t n, size_t i);

#endif
