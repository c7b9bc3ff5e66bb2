# The daemon is killed at any moment, and every system call that writes fails
# now and then, while segments are being written: nothing is lost, nothing is
# doubled, no tree that was signed is taken back.
#
# CRASH_ROUNDS: kills (40); FAULT_ROUNDS: rounds with faults (20).

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationLedger;
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no moderationd (make)'
    unless -x "$ModerationLedger::build/moderationd";

my $seed = $ENV{CRASH_SEED} || int(rand(2 ** 31));
srand $seed;
diag "CRASH_SEED=$seed" if $ENV{CRASH_SEED};

# what three places write, a share a round: segments that end in order, that
# are cut off in a line, and begun again

sub writer {
    my ($l) = @_;
    my @places = map { { place => $_, n => 0 } } 0 .. 2;

    return sub {
        for my $p (@places) {
            my $s = $p->{seg} ||= $l->segment(place => $p->{place},
                                              next => $p->{n});
            $s->decisions(20 + int rand 300);
            $s->counts(3 + int rand 9, @{ $s->{ids} }[-10 .. -1]);
            $p->{n} = $s->{n};
            next if rand() > 0.3;

            if (rand() < 0.5) {
                $s->end;
                $p->{n} = $s->{n};
            } else {
                my $line = $s->decision;        # not whole: comes again
                $s->raw(substr $line, 0, int rand length $line);
                $s->close;
            }
            delete $p->{seg};
        }
        return;
    }, sub {                                    # everything to its end
        for my $p (@places) {
            my $s = $p->{seg} ||= $l->segment(place => $p->{place},
                                              next => $p->{n});
            $s->end;
            $p->{n} = $s->{n};
        }
        return map { $_->{n} } @places;
    };
}

# every number of every place once, in order; rows as the leaves say

sub complete {
    my ($l, $name, @n) = @_;
    my (%next, %bad, %ids);
    my @leaves = $l->leaves;
    my %place;
    my $d = 1;

    for my $leaf (@leaves) {
        my $e = $leaf->{e};
        if ($leaf->{src} eq 'n1/d') {
            $bad{"$e->{type}"}++ if $e->{type} =~ /lost|gap|damaged/;
            $bad{'own numbers'}++ if $leaf->{n} != $d++;
            next;
        }
        if ($e->{type} eq 'head') {
            $bad{'head twice'}++ if exists $place{$leaf->{src}};
            $place{$leaf->{src}} = $e->{place};
            next;
        }
        my $p = $place{$leaf->{src}};
        $bad{"$p: $leaf->{n}"}++ if $leaf->{n} != ($next{$p} || 0);
        $next{$p} = $leaf->{n} + 1;
        $ids{$e->{id}}++ if $e->{id};
    }

    is(join(' ', map { $next{$_} || 0 } 0 .. $#n), "@n",
       "$name: every line of every place");
    is_deeply(\%bad, {}, "$name: none lost, none twice");
    is($l->sql('SELECT COUNT(*) FROM decision'), scalar(keys %ids),
       "$name: a row a decision");
    is($l->sql('SELECT (SELECT SUM(total) FROM decision) = '
               . '(SELECT SUM(total) FROM counts)'), 1, "$name: counts");
    is($l->sql('SELECT COUNT(*) FROM private'),
       scalar(grep { $_->{x} } @leaves), "$name: private parts");
    is($l->sql('PRAGMA integrity_check'), 'ok', "$name: the store is whole");

    my ($rc, $out) = $l->ctl('ledger verify DIR/ledger --sample all');
    is($rc, 0, "$name: verify") or diag $out;
    my $log = $l->log;
    my @go = $l->go('log', "DIR/ledger/$log", "DIR/ledger/$log/vkey", 200);
  SKIP: {
        skip 'no Go verifier (make build/verify/verify)', 1 unless @go;
        is($go[0], 0, "$name: Go, with 200 pairs") or diag $go[1];
    }
}

# signed sizes never go back, and each is a beginning of the last

sub signed {
    my ($l, $seen) = @_;
    my ($size, $root) = $l->checkpoint;
    push @$seen, [$size, $root] if $size;
}

sub grew {
    my ($l, $name, $seen) = @_;
    my $bad = 0;
    for my $i (1 .. $#$seen) {
        $bad++ if $seen->[$i][0] < $seen->[$i - 1][0];
    }
    is($bad, 0, "$name: no signed size was taken back");
    my %once = map { $_->[0] => $_->[1] } @$seen;
    my @some = sort { $a <=> $b } keys %once;
    @some = @some[map { int $_ * @some / 40 } 0 .. 39] if @some > 40;
    for my $size (@some) {
        my ($rc, $out) = $l->ctl("ledger verify DIR/ledger --sample 0 "
                                 . "--size $size --root $once{$size}");
        $bad++, diag $out if $rc != 0;
    }
    is($bad, 0, "$name: each of them is a beginning of the last");
}

sub finish {
    my ($l, $finish) = @_;
    my @n = $finish->();
    my $want = $n[0] + $n[1] + $n[2];
    $l->{wrap} = '';
    $l->start;
    for (1 .. 2400) {
        last if ($l->sql('SELECT SUM(next) FROM place') || 0) eq $want
                && $l->sql('SELECT size FROM log ORDER BY log DESC LIMIT 1')
                   eq ($l->checkpoint)[0];
        last if !$l->alive;
        sleep 0.05;
    }
    is($l->stop, 0, 'ends in order') or
        diag ModerationLedger::slurp("$l->{dir}/stderr");
    return @n;
}

{
    my $l = ModerationLedger->new(conf => "checkpoint: 1s\n");
    my ($write, $end) = writer($l);
    my @seen;
    my $rounds = $ENV{CRASH_ROUNDS} || 40;

    for (1 .. $rounds) {
        $l->start;
        my $until = time + rand(rand() < 0.5 ? 0.08 : 0.4);
        while (time < $until) { $write->() if rand() < 0.1; sleep 0.01 }
        $l->stop('KILL');
        signed($l, \@seen);
    }

    my @n = finish($l, $end);
    signed($l, \@seen);
    complete($l, "$rounds kills", @n);
    grew($l, "$rounds kills", \@seen);
}

SKIP: {
    skip 'no strace', 1 if system('strace -V > /dev/null 2>&1') != 0;

    my $l = ModerationLedger->new(conf => "checkpoint: 1s\nspool_keep: 0s\n");
    my ($write, $end) = writer($l);
    my (@seen, %hit);
    my $rounds = $ENV{FAULT_ROUNDS} || 20;
    my @calls = qw(openat write pwrite64 renameat fsync fdatasync unlinkat
                   mkdirat pread64 ftruncate);

    # more of them, and longer ones, where the machine is slow

    for (my $i = 1; $i <= $rounds || keys %hit < 4 && $i <= 4 * $rounds; $i++) {
        my $call = $calls[$i % @calls];
        my $error = rand() < 0.5 ? 'ENOSPC' : 'EIO';
        # past what loading libraries takes
        my $when = ($call =~ /openat|pread64/ ? 20 : 1) + int rand 40;
        my $each = rand() < 0.5 ? '' : '+' . (2 + int rand 5);
        $l->{wrap} = "strace -f -qq -o $l->{dir}/strace -e trace=$call "
                     . "-e inject=$call:error=$error:when=$when$each";
        $l->start;
        my $until = time + (0.3 + rand 0.8) * (1 + int(($i - 1) / $rounds));
        while (time < $until) { $write->() if rand() < 0.1; sleep 0.02 }
        $l->stop(rand() < 0.5 ? 'KILL' : 'TERM');
        my $trace = ModerationLedger::slurp("$l->{dir}/strace") || '';
        $hit{$call}++ if $trace =~ /INJECTED/;
        signed($l, \@seen);
    }

    note join ' ', map { "$_:$hit{$_}" } sort keys %hit;
    cmp_ok(scalar(keys %hit), '>=', 4, 'faults of several calls were met');
    my @n = finish($l, $end);
    signed($l, \@seen);
    complete($l, "$rounds rounds of faults", @n);
    grew($l, "$rounds rounds of faults", \@seen);
}

done_testing();
