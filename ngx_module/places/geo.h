/*
 * geo.h - the place of an address, out of MaxMind databases.
 *
 *   geo_check.c  is a database whole?
 *   geo_open.c   a private copy of it, checked, opened by libmaxminddb
 *   geo_place.c  address -> "CN-GD/Shenzhen/Nanshan"
 *
 * A database is never mapped where it lies: who overwrites it there would
 * take the pages away under a look-up (SIGBUS), and libmaxminddb trusts what
 * it maps.  It is read, every node and value of it is checked, and a copy
 * that nobody else writes is what look-ups read.
 *
 * libc and libmaxminddb only; shared by the nginx module and moderationctl.
 */

#ifndef MDR_GEO_H
#define MDR_GEO_H

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>


#define MDR_GEO_PLACE     128           /* bytes of a place, with its end    */
#define MDR_GEO_TEXT      300           /* of a message                      */
#define MDR_GEO_DIGEST    33            /* hex, with its end                 */
#define MDR_GEO_MAX       ((size_t) 2 << 30)    /* bytes of a database       */

/* the default of path: ISO code of the country, of its first subdivision,
 * city, district */
#define MDR_GEO_PATH      "country.iso_code-subdivisions.0.iso_code" \
                          "/city.names.en/district.names.en"

typedef struct mdr_geo_s       mdr_geo_t;       /* an open database          */
typedef struct mdr_geo_path_s  mdr_geo_path_t;  /* where the parts stand     */
typedef struct mdr_geo_map_s   mdr_geo_map_t;   /* names to codes            */


/* geo_check.c */

/* 1: it is whole; 0: text says what is wrong */
int mdr_geo_check(const uint8_t *data, size_t size, char *text, size_t n);

/* geo_open.c */

/* all of a file, of malloc(); NULL: text says why, or that it changed
 * meanwhile (*moving = 1) */
uint8_t *mdr_geo_read(const char *file, size_t *size, int *moving,
    char *text, size_t n);
/* of the bytes, no cryptographic one */
void mdr_geo_digest(const uint8_t *data, size_t size, char digest[33]);
/*
 * Opens checked bytes.  folder: the copy lies there, one for all processes,
 * under the name of its digest and `prefix`, which has to be the same for all
 * copies of one database: others of it are removed.  NULL, or a folder that
 * cannot be written: the copy is in memory of this process.  NULL: text.
 */
mdr_geo_t *mdr_geo_open(const uint8_t *data, size_t size, const char *folder,
    const char *prefix, char *text, size_t n);
void mdr_geo_free(mdr_geo_t *g);

typedef struct {
    const char  *type;                  /* of the metadata                   */
    uint64_t     built;                 /* seconds since 1970                */
    uint32_t     nodes;
    uint16_t     ip_version;
    const char  *digest;
    int          shared;                /* the copy is a file                */
} mdr_geo_info_t;

void mdr_geo_info(const mdr_geo_t *g, mdr_geo_info_t *info);

/* geo_place.c */

/* "a.b-c.0.d/e.f": dots go into a value, "-" and "/" stand in the place;
 * NULL: text */
mdr_geo_path_t *mdr_geo_path_new(const char *s, char *text, size_t n);
void mdr_geo_path_free(mdr_geo_path_t *p);
/* parts that a place can have: country 1, subdivision 2, names 3 and more */
unsigned mdr_geo_path_depth(const mdr_geo_path_t *p);
/* a file of "name TAB code" lines, # comments; NULL: text */
mdr_geo_map_t *mdr_geo_map_new(const char *file, char *text, size_t n);
void mdr_geo_map_free(mdr_geo_map_t *m);
/* an address of a network that is nobody's place: private, loopback, link
 * local, documentation, multicast and the like (RFC 6890) */
int mdr_geo_reserved(const struct sockaddr *sa);
/* the place, of length 0 where it is unknown; map may be NULL */
size_t mdr_geo_place(const mdr_geo_t *g, const mdr_geo_path_t *path,
    const mdr_geo_map_t *map, const struct sockaddr *sa,
    char place[MDR_GEO_PLACE]);


/* geo_open.c, for geo_place.c */
struct MMDB_s *mdr_geo_db(const mdr_geo_t *g);

#endif
