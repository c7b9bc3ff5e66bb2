/*
 * scan_text.c - items of `moderationctl scan` for people: a row an item, a
 * head where the slot changes, and a table of the slots at the end.
 */

#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "scan_report.h"

#define TITLE   40                  /* columns                               */
#define ROOM    12
#define TEXTS   5                   /* of a rule                             */


static mdr_str_t
field(const mdr_item_t *it, const char *name)
{
    uint32_t   i;
    mdr_str_t  none = { "", 0 };

    for (i = 0; i < it->nfields; i++) {
        if (it->fields[i].name.len == strlen(name)
            && memcmp(it->fields[i].name.data, name, strlen(name)) == 0)
        {
            return it->fields[i].text;
        }
    }

    return none;
}


/* the text that tells an item: title, else the first field with any */

static mdr_str_t
title(const mdr_item_t *it)
{
    uint32_t   i;
    mdr_str_t  t;

    t = field(it, "title");

    for (i = 0; t.len == 0 && i < it->nfields; i++) {
        t = it->fields[i].text;
    }

    return t;
}


/* what became of an item, and the heads of the summary */

enum { PASSED, RECORDED, TAGGED, MASKED, HELD, BLOCKED, LEFT_OUT, TOO_LARGE,
       UNREADABLE, LIMIT, FATES };

static const char *const  fates[2][FATES] = {
    { "passed", "recorded", "tagged", "masked", "held", "blocked", "left out",
      "TOO LARGE", "UNREADABLE", "LIMIT" },
    { "放行", "只记录", "标记", "打码", "待复审", "移除", "超出条数", "太大",
      "看不了", "超限" }
};

static const char *const  heads[2][9] = {
    { "slot", "items", "passed", "tagged", "masked", "held", "blocked",
      "left out", "not read" },
    { "位置", "条目", "放行", "标记", "打码", "待复审", "移除", "超出条数",
      "没有看" }
};


static const char *
fate(const scan_t *s, const mdr_item_t *it)
{
    int  f;

    if (it->flags & MDR_ITEM_TOO_LARGE) {
        f = TOO_LARGE;

    } else if (it->flags & MDR_ITEM_UNREADABLE) {
        f = UNREADABLE;

    } else if ((it->flags & MDR_ITEM_LIMITED) && it->nhits == 0) {
        f = LIMIT;

    } else if ((it->flags & MDR_ITEM_OVER_LIMIT) && it->action < MDR_ACT_HOLD)
    {
        f = LEFT_OUT;

    } else {
        f = it->action == MDR_ACT_TAG ? TAGGED
            : it->action == MDR_ACT_MASK ? MASKED
            : it->action == MDR_ACT_HOLD ? HELD
            : it->action == MDR_ACT_BLOCK ? BLOCKED
            : it->hits_total != 0 ? RECORDED : PASSED;
    }

    return fates[s->zh][f];
}


/* has hit k of an item a text that one before it of the same rule has? */

static int
said(const mdr_item_t *it, uint32_t k)
{
    uint32_t  i;

    for (i = 0; i < k; i++) {
        if (it->hits[i].rule == it->hits[k].rule
            && it->hits[i].text.len == it->hits[k].text.len
            && memcmp(it->hits[i].text.data, it->hits[k].text.data,
                      it->hits[k].text.len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* "rule (text, text); rule (text)": what was found and where it stood */

static void
reasons(line_t *l, const scan_t *s, const mdr_item_t *it)
{
    uint32_t          i, k, n;
    mdr_rule_info_t   r;

    for (i = 0; i < it->nhits; i++) {

        for (k = 0; k < i && it->hits[k].rule != it->hits[i].rule; k++) {
            /* a rule is named once */
        }

        if (k < i) {
            continue;
        }

        mdr_policy_rule(s->policy, it->hits[i].rule, &r);
        line_puts(l, i == 0 ? "  " : "; ");
        line_put(l, r.id.data, r.id.len);
        line_puts(l, " (");

        /* a learned list may hit every other character: the first do */

        for (k = i, n = 0; k < it->nhits; k++) {
            if (it->hits[k].rule == it->hits[i].rule && !said(it, k)
                && n++ < TEXTS)
            {
                line_puts(l, k == i ? "" : ", ");
                line_columns(l, it->hits[k].text,
                             line_width(it->hits[k].text) < TITLE
                             ? line_width(it->hits[k].text) : TITLE);
            }
        }

        line_puts(l, n > TEXTS ? ", ...)" : ")");
    }

    if (it->hits_total > it->nhits) {
        line_puts(l, s->zh ? " 等" : " and more");
    }
}


void
scan_text_item(line_t *l, scan_t *s, const mdr_item_t *it)
{
    mdr_str_t  word;

    if (it->slot != s->last_slot) {
        line_puts(l, s->last_slot == UINT32_MAX ? "" : "\n");

        if (s->many && s->last_slot == UINT32_MAX) {
            line_puts(l, s->source);
            line_puts(l, "\n\n");
        }

        line_put(l, it->slot_name.data, it->slot_name.len);
        line_puts(l, "\n");
        s->last_slot = it->slot;
    }

    line_puts(l, "  ");
    line_columns(l, field(it, "room"), ROOM);
    line_puts(l, " ");
    line_columns(l, title(it), TITLE);
    line_puts(l, " ");

    word.data = fate(s, it);
    word.len = (uint32_t) strlen(word.data);

    if (it->nhits != 0) {
        line_columns(l, word, 10);
        reasons(l, s, it);
    } else {
        line_puts(l, word.data);
    }

    line_puts(l, "\n");
}


static void
cell(uint64_t v)
{
    if (v != 0) {
        printf(" %9llu", (unsigned long long) v);
    } else {
        printf(" %9s", "-");
    }
}


void
scan_text_summary(const scan_t *s)
{
    int                width;
    uint32_t           i;
    mdr_str_t          name;
    const scan_sum_t  *t;

    printf("%s", s->items != 0 ? "\n" : "");

    for (i = 0; i < 9; i++) {
        name.data = heads[s->zh][i];
        name.len = (uint32_t) strlen(name.data);
        width = (int) line_width(name);

        if (i == 0) {
            printf("%s%*s", name.data, 24 - width, "");
        } else {
            printf(" %*s%s", 9 - width, "", name.data);
        }
    }

    printf("\n");

    for (i = 0; i < s->nsums; i++) {
        t = &s->sums[i];
        name = mdr_policy_slot_name(s->policy, i);

        printf("%-24.*s", (int) name.len, name.data);
        cell(t->items);
        cell(t->passed);
        cell(t->tagged);
        cell(t->masked);
        cell(t->held);
        cell(t->blocked);
        cell(t->over_limit);
        cell(t->unread);
        printf("\n");
    }

    if (s->many) {
        printf(s->zh ? "%llu 个文件，%llu 个条目\n"
               : "%llu bodies, %llu items\n", (unsigned long long) s->sources,
               (unsigned long long) s->items);
    }

    if (s->items == 0) {
        printf("%s\n", s->zh
               ? "没有一个 slot 找到条目：请看各 slot 的 match，以及内容的类型（--type）"
               : "no slot found anything: look at `match` of the slots, and at "
                 "the type of the body (--type)");
    }
}
