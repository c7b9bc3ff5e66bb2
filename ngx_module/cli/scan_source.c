/*
 * scan_source.c - where the bodies of `moderationctl scan` come from.
 *
 * A folder gives each file below it in the order of names; a HAR file (the
 * W3C's HTTP Archive, as browsers save it) gives the body of each answer in
 * it, already decoded by the browser; a URL is asked once.  Links in a
 * folder are followed as far as files, not into folders, so that a walk ends.
 */

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "scan_report.h"

#define BODY_MAX   (64u << 20)      /* bytes of an answer or a HAR body      */
#define DEPTH_MAX  16               /* folders in folders                    */


/* "text/html; charset=gbk" -> "gbk" in dst, or NULL */

static const char *
charset_of(const char *type, char *dst, size_t size)
{
    size_t       n;
    const char  *p;

    p = type != NULL ? strcasestr(type, "charset=") : NULL;

    if (p == NULL) {
        return NULL;
    }

    p += 8;
    p += *p == '"';
    n = strcspn(p, "\"; \t,");

    if (n == 0 || n >= size) {
        return NULL;
    }

    memcpy(dst, p, n);
    dst[n] = '\0';

    return dst;
}


static int
base64_value(int c)
{
    return c >= 'A' && c <= 'Z' ? c - 'A'
           : c >= 'a' && c <= 'z' ? c - 'a' + 26
           : c >= '0' && c <= '9' ? c - '0' + 52
           : c == '+' ? 62 : c == '/' ? 63 : -1;
}


/* RFC 4648 in place of a copy; the length, or -1 where it is none */

static long
base64(const char *s, size_t n, uint8_t *dst)
{
    int       v;
    long      len;
    size_t    i, bits;
    uint32_t  acc;

    for (i = 0, bits = 0, acc = 0, len = 0; i < n && s[i] != '='; i++) {
        v = base64_value((unsigned char) s[i]);

        if (v < 0) {
            return -1;
        }

        acc = acc << 6 | (uint32_t) v;
        bits += 6;

        if (bits >= 8) {
            bits -= 8;
            dst[len++] = (uint8_t) (acc >> bits);
        }
    }

    return len;
}


static int
har_entry(const char *path, size_t i, json_t *entry, scan_body_fn fn,
    void *ctx)
{
    char         *name;
    long          n;
    json_t       *content, *text;
    uint8_t      *data;
    const char   *url, *encoding;
    scan_body_t   body;

    content = json_object_get(json_object_get(entry, "response"), "content");
    text = json_object_get(content, "text");
    url = json_string_value(json_object_get(json_object_get(entry, "request"),
                                            "url"));

    if (!json_is_string(text) || json_string_length(text) == 0) {
        return 0;
    }

    if (asprintf(&name, "%s#%zu %s", path, i, url != NULL ? url : "") < 0) {
        return -1;
    }

    memset(&body, 0, sizeof(body));
    body.name = name;
    body.data = (const uint8_t *) json_string_value(text);
    body.len = json_string_length(text);
    data = NULL;

    encoding = json_string_value(json_object_get(content, "encoding"));

    if (encoding != NULL && strcmp(encoding, "base64") == 0) {
        data = malloc(body.len / 4 * 3 + 3);
        n = data != NULL ? base64((const char *) body.data, body.len, data)
                         : -1;
        if (n < 0) {
            fprintf(stderr, "moderationctl: %s: no base64\n", name);
            free(data);
            free(name);
            return -1;
        }

        body.data = data;
        body.len = (size_t) n;

    } else {
        body.charset = "utf-8";         /* JSON's, whatever it was before    */
    }

    fn(ctx, &body);
    free(data);
    free(name);

    return 0;
}


static int
har(const char *path, scan_body_fn fn, void *ctx)
{
    int           rc;
    size_t        i;
    json_t       *root, *entries, *entry;
    json_error_t  e;

    root = json_load_file(path, 0, &e);

    if (root == NULL) {
        fprintf(stderr, "moderationctl: %s:%d:%d: %s\n", path, e.line,
                e.column, e.text);
        return -1;
    }

    rc = 0;
    entries = json_object_get(json_object_get(root, "log"), "entries");

    if (!json_is_array(entries)) {
        fprintf(stderr, "moderationctl: %s: no \"log.entries\", which a HAR "
                "file has\n", path);
        rc = -1;
    }

    json_array_foreach(entries, i, entry) {
        rc |= har_entry(path, i, entry, fn, ctx);
    }

    json_decref(root);

    return rc;
}


static int
visible(const struct dirent *d)
{
    return d->d_name[0] != '.';
}


static int  read_path(const char *path, int depth, scan_body_fn fn,
    void *ctx);

static int
folder(const char *path, int depth, scan_body_fn fn, void *ctx)
{
    int              i, n, rc;
    char            *name;
    struct stat      st;
    struct dirent  **list;

    if (depth == DEPTH_MAX) {
        fprintf(stderr, "moderationctl: %s: more than %d folders deep\n",
                path, DEPTH_MAX);
        return -1;
    }

    n = scandir(path, &list, visible, alphasort);

    if (n < 0) {
        fprintf(stderr, "moderationctl: %s: %s\n", path, strerror(errno));
        return -1;
    }

    for (i = 0, rc = 0; i < n; i++) {
        if (asprintf(&name, "%s/%s", path, list[i]->d_name) < 0) {
            name = NULL;
            rc = -1;
        }

        /* a link to a folder may lead back */

        if (name != NULL
            && !(lstat(name, &st) == 0 && S_ISLNK(st.st_mode)
                 && stat(name, &st) == 0 && S_ISDIR(st.st_mode)))
        {
            rc |= read_path(name, depth + 1, fn, ctx);
        }

        free(name);
        free(list[i]);
    }

    free(list);

    return rc;
}


static int
read_path(const char *path, int depth, scan_body_fn fn, void *ctx)
{
    size_t       n;
    struct stat  st;
    scan_body_t  body;

    memset(&body, 0, sizeof(body));
    body.name = path;

    if (strcmp(path, "-") == 0) {
        body.name = "stdin";
        body.file = stdin;
        fn(ctx, &body);
        return 0;
    }

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return folder(path, depth, fn, ctx);
    }

    n = strlen(path);

    if (n > 4 && strcasecmp(path + n - 4, ".har") == 0) {
        return har(path, fn, ctx);
    }

    body.file = fopen(path, "rb");

    if (body.file == NULL) {
        fprintf(stderr, "moderationctl: %s: %s\n", path, strerror(errno));
        return -1;
    }

    fn(ctx, &body);
    fclose(body.file);

    return 0;
}


int
scan_source_path(const char *path, scan_body_fn fn, void *ctx)
{
    return read_path(path, 0, fn, ctx);
}


static size_t
on_bytes(char *data, size_t size, size_t n, void *ctx)
{
    line_t  *l;

    l = ctx;

    if (l->len + size * n > BODY_MAX) {
        return 0;
    }

    line_put(l, data, size * n);

    return size * n;
}


int
scan_source_url(const char *url, scan_body_fn fn, void *ctx)
{
    char          charset[64], why[CURL_ERROR_SIZE];
    CURL         *h;
    line_t        l;
    CURLcode      rc;
    scan_body_t   body;
    const char   *type;

    if (strncasecmp(url, "http://", 7) != 0
        && strncasecmp(url, "https://", 8) != 0)
    {
        fprintf(stderr, "moderationctl: %s: no http or https URL\n", url);
        return -1;
    }

    h = curl_easy_init();

    if (h == NULL) {
        fprintf(stderr, "moderationctl: out of memory\n");
        return -1;
    }

    memset(&l, 0, sizeof(l));
    memset(&body, 0, sizeof(body));
    why[0] = '\0';

    (void) curl_easy_setopt(h, CURLOPT_URL, url);
    (void) curl_easy_setopt(h, CURLOPT_ACCEPT_ENCODING, "");
    (void) curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 1L);
    (void) curl_easy_setopt(h, CURLOPT_MAXREDIRS, 5L);
    (void) curl_easy_setopt(h, CURLOPT_TIMEOUT, 30L);
    (void) curl_easy_setopt(h, CURLOPT_USERAGENT, "moderationctl/"
                            MDR_VERSION);
    (void) curl_easy_setopt(h, CURLOPT_ERRORBUFFER, why);
    (void) curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, on_bytes);
    (void) curl_easy_setopt(h, CURLOPT_WRITEDATA, &l);

    rc = curl_easy_perform(h);

    if (rc == CURLE_OK) {
        type = NULL;
        (void) curl_easy_getinfo(h, CURLINFO_CONTENT_TYPE, &type);

        body.name = url;
        body.charset = charset_of(type, charset, sizeof(charset));
        body.data = (const uint8_t *) l.data;
        body.len = l.len;

        fn(ctx, &body);

    } else {
        fprintf(stderr, "moderationctl: %s: %s\n", url,
                rc == CURLE_WRITE_ERROR ? "larger than 64 MB"
                : why[0] != '\0' ? why : curl_easy_strerror(rc));
    }

    curl_easy_cleanup(h);
    line_free(&l);

    return rc == CURLE_OK ? 0 : -1;
}
