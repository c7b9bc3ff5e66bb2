# `cover: {check: content}`: a picture that changes behind its URL suspends the
# release; what a person was shown counts; a picture that cannot be had decides
# nothing.  From a server of pictures through moderationd to the reader.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use Test::More;
use Time::HiRes qw(sleep time);

my %png = map { $_ => "\x89PNG\r\n\x1a\n" . "picture $_ " x 40 } qw(a b c);

sub card {
    my ($id, $title, $cover) = @_;
    return qq{<li class="card" id="$id"><a href="/room/$id"><img src="$cover"><h3>$title</h3></a></li>};
}

my $d = ModerationReview->new(policy => <<'Y', files => { 'html/index.html' => '', 'html/clean.html' => '' },
schema: 1
policy: covers
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "@id", cover: img@src}, item_id: room,
     review: {mode: required, fields: [title], stable: assume, ttl: 2h, floor: 1, cover: {field: cover, check: content, every: 2s}}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
Y
    server => <<'N');
    location /img/ { moderation off; root %%DIR%%/html; access_log %%DIR%%/img.log; }
    location /img/away/ { moderation off; return 503; }
    location = /img/two.png { moderation off; root %%DIR%%/html; access_log %%DIR%%/img.log;
        if ($http_user_agent !~ ^Mozilla) { rewrite ^ /img/clean.png last; } }
    location = /img/moved.png { moderation off; access_log %%DIR%%/img.log; return 302 /img/target.png; }
N

my $host = "127.0.0.1:$d->{port}";
my $pages = sub {
    $d->write('html/index.html', join '', @_);
};
my $picture = sub {
    my ($id, $which) = @_;
    open my $f, '>:raw', "$d->{dir}/html/img/.$id" or die $!;
    print $f $png{$which} // $which;
    close $f;
    rename "$d->{dir}/html/img/.$id", "$d->{dir}/html/img/$id.png" or die $!;
};
my $fetched = sub {
    my ($id) = @_;
    open my $f, '<', "$d->{dir}/img.log" or return 0;
    return scalar grep { m{"GET /img/\Q$id\E\b} } <$f>;
};
my $restart = sub {
    my ($images) = @_;
    $d->stop_daemon;
    my $workers = $> == 0 ? 'nobody' : getpwuid($>);
    $d->write('moderationd.yaml', <<"YAML");
node: test
workers: $workers
sites:
  a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en$images}
origins: ["https://desk.example"]
threads: 4
YAML
    $d->start_daemon;
};
my $preview = sub {
    my ($id) = @_;
    return $d->request(GET => "/moderation/v1/cards/$id/preview", user => 'alice')->{body};
};
my $cover = sub { $d->request(GET => "/moderation/v1/cards/$_[0]", user => 'alice')->{json}{cover_changed} };
my $again = sub {                       # so many more fetches of it have ended
    my ($id, $n) = @_;
    my $from = $fetched->($id);
    return $d->until_true(sub { $fetched->($id) >= $from + $n }, 30);
};

mkdir "$d->{dir}/html/img";
chmod 0755, $d->{dir}, "$d->{dir}/html", "$d->{dir}/html/img";
$picture->($_, 'a') for 1 .. 4;
$restart->(", images: {hosts: [\"$host\"], private: true}");

# 1 is looked at; 2 is exchanged between look and release; 3 is released
# without a look; 4 has a host that is not listed; 5 redirects; 6 is away

my %at = (1 => "http://$host/img/1.png", 2 => "http://$host/img/2.png", 3 => "http://$host/img/3.png?token=1",
          4 => "http://localhost:$d->{port}/img/4.png", 5 => "http://$host/img/moved.png", 6 => "http://$host/img/away/6.png");
$pages->(map { card($_, "room number $_", $at{$_}) } 1 .. 6);
$d->shown('/index.html');
is($d->waits(6), 6, 'six wait');
my %id = map { $_->{fields}{room} => $_->{id} } $d->queue;

like($preview->($id{$_}), qr/data:image\/png/, "$_ is seen in the preview") for 1, 2;
$picture->(2, 'b');
is($d->release('alice', $_)->{status}, 200, "$_ is released") for 1 .. 6;

is($d->sees('/index.html', '1 3 4 5 6', 10), '1 3 4 5 6', 'one that was exchanged before the release is suspended');
ok($d->until_true(sub { ($d->card_of(2) || {})->{state} eq 'waiting' }), 'and waits');
ok($cover->($id{2}), 'its card says why');
like($d->request(GET => "/moderation/cards/$id{2}", user => 'alice')->{body}, qr/The picture has changed since it was released/,
     'for people as well');

# pictures that stay what they are

ok($again->('1.png', 3), 'a picture is fetched while its card is shown');
ok($again->('3.png', 2), 'also one that nobody has looked at');
is($d->shown('/index.html'), '1 3 4 5 6', 'and stays while it is the same');
is($fetched->('4.png'), 0, 'a host that is not listed is not asked');
ok($fetched->('moved.png'), 'a redirect is asked for');
is($fetched->('target.png'), 0, 'and not followed');

# the same URL gives another picture

$picture->(1, 'b');
is($d->sees('/index.html', '3 4 5 6', 10), '3 4 5 6', 'another picture under the same URL: the card is gone');
$picture->(1, 'a');
ok($again->('3.png', 2), 'and when the first one is back');
is($d->shown('/index.html'), '3 4 5 6', 'it stays gone until a person has looked');

like($preview->($id{1}), qr/data:image/, 'somebody looks');
is($d->release('alice', 1)->{status}, 200, 'and releases it');
is($d->sees('/index.html', '1 3 4 5 6', 2), '1 3 4 5 6', 'shown again');
ok($again->('1.png', 3), 'it is compared with what was seen this time');
is($d->shown('/index.html'), '1 3 4 5 6', 'and stays');

$picture->(3, 'c');
is($d->sees('/index.html', '1 4 5 6', 10), '1 4 5 6', 'one that nobody had looked at is compared with what it was when released');

# undo brings back what stood, without what has changed since

$preview->($id{3});
is($d->decide('alice', 3, 'reject')->{status}, 200, 'rejected');
my $review = $d->request(GET => "/moderation/v1/cards/$id{3}", user => 'bob')->{json}{history}[0]{review};
is($d->post("/moderation/v1/reviews/$review/undo", {}, user => 'alice')->{status}, 200, 'and undone');
is($d->shown('/index.html'), '1 4 5 6', 'the release of the older picture stays suspended');
is(($d->card_of(3) || {})->{state}, 'waiting', 'and its card waits');

# one that cannot be had decides nothing; that is said

ok($d->until_true(sub { grep { $_ eq 'lost/covers' } $d->alarms }, 20), 'an alarm: pictures that cannot be had');
is($d->shown('/index.html'), '1 4 5 6', 'their cards are shown');
$picture->(1, '<html>the CDN says sorry</html>');
ok($again->('1.png', 2), 'something that is no picture');
is($d->shown('/index.html'), '1 4 5 6', 'decides nothing either');
$picture->(1, 'a');

# its URL is another now (a signature that has run out): workers are asked

unlink "$d->{dir}/html/img/1.png";
my $new = "http://$host/img/new-1.png";
$picture->('new-1', 'a');
$pages->(map { card($_, "room number $_", $_ == 1 ? $new : $at{$_}) } 1 .. 6);
ok($d->until_true(sub { $d->shown('/index.html'); $fetched->('new-1.png') }, 20), 'a picture that has moved is found by the next card that is shown');
is($d->shown('/index.html'), '1 4 5 6', 'it is the same');
$picture->('new-1', 'b');
is($d->sees('/index.html', '4 5 6', 15), '4 5 6', 'until it is not');

# a suspended one never fills up a floor

$d->clock(3 * 3600);
sleep 1.2;
my %now = map { $_ => 1 } split ' ', $d->shown('/index.html');
ok(!$now{1} && !$now{2} && !$now{3}, 'what is suspended fills up no floor, though its release has run out');

# a store that is made again knows what is suspended

$picture->(7, 'a');
$at{7} = "http://$host/img/7.png";
$pages->(card(7, 'room number 7', $at{7}));
$d->shown('/index.html');
my $seven = ($d->card_of(7) || {})->{id};
ok($seven, 'another card');
is($d->release('alice', 7)->{status}, 200, 'released');
ok($again->('7.png', 2), 'watched');
$picture->(7, 'b');
is($d->sees('/index.html', '', 10), '', 'suspended');
$d->stop_daemon;
unlink glob "$d->{dir}/store.db*";
$d->start_daemon;
is($d->shown('/index.html'), '', 'out of the ledger: still so');
is($d->request(GET => "/moderation/v1/cards/$seven", user => 'alice')->{json}{state}, 'waiting', 'and it waits');

# the same, with what was exchanged while there was no store: 8 was looked at, 9
# was not

$picture->($_, 'a') for 8, 9;
@at{8, 9} = map { "http://$host/img/$_.png" } 8, 9;
$pages->(map { card($_, "room number $_", $at{$_}) } 8, 9);
$d->shown('/index.html');
my $eight = ($d->card_of(8) || {})->{id};
like($preview->($eight), qr/data:image/, '8 is looked at');
is($d->release('alice', $_)->{status}, 200, "$_ is released") for 8, 9;
ok($again->("$_.png", 2), "$_ is watched") for 8, 9;
is($d->shown('/index.html'), '8 9', 'both are shown');
$d->stop_daemon;
unlink glob "$d->{dir}/store.db*";
$picture->(8, 'b');
$d->start_daemon;
is($d->sees('/index.html', '9', 15), '9', 'a picture that was exchanged while the store was gone is found by the ledger');
ok($again->('9.png', 2), 'the other one is compared as well');
is($d->shown('/index.html'), '9', 'and stays');
$picture->(9, 'c');
is($d->sees('/index.html', '', 15), '', 'until it is exchanged');

# a host that gives browsers another picture than it gives the daemon

$picture->($_, 'a') for 'clean', 'two';
$pages->(card(10, 'room number 10', "http://$host/img/two.png"));
$d->shown('/index.html');
ok($d->card_of(10), 'another card');
is($d->release('alice', 10)->{status}, 200, 'released');
$d->until_true(sub { !grep { ($_->{fields}{room} // 0) == 10 } $d->queue }, 5);
$restart->(", images: {hosts: [\"$host\"], private: true, agent: \"Mozilla/5.0 (X11; Linux x86_64)\"}");
ok($again->('two.png', 2), 'the daemon looks at it, by that name');
is($d->shown('/index.html'), '10', 'while both are the same it is shown');
$picture->('two', 'b');
is($d->sees('/index.html', '', 15), '', 'readers are given another one: with the agent of a browser that is seen');
$d->stop_daemon;
$d->write('bad.yaml', do { open my $f, '<', "$d->{dir}/moderationd.yaml"; local $/; <$f> =~ s/Mozilla/Mozill\xc3\xa4/r });
like(scalar `$ModerationTest::build/moderationd -t -c $d->{dir}/bad.yaml 2>&1`, qr/agent: a User-Agent of at most 256 ASCII characters/, 'an agent is one line of a request');
$d->start_daemon;

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
