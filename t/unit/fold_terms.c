/*
 * fold_terms.c - what a whole scan makes of folds that take a character apart
 * or go by its sound, of letters in numbers, dots of hosts, Japanese forms.
 */

#include "test_page.h"

static mdr_work_t       *work;
static test_page_conf_t  conf = { MDR_TYPE_HTML, 0, 0 };


#define POLICY(rule)                                                          \
    "{\"schema\":1,\"policy\":\"p\",\"slots\":[{\"name\":\"c\","              \
    "\"type\":\"html\",\"match\":\"li\",\"fields\":{\"title\":\".\"}}],"      \
    "\"rules\":[{\"id\":\"r\",\"rev\":1,\"label\":\"rumor\"," rule "}]}"
#define FOLD(more)  "\"fold\":[\"width\",\"case\",\"hant\",\"gloss\","        \
                    "\"digits\",\"invisible\",\"confusable\"" more "],"
#define TERMS(t)  "\"match\":{\"in\":[\"title\"],\"terms\":[" t "]}"
#define REGEX(t)  "\"match\":{\"in\":[\"title\"],\"regex\":[\"" t "\"]}"


/* texts that are hit, NULL, texts that are not, NULL */

static void
texts(const char *policy, const char *const *t)
{
    int                 hit;
    char                page[400];
    mdr_policy_t       *p;
    static test_page_t  s;

    p = test_policy(policy, NULL);
    CHECK(p != NULL);

    for (hit = 1; p != NULL && hit >= 0; hit--, t++) {
        for ( ; *t != NULL; t++) {
            snprintf(page, sizeof(page), "<ul><li>%s</li></ul>", *t);
            test_page(p, work, &conf, page, hit ? "<ul></ul>" : page, &s);
        }
    }

    mdr_policy_free(p);
}


#define LIST(...)  (const char *const []) { __VA_ARGS__, NULL }


int
main(void)
{
    work = mdr_work_new(NULL);

    test_begin("split: halves side by side");
    texts(POLICY(FOLD(",\"split\"") TERMS("\"强权\",\"微信号\",\"好\"")),
          LIST("强权", "弓虽权", "弓虽木又", "強權", "x微亻言号y", "女子", NULL,
               "弓权", "弓 虽权", "微言号"));
    texts(POLICY(FOLD("") TERMS("\"强权\"")),
          LIST("强权", NULL, "弓虽权"));
    test_end();

    test_begin("homophone: what is read the same");
    texts(POLICY(FOLD(",\"homophone\"") TERMS("\"加微信号\",\"代开发票\"")),
          LIST("加微信号", "加薇信号", "嘉威芯号", "代开发漂", NULL,
               "威信很高", "加微型号"));
    texts(POLICY(FOLD(",\"homophone\",\"pinyin\"") TERMS("\"加微信号\"")),
          LIST("加薇xin号", "jiaweixinhao", NULL, "jiaweixingao"));
    texts(POLICY(FOLD("") TERMS("\"加微信号\"")),
          LIST("加微信号", NULL, "加薇信号"));
    CHECK(test_policy(POLICY("\"fold\":[\"homophone\"]," TERMS("\"微信\"")),
                      NULL) == NULL);
    test_end();

    test_begin("characters in parts: Hangul, kana with marks");
    texts(POLICY(FOLD("") TERMS("\"도박\",\"ガチャ\",\"パチ\",\"うざヴ\"")),
          LIST("도박", "\u1103\u1169\u1107\u1161\u11a8", "도바\u11a8",
               "ㄷㅗㅂㅏㄱ", "도박\u200b", "가 ㄷㅗㅂㅏㄱ 이", "ﾄﾞ도박",
               "カ\u3099チャ", "ｶﾞﾁｬ", "カ゛チャ", "x\uff76\uff9eﾁｬy", "ﾊﾟﾁ",
               "ハ\u309aチ", "うさ\u3099ウ\u3099", NULL,
               "도바", "ㄷㅗㅂㅏㄱㅏ", "カチャ", "ハチ", "バチ", "카\u3099",
               "\u1103\u1169\u1107", "ㅋㅋㅋ"));
    texts(POLICY(FOLD("") TERMS("\"\u1103\u1169\u1107\u1161\u11a8\","
                                "\"ｶﾞﾁｬ\",\"ㅅㅂ\"")),
          LIST("도박", "ㄷㅗㅂㅏㄱ", "ガチャ", "カ\u3099チャ", "ㅅㅂ", NULL,
               "도바", "사바"));
    texts(POLICY(FOLD("") REGEX("[가-힣]{2}ガ")),
          LIST("ㄷㅗㅂㅏㄱｶﾞ", NULL, "ㄷㅗㅂㅏㄱｶ"));
    test_end();

    test_begin("regexes: the dots of hosts, letters for digits of full width");
    texts(POLICY(REGEX("[a-z0-9-]+\\\\.(com|cn)\\\\b")),
          LIST("abc。com", "abc．com", "abc｡cn", "ＡＢＣ。ＣＯＭ", "见a1。cn。",
               "x🇨🇳 a.com", "🇨🇳a。com", NULL,
               "好的。com", "abc。 com", "abc。好"));
    texts(POLICY(REGEX("见。[a-z]")), LIST("见。a", NULL, "见.a"));
    texts(POLICY(REGEX("1[3-9]\\\\d{9}")),
          LIST("1３8ｏ0138000", "ｌ38OO138OOO", "１３8ＯＯ138000", "І38ОО138000",
               "Ⅰ3800138000", NULL, "ｌｏｌ", "1３8ｏ013800"));
    test_end();

    test_begin("whole: a block or a value of a list");
    texts(POLICY(FOLD("") "\"match\":{\"in\":[\"title\"],\"terms\":[\"casino\""
                 ",\"刷单\"],\"boundary\":\"whole\"}"),
          LIST("casino", "<p>vip</p><p>casino</p>", "<p>casino!</p>x",
               "a<p>★刷单</p>b", NULL,
               "my casino", "<p>my casino</p>", "casino<b>x</b>",
               "<p>x</p>刷单x"));
    test_end();

    test_begin("regexes: letters that stand in a number are digits");
    texts(POLICY(REGEX("1[3-9]\\\\d{9}")),
          LIST("13700137001", "l37OOl37OOl", "|37OO|37OO|", "1З7OO1З7OO1",
               "x 137oo13700i y", NULL, "Oh no, lol OOO", "l37OOl37OO",
               "cool370013700"));
    texts(POLICY(REGEX("qq\\\\W{0,2}\\\\d{6,11}")),
          LIST("qq: 1O2O3O4", "qq123456", NULL, "qq 1O2"));
    texts(POLICY(REGEX("o2o|ip68|lol\\\\d{3}")),
          LIST("O2O", "IP68", "lol123", NULL, "020"));
    test_end();

    test_begin("dots of hosts, Japanese forms");
    texts(POLICY(TERMS("\"abc.com\"")),
          LIST("abc.com", "abc。com", "abc．com", "abc｡com", NULL, "abc com"));
    texts(POLICY(TERMS("\"发卖\",\"经济\"")),
          LIST("発売", "發賣", "経済", NULL, "経売"));
    test_end();

    mdr_work_free(work);

    return test_done();
}
