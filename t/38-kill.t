#!/usr/bin/perl
#
# moderationctl kill: what is written is what nginx will read (t/36-rollout.t
# has nginx read it).

use strict;
use warnings;
use File::Temp 'tempdir';
use Test::More;

my $tool = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $dir = tempdir(CLEANUP => 1);
my $file = "$dir/kill";

sub spew {
    my ($path, $text) = @_;
    open my $f, '>', $path or die $!;
    print $f $text;
    close $f or die $!;
}

sub slurp {
    open my $f, '<', $_[0] or return undef;
    local $/;
    return <$f>;
}

sub run {
    my $out = `$tool kill --policy $dir/p.yaml $_[0] 2>&1`;
    return ($? >> 8, $out);
}

spew("$dir/p.yaml", <<'END');
schema: 1
policy: p
slots:
  - {name: s, type: html, match: li, fields: {title: h3}}
rules:
  - {id: one.first, label: gambling, match: {in: [title], terms: [aaa]}}
  - {id: one.second, label: gambling, match: {in: [title], terms: [bbb]}}
  - {id: two.first, label: rumor, match: {in: [title], terms: [ccc]}}
END

my ($rc, $out) = run("--rule one.first $file");
is("$rc\n$out", "0\nheld back: one.first\n1 of 3 rules are held back\n",
   'a rule');
is(slurp($file), "rule one.first\n", 'is written');
is((stat $file)[2] & 0777, 0644, 'for the workers to read');

chmod 0640, $file;
spew($file, "# why: a false alarm\nrule one.first");
chmod 0640, $file;
($rc, $out) = run("--label rumor $file");
is(slurp($file), "# why: a false alarm\nrule one.first\nlabel rumor\n",
   'lines and comments stay, a missing line end is made');
is((stat $file)[2] & 0777, 0640, 'and so does the mode');
like($out, qr/^held back: two\.first$/m, 'a label');

($rc, $out) = run("--rule one.frist $file");
is("$rc $out", "1 $file:4:1: no such rule or label (did you mean \"one.first\"?)\n",
   'a name that is none');
unlike(slurp($file), qr/frist/, 'is not written');

($rc, $out) = run($file);
is($rc, 0, 'a check alone');
like($out, qr/^2 of 3 rules are held back$/m, 'says what is held back');

($rc, $out) = run("--clear --all $file");
is(slurp($file), "all\n", '--clear --all');
like($out, qr/^3 of 3/m, 'all are');
($rc, $out) = run("--clear $file");
is(slurp($file), '', '--clear empties it');
like($out, qr/^0 of 3/m, 'and nothing is held back');

($rc, $out) = run("--rule one.first $dir/absent/kill");
is($rc, 2, 'a folder that is not there: 2');
like($out, qr{absent/kill: No such file}, 'and it is said');
is(join(' ', glob "$dir/kill*"), $file, 'nothing is left beside it');
is((run(''))[0], 2, 'no file: usage');

done_testing();
