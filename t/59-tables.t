#!/usr/bin/perl
#
# The generated tables are what their generators write, and nobody has edited
# one by hand (ngx_module/engine/gen/sources.py).  MODERATION_TABLES names the
# folder of OpenCC and the others, from which the table of folds is made anew;
# without it that table is held against its checksum.

use strict;
use warnings;
use File::Copy 'copy';
use File::Path 'make_path';
use File::Temp 'tempdir';
use Test::More;

my $engine = 'ngx_module/engine';
my $dir = tempdir(CLEANUP => 1);
my @from = $ENV{MODERATION_TABLES}
           ? ('/usr/share/unicode', $ENV{MODERATION_TABLES}) : ();

sub check {
    my ($where, @args) = @_;
    my $out = `python3 $where/gen/sources.py check @args 2>&1`;
    return ($? >> 8, $out);
}

my ($rc, $out) = check($engine, @from);
is($rc, 0, 'all tables are what is written') or diag($out);

# one byte of one of them

my @tables = qw(html/html_ref_data.c text/charset_data.c text/fold_data.c);

make_path(map { "$dir/$_" } qw(gen html text));
copy($_, "$dir/gen") or die $! for glob "$engine/gen/*.py";
copy("$engine/$_", "$dir/$_") or die $! for @tables;
is((check($dir))[0], 0, 'so are copies');

for my $table (@tables) {
    open my $f, '>>', "$dir/$table" or die $!;
    print $f " ";
    close $f or die $!;

    ($rc, $out) = check($dir);
    is($rc, 1, "$table: edited by hand");
    like($out, qr/\Q$table\E is not what/, 'and it is named');
    copy("$engine/$table", "$dir/$table") or die $!;
}

# other sources

make_path("$dir/none");
($rc, $out) = check($dir, "$dir/none", "$dir/none");
is($rc, 1, 'sources that are not there');
like($out, qr/UnicodeData\.txt is missing \(Unicode 15\.0\.0\)/, 'are named');

done_testing();
