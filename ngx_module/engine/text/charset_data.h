/*
 * charset_data.h - tables of charset.c, made by gen/charset_data.py.
 */

#ifndef MDR_CHARSET_DATA_H
#define MDR_CHARSET_DATA_H

#include <stddef.h>
#include <stdint.h>

#define MDR_CHARSET_COLUMNS  (0xff - 0x40)      /* trail bytes 40..FE       */
#define MDR_CHARSET_LEADS    (0xff - 0x81)      /* lead bytes 81..FE        */
#define MDR_CHARSET_CELLS    (MDR_CHARSET_LEADS * MDR_CHARSET_COLUMNS)

typedef struct {
    uint16_t  pointer;
    uint16_t  cp;
} mdr_charset_range_t;

/* index jis0208 by the bytes of Shift_JIS; index jis0212, 94 rows of 94 from A1A1
 * on; index euc-kr; 0: no character */
extern const uint16_t  mdr_charset_jis[];
extern const uint16_t  mdr_charset_jis0212[];
extern const uint16_t  mdr_charset_korean[];

/* 0: no character; D800..DFFF: in mdr_charset_big5_wide, plane 2 */
extern const uint16_t  mdr_charset_gb[];
extern const uint16_t  mdr_charset_big5[];
extern const uint16_t  mdr_charset_big5_wide[];
extern const uint32_t  mdr_charset_nwide;
/* four-byte forms in the BMP: rows of neighbours, ordered by pointer */
extern const mdr_charset_range_t  mdr_charset_ranges[];
extern const uint32_t  mdr_charset_nranges;
/* by MDR_CS_* less MDR_CS_SINGLE; bytes 80..FF, 0: no character */
extern const uint16_t  mdr_charset_single[][128];

/* what two bytes are in a rectangle, 0: nothing */

static inline uint32_t
mdr_charset_cell(const uint16_t *table, uint8_t lead, uint8_t trail)
{
    if ((uint8_t) (lead - 0x81) >= MDR_CHARSET_LEADS
        || (uint8_t) (trail - 0x40) >= MDR_CHARSET_COLUMNS)
    {
        return 0;
    }

    return table[(lead - 0x81) * MDR_CHARSET_COLUMNS + trail - 0x40];
}

#define GB_BMP_END  39420           /* four-byte pointers of the BMP        */
#define GB_PLANES   189000          /* of U+10000                           */

#endif
