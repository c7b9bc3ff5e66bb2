/*
 * charset_label.c - names of charsets (WHATWG encoding, "names and labels").
 */

#include "charset.h"

#include <string.h>


#define LABEL_MAX  24


typedef struct {
    const char  *label;
    int          cs;
} label_t;

/* sorted */
static const label_t  labels[] = {
    { "866", MDR_CS_IBM866 },
    { "ansi_x3.4-1968", MDR_CS_WINDOWS_1252 },
    { "arabic", MDR_CS_ISO_8859_6 },
    { "ascii", MDR_CS_WINDOWS_1252 },
    { "asmo-708", MDR_CS_ISO_8859_6 },
    { "big5", MDR_CS_BIG5 },
    { "big5-hkscs", MDR_CS_BIG5 },
    { "chinese", MDR_CS_GBK },
    { "cn-big5", MDR_CS_BIG5 },
    { "cp1250", MDR_CS_WINDOWS_1250 },
    { "cp1251", MDR_CS_WINDOWS_1251 },
    { "cp1252", MDR_CS_WINDOWS_1252 },
    { "cp1253", MDR_CS_WINDOWS_1253 },
    { "cp1254", MDR_CS_WINDOWS_1254 },
    { "cp1255", MDR_CS_WINDOWS_1255 },
    { "cp1256", MDR_CS_WINDOWS_1256 },
    { "cp1257", MDR_CS_WINDOWS_1257 },
    { "cp1258", MDR_CS_WINDOWS_1258 },
    { "cp819", MDR_CS_WINDOWS_1252 },
    { "cp866", MDR_CS_IBM866 },
    { "csbig5", MDR_CS_BIG5 },
    { "cseuckr", MDR_CS_EUC_KR },
    { "cseucpkdfmtjapanese", MDR_CS_EUC_JP },
    { "csgb2312", MDR_CS_GBK },
    { "csibm866", MDR_CS_IBM866 },
    { "csiso2022jp", MDR_CS_OTHER },
    { "csiso2022kr", MDR_CS_OTHER },
    { "csiso58gb231280", MDR_CS_GBK },
    { "csiso88596e", MDR_CS_ISO_8859_6 },
    { "csiso88596i", MDR_CS_ISO_8859_6 },
    { "csiso88598e", MDR_CS_ISO_8859_8 },
    { "csiso88598i", MDR_CS_ISO_8859_8_I },
    { "csisolatin1", MDR_CS_WINDOWS_1252 },
    { "csisolatin2", MDR_CS_ISO_8859_2 },
    { "csisolatin3", MDR_CS_ISO_8859_3 },
    { "csisolatin4", MDR_CS_ISO_8859_4 },
    { "csisolatin5", MDR_CS_WINDOWS_1254 },
    { "csisolatin6", MDR_CS_ISO_8859_10 },
    { "csisolatin9", MDR_CS_ISO_8859_15 },
    { "csisolatinarabic", MDR_CS_ISO_8859_6 },
    { "csisolatincyrillic", MDR_CS_ISO_8859_5 },
    { "csisolatingreek", MDR_CS_ISO_8859_7 },
    { "csisolatinhebrew", MDR_CS_ISO_8859_8 },
    { "cskoi8r", MDR_CS_KOI8_R },
    { "csksc56011987", MDR_CS_EUC_KR },
    { "csmacintosh", MDR_CS_MACINTOSH },
    { "csshiftjis", MDR_CS_SHIFT_JIS },
    { "csunicode", MDR_CS_UTF16LE },
    { "cyrillic", MDR_CS_ISO_8859_5 },
    { "dos-874", MDR_CS_WINDOWS_874 },
    { "ecma-114", MDR_CS_ISO_8859_6 },
    { "ecma-118", MDR_CS_ISO_8859_7 },
    { "elot_928", MDR_CS_ISO_8859_7 },
    { "euc-jp", MDR_CS_EUC_JP },
    { "euc-kr", MDR_CS_EUC_KR },
    { "gb18030", MDR_CS_GB18030 },
    { "gb2312", MDR_CS_GBK },
    { "gb_2312", MDR_CS_GBK },
    { "gb_2312-80", MDR_CS_GBK },
    { "gbk", MDR_CS_GBK },
    { "greek", MDR_CS_ISO_8859_7 },
    { "greek8", MDR_CS_ISO_8859_7 },
    { "hebrew", MDR_CS_ISO_8859_8 },
    { "hz-gb-2312", MDR_CS_OTHER },
    { "ibm819", MDR_CS_WINDOWS_1252 },
    { "ibm866", MDR_CS_IBM866 },
    { "iso-10646-ucs-2", MDR_CS_UTF16LE },
    { "iso-2022-cn", MDR_CS_OTHER },
    { "iso-2022-cn-ext", MDR_CS_OTHER },
    { "iso-2022-jp", MDR_CS_OTHER },
    { "iso-2022-kr", MDR_CS_OTHER },
    { "iso-8859-1", MDR_CS_WINDOWS_1252 },
    { "iso-8859-10", MDR_CS_ISO_8859_10 },
    { "iso-8859-11", MDR_CS_WINDOWS_874 },
    { "iso-8859-13", MDR_CS_ISO_8859_13 },
    { "iso-8859-14", MDR_CS_ISO_8859_14 },
    { "iso-8859-15", MDR_CS_ISO_8859_15 },
    { "iso-8859-16", MDR_CS_ISO_8859_16 },
    { "iso-8859-2", MDR_CS_ISO_8859_2 },
    { "iso-8859-3", MDR_CS_ISO_8859_3 },
    { "iso-8859-4", MDR_CS_ISO_8859_4 },
    { "iso-8859-5", MDR_CS_ISO_8859_5 },
    { "iso-8859-6", MDR_CS_ISO_8859_6 },
    { "iso-8859-6-e", MDR_CS_ISO_8859_6 },
    { "iso-8859-6-i", MDR_CS_ISO_8859_6 },
    { "iso-8859-7", MDR_CS_ISO_8859_7 },
    { "iso-8859-8", MDR_CS_ISO_8859_8 },
    { "iso-8859-8-e", MDR_CS_ISO_8859_8 },
    { "iso-8859-8-i", MDR_CS_ISO_8859_8_I },
    { "iso-8859-9", MDR_CS_WINDOWS_1254 },
    { "iso-ir-100", MDR_CS_WINDOWS_1252 },
    { "iso-ir-101", MDR_CS_ISO_8859_2 },
    { "iso-ir-109", MDR_CS_ISO_8859_3 },
    { "iso-ir-110", MDR_CS_ISO_8859_4 },
    { "iso-ir-126", MDR_CS_ISO_8859_7 },
    { "iso-ir-127", MDR_CS_ISO_8859_6 },
    { "iso-ir-138", MDR_CS_ISO_8859_8 },
    { "iso-ir-144", MDR_CS_ISO_8859_5 },
    { "iso-ir-148", MDR_CS_WINDOWS_1254 },
    { "iso-ir-149", MDR_CS_EUC_KR },
    { "iso-ir-157", MDR_CS_ISO_8859_10 },
    { "iso-ir-58", MDR_CS_GBK },
    { "iso8859-1", MDR_CS_WINDOWS_1252 },
    { "iso8859-10", MDR_CS_ISO_8859_10 },
    { "iso8859-11", MDR_CS_WINDOWS_874 },
    { "iso8859-13", MDR_CS_ISO_8859_13 },
    { "iso8859-14", MDR_CS_ISO_8859_14 },
    { "iso8859-15", MDR_CS_ISO_8859_15 },
    { "iso8859-2", MDR_CS_ISO_8859_2 },
    { "iso8859-3", MDR_CS_ISO_8859_3 },
    { "iso8859-4", MDR_CS_ISO_8859_4 },
    { "iso8859-5", MDR_CS_ISO_8859_5 },
    { "iso8859-6", MDR_CS_ISO_8859_6 },
    { "iso8859-7", MDR_CS_ISO_8859_7 },
    { "iso8859-8", MDR_CS_ISO_8859_8 },
    { "iso8859-9", MDR_CS_WINDOWS_1254 },
    { "iso88591", MDR_CS_WINDOWS_1252 },
    { "iso885910", MDR_CS_ISO_8859_10 },
    { "iso885911", MDR_CS_WINDOWS_874 },
    { "iso885913", MDR_CS_ISO_8859_13 },
    { "iso885914", MDR_CS_ISO_8859_14 },
    { "iso885915", MDR_CS_ISO_8859_15 },
    { "iso88592", MDR_CS_ISO_8859_2 },
    { "iso88593", MDR_CS_ISO_8859_3 },
    { "iso88594", MDR_CS_ISO_8859_4 },
    { "iso88595", MDR_CS_ISO_8859_5 },
    { "iso88596", MDR_CS_ISO_8859_6 },
    { "iso88597", MDR_CS_ISO_8859_7 },
    { "iso88598", MDR_CS_ISO_8859_8 },
    { "iso88599", MDR_CS_WINDOWS_1254 },
    { "iso_8859-1", MDR_CS_WINDOWS_1252 },
    { "iso_8859-15", MDR_CS_ISO_8859_15 },
    { "iso_8859-1:1987", MDR_CS_WINDOWS_1252 },
    { "iso_8859-2", MDR_CS_ISO_8859_2 },
    { "iso_8859-2:1987", MDR_CS_ISO_8859_2 },
    { "iso_8859-3", MDR_CS_ISO_8859_3 },
    { "iso_8859-3:1988", MDR_CS_ISO_8859_3 },
    { "iso_8859-4", MDR_CS_ISO_8859_4 },
    { "iso_8859-4:1988", MDR_CS_ISO_8859_4 },
    { "iso_8859-5", MDR_CS_ISO_8859_5 },
    { "iso_8859-5:1988", MDR_CS_ISO_8859_5 },
    { "iso_8859-6", MDR_CS_ISO_8859_6 },
    { "iso_8859-6:1987", MDR_CS_ISO_8859_6 },
    { "iso_8859-7", MDR_CS_ISO_8859_7 },
    { "iso_8859-7:1987", MDR_CS_ISO_8859_7 },
    { "iso_8859-8", MDR_CS_ISO_8859_8 },
    { "iso_8859-8:1988", MDR_CS_ISO_8859_8 },
    { "iso_8859-9", MDR_CS_WINDOWS_1254 },
    { "iso_8859-9:1989", MDR_CS_WINDOWS_1254 },
    { "koi", MDR_CS_KOI8_R },
    { "koi8", MDR_CS_KOI8_R },
    { "koi8-r", MDR_CS_KOI8_R },
    { "koi8-ru", MDR_CS_KOI8_U },
    { "koi8-u", MDR_CS_KOI8_U },
    { "koi8_r", MDR_CS_KOI8_R },
    { "korean", MDR_CS_EUC_KR },
    { "ks_c_5601-1987", MDR_CS_EUC_KR },
    { "ks_c_5601-1989", MDR_CS_EUC_KR },
    { "ksc5601", MDR_CS_EUC_KR },
    { "ksc_5601", MDR_CS_EUC_KR },
    { "l1", MDR_CS_WINDOWS_1252 },
    { "l2", MDR_CS_ISO_8859_2 },
    { "l3", MDR_CS_ISO_8859_3 },
    { "l4", MDR_CS_ISO_8859_4 },
    { "l5", MDR_CS_WINDOWS_1254 },
    { "l6", MDR_CS_ISO_8859_10 },
    { "l9", MDR_CS_ISO_8859_15 },
    { "latin1", MDR_CS_WINDOWS_1252 },
    { "latin2", MDR_CS_ISO_8859_2 },
    { "latin3", MDR_CS_ISO_8859_3 },
    { "latin4", MDR_CS_ISO_8859_4 },
    { "latin5", MDR_CS_WINDOWS_1254 },
    { "latin6", MDR_CS_ISO_8859_10 },
    { "logical", MDR_CS_ISO_8859_8_I },
    { "mac", MDR_CS_MACINTOSH },
    { "macintosh", MDR_CS_MACINTOSH },
    { "ms932", MDR_CS_SHIFT_JIS },
    { "ms_kanji", MDR_CS_SHIFT_JIS },
    { "replacement", MDR_CS_OTHER },
    { "shift-jis", MDR_CS_SHIFT_JIS },
    { "shift_jis", MDR_CS_SHIFT_JIS },
    { "sjis", MDR_CS_SHIFT_JIS },
    { "sun_eu_greek", MDR_CS_ISO_8859_7 },
    { "tis-620", MDR_CS_WINDOWS_874 },
    { "ucs-2", MDR_CS_UTF16LE },
    { "unicode", MDR_CS_UTF16LE },
    { "unicode-1-1-utf-8", MDR_CS_UTF8 },
    { "unicode11utf8", MDR_CS_UTF8 },
    { "unicode20utf8", MDR_CS_UTF8 },
    { "unicodefeff", MDR_CS_UTF16LE },
    { "unicodefffe", MDR_CS_UTF16BE },
    { "us-ascii", MDR_CS_WINDOWS_1252 },
    { "utf-16", MDR_CS_UTF16LE },
    { "utf-16be", MDR_CS_UTF16BE },
    { "utf-16le", MDR_CS_UTF16LE },
    { "utf-8", MDR_CS_UTF8 },
    { "utf8", MDR_CS_UTF8 },
    { "visual", MDR_CS_ISO_8859_8 },
    { "windows-1250", MDR_CS_WINDOWS_1250 },
    { "windows-1251", MDR_CS_WINDOWS_1251 },
    { "windows-1252", MDR_CS_WINDOWS_1252 },
    { "windows-1253", MDR_CS_WINDOWS_1253 },
    { "windows-1254", MDR_CS_WINDOWS_1254 },
    { "windows-1255", MDR_CS_WINDOWS_1255 },
    { "windows-1256", MDR_CS_WINDOWS_1256 },
    { "windows-1257", MDR_CS_WINDOWS_1257 },
    { "windows-1258", MDR_CS_WINDOWS_1258 },
    { "windows-31j", MDR_CS_SHIFT_JIS },
    { "windows-874", MDR_CS_WINDOWS_874 },
    { "windows-949", MDR_CS_EUC_KR },
    { "x-cp1250", MDR_CS_WINDOWS_1250 },
    { "x-cp1251", MDR_CS_WINDOWS_1251 },
    { "x-cp1252", MDR_CS_WINDOWS_1252 },
    { "x-cp1253", MDR_CS_WINDOWS_1253 },
    { "x-cp1254", MDR_CS_WINDOWS_1254 },
    { "x-cp1255", MDR_CS_WINDOWS_1255 },
    { "x-cp1256", MDR_CS_WINDOWS_1256 },
    { "x-cp1257", MDR_CS_WINDOWS_1257 },
    { "x-cp1258", MDR_CS_WINDOWS_1258 },
    { "x-euc-jp", MDR_CS_EUC_JP },
    { "x-gbk", MDR_CS_GBK },
    { "x-mac-cyrillic", MDR_CS_MAC_CYRILLIC },
    { "x-mac-roman", MDR_CS_MACINTOSH },
    { "x-mac-ukrainian", MDR_CS_MAC_CYRILLIC },
    { "x-sjis", MDR_CS_SHIFT_JIS },
    { "x-unicode20utf8", MDR_CS_UTF8 },
    { "x-user-defined", MDR_CS_USER },
    { "x-x-big5", MDR_CS_BIG5 }
};


/* "get an encoding": MDR_CS_*, MDR_CS_OTHER, MDR_CS_USER, or MDR_CS_NONE */

int
mdr_charset_find(const uint8_t *p, size_t n)
{
    int     d;
    char    buf[LABEL_MAX + 1];
    size_t  i, lo, hi, mid;

    while (n > 0 && mdr_cs_space(p[0])) {
        p++;
        n--;
    }

    while (n > 0 && mdr_cs_space(p[n - 1])) {
        n--;
    }

    if (n == 0 || n > LABEL_MAX) {
        return MDR_CS_NONE;
    }

    for (i = 0; i < n; i++) {
        if (p[i] == '\0') {
            return MDR_CS_NONE;
        }
        buf[i] = (char) mdr_cs_lower(p[i]);
    }

    buf[n] = '\0';
    lo = 0;
    hi = sizeof(labels) / sizeof(labels[0]);

    while (lo < hi) {
        mid = (lo + hi) / 2;
        d = strcmp(buf, labels[mid].label);

        if (d == 0) {
            return labels[mid].cs;
        }

        if (d < 0) {
            hi = mid;
        } else {
            lo = mid + 1;
        }
    }

    return MDR_CS_NONE;
}


int
mdr_charset_label(const char *label, size_t len)
{
    int  cs;

    cs = mdr_charset_find((const uint8_t *) label, len);

    return cs >= MDR_CS_OTHER ? MDR_CS_NONE : cs;
}


const char *
mdr_charset_name(int cs)
{
    static const char *const  names[] = {
        "UTF-8", "GBK", "gb18030", "Big5", "UTF-16LE", "UTF-16BE",
        "Shift_JIS", "EUC-JP", "EUC-KR",
        "windows-1252", "IBM866", "ISO-8859-2", "ISO-8859-3", "ISO-8859-4",
        "ISO-8859-5", "ISO-8859-6", "ISO-8859-7", "ISO-8859-8",
        "ISO-8859-8-I", "ISO-8859-10", "ISO-8859-13", "ISO-8859-14",
        "ISO-8859-15", "ISO-8859-16", "KOI8-R", "KOI8-U", "macintosh",
        "windows-874", "windows-1250", "windows-1251", "windows-1253",
        "windows-1254", "windows-1255", "windows-1256", "windows-1257",
        "windows-1258", "x-mac-cyrillic"
    };

    return cs >= 0 && cs < MDR_CS_NONE ? names[cs] : "";
}


int
mdr_charset_known(const char *label, size_t len)
{
    return mdr_charset_find((const uint8_t *) label, len) != MDR_CS_OTHER;
}
