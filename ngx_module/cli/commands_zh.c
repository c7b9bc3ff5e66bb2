/*
 * commands_zh.c - what commands.c says, in Chinese.
 *
 * A row is a command and one of its options, or "line", "about" or "exits".
 * Names of arguments stay as the usage line has them. t/46-cli.t asks for a
 * row for each text, and for no row too many.
 */

#include "commands.h"

#include <stddef.h>
#include <string.h>


static const struct {
    const char  *command, *part, *text;
} rows[] = {

    { "check", "line", "检查策略：写法、常见错误、内置测试" },
    { "check", "about",
      "读入策略，运行规则里写的测试，指出能用但迟早会出问题的写法。每条提示都有文件、"
      "行、列和代码；“moderationctl explain 代码”说明它的意思。" },
    { "check", "exits", "0 没有问题\n1 有提示\n2 策略不能用" },
    { "check", "--format", "提示怎样打印（text）" },
    { "check", "--lang", "提示的语言（LC_ALL、LANG）" },
    { "check", "--base", "以前的策略：改过的规则要有更高的 rev" },
    { "check", "--variants", "把每个 hit 测试的文字伪装起来，看哪些还能认出" },
    { "check", "--corpus", "中性文本，一行一段：规则在其中命中什么；可以写几次" },
    { "check", "--remarks",
      "也显示 info 级的提示：费时间或重复计数，但不算错" },
    { "check", "--watch", "策略的文件一改就再检查一遍，直到收到信号" },

    { "compile", "line", "把策略编译成 nginx 直接映射的文件" },
    { "compile", "about",
      "把策略编译成一个文件。除 check、explain、diff 外，各命令要策略的地方都可以给它。" },
    { "compile", "exits", "0 已写入\n2 策略不能用，或文件写不了" },
    { "compile", "-o", "要写的文件" },

    { "explain", "line", "用话说出一条规则，或一个提示代码" },
    { "explain", "about",
      "说出规则需要什么、看哪里、怎样处置、为什么；给 pages 里的页面名，就说它必须有什么、不得有什么。"
      "不写 ID 就列出所有规则和页面，每条一行。\n\n"
      "CODE 是提示后面方括号里的代码：说明它的意思，以及该怎么办。" },
    { "explain", "exits", "0 已说明\n2 没有这条规则或代码，或策略读不了" },
    { "explain", "--codes", "列出所有提示代码和它们的意思" },
    { "explain", "--lang", "用哪种语言说（LC_ALL、LANG）" },

    { "diff", "line", "两个策略有什么不同" },
    { "diff", "about", "新增的、去掉的、说法变了的规则，每条一行（英文）。" },
    { "diff", "exits", "0 没有变化\n1 有变化\n2 有策略读不了" },

    { "scan", "line", "一个页面或接口里有哪些条目，会怎样处置" },
    { "scan", "about",
      "读文件、文件夹里的每个文件、HAR 文件里的应答、一个网址或标准输入，找出策略的位置"
      "（slot）里的条目并作出判断。在终端上打印表格和按位置的小结，否则每个条目一行 JSON，"
      "按页面里的次序；有几个文件时带文件名。\n\n"
      "内容损坏不算错误：能读的部分照样打印，标准错误上有一行说明断在哪里。" },
    { "scan", "exits",
      "0 没有命中\n1 有命中\n2 策略或文件不能用\n3 没有一个位置找到条目" },
    { "scan", "--policy", "策略文件、策略文件夹，或编译好的映像" },
    { "scan", "--type", "内容的类型（看内容判断）" },
    { "scan", "--charset", "字符集，WHATWG 编码标准里的任何名字（看内容判断）" },
    { "scan", "--slot", "只要这个位置的条目" },
    { "scan", "--format", "给人看的表格或 JSON 行（终端上 text，否则 json）" },
    { "scan", "--lang", "表格的语言（LC_ALL、LANG）" },
    { "scan", "--jurisdiction", "读者在哪里，如 CN-GD/Shenzhen（未知）" },
    { "scan", "--site", "站点在哪里（未知）" },
    { "scan", "--account-state", "所有条目的账号状态（未知）" },
    { "scan", "--credit",
      "所有条目的账号信用分，0 到 100（给了状态时是 100，否则未知）" },
    { "scan", "--url", "读服务器对这个网址的 GET 的应答" },
    { "scan", "--page", "内容是这个主机和路径的页面（--url 的）" },
    { "scan", "--absent", "上一次页面里没有这一项要求的内容" },
    { "scan", "--max-slot", "一个条目最多留住多少字节（64k）" },
    { "scan", "--apply", "打印过滤器会发出的内容" },
    { "scan", "--fingerprints",
      "两个文件，是同一页面的两次抓取：哪些卡片的指纹不同，因为哪个字段" },

    { "learn", "line", "从标注过的标题学出带权重的词表" },
    { "learn", "about",
      "FILE 里一行一个标题：标签（1 或 0）、制表符、标题。在足够多的标题里出现的片段、它们"
      "的位置、标点、数字和长度由逻辑回归给出权重；用交叉验证（会打印出来）按想要的准确率"
      "选定阈值。FOLDER 里写入词表、带测试的规则和报告。同样的标题得到同样的字节。" },
    { "learn", "exits", "0 已学完\n2 有文件不能用" },
    { "learn", "-o", "learned.txt、learned.yaml 和 report.txt 写到哪里" },
    { "learn", "--policy", "--rule 所在的策略" },
    { "learn", "--rule",
      "为哪条规则学：用它的折叠、例外和组；每个组的权重也一起学" },
    { "learn", "--from-ledger",
      "也用审核员判过的标题：CONF 是守护进程的配置文件；需要" },
    { "learn", "--label", "因为它而被拒绝的标题得标签 1；放行的得 0" },
    { "learn", "--field", "从卡片的哪个字段学（title）" },
    { "learn", "--precision", "命中里应有多大比例是对的（0.9）" },
    { "learn", "--titles", "一个片段至少在这么多标题里出现（5）" },
    { "learn", "--lines", "最多这么多行（1000）" },
    { "learn", "--grams", "一个片段最多几个字或词（4）" },
    { "learn", "--folds", "交叉验证分几份（5）" },
    { "learn", "--without", "不要的片段" },
    { "learn", "--keep", "改过的词表：改动或新加的行保持原样" },

    { "probe", "line", "推测一个没见过的页面或接口里卡片在哪里" },
    { "probe", "about",
      "找重复出现、每处都有标题的东西：页面里的元素，接口（JSON、JSONP、JSON 行）的列表里"
      "的对象。按好坏次序打印 YAML 建议，附个数和前几个标题；“-”是标准输入。这只是推测："
      "请用 scan 试一试，改正选择器和字段。" },
    { "probe", "exits", "0 每个文件都有建议\n1 有一个什么也没找到\n2 有文件读不了" },
    { "probe", "--most", "一个页面最多几个建议（3）" },

    { "geoip2", "line", "用 MaxMind 数据库查地址所在地" },
    { "geoip2", "about",
      "像 nginx 的 moderation_geoip2 那样查地址，每个打印一行 JSON。check 读数据库的每个"
      "节点和值，说明 nginx 会不会接受它。" },
    { "geoip2", "exits", "0 查到了，或数据库完好\n1 有地址没有所在地\n2 数据库不能用" },
    { "geoip2", "--path",
      "所在地的各级在记录里的位置（country.iso_code-subdivisions.0.iso_code"
      "/city.names.en/district.names.en）" },
    { "geoip2", "--map", "名字到代码的表，一行是“名字 制表符 代码”" },

    { "bench", "line", "引擎处理一个页面有多快" },
    { "bench", "about",
      "把 FILE 反复扫描，打印一行 JSON（中位数）；mbps 是单核每秒处理的 10^6 字节，从扫描"
      "到判断；memcpy_mbps 是同一次运行里复制它的速度；worst_steps_per_char 是最费的文字"
      "每个字用了匹配器几步；limited 是有文字用完限额的条目数。" },
    { "bench", "exits", "0 已测\n2 策略或文件不能用" },
    { "bench", "--policy", "策略文件、策略文件夹，或编译好的映像" },
    { "bench", "--type", "内容的类型（看内容判断）" },
    { "bench", "--charset", "字符集（看内容判断）" },
    { "bench", "--page", "另外测把它当作这个页面来读要多久" },
    { "bench", "--texts", "FILE 一行一段文字：只测匹配器，每段文字按每个字段各读一次" },

    { "kill", "line", "写紧急停用文件并检查" },
    { "kill", "about",
      "往 nginx 以 kill=FILE 监视的文件里加行：其中写到的规则几秒之内只以 shadow 方式运"
      "行。没有要加的行时只检查文件。有一行写的规则或标签不存在，就什么也不写。打印被停用"
      "的规则。" },
    { "kill", "exits",
      "0 已写入，或文件本来就对\n1 有一行写的东西不存在\n2 策略或文件不能用" },
    { "kill", "--policy", "说的是哪个策略的规则" },
    { "kill", "--rule", "停用这条规则；可以写几次" },
    { "kill", "--label", "停用一个标签的所有规则；可以写几次" },
    { "kill", "--all", "停用所有规则" },
    { "kill", "--clear", "先清空文件" },

    { "ledger", "line", "台账：打印、核对、证明" },
    { "ledger", "about",
      "DIR 是一个日志，或所有日志的文件夹；cat 也可以是待入库的文件夹。不需要守护进程。\n\n"
      "cat 打印各行，verify 核对签名、瓦片和条目，prove 打印一个决定或一片叶子的证明"
      "（C2SP tlog-proof），gaps 打印缺了什么，checkpoint 打印签过名的大小，prune 去掉旧"
      "叶子的内容；它们的哈希保留。" },
    { "ledger", "exits", "0 完好，没有缺失\n1 和签名的不一样；有缺失\n2 读不了" },
    { "ledger", "--key",
      "日志的 vkey，不和日志放在一起保存；同一台账别的年份的也行" },
    { "ledger", "--size", "verify：以前记下的大小，和" },
    { "ledger", "--root", "它的根" },
    { "ledger", "--sample", "verify：读多少包条目（1000）" },
    { "ledger", "--follow", "cat：写入什么就接着打印" },
    { "ledger", "--private", "cat：也打印各段的私密部分" },
    { "ledger", "--before", "prune：这个序号之前的条目" },
    { "ledger", "--dry-run", "prune：只说会去掉什么" },

    { "queue", "line", "等待复审的卡片" },
    { "queue", "about",
      "以 root 或守护进程自己的用户询问运行中的 moderationd。list 每张卡片打印一行 JSON；"
      "VERDICT 是 release、reject、escalate 或 ask。这样作的决定在记录里署名 local，不能"
      "充当别人的第二人。" },
    { "queue", "exits", "0 完成\n1 被拒绝，应答里说明原因\n2 没有应答" },
    { "queue", "--socket", "moderationd 的套接字（/run/moderation/scgi.sock）" },
    { "queue", "--queue", "list：一个队列的卡片" },
    { "queue", "--state",
      "list：waiting、asked、escalated、released、rejected、adopted（waiting）" },
    { "queue", "--version-seen", "decide：看到的是哪个版本（正在等的那个）" },
    { "queue", "--reason", "decide：原因；拒绝时必须写" },
    { "queue", "--note", "decide：附注" },

    { "review", "line", "认可正在展示的卡片，导入以前的决定" },
    { "review", "about",
      "adopt 请求把正在展示而没有命中的卡片算作已放行；由另一人在控制台里签字。import 读入"
      "以前决定的 CSV，列为 kind、id、verdict、source、date、reason；也由另一人签字。" },
    { "review", "exits", "0 完成，或在等另一人\n1 被拒绝\n2 没有应答" },
    { "review", "--socket", "moderationd 的套接字（/run/moderation/scgi.sock）" },
    { "review", "--slot", "adopt：哪个位置" },
    { "review", "--seen", "adopt：在这段时间里出现过的卡片（24h）" },
    { "review", "--dry-run", "只说会做什么" },

    { "partner", "line", "把一个团队的举报成批交上来" },
    { "partner", "about",
      "以 root 或守护进程自己的用户询问运行中的 moderationd。FILE（“-”是标准输入）是 CSV，"
      "首行为 reporter、item、page、reason、text，顺序不限；或是 JSON：带这些成员的对象的"
      "列表。有一行不对就一行也不收。应答里有每件举报的编号，和读者得到的一样。" },
    { "partner", "exits", "0 已收下，或都对\n1 被拒绝，应答里说明原因\n2 文件不能用，或没有应答" },
    { "partner", "--team", "是哪个团队的举报" },
    { "partner", "--dry-run", "只说每一行对不对" },
    { "partner", "--socket", "moderationd 的套接字（/run/moderation/scgi.sock）" },

    { "evidence", "line", "移送证据：决定和它们的证明" },
    { "evidence", "about",
      "export 以 root 或守护进程自己的用户向运行中的 moderationd 要一个 tar：决定、有关的处"
      "置、证明和核验程序；移送本身也记入台账。\n\n"
      "verify 不用守护进程、也不解包，核对这样的 tar：每个文件都和 MANIFEST 一致，没有多出的"
      "文件，每个证明都通到签过名的检查点，旁边的内容就是签过名的内容。" },
    { "evidence", "exits", "0 已写出，或和签名一致\n1 被拒绝，或和签名不一致\n2 读不了或写不了，或没有应答" },
    { "evidence", "--recipient", "export：交给谁" },
    { "evidence", "--purpose", "export：做什么用" },
    { "evidence", "--reference", "export：对方的文号" },
    { "evidence", "--item", "export：有关一个条目的所有决定" },
    { "evidence", "--account", "export：有关一个账号的所有决定" },
    { "evidence", "--private", "export：连同原文和原始编号" },
    { "evidence", "-o", "export：写到一个新文件（标准输出）" },
    { "evidence", "--key", "verify：台账的公钥，取自公布的地方（tar 里的那个）" },
    { "evidence", "--socket", "moderationd 的套接字（/run/moderation/scgi.sock）" },

    { "replay", "line", "换一份策略，以往的记录会怎样判" },
    { "replay", "about",
      "读守护进程存储里的决定和样本（文字还保留着的），按规则说出 POLICY 会有哪些不同，以"
      "及审核员当时对这些卡片怎么说。什么也不改。" },
    { "replay", "exits", "0 完成\n2 策略或存储读不了" },
    { "replay", "--policy", "要试的策略：文件、文件夹或映像" },
    { "replay", "--from", "第一天（记录的第一天）" },
    { "replay", "--to", "最后一天（记录的最后一天）" },
    { "replay", "--format", "给人看的表格或一个 JSON 对象（text）" },
    { "replay", "-c", "守护进程的配置文件（/etc/moderation/moderationd.yaml）" },

    { "report", "line", "一周（或任何一段时间）里发生了什么" },
    { "report", "about",
      "询问运行中的 moderationd。同样的日期、同样大小的台账，得到同样的字节。" },
    { "report", "exits", "0 完成\n1 被拒绝，应答里说明原因\n2 没有应答" },
    { "report", "--from", "第一天（上周一）" },
    { "report", "--to", "最后一天，包括在内" },
    { "report", "--week", "一周，如 2026-W48，代替 --from 和 --to" },
    { "report", "--campaign", "配置里的一次专项行动，到今天为止" },
    { "report", "--site", "一个站点（全部）" },
    { "report", "--size", "只到台账的这个大小（现在的大小）" },
    { "report", "--format", "格式（json）" },
    { "report", "--edition", "给谁看：internal 内部，public 公开（internal）" },
    { "report", "--lang", "语言（LC_ALL、LANG）" },
    { "report", "-o", "写到哪里（标准输出）" },
    { "report", "--socket", "moderationd 的套接字（/run/moderation/scgi.sock）" },

    { "open", "line", "暂时不经复审展示一个位置" },
    { "open", "about",
      "开关一秒之内在所有进程里生效，不用重新加载。被拒绝的卡片、指令和封停的账号仍然不"
      "展示。没有守护进程也能用。" },
    { "open", "exits", "0 已打开\n1 被拒绝\n2 守护进程和表都够不着" },
    { "open", "--socket", "moderationd 的套接字（/run/moderation/scgi.sock）" },
    { "open", "--tables",
      "映射的表，守护进程停着时写到这里（/var/lib/moderation/verdicts）" },
    { "open", "--for", "多久，最多 4h（30m）" },
    { "open", "--site", "一个站点的；没有守护进程时是一个主机的" },
    { "open", "--reason", "原因，记入台账" },

    { "alarms", "line", "按过去的计数及早报警" },
    { "alarms", "about",
      "replay 读一个计数文件（stats 类的行：台账各段，即 ledger cat 打印的；“-”是标准输"
      "入），在会有暴增或沉寂开始、结束的地方打印一行 JSON。\n\n"
      "simulate 造出随昼夜和星期变化的计数，打印会有多少次无缘无故的报警；用 --burst 时打"
      "印在上升之后几秒报警。" },
    { "alarms", "exits", "0 完成\n2 文件不能用" },
    { "alarms", "--policy", "replay：用它的 bursts 里的阈值" },
    { "alarms", "--ratio", "平时的几倍算暴增（3）" },
    { "alarms", "--min", "暴增至少有多少次（20）" },
    { "alarms", "--series", "simulate：多少个计数（256）" },
    { "alarms", "--weeks", "simulate：多少周（10）" },
    { "alarms", "--seed", "simulate：换一组数（1）" },
    { "alarms", "--rate", "simulate：都是每分钟 N 次，不分昼夜" },
    { "alarms", "--burst", "simulate：每周一次升到平时的 R 倍" },

    { "store", "line", "守护进程的存储：检查、复制、重建" },
    { "store", "about",
      "check：是否完好，和台账是否对得上。backup：复制一份，守护进程可以照常运行。rebuild："
      "由台账的叶子重建存储，私密部分从配置的存储里能读多少取多少；要先停下守护进程。" },
    { "store", "exits", "0 完好，完成\n1 有不对的地方\n2 读不了或写不了" },
    { "store", "-c", "守护进程的配置文件（/etc/moderation/moderationd.yaml）" },
    { "store", "--to", "backup、rebuild：新的存储" },

    { "witness", "line", "旁证别人的台账，并签名" },
    { "witness", "about",
      "读一个日志的检查点，核对它的签名，并核对以前看到的都是它的开头，然后签名（C2SP "
      "tlog-cosignature）。打印签过名的检查点，也保存在 FOLDER 里。应定期运行，并且不和日志"
      "放在一处。" },
    { "witness", "exits", "0 前后一致，已签名\n1 和以前不是同一个日志，或没有签名\n2 读不了" },
    { "witness", "--key", "旁证自己的密钥，没有就新建" },
    { "witness", "--name", "签名里的名字，像去掉协议的网址" },
    { "witness", "--state", "上次看到的；签过名的检查点" },
    { "witness", "--vkey", "日志的公钥" },

    { "keys", "line", "台账里哈希用的密钥" },
    { "keys", "about",
      "new 把一个密钥写入 FILE（不能已经存在）：moderation_id_key 和 moderationd 用的就是"
      "它，各节点相同。show 打印它的名字，和各段开头写的一样。" },
    { "keys", "exits", "0 已写入\n2 没有写入" }
};


const char *
cli_said_zh(const char *command, const char *part)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].command, command) == 0
            && strcmp(rows[i].part, part) == 0)
        {
            return rows[i].text;
        }
    }

    return NULL;
}
