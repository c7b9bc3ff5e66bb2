# Readers and owners: reports, reasons, appeals, by anyone; cases and their
# outcome by the desk; proofs and the files of the ledger.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(conf => <<'CONF', roles => <<'YAML', policy => <<'POLICY');
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
origins: ["https://desk.example"]
clocks: {default: 2d, clickbait: 6h}
CONF
users: {alice: [reviewer], r1: [reviewer], bob: [lead, auditor], eve: [viewer], adam: [admin]}
YAML
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}}]
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational}, basis: {kind: terms, ref: "4.2"}, points: 1}
  - {id: ads, key: 2, label: gambling, title: {zh: 引流, en: Advertising}}
rules:
  - {id: r.one, rev: 1, label: clickbait, title: {zh: 规则一, en: Rule one}, basis: house rules 4, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
POLICY

sub public_post {
    my ($path, $args) = @_;
    return $d->request(POST => "/moderation/public/$path",
                       headers => { 'Content-Type' => 'application/json' },
                       body => $ModerationDesk::json->encode($args));
}

# reports

my $r = $d->request(GET => '/moderation/public/report');
is($r->{status}, 200, 'the form is for anyone');
unlike($r->{body}, qr/<script|data-token/, 'without script or token');
like($r->{body}, qr/Sensational/, 'with the reasons');
is($d->request(GET => '/moderation/public/static/console.css')->{status}, 200, 'its style, too');
is(public_post('report', { item => '1187' })->{status}, 400, 'a report has a reason');
is(public_post('report', { reason => 'shock' })->{status}, 400, 'and says what');
is(public_post('report', { item => '1187', reason => 'shock', text => 'x' x 9000 })->{status}, 400,
   'and is short');
$r = public_post('report', { item => '1187', reason => 'shock', text => 'secret words',
                             reporter => 'me@example.org' });
is($r->{status}, 201, 'taken');
my $number = $r->{json}{number};
like($number, qr/^[a-z2-7]{18}$/, 'a number');
$r = $d->request(GET => "/moderation/public/report/$number?lang=en");
is($r->{status}, 200, 'its page');
like($r->{body}, qr/being looked at/, 'state');
unlike($r->{body}, qr/secret|example\.org/, 'never the text or who');
(my $typo = $number) =~ s/(.)$/$1 eq 'a' ? 'b' : 'a'/e;
is($d->request(GET => "/moderation/public/report/$typo")->{status}, 404, 'a typo is seen');
is(public_post('report', { item => '1187', reason => 'shock' })->{status}, 201, 'a second report');
my $cases = sub { $d->request(GET => '/moderation/v1/cases', user => 'alice')->{json}{cases} };
is(scalar @{ $cases->() }, 1, 'is the same case');
is($cases->()->[0]{reports}, 2, 'of two');
my $hours = sub { my ($of) = @_; my ($c) = grep { ($_->{reason} // '') eq $of } @{ $cases->() };
    return $c && sprintf '%.0f', ($c->{due} / 1000 - time) / 3600 };
is($hours->('shock'), 6, 'its clock is that of the label');
is(public_post('report', { item => '1999', reason => 'ads' })->{status}, 201, 'of another label');
is($hours->('ads'), 48, 'which has no clock of its own');
is($d->request(GET => '/moderation/v1/cases', user => 'eve')->{status}, 403, 'not for viewers');
my $id = $cases->()->[0]{id};
is($d->post("/moderation/v1/cases/$id/outcome", { outcome => 'perhaps' }, user => 'alice')->{status}, 400,
   'an outcome that is none');
is($d->post("/moderation/v1/cases/$id/outcome", { outcome => 'effective', reply => 'Thank you.' },
            user => 'alice')->{status}, 200, 'answered');
$r = $d->request(GET => "/moderation/public/report/$number?lang=en");
like($r->{body}, qr/answered.*Thank you/s, 'the reporter reads it');
is($d->post("/moderation/v1/cases/$id/outcome", { outcome => 'wrong' }, user => 'alice')->{status}, 404, 'once');

# a decision's page, an appeal

$d->cards($d->card('alpha words', rule => 'r.one', account => 'e' x 32,
                   hits => [ { rule => 'r.one', field => 'title', start => 0, end => 5, text => 'alpha' } ]));
my $card = $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards}[0];
my $dec = $card->{decision};
$d->post("/moderation/v1/cards/$card->{id}/decide", { version => 1, verdict => 'reject', reason => 'r.one' },
         user => 'alice');
my $credit = sub { $d->request(GET => '/moderation/v1/accounts/' . 'e' x 32, user => 'eve')->{json}{credit} };
is($credit->(), 90, 'a strike');
$r = $d->request(GET => "/moderation/public/reason/$dec?lang=en");
is($r->{status}, 200, 'the page of a decision');
like($r->{body}, qr/Rule one.*house rules 4/s, 'names rule and basis');
unlike($r->{body}, qr/alpha|title.*words/, 'never the words that hit');
is(public_post('appeal', { code => "$dec-aaaaaaaaaaaaaaaa", text => 'no' })->{status}, 403,
   'an appeal needs the code');
is($d->request(GET => "/moderation/v1/decisions/$dec/code", user => 'alice')->{status}, 403,
   'which only a lead reads');
my $code = $d->request(GET => "/moderation/v1/decisions/$dec/code", user => 'bob')->{json}{code};
is(public_post('appeal', { code => $code })->{status}, 400, 'and a reason');
like(public_post('appeal', { code => $code, text => 'x' x 8193 })->{json}{detail}, qr/8 KiB/, 'of 8 KiB at most, which is said');
like(public_post('report', { item => 'x', reason => 'y', text => 'x' x 8193 })->{json}{detail}, qr/8 KiB/, 'as that of a report');
$code = ' ' . uc($code) . "\r\n";                    # as it was copied
$r = public_post('appeal', { code => $code, text => 'it was a song' });
is($r->{status}, 201, 'an appeal');
is(public_post('appeal', { code => $code, text => 'again' })->{status}, 409, 'one at a time');
my ($appeal) = grep { $_->{kind} eq 'appeal' } @{ $cases->() };
is($d->post("/moderation/v1/cases/$appeal->{id}/outcome", { outcome => 'effective' }, user => 'alice')->{status},
   403, 'another person decides');
is($d->post("/moderation/v1/cases/$appeal->{id}/outcome", { outcome => 'effective', reply => 'You are right.' },
            user => 'r1')->{status}, 200, 'granted');
is($credit->(), 100, 'the strike is void');
is($d->request(GET => "/moderation/v1/cards/$card->{id}", user => 'bob')->{json}{state}, 'waiting',
   'the card is looked at again');

# a decision that is taken back otherwise: nothing is left to appeal

ok($d->cards($d->card('alpha once more', rule => 'r.one', account => 'f' x 32)), 'another card');
my ($more) = grep { $_->{fields}{title} eq 'alpha once more' } @{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} };
my $back = $d->post("/moderation/v1/cards/$more->{id}/decide", { version => 1, verdict => 'reject', reason => 'shock' }, user => 'alice')->{json}{review};
my $why = sub { my $b = $d->request(GET => "/moderation/public/reason/$more->{decision}?lang=$_[0]")->{body}; utf8::decode($b); return $b };
like($why->('en'), qr/<dt>Rule<\/dt><dd>Rule one.*<dt>Reason<\/dt><dd>Sensational \x{b7} 4\.2</s,
     'the reason that a person gave, and its basis');
like($why->('zh'), qr/标题夸张 . 4\.2/, 'in Chinese');
my $again = $d->request(GET => "/moderation/v1/decisions/$more->{decision}/code", user => 'bob')->{json}{code};
my $objection = public_post('appeal', { code => $again, text => 'not mine' });
is($objection->{status}, 201, 'an appeal');
like($d->request(GET => "/moderation/public/report/$objection->{json}{number}?lang=en")->{body}, qr/<h1>Your objection/, 'its page is called so');
is($d->post("/moderation/v1/reviews/$back/undo", {}, user => 'bob')->{status}, 200, 'a lead takes the decision back');
my ($closed) = grep { $_->{decision} eq $more->{decision} } @{ $cases->() };
is("$closed->{kind} $closed->{state} $closed->{outcome}", 'appeal closed effective', 'and the appeal is granted');
is($d->post("/moderation/v1/cases/$closed->{id}/outcome", { outcome => 'wrong' }, user => 'r1')->{status}, 404, 'it is over');

# proof and log

is($d->request(GET => "/moderation/v1/decisions/$dec/proof", user => 'alice')->{status}, 403,
   'a proof is for auditors');
ok($d->until_true(sub { $r = $d->request(GET => "/moderation/v1/decisions/$dec/proof", user => 'bob');
                        $r->{status} == 200 }, 30), 'signed soon');
like($r->{body}, qr/^c2sp\.org\/tlog-proof\@v1\n/, 'a proof');
my ($year) = (gmtime)[5] + 1900;
$r = $d->request(GET => "/moderation/ledger/$year/checkpoint", user => 'eve');
is($r->{status}, 200, 'the checkpoint');
like($r->{body}, qr/^\S+\/$year\n\d+\n/, 'of this log');
for my $bad ("ledger/$year/..%2f..%2fid.key", 'ledger/.lock/checkpoint', "ledger/$year/sign.key",
             'ledger/../store.db', "ledger/$year/tile/0/../../checkpoint")
{
    like($d->request(GET => "/moderation/$bad", user => 'eve')->{status}, qr/^40[04]$|^200$/, $bad)
        and unlike($d->request(GET => "/moderation/$bad", user => 'eve')->{body}, qr/SQLite|moderation-id-key/,
                   'nothing else is served');
}

# what is public in the record

my $events = $d->request(GET => '/moderation/v1/events', user => 'eve')->{body};
unlike($events, qr/secret words|example\.org|song|$number|Thank you/, 'events have no texts, numbers, reporters');
# erasure: nothing of what people wrote is left in the store

my $grep = sub { my ($text) = @_; scalar grep { open my $f, '<:raw', $_; local $/; my $b = <$f> // ''; index($b, $text) >= 0 }
                 glob "$d->{dir}/store.db*" };
ok($grep->($_), "($_ stands in the store)") for 'secret words', 'Thank you.', 'You are right.';
my $args = { what => 'item', id => '1187', ref => 'R1' };
is($d->post('/moderation/v1/erase', $args, user => 'bob')->{status}, 403, 'an admin erases');
$r = $d->post('/moderation/v1/erase', { %$args, dry_run => JSON::PP::true }, user => 'adam');
is($r->{status}, 200, 'tried first');
ok($r->{json}{gone} >= 2, 'the reports would go');
ok($grep->('secret words'), 'nothing has');
$r = $d->post('/moderation/v1/erase', $args, user => 'adam');
is($r->{status}, 202, 'a second person');
is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'adam')->{status}, 403, 'another one');
is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'bob')->{status}, 200, 'signs');
ok($d->until_true(sub { !$grep->('secret words') && !$grep->('me@example.org') }, 20), 'gone from every file of the store');
ok(!$grep->($_), "$_ is gone, too") for 'Thank you.', $number;
is($d->request(GET => "/moderation/public/report/$number")->{status}, 200, 'the number is known still');
my $of = $d->request(GET => "/moderation/v1/decisions/$dec", user => 'bob')->{json}{item};
$r = $d->post('/moderation/v1/erase', { %$args, id => $of }, user => 'adam');
is($d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'bob')->{status}, 200, 'the item of the appeal');
ok($d->until_true(sub { !$grep->('it was a song') && !$grep->('You are right.') }, 20), 'what was said about its decision is gone');
is($d->request(GET => "/moderation/v1/decisions/$dec/proof", user => 'bob')->{status}, 200, 'proofs stand');

$r = $d->request(GET => '/moderation/cases', user => 'alice');
is($r->{status}, 200, 'the screen');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
