# Memory of a worker over many requests with `pages:`, the record and verdict
# tables on: pages whose required element is inserted, guards that hit, cards
# blocked, held, over the limit, new ones each time.  What it takes for the first
# quarter has to do for the rest.  SLOPE_REQUESTS says how many, 50000 by default.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/../lib";
use ModerationServer;
use ModerationSpool;
use Test::More;

my $requests = $ENV{SLOPE_REQUESTS} || 50000;

sub cards {
    my ($class, $of) = @_;
    return "<ul>" . join('', map { "<li class=\"$class\" id=\"$class$_\"><b>" . ($_ % $of ? "number $_" : "bad $_") . "</b></li>\n" } 1 .. 40) . '</ul>';
}

my $s = ModerationServer->new(workers => 1,
    http => "moderation_zone zone=m:24m; moderation_id_key %%DIR%%/key;
        moderation_ledger %%DIR%%/spool flush=10ms buffer=256k samples=10;
        moderation_verdicts %%DIR%%/tables;",
    server => 'location = /status { moderation_status; }
        keepalive_requests 1000000;
        location / { moderation enforce; moderation_policy %%DIR%%/p.yaml check=0; sub_filter TOKEN $request_id; sub_filter_once off; }',
    files => { 'key' => id_key(), 'p.yaml' => <<'Y',
schema: 1
policy: slope
pages:
  - name: home
    match: {host: "localhost", path: "/*"}
    require:
      - {id: page.report-entry, selector: 'a[href*="report.example"]', insert: '<p><a href="https://report.example/">report</a></p>', at: body-end}
    guard: {title: {must: "Example"}, before_html: block, hidden_links: 3, hosts: [localhost], action: record}
slots:
  - {name: some, type: html, match: li.some, fields: {title: b, room: "@id"}}
  - {name: held, type: html, match: li.held, fields: {title: b, room: "@id"}, review: {mode: required, fields: [title], stable: assume}}
  - {name: few, type: html, match: li.few, fields: {title: b, room: "@id"}, limit: 10}
rules:
  - {id: b, label: clickbait, match: {in: [title], terms: [bad]}}
Y
        'html/whole.html' => '<html><head><title>Example</title></head><body>' . cards('some', 4) . cards('few', 8) . '<a href="https://report.example/">r</a></body></html>',
        'html/bare.html' => 'before<html><head><title>Other</title></head><body>' . cards('some', 3) . cards('held', 9) . '<a href="http://other.example/">x</a></body></html>',
        'html/new.html' => '<html><head><title>Example</title></head><body><ul><li class="some" id="TOKEN"><b>bad TOKEN</b></li>'
                           . '<li class="held" id="hTOKEN"><b>TOKEN</b></li></ul></body></html>' });

my ($pid) = $s->workers;

sub rss {
    open my $f, '<', "/proc/$pid/status" or return 0;
    return (map { /^RssAnon:\s+(\d+)/ ? $1 : () } <$f>)[0];
}

sub round {
    my @paths = ('/whole.html') x 45;
    push @paths, ('/bare.html') x 45, ('/new.html') x 10;
    my $c = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$s->{port}") or die;
    print $c join '', map { "GET $paths[$_] HTTP/1.1\r\nHost: localhost\r\n" . ($_ == $#paths ? "Connection: close\r\n" : '') . "\r\n" } 0 .. $#paths;
    my $n = 0;
    while (sysread $c, my $buf, 1 << 16) { $n += () = $buf =~ /HTTP\/1\.1 200/g }
    return $n;
}

my ($n, @points) = (0);
while ($n < $requests) {
    round();
    $n += 100;
    push @points, [$n, rss()] if $n > $requests / 4;
}

is(join(' ', $s->workers), $pid, 'the worker lives');
my $grown = $points[-1][1] - $points[0][1];
diag sprintf '%d requests with pages and the record, then %d: %+d kB', $points[0][0], $points[-1][0] - $points[0][0], $grown;
cmp_ok($grown, '<', 512, 'three quarters of the requests take no memory');
my $st = $s->status->{ledger};
cmp_ok($st->{lines}, '>', $requests / 10, 'new lines all the time');
kill 'QUIT', $s->pid;
$s->until(30, sub { !$s->pid || !kill 0, $s->pid });
my $l = read_spool("$s->{dir}/spool");
is("@{ $l->{bad} }", '', 'segments can be read');
cmp_ok(scalar(of_type($l, 'page')), '>=', 1, 'pages are recorded');
done_testing();
