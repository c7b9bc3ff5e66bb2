# Reloads and processes: one compile however many workers, workers that die or
# leave, HUP, USR2, no master, no zone, generations, memory.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use File::Copy qw(copy);
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

my @words = qw(alpha beta gamma delta);
my $page = '<ul>' . join('', map { "<li class=card><b>$_</b></li>" } @words)
           . '</ul>';

sub policy {
    my ($term, $more) = @_;

    return "schema: 1\npolicy: workers\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\nrules:\n"
           . "  - {id: r.one, rev: 1, label: clickbait, "
           . "match: {in: [title], groups: {a: {terms: [$term]}"
           . ($more || '') . "}}}\n";
}

sub without {
    my ($w) = @_;
    (my $p = $page) =~ s{<li class=card><b>$w</b></li>}{};
    return $p;
}

my $locations = 'location = /status { moderation_status; }
    location / { moderation enforce;
        moderation_policy %%DIR%%/p.yaml check=400ms; }
    location /slow/ { alias %%DIR%%/html/; limit_rate 100; moderation enforce;
        moderation_policy %%DIR%%/p.yaml check=400ms; }';

sub server {
    my (%o) = @_;

    return ModerationServer->new(
        workers => 2, http => 'moderation_zone zone=m:1m;',
        server => $locations, %o,
        files => { 'html/index.html' => $page, 'p.yaml' => policy('alpha'),
                   %{ $o{files} || {} } });
}

sub live {
    my ($s, $w, $seconds) = @_;
    return $s->until($seconds || 5, sub { $s->everywhere(without($w)) });
}

sub p { return $_[0]->policy('p.yaml') }


# many workers

{
    my $s = server(workers => 4);
    my @w;

    $s->until(5, sub { @w = $s->workers; @w == 4 });
    ok(defined live($s, 'alpha', 2), 'four workers');
    is(p($s)->{generation}, 1, 'the first generation');

    for my $w (qw(beta gamma delta)) {
        $s->write('p.yaml', policy($w));
        ok(defined live($s, $w), "live on all: $w");
    }

    ok(defined $s->until(3, sub {
        my @g = map { $_->{generation} } @{ p($s)->{workers} };
        @g == 4 && 4 == grep { $_ == 4 } @g }),
       'the status shows the generation of each worker');
    is(join(' ', sort { $a <=> $b } map { $_->{pid} } @{ p($s)->{workers} }),
       join(' ', sort { $a <=> $b } @w), 'by their process ids');
    is(p($s)->{compiles}, 3, 'one compile a change');
    is(p($s)->{reloads}, 3, 'three changes');

    # one copy in memory: all map the same file

    my %inodes;
    for my $pid (@w) {
        open my $f, '<', "/proc/$pid/maps" or next;
        while (<$f>) {
            $inodes{$1}++ if m{\s(\d+)\s+\S+/images/\S+\.img$};
        }
    }
    is(scalar keys %inodes, 1, 'all workers map one image');

    # a worker that is killed comes back with what is live, not with what the
    # master has read: from its first answer on

    my ($old, $n) = (0, 0);
    for my $pid (@w) {
        kill 'KILL', $pid;
        for (1 .. 20) {
            my $b = $s->get('/index.html')->{body};
            $old++ if $b eq without('alpha');
            $n++ if $b eq without('delta');
        }
    }
    is($old, 0, 'a new worker never serves an old policy');
    cmp_ok($n, '>', 40, 'and serves');
}

# sends the worker that compiles a signal, as soon as there is one: its thread
# is a second task of its process; half a second of compiling is long enough, a
# million terms would take longer

sub signal_compiling {
    my ($s, $signal) = @_;
    my $sent = 0;
    my $live = () = $s->log =~ /is live: /g;

    $s->until(3, sub {
        return 1 if (() = $s->log =~ /is live: /g) > $live;     # it was too quick

        for my $pid ($s->workers) {
            my @before = glob "/proc/$pid/task/*";
            next if @before < 2;

            # a look at the files is over in a moment

            sleep 0.03;
            my @tasks = glob "/proc/$pid/task/*";
            return $sent = kill $signal, $pid if "@before" eq "@tasks";
        }
        return 0;
    });

    return $sent;
}

my $list = join '', map { sprintf "w%07dx\n", $_ } 1 .. 300_000;

# the worker that compiles is killed

{
    my $s = server(workers => 3, files => { 'big.txt' => $list });

    ok(defined live($s, 'alpha', 2), 'before');

    my $killed = 0;
    for my $try (1 .. 5) {
        $s->write('p.yaml', policy("beta, try$try",
                                   ', b: {list: big.txt}'));

        $killed += signal_compiling($s, 'KILL');
        last if $killed >= 2;
    }

    cmp_ok($killed, '>=', 1, 'killed while compiling');
    ok(defined live($s, 'beta', 20), 'another worker takes the lease and compiles');
    ok(defined $s->until(20, sub { !grep { !/\.img$/ } glob "$s->{dir}/images/*" }),
       'nothing half-written is left');
    unlike($s->log, qr/\[(alert|emerg|crit)\](?!.*signal 9)/,
           'nothing worse in the log');
}

# the worker that compiles is told to leave: its thread goes on behind what
# nginx takes down, the module included

{
    my $s = server(workers => 3, files => { 'big.txt' => $list });

    ok(defined live($s, 'alpha', 2), 'before');

    my $left = 0;
    for my $try (1 .. 6) {
        $s->write('p.yaml', policy("beta, try$try",
                                   ', b: {list: big.txt}'));

        $left += signal_compiling($s, $try % 2 ? 'QUIT' : 'TERM');
        last if $left >= 4;
    }

    cmp_ok($left, '>=', 1, 'told to leave while compiling');
    ok(defined live($s, 'beta', 20), 'another worker compiles');
    unlike($s->log, qr/exited on signal/, 'none of them crashed');
}

# a worker that is leaving gives the lease away

{
    my $s = server(workers => 1,
                   files => { 'html/long.html' => $page . 'x' x 60000 });
    my $c = $s->open_page('/slow/long.html');
    sysread $c, my $buf, 100;
    my ($old) = $s->workers;

    $s->hup;
    $s->until(5, sub { my @w = $s->workers; @w == 2 });
    ok(defined $s->until(5, sub { $s->log =~ /$old#$old: gracefully shutting down/ }),
       'the old worker knows');
    ok(kill(0, $old), 'an old worker with a slow request');

    $s->write('p.yaml', policy('beta'));
    ok(defined live($s, 'beta', 15), 'a change behind a HUP is seen');
    ok(kill(0, $old), 'the old worker does not keep the lease: it is still there');
    close $c;
}

# HUP with a policy that is better, and with one that is worse

{
    my $s = server();

    $s->write('p.yaml', policy('beta'));
    $s->hup;
    ok(defined live($s, 'beta'), 'HUP takes the newest');

    $s->write('p.yaml', "nonsense: 1\n");
    $s->hup;
    ok(defined $s->until(5, sub { $s->log =~ /\[emerg\].*p\.yaml:1:1/ }),
       'HUP refuses a bad policy');
    ok(defined live($s, 'beta', 2), 'the old workers serve on');

    $s->write('p.yaml', policy('gamma'));
    ok(defined live($s, 'gamma'), 'and take the next good one');
}

# the zone is taken over by the next configuration only as what it is: here its
# version is changed in the memory of the running master

sub zone_version {
    my ($s, $version) = @_;
    my $pid = $s->pid;

    open my $maps, '<', "/proc/$pid/maps" or return;
    open my $mem, '+<:raw', "/proc/$pid/mem" or return;

    no warnings 'portable';

    for (<$maps>) {
        my ($from, $to) = /^(\w+)-(\w+) rw-s/ or next;
        ($from, $to) = (hex $from, hex $to);

        sysseek $mem, $from, 0;
        sysread $mem, my $data, $to - $from;
        $data =~ /\x5a\x52\x44\x4d(....)\0\0\x10\0\0\0\0\0/s or next;
        my ($at, $was) = ($-[1], unpack 'L', $1);

        sysseek $mem, $from + $at, 0;
        return syswrite($mem, pack 'L', $version) == 4 ? $was : undef;
    }

    return;
}

SKIP: {
    my $s = server();

    ok(defined live($s, 'alpha', 2), 'a zone');
    my $n = $s->status->{responses};
    my $was = zone_version($s, 1)
        or skip "the master's memory cannot be written", 5;

    my @old = $s->workers;
    $s->hup;
    ok(defined $s->until(5, sub { $s->log =~ /"m" has another layout/ }),
       'a zone of another layout is refused');
    is(join(' ', sort $s->workers), join(' ', sort @old),
       'and the workers go on');
    ok($s->everywhere(without('alpha')), 'as before');

    zone_version($s, $was);
    $s->hup;
    ok(defined $s->until(5, sub {
        my %old = map { $_ => 1 } @old;
        my @w = $s->workers;
        @w == 2 && !grep { $old{$_} } @w;
    }), 'the same zone as it was is taken');
    cmp_ok($s->status->{responses}, '>', $n, 'with what it counted');
}

# another file of the module (one of the same name is not loaded again while
# nginx runs): its zone is one of its own

SKIP: {
    skip 'the module is part of nginx', 5 if $ModerationTest::static;

    my $s = server();
    ok(defined live($s, 'alpha', 2), 'the module');

    copy($ModerationTest::module, "$s->{dir}/other.so");
    local $ModerationTest::module = "$s->{dir}/other.so";
    $s->configure('moderation_zone zone=m:1m;', $locations);

    my %old = map { $_ => 1 } $s->workers;
    $s->hup;
    ok(defined $s->until(5, sub {
        my @w = $s->workers;
        @w == 2 && !grep { $old{$_} } @w;
    }), 'HUP with another file of it');
    is($s->status->{responses}, 0, 'begins with an empty zone');
    ok(defined live($s, 'alpha', 2), 'and serves');
    unlike($s->log, qr/\[(alert|emerg|crit)\]/, 'nothing worse in the log');
}

# USR2: two masters for a while

{
    my $s = server();
    my $old = $s->pid;

    $s->write('p.yaml', policy('beta'));
    ok(defined live($s, 'beta'), 'before USR2');

    kill 'USR2', $old;
    ok(defined $s->until(5, sub { -e "$s->{dir}/nginx.pid.oldbin"
                                  && ($s->pid || $old) != $old }),
       'a second master');

    $s->write('p.yaml', policy('gamma'));
    ok(defined live($s, 'gamma'), 'both masters have the change');

    kill 'QUIT', $old;
    ok(defined $s->until(5, sub { !kill 0, $old }), 'the old one quits');

    $s->write('p.yaml', policy('delta'));
    ok(defined live($s, 'delta'), 'the new one goes on');
    unlike($s->log, qr/\[(alert|emerg|crit)\]/, 'nothing worse in the log');
}

# no master

{
    my $s = server(workers => 1, master_process => 'off');

    ok(defined live($s, 'alpha', 2), 'master_process off');

    for my $w (qw(beta gamma)) {
        $s->write('p.yaml', policy($w));
        ok(defined live($s, $w), "reloads: $w");
    }

    is(p($s)->{compiles}, 2, 'one compile a change');

    # HUP: nginx accepts no connection any more then (1.22, any module), but
    # the process is there, and what watches is that of the new configuration

    my $pid = $s->pid;
    $s->hup;
    ok(defined $s->until(5, sub { $s->log =~ /reconfiguring/ }), 'HUP');
    $s->write('p.yaml', policy('delta'));
    ok(defined $s->until(5, sub { 3 == (() = $s->log =~ /is live: /g) }),
       'a change after it is seen');
    sleep 1;                            # nobody can be asked: it accepts nothing
    is(scalar(() = $s->log =~ /is live: /g), 3, 'once');
    ok(kill(0, $pid), 'the process is well');
    unlike($s->log, qr/\[(alert|emerg|crit)\]/, 'nothing worse in the log');
    kill 'KILL', $pid;
}

# no zone

{
    my $s = server(http => '');

    ok(defined live($s, 'alpha', 2), 'without a zone');
    $s->write('p.yaml', policy('beta'));
    ok(defined live($s, 'beta'), 'every worker finds out by itself');
    is(p($s)->{refused}, undef, 'the status of a worker');
    is(scalar @{ p($s)->{workers} }, 1, 'shows itself');

    $s->write('p.yaml', "nonsense: 1\n");
    ok(defined $s->until(5, sub { 2 == (() = $s->log =~ /refused, the last/g)
                                }), 'each worker refuses by itself');
    $s->after('p.yaml', looks => 4);
    is(scalar(() = $s->log =~ /refused, the last/g), 2, 'once');
    ok(defined live($s, 'beta', 2), 'the last good one stays');
}

# at most three generations: a fourth waits for the oldest requests

{
    my $s = server(workers => 1,
                   files => { 'html/long.html' => $page . 'x' x 60000 });
    my @c;

    for my $w (qw(beta gamma)) {
        my $c = $s->open_page('/slow/long.html');
        sysread $c, my $buf, 10;
        push @c, $c;
        $s->write('p.yaml', policy($w));
        ok(defined live($s, $w), "a request on the one before $w");
    }

    is(p($s)->{workers}[0]{alive}, 3, 'three generations are alive');

    $s->after('p.yaml', looks => 8, sub { $s->write('p.yaml', policy('delta')) });
    ok(defined live($s, 'gamma', 1), 'a fourth is not loaded');
    is(p($s)->{workers}[0]{alive}, 3, 'three it is');

    close $c[0];
    ok(defined live($s, 'delta'), 'when the oldest request is gone it is');

    my $body = '';
    my $c = $s->open_page('/slow/long.html');
    sysread $c, my $head, 10;
    close $c[1];
    $s->write('p.yaml', policy('alpha'));
    ok(defined live($s, 'alpha'), 'and the next');
    ok(defined $s->until(2, sub { p($s)->{workers}[0]{alive} == 2 }),
       'only what is used is alive');
    close $c;
}

# memory

{
    my $list = join '', map { sprintf "w%06dx\n", $_ } 1 .. 20_000;
    my $s = server(workers => 1, server => $locations =~ s/check=400ms/check=200ms/gr,
                   files => { 'big.txt' => $list,
                   'p.yaml' => policy('alpha', ', b: {list: big.txt}') });
    my (@kb, @fds);
    my ($pid) = $s->workers;

    for my $n (1 .. 100) {
        my $w = $words[$n % 4];
        $s->write('p.yaml', policy("$w, number$n", ', b: {list: big.txt}'));
        $s->until(5, sub { $s->get('/index.html')->{body} eq without($w) })
            or do { ok(0, "reload $n"); last };
        push @kb, $s->memory($pid) if $n % 10 == 0;
    }

    my @files = glob "/proc/$pid/fd/*";
    is(p($s)->{reloads}, 100, 'a hundred reloads');
    cmp_ok($kb[9] - $kb[1], '<', 1024,
           'memory is flat over them (kB: ' . join(' ', @kb) . ')');
    cmp_ok(scalar @files, '<', 40, 'no descriptor is left open');
    ok(defined $s->until(10, sub { (my @i = glob "$s->{dir}/images/*") <= 2 }),
       'old images are gone');
}

done_testing();
