# The longest turn of the event loop that bodies of 256 KB can make it take, in
# milliseconds of a processor and steps of the matcher, a row for each way to be
# expensive (t/lib/ModerationHostile.pm), in enforce and in shadow.
#
#     prove -v t/bench/turns.pl          ONLY=regexes  COPIES=8 at a time
#
# It fails where a turn takes more than BOUND (20) ms.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use ModerationHostile;
use ModerationServer;
use Test::More;

my $bound = $ENV{BOUND} || 20;
my $copies = $ENV{COPIES} || 4;
my @bodies = grep { !$ENV{ONLY} || $_->[0] =~ /$ENV{ONLY}/ } ModerationHostile::bodies();
my @types = 'types { text/html html; application/json json; }';

sub cpu {
    my ($pid) = @_;
    open my $f, '<', "/proc/$pid/stat" or return 0;
    my @f = split ' ', scalar(<$f>);
    return ($f[13] + $f[14]) * 10;
}

diag(sprintf '%-46s %-8s %10s %10s %8s %10s', 'body', 'mode', 'turn ms', 'steps',
     'pauses', 'CPU ms');

for my $b (@bodies) {
    my ($name, $ext, $text) = @$b;

    for my $mode (qw(enforce shadow)) {
        my $s = ModerationServer->new(
            workers => 1, http => "moderation_zone zone=m:1m; @types",
            server => "moderation_policy %%DIR%%/p.yaml; output_buffers 8 64k;
                location / { moderation $mode; }
                location = /status { moderation off; moderation_status; }",
            files => { "html/page.$ext" => $text, 'p.yaml' => ModerationHostile::policy() });
        my ($pid) = $s->workers;
        my $from = cpu($pid);
        my @open = map { $s->open_page("/page.$ext") } 1 .. $copies;

        for my $c (@open) {
            while (sysread $c, my $buf, 65536) { }
        }

        my $turns = $s->status->{turns};
        my $used = (cpu($pid) - $from) / $copies;

        diag(sprintf '%-46s %-8s %10.1f %10d %8d %10.0f', $name, $mode,
             $turns->{longest_cpu_us} / 1000, $turns->{longest_steps},
             $turns->{pauses}, $used);
        cmp_ok($turns->{longest_cpu_us}, '<', $bound * 1000, "$mode: $name");
        $s->stop;
    }
}

done_testing();
