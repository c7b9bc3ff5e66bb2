# Second review in a browser over hours: a broadcast whose score and cover run
# (7), a rule that floods (5), eight people at one desk (6), a daemon that dies
# at midnight (4).  What readers of HTTP see of them is t/54-review-nights.t's.
# Needs what t/56-review-browser.t needs.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationBrowser;
use ModerationReview;
use Test::More;
use Time::HiRes qw(sleep time);

my ($modules, $pictures) = ModerationBrowser::needs();

my $fields = 'fields: {title: h3, room: "@id", account: "@data-a", live: "@data-live", cover: "img@src"}, item_id: room';
my $reasons = "reasons:\n  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}\n";
my %files = map { ("html/$_.html" => '') } qw(index wide flood eight);

sub step {
    my ($d, $step) = @_;
    local $ENV{SITE} = "$d->{dir}/html";
    open my $out, '-|', 'node', "$FindBin::Bin/browser/nights.js", $d->{port}, $modules, $pictures, $step
        or die "node: $!";
    while (my $line = <$out>) {
        my $r = eval { JSON::PP->new->utf8->decode($line) } or next;
        ok($r->{ok}, "$step: $r->{name}") or diag($r->{why});
    }
    close $out;
    is($?, 0, "$step: the browser came to its end");
}

{
    my $d = ModerationReview->new(files => \%files, policy => <<"Y" . $reasons . <<'R',
schema: 1
policy: hours
slots:
  - {name: first, type: html, match: li.card, $fields, review: {mode: required, fields: [title, cover], stable: assume, ttl: 24h, session: live, normal: {title: [digits], url: {drop: [t, sign]}}}}
  - {name: wide, type: html, match: li.wide, $fields, review: {mode: on_match, fields: [title], stable: assume, default: {after: 30m, do: block}, target: 5m}}
Y
rules:
  - {id: r.wide, rev: 1, label: clickbait, action: hold, suggestion: review, title: {zh: 太宽, en: Too wide}, slots: [wide], brake: {max_ratio: 0.5, min_hits: 150, window: 10m}, match: {in: [title], terms: [lantern]}}
R
        roles => "users:\n  alice: [reviewer]\n  bob: [lead]\n  eve: [viewer]\n" . join '', map { "  r$_: [reviewer]\n" } 1 .. 8);

    step($d, 'eight');
    $d->clock(6 * 60);
    ok($d->until_true(sub { !grep { $_->{claim} } $d->queue }, 5), 'who went away holds nothing any more');
    step($d, 'back');
    $d->write('html/eight.html', '');
    step($d, 'score');
    $d->write('html/index.html', '');
    $d->decide('bob', $_, 'reject') for $d->queue;
    step($d, 'flood');
    $d->clock(2 * 3600);
    $d->post('/moderation/v1/queue/next', { n => 1 }, user => 'alice');
    $d->rounds;
    step($d, 'later');
    $d->stop;
    unlike($d->daemon_log, qr/error/, 'no error in the log');
}

# its clock is eight hours behind the workers': what they see of it is how old
# its heartbeat is

{
    my $d = ModerationReview->new(at => -8 * 3600, files => \%files, policy => <<"Y" . $reasons . "rules: []\n");
schema: 1
policy: midnight
slots:
  - {name: first, type: html, match: li.card, $fields, review: {mode: required, fields: [title], stable: assume, ttl: 3h}}
Y
    step($d, 'midnight');
    $d->stop_daemon('KILL');
    step($d, 'eight_oclock');
    $d->clock(8 * 3600);
    $d->start_daemon;
    step($d, 'again');
    $d->stop;
}

done_testing;
