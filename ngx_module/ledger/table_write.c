/*
 * table_write.c - mapped tables: the one that writes.
 *
 * Readers look on while entries change, so each step leaves what can be read:
 * a new entry has its words before its key, a changed one gets its word in
 * one store, and a table that is to grow is made anew beside the old one.
 */

#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>


struct mdl_table_s {
    mdl_map_t          map;
    mdl_table_head_t  *head;
    mdl_slot_t        *slots;
    int                kind, published, fd;
    dev_t              dev;
    ino_t              ino;
    char               dir[3072], tmp[3200];
};


static void
store(uint64_t *p, uint64_t v)
{
    __atomic_store_n(p, v, __ATOMIC_RELEASE);
}


static uint64_t
now_ms(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_REALTIME, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


static int
map(mdl_table_t *t, int fd, size_t size)
{
    void         *p;
    struct stat   st;

    if (fstat(fd, &st) == -1) {
        return -1;
    }

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);

    if (p == MAP_FAILED) {
        return -1;
    }

    t->dev = st.st_dev;
    t->ino = st.st_ino;
    t->fd = fd;
    t->head = p;
    t->slots = (mdl_slot_t *) ((char *) p + MDL_TABLE_HEAD);
    t->map.head = p;
    t->map.slots = t->slots;
    t->map.size = size;

    return 0;
}


static void
whole(mdl_table_t *t)
{
    t->map.mask = t->head->slots - 1;
    t->map.blob = (const char *) (t->slots + t->head->slots);
}


/*
 * Each page once, in order: the page cache then has it in large pieces, which
 * entries that come in no order would never give, and a look-up pays for the
 * line it reads, not for finding its page (t/bench/table.c).
 */

static void
touch(void *p, size_t size)
{
    size_t             i;
    volatile uint8_t  *at;

    at = p;

    for (i = 0; i < size; i += 4096) {
        at[i] = 0;
    }
}


mdl_table_t *
mdl_table_new(const char *dir, int kind, uint64_t room,
    const uint8_t timeline[16], const mdl_table_t *old, const void *blob,
    size_t blob_len, char *err, size_t size)
{
    int           fd;
    size_t        bytes;
    uint64_t      slots, r;
    struct stat   st;
    mdl_table_t  *t;

    /* at most five eighths full */

    for (slots = 128; slots / 8 * 5 < room; slots *= 2) {
        if (slots > (uint64_t) 1 << 40) {
            snprintf(err, size, "a table of %llu entries is too large",
                     (unsigned long long) room);
            return NULL;
        }
    }

    t = calloc(1, sizeof(*t));

    if (t == NULL || mdl_random(&r, sizeof(r)) != 0) {
        snprintf(err, size, "no memory");
        free(t);
        return NULL;
    }

    t->kind = kind;
    snprintf(t->dir, sizeof(t->dir), "%s", dir);
    snprintf(t->tmp, sizeof(t->tmp), "%s/.%s-%016llx", t->dir,
             mdl_table_names[kind], (unsigned long long) r);

    fd = open(t->tmp, O_RDWR|O_CREAT|O_EXCL|O_CLOEXEC|O_NOFOLLOW, 0640);

    if (fd == -1) {
        snprintf(err, size, "%s: %s", t->tmp, strerror(errno));
        free(t);
        return NULL;
    }

    bytes = MDL_TABLE_HEAD + slots * sizeof(mdl_slot_t) + blob_len;

    /* workers read it as members of the folder's group */

    if (stat(dir, &st) == 0 && fchown(fd, (uid_t) -1, st.st_gid) == -1) {
        /* not ours to give: the folder's own setgid bit may do it */
    }

    /* room on the disk now, not a signal later */

    if (fchmod(fd, 0640) == -1
        || (errno = posix_fallocate(fd, 0, (off_t) bytes)) != 0
        || map(t, fd, bytes) != 0)
    {
        snprintf(err, size, "%s: %s", t->tmp, strerror(errno));
        close(fd);
        unlink(t->tmp);
        free(t);
        return NULL;
    }

    touch(t->head, bytes);
    t->head->magic = MDL_TABLE_MAGIC;
    t->head->version = MDL_TABLE_VERSION;
    t->head->kind = (uint32_t) kind;
    t->head->slots = slots;
    t->head->created_ms = now_ms();
    t->head->generation = t->head->created_ms;
    memcpy(t->head->timeline, timeline, 16);
    (void) mdl_boot_id(t->head->boot);
    whole(t);

    if (blob_len != 0) {
        memcpy((char *) (t->slots + slots), blob, blob_len);
        t->head->blob_len = blob_len;
        t->head->blob_crc = mdl_crc32(0, blob, blob_len);
    }

    t->head->heartbeat = t->head->created_ms;

    if (old != NULL) {
        if (t->head->generation <= old->head->generation) {
            t->head->generation = old->head->generation + 1;
        }

        t->head->seq = old->head->seq;
        t->head->switched = old->head->switched;
        memcpy(t->head->switches, old->head->switches,
               sizeof(t->head->switches));
    }

    t->head->crc = mdl_crc32(0, t->head, offsetof(mdl_table_head_t, crc));

    return t;
}


mdl_table_t *
mdl_table_open(const char *dir, int kind, char *err, size_t size)
{
    int           fd;
    char          path[4096], boot[40];
    struct stat   st;
    mdl_map_t     m;
    mdl_table_t  *t;

    if (mdl_boot_id(boot) != 0) {
        snprintf(err, size, "no boot id");
        return NULL;
    }

    if (mdl_map_open(&m, dir, kind, boot, err, size) != 0) {
        return NULL;
    }

    t = calloc(1, sizeof(*t));
    snprintf(path, sizeof(path), "%s/%s", dir, mdl_table_names[kind]);
    fd = open(path, O_RDWR|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    /* the one that was checked */

    if (t == NULL || fd == -1 || fstat(fd, &st) == -1
        || (size_t) st.st_size != m.size || map(t, fd, m.size) != 0)
    {
        snprintf(err, size, "%s: %s", path, strerror(errno));
        if (fd != -1) {
            close(fd);
        }
        free(t);
        mdl_map_close(&m);
        return NULL;
    }

    if (t->head->generation != m.head->generation || t->head->retired != 0) {
        snprintf(err, size, "%s: another one writes it", path);
        munmap(t->head, t->map.size);
        close(fd);
        free(t);
        mdl_map_close(&m);
        return NULL;
    }

    mdl_map_close(&m);
    whole(t);
    t->kind = kind;
    t->published = 1;
    snprintf(t->dir, sizeof(t->dir), "%s", dir);

    return t;
}


int
mdl_table_lost(const mdl_table_t *t)
{
    char         path[4096];
    struct stat  st;

    snprintf(path, sizeof(path), "%s/%s", t->dir, mdl_table_names[t->kind]);

    return t->published
           && (stat(path, &st) == -1 || st.st_dev != t->dev
               || st.st_ino != t->ino || (size_t) st.st_size != t->map.size);
}


int
mdl_table_publish(mdl_table_t *t, char *err, size_t size)
{
    int                fd, rc;
    char               path[4096];
    struct stat        st;
    mdl_table_head_t  *old;

    snprintf(path, sizeof(path), "%s/%s", t->dir, mdl_table_names[t->kind]);

    /* what has been there, if it can be marked */

    old = MAP_FAILED;
    fd = open(path, O_RDWR|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    if (fd != -1) {
        if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)
            && st.st_size >= MDL_TABLE_HEAD)
        {
            old = mmap(NULL, MDL_TABLE_HEAD, PROT_READ|PROT_WRITE, MAP_SHARED,
                       fd, 0);
        }
        close(fd);
    }

    if (old != MAP_FAILED && old->magic != MDL_TABLE_MAGIC) {
        munmap(old, MDL_TABLE_HEAD);
        old = MAP_FAILED;
    }

    /* said before there is another: who looks in between finds the old one and
     * asks again, and a writer that dies here leaves none that is read on */

    if (old != MAP_FAILED) {
        store(&old->retired, 1);
    }

    rc = rename(t->tmp, path);

    if (rc == -1) {
        snprintf(err, size, "%s: %s", path, strerror(errno));
    }

    if (old != MAP_FAILED) {
        if (rc == -1) {
            store(&old->retired, 0);
        }
        munmap(old, MDL_TABLE_HEAD);
    }

    if (rc == -1) {
        return -1;
    }

    t->published = 1;

    return 0;
}


void
mdl_table_free(mdl_table_t *t)
{
    if (t == NULL) {
        return;
    }

    if (!t->published) {
        unlink(t->tmp);
    }

    munmap(t->head, t->map.size);
    close(t->fd);
    free(t);
}


void
mdl_table_retire(mdl_table_t *t)
{
    struct stat  st;

    /* a file that was cut has no page to say it on: its readers know */

    if (fstat(t->fd, &st) == 0 && (size_t) st.st_size >= t->map.size) {
        store(&t->head->retired, 1);
    }
}


static void
live(mdl_table_t *t, uint8_t verdict, uint64_t by)
{
    uint64_t  *n = t->head->live;
    unsigned   i = t->kind == MDL_TABLE_ORDERS ? verdict & 7 : 0;

    store(&n[i], n[i] + by);

    if (t->kind == MDL_TABLE_ORDERS && (verdict & MDL_ORDER_HOST)) {
        store(&n[MDL_LIVE_HOSTS], n[MDL_LIVE_HOSTS] + by);
    }
}


int
mdl_table_put(mdl_table_t *t, const uint8_t key[MDL_HASH],
    const mdl_entry_t *in)
{
    uint64_t     k[2], word, aux, i;
    uint8_t      was;
    mdl_slot_t  *e, *spare;

    memcpy(k, key, 16);

    if (k[0] == 0) {
        k[0] = 1;
    }

    word = in->verdict == 0 ? 0
           : in->verdict | (uint64_t) in->flags << 8
             | (uint64_t) in->scope << 16 | (uint64_t) in->expiry << 32;
    aux = (in->seq & 0xffffffffffffULL) | (uint64_t) in->reason << 48;

    e = NULL;
    spare = NULL;

    for (i = 0; i < MDL_TABLE_PROBES; i++) {
        e = &t->slots[(k[0] + i) & t->map.mask];

        if (e->key[0] == 0) {
            break;
        }

        if (e->key[0] == k[0] && e->key[1] == k[1]) {

            if ((e->word & 0xff) == 0) {
                spare = spare != NULL ? spare : e;

            } else if ((uint16_t) (e->word >> 16) == in->scope) {
                break;
            }
        }
    }

    if (i < MDL_TABLE_PROBES && e->key[0] != 0) {
        spare = e;
    }

    if (spare == NULL) {
        if (word == 0) {
            return 0;                   /* it is not there                   */
        }

        if (i == MDL_TABLE_PROBES
            || t->head->used >= t->head->slots / 8 * 5)
        {
            return 1;
        }

        e->aux = aux;
        e->word = word;
        store(&e->key[1], k[1]);
        store(&e->key[0], k[0]);
        store(&t->head->used, t->head->used + 1);
        was = 0;

    } else {
        was = (uint8_t) spare->word;

        if (was == 0 && word == 0) {
            return 0;
        }

        store(&spare->aux, aux);
        store(&spare->word, word);
    }

    if (was != 0) {
        live(t, was, (uint64_t) -1);
    }

    if (word != 0) {
        live(t, in->verdict, 1);
    }

    if (in->seq > t->head->seq) {
        store(&t->head->seq, in->seq);
    }

    store(&t->head->changes, t->head->changes + 1);

    return 0;
}


static void
unpack(const mdl_slot_t *s, mdl_entry_t *e)
{
    e->verdict = (uint8_t) s->word;
    e->flags = (uint8_t) (s->word >> 8);
    e->scope = (uint16_t) (s->word >> 16);
    e->expiry = (uint32_t) (s->word >> 32);
    e->seq = s->aux & 0xffffffffffffULL;
    e->reason = (uint16_t) (s->aux >> 48);
}


int
mdl_table_each(const mdl_table_t *t,
    int (*fn)(void *data, const uint8_t *key, const mdl_entry_t *e),
    void *data)
{
    int          rc;
    uint64_t     i;
    mdl_entry_t  e;

    for (i = 0; i <= t->map.mask; i++) {
        if (t->slots[i].key[0] == 0 || (t->slots[i].word & 0xff) == 0) {
            continue;
        }

        unpack(&t->slots[i], &e);
        rc = fn(data, (const uint8_t *) t->slots[i].key, &e);

        if (rc != 0) {
            return rc;
        }
    }

    return 0;
}


typedef struct {
    mdl_table_t  *to;
    uint64_t      now, n;
} move_t;


static int
count(void *data, const uint8_t *key, const mdl_entry_t *e)
{
    move_t  *m = data;

    (void) key;
    m->n += e->expiry == 0 || e->expiry > m->now;

    return 0;
}


static int
move(void *data, const uint8_t *key, const mdl_entry_t *e)
{
    move_t  *m = data;

    return e->expiry == 0 || e->expiry > m->now ? mdl_table_put(m->to, key, e)
                                                : 0;
}


int
mdl_table_grow(mdl_table_t **pt, uint64_t now, char *err, size_t size)
{
    move_t        m;
    mdl_table_t  *t;

    t = *pt;
    m.now = now;
    m.n = 0;
    (void) mdl_table_each(t, count, &m);

    m.to = mdl_table_new(t->dir, t->kind, 2 * m.n + 64, t->head->timeline, t,
                         t->map.blob, t->head->blob_len, err, size);

    if (m.to == NULL) {
        return -1;
    }

    if (mdl_table_each(t, move, &m) != 0) {
        snprintf(err, size, "%s: too full", mdl_table_names[t->kind]);
        mdl_table_free(m.to);
        return -1;
    }

    /* a reader's hints of the old file are none of the new one's */

    store(&m.to->head->changes, t->head->changes + 1);
    store(&m.to->head->heartbeat, t->head->heartbeat);

    if (mdl_table_publish(m.to, err, size) != 0) {
        mdl_table_free(m.to);
        return -1;
    }

    mdl_table_free(t);
    *pt = m.to;

    return 0;
}


void
mdl_table_beat(mdl_table_t *t, uint64_t ms)
{
    store(&t->head->heartbeat, ms);
}


int
mdl_table_switch(mdl_table_t *t, mdl_str_t host, mdl_str_t slot, uint8_t mode,
    uint64_t until)
{
    unsigned       i;
    uint64_t       key, now;
    mdl_switch_t  *s, *spare;

    key = mdl_switch_key(host, slot);
    now = now_ms() / 1000;
    spare = NULL;

    for (i = 0; i < MDL_SWITCHES; i++) {
        s = &t->head->switches[i];

        if (s->key == key) {
            break;
        }

        if (spare == NULL && (s->word == 0 || s->word >> 8 <= now)) {
            spare = s;
        }
    }

    if (i < MDL_SWITCHES) {
        spare = s;
    }

    if (spare == NULL) {
        return -1;
    }

    /* between the two it is a switch of nothing */

    if (spare->key != key) {
        store(&spare->word, 0);
        store(&spare->key, key);
    }

    store(&spare->word, until == 0 ? 0 : mode | until << 8);
    store(&t->head->switched, t->head->switched + 1);

    return 0;
}


const mdl_map_t *
mdl_table_map(const mdl_table_t *t)
{
    return &t->map;
}
