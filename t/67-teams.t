# Teams that report: a list of a partner, effective rates with their interval,
# what looks arranged, and reports on what has been judged already.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(roles => <<'YAML');
users: {alice: [reviewer], bob: [lead], eve: [viewer]}
YAML

my $import = sub { my ($args, $user) = @_; $d->post('/moderation/v1/reports/import', $args, user => $user || 'alice') };
my $cases = sub { $d->request(GET => '/moderation/v1/cases', user => 'alice')->{json}{cases} };
my $teams = sub { $d->request(GET => '/moderation/v1/teams', user => $_[0] || 'alice')->{json} };
my $outcome = sub { $d->post("/moderation/v1/cases/$_[0]/outcome", { outcome => $_[1] }, user => 'alice') };
my $public = sub { $d->request(POST => '/moderation/public/report', headers => { 'Content-Type' => 'application/json' },
                               body => $ModerationDesk::json->encode($_[0])) };

# lists that are not right are not taken

is($import->({ team => 'north', csv => "item,reason\n1,x\n" }, 'eve')->{status}, 403, 'not by a viewer');
is($import->({ csv => "item,reason\n1,x\n" })->{json}{field}, 'team', 'a list is of a team');
for my $bad ("item,why\n1,x\n", "item,reason\n1\n", "item,reason\n1,x,y\n", "item,reason\n\"1,x\n", '', "item,reason\n") {
    is($import->({ team => 'north', csv => $bad })->{status}, 400, 'no list: ' . ($bad =~ s/\n/|/gr));
}
my $r = $import->({ team => 'north', csv => "item,reason\n1,x\n2,\n" });
is($r->{json}{detail}, 'row 2: reason', 'a row without a reason is named');
is($import->({ team => 'north', csv => "item,reason\n1,x\n", dry_run => JSON::PP::true })->{json}{rows}, 1, 'tried first');
is(scalar @{ $cases->() }, 0, 'nothing was taken of any');

# three hundred reporters, 265 of whom were right

my $csv = "\xef\xbb\xbfreporter,text,item,reason\r\n";
utf8::decode($csv);
$csv .= qq(r$_\@example.org,"this, ""$_"", is wrong",room$_,shock\r\n) for 1 .. 300;
$r = $import->({ team => 'north', csv => $csv });
is($r->{status}, 201, 'a list of 300');
is(scalar @{ $r->{json}{reports} }, 300, 'each has its number');
my %case = map { $_->{case} => 1 } @{ $r->{json}{reports} };
is(scalar keys %case, 300, 'and its case');
is($d->request(GET => "/moderation/public/report/$r->{json}{reports}[0]{number}")->{status}, 200, 'which its reporter finds');
is(scalar @{ $cases->() }, 200, 'a page of cases has 200');
is($d->request(GET => '/moderation/v1/cases', user => 'bob')->{json}{open}, 300, 'and says how many are open');
like($d->request(GET => '/moderation/cases?lang=en', user => 'bob')->{body}, qr/<p>300 are open; these 200 are due first/, 'so does the screen');
my $n = 0;
for my $id (sort { $a <=> $b } keys %case) {
    $n++;
    $outcome->($id, $n <= 200 ? 'effective' : $n <= 265 ? 'late' : $n <= 290 ? 'wrong' : 'abusive');
}
my ($north) = grep { $_->{team} eq 'north' } @{ $teams->()->{teams} };
is_deeply($north->{rate}, { k => 265, n => 300, share => 0.8833, low => 0.8421, high => 0.9149 },
          '265 of 300: 88.3 %, 84.2 to 91.5');
is($north->{abusive}, 10, 'abusive ones');
ok(!exists $teams->()->{reporters}[0]{rate}{share}, 'no share of a reporter with one');
like($teams->()->{reporters}[0]{who}, qr/^[0-9a-f]{32}$/, 'a reporter is a hash');
ok(!exists $teams->()->{reporters}[0]{reporter}, 'for a reviewer');
like($teams->('bob')->{reporters}[0]{reporter}, qr/\@example\.org$/, 'a lead reads who it is');
unlike($d->request(GET => '/moderation/v1/events?limit=1000', user => 'eve')->{body}, qr/example\.org|north/, 'not in events');

# merged duplicates are in no rate

$r = $import->({ team => 'south', reports => [ map { { item => "s$_", reason => 'shock' } } 1 .. 12 ] });
my @south = map { $_->{case} } @{ $r->{json}{reports} };
$outcome->($south[$_], $_ < 10 ? 'effective' : 'duplicate') for 0 .. 11;
my ($south) = grep { $_->{team} eq 'south' } @{ $teams->()->{teams} };
is($south->{decided}, 10, 'JSON; duplicates are in no rate');
is($south->{rate}{share}, 1, 'all right');

# arranged: one text, senders nobody knows

$public->({ item => 'calm', reason => 'shock', text => "quite different $_ " . 'x' x $_, reporter => "r$_\@example.org" }) for 1 .. 11;
$public->({ item => 'loud', reason => 'shock', text => "Take this DOWN, now!" . ' ' x $_, reporter => "new$_" }) for 1 .. 12;
my %of = map { $_->{reports} => $_ } grep { $_->{state} eq 'open' } @{ $cases->() };
# who reported before the day began is known: here nobody is, so text decides it
is($of{12}{arranged}{same_text}, 12, 'one text, with other spaces and case');
is($of{12}{state}, 'open', 'nothing comes of it by itself');
is($of{12}{arranged}{new_reporters}, 12, 'of senders nobody knows');
like($d->request(GET => '/moderation/cases?lang=en', user => 'alice')->{body}, qr/looks arranged/, 'the screen says so');
$public->({ item => "spread$_", reason => 'shock', text => 'take this down now', reporter => "other$_" }) for 1 .. 3;
my ($t) = @{ $teams->()->{same_texts} };
is_deeply([ @$t{qw(reports cases)} ], [ 15, 4 ], 'one text over several cases');

# a day later those reporters are known

$d->stop_daemon;
$d->start_daemon(MODERATIOND_CLOCK => 2 * 86400000);
$public->({ item => 'old', reason => 'shock', text => "one of many $_ " . 'y' x $_, reporter => "r$_\@example.org" }) for 1 .. 11;
$public->({ item => 'fresh', reason => 'shock', text => "one of many $_ " . 'z' x $_, reporter => "never$_" }) for 1 .. 11;
my @eleven = grep { $_->{reports} == 11 && $_->{state} eq 'open' } @{ $cases->() };
my ($fresh) = grep { $_->{arranged} && $_->{time} > time * 1000 + 86400000 } @eleven;
ok($fresh, 'eleven reporters nobody knows');
is(scalar(grep { $_->{arranged} && $_->{time} > time * 1000 + 86400000 } @eleven), 1, 'known ones are not');
$d->stop_daemon;
$d->start_daemon;

# what has been judged and is the same stays judged

$public->({ item => '777', reason => 'shock' });
my ($last) = sort { $b->{id} <=> $a->{id} } grep { $_->{state} eq 'open' } @{ $cases->() };
my ($item, $id) = @$last{qw(item id)};
like($item, qr/^[0-9a-f]{32}$/, 'the item as workers hash it');
my $see = sub {
    my ($print, $k) = @_;
    my $card = $d->card('same card', type => 'sample', action => 'none', fingerprint => $print x 32, day => $print);
    $d->lines({ %$card, item => $item });
    return $d->until_true(sub { scalar(@{ $d->request(GET => '/moderation/v1/decisions?kind=sample', user => 'eve')->{json}{decisions} })
                                == $k }, 10);
};
ok($see->('a', 1), 'an item that has been seen');
is($outcome->($id, 'wrong')->{status}, 200, 'and judged');
$r = $public->({ item => '777', reason => 'shock' });
like($d->request(GET => "/moderation/public/report/$r->{json}{number}?lang=en")->{body}, qr/answered/,
     'a report on what was judged is answered by that');
is((grep { $_->{id} == $id && $_->{state} eq 'open' } @{ $cases->() }), 0, 'and does not open it again');
select undef, undef, undef, 0.01;
ok($see->('b', 2), 'the item changes');
$r = $public->({ item => '777', reason => 'shock' });
like($d->request(GET => "/moderation/public/report/$r->{json}{number}?lang=en")->{body}, qr/being looked at/, 'then it is a new case');

for my $lang (qw(zh en)) {
    $r = $d->request(GET => "/moderation/teams?lang=$lang", user => 'bob');
    is($r->{status}, 200, "the screen, $lang");
}
is($d->request(GET => '/moderation/v1/teams', user => 'eve')->{status}, 403, 'not for viewers');

# the same from the command line, of a file

my $ctl = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $tmp = "$d->{dir}/partner";
my $cli = sub {
    my ($text, @o) = @_;
    open my $f, '>:raw', $tmp or die $!;
    print $f $text;
    close $f;
    my $out = `$ctl partner import --socket $d->{dir}/scgi.sock @o $tmp 2>&1`;
    return join ' ', $? >> 8, $out;
};
my $west = sub { my ($w) = grep { $_->{team} eq 'west' } @{ $teams->()->{teams} }; $w ? $w->{reports} : 0 };
my $list = "item,reason\nc1,shock\nc2,ads\n";
like($cli->($list, '--team', 'west', '--dry-run'), qr/^0 \{"rows":2,"dry_run":true\}/, 'partner import: tried');
is($west->(), 0, 'nothing taken');
like($cli->($list, '--team', 'west'), qr/^0 \{"team":"west","reports":\[\{"number":"\w{18}","case":\d+\}/, 'taken, with numbers');
is($west->(), 2, 'two reports');
like($cli->("item,reason\nc3,\n", '--team', 'west'), qr/^1 .*row 1: reason/, 'a line that is wrong');
like($cli->('[{"item":"c3","reason":"shock","text":"x"}]', '--team', 'west'), qr/^0 /, 'JSON: a list');
like($cli->("\xef\xbb\xbf {\"reports\":[{\"item\":\"c4\",\"reason\":\"ads\"}]}", '--team', 'west'), qr/^0 /, 'or an object with it');
is($west->(), 4, 'two more');
like($cli->("[{\n\"item\": }]", '--team', 'west'), qr/^2 moderationctl: \S+:2: /, 'no JSON: the line');
like($cli->('{"x":1}', '--team', 'west'), qr/^2 .*no list of reports/, 'an object without reports');
like($cli->("item,reason\n\xff,x\n", '--team', 'west'), qr/^2 .*not UTF-8/, 'no UTF-8');
like($cli->('', '--team', 'west'), qr/^2 .*empty/, 'an empty file');
like($cli->($list), qr/^2 /, 'of which team');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
