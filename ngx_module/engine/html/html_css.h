/*
 * html_css.h - style attributes, for html_shown.c and html_unseen.c.
 */

#ifndef MDR_HTML_CSS_H
#define MDR_HTML_CSS_H

#include "html.h"

#define MDR_STYLE_MAX  4096             /* of a style attribute is read      */

typedef struct {
    const char  *p;
    size_t       n;
} mdr_word_t;

static inline int
mdr_css_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\f' || c == '\r';
}

/* html_css.c */

/* the value of an attribute, references decoded; bytes in out[MDR_STYLE_MAX] */
size_t mdr_css_decode(const uint8_t *p, size_t n, uint8_t *out);
/* comments are nothing, escapes are their character, letters in lower case; in
 * place */
size_t mdr_css_plain(uint8_t *p, size_t n);
int mdr_css_is(mdr_word_t w, const char *s);
mdr_word_t mdr_css_trimmed(const uint8_t *from, const uint8_t *to);
const mdr_attr_t *mdr_css_attr(mdr_tag_t *t, const char *name);

#define MDR_CSS_OTHER  (-1)             /* none that is known                */
#define MDR_CSS_CLEAR  (-2)             /* one that nobody sees              */
/* a colour as 0xrrggbb, or one of these */
long mdr_css_colour(mdr_word_t v);

/* html_unseen.c */

/* may the tag have one of the attributes hidden and style? */
int mdr_html_may_say(const mdr_tag_t *t);
/* are the declarations at p, up to the quote, or (sheet) up to end, sure to
 * hide nothing? */
int mdr_css_is_dull(const uint8_t *p, const uint8_t *end, int sheet);
/* what declarations (plain) do that leave an element where it is and show
 * nothing of it, as pages that were broken into have them around their links;
 * whether one says anything about it */
typedef struct {
    int  away, says;                    /* out of sight, no size             */
    int  inkless, inks;                 /* in the colour of what is behind   */
} mdr_css_away_t;

void mdr_css_away(const uint8_t *p, size_t n, mdr_css_away_t *away);

/* html_shown.c */

typedef struct {                        /* -1: nothing is said               */
    int  none;                          /* display                           */
    int  hidden;                        /* visibility, content-visibility,
                                           opacity                           */
} mdr_css_say_t;

/* what declarations (plain) say */
void mdr_css_say(const uint8_t *p, size_t n, mdr_css_say_t *say);

#endif
