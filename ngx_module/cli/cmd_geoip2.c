/*
 * cmd_geoip2.c - `moderationctl geoip2`: the place that nginx would give to an
 * address, and whether it would take a database.
 */

#include "cli.h"
#include "places/geo.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "line.h"


static mdr_geo_t *
open_db(const char *file)
{
    int         moving;
    char        text[MDR_GEO_TEXT];
    size_t      size;
    uint8_t    *data;
    mdr_geo_t  *g;

    g = NULL;
    data = mdr_geo_read(file, &size, &moving, text, sizeof(text));

    if (data != NULL && mdr_geo_check(data, size, text, sizeof(text))) {
        g = mdr_geo_open(data, size, NULL, "", text, sizeof(text));
    }

    if (g == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", file, text);
    }

    free(data);

    return g;
}


static int
check(const char *file)
{
    line_t           line;
    mdr_geo_t       *g;
    mdr_geo_info_t   info;

    g = open_db(file);
    if (g == NULL) {
        return 2;
    }

    mdr_geo_info(g, &info);
    memset(&line, 0, sizeof(line));
    line_text(&line, "{\"type\"", (mdr_str_t) { info.type,
                                       (uint32_t) strlen(info.type) });
    line_number(&line, ",\"built\"", info.built);
    line_number(&line, ",\"nodes\"", info.nodes);
    line_number(&line, ",\"ip_version\"", info.ip_version);
    line_puts(&line, "}\n");
    fwrite(line.data, 1, line.len, stdout);
    line_free(&line);
    mdr_geo_free(g);

    return 0;
}


/* 0 a place, 1 none, 2 no address */

static int
lookup(mdr_geo_t *g, const mdr_geo_path_t *path, const mdr_geo_map_t *map,
    const char *ip)
{
    char      place[MDR_GEO_PLACE];
    size_t    n;
    line_t    line;

    union {
        struct sockaddr      sa;
        struct sockaddr_in   in;
        struct sockaddr_in6  in6;
    } a;

    memset(&a, 0, sizeof(a));

    if (inet_pton(AF_INET, ip, &a.in.sin_addr) == 1) {
        a.in.sin_family = AF_INET;

    } else if (inet_pton(AF_INET6, ip, &a.in6.sin6_addr) == 1) {
        a.in6.sin6_family = AF_INET6;

    } else {
        fprintf(stderr, "moderationctl: \"%s\" is no address\n", ip);
        return 2;
    }

    n = mdr_geo_place(g, path, map, &a.sa, place);

    memset(&line, 0, sizeof(line));
    line_text(&line, "{\"ip\"", (mdr_str_t) { ip, (uint32_t) strlen(ip) });
    line_text(&line, ",\"place\"", (mdr_str_t) { place, (uint32_t) n });
    line_puts(&line, mdr_geo_reserved(&a.sa) ? ",\"reserved\":true}\n"
                                             : ",\"reserved\":false}\n");
    fwrite(line.data, 1, line.len, stdout);
    line_free(&line);

    return n == 0;
}


int
cmd_geoip2(int argc, char **argv)
{
    int              i, rc, one;
    char             text[MDR_GEO_TEXT];
    mdr_geo_t       *g;
    const char      *want, *names;
    mdr_geo_map_t   *map;
    mdr_geo_path_t  *path;

    want = MDR_GEO_PATH;
    names = NULL;

    if (argc == 2 && strcmp(argv[0], "check") == 0) {
        return check(argv[1]);
    }

    if (argc < 1 || strcmp(argv[0], "lookup") != 0) {
        return cli_usage("geoip2");
    }

    for (i = 1; i + 1 < argc && argv[i][0] == '-'; i += 2) {
        if (strcmp(argv[i], "--path") == 0) {
            want = argv[i + 1];

        } else if (strcmp(argv[i], "--map") == 0) {
            names = argv[i + 1];

        } else {
            return cli_usage("geoip2");
        }
    }

    if (argc - i < 2) {
        return cli_usage("geoip2");
    }

    map = NULL;
    path = mdr_geo_path_new(want, text, sizeof(text));

    if (path == NULL) {
        fprintf(stderr, "moderationctl: %s\n", text);
        return 2;
    }

    if (names != NULL) {
        map = mdr_geo_map_new(names, text, sizeof(text));

        if (map == NULL) {
            fprintf(stderr, "moderationctl: %s: %s\n", names, text);
            mdr_geo_path_free(path);
            return 2;
        }
    }

    g = open_db(argv[i]);
    rc = g == NULL ? 2 : 0;

    for (i++; g != NULL && i < argc; i++) {
        one = lookup(g, path, map, argv[i]);
        rc = one > rc ? one : rc;
    }

    mdr_geo_free(g);
    mdr_geo_map_free(map);
    mdr_geo_path_free(path);

    return rc;
}
