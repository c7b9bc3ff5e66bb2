/*
 * json_token.c - one token at a time, as far as it has come.
 *
 * This is the careful reader: it stops anywhere, knows what JavaScript writes
 * beyond JSON, and says what is wrong with a body.  json_fast.c reads most of
 * a body before it comes here.  A key stays unconsumed until the first byte of
 * its value is there, because only then it is known whether the member is an
 * item.
 */

#include "json.h"
#include "json_block.h"

#include <string.h>


static int
is_delimiter(uint8_t c)
{
    return MDR_JSON_IS_SPACE(c) || c == ',' || c == ']' || c == '}' || c == ':';
}


static int
is_ident(uint8_t c)
{
    return ((c | 32) >= 'a' && (c | 32) <= 'z') || (c >= '0' && c <= '9')
           || c == '_' || c == '$' || (c & 0x80);
}


/* RFC 8259, section 6 */

int
mdr_json_is_number(const uint8_t *p, size_t n)
{
    size_t  i;

    i = n != 0 && p[0] == '-';

    if (i == n || p[i] < '0' || p[i] > '9') {
        return 0;
    }

    if (p[i] == '0') {
        i++;
    } else {
        while (i < n && p[i] >= '0' && p[i] <= '9') {
            i++;
        }
    }

    if (i < n && p[i] == '.') {
        i++;
        if (i == n || p[i] < '0' || p[i] > '9') {
            return 0;
        }
        while (i < n && p[i] >= '0' && p[i] <= '9') {
            i++;
        }
    }

    if (i < n && (p[i] | 32) == 'e') {
        i++;
        if (i < n && (p[i] == '+' || p[i] == '-')) {
            i++;
        }
        if (i == n || p[i] < '0' || p[i] > '9') {
            return 0;
        }
        while (i < n && p[i] >= '0' && p[i] <= '9') {
            i++;
        }
    }

    return i == n;
}


/* ECMA-262, 12.9.3, and a sign */

static int
is_js_number(const uint8_t *p, size_t n)
{
    size_t  i;

    i = n != 0 && (p[0] == '-' || p[0] == '+');

    if (i == n || !((p[i] >= '0' && p[i] <= '9')
                    || (p[i] == '.' && n - i > 1)))
    {
        return 0;
    }

    for ( ; i < n; i++) {
        if (!is_ident(p[i]) && p[i] != '.'
            && !((p[i] == '-' || p[i] == '+') && (p[i - 1] | 32) == 'e'))
        {
            return 0;
        }
    }

    return 1;
}


static int
is_word(const uint8_t *p, size_t n, const char *w)
{
    return strlen(w) == n && memcmp(p, w, n) == 0;
}


/* a number or literal at p; bytes taken, MDR_JSON_MORE, or broken */

static size_t
scalar(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    int       number;
    size_t    i;
    uint32_t  k;

    for (i = 0; i < n && i < MDR_TOKEN_MAX && !is_delimiter(p[i])
         && !(j->relaxed && (p[i] == ';' || p[i] == ')' || p[i] == '/'
                             || p[i] == '<'
                             || mdr_js_space(p + i, n - i) != 0)); i++)
    {
        /* void */
    }

    /* "void 0" is two words */

    if (j->relaxed && i == 4 && memcmp(p, "void", 4) == 0) {
        if (n < 7 && !last) {
            return MDR_JSON_MORE;
        }
        if (n >= 6 && p[4] == ' ' && p[5] == '0') {
            i = 6;
        }
    }

    if (i >= MDR_TOKEN_MAX) {
        j->broken = "a number or word that is too long";
        return MDR_JSON_MORE;
    }

    if (i == n && !last) {
        return MDR_JSON_MORE;
    }

    number = mdr_json_is_number(p, i);

    if (!number && !is_word(p, i, "true") && !is_word(p, i, "false")
        && !is_word(p, i, "null")
        && !(j->relaxed && i != 0
             && (is_word(p, i, "undefined") || is_word(p, i, "NaN")
                 || is_word(p, i, "Infinity") || is_word(p, i, "-Infinity")
                 || is_word(p, i, "!0") || is_word(p, i, "!1")
                 || is_word(p, i, "void 0")
                 || is_js_number(p, i))))
    {
        j->broken = "a value expected";
        return MDR_JSON_MORE;
    }

    if (j->ncollects != 0 && !is_word(p, i, "null")
        && !is_word(p, i, "undefined") && !is_word(p, i, "void 0")
        && mdr_json_collect(j, at, p, i) != MDR_OK)
    {
        return MDR_JSON_FAILED;
    }

    for (k = 0; number && j->now != NULL && k < j->now->ncounts; k++) {
        j->unusual++;
        mdr_sink_count(j->sink, j->rules->slots[j->now->counts[k]].slot,
                       at, at + i, p);
    }

    mdr_json_end(j, at + i);

    return i;
}


/* white space and, if asked for, comments; (size_t) -1: more bytes needed */

size_t
mdr_json_blank(const mdr_json_t *j, const uint8_t *p, size_t n, int last,
    int comments)
{
    size_t          i, k;
    const uint8_t  *q;

    for (i = 0; i < n; ) {

        if (MDR_JSON_IS_SPACE(p[i])
            && !(p[i] == '\n' && j->type == MDR_TYPE_NDJSON))
        {
            i++;
            continue;
        }

        if (j->relaxed) {
            k = mdr_js_space(p + i, n - i);

            if (k == 0 && mdr_js_space_cut(p + i, n - i) && !last) {
                return comments ? SIZE_MAX : i;
            }

            if (k != 0) {
                i += k;
                continue;
            }
        }

        if (!comments || p[i] != '/') {
            return i;
        }

        if (n - i < 2) {
            return last ? i : SIZE_MAX;
        }

        if (p[i + 1] == '/') {
            k = mdr_js_line(p + i, n - i);
            q = k < n - i || last ? p + i + k - 1 : NULL;

        } else if (p[i + 1] == '*') {
            for (q = p + i + 2; (size_t) (q - p) + 1 < n
                 && !(q[0] == '*' && q[1] == '/'); q++)
            {
                /* void */
            }
            q = (size_t) (q - p) + 1 < n ? q + 1 : NULL;

        } else {
            return i;
        }

        if (q == NULL) {
            return last ? n : SIZE_MAX;
        }

        i = (size_t) (q - p) + 1;
    }

    return i;
}


#define KEY_MAX  512                    /* none is so long in a path         */


/* the key in quotes that begins at p and has escapes, as in buf, *m bytes;
 * behind it, 0: more bytes are needed, or j->broken */

static size_t
escaped_key(mdr_json_t *j, const uint8_t *p, size_t n, int last, char *buf,
    size_t *m)
{
    int      k;
    size_t   i, len;
    uint8_t  out[16];

    for (i = 1, *m = 0; ; ) {
        if (i == n || i >= MDR_TOKEN_MAX) {
            return 0;
        }

        if (p[i] == p[0]) {
            return i + 1;
        }

        if (p[i] == '\n' && j->type == MDR_TYPE_NDJSON) {
            j->broken = "a line ends inside a key";
            return 0;
        }

        if (p[i] == '\\') {
            k = mdr_json_escape(p + i, n - i, last, j->relaxed, out, &len);

            if (k < 0) {
                j->broken = k == -2 ? "a bad escape in a key" : NULL;
                return 0;
            }

            if (*m + (size_t) k <= KEY_MAX) {
                memcpy(buf + *m, out, (size_t) k);
                *m += (size_t) k;
            } else {
                *m = KEY_MAX + 1;
            }
            i += len;
            continue;
        }

        if (*m < KEY_MAX) {
            buf[*m] = (char) p[i];
        }
        *m = *m < KEY_MAX ? *m + 1 : KEY_MAX + 1;
        i++;
    }
}


/* the key at p: behind it, 0: more bytes are needed, or j->broken; buf: room
 * for one that does not stand so */

static size_t
read_key(mdr_json_t *j, const uint8_t *p, size_t n, int last, char *buf,
    mdr_str_t *name)
{
    size_t   i, m;
    uint8_t  quote;

    quote = p[0];
    name->data = buf;

    if (quote == '"' || (j->relaxed && quote == '\'')) {

        i = 1 + mdr_json_plain(p + 1, n - 1, quote);
        i = i < MDR_TOKEN_MAX ? i : MDR_TOKEN_MAX;

        if (j->type == MDR_TYPE_NDJSON && memchr(p, '\n', i) != NULL) {
            j->broken = "a line ends inside a key";
            return 0;
        }

        if (i == n || i == MDR_TOKEN_MAX) {
            return 0;
        }

        if (p[i] == quote) {
            name->data = (const char *) p + 1;
            name->len = (uint32_t) i - 1;
            return i + 1;
        }

        i = escaped_key(j, p, n, last, buf, &m);
        name->len = m <= KEY_MAX ? (uint32_t) m : 0;
        return i;
    }

    if (!j->relaxed || !is_ident(quote)) {
        j->broken = "a key expected";
        return 0;
    }

    for (i = 0; i < n && i < MDR_TOKEN_MAX && is_ident(p[i])
         && mdr_js_space(p + i, n - i) == 0; i++)
    {
        if (i < KEY_MAX) {
            buf[i] = (char) p[i];
        }
    }

    name->len = i <= KEY_MAX ? (uint32_t) i : 0;

    return i == n || i == MDR_TOKEN_MAX ? 0 : i;
}


size_t
mdr_json_numbered(const uint8_t *p, size_t n, int last)
{
    size_t  i, k;

    static const char  head[] = "$R[";

    for (i = 0; i < n && i < 3; i++) {
        if (p[i] != (uint8_t) head[i]) {
            return 0;
        }
    }

    for (k = i; k < n && k - i < 10 && p[k] >= '0' && p[k] <= '9'; k++) {
        /* void */
    }

    if (n - k < 3 && !last) {
        return k - i < 10 ? SIZE_MAX : 0;
    }

    return k > i && n - k > 2 && p[k] == ']' && p[k + 1] == '='
           && p[k + 2] != '=' ? k + 2 : 0;
}


uint32_t
mdr_json_number(const uint8_t *p, size_t n)
{
    size_t    i;
    uint32_t  v;

    if (n < 4 || memcmp(p, "$R[", 3) != 0) {
        return UINT32_MAX;
    }

    for (i = 3, v = 0; i < n && i < 12 && p[i] >= '0' && p[i] <= '9'; i++) {
        v = v * 10 + (uint32_t) (p[i] - '0');
    }

    return i < n && p[i] == ']'
           && (i + 1 == n || p[i + 1] == '=' || is_delimiter(p[i + 1]))
           ? v : UINT32_MAX;
}


void
mdr_json_did_number(mdr_json_t *j, const uint8_t *p, size_t n)
{
    uint32_t  v;

    v = mdr_json_number(p, n);

    if (j->last_number == 0) {          /* they are given one after the other */
        j->first_number = v;
    }

    j->last_number = v + 1;
    mdr_json_did_odd(j);
}


/* behind the key that ends before p + i: the place of its value, 0 as above */

static size_t
find_value(mdr_json_t *j, const uint8_t *p, size_t n, size_t i, int last)
{
    size_t  b;

    b = mdr_json_blank(j, p + i, n - i, last, j->relaxed);
    if (b == SIZE_MAX || i + b == n || i + b >= MDR_TOKEN_MAX) {
        return 0;
    }
    i += b;

    if (p[i] != ':') {
        j->broken = "\":\" expected";
        return 0;
    }

    i++;
    b = mdr_json_blank(j, p + i, n - i, last, j->relaxed);
    if (b == SIZE_MAX || i + b == n || i + b >= MDR_TOKEN_MAX) {
        return 0;
    }

    i += b;

    if (p[i] == '$' && j->relaxed) {
        b = mdr_json_numbered(p + i, n - i, last);
        if (b == SIZE_MAX || i + b >= n || i + b >= MDR_TOKEN_MAX) {
            return 0;
        }
        if (b != 0) {
            mdr_json_did_number(j, p + i, b);
        }
        i += b;
    }

    return i;
}


/* a flat array as the value at p of the member whose key begins at `whole`:
 * bytes of it, 0: it is none; MDR_JSON_FLAT_MORE, MDR_JSON_FAILED */

static size_t
flat_value(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    uint64_t whole, int last, const mdr_json_node_t *node)
{
    size_t  flat;

    if (p[0] != '[' || !mdr_json_may_be_flat(j, node)) {
        return 0;
    }

    flat = mdr_json_flat(j, p, n, at, last, node);

    if (flat == 0 || flat == MDR_JSON_FAILED || flat == MDR_JSON_FLAT_MORE) {
        return flat;
    }

    if (mdr_json_begin(j, '0', at, whole, NULL) != MDR_OK) {
        return MDR_JSON_FAILED;
    }

    mdr_json_end(j, at + flat);

    return flat;
}


/* a member at p: key, colon, first byte of the value; bytes up to the value,
 * MDR_JSON_MORE, or broken */

static size_t
member(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    char               buf[KEY_MAX];
    size_t             i, value;
    mdr_str_t          name;
    mdr_json_node_t   *node;
    mdr_json_frame_t  *f;

    i = read_key(j, p, n, last, buf, &name);
    value = i != 0 ? find_value(j, p, n, i, last) : 0;

    if (value == 0) {
        if (j->broken == NULL && n >= MDR_TOKEN_MAX) {
            j->broken = "a key that is too long";

        } else if (j->broken == NULL && last) {
            j->broken = "ends inside a member";
        }
        return MDR_JSON_MORE;
    }

    f = &j->frames[j->n - 1];

    if (mdr_json_child(j, &name, 0, &node) != MDR_OK) {
        return MDR_JSON_FAILED;
    }

    i = flat_value(j, p + value, n - value, at + value, at, last, node);

    if (i != 0) {
        return i == MDR_JSON_FAILED ? i
               : i == MDR_JSON_FLAT_MORE ? MDR_JSON_MORE : value + i;
    }

    if (node != NULL && node->points && p[value] == '"') {
        i = mdr_json_pointer(j, p + value, n - value, at + value, last, node);
        if (i != 0) {
            return i == MDR_JSON_WAIT ? MDR_JSON_MORE : i;
        }
    }

    if (f->item && name.len == 10 && memcmp(name.data, "moderation", 10) == 0)
    {
        mdr_json_mod(j, f, at);

    } else if (f->mod_start != MDR_NO_POS && f->mod_next == MDR_NO_POS
               && f->members != 0)
    {
        f->mod_next = at;
    }

    j->key = name;

    return mdr_json_begin(j, p[value], at + value, at, node) == MDR_OK
           ? value : MDR_JSON_FAILED;
}


static size_t
comma(mdr_json_t *j, uint64_t at)
{
    mdr_json_frame_t  *f;

    f = &j->frames[j->n - 1];

    if (f->list != 0) {
        mdr_sink_list_comma(j->sink, f->list, at);
    }

    f->comma = at;
    j->expect = f->array ? MDR_JSON_VALUE : MDR_JSON_KEY;

    return 1;
}


/* what stands at p where `expect` says; bytes taken */

size_t
mdr_json_token(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t             k;
    uint8_t            c;
    mdr_json_node_t   *node;
    mdr_json_frame_t  *f;

    c = p[0];
    f = j->n != 0 ? &j->frames[j->n - 1] : NULL;

    switch (j->expect) {

    case MDR_JSON_KEY_OR_END:
    case MDR_JSON_KEY:
        if (c == '}' && (j->expect == MDR_JSON_KEY_OR_END || j->relaxed)) {
            mdr_json_close_frame(j, at);
            return 1;
        }

        k = member(j, p, n, at, last);

        if (k == MDR_JSON_MORE || k == MDR_JSON_FAILED) {
            return k;
        }

        if (j->expect == MDR_JSON_COMMA) {
            return k;                   /* it was a flat array               */
        }

        p += k;
        at += k;
        n -= k;
        c = p[0];

        if (c == '{' || c == '[' || j->string) {
            return k + 1;
        }

        /* a number or word: begun, and read from its first byte */

        j->collecting = 1;
        return k;

    case MDR_JSON_VALUE_OR_END:
        if (c == ']') {
            mdr_json_close_frame(j, at);
            return 1;
        }
        /* fall through */

    case MDR_JSON_VALUE:
        if (c == ']' && j->relaxed && f != NULL && f->array) {
            mdr_json_close_frame(j, at);
            return 1;
        }

        if (c == ',' && j->relaxed && f != NULL && f->array
            && !j->collecting)
        {
            if (f->list != 0) {
                mdr_sink_list_element(j->sink, f->list, at);
            }
            mdr_json_end(j, at);         /* an element left out               */
            return comma(j, at);
        }

        if (!j->collecting) {
            if (c == '}' || c == ']' || c == ',' || c == ':') {
                j->broken = "a value expected";
                return MDR_JSON_MORE;
            }

            if (mdr_json_child(j, NULL, f != NULL ? f->index : 0, &node)
                != MDR_OK)
            {
                return MDR_JSON_FAILED;
            }

            if (node != NULL && node->points && c == '"') {
                k = mdr_json_pointer(j, p, n, at, last, node);
                if (k != 0) {
                    return k == MDR_JSON_WAIT ? MDR_JSON_MORE : k;
                }
            }

            k = c == '$' && j->relaxed ? mdr_json_numbered(p, n, last) : 0;

            if (k >= n) {
                return MDR_JSON_MORE;
            }

            if (k != 0) {
                mdr_json_did_number(j, p, k);
            }

            c = p[k];

            if (mdr_json_begin(j, c, at + k, at, node) != MDR_OK) {
                return MDR_JSON_FAILED;
            }

            if (c == '{' || c == '[' || j->string) {
                return k + 1;
            }

            j->collecting = 1;

            if (k != 0) {
                return k;
            }
        }

        k = scalar(j, p, n, at, last);

        if (k != MDR_JSON_MORE && k != MDR_JSON_FAILED) {
            j->collecting = 0;
        }
        return k;

    case MDR_JSON_COMMA:
        if (c == ',') {
            return comma(j, at);
        }

        if (c == (f->array ? ']' : '}')) {
            mdr_json_close_frame(j, at);
            return 1;
        }

        j->broken = f->array ? "\",\" or \"]\" expected"
                             : "\",\" or \"}\" expected";
        return MDR_JSON_MORE;

    default:
        return MDR_JSON_MORE;
    }
}
