/*
 * page_word.c - words of the contract in the reader's language: actions,
 * states, roles, fields, events, refusals, and what a reason is called.
 */

#include "page.h"
#include "moderationd/conf/rulebook.h"

#include <string.h>

static const struct { const char *word, *zh, *en; } dictionary[] = {
    { "none", "放过", "passed" },
    { "tag", "标记", "tagged" },
    { "mask", "打码", "masked" },
    { "hold", "扣住", "held" },
    { "block", "拦下", "blocked" },
    { "effective", "属实", "effective" },
    { "late", "属实，已先处理", "effective, but late" },
    { "valid", "有理由，未采纳", "valid, not acted on" },
    { "wrong", "不属实", "wrong" },
    { "abusive", "滥用", "abusive" },
    { "duplicate", "重复", "duplicate" },
    { "flood", "突增", "flood" },
    { "quiet", "静默", "quiet" },
    { "lost", "丢失", "lost" },
    { "overdue", "逾期", "overdue" },
    { "nobody", "无人在岗", "nobody on duty" },
    { "watched", "关注", "watched" },
    { "limited", "限制", "limited" },
    { "suspended", "停播", "suspended" },
    { "closed", "关闭", "closed" },
    { "trusted", "信任", "trusted" },
    { "live", "有效", "live" },
    { "ended", "已到期", "ended" },
    { "lapsed", "未确认失效", "lapsed" },
    { "lifted", "已撤回", "lifted" },
    { "approved", "已签署", "signed" },
    { "bulk", "批量", "bulk" },
    { "erase", "删除", "erase" },
    { "import", "导入", "import" },
    { "adopt", "沿用", "adopt" },
    { "item", "房间", "room" },
    { "url", "网址", "URL" },
    { "phrase", "词句", "phrase" },
    { "office", "主管部门", "office" },
    { "court", "法院", "court" },
    { "internal", "内部", "internal" },
    { "withdrawn", "已退出队列", "withdrawn" },
    { "rule", "规则", "rule" },
    { "review", "复核", "review" },
    { "order", "指令", "order" },
    { "account", "账号", "account" },
    { "page", "页面", "page" },
    { "limit", "限量", "limit" },
    { "too_large", "过大", "too large" },
    { "released", "已放行", "released" },
    { "rejected", "已驳回", "rejected" },
    { "pending", "待审", "waiting" },
    { "waiting", "待审", "waiting" },
    { "escalated", "已上报", "escalated" },
    { "asked", "请再看", "second look" },
    { "adopted", "沿用", "adopted" },
    { "expired", "已到期", "expired" },
    { "shadow", "影子", "shadow" },
    { "enforce", "执行", "enforce" },
    { "open", "放开", "open" },
    { "low", "低", "low" },
    { "medium", "中", "medium" },
    { "high", "高", "high" },
    { "decision", "决定", "decision" },
    { "sample", "抽样", "sample" },
    { "error", "未能检查", "not inspected" },
    { "release", "放行", "release" },
    { "reject", "驳回", "reject" },
    { "escalate", "上报", "escalate" },
    { "ask", "请人再看", "ask" },
    { "viewer", "旁观", "viewer" },
    { "trainee", "见习", "trainee" },
    { "reviewer", "复核员", "reviewer" },
    { "lead", "组长", "lead" },
    { "policy", "规则员", "policy" },
    { "auditor", "审计", "auditor" },
    { "inspector", "检查", "inspector" },
    { "admin", "管理", "admin" },
    { "title", "标题", "Title" },
    { "nickname", "昵称", "Nickname" },
    { "room", "房间", "Room" },
    { "shown", "显示的标题", "Shown title" },
    { "text", "正文", "Text" },
    { "cover", "封面", "Cover" },
    { "appeal", "申诉", "appeal" },
    { "until", "期限（写作 30m、24h、7d）", "for how long (30m, 24h, 7d)" },
    { "code", "通知中的代码", "code of the notice" },
    { "reason", "理由", "reason" },
    { "target", "对象", "target" },
    { "value", "编号或文字", "id or text" },
    { "reply", "答复", "reply" },
    { "recipient", "接收方", "recipient" },
    { "purpose", "用途", "purpose" },
    { "team", "团队", "team" },
    { "cases", "典型案例", "typical cases" },
    { "from", "起", "from" },
    { "to", "止", "to" },
    { "other", "其他", "other" },
    { "log", "年册", "log" },
    { "report", "举报", "report" },
    { "outcome", "办结", "outcome" },
    { "switch", "开关", "switch" },
    { "signature", "会签", "signature" },
    { "handover", "交接", "handover" },
    { "strike", "记分", "strike" },
    { "alarm", "预警", "alarm" },
    { "notice", "通知", "notice" },
    { "export", "导出", "export" },
    { "undo", "撤销", "undo" },
    { "withdraw", "退出队列", "withdrawn" },
    { "gap", "中断", "gap" },
    { "rule_text", "规则原文", "text of a rule" },

    /* what is said where something is refused */

    { "no such account", "没有这个账号", "There is no such account." },
    { "no such card", "没有这张卡片", "There is no such card." },
    { "no such decision", "没有这个决定", "There is no such decision." },
    { "no such open case", "没有这个待办的案件",
      "There is no such open case." },
    { "no such live order", "没有这条有效的指令",
      "There is no such live order." },
    { "no such version", "没有这个版本", "There is no such version." },
    { "another person decides now", "须由另一人决定",
      "Another person decides now." },
    { "a lead decides this card", "这张卡片由组长决定",
      "A lead decides this card." },
    { "the text was cut: a lead may release it",
      "文字被截断，只有组长可以放行",
      "The text was cut: a lead may release it." },
    { "nothing open", "没有待签署的这一项",
      "Nothing of that number waits for a signature." },
    { "no decision that acted", "这个决定没有改变展示",
      "That decision changed nothing on a page." },
    { "no cards", "没有选卡片", "No card was chosen." },
    { "release or reject", "只能放行或驳回", "Release or reject." },
    { "a name", "请填一个人的名字", "Say the name of a person." },
    { "arguments cannot be read", "内容读不出来",
      "What was sent cannot be read." }
};


const char *
mdd_word(const mdd_web_t *w, const char *word)
{
    size_t  i;

    for (i = 0; i < sizeof(dictionary) / sizeof(dictionary[0]); i++) {
        if (strcmp(dictionary[i].word, word) == 0) {
            return w->zh ? dictionary[i].zh : dictionary[i].en;
        }
    }

    return word;
}


void
mdd_page_reason(mdd_web_t *w, const char *site, const char *id)
{
    const mdd_book_t    *book = mdd_book(*site ? site : NULL);
    const mdd_rule_t    *rule = book ? mdd_book_rule(book, id) : NULL;
    const mdd_reason_t  *reason = book ? mdd_book_reason(book, id) : NULL;
    const char          *s;

    s = reason ? T(w, reason->title_zh, reason->title_en)
        : rule ? T(w, rule->title_zh, rule->title_en) : NULL;
    mdd_html_f(&w->out->body, "%s", s && *s ? s : mdd_word(w, id));
    mdd_book_leave(book);
}
