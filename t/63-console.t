# The desk in a browser: keys, two people on one card, without script, both
# languages, dark, 360 px to wide, axe-core.  What hostile texts do to the
# screens is t/63-hostile.t's.  Needs chromium, node, playwright-core and
# axe-core (make test-deps).

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationBrowser;
use ModerationDesk;
use Test::More;

my ($modules, $pictures) = ModerationBrowser::needs();

my $policy = <<'POLICY';
schema: 1
policy: desk
slots:
  - {name: home.first_screen, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], queue: first}}
  - {name: live.recommend, type: html, match: li, fields: {title: b}, review: {mode: required, fields: [title], queue: feed}}
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
  - {id: ads, key: 2, label: gambling, points: 1, title: {zh: 引流, en: Advertising}}
  - {id: untrue, key: 3, label: rumor, title: {zh: 不实消息, en: Untrue}}
rules:
  - {id: clickbait.shock, rev: 1, label: clickbait, risk_level: medium, title: {zh: 标题党：惊吓加催促, en: "Clickbait: shock plus hurry"}, basis: {kind: terms, ref: "4.2"}, match: {in: [title], terms: [alpha]}}
POLICY

my $conf = <<'CONF';
node: web-07
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: zh, timezone: Asia/Kathmandu}}
origins: ["https://desk.example"]
threads: 8
campaigns: {clear: {from: 2026-11-01, until: 2026-12-31, labels: [gambling], title: {zh: 清朗行动, en: Clear sky}}}
CONF

my $roles = "users: {alice: [reviewer], r1: [reviewer], bob: [lead, auditor], eve: [viewer], tom: [trainee], adam: [admin], aki: [inspector]}\n";

cmp_ok(-s "$FindBin::Bin/../ngx_module/moderationd/web/static/console.js", '<=', 12 * 1024, 'the script is at most 12 KB');

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
    my $d = ModerationDesk->new(policy => $policy, roles => $roles, conf => $conf);

    $d->cards(lively($d, '這條街一夜之間換了燈', item => '1187', nickname => '路灯下'));
    my $c = $d->request(GET => '/moderation/v1/queue', user => 'bob')->{json}{cards}[0];
    $d->post("/moderation/v1/cards/$c->{id}/decide", { version => 1, verdict => 'release' }, user => 'bob');
    # what the other screens show

    $d->cards(lively($d, '注册送 88，今晚必看', item => '77', account => 'e' x 32, words => ['今晚必看']));
    my ($card) = grep { $_->{fields}{title} =~ /88/ } @{ $d->request(GET => '/moderation/v1/queue?limit=50', user => 'bob')->{json}{cards} };
    $d->post("/moderation/v1/cards/$card->{id}/decide", { version => 1, verdict => 'reject', reason => 'ads' }, user => 'alice');
    $d->post("/moderation/v1/$_->[0]", $_->[1], user => $_->[2] || 'bob') for
        [ 'orders', { kind => 'item', value => '9042', source => 'office', reference => '12', reason => 'ordered', until => '24h' }, 'alice' ],
        [ 'switch', { site => 'a', slot => 'live.recommend', mode => 'shadow', until => '30m', reason => 'template' } ],
        [ 'accounts/' . 'e' x 32 . '/state', { state => 'watched', reason => 'ads', until => '30d' } ],
        [ 'accounts/' . 'f' x 32 . '/state', { state => 'closed', reason => 'posed as another' } ],
        [ 'handover', { text => "one\ntwo" }, 'alice' ],
        [ 'reports/import', { team => 'north', csv => "reporter,item,reason,text\n" . join '', map { "p$_,room$_,shock,same\n" } 1 .. 12 } ];
    my $public = sub { $d->request(POST => "/moderation/public/$_[0]", headers => { 'Content-Type' => 'application/json' },
                                   body => $ModerationDesk::json->encode($_[1])) };
    my $number = $public->(report => { item => '1187', page => '/live/1187', reason => 'shock', text => 'shock' })->{json}{number};
    my $code = $d->request(GET => "/moderation/v1/decisions/$card->{decision}/code", user => 'bob')->{json}{code};
    is($public->(appeal => { code => $code, text => 'a lottery' })->{status}, 201, 'an appeal');
    my ($case) = grep { $_->{reports} == 1 && $_->{kind} ne 'appeal' } @{ $d->request(GET => '/moderation/v1/cases', user => 'bob')->{json}{cases} };
    $d->post("/moderation/v1/cases/$case->{id}/outcome", { outcome => 'wrong', reply => 'no' }, user => 'alice');

    $d->cards(lively($d, '震★驚！這條街一夜之間變了樣，刪前速看', item => '1187', words => ['震★驚', '刪前速看'],
                     nickname => "路灯下\x{200b}"),
              lively($d, '今晚八点 一起画向日葵', nickname => '慢慢画'),
              lively($d, '海关查获一批高仿名表，现场清点', nickname => '口岸见闻'),
              lively($d, '徒步穿越第 118 天', nickname => '慢慢走'),
              lively($d, 'B 站第一设计师在线创作', slot => 'live.recommend', nickname => '画图到天亮'),
              lively($d, '声音好听的读书会', slot => 'live.recommend', nickname => '慢读'),
              lively($d, '台风后的海边重建', nickname => '步行者'));

    # by the id that people know, not by its hash

    my ($hash) = map { $_->{item} } grep { $_->{text} eq 'shock' } @{ $d->request(GET => '/moderation/v1/cases', user => 'bob')->{json}{cases} };
    $d->lines({ %{ $d->card('known by its id', item => 'known', action => 'mask', rule => 'clickbait.shock') }, item => $hash });
    my $found = sub { my $r = $d->request(GET => "/moderation/decisions?$_[0]", user => 'bob')->{body}; () = $r =~ m{<td class="title">}g };
    is($d->until_true(sub { $found->('item=1187') }, 20), 1, 'a room is found by its number');
    is($found->("item=$hash"), 1, 'and as the record has it');
    like($d->request(GET => '/moderation/accounts?id=' . 'e' x 32, user => 'bob')->{headers}, qr{^Location: \S*/moderation/accounts/e{32}\r?$}m,
         'an account, too');

    # alarms that were seen are no strip on each screen (and picture)

    my $open = sub { grep { $_->{state} eq 'open' && $_->{level} ne 'low' } @{ $d->request(GET => '/moderation/v1/alarms', user => 'bob')->{json}{alarms} } };
    ok($d->until_true(sub { scalar $open->() }, 10), 'slots that are measured have an alarm');
    $d->post("/moderation/v1/alarms/$_->{id}/ack", {}, user => 'bob') for $open->();

    run_step($d, 'keys');
    run_step($d, 'noscript');

    # who signs sees what; times are those of the site; the screens lead on

    my $page = sub { my ($where, $user) = @_;
                     my $r = $d->request(GET => "/moderation/$where", user => $user, headers => { 'Accept-Language' => 'en' });
                     utf8::decode($r->{body}); $r->{body} };
    my $body = $page->('pending', 'bob');
    like($body, qr/accounts\/f{32}.*?→ <b>closed<\/b>.*posed as another/s, 'a second person sees whom a signature closes');
    like($body, qr/>waits </, 'and that it waits');
    my ($sec, $min, $hour) = gmtime(time + 20700);
    my $clock = sprintf 'T%02d:', $hour;
    my @times = $page->('handover', 'bob') =~ /<time datetime="[-\d]+(T\d\d:)[\d:]+\+05:45"/g;
    ok(@times && ($times[-1] eq $clock || $min < 5), 'times are by the clock of the site') or diag("@times, not $clock");
    $body = $page->("decisions/$card->{decision}", 'bob');
    like($body, qr/reject <span class="sub">alice .*Advertising/, 'a decision says what people decided and why');
    like($body, qr/cards\/$card->{id}".*action="\/moderation\/v1\/export"/s, 'and leads to its card, and to the evidence');
    like($page->('cases', 'bob'), qr/Report \d+ · Sensational headline.*>right: the decision is undone<.*Answered/s, 'reasons and outcomes have names');
    like($page->('whatif', 'bob'), qr/watched<\/td><td class="num">1</, 'what if: a strike of 1 is watched, as the account is');
    like($page->('nowhere', 'bob'), qr/<nav aria-label="Screens">.*Not found.*no longer there/s, 'an error keeps the way back');
    unlike($page->('public/report/abc'), qr/href="\/moderation\/"/, 'and a reader is not sent to the desk');
    like($page->("public/reason/$card->{decision}?lang=en"), qr/it was not shown.*by a person: not to be shown/s, 'an owner reads plain words');

    unlike($page->('people', 'bob'), qr/<li>(?:score|clock|default)</, 'on duty are people');

    # every role: each link of its screens leads somewhere, each button is one it may press

    my $bytes = 0;
    for my $user (qw(alice bob eve tom adam aki)) {
        my (%seen, %form, @bad);
        my @todo = ('/moderation/');
        while (defined(my $where = shift @todo)) {
            next if $seen{$where =~ s/[0-9a-f]{20,}|\d+/N/gr}++ || keys %seen > 60;
            my $r = $d->request(GET => $where, user => $user, headers => { 'Accept-Language' => 'en' });
            ($r) = map { $d->request(GET => $_, user => $user) } $1 if $r->{headers} =~ m{^Location: (?:http://[^/]+)?(\S+)}m;
            push @bad, "$where: $r->{status}" if $r->{status} != 200 && $where !~ m{/proof$};
            next if $r->{headers} !~ m{^Content-Type: text/html}m || $where =~ m{/(?:public|preview)};
            $bytes += length $r->{body};
            push @todo, grep { m{^/moderation/} } map { s/&amp;/&/gr } $r->{body} =~ /\bhref="([^"]+)"/g;
            $form{$_} = $where for $r->{body} =~ m{\bmethod="post" action="([^"]+)"}g;
        }
        for my $action (sort keys %form) {
            my $r = $d->post($action =~ s/\d+/0/r, {}, user => $user);
            push @bad, "$action on $form{$action}: 403" if $r->{status} == 403 && ($r->{json}{error} // '') eq 'forbidden';
        }
        cmp_ok(scalar keys %seen, '>', 10, "$user: screens");
        is("@bad", '', "$user: no link is dead, no button is another role's");
    }
    cmp_ok($bytes, '>', 100_000, 'which were pages');

    run_step($d, 'looks', SCREENS => "cards/$card->{id} decisions/$card->{decision} accounts/" . 'e' x 32
                                     . " public/report/$number public/reason/$card->{decision}");
    run_step($d, 'keyboard');
    $d->stop;
    unlike($d->daemon_log, qr/error/, 'no error in the log');
}

done_testing;
