# Rules that hold themselves back: brakes over a share of a slot's items, and
# regexes that keep reaching their limit.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

# n cards, of which the first k have the word

sub page {
    my ($n, $k, $class) = @_;
    $class ||= 'card';
    return '<ul>' . join('', map { "<li class=$class><b>"
        . ($_ <= $k ? 'alpha' : 'plain') . " $_</b></li>" } 1 .. $n)
        . '</ul>';
}

sub clean {
    my ($p) = @_;
    $p =~ s{<li class=\w+><b>alpha \d+</b></li>}{}g;
    return $p;
}

sub policy {
    my ($rev, $window, $term) = @_;
    $term ||= 'alpha';

    return "schema: 1\npolicy: brakes\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\n"
           . "  - {name: other, type: html, match: li.other, "
           . "fields: {title: b}}\nrules:\n"
           . "  - {id: r.one, rev: $rev, label: clickbait, "
           . "brake: {max_ratio: 0.5, min_hits: 10, window: $window}, "
           . "match: {in: [title], terms: [$term]}}\n"
           . "  - {id: r.two, rev: 1, label: clickbait, "
           . "match: {in: [title], terms: [never]}}\n";
}

sub server {
    my (%o) = @_;

    return ModerationServer->new(
        workers => 2, http => 'moderation_zone zone=m:1m;',
        server => 'location = /status { moderation_status; }
            location / { moderation enforce;
                moderation_policy %%DIR%%/p.yaml check=400ms; }', %o);
}

sub body { my ($s, $path) = @_; return $s->get("/$path")->{body} }

sub brake {
    my ($s, $slot) = @_;
    my ($b) = sort { $b->{rev} <=> $a->{rev} }
              grep { $_->{slot} eq $slot && $_->{kind} eq 'ratio' }
              @{ $s->status->{brakes} };
    return $b;
}


{
    my $few = page(100, 30);
    my $many = page(100, 80);
    my $s = server(files => { 'html/few.html' => $few,
                              'html/many.html' => $many,
                              'html/nine.html' => page(9, 9),
                              'html/other.html' => page(10, 2, 'other'),
                              'p.yaml' => policy(1, '10m') });

    # the hits of a page come before its other items: 10 of the first 10, but
    # 30 of 100

    for (1 .. 5) {
        is(body($s, 'few.html'), clean($few), "a third hits: page $_");
    }

    my $b = brake($s, 'card');
    is($b->{items}, 500, 'items');
    is($b->{hits}, 150, 'hits');
    ok(!$b->{tripped}, 'a brake that need not act');

    is(body($s, 'other.html'), clean(page(10, 2, 'other')), 'another slot');
    is(brake($s, 'other')->{items}, 10, 'counts for itself');

    # 230 of 600, 310 of 700, 390 of 800 are too few still, 470 of 900 too many

    my $n = 0;
    while ($n < 20 && !brake($s, 'card')->{tripped}) {
        body($s, 'many.html');
        $n++;
    }

    is($n, 4, 'trips when more than half of all items hit');
    like($s->log, qr/\[error\].*brake of rule "r.one" rev 1 tripped in slot "card": 470 hits in 900 items/,
         'an error says so');
    ok(defined $s->until(2, sub { $s->everywhere($few, '/few.html') }),
       'the rule is in shadow, in all workers');
    is(body($s, 'other.html'), page(10, 2, 'other'), 'in all slots');
    is(scalar(() = $s->log =~ /tripped in slot/g), 1, 'said once');

    my $p = $s->policy('p.yaml');
    is_deeply($p->{in_shadow},
              [{ rule => 'r.one', rev => 1, why => 'brake' }],
              'the status says which rule, and why');

    my ($c) = grep { $_->{mode} eq 'shadow' && $_->{rule} eq 'r.one'
                     && $_->{slot} eq 'card' } @{ $s->status->{rules} };
    cmp_ok($c->{items}, '>', 0, 'its hits are still counted');

    # a new version of the policy with the old rev changes nothing; nor does
    # a restart of the workers

    $s->write('p.yaml', policy(1, '10m') . "# the same rev\n");
    ok(defined $s->until(4, sub { $s->policy('p.yaml')->{reloads} == 1 }),
       'a policy with the same rev');
    is(body($s, 'few.html'), $few, 'still in shadow');

    $s->renew(sub { $s->hup });
    is(body($s, 'few.html'), $few, 'behind a HUP, too');

    $s->write('p.yaml', policy(2, '10m'));
    ok(defined $s->until(5, sub { $s->everywhere(clean($few), '/few.html')
                                  && $s->settled('p.yaml') }),
       'a new rev acts again');
    is_deeply($s->policy('p.yaml')->{in_shadow}, [], 'nothing is held back');
}

# min_hits, and windows that pass

{
    my $nine = page(9, 9);
    my $s = server(files => { 'html/nine.html' => $nine,
                              'html/none.html' => page(20, 0),
                              'p.yaml' => policy(1, '2s') });

    is(body($s, 'nine.html'), clean($nine), 'nine of nine');
    ok(!brake($s, 'card')->{tripped}, 'are too few to say');
    sleep 3.2;                          # the window of two seconds passes
    is(body($s, 'nine.html'), clean($nine), 'nine more, later');
    ok(!brake($s, 'card')->{tripped}, 'the window has passed');
    cmp_ok(brake($s, 'card')->{hits}, '<=', 9, 'what is behind it is forgotten');

    ok(defined $s->until(20, sub { body($s, 'nine.html'); brake($s, 'card')->{tripped} }),
       'eighteen in one window are enough');
}

# a location in shadow: nothing is changed, but the brake tells

{
    my $many = page(40, 40);
    my $s = server(files => { 'html/many.html' => $many,
                              'p.yaml' => policy(1, '10m') },
        server => 'location = /status { moderation_status; }
            location / { moderation shadow;
                moderation_policy %%DIR%%/p.yaml check=400ms; }');

    is(body($s, 'many.html'), $many, 'shadow: nothing changed');
    ok(brake($s, 'card')->{tripped}, 'shadow: the brake would have tripped');
}

# without a zone nothing is counted and no brake acts

{
    my $many = page(40, 40);
    my $s = server(http => '', files => { 'html/many.html' => $many,
                                          'p.yaml' => policy(1, '10m') });

    body($s, 'many.html') for 1 .. 5;
    is(body($s, 'many.html'), clean($many), 'no zone, no brake');
}


# regexes: a pattern that backtracks on a text made for it

my $bomb = 'ab' x 40 . 'c!';
my $slow = "<ul><li class=card><b>$bomb</b></li>"
           . '<li class=card><b>zeta</b></li></ul>';
my $short = '<ul><li class=card><b>zeta</b></li>'
            . '<li class=card><b>ababc</b></li></ul>';
my $rest = '<ul></ul>';

sub regex {
    my ($rev, $extra) = @_;

    return "schema: 1\npolicy: regexes\nslots:\n"
           . "  - {name: card, type: html, match: li.card, "
           . "fields: {title: b}}\nrules:\n"
           . "  - {id: r.slow, rev: $rev, label: clickbait, "
           . "match: {in: [title], "
           . "groups: {a: {regex: '^(a?b?(ab)*)*c\$'}, z: {terms: [zeta]}}}}\n"
           . "  - {id: r.fast, rev: 1, label: clickbait, "
           . "match: {in: [title], regex: 'eta[0-9]'}}\n" . ($extra || '');
}

for my $zone (1, 0) {
    my $name = $zone ? 'zone' : 'no zone';
    my $s = server(workers => 1,
                   http => ($zone ? 'moderation_zone zone=m:1m;' : '')
                           . "log_format e 'error=\$moderation_error';",
                   server => 'location = /status { moderation_status; }
                       location / { access_log %%DIR%%/logs/access.log e;
                           moderation enforce;
                           moderation_policy %%DIR%%/p.yaml check=400ms; }',
                   files => { 'html/slow.html' => $slow,
                              'html/short.html' => $short,
                              'p.yaml' => regex(1) });
    my $access = sub {
        my ($want) = @_;
        my $text;
        $s->until(2, sub {
            open my $f, '<', "$s->{dir}/logs/access.log" or return 0;
            local $/;
            ($text = <$f>) =~ $want });
        return $text;
    };

    is(body($s, 'short.html'), $rest, "$name: the rule acts");
    my $none = qr/^error=-\n$/;
    like($access->($none), $none, "$name: no error");

    (my $gone = $slow) =~ s{<li class=card><b>zeta</b></li>}{};
    is(body($s, 'slow.html'), $gone, "$name: one limit");
    my $limit = qr/error=regex_limit\n$/;
    my $none2 = qr/(?:error=-\n){4}$/;
    like($access->($limit), $limit, "$name: \$moderation_error says so");
    is(body($s, 'short.html'), $rest, "$name: does not hold the rule back");

    body($s, 'slow.html');
    is(body($s, 'short.html'), $rest, "$name: nor does the second");
    body($s, 'slow.html');

    ok(defined $s->until(2, sub { body($s, 'short.html') eq $short }),
       "$name: the third in a minute does");
    like($s->log, qr/\[error\].*regexes of rule "r.slow" rev 1 keep reaching their limit, the rule is in shadow and they do not run until it has a new rev/,
         "$name: an error says so");

    body($s, 'slow.html') for 1 .. 3;
    is(scalar(() = $s->log =~ /keep reaching/g), 1, "$name: once");
    like($access->($none2), $none2, "$name: they do not run any more");
    is_deeply($s->policy('p.yaml')->{in_shadow},
              [{ rule => 'r.slow', rev => 1, why => 'regex_limit' }],
              "$name: the status says which rule, and why");

    if ($zone) {
        my ($b) = grep { $_->{kind} eq 'regex_limit' }
                  @{ $s->status->{brakes} };
        is($b->{rule}, 'r.slow', "$name: a record");
        ok($b->{tripped}, "$name: of its brake");
        is($s->status->{errors}{regex_limit}, 3, "$name: all are counted");
        like($s->get('/status?format=prometheus')->{body},
             qr/moderation_rule_in_shadow\{[^}]*rule="r.slow",why="regex_limit"\} 1/,
             "$name: in Prometheus");
    }

    $s->write('p.yaml', regex(1, "# the same rev\n"));
    ok(defined $s->until(4, sub { $s->policy('p.yaml')->{reloads} == 1 }),
       "$name: the same rev in a new version");
    is(body($s, 'short.html'), $short, "$name: is held back like it");

    $s->write('p.yaml', regex(2));
    ok(defined $s->until(4, sub { body($s, 'short.html') eq $rest }),
       "$name: a new rev acts again");
}

# terms of look-alikes: their budget is counted, and the rule stays

{
    srand 5;

    my $row = sub {
        my ($n) = @_;
        return join '', map { (qw(i l 1))[int rand 3] } 1 .. $n;
    };
    my %terms = map { $row->(6 + int rand 8) => 1 } 1 .. 2000;
    my $s = server(workers => 1, http => 'moderation_zone zone=m:1m;',
                   files => {
        'html/slow.html' => '<ul><li class=card><b>'
                            . join('', map { $row->(1) . '|' } 1 .. 6000)
                            . '</b></li></ul>',
        'html/short.html' => '<ul><li class=card><b>zeta</b></li></ul>',
        'p.yaml' => "schema: 1\npolicy: crowds\nslots:\n"
            . "  - {name: card, type: html, match: li.card, "
            . "fields: {title: b}}\nrules:\n"
            . "  - {id: r.rows, rev: 1, label: clickbait, match: {in: [title],"
            . " boundary: none, terms: [zeta, "
            . join(', ', map { "'$_'" } sort keys %terms) . "]}}\n" });

    is(body($s, 'slow.html'), '<ul></ul>', 'look-alikes: the rule acts')
        for 1 .. 5;
    is($s->status->{errors}{match_limit}, 5, 'look-alikes: the budget counts');
    is(body($s, 'short.html'), '<ul></ul>', 'look-alikes: the rule stays');
    is_deeply($s->policy('p.yaml')->{in_shadow}, [],
              'look-alikes: none is held back');
}

done_testing();
