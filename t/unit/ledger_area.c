/*
 * ledger_area.c - rings, the writer thread, the table of what was recorded.
 * Processes are killed at any moment; afterwards every number is in some
 * segment, or was counted as lost.
 */

#include "ledger/writer.h"
#include "test.h"

#include <dirent.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>


#define PLACES  4
#define RING    MDL_RING_MIN

static char         dir[] = "/tmp/mdl-area-XXXXXX";
static mdl_area_t  *area;


static uint64_t
now_ms(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_REALTIME, &ts);

    return (uint64_t) ts.tv_sec * 1000 + (uint64_t) ts.tv_nsec / 1000000;
}


static mdl_writer_t *
start(uint32_t place, uint64_t max, uint64_t rate)
{
    mdl_writer_conf_t  c;

    memset(&c, 0, sizeof(c));
    c.area = area;
    c.place = place;
    c.owner = mdl_owner();
    c.dir = dir;
    c.module = "test";
    c.key = "00000000";
    c.flush_ms = 1;
    c.max_bytes = max;
    c.rate = rate;

    return mdl_writer_start(&c);
}


static int
put(uint32_t place, int last)
{
    char      line[256];
    size_t    n;
    uint64_t  k;

    k = mdl_place(area, place)->next;
    n = (size_t) snprintf(line, sizeof(line), "{\"type\":\"%s\",\"time\":1,"
                          "\"n\":%llu,\"x\":\"%.*s\"}\n",
                          last ? "end" : "policy", (unsigned long long) k,
                          (int) (k * 7 % 150),
                          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                          "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
                          "cccccccccccccccccccccccccccccccccccccccccccccccccc");

    return mdl_ring_put(area, place, line, n, last, now_ms());
}


/* a worker that is killed some time */

static void
child(unsigned seed)
{
    int       i;
    unsigned  k;

    i = mdl_place_claim(area, mdl_owner());

    if (i < 0 || start((uint32_t) i, 0, 0) == NULL) {
        _exit(1);
    }

    for (k = 0; ; k++) {
        (void) put((uint32_t) i, k % 97 == 96);

        if (k % 16 == seed % 16) {
            (void) mdl_lease(area, (uint32_t) i, (uint64_t) time(NULL));
            usleep(200);
        }
    }
}


/* what the segments have: the numbers of each place; lines that are no lines */

typedef struct {
    uint64_t   max, have, twice, missing;
    uint8_t   *seen;
} row_t;


static row_t     rows[PLACES];
static unsigned  files, broken, ended;


static void
read_segments(void)
{
    char            path[512], *line;
    FILE           *f;
    DIR            *d;
    size_t          i, pub, priv, len;
    uint64_t        n;
    uint32_t        place;
    mdl_segment_t   seg;
    struct dirent  *e;
    struct stat     st;

    memset(rows, 0, sizeof(rows));
    files = broken = ended = 0;

    for (i = 0; i < PLACES; i++) {
        rows[i].seen = calloc(1, 1 << 22);
    }

    line = malloc(2 * MDL_LINE_MAX);
    d = opendir(dir);

    while ((e = readdir(d)) != NULL) {
        if (e->d_name[0] == '.') {
            continue;
        }

        CHECK(mdl_segment_parse(e->d_name, &seg) == 0);
        snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
        CHECK(stat(path, &st) == 0 && (st.st_mode & 0777) == 0640);
        f = fopen(path, "r");
        place = PLACES;
        files++;

        while (fgets(line, 2 * MDL_LINE_MAX, f) != NULL) {
            len = strlen(line);

            if (line[len - 1] != '\n') {
                broken++;               /* the last one                      */
                CHECK(fgetc(f) == EOF);
                break;
            }

            CHECK(mdl_line_split(line, len - 1, &pub, &priv, &i) == 0);

            if (place == PLACES) {
                CHECK(strncmp(line, "{\"type\":\"head\"", 14) == 0);
                place = (uint32_t) atoi(strstr(line, "\"place\":") + 8);
                CHECK(place < PLACES);
                continue;
            }

            n = strtoull(strstr(line, "\"n\":") + 4, NULL, 10);
            CHECK(n < 1 << 22);
            rows[place].twice += rows[place].seen[n] != 0;
            rows[place].have += rows[place].seen[n] == 0;
            rows[place].seen[n] = 1;
            rows[place].max = n > rows[place].max ? n : rows[place].max;
            ended += strncmp(line, "{\"type\":\"end\"", 13) == 0;
        }

        fclose(f);
        remove(path);
    }

    closedir(d);
    free(line);

    for (i = 0; i < PLACES; i++) {
        for (n = 0; n <= rows[i].max; n++) {
            rows[i].missing += rows[i].seen[n] == 0;
        }
        free(rows[i].seen);
    }
}


static void
new_area(uint64_t entries)
{
    size_t  n;

    n = mdl_area_size(PLACES, RING, entries);
    area = mmap(NULL, n, PROT_READ|PROT_WRITE, MAP_SHARED|MAP_ANONYMOUS, -1,
                0);
    CHECK(area != MAP_FAILED);
    CHECK(mdl_area_init(area, PLACES, RING, entries, now_ms()) == 0);
}


static void
test_plain(void)
{
    int           i;
    unsigned      k;
    uint64_t      lost;
    mdl_writer_t *w;

    test_begin("lines, segments that end, a full ring");

    new_area(16);
    i = mdl_place_claim(area, mdl_owner());
    CHECK(i == 0 && mdl_owner_alive(mdl_owner()));
    CHECK(mdl_owner_alive(mdl_owner() + 1) == 0);

    /* no writer: the ring fills up, numbers go on */

    for (k = 0; k < 2000; k++) {
        (void) put(0, 0);
    }

    lost = mdl_place(area, 0)->lost;
    CHECK(lost > 500 && mdl_place(area, 0)->next == 2000);

    w = start(0, 0, 0);
    CHECK(w != NULL);

    while (mdl_ring_used(area, 0) != 0) {
        usleep(1000);
    }

    for (k = 0; k < 50; k++) {
        CHECK(put(0, k % 10 == 9) == 0);
    }

    CHECK(mdl_writer_stop(w, 5000) == 0);
    CHECK(mdl_place(area, 0)->owner == 0);
    read_segments();
    CHECK(files == 5 && ended == 5 && broken == 0);
    CHECK(rows[0].max == 2049 && rows[0].missing == lost
          && rows[0].twice == 0);

    /* a spool that is full: nothing is written, all is counted */

    i = mdl_place_claim(area, mdl_owner());
    CHECK(i == 0);
    area->spool_bytes = 2000000;
    w = start(0, 1000000, 0);
    lost = mdl_place(area, 0)->lost;

    for (k = 0; k < 2000; k++) {
        (void) put(0, 0);
    }

    CHECK(mdl_place(area, 0)->lost > lost);
    usleep(20000);
    CHECK(mdl_place(area, 0)->failing != 0);
    CHECK(mdl_writer_stop(w, 5000) == 0);
    CHECK(mdl_place(area, 0)->owner != 0);
    read_segments();
    CHECK(files == 0);
    munmap(area, area->size);
}


static void
test_killed(void)
{
    int            i, st;
    pid_t          pid[3];
    unsigned       r, rounds;
    uint64_t       lost, next;
    mdl_writer_t  *w;

    test_begin("killed at any moment: no number goes unseen");

    new_area(16);
    rounds = test_share(60);
    srand(1);

    for (r = 0; r < 3; r++) {
        pid[r] = fork();
        if (pid[r] == 0) {
            child(r);
        }
    }

    for (r = 0; r < rounds; r++) {
        usleep((useconds_t) (1000 + rand() % 20000));
        i = rand() % 3;
        kill(pid[i], SIGKILL);
        waitpid(pid[i], &st, 0);
        CHECK(WIFSIGNALED(st));
        pid[i] = fork();
        if (pid[i] == 0) {
            child(r);
        }
    }

    for (r = 0; r < 3; r++) {
        kill(pid[r], SIGKILL);
        waitpid(pid[r], &st, 0);
        CHECK(WIFSIGNALED(st));
    }

    /* who comes last takes one over, and writes out the others */

    i = mdl_place_claim(area, mdl_owner());
    CHECK(i >= 0);
    CHECK(mdl_lease(area, (uint32_t) i, (uint64_t) time(NULL) + 100));
    w = start((uint32_t) i, 0, 0);

    for (r = 0; r < 1000; r++) {
        for (st = 0, lost = 0; st < PLACES; st++) {
            lost += mdl_ring_used(area, (uint32_t) st);
        }
        if (lost == 0 && r > 10) {
            break;
        }
        usleep(10000);
    }

    CHECK(mdl_writer_stop(w, 5000) == 0);
    read_segments();

    for (st = 0, next = 0; st < PLACES; st++) {
        mdl_place_t  *p = mdl_place(area, (uint32_t) st);

        if (p->next == 0) {
            continue;               /* nobody has had it */
        }

        CHECK(rows[st].max < p->next);
        CHECK(rows[st].missing + (p->next - (rows[st].max + 1)) <= p->lost);
        next += p->next;
    }

    printf("# %u kills, %llu numbers, %u files, %u cut, %llu twice\n", rounds,
           (unsigned long long) next, files, broken,
           (unsigned long long) (rows[0].twice + rows[1].twice
                                 + rows[2].twice + rows[3].twice));
    munmap(area, area->size);
}


static void
test_entries(void)
{
    int                 i, st;
    pid_t               pid[4];
    uint64_t            key[2], n, total, born, k;
    mdl_count_entry_t  *e, gone;

    test_begin("entries: counts of many processes, those that make room");

    new_area(512);

    for (i = 0; i < 4; i++) {
        pid[i] = fork();

        if (pid[i] == 0) {
            for (n = 0; n < 40000; n++) {
                key[0] = n % 100 * 0x9e3779b97f4a7c15ULL + 1;
                key[1] = n % 100;

                do {
                    e = mdl_entry_get(area, key, now_ms(), &gone);
                } while (e == NULL);

                (void) mdl_entry_add(e, 1);
                __atomic_store_n(&e->state, MDL_ENTRY_RECORDED,
                                 __ATOMIC_RELEASE);
            }
            _exit(0);
        }
    }

    for (i = 0; i < 4; i++) {
        waitpid(pid[i], &st, 0);
        CHECK(st == 0);
    }

    for (n = 0, total = 0, born = 0; n < area->nentries; n++) {
        e = mdl_entry_at(area, n);
        total += e->total;
        born += e->state != MDL_ENTRY_FREE;
    }

    CHECK(born == 100 && total == 160000);

    /* due after 60 s, then every 600 */

    key[0] = 7;
    key[1] = 8;
    e = mdl_entry_get(area, key, 1000000, &gone);
    (void) mdl_entry_add(e, 1000);
    CHECK(!mdl_entry_due(e, 2000, 60, 600));
    e->state = MDL_ENTRY_RECORDED;
    CHECK(!mdl_entry_due(e, 1059, 60, 600) && mdl_entry_due(e, 1060, 60, 600));
    CHECK(mdl_entry_total(e) == 1);
    mdl_entry_told(e, 1, 1060);
    CHECK(!mdl_entry_due(e, 9000, 60, 600));
    (void) mdl_entry_add(e, 1061);
    CHECK(!mdl_entry_due(e, 1659, 60, 600) && mdl_entry_due(e, 1660, 60, 600));
    CHECK(mdl_entry_is(e, key));

    /* far more than there is room for: what goes is told */

    for (n = 0, total = 0, k = 0; n < 5000; n++) {
        key[0] = n * 0xbf58476d1ce4e5b9ULL + 3;
        key[1] = n + 1000;
        e = mdl_entry_get(area, key, 2000000 + n, &gone);
        CHECK(e != NULL);
        k += gone.state != 0 && gone.key[1] >= 1000;
        (void) mdl_entry_add(e, 2000 + n / 1000);
        e->state = MDL_ENTRY_RECORDED;
    }

    for (n = 0; n < area->nentries; n++) {
        e = mdl_entry_at(area, n);
        k += e->state == MDL_ENTRY_RECORDED && e->key[1] >= 1000;
    }

    CHECK(k == 5000);

    /* one whose maker has died */

    e = mdl_entry_at(area, 5);
    e->state = MDL_ENTRY_WRITING;
    e->touched_s = 100;
    mdl_entry_sweep(e, 150);
    CHECK(e->state == MDL_ENTRY_WRITING);
    mdl_entry_sweep(e, 161);
    CHECK(e->state == MDL_ENTRY_FREE);
    munmap(area, area->size);
}


int
main(void)
{
    if (mkdtemp(dir) == NULL) {
        perror(dir);
        return 2;
    }

    test_plain();
    test_killed();
    test_entries();
    CHECK(rmdir(dir) == 0);

    return test_done();
}
