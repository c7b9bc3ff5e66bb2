# An inspector of one case: sees it and what belongs to it, and nothing else.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(policy => <<'POLICY', roles => <<'YAML');
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b}}]
reasons: [{id: shock, key: 1, title: {en: Sensational}}]
rules:
  - {id: r.one, rev: 1, label: clickbait, match: {in: [title], terms: [alpha]}}
POLICY
users:
  alice: [reviewer]
  bob: [lead]
  aki: {roles: [inspector], case: 1, until: 2100-01-01}
  old: {roles: [inspector], case: 1, until: 2020-01-01}
YAML

my %hash;
for my $title ('alpha one', 'alpha two') {
    my $r = $d->request(POST => '/moderation/public/report', headers => { 'Content-Type' => 'application/json' },
                        body => JSON::PP->new->encode({ item => $title, reason => 'clickbait', text => "about $title" }));
    is($r->{status}, 201, "a report about $title") or diag $r->{body};
}
my @cases = sort { $a->{id} <=> $b->{id} } @{ $d->request(GET => '/moderation/v1/cases', user => 'bob')->{json}{cases} };
is(join(' ', map { $_->{id} } @cases), '1 2', 'two cases');
@hash{'alpha one', 'alpha two', 'alpha three'} = ((map { $_->{item} } @cases), 'f' x 32);

my (%id, @cards);
for my $title ('alpha one', 'alpha two', 'alpha three') {
    push @cards, { %{ $d->card($title, rule => 'r.one') }, item => $hash{$title} };
    $id{$title} = $cards[-1]{id};
}
$d->cards(@cards);

# a card of the room of the case that came later, and much that came after it

my $new = { %{ $d->card('alpha new', rule => 'r.one', type => 'sample') }, item => $hash{'alpha one'} };
$id{new} = $new->{id};
$d->lines($new, map { $d->card("beta $_", type => 'sample', action => 'none') } 1 .. 60);

my $get = sub { $d->request(GET => "/moderation/$_[0]", user => 'aki') };
ok($d->until_true(sub { @{ $get->('v1/decisions')->{json}{decisions} || [] } == 2 }, 20), 'decisions: of the room of the case, however many came after it')
    or diag $get->('v1/decisions')->{body};
is(join(' ', sort map { $_->{id} } @{ $get->('v1/decisions')->{json}{decisions} }), join(' ', sort @id{'alpha one', 'new'}), 'these two');
is(@{ $get->("v1/decisions?$_")->{json}{decisions} }, 0, "none by $_") for "item=$hash{'alpha three'}&slot=x", 'account=' . ('a' x 32) . '&slot=x', 'rule=r.none';
is($get->("v1/decisions/$id{'alpha one'}")->{status}, 200, 'its decision');
is($get->("v1/decisions/$id{'alpha one'}/statement")->{status}, 200, 'with the statement');
ok($d->until_true(sub { $get->("v1/decisions/$id{'alpha one'}/proof")->{status} == 200 }, 30), 'and the proof');
for my $path ('v1/decisions/%s', 'v1/decisions/%s/proof', 'v1/decisions/%s/statement', 'decisions/%s') {
    my $r = $get->(sprintf $path, $id{'alpha two'});
    is($r->{status}, 404, sprintf "$path: of another case", 'ID');
    unlike($r->{body}, qr/alpha two/, 'without a text');
}
is(join(' ', map { $_->{id} } @{ $get->('v1/cases')->{json}{cases} }), '1', 'the case');
is($get->('decisions')->{status}, 200, 'the screen of decisions');
like($get->("decisions/$id{'alpha one'}")->{body}, qr/alpha one.*v1\/decisions\/\w+\/proof/s, 'a decision as a screen, with its proof');
is($get->('')->{status}, 303, 'the first screen leads there');
unlike($get->('decisions')->{body}, qr/href="\/moderation\/(?:accounts|orders|rules|people|ledger|reports)"/, 'no way to other screens');
is(join(' ', @{ $get->('v1/session')->{json}{roles} }), 'inspector', 'the session');

my %export = (recipient => 'x', purpose => 'y', reference => 'z');
my $export = sub { $d->post('/moderation/v1/export', { %export, @_ }, user => 'aki') };
is($export->(decisions => [ $id{'alpha one'} ])->{status}, 200, 'evidence of it');
isnt($export->(decisions => [ $id{'alpha two'} ])->{status}, 200, 'not of another');
isnt($export->(item => $hash{'alpha two'})->{status}, 200, 'nor of its item');
is($export->(decisions => [ $id{'alpha one'} ], private => JSON::PP::true)->{status}, 403, 'no private halves');

# every call of the table but these

open my $f, '<', "$FindBin::Bin/../ngx_module/moderationd/route.c" or die $!;
my @routes = map { /^    \{ '(.)', "([^"]*)", ([^,]+),/ ? [ $1, $2, $3 ] : () } <$f>;
ok(@routes == 87, "the table of calls");
my %may = map { $_ => 1 } '', 'decisions', 'decisions/*', 'static/*', 'v1/session', 'v1/session/language', 'v1/decisions', 'v1/decisions/*',
    'v1/decisions/*/proof', 'v1/decisions/*/statement', 'v1/export', 'v1/cases';
for my $r (@routes) {
    my ($method, $path, $roles) = @$r;
    next if $roles =~ /PUBLIC/ || $may{$path};
    (my $p = $path) =~ s/\*/1/g;
    my $got = $method eq 'P' ? $d->post("/moderation/$p", {}, user => 'aki') : $get->($p);
    is($got->{status}, 403, "$method $path");
}
is($d->request(GET => '/moderation/v1/decisions', user => 'old')->{status}, 403, 'it ends by its date');

# roles.yaml

my $roles = sub {
    $d->write('r.yaml', "users: {x: $_[0]}\n");
    (my $conf = do { open my $f, '<', "$d->{dir}/moderationd.yaml" or die $!; local $/; <$f> }) =~ s/^roles:.*\n//mg;
    $d->write('c.yaml', "${conf}roles: r.yaml\n");
    return `$ModerationTest::build/moderationd -t -c $d->{dir}/c.yaml 2>&1`;
};
unlike($roles->('{roles: [inspector], case: 7, until: 2100-01-01}'), qr/error/, 'an inspector of a case');
like($roles->('{roles: [lead], case: 7}'), qr/r\.yaml:1:\d+: .*a case is for an inspector alone/, 'no lead of a case');
like($roles->('{roles: [inspector, viewer], case: 7, until: 2100-01-01}'), qr/a case is for an inspector alone/, 'nor with another role');
like($roles->('{roles: [inspector], case: 7}'), qr/an inspector ends by a date/, 'with an end');
like($roles->("{roles: [inspector], case: $_, until: 2100-01-01}"), qr/r\.yaml:1:\d+: .*the number of a case is wanted/, "case: $_") for 'x', 0, '-1', '[1]';

$d->stop;
unlike($d->daemon_log, qr/\berror\b|could not/, 'no error in the log') or diag $d->daemon_log;
done_testing();
