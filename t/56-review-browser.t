# Second review in a browser, from the page to the desk and back to the page:
# release by keyboard, who comes second, undo, what runs out, an account that is
# suspended, an order from a phone, a wrong bulk, a cut card, two people, the
# first day, a switch.  Needs chromium, node, playwright-core and axe-core
# (make test-deps).

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationBrowser;
use ModerationReview;
use Test::More;
use Time::HiRes qw(sleep time);

my ($modules, $pictures) = ModerationBrowser::needs();

sub card {
    my ($id, %o) = @_;
    my ($account, $class, $title) = ($o{account} // $id, $o{class} // 'card', $o{title} // "这条街今晚亮灯 room $id");
    return qq{<li class="$class" id="$id" data-a="u$account"><a href="/room/$id"><h3>$title</h3></a></li>};
}

sub page { return qq{<!doctype html><meta charset="utf-8"><title>live</title><ul>} . join('', @_) . "</ul>" }

my $slot = 'fields: {title: h3, room: "@id", account: "@data-a"}, item_id: room';
my $d = ModerationReview->new(policy => <<"Y", files => { map { ("html/$_.html" => '') } qw(index side two young) },
schema: 1
policy: browser
slots:
  - {name: first, type: html, match: "li.card:not(.two):not(.young)", $slot, review: {mode: required, fields: [title], stable: assume, ttl: 24h}}
  - {name: side, type: html, match: li.side, $slot}
  - {name: two, type: html, match: li.two, $slot, review: {mode: required, fields: [title], stable: assume, people: 2}}
  - {name: young, type: html, match: li.young, $slot, review: {mode: required, fields: [title], stable: assume}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
rules:
  - {id: r.one, rev: 1, label: clickbait, action: hold, suggestion: review, title: {zh: 规则一, en: Rule one}, match: {in: [title], terms: [alpha]}}
Y
    roles => "users: {alice: [reviewer], r1: [reviewer], bob: [lead, auditor], lena: [lead], eve: [viewer]}\n");

sub step {
    my ($step) = @_;
    open my $out, '-|', 'node', "$FindBin::Bin/browser/review.js", $d->{port}, $modules, $pictures, $step
        or die "node: $!";
    while (my $line = <$out>) {
        my $r = eval { JSON::PP->new->utf8->decode($line) } or next;
        ok($r->{ok}, "$step: $r->{name}") or diag($r->{why});
    }
    close $out;
    is($?, 0, "$step: the browser came to its end");

    # who has left a card gives it back: nobody finds it taken in the next step

    ok($d->until_true(sub { !grep { $_->{claim} } map { $d->queue(state => $_) } qw(waiting escalated asked) }, 5),
       "$step: no card is held any more") or diag(join "; ", map { "$_->{id} $_->{state} $_->{claim}{by} " . ($_->{claim}{until} / 1000 - time - $d->{clock}) } grep { $_->{claim} } map { $d->queue(state => $_) } qw(waiting escalated asked));
}

my $put = sub {
    my ($name, @cards) = @_;
    my $page = page(@cards);
    utf8::encode($page);
    $d->write("html/$name.html", $page);
};
my $waits = sub { my ($n, $what) = @_; is($d->waits($n), $n, "$what: $n wait") };

$put->(index => card(1), card(2), card(3, account => 'x'), card(4, account => 'x'));
$put->(side => map { card($_, class => 'side', account => $_ == 3 ? 'x' : $_) } 1, 3, 9);
$d->shown('/index.html');
$waits->(4, 'rooms');

step('release');

$put->(two => map { card($_, class => 'card two') } 41 .. 43);
$d->shown('/two.html');
ok($d->card_of(43), 'three that want two people');
step('two');

$put->(young => map { card($_, class => 'card young') } 51 .. 53);
is($d->shown('/young.html?mode=shadow'), '51 52 53', 'shadow: all are shown');
ok($d->card_of(53), 'and wait');
step('first');
step('opened');

$d->clock(25 * 3600);
$d->rounds;
ok($d->until_true(sub { $d->shown('/index.html'); ($d->card_of(1, seconds => 0.1) || {})->{state} }, 5), 'a release that has run out waits again');
step('expired');
step('account');
step('order');

$put->(index => card(1, title => '另一个标题 room 1'), card(3, account => 'x'), card(4, account => 'x'));
$d->shown('/index.html');
step('ordered');
$put->(index => card(1), card(3, account => 'x'), card(4, account => 'x'));
$d->clock(3600);
$d->rounds;
$d->clock(3700);
step('over');

$put->(index => card(1), card(3, account => 'x'), map { card($_, account => 'y') } 21 .. 24);
$d->shown('/index.html');
ok($d->card_of(24), 'four of one account');
step('bulk');

$put->(index => card(1), card(31, title => 'room 31 ' . 'words ' x 2400));
$d->shown('/index.html');
ok($d->until_true(sub { grep { $_->{cut} } $d->queue }, 5), 'a long one');
step('cut');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
