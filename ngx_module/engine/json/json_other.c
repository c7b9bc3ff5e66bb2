/*
 * json_other.c - other JavaScript where a value of an object is expected, in a
 * script or in an argument of JSONP: it is passed over as one expression, and
 * what it may hide is counted.
 */

#include "json.h"

#include <string.h>


/* items of the slots whose paths could have gone on in it: what takes their
 * place, where on_error blocks, leaves JavaScript that can be read */

static int
is_item(const mdr_json_node_t *node, uint32_t slot)
{
    uint32_t  i;

    for (i = 0; i < node->nitems && node->items[i] != slot; i++) {
        /* void */
    }

    return i < node->nitems;
}


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
        if ((node->at[2 * i] == 0 && !is_item(node, i))
            || j->rules->slots[i].nest != 0 || j->rules->slots[i].ref)
        {
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


/* Code and no data at p, in an argument of a call: a function or a method */

static int
is_code(const mdr_json_t *j, const uint8_t *p, size_t n)
{
    size_t  i, w;

    static const char *const  words[] = {"function", "async", "class", "get",
                                         "set"};

    if (j->expect == MDR_JSON_COMMA) {
        return 0;                       /* what follows may not have come    */
    }

    for (i = 0; i < n && ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'z'); i++) {
        /* void */
    }

    if (j->expect == MDR_JSON_KEY || j->expect == MDR_JSON_KEY_OR_END) {
        if (i != 0 && i < n && p[i] == '(') {
            return 1;
        }
    }

    for (w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
        if (strlen(words[w]) == i && memcmp(p, words[w], i) == 0) {
            return 1;
        }
    }

    return 0;
}


static void
close_others(mdr_json_t *j, uint64_t at)
{
    while (j->nothers != 0) {
        mdr_sink_item_close(j->sink, j->others[--j->nothers], at, at);
    }
}


/* is what stands there a value that a path leads to, beyond ".."? */

static int
is_ours(const mdr_json_t *j, const mdr_json_frame_t *f)
{
    uint32_t  i;

    if (j->expect == MDR_JSON_KEY || j->expect == MDR_JSON_KEY_OR_END
        || f->child == NULL)
    {
        return 0;
    }

    for (i = 0; i < j->rules->nslots; i++) {
        if (f->child->at[2 * i] & ~1u) {
            return 1;
        }
    }

    return 0;
}


/* a value, or a member of data that only stands beside a variable, to which no
 * path leads by name: what it may hide is no matter, or stands elsewhere in the
 * document ($R[7] of seroval) */

static int
is_aside(const mdr_json_t *j, const mdr_json_frame_t *f, const uint8_t *p,
    size_t n)
{
    uint32_t  number;

    if (j->expect == MDR_JSON_KEY || j->expect == MDR_JSON_KEY_OR_END) {
        return j->beside;
    }

    if (!j->collecting) {
        return 0;                       /* none has begun                    */
    }

    number = mdr_json_number(p, n);

    return (j->beside || (number >= j->first_number
                          && number < j->last_number)) && !is_ours(j, f);
}


/*
 * Other JavaScript at `at`, where a member or value should begin or go on.
 * Items that might have got a text from it cannot be read.
 */

int
mdr_json_begin_other(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at)
{
    int                      kind, code, aside;
    mdr_json_node_t         *node;
    uint32_t                 i, bits, hit;
    const mdr_json_frame_t  *f;

    f = &j->frames[j->n - 1];
    bits = f->touched;

    if (j->expect == MDR_JSON_KEY || j->expect == MDR_JSON_KEY_OR_END) {
        bits = f->node->touched;        /* it could be any member            */
    }

    for (i = 0, hit = 0; i < j->nlive; i++) {
        if (bits >> i & 1) {
            hit = 1;
            mdr_sink_item_unreadable(j->sink, j->live[i].item,
                                     at,
                                     "other JavaScript than JSON in an item");
        }
    }

    code = j->type == MDR_TYPE_JSONP && !j->string
           && (is_code(j, p, n) || (j->stray && !is_ours(j, f)));
    aside = is_aside(j, f, p, n);
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
        node = j->collecting && j->now != NULL ? j->now
               : f->array ? f->node : NULL;
    }

    mdr_json_did_odd(j);
    j->broken = NULL;
    j->string = 0;
    j->collecting = 0;
    j->other = 1;
    j->passed = (uint8_t) code;

    return hit || code || aside || j->nothers != 0 ? MDR_OK
                                          : open_others(j, node, kind, at);
}


/* in a function that is passed by, whose bytes are [p, p + n), data that nobody
 * reads is counted; bytes that were looked at, where more are needed to tell */

static size_t
look_into(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int whole)
{
    int     kind;
    size_t  i;

    for (i = 0; i < n; i += kind > 0) {
        i += mdr_json_find(j->rules, p + i, n - i, whole, &kind);

        if (kind < 0) {
            return i;
        }

        if (kind & MDR_DATA_KNOWN) {
            j->passed = 0;              /* once is enough                    */
            (void) mdr_sink_stop(j->sink, MDR_ERR_UNREADABLE, at + i,
                                 "data in a function");
            return n;
        }
    }

    return n;
}


/* bytes up to the end of the member or element, which counts as one; 0, where
 * it is not over: more are needed */

size_t
mdr_json_other(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    int       ended;
    size_t    k, seen;
    uint8_t   c;
    mdr_js_t  before;

    before = j->js;
    k = mdr_js_skip(&j->js, p, n, &ended);

    if (j->passed) {
        seen = look_into(j, p, k, at, ended || last);

        if (seen < k) {
            j->js = before;
            k = mdr_js_skip(&j->js, p, seen, &ended);
        }
    }

    if (!ended) {
        return k;
    }

    c = p[k];

    if (c != ',' && c != (j->frames[j->n - 1].array ? ']' : '}')) {
        j->broken = "brackets that do not fit";
        return k;
    }

    j->other = 0;
    j->passed = 0;
    close_others(j, at + k - j->js.blank);

    if (j->expect != MDR_JSON_COMMA) {
        mdr_json_end(j, at + k);
    }

    return k;
}
