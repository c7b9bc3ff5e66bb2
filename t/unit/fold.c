/*
 * fold.c - what each fold sees through, and that it alone does.
 *
 * A row: a term, a text that is the term disguised, and the folds that this
 * takes.  With all folds the term is seen, without one of those it is not,
 * and without any other it still is.
 */

#include "text/fold.h"

#include "oracle.h"
#include "test.h"


#define ALL  (MDR_FOLD_DEFAULT | MDR_FOLD_REPEAT | MDR_FOLD_LEET)

typedef struct {
    const char  *term, *text;
    uint32_t     fold;                  /* each of them is needed; 0: seen
                                           whatever is on                   */
} row_t;


static const row_t  width[] = {
    { "viagra", "ｖｉａｇｒａ", MDR_FOLD_WIDTH },
    { "viagra", "ⓥⓘⓐⓖⓡⓐ", MDR_FOLD_WIDTH },
    { "viagra", "⒱⒤⒜⒢⒭⒜", MDR_FOLD_WIDTH },
    { "viagra", "ᵛⁱᵃᵍʳᵃ", MDR_FOLD_WIDTH },
    { "viagra", "𝖛𝖎𝖆𝖌𝖗𝖆", MDR_FOLD_WIDTH },
    { "speed", "🅂🄿🄴🄴🆥", MDR_FOLD_WIDTH | MDR_FOLD_CASE },
    { "pc", "🆊c", MDR_FOLD_WIDTH | MDR_FOLD_CASE },
    { "4k3d", "🆞🆛", MDR_FOLD_WIDTH | MDR_FOLD_CASE },
    { "kg", "㎏", MDR_FOLD_WIDTH },
    { "10", "⑽", MDR_FOLD_WIDTH },
    { "x1080", "x㉈㉏", MDR_FOLD_WIDTH },
    { "lan", "ŀaŉ", MDR_FOLD_WIDTH },
    { "free gift", "free\u3000gift", MDR_FOLD_WIDTH },
    { "free gift", "free\u00a0gift", MDR_FOLD_WIDTH },
    { "free\u2003gift", "free\u1680gift", MDR_FOLD_WIDTH },
    { "免费", "免费", 0 },
    { NULL, NULL, 0 }
};

static const row_t  hant[] = {
    { "震惊", "震驚", MDR_FOLD_HANT },
    { "了解", "瞭解", MDR_FOLD_HANT },
    { "借口", "藉口", MDR_FOLD_HANT },
    { "答复", "答覆", MDR_FOLD_HANT },
    { "只是", "祇是", MDR_FOLD_HANT },
    { "工夫", "工伕", MDR_FOLD_HANT },
    { "水果", "水菓", MDR_FOLD_HANT },
    { "枪支", "鎗支", MDR_FOLD_HANT },
    { "复苏", "復甦", MDR_FOLD_HANT },
    { "项链", "項鍊", MDR_FOLD_HANT },
    { "价值", "價値", MDR_FOLD_HANT },
    { "两国", "両国", MDR_FOLD_HANT },
    { "娱乐", "娯樂", MDR_FOLD_HANT },
    { "你好", "妳好", MDR_FOLD_HANT },
    { "白病", "⽩病", 0 },
    { NULL, NULL, 0 }
};

static const row_t  gloss[] = {
    { "网络", "网(wǎng)络", MDR_FOLD_GLOSS },
    { "网络", "网（ＷＡＮＧ）络", MDR_FOLD_GLOSS },
    { "网络", "网[wang3]络", MDR_FOLD_GLOSS },
    { "网络", "网【wǎng】络", MDR_FOLD_GLOSS },
    { "网络", "网「wǎng」络", MDR_FOLD_GLOSS },
    { "网络", "网《wang》络", MDR_FOLD_GLOSS },
    { "网络", "网<wang>络", MDR_FOLD_GLOSS },
    { "网络", "网{wǎng}络", MDR_FOLD_GLOSS },
    { "网络", "网 （ wǎng ）络", MDR_FOLD_GLOSS },
    { "复仇者", "复讎(qiú)者", MDR_FOLD_GLOSS | MDR_FOLD_HANT },
    { "网络营销", "网络（wǎng luò）营销", MDR_FOLD_GLOSS },
    { "网络营销", "网络(wangluo)营销(yingxiao)", MDR_FOLD_GLOSS },
    { "网络营销", "网络(wang3luo4)营销", MDR_FOLD_GLOSS },
    { "西安人", "西安(xī'ān)人", MDR_FOLD_GLOSS },
    { "绿色", "绿(lu:4)色", MDR_FOLD_GLOSS },
    { "绿色", "绿(lǜ)色", MDR_FOLD_GLOSS },
    { "绿色", "绿(lv)色", MDR_FOLD_GLOSS },
    { "震惊", "震(ㄓㄣˋ)惊（ㄐㄧㄥ）", MDR_FOLD_GLOSS },
    { "网络营销", "网(ㄨㄤˇ)络(ㄌㄨㄛˋ)营(ㄧㄥˊ)销(ㄒㄧㄠ)", MDR_FOLD_GLOSS },
    { "网络营销", "网络(ㄨㄤˇ ㄌㄨㄛˋ)营销", MDR_FOLD_GLOSS },
    { "绿色的人", "绿(ㄌㄩˋ)色(ㄙㄜˋ)的(˙ㄉㄜ)人", MDR_FOLD_GLOSS },
    { "自己", "自（ㄗˋ）己", MDR_FOLD_GLOSS },
    { "花儿们", "花儿(huār)们", MDR_FOLD_GLOSS },
    { "首肯", "首(sho\u0306u)肯", MDR_FOLD_GLOSS },
    { "网络", "网(wa\u030c\u0323ng)络", MDR_FOLD_GLOSS },
    { "丈夫们", "丈夫(zhàng·fu)们", MDR_FOLD_GLOSS },
    { "网络", "网(wang\u2009)络", MDR_FOLD_GLOSS },
    { "网络", "网❨wǎng❩络", MDR_FOLD_GLOSS },
    { "网络", "网⦗wǎng⦘络", MDR_FOLD_GLOSS },
    { "网络", "网⟮wǎng⟯络", MDR_FOLD_GLOSS },
    { "网络", "网⸨wǎng⸩络", MDR_FOLD_GLOSS },
    { "网络", "网﴾wǎng﴿络", MDR_FOLD_GLOSS },
    { "网络", "网⦍wǎng⦐络", MDR_FOLD_GLOSS },
    { "网络", "网〝wǎng〞络", MDR_FOLD_GLOSS },
    { "网络", "\xef\xbf\xb9网\xef\xbf\xbawǎng\xef\xbf\xbb络",
      MDR_FOLD_GLOSS },
    { NULL, NULL, 0 }
};

static const row_t  digits[] = {
    { "13800", "一三八〇零", MDR_FOLD_DIGITS },
    { "13800", "壹叁捌零零", MDR_FOLD_DIGITS },
    { "57", "٥٧", MDR_FOLD_DIGITS },
    { "74", "۷۴", MDR_FOLD_DIGITS },
    { "4711", "৪৭১১", MDR_FOLD_DIGITS },
    { "7121", "੭੧੨੧", MDR_FOLD_DIGITS },
    { "13", "壹參", MDR_FOLD_DIGITS },
    { "13", "１３", 0 },
    { "十八", "拾捌", MDR_FOLD_DIGITS },
    { "三千二百", "叁仟贰佰", MDR_FOLD_DIGITS },
    { "收拾", "收拾", 0 },
    { "10", "1🄋", 0 },
    { "10", "➀🄌", MDR_FOLD_WIDTH },
    { "一会", "1会", MDR_FOLD_DIGITS },
    { "一会", "①会", MDR_FOLD_DIGITS },
    { "一会", "壹会", MDR_FOLD_DIGITS },
    { "一会", "１会", MDR_FOLD_DIGITS },
    { NULL, NULL, 0 }
};

static const row_t  invisible[] = {
    { "震惊", "震\u200b惊", MDR_FOLD_INVISIBLE },
    { "震惊", "震\u2060\ufeff惊", MDR_FOLD_INVISIBLE },
    { "震惊", "震\ufe0f惊", MDR_FOLD_INVISIBLE },
    { "震惊", "震\U000e0061惊", MDR_FOLD_INVISIBLE },
    { "viagra", "看\u202eargaiv\u202c吧", MDR_FOLD_INVISIBLE },
    { "viagra", "看\u202earg\u202baiv\u202c\u202c吧", MDR_FOLD_INVISIBLE },
    { "震惊", "震\u0336惊", MDR_FOLD_INVISIBLE },
    { "震惊", "震\u20dd惊", MDR_FOLD_INVISIBLE },
    { "震惊", "震\u0489惊", MDR_FOLD_INVISIBLE },
    { NULL, NULL, 0 }
};

static const row_t  confusable[] = {
    { "viagra", "ѵіаgга", MDR_FOLD_CONFUSABLE },
    { "viagra", "νιαgrα", MDR_FOLD_CONFUSABLE },
    { "viagra", "víáğrá", MDR_FOLD_CONFUSABLE },
    { "viagra", "ᴠɪᴀɢʀᴀ", MDR_FOLD_CONFUSABLE },
    { "viagra", "🇻🇮🇦🇬🇷🇦", MDR_FOLD_CONFUSABLE },
    { "viagra", "v\u0308i\u0302a\u0303g\u0307r\u0316a",
      MDR_FOLD_CONFUSABLE },
    { "震惊", "震\u0303惊", MDR_FOLD_CONFUSABLE },
    { "caesar", "cæsar", MDR_FOLD_CONFUSABLE },
    { "caesar", "CÆSAR", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "coeur", "cœur", MDR_FOLD_CONFUSABLE },
    { "along", "аӏопԍ", MDR_FOLD_CONFUSABLE },
    { "viagra", "v1agra", 0 },
    { "viagra", "VlAGRA", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "instant", "lnstant", MDR_FOLD_CONFUSABLE },
    { "viagra", "VΙAGRA", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "viagra", "Vꓲagra", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "lottery", "Iottery", MDR_FOLD_CONFUSABLE },
    { "curly", "Ϲυrlу", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "cabin", "ᑕᗩᗷIᑎ", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "face", "₣₳₵Ɇ", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "won", "₩ØN", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "jump", "յմmք", MDR_FOLD_CONFUSABLE },
    { "viagra", "ɐɹƃɐᴉʌ", MDR_FOLD_CONFUSABLE },
    { "loans", "suɐol", MDR_FOLD_CONFUSABLE },
    { "opinion", "uoıuıdo", MDR_FOLD_CONFUSABLE },
    { "sınıf", "sınıf", 0 },
    { "slots", "看sʇols吧", MDR_FOLD_CONFUSABLE },
    { "black friday", "ʎɐpᴉɹɟ ʞɔɐlq", MDR_FOLD_CONFUSABLE },
    { "in 22 days", "sʎɐp ᄅᄅ uᴉ", MDR_FOLD_CONFUSABLE },
    { "jackson", "NOS⋊Ɔ∀ſ", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "union", "NOIN∩", MDR_FOLD_CONFUSABLE | MDR_FOLD_CASE },
    { "sex", "sǝx", MDR_FOLD_CONFUSABLE },
    { "l o t t e r y", "ʎ ɹ ǝ ʇ ʇ o l", MDR_FOLD_CONFUSABLE },
    { "s.i.g.n.a.l", "l.ɐ.u.ƃ.ᴉ.s", MDR_FOLD_CONFUSABLE },
    { NULL, NULL, 0 }
};

static const row_t  rest[] = {
    { "viagra", "ViAgRa", MDR_FOLD_CASE },
    { "strasse", "straße", 0 },
    { "震惊", "震震震惊", 0 },
    { "特价名表", "特价价价名表", MDR_FOLD_REPEAT },
    { "viagra", "vvviaaagrrra", MDR_FOLD_REPEAT },
    { "viagra", "v149r4", MDR_FOLD_LEET },
    { "cash", "ca$h", MDR_FOLD_LEET },
    { NULL, NULL, 0 }
};

/* what must not be seen, whatever is on */

static const row_t  never[] = {
    { "网络", "网(UC)络", 0 },
    { "网络", "网(2020)络", 0 },
    { "网络", "网(图)络", 0 },
    { "网络", "网(上)络", 0 },
    { "网络", "网(luo)络", 0 },
    { "网络", "网(wa4ng)络", 0 },
    { "网络营销", "网络(wangying)营销", 0 },
    { "网络", "网(wǎng络", 0 },
    { "网络", "网❩wǎng❨络", 0 },
    { "网络", "网(ㄌㄨㄛˋ)络", 0 },
    { "网络", "网(ㄨㄤˇ(络", 0 },
    { "网络", "网(ㄎㄅ)络", 0 },
    { "网络", "网a(wǎng)络", 0 },
    { "大象", "放大像素", 0 },
    { "工具", "职工俱乐部", 0 },
    { "发呆", "开发待定", 0 },
    { "modem", "modern", 0 },
    { "wail", "wall", 0 },
    { "wail", "Wall", 0 },
    { "一会", "那么会", 0 },
    { "一会", "|会被忽略", 0 },
    { "一会", "I会", 0 },
    { "sun", "uns", 0 },
    { "islands", "快来！slands", 0 },
    { NULL, NULL, 0 }
};


static int
is_seen(const row_t *r, uint32_t folds)
{
    int            seen;
    size_t         i, last;
    uint32_t       start, end;
    mdr_str_t      term;
    mdr_trace_t    t;
    mdr_profile_t  p;

    memset(&p, 0, sizeof(p));
    p.folds = folds;
    p.boundary = MDR_BOUNDARY_NONE;
    term.data = r->term;
    term.len = (uint32_t) strlen(r->term);

    mdr_trace_init(&t, mdr_mem_default());
    seen = 0;

    if (mdr_trace_build(&t, (const uint8_t *) r->text, strlen(r->text), folds)
        == MDR_OK)
    {
        for (i = 0; i < t.n && !seen; i++) {
            seen = oracle_match(&t, i, term, &p, &start, &end, &last);
        }
    }

    mdr_trace_done(&t);

    return seen;
}


static void
check(const row_t *r, uint32_t folds, int want, const char *with)
{
    if (is_seen(r, folds) != want) {
        printf("# %s in %s, %s %#x: want %d\n", r->term, r->text, with,
               folds, want);
        CHECK(is_seen(r, folds) == want);
    } else {
        CHECK(1);
    }
}


static void
rows(const char *name, const row_t *r)
{
    uint32_t  off;

    test_begin(name);

    for ( /* void */ ; r->term != NULL; r++) {
        check(r, ALL, 1, "all");

        if (r->fold == 0) {
            continue;
        }

        for (off = MDR_FOLD_WIDTH; off <= MDR_FOLD_LEET; off <<= 1) {
            check(r, ALL & ~off, (r->fold & off) == 0, "without");
        }
    }
}


int
main(void)
{
    const row_t  *r;

    rows("width", width);
    rows("hant", hant);
    rows("gloss", gloss);
    rows("digits", digits);
    rows("invisible", invisible);
    rows("confusable", confusable);
    rows("case, repeat, leet", rest);

    test_begin("marks");
    CHECK(mdr_fold_mark(0x4e28) == MDR_GAP_SYMBOL);     /* a stroke         */
    CHECK(mdr_fold_mark(0x4e36) == MDR_GAP_SYMBOL);
    CHECK(mdr_fold_mark(0x2c7) == MDR_GAP_SYMBOL);      /* a spaced caron   */
    CHECK(mdr_fold_mark(0xe610) == MDR_GAP_SYMBOL);     /* an icon          */
    CHECK(mdr_fold_mark(0x4e00) == 0);
    CHECK(mdr_fold_mark(0x30fc) == 0);                  /* a long vowel     */
    CHECK(mdr_fold_mark(0x2b0) == 0);                   /* a raised h       */

    test_begin("what is no disguise");

    for (r = never; r->term != NULL; r++) {
        check(r, ALL, 0, "all");
    }

    return test_done();
}
