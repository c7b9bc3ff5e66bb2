/*
 * cond.c - conditions of a rule ("when") to postfix.
 *
 *     or   := and { "or" and }
 *     and  := not { "and" not }
 *     not  := "not" not | atom
 *     atom := "(" or ")" | "score" CMP n | "length" CMP n
 *           | "hidden" CMP n
 *           | "count" "(" g ")" CMP n | n "of" "(" g { "," g } ")"
 *           | "near" "(" g "," g "," n ")" | g
 *     CMP  := ">=" | ">" | "<=" | "<" | "=" | "=="
 *
 * Operators wait on a stack of their own (no recursion); the result needs at
 * most MDR_COND_STACK values at once.
 */

#include "base/utf8.h"
#include "node.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>


#define CONDS_MAX  256

enum { T_END, T_OPEN, T_CLOSE, T_COMMA, T_CMP, T_WORD, T_NUMBER, T_BAD };

enum { OP_OPEN, OP_OR, OP_AND, OP_NOT };

typedef struct {
    const char         *s;
    size_t              len, at;
    int                 kind;
    size_t              start, end;
    int32_t             number;
    uint8_t             cmp;
    const mdr_group_t  *groups;
    uint32_t            ngroups;
    mdr_cond_t          out[CONDS_MAX];
    uint32_t            nout, depth;
    char               *err;
    size_t              err_size, *offset;
    int                 failed;
} parser_t;


#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static void
fail(parser_t *p, size_t at, const char *fmt, ...)
{
    va_list  args;

    if (p->failed) {
        return;
    }

    p->failed = 1;
    *p->offset = at;

    va_start(args, fmt);
    vsnprintf(p->err, p->err_size, fmt, args);
    va_end(args);
}


static int
is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.'
        || (c & 0x80);
}


static void
next(parser_t *p)
{
    char    c;
    size_t  i;

    while (p->at < p->len && strchr(" \t\r\n", p->s[p->at]) != NULL) {
        p->at++;
    }

    p->start = p->at;
    p->end = p->at;

    if (p->at == p->len) {
        p->kind = T_END;
        return;
    }

    c = p->s[p->at];

    if (c == '(' || c == ')' || c == ',') {
        p->kind = c == '(' ? T_OPEN : c == ')' ? T_CLOSE : T_COMMA;
        p->end = ++p->at;
        return;
    }

    if (c == '>' || c == '<' || c == '=') {
        p->at++;
        i = p->at < p->len && p->s[p->at] == '=';
        p->at += i;
        p->cmp = c == '>' ? (i ? MDR_OP_GE : MDR_OP_GT)
                 : c == '<' ? (i ? MDR_OP_LE : MDR_OP_LT) : MDR_OP_EQ;
        p->kind = T_CMP;
        p->end = p->at;
        return;
    }

    if (!is_word(c)) {
        p->kind = T_BAD;
        p->end = p->at + 1;
        return;
    }

    while (p->at < p->len && is_word(p->s[p->at])) {
        p->at++;
    }

    p->end = p->at;
    p->kind = T_NUMBER;
    p->number = 0;

    for (i = p->start; i < p->end; i++) {
        if (p->s[i] < '0' || p->s[i] > '9' || p->end - p->start > 8) {
            p->kind = T_WORD;
            return;
        }
        p->number = p->number * 10 + (p->s[i] - '0');
    }
}


static int
is(const parser_t *p, const char *word)
{
    return p->kind == T_WORD && p->end - p->start == strlen(word)
           && memcmp(p->s + p->start, word, p->end - p->start) == 0;
}


/* how much of the present word a message shows */

static int
shown(const parser_t *p)
{
    return (int) (p->end - p->start < 64 ? p->end - p->start : 64);
}


static void
unexpected(parser_t *p, const char *want)
{
    if (p->kind == T_END) {
        fail(p, p->start, "%s expected at the end", want);
        return;
    }

    fail(p, p->start, "%s expected, not \"%.*s\"", want, shown(p),
         p->s + p->start);
}


static int
take(parser_t *p, int kind, const char *what)
{
    if (p->kind != kind) {
        unexpected(p, what);
        return 0;
    }

    next(p);

    return 1;
}


static uint16_t
group(parser_t *p)
{
    size_t       n;
    uint32_t     i;
    mdr_str_t    w;
    const char  *names[64], *near;

    n = p->end - p->start;

    if (p->kind != T_WORD && p->kind != T_NUMBER) {
        unexpected(p, "a group");
        return 0;
    }

    for (i = 0; i < p->ngroups; i++) {
        if (p->groups[i].name.len == n
            && memcmp(p->groups[i].name.data, p->s + p->start, n) == 0)
        {
            next(p);
            return (uint16_t) i;
        }
    }

    for (i = 0; i < n; i++) {
        if (mdr_utf8_wide_sign(p->s + p->start + i, n - i)) {
            fail(p, p->start + i, "a full-width sign: write the half-width "
                 "one");
            return 0;
        }
    }

    for (i = 0; i < p->ngroups && i < 64; i++) {
        names[i] = p->groups[i].name.data;
    }

    w.data = p->s + p->start;
    w.len = (uint32_t) n;
    near = mdr_word_nearest(w, names, i);

    if (near != NULL) {
        fail(p, p->start, "unknown group \"%.*s\" (did you mean "
             "\"%.64s\"?)", shown(p), w.data, near);
    } else {
        fail(p, p->start, "unknown group \"%.*s\"", shown(p), w.data);
    }

    return 0;
}


static mdr_cond_t *
emit(parser_t *p, int op)
{
    mdr_cond_t  *c;

    if (p->nout == CONDS_MAX) {
        fail(p, p->start, "the condition is too long");
        return &p->out[0];
    }

    c = &p->out[p->nout++];
    memset(c, 0, sizeof(mdr_cond_t));
    c->op = (uint8_t) op;

    if (op == MDR_COND_AND || op == MDR_COND_OR) {
        p->depth--;

    } else if (op != MDR_COND_NOT && ++p->depth > MDR_COND_STACK) {
        fail(p, p->start, "the condition is nested too deeply");
    }

    return c;
}


/* "-12", which reads as a word; a score may be as low */

static int
negative(const parser_t *p, int32_t *n)
{
    size_t   i;

    if (p->kind != T_WORD || p->s[p->start] != '-'
        || p->end - p->start < 2 || p->end - p->start > 9)
    {
        return 0;
    }

    for (i = p->start + 1, *n = 0; i < p->end; i++) {
        if (p->s[i] < '0' || p->s[i] > '9') {
            return 0;
        }
        *n = *n * 10 - (p->s[i] - '0');
    }

    return 1;
}


static void
compare(parser_t *p, mdr_cond_t *c)
{
    int32_t  n;

    if (p->kind != T_CMP) {
        unexpected(p, "\">=\"");
        return;
    }

    c->cmp = p->cmp;
    next(p);

    if (c->op == MDR_COND_SCORE && negative(p, &n)) {
        c->n = n;
        next(p);
        return;
    }

    if (p->kind != T_NUMBER) {
        unexpected(p, "a number");
        return;
    }

    c->n = p->number;
    next(p);
}


/* "2 of (a, b, c)" */

static void
several(parser_t *p)
{
    int32_t      want;
    uint16_t     n;
    mdr_cond_t  *c;

    want = p->number;
    next(p);
    next(p);
    n = 0;

    if (!take(p, T_OPEN, "\"(\"")) {
        return;
    }

    do {
        if (n != 0) {
            next(p);
        }
        c = emit(p, MDR_COND_GROUP);
        c->a = group(p);
        n++;
    } while (!p->failed && p->kind == T_COMMA);

    if (p->failed || !take(p, T_CLOSE, "\")\"")) {
        return;
    }

    if (want < 1 || want > n) {
        fail(p, p->start, "%d of %u groups: a number from 1 to %u expected",
             (int) want, n, n);
        return;
    }

    p->depth -= n;
    c = emit(p, MDR_COND_OF);
    c->a = n;
    c->n = want;
}


static void
atom(parser_t *p)
{
    mdr_cond_t  *c;
    size_t       i;

    /* the words are reserved only where a bracket or comparison follows */

    for (i = p->at; i < p->len && strchr(" \t\r\n", p->s[i]) != NULL; i++) {
        /* void */
    }

    if (is(p, "score") && i < p->len && strchr("<>=", p->s[i]) != NULL) {
        next(p);
        c = emit(p, MDR_COND_SCORE);
        compare(p, c);
        return;
    }

    if (p->kind == T_NUMBER && p->len - i > 2 && p->s[i] == 'o'
        && p->s[i + 1] == 'f' && strchr(" \t\r\n(", p->s[i + 2]) != NULL)
    {
        several(p);
        return;
    }

    if (is(p, "length") && i < p->len && strchr("<>=", p->s[i]) != NULL) {
        next(p);
        c = emit(p, MDR_COND_LENGTH);
        compare(p, c);
        return;
    }

    if (is(p, "hidden") && i < p->len && strchr("<>=", p->s[i]) != NULL) {
        next(p);
        c = emit(p, MDR_COND_HIDDEN);
        compare(p, c);
        return;
    }

    if (is(p, "count") && i < p->len && p->s[i] == '(') {
        next(p);
        next(p);
        c = emit(p, MDR_COND_COUNT);
        c->a = group(p);
        if (take(p, T_CLOSE, "\")\"")) {
            compare(p, c);
        }
        return;
    }

    if (is(p, "near") && i < p->len && p->s[i] == '(') {
        next(p);
        next(p);
        c = emit(p, MDR_COND_NEAR);
        c->a = group(p);
        if (!p->failed && take(p, T_COMMA, "\",\"")) {
            c->b = group(p);
        }
        if (!p->failed && take(p, T_COMMA, "\",\"")) {
            if (p->kind != T_NUMBER) {
                unexpected(p, "a number");
                return;
            }
            c->n = p->number;
            next(p);
            (void) take(p, T_CLOSE, "\")\"");
        }
        return;
    }

    c = emit(p, MDR_COND_GROUP);
    c->a = group(p);
}


static void
pop(parser_t *p, int op)
{
    (void) emit(p, op == OP_AND ? MDR_COND_AND
                   : op == OP_OR ? MDR_COND_OR : MDR_COND_NOT);
}


int
mdr_cond_parse(mdr_str_t s, const mdr_group_t *groups, uint32_t ngroups,
    mdr_arena_t *arena, mdr_cond_t **conds, uint32_t *nconds, char *err,
    size_t size, size_t *offset)
{
    int        op;
    uint8_t    ops[CONDS_MAX];
    uint32_t   nops;
    parser_t   p;

    memset(&p, 0, sizeof(p));
    p.s = s.data;
    p.len = s.len;
    p.groups = groups;
    p.ngroups = ngroups;
    p.err = err;
    p.err_size = size;
    p.offset = offset;
    nops = 0;

    next(&p);

    while (!p.failed) {

        /* an operand begins here */

        if (nops + 1 >= CONDS_MAX) {
            fail(&p, p.start, "the condition is too long");
            break;
        }

        if (p.kind == T_OPEN) {
            ops[nops++] = OP_OPEN;
            next(&p);
            continue;
        }

        if (is(&p, "not")) {
            ops[nops++] = OP_NOT;
            next(&p);
            continue;
        }

        atom(&p);

        /* what may follow one */

        while (!p.failed && p.kind == T_CLOSE) {

            while (nops != 0 && ops[nops - 1] != OP_OPEN) {
                pop(&p, ops[--nops]);
            }

            if (nops == 0) {
                fail(&p, p.start, "\")\" without \"(\"");
                break;
            }

            nops--;
            next(&p);
        }

        if (p.failed || p.kind == T_END) {
            break;
        }

        op = is(&p, "and") ? OP_AND : is(&p, "or") ? OP_OR : -1;

        if (op == -1) {
            unexpected(&p, "\"and\" or \"or\"");
            break;
        }

        while (nops != 0 && ops[nops - 1] >= op) {
            pop(&p, ops[--nops]);
        }

        ops[nops++] = (uint8_t) op;
        next(&p);
    }

    while (!p.failed && nops != 0) {
        if (ops[--nops] == OP_OPEN) {
            fail(&p, p.start, "\")\" is missing");
            break;
        }
        pop(&p, ops[nops]);
    }

    if (p.failed) {
        return MDR_ERROR;
    }

    *conds = mdr_arena_alloc(arena, p.nout * sizeof(mdr_cond_t));
    if (*conds == NULL) {
        *offset = 0;
        snprintf(err, size, "out of memory");
        return MDR_ERROR;
    }

    memcpy(*conds, p.out, p.nout * sizeof(mdr_cond_t));
    *nconds = p.nout;

    return MDR_OK;
}
