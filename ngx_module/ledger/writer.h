/*
 * writer.h - the thread of a worker that writes rings to segments.
 *
 * It touches the area, its own struct and files; nothing of the host.  The
 * host looks at place->failing and logs.
 */

#ifndef MDL_WRITER_H
#define MDL_WRITER_H

#include "area.h"

#define MDL_SEGMENT_BYTES  (16 * 1024 * 1024)
#define MDL_SEGMENT_MS     (5 * 60 * 1000)

typedef struct {
    mdl_area_t  *area;
    uint32_t     place;
    uint64_t     owner;
    const char  *dir;           /* outlives the writer                       */
    const char  *module, *key;
    uint64_t     flush_ms;
    uint64_t     max_bytes;     /* of the spool, 0: any                      */
    uint64_t     rate;          /* bytes a second at most, for tests; 0: any */
} mdl_writer_conf_t;

typedef struct mdl_writer_s  mdl_writer_t;

/* the thread runs; NULL: errno */
mdl_writer_t *mdl_writer_start(const mdl_writer_conf_t *conf);
/* there is more than waits well until the next look */
void mdl_writer_wake(mdl_writer_t *w);
/* what is in the ring is written, the place given back; it waits for at most
 * wait_ms.  0; -1: the thread still runs, the process has to end */
int mdl_writer_stop(mdl_writer_t *w, uint64_t wait_ms);

#endif
