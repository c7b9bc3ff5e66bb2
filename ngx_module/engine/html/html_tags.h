/*
 * html_tags.h - the tags that tree construction knows (WHATWG HTML, 13.2.4.2
 * and 13.2.6), one line each: name and what is special about it.
 */

#ifndef MDR_HTML_TAGS_H
#define MDR_HTML_TAGS_H

#define F_SPECIAL   0x0001u
#define F_FORMAT    0x0002u
#define F_VOID      0x0004u
#define F_CLOSES_P  0x0008u     /* its start closes a p in button scope     */
#define F_SCOPE     0x0010u     /* ends "in scope"                          */
#define F_IMPLIED   0x0020u     /* its end tag may be implied               */
#define F_BLOCK     0x0040u     /* end tag: close in scope, as for div      */
#define F_TABLE     0x0080u     /* start is a matter of the table modes     */
#define F_HEAD      0x0100u     /* belongs into head where there is no body */
#define F_BREAKOUT  0x0200u     /* ends foreign content                     */
#define F_MARKER    0x0400u     /* applet, marquee, object                  */
#define F_RAW       0x0800u
#define F_RCDATA    0x1000u
#define F_PLAIN     0x4000u     /* its start opens it, and that is all      */
#define F_LINES     0x8000u     /* text before, in and behind it are apart:
                                   block, list-item, table parts by the
                                   default styles (WHATWG HTML, 15.3)       */
#define F_PLAIN_END 0x2000u     /* its end tag just ends it, if innermost   */

#define TAGS(X)                                                              \
    X(A, "a", F_FORMAT|F_PLAIN_END)                                          \
    X(ADDRESS, "address", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)  \
    X(ANIMATE, "animate", F_PLAIN|F_PLAIN_END)                               \
    X(APPLET, "applet", F_SPECIAL|F_SCOPE|F_MARKER)                          \
    X(AREA, "area", F_SPECIAL|F_VOID)                                        \
    X(ARTICLE, "article", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)  \
    X(ASIDE, "aside", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)      \
    X(AUDIO, "audio", F_PLAIN)                                               \
    X(B, "b", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                               \
    X(BASE, "base", F_SPECIAL|F_VOID|F_HEAD)                                 \
    X(BASEFONT, "basefont", F_SPECIAL|F_VOID|F_HEAD)                         \
    X(BDO, "bdo", F_PLAIN)                                                   \
    X(BGSOUND, "bgsound", F_SPECIAL|F_VOID|F_HEAD)                           \
    X(BIG, "big", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                           \
    X(BLOCKQUOTE, "blockquote", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|     \
      F_PLAIN_END|F_LINES)                                                   \
    X(BODY, "body", F_SPECIAL|F_BREAKOUT|F_LINES)                            \
    X(BR, "br", F_SPECIAL|F_VOID|F_BREAKOUT)                                 \
    X(BUTTON, "button", F_SPECIAL|F_BLOCK|F_PLAIN_END)                       \
    X(CANVAS, "canvas", F_PLAIN)                                             \
    X(CAPTION, "caption", F_SPECIAL|F_SCOPE|F_TABLE|F_LINES)                 \
    X(CENTER, "center", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|F_PLAIN_END| \
      F_LINES)                                                               \
    X(CODE, "code", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                         \
    X(COL, "col", F_SPECIAL|F_VOID|F_TABLE)                                  \
    X(COLGROUP, "colgroup", F_SPECIAL|F_TABLE|F_LINES)                       \
    X(DATALIST, "datalist", F_PLAIN)                                         \
    X(DD, "dd", F_SPECIAL|F_IMPLIED|F_BREAKOUT|F_PLAIN_END|F_LINES)          \
    X(DETAILS, "details", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)  \
    X(DIALOG, "dialog", F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)              \
    X(DIR, "dir", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)          \
    X(DIV, "div", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|F_PLAIN_END|       \
      F_LINES)                                                               \
    X(DL, "dl", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|F_PLAIN_END|F_LINES) \
    X(DT, "dt", F_SPECIAL|F_IMPLIED|F_BREAKOUT|F_PLAIN_END|F_LINES)          \
    X(EM, "em", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                             \
    X(EMBED, "embed", F_SPECIAL|F_VOID|F_BREAKOUT)                           \
    X(FIELDSET, "fieldset", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|        \
      F_LINES)                                                               \
    X(FIGCAPTION, "figcaption", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|    \
      F_LINES)                                                               \
    X(FIGURE, "figure", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)    \
    X(FONT, "font", F_FORMAT|F_PLAIN_END)                                    \
    X(FOOTER, "footer", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)    \
    X(FORM, "form", F_SPECIAL|F_CLOSES_P|F_LINES)                            \
    X(FRAME, "frame", F_SPECIAL|F_VOID)                                      \
    X(FRAMESET, "frameset", F_SPECIAL|F_LINES)                               \
    X(H1, "h1", F_SPECIAL|F_CLOSES_P|F_BREAKOUT|F_PLAIN_END|F_LINES)         \
    X(H2, "h2", F_SPECIAL|F_CLOSES_P|F_BREAKOUT|F_PLAIN_END|F_LINES)         \
    X(H3, "h3", F_SPECIAL|F_CLOSES_P|F_BREAKOUT|F_PLAIN_END|F_LINES)         \
    X(H4, "h4", F_SPECIAL|F_CLOSES_P|F_BREAKOUT|F_PLAIN_END|F_LINES)         \
    X(H5, "h5", F_SPECIAL|F_CLOSES_P|F_BREAKOUT|F_PLAIN_END|F_LINES)         \
    X(H6, "h6", F_SPECIAL|F_CLOSES_P|F_BREAKOUT|F_PLAIN_END|F_LINES)         \
    X(HEAD, "head", F_SPECIAL|F_BREAKOUT)                                    \
    X(HEADER, "header", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)    \
    X(HGROUP, "hgroup", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)    \
    X(HR, "hr", F_SPECIAL|F_VOID|F_CLOSES_P|F_BREAKOUT|F_LINES)              \
    X(HTML, "html", F_SPECIAL|F_SCOPE|F_LINES)                               \
    X(I, "i", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                               \
    X(IFRAME, "iframe", F_SPECIAL|F_RAW)                                     \
    X(IMAGE, "image", 0)                                                     \
    X(IMG, "img", F_SPECIAL|F_VOID|F_BREAKOUT)                               \
    X(INPUT, "input", F_SPECIAL|F_VOID)                                      \
    X(KEYGEN, "keygen", F_SPECIAL|F_VOID)                                    \
    X(LEGEND, "legend", F_PLAIN|F_PLAIN_END|F_LINES)                         \
    X(LI, "li", F_SPECIAL|F_IMPLIED|F_BREAKOUT|F_PLAIN_END|F_LINES)          \
    X(LINK, "link", F_SPECIAL|F_VOID|F_HEAD)                                 \
    X(LISTING, "listing", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|           \
      F_PLAIN_END|F_LINES)                                                   \
    X(MAIN, "main", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)        \
    X(MARQUEE, "marquee", F_SPECIAL|F_SCOPE|F_MARKER)                        \
    X(MATH, "math", 0)                                                       \
    X(MENU, "menu", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|F_PLAIN_END|     \
      F_LINES)                                                               \
    X(META, "meta", F_SPECIAL|F_VOID|F_HEAD|F_BREAKOUT)                      \
    X(NAV, "nav", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)          \
    X(NOBR, "nobr", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                         \
    X(NOEMBED, "noembed", F_SPECIAL|F_RAW)                                   \
    X(NOFRAMES, "noframes", F_SPECIAL|F_RAW|F_HEAD|F_LINES)                  \
    X(NOSCRIPT, "noscript", F_SPECIAL)                                       \
    X(OBJECT, "object", F_SPECIAL|F_SCOPE|F_MARKER)                          \
    X(OL, "ol", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|F_PLAIN_END|F_LINES) \
    X(OPTGROUP, "optgroup", F_IMPLIED|F_LINES)                               \
    X(OPTION, "option", F_IMPLIED|F_LINES)                                   \
    X(P, "p", F_SPECIAL|F_CLOSES_P|F_IMPLIED|F_BREAKOUT|F_PLAIN_END|F_LINES) \
    X(PARAM, "param", F_SPECIAL|F_VOID)                                      \
    X(PLAINTEXT, "plaintext", F_SPECIAL|F_CLOSES_P|F_LINES)                  \
    X(PRE, "pre", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|F_PLAIN_END|       \
      F_LINES)                                                               \
    X(RB, "rb", F_IMPLIED|F_PLAIN_END)                                       \
    X(RP, "rp", F_IMPLIED|F_PLAIN_END)                                       \
    X(RT, "rt", F_IMPLIED|F_PLAIN_END)                                       \
    X(RTC, "rtc", F_IMPLIED|F_PLAIN_END)                                     \
    X(RUBY, "ruby", F_BREAKOUT|F_PLAIN|F_PLAIN_END)                          \
    X(S, "s", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                               \
    X(SCRIPT, "script", F_SPECIAL|F_HEAD)                                    \
    X(SEARCH, "search", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)    \
    X(SECTION, "section", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)  \
    X(SELECT, "select", F_SPECIAL|F_SCOPE|F_BLOCK)                           \
    X(SET, "set", F_PLAIN|F_PLAIN_END)                                       \
    X(SMALL, "small", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                       \
    X(SOURCE, "source", F_SPECIAL|F_VOID)                                    \
    X(SPAN, "span", F_BREAKOUT|F_PLAIN|F_PLAIN_END)                          \
    X(STRIKE, "strike", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                     \
    X(STRONG, "strong", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                     \
    X(STYLE, "style", F_SPECIAL|F_RAW|F_HEAD)                                \
    X(SUB, "sub", F_BREAKOUT|F_PLAIN|F_PLAIN_END)                            \
    X(SUMMARY, "summary", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_PLAIN_END|F_LINES)  \
    X(SUP, "sup", F_BREAKOUT|F_PLAIN|F_PLAIN_END)                            \
    X(SVG, "svg", 0)                                                         \
    X(TABLE, "table", F_SPECIAL|F_SCOPE|F_BREAKOUT|F_LINES)                  \
    X(TBODY, "tbody", F_SPECIAL|F_TABLE|F_LINES)                             \
    X(TD, "td", F_SPECIAL|F_SCOPE|F_TABLE|F_LINES)                           \
    X(TEMPLATE, "template", F_SPECIAL|F_SCOPE|F_HEAD)                        \
    X(TEXTAREA, "textarea", F_SPECIAL|F_RCDATA)                              \
    X(TFOOT, "tfoot", F_SPECIAL|F_TABLE|F_LINES)                             \
    X(TH, "th", F_SPECIAL|F_SCOPE|F_TABLE|F_LINES)                           \
    X(THEAD, "thead", F_SPECIAL|F_TABLE|F_LINES)                             \
    X(TITLE, "title", F_SPECIAL|F_RCDATA|F_HEAD)                             \
    X(TR, "tr", F_SPECIAL|F_TABLE|F_LINES)                                   \
    X(TRACK, "track", F_SPECIAL|F_VOID)                                      \
    X(TT, "tt", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                             \
    X(U, "u", F_FORMAT|F_BREAKOUT|F_PLAIN_END)                               \
    X(UL, "ul", F_SPECIAL|F_CLOSES_P|F_BLOCK|F_BREAKOUT|F_PLAIN_END|F_LINES) \
    X(VAR, "var", F_BREAKOUT|F_PLAIN|F_PLAIN_END)                            \
    X(VIDEO, "video", F_PLAIN)                                               \
    X(WBR, "wbr", F_SPECIAL|F_VOID)                                          \
    X(XMP, "xmp", F_SPECIAL|F_CLOSES_P|F_RAW|F_LINES)

#define TAG_ID(id, name, flags)  T_##id,

enum { T_NONE, TAGS(TAG_ID) T_COUNT };

#endif
