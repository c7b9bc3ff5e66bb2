/*
 * page_link.c - hosts of links (WHATWG URL, section 4.4, as far as it decides
 * where a link leads).
 */

#include "page_in.h"
#include "base/utf8.h"

#include <string.h>


#define URL_MAX  512                    /* bytes that may name a host        */


static int
is_space(uint8_t c)
{
    return c <= ' ';
}


/* references decoded, tabs and newlines left out, as browsers do; *cut: there is
 * more of it */

static size_t
plain(const uint8_t *p, size_t n, uint8_t *out, int *cut)
{
    int       k;
    size_t    i, o, len;
    uint32_t  cps[2];

    while (n != 0 && is_space(p[0])) {
        p++;
        n--;
    }

    for (i = 0, o = 0; i < n && o + 16 < URL_MAX; i += len) {
        k = p[i] == '&' ? mdr_html_ref(p + i, n - i, 1, 1, cps, &len) : 0;

        if (k <= 0) {
            len = 1;
            if (p[i] != '\t' && p[i] != '\n' && p[i] != '\r') {
                out[o++] = p[i];
            }
            continue;
        }

        if (cps[0] > ' ' || o != 0) {
            if (cps[0] != '\t' && cps[0] != '\n' && cps[0] != '\r') {
                o += mdr_utf8_put(out + o, cps[0]);
            }
        }
    }

    *cut = i < n;

    return o;
}


static int
is_slash(uint8_t c)
{
    return c == '/' || c == '\\';
}


/* the length of a scheme with its ":", 0: none */

static size_t
scheme(uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (p[i] >= 'A' && p[i] <= 'Z') {
            p[i] |= 32;
        }

        if (p[i] == ':') {
            return i != 0 ? i + 1 : 0;
        }

        if (!((p[i] >= 'a' && p[i] <= 'z')
              || (i != 0 && ((p[i] >= '0' && p[i] <= '9') || p[i] == '+'
                             || p[i] == '-' || p[i] == '.'))))
        {
            return 0;
        }
    }

    return 0;
}


size_t
mdr_page_host(const uint8_t *p, size_t n, int data, char host[MDR_HOST_MAX])
{
    int      cut;
    size_t   i, k, at, end;
    uint8_t  url[URL_MAX + 16];

    n = plain(p, n, url, &cut);
    i = 0;

    if (n >= 2 && is_slash(url[0]) && is_slash(url[1])) {
        i = 2;

    } else {
        k = scheme(url, n);

        if (k == 0) {
            return 0;
        }

        if (data && (k == 5 && memcmp(url, "data:", 5) == 0)) {
            memcpy(host, "data:", 5);
            return 5;
        }

        if (!(k == 5 && memcmp(url, "http:", 5) == 0)
            && !(k == 6 && memcmp(url, "https:", 6) == 0)
            && !(k == 4 && memcmp(url, "ftp:", 4) == 0))
        {
            return 0;
        }

        /* "http:a" without slashes is relative where the page has the same
         * scheme, a host where it has not: taken for one */

        for (i = k; i < n && is_slash(url[i]); i++) {
            /* void */
        }
    }

    while (i < n && is_slash(url[i])) {
        i++;
    }

    for (end = i; end < n && !is_slash(url[end]) && url[end] != '?'
                  && url[end] != '#'; end++)
    {
        /* void */
    }

    /* a user and a password whose end is not in sight: no host that is listed
     * ends with dots */

    if (cut && end == n) {
        k = end - i < 64 ? end - i : 64;
        memcpy(host, url + i, k);
        memcpy(host + k, "...", 3);
        return k + 3;
    }

    for (at = i; at < end; at++) {
        if (url[at] == '@') {
            i = at + 1;
        }
    }

    for (at = i; at < end && url[at] == '['; ) {
        for ( ; at < end && url[at] != ']'; at++) {
            /* void */
        }
    }

    for ( ; at < end && url[at] != ':'; at++) {
        /* void */
    }

    while (at > i && url[at - 1] == '.') {
        at--;
    }

    n = at - i < MDR_HOST_MAX - 1 ? at - i : MDR_HOST_MAX - 1;

    for (k = 0; k < n; k++) {
        host[k] = (char) (url[i + k] >= 'A' && url[i + k] <= 'Z'
                          ? url[i + k] | 32 : url[i + k]);
    }

    return n;
}


/* of the bytes of a host, the last first, so that each end of it has its own */

static inline uint32_t
hash(uint32_t h, uint8_t c)
{
    return (h ^ c) * 0x01000193u;       /* FNV-1a                            */
}

#define HASH  0x811c9dc5u


/* what of "*.a.test" a host has to end with; of "a.test" all of it */

static mdr_str_t
key_of(mdr_str_t host)
{
    if (host.len > 2 && host.data[0] == '*') {
        host.data++;
        host.len--;
    }

    return host;
}


int
mdr_hosts_init(mdr_hosts_t *set, const mdr_str_t *hosts, uint32_t n,
    mdr_arena_t *arena)
{
    uint32_t   i, k, h, size;
    mdr_str_t  key;

    for (size = 4; size < 4 * n; size *= 2) { /* void */ }

    set->hosts = hosts;
    set->mask = size - 1;
    set->slots = mdr_arena_alloc(arena, size * sizeof(uint32_t));

    if (set->slots == NULL) {
        return MDR_ERROR;
    }

    memset(set->slots, 0, size * sizeof(uint32_t));

    for (i = 0; i < n; i++) {
        key = key_of(hosts[i]);

        for (h = HASH, k = key.len; k-- > 0; ) {
            h = hash(h, (uint8_t) key.data[k]);
        }

        while (set->slots[h & set->mask] != 0) {
            h++;
        }

        set->slots[h & set->mask] = i + 1;
    }

    return MDR_OK;
}


static int
is_key(const mdr_hosts_t *set, uint32_t h, const char *p, size_t n, int whole)
{
    uint32_t   i;
    mdr_str_t  key, host;

    for ( ; (i = set->slots[h & set->mask]) != 0; h++) {
        host = set->hosts[i - 1];
        key = key_of(host);

        if (key.len == n && memcmp(key.data, p, n) == 0
            && (host.len == n) == whole)
        {
            return 1;
        }
    }

    return 0;
}


int
mdr_hosts_has(const mdr_hosts_t *set, const char *host, size_t n)
{
    size_t    i;
    uint32_t  h;

    for (h = HASH, i = n; i-- > 0; ) {
        h = hash(h, (uint8_t) host[i]);

        if ((host[i] == '.' || i == 0)
            && is_key(set, h, host + i, n - i, i == 0))
        {
            return 1;
        }
    }

    return 0;
}


int
mdr_page_is_listed(const mdr_str_t *hosts, uint32_t nhosts, const char *host,
    size_t n)
{
    uint32_t    i;
    mdr_str_t  h;

    for (i = 0; i < nhosts; i++) {
        h = hosts[i];

        if (h.len > 2 && h.data[0] == '*') {

            /* "*.example.cn": what ends with it, and is longer */

            if (n > h.len - 1
                && memcmp(host + n - (h.len - 1), h.data + 1, h.len - 1) == 0)
            {
                return 1;
            }

        } else if (h.len == n && memcmp(host, h.data, n) == 0) {
            return 1;
        }
    }

    return 0;
}


/* WHATWG HTML, 4.2.5.3, "shared declarative refresh steps" */

size_t
mdr_page_refresh(const uint8_t *p, size_t n)
{
    size_t  i;

    for (i = 0; i < n && (is_space(p[i]) || p[i] == '.'
                          || (p[i] >= '0' && p[i] <= '9')); i++)
    {
        /* void */
    }

    while (i < n && (is_space(p[i]) || p[i] == ';' || p[i] == ',')) {
        i++;
    }

    if (n - i > 3 && (p[i] | 32) == 'u' && (p[i + 1] | 32) == 'r'
        && (p[i + 2] | 32) == 'l')
    {
        for (i += 3; i < n && is_space(p[i]); i++) {
            /* void */
        }

        i += i < n && p[i] == '=';
    }

    while (i < n && (is_space(p[i]) || p[i] == '\'' || p[i] == '"')) {
        i++;
    }

    return i;
}
