/*
 * json_call.c - JSONP: the arguments of calls that are documents, as values or
 * as strings that hold one: cb({..}), cb(200, {..}), cb(x || {..}), cb("{..}"),
 * cb(JSON.parse('{..}')), cb(eval('({..})')), cb(decodeURIComponent('%7B..')).
 * One in base64, cb(JSON.parse(atob('..'))), cannot be read.
 *
 * What a function around a string is called is not looked at: a text that
 * begins as a document is one.
 */

#include "json.h"

#include <string.h>


#define ARGUMENT_MAX  64                /* of a word before a document       */
#define LOOSE_MAX     64                /* bytes up to a first name          */
#define BRACKETS_MAX  6                 /* before a document in base64       */


/* does a document begin here, as it is, escaped or in percents: 1; 2: in
 * percents; 0 */

static int
opens(const uint8_t *p, size_t n)
{
    size_t   i;
    uint8_t  c;

    static const struct {
        char     s[6];
        uint8_t  len;
    } before[] = { { "%", 1 }, { "\\x", 2 }, { "\\u00", 4 } };

    if (n != 0 && strchr("{[<", p[0]) != NULL && p[0] != '\0') {
        return 1;
    }

    if (n > 1 && p[0] == '\\' && p[1] == '"') {
        return 1;                       /* a string in it                    */
    }

    for (i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        if (n < before[i].len + (size_t) 2
            || memcmp(p, before[i].s, before[i].len) != 0)
        {
            continue;
        }

        p += before[i].len;
        c = p[1] | 32;

        if ((p[0] == '7' && c == 'b') || (p[0] == '5' && c == 'b')
            || (p[0] == '3' && c == 'c'))
        {
            return i == 0 ? 2 : 1;
        }
        break;
    }

    return 0;
}


/* the string at p, if it is one that holds a document: 1, 2 as above, 0, or
 * SIZE_MAX: more bytes are needed */

static size_t
text(const mdr_json_t *j, const uint8_t *p, size_t n, int last)
{
    size_t  i;

    if (j->documents == NULL || j->again
        || (p[0] != '"' && p[0] != '\'' && p[0] != '`'))
    {
        return 0;
    }

    for (i = 1; i < n && (MDR_JSON_IS_SPACE(p[i]) || p[i] == '('); i++) {
        /* void */
    }

    if (n - i < 6 && !last && memchr(p + i, p[0], n - i) == NULL) {
        return SIZE_MAX;
    }

    return (size_t) opens(p + i, n - i);
}


int
mdr_json_call_text(mdr_json_t *j, uint8_t quote, int percents, uint64_t at)
{
    memset(&j->literal, 0, sizeof(mdr_literal_t));
    j->literal.quote = quote;
    j->literal.coded = percents ? MDR_CODED_ANY : MDR_CODED_NOT;
    j->literal.layer = mdr_layer_string(j->sink, j->documents, j->html,
                                        percents ? MDR_STYLE_URI
                                        : quote == '"' ? MDR_STYLE_JSON
                                        : quote == '\'' ? MDR_STYLE_SINGLE
                                        : MDR_STYLE_TEMPLATE);
    j->prefix = 0;
    j->again = 1;

    if (j->literal.layer == NULL) {
        mdr_sink_error(j->sink, MDR_ERR_MEMORY, at, "out of memory");
        return MDR_ERROR;
    }

    return MDR_OK;
}


size_t
mdr_json_call_literal(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    int     rc, bad;
    size_t  k;

    rc = mdr_script_literal(&j->literal, p, n, at, last, &k);
    bad = rc == MDR_LIMIT || (last && rc == MDR_OK && !j->literal.ended
                              && k == n);

    if (bad && !j->literal.piece) {
        rc = mdr_layer_fail(j->literal.layer);
        mdr_sink_error(j->sink, MDR_ERR_BROKEN, at + k,
                       "a string of JavaScript that cannot be read");

    } else if (rc != MDR_ERROR && (bad || j->literal.ended)) {
        rc = mdr_layer_read(j->literal.layer, 1);
    }

    if (rc == MDR_ERROR) {
        mdr_sink_error(j->sink, MDR_ERR_MEMORY, at, "out of memory");
        return MDR_JSON_FAILED;
    }

    if (bad || j->literal.ended) {
        mdr_layer_close(j->literal.layer);
        j->literal.layer = NULL;
        j->prefix = j->stray ? 1 : 3;
        mdr_sink_document(j->sink, at + k);
    }

    return bad && k == 0 ? 1 : k;
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


/* of a name, a number, a word */

static int
is_word(uint8_t c)
{
    return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z')
           || c == '-' || c == '_' || c == '$' || c == '.';
}


/* the first byte of "||", "??", "&&" */

static int
is_or(uint8_t c)
{
    return c == '|' || c == '?' || c == '&';
}


/* does the document at p name its members as JavaScript does, without quotes or
 * in single ones, as far as its first brackets say: 1, 0, -1: more bytes are
 * needed */

static int
loose(const uint8_t *p, size_t n, int last)
{
    size_t  i;

    for (i = 0; i < n && i < LOOSE_MAX; i++) {

        if (MDR_JSON_IS_SPACE(p[i]) || p[i] == '[' || p[i] == '{') {
            continue;
        }

        return p[i] == '\'' || p[i] == '_' || p[i] == '$' || p[i] == '/'
               || ((p[i] | 32) >= 'a' && (p[i] | 32) <= 'z');
    }

    return last || i == LOOSE_MAX ? 0 : -1;
}


/*
 * JSONP: up to the first argument of a call that is JSON; numbers and words
 * may stand before it, as in cb(200, {..}).  j->prefix is 2 behind a document
 * and its comma: another argument may follow.
 */

size_t
mdr_json_call(mdr_json_t *j, const uint8_t *p, size_t n, uint64_t at,
    int last)
{
    int             b, way;
    size_t          i, k, t, word, end;
    const uint8_t  *q;

    if (j->prefix == 3) {               /* behind a string                   */
        for (k = 0; k < n && (MDR_JSON_IS_SPACE(p[k]) || p[k] == ')'); k++) {
            /* void */
        }

        if (k < n && p[k] == ',') {
            j->prefix = 2;
            return k + 1;
        }

        if (k < n) {
            mdr_json_call_on(j);
        }

        return k;
    }

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
            while (k < n && (MDR_JSON_IS_SPACE(p[k])
                             || (p[k] == '(' && j->prefix != 2)))
            {
                k++;
            }

            t = k < n ? text(j, p + k, n - k, last) : 0;

            if (t == SIZE_MAX) {
                return last ? n : i;
            }

            if (t != 0) {
                return mdr_json_call_text(j, p[k], t == 2, at + k) == MDR_OK
                       ? k + 1 : MDR_JSON_FAILED;
            }

            b = k < n ? begins(j, p + k, n - k, last) : -1;
            way = b > 0 ? loose(p + k, n - k, last) : 0;

            if (b < 0 || way < 0) {
                return last ? n : i;
            }

            if (b) {
                j->prefix = 0;
                j->relaxed = (uint8_t) way;
                return k;
            }

            /* 'x', 200, null, true */

            if (k < n && p[k] == '\'') {
                for (b = 1, k++; k < n && b < ARGUMENT_MAX && p[k] != '\'';
                     b++)
                {
                    k += 1 + (p[k] == '\\');
                }

                if (k < n && p[k] == '\'') {
                    k++;
                } else if (b < ARGUMENT_MAX) {
                    return last ? n : i;
                }

            } else {
                b = 0;
            }

            for (word = k; k < n && b < ARGUMENT_MAX && is_word(p[k]); b++) {
                k++;
            }

            word = k - word;
            end = k;

            while (k < n && MDR_JSON_IS_SPACE(p[k])) {
                k++;
            }

            if (b < ARGUMENT_MAX && (k == n || (n - k == 1 && !last
                                                && is_or(p[k]))))
            {
                return last ? n : i;
            }

            if (b == 0 || b == ARGUMENT_MAX) {
                break;
            }

            if (p[k] == '(' && word >= 4 && !j->again
                && j->brackets < BRACKETS_MAX
                && memcmp(p + end - 4, "atob", 4) == 0)
            {
                (void) mdr_sink_stop(j->sink, MDR_ERR_UNREADABLE, at + end - 4,
                                     "a document in base64");
                break;
            }

            if (is_or(p[k]) && n - k > 1 && p[k + 1] == p[k]) {
                k++;

            } else if (p[k] != ',') {
                break;
            }
            k++;
        }

        j->brackets += j->brackets < BRACKETS_MAX;
        mdr_json_call_on(j);

        if (j->stray) {
            return i;
        }
    }

    return n;
}
