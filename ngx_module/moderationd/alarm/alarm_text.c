/*
 * alarm_text.c - an alarm in a sentence, in Chinese and English.
 */

#include "alarm.h"

#include <stdio.h>
#include <string.h>


static void
span(mdd_buf_t *b, int zh, int64_t seconds)
{
    if (seconds < 7200) {
        mdd_buf_fmt(b, zh ? "%lld 分钟" : "%lld min",
                    (long long) (seconds + 30) / 60);
    } else {
        mdd_buf_fmt(b, zh ? "%lld 小时" : "%lld h",
                    (long long) seconds / 3600);
    }
}


static void
quiet_text(mdd_buf_t *b, int zh, const mdd_alarm_t *a, const char *name)
{
    if (strncmp(a->what, "slot:", 5) == 0) {
        mdd_buf_fmt(b, zh ? "位置 %s 已有 " : "Slot %s: no card for ", name);
        span(b, zh, a->n);
        mdd_buf_str(b, zh ? "没有卡片，页面模板可能改了"
                          : "; the page's template may have changed");

    } else if (strncmp(a->what, "rule:", 5) == 0) {
        mdd_buf_fmt(b, zh ? "规则 %s 已有 " : "Rule %s: no hit for ", name);
        span(b, zh, a->n);
        mdd_buf_str(b, zh ? "没有命中" : "");

    } else {
        mdd_buf_str(b, zh ? "已有 " : "No line of any worker for ");
        span(b, zh, a->n);
        mdd_buf_str(b, zh ? "没有任何记录" : "");
    }
}


static void
overdue_text(mdd_buf_t *b, int zh, const mdd_alarm_t *a, const char *name)
{
    size_t  i;

    static const struct { const char *what, *zh, *en; } texts[] = {
        { "cards", "%lld 张卡片已过时限", "%lld cards are past their time" },
        { "cases", "%lld 件举报或申诉已过时限",
          "%lld reports or appeals are past their time" },
        { "orders", "%lld 条指令逾期未确认",
          "%lld orders are past their confirmation" },
        { "covers", "%lld 张封面图来不及比对",
          "%lld pictures are compared late" },
        { "webhooks", "%lld 条通知送不出去",
          "%lld webhooks are not taken by their targets" }
    };

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(a->what, texts[i].what) == 0) {
            char  line[160];

            snprintf(line, sizeof(line), zh ? texts[i].zh : texts[i].en,
                     (long long) a->n);
            mdd_buf_str(b, line);
            return;
        }
    }

    if (strncmp(a->what, "floor:", 6) == 0) {
        mdd_buf_fmt(b, zh ? "位置 %s：为凑足最少张数，展示着 %lld 张放行已到期的卡片"
                          : "Slot %s: %lld cards whose release has run out are "
                            "shown, since too few are left", name,
                    (long long) a->n);
        return;
    }

    mdd_buf_fmt(b, zh ? "规则 %s 还有 %lld 天到期"
                      : "Rule %s expires in %lld days", name,
                (long long) a->n);
}


void
mdd_alarm_text(mdd_buf_t *b, int zh, const mdd_alarm_t *a)
{
    const char  *name = strchr(a->what, ':');

    name = name ? name + 1 : a->what;

    switch (a->kind[0]) {

    case 'f':
        if (strncmp(a->what, "page:", 5) == 0) {
            mdd_buf_fmt(b, zh ? "页面 %s 的问题 %s：今天 %lld 次"
                              : "Page %s: finding %s, %lld times today",
                        a->detail, name, (long long) a->n);
            return;
        }

        mdd_buf_fmt(b, strncmp(a->what, "rule:", 5) == 0
                       ? (zh ? "规则 %s 命中 %lld 次，平时 %lld 次"
                             : "Rule %s: %lld hits, usually %lld")
                       : (zh ? "未能检查（%s）%lld 次，平时 %lld 次"
                             : "Not inspected (%s): %lld times, usually %lld"),
                    name, (long long) a->n, (long long) a->expected);
        return;

    case 'q':
        quiet_text(b, zh, a, name);
        return;

    case 'l':
        if (strcmp(a->what, "verdicts") == 0) {
            mdd_buf_str(b, zh ? "放行表没有写入，审核结果到不了页面"
                              : "Verdict tables are not written: what is "
                                "decided does not reach pages");

        } else if (strcmp(a->what, "covers") == 0) {
            mdd_buf_fmt(b, zh ? "%lld 张封面图取不到，无法比对；已放行的照常展示"
                              : "%lld pictures cannot be had, so they are not "
                                "compared; what was released is shown",
                        (long long) a->n);

        } else if (strncmp(a->what, "unstable:", 9) == 0 && a->detail[0]) {
            mdd_buf_fmt(b, zh ? "%s：卡片一小时内改变，字段 %s；复审不扣下任何"
                                "卡片"
                              : "%s: cards change within an hour, by %s; "
                                "review holds none", name, a->detail);

        } else if (strncmp(a->what, "unstable:", 9) == 0) {
            mdd_buf_fmt(b, zh ? "%s：尚在测量，复审暂不扣下卡片"
                              : "%s: is measured, review holds none yet",
                        name);

        } else {
            mdd_buf_fmt(b, zh ? "一小时内记录缺 %lld 行"
                              : "%lld lines of the record were lost within "
                                "an hour", (long long) a->n);
        }
        return;

    case 'o':
        overdue_text(b, zh, a, name);
        return;

    default:
        mdd_buf_fmt(b, zh ? "%lld 张卡片待审，无人在岗"
                          : "%lld cards wait, and nobody is on duty",
                    (long long) a->n);
    }
}
