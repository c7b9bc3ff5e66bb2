/*
 * Unit tests of jsonpath.c: what is a path, where a wrong one is wrong, and
 * what a path chooses.
 */

#include "test.h"
#include "json/jsonpath.h"


static mdr_str_t
str(const char *s)
{
    mdr_str_t  v;

    v.data = s;
    v.len = (uint32_t) strlen(s);

    return v;
}


static void
right(void)
{
    size_t        i;
    mdr_syntax_t  err;

    static const char *const  paths[] = {
        "$", "$.a", "$.a.b", "$['a']", "$[\"a\"]", "$[ 'a' ]", "$[0]",
        "$[1:]", "$[:2]", "$[1:9:3]", "$[::2]", "$[:]", "$[*]", "$.*",
        "$..a", "$..*", "$..[0]", "$..['a','b']", "$['a',0,3:5,*]",
        "$[::0]", "$ .a\n[0]\t..b", "$['a'] ['b']", "$[ 0 , 'a' ]",
        "$[9007199254740991]", "$['\\ud83d\\ude00']", "$[\"\\b\\/\\\"'\"]",
        "$['a-b']", "$['$ref']", "$.a1", "$._", "$.\xe4\xb8\xad", "$['\\u4e2d\\'']",
        "$.data.list[*].card['t-1'][2:]"
    };

    test_begin("paths");

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        memset(&err, 0, sizeof(err));

        if (mdr_path_check(str(paths[i]), &err) != MDR_OK) {
            printf("# %s: %s at %zu\n", paths[i], err.text, err.offset);
        }

        CHECK(err.text[0] == '\0');
    }
}


/* no path of RFC 9535, and yet clear: taken, and the right form is said */

static void
loose(void)
{
    size_t        i;
    mdr_syntax_t  err;

    static const char *const  paths[][2] = {
        { "$.a-b", "$['a-b']" },
        { "$.$ref", "$['$ref']" },
        { "$.data..x-1[*].-", "$['data']..['x-1'][*]['-']" },
        { "$..*.a$b[0]['c']", "$..*['a$b'][0]['c']" }
    };

    test_begin("names that want quotes");

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        memset(&err, 0, sizeof(err));
        CHECK(mdr_path_check(str(paths[i][0]), &err) == MDR_OK);
        CHECK_STR(err.text, strlen(err.text), paths[i][1]);
        memset(&err, 0, sizeof(err));
        CHECK(mdr_path_check(str(paths[i][1]), &err) == MDR_OK);
        CHECK(err.text[0] == '\0');
    }
}


static void
wrong(void)
{
    int           ok;
    size_t        i;
    mdr_syntax_t  err;

    static const struct {
        const char  *path;
        size_t       offset;
        const char  *text;
    } paths[] = {
        {"", 0, "begins with"},
        {"a", 0, "begins with"},
        {"a.b", 0, "begins with"},
        {"$a", 1, "expected"},
        {"$.", 2, "name expected"},
        {"$..", 3, "name expected"},
        {"$.a.", 4, "name expected"},
        {"$.1", 2, "name expected"},
        {"$.a b", 4, "expected"},
        {" $.a", 0, "begins with"},
        {"$.a ", 3, "behind the path"},
        {"$. a", 2, "name expected"},
        {"$.. a", 3, "name expected"},
        {"$.a-b c", 6, "expected"},
        {"$.1-b", 2, "name expected"},
        {"$['\\x41']", 4, "an escape"},
        {"$['\\\"']", 4, "an escape"},
        {"$['\\u12g4']", 7, "hexadecimal"},
        {"$['\\u12", 7, "hexadecimal"},
        {"$['\\ud83d']", 4, "surrogate"},
        {"$['\\ud83d\\u0041']", 4, "surrogate"},
        {"$['\\ude00']", 4, "surrogate"},
        {"$['a\nb']", 4, "control"},
        {"$['a\\", 5, "an escape"},
        {"$[01]", 2, "a zero before it"},
        {"$[0:01]", 4, "a zero before it"},
        {"$[-0]", 2, "negative"},
        {"$[9007199254740992]", 2, "too large"},
        {"$[0 1]", 4, "expected"},
        {"$[", 2, "expected"},
        {"$[]", 2, "expected"},
        {"$[0", 3, "expected"},
        {"$['a", 2, "end quote"},
        {"$['a'", 5, "expected"},
        {"$[a]", 2, "expected"},
        {"$[0,]", 4, "expected"},
        {"$[-1]", 2, "negative"},
        {"$[-3:]", 2, "negative"},
        {"$[:-1]", 3, "negative"},
        {"$[::-1]", 4, "negative"},
        {"$[?@.a]", 2, "filters"},
        {"$.a.b.c.d.e.f.g.h.i.j.k.l.m.n.o.p.q.r.s.t.u.v.w.x.y.z.a.b.c.d.e"
         ".f", 63, "31 steps"}
    };

    test_begin("what is no path, and where");

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        memset(&err, 0, sizeof(err));

        ok = mdr_path_check(str(paths[i].path), &err) == MDR_ERROR
             && err.offset == paths[i].offset
             && strstr(err.text, paths[i].text) != NULL;

        if (!ok) {
            printf("# %s: \"%s\" at %zu\n", paths[i].path, err.text,
                   err.offset);
        }

        CHECK(ok);
    }
}


/* does the path choose the node?  node: "a" a member, "0" an element, ... */

static int
finds(const char *path, const char *node)
{
    char          name[16];
    size_t        n;
    uint32_t      states;
    mdr_str_t     key;
    mdr_path_t   *p;
    mdr_arena_t  *arena;
    mdr_syntax_t  err;

    arena = mdr_arena_new(mdr_mem_default());
    p = mdr_path_parse(str(path), arena, &err);

    if (p == NULL) {
        mdr_arena_free(arena);
        return -1;
    }

    states = 1;

    while (*node != '\0') {
        n = strcspn(node, "/");
        memcpy(name, node, n);
        name[n] = '\0';
        key = str(name);
        states = mdr_path_child(p, states, name[0] >= '0' && name[0] <= '9'
                                ? NULL : &key,
                                (uint32_t) strtoul(name, NULL, 10));
        node += n + (node[n] == '/');
    }

    states = states >> p->n & 1;
    mdr_arena_free(arena);

    return (int) states;
}


static void
choosing(void)
{
    int     ok;
    size_t  i;

    static const struct {
        const char  *path, *node;
        int          found;
    } cases[] = {
        {"$", "", 1}, {"$", "a", 0}, {"$.a", "a", 1}, {"$.a", "A", 0},
        {"$.a", "ab", 0}, {"$.ab", "a", 0}, {"$.a", "0", 0},
        {"$.a", "b/a", 0}, {"$['a']", "a", 1}, {"$.a.b", "a/b", 1},
        {"$.a.b", "a", 0}, {"$[0]", "0", 1}, {"$[0]", "1", 0},
        {"$[0]", "a", 0}, {"$[*]", "7", 1}, {"$[*]", "a", 1},
        {"$.*", "7", 1}, {"$.*", "7/a", 0}, {"$[2:4]", "1", 0},
        {"$[2:4]", "2", 1}, {"$[2:4]", "3", 1}, {"$[2:4]", "4", 0},
        {"$[1::3]", "1", 1}, {"$[1::3]", "2", 0}, {"$[1::3]", "4", 1},
        {"$[:2]", "1", 1}, {"$[:2]", "2", 0}, {"$[2:4]", "a", 0},
        {"$['a',1]", "a", 1}, {"$['a',1]", "1", 1}, {"$['a',1]", "0", 0},
        {"$..a", "a", 1}, {"$..a", "b/c/a", 1}, {"$..a", "b/0/a/a", 1},
        {"$..a", "a/b", 0}, {"$..*", "", 0}, {"$..*", "x", 1},
        {"$..a.b", "q/a/b", 1}, {"$..a.b", "q/a/c/b", 0},
        {"$..a..b", "q/a/c/b", 1}, {"$..a..b", "b/a", 0},
        {"$.l[*].r[*]", "l/3/r/0", 1}, {"$.l[*].r[*]", "l/r/0", 0},
        {"$[::0]", "0", 0}, {"$[1:9:0]", "1", 0}, {"$[4294967296]", "7", 0},
        {"$ .a [0]", "a/0", 1}, {"$['\\ud83d\\ude00']", "\xf0\x9f\x98\x80", 1},
        {"$['\\u4e2d']", "\xe4\xb8\xad", 1}, {"$['a\\'b']", "a'b", 1}
    };

    test_begin("what a path chooses");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ok = finds(cases[i].path, cases[i].node) == cases[i].found;

        if (!ok) {
            printf("# %s of %s\n", cases[i].path, cases[i].node);
        }

        CHECK(ok);
    }
}


int
main(void)
{
    right();
    loose();
    wrong();
    choosing();

    return test_done();
}
