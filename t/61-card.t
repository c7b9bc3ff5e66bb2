# The card, by API and on the page: how its hits are read, what is decided
# together with it, both looks of two people who differ.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(roles => <<'YAML', policy => <<'POLICY');
users:
  alice: [reviewer]
  r1: [reviewer]
  bob: [lead]
  chen: {roles: [reviewer], queues: [first]}
YAML
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title]}}
  - {name: kids, type: html, match: dd, fields: {title: b}, review: {mode: required, fields: [title]}}
  - {name: pair, type: html, match: dt, fields: {title: b}, review: {mode: required, fields: [title], people: 2}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
rules:
  - {id: r.one, rev: 1, label: clickbait, title: {zh: 规则一, en: Rule one}, match: {in: [title], terms: [震惊, 刪前]}}
POLICY

sub hit {
    my ($title, $word, %o) = @_;
    my $at = index $title, $word;
    my $len = sub { my ($s) = @_; utf8::encode($s); length $s };

    return { rule => 'r.one', field => 'title', start => $len->(substr $title, 0, $at),
             end => $len->(substr $title, 0, $at + length $word), text => $word, %o };
}

sub page {
    my ($id, $lang) = @_;
    my $body = $d->request(GET => "/moderation/cards/$id", user => 'alice',
                           headers => { 'Accept-Language' => $lang })->{body};
    utf8::decode($body);
    return $body;
}

my $title = "震★驚！刪前速看 <b>";
my $plain = '震惊 again';
$d->cards($d->card($title, rule => 'r.one', nickname => "路灯\x{200b}下",
                   hits => [ hit($title, '震★驚'), hit($title, '刪前', text => '') ]),
          $d->card($plain, rule => 'r.one', hits => [ hit($plain, '震惊') ]));
my %of = map { $_->{fields}{title} => $_ }
         @{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} };

my $c = $of{$title};
is($c->{hits}[0]{read}, '震惊', 'a hit says how it is read: signs between are gone, other forms folded');
is($c->{hits}[1]{read}, '删前', 'also one whose text gave way: by its place in the field');
is($c->{readings}{title}, '震★惊!删前速看 <b>', 'the whole field, with its signs');
is($c->{readings}{nickname}, '路灯下', 'without what nobody can see');
ok(!exists $of{$plain}{hits}[0]{read} && !%{ $of{$plain}{readings} },
   'what is read as it is written is not said twice');

my $en = page($c->{id}, 'en');
like($en, qr{<mark[^>]*>震★驚</mark>}, 'hits are marked in the text');
like($en, qr{<div class="sub">read as <bdi>震惊</bdi> … <bdi>删前</bdi></div>}, 'and the page says how they are read');
like($en, qr{<summary>All of it as rules read it</summary><dl>.*<dt>Title</dt><dd><bdi>震★惊!删前速看 &lt;b&gt;</bdi>},
     'all of the field, escaped');
like(page($c->{id}, 'zh-CN'), qr/读作/, 'in Chinese');
unlike(page($of{$plain}{id}, 'en'), qr/read as|as rules read it/, 'nothing where there is nothing to say');

# decided together

sub id_of {
    my ($t, $slot) = @_;
    my $q = $d->request(GET => '/moderation/v1/queue?limit=100', user => 'bob')->{json};
    my ($c) = grep { $_->{fields}{title} eq $t && (!$slot || $_->{slot} eq $slot) } @{ $q->{cards} };
    return $c ? $c->{id} : 0;
}

sub decide {
    my ($user, $id, $verdict, %o) = @_;
    return $d->post("/moderation/v1/cards/$id/decide",
                    { version => 1, verdict => $verdict, reason => $verdict eq 'reject' ? 'shock' : '', %o },
                    user => $user);
}

sub state { $d->request(GET => "/moderation/v1/cards/$_[0]", user => 'bob')->{json}{state} }

my $acc = 'c' x 32;
$d->cards(map { $d->card("set $_", account => $acc) } 1 .. 4);
my @set = map { id_of("set $_") } 1 .. 4;
like(page($set[0], 'en'),
     qr{<fieldset class="reasons" id="also"><legend>Decide with it</legend><label class="row"><input type="checkbox" name="also" value="$set[1]:1">},
     'the page offers what else waits of the account');
is(decide('alice', $set[0], 'reject', also => ['x'])->{json}{field}, 'also', 'no card');
is(decide('alice', $set[0], 'escalate', also => [$set[1]])->{json}{field}, 'also', 'only with a verdict');
$d->post("/moderation/v1/cards/$set[3]/claim", {}, user => 'bob');
my $r = decide('alice', $set[0], 'reject', also => ["$set[1]:1", { card => $set[2], version => 1 }, $set[3]]);
is($r->{status}, 200, 'rejected with others');
is_deeply([ map { state($_) } @set ], [ ('rejected') x 3, 'waiting' ], 'but for one that another looks at');
is($r->{json}{also}[2]{error}, 'claimed', 'which the answer says');
is($r->{json}{also}[2]{by}, 'bob', 'by whom');
is($d->post("/moderation/v1/reviews/$r->{json}{review}/undo", {}, user => 'alice')->{status}, 200, 'undo');
is_deeply([ map { state($_) } @set ], [ ('waiting') x 4 ], 'takes all of them back');
$d->post("/moderation/v1/cards/$set[3]/drop", {}, user => 'bob');
my $body = join '&', 'token=' . $d->token('alice'), 'back=/moderation/queue', 'version=1', 'verdict=release',
                     "also=$set[1]:1", "also=$set[2]:1";
is($d->request(POST => "/moderation/v1/cards/$set[0]/decide", user => 'alice', body => $body,
               headers => { 'Sec-Fetch-Site' => 'same-origin',
                            'Content-Type' => 'application/x-www-form-urlencoded' })->{status}, 303, 'by a form');
is_deeply([ map { state($_) } @set ], [ ('released') x 3, 'waiting' ], 'as well');

my $print = '5' x 32;
$d->cards($d->card('both', fingerprint => $print), $d->card('both', slot => 'kids', fingerprint => $print, day => 2));
my ($b1, $b2) = (id_of('both', 'first'), id_of('both', 'kids'));
ok($b1 && $b2 && $b1 != $b2, 'one item in two scopes: two cards');
like(page($b1, 'en'), qr{name="also" value="$b2:1"}, 'the page offers the other');
is(decide('alice', $b1, 'reject')->{status}, 200, 'without scope');
is(state($b2), 'waiting', 'only its own slots');
$d->post("/moderation/v1/reviews/" . $d->request(GET => "/moderation/v1/cards/$b1", user => 'bob')->{json}{history}[0]{review}
         . '/undo', {}, user => 'bob');
is(decide('alice', $b1, 'reject', scope => ['first', 'kids'])->{status}, 200, 'with scope');
is(state($b2), 'rejected', 'also where it waits in other slots');
is(decide('alice', id_of('set 4'), 'release', scope => { a => 1 })->{json}{field}, 'scope', 'names of slots');

# two people

$d->cards($d->card('two minds', slot => 'pair'));
my $p = id_of('two minds');
is(decide('alice', $p, 'release', note => 'looks fine')->{json}{state}, 'first', 'the first look');
unlike(page($p, 'en'), qr/Two people differ/, 'nothing to see yet');
is(decide('chen', $p, 'reject', note => 'shouts')->{status}, 404, 'not one of another queue');
is(decide('r1', $p, 'reject', note => 'shouts')->{status}, 200, 'the second');
$c = $d->request(GET => "/moderation/v1/cards/$p", user => 'bob')->{json};
is_deeply([ map { "$_->{by} $_->{verdict} $_->{reason} $_->{note}" } @{ $c->{looks} } ],
          [ 'alice release  looks fine', 'r1 reject shock shouts' ], 'a lead has both looks');
my $lead = $d->request(GET => "/moderation/cards/$p", user => 'bob', headers => { 'Accept-Language' => 'en' })->{body};
like($lead, qr{Two people differ</h2><div class="looks"><div class="panel hit strong"><h3>release</h3>.*looks fine.*<h3>reject</h3>.*Sensational headline.*shouts}s,
     'side by side');
like($lead, qr/id="decide"/, 'and decides');
unlike(page($p, 'en'), qr/Two people differ/, 'not for the two');

$d->stop;
unlike($d->daemon_log, qr/error|alert/, 'no error in the log');
done_testing;
