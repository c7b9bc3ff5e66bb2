/*
 * table.c - mapped tables: opening and looking up.
 *
 * Nothing that is read from a mapping is trusted twice: sizes are checked
 * against the file once and kept outside of it, a walk through entries is
 * bounded, and every word is loaded once.
 */

#include "table.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>


const char *const  mdl_table_names[] = {
    "items", "accounts", "orders", "wanted"
};

const char *const  mdl_orders[] = {
    "none", "item", "account", "url", "phrase"
};


/* the reflected CRC-32 of IEEE 802.3; only headers and blobs go through it */

uint32_t
mdl_crc32(uint32_t crc, const void *data, size_t n)
{
    int             i;
    const uint8_t  *p;

    crc = ~crc;

    for (p = data; n != 0; n--, p++) {
        crc ^= *p;

        for (i = 0; i < 8; i++) {
            crc = crc >> 1 ^ (0xedb88320U & (0U - (crc & 1)));
        }
    }

    return ~crc;
}


int
mdl_boot_id(char out[40])
{
    int      fd;
    ssize_t  n;

    memset(out, 0, 40);
    fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY|O_CLOEXEC);

    if (fd == -1) {
        return -1;
    }

    n = read(fd, out, 36);
    close(fd);

    return n == 36 ? 0 : -1;
}


static uint64_t
load(const uint64_t *p)
{
    return __atomic_load_n(p, __ATOMIC_ACQUIRE);
}


int
mdl_map_open(mdl_map_t *m, const char *dir, int kind, const char *boot,
    char *err, size_t size)
{
    int                fd;
    char               path[4096];
    void              *p;
    size_t             room;
    const char        *why;
    struct stat        st;
    mdl_table_head_t   h;

    memset(m, 0, sizeof(*m));
    snprintf(path, sizeof(path), "%s/%s", dir, mdl_table_names[kind]);

    fd = open(path, O_RDONLY|O_CLOEXEC|O_NOFOLLOW|O_NONBLOCK);

    if (fd == -1) {
        snprintf(err, size, "%s: %s", path, strerror(errno));
        return -1;
    }

    why = "is no table";

    if (fstat(fd, &st) == -1 || !S_ISREG(st.st_mode)
        || st.st_size < MDL_TABLE_HEAD
        || pread(fd, &h, sizeof(h), 0) != (ssize_t) sizeof(h)
        || h.magic != MDL_TABLE_MAGIC)
    {
        goto failed;
    }

    why = "is a table of another version";

    if (h.version != MDL_TABLE_VERSION) {
        goto failed;
    }

    why = "is damaged";
    room = (size_t) st.st_size - MDL_TABLE_HEAD;

    if (h.crc != mdl_crc32(0, &h, offsetof(mdl_table_head_t, crc))
        || h.kind != (uint32_t) kind
        || h.slots == 0 || (h.slots & (h.slots - 1)) != 0
        || h.slots > room / sizeof(mdl_slot_t)
        || h.blob_len != room - h.slots * sizeof(mdl_slot_t))
    {
        goto failed;
    }

    why = "is of another boot";

    if (boot != NULL && strncmp(h.boot, boot, sizeof(h.boot)) != 0) {
        goto failed;
    }

    p = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_SHARED, fd, 0);

    if (p == MAP_FAILED) {
        why = strerror(errno);
        goto failed;
    }

    close(fd);

    m->head = p;
    m->slots = (const mdl_slot_t *) ((const char *) p + MDL_TABLE_HEAD);
    m->mask = h.slots - 1;
    m->blob = (const char *) (m->slots + h.slots);
    m->size = (size_t) st.st_size;

    if (h.blob_len != 0
        && mdl_crc32(0, m->blob, h.blob_len) != h.blob_crc)
    {
        mdl_map_close(m);
        snprintf(err, size, "%s: is damaged", path);
        return -1;
    }

    return 0;

failed:

    close(fd);
    snprintf(err, size, "%s: %s", path, why);

    return -1;
}


void
mdl_map_close(mdl_map_t *m)
{
    if (m->head != NULL) {
        munmap((void *) (uintptr_t) m->head, m->size);
    }

    memset(m, 0, sizeof(*m));
}


int
mdl_map_outdated(const mdl_map_t *m)
{
    return load(&m->head->retired) != 0
           || load(&m->head->magic) != MDL_TABLE_MAGIC;
}


static void
words(const uint8_t *key, uint64_t w[2])
{
    memcpy(w, key, 16);

    if (w[0] == 0) {
        w[0] = 1;
    }
}


int
mdl_map_find(const mdl_map_t *m, const uint8_t key[MDL_HASH], uint16_t scope,
    mdl_entry_t *out)
{
    uint64_t           k[2], first, word, aux, i;
    uint16_t           s;
    const mdl_slot_t  *e;

    if (m->head == NULL) {
        return -1;
    }

    words(key, k);

    /* of five entries one is in the line behind its own: both at once */

    __builtin_prefetch(&m->slots[(k[0] + 2) & m->mask]);

    for (i = 0; i < MDL_TABLE_PROBES; i++) {
        e = &m->slots[(k[0] + i) & m->mask];
        first = load(&e->key[0]);

        if (first == 0) {
            /* zero pages look like an empty table */
            return load(&m->head->magic) == MDL_TABLE_MAGIC ? 0 : -1;
        }

        if (first != k[0] || load(&e->key[1]) != k[1]) {
            continue;
        }

        word = load(&e->word);
        s = (uint16_t) (word >> 16);

        if ((word & 0xff) == 0 || (s != 0 && s != scope)) {
            continue;
        }

        aux = load(&e->aux);
        out->verdict = (uint8_t) word;
        out->flags = (uint8_t) (word >> 8);
        out->scope = s;
        out->expiry = (uint32_t) (word >> 32);
        out->seq = aux & 0xffffffffffffULL;
        out->reason = (uint16_t) (aux >> 48);

        return 1;
    }

    return load(&m->head->magic) == MDL_TABLE_MAGIC ? 0 : -1;
}


void
mdl_map_prefetch(const mdl_map_t *m, const uint8_t key[MDL_HASH])
{
    uint64_t  k[2];

    if (m->head != NULL) {
        words(key, k);
        __builtin_prefetch(&m->slots[k[0] & m->mask]);
        __builtin_prefetch(&m->slots[(k[0] + 2) & m->mask]);
    }
}


void
mdl_map_touch(const mdl_map_t *m)
{
    size_t                   i;
    const volatile uint8_t  *at;

    at = (const volatile uint8_t *) m->head;

    for (i = 0; at != NULL && i < m->size; i += 4096) {
        (void) at[i];
    }
}


uint64_t
mdl_map_changes(const mdl_map_t *m)
{
    return load(&m->head->changes);
}


uint64_t
mdl_map_generation(const mdl_map_t *m)
{
    return load(&m->head->generation);
}


uint64_t
mdl_map_live(const mdl_map_t *m, int kind)
{
    return load(&m->head->live[kind & 7]);
}


uint32_t
mdl_map_clock(const mdl_map_t *m, uint64_t now_ms, int *stale)
{
    uint64_t  beat;

    beat = load(&m->head->heartbeat);
    *stale = beat + MDL_STALE_MS < now_ms;

    if (beat + MDL_STALE_MAX_MS < now_ms) {
        beat = now_ms - MDL_STALE_MAX_MS;
    }

    return (uint32_t) (beat / 1000);
}


static int
nibble(char c)
{
    return c >= '0' && c <= '9' ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}


int
mdl_map_phrase(const mdl_map_t *m, size_t *at, uint8_t key[MDL_HASH],
    mdl_str_t *phrase)
{
    int          a, b;
    size_t       i, n;
    const char  *p, *end;

    n = (size_t) (m->size - (size_t) (m->blob - (const char *) m->head));

    if (*at >= n) {
        return 0;
    }

    p = m->blob + *at;
    end = memchr(p, '\n', n - *at);

    if (end == NULL || end - p < 34 || p[32] != ' ') {
        return 0;
    }

    for (i = 0; i < MDL_HASH; i++) {
        a = nibble(p[2 * i]);
        b = nibble(p[2 * i + 1]);

        if (a < 0 || b < 0) {
            return 0;
        }

        key[i] = (uint8_t) (a << 4 | b);
    }

    phrase->data = p + 33;
    phrase->len = (size_t) (end - p - 33);
    *at = (size_t) (end + 1 - m->blob);

    return 1;
}


static uint64_t
name_hash(const mdl_str_t *s, size_t n)
{
    size_t        i;
    uint8_t       sum[32], zero;
    uint64_t      v;
    mdr_sha256_t  sha;

    zero = 0;
    mdr_sha256_init(&sha);

    for (i = 0; i < n; i++) {
        mdr_sha256_add(&sha, s[i].data, s[i].len);
        mdr_sha256_add(&sha, &zero, 1);
    }

    mdr_sha256_done(&sha, sum);

    for (v = 0, i = 0; i < 8; i++) {
        v |= (uint64_t) sum[i] << 8 * i;
    }

    return v;
}


uint16_t
mdl_scope(const mdl_str_t *slots, size_t n)
{
    uint16_t  v;

    v = (uint16_t) name_hash(slots, n);

    return v != 0 ? v : 1;
}


uint64_t
mdl_switch_key(mdl_str_t host, mdl_str_t slot)
{
    uint64_t   v;
    mdl_str_t  s[2];

    s[0] = host;
    s[1] = slot;
    v = name_hash(s, 2);

    return v != 0 ? v : 1;
}


void
mdl_order_host(mdl_str_t host, uint64_t out[2])
{
    mdl_str_t  order = { "order", 5 };

    out[0] = mdl_switch_key(host, order);
    out[1] = out[0] * 0x9e3779b97f4a7c15ULL;
}


int
mdl_map_switched(const mdl_map_t *m)
{
    return m->head != NULL && load(&m->head->switched) != 0;
}


int
mdl_map_switch(const mdl_map_t *m, mdl_str_t host, mdl_str_t slot,
    uint64_t now, uint64_t *until)
{
    unsigned   i, j;
    uint64_t   key[4], word;
    mdl_str_t  any = { "", 0 };

    if (m->head == NULL || load(&m->head->switched) == 0) {
        return -1;
    }

    key[0] = mdl_switch_key(host, slot);
    key[1] = mdl_switch_key(any, slot);
    key[2] = mdl_switch_key(host, any);
    key[3] = mdl_switch_key(any, any);

    for (i = 0; i < 4; i++) {

        for (j = 0; j < MDL_SWITCHES; j++) {
            if (load(&m->head->switches[j].key) != key[i]) {
                continue;
            }

            word = load(&m->head->switches[j].word);

            if (word == 0 || word >> 8 <= now
                || word >> 8 > now + MDL_SWITCH_MAX_S + 60
                || (word & 0xff) >= MDL_MODES)
            {
                continue;
            }

            if (until != NULL) {
                *until = word >> 8;
            }

            return (int) (word & 0xff);
        }
    }

    return -1;
}
