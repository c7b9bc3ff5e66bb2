/*
 * json_in.h - JSON that came from outside, read where it lies: checked whole
 * (RFC 8259, UTF-8, no deeper than 16), then members as spans, without memory
 * of its own.
 */

#ifndef MDD_JSON_IN_H
#define MDD_JSON_IN_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    const char  *key;           /* as written, without quotes; "" in arrays   */
    size_t       nkey;
    const char  *val;           /* the value as written                       */
    size_t       n;
    char         kind;          /* { [ " 0 t f n                              */
} mdd_json_t;

/* members of an object, elements of an array: how many, at most max (the rest
 * is checked and left out); -1: p is not one such value, has a key with an
 * escape or one twice */
int mdd_json_members(const char *p, size_t n, mdd_json_t *m, int max);
int mdd_json_elements(const char *p, size_t n, mdd_json_t *m, int max);
const mdd_json_t *mdd_json_get(const mdd_json_t *m, int n, const char *key);

/* a whole number that is not negative: 1, or 0 */
int mdd_json_u64(const mdd_json_t *v, uint64_t *out);
/* text of a string, with a NUL: its length, or -1: none, or larger than size */
int mdd_json_text(const mdd_json_t *v, char *out, size_t size);
/* 1: a string that is exactly s */
int mdd_json_is(const mdd_json_t *v, const char *s);

/* four hex digits, or -1 */
int mdd_json_hex4(const uint8_t *p);

#endif
