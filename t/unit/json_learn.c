/*
 * json_learn.c - learned markup of JSON says what the exact scanner says.
 *
 * Feeds are lists of entries made from a few patterns of members, their values
 * filled anew each time with whatever may stand there, with something else in
 * between now and then.  Each is read without a set, and with one that many
 * feeds share: cold, warm, and full, in any pieces, at each width of register.
 */

#include "test.h"

#include "sink_json.h"


static const char *const  members[] = {
    "\"id\":%", "\"t\":%", "\"t\":%", "\"x\":%", "\"n\":%", "\"a\":[%,%]",
    "\"a\":[%]", "\"a\":[]", "\"a\" : [ % , % ,\n%]", "\"o\":{\"t\":%}",
    "\"o\":{\"t\":%,\"u\":%}", "\"o\":{}", "\"o\":%", "\"q\":{\"z\":[%,{}]}",
    "\"q\":[{\"t\":%},{\"t\":%}]", "\"a\":[{\"t\":%},{\"t\":%},%]",
    "\"w\":[[%],[%,[%]]]", "\"\\u0074\":%", "\"moderation\":%",
    "\"moderation\":{\"l\":%}", "\"l\":[{\"t\":%,\"id\":%}]", "\"%\":1",
    "\"very long key of more than the bytes that stand in a state\":%",
    "\"cover\":\"https://i0.example.com/live/cover/ca6081ad65882605bd287d.jpg\"",
    "\"b\":true", "\"z\":null", "\"deep\":{\"a\":{\"b\":{\"t\":%,\"x\":%}}}",
    "\n    \"t\": %", "\n    \"id\": %", "\"q\":\"%\"", "\"s\":'%'", "u:%",
    "\"t\":`%`", "/* % */\"t\":%", "\"f\":/[\"%]/", "\"v\":void 0",
    "\"g\":function(){return \"%\"}", "\"h\":{\"a\":'}%'}", "\"t\":%,",
    "\"sub\":{\"list\":[{\"t\":%},{\"t\":%}],\"x\":%}", "%", "\"t\" %"
};

static const char *const  values[] = {
    "\"a\"", "\"\"", "\"text\"", "\"two words\"", "\" x \"", "1", "0",
    "1234567890", "-1", "1.5", "1e9", "true", "false", "null", "{}", "[]",
    "\"\\u7f51\\u7edc\"", "\"\xe7\xbd\x91\xe7\xbb\x9c\"", "\"a\\\"b\"",
    "\"\\\\\"", "\"\\\\\\\\\\\\\\\"\"", "{\"a\":[1,\"]}\",{\"b\":2}]}", "[1,2,3]",
    "\"a longer string, of more bytes than are looked at together, so that "
    "the quote is not in sight from where it begins\"",
    "\"\\ud83d\\ude00\"", "\"\\ud83d\"", "\"x\\/y\\n\"", "\"\xe7\xbd\"",
    "{\"long\":{\"a\":\"0123456789012345678901234567890123456789\",\"b\":[{},{}]},"
    "\"c\":\"\\\"}\"}", "12345678901234567890123456789012345678901234567890123",
    "\"\t\"", "\"\\\\u0041\"",
    /* none of JSON, or only in JavaScript */
    "01", "1.", "nul", "truex", "\"\\x41\"", "\"\\u12g4\"", "\"\n\"", "'a'",
    "undefined", "-", "1 2", "\"open", "}", "]", "tru", "\"a\"\"b\"", "+1"
};

#define NMEMBERS  (sizeof(members) / sizeof(members[0]))
#define PLAIN     30                    /* members of plain JSON             */
#define NVALUES   (sizeof(values) / sizeof(values[0]))
#define GOOD      32
#define PATTERN   12
#define PATTERNS  5
#define FEED      9000

static uint32_t    seed = 5;
static uint32_t    odd;                 /* one in so many things is          */


static uint32_t
any(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;

    return (seed >> 8) % n;
}


static size_t
piece(char *to, const char *s)
{
    size_t       n, k;
    const char  *v;

    for (n = 0; *s != '\0'; s++) {
        if (*s == '^') {
            n += (size_t) sprintf(to + n, "k%u", any(1 << 20));
            continue;
        }

        if (*s != '%') {
            to[n++] = *s;
            continue;
        }

        v = values[any(any(odd) ? GOOD : NVALUES)];
        k = strlen(v);
        memcpy(to + n, v, k);
        n += k;
    }

    return n;
}


static uint8_t  patterns[PATTERNS][PATTERN + 1];


static void
new_patterns(void)
{
    uint32_t  i, k;

    for (i = 0; i < PATTERNS; i++) {
        patterns[i][0] = (uint8_t) (3 + any(PATTERN - 3));

        for (k = 1; k <= patterns[i][0]; k++) {
            patterns[i][k] = (uint8_t) any(any(30) ? PLAIN : NMEMBERS);
        }
    }
}


static size_t
entry(char *to)
{
    size_t          n;
    uint32_t        k;
    const uint8_t  *p;

    p = patterns[any(any(3) ? 1 : PATTERNS)];
    n = piece(to, any(odd) ? "{" : "{ ");

    for (k = 1; k <= p[0]; k++) {
        if (k > 1) {
            to[n++] = ',';
        }

        n += piece(to + n, any(odd * 4) ? members[p[k]]
                                        : members[any(NMEMBERS)]);
    }

    return n + piece(to + n, any(odd * 2) ? "}" : "\n  }");
}


static size_t
make(char *feed, int lines)
{
    size_t  n;

    odd = any(3) ? 10000 : any(2) ? 200 : 8;
    n = lines ? 0 : piece(feed, any(2) ? "{\"n\":3,\"l\":[" : "{\"l\": [ ");

    while (n + 6500 < FEED) {
        n += entry(feed + n);

        if (lines) {
            feed[n++] = '\n';

        } else {
            n += piece(feed + n, any(odd) ? "," : any(2) ? ",\n\n"
                                 : any(2) ? "],\"l\":[" : " % , ");
        }
    }

    if (!lines) {
        n += entry(feed + n);
        n += piece(feed + n, "],\"end\":[1,2,3,4],\"n\":\"0123456789\"}");
    }

    return n;
}


static size_t
some(void *ctx, size_t at)
{
    (void) at;

    return 1 + any(*(uint32_t *) ctx);
}


static void
show(const char *a, const char *b)
{
    size_t  i, k;

    for (i = 0, k = 0; a[i] != '\0' && a[i] == b[i]; i++) {
        k = a[i] == '\n' ? i + 1 : k;
    }

    printf("# exact:   %.*s\n# learned: %.*s\n", (int) strcspn(a + k, "\n"),
           a + k, (int) strcspn(b + k, "\n"), b + k);
}


static void
compare(mdr_sink_t *k, int type, const char *feed, size_t n, mdr_markup_t *set,
    uint32_t from)
{
    int        width, same, rc, rc2;
    char      *exact;
    uint32_t   most;

    sink_learned = NULL;
    sink_clear(k);
    rc = sink_scan(k, type, NULL, (const uint8_t *) feed, n, NULL, NULL);
    CHECK(!k->wrong);
    exact = strdup(k->log.data);

    for (width = 1; width <= 4; width++) {
        most = 1 + any(any(2) ? 400 : FEED);

        sink_learned = set;
        sink_clear(k);
        k->width = width & 3;
        rc2 = sink_scan(k, type, NULL, (const uint8_t *) feed, n,
                        width == 4 ? some : NULL, &most);
        k->width = 0;

        same = rc == rc2 && !k->wrong && strcmp(exact, k->log.data) == 0;
        CHECK(same);

        if (!same) {
            printf("# seed %u, width %d, type %d\n# %.*s\n", from, width, type,
                   (int) n, feed);
            show(exact, k->log.data);
        }
    }

    free(exact);
}


/*
 * A feed whose entries begin alike and never say the same again: recorded and
 * never known.  What that costs stays a small part of what is read.  Where it
 * may cost anything, and its keys are such that few stand behind each one, the
 * set becomes full and starts over, and what is said stays true.
 */

static size_t
hostile_feed(char *feed, size_t cap, uint32_t keys)
{
    size_t    n;
    uint32_t  i;

    odd = 1u << 24;
    n = piece(feed, "{\"l\":[");

    while (n < cap) {
        n += piece(feed + n, "{\"id\":%");

        for (i = 0; i < 30; i++) {
            n += (size_t) sprintf(feed + n, ",\"k%ux%u\":", i, any(keys));
            n += piece(feed + n, "{\"^\":%}");
        }

        n += piece(feed + n, ",\"t\":\"^\"},");
    }

    return n + piece(feed + n, "{\"t\":1}]}");
}


static void
hostile(mdr_sink_t *k)
{
    char          *feed;
    size_t         n;
    uint32_t       i;
    mdr_markup_t  *set;

    feed = malloc((1 << 20) + 8192);
    set = mdr_markup_new(mdr_mem_default());
    CHECK(feed != NULL && set != NULL);

    n = hostile_feed(feed, 1 << 20, 1 << 20);
    sink_learned = set;
    sink_clear(k);
    CHECK(sink_scan(k, MDR_TYPE_JSON, NULL, (const uint8_t *) feed, n, NULL,
                    NULL) == MDR_OK);

    printf("# %zu bytes: %llu recorded, %llu compared for nothing\n", n,
           (unsigned long long) set->recorded,
           (unsigned long long) set->wasted);
    CHECK(set->recorded > 1000 && set->units < 10);
    CHECK(set->recorded <= n / 32 + 32768 && set->wasted <= n / 8 + 65536);

    for (i = 0; i < 80; i++) {
        set->read = (uint64_t) 1 << 50;
        n = hostile_feed(feed, 60000, 64);
        compare(k, MDR_TYPE_JSON, feed, n, set, i);
    }

    printf("# %llu resets\n", (unsigned long long) set->resets);
    CHECK(set->resets > 0);
    CHECK(set->nliterals <= MDR_LITERALS && set->nstates <= MDR_STATES
          && set->bytes.len <= MDR_MARKUP_BYTES);

    mdr_markup_free(set);
    free(feed);
}


/* Feeds made to fill the set, or to be tried in vain, as t/unit/markup.c has
 * pages: what they cost is bounded, in bytes that are recorded and in bytes that
 * are compared for nothing. */

#define LARGE  1000000u

static const char *const  fills[] = {
    /* literals without end behind one state */
    "{\"id\":12,\"t\":\"a title of some length\",\"k%\":1,\"x\":2},",
    /* states without end: each key of a container that a path enters */
    "{\"t\":\"a title\",\"o\":{\"t\":\"text\",\"k%\":{\"u\":1}},\"n\":3},"
    "{\"t\":\"a title\",\"o\":{\"t\":\"text\",\"k%\":{\"u\":1}},\"n\":3},",
    /* units that part from what is known in their last member */
    "{\"id\":12,\"n\":3,\"t\":\"a title\",\"a\":[\"b\",\"c\",\"d\"],\"q\":{\"r\":"
    "[1,2,3]},\"o\":{\"t\":\"text of the same kind\",\"u\":0},\"z%\":0},",
    /* arrays without end, of texts and of others in turn */
    "{\"a\":[\"x\",%,\"y\",{},\"z%\",[],%],\"t\":\"a title\",\"k%\":[\"%\"]},",
    /* long literals */
    "{\"t\":\"a title\",                                                    "
    "                                                 \"k%\":1,\"n\":\"%\"},"
};


static void
fill(mdr_sink_t *k, const char *pattern, uint64_t *resets)
{
    char          *feed;
    size_t         n;
    uint32_t       i, pass;
    const char    *s;
    mdr_markup_t  *m;

    feed = malloc(LARGE + 4096);
    m = mdr_markup_new(mdr_mem_default());
    CHECK(feed != NULL && m != NULL);
    n = (size_t) sprintf(feed, "{\"l\":[");

    for (i = 0; n < LARGE; i++) {
        for (s = pattern; *s != '\0'; s++) {
            if (*s == '%') {
                n += (size_t) sprintf(feed + n, "%u", i + 1);
            } else {
                feed[n++] = *s;
            }
        }
    }

    n += (size_t) sprintf(feed + n, "{\"t\":1}]}");
    sink_learned = m;

    for (pass = 1; pass <= 2; pass++) {
        sink_clear(k);
        CHECK(sink_scan(k, MDR_TYPE_JSON, NULL, (const uint8_t *) feed, n,
                        NULL, NULL)
              == MDR_OK);
        CHECK(m->read == pass * n);
        CHECK(m->recorded <= m->read / 256 + m->unit_bytes / 16 + 1024
                             + MDR_UNIT_MAX);
        CHECK(m->wasted <= m->unit_bytes / 2 + m->read / 16 + 8192
                           + MDR_UNIT_MAX);
        CHECK(m->nstates <= MDR_STATES && m->nliterals <= MDR_LITERALS);
        CHECK(m->bytes.len <= MDR_MARKUP_BYTES && m->nevents <= MDR_EVENTS);
    }

    *resets += m->resets;
    sink_learned = NULL;
    mdr_markup_free(m);
    free(feed);
}


int
main(void)
{
    int                      type;
    char                    *feed;
    size_t                   n;
    uint32_t                 i, k, from;
    uint64_t                 resets;
    mdr_markup_t            *set[4];
    mdr_sink_t               sinks[4], *sink;

    static const int  types[] = {MDR_TYPE_JSON, MDR_TYPE_NDJSON,
                                 MDR_TYPE_SCRIPT, MDR_TYPE_JSON};
    static const char *const  fields[][6] = {
        { "$.t", "$.a[*]", "$.o.t", "$.n", NULL },
        { "$..t", "$.x", "$.a[1]", NULL },
        { "$.t", "$.deep.a.b.t", "$.id", "$.a[*].t", "$.a[*]", NULL },
        { "$.sub.list[*].t", "$.t", "$.id", "$['a','x']", NULL } };

    feed = malloc(FEED + 32);

    for (i = 0; i < 4; i++) {
        sink = &sinks[i];
        sink_init(sink, NULL);
        sink_slot(sink, types[i], types[i] == MDR_TYPE_SCRIPT ? "S" : NULL,
                  types[i] == MDR_TYPE_NDJSON ? "$" : "$.l[*]", "$.n",
                  fields[i]);

        if (i == 3) {
            sink_slot(sink, types[i], NULL, "$..l[*]", NULL, fields[0]);
        }

        sink->rules = mdr_json_compile(&sink->model, sink->arena);
        CHECK(sink->rules != NULL);
        set[i] = mdr_markup_new(mdr_mem_default());
        CHECK(set[i] != NULL);
    }

    test_begin("a feed reads as it does without a set");

    for (i = 0; i < test_share(3000); i++) {

        if (i % 64 == 0) {
            new_patterns();
        }

        k = i % 4;
        from = seed;
        type = types[k];
        n = type == MDR_TYPE_SCRIPT ? piece(feed, "var S = ") : 0;
        n += make(feed + n, type == MDR_TYPE_NDJSON);

        if (any(40) == 0) {
            feed[any((uint32_t) n)] = "\"\\{}[],:x\n"[any(10)];
        }

        /* what it may cost is another matter; now and then it starts over */

        set[k]->read = (uint64_t) 1 << 50;

        if (any(50) == 0) {
            mdr_markup_clear(set[k]);
        }

        compare(&sinks[k], type, feed, n, set[k], from);
    }

    test_begin("a feed that never says the same again");
    hostile(&sinks[0]);

    test_begin("feeds made to fill the set");

    for (i = 0, resets = 0; i < sizeof(fills) / sizeof(fills[0]); i++) {
        fill(&sinks[0], fills[i], &resets);
    }

    printf("# %llu resets\n", (unsigned long long) resets);

    for (i = 0; i < 4; i++) {
        printf("# set %u: %llu units, %zu literals, %llu resets\n", i,
               (unsigned long long) set[i]->units, set[i]->nliterals,
               (unsigned long long) set[i]->resets);
        CHECK(set[i]->units > 500);
        mdr_markup_free(set[i]);
        sink_done(&sinks[i]);
    }

    free(feed);

    return test_done();
}
