/*
 * ledger_line.c - the lines of the record.  One of each type against
 * t/fixtures/ledger, byte by byte (WRITE=1 writes the fixture anew), hostile
 * texts, what gives way where a line gets too long, the two halves of a line.
 */

#include "ledger/line.h"
#include "test.h"

#include <sys/stat.h>

#define T0  1796000000000ULL            /* 2026-11-30                        */

static mdl_key_t  key;
static char       buf[MDL_LINE_MAX];

static const char  boot[] = "5b2f2c1e-5d0c-4b52-9a3e-3d8c1d4d0a55";
static const uint8_t  zone[16] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
                                   14, 15, 16 };


static mdl_str_t
str(const char *s)
{
    mdl_str_t  v;

    v.data = s;
    v.len = strlen(s);

    return v;
}


static void
test_ids(void)
{
    int         wide;
    char        id[MDL_ID + 1], err[256], name[MDL_SEGMENT_MAX];
    uint8_t     sum[32], a[MDL_HASH], b[MDL_HASH];
    mdl_id_t    in;
    mdl_key_t   k;
    mdl_mac_t   m;
    mdl_pair_t  f[2];
    FILE       *file;
    mdl_segment_t  seg;

    test_begin("HMAC of RFC 4231, base32, ids, keys");

    /* cases 2 and 6, without the parts' lengths */

    mdl_key_init(&k, (const uint8_t *) "Jefe", 4);
    m.key = &k;
    m.sha = k.inner;
    mdr_sha256_add(&m.sha, "what do ya want for nothing?", 28);
    mdl_mac_done(&m, sum, 32);
    CHECK(memcmp(sum, "\x5b\xdc\xc1\x46\xbf\x60\x75\x4e\x6a\x04\x24\x26\x08"
                 "\x95\x75\xc7\x5a\x00\x3f\x08\x9d\x27\x39\x83\x9d\xec\x58"
                 "\xb9\x64\xec\x38\x43", 32) == 0);

    {
        uint8_t  big[131];

        memset(big, 0xaa, sizeof(big));
        mdl_key_init(&k, big, sizeof(big));
        m.key = &k;
        m.sha = k.inner;
        mdr_sha256_add(&m.sha, "Test Using Larger Than Block-Size Key - "
                       "Hash Key First", 54);
        mdl_mac_done(&m, sum, 32);
        CHECK(memcmp(sum, "\x60\xe4\x31\x59\x1e\xe0\xb6\x7f\x0d\x8a\x26\xaa"
                     "\xcb\xf5\xb7\x7f\x8e\x0b\xc6\x21\x37\x28\xc5\x14\x05"
                     "\x46\x04\x0f\x0e\xe3\x7f\x54", 32) == 0);
    }

    mdl_base32((const uint8_t *) "foobar", 48, id);
    CHECK_STR(id, strlen(id), "mzxw6ytboi");
    mdl_base32((const uint8_t *) "fooba", 40, id);
    CHECK_STR(id, strlen(id), "mzxw6ytb");

    /* parts do not run into each other, kinds do not meet */

    f[0].name = str("title");
    f[0].value = str("ab");
    f[1].name = str("nickname");
    f[1].value = str("c");
    mdl_fingerprint(&key, str("1"), f, 2, a);
    f[0].value = str("a");
    f[1].value = str("bc");
    mdl_fingerprint(&key, str("1"), f, 2, b);
    CHECK(memcmp(a, b, MDL_HASH) != 0);
    mdl_hash(&key, "item", str("1"), a);
    mdl_hash(&key, "account", str("1"), b);
    CHECK(memcmp(a, b, MDL_HASH) != 0);

    memset(&in, 0, sizeof(in));
    in.type = MDL_DECISION;
    in.mode = MDL_MODE_ENFORCE;
    in.action = MDL_ACT_BLOCK;
    in.reason = MDL_WHY_RULE;
    in.slot = str("home.first_screen");
    in.item = a;
    in.day = T0 / 86400000;
    mdl_id(&in, id);
    CHECK(strlen(id) == MDL_ID);
    memcpy(err, id, sizeof(id));
    in.day++;
    mdl_id(&in, id);
    CHECK(strcmp(id, err) != 0);

    file = fopen("build/ledger_key", "w");
    CHECK(file != NULL);

    if (file != NULL) {
        fprintf(file, MDL_KEY_WORD "%064d\n", 7);
        fclose(file);
        chmod("build/ledger_key", 0640);
        CHECK(mdl_key_load(&k, "build/ledger_key", &wide, err, sizeof(err))
              == 0 && !wide);
        memset(sum, 0, sizeof(sum));
        sum[31] = 7;
        mdl_key_init(&key, sum, 32);
        CHECK(strcmp(k.id, key.id) == 0);
        chmod("build/ledger_key", 0644);
        CHECK(mdl_key_load(&k, "build/ledger_key", &wide, err, sizeof(err))
              == 0 && wide);
        file = fopen("build/ledger_key", "w");
        fprintf(file, MDL_KEY_WORD "%063d\n", 7);
        fclose(file);
        CHECK(mdl_key_load(&k, "build/ledger_key", &wide, err, sizeof(err))
              == -1 && strstr(err, "is no id key") != NULL);
        remove("build/ledger_key");
    }

    CHECK(mdl_key_load(&k, "build/no-such-key", &wide, err, sizeof(err))
          == -1 && strstr(err, "cannot open") != NULL);
    CHECK(mdl_key_load(&k, "/dev", &wide, err, sizeof(err)) == -1);

    CHECK(mdl_segment_name(name, T0, 123, 4) == 0
          && mdl_segment_parse(name, &seg) == 0
          && seg.ms == T0 && seg.pid == 123 && seg.n == 4);
    CHECK(mdl_segment_parse("1-2-3-0123456789abcdef.jsonl", &seg) == 0);
    CHECK(mdl_segment_parse("01-2-3-0123456789abcdef.jsonl", &seg) == -1);
    CHECK(mdl_segment_parse("1-2-3-0123456789abcdeF.jsonl", &seg) == -1);
    CHECK(mdl_segment_parse("1-2-3-0123456789abcdef.jsonl~", &seg) == -1);
    CHECK(mdl_segment_parse("../1-2-3-0123456789abcdef.jsonl", &seg) == -1);
    CHECK(mdl_segment_parse("1-2--0123456789abcdef.jsonl", &seg) == -1);
    CHECK(mdl_segment_parse("11111111111111111-2-3-0123456789abcdef.jsonl",
                            &seg) == -1);
    CHECK(mdl_segment_parse("", &seg) == -1);
}


/* a decision as the demo's page gives it */

static mdl_rule_t  rules[2];
static mdl_hit_t   hits[2];
static mdl_pair_t  fields[3];
static uint8_t     hash[4][MDL_HASH];
static char        ids[4][MDL_ID + 1];


static void
decision(mdl_decision_t *d, uint8_t type)
{
    mdl_id_t        in;
    mdl_rule_rev_t  rr[1];

    memset(d, 0, sizeof(*d));

    rules[0].id = str("clickbait.shock-and-hurry");
    rules[0].label = str("clickbait");
    rules[0].rev = 3;
    rules[0].action = MDL_ACT_BLOCK;
    rules[0].mode = MDL_MODE_ENFORCE;
    hits[0].rule = rules[0].id;
    hits[0].field = str("title");
    hits[0].start = 0;
    hits[0].end = 6;
    hits[0].text = str("震驚");
    fields[0].name = str("title");
    fields[0].value = str("震驚!!!\"刪前速看\"");
    fields[1].name = str("nickname");
    fields[1].value = str("老王说事");
    fields[2].name = str("room");
    fields[2].value = str("80115");

    mdl_hash(&key, "item", str("80115"), hash[0]);
    mdl_hash(&key, "account", str("u-2291"), hash[1]);
    mdl_fingerprint(&key, str("80115"), fields, 2, hash[2]);
    mdl_hash(&key, "hits", str("震驚"), hash[3]);

    d->time_ms = T0 + 1000;
    d->type = type;
    d->mode = MDL_MODE_ENFORCE;
    d->id = ids[type == MDL_SAMPLE];
    d->slot = str("home.first_screen");
    d->host = str("www.example.cn");
    d->page = str("homepage");
    d->policy = str("homepage@0123456789abcdef0123456789abcdef");
    d->place = str("");
    d->fingerprint = hash[2];
    d->account = hash[1];
    d->item = hash[0];
    d->raw_item = str("80115");
    d->raw_account = str("u-2291");
    d->path = str("/");
    d->fields = fields;
    d->nfields = 3;

    memset(&in, 0, sizeof(in));
    in.type = type;
    in.mode = d->mode;
    in.slot = d->slot;
    in.item = hash[0];
    in.day = d->time_ms / 86400000;

    if (type == MDL_DECISION) {
        d->suggestion = MDL_SUGGEST_BLOCK;
        d->action = MDL_ACT_BLOCK;
        d->reason = MDL_WHY_RULE;
        d->rules = rules;
        d->nrules = 1;
        d->hits = hits;
        d->nhits = 1;
        rr[0].id = rules[0].id;
        rr[0].rev = rules[0].rev;
        in.rules = rr;
        in.nrules = 1;
        in.subject = hash[3];

    } else {
        d->reason = MDL_WHY_SAMPLE;
        d->found_by = MDL_BY_SAMPLE;
        in.subject = hash[2];
    }

    in.action = d->action;
    in.reason = d->reason;
    mdl_id(&in, ids[type == MDL_SAMPLE]);
}


/* a segment, compared with its fixture or written to it */

static char    seg[65536];
static size_t  seg_len;


static void
add(size_t n)
{
    CHECK(n > 0 && seg_len + n < sizeof(seg));
    memcpy(seg + seg_len, buf, n);
    seg_len += n;
}


static void
compare(const char *name)
{
    char    path[256], *have;
    FILE   *f;
    size_t  n;

    snprintf(path, sizeof(path), "t/fixtures/ledger/%s", name);

    if (getenv("WRITE") != NULL) {
        f = fopen(path, "wb");
        CHECK(f != NULL && fwrite(seg, 1, seg_len, f) == seg_len);
        if (f != NULL) {
            fclose(f);
        }
    }

    have = malloc(sizeof(seg));
    f = fopen(path, "rb");
    n = f != NULL ? fread(have, 1, sizeof(seg), f) : 0;
    CHECK(n == seg_len && memcmp(have, seg, n) == 0);

    if (f != NULL) {
        fclose(f);
    }

    free(have);
    seg_len = 0;
}


static void
head(uint32_t place, uint32_t pid, const char *name, uint64_t time,
    uint64_t next)
{
    mdl_head_t  h;

    memset(&h, 0, sizeof(h));
    h.time_ms = time;
    h.next = next;
    h.place = place;
    h.pid = pid;
    h.zone = zone;
    h.boot = str(boot);
    h.segment = str(name);
    h.module = str("0.2");
    h.key = str(key.id);
    add(mdl_line_head(buf, sizeof(buf), &h));
}


static void
test_fixture(void)
{
    size_t          done, n;
    mdl_page_t      page;
    mdl_count_t     counts[2];
    mdl_error_t     error;
    mdl_stat_t      stats[6];
    mdl_policy_t    policy;
    mdl_decision_t  d;

    static const char *const  names[] = {
        "1796000000900-4101-1-00000000000000a1.jsonl",
        "1796000300900-4101-2-00000000000000a2.jsonl",
        "1796000001900-4102-1-00000000000000b1.jsonl",
        "1796000401900-4101-3-00000000000000b2.jsonl"
    };

    test_begin("a line of each type, as in t/fixtures/ledger");

    /* place 0, closed in order; 2 is lost, the next segment says 7 */

    head(0, 4101, names[0], T0 + 900, 0);

    memset(&policy, 0, sizeof(policy));
    policy.time_ms = T0 + 950;
    policy.event = MDL_POLICY_LIVE;
    policy.policy = str("homepage@0123456789abcdef0123456789abcdef");
    add(mdl_line_policy(buf, sizeof(buf), &policy));

    decision(&d, MDL_DECISION);
    d.n = 1;
    add(mdl_line_decision(buf, sizeof(buf), &d));

    decision(&d, MDL_SAMPLE);
    d.time_ms += 500;
    d.n = 3;
    add(mdl_line_decision(buf, sizeof(buf), &d));

    memset(stats, 0, sizeof(stats));
    stats[0].slot = str("home.first_screen");
    stats[0].total = 400;
    stats[1] = stats[0];
    stats[1].what = MDL_STAT_HITS;
    stats[1].name = str("clickbait.shock-and-hurry");
    stats[1].total = 30;
    stats[2] = stats[0];
    stats[2].what = MDL_STAT_ACTIONS;
    stats[2].name = str("block");
    stats[2].total = 30;
    stats[3].what = MDL_STAT_ERRORS;
    stats[3].name = str("too_large");
    stats[3].total = 1;
    stats[4].what = MDL_STAT_PAGE;
    stats[4].slot = str("homepage");
    stats[4].name = str("page.report-entry");
    stats[4].total = 10;
    stats[5].what = MDL_STAT_LOST;
    stats[5].total = 1;
    add(mdl_line_stats(buf, sizeof(buf), T0 + 5000, 4, T0, stats, 6, &done));
    CHECK(done == 6);

    counts[0].id = ids[0];
    counts[0].since = T0 + 1000;
    counts[0].total = 30;
    add(mdl_line_counts(buf, sizeof(buf), T0 + 61000, 5, counts, 1, &done));
    CHECK(done == 1);

    add(mdl_line_end(buf, sizeof(buf), T0 + 300800, 6));
    compare(names[0]);

    head(0, 4101, names[1], T0 + 300900, 7);

    memset(&error, 0, sizeof(error));
    error.time_ms = T0 + 301000;
    error.n = 7;
    error.id = "aaaabbbbccccddddeeee";
    error.mode = MDL_MODE_ENFORCE;
    error.action = MDL_ACT_BLOCK;
    error.kind = str("too_large");
    error.slot = str("home.first_screen");
    error.host = str("www.example.cn");
    error.policy = policy.policy;
    error.path = str("/index.html");
    add(mdl_line_error(buf, sizeof(buf), &error));

    memset(&page, 0, sizeof(page));
    page.time_ms = T0 + 302000;
    page.n = 8;
    page.id = "bbbbbbbbccccddddeeee";
    page.finding = MDL_PAGE_INSERTED;
    page.mode = MDL_MODE_ENFORCE;
    page.page = str("homepage");
    page.host = error.host;
    page.require = str("page.report-entry");
    page.policy = policy.policy;
    page.path = str("/");
    add(mdl_line_page(buf, sizeof(buf), &page));

    policy.event = MDL_POLICY_SWITCH;
    policy.time_ms = T0 + 303000;
    policy.n = 9;
    policy.slot = str("home.first_screen");
    policy.mode = MDL_MODE_SHADOW;
    policy.until = T0 / 1000 + 1800;
    add(mdl_line_policy(buf, sizeof(buf), &policy));
    compare(names[1]);

    /* place 1: killed in the middle of a line; the ring is written out by
     * place 0, the first line comes again */

    head(1, 4102, names[2], T0 + 1900, 0);
    decision(&d, MDL_DECISION);
    d.time_ms += 1000;
    add(mdl_line_decision(buf, sizeof(buf), &d));
    d.n = 1;
    d.slot = str("live.recommend");
    d.id = "ccccbbbbccccddddeeee";
    d.source = (const uint8_t *) "{\"room_id\":80115}";
    d.source_len = 17;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    add(n / 2);
    compare(names[2]);

    head(1, 4101, names[3], T0 + 401900, 0);
    d.n = 0;
    d.slot = str("home.first_screen");
    d.id = ids[0];
    d.source = NULL;
    add(mdl_line_decision(buf, sizeof(buf), &d));
    d.n = 1;
    d.slot = str("live.recommend");
    d.id = "ccccbbbbccccddddeeee";
    d.source = (const uint8_t *) "{\"room_id\":80115}";
    add(mdl_line_decision(buf, sizeof(buf), &d));
    add(mdl_line_end(buf, sizeof(buf), T0 + 402000, 2));
    compare(names[3]);
}


static void
test_hostile(void)
{
    size_t          i, n, pub, priv, len;
    char           *big;
    mdl_hit_t      *many;
    mdl_rule_t     *rs;
    mdl_decision_t  d;

    test_begin("hostile texts, long lines");

    decision(&d, MDL_DECISION);
    fields[0].value.data = "a\0b\x7f\n\"\\\xff\xed\xa0\x80\xe2\x80\xa8"
                           "</script>\xf0\x9f\x98\x80";
    fields[0].value.len = 27;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    CHECK(n > 0 && strchr(buf, '\n') == buf + n - 1);
    buf[n] = '\0';
    CHECK(strstr(buf, "\"a\\u0000b\\u007f\\u000a\\\"\\\\\xef\xbf\xbd"
                 "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\\u2028</script>"
                 "\xf0\x9f\x98\x80\"") != NULL);

    /* long texts: cut where nobody looks, whole where a person will */

    big = malloc(70000);
    memset(big, 'x', 70000);
    fields[0].value.data = big;
    fields[0].value.len = 600;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    buf[n] = '\0';
    CHECK(n > 0 && n < 1700 && strstr(buf, "\"cut\":true") != NULL);
    d.whole = 1;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    buf[n] = '\0';
    CHECK(n > 0 && strstr(buf, "\"cut\"") == NULL);
    fields[0].value.len = 12000;
    d.source = (const uint8_t *) big;
    d.source_len = 8000;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    CHECK(n > 12000 && n <= MDL_LINE_MAX);
    buf[n - 1] = '\0';
    CHECK(strstr(buf, "\"cut\"") == NULL && strstr(buf, "\"source\"") == NULL);
    fields[0].value.len = 60000;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    CHECK(n > 12000 && n <= MDL_LINE_MAX);
    buf[n - 1] = '\0';
    CHECK(strstr(buf, "\"cut\":true") != NULL);

    /* six bytes for one; a cut inside a character */

    memset(big, 1, 70000);
    n = mdl_line_decision(buf, sizeof(buf), &d);
    CHECK(n > 8000 && n <= MDL_LINE_MAX);
    for (i = 0; i + 3 < 70000; i += 3) {
        memcpy(big + i, "\xe5\x90\x8d", 3);
    }
    for (i = 500; i < 530; i++) {
        mdl_str_t  s = { big, 70000 };

        CHECK(mdl_str_cut(s, i).len == i - i % 3);
    }

    many = calloc(64, sizeof(*many));
    rs = calloc(300, sizeof(*rs));

    for (i = 0; i < 64; i++) {
        many[i] = hits[0];
        many[i].text.data = big;
        many[i].text.len = 500;
    }

    d.hits = many;
    d.nhits = 64;
    fields[0].value.len = 300;
    d.source = NULL;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    CHECK(n > 8000 && n <= MDL_LINE_MAX);

    for (i = 0; i < 300; i++) {
        rs[i] = rules[0];
    }

    d.rules = rs;
    d.nrules = 300;
    n = mdl_line_decision(buf, sizeof(buf), &d);
    CHECK(n > 1000 && n <= MDL_LINE_MAX);
    CHECK(mdl_line_split(buf, n - 1, &pub, &priv, &len) == 0 && len > 0);

    free(many);
    free(rs);
    free(big);
}


static void
split(const char *line, int rc, const char *pub, const char *priv)
{
    size_t  p, at, n;

    CHECK(mdl_line_split(line, strlen(line), &p, &at, &n) == rc);

    if (rc == 0) {
        CHECK_STR(line, p, pub);
        CHECK_STR(line + at, n, priv);
    }
}


static void
test_split(void)
{
    size_t  n, done, i;
    mdl_count_t  counts[1000];
    mdl_decision_t  d;
    size_t  pub, at, len;

    test_begin("the two halves of a line");

    split("{\"a\":1,\"private\":{\"b\":2}}", 0, "{\"a\":1", "{\"b\":2}");
    split("{\"a\":1}", 0, "{\"a\":1}", "");
    split("{\"a\":\"private\",\"c\":{\"private\":1}}", 0,
          "{\"a\":\"private\",\"c\":{\"private\":1}}", "");
    split("{\"a\":\"\\\",\\\"private\\\":1\"}", 0,
          "{\"a\":\"\\\",\\\"private\\\":1\"}", "");
    split("{\"a\":1,\"private\":{},\"b\":1}", -1, "", "");
    split("{\"a\":1,\"private\":1,\"private\":2}", -1, "", "");
    split("{\"private\":1}", -1, "", "");
    split("{\"a\":\"x}", -1, "", "");
    split("{\"a\":[1}", -1, "", "");
    split("{}{}", -1, "", "");
    split("[]", -1, "", "");
    split("", -1, "", "");
    split("{\"a\":\"\\\"}", -1, "", "");

    decision(&d, MDL_DECISION);
    n = mdl_line_decision(buf, sizeof(buf), &d);
    CHECK(mdl_line_split(buf, n - 1, &pub, &at, &len) == 0);
    CHECK(memcmp(buf + pub, ",\"private\":{\"item\":\"80115\"", 26) == 0);
    CHECK(at == pub + 11 && at + len == n - 2);
    CHECK(mdl_line_split(buf, n / 2, &pub, &at, &len) == -1);

    /* counts: as many as fit */

    for (i = 0; i < 1000; i++) {
        counts[i].id = ids[0];
        counts[i].since = UINT64_MAX;
        counts[i].total = UINT64_MAX;
    }

    n = mdl_line_counts(buf, sizeof(buf), T0, 1, counts, 1000, &done);
    CHECK(n > 14000 && n <= MDL_LINE_MAX && done > 200 && done < 1000);
    n = mdl_line_counts(buf, 300, T0, 1, counts, 1000, &done);
    CHECK(n > 0 && n <= 300);
}


int
main(void)
{
    uint8_t  secret[32];

    memset(secret, 0, sizeof(secret));
    secret[31] = 7;
    mdl_key_init(&key, secret, sizeof(secret));

    test_ids();
    test_fixture();
    test_hostile();
    test_split();

    return test_done();
}
