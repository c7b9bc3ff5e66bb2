#!/usr/bin/perl
#
# The tool's own words: help of each command, the man page and the completion
# come from one table, and every option in it is taken.

use strict;
use warnings;
use Test::More;

my $build = $ENV{MODERATION_BUILD} || 'build';
my $tool = "$build/moderationctl";

sub run {
    my $out = `$_[0] 2>&1`;
    return ($? >> 8, $out);
}

my ($rc, $out) = run("$tool --version");
my ($version) = do {
    open my $f, '<', 'ngx_module/engine/moderation.h' or die $!;
    join('', <$f>) =~ /MDR_VERSION\s+"([^"]+)"/;
};
is("$rc $out", "0 moderationctl $version\n", '--version');

($rc, $out) = run("$tool --help");
is($rc, 0, '--help');
my @commands = $out =~ /^    (\w+) +\S/mg;
shift @commands while @commands && $commands[0] eq 'moderationctl';
@commands = grep { $_ ne 'moderationctl' } @commands;
cmp_ok(scalar @commands, '>=', 6, 'commands are listed');

my ($mrc, $man) = run("$tool help --man");
is($mrc, 0, 'the man page');
my ($brc, $bash) = run("$tool help --bash");
is($brc, 0, 'the completion');

for my $c (@commands) {
    ($rc, $out) = run("$tool $c --help");
    is($rc, 0, "$c --help");
    like($out, qr/^usage: moderationctl $c /, "$c: usage");
    like($out, qr/^exit status\n    0 /m, "$c: exit status");
    is((run("$tool help $c"))[1], $out, "help $c is the same");
    like($man, qr/^\.SH "\U$c\E"$/m, "$c: in the man page");
    like($bash, qr/\b$c\b/, "$c: in the completion");

    for my $option ($out =~ /^    (--?[a-z][\w-]*)/mg) {
        my $m = $option =~ s/-/\\-/gr;
        like($man, qr/\Q\fB$m\fR/, "$c $option: in the man page");
        next if $option !~ /^--/;
        like($bash, qr/\Q$option\E/, "$c $option: in the completion");
    }

    # what is no option is named, and where to look

    ($rc, $out) = run("$tool $c --no-such-option");
    is($rc, 2, "$c --no-such-option: 2");
    like($out, qr/^see: moderationctl $c --help$/m, "$c: where to look");
}

is(system("bash -n $build/moderationctl.bash"), 0,
   'the completion is a script');

($rc, $out) = run(qq(bash -c '. $build/moderationctl.bash; COMP_WORDS=(moderationctl scan --ty); COMP_CWORD=2; _moderationctl; echo \${COMPREPLY[*]}'));
is($out, "--type\n", 'scan --ty completes');
($rc, $out) = run(qq(bash -c '. $build/moderationctl.bash; COMP_WORDS=(moderationctl check --format j); COMP_CWORD=3; _moderationctl; echo \${COMPREPLY[*]}'));
is($out, "json\n", 'a choice completes');

($rc, $out) = run("$tool scam");
is($rc, 2, 'an unknown command');
like($out, qr/unknown command "scam" \(did you mean "scan"\?\)/,
     'and the one that is meant');

($rc, $out) = run('make help');
like($out, qr/^    make test +everything that CI runs/m, 'make help');

done_testing();
