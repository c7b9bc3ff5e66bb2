# Evidence: decisions with their proofs in one tar that the verifier inside it
# checks; a case without names for publication; statements of reasons.

use strict;
use warnings;
use utf8;

use Digest::SHA ();
use Encode qw(decode);
use File::Temp qw(tempdir);
use FindBin;
use lib "$FindBin::Bin/lib";
use JSON::PP ();
use ModerationDesk;
use Test::More;

my $d = ModerationDesk->new(conf => <<'CONF', roles => <<'YAML', policy => <<'POLICY');
node: test
sites: {a: {hosts: [localhost, www.example.cn], policy: policy.yaml, language: en}}
origins: ["https://desk.example"]
checkpoint: 1s
CONF
users: {alice: [reviewer], bob: [lead, auditor], aki: [auditor], eve: [viewer]}
YAML
schema: 1
policy: desk
categories: {clickbait: [clickbait]}
slots: [{name: first, type: html, match: li, fields: {title: b}}]
reasons:
  - {id: shock, key: 1, title: {zh: 标题夸张, en: Sensational}, points: 1}
  - {id: forged, key: 2, title: {zh: 伪造, en: Forged}, basis: {kind: law, ref: "Act 12, section 3"}}
  - {id: house, key: 3, title: {zh: 内部规定, en: House}, basis: {kind: terms, ref: "House rules 9"}}
rules:
  - {id: r.law, rev: 1, label: gambling, title: {zh: 规则二, en: Rule two}, basis: {kind: law, ref: Act 5}, match: {in: [title], terms: [beta]}}
  - {id: r.one, rev: 1, label: clickbait, title: {zh: 规则一, en: Rule one}, basis: house rules 4, strikes: {points: 1}, match: {in: [title], terms: [alpha]}}
POLICY

$d->cards(map { $d->card("alpha secret $_", rule => 'r.one', account => 'e' x 32, source => "<b>card $_</b>") } 1 .. 3);
my @cards = @{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} };
$d->post("/moderation/v1/cards/$cards[0]{id}/decide", { version => 1, verdict => 'reject', reason => 'r.one' }, user => 'alice');
my @ids = map { $_->{decision} } @cards;
my $why = { recipient => 'Office of Examples', purpose => 'case 7', reference => '2026-7' };
my $post = sub { my ($args, $user) = @_; $d->post('/moderation/v1/export', $args, user => $user || 'aki') };

is($post->({ %$why, decisions => \@ids }, 'alice')->{status}, 403, 'not by a reviewer');
is($post->({ decisions => \@ids, purpose => 'x' })->{json}{field}, 'recipient', 'for whom');
is($post->({ decisions => \@ids, recipient => 'x' })->{json}{field}, 'purpose', 'what for');
is($post->({ %$why, decisions => ['none'] })->{json}{field}, 'decisions', 'of the record');
is($post->({ %$why, decisions => [] })->{json}{field}, 'decisions', 'of something');
is($post->({ %$why, decisions => \@ids, private => JSON::PP::true })->{status}, 403, 'private parts: a lead');

my $r;
ok($d->until_true(sub { $r = $post->({ %$why, decisions => \@ids }); $r->{status} == 200 }, 30), 'signed soon');

# unpacks it, and lets the verifier inside look
sub unpack_it {
    my ($bytes) = @_;
    my $dir = tempdir(CLEANUP => 1);
    open my $tar, '|-', 'tar', 'xf', '-', '-C', $dir or die $!;
    binmode $tar;
    print $tar $bytes;
    close $tar or die 'tar';
    return $dir;
}
my $verify = sub { my ($dir, @o) = @_; my $out = `python3 $dir/verify.py evidence $dir @o 2>&1`; ($? >> 8, $out) };
my $have = system('python3 -c "import cryptography" 2>/dev/null') == 0;
BAIL_OUT('no python3-cryptography') if !$have && $ENV{CI};
my $slurp = sub { open my $f, '<:raw', $_[0] or return; local $/; scalar <$f> };

my $dir = unpack_it($r->{body});
for my $id (@ids) { ok(-s "$dir/decisions/$id.$_", "$_ of a decision") for qw(json tlog-proof) }
ok(!glob("$dir/decisions/*.private"), 'no private part');
unlike(join('', map { $slurp->($_) // "" } glob "$dir/*/*"), qr/secret/, 'and no word of one');
ok(-s "$dir/rules/r.one\@1.yaml", 'the rule as it was');
cmp_ok(scalar(my @e = glob "$dir/events/*"), '>=', 2, 'the review and the strike');
like($slurp->("$dir/REFERRAL.md"), qr/Office of Examples.*case 7.*2026-7/s, 'a letter with recipient and purpose');
like(decode('UTF-8', $slurp->("$dir/README.txt")), qr/中文.*English/s, 'how to check it, in two languages');

SKIP: {
    skip 'no python3-cryptography', 9 unless $have;
    my ($rc, $out) = $verify->($dir);
    is($rc, 0, 'the verifier inside it') or diag($out);
    like($out, qr/^ok \d+ files, [5-9] proofs, 0 private/, 'has seen the proofs');
    my ($year) = (gmtime)[5] + 1900;
    is(($verify->($dir, '--key', "$d->{dir}/ledger/$year/vkey"))[0], 0, 'with the key from elsewhere');

    $r = $post->({ %$why, account => 'e' x 32, private => JSON::PP::true }, 'bob');
    my $full = unpack_it($r->{body});
    ($rc, $out) = $verify->($full);
    is($rc, 0, 'with private parts, of an account') or diag($out);
    like($out, qr/3 private parts/, 'which belong to their leaves');
    like($slurp->("$full/decisions/$ids[0].source.txt"), qr/^<b>card/, 'the card as the page had it');

    # nothing of it can be changed
    system qq(sed -i 's/"block"\\|"hold"/"none"/' $full/decisions/$ids[0].json);
    is(($verify->($full))[0], 1, 'a changed file is seen');
    my $sum = `sha256sum $full/decisions/$ids[0].json`;
    my ($hex) = $sum =~ /^(\w+)/;
    system qq(sed -i 's,^[0-9a-f]*  decisions/$ids[0].json\$,$hex  decisions/$ids[0].json,' $full/MANIFEST);
    ($rc, $out) = $verify->($full);
    is($rc, 1, 'also with a manifest of its own');
    like($out, qr/not what the leaf says/, 'by the leaf');
}

# moderationctl: the same tar, and a check by other code that unpacks nothing

my $ctl = ($ENV{MODERATION_BUILD} || 'build') . '/moderationctl';
my $out_dir = tempdir(CLEANUP => 1);
my $tar = "$out_dir/e.tar";
my $cli = sub { my $out = `$ctl evidence @_ 2>&1`; ($? >> 8, $out) };
my @to = ('--socket', "$d->{dir}/scgi.sock", '--recipient', "'Office of Examples'", '--purpose', "'case 7'");
is(($cli->('export', @to[0, 1], $ids[0]))[0], 1, 'export: nothing without a recipient');
my ($status, $said) = $cli->('export', @to, '--private', '-o', $tar, @ids);
is($status, 0, 'export: a tar') or diag $said;
is((stat $tar)[2] & 0777, 0600, 'that nobody else may read');
is(($cli->('export', @to, '-o', $tar, @ids))[0], 2, 'and is not written over');
is(($cli->('export', @to, 'none'))[0], 1, 'of decisions of the record');
($status, $said) = $cli->('verify', $tar);
is($status, 0, 'verify: all of it') or diag $said;
like($said, qr/^ok \d+ files, [5-9] proofs, 3 private parts$/m, 'how much');
like($said, qr/the one in the tar/, 'and whose key');
my ($log) = glob "$d->{dir}/ledger/2*/vkey";
($status, $said) = $cli->('verify', $tar, '--key', $log);
is("$status $said" =~ s/\d+ files.*//rs, '0 ok ', 'by the key of where it is published');
open my $o, '>', "$out_dir/other.key" or die $!;
print $o `cat $log` =~ s/^(.)/\u$1x/r;
close $o;
is(($cli->('verify', $tar, '--key', "$out_dir/other.key"))[0], 1, 'not by a key that is none');
is(($cli->('verify', "$out_dir/none"))[0], 2, 'a file that is not there');
is(($cli->('verify'))[0], 2, 'no file');

my $bytes = $slurp->($tar);
my $with = sub { open my $f, '>:raw', "$out_dir/x.tar" or die $!; print $f $_[0]; close $f; join ' ', $cli->('verify', "$out_dir/x.tar") };

# a file of the tar with other bytes, its size and sums put right
my $head = sub {
    my ($name, $n) = @_;
    my $h = pack 'a100 a8 a8 a8 a12 a12 a8 a1 a100 a6 a2 a247', $name, '0000644', '0000000', '0000000', sprintf('%011o', $n), '0' x 11,
                 ' ' x 8, '0', '', 'ustar', '00', '';
    substr $h, 148, 8, sprintf("%06o\0 ", unpack '%32C*', $h);
    return $h;
};
my $pack = sub { join('', map { $head->($_->[0], length $_->[1]) . $_->[1] . "\0" x (-length($_->[1]) % 512) } @_) . "\0" x 1024 };
my (@files, $at);
for ($at = 0; substr($bytes, $at, 1) ne "\0";) {
    my ($name, $n) = unpack 'x0 Z100 x24 A11', substr $bytes, $at, 512;
    push @files, [ $name, substr $bytes, $at + 512, oct $n ];
    $at += 512 + int((oct($n) + 511) / 512) * 512;
}
like($with->($pack->(@files)), qr/^0 .*^ok/ms, 'packed again by hand');
my $change = sub {
    my ($name, $to, $honest) = @_;
    my @new = map { [ $_->[0], $_->[0] =~ $name ? $to->($_->[1]) : $_->[1] ] } @files;
    my ($m) = grep { $_->[0] eq 'MANIFEST' } @new;
    for my $f (@new) {
        my $sum = Digest::SHA::sha256_hex($f->[1]);
        $m->[1] =~ s/^\w{64}(?=  \Q$f->[0]\E$)/$sum/m if $honest && $f != $m;
    }
    return $with->($pack->(@new));
};
my $one = qr{^decisions/$ids[0]\.json$};
like($change->($one, sub { $_[0] =~ s/"hold"/"none"/r }), qr/^1 bad: \S+json: is not what MANIFEST says/, 'a changed file');
like($change->($one, sub { $_[0] =~ s/"hold"/"none"/r }, 1), qr/^1 bad: \S+json: is not what the leaf says/, 'also with a manifest of its own');
like($change->(qr{^decisions/$ids[1]\.private$}, sub { $_[0] =~ s/secret/public/r }, 1), qr/^1 bad: \S+private: is not of this leaf/, 'a private part');
like($change->(qr{^decisions/$ids[1]\.salt$}, sub { 'zz' x 16 }, 1), qr/^1 bad: \S+: has no salt/, 'a salt that is none');
like($change->(qr{^decisions/$ids[2]\.tlog-proof$}, sub { $_[0] =~ s/^index \d+/index 999999/mr }, 1), qr/^1 bad: \S+proof: does not lead/, 'a proof of another leaf');
like($change->(qr{^decisions/$ids[2]\.tlog-proof$}, sub { 'x' }, 1), qr/^1 bad: \S+proof: is no proof/, 'no proof');
like($with->($pack->([ 'more.txt', 'x' ], @files)), qr/^1 bad: more.txt: is not in MANIFEST/, 'a file more');
like($with->($pack->(grep { $_->[0] ne 'README.txt' } @files)), qr/^1 bad: README.txt: is missing/, 'a file less');
like($with->($pack->(grep { $_->[0] ne 'MANIFEST' } @files)), qr/^1 bad: MANIFEST: is missing/, 'no MANIFEST');
like($with->($pack->(@files, $files[0])), qr/^1 bad: \S+: not a file of evidence/, 'a file twice');
like($with->($pack->(@files, [ '../x', 'x' ])), qr/^1 bad: \S+: not a file of evidence/, 'a way out');
like($with->(substr $bytes, 0, $_), qr/^1 bad: /, "cut off at $_") for 1, 511, 513, 5000;
like($with->(''), qr/^[12] /, 'nothing');
srand 7;
for (1 .. 60) {
    my $b = $bytes;
    substr $b, int rand length $b, 1, chr int rand 256 for 1 .. 3;
    my $rc = ($with->($b))[0] =~ s/ .*//sr;
    $rc =~ /^[01]$/ or fail("a damaged tar: $rc");
}

my ($event) = grep { $_->{type} eq 'export' } map { ref $_->{event} ? $_->{event} : $_ }
    @{ $d->request(GET => '/moderation/v1/events?limit=1000', user => 'eve')->{json}{events} };
ok($event, 'a leaf says that it was handed over');
is($event->{manifest}, `sha256sum < $dir/MANIFEST` =~ s/\s.*//sr, 'with its digest');
unlike(JSON::PP->new->encode($event), qr/Office|case 7/, 'to whom is private');

# a case for publication

is($d->post('/moderation/v1/export/case', { decision => $ids[0], text => 'x' }, user => 'aki')->{status}, 403, 'a lead publishes');
is($d->post('/moderation/v1/export/case', { decision => $ids[0] }, user => 'bob')->{json}{field}, 'text', 'with a text of their own');
$r = $d->post('/moderation/v1/export/case', { decision => $ids[0], text => 'A title promised a **shock**' }, user => 'bob');
my $case = unpack_it($r->{body});
my $all = $slurp->("$case/case.json") . $slurp->("$case/case.md");
like($all, qr/Rule one.*house rules 4/s, 'says by which rule');
unlike($all, qr/$ids[0]|secret|e{32}|www\.example|bob|alice|\d{4}-\d\d-\d\d/, 'nothing leads back');

# a statement of reasons

my $tool = "$FindBin::Bin/tools/schema";
my $tmp = tempdir(CLEANUP => 1);
my $j = $d->request(GET => "/moderation/v1/decisions/$ids[0]/statement", user => 'eve');
is($j->{status}, 200, 'a statement of reasons');
open my $f, '>:raw', "$tmp/s.yaml"; print $f $j->{body}; close $f;
is(`$tool $FindBin::Bin/../docs/statement.schema.json $tmp/s.yaml`, "valid\n", 'as the database takes it');
unlike($j->{body}, qr/secret|alpha/, 'without the words');
is($j->{json}{automated_decision}, 'AUTOMATED_DECISION_PARTIALLY', 'who decided');
$j->{json}{category} = 'STATEMENT_CATEGORY_NONE';
open $f, '>:raw', "$tmp/s.yaml"; print $f JSON::PP->new->encode($j->{json}); close $f;
like(`$tool $FindBin::Bin/../docs/statement.schema.json $tmp/s.yaml`, qr/^invalid at \/category/, '(the schema says no to another)');
is($d->request(GET => '/moderation/v1/decisions/none/statement', user => 'eve')->{status}, 404, 'of a decision');

# its ground is the basis of the reason that a person gave, else of the rule

delete @{$d}{qw(segment zone)};         # the old one was read to its end
ok($d->cards(map { $d->card("beta secret $_", rule => 'r.law') } 1 .. 3), 'cards of a rule whose basis is a law');
my @law = grep { $_->{fields}{title} =~ /beta/ } @{ $d->request(GET => '/moderation/v1/queue', user => 'alice')->{json}{cards} };
my $reject = sub { my ($card, $reason) = @_;
    is($d->post("/moderation/v1/cards/$card->{id}/decide", { version => 1, verdict => 'reject', reason => $reason }, user => 'alice')->{status},
       200, "rejected: $reason") };
my $says = sub {
    my ($decision) = @_;
    my $r = $d->request(GET => "/moderation/v1/decisions/$decision/statement", user => 'eve');
    open my $f, '>:raw', "$tmp/s.yaml"; print $f $r->{body}; close $f;
    is(`$tool $FindBin::Bin/../docs/statement.schema.json $tmp/s.yaml`, "valid\n", 'as the database takes it');
    return join '|', map { $r->{json}{$_} // '-' } qw(decision_ground illegal_content_legal_ground illegal_content_explanation
        incompatible_content_ground incompatible_content_explanation) };
my ($of_law, $of_terms) = map { "DECISION_GROUND_$_" } qw(ILLEGAL_CONTENT INCOMPATIBLE_CONTENT);
is($says->($ids[0]), "$of_terms|-|-|house rules 4|Rule \"Rule one\" (r.one, revision 1).", 'terms: the basis of the rule');
is($says->($law[0]{decision}), "$of_law|Act 5|Rule \"Rule two\" (r.law, revision 1).|-|-", 'a law: the basis of the rule');
$reject->($law[0], 'house');
is($says->($law[0]{decision}), "$of_terms|-|-|House rules 9|Reason \"House\" (house).", 'but a person gave terms');
$reject->($law[1], 'shock');
is($says->($law[1]{decision}), "$of_law|Act 5|Rule \"Rule two\" (r.law, revision 1).|-|-", 'a reason without a basis: that of the rule');
$reject->($cards[1], 'forged');
is($says->($cards[1]{decision}), "$of_law|Act 12, section 3|Reason \"Forged\" (forged).|-|-", 'a person gave a law');

$d->stop;
unlike($d->daemon_log, qr/error/, 'no error in the log');
done_testing;
