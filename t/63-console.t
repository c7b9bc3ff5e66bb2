# The desk in a browser: keys, two people on one card, without script, both
# languages, dark, 360 px to wide, axe-core, and hostile titles through every
# screen.  Needs chromium, node, playwright-core and axe-core (make test-deps).

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationDesk;
use Test::More;

my $modules = $ENV{MODERATION_NODE} || "$ModerationTest::build/node/node_modules";

for my $need ('/usr/bin/chromium', "$modules/playwright-core", "$modules/axe-core") {
    next if -e $need;
    BAIL_OUT("no $need") if $ENV{CI};
    plan skip_all => "no $need: make test-deps installs it";
}

my $pictures = $ENV{MODERATION_PICTURES} || "$ModerationTest::build/pictures";
system 'mkdir', '-p', $pictures;

my $policy = <<'POLICY';
schema: 1
policy: desk
slots:
  - {name: home.first_screen, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], queue: first}}
  - {name: live.recommend, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], queue: feed}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
  - {id: ads, key: 2, label: gambling, title: {zh: 引流, en: Advertising}}
  - {id: untrue, key: 3, label: rumor, title: {zh: 不实消息, en: Untrue}}
rules:
  - {id: clickbait.shock, rev: 1, label: clickbait, risk_level: medium, title: {zh: 标题党：惊吓加催促, en: "Clickbait: shock plus hurry"}, basis: {kind: terms, ref: "4.2"}, match: {in: [title], terms: [alpha]}}
POLICY

my $roles = "users: {alice: [reviewer], r1: [reviewer], bob: [lead, auditor]}\n";

sub run_step {
    my ($d, $step, %env) = @_;
    local @ENV{keys %env} = values %env;
    open my $out, '-|', 'node', "$FindBin::Bin/browser/console.js", $d->{port}, $modules, $pictures, $step
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

# a card as a page would have it, with what hits it

sub lively {
    my ($d, $title, %o) = @_;
    my $len = sub { my ($s) = @_; utf8::encode($s); length $s };
    my @hits = map { my $i = index $title, $_;
                     { rule => 'clickbait.shock', field => 'title', text => $_,
                       start => $len->(substr $title, 0, $i),
                       end => $len->(substr $title, 0, $i + length) } }
               @{ $o{words} || [] };

    return $d->card($title, slot => 'home.first_screen', %o,
                    @hits ? (rule => 'clickbait.shock', hits => \@hits) : (),
                    source => "<li class=card><div style='height:110px;border-radius:6px;background:linear-gradient(135deg,#9cf,#fca)'></div><h3>$title</h3><p>"
                              . ($o{nickname} || '') . "</p></li>");
}

{
    my $d = ModerationDesk->new(policy => $policy, roles => $roles);

    $d->cards(lively($d, '這條街一夜之間換了燈', item => '1187', nickname => '路灯下'));
    my $c = $d->request(GET => '/moderation/v1/queue', user => 'bob')->{json}{cards}[0];
    $d->post("/moderation/v1/cards/$c->{id}/decide", { version => 1, verdict => 'release' }, user => 'bob');
    $d->cards(lively($d, '震★驚！這條街一夜之間變了樣，刪前速看', item => '1187', words => ['震★驚', '刪前速看'],
                     nickname => "路灯下\x{200b}"),
              lively($d, '今晚八点 一起画向日葵', nickname => '慢慢画'),
              lively($d, '海关查获一批高仿名表，现场清点', nickname => '口岸见闻'),
              lively($d, '徒步穿越第 118 天', nickname => '慢慢走'),
              lively($d, 'B 站第一设计师在线创作', slot => 'live.recommend', nickname => '画图到天亮'),
              lively($d, '声音好听的读书会', slot => 'live.recommend', nickname => '慢读'),
              lively($d, '台风后的海边重建', nickname => '步行者'));

    run_step($d, 'keys');
    run_step($d, 'noscript');
    run_step($d, 'looks');
    $d->stop;
    unlike($d->daemon_log, qr/error/, 'no error in the log');
}

{
    my $d = ModerationDesk->new(policy => $policy, roles => $roles);
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
                '<video><source onerror=alert(1)>', '<body onload=alert(1)>', '<input autofocus onfocus=alert(1)>');
    my @cards;
    my $i = 0;

    for my $bit (@bits) {
        push @cards, $d->card($bit, item => 'h' . $i++, slot => 'home.first_screen', source => "<li>$bit</li>"),
                     $d->card("x $bit y", item => 'h' . $i++, slot => 'live.recommend', nickname => $bit, source => $bit),
                     $d->card('short', item => 'h' . $i++, slot => 'home.first_screen', nickname => $bit,
                              source => "<li title='$bit'>$bit</li>"),
                     $d->card("$bit$bit", item => 'h' . $i++, slot => $i % 2 ? $bit : 'live.recommend'),
                     $d->card("y", item => 'h' . $i++, slot => 'home.first_screen', rule => $bit,
                              hits => [ { rule => $bit, field => 'title', start => 0, end => 1, text => 'y' } ]),
                     $d->card('z', item => 'h' . $i++, slot => 'home.first_screen', cut => 1, source => "<b>$bit</b>");
    }

    # lone surrogates and NUL, as JSON can say them
    my @odd = map { my %c = %{ $d->card("odd $_", item => "odd$_") }; \%c } 1 .. 2;
    $d->lines(@cards, @odd);
    my $want = @cards;
    ok($d->until_true(sub {
        $d->request(GET => '/moderation/handover', user => 'bob', headers => { 'Accept-Language' => 'en' })->{body}
            =~ /waiting (\d+)/ && $1 >= $want * 0.9 }, 30), 'they wait');
    run_step($d, 'hostile', HOSTILE => 300 > @cards ? @cards * 0.9 : 270);
    $d->stop;
    unlike($d->daemon_log, qr/error/, 'no error in the log');
}

done_testing;
