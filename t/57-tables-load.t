# Mapped tables that grow, are made anew, and whose daemon is stopped, killed and
# started, under load: readers fetch pages all the time, and afterwards each card
# of each response is compared with what was decided at that time.  No response
# shows a card that is not released, none is without one that is.
# MODERATION_SECONDS=n: so long (8).

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use IO::Socket::INET;
use ModerationReview;
use POSIX ();
use Test::More;
use Time::HiRes qw(sleep time);

my $seconds = $ENV{MODERATION_SECONDS} || 8;
my ($pages, $each) = (5, 40);

sub card {
    my ($id) = @_;
    return qq{<li class="card" id="$id" data-a="u$id"><a href="/room/$id"><h3>room $id this evening</h3></a></li>\n};
}

my $d = ModerationReview->new(workers => 2, policy => <<'Y',
schema: 1
policy: load
slots:
  - {name: first, type: html, match: li.card, item_id: room, fields: {title: h3, room: "@id", account: "@data-a"}, review: {mode: required, fields: [title], stable: assume}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: one, en: one}}
Y
    files => { map { my $p = $_; ("html/$p.html" => join '', map { card(1000 * $p + $_) } 1 .. $each) } 1 .. $pages });

$d->shown("/$_.html") for 1 .. $pages;
is($d->waits($pages * $each, 30), $pages * $each, 'all wait');
my %card = map { $_->{fields}{room} => $_ } $d->queue;

# readers: a line a response

my @readers;
for my $n (1 .. 3) {
    my $pid = fork;
    if ($pid == 0) {
        $d->{daemon} = undef;
        my $stop = 0;
        local $SIG{TERM} = sub { $stop = 1 };
        open my $out, '>', "$d->{dir}/reader-$n" or POSIX::_exit(1);
        while (!$stop) {
            my $p = 1 + int rand $pages;
            my $from = time;
            my $s = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $d->{port}, Timeout => 10) or next;
            print $s "GET /$p.html HTTP/1.0\r\nHost: localhost\r\n\r\n";
            my $body = '';
            while (sysread $s, my $buf, 65536) { $body .= $buf }
            my $to = time;
            last if $stop;              # the signal may have cut it
            my ($status) = $body =~ m{^HTTP/1\.\d (\d+)};
            printf $out "%.6f %.6f %d %d %s\n", $from, $to, $p, $status // 0, join ' ', $body =~ /<li class="card" id="(\d+)"/g;
            sleep 0.002;
        }
        close $out;
        POSIX::_exit(0);
    }
    push @readers, $pid;
}

# what is true: [from when on, released or not, until when it is not yet sure]

my %truth = map { $_ => [ [ 0, 0, 0 ] ] } keys %card;
my (%review, %state);
my $changes = 0;
my $rejected = 0;

sub change {
    my ($id) = @_;
    my $c = $card{$id};
    my $sent = time;
    my ($r, $now);

    if (($state{$id} // '') eq '') {
        my $verdict = rand() < 0.1 && $rejected < 40 ? 'reject' : 'release';
        $rejected += $verdict eq 'reject';
        $r = $d->decide('alice', $c, $verdict);
        $now = $verdict;
    } else {
        $r = $d->post("/moderation/v1/reviews/$review{$id}/undo", {}, user => 'alice');
        $now = '';
    }

    if ($r->{status} == 200) {
        $review{$id} = $r->{json}{review} if $now;
        $state{$id} = $now;
        push @{ $truth{$id} }, [ $sent, $now eq 'release' ? 1 : 0, time ];
        $changes++;
        return 1;
    }

    # nobody has said what became of it: the daemon is asked when it is back

    push @{ $truth{$id} }, [ $sent, -1, 0 ];
    return 0;
}

sub settle {
    for my $id (grep { $truth{$_}[-1][1] == -1 } keys %truth) {
        my $c;

        $d->until_true(sub {
            my $r = $d->request(GET => "/moderation/v1/cards/$card{$id}{id}", user => 'bob');
            $c = $r->{status} == 200 ? $r->{json} : undef;
        }, 30) or die "nobody says what became of $id";
        my ($last) = grep { $_->{state} eq 'standing' } @{ $c->{history} };
        $state{$id} = $last ? $last->{verdict} : '';
        $review{$id} = $last->{review} if $last;
        $truth{$id}[-1][2] = time;
        push @{ $truth{$id} }, [ $truth{$id}[-1][0], $state{$id} eq 'release' ? 1 : 0, time ];
    }
}

my %did = (grow => 0, restart => 0, kill => 0, gone => 0);
my @ids = sort keys %card;
my $filler = 0;
my $grown = sub {                       # the generation in its head
    open my $f, '<:raw', "$d->{dir}/verdicts/items" or return undef;
    my $head = '';
    return read($f, $head, 32) == 32 ? unpack 'Q', substr $head, 24 : undef;
};
my ($files, $inode) = (0, $grown->());
my $look = sub { my $now = $grown->() // 0; $files++ if $now && $now != $inode; $inode = $now if $now };
my $begin = time;
my $next = $begin + 0.5;
my @todo;
my @did;

while (time - $begin < $seconds
       || ((grep { !$did{$_} } keys %did) || $changes <= $seconds) && time - $begin < 240 * $ModerationTest::slow) {
    change($ids[rand @ids]);
    $look->();
    next if time < $next;

    @todo = qw(grow restart grow kill grow gone) unless @todo;
    my $what = shift @todo;
    $did{$what}++;
    push @did, sprintf '%.3f %s', time, $what;

    if ($what eq 'grow') {              # entries of cards that nobody shows
        $d->lines(map { $d->card("filler $_", nickname => "n $_") } $filler + 1 .. $filler + 3000);
        $filler += 3000;

    } elsif ($what eq 'restart') {
        $d->stop_daemon('TERM');
        $d->start_daemon;

    } elsif ($what eq 'kill') {         # in the middle of what is decided
        my $pid = $d->{daemon};
        my $killer = fork;
        if ($killer == 0) { sleep rand 0.03; kill 'KILL', $pid; POSIX::_exit(0) }
        for (1 .. 20) { last unless change($ids[rand @ids]) }
        waitpid $killer, 0;
        $d->stop_daemon('KILL');
        $d->start_daemon;
        $d->{tokens} = {};
        settle();

    } else {                            # somebody takes the file away
        unlink "$d->{dir}/verdicts/items";
    }
    $look->();
    $next = time + 0.5;
}

kill 'TERM', @readers;
waitpid $_, 0 for @readers;

my $entries = 0;
ok($d->until_true(sub { $look->(); $entries = ($d->request(GET => '/moderation/v1/status', user => 'bob')->{json}{tables}{items} || {})->{entries} || 0;
                        $entries > $filler }, 240), 'the table has all of them at the end') or diag("$entries of $filler");
settle();

# each card of each response

my ($responses, $looked, $more, $less, $bad) = (0, 0, 0, 0, 0);
my @first;

for my $n (1 .. 3) {
    open my $in, '<', "$d->{dir}/reader-$n" or die $!;
    while (<$in>) {
        my ($from, $to, $p, $status, @shown) = split;
        $bad++ if $status != 200;
        $responses++;
        my %shown = map { $_ => 1 } @shown;
        for my $id (map { 1000 * $p + $_ } 1 .. $each) {
            my ($may, $not);
            my @t = @{ $truth{$id} };
            for my $i (0 .. $#t) {

                # holds from when it was sent until the next one is answered;
                # a release may take a quarter of a second to be seen, where
                # the file was taken away meanwhile

                my $until = $i < $#t ? $t[$i + 1][2] || 9e9 : 9e9;
                next if $t[$i][0] > $to;
                $may ||= $t[$i][1] != 0 && $until >= $from;
                $not ||= $t[$i][1] != 1 && $until + 0.25 >= $from;
            }
            $looked++;
            if ($shown{$id} && !$may) { $more++; push @first, "$id shown, $from to $to: " . join ' ', map { "[@$_]" } @t }
            if (!$shown{$id} && !$not) { $less++; push @first, "$id missing, $from to $to: " . join ' ', map { "[@$_]" } @t }
        }
    }
}

diag(join ', ', @did) if $more || $less;
diag("$responses responses, $looked cards looked at, $changes changes, $files new files of $entries entries: "
     . join ', ', map { "$_ $did{$_}" } sort keys %did);
is($bad, 0, 'every response is a page');
is($more, 0, 'no response shows a card that is not released') or diag(join "\n", @first[0 .. ($#first < 5 ? $#first : 5)]);
is($less, 0, 'none is without one that is') or diag(join "\n", @first[0 .. ($#first < 5 ? $#first : 5)]);
cmp_ok($responses, '>', 20, 'which were many');
cmp_ok($changes, '>', $seconds, 'with many changes');
cmp_ok($files, '>=', 1, 'and tables that were made anew');
unlike($d->log, qr/\[(?:alert|emerg)\]|exited on signal/, 'no worker died');
$d->stop;
done_testing;
