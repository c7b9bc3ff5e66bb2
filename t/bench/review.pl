# What second review costs and how fast it is, through a real nginx and a real
# moderationd:
#
#   - a decision, from the request to the first response that shows it, under
#     load (wrk, half of what one worker does): DECISIONS (200) of them
#   - an order likewise
#   - a page of 40 cards, all required and released, beside the same page
#     without review and record: the worker's processor time a request, by turns
#     of a second, ROUNDS (25) of them; cards that are known, cards that are new
#   - the queue of CARDS (100000) cards: how long a page takes, and how large
#     it is
#
#     prove -v t/bench/review.pl
#
# Look-ups and the mapping of a table: t/bench/table.c.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use ModerationReview;
use Test::More;
use Time::HiRes qw(sleep time);

my %want = map { $_ => 1 } split /,/, $ENV{ONLY} || 'latency,throughput,queue';

sub card {
    my ($id) = @_;
    return qq{<li class="card" id="$id" data-a="u$id"><a href="/room/$id"><img src="/c/$id.jpg">}
           . "<h3>what is shown in room $id this evening</h3><p>room $id</p></a></li>\n";
}

sub policy {
    my ($review) = @_;
    return "schema: 1\npolicy: bench\nslots:\n  - {name: first, type: html, match: li.card, item_id: room,"
           . " fields: {title: h3, nick: p, room: '\@id', account: '\@data-a'}$review}\n"
           . "reasons:\n  - {id: shock, key: 1, label: clickbait, title: Sensational}\n"
           . "rules:\n  - {id: r, label: clickbait, match: {in: [title, nick], terms: [neverthere, norhere]}}\n";
}

my $required = ', review: {mode: required, fields: [title, nick], stable: assume}';

sub at {
    my ($share, @of) = @_;
    @of = sort { $a <=> $b } @of;
    return $of[int($share * $#of + 0.5)];
}

sub wrk {
    my ($d, $path, $seconds, $connections) = @_;
    my $said = `wrk -t1 -c$connections -d${seconds}s http://127.0.0.1:$d->{port}$path 2>&1`;
    return $said =~ /Requests\/sec:\s+([\d.]+)/ ? $1 : 0;
}

if ($want{latency}) {
    my $n = $ENV{DECISIONS} || 200;
    my $d = ModerationReview->new(policy => policy($required), workers => 1,
        files => { 'html/index.html' => join('', map { card($_) } 1 .. 40),
                   'html/probe.html' => '', map { ("html/p$_.html" => card(1000 + $_)) } 1 .. 2 * $n });

    $d->shown('/index.html');
    $d->shown("/p$_.html") for 1 .. 2 * $n;
    $d->waits(2 * $n + 40, 60);
    my %card = map { $_->{fields}{room} => $_ } $d->queue;
    $d->release('alice', $card{$_}) for 1 .. 40;

    my $load = fork;
    if (!$load) {
        open STDOUT, '>', '/dev/null';
        exec 'wrk', '-t1', '-c4', '-d55s', "http://127.0.0.1:$d->{port}/index.html";
    }
    sleep 0.5;
    my (@took, @net);

    for my $i (1 .. $n) {
        my $at = time;
        $d->release('alice', $card{1000 + $i});
        my $said = time;
        my $tries = 0;
        until ($d->get("/p$i.html")->{body} =~ /<li/) { last if ++$tries > 1000 }
        push @took, (time - $at) * 1000;
        push @net, (time - $said) * 1000;
        last if $i * 0.05 > 25;
    }
    diag sprintf 'decision asked for -> a reader sees it, under load, %d of them: median %.1f ms, 99 %% %.1f ms, most %.1f ms',
         scalar @took, at(0.5, @took), at(0.99, @took), at(1, @took);
    diag sprintf '  answered -> seen: median %.1f ms, 99 %% %.1f ms', at(0.5, @net), at(0.99, @net);
    cmp_ok(at(0.99, @took), '<=', 50 * $ModerationTest::slow, '99 % within 50 ms');

    @took = ();
    for my $i (1 .. 40) {
        my $at = time;
        my $r = $d->post('/moderation/v1/orders', { targets => [ { kind => 'item', value => "$i" } ], source => 'internal',
                 reason => 'bench', until => '1h' }, user => 'alice');
        is($r->{status}, 201, "order $i") or last;
        while ($d->shown('/index.html') =~ /\b$i\b/ && time - $at < 5) { }
        push @took, (time - $at) * 1000;
    }
    diag sprintf 'order asked for -> gone for readers, 40 of them: median %.1f ms, most %.1f ms', at(0.5, @took), at(1, @took);
    cmp_ok(at(1, @took), '<=', 2000, 'within 2 s');
    kill 'TERM', $load;
    waitpid $load, 0;
    $d->stop;
}

# what the one worker has used of a processor, in ns: others that run beside it
# do not count

sub used {
    my ($pid) = @_;
    open my $f, '<', "/proc/$pid/schedstat" or die "schedstat: $!";
    return (split ' ', scalar <$f>)[0];
}

sub cost {
    my ($d, $path, $n) = @_;
    my ($pid) = $d->workers;
    my $from = used($pid);
    my $said = `wrk -t1 -c4 -d$n http://127.0.0.1:$d->{port}$path 2>&1`;
    my ($all) = $said =~ /(\d+) requests in/ or return 0;
    return (used($pid) - $from) / $all;
}

if ($want{throughput}) {
    my @of = 1 .. 40;
    my $page = join '', map { card($_) } @of;

    # cards that are new each time: their bytes differ, what counts of them not

    my $new = join '', map { card($_) =~ s{ data-a=}{ data-t="<!--# echo var="request_id" -->$_" data-a=}r } @of;
    my $d = ModerationReview->new(policy => policy($required), workers => 1,
        files => { 'html/index.html' => $page, 'html/new/index.html' => $new, 'html/none/index.html' => $page,
                   'html/none/new/index.html' => $new, 'none.yaml' => policy('') },
        server => 'location /none/ { moderation enforce; moderation_ledger off; moderation_policy %%DIR%%/none.yaml check=0; }
                   location /none/new/ { moderation enforce; moderation_ledger off; moderation_policy %%DIR%%/none.yaml check=0; ssi on; }
                   location /new/ { moderation enforce; moderation_policy %%DIR%%/policy.yaml check=200ms; ssi on; }');

    $d->shown('/index.html');
    $d->waits(40, 20);
    $d->release_all('alice');

    for ([ 'known' => '/index.html' => 0.98 ], [ 'new' => '/new/index.html' => 0.95 ]) {
        my ($name, $path, $least) = @$_;
        my (@share, @none, @with);

        is(scalar(() = $d->get($path)->{body} =~ /<li/g), 40, "$name: all are released") or next;
        is(scalar(() = $d->get("/none$path")->{body} =~ /<li/g), 40, "$name: and shown without review");
        cost($d, $_, '1s') for $path, "/none$path";

        for (1 .. $ENV{ROUNDS} || 25) {
            my @turn = ("/none$path", $path);
            @turn = reverse @turn if rand() < 0.5;
            my %ns = map { $_ => cost($d, $_, '1s') } @turn;
            push @none, $ns{"/none$path"};
            push @with, $ns{$path};
            push @share, $ns{"/none$path"} / $ns{$path};
        }
        diag sprintf '40 cards, %s, all required and released: %.1f us of the worker a request, without review and record %.1f us; '
             . 'share %.3f (median of %d turns; half of them %.3f to %.3f)', $name, at(0.5, @with) / 1000, at(0.5, @none) / 1000,
             at(0.5, @share), scalar @share, at(0.25, @share), at(0.75, @share);
        cmp_ok(at(0.5, @share), '>=', $least, "$name: a page of released cards");
    }
    $d->stop;
}

# processor time of a process, in hundredths of a second

sub ticks {
    open my $f, '<', "/proc/$_[0]/stat" or return 0;
    my @w = split ' ', <$f> =~ s/^.*\) //r;
    return $w[11] + $w[12];
}

if ($want{queue}) {
    my $n = $ENV{CARDS} || 100_000;
    my $d = ModerationReview->new(policy => policy($required), files => { 'html/index.html' => '' });

    for my $from (map { $_ * 5000 } 0 .. $n / 5000 - 1) {
        $d->lines(map { $d->card("card number $_", nickname => "nick $_", account => sprintf "%032x", $_ / 4) } $from + 1 .. $from + 5000);
    }
    my $q = sub { $d->request(GET => '/moderation/v1/status', user => 'bob')->{json}{queues}[0]{cards} || 0 };
    ok($d->until_true(sub { $q->() >= $n }, 120), "$n cards wait");

    for ([ 'the screen' => '/moderation/queue' ], [ 'a page of the API' => '/moderation/v1/queue' ],
         [ 'status' => '/moderation/v1/status' ])
    {
        my ($name, $path) = @$_;
        my (@took, $r);
        $d->request(GET => $path, user => 'bob') for 1 .. 3;
        my $cpu = ticks($d->{daemon});
        for (1 .. 30) {
            my $at = time;
            $r = $d->request(GET => $path, user => 'bob');
            push @took, (time - $at) * 1000;
        }
        diag sprintf 'queue of %d cards, %s: median %.1f ms, most %.1f ms, %.1f ms of the daemon, %.0f KB', $n, $name,
             at(0.5, @took), at(1, @took), (ticks($d->{daemon}) - $cpu) * 10 / @took, length($r->{body}) / 1024;
        cmp_ok(length $r->{body}, '<=', 150 * 1024, "$name: 150 KB at most");
        cmp_ok(at(0.5, @took), '<=', 50 * $ModerationTest::slow, "$name: 50 ms at most");
    }
    $d->stop;
}

done_testing;
