# A slot that found items and finds none any more: status, metrics and error
# log say so, once, and that it finds some again.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep);

my $page = '<ul>' . '<li class=card><b>word</b></li>' x 3 . '</ul>';
my $new = '<div>' . '<p class=entry><b>word</b></p>' x 3 . '</div>';

my $s = ModerationServer->new(
    workers => 2,
    http => 'moderation_zone zone=m:256k silent=2s;
             types { text/html html; application/json json; }',
    server => 'location = /status { moderation_status; }
        location / { moderation shadow; moderation_policy %%DIR%%/p.yaml check=400ms; }',
    files => { 'html/index.html' => $page, 'html/other.html' => '<p>nothing</p>',
               'p.yaml' => <<'END' });
schema: 1
policy: p
slots:
  - {name: home.first_screen, type: html, match: li.card, fields: {title: b}}
  - {name: feed, type: json, match: '$.list[*]', fields: {title: $.t}}
END

sub slot {
    my ($row) = grep { $_->{slot} eq $_[0] } @{ $s->status->{slots} };
    return $row;
}

sub said { return scalar(() = $s->log =~ /slot "home\.first_screen" finds $_[0]/g) }

is(slot('home.first_screen')->{items}, 0, 'before the first: no items');
is(slot('home.first_screen')->{last_item_age}, undef, 'and no last one');

# one response of two has items

for (1 .. 30) {
    $s->get('/index.html');
    $s->get('/other.html');
}

is(slot('home.first_screen')->{items}, 90, 'items of the slot');
cmp_ok(slot('home.first_screen')->{last_item_age}, '<', 60, 'the last one');
ok(!slot('home.first_screen')->{silent}, 'it is not silent');
like($s->get('/status?format=prometheus')->{body},
     qr/^moderation_slot_items_total\{slot="home\.first_screen"\} 90$/m, 'metrics: items');
like($s->get('/status?format=prometheus')->{body},
     qr/^moderation_slot_last_item_timestamp_seconds\{slot="home\.first_screen"\} \d{10}$/m,
     'metrics: when');

# other pages for a while: twenty responses of two are expected to have items,
# which is not enough

$s->get('/other.html') for 1 .. 40;
sleep 0.1 while slot('home.first_screen')->{last_item_age} < 3;
$s->get('/other.html') for 1 .. 30;
ok(!slot('home.first_screen')->{silent}, 'too few responses to say so');
is(said('nothing'), 0, 'and the log does not');

# the page has changed

$s->write('html/index.html', $new);
for (1 .. 80) {
    $s->get('/index.html');
    $s->get('/other.html');
}

ok(slot('home.first_screen')->{silent}, 'fifty were expected, and none came: silent');
ok(!slot('feed')->{silent}, 'a slot that never had an item is not');
like($s->get('/status?format=prometheus')->{body},
     qr/^moderation_slot_silent\{slot="home\.first_screen"\} 1$/m, 'metrics: silent');
like($s->get('/status?format=html')->{body}, qr/class=bad>finds nothing any more/, 'the page says it');
$s->until(5, sub { $s->get('/index.html') for 1 .. 16; said('nothing') });
like($s->log, qr/\[error\].*slot "home\.first_screen" finds nothing any more: no item in the last \d+ responses \(\d+ s\), before in 1 of 2; has/,
     'the error log, too');
$s->get('/index.html') for 1 .. 80;
is(said('nothing'), 1, 'once');

# and is as it was

$s->write('html/index.html', $page);
$s->get('/index.html');
ok(!slot('home.first_screen')->{silent}, 'items again');
is(said('items again'), 1, 'which is said');

# a slot that the policy no longer has is of no interest

$s->write('html/index.html', $new);
$s->get('/index.html') for 1 .. 200;
sleep 0.1 while slot('home.first_screen')->{last_item_age} < 3;
ok(slot('home.first_screen')->{silent}, 'silent once more');
$s->write('p.yaml', "schema: 1\npolicy: p\nslots:\n"
    . "  - {name: home.new, type: html, match: p.entry, fields: {title: b}}\n");
ok($s->until(10, sub { $s->settled('p.yaml') && !slot('home.first_screen') }),
   'a slot that is gone from the policy is not shown');
$s->get('/index.html');
is(slot('home.new')->{items}, 3, 'its successor is');

$s->stop;
done_testing();
