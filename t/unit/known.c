/*
 * known.c - a host that knows items: what it is asked, how its answers stand
 * beside rules, limits and required review, and the hints it leaves.
 */

#include "moderation.h"

#include "test.h"
#include "test_out.h"
#include "test_policy.h"


static const char  policy_text[] =
    "schema: 1\n"
    "policy: known\n"
    "slots:\n"
    "  - {name: first, type: html, match: 'li.card', review: required, "
    "limit: 2, fields: {title: h3, room: '@id', account: '@data-a'}}\n"
    "  - {name: feed, type: json, match: '$.list[*]', fields: {title: "
    "'$.t', room: '$.id', account: '$.a'}}\n"
    "rules:\n"
    "  - {id: h, label: x, action: hold, match: {in: [title], terms: "
    "[hold]}}\n"
    "  - {id: b, label: x, match: {in: [title], terms: [bad]}}\n"
    "  - {id: m, label: x, action: mask, match: {in: [title], terms: "
    "[mask]}}\n";

typedef struct {
    test_out_t   out, said;
    const char  *released, *rejected;   /* ids: "1 2"                        */
    uint64_t     generation;
    unsigned     asked, known, texts;
} host_t;


static int
has(const char *ids, mdr_str_t id)
{
    char  want[32];

    snprintf(want, sizeof(want), " %.*s ", (int) id.len, id.data);

    return id.len != 0 && strstr(ids, want) != NULL;
}


static void
known(void *ctx, const mdr_ask_t *ask, mdr_answer_t *answer)
{
    host_t  *h = ctx;

    h->asked++;

    if (ask->known) {
        h->known++;

        /* generation, stand: as of the texts */

        if (ask->hint->w[0] != h->generation) {
            answer->stand = MDR_STAND_READ;
            return;
        }

        answer->stand = (uint8_t) ask->hint->w[1];
        return;
    }

    h->texts++;

    if (has(h->rejected, ask->item_id)) {
        answer->stand = MDR_STAND_OUT;
        answer->review = 2;

    } else if (has(h->released, ask->item_id)) {
        answer->stand = MDR_STAND_SHOW;
        answer->review = 1;
    }

    ask->hint->w[0] = h->generation;
    ask->hint->w[1] = answer->stand;
}


static void
item(void *ctx, const mdr_item_t *it)
{
    host_t  *h = ctx;

    test_out_print(&h->said, "%.*s%s:a%u,w%u,s%u,r%u%s%s ",
                   (int) it->item_id.len, it->item_id.data,
                   it->known ? "known" : "", it->action, it->would,
                   it->suggestion, it->review,
                   it->flags & MDR_ITEM_HELD ? ",held" : "",
                   it->flags & MDR_ITEM_OVER_LIMIT ? ",over" : "");
}


static int
output(void *ctx, const uint8_t *p, size_t n, uint32_t flags)
{
    host_t  *h = ctx;

    (void) flags;
    test_out_add(&h->out, p, n);

    return MDR_OK;
}


static void
run(host_t *h, const mdr_policy_t *p, mdr_work_t *work, const char *body,
    uint8_t mode, const uint8_t *slot_modes)
{
    size_t           i, n;
    mdr_scan_t      *scan;
    mdr_scan_conf_t  conf;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = h;
    conf.output = mode == MDR_MODE_ENFORCE ? output : NULL;
    conf.item = item;
    conf.known = known;
    conf.mode = mode;
    conf.record = 1;
    conf.slot_modes = slot_modes;
    conf.now = 1700000000;

    test_out_clear(&h->out);
    test_out_clear(&h->said);
    h->asked = 0;
    h->known = 0;
    h->texts = 0;

    scan = mdr_scan_new(p, work, &conf);
    n = strlen(body);

    for (i = 0; i < n; i += 4096) {
        CHECK(mdr_scan_feed(scan, (const uint8_t *) body + i,
                            n - i < 4096 ? n - i : 4096) == MDR_OK);
    }

    CHECK(mdr_scan_finish(scan) == MDR_OK);
    mdr_scan_free(scan);
}


#define CARD(id, title)                                                      \
    "<li class=\"card\" id=\"" id "\" data-a=\"u" id "\"><h3>" title "</h3>"             \
    "<p>some more of it, so that it is worth to be kept</p></li>"


static void
test_answers(void)
{
    host_t         h;
    uint8_t        quiet[2];
    mdr_work_t    *work;
    mdr_policy_t  *p;

    static const char  page[] =
        "<ul>" CARD("1", "one") CARD("2", "hold two") CARD("3", "bad three")
        CARD("4", "four") CARD("5", "mask five") CARD("6", "six") "</ul>";

    test_begin("answers, rules, required review, limit");

    p = test_policy(policy_text, NULL);
    work = mdr_work_new(NULL);
    memset(&h, 0, sizeof(h));
    h.released = " ";
    h.rejected = " ";

    /* nothing is released: nothing is shown */

    run(&h, p, work, page, MDR_MODE_ENFORCE, NULL);
    CHECK_STR(h.out.data, h.out.len, "<ul></ul>");
    CHECK_STR(h.said.data, h.said.len, "1:a3,w3,s1,r0,held "
              "2:a3,w3,s2,r0,held 3:a4,w4,s2,r0 4:a3,w3,s1,r0,held "
              "5:a3,w3,s2,r0,held 6:a3,w3,s1,r0,held ");
    CHECK(h.asked == 6 && h.texts == 6);

    /* released: shown where no rule blocks, within the limit; a mask stays */

    h.released = " 2 3 5 6 ";
    h.rejected = " 4 ";
    run(&h, p, work, page, MDR_MODE_ENFORCE, NULL);
    CHECK(strstr(h.out.data, "hold two") != NULL);
    CHECK(strstr(h.out.data, "**** five") != NULL);
    CHECK(strstr(h.out.data, "three") == NULL);
    CHECK(strstr(h.out.data, "six") == NULL);
    CHECK(strstr(h.said.data, "4:a4,w4,s0,r2 ") != NULL);
    CHECK(strstr(h.said.data, "6:a0,w0,s0,r1,over ") != NULL);

    /* spares fill up what is held */

    h.released = " 2 6 ";
    run(&h, p, work, page, MDR_MODE_ENFORCE, NULL);
    CHECK(strstr(h.out.data, "hold two") != NULL
          && strstr(h.out.data, "six") != NULL);

    /* a slot that is open or in shadow for a time: rejected ones stay out */

    quiet[0] = MDR_MODE_OFF;
    quiet[1] = MDR_MODE_ENFORCE;
    run(&h, p, work, page, MDR_MODE_ENFORCE, quiet);
    CHECK(strstr(h.out.data, "one") != NULL
          && strstr(h.out.data, "bad three") != NULL
          && strstr(h.out.data, "four") == NULL);
    CHECK(strstr(h.said.data, "1:a0,w3,s0,r0 ") != NULL);

    /* the location in shadow: nothing changes, all is told */

    run(&h, p, work, page, MDR_MODE_SHADOW, NULL);
    CHECK(h.out.len == 0);
    CHECK(strstr(h.said.data, "1:a0,w3,s0,r0 ") != NULL
          && strstr(h.said.data, "3:a0,w4,s2,r0 ") != NULL
          && strstr(h.said.data, "4:a0,w4,s0,r2 ") != NULL);

    /* a slot that requires nothing; ids come after the text of the rules */

    h.rejected = " 7 ";
    h.released = " 9 ";
    run(&h, p, work, "{\"list\":[{\"t\":\"x\",\"id\":7,\"a\":1},{\"t\":\"hold\","
        "\"id\":8},{\"t\":\"hold\",\"id\":9},{\"t\":\"z\",\"id\":10}]}",
        MDR_MODE_ENFORCE, NULL);
    CHECK_STR(h.out.data, h.out.len, "{\"list\":[{\"t\":\"hold\",\"id\":9},"
              "{\"t\":\"z\",\"id\":10}]}");

    free(h.out.data);
    free(h.said.data);
    mdr_work_free(work);
    mdr_policy_free(p);
}


static void
test_hints(void)
{
    int            i;
    host_t         h;
    mdr_work_t    *work;
    mdr_policy_t  *p;

    static const char *const  pages[] = {
        "<ul>" CARD("1", "one") CARD("2", "two") CARD("3", "bad") "</ul>",
        "{\"list\":[{\"t\":\"x of some length so that it is kept, sixty-four "
        "bytes\",\"id\":1},{\"t\":\"y of some length so that it is kept, "
        "sixty-four bytes\",\"id\":2}]}"
    };

    test_begin("hints beside items that are known by their bytes");

    for (i = 0; i < 2; i++) {
        p = test_policy(policy_text, NULL);
        work = mdr_work_new(NULL);
        CHECK(mdr_work_remember(work, 1 << 18) == MDR_OK);
        memset(&h, 0, sizeof(h));
        h.released = " 1 2 ";
        h.rejected = " ";
        h.generation = 1;

        /* twice to be kept; then they are known, and no text is asked for */

        run(&h, p, work, pages[i], MDR_MODE_ENFORCE, NULL);
        run(&h, p, work, pages[i], MDR_MODE_ENFORCE, NULL);
        CHECK(h.known == 0);
        run(&h, p, work, pages[i], MDR_MODE_ENFORCE, NULL);
        CHECK(h.known == 2 && h.texts == (i == 0));
        CHECK(strstr(h.out.data, i == 0 ? "two" : "y of") != NULL);

        /* another generation: they are read again; the hint then says so */

        h.generation = 2;
        h.rejected = " 2 ";
        run(&h, p, work, pages[i], MDR_MODE_ENFORCE, NULL);
        CHECK(strstr(h.out.data, i == 0 ? "two" : "y of") == NULL);
        CHECK(h.texts == (i == 0 ? 3u : 2u));

        h.generation = 1;
        h.rejected = " ";
        run(&h, p, work, pages[i], MDR_MODE_ENFORCE, NULL);
        CHECK(strstr(h.out.data, i == 0 ? "two" : "y of") != NULL);

        free(h.out.data);
        free(h.said.data);
        mdr_work_free(work);
        mdr_policy_free(p);
    }
}


/* what goes into fingerprints: two forms of one card, in two slots */

static const char  print_text[] =
    "schema: 1\n"
    "policy: prints\n"
    "slots:\n"
    "  - name: page\n"
    "    type: html\n"
    "    match: li\n"
    "    fields: {title: h3, score: b, cover: 'img@src', alt: {all: [i, u]}, "
    "room: {from: 'a@href', pick: 'room/(\\d+)'}}\n"
    "    review: &r\n"
    "      mode: required\n"
    "      fields: [title, score, cover, alt]\n"
    "      normal: {title: [space, marks], score: [digits], url: {drop: [sign, "
    "'x-*'], hosts: {'img*.example.cn': img}}}\n"
    "      scope: [page, feed]\n"
    "  - name: feed\n"
    "    type: json\n"
    "    match: '$[*]'\n"
    "    fields: {title: $.t, score: $.s, cover: $.c, alt: {all: [$.i, $.u]}, "
    "room: $.id}\n"
    "    review: {mode: required, fields: [title, score, cover, alt], normal: "
    "{title: [space, marks], score: [digits], url: {drop: [sign, 'x-*'], "
    "hosts: {'img*.example.cn': img}}}, scope: [page, feed]}\n";


static void
say_print(void *ctx, const mdr_ask_t *ask, mdr_answer_t *answer)
{
    uint32_t     i;
    test_out_t  *o = ctx;

    (void) answer;
    test_out_print(o, "%.*s:", (int) ask->item_id.len, ask->item_id.data);

    for (i = 0; i < ask->nprint; i++) {
        test_out_print(o, " %.*s=%.*s", (int) ask->print[i].name.len,
                       ask->print[i].name.data, (int) ask->print[i].text.len,
                       ask->print[i].text.data);
    }

    test_out_add(o, "\n", 1);
}


static void
prints(test_out_t *o, const mdr_policy_t *p, const char *body)
{
    mdr_work_t      *work;
    mdr_scan_t      *scan;
    mdr_scan_conf_t  conf;

    memset(&conf, 0, sizeof(conf));
    conf.ctx = o;
    conf.known = say_print;
    conf.mode = MDR_MODE_SHADOW;
    test_out_clear(o);
    work = mdr_work_new(NULL);
    scan = mdr_scan_new(p, work, &conf);
    CHECK(mdr_scan_feed(scan, (const uint8_t *) body, strlen(body))
          == MDR_OK);
    CHECK(mdr_scan_finish(scan) == MDR_OK);
    mdr_scan_free(scan);
    mdr_work_free(work);
}


static void
test_prints(void)
{
    test_out_t          o, q;
    mdr_policy_t       *p;
    mdr_review_info_t   info;

    test_begin("what goes into a fingerprint");

    memset(&o, 0, sizeof(o));
    memset(&q, 0, sizeof(q));
    p = test_policy(print_text, NULL);
    CHECK(p != NULL);

    if (p == NULL) {
        return;
    }

    prints(&o, p, "<li><a href=\"/room/12?from=x\">x</a><h3>A, b&nbsp;! c</h3>"
           "<b>3:10</b><img src=\"https://img7.example.cn/a.png?sign=1&v=2&"
           "x-t=5\"><u>two</u></li>");
    CHECK_STR(o.data, o.len, "12: title=Abc score=: "
              "cover=//img/a.png&v=2 alt=\x1f\x1ftwo\n");
    prints(&q, p, "[{\"t\":\"A b\\u00a0c\",\"s\":\"11:2\",\"c\":\"http://img12."
           "example.cn/a.png?v=2\",\"u\":\"two\",\"id\":12}]");
    CHECK_STR(q.data, q.len, o.data);

    /* a look-alike is another card, so is what stands in another field */

    prints(&q, p, "[{\"t\":\"\u0410 b\\u00a0c\",\"s\":\"11:2\",\"c\":\"http://"
           "img12.example.cn/a.png?v=2\",\"u\":\"two\",\"id\":12}]");
    CHECK(strcmp(q.data, o.data) != 0);
    prints(&q, p, "[{\"t\":\"A b\\u00a0c\",\"s\":\"11:2\",\"c\":\"http://img12."
           "example.cn/a.png?v=2\",\"i\":\"two\",\"id\":12}]");
    CHECK(strcmp(q.data, o.data) != 0);

    CHECK(mdr_policy_review(p, 1, &info) == MDR_OK && info.nscope == 2
          && info.mode == MDR_REVIEW_WORD_REQUIRED && info.given
          && info.rollout == 100 && info.flap_max == 0);
    CHECK(mdr_policy_review(p, 2, &info) == MDR_ERROR);

    free(o.data);
    free(q.data);
    mdr_policy_free(p);
}


int
main(void)
{
    test_prints();
    test_answers();
    test_hints();

    return test_done();
}
