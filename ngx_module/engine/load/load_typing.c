/*
 * load_typing.c - what people type who do not think of YAML: full-width colons,
 * brackets and blanks, and texts that YAML takes for something else.
 *
 * Looked at before and beside libyaml, whose words ("could not find expected
 * ':'", lines further down) help nobody who cannot see the difference.
 */

#include "node.h"
#include "base/utf8.h"

#include <stdio.h>
#include <string.h>


static const char *const  keys_known[] = {
    "schema", "policy", "strict", "defaults", "slots", "rules", "fold", "gap",
    "mode", "boundary", "name", "type", "match", "fields", "review", "limit",
    "id", "rev", "title", "status", "label", "sub_label", "owner",
    "risk_level", "suggestion", "action", "basis", "notice", "expires",
    "rollout", "brake", "max_rate", "precision", "in", "groups", "terms", "list", "regex",
    "when", "weight", "except", "why", "tests", "hit", "pass", "spans",
    "field", "slot", "page", "account", "credit", "score", "per", "count",
    "pages", "require", "insert", "guard"
};


/* the length of a known key at p, 0: none */

static size_t
key_at(const char *p, const char *end)
{
    size_t  i, n;

    for (n = 0; p + n < end && ((p[n] >= 'a' && p[n] <= 'z') || p[n] == '_');
         n++)
    {
        /* void */
    }

    for (i = 0; i < sizeof(keys_known) / sizeof(keys_known[0]); i++) {
        if (strlen(keys_known[i]) == n && memcmp(keys_known[i], p, n) == 0) {
            return n;
        }
    }

    return 0;
}


static uint32_t
column_of(const char *line, const char *at)
{
    uint32_t  n;

    for (n = 1; line < at; line++) {
        n += ((uint8_t) *line & 0xc0) != 0x80;
    }

    return n;
}


static int
begins(const char *p, const char *end, const char *s)
{
    size_t  n;

    n = strlen(s);

    return (size_t) (end - p) >= n && memcmp(p, s, n) == 0;
}


/* one line; what is wrong with it is said */

static int
look_at(mdr_load_t *ld, const char *file, uint32_t line, const char *p,
    const char *end)
{
    int          text;
    size_t       n;
    const char  *q;

    for (q = p; q < end && *q == ' '; q++) { /* void */ }

    if (begins(q, end, "\xe3\x80\x80") || begins(q, end, "\xc2\xa0")) {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "full-width", file,
                             line, column_of(p, q), "a blank here is %s: "
                             "indent with plain spaces",
                             *q == '\xe3' ? "full-width (U+3000)"
                                          : "a no-break space (U+00A0)");
        return MDR_ERROR;
    }

    while (q < end && (*q == '-' || *q == ' ' || *q == '{')) {
        q++;
    }

    n = key_at(q, end);
    text = n == 5 && (memcmp(q, "title", 5) == 0 || memcmp(q, "owner", 5) == 0);
    text |= (n == 3 && (memcmp(q, "hit", 3) == 0 || memcmp(q, "why", 3) == 0))
            || (n == 4 && memcmp(q, "pass", 4) == 0)
            || (n == 6 && memcmp(q, "notice", 6) == 0);

    if (n == 0) {
        return MDR_OK;
    }

    q += n;

    if (begins(q, end, "\xef\xbc\x9a")) {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "full-width", file,
                             line, column_of(p, q), "the colon behind \"%.*s\" "
                             "is full-width: write \"%.*s: \"", (int) n,
                             q - n, (int) n, q - n);
        return MDR_ERROR;
    }

    if (q == end || *q != ':') {
        return MDR_OK;
    }

    for (q++; q < end && *q == ' '; q++) { /* void */ }

    if (!text && end - q > 6 && (begins(q, end, "\xe3\x80\x90") || begins(q, end, "\xef\xbc\xbb"))
        && (begins(end - 3, end, "\xe3\x80\x91")
            || begins(end - 3, end, "\xef\xbc\xbd")))
    {
        (void) mdr_diags_add(ld->diags, MDR_DIAG_ERROR, "full-width", file,
                             line, column_of(p, q), "\"%.3s\" is no bracket "
                             "of a list: write \"[a, b]\"", q);
        return MDR_ERROR;
    }

    return MDR_OK;
}


int
mdr_load_typing(mdr_load_t *ld, uint32_t file, const uint8_t *bytes,
    size_t size)
{
    int          rc;
    uint32_t     line;
    const char  *p, *e, *end;

    rc = MDR_OK;
    p = (const char *) bytes;
    end = p + size;

    for (line = 1; p < end; p = e + 1, line++) {
        e = memchr(p, '\n', (size_t) (end - p));
        e = e != NULL ? e : end;

        if (look_at(ld, ld->model->files[file].data, line, p,
                    e > p && e[-1] == '\r' ? e - 1 : e)
            != MDR_OK)
        {
            rc = MDR_ERROR;
        }
    }

    return rc;
}


int
mdr_load_unquoted(const uint8_t *bytes, size_t size, uint32_t line,
    uint32_t column, char *text, size_t room, uint32_t *at)
{
    size_t       n;
    uint32_t     k;
    const char  *p, *end, *e, *q;

    p = (const char *) bytes;
    end = p + size;

    for (k = 1; k < line && p < end; k++) {
        q = memchr(p, '\n', (size_t) (end - p));
        p = q != NULL ? q + 1 : end;
    }

    e = memchr(p, '\n', (size_t) (end - p));
    e = e != NULL ? e : end;

    /* the mark, or the character before it */

    for (q = p, k = 1; q < e && k + 1 < column; k++) {
        for (q++; q < e && ((uint8_t) *q & 0xc0) == 0x80; q++) { /* void */ }
    }

    for ( ; q < e && k <= column; k++) {
        if (strchr("@`%*&!", *q) != NULL && *q != '\0') {
            for (n = 0; q + n < e && strchr(",]}\r", q[n]) == NULL; n++) {
                /* void */
            }
            snprintf(text, room, "%.*s", (int) (n < 100 ? n : 100), q);
            *at = k;
            return 1;
        }
        for (q++; q < e && ((uint8_t) *q & 0xc0) == 0x80; q++) { /* void */ }
    }

    return 0;
}


/* [#a] and [a, #b]: libyaml takes a text that begins with # for a comment and
 * misses the end of the list, in line `to` or so. Looked for is the last line
 * with a bracket before it, and those that follow */

int
mdr_load_hash(const uint8_t *bytes, size_t size, uint32_t to, char *text,
    size_t room, uint32_t *line, uint32_t *at)
{
    int          flow, found;
    size_t       n;
    uint32_t     k;
    const char  *p, *end, *e, *q;

    p = (const char *) bytes;
    end = p + size;
    found = 0;

    for (k = 1; k <= to && p < end; k++, p = e + 1) {
        e = memchr(p, '\n', (size_t) (end - p));
        e = e != NULL ? e : end;

        if (k < to && memchr(p, '[', (size_t) (e - p)) != NULL) {
            found = 0;
        }

        for (q = p, flow = 0; q < e; q++) {

            if (*q == '#' && (q == p || q[-1] == ' ' || flow)) {
                if (found || !flow || q + 1 == e || q[1] == ' '
                    || q[1] == '#')
                {
                    break;
                }

                for (n = 1; q + n < e && strchr(",]}\r", q[n]) == NULL; n++) {
                    /* void */
                }
                snprintf(text, room, "%.*s", (int) (n < 100 ? n : 100), q);
                *line = k;
                *at = column_of(p, q);
                found = 1;
                break;
            }

            flow = *q == '[' || *q == ',' || (flow && *q == ' ');
        }
    }

    return found;
}


/* what libyaml says, and what we say instead; %u is the line in which the
 * list, the mapping or the quote begins */

static const struct {
    const char  *problem, *context, *words;
} plain[] = {
    { "did not find expected ',' or ']'", NULL,
      "\",\" or \"]\" is missing: the list that begins in line %u has no end" },
    { "did not find expected ',' or '}'", NULL,
      "\",\" or \"}\" is missing: what begins with \"{\" in line %u has no "
      "end" },
    { "did not find expected key", NULL,
      "this line does not fit those above (from line %u on): is it indented as "
      "they are?" },
    { "did not find expected '-' indicator", NULL,
      "\"- \" expected, as in the list above (from line %u on): is the line "
      "indented as it is?" },
    { "did not find expected node content", NULL,
      "a text is missing here: is there a comma too many, or one in "
      "front of the first?" },
    { "mapping values are not allowed in this context", NULL,
      "\": \" cannot stand here: a text with \": \" in it is written in quotes; "
      "else look at how this line and the one above are indented" },
    { "could not find expected ':'", NULL,
      "\": \" is missing in line %u, or it is indented wrongly" },
    { "block sequence entries are not allowed in this context", NULL,
      "\"- \" cannot stand here: a list begins in a line of its own" },
    { "found character that cannot start any token", NULL,
      "no text can begin with this character: write it in quotes (indent with "
      "blanks, not with tabs)" },
    { "found a tab character that violates indentation", NULL,
      "a tab: indent with blanks" },
    { "found a tab character where an indentation space is expected", NULL,
      "a tab: indent with blanks" },
    { "found unexpected end of stream", "while scanning a quoted scalar",
      "the quote that begins in line %u has no end" },
    { "found unexpected document indicator", "while scanning a quoted scalar",
      "the quote that begins in line %u has no end" },
    { "found unknown escape character", NULL,
      "this backslash means nothing between \"\": write the text between ''" },
    { "did not find expected hexdecimal number", NULL,
      "a number of hexadecimal digits is missing behind the backslash" },
    { "found unexpected ':'", NULL,
      "\":\" without a blank behind it: write the text in quotes" },
    { "did not find expected <document start>", NULL,
      "this line belongs to nothing above: is it indented rightly?" },
};


void
mdr_load_plain(const char *problem, const char *context, uint32_t from,
    char *text, size_t room)
{
    size_t  i;

    for (i = 0; problem != NULL && i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (strcmp(plain[i].problem, problem) == 0
            && (plain[i].context == NULL
                || (context != NULL && strcmp(plain[i].context, context) == 0)))
        {
            snprintf(text, room, plain[i].words, from);
            return;
        }
    }

    snprintf(text, room, "%s%s%s", problem != NULL ? problem : "cannot be read",
             context != NULL ? " " : "", context != NULL ? context : "");
}
