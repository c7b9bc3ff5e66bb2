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


static const char *
fate(const mdr_item_t *it)
{
    if (it->flags & MDR_ITEM_TOO_LARGE) {
        return "TOO LARGE";
    }

    if (it->flags & MDR_ITEM_UNREADABLE) {
        return "UNREADABLE";
    }

    if ((it->flags & MDR_ITEM_LIMITED) && it->nhits == 0) {
        return "LIMIT";
    }

    if ((it->flags & MDR_ITEM_OVER_LIMIT) && it->action < MDR_ACT_HOLD) {
        return "left out";
    }

    switch (it->action) {
    case MDR_ACT_TAG:    return "tagged";
    case MDR_ACT_MASK:   return "masked";
    case MDR_ACT_HOLD:   return "held";
    case MDR_ACT_BLOCK:  return "blocked";
    default:             return it->hits_total != 0 ? "recorded" : "passed";
    }
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
    uint32_t          i, k;
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

        for (k = i; k < it->nhits; k++) {
            if (it->hits[k].rule == it->hits[i].rule && !said(it, k)) {
                line_puts(l, k == i ? "" : ", ");
                line_columns(l, it->hits[k].text,
                             line_width(it->hits[k].text) < TITLE
                             ? line_width(it->hits[k].text) : TITLE);
            }
        }

        line_puts(l, ")");
    }

    if (it->hits_total > it->nhits) {
        line_puts(l, " and more");
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

    word.data = fate(it);
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
    uint32_t           i;
    mdr_str_t          name;
    const scan_sum_t  *t;

    printf("%s%-24s %9s %9s %9s %9s %9s %9s %9s %9s\n",
           s->items != 0 ? "\n" : "", "slot", "items", "passed", "tagged",
           "masked", "held", "blocked", "left out", "not read");

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
        printf("%llu bodies, %llu items\n", (unsigned long long) s->sources,
               (unsigned long long) s->items);
    }

    if (s->items == 0) {
        printf("no slot found anything: look at `match` of the slots, and at "
               "the type of the body (--type)\n");
    }
}
