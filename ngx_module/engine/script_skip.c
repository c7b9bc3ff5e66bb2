/*
 * script_skip.c - passing over JavaScript that is no JSON.
 *
 * A light lexer, byte by byte, that can stop anywhere: strings, templates,
 * comments, regular expressions and brackets, enough to find where an
 * expression ends.  Whether "/" begins a regular expression is told by the
 * byte before it, as good as it gets without a grammar (ECMA-262, 12).
 */

#include "json.h"

#include <string.h>


enum { CODE, STRING, ESCAPE, SLASH, LINE, BLOCK, BLOCK_STAR, REGEX, CLASS,
       TEMPLATE, DOLLAR };


void
mdr_js_init(mdr_js_t *s, uint64_t depth)
{
    memset(s, 0, sizeof(mdr_js_t));
    s->state = CODE;
    s->depth = depth;
}


void
mdr_js_string(mdr_js_t *s, uint8_t quote)
{
    s->state = STRING;
    s->quote = quote;
}


/* a byte of code: 1 where it ends the expression */

static int
code(mdr_js_t *s, uint8_t c)
{
    switch (c) {

    case ' ': case '\t': case '\r': case '\n':
        return 0;

    case '"': case '\'':
        s->state = STRING;
        s->quote = c;
        break;

    case '`':
        s->state = TEMPLATE;
        break;

    case '/':
        s->state = SLASH;
        return 0;

    case '(': case '[': case '{':
        s->depth++;
        break;

    case ')': case ']': case '}':
        if (s->depth == 0) {
            return 1;
        }

        s->depth--;

        if (c == '}' && s->ntemplates != 0
            && s->templates[s->ntemplates - 1] == s->depth)
        {
            s->ntemplates--;
            s->state = TEMPLATE;
        }
        break;

    case ',': case ';':
        if (s->depth == 0) {
            return 1;
        }
        break;
    }

    s->before = c;

    return 0;
}


static int
step(mdr_js_t *s, uint8_t c)
{
    switch (s->state) {

    case CODE:
        return code(s, c);

    case STRING:
        if (c == '\\') {
            s->back = STRING;
            s->state = ESCAPE;
        } else if (c == s->quote) {
            s->state = CODE;
        }
        return 0;

    case ESCAPE:
        s->state = s->back;
        return 0;

    case SLASH:                         /* behind "/"                        */
        if (c == '/' || c == '*') {
            s->state = c == '/' ? LINE : BLOCK;
            return 0;
        }

        if (s->before == 0 || strchr("(,=:[!&|?{;+-*%~^<>", s->before)) {
            s->before = '/';
            s->state = REGEX;
            return step(s, c);
        }

        s->before = '/';
        s->state = CODE;
        return code(s, c);

    case LINE:
        if (c == '\n') {
            s->state = CODE;
        }
        return 0;

    case BLOCK:
    case BLOCK_STAR:
        s->state = s->state == BLOCK_STAR && c == '/' ? CODE
                   : c == '*' ? BLOCK_STAR : BLOCK;
        return 0;

    case REGEX:
    case CLASS:                         /* [/] does not end it               */
        if (c == '\\') {
            s->back = s->state;
            s->state = ESCAPE;
        } else if (c == '[') {
            s->state = CLASS;
        } else if (c == ']') {
            s->state = REGEX;
        } else if ((c == '/' && s->state == REGEX) || c == '\n') {
            s->state = CODE;
        }
        return 0;

    case DOLLAR:                        /* in a template, behind "$"         */
        if (c == '{' && s->ntemplates < MDR_JS_TEMPLATES) {
            s->templates[s->ntemplates++] = s->depth++;
            s->before = c;
            s->state = CODE;
            return 0;
        }
        s->state = TEMPLATE;
        /* fall through */

    default:                            /* TEMPLATE                          */
        if (c == '\\') {
            s->back = TEMPLATE;
            s->state = ESCAPE;
        } else if (c == '`') {
            s->before = c;
            s->state = CODE;
        } else if (c == '$') {
            s->state = DOLLAR;
        }
        return 0;
    }
}


size_t
mdr_js_skip(mdr_js_t *s, const uint8_t *p, size_t n, int *ended)
{
    size_t    i;
    uint64_t  depth;

    *ended = 0;
    depth = s->depth;

    for (i = 0; i < n; i++) {

        if (step(s, p[i])) {
            *ended = 1;
            return i;
        }

        if (s->depth == 0 && depth != 0 && s->balanced) {
            *ended = 1;
            return i + 1;
        }

        depth = s->depth;
    }

    return n;
}
