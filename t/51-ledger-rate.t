# How much of the record one card or slot may take: samples of what passed,
# cards that change all the time, distinct lines of a minute; and the place of
# a rule that holds in some places only.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationSpool;
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

my $policy = <<'Y';
schema: 1
policy: rate
slots:
  - name: first
    type: html
    match: li.card
    fields: {title: h3, room: "@id", from: i}
    place: from
    review: {mode: on_match, fields: [title], stable: assume}
  - name: held
    type: html
    match: li.held
    fields: {title: h3, room: "@id"}
    review: {mode: required, fields: [title], stable: assume}
  - name: few
    type: html
    match: li.few
    fields: {title: h3, room: "@id"}
    limit: 3
  - name: loose
    type: html
    match: li.loose
    fields: {title: h3, room: "@id"}
    review: {mode: required, fields: [title], stable: assume, flap: {max: 20, per: 30d}}
rules:
  - {id: b, label: clickbait, match: {in: [title], terms: [bad]}}
  - id: here
    label: vulgar
    jurisdiction: {of: account, in: [CN-GD, CN-GX]}
    match: {in: [title], terms: [local]}
Y

sub card {
    my ($id, $title, $class, $from) = @_;
    $class ||= 'card';
    return qq{<li class="$class" id="$id"><h3>$title</h3><i>} . ($from // '')
           . "</i></li>";
}

sub server {
    my ($ledger, %o) = @_;
    return ModerationServer->new(%o,
        workers => 2,
        http => "moderation_zone zone=m:24m; moderation_id_key %%DIR%%/key;
            moderation_ledger %%DIR%%/spool flush=10ms buffer=256k $ledger;
            moderation_verdicts %%DIR%%/tables;",
        server => 'location = /status { moderation_status; }
            location / { moderation enforce;
                moderation_policy %%DIR%%/p.yaml check=0; }',
        files => { 'p.yaml' => $policy, 'key' => id_key() });
}

sub ended {
    my ($s) = @_;
    my $pid = $s->pid;
    kill 'QUIT', $pid;
    $s->until(20, sub { !kill 0, $pid }) or diag $s->log;
    return read_spool("$s->{dir}/spool");
}

sub page {
    my ($s, @cards) = @_;
    $s->write('html/p.html', '<ul>' . join('', @cards) . "</ul>\n");
    return $s->get('/p.html');
}

# samples: some of what passed, never more than the day's number, the same
# cards on every node

ModerationTest::within_a_day(120);

my @cards = map { card("room$_", "an ordinary title $_") } 1 .. 3000;
my $s = server('samples=20 quota=0');
page($s, @cards[$_ * 300 .. $_ * 300 + 299]) for 0 .. 9;
page($s, @cards[0 .. 299]);
my $l = ended($s);
my @drawn = of_type($l, 'sample');
cmp_ok(scalar @drawn, '>=', 10, scalar(@drawn) . ' samples');
cmp_ok(scalar @drawn, '<=', 20, 'no more than the number of a day');
my %items = map { $_->{item} => 1 } @drawn;
is(scalar keys %items, scalar @drawn, 'each card once');
is(join(' ', sort keys %{ { map { join('/', @$_{qw(found_by reason action suggestion)}) => 1 }
                            @drawn } }), 'sample/sample/none/pass', 'its words');
like($drawn[0]{private}{fields}{title}, qr/^an ordinary title/, 'its texts');
is(scalar(of_type($l, 'decision')), 0, 'nothing was decided');

$s = server('samples=20 quota=0');
page($s, @cards[0 .. 299]);
my @first = map { $_->{item} } of_type(ended($s), 'sample');
is(scalar(grep { !$items{$_} } @first), 0, 'another node draws the same cards');

$s = server('samples=0');
page($s, @cards[0 .. 999]);
is(scalar(of_type(ended($s), 'sample')), 0, 'samples=0: none');

# a card that changes its title with every look; one that changes twice

$s = server('flap=6 samples=0');
page($s, card('flaps', "title number $_", 'held'), card('calm', 'title ' . ($_ % 2), 'held'))
    for 1 .. 40;
$l = ended($s);
my %lines;
push @{ $lines{ $_->{item} } }, $_ for of_type($l, 'decision');
my ($flaps, $calm) = sort { @$b <=> @$a } values %lines;
is(scalar @$calm, 2, 'a line for each version of a calm card');
my @texts = grep { !$_->{flapping} } @$flaps;
my @bare = grep { $_->{flapping} } @$flaps;
is(scalar @texts, 6, 'as many versions with texts as may be');
cmp_ok(scalar(keys %{ { map { $_->{id} => 1 } @bare } }), '<=', 2, 'then one id an hour');
ok(@bare && !grep({ $_->{private} } @bare), 'without texts');
my $total = total($l);
my $sum = 0;
$sum += $_ for @$total{ map { $_->{id} } @texts }, values %{ { map {
    $_->{id} => $total->{ $_->{id} } } @bare } };
is($sum, 40, 'each time is counted');
is("$l->{missing} @{ $l->{bad} }", '0 ', 'nothing is missing');

# a slot says itself how many are too many

$s = server('flap=6 samples=0');
page($s, card('flaps', "title number $_", 'loose')) for 1 .. 40;
$l = ended($s);
@texts = grep { !$_->{flapping} } of_type($l, 'decision');
is(scalar @texts, 20, 'flap of the slot: as many versions as it says');

# distinct lines of a slot in a minute

$s = server('quota=50 samples=0');
my $minute = int(time / 60);
page($s, map { card("q$_", "bad $_") } 1 .. 200);
page($s, map { card("q$_", "bad $_") } 1 .. 200);
my $lost = $s->status->{ledger}{lost};
$l = ended($s);
SKIP: {
    skip 'the minute ended', 3 if int(time / 60) != $minute;
    is(scalar(of_type($l, 'decision')), 50, 'as many lines as the quota');
    is($l->{missing}, 150, 'a number for each that was not written, once');
    is($lost, 150, 'the status counts them');
}

# a spool that nobody empties: half full it is said; at its max nothing more is
# written, and all that would have been is counted; pages flow

sub old_segment {
    my ($s, $mb) = @_;
    my $file = sprintf '%s/spool/%d-1-1-%016x.jsonl', $s->{dir}, 1796000000000 + $mb, $mb;
    open my $f, '>', $file or die "$file: $!";
    print $f 'x' x (1 << 20) for 1 .. $mb;
    close $f;
    return $file;
}

$s = server('max=32m samples=0', no_start => 1);
mkdir "$s->{dir}/spool";
chmod 0777, "$s->{dir}/spool";
my @old = old_segment($s, 17);
$s->run_nginx;
$s->wait_up;
my $spool = sub { $s->status->{ledger}{spool}{state} };
ok($s->until(10, sub { $spool->() eq 'half' }), 'half of max: the status says so') or diag $s->status->{ledger}{spool}{state};
page($s, card('w1', 'bad one'));
ok($s->until(10, sub { !grep { $_->{waiting} } @{ $s->status->{ledger}{places} } }), 'lines are written');
push @old, old_segment($s, 16);
ok($s->until(20, sub { $spool->() eq 'full' }), 'at max, too');
ok($s->until(10, sub { $s->log =~ /\[error\].*has reached its "max"/ }), 'and the log');
like($s->log, qr/\[warn\].*has reached half of its "max"/, 'as it did before');
is(page($s, map { card("v$_", 'bad ' . 'x' x 400) } $_ * 300 .. $_ * 300 + 299)->{status}, 200, 'pages flow') for 1 .. 3;
my $missed = $s->status->{ledger}{lost};
cmp_ok($missed, '>=', 100, "a ring keeps some, what is beyond it is counted: $missed");
unlink $old[1];
ok($s->until(20, sub { $spool->() ne 'full' }), 'it goes on when there is room');
$missed = $s->status->{ledger}{lost};           # lines of the clock, too, until then
page($s, card('z', 'bad last'));
unlink $old[0];
$l = ended($s);
is($l->{missing}, $missed, 'their numbers are missing');
is(join(' ', sort grep { /^(?:w1|z)$/ } map { $_->{private}{item} } of_type($l, 'decision')), 'w1 z', 'what came before and after is there');

# the place of a rule

$s = server('');
unlike(page($s, card('g', 'local one', 'card', 'CN-GD/Shenzhen'))->{body}, qr/local one/,
       'a rule of a place');
page($s, card('x', 'local two', 'card', 'CN-BJ'), card('y', 'bad three', 'card', 'CN-GD'));
$l = ended($s);
is(join(', ', sort map { "$_->{private}{item} " . ($_->{place} // '-') }
        of_type($l, 'decision')), 'g CN-GD, y -', 'the entry of the rule that acted');

# passing cards beyond the limit of a slot: a line each, once, and counted, when
# the cards are known as when they are new; another order is another card

$s = server('samples=0');
my @few = map { card("f$_", "a title $_", 'few') } 1 .. 5;
is(scalar(() = page($s, @few)->{body} =~ /<h3/g), 3, 'three are shown') for 1 .. 4;
my @over = map { $s->get('/p.html')->{body} =~ /id="f4"|id="f5"/ ? 1 : () } 1 .. 3;
is(scalar @over, 0, 'the surplus is not, however often');
page($s, @few[4, 0 .. 3]);
like($s->get('/status')->{body}, qr{"over_limit":16\b}, 'the status counts the surplus');
$l = ended($s);
my %over = map { $_->{private}{item} => $_ } of_type($l, 'decision');
is(join(' ', sort keys %over), 'f3 f4 f5', 'a line for each that was left out');
is(join(' ', sort map { "$_->{action} $_->{reason}" } values %over), 'block limit block limit block limit', 'which says why');
$total = total($l);
is(join(' ', map { $total->{ $over{$_}{id} } } sort keys %over), '1 8 7', 'and their counts');

# words of the directive

$s = server('');
for my $bad ('samples=x', 'flap=-1', 'quota=', 'quota=2000000') {
    $s->configure("moderation_zone zone=m:16m; moderation_id_key %%DIR%%/key;
                   moderation_ledger %%DIR%%/spool $bad;", '');
    like(($s->run_nginx('-t'))[1], qr/invalid parameter "\Q$bad\E"/, $bad);
}

done_testing();
