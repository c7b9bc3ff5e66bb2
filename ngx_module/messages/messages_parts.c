/*
 * messages_parts.c - what stands inside of messages: errors of the system, of
 * selectors, paths, conditions and regexes, and the frames around them.
 */

#include "messages.h"


const mdr_message_t  mdr_messages_parts[] = {
    /* files */
    { NULL, "cannot be read", "读不了" },
    { NULL, "outside of the policy's folder", "在策略文件夹之外" },
    { NULL, "not a file", "不是文件" },
    { NULL, "No such file or directory", "没有这个文件或文件夹" },
    { NULL, "Permission denied", "没有权限" },
    { NULL, "Is a directory", "这是文件夹" },
    { NULL, "File too large", "文件太大" },

    /* a selector or path that is not right: where */
    { NULL, "match \"%\": %", "match“{1}”：{2!}" },
    { NULL, "field \"%\": %", "field“{1}”：{2!}" },
    { NULL, "script \"%\": %", "script“{1}”：{2!}" },
    { NULL, "within \"%\": %", "within“{1}”：{2!}" },

    /* what a selector, a path, a condition or a regex lacks */
    { NULL, "a name that is too long", "名字太长" },
    { NULL, "the number", "编号" },
    { NULL, "the dash", "横线" },
    { NULL, "the bracket", "括号" },
    { NULL, "the sign in front", "前面的符号" },
    { NULL, "the sign at the end", "末尾的符号" },
    { NULL, "a full-width sign: write the half-width one",
      "这是全角符号：请写半角的" },
    { NULL, "a name expected at the end", "末尾应有名字" },
    { NULL, "a name expected", "这里应为名字" },
    { NULL, "a selector expected at the end", "末尾应有选择器" },
    { NULL, "a selector expected", "这里应为选择器" },
    { NULL, "a string without its end", "引号没有写完" },
    { NULL, "\"]\" expected at the end", "末尾缺少“]”" },
    { NULL, "\"]\" or one of = ~= |= ^= $= *= expected",
      "这里应为“]”或 = ~= |= ^= $= *= 之一" },
    { NULL, "\"]\" or \",\" expected", "这里应为“]”或“,”" },
    { NULL, "\".\" or \"[\" expected", "这里应为“.”或“[”" },
    { NULL, "\"=\" expected", "这里应为“=”" },
    { NULL, "\"]\" expected", "这里应为“]”" },
    { NULL, "\")\" expected (one compound selector each inside :not())",
      "这里应为“)”（:not() 里每个只写一个简单选择器）" },
    { NULL, "\")\" expected", "这里应为“)”" },
    { NULL, "\")\" without \"(\"", "“)”前面没有“(”" },
    { NULL, "\")\" is missing", "缺少“)”" },
    { NULL, "a number that is too large", "数字太大" },
    { NULL, "a number expected", "这里应为数字" },
    { NULL, "pseudo-elements are not supported", "不支持伪元素" },
    { NULL, "this pseudo-class is not supported (:first-child, :nth-child(), "
      ":not() are)",
      "不支持这个伪类（支持 :first-child、:nth-child()、:not()）" },
    { NULL, ":not() inside :not() is not supported",
      ":not() 里不能再写 :not()" },
    { NULL, "more than 16 selectors in :not()",
      ":not() 里的选择器超过 16 个" },
    { NULL, "a name cannot begin with a digit", "名字不能以数字开头" },
    { NULL, "too many conditions on one element", "一个元素上的条件太多" },
    { NULL, "sibling combinators are not supported",
      "不支持相邻选择器（+ 和 ~）" },
    { NULL, "more than 32 steps in a selector", "选择器超过 32 级" },
    { NULL, "this character cannot stand here", "这里不能写这个字符" },
    { NULL, "more than 64 selectors in a list", "选择器超过 64 个" },
    { NULL, "a name without its end quote", "名字的引号没有写完" },
    { NULL, "negative indexes and steps are not supported (the end of the "
      "array has not come yet)",
      "不支持负的下标和步长（那时还没读到数组的末尾）" },
    { NULL, "an index that is too large", "下标太大" },
    { NULL, "a name in quotes, an index, a slice or * expected",
      "这里应为引号里的名字、下标、切片或 *" },
    { NULL, "four hexadecimal digits expected", "这里应为四个十六进制数字" },
    { NULL, "an escape that JSON paths do not have",
      "JSON 路径里没有这种转义" },
    { NULL, "half of a surrogate pair", "只有半个代理对" },
    { NULL, "a control character in a name", "名字里有控制字符" },
    { NULL, "a number with a zero before it", "数字前面有多余的 0" },
    { NULL, "white space behind the path", "路径后面有空白" },
    { NULL, "filters are not supported", "不支持过滤器 ?()" },
    { NULL, "a step of 0 selects nothing", "步长 0 什么也选不到" },
    { NULL, "more than 64 choices", "超过 64 个选择" },
    { NULL, "more than 31 steps", "路径超过 31 级" },
    { NULL, "the condition is too long", "条件太长" },
    { NULL, "the condition is nested too deeply", "条件嵌套太深" },
    { NULL, "% of % groups: a number from 1 to % expected",
      "共 {2} 个组，写了 {1}：应为 1 到 {3}" },
    { NULL, "% expected at the end", "末尾应有 {1!}" },
    { NULL, "% expected, not \"%\"", "这里应为 {1!}，不是“{2}”" },
    { NULL, "a group", "组名" },
    { NULL, "way of reading", "读法" },
    { NULL, "name of a group", "组名" },
    { NULL, "gap class", "gap 类别" },
    { NULL, "a number", "数字" },
    { NULL, "can match the empty text", "能匹配空文字" },
    { NULL, "empty", "是空的" },
    { NULL, "longer than % bytes", "超过 {1} 字节" },
    { NULL, "unmatched closing parenthesis", "右括号多了" },
    { NULL, "quantifier does not follow a repeatable item",
      "* + ? 前面没有可以重复的内容" },
    { NULL, "numbers out of order in {} quantifier",
      "{ } 里的两个数字次序反了" },
    { NULL, "number too big in {} quantifier", "{ } 里的数字太大" },
    { NULL, "range out of order in character class",
      "字符组里的范围次序反了" },
    { NULL, "\\ at end of pattern", "末尾只有一个 \\" },
    { NULL, "unrecognized character follows \\", "\\ 后面的字符不认识" },
    { NULL, "unrecognized character after (? or (?-", "(? 后面的字符不认识" },
    { NULL, "lookbehind assertion is not fixed length",
      "(?<= ) 里的长度不固定" },
    { NULL, "length of lookbehind assertion is not limited",
      "(?<= ) 里的长度没有上限" },
    { NULL, "reference to non-existent subpattern", "引用了没有的分组" },
    { NULL, "unknown property after \\P or \\p", "\\p 后面的属性不认识" },
    { NULL, "unknown property name after \\P or \\p", "\\p 后面的属性不认识" },

    /* why a regex is expensive */
    { NULL, "runs on texts with one of several literals, as \"%\"",
      "有“{1}”等几个固定文字之一的文本都要跑一遍" },
    { NULL, "runs on texts with \"%\"", "有“{1}”的文本都要跑一遍" },
    { NULL, "runs on texts with enough digits (%, % in a row), letters (%, "
      "%), signs (%, %) and ASCII characters (%, %), and a certain one",
      "数字（{1} 个，连续 {2} 个）、字母（{3}、{4}）、符号（{5}"
      "、{6}）够多的文本都要跑一遍" },
    { NULL, "runs on texts with enough digits (%, % in a row), letters (%, "
      "%), signs (%, %) and ASCII characters (%, %)",
      "数字（{1} 个，连续 {2} 个）、字母（{3}、{4}）、符号（{5}"
      "、{6}）够多的文本都要跑一遍" },
    { NULL, "has no literal that every match holds and asks for little else: "
      "it runs on every text with %",
      "没有每次匹配都含有的固定文字，别的要求也很少：每段有{1!}的文本都"
      "要跑一遍" },
    { NULL, "two digits", "两个数字" },
    { NULL, "two Latin letters", "两个拉丁字母" },
    { NULL, "a Latin letter", "拉丁字母" },
    { NULL, "a sign or an emoji", "符号或表情" },
    { NULL, "a few ASCII characters", "几个 ASCII 字符" },
    { NULL, "a digit", "数字" },
    { NULL, "it is not seen what every match holds (recursion, conditions, "
      "\\Q or other rare syntax): it runs on every text",
      "看不出每次匹配都含有什么（递归、条件、\\Q "
      "等少见写法）：每段文本都要跑一遍" },
    { NULL, "has no literal that every match holds: it runs on every text",
      "没有每次匹配都含有的固定文字：每段文本都要跑一遍" },

    /* frames around these; the longer ones first, the general one last */
    { NULL, "regex: %", "正则：{1!}" },
    { NULL, "when: %", "when：{1!}" },
    { NULL, "list \"%\": %", "词表“{1}”：{2!}" },
    { NULL, "% \"%\": %", "{1}“{2}”：{3!}" },

    { NULL, NULL, NULL }
};
