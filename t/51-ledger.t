# The record: lines of decisions, each once, counts that add up, segments that
# can be read whatever was done to the workers: reload, kill, a full disk.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationSpool;
use ModerationServer;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

# how many requests of one page, how many killed workers (make test-all: more)
my $n = $ENV{MODERATION_REQUESTS} || 1_000_000;
my $want = $ENV{MODERATION_KILLS} || 40;
my $policy = <<'Y';
schema: 1
policy: record
slots:
  - {name: first, type: html, match: li.card,
     fields: {title: h3, room: "@id", account: "@data-a"}}
  - {name: second, type: html, match: li.other, review: required,
     fields: {title: h3, room: "@id"}}
rules:
  - {id: b, rev: 2, label: clickbait, match: {in: [title], terms: [bad]}}
  - {id: h, label: clickbait, action: hold, match: {in: [title], terms: [hold]}}
  - {id: s, label: vulgar, mode: shadow, match: {in: [title], terms: [quiet]}}
Y

sub card {
    my ($id, $title, $class) = @_;
    $class ||= 'card';
    return qq{<li class="$class" id="$id" data-a="u$id"><h3>$title</h3></li>};
}

my $page = '<ul>' . card(1, 'one') . card(2, 'bad two') . card(3, 'bad three')
           . card(4, 'bad four') . card(5, 'five') . "</ul>\n";

my %common = (
    files => { 'html/index.html' => $page,
               'html/more.html' => '<ul>' . card(6, 'hold six') . card(7,
                   'quiet seven') . card(8, 'eight', 'other')
                   . '<li class="card" id=9><h3>' . 'x' x 3000
                   . "</h3></li></ul>\n",
               'p.yaml' => $policy, 'key' => id_key() },
);

my $http = 'log_format d "$uri $moderation_decisions $moderation_ledger";
    moderation_zone zone=m:16m; moderation_id_key %%DIR%%/key;
    moderation_ledger %%DIR%%/spool flush=20ms buffer=256k;';
my $locations = 'access_log %%DIR%%/logs/d.log d;
    location = /status { moderation_status; }
    location / { moderation enforce; moderation_policy %%DIR%%/p.yaml check=0;
        keepalive_requests 10000000; moderation_max_slot 2k; }
    location /quiet/ { alias %%DIR%%/html/; moderation shadow;
        moderation_policy %%DIR%%/p.yaml check=0; }
    location /off/ { alias %%DIR%%/html/; moderation enforce;
        moderation_ledger off;
        moderation_policy %%DIR%%/p.yaml check=0; }';


sub server {
    my (%o) = @_;
    return ModerationServer->new(workers => 2, http => $http,
                                 server => $locations, %common, %o);
}

sub spool { return "$_[0]{dir}/spool" }

# the end of the last process: everything is told

sub ended {
    my ($s) = @_;
    my $pid = $s->pid;

    kill 'QUIT', $pid;
    $s->until(20, sub { !kill 0, $pid }) or diag $s->log;

    return read_spool(spool($s));
}


# what a configuration has to have

{
    my $s = server(no_start => 1);
    my $say = sub {
        my ($text, $l) = @_;
        $s->configure($text, $l || '');
        return ($s->run_nginx('-t'))[1];
    };
    my $zone = 'moderation_zone zone=m:16m;';
    my $key = 'moderation_id_key %%DIR%%/key;';
    my $led = 'moderation_ledger %%DIR%%/spool';

    chmod 0640, "$s->{dir}/key";
    like($say->("$key $led;"), qr/"moderation_ledger" needs a "moderation_zone/,
         'no zone');
    like($say->("$zone $led;"), qr/needs a "moderation_id_key" \(moderationctl/,
         'no key');
    like($say->("$zone moderation_id_key %%DIR%%/none; $led;"),
         qr/cannot open key/, 'no such key');
    $s->write('short', "moderation-id-key-1 00\n");
    like($say->("$zone moderation_id_key %%DIR%%/short; $led;"),
         qr/is no id key/, 'no key in it');
    like($say->("$zone $key $led buffer=1k;"), qr/between 64k and 1g/,
         'buffer');
    like($say->("$zone $key $led max=1m;"), qr/at least 32m/, 'max');
    like($say->("$zone $key $led flush=0;"), qr/between 1ms and 10s/, 'flush');
    like($say->("$zone $key $led nonsense=1;"), qr/invalid parameter/, 'word');
    like($say->("$zone $key $led; $led;"), qr/is duplicate/, 'twice');
    like($say->("$zone $key $key $led;"), qr/is duplicate/, 'key twice');
    like($say->("$zone $key", "$led;"), qr/on or off here/, 'in a server');
    like($say->("moderation_zone zone=m:1m; $key $led;"),
         qr/too small for the ledger: 4 places of 1048576 bytes need at least \d+k/,
         'how large the zone has to be');
    my ($kb) = $say->("moderation_zone zone=m:1m; $key $led;")
               =~ /at least (\d+)k/;
    like($say->("moderation_zone zone=m:${kb}k; $key $led;"), qr/successful/,
         'and then it is enough');
    chmod 0644, "$s->{dir}/key";
    like($say->("$zone $key $led;"), qr/can be read by others/, 'wide key');
    chmod 0777, spool($s);
    like($say->("$zone $key $led;"), qr/is open to others/, 'wide spool');
}


# lines, variables, what is private

my $s = server();
is(join(',', map { $s->get('/index.html')->{body} =~ /u$_/ ? 1 : 0 } 1 .. 5),
   '1,0,0,0,1', 'blocked');
$s->get('/more.html') for 1 .. 3;
$s->get("/$_/index.html") for qw(quiet off);
$s->get('/status');
ok($s->until(9, sub { of_type(read_spool(spool($s)), 'policy') }),
   'lines come without the end of anything');

my $log = do { open my $f, '<', "$s->{dir}/logs/d.log"; local $/; <$f> };
like($log, qr{^/index.html [a-z2-7]{20},[a-z2-7]{20},[a-z2-7]{20} ok$}m,
     '$moderation_decisions, $moderation_ledger');
like($log, qr{^/off/index.html - off$}m, 'off in a location');
like($log, qr{^/status - off$}m, 'off where nothing is read');

my $st = $s->status->{ledger};
is($st->{state}, 'ok', 'status: state');
is($st->{lost}, 0, 'status: nothing lost');
is(scalar @{ $st->{places} }, 2, 'status: two places');
like($s->get('/status?format=prometheus')->{body}, qr/^moderation_ledger_ok 1$/m,
     'metrics');

my $l = ended($s);
is("@{ $l->{bad} }", '', 'segments can be read');
is("$l->{missing} $l->{twice} $l->{cut}", '0 0 0', 'each number once');
is($l->{ended}, $l->{files}, 'all ended in order');

my %by = map { ($_->{private}{item} || '') . " $_->{mode}" => $_ }
         of_type($l, 'decision');
is(join(', ', map { "$_: $by{$_}{action} $by{$_}{reason}" } sort keys %by),
   '2 enforce: block rule, 2 shadow: block rule, 3 enforce: block rule, '
   . '3 shadow: block rule, 4 enforce: block rule, 4 shadow: block rule, '
   . '6 enforce: hold rule, 7 shadow: block rule, 8 enforce: hold review, '
   . '9 enforce: none too_large', 'what was done, or would have been, and why');

my $d = $by{'2 enforce'};
is(join(' ', @$d{qw(slot host page suggestion found_by automation review)}),
   'first localhost / block own full none', 'its words');
like($d->{policy}, qr/^record\@[0-9a-f]{32}$/, 'policy');
like($d->{item}, qr/^[0-9a-f]{32}$/, 'item is a keyed hash');
is_deeply($d->{rules}, [{ id => 'b', rev => 2, label => 'clickbait',
                          action => 'block', mode => 'enforce' }], 'rules');
is($d->{private}{path}, '/index.html', 'path');
is($d->{private}{account}, 'u2', 'account');
is($d->{private}{fields}{title}, 'bad two', 'title');
is_deeply($d->{private}{hits}, [{ rule => 'b', field => 'title', start => 0,
                                  end => 3, text => 'bad' }], 'hits');
my $held = pack 'a*', $by{'6 enforce'}{private}{source} || '';
is($held, do { my $b = card(6, 'hold six'); require MIME::Base64;
               MIME::Base64::encode_base64($b, '') },
   'the bytes of a card that a person will look at');
is($by{'6 enforce'}{automation}, 'partial', 'held: partial');
ok((grep { $_->{kind} eq 'too_large' } of_type($l, 'error')), 'an error line');
ok((grep { $_->{event} eq 'live' } of_type($l, 'policy')), 'a policy line');
my $t = total($l);
is($t->{ $by{'6 enforce'}{id} }, 3, 'counts');
is($t->{ $by{'2 shadow'}{id} }, 1, 'counts of shadow');

# the same on every node that has the key

my $again = server();
$again->get('/index.html');
my $l2 = ended($again);
is(join(' ', sort map { $_->{id} } of_type($l2, 'decision')),
   join(' ', sort map { $by{"$_ enforce"}{id} } 2 .. 4), 'the same ids');
isnt($l2->{lines}[0]{zone}, $l->{lines}[0]{zone}, 'another zone');


# many requests of one page: three decisions, counts that add up

sub load {
    my ($server, $count, $clients, %o) = @_;
    my @pipe;

    for (1 .. $clients) {
        pipe my $r, my $w;
        my $pid = fork;

        if ($pid == 0) {
            my $done = requests($server->{port}, '/index.html',
                                int($count / $clients), %o);
            syswrite $w, "$done\n";
            close $w;
            POSIX::_exit(0);
        }

        close $w;
        push @pipe, [$pid, $r];
    }

    return sub {
        my $done = 0;

        for (@pipe) {
            my $line = readline $_->[1];
            $done += $line if defined $line;
            waitpid $_->[0], 0;
        }

        return $done;
    };
}

$s = server(server => $locations =~ s/access_log[^;]*;//r);
my $done = load($s, $n, 2)->();
is($done, $n - $n % 2, "$n requests");
my $json = $s->status;
$l = ended($s);
$t = total($l);
is(scalar keys %$t, 3, 'three decisions');
is(join(' ', sort values %$t), join(' ', ($done) x 3), 'their counts add up');
my ($hits) = grep { $_->{rule} eq 'b' } @{ $json->{rules} };
is($hits->{items}, 3 * $done, 'to what the status counts');
my $lines = of_type($l, 'decision') + of_type($l, 'counts');
cmp_ok($lines, '<=', 3 * 2 + 200, "in $lines lines");
is("$l->{missing} $l->{twice} @{ $l->{bad} }", '0 0 ', 'each number once');


# requests until it is told to stop; their number

sub flow {
    my ($server) = @_;
    my $file = "$server->{dir}/stop";
    my $wait = load($server, 2_000_000_000, 2, batch => 10,
                    until => sub { -e $file });

    return sub {
        open my $f, '>', $file;
        close $f;
        return $wait->();
    };
}

# what came of it: each number is there or was counted as lost, every answered
# request was counted but for those that were under way

sub complete {
    my ($server, $answered, $under_way, $what) = @_;

    ok($server->until(10, sub { !grep { $_->{waiting} }
                                @{ $server->status->{ledger}{places} } }),
       "$what: rings of the dead are written out");
    my $lost = $server->status->{ledger}{lost};
    my $record = ended($server);
    my $told = total($record);

    is("@{ $record->{bad} }", '', "$what: segments can be read");
    is($record->{missing}, $lost,
       "$what: each number is there or was counted as lost");
    is(scalar keys %$told, 3, "$what: three decisions");
    cmp_ok($told->{$_}, '>=', $answered - $under_way,
           "$what: answered ones count, $told->{$_} of $answered")
        for sort keys %$told;

    return $record;
}


# workers killed under load, reloads in between

$s = server(server => $locations =~ s/access_log[^;]*;//r);
my $stop = flow($s);
my $kills = 0;

while ($kills < $want) {
    sleep 0.03 + rand 0.1;
    my @w = $s->workers;
    next unless @w;

    if ($kills % 10 == 9) {
        $s->hup;
        $kills++;
        next;
    }

    $kills++ if kill 'KILL', $w[rand @w];
}

complete($s, $stop->(), 10 * $kills, "$kills kills and reloads");


# another binary (USR2), another size of the zone: the old zone is told to its
# end, the new one begins with numbers of its own

$s = server(server => $locations =~ s/access_log[^;]*;//r);
$stop = flow($s);
my $old = $s->pid;
kill 'USR2', $old;
ok($s->until(10, sub { ($s->pid || $old) != $old && $s->workers }),
   'another master') or diag $s->log;
kill 'QUIT', $old;
ok($s->until(20, sub { !kill 0, $old }), 'the old one ends');
$l = complete($s, $stop->(), 0, 'USR2');
is(scalar keys %{ { map { $_->{zone} => 1 } @{ $l->{lines} } } }, 2,
   'two zones');
is($l->{ended}, $l->{files}, 'all segments ended in order');

$s = server(server => $locations =~ s/access_log[^;]*;//r);
$stop = flow($s);
my %before = map { $_ => 1 } $s->workers;
$s->configure($http =~ s/m:16m/m:24m/r, $locations =~ s/access_log[^;]*;//r);
$s->hup;
ok($s->until(20, sub { my @w = $s->workers;
                       @w && !grep { $before{$_} } @w }),
   'workers of the new zone alone') or diag $s->log;
$l = complete($s, $stop->(), 0, 'another size');
is(scalar keys %{ { map { $_->{zone} => 1 } @{ $l->{lines} } } }, 2,
   'two zones');
is($l->{ended}, $l->{files}, 'all segments ended in order');


# a disk that is full: pages flow, lines wait, then they are written

SKIP: {
    skip 'not root', 6 if $> != 0;

    $s = server(no_start => 1);
    mkdir spool($s);
    my $m = system("mount -t tmpfs -o size=512k tmpfs " . spool($s)
                   . ' 2>/dev/null');
    skip 'no tmpfs', 6 if $m != 0;

    chmod 0777, spool($s);
    open my $f, '>', spool($s) . '/fill';
    syswrite $f, 'x' x 520000;
    close $f;
    $s->run_nginx;
    $s->wait_up;

    my $many = '<ul>' . join('', map { card($_, "bad $_") } 1 .. 100)
               . "</ul>\n";
    $s->write('html/many.html', $many);
    is($s->get('/many.html')->{status}, 200, 'pages flow');
    ok($s->until(5, sub { $s->status->{ledger}{state} eq 'failing' }),
       'the status says so');
    ok($s->until(5, sub { $s->log =~ /ledger .* cannot be written/ }),
       'and the log');
    unlink spool($s) . '/fill';
    ok($s->until(5, sub { $s->status->{ledger}{state} eq 'ok' }),
       'written again');
    $l = ended($s);
    is(scalar(grep { $_->{slot} eq 'first' } of_type($l, 'decision')), 100,
       'nothing is lost');
    is("$l->{missing} @{ $l->{bad} }", '0 ', 'each number once');
    system('umount ' . spool($s));
}


# one process; its configuration read anew

$s = server(master_process => 'off', workers => 1);
$s->get('/index.html');
$s->hup;
ok($s->until(10, sub { $s->log =~ /reconfiguring/ }), 'HUP');
$s->get('/index.html') for 1 .. 2;
$s->stop;
$l = read_spool(spool($s));
is("$l->{missing} $l->{twice} @{ $l->{bad} }", '0 0 ', 'master_process off');
is(scalar(of_type($l, 'decision')), 3, 'its decisions');

done_testing();
