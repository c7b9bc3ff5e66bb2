/*
 * pages whose cards are known by their bytes, or by learned markup: what is
 * found, and what leaves, is what is found where nothing is known.  Cards with
 * links elsewhere, hidden ones, the entry, titles and addresses that are
 * written in odd ways come among others that look the same.
 */

#include "moderation.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"

#define PAGES  400
#define CARDS  60
#define SAID   65536


typedef struct {
    test_out_t       out;
    char             said[SAID];
    mdr_page_seen_t  seen;
    char             title[256];
} result_t;

static uint64_t  seed = 1;
static uint32_t  found;


static uint32_t
below(uint32_t n)
{
    seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;

    return (uint32_t) (seed >> 33) % n;
}


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    (void) flags;
    test_out_add(&((result_t *) ctx)->out, p, n);

    return MDR_OK;
}


static void
on_found(void *ctx, const mdr_page_found_t *f)
{
    size_t     n;
    result_t  *r = ctx;

    n = strlen(r->said);
    snprintf(r->said + n, SAID - n, "%s %.*s %.*s %u %llu-%llu\n",
             mdr_page_word(f->kind), (int) f->id.len, f->id.data,
             (int) f->detail.len, f->detail.data != NULL ? f->detail.data : "",
             f->action, (unsigned long long) f->start,
             (unsigned long long) f->end);
}


static void
run(const mdr_policy_t *p, mdr_work_t *work, uint32_t flags, uint32_t absent,
    const char *page, size_t len, size_t piece, result_t *r)
{
    size_t            at, n;
    mdr_str_t         host = { "www.example.cn", 14 }, path = { "/", 1 };
    mdr_scan_t       *scan;
    mdr_scan_conf_t   conf;

    test_out_clear(&r->out);
    r->said[0] = '\0';
    memset(&conf, 0, sizeof(conf));
    conf.ctx = r;
    conf.output = on_output;
    conf.found = on_found;
    conf.mode = MDR_MODE_ENFORCE;
    conf.type = MDR_TYPE_HTML;
    conf.flags = flags;
    conf.absent = absent;
    conf.page = mdr_policy_page(p, host, path, 200);
    scan = mdr_scan_new(p, work, &conf);

    for (at = 0; at < len; at += n) {
        n = len - at < piece ? len - at : piece;
        (void) mdr_scan_feed(scan, (const uint8_t *) page + at, n);
    }

    (void) mdr_scan_finish(scan);
    CHECK(mdr_scan_page(scan, &r->seen) == MDR_OK);
    snprintf(r->title, sizeof(r->title), "%.*s", (int) r->seen.title.len,
             r->seen.title.data);
    mdr_scan_free(scan);
}


static const char *const  links[] = {
    "/room/%u", "https://www.example.cn/%u?from=home&amp;spm=1.%u",
    "https://img.example.cn/%u?a=1&b=2", "//www.example.cn/%u", "#r%u",
    "https://www.example.cn/r/%u#x&y=1", "https://u%u.example.cn/r/%u"
};

/* what comes rarely, and has to be seen all the same */

static const char *const  odd_links[] = {
    "https://spam.test/%u", "//spam.test/%u", "/\\spam.test/%u",
    "\\\\spam.test/%u", "https:spam.test/%u", "HTTPS://SPAM.test/%u",
    "&#104;ttps://spam.test/%u", "https&colon;//spam.test/%u",
    "/&#47;spam.test/%u", "/\t/spam.test/%u", "\n//spam.test/%u",
    "https://www.example.cn@spam.test/%u", "https://www.example.cn.test/%u",
    "https://www.example.cn\\@spam.test/%u", "///spam.test/%u",
    "https://www.12377.cn/%u", "https://www.&#49;2377.cn/%u",
    "https://www.example.cn/%u?u=12377.cn", "ht\ntps://spam.test/%u",
    "javascript:go('//spam.test/%u')", "data:text/html,%u", "",
    "https://www.example.cn/%u&lt;//spam.test/", "https://xn--spam.test/%u",
    "https://www.example.cn?u=//spam.test/%u",
    "https://www.example.cn/www.12377.cn/%u", "http://www.example.cn/12377.cn",
    "https://www.example.cn/1237&#55;.cn/%u", "https://u%u.example.cn.spam.test/",
    "https://www.example.cn./%u", "https://example.cn.spam.test/%u"
};

static const char *const  odd_cards[] = {
    "<li class=card style=\"display:none\"><a href=\"%s\">b</a></li>\n",
    "<li class=card><b hidden><a href=\"%s\">b</a><a href=/2>c</a></b></li>\n",
    "<li class=card><marquee height=\"1\"><a href=\"%s\">b</a></marquee></li>",
    "<li class=card><marquee height=\"10\"><a href=\"%s\">b</a></marquee></li>",
    "<li class=card><title>t%s</title></li>\n",
    "<li class=card><svg><title>t</title></svg><a href='%s'>b</a></li>\n",
    "<li class=card><a href=%s>b</a></li>\n",
    "<li class=card><meta name=\"description\" content=\"%s\"></li>\n",
    "<li class=card><meta name=\"x\" content=\"%s\"><a href=/>b</a></li>\n",
    "<li class=card><meta http-equiv=\"refresh\" content=\"1; url=%s\"></li>\n",
    "<li class=card><iframe src=\"%s\"></iframe></li>\n",
    "<li class=card><script src=\"%s\"></script></li>\n",
    "<li class=card><noscript><a href=\"%s\">b</a></noscript></li>\n",
    "<li class=card><template><a href=\"%s\">b</a></template></li>\n",
    "<li class=card><link rel=\"stylesheet\" href=\"%s\"><a href=/>b</a></li>",
    "<li class=card><link rel=\"icon\" href=\"%s\"><a href=/>b</a></li>",
    "<!doctype x %s><li class=card><a href=/>b</a></li>\n",
    "<li class=card><p class=box>%s</p><a href=/>b</a></li>\n",
    "<li class=card><form action=\"%s\"></form><a href=/>b</a></li>\n",
    "<div style=\"opacity:0\"><li class=card><a href=\"%s\">b</a></li></div>\n"
};

#define COUNT(a)  ((uint32_t) (sizeof(a) / sizeof((a)[0])))


static size_t
make(char *to, size_t room)
{
    int          odd;
    char         link[256];
    size_t       n;
    uint32_t     i, r, rare;
    const char  *l;

    rare = 1 + below(3) * below(40);
    n = (size_t) snprintf(to, room, "%s<html><head><title>home</title></head>"
                          "<body><ul>\n", below(4) != 0 ? "<!doctype html>"
                                          : below(2) ? "text" : "");

    for (i = 0; i < CARDS; i++) {
        odd = below(rare) == 0 && rare > 1;
        l = odd && below(2) ? odd_links[below(COUNT(odd_links))]
            : links[below(COUNT(links))];
        r = below(3) ? below(100000) : below(20);
        snprintf(link, sizeof(link), l, r, r);

        if (odd && below(2)) {
            n += (size_t) snprintf(to + n, room - n,
                                   odd_cards[below(COUNT(odd_cards))], link);
            continue;
        }

        n += (size_t) snprintf(to + n, room - n,
            "<li class=\"card\" data-id=\"%u\"><a href=\"%s\" "
            "target=\"_blank\"><img class=\"c\" src=\"//img.test/%u.jpg\">"
            "<b title=\"t%u\">title %u%s</b></a><span class=n>n%u</span>%s"
            "</li>\n", r, link, r, r, r, below(50) ? "" : " badword", r,
            below(30) ? "" : "<i hidden>x</i>");
    }

    n += (size_t) snprintf(to + n, room - n, "</ul>%s</body></html>",
                           below(2) ? "" : "<a href=\"//www.12377.cn/\">e</a>");

    return n;
}


static void
same(const char *guard, const char *require, int remember)
{
    char            yaml[2048];
    size_t          len, piece;
    uint32_t        i, absent;
    mdr_work_t     *known, *fresh;
    mdr_policy_t   *p;
    static char     page[1 << 17];
    static result_t a, b;

    snprintf(yaml, sizeof(yaml),
        "schema: 1\npolicy: p\n"
        "slots: [{name: c, type: html, match: 'li.card', "
        "fields: {title: b, room: '@data-id'}}]\n"
        "rules: [{id: r, label: rumor, match: {in: [title], "
        "terms: [badword]}}]\n"
        "pages:\n  - name: home\n%s%s", require, guard);
    p = test_policy(yaml, NULL);
    CHECK(p != NULL);

    if (p == NULL) {
        return;
    }

    known = mdr_work_new(NULL);

    if (remember) {
        CHECK(mdr_work_remember(known, 1 << 20) == MDR_OK);
    }

    for (i = 0; i < test_share(PAGES); i++) {
        len = make(page, sizeof(page));
        CHECK(len < sizeof(page));
        piece = below(2) ? len : 1 + below(5000);
        absent = below(2);
        run(p, known, 0, absent, page, len, piece, &a);
        fresh = mdr_work_new(NULL);
        run(p, fresh, MDR_SCAN_EXACT, absent, page, len, len, &b);
        mdr_work_free(fresh);
        found += a.said[0] != '\0';

        if (strcmp(a.said, b.said) != 0 || a.out.len != b.out.len
            || memcmp(a.out.data, b.out.data, a.out.len) != 0
            || strcmp(a.title, b.title) != 0
            || a.seen.missing != b.seen.missing)
        {
            printf("# page %u, %s%s\n# known:\n%s\n# read:\n%s\n", i, require,
                   guard, a.said, b.said);
            CHECK(0);
            break;
        }
    }

    mdr_work_free(known);
    mdr_policy_free(p);
}


#define ENTRY                                                                \
    "    require:\n      - {id: entry, selector: 'a[href*=\"12377.cn\"]', "  \
    "insert: '<a href=\"//www.12377.cn\">e</a>'}\n"
#define BOX                                                                  \
    "    require:\n      - {id: entry, selector: 'ul a[href*=\"12377.cn\"]'}" \
    "\n      - {id: box, selector: '.box', insert: '<p class=box>', "        \
    "at: 'before li.card'}\n      - {id: t, selector: "                      \
    "'img[src$=\"77.jpg\"], a:not([href])', visible: false}\n"
#define HOSTS  "hosts: [\"*.example.cn\", \"*.12377.cn\"]"


int
main(void)
{
    uint32_t  i;

    for (i = 0; i < 2; i++) {
        test_begin(i != 0 ? "cards that are known"
                   : "markup that was learned");
        same("    guard: {title: home, before_html: record}\n", "", (int) i);
        same("    guard: {" HOSTS "}\n", "", (int) i);
        same("    guard: {" HOSTS ", action: block}\n", "", (int) i);
        same("    guard: {" HOSTS ", kinds: [script, frame, refresh]}\n",
             ENTRY, (int) i);
        same("    guard: {hidden_links: 1, action: block}\n", "", (int) i);
        same("    guard: {hidden_links: 2, " HOSTS "}\n", ENTRY, (int) i);
        same("", ENTRY, (int) i);
        same("    guard: {description: x, title: t1}\n", BOX, (int) i);
    }

    CHECK(found > test_share(PAGES));

    return test_done();
}
