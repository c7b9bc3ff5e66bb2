/* csv.c - CSV (RFC 4180) as spreadsheets write it, a cell at a time */

#include "moderationd/report/report.h"


int
mdd_csv_read(const char **p, char *out, size_t size)
{
    size_t       n = 0;
    const char  *s = *p;

    if (*s == '"') {
        for (s++; *s; s++) {
            if (*s == '"' && s[1] != '"') {
                break;
            }

            s += *s == '"';

            if (n + 1 < size) {
                out[n++] = *s;
            }
        }

        if (*s++ != '"') {
            return -1;
        }

    } else {
        for ( ; *s && *s != ',' && *s != '\n' && *s != '\r'; s++) {
            if (n + 1 < size) {
                out[n++] = *s;
            }
        }
    }

    out[n] = '\0';
    s += *s == '\r' && s[1] == '\n';

    if (*s != ',' && *s != '\n' && *s != '\0') {
        return -1;
    }

    *p = s + (*s != '\0');

    return *s;
}
