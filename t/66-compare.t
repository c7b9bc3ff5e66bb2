# A week beside the week before and the mean of four: marked where the intervals
# do not overlap, and only there.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use POSIX qw(strftime);
use Test::More;

my $d = ModerationDesk->new(conf => <<'CONF');
node: test
sites:
  a: {hosts: [a.example.cn], policy: policy.yaml, timezone: UTC}
  b: {hosts: [b.example.cn], policy: policy.yaml, timezone: UTC}
  c: {hosts: [c.example.cn], policy: policy.yaml, timezone: UTC}
origins: ["https://desk.example"]
CONF

my $week = 7 * 86400;
my $monday = int((time - 4 * 86400) / $week) * $week + 4 * 86400;       # of this week, UTC
my ($n, @lines) = (0);

# so many decisions of each site in the five weeks behind us, the oldest first
my %of = (a => [ 12, 11, 13, 12, 40 ], b => [ 41, 40, 39, 40, 12 ], c => [ 12, 11, 13, 12, 16 ]);

for my $k (0 .. 5) {
    my $begin = $monday - (6 - $k) * $week;

    for my $site (sort keys %of) {
        for my $i (1 .. ($k ? $of{$site}[$k - 1] : 1)) {
            my $l = $d->card("alpha $site $k $i", rule => 'r.one', action => 'block');
            $l->{host} = "$site.example.cn";
            push @lines, { %$l, time => ($begin + 86400 + $i) * 1000 };
            $n++;
        }
    }
}

$d->lines(sort { $a->{time} <=> $b->{time} } @lines);
ok($d->until_true(sub { `sqlite3 $d->{dir}/store.db 'select count(*) from decision'` == $n }, 20), "$n decisions of six weeks");

sub compared {
    my ($site, $back) = @_;
    my $w = strftime '%G-W%V', gmtime $monday - $back * $week;
    my $j = $d->request(GET => "/moderation/v1/report?week=$w&site=$site", user => 'eve')->{json};
    return (grep { $_->{what} eq 'decisions' } @{ $j->{compare} })[0];
}

my %last = map { $_ => compared($_, 1) } sort keys %of;
is_deeply([ map { $last{$_}{now} } qw(a b c) ], [ 40, 12, 16 ], 'last week');
is_deeply([ map { $last{$_}{before} } qw(a b c) ], [ 12, 40, 12 ], 'the week before');
is_deeply([ map { $last{$_}{mean} } qw(a b c) ], [ 12, 40, 12 ], 'the mean of four');
is_deeply([ map { $last{$_}{before_mark} } qw(a b c) ], [ 'more', 'less', '' ], 'more, less, and nothing where they overlap');
is_deeply([ map { $last{$_}{mean_mark} } qw(a b c) ], [ 'more', 'less', '' ], 'and beside the mean');
cmp_ok($last{c}{low}, '<', 13, 'sixteen may be twelve');
cmp_ok($last{a}{low}, '>', $last{a}{mean_high}, 'forty are not');

my $first = compared('a', 5);
ok(!exists $first->{before}, 'a week is not compared with one that the record has in part');
ok(!exists $first->{mean}, 'nor with a mean');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|<3>/, 'no error in the log') or diag $d->daemon_log;
done_testing();
