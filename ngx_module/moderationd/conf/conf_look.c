/*
 * conf_look.c - what moderationd -t sees without starting: files that are
 * open to more than they should be, folders that are not there.
 */

#include "moderationd/moderationd.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>


static void
look(const mdd_conf_t *c, mdd_msgs_t *m, const char *key, const char *path,
    int folder, unsigned wide)
{
    struct stat        st;
    const mdd_yaml_t  *at;

    at = mdd_yaml_get(c->yaml, key);

    if (stat(path, &st) != 0) {
        if (folder) {
            mdd_yaml_warn(m, at, "%s %s: %s", key, path, strerror(errno));
        }
        return;
    }

    if (folder && !S_ISDIR(st.st_mode)) {
        mdd_yaml_error(m, at, "%s %s: not a folder", key, path);
        return;
    }

    if (st.st_mode & wide) {
        mdd_yaml_warn(m, at, "%s %s has mode %04o: %s", key, path,
                      (unsigned) st.st_mode & 07777,
                      st.st_mode & wide & 0007 ? "others shall not reach it"
                      : "its group shall not");
    }
}


void
mdd_conf_look(const mdd_conf_t *c, mdd_msgs_t *m)
{
    look(c, m, "spool", c->spool, 1, 0007);
    look(c, m, "ledger", c->ledger, 0, 0027);
    look(c, m, "verdicts", c->verdicts, 0, 0027);
    look(c, m, "store", c->store, 0, 0077);
    look(c, m, "sign_key", c->sign_key, 0, 0077);
    look(c, m, "last_signed", c->last_signed, 0, 0077);
    look(c, m, "id_key", c->id_key, 0, 0037);
    look(c, m, "secret", c->secret, 0, 0037);
    look(c, m, "roles", c->roles, 0, 0007);
}
