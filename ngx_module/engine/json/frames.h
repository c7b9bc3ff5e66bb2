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

#endif
