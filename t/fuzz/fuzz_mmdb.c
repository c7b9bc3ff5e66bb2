/*
 * fuzz_mmdb.c - any bytes as a MaxMind database.
 *
 * What is refused is refused with a reason.  What is taken can be read at every
 * address: no look-up leaves the file (the sanitizers say so), and no place is
 * longer than a place may be or begins with anything but two capital letters.
 *
 * The first eight bytes of the input are where look-ups begin.
 */

#include "places/geo.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#define LOOKUPS  48

static mdr_geo_path_t  *paths[2];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    char  text[MDR_GEO_TEXT];

    (void) argc;
    (void) argv;

    paths[0] = mdr_geo_path_new(MDR_GEO_PATH, text, sizeof(text));
    paths[1] = mdr_geo_path_new("country.iso_code-subdivisions.0.names.zh-CN/"
                                "location.latitude/traits.0.1.2", text,
                                sizeof(text));

    if (paths[0] == NULL || paths[1] == NULL) {
        abort();
    }

    return 0;
}


/* the n-th address of a walk that begins at seed */

static void
address(struct sockaddr_storage *sa, uint64_t seed, int n)
{
    int                   i;
    uint64_t              v;
    struct sockaddr_in   *in;
    struct sockaddr_in6  *in6;

    memset(sa, 0, sizeof(*sa));
    v = (seed + (uint64_t) n) * 0x9e3779b97f4a7c15ULL;

    if (n % 2 == 0) {
        in = (struct sockaddr_in *) sa;
        in->sin_family = AF_INET;
        in->sin_addr.s_addr = (uint32_t) (n < 8 ? seed + (uint64_t) n : v);
        return;
    }

    in6 = (struct sockaddr_in6 *) sa;
    in6->sin6_family = AF_INET6;

    for (i = 0; i < 16; i++, v = v >> 7 ^ v << 57) {
        in6->sin6_addr.s6_addr[i] = n < 8 && i > 7 ? 0 : (uint8_t) v;
    }
}


static void
look_up(const mdr_geo_t *g, uint64_t seed)
{
    int                      i, k;
    char                     place[MDR_GEO_PLACE];
    size_t                   n;
    struct sockaddr_storage  sa;

    for (i = 0; i < LOOKUPS; i++) {
        address(&sa, seed, i);

        for (k = 0; k < 2; k++) {
            n = mdr_geo_place(g, paths[k], NULL, (struct sockaddr *) &sa,
                              place);

            if (n >= MDR_GEO_PLACE || strlen(place) != n
                || (n != 0 && (n < 2 || place[0] < 'A' || place[0] > 'Z'
                               || place[1] < 'A' || place[1] > 'Z')))
            {
                abort();
            }
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char        text[MDR_GEO_TEXT];
    uint8_t    *copy;
    uint64_t    seed;
    mdr_geo_t  *g;

    if (size < 8) {
        return 0;
    }

    memcpy(&seed, data, sizeof(seed));
    data += 8;
    size -= 8;

    copy = malloc(size + !size);        /* as large as it is, not larger     */
    if (copy == NULL) {
        return 0;
    }

    memcpy(copy, data, size);
    text[0] = '\0';

    if (!mdr_geo_check(copy, size, text, sizeof(text))) {
        if (text[0] == '\0') {
            abort();
        }

        free(copy);
        return 0;
    }

    g = mdr_geo_open(copy, size, NULL, "", text, sizeof(text));
    free(copy);

    if (g != NULL) {
        look_up(g, seed);
        mdr_geo_free(g);

    } else if (text[0] == '\0') {
        abort();                        /* the library refuses it: says why  */
    }

    return 0;
}
