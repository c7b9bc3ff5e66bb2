/*
 * cmd_keys.c - `moderationctl keys new FILE`: the key of the record's hashes.
 */

#include "cli.h"
#include "ledger/ids.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>


int
cmd_keys(int argc, char **argv)
{
    int       fd, i, wide;
    char      text[sizeof(MDL_KEY_WORD) + 2 * MDL_KEY_BYTES + 1], err[512];
    size_t    n;
    uint8_t   secret[MDL_KEY_BYTES];
    mdl_key_t key;

    if (argc != 2 || (strcmp(argv[0], "new") != 0
                      && strcmp(argv[0], "show") != 0))
    {
        return cli_usage("keys");
    }

    if (argv[0][0] == 's') {
        if (mdl_key_load(&key, argv[1], &wide, err, sizeof(err)) != 0) {
            fprintf(stderr, "moderationctl: %s\n", err);
            return 2;
        }

        printf("%s\n", key.id);

        return 0;
    }

    if (mdl_random(secret, sizeof(secret)) != 0) {
        fprintf(stderr, "moderationctl: getrandom: %s\n", strerror(errno));
        return 2;
    }

    n = (size_t) snprintf(text, sizeof(text), "%s", MDL_KEY_WORD);

    for (i = 0; i < MDL_KEY_BYTES; i++) {
        n += (size_t) snprintf(text + n, sizeof(text) - n, "%02x", secret[i]);
    }

    text[n++] = '\n';

    /* one that is there is another installation's past: never written over */

    fd = open(argv[1], O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC|O_NOFOLLOW, 0640);

    if (fd == -1) {
        fprintf(stderr, "moderationctl: %s: %s\n", argv[1], strerror(errno));
        return 2;
    }

    if (fchmod(fd, 0640) == -1 || write(fd, text, n) != (ssize_t) n
        || fsync(fd) == -1)
    {
        fprintf(stderr, "moderationctl: %s: %s\n", argv[1], strerror(errno));
        close(fd);
        unlink(argv[1]);
        return 2;
    }

    close(fd);
    mdl_key_init(&key, secret, sizeof(secret));
    explicit_bzero(secret, sizeof(secret));
    explicit_bzero(text, sizeof(text));
    printf("%s\n", key.id);

    return 0;
}
