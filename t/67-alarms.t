# Early warning over counters of the past: moderationctl alarms replay and
# simulate.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Temp qw(tempdir);
use JSON::PP ();
use Test::More;

my $tool = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $json = JSON::PP->new->utf8->canonical;
my $dir = tempdir(CLEANUP => 1);
my $t0 = 1_796_000_000_000;                     # a Sunday, 05:33:20 UTC

# lines of stats every 5 s for so many seconds; $add->($second) is what each
# counter got in the 5 s before it, {what/slot/name => n}
my (%total, $lines);

sub start { %total = (); $lines = qq({"type":"head","zone":"$_[0]","version":1}\n) }

sub run_for {
    my ($from, $seconds, $add) = @_;

    for (my $s = $from + 5; $s <= $from + $seconds; $s += 5) {
        my $more = $add->($s);
        my @list;

        for my $key (sort keys %$more) {
            next if !$more->{$key};
            $total{$key} += $more->{$key};
            push @list, [ split(m{/}, $key, -1), $total{$key} ];
        }

        $lines .= $json->encode({ type => 'stats', time => $t0 + $s * 1000, n => $s, stats => \@list }) . "\n"
            if @list;
    }

    return $from + $seconds;
}

sub replay {
    my ($text, $options) = @_;
    open my $f, '>', "$dir/counters" or die $!;
    print $f $text;
    close $f;
    my $out = `$tool alarms replay $dir/counters @{[$options // '']} 2>$dir/err`;
    return ($? >> 8, [ map { $json->decode($_) } split /\n/, $out ]);
}

sub at { my ($e) = @_; return ($e->{ms} - $t0) / 1000 }

# 60 hits a minute in two slots, then five times as many

my $steady = sub { return { 'hits/a/r.one' => 3, 'hits/b/r.one' => 2, 'items/a/' => 40, 'items/b/' => 12 } };
start('0' x 32);
my $now = run_for(0, 3600, $steady);
my $rise = $now;
$now = run_for($now, 300, sub { return { %{ $steady->() }, 'hits/a/r.one' => 23 } });
$now = run_for($now, 600, $steady);
my ($rc, $e) = replay($lines);
is($rc, 0, 'replayed');
is(scalar @$e, 2, 'one flood, and its end') or diag explain $e;
is("$e->[0]{kind} $e->[0]{key} $e->[0]{state}", 'flood rule:r.one begins', 'of the rule, both slots together');
cmp_ok(at($e->[0]) - $rise, '<=', 20, 'within 20 s');
cmp_ok($e->[0]{n} / $e->[0]{expected}, '>=', 3, 'three times the usual at least');
cmp_ok($e->[0]{n}, '>=', 20, 'and twenty hits');
is("$e->[1]{kind} $e->[1]{state}", 'flood ends', 'its end');
cmp_ok(at($e->[1]), '>=', $rise + 300, 'not before the rise ends');
cmp_ok(at($e->[1]), '<=', $rise + 420, 'two minutes behind it at most');

($rc, $e) = replay($lines, '--ratio 8');
is_deeply($e, [], 'five times is no flood where eight times is asked for');

open my $p, '>', "$dir/policy.yaml" or die $!;
print $p <<'YAML';
schema: 1
policy: p
slots: [{name: a, type: html, match: li, fields: {title: b}}]
rules: [{id: r.one, label: rumor, match: {in: [title], terms: [abc]}}]
bursts: {default: {ratio: 2}, rules: {r.one: {ratio: 8}}}
YAML
close $p;
($rc, $e) = replay($lines, "--policy $dir/policy.yaml");
is_deeply($e, [], 'a threshold of the rule');
`sed -i 's/ratio: 8/min: 90/' $dir/policy.yaml`;
($rc, $e) = replay($lines, "--policy $dir/policy.yaml");
cmp_ok($e->[0]{n}, '>=', 90, 'so many hits at least') or diag explain $e;

# what is new while others counted for an hour had a rate, of nothing; but not
# where a policy brought it

start('1' x 32);
$now = run_for(0, 4200, sub { return { 'items/a/' => 40 } });
my $before = $lines;
run_for($now, 120, sub { return { 'items/a/' => 40, 'hits/a/r.new' => 5 } });
($rc, $e) = replay($lines);
is("$e->[0]{kind} $e->[0]{key}", 'flood rule:r.new', 'a rule that never hit and hits once a second');
$lines = $before . $json->encode({ type => 'policy', time => $t0 + $now * 1000, n => 1, event => 'live' }) . "\n";
%total = ('items/a/' => 40 * 840);
run_for($now, 120, sub { return { 'items/a/' => 40, 'hits/a/r.new' => 5 } });
($rc, $e) = replay($lines);
is_deeply($e, [], 'a rule that a new policy brought is learnt first') or diag explain $e;

# a class name changes: one slot finds nothing, the others go on

start('2' x 32);
$now = run_for(0, 3600, sub { return { 'items/a/' => $_[0] % 10 ? 0 : 40, 'items/b/' => 12 } });
my $changed = $now;
$now = run_for($now, 900, sub { return { 'items/b/' => 12 } });
$now = run_for($now, 60, sub { return { 'items/a/' => 40, 'items/b/' => 12 } });
($rc, $e) = replay($lines);
is(scalar @$e, 2, 'quiet, and its end') or diag explain $e;
is("$e->[0]{kind} $e->[0]{key} $e->[0]{state}", 'quiet slot:a begins', 'the slot is named');
cmp_ok(at($e->[0]) - $changed, '<=', 300, 'within five minutes');
cmp_ok(at($e->[1]) - $changed, '>=', 900, 'until it counts again');

# everything falls silent: one alarm

start('3' x 32);
$now = run_for(0, 3600, sub { return { map { ("items/s$_/" => 9) } 1 .. 8 } });
$now = run_for($now, 600, sub { return {} });
$now = run_for($now, 60, sub { return { map { ("items/s$_/" => 9) } 1 .. 8 } });
($rc, $e) = replay($lines);
is_deeply([ map { "$_->{key} $_->{state}" } @$e ], [ 'record begins', 'record ends' ], 'one alarm of the record')
    or diag explain $e;

# the only slot of a site is named all the same

start('4' x 32);
$now = run_for(0, 3600, sub { return { 'items/only/' => 9 } });
$now = run_for($now, 300, sub { return {} });
run_for($now, 5, sub { return { 'items/only/' => 9 } });
($rc, $e) = replay($lines);
is($e->[0]{key}, 'slot:only', 'the only slot') or diag explain $e;

# what the tool cannot use

($rc, $e) = replay("no line\n");
is($rc, 2, 'no counters');
is(system("$tool alarms replay $dir/none 2>$dir/err") >> 8, 2, 'no file');
is(system("$tool alarms replay $dir/counters --ratio 1 2>$dir/err") >> 8, 2, 'a ratio of one');

# the files for Prometheus and Grafana: only what moderation_status says

my $says = join '', map { open my $f, '<', $_ or die "$_: $!"; local $/; <$f> }
           glob 'ngx_module/nginx/ngx_http_moderation_status_prometheus*.c ngx_module/nginx/ngx_http_moderation_status_*.c';
$says =~ s/"\s*\n\s*"//g;

for my $file ('docs/prometheus-rules.yaml', 'docs/grafana.json') {
    open my $f, '<:raw', $file or die "$file: $!";
    my $text = do { local $/; <$f> };
    my $exprs = $file =~ /json/ ? join "\n", map { map { $_->{expr} } @{ $_->{targets} } } @{ $json->decode($text)->{panels} }
                                : $text;
    my %names = map { $_ => 1 } $exprs =~ /\b(moderation_[a-z_]+)(?=[\[{ )]|$)/mg;
    delete $names{moderation_status};
    cmp_ok(scalar keys %names, '>=', 8, "$file: metrics");
    my @unknown = grep { my $n = s/^moderation_//r; $n =~ s/_bucket$//; $says !~ /"$n"|moderation_$n/ } sort keys %names;
    is("@unknown", '', "$file: known ones");
}

# counters without cause for an alarm, and with a planted rise; the same twice.
# ALARMS_SERIES=4096 for all that docs/alarms.md speaks of

my $series = $ENV{ALARMS_SERIES} || 96;
my $out = `$tool alarms simulate --series $series`;
my $r = $json->decode($out);
cmp_ok($r->{flood} + $r->{quiet}, '<=', 10 * $series / 4096 + 0.98, "$series quiet series, ten weeks: hardly an alarm")
    or diag $out;
# ALARMS_RISES: how many rises, a week each
my $rises = $ENV{ALARMS_RISES} || 240;
my @rise = map { "$tool alarms simulate --series " . $rises / 4 . " --weeks 4 --rate 60 --burst $_" } 5, 2;
$out = `$rise[0]`;
$r = $json->decode($out);
is($r->{seen}, $r->{planted}, 'each rise of 60 a minute to five times that is seen');
cmp_ok($r->{p95_s}, '<=', 15, '95 of 100 within 15 s');
# three times the usual in three ticks is 4 sigma below what comes
cmp_ok($r->{planted} - $r->{within_20s}, '<=', 0.001 * $rises, '999 of 1000 within 20 s') or diag $out;
cmp_ok($r->{max_s}, '<=', 30, 'all within 30 s');
is(`$rise[1]`, $out = `$rise[1]`, 'the same seed, the same counts');
$r = $json->decode($out);
cmp_ok($r->{seen}, '<=', 0.04 * $rises, 'twice the usual for five minutes is hardly ever a flood') or diag $out;

done_testing();
