/*
 * page_in.h - the inside of page/.
 */

#ifndef MDR_PAGE_IN_H
#define MDR_PAGE_IN_H

#define PCRE2_CODE_UNIT_WIDTH  8

#include "page.h"
#include "html/html.h"

#include <pcre2.h>

enum { MDR_PAT_TITLE, MDR_PAT_TITLE_NOT, MDR_PAT_DESC, MDR_PAT_DESC_NOT,
       MDR_PATS };

typedef struct {
    mdr_selector_t  *selector;          /* NULL: a member of JSON            */
    mdr_selector_t  *place;             /* or NULL                           */
    mdr_str_t        needle;            /* stands in every tag that matches
                                           selector, if it holds no reference;
                                           or empty                          */
    mdr_name_t       needle_key;        /* in the value of this attribute    */
    mdr_name_t       tag;               /* the only one it can match, or 0   */
} mdr_page_require_t;

typedef struct {                        /* a hash table of hosts             */
    const mdr_str_t  *hosts;
    uint32_t         *slots;            /* host + 1, or 0                    */
    uint32_t          mask;
} mdr_hosts_t;

typedef struct {                        /* a page, compiled                  */
    const mdr_page_t     *page;
    mdr_html_rules_t     *html;
    mdr_json_rules_t     *json;         /* or NULL                           */
    mdr_page_require_t   *requires;
    mdr_hosts_t           hosts;        /* of the guard                      */
    pcre2_code           *codes[MDR_PATS];
    pcre2_match_context  *context;
    uint32_t              needles;      /* a bit a requirement that has one  */
    uint8_t               links;        /* links are looked at               */
    uint8_t               looks;        /* and what is hidden                */
} mdr_page_rules_t;

struct mdr_pages_s {
    const mdr_alloc_t    *alloc;
    pcre2_match_context  *context;
    uint32_t              n;
    mdr_page_rules_t     *pages;
};

const mdr_page_rules_t *mdr_pages_rules(const mdr_pages_t *p, uint32_t page);

#define MDR_HOST_MAX  256

/* page_link.c */
/* the host of a URL as it stands in an attribute (references and all), lower
 * case, into host; its length, 0: of the page's own host, or none.  A URL that
 * holds what it shows (data:) has its scheme for a host where `data` is set */
size_t mdr_page_host(const uint8_t *p, size_t n, int data,
    char host[MDR_HOST_MAX]);
/* hosts as they stand in a policy: "a.test", "*.a.test"; MDR_ERROR: no memory */
int mdr_hosts_init(mdr_hosts_t *set, const mdr_str_t *hosts, uint32_t n,
    mdr_arena_t *arena);
/* is the host, in lower case, one of them? */
int mdr_hosts_has(const mdr_hosts_t *set, const char *host, size_t n);
/* the same of hosts that are in no table: a few */
int mdr_page_is_listed(const mdr_str_t *hosts, uint32_t nhosts,
    const char *host, size_t n);
/* where the URL of "5; url=..." begins; n: there is none */
size_t mdr_page_refresh(const uint8_t *p, size_t n);

/* page_needle.c */
/* is "&" at p[i] sure to be no reference but to a character that no needle
 * holds and that does not matter in a URL? */
int mdr_page_ref(const uint8_t *p, size_t n, size_t i);
/* may a tag of that name, or a value (0), of these bytes hold the needle of one
 * of those requirements?  room bytes behind it may be read */
int mdr_page_may_match(const mdr_page_rules_t *r, uint32_t which,
    mdr_name_t name, const uint8_t *p, size_t n, size_t room);

/* may h->tag hold one of all?  plain: no reference in it is for a byte of
 * one */
int mdr_page_in_tag(const mdr_page_rules_t *r, const mdr_html_t *h,
    int plain);

/* page_tag.c */
#define MDR_OWN  128

typedef struct {
    uint64_t  last;                     /* bytes of name                     */
    uint32_t  len;                      /* 8 or more                         */
    uint8_t   name[52];
} mdr_own_host_t;

typedef struct {                        /* hosts of links that are listed    */
    uint64_t        first[MDR_OWN];     /* bytes of name; 0: there is none   */
    mdr_own_host_t  hosts[MDR_OWN];
} mdr_own_t;

#define MDR_TAG_ASKED   1u
#define MDR_TAG_NEEDLE  2u              /* it may hold a needle              */
#define MDR_TAG_LEADS   4u              /* it may lead elsewhere             */
#define MDR_TAG_STYLED  8u              /* style sheets were asked:          */
#define MDR_TAG_GONE    16u             /* they hide it                      */
#define MDR_TAG_AROUND  32u             /* they were asked whether what is in it */
#define MDR_TAG_PART    64u             /* may be hidden: perhaps            */

/* what the bytes of h->tag say */
uint8_t mdr_page_tag(const mdr_page_rules_t *r, mdr_own_t *own,
    mdr_html_t *h);
/* is it sure at once that the URL, of one byte or more, leads to the page's own
 * host or a listed one?  Most do, and are written plainly */
int mdr_page_own(const mdr_hosts_t *hosts, mdr_own_t *own, const uint8_t *p,
    size_t n);
/* the bytes of the URL, up to the slash behind its host, that are sure to lead
 * to a listed one whatever follows; 0: there are none */
size_t mdr_page_own_host(const mdr_hosts_t *hosts, const uint8_t *p, size_t n);
/* the attribute of a tag that says where it leads, and what such a link is;
 * NULL: it has none */
const char *mdr_page_link_attr(uint8_t tag, uint8_t *kind);

/* page_text.c */
/* text with references, white space collapsed, into out[room], terminated;
 * its length */
size_t mdr_page_plain(const uint8_t *p, size_t n, char *out, size_t room);
/* is it against one of the two patterns? */
int mdr_page_is_bad(const mdr_page_rules_t *r, int must, int must_not,
    const char *text, size_t n);

#endif
