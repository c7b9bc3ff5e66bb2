/*
 * html_modes.h - what the rules of the insertion modes share.
 *
 *   html_modes.c    dispatch, template, text
 *   html_head.c     what stands before the body
 *   html_body.c     "in body"
 *   html_table.c    tables
 *   html_select.c   select
 *   html_foreign.c  svg and math
 *
 * A function for start or end tags returns what kind of text follows
 * (MDR_RAW_*), or AGAIN where the mode has been changed and the tag is to be
 * looked at once more.
 */

#ifndef MDR_HTML_MODES_H
#define MDR_HTML_MODES_H

#include "html.h"
#include "html_tags.h"

#define AGAIN  (-1)

#define IS_TOP(h, tag)  (mdr_html_top(h)->id == (tag))

/* the element of h->tag; NULL: too deep */
mdr_open_t *mdr_html_element(mdr_html_t *h);
void mdr_html_void(mdr_html_t *h);
int mdr_html_raw(mdr_html_t *h, int raw);
/* an element that only an end tag stands for */
void mdr_html_empty(mdr_html_t *h, uint8_t id);
/* has h->tag that attribute (with that value, in any case)? */
int mdr_html_attr_is(mdr_html_t *h, const char *name,
    const char *value);
void mdr_html_reset_mode(mdr_html_t *h);
void mdr_html_template_end(mdr_html_t *h);
/* the tags with F_HEAD */
int mdr_html_head_start(mdr_html_t *h);

int mdr_html_early_start(mdr_html_t *h);
void mdr_html_early_end(mdr_html_t *h);
/* from "in head" to "after head" */
void mdr_html_leave_head(mdr_html_t *h, uint64_t end);

int mdr_html_body_start(mdr_html_t *h);
int mdr_html_body_end(mdr_html_t *h);

/* in table, caption, column group, table body, row, cell */
int mdr_html_table_start(mdr_html_t *h);
int mdr_html_table_end(mdr_html_t *h);

/* select, option, optgroup, input, hr */
int mdr_html_select_start(mdr_html_t *h);

/* 1: dealt with; 0: the rules of the insertion mode are to be used */
int mdr_html_foreign_start(mdr_html_t *h);
int mdr_html_foreign_end(mdr_html_t *h);

#endif
