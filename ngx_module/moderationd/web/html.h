/*
 * html.h - text into HTML: the one place where anything is escaped.
 *
 * A page is written by mdd_html_f alone: its format is a literal of ours, and
 * every %s in it is escaped, in text and in double-quoted attribute values
 * alike.  What people wrote goes through mdd_html_text or _marked.
 */

#ifndef MDD_HTML_H
#define MDD_HTML_H

#include "moderationd/moderationd.h"

/* %s (escaped) %d %lld %zu %% */
__attribute__((format(printf, 2, 3)))
void mdd_html_f(mdd_buf_t *b, const char *fmt, ...);

/* escaped; what is no UTF-8, and NUL, is U+FFFD */
void mdd_html_esc(mdd_buf_t *b, const char *s, size_t n);

/* what people wrote: in <bdi>, invisible characters drawn as U+200B; at most
 * max characters (0: all), then an ellipsis */
void mdd_html_text(mdd_buf_t *b, const char *s, size_t n, size_t max);

typedef struct {
    size_t       start, end;        /* bytes of the text                     */
    const char  *title;             /* whose hit, or NULL                    */
} mdd_span_t;

/* the same with <mark> over spans, in any order, overlapping ones joined */
void mdd_html_marked(mdd_buf_t *b, const char *s, size_t n, mdd_span_t *marks,
    size_t nmarks);

/* what changed from a to b, by character: <del> and <ins> */
void mdd_html_diff(mdd_buf_t *b, const char *from, size_t nfrom,
    const char *to, size_t nto);

#endif
