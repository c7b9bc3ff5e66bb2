/*
 * places.c - geo_check.c, geo_open.c, geo_place.c: databases that are whole and
 * such that are not, paths, networks that are nobody's.
 */

#include "places/geo.h"
#include "test.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DB  "t/fixtures/places/GeoIP2-City-Test.mmdb"

union addr {
    struct sockaddr      sa;
    struct sockaddr_in   in;
    struct sockaddr_in6  in6;
};


static union addr
addr(const char *s)
{
    union addr  a;

    memset(&a, 0, sizeof(a));

    if (inet_pton(AF_INET, s, &a.in.sin_addr) == 1) {
        a.in.sin_family = AF_INET;

    } else if (inet_pton(AF_INET6, s, &a.in6.sin6_addr) == 1) {
        a.in6.sin6_family = AF_INET6;
    }

    return a;
}


static void
reserved(void)
{
    size_t      i;
    union addr  a;

    static const struct {
        const char  *ip;
        int          is;
    } t[] = {
        { "10.0.0.1", 1 }, { "127.0.0.1", 1 }, { "100.64.0.1", 1 },
        { "100.128.0.1", 0 }, { "169.254.1.1", 1 }, { "172.31.0.1", 1 },
        { "172.32.0.1", 0 }, { "192.168.1.1", 1 }, { "224.0.0.1", 1 },
        { "255.255.255.255", 1 }, { "1.2.3.4", 0 }, { "223.255.0.1", 0 },
        { "::", 1 }, { "::1", 1 }, { "::2", 0 }, { "fe80::1", 1 },
        { "fd00::1", 1 }, { "2001:db8::1", 1 }, { "2001:218::1", 0 },
        { "2001::1", 1 }, { "ff02::1", 1 }, { "::ffff:10.0.0.1", 1 },
        { "::ffff:1.2.3.4", 0 }, { "nonsense", 1 }
    };

    test_begin("networks that are nobody's");

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        a = addr(t[i].ip);

        if (mdr_geo_reserved(&a.sa) != t[i].is) {
            printf("# %s\n", t[i].ip);
        }

        CHECK(mdr_geo_reserved(&a.sa) == t[i].is);
    }
}


static void
paths(void)
{
    size_t           i;
    char             text[MDR_GEO_TEXT];
    mdr_geo_path_t  *p;

    static const struct {
        const char  *s;
        unsigned     depth;             /* 0: refused                       */
    } t[] = {
        { MDR_GEO_PATH, 4 }, { "country.iso_code", 1 }, { "a-b", 2 },
        { "a/b", 3 }, { "a-b/names.zh-CN/c", 4 }, { "", 0 }, { "a.", 0 },
        { "a..b", 0 }, { ".a", 0 }, { "a-", 0 }, { "a/b/", 0 },
        { "a/b/c/d/e/f", 7 }, { "a/b/c/d/e/f/g", 0 },
        { "a.b.c.d.e.f.g.h", 1 }, { "a.b.c.d.e.f.g.h.i", 0 }
    };

    test_begin("paths");

    for (i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
        p = mdr_geo_path_new(t[i].s, text, sizeof(text));

        if ((p == NULL ? 0 : mdr_geo_path_depth(p)) != t[i].depth) {
            printf("# %s\n", t[i].s);
        }

        CHECK((p == NULL ? 0 : mdr_geo_path_depth(p)) == t[i].depth);

        mdr_geo_path_free(p);
    }
}


/* bytes of a whole database are changed: it is refused, or can be read */

static void
damage(const uint8_t *data, size_t size, const mdr_geo_path_t *p)
{
    int         n, rounds, whole;
    char        text[MDR_GEO_TEXT], place[MDR_GEO_PLACE];
    uint8_t    *x;
    union addr  a;
    mdr_geo_t  *g;

    x = malloc(size);
    CHECK(x != NULL);
    srand(1);

    for (rounds = 0, whole = 0; x != NULL && rounds < 3000; rounds++) {
        memcpy(x, data, size);

        for (n = rounds % 4; n >= 0; n--) {
            x[(size_t) rand() % size] = (uint8_t) rand();
        }

        if (!mdr_geo_check(x, size, text, sizeof(text))) {
            continue;
        }

        g = mdr_geo_open(x, size, NULL, "", text, sizeof(text));

        for (n = 0; g != NULL && n < 64; n++) {
            a = addr("1.1.1.1");
            a.in.sin_addr.s_addr = (uint32_t) rand();
            (void) mdr_geo_place(g, p, NULL, &a.sa, place);
        }

        whole += g != NULL;
        mdr_geo_free(g);
    }

    CHECK(whole > 0 && whole < rounds / 2);
    free(x);
}


static void
database(void)
{
    int              moving;
    char             text[MDR_GEO_TEXT], place[MDR_GEO_PLACE];
    size_t           size, cut;
    uint8_t         *data;
    union addr       a;
    mdr_geo_t       *g;
    mdr_geo_info_t   info;
    mdr_geo_path_t  *p;

    test_begin("a database, and what is left of it when bytes change");

    data = mdr_geo_read(DB, &size, &moving, text, sizeof(text));
    p = mdr_geo_path_new(MDR_GEO_PATH, text, sizeof(text));
    CHECK(data != NULL && p != NULL);

    if (data == NULL || p == NULL) {
        return;
    }

    CHECK(mdr_geo_check(data, size, text, sizeof(text)));

    g = mdr_geo_open(data, size, NULL, "", text, sizeof(text));
    CHECK(g != NULL);

    if (g != NULL) {
        mdr_geo_info(g, &info);
        CHECK(info.ip_version == 6 && info.nodes > 1000 && !info.shared);

        a = addr("81.2.69.142");
        CHECK(mdr_geo_place(g, p, NULL, &a.sa, place) == 13);
        CHECK_STR(place, strlen(place), "GB-ENG/London");
        a = addr("::ffff:81.2.69.142");
        CHECK(mdr_geo_place(g, p, NULL, &a.sa, place) == 13);
        a = addr("10.0.0.1");
        CHECK(mdr_geo_place(g, p, NULL, &a.sa, place) == 0);
        mdr_geo_free(g);
    }

    /* a name with a zero byte in it is none */

    for (cut = 0; cut + 6 < size; cut++) {
        if (memcmp(data + cut, "London", 6) == 0) {
            data[cut + 3] = '\0';
        }
    }

    g = mdr_geo_open(data, size, NULL, "", text, sizeof(text));
    a = addr("81.2.69.142");
    CHECK(g != NULL && mdr_geo_place(g, p, NULL, &a.sa, place) == 6);
    CHECK_STR(place, strlen(place), "GB-ENG");
    mdr_geo_free(g);

    for (cut = 0; cut + 6 < size; cut++) {
        if (memcmp(data + cut, "Lon\0on", 6) == 0) {
            data[cut + 3] = 'd';
        }
    }

    /* metadata that the library would refuse, and not give back */

    for (cut = size - 300; cut + 11 < size; cut++) {
        if (memcmp(data + cut, "Kdescription", 12) == 0) {
            data[cut + 1] = 'D';
            CHECK(!mdr_geo_check(data, size, text, sizeof(text)));
            CHECK(strstr(text, "metadata") != NULL);
            data[cut + 1] = 'd';
            break;
        }
    }

    CHECK(cut + 11 < size);

    /* no length of it but the whole */

    for (cut = 0; cut < size; cut += 97) {
        CHECK(!mdr_geo_check(data, cut, text, sizeof(text)));
    }

    damage(data, size, p);

    free(data);
    mdr_geo_path_free(p);
}


static void
copies(void)
{
    int              moving;
    char             dir[] = "/tmp/places-XXXXXX", cmd[200],
                     text[MDR_GEO_TEXT];
    size_t           size;
    uint8_t         *data;
    mdr_geo_t       *a, *b;
    mdr_geo_info_t   info;

    test_begin("copies: one file for all who open the same bytes");

    CHECK(mkdtemp(dir) != NULL);
    data = mdr_geo_read(DB, &size, &moving, text, sizeof(text));

    if (data == NULL) {
        return;
    }

    a = mdr_geo_open(data, size, dir, "geoip2-1-", text, sizeof(text));
    b = mdr_geo_open(data, size, dir, "geoip2-1-", text, sizeof(text));
    CHECK(a != NULL && b != NULL);

    if (b != NULL) {
        mdr_geo_info(b, &info);
        CHECK(info.shared);
    }

    snprintf(cmd, sizeof(cmd), "test $(ls %s | wc -l) = 1", dir);
    CHECK(system(cmd) == 0);
    mdr_geo_free(a);
    mdr_geo_free(b);

    /* a folder that is none: in memory */

    a = mdr_geo_open(data, size, "/proc/none", "x", text, sizeof(text));
    CHECK(a != NULL);

    if (a != NULL) {
        mdr_geo_info(a, &info);
        CHECK(!info.shared);
    }

    mdr_geo_free(a);
    free(data);

    snprintf(cmd, sizeof(cmd), "rm -rf %s", dir);
    CHECK(system(cmd) == 0);
}


int
main(void)
{
    reserved();
    paths();
    database();
    copies();

    return test_done();
}
