/*
 * sniff_call.c - does a body begin as JSONP: a call, or what may stand before
 * one, with a document in its brackets.
 */

#include "sniff.h"

#include <string.h>


#define CONDITION_MAX  256


/* the string at p + i: W_TEXT, if it holds a document of JSON or HTML by its
 * first bytes, W_OTHER, W_MORE */

int
mdr_sniff_string(const uint8_t *p, size_t n, size_t i)
{
    size_t   k, from;
    uint8_t  quote, c, d;

    quote = p[i];
    k = mdr_sniff_blank(p, n, i + 1, 0);

    for (from = k; k < n && p[k] == '('; ) {        /* eval('({..})')        */
        k = mdr_sniff_blank(p, n, k + 1, 0);
    }

    if (n - k < 7 && memchr(p + k, quote, n - k) == NULL) {
        return W_MORE;
    }

    c = k < n ? p[k] : 0;
    d = k + 1 < n ? p[k + 1] : 0;

    if (c == '<') {
        return (d | 32) >= 'a' && (d | 32) <= 'z' ? W_TEXT
               : d == '!' || d == '\\' ? W_TEXT : W_OTHER;
    }

    if (k != from && (c == '{' || c == '[')) {
        return W_TEXT;
    }

    if (c == '{') {
        return d == '"' || d == '\\' || d == '}' ? W_TEXT : W_OTHER;
    }

    if (c == '[') {
        return d == '{' || d == '"' || d == '\\' || d == '[' ? W_TEXT : W_OTHER;
    }

    if (c == '\\' && d == 'u') {
        k += 4;
    } else if (c == '\\' && d == 'x') {
        k += 2;
    } else if (c == '%') {
        k += 1;
    } else {
        return W_OTHER;
    }

    if (n - k < 2) {
        return W_OTHER;
    }

    d = p[k + 1] | 32;

    return (p[k] == '7' && d == 'b') || (p[k] == '5' && d == 'b')
           || (p[k] == '3' && d == 'c') ? W_TEXT : W_OTHER;
}


/* a function that gives the value of a text: its last name */

static int
wraps(const uint8_t *p, size_t n)
{
    size_t  i, len;

    static const char *const  names[] = {
        "parse", "parseJSON", "decodeURIComponent", "decodeURI", "unescape",
        "eval", "String", "freeze", "seal", "assign", "atob"
    };

    while (n > 0 && mdr_sniff_is_space(p[n - 1])) {
        n--;
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        len = strlen(names[i]);

        if (n >= len && memcmp(p + n - len, names[i], len) == 0
            && (n == len || p[n - len - 1] == '.'))
        {
            return 1;
        }
    }

    return 0;
}


/* behind "if (typeof cb == 'function') {" at p + i, i where there is none, n: more
 * bytes are needed */

static size_t
condition(const uint8_t *p, size_t n, size_t i)
{
    size_t  k, depth;

    k = mdr_sniff_blank(p, n, i + 2, 0);

    if (n - i < 2 || memcmp(p + i, "if", 2) != 0 || (k < n && p[k] != '(')) {
        return i;
    }

    for (depth = 0; k < n && k - i < CONDITION_MAX; k++) {
        depth += p[k] == '(';
        depth -= p[k] == ')';

        if (p[k] == ';' || p[k] == '{') {
            return i;
        }
        if (depth == 0) {
            k = mdr_sniff_blank(p, n, k + 1, 1);
            return k < n && p[k] == '{' ? mdr_sniff_blank(p, n, k + 1, 1) : k;
        }
    }

    return k < n ? i : n;
}


/* what may stand before a call: ";", "!", "try{", a function around it, a
 * condition */

size_t
mdr_sniff_before_call(const uint8_t *p, size_t n, size_t i)
{
    size_t  k, w, len;

    static const char *const  words[] = {
        ";", "!", "+", "~", "try{", "try {", "(function(){", "(function() {",
        "(()=>{", "(() => {"
    };

    for (k = i; i < n; ) {
        k = mdr_sniff_blank(p, n, i, 1);
        i = condition(p, n, k);

        if (i != k) {
            continue;
        }

        for (w = 0; w < sizeof(words) / sizeof(words[0]); w++) {
            len = strlen(words[w]);

            if (n - k >= len && memcmp(p + k, words[w], len) == 0) {
                break;
            }

            if (n - k < len && memcmp(p + k, words[w], n - k) == 0) {
                return n;               /* more bytes are needed             */
            }
        }

        if (w == sizeof(words) / sizeof(words[0])) {
            return k;
        }

        i = k + strlen(words[w]);
    }

    return i;
}


/* does the object at p + i begin with a name without quotes, or in single
 * ones: it does not, where the name has not come */

static int
named(const uint8_t *p, size_t n, size_t i)
{
    i = mdr_sniff_blank(p, n, i + 1, 0);

    return i < n && (p[i] == '\'' || (mdr_sniff_is_name(p[i]) && p[i] != '.'));
}


/* a call with JSON in its brackets */

int
mdr_sniff_call(const uint8_t *p, size_t n, size_t i)
{
    int     k, first, loose, dotted, other;
    size_t  from;

    from = i;
    loose = 0;
    other = 0;

    while (i < n && mdr_sniff_is_name(p[i])) {
        i++;
    }

    dotted = memchr(p + from, '.', i - from) != NULL;

    if (i < n && p[i] == '[') {         /* cb["x"](                          */
        while (i < n && p[i] != ']' && p[i] != '(') {
            i++;
        }
        i += i < n && p[i] == ']';
    }

    if (i >= n) {
        return W_MORE;
    }

    if (p[i] != '(') {

        /* cb && cb({..}), typeof cb === "function" && cb({..}) */

        if (memchr("&=|? ", p[i], 5) == NULL
            || (i - from == 8 && memcmp(p + from, "function", 8) == 0))
        {
            return W_OTHER;
        }

        while (i < n && (mdr_sniff_is_name(p[i])
                         || memchr(" &=|!?'\"[]", p[i], 10) != NULL))
        {
            if (p[i] == '=' && (i + 1 == n || p[i + 1] != '=')
                && p[i - 1] != '=' && p[i - 1] != '!')
            {
                return i + 1 == n ? W_MORE : W_OTHER;   /* an assignment     */
            }
            i++;
        }

        if (i >= n) {
            return W_MORE;
        }
        if (p[i] != '(') {
            return W_OTHER;
        }
        loose = 1;
    }

    for (first = 1; ; first = 0) {
        do {                            /* cb((..                            */
            i = mdr_sniff_blank(p, n, i + 1, 1);
        } while (i < n && first && p[i] == '(');

        if (i >= n) {
            return W_MORE;
        }

        if (p[i] == '{' || p[i] == '[') {
            k = mdr_sniff_container(p, n, i);
            return k == W_JSON && other && dotted ? W_LOOSE_CALL
                   : k == W_JSON ? (loose || other ? W_MAYBE_CALL : W_CALL)
                   : k == W_MORE ? k
                   : p[i] != '{' || !named(p, n, i) ? W_OTHER
                   : dotted ? W_LOOSE_CALL : W_MAYBE_CALL;
        }

        if (p[i] == '"' || p[i] == '\'' || p[i] == '`') {
            k = mdr_sniff_string(p, n, i);

            if (k == W_MORE || k == W_TEXT) {
                return k == W_MORE ? k : loose || !first ? W_MAYBE_CALL
                                                         : W_CALL_TEXT;
            }
        }

        if (p[i] == '"') {
            return first || loose ? W_MAYBE_CALL : W_CALL;
        }

        /* cb('x', {..}), cb(200, {..}) */

        if (p[i] == '\'') {
            for (i++; i < n && p[i] != '\''; i++) {
                i += p[i] == '\\';
            }
            i++;
        }

        from = i;

        while (i < n && (mdr_sniff_is_name(p[i]) || p[i] == '-')) {
            i++;
        }

        i = mdr_sniff_blank(p, n, i, 0);

        if (i >= n) {
            return W_MORE;
        }

        /* cb(JSON.parse('..')), cb(decodeURIComponent('..')) */

        if (i - from > 3 && memcmp(p + from, "new", 3) == 0
            && mdr_sniff_is_space(p[from + 3]) && mdr_sniff_is_name(p[i]))
        {
            for (from = i; i < n && mdr_sniff_is_name(p[i]); i++) { /* void */ }
            i = mdr_sniff_blank(p, n, i, 0);

            if (i >= n) {
                return W_MORE;
            }
        }

        other |= p[i] == '(' && i != from && !wraps(p + from, i - from);

        if (p[i] == '(' && i != from) {
            if (i - from >= 4 && memcmp(p + i - 4, "atob", 4) == 0) {
                return W_MAYBE_CALL;    /* json_call.c counts it             */
            }
            loose |= !first;
            first = 1;
            continue;
        }

        /* cb(x || {..}) */

        if (p[i] == '|' || p[i] == '?' || p[i] == '&') {
            if (n - i < 2) {
                return W_MORE;
            }
            if (i == from || p[i + 1] != p[i]) {
                return W_OTHER;
            }
            i++;
            loose = 1;
            continue;
        }

        if (p[i] != ',') {
            return W_OTHER;
        }
    }
}
