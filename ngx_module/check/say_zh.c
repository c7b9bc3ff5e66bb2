/*
 * say_zh.c - the messages of loader and check in Chinese.
 *
 * One table of sentences: the English one as it is made, with % where it names
 * something, and the Chinese one with {1}, {2} for what was named. The codes of
 * the messages stay as they are in every language; a message that is in no row
 * stays English.
 */

#include "moderation_check.h"

#include <stdio.h>
#include <string.h>


#define NAMED  6

static const struct {
    const char  *en, *zh;
} rows[] = {
    /* what people type */
    { "a blank here is full-width (U+3000): indent with plain spaces",
      "缩进里有全角空格（U+3000）：请用半角空格" },
    { "a blank here is a no-break space (U+00A0): indent with plain spaces",
      "缩进里有不间断空格（U+00A0）：请用普通空格" },
    { "the colon behind \"%\" is full-width: write \"%\"",
      "“{1}”后面是全角冒号：请写“{2}”" },
    { "\"%\" is no bracket of a list: write \"[a, b]\"",
      "“{1}”不是列表的括号：请写“[a, b]”" },
    { "\"%\" begins with a sign of YAML: write it in quotes, %",
      "“{1}”以 YAML 的特殊符号开头：请加引号，写成 {2}" },
    { "aliases (%) are not taken: a text that begins with * is written in "
      "quotes", "不支持别名（{1}）：以 * 开头的文字请加引号" },
    { "tags (%) are not taken: a text that begins with ! is written in quotes",
      "不支持标签（{1}）：以 ! 开头的文字请加引号" },
    { "terms: plain text expected: a text with \": \" in it is written in "
      "quotes", "terms：应为普通文字；含“: ”的文字请加引号" },
    { "terms: plain text expected: a text that begins with # is written in "
      "quotes", "terms：应为普通文字；以 # 开头的文字会被当成注释，请加引号" },
    { "terms: plain text expected", "terms：应为普通文字" },
    { "not UTF-8 (byte %), looks like GBK: save the file as UTF-8",
      "不是 UTF-8（字节 {1}），像是 GBK：请把文件另存为 UTF-8" },
    { "not UTF-8 (byte %)", "不是 UTF-8（字节 {1}）" },
    { "invisible character % (write % in quotes)",
      "看不见的字符 {1}（请在引号里写 {2}）" },
    { "\"%\" is one term: write a line each: %",
      "“{1}”只算一个词：请一行写一个：{2}" },
    { "\"%\" is one term: write [%]", "“{1}”只算一个词：请写 [{2}]" },
    { "\"%\": the marks around it are part of the term: write %",
      "“{1}”：两边的标点也算在词里：请写 {2}" },
    { "\"%\": a term has no wildcards, and is found anywhere in a text: "
      "write %", "“{1}”：词里没有通配符，词在文中任何位置都会命中：请写 {2}" },
    { "\"%\": the bracket is part of the term: write %",
      "“{1}”：括号也算在词里：请写 {2}" },
    { "a control character in a term", "词里有控制字符" },
    { "an empty term", "空的词" },
    { "a term of more than 256 characters", "词超过 256 个字符" },
    { "a term that is not UTF-8", "词不是 UTF-8" },

    /* words and keys */
    { "unknown key in % \"%\" (did you mean \"%\"?)",
      "{1} 里不认识的键“{2}”（是不是“{3}”？）" },
    { "unknown key in % \"%\"", "{1} 里不认识的键“{2}”" },
    { "unknown % \"%\" (did you mean \"%\"?)",
      "不认识的 {1}“{2}”（是不是“{3}”？）" },
    { "unknown % \"%\" (known: %)", "不认识的 {1}“{2}”（可以写：{3}）" },
    { "unknown % \"%\"", "不认识的 {1}“{2}”" },
    { "jurisdiction \"%\": as CN, CN-GD or CN-GD/Shenzhen expected",
      "jurisdiction“{1}”：应写成 CN、CN-GD 或 CN-GD/Shenzhen" },
    { "duplicate key \"%\" in %", "{2} 里“{1}”写了两次" },
    { "rule: \"%\" is missing", "规则缺少“{1}”" },
    { "match: \"in\" is missing: the fields to look in",
      "match 缺少“in”：要看哪些字段" },
    { "slot: \"%\" is missing", "slot 缺少“{1}”" },
    { "slot: \"fields\" with at least one field expected",
      "slot 的“fields”至少要有一个字段" },
    { "\"schema: 1\" is missing", "缺少“schema: 1”" },
    { "\"policy: NAME\" is missing", "缺少“policy: 名称”" },
    { "a policy needs at least one slot", "策略至少要有一个 slot" },
    { "\"terms\", \"list\" or \"regex\" expected",
      "应有“terms”、“list”或“regex”" },
    { "%: \"%\" is missing", "{1} 缺少“{2}”" },
    { "% is missing", "缺少 {1}" },
    { "\"%\" beside \"%\": put it into a group",
      "“{1}”不能和“{2}”并列：请放进一个组里" },
    { "a group has terms or a condition, not both",
      "一个组要么有词，要么有条件，不能都有" },
    { "group \"%\" twice", "组“{1}”写了两次" },
    { "rule \"%\" twice, first in %", "规则“{1}”写了两次，第一次在 {2}" },
    { "slot \"%\" twice", "slot“{1}”写了两次" },
    { "field \"%\" twice", "字段“{1}”写了两次" },
    { "no slot of this rule has a field \"%\"",
      "这条规则的 slot 里没有字段“{1}”" },
    { "\"%\" stands in another file too", "“{1}”在另一个文件里也有" },
    { "%: a whole number expected, not \"%\"", "{1}：应为整数，不是“{2}”" },
    { "%: a whole number expected", "{1}：应为整数" },
    { "%: a number expected, not \"%\"", "{1}：应为数字，不是“{2}”" },
    { "%: a number expected", "{1}：应为数字" },
    { "%: % is not between % and %", "{1}：{2} 不在 {3} 到 {4} 之间" },
    { "%: true or false expected", "{1}：应为 true 或 false" },
    { "%: text expected", "{1}：应为文字" },
    { "%: one word expected", "{1}：应为一个词" },
    { "%: a list of terms expected", "{1}：应为词的列表，如 [甲, 乙]" },
    { "%: a list expected", "{1}：应为列表，如 [a, b]" },
    { "%: a mapping of groups expected", "{1}：应为“组名: 内容”" },
    { "%: a mapping expected", "{1}：应为“键: 值”" },
    { "%: a condition expected", "{1}：应为条件" },
    { "%: the list is empty", "{1}：列表是空的" },
    { "%: a date as 2027-06-30 expected", "{1}：日期应写成 2027-06-30" },
    { "%: there is no day %", "{1}：没有 {2} 这一天" },
    { "%: a time as 30s, 10m, 2h, 1d expected (2s to 30d)",
      "{1}：时间应写成 30s、10m、2h、1d（2s 到 30d）" },
    { "%: 1 to 64 letters, digits, \".\", \"_\", \"-\" expected",
      "{1}：应为 1 到 64 个字母、数字、“.”、“_”、“-”" },
    { "list \"%\" has no term", "词表“{1}”里没有词" },
    { "list \"%\": No such file or directory", "找不到词表“{1}”" },
    { "list \"%\": %", "词表“{1}”：{2}" },
    { "regex: missing closing parenthesis", "正则：缺少右括号" },
    { "regex: missing terminating ] for character class",
      "正则：字符组缺少“]”" },
    { "regex: quantifier does not follow a repeatable item",
      "正则：* + ? 前面没有可以重复的内容" },
    { "regex: %", "正则：{1}" },
    { "when: unknown group \"%\" (did you mean \"%\"?)",
      "when：没有组“{1}”（是不是“{2}”？）" },
    { "when: unknown group \"%\"", "when：没有组“{1}”" },
    { "when: \"and\" or \"or\" expected, not \"%\"",
      "when：这里应为 and 或 or，不是“{1}”" },
    { "when: a group expected at the end", "when：末尾应有组名" },
    { "when: a number expected at the end", "when：末尾应有数字" },
    { "when: \">=\" expected, not \"%\"",
      "when：这里应为 >= 之类的比较，不是“{1}”" },
    { "when: % expected at the end", "when：末尾应有 {1}" },
    { "when: % expected, not \"%\"", "when：应为 {1}，不是“{2}”" },
    { "when: %", "when：{1}" },
    { "weights count only in a score: add \"when: score >= n\"",
      "权重只在 score 里起作用：请加上“when: score >= n”" },
    { "a weight expected behind the tab: a whole number from % to %",
      "制表符后面应为权重：{1} 到 {2} 的整数" },
    { "begin, end or whole expected behind the weight",
      "权重后面只能是 begin、end 或 whole" },
    { "fold pinyin needs terms of three characters and more, or boundary: "
      "whole", "折叠 pinyin 要求词至少三个字，或 boundary: whole" },
    { "field \"%\" of slot \"%\" is a URL, which is never masked",
      "slot“{2}”的字段“{1}”是网址，网址从不打码" },
    { "a JSON path in a slot of type html (did you mean \"type: json\"?)",
      "type 为 html 的 slot 里写了 JSON 路径（是不是“type: json”？）" },
    { "match: a JSON path that begins with \"$\" expected",
      "match：应为以“$”开头的 JSON 路径" },
    { "a JSON path begins with \"$\"", "JSON 路径以“$”开头" },
    { "% \"%\": % expected at the end", "{1}“{2}”：末尾应有 {3}" },
    { "the file is empty", "文件是空的" },
    { "no *.yaml in this folder", "这个文件夹里没有 *.yaml" },
    { "a second document; a policy file is one",
      "出现了第二个文档（---）；一个策略文件只能有一个" },
    { "did not find expected ',' or ']'%",
      "YAML 语法：上面的列表没有写完，缺少“,”或“]”" },
    { "did not find expected ',' or '}'%",
      "YAML 语法：上面的“{ }”没有写完，缺少“,”或“}”" },
    { "did not find expected %", "YAML 语法：这里应为 {1}" },
    { "mapping values are not allowed in this context",
      "YAML 语法：这里不能出现“: ”；含“: ”的文字请加引号" },
    { "could not find expected ':' while scanning a simple key",
      "YAML 语法：上面缺少“: ”" },
    { "found character that cannot start any token%",
      "YAML 语法：不能以这个字符开头；请加引号（制表符不能用来缩进）" },

    /* check */
    { "rule \"%\": \"%\" should hit and does not; regexes see \"%\"",
      "规则“{1}”：“{2}”应命中而没有命中；正则看到的是“{3}”" },
    { "rule \"%\": \"%\" should hit and does not",
      "规则“{1}”：“{2}”应命中而没有命中" },
    { "rule \"%\": \"%\" should pass and hits",
      "规则“{1}”：“{2}”不应命中而命中了" },
    { "rule \"%\": \"%\": this todo works now",
      "规则“{1}”：“{2}”：这条 todo 现在成立了" },
    { "rule \"%\": no hit spans \"%\", the first spans \"%\"",
      "规则“{1}”：没有命中正好是“{2}”，第一个命中是“{3}”" },
    { "rule \"%\" takes something away and has no %",
      "规则“{1}”会处置内容，却没有写 {2}" },
    { "rule \"%\" has expired and runs in shadow",
      "规则“{1}”已过期，只以 shadow 方式运行" },
    { "rule \"%\" expires in more than two years: nobody will look again",
      "规则“{1}”两年多以后才到期：不会再有人复查" },
    { "rule \"%\" is a draft and cannot enforce: it runs in shadow",
      "规则“{1}”是草稿，不能 enforce：只以 shadow 方式运行" },
    { "rule \"%\" has changed and its rev is still %",
      "规则“{1}”改了，rev 仍是 {2}" },
    { "rule \"%\": rev % is lower than the % it had",
      "规则“{1}”：rev {2} 比原来的 {3} 还小" },
    { "rule \"%\": slot \"%\" has none of its fields",
      "规则“{1}”：slot“{2}”里没有它要看的字段" },
    { "rule \"%\": % hits in 100000 characters of neutral text, max_rate is %",
      "规则“{1}”：在 10 万字中性文本里命中 {2} 次，max_rate 是 {3}" },
    { "label \"%\" is none of the known ones (did you mean \"%\"?)",
      "label“{1}”不是已知的标签（是不是“{2}”？）" },
    { "label \"%\" is none of the known ones", "label“{1}”不是已知的标签" },
    { "\"%\" is there twice, first in line %",
      "“{1}”写了两次，第一次在第 {2} 行" },
    { "\"%\" is \"%\" of line % again: the folds make them one",
      "“{1}”和第 {3} 行的“{2}”折叠后相同" },
    { "\"%\" is shadowed by \"%\" of line %, which stands in it",
      "“{1}”多余：第 {3} 行的“{2}”就在其中" },
    { "\"%\" stands in group \"%\" too: one hit counts for both",
      "“{1}”在组“{2}”里也有：一次命中两边都算" },
    { "\"%\": a term of one character hits nearly everything",
      "“{1}”：一个字的词几乎处处命中" },
    { "\"%\": two Han characters alone also stand across words: add a "
      "condition or an exception",
      "“{1}”：单独两个汉字也会跨词出现：请加条件或例外" },
    { "exception \"%\": no hit of the rule stands in it",
      "例外“{1}”：规则没有命中落在其中" },
    { "\"%\" never counts: the exception of line % is the same",
      "“{1}”从不算数：第 {2} 行的例外和它一样" },
    { "expensive regex: %", "正则开销大：{1}" },
    { "no rule \"%\"", "没有规则“{1}”" },
};


/* does s read as the pattern, and what is named in it? */

static int
reads_as(const char *pattern, const char *s, const char *at[NAMED],
    size_t len[NAMED])
{
    size_t       n, k;
    const char  *next, *found;

    for (n = 0; ; ) {
        next = strchr(pattern, '%');
        k = next != NULL ? (size_t) (next - pattern) : strlen(pattern);

        if (strncmp(s, pattern, k) != 0) {
            return 0;
        }

        s += k;
        pattern += k;

        if (next == NULL) {
            return *s == '\0';
        }

        if (n == NAMED) {
            return 0;
        }

        pattern++;
        next = strchr(pattern, '%');
        k = next != NULL ? (size_t) (next - pattern) : strlen(pattern);

        if (k == 0) {
            found = s + strlen(s);

        } else {
            for (found = s; *found != '\0'
                            && strncmp(found, pattern, k) != 0; found++)
            {
                /* void */
            }

            /* the last literal ends the sentence */

            while (next == NULL && *found != '\0' && found[k] != '\0') {
                for (found++; *found != '\0'
                              && strncmp(found, pattern, k) != 0; found++)
                {
                    /* void */
                }
            }

            if (*found == '\0') {
                return 0;
            }
        }

        at[n] = s;
        len[n++] = (size_t) (found - s);
        s = found;
    }
}


const char *
mdr_say_zh(const char *text, char *out, size_t size)
{
    size_t       i, n, k, len[NAMED];
    const char  *z, *at[NAMED];

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {

        if (!reads_as(rows[i].en, text, at, len)) {
            continue;
        }

        for (z = rows[i].zh, n = 0; *z != '\0' && n + 1 < size; ) {

            if (z[0] == '{' && z[1] >= '1' && z[1] <= '6' && z[2] == '}') {
                k = (size_t) (z[1] - '1');
                n += (size_t) snprintf(out + n, size - n, "%.*s",
                                       (int) len[k], at[k]);
                n = n < size ? n : size - 1;
                z += 3;
                continue;
            }

            out[n++] = *z++;
        }

        out[n] = '\0';

        return out;
    }

    return text;
}
