# Hostile texts through every screen of the desk, in a browser: markup, bidi,
# invisible characters, formulas, 60 KB, NUL and lone surrogates, as titles,
# names, slots, rules, reasons, reports, orders and questions.  No script runs,
# nothing is fetched, no screen is torn.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationBrowser;
use ModerationDesk;
use Test::More;

my ($modules) = ModerationBrowser::needs();

sub run_step {
    my ($d, $step, %env) = @_;
    local @ENV{keys %env} = values %env;
    open my $out, '-|', 'node', "$FindBin::Bin/browser/console.js", $d->{port}, $modules, $ModerationTest::build, $step
        or die "node: $!";
    my $n = 0;
    while (my $line = <$out>) {
        my $r = eval { JSON::PP->new->utf8->decode($line) } or next;
        ok($r->{ok}, $r->{name}) or diag($r->{why});
        $n++;
    }
    close $out;
    is($?, 0, "$step: the browser came to its end");
    return $n;
}

my @bits = ('<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', "'><svg onload=alert(1)>",
            '</title><script>alert(1)</script>', '</textarea><script>alert(1)</script>',
            '</script><script>alert(1)</script>', '<!--<script>alert(1)//-->', '<![CDATA[<script>alert(1)</script>]]>',
            'javascript:alert(1)', '<a href="javascript:alert(1)">x</a>', '<iframe src=javascript:alert(1)>',
            '<base href=//evil.example/>', '<meta http-equiv=refresh content="0;url=//evil.example">',
            '<form action=//evil.example><button>x</button></form>', '<style>*{display:none}</style>',
            '<object data=//evil.example>', '<embed src=//evil.example>', '<link rel=stylesheet href=//evil.example/x.css>',
            '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '&lt;script&gt;alert(1)&lt;/script&gt;',
            '&#60;script&#62;alert(1)', '<scr<script>ipt>alert(1)</scr</script>ipt>', "\x{202e}gnp.exe", "a\x{202e}b\x{2066}c",
            "\x{200b}\x{200d}\x{feff}", "\x{e0041}\x{e0042}", '=1+1+cmd|\' /C calc\'!A0', '@SUM(1+1)', '+1', '-1', "\t=1",
            '{{7*7}}', '${7*7}', '%s%s%n', '../../etc/passwd', "a\r\nSet-Cookie: x=1", "'; DROP TABLE card; --",
            'x' x 5000, '字' x 3000, "\x{fffd}\x{fffe}", "e\x{301}" x 200, '<' x 1000, '"' x 1000, '&' x 1000,
            '<div style="position:fixed;inset:0">cover</div>', '<noscript><img src=x onerror=alert(1)></noscript>',
            '<template><script>alert(1)</script></template>', '<details open ontoggle=alert(1)>',
            '<video><source onerror=alert(1)>', '<body onload=alert(1)>', '<input autofocus onfocus=alert(1)>',
            '</td></tr></table><h1>torn</h1>', '"autofocus onfocus=alert(1) x="', "\x{202e}\x{2067}\x{206a}turned",
            '=HYPERLINK("//evil.example")', '<' . 'b>' x 400, '字' x 20000, 'LONE', 'NUL', 'LONELONE<script>alert(1)</script>NUL');

# HOSTILE_TITLES: so many, of two each (test-all)

my $single = @bits;
for (my $k = 0; @bits < ($ENV{HOSTILE_TITLES} || 0); $k++) {
    push @bits, substr $bits[$k % $single], 0, 400;
    $bits[-1] .= substr $bits[($k * 7 + 3) % $single], 0, 400;
}

my $d = ModerationDesk->new(policy => <<'POLICY', roles => "users: {alice: [reviewer], bob: [lead, auditor], lena: [lead]}\n");
schema: 1
policy: desk
slots:
  - {name: home.first_screen, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], queue: first}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: "<b>一", en: "<img src=x onerror=alert(1)>"}, points: 1}
rules:
  - {id: r.one, rev: 1, label: clickbait, owner: "<b>x", title: {zh: "<script>alert(1)</script>", en: "</title><script>alert(1)</script>"}, basis: "<svg onload=alert(1)>", match: {in: [title], terms: ["<script>alert(2)</script>"]}}
POLICY

# LONE and NUL are what only JSON can say: half a surrogate pair, and a NUL

$d->{raw} = sub { $_[0] =~ s/LONE/\\ud83d/g; $_[0] =~ s/NUL/\\u0000/g };
my @cards;
my $i = 0;

for my $bit (@bits) {
    my $shown = substr $bit, 0, 4000;
    push @cards, $d->card($bit, item => 'h' . $i++, slot => 'home.first_screen', nickname => $bit,
                          rule => $i % 4 == 1 ? 'r.one' : substr($bit, 0, 100),
                          hits => [ { rule => $shown, field => 'title', start => 0, end => 3, text => 'y' } ],
                          source => "<li title='$shown'>$shown</li>");
    push @cards, $d->card("x $bit y", item => 'h' . $i++, slot => $i % 4 ? 'home.first_screen' : substr($bit, 0, 100),
                          cut => 1, source => $shown) if @cards % 3 == 0;
}

$d->lines(@cards);
my $waiting = sub {
    my $body = $d->request(GET => '/moderation/handover', user => 'bob', headers => { 'Accept-Language' => 'en' })->{body};
    return $body =~ /waiting (\d+)/ ? $1 : 0;
};
ok($d->until_true(sub { $waiting->() >= @cards * 0.8 }, 30), 'they wait') or diag($waiting->() . ' of ' . @cards);

# the same as reports, orders, states, handovers, and as what is asked for

my $enc = sub { my ($s) = @_; utf8::encode($s); $s =~ s/([^A-Za-z0-9])/sprintf '%%%02X', ord $1/ge; return $s };
my @ask = ('decisions?slot=%1$s&rule=%1$s&host=%1$s&item=%1$s', 'reports?site=%1$s&campaign=%1$s&edition=%1$s',
           'whatif?half_life=%1$s&limited=%1$s', 'public/report?item=%1$s&page=%1$s', 'accounts/%1$s', 'queue?queue=%1$s&state=%1$s',
           'teams?campaign=%1$s');
my (@screens, %took);
my $n = 0;

for my $bit (@bits) {
    my $short = substr $bit, 0, 300;
    my $key = sprintf '%032x', $n++;
    $took{report} += 201 == $d->request(POST => '/moderation/public/report', headers => { 'Content-Type' => 'application/json' },
        body => $ModerationDesk::json->encode({ item => substr($bit, 0, 60), page => $short, reason => 'shock', text => $short,
                                                reporter => substr $bit, 0, 60 }))->{status};
    $took{$_->[0]} += $d->post("/moderation/v1/$_->[1]", $_->[2], user => $_->[3] || 'bob')->{status} < 300 for
        [ order => 'orders', { kind => 'phrase', value => substr($bit, 0, 100), source => 'internal', reference => substr($bit, 0, 50),
                               reason => substr($bit, 0, 150), until => '2h' }, 'alice' ],
        [ account => "accounts/$key/state", { state => $n % 2 ? 'watched' : 'closed', reason => substr $bit, 0, 150 } ],
        [ handover => 'handover', { text => $short }, 'alice' ],
        [ team => 'reports/import', { team => substr($bit, 0, 20), csv => "item,reason\n$n,shock\n" } ];
    my $value = $enc->(substr $bit, 0, 200);
    push @screens, $ask[$n % @ask] =~ s/%1\$s/$value/gr if $n <= $single;
}

cmp_ok($took{$_}, '>', @bits / 2, "most were taken: $_") for sort keys %took;
$d->post('/moderation/v1/report/text', { text => join(' ', map { substr $_, 0, 30 } @bits), case1 => $cards[0]{id}, text1 => $bits[0],
                                         from => '2026-11-23', to => '2026-11-29' }, user => 'bob');
run_step($d, 'hostile', HOSTILE => @cards * 0.8, SCREENS => $ModerationDesk::json->encode([ @screens,
    (map { sprintf 'accounts/%032x', $_ } 0 .. 3), 'queue', 'decisions?limit=200', 'handover', 'pending', 'orders', 'ledger', 'people', 'rules',
    'alarms', 'cases', 'accounts', 'reports', 'reports?from=2026-11-23&to=2026-11-29', 'teams', 'calibration', 'whatif' ]));

# a table program takes no cell of a list for a formula

for my $list ('accounts?format=csv', 'report?format=csv') {
    my $csv = $d->request(GET => "/moderation/v1/$list", user => 'bob')->{body};
    cmp_ok(length $csv, '>', 100, "$list: something");
    unlike($csv, qr/(?:^|,)"?[=+@\t][A-Z(@\\"]/m, "$list: no cell begins as a formula");
}

# what is handed over is a file, whatever its texts are

my $evidence = $d->until_true(sub {
    my $r = $d->post('/moderation/v1/export', { decisions => [ $cards[0]{id} ], recipient => '<script>alert(1)</script>',
                                                purpose => "a\x{202e}b", private => JSON::PP::true }, user => 'bob');
    return $r->{status} == 409 ? 0 : $r;
}, 20);
is($evidence->{status}, 200, 'evidence of a hostile title');
like($evidence->{headers}, qr/^Content-Disposition: attachment; filename="evidence-[0-9a-f]+\.tar"\r?$/m, 'is a file');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
