/*
 * page_text.c - title and description against patterns.
 */

#include "page_in.h"
#include "base/utf8.h"


static int
is_space(uint32_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r'
           || c == 0xa0 || c == 0x3000;
}


size_t
mdr_page_plain(const uint8_t *p, size_t n, char *out, size_t room)
{
    int       k, space;
    size_t    i, o, len;
    uint32_t  cps[2], j;

    space = 0;

    for (i = 0, o = 0; i < n && o + 16 < room; i += len) {
        k = p[i] == '&' ? mdr_html_ref(p + i, n - i, 1, 0, cps, &len) : 0;

        if (k <= 0) {
            cps[0] = mdr_utf8_next(p + i, n - i, &len);
            len = len != 0 ? len : 1;
            k = 1;
        }

        for (j = 0; j < (uint32_t) k; j++) {
            if (is_space(cps[j])) {
                space = o != 0;
                continue;
            }

            if (space) {
                out[o++] = ' ';
                space = 0;
            }

            o += mdr_utf8_put((uint8_t *) out + o, cps[j]);
        }
    }

    out[o] = '\0';

    return o;
}


static int
matches(const mdr_page_rules_t *r, int which, const char *text, size_t n)
{
    int                rc;
    pcre2_match_data  *md;

    md = pcre2_match_data_create(1, NULL);

    if (md == NULL) {
        return -1;
    }

    rc = pcre2_match(r->codes[which], (PCRE2_SPTR) text, n, 0,
                     PCRE2_NO_UTF_CHECK, md, r->context);
    pcre2_match_data_free(md);

    /* a limit that is reached says nothing */

    return rc >= 0 ? 1 : rc == PCRE2_ERROR_NOMATCH ? 0 : -1;
}


int
mdr_page_is_bad(const mdr_page_rules_t *r, int must, int must_not,
    const char *text, size_t n)
{
    return (r->codes[must] != NULL && matches(r, must, text, n) == 0)
           || (r->codes[must_not] != NULL
               && matches(r, must_not, text, n) == 1);
}


const char *
mdr_pattern_bad(mdr_str_t pattern)
{
    int          code;
    PCRE2_SIZE   at;
    pcre2_code  *c;

    c = pcre2_compile((PCRE2_SPTR) pattern.data, pattern.len, PCRE2_UTF,
                      &code, &at, NULL);
    if (c == NULL) {
        return "is no regular expression";
    }

    pcre2_code_free(c);

    return NULL;
}
