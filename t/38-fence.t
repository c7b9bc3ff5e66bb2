# A worker that is stopped for longer than its lease publishes nothing over
# the one that has taken over.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep);

my $page = join '', map { "<li class=card><b>$_</b></li>" }
                    qw(alpha beta gamma);

sub policy {
    my ($term, $more) = @_;

    return "schema: 1\npolicy: fence\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\nrules:\n"
           . "  - {id: r, rev: 1, label: clickbait, "
           . "match: {in: [title], groups: {a: {terms: [$term]}"
           . ($more || '') . "}}}\n";
}

sub without {
    my ($w) = @_;
    (my $p = $page) =~ s{<li class=card><b>$w</b></li>}{};
    return $p;
}

# its thread has been there for a moment: it compiles

sub compiling {
    my ($s) = @_;

    for my $pid ($s->workers) {
        my @before = glob "/proc/$pid/task/*";
        next if @before < 2;
        sleep 0.05;
        my @tasks = glob "/proc/$pid/task/*";
        return $pid if "@before" eq "@tasks";
    }

    return;
}

my $s = ModerationServer->new(workers => 2,
    http => 'moderation_zone zone=m:1m;',
    server => 'location = /status { moderation_status; }
        location / { moderation enforce;
            moderation_policy %%DIR%%/p.yaml check=400ms; }',
    files => { 'html/index.html' => $page, 'p.yaml' => policy('alpha'),
               'big.txt' => join '', map { sprintf "w%07dx\n", $_ }
                                     1 .. 400_000 });

ok(defined $s->until(5, sub { $s->everywhere(without('alpha')) }), 'before');

$s->write('p.yaml', policy('beta', ', b: {list: big.txt}'));

my $stopped;
$s->until(5, sub { $stopped = compiling($s) });
ok($stopped, 'a worker compiles a large policy');
kill 'STOP', $stopped;

$s->write('p.yaml', policy('gamma'));

# connections of the stopped worker are not answered: the log tells

ok(defined $s->until(30, sub { $s->log =~ /is live: fence\@\w+, 1 rules, 1 t/ }),
   'its lease ends, another one takes over');

# the files are again what the first one compiles, so that only the fence keeps
# it from publishing

$s->write('p.yaml', policy('beta', ', b: {list: big.txt}'));
kill 'CONT', $stopped;

ok(defined $s->until(10, sub { $s->log =~ /what this one compiled is dropped/ }),
   'the first one drops what it has compiled');
ok(defined $s->until(20, sub { $s->settled('p.yaml')
                               && $s->everywhere(without('beta')) }),
   'the one that has taken over compiles it, and all have it');
is($s->policy('p.yaml')->{reloads}, 2, 'published twice, each by who might');
unlike($s->log, qr/\[(alert|emerg|crit)\]/, 'nothing worse in the log');

done_testing();
