# A store made again from the ledger has what people and the clock did, all
# tables, row by row; who it was and what was written comes back with the
# private halves of an old store.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use ModerationRebuild 'same_store';
use Test::More;

plan skip_all => 'no sqlite3 (make test-deps)'
    if system('sqlite3 -version > /dev/null 2>&1') != 0;

my $d = ModerationDesk->new(roles => <<'YAML', policy => <<'POLICY');
users:
  bob: [lead, auditor]
  lena: [reviewer]
  alice: [reviewer]
YAML
schema: 1
policy: desk
slots:
  - {name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], default: {after: 1h, do: pass}}}
  - {name: pair, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], people: 2}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}, points: 2}
rules:
  - {id: r.one, rev: 1, label: clickbait, title: {zh: 规则一, en: Rule one}, strikes: {points: 1, half_life: 30d}, match: {in: [title], terms: [alpha]}}
POLICY


sub decide {
    my ($user, $id, $verdict, %o) = @_;
    my $r = $d->post("/moderation/v1/cards/$id/decide",
                     { version => $o{version} || 1, verdict => $verdict,
                       reason => $verdict eq 'reject' ? 'shock' : '',
                       note => $o{note} // '' }, user => $user);
    is($r->{status}, 200, "$user: $verdict") or diag($r->{body});
    return $r->{json};
}

my %of;
sub id_of {
    my ($title) = @_;
    my $q = $d->request(GET => '/moderation/v1/queue?limit=100', user => 'bob')->{json};
    my ($c) = grep { ($_->{fields}{title} // '') eq $title } @{ $q->{cards} };
    return $c->{id};
}

ok($d->cards((map { $d->card("card $_") } 1 .. 4),
             $d->card('two people', slot => 'pair'),
             $d->card('they differ', slot => 'pair'),
             $d->card('alpha beta', rule => 'r.one')), 'cards wait');

my $first = decide('lena', id_of('card 1'), 'release', note => 'seen');
decide('lena', id_of('card 2'), 'reject');
my $undone = decide('alice', id_of('card 3'), 'release');
decide('lena', id_of('alpha beta'), 'reject');
decide('lena', my $two = id_of('two people'), 'release');
decide('alice', $two, 'release');
decide('lena', my $differ = id_of('they differ'), 'release');
decide('alice', $differ, 'reject');

my $undo = $d->post("/moderation/v1/reviews/$undone->{review}/undo", {}, user => 'alice');
is($undo->{status}, 200, 'undone') or diag($undo->{body});

my $order = $d->post('/moderation/v1/orders',
                     { targets => [ { kind => 'item', value => 'room 9' } ],
                       source => 'office', reference => 'A-17', until => '2d',
                       reason => 'asked for' }, user => 'alice');
is($order->{status}, 201, 'an order') or diag($order->{body});
is($d->post("/moderation/v1/orders/1/confirm", {}, user => 'bob')->{status}, 200, 'confirmed');
my $switch = $d->post('/moderation/v1/switch',
                      { slot => 'first', mode => 'shadow', until => '30m',
                        reason => 'too much' }, user => 'bob');
is($switch->{status}, 200, 'a switch') or diag($switch->{body});
my $account = $d->post('/moderation/v1/accounts/' . ($d->card('card 4')->{account}) . '/state',
                       { state => 'watched', reason => 'as a test' }, user => 'bob');
is($account->{status}, 200, 'an account') or diag($account->{body});

# the rest of a busy day: readers, owners, a second look, alarms, signatures,
# calibration, handover, import

my $lead = sub { $d->post("/moderation/v1/$_[0]", $_[1], user => $_[2] || 'bob') };
my $public = sub { $d->post("/moderation/public/$_[0]", $_[1]) };
my $dec = $d->request(GET => "/moderation/v1/cards/" . id_of('card 4'), user => 'bob')->{json}{decision};
my $gold = $lead->('calibration', { card => id_of('card 4') // 0, verdict => 'reject', reason => 'shock', note => 'plain' });
is($gold->{status}, 201, 'a card for all') or diag($gold->{body});
is($lead->("calibration/$gold->{json}{id}/judge", { verdict => 'release' }, 'lena')->{status}, 200, 'judged');
decide('lena', id_of('card 4'), 'reject');
my $code = $d->request(GET => "/moderation/v1/decisions/$dec/code", user => 'bob')->{json}{code};
is($public->('appeal', { code => $code, text => 'it was a song' })->{status}, 201, 'an appeal');
is($public->('report', { page => 'http://www.example.cn/a', reason => 'shock', text => 'look here, please', reporter => 'me@example.org' })->{status},
   201, 'a report of a page') for 1, 2;
my @cases = @{ $d->request(GET => '/moderation/v1/cases', user => 'bob')->{json}{cases} };
my ($appeal) = grep { $_->{kind} eq 'appeal' } @cases;
is($lead->("cases/$appeal->{id}/outcome", { outcome => 'effective', reply => 'You are right.' })->{status}, 200, 'granted');
my ($report) = grep { $_->{kind} eq 'report' } @cases;
is($report->{reports}, 2, 'one case of two reports');
is($lead->("cases/$report->{id}/outcome", { outcome => 'wrong', reply => 'We have looked.' })->{status}, 200, 'answered');
my $closing = $lead->("accounts/" . $d->card('card 1')->{account} . '/state', { state => 'closed', reason => 'as a test' });
is($closing->{status}, 202, 'an account to be closed');
is($lead->('handover', { text => 'three are left' })->{status}, 201, 'handover');
ok($d->until_true(sub { @{ $d->request(GET => '/moderation/v1/alarms', user => 'bob')->{json}{alarms} || [] } }, 70), 'an alarm');
my ($alarm) = @{ $d->request(GET => '/moderation/v1/alarms', user => 'bob')->{json}{alarms} };
is($lead->("alarms/$alarm->{id}/ack", { mute => '1h' })->{status}, 200, 'seen, and mute');

$d->stop_daemon;

my $filled = ModerationRebuild::sql("$d->{dir}/store.db", join ' UNION ALL ', map { "SELECT '$_' WHERE EXISTS (SELECT 1 FROM $_)" }
    qw(review verdict strike account orders switches card version casefile report alarm mute signature handover gold gold_answer
       decision event private person counter zone place));
is(scalar(split /\n/, $filled), 23, 'every table of the desk has rows') or diag($filled);

# nothing of it depends on what the policy says today

$d->write('policy.yaml', "schema: 1\npolicy: other\nslots: [{name: other, type: html, match: p, fields: {title: b}}]\nrules: []\n");
is(same_store($d), '', 'made again: all tables, row by row, with the old store and from the ledger alone');
unlike(ModerationRebuild::sql("$d->{dir}/alone.db", 'SELECT person FROM review UNION SELECT reply FROM casefile'),
       qr/lena|alice|bob|right/, 'no names and texts come from the ledger');

# whatever writes to the store stands in a leaf (did.c), follows from lines, or is
# here with why it need not

my %need_not = (
    'follow from lines and leaves' => 'META_PUT LOG_ADD LOG_OPENED LOG_SIZE PLACE_PUT ZONE_PUT ZONE_SEEN ZONE_GAP SEGMENT_PUT SEGMENT_DELETE'
        . ' LOST_ADD DECISION_ADD DECISION_COUNT RULE_ADD COUNTS_PUT PRIVATE_ADD AGAIN_ADD STAT_PUT STAT_HOUR EVENT_ADD IMPRESSION_ADD COUNTER',
    'end with the daemon' => 'CARD_CLAIM CARD_UNCLAIM CARD_UNCLAIM_OF',
    'are taken over from the old store' => 'PERSON_ADD PERSON_SEEN PERSON_LANG_PUT RULE_TEXT_ADD BASELINE_PUT BASELINE_OLD OUTBOX_ADD OUTBOX_DONE'
        . ' OUTBOX_LATER OUTBOX_FORGET OUTBOX_OVER COVER_SEEN COVER_WATCH COVER_NEXT COVER_STOP COVER_LINE COVER_OLD',
    'take what is private away, which does not come back' => 'PRIVATE_OLD HOLD_OVER ALARM_PRUNE',
);
my $sources = "$FindBin::Bin/../ngx_module/moderationd";
my %writes = map { $_ => 1 } map { open my $f, '<', $_; local $/; <$f> =~ /^S\(([A-Z_]+),\s*"(?:INSERT|UPDATE|DELETE)/mg } glob "$sources/store/sql*.h";
open my $did, '<', "$sources/log/did.c" or die $!;
my %noted = map { $_ => 1 } do { local $/; <$did> =~ /R\(([A-Z_]+),/g };
delete @writes{ keys %noted, grep({ /^ERASE_/ } keys %writes), map { split ' ' } values %need_not };
is(join(' ', sort keys %writes), '', 'each statement that writes is accounted for');
my %past = map { $_ => 1 } grep { $noted{$_} && $_ ne 'ALARM_NOW' }
    map { open my $f, '<', $_; local $/; <$f> =~ /mdd_run\([^;]*?MDD_SQL_([A-Z_]+),/g } glob "$sources/{,*/}*.c";
is(join(' ', sort keys %past), '', 'and none that leaves have is run past them');

# what was changed in the old store is seen

system('sqlite3', "$d->{dir}/store.db", q{UPDATE private SET body = replace(body, 'seen', 'SEEN') WHERE body LIKE '%"note":"seen"%'});
my $again = same_store($d);
like($again, qr/review: .*'seen'/, 'a private half that is not what the ledger says is not used');

done_testing();
