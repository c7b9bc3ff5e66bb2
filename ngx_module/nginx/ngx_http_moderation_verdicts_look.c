/*
 * ngx_http_moderation_verdicts_look.c - have mapped tables got new files?
 *
 * Once a second a thread asks the file system for their names, since a disk
 * may keep it waiting; the event loop compares what it says with what is
 * mapped.
 */


#include "ngx_http_moderation.h"

#include <sys/stat.h>


struct ngx_http_moderation_verdicts_look_s {
    ngx_atomic_t  done;                         /* 1; 2: nobody waits for it */
    char          names[MDL_TABLES][NGX_MAX_PATH];
    struct stat   st[MDL_TABLES];
    ngx_uint_t    there[MDL_TABLES];
};


static void
ngx_http_moderation_verdicts_stat(ngx_http_moderation_verdicts_look_t *look)
{
    ngx_uint_t  i;

    for (i = 0; i < MDL_TABLES; i++) {
        look->there[i] = stat(look->names[i], &look->st[i]) == 0;
    }
}


static void *
ngx_http_moderation_verdicts_look_run(void *data)
{
    ngx_http_moderation_verdicts_look_t *look = data;

    ngx_http_moderation_thread_begin(0);
    ngx_http_moderation_verdicts_stat(look);

    if (!ngx_atomic_cmp_set(&look->done, 0, 1)) {
        free(look);
    }

    return NULL;
}


ngx_http_moderation_verdicts_look_t *
ngx_http_moderation_verdicts_look_start(ngx_str_t *dir)
{
    ngx_uint_t                            i;
    ngx_http_moderation_verdicts_look_t  *look;

    look = calloc(1, sizeof(ngx_http_moderation_verdicts_look_t));
    if (look == NULL) {
        return NULL;
    }

    for (i = 0; i < MDL_TABLES; i++) {
        (void) ngx_snprintf((u_char *) look->names[i], NGX_MAX_PATH,
                            "%V/%s%Z", dir, mdl_table_names[i]);
    }

    if (ngx_http_moderation_thread(ngx_http_moderation_verdicts_look_run,
                                   look)
        != 0)
    {
        ngx_http_moderation_verdicts_stat(look);
        look->done = 1;
    }

    return look;
}


ngx_uint_t
ngx_http_moderation_verdicts_look_done(
    ngx_http_moderation_verdicts_look_t *look)
{
    if (!look->done) {
        return 0;
    }

    ngx_memory_barrier();

    return 1;
}


void
ngx_http_moderation_verdicts_look_leave(
    ngx_http_moderation_verdicts_look_t *look)
{
    if (look != NULL && !ngx_atomic_cmp_set(&look->done, 0, 2)) {
        free(look);
    }
}


const struct stat *
ngx_http_moderation_verdicts_look_file(
    ngx_http_moderation_verdicts_look_t *look, ngx_uint_t kind)
{
    return look->there[kind] ? &look->st[kind] : NULL;
}
