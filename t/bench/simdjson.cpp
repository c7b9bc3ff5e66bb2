/*
 * simdjson.cpp - simdjson's parse of a JSON document into its tape, no value
 * read.  simdjson FILE
 */

#include "bench.h"

#include <simdjson.h>

struct document {
    simdjson::dom::parser   parser;
    simdjson::padded_string text;
    unsigned long long      parsed;
};


static void
run(void *ctx)
{
    document *d = static_cast<document *>(ctx);

    d->parsed += d->parser.parse(d->text).error() == simdjson::SUCCESS;
}


int
main(int argc, char **argv)
{
    document d;

    if (argc != 2
        || simdjson::padded_string::load(argv[1]).get(d.text)
           != simdjson::SUCCESS)
    {
        return 2;
    }

    d.parsed = 0;
    double ns = bench_best(run, &d);
    bench_print("simdjson", d.text.size(), ns, 0, 0, d.parsed);

    return 0;
}
