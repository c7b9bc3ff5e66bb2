/* period_word.c - the words of reports of a period, in both languages */

#include "moderationd/web/page.h"
#include "period.h"

#include <string.h>

static const struct { const char *word, *zh, *en; } words[] = {
    { "political", "政治类有害信息", "Political" },
    { "rumor", "谣言", "Rumours" },
    { "infringing", "侵权", "Infringing" },
    { "clickbait", "标题党", "Clickbait" },
    { "reporting", "违规采编", "Unlicensed reporting" },
    { "lowbrow", "低俗", "Lowbrow" },
    { "other", "其他", "Other" },
    { "all", "合计（去重）", "All (each once)" },
    { "items", "信息条数", "Items" },
    { "programmes", "音视频节目", "Programmes" },
    { "accounts", "处置账号", "Accounts" },
    { "not_shown", "未展示", "Not shown" },
    { "masked", "打码", "Masked" },
    { "ordered", "按指令", "By order" },
    { "limited", "限制", "Limited" },
    { "suspended", "停播", "Suspended" },
    { "suspended_days", "停播天数", "Days of suspension" },
    { "closed", "关闭", "Closed" },
    { "handled", "源头已处理", "Handled at source" },
    { "reversed", "事后放行", "Taken back" },
    { "decisions", "决定", "Decisions" },
    { "reports", "收到举报", "Reports received" },
    { "effective", "属实举报", "Reports effective" },
    { "appeals", "申诉", "Appeals" },
    { "orders", "指令", "Orders" },
    { "own", "自查", "own finding" },
    { "report", "举报", "a report" },
    { "order", "指令", "an order" },
    { "sample", "抽样", "a sample" },
    { "import", "导入", "an import" },
    { "full", "全自动", "automatic" },
    { "partial", "人机结合", "automatic, with a person" },
    { "none", "人工", "a person" },
    { "office", "主管部门", "office" },
    { "court", "法院", "court" },
    { "internal", "内部", "internal" },
    { "missing", "缺少", "missing" },
    { "inserted", "已补上", "inserted" },
    { "guard", "护栏", "guard" },
    { "late", "属实，已先处理", "effective, but late" },
    { "valid", "有理由，未采纳", "valid, not acted on" },
    { "wrong", "不属实", "wrong" },
    { "abusive", "滥用", "abusive" },
    { "duplicate", "重复", "duplicate" },
    { "more", "多", "more" },
    { "less", "少", "less" }
};


const char *
mdd_period_word(const mdd_web_t *w, const char *word)
{
    size_t  i;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].word, word) == 0) {
            return w->zh ? words[i].zh : words[i].en;
        }
    }

    return word;
}
