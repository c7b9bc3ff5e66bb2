/*
 * api_statement.c - a decision as the statement of reasons that Article 17 of
 * Regulation (EU) 2022/2065 wants, in the form that the Commission's database
 * takes (docs/statement.schema.json).
 *
 * Nothing of what was written is in it: facts are which rule, by which field,
 * how it was found, and by whom it was decided.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "moderationd/conf/rulebook.h"
#include "moderationd/period/zone.h"

#include <stdio.h>
#include <string.h>

/* labels of rules to categories of the database; what stands nowhere is a
 * violation of terms */
static const struct { const char *label, *category; } categories[] = {
    { "rumor", "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS" },
    { "forged_official", "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS" },
    { "counterfeit", "INTELLECTUAL_PROPERTY_INFRINGEMENTS" },
    { "impersonation", "SCAMS_AND_FRAUD" },
    { "gambling", "UNSAFE_AND_PROHIBITED_PRODUCTS" },
    { "spam_contact", "SCAMS_AND_FRAUD" },
    { "marketing_account", "CONSUMER_INFORMATION" }
};


static const char *
category(const char *label)
{
    size_t  i;

    for (i = 0; i < sizeof(categories) / sizeof(categories[0]); i++) {
        if (strcmp(categories[i].label, label) == 0) {
            return categories[i].category;
        }
    }

    return "OTHER_VIOLATION_TC";
}


static const char *
visibility(const char *action)
{
    return strcmp(action, "mask") == 0 ? "DECISION_VISIBILITY_OTHER"
           : strcmp(action, "tag") == 0
             ? "DECISION_VISIBILITY_CONTENT_LABELLED"
           : "DECISION_VISIBILITY_CONTENT_DISABLED";
}


static const char *
source(const char *found_by)
{
    return strcmp(found_by, "report") == 0 ? "SOURCE_ARTICLE_16"
           : strcmp(found_by, "order") == 0 || strcmp(found_by, "import") == 0
             ? "SOURCE_TYPE_OTHER_NOTIFICATION" : "SOURCE_VOLUNTARY";
}


/* what the person gave who rejected it; "": nobody did */

static void
reason_of(mdd_web_t *w, const char *decision, char *out, size_t size)
{
    mdd_st_t  *st = mdd_query(w->db, MDD_SQL_REVIEW_DECISION, "s", decision);

    out[0] = '\0';

    while (mdd_step(st) == MDD_ROW) {
        snprintf(out, size, "%s", mdd_text(st, 2));
    }

    (void) mdd_end(st);
}


/* the basis of that reason, or else of the rule: a law, or terms */

static void
ground(mdd_web_t *w, json_t *j, const json_t *d)
{
    int                  law;
    char                 text[512], reason[72];
    const char          *basis;
    const json_t        *first = json_array_get(json_object_get(d, "rules"),
                                                0);
    const mdd_book_t    *book;
    const mdd_rule_t    *r;
    const mdd_reason_t  *why;

    reason_of(w, mdd_str(d, "id"), reason, sizeof(reason));
    book = mdd_book(mdd_site_of(w->d->conf, mdd_str(d, "host")));
    r = mdd_book_rule(book, mdd_str(first, "id"));
    why = mdd_book_reason(book, reason);
    basis = why && why->basis ? why->basis : r && r->basis ? r->basis
            : "terms of service";
    law = why && why->basis ? why->law : r && r->basis && r->law;

    json_object_set_new(j, "decision_ground", json_string(law
        ? "DECISION_GROUND_ILLEGAL_CONTENT"
        : "DECISION_GROUND_INCOMPATIBLE_CONTENT"));
    snprintf(text, sizeof(text), "%.480s", basis);
    json_object_set_new(j, law ? "illegal_content_legal_ground"
                               : "incompatible_content_ground",
                        json_string(text));

    if (why && why->basis) {
        snprintf(text, sizeof(text), "Reason \"%.300s\" (%.60s).",
                 why->title_en ? why->title_en : why->id, why->id);

    } else {
        snprintf(text, sizeof(text), "Rule \"%.300s\" (%.60s, revision "
                 "%lld).", r && r->title_en ? r->title_en
                 : mdd_str(d, "label"), mdd_str(first, "id"),
                 (long long) mdd_num(first, "rev"));
    }

    json_object_set_new(j, law ? "illegal_content_explanation"
                               : "incompatible_content_explanation",
                        json_string(text));
    mdd_book_leave(book);
}


void
mdd_api_statement(mdd_web_t *w)
{
    char              day[16], text[512], name[80];
    size_t            i;
    json_t           *d = mdd_get_decision(w, w->seg[2]), *j, *scope, *c;
    const char       *by, *found, *action;
    const mdd_zone_t *utc = mdd_zone("UTC");

    static const char *const  countries[] = {
        "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR",
        "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MT",
        "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"
    };

    action = mdd_str(d, "action");

    if (d == NULL || strcmp(mdd_str(d, "mode"), "enforce") != 0
        || strcmp(action, "none") == 0)
    {
        json_decref(d);
        mdd_error(w, 404, "not_found", "no decision that acted", "decision");
        return;
    }

    mdd_day_text(mdd_zone_day(utc, mdd_num(d, "time")), day);
    by = mdd_str(d, "automation");
    found = mdd_str(d, "found_by");
    j = json_pack("{s:[s]}", "decision_visibility", visibility(action));

    if (strcmp(action, "mask") == 0) {
        json_object_set_new(j, "decision_visibility_other",
                            json_string("words of it were masked"));
    }

    ground(w, j, d);
    snprintf(name, sizeof(name), "STATEMENT_CATEGORY_%s",
             category(mdd_str(d, "label")));
    json_object_set_new(j, "category", json_string(name));
    c = json_array();
    json_array_append_new(c, json_string("CONTENT_TYPE_TEXT"));
    json_object_set_new(j, "content_type", c);
    scope = json_array();

    for (i = 0; i < sizeof(countries) / sizeof(countries[0]); i++) {
        json_array_append_new(scope, json_string(countries[i]));
    }

    json_object_set_new(j, "territorial_scope", scope);
    json_object_set_new(j, "content_date", json_string(day));
    json_object_set_new(j, "application_date", json_string(day));
    snprintf(text, sizeof(text), "A card of the list \"%.60s\" met the rule "
             "of the label \"%.60s\"; found by: %.20s; decided %s.",
             mdd_str(d, "slot"), mdd_str(d, "label"), found,
             strcmp(by, "full") == 0 ? "automatically"
             : strcmp(by, "none") == 0 ? "by a person"
             : "automatically, with a person who looks at it");
    json_object_set_new(j, "decision_facts", json_string(text));
    json_object_set_new(j, "source_type", json_string(source(found)));
    json_object_set_new(j, "automated_detection", json_string(
        strcmp(found, "own") == 0 || strcmp(found, "sample") == 0
        ? "Yes" : "No"));
    json_object_set_new(j, "automated_decision", json_string(
        strcmp(by, "full") == 0 ? "AUTOMATED_DECISION_FULLY"
        : strcmp(by, "none") == 0 ? "AUTOMATED_DECISION_NOT_AUTOMATED"
        : "AUTOMATED_DECISION_PARTIALLY"));
    json_object_set_new(j, "puid", json_string(mdd_str(d, "id")));
    json_decref(d);
    mdd_json(w, 200, j);
}
