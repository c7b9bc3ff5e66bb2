# No function is longer than 100 lines or takes more than six parameters, but for
# those of t/tools/functions.txt, which says why.

use strict;
use warnings;

use File::Temp qw(tempfile);
use FindBin;
use Test::More;

chdir "$FindBin::Bin/.." or die $!;

my @files = grep { !m{/engine/(?:match|html|json|markup|page)/} }
    glob 'ngx_module/*/*.[ch] ngx_module/*/*/*.[ch]';
my %found;

for (split /\n/, `t/tools/functions @files`) {
    my ($file, $name, $kind, $n) = split ' ';
    $file =~ s{^ngx_module/}{};
    $found{"$file $name $kind"} = $n;
}

open my $f, '<', 't/tools/functions.txt' or die $!;

while (<$f>) {
    next if /^#|^\s*$/;

    my ($file, $name, $kind, $most, $why) = split ' ', $_, 5;
    my $n = delete $found{"$file $name $kind"} // 0;

    cmp_ok($n, '>', 0, "$file: $name: its $kind are many still")
        or diag('the line of t/tools/functions.txt goes');
    cmp_ok($n, '<=', $most, "$file: $name: and have not become more");
    like($why // '', qr/\w/, "$file: $name: it is said why");
}

is(join("\n", map { "$_ $found{$_}" } sort keys %found), '',
   'no function has more than 100 lines or six parameters');

# the script sees them

my $text = "int\nlong_one(int a, int (*f)(int, int), char b[2],\n    int c, int d, int e, int g)\n{\n"
           . "    a++;\n" x 101 . "}\n\n\nint\nshort_one(void)\n{\n}\n";
my ($o, $file) = tempfile(SUFFIX => '.c', UNLINK => 1);
print $o $text;
close $o;

is(`t/tools/functions $file`, "$file long_one lines 101\n$file long_one parameters 7\n",
   'lines and parameters are counted');
done_testing();
