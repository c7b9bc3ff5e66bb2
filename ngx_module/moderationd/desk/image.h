/*
 * image.h - pictures of cards, fetched by a child: for a preview (image.c), and
 * to see whether their bytes have changed (image_sums.c).
 */

#ifndef MDD_IMAGE_H
#define MDD_IMAGE_H

#include "moderationd/moderationd.h"

#include <curl/curl.h>

#define MDD_IMAGE_MAX   (2 * 1024 * 1024)
#define MDD_IMAGE_URL   2000            /* bytes of a URL                     */
#define MDD_IMAGE_SUMS  32              /* fetched at once                    */

/* http or https, no name and password in it, a host that the site lists */
int mdd_image_may(const mdd_site_t *site, const char *url);
/* may it be at an address that is not public? */
int mdd_image_private(const mdd_site_t *site);
/* the URL that a page of this host means by src */
void mdd_image_url(char *out, size_t size, const char *host, const char *src);

/* "data:image/png;base64,..." of a picture that the site's list allows,
 * malloced, and the SHA-256 of its bytes; NULL: it may not be fetched, or was
 * not got, or is none */
char *mdd_image(const mdd_site_t *site, const char *url, char sum[65]);

/* SHA-256 of n pictures (at most MDD_IMAGE_SUMS) that may be fetched; "":
 * not got, or none */
void mdd_image_sums(const char *const *urls, size_t n, const mdd_site_t *site,
    char (*sums)[65]);

/* are pictures of this label blurred? */
int mdd_image_blurred(const mdd_site_t *site, const char *label);

/* the children: `moderationd --image URL [private]`, `moderationd --sums
 * public|private URL...`; their exit status */
int mdd_image_child(const char *url, int private);
int mdd_image_sums_child(char *const *urls, int n, int private);

/* what both share */
void mdd_image_confine(void);
/* a transfer with all limits; private is looked at when it connects */
CURL *mdd_image_handle(const char *url, int *private);
/* the type by the first bytes, or NULL */
const char *mdd_image_magic(const uint8_t *p, size_t n);
void mdd_image_sum(const uint8_t *p, size_t n, char sum[65]);
/* this program anew with these arguments: what it says, 0: too much, too late */
size_t mdd_image_run(char *const argv[], const mdd_site_t *site, uint8_t *p,
    size_t max);

#endif
