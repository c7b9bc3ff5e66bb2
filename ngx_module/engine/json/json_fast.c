/*
 * json_fast.c - the common case: members and elements that are plain JSON and
 * have come as a whole.
 *
 * Reads as long as that holds, and leaves the token where it does not to
 * json_token.c: keys with escapes, values cut by the end of the window, what
 * only JavaScript has, what is broken.  Both make the same calls, so it does
 * not matter which of them reads a token.  Most members of a feed are read by
 * nobody: of those the ends are found, nothing else.
 */

#include "json.h"
#include "json_block.h"

#include <string.h>


static inline size_t
space(const uint8_t *p, size_t n, size_t i, int lines)
{
    while (i < n && p[i] <= ' ' && MDR_JSON_IS_SPACE(p[i])
           && !(lines && p[i] == '\n'))
    {
        i++;
    }

    return i;
}


/* behind the closing quote of a string whose text begins at i; 0: it has not
 * come, or a line ends in it */

static inline size_t
string_end(const uint8_t *p, size_t n, size_t i, int lines)
{
    size_t  from;

    for (from = i; ; ) {
        i += mdr_json_plain(p + i, n - i, '"');

        if (i == n) {
            return 0;
        }

        if (p[i] == '"') {
            break;
        }

        if (n - i < 2) {
            return 0;
        }

        i += 2;
    }

    if (lines && memchr(p + from, '\n', i - from) != NULL) {
        return 0;
    }

    return i + 1;
}


/* behind a number or literal at i that what follows ends; 0: look closer */

static inline size_t
word_end(const uint8_t *p, size_t n, size_t i)
{
    size_t  from;

    from = i;

    if (p[i] >= '0' && p[i] <= '9') {
        i += mdr_json_digits(p + i, n - i);

        if (p[from] == '0' && i - from > 1) {
            return 0;
        }

    } else if (n - i > 5 && (memcmp(p + i, "true", 4) == 0
                             || memcmp(p + i, "null", 4) == 0))
    {
        i += 4;

    } else if (n - i > 5 && memcmp(p + i, "false", 5) == 0) {
        i += 5;

    } else {
        return 0;
    }

    if (i < n && (p[i] == ',' || p[i] == '}' || p[i] == ']'
                  || MDR_JSON_IS_SPACE(p[i])))
    {
        return i;
    }

    return 0;
}


/* a value at p + i that nobody wants, in a container that holds no items;
 * bytes up to behind it, or 0 */

static inline size_t
unwanted(mdr_json_t *j, mdr_json_frame_t *f, const uint8_t *p, size_t n,
    size_t i, uint64_t at, int lines)
{
    size_t  end;

    end = p[i] == '"' ? string_end(p, n, i + 1, lines) : word_end(p, n, i);

    if (end != 0) {
        f->child = NULL;
        f->touched = 0;
        mdr_json_ended(j, f, at + end);
    }

    return end;
}


/* the string at p + i, in such a container, that has no escape and is the
 * text of some place; likewise */

static inline size_t
plain_text(mdr_json_t *j, mdr_json_frame_t *f, const uint8_t *p, size_t n,
    size_t i, uint64_t at, int lines, mdr_json_node_t *node)
{
    size_t       k;
    uint32_t     c;
    mdr_text_t  *t;

    i++;
    k = i + mdr_json_plain(p + i, n - i, '"');

    if (k == n || p[k] != '"'
        || (lines && memchr(p + i, '\n', k - i) != NULL))
    {
        return 0;
    }

    for (c = 0; c < node->ncollects && c < MDR_JSON_COLLECTS; c++) {
        t = mdr_json_text_at(j, &node->collects[c]);

        if (t == NULL) {
            continue;
        }

        if ((t->len != 0 && mdr_json_next_text(j, &node->collects[c], t,
                                              at + i - 1)
                            != MDR_OK)
            || mdr_text_copy(t, at + i, p + i, k - i) != MDR_OK)
        {
            return MDR_JSON_FAILED;
        }
    }

    f->child = node;
    f->touched = node->touched;
    mdr_json_ended(j, f, at + k + 1);

    return k + 1;
}


/* the value at p + i of the node; whole: the key before it.  Bytes up to
 * behind what could be read of it, more than i */

static size_t
value(mdr_json_t *j, const uint8_t *p, size_t n, size_t i, size_t whole,
    uint64_t at, int last, int lines, mdr_json_node_t *node)
{
    size_t             k;
    uint8_t            c;
    mdr_json_frame_t  *f;

    c = p[i];
    f = &j->frames[j->n - 1];

    if (c == '"' && node != NULL && node->nitems == 0 && f->list == 0) {
        k = plain_text(j, f, p, n, i, at, lines, node);
        if (k != 0) {
            return k;
        }
    }

    if (c == '{' && node != NULL && node->nitems != 0 && n - i > 1) {
        k = mdr_json_cards(j, p + i, n - i, at + i, node);
        if (k != 0) {
            return i + k;
        }
    }

    if (mdr_json_begin(j, c, at + i, at + whole, node) != MDR_OK) {
        return MDR_JSON_FAILED;
    }

    if (c == '"') {
        i++;
        k = i < n ? mdr_json_string(j, p + i, n - i, at + i, last) : 0;

    } else if (c == '{' || c == '[') {
        i++;
        k = j->skip.depth != 0 && i < n
            ? mdr_json_pass_over(j, p + i, n - i, at + i) : 0;

    } else {
        j->collecting = 1;
        k = mdr_json_token(j, p + i, n - i, at + i, last);
    }

    return k == MDR_JSON_FAILED ? k : i + k;
}


static inline int
is_guess(const uint8_t *p, const mdr_json_guess_t *g)
{
    uint64_t  x, y;

    memcpy(&x, p, 8);
    memcpy(&y, p + 8, 8);

    return (((x ^ g->key[0]) & g->mask[0]) | ((y ^ g->key[1]) & g->mask[1]))
           == 0;
}


/* does a value of JSON begin with c; a word may turn out to be none */

static inline int
begins_value(uint8_t c)
{
    return c == '"' || c == '-' || (c > '/' && c < 0x80 && c != ':'
                                    && c != ']' && c != '}');
}


/* a member begins: where upstream's tag before it ends is known */

static inline void
behind_mod(mdr_json_frame_t *f, uint64_t at)
{
    if (f->mod_start != MDR_NO_POS && f->mod_next == MDR_NO_POS
        && f->members != 0)
    {
        f->mod_next = at;
    }
}


/* the key that stood at this place the last time, where it is at p + i: behind
 * it and its colon, or 0 */

static inline size_t
guessed(const mdr_json_frame_t *f, const uint8_t *p, size_t n, size_t i,
    mdr_str_t *name, mdr_json_node_t **node)
{
    size_t                   v;
    const mdr_json_guess_t  *g;

    if (f->node->guesses == NULL || f->members >= MDR_JSON_GUESSES
        || n - i <= 24)
    {
        return 0;
    }

    g = &f->node->guesses[f->members];
    v = i + 1 + g->len;

    if (g->len == 0 || !is_guess(p + i + 1, g) || !begins_value(p[v])) {
        return 0;
    }

    *node = g->child;
    name->len = g->len - 2;

    return v;
}


/* the key that begins at p + i: where its value does, or 0 */

static inline size_t
key(mdr_json_t *j, mdr_json_frame_t *f, const uint8_t *p, size_t n, size_t i,
    uint64_t at, int lines, mdr_str_t *name, mdr_json_node_t **node)
{
    size_t  k, v;

    k = i + 1 + mdr_json_plain(p + i + 1, n - i - 1, '"');

    if (k == n || p[k] != '"'
        || (lines && memchr(p + i, '\n', k - i) != NULL))
    {
        return 0;
    }

    v = space(p, n, k + 1, lines);

    if (v == n || p[v] != ':') {
        return 0;
    }

    v = space(p, n, v + 1, lines);

    if (v == n || v - i >= MDR_TOKEN_MAX || !begins_value(p[v])) {
        return 0;
    }

    name->data = (const char *) p + i + 1;
    name->len = (uint32_t) (k - i - 1);

    if (mdr_json_child(j, name, 0, node) != MDR_OK) {
        return MDR_JSON_FAILED;
    }

    if (name->len == 10 && memcmp(name->data, "moderation", 10) == 0) {

        if (f->item) {
            mdr_json_mod(j, f, at + i);
        }

        return v;                       /* never guessed: an object that is
                                           no item may have the same node    */
    }

    behind_mod(f, at + i);

    if (v == k + 2 && n - i > 24) {
        mdr_json_guess(j, f->node, f->members, p + i + 1, name->len, *node);
    }

    return v;
}


/* bytes up to behind the member whose key begins at p + i, or 0 */

static inline size_t
member(mdr_json_t *j, mdr_json_frame_t *f, const uint8_t *p, size_t n,
    size_t i, uint64_t at, int last, int lines)
{
    size_t            v, end;
    mdr_str_t         name;
    mdr_json_node_t  *node;

    v = guessed(f, p, n, i, &name, &node);

    if (v != 0) {
        behind_mod(f, at + i);

    } else {
        v = key(j, f, p, n, i, at, lines, &name, &node);

        if (v == 0 || v == MDR_JSON_FAILED) {
            return v;
        }
    }

    if (node != NULL && node->nitems != 0) {
        j->key.data = (const char *) p + i + 1;
        j->key.len = name.len;
    }

    if (p[v] == '[' && mdr_json_may_be_flat(j, node)
        && mdr_json_flat_begins(p + v, n - v) != 0
        && !(j->flat.at == at + v && j->flat.no))
    {
        return 0;                       /* json_token.c                      */
    }

    if (node != NULL && node->points && p[v] == '"') {
        return 0;
    }

    if (node == NULL && f->list == 0) {
        end = unwanted(j, f, p, n, v, at, lines);
        if (end != 0) {
            return end;
        }
    }

    return value(j, p, n, v, i, at, last, lines, node);
}


/* bytes up to behind the element that begins at p + i, or 0 */

static inline size_t
element(mdr_json_t *j, const mdr_json_frame_t *f, const uint8_t *p, size_t n,
    size_t i, uint64_t at, int last, int lines)
{
    mdr_json_node_t  *node;

    if (!begins_value(p[i])) {
        return 0;
    }

    if (mdr_json_child(j, NULL, f->index, &node) != MDR_OK) {
        return MDR_JSON_FAILED;
    }

    return node != NULL && node->points && p[i] == '"'
           ? 0 : value(j, p, n, i, i, at, last, lines, node);
}


static inline void
comma(mdr_json_t *j, mdr_json_frame_t *f, uint64_t at)
{
    if (f->list != 0) {
        mdr_sink_list_comma(j->sink, f->list, at);
    }

    f->comma = at;
    j->expect = f->array ? MDR_JSON_VALUE : MDR_JSON_KEY;
}


/* whether what stands behind a member is another one, as mostly */

static inline int
another(const mdr_json_t *j, const mdr_json_frame_t *f, const uint8_t *p,
    size_t n)
{
    return j->expect == MDR_JSON_COMMA && n > 1 && p[0] == ',' && p[1] == '"'
           && f->list == 0 && !f->array;
}


size_t
mdr_json_fast(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    int                lines;
    size_t             i, k;
    uint8_t            c;
    mdr_json_frame_t  *f;

    lines = j->type == MDR_TYPE_NDJSON;
    f = &j->frames[j->n - 1];

    for (i = 0; i < n; i = k) {
        c = p[i];

        if (c <= ' ') {
            k = space(p, n, i, lines);
            if (k == i) {
                return i;
            }
            continue;
        }

        switch (j->expect) {

        case MDR_JSON_COMMA:
            k = i + 1;

            if (c == ',') {
                comma(j, f, at + i);
                continue;
            }

            if (c != (f->array ? ']' : '}')) {
                return i;
            }
            break;

        case MDR_JSON_KEY_OR_END:
        case MDR_JSON_KEY:
            if (c == '}' && j->expect == MDR_JSON_KEY_OR_END) {
                k = i + 1;
                break;
            }

next_member:

            k = p[i] == '"' ? member(j, f, p, n, i, at, last, lines) : 0;
            goto read;

        case MDR_JSON_VALUE_OR_END:
            if (c == ']') {
                k = i + 1;
                break;
            }
            /* fall through */

        case MDR_JSON_VALUE:
            k = element(j, f, p, n, i, at, last, lines);
            goto read;

        default:
            return i;
        }

        /* a bracket that closes */

        mdr_json_close_frame(j, at + i);

        if (j->n == 0) {
            return k;
        }

        f = &j->frames[j->n - 1];
        continue;

read:

        if (k == 0) {
            return i;
        }

        if (k == MDR_JSON_FAILED || j->expect == MDR_JSON_VALUE || j->fresh) {
            return k;                   /* not to its end                    */
        }

        f = &j->frames[j->n - 1];

        if (another(j, f, p + k, n - k)) {
            comma(j, f, at + k);
            i = k + 1;
            goto next_member;
        }
    }

    return n;
}
