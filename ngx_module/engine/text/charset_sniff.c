/*
 * charset_sniff.c - which charset a body is in.
 *
 * Byte order marks, and the declarations inside a page (WHATWG HTML, "prescan
 * a byte stream to determine its encoding" and "get an XML encoding").  The
 * prescan reads its bytes once, and ends where they end, so more bytes never
 * change an answer that was found in fewer.
 */

#include "charset.h"

#include <string.h>

#define PRESCAN_BYTES  4096
#define ATTR_MAX       32           /* kept; longer names are of no interest */


/* the bytes of a prescan; cut: there were no more when one was asked for */

typedef struct {
    const uint8_t  *p;
    size_t          i, n;
    int             cut;
} prescan_t;

typedef struct {
    uint8_t  data[ATTR_MAX];
    size_t   len;                   /* also of what did not fit             */
} word_t;

typedef struct {
    const uint8_t  *value;          /* as it stands in the page             */
    size_t          value_len;
    word_t          name;           /* lower case                           */
} attr_t;


/* the byte at the position, or -1 and the prescan is over */

static inline int
peek(prescan_t *s)
{
    if (s->i >= s->n) {
        s->cut = 1;
        return -1;
    }

    return s->p[s->i];
}


static void
skip_space(prescan_t *s)
{
    while (s->i < s->n && mdr_cs_space(s->p[s->i])) {
        s->i++;
    }
}


static int
word_is(const word_t *w, const char *s)
{
    return w->len == strlen(s) && w->len <= ATTR_MAX
           && memcmp(w->data, s, w->len) == 0;
}


/* "get an attribute"; 0: there is none */

static int
get_attribute(prescan_t *s, attr_t *a)
{
    int  c, quote;

    a->name.len = 0;
    a->value = s->p;
    a->value_len = 0;

    while (s->i < s->n
           && (mdr_cs_space(s->p[s->i]) || s->p[s->i] == '/'))
    {
        s->i++;
    }

    c = peek(s);
    if (c < 0 || c == '>') {
        return 0;
    }

    for ( ;; ) {
        c = peek(s);
        if (c < 0) {
            return 0;
        }

        if ((c == '=' && a->name.len != 0) || mdr_cs_space((uint8_t) c)) {
            break;
        }

        if (c == '/' || c == '>') {
            return 1;
        }

        if (a->name.len < ATTR_MAX) {
            a->name.data[a->name.len] = mdr_cs_lower((uint8_t) c);
        }
        a->name.len++;
        s->i++;
    }

    skip_space(s);

    c = peek(s);
    if (c != '=') {
        return c >= 0;
    }

    s->i++;
    skip_space(s);

    c = peek(s);
    if (c < 0) {
        return 0;
    }

    quote = 0;

    if (c == '"' || c == '\'') {
        quote = c;
        s->i++;

    } else if (c == '>') {
        return 1;
    }

    a->value = s->p + s->i;

    for ( ;; ) {
        c = peek(s);
        if (c < 0) {
            return 0;
        }

        if (quote != 0 ? c == quote : mdr_cs_space((uint8_t) c) || c == '>') {
            break;
        }

        s->i++;
    }

    a->value_len = (size_t) (s->p + s->i - a->value);

    if (quote != 0) {
        s->i++;
    }

    return 1;
}


static int
same_word(const uint8_t *p, const char *word, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (mdr_cs_lower(p[i]) != (uint8_t) word[i]) {
            return 0;
        }
    }

    return 1;
}


/* "extracting a character encoding from a meta element" */

static int
content_charset(const uint8_t *p, size_t n)
{
    size_t   i, start;
    uint8_t  quote;

    for (i = 0; ; ) {
        while (i + 7 <= n && !same_word(p + i, "charset", 7)) {
            i++;
        }

        if (i + 7 > n) {
            return MDR_CS_NONE;
        }

        i += 7;

        while (i < n && mdr_cs_space(p[i])) {
            i++;
        }

        if (i < n && p[i] == '=') {
            break;
        }
    }

    i++;

    while (i < n && mdr_cs_space(p[i])) {
        i++;
    }

    if (i == n) {
        return MDR_CS_NONE;
    }

    if (p[i] == '"' || p[i] == '\'') {
        quote = p[i++];

        for (start = i; i < n && p[i] != quote; i++) { /* void */ }

        return i < n ? mdr_charset_find(p + start, i - start) : MDR_CS_NONE;
    }

    for (start = i; i < n && !mdr_cs_space(p[i]) && p[i] != ';'; i++) {
        /* void */
    }

    return mdr_charset_find(p + start, i - start);
}


/* behind "<meta"; MDR_CS_NONE: it says nothing */

static int
get_meta(prescan_t *s)
{
    int       cs, found, pragma, need, charset;
    attr_t    a;
    unsigned  which, seen;

    pragma = 0;
    need = -1;
    charset = MDR_CS_NONE;
    found = 0;
    seen = 0;

    /* of a name that comes again only the first counts, and only three names
     * matter */

    while (get_attribute(s, &a)) {
        which = word_is(&a.name, "http-equiv") ? 1
                : word_is(&a.name, "content") ? 2
                : word_is(&a.name, "charset") ? 4 : 0;

        if (which == 0 || (seen & which)) {
            continue;
        }

        seen |= which;

        if (which == 1) {
            pragma = a.value_len == 12
                     && same_word(a.value, "content-type", 12);

        } else if (which == 2) {
            cs = content_charset(a.value, a.value_len);

            if (cs != MDR_CS_NONE && !found) {
                charset = cs;
                found = 1;
                need = 1;
            }

        } else {
            charset = mdr_charset_find(a.value, a.value_len);
            found = 1;
            need = 0;
        }
    }

    if (s->cut || need < 0 || (need && !pragma)) {
        return MDR_CS_NONE;
    }

    return charset;
}


/* what a declaration inside the bytes can mean: they were read as ASCII, so
 * they are not in UTF-16 */

static int
declared(int cs)
{
    if (cs == MDR_CS_UTF16LE || cs == MDR_CS_UTF16BE) {
        return MDR_CS_UTF8;
    }

    return cs == MDR_CS_USER ? MDR_CS_WINDOWS_1252 : cs;
}


/* "prescan a byte stream to determine its encoding", all but its end */

static int
prescan(const uint8_t *p, size_t n)
{
    int             c, cs, close;
    attr_t          a;
    prescan_t       s;
    const uint8_t  *gt;

    s.p = p;
    s.i = 0;
    s.n = n;
    s.cut = 0;

    if (n >= 6 && memcmp(p, "<\0?\0x", 6) == 0) {
        return MDR_CS_UTF16LE;
    }

    if (n >= 6 && memcmp(p, "\0<\0?\0x", 6) == 0) {
        return MDR_CS_UTF16BE;
    }

    for ( ; s.i < n && !s.cut; s.i++) {
        gt = memchr(p + s.i, '<', n - s.i);
        if (gt == NULL) {
            break;
        }

        s.i = (size_t) (gt - p);

        if (n - s.i >= 4 && memcmp(gt, "<!--", 4) == 0) {

            /* its two dashes may also be those of the end */

            for (s.i += 4; s.i < n; s.i++) {
                if (p[s.i] == '>' && p[s.i - 1] == '-' && p[s.i - 2] == '-')
                {
                    break;
                }
            }
            continue;
        }

        if (n - s.i >= 6 && same_word(gt, "<meta", 5)
            && (mdr_cs_space(gt[5]) || gt[5] == '/'))
        {
            s.i += 5;

            cs = get_meta(&s);
            if (cs != MDR_CS_NONE) {
                return declared(cs);
            }
            continue;
        }

        close = n - s.i >= 2 && gt[1] == '/';
        c = n - s.i >= 2 + (size_t) close ? mdr_cs_lower(gt[1 + close]) : 0;

        if (c >= 'a' && c <= 'z') {
            while (s.i < n && !mdr_cs_space(p[s.i]) && p[s.i] != '>') {
                s.i++;
            }

            while (get_attribute(&s, &a)) { /* void */ }
            continue;
        }

        if (close || (n - s.i >= 2 && (gt[1] == '!' || gt[1] == '?'))) {
            while (s.i < n && p[s.i] != '>') {
                s.i++;
            }
        }
    }

    return MDR_CS_NONE;
}


/* "get an XML encoding" */

static int
xml_encoding(const uint8_t *p, size_t n)
{
    int             cs;
    size_t          i, start;
    uint8_t         quote;
    const uint8_t  *end;

    if (n < 5 || memcmp(p, "<?xml", 5) != 0) {
        return MDR_CS_NONE;
    }

    end = memchr(p, '>', n);
    if (end == NULL) {
        return MDR_CS_NONE;
    }

    n = (size_t) (end - p);

    for (i = 5; i + 8 <= n && memcmp(p + i, "encoding", 8) != 0; i++) {
        /* void */
    }

    if (i + 8 > n) {
        return MDR_CS_NONE;
    }

    for (i += 8; i < n && p[i] <= 0x20; i++) { /* void */ }

    if (i == n || p[i] != '=') {
        return MDR_CS_NONE;
    }

    for (i++; i < n && p[i] <= 0x20; i++) { /* void */ }

    if (i == n || (p[i] != '"' && p[i] != '\'')) {
        return MDR_CS_NONE;
    }

    quote = p[i++];

    for (start = i; i < n && p[i] != quote; i++) {
        if (p[i] <= 0x20) {
            return MDR_CS_NONE;
        }
    }

    if (i == n) {
        return MDR_CS_NONE;
    }

    cs = mdr_charset_find(p + start, i - start);

    return cs == MDR_CS_UTF16LE || cs == MDR_CS_UTF16BE ? MDR_CS_UTF8 : cs;
}


/* a byte order mark: its length and *cs; 0: none; -1: needs more bytes */

static int
find_bom(const uint8_t *p, size_t n, int last, int *cs)
{
    size_t  i;

    static const struct {
        uint8_t  bytes[4];
        uint8_t  len;
        uint8_t  cs;
    } marks[] = {
        { "\xef\xbb\xbf", 3, MDR_CS_UTF8 },
        { "\xfe\xff", 2, MDR_CS_UTF16BE },
        { "\xff\xfe", 2, MDR_CS_UTF16LE }
    };

    for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (n >= marks[i].len) {
            if (memcmp(p, marks[i].bytes, marks[i].len) == 0) {
                *cs = marks[i].cs;
                return marks[i].len;
            }

        } else if (!last && (n == 0 || memcmp(p, marks[i].bytes, n) == 0)) {
            return -1;
        }
    }

    return 0;
}


int
mdr_charset_sniff(const uint8_t *p, size_t n, int last, int header,
    int html, int *cs, size_t *bom_len)
{
    int  len, found;

    *bom_len = 0;

    len = find_bom(p, n, last, cs);
    if (len < 0) {
        return MDR_LIMIT;
    }

    if (len > 0) {
        *bom_len = (size_t) len;
        return MDR_OK;
    }

    *cs = header;

    if (header != MDR_CS_NONE) {
        return MDR_OK;
    }

    *cs = MDR_CS_UTF8;

    if (!html || n == 0) {
        return !html || last ? MDR_OK : MDR_LIMIT;
    }

    if (n >= PRESCAN_BYTES) {
        n = PRESCAN_BYTES;
        last = 1;
    }

    found = prescan(p, n);

    if (found == MDR_CS_NONE) {
        if (!last) {
            return MDR_LIMIT;
        }
        found = xml_encoding(p, n);
    }

    if (found != MDR_CS_NONE) {
        *cs = found == MDR_CS_OTHER || found == MDR_CS_USER ? MDR_CS_NONE
                                                            : found;
    }

    return MDR_OK;
}
