/*
 * explain.c - a rule in words, English or Chinese.
 */

#include "explain.h"
#include "ledger/words.h"

#include <string.h>


static const char *const  gaps[2][MDR_GAPS] = {
    { "spaces", "punctuation", "symbols", "emoji", "block boundaries" },
    { "空格", "标点", "符号", "表情", "区块边界" }
};


static void
bits(const out_t *o, uint32_t v, const char *const *names, size_t n)
{
    size_t       i;
    const char  *sep;

    for (i = 0, sep = ""; i < n; i++) {
        if (v >> i & 1) {
            say(o, "%s%s", sep, names[i]);
            sep = IN(o, ", ", "、");
        }
    }
}


/* a text of its own, or NULL: no memory */

#if defined(__GNUC__)
__attribute__((format(printf, 1, 2)))
#endif
static char *
words(const char *fmt, ...)
{
    char     *text;
    va_list   args;

    va_start(args, fmt);

    if (vasprintf(&text, fmt, args) == -1) {
        text = NULL;
    }

    va_end(args);

    return text;
}


/* at least so many of n conditions; those are freed */

static char *
words_of(const out_t *o, const mdr_cond_t *c, char **of)
{
    char      *t, *more;
    uint32_t   k;

    t = words(IN(o, "at least %d of", "至少 %d 个："), c->n);

    for (k = 0; k < c->a; k++) {
        more = words("%s%s %s", t != NULL ? t : "", k ? "," : "",
                     of[k] != NULL ? of[k] : "");
        free(t);
        free(of[k]);
        t = more;
    }

    return t;
}


/* postfix back to words, with a stack of texts; NULL: no memory */

static char *
condition(const out_t *o, const mdr_rule_t *r, const mdr_cond_t *conds,
    uint32_t nconds)
{
    char              *s[MDR_COND_STACK], *t;
    uint32_t           i, n;
    const mdr_cond_t  *c;

    static const char *const  cmp[2][5] = {
        { "at least", "more than", "at most", "less than", "exactly" },
        { "至少", "多于", "至多", "少于", "正好" }
    };

    if (nconds == 0) {
        return words("%s", IN(o, "any hit", "任何一处命中"));
    }

    for (i = 0, n = 0; i < nconds; i++) {
        c = &conds[i];

        switch (c->op) {

        case MDR_COND_GROUP:
            s[n++] = words("%s", r->groups[c->a].name.data);
            break;

        case MDR_COND_NOT:
            t = words(IN(o, "no %s", "没有 %s"), s[n - 1] ? s[n - 1] : "");
            free(s[n - 1]);
            s[n - 1] = t;
            break;

        case MDR_COND_AND:
        case MDR_COND_OR:
            n--;
            t = words("(%s %s %s)", s[n - 1] ? s[n - 1] : "",
                      c->op == MDR_COND_AND ? IN(o, "and", "并且")
                                            : IN(o, "or", "或者"),
                      s[n] ? s[n] : "");
            free(s[n - 1]);
            free(s[n]);
            s[n - 1] = t;
            break;

        case MDR_COND_NEAR:
            s[n++] = words(IN(o, "%s and %s at most %d characters apart",
                              "%s 和 %s 相距不超过 %d 个字"),
                           r->groups[c->a].name.data,
                           r->groups[c->b].name.data, c->n);
            break;

        case MDR_COND_COUNT:
            s[n++] = words(IN(o, "%s %d hits of %s", "%s %d 次命中 %s"),
                           cmp[o->zh][c->cmp], c->n,
                           r->groups[c->a].name.data);
            break;

        case MDR_COND_OF:
            n -= c->a;
            s[n] = words_of(o, c, &s[n]);
            n++;
            break;

        case MDR_COND_LENGTH:
            s[n++] = words(IN(o, "text of %s %d characters",
                              "文字长度%s %d 个字"),
                           cmp[o->zh][c->cmp], c->n);
            break;

        case MDR_COND_HIDDEN:
            s[n++] = words(IN(o, "hidden text of %s %d per cent",
                              "隐藏文字占%s百分之 %d"),
                           cmp[o->zh][c->cmp], c->n);
            break;

        default:
            s[n++] = words(IN(o, "a score of %s %d", "总分%s %d"),
                           cmp[o->zh][c->cmp], c->n);
        }
    }

    return s[0];
}


static void
say_group(const out_t *o, const mdr_rule_t *r, const mdr_group_t *g)
{
    char      *t;
    uint32_t   i;
    uint64_t   n;

    static const char *const  places[2][4] = {
        { "", " at the beginning", " at the end", " alone" },
        { "", "（在开头）", "（在末尾）", "（整段）" }
    };

    if (g->nconds != 0) {
        t = condition(o, r, g->conds, g->nconds);
        say(o, IN(o, "where there is %s\n", "有：%s\n"), t != NULL ? t : "");
        free(t);
        return;
    }

    for (n = 0; n < g->nterms && n < 20; n++) {
        say(o, "%s%.*s", n ? IN(o, ", ", "、") : "", (int) g->terms[n].text.len,
            g->terms[n].text.data);

        if (g->weighted) {
            say(o, " %+d%s", g->terms[n].weight, places[o->zh][g->terms[n].place]);
        }
    }

    if (g->nterms > 20) {
        say(o, IN(o, " and %llu more", " 等，另有 %llu 个"),
            (unsigned long long) g->nterms - 20);
    }

    for (i = 0; i < g->nregexes; i++) {
        say(o, IN(o, "%sthe regex %s", "%s正则 %s"),
            g->nterms != 0 || i ? IN(o, "; ", "；") : "",
            g->regexes[i].data);
    }

    say(o, "\n");
}


void
mdr_explain_folds(uint32_t set, char *out, size_t size)
{
    size_t    n;
    uint32_t  i;

    out[0] = '\0';

    for (i = 0, n = 0; i < MDR_FOLDS; i++) {
        if (set >> i & 1 && n < size) {
            n += (size_t) snprintf(out + n, size - n, "%s%s",
                                   n != 0 ? ", " : "",
                                   mdr_fold_names[i]);
        }
    }
}


static void
say_date(const out_t *o, int32_t days)
{
    int  z, era, doe, yoe, y, doy, mp, d, m;

    z = days + 719468;
    era = z / 146097;
    doe = z - era * 146097;
    yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    y = yoe + era * 400;
    doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    mp = (5 * doy + 2) / 153;
    d = doy - (153 * mp + 2) / 5 + 1;
    m = mp < 10 ? mp + 3 : mp - 9;

    say(o, IN(o, "Until the end of %04d-%02d-%02d (UTC); then it runs in "
              "shadow.\n", "有效期到 %04d-%02d-%02d 结束（UTC）；之后只以 shadow "
              "方式运行。\n"), y + (m <= 2), m, d);
}


static int
scored(const mdr_rule_t *r)
{
    uint32_t  i;

    for (i = 0; i < r->nconds; i++) {
        if (r->conds[i].op == MDR_COND_SCORE) {
            return 1;
        }
    }

    return 0;
}


static const char *
title_of(const out_t *o, const mdr_rule_t *r)
{
    const mdr_str_t  *first, *second;

    first = o->zh ? &r->title_zh : &r->title_en;
    second = o->zh ? &r->title_en : &r->title_zh;

    return first->len ? first->data : second->len ? second->data
                                                  : r->label.data;
}


/* what it is, what it does, and where it looks */

static void
say_head(const out_t *o, const mdr_model_t *m, const mdr_rule_t *r)
{
    uint32_t     i;
    const char  *comma;

    static const char *const  actions[2][5] = {
        { "is recorded and shown", "is shown with a tag",
          "is shown with what was hit masked",
          "is held back for a person to decide", "is left out" },
        { "照常显示，只记录", "照常显示，加上标记", "照常显示，命中的文字打码",
          "先不显示，等人复审", "不显示" }
    };


    static const char *const  modes[2][3] = {
        { "off", "in shadow", "enforced" },
        { "关闭（off）", "只记录、不处置（shadow）", "生效（enforce）" }
    };

    static const char *const  statuses[2][4] = {
        { "a draft", "in test", "stable", "deprecated" },
        { "草稿（draft）", "测试（test）", "稳定（stable）", "弃用（deprecated）" }
    };

    comma = IN(o, ",", "、");

    say(o, IN(o, "%s, rev %u: ", "%s，rev %u："), r->id.data, r->rev);
    say(o, "%s\n", title_of(o, r));
    say(o, IN(o, "It is %s and %s; label %s, suggestion %s.\n",
              "状态：%s，%s；标签 %s，建议 %s。\n"),
        statuses[o->zh][r->status], modes[o->zh][r->mode], r->label.data,
        mdl_suggestions[r->suggestion]);
    say(o, IN(o, "An item that it hits %s.\n", "命中的条目：%s。\n"),
        actions[o->zh][r->action]);

    say(o, IN(o, "It reads", "看的字段："));
    for (i = 0; i < r->nfields; i++) {
        say(o, IN(o, "%s %s", "%s%s"), i ? comma : "", r->fields[i].data);
    }

    say(o, r->nslots ? IN(o, " of the slots", "；看的 slot：")
                     : IN(o, " of every slot", "；看所有 slot"));
    for (i = 0; i < r->nslots; i++) {
        say(o, IN(o, "%s %s", "%s%s"), i ? comma : "",
            m->slots[r->slots[i]].name.data);
    }
    say(o, IN(o, ".\n", "。\n"));
}


static void
say_groups(const out_t *o, const mdr_rule_t *r)
{
    char               *cond;
    uint32_t            i;
    const mdr_group_t  *g;

    if (r->alone) {
        say(o, IN(o, "It looks at no text: the account alone is a hit.\n",
                  "不看文字：只按账号命中。\n"));
        return;
    }

    for (i = 0; i < r->ngroups; i++) {
        g = &r->groups[i];
        say(o, IN(o, "  %s: ", "  %s："), g->name.data);
        say_group(o, r, g);

        if (g->weighted) {
            say(o, IN(o, "    each adds its weight to the score, %s; the sum "
                      "is for %s", "    每个按权重计分，%s；合计的范围：%s"),
                g->each ? IN(o, "every time it stands there", "出现几次算几次")
                        : IN(o, "once", "只算一次"),
                g->per != 0 ? "" : IN(o, "the whole text\n", "整段文字\n"));
            if (g->per != 0) {
                say(o, IN(o, "%u characters\n", "%u 个字\n"), g->per);
            }

        } else if (scored(r)) {
            say(o, IN(o, "    it adds %d to the score\n", "    计 %d 分\n"),
                g->weight);
        }
    }

    cond = condition(o, r, r->conds, r->nconds);
    say(o, IN(o, "It stands where there is %s.\n", "成立的条件：%s。\n"),
        cond != NULL ? cond : "");
    free(cond);

    for (i = 0; i < r->nexcepts; i++) {
        say(o, IN(o, "Not inside: ", "在这些文字里面的不算："));
        say_group(o, r, &r->excepts[i].group);
        if (r->excepts[i].why.len != 0) {
            say(o, IN(o, "  because: %s\n", "  原因：%s\n"),
                r->excepts[i].why.data);
        }
    }

    say(o, IN(o, "It sees through ", "能看穿："));
    bits(o, r->profile.folds, mdr_fold_words[o->zh], MDR_FOLDS);
    say(o, IN(o, ".\n", "。\n"));

    if (r->profile.gap_max != 0) {
        say(o, IN(o, "Between two characters of a term it allows up to %u "
                  "of ", "词的两个字之间最多可以隔 %u 个："),
            r->profile.gap_max);
        bits(o, r->profile.gap_of, gaps[o->zh], MDR_GAPS);
        say(o, IN(o, ".\n", "。\n"));
    }
}


/* a key of bursts or strikes for this rule, else what is said behind it */

static const char *
setting(const mdr_model_t *m, const char *part, const mdr_rule_t *r,
    const char *key, const char *none)
{
    char                  path[512];
    const mdr_setting_t  *s;

    (void) snprintf(path, sizeof(path), "%s: %s: %s", part, r->id.data, key);
    s = mdr_model_setting(m, path);

    if (s == NULL && strcmp(part, "bursts: rules") == 0) {
        (void) snprintf(path, sizeof(path), "bursts: default: %s", key);
        s = mdr_model_setting(m, path);
    }

    return s != NULL ? s->value.data : none;
}


/* what the desk makes of its hits (docs/alarms.md, docs/accounts.md) */

static void
say_desk(const out_t *o, const mdr_model_t *m, const mdr_rule_t *r)
{
    const char  *points = setting(m, "strikes", r, "points", NULL);

    say(o, IN(o, "Alarm: a flood at %s times the usual hits, %s at least.\n",
              "报警：命中达到平时的 %s 倍、且至少 %s 次，算激增（flood）。\n"),
        setting(m, "bursts: rules", r, "ratio", "3"),
        setting(m, "bursts: rules", r, "min", "20"));

    if (points != NULL) {
        say(o, IN(o, "Strikes: %s points for the account, halved every %s.\n",
                  "记分：给账号记 %s 分，每 %s 减半。\n"), points,
            setting(m, "strikes", r, "half_life", "90d"));
    }
}


/* whose items it is for */

static void
say_account(const out_t *o, const mdr_rule_t *r)
{
    static const char *const  ops[] = { ">=", ">", "<=", "<", "=" };
    static const char *const  zh[] = {
        "无状态", "关注", "限制", "停播", "关闭", "信任"
    };

    if (r->accounts != 0) {
        say(o, IN(o, "Only items of accounts that are: ", "只对这些状态的账号的条目："));
        bits(o, r->accounts, o->zh ? zh : mdl_accounts, MDL_ACCOUNTS);
        say(o, IN(o, ".\n", "。\n"));
    }

    if (r->credit_given) {
        say(o, IN(o, "Only items of accounts with a credit %s %u.\n",
                  "只对信用分 %s %u 的账号的条目。\n"),
            ops[r->credit_op], r->credit);
    }
}


static void
say_rule(const out_t *o, const mdr_model_t *m, const mdr_rule_t *r)
{
    uint32_t          i;
    const mdr_str_t  *notice;

    say_head(o, m, r);
    say_groups(o, r);

    if (r->rollout < 100) {
        say(o, IN(o, "It acts on %u of 100 items, always the same ones.\n",
                  "只对 100 个条目里的 %u 个起作用，总是同样的那些。\n"),
            r->rollout);
    }

    if (r->njurisdictions != 0) {
        say(o, r->law == MDR_LAW_ACCOUNT
               ? IN(o, "Only for accounts in", "只对这里的账号：")
               : r->law == MDR_LAW_SITE
               ? IN(o, "Only on sites in", "只对这里的站点：")
               : r->law == MDR_LAW_READER
               ? IN(o, "Only for readers in", "只对这里的读者：")
               : IN(o, "Only where the account's place, or else the "
                    "reader's, is in",
                    "只对账号的位置（没有时看读者的位置）在这里的："));
        for (i = 0; i < r->njurisdictions; i++) {
            say(o, IN(o, "%s %s", "%s%s"), i ? IN(o, ",", "、") : "",
                r->jurisdictions[i].data);
        }
        say(o, IN(o, ".\n", "。\n"));
    }

    say_account(o, r);

    if (r->brake_max_ratio > 0) {
        say(o, IN(o, "Brake: shadow once it hits more than %g of the items, "
                  "with at least %u hits in %u s.\n",
                  "刹车：命中的比例超过 %g、且至少有 %u 次命中（%u 秒内），"
                  "就转为 shadow。\n"), r->brake_max_ratio,
            r->brake_min_hits, r->brake_window_s);
    }

    say_desk(o, m, r);

    if (r->expires_day != INT32_MAX) {
        say_date(o, r->expires_day);
    }

    if (r->owner.len != 0) {
        say(o, IN(o, "Owner: %s\n", "负责人：%s\n"), r->owner.data);
    }

    if (r->basis_ref.len != 0) {
        say(o, IN(o, "Basis: %s\n", "依据：%s\n"), r->basis_ref.data);
    }

    notice = (o->zh && r->notice_zh.len) || !r->notice_en.len ? &r->notice_zh
                                                              : &r->notice_en;
    if (notice->len != 0) {
        say(o, IN(o, "Notice: %s\n", "告知：%s\n"), notice->data);
    }
}


int
mdr_policy_explain(const char *path, const char *id, int zh,
    const mdr_load_conf_t *conf, mdr_diags_t *diags,
    void (*put)(void *ctx, const char *text), void *ctx)
{
    int           rc, found;
    out_t         o;
    uint32_t      i;
    mdr_model_t  *m;

    rc = mdr_load(path, conf, diags, &m);
    if (rc != MDR_OK) {
        return rc;
    }

    o.put = put;
    o.ctx = ctx;
    o.zh = zh != 0;

    for (i = 0; id == NULL && i < m->nrules; i++) {
        say(&o, "%-36s rev %-3u %s\n", m->rules[i].id.data, m->rules[i].rev,
            title_of(&o, &m->rules[i]));
    }

    for (i = 0; id == NULL && i < m->npages; i++) {
        say(&o, IN(&o, "page %s\n", "页面 %s\n"), m->pages[i].name.data);
    }

    if (id == NULL) {
        mdr_model_free(m);
        return MDR_OK;
    }

    found = 0;

    for (i = 0; !found && i < m->nrules; i++) {
        found = strcmp(m->rules[i].id.data, id) == 0;

        if (found) {
            say_rule(&o, m, &m->rules[i]);
        }
    }

    for (i = 0; !found && i < m->npages; i++) {
        found = strcmp(m->pages[i].name.data, id) == 0;

        if (found) {
            mdr_explain_page(&m->pages[i], zh, put, ctx);
        }
    }

    if (!found) {
        (void) mdr_diags_add(diags, MDR_DIAG_ERROR, "no-rule", path, 0, 0,
                             "no rule \"%s\"", id);
        rc = MDR_ERROR;
    }

    mdr_model_free(m);

    return rc;
}
