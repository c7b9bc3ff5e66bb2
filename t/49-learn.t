# moderationctl learn: a weighted list out of labelled titles, made up here.

use strict;
use warnings;
use utf8;

use Encode qw(decode encode);
use File::Temp qw(tempdir);
use JSON::PP;
use Test::More;

binmode Test::More->builder->$_, ':utf8' for qw(output failure_output);

my $build = $ENV{MODERATION_BUILD} || 'build';
my $tool = "$build/moderationctl";

plan skip_all => "no $tool" unless -x $tool;

my $tmp = tempdir(CLEANUP => 1);

sub spew {
    my ($name, $text) = @_;
    open my $f, '>', "$tmp/$name" or die "$tmp/$name: $!";
    print $f encode('UTF-8', $text);
    close $f;
}

sub slurp {
    my ($name) = @_;
    open my $f, '<', "$tmp/$name" or return '';
    local $/;
    return decode('UTF-8', scalar <$f>);
}

sub learn {
    my $out = decode('UTF-8', `$tool learn @_ 2>&1`);
    return ($? >> 8, $out);
}

# titles of two kinds out of a small generator of its own: the kinds differ in
# some pieces, with a little noise

my $state = 12345;
sub pick {
    $state = ($state * 1103515245 + 12345) % 2147483648;
    return $_[($state >> 8) % @_];
}

my @things = ('路灯', '石桥', '陶罐', '风筝', '木船', '水井', '屋顶', '菜园', '钟楼', '纸伞');
my @acts = ('修好了', '亮起来', '搬到河边', '换了颜色', '重新开放', '挂在墙上');
my @loud = ('竟是这样', '万万没想到', '谁也没料到', '看完都沉默了', '结果傻眼');
my @calm = ('公告', '通知', '记录', '说明', '介绍');

my $titles = "label\ttitle\n";
for my $i (1 .. 1500) {
    my $bait = $i % 3 == 0 ? 1 : 0;
    my $t = pick(@things) . pick('昨天', '今天', '上周') . pick(@acts);
    my $odd = pick(0 .. 39) == 0 ? 1 : 0;
    $t = $bait != $odd ? $t . '，' . pick(@loud) . pick('！', '')
                        : $t . pick(@calm);
    $titles .= "$bait\tsource\t$t\n";
}
spew('titles.tsv', $titles);

my ($rc, $out) = learn('-o', "$tmp/a", "$tmp/titles.tsv");
is($rc, 0, 'learned') or diag($out);
my %votes;
for (split /\n/, $titles) {
    my ($label, undef, $t) = split /\t/;
    $votes{$t} += $label ? 1 : -1 if $label =~ /^[01]$/;
}
my $ones = grep { $_ > 0 } values %votes;
my $known = $ones + grep { $_ < 0 } values %votes;
my $drawn = keys(%votes) - $known;
cmp_ok($drawn, '>', 0, "$drawn titles with as many labels of each kind");
like($out, qr/^$known titles, $ones of them with label 1; \d+ lines, threshold -?\d+$/m,
     'what was learned from: each title once, by most of its labels');
like($out, qr/^$drawn titles more have as many labels of each kind: left out\.$/m,
     'and what was left out');
like($out, qr/0\.\d{4} \(0\.\d{4}-[01]\.\d{4}\)  [01]\.\d{4}  <- chosen/,
     'precision with its interval, recall');

my ($precision, $recall) = $out =~ /([01]\.\d{4}) \([^)]*\)  ([01]\.\d{4})  <- chosen/;
cmp_ok($precision, '>=', 0.9, 'the precision that was wanted');
cmp_ok($recall, '>=', 0.7, 'and what can be found');

my $list = slurp('a/learned.txt');
like($list, qr/^\S+\t\d+(?:\t(?:begin|end))?  # \+\d+ -\d+: \d+$/m,
     'a line: fragment, weight, counts');
unlike($list, qr/^公告\t[1-9]/m, 'a calm word weighs nothing or less');

# the same titles, the same bytes

learn('-o', "$tmp/b", "$tmp/titles.tsv");
is(slurp("b/$_"), slurp("a/$_"), "the same $_") for qw(learned.txt learned.yaml report.txt);

# what was written is a policy whose tests hold

spew('a/slots.yaml', "schema: 1\npolicy: p\nslots:\n"
     . "  - {name: s, type: json, match: \"\$[*]\", fields: {title: \$.t}}\n");
my $check = decode('UTF-8', `$tool check $tmp/a 2>&1`);
unlike($check, qr/test-failed|\[error|[1-9] errors?/, 'its tests hold') or diag($check);

# every hit of the list is one that the engine has: scores of the rule out of
# the tool are those of the list

spew("x.json", JSON::PP->new->encode([map { { t => (split /\t/)[2] } }
                            (split /\n/, $titles)[1 .. 300]]));
my %weight;
for (split /\n/, $list) {
    my ($w, $n, $place) = /^([^#\t][^\t]*)\t(-?\d+)(?:\t(\w+))?/ or next;
    $weight{$w . ($place // '')} = $n;
}
my $hits = 0;
for (split /\n/, decode('UTF-8', `$tool scan --policy $tmp/a $tmp/x.json`)) {
    my $it = JSON::PP->new->decode($_);
    for my $h (grep { $_->{group} eq 'words' && $_->{weight} } @{$it->{hits}}) {
        $hits++;
        my @known = grep { defined } map { $weight{$h->{text} . $_} } '', 'begin', 'end';
        fail("$h->{text}: $h->{weight}") unless grep { $_ == $h->{weight} } @known;
    }
}
cmp_ok($hits, '>', 100, "$hits hits with the weights of the list");

# a second reading: where it says otherwise the title is left out, where it says
# the same the title counts twice, but is still one title

my @first = grep { $votes{$_} == 1 } sort keys %votes;
spew('against.tsv', join '', map { "0\t$_\n" } @first[0 .. 19]);
($rc, $out) = learn('-o', "$tmp/s", "$tmp/titles.tsv", "$tmp/against.tsv");
my ($less, $left) = ($known - 20, $drawn + 20);
like($out, qr/^$less titles, /m, 'titles that two people label differently are not learned from');
like($out, qr/^$left titles more have/m, 'they are counted');

sub lines_of {
    my ($text) = @_;
    return { map { /^(\S+\t)-?\d+(\S*)(?:\t(\w+))?  # (\+\d+ -\d+)/
                       ? ($1 . ($3 // '') => $4) : () } split /\n/, $text };
}
my @twice = grep { $votes{$_} > 0 && /万万没想到/ } sort keys %votes;
cmp_ok(scalar @twice, '>', 10, 'titles to say again');
spew('again.tsv', join '', map { "1\t$_\n" } @twice);
($rc, $out) = learn('-o', "$tmp/t", "$tmp/titles.tsv", "$tmp/again.tsv");
like($out, qr/^$known titles, $ones of them/m, 'a title said again is one title');
isnt(slurp('t/learned.txt'), $list, 'but weighs more');
my ($before, $after) = (lines_of($list), lines_of(slurp('t/learned.txt')));
my @both = grep { exists $after->{$_} } sort keys %$before;
cmp_ok(scalar @both, '>', 3, 'lines of both');
is_deeply([map { $after->{$_} } @both], [map { $before->{$_} } @both],
          'and stands in as many titles');

# what the author has edited stays

(my $edited = $list) =~ s/^([^#\t\n]+)\t(\d+)(  # \+\d+ -\d+: \d+)$/$1\t7$3/m;
my $changed = $1;
$edited .= "自己写的\t55\n路灯\t0\n";
spew('edited.txt', $edited);
($rc, $out) = learn('--keep', "$tmp/edited.txt", '-o', "$tmp/c", "$tmp/titles.tsv");
is($rc, 0, 'learned again') or diag($out);
$list = slurp('c/learned.txt');
like($list, qr/^\Q$changed\E\t7$/m, 'a changed weight stays');
like($list, qr/^自己写的\t55$/m, 'a line of the author stays');
like($list, qr/^路灯\t0$/m, 'a line without weight stays out');
unlike($list, qr/^路灯\t-?[1-9]\d*  #/m, 'and is not learned again');

# what is left out

spew('without.txt', "# names\n结果傻眼\n");
learn('--without', "$tmp/without.txt", '-o', "$tmp/d", "$tmp/titles.tsv");
unlike(slurp('d/learned.txt'), qr/^结果傻眼\t/m, 'a fragment that is left out');

# the weights of the groups of a rule

spew('p.yaml', <<'END');
schema: 1
policy: p
slots:
  - {name: s, type: json, match: "$[*]", fields: {title: $.t}}
rules:
  - id: shaped
    label: clickbait
    match:
      in: [title]
      groups:
        loud: {terms: [万万没想到, 傻眼]}
        shout: {regex: '!$'}
        both: {when: loud and shout}
        long: {when: length > 12}
END
($rc, $out) = learn('--policy', "$tmp/p.yaml", '--rule', 'shaped', '--lines', '20',
                    '-o', "$tmp/e", "$tmp/titles.tsv");
is($rc, 0, 'learned for a rule') or diag($out);
my $rule = slurp('e/learned.yaml');
like($rule, qr/^  - id: shaped$/m, 'the rule keeps its name');
like($rule, qr/loud: \{weight: [1-9]\d*, terms: \['万万没想到', '傻眼'\]\}  # \+\d+ -\d+/,
     'its groups, weighed');
cmp_ok(() = slurp('e/learned.txt') =~ /^[^#\n]/mg, '<=', 20, 'no more lines than wanted');
spew('e/slots.yaml', slurp('a/slots.yaml'));
$check = decode('UTF-8', `$tool check $tmp/e 2>&1`);
unlike($check, qr/test-failed|\[error|[1-9] errors?/, 'its tests hold') or diag($check);

# mistakes

($rc, $out) = learn('-o', "$tmp/f", "$tmp/absent.tsv");
is("$rc $out", "2 moderationctl: $tmp/absent.tsv: No such file or directory\n", 'no file');
spew('bad.tsv', "1\tgut\nhello\n");
($rc, $out) = learn('-o', "$tmp/f", "$tmp/bad.tsv");
is("$rc $out", "2 $tmp/bad.tsv:2:1: a label (1 or 0), a tab and a title expected\n",
   'a line without a label');
spew('few.tsv', "1\tgut\n0\tbad\n");
($rc, $out) = learn('-o', "$tmp/f", "$tmp/few.tsv");
is($rc, 2, 'too few titles');
like($out, qr/at least ten of each/, 'and why');
($rc, $out) = learn('--policy', "$tmp/p.yaml", '--rule', 'none', '-o', "$tmp/f",
                    "$tmp/titles.tsv");
is("$rc $out", "2 moderationctl: no rule \"none\" in $tmp/p.yaml\n", 'no such rule');

done_testing();
