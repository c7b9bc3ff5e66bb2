/*
 * charset_sniff.c - which charset a body is in.
 *
 * Labels (WHATWG encoding, "names and labels"), byte order marks, and the
 * declarations inside a page (WHATWG HTML, "prescan a byte stream to
 * determine its encoding" and "get an XML encoding").  The prescan reads its
 * bytes once, and ends where they end, so more bytes never change an answer
 * that was found in fewer.
 */

#include "charset.h"

#include <string.h>

#define PRESCAN_BYTES  1024
#define LABEL_MAX      24
#define ATTR_MAX       32           /* kept; longer names are of no interest */

/* labels of encodings that the standard has and the engine has not */
#define CS_OTHER       100
#define CS_USER        101          /* x-user-defined                       */

typedef struct {
    const char  *label;
    int          cs;
} label_t;

/* sorted */
static const label_t  labels[] = {
    { "866", CS_OTHER },
    { "ansi_x3.4-1968", MDR_CS_WINDOWS_1252 },
    { "arabic", CS_OTHER },
    { "ascii", MDR_CS_WINDOWS_1252 },
    { "asmo-708", CS_OTHER },
    { "big5", MDR_CS_BIG5 },
    { "big5-hkscs", MDR_CS_BIG5 },
    { "chinese", MDR_CS_GBK },
    { "cn-big5", MDR_CS_BIG5 },
    { "cp1250", CS_OTHER },
    { "cp1251", CS_OTHER },
    { "cp1252", MDR_CS_WINDOWS_1252 },
    { "cp1253", CS_OTHER },
    { "cp1254", CS_OTHER },
    { "cp1255", CS_OTHER },
    { "cp1256", CS_OTHER },
    { "cp1257", CS_OTHER },
    { "cp1258", CS_OTHER },
    { "cp819", MDR_CS_WINDOWS_1252 },
    { "cp866", CS_OTHER },
    { "csbig5", MDR_CS_BIG5 },
    { "cseuckr", CS_OTHER },
    { "cseucpkdfmtjapanese", CS_OTHER },
    { "csgb2312", MDR_CS_GBK },
    { "csibm866", CS_OTHER },
    { "csiso2022jp", CS_OTHER },
    { "csiso2022kr", CS_OTHER },
    { "csiso58gb231280", MDR_CS_GBK },
    { "csiso88596e", CS_OTHER },
    { "csiso88596i", CS_OTHER },
    { "csiso88598e", CS_OTHER },
    { "csiso88598i", CS_OTHER },
    { "csisolatin1", MDR_CS_WINDOWS_1252 },
    { "csisolatin2", CS_OTHER },
    { "csisolatin3", CS_OTHER },
    { "csisolatin4", CS_OTHER },
    { "csisolatin5", CS_OTHER },
    { "csisolatin6", CS_OTHER },
    { "csisolatin9", CS_OTHER },
    { "csisolatinarabic", CS_OTHER },
    { "csisolatincyrillic", CS_OTHER },
    { "csisolatingreek", CS_OTHER },
    { "csisolatinhebrew", CS_OTHER },
    { "cskoi8r", CS_OTHER },
    { "csksc56011987", CS_OTHER },
    { "csmacintosh", CS_OTHER },
    { "csshiftjis", CS_OTHER },
    { "csunicode", MDR_CS_UTF16LE },
    { "cyrillic", CS_OTHER },
    { "dos-874", CS_OTHER },
    { "ecma-114", CS_OTHER },
    { "ecma-118", CS_OTHER },
    { "elot_928", CS_OTHER },
    { "euc-jp", CS_OTHER },
    { "euc-kr", CS_OTHER },
    { "gb18030", MDR_CS_GB18030 },
    { "gb2312", MDR_CS_GBK },
    { "gb_2312", MDR_CS_GBK },
    { "gb_2312-80", MDR_CS_GBK },
    { "gbk", MDR_CS_GBK },
    { "greek", CS_OTHER },
    { "greek8", CS_OTHER },
    { "hebrew", CS_OTHER },
    { "hz-gb-2312", CS_OTHER },
    { "ibm819", MDR_CS_WINDOWS_1252 },
    { "ibm866", CS_OTHER },
    { "iso-10646-ucs-2", MDR_CS_UTF16LE },
    { "iso-2022-cn", CS_OTHER },
    { "iso-2022-cn-ext", CS_OTHER },
    { "iso-2022-jp", CS_OTHER },
    { "iso-2022-kr", CS_OTHER },
    { "iso-8859-1", MDR_CS_WINDOWS_1252 },
    { "iso-8859-10", CS_OTHER },
    { "iso-8859-11", CS_OTHER },
    { "iso-8859-13", CS_OTHER },
    { "iso-8859-14", CS_OTHER },
    { "iso-8859-15", CS_OTHER },
    { "iso-8859-16", CS_OTHER },
    { "iso-8859-2", CS_OTHER },
    { "iso-8859-3", CS_OTHER },
    { "iso-8859-4", CS_OTHER },
    { "iso-8859-5", CS_OTHER },
    { "iso-8859-6", CS_OTHER },
    { "iso-8859-6-e", CS_OTHER },
    { "iso-8859-6-i", CS_OTHER },
    { "iso-8859-7", CS_OTHER },
    { "iso-8859-8", CS_OTHER },
    { "iso-8859-8-e", CS_OTHER },
    { "iso-8859-8-i", CS_OTHER },
    { "iso-8859-9", CS_OTHER },
    { "iso-ir-100", MDR_CS_WINDOWS_1252 },
    { "iso-ir-101", CS_OTHER },
    { "iso-ir-109", CS_OTHER },
    { "iso-ir-110", CS_OTHER },
    { "iso-ir-126", CS_OTHER },
    { "iso-ir-127", CS_OTHER },
    { "iso-ir-138", CS_OTHER },
    { "iso-ir-144", CS_OTHER },
    { "iso-ir-148", CS_OTHER },
    { "iso-ir-149", CS_OTHER },
    { "iso-ir-157", CS_OTHER },
    { "iso-ir-58", MDR_CS_GBK },
    { "iso8859-1", MDR_CS_WINDOWS_1252 },
    { "iso8859-10", CS_OTHER },
    { "iso8859-11", CS_OTHER },
    { "iso8859-13", CS_OTHER },
    { "iso8859-14", CS_OTHER },
    { "iso8859-15", CS_OTHER },
    { "iso8859-2", CS_OTHER },
    { "iso8859-3", CS_OTHER },
    { "iso8859-4", CS_OTHER },
    { "iso8859-5", CS_OTHER },
    { "iso8859-6", CS_OTHER },
    { "iso8859-7", CS_OTHER },
    { "iso8859-8", CS_OTHER },
    { "iso8859-9", CS_OTHER },
    { "iso88591", MDR_CS_WINDOWS_1252 },
    { "iso885910", CS_OTHER },
    { "iso885911", CS_OTHER },
    { "iso885913", CS_OTHER },
    { "iso885914", CS_OTHER },
    { "iso885915", CS_OTHER },
    { "iso88592", CS_OTHER },
    { "iso88593", CS_OTHER },
    { "iso88594", CS_OTHER },
    { "iso88595", CS_OTHER },
    { "iso88596", CS_OTHER },
    { "iso88597", CS_OTHER },
    { "iso88598", CS_OTHER },
    { "iso88599", CS_OTHER },
    { "iso_8859-1", MDR_CS_WINDOWS_1252 },
    { "iso_8859-15", CS_OTHER },
    { "iso_8859-1:1987", MDR_CS_WINDOWS_1252 },
    { "iso_8859-2", CS_OTHER },
    { "iso_8859-2:1987", CS_OTHER },
    { "iso_8859-3", CS_OTHER },
    { "iso_8859-3:1988", CS_OTHER },
    { "iso_8859-4", CS_OTHER },
    { "iso_8859-4:1988", CS_OTHER },
    { "iso_8859-5", CS_OTHER },
    { "iso_8859-5:1988", CS_OTHER },
    { "iso_8859-6", CS_OTHER },
    { "iso_8859-6:1987", CS_OTHER },
    { "iso_8859-7", CS_OTHER },
    { "iso_8859-7:1987", CS_OTHER },
    { "iso_8859-8", CS_OTHER },
    { "iso_8859-8:1988", CS_OTHER },
    { "iso_8859-9", CS_OTHER },
    { "iso_8859-9:1989", CS_OTHER },
    { "koi", CS_OTHER },
    { "koi8", CS_OTHER },
    { "koi8-r", CS_OTHER },
    { "koi8-ru", CS_OTHER },
    { "koi8-u", CS_OTHER },
    { "koi8_r", CS_OTHER },
    { "korean", CS_OTHER },
    { "ks_c_5601-1987", CS_OTHER },
    { "ks_c_5601-1989", CS_OTHER },
    { "ksc5601", CS_OTHER },
    { "ksc_5601", CS_OTHER },
    { "l1", MDR_CS_WINDOWS_1252 },
    { "l2", CS_OTHER },
    { "l3", CS_OTHER },
    { "l4", CS_OTHER },
    { "l5", CS_OTHER },
    { "l6", CS_OTHER },
    { "l9", CS_OTHER },
    { "latin1", MDR_CS_WINDOWS_1252 },
    { "latin2", CS_OTHER },
    { "latin3", CS_OTHER },
    { "latin4", CS_OTHER },
    { "latin5", CS_OTHER },
    { "latin6", CS_OTHER },
    { "logical", CS_OTHER },
    { "mac", CS_OTHER },
    { "macintosh", CS_OTHER },
    { "ms932", CS_OTHER },
    { "ms_kanji", CS_OTHER },
    { "replacement", CS_OTHER },
    { "shift-jis", CS_OTHER },
    { "shift_jis", CS_OTHER },
    { "sjis", CS_OTHER },
    { "sun_eu_greek", CS_OTHER },
    { "tis-620", CS_OTHER },
    { "ucs-2", MDR_CS_UTF16LE },
    { "unicode", MDR_CS_UTF16LE },
    { "unicode-1-1-utf-8", MDR_CS_UTF8 },
    { "unicode11utf8", MDR_CS_UTF8 },
    { "unicode20utf8", MDR_CS_UTF8 },
    { "unicodefeff", MDR_CS_UTF16LE },
    { "unicodefffe", MDR_CS_UTF16BE },
    { "us-ascii", MDR_CS_WINDOWS_1252 },
    { "utf-16", MDR_CS_UTF16LE },
    { "utf-16be", MDR_CS_UTF16BE },
    { "utf-16le", MDR_CS_UTF16LE },
    { "utf-8", MDR_CS_UTF8 },
    { "utf8", MDR_CS_UTF8 },
    { "visual", CS_OTHER },
    { "windows-1250", CS_OTHER },
    { "windows-1251", CS_OTHER },
    { "windows-1252", MDR_CS_WINDOWS_1252 },
    { "windows-1253", CS_OTHER },
    { "windows-1254", CS_OTHER },
    { "windows-1255", CS_OTHER },
    { "windows-1256", CS_OTHER },
    { "windows-1257", CS_OTHER },
    { "windows-1258", CS_OTHER },
    { "windows-31j", CS_OTHER },
    { "windows-874", CS_OTHER },
    { "windows-949", CS_OTHER },
    { "x-cp1250", CS_OTHER },
    { "x-cp1251", CS_OTHER },
    { "x-cp1252", MDR_CS_WINDOWS_1252 },
    { "x-cp1253", CS_OTHER },
    { "x-cp1254", CS_OTHER },
    { "x-cp1255", CS_OTHER },
    { "x-cp1256", CS_OTHER },
    { "x-cp1257", CS_OTHER },
    { "x-cp1258", CS_OTHER },
    { "x-euc-jp", CS_OTHER },
    { "x-gbk", MDR_CS_GBK },
    { "x-mac-cyrillic", CS_OTHER },
    { "x-mac-roman", CS_OTHER },
    { "x-mac-ukrainian", CS_OTHER },
    { "x-sjis", CS_OTHER },
    { "x-unicode20utf8", MDR_CS_UTF8 },
    { "x-user-defined", CS_USER },
    { "x-x-big5", MDR_CS_BIG5 }
};


static inline int
is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


static inline uint8_t
lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t) (c | 0x20) : c;
}


/* "get an encoding": MDR_CS_*, CS_OTHER, CS_USER, or MDR_CS_NONE */

static int
find_label(const uint8_t *p, size_t n)
{
    int     d;
    char    buf[LABEL_MAX + 1];
    size_t  i, lo, hi, mid;

    while (n > 0 && is_space(p[0])) {
        p++;
        n--;
    }

    while (n > 0 && is_space(p[n - 1])) {
        n--;
    }

    if (n == 0 || n > LABEL_MAX) {
        return MDR_CS_NONE;
    }

    for (i = 0; i < n; i++) {
        if (p[i] == '\0') {
            return MDR_CS_NONE;
        }
        buf[i] = (char) lower(p[i]);
    }

    buf[n] = '\0';
    lo = 0;
    hi = sizeof(labels) / sizeof(labels[0]);

    while (lo < hi) {
        mid = (lo + hi) / 2;
        d = strcmp(buf, labels[mid].label);

        if (d == 0) {
            return labels[mid].cs;
        }

        if (d < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }

    return MDR_CS_NONE;
}


int
mdr_charset_label(const char *label, size_t len)
{
    int  cs;

    cs = find_label((const uint8_t *) label, len);

    return cs >= CS_OTHER ? MDR_CS_NONE : cs;
}


const char *
mdr_charset_name(int cs)
{
    static const char *const  names[] = {
        "UTF-8", "GBK", "gb18030", "Big5", "UTF-16LE", "UTF-16BE",
        "windows-1252"
    };

    return cs >= 0 && cs < MDR_CS_NONE ? names[cs] : "";
}


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
    while (s->i < s->n && is_space(s->p[s->i])) {
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

    while (s->i < s->n && (is_space(s->p[s->i]) || s->p[s->i] == '/')) {
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

        if ((c == '=' && a->name.len != 0) || is_space((uint8_t) c)) {
            break;
        }

        if (c == '/' || c == '>') {
            return 1;
        }

        if (a->name.len < ATTR_MAX) {
            a->name.data[a->name.len] = lower((uint8_t) c);
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

        if (quote != 0 ? c == quote : is_space((uint8_t) c) || c == '>') {
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
        if (lower(p[i]) != (uint8_t) word[i]) {
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

        while (i < n && is_space(p[i])) {
            i++;
        }

        if (i < n && p[i] == '=') {
            break;
        }
    }

    i++;

    while (i < n && is_space(p[i])) {
        i++;
    }

    if (i == n) {
        return MDR_CS_NONE;
    }

    if (p[i] == '"' || p[i] == '\'') {
        quote = p[i++];

        for (start = i; i < n && p[i] != quote; i++) { /* void */ }

        return i < n ? find_label(p + start, i - start) : MDR_CS_NONE;
    }

    for (start = i; i < n && !is_space(p[i]) && p[i] != ';'; i++) {
        /* void */
    }

    return find_label(p + start, i - start);
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
            charset = find_label(a.value, a.value_len);
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

    return cs == CS_USER ? MDR_CS_WINDOWS_1252 : cs;
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
            && (is_space(gt[5]) || gt[5] == '/'))
        {
            s.i += 5;

            cs = get_meta(&s);
            if (cs != MDR_CS_NONE) {
                return declared(cs);
            }
            continue;
        }

        close = n - s.i >= 2 && gt[1] == '/';
        c = n - s.i >= 2 + (size_t) close ? lower(gt[1 + close]) : 0;

        if (c >= 'a' && c <= 'z') {
            while (s.i < n && !is_space(p[s.i]) && p[s.i] != '>') {
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

    cs = find_label(p + start, i - start);

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
        *cs = found == CS_OTHER || found == CS_USER ? MDR_CS_NONE : found;
    }

    return MDR_OK;
}
