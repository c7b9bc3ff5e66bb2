# $moderation_account_state and $moderation_credit: what the desk has of the
# account that a request is about, early enough for map, limit_req and upstreams.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationReview;
use Test::More;

my $d = ModerationReview->new(policy => <<'Y',
schema: 1
policy: pages
slots: [{name: first, type: html, match: li.card, fields: {title: h3, room: "@id", account: "@data-a"}, item_id: room}]
rules:
  - {id: r.one, rev: 1, label: clickbait, action: hold, strikes: {points: 2}, match: {in: [title], terms: [alpha]}}
Y
    http => <<'H', server => <<'S');
    map $moderation_account_state $out { default 0; closed 1; suspended 1; }
    map $moderation_account_state $slow { default ''; limited $arg_a; }
    limit_req_zone $slow zone=slow:1m rate=1r/m;
H
    location /who { moderation off; moderation_account $arg_a;
                    add_header X-State "[$moderation_account_state]"; add_header X-Credit "[$moderation_credit]"; return 200; }
    location /nobody { moderation off; add_header X-State "[$moderation_account_state]"; return 200; }
    location /gate { moderation off; moderation_account $arg_a; if ($out) { return 403; } return 204; }
    location /slow/ { moderation off; moderation_account $arg_a; alias %%DIR%%/html/; limit_req zone=slow; limit_req_status 429; }
    location /told { moderation off; moderation_account $arg_a; proxy_set_header X-Credit $moderation_credit;
                     proxy_pass http://127.0.0.1:%%PORT%%/echo; }
    location /echo { moderation off; add_header X-Got "[$http_x_credit]"; return 200; }
S

sub said {
    my ($path) = @_;
    my $h = $d->get($path)->{headers};
    return join ' ', map { $h =~ /^X-$_: \[(.*?)\]\r?$/m ? $1 : () } qw(State Credit Got);
}

sub state_of {
    my ($account, $state, %o) = @_;
    my $r = $d->post("/moderation/v1/accounts/$account/state", { state => $state, reason => 'x', %o }, user => 'bob');
    return $r->{status} if $r->{status} != 202;
    return $d->post("/moderation/v1/pending/$r->{json}{pending}/approve", {}, user => 'lena')->{status};
}

$d->write('html/index.html', '<ul><li class="card" id="7" data-a="u7"><h3>alpha</h3></li></ul>');
is(said('/nobody'), '', 'no account is named');
is(said('/who'), ' ', 'an empty one');
is(said('/who?a=u1'), 'none 100', 'one that nobody has heard of');
is(state_of('u1', 'limited'), 200, 'limited by a lead');
is($d->until_true(sub { said('/who?a=u1') =~ /limited/ && said('/who?a=u1') }), 'limited 100', 'and said at once');
is(said('/who?a=u2'), 'none 100', 'of no other');
is(state_of('u2', 'suspended', until => '1h'), 200, 'suspended');
is(state_of('u3', 'closed'), 200, 'closed by two');
ok($d->until_true(sub { said('/who?a=u3') eq 'closed 100' }), 'said');
is_deeply([ map { $d->get("/gate?a=$_")->{status} } qw(u1 u2 u3 u4) ], [ 204, 403, 403, 204 ], 'map, before anything is sent');
is_deeply([ map { $d->get("/slow/index.html?a=$_")->{status} } qw(u1 u1 u4 u4) ], [ 200, 429, 200, 200 ], 'limit_req: of limited ones alone');

# a strike: the credit of now, for an upstream too

$d->get('/index.html');
my $c = $d->card_of('7') or diag $d->daemon_log;
is($d->decide('alice', $c, 'reject', reason => 'r.one')->{status}, 200, 'a card is rejected');
ok($d->until_true(sub { said('/who?a=u7') eq 'watched 80' }), 'two points: a credit of 80') or diag said('/who?a=u7');
is(said('/told?a=u7'), '80', 'an upstream is told');

# what ends, ends

$d->clock(3700);
ok($d->until_true(sub { said('/who?a=u2') eq 'none 100' }), 'an hour later nobody is suspended') or diag said('/who?a=u2');

# and credit comes back: two points, 45 of 90 days later

$d->clock(45 * 86400);
ok($d->until_true(sub { said('/who?a=u7') eq 'watched 86' }, 20), 'workers have the credit of now') or diag said('/who?a=u7');

$d->stop;

# rules for some accounts only: the same bytes, another answer as soon as the table says another thing

my $policy = <<'Y';
schema: 1
policy: pages
slots: [{name: first, type: html, match: li.card, fields: {title: h3, room: "@id", account: "@data-a"}, item_id: room}]
rules:
  - {id: r.state, label: clickbait, action: block, match: {in: [title], terms: [alpha], account: [watched, limited]}}
  - {id: r.credit, label: clickbait, action: block, match: {in: [title], terms: [beta], credit: "< 85"}}
  - {id: r.none, label: clickbait, action: block, match: {in: [title], terms: [delta], account: [none], credit: ">= 100"}}
  - {id: r.all, label: clickbait, action: hold, strikes: {points: 2}, match: {in: [title], terms: [gamma]}}
Y
my $page = join '', '<ul>', (map { my ($id, $a, $t) = split / /; qq(<li class="card" id="$id" data-a="$a"><h3>$t</h3></li>) }
    '1 u1 alpha', '2 u2 alpha', '3 u7 beta', '4 u7 gamma', '5 u1 delta', '6 u1 clean'), '</ul>';
$d = ModerationReview->new(policy => $policy);
$d->write('html/index.html', $page);
is($d->sees('/index.html', '1 2 3 6'), '1 2 3 6', 'of accounts that nobody has heard of: state none, credit 100');
is(state_of('u1', 'limited'), 200, 'one is limited');
is($d->sees('/index.html', '2 3 5 6'), '2 3 5 6', 'the rule for its state takes its card, and only its; the one for state none does not');
is($d->shown('/index.html'), '2 3 5 6', 'and again');
is(state_of('u1', 'none'), 200, 'it is lifted');
is($d->sees('/index.html', '1 2 3 6'), '1 2 3 6', 'the card is back');
$c = $d->card_of('4') or diag $d->daemon_log;
is($d->decide('alice', $c, 'reject', reason => 'r.all')->{status}, 200, 'a strike of two points: a credit of 80');
is($d->sees('/index.html', '1 2 6'), '1 2 6', 'credit "< 85" takes its other card');
$d->clock(45 * 86400);
is($d->sees('/index.html', '1 2 3 6', 20), '1 2 3 6', '45 days later its credit is 86, and the card back');

# the same out of a file

$d->write('p.yaml', $policy);
my $build = $ENV{MODERATION_BUILD} || 'build';
my $scan = sub { join ' ', `$build/moderationctl scan --policy $d->{dir}/p.yaml --format json @_ $d->{dir}/html/index.html 2>&1` =~ /"rule":"(r\.\w+)"/g };
is($scan->(), 'r.all', 'scan: where nothing is known of an account no rule for some accounts acts');
is($scan->('--account-state limited'), 'r.state r.state r.all', 'scan --account-state');
is($scan->('--credit 84'), 'r.credit r.all', 'scan --credit: the state is none');
is($scan->('--credit 85'), 'r.all', 'of one more');
is($scan->('--account-state none'), 'r.all r.none', 'a credit of 100 where a state is given');
like(`$build/moderationctl scan --policy $d->{dir}/p.yaml --credit 101 $d->{dir}/html/index.html 2>&1`, qr/bad credit "101": 0 to 100/, 'no credit');
like(`$build/moderationctl scan --policy $d->{dir}/p.yaml --account-state gone $d->{dir}/html/index.html 2>&1`, qr/unknown state of an account "gone"/, 'no state');
is(system("$build/moderationctl compile $d->{dir}/p.yaml -o $d->{dir}/p.bin >$d->{dir}/out 2>&1"), 0, 'an image');
like(`$build/moderationctl scan --policy $d->{dir}/p.bin --account-state limited --format json $d->{dir}/html/index.html`, qr/"r\.state"/, 'of which it is true too');
like(`$build/moderationctl explain r.state $d->{dir}/p.yaml --lang en`, qr/^Only items of accounts that are: watched, limited\.$/m, 'explain: states');
like(`$build/moderationctl explain r.credit $d->{dir}/p.yaml --lang en`, qr/^Only items of accounts with a credit < 85\.$/m, 'explain: credit');
like(`$build/moderationctl explain r.state $d->{dir}/p.yaml --lang zh`, qr/^只对这些状态的账号的条目：关注、限制。$/m, 'in Chinese');
like(`$build/moderationctl explain r.credit $d->{dir}/p.yaml --lang zh`, qr/^只对信用分 < 85 的账号的条目。$/m, 'credit');

sub mistake {
    my ($match, $fields) = @_;
    $fields ||= 'title: h3, account: "@data-a"';
    $d->write('m.yaml', "schema: 1\npolicy: p\nslots: [{name: s, type: html, match: li, fields: {$fields}}]\nrules:\n"
        . "  - {id: r, label: x, match: {in: [title], $match}}\n");
    return `$build/moderationctl check $d->{dir}/m.yaml 2>&1`;
}

like(mistake('terms: [a], credit: "40"'), qr/m\.yaml:5:64: .*credit "40": as "< 40" expected: <, <=, > or >= and 0 to 100/, 'no comparison');
like(mistake("terms: [a], credit: '$_'"), qr/credit "\Q$_\E": as "< 40" expected/, "no credit: $_") for '', '< 101', '= 4', '< x', '<', '< -1', '< 4 0';
like(mistake('terms: [a], account: [gone]'), qr/m\.yaml:5:66: .*account.*"gone"/, 'no state');
like(mistake('terms: [a], account: []'), qr/account: the list is empty/, 'none');
like(mistake('terms: [a], account: [closed]', 'title: h3'), qr/m\.yaml:5:56: .*"account": no slot of this rule has an account_id/, 'nobody to ask about');
$d->stop;

# below `watched` the state is none, and the credit what it is

my $low = $policy =~ s/^slots:/accounts: {states: {watched: 8}}\nslots:/mr;
$low =~ s/account: \[none\], credit: ">= 100"/account: [none], credit: "< 100"/ or die;
$d = ModerationReview->new(policy => $low, server => <<'S');
    location /who { moderation off; moderation_account $arg_a;
                    add_header X-State "[$moderation_account_state]"; add_header X-Credit "[$moderation_credit]"; return 200; }
S
$d->write('html/index.html', $page =~ s/5 u1 delta/5 u7 delta/r =~ s/id="5" data-a="u1"/id="5" data-a="u7"/r);
is($d->sees('/index.html', '1 2 3 5 6'), '1 2 3 5 6', 'nobody has a strike: no credit below 100');
$c = $d->card_of('4') or diag $d->daemon_log;
is($d->decide('alice', $c, 'reject', reason => 'r.all')->{status}, 200, 'a strike of two points');
is($d->sees('/index.html', '1 2 6'), '1 2 6', 'rules see a credit of 80 in state none');
is(said('/who?a=u7'), 'none 80', 'so does nginx');
is(state_of('u7', 'suspended', until => '1h'), 200, 'suspended for an hour');
ok($d->until_true(sub { said('/who?a=u7') eq 'suspended 80' }), 'suspended');
$d->clock(3700);
ok($d->until_true(sub { said('/who?a=u7') eq 'none 80' }), 'an hour later it is none again, and the credit the same') or diag said('/who?a=u7');
$d->clock(200 * 86400);
ok($d->until_true(sub { said('/who?a=u7') eq 'none 96' }, 20), 'it comes back') or diag said('/who?a=u7');
$d->clock(600 * 86400);
ok($d->until_true(sub { said('/who?a=u7') eq 'none 100' }, 20), 'up to 100') or diag said('/who?a=u7');
$d->stop;

# the account alone: the item as a whole, also where its bytes are known and clean

$policy = <<'Y';
schema: 1
policy: pages
slots:
  - {name: first, type: html, match: li.card, fields: {title: h3, room: "@id", account: "@data-a"}, item_id: room}
  - {name: feed, type: json, match: "$.list[*]", fields: {title: $.t, id: $.id, uid: $.u}, account_id: uid, item_id: id}
  - {name: other, type: html, match: dd, fields: {title: b}}
rules:
  - {id: a.state, label: spam_contact, action: block, match: {account: [limited]}}
  - {id: a.credit, label: spam_contact, action: hold, strikes: {points: 2}, match: {credit: "< 85", account: [watched]}}
  - {id: r.text, label: clickbait, action: hold, strikes: {points: 2}, match: {in: [title], terms: [gamma]}}
Y
$page =~ s/<ul>/<dl><dd id="9"><b>of nobody<\/b><\/dd><\/dl><ul>/;
my $feed = '{"list":[' . join(',', map { my ($id, $a, $t) = split / /; qq({"id":$id,"u":"$a","t":"$t"}) } '1 u1 alpha', '2 u2 alpha', '3 u7 beta', '4 u1 last') . ']}';
$d = ModerationReview->new(policy => $policy, http => 'types { text/html html; application/json json; }');
$d->write('html/index.html', $page);
$d->write('html/feed.json', $feed);
$d->write('p.yaml', $policy);

for my $form (qw(p.yaml p.bin)) {
    system("$build/moderationctl compile $d->{dir}/p.yaml -o $d->{dir}/p.bin >$d->{dir}/out 2>&1");
    my $of = sub { join ' ', `$build/moderationctl scan --policy $d->{dir}/$form --format json @_ 2>&1` =~ /"rule":"([ar]\.\w+)"/g };
    is($of->("$d->{dir}/html/index.html"), 'r.text', "$form: nothing is known");
    is($of->("--account-state watched --credit 84 $d->{dir}/html/index.html"), 'a.credit a.credit a.credit r.text a.credit a.credit a.credit', 'beside a hit of a text');
    is($of->("--account-state limited $d->{dir}/html/feed.json"), 'a.state a.state a.state a.state', 'JSON');
    my $left = `$build/moderationctl scan --policy $d->{dir}/$form --apply --account-state limited $d->{dir}/html/feed.json`;
    is($left, '{"list":[]}', 'and they go');
    like(`$build/moderationctl scan --policy $d->{dir}/$form --apply --account-state limited $d->{dir}/html/index.html`, qr/^<dl><dd id="9">.*<ul><\/ul>$/, 'of slots that say whose an item is');
}

like(`$build/moderationctl explain a.state $d->{dir}/p.yaml --lang en`, qr/^It looks at no text: the account alone is a hit\.\nOnly items of accounts that are: limited\.$/m, 'explain');
like(`$build/moderationctl explain a.state $d->{dir}/p.yaml --lang zh`, qr/^不看文字：只按账号命中。$/m, 'in Chinese');
unlike(`$build/moderationctl check $d->{dir}/p.yaml 2>&1`, qr/: error|[1-9] error/, 'check has nothing against it');

for ('/index.html', '/feed.json') {
    my $all = /html/ ? '9 1 2 3' : '1 2 3 4';
    my $rest = /html/ ? '9 2 3' : '2 3';
    $all .= ' 5 6' if /html/;
    is($d->sees($_, $all), $all, "$_: of accounts that nobody has heard of") for $_, $_, $_;
    is(state_of('u1', 'limited'), 200, 'one is limited');
    is($d->sees($_, $rest), $rest, 'its known, clean items go') for $_;
    is($d->shown($_), $rest, 'and again') for $_;
    is(state_of('u1', 'none'), 200, 'lifted');
    is($d->sees($_, $all), $all, 'they are back') for $_;
}

$c = $d->card_of('4') or diag $d->daemon_log;
is($d->decide('alice', $c, 'reject', reason => 'r.text')->{status}, 200, 'a strike of two points');
is($d->sees('/feed.json', '1 2 4'), '1 2 4', 'watched, and a credit of 80: its item is held');
like(mistake('').'', qr/error/, 'in and nothing else');
$d->write('m.yaml', "schema: 1\npolicy: p\nslots: [{name: s, type: html, match: li, fields: {title: h3, account: i}}]\nrules:\n"
    . "  - {id: r, label: x, action: mask, match: {account: [closed]}}\n");
like(`$build/moderationctl check $d->{dir}/m.yaml 2>&1`, qr/m\.yaml:5:\d+: an account alone hits the item as a whole: there is nothing to mask/, 'no text to mask');
$d->stop;

# mistakes of the configuration

sub refused {
    my ($http, $server) = @_;
    my $s = ModerationServer->new(no_start => 1, http => $http, server => $server, files => { 'id.key' => 'moderation-id-key-1 ' . 'a' x 64 . "\n" });
    my ($rc, $out) = $s->run_nginx;
    return $out;
}

like(refused('', 'moderation_account $arg_a;'), qr/"moderation_account" needs a "moderation_verdicts"/, 'no table');
my $tables = 'moderation_zone zone=m:16m; moderation_id_key %%DIR%%/id.key; moderation_verdicts %%DIR%%/v;';
like(refused($tables, 'moderation_account u1;'), qr/invalid value "u1", it must have a variable/, 'no variable');
like(refused($tables, 'moderation_account $arg_a; moderation_account $arg_b;'), qr/"moderation_account" directive is duplicate/, 'twice');

done_testing();
