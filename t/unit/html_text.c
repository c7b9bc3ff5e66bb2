/*
 * html_text.c - the text of markup that is the value of a field.
 */

#include "html/html.h"

#include "test.h"


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

    return test_done();
}
