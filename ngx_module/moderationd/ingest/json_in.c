/*
 * json_in.c - JSON read where it lies (see json_in.h).
 *
 * skip() passes over one value and checks all of it; depth is a bit a level,
 * so a hostile line costs its bytes and no memory.
 */

#include "json_in.h"
#include "moderationd/moderationd.h"

#include <string.h>

#define DEPTH_MAX  16

typedef struct {
    const uint8_t  *p, *end;
} in_t;


static void
blank(in_t *in)
{
    while (in->p < in->end && (*in->p == ' ' || *in->p == '\t'
                               || *in->p == '\r' || *in->p == '\n'))
    {
        in->p++;
    }
}


int
mdd_json_hex4(const uint8_t *p)
{
    int  i, v, d;

    for (i = 0, v = 0; i < 4; i++) {
        d = p[i] >= '0' && p[i] <= '9' ? p[i] - '0'
            : p[i] >= 'a' && p[i] <= 'f' ? p[i] - 'a' + 10
            : p[i] >= 'A' && p[i] <= 'F' ? p[i] - 'A' + 10 : -1;
        if (d < 0) {
            return -1;
        }
        v = v << 4 | d;
    }

    return v;
}


static int
string(in_t *in)
{
    size_t  len;

    if (in->p == in->end || *in->p != '"') {
        return 0;
    }

    for (in->p++; in->p < in->end; ) {
        if (*in->p == '"') {
            in->p++;
            return 1;
        }

        if (*in->p < 0x20) {
            return 0;
        }

        if (*in->p == '\\') {
            if (in->end - in->p < 2) {
                return 0;
            }
            if (in->p[1] == 'u') {
                if (in->end - in->p < 6 || mdd_json_hex4(in->p + 2) < 0) {
                    return 0;
                }
                in->p += 6;
            } else if (strchr("\"\\/bfnrt", in->p[1]) == NULL
                       || in->p[1] == '\0')
            {
                return 0;
            } else {
                in->p += 2;
            }
            continue;
        }

        if (*in->p < 0x80) {
            in->p++;
            continue;
        }

        len = mdd_utf8(in->p, (size_t) (in->end - in->p));
        if (len == 0) {
            return 0;
        }
        in->p += len;
    }

    return 0;
}


static int
digits(in_t *in)
{
    const uint8_t  *from;

    for (from = in->p; in->p < in->end && *in->p >= '0' && *in->p <= '9';
         in->p++) { /* void */ }

    return in->p > from;
}


static int
number(in_t *in)
{
    const uint8_t  *from;

    if (in->p < in->end && *in->p == '-') {
        in->p++;
    }

    from = in->p;
    if (!digits(in) || (*from == '0' && in->p - from > 1)) {
        return 0;
    }

    if (in->p < in->end && *in->p == '.') {
        in->p++;
        if (!digits(in)) {
            return 0;
        }
    }

    if (in->p < in->end && (*in->p == 'e' || *in->p == 'E')) {
        in->p++;
        if (in->p < in->end && (*in->p == '+' || *in->p == '-')) {
            in->p++;
        }
        return digits(in);
    }

    return 1;
}


static int
word(in_t *in, const char *s)
{
    size_t  n = strlen(s);

    if ((size_t) (in->end - in->p) < n || memcmp(in->p, s, n) != 0) {
        return 0;
    }
    in->p += n;

    return 1;
}


static int
scalar(in_t *in)
{
    if (in->p == in->end) {
        return 0;
    }

    switch (*in->p) {
    case '"':
        return string(in);
    case 't':
        return word(in, "true");
    case 'f':
        return word(in, "false");
    case 'n':
        return word(in, "null");
    default:
        return number(in);
    }
}


static int
key(in_t *in)
{
    blank(in);
    if (!string(in)) {
        return 0;
    }
    blank(in);
    if (in->p == in->end || *in->p != ':') {
        return 0;
    }
    in->p++;
    blank(in);

    return 1;
}


/* one value, whole */

static int
skip(in_t *in)
{
    int       depth;
    uint32_t  objects;          /* a bit a level: 1: an object                */

    depth = 0;
    objects = 0;

    for ( ;; ) {
        blank(in);
        if (in->p == in->end) {
            return 0;
        }

        if (*in->p == '{' || *in->p == '[') {
            if (depth == DEPTH_MAX) {
                return 0;
            }
            objects = objects << 1 | (*in->p == '{');
            depth++;
            in->p++;
            blank(in);

            if (in->p == in->end || *in->p != ((objects & 1) ? '}' : ']')) {
                if ((objects & 1) && !key(in)) {
                    return 0;
                }
                continue;
            }

        } else if (!scalar(in)) {
            return 0;
        }

        /* a value has ended: what holds it goes on, or ends, too */
        for ( ;; ) {
            if (depth == 0) {
                return 1;
            }
            blank(in);
            if (in->p == in->end) {
                return 0;
            }
            if (*in->p == ',') {
                in->p++;
                if ((objects & 1) && !key(in)) {
                    return 0;
                }
                break;
            }
            if (*in->p != ((objects & 1) ? '}' : ']')) {
                return 0;
            }
            in->p++;
            objects >>= 1;
            depth--;
        }
    }
}


static int
container(const char *p, size_t n, mdd_json_t *m, int max, char open)
{
    int          count, i;
    in_t         in;
    const char  *k;
    size_t       nk;
    mdd_json_t   v;

    in.p = (const uint8_t *) p;
    in.end = in.p + n;
    count = 0;
    k = "";
    nk = 0;

    blank(&in);
    if (in.p == in.end || *in.p != open) {
        return -1;
    }
    in.p++;
    blank(&in);

    if (in.p < in.end && *in.p == (open == '{' ? '}' : ']')) {
        in.p++;
        blank(&in);
        return in.p == in.end ? 0 : -1;
    }

    for ( ;; ) {
        if (open == '{') {
            blank(&in);
            k = (const char *) in.p + 1;
            if (!string(&in)) {
                return -1;
            }
            nk = (size_t) ((const char *) in.p - k) - 1;
            if (memchr(k, '\\', nk) != NULL) {
                return -1;
            }
            blank(&in);
            if (in.p == in.end || *in.p++ != ':') {
                return -1;
            }
        }

        blank(&in);
        v.key = k;
        v.nkey = nk;
        v.val = (const char *) in.p;
        if (in.p == in.end) {
            return -1;
        }
        v.kind = (char) *in.p;
        if (v.kind == '-' || (v.kind >= '0' && v.kind <= '9')) {
            v.kind = '0';
        }
        if (!skip(&in)) {
            return -1;
        }
        v.n = (size_t) ((const char *) in.p - v.val);

        if (count < max) {
            for (i = 0; open == '{' && i < count; i++) {
                if (m[i].nkey == nk && memcmp(m[i].key, k, nk) == 0) {
                    return -1;
                }
            }
            m[count++] = v;
        } else if (open == '{') {
            return -1;
        }

        blank(&in);
        if (in.p == in.end) {
            return -1;
        }
        if (*in.p == ',') {
            in.p++;
            continue;
        }
        if (*in.p != (open == '{' ? '}' : ']')) {
            return -1;
        }
        in.p++;
        blank(&in);

        return in.p == in.end ? count : -1;
    }
}


int
mdd_json_members(const char *p, size_t n, mdd_json_t *m, int max)
{
    return container(p, n, m, max, '{');
}


int
mdd_json_elements(const char *p, size_t n, mdd_json_t *m, int max)
{
    return container(p, n, m, max, '[');
}


const mdd_json_t *
mdd_json_get(const mdd_json_t *m, int n, const char *name)
{
    int     i;
    size_t  len = strlen(name);

    for (i = 0; i < n; i++) {
        if (m[i].nkey == len && memcmp(m[i].key, name, len) == 0) {
            return &m[i];
        }
    }

    return NULL;
}
