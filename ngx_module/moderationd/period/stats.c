/* stats.c - intervals of shares and counts */

#include "period.h"

#include <math.h>


/* E. B. Wilson, "Probable inference, the law of succession, and statistical
 * inference", 1927; z of 95 % */

void
mdd_wilson(double k, double n, double *low, double *high)
{
    double  z = 1.959964, p, d, m, s;

    if (n <= 0) {
        *low = 0;
        *high = 1;
        return;
    }

    p = k / n;
    d = 1 + z * z / n;
    m = p + z * z / (2 * n);
    s = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    *low = (m - s) / d;
    *high = (m + s) / d;
}


/* D. Byar's approximation to the exact limits, as in Breslow and Day,
 * "Statistical Methods in Cancer Research" II, 1987, formula 2.14 */

void
mdd_poisson(double n, double *low, double *high)
{
    double  z = 1.959964, m = n + 1;

    *low = n <= 0 ? 0
           : n * pow(1 - 1 / (9 * n) - z / (3 * sqrt(n)), 3);
    *high = m * pow(1 - 1 / (9 * m) + z / (3 * sqrt(m)), 3);
}
