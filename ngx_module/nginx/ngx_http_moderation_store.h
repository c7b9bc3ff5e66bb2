/*
 * ngx_http_moderation_store.h - policies of a running nginx.
 *
 * store.c    load, save, start, stop
 * reload.c   what happens when
 * watch.c    has a policy or a kill file changed?
 * compile.c  the thread that reads, checks, compiles and maps
 * image.c    files of compiled policies
 * gen.c      generations, and which of their rules are held back
 */

#ifndef _NGX_HTTP_MODERATION_STORE_H_INCLUDED_
#define _NGX_HTTP_MODERATION_STORE_H_INCLUDED_


#include "ngx_http_moderation_zone.h"


#define NGX_HTTP_MODERATION_ALIVE     3         /* generations at most       */
#define NGX_HTTP_MODERATION_DIGEST    30        /* s: digest without a hint  */


typedef struct ngx_http_moderation_store_s  ngx_http_moderation_store_t;
typedef struct ngx_http_moderation_gen_s    ngx_http_moderation_gen_t;
typedef struct ngx_http_moderation_ahead_s  ngx_http_moderation_ahead_t;
typedef struct ngx_http_moderation_job_s    ngx_http_moderation_job_t;


/* regexes at their limit, where there is no zone */

typedef struct {
    time_t                        from;         /* of the window             */
    ngx_uint_t                    n;
    ngx_uint_t                    tripped;
} ngx_http_moderation_limit_t;


/* a policy in use; requests hold a reference from their begin to their end */

struct ngx_http_moderation_gen_s {
    mdr_policy_t                 *policy;
    ngx_http_moderation_store_t  *store;        /* NULL: gone with its cycle */
    ngx_queue_t                   queue;        /* of the store's            */
    ngx_uint_t                    refs;
    uint8_t                      *caps;         /* mode cap a rule, [rules]  */
    uint8_t                      *why;          /* WHY_* a rule, [rules]     */
    ngx_uint_t                    nrules, nslots, nregexes;
    uint32_t                     *brakes;       /* rules with a brake        */
    ngx_uint_t                    nbrakes;
    ngx_uint_t                    reader_laws;  /* it matters who reads      */
    uint8_t                     (*stable)[MDL_HASH];   /* [slots], or NULL   */
    ngx_http_moderation_ahead_t  *ahead;        /* [slots], or NULL          */
    ngx_uint_t                    required;     /* bits: MDR_TYPE_* of slots
                                                   with `review: required`   */
    ngx_http_moderation_limit_t  *limits;       /* [rules], or NULL          */
    void                         *map;          /* the image, if mapped      */
    size_t                        map_size;
    u_char                        hash[33];
    time_t                        loaded;
    ngx_uint_t                    day;          /* since 1970, of why        */
};


/* what was seen of files: two hashes in hex */

typedef struct {
    u_char                        print[33];    /* names, inodes, times      */
    u_char                        links[33];    /* where symlinks lead       */
    ngx_uint_t                    manifest;     /* there is one              */
} ngx_http_moderation_look_t;


/* a kill file, as a look found it */

enum {
    NGX_HTTP_MODERATION_KILL_SAME,      /* as at the look before             */
    NGX_HTTP_MODERATION_KILL_NONE,      /* there is no such file             */
    NGX_HTTP_MODERATION_KILL_READ,
    NGX_HTTP_MODERATION_KILL_FAILED
};

typedef struct {
    u_char                        print[33];
    ngx_uint_t                    state;
    u_char                       *text;         /* READ, of malloc()         */
    size_t                        len;
    int                           err;          /* FAILED: errno of open()   */
} ngx_http_moderation_kill_t;


struct ngx_http_moderation_store_s {
    ngx_str_t                     path;         /* terminated                */
    ngx_str_t                     kill;         /* kill switch file or ""    */
    ngx_msec_t                    check;        /* 0: never                  */
    ngx_uint_t                    candidate;    /* runs beside another       */
    ngx_uint_t                    last_good;    /* start=last_good           */
    ngx_uint_t                    said_unplaced;
    ngx_http_moderation_gen_t    *gen;          /* current                   */
    ngx_queue_t                   gens;         /* all that are alive        */
    ngx_uint_t                    alive;
    ngx_http_moderation_zstore_t *shared;       /* in the zone, or NULL      */
    ngx_http_moderation_zone_t  **zone;
    ngx_path_t                  **image_path;
    ngx_log_t                    *log;

    /* of this worker */
    ngx_uint_t                    reloads, refusals;
    ngx_uint_t                    looks, digests;
    time_t                        refused;
    u_char                        refused_hash[33];
    u_char                        refusal[512];

    /* private to the files of the store */
    ngx_event_t                   timer;
    ngx_http_moderation_job_t    *job;
    ngx_http_moderation_zworker_t *worker;      /* ours in shared            */
    ngx_http_moderation_look_t    done;         /* as it was digested        */
    ngx_http_moderation_look_t    seen;         /* changed, not settled yet  */
    ngx_msec_t                    seen_at, unsettled_at, looked;
    ngx_uint_t                    waiting;      /* seen counts               */
    time_t                        unlisted;     /* since when MANIFEST fails */
    time_t                        next_digest;
    ngx_atomic_uint_t             serial, trips;
    ngx_http_moderation_job_t    *kill_job;     /* a look at the kill file   */
    ngx_msec_t                    kill_looked;
    ngx_http_moderation_kill_t    kill_seen;
};


typedef struct {
    ngx_str_t                     path, kill;   /* terminated; kill may be ""*/
    ngx_msec_t                    check;
    ngx_uint_t                    last_good;
    ngx_http_moderation_zone_t  **zone;
    ngx_path_t                  **image_path;
} ngx_http_moderation_store_conf_t;


/*
 * The store of a path, the same one for the same path and kill file in one
 * configuration; the policy is loaded (or its saved image mapped) at once.
 * last_good: where it cannot be used, its newest saved image serves.
 * stores: ngx_http_moderation_store_t *; NULL: an error was logged.
 */
ngx_http_moderation_store_t *ngx_http_moderation_store_add(ngx_conf_t *cf,
    ngx_array_t *stores, const ngx_http_moderation_store_conf_t *conf);

/* init_module: images of freshly compiled policies are saved */
ngx_int_t ngx_http_moderation_store_save(ngx_cycle_t *cycle,
    ngx_array_t *stores);
/* init_process: timers; exit_process: generations are freed */
ngx_int_t ngx_http_moderation_store_start(ngx_cycle_t *cycle,
    ngx_array_t *stores);
void ngx_http_moderation_store_stop(ngx_array_t *stores);


/* gen.c */

ngx_http_moderation_gen_t *ngx_http_moderation_gen_ref(
    ngx_http_moderation_store_t *store);
void ngx_http_moderation_gen_unref(ngx_http_moderation_gen_t *gen);
/* a regex of the rule reached its limit */
void ngx_http_moderation_gen_limit(ngx_http_moderation_gen_t *gen,
    ngx_http_moderation_zone_t *zone, uint32_t rule);

/* takes policy and map (of munmap) over; NULL: no memory, and it did not */
ngx_http_moderation_gen_t *ngx_http_moderation_gen_new(
    ngx_http_moderation_store_t *store, mdr_policy_t *policy, void *map,
    size_t map_size);
/* gen is the current one from now on */
void ngx_http_moderation_gen_swap(ngx_http_moderation_store_t *store,
    ngx_http_moderation_gen_t *gen);
/* the caps of the current generation; say: what the kill file holds back, and
 * what is wrong in it, is logged */
void ngx_http_moderation_gen_caps(ngx_http_moderation_store_t *store,
    ngx_uint_t say);
/* warns of rules that have expired, from day `from` (since 1970) on */
void ngx_http_moderation_gen_expired(ngx_http_moderation_gen_t *gen,
    ngx_uint_t from, ngx_log_t *log);
/* what a look at the kill file found is taken over; 1: what holds may be
 * another thing now */
ngx_uint_t ngx_http_moderation_kill_take(ngx_http_moderation_store_t *store,
    ngx_http_moderation_kill_t *kill, ngx_uint_t say);


/* watch.c */

/* the files of a policy as they are: its path, and all that the live one was
 * made of, names with a NUL behind each, an empty one behind the last (or
 * NULL).  Called by the thread */
void ngx_http_moderation_look(const char *path, const char *files,
    ngx_http_moderation_look_t *look);
/* that list for the current generation, malloc'ed; NULL: no memory */
char *ngx_http_moderation_look_files(ngx_http_moderation_gen_t *gen);
/* is a kill file another one than that of the print?  Then it is read.  Called
 * by the thread */
void ngx_http_moderation_look_kill(const char *name, const u_char print[33],
    ngx_http_moderation_kill_t *kill);


/* reload.c */

/* looks, and does what is to do; the timer goes on */
void ngx_http_moderation_reload_timer(ngx_event_t *ev);
/* the current generation is the one that all shall have, unless somebody has
 * published since the serial was as expected: then 0 */
ngx_uint_t ngx_http_moderation_publish(ngx_http_moderation_store_t *store,
    ngx_atomic_uint_t expected);
/* the hash that is published, if we have not got it, and its serial; or 0 */
ngx_atomic_uint_t ngx_http_moderation_news(
    ngx_http_moderation_store_t *store, char hash[33]);
/* which generation we have, for the status */
void ngx_http_moderation_tell(ngx_http_moderation_store_t *store);
/* there is no such process, or 0 */
ngx_uint_t ngx_http_moderation_is_gone(ngx_atomic_uint_t pid);
/* the lease, if it is ours */
void ngx_http_moderation_release(ngx_http_moderation_store_t *store);


/* image.c */

/* where the images of a policy lie, malloc'ed; NULL: no memory */
char *ngx_http_moderation_image_prefix(ngx_path_t *path, ngx_str_t *policy);
/* the hash of the newest whole image of a prefix; 0: there is none */
ngx_uint_t ngx_http_moderation_image_newest(const char *prefix,
    char hash[33]);
ngx_uint_t ngx_http_moderation_image_name(char *dst, size_t size,
    const char *prefix, const char *hash);
/* a policy over the file, which root, we or `user` must own; it goes with
 * munmap(*map, *size) after the policy.  NULL: text says why */
mdr_policy_t *ngx_http_moderation_image_map(const char *name,
    const char *hash, uid_t user, void **map, size_t *size, char *text,
    size_t text_size);
/* whole or not at all; 0: errno */
ngx_uint_t ngx_http_moderation_image_write(const char *name,
    const void *data, size_t size);
/* images of the prefix other than a and b go, and what writers that died have
 * left */
void ngx_http_moderation_image_clean(const char *prefix, const char *a,
    const char *b);


/* compile.c */

enum {
    NGX_HTTP_MODERATION_JOB_COMPILE,    /* what the path holds               */
    NGX_HTTP_MODERATION_JOB_MAP,        /* the image of a hash               */
    NGX_HTTP_MODERATION_JOB_FOLLOW,     /* the path, if it is of that hash   */
    NGX_HTTP_MODERATION_JOB_LOOK,       /* has a file changed?               */
    NGX_HTTP_MODERATION_JOB_KILL        /* has the kill file?                */
};

enum {
    NGX_HTTP_MODERATION_JOB_OK,
    NGX_HTTP_MODERATION_JOB_SAME,       /* as it is live                     */
    NGX_HTTP_MODERATION_JOB_STILL,      /* as it was refused                 */
    NGX_HTTP_MODERATION_JOB_MOVING,     /* it changed meanwhile              */
    NGX_HTTP_MODERATION_JOB_UNLISTED,   /* MANIFEST does not fit             */
    NGX_HTTP_MODERATION_JOB_MISSING,    /* there is no such image            */
    NGX_HTTP_MODERATION_JOB_REFUSED
};

struct ngx_http_moderation_job_s {
    ngx_atomic_t                  done;         /* 1; 2: nobody waits for it */
    ngx_uint_t                    kind;
    char                         *path;
    char                         *image;        /* prefix, or NULL           */
    char                          current[33];  /* hash that is live         */
    char                          refused[33];  /* hash not to be tried      */
    char                          want[33];     /* MAP, FOLLOW               */
    int64_t                       now;
    char                         *files;        /* LOOK                      */
    ngx_atomic_t                 *fence;        /* serial in the zone        */
    ngx_atomic_uint_t             serial;       /* of it, at the start       */

    ngx_http_moderation_look_t    look;
    ngx_http_moderation_kill_t    kill;         /* KILL                      */
    ngx_uint_t                    result;
    unsigned                      compiled:1;
    unsigned                      saved:1;
    unsigned                      no_memory:1;
    mdr_policy_t                 *policy;
    void                         *map;
    size_t                        map_size;
    char                          hash[33];
    char                          text[512];
};

/* a detached thread runs; 0, or errno.  It begins with a call of the second:
 * no signals and, if it has much to do, a lower priority */
int ngx_http_moderation_thread(void *(*run)(void *data), void *data);
void ngx_http_moderation_thread_begin(ngx_uint_t lower);

/* the thread runs; its job is store->job (KILL: kill_job) until it is freed, or
 * NULL where there is none */
void ngx_http_moderation_job_start(ngx_http_moderation_store_t *store,
    ngx_uint_t kind, const char *want);
void ngx_http_moderation_job_free(ngx_http_moderation_job_t *job);

/* the job is freed at its end, by its thread if that still runs */
void ngx_http_moderation_job_leave(ngx_http_moderation_job_t *job);


#endif /* _NGX_HTTP_MODERATION_STORE_H_INCLUDED_ */
