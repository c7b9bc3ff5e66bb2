/*
 * charset.c - decoders, encoders, labels and sniffing.
 *
 * The sums stand for the output of an independent implementation of the
 * WHATWG encoding standard over the same bytes: FNV-1a, 32 bits, of its
 * UTF-8.
 */

#include "test.h"
#include "../../ngx_module/engine/text/charset.h"
#include "../../ngx_module/engine/base/utf8.h"

#define STREAM  400000

static const struct {
    int       cs;
    uint32_t  pairs;            /* every two bytes, then "x0", newline      */
    uint32_t  stream;           /* of fill()                                */
} sums[] = {
    { MDR_CS_GB18030, 0xbef3b1ac, 0xf2d6ce34 },
    { MDR_CS_GBK, 0xbef3b1ac, 0xf2d6ce34 },
    { MDR_CS_BIG5, 0xbe9f7e6a, 0x6940675f },
    { MDR_CS_SHIFT_JIS, 0x85419b13, 0x439421d6 },
    { MDR_CS_EUC_JP, 0x0a6a837d, 0x4d8ee635 },  /* Chromium keeps "jis0212"
                                                   past an error, wrongly */
    { MDR_CS_EUC_KR, 0xd7f9049a, 0x350dfe92 },
    { MDR_CS_UTF16LE, 0x382c9605, 0x3debef79 },
    { MDR_CS_UTF16BE, 0xa1a649c5, 0xbbb465fb },
    { MDR_CS_WINDOWS_1252, 0x2373a38f, 0x1d87a246 },
    { MDR_CS_IBM866, 0xa2184391, 0x533ee7fd },
    { MDR_CS_ISO_8859_2, 0x8585be0d, 0x3586c532 },
    { MDR_CS_ISO_8859_3, 0xf88c2457, 0x57928d81 },
    { MDR_CS_ISO_8859_4, 0x05ae0865, 0x5f075c95 },
    { MDR_CS_ISO_8859_5, 0x700d554f, 0xfecf34d4 },
    { MDR_CS_ISO_8859_6, 0xd032fe11, 0x19c841d7 },
    { MDR_CS_ISO_8859_7, 0xdd98a1a9, 0x1f13b55e },
    { MDR_CS_ISO_8859_8, 0xae5db5a9, 0xfe115d29 },
    { MDR_CS_ISO_8859_8_I, 0xae5db5a9, 0xfe115d29 },
    { MDR_CS_ISO_8859_10, 0x4deb6ae5, 0x801766c6 },
    { MDR_CS_ISO_8859_13, 0x604f9e81, 0x4d0dbbfd },
    { MDR_CS_ISO_8859_14, 0xb1cd87dd, 0x1d859fc5 },
    { MDR_CS_ISO_8859_15, 0xb7a758c3, 0xa63a213c },
    { MDR_CS_ISO_8859_16, 0xbf426847, 0x31ac5c56 },
    { MDR_CS_KOI8_R, 0x97317a55, 0xdcea6769 },
    { MDR_CS_KOI8_U, 0x9ee2b7b1, 0xdce4c0a0 },
    { MDR_CS_MACINTOSH, 0xce0ff785, 0xf2d47584 },
    { MDR_CS_WINDOWS_874, 0xf7a25181, 0x71dee0fa },
    { MDR_CS_WINDOWS_1250, 0x0e25f359, 0x2455da64 },
    { MDR_CS_WINDOWS_1251, 0xd2167271, 0x71876030 },
    { MDR_CS_WINDOWS_1253, 0xfad0dab9, 0xd6cca9f4 },
    { MDR_CS_WINDOWS_1254, 0x13b31f7d, 0xbde4f543 },
    { MDR_CS_WINDOWS_1255, 0x86128329, 0x8a97d339 },
    { MDR_CS_WINDOWS_1256, 0xff9db421, 0xdec012b9 },
    { MDR_CS_WINDOWS_1257, 0xf0337e45, 0x06f7ba1e },
    { MDR_CS_WINDOWS_1258, 0xdad73265, 0xb6508180 },
    { MDR_CS_MAC_CYRILLIC, 0x66057fc5, 0xdf39256b },
    { MDR_CS_UTF8, 0xf272b0c5, 0x1583a242 }
};

#define NSUMS  (sizeof(sums) / sizeof(sums[0]))

static uint32_t  state;


static uint32_t
rnd(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state;
}


static void
fill(uint8_t *p, size_t n)
{
    size_t    i;
    uint32_t  r, k, v;

    state = 123456789;

    for (i = 0; i < n; i++) {
        r = rnd();
        k = r & 7;
        v = (r >> 8) & 255;

        p[i] = (uint8_t) (k == 0 ? 0x20 + v % 95
                          : k == 1 ? 0x30 + v % 10
                          : k < 5 ? 0x81 + v % 0x7e
                          : k == 5 ? 0xd8 + v % 8 : v);
    }
}


static uint32_t
fnv(uint32_t h, const uint8_t *p, size_t n)
{
    while (n-- > 0) {
        h = (h ^ *p++) * 16777619u;
    }

    return h;
}


/* runs tile the source and the text */

static int
tiled(const mdr_text_t *t, uint64_t src, size_t len)
{
    size_t    i;
    uint64_t  s;
    uint32_t  text;

    s = src;
    text = 0;

    for (i = 0; i < t->nruns; i++) {
        if (t->runs[i].src != s || t->runs[i].text != text) {
            return 0;
        }
        s += (uint64_t) t->runs[i].count * t->runs[i].sunit;
        text += t->runs[i].count * t->runs[i].tunit;
    }

    return s == src + len && text == t->len;
}


static void
pairs(void)
{
    int            a, b;
    size_t         i;
    uint8_t        in[4];
    uint32_t       h;
    mdr_text_t     t;
    mdr_decoder_t  d;

    mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);

    for (i = 0; i < NSUMS; i++) {
        h = 2166136261u;

        for (a = 0; a < 256; a++) {
            for (b = 0; b < 256; b++) {
                in[0] = (uint8_t) a;
                in[1] = (uint8_t) b;
                in[2] = 'x';
                in[3] = '0';

                mdr_text_clear(&t);
                mdr_decoder_init(&d, sums[i].cs);
                CHECK(mdr_decode(&d, in, 4, 77, 1, &t) == MDR_OK);
                CHECK(tiled(&t, 77, 4));
                h = fnv(h, t.data, t.len);
                h = fnv(h, (const uint8_t *) "\n", 1);
            }
        }

        CHECK(h == sums[i].pairs);
    }

    mdr_text_done(&t);
}


/* JIS X 0212 in EUC-JP: every two bytes behind 8F */

static void
three(void)
{
    int            a, b;
    uint8_t        in[5];
    uint32_t       h;
    mdr_text_t     t;
    mdr_decoder_t  d;

    mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);
    memcpy(in, "\x8f..x0", 5);
    h = 2166136261u;

    for (a = 0; a < 256; a++) {
        for (b = 0; b < 256; b++) {
            in[1] = (uint8_t) a;
            in[2] = (uint8_t) b;
            mdr_text_clear(&t);
            mdr_decoder_init(&d, MDR_CS_EUC_JP);
            CHECK(mdr_decode(&d, in, 5, 0, 1, &t) == MDR_OK);
            CHECK(tiled(&t, 0, 5));
            h = fnv(h, t.data, t.len);
            h = fnv(h, (const uint8_t *) "\n", 1);
        }
    }

    CHECK(h == 0x512ed54d);
    mdr_text_done(&t);
}


static void
four(void)
{
    uint8_t        in[4];
    uint32_t       h, p;
    mdr_text_t     t;
    mdr_decoder_t  d;

    mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);
    h = 2166136261u;

    for (p = 0; p < 126 * 12600; p++) {
        in[0] = (uint8_t) (p / 12600 + 0x81);
        in[1] = (uint8_t) (p / 1260 % 10 + 0x30);
        in[2] = (uint8_t) (p / 10 % 126 + 0x81);
        in[3] = (uint8_t) (p % 10 + 0x30);

        mdr_text_clear(&t);
        mdr_decoder_init(&d, MDR_CS_GB18030);
        CHECK(mdr_decode(&d, in, 4, 0, 1, &t) == MDR_OK);
        h = fnv(h, t.data, t.len);
    }

    CHECK(h == 0x77ad1426);
    mdr_text_done(&t);
}


static void
streams(void)
{
    size_t         i, at, n;
    uint8_t       *in, *piece;
    uint64_t       invalid;
    mdr_text_t     t, u;
    mdr_decoder_t  d;

    in = malloc(STREAM);
    fill(in, STREAM);

    for (i = 0; i < NSUMS; i++) {
        mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);
        mdr_decoder_init(&d, sums[i].cs);
        CHECK(mdr_decode(&d, in, STREAM, 5, 1, &t) == MDR_OK);
        CHECK(fnv(2166136261u, t.data, t.len) == sums[i].stream);
        CHECK(tiled(&t, 5, STREAM));
        invalid = d.invalid;

        /* pieces of one to nine bytes, each in memory of its own */

        mdr_text_init(&u, mdr_mem_default(), SIZE_MAX);
        mdr_decoder_init(&d, sums[i].cs);

        for (at = 0; at < STREAM; at += n) {
            n = rnd() % 10;
            if (n > STREAM - at) {
                n = STREAM - at;
            }

            piece = malloc(n ? n : 1);
            memcpy(piece, in + at, n);
            CHECK(mdr_decode(&d, piece, n, 5 + at, 0, &u) == MDR_OK);
            free(piece);
        }

        CHECK(mdr_decode(&d, NULL, 0, 5 + STREAM, 1, &u) == MDR_OK);
        CHECK(d.invalid == invalid);
        CHECK(u.len == t.len && memcmp(u.data, t.data, t.len) == 0);
        CHECK(tiled(&u, 5, STREAM));
        CHECK(u.nruns == t.nruns
              && memcmp(u.runs, t.runs, t.nruns * sizeof(mdr_run_t)) == 0);

        mdr_text_done(&t);
        mdr_text_done(&u);
    }

    free(in);
}


static void
splits(void)
{
    size_t         i, j, k, n;
    uint8_t        in[16];
    mdr_text_t     t, u;
    mdr_decoder_t  d;

    mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);
    mdr_text_init(&u, mdr_mem_default(), SIZE_MAX);
    state = 99;

    for (k = 0; k < 2000 * NSUMS; k++) {
        state = (uint32_t) (k + 1) * 2654435761u;
        n = 1 + rnd() % 9;

        for (i = 0; i < n; i++) {
            in[i] = (uint8_t) (rnd() >> 9);
            if (rnd() % 3 == 0) {
                in[i] = (uint8_t) (0x30 + in[i] % 10);
            }
        }

        mdr_text_clear(&t);
        mdr_decoder_init(&d, sums[k % NSUMS].cs);
        CHECK(mdr_decode(&d, in, n, 0, 1, &t) == MDR_OK);

        for (i = 0; i <= n; i++) {
            for (j = i; j <= n; j++) {
                mdr_text_clear(&u);
                mdr_decoder_init(&d, sums[k % NSUMS].cs);
                CHECK(mdr_decode(&d, in, i, 0, 0, &u) == MDR_OK);
                CHECK(mdr_decode(&d, in + i, j - i, i, 0, &u) == MDR_OK);
                CHECK(mdr_decode(&d, in + j, n - j, j, 1, &u) == MDR_OK);
                CHECK(u.len == t.len && memcmp(u.data, t.data, t.len) == 0);
                CHECK(tiled(&u, 0, n));
            }
        }
    }

    mdr_text_done(&t);
    mdr_text_done(&u);
}


static void
encoders(void)
{
    size_t         i, n;
    uint8_t        buf[8];
    uint32_t       cp, back;
    size_t         len;
    mdr_text_t     t;
    mdr_decoder_t  d;

    CHECK(mdr_encode(MDR_CS_GBK, '*', buf) == 1 && buf[0] == '*');
    CHECK(mdr_encode(MDR_CS_GBK, 0xff0a, buf) == 2
          && buf[0] == 0xa3 && buf[1] == 0xaa);
    CHECK(mdr_encode(MDR_CS_BIG5, 0xff0a, buf) == 2
          && buf[0] == 0xa1 && buf[1] == 0xaf);
    CHECK(mdr_encode(MDR_CS_GBK, 0x20ac, buf) == 1 && buf[0] == 0x80);
    CHECK(mdr_encode(MDR_CS_GB18030, 0x20ac, buf) == 2
          && buf[0] == 0xa2 && buf[1] == 0xe3);
    CHECK(mdr_encode(MDR_CS_GBK, 0x1f600, buf) == 0);
    CHECK(mdr_encode(MDR_CS_GB18030, 0x1f600, buf) == 4
          && memcmp(buf, "\x94\x39\xfc\x36", 4) == 0);
    CHECK(mdr_encode(MDR_CS_GB18030, 0xe5e5, buf) == 0);
    CHECK(mdr_encode(MDR_CS_GB18030, 0xe81e, buf) == 2
          && buf[0] == 0xfe && buf[1] == 0x59);
    CHECK(mdr_encode(MDR_CS_BIG5, 0x5341, buf) == 2
          && buf[0] == 0xa4 && buf[1] == 0x51);
    CHECK(mdr_encode(MDR_CS_BIG5, 0x2550, buf) == 2
          && buf[0] == 0xf9 && buf[1] == 0xf9);
    CHECK(mdr_encode(MDR_CS_BIG5, 0x2008a, buf) == 2
          && buf[0] == 0xc8 && buf[1] == 0x7c);
    CHECK(mdr_encode(MDR_CS_BIG5, 0x27267, buf) == 0);
    CHECK(mdr_encode(MDR_CS_WINDOWS_1252, 0x2026, buf) == 1
          && buf[0] == 0x85);
    CHECK(mdr_encode(MDR_CS_WINDOWS_1252, 0xff0a, buf) == 0);
    CHECK(mdr_encode(MDR_CS_WINDOWS_1251, 0x416, buf) == 1
          && buf[0] == 0xc6);
    CHECK(mdr_encode(MDR_CS_KOI8_R, 0x436, buf) == 1 && buf[0] == 0xd6);
    CHECK(mdr_encode(MDR_CS_WINDOWS_1255, 0, buf) == 1);
    CHECK(mdr_encode(MDR_CS_WINDOWS_1255, 0xe9, buf) == 0);
    CHECK(mdr_encode(MDR_CS_UTF16BE, 0x1f600, buf) == 4
          && memcmp(buf, "\xd8\x3d\xde\x00", 4) == 0);
    CHECK(mdr_encode(MDR_CS_UTF16LE, 0xff0a, buf) == 2
          && buf[0] == 0x0a && buf[1] == 0xff);
    CHECK(mdr_encode(MDR_CS_UTF8, 0xff0a, buf) == 3);
    CHECK(mdr_encode(MDR_CS_UTF8, 0xd800, buf) == 0);
    CHECK(mdr_encode(MDR_CS_UTF8, 0x110000, buf) == 0);
    CHECK(mdr_encode(MDR_CS_NONE, 0xff0a, buf) == 0);
    CHECK(mdr_encode(MDR_CS_SHIFT_JIS, 0xff0a, buf) == 2
          && memcmp(buf, "\x81\x96", 2) == 0);
    CHECK(mdr_encode(MDR_CS_SHIFT_JIS, 0x7e8a, buf) == 2    /* IBM's, not NEC's */
          && memcmp(buf, "\xfa\x5c", 2) == 0);
    CHECK(mdr_encode(MDR_CS_SHIFT_JIS, 0xff71, buf) == 1 && buf[0] == 0xb1);
    CHECK(mdr_encode(MDR_CS_SHIFT_JIS, 0xe000, buf) == 0);
    CHECK(mdr_encode(MDR_CS_EUC_JP, 0xff0a, buf) == 2
          && memcmp(buf, "\xa1\xf6", 2) == 0);
    CHECK(mdr_encode(MDR_CS_EUC_JP, 0x7e8a, buf) == 2
          && memcmp(buf, "\xf9\xa1", 2) == 0);
    CHECK(mdr_encode(MDR_CS_EUC_JP, 0xff71, buf) == 2
          && memcmp(buf, "\x8e\xb1", 2) == 0);
    CHECK(mdr_encode(MDR_CS_EUC_JP, 0x4e02, buf) == 0);     /* JIS X 0212   */
    CHECK(mdr_encode(MDR_CS_EUC_KR, 0xff0a, buf) == 2
          && memcmp(buf, "\xa3\xaa", 2) == 0);
    CHECK(mdr_encode(MDR_CS_EUC_KR, 0x4e02, buf) == 0);

    /* there and back */

    mdr_text_init(&t, mdr_mem_default(), SIZE_MAX);

    for (i = 0; i < NSUMS; i++) {
        for (cp = 0x20; cp < 0x30000; cp += 1 + cp % 97) {
            n = mdr_encode(sums[i].cs, cp, buf);
            if (n == 0) {
                continue;
            }

            mdr_text_clear(&t);
            mdr_decoder_init(&d, sums[i].cs);
            CHECK(mdr_decode(&d, buf, n, 0, 1, &t) == MDR_OK);
            back = mdr_utf8_next(t.data, t.len, &len);
            CHECK(len == t.len);
            CHECK(back == cp || cp == 0xa5 || cp == 0x203e || cp == 0x2212
                  || (cp >= 0xe78d && cp <= 0xe796)
                  || (cp >= 0xe81e && cp <= 0xe864));
        }
    }

    mdr_text_done(&t);
}


static int
label(const char *s)
{
    return mdr_charset_label(s, strlen(s));
}


static void
names(void)
{
    CHECK(label("utf-8") == MDR_CS_UTF8);
    CHECK(label(" UTF8\t") == MDR_CS_UTF8);
    CHECK(label("unicode-1-1-utf-8") == MDR_CS_UTF8);
    CHECK(label("x-unicode20utf8") == MDR_CS_UTF8);
    CHECK(label("GB2312") == MDR_CS_GBK);
    CHECK(label("gb_2312-80") == MDR_CS_GBK);
    CHECK(label("chinese") == MDR_CS_GBK);
    CHECK(label("iso-ir-58") == MDR_CS_GBK);
    CHECK(label("csiso58gb231280") == MDR_CS_GBK);
    CHECK(label("GB18030") == MDR_CS_GB18030);
    CHECK(label("Big5-HKSCS") == MDR_CS_BIG5);
    CHECK(label("x-x-big5") == MDR_CS_BIG5);
    CHECK(label("Latin1") == MDR_CS_WINDOWS_1252);
    CHECK(label("iso-8859-1") == MDR_CS_WINDOWS_1252);
    CHECK(label("us-ascii") == MDR_CS_WINDOWS_1252);
    CHECK(label("ANSI_X3.4-1968") == MDR_CS_WINDOWS_1252);
    CHECK(label("utf-16") == MDR_CS_UTF16LE);
    CHECK(label("unicodefffe") == MDR_CS_UTF16BE);
    CHECK(label("Windows-1251") == MDR_CS_WINDOWS_1251);
    CHECK(label("latin2") == MDR_CS_ISO_8859_2);
    CHECK(label("iso-8859-9") == MDR_CS_WINDOWS_1254);
    CHECK(label("latin5") == MDR_CS_WINDOWS_1254);
    CHECK(label("iso-8859-11") == MDR_CS_WINDOWS_874);
    CHECK(label("koi8-ru") == MDR_CS_KOI8_U);
    CHECK(label("logical") == MDR_CS_ISO_8859_8_I);
    CHECK(label("shift_jis") == MDR_CS_SHIFT_JIS);
    CHECK(label("Windows-31J") == MDR_CS_SHIFT_JIS);
    CHECK(label("x-euc-jp") == MDR_CS_EUC_JP);
    CHECK(label("ks_c_5601-1987") == MDR_CS_EUC_KR);
    CHECK(label("iso-2022-jp") == MDR_CS_NONE);
    CHECK(label("replacement") == MDR_CS_NONE);
    CHECK(label("x-user-defined") == MDR_CS_NONE);
    CHECK(label("utf-7") == MDR_CS_NONE);
    CHECK(label("utf 8") == MDR_CS_NONE);
    CHECK(label("") == MDR_CS_NONE);
    CHECK(label("gb2312-and-a-very-long-tail") == MDR_CS_NONE);
    CHECK(mdr_charset_label("gbk\0x", 5) == MDR_CS_NONE);
    CHECK_STR(mdr_charset_name(MDR_CS_MAC_CYRILLIC),
              strlen(mdr_charset_name(MDR_CS_MAC_CYRILLIC)),
              "x-mac-cyrillic");
    CHECK_STR(mdr_charset_name(MDR_CS_EUC_KR),
              strlen(mdr_charset_name(MDR_CS_EUC_KR)), "EUC-KR");
    CHECK_STR(mdr_charset_name(MDR_CS_GBK),
              strlen(mdr_charset_name(MDR_CS_GBK)), "GBK");
    CHECK(mdr_charset_name(MDR_CS_NONE)[0] == '\0');
    CHECK(mdr_charset_name(-1)[0] == '\0');
}


static const struct {
    const char  *page;
    size_t       len;               /* 0: strlen                            */
    int          cs;
} pages[] = {
    { "<meta charset=gbk>", 0, MDR_CS_GBK },
    { "<!doctype html><html><head><META CharSet = 'GB18030' >", 0,
      MDR_CS_GB18030 },
    { "<meta/charset=\"big5\"/>", 0, MDR_CS_BIG5 },
    { "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>", 0,
      MDR_CS_GBK },
    { "<meta content='text/html;charset=\"big5\"' http-equiv=content-type>",
      0, MDR_CS_BIG5 },
    { "<meta content='charset=gbk'>", 0, MDR_CS_UTF8 },
    { "<meta http-equiv=refresh content='charset=gbk'>", 0, MDR_CS_UTF8 },
    { "<meta name=x content='charset=gbk'><meta charset=big5>", 0,
      MDR_CS_BIG5 },
    { "<meta charset=nonsense><meta charset=big5>", 0, MDR_CS_BIG5 },
    { "<meta charset=iso-2022-jp><meta charset=big5>", 0, MDR_CS_NONE },
    { "<meta charset=utf-16>", 0, MDR_CS_UTF8 },
    { "<meta charset=x-user-defined>", 0, MDR_CS_WINDOWS_1252 },
    { "<meta charset=gbk charset=big5>", 0, MDR_CS_GBK },
    { "<meta charset=gbk", 0, MDR_CS_UTF8 },
    { "<meta charset='gbk>", 0, MDR_CS_UTF8 },
    { "<meta charset=gbk/>", 0, MDR_CS_UTF8 },
    { "<metacharset=gbk>", 0, MDR_CS_UTF8 },
    { "<!-- <meta charset=gbk> --><meta charset=big5>", 0, MDR_CS_BIG5 },
    { "<!--><meta charset=gbk>", 0, MDR_CS_GBK },
    { "<!-- -><meta charset=gbk>", 0, MDR_CS_UTF8 },
    { "<a title='<meta charset=gbk>'><meta charset=big5>", 0, MDR_CS_BIG5 },
    { "</p <meta charset=gbk>><meta charset=big5>", 0, MDR_CS_BIG5 },
    { "<? <meta charset=gbk><meta charset=big5>", 0, MDR_CS_BIG5 },
    { "< meta charset=big5><script>'<meta charset=gbk>'</script>", 0,
      MDR_CS_GBK },
    { "<meta http-equiv=content-type content='charset charset = gbk;x'>", 0,
      MDR_CS_GBK },
    { "<meta http-equiv=content-type content=\"charset='gbk\">", 0,
      MDR_CS_UTF8 },
    { "<?xml version='1.0' encoding='gbk'?><p>", 0, MDR_CS_GBK },
    { "<?xml encoding = \"big5\" ?><meta charset=gbk>", 0, MDR_CS_GBK },
    { "<?xml encoding='utf-16le'?>", 0, MDR_CS_UTF8 },
    { "<?xml version='1.0'?><p encoding='gbk'>", 0, MDR_CS_UTF8 },
    { " <?xml encoding='gbk'?>", 0, MDR_CS_UTF8 },
    { "<\0?\0x\0m\0", 8, MDR_CS_UTF16LE },
    { "\0<\0?\0x\0m", 8, MDR_CS_UTF16BE },
    { "\xef\xbb\xbf<meta charset=gbk>", 0, MDR_CS_UTF8 },
    { "\xff\xfe<\0", 4, MDR_CS_UTF16LE },
    { "\xfe\xff\0<", 4, MDR_CS_UTF16BE },
    { "\xef\xbb<meta charset=gbk>", 0, MDR_CS_GBK },
    { "<", 0, MDR_CS_UTF8 },
    { "</", 0, MDR_CS_UTF8 },
    { "<!-", 0, MDR_CS_UTF8 },
    { "<meta ", 0, MDR_CS_UTF8 },
    { "<meta charset", 0, MDR_CS_UTF8 },
    { "plain", 0, MDR_CS_UTF8 }
};


static void
sniffing(void)
{
    int      cs, rc, got;
    size_t   i, n, len, bom;
    uint8_t *copy;

    for (i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        len = pages[i].len ? pages[i].len : strlen(pages[i].page);
        got = -1;

        /* more bytes never change an answer */

        for (n = 0; n <= len; n++) {
            copy = malloc(n ? n : 1);
            memcpy(copy, pages[i].page, n);
            rc = mdr_charset_sniff(copy, n, n == len, MDR_CS_NONE, 1, &cs,
                                   &bom);
            free(copy);
            CHECK(rc == MDR_OK || (rc == MDR_LIMIT && n != len));
            if (rc == MDR_OK) {
                CHECK(got == -1 || got == cs);
                got = cs;
            }
        }

        if (got != pages[i].cs) {
            printf("# %s: %s\n", pages[i].page, mdr_charset_name(got));
        }
        CHECK(got == pages[i].cs);
    }

    CHECK(mdr_charset_sniff((const uint8_t *) "<meta charset=gbk>", 18, 1,
                            MDR_CS_BIG5, 1, &cs, &bom) == MDR_OK
          && cs == MDR_CS_BIG5 && bom == 0);
    CHECK(mdr_charset_sniff((const uint8_t *) "\xff\xfe{", 3, 1,
                            MDR_CS_BIG5, 0, &cs, &bom) == MDR_OK
          && cs == MDR_CS_UTF16LE && bom == 2);
    CHECK(mdr_charset_sniff((const uint8_t *) "<meta charset=gbk>", 18, 0,
                            MDR_CS_NONE, 0, &cs, &bom) == MDR_OK
          && cs == MDR_CS_UTF8);
    CHECK(mdr_charset_sniff((const uint8_t *) "\xef", 1, 0, MDR_CS_GBK, 0,
                            &cs, &bom) == MDR_LIMIT);
    CHECK(mdr_charset_sniff(NULL, 0, 0, MDR_CS_GBK, 0, &cs, &bom)
          == MDR_LIMIT);
    CHECK(mdr_charset_sniff(NULL, 0, 1, MDR_CS_NONE, 1, &cs, &bom) == MDR_OK
          && cs == MDR_CS_UTF8);
}


/* the declaration must end within 4096 bytes */

static void
prescan_end(void)
{
    int        cs, at;
    size_t     bom;
    uint8_t    page[4200];
    const char decl[] = "<meta charset=gbk>";

    for (at = 4050; at < 4110; at++) {
        memset(page, ' ', sizeof(page));
        memcpy(page + at, decl, sizeof(decl) - 1);
        CHECK(mdr_charset_sniff(page, sizeof(page), 0, MDR_CS_NONE, 1, &cs,
                                &bom) == MDR_OK);
        CHECK(cs == (at + 18 <= 4096 ? MDR_CS_GBK : MDR_CS_UTF8));
    }
}


int
main(void)
{
    test_begin("every pair of bytes");
    pairs();

    test_begin("every four-byte form");
    three();
    four();

    test_begin("a stream, whole and in pieces");
    streams();

    test_begin("every split of short inputs");
    splits();

    test_begin("encoders");
    encoders();

    test_begin("labels");
    names();

    test_begin("marks and declarations");
    sniffing();

    test_begin("the end of the prescan");
    prescan_end();

    return test_done();
}
