/*
 * html_doctype.c - quirks mode, told from the doctype (WHATWG HTML, section
 * 13.2.6.4.1).  It matters for one thing here: in quirks mode a table does
 * not end a p.
 */

#include "html.h"

#include <string.h>


static size_t
skip_space(const uint8_t *p, size_t n, size_t i)
{
    while (i < n && (p[i] == ' ' || p[i] == '\t' || p[i] == '\n'
                     || p[i] == '\r' || p[i] == '\f'))
    {
        i++;
    }

    return i;
}


static int
has(const uint8_t *p, size_t n, const char *s)
{
    size_t   i;
    uint8_t  c;

    for (i = 0; s[i] != '\0'; i++) {
        if (i == n) {
            return 0;
        }
        c = p[i] >= 'A' && p[i] <= 'Z' ? (uint8_t) (p[i] | 32) : p[i];
        if (c != (uint8_t) s[i]) {
            return 0;
        }
    }

    return 1;
}


static int
is(const uint8_t *p, size_t n, const char *s)
{
    return n == strlen(s) && has(p, n, s);
}


/* a quoted identifier at *i; 0: malformed */

static int
quoted(const uint8_t *p, size_t n, size_t *i, const uint8_t **s, size_t *len)
{
    const uint8_t  *q;

    if (*i == n || (p[*i] != '"' && p[*i] != '\'')) {
        return 0;
    }

    q = memchr(p + *i + 1, p[*i], n - *i - 1);
    if (q == NULL) {
        return 0;
    }

    *s = p + *i + 1;
    *len = (size_t) (q - *s);
    *i = (size_t) (q - p) + 1;

    return 1;
}


int
mdr_html_is_quirky(const uint8_t *p, size_t n)
{
    size_t          i, k, plen, slen;
    const uint8_t  *pub, *sys;

    static const char *const  old[] = {
        "+//silmaril//dtd html pro v0r11 19970101//",
        "-//as//dtd html 3.0 aswedit + extensions//",
        "-//advasoft ltd//dtd html 3.0 aswedit + extensions//",
        "-//ietf//dtd html 2.0 level 1//", "-//ietf//dtd html 2.0 level 2//",
        "-//ietf//dtd html 2.0 strict level 1//",
        "-//ietf//dtd html 2.0 strict level 2//",
        "-//ietf//dtd html 2.0 strict//", "-//ietf//dtd html 2.0//",
        "-//ietf//dtd html 2.1e//", "-//ietf//dtd html 3.0//",
        "-//ietf//dtd html 3.2 final//", "-//ietf//dtd html 3.2//",
        "-//ietf//dtd html 3//", "-//ietf//dtd html level 0//",
        "-//ietf//dtd html level 1//", "-//ietf//dtd html level 2//",
        "-//ietf//dtd html level 3//", "-//ietf//dtd html strict level 0//",
        "-//ietf//dtd html strict level 1//",
        "-//ietf//dtd html strict level 2//",
        "-//ietf//dtd html strict level 3//", "-//ietf//dtd html strict//",
        "-//ietf//dtd html//", "-//metrius//dtd metrius presentational//",
        "-//microsoft//dtd internet explorer 2.0 html strict//",
        "-//microsoft//dtd internet explorer 2.0 html//",
        "-//microsoft//dtd internet explorer 2.0 tables//",
        "-//microsoft//dtd internet explorer 3.0 html strict//",
        "-//microsoft//dtd internet explorer 3.0 html//",
        "-//microsoft//dtd internet explorer 3.0 tables//",
        "-//netscape comm. corp.//dtd html//",
        "-//netscape comm. corp.//dtd strict html//",
        "-//o'reilly and associates//dtd html 2.0//",
        "-//o'reilly and associates//dtd html extended 1.0//",
        "-//o'reilly and associates//dtd html extended relaxed 1.0//",
        "-//sq//dtd html 2.0 hotmetal + extensions//",
        "-//softquad software//dtd hotmetal pro 6.0::19990601::extensions to "
        "html 4.0//",
        "-//softquad//dtd hotmetal pro 4.0::19971010::extensions to html "
        "4.0//",
        "-//spyglass//dtd html 2.0 extended//",
        "-//sun microsystems corp.//dtd hotjava html//",
        "-//sun microsystems corp.//dtd hotjava strict html//",
        "-//w3c//dtd html 3 1995-03-24//", "-//w3c//dtd html 3.2 draft//",
        "-//w3c//dtd html 3.2 final//", "-//w3c//dtd html 3.2//",
        "-//w3c//dtd html 3.2s draft//", "-//w3c//dtd html 4.0 frameset//",
        "-//w3c//dtd html 4.0 transitional//",
        "-//w3c//dtd html experimental 19960712//",
        "-//w3c//dtd html experimental 970421//", "-//w3c//dtd w3 html//",
        "-//w3o//dtd w3 html 3.0//", "-//webtechs//dtd mozilla html 2.0//",
        "-//webtechs//dtd mozilla html//"
    };

    i = skip_space(p, n, 0);

    if (!has(p + i, n - i, "html")
        || (i + 4 < n && skip_space(p, n, i + 4) == i + 4))
    {
        return 1;
    }

    i = skip_space(p, n, i + 4);

    if (i == n) {
        return 0;
    }

    pub = NULL;
    sys = NULL;
    plen = 0;
    slen = 0;

    if (has(p + i, n - i, "public")) {
        i = skip_space(p, n, i + 6);

        if (!quoted(p, n, &i, &pub, &plen)) {
            return 1;
        }

        i = skip_space(p, n, i);

        if (i < n && !quoted(p, n, &i, &sys, &slen)) {
            return 1;
        }

    } else if (has(p + i, n - i, "system")) {
        i = skip_space(p, n, i + 6);

        if (!quoted(p, n, &i, &sys, &slen)) {
            return 1;
        }

    } else {
        return 1;
    }

    if (sys != NULL
        && is(sys, slen, "http://www.ibm.com/data/dtd/v11/"
                         "ibmxhtml1-transitional.dtd"))
    {
        return 1;
    }

    if (pub == NULL) {
        return 0;
    }

    if (is(pub, plen, "-//w3o//dtd w3 html strict 3.0//en//")
        || is(pub, plen, "-/w3c/dtd html 4.0 transitional/en")
        || is(pub, plen, "html"))
    {
        return 1;
    }

    for (k = 0; k < sizeof(old) / sizeof(old[0]); k++) {
        if (has(pub, plen, old[k])) {
            return 1;
        }
    }

    return sys == NULL
           && (has(pub, plen, "-//w3c//dtd html 4.01 frameset//")
               || has(pub, plen, "-//w3c//dtd html 4.01 transitional//"));
}
