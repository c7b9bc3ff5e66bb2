/*
 * json_scan.c - the JSON scanner (RFC 8259): its loop, and what stands around
 * documents (NDJSON, JavaScript; JSONP in json_call.c, guards in json_guard.c).
 *
 * Duplicate keys: readers differ in which one counts, so the texts of all of
 * them do.  More is taken than RFC 8259 allows where refusing it would let the
 * rest of a body pass uninspected: control characters in strings, and anything
 * between balanced brackets in a value that is passed over.
 *
 * Relaxed (script.c): what JavaScript writes beyond JSON is taken.
 */

#include "json.h"
#include "base/cpu.h"

#include <string.h>



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
        j->learn = mdr_sink_markup(sink, rules);
        j->wide = (uint8_t) (mdr_cpu() >= MDR_CPU_AVX512 ? 2
                             : mdr_cpu() >= MDR_CPU_AVX2);
        j->waited = MDR_NO_POS;

        if (j->learn != NULL) {
            j->learn->all_holes = 1;    /* values are, always                */
        }

        j->serial = mdr_layer_serial(mdr_sink_layers(sink));
    }

    return j;
}


mdr_json_t *
mdr_json_new(const mdr_json_rules_t *rules, mdr_sink_t *sink, int type)
{
    return make(rules, sink, type, NULL);
}


void
mdr_json_read_text(mdr_json_t *j, const uint8_t *documents, int html)
{
    if (j != NULL) {
        j->documents = documents;
        j->html = (uint8_t) html;
    }
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

    mdr_json_not_learned(j, 1);

    if (j->learn != NULL) {
        j->learn->users--;
    }

    mdr_layer_close(j->nest);
    mdr_layer_close(j->literal.layer);
    mdr_free(j->alloc, j->others);
    mdr_free(j->alloc, j->frames);
    mdr_free(j->alloc, j->texts);
    mdr_free(j->alloc, j->given);
    mdr_json_nodes_free(j);
    mdr_free(j->alloc, j);
}


/* script.c reads a value with it */

static inline int
in_script(const mdr_json_t *j)
{
    return j->relaxed && j->type != MDR_TYPE_JSONP;
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


/* inside a comment between the tokens of a script */

static size_t
comment(mdr_json_t *j, const uint8_t *p, size_t n, int last)
{
    size_t  i;

    if (j->comment == '/') {
        i = mdr_js_line(p, n);

        if (i < n || p[n - 1] == '\n' || p[n - 1] == '\r'
            || (n > 2 && p[n - 3] == 0xe2 && p[n - 2] == 0x80
                && (p[n - 1] | 1) == 0xa9))
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


/* what a step came to: *k bytes of it are done */

enum { ON, READ,                /* READ: none, if more are needed; j->broken */
       WAIT,                    /* more bytes are needed                     */
       OUT,                     /* the caller goes on here                   */
       OVER,                    /* what follows is no JSON                   */
       FAILED };                /* no memory                                 */


/* an argument, a string, a document somewhere in a text is looked for, or the
 * string is read */

static int
outside(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last,
    size_t *k)
{
    int      text;
    uint8_t  was, stray;

    text = j->literal.layer != NULL;
    was = j->prefix;
    stray = j->stray;
    *k = text
         ? mdr_json_call_literal(j, p, n, at, last)
         : j->stray ? mdr_json_stray(j, p, n, at, last)
         : mdr_json_call(j, p, n, at, last);

    if (*k == MDR_JSON_FAILED) {
        return FAILED;
    }

    return *k == 0 && (j->prefix == was && j->stray == stray
                       && text == (j->literal.layer != NULL)) ? WAIT : ON;
}


/* behind a line of NDJSON that cannot be read */

static int
bad_line(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, size_t *k)
{
    const uint8_t  *q;

    q = memchr(p, '\n', n);
    *k = q != NULL ? (size_t) (q - p) + 1 : n;

    if (q != NULL) {
        j->bad_line = 0;
        mdr_json_close_items(j, at + *k - 1, at + *k);
        mdr_sink_document(j->sink, at + *k);
    }

    return ON;
}


/* the first bytes of a body, and the comments of a script: WAIT, ON with the
 * bytes of such, or READ where a token stands */

static int
before_token(mdr_json_t *j, const uint8_t *p, size_t n, int last, size_t *k)
{
    if (j->relaxed && !last && p[0] >= 0x80 && mdr_js_space_cut(p, n)) {
        return WAIT;
    }

    if (j->guard) {
        *k = mdr_json_guard(p, n, last);

        if (*k == SIZE_MAX) {
            return WAIT;
        }

        j->guard = 0;

        if (*k != 0) {
            j->guarded = 1;
            return ON;
        }
    }

    if (j->relaxed && p[0] == '/') {

        if (n == 1 && !last) {
            return WAIT;
        }

        if (n > 1 && (p[1] == '/' || p[1] == '*')) {
            j->comment = p[1];
            *k = 2;
            return ON;
        }
    }

    return READ;
}


/* a newline of NDJSON */

static int
line_ends(mdr_json_t *j, uint64_t at, size_t *k)
{
    if (j->expect == MDR_JSON_DONE) {
        mdr_json_close_items(j, j->value_end, at + 1);
        mdr_json_forget(j);
        mdr_sink_document(j->sink, at + 1);

    } else if (j->n != 0 || j->collecting) {
        j->broken = "a line ends inside a value";
        drop_line(j, at);
        *k = 0;
        return ON;
    }

    *k = 1;

    return ON;
}


/* behind a document */

static int
behind(mdr_json_t *j, const uint8_t *p, uint64_t at, size_t *k)
{
    *k = 0;

    if (j->type == MDR_TYPE_JSON) {
        end_counted(j);
        mdr_json_forget(j);             /* another document                  */
        mdr_sink_document(j->sink, at);
        j->done = 0;
        return ON;
    }

    if (j->type == MDR_TYPE_JSONP && (j->stray || !j->inner)) {
        mdr_json_forget(j);
        mdr_sink_document(j->sink, at);
        j->done = 0;
        j->again = 1;

        if (p[0] == ',' && !j->stray) {
            j->prefix = 2;
            *k = 1;
        } else {
            mdr_json_call_on(j);
        }

        return ON;
    }

    if (j->type != MDR_TYPE_NDJSON) {
        return OVER;
    }

    j->broken = "something behind the value of a line";

    return READ;
}


/* a token, or as much plain JSON as has come; before a document, what may
 * stand there */

static int
token(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last,
    size_t *k)
{
    if (j->n == 0 && !j->collecting) {

        if (j->type == MDR_TYPE_JSON) {
            *k = mdr_json_between(j, p, n, at, last);
            if (*k != 0) {
                return *k == SIZE_MAX ? WAIT : j->broken != NULL ? READ : ON;
            }
        }

        if (p[0] == '[') {
            *k = flat_document(j, p, n, at, last);
            if (*k == MDR_JSON_FLAT_MORE) {
                return WAIT;
            }
            if (*k != 0) {
                return *k == MDR_JSON_FAILED ? READ : ON;
            }
        }

    } else if (j->n != 0 && !j->collecting && j->rec == NULL) {
        *k = mdr_json_fast(j, p, n, at, last);
        if (*k != 0) {
            return *k == MDR_JSON_FAILED ? READ : ON;
        }
    }

    *k = mdr_json_token(j, p, n, at, last);

    return READ;
}


/* between the parts of a document, and of a body */

static inline int
plain(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int last,
    size_t *k)
{
    int  st;

    if (p[0] <= ' ' || (p[0] >= 0x80 && j->relaxed)) {
        *k = mdr_json_blank(j, p, n, last, 0);
        if (*k != 0) {
            return ON;
        }
    }

    if (j->relaxed || j->guard) {
        st = before_token(j, p, n, last, k);
        if (st != READ) {
            return st;
        }
    }

    if (j->type == MDR_TYPE_NDJSON && p[0] == '\n') {
        return line_ends(j, at, k);
    }

    return j->expect == MDR_JSON_DONE ? behind(j, p, at, k)
                                      : token(j, p, n, at, last, k);
}


/* first: p is the first byte of what has come */

static inline int
step(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at, int first,
    int last, size_t *k)
{
    if (j->prefix || j->literal.layer != NULL) {
        return outside(j, p, n, at, last, k);
    }

    if (j->fresh) {
        j->fresh = 0;
        *k = mdr_json_item(j, p, n, at, !first, last);

        if (*k == MDR_JSON_WAIT) {
            j->fresh = 1;
            return WAIT;
        }

        if (*k != 0) {
            return *k == MDR_JSON_FAILED ? READ : ON;
        }
    }

    if (j->bad_line) {
        return bad_line(j, p, n, at, k);
    }

    if (in_script(j) && j->expect == MDR_JSON_DONE) {
        return OUT;                     /* script.c goes on                  */
    }

    if (j->comment) {
        *k = comment(j, p, n, last);
        return *k == 0 ? WAIT : ON;
    }

    if (j->other) {
        *k = mdr_json_other(j, p, n, at, last);
        return j->broken != NULL ? READ : *k == 0 && j->other ? WAIT : ON;
    }

    if (j->skip.depth) {
        *k = mdr_json_pass_over(j, p, n, at);
        return READ;
    }

    if (j->string) {
        *k = mdr_json_string(j, p, n, at, last);
        return READ;
    }

    return plain(j, p, n, at, last, k);
}


/* what was read at `at` is broken: the rest of it as other JavaScript, of a
 * line, or of the body */

static int
broken(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at)
{
    if (j->type == MDR_TYPE_JSONP && !j->relaxed && j->n != 0) {
        j->relaxed = 1;                 /* once more, as JavaScript          */
        j->broken = NULL;
        return MDR_OK;
    }

    if (j->relaxed && j->n != 0 && !j->other) {
        return mdr_json_begin_other(j, p, n, at);
    }

    if (j->type == MDR_TYPE_NDJSON) {
        drop_line(j, at);
        return MDR_OK;
    }

    if (!in_script(j) && !j->inner) {   /* they know what to do              */
        mdr_sink_error(j->sink, MDR_ERR_BROKEN, at, j->broken);
    }

    return MDR_LIMIT;
}


/* behind the last byte of all */

static int
at_end(mdr_json_t *j, uint64_t end)
{
    if (j->expect == MDR_JSON_DONE) {
        end_counted(j);
    }

    if (j->type == MDR_TYPE_NDJSON && j->expect == MDR_JSON_DONE) {
        mdr_json_close_items(j, j->value_end, end);
        mdr_json_forget(j);
        return MDR_OK;
    }

    if (j->bad_line) {
        mdr_json_close_items(j, end, end);
        return MDR_OK;
    }

    if (in_script(j) || j->prefix || (j->n == 0 && !j->string && !j->skip.depth
                         && !j->collecting))
    {
        return MDR_OK;
    }

    if (j->type == MDR_TYPE_NDJSON) {
        j->broken = "ends inside a value";
        drop_line(j, end);
        mdr_json_close_items(j, end, end);
        return MDR_OK;
    }

    if (!j->inner) {
        mdr_sink_error(j->sink, MDR_ERR_BROKEN, end, "ends inside a value");
    }

    return MDR_LIMIT;
}


static int
scan(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t base, int last,
    size_t *consumed)
{
    int     st, rc;
    size_t  i, k;

    *consumed = 0;
    j->whole.p = NULL;
    j->walked = MDR_NO_POS;

    if (base == 0 && n < 3 && !last && n > 0 && p[0] == 0xef) {
        return MDR_OK;
    }

    i = 0;
    k = 0;

    if (base == 0 && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
        i = 3;
    }

    for ( ; i < n; i += k) {
        st = step(j, p + i, n - i, base + i, i == 0, last, &k);

        if (st == ON) {
            continue;
        }

        if (st == WAIT) {
            break;
        }

        if (st == OUT || st == OVER) {
            *consumed = st == OUT ? i : n;
            return MDR_OK;
        }

        if (st == FAILED || k == MDR_JSON_FAILED) {
            mdr_sink_error(j->sink, MDR_ERR_MEMORY, base + i,
                           "out of memory");
            *consumed = n;
            return MDR_ERROR;
        }

        if (j->broken != NULL) {
            rc = broken(j, p + i + k, n - i - k, base + i + k);

            if (rc == MDR_OK) {
                continue;
            }

            *consumed = rc == MDR_ERROR ? n : i + k;

            if (rc == MDR_ERROR) {
                mdr_sink_error(j->sink, MDR_ERR_MEMORY, base + i + k,
                               "out of memory");
            }
            return rc;
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

    return at_end(j, base + n);
}


int
mdr_json_scan(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t base,
    int last, size_t *consumed)
{
    int  rc;

    rc = scan(j, p, n, base, last, consumed);

    if (j->learn != NULL) {
        mdr_json_not_learned(j, 1);     /* its bytes go                      */
        j->learn->read += *consumed;
    }

    return rc;
}
