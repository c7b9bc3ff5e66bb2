# moderation_policy PATH shadow=PATH2: a candidate runs beside the live policy,
# changes nothing, and what it would do otherwise is counted.

use strict;
use warnings;

use FindBin;
use lib "$FindBin::Bin/lib";
use ModerationServer;
use Test::More;
use Time::HiRes qw(sleep time);

my @words = qw(alpha beta gamma delta epsilon);
my $page = '<ul>' . join('', map { "<li class=card><b>$_</b></li>" } @words)
           . '</ul>' . ('x' x 2000) . '<ol>'
           . join('', map { "<li class=row><i>$_</i></li>" } @words) . '</ol>';
my $json = '{"list":[' . join(',', map { "{\"t\":\"$_\"}" } @words) . ']}';

my $slots = "slots:\n"
    . "  - {name: card, type: html, match: li.card, fields: {title: b}}\n"
    . "  - {name: row, type: html, match: li.row, fields: {title: i}}\n"
    . "  - {name: feed, type: json, match: '\$.list[*]', "
    . "fields: {title: \$.t}}\n";

sub policy {
    my ($name, @rules) = @_;

    return "schema: 1\npolicy: $name\n${slots}rules:\n" . join '', map {
        my ($id, $term, %o) = @$_;
        my $rev = delete $o{rev} || 1;
        "  - {id: $id, rev: $rev, label: clickbait, "
        . join('', map { "$_: $o{$_}, " } sort keys %o)
        . "match: {in: [title], terms: [$term]}}\n" } @rules;
}

sub server {
    my (%o) = @_;
    my $mode = $o{mode} || 'enforce';

    return ModerationServer->new(
        workers => 2,
        http => "moderation_zone zone=m:1m; types { application/json json; "
                . "text/html html; } "
                . "log_format d '\$uri differ=\$moderation_differ "
                . "rules=\$moderation_rules';",
        server => "location = /status { moderation_status; }
            location / { access_log %%DIR%%/logs/access.log d;
                moderation $mode;
                moderation_policy %%DIR%%/live.yaml check=400ms
                    shadow=%%DIR%%/new.yaml; }
            location /alone/ { alias %%DIR%%/html/;
                access_log %%DIR%%/logs/access.log d;
                moderation $mode;
                moderation_policy %%DIR%%/live.yaml check=400ms; }",
        %o,
        files => { 'html/index.html' => $page, 'html/f.json' => $json,
                   %{ $o{files} } });
}

# counted: "rule slot side" => items
sub differ {
    my ($s) = @_;
    my $st = $s->status->{shadow};
    return ({ map { ("$_->{rule} $_->{slot} $_->{hit_by}" => $_->{items}) }
              @{ $st->{rules} } }, $st);
}


{
    my $s = server(files => {
        'live.yaml' => policy('live', ['r.same', 'alpha'],
                              ['r.old', 'beta'],
                              ['r.tag', 'gamma', action => 'tag']),
        'new.yaml' => policy('new', ['r.same', 'alpha'],
                             ['r.tag', 'gamma', action => 'block', rev => 2],
                             ['r.new', 'delta']) });

    my $alone = $s->get('/alone/index.html');
    my $st = $s->status->{shadow};
    is("$st->{items} $st->{differ}", '0 0', 'not used, not counted');

    my $both = $s->get('/index.html');
    s/^(Date|Connection|Last-Modified):.*\r\n//mg
        for $alone->{headers}, $both->{headers};
    is($both->{body}, $alone->{body}, 'not a byte is changed');
    is($both->{headers}, $alone->{headers}, 'nor a header field');

    my ($d, $all) = differ($s);
    is($all->{items}, 10, 'the candidate saw all items');
    is($all->{differ}, 6, 'those that it decides otherwise');
    is($all->{errors}, 0, 'no errors');
    cmp_ok($all->{scan_ns}, '>', 0, 'what it costs');
    is_deeply($d, { 'r.old card live' => 1, 'r.old row live' => 1,
                    'r.tag card both' => 1, 'r.tag row both' => 1,
                    'r.new card candidate' => 1,
                    'r.new row candidate' => 1 },
              'rule by rule, slot by slot, who of both has the hit');
    is($s->status->{items}, 20, 'items of the live policy only');
    is(scalar(grep { $_->{rule} eq 'r.new' } @{ $s->status->{rules} }), 0,
       'and its rules');

    is($s->get('/f.json')->{body}, $s->get('/alone/f.json')->{body},
       'JSON: not a byte is changed');
    ($d) = differ($s);
    is($d->{'r.new feed candidate'}, 1, 'JSON: counted');

    ok(defined $s->until(2, sub {
        open my $f, '<', "$s->{dir}/logs/access.log"; local $/;
        my $t = <$f>;
        $t =~ m{^/index.html differ=6 rules=r.same,r.old,r.tag$}m
        && $t =~ m{^/alone/index.html differ=- }m }),
       '$moderation_differ');

    my ($p) = grep { $_->{policy} eq 'new' } @{ $s->status->{policies} };
    ok($p->{candidate}, 'the status says that it is a candidate');
    ok(!$s->policy('live.yaml')->{candidate}, 'and that the other is none');

    my $text = $s->get('/status?format=prometheus')->{body};
    like($text, qr/^moderation_shadow_differences_total 9$/m, 'Prometheus');
    like($text, qr/^moderation_shadow_rule_differences_total\{rule="r.new",slot="feed",hit_by="candidate"\} 1$/m,
         'Prometheus, rule by rule');
    like($text, qr/^moderation_policy_info\{path="[^"]*new.yaml",policy="new",hash="\w+",candidate="yes"\} 1$/m,
         'Prometheus: which');

    # it changes while nginx runs

    $s->write('new.yaml', policy('new', ['r.same', 'alpha'],
                                 ['r.old', 'beta'],
                                 ['r.tag', 'gamma', action => 'tag']));
    ok(defined $s->until(4, sub { $s->policy('new.yaml')->{reloads} == 1
        && 2 == grep { $_->{generation} == 2 }
                @{ $s->policy('new.yaml')->{workers} } }),
       'the candidate is reloaded');
    my (undef, $before) = differ($s);
    $s->get('/index.html') for 1 .. 4;
    my (undef, $after) = differ($s);
    is($after->{items} - $before->{items}, 40, 'it is asked');
    is($after->{differ} - $before->{differ}, 0, 'the same rules differ never');

    $s->write('new.yaml', "nonsense: 1\n");
    ok(defined $s->until(4, sub { $s->policy('new.yaml')->{refused} }),
       'a bad candidate is refused');
    is($s->get('/index.html')->{body}, $alone->{body}, 'all goes on');

    my ($rc, $out) = $s->run_nginx('-t');
    isnt($rc, 0, 'nginx -t does not take it');
    like($out, qr/new\.yaml:1:1: /, 'with its line');

    $s->write('new.yaml', policy('new', ['r.x', 'epsilon']));
    $s->write('live.yaml', policy('live', ['r.x', 'epsilon', rev => 7]));
    ok(defined $s->until(4, sub { $s->policy('new.yaml')->{reloads} == 2
                                  && $s->policy('live.yaml')->{reloads} == 1 }
                         ), 'both at once');
}

# slots that only one side has; long pages, many differences, pieces

{
    my $n = 6000;
    my $many = '<ul>' . join('', map { "<li class=card><b>alpha</b></li>\n" }
                             1 .. $n) . '</ul>';
    (my $less = policy('new', ['r.a', 'alpha']))
        =~ s/  - \{name: card.*\n/  - {name: tile, type: html, match: li.card, fields: {title: b}}\n/;
    my $s = server(files => { 'html/many.html' => $many,
                              'live.yaml' => policy('live', ['r.a', 'alpha'],
                                                    ['r.none', 'nothing']),
                              'new.yaml' => $less });

    is($s->get('/many.html')->{body}, '<ul>' . "\n" x $n . '</ul>',
       'the page of the live policy');
    my ($d, $all) = differ($s);
    is($all->{differ}, 2 * $n, 'each item of either side is a difference');
    is_deeply($d, { 'r.a card live' => $n, 'r.a tile candidate' => $n },
              'by slot');
    is($all->{errors}, 0, 'all of them were compared');

    $s->write('new.yaml', policy('new', ['r.a', 'alpha', rev => 2]));
    ok(defined $s->until(4, sub { 2 == grep { $_->{generation} == 2 }
                                  @{ $s->policy('new.yaml')->{workers} } }),
       'the same slot again');
    $s->get('/many.html');
    my ($e, $then) = differ($s);
    is($then->{differ}, $all->{differ}, 'thousands of equal decisions');
}

# the location in shadow: suggestions are compared

{
    my $s = server(mode => 'shadow', files => {
        'live.yaml' => policy('live', ['r.a', 'alpha'],
                              ['r.b', 'beta', suggestion => 'review']),
        'new.yaml' => policy('new', ['r.b', 'beta', rev => 2]) });

    is($s->get('/index.html')->{body}, $page, 'shadow: nothing is changed');
    my ($d) = differ($s);
    is_deeply($d, { 'r.a card live' => 1, 'r.a row live' => 1,
                    'r.b card both' => 1, 'r.b row both' => 1 },
              'shadow: what they suggest is compared');
}

# brakes and the kill file belong to the live policy

{
    my $brake = '{max_ratio: 0.01, min_hits: 1, window: 10m}';
    my $s = server(files => {
        'live.yaml' => policy('live', ['r.a', 'nothing']),
        'new.yaml' => policy('new', ['r.b', 'alpha', brake => $brake]) });

    $s->get('/index.html') for 1 .. 3;
    is(scalar(grep { $_->{rule} eq 'r.b' } @{ $s->status->{brakes} }), 0,
       'hits of a candidate move no brake');
}

# mistakes

{
    my $s = server(no_start => 1,
                   files => { 'live.yaml' => policy('l', ['r.a', 'alpha']) });
    my ($rc, $out) = $s->run_nginx('-t');
    isnt($rc, 0, 'a candidate that is not there');
    like($out, qr/new\.yaml.*No such file/, 'is said so');

    open my $f, '<', "$s->{dir}/nginx.conf";
    my $conf = do { local $/; <$f> };
    $conf =~ s/new\.yaml/live.yaml/;
    $s->write('nginx.conf', $conf);
    ($rc, $out) = $s->run_nginx('-t');
    isnt($rc, 0, 'itself');
    like($out, qr/"moderation_policy" directive has itself as shadow=/,
         'is refused');

    $conf =~ s/shadow=\S+;/shadow=;/;
    $s->write('nginx.conf', $conf);
    ($rc, $out) = $s->run_nginx('-t');
    like($out, qr/invalid parameter "shadow="/, 'nothing');
}

done_testing();
