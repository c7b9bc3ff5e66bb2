# Erasure of an account: a thousand strings are planted wherever something of it
# can stand; afterwards none is in the store, the spool, the ledger, exports,
# reports or screens, and every proof verifies as before.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use Digest::SHA qw(hmac_sha256_hex sha256_hex);
use File::Find ();
use JSON::PP ();
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(files => { 'hook.key' => 'a secret of sixteen characters' }, conf => <<'CONF', roles => <<'YAML', policy => <<'POLICY');
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
origins: ["https://desk.example"]
checkpoint: 1s
spool_keep: 0s
webhooks:
  - {url: "http://127.0.0.1:9/gone", secret: hook.key, types: [notice, review, account, report, appeal]}
CONF
users: {alice: [reviewer], r1: [reviewer], bob: [lead, auditor], lena: [lead], adam: [admin], eve: [viewer]}
YAML
schema: 1
policy: desk
slots: [{name: first, type: html, match: li, fields: {title: b, nickname: i}}]
reasons: [{id: shock, key: 1, label: clickbait, title: {en: Sensational}, points: 1}]
rules:
  - {id: r.one, rev: 1, label: clickbait, title: {en: Rule one}, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
POLICY

my ($n, %where) = (0);
sub plant { my ($of) = @_; my $s = sprintf 'zq%04dx', ++$n; $where{$s} = $of; return $s }

# as workers hash them
my $part = sub { pack('Q<', length $_[0]) . $_[0] };
my ($key) = do { open my $f, '<', "$d->{dir}/id.key" or die $!; <$f> =~ /([0-9a-f]{64})/ };
sub hashed { my ($kind, $id) = @_; return substr hmac_sha256_hex($part->($kind) . $part->($id), pack 'H*', $key), 0, 32 }

my $ok = sub { my ($what, $r, @status) = @_; $r->{status} =~ /^(?:200|201|202|303)$/ or diag "$what: $r->{status} $r->{body}" };
my $public = sub { my ($path, $args) = @_;
    my $r = $d->request(POST => "/moderation/public/$path", headers => { 'Content-Type' => 'application/json' },
                        body => $ModerationDesk::json->encode($args));
    $ok->("public $path", $r);
    return $r };
my $get = sub { $d->request(GET => "/moderation/$_[0]", user => $_[1] || 'bob') };
my $post = sub { my ($path, $args, $user) = @_; my $r = $d->post("/moderation/v1/$path", $args, user => $user || 'bob'); $ok->($path, $r); return $r };

my $id = plant('account id');
my $account = hashed('account', $id);
my $other = 'another account';
my @cards;

for my $k (1 .. 90) {
    my $item = plant('item id');
    my $c = $d->card('alpha ' . plant('title'), rule => 'r.one', account => $account, nickname => plant('nickname'),
                     item => $item, source => '<b>' . plant('source') . '</b>',
                     hits => [ { rule => 'r.one', field => 'title', start => 0, end => 5, text => plant('hit') } ]);
    $c->{item} = hashed('item', $item);
    $c->{private}{account} = $id;
    $c->{private}{path} = '/' . plant('path');
    push @cards, { id => $item, line => $c };
}

my $kept = $d->card('alpha of another', rule => 'r.one', account => hashed('account', $other));
ok($d->cards((map { $_->{line} } @cards[0 .. 49]), $kept), 'cards');
ok($d->cards(map { $_->{line} } @cards[50 .. 89]), 'more of them');

my %card;
for (my $after = ''; ;) {
    my $q = $get->("v1/queue?limit=100&after=$after")->{json};
    $card{$_->{item}} = $_ for @{ $q->{cards} };
    $after = $q->{next} or last;
}
is(scalar keys %card, 91, 'all in the queue');

# fifty rejections an hour are one person's
my $i = 0;

for my $c (@cards) {
    my $q = $card{$c->{line}{item}};
    my $u = $i++ % 2 ? 'alice' : 'r1';
    $c->{decision} = $q->{decision};
    $post->('calibration', { card => $q->{id}, verdict => 'reject', reason => 'shock', note => plant('note of a calibration') }, 'lena')
        if $i % 20 == 0;
    $post->("cards/$q->{id}/decide", { version => 1, verdict => 'reject', reason => 'shock', note => plant('note') }, $u);
}

my $left = grep { $get->("v1/cards/$card{$_->{line}{item}}{id}")->{json}{state} eq 'waiting' } @cards;
is($left, 0, 'each is rejected');

for my $k (0 .. 59) {
    my $c = $cards[$k];
    $public->('report', { item => $c->{id}, reason => 'shock', text => plant('text of a report'), page => '/p/' . plant('page of a report'),
                          reporter => plant('reporter') . '@example.org' });
}
$post->('reports/import', { team => 'north', reports => [ map { { item => $_->{id}, reason => 'shock', text => plant('text of a team'),
                            reporter => plant('reporter of a team') } } @cards[60 .. 89] ] }, 'alice');
for my $c (@cards[0 .. 59]) {
    my $code = $get->("v1/decisions/$c->{decision}/code")->{json}{code};
    $public->('appeal', { code => $code, text => plant('text of an appeal') });
}
for my $case (@{ $get->('v1/cases')->{json}{cases} }) {
    my ($by) = map { $_->{by} } grep { $_ } $get->("v1/decisions/$case->{decision}")->{json}{reviews}[0];
    $d->post("/moderation/v1/cases/$case->{id}/outcome", { outcome => 'wrong', reply => plant('reply') }, user => $_)->{status} == 200
        and last for 'lena', 'bob';
}
$post->("accounts/$account/state", { state => 'limited', reason => plant('why limited') });
my $pending = $post->("accounts/$account/state", { state => 'closed', reason => plant('why closed') })->{json}{pending};
$post->("pending/$pending/approve", {}, 'lena');
$post->('orders', { kind => 'account', value => $id, source => 'court', reference => plant('reference'), reason => plant('why ordered'), until => '1h' }, 'alice');
my ($strike) = map { $_->{id} } @{ $get->("v1/accounts/$account")->{json}{strikes} };
$post->("strikes/$strike/void", { reason => plant('why void') });
$post->("import", { csv => "kind,id,verdict,source,date,reason\r\naccount,$id,watched," . plant('source of a list') . ",2026-01-01,x\r\n" });
cmp_ok($n, '>=', 1000, "$n strings are planted");

# all that stands on disks and screens, and may have it

sub files {
    my %found;
    File::Find::find({ no_chdir => 1, wanted => sub {
        return unless -f && !/nginx|logs|access|error\.log/;       # nginx's own have what was asked for
        open my $f, '<:raw', $_ or return;
        local $/;
        my $b = <$f> // '';
        $found{$_}{$1} = 1 while $b =~ /(zq\d{4}x)/g;
    } }, "$d->{dir}");
    return \%found;
}

sub answers {
    my %found;
    my @paths = ('', (map { $_ } qw(queue cards cases decisions teams reports accounts orders pending handover ledger rules alarms whatif people calibration)),
        "accounts/$account", (map { "decisions/$cards[$_]{decision}" } 0, 30, 70), (map { "cards/$card{$cards[$_]{line}{item}}{id}" } 0, 30, 70),
        map { "v1/$_" } 'queue?state=rejected&limit=100', 'cases', 'decisions?limit=100', "decisions?account=$account", 'events', 'accounts', 'accounts?format=csv',
        "accounts/$account", 'teams', 'orders', 'pending', 'calibration', 'status', 'alarms', (map { "report?format=$_" } qw(json csv md html)), 'report?edition=public&format=html',
        map { ("decisions/$cards[$_]{decision}", "decisions/$cards[$_]{decision}/statement", "cards/$card{$cards[$_]{line}{item}}{id}",
               "cards/$card{$cards[$_]{line}{item}}{id}/preview") } 0, 30, 70);

    for my $path (@paths, map { "public/reason/$cards[$_]{decision}" } 0, 30) {
        my $r = $get->($path);
        $found{$path}{$1} = 1 while $r->{body} =~ /(zq\d{4}x)/g;
    }

    my $r = $d->post('/moderation/v1/export', { account => $account, recipient => 'x', purpose => 'y', private => JSON::PP::true }, user => 'bob');
    $found{export}{status} = 1 if $r->{status} != 200;
    $found{export}{$1} = 1 while $r->{body} =~ /(zq\d{4}x)/g;
    return \%found;
}

my $said = sub { my ($found) = @_; my %s; for my $f (keys %$found) { $s{$_} = 1 for keys %{ $found->{$f} } } return \%s };
$d->end_segment;
ok($d->until_true(sub { $get->("v1/decisions/$cards[89]{decision}/proof")->{status} == 200 }, 40), 'all is signed');
my $before = $said->(files());
my @in_store = grep { $before->{$_} } keys %where;
my %waiting = map { $_ => 1 } `sqlite3 '$d->{dir}/store.db' "SELECT * FROM outbox"` =~ /(zq\d{4}x)/g;
cmp_ok(scalar keys %waiting, '>=', 90, 'also in what webhooks have not taken');
cmp_ok(scalar @in_store, '>=', 900, scalar(@in_store) . ' of them stand in files (sources are base64)');
cmp_ok(scalar keys %{ $said->(answers()) }, '>=', 100, 'and on screens');

my ($log) = glob "$d->{dir}/ledger/2*";
my $size = sub { my ($s) = $get->('ledger/' . ($log =~ /([^\/]+)$/)[0] . '/checkpoint')->{body} =~ /^\S+\n(\d+)\n/; $s };
my $proof = $get->("v1/decisions/$cards[7]{decision}/proof")->{body};

my $ctl = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $copy = "$d->{dir}.backup";
is(system("$ctl store backup -c $d->{dir}/moderationd.yaml --to $copy >/dev/null"), 0, 'a backup');

my $ask = $post->('erase', { what => 'account', id => $id, ref => 'R-7' }, 'adam')->{json}{pending};
$post->("pending/$ask/approve", {}, 'lena');

my $last;
$d->until_true(sub { !keys %{ $said->($last = files()) } }, 30);
my %by;
for my $f (sort keys %$last) { push @{ $by{"$where{$_} in " . ($f =~ s/.*\///r)} }, $_ for keys %{ $last->{$f} } }
is(join("\n", map { "$_: " . @{ $by{$_} } } sort keys %by), '', 'no planted string in any file');
my $now = answers();
%by = ();
for my $f (sort keys %$now) { push @{ $by{($where{$_} // $_) . " at $f"} }, $_ for keys %{ $now->{$f} } }
is(join("\n", map { "$_: " . @{ $by{$_} } } sort keys %by), '', 'nor in any answer');

# the record goes on, and proves what it did

my $was = $size->();
ok($d->until_true(sub { $size->() >= $was && `$ctl ledger verify $log 2>&1` && $? == 0 }, 20), 'the log verifies as a whole') or diag `$ctl ledger verify $log 2>&1`;
for my $k (0, 7, 45, 89) {
    my $p = $get->("v1/decisions/$cards[$k]{decision}/proof");
    is($p->{status}, 200, 'a proof of a decision');
    like($p->{body}, qr/^c2sp\.org\/tlog-proof/, 'which is one');
}
my $tar = "$d->{dir}/after.tar";
`$ctl evidence export --socket $d->{dir}/scgi.sock --recipient x --purpose y --account $account -o $tar 2>&1`;
like(`$ctl evidence verify $tar 2>&1`, qr/^ok \d+ files, \d\d+ proofs, 0 private parts$/m, 'every proof of all its decisions verifies');
my ($same) = $get->("v1/decisions?account=" . hashed('account', $other))->{body} =~ /alpha of another/;
ok($get->("v1/cards/$card{$kept->{item}}{id}")->{body} =~ /alpha of another/, 'what is of others is there still');

# the backup still has it all; what is made of it again has not

my $before_it = do { open my $f, '<:raw', $copy or die "$copy: $!"; local $/; my %s = map { $_ => 1 } <$f> =~ /(zq\d{4}x)/g; scalar keys %s };
cmp_ok($before_it, '>=', 800, 'the backup of before has them');
$d->stop_daemon;
unlink map { "$d->{dir}/store.db$_" } '-wal', '-shm';
rename $copy, "$d->{dir}/store.db" or die $!;
$d->start_daemon;
ok($d->until_true(sub { $get->('v1/health')->{status} == 200 }, 30), 'it is restored');
$d->until_true(sub { !keys %{ $said->($last = files()) } }, 30);
%by = ();
for my $f (sort keys %$last) { push @{ $by{"$where{$_} in " . ($f =~ s/.*\///r)} }, $_ for keys %{ $last->{$f} } }
TODO: {
    local $TODO = 'the text of an appeal may stay in a page of a store that was restored';
    is(join(' ', grep { /^text of an appeal/ } sort keys %by), '', 'texts of appeals are erased again');
}
is(join("\n", map { "$_: " . @{ $by{$_} } } grep { !/^text of an appeal/ } sort keys %by), '', 'and what else was erased is erased again');
ok($get->("v1/cards/$card{$kept->{item}}{id}")->{body} =~ /alpha of another/, 'and nothing else');

$d->stop;
done_testing;
