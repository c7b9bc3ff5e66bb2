/*
 * json_between.c - what stands between the documents of a body: record
 * separators, numbers that count what is behind them, packets of engine.io,
 * messages of SockJS.
 */

#include "json.h"

#include <string.h>


#define DIGITS_MAX     9                /* of a length                       */
#define PACKET_MAX     96               /* of type, namespace and id         */


static int
is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}


static size_t
digits_from(const uint8_t *p, size_t n, size_t i)
{
    while (i < n && is_digit(p[i])) {
        i++;
    }

    return i;
}


int
mdr_json_is_packet(const uint8_t *p, size_t n)
{
    size_t  i, from;

    i = digits_from(p, n < PACKET_MAX ? n : PACKET_MAX, 0);

    if (i == 0) {
        return 0;
    }

    if (i < n && p[i] == ':') {
        from = ++i;
        i = digits_from(p, n < PACKET_MAX ? n : PACKET_MAX, i);

        if (i == from) {
            return 0;
        }

        /* "2:40", which another follows */

        if (i < n && p[i] == ':') {
            return 1;
        }
    }

    return i + 1 < n && (p[i] == '[' || p[i] == '{'
                         || (p[i] == '/' && (p[i + 1] | 32) >= 'a'
                             && (p[i + 1] | 32) <= 'z'
                             && memchr(p + i, ',', n - i) != NULL));
}


/*
 * What stands before a packet of engine.io and socket.io: its type, perhaps
 * with a namespace and a number to answer to, `42`, `4312`, `42/chat,7`; in
 * revision 3 of the protocol its length in characters before that, `58:42`.
 * Bytes up to its document, or behind a packet that has none; 0: it is no such
 * one; SIZE_MAX: more are needed.
 */

static size_t
packet(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t    i, digits, from;
    uint64_t  len;

    for (i = 0, len = 0; i < n && i < DIGITS_MAX && is_digit(p[i]); i++) {
        len = len * 10 + (uint64_t) (p[i] - '0');
    }

    if (i == n && !last && i < DIGITS_MAX) {
        return SIZE_MAX;
    }

    if (i == 0 || i == n) {
        return 0;
    }

    digits = i;
    from = 0;

    if (p[i] == ':') {
        from = ++i;

        while (i < n && i - from < DIGITS_MAX && is_digit(p[i])) {
            if (i - from == len) {
                return i;               /* "2:40": it has no document        */
            }
            i++;
        }

        if (i - from == len && (i < n || last)) {
            return i;
        }
    }

    if (i < n && p[i] == '/') {
        while (i < n && i < PACKET_MAX && p[i] != ',' && p[i] != '"') {
            i++;
        }

        if (i < n && p[i] == ',') {
            for (i++; i < n && i < PACKET_MAX && is_digit(p[i]); i++) {
                /* void */
            }
        }
    }

    if (i >= n) {
        return last ? 0 : SIZE_MAX;
    }

    if (p[i] != '[' && p[i] != '{') {
        return 0;
    }

    if (from != 0 && j->inner) {
        j->broken = "the length of a packet in a text";

    } else if (from != 0) {
        j->counted = 1;
        mdr_sink_length(j->sink, at, at + digits);
    }

    return i;
}


/* the marks of SockJS before its arrays of messages: `o`, `h`, `a[`  */

static size_t
sockjs(const uint8_t *p, size_t n, int last)
{
    size_t  i;

    for (i = 0; i < n && (p[i] == 'h' || p[i] == 'o' || p[i] == '\n'
                          || p[i] == '\r'); i++)
    {
        /* void */
    }

    if (i != 0) {
        return i;
    }

    if (p[0] != 'a' && p[0] != 'c') {
        return 0;
    }

    if (n == 1) {
        return last ? 0 : SIZE_MAX;
    }

    return p[1] == '[' ? 1 : 0;
}


size_t
mdr_json_between(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    size_t  i, len;

    if (p[0] == 0x1e || (j->messages && p[0] == '\0')) {
        return 1;
    }

    /* the end of a comment or statement that a guard began */

    if (j->guarded && strchr("*/-!>;)", p[0]) != NULL && p[0] != '\0') {
        return 1;
    }

    if (j->messages) {
        i = sockjs(p, n, last);
        if (i != 0) {
            return i;
        }
    }

    if (is_digit(p[0]) && !j->counted) {
        i = packet(j, p, n, at, last);
        if (i != 0) {
            return i;
        }
    }

    if (j->inner) {
        return 0;
    }

    for (i = 0; i < n && i < DIGITS_MAX
         && (is_digit(p[i]) || ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'f')); i++)
    {
        /* void */
    }

    if (i == 0 || i == DIGITS_MAX || j->counted) {
        return 0;
    }

    len = i;
    i += i < n && p[i] == '\r';

    if (i < n && p[i] != '\n') {
        return 0;
    }

    if (n - i < 2) {
        return last ? 0 : SIZE_MAX;
    }

    if (p[i + 1] != '[' && p[i + 1] != '{') {
        return 0;
    }

    j->counted = 1;
    mdr_sink_length(j->sink, at, at + len);

    return i + 1;
}
