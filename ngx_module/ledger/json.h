/*
 * json.h - JSON into a buffer of a fixed size, without memory of its own.
 *
 * Strings come out as valid UTF-8 on one line: bytes that are none become
 * U+FFFD, what is below U+0020 and U+007F is escaped, and so are U+2028 and
 * U+2029, at which some readers end a line.  What does not fit sets `full`;
 * then the line is not used.
 */

#ifndef MDL_JSON_H
#define MDL_JSON_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char  *data;
    size_t       len;
} mdl_str_t;

#define mdl_str(s)  ((mdl_str_t) { (s), sizeof(s) - 1 })

typedef struct {
    char     *data;
    size_t    len, cap;
    uint8_t   full, comma;
} mdl_out_t;

void mdl_out_init(mdl_out_t *o, char *data, size_t cap);
void mdl_out_raw(mdl_out_t *o, const char *p, size_t n);
/* c opens a container; a comma goes before it where one is due.  key NULL: an
 * element of an array */
void mdl_out_open(mdl_out_t *o, const char *key, char c);
void mdl_out_close(mdl_out_t *o, char c);
void mdl_out_str(mdl_out_t *o, const char *key, mdl_str_t s);
void mdl_out_word(mdl_out_t *o, const char *key, const char *s);
void mdl_out_num(mdl_out_t *o, const char *key, uint64_t n);
void mdl_out_true(mdl_out_t *o, const char *key);
void mdl_out_hex(mdl_out_t *o, const char *key, const uint8_t *p, size_t n);
void mdl_out_base64(mdl_out_t *o, const char *key, const uint8_t *p,
    size_t n);

/* at most max bytes of s, never half a character */
mdl_str_t mdl_str_cut(mdl_str_t s, size_t max);

#endif
