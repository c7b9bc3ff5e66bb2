# Early warning from requests on: nginx, its record, the daemon, an alarm.  An
# hour of counters is put before what real requests bring.  ALARMS_LIVE=1: a
# slot whose class name changes too, which takes more than two minutes.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use Test::More;
use Time::HiRes qw(sleep time);

package AfterAnHour;
our @ISA = ('ModerationReview');

# a hit a second, three and two items, for the hour before nginx starts
sub before_start {
    my ($self) = @_;
    $self->SUPER::before_start;
    my $end = int(time) * 1000;
    my ($n, @lines) = (0);

    for (my $t = $end - 3_600_000; $t <= $end; $t += 5000) {
        $n += 5;
        push @lines, { type => 'stats', time => $t, since => $end - 3_600_000,
                       stats => [ [ 'hits', 'first', 'r.one', $n ], [ 'items', 'first', '', 3 * $n ], [ 'items', 'other', '', 2 * $n ] ] };
    }

    $self->lines(@lines);
    $self->until_true(sub { `sqlite3 $self->{dir}/store.db "select count(*) from stat where time >= $end" 2>&1` =~ /^3$/ }, 20)
        or die "the hour was not taken:\n" . $self->daemon_log;
}

package main;

my $d = AfterAnHour->new(policy => <<'Y');
schema: 1
policy: pages
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3}}
  - {name: other, type: html, match: p.note, fields: {title: b}}
rules:
  - {id: r.one, label: clickbait, action: tag, match: {in: [title], terms: [alpha]}}
pages:
  - {name: home, match: {path: /index.html}, guard: {title: {must: "Evening"}}}
Y

sub page {
    my ($class, $title) = @_;
    $d->write('html/index.html', "<!doctype html><title>$title</title><ul>"
              . join('', map { "<li class=$class><h3>$_</h3></li>" } 'alpha room', 'quiet room', 'third room')
              . '</ul><p class=note><b>one</b></p><p class=note><b>two</b></p>');
}

sub alarm_of { my ($key) = @_; return (grep { $_ =~ $key } $d->alarms)[0] }

# requests at a rate until $cond, at most so many seconds; seconds it took
sub visit {
    my ($rate, $seconds, $cond) = @_;
    my $start = time;

    for (my $n = 0; time - $start < $seconds; $n++) {
        $d->get('/index.html')->{status} == 200 or fail('a page');
        return time - $start if $cond && $n % $rate == 0 && $cond->();
        my $left = $start + ($n + 1) / $rate - time;
        sleep $left if $left > 0;
    }

    return $cond ? undef : time - $start;
}

page('card', 'Evening of lanterns');
visit(1, 12);
is(join(' ', grep { /flood|quiet/ } $d->alarms), '', 'as before: no alarm') or diag $d->daemon_log;

my $took = visit(5, 120 * $ModerationTest::slow, sub { alarm_of(qr{^flood/rule:r\.one$}) });
ok(defined $took, 'five times as many: a flood') or diag join "\n", $d->alarms, $d->daemon_log;
diag(sprintf 'a flood after %.1f s', $took // 99) if $ENV{ALARMS_LIVE};

# the site's title is another one: one reader is enough

page('card', 'Another place');
$d->get('/index.html');
ok($d->until_true(sub { alarm_of(qr{^flood/page:}) }, 20), 'a title that is not the site\'s') or diag join "\n", $d->alarms;
page('card', 'Evening of lanterns');

if ($ENV{ALARMS_LIVE}) {
    visit(1, 15);
    is(alarm_of(qr{^quiet/}), undef, 'nothing is quiet');
    page('tile', 'Evening of lanterns');
    $took = visit(1, 330, sub { alarm_of(qr{^quiet/slot:first$}) });
    ok(defined $took, 'another class name: the slot is quiet') or diag join "\n", $d->alarms, $d->daemon_log;
    cmp_ok($took // 999, '<=', 300, 'within five minutes');
    diag(sprintf 'quiet after %.0f s', $took // 999);
    is(alarm_of(qr{^quiet/(?:slot:other|record)}), undef, 'and only that one');
    page('card', 'Evening of lanterns');
    ok(defined visit(1, 30, sub { !alarm_of(qr{^quiet/slot:first$}) }), 'until it has cards again');
}

$d->stop;
unlike($d->daemon_log, qr/\berror\b|<3>/, 'no error in the log') or diag $d->daemon_log;
done_testing();
