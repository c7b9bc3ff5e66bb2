/*
 * moderationd.h - what the files of the daemon share.
 *
 * Three kinds of threads.  The main thread polls: signals, timers, the socket
 * (main.c, loop.c).  HTTP threads serve one request at a time, each with a
 * connection of its own that only reads (pool.c).  The writer is the only one
 * that changes anything (writer.c): a change is a function that it runs inside
 * a transaction.  Rows and the leaves that a change adds to the ledger become
 * durable together, or not at all:
 *
 *     static int
 *     release(mdd_tx_t *tx, void *data)
 *     {
 *         ...
 *         if (mdd_run(tx->db, MDD_SQL_CARD_RELEASE, "is", card, user) != 1) {
 *             return MDD_REFUSED;         nothing of this change stays
 *         }
 *         return mdd_event(tx, "review", public_json, private_json);
 *     }
 *
 *     rc = mdd_change(d, release, &args);  returns when it is on the disk
 */

#ifndef MDD_MODERATIOND_H
#define MDD_MODERATIOND_H

#include "moderationd/conf/conf.h"
#include "moderationd/store/db.h"

#include <stddef.h>
#include <stdint.h>

#define MDD_OK        0
#define MDD_FAILED   (-1)       /* the machine's fault: disk, memory, store   */
#define MDD_REFUSED  (-2)       /* the caller's: not found, not allowed, late */

typedef struct mdd_s         mdd_t;
typedef struct mdd_writer_s  mdd_writer_t;
typedef struct mdd_ledger_s  mdd_ledger_t;
typedef struct mdd_pool_s    mdd_pool_t;
typedef struct mdd_loop_s    mdd_loop_t;
typedef struct mdd_ingest_s  mdd_ingest_t;

struct mdd_s {
    mdd_conf_t         *conf;       /* never changes while threads run        */
    mdd_loop_t         *loop;
    mdd_writer_t       *writer;
    mdd_ledger_t       *ledger;     /* the writer's own                       */
    mdd_ingest_t       *ingest;     /* the writer's own                       */
    mdd_pool_t         *pool;
    void               *web;        /* what the HTTP side keeps               */
    int64_t             started;
};

/* writer.c: changes */

typedef struct {
    mdd_t              *d;
    mdd_db_t           *db;         /* inside a transaction                   */
    int64_t             now;        /* ms since 1970                          */
    int64_t             log;        /* the ledger's log of this year, and the */
    int64_t             leaf;       /* index that the next leaf will have     */
    int                 again;      /* rows are made again from leaves        */
} mdd_tx_t;

/* MDD_OK: stays; anything else: every row and leaf of this change is undone */
typedef int (*mdd_change_pt)(mdd_tx_t *tx, void *data);

/* runs it on the writer thread and waits until it is durable; what it
 * returned, or MDD_FAILED where the commit failed (then nothing of it stays) */
int mdd_change(mdd_t *d, mdd_change_pt run, void *data);

/* since when changes cannot be written (ms), and why; 0: they are */
int64_t mdd_writer_failing(mdd_t *d, char *error, size_t size);

/* a leaf of the daemon's own.  pub: a JSON object whose members are put behind
 * type and time, without raw ids, names or texts; priv: a JSON object with
 * these, or NULL.  The row in table event and the private part are written
 * with it; its leaf is tx->leaf - 1 afterwards */
int mdd_event(mdd_tx_t *tx, const char *type, const char *pub,
    const char *priv);

int64_t mdd_now(const mdd_t *d);        /* ms since 1970; tests may move it   */

/* loop.c: timers run on the main thread and must not wait; ms: how often */
typedef void (*mdd_timer_pt)(mdd_t *d, void *data);
int mdd_timer_add(mdd_t *d, int64_t ms, mdd_timer_pt run, void *data);

/* the HTTP side (scgi.c ...) */
/* once, before threads start; MDD_FAILED stops the daemon */
int mdd_web_init(mdd_t *d);
void mdd_web_done(mdd_t *d);
/* on an HTTP thread: a connection that was accepted; answers it and closes fd.
 * db only reads.  slot: number of the thread, from 0 */
void mdd_web_serve(mdd_t *d, int fd, mdd_db_t *db, int slot);

/* say.c: stderr, one line a message, with syslog's <n> under systemd */
enum { MDD_ERR = 3, MDD_WARN = 4, MDD_NOTE = 5, MDD_INFO = 6, MDD_DEBUG = 7 };
void mdd_say(int level, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
void mdd_say_level(int level);
/* 1 when *at (0: never) was a minute ago, which is now then: for what goes on
 * failing many times a second */
int mdd_say_due(int64_t *at);
/* milliseconds of a clock that nobody sets */
int64_t mdd_steady(void);

/* util.c */
int64_t mdd_clock_ms(void);
int mdd_random(void *p, size_t n);
size_t mdd_base64(char *out, const void *p, size_t n);      /* ends in NUL    */
/* bytes, or -1: not the one canonical base64 of anything, or longer than max */
int mdd_unbase64(void *out, size_t max, const char *p, size_t n);
/* bytes of the character at p, 0: none (RFC 3629) */
size_t mdd_utf8(const uint8_t *p, size_t n);
void mdd_hex(char *out, const void *p, size_t n);           /* ends in NUL    */
/* whole files: read (NULL and errno; ends in NUL), and replaced durably:
 * beside it, fdatasync, rename, fsync of the folder */
char *mdd_file_read(int dir, const char *path, size_t max, size_t *n);
int mdd_file_replace(int dir, const char *path, const void *p, size_t n,
    int mode);

/* growing bytes; ok == 0 after a failed allocation, checked once at the end */
typedef struct {
    char    *p;
    size_t   n, cap;
    int      bad;
} mdd_buf_t;

void mdd_buf_add(mdd_buf_t *b, const void *p, size_t n);
void mdd_buf_str(mdd_buf_t *b, const char *s);
void mdd_buf_fmt(mdd_buf_t *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
/* a JSON string with its quotes, of UTF-8 (what is none becomes U+FFFD) */
void mdd_buf_json(mdd_buf_t *b, const char *s, size_t n);
void mdd_buf_free(mdd_buf_t *b);

#endif
