/*
 * json_scan.c - the JSON scanner (RFC 8259): its loop, and what stands around
 * documents (NDJSON, JSONP, guards, JavaScript).
 *
 * Duplicate keys: readers differ in which one counts, so the texts of all of
 * them do.  More is taken than RFC 8259 allows where refusing it would let the
 * rest of a body pass uninspected: control characters in strings, and anything
 * between balanced brackets in a value that is passed over.
 *
 * Relaxed (script.c): what JavaScript writes beyond JSON is taken.
 */

#include "json.h"

#include <string.h>


#define ARGUMENT_MAX  64                /* of a word before a document       */


static mdr_json_t *
make(const mdr_json_rules_t *rules, mdr_sink_t *sink, int type,
    const uint8_t *use)
{
    mdr_json_t         *j;
    const mdr_alloc_t  *a;

    a = mdr_sink_alloc(sink);
    j = mdr_calloc(a, sizeof(mdr_json_t));

    if (j != NULL) {
        j->rules = rules;
        j->sink = sink;
        j->alloc = a;
        j->type = (uint8_t) type;
        j->use = use;
        j->expect = MDR_JSON_VALUE;
        j->prefix = type == MDR_TYPE_JSONP;
        j->guard = type == MDR_TYPE_JSON;
        j->seen = mdr_sink_seen(sink, &j->seen_key);
        j->serial = mdr_layer_serial(mdr_sink_layers(sink));
    }

    return j;
}


mdr_json_t *
mdr_json_new(const mdr_json_rules_t *rules, mdr_sink_t *sink, int type)
{
    return make(rules, sink, type, NULL);
}


mdr_json_t *
mdr_json_new_use(const mdr_json_rules_t *rules, mdr_sink_t *sink,
    const uint8_t *use)
{
    return make(rules, sink, MDR_TYPE_JSON, use);
}


mdr_json_t *
mdr_json_new_script(const mdr_json_rules_t *rules, mdr_sink_t *sink,
    const uint8_t *use)
{
    mdr_json_t  *j;

    j = make(rules, sink, MDR_TYPE_SCRIPT, use);

    if (j != NULL) {
        j->relaxed = 1;
    }

    return j;
}


void
mdr_json_free(mdr_json_t *j)
{
    if (j == NULL) {
        return;
    }

    mdr_layer_close(j->nest);
    mdr_free(j->alloc, j->others);
    mdr_free(j->alloc, j->frames);
    mdr_free(j->alloc, j->texts);
    mdr_json_nodes_free(j);
    mdr_free(j->alloc, j);
}


/* NDJSON: the line cannot be read; an item that is the line goes on to its
 * end, so that it can be left out as a whole */

static void
drop_line(mdr_json_t *j, uint64_t at)
{
    mdr_sink_error(j->sink, MDR_ERR_BROKEN, at, j->broken);
    j->broken = NULL;
    mdr_json_drop(j, at, 1);
    j->bad_line = 1;
}


/* does JSON begin at p: 1, 0, or -1: more bytes are needed.  Behind the first
 * call of a body it has to look like JSON in two places, as other JavaScript
 * may follow */

static int
begins(const mdr_json_t *j, const uint8_t *p, size_t n, int last)
{
    size_t  k;

    if (p[0] != '{' && p[0] != '[') {
        return p[0] == '"' && !j->again;
    }

    if (!j->again) {
        return 1;
    }

    for (k = 1; k < n && MDR_JSON_IS_SPACE(p[k]); k++) { /* void */ }

    if (k == n) {
        return last ? 0 : -1;
    }

    return p[0] == '{' ? p[k] == '"'
           : p[k] == '{' || p[k] == '"' || p[k] == '[';
}


/*
 * JSONP: up to the first argument of a call that is JSON; numbers and words
 * may stand before it, as in cb(200, {..}).  j->prefix is 2 behind a document
 * and its comma: another argument may follow.
 */

static size_t
prefix(mdr_json_t *j, const uint8_t *p, size_t n, int last)
{
    int             b;
    size_t          i, k;
    const uint8_t  *q;

    for (i = 0; i < n; i++) {

        if (j->prefix != 2) {
            q = memchr(p + i, '(', n - i);

            if (q == NULL) {
                return n;
            }

            i = (size_t) (q - p);
            k = i + 1;

        } else {
            k = i;
        }

        for ( ;; ) {
            while (k < n && MDR_JSON_IS_SPACE(p[k])) {
                k++;
            }

            b = k < n ? begins(j, p + k, n - k, last) : -1;

            if (b < 0) {
                return last ? n : i;
            }

            if (b) {
                j->prefix = 0;
                return k;
            }

            /* 200, null, true */

            for (b = 0; k < n && b < ARGUMENT_MAX
                 && ((p[k] >= '0' && p[k] <= '9') || p[k] == '-'
                     || ((p[k] | 32) >= 'a' && (p[k] | 32) <= 'z')); b++)
            {
                k++;
            }

            while (k < n && MDR_JSON_IS_SPACE(p[k])) {
                k++;
            }

            if (k == n && b < ARGUMENT_MAX) {
                return last ? n : i;
            }

            if (b == 0 || b == ARGUMENT_MAX || p[k] != ',') {
                break;
            }
            k++;
        }

        j->prefix = 1;
    }

    return n;
}


/* what stands before some bodies so that no <script> can read them; bytes of
 * it, 0: none, SIZE_MAX: more are needed */

static size_t
guard(const uint8_t *p, size_t n, int last)
{
    size_t  i, len;

    static const char *const  guards[] = {")]}',", ")]}'", "for(;;);",
                                          "for (;;);", "while(1);",
                                          "while (1);", "&&&START&&&"};

    for (i = 0; i < sizeof(guards) / sizeof(guards[0]); i++) {
        len = strlen(guards[i]);

        if (n >= len) {
            if (memcmp(p, guards[i], len) == 0) {
                return len;
            }

        } else if (!last && memcmp(p, guards[i], n) == 0) {
            return SIZE_MAX;
        }
    }

    return 0;
}


static void
end_counted(mdr_json_t *j)
{
    if (j->counted) {
        j->counted = 0;
        mdr_sink_length_end(j->sink, j->value_end);
    }
}


/* a document that is a flat array */

static size_t
flat_document(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t            k;
    mdr_json_node_t  *node;

    if (mdr_json_child(j, NULL, 0, &node) != MDR_OK) {
        return MDR_JSON_FAILED;
    }

    if (!mdr_json_may_be_flat(j, node)) {
        return 0;
    }

    k = mdr_json_flat(j, p, n, at, last, node);

    if (k != 0 && k < MDR_JSON_FLAT_MORE) {
        mdr_json_end(j, at + k);
    }

    return k;
}


/*
 * What stands between the documents of a body: a record separator (RFC 7464),
 * a number that counts the document behind its line.  Bytes of it, 0: none;
 * SIZE_MAX: more are needed.
 */

static size_t
between(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last)
{
    size_t  i, len;

    if (p[0] == 0x1e) {
        return 1;
    }

    for (i = 0; i < n && i < 9 && ((p[i] >= '0' && p[i] <= '9')
                                   || ((p[i] | 32) >= 'a'
                                       && (p[i] | 32) <= 'f')); i++)
    {
        /* void */
    }

    if (i == 0 || i == 9 || j->counted) {
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


/* inside a comment between the tokens of a script */

static size_t
comment(mdr_json_t *j, const uint8_t *p, size_t n, int last)
{
    size_t  i;

    if (j->comment == '/') {
        i = mdr_js_line(p, n);

        if (i < n || p[n - 1] == '\n' || p[n - 1] == '\r'
            || (n > 2 && mdr_js_space(p + n - 3, 3) == 3))
        {
            j->comment = 0;
            return i;
        }

        /* half of U+2028 */

        for (i = n > 2 ? n - 2 : 0; i < n && !last; i++) {
            if (mdr_js_space_cut(p + i, n - i)) {
                return i;
            }
        }

        return n;
    }

    for (i = 0; i < n; i++) {
        if (j->comment == 1 && p[i] == '/') {
            j->comment = 0;
            return i + 1;
        }
        j->comment = p[i] == '*' ? 1 : '*';
    }

    return n;
}


/*
 * Other JavaScript at `at`, where a member or value should begin or go on.
 * Items that might have got a text from it cannot be read.
 */

/* items of the slots whose paths could have gone on in it: what takes their
 * place, where on_error blocks, leaves JavaScript that can be read */

static int
open_others(mdr_json_t *j, const mdr_json_node_t *node, int kind, uint64_t at)
{
    void      *p;
    uint32_t   i, item;
    size_t     cap;

    if (node == NULL) {
        return MDR_OK;
    }

    if (j->others == NULL) {
        p = NULL;
        cap = 0;
        if (mdr_grow(j->alloc, &p, &cap, j->rules->nslots + 1,
                     sizeof(uint32_t))
            != MDR_OK)
        {
            return MDR_ERROR;
        }
        j->others = p;
    }

    for (i = 0; i < j->rules->nslots; i++) {
        if (node->at[2 * i] == 0 || j->rules->slots[i].nest != 0
            || j->rules->slots[i].ref) {
            continue;
        }

        item = mdr_sink_item_open(j->sink, j->rules->slots[i].slot, kind, at,
                                  at, UINT64_MAX);

        if (item != MDR_NO_ITEM) {
            mdr_sink_item_unreadable(j->sink, item, at,
                                     "other JavaScript than JSON in a state");
            j->others[j->nothers++] = item;
        }
    }

    return MDR_OK;
}


static void
close_others(mdr_json_t *j, uint64_t at)
{
    while (j->nothers != 0) {
        mdr_sink_item_close(j->sink, j->others[--j->nothers], at, at);
    }
}


static int
begin_other(mdr_json_t *j, uint64_t at)
{
    int                      kind;
    mdr_json_node_t         *node;
    uint32_t                 i, bits;
    const mdr_json_frame_t  *f;

    f = &j->frames[j->n - 1];
    bits = f->touched;

    if (j->expect == MDR_JSON_KEY || j->expect == MDR_JSON_KEY_OR_END) {
        bits = f->node->touched;        /* it could be any member            */
    }

    for (i = 0; i < j->nlive; i++) {
        if (bits >> i & 1) {
            mdr_sink_item_unreadable(j->sink, j->live[i].item,
                                     at,
                                     "other JavaScript than JSON in an item");
        }
    }

    mdr_js_init(&j->js, 0);

    if (j->string) {
        mdr_js_string(&j->js, j->quote);
    }

    /* a member or value that could lead to items */

    kind = MDR_ITEM_ELEMENT;
    node = f->child;

    if (j->expect == MDR_JSON_KEY || j->expect == MDR_JSON_KEY_OR_END) {
        kind = MDR_ITEM_MEMBER;
        node = f->node;

    } else if (j->expect != MDR_JSON_COMMA && !j->string) {
        kind = MDR_ITEM_DOCUMENT;
        node = j->now != NULL ? j->now : f->array ? f->node : NULL;
    }

    j->broken = NULL;
    j->string = 0;
    j->collecting = 0;
    j->other = 1;

    return bits != 0 || j->nothers != 0 ? MDR_OK
                                        : open_others(j, node, kind, at);
}


/* to the end of the member or element, which counts as one */

static size_t
other(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at)
{
    int      ended;
    size_t   k;
    uint8_t  c;

    k = mdr_js_skip(&j->js, p, n, &ended);

    if (!ended) {
        return k;
    }

    c = p[k];

    if (c != ',' && c != (j->frames[j->n - 1].array ? ']' : '}')) {
        j->broken = "brackets that do not fit";
        return k;
    }

    j->other = 0;
    close_others(j, at + k - j->js.blank);

    if (j->expect != MDR_JSON_COMMA) {
        mdr_json_end(j, at + k);
    }

    return k;
}


int
mdr_json_scan(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    size_t          i, k;
    uint64_t        at;
    const uint8_t  *q;

    *consumed = 0;
    j->whole.p = NULL;

    if (base == 0 && n < 3 && !last && n > 0 && p[0] == 0xef) {
        return MDR_OK;
    }

    i = 0;

    if (base == 0 && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        i = 3;
    }

    for ( ; i < n; i += k) {
        at = base + i;

        if (j->prefix) {
            k = prefix(j, p + i, n - i, last);
            if (k == 0) {
                break;
            }
            continue;
        }

        if (j->bad_line) {
            q = memchr(p + i, '\n', n - i);
            k = q != NULL ? (size_t) (q - p) - i + 1 : n - i;
            if (q != NULL) {
                j->bad_line = 0;
                mdr_json_close_items(j, at + k - 1, at + k);
                mdr_sink_document(j->sink, at + k);
            }
            continue;
        }

        if (j->relaxed && j->expect == MDR_JSON_DONE) {
            *consumed = i;              /* script.c goes on                  */
            return MDR_OK;
        }

        if (j->comment) {
            k = comment(j, p + i, n - i, last);

            if (k == 0) {
                break;
            }
            continue;
        }

        if (j->other) {
            k = other(j, p + i, n - i, at);

            if (j->broken == NULL) {
                continue;
            }

        } else if (j->skip.depth) {
            k = mdr_json_pass_over(j, p + i, n - i, at);

        } else if (j->string) {
            k = mdr_json_string(j, p + i, n - i, at, last);

        } else {

            k = p[i] > ' ' && (p[i] < 0x80 || !j->relaxed) ? 0
                : mdr_json_blank(j, p + i, n - i, last, 0);

            if (k != 0) {
                continue;
            }

            if (j->relaxed && !last && p[i] >= 0x80
                && mdr_js_space_cut(p + i, n - i))
            {
                break;
            }

            if (j->guard) {
                k = guard(p + i, n - i, last);
                if (k == SIZE_MAX) {
                    break;
                }
                j->guard = 0;
                if (k != 0) {
                    continue;
                }
            }

            if (j->relaxed && p[i] == '/') {

                if (n - i == 1 && !last) {
                    break;
                }

                if (n - i > 1 && (p[i + 1] == '/' || p[i + 1] == '*')) {
                    j->comment = p[i + 1];
                    k = 2;
                    continue;
                }
            }

            if (j->type == MDR_TYPE_NDJSON && p[i] == '\n') {

                if (j->expect == MDR_JSON_DONE) {
                    mdr_json_close_items(j, j->value_end, at + 1);
                    mdr_json_forget(j);
                    mdr_sink_document(j->sink, at + 1);

                } else if (j->n != 0 || j->collecting) {
                    j->broken = "a line ends inside a value";
                    drop_line(j, at);
                    k = 0;
                    continue;
                }

                k = 1;
                continue;
            }

            if (j->expect == MDR_JSON_DONE) {

                if (j->type == MDR_TYPE_JSON) {
                    end_counted(j);
                    mdr_json_forget(j);     /* another document              */
                    mdr_sink_document(j->sink, at);
                    j->done = 0;
                    k = 0;
                    continue;
                }

                if (j->type == MDR_TYPE_JSONP && !j->inner) {
                    mdr_json_forget(j);
                    mdr_sink_document(j->sink, at);
                    j->done = 0;
                    j->again = 1;
                    j->prefix = p[i] == ',' ? 2 : 1;
                    k = p[i] == ',';
                    continue;
                }

                if (j->type != MDR_TYPE_NDJSON) {
                    *consumed = n;
                    return MDR_OK;      /* what follows is no JSON           */
                }

                j->broken = "something behind the value of a line";

            } else {

                if (j->n == 0 && j->type == MDR_TYPE_JSON && !j->collecting
                    && !j->inner)
                {
                    k = between(j, p + i, n - i, at, last);
                    if (k == SIZE_MAX) {
                        k = 0;
                        break;
                    }
                    if (k != 0) {
                        continue;
                    }
                }

                k = 0;

                if (p[i] == '[' && j->n == 0 && !j->collecting) {
                    k = flat_document(j, p + i, n - i, at, last);
                    if (k == MDR_JSON_FLAT_MORE) {
                        k = 0;
                        break;
                    }
                    if (k != 0 && k != MDR_JSON_FAILED) {
                        continue;
                    }
                }

                if (j->n != 0 && !j->collecting) {
                    k = mdr_json_fast(j, p + i, n - i, at, last);
                    if (k != 0 && k != MDR_JSON_FAILED) {
                        continue;
                    }
                }

                if (k != MDR_JSON_FAILED) {
                    k = mdr_json_token(j, p + i, n - i, at, last);
                }
            }
        }

        if (k == MDR_JSON_FAILED) {
            mdr_sink_error(j->sink, MDR_ERR_MEMORY, at,
                           "out of memory");
            *consumed = n;
            return MDR_ERROR;
        }

        if (j->broken != NULL) {

            if (j->relaxed && j->n != 0 && !j->other) {
                if (begin_other(j, at + k) != MDR_OK) {
                    mdr_sink_error(j->sink, MDR_ERR_MEMORY, at,
                                   "out of memory");
                    *consumed = n;
                    return MDR_ERROR;
                }
                continue;
            }

            if (j->type == MDR_TYPE_NDJSON) {
                drop_line(j, at + k);
                continue;
            }

            *consumed = i + k;

            if (j->relaxed || j->inner) {
                return MDR_LIMIT;       /* script.c knows what to do         */
            }

            mdr_sink_error(j->sink, MDR_ERR_BROKEN, at + k, j->broken);
            return MDR_LIMIT;
        }

        if (k == 0) {
            break;
        }
    }

    *consumed = i;

    if (!last) {
        return MDR_OK;
    }

    *consumed = n;

    if (j->expect == MDR_JSON_DONE) {
        end_counted(j);
    }

    if (j->type == MDR_TYPE_NDJSON && j->expect == MDR_JSON_DONE) {
        mdr_json_close_items(j, j->value_end, base + n);
        mdr_json_forget(j);
        return MDR_OK;
    }

    if (j->bad_line) {
        mdr_json_close_items(j, base + n, base + n);
        return MDR_OK;
    }

    if (!j->relaxed && !j->prefix
        && (j->n != 0 || j->string || j->skip.depth || j->collecting))
    {
        if (j->type == MDR_TYPE_NDJSON) {
            j->broken = "ends inside a value";
            drop_line(j, base + n);
            mdr_json_close_items(j, base + n, base + n);
            return MDR_OK;
        }

        if (!j->inner) {
            mdr_sink_error(j->sink, MDR_ERR_BROKEN, base + n,
                           "ends inside a value");
        }
        return MDR_LIMIT;
    }

    return MDR_OK;
}
