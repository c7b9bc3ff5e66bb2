/*
 * charset.h - bytes of a legacy charset to UTF-8 and back, with positions.
 *
 * WHATWG encoding standard: labels, decoders (one U+FFFD an error, no byte
 * that could be markup is swallowed), encoders for the few characters that
 * edits write.  The engine scans UTF-8 only; a charset stage stands before it.
 */

#ifndef MDR_CHARSET_H
#define MDR_CHARSET_H

#include "text.h"

enum { MDR_CS_UTF8, MDR_CS_GBK, MDR_CS_GB18030, MDR_CS_BIG5,
       MDR_CS_UTF16LE, MDR_CS_UTF16BE,
       MDR_CS_SHIFT_JIS, MDR_CS_EUC_JP, MDR_CS_EUC_KR,

       /* one byte a character, as in mdr_charset_single */
       MDR_CS_WINDOWS_1252, MDR_CS_IBM866, MDR_CS_ISO_8859_2,
       MDR_CS_ISO_8859_3, MDR_CS_ISO_8859_4, MDR_CS_ISO_8859_5,
       MDR_CS_ISO_8859_6, MDR_CS_ISO_8859_7, MDR_CS_ISO_8859_8,
       MDR_CS_ISO_8859_8_I, MDR_CS_ISO_8859_10, MDR_CS_ISO_8859_13,
       MDR_CS_ISO_8859_14, MDR_CS_ISO_8859_15, MDR_CS_ISO_8859_16,
       MDR_CS_KOI8_R, MDR_CS_KOI8_U, MDR_CS_MACINTOSH, MDR_CS_WINDOWS_874,
       MDR_CS_WINDOWS_1250, MDR_CS_WINDOWS_1251, MDR_CS_WINDOWS_1253,
       MDR_CS_WINDOWS_1254, MDR_CS_WINDOWS_1255, MDR_CS_WINDOWS_1256,
       MDR_CS_WINDOWS_1257, MDR_CS_WINDOWS_1258, MDR_CS_MAC_CYRILLIC,
       MDR_CS_NONE, MDR_CS_SINGLE = MDR_CS_WINDOWS_1252 };

/* what labels and declarations call white space; ASCII in lower case */

static inline int
mdr_cs_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}


static inline uint8_t
mdr_cs_lower(uint8_t c)
{
    return c >= 'A' && c <= 'Z' ? (uint8_t) (c | 0x20) : c;
}


/* label in any case, white space around it; MDR_CS_NONE: not known */
int mdr_charset_label(const char *label, size_t len);
const char *mdr_charset_name(int cs);
/* the same, and of encodings that the standard has and the engine has not */
#define MDR_CS_OTHER   100
#define MDR_CS_USER    101          /* x-user-defined                       */
int mdr_charset_find(const uint8_t *p, size_t n);

/*
 * What the first bytes say: BOM before header before meta (WHATWG HTML
 * "encoding sniffing algorithm": prescan, for HTML only; of 4096 bytes,
 * since browsers read a page again where a later meta says another charset).
 * header: from Content-Type or MDR_CS_NONE.  last: there are no more bytes.
 * Returns MDR_OK with *cs and *bom_len, or MDR_LIMIT: more bytes needed.
 * Without a declaration *cs is MDR_CS_UTF8; it is MDR_CS_NONE where a page
 * declares an encoding of the standard that has no decoder here.
 */
int mdr_charset_sniff(const uint8_t *p, size_t n, int last, int header,
    int html, int *cs, size_t *bom_len);

typedef struct {
    int       cs;
    uint8_t   lead[4];          /* of a character that is cut               */
    uint8_t   nlead;
    uint64_t  invalid;          /* errors so far                            */
} mdr_decoder_t;

void mdr_decoder_init(mdr_decoder_t *d, int cs);
/*
 * Decodes into out, with runs (tunit UTF-8 bytes from sunit source bytes;
 * 1/1 for ASCII).  src: position of data[0]; runs' `text` is relative to the
 * start of out->data as the caller keeps it.  A character cut by the end
 * waits in the decoder unless last.  out->max is not looked at.
 */
int mdr_decode(mdr_decoder_t *d, const uint8_t *data, size_t len,
    uint64_t src, int last, mdr_text_t *out);
/* cp in charset cs into dst[8]; 0: has no form there */
size_t mdr_encode(int cs, uint32_t cp, uint8_t *dst);

/* charset_east.c: what begins with p[0] >= 0x80 in Shift_JIS, EUC-JP or EUC-KR:
 * its bytes, 0: it is cut; *cp 0: it is an error */
size_t mdr_charset_east(int cs, const uint8_t *p, size_t n, uint32_t *cp);
size_t mdr_charset_east_encode(int cs, uint32_t cp, uint8_t *dst);

#endif
