# What the record costs readers, through a real nginx with one worker: a page of
# 40 cards, one of them blocked, with moderation_ledger and without, in turns.
#
#   known     the same page again and again: one decision, which is counted
#   new       a page whose blocked card is another one each time: one line of
#             the record a response
#   latency   the same at half of what the worker can do; with a disk that takes
#             RATE bytes a second where the module is built so (below)
#
#     prove -v t/bench/record.pl            ONLY=known,new,latency ROUNDS=9
#
#     make B=build/slow NGX_CC_OPT=-DNGX_HTTP_MODERATION_LEDGER_RATE=65536 all
#     MODERATION_BUILD=build/slow ONLY=latency prove -v t/bench/record.pl
#
# On a shared machine processor time says more than the clock: user and system
# time of the worker with its writer thread, a request, median of the rounds.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use ModerationReview;
use Test::More;

my %want = map { $_ => 1 } split /,/, $ENV{ONLY} || 'known,new,latency';
my $rounds = $ENV{ROUNDS} || 9;
my $seconds = $ENV{SECONDS} || 1;

sub card {
    my ($id, $title) = @_;
    return qq{<li class="card" id="$id" data-a="u$id"><a href="/room/$id"><img src="/c/$id.jpg">}
           . "<h3>$title</h3><p>room $id</p></a></li>\n";
}

sub page {
    my ($title) = @_;
    return join '', map { card($_, $_ == 20 ? $title : "what is shown in room $_ this evening") } 1 .. 40;
}

my $policy = <<'END';
schema: 1
policy: bench
slots:
  - {name: first, type: html, match: li.card, item_id: room, fields: {title: h3, nick: p, room: '@id', account: '@data-a'}}
rules:
  - {id: r, label: clickbait, match: {in: [title], terms: [forbidden]}}
END

my $d = ModerationReview->new(policy => $policy, workers => 1,
    files => { map { ("html/$_/index.html" => page('a forbidden title')) } 'with', 'none', 'new/with', 'new/none' },
    http => q{server { listen unix:%%DIR%%/new.sock; root %%DIR%%/html; moderation off;
                      sub_filter 'id="20"' 'id="20-$request_id"'; }
             upstream new { server unix:%%DIR%%/new.sock; keepalive 32; }},
    ledger => 'quota=0',
    server => join '', map { my $off = $_ eq 'none' ? 'moderation_ledger off;' : '';
        "location /$_/ { moderation enforce; $off moderation_policy %%DIR%%/policy.yaml check=0; }
         location /new/$_/ { moderation enforce; $off moderation_policy %%DIR%%/policy.yaml check=0;
             proxy_pass http://new; proxy_http_version 1.1; proxy_set_header Connection ''; }" } 'with', 'none');

sub at {
    my ($share, @of) = @_;
    @of = sort { $a <=> $b } @of;
    return $of[int($share * $#of + 0.5)];
}

# nanoseconds that the threads of the worker ran

sub used {
    my ($w) = $d->workers;
    my $ns = 0;
    for my $t (glob "/proc/$w/task/*/schedstat") {
        open my $f, '<', $t or next;
        $ns += (split ' ', <$f>)[0];
    }
    return $ns;
}

# requests a second, microseconds of the worker a request

sub load {
    my ($path, %o) = @_;
    my $from = used();
    my $script = '';
    if ($o{delay}) {
        $d->write('delay.lua', "function delay() return $o{delay} end\n"
            . "done = function(s, l, r) print(string.format('AT %f %f %f', l:percentile(50), l:percentile(99), l:percentile(99.9))) end\n");
        $script = "-s $d->{dir}/delay.lua";
    }
    my $c = $o{connections} || 8;
    my $s = $o{seconds} || $seconds;
    my $said = `wrk -t1 -c$c -d${s}s $script http://127.0.0.1:$d->{port}$path 2>&1`;
    my ($n) = $said =~ /(\d+) requests in/ or die $said;
    my ($rate) = $said =~ /Requests\/sec:\s+([\d.]+)/;
    die "errors: $said" if $said =~ /Non-2xx|Socket errors/;
    return ($rate, (used() - $from) / 1000 / $n, $said =~ /AT (\S+) (\S+) (\S+)/);
}

for my $path ('/with/', '/none/', '/new/with/', '/new/none/') {
    my $body = $d->get($path)->{body};
    is(scalar(() = $body =~ /<li/g), 39, "$path: one is blocked");
    load($path);
}

# what the daemon does with the lines is its own time, on whatever core

$d->stop_daemon;

for my $kind (grep { $want{$_} } 'known', 'new') {
    my $p = $kind eq 'new' ? '/new' : '';
    my (@clock, @cpu, @rate, @used);

    for my $i (1 .. $rounds) {
        my ($n, $nc) = load("$p/none/");
        my ($w, $wc) = load("$p/with/");
        push @clock, $w / $n;
        push @cpu, $nc / $wc;
        push @rate, $w;
        push @used, $wc;
    }
    diag sprintf '%s: with the record beside without, %d rounds: requests a second %.3f (%.3f to %.3f; %.0f), processor time %.3f (%.3f to %.3f; %.1f us)',
         $kind, $rounds, at(0.5, @clock), at(0, @clock), at(1, @clock), at(0.5, @rate),
         at(0.5, @cpu), at(0, @cpu), at(1, @cpu), at(0.5, @used);
    diag "  lines of the record so far: $_" for map { $_->{lines} } $d->status->{ledger};
    cmp_ok(at(0.5, @cpu), '>=', 0.95, "$kind: 0.95 of without") if $kind eq 'known';
}

if ($want{latency}) {
    my ($full) = load('/new/none/');
    my $c = $ENV{CONNECTIONS} || 32;
    my $delay = int($c * 1000 / ($full / 2)) || 1;            # ms between two of a connection

    # a connection waits for its answer, too: less, until it is half

    while ($delay > 1) {
        my ($rate) = load('/new/none/', delay => $delay, connections => $c);
        last if $rate >= 0.47 * $full;
        $delay--;
    }
    my (%p99, %p999, @rate);

    for my $i (1 .. $rounds) {
        for my $kind ('none', 'with') {
            my ($rate, undef, undef, $p99, $p999) = load("/new/$kind/", delay => $delay, connections => $c, seconds => $ENV{SECONDS} || 4);
            push @{ $p99{$kind} }, $p99 / 1000;
            push @{ $p999{$kind} }, $p999 / 1000;
            push @rate, $rate;
        }
    }
    my $st = $d->status->{ledger};
    diag sprintf 'latency at %.0f of %.0f requests a second, %d rounds, one new line a response: p99 %.2f ms beside %.2f (%.2f), p99.9 %.2f beside %.2f (%+.2f ms); lines lost %d',
         at(0.5, @rate), $full, $rounds, at(0.5, @{ $p99{with} }), at(0.5, @{ $p99{none} }),
         at(0.5, @{ $p99{with} }) / at(0.5, @{ $p99{none} }), at(0.5, @{ $p999{with} }), at(0.5, @{ $p999{none} }),
         at(0.5, @{ $p999{with} }) - at(0.5, @{ $p999{none} }), $st->{lost};
    cmp_ok(at(0.5, @{ $p99{with} }), '<=', 1.2 * at(0.5, @{ $p99{none} }), 'p99: 1.2 times');
    cmp_ok(at(0.5, @{ $p999{with} }), '<=', 3 + at(0.5, @{ $p999{none} }), 'p99.9: 3 ms more');
}

diag $d->get("/status")->{body} =~ s{.*"ledger":}{}sr =~ s{"verdicts".*}{}sr if $ENV{STATUS};
$d->stop;
done_testing;
