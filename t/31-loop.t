# The event loop asks the file system for nothing: policies, the kill file and
# mapped tables are looked at by threads, and what they find is taken over.
# t/tools/inloop.c tells on the main thread of a worker.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;

my $build = $ModerationTest::build;
my $lib = "$build/inloop.so";
my $page = '<ul><li class=card><b>alpha</b></li><li class=card><b>beta</b></li></ul>';
my $without = '<ul><li class=card><b>beta</b></li></ul>';

plan skip_all => 'nginx is under a tool of its own' if $ENV{LD_PRELOAD} || $ModerationTest::static;
system("\${CC:-cc} -O1 -shared -fPIC -o $lib t/tools/inloop.c -ldl") == 0
    or plan skip_all => 'no C compiler';

sub policy {
    return "schema: 1\npolicy: p\nslots:\n  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\nrules:\n  - {id: r, label: clickbait, match: "
           . "{in: [title], list: lists/terms.txt}}\n# $_[0]\n";
}

my $s = ModerationServer->new(no_start => 1, workers => 2,
    http => 'moderation_zone zone=m:8m; moderation_id_key %%DIR%%/key; moderation_ledger %%DIR%%/spool;
        moderation_verdicts %%DIR%%/watched/tables;',
    server => 'moderation_policy %%DIR%%/watched/p check=2s kill=%%DIR%%/watched/kill;
        location / { moderation enforce; }
        location = /status { moderation off; moderation_status; }',
    main => 'env INLOOP_UNDER; env INLOOP_WHILE; env INLOOP_SAID; env LD_PRELOAD;',
    files => { key => "moderation-id-key-1 " . '0' x 64 . "\n", 'spool/.keep' => '', 'html/index.html' => $page, 'watched/tables/.keep' => '',
               'watched/p/p.yaml' => policy(1), 'watched/p/lists/terms.txt' => "alpha\n" });

local $ENV{INLOOP_UNDER} = "$s->{dir}/watched";
local $ENV{INLOOP_WHILE} = "$s->{dir}/armed";
local $ENV{INLOOP_SAID} = "$s->{dir}/said";
chmod 0777, $s->{dir};

{
    local $ENV{LD_PRELOAD} = $lib;
    my ($rc, $out) = $s->run_nginx;
    is($rc, 0, 'nginx starts') or BAIL_OUT($out . $s->log);
}

$s->wait_up;
is($s->get('/')->{body}, $without, 'a card is blocked');

sub said {
    open my $f, '<', "$s->{dir}/said" or return '';
    local $/;
    return scalar(<$f>) // '';
}

$s->write('armed', '');

$s->write('watched/kill', "all\n");
ok(defined $s->until(10, sub { $s->everywhere($page, '/') }), 'the kill file holds');

$s->write('watched/p/lists/terms.txt', "beta\n");
unlink "$s->{dir}/watched/kill";
ok(defined $s->until(20, sub { $s->everywhere(
    '<ul><li class=card><b>alpha</b></li></ul>', '/') }), 'a new list is live, the kill file is gone');

# a worker of two looks at the files; both at tables

for my $n (1 .. 2) {
    $s->write("watched/tables/orders$n", 'no table');
}

$s->write('watched/p/p.yaml', policy(2));
ok(defined $s->until(20, sub { $s->log =~ /is live.*is live/s }), 'a second version');

is(said(), '', 'and no worker asked in its event loop');

# the library would have told

{
    local @ENV{qw(LD_PRELOAD)} = ($lib);
    system($^X, '-e', 'stat "$ENV{INLOOP_UNDER}/x"');
}

like(said(), qr{^stat \S+/watched/x$}m, 'who asks is seen');

$s->stop;
done_testing();
