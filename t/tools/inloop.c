/*
 * inloop.c - a library for LD_PRELOAD that says when the event loop asks the file
 * system for a name: stat(), open(), opendir(), readlink() of a name that begins
 * with $INLOOP_UNDER, called by the main thread of a process while there is a
 * file $INLOOP_WHILE.  It is a line "CALL NAME" in $INLOOP_SAID each.
 */

#define _GNU_SOURCE

#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>


static void
asked(const char *call, const char *name)
{
    int          fd, n;
    char         line[4200];
    const char  *under, *armed, *said;

    under = getenv("INLOOP_UNDER");
    armed = getenv("INLOOP_WHILE");
    said = getenv("INLOOP_SAID");

    if (name == NULL || under == NULL || armed == NULL || said == NULL
        || strncmp(name, under, strlen(under)) != 0
        || syscall(SYS_gettid) != getpid()
        || syscall(SYS_faccessat, AT_FDCWD, armed, F_OK) != 0)
    {
        return;
    }

    fd = (int) syscall(SYS_openat, AT_FDCWD, said,
                       O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    n = snprintf(line, sizeof(line), "%s %.4000s\n", call, name);

    if (fd != -1) {
        n = (int) write(fd, line, (size_t) n);
        close(fd);
    }
}


#define REAL(name)  ((__typeof__(&name)) dlsym(RTLD_NEXT, #name))


int
stat(const char *name, struct stat *st)
{
    asked("stat", name);

    return REAL(stat)(name, st);
}


int
stat64(const char *name, struct stat64 *st)
{
    asked("stat", name);

    return REAL(stat64)(name, st);
}


int
open(const char *name, int flags, ...)
{
    int      mode;
    va_list  args;

    va_start(args, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
    va_end(args);

    asked("open", name);

    return REAL(open)(name, flags, mode);
}


int
open64(const char *name, int flags, ...)
{
    int      mode;
    va_list  args;

    va_start(args, flags);
    mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(args, int) : 0;
    va_end(args);

    asked("open", name);

    return REAL(open64)(name, flags, mode);
}


DIR *
opendir(const char *name)
{
    asked("opendir", name);

    return REAL(opendir)(name);
}


ssize_t
readlink(const char *name, char *to, size_t size)
{
    asked("readlink", name);

    return REAL(readlink)(name, to, size);
}
