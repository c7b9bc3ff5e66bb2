# In a flood nobody is given a look again or a sample: five hundred cards past
# their time, and the same cards while they are not.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(no_daemon => 1, roles => "users: {alice: [reviewer], r1: [reviewer], bob: [lead]}\n", policy => <<'POLICY');
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], target: 1h}}]
reasons: [{id: shock, key: 1, label: clickbait, title: {en: Sensational headline}}]
POLICY
my $clock = "$d->{dir}/clock";
sub clock { open my $f, '>', "$clock.new" or die $!; print $f $_[0]; close $f; rename "$clock.new", $clock }
clock(0);
$d->start_daemon(MODERATIOND_CLOCK => $clock);

sub all_of {
    my ($who) = @_;
    my @all;
    for (my $after = ''; ;) {
        my $q = $d->request(GET => "/moderation/v1/queue?limit=100&after=$after", user => $who)->{json};
        push @all, @{ $q->{cards} };
        $after = $q->{next} or return @all;
    }
}

$d->cards(map { $d->card("work $_") } 1 .. 40);
my %id = map { $_->{fields}{title} => $_->{id} } all_of('bob');
sub decide { return $d->post("/moderation/v1/cards/$_[1]/decide", { version => 1, verdict => 'release' }, user => $_[0])->{status} }
my %alice = map { ("work $_" => 1) } 1 .. 20;
is(scalar(grep { decide('alice', $id{"work $_"}) == 200 } 1 .. 20), 20, 'one decides twenty');
is(scalar(grep { decide('r1', $id{"work $_"}) == 200 } 21 .. 40), 20, 'another one, too');
sub again { return scalar grep { $alice{ $_->{fields}{title} } } all_of('r1') }
ok($d->until_true(sub { again() == 1 }, 10), 'and has one of the first to look at again');

$d->lines(map { $d->card("flood $_") } 1 .. 510);
ok($d->until_true(sub { all_of('bob') >= 510 }, 20), 'five hundred and ten cards come');
is(again(), 1, 'while they are in time the look is there');
clock(2 * 3_600_000);
ok($d->until_true(sub { again() == 0 }, 10), 'once they are late it is not');
is(scalar(grep { ($_->{fields}{title} // '') =~ /^flood/ } all_of('r1')), 510, 'but all of the flood');
clock(0);
ok($d->until_true(sub { again() == 1 }, 10), 'and again, when they are not');

$d->stop;
done_testing();
