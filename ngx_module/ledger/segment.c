/*
 * segment.c - what both sides know of segments: their names, and the two
 * halves of a line.
 */

#include "line.h"

#include <stdio.h>
#include <string.h>


/*
 * One pass: strings are skipped, containers counted.  It does not check that
 * the line is JSON (that is the parser's business), only that no byte of the
 * private half can end up in the public one: `private` is looked for among
 * the keys of the outermost object, and has to be its last.
 */

int
mdl_line_split(const char *line, size_t len, size_t *pub, size_t *priv,
    size_t *priv_len)
{
    size_t  i, from, comma;
    int     depth, key, found;

    static const char  word[] = "private";

    *pub = len;
    *priv = len;
    *priv_len = 0;

    if (len < 2 || line[0] != '{' || line[len - 1] != '}') {
        return -1;
    }

    depth = 1;
    key = 1;                        /* the next string of depth 1 is a key   */
    found = 0;
    comma = 0;

    for (i = 1; i < len; i++) {

        switch (line[i]) {

        case '"':
            from = ++i;

            while (i < len && line[i] != '"') {
                i += line[i] == '\\' ? 2 : 1;
            }

            if (i >= len) {
                return -1;
            }

            if (depth != 1 || !key) {
                break;
            }

            if (found) {
                return -1;          /* a member behind private               */
            }

            if (i - from == sizeof(word) - 1
                && memcmp(line + from, word, i - from) == 0)
            {
                if (comma == 0 || i + 1 >= len || line[i + 1] != ':') {
                    return -1;
                }

                found = 1;
                *pub = comma;
                *priv = i + 2;
            }

            key = 0;
            break;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            if (--depth == 0 && i != len - 1) {
                return -1;
            }
            break;

        case ',':
            if (depth == 1) {
                key = 1;
                comma = i;
            }
            break;

        case '\n':
        case '\0':
            return -1;
        }
    }

    if (depth != 0) {
        return -1;
    }

    if (found) {
        *priv_len = len - 1 - *priv;
    }

    return 0;
}


int
mdl_segment_name(char *out, uint64_t ms, uint64_t pid, uint64_t n)
{
    uint64_t  r;

    if (mdl_random(&r, sizeof(r)) != 0) {
        return -1;
    }

    snprintf(out, MDL_SEGMENT_MAX, "%llu-%llu-%llu-%016llx.jsonl",
             (unsigned long long) ms, (unsigned long long) pid,
             (unsigned long long) n, (unsigned long long) r);

    return 0;
}


static const char *
digits(const char *p, uint64_t *v)
{
    const char  *from;

    from = p;
    *v = 0;

    for ( ; *p >= '0' && *p <= '9' && p - from < 16; p++) {
        *v = *v * 10 + (uint64_t) (*p - '0');
    }

    /* one way to write a number */

    return p == from || (*from == '0' && p - from > 1) ? NULL : p;
}


int
mdl_segment_parse(const char *name, mdl_segment_t *seg)
{
    int  i;

    name = digits(name, &seg->ms);

    if (name == NULL || *name++ != '-') {
        return -1;
    }

    name = digits(name, &seg->pid);

    if (name == NULL || *name++ != '-') {
        return -1;
    }

    name = digits(name, &seg->n);

    if (name == NULL || *name++ != '-') {
        return -1;
    }

    for (i = 0; i < 16; i++, name++) {
        if (!(*name >= '0' && *name <= '9') && !(*name >= 'a' && *name <= 'f'))
        {
            return -1;
        }
    }

    return strcmp(name, ".jsonl") == 0 ? 0 : -1;
}
