/*
 * json_text.c - what a path finds in a JSON text that is a value itself
 * ("@data-field $.title"; as: json).
 *
 * A small scanner of its own over a text in memory: the value is short (at
 * most max_slot) and wanted whole.  Positions go through the text that the
 * JSON stood in.  What cannot be read gives no text.
 */

#include "json.h"
#include "base/utf8.h"

#include <string.h>


#define DEPTH  64

static int
give(const mdr_text_t *in, mdr_text_t *out, size_t from, size_t to)
{
    return from < to ? mdr_text_carry(out, in, (uint32_t) from, (uint32_t) to)
                     : MDR_OK;
}


/* a string at i (its quote); its end, 0: none.  wanted: its text to out */

static size_t
string(const mdr_text_t *in, size_t i, mdr_text_t *out, int *rc, char *name,
    size_t *name_len)
{
    int             k;
    size_t          from, len, n;
    uint8_t         buf[16];
    uint64_t        a, b;
    const uint8_t  *p;

    p = in->data;
    n = in->len;

    for (i++, from = i; i < n; ) {

        if (p[i] == '"' || p[i] == '\\') {
            if (out != NULL && *rc == MDR_OK) {
                *rc = give(in, out, from, i);
            }
            if (name != NULL) {
                for ( ; from < i && *name_len < 256; from++) {
                    name[(*name_len)++] = (char) p[from];
                }
            }
            if (p[i] == '"') {
                return i + 1;
            }

            k = mdr_json_escape(p + i, n - i, 1, 0, buf, &len);

            if (k < 0) {
                return 0;
            }

            if (out != NULL && *rc == MDR_OK) {
                mdr_text_span(in, (uint32_t) i, (uint32_t) (i + len), &a,
                              &b);
                *rc = mdr_text_unit(out, a, (uint32_t) (b - a), buf,
                                    (size_t) k);
            }

            if (name != NULL && *name_len + (size_t) k <= 256) {
                memcpy(name + *name_len, buf, (size_t) k);
                *name_len += (size_t) k;
            }

            i += len;
            from = i;
            continue;
        }

        i++;
    }

    return 0;
}


int
mdr_json_text(const mdr_text_t *in, mdr_str_t path, int join, mdr_text_t *out,
    const mdr_alloc_t *alloc)
{
    int             rc, found, value, pieces;
    char            name[256];
    size_t          i, n, end, depth, len;
    uint8_t         array[DEPTH + 1];
    uint32_t        states[DEPTH + 1], index[DEPTH + 1], now;
    mdr_str_t       key;
    mdr_path_t     *p;
    mdr_arena_t    *arena;
    uint64_t        a, b;
    mdr_syntax_t    err;
    const uint8_t  *s;

    arena = mdr_arena_new(alloc);
    if (arena == NULL) {
        return MDR_ERROR;
    }

    p = mdr_path_parse(path, arena, &err);
    if (p == NULL) {
        mdr_arena_free(arena);
        return MDR_ERROR;
    }

    pieces = join == MDR_JOIN_PIECES
             || (join == MDR_JOIN_AUTO && mdr_path_pieces(p));
    s = in->data;
    n = in->len;
    rc = MDR_OK;
    depth = 0;
    now = 1;
    value = 1;                          /* a value is expected               */

    for (i = 0; i < n && rc == MDR_OK; ) {

        if (s[i] == ' ' || s[i] == '\n' || s[i] == '\r' || s[i] == '\t'
            || s[i] == ',')
        {
            if (s[i] == ',' && depth != 0) {
                index[depth]++;
                value = array[depth];
            }
            i++;
            continue;
        }

        if (s[i] == '}' || s[i] == ']') {
            if (depth == 0) {
                break;
            }
            depth--;
            value = 0;
            i++;
            continue;
        }

        if (depth != 0 && !array[depth] && !value) {

            /* a key */

            if (s[i] != '"') {
                break;
            }

            len = 0;
            end = string(in, i, NULL, &rc, name, &len);
            if (end == 0) {
                break;
            }

            for (i = end; i < n && s[i] != ':'; i++) {
                if (s[i] != ' ' && s[i] != '\n' && s[i] != '\t'
                    && s[i] != '\r')
                {
                    break;
                }
            }

            if (i == n || s[i] != ':') {
                break;
            }

            i++;
            key.data = name;
            key.len = (uint32_t) len;
            now = mdr_path_child(p, states[depth], &key, 0);
            value = 1;
            continue;
        }

        if (!value) {
            break;
        }

        if (depth != 0 && array[depth]) {
            now = mdr_path_child(p, states[depth], NULL, index[depth]);
        }

        found = now >> p->n & 1;

        if (found && out->len != 0 && !pieces) {
            mdr_text_span(in, (uint32_t) i, (uint32_t) i, &a, &b);
            rc = mdr_text_break(out, a);
        }

        if (s[i] == '{' || s[i] == '[') {
            if (depth == DEPTH) {
                break;
            }
            depth++;
            array[depth] = s[i] == '[';
            states[depth] = now;
            index[depth] = 0;
            value = array[depth];
            i++;
            continue;
        }

        if (s[i] == '"') {
            end = string(in, i, found ? out : NULL, &rc, NULL, NULL);
            if (end == 0) {
                break;
            }
            i = end;

        } else {
            for (end = i; end < n && strchr(" \t\r\n,]}", s[end]) == NULL;
                 end++)
            {
                /* void */
            }

            if (found && !(end - i == 4 && memcmp(s + i, "null", 4) == 0)) {
                rc = give(in, out, i, end);
            }

            i = end > i ? end : i + 1;
        }

        value = 0;

        if (depth == 0) {
            break;
        }
    }

    mdr_arena_free(arena);

    return rc;
}
