/*
 * json_guard.c - what stands before the JSON of some bodies so that no <script>
 * of another site can read them, or so that a filter of the site finds it.
 */

#include "json.h"

#include <string.h>


#define COMMENT_MAX  4096

#define MORE         SIZE_MAX


/* the pattern w at p: its bytes, 0, or MORE; a space in it stands for any
 * white space or none */

static size_t
pattern(const uint8_t *p, size_t n, int last, const char *w)
{
    size_t  i;

    for (i = 0; *w != '\0'; w++) {

        if (*w == ' ') {
            i = mdr_json_spaces(p, n, i);
            continue;
        }

        if (i == n) {
            return last ? 0 : MORE;
        }

        if (p[i++] != (uint8_t) *w) {
            return 0;
        }
    }

    return i;
}


/* does a document that looks like JSON in two places begin at p: 1, 0, -1:
 * more bytes are needed */

static int
document(const uint8_t *p, size_t n, int last)
{
    size_t  i;

    i = mdr_json_spaces(p, n, 0);

    if (i < n && p[i] != '{' && p[i] != '[') {
        return 0;
    }

    if (i < n) {
        i = mdr_json_spaces(p, n, i + 1);
    }

    if (i >= n) {
        return last ? 0 : -1;
    }

    return p[i] == '"' || p[i] == '}' || p[i] == '{' || p[i] == '[';
}


/* a comment, or one that holds the document: bytes before that */

static size_t
comment(const uint8_t *p, size_t n, int last, size_t len, const char *end)
{
    int             d;
    size_t          i, k;
    const uint8_t  *q;

    i = len;
    k = pattern(p + i, n - i, last, "-secure-");

    if (k == MORE) {
        return MORE;
    }

    i += k;
    d = document(p + i, n - i, last);

    if (d != 0) {
        return d > 0 ? i : MORE;
    }

    for (q = p + len; (size_t) (p + n - q) >= strlen(end); q++) {
        if (memcmp(q, end, strlen(end)) == 0) {
            return (size_t) (q - p) + strlen(end);
        }
    }

    return last || n > COMMENT_MAX ? 0 : MORE;
}


/* "throw 1; <be good>" up to the end of its line or the first ">" */

static size_t
throws(const uint8_t *p, size_t n, int last)
{
    size_t  i;

    for (i = 5; i < n && i < COMMENT_MAX; i++) {
        if (p[i] == '\n' || p[i] == '>') {
            return i + 1;
        }

        if (p[i] == '{' || p[i] == '[') {
            return i;
        }
    }

    return last || i == COMMENT_MAX ? 0 : MORE;
}


/* what PHP says of its own before a document, as text or in tags: does it begin
 * so? */

static int
says(const uint8_t *p, size_t n)
{
    size_t  i, k, len;

    static const char *const  words[] = {
        "<br />", "<br>", "<font size='1'><table class='xdebug", "<b>Warning",
        "Notice: ", "Warning: ", "Deprecated: ", "Fatal error: ",
        "Strict Standards: ", "Parse error: ", "PHP Notice: ",
        "PHP Warning: ", "PHP Deprecated: "
    };

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        len = strlen(words[i]);
        k = n < len ? n : len;

        if (memcmp(p, words[i], k) == 0) {
            return k == len ? 1 : -1;
        }
    }

    return 0;
}


/* its tags */

static int
is_tag(const uint8_t *p, size_t n)
{
    size_t  i, len;

    static const char *const  names[] = {
        "b", "br", "i", "a", "font", "table", "tbody", "tr", "th", "td", "p",
        "pre", "hr", "span", "u", "center"
    };

    p++;
    n--;

    if (n != 0 && p[0] == '/') {
        p++;
        n--;
    }

    for (len = 0; len < n && (p[len] | 32) >= 'a' && (p[len] | 32) <= 'z';
         len++)
    {
        /* void */
    }

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (strlen(names[i]) == len && memcmp(names[i], p, len) == 0) {
            return 1;
        }
    }

    return len == n;                    /* its end has not come              */
}


/* a document that begins a line, or stands behind a tag */

size_t
mdr_json_notice(const uint8_t *p, size_t n, int last)
{
    int     d;
    size_t  i;

    d = n != 0 ? says(p, n) : 0;

    if (d <= 0) {
        return d == 0 || last ? 0 : MORE;
    }

    for (i = 1; i < n && i < COMMENT_MAX; i++) {

        if (p[i] == '<' && !is_tag(p + i, n - i)) {
            return 0;
        }

        if ((p[i] != '{' && p[i] != '[')
            || (p[i - 1] != '\n' && p[i - 1] != '>'))
        {
            continue;
        }

        d = document(p + i, n - i, last);

        if (d != 0) {
            return d > 0 ? i : MORE;
        }
    }

    return last || i == COMMENT_MAX ? 0 : MORE;
}


static size_t
one(const uint8_t *p, size_t n, int last)
{
    size_t  i, k;

    static const char *const  known[] = {
        ")]}',", ")]}'", "for ( ; ; ) ;", "while ( 1 ) ;",
        "while ( true ) ;", "&&&START&&&", "])}while(1);</x>", "{ } &&",
        "\xef\xbb\xbf"                  /* a second mark, of another file    */
    };

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        k = pattern(p, n, last, known[i]);
        if (k != 0) {
            return k;
        }
    }

    k = pattern(p, n, last, "throw");
    if (k != 0) {
        return k == MORE ? k : throws(p, n, last);
    }

    k = pattern(p, n, last, "//");
    if (k != 0) {
        for ( ; k != MORE && k < n && p[k] != '\n'; k++) { /* void */ }
        return k < n ? k + 1 : last || n > COMMENT_MAX ? 0 : MORE;
    }

    k = pattern(p, n, last, "/*");
    if (k != 0) {
        return k == MORE ? k : comment(p, n, last, k, "*/");
    }

    k = mdr_json_notice(p, n, last);
    if (k != 0) {
        return k;
    }

    k = pattern(p, n, last, "<!--");

    return k == 0 || k == MORE ? k : comment(p, n, last, k, "-->");
}


size_t
mdr_json_guard(const uint8_t *p, size_t n, int last)
{
    size_t  i, k;

    for (i = 0; ; i += k) {
        i = mdr_json_spaces(p, n, i);

        if (i == n) {
            return last ? i : MORE;
        }

        k = one(p + i, n - i, last);

        if (k == 0) {
            return i;
        }

        if (k == MORE) {
            return MORE;
        }
    }
}
