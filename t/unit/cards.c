/*
 * cards.c - a scan by learned markup says what the exact scan says: items,
 * texts, hits, what leaves, errors and counts.
 *
 * Pages are those of test_cards.h, and feeds of much the same, cut in any way, read with a work area that
 * has learned nothing, or much, under policies that block, mask, tag and only
 * look, with cards that are known and without.  Then pages of the fixtures.
 */

#include "moderation.h"

#include <dirent.h>

#include "test.h"
#include "test_cards.h"
#include "test_out.h"
#include "test_policy.h"

#define LINES  20000
#define LINE   700
#define WORKS  3


typedef struct {
    test_out_t        out;
    char              lines[LINES][LINE];
    char             *sorted[LINES];
    int               rc;
    uint32_t          n;
    mdr_scan_stats_t  stats;
} result_t;

static uint64_t  hits, edits;


static int
on_output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    (void) flags;
    test_out_add(&((result_t *) ctx)->out, p, n);

    return MDR_OK;
}


static char *
line(result_t *r)
{
    return r->n < LINES ? r->lines[r->n++] : NULL;
}


static void
on_item(void *ctx, const mdr_item_t *it)
{
    char      *to;
    size_t     n;
    uint32_t   i;

    to = line(ctx);

    if (to == NULL) {
        return;
    }

    n = (size_t) snprintf(to, LINE, "%05u item %s %u %u-%u a%u s%u f%u r%u",
                          (unsigned) it->seq, it->slot_name.data,
                          (unsigned) it->index, (unsigned) it->start,
                          (unsigned) it->end, it->action, it->suggestion,
                          it->flags, it->hits_total);

    for (i = 0; i < it->nhits && n < LINE - 200; i++) {
        n += (size_t) snprintf(to + n, LINE - n, " hit %u %u-%u",
                               it->hits[i].rule, (unsigned) it->hits[i].start,
                               (unsigned) it->hits[i].end);
    }

    /* of one that is known, and goes all the same, no text was read */

    for (i = 0; it->nhits != 0 && i < it->nfields && n < LINE - 200; i++) {
        n += (size_t) snprintf(to + n, LINE - n, " <%.*s>",
                               it->fields[i].text.len < 100
                               ? (int) it->fields[i].text.len : 100,
                               it->fields[i].text.data);
    }

    hits += it->nhits;
    edits += it->action != 0;
}


static void
on_error(void *ctx, const mdr_scan_error_t *e)
{
    char  *to;

    to = line(ctx);

    if (to != NULL) {
        snprintf(to, LINE, "error %d at %u %s", e->kind, (unsigned) e->offset,
                 e->detail != NULL ? e->detail : "");
    }
}


static int
by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}


/* a page of plain cards, most of which are items with whole texts */

static const char *const  plain[] = {
    "<li class=\"c\" data-id=\"%\"><h3 title=\"%\">%</h3>"
    "<span class=\"b\">%</span><span class=\"f\">%</span></li>\n",
    "<li class=\"c\" data-id=\"%\"><a href=\"%\"><img alt=\"%\" src=\"%\">"
    "</a><h3>%</h3><span class=\"b\">text</span></li>",
    "<div class=\"a\"><span class=\"b\">%</span></div>\n",
    "<li class=\"c\"><h3>\n %\n </h3><h2>%</h2><span class=\"f\">345</span>"
    "<b>%</b></li>",
    "<li class=\"c\"><h3>%</h3><span class=\"b\">%</span><h2></h2>"
    "<b>12 345</b></li>", "<p>%</p>",
    "<li class=\"c\"><h3>%<i>%</i></h3><b>text</b></li>\n", "<a href=\"%\">%</a>\n"
};


static size_t
make_plain(char *page)
{
    size_t  n;

    n = piece(page, "<body><input><ul>");

    while (n + 6000 < PAGE) {
        n += any(60) ? piece(page + n, plain[any(sizeof(plain)
                                                  / sizeof(plain[0]))])
             : piece(page + n, pieces[any(NPIECES)]);
    }

    return n;
}


/* entries of a list, with strings as they come; $ is one of them, # a word */

static const char *const  entries[] = {
    "{\"id\":#,\"t\":$,\"nick\":$,\"tags\":[$,$],\"pic\":\"https://i.example.com/"
    "0123456789abcdef.jpg\",\"more\":{\"a\":[$],\"b\":{}}}",
    "{\"id\":#,\"t\":$,\"nick\":$,\"tags\":[$],\"pic\":$,\"more\":null,\"x\":$,"
    "\"spare\":\"01234567890123456789012345678901234567890123456789\"}",
    "{\"id\":#,\"t\":$,\"nick\":$,\"tags\":[$,$,$],\"pic\":$,\"fill\":[1,2,3],"
    "\"spare\":\"01234567890123456789012345678901234567890123456789\"}",
    "{\n  \"id\": #,\n  \"t\": $,\n  \"by\": {\"name\": $, \"level\": #},\n  "
    "\"tags\": [ ],\n  \"pic\": $,\n  \"numbers\": [#, #]\n}",
    "{\"t\":$,\"id\":#,\"tags\":[$,#,$,null,$],\"nick\":#,\"pic\":\"https://i.example."
    "com/0123456789abcdef0123456789abcdef.jpg\"}",
    "{\"id\":#,\"t\":$,\"t\":$,\"nick\":null,\"pic\":$,\"fill\":{\"a\":\"0123456789"
    "0123456789012345678901234567890123456789\"}}",
    "{\"id\":#,\"t\":$,\"moderation\":{\"label\":\"x\"},\"nick\":$}",
    "{\"id\":#}", "{}", "12", "null", "[$]", "{\"t\":$,\"l\":[{\"t\":$},{\"t\":$}]}"
};

static const char *const  strings[] = {
    "", "a", "text", "two words", " ", "lead ", " trail", "12 345", "345",
    "\xe7\xbd\x91\xe7\xbb\x9c", "\xe7\xbd", "\xff", "a & b", "two  spaces",
    "\\u7f51", "\\u7f51\\u7edc", "x\\\"y", "\\n", "tab\t", "$3", "<b>text</b>",
    "\xe1\x84\x80\xe1\x85\xa1", "\xe3\x81\x8b\xe3\x82\x99", "tex", "t",
    "a text of more than sixty-four bytes, so that its quote is not in sight from "
    "where it begins, but text"
};

static const char *const  words[] = { "1", "345", "12345678", "true", "null",
                                      "0.5", "\"345\"", "{}" };

#define ANY_OF(a)  (a)[any(sizeof(a) / sizeof((a)[0]))]


static size_t
make_entry(char *to, const char *s)
{
    size_t  n;

    for (n = 0; *s != '\0'; s++) {
        if (*s == '$') {
            n += (size_t) sprintf(to + n, "\"%s\"", ANY_OF(strings));
        } else if (*s == '#') {
            n += (size_t) sprintf(to + n, "%s", words[any(any(8) ? 3 : 8)]);
        } else {
            to[n++] = *s;
        }
    }

    return n;
}


static size_t
make_feed(char *page)
{
    size_t    n;
    uint32_t  odd;

    odd = any(3) ? 60 : 3;
    n = (size_t) sprintf(page, any(2) ? "{\"n\":900,\"l\":[" : "{\"l\": [ ");

    while (n + 4000 < PAGE) {
        n += make_entry(page + n, any(odd) ? entries[any(6)]
                                           : ANY_OF(entries));
        n += (size_t) sprintf(page + n, any(odd) ? "," : " ,\n ");
    }

    n += make_entry(page + n, entries[0]);

    return n + (size_t) sprintf(page + n, any(9) ? "],\"n\":901,\"end\":\"so that "
                                "nothing is missing behind the last of them\"}"
                                : any(2) ? "]" : ",");
}


static void
run(const mdr_policy_t *p, mdr_work_t *work, mdr_scan_conf_t *conf,
    const char *page, size_t len, uint32_t piece, result_t *r)
{
    int          rc;
    size_t       at, n;
    uint8_t     *bytes;
    uint32_t     i;
    mdr_scan_t  *scan;

    test_out_clear(&r->out);
    r->n = 0;
    conf->ctx = r;
    scan = mdr_scan_new(p, work, conf);

    for (at = 0; at < len; at += n) {
        n = piece == 0 ? len : 1 + any(piece);
        n = n < len - at ? n : len - at;
        bytes = malloc(n);              /* nothing behind it can be read     */
        memcpy(bytes, page + at, n);
        rc = mdr_scan_feed(scan, bytes, n);
        CHECK(rc == MDR_OK || rc == MDR_CUT);
        free(bytes);

        if (rc == MDR_CUT) {
            break;
        }
    }

    r->rc = mdr_scan_finish(scan);
    CHECK(r->rc == MDR_OK || r->rc == MDR_CUT);
    mdr_scan_stats(scan, &r->stats);
    mdr_scan_free(scan);

    for (i = 0; i < r->n; i++) {
        r->sorted[i] = r->lines[i];
    }

    qsort(r->sorted, r->n, sizeof(char *), by_text);
}


static int
is_same(const result_t *a, const result_t *b, int known)
{
    uint32_t  i;

    if (a->out.len != b->out.len
        || memcmp(a->out.data, b->out.data, a->out.len) != 0)
    {
        printf("# the output is another\n");
        return 0;
    }

    for (i = 0; i < a->n && i < b->n; i++) {
        if (strcmp(a->sorted[i], b->sorted[i]) != 0) {
            printf("# exact:   %s\n# learned: %s\n", a->sorted[i],
                   b->sorted[i]);
            return 0;
        }
    }

    if (a->n != b->n) {
        printf("# %u and %u lines, %s\n", a->n, b->n,
               a->n > b->n ? a->sorted[b->n] : b->sorted[a->n]);
    }

    return a->rc == b->rc && a->n == b->n && a->stats.items == b->stats.items
           && a->stats.hits == b->stats.hits
           && a->stats.removed == b->stats.removed
           && a->stats.masked == b->stats.masked
           && a->stats.tagged == b->stats.tagged
           && a->stats.errors == b->stats.errors
           && a->stats.limited == b->stats.limited
           && a->stats.action == b->stats.action
           && a->stats.suggestion == b->stats.suggestion
           && (known || a->stats.text_bytes == b->stats.text_bytes);
}


/* fields of a card of HTML; JSON: of an entry */

static void
same(const char *fields, const char *in, const char *action,
    const char *more)
{
    int               known, feed;
    char              yaml[2048];
    char             *page;
    size_t            n;
    uint32_t          i, from, round;
    mdr_work_t       *works[WORKS], *fresh;
    mdr_policy_t     *p;
    mdr_scan_conf_t   conf;
    static result_t   exact, got;

    feed = strchr(fields, '$') != NULL;

    snprintf(yaml, sizeof(yaml), feed
        ? "schema: 1\npolicy: p\nslots:\n"
        "  - {name: a, type: json, match: '$.l[*]', count: '$.n', "
        "fields: {%s}%s}\n"
        "rules:\n  - {id: r, label: rumor, risk_level: low, action: %s, "
        "match: {in: [%s], terms: [text, \xe7\xbd\x91, 345]}}\n"
        : "schema: 1\npolicy: p\nslots:\n"
        "  - {name: a, type: html, match: 'li.c', fields: {%s}%s}\n"
        "  - {name: b, type: html, match: 'div.a', fields: {t: 'span.b'}}\n"
        "rules:\n  - {id: r, label: rumor, risk_level: low, action: %s, "
        "match: {in: [%s], terms: [text, \xe7\xbd\x91, 345]}}\n",
        fields, more, action, in);
    p = test_policy(yaml, NULL);
    page = malloc(PAGE);
    CHECK(p != NULL && page != NULL);

    if (p == NULL || page == NULL) {
        free(page);
        return;
    }

    for (i = 0; i < WORKS; i++) {
        works[i] = mdr_work_new(NULL);
    }

    CHECK(mdr_work_remember(works[1], 1 << 18) == MDR_OK);

    for (round = 0; round < test_share(400); round++) {

        if (round % 16 == 0) {
            new_patterns();
        }

        from = seed;
        n = feed ? make_feed(page) : any(2) ? make(page) : make_plain(page);
        memset(&conf, 0, sizeof(conf));
        conf.type = feed ? MDR_TYPE_JSON : MDR_TYPE_HTML;
        conf.item = on_item;
        conf.error = on_error;
        conf.output = on_output;
        conf.mode = any(4) ? MDR_MODE_ENFORCE : MDR_MODE_SHADOW;
        conf.record = any(4) == 0;
        conf.max_slot = any(4) ? 0 : 100 + any(400);
        conf.on_error_block = any(8) == 0;
        conf.limits.text_steps = any(8) ? 0 : 1;
        conf.limits.text_steps_byte = conf.limits.text_steps;

        fresh = mdr_work_new(NULL);
        conf.flags = MDR_SCAN_EXACT;
        run(p, fresh, &conf, page, n, 0, &exact);
        mdr_work_free(fresh);
        conf.flags = 0;

        for (i = 0; i < WORKS; i++) {
            known = i == 1;
            run(p, works[i], &conf, page, n, any(2) ? 0 : 1 + any(3000), &got);

            if (!is_same(&exact, &got, known)) {
                printf("# seed %u, work %u\n", from, i);
                CHECK(0);
                round = UINT32_MAX - 1;
                break;
            }
        }
    }

    for (i = 0; i < WORKS; i++) {
        mdr_work_free(works[i]);
    }

    mdr_policy_free(p);
    free(page);
}


/*
 * Pages of the fixtures, and where MODERATION_CORPORA names a folder of saved
 * pages those, too: each twice by one work area, and once more when it has read
 * all others.
 */

#define PAGES  64

static struct {
    char    name[512];
    char   *data;
    size_t  len;
} pages[PAGES];

static uint32_t  npages;


static void
read_folder(const char *folder)
{
    DIR            *d;
    FILE           *f;
    struct dirent  *e;

    d = opendir(folder);

    while (d != NULL && (e = readdir(d)) != NULL) {
        if (strstr(e->d_name, ".html") == NULL || npages == PAGES) {
            continue;
        }

        snprintf(pages[npages].name, sizeof(pages[npages].name), "%s/%s",
                 folder, e->d_name);
        f = fopen(pages[npages].name, "rb");

        if (f == NULL || fseek(f, 0, SEEK_END) != 0) {
            abort();
        }

        pages[npages].len = (size_t) ftell(f);
        pages[npages].data = malloc(pages[npages].len + 1);
        rewind(f);

        if (fread(pages[npages].data, 1, pages[npages].len, f)
            != pages[npages].len)
        {
            abort();
        }

        fclose(f);
        npages++;
    }

    if (d != NULL) {
        closedir(d);
    }
}


static void
read_pages(void)
{
    char         path[400];
    const char  *corpora;

    read_folder("t/fixtures/pages/pages");
    read_folder("t/fixtures/profiles");
    read_folder("t/fixtures/demo/site");
    corpora = getenv("MODERATION_CORPORA");

    if (corpora != NULL) {
        snprintf(path, sizeof(path), "%s/pages", corpora);
        read_folder(path);
    }
}


static void
again(int all_items, int remember)
{
    uint32_t          i, k, order[3 * PAGES];
    mdr_work_t       *work, *fresh;
    mdr_policy_t     *p;
    mdr_scan_conf_t   conf;
    static result_t   exact, got;

    p = test_policy(
        "schema: 1\npolicy: p\nslots:\n"
        "  - {name: a, type: html, match: 'li', fields: {t: 'h2, h3, b, .title, "
        "p', n: 'i, span', l: 'a@href'}}\n"
        "  - {name: b, type: html, match: '[class*=card], article, tr', fields: "
        "{t: {all: ['.', 'img@alt']}}}\n"
        "  - {name: c, type: html, match: 'a', fields: {t: '.'}}\n"
        "rules:\n  - {id: r, label: rumor, action: tag, match: {in: [t, n], "
        "terms: [\xe7\x9a\x84, the, \xe4\xba\xba, live]}}\n", NULL);
    work = mdr_work_new(NULL);
    CHECK(p != NULL && work != NULL && npages > 5);

    if (remember) {
        CHECK(mdr_work_remember(work, 1 << 20) == MDR_OK);
    }

    for (i = 0; i < npages; i++) {
        order[2 * i] = i;
        order[2 * i + 1] = i;
        order[2 * npages + i] = i;
    }

    memset(&conf, 0, sizeof(conf));
    conf.type = MDR_TYPE_HTML;
    conf.item = on_item;
    conf.error = on_error;
    conf.output = on_output;
    conf.mode = MDR_MODE_ENFORCE;
    conf.all_items = (uint8_t) all_items;

    for (i = 0; p != NULL && i < 3 * npages; i++) {
        k = order[i];
        fresh = mdr_work_new(NULL);
        conf.flags = MDR_SCAN_EXACT;
        run(p, fresh, &conf, pages[k].data, pages[k].len, 0, &exact);
        mdr_work_free(fresh);
        conf.flags = 0;
        run(p, work, &conf, pages[k].data, pages[k].len,
            i % 3 == 0 ? 0 : 20000, &got);

        if (!is_same(&exact, &got, remember)) {
            printf("# %s\n", pages[k].name);
            CHECK(0);
        }
    }

    mdr_work_free(work);
    mdr_policy_free(p);
}


/* a page whose cards stand each in another element: what is learned has no room,
 * and the scan says so */

static void
forgotten(void)
{
    char             *page;
    size_t            n;
    uint32_t          i, k;
    uint64_t          resets;
    mdr_work_t       *work;
    mdr_policy_t     *p;
    mdr_scan_conf_t   conf;
    static result_t   got;

    p = test_policy("schema: 1\npolicy: p\nslots: [{name: a, type: html, "
                    "match: 'p', fields: {t: '.'}}]\n"
                    "rules: [{id: r, label: rumor, match: {in: [t], "
                    "terms: [none]}}]\n", NULL);
    work = mdr_work_new(NULL);
    page = malloc(4 << 20);
    CHECK(p != NULL && work != NULL && page != NULL);

    for (k = 0, n = 0; n < (3u << 20); k++) {
        n += (size_t) sprintf(page + n, "<s%u><p>x</p><p>y</p><p>z</p></s%u>",
                              k, k);
    }

    memset(&conf, 0, sizeof(conf));
    conf.type = MDR_TYPE_HTML;
    conf.item = on_item;
    conf.error = on_error;
    conf.mode = MDR_MODE_SHADOW;

    for (i = 0, resets = 0; i < 6 && resets == 0; i++) {
        run(p, work, &conf, page, n, 0, &got);
        CHECK(got.stats.items == 3 * k);
        resets = got.stats.resets;
    }

    CHECK(resets != 0);
    run(p, work, &conf, page, 100, 0, &got);
    CHECK(got.stats.resets == 0);

    mdr_work_free(work);
    mdr_policy_free(p);
    free(page);
}


int
main(void)
{
    static const char *const  few = "t: 'h3 | span.b', id: '@data-id', "
                                    "f: 'span.f', e: 'h3@title'";
    static const char *const  all = "t: {all: ['h3', 'span.b', 'h2']}, "
                                    "w: 'img@alt', x: 'b'";
    static const char *const  entry = "t: $.t, nick: $.nick, tags: '$.tags[*]', "
                                      "id: $.id";
    static const char *const  both = "t: {all: [$.t, '$.tags[*]']}, by: "
                                     "'$.by.name | $.nick', p: $.pic";

    test_begin("what is blocked");
    same(few, "t, id, f, e", "block", "");
    same(all, "t, x", "block", "");

    test_begin("what is masked");
    same(few, "t, id, f, e", "mask", "");
    same(all, "t, x", "mask", "");

    test_begin("what is tagged");
    same(few, "t, id, f, e", "tag", "");
    same(all, "t, x", "tag", "");

    test_begin("what is only looked at, and what a limit is for");
    same(all, "t, x", "none", "");
    same(few, "t, id, f, e", "block", ", limit: 2");

    CHECK(hits > 1000 && edits > 1000);
    hits = 0;
    edits = 0;

    test_begin("entries of feeds");
    same(entry, "t, nick, tags", "block", "");
    same(entry, "t, nick, tags", "mask", "");
    same(entry, "t, nick, tags", "tag", "");
    same(both, "t, by", "block", "");
    same(both, "t, by", "none", "");

    CHECK(hits > 1000 && edits > 1000);

    test_begin("pages again, and after all others");
    read_pages();
    again(0, 0);
    again(0, 1);
    again(1, 0);

    test_begin("what is learned has no room");
    forgotten();

    while (npages != 0) {
        free(pages[--npages].data);
    }

    return test_done();
}
