/*
 * fuzz_image.c - damaged images.
 *
 * Words of a good image are overwritten and its checksum is made right again,
 * so that what refuses it is the check of every index.  An image that is
 * taken must be safe to search with: whatever it finds, it reads nothing out
 * of bounds and comes to an end.
 *
 * The first byte picks the image; then six bytes a change: where (four), how,
 * with what.
 */

#define _POSIX_C_SOURCE 200809L

#include "../../ngx_module/engine/policy/policy.c"

#include <stdio.h>
#include <stdlib.h>

#include "test_policy.h"


#define IMAGES  4

static uint8_t  *images[IMAGES], *copy;
static size_t    sizes[IMAGES];
static mdr_work_t  *work;

static const char  slots[] =
    "\"slots\":[{\"name\":\"h\",\"type\":\"html\",\"match\":\"li.c\","
    "\"item_id\":\"id\",\"fields\":{\"title\":\"b\",\"id\":\"@data-id\"}}]";

static const char *const  rules[IMAGES] = {

    "{\"id\":\"a.one\",\"label\":\"x\",\"match\":{\"in\":[\"title\"],"
    "\"groups\":{\"a\":{\"terms\":[\"\xe9\x9c\x87\xe6\x83\x8a\",\"ab\",\"c\"]"
    "},\"b\":{\"terms\":[\"de\"]}},\"when\":\"a and not near(a,b,3)\",\"except\":"
    "[{\"terms\":[\"abc\"]}]}}",

    "{\"id\":\"a.two\",\"label\":\"x\",\"match\":{\"in\":[\"title\"],"
    "\"regex\":[\"ab+c\\\\d{2}\",\"[a-z]{4}\"],\"terms\":[\"aab\"]}},"
    "{\"id\":\"a.three\",\"label\":\"y\",\"fold\":[\"width\",\"repeat\","
    "\"pinyin\"],\"match\":{\"in\":[\"title\"],\"terms\":"
    "[\"\xe7\xbd\x91\xe7\xbb\x9c\xe5\xae\x89\",\"okk\"]}}",

    "{\"id\":\"a.many\",\"label\":\"x\",\"match\":{\"in\":[\"title\"],"
    "\"boundary\":\"none\",\"terms\":[\"aaa\",\"aaab\",\"aaabb\",\"aaaba\","
    "\"aaabbb\",\"aaabab\",\"aaabba\",\"aaabaa\",\"aaabbbb\",\"aaababb\","
    "\"aaaa\",\"aaaaa\",\"aaaaaa\",\"baaa\",\"bbaaa\"]}}",

    /* tries: terms that only look-alikes tell apart */

    "{\"id\":\"a.alike\",\"label\":\"x\",\"match\":{\"in\":[\"title\"],"
    "\"terms\":[\"il1il\",\"1lil1\",\"lllli\",\"iiiil\",\"11l11\","
    "\"ilili\",\"l1l1l\",\"i1i1i\",\"lil1i\",\"il1li\",\"ll11i\","
    "\"1iill\",\"ilil\",\"l11i\"]}}"
};

static const char  page[] =
    "<ul><li class=c data-id=7><b>aaabbb \xe9\x9c\x87\xe2\x98\x85\xe6\x83\x8a"
    " abc aab ab ok</b></li><li class=c><b>wangluo abbbc12 (w\xc3\xa0ng)"
    "\xe7\xb6\xb2(w\xc7\x8eng)\xe7\xb5\xa1 aaabababbb \xf0\x9d\x90\x9a"
    "</b></li><li class=c><b>l|1|i il1il i1 lil</b></li><li class=c><b>de c \xe2\x91\xbd ooookkk</b></li></ul>";


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    int            i;
    char           text[4096];
    const void    *image;
    mdr_policy_t  *p;

    (void) argc;
    (void) argv;

    for (i = 0; i < IMAGES; i++) {
        snprintf(text, sizeof(text), "{\"schema\":1,\"policy\":\"f\",%s,"
                 "\"rules\":[%s]}", slots, rules[i]);
        p = test_policy(text, NULL);

        if (p == NULL) {
            abort();
        }

        mdr_policy_image(p, &image, &sizes[i]);
        images[i] = malloc(sizes[i]);
        memcpy(images[i], image, sizes[i]);
        mdr_policy_free(p);
    }

    work = mdr_work_new(NULL);

    return 0;
}


/* changes go where they count: the header, the model, the header of the
 * lexicon, or anywhere */

static size_t
place(const header_t *h, size_t size, uint32_t v)
{
    switch (v >> 29) {

    case 0:
        return v % sizeof(header_t);

    case 1:
    case 2:
        return h->model_at + v % (h->model_size + 1);

    case 3:
    case 4:
        return h->lexicon_at + v % 400;

    case 5:
        return size - v % 2048;         /* tries                             */

    default:
        return v % size;
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    size_t             at, size;
    uint32_t           v, w;
    header_t           h;
    mdr_diags_t       *d;
    mdr_scan_t        *s;
    mdr_policy_t      *p;
    mdr_scan_conf_t    conf;

    if (len < 7) {
        return 0;
    }

    size = sizes[data[0] % IMAGES];
    copy = malloc(size);
    memcpy(copy, images[data[0] % IMAGES], size);
    memcpy(&h, copy, sizeof(h));

    for (data++, len--; len >= 6; data += 6, len -= 6) {
        memcpy(&v, data, 4);
        at = place(&h, size, v) & ~(size_t) 1;

        if (at + 4 > size) {
            continue;
        }

        memcpy(&w, copy + at, 4);

        switch (data[4] % 6) {
        case 0:   w = data[5];                        break;
        case 1:   w += data[5];                       break;
        case 2:   w -= data[5];                       break;
        case 3:   w = UINT32_MAX - data[5];           break;
        case 4:   w ^= (uint32_t) 1 << data[5] % 32;  break;
        default:  w = (uint32_t) data[5] << 8;        break;
        }

        memcpy(copy + at, &w, 4);
    }

    memcpy(&h, copy, sizeof(h));
    checksum(copy + sizeof(h), size - sizeof(h), h.checksum);
    memcpy(copy, &h, sizeof(h));

    d = mdr_diags_new(NULL);

    if (mdr_policy_map(copy, size, NULL, d, &p) == MDR_OK) {
        memset(&conf, 0, sizeof(conf));
        conf.type = MDR_TYPE_HTML;
        conf.mode = MDR_MODE_ENFORCE;
        conf.now = 1700000000;

        s = mdr_scan_new(p, work, &conf);

        if (s != NULL) {
            (void) mdr_scan_feed(s, (const uint8_t *) page,
                                 sizeof(page) - 1);
            (void) mdr_scan_finish(s);
            mdr_scan_free(s);
        }

        mdr_policy_free(p);
    }

    mdr_diags_free(d);
    free(copy);

    return 0;
}
