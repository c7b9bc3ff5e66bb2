/*
 * sniff_frame.c - frames around documents, told by the first bytes of a body
 * that is labelled as something else: events, parts, rows of flight, messages
 * of SockJS; and bytes that are no text.
 */

#include "sniff.h"

#include <string.h>


/* a field of an event stream, a comment in one */

int
mdr_sniff_field(const uint8_t *p, size_t n)
{
    size_t  i, k, len;

    static const char *const  names[] = { "data:", "event:", "id:", "retry:",
                                          ":" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        len = strlen(names[i]);
        k = n < len ? n : len;

        if (memcmp(p, names[i], k) == 0) {
            return k == len ? 1 : -1;
        }
    }

    return 0;
}


/* lines of an event stream, one of which has data that may hold a document */

static int
events(const uint8_t *p, size_t n)
{
    int     k;
    size_t  i, from;

    for (i = 0; i < n; ) {

        if (p[i] == '\n' || p[i] == '\r') {
            i++;
            continue;
        }

        k = mdr_sniff_field(p + i, n - i);

        if (k <= 0) {
            return k < 0 ? W_MORE : W_OTHER;
        }

        for (from = i; i < n && p[i] != '\n' && p[i] != '\r'; i++) {
            if (p[from] == 'd' && (p[i] == '{' || p[i] == '[' || p[i] == '<')) {
                return W_EVENTS;
            }
        }
    }

    return W_MORE;
}


/* "--", a boundary, and a field of a part or an empty line */

static int
parts(const uint8_t *p, size_t n)
{
    size_t  i, k;

    static const char  field[] = "content-";

    if (n < 2) {
        return W_MORE;
    }

    if (p[1] != '-') {
        return W_OTHER;
    }

    for (i = 2; i < n && i < 78 && p[i] > ' '; i++) { /* void */ }

    while (i < n && (p[i] == ' ' || p[i] == '\r')) {
        i++;
    }

    if (i < n && p[i] != '\n') {
        return W_OTHER;
    }

    for (k = 0, i++; i + k < n && field[k] != '\0'; k++) {
        if ((p[i + k] | 32) != field[k]) {
            return W_OTHER;
        }
    }

    return field[k] == '\0' ? W_PARTS : W_MORE;
}


/* a row of flight: ID ":" TAG? and JSON */

static int
rows(const uint8_t *p, size_t n)
{
    size_t  i, from;

    for (i = 0; i < n && i < 8 && ((p[i] >= '0' && p[i] <= '9')
                                   || (p[i] >= 'a' && p[i] <= 'f')); i++)
    {
        /* void */
    }

    if (i < n && p[i] != ':') {
        return W_OTHER;
    }

    for (from = ++i; i < n && i - from < 3 && p[i] >= 'A' && p[i] <= 'Z';
         i++)
    {
        /* void */
    }

    return i >= n ? W_MORE
           : p[i] == '{' || p[i] == '[' || (p[i] == '"' && from > 1) ? W_ROWS
                                                                    : W_OTHER;
}


/* SockJS: "o", "h", a prelude of many, and arrays of strings */

static int
messages(const uint8_t *p, size_t n)
{
    size_t  i, k;

    for (i = 0; i < n && (p[i] == 'h' || p[i] == 'o') && i < 64; i++) {
        /* void */
    }

    if (i == 64) {
        return W_MESSAGES;
    }

    if (i != 0 && i < n && p[i] != '\n') {
        return W_OTHER;
    }

    k = i + (i != 0);

    if (n < k + 3) {
        return k != 0 && n < k + 1 ? W_MORE
               : n > k && p[k] != 'a' ? W_OTHER
               : n > k + 1 && p[k + 1] != '[' ? W_OTHER : W_MORE;
    }

    return memcmp(p + k, "a[\"", 3) == 0 ? W_MESSAGES : W_OTHER;
}


int
mdr_sniff_frame(const uint8_t *p, size_t n)
{
    int  what;

    if (n == 0) {
        return W_MORE;
    }

    if (p[0] == '-') {
        return parts(p, n);
    }

    if (p[0] == ':' || (p[0] >= '0' && p[0] <= '9')
        || (p[0] >= 'a' && p[0] <= 'f'))
    {
        what = rows(p, n);

        if (what != W_OTHER) {
            return what;
        }
    }

    if (p[0] == 'a' || p[0] == 'h' || p[0] == 'o') {
        return messages(p, n);
    }

    return events(p, n);
}


static int
is_control(uint8_t c)
{
    return c < ' ' && !mdr_sniff_is_space(c) && c != 0x1b;
}


/* a message of protobuf whose first field is a text: a newline, which is its
 * tag, a length, so many bytes, and the tag of the next, which no text has.
 * A list of texts goes on with newlines.  1, 0, -1: more bytes are needed */

static int
is_protobuf(const uint8_t *p, size_t n)
{
    size_t  i, len, shift;

    if (n > 2 && p[1] == '<' && (((p[2] | 32) >= 'a' && (p[2] | 32) <= 'z')
                                 || p[2] == '!' || p[2] == '?'))
    {
        return 0;                       /* a page                            */
    }

    for (i = 0; i < n && p[i] == '\n'; i += len) {

        for (i++, len = 0, shift = 0; i < n && shift < 28; shift += 7) {
            len |= (size_t) (p[i] & 0x7f) << shift;
            if (p[i++] < 0x80) {
                break;
            }
        }

        if (n - i <= len) {
            return n > 1 && is_control(p[1]) ? 1 : -1;
        }
    }

    return is_control(p[i]);
}


int
mdr_sniff_binary(const uint8_t *p, size_t n)
{
    return n == 0 ? 0 : is_control(p[0]) ? 1
           : p[0] == '\n' ? is_protobuf(p, n) : 0;
}
