# Segments into store and log: each line once and in order, what is missing
# said; every kind of tampering found; checked by Go's sumdb and by Python.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationLedger;
use Test::More;
use Time::HiRes qw(sleep time);

my $json = $ModerationLedger::json;

plan skip_all => 'no moderationd (make)'
    unless -x "$ModerationLedger::build/moderationd";

sub verified {
    my ($l, $name, $pairs) = @_;
    my ($rc, $out) = $l->ctl('ledger verify DIR/ledger --sample all');
    is($rc, 0, "$name: verify") or diag $out;
    my $log = $l->log;
    my @go = $l->go('log', "DIR/ledger/$log", "DIR/ledger/$log/vkey",
                    $pairs || 50);
  SKIP: {
        skip 'no Go verifier (make build/verify/verify)', 1 unless @go;
        is($go[0], 0, "$name: Go says so, too") or diag $go[1];
    }
}

sub leaves_of { my ($l, $type) = @_;
    return grep { $_->{e}{type} eq $type } $l->leaves }

# 1: lines, counts, the private half

{
    my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
    my $s = $l->segment;
    $s->decisions(300);
    $s->counts(7);
    $s->counts(5);          # an older one: the larger counts
    $s->counts(9, $s->{ids}[0]);
    $s->end;
    $l->start;
    # the log's own first leaf and the head
    ok($l->wait_leaves(306), 'all of a segment is signed') or diag
        ModerationLedger::slurp("$l->{dir}/stderr");
    is($l->sql('SELECT COUNT(*), SUM(total), MAX(total) FROM decision'),
       '300|2102|9', 'counts are maxima, added up');
    is($l->sql('SELECT COUNT(*) FROM private'), 300, 'private parts');
    my @leaves = $l->leaves;
    is(scalar @leaves, 306, 'leaves');
    is($leaves[0]{e}{type}, 'log', 'the first names the log');
    ok(!(grep { exists $_->{e}{private} } @leaves), 'nothing private in it');
    my ($salt, $body) = split /\|/, $l->sql('SELECT HEX(salt), body FROM '
                                            . 'private ORDER BY leaf LIMIT 1');
    is($leaves[2]{x}, do {
        my $h = Digest::SHA::sha256_base64(pack('H*', $salt) . $body);
        $h . '=' x (-length($h) % 4) }, 'x is the salted hash of it');
    verified($l, 'a segment', 200);

    my ($rc, $out) = $l->ctl("ledger prove DIR/ledger $s->{ids}[17]");
    is($rc, 0, 'proof of a decision');
    ModerationLedger::spew("$l->{dir}/p.tlog-proof", $out);
    my $log = $l->log;
    my @go = $l->go('proof', 'DIR/p.tlog-proof', "DIR/ledger/$log/vkey");
    SKIP: { skip 'no Go', 1 unless @go;
        like($go[1], qr/^ok leaf 19 of 306\n.*"id":"$s->{ids}[17]"/s,
             'Go takes the proof'); }
    my $py = "python3 $FindBin::Bin/../ngx_module/moderationd/verify/"
             . 'verify.py';
    like(`$py proof $l->{dir}/p.tlog-proof --key $l->{dir}/ledger/$log/vkey 2>&1`,
         qr/^ok leaf 19 of 306\n/, 'Python takes the proof');
    like(`$py log $l->{dir}/ledger/$log 2>&1`, qr/^ok 306 leaves/,
         'Python takes the log');
    is($l->stop, 0, 'ends in order');
    is(scalar(() = glob "$l->{dir}/spool/*"), 1,
       'the segment stays for spool_keep');
}

# 2: order, repeats, holes

{
    my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
    my $a = $l->segment;
    $a->decisions(10);
    $a->raw(substr $a->decision, 0, 100);      # cut off: kill -9
    $a->close;
    my $b = $l->segment(next => 10);            # its ring, by another worker
    $b->{n} = 8;                                # 8 and 9 once more
    $b->decisions(5);
    $b->{n} = 20;                               # 13 to 19 are missing
    $b->decisions(3);
    $b->end;
    my $c = $l->segment(next => 30);            # 24 to 29 are missing
    $c->decisions(1);
    $c->end;
    $l->start;
    ok($l->wait_leaves(1 + 3 + 10 + 3 + 1 + 3 + 1 + 1 + 2),
       'all segments of a place');
    my @n = map { $_->{n} } grep { $_->{e}{type} eq 'decision' } $l->leaves;
    is("@n", join(' ', 0 .. 12, 20 .. 22, 30), 'each once, in order');
    is(join(' ', map { "$_->{e}{first}-$_->{e}{last}" }
            leaves_of($l, 'lost')), '13-19 24-29', 'holes are said');
    my ($rc, $out) = $l->ctl('ledger gaps DIR/ledger');
    is($rc, 1, 'gaps: there are some');
    like($out, qr/"first":13,"last":19.*"first":24,"last":29/s,
         'gaps names them');

    # the same bytes again under another name, a second daemon's worth
    my $copy = $l->segment(headless => 1, ms => 1796000009999);
    my $text = ModerationLedger::slurp($b->{file});
    $text =~ s/\Q$b->{name}\E/$copy->{name}/;
    $copy->raw($text);
    $copy->close;
    my ($before) = $l->checkpoint;
    ok($l->wait_leaves($before + 1), 'a repeated segment');
    is(scalar(leaves_of($l, 'decision')), 17, 'is taken once');
    verified($l, 'holes');

    my $start = time;
    is($l->stop, 0, 'stop');
    $l->start;
    my $d = $l->segment(next => 32);
    $d->decisions(4);
    $d->end;
    ok($l->wait_leaves($before + 1 + 6), 'after a restart');
    is(scalar(leaves_of($l, 'lost')), 2, 'nothing is lost by it');
    verified($l, 'restart');
    $l->stop;
}

# 3: what is no segment

{
    my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
    my $spool = "$l->{dir}/spool";
    my $good = $l->segment(place => 1);
    $good->decisions(5);

    my $name = '1796000000001-4001-1-%016x.jsonl';
    my $n = 1;
    my $next = sub { sprintf "$spool/$name", $n++ };
    ModerationLedger::spew("$spool/passwd", "x\n");
    ModerationLedger::spew("$spool/1796000000001-4001-1-xyz.jsonl", "x\n");
    ModerationLedger::spew($next->(), "no head\n");
    ModerationLedger::spew($next->(), "{\"type\":\"head\"}\n");
    symlink $good->{file}, $next->();
    symlink '/etc/passwd', $next->();
    system 'mkfifo', $next->();
    mkdir $next->();
    my $hard = $l->segment(place => 2);
    $hard->decisions(5);
    $hard->close;
    link $hard->{file}, "$l->{dir}/elsewhere";
    my $foreign = $l->segment(place => 3);
    $foreign->decisions(5);
    $foreign->close;
    my $chowned = $> == 0 && chown(65533, 65533, $foreign->{file});

    my $bad = $l->segment(place => 4);
    $bad->decisions(2);
    $bad->raw("{\"type\":\"decision\"\n");
    $bad->raw("\0\0\n");
    $bad->raw('{"type":"decision","time":1,"n":2,"x":"' . 'y' x 40000 . "\"}\n");
    $bad->raw("{\"type\":\"decision\",\"time\":1,\"n\":2,\"x\":\"\xff\"}\n");
    $bad->raw("{\"private\":{},\"type\":\"decision\",\"time\":1,\"n\":2}\n");
    $bad->decisions(2);
    $bad->end;

    $l->start;
    my $want = 1 + 6 + 1 + 5 + 5 + ($chowned ? 0 : 6);
    ok($l->wait_leaves($want), 'good lines beside bad ones')
        or diag ModerationLedger::slurp("$l->{dir}/stderr");
    my %by;
    $by{$_->{src}}++ for leaves_of($l, 'decision');
    is($by{"n1/$good->{name}"}, 5, 'a good segment');
    ok(!$by{"n1/$hard->{name}"}, 'one with another name is left');
    ok(!$by{"n1/$foreign->{name}"}, 'one of another owner is left')
        if $chowned;
    is($by{"n1/$bad->{name}"}, 4, 'lines around what is none');
    ok(scalar(leaves_of($l, 'damaged')) >= 4, 'what is none is said');
    ok(!$l->sql("SELECT COUNT(*) FROM lost"), 'and nothing was lost by it');
    verified($l, 'bad segments');
    $l->stop;
}

# 4: tampering

{
    my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
    my $s = $l->segment;
    $s->decisions(700);
    $s->end;
    $l->start;
    ok($l->wait_leaves(703), 'a log to tamper with');
    my ($size, $root) = $l->checkpoint;
    $l->stop;

    my $log = "$l->{dir}/ledger/" . $l->log;
    my %files = (bundle => "$log/tile/entries/001", tile => "$log/tile/0/001",
                 partial => "$log/tile/entries/002.p/191",
                 upper => "$log/tile/1/000.p/2");
    my $found = sub {
        my ($name, $more) = @_;
        my ($rc, $out) = $l->ctl('ledger verify DIR/ledger --sample all '
                                 . ($more || ''));
        is($rc, 1, "found: $name") or diag $out;
        my @go = $l->go('log', $log, "$log/vkey", 20);
        is($go[0], 1, "found by Go: $name") || diag $go[1] if @go && !$more;
    };

    for my $f (sort keys %files) {
        my $was = ModerationLedger::slurp($files{$f});
        my $x = $was;
        substr($x, 500 % length $x, 1) ^= "\1";
        ModerationLedger::spew($files{$f}, $x);
        $found->("a byte of $f");
        ModerationLedger::spew($files{$f}, substr $was, 0, -40);
        $found->("the end of $f cut off");
        ModerationLedger::spew($files{$f}, $was);
    }

    # whole lines, with the lowest tile made to fit
    my $was = ModerationLedger::slurp($files{bundle});
    my (@e, $at);
    for ($at = 0; $at < length $was; ) {
        my $n = unpack 'n', substr($was, $at, 2);
        push @e, substr $was, $at + 2, $n;
        $at += 2 + $n;
    }
    my $tile = ModerationLedger::slurp($files{tile});
    my %edit = (changed => sub { $_[0][7] =~ s/block/none/ },
                removed => sub { $_[0][7] = $_[0][8] },
                reordered => sub { @{$_[0]}[7, 8] = @{$_[0]}[8, 7] },
                inserted => sub { splice @{$_[0]}, 7, 0, $_[0][9];
                                  pop @{$_[0]} });
    for my $name (sort keys %edit) {
        my @x = @e;
        $edit{$name}->(\@x);
        ModerationLedger::spew($files{bundle},
                               join '', map { pack('n/a*', $_) } @x);
        ModerationLedger::spew($files{tile}, join '',
                               map { Digest::SHA::sha256("\0$_") } @x);
        $found->("a line $name, its tile too");
    }
    ModerationLedger::spew($files{bundle}, $was);
    ModerationLedger::spew($files{tile}, $tile);

    my $cp = ModerationLedger::slurp("$log/checkpoint");
    (my $x = $cp) =~ s/\n$size\n/\n702\n/;
    ModerationLedger::spew("$log/checkpoint", $x);
    $found->('a size in the checkpoint');
    ModerationLedger::spew("$log/checkpoint", $cp);

    my ($rc, $out) = $l->ctl("ledger verify DIR/ledger --size $size --root "
                             . $root);
    is($rc, 0, 'a size that was noted') or diag $out;
    $found->('another root was noted', "--size 600 --root $root");
    $found->('more leaves were noted', "--size 900 --root $root");

    ($rc, $out) = $l->ctl('ledger verify DIR/ledger --key DIR/roles.yaml');
    is($rc, 1, 'another key');
    verified($l, 'as it was');

    # entries before an index go, and that is said
    ($rc, $out) = $l->ctl('ledger prune DIR/ledger --before 300 --dry-run');
    like($out, qr/1 bundles of 256 entries would go/, 'prune, dry');
    ($rc, $out) = $l->ctl('ledger prune DIR/ledger --before 300');
    is($rc, 0, 'prune');
    ($rc, $out) = $l->ctl('ledger verify DIR/ledger --sample all');
    is($rc, 0, 'a pruned log') or diag $out;
    like($out, qr/entries before 300 were pruned/, 'and says so');
}

# 5: a zone that ended without saying so (power cut, master killed)

{
    my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
    my $a = $l->segment;
    $a->decisions(5);
    $a->close;
    my $b = $l->segment(place => 1);
    $b->decisions(5);
    $b->end;                                # this place ended in order
    utime time - 60, time - 60, $a->{file}, $b->{file};
    my $c = $l->segment(zone => 'f' x 32, ms => 1796000500000);
    $c->decisions(3);
    $l->start;
    ok($l->wait_leaves(1 + 6 + 7 + 4 + 1), 'a new zone after one that '
       . 'did not end') or diag $l->checkpoint;
    my @gap = leaves_of($l, 'gap');
    is(scalar @gap, 1, 'one gap');
    is($gap[0]{e}{zone}, $l->{zone}, 'of the zone that ended');
    is("$gap[0]{e}{from} $gap[0]{e}{to}", '1796000070000 1796000500000',
       'from its last line to the begin of the next');
    my ($rc, $out) = $l->ctl('ledger gaps DIR/ledger');
    is($rc, 1, 'gaps shows it');
    is($l->stop, 0, 'stop');
    ($rc, $out) = $l->ctl('store rebuild -c DIR/moderationd.yaml --to '
                          . 'DIR/again.db');
    is($rc, 0, 'rebuild') or diag $out;
    is(`sqlite3 $l->{dir}/again.db 'SELECT * FROM zone ORDER BY zone'`,
       `sqlite3 $l->{dir}/store.db 'SELECT * FROM zone ORDER BY zone'`,
       'knows of it');
}

done_testing();
