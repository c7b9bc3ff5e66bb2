/*
 * say.c - messages to stderr, one line each, whole lines only; with syslog's
 * <level> in front where systemd reads them.
 */

#include "moderationd.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>


static int level_max = MDD_INFO;


void
mdd_say_level(int level)
{
    level_max = level;
}


int64_t
mdd_steady(void)
{
    struct timespec  ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);

    return (int64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}


int
mdd_say_due(int64_t *at)
{
    int64_t  now = mdd_steady();

    if (*at != 0 && now < *at + 60000) {
        return 0;
    }

    *at = now;

    return 1;
}


void
mdd_say(int level, const char *fmt, ...)
{
    int          n, m;
    char         line[1024];
    size_t       i;
    va_list      ap;
    ssize_t      rc;
    static const char *const names[] = {
        "emerg", "alert", "crit", "error", "warn", "notice", "info", "debug"
    };

    if (level > level_max) {
        return;
    }

    n = getenv("JOURNAL_STREAM") != NULL
        ? snprintf(line, sizeof(line), "<%d>", level)
        : snprintf(line, sizeof(line), "moderationd: %s: ",
                   names[level & 7]);

    va_start(ap, fmt);
    m = vsnprintf(line + n, sizeof(line) - (size_t) n - 1, fmt, ap);
    va_end(ap);

    if (m < 0) {
        return;
    }

    n = (int) strlen(line);
    for (i = 0; i < (size_t) n; i++) {
        if ((unsigned char) line[i] < 0x20 || line[i] == 0x7f) {
            line[i] = '?';
        }
    }
    line[n++] = '\n';

    do {
        rc = write(STDERR_FILENO, line, (size_t) n);
    } while (rc < 0 && errno == EINTR);
}
