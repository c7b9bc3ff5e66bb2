# How many lines a second of CPU the daemon takes, and in how much memory:
# LINES (100000) in two segments, one line in twenty counts of ten decisions,
# one decision in a hundred with the bytes of its card.
#
#     prove -v t/bench/ingest.pl

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use ModerationLedger;
use Test::More;
use Time::HiRes qw(sleep time);

$ModerationLedger::build = $ENV{MODERATION_BUILD}
                           || "$FindBin::Bin/../../build";

my $l = ModerationLedger->new(conf => "checkpoint: 1s\n",
    daemon => "$ModerationLedger::build/moderationd");
my $lines = $ENV{LINES} || 100000;
my $source = 'QUJD' x 1300;

for my $place (0, 1) {
    my $s = $l->segment(place => $place);
    my $out = '';
    for my $i (1 .. $lines / 2) {
        if ($i % 20 == 0) {
            $s->raw($out);
            $out = '';
            $s->counts($i % 90 + 1, @{ $s->{ids} }[-10 .. -1]);
            next;
        }
        my $line = $s->decision;
        $line =~ s/"hits":\[\]/"hits":[{"rule":"clickbait.a","field":"title","start":0,"end":5,"text":"alpha"}]/;
        $line =~ s/\}\}$/,"source":"$source"}}/ if $i % 100 == 1;
        $out .= $line;
    }
    $s->raw($out);
    $s->end;
}

my $start = time;
$l->start;
ok($l->wait_leaves(1 + $lines + 4, 300), 'all of them');
my $clock = time - $start;
my @stat = split / /, ModerationLedger::slurp("/proc/$l->{pid}/stat");
my ($kb) = ModerationLedger::slurp("/proc/$l->{pid}/status")
           =~ /VmHWM:\s+(\d+)/;
my $cpu = ($stat[13] + $stat[14]) / 100;
diag sprintf '%d lines: %.2f s of CPU (%.0f a second), %.1f s by the clock, '
    . '%.0f MB', $lines, $cpu, $lines / $cpu, $clock, $kb / 1024;
cmp_ok($kb, '<=', 64 * 1024, 'in 64 MB');
$l->stop;
done_testing();
