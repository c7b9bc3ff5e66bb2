/*
 * layer.h - the layers of a scan, for the sink that takes positions back to
 * the body through them (layer.c).
 */

#ifndef MDR_LAYER_H
#define MDR_LAYER_H

#include "sink.h"

/* where position at of the layer that is read stands in the body; where the
 * byte before it ends */
uint64_t mdr_layer_place(const mdr_layers_t *all, uint64_t at);
uint64_t mdr_layer_behind(const mdr_layers_t *all, uint64_t at);
/* what its texts are read through, or NULL */
const mdr_via_t *mdr_layer_via(const mdr_layers_t *all);
void mdr_layer_styles(const mdr_layers_t *all, uint8_t *styles);
uint8_t mdr_layer_depth(const mdr_layers_t *all);
/* the first byte of the body that a scanner of a layer has not taken, or
 * limit */
uint64_t mdr_layers_limit(const mdr_layers_t *all, uint64_t limit);
/* the body has ended: what is still open is read to its end */
int mdr_layers_finish(mdr_layers_t *all);
void mdr_layers_free(mdr_layers_t *all);

#endif
