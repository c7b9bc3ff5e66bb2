/*
 * messages_check.c - messages of tests and lint, by code.
 */

#include "messages.h"


const mdr_message_t  mdr_messages_check[] = {
    { "test-failed",
      "A test in the rule does not end as it says. Either the rule or the "
      "test is not what was meant; for regexes the message shows the text as "
      "they see it.",
      "规则里的测试和它说的不一样。不是规则写错，就是测试写错；有正则时"
      "，提示里是正则看到的文字。" },
    { NULL, "page \"%\": \"%\" should be found: %",
      "页面“{1}”：应当发现“{2}”，实际：{3}" },
    { NULL, "page \"%\": more is found than should be: %",
      "页面“{1}”：发现的比应当的多：{2}" },
    { NULL, "rule \"%\": \"%\" should hit and does not; regexes see \"%\"",
      "规则“{1}”：“{2}”应命中而没有命中；正则看到的是“{3}”" },
    { NULL, "rule \"%\": \"%\" should hit and does not",
      "规则“{1}”：“{2}”应命中而没有命中" },
    { NULL, "rule \"%\": \"%\" should pass and hits",
      "规则“{1}”：“{2}”不应命中而命中了" },

    { "test-span",
      "The rule hits, but not the text that \"spans\" names.",
      "规则命中了，但命中的文字不是 spans 所写的。" },
    { NULL, "rule \"%\": no hit spans \"%\", the first spans \"%\"",
      "规则“{1}”：没有命中正好是“{2}”，第一个命中是“{3}”" },

    { "test-place",
      "A test names a slot or a field that the rule does not look into.",
      "测试里写的 slot 或字段，规则并不看。" },
    { NULL, "test: the rule does not look into \"%\" (did you mean \"%\"?)",
      "test：规则不看“{1}”（是不是“{2}”？）" },
    { NULL, "test: the rule does not look into \"%\"", "test：规则不看“{1}”" },
    { NULL, "test: no slot \"%\" of this rule has that field (did you mean "
      "\"%\"?)",
      "test：规则的 slot“{1}”里没有这个字段（是不是“{2}”？）" },
    { NULL, "test: no slot \"%\" of this rule has that field",
      "test：规则的 slot“{1}”里没有这个字段" },
    { NULL, "test: unknown slot \"%\" (did you mean \"%\"?)",
      "test：不认识的 slot“{1}”（是不是“{2}”？）" },
    { NULL, "test: unknown slot \"%\"", "test：不认识的 slot“{1}”" },

    { "test-page",
      "The page of a test cannot be read, or has no item of the slot.",
      "测试的页面读不了，或里面没有这个 slot 的条目。" },
    { NULL, "test: page \"%\" has no item of slot \"%\"",
      "test：页面“{1}”里没有 slot“{2}”的条目" },
    { NULL, "test: page \"%\" has no item of a slot of this rule",
      "test：页面“{1}”里没有这条规则的 slot 的条目" },
    { NULL, "test: page \"%\": %", "test：页面“{1}”：{2!}" },

    { "test-account",
      "A rule that asks for nothing but the account is tested with the state "
      "or the credit of one; any other rule without, since it would not look "
      "at them.",
      "只看账号的规则，测试里要写账号的状态或信用分；不看账号的规则，测试里不写。" },
    { NULL, "test: the rule looks at accounts alone: \"account\" or "
      "\"credit\" expected",
      "test：规则只看账号，请写 account 或 credit" },
    { NULL, "test: the rule asks for no \"account\" and no \"credit\"",
      "test：规则不看 account，也不看 credit" },

    { "todo-done",
      "A todo_hit or todo_pass works now: make it a hit or pass, so that it "
      "stays so.",
      "todo_hit 或 todo_pass 已经成立：请改成 hit 或 "
      "pass，以后就有测试守着。" },
    { NULL, "rule \"%\": \"%\": this todo works now",
      "规则“{1}”：“{2}”：这条 todo 现在成立了" },

    { "separator-in-term",
      "A term is plain text, every sign in it counts. Commas between terms "
      "are half-width: [a, b]; in a list file each term has its own line.",
      "词是普通文字，里面每个符号都算数。词之间用半角逗号：[甲, "
      "乙]；词表文件里一行一个词。" },
    { NULL, "\"%\" is one term: write a line each: %",
      "“{1}”只算一个词：请一行写一个：{2}" },
    { NULL, "\"%\" is one term: write [%]", "“{1}”只算一个词：请写 [{2}]" },
    { NULL, "\"%\": the marks around it are part of the term: write %",
      "“{1}”：两边的标点也算在词里：请写 {2}" },
    { NULL, "\"%\": a term has no wildcards, and is found anywhere in a "
      "text: write %",
      "“{1}”：词里没有通配符，词在文中任何位置都会命中：请写 {2}" },
    { NULL, "\"%\": a term has no wildcards: \"gap\" lets signs stand "
      "between its characters, a regex any text",
      "“{1}”：词里没有通配符：字与字之间夹符号请写 gap，夹任意文字请写 "
      "regex" },
    { NULL, "\"%\": the number is part of the term: a weight stands behind a "
      "tab",
      "“{1}”：数字也算在词里：权重前面要用制表符" },
    { NULL, "\"%\": a term is no regex: write regex: '%'",
      "“{1}”：词不是正则：请写 regex: '{2}'" },
    { NULL, "\"%\": a dash without a blank behind it is part of the term: "
      "write \"- \" and the term, each in a line of its own",
      "“{1}”：横线后面没有空格，就算在词里：请写“- ”加词，一行一个" },
    { NULL, "\"%\": % is part of the term: write %",
      "“{1}”：{2!}也算在词里：请写 {3}" },

    { "one-character",
      "A term of one character stands in nearly every text. Take a longer "
      "one.",
      "一个字的词几乎每段文字都有。请用长一点的词。" },
    { NULL, "\"%\": a term of one character hits nearly everything",
      "“{1}”：一个字的词几乎处处命中" },

    { "two-han",
      "Two Han characters also meet by chance, the end of one word and the "
      "start of the next. Add a condition (\"when\"), an exception "
      "(\"except\"), or a longer term.",
      "两个汉字会碰巧连在一起：前一个词的尾加后一个词的头。请加条件（wh"
      "en）、例外（except），或用长一点的词。" },
    { NULL, "\"%\": two Han characters alone also stand across words: add a "
      "condition or an exception",
      "“{1}”：单独两个汉字也会跨词出现：请加条件或例外" },

    { "duplicate-term",
      "A term is there twice, as it is or as the folds make it (traditional "
      "and simplified, full and half width). Delete one.",
      "词写了两次：一模一样，或折叠后相同（繁体与简体、全角与半角）。请"
      "删掉一个。" },
    { NULL, "\"%\" is there twice, first in line %",
      "“{1}”写了两次，第一次在第 {2} 行" },
    { NULL, "\"%\" is \"%\" of line % again: the folds make them one",
      "“{1}”和第 {3} 行的“{2}”折叠后相同" },
    { NULL, "rule \"%\": % more terms are there twice",
      "规则“{1}”：另有 {2} 个词写了两次" },

    { "shadowed-term",
      "A longer term has a shorter one of the list in it, and so says "
      "nothing more. Delete the longer one.",
      "长的词里已有词表中短的词，长的就多余了。请删掉长的。" },
    { NULL, "\"%\" is shadowed by \"%\" of line %, which stands in it",
      "“{1}”多余：第 {3} 行的“{2}”就在其中" },
    { NULL, "rule \"%\": % more terms are shadowed",
      "规则“{1}”：另有 {2} 个词多余" },

    { "shared-term",
      "One term is in two groups: each hit counts for both. Mostly it "
      "belongs into one.",
      "一个词在两个组里：一次命中两边都算。多半只该在一个组里。" },
    { NULL, "\"%\" stands in group \"%\" too: one hit counts for both",
      "“{1}”在组“{2}”里也有：一次命中两边都算" },

    { "dead-term",
      "An exception says the same as the term, so that the term never counts.",
      "例外和词一样，所以这个词从不算数。" },
    { NULL, "\"%\" never counts: the exception of line % is the same",
      "“{1}”从不算数：第 {2} 行的例外和它一样" },

    { "dead-exception",
      "No hit of the rule stands in the exception: it has to hold a whole "
      "term of the rule, as \"地震惊动\" holds \"震惊\".",
      "规则的命中都不在这个例外里：例外要把规则的词整个包住，如“地震惊动"
      "”包住“震惊”。" },
    { NULL, "exception \"%\": no hit of the rule stands in it",
      "例外“{1}”：规则没有命中落在其中" },

    { "look-alikes",
      "Many terms differ in look-alikes alone; each place costs a comparison "
      "with all of them. One of them is enough.",
      "许多词只差形近字；每个位置都要逐一比较。写一个就够了。" },
    { NULL, "% terms differ in look-alikes and repeats alone, as \"%\" and "
      "\"%\": each place where one may stand is compared with all of them",
      "{1} 个词只差形近字和叠字，如“{2}”和“{3}”：文中每个可能的位置都要和它"
      "们逐一比较" },
    { NULL, "% terms differ in look-alikes alone, as \"%\" and \"%\": each "
      "place where one may stand is compared with all of them",
      "{1} 个词只差形近字，如“{2}”和“{3}”：文中每个可能的位置都要和它们逐一"
      "比较" },

    { "capitals",
      "The fold \"case\" makes letters small, so [A-Z] in a regex is any "
      "letter. Write [a-z], or take the fold out.",
      "折叠 case 会把字母变成小写，正则里的 [A-Z] 就是任何字母。请写 "
      "[a-z]，或去掉这个折叠。" },
    { NULL, "\"A-Z\" is any Latin letter here, as the fold \"case\" leaves "
      "no capitals",
      "折叠 case 之后没有大写字母：这里的“A-Z”就是任何拉丁字母" },

    { "expensive-regex",
      "The regex has no literal that every match holds: it runs on nearly "
      "every text. Put a fixed word into it, or use terms.",
      "正则里没有每次匹配都含有的固定文字：几乎每段文字都要跑一遍。请写"
      "进一个固定的词，或改用 terms。" },
    { NULL, "expensive regex: %", "正则开销大：{1!}" },

    { "slow-regex",
      "On long texts the regex takes more and more time for each character, "
      "as (a+)+ does, and would spend its budget. Take away repetition "
      "inside repetition.",
      "文字一长，正则对每个字花的时间越来越多（如 (a+)+），会用完限"
      "额。请去掉重复里的重复。" },
    { NULL, "slow regex: its time grows faster than the text; % bytes of "
      "\"%\" spend the budget",
      "正则太慢：所需时间比文字增长得更快；{1} 字节的“{2}”就用完了限额" },

    { "unknown-label",
      "The label is near a known one, probably a slip. Known ones stand in "
      "docs/rules.md; your own are allowed, too.",
      "标签和一个已知的很像，多半是拼错了。已知的标签见 "
      "docs/zh/rules.md；也可以用自己的。" },
    { NULL, "label \"%\" is none of the known ones (did you mean \"%\"?)",
      "label“{1}”不是已知的标签（是不是“{2}”？）" },

    { "own-label",
      "The label is one of your own. It is fine; reports count it by itself.",
      "这是自定的标签。可以用；报表里单独统计。" },
    { NULL, "label \"%\" is none of the known ones",
      "label“{1}”不是已知的标签" },

    { "unread-slot",
      "The rule lists a slot that has none of the fields it reads: it can "
      "never hit there.",
      "规则写了一个 slot，而那里没有它要看的字段：在那里永远不会命中。" },
    { NULL, "rule \"%\": slot \"%\" has none of its fields",
      "规则“{1}”：slot“{2}”里没有它要看的字段" },

    { "no-owner",
      "A rule that takes something away needs \"owner: mail address\": who "
      "answers for it.",
      "会处置内容的规则要写 owner（邮箱）：谁负责。" },
    { NULL, "rule \"%\" takes something away and has no %",
      "规则“{1}”会处置内容，却没有写 {2}" },

    { "no-basis",
      "A rule that takes something away needs \"basis: {kind: terms, ref: "
      "...}\": on what ground.",
      "会处置内容的规则要写 basis: {kind: terms, ref: …}：依据什么。" },
    { NULL, "rule \"%\" takes something away and has no %",
      "规则“{1}”会处置内容，却没有写 {2}" },

    { "no-notice",
      "A rule that takes something away needs \"notice\": what the person "
      "concerned is told.",
      "会处置内容的规则要写 notice：怎样告知当事人。" },
    { NULL, "rule \"%\" takes something away and has no %",
      "规则“{1}”会处置内容，却没有写 {2}" },

    { "no-expires",
      "A rule that takes something away needs \"expires: 2027-06-30\": when "
      "somebody looks again.",
      "会处置内容的规则要写 expires: 2027-06-30：到时有人复查。" },
    { NULL, "rule \"%\" takes something away and has no %",
      "规则“{1}”会处置内容，却没有写 {2}" },

    { "no-tests",
      "A rule that takes something away needs \"tests\": texts that it hits "
      "and texts that it passes.",
      "会处置内容的规则要写 tests：应命中的和不应命中的文字。" },
    { NULL, "rule \"%\" takes something away and has no %",
      "规则“{1}”会处置内容，却没有写 {2}" },

    { "far-expiry",
      "\"expires\" is more than two years away: nobody will look again in "
      "time.",
      "expires 在两年以后：不会有人及时复查。" },
    { NULL, "rule \"%\" expires in more than two years: nobody will look "
      "again",
      "规则“{1}”两年多以后才到期：不会再有人复查" },

    { "draft-enforces",
      "A rule of status draft runs in shadow, whatever its mode says. Make "
      "it test or stable when it may act.",
      "草稿（status: draft）只以 shadow 方式运行，不管 mode "
      "写什么。可以生效时请改成 test 或 stable。" },
    { NULL, "rule \"%\" is a draft and cannot enforce: it runs in shadow",
      "规则“{1}”是草稿，不能 enforce：只以 shadow 方式运行" },

    { "rev",
      "With --base: the rule says something else than before, and its rev "
      "was not raised. The record names rule and rev: raise it with each "
      "change.",
      "用 --base 比较：规则改了，rev 没有加。记录里写的是规则和 "
      "rev：每改一次请加 1。" },
    { NULL, "rule \"%\" has changed and its rev is still %",
      "规则“{1}”改了，rev 仍是 {2}" },
    { NULL, "rule \"%\": rev % is lower than the % it had",
      "规则“{1}”：rev {2} 比原来的 {3} 还小" },

    { "base",
      "The policy of --base cannot be loaded; revs are not compared.",
      "--base 的策略读不进来，没有比较 rev。" },
    { NULL, "cannot be loaded: no revs compared", "读不出来：没有比较 rev" },

    { "corpus",
      "The neutral text of --corpus cannot be read, or is empty.",
      "--corpus 的中性文本读不了，或是空的。" },
    { NULL, "no text in it", "里面没有文字" },

    { "max-rate",
      "The rule hits neutral text more often than its max_rate allows. Make "
      "it narrower, or add exceptions.",
      "规则在中性文本里的命中率超过它的 max_rate。请收窄规则，或加例外。" },
    { NULL, "rule \"%\": % hits in 100000 characters of neutral text, "
      "max_rate is %",
      "规则“{1}”：在 10 万字中性文本里命中 {2} 次，max_rate 是 {3}" },

    { "deep-place",
      "A place below the district: no database knows where a reader is so "
      "exactly.",
      "地区比区县还细：没有数据库知道读者在哪条街。" },
    { NULL, "rule \"%\": no database gives \"%\" as the place of a reader: "
      "they end at the district",
      "规则“{1}”：没有数据库能把读者的位置精确到“{2}”：最细到区县" },

    { "insert",
      "What a requirement inserts does not fulfil the requirement, or cannot "
      "be seen.",
      "require 插入的内容不符合它自己的要求，或看不见。" },
    { NULL, "require \"%\": what is inserted does not match \"selector\", so "
      "it goes in again and again",
      "require “{1}”：插入的内容不符合自己的 selector，会一再插入" },
    { NULL, "require \"%\": what is inserted is not to be seen",
      "require “{1}”：插入的内容本身看不见" },

    { "no-rule",
      "explain: the policy has no rule of this id. Without an id all are "
      "listed.",
      "explain：策略里没有这个编号的规则。不写编号就列出全部规则。" },
    { NULL, "no rule \"%\"", "没有规则“{1}”" },

    { NULL, NULL, NULL }
};
