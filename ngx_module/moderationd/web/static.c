/* static.c - style and script of the console, in the program itself */

#include "page.h"

#include <string.h>

#define FILE_IN(name, path)                                                   \
    __asm__(".pushsection .rodata\n" #name ":\n.incbin \"" path "\"\n"        \
            #name "_end:\n.byte 0\n.popsection\n");                           \
    extern const char name[], name##_end[];

FILE_IN(mdd_console_css, "ngx_module/moderationd/web/static/console.css")
FILE_IN(mdd_console_js, "ngx_module/moderationd/web/static/console.js")
FILE_IN(mdd_report_css, "ngx_module/moderationd/web/static/report.css")
FILE_IN(mdd_evidence_txt, "ngx_module/moderationd/web/static/evidence.txt")
FILE_IN(mdd_verify_py, "ngx_module/moderationd/verify/verify.py")

static const mdd_static_t  files[] = {
    { "console.css", "text/css; charset=utf-8", mdd_console_css,
      mdd_console_css_end },
    { "console.js", "text/javascript; charset=utf-8", mdd_console_js,
      mdd_console_js_end },
    { "report.css", "text/css; charset=utf-8", mdd_report_css,
      mdd_report_css_end },
    { "evidence.txt", "text/plain; charset=utf-8", mdd_evidence_txt,
      mdd_evidence_txt_end },
    { "verify.py", "text/plain; charset=utf-8", mdd_verify_py,
      mdd_verify_py_end }
};


const mdd_static_t *
mdd_static(const char *name)
{
    size_t  i;

    for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (strcmp(files[i].name, name) == 0) {
            return &files[i];
        }
    }

    return NULL;
}
