# Mapped tables: released, rejected, pending, expired cards; orders, accounts,
# switches; tables that are missing, stale, cut, swapped; known cards.

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
policy: review
slots:
  - name: first
    type: html
    match: li.card
    limit: 3
    fields: {title: h3, room: "@id", account: "@data-a", link: "a@href"}
    review: {mode: required, fields: [title], scope: [first, feed], floor: 2, stable: assume}
  - name: feed
    type: json
    match: "$.list[*]"
    fields: {title: $.t, room: $.id, account: $.a}
    review: {mode: required, fields: [title], scope: [first, feed], stable: assume}
  - name: list
    type: html
    match: li.row
    fields: {title: h3, room: "@id", account: "@data-a"}
    review: {mode: on_match, fields: [title]}
accounts: {first_screens: [first]}
rules:
  - {id: h, label: clickbait, action: hold, match: {in: [title], terms: [hold]}}
  - {id: b, label: clickbait, match: {in: [title], terms: [bad]}}
Y

sub card {
    my ($id, $title, $class) = @_;
    $class ||= 'card';
    return qq{<li class="$class" id="$id" data-a="u$id"><a href="/room/$id">}
           . qq{<h3>$title</h3></a></li>};
}

my $page = '<ul>' . join('', map { card($_, "card $_") } 1 .. 6) . "</ul>\n";
my $feed = '{"list":[' . join(',', map {
    qq({"t":"card $_","id":$_,"a":"u$_"}) } 1 .. 6) . ']}';
my $list = '<ul>' . card(11, 'hold it', 'row') . card(12, 'bad one', 'row')
           . card(13, 'row 13', 'row') . "</ul>\n";

my %common = (
    workers => 1,
    http => 'log_format r "$uri $moderation_review";
        types { text/html html; application/json json; }
        moderation_zone zone=m:8m; moderation_id_key %%DIR%%/key;
        moderation_ledger %%DIR%%/spool flush=10ms buffer=256k;
        moderation_verdicts %%DIR%%/tables;',
    server => 'access_log %%DIR%%/logs/r.log r;
        location = /status { moderation_status; }
        location / { moderation enforce;
            moderation_policy %%DIR%%/p.yaml check=0; }
        location /shadow/ { alias %%DIR%%/html/; moderation shadow;
            moderation_policy %%DIR%%/p.yaml check=0; }',
    files => { 'html/index.html' => $page, 'html/feed.json' => $feed,
               'html/list.html' => $list, 'p.yaml' => $policy,
               'key' => id_key() },
);

{
    my $s = ModerationServer->new(%common, no_start => 1);
    my $say = sub {
        $s->configure($_[0], '');
        return ($s->run_nginx('-t'))[1];
    };

    like($say->('moderation_verdicts %%DIR%%/tables;'),
         qr/"moderation_verdicts" needs a "moderation_id_key"/, 'no key');
    like($say->('moderation_id_key %%DIR%%/key; moderation_verdicts %%DIR%%/t'
                . ' missing=perhaps;'), qr/invalid parameter/, 'missing=');
    like($say->('moderation_id_key %%DIR%%/key; moderation_verdicts %%DIR%%/t;'
                . 'moderation_verdicts %%DIR%%/t;'), qr/is duplicate/, 'twice');
}

my $s = ModerationServer->new(%common);
my ($in, $out, $pid);

sub daemon {
    my ($dir) = @_;
    mkdir $dir;
    chown -1, (getpwnam 'nobody')[3], $dir if $> == 0;
    chmod 02755, $dir;                  # workers read as its group
    $pid = open2($out, $in, $tables, $dir, "$s->{dir}/key");
    is(scalar readline($out), "ok\n", 'tables are made');
}

sub daemon_does {
    print $in join("\t", @_), "\n";
    $in->flush;
    my $said = readline $out;
    diag("@_: $said") if $said ne "ok\n";
}

sub shown {
    my ($path) = @_;
    my $b = $s->get($path // '/index.html')->{body};
    return join ' ', $b =~ /(?:id="|"id":)(\d+)/g;
}

sub release {
    my ($id, $verdict, %o) = @_;
    daemon_does('item', $verdict // 'released', $o{scope} // 'first,feed',
         $o{expiry} // 0, $o{flags} // 0, $id, 'title', $o{title} // "card $id");
}


# nothing is there yet: required is held, the rest goes by rules

is(shown(), '', 'no tables: nothing of a required slot');
is(shown('/feed.json'), '', 'nor in a feed');
is(shown('/list.html'), '13', 'others go by rules');

daemon("$s->{dir}/tables");
daemon_does('beat', 0);
ok($s->until(3, sub { release(2); shown() eq '2' }),
   'tables are found while nginx runs');

my $from = time;
release(4);
is(shown(), '2 4', 'released: shown at the next request');
is(shown('/feed.json'), '2 4', 'and in the feed, under other names');
release($_) for 1, 5;
is(shown(), '1 2 4', 'limit');
release(1, 'rejected');
is(shown(), '2 4 5', 'a rejected one goes, a released spare comes');
is(shown('/shadow/index.html'), '1 2 3 4 5 6', 'shadow changes nothing');
release(2, 'released', title => 'other words');
is(shown(), '2 4 5', 'another fingerprint is another card');
release(3, 'pending');
is(shown(), '2 4 5', 'pending waits');
release(3, 'released', scope => 'list');
is(shown(), '2 4 5', 'a release counts in its scope alone');
release(2, 'released', flags => 2);
is(shown(), '4 5', 'suspended, as its cover has changed');
release(2);

# known cards: the same, many times, and changes are seen at once

for my $round (1 .. 6) {
    is(shown(), '2 4 5', "again, round $round");
}
release(4, 'rejected');
is(shown(), '2 5', 'a known card is rejected');
release(4);
is(shown(), '2 4 5', 'and released');
daemon_does('many', 3000);
is(shown(), '2 4 5', 'the table has grown');

# a new file that has as many changes as the old one had when a card was seen

daemon_does('grow', 'items');
shown() for 1 .. 4;
release(4, 'rejected');
daemon_does('grow', 'items');
is(shown(), '2 5', 'what was known under the old file is not taken for the new one\'s');
release(4);
is(shown(), '2 4 5', 'nor behind it');

# on_match: a release beats hold, not block

release(11, 'released', scope => 'list', title => 'hold it');
release(12, 'released', scope => 'list', title => 'bad one');
is(shown('/list.html'), '11 13', 'hold by a rule, released; block stays');
release(13, 'rejected', scope => 'list', title => 'row 13');
is(shown('/list.html'), '11', 'rejected where nothing is required');

# time

my $now = time;
release(5, 'released', expiry => int($now) + 1000);
is(shown(), '2 4 5', 'not over yet');
daemon_does('beat', int(($now + 1001) * 1000));
is(shown(), '2 4', 'over by the clock of the daemon');
release(4, 'released', expiry => int($now) + 1000);
shown();
is(shown(), '2 4', 'one fresh card, and the floor is two: one fills up');
release($_, 'released', expiry => int($now) + 1000, flags => 4) for 4, 5;
is(shown(), '2', 'never with one that was rejected once');
release($_, 'released', expiry => int($now) + 1000) for 4, 5;
is(shown(), '2 4', 'as it was');
daemon_does('beat', int(($now - 100) * 1000));
is(shown(), '2 4 5', 'a stale heartbeat: nothing runs out');
daemon_does('beat', 0);
release($_) for 4, 5;

# orders: before rules, in every slot, whatever the title is

daemon_does('order', 'item', 5, 0);
is(shown(), '2 4', 'order: an item');
is(shown('/feed.json'), '2 4', 'everywhere');
daemon_does('order', 'account', 'u2', 0);
is(shown(), '4', 'order: an account');
daemon_does('order', 'account', 'u2', int($now) - 1);
is(shown(), '2 4', 'an order that is over');
daemon_does('order', 'url', '/room/4', 0);
is(shown(), '2', 'order: a URL');
daemon_does('order', 'url', '/room/4', 1);
is(shown(), '2 4', 'lifted');
daemon_does('phrases', 'cárd 2', 'never there');
daemon_does('order', 'phrase', 'cárd 2', 0);
ok($s->until(2, sub { shown() eq '4' }), 'order: a phrase, through the folds');
is(shown('/list.html'), '11', 'others stay');
daemon_does('order', 'phrase', 'cárd 2', 1);
is(shown(), '2 4', 'lifted');

# accounts

daemon_does('account', 'closed', 'u4');
is(shown(), '2', 'a closed account');
daemon_does('account', 'trusted', 'u6');
is(shown(), '2 6', 'a trusted one is shown at once');
daemon_does('account', 'watched', 'u4');
is(shown(), '2 4 6', 'a watched one goes by its cards');
daemon_does('account', 'watched', 'u6');
daemon_does('account', 'limited', 'u4');
is(shown(), '2', 'a limited one is not shown on first screens');
is(shown('/feed.json'), '2 4', 'but elsewhere');
daemon_does('account', 'none', 'u4');
is(shown(), '2 4', 'until it is not limited any more');

# switches: what was rejected or ordered stays out

daemon_does('switch', '', 'first', 'off', int(time) + 900);
is(shown(), '2 3 4 6', 'open: all but a rejected card and an order');
is(shown('/feed.json'), '2 4', 'that slot alone');
daemon_does('switch', 'localhost', 'first', 'enforce', int(time) + 900);
is(shown(), '2 4', 'the narrower one wins');
daemon_does('switch', 'localhost', 'first', 'shadow', 0);
daemon_does('switch', '', 'first', 'off', int(time) + 1);
ok($s->until(4, sub { shown() eq '2 4' }), 'it closes by itself');

# $moderation_review

my $log = do { open my $f, '<', "$s->{dir}/logs/r.log"; local $/; <$f> };
like($log, qr{^/index.html released,rejected,pending$}m, '$moderation_review');

# cut, swapped, garbage: workers live, what is not known is held

my ($worker) = $s->workers;
truncate "$s->{dir}/tables/items", 4096;
ok($s->until(4, sub { shown() eq '' }),
   'a table that is cut counts as missing');
is(shown('/list.html'), '13', 'and rules go on');
open my $f, '>', "$s->{dir}/tables/new";
print $f 'x' x 10000;
close $f;
rename "$s->{dir}/tables/new", "$s->{dir}/tables/items";
sleep 1.2;
is(shown(), '', 'garbage is none');
kill 'KILL', $pid;
waitpid $pid, 0;
unlink glob "$s->{dir}/tables/*";
daemon("$s->{dir}/tables");
daemon_does('beat', 0);
release($_) for 1, 2;
ok($s->until(3, sub { shown() eq '1 2' }), 'a new one is taken');
kill 'KILL', $pid;
waitpid $pid, 0;
is(shown(), '1 2', 'the daemon is dead: what was released stays');
is(join(' ', $s->workers), $worker, 'it was one worker all the time');
unlike($s->log, qr/\[alert\]|signal 7|exited on signal/, 'and no alarm');

# the record says why

kill 'QUIT', $s->pid;
$s->until(10, sub { !$s->workers });
my $l = read_spool("$s->{dir}/spool");
is("@{ $l->{bad} }", '', 'the record can be read');
my %why;
$why{"$_->{private}{item} $_->{action} $_->{reason} $_->{review} $_->{automation}"} = $_
    for grep { $_->{slot} eq 'first' && $_->{mode} eq 'enforce' }
        of_type($l, 'decision');

for ('1 block review rejected none', '2 hold review none partial',
     '3 hold review none partial', '5 block order none none',
     '4 block account none none', '4 none floor expired none')
{
    ok($why{$_}, "a line: $_");
}

diag(join "\n", sort keys %why) unless $why{'4 block account none none'};
my ($with) = grep { $_->{fingerprint} } values %why;
like($with->{fingerprint}, qr/^[0-9a-f]{32}$/, 'with a fingerprint');

done_testing();
