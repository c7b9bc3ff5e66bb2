/*
 * Unit tests of json_scan.c, json_text.c and url_text.c: items and their
 * texts, editing positions, broken bodies; every split of the input gives
 * the same calls; random documents give what a second, plain reader finds.
 */

#include "test.h"
#include "sink_json.h"


static uint64_t  seed = 88172645463325252u;


static uint32_t
rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;

    return (uint32_t) ((seed >> 20) % n);
}


/* ways to cut a body */

typedef struct {
    size_t  first;                      /* 0: random pieces                  */
} cut_t;


static size_t
cut_once(void *ctx, size_t at)
{
    cut_t  *c = ctx;

    return at == 0 ? c->first : SIZE_MAX / 2;
}


static size_t
cut_random(void *ctx, size_t at)
{
    (void) ctx;
    (void) at;

    return 1 + rnd(rnd(3) == 0 ? 40 : 4);
}


static size_t
cut_bytes(void *ctx, size_t at)
{
    (void) ctx;
    (void) at;

    return 1;
}


static void
rules(mdr_sink_t *k)
{
    k->rules = mdr_json_compile(&k->model, k->arena);
    CHECK(k->rules != NULL);
}


/* the body in any pieces is the body in one; leaves the sink as that does */

static void
splits(mdr_sink_t *k, int type, const char *body, size_t n)
{
    int     rc, rc2;
    char   *log;
    size_t  i;
    cut_t   c;

    sink_clear(k);
    rc = sink_scan(k, type, NULL, (const uint8_t *) body, n, NULL, NULL);
    CHECK(!k->wrong);
    log = strdup(k->log.data);

    for (i = 0; i < n + 8; i++) {
        sink_clear(k);
        c.first = i;

        rc2 = i == 0 || n > 2000
              ? sink_scan(k, type, NULL, (const uint8_t *) body, n,
                          n > 2000 ? cut_random : cut_bytes, NULL)
              : i < n
              ? sink_scan(k, type, NULL, (const uint8_t *) body, n, cut_once,
                          &c)
              : sink_scan(k, type, NULL, (const uint8_t *) body, n,
                          cut_random, NULL);

        CHECK(!k->wrong);
        CHECK(rc == rc2);

        if (strcmp(log, k->log.data) != 0) {
            printf("# cut %zu of %.999s\n# whole:\n%.9999s# cut:\n%.9999s",
                   i, body, log, k->log.data);
            CHECK(!"the same calls");
            break;
        }

        if (n > 2000) {
            break;
        }
    }

    free(log);
}


typedef struct {
    const char  *match;
    const char  *fields[4];
    const char  *body;
    const char  *items;
    int          errors;
} case_t;


static void
run_cases(int type, const case_t *c, size_t n)
{
    size_t      i;
    mdr_sink_t  k;

    for (i = 0; i < n; i++) {
        sink_init(&k, NULL);
        sink_slot(&k, type, NULL, c[i].match, NULL, c[i].fields);
        rules(&k);
        splits(&k, type, c[i].body, strlen(c[i].body));

        if (strcmp(k.items.data, c[i].items) != 0) {
            printf("# %.999s\n", c[i].body);
        }

        CHECK_STR(k.items.data, k.items.len, c[i].items);
        CHECK((int) k.errors == c[i].errors);
        sink_done(&k);
    }
}


#define RUN(type, cases)                                                     \
    run_cases(type, cases, sizeof(cases) / sizeof(cases[0]))


static void
items(void)
{
    static const case_t  cases[] = {
        {"$", {"$.t"}, "{\"t\":\"x\"}", "0:0-9 [x]\n", 0},
        {"$", {"$"}, "\"x\"", "0:0-3 [x]\n", 0},
        {"$", {"$"}, "12", "0:0-2 [12]\n", 0},
        {"$", {"$"}, " true ", "0:1-5 [true]\n", 0},
        {"$", {"$"}, "null", "0:0-4 []\n", 0},
        {"$", {"$.t"}, "{}", "0:0-2 -\n", 0},
        {"$", {"$.t"}, "", "", 0},
        {"$[*]", {"$"}, "[]", "", 0},
        {"$[*]", {"", "$.t"}, "[1,{\"t\":2},[3]]",
         "0:1-2 [1] -\n0:3-10 - [2]\n0:11-14 - -\n", 0},
        {"$[*]", {"$"}, "[1,\"a\",null,{},[]]",
         "0:1-2 [1]\n0:3-6 [a]\n0:7-11 []\n0:12-14 -\n0:15-17 -\n", 0},
        {"$[*]", {"$.t"}, "[{\"t\":\"a\"},{\"u\":1},{\"t\":\"b\",\"u\":2}]",
         "0:1-10 [a]\n0:11-18 -\n0:19-34 [b]\n", 0},
        {"$.l[*]", {"$.t", "$.n"},
         "\xef\xbb\xbf { \"l\" : [ { \"t\" : \"a\" , \"n\" : -1.5e+9 } ] } ",
         "0:14-43 [a] [-1.5e+9]\n", 0},
        {"$.l[*]", {"$.t"}, "{\"x\":{\"l\":[1]},\"l\":{\"a\":{\"t\":1}}}",
         "0:24-31 [1]\n", 0},
        {"$..l[*]", {"$.t"}, "{\"l\":[{\"t\":1,\"l\":[{\"t\":2}]}]}",
         "0:18-25 [2]\n0:6-27 [1]\n", 0},
        {"$[1]", {"$"}, "[1,2,3]", "0:3-4 [2]\n", 0},
        {"$[1::2]", {"$"}, "[0,1,2,3,4]", "0:3-4 [1]\n0:7-8 [3]\n", 0},
        {"$['a','b']", {"$"}, "{\"a\":1,\"c\":2,\"b\":3}",
         "0:5-6 [1]\n0:17-18 [3]\n", 0},
        {"$[*]", {"$.r[*].t"},
         "[{\"r\":[{\"t\":\"a\"},{\"u\":\"-\"},{\"t\":\"b\"}]}]",
         "0:1-38 [ab]\n", 0},
        {"$[*]", {"$..t"}, "[{\"t\":\"a\",\"x\":[{\"t\":\"b\"},[1]]}]",
         "0:1-30 [ab]\n", 0},

        /* duplicate keys: a reader may take either */

        {"$[*]", {"$.t"}, "[{\"t\":\"a\",\"t\":\"b\"}]", "0:1-18 [ab]\n", 0},

        /* several documents */

        {"$", {"$.t"}, "{\"t\":1} {\"t\":2}\n{\"t\":3}",
         "0:0-7 [1]\n0:8-15 [2]\n0:16-23 [3]\n", 0},
        {"$", {"$.t"}, "{\"t\":1}{\"t\":2}", "0:0-7 [1]\n0:7-14 [2]\n", 0},

        /* guards against <script>; only at the very beginning */

        {"$.t", {"$"}, ")]}',\n{\"t\":1}", "0:11-12 [1]\n", 0},
        {"$.t", {"$"}, "\xef\xbb\xbf )]}'\n{\"t\":1}", "0:14-15 [1]\n", 0},
        {"$.t", {"$"}, "for(;;);{\"t\":1}", "0:13-14 [1]\n", 0},
        {"$.t", {"$"}, "while(1);{\"t\":1}", "0:14-15 [1]\n", 0},
        {"$.t", {"$"}, "while (1); {\"t\":1}", "0:16-17 [1]\n", 0},
        {"$", {"$"}, "false", "0:0-5 [false]\n", 0},

        /* keys with escapes, and what only looks like one */

        {"$.\xc3\xa9.t", {"$"}, "{\"\\u00e9\":{\"t\":1}}", "0:15-16 [1]\n",
         0},
        {"$.a", {"$"}, "{\"\\u0061\":1}", "0:10-11 [1]\n", 0},
        {"$.a", {"$"}, "{\"\\\\a\":1,\"a\\\"\":2}", "", 0},
        {"$.a", {"$"}, "{\"b\":\"\\\"a\\\":1\",\"a\":2}", "0:19-20 [2]\n", 0},

        /* strings */

        {"$[*]", {"$"}, "[\"a\\\"b\",\"\\\\\",\"\\/\\b\\f\\n\\r\\t.\"]",
         "0:1-7 [a\"b]\n0:8-12 [\\]\n0:13-28 [/\b .]\n", 0},
        {"$[*]", {"$"}, "[\"\\u4e2d\\u6587\",\"\\ud83d\\ude00\"]",
         "0:1-15 [\xe4\xb8\xad\xe6\x96\x87]\n"
         "0:16-30 [\xf0\x9f\x98\x80]\n", 0},
        {"$[*]", {"$"}, "[\"\\ud83dx\",\"\\ude00\",\"\\ud83d\\u0041\"]",
         "0:1-10 [\xef\xbf\xbdx]\n0:11-19 [\xef\xbf\xbd]\n"
         "0:20-34 [\xef\xbf\xbd" "A]\n", 0},
        {"$[*]", {"$"}, "[\"\\ud83d\\ud83d\\ude00\",\"\\ud83d\"]",
         "0:1-21 [\xef\xbf\xbd\xf0\x9f\x98\x80]\n0:22-30 [\xef\xbf\xbd]\n",
         0},

        /* control characters are no JSON, but readers that take them exist */

        {"$[*]", {"$"}, "[\"a\nb\",\"\x01\"]",
         "0:1-6 [a b]\n0:7-10 [\x01]\n", 0},

        /* big numbers as they are */

        {"$[*]", {"$"}, "[123456789012345678901234567890,1E400,-0]",
         "0:1-31 [123456789012345678901234567890]\n0:32-37 [1E400]\n"
         "0:38-40 [-0]\n", 0}
    };

    test_begin("items and texts");
    RUN(MDR_TYPE_JSON, cases);
}


static void
broken(void)
{
    static const case_t  cases[] = {
        {"$[*]", {"$"}, "[1,2", "0:1-2 [1]\n0:3-4 [2]\n", 1},
        {"$[*]", {"$"}, "[1,]", "0:1-2 [1]\n", 1},
        {"$[*]", {"$"}, "[,1]", "", 1},
        {"$[*]", {"$"}, "[1 2]", "0:1-2 [1]\n", 1},
        {"$[*]", {"$"}, "[1}", "0:1-2 [1]\n", 1},
        {"$[*]", {"$"}, "]", "", 1},
        {"$[*]", {"$"}, ")]}", "", 1},
        {"$[*]", {"$"}, "for(;;)", "", 1},
        {"$[*]", {"$"}, "[1]for(;;);[2]", "0:1-2 [1]\n", 1},
        {"$[*]", {"$"}, "x", "", 1},
        {"$[*]", {"$"}, "[01]", "", 1},
        {"$[*]", {"$"}, "[1.]", "", 1},
        {"$[*]", {"$"}, "[.5]", "", 1},
        {"$[*]", {"$"}, "[+1]", "", 1},
        {"$[*]", {"$"}, "[1e]", "", 1},
        {"$[*]", {"$"}, "[-]", "", 1},
        {"$[*]", {"$"}, "[tru]", "", 1},
        {"$[*]", {"$"}, "[NaN]", "", 1},
        {"$[*]", {"$"}, "['a']", "", 1},
        {"$[*]", {"$"}, "[/**/1]", "", 1},
        {"$[*]", {"$"}, "[\"\\x41\"]", "", 1},
        {"$[*]", {"$"}, "[\"\\u12g4\"]", "", 1},
        {"$[*]", {"$"}, "[\"\\u12", "", 1},
        {"$[*]", {"$"}, "[\"abc", "", 1},
        {"$.a", {"$"}, "{\"b\":1,}", "", 1},
        {"$.a", {"$"}, "{\"b\" 1}", "", 1},
        {"$.a", {"$"}, "{b:1}", "", 1},
        {"$.a", {"$"}, "{\"b\":}", "", 1},
        {"$.a", {"$"}, "{,}", "", 1},
        {"$.a", {"$"}, "{\"b\":1", "", 1},
        {"$.a", {"$"}, "{\"b\"", "", 1},
        {"$.a", {"$"}, "{\"b\":[1}", "", 1},
        {"$.a", {"$"}, "{\"b\":{\"c\":[}", "", 1},
        {"$.a", {"$"}, "{\"a\":1} x", "0:5-6 [1]\n", 1},
        {"$.a", {"$"}, "{\"a\":1}}", "0:5-6 [1]\n", 1}
    };

    test_begin("broken bodies");
    RUN(MDR_TYPE_JSON, cases);
}


static void
lines(void)
{
    static const case_t  cases[] = {
        {"$", {"$.t"}, "{\"t\":1}\n{\"t\":2}\n",
         "0:0-7 [1]\n0:8-15 [2]\n", 0},
        {"$", {"$.t"}, "{\"t\":1}\r\n\r\n\n {\"t\":2}",
         "0:0-7 [1]\n0:13-20 [2]\n", 0},
        {"$", {"$"}, "1\n\"a\"\n", "0:0-1 [1]\n0:2-5 [a]\n", 0},
        {"$", {"$.t"}, "{\"t\":\n{\"t\":2}\n",
         "0:0-5 [] unreadable\n0:6-13 [2]\n", 1},
        {"$", {"$.t"}, "{\"t\":1,]}\n{\"t\":2}\n",
         "0:0-9 [1] unreadable\n0:10-17 [2]\n", 1},
        {"$", {"$.t"}, "{\"t\":\"a\n{\"t\":2}\n",
         "0:0-7 [a] unreadable\n0:8-15 [2]\n", 1},
        {"$", {"$.t"}, "{\"u\":[\"a\n{\"t\":2}",
         "0:0-8 - unreadable\n0:9-16 [2]\n", 1},
        {"$", {"$.t"}, "{\"u\":[\"a\\\n{\"t\":2}",
         "0:0-9 - unreadable\n0:10-17 [2]\n", 1},
        {"$", {"$.t"}, "{\"u\":[1,\n{\"t\":2}",
         "0:0-8 - unreadable\n0:9-16 [2]\n", 1},
        {"$", {"$.t"}, "{\"u\n{\"t\":2}",
         "0:0-3 - unreadable\n0:4-11 [2]\n", 1},
        {"$", {"$.t"}, "{\"t\":1} {\"t\":3}\n{\"t\":2}",
         "0:0-15 [1] unreadable\n0:16-23 [2]\n", 1},
        {"$", {"$.t"}, "nonsense\n{\"t\":2}",
         "0:0-8 - unreadable\n0:9-16 [2]\n", 1},
        {"$", {"$.t"}, "{\"t\":1}\n{\"t\":", "0:0-7 [1]\n"
         "0:8-13 - unreadable\n", 1},
        {"$.l[*]", {"$"}, "{\"l\":[1,2]}\n{\"l\":[3]}\n",
         "0:6-7 [1]\n0:8-9 [2]\n0:18-19 [3]\n", 0}
    };

    test_begin("lines (NDJSON)");
    RUN(MDR_TYPE_NDJSON, cases);
}


static void
padded(void)
{
    static const case_t  cases[] = {
        {"$.t", {"$"}, "cb({\"t\":1})", "0:8-9 [1]\n", 0},
        {"$.t", {"$"}, "/**/ window.cb && window.cb( {\"t\":1} );\n",
         "0:34-35 [1]\n", 0},
        {"$.t", {"$"}, "a(b);c([1])", "", 0},
        {"$.t", {"$"}, "if (x) cb({\"t\":1});", "0:15-16 [1]\n", 0},
        {"$[*]", {"$"}, "try{cb([1,2])}catch(e){}",
         "0:8-9 [1]\n0:10-11 [2]\n", 0},
        {"$.t", {"$"}, "nothing here", "", 0},
        {"$.t", {"$"}, "cb({\"t\":1", "0:8-9 [1]\n", 1}
    };

    test_begin("padded (JSONP)");
    RUN(MDR_TYPE_JSONP, cases);
}


/* lists, whole, tag points, counts: the log */

static void
positions(void)
{
    size_t      i;
    mdr_sink_t  k;

    static const char *const  fields[] = {"$.t", NULL};

    static const struct {
        const char  *match, *body, *log;
    } cases[] = {
        {"$.l[*]", "{\"l\":[ {\"t\":1} , 2]}",
         "list 1 at 5\n"
         "element of 1 at 7\n"
         "item 0 slot 0 kind 1 at 7 whole 7 in 1\n"
         "open 0.0\n"
         "tag 0 at 13 comma\n"
         "text 0.0 [1] 61\n"
         "end 0 at 14 whole 14\n"
         "comma of 1 at 15\n"
         "element of 1 at 17\n"
         "item 0 slot 0 kind 1 at 17 whole 17 in 1\n"
         "end 0 at 18 whole 18\n"
         "close of 1 at 18\n"},
        {"$.a", "{ \"b\":0, \"a\" :{ } }",
         "list 1 at 0\n"
         "element of 1 at 2\n"
         "comma of 1 at 7\n"
         "element of 1 at 9\n"
         "item 0 slot 0 kind 1 at 14 whole 9 in 1\n"
         "tag 0 at 15\n"
         "end 0 at 17 whole 17\n"
         "close of 1 at 18\n"},

        /* a member of ours that upstream wrote: alone, first, between, last */

        {"$", "{\"moderation\":{}}",
         "item 0 slot 0 kind 2 at 0 whole 0 in 18446744073709551615\n"
         "tag 0 at 16 stale 1-16\n"
         "end 0 at 17 whole 17\n"},
        {"$", "{\"moderation\":1, \"a\":2}",
         "item 0 slot 0 kind 2 at 0 whole 0 in 18446744073709551615\n"
         "tag 0 at 22 comma stale 1-17\n"
         "end 0 at 23 whole 23\n"},
        {"$", "{\"a\":1,\"moderation\":1,\"b\":2}",
         "item 0 slot 0 kind 2 at 0 whole 0 in 18446744073709551615\n"
         "tag 0 at 27 comma stale 6-21\n"
         "end 0 at 28 whole 28\n"},
        {"$", "{\"a\":1,\"moderation\":{\"b\":[]}}",
         "item 0 slot 0 kind 2 at 0 whole 0 in 18446744073709551615\n"
         "tag 0 at 28 comma stale 6-28\n"
         "end 0 at 29 whole 29\n"}
    };

    test_begin("lists, members, tag points");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        sink_init(&k, NULL);
        sink_slot(&k, MDR_TYPE_JSON, NULL, cases[i].match, NULL, fields);
        rules(&k);
        splits(&k, MDR_TYPE_JSON, cases[i].body, strlen(cases[i].body));
        CHECK_STR(k.log.data, k.log.len, cases[i].log);
        sink_done(&k);
    }

    /* a node of items and of what is in them: the key is seen in each */

    {
        static const char *const  deep[] = {"$..t", NULL};
        static const char         body[] = "[{\"a\":{\"moderation\":1}},"
                                           "{\"moderation\":1,\"a\":2}]";

        sink_init(&k, NULL);
        sink_slot(&k, MDR_TYPE_JSON, NULL, "$[*]", NULL, deep);
        rules(&k);
        splits(&k, MDR_TYPE_JSON, body, strlen(body));
        CHECK(strstr(k.log.data, "stale 25-40\n") != NULL);
        CHECK(strstr(k.log.data, "stale") == strstr(k.log.data, "stale 25"));
        sink_done(&k);
    }

    test_begin("counts, several slots, several items for one value");

    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_JSON, NULL, "$.l[*]", "$.n", fields);
    sink_slot(&k, MDR_TYPE_JSON, NULL, "$.l[1]", NULL, fields);
    sink_slot(&k, MDR_TYPE_NDJSON, NULL, "$", NULL, fields);
    rules(&k);

    {
        static const char  body[] = "{\"x\":{\"n\":1},\"l\":[{\"t\":1},"
                                    "{\"t\":2}],\"n\":25}";

        splits(&k, MDR_TYPE_JSON, body, strlen(body));
        CHECK_STR(k.items.data, k.items.len,
                  "0:18-25 [1]\n1:26-33 [2]\n0:26-33 [2]\n");
        CHECK(k.counts == 1);
        CHECK(k.count_start == 39 && k.count_end == 41);
    }

    sink_done(&k);
}


static void
deep(void)
{
    char       *body;
    size_t      i, n;
    mdr_sink_t  k;

    static const char *const  fields[] = {"$..t", NULL};

    test_begin("depth");

    n = 100000;
    body = malloc(3 * n);
    if (body == NULL) {
        abort();
    }

    /* passed over, to any depth; what stands behind is read */

    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_JSON, NULL, "$[*].a", NULL, fields);
    rules(&k);

    body[0] = '[';
    memset(body + 1, '[', n);
    memset(body + 1 + n, ']', n);
    strcpy(body + 1 + 2 * n, ",{\"a\":{\"t\":1}}]");

    CHECK(sink_scan(&k, MDR_TYPE_JSON, NULL, (uint8_t *) body, strlen(body),
                    cut_random, NULL) == MDR_OK);
    CHECK(k.errors == 0);
    CHECK_STR(k.items.data, k.items.len, "0:200007-200014 [1]\n");
    sink_done(&k);

    /* looked into: reported once it is too deep, and right behind it */

    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_JSON, NULL, "$[*]", NULL, fields);
    rules(&k);

    CHECK(sink_scan(&k, MDR_TYPE_JSON, NULL, (uint8_t *) body, strlen(body),
                    cut_random, NULL) == MDR_OK);
    CHECK(k.errors == 1);
    CHECK(k.error_at == 512);
    CHECK_STR(k.items.data, k.items.len,
              "0:1-200001 -\n0:200002-200015 [1]\n");
    sink_done(&k);

    /* 512 levels are read */

    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_JSON, NULL, "$[*]", NULL, fields);
    rules(&k);

    memset(body, '[', 511);
    strcpy(body + 511, "{\"t\":7}");
    for (i = strlen(body), n = i + 511; i < n; i++) {
        body[i] = ']';
    }

    CHECK(sink_scan(&k, MDR_TYPE_JSON, NULL, (uint8_t *) body, n, cut_random,
                    NULL) == MDR_OK);
    CHECK(k.errors == 0);
    CHECK_STR(k.items.data, k.items.len, "0:1-1028 [7]\n");
    sink_done(&k);

    free(body);
}


typedef struct {
    char    *p;
    size_t   n, cap;
} doc_t;


static void
put(doc_t *d, const char *s)
{
    size_t  n;

    n = strlen(s);
    if (d->n + n + 1 > d->cap) {
        d->cap = (d->n + n + 1) * 2;
        d->p = realloc(d->p, d->cap);
        if (d->p == NULL) {
            abort();
        }
    }
    memcpy(d->p + d->n, s, n + 1);
    d->n += n;
}


/*
 * Items inside one another in every order: more shapes of value than are
 * remembered at once, so that the old ones are thrown away, some in use.
 */

static void
shapes(void)
{
    char       *log;
    doc_t       d, want;
    char        line[64], end[64];
    uint32_t    i, k, depth, slot[32];
    size_t      start[32];
    mdr_sink_t  sk;

    static const char *const  fields[] = {"$..t", NULL};

    test_begin("more shapes than are remembered");

    sink_init(&sk, NULL);
    sink_slot(&sk, MDR_TYPE_JSON, NULL, "$..a", NULL, fields);
    sink_slot(&sk, MDR_TYPE_JSON, NULL, "$..b", NULL, fields);
    rules(&sk);
    memset(&d, 0, sizeof(d));
    memset(&want, 0, sizeof(want));
    put(&d, "[");
    put(&want, "");

    for (i = 0; i < 900; i++) {
        depth = 8 + rnd(20);

        for (k = 0; k < depth; k++) {
            slot[k] = rnd(2);
            put(&d, slot[k] ? "{\"b\":" : "{\"a\":");
            start[k] = d.n;
        }

        snprintf(line, sizeof(line), "{\"t\":%u}", i);
        put(&d, line);

        for (k = depth; k > 0; k--) {
            snprintf(end, sizeof(end), "%u:%zu-%zu [%u]\n", slot[k - 1],
                     start[k - 1], d.n, i);
            put(&want, end);
            put(&d, "}");
        }

        put(&d, i + 1 < 900 ? "," : "]");
    }

    CHECK(sink_scan(&sk, MDR_TYPE_JSON, NULL, (uint8_t *) d.p, d.n, NULL,
                    NULL) == MDR_OK);
    CHECK(sk.errors == 0);
    CHECK(!sk.wrong);
    CHECK(sk.items.len == want.n
          && memcmp(sk.items.data, want.p, want.n) == 0);
    log = strdup(sk.log.data);

    sink_clear(&sk);
    CHECK(sink_scan(&sk, MDR_TYPE_JSON, NULL, (uint8_t *) d.p, d.n,
                    cut_random, NULL) == MDR_OK);
    CHECK(strcmp(log, sk.log.data) == 0);

    free(log);
    free(d.p);
    free(want.p);
    sink_done(&sk);
}


/* tokens longer than what may stay unconsumed */

static void
long_tokens(void)
{
    char       *body;
    size_t      n;
    mdr_sink_t  k;

    static const char *const  fields[] = {"$.t", NULL};

    test_begin("long tokens");

    n = 300000;
    body = malloc(n + 100);
    if (body == NULL) {
        abort();
    }

    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_JSON, NULL, "$[*]", NULL, fields);
    rules(&k);

    strcpy(body, "[{\"t\":\"");
    memset(body + 7, 'x', n);
    strcpy(body + 7 + n, "\"},{\"t\":2}]");
    splits(&k, MDR_TYPE_JSON, body, strlen(body));
    CHECK(k.errors == 0);
    CHECK(strstr(k.items.data, "[2]\n") != NULL);

    strcpy(body, "[{\"t\":1},");
    memset(body + 9, ' ', n);
    strcpy(body + 9 + n, "{\"t\":2}]");
    splits(&k, MDR_TYPE_JSON, body, strlen(body));
    CHECK_STR(k.items.data, k.items.len,
              "0:1-8 [1]\n0:300009-300016 [2]\n");

    /* longer than a key or a number may be: broken, wherever it is cut */

    strcpy(body, "[{\"t\"");
    memset(body + 5, ' ', n);
    strcpy(body + 5 + n, ":1},{\"t\":2}]");
    splits(&k, MDR_TYPE_JSON, body, strlen(body));
    CHECK(k.errors == 1 && k.error_at == 2);

    strcpy(body, "[{\"");
    memset(body + 3, 'k', n);
    strcpy(body + 3 + n, "\":1},{\"t\":2}]");
    splits(&k, MDR_TYPE_JSON, body, strlen(body));
    CHECK(k.errors == 1 && k.error_at == 2);

    strcpy(body, "[");
    memset(body + 1, '9', n);
    strcpy(body + 1 + n, ",{\"t\":2}]");
    splits(&k, MDR_TYPE_JSON, body, strlen(body));
    CHECK(k.errors == 1 && k.error_at == 1);

    /* just short enough */

    n = MDR_TOKEN_MAX - 8;
    strcpy(body, "[{\"");
    memset(body + 3, 'k', n);
    strcpy(body + 3 + n, "\":1},{\"t\":2}]");
    splits(&k, MDR_TYPE_JSON, body, strlen(body));
    CHECK(k.errors == 0);

    sink_done(&k);
    free(body);
}


/* a value inside a value: as: json, as: url */

static void
inner(void)
{
    size_t      i;
    uint64_t    a, b;
    mdr_str_t   path;
    mdr_text_t  in, out;

    static const struct {
        const char  *text, *path, *found;
    } cases[] = {
        {"{\"t\":\"a\"}", "$.t", "a"},
        {" {\"x\":{\"t\":[1,2]},\"t\":\"b\"} ", "$.x.t[1]", "2"},
        {"{\"t\":\"\\u4e2d\\n\"}", "$.t", "\xe4\xb8\xad"},
        {"[\"a\",[\"b\"],\"c\"]", "$..[*]", "abc"},
        {"[{\"t\":true},{\"t\":null}]", "$[*].t", "true"},
        {"\"s\"", "$", "s"},
        {"{\"t\":", "$.t", ""},
        {"{\"t\":\"abc", "$.t", ""},
        {"nonsense", "$.t", ""},
        {"{\"\\u0074\":5}", "$.t", "5"},
        {"{\"a\":{\"t\":1}}", "$.t", ""},
        {"", "$", ""}
    };

    static const struct {
        const char  *text, *found;
        uint64_t     end;
    } urls[] = {
        {"%e4%b8%ad", "惊中", 27},
        {"%D6%D0+%81A", "惊中 丄", 24},
        {"%816%A47%D6%D0", "惊\xe2\x80\x8b中", 26},
        {"中%D6%D0", "惊中中", 21},
        {"中%D6%D0%ff", "惊中\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd", 21},
        {"中%e4%b8", "惊中涓", 21},
        {"中%e4%b8%", "惊中涓%", 21}
    };

    test_begin("JSON in a value");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        mdr_text_init(&in, mdr_mem_default(), 1000);
        mdr_text_init(&out, mdr_mem_default(), 1000);
        path.data = cases[i].path;
        path.len = (uint32_t) strlen(cases[i].path);

        CHECK(mdr_text_copy(&in, 100, (const uint8_t *) cases[i].text,
                            strlen(cases[i].text)) == MDR_OK);
        CHECK(mdr_json_text(&in, path, MDR_JOIN_PIECES, &out,
                            mdr_mem_default())
              == MDR_OK);
        CHECK(mdr_text_finish(&out) == MDR_OK);
        CHECK_STR(out.len != 0 ? (char *) out.data : "", out.len,
                  cases[i].found);

        if (out.len != 0) {
            mdr_text_span(&out, 0, (uint32_t) out.len, &a, &b);
            CHECK(a >= 100 && b <= 100 + in.len && a < b);
        }

        mdr_text_done(&in);
        mdr_text_done(&out);
    }

    test_begin("URLs");

    mdr_text_init(&in, mdr_mem_default(), 1000);
    mdr_text_init(&out, mdr_mem_default(), 1000);
    CHECK(mdr_text_copy(&in, 10, (const uint8_t *)
                        "%e4%b8%ADx+y%zz%4\xe4\xb8\xad", 20) == MDR_OK);
    CHECK(mdr_url_text(&in, &out) == MDR_OK);
    CHECK(mdr_text_finish(&out) == MDR_OK);
    CHECK_STR(out.data, out.len,
              "\xe4\xb8\xadx y%zz%4\xe4\xb8\xad");
    mdr_text_span(&out, 0, 3, &a, &b);
    CHECK(a == 10 && b == 19);
    mdr_text_span(&out, 3, 4, &a, &b);
    CHECK(a == 19 && b == 20);
    mdr_text_done(&in);
    mdr_text_done(&out);

    /* characters that one unit of the source stands for, and GB18030 */

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        mdr_text_init(&in, mdr_mem_default(), 1000);
        mdr_text_init(&out, mdr_mem_default(), 1000);
        CHECK(mdr_text_unit(&in, 10, 8, (const uint8_t *) "惊", 3) == MDR_OK);
        CHECK(mdr_text_copy(&in, 18, (const uint8_t *) urls[i].text,
                            strlen(urls[i].text)) == MDR_OK);
        CHECK(mdr_url_text(&in, &out) == MDR_OK);
        CHECK(mdr_text_finish(&out) == MDR_OK);
        CHECK_STR(out.data, out.len, urls[i].found);
        mdr_text_span(&out, 0, 3, &a, &b);
        CHECK(a == 10 && b == 18);
        mdr_text_span(&out, 3, 6, &a, &b);
        CHECK(a == 18 && b == urls[i].end);
        mdr_text_done(&in);
        mdr_text_done(&out);
    }
}


/* values that nobody wants, long enough for whole blocks: strings full of
 * escapes, quotes and brackets, cut or not */

static void
passed_over(void)
{
    char        body[2048], want[64];
    size_t      m, n, start;
    uint32_t    i, k, depth;
    mdr_sink_t  k1;

    static const char *const  fields[] = {"$", NULL};

    test_begin("values passed over");

    sink_init(&k1, NULL);
    sink_slot(&k1, MDR_TYPE_JSON, NULL, "$.t", NULL, fields);
    rules(&k1);

    for (i = 0; i < test_share(2000); i++) {
        n = (size_t) sprintf(body, "{\"x\":[");

        for (k = rnd(40), depth = 1; k > 0; k--) {
            switch (rnd(4)) {
            case 0:
                body[n++] = '{';
                depth++;
                break;
            case 1:
                if (depth > 1) {
                    body[n++] = '}';
                    depth--;
                }
                break;
            default:
                body[n++] = '"';
                for (m = rnd(20); m > 0; m--) {
                    switch (rnd(5)) {
                    case 0:
                        body[n++] = '\\';
                        body[n++] = rnd(2) ? '"' : '\\';
                        break;
                    case 1:
                        body[n++] = "[]{},:\n"[rnd(7)];
                        break;
                    default:
                        body[n++] = 'a';
                    }
                }
                body[n++] = '"';
            }
        }

        while (--depth > 0) {
            body[n++] = '}';
        }

        n += (size_t) sprintf(body + n, "],\"t\":");
        start = n;
        n += (size_t) sprintf(body + n, "1}");
        snprintf(want, sizeof(want), "0:%zu-%zu [1]\n", start, start + 1);

        sink_clear(&k1);
        CHECK(sink_scan(&k1, MDR_TYPE_JSON, NULL, (uint8_t *) body, n,
                        i % 2 ? cut_random : NULL, NULL) == MDR_OK);
        CHECK(k1.errors == 0);
        CHECK_STR(k1.items.data, k1.items.len, want);
    }

    sink_done(&k1);
}


/*
 * Random documents, written with what a second reader has to find: the texts
 * of "t" below elements of "l", in the order of the ends of their items.
 */

static void
gap(doc_t *d)
{
    static const char *const  space[] = {"", "", "", " ", "\n", "\t ", "\r\n"};

    put(d, space[rnd(7)]);
}


static void
word(doc_t *d, doc_t *text)
{
    uint32_t  i, n;

    static const char *const  units[][2] = {
        {"a", "a"}, {"b", "b"}, {"\\\"", "\""}, {"\\\\", "\\"},
        {"\\u0041", "A"}, {"\\ud83d\\ude00", "\xf0\x9f\x98\x80"},
        {"\xe4\xb8\xad", "\xe4\xb8\xad"}, {"{", "{"}, {"]", "]"},
        {",", ","}, {"\\/", "/"}, {"\\ud83d", "\xef\xbf\xbd"},
        {"'", "'"}, {":", ":"}
    };

    put(d, "\"");

    for (i = 0, n = rnd(6); i < n; i++) {
        const char *const  *u = units[rnd(14)];

        put(d, u[0]);
        if (text != NULL) {
            put(text, u[1]);
        }

        /* a lone half must stay alone */

        if (u[0][1] == 'u' && u[0][6] == '\0') {
            put(d, "-");
            if (text != NULL) {
                put(text, "-");
            }
        }
    }

    put(d, "\"");
}


static void
noise(doc_t *d, int depth)
{
    uint32_t  i, n, kind;

    static const char *const  atoms[] = {"0", "-12.5e3", "true", "false",
                                         "null", "[]", "{}"};

    kind = rnd(depth > 4 ? 2 : 4);

    if (kind == 0) {
        word(d, NULL);
        return;
    }

    if (kind == 1) {
        put(d, atoms[rnd(7)]);
        return;
    }

    put(d, kind == 2 ? "[" : "{");
    gap(d);

    for (i = 0, n = rnd(4); i < n; i++) {
        if (i != 0) {
            put(d, ",");
            gap(d);
        }
        if (kind == 3) {
            put(d, rnd(2) ? "\"t\"" : "\"l\"");
            gap(d);
            put(d, ":");
            gap(d);
        }
        noise(d, depth + 1);
        gap(d);
    }

    put(d, kind == 2 ? "]" : "}");
}


static void
document(doc_t *d, doc_t *want)
{
    int       member;
    char      line[64];
    size_t    start;
    doc_t     text;
    uint32_t  i, k, n, found;

    put(d, "{");
    member = 0;

    for (k = rnd(3); k > 0; k--) {
        gap(d);
        put(d, "\"x\":");
        noise(d, 0);
        put(d, ",");
    }

    gap(d);
    put(d, "\"l\":");
    gap(d);
    put(d, "[");

    for (i = 0, n = rnd(5); i < n; i++) {
        gap(d);

        memset(&text, 0, sizeof(text));
        put(&text, "");
        start = d->n;
        found = 0;

        put(d, "{");
        for (k = rnd(4), member = 0; k > 0; k--) {
            if (member++) {
                put(d, ",");
            }
            gap(d);
            if (rnd(3) == 0) {
                put(d, "\"\\u0074\"");
                gap(d);
                put(d, ":");
                word(d, &text);
                found = 1;
            } else {
                put(d, "\"y\":");
                noise(d, 0);
            }
            gap(d);
        }
        put(d, "}");

        snprintf(line, sizeof(line), "0:%zu-%zu ", start, d->n);
        put(want, line);
        if (found) {
            put(want, "[");
            put(want, text.p);
            put(want, "]\n");
        } else {
            put(want, "-\n");
        }
        free(text.p);

        gap(d);
        if (i + 1 < n) {
            put(d, ",");
        }
    }

    gap(d);
    put(d, "]}");
    gap(d);
}


static void
random_documents(void)
{
    int         type;
    doc_t       d, want;
    uint32_t    i, n;
    mdr_sink_t  k;

    static const char *const  fields[] = {"$.t", NULL};
    static const char *const  all[] = {"$..t", "$", NULL};

    test_begin("random documents");

    memset(&d, 0, sizeof(d));
    memset(&want, 0, sizeof(want));
    sink_init(&k, NULL);
    sink_slot(&k, MDR_TYPE_JSON, NULL, "$.l[*]", NULL, fields);
    rules(&k);

    for (i = 0; i < test_share(200); i++) {
        d.n = 0;
        want.n = 0;
        put(&want, "");
        document(&d, &want);
        splits(&k, MDR_TYPE_JSON, d.p, d.n);
        CHECK(k.errors == 0);

        if (strcmp(k.items.data, want.p) != 0) {
            printf("# %s\n", d.p);
        }

        CHECK_STR(k.items.data, k.items.len, want.p);
    }

    sink_done(&k);

    test_begin("random documents, damaged");

    for (type = 0; type < 3; type++) {
        static const uint8_t  types[] = {MDR_TYPE_JSON, MDR_TYPE_NDJSON,
                                         MDR_TYPE_JSONP};
        static const char     marks[] = "{}[],:\"\\'\n 0tu(x\x80";

        sink_init(&k, NULL);
        sink_slot(&k, types[type], NULL, "$..l[*]", "$..x", fields);
        sink_slot(&k, types[type], NULL, "$", NULL, all);
        rules(&k);

        for (i = 0; i < test_share(60); i++) {
            d.n = 0;
            put(&d, type == 2 ? "cb(" : "");
            document(&d, &want);
            if (type == 1 && rnd(2)) {
                put(&d, "\n");
                document(&d, &want);
            }

            for (n = rnd(4); n > 0; n--) {
                d.p[rnd((uint32_t) d.n)] = marks[rnd(17)];
            }

            splits(&k, types[type], d.p, d.n);
        }

        sink_done(&k);
    }

    free(d.p);
    free(want.p);
}


/* memory that ends anywhere is an ordinary result */

typedef struct {
    long  left;
} failing_t;


static void *
failing_alloc(void *ctx, size_t n)
{
    failing_t  *f = ctx;

    return f->left-- > 0 ? malloc(n) : NULL;
}


static void *
failing_realloc(void *ctx, void *p, size_t n)
{
    failing_t  *f = ctx;

    return f->left-- > 0 ? realloc(p, n) : NULL;
}


static void
failing_free(void *ctx, void *p)
{
    (void) ctx;
    free(p);
}


static void
no_memory(void)
{
    int          rc;
    long         i;
    failing_t    f;
    mdr_sink_t   k;
    mdr_alloc_t  a;

    static const char         body[] = "{\"l\":[{\"t\":\"a\\u0041b\",\"x\":"
                                       "[[[[[[1]]]]]]},{\"t\":2}]}";
    static const char *const  fields[] = {"$.t", "$..x", NULL};

    test_begin("no memory");

    a.alloc = failing_alloc;
    a.realloc = failing_realloc;
    a.free = failing_free;
    a.ctx = &f;

    for (i = 0; i < 200; i++) {
        f.left = 1000000;
        sink_init(&k, &a);
        sink_slot(&k, MDR_TYPE_JSON, NULL, "$.l[*]", NULL, fields);
        rules(&k);
        f.left = i;
        rc = sink_scan(&k, MDR_TYPE_JSON, NULL, (const uint8_t *) body,
                       strlen(body), NULL, NULL);
        f.left = 1000000;
        sink_done(&k);

        if (rc == MDR_OK) {
            break;
        }
    }

    CHECK(i > 3 && i < 200);
}


int
main(void)
{
    items();
    broken();
    lines();
    padded();
    positions();
    deep();
    shapes();
    long_tokens();
    inner();
    passed_over();
    random_documents();
    no_memory();

    return test_done();
}
