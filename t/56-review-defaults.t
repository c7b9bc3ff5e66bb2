# What decides at three in the morning: tables that are missing or that nobody
# writes any more, under each setting; errors and limits in a slot that requires
# review; what stays out of a slot that is open.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IPC::Open2;
use ModerationSpool;
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

my $tables = "$ModerationTest::build/tables";
plan skip_all => "no $tables" unless -x $tables;

my $policy = <<'Y';
schema: 1
policy: defaults
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "@id", account: "@data-a"}, review: {mode: required, fields: [title], stable: assume}}
  - {name: list, type: html, match: li.row, fields: {title: h3, room: "@id", account: "@data-a"}, review: {mode: on_match, fields: [title], stable: assume}}
rules:
  - {id: h, label: clickbait, action: hold, match: {in: [title], terms: [holdme]}}
Y

sub card {
    my ($id, $class, $title) = @_;
    return qq{<li class="$class" id="$id" data-a="u$id"><h3>} . ($title // "card $id") . "</h3></li>\n";
}

my $long = 'x' x 20000;
my ($s, $in, $out, $pid);

sub server {
    my ($settings, $location) = @_;
    finish();
    $s = ModerationServer->new(workers => 1,
        http => "types { text/html html; } moderation_zone zone=m:8m; moderation_id_key %%DIR%%/key;
            moderation_ledger %%DIR%%/spool flush=10ms buffer=256k; moderation_verdicts %%DIR%%/tables $settings;",
        server => 'location = /status { moderation_status; }
            location / { moderation enforce; moderation_policy %%DIR%%/p.yaml check=0; ' . ($location // '') . ' }',
        files => { 'p.yaml' => $policy, 'key' => id_key(),
                   'html/index.html' => join('', map { card($_, 'card') } 1 .. 4),
                   'html/list.html' => card(11, 'row') . card(12, 'row', 'holdme'),
                   'html/long.html' => card(21, 'card') . card(22, 'card', $long) . card(23, 'row', $long) });
}

sub finish {
    return unless $s;
    close $in if $in;
    waitpid $pid, 0 if $pid;
    ($in, $pid) = ();
    $s->stop;
}

sub shown {
    my $b = $s->get($_[0] // '/index.html')->{body};
    return join ' ', $b =~ /<li class="\w+" id="(\d+)"/g;
}

sub daemon_does {
    print $in join("\t", @_), "\n";
    $in->flush;
    is(scalar readline($out), "ok\n", "tables: @_");
}

sub daemon {
    mkdir "$s->{dir}/tables";
    chown -1, (getpwnam 'nobody')[3], "$s->{dir}/tables" if $> == 0;
    chmod 02755, "$s->{dir}/tables";    # workers read as its group
    $pid = open2($out, $in, $tables, "$s->{dir}/tables", "$s->{dir}/key");
    readline $out;
    daemon_does('beat', 0);
}

# tables are fresh for five seconds: what is shown while they are
sub fresh { print $in "beat\t0\n"; $in->flush; readline $out; return shown(@_) }

sub item { my ($id, $verdict, $expiry, $title) = @_;
           daemon_does('item', $verdict, $id > 10 && $id < 20 ? 'list' : 'first', $expiry // 0, 0, $id, 'title', $title // "card $id") }

# nothing is there

server('');
is(shown(), '', 'missing: what requires review is held');
is(shown('/list.html'), '11', 'what is reviewed on a match goes by rules');
server('missing=pass');
is(shown(), '1 2 3 4', 'missing=pass: it is shown');
is(shown('/list.html'), '11', 'rules act as ever');
daemon();
ok($s->until(3, sub { shown() eq '' }), 'tables that are there are followed');
item(1, 'released');
is(shown(), '1', 'as they say');

# nobody writes any more

server('on_stale=hold');
daemon();
item($_, 'released') for 1, 2;
item(3, 'rejected');
item(12, 'released', 0, 'holdme');
ok($s->until(3, sub { fresh() eq '1 2' }), 'on_stale=hold: shown while the heartbeat is fresh');
is(fresh('/list.html'), '11 12', 'and a rule does not hold what was released');
daemon_does('beat', int((time - 60) * 1000));
is(shown(), '', 'stale: held');
is(shown('/list.html'), '11', 'by rules alone, where they decide');
is(fresh(), '1 2', 'fresh again');

server('');
daemon();
my $hour = 3600;
my $beat = sub { daemon_does('beat', int((time - $_[0] * $hour) * 1000)) };
item(1, 'released', int(time - 2 * $hour));
item(2, 'released', int(time - 11 * $hour));
item(3, 'released', int(time - 13 * $hour));
item(4, 'released');
ok($s->until(3, sub { fresh() eq '4' }), 'a fresh heartbeat: three have run out');
item(4, 'rejected');
is(fresh(), '', 'and the fourth is rejected');
item(1, 'released', int(time - 2 * $hour) + 1);     # a change, so that nothing is known any more
$beat->(100);
is(shown(), '1 2', 'nobody has written for days: what ran out in the last twelve hours is shown, and no more');
$beat->(11.5);
is(shown(), '1 2', 'for eleven hours and a half: what ran out since');
$beat->(3);
is(shown(), '1', 'for three hours: likewise');
is(fresh(), '', 'a fresh heartbeat: all have run out');

# a slot that is open

daemon_does('beat', 0);
item($_, 'released') for 1;
item(2, 'rejected');
daemon_does('account', 'closed', 'u3');
is(shown(), '1', 'enforced');
daemon_does('switch', '', 'first', 'off', int(time) + 900);
is(shown(), '1', 'open: what was rejected and closed accounts stay out');
item(4, 'pending');
is(shown(), '1 4', 'and what waits is shown');
daemon_does('switch', '', 'first', 'off', int(time) + 5 * $hour);
is(shown(), '1', 'no switch holds for more than four hours');
daemon_does('switch', '', 'first', 'shadow', int(time) + 900);
is(shown(), '1 4', 'shadow: the same');

# what cannot be read in a slot that requires review is held, whatever is set

for my $on (qw(pass block)) {
    server('', "moderation_on_error $on; moderation_max_slot 8k;");
    daemon();
    item(21, 'released');
    item(22, 'released', 0, $long);
    ok($s->until(3, sub { shown('/long.html') =~ /21/ }), "on_error $on: tables are there");
    is(shown('/long.html'), $on eq 'pass' ? '21 23' : '21',
       'a card that is too large is held where review is required; elsewhere as it is set');
}

finish();
done_testing;
