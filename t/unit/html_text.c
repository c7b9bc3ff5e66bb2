/*
 * html_text.c - the text of markup that is the value of a field.
 */

#include "html/html.h"

#include "test_page.h"


static const char *const  rows[][2] = {
    { "a<em class=\"k\">b</em>&amp;c", "ab&c" },
    { "a<br>b", "a b" },
    { "a<script>x</script>b<style>y</style>c", "abc" },
    { "<ruby>a<rp>(</rp><rt>x</rt><rp>)</rp></ruby>b", "ab" },
    { "a<b title=\"x>y\">c</b>", "ac" },
    { "a<b title=\n\t'x>y'>c</b>", "ac" },
    { "a<!-- x -->b", "ab" },
    { "a<!-->b", "ab" },
    { "a<!--->b", "ab" },
    { "a<!---->b", "ab" },
    { "a<!-- x > -- > y --->b", "ab" },
    { "a<!-- x --!>b", "ab" },
    { "a<!-- x -!> y -->b", "ab" },
    { "a<!-- x", "a" },
    { "a<!doctype x>b<?php y ?>c<![CDATA[z]]>d", "abcd" },
    { "a</ >b</1>c</>d", "abcd" },
    { "a < b </ c", "a < b" },
    { "a<template>x<br>&amp;<template>y</template>z</template>b", "ab" },
    { "a</template>b", "ab" },
    { "1 < 2 &lt; 3", "1 < 2 < 3" }
};


/* the same markup in a page and in a string: what is a boundary, and hidden, in
 * the one is in the other */

static void
as_in_a_page(void)
{
    char               page[1000], value[1000], *q;
    size_t             i;
    unsigned           hits;
    mdr_work_t        *work;
    const char        *c;
    mdr_policy_t      *p;
    test_page_conf_t   conf;
    static test_page_t s;

    static const char  policy[] =
        "schema: 1\npolicy: p\nslots:\n"
        "  - {name: h, type: html, match: li, fields: {t: .}}\n"
        "  - {name: j, type: json, match: \"$[*]\","
        " fields: {t: {from: \"$.h\", as: html}}}\n"
        "rules:\n  - {id: r, label: rumor, match: {in: [t], terms: [震惊]}}\n";

    static const struct {
        const char  *markup;
        unsigned     hit;
    } cases[] = {
        { "震<i>惊</i>", 1 },
        { "震<i style='display:block'>惊</i>", 0 },
        { "<i style='display:block'>震</i>惊", 0 },
        { "<i style='display:block'><i>震</i>惊</i>", 1 },
        { "<p>震</p>惊", 0 },
        { "<div style='display:inline'>震</div>惊", 1 },
        { "<div style='display:inline'>震<div>惊</div></div>", 0 },
        { "<div style='display:inline'><div>x</div>震</div>惊", 1 },
        { "<p style='display:inline-block'>震</p><p style='display:inline'>惊",
          1 },
        { "<a style='display:flex'>震</a>惊", 0 },
        { "震<img style='display:block'>惊", 0 },
        { "震<img style='display:inline'>惊", 1 },
        { "震<hr style='display:inline'>惊", 1 },
        { "<dialog>震惊</dialog>", 0 },
        { "<dialog open>震惊</dialog>", 1 },
        { "震<b style='display:none'><p>x</p></b>惊", 1 },
    };

    test_begin("styles of markup in a value");
    work = mdr_work_new(NULL);
    p = test_policy(policy, NULL);
    CHECK(p != NULL);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(page, sizeof(page), "<li>%s</li>", cases[i].markup);

        q = value + snprintf(value, sizeof(value), "[{\"h\":\"");
        for (c = cases[i].markup; *c != '\0'; c++) {
            *q++ = *c;
        }
        snprintf(q, 10, "\"}]");

        for (hits = 0; hits < 2; hits++) {
            memset(&conf, 0, sizeof(conf));
            conf.type = hits ? MDR_TYPE_JSON : MDR_TYPE_HTML;
            c = hits ? value : page;
            test_page(p, work, &conf, c, cases[i].hit ? hits ? "[]" : "" : c,
                      &s);
        }
    }

    mdr_policy_free(p);
    mdr_work_free(work);
    test_end();
}


int
main(void)
{
    size_t      i;
    mdr_text_t  in, out;

    test_begin("markup in a value");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        mdr_text_init(&in, mdr_mem_default(), 4096);
        mdr_text_init(&out, mdr_mem_default(), 4096);

        CHECK(mdr_text_copy(&in, 100, (const uint8_t *) rows[i][0],
                            strlen(rows[i][0])) == MDR_OK);
        CHECK(mdr_html_text(&in, &out) == MDR_OK);
        CHECK(mdr_text_finish(&out) == MDR_OK);
        CHECK_STR(out.data, out.len, rows[i][1]);

        mdr_text_done(&in);
        mdr_text_done(&out);
    }

    test_end();
    as_in_a_page();

    return test_done();
}
