/*
 * period_table.c - the tables of a report, once for every form of it.
 */

#include "moderationd/web/api.h"
#include "moderationd/web/page.h"
#include "period.h"

#include <stdio.h>
#include <string.h>


void
mdd_share_text(const json_t *share, char out[64])
{
    double  p = json_number_value(json_object_get(share, "share"));

    if (json_object_get(share, "share") == NULL) {
        snprintf(out, 64, "%lld / %lld", (long long) mdd_num(share, "k"),
                 (long long) mdd_num(share, "n"));
        return;
    }

    snprintf(out, 64, "%.1f %% (%.1f\xe2\x80\x93%.1f)", 100 * p,
             100 * json_number_value(json_object_get(share, "low")),
             100 * json_number_value(json_object_get(share, "high")));
}


void
mdd_period_title(mdd_web_t *w, const json_t *r, mdd_buf_t *b)
{
    const json_t  *p = json_object_get(r, "period");
    const char    *name = mdd_str(p, w->zh ? "campaign_zh" : "campaign_en");

    if (*name) {
        mdd_buf_fmt(b, w->zh ? "%s 报告" : "%s: report", name);

    } else if (mdd_str(p, "week")[0]) {
        mdd_buf_fmt(b, w->zh ? "周报 %s" : "Weekly report %s",
                    mdd_str(p, "week"));

    } else {
        mdd_buf_str(b, T(w, "治理报告", "Report"));
    }

    mdd_buf_fmt(b, w->zh ? "（%s 至 %s）" : " (%s to %s)",
                mdd_str(p, "first_day"), mdd_str(p, "last_day"));
}


static json_t *
table(json_t *all, const char *id, const char *title, const char *note,
    const char *const *head, size_t nhead)
{
    size_t   i;
    json_t  *t, *rows = json_array(), *list = json_array();

    for (i = 0; i < nhead; i++) {
        json_array_append_new(list, json_string(head[i]));
    }

    t = json_pack("{s:s, s:s, s:s, s:o, s:O}", "id", id, "title", title,
                  "note", note, "head", list, "rows", rows);
    json_array_append_new(all, t);
    json_decref(rows);                  /* the table holds it */

    return rows;
}

#define TABLE(id, title, note, head)                                          \
    table(all, id, title, note, head, sizeof(head) / sizeof(head[0]))


static void
matrix(mdd_web_t *w, const json_t *r, json_t *all)
{
    int          k;
    size_t       i;
    json_t      *rows, *row, *c;
    const char  *head[MDD_COLUMNS + 1];

    head[0] = T(w, "类别", "Category");

    for (k = 0; k < MDD_COLUMNS; k++) {
        head[k + 1] = mdd_period_word(w, mdd_columns[k]);
    }

    rows = TABLE("matrix", T(w, "类别与处置", "Categories and measures"),
        T(w, "同一条信息、节目、账号一期只计一次；同属几类的，合计只计一次。"
          "“未展示”是本站页面不再展示，“源头已处理”是来源平台确认已经处理。",
          "A thing counts once a period; one that is of several categories "
          "counts once in the last row. Not shown: the pages of this site do "
          "not show it. Handled at source: the platform it came from has "
          "said so."), head);

    json_array_foreach(json_object_get(r, "matrix"), i, c) {
        row = json_array();
        json_array_append_new(row, json_string(
            mdd_period_word(w, mdd_str(c, "category"))));

        for (k = 0; k < MDD_COLUMNS; k++) {
            json_array_append(row, json_object_get(c, mdd_columns[k]));
        }

        json_array_append_new(rows, row);
    }
}


static json_t *
spread(const json_t *c, const char *n, const char *low, const char *high)
{
    char  text[96];

    snprintf(text, sizeof(text), "%.0f (%.0f\xe2\x80\x93%.0f)",
             json_number_value(json_object_get(c, n)),
             json_number_value(json_object_get(c, low)),
             json_number_value(json_object_get(c, high)));

    return json_string(text);
}


static void
compared(mdd_web_t *w, const json_t *r, json_t *all)
{
    size_t       i;
    json_t      *rows, *c;
    const char  *head[] = {
        T(w, "项目", "What"), T(w, "本期（95% 区间）", "Now (95 %)"),
        T(w, "上期", "Before"), T(w, "比上期", "Against it"),
        T(w, "前四期平均", "Mean of four before"),
        T(w, "比平均", "Against that")
    };

    rows = TABLE("compare", T(w, "与以往相比", "Compared"),
        T(w, "区间不重叠时才标注多或少。",
          "More or less is said only where the intervals do not overlap."),
        head);

    json_array_foreach(json_object_get(r, "compare"), i, c) {
        json_array_append_new(rows, json_pack("[s, o, o, s, o, s]",
            mdd_period_word(w, mdd_str(c, "what")),
            spread(c, "now", "low", "high"),
            json_object_get(c, "before")
            ? json_integer((json_int_t) mdd_num(c, "before"))
            : json_string("\xe2\x80\x93"),
            mdd_period_word(w, mdd_str(c, "before_mark")),
            json_object_get(c, "mean")
            ? spread(c, "mean", "mean_low", "mean_high")
            : json_string("\xe2\x80\x93"),
            mdd_period_word(w, mdd_str(c, "mean_mark"))));
    }
}


static void
line(json_t *rows, const char *name, int64_t n)
{
    json_array_append_new(rows, json_pack("[s, I]", name, (json_int_t) n));
}


static void
readers(mdd_web_t *w, const json_t *r, json_t *all)
{
    int            i;
    char           share[64];
    json_t        *rows;
    const json_t  *a, *p = json_object_get(r, "reports");
    const char    *head[] = { T(w, "项目", "What"), T(w, "数量", "Number") };

    static const char *const  words[] = {
        "effective", "late", "valid", "wrong", "abusive", "duplicate"
    };

    rows = TABLE("reports", T(w, "举报与申诉", "Reports and appeals"),
        T(w, "有效率＝（属实＋属实但已先处理）÷ 全部结果（并案的重复除外）。",
          "Effective rate: effective and late ones of all outcomes but merged "
          "duplicates, by report."), head);
    line(rows, T(w, "收到举报", "Reports received"), mdd_num(p, "received"));
    line(rows, T(w, "成案", "Cases"), mdd_num(p, "cases"));
    line(rows, T(w, "已答复", "Answered"), mdd_num(p, "answered"));
    line(rows, T(w, "按期答复", "Answered in time"), mdd_num(p, "in_time"));

    for (i = 0; i < 6; i++) {
        line(rows, mdd_period_word(w, words[i]), mdd_num(p, words[i]));
    }

    mdd_share_text(json_object_get(p, "effective_rate"), share);
    json_array_append_new(rows, json_pack("[s, s]", T(w, "有效率（95% 区间）",
        "Effective rate (95 %)"), share));
    a = json_object_get(r, "appeals");
    line(rows, T(w, "申诉", "Appeals received"), mdd_num(a, "received"));
    line(rows, T(w, "已裁定的申诉", "Appeals decided"),
         mdd_num(a, "decided"));
    line(rows, T(w, "支持的申诉", "Appeals granted"), mdd_num(a, "granted"));
}


static void
quality(mdd_web_t *w, const json_t *r, json_t *all)
{
    char           share[64];
    size_t         i;
    json_t        *rows, *l;
    const json_t  *q = json_object_get(r, "quality");
    const char    *head[] = {
        T(w, "标签", "Label"), T(w, "人已裁定", "Decided by a person"),
        T(w, "维持", "Upheld"), T(w, "准确率（95% 区间）", "Precision (95 %)")
    };

    rows = TABLE("quality", T(w, "准确与遗漏", "Precision and recall"),
        T(w, "不足十件不算比例。",
          "No share is given of fewer than ten."), head);

    json_array_foreach(json_object_get(q, "labels"), i, l) {
        mdd_share_text(json_object_get(l, "precision"), share);
        json_array_append_new(rows, json_pack("[s, I, I, s]",
            mdd_str(l, "label"), (json_int_t) mdd_num(l, "n"),
            (json_int_t) mdd_num(l, "upheld"), share));
    }

    /* a rule beside what it was measured at: where the two are apart, the
     * language has moved on, or reviewers have */

    json_array_foreach(json_object_get(q, "rules"), i, l) {
        char  name[200];

        snprintf(name, sizeof(name), "%.100s (%s %.2f%s)", mdd_str(l, "rule"),
                 T(w, "测得", "measured"),
                 json_number_value(json_object_get(l, "measured")),
                 json_is_true(json_object_get(l, "apart"))
                 ? T(w, "，相差", ", apart") : "");
        mdd_share_text(json_object_get(l, "precision"), share);
        json_array_append_new(rows, json_pack("[s, I, I, s]", name,
            (json_int_t) mdd_num(l, "n"), (json_int_t) mdd_num(l, "upheld"),
            share));
    }

    l = json_object_get(q, "samples_missed");
    mdd_share_text(l, share);
    json_array_append_new(rows, json_pack("[s, I, I, s]",
        T(w, "抽样复看放过的（漏掉的比例）",
          "Samples of what passed (share that was missed)"),
        (json_int_t) mdd_num(l, "n"), (json_int_t) mdd_num(l, "k"), share));
}


/* "office/live", "missing/page.report-entry": both halves in words */

static void
say(mdd_web_t *w, const char *part, const char *s, char out[256])
{
    char         first[48];
    size_t       n;
    const char  *slash = strchr(s, '/'), *rest;

    if (slash == NULL
        || (strcmp(part, "orders") != 0 && strcmp(part, "pages") != 0))
    {
        snprintf(out, 256, "%.200s", mdd_period_word(w, s));
        return;
    }

    n = (size_t) (slash - s) < 40 ? (size_t) (slash - s) : 40;
    memcpy(first, s, n);
    first[n] = '\0';
    rest = strcmp(part, "orders") == 0 ? mdd_word(w, slash + 1) : slash + 1;
    snprintf(out, 256, "%.60s%s%.150s", n ? mdd_period_word(w, first) : "",
             n ? " \xc2\xb7 " : "", rest);
}


/* a list of {key, n} whose names are words of ours, or of the policy */

static void
list(mdd_web_t *w, const json_t *r, json_t *all, const char *part,
    const char *key, const char *title, const char *what)
{
    char         name[256];
    size_t       i;
    json_t      *rows, *l;
    const char  *head[] = { what, T(w, "数量", "Number") };

    if (json_array_size(json_object_get(r, part)) == 0) {
        return;
    }

    rows = TABLE(part, title, "", head);

    json_array_foreach(json_object_get(r, part), i, l) {
        say(w, part, mdd_str(l, key), name);
        json_array_append_new(rows, json_pack("[s, I]", name,
            (json_int_t) mdd_num(l, "n")));
    }
}


static void
days(mdd_web_t *w, const json_t *r, json_t *all)
{
    size_t       i;
    json_t      *rows, *d;
    const char  *head[] = {
        T(w, "日期", "Day"), T(w, "首次处理的条目", "Things, first seen"),
        T(w, "决定", "Decisions")
    };

    if (json_array_size(json_object_get(r, "days")) == 0) {
        return;
    }

    rows = TABLE("days", T(w, "每日", "By day"),
                 T(w, "按站点所在地的日期。", "Days of the site."), head);

    json_array_foreach(json_object_get(r, "days"), i, d) {
        json_array_append_new(rows, json_pack("[s, I, I]", mdd_str(d, "day"),
            (json_int_t) mdd_num(d, "things"),
            (json_int_t) mdd_num(d, "decisions")));
    }
}


static void
record(mdd_web_t *w, const json_t *r, json_t *all)
{
    json_t        *rows;
    const json_t  *p = json_object_get(r, "record"), *n;
    const char    *head[] = { T(w, "项目", "What"), T(w, "值", "Value") };

    rows = TABLE("record", T(w, "依据的台账", "The record"),
        T(w, "同样的台账大小得出同样的报告，可以重新生成并核对。",
          "The same size of the ledger gives the same report: it can be made "
          "again and compared."), head);
    n = json_object_get(p, "nodes");
    line(rows, T(w, "节点", "Nodes"), json_is_array(n)
         ? (int64_t) json_array_size(n) : mdd_num(p, "nodes"));
    json_array_append_new(rows, json_pack("[s, s]", T(w, "台账", "Ledger"),
        mdd_str(p, "origin")));
    json_array_append_new(rows, json_pack("[s, s]", T(w, "年册", "Log"),
        mdd_str(p, "log")));
    line(rows, T(w, "大小", "Size"), mdd_num(p, "size"));
    json_array_append_new(rows, json_pack("[s, s]", T(w, "根", "Root"),
        mdd_str(p, "root")));
    line(rows, T(w, "丢失的记录", "Lost lines"), mdd_num(p, "lost"));
    line(rows, T(w, "中断", "Gaps"), mdd_num(p, "gaps"));
    line(rows, T(w, "展示次数（未展示或打码的）",
                 "Responses with something left out or masked"),
         mdd_num(r, "impressions"));
    line(rows, T(w, "只待审、未判定的条目", "Things that only waited"),
         mdd_num(r, "waiting"));
    line(rows, T(w, "影子模式的决定", "Decisions in shadow"),
         mdd_num(r, "shadow"));
    line(rows, T(w, "因过大、限量等未展示的决定",
                 "Decisions for size, limits and the like"),
         mdd_num(r, "technical"));
}


json_t *
mdd_period_tables(mdd_web_t *w, const json_t *r)
{
    json_t  *all = json_array();

    matrix(w, r, all);
    compared(w, r, all);
    days(w, r, all);
    readers(w, r, all);
    quality(w, r, all);
    list(w, r, all, "orders", "order", T(w, "指令", "Orders"),
         T(w, "来源和步骤", "Source, step"));
    list(w, r, all, "found_by", "by", T(w, "发现途径", "Found by"),
         T(w, "途径", "By"));
    list(w, r, all, "automation", "how", T(w, "由谁决定", "Decided by"),
         T(w, "方式", "How"));
    list(w, r, all, "pages", "finding", T(w, "页面检查", "Page findings"),
         T(w, "发现", "Finding"));
    list(w, r, all, "labels", "label", T(w, "标签", "Labels"),
         T(w, "标签", "Label"));
    list(w, r, all, "rules", "rule", T(w, "规则", "Rules"),
         T(w, "规则", "Rule"));
    list(w, r, all, "errors", "error", T(w, "未能检查", "Not inspected"),
         T(w, "原因", "Why"));
    record(w, r, all);

    return all;
}
