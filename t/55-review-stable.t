# Slots of whose cards nobody knows whether they keep their fingerprints: review
# holds nothing until 99 in 100 did for an hour, and an alarm names the field
# that changes.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use Test::More;
use Time::HiRes qw(sleep time);

sub card { my ($id, $title) = @_; qq{<li class="card" id="$id"><h3>$title</h3><i>$id</i></li>} }

sub policy {
    my ($more) = @_;
    return <<"Y" . ($more || "rules: []\n");
schema: 1
policy: stable
slots:
  - {name: first, type: html, match: li.card, item_id: room, fields: {title: h3, nick: i, room: "\@id"}, review: {mode: required, fields: [title, nick]}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
Y
}

# what workers tell of decisions that last
sub go_on {
    my ($d, $minutes) = @_;
    my $since = int time * 1000;
    $d->lines({ type => 'counts', time => $since + $minutes * 60000,
                counts => [ map { [ $_->{decision}, $since, 10 ] } $d->queue ] });
}

{
    my $d = ModerationReview->new(policy => policy(
            "rules:\n  - {id: r.bad, rev: 1, label: clickbait, action: block, match: {in: [title], terms: [bad]}}\n"),
        files => { 'html/index.html' => join '', map { card($_, $_ == 1 ? 'bad words' : "room $_") } 1 .. 6 });

    is($d->shown('/index.html'), '2 3 4 5 6', 'review holds nothing yet, rules do');
    is($d->waits(5), 5, 'but cards come to the desk');
    my ($u) = @{ $d->request(GET => '/moderation/v1/status', user => 'bob')->{json}{unstable} };
    is("$u->{slot} $u->{kept} $u->{changed}", 'first 0 0', 'the status says that it is measured');
    ok($d->until_true(sub { grep { $_ eq 'lost/unstable:first' } $d->alarms }, 10), 'an alarm as well');
    is($d->decide('alice', 2, 'reject')->{status}, 200, 'a rejection');
    is($d->shown('/index.html'), '3 4 5 6', 'counts at once');
    is($d->release('alice', 3)->{status}, 200, 'a release');

    go_on($d, 30);
    $d->clock(3660);
    sleep 1.5;                          # a round of the daemon's clock, which must do nothing
    is($d->shown('/index.html'), '3 4 5 6', 'half an hour is not enough');
    go_on($d, 61);
    $d->clock(61);
    is($d->sees('/index.html', '3', 8), '3', 'an hour with one fingerprint each: now it holds what nobody has released')
        or diag $ModerationDesk::json->encode($d->request(GET => '/moderation/v1/status', user => 'bob')->{json}{unstable});
    ok($d->until_true(sub { !grep { /unstable/ } $d->alarms }, 10), 'no alarm any more');
    is($d->release_all('alice'), 3, 'they are released');
    is($d->sees('/index.html', '3 4 5 6'), '3 4 5 6', 'and shown');
    $d->stop_daemon;
    unlink glob "$d->{dir}/verdicts/*";
    $d->start_daemon;
    $d->write('html/index.html', join '', map { card($_, "room $_") } 3 .. 7);
    is($d->sees('/index.html', '3 4 5 6', 6), '3 4 5 6', 'tables that are made again know it');
    $d->stop;
}

{
    my $d = ModerationReview->new(policy => policy(), files => { 'html/index.html' => '' });
    my $least = 6;

    for my $n (1 .. 4) {
        $d->write('html/index.html', join '', map { card($_, "room $_, seen " . $n * $_) } 1 .. 6);
        my $now = () = $d->shown('/index.html') =~ /\d+/g;
        $least = $now if $now < $least;
        $d->until_true(sub { grep { $_->{version} >= $n } $d->queue }, 5);
    }
    is($least, 6, 'a title with a counter: the page is never blank');
    go_on($d, 61);
    $d->clock(3700);
    sleep 2.5;                          # rounds of the daemon's clock, which must do nothing
    is($d->shown('/index.html'), '1 2 3 4 5 6', 'an hour later neither');
    my $u = $d->until_true(sub {
        my $a = $d->request(GET => '/moderation/v1/alarms', user => 'bob', headers => { 'Accept-Language' => 'en' })->{json}{alarms};
        return (grep { $_->{key} eq 'lost/unstable:first' && $_->{detail} =~ /by/ } @$a)[0];
    }, 10) || {};
    is($u->{level}, 'high', 'an alarm');
    like($u->{detail}, qr/^first: .* by title;/, 'names the field');
    $d->stop;
}

done_testing;
