# replay: what another policy would have said of the record, by rule, with what
# people had said.

use strict;
use warnings;
use utf8;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use Test::More;

my $policy = <<'POLICY';
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b, nickname: i}}]
reasons: [{id: shock, key: 1, title: {zh: 标题夸张, en: Sensational}}]
rules:
POLICY
my $rule = sub { my ($id, $terms, %o) = @_;
    "  - {id: $id, rev: 1, label: clickbait, action: hold, mode: enforce, status: stable, risk_level: high, basis: x, owner: y, match: {in: [title, nickname], terms: [$terms]}}\n" };
my $d = ModerationDesk->new(roles => "users: {alice: [reviewer], bob: [lead]}\n", policy => $policy . $rule->('r.old', 'alpha, beta'));

sub with_rule { my ($card, $id) = @_; $card->{rules} = [ { id => $id, rev => 1, label => 'clickbait', action => 'block', mode => 'enforce' } ]; $card->{action} = 'block'; $card }

# fourteen cards: ten alpha that people rejected, two beta that they released,
# and two samples that passed, one of which nobody has looked at

my @cards = ((map { $d->card("alpha $_", rule => 'r.old') } 1 .. 10), (map { $d->card("beta $_", rule => 'r.old') } 1, 2));
$d->cards(@cards);
my %id = map { $_->{fields}{title} => $_->{id} } @{ $d->request(GET => '/moderation/v1/queue?limit=100', user => 'alice')->{json}{cards} };
is(scalar keys %id, 12, 'twelve cards');
$d->post("/moderation/v1/cards/$id{$_}/decide", /alpha/ ? { version => 1, verdict => 'reject', reason => 'shock' }
         : { version => 1, verdict => 'release' }, user => 'alice') for sort keys %id;
$d->lines(map { $d->card("gamma $_", type => 'sample', action => 'none') } 1, 2);
$d->lines(with_rule($d->card("alpha 1", rule => 'r.old', day => 'again'), 'r.old'));       # the same card again
my $count = sub { scalar @{ $d->request(GET => '/moderation/v1/decisions?limit=100', user => 'bob')->{json}{decisions} } };
ok($d->until_true(sub { $count->() == 15 }, 10), 'and two samples, one card twice');

my $ctl = "$ModerationTest::build/moderationctl";
sub replay {
    my ($rules, @o) = @_;
    open my $f, '>:utf8', "$d->{dir}/new.yaml" or die $!;
    print $f $policy . $rules;
    close $f;
    my $out = `$ctl replay -c $d->{dir}/moderationd.yaml --policy $d->{dir}/new.yaml --format json @o 2>$d->{dir}/err`;
    return ($? >> 8, $? ? $out : JSON::PP->new->utf8->decode($out));
}

my ($rc, $j) = replay($rule->('r.old', 'alpha') . $rule->('r.new', 'gamma, "alpha 3"'));
is($rc, 0, 'replay') or diag(`cat $d->{dir}/err`);
is($j->{cards}, 14, 'each card once');
is($j->{now_acted_on}, 2, 'gamma would be acted on');
is($j->{now_passed}, 2, 'beta would not');
is_deeply($j->{now_passed_right}, { k => 2, n => 2 }, 'as people had said');
my %r = map { $_->{rule} => $_ } @{ $j->{rules} };
is_deeply([ @{ $r{'r.old'} }{qw(hits new gone gone_wrong)} ], [ 10, 0, 2, 2 ], 'the old rule');
is($r{'r.old'}{precision}{share}, 1, 'with its precision: ten of ten');
is_deeply([ @{ $r{'r.new'} }{qw(hits new gone)} ], [ 3, 3, 0 ], 'the new one');
is_deeply($r{'r.new'}{precision}, { k => 1, n => 1 }, 'no share of one');

($rc, $j) = replay($rule->('r.old', 'alpha, beta'));
is($j->{now_passed} + $j->{now_acted_on}, 0, 'the same policy says the same');
($rc, $j) = replay($rule->('r.old', 'nick'));
is($j->{now_acted_on}, 2, 'other fields are read, too');
is((replay("  - {id: broken}\n"))[0], 2, 'a policy that cannot be used');
($rc, $j) = replay($rule->('r.old', 'alpha'), '--to', '2020-01-01');
is($j->{cards}, 0, 'by days');
is((replay($rule->('r.old', 'alpha'), '--from', 'never'))[0], 2, 'which are days');
my $text = `$ctl replay -c $d->{dir}/moderationd.yaml --policy $d->{dir}/policy.yaml`;
like($text, qr/^14 cards.*r\.old\s+12\s+0\s+0\s+0\s+83\.3 % \(/s, 'for people');

like($text, qr/^  looked at by what is kept: 0 of slots that it reads otherwise than the live one, 0 with texts that were cut, 0 without the account that a rule asks for$/m,
     'and how much of it can be relied on');

# slots that are read otherwise than by the live policy: by the texts of then

for my $try ([ 'match: li', 'match: dt', 14 ], [ 'title: b', 'title: h3', 14 ], [ 'nickname: i}', 'nickname: i}, review: never', 0 ],
             [ 'nickname: i}', 'nickname: "i | u"}', 14 ]) {
    my $was = $policy;
    $policy =~ s/\Q$try->[0]/$try->[1]/;
    ($rc, $j) = replay($rule->('r.old', 'alpha, beta'));
    is("$rc $j->{cards} $j->{read_otherwise} $j->{now_passed}", "0 14 $try->[2] 0", "$try->[1]: counted");
    $policy = $was;
}

$d->lines({ %{ $d->card('alpha cut', rule => 'r.old', cut => 1) } });
ok($d->until_true(sub { $count->() == 16 }, 10), 'a card whose texts were cut');
($rc, $j) = replay($rule->('r.old', 'alpha, beta'));
is($j->{cut_texts}, 1, 'is counted');

# cards of slots that it does not have, and whose texts are gone

$policy =~ s/name: first/name: other/;
($rc, $j) = replay($rule->('r.old', 'alpha'));
is($j->{other_slots}, 15, 'slots that the policy does not have');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');

# rules for some accounts: by the state and credit of then

my $slots = <<'POLICY';
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b, nickname: i, uid: u, area: em}, account_id: uid, place: area}]
places: {粤: CN-GD}
reasons: [{id: shock, key: 1, title: {zh: 标题夸张, en: Sensational}}]
rules:
POLICY
my $page = "pages: [{name: home, match: {host: www.example.cn, path: /}, require: [{id: page.entry, selector: 'a.report'}]}]\n";
$slots =~ s/^reasons:/$page$&/m;
my $of = sub { my ($id, $match, $rest) = @_;
    "  - {id: $id, rev: 1, label: clickbait, action: hold, mode: enforce, status: stable, match: {$match}" . ($rest // '') . "}\n" };
$policy = $slots;
$d = ModerationDesk->new(roles => "users: {alice: [reviewer], bob: [lead], lena: [lead]}\n",
                         policy => $slots . $of->('r.old', 'in: [title], terms: [alpha]', ', strikes: {points: 2, half_life: 10d}'));
my ($one, $two, $three) = map { $_ x 32 } qw(a b c);
my $now = int(time * 1000);
my $at = sub { my ($title, $days, %o) = @_; return { %{ $d->card($title, account => $one, %o) }, time => $now + $days * 86400000 } };

$d->cards({ %{ $d->card('alpha first', rule => 'r.old', account => $one) }, time => $now - 3600000 });
my ($first) = @{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} };
is($d->post("/moderation/v1/cards/$first->{id}/decide", { version => 1, verdict => 'reject', reason => 'r.old' }, user => 'alice')->{status}, 200, 'a strike of two points');
is($d->post("/moderation/v1/accounts/$two/state", { state => 'suspended', until => '2d', reason => 'x' }, user => 'bob')->{status}, 200, 'another is suspended for two days');
$d->lines(
    $at->('beta before', -1),                           # nothing yet
    $at->('beta after', 0.5),                           # watched, 20 * 2^-0.05: 81
    $at->('beta later', 10),                            # 90
    $at->('beta two', 1, account => $two),              # suspended
    $at->('beta over', 3, account => $two),             # not any more
    $at->('beta three', 1, account => $three),          # nobody has heard of it
    $at->('beta nobody', 1, account => ''));
ok($d->until_true(sub { $count->() == 8 }, 20), 'eight cards') or diag $d->daemon_log;

my $hits = sub {
    my ($rc, $j) = replay(join '', @_);
    return $rc if $rc;
    return join ' ', (map { "$_->{rule}:$_->{hits}" } sort { $a->{rule} cmp $b->{rule} } grep { $_->{hits} } @{ $j->{rules} }), "without:$j->{without_account}";
};

is($hits->($of->('r.a', 'in: [title], terms: [beta], account: [watched]')), 'r.a:2 without:1', 'watched: after the strike, and only then');
is($hits->($of->('r.a', 'in: [title], terms: [beta], account: [suspended]')), 'r.a:1 without:1', 'suspended: until it ended');
is($hits->($of->('r.a', 'in: [title], terms: [beta], account: [none]')), 'r.a:3 without:1', 'none: before, after it ended, and whom nobody has heard of');
is($hits->($of->('r.a', 'in: [title], terms: [beta], credit: "< 85"')), 'r.a:1 without:1', 'the credit of then');
is($hits->($of->('r.a', 'in: [title], terms: [beta], credit: "<= 90"')), 'r.a:2 without:1', 'ten days later');
is($hits->($of->('r.a', 'in: [title], terms: [beta], credit: ">= 100"')), 'r.a:4 without:1', 'before the strike, of others');
is($hits->($of->('r.a', 'account: [suspended]')), 'r.a:1 without:1', 'the account alone');
is($hits->($of->('r.a', 'in: [title], terms: [beta]')), 'r.a:7 without:0', 'where no rule asks nobody is missed');

# places: of the account by its field, and those for which a rule acted

my $placed = sub { my ($title, $area, %o) = @_; my $c = $d->card($title, %o); $c->{private}{fields}{area} = $area if $area; $c };
$d->lines($placed->('delta one', '粤'), $placed->('delta two', '沪'), $placed->('delta three', ''),
          { %{ $placed->('delta four', '') }, place => 'CN-GD/Shenzhen' });
ok($d->until_true(sub { $count->() == 12 }, 20), 'four more');
is($hits->($of->('r.p', 'in: [title], terms: [delta]', ', jurisdiction: [CN-GD]')), 'r.p:2 without:0', 'a jurisdiction: where a place is known');
is($hits->($of->('r.p', 'in: [title], terms: [delta]', ', jurisdiction: {of: account, in: [CN-GD]}')), 'r.p:1 without:0', 'of the account: its field');

# where readers and the site were is not kept: what a rule hits there is counted, apart

my $there = sub {
    my ($rc, $j) = replay($of->('r.p', 'in: [title], terms: [delta]', $_[0]));
    my ($r) = grep { $_->{rule} eq 'r.p' } @{ $j->{rules} };
    return "$r->{hits} here, $r->{elsewhere} elsewhere, $j->{elsewhere} cards";
};
is($there->(', jurisdiction: {of: reader, in: [CN-GD]}'), '1 here, 3 elsewhere, 3 cards', 'of readers: where it acted then, and where nobody knows');
is($there->(', jurisdiction: {of: site, in: [CN-GD]}'), '1 here, 3 elsewhere, 3 cards', 'of the site');
is($there->(', jurisdiction: [CN-GD]'), '2 here, 1 elsewhere, 1 cards', 'of the account, else of readers: the one without a place');
is($there->(', jurisdiction: {of: account, in: [CN-GD]}'), '1 here, 0 elsewhere, 0 cards', 'of the account: nothing is unknown');
is($there->(''), '4 here, 0 elsewhere, 0 cards', 'no jurisdiction: everywhere');
$text = `$ctl replay -c $d->{dir}/moderationd.yaml --policy $d->{dir}/new.yaml`;
like($text, qr/^for readers or sites of some places only, which are not kept: 0 cards/m, 'and is said');

# pages are not kept: nothing of `pages:` is tried, and what is not said is counted

my $found = sub { my ($page, $n) = @_; return { type => 'page', id => substr("$page$n" . 'x' x 20, 0, 20), mode => 'enforce', page => $page, host => 'www.example.cn',
                  finding => 'missing', require => 'page.entry', action => 'none', policy => 'desk@0', private => { path => '/' } } };
$d->lines($found->('home', 1), $found->('home', 2), $found->('old', 1));
ok($d->until_true(sub { $count->() == 15 }, 20), 'three findings');
my $pages = sub {
    my ($to) = @_;
    my $was = $policy;
    $policy =~ s/^pages:.*\n/$to/m;
    my ($rc, $j) = replay($of->('r.a', 'in: [title], terms: [beta]'));
    $policy = $was;
    return $j->{pages};
};
is_deeply($pages->($page), { findings => 3, alike => 2, otherwise => 0, gone => 1, new => 0 }, 'the same page');
is_deeply($pages->($page =~ s/a\.report/b.report/r), { findings => 3, alike => 0, otherwise => 2, gone => 1, new => 1 }, 'which asks otherwise');
is_deeply($pages->(''), { findings => 3, alike => 0, otherwise => 0, gone => 3, new => 0 }, 'no page');
is_deeply($pages->($page =~ s/name: home/name: other/r), { findings => 3, alike => 0, otherwise => 0, gone => 3, new => 1 }, 'another page');
is((replay($of->('r.a', 'in: [title], terms: [beta]'), '--to', '2020-01-01'))[1]{pages}{findings}, 0, 'by days');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
