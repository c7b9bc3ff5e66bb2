# Second review, from nginx to the reader: an order at night, the first day of
# an empty desk, a slot that is opened by a switch, one card under several
# names, a card whose text was cut.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use Test::More;
use Time::HiRes qw(sleep time);

my $reasons = <<'Y';
reasons:
  - {id: shock, key: 1, label: clickbait, title: {zh: 标题夸张, en: Sensational headline}}
rules:
  - {id: r.one, rev: 1, label: clickbait, action: hold, suggestion: review, title: {zh: 规则一, en: Rule one}, match: {in: [title], terms: [alpha]}}
Y

sub card {
    my ($id, $title, $class) = @_;
    $class ||= 'card';
    return qq{<li class="$class" id="$id" data-a="u$id"><a href="/room/$id"><h3>$title</h3></a></li>};
}

sub page {
    my ($class, @cards) = @_;
    return "<ul>" . join('', map { card(@$_, $class) } @cards) . "</ul>\n";
}

sub feed {
    return '{"list":[' . join(',', map { qq({"id":$_->[0],"t":"$_->[1]","a":"u$_->[0]"}) } @_) . ']}';
}

# 8: one card in page, state and feed, under different names of its fields;
# 1: a room in four slots of two sites is ordered off at night by one person

{
    my $d = ModerationReview->new(policy => <<"Y" . $reasons,
schema: 1
policy: pages
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "\@id", account: "\@data-a"}, item_id: room, review: {mode: required, fields: [title], scope: [first, state, feed], stable: assume, ttl: 24h}}
  - {name: state, type: script, script: window.__STATE__, match: "\$.rooms[*]", fields: {title: \$.name, room: \$.id, account: \$.owner}, item_id: room, review: {mode: required, fields: [title], scope: [first, state, feed], stable: assume}}
  - {name: feed, type: json, match: "\$.list[*]", fields: {title: \$.t, room: \$.id, account: \$.a}, item_id: room, review: {mode: required, fields: [title], scope: [first, state, feed], stable: assume}}
  - {name: side, type: html, match: li.side, fields: {title: h3, room: "\@id", account: "\@data-a"}, item_id: room}
Y
        server => 'location /kept/ { alias %%DIR%%/html/; moderation enforce; moderation_private off;
                                     moderation_policy %%DIR%%/policy.yaml check=0; }');

    my $put = sub {
        my ($title) = @_;
        my @rooms = ([ 1187, $title ], [ 1188, 'quiet room' ]);

        $d->write('html/index.html', page('card', @rooms) . '<script>window.__STATE__ = {"rooms":['
                  . join(',', map { qq({"id":"$_->[0]","name":"$_->[1]","owner":"u$_->[0]"}) } @rooms)
                  . ']};</script>');
        $d->write('html/feed.json', feed(@rooms));
        $d->write('html/side.html', page('side', @rooms));
    };
    my $everywhere = sub {
        my %rooms;
        for (['/index.html', 'localhost'], ['/feed.json', 'localhost'], ['/side.html', 'localhost'],
             ['/index.html', 'b.example.cn'], ['/side.html', 'b.example.cn'])
        {
            my $body = $d->get($_->[0], Host => $_->[1])->{body};
            $rooms{$1}++ while $body =~ /(?:"|')(118[78])(?:"|')|"id":(118[78])/g && ($1 // $2);
        }
        return \%rooms;
    };
    my $has = sub {
        my ($id) = @_;
        return join ' ', map { my ($path, $host) = @$_;
            my $n = () = $d->get($path, Host => $host)->{body} =~ /\b$id\b/g; $n ? 1 : 0 }
            ['/index.html', 'localhost'], ['/feed.json', 'localhost'], ['/side.html', 'localhost'],
            ['/index.html', 'b.example.cn'], ['/side.html', 'b.example.cn'];
    };

    $put->('evening of lanterns');
    is($d->shown('/index.html'), '', 'nobody has looked: nothing of page and state');
    is($d->shown('/feed.json'), '', 'nor of the feed');
    is($d->shown('/side.html'), '1187 1188', 'a slot without review shows what it has');
    is($d->waits(2), 2, 'one card a room waits, whatever names its fields have');

    is($d->release('alice', '1187')->{status}, 200, 'released once');
    is($d->shown('/index.html'), '1187', 'the page shows it at the next request');
    like($d->get('/index.html')->{body}, qr/"id":"1187"/, 'the state as well');
    unlike($d->get('/index.html')->{body}, qr/1188/, 'and nothing else');
    is($d->shown('/feed.json'), '1187', 'the feed as well');
    is($d->release('alice', '1188')->{status}, 200, 'the other room');
    is($has->(1187), '1 1 1 1 1', 'both sites show the room');

    for ('/index.html', '/feed.json') {
        like($d->get($_)->{headers}, qr/^Cache-Control: private, no-cache\r?$/m, "$_: no cache may keep it");
    }
    unlike($d->get('/index.html?mode=shadow')->{headers}, qr/Cache-Control/, 'what is only watched may be kept');
    unlike($d->get('/kept/index.html')->{headers}, qr/Cache-Control/, 'moderation_private off');

    # the order

    my $r = $d->post('/moderation/v1/orders', { targets => [ { kind => 'item', value => '1187' } ],
                     source => 'office', reference => '2026-117', reason => 'called at night', until => '2h' },
                     user => 'alice');
    is($r->{status}, 201, 'one reviewer orders');
    ok($d->until_true(sub { $has->(1187) eq '0 0 0 0 0' }, 2), 'gone in every slot of both sites');
    is($has->(1188), '1 1 1 1 1', 'and nothing else is');

    for my $title ('another title', 'evening of lanterns again', 'third name') {
        $put->($title);
        is($has->(1187), '0 0 0 0 0', "stays gone as \"$title\"");
    }

    $put->('evening of lanterns');
    $d->clock(3600);
    sleep 1.2;                          # a round of the daemon's clock, which must do nothing
    is($has->(1187), '0 0 0 0 0', 'an hour later');
    $d->clock(3700);
    ok($d->until_true(sub { $has->(1187) eq '1 1 1 1 1' }, 5), 'and comes back when its time is over')
        or diag($has->(1187));
    $d->stop;
    unlike($d->daemon_log, qr/error/, 'no error in the log');
}

# 2: an empty store and 40 live cards: shadow, adopt, a tenth, all;
# never fewer than 40 on the page

{
    my $policy = sub { "schema: 1\npolicy: first\nslots:\n  - {name: first, type: html, match: li.card,"
        . ' fields: {title: h3, room: "@id", account: "@data-a"}, item_id: room,'
        . " review: {mode: required, fields: [title], stable: assume, rollout: $_[0]}}\n$reasons" };
    my @rooms = map { [ 2000 + $_, "room number $_" ] } 1 .. 40;
    my $d = ModerationReview->new(policy => $policy->(100),
                                  files => { 'html/index.html' => page('card', @rooms) });
    my $least = 40;
    my $count = sub {
        my ($path) = @_;
        my $n = () = $d->get($path || '/index.html')->{body} =~ /<li/g;
        $least = $n if $n < $least;
        return $n;
    };

    is($count->('/index.html?mode=shadow'), 40, 'shadow: all are shown');
    is($d->waits(40), 40, 'and wait at the desk');
    my $q = $d->request(GET => '/moderation/v1/status', user => 'bob')->{json};
    is_deeply($q->{would_hold}{first}, { hold => 40, of => 40 }, 'status: would hold now 40');
    is($d->decide('alice', $d->card_of(2001), 'release')->{status}, 200, 'cards can be decided in shadow');
    my $r = $d->post('/moderation/v1/adopt', { slot => 'first', seen => '24h', dry_run => JSON::PP::true }, user => 'bob');
    is($r->{json}{adopted}, 39, 'a dry run says how many would be adopted');
    is($d->waits(39), 39, 'and changes nothing');
    $r = $d->signed('/moderation/v1/adopt', { slot => 'first', seen => '24h' });
    is($r->{json}{adopted}, 39, 'adopted by two people');
    is($d->waits(0), 0, 'nothing waits');

    $d->write('policy.yaml', $policy->(10));
    for (1 .. 20) { $count->() }
    ok($d->until_true(sub { $count->(); ($d->policy('policy.yaml')->{workers}[0]{generation} || 0) > 1 }, 10),
       'a tenth of the items');
    for (1 .. 20) { $count->() }
    $d->write('policy.yaml', $policy->(100));
    ok($d->until_true(sub { $count->(); ($d->policy('policy.yaml')->{workers}[0]{generation} || 0) > 2 }, 10),
       'all of them');
    for (1 .. 20) { $count->() }
    is($least, 40, 'the page never had fewer than 40');

    $d->write('html/index.html', page('card', @rooms, [ 2050, 'a new one' ]));
    is($count->(), 40, 'what is new is held');
    is($d->release('alice', 2050)->{status}, 200, 'until somebody has looked');
    is($count->(), 41, 'and is shown then');
    $d->stop;
}

# 3: a wrong `required`: opened in a second, what was rejected or ordered
# stays out, it closes by itself; also with the daemon dead

{
    my @rooms = map { [ 3000 + $_, "room number $_" ] } 1 .. 6;
    my $d = ModerationReview->new(policy => <<"Y" . $reasons, files => { 'html/index.html' => page('card', @rooms) });
schema: 1
policy: switch
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "\@id", account: "\@data-a"}, item_id: room, review: {mode: required, fields: [title], stable: assume}}
Y
    my $open = sub {
        my @args = @_;
        my $said = `$ModerationTest::build/moderationctl open first @args --socket $d->{dir}/scgi.sock --tables $d->{dir}/verdicts 2>&1`;
        return $? == 0 ? '' : "$?: $said";
    };

    is($d->shown('/index.html'), '', 'a wrong "required": the page is blank');
    is($d->waits(6), 6, 'six wait');
    is($d->decide('alice', 3001, 'reject')->{status}, 200, 'one is rejected');
    is($d->post('/moderation/v1/orders', { targets => [ { kind => 'item', value => '3002' } ], source => 'internal',
                reason => 'test', until => '2h' }, user => 'alice')->{status}, 201, 'one is ordered off');

    is($open->('--for 30m'), '', 'moderationctl open first --for 30m');
    my ($st) = @{ $d->status->{verdicts}{switches} };
    is("$st->{host}/$st->{slot}/$st->{mode}", '/first/open', 'the status names it');
    is($d->status->{verdicts}{orders}{item}, 1, 'and counts orders');
    like($d->get('/status?format=prometheus')->{body}, qr/^moderation_switch_seconds\{host="",slot="first",.*mode="open"\} 1[78]\d\d$/m,
         'Prometheus as well');
    like($d->get('/status?format=html', 'Accept-Language' => 'en')->{body},
         qr{<h2>Switches</h2>.*<td>first</td><td>\*</td><td class=bad>open}s, 'and the page');
    is($d->sees('/index.html', '3003 3004 3005 3006', 1), '3003 3004 3005 3006',
       'open within a second, without a reload; rejected and ordered ones stay out');
    my $s = $d->request(GET => '/moderation/v1/orders', user => 'bob')->{json}{switches}[0];
    is($s->{mode}, 'open', 'the desk knows');
    cmp_ok(abs($s->{until} / 1000 - time - 1800), '<', 60, 'for half an hour');

    ok($d->until_true(sub {             # again, where the machine takes longer than they hold
        is($d->post('/moderation/v1/switch', { site => 'a', slot => 'first', mode => 'open', until => '3s', reason => 'test' },
                    user => 'bob')->{status}, 200, 'for three seconds');
        is($d->post('/moderation/v1/switch', { site => '', slot => 'first', mode => 'open', until => '3s', reason => 'test' },
                    user => 'bob')->{status}, 200, 'for all sites');
        return $d->shown('/index.html') eq '3003 3004 3005 3006' }), 'still open');
    is($d->sees('/index.html', '', 8), '', 'it closes by itself');

    is($d->post('/moderation/v1/switch', { site => '', slot => 'first', mode => 'enforce', until => '1h', reason => 'test' },
                user => 'bob')->{status}, 200, 'a switch to enforce');
    is($d->sees('/index.html?mode=shadow', '', 2), '', 'holds where the location only watches');
    is($d->post('/moderation/v1/switch', { site => '', slot => 'first', mode => 'shadow', until => '1h', reason => 'test' },
                user => 'bob')->{status}, 200, 'a switch to shadow');
    is($d->sees('/index.html', '3003 3004 3005 3006', 2), '3003 3004 3005 3006', 'shows all but rejected and ordered ones');
    is($d->post('/moderation/v1/switch', { site => '', slot => 'first', mode => 'enforce', until => '1s', reason => 'test' },
                user => 'bob')->{status}, 200, 'back');
    is($d->sees('/index.html', '', 4), '', 'closed');

    $d->stop_daemon('KILL');
    is($open->('--for 30m'), '', 'without the daemon');
    is($d->sees('/index.html', '3003 3004 3005 3006', 1), '3003 3004 3005 3006', 'open as well');
    $d->start_daemon;
    is($d->shown('/index.html'), '3003 3004 3005 3006', 'and stays so when the daemon comes back');
    $d->stop;
}

# 10: a cut card, its text longer than what is kept, is not released by a
# reviewer

{
    my $long = 'words ' x 2400;
    my $d = ModerationReview->new(policy => <<"Y" . $reasons, files => { 'html/index.html' => page('card', [ 4001, $long ], [ 4002, 'short' ]) });
schema: 1
policy: cut
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "\@id", account: "\@data-a"}, item_id: room, review: {mode: required, fields: [title], stable: assume}}
Y
    is($d->shown('/index.html'), '', 'held');
    is($d->waits(2), 2, 'both wait');
    my ($c) = grep { $_->{cut} } $d->queue;
    ok($c, 'the one behind 12 KiB is marked as cut');
    my $r = $d->release('alice', $c);
    is($r->{status}, 403, 'a reviewer does not release it');
    is($r->{json}{error}, 'cut', 'and is told why');
    is($d->shown('/index.html'), '', 'nothing is shown');
    is($d->decide('alice', $c, 'reject')->{status}, 200, 'but may reject it');
    my $review = $d->request(GET => "/moderation/v1/cards/$c->{id}", user => 'bob')->{json}{history}[0]{review};
    is($d->post("/moderation/v1/reviews/$review/undo", {}, user => 'alice')->{status}, 200, 'undone');
    is($d->post('/moderation/v1/cards/bulk', { ids => [ $c->{id} ], verdict => 'release' }, user => 'alice')->{json}{done}, 0,
       'nor by a bulk');
    is($d->shown('/index.html'), '', 'still nothing');
    is($d->release('bob', $c)->{status}, 200, 'a lead does');
    is($d->shown('/index.html'), '4001', 'and it is shown');
    $d->stop;
}

# a card that changes all the time: nobody releases what nobody can read

{
    my $d = ModerationReview->new(policy => <<"Y" . $reasons, files => { 'html/index.html' => '' });
schema: 1
policy: flaps
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "\@id", account: "\@data-a"}, item_id: room, review: {mode: required, fields: [title], stable: assume, flap: {max: 3, per: 30d}}}
Y
    for my $n (1 .. 6) {
        $d->write('html/index.html', page('card', [ 4501, "title number $n" ]));
        $d->shown('/index.html');
    }
    my $c;
    ok($d->until_true(sub { ($c) = $d->queue; $c && $c->{cut} }, 5), 'its fourth version is without texts');
    is($d->waits(1), 1, 'and it is one card');
    is($d->release('alice', $c)->{json}{error}, 'cut', 'which a reviewer does not release');
    like($d->request(GET => "/moderation/cards/$c->{id}", user => 'alice')->{body}, qr/It changes all the time/, 'and is told why');
    is($d->decide('alice', $c, 'reject')->{status}, 200, 'it can be rejected');
    $d->stop;
}

# a trusted account: shown at once, one in ten is looked at after that; rules
# and rejections act as for anybody

{
    my @rooms = map { [ 5000 + $_, "room number $_" ] } 1 .. 100;
    my $d = ModerationReview->new(policy => <<"Y" . $reasons, files => { 'html/index.html' => page('card', @rooms, [ 5200, 'alpha beta' ]) =~ s/data-a="u\d+"/data-a="u1"/gr });
schema: 1
policy: trusted
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "\@id", account: "\@data-a"}, item_id: room, account_id: account, review: {mode: required, fields: [title], stable: assume, flap: {max: 100, per: 1h}}}
Y
    my $count = sub { my $n = () = $d->get('/index.html')->{body} =~ /<li/g; $n };

    is($count->(), 0, 'not trusted yet: nothing');
    is($d->waits(101), 101, 'all wait');
    is($d->post('/moderation/v1/accounts/u1/state', { state => 'trusted', until => '181d', reason => 'long known' }, user => 'bob')->{status},
       400, 'not for more than 180 days');
    my $r = $d->signed('/moderation/v1/accounts/u1/state', { state => 'trusted', until => '30d', reason => 'long known' });
    is($r->{status}, 200, 'two people trust it') or diag($r->{body});
    ok($d->until_true(sub { $count->() == 100 }, 3), 'its cards are shown at once') or diag($count->());
    is(scalar(grep { $_ == 5200 } split ' ', $d->shown('/index.html')), 0, 'but not one that a rule holds');

    # cards that nobody has seen before

    $d->write('html/index.html', page('card', map { [ 6000 + $_, "another room $_" ] } 1 .. 200) =~ s/data-a="u\d+"/data-a="u1"/gr);
    is($count->(), 200, 'new ones are shown before anybody has looked');
    my @new;
    $d->until_true(sub { @new = grep { $_->{fields}{room} > 6000 } $d->queue; @new >= 3 }, 5);
    cmp_ok(scalar @new, '>=', 3, 'some of them come to a person');        # 20 of 200, each by itself
    cmp_ok(scalar @new, '<=', 50, 'one in ten, that is');
    is($count->(), 200, 'which changes nothing for readers');
    my $one = $new[0];
    is($d->decide('alice', $one, 'reject')->{status}, 200, 'one is rejected');
    is($count->(), 199, 'and gone');
    is(scalar(grep { $_ == $one->{fields}{room} } split ' ', $d->shown('/index.html')), 0, 'it is that one');
    is($d->release('alice', $new[1])->{status}, 200, 'another is released');
    is($count->(), 199, 'and stays');
    $d->stop;
}

# what is released for grown-ups is not released for minors

{
    my $file = "$ModerationTest::build/audience-$$.yaml";
    my $say = sub {
        open my $f, '>', $file or die $!;
        print $f "schema: 1\npolicy: a\nslots:\n", map {
            my ($name, $audience) = @$_;
            "  - {name: $name, type: html, match: li.$name, fields: {title: b, id: '\@id'}, item_id: id, review: "
            . "{mode: required, fields: [title], stable: assume, scope: [all, young], audience: $audience}}\n" } @_;
        close $f;
        return scalar `$ModerationTest::build/moderationctl check $file 2>&1`;
    };
    like($say->([ all => 'all' ], [ young => 'minors' ]), qr/"young" has another audience/, 'one scope has one audience');
    unlike($say->([ all => 'all' ], [ young => 'all' ]), qr/audience/, 'the same is none to speak of');
    unlink $file;
}

done_testing;
