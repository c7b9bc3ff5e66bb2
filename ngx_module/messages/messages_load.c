/*
 * messages_load.c - messages of the loader, by code: a policy that has one
 * cannot be used, but for warnings.
 */

#include "messages.h"


const mdr_message_t  mdr_messages_load[] = {
    { "yaml-syntax",
      "The file is no YAML here: indentation, a bracket, a quote or a colon. "
      "The message names what is missing; look at this line and the one "
      "above. Indent with blanks, lines of one list or mapping alike.",
      "这里不合 YAML 的写法：缩进、括号、引号或冒号有误。提示里说明缺"
      "什么；请看这一行和上一行。缩进用半角空格，同一级的行缩进一样。" },
    { NULL, "\",\" or \"]\" is missing: the list that begins in line % has "
      "no end",
      "缺少“,”或“]”：第 {1} 行开始的列表没有写完" },
    { NULL, "\",\" or \"}\" is missing: what begins with \"{\" in line % has "
      "no end",
      "缺少“,”或“}”：第 {1} 行的“{”没有写完" },
    { NULL, "this line does not fit those above (from line % on): is it "
      "indented as they are?",
      "这一行和上面（第 {1} 行起）对不上：缩进是不是和它们一样？" },
    { NULL, "\"- \" expected, as in the list above (from line % on): is the "
      "line indented as it is?",
      "这里应为“- ”，和上面的列表（第 {1} 行起）一样：缩进是不是一样？" },
    { NULL, "a text is missing here: is there a comma too many, or one in "
      "front of the first?",
      "这里缺少文字：是不是多了一个逗号？" },
    { NULL, "\": \" cannot stand here: a text with \": \" in it is written "
      "in quotes; else look at how this line and the one above are indented",
      "这里不能出现“: ”：含“: ”的文字请加引号；不然请看这一行和上一行的缩进" },
    { NULL, "\": \" is missing in line %, or it is indented wrongly",
      "第 {1} 行缺少“: ”，或者缩进不对" },
    { NULL, "\"- \" cannot stand here: a list begins in a line of its own",
      "这里不能写“- ”：列表要另起一行" },
    { NULL, "no text can begin with this character: write it in quotes "
      "(indent with blanks, not with tabs)",
      "文字不能以这个字符开头：请加引号（缩进用空格，不用制表符）" },
    { NULL, "a tab: indent with blanks", "这里有制表符：缩进请用空格" },
    { NULL, "the quote that begins in line % has no end",
      "第 {1} 行开始的引号没有写完" },
    { NULL, "this backslash means nothing between \"\": write the text "
      "between ''",
      "双引号里的这个反斜杠没有意义：请改用单引号 ''" },
    { NULL, "a number of hexadecimal digits is missing behind the backslash",
      "反斜杠后面缺少十六进制数字" },
    { NULL, "\":\" without a blank behind it: write the text in quotes",
      "“:”后面没有空格：请给文字加引号" },
    { NULL, "this line belongs to nothing above: is it indented rightly?",
      "这一行不属于上面任何内容：缩进对吗？" },
    { NULL, "control characters are not allowed", "不能有控制字符" },
    { NULL, "did not find expected %", "YAML 语法：这里应为 {1}" },

    { "yaml-key",
      "A key is a plain word, as in \"title: ...\", not a list or a mapping.",
      "键是一个普通的词，如“title: …”，不能是列表或映射。" },
    { NULL, "a key must be plain text", "键应为普通文字" },

    { "yaml-alias",
      "A text that begins with * is an alias in YAML, which policies do not "
      "take. Write it in quotes: '*text'.",
      "YAML 里以 * 开头的是别名，策略里不支持。请加引号：'*文字'。" },
    { NULL, "aliases (%) are not taken: a text that begins with * is written "
      "in quotes",
      "不支持别名（{1}）：以 * 开头的文字请加引号" },

    { "yaml-tag",
      "A text that begins with ! is a tag in YAML, which policies do not "
      "take. Write it in quotes: '!text'.",
      "YAML 里以 ! 开头的是标签，策略里不支持。请加引号：'!文字'。" },
    { NULL, "tags (%) are not taken: a text that begins with ! is written in "
      "quotes",
      "不支持标签（{1}）：以 ! 开头的文字请加引号" },

    { "yaml-two",
      "A line of \"---\" begins a second document. A policy is one document "
      "a file: take the line out, or make two files in one folder.",
      "一行“---”会开始第二个文档。一个策略文件只有一个文档：请删掉这一行"
      "，或在文件夹里分成两个文件。" },
    { NULL, "a second document; a policy file is one",
      "出现了第二个文档（---）；一个策略文件只能有一个" },

    { "yaml-limit",
      "YAML is read up to a size and a depth. Many terms stand in a list "
      "file (\"list: lists/words.txt\"), one a line.",
      "YAML 的大小和嵌套深度有上限。词很多时请放进词表文件（list: "
      "lists/words.txt），一行一个。" },
    { NULL, "nested too deeply", "嵌套太深" },
    { NULL, "too large for YAML: put terms into a list file",
      "YAML 太大：请把词放进词表文件" },

    { "quote",
      "The text begins with a sign that means something in YAML (@ % * ! & "
      "#). Write it in single quotes.",
      "文字以 YAML 的特殊符号（@ % * ! & #）开头。请加单引号。" },
    { NULL, "\"%\" begins with a sign of YAML: write it in quotes, %",
      "“{1}”以 YAML 的特殊符号开头：请加引号，写成 {2}" },

    { "full-width",
      "A blank, colon or bracket was typed with the Chinese input method. "
      "YAML takes only the half-width ones: switch the input method before "
      "typing signs.",
      "空格、冒号或括号是用中文输入法打的。YAML "
      "只认半角符号：打符号前请切换输入法。" },
    { NULL, "a blank here is full-width (U+3000): indent with plain spaces",
      "缩进里有全角空格（U+3000）：请用半角空格" },
    { NULL, "a blank here is a no-break space (U+00A0): indent with plain "
      "spaces",
      "缩进里有不间断空格（U+00A0）：请用普通空格" },
    { NULL, "the colon behind \"%\" is full-width: write \"%\"",
      "“{1}”后面是全角冒号：请写“{2}”" },
    { NULL, "\"%\" is no bracket of a list: write \"[a, b]\"",
      "“{1}”不是列表的括号：请写“[a, b]”" },

    { "bad-utf8",
      "The file is not saved as UTF-8. In the editor choose \"save as\" with "
      "the encoding UTF-8.",
      "文件不是以 UTF-8 保存的。请在编辑器里选“另存为”，编码选 UTF-8。" },
    { NULL, "not UTF-8 (byte %), looks like GBK: save the file as UTF-8",
      "不是 UTF-8（字节 {1}），像是 GBK：请把文件另存为 UTF-8" },
    { NULL, "not UTF-8 (byte %), looks like UTF-16: save the file as UTF-8",
      "不是 UTF-8（字节 {1}），像是 UTF-16：请把文件另存为 UTF-8" },
    { NULL, "not UTF-8 (byte %)", "不是 UTF-8（字节 {1}）" },

    { "invisible",
      "There is a character that nobody sees (zero width, control of "
      "direction). Delete it and type the text again; where it is meant, "
      "write \\u200b in double quotes.",
      "文字里有看不见的字符（零宽字符、方向控制符）。请删掉重打；真要写"
      "它时，在双引号里写 \\u200b。" },
    { NULL, "invisible character % (write % in quotes)",
      "看不见的字符 {1}（请在引号里写 {2}）" },

    { "bad-text",
      "A text of the policy holds a zero byte. Type it again.",
      "文字里有零字节。请重打。" },
    { NULL, "%: a zero byte in the text", "{1}：文字里有零字节" },

    { "empty",
      "A file, or a list in it, has nothing in it.",
      "文件（或其中的列表）是空的。" },
    { NULL, "%: the list is empty", "{1}：列表是空的" },
    { NULL, "the file is empty", "文件是空的" },

    { "image",
      "This is a compiled image (moderationctl compile). check, explain and "
      "diff want the YAML that it was made of.",
      "这是编译好的映像（moderationctl compile "
      "的结果）。check、explain、diff 需要原来的 YAML。" },
    { NULL, "a compiled image; the YAML it was made of is wanted here",
      "这是编译好的映像；这里需要它的 YAML 原文" },

    { "bad-image",
      "A compiled image is damaged, or of another version. Compile the "
      "policy again.",
      "编译好的映像损坏了，或版本不同。请重新编译。" },
    { NULL, "image refused: %", "映像不能用：{1!}" },
    { NULL, "too short", "太短" },
    { NULL, "not an image of a policy", "不是策略的映像" },
    { NULL, "made by another version", "是别的版本编译的" },
    { NULL, "sizes do not fit", "大小对不上" },
    { NULL, "damaged (%)", "已损坏（{1}）" },

    { "memory",
      "There is not enough memory to load the policy.",
      "内存不够，策略没有读进来。" },
    { NULL, "out of memory", "内存不足" },

    { "no-file",
      "A file or folder that is named is not there, or cannot be read. A "
      "folder needs at least one *.yaml.",
      "所写的文件或文件夹不存在，或读不了。文件夹里至少要有一个 *.yaml。" },
    { NULL, "include: \"%\": %", "include：“{1}”：{2}" },
    { NULL, "no *.yaml in this folder", "这个文件夹里没有 *.yaml" },
    { NULL, "no path", "没有写路径" },

    { "no-list",
      "The list file of a rule is not there or cannot be read. Its path "
      "counts from the file that names it.",
      "规则的词表文件不存在或读不了。路径从写它的那个文件算起。" },
    { NULL, "list \"%\": No such file or directory", "找不到词表“{1}”" },

    { "too-many",
      "A policy folder has more files than are read.",
      "策略文件夹里的文件太多。" },
    { NULL, "more than % files", "文件超过 {1} 个" },

    { "limit",
      "There is more of something (rules, groups, fields, places) than an "
      "engine holds. Put it into several rules, slots or policies.",
      "规则、组、字段或位置的数目超过上限。请分到几条规则、几个 slot "
      "或几个策略里。" },
    { NULL, "found: more than %", "found：超过 {1} 项" },
    { NULL, "field: more than % places", "field：超过 {1} 处" },
    { NULL, "more than % fields", "字段超过 {1} 个" },
    { NULL, "more than % groups", "组超过 {1} 个" },
    { NULL, "more than % rules", "规则超过 {1} 条" },

    { "manifest",
      "The folder has a MANIFEST (sha256sum) and a file does not fit it: the "
      "copy is not whole yet, or a file was edited. Copy again, or make "
      "MANIFEST anew.",
      "文件夹里有 MANIFEST（sha256sum），而有文件和它对不上：还没有"
      "复制完，或有人改过。请重新复制，或重新生成 MANIFEST。" },
    { NULL, "name too long in line % of MANIFEST",
      "MANIFEST 第 {1} 行的名字太长" },
    { NULL, "%, but it is in line % of MANIFEST",
      "{1!}，但 MANIFEST 第 {2} 行里有它" },
    { NULL, "not as line % of MANIFEST says",
      "和 MANIFEST 第 {1} 行写的不一致" },
    { NULL, "not in MANIFEST", "不在 MANIFEST 里" },
    { NULL, "not a line of sha256sum", "不是 sha256sum 的一行" },

    { "missing-key",
      "Something that has to be there is missing; the message names it. An "
      "example stands in docs/rules.md.",
      "缺少必须写的内容，提示里有它的名字。写法见 docs/zh/rules.md。" },
    { NULL, "test of a page: \"body\" or \"page\"",
      "页面的测试：body 与 page 写一个" },
    { NULL, "require: \"selector\" (of pages) or \"member\" (of JSON) is "
      "missing",
      "require：缺少 selector（网页）或 member（JSON）" },
    { NULL, "page: \"require\" or \"guard\" is missing",
      "page：缺少 require 或 guard" },
    { NULL, "guard: \"kinds\" is about \"hosts\", which is missing",
      "guard：kinds 针对 hosts，但没有写 hosts" },
    { NULL, "rule: \"%\" is missing", "规则缺少“{1}”" },
    { NULL, "match: \"in\" is missing: the fields to look in",
      "match 缺少“in”：要看哪些字段" },
    { NULL, "slot: \"%\" is missing", "slot 缺少“{1}”" },
    { NULL, "slot: \"fields\" with at least one field expected",
      "slot 的“fields”至少要有一个字段" },
    { NULL, "\"schema: 1\" is missing", "缺少“schema: 1”" },
    { NULL, "\"policy: NAME\" is missing", "缺少“policy: 名称”" },
    { NULL, "a policy needs at least one slot", "策略至少要有一个 slot" },
    { NULL, "\"terms\", \"list\" or \"regex\" expected",
      "应有“terms”、“list”或“regex”" },
    { NULL, "%: \"%\" is missing", "{1} 缺少“{2}”" },
    { NULL, "% is missing", "缺少 {1}" },
    { NULL, "test: one of \"hit\", \"pass\", \"todo_hit\", \"todo_pass\" "
      "expected",
      "test：应有 hit、pass、todo_hit、todo_pass 之一" },
    { NULL, "field: one of \"from\", \"all\" and \"every\" expected",
      "field：应有 from、all、every 之一" },
    { NULL, "slot: \"script\" is missing: the variable or the selector of "
      "the script element",
      "slot 缺少“script”：变量名，或 script 元素的选择器" },
    { NULL, "default: none, or both \"after\" and \"do\"",
      "default：after 和 do 要么都写，要么都不写" },
    { NULL, "review: the slot has no item id: two cards that look alike "
      "would be one",
      "review：slot 没有 item_id：两张一样的卡片会当成一张" },

    { "unknown-key",
      "The key is none that is known at this place, mostly a slip of the "
      "pen. Look at the spelling, and whether the line is indented to the "
      "right place.",
      "这个位置没有这样的键，多半是拼错了。键都写英文。请看拼写，以及这一行缩进的位"
      "置对不对。" },
    { NULL, "\"%\" in a file that is included: it may have slots, pages and "
      "places",
      "“{1}”不能写在被引用的文件里：其中只能有位置、页面、地名" },
    { NULL, "unknown key in % \"%\" (did you mean \"%\"?)",
      "{1} 里不认识的键“{2}”（是不是“{3}”？）" },
    { NULL, "unknown key in % \"%\"", "{1} 里不认识的键“{2}”" },

    { "duplicate-key",
      "A key stands twice at the same place; only one can count. Delete one.",
      "同一个位置把一个键写了两次，只能有一个。请删掉一个。" },
    { NULL, "duplicate key \"%\" in %", "{2} 里“{1}”写了两次" },
    { NULL, "group \"%\" twice", "组“{1}”写了两次" },
    { NULL, "field \"%\" twice", "字段“{1}”写了两次" },
    { NULL, "\"%\" stands in another file too", "“{1}”在另一个文件里也有" },
    { NULL, "fields: \"%\" twice", "fields：“{1}”写了两次" },

    { "duplicate",
      "A name stands twice in one list.",
      "同一个列表里把一个名字写了两次。" },
    { NULL, "% \"%\" twice", "{1}“{2}”写了两次" },

    { "bad-key",
      "Two keys do not go together, or a key is not for this kind of slot or "
      "rule. The message says which.",
      "两个键不能一起写，或这种 slot、规则不能写这个键。提示里说明是哪个。" },
    { NULL, "\"%\" beside \"%\": put it into a group",
      "“{1}”不能和“{2}”并列：请放进一个组里" },
    { NULL, "a group has terms or a condition, not both",
      "一个组要么有词，要么有条件，不能都有" },
    { NULL, "slot: \"script\" is for slots of type script",
      "slot：“script”只用于 type: script 的 slot" },
    { NULL, "count: not in a slot of type html",
      "count：不能用在 type: html 的 slot 里" },
    { NULL, "refs: not in a slot of type html",
      "refs：不能用在 type: html 的 slot 里" },
    { NULL, "templates: only in a slot of type html",
      "templates：只能用在 type: html 的 slot 里" },
    { NULL, "within: not in a slot of type script",
      "within：不能用在 type: script 的 slot 里" },

    { "type",
      "Another kind of value is wanted here: a number, a list [a, b], a "
      "mapping {key: value}, a text. Lists of terms are written [a, b] or a "
      "line each with \"- \".",
      "这里要的是另一种值：数字、列表 [a, b]、映射 {键: 值} "
      "或文字。词的列表写成 [甲, 乙]，或一行一个“- 甲”。" },
    { NULL, "require: a list expected, of % at most",
      "require：应为列表，最多 {1} 项" },
    { NULL, "include: the name of a file expected",
      "include：应为一个文件名" },
    { NULL, "terms: plain text expected: a text with \": \" in it is written "
      "in quotes",
      "terms：应为普通文字；含“: ”的文字请加引号" },
    { NULL, "terms: plain text expected: a text that begins with # is "
      "written in quotes",
      "terms：应为普通文字；以 # 开头的文字会被当成注释，请加引号" },
    { NULL, "terms: plain text expected", "terms：应为普通文字" },
    { NULL, "bursts: rules: ids of rules, each with {ratio, min}, expected",
      "bursts: rules：应为“规则编号: {ratio, min}”" },
    { NULL, "%: a whole number expected, not \"%\"",
      "{1}：应为整数，不是“{2}”" },
    { NULL, "%: a whole number expected", "{1}：应为整数" },
    { NULL, "%: a number expected, not \"%\"", "{1}：应为数字，不是“{2}”" },
    { NULL, "%: a number expected", "{1}：应为数字" },
    { NULL, "%: true or false expected", "{1}：应为 true 或 false" },
    { NULL, "%: text expected", "{1}：应为文字" },
    { NULL, "%: one word expected", "{1}：应为一个词" },
    { NULL, "%: a list of terms expected", "{1}：应为词的列表，如 [甲, 乙]" },
    { NULL, "%: a list expected", "{1}：应为列表，如 [a, b]" },
    { NULL, "%: a mapping of groups expected", "{1}：应为“组名: 内容”" },
    { NULL, "%: a mapping expected", "{1}：应为“键: 值”" },
    { NULL, "%: a condition expected", "{1}：应为条件" },
    { NULL, "list: the path of a file expected", "list：应为文件的路径" },
    { NULL, "places: a mapping of names to places expected",
      "places：应为“名称: 地区”" },
    { NULL, "field: a selector or path expected", "field：应为选择器或路径" },
    { NULL, "%: a list of places expected", "{1}：应为选择器或路径的列表" },
    { NULL, "%: a field expected", "{1}：应为字段" },
    { NULL, "within: one of {json: PATH}, {html: \"SELECTOR@attribute\"}, "
      "{script: NAME} expected",
      "within：应有 {json: 路径}、{html: \"选择器@属性\"}、{script: 名称} "
      "之一" },
    { NULL, "fields: a list of fields of the slot expected",
      "fields：应为这个 slot 的字段的列表" },
    { NULL, "hosts: a map of hosts to names expected",
      "hosts：应为“主机: 名称”" },
    { NULL, "normal: a map of fields to what of them does not count expected",
      "normal：应为“字段: 不计的部分”" },
    { NULL, "fields: 64 with the session at most",
      "fields：连同 session 最多 64 个" },

    { "range",
      "A number or a text is too small or too large; the message says the "
      "bounds.",
      "数字或文字的长度超出范围，提示里有上下限。" },
    { NULL, "insert: 1 to % bytes expected", "insert：应为 1 到 {1} 字节" },
    { NULL, "%: a pattern of 1 to % bytes expected",
      "{1}：应为 1 到 {2} 字节的正则表达式" },
    { NULL, "%: % is not between % and %", "{1}：{2} 不在 {3} 到 {4} 之间" },
    { NULL, "policy: a name of 1 to 64 bytes expected",
      "policy：名称应为 1 到 64 个字节" },

    { "unknown-word",
      "This key takes only certain words, which the message lists. They are "
      "English also in a Chinese policy.",
      "这个键只能写固定的几个词，提示里都列出来了。中文策略里也写英文。" },
    { NULL, "found: \"%\" is no finding of this page (title, link, "
      "missing:ID ...)",
      "found：“{1}”不是这个页面会发现的事项（如 title、link、missing:编号）" },
    { NULL, "unknown % \"%\" (did you mean \"%\"?)",
      "不认识的 {1!}“{2}”（是不是“{3}”？）" },
    { NULL, "unknown % \"%\" (known: %)",
      "不认识的 {1!}“{2}”（可以写：{3}）" },
    { NULL, "unknown % \"%\"", "不认识的 {1!}“{2}”" },

    { "bad-name",
      "An id or name has characters that are not taken. Names are letters, "
      "digits, \".\", \"_\" and \"-\"; Chinese belongs into \"title\".",
      "编号或名字里有不能用的字符。名字只能用字母、数字、“.”、“_”、“-”；"
      "中文请写在 title 里。" },
    { NULL, "%: 1 to 64 letters, digits, \".\", \"_\", \"-\" expected",
      "{1}：应为 1 到 64 个字母、数字、“.”、“_”、“-”" },
    { NULL, "\"%\" cannot be the name of a group", "“{1}”不能作组名" },
    { NULL, "%: 1 to % letters, digits, \".\", \"_\", \"-\" expected",
      "{1}：应为 1 到 {2} 个字母、数字、“.”、“_”、“-”" },
    { NULL, "within: the name of a variable or function expected",
      "within：应为变量名或函数名" },
    { NULL, "\"%\" is not the name of a field", "“{1}”不能作字段名" },

    { "bad-value",
      "A value is written in a form that is not known; the message shows the "
      "form.",
      "值的写法不对，提示里有正确的写法。" },
    { NULL, "per: \"title\" or \"10 characters\" (1 to %) expected",
      "per：应为 title 或“10 characters”（1 到 {1}）" },

    { "bad-date",
      "A date is written as 2027-06-30, and the day has to exist.",
      "日期写成 2027-06-30 这样，而且要真有这一天。" },
    { NULL, "%: a date as 2027-06-30 expected", "{1}：日期应写成 2027-06-30" },
    { NULL, "%: there is no day %", "{1}：没有 {2} 这一天" },

    { "bad-time",
      "A time is a number and a letter: 30s, 10m, 2h, 1d.",
      "时间写成数字加字母：30s、10m、2h、1d。" },
    { NULL, "%: a time as 30s, 10m, 2h, 1d expected (2s to 30d)",
      "{1}：时间应写成 30s、10m、2h、1d（2s 到 30d）" },
    { NULL, "%: a time as 12h, 30d expected (to 9999d)",
      "{1}：时间应写成 12h、30d（到 9999d）" },

    { "bad-jurisdiction",
      "A place is written in codes: country (CN), province (CN-GD), city "
      "(CN-GD/Shenzhen). Names in Chinese are not known; \"places\" can give "
      "a place a name.",
      "地区写代码：国家 CN、省 CN-GD、市 "
      "CN-GD/Shenzhen。不认中文地名；可以用 places 给地区起名字。" },
    { NULL, "jurisdiction \"%\": as CN, CN-GD or CN-GD/Shenzhen expected",
      "jurisdiction“{1}”：应写成 CN、CN-GD 或 CN-GD/Shenzhen" },
    { NULL, "place \"%\": as CN, CN-GD or CN-GD/Shenzhen expected",
      "地区“{1}”：应写成 CN、CN-GD 或 CN-GD/Shenzhen" },

    { "bad-credit",
      "A credit is compared: \"< 40\", \"<= 40\", \"> 40\", \">= 40\", in quotes.",
      "信用分写成比较：\"< 40\"、\"<= 40\"、\"> 40\"、\">= 40\"，带引号。" },
    { NULL, "credit \"%\": as \"< 40\" expected: <, <=, > or >= and 0 to 100",
      "credit“{1}”：应写成 \"< 40\"：<、<=、> 或 >=，加 0 到 100" },

    { "no-account",
      "Whose an item is, its slot says: account_id names the field.",
      "条目属于谁，由 slot 说明：account_id 写出那个字段。" },
    { NULL, "\"%\": no slot of this rule has an account_id",
      "“{1}”：这条规则的 slot 都没有 account_id" },

    { "duplicate-id",
      "Two rules have the same id. The record tells rules apart by it: give "
      "each its own.",
      "两条规则的编号相同。记录靠编号区分规则：请各用各的。" },
    { NULL, "require \"%\" twice", "require “{1}” 写了两次" },
    { NULL, "rule \"%\" twice, first in %",
      "规则“{1}”写了两次，第一次在 {2}" },

    { "duplicate-slot",
      "Two slots have the same name.",
      "两个 slot 的名字相同。" },
    { NULL, "slot \"%\" twice", "slot“{1}”写了两次" },

    { "duplicate-page",
      "Two pages have the same name.",
      "两个页面的名字相同。" },
    { NULL, "page \"%\" twice", "page “{1}” 写了两次" },

    { "unknown-rule",
      "A rule that is named here is not in the policy.",
      "这里写的规则不在策略里。" },
    { NULL, "bursts: there is no rule \"%\"", "bursts：没有规则“{1}”" },

    { "unknown-slot",
      "A rule, test or scope names a slot that the policy has not. "
      "\"slots:\" takes the names that stand under \"slots: - name:\".",
      "规则、测试或 scope 里写的 slot 不存在。应写 slots 里 name "
      "后面的名字。" },
    { NULL, "unknown % \"%\" (did you mean \"%\"?)",
      "不认识的 {1!}“{2}”（是不是“{3}”？）" },
    { NULL, "unknown % \"%\"", "不认识的 {1!}“{2}”" },
    { NULL, "first_screens: unknown slot \"%\"",
      "first_screens：不认识的 slot“{1}”" },
    { NULL, "scope: unknown slot \"%\"", "scope：不认识的 slot“{1}”" },

    { "unknown-field",
      "A field is named that no slot of the rule has. \"in:\" takes the "
      "names on the left side under \"fields:\", as title.",
      "规则的 slot 里没有这个字段。in 里写的是 fields 左边的名字，如 "
      "title。" },
    { NULL, "unknown % \"%\" (did you mean \"%\"?)",
      "不认识的 {1!}“{2}”（是不是“{3}”？）" },
    { NULL, "no slot of this rule has a field \"%\"",
      "这条规则的 slot 里没有字段“{1}”" },
    { NULL, "%: the slot has no field \"%\"", "{1}：slot 里没有字段“{2}”" },
    { NULL, "normal: \"%\" is none of the review's fields",
      "normal：“{1}”不是 review 的字段" },

    { "bad-selector",
      "A CSS selector (slots of type html) cannot be read. Taken are names, "
      ".class, #id, [attribute], \">\", \" \", \",\", :first-child, "
      ":nth-child(), :not().",
      "CSS 选择器（type: html 的 slot）读不懂。支持标签名、.class"
      "、#id、[属性]、“>”、空格、“,”、:first-child、:nth-child()、:not()。" },
    { NULL, "a JSON path in a slot of type html (did you mean \"type: "
      "json\"?)",
      "type 为 html 的 slot 里写了 JSON 路径（是不是“type: json”？）" },
    { NULL, "within: a selector expected", "within：应为选择器" },

    { "bad-path",
      "A JSON path (slots of type json) cannot be read. It begins with $, as "
      "$.data.list[*]. Paths of pages begin with /.",
      "JSON 路径（type: json 的 slot）读不懂。它以 $ 开头，如 "
      "$.data.list[*]。页面的 path 以 / 开头。" },
    { NULL, "path \"%\": a path as /index.html, or a prefix as /news* "
      "expected",
      "path “{1}”：应为 /index.html 这样的路径，或 /news* 这样的前缀" },
    { NULL, "match: a JSON path that begins with \"$\" expected",
      "match：应为以“$”开头的 JSON 路径" },
    { NULL, "a JSON path begins with \"$\"", "JSON 路径以“$”开头" },
    { NULL, "within: a JSON path that begins with \"$\" expected",
      "within：应为以“$”开头的 JSON 路径" },

    { "loose-path",
      "The path works; RFC 9535 writes such a name in quotes, as other tools "
      "want it.",
      "路径能用；按 RFC 9535 这样的名字要加引号，别的工具才认。" },
    { NULL, "%: RFC 9535 writes a name with \"-\" or \"$\" in quotes: %",
      "{1}：RFC 9535 里带“-”或“$”的名字要加引号：{2}" },

    { "bad-field",
      "What stands behind \"@\" is the name of an attribute, as a@href, and "
      "nothing comes behind it.",
      "“@”后面是属性名，如 a@href，后面不再写别的。" },
    { NULL, "\"%\" is not the name of an attribute", "“{1}”不是属性名" },
    { NULL, "the name of an attribute expected behind \"@\"",
      "“@”后面应为属性名" },
    { NULL, "no path behind the attribute here: \"match\" says it",
      "这里属性后面不写路径：路径写在 match 里" },

    { "bad-term",
      "A line of a list is no term: it is empty, too long, not UTF-8, or has "
      "control characters.",
      "词表里的这一行不是词：是空的、太长、不是 UTF-8，或有控制字符。" },
    { NULL, "a control character in a term", "词里有控制字符" },
    { NULL, "an empty term", "空的词" },
    { NULL, "a term of more than 256 characters", "词超过 256 个字符" },
    { NULL, "a term that is not UTF-8", "词不是 UTF-8" },

    { "bad-weight",
      "Behind the tab of a list's line stands a weight, a whole number; "
      "then, behind another, begin, end or whole.",
      "词表一行里制表符后面是权重（整数）；再一个制表符后面可以写 "
      "begin、end 或 whole。" },
    { NULL, "a weight expected behind the tab: a whole number from % to %",
      "制表符后面应为权重：{1} 到 {2} 的整数" },
    { NULL, "begin, end or whole expected behind the weight",
      "权重后面只能是 begin、end 或 whole" },

    { "score-unused",
      "The list has weights, and nothing adds them up: write \"when: score "
      ">= 5\" into the match, with your number.",
      "词表里有权重，却没有人把它加起来：请在 match 里写“when: score >= "
      "5”（数字自定）。" },
    { NULL, "weights count only in a score: add \"when: score >= n\"",
      "权重只在 score 里起作用：请加上“when: score >= n”" },

    { "empty-list",
      "A list file holds no term, only remarks or nothing. The rule finds "
      "nothing by it.",
      "词表文件里没有词，只有注释或空行。规则靠它什么也找不到。" },
    { NULL, "list \"%\" has no term", "词表“{1}”里没有词" },

    { "short-pinyin",
      "Pinyin and sounds of two characters fit too much. Take terms of three "
      "characters and more, or \"boundary: whole\".",
      "两个字的拼音和读音太容易撞上。请用三个字以上的词，或写 boundary: "
      "whole。" },
    { NULL, "fold pinyin needs terms of three characters and more, or "
      "boundary: whole",
      "折叠 pinyin 要求词至少三个字，或 boundary: whole" },
    { NULL, "fold % needs terms of three characters and more, or boundary: "
      "whole",
      "折叠 {1} 要求词至少三个字，或 boundary: whole" },

    { "bad-regex",
      "A regular expression (PCRE2) cannot be read; the message says why. "
      "Plain words need none: \"terms\" finds them anywhere.",
      "正则表达式（PCRE2）读不懂，提示里说明原因。普通的词不用正则：写在 "
      "terms 里，文中任何位置都能找到。" },
    { NULL, "regex: missing closing parenthesis", "正则：缺少右括号" },
    { NULL, "regex: missing terminating ] for character class",
      "正则：字符组缺少“]”" },
    { NULL, "regex: quantifier does not follow a repeatable item",
      "正则：* + ? 前面没有可以重复的内容" },
    { NULL, "pick: \"%\" is no regular expression", "pick：“{1}”不是正则" },
    { NULL, "pick: \"%\" has no group: what is in ( ) is taken",
      "pick：“{1}”里没有括号：取的是 ( ) 里的内容" },

    { "bad-condition",
      "\"when\" joins names of groups by and, or, not, ( ), near(a, b, 8), "
      "count(a) >= 2, score >= 5.",
      "when 用 and、or、not、( )、near(甲, 乙, 8)、count(甲) >= 2、score "
      ">= 5 把组名连起来。" },
    { NULL, "when: unknown group \"%\" (did you mean \"%\"?)",
      "when：没有组“{1}”（是不是“{2}”？）" },
    { NULL, "when: unknown group \"%\"", "when：没有组“{1}”" },
    { NULL, "when: \"and\" or \"or\" expected, not \"%\"",
      "when：这里应为 and 或 or，不是“{1}”" },
    { NULL, "when: a group expected at the end", "when：末尾应有组名" },
    { NULL, "when: a number expected at the end", "when：末尾应有数字" },
    { NULL, "when: \">=\" expected, not \"%\"",
      "when：这里应为 >= 之类的比较，不是“{1}”" },
    { NULL, "when: the condition of a group can name groups of terms only, "
      "and no score",
      "when：组的条件里只能写有词的组，不能写 score" },

    { "mask-url",
      "The rule masks, and reads a field that is a URL. A URL is never "
      "masked: take the field out of \"in\", or another action.",
      "规则要打码，而它看的字段是网址。网址从不打码：请从 in "
      "里去掉这个字段，或换一种 action。" },
    { NULL, "field \"%\" of slot \"%\" is a URL, which is never masked",
      "slot“{2}”的字段“{1}”是网址，网址从不打码" },

    { "mask-account",
      "A rule masks the texts that it finds; take another action.",
      "打码打的是规则找到的文字；请换一种 action。" },
    { NULL, "an account alone hits the item as a whole: there is nothing to "
      "mask",
      "只按账号命中时命中的是整个条目：没有可以打码的文字" },

    { "expired",
      "The day of \"expires\" has passed: the rule goes on in shadow and "
      "changes nothing. Look at it again and give it a new day.",
      "已过 expires 那一天：规则只以 shadow 方式运行，不改任"
      "何内容。请复查后写新的日期。" },
    { NULL, "rule \"%\" has expired and runs in shadow",
      "规则“{1}”已过期，只以 shadow 方式运行" },

    { "review-fields",
      "Without \"fields\" any change of the card, as its viewer count, asks "
      "for a new review. Name what counts.",
      "不写 fields，卡片的任何变化（如观看人数）都要重新审。"
      "请写出哪些字段算数。" },
    { NULL, "review: required without \"fields\": a card that changes in any "
      "field of the slot has to be released again; name what counts",
      "review：required 而没有 fields：slot 的任何字段一变，"
      "卡片就得重新放行；请写出哪些字段算数" },

    { "bad-scope",
      "Slots that share what is released have to list the same slots, in the "
      "same order, with the same review fields.",
      "共用放行结果的 slot，要按同样的次序写同样的 slot，review "
      "的字段也要一样。" },
    { NULL, "scope: slot \"%\" has another scope: all slots of one list the "
      "same names in the same order",
      "scope：slot“{1}”的 scope 不同：同一组的 slot "
      "要按同样的次序写同样的名字" },
    { NULL, "scope: slot \"%\" has other review fields: a card would have "
      "two fingerprints",
      "scope：slot“{1}”的 review 字段不同：一张卡片会有两个指纹" },
    { NULL, "scope: slot \"%\" has another audience: what is released for "
      "one is released for no other",
      "scope：slot“{1}”的 audience 不同：给一类人放行的，不等于给另"
      "一类人放行" },
    { NULL, "scope: the slot itself, \"%\", is not in it",
      "scope：里面没有 slot 自己“{1}”" },

    { "bad-host",
      "A host is written as www.example.cn or *.example.cn, without "
      "https://, port and path.",
      "主机写成 www.example.cn 或 *.example.cn，不带 https://、端口和路径。" },
    { NULL, "% \"%\": a name as www.example.cn or *.example.cn expected, "
      "without scheme, port and path",
      "{1} “{2}”：应为 www.example.cn 或 *.example.cn "
      "这样的主机名，不带协议、端口和路径" },

    { "both-keys",
      "A requirement is about pages (\"selector\") or about JSON "
      "(\"member\"), not about both.",
      "require 针对网页（selector）或 JSON（member），只能写一个。" },
    { NULL, "require: either \"selector\" or \"member\"",
      "require：selector 与 member 只能写一个" },

    { "no-insert",
      "\"insert\" needs a place (\"at\") in a page; there is none in JSON.",
      "insert 要写在网页的一个位置（at）；JSON 里不能插入。" },
    { NULL, "require: nothing can be inserted into JSON",
      "require：JSON 里不能插入" },
    { NULL, "require: \"at\" says where \"insert\" goes, which is missing",
      "require：at 说明 insert 插在哪里，但没有写 insert" },

    { NULL, NULL, NULL }
};
