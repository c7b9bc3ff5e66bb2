/*
 * policy.h - a policy in memory: the image and what was made from it.
 */

#ifndef MDR_POLICY_H
#define MDR_POLICY_H

#include "match/match.h"
#include "plan.h"
#include "regex/pick.h"
#include "sink.h"

struct mdr_html_rules_s;                /* sink.h                            */
struct mdr_json_rules_s;

struct mdr_policy_s {
    const mdr_alloc_t  *alloc;
    mdr_arena_t        *arena;          /* of html, json, plan              */
    mdr_model_t        *model;
    mdr_matcher_t      *matcher;
    struct mdr_html_rules_s  *html;     /* mdr_html_compile(model, arena)   */
    struct mdr_json_rules_s  *json;     /* mdr_json_compile(model, arena)   */
    mdr_within_t       *within;         /* [1 + model->ngroups], see sink.h  */
    uint8_t            *documents;      /* slots that read a document in a
                                           frame (mdr_json_documents)        */
    uint8_t            *rows;           /* and a row of flight               */
    struct mdr_pages_s *pages;          /* page/                            */
    mdr_picks_t        *picks;
    mdr_plan_t         *plan;           /* mdr_plan_new(model, arena)       */
    const uint8_t      *image;
    size_t              image_size;
    mdr_buf_t           owned;          /* the image, where loaded from YAML */
};

/* a policy over the image made of m, which is not kept; alloc is not NULL */
int mdr_policy_make(const mdr_model_t *m, const mdr_alloc_t *alloc,
    mdr_diags_t *diags, mdr_policy_t **policy);

#endif
