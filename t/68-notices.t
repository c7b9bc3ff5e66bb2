# Notices to owners: what a webhook gets of a rejection and of what a rule took
# away, the code in it, what becomes of it after seven days, and its end.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(hmac_sha256_hex);
use IO::Socket::INET;
use ModerationDesk;
use Test::More;

my $hooks = "$ModerationTest::build/t/notices-$$";
system 'mkdir', '-p', $hooks;
$SIG{PIPE} = 'IGNORE';
my $listen = IO::Socket::INET->new(Listen => 8, LocalAddr => '127.0.0.1', ReuseAddr => 1) or die $!;
my $target = fork;

if ($target == 0) {
    my $n = 0;
    while (my $c = $listen->accept) {
        my ($head, $body) = ('', '');
        while (my $l = <$c>) { last if $l eq "\r\n"; $head .= $l }
        read $c, $body, $1 if $head =~ /Content-Length: (\d+)/i;
        open my $f, '>', "$hooks/tmp" or die $!;
        print $f "$head\n$body";
        close $f;
        rename "$hooks/tmp", sprintf "$hooks/got-%04d", $n++;
        my $say = '{"handled_at":1796000000000}';
        print $c "HTTP/1.1 200 OK\r\nContent-Length: @{[length $say]}\r\nConnection: close\r\n\r\n$say";
        close $c;
    }
    exit;
}

END { my $rc = $?; kill 'KILL', $target if $target; system 'rm', '-rf', $hooks if $hooks; $? = $rc }

sub got { return map { open my $f, '<:raw', $_; local $/; my ($h, $b) = split /\n\n/, <$f>, 2;
                       { head => $h, body => $b, json => $ModerationDesk::json->decode($b) } } sort glob "$hooks/got-*" }

my $d = ModerationDesk->new(no_daemon => 1, files => { 'hook.key' => "a secret of the webhook\n" },
    roles => "users: {alice: [reviewer], r1: [reviewer], bob: [lead], eve: [viewer], adam: [admin]}\n",
    conf => <<"YAML", policy => <<'POLICY');
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
alarms: {url: "https://www.example.cn/moderation"}
webhooks: [{url: "http://127.0.0.1:@{[$listen->sockport]}/n", secret: hook.key, types: [notice]}]
YAML
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}}]
reasons: [{id: shock, key: 1, title: {zh: 标题夸张, en: Sensational}, notice: {zh: 请改标题, en: Please change the title}, points: 1}]
rules:
  - {id: r.one, rev: 1, label: clickbait, title: {zh: 规则一, en: Rule one}, notice: {zh: 标题不符合规定, en: The title is against the rules}, basis: house rules 4, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
POLICY
my $clock = "$d->{dir}/clock";
sub clock { open my $f, '>', "$clock.new" or die $!; print $f $_[0]; close $f; rename "$clock.new", $clock }
clock(0);
$d->start_daemon(MODERATIOND_CLOCK => $clock);
my $day = 86_400_000;
sub public_post { my ($path, $args) = @_;
    return $d->request(POST => "/moderation/public/$path", headers => { 'Content-Type' => 'application/json' },
                       body => $ModerationDesk::json->encode($args)) }
sub credit { return $d->request(GET => "/moderation/v1/accounts/$_[0]", user => 'eve')->{json}{credit} }

# a person rejects a card

$d->cards($d->card('alpha words', rule => 'r.one', item => 'room7'));
my $card = $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards}[0];
my $r = $d->post("/moderation/v1/cards/$card->{id}/decide", { version => 1, verdict => 'reject', reason => 'shock' }, user => 'alice');
is($r->{status}, 200, 'rejected');
ok($d->until_true(sub { got() >= 1 }, 20), 'the platform is told') or diag $d->daemon_log;
my ($n) = got();
my ($t, $mac) = $n->{head} =~ /^X-Moderation-Signature: t=(\d+),v1=([0-9a-f]{64})\r?$/m;
is($mac, hmac_sha256_hex("$t.$n->{body}", 'a secret of the webhook'), 'signed');
my $dec = $card->{decision};
is_deeply([ sort keys %{ $n->{json} } ], [ sort qw(id node type time event item account code url appeal_until title notice basis) ], 'its members');
is_deeply($n->{json}{event}, { type => 'notice', time => $n->{json}{event}{time}, notice => 1, decision => $dec, by => 'person',
                               action => 'hold', rule => 'r.one' }, 'the event');
is($n->{json}{item}, 'room7', 'the item as the platform calls it');
is($n->{json}{account}, 'acc-room7', 'and the account');
is($n->{json}{notice}{zh}, '请改标题', 'the notice of the reason');
is($n->{json}{basis}, 'house rules 4', 'the basis');
is($n->{json}{url}, "https://www.example.cn/moderation/public/reason/$dec", 'the page of the reason');
unlike($n->{body}, qr/alpha|alice/, 'not the words that hit, nor who decided');
is(public_post('appeal', { code => $n->{json}{code}, text => 'it was a song' })->{status}, 201, 'the code opens an appeal');

# undone: the platform is told that, too

my $review = $r->{json}{review};
is($d->post("/moderation/v1/reviews/$review/undo", {}, user => 'bob')->{status}, 200, 'undone');
ok($d->until_true(sub { grep { ($_->{json}{event}{state} // '') eq 'withdrawn' } got() }, 20), 'withdrawn');

# a rule took something away by itself: four owners

for my $i (1 .. 4) {
    $d->lines($d->card("alpha $i", rule => 'r.one', action => 'block', item => "block$i", account => "$i" x 32));
}
$d->lines($d->card('alpha 1', rule => 'r.one', action => 'block', item => 'block1', account => '1' x 32, day => 'next'));
my $by_rule = sub { grep { $_->{json}{event}{by} eq 'rule' && !$_->{json}{event}{state} } got() };
ok($d->until_true(sub { $by_rule->() >= 4 }, 20), 'told of what a rule did');
is(scalar $by_rule->(), 4, 'once, though the next day has a decision of its own');
my %of = map { $_->{json}{item} => $_->{json} } $by_rule->();
is($of{block1}{notice}{en}, 'The title is against the rules', 'the notice of the rule');
is(public_post('appeal', { code => $of{block2}{code}, text => 'no' })->{status}, 201, 'the second owner objects');
is(credit('1' x 32), 100, 'no strike yet');

# an appeal that is refused upholds it at once

is(public_post('appeal', { code => $of{block4}{code}, text => 'no' })->{status}, 201, 'the fourth as well');
is(credit('4' x 32), 100, 'no strike while it waits');
my ($refused) = grep { $_->{decision} eq $of{block4}{event}{decision} } @{ $d->request(GET => '/moderation/v1/cases', user => 'r1')->{json}{cases} };
is($d->post("/moderation/v1/cases/$refused->{id}/outcome", { outcome => 'wrong', reply => 'It stands.' }, user => 'r1')->{status}, 200,
   'which is refused the same day');
is(credit('4' x 32), 90, 'and upheld by that, not seven days later');
clock(6 * $day);
sleep 2;
is(credit('1' x 32), 100, 'nor after six days');
clock(7 * $day + 60_000);
$d->{tokens} = {};                      # which are of a day
ok($d->until_true(sub { credit('1' x 32) < 100 }, 20), 'after seven it counts as upheld');
is(credit('1' x 32), 90, 'one strike');
ok($d->until_true(sub { credit('3' x 32) == 90 }, 10), 'of the third owner as well');
is(credit('2' x 32), 100, 'while an appeal waits none');

my ($case) = grep { $_->{decision} eq $of{block2}{event}{decision} }
             @{ $d->request(GET => '/moderation/v1/cases', user => 'r1')->{json}{cases} };
is($d->post("/moderation/v1/cases/$case->{id}/outcome", { outcome => 'wrong', reply => 'It stands.' }, user => 'r1')->{status}, 200,
   'the appeal is rejected');
ok($d->until_true(sub { credit('2' x 32) == 90 }, 10), 'then it is upheld');

# an appeal that is granted later

is(public_post('appeal', { code => $of{block1}{code}, text => 'a mistake' })->{status}, 201, 'the first owner objects');
($case) = grep { $_->{decision} eq $of{block1}{event}{decision} }
          @{ $d->request(GET => '/moderation/v1/cases', user => 'r1')->{json}{cases} };
is($d->post("/moderation/v1/cases/$case->{id}/outcome", { outcome => 'effective', reply => 'You are right.' }, user => 'r1')->{status}, 200,
   'granted');
ok($d->until_true(sub { credit('1' x 32) == 100 }, 10), 'the strike is void');
ok($d->until_true(sub { grep { ($_->{json}{event}{state} // '') eq 'withdrawn' && $_->{json}{event}{by} eq 'rule' } got() }, 20),
   'and the notice is withdrawn');

$d->stop;
unlike($d->daemon_log, qr/\berror\b|could not/, 'no error in the log') or diag $d->daemon_log;
done_testing();
