/*
 * nojit.c - a library for LD_PRELOAD that takes PCRE2's JIT away, so that its
 * interpreter runs.  Compiled patterns read ahead of what they were given, on
 * purpose, which memcheck calls an error; the interpreter does not, so whatever
 * memcheck says of it then is ours.
 */

#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>


int
pcre2_jit_compile(pcre2_code *code, uint32_t options)
{
    (void) code;
    (void) options;

    return PCRE2_ERROR_JIT_BADOPTION;
}
