/*
 * scan_json.c - an item of `moderationctl scan` as a JSON line.
 */

#include "cli.h"

#include <stdio.h>
#include <string.h>

#include "scan_report.h"


static void
put_hit(line_t *l, const scan_t *s, const mdr_hit_t *h)
{
    char             weight[32];
    mdr_rule_info_t  r;

    mdr_policy_rule(s->policy, h->rule, &r);

    line_text(l, "{\"rule\"", r.id);
    line_number(l, ",\"rev\"", r.rev);
    line_text(l, ",\"label\"", r.label);
    line_text(l, ",\"group\"", h->group_name);
    line_text(l, ",\"field\"", h->field);
    line_number(l, ",\"start\"", h->start);
    line_number(l, ",\"end\"", h->end);
    line_text(l, ",\"text\"", h->text);

    if (h->weight != 0) {
        snprintf(weight, sizeof(weight), ",\"weight\":%d", (int) h->weight);
        line_puts(l, weight);
    }

    line_word(l, ",\"mode\"", cli_mode_name(h->mode));
    line_puts(l, "}");
}


/* thousandths as a number of points */

static void
put_points(line_t *l, long long v)
{
    char  text[64];

    snprintf(text, sizeof(text), ":%.10g", (double) v / 1000);
    line_puts(l, text);
}


/* what the score of a rule is made of, group by group */

static void
put_scores(line_t *l, const scan_t *s, const mdr_item_t *it)
{
    long long        sum;
    uint32_t         i, k;
    mdr_rule_info_t  r;

    for (i = 0; i < it->nparts; i = k) {
        mdr_policy_rule(s->policy, it->parts[i].rule, &r);
        line_text(l, i ? "\"rule\"" : ",\"scores\":[{\"rule\"", r.id);
        sum = 0;

        for (k = i; k < it->nparts && it->parts[k].rule == it->parts[i].rule;
             k++)
        {
            sum += it->parts[k].thousandths;
        }

        line_puts(l, ",\"score\"");
        put_points(l, sum);
        line_puts(l, ",\"groups\":{");

        for (k = i; k < it->nparts && it->parts[k].rule == it->parts[i].rule;
             k++)
        {
            line_puts(l, k != i ? "," : "");
            line_string(l, it->parts[k].group_name);
            put_points(l, it->parts[k].thousandths);
        }

        line_puts(l, k < it->nparts ? "}},{" : "}}]");
    }
}


void
scan_json_item(line_t *l, const scan_t *s, const mdr_item_t *it)
{
    uint32_t   i;
    mdr_str_t  name;

    line_text(l, "{\"slot\"", it->slot_name);

    if (s->many) {
        name.data = s->source;
        name.len = (uint32_t) strlen(s->source);
        line_text(l, ",\"file\"", name);
    }

    line_number(l, ",\"index\"", it->index);
    line_number(l, ",\"start\"", it->start);
    line_number(l, ",\"end\"", it->end);
    line_puts(l, ",\"fields\":{");

    for (i = 0; i < it->nfields; i++) {
        line_puts(l, i ? "," : "");
        line_string(l, it->fields[i].name);
        line_puts(l, ":");
        line_string(l, it->fields[i].text);
    }

    line_word(l, "},\"suggestion\"", cli_suggestion_name(it->suggestion));
    line_word(l, ",\"action\"", cli_action_name(it->action));

    if (it->flags & MDR_ITEM_OVER_LIMIT) {
        line_puts(l, ",\"over_limit\":true");
    }

    if (it->flags & MDR_ITEM_TOO_LARGE) {
        line_puts(l, ",\"error\":\"too_large\"");

    } else if (it->flags & MDR_ITEM_UNREADABLE) {
        line_puts(l, ",\"error\":\"unreadable\"");

    } else if (it->flags & MDR_ITEM_LIMITED) {
        line_puts(l, ",\"error\":\"limit\"");
    }

    line_puts(l, ",\"hits\":[");

    for (i = 0; i < it->nhits; i++) {
        line_puts(l, i ? "," : "");
        put_hit(l, s, &it->hits[i]);
    }

    line_puts(l, "]");

    if (it->hits_total > it->nhits) {
        line_number(l, ",\"hits_total\"", it->hits_total);
    }

    put_scores(l, s, it);

    line_puts(l, "}\n");
}
