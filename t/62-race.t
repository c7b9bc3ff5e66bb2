# Eight reviewers at one desk: cards dealt by next are nobody else's, each is
# decided once, and what workers are told is what was decided.
# MODERATION_RACES=n: so many cards (400).

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;
use Time::HiRes qw(time);

my $n = $ENV{MODERATION_RACES} || 400;
my $d = ModerationDesk->new(roles => "users:\n  bob: [lead]\n"
                            . join '', map { "  r$_: [reviewer]\n" } 1 .. 8);

$d->lines(map { $d->card("card $_") } 1 .. $n);
my $count = sub {
    my $b = $d->request(GET => '/moderation/handover', user => 'bob')->{body};
    return $b =~ /waiting (\d+)/ ? $1 : 0;
};
ok($d->until_true(sub { $count->() == $n }, 60), "$n cards wait");

# each: next 5, then decide them and some of the neighbours' in the same moment

my @pipes;
my $begin = time;

for my $who (map { "r$_" } 1 .. 8) {
    pipe my $r, my $w;
    my $pid = fork;

    if ($pid == 0) {
        my (%dealt, @done, %status);
        $d->{daemon} = undef;
        srand $$;

        for (1 .. 100_000) {
            my $q = $d->post('/moderation/v1/queue/next', { n => 5 }, user => $who);
            my @cards = @{ $q->{json}{cards} || [] } or last;
            for my $c (@cards) {
                $dealt{ $c->{id} } = 1;
                for my $id ($c->{id}, $c->{id} + 1 + int rand 20) {
                    my $v = rand() < 0.5 ? 'release' : 'reject';
                    my $a = $d->post("/moderation/v1/cards/$id/decide",
                                     { version => 1, verdict => 'release' }, user => $who);
                    $status{ $a->{status} }++;
                    push @done, $id if $a->{status} == 200;
                }
            }
        }

        print $w join(' ', sort { $a <=> $b } keys %dealt), "\n@done\n",
              join(' ', %status), "\n";
        close $w;
        POSIX::_exit(0);
    }

    close $w;
    push @pipes, [ $pid, $r ];
}

my (%dealt, %done, %status);
for (@pipes) {
    my ($pid, $r) = @$_;
    my ($dealt, $done, $status) = map { scalar <$r> } 1 .. 3;
    waitpid $pid, 0;
    $dealt{$_}++ for split ' ', $dealt // '';
    $done{$_}++ for split ' ', $done // '';
    my %s = split ' ', $status // '';
    $status{$_} += $s{$_} for keys %s;
}

my $seconds = time - $begin;
is(scalar(grep { $_ > 1 } values %done), 0, 'no card was decided twice');
is(scalar(grep { $_ <= $n } keys %done), $n, 'every card was decided');     # the others are looks again
is(scalar(grep { $_ > 1 } values %dealt), 0, 'no card was dealt to two people');
is_deeply([ grep { !/^(200|409|404)$/ } keys %status ], [], 'answers are 200, 409, 404');
ok($status{409} > 0, "races happened: $status{409} came second");
is($count->(), 0, 'nothing waits');
diag(sprintf '%d cards, %d tries in %.1f s', $n, eval { my $t = 0; $t += $_ for values %status; $t }, $seconds);

$d->stop;
done_testing;
