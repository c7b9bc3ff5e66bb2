/*
 * frames.h - documents that come one by one in frames: events, parts, rows.
 */

#ifndef MDR_FRAMES_H
#define MDR_FRAMES_H

#include "sink.h"

enum { MDR_FRAMES_EVENTS,               /* text/event-stream                 */
       MDR_FRAMES_PARTS,                /* multipart/mixed                   */
       MDR_FRAMES_ROWS };               /* React's flight: text/x-component  */

/* use: which slots of the JSON rules read a document; html: the slots for HTML in the body do, too */
mdr_frames_t *mdr_frames_new(mdr_sink_t *sink, int kind, const uint8_t *use,
    int html);
int mdr_frames_scan(mdr_frames_t *f, const uint8_t *data, size_t len,
    uint64_t base, int last, size_t *consumed);
void mdr_frames_free(mdr_frames_t *f);

/* row_text.c: the text of row id comes; it is given */
int mdr_row_text_begin(mdr_sink_t *k, uint32_t id);
int mdr_row_text_add(mdr_sink_t *k, const uint8_t *p, size_t n);
/* may a text be the name of such a row? */
int mdr_row_text_is_name(const mdr_text_t *t);
/* or of something else in a row, that is no text before it */
int mdr_row_text_is_other(const mdr_text_t *t);
/* t becomes the text that it is the name of, if it is */
int mdr_row_text(const mdr_row_texts_t *rows, mdr_text_t *t);
void mdr_row_texts_free(mdr_row_texts_t *t);

/* row_point.c: row id has begun; for each slot of the rules, how far its path
 * has got where rows before point to this one, or NULL */
int mdr_row_point_seen(mdr_sink_t *k, uint32_t id);
const uint32_t *mdr_row_point_states(mdr_sink_t *k, uint32_t id);
void mdr_row_points_free(mdr_row_points_t *t);

#endif
