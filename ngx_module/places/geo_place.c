/*
 * geo_place.c - the place of an address: "CN-GD/Shenzhen/Nanshan".
 *
 * A path says where in a record the parts stand and what stands between them:
 * "country.iso_code-subdivisions.0.iso_code/city.names.en".  The place ends
 * at the first part that is not there.  The first part has to be two capital
 * letters (ISO 3166-1), one behind "-" one to three letters or digits (3166-2);
 * a map turns names of other databases into such codes.
 */

#include "geo.h"

#include <errno.h>
#include <maxminddb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>


#define PARTS_MAX  6
#define STEPS_MAX  8
#define MAP_MAX    ((size_t) 1 << 20)


struct mdr_geo_path_s {
    unsigned     n;
    char         before[PARTS_MAX];     /* 0, '-' or '/'                     */
    const char  *step[PARTS_MAX][STEPS_MAX + 1];
    char         text[];
};

typedef struct {
    const char  *name, *code;
    size_t       line;
} pair_t;

struct mdr_geo_map_s {
    size_t   n;
    pair_t  *pairs;                     /* by name                           */
    char    *text;
};


mdr_geo_path_t *
mdr_geo_path_new(const char *s, char *text, size_t n)
{
    char            *p, *slash;
    size_t           steps;
    mdr_geo_path_t  *path;

    path = calloc(1, sizeof(mdr_geo_path_t) + strlen(s) + 1);
    if (path == NULL) {
        snprintf(text, n, "no memory");
        return NULL;
    }

    strcpy(path->text, s);
    p = path->text;
    slash = strchr(p, '/');

    /* names may have a "-" in them: names.zh-CN */

    for (path->n = 1, steps = 0, path->step[0][0] = p; ; p++) {

        if (*p != '\0' && *p != '.' && *p != '/'
            && !(*p == '-' && path->n == 1
                 && (slash == NULL || p < slash)))
        {
            continue;
        }

        if (p == path->step[path->n - 1][steps]) {
            snprintf(text, n, "path \"%s\": an empty name", s);
            break;
        }

        if (*p == '\0') {
            return path;
        }

        if (*p == '.') {
            if (++steps == STEPS_MAX) {
                snprintf(text, n, "path \"%s\": more than %d names in a part",
                         s, STEPS_MAX);
                break;
            }

        } else {
            if (path->n == PARTS_MAX) {
                snprintf(text, n, "path \"%s\": more than %d parts", s,
                         PARTS_MAX);
                break;
            }

            path->before[path->n++] = *p;
            steps = 0;
        }

        *p = '\0';
        path->step[path->n - 1][steps] = p + 1;
    }

    free(path);

    return NULL;
}


void
mdr_geo_path_free(mdr_geo_path_t *p)
{
    free(p);
}


unsigned
mdr_geo_path_depth(const mdr_geo_path_t *p)
{
    return p->n > 1 && p->before[1] == '/' ? p->n + 1 : p->n;
}


static int
by_name(const void *a, const void *b)
{
    int  rc;

    rc = strcmp(((const pair_t *) a)->name, ((const pair_t *) b)->name);

    return rc != 0 ? rc
           : ((const pair_t *) a)->line < ((const pair_t *) b)->line ? -1 : 1;
}


mdr_geo_map_t *
mdr_geo_map_new(const char *file, char *text, size_t n)
{
    int             moving;
    char           *p, *e, *tab, *t;
    size_t          size, line;
    uint8_t        *data;
    mdr_geo_map_t  *m;

    data = mdr_geo_read(file, &size, &moving, text, n);
    if (data == NULL) {
        return NULL;
    }

    m = calloc(1, sizeof(mdr_geo_map_t));

    if (m == NULL || size > MAP_MAX) {
        snprintf(text, n, m == NULL ? "no memory" : "larger than 1 MB");
        free(data);
        free(m);
        return NULL;
    }

    data[size] = '\0';
    m->text = (char *) data;
    m->pairs = malloc((size / 3 + 1) * sizeof(pair_t));

    if (m->pairs == NULL) {
        snprintf(text, n, "no memory");
        mdr_geo_map_free(m);
        return NULL;
    }

    p = m->text;

    if (strncmp(p, "\xef\xbb\xbf", 3) == 0) {
        p += 3;
    }

    for (line = 1; p != NULL && *p != '\0'; p = e, line++) {
        e = strchr(p, '\n');

        if (e != NULL) {
            *e++ = '\0';
        }

        for (t = p + strlen(p);
             t > p && (t[-1] == ' ' || t[-1] == '\r' || t[-1] == '\t'); t--)
        {
            t[-1] = '\0';
        }

        if (*p == '\0' || *p == '#') {
            continue;
        }

        tab = strchr(p, '\t');

        if (tab == NULL || tab == p) {
            snprintf(text, n, "line %zu: \"name TAB code\" expected", line);
            mdr_geo_map_free(m);
            return NULL;
        }

        *tab++ = '\0';
        m->pairs[m->n].name = p;
        m->pairs[m->n].code = tab + strspn(tab, " \t");
        m->pairs[m->n++].line = line;
    }

    if (m->n > 1) {
        qsort(m->pairs, m->n, sizeof(pair_t), by_name);
    }

    return m;
}


void
mdr_geo_map_free(mdr_geo_map_t *m)
{
    if (m != NULL) {
        free(m->pairs);
        free(m->text);
        free(m);
    }
}


static const char *
code_of(const mdr_geo_map_t *m, const char *name)
{
    int     rc;
    size_t  from, to, mid;

    from = 0;
    to = m->n;

    while (from < to) {
        mid = from + (to - from) / 2;
        rc = strcmp(m->pairs[mid].name, name);

        if (rc == 0) {
            return m->pairs[mid].code;
        }

        if (rc < 0) {
            from = mid + 1;
        } else {
            to = mid;
        }
    }

    return NULL;
}


typedef struct {
    uint8_t  net[16];
    uint8_t  bits;
} net_t;

/* RFC 6890 and the registries that it began, without 2002::/16 and the like,
 * which are somebody's */

static const net_t  nets4[] = {
    { { 0 }, 8 }, { { 10 }, 8 }, { { 100, 64 }, 10 }, { { 127 }, 8 },
    { { 169, 254 }, 16 }, { { 172, 16 }, 12 }, { { 192, 0, 0 }, 24 },
    { { 192, 0, 2 }, 24 }, { { 192, 88, 99 }, 24 }, { { 192, 168 }, 16 },
    { { 198, 18 }, 15 }, { { 198, 51, 100 }, 24 }, { { 203, 0, 113 }, 24 },
    { { 224 }, 3 }
};

static const net_t  nets6[] = {
    { { 0 }, 127 },                     /* :: and ::1                        */
    { { 0x01 }, 64 },                   /* discard                           */
    { { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation                     */
    { { 0x20, 0x01, 0x00 }, 23 },       /* protocol assignments, Teredo      */
    { { 0x3f, 0xff }, 20 },
    { { 0xfc }, 7 }, { { 0xfe, 0x80 }, 10 }, { { 0xfe, 0xc0 }, 10 },
    { { 0xff }, 8 }
};


static int
in_net(const uint8_t *addr, const net_t *net)
{
    unsigned  n;

    n = net->bits / 8;

    return memcmp(addr, net->net, n) == 0
           && (net->bits % 8 == 0
               || ((addr[n] ^ net->net[n]) >> (8 - net->bits % 8)) == 0);
}


int
mdr_geo_reserved(const struct sockaddr *sa)
{
    size_t                      i;
    const uint8_t              *a;
    const struct sockaddr_in6  *in6;

    if (sa->sa_family == AF_INET) {
        a = (const uint8_t *) &((const struct sockaddr_in *) sa)->sin_addr;

    } else if (sa->sa_family == AF_INET6) {
        in6 = (const struct sockaddr_in6 *) sa;
        a = in6->sin6_addr.s6_addr;

        if (!IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
            for (i = 0; i < sizeof(nets6) / sizeof(nets6[0]); i++) {
                if (in_net(a, &nets6[i])) {
                    return 1;
                }
            }

            return 0;
        }

        a += 12;

    } else {
        return 1;
    }

    for (i = 0; i < sizeof(nets4) / sizeof(nets4[0]); i++) {
        if (in_net(a, &nets4[i])) {
            return 1;
        }
    }

    return 0;
}


/* may the n bytes of s be part i of a place? */

static int
fits(unsigned i, char before, const char *s, size_t n)
{
    size_t  k;

    for (k = 0; k < n; k++) {
        if (i == 0 ? s[k] < 'A' || s[k] > 'Z'
            : before == '-' ? !((s[k] >= 'A' && s[k] <= 'Z')
                                || (s[k] >= '0' && s[k] <= '9'))
            : (uint8_t) s[k] < 0x20 || s[k] == 0x7f)
        {
            return 0;
        }
    }

    return i == 0 ? k == 2 : before == '-' ? k >= 1 && k <= 3 : k >= 1;
}


size_t
mdr_geo_place(const mdr_geo_t *g, const mdr_geo_path_t *path,
    const mdr_geo_map_t *map, const struct sockaddr *sa,
    char place[MDR_GEO_PLACE])
{
    int                   rc;
    char                  part[MDR_GEO_PLACE];
    size_t                n, len, k;
    unsigned              i;
    const char           *code;
    struct sockaddr_in    in;
    MMDB_entry_data_s     data;
    MMDB_lookup_result_s  r;

    place[0] = '\0';

    if (mdr_geo_reserved(sa)) {
        return 0;
    }

    if (sa->sa_family == AF_INET6
        && IN6_IS_ADDR_V4MAPPED(&((const struct sockaddr_in6 *) sa)
                                ->sin6_addr))
    {
        memset(&in, 0, sizeof(in));
        in.sin_family = AF_INET;
        memcpy(&in.sin_addr, ((const struct sockaddr_in6 *) sa)
                             ->sin6_addr.s6_addr + 12, 4);
        sa = (const struct sockaddr *) &in;
    }

    if (sa->sa_family == AF_INET6 && mdr_geo_db(g)->metadata.ip_version == 4) {
        return 0;
    }

    r = MMDB_lookup_sockaddr(mdr_geo_db(g), sa, &rc);

    if (rc != MMDB_SUCCESS || !r.found_entry) {
        return 0;
    }

    for (i = 0, n = 0; i < path->n; i++) {

        if (MMDB_aget_value(&r.entry, &data,
                            (const char *const *) path->step[i])
            != MMDB_SUCCESS
            || !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING
            || data.data_size == 0 || data.data_size >= sizeof(part))
        {
            break;
        }

        len = data.data_size;
        memcpy(part, data.utf8_string, len);
        part[len] = '\0';

        code = map != NULL ? code_of(map, part) : NULL;

        if (code != NULL) {
            len = strlen(code);
            if (len >= sizeof(part)) {
                break;
            }
            memcpy(part, code, len + 1);
        }

        if (!fits(i, path->before[i], part, len)
            || n + len + 2 > MDR_GEO_PLACE)
        {
            break;
        }

        for (k = 0; k < len; k++) {
            if (part[k] == '/') {
                part[k] = '-';
            }
        }

        if (i != 0) {
            place[n++] = path->before[i];
        }

        memcpy(place + n, part, len + 1);
        n += len;
    }

    return n;
}
