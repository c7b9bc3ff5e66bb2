/*
 * node.h - a YAML document as a tree with positions (load_yaml.c), and the
 * calls that read checked values out of it (load_value.c).
 */

#ifndef MDR_NODE_H
#define MDR_NODE_H

#include "base/model.h"

enum { MDR_NODE_SCALAR, MDR_NODE_LIST, MDR_NODE_MAP };

typedef struct mdr_node_s  mdr_node_t;

struct mdr_node_s {
    uint8_t       kind;
    uint8_t       quoted;           /* scalar: 'x' or "x" or a block        */
    uint32_t      line, column;     /* from 1                               */
    uint32_t      file;
    mdr_str_t     text;             /* scalar                               */
    mdr_node_t   *key;              /* map entry: its key                   */
    mdr_node_t   *first, *next;     /* children; the next of the parent     */
    uint32_t      n;
};

/* what loading carries around */
typedef struct {
    mdr_model_t           *model;
    mdr_arena_t           *arena;
    mdr_diags_t           *diags;
    const mdr_alloc_t     *alloc;
    const mdr_load_conf_t *conf;
    size_t                 files_cap;
    uint8_t                no_memory;
    /* list files, read once */
    struct mdr_list_file_s *lists;
    size_t                 nlists, lists_cap;
    /* documents, in order */
    mdr_node_t           **docs;
    size_t                 ndocs, docs_cap;
    /* defaults */
    mdr_profile_t          profile;
    uint8_t                mode;
    uint8_t                bad_slots;   /* rules cannot be held against them */
} mdr_load_t;

/* load_yaml.c: bytes to tree; NULL: a diagnostic was added */
mdr_node_t *mdr_load_yaml(mdr_load_t *ld, uint32_t file, const uint8_t *p,
    size_t n);

/* load_typing.c: full-width colons, blanks and brackets are said; MDR_ERROR:
 * there are some.  Is what stands at a place of a mistake a text that wants
 * quotes?  it goes into text, its column into *at; so does one that begins with
 * # in a list.  And what libyaml says, in words that help its author */
int mdr_load_typing(mdr_load_t *ld, uint32_t file, const uint8_t *bytes,
    size_t size);
int mdr_load_unquoted(const uint8_t *bytes, size_t size, uint32_t line,
    uint32_t column, char *text, size_t room, uint32_t *at);
int mdr_load_hash(const uint8_t *bytes, size_t size, uint32_t to, char *text,
    size_t room, uint32_t *line, uint32_t *at);
void mdr_load_plain(const char *problem, const char *context, uint32_t from,
    char *text, size_t room);

/* load_value.c */

#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
void mdr_load_error(mdr_load_t *ld, const mdr_node_t *at, const char *code,
    const char *fmt, ...);
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
void mdr_load_warn(mdr_load_t *ld, const mdr_node_t *at, const char *code,
    const char *fmt, ...);
/* the same, offset bytes into the text of a plain scalar */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
void mdr_load_error_in(mdr_load_t *ld, const mdr_node_t *at, size_t offset,
    const char *code, const char *fmt, ...);

void *mdr_load_alloc(mdr_load_t *ld, size_t n);

/* entry of a map or NULL */
mdr_node_t *mdr_node_get(const mdr_node_t *map, const char *key);
int mdr_node_is(const mdr_node_t *n, const char *text);
/* one of YAML's empty values */
int mdr_node_is_null(const mdr_node_t *n);

/* every key known and there once; what: "rule", "slot" ... */
int mdr_load_keys(mdr_load_t *ld, const mdr_node_t *map, const char *what,
    const char *const *keys, size_t n);

/* values: MDR_OK, or MDR_ERROR and a diagnostic; an absent node leaves *v */
int mdr_load_string(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    mdr_str_t *v);
int mdr_load_int(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    int64_t min, int64_t max, int64_t *v);
int mdr_load_number(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    double min, double max, double *v);
int mdr_load_bool(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    uint8_t *v);
/* one of words[n]; its index in *v */
int mdr_load_word(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    const char *const *words, size_t nwords, uint8_t *v);
/* a list of words, or one, as bits */
int mdr_load_bits(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    const char *const *words, size_t nwords, uint32_t *v);
/* a string or a list of strings */
int mdr_load_strings(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    mdr_str_t **v, uint32_t *nv);
/* a name: letters and digits (of any script), ".", "_", "-" */
int mdr_load_name(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    size_t max, mdr_str_t *v);
/* YYYY-MM-DD to days since 1970 */
int mdr_load_date(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    int32_t *v);
/* 10m, 30s, 2h, 1d to seconds */
int mdr_load_seconds(mdr_load_t *ld, const mdr_node_t *n, const char *what,
    uint32_t *v);

/* load_slots.c, load_rules.c, load_list.c */
int mdr_load_slots(mdr_load_t *ld);
/* load_review.c: `review` of a slot whose fields are loaded */
int mdr_load_review(mdr_load_t *ld, mdr_node_t *slot, mdr_slot_t *s);
/* slots of one scope, once all are there */
int mdr_load_scopes(mdr_load_t *ld);
/* load_profile.c */
int mdr_load_defaults(mdr_load_t *ld);
int mdr_load_rules(mdr_load_t *ld);
/* load_desk.c: what only the desk reads, of all files; strikes of a rule */
int mdr_load_desk(mdr_load_t *ld);
int mdr_load_strikes(mdr_load_t *ld, mdr_node_t *n);
/* load_setting.c: the same as a list, once it is right */
int mdr_load_settings(mdr_load_t *ld);
int mdr_load_profile(mdr_load_t *ld, const mdr_node_t *map,
    mdr_profile_t *p);
/* load_source.c: a field of a slot of the type */
int mdr_load_field(mdr_load_t *ld, mdr_node_t *n, uint8_t type,
    mdr_field_t *f);
/* "SELECTOR@attr" in its parts */
int mdr_load_html_place(mdr_load_t *ld, const mdr_node_t *at,
    mdr_str_t *selector, mdr_str_t *attr);
int mdr_load_check_path(mdr_load_t *ld, const mdr_node_t *at, const char *what,
    mdr_str_t path);
int mdr_load_check_selector(mdr_load_t *ld, const mdr_node_t *at,
    const char *what, mdr_str_t s);
/* load_match.c: the "match" of a rule */
int mdr_load_match(mdr_load_t *ld, mdr_node_t *rule, mdr_rule_t *r);
/* load_list.c: terms that stand in the policy, and those of list files, whose
 * names are relative to the file of the node; either may be NULL */
int mdr_load_terms(mdr_load_t *ld, mdr_node_t *terms, mdr_group_t *g,
    uint64_t *cap);
int mdr_load_lists(mdr_load_t *ld, mdr_node_t *list, mdr_group_t *g,
    uint64_t *cap);
/* one more term of g; cap: terms that there is room for */
int mdr_load_add_term(mdr_load_t *ld, mdr_group_t *g, uint64_t *cap,
    mdr_str_t term, const mdr_pos_t *pos);
/* a line of a list, [*p, e) of which is the term: what stands behind it, a
 * weight and a place, goes into t; *e is moved to the end of the term */
int mdr_load_weight(mdr_load_t *ld, const char *p, const char **e,
    uint32_t file, uint32_t line, mdr_term_t *t);
/* terms of g are there: is it a weighted group, and what do its terms weigh */
int mdr_load_weights(mdr_load_t *ld, const mdr_node_t *map, mdr_group_t *g);
/* all groups of r are there: the condition of g, which is one of them */
int mdr_load_group_when(mdr_load_t *ld, const mdr_node_t *when, mdr_rule_t *r,
    mdr_group_t *g);
/* weights are of use only where the condition of the rule asks for the score */
int mdr_load_score_used(mdr_load_t *ld, const mdr_node_t *at,
    const mdr_rule_t *r);
/* a term is fit to be one; at its node or in line `line` of a list file */
int mdr_load_term_ok(mdr_load_t *ld, mdr_str_t term, uint32_t file,
    uint32_t line, uint32_t column);

/* load_pages.c, behind slots */
int mdr_load_pages(mdr_load_t *ld);

/* load_law.c */
int mdr_load_law(mdr_load_t *ld, mdr_node_t *n, mdr_rule_t *r);
int mdr_load_account(mdr_load_t *ld, mdr_node_t *match, mdr_rule_t *r);
int mdr_load_places(mdr_load_t *ld);

/* load.c */
typedef struct mdr_list_file_s {
    char       *path;               /* in the arena                          */
    uint8_t    *data;               /* of ld->alloc; NULL: cannot be read    */
    size_t      len;
    uint32_t    file;               /* index in model->files                 */
    int         error;              /* errno                                 */
    const char *why;                /* or in words                           */
} mdr_list_file_t;

/* the list file that node at names, relative to its own file; NULL: no
 * memory */
mdr_list_file_t *mdr_load_list_file(mdr_load_t *ld, const mdr_node_t *at,
    mdr_str_t name);

#define MDR_LIST_MAX  (256u << 20)  /* bytes of a list file                  */

/* load_include.c: the files of a policy; those that `include` of doc names are
 * added.  And of a file that was: has it nothing but what it may have? */
#define MDR_FILES_MAX  1000

typedef struct {
    char  **name;
    int     n;
} mdr_names_t;

int mdr_load_include(mdr_load_t *ld, const mdr_node_t *doc,
    mdr_names_t *names);
int mdr_load_included(mdr_load_t *ld, const mdr_node_t *doc);

/* is the file inside of the folder (with its last "/"), wherever links lead?  On
 * no, errno says why, or *why does */
int mdr_load_inside(const char *path, const char *folder, size_t folder_len,
    const char **why);

/* a file whole, of alloc; NULL and errno (EFBIG: larger than max) */
uint8_t *mdr_load_read_file(const mdr_alloc_t *a, const char *path,
    size_t max, size_t *len);
/* a name that counts in a folder */
int mdr_load_is_yaml(const char *name);

/* 1: default ignorable, would not be seen in an editor */
int mdr_load_invisible(uint32_t cp);
/* MDR_ERROR, with diagnostics, unless the file is UTF-8 and holds nothing that
 * its author would not see */
int mdr_load_check_bytes(mdr_load_t *ld, const char *path, const uint8_t *p,
    size_t n);

/* cond.c */
int mdr_cond_parse(mdr_str_t s, const mdr_group_t *groups, uint32_t ngroups,
    mdr_arena_t *arena, mdr_cond_t **conds, uint32_t *nconds, char *err,
    size_t size, size_t *offset);

#endif
