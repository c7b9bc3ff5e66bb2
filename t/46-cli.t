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

$ENV{LC_ALL} = 'C';

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

# in Chinese: every text of the table, and no row that none asks for

my $table = do {
    open my $f, '<', 'ngx_module/cli/commands_zh.c' or die $!;
    local $/;
    <$f>;
};
my %rows;
$rows{"$1 $2"}++ while $table =~ /\{ "([a-z0-9]+)", "([a-zA-Z-]+)",/g;

for my $c (@commands) {
    my (undef, $en) = run("$tool $c --help");
    my ($rc, $zh) = run("$tool $c --help --lang zh");
    is($rc, 0, "$c --help --lang zh");
    like($zh, qr/^用法：moderationctl $c .*^退出状态\n    0 /ms, "$c: usage in Chinese");
    my @options = $en =~ /^    (--?[a-z][\w-]*)/mg;
    is(join(' ', $zh =~ /^    (--?[a-z][\w-]*)/mg), "@options", "$c: the same options");
    for my $part (qw(line about exits), @options) {
        is(delete $rows{"$c $part"}, 1, "$c $part: in Chinese");
    }
    is((run("LC_ALL=zh_CN.UTF-8 $tool help $c"))[1], $zh, "$c: LC_ALL says it, too");
    is((run("$tool help --lang zh"))[1] =~ /^    $c +\S*[\xe4-\xe9]/m ? 1 : 0, 1,
       "$c: its line in the overview");
    my (undef, $page) = run("LC_ALL=zh_CN.UTF-8 $tool help --man $c");
    is(join(' ', $page =~ /^\.SH (.*)$/mg) =~ s/ 选项//r, '名称 概要 描述 退出状态 参见',
       "$c: its man page");
    ok(-s "$build/zh_CN/moderationctl-$c.1", "$c: it is made");
}

is(join(' ', sort keys %rows), '', 'no row too many');

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
    like($man, qr/^\\fB$c\\fR$/m, "$c: in the man page");
    like($man, qr/^\.BR moderationctl\\-$c \(1\)/m, "$c: its own page is named");
    my ($prc, $page) = run("$tool help --man $c");
    is($prc, 0, "$c: a man page of its own");
    is(join(' ', $page =~ /^\.SH (.*)$/mg) =~ s/ OPTIONS//r,
       'NAME SYNOPSIS DESCRIPTION EXIT STATUS SEE ALSO', "$c: its sections");
    ok(-s "$build/moderationctl-$c.1", "$c: it is made");
    like($bash, qr/\b$c\b/, "$c: in the completion");

    for my $option ($out =~ /^    (--?[a-z][\w-]*)/mg) {
        my $m = $option =~ s/-/\\-/gr;
        like($page, qr/^\Q\fB$m\fR/m, "$c $option: in its man page");
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

like((run("LC_ALL=zh_CN.UTF-8 $tool scam"))[1], qr/没有命令“scam”（是不是“scan”？）/,
     'in Chinese');
like((run("LC_ALL=zh_CN.UTF-8 $tool scan"))[1], qr/^用法：moderationctl scan --policy/m,
     'the usage, too');

# the code of a message

($rc, $out) = run("$tool explain unknown-slot");
is($rc, 0, 'explain CODE');
like($out, qr/^unknown-slot\n    A rule, .*^    - scope: unknown slot "\.\.\."$/ms, 'what it means');
($rc, $out) = run("$tool explain --lang zh unknown-slot");
like($out, qr/^unknown-slot\n    规则.*^    - scope：不认识的 slot“…”$/ms, 'in Chinese');
($rc, $out) = run("$tool explain unknown-slto");
is("$rc $out", qq(2 moderationctl: no file and no code "unknown-slto" (did you mean "unknown-slot"?)\n),
   'the one that is meant');
($rc, $out) = run("$tool explain --codes");
cmp_ok(scalar(() = $out =~ /^[a-z]/mg), '>', 85, 'all codes');

($rc, $out) = run('make help');
like($out, qr/^    make test +everything that CI runs/m, 'make help');

done_testing();
