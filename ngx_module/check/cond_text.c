/*
 * cond_text.c - a condition as it is written in a policy.
 *
 * The model has it in postfix; brackets are put where the order of "not",
 * "and", "or" would read it otherwise.
 */

#include "check.h"

#include <stdio.h>
#include <string.h>


#define ROOM  1024

enum { OR, AND, NOT, ONE };             /* what binds closer is higher       */

typedef struct {
    char  text[ROOM];
    int   binds;
} part_t;


static void
in_brackets(char *out, const part_t *p, int binds)
{
    if (p->binds < binds) {
        (void) snprintf(out, ROOM + 2, "(%s)", p->text);
    } else {
        (void) snprintf(out, ROOM + 2, "%s", p->text);
    }
}


/* the top of the stack is what "not", "and", "or" join; the new depth */

static uint32_t
join(part_t *s, uint32_t n, const mdr_cond_t *c)
{
    int   binds, len;
    char  a[ROOM + 2], b[ROOM + 2], t[ROOM];

    if (c->op == MDR_COND_NOT) {
        in_brackets(a, &s[n - 1], NOT);
        len = snprintf(t, sizeof(t), "not %s", a);
        binds = NOT;

    } else {
        binds = c->op == MDR_COND_AND ? AND : OR;
        n--;
        in_brackets(a, &s[n - 1], binds);
        in_brackets(b, &s[n], binds);
        len = snprintf(t, sizeof(t), "%s %s %s", a,
                       binds == AND ? "and" : "or", b);
    }

    if (len >= (int) sizeof(t)) {
        memcpy(t + sizeof(t) - 4, "...", 4);
    }

    memcpy(s[n - 1].text, t, sizeof(t));
    s[n - 1].binds = binds;

    return n;
}


int
mdr_cond_text(const mdr_rule_t *r, const mdr_cond_t *conds, uint32_t nconds,
    const mdr_alloc_t *alloc, char *out, size_t size)
{
    char              *t;
    size_t             len;
    part_t            *s;
    uint32_t           i, k, n, first;
    const mdr_cond_t  *c;

    static const char *const  cmp[] = { ">=", ">", "<=", "<", "==" };

    /* one more than values at once: where "n of" is put together */

    s = mdr_alloc(alloc, (MDR_COND_STACK + 1) * sizeof(part_t));
    if (s == NULL) {
        return MDR_ERROR;
    }

    for (i = 0, n = 0; i < nconds; i++) {
        c = &conds[i];

        if (c->op == MDR_COND_NOT || c->op == MDR_COND_AND
            || c->op == MDR_COND_OR)
        {
            n = join(s, n, c);
            continue;
        }

        first = c->op == MDR_COND_OF ? n - c->a : n;
        t = s[n].text;

        switch (c->op) {

        case MDR_COND_GROUP:
            (void) snprintf(t, ROOM, "%s", r->groups[c->a].name.data);
            break;

        case MDR_COND_NEAR:
            (void) snprintf(t, ROOM, "near(%s, %s, %d)",
                            r->groups[c->a].name.data,
                            r->groups[c->b].name.data, c->n);
            break;

        case MDR_COND_COUNT:
            (void) snprintf(t, ROOM, "count(%s) %s %d",
                            r->groups[c->a].name.data, cmp[c->cmp], c->n);
            break;

        case MDR_COND_OF:
            (void) snprintf(t, ROOM, "%d of (", c->n);
            for (k = first; k < n; k++) {
                len = strlen(t);
                (void) snprintf(t + len, ROOM - len, "%s%s%s",
                                k > first ? ", " : "", s[k].text,
                                k + 1 == n ? ")" : "");
            }
            memmove(s[first].text, t, ROOM);
            break;

        case MDR_COND_LENGTH:
            (void) snprintf(t, ROOM, "length %s %d", cmp[c->cmp], c->n);
            break;

        case MDR_COND_HIDDEN:
            (void) snprintf(t, ROOM, "hidden %s %d", cmp[c->cmp], c->n);
            break;

        default:
            (void) snprintf(t, ROOM, "score %s %d", cmp[c->cmp], c->n);
        }

        s[first].binds = ONE;
        n = first + 1;
    }

    (void) snprintf(out, size, "%s", n != 0 ? s[0].text : "");
    mdr_free(alloc, s);

    return MDR_OK;
}
