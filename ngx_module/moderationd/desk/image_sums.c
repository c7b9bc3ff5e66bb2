/*
 * image_sums.c - have the bytes of pictures changed?  Many are fetched at once
 * by one child, which keeps none of them: it says the SHA-256 of each.
 *
 * The child has the limits of image.c: hosts are checked before it is started,
 * addresses on its sockets, no redirect, 2 MB, three seconds.
 */

#include "image.h"

#include "engine/base/digest.h"

#include <stdio.h>
#include <string.h>


/* the child */

typedef struct {
    mdr_sha256_t  sha;
    size_t        n;
    uint8_t       first[16];
} picture_t;


static size_t
take(char *p, size_t size, size_t n, void *data)
{
    size_t      all = size * n, k;
    picture_t  *pic = data;

    if (all > MDD_IMAGE_MAX - pic->n) {
        return 0;
    }

    for (k = 0; k < all && pic->n + k < sizeof(pic->first); k++) {
        pic->first[pic->n + k] = (uint8_t) p[k];
    }

    mdr_sha256_add(&pic->sha, p, all);
    pic->n += all;

    return all;
}


static void
ended(CURL *c, CURLcode rc, picture_t *all)
{
    long        status = 0;
    char        hex[65];
    uint8_t     raw[32];
    picture_t  *pic = NULL;

    curl_easy_getinfo(c, CURLINFO_PRIVATE, &pic);
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &status);

    if (rc == CURLE_OK && status == 200
        && mdd_image_magic(pic->first, pic->n < sizeof(pic->first)
                                       ? pic->n : sizeof(pic->first)))
    {
        mdr_sha256_done(&pic->sha, raw);
        mdd_hex(hex, raw, sizeof(raw));
        printf("%d %s\n", (int) (pic - all), hex);
    }
}


int
mdd_image_sums_child(char *const *urls, int n, int private)
{
    int                i, running = 1, left;
    CURL              *c[MDD_IMAGE_SUMS] = { NULL };
    CURLM             *m;
    CURLMsg           *msg;
    static picture_t   all[MDD_IMAGE_SUMS];

    mdd_image_confine();

    if (n > MDD_IMAGE_SUMS || curl_global_init(CURL_GLOBAL_DEFAULT) != 0
        || (m = curl_multi_init()) == NULL)
    {
        return 1;
    }

    for (i = 0; i < n && (c[i] = mdd_image_handle(urls[i], &private)); i++) {
        mdr_sha256_init(&all[i].sha);
        curl_easy_setopt(c[i], CURLOPT_WRITEFUNCTION, take);
        curl_easy_setopt(c[i], CURLOPT_WRITEDATA, &all[i]);
        curl_easy_setopt(c[i], CURLOPT_PRIVATE, &all[i]);
        curl_multi_add_handle(m, c[i]);
    }

    while (running && curl_multi_perform(m, &running) == CURLM_OK) {
        while ((msg = curl_multi_info_read(m, &left)) != NULL) {
            if (msg->msg == CURLMSG_DONE) {
                ended(msg->easy_handle, msg->data.result, all);
            }
        }

        if (running) {
            (void) curl_multi_poll(m, NULL, 0, 100, NULL);
        }
    }

    for (i = 0; i < n && c[i]; i++) {
        curl_multi_remove_handle(m, c[i]);
        curl_easy_cleanup(c[i]);
    }

    curl_multi_cleanup(m);

    return fflush(stdout) == 0 ? 0 : 1;
}


/* the daemon */

void
mdd_image_sums(const char *const *urls, size_t n, const mdd_site_t *site,
    char (*sums)[65])
{
    char      *argv[MDD_IMAGE_SUMS + 4], *line, *end;
    size_t     i, got;
    unsigned   which;
    char       hex[65];
    static __thread uint8_t  said[MDD_IMAGE_SUMS * 72];

    argv[0] = (char *) "moderationd";
    argv[1] = (char *) "--sums";
    argv[2] = mdd_image_private(site) ? (char *) "private" : (char *) "public";

    for (i = 0; i < n; i++) {
        argv[3 + i] = (char *) (uintptr_t) urls[i];
        sums[i][0] = '\0';
    }

    argv[3 + n] = NULL;
    got = mdd_image_run(argv, site, said, sizeof(said));
    line = (char *) said;

    while (got && (end = memchr(line, '\n', (size_t) ((char *) said + got
                                                      - line))) != NULL)
    {
        *end = '\0';

        if (sscanf(line, "%u %64[0-9a-f]", &which, hex) == 2 && which < n
            && strlen(hex) == 64)
        {
            memcpy(sums[which], hex, 65);
        }

        line = end + 1;
    }
}
