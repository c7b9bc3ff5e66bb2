# moderation_policy start=last_good: a start over a policy that cannot be used.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;

my $page = '<ul>' . join('', map { "<li class=card><b>$_</b></li>" }
                         qw(alpha beta gamma)) . '</ul>';

sub policy {
    my ($term) = @_;

    return "schema: 1\npolicy: start\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\nrules:\n"
           . "  - {id: r.one, label: clickbait, "
           . "match: {in: [title], terms: [$term]}}\n";
}

sub without {
    my ($w) = @_;
    (my $p = $page) =~ s{<li class=card><b>$w</b></li>}{};
    return $p;
}

for my $zone ('moderation_zone zone=m:1m;', '') {
    my $how = $zone ? 'with a zone' : 'without a zone';
    my $s = ModerationServer->new(
        workers => $zone ? 2 : 1, http => $zone,
        server => 'location = /status { moderation_status; }
            location / { moderation enforce; moderation_policy
                %%DIR%%/p.yaml check=400ms start=last_good; }',
        files => { 'html/index.html' => $page, 'p.yaml' => policy('alpha') });

    ok(defined $s->until(5, sub { $s->everywhere(without('alpha')) }),
       "$how: a first version");
    $s->stop;

    $s->write('p.yaml', policy('beta') . "nonsense: 1\n");
    my ($rc, $out) = $s->run_nginx();
    is($rc, 0, "$how: a start over a broken one") or diag $out;
    $s->wait_up;
    ok(defined $s->until(5, sub { $s->everywhere(without('alpha')) }),
       "$how: the last good one serves");
    my $said = $out . $s->log;
    like($said, qr/\[error\] .*p\.yaml" refused, the last good one serves, start\@[0-9a-f]{32}: .*p\.yaml:7:1: unknown key/,
         "$how: one error line says what and why");
    my $p = $s->policy('p.yaml');
    like($p->{refused}{error}, qr/p\.yaml:7:1: unknown key/,
         "$how: and the status");

    $s->write('p.yaml', policy('gamma'));
    ok(defined $s->until(8, sub { $s->everywhere(without('gamma')) }),
       "$how: mended, it is live");
    ok(defined $s->until(4, sub { !$s->policy('p.yaml')->{refused} }),
       "$how: and nothing is refused");
    like($s->log, qr/\[notice\] .*is live: start\@/,
         "$how: which the log says");
    $s->stop;

    # what was never good is not served

    unlink glob "$s->{dir}/images/*";
    $s->write('p.yaml', "schema: 1\nnonsense: 1\n");
    ($rc, $out) = $s->run_nginx();
    isnt($rc, 0, "$how: without a saved image nothing starts");
    like($out, qr/\[emerg\].*p\.yaml:2:1: /, "$how: and it is said why");
}

# nginx -t says it, too; the default does not start

my $s = ModerationServer->new(
    workers => 1,
    server => 'location / { moderation enforce;
        moderation_policy %%DIR%%/p.yaml check=0; }',
    files => { 'html/index.html' => $page, 'p.yaml' => policy('alpha') });
$s->stop;
$s->write('p.yaml', "nonsense: 1\n");
my ($rc, $out) = $s->run_nginx();
isnt($rc, 0, 'by default a broken policy stops a start');

done_testing();
