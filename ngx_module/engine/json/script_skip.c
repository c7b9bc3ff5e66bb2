/*
 * script_skip.c - passing over JavaScript that is no JSON.
 *
 * A light lexer that can stop anywhere: strings, templates, comments, regular
 * expressions and brackets, enough to find where an expression ends, and
 * whether a name stands in code.  Whether "/" begins a regular expression is
 * told by what stands before it, as good as it gets without a grammar
 * (ECMA-262, 12); no string or regular expression outlives its line, so that
 * a wrong guess does no more harm than that.
 */

#include "script.h"
#include "json_block.h"

#include <string.h>


enum { CODE, STRING, ESCAPE, SLASH, LINE, BLOCK, BLOCK_STAR, REGEX, CLASS,
       TEMPLATE, DOLLAR };

enum { NO_GAP, SPACE, NEWLINE };        /* behind the byte before            */

#define LOOK_BACK  16                   /* more than the longest keyword     */


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


/* words behind which a "/" does not divide */

static int
is_keyword(const uint8_t *p, size_t n)
{
    size_t  i;

    static const char *const  words[] = {"return", "typeof", "case", "in",
                                         "of", "delete", "void", "throw",
                                         "new", "else", "do", "instanceof",
                                         "yield", "await"};

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i]) == n && memcmp(p, words[i], n) == 0) {
            return 1;
        }
    }

    return 0;
}


static int
regex_follows(const mdr_js_t *s)
{
    return s->before == 0 || strchr("(,=:[!&|?{;+-*%~^<>", s->before) != NULL
           || (s->nword != 0 && s->nword < MDR_JS_WORD
               && is_keyword(s->word, s->nword));
}


/* a statement ends with its line: where an operand stands at its end and
 * another at the beginning of the next (ECMA-262, 12.10) */

static int
line_ends(const mdr_js_t *s, uint8_t c)
{
    return s->lines && s->gap == NEWLINE && s->depth == 0 && s->before != 0
           && mdr_js_ident(c)
           && (mdr_js_ident(s->before) || strchr(")]}\"'`", s->before) != NULL)
           && !(s->nword != 0 && s->nword < MDR_JS_WORD
                && is_keyword(s->word, s->nword));
}


/* a byte of code: 1 where it ends the expression */

static int
code(mdr_js_t *s, uint8_t c)
{
    if (mdr_js_ident(c)) {

        if (line_ends(s, c)) {
            return 1;
        }

        if (!mdr_js_ident(s->before) || s->gap != 0) {
            s->nword = 0;
        }
        if (s->nword < MDR_JS_WORD) {
            s->word[s->nword++] = c;
        }

        s->gap = NO_GAP;
        s->before = c;
        return 0;
    }

    switch (c) {

    case '\n':
        s->gap = NEWLINE;
        return 0;

    case ' ': case '\t': case '\r':
        if (s->gap == NO_GAP) {
            s->gap = SPACE;
        }
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
    s->nword = 0;
    s->gap = NO_GAP;

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
        } else if (c == s->quote || c == '\n') {
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

        s->state = regex_follows(s) ? REGEX : CODE;
        s->before = '/';
        s->nword = 0;
        s->gap = NO_GAP;

        return step(s, c);

    case LINE:
        if (c == '\n' || c == '\r' || (s->utf == 2 && (c | 1) == 0xa9)) {
            s->state = CODE;
            s->gap = NEWLINE;
        }
        s->utf = c == 0xe2 ? 1 : s->utf == 1 && c == 0x80 ? 2 : 0;
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


static int
is_blank(const mdr_js_t *s, uint8_t before, uint8_t c)
{
    return (s->state >= SLASH && s->state <= BLOCK_STAR)
           || (before >= LINE && before <= BLOCK_STAR)
           || (s->state == CODE && before == CODE
               && (c == ' ' || c == '\t' || c == '\r' || c == '\n'));
}


size_t
mdr_js_skip(mdr_js_t *s, const uint8_t *p, size_t n, int *ended)
{
    size_t          i, k;
    uint8_t         before;
    uint64_t        depth;
    const uint8_t  *q;

    *ended = 0;
    depth = s->depth;

    for (i = 0; i < n; i++) {

        if (s->state == STRING) {       /* most bytes of a state             */
            k = mdr_json_plain(p + i, n - i, s->quote);
            q = memchr(p + i, '\n', k);
            i = q != NULL ? (size_t) (q - p) : i + k;

            if (i == n) {
                s->blank = 0;
                return n;
            }
        }

        before = s->state;

        if (step(s, p[i])) {
            *ended = 1;
            return i;
        }

        s->blank = is_blank(s, before, p[i]) ? s->blank + 1 : 0;

        if (s->depth == 0 && depth != 0 && s->balanced) {
            *ended = 1;
            return i + 1;
        }

        depth = s->depth;
    }

    return n;
}


/* code without a quote, slash or backslash: only what it ends with counts */

static size_t
pass_code(mdr_js_t *s, const uint8_t *p, size_t n)
{
    size_t  i, from;

    for (i = 0; i < n && p[i] != '"' && p[i] != '\'' && p[i] != '`'
         && p[i] != '/' && p[i] != '\\'; i++)
    {
        /* void */
    }

    if (i > 2 * LOOK_BACK) {
        for (from = i - LOOK_BACK; from > 0 && p[from - 1] <= ' '; from--) {
            /* void */
        }

        if (from > 0) {
            s->before = p[from - 1];
            s->nword = mdr_js_ident(s->before) ? MDR_JS_WORD : 0;
            s->gap = NO_GAP;
        }

    } else {
        from = 0;
    }

    for ( ; from < i; from++) {
        if (code(s, p[from])) {         /* a bracket too many, a ","         */
            s->before = p[from];
            s->nword = 0;
            s->gap = NO_GAP;
        }
    }

    return i;
}


size_t
mdr_js_pass(mdr_js_t *s, const uint8_t *p, size_t n, int escapes)
{
    size_t  i;

    for (i = 0; i < n; i++) {

        if (s->state == STRING) {
            while (i < n && p[i] != s->quote && p[i] != '\\' && p[i] != '\n') {
                i++;
            }

        } else if (s->state == TEMPLATE) {
            while (i < n && p[i] != '`' && p[i] != '\\' && p[i] != '$') {
                i++;
            }

        } else if (s->state == CODE && s->ntemplates == 0) {
            i += pass_code(s, p + i, n - i);
        }

        if (i == n || (escapes && s->state == CODE && p[i] == '\\')) {
            return i;
        }

        if (step(s, p[i])) {
            s->before = p[i];
            s->nword = 0;
            s->gap = NO_GAP;
        }
    }

    return n;
}


int
mdr_js_where(const mdr_js_t *s)
{
    return s->state == CODE ? MDR_JS_CODE
           : s->state == STRING ? MDR_JS_STRING
           : s->state == TEMPLATE ? MDR_JS_TEMPLATE
           : s->state >= SLASH && s->state <= BLOCK_STAR ? MDR_JS_COMMENT
                                                         : MDR_JS_HIDDEN;
}


void
mdr_js_after_value(mdr_js_t *s)
{
    s->state = CODE;
    s->before = '}';
    s->nword = 0;
    s->gap = NO_GAP;
}
