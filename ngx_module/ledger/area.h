/*
 * area.h - what workers share for the record: places with their rings, and
 * the table of what has been recorded.
 *
 * The area is one flat block of shared memory without process pointers and
 * locks, and it is valid at every step: any process may be killed anywhere.
 *
 * A worker owns a place.  Its event loop is the only one that puts lines into
 * the place's ring, its writer thread the only one that takes them out.  A
 * line is whole in the ring before `head` moves, and `head` moves before
 * `next`: who takes a place over after a death reads the last number from the
 * ring.  A line that finds no room takes its number all the same, so that
 * its loss is seen by everyone who reads on.
 *
 * An entry counts one decision.  It says "recorded" only when a line of it is
 * whole in some ring.  Two workers that meet one at the same moment may both
 * write the line; readers know it by its id.
 */

#ifndef MDL_AREA_H
#define MDL_AREA_H

#include "line.h"

#define MDL_AREA_MAGIC    0x31616572416c646dULL         /* "mdlArea1"        */
#define MDL_AREA_VERSION  1
#define MDL_PLACES_MAX    512
#define MDL_RING_MIN      65536

typedef struct {
    uint64_t  owner;            /* mdl_owner(), 0: nobody                    */
    uint64_t  next;             /* number of the line that comes             */
    uint64_t  head, tail;       /* bytes put and taken so far                */
    uint64_t  lost, lost_ms;    /* numbers without a line; when last         */
    uint64_t  segment_bytes;    /* of the one that is written, 0: none       */
    uint64_t  segment_ms;       /* its birth                                 */
    uint64_t  segments, written;
    uint64_t  failing;          /* errno of the last write, 0: it went well  */
    uint64_t  spare[5];
} mdl_place_t;

enum { MDL_ENTRY_FREE, MDL_ENTRY_WRITING, MDL_ENTRY_COUNTED,
       MDL_ENTRY_RECORDED };

typedef struct {
    uint64_t  state;
    uint64_t  key[2];           /* the id, as bits                           */
    uint64_t  since_ms;
    uint64_t  total, told;      /* in counts lines so far                    */
    uint64_t  touched_s, told_s;
    uint64_t  line_s;           /* when its last full line was written       */
    uint64_t  flags;            /* of the host: review of that line, plus 1  */
} mdl_count_entry_t;

typedef struct {
    uint64_t  magic;
    uint32_t  version, nplaces;
    uint64_t  ring_size, nentries, size;
    uint8_t   zone[16];
    uint64_t  born_ms;

    uint64_t  lease;            /* until (s) << 16 | place + 1               */
    uint64_t  unplaced;         /* lines of workers without a place          */
    uint64_t  uncounted;        /* items that found no entry                 */
    uint64_t  given_up;         /* entries that made room                    */
    uint64_t  lines;            /* put into rings                            */
    uint64_t  spool_bytes, spool_files;
    uint64_t  spool_full;       /* MDL_SPOOL_*                               */
    uint64_t  spool_ms;         /* when it was looked at                     */
    uint64_t  spare[8];
} mdl_area_t;

enum { MDL_SPOOL_OK, MDL_SPOOL_HALF, MDL_SPOOL_FULL };

/* bytes of an area; entries at least as many as asked for */
uint64_t mdl_area_size(uint32_t places, uint64_t ring, uint64_t entries);
/* memory is zero; 0, or -1: no random bytes */
int mdl_area_init(mdl_area_t *a, uint32_t places, uint64_t ring,
    uint64_t entries, uint64_t now_ms);

static inline mdl_place_t *
mdl_place(mdl_area_t *a, uint32_t i)
{
    return (mdl_place_t *) (a + 1) + i;
}

/* this process: pid and start time; another process with the same pid is
 * another owner */
uint64_t mdl_owner(void);
int mdl_owner_alive(uint64_t owner);
uint64_t mdl_owner_pid(uint64_t owner);

/* a free place, or one of a dead owner, now ours; -1: there is none */
int mdl_place_claim(mdl_area_t *a, uint64_t owner);
/* the place of a dead owner that has something in its ring, now ours; -1 */
int mdl_place_claim_dead(mdl_area_t *a, uint64_t owner);
void mdl_place_release(mdl_area_t *a, uint32_t place, uint64_t owner);

/* puts a line with its newline; last: the segment ends with it.  0, or -1:
 * the number is taken, the line is lost */
int mdl_ring_put(mdl_area_t *a, uint32_t place, const char *line, size_t len,
    int last, uint64_t now_ms);
/* the line was not made, or there is no ring: its number is taken */
void mdl_ring_lost(mdl_area_t *a, uint32_t place, uint64_t now_ms);
uint64_t mdl_ring_used(mdl_area_t *a, uint32_t place);

typedef struct {
    uint64_t  n;
    uint32_t  len;
    uint8_t   last;
} mdl_frame_t;

/* the line at position at (from tail on), up to cap bytes of it into buf;
 * returns the position behind it, 0: there is none */
uint64_t mdl_ring_read(mdl_area_t *a, uint32_t place, uint64_t at,
    mdl_frame_t *f, char *buf, size_t cap);
void mdl_ring_taken(mdl_area_t *a, uint32_t place, uint64_t upto);

/* the lease: 1 if it is ours for some seconds more */
int mdl_lease(mdl_area_t *a, uint32_t place, uint64_t now_s);
int mdl_lease_is(mdl_area_t *a, uint32_t place);

/* dedup.c */

/*
 * The entry of an id, made if it is not there.  Where another had to go for
 * it, *gone is a copy of that one if it has counts that were not told (its
 * state is not 0).  NULL: there is no room, or another process is just making
 * it.
 */
mdl_count_entry_t *mdl_entry_get(mdl_area_t *a, const uint64_t key[2],
    uint64_t now_ms, mdl_count_entry_t *gone);
mdl_count_entry_t *mdl_entry_at(mdl_area_t *a, uint64_t i);
/* it is still the one of this id, and recorded */
int mdl_entry_is(const mdl_count_entry_t *e, const uint64_t key[2]);
uint64_t mdl_entry_add(mdl_count_entry_t *e, uint64_t now_s);
/* counts are due: after first_s, then every_s; 0: at once */
int mdl_entry_due(mdl_count_entry_t *e, uint64_t now_s, uint64_t first_s,
    uint64_t every_s);
/* what is to be told, and that it has been */
uint64_t mdl_entry_total(const mdl_count_entry_t *e);
void mdl_entry_told(mdl_count_entry_t *e, uint64_t total, uint64_t now_s);
/* a line of it is whole in a ring */
void mdl_entry_recorded(mdl_count_entry_t *e, uint64_t now_s);
/* an entry that a dead process was making is free again */
void mdl_entry_sweep(mdl_count_entry_t *e, uint64_t now_s);

#endif
