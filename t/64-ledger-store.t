# The store against the ledger: a copy while the daemon runs, a store made
# again from leaves, a backup that was put back, a ledger that does not fit, a
# new year; and a witness that finds what no look at the log alone can.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationLedger;
use File::Copy qw(copy);
use IO::Socket::INET;
use ModerationTest 'base';
use Test::More;
use Time::Local qw(timegm);
use Time::HiRes qw(sleep time);

plan skip_all => 'no moderationd (make)'
    unless -x "$ModerationLedger::build/moderationd";

my $stats = '{"type":"stats","time":1796000005000,"n":%d,"since":1796000000000'
    . ',"stats":[["items","home.first_screen","",400],["hits",'
    . '"home.first_screen","clickbait.a",30],["lost","","",1]]}' . "\n";
my $policy = '{"type":"policy","time":1796000303000,"n":%d,"event":"live",'
    . '"policy":"homepage@00"}' . "\n";

sub dump_of {
    my ($file, $sql) = @_;
    return scalar `sqlite3 '$file' "$sql" 2>&1`;
}

# tables whose rows follow from the ledger, in all their columns
my %tables = (log => 'log', place => 'zone, place', zone => 'zone',
              lost => 'log, leaf', decision => 'log, leaf',
              decision_rule => 'rule, log, leaf', counts => 'id, zone, since',
              private => 'log, leaf', stat => 'zone, what, slot, name',
              stat_hour => 'hour, what, slot, name', event => 'log, leaf');

sub same {
    my ($name, $a, $b, @not) = @_;
    for my $t (sort keys %tables) {
        next if grep { $_ eq $t } @not;
        my $sql = "SELECT * FROM $t ORDER BY $tables{$t}";
        my ($x, $y) = (dump_of($a, $sql), dump_of($b, $sql));
        ok($x eq $y && $x !~ /^Error/, "$name: table $t")
            or diag substr($x, 0, 600), "\n--\n", substr($y, 0, 600);
    }
}

sub fill {
    my ($s) = @_;
    $s->decisions(300);
    $s->counts(7, @{ $s->{ids} }[-50 .. -1]);
    $s->raw(sprintf $stats, $s->{n}++);
    $s->raw(sprintf $policy, $s->{n}++);
    $s->{n} += 3;                           # lost
    $s->decisions(20);
    $s->counts(9, @{ $s->{ids} }[-50 .. -1]);
}

my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
my $s = $l->segment;
fill($s);
$l->start;
ok($l->wait_leaves(327), 'a store and a ledger');
my ($rc, $out) = $l->ctl('store backup -c DIR/moderationd.yaml --to '
                         . 'DIR/backup.db');
is($rc, 0, 'backup while it runs') or diag $out;

fill($s);
$s->end;
ok($l->wait_leaves(327 + 326), 'more of it');
is($l->stop, 0, 'stop');

($rc, $out) = $l->ctl('store check -c DIR/moderationd.yaml');
is($rc, 0, 'store check') or diag $out;
like($out, qr/\d+ leaves, as in the tiles\nok/, 'which fits the tiles');
cmp_ok(($out =~ /(\d+) leaves/)[0], '>=', 653, 'all of them (and an alarm, perhaps)');

# made again from the ledger

($rc, $out) = $l->ctl('store rebuild -c DIR/moderationd.yaml --to '
                      . 'DIR/again.db');
is($rc, 0, 'rebuild') or diag $out;
same('rebuilt', "$l->{dir}/store.db", "$l->{dir}/again.db");
is(dump_of("$l->{dir}/again.db", "SELECT * FROM meta WHERE key = 'events'"),
   dump_of("$l->{dir}/store.db", "SELECT * FROM meta WHERE key = 'events'"),
   'rebuilt: the number of events');

# a backup that was put back: caught up, nothing twice, no tree shorter

my ($size, $root) = $l->checkpoint;
copy("$l->{dir}/store.db", "$l->{dir}/whole.db");
unlink glob "$l->{dir}/store.db*";
copy("$l->{dir}/backup.db", "$l->{dir}/store.db");
$l->start;
my $t = $l->segment(next => $s->{n});
$t->decisions(5);
$t->end;
ok($l->wait_leaves($size + 7), 'a backup that was put back');
is($l->stop, 0, 'stop');
is($l->log, (sort map { m{([^/]+)$} } glob "$l->{dir}/ledger/2*")[0],
   'goes on in the same log');
is($l->sql('SELECT COUNT(*) FROM decision'), 645, 'with all its rows');
is($l->sql('SELECT COUNT(*) FROM lost'), 2, 'and nothing more is lost');
($rc, $out) = $l->ctl("ledger verify DIR/ledger --sample all --size $size "
                      . "--root $root");
is($rc, 0, 'what was signed before is its beginning') or diag $out;

# the same, and nobody knows what was signed last: the checkpoint does

($size, $root) = $l->checkpoint;
unlink glob("$l->{dir}/store.db*"), "$l->{dir}/last-signed";
copy("$l->{dir}/backup.db", "$l->{dir}/store.db");
$l->start;
my $t2 = $l->segment(next => $t->{n});
$t2->decisions(1);
$t2->end;
ok($l->wait_leaves($size + 3), 'a backup, and no last-signed');
is($l->stop, 0, 'stop');
($rc, $out) = $l->ctl("ledger verify DIR/ledger --size $size --root $root");
is($rc, 0, 'no tree was made shorter') or diag $out;
is($l->sql('SELECT COUNT(*) FROM decision'), 646, 'all rows');
$t = $t2;

# no store at all

unlink glob "$l->{dir}/store.db*";
$l->start;
my $u = $l->segment(next => $t->{n});
$u->decisions(2);
$u->end;
ok($l->wait_leaves($size + 3 + 4), 'without a store');
is($l->stop, 0, 'stop');
is($l->sql('SELECT COUNT(*) FROM decision'), 648, 'all rows again');
is($l->sql('SELECT COUNT(*) FROM private'), 2, 'private parts are gone');
like(ModerationLedger::slurp("$l->{dir}/stderr"), qr/rows from its leaves/,
     'which is said');

# a witness

my $w = "witness DIR/ledger/%s --key DIR/w.key --name w.example --state "
      . 'DIR/w --vkey DIR/ledger/%s/vkey';
my $log = $l->log;
my $look = sub { $l->ctl(sprintf $w, $log, $log) };
($rc, $out) = $look->();
is($rc, 0, 'a witness sees the log') or diag $out;
like($out, qr/^\xe2\x80\x94 w\.example /m, 'and signs it');
ModerationLedger::spew("$l->{dir}/cosigned", $out);
my @go = $l->go('cosigned', 'DIR/cosigned', "DIR/w/witness.vkey");
SKIP: { skip 'no Go', 1 unless @go; is($go[0], 0, 'Go takes it') or diag $go[1] }

$l->start;
my $v = $l->segment(next => $u->{n});
$v->decisions(400);
$v->end;
my ($before) = $l->checkpoint;
ok($l->wait_leaves($before + 402), 'it grows');
$l->stop;
($rc, $out) = $look->();
is($rc, 0, 'the witness follows') or diag $out;

# the same over HTTP, by a witness that has seen nothing yet

{
    my $port = ModerationTest::free_port();
    my $pid = fork;
    if (!$pid) {
        open STDOUT, '>', '/dev/null';
        open STDERR, '>', '/dev/null';
        exec 'python3', '-m', 'http.server', $port, '--bind', '127.0.0.1',
             '--directory', "$l->{dir}/ledger/$log";
        exit 127;
    }
    for (1 .. 1800) {
        last if IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port");
        sleep 0.05;
    }
    my $http = "witness http://127.0.0.1:$port --key DIR/w2.key --name "
               . "w2.example --state DIR/w2 --vkey DIR/ledger/$log/vkey";
    my ($c, $o) = $l->ctl($http);
    is($c, 0, 'a witness over HTTP') or diag $o;
    $l->start;
    my $more = $l->segment(next => $v->{n});
    $more->decisions(600);
    $more->end;
    my ($now) = $l->checkpoint;
    ok($l->wait_leaves($now + 602), 'which grows');
    $l->stop;
    ($c, $o) = $l->ctl($http);
    is($c, 0, 'and is followed over HTTP') or diag $o;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    ($c, $o) = $l->ctl($http);
    is($c, 2, 'a log that cannot be reached is no verdict');
    ($c, $o) = $look->();
    is($c, 0, 'the first witness follows, too') or diag $o;
}

# the operator puts the whole machine back: store, ledger, last-signed, key;
# and goes on with another story

my $evil = ModerationLedger->new(conf => "checkpoint: 1s\n");
for my $f ('sign.key') { copy("$l->{dir}/$f", "$evil->{dir}/$f") }
my $x = $evil->segment;
$x->decisions(300);
$x->end;
$evil->start;
$evil->wait_leaves(303);
$evil->stop;
($rc, $out) = $evil->ctl('ledger verify DIR/ledger --sample all');
is($rc, 0, 'another log by the same key: good by itself');
my $evil_look = sub {
    my $cmd = sprintf $w, $log, $log;
    $cmd =~ s{witness DIR}{witness $evil->{dir}};
    return $l->ctl($cmd);
};
($rc, $out) = $evil_look->();
is($rc, 1, 'found by the witness: a shorter log');
like($out, qr/shorter than what was seen/, 'which says why');
$evil->start;
my $y = $evil->segment(next => $x->{n});
$y->decisions(2400);
$y->end;
$evil->wait_leaves(303 + 2402);
$evil->stop;
($rc, $out) = $evil_look->();
is($rc, 1, 'found by the witness: another story, longer');
like($out, qr/is not its beginning/, 'which says why');

# a ledger that does not fit its store

my ($had, $had_root) = $l->checkpoint;
unlink glob "$l->{dir}/store.db*";
my $bundle = "$l->{dir}/ledger/$log/tile/entries/001";
my $was = ModerationLedger::slurp($bundle);
substr($was, 100, 1) ^= "\1";
ModerationLedger::spew($bundle, $was);
$l->start;
for (1 .. 2400) { last if $l->log ne $log && ($l->checkpoint)[0]; sleep 0.05 }
isnt($l->log, $log, 'a ledger that is not what was signed: a new log');
my ($first) = $l->leaves;
is_deeply($first->{e}{before}, { origin => "n1/moderation/ledger/$log",
          size => $had, root => $had_root },
          'whose first leaf names the one before');
$l->stop;

# a new year

{
    my $n = ModerationLedger->new(conf => "checkpoint: 1s\n");
    my $a = $n->segment;
    $a->decisions(10);
    $n->start;
    ok($n->wait_leaves(12), 'this year');
    my $this = $n->log;
    $n->stop;
    $n->{env}{MODERATIOND_CLOCK} =
        (timegm(0, 0, 0, 10, 0, (gmtime)[5] + 1901) - int time) * 1000;
    $n->start;
    for (1 .. 2400) { last if $n->log ne $this && ($n->checkpoint)[0];
                     sleep 0.05 }
    $a->decisions(10);
    $a->end;
    ok($n->wait_leaves(12), 'another year');
    is($n->log, $this + 1, 'has a log of its own');
    my ($old, $old_root) = $n->checkpoint($this);
    my @e = $n->leaves;
    is_deeply($e[0]{e}{before}, { origin => "n1/moderation/ledger/$this",
              size => $old, root => $old_root }, 'bound to the last');
    is(scalar(grep { $_->{e}{type} eq 'decision' } @e), 10,
       'its lines alone');
    is($n->stop, 0, 'stop');
    my ($vrc, $vout) = $n->ctl("ledger verify DIR/ledger --sample all --key "
                               . "DIR/ledger/$this/vkey");
    is($vrc, 0, 'both verify by the key of one') or diag $vout;
    ($vrc, $vout) = $n->ctl('store rebuild -c DIR/moderationd.yaml --to '
                            . 'DIR/again.db');
    is($vrc, 0, 'rebuild over two years') or diag $vout;
    same('two years', "$n->{dir}/store.db", "$n->{dir}/again.db");
}

done_testing();
