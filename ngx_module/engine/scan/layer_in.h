/*
 * layer_in.h - a layer, for layer.c and layer_choose.c.
 */

#ifndef MDR_LAYER_IN_H
#define MDR_LAYER_IN_H

#include "layer.h"
#include "json/frames.h"
#include "json/json.h"

#define MDR_LAYER_MORE  2               /* bytes are needed                  */

struct mdr_layer_s {
    mdr_layer_t     *next;              /* open ones                         */
    mdr_sink_t      *sink;
    mdr_layers_t    *all;
    mdr_via_t        via;               /* the text; its first byte is
                                           position via.base                 */
    size_t           taken;             /* of it, by the scanner             */
    uint64_t         end;               /* U: behind the last byte           */
    uint32_t         group;             /* 0: the reader was given, or the
                                           slots of the body                 */
    const uint8_t   *use;               /* of these for JSON                 */
    uint8_t          document;          /* of a body: no other text harms    */
    uint8_t          string;            /* it is a string                    */
    uint8_t          row;               /* of flight ...                     */
    uint32_t         id;                /* ... its id                        */
    uint8_t          looked;            /* into it, for where one begins     */
    uint8_t          dead, islands, depth;
    uint8_t          styles[MDR_STYLES];
    uint32_t        *bad;               /* items of what cannot be read      */
    mdr_html_t      *html;
    mdr_json_t      *json;
    mdr_frames_t    *frames;
};

/* layer_choose.c: the scanner for its text, by the first bytes; MDR_LIMIT: none
 * of the slots is for such a one */
int mdr_layer_choose(mdr_layer_t *l, int last);
/* then: is it a document that nobody can read? */
int mdr_layer_is_hidden(const mdr_layer_t *l, int last);

#endif
