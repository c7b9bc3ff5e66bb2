/*
 * scan_fields.c - fields that had no text in any item of their slot: their
 * selector most likely finds nothing, so that rules look into nothing.
 */

#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scan_report.h"


void
scan_fields_count(scan_sum_t *t, const mdr_item_t *it)
{
    uint32_t  i;

    if (it->flags & (MDR_ITEM_TOO_LARGE | MDR_ITEM_UNREADABLE)) {
        return;
    }

    if (t->with_text == NULL) {
        t->with_text = calloc(it->nfields + 1, 1);
        t->names = calloc(it->nfields + 1, sizeof(mdr_str_t));

        if (t->with_text == NULL || t->names == NULL) {
            fprintf(stderr, "moderationctl: out of memory\n");
            exit(2);
        }
    }

    t->nfields = it->nfields;
    t->read++;

    for (i = 0; i < it->nfields; i++) {
        t->with_text[i] |= it->fields[i].text.len != 0;
        t->names[i] = it->fields[i].name;
    }
}


static void
say(const scan_t *s, mdr_str_t slot, mdr_str_t field, uint64_t items)
{
    line_t     l;
    char       text[256];
    mdr_str_t  d;

    snprintf(text, sizeof(text), s->zh
             ? "%.*s 的字段 %.*s 在 %llu 个条目里都没有文字：请看它的选择器"
             : "%.*s: field %.*s has no text in any of %llu items: look at "
               "its selector", (int) slot.len, slot.data, (int) field.len,
             field.data, (unsigned long long) items);

    if (s->text) {
        printf("%s\n", text);
        return;
    }

    memset(&l, 0, sizeof(l));
    d.data = text;
    d.len = (uint32_t) strlen(text);

    line_word(&l, "{\"warning\"", "empty_field");
    line_text(&l, ",\"slot\"", slot);
    line_text(&l, ",\"field\"", field);
    line_number(&l, ",\"items\"", items);
    line_text(&l, ",\"detail\"", d);
    line_puts(&l, "}\n");
    fwrite(l.data, 1, l.len, stderr);
    line_free(&l);
}


void
scan_fields_tell(const scan_t *s)
{
    uint32_t           i, k;
    const scan_sum_t  *t;

    for (i = 0; i < s->nsums; i++) {
        t = &s->sums[i];

        for (k = 0; k < t->nfields; k++) {
            if (!t->with_text[k]) {
                say(s, mdr_policy_slot_name(s->policy, i), t->names[k],
                    t->read);
            }
        }
    }
}


void
scan_fields_free(scan_t *s)
{
    uint32_t  i;

    for (i = 0; i < s->nsums; i++) {
        free(s->sums[i].with_text);
        free(s->sums[i].names);
    }
}
