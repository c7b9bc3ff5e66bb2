/*
 * roles.h - who may what: roles.yaml.
 */

#ifndef MDD_ROLES_H
#define MDD_ROLES_H

#include "moderationd/moderationd.h"

enum {
    MDD_VIEWER = 1, MDD_TRAINEE = 2, MDD_REVIEWER = 4, MDD_LEAD = 8,
    MDD_POLICY = 16, MDD_AUDITOR = 32, MDD_INSPECTOR = 64, MDD_ADMIN = 128,
    MDD_ONE_CASE = 512                  /* an inspector of one case: alone    */
};

#define MDD_WHO_MAX    64
#define MDD_SCOPES_MAX  16

/* a person of one request; without sites, queues: all of them */
typedef struct {
    char      name[MDD_WHO_MAX + 1];
    unsigned  roles;
    int       local;                    /* moderationctl: nobody's second    */
    size_t    nsites, nqueues, nlabels_not;
    char      sites[MDD_SCOPES_MAX][MDD_WHO_MAX + 1];
    char      queues[MDD_SCOPES_MAX][MDD_WHO_MAX + 1];
    char      labels_not[MDD_SCOPES_MAX][MDD_WHO_MAX + 1];
    int64_t   until;                    /* ms, 0: no end                     */
    int64_t   casefile;                 /* of MDD_ONE_CASE                   */
} mdd_person_t;

typedef struct mdd_roles_s  mdd_roles_t;

/* NULL: m has errors */
mdd_roles_t *mdd_roles_read(const mdd_conf_t *conf, const char *file,
    mdd_msgs_t *m);
void mdd_roles_free(mdd_roles_t *roles);

/* what a name and its groups ("a,b c") may; 0: unknown, or its time is over */
int mdd_roles_find(const mdd_roles_t *roles, const char *name,
    const char *groups, int64_t now, mdd_person_t *who);

/* names that users: gives, from 0; NULL behind the last */
const char *mdd_roles_user(const mdd_roles_t *roles, size_t i,
    unsigned *mask);

/* "reviewer,lead" */
void mdd_roles_text(unsigned mask, char out[128]);

/* does the person see cards of this site, queue, and label? */
int mdd_may_see(const mdd_person_t *who, const char *site, const char *queue,
    const char *label);

#endif
