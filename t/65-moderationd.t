# The daemon as a program: its configuration with places and nearest words,
# its start, its end, one at a time; its unit.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationLedger;
use IO::Socket::UNIX;
use Socket qw(SOCK_DGRAM);
use Test::More;
use Time::HiRes qw(sleep time);

plan skip_all => 'no moderationd (make)'
    unless -x "$ModerationLedger::build/moderationd";

my $l = ModerationLedger->new;
my $conf = "$l->{dir}/moderationd.yaml";

sub check {
    my ($text) = @_;
    ModerationLedger::spew($conf, $text);
    my $out = `$l->{daemon} -t -c $conf 2>&1`;
    $out =~ s/\Q$conf\E/F/g;
    return ($? >> 8, $out);
}

my @bad = (
    ['', qr/^F:1:1: keys and values are wanted here$/m],
    ["node: [a", qr/^F:2:1: /m],
    ["spol: x\nnode: a\n",
     qr/^F:1:1: unknown key "spol" in the configuration \(did you mean "spool"\?\)$/m],
    ["spool: x\n", qr/^F:1:1: node is missing/m],
    ["node: a b\n", qr/^F:1:7: node: letters/m],
    ["node: a\nnode: b\n", qr/^F:2:1: "node" is there twice$/m],
    ["node: a\nstore: [x]\n", qr/^F:2:8: store: a text is wanted here$/m],
    ["node: a\nspool_keep: 5x\n", qr/^F:2:13: spool_keep: a time like/m],
    ["node: a\ncheckpoint: 5h\n", qr/^F:2:13: checkpoint: a time like/m],
    ["node: a\nclocks: {rumor: soon}\n", qr/^F:2:17: rumor: a time like/m],
    ["node: a\nappeals: {live: 5s}\n", qr/^F:2:17: live: a time like/m],
    ["node: a\nappeals: {life: 5m}\n", qr/^F:2:11: unknown key "life" in appeals \(did you mean "live"\?\)$/m],
    ["node: a\nretention: {privat: 3d}\n",
     qr/^F:2:13: unknown key "privat" in retention \(did you mean "private"\?\)$/m],
    ["node: a\nsites: {a: {hosts: [x], lang: zh}}\n",
     qr/^F:2:25: unknown key "lang" in a site/m],
    ["node: a\nsites: {a: {}}\n", qr/^F:2:12: site a: hosts are missing$/m],
    ["node: a\nsites: {a: {hosts: [x], language: de}}\n",
     qr/^F:2:35: unknown language "de"/m],
    ["node: a\nshifts: {n: {at: \"25:00-08:00\"}}\n",
     qr/^F:2:18: shift n: "at" is like "00:00-08:00"$/m],
    ["node: a\nworkers: no-such-user\n", qr/^F:2:10: no user "no-such-user"$/m],
    ["node: a\norigin: a b\n", qr/^F:2:9: origin: no spaces/m],
    ["node: a\nthreads: 0\n", qr/^F:2:10: threads: 1 to 64$/m],
    ["node: &x a\nstore: *x\n", qr/^F:2:8: aliases are not taken$/m],
    ["node: !!str a\n", qr/^F:1:7: tags are not taken$/m],
    ["node: a\n---\nnode: b\n", qr/^F:2:1: a second document$/m],
    ["node: a\nsites: " . '[' x 40 . ']' x 40 . "\n",
     qr/nested too deeply/],
);

for my $b (@bad) {
    my ($rc, $out) = check($b->[0]);
    (my $name = $b->[0]) =~ s/\n/ | /g;
    is($rc, 1, "refused: $name");
    like($out, $b->[1], "its message: $name");
}

is((check("node: a\n" . 'x' x 2000000))[0], 1, 'a file that is too large');

my ($rc, $out) = check("node: a\n");
is($rc, 0, 'the least that is needed') or diag $out;
like($out, qr/^F: ok$/m, 'says so');
chmod 0644, "$l->{dir}/scgi_secret.conf";
($rc, $out) = check("node: a\n");
like($out, qr/^F:1:1: warning: secret \S+ has mode 0644: others shall not reach it$/m,
     'what is open to more than it should be');
chmod 0600, "$l->{dir}/scgi_secret.conf";

# ready for systemd, one at a time, ends in order

my $sock = "$l->{dir}/notify";
my $notify = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $sock)
    or die "$sock: $!";
$l->{env}{NOTIFY_SOCKET} = $sock;
$l->start;
my $said = '';
eval {
    local $SIG{ALRM} = sub { die "late\n" };
    alarm 120;
    recv $notify, $said, 100, 0;
    alarm 0;
};
is($said, 'READY=1', 'systemd is told');
ok(-S "$l->{dir}/scgi.sock", 'the socket is there');
is((stat "$l->{dir}/scgi.sock")[2] & 0777, 0660, 'with its mode');
for my $f (qw(store.db sign.key last-signed)) {
    for (1 .. 2400) { last if -e "$l->{dir}/$f"; sleep 0.05 }
    is((stat "$l->{dir}/$f")[2] & 0777, 0600, "$f: its mode");
}
$out = `timeout 120 $l->{daemon} -c $conf 2>&1`;
is($? >> 8, 1, 'a second one does not start');
like($out, qr/another moderationd runs/, 'and says why');
ok($l->alive, 'the first one stays');
is($l->stop, 0, 'SIGTERM: ends in order');
ok(!-e "$l->{dir}/scgi.sock", 'the socket is gone');
my ($size) = $l->checkpoint;
ok($size, 'what is committed is signed');

# the unit

SKIP: {
    my $text = ModerationLedger::slurp("$FindBin::Bin/../ngx_module/"
                                       . 'moderationd/etc/moderationd.service');
    $text =~ s{\@sbindir\@}{/usr/sbin}g;
    my $unit = "$l->{dir}/moderationd.service";
    ModerationLedger::spew($unit, $text);
    skip 'no systemd-analyze', 1
        if system('systemd-analyze --version > /dev/null 2>&1') != 0;
    my $said = `systemd-analyze security --offline=true $unit 2>&1`;
    my ($level) = $said =~ /exposure level for \S+: ([\d.]+)/;
    skip 'systemd-analyze knows no --offline', 1 unless defined $level;
    cmp_ok($level, '<=', 2.0, 'the unit is hardened');
}

done_testing();
