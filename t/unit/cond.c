/*
 * cond.c - conditions: text to postfix, and what is said of mistakes.
 *
 * Random conditions are made as trees, written with as many brackets as
 * chance will have, and must come back as the postfix of the tree.
 */

#include "load/node.h"
#include "scan/decide.h"
#include "test.h"


static const mdr_group_t  groups[] = {
    { .name = { "a", 1 } }, { .name = { "b", 1 } },
    { .name = { "shock", 5 } }, { .name = { "near", 4 } },
    { .name = { "count", 5 } }, { .name = { "score", 5 } },
    { .name = { "2020", 4 } }, { .name = { "催促", 6 } },
    { .name = { "%n%s", 4 } }
};

#define NGROUPS  (sizeof(groups) / sizeof(groups[0]))


/* postfix in one line, or "offset: message" */

static void
parse(const char *text, char *dst, size_t size)
{
    int           rc;
    char          err[256];
    size_t        offset, n;
    uint32_t      i, nconds;
    mdr_str_t     s;
    mdr_cond_t   *c;
    mdr_arena_t  *arena;

    static const char *const  cmp[] = { ">=", ">", "<=", "<", "=" };

    s.data = text;
    s.len = (uint32_t) strlen(text);
    arena = mdr_arena_new(mdr_mem_default());
    c = NULL;
    nconds = 0;
    offset = 0;

    rc = mdr_cond_parse(s, groups, NGROUPS, arena, &c, &nconds, err,
                        sizeof(err), &offset);

    if (rc != MDR_OK) {
        snprintf(dst, size, "%zu: %s", offset, err);
        CHECK(nconds == 0);
        mdr_arena_free(arena);
        return;
    }

    for (i = 0, n = 0, dst[0] = '\0'; i < nconds && n < size; i++) {
        n += (size_t) snprintf(dst + n, size - n, "%s", i ? " " : "");

        switch (c[i].op) {

        case MDR_COND_GROUP:
            n += (size_t) snprintf(dst + n, size - n, "%s",
                                   groups[c[i].a].name.data);
            break;

        case MDR_COND_AND:
            n += (size_t) snprintf(dst + n, size - n, "&");
            break;

        case MDR_COND_OR:
            n += (size_t) snprintf(dst + n, size - n, "|");
            break;

        case MDR_COND_NOT:
            n += (size_t) snprintf(dst + n, size - n, "!");
            break;

        case MDR_COND_NEAR:
            n += (size_t) snprintf(dst + n, size - n, "near:%s:%s:%d",
                                   groups[c[i].a].name.data,
                                   groups[c[i].b].name.data, c[i].n);
            break;

        case MDR_COND_COUNT:
            n += (size_t) snprintf(dst + n, size - n, "#%s%s%d",
                                   groups[c[i].a].name.data, cmp[c[i].cmp],
                                   c[i].n);
            break;

        case MDR_COND_HIDDEN:
            n += (size_t) snprintf(dst + n, size - n, "hidden%s%d",
                                   cmp[c[i].cmp], c[i].n);
            break;

        default:
            n += (size_t) snprintf(dst + n, size - n, "$%s%d",
                                   cmp[c[i].cmp], c[i].n);
        }
    }

    mdr_arena_free(arena);
}


static void
test_table(void)
{
    char    got[8192];
    size_t  i;

    static const char *const  rows[][2] = {
        { "a", "a" },
        { " a\tor\nb ", "a b |" },
        { "a and b or shock", "a b & shock |" },
        { "a or b and shock", "a b shock & |" },
        { "(a or b) and shock", "a b | shock &" },
        { "a and b and shock", "a b & shock &" },
        { "not a and b", "a ! b &" },
        { "not (a and b)", "a b & !" },
        { "not not a", "a ! !" },
        { "a and not b", "a b ! &" },
        { "((a))", "a" },
        { "not(a)or(b)", "a ! b |" },
        { "near(a,b,4)", "near:a:b:4" },
        { "near ( a , shock , 0 ) and b", "near:a:shock:0 b &" },
        { "count(a)>=2", "#a>=2" },
        { "count ( b ) < 3 or a", "#b<3 a |" },
        { "count(a) == 1", "#a=1" },
        { "count(a) = 1", "#a=1" },
        { "score > 60 and not b", "$>60 b ! &" },
        { "score<=5", "$<=5" },
        { "a and hidden >= 30", "a hidden>=30 &" },
        { "hidden", "0: unknown group \"hidden\"" },
        { "hidden >=", "9: a number expected at the end" },

        /* words of the language are groups where nothing else is meant */
        { "near and count or score", "near count & score |" },
        { "near(near, count, 1)", "near:near:count:1" },
        { "count(count) > 0", "#count>0" },
        { "2020 and 催促", "2020 催促 &" },

        { "", "0: a group expected at the end" },
        { "   ", "3: a group expected at the end" },
        { "a b", "2: \"and\" or \"or\" expected, not \"b\"" },
        { "a and", "5: a group expected at the end" },
        { "and a", "0: unknown group \"and\"" },
        { "a or or b", "5: unknown group \"or\"" },
        { "(a", "2: \")\" is missing" },
        { "((a)", "4: \")\" is missing" },
        { "a)", "1: \")\" without \"(\"" },
        { "()", "1: a group expected, not \")\"" },
        { "not", "3: a group expected at the end" },
        { "shok", "0: unknown group \"shok\" (did you mean \"shock\"?)" },
        { "%n%", "0: a group expected, not \"%\"" },
        { "a & b", "2: \"and\" or \"or\" expected, not \"&\"" },
        { "a and 3", "6: unknown group \"3\"" },
        { "count(a)", "8: \">=\" expected at the end" },
        { "count(a) >= b", "12: a number expected, not \"b\"" },
        { "count(a) >= 123456789",
          "12: a number expected, not \"123456789\"" },
        { "count(a) >= -1", "12: a number expected, not \"-1\"" },
        { "count(a, b) > 1", "7: \")\" expected, not \",\"" },
        { "count() > 1", "6: a group expected, not \")\"" },
        { "near(a, b)", "9: \",\" expected, not \")\"" },
        { "near(a, b, c)", "11: a number expected, not \"c\"" },
        { "near(a, b, 3", "12: \")\" expected at the end" },
        { "near(a 3", "7: \",\" expected, not \"3\"" },
        { "score >", "7: a number expected at the end" },
        { "a and \"b\"", "6: a group expected, not \"\"\"" },
    };

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        parse(rows[i][0], got, sizeof(got));
        CHECK_STR(got, strlen(got), rows[i][1]);
    }
}


static void
test_limits(void)
{
    char    text[16384], got[16384];
    size_t  i, n;

    /* as deep as the stack of values holds, and one deeper */

    for (i = 0, n = 0; i < 63; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n, "a or (");
    }
    n += (size_t) snprintf(text + n, sizeof(text) - n, "a");
    for (i = 0; i < 63; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n, ")");
    }
    parse(text, got, sizeof(got));
    CHECK(strchr(got, ':') == NULL);

    memmove(text + 6, text, n + 1);
    memcpy(text, "a or (", 6);
    memcpy(text + n + 6, ")", 2);
    parse(text, got, sizeof(got));
    CHECK(strstr(got, "nested too deeply") != NULL);

    memset(text, '(', 4000);
    strcpy(text + 4000, "a");
    parse(text, got, sizeof(got));
    CHECK(strstr(got, "too long") != NULL);

    for (i = 0, n = 0; i < 1000; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n, "%sa",
                               i ? " or " : "");
    }
    parse(text, got, sizeof(got));
    CHECK(strstr(got, "too long") != NULL);

    memset(text, 'x', 3000);
    text[3000] = '\0';
    parse(text, got, sizeof(got));
    CHECK(strlen(got) < 200);
}


static uint32_t  seed = 7;


static uint32_t
rnd(uint32_t n)
{
    seed = seed * 1664525 + 1013904223;

    return (seed >> 10) % n;
}


/* a random tree: its text with brackets, and its postfix, each of size bytes
 * at most; strength: what stands around binds at least so much (0 or, 1 and,
 * 2 not) */

static void
make(int depth, uint32_t strength, char *text, char *post, size_t size)
{
    int       brackets;
    char      t1[4000], t2[4000], p1[4000], p2[4000];
    uint32_t  kind;

    kind = depth == 0 ? 3 : rnd(4);

    if (kind == 3) {
        uint32_t  g = rnd(3);

        if (rnd(4) == 0) {
            snprintf(text, size, "count(%s) >= %u", groups[g].name.data, g);
            snprintf(post, size, "#%s>=%u", groups[g].name.data, g);
        } else {
            snprintf(text, size, "%s", groups[g].name.data);
            snprintf(post, size, "%s", text);
        }
        return;
    }

    brackets = kind < strength || rnd(3) == 0;

    if (kind == 2) {
        make(depth - 1, 2, t1, p1, sizeof(t1));
        snprintf(text, size, "%snot %s%s", brackets ? "(" : "", t1,
                 brackets ? ")" : "");
        snprintf(post, size, "%s !", p1);
        return;
    }

    /* left-associative: the right side binds more */

    make(depth - 1, kind, t1, p1, sizeof(t1));
    make(depth - 1, kind + 1, t2, p2, sizeof(t2));
    snprintf(text, size, "%s%s %s %s%s", brackets ? "(" : "", t1,
             kind ? "and" : "or", t2, brackets ? ")" : "");
    snprintf(post, size, "%s %s %s", p1, p2, kind ? "&" : "|");
}


static void
test_random(void)
{
    int   i;
    char  text[8192], post[8192], got[8192];

    for (i = 0; i < 20000; i++) {
        make((int) rnd(6), 0, text, post, sizeof(text));
        parse(text, got, sizeof(got));
        if (strcmp(got, post) != 0) {
            printf("# %s\n", text);
        }
        CHECK_STR(got, strlen(got), post);
    }

    /* any bytes: no more than a mistake */

    for (i = 0; i < 50000; i++) {
        static const char *const  bits[] = {
            "a", "b", " ", "(", ")", "and", "or", "not", ",", "near", "3",
            "count", "score", ">=", "<", "=", "\xe9", "%s", " "
        };
        uint32_t  k, n;

        for (k = 0, n = rnd(12), text[0] = '\0'; k < n; k++) {
            strcat(text, bits[rnd(sizeof(bits) / sizeof(bits[0]))]);
        }
        parse(text, got, sizeof(got));
        CHECK(got[0] != '\0');
    }
}


int
main(void)
{
    test_begin("conditions and mistakes");
    test_table();

    test_begin("limits");
    test_limits();

    test_begin("random conditions");
    test_random();

    return test_done();
}
