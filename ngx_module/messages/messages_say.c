/*
 * messages_say.c - the messages of loader and check in Chinese, and what
 * their codes mean.
 *
 * A message is looked for among those of its code, and what it names is put
 * into the Chinese one. The codes stay as they are in every language; a
 * message that is in no row stays English.
 */

#include "messages.h"

#include <stdio.h>
#include <string.h>


#define NAMED   8
#define DEPTH   3               /* a sentence in a sentence in a sentence     */
#define PLACES  3               /* "file:line:column", for mdr_say_line_zh    */


static const mdr_message_t *const  tables[] = {
    mdr_messages_load, mdr_messages_check
};


/* the row of the n-th code of all, or, where it is not NULL, of that one */

static const mdr_message_t *
find_code(const char *code, size_t len, size_t n)
{
    size_t                i;
    const mdr_message_t  *m;

    for (i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        for (m = tables[i]; m->en != NULL; m++) {
            if (m->code == NULL) {
                continue;
            }

            if (code != NULL ? strncmp(m->code, code, len) == 0
                               && m->code[len] == '\0'
                             : n-- == 0)
            {
                return m;
            }
        }
    }

    return NULL;
}


/* does s read as the pattern, and what is named in it? */

static int
reads_as(const char *pattern, const char *s, const char *at[NAMED],
    size_t len[NAMED])
{
    size_t       n, k;
    const char  *next, *found;

    for (n = 0; ; ) {
        next = strchr(pattern, '%');
        k = next != NULL ? (size_t) (next - pattern) : strlen(pattern);

        if (strncmp(s, pattern, k) != 0) {
            return 0;
        }

        s += k;
        pattern += k;

        if (next == NULL) {
            return *s == '\0';
        }

        if (n == NAMED) {
            return 0;
        }

        pattern++;
        next = strchr(pattern, '%');
        k = next != NULL ? (size_t) (next - pattern) : strlen(pattern);

        if (k == 0) {
            found = s + strlen(s);

        } else {
            for (found = s; *found != '\0'
                            && strncmp(found, pattern, k) != 0; found++)
            {
                /* void */
            }

            /* the last literal ends the sentence */

            while (next == NULL && *found != '\0' && found[k] != '\0') {
                for (found++; *found != '\0'
                              && strncmp(found, pattern, k) != 0; found++)
                {
                    /* void */
                }
            }

            if (*found == '\0') {
                return 0;
            }
        }

        at[n] = s;
        len[n++] = (size_t) (found - s);
        s = found;
    }
}


/* a part of a sentence, in Chinese if `deep` is left; bytes that it takes */

static size_t say(const mdr_message_t *code, const char *text, char *out,
    size_t size, int deep);


static size_t
say_part(const mdr_message_t *code, const char *s, size_t len, char *out,
    size_t size, int deep)
{
    int   n;
    char  part[768];

    if (deep != 0 && len < sizeof(part)) {
        memcpy(part, s, len);
        part[len] = '\0';
        return say(code, part, out, size, deep);
    }

    n = snprintf(out, size, "%.*s", (int) len, s);

    return (size_t) n < size ? (size_t) n : size - 1;
}


/* the row that text reads as: of its code, then of any */

static const mdr_message_t *
find(const mdr_message_t *code, const char *text, const char *at[NAMED],
    size_t len[NAMED])
{
    const mdr_message_t  *m;

    if (code != NULL) {
        for (m = code + 1; m->en != NULL && m->code == NULL; m++) {
            if (reads_as(m->en, text, at, len)) {
                return m;
            }
        }
    }

    for (m = mdr_messages_parts; m->en != NULL; m++) {
        if (reads_as(m->en, text, at, len)) {
            return m;
        }
    }

    return NULL;
}


/* size is at least 1 */

static size_t
say(const mdr_message_t *code, const char *text, char *out, size_t size,
    int deep)
{
    size_t                n, k, len[NAMED];
    const char           *z, *at[NAMED];
    const mdr_message_t  *m;

    m = find(code, text, at, len);

    if (m == NULL) {
        return say_part(code, text, strlen(text), out, size, 0);
    }

    for (z = m->zh, n = 0; *z != '\0' && n + 1 < size; ) {

        if (z[0] == '{' && z[1] >= '1' && z[1] <= '8'
            && (z[2] == '}' || (z[2] == '!' && z[3] == '}')))
        {
            k = (size_t) (z[1] - '1');
            n += say_part(code, at[k], len[k], out + n, size - n,
                          z[2] == '!' ? deep - 1 : 0);
            z += z[2] == '!' ? 4 : 3;
            continue;
        }

        out[n++] = *z++;
    }

    out[n] = '\0';

    return n;
}


const char *
mdr_say_zh(const char *code, const char *text, char *out, size_t size)
{
    const mdr_message_t  *m;

    m = code != NULL ? find_code(code, strcspn(code, ","), 0) : NULL;
    (void) say(m, text, out, size, DEPTH);

    return out;
}


/* is text a message of this code? */

static int
is_message(const mdr_message_t *code, const char *text)
{
    size_t       len[NAMED];
    const char  *at[NAMED];

    return find(code, text, at, len) != NULL;
}


/* " [code]", and how many messages more there are */

static void
say_end(const char *end, char *out, size_t size)
{
    size_t       more;
    const char  *p;

    p = strstr(end, "] (and ");

    if (p != NULL && sscanf(p, "] (and %zu more)", &more) == 1) {
        (void) snprintf(out, size, "%.*s]（另有 %zu 个错误）",
                        (int) (p - end), end, more);
    } else {
        (void) snprintf(out, size, "%s", end);
    }
}


const char *
mdr_say_line_zh(const char *line, char *out, size_t size)
{
    int                   n, places;
    char                  text[1024];
    const char           *end, *p;
    const mdr_message_t  *code;

    code = NULL;

    for (end = line; (end = strstr(end, " [")) != NULL; end++) {
        code = find_code(end + 2, strcspn(end + 2, "]"), 0);
        if (code != NULL) {
            break;
        }
    }

    if (end == NULL || (size_t) (end - line) >= sizeof(text)) {
        (void) snprintf(out, size, "%s", line);
        return out;
    }

    memcpy(text, line, (size_t) (end - line));
    text[end - line] = '\0';

    /* the message begins at the first ": " behind which one stands */

    for (p = text, places = 0; places < PLACES; places++) {

        if (is_message(code, p)) {
            n = snprintf(out, size, "%.*s", (int) (p - text), text);
            if (n >= 0 && (size_t) n < size) {
                n += (int) say(code, p, out + n, size - (size_t) n, DEPTH);
                say_end(end, out + n, size - (size_t) n);
            }
            return out;
        }

        p = strstr(p, ": ");
        if (p == NULL) {
            break;
        }
        p += 2;
    }

    (void) snprintf(out, size, "%s", line);

    return out;
}


const mdr_message_t *
mdr_code_at(size_t n)
{
    return find_code(NULL, 0, n);
}


const mdr_message_t *
mdr_code_find(const char *code)
{
    return find_code(code, strlen(code), 0);
}
