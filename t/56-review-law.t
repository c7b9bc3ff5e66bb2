# What second review does by itself, and what it never does: defaults and first
# screens, orders that nobody confirms, ends of releases, a part of the items, a
# floor and what was rejected, a line that is lost, slots of one scope.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use ModerationSpool;
use Test::More;
use Time::HiRes qw(sleep time);

my $fields = 'fields: {title: h3, room: "@id", account: "@data-a"}, item_id: room';
my $more = "reasons:\n  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}\n"
           . "accounts: {first_screens: [first]}\n";

sub cards {
    my ($class, @id) = @_;
    return join '', map { qq{<li class="$class" id="$_" data-a="u$_"><a href="/room/$_"><h3>room number $_</h3></a></li>} } @id;
}

sub policy {
    my ($more_slots, $review) = @_;
    return "schema: 1\npolicy: law\nslots:\n"
           . "  - {name: first, type: html, match: li.first, $fields, review: {mode: required, fields: [title], stable: assume, $review}}\n"
           . $more_slots . $more . "rules: []\n";
}

ModerationTest::within_a_day(300);          # a new day says a line once more

# a held card whose line never came to the daemon: begun first, seen to the end
# of a minute last

my $lost = ModerationReview->new(policy => policy('', 'ttl: 1h'), files => { 'html/index.html' => cards(first => 1, 2) });
$lost->stop_daemon;
my $lines = sub {
    my $l = read_spool("$lost->{dir}/spool");
    return scalar grep { ($_->{private}{item} // '') eq '1' } of_type($l, 'decision');
};
is($lost->shown('/index.html'), '', 'held, and no daemon to be told');
ok($lost->until_true(sub { $lines->() == 1 }, 5), 'the line is there');
my $told = time;
$lost->shown('/index.html') for 1 .. 20;
sleep 0.3;
is($lines->(), 1, 'twenty more requests say it no more');

# one scope, one list of names

{
    my $file = "$ModerationTest::build/law-$$.yaml";
    my $say = sub {
        my ($names) = @_;
        open my $f, '>', $file or die $!;
        print $f "schema: 1\npolicy: a\nslots:\n"
            . "  - {name: one, type: html, match: li.one, fields: {title: b, id: '\@id', nick: i}, item_id: id, review: {mode: required, fields: [title], stable: assume, scope: [one, two]}}\n"
            . "  - {name: two, type: html, match: li.two, fields: {title: b, id: '\@id', nick: i}, item_id: id, review: {mode: required, fields: [$names], stable: assume, scope: [one, two]}}\n";
        close $f;
        my $said = `$ModerationTest::build/moderationctl check $file 2>&1`;
        return ($? >> 8) . " $said";
    };
    like($say->('title, nick'), qr/^[1-9].*"two"/s, 'slots of one scope list the same names, else check fails');
    like($say->('title'), qr/^0/, 'with the same it does not');
    unlink $file;
}

# defaults: first screens never pass by themselves, and are not rejected either;
# nothing happens with nobody on duty

{
    my $d = ModerationReview->new(policy => policy("  - {name: side, type: html, match: li.side, $fields, review: {mode: required, fields: [title], stable: assume, target: 5m, default: {after: 30m, do: pass}}}\n"
                                                   . "  - {name: off, type: html, match: li.off, $fields, review: {mode: required, fields: [title], stable: assume, target: 5m, default: {after: 30m, do: block}}}\n",
                                                   'ttl: 10h, target: 5m, default: {after: 30m, do: pass}'),
        files => { 'html/index.html' => cards(first => 11), 'html/side.html' => cards(side => 12), 'html/off.html' => cards(off => 13) });
    $d->shown("/$_.html") for qw(index side off);
    is($d->waits(3), 3, 'three wait');
    my $came_by = sub { $d->rounds };
    $d->clock(3600);
    $came_by->();
    is($d->waits(3), 3, 'an hour later, with nobody on duty: they wait');
    is($d->shown('/side.html'), '', 'and none is shown');
    my $c = $d->post('/moderation/v1/queue/next', { n => 1 }, user => 'alice')->{json}{cards}[0];
    $d->post("/moderation/v1/cards/$c->{id}/drop", {}, user => 'alice');
    is($d->sees('/side.html', '12', 8), '12', 'somebody comes: what passes by default passes');
    ok($d->until_true(sub { (map { $_->{fields}{room} } $d->queue(state => 'rejected')) == 1 }, 5), 'what is blocked by default is blocked');
    $came_by->();
    is(join(' ', map { "$_->{fields}{room} $_->{state}" } $d->queue), '11 waiting', 'a first screen does not pass by itself: its card waits, and is not rejected');
    is($d->shown('/index.html'), '', 'and is not shown');

    # ends of releases, spread by a fifth

    $d->write('html/index.html', cards(first => 21 .. 60));
    $d->shown('/index.html');
    $d->until_true(sub { $d->queue >= 41 }, 8);
    my @ends;
    my $now = time + $d->{clock};
    for my $card (grep { $_->{fields}{room} > 20 } $d->queue) {
        my $r = $d->release('alice', $card);
        push @ends, $d->request(GET => "/moderation/v1/cards/$card->{id}", user => 'bob')->{json}{history}[0]{ends} / 1000 - $now;
    }
    @ends = sort { $a <=> $b } @ends;
    cmp_ok($ends[0], '>=', 8 * 3600 - 60, 'no release of ten hours ends before eight');
    cmp_ok($ends[-1], '<=', 10 * 3600 + 60, 'none after ten');
    cmp_ok($ends[-1] - $ends[0], '>', 3600, 'and they do not end at once');

    # orders: a day where nothing is said, thirty at most; one that nobody confirms

    my $order = sub { my ($value, %o) = @_;
        return $d->post('/moderation/v1/orders', { targets => [ { kind => 'item', value => $value } ], reason => 'test', %o }, user => 'alice') };
    my $of = sub { my ($r) = @_;
        my ($o) = grep { $_->{id} == $r->{json}{order} } @{ $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{orders} };
        return $o };
    is($order->('21', source => 'internal', until => '31d')->{status}, 400, 'no order for more than thirty days');
    my $internal = $order->('21', source => 'internal');
    is($internal->{status}, 201, 'one reviewer orders');
    my $left = $of->($internal)->{until} / 1000 - time - $d->{clock};
    ok($left > 86000 && $left < 86500, 'for a day, where nothing is said') or diag($left);
    my $office = $order->('22', source => 'office', reference => '7', until => '3d');
    my $never = $order->('900', source => 'office', reference => '8', until => '3d');
    is($never->{status}, 201, 'and for a room that nobody has seen yet');
    my $sure = $order->('23', source => 'internal', until => '3d');
    is($d->post("/moderation/v1/orders/$sure->{json}{order}/confirm", {}, user => 'bob')->{status}, 200, 'a lead confirms one');
    my $shown = sub { my %s = map { $_ => 1 } split ' ', $d->shown('/index.html'); join ' ', grep { $s{$_} } 21 .. 24 };
    ok($d->until_true(sub { $shown->() eq '24' }, 3), 'three are gone') or diag($shown->());
    $d->write('html/side.html', cards(side => 12, 900));
    is($d->shown('/side.html'), '12', 'so is the one that nobody had seen');
    $d->clock(7 * 3600);                # within eight no release has ended
    $came_by->();
    is($shown->(), '24', 'seven hours: they stay');
    $d->clock(5 * 3600 + 60);
    ok($d->until_true(sub { ($of->($internal) || { state => 'lapsed' })->{state} ne 'live' }, 8), 'twelve hours: the internal one that nobody confirmed lapses');
    is($of->($_)->{state}, 'live', 'the others stay') for $office, $sure, $never;
    ok($d->until_true(sub { grep { /order/ } $d->alarms }, 8), 'and an alarm says that one of them is not confirmed') or diag(join ' ', $d->alarms);
    $d->stop;
}

# a part of the items: the same ones, on each worker, each time

{
    my $d = ModerationReview->new(policy => policy('', 'rollout: 40'), workers => 2, files => { 'html/index.html' => cards(first => 1 .. 60) });
    my %seen;
    $seen{ $d->shown('/index.html') }++ for 1 .. 12;
    is(scalar keys %seen, 1, 'rollout: the same items each time');
    my $n = () = (keys %seen)[0] =~ /\d+/g;
    cmp_ok($n, '>', 12, 'about as many as it says are held');
    cmp_ok($n, '<', 56, 'and not all');
    $d->stop;
}

$lost->until_true(sub { $lost->shown('/index.html'); sleep 0.5; $lines->() > 1 }, 90);
is($lines->(), 2, 'and once more as long as the desk does not have it');
cmp_ok(time - $told, '>=', 59, 'after a minute');
$lost->start_daemon;
is($lost->waits(2), 2, 'the desk is back: they wait, each once');
$lost->stop;

done_testing;
