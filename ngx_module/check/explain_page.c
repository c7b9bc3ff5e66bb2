/*
 * explain_page.c - a page of a policy in words, English or Chinese: which
 * responses it is, what they must have and must not have.
 */

#include "explain.h"


static void
say_list(const out_t *o, const mdr_str_t *list, uint32_t n)
{
    uint32_t  i;

    for (i = 0; i < n; i++) {
        say(o, "%s%s", i != 0 ? IN(o, ", ", "、") : "", list[i].data);
    }
}


static void
say_match(const out_t *o, const mdr_page_t *p)
{
    uint32_t  i;

    say(o, IN(o, "Responses: host ", "响应：主机 "));
    say_list(o, p->hosts, p->nhosts);
    say(o, "%s%s", p->nhosts == 0 ? IN(o, "any", "不限") : "",
        IN(o, ", path ", "，路径 "));
    say_list(o, p->paths, p->npaths);
    say(o, "%s%s", p->npaths == 0 ? IN(o, "any", "不限") : "",
        IN(o, ", status ", "，状态码 "));

    for (i = 0; i < p->nstatuses; i++) {
        say(o, "%s%u", i != 0 ? IN(o, ", ", "、") : "", p->statuses[i]);
    }

    say(o, "%s\n", p->nstatuses == 0 ? "200" : "");
}


static void
say_require(const out_t *o, const mdr_require_t *q)
{
    static const char *const  at[2][6] = {
        { "at the end of the body", "at the start of the body",
          "at the end of the head", "at the start of the head", "before",
          "behind" },
        { "正文末尾", "正文开头", "head 末尾", "head 开头", "之前", "之后" }
    };

    if (q->member.len != 0) {
        say(o, IN(o, "Must have: %s: the member %s of the JSON.\n",
                  "必须有：%s：JSON 里的成员 %s。\n"),
            q->id.data, q->member.data);
        return;
    }

    say(o, IN(o, "Must have: %s: an element %s%s.\n",
              "必须有：%s：元素 %s%s。\n"), q->id.data, q->selector.data,
        q->any ? IN(o, ", seen or not", "，看得见与否都算")
               : IN(o, " that a reader can see", "，读者要看得见"));

    if (q->insert.len != 0) {
        say(o, IN(o, "  Where it is missing, goes in %s%s%s: %s\n",
                  "  缺了就插在（%s%s%s）：%s\n"), at[o->zh][q->at],
            q->place.len != 0 ? " " : "",
            q->place.len != 0 ? q->place.data : "", q->insert.data);
    }
}


static void
say_pattern(const out_t *o, const char *what, mdr_str_t must,
    mdr_str_t must_not)
{
    if (must.len != 0) {
        say(o, IN(o, "%s has to match %s.\n", "%s必须匹配 %s。\n"), what,
            must.data);
    }

    if (must_not.len != 0) {
        say(o, IN(o, "%s must not match %s.\n", "%s不得匹配 %s。\n"), what,
            must_not.data);
    }
}


static void
say_guard(const out_t *o, const mdr_guard_t *g)
{
    uint32_t     i;
    const char  *sep;

    static const char *const  kinds[2][MDR_LINKS] = {
        { "links", "scripts", "frames", "refreshes", "base", "styles",
          "forms" },
        { "链接", "脚本", "框架", "自动跳转", "base", "样式表", "表单" }
    };

    say_pattern(o, IN(o, "The title", "标题"), g->title, g->title_not);
    say_pattern(o, IN(o, "The description", "描述"), g->description,
                g->description_not);

    if (g->front != MDR_FRONT_ANY) {
        say(o, "%s", g->front == MDR_FRONT_BLOCK
            ? IN(o, "What stands before the document is taken out.\n",
                 "文档之前的内容会被去掉。\n")
            : IN(o, "What stands before the document is recorded.\n",
                 "文档之前有内容就记录。\n"));
    }

    if (g->hidden_links != 0) {
        say(o, IN(o, "%u links in one block that nobody sees are too many.\n",
                  "一个看不见的区块里不得有 %u 个链接。\n"), g->hidden_links);
    }

    if (g->nhosts != 0) {
        for (i = 0, sep = ""; i < MDR_LINKS; i++) {
            if (g->kinds >> i & 1) {
                say(o, "%s%s", sep, kinds[o->zh][i]);
                sep = IN(o, ", ", "、");
            }
        }

        say(o, "%s", IN(o, " lead to the page's own host or to ",
                        "只能指向本站或 "));
        say_list(o, g->hosts, g->nhosts);
        say(o, "%s", IN(o, ".\n", "。\n"));
    }

    if (g->spiders) {
        say(o, "%s", IN(o, "Spiders and people have to get the same title.\n",
                        "搜索引擎爬虫和读者要看到同一个标题。\n"));
    }

    if (g->block) {
        say(o, "%s", IN(o, "What is found is taken out, and nothing else.\n",
                        "发现的内容会被去掉，其余不动。\n"));
    }
}


void
mdr_explain_page(const mdr_page_t *p, int zh,
    void (*put)(void *ctx, const char *text), void *ctx)
{
    uint32_t  i;
    out_t     o;

    static const char *const  modes[2][3] = {
        { "off: nothing is asked", "shadow: found, recorded, left as it is",
          "enforce" },
        { "off：什么也不查", "shadow：发现并记录，页面不动", "enforce" }
    };

    o.put = put;
    o.ctx = ctx;
    o.zh = zh != 0;

    say(&o, IN(&o, "Page %s, mode %s\n", "页面 %s，模式 %s\n"), p->name.data,
        modes[o.zh][p->mode % 3]);
    say_match(&o, p);

    for (i = 0; i < p->nrequires; i++) {
        say_require(&o, &p->requires[i]);
    }

    say_guard(&o, &p->guard);
}
