/*
 * table.c - a mapped table of N entries (1 000 000): how long it takes to map
 * it, and to look a card up, with the table out of the processor's caches.
 *
 *     make build/bench/table && build/bench/table [N]
 *
 * In a chain: which entry is next stands in the one that was found, so none is
 * fetched ahead, and 64 MB of them in random order come from memory.  Beside
 * it, in turns of a thousand, a load that depends on the one before it, from a
 * file as large that was written in order: what this machine takes for one
 * line of memory at this moment.  A look-up waits for memory once, so it is
 * that and a little; the program fails where it is more than 1.25 of it.
 * The cards of a page: 40 of them, one by one, and asked for together as a
 * worker does it that knows what the page showed last; between two pages more
 * memory is written than the caches hold, so code, header and the tables of
 * pages come from memory as well.  The program fails where together is not
 * less than half.
 * The first touch: look-ups in a file that was mapped just now.
 */

#include "ledger/table.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define TURNS    1500
#define TURN     1000
#define SAMPLES  400
#define SWEEP    (96u << 20)
#define PAGE     40


static uint64_t
now_ns(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + (uint64_t) ts.tv_nsec;
}


/* keys are as random as hashes are: they meet each other in the table */

static uint64_t
mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;

    return z ^ z >> 31;
}


static void
key_of(uint64_t i, uint8_t key[MDL_HASH])
{
    uint64_t  a = mix(i), b = a * 3;

    memcpy(key, &a, 8);
    memcpy(key + 8, &b, 8);
}


/* one cycle through 0..n-1, in no order */

static uint32_t *
cycle(uint64_t n)
{
    uint32_t  *next, swap;
    uint64_t   i, j;

    next = malloc(n * sizeof(uint32_t));

    for (i = 0; next != NULL && i < n; i++) {
        next[i] = (uint32_t) i;
    }

    for (i = n; next != NULL && i-- > 1; ) {
        j = mix(i ^ n << 32) % i;
        swap = next[i];
        next[i] = next[j];
        next[j] = swap;
    }

    return next;
}


static int
more(const void *a, const void *b)
{
    double  x = *(const double *) a, y = *(const double *) b;

    return (x > y) - (x < y);
}


static int
up(const void *a, const void *b)
{
    uint64_t  x = *(const uint64_t *) a, y = *(const uint64_t *) b;

    return (x > y) - (x < y);
}


/* a card of a page whose cards are looked up one by one, or after all of them
 * were asked for; everything cold.  The median, in ns */

static uint64_t
cold(const mdl_map_t *m, uint64_t n, int ahead, uint64_t clock, uint8_t *sweep,
    uint64_t *sum)
{
    uint8_t      key[PAGE][MDL_HASH];
    uint64_t     i, k, from, took[SAMPLES];
    mdl_entry_t  out;

    for (k = 0; k < SAMPLES; k++) {
        for (i = 0; i < SWEEP; i += 64) {
            sweep[i]++;
        }

        for (i = 0; i < PAGE; i++) {
            key_of((k * 7919 + 13 + i * 104729) % n, key[i]);
        }

        from = now_ns();

        for (i = 0; ahead && i < PAGE; i++) {
            mdl_map_prefetch(m, key[i]);
        }

        /* a card is looked up when the one before it is known */

        for (i = 0, out.seq = 0; i < PAGE; i++) {
            *sum += (uint64_t) mdl_map_find(m, key[i ^ out.seq >> 60], 0,
                                            &out);
        }

        took[k] = (now_ns() - from - clock) / PAGE;
    }

    qsort(took, SAMPLES, sizeof(took[0]), up);
    printf("40 look-ups, everything cold, %s: a card median %llu ns, "
           "90 %% %llu ns\n", ahead ? "asked for together" : "one by one",
           (unsigned long long) took[SAMPLES / 2],
           (unsigned long long) took[SAMPLES * 9 / 10]);

    return took[SAMPLES / 2];
}


/* a file of so many bytes, written in order: each line says which is next */

static const uint8_t *
plain(const char *file, uint64_t size)
{
    int        fd;
    uint8_t   *p;
    uint32_t  *next;
    uint64_t   i;

    fd = open(file, O_RDWR|O_CREAT, 0600);

    if (fd == -1 || posix_fallocate(fd, 0, (off_t) size) != 0) {
        return NULL;
    }

    p = mmap(NULL, size, PROT_READ|PROT_WRITE, MAP_SHARED, fd, 0);
    next = cycle(size / 64);

    if (p == MAP_FAILED || next == NULL) {
        return NULL;
    }

    for (i = 0; i < size / 64; i++) {
        memcpy(p + 64 * i, &next[i], sizeof(uint32_t));
    }

    free(next);
    close(fd);

    return p;
}


/* look-ups and loads in turns; what a look-up is of a load, by the median */

static double
chain(const mdl_map_t *m, const uint8_t *lines)
{
    static double  load[TURNS], find[TURNS], part[TURNS];

    int            k, turn;
    uint8_t        key[MDL_HASH];
    uint32_t       at;
    uint64_t       from, then, sum;
    mdl_entry_t    out;

    for (turn = 0, at = 0, out.seq = 0, sum = 0; turn < TURNS; turn++) {
        from = now_ns();

        for (k = 0; k < TURN; k++) {
            memcpy(&at, lines + 64 * (uint64_t) at, sizeof(at));
        }

        then = now_ns();

        for (k = 0; k < TURN; k++) {
            key_of(out.seq, key);
            sum += (uint64_t) mdl_map_find(m, key, 0, &out);
        }

        load[turn] = (double) (then - from) / TURN;
        find[turn] = (double) (now_ns() - then) / TURN;
        part[turn] = find[turn] / load[turn];
    }

    qsort(load, TURNS, sizeof(double), more);
    qsort(find, TURNS, sizeof(double), more);
    qsort(part, TURNS, sizeof(double), more);
    printf("one load from memory, in a chain: median %.0f ns, 90 %% %.0f ns "
           "(%u)\n", load[TURNS / 2], load[TURNS * 9 / 10], at & 1);
    printf("look-up, in a chain: median %.0f ns, 90 %% %.0f ns; %.2f of a load "
           "(half of %d turns between %.2f and %.2f)\n", find[TURNS / 2],
           find[TURNS * 9 / 10], part[TURNS / 2], TURNS, part[TURNS / 4],
           part[TURNS * 3 / 4]);

    return sum == (uint64_t) TURN * TURNS ? part[TURNS / 2] : 99;
}


/* in how many lines a look-up finds its entry */

static void
lines_of(const mdl_map_t *m, uint64_t n)
{
    uint64_t  i, k, at, first, second;

    for (i = 0, first = 0, second = 0; i < n; i++) {
        at = mix(i);

        for (k = 0; m->slots[(at + k) & m->mask].key[0] != at; k++) { /* */ }

        first += ((at & 1) + k) / 2 == 0;
        second += ((at & 1) + k) / 2 == 1;
    }

    printf("%.1f of 100 entries are in the first line of 64 bytes, %.1f in the "
           "second, which is fetched at the same time\n",
           100. * (double) first / (double) n,
           100. * (double) second / (double) n);
}


static double
first_touch(const mdl_map_t *m)
{
    uint8_t      key[MDL_HASH];
    uint64_t     i, from, sum;
    mdl_entry_t  out;

    from = now_ns();

    for (i = 0, sum = 0; i < 1000; i++) {
        key_of(i, key);
        sum += (uint64_t) mdl_map_find(m, key, 0, &out);
    }

    return (double) (now_ns() - from) / (double) sum;
}


static int
make(const char *dir, uint64_t n)
{
    char          err[256];
    uint8_t       key[MDL_HASH], timeline[16] = { 1 };
    uint32_t     *next;
    uint64_t      i;
    mdl_entry_t   e;
    mdl_table_t  *t;

    memset(&e, 0, sizeof(e));
    e.verdict = MDL_REVIEW_RELEASED;
    next = cycle(n);
    t = mdl_table_new(dir, MDL_TABLE_ITEMS, n, timeline, NULL, NULL, 0, err,
                      sizeof(err));

    if (t == NULL || next == NULL) {
        return -1;
    }

    for (i = 0; i < n; i++) {
        key_of(i, key);
        e.seq = next[i];
        mdl_table_put(t, key, &e);
    }

    if (mdl_table_publish(t, err, sizeof(err)) != 0) {
        return -1;
    }

    mdl_table_free(t);
    free(next);

    return 0;
}


int
main(int argc, char **argv)
{
    char            dir[] = "/tmp/moderation-table-XXXXXX", err[256];
    char            file[64], other[64];
    double          part;
    uint8_t        *sweep;
    uint64_t        n, i, from, mid, clock, alone, together, sum, open_ns,
                    touch_ns;
    mdl_map_t       m;
    const uint8_t  *lines;

    n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000;
    sweep = malloc(SWEEP);

    if (sweep == NULL || mkdtemp(dir) == NULL || make(dir, n) != 0) {
        return 1;
    }

    snprintf(file, sizeof(file), "%s/items", dir);
    snprintf(other, sizeof(other), "%s/lines", dir);
    open_ns = touch_ns = UINT64_MAX;
    sum = 0;

    for (i = 0; i < 9; i++) {
        from = now_ns();

        if (mdl_map_open(&m, dir, MDL_TABLE_ITEMS, NULL, err, sizeof(err))
            != 0)
        {
            fprintf(stderr, "%s\n", err);
            return 1;
        }

        mid = now_ns();

        if (i == 7) {
            printf("the first 1 000 look-ups in a file that nobody has "
                   "touched: %.0f ns each\n", first_touch(&m));
            mdl_map_close(&m);
            continue;
        }

        mdl_map_touch(&m);
        open_ns = mid - from < open_ns ? mid - from : open_ns;
        touch_ns = now_ns() - mid < touch_ns ? now_ns() - mid : touch_ns;

        if (i < 8) {
            mdl_map_close(&m);
        }
    }

    printf("a table of %llu entries, %.0f MB: mapped in %.3f ms, each page "
           "touched in %.1f ms (best of 8)\n", (unsigned long long) n,
           (double) m.size / 1048576, (double) open_ns / 1e6,
           (double) touch_ns / 1e6);

    for (i = 0, clock = UINT64_MAX; i < 1000; i++) {
        from = now_ns();
        from = now_ns() - from;
        clock = from < clock ? from : clock;
    }

    lines_of(&m, n);
    lines = plain(other, m.size & ~(uint64_t) 4095);
    part = lines != NULL ? chain(&m, lines) : 99;
    alone = cold(&m, n, 0, clock, sweep, &sum);
    together = cold(&m, n, 1, clock, sweep, &sum);

    unlink(other);
    unlink(file);
    rmdir(dir);

    return together * 2 < alone && part < 1.25 ? 0 : 1;
}
